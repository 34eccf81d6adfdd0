#include "engine/file.h"

#include "engine/message.h"

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
    cr_counting *counting; /* closed: all versions count */
    /* The newest version so far of the record that the walk stands in. */
    bool live;     /* a record was there that has not been removed since */
    bool messages; /* there are messages among the facts */
    bool holding;
    bool known; /* the catalog below was looked up */
    uint16_t catalog;
    int catalog_index;
    cr_version_key held;
    cr_weighed held_weight;
    credit_span held_value;
} gathering;

/* Versions of one catalog stand together: it is looked up once. */
static int find_catalog(gathering *g, uint16_t catalog)
{
    if (!g->known || g->catalog != catalog) {
        g->known = true;
        g->catalog = catalog;
        g->catalog_index = cr_registry_catalog(g->registry, catalog);
    }
    return g->catalog_index;
}

static credit_result keep_held(gathering *g, credit_error *err)
{
    cr_file *file = g->file;
    if (!g->holding || cr_version_state_of(g->held_value.data) == CR_VERSION_REMOVED) {
        return CREDIT_OK;
    }
    g->live = true;
    if (file->fact_count == RECORDS_MAX) {
        return cr_fail(err, CREDIT_E_LIMIT, "a subject has more than %d records", RECORDS_MAX);
    }
    if (!cr_grow(&file->facts, &file->fact_capacity, file->fact_count + 1, sizeof(cr_fact))) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    cr_fact *fact = &file->facts[file->fact_count];
    int index = find_catalog(g, g->held.catalog);
    if (index < 0) { return CREDIT_OK; } /* a catalog the pack in force does not know */
    credit_result rc = cr_version_decode(g->held_value, &fact->version, err);
    if (rc != CREDIT_OK) { return rc; }
    if (!is_visible(&fact->version, g->as_of)) {
        credit_date opens_on = fact->version.facts.decided_on;
        if (opens_on < file->opens_on) { file->opens_on = opens_on; }
        return CREDIT_OK;
    }
    fact->key = g->held;
    fact->catalog = &g->pack->catalogs[index];
    fact->catalog_index = index;
    fact->ruled = false;
    memset(fact->messages, 0, sizeof fact->messages);
    fact->restored = NULL;
    fact->about = NULL;
    g->messages = g->messages || fact->catalog->message != NULL;
    file->fact_count++;
    return CREDIT_OK;
}

/* The next version, in key order: of each record the newest known by the commit
 * asked about is kept. */
static credit_result offer(
    gathering *g, credit_span key_bytes, credit_span value, credit_error *err)
{
    cr_version_key key;
    cr_weighed weighed;
    if (!cr_version_key_decode(key_bytes, &key)) {
        return cr_fail(err, CREDIT_E_CORRUPT, "a record key is damaged");
    }
    if (key.commit > g->commit) { return CREDIT_OK; }
    if (value.size != CR_VERSION_VALUE) {
        return cr_fail(err, CREDIT_E_CORRUPT, "a record header is damaged");
    }
    credit_result rc = cr_version_weigh(g->counting, key.commit, key.row,
        cr_version_sourced_on(value.data), g->commit, &weighed, err);
    if (rc != CREDIT_OK || !weighed.counts) { return rc; }
    bool same = g->holding && key.catalog == g->held.catalog &&
                memcmp(key.record, g->held.record, CR_RECORD_KEY) == 0;
    if (!same) { rc = keep_held(g, err); }
    if (same && !cr_supersedes(&weighed, &g->held_weight)) {
        return CREDIT_OK; /* known later, of an earlier day */
    }
    g->held = key;
    g->held_weight = weighed;
    g->held_value = value;
    g->holding = true;
    return rc;
}

static credit_result offer_stored(
    gathering *g, cr_range *range, const cr_subject_key *subject, credit_error *err)
{
    credit_result rc;
    cr_range_seek(range, (credit_span){subject->bytes, CR_SUBJECT_KEY});
    while ((rc = cr_range_next(range, err)) == CREDIT_OK) {
        rc = offer(g, range->key, range->value, err);
        if (rc != CREDIT_OK) { return rc; }
    }
    return rc == CREDIT_DONE ? keep_held(g, err) : rc;
}

/* What was given, and what the store had before it, in the order of their keys. */
static credit_result offer_given(
    gathering *g, cr_range *before, const cr_touched *given, credit_error *err)
{
    credit_result rc = CREDIT_OK, more = before == NULL ? CREDIT_DONE : cr_range_next(before, err);
    for (size_t i = 0; rc == CREDIT_OK && (more == CREDIT_OK || i < given->version_count);) {
        const char *entry = given->versions + i * CR_VERSION_ENTRY;
        bool earlier =
            more == CREDIT_OK &&
            (i == given->version_count || memcmp(before->key.data, entry, CR_VERSION_KEY) < 0);
        if (earlier) {
            rc = offer(g, before->key, before->value, err);
            if (rc == CREDIT_OK) { more = cr_range_next(before, err); }
        } else {
            rc = offer(g, (credit_span){entry, CR_VERSION_KEY},
                (credit_span){entry + CR_VERSION_KEY, CR_VERSION_VALUE}, err);
            i++;
        }
    }
    if (rc == CREDIT_OK && more != CREDIT_DONE) { rc = more; }
    return rc == CREDIT_OK ? keep_held(g, err) : rc;
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
            subject->status_number = (uint32_t)(fact->catalog_index + 1) << 16 | facts->status;
        }
    }
}

static void open_file(const gathering *g, const cr_subject_key *key)
{
    cr_file *file = g->file;
    file->key = *key;
    file->exists = false;
    file->first_commit = 0;
    file->fact_count = 0;
    file->opens_on = CREDIT_DATE_FOREVER;
    file->subject = (cr_fact_subject){.name = {"", 0},
        .status = {"", 0},
        .registered_on = CREDIT_DATE_NONE,
        .pack = g->pack,
        .region = region_of(key),
        .as_of = g->as_of};
}

static void describe_subject(const gathering *g, const cr_subject *subject)
{
    cr_file *file = g->file;
    if (g->messages) { cr_messages_link(file->facts, file->fact_count, g->pack, g->registry); }
    file->exists = g->live && subject->first_commit <= g->commit;
    if (!file->exists) { return; }
    file->first_commit = subject->first_commit;
    file->subject.category = subject->category;
    file->subject.name = subject->name;
    read_register(file);
}

credit_result cr_file_gather(cr_file *file, const cr_pack *pack, const cr_registry *registry,
    cr_range *range, cr_counting *counting, const cr_subject_key *key, credit_date as_of,
    uint32_t commit, credit_error *err)
{
    gathering g = {.file = file,
        .pack = pack,
        .registry = registry,
        .as_of = as_of,
        .commit = commit,
        .counting = counting};
    cr_subject stored;
    open_file(&g, key);
    credit_result rc = offer_stored(&g, range, key, err);
    /* Reasons name what they rest on by what is in the frames. */
    for (size_t i = 0; i < file->fact_count; i++) {
        const cr_version *version = &file->facts[i].version;
        cr_frame_expect(range->txn, version->frame, version->frame_size);
    }
    if (rc == CREDIT_OK) { rc = cr_subject_get(range->txn, key, &stored, err); }
    if (rc == CREDIT_OK) { describe_subject(&g, &stored); }
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

credit_result cr_file_take(cr_file *file, const cr_pack *pack, const cr_registry *registry,
    cr_earlier *earlier, const cr_touched *given, credit_date as_of, credit_error *err)
{
    gathering g = {.file = file,
        .pack = pack,
        .registry = registry,
        .as_of = as_of,
        .commit = UINT32_MAX,
        .counting = &earlier->counting};
    cr_range *before = given->stored ? &earlier->versions : NULL;
    open_file(&g, given->key);
    if (before != NULL) { cr_range_seek(before, (credit_span){given->key->bytes, CR_SUBJECT_KEY}); }
    credit_result rc = offer_given(&g, before, given, err);
    if (rc == CREDIT_OK) { describe_subject(&g, given->subject); }
    return rc;
}

void cr_file_rebind(cr_file *file, const cr_pack *pack, const cr_registry *registry)
{
    bool messages = false;
    int index = -1;
    for (size_t i = 0; i < file->fact_count; i++) {
        cr_fact *fact = &file->facts[i];
        if (i == 0 || fact->key.catalog != file->facts[i - 1].key.catalog) {
            index = cr_registry_catalog(registry, fact->key.catalog);
        }
        fact->catalog = &pack->catalogs[index];
        fact->catalog_index = index;
        fact->ruled = false;
        memset(fact->messages, 0, sizeof fact->messages);
        fact->about = fact->restored = NULL;
        messages = messages || fact->catalog->message != NULL;
    }
    if (messages) { cr_messages_link(file->facts, file->fact_count, pack, registry); }
    file->subject.pack = pack;
    if (!file->exists) { return; }
    file->subject.known = false;
    file->subject.status = (credit_span){"", 0};
    file->subject.status_number = 0;
    file->subject.registered_on = CREDIT_DATE_NONE;
    read_register(file);
}

void cr_file_free(cr_file *file)
{
    cr_free(file->facts);
    memset(file, 0, sizeof *file);
}

/* ---- all files ---------------------------------------------------------------- */

credit_result cr_files_open(cr_txn *txn, const cr_pack *pack, const cr_registry *registry,
    cr_files *files, credit_error *err)
{
    *files = (cr_files){.pack = pack, .registry = registry};
    credit_result rc = cr_counting_open(txn, &files->counting, err);
    if (rc == CREDIT_OK) { rc = cr_range_open(txn, CR_TABLE_SUBJECT, &files->subjects, err); }
    if (rc == CREDIT_OK) { rc = cr_range_open(txn, CR_TABLE_VERSION, &files->versions, err); }
    if (rc != CREDIT_OK) {
        cr_files_close(files);
        return rc;
    }
    cr_range_seek(&files->subjects, (credit_span){NULL, 0});
    cr_range_seek(&files->versions, (credit_span){NULL, 0});
    return CREDIT_OK;
}

/* The versions of the subject, of which those before it have left the walk. */
static credit_result offer_next(
    cr_files *files, gathering *g, const cr_subject_key *subject, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    while (rc == CREDIT_OK) {
        if (!files->ahead) { rc = cr_range_next(&files->versions, err); }
        if (rc != CREDIT_OK) { break; }
        files->ahead = true;
        if (files->versions.key.size != CR_VERSION_KEY) {
            return cr_fail(err, CREDIT_E_CORRUPT, "a record key is damaged");
        }
        int order = memcmp(files->versions.key.data, subject->bytes, CR_SUBJECT_KEY);
        if (order > 0) { break; }
        if (order == 0) { rc = offer(g, files->versions.key, files->versions.value, err); }
        files->ahead = false;
    }
    return rc == CREDIT_OK || rc == CREDIT_DONE ? keep_held(g, err) : rc;
}

credit_result cr_files_next(
    cr_files *files, credit_date as_of, uint32_t commit, cr_file *file, credit_error *err)
{
    cr_subject stored;
    cr_subject_key key;
    gathering g = {.file = file,
        .pack = files->pack,
        .registry = files->registry,
        .as_of = as_of,
        .commit = commit,
        .counting = &files->counting};
    credit_result rc = cr_range_next(&files->subjects, err);
    if (rc != CREDIT_OK) { return rc; }
    if (files->subjects.key.size != CR_SUBJECT_KEY) {
        return cr_fail(err, CREDIT_E_CORRUPT, "a subject's key is damaged");
    }
    memcpy(key.bytes, files->subjects.key.data, CR_SUBJECT_KEY);
    open_file(&g, &key);
    rc = offer_next(files, &g, &key, err);
    if (rc == CREDIT_OK) { rc = cr_subject_decode(files->subjects.value, &stored, err); }
    if (rc == CREDIT_OK) { describe_subject(&g, &stored); }
    return rc;
}

void cr_files_close(cr_files *files)
{
    cr_counting_close(&files->counting);
    cr_range_close(&files->subjects);
    cr_range_close(&files->versions);
    memset(files, 0, sizeof *files);
}
