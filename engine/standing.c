#include "engine/standing.h"

enum { RECORD_PREFIX = CR_VERSION_KEY - 8, ORG_CODE_AT = 8, ORG_CODE_SIZE = 9 };

/* ---- numbers --------------------------------------------------------------------- */

void cr_number_key(
    const cr_subject_key *number, const cr_subject_key *subject, char out[CR_NUMBER_KEY])
{
    memcpy(out, number->bytes, CR_SUBJECT_KEY);
    memcpy(out + CR_SUBJECT_KEY, subject->bytes, CR_SUBJECT_KEY);
}

void cr_number_inside(const cr_subject_key *uscc, cr_subject_key *org_code)
{
    memset(org_code->bytes, 0, CR_SUBJECT_KEY);
    org_code->bytes[0] = CR_ID_ORG_CODE;
    memcpy(org_code->bytes + 1, uscc->bytes + 1 + ORG_CODE_AT, ORG_CODE_SIZE);
}

/* Does a version that counts tie the number to the subject? */
static credit_result is_tied(cr_counted *counted, const cr_pack *pack, const cr_registry *registry,
    const cr_subject_key *number, bool *tied, credit_error *err)
{
    cr_subject_key numbers[CR_NUMBERS_MAX + 1];
    cr_version version;
    size_t count = 0;
    credit_result rc = CREDIT_OK;
    *tied = false;
    while (!*tied && rc == CREDIT_OK && (rc = cr_counted_next(counted, err)) == CREDIT_OK) {
        rc = cr_version_decode(counted->versions.value, &version, err);
        if (rc != CREDIT_OK || version.state == CR_VERSION_REMOVED) { continue; }
        rc = cr_numbers_tied(counted->counting.txn, pack, registry, &counted->key, &version, true,
            numbers, &count, err);
        for (size_t i = 0; rc == CREDIT_OK && i < count; i++) {
            *tied = *tied || memcmp(numbers[i].bytes, number->bytes, CR_SUBJECT_KEY) == 0;
        }
    }
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* A number that only undone batches stated leads nowhere. */
static credit_result leads_still(cr_txn *txn, const cr_pack *pack, const cr_registry *registry,
    const cr_subject_key *number, const cr_subject_key *subject, bool *does, credit_error *err)
{
    cr_counted counted;
    *does = true;
    credit_result rc = cr_counted_open(txn, subject, UINT32_MAX, &counted, err);
    if (rc == CREDIT_OK && counted.counting.undone.size > 0) {
        rc = is_tied(&counted, pack, registry, number, does, err);
    }
    cr_counted_close(&counted);
    return rc;
}

credit_result cr_number_leads(cr_txn *txn, const cr_pack *pack, const cr_registry *registry,
    const cr_subject_key *number, cr_subject_key *subject, cr_match_leads *leads, credit_error *err)
{
    cr_range range;
    cr_subject_key to;
    bool does = false;
    *leads = CR_LEADS_NOWHERE;
    credit_result rc = cr_range_open(txn, CR_TABLE_NUMBER, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_range_seek(&range, (credit_span){number->bytes, CR_SUBJECT_KEY});
    while (*leads != CR_LEADS_TO_SEVERAL && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        if (range.key.size != CR_NUMBER_KEY) {
            rc = cr_fail(err, CREDIT_E_CORRUPT, "a way in by number is damaged");
            break;
        }
        memcpy(to.bytes, range.key.data + CR_SUBJECT_KEY, CR_SUBJECT_KEY);
        rc = leads_still(txn, pack, registry, number, &to, &does, err);
        if (rc != CREDIT_OK) { break; }
        if (!does) { continue; }
        *leads = *leads == CR_LEADS_NOWHERE ? CR_LEADS_TO_ONE : CR_LEADS_TO_SEVERAL;
        *subject = to;
    }
    cr_range_close(&range);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

credit_result cr_numbers_of(cr_txn *txn, const cr_pack *pack, const cr_registry *registry,
    const cr_version *version, cr_subject_key out[CR_NUMBERS_MAX], size_t *count, credit_error *err)
{
    static const struct {
        cr_role role;
        cr_id_kind kind;
    } columns[CR_NUMBERS_MAX] = {{CR_ROLE_SUBJECT_ORG_CODE, CR_ID_ORG_CODE},
        {CR_ROLE_SUBJECT_REG_NO, CR_ID_REG_NO}, {CR_ROLE_SUBJECT_ANY_NO, CR_ID_UNKNOWN}};
    credit_result rc = CREDIT_OK;
    *count = 0;
    for (size_t i = 0; rc == CREDIT_OK && i < CR_NUMBERS_MAX; i++) {
        credit_span value;
        cr_id id = {CR_ID_UNKNOWN, 0, ""};
        rc = cr_registry_value(registry, txn, version, columns[i].role, &value, err);
        if (rc != CREDIT_OK || value.size == 0) { continue; }
        bool valid = cr_id_judge(value, columns[i].kind, &pack->ids, &id).valid;
        if (!valid || (id.kind != CR_ID_ORG_CODE && id.kind != CR_ID_REG_NO)) { continue; }
        rc = cr_subject_key_of(&id, NULL, NULL, &out[*count], err);
        if (rc == CREDIT_OK) { ++*count; }
    }
    return rc;
}

credit_result cr_number_own(cr_txn *txn, const cr_pack *pack, const cr_registry *registry,
    const cr_version *version, uint8_t kind, cr_subject_key *number, credit_error *err)
{
    cr_subject_key numbers[CR_NUMBERS_MAX];
    size_t count = 0;
    credit_result rc = cr_numbers_of(txn, pack, registry, version, numbers, &count, err);
    for (size_t i = 0; rc == CREDIT_OK && i < count; i++) {
        if ((uint8_t)cr_match_number_of(cr_subject_key_kind(&numbers[i])) != kind) { continue; }
        *number = numbers[i];
        return CREDIT_OK;
    }
    return rc == CREDIT_OK ? cr_fail(err, CREDIT_E_BUG, "a row has lost its own number") : rc;
}

credit_result cr_numbers_tied(cr_txn *txn, const cr_pack *pack, const cr_registry *registry,
    const cr_version_key *key, const cr_version *version, bool first,
    cr_subject_key out[CR_NUMBERS_MAX + 1], size_t *count, credit_error *err)
{
    int index = cr_registry_catalog(registry, key->catalog);
    *count = 0;
    if (index < 0 || !pack->catalogs[index].ties_numbers ||
        cr_subject_key_kind(&key->subject) != CR_ID_USCC) {
        return CREDIT_OK;
    }
    credit_result rc = cr_numbers_of(txn, pack, registry, version, out, count, err);
    if (rc == CREDIT_OK && first) { cr_number_inside(&key->subject, &out[(*count)++]); }
    return rc;
}

/* ---- what was said of the code ------------------------------------------------------ */

/* The newest version of each record of a subject, in key order. */
typedef struct newest {
    bool any;
    char prefix[RECORD_PREFIX];
    cr_weighed weighed;
    char value[CR_VERSION_VALUE];
} newest;

static const cr_catalog *catalog_of(
    const cr_pack *pack, const cr_registry *registry, const char *version_key)
{
    int index = cr_registry_catalog(registry, cr_get_u16be(version_key + CR_SUBJECT_KEY));
    return index < 0 ? NULL : &pack->catalogs[index];
}

static bool retires(const newest *n, const cr_catalog *catalog)
{
    cr_version version;
    if (!n->any ||
        cr_version_decode((credit_span){n->value, sizeof n->value}, &version, NULL) != CREDIT_OK) {
        return false;
    }
    uint8_t status = version.facts.status;
    return version.state != CR_VERSION_REMOVED && status < 32 &&
           (catalog->retires >> status & 1) != 0;
}

credit_result cr_code_is_retired(cr_txn *txn, const cr_pack *pack, const cr_registry *registry,
    const cr_subject_key *subject, bool *retired, credit_error *err)
{
    cr_counted counted;
    newest n = {.any = false};
    const cr_catalog *catalog = NULL;
    *retired = false;
    credit_result rc = cr_counted_open(txn, subject, UINT32_MAX, &counted, err);
    while (rc == CREDIT_OK && (rc = cr_counted_next(&counted, err)) == CREDIT_OK) {
        const char *key = counted.versions.key.data;
        const cr_catalog *of = catalog_of(pack, registry, key);
        if (of == NULL || of->kind != CR_CATALOG_CORRECTION) { continue; }
        bool same = n.any && memcmp(n.prefix, key, RECORD_PREFIX) == 0;
        if (!same) { *retired = *retired || retires(&n, catalog); }
        if (same && !cr_supersedes(&counted.weighed, &n.weighed)) { continue; }
        n.any = true;
        n.weighed = counted.weighed;
        catalog = of;
        memcpy(n.prefix, key, RECORD_PREFIX);
        memcpy(n.value, counted.versions.value.data, CR_VERSION_VALUE);
    }
    cr_counted_close(&counted);
    *retired = *retired || retires(&n, catalog);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* ---- names ------------------------------------------------------------------------- */

/* A version of the register: its last day, then commit and row, order it. */
typedef struct named {
    credit_date last, first; /* days on which the register said so; `first` or before */
    uint32_t commit, row;
    uint64_t name_hash;
} named;

static bool is_newer(const named *a, const named *b)
{
    if (a->last != b->last) { return a->last > b->last; }
    return a->commit != b->commit ? a->commit > b->commit : a->row > b->row;
}

static credit_result read_named(
    const cr_registry *registry, const cr_counted *at, named *out, credit_error *err)
{
    cr_version version;
    credit_span name = {"", 0};
    credit_result rc = cr_version_decode(at->versions.value, &version, err);
    if (rc == CREDIT_OK) {
        rc = cr_registry_value(
            registry, at->counting.txn, &version, CR_ROLE_SUBJECT_NAME, &name, err);
    }
    if (rc != CREDIT_OK) { return rc; }
    credit_date last = at->weighed.day;
    out->last = last;
    out->first = version.received_on < last ? version.received_on : last;
    out->commit = at->weighed.by;
    out->row = at->key.row;
    out->name_hash = cr_name_hash(name);
    return CREDIT_OK;
}

/* The register's versions, one by one, to `look`. */
static credit_result walk_register(cr_txn *txn, const cr_pack *pack, const cr_registry *registry,
    const cr_subject_key *subject, void (*look)(void *ctx, const named *version), void *ctx,
    credit_error *err)
{
    cr_counted counted;
    named version;
    credit_result rc = cr_counted_open(txn, subject, UINT32_MAX, &counted, err);
    while (rc == CREDIT_OK && (rc = cr_counted_next(&counted, err)) == CREDIT_OK) {
        const cr_catalog *catalog = catalog_of(pack, registry, counted.versions.key.data);
        if (catalog == NULL || catalog->kind != CR_CATALOG_REGISTER) { continue; }
        if (cr_version_state_of(counted.versions.value.data) == CR_VERSION_REMOVED) { continue; }
        rc = read_named(registry, &counted, &version, err);
        if (rc == CREDIT_OK) { look(ctx, &version); }
    }
    cr_counted_close(&counted);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

typedef struct bearing {
    uint64_t name_hash;
    credit_date on;
    bool said;  /* the register did say the name: */
    named last; /* for the last time */
    bool over;  /* and had said another by the day */
} bearing;

static void find_last(void *ctx, const named *version)
{
    bearing *b = ctx;
    if (version->name_hash != b->name_hash) { return; }
    if (!b->said || is_newer(version, &b->last)) { b->last = *version; }
    b->said = true;
}

static void find_end(void *ctx, const named *version)
{
    bearing *b = ctx;
    bool other = version->name_hash != b->name_hash && is_newer(version, &b->last);
    b->over = b->over || (other && version->first <= b->on);
}

credit_result cr_name_was_borne(cr_txn *txn, const cr_pack *pack, const cr_registry *registry,
    const cr_subject_key *subject, uint64_t name_hash, credit_date on, bool *borne,
    credit_error *err)
{
    bearing b = {.name_hash = name_hash, .on = on};
    credit_result rc = CREDIT_OK;
    if (on != CREDIT_DATE_NONE) {
        rc = walk_register(txn, pack, registry, subject, find_last, &b, err);
    }
    if (rc == CREDIT_OK && b.said) {
        rc = walk_register(txn, pack, registry, subject, find_end, &b, err);
    }
    *borne = !b.over;
    return rc;
}

/* ---- the table's question ---------------------------------------------------------------- */

cr_match_case cr_match_known(
    const cr_catalog *catalog, uint8_t number, uint8_t leads, bool lacks_decision)
{
    cr_match_case c = {{0}};
    c.facts[CR_MATCH_CATALOG] = (uint8_t)catalog->kind;
    c.facts[CR_MATCH_INTRODUCES] = catalog->creates_subject;
    c.facts[CR_MATCH_DECISION] = lacks_decision;
    c.facts[CR_MATCH_NUMBER] = number;
    c.facts[CR_MATCH_LEADS] = leads;
    c.facts[CR_MATCH_NAME] = CR_NAME_DIFFERENT;
    return c;
}

static const cr_match_row *with_name(const cr_pack *pack, cr_match_case *c, cr_match_name name)
{
    c->facts[CR_MATCH_NAME] = (uint8_t)name;
    return cr_matching_find(&pack->matching, c);
}

credit_result cr_match(cr_txn *txn, const cr_pack *pack, const cr_registry *registry,
    const cr_match_question *q, const cr_match_row **row, cr_match_name *name, credit_error *err)
{
    cr_match_case c = q->known;
    bool had = false;
    c.facts[CR_MATCH_SUBJECT] = q->subject == NULL  ? CR_SUBJECT_UNKNOWN
                                : q->subject->known ? CR_SUBJECT_REGISTERED
                                                    : CR_SUBJECT_RECORDED;
    c.facts[CR_MATCH_CODE] = q->subject != NULL && q->retired;
    *name = CR_NAME_DIFFERENT;
    if (q->subject != NULL && q->subject->name_hash == q->name_hash) { *name = CR_NAME_EQUAL; }
    *row = with_name(pack, &c, *name);
    /* The store is asked for former names only where the table cares. */
    if (q->subject == NULL || *name == CR_NAME_EQUAL ||
        with_name(pack, &c, CR_NAME_FORMER) == *row) {
        return CREDIT_OK;
    }
    credit_result rc = cr_name_counts(txn, pack, registry, q->key, q->name_hash, &had, err);
    if (rc == CREDIT_OK && had) {
        rc = cr_name_was_borne(txn, pack, registry, q->key, q->name_hash, q->on, &had, err);
    }
    if (rc == CREDIT_OK && had) {
        *name = CR_NAME_FORMER;
        *row = with_name(pack, &c, CR_NAME_FORMER);
    }
    return rc;
}

uint8_t cr_match_note(cr_match_name name, uint8_t leads)
{
    return (uint8_t)((name == CR_NAME_FORMER ? CR_NOTE_FORMER_NAME : 0) |
                     (leads == CR_LEADS_TO_ONE ? CR_NOTE_OTHER_NUMBER : 0));
}
