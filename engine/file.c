#include "engine/file.h"

enum { RECORDS_MAX = 1 << 20 }; /* of one subject */

static bool is_visible(const cr_version *version, credit_date as_of)
{
    credit_date decided = version->facts.decided_on;
    return decided == CREDIT_DATE_NONE || decided <= as_of;
}

/* What is being gathered, and by what. */
typedef struct gathering {
    cr_file *file;
    const cr_pack *pack;
    const cr_registry *registry;
    credit_date as_of;
    uint32_t commit;
} gathering;

static credit_result keep_fact(
    const gathering *g, const cr_version_key *key, credit_span value, credit_error *err)
{
    cr_file *file = g->file;
    if (file->fact_count == RECORDS_MAX) {
        return cr_fail(err, CREDIT_E_LIMIT, "a subject has more than %d records", RECORDS_MAX);
    }
    if (!cr_grow(&file->facts, &file->fact_capacity, file->fact_count + 1, sizeof(cr_fact))) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    cr_fact *fact = &file->facts[file->fact_count];
    int index = cr_registry_catalog(g->registry, key->catalog);
    if (index < 0) { return CREDIT_OK; } /* a catalog the pack in force does not know */
    credit_result rc = cr_version_decode(value, &fact->version, err);
    if (rc != CREDIT_OK || !is_visible(&fact->version, g->as_of)) { return rc; }
    fact->key = *key;
    fact->catalog = &g->pack->catalogs[index];
    fact->catalog_index = index;
    fact->ruled = false;
    file->fact_count++;
    return CREDIT_OK;
}

/* Of each record the newest version known by the commit asked about. */
static credit_result gather_facts(
    const gathering *g, cr_range *range, const cr_subject_key *subject, credit_error *err)
{
    cr_version_key key, held;
    credit_span held_value = {NULL, 0};
    bool holding = false;
    credit_result rc;
    cr_range_seek(range, (credit_span){subject->bytes, CR_SUBJECT_KEY});
    while ((rc = cr_range_next(range, err)) == CREDIT_OK) {
        if (!cr_version_key_decode(range->key, &key)) {
            return cr_fail(err, CREDIT_E_CORRUPT, "a record key is damaged");
        }
        if (key.commit > g->commit) { continue; }
        bool same = holding && key.catalog == held.catalog &&
                    memcmp(key.record, held.record, CR_RECORD_KEY) == 0;
        if (holding && !same) {
            rc = keep_fact(g, &held, held_value, err);
            if (rc != CREDIT_OK) { return rc; }
        }
        held = key;
        held_value = range->value;
        holding = true;
    }
    if (rc != CREDIT_DONE) { return rc; }
    return holding ? keep_fact(g, &held, held_value, err) : CREDIT_OK;
}

static uint32_t region_of(const cr_subject_key *key)
{
    uint32_t region = 0;
    if (cr_subject_key_kind(key) != CR_ID_USCC) { return 0; }
    for (size_t i = 3; i < 9; i++) { region = region * 10 + (uint32_t)(key->bytes[i] - '0'); }
    return region;
}

/* What the register says, where it is among the facts. */
static void read_register(cr_file *file)
{
    cr_fact_subject *subject = &file->subject;
    for (size_t i = 0; i < file->fact_count; i++) {
        const cr_fact *fact = &file->facts[i];
        if (fact->catalog->kind != CR_CATALOG_REGISTER) { continue; }
        const cr_facts *facts = &fact->version.facts;
        int16_t status = fact->catalog->role_field[CR_ROLE_STATUS];
        subject->known = true;
        subject->registered_on =
            facts->decided_on != CREDIT_DATE_NONE ? facts->decided_on : facts->valid_from;
        if (status >= 0) {
            subject->status = cr_code_word(fact->catalog->fields[status].codes, facts->status);
        }
    }
}

credit_result cr_file_gather(cr_file *file, const cr_pack *pack, const cr_registry *registry,
    cr_txn *txn, cr_range *range, const cr_subject_key *key, credit_date as_of, uint32_t commit,
    credit_error *err)
{
    const gathering g = {file, pack, registry, as_of, commit};
    cr_subject stored;
    file->key = *key;
    file->fact_count = 0;
    file->subject = (cr_fact_subject){.name = {"", 0},
        .status = {"", 0},
        .registered_on = CREDIT_DATE_NONE,
        .pack = pack,
        .region = region_of(key),
        .as_of = as_of};
    credit_result rc = gather_facts(&g, range, key, err);
    if (rc == CREDIT_OK) { rc = cr_subject_get(txn, key, &stored, err); }
    if (rc != CREDIT_OK && rc != CREDIT_DONE) { return rc; }
    file->exists = rc == CREDIT_OK && stored.first_commit <= commit;
    file->first_commit = file->exists ? stored.first_commit : 0;
    if (!file->exists) { return CREDIT_OK; }
    file->subject.category = stored.category;
    file->subject.name = stored.name;
    read_register(file);
    return CREDIT_OK;
}

void cr_file_free(cr_file *file)
{
    cr_free(file->facts);
    memset(file, 0, sizeof *file);
}
