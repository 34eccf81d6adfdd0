/* What may leave by the exchange, and what a row of it says. */
#include <stdlib.h>
#include <string.h>

#include "api/feed.h"
#include "api/packs.h"
#include "engine/date.h"
#include "engine/extract.h"
#include "engine/message.h"
#include "engine/text.h"

const char *const api_feed_leading[API_FEED_LEADING] = {
    "number", "operation", "subject", "record", "source_day", "salt"};

bool api_unhex(credit_span text, unsigned char *out, size_t size)
{
    if (text.size != 2 * size) { return false; }
    memset(out, 0, size);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        bool digit = c >= '0' && c <= '9';
        if (!digit && (c < 'a' || c > 'f')) { return false; }
        int value = digit ? c - '0' : c - 'a' + 10;
        out[i / 2] = (unsigned char)(out[i / 2] << 4 | value);
    }
    return true;
}

/* ---- what may leave ------------------------------------------------------------------- */

bool api_feed_catalog_leaves(const cr_pack *pack, int index)
{
    if (index < 0 || pack->catalogs[index].scope > pack->feed_scope) { return false; }
    for (size_t i = 0; i < pack->feed_catalog_count; i++) {
        if (pack->feed_catalogs[i] == index) { return true; }
    }
    return pack->feed_catalog_count == 0;
}

void api_feed_withheld_fields(
    cr_scope scope, const cr_catalog *catalog, bool withheld[CR_FIELDS_MAX])
{
    for (size_t i = 0; i < catalog->field_count; i++) {
        const cr_field *field = &catalog->fields[i];
        withheld[i] = field->personal || field->scope > scope;
    }
}

credit_result api_feed_gate_open(
    credit_store *store, cr_txn *txn, credit_date today, api_feed_gate *gate, credit_error *err)
{
    *gate = (api_feed_gate){.txn = txn, .today = today};
    credit_result rc = api_policy_on(store, txn, today, &gate->policy, err);
    if (rc == CREDIT_OK) { rc = cr_range_open(txn, CR_TABLE_VERSION, &gate->versions, err); }
    if (rc != CREDIT_OK) { return rc; }
    const api_policy *policy = gate->policy;
    return cr_judge_new(policy->pack.pack, &policy->registry, policy->number, &gate->judge, err);
}

void api_feed_gate_close(api_feed_gate *gate)
{
    cr_judge_free(gate->judge);
    cr_range_close(&gate->versions);
    memset(gate, 0, sizeof *gate);
}

/* Facts stand in the order of their keys. */
static const cr_fact *find_fact(const cr_judgement *judgement, uint16_t catalog, const char *record)
{
    size_t from = 0, to = judgement->fact_count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const cr_version_key *key = &judgement->facts[middle].key;
        int order = key->catalog != catalog ? (key->catalog < catalog ? -1 : 1)
                                            : memcmp(key->record, record, CR_RECORD_KEY);
        if (order == 0) { return &judgement->facts[middle]; }
        if (order < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return NULL;
}

/* What a message has ended is not shared, though the message itself may not leave. */
static bool leaves(const api_feed_gate *gate, const cr_fact *fact)
{
    const cr_pack *pack = gate->policy->pack.pack;
    return api_feed_catalog_leaves(pack, fact->catalog_index) &&
           cr_fact_state_of(fact) == CR_FACT_CURRENT &&
           cr_extract_shows(fact, pack->feed_scope, gate->today);
}

credit_result api_feed_gate_ask(
    api_feed_gate *gate, const char record[CR_RECORD_PREFIX], bool *may_leave, credit_error *err)
{
    cr_subject_key subject;
    *may_leave = false;
    memcpy(subject.bytes, record, CR_SUBJECT_KEY);
    /* Whom it is about would have to be said, and a person's number never leaves. */
    if (cr_subject_key_kind(&subject) != CR_ID_USCC) { return CREDIT_OK; }
    if (!gate->asked || memcmp(&gate->subject, &subject, sizeof subject) != 0) {
        const cr_judge_question question = {
            .as_of = gate->today, .commit = UINT32_MAX, .bare = true};
        cr_counting counting;
        gate->asked = false;
        credit_result rc = cr_counting_open(gate->txn, &counting, err);
        if (rc == CREDIT_OK) {
            rc = cr_judge_subject(gate->judge, &gate->versions, &counting, &subject, &question,
                &gate->judgement, err);
        }
        cr_counting_close(&counting);
        if (rc != CREDIT_OK) { return rc; }
        gate->asked = true;
        gate->subject = subject;
    }
    const cr_fact *fact = find_fact(
        gate->judgement, cr_get_u16be(record + CR_SUBJECT_KEY), record + CR_SUBJECT_KEY + 2);
    *may_leave = fact != NULL && leaves(gate, fact);
    return CREDIT_OK;
}

const cr_fact *api_feed_gate_fact(
    const api_feed_gate *gate, const cr_subject_key *subject, size_t place)
{
    bool asked = gate->asked && memcmp(&gate->subject, subject, sizeof *subject) == 0;
    if (!asked) { return NULL; }
    while (place < gate->judgement->fact_count && !leaves(gate, &gate->judgement->facts[place])) {
        place++;
    }
    return place < gate->judgement->fact_count ? &gate->judgement->facts[place] : NULL;
}

/* ---- what a row says -------------------------------------------------------------------- */

static credit_result digest_of(const cr_crypto *crypto, cr_hasher *hasher, const credit_span *parts,
    size_t count, unsigned char out[CR_FEED_DIGEST], credit_error *err)
{
    credit_result rc = crypto->digest(hasher, parts, count, out);
    return rc == CREDIT_OK ? rc : cr_fail(err, rc, "a row cannot be digested");
}

credit_result api_feed_digester_open(
    const cr_crypto *crypto, api_feed_digester *digester, credit_error *err)
{
    *digester = (api_feed_digester){.crypto = crypto, .hasher = crypto->hasher_new(CR_HASH_SHA256)};
    cr_canon_init(&digester->json);
    return digester->hasher != NULL ? CREDIT_OK : cr_fail(err, CREDIT_E_NOMEM, "out of memory");
}

void api_feed_digester_close(api_feed_digester *digester)
{
    cr_canon_free(&digester->json);
    if (digester->hasher != NULL) { digester->crypto->hasher_free(digester->hasher); }
    digester->hasher = NULL;
}

static int compare_cells(const void *a, const void *b)
{
    return cr_canon_compare_keys(
        ((const api_feed_cell *)a)->code, ((const api_feed_cell *)b)->code);
}

static void write_fields(cr_canon *json, api_feed_cell *cells, size_t count)
{
    qsort(cells, count, sizeof *cells, compare_cells);
    cr_canon_object(json);
    for (size_t i = 0; i < count; i++) {
        cr_canon_key_span(json, cells[i].code);
        cr_canon_string(json, cells[i].text);
    }
    cr_canon_end_object(json);
}

credit_result api_feed_cells_digest(api_feed_digester *digester, const api_feed_row *row,
    credit_span catalog, credit_span subject, api_feed_cell *cells, size_t count,
    unsigned char out[CR_FEED_DIGEST], unsigned char content[CR_FEED_DIGEST], credit_error *err)
{
    cr_canon *json = &digester->json;
    cr_canon_reset(json);
    cr_canon_object(json);
    cr_canon_key(json, "catalog");
    cr_canon_string(json, catalog);
    cr_canon_key(json, "fields");
    size_t from = json->size;
    write_fields(json, cells, count);
    size_t to = json->size;
    cr_canon_key(json, "number");
    cr_canon_integer(json, (int64_t)row->number);
    cr_canon_key(json, "operation");
    cr_canon_text(json, cr_feed_operation_word(row->operation));
    cr_canon_key(json, "record");
    api_json_hex(json, (const unsigned char *)row->record, CR_RECORD_KEY);
    cr_canon_key(json, "salt");
    api_json_hex(json, row->salt, CR_SEED);
    cr_canon_key(json, "source_day");
    cr_canon_date(json, row->day);
    cr_canon_key(json, "subject");
    cr_canon_string(json, subject);
    cr_canon_end_object(json);
    if (json->failed) {
        return cr_fail(err, json->misused ? CREDIT_E_UNTRUSTED : CREDIT_E_NOMEM,
            json->misused ? "a row has a column twice" : "out of memory");
    }
    const credit_span whole[] = {CR_SPAN("credit-feed-row"), cr_canon_span(json)};
    credit_result rc = digest_of(digester->crypto, digester->hasher, whole, 2, out, err);
    const credit_span fields[] = {CR_SPAN("credit-feed-fields"), {json->data + from, to - from}};
    return rc == CREDIT_OK && content != NULL
               ? digest_of(digester->crypto, digester->hasher, fields, 2, content, err)
               : rc;
}

credit_result api_feed_row_digest(api_feed_digester *digester, const api_feed_row *row,
    unsigned char out[CR_FEED_DIGEST], unsigned char content[CR_FEED_DIGEST], credit_error *err)
{
    char id[48];
    api_feed_cell cells[CR_FIELDS_MAX];
    size_t count = 0;
    const cr_catalog *catalog = row->catalog;
    for (size_t i = 0; row->operation != CR_FEED_DELETE && i < catalog->field_count; i++) {
        if (row->values[i].size == 0) { continue; }
        cells[count++] = (api_feed_cell){catalog->fields[i].code, row->values[i]};
    }
    return api_feed_cells_digest(digester, row, catalog->name,
        cr_subject_key_print(&row->subject, id), cells, count, out, content, err);
}

/* A salt that goes with the frame: without it nobody can try guesses on a digest. */
static credit_result salt_of(
    const credit_store *store, const char *seed, unsigned char salt[CR_SEED], credit_error *err)
{
    unsigned char digest[CR_DIGEST_SIZE];
    const credit_span parts[] = {CR_SPAN("credit-feed-salt"), {seed, CR_SEED}};
    cr_hasher *hasher = store->crypto->hasher_new(CR_HASH_SHA256);
    if (hasher == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    credit_result rc = digest_of(store->crypto, hasher, parts, 2, digest, err);
    store->crypto->hasher_free(hasher);
    memcpy(salt, digest, CR_SEED);
    return rc;
}

/* As an extract shows it: what looks like a number of a person is hidden in free text. */
static credit_result text_that_leaves(const cr_pack *pack, const cr_field *field, credit_span value,
    cr_arena *arena, credit_span *out, credit_error *err)
{
    bool scanned = field->long_text && pack->feed_scope < CR_SCOPE_AUTHORIZED;
    *out = scanned ? cr_mask_free_text(value, arena) : value;
    return out->data != NULL ? CREDIT_OK : cr_fail(err, CREDIT_E_NOMEM, "out of memory");
}

credit_result api_feed_row_read(const credit_store *store, const api_policy *policy, cr_txn *txn,
    const cr_version_key *key, const cr_version *version, cr_arena *arena, api_feed_row *row,
    credit_error *err)
{
    credit_span frame;
    cr_frame_view view;
    bool withheld[CR_FIELDS_MAX];
    const cr_pack *pack = policy->pack.pack;
    const cr_frame_reader reader = {txn, store->crypto, NULL, NULL};
    const cr_schema *schema = cr_registry_schema(&policy->registry, version->schema);
    int index = cr_registry_catalog(&policy->registry, key->catalog);
    if (schema == NULL || index < 0) {
        return cr_fail(err, CREDIT_E_CORRUPT, "a record of no known layout");
    }
    row->catalog = &pack->catalogs[index];
    row->subject = key->subject;
    memcpy(row->record, key->record, CR_RECORD_KEY);
    for (size_t i = 0; i < CR_FIELDS_MAX; i++) { row->values[i] = (credit_span){"", 0}; }
    credit_result rc = cr_frame_get(txn, version->frame, version->frame_size, &frame, err);
    if (rc == CREDIT_OK) {
        rc = cr_frame_decode(&reader, frame, schema->column_count, arena, &view, err);
    }
    if (rc == CREDIT_OK) { rc = salt_of(store, view.seed, row->salt, err); }
    api_feed_withheld_fields(pack->feed_scope, row->catalog, withheld);
    for (size_t i = 0; rc == CREDIT_OK && i < view.value_count; i++) {
        int16_t field = schema->field[i];
        if (field < 0 || withheld[field] || view.values[i].size == 0) { continue; }
        rc = text_that_leaves(
            pack, &row->catalog->fields[field], view.values[i], arena, &row->values[field], err);
    }
    return rc;
}
