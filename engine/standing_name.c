/* Names that a subject bears or has borne, when batches were undone. */
#include "engine/standing.h"

bool cr_introduces(const cr_pack *pack, const cr_catalog *catalog, const cr_subject_key *subject)
{
    uint8_t number = (uint8_t)cr_match_number_of(cr_subject_key_kind(subject));
    cr_match_case c = cr_match_known(catalog, number, CR_LEADS_NOWHERE, false);
    return cr_matching_find(&pack->matching, &c)->outcome == CR_OUTCOME_INTRODUCE;
}

/* Who gives a subject its names: the register, a person who decided about a row, and
 * the first row that made it known. Others had to bear a name that was there. */
typedef struct namers {
    const cr_pack *pack;
    const cr_registry *registry;
    uint64_t name_hash;
    bool given;
    bool any_first, first_gives; /* the first row so far: */
    uint32_t commit, row;
} namers;

static bool came_before(const cr_version_key *key, const namers *n)
{
    return !n->any_first || key->commit < n->commit ||
           (key->commit == n->commit && key->row < n->row);
}

static void hear_name(namers *n, const cr_version_key *key, const cr_version *version, bool same)
{
    int index = cr_registry_catalog(n->registry, key->catalog);
    const cr_catalog *catalog = index < 0 ? NULL : &n->pack->catalogs[index];
    if (catalog == NULL) { return; }
    if (catalog->kind == CR_CATALOG_REGISTER || (version->note & CR_NOTE_DECISION) != 0) {
        n->given = n->given || same;
    }
    if (came_before(key, n) && cr_introduces(n->pack, catalog, &key->subject)) {
        n->any_first = true;
        n->first_gives = same;
        n->commit = key->commit;
        n->row = key->row;
    }
}

static credit_result hear_all(cr_counted *counted, namers *n, credit_error *err)
{
    cr_version version;
    credit_span name;
    credit_result rc = CREDIT_OK;
    while (rc == CREDIT_OK && (rc = cr_counted_next(counted, err)) == CREDIT_OK) {
        rc = cr_version_decode(counted->versions.value, &version, err);
        if (rc != CREDIT_OK || version.state == CR_VERSION_REMOVED) { continue; }
        rc = cr_registry_value(
            n->registry, counted->counting.txn, &version, CR_ROLE_SUBJECT_NAME, &name, err);
        if (rc == CREDIT_OK) {
            hear_name(n, &counted->key, &version, cr_name_hash(name) == n->name_hash);
        }
    }
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

credit_result cr_name_counts(cr_txn *txn, const cr_pack *pack, const cr_registry *registry,
    const cr_subject_key *subject, uint64_t name_hash, bool *had, credit_error *err)
{
    cr_counted counted;
    namers n = {.pack = pack, .registry = registry, .name_hash = name_hash};
    credit_result rc = cr_subject_had_name(txn, subject, name_hash, had, err);
    if (rc != CREDIT_OK || !*had) { return rc; }
    rc = cr_counted_open(txn, subject, UINT32_MAX, &counted, err);
    if (rc == CREDIT_OK && counted.counting.undone.size > 0) {
        rc = hear_all(&counted, &n, err);
        *had = n.given || n.first_gives;
    }
    cr_counted_close(&counted);
    return rc;
}
