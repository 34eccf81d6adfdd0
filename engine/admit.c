#include "engine/admit.h"

#include <stddef.h>

#include "engine/sorter.h"
#include "engine/ways.h"

/* An entry of the version sorter: the version key (it sorts), the version's
 * header, and what only admission needs. */
enum {
    ENTRY_VALUE = CR_VERSION_KEY,
    ENTRY_NAME = CR_VERSION_ENTRY,
    ENTRY_DOCUMENT = ENTRY_NAME + 8,
    ENTRY_LINE = ENTRY_DOCUMENT + 8,
    ENTRY_PARK = ENTRY_LINE + 8,
    ENTRY_SIZE = ENTRY_PARK + 8
};

/* An entry of the subject sorter: subject and row sort; the first row of a
 * subject in a file is the one that may introduce it. */
enum {
    WHO_ROW = CR_SUBJECT_KEY,
    WHO_KEY = WHO_ROW + 4,
    WHO_NAME = WHO_KEY,
    WHO_CATEGORY = WHO_NAME + 8,
    WHO_SCHEMA = WHO_CATEGORY + 2,
    WHO_FRAME_SIZE = WHO_SCHEMA + 2,
    WHO_FRAME = WHO_FRAME_SIZE + 4,
    WHO_SIZE = WHO_FRAME + 8
};

enum { HELD_MAX = 1024 }; /* versions of one subject */

struct cr_admission {
    cr_admission_options options;
    const cr_catalog *catalog; /* of the file */
    cr_sorter *versions, *subjects;
    cr_ways documents, names;
    cr_range range;         /* over VERSION, for looking and for writing */
    cr_range subject_range; /* over SUBJECT, for writing */
    bool asked, is_stored;  /* the answer of is_stored() for asked_for */
    cr_subject_key asked_for;
    const char *who;              /* the subject sorter's entry not yet used, NULL at the end */
    char *held;                   /* versions of the subject at hand that were admitted */
    size_t held_count, held_room; /* versions; bytes */
    cr_admission_counts counts;
};

/* ---- reading thread ------------------------------------------------------------ */

void cr_block_reset(cr_block *block)
{
    block->size = 0;
    block->count = 0;
    block->finished = false;
}

void cr_block_free(cr_block *block)
{
    if (block == NULL) { return; }
    if (block->bytes != NULL) { cr_wipe(block->bytes, block->capacity); }
    cr_free(block->bytes);
    cr_free(block->items);
    cr_free(block);
}

bool cr_block_is_full(const cr_block *block)
{
    return block->size >= CR_BLOCK_BYTES || block->count >= CR_BLOCK_ROWS;
}

static credit_span value_of(const cr_catalog *catalog, const credit_span *values, cr_role role)
{
    int16_t field = catalog->role_field[role];
    return field < 0 ? (credit_span){NULL, 0} : values[field];
}

/* A serious list is entered by a decision of an authorised body that carries its
 * basis, or not at all. basis: 国办发〔2020〕49号. */
static bool lacks_its_decision(const cr_record *record)
{
    static const cr_role needed[] = {
        CR_ROLE_DOCUMENT_NO, CR_ROLE_DECIDED_ON, CR_ROLE_AUTHORITY, CR_ROLE_BASIS};
    if (record->catalog->roster != CR_ROSTER_SERIOUS) { return false; }
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (value_of(record->catalog, record->values, needed[i]).size == 0) { return true; }
    }
    return false;
}

/* Numbers that name a subject by themselves; others only lead to one. */
static const char *why_it_must_wait(const cr_record *record)
{
    if (lacks_its_decision(record)) { return "B2"; }
    if (record->subject.kind == CR_ID_USCC || cr_id_is_personal(record->subject.kind)) {
        return NULL;
    }
    return record->subject.kind == CR_ID_UNKNOWN ? "M7" : "M6";
}

/* What is found by digesting the values of a row: which record it is, what it
 * says, and the ways in. */
static credit_result derive(cr_item *item, const cr_catalog *catalog, const credit_span *values,
    const cr_crypto *crypto, cr_hasher *hasher, credit_error *err)
{
    item->name_hash = cr_name_hash(value_of(catalog, values, CR_ROLE_SUBJECT_NAME));
    item->document_hash = cr_document_hash(value_of(catalog, values, CR_ROLE_DOCUMENT_NO));
    item->derived = true;
    return cr_record_key_of(catalog, values, crypto, hasher, item->key.record, err);
}

credit_result cr_encoder_add(
    cr_encoder *encoder, const cr_record *record, cr_block *block, credit_error *err)
{
    cr_frame_writer *frames = &encoder->frames;
    if (!cr_grow(&block->items, &block->item_capacity, block->count + 1, sizeof *block->items)) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    cr_item *item = &block->items[block->count];
    memset(item, 0, sizeof *item);
    uint16_t schema = encoder->registry->schema_number[record->catalog_index];
    item->key.catalog = encoder->registry->catalog_number[record->catalog_index];
    item->key.commit = encoder->commit;
    item->key.row = (uint32_t)record->row;
    item->line = record->line;
    item->park = why_it_must_wait(record);
    item->version.state = CR_VERSION_CURRENT;
    if (record->facts.status != 0 && record->catalog->status_valid != 0 &&
        record->facts.status != record->catalog->status_valid) {
        item->version.state = CR_VERSION_WITHDRAWN;
    }
    item->version.schema = schema;
    item->version.facts = record->facts;
    item->version.received_on = encoder->received_on;
    size_t room = cr_frame_room(record), size = 0;
    if (!cr_grow(&block->bytes, &block->capacity, block->size + room, 1)) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    credit_result rc = cr_subject_key_of(
        &record->subject, frames->crypto, frames->persons_key, &item->key.subject, err);
    bool digested = false;
    if (rc == CREDIT_OK) {
        rc = cr_frame_encode(frames, record, schema, block->bytes + block->size, &size,
            item->version.digest, &digested, err);
    }
    if (rc == CREDIT_OK && digested) { /* private values are not seen again */
        rc = derive(item, record->catalog, record->values, frames->crypto, frames->hasher, err);
    }
    if (rc != CREDIT_OK) { return rc; }
    item->frame_at = block->size;
    item->version.frame_size = (uint32_t)size;
    block->size += size;
    block->count++;
    return CREDIT_OK;
}

credit_result cr_block_derive(cr_block *block, const cr_catalog *catalog, const cr_crypto *crypto,
    cr_hasher *hasher, credit_error *err)
{
    credit_span values[CR_FIELDS_MAX];
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < block->count; i++) {
        cr_item *item = &block->items[i];
        if (item->derived) { continue; }
        credit_span frame = {block->bytes + item->frame_at, item->version.frame_size};
        if (!cr_frame_values(frame, values, catalog->field_count)) {
            return cr_fail(err, CREDIT_E_BUG, "a row does not read as it was written");
        }
        rc = cr_frame_digest(crypto, hasher, frame, item->version.digest, err);
        if (rc == CREDIT_OK) { rc = derive(item, catalog, values, crypto, hasher, err); }
    }
    return rc;
}

/* ---- storing thread: one block ---------------------------------------------------- */

credit_result cr_admission_new(
    const cr_admission_options *options, cr_admission **out, credit_error *err)
{
    *out = NULL;
    cr_admission *admission = cr_alloc(sizeof *admission);
    if (admission == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    memset(admission, 0, sizeof *admission);
    admission->options = *options;
    size_t memory = options->memory;
    credit_result rc = cr_sorter_new(
        options->tmp, ENTRY_SIZE, CR_VERSION_KEY, memory / 2, &admission->versions, err);
    if (rc == CREDIT_OK) {
        rc = cr_sorter_new(options->tmp, WHO_SIZE, WHO_KEY, memory / 4, &admission->subjects, err);
    }
    if (rc == CREDIT_OK) {
        rc = cr_ways_open(&admission->documents, CR_TABLE_DOCUMENT, CR_DOCUMENT_KEY, options->tmp,
            3 * memory / 16, err);
    }
    if (rc == CREDIT_OK) {
        rc = cr_ways_open(
            &admission->names, CR_TABLE_NAME, CR_NAME_KEY, options->tmp, memory / 16, err);
    }
    if (rc == CREDIT_OK) {
        rc = cr_range_open(options->writer, CR_TABLE_VERSION, &admission->range, err);
    }
    if (rc == CREDIT_OK) {
        rc = cr_range_open(options->writer, CR_TABLE_SUBJECT, &admission->subject_range, err);
    }
    if (rc != CREDIT_OK) {
        cr_admission_free(admission);
        return rc;
    }
    *out = admission;
    return CREDIT_OK;
}

void cr_admission_free(cr_admission *admission)
{
    if (admission == NULL) { return; }
    cr_range_close(&admission->range);
    cr_range_close(&admission->subject_range);
    cr_sorter_free(admission->versions);
    cr_sorter_free(admission->subjects);
    cr_ways_close(&admission->documents);
    cr_ways_close(&admission->names);
    cr_free(admission->held);
    cr_free(admission);
}

/* The rows of a block in the order of their subjects and records; as in the file
 * where these are the same. NULL when out of memory. */
static const char **order_items(const cr_block *block, credit_error *err)
{
    /* All rows of a file are of one catalog, which stands between the two. */
    enum { KEY = offsetof(cr_version_key, record) + CR_RECORD_KEY };
    _Static_assert(offsetof(cr_item, key) == 0 && offsetof(cr_version_key, subject) == 0,
        "an item begins with its key");
    const char **order = cr_alloc(block->count * sizeof *order);
    if (order == NULL) {
        cr_fail(err, CREDIT_E_NOMEM, "out of memory");
        return NULL;
    }
    for (size_t i = 0; i < block->count; i++) { order[i] = (const char *)&block->items[i]; }
    if (cr_sort(order, block->count, KEY, err) == CREDIT_OK) { return order; }
    cr_free(order);
    return NULL;
}

/* The newest version of a record in the store; CREDIT_DONE if it has none. */
static credit_result newest_version(
    cr_admission *admission, const cr_version_key *key, cr_version *version, credit_error *err)
{
    char bytes[CR_VERSION_KEY];
    cr_version_key last = *key;
    last.commit = UINT32_MAX;
    last.row = UINT32_MAX;
    cr_version_key_encode(&last, bytes);
    credit_result rc = cr_range_last(&admission->range, (credit_span){bytes, CR_VERSION_KEY - 8},
        (credit_span){bytes, sizeof bytes}, err);
    return rc == CREDIT_OK ? cr_version_decode(admission->range.value, version, err) : rc;
}

/* Has the store any version of the subject? Asked once for the rows of one. */
static bool is_stored(cr_admission *admission, const cr_subject_key *subject)
{
    if (admission->asked &&
        memcmp(admission->asked_for.bytes, subject->bytes, CR_SUBJECT_KEY) == 0) {
        return admission->is_stored;
    }
    cr_range_seek(&admission->range, (credit_span){subject->bytes, CR_SUBJECT_KEY});
    admission->is_stored = cr_range_next(&admission->range, NULL) == CREDIT_OK;
    admission->asked_for = *subject;
    admission->asked = true;
    return admission->is_stored;
}

static credit_result add_who(cr_admission *admission, const cr_item *item, credit_error *err)
{
    char who[WHO_SIZE] = {0};
    memcpy(who, item->key.subject.bytes, CR_SUBJECT_KEY);
    cr_set_u32be(who + WHO_ROW, item->key.row);
    cr_set_u64le(who + WHO_NAME, item->name_hash);
    who[WHO_CATEGORY] = (char)item->version.facts.category;
    cr_set_u16le(who + WHO_SCHEMA, item->version.schema);
    cr_set_u32le(who + WHO_FRAME_SIZE, item->version.frame_size);
    cr_set_u64le(who + WHO_FRAME, item->version.frame);
    return cr_sorter_add(admission->subjects, who, err);
}

static credit_result add_entry(cr_admission *admission, const cr_item *item, credit_error *err)
{
    char entry[ENTRY_SIZE] = {0};
    cr_version_key_encode(&item->key, entry);
    cr_version_encode(&item->version, entry + ENTRY_VALUE);
    cr_set_u64le(entry + ENTRY_NAME, item->name_hash);
    cr_set_u64le(entry + ENTRY_DOCUMENT, item->document_hash);
    cr_set_u64le(entry + ENTRY_LINE, item->line);
    if (item->park != NULL) { memcpy(entry + ENTRY_PARK, item->park, strlen(item->park)); }
    return cr_sorter_add(admission->versions, entry, err);
}

static cr_item *item_at(const cr_block *block, const char *place)
{
    return &block->items[(size_t)(place - (const char *)block->items) / sizeof(cr_item)];
}

/* Rows that say what the store says already: their bytes are in a segment, and no
 * second copy of them is kept. In key order, which is that of the store. */
static credit_result find_unchanged(
    cr_admission *admission, cr_block *block, const char *const *order, credit_error *err)
{
    for (size_t i = 0; i < block->count; i++) {
        cr_version stored;
        cr_item *item = item_at(block, order[i]);
        if (!is_stored(admission, &item->key.subject)) { continue; }
        credit_result rc = newest_version(admission, &item->key, &stored, err);
        if (rc == CREDIT_DONE) { continue; }
        if (rc != CREDIT_OK) { return rc; }
        if (memcmp(stored.digest, item->version.digest, CR_CONTENT_DIGEST) != 0) { continue; }
        item->unchanged = true;
        item->version.frame = stored.frame;
        item->version.frame_size = stored.frame_size;
        item->version.schema = stored.schema;
    }
    return CREDIT_OK;
}

/* The other rows' bytes, as they stand in the block: in the order of the file. */
static credit_result store_frames(cr_admission *admission, cr_block *block, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    for (size_t first = 0, next; rc == CREDIT_OK && first < block->count; first = next) {
        next = first;
        while (next < block->count && !block->items[next].unchanged) { next++; }
        if (next == first) {
            next++;
            continue;
        }
        size_t start = block->items[first].frame_at;
        size_t end = next < block->count ? block->items[next].frame_at : block->size;
        cr_frame_ref ref = 0;
        rc = cr_frames_append(
            admission->options.writer, (credit_span){block->bytes + start, end - start}, &ref, err);
        for (size_t i = first; i < next; i++) {
            block->items[i].version.frame = ref + (block->items[i].frame_at - start);
        }
    }
    return rc;
}

static credit_result add_items(
    cr_admission *admission, const cr_block *block, const char *const *order, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    const cr_item *who = NULL; /* the last that may introduce its subject */
    for (size_t i = 0; rc == CREDIT_OK && i < block->count; i++) {
        const cr_item *item = item_at(block, order[i]);
        rc = add_entry(admission, item, err);
        if (rc != CREDIT_OK || item->park != NULL) { continue; }
        bool first = who == NULL ||
                     memcmp(who->key.subject.bytes, item->key.subject.bytes, CR_SUBJECT_KEY) != 0;
        if (first || item->key.row < who->key.row) {
            rc = add_who(admission, item, err);
            who = item;
        }
    }
    return rc;
}

credit_result cr_admission_add(cr_admission *admission, cr_block *block, credit_error *err)
{
    if (block->count == 0) { return CREDIT_OK; }
    const char **order = order_items(block, err);
    if (order == NULL) { return CREDIT_E_NOMEM; }
    credit_result rc = find_unchanged(admission, block, order, err);
    if (rc == CREDIT_OK) { rc = store_frames(admission, block, err); }
    if (rc == CREDIT_OK) { rc = add_items(admission, block, order, err); }
    cr_free(order);
    cr_frame_flush_hint(admission->options.writer);
    return rc;
}

/* ---- storing thread: the merged pass ------------------------------------------------ */

/* The subject a run of entries belongs to, and what to make of their names. */
typedef struct group {
    cr_subject_key key;
    cr_subject subject;
    bool stored; /* the store had it before this file */
    bool exists; /* the store has it, or this file has introduced it */
    bool touched;
} group;

static credit_result next_who(cr_admission *admission, credit_error *err)
{
    credit_result rc = cr_sorter_next(admission->subjects, &admission->who, err);
    if (rc == CREDIT_DONE) { admission->who = NULL; }
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* The subject's name as the row that introduces it spells it. */
static credit_result name_from_frame(
    cr_admission *admission, const char *who, credit_span *name, credit_error *err)
{
    credit_span frame;
    const cr_schema *schema =
        cr_registry_schema(admission->options.registry, cr_get_u16le(who + WHO_SCHEMA));
    *name = (credit_span){"", 0};
    if (schema == NULL) { return cr_fail(err, CREDIT_E_CORRUPT, "a record of no known layout"); }
    credit_result rc = cr_frame_get(admission->options.writer, cr_get_u64le(who + WHO_FRAME),
        cr_get_u32le(who + WHO_FRAME_SIZE), &frame, err);
    int16_t wanted = admission->catalog->role_field[CR_ROLE_SUBJECT_NAME];
    for (size_t i = 0; rc == CREDIT_OK && i < schema->column_count; i++) {
        if (wanted >= 0 && schema->field[i] == wanted) { *name = cr_frame_value(frame, i); }
    }
    if (rc == CREDIT_OK && name->data == NULL) {
        rc = cr_fail(err, CREDIT_E_CORRUPT, "a record's bytes are damaged");
    }
    return rc;
}

/* The row that introduces a subject, or, for the register, renames it. */
static credit_result introduce(
    cr_admission *admission, group *g, const char *who, credit_error *err)
{
    const cr_catalog *catalog = admission->catalog;
    bool registers = catalog->kind == CR_CATALOG_REGISTER;
    uint64_t name_hash = cr_get_u64le(who + WHO_NAME);
    uint8_t category = (uint8_t)who[WHO_CATEGORY];
    bool same = g->exists && g->subject.name_hash == name_hash;
    if (g->exists && (!registers || (g->subject.known && same))) { return CREDIT_OK; }
    if (!g->exists && !registers && !catalog->creates_subject) { return CREDIT_OK; }
    if (!g->exists) { g->subject.first_commit = admission->options.commit; }
    credit_result rc = name_from_frame(admission, who, &g->subject.name, err);
    if (rc != CREDIT_OK) { return rc; }
    g->exists = true;
    g->touched = true;
    g->subject.known = registers || g->subject.known;
    g->subject.name_hash = name_hash;
    if (category != CR_CATEGORY_UNKNOWN) { g->subject.category = category; }
    rc = cr_subject_put(&admission->subject_range, &g->key, &g->subject, err);
    if (rc != CREDIT_OK) { return rc; }
    char way[CR_NAME_KEY];
    cr_subject_name_key(&g->key, name_hash, way);
    return cr_ways_add(&admission->names, way, err);
}

static credit_result open_group(
    cr_admission *admission, const char *entry, group *g, credit_error *err)
{
    memset(g, 0, sizeof *g);
    memcpy(g->key.bytes, entry, CR_SUBJECT_KEY);
    admission->held_count = 0;
    credit_result rc = cr_subject_get(admission->options.writer, &g->key, &g->subject, err);
    g->stored = g->exists = rc == CREDIT_OK;
    if (rc == CREDIT_DONE) { rc = CREDIT_OK; }
    bool first = true;
    while (rc == CREDIT_OK && admission->who != NULL &&
           memcmp(admission->who, g->key.bytes, CR_SUBJECT_KEY) == 0) {
        if (first) { rc = introduce(admission, g, admission->who, err); }
        first = false;
        if (rc == CREDIT_OK) { rc = next_who(admission, err); }
    }
    return rc;
}

/* Which row of the matching table parks this entry; NULL if it may go in.
 * basis: domain 11.1. */
static credit_result parking_rule(cr_admission *admission, const group *g, const char *entry,
    const char **rule, credit_error *err)
{
    *rule = NULL;
    if (entry[ENTRY_PARK] != '\0') {
        *rule = entry + ENTRY_PARK;
        return CREDIT_OK;
    }
    if (!g->exists) {
        *rule = "M4";
        return CREDIT_OK;
    }
    uint64_t name_hash = cr_get_u64le(entry + ENTRY_NAME);
    if (admission->catalog->kind == CR_CATALOG_REGISTER || name_hash == g->subject.name_hash) {
        return CREDIT_OK;
    }
    bool had = false;
    credit_result rc =
        cr_subject_had_name(admission->options.writer, &g->key, name_hash, &had, err);
    if (!had) { *rule = cr_id_is_personal(cr_subject_key_kind(&g->key)) ? "M8" : "M3"; }
    return rc;
}

void cr_parked_encode(const cr_parked *parked, char out[CR_PARKED_VALUE])
{
    memset(out, 0, CR_PARKED_VALUE);
    out[0] = 1;
    memcpy(out + 1, parked->subject.bytes, CR_SUBJECT_KEY);
    cr_set_u16le(out + 20, parked->catalog);
    cr_set_u64le(out + 24, parked->line);
    memcpy(out + 32, parked->rule, sizeof parked->rule);
    cr_version_encode(&parked->version, out + 40);
}

credit_result cr_parked_decode(credit_span value, cr_parked *parked, credit_error *err)
{
    if (value.size != CR_PARKED_VALUE || value.data[0] != 1) {
        return cr_fail(err, CREDIT_E_CORRUPT, "an entry of a waiting row is damaged");
    }
    memcpy(parked->subject.bytes, value.data + 1, CR_SUBJECT_KEY);
    parked->catalog = cr_get_u16le(value.data + 20);
    parked->line = cr_get_u64le(value.data + 24);
    memcpy(parked->rule, value.data + 32, sizeof parked->rule);
    parked->rule[sizeof parked->rule - 1] = '\0';
    return cr_version_decode(
        (credit_span){value.data + 40, CR_VERSION_VALUE}, &parked->version, err);
}

static credit_result park(
    cr_admission *admission, const char *entry, const char *rule, credit_error *err)
{
    cr_parked parked;
    char key[8], value[CR_PARKED_VALUE];
    cr_version_key version_key;
    memset(&parked, 0, sizeof parked);
    cr_version_key_decode((credit_span){entry, CR_VERSION_KEY}, &version_key);
    credit_result rc = cr_version_decode(
        (credit_span){entry + ENTRY_VALUE, CR_VERSION_VALUE}, &parked.version, err);
    if (rc != CREDIT_OK) { return rc; }
    parked.subject = version_key.subject;
    parked.catalog = version_key.catalog;
    parked.line = cr_get_u64le(entry + ENTRY_LINE);
    memcpy(parked.rule, rule, strlen(rule) < 8 ? strlen(rule) : 8);
    cr_parked_encode(&parked, value);
    cr_set_u32be(key, admission->options.batch);
    cr_set_u32be(key + 4, version_key.row);
    admission->counts.parked++;
    return cr_put(admission->options.writer, CR_TABLE_PARKED, (credit_span){key, sizeof key},
        (credit_span){value, sizeof value}, err);
}

/* The newest version of the record the pass stands in. */
typedef struct newest {
    bool any;
    uint8_t state;
    char digest[CR_CONTENT_DIGEST];
} newest;

static void count(cr_admission_counts *counts, const newest *before, uint8_t state)
{
    bool withdraws =
        state == CR_VERSION_WITHDRAWN && before->any && before->state == CR_VERSION_CURRENT;
    if (withdraws) {
        counts->withdrawn++;
    } else if (before->any) {
        counts->updated++;
    } else {
        counts->added++;
    }
}

/* Keeps what was admitted at hand, for whoever looks at the subject next. */
static credit_result hold(cr_admission *admission, const char *entry, credit_error *err)
{
    size_t at = admission->held_count * CR_VERSION_ENTRY;
    if (admission->held_count == HELD_MAX) { return CREDIT_OK; }
    if (!cr_grow(&admission->held, &admission->held_room, at + CR_VERSION_ENTRY, 1)) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    memcpy(admission->held + at, entry, CR_VERSION_ENTRY);
    admission->held_count++;
    return CREDIT_OK;
}

static credit_result admit(
    cr_admission *admission, group *g, const char *entry, newest *last, credit_error *err)
{
    const char *rule = NULL;
    cr_version version;
    credit_result rc =
        cr_version_decode((credit_span){entry + ENTRY_VALUE, CR_VERSION_VALUE}, &version, err);
    if (rc != CREDIT_OK) { return rc; }
    if (last->any && memcmp(last->digest, version.digest, CR_CONTENT_DIGEST) == 0) {
        admission->counts.unchanged++;
        return CREDIT_OK;
    }
    rc = parking_rule(admission, g, entry, &rule, err);
    if (rc != CREDIT_OK) { return rc; }
    if (rule != NULL) { return park(admission, entry, rule, err); }
    rc = cr_range_put(&admission->range, (credit_span){entry, CR_VERSION_KEY},
        (credit_span){entry + ENTRY_VALUE, CR_VERSION_VALUE}, err);
    if (rc == CREDIT_OK && !g->stored) { rc = hold(admission, entry, err); }
    if (rc != CREDIT_OK) { return rc; }
    count(&admission->counts, last, version.state);
    g->touched = true;
    if (!last->any && cr_get_u64le(entry + ENTRY_DOCUMENT) != 0) {
        char way[CR_DOCUMENT_KEY];
        cr_set_u64be(way, cr_get_u64le(entry + ENTRY_DOCUMENT));
        memcpy(way + 8, entry, CR_SUBJECT_KEY + 2);
        rc = cr_ways_add(&admission->documents, way, err);
    }
    last->any = true;
    last->state = version.state;
    memcpy(last->digest, version.digest, CR_CONTENT_DIGEST);
    return rc;
}

static credit_result close_group(cr_admission *admission, const group *g, credit_error *err)
{
    if (!g->touched) { return CREDIT_OK; }
    admission->counts.subjects++;
    if (admission->options.touched == NULL) { return CREDIT_OK; }
    bool all = !g->stored && admission->held_count < HELD_MAX;
    cr_touched touched = {
        &g->key, &g->subject, all ? admission->held : NULL, all ? admission->held_count : 0};
    return admission->options.touched(admission->options.touched_ctx, &touched, err);
}

static credit_result look_up_newest(
    cr_admission *admission, const char *entry, newest *last, credit_error *err)
{
    cr_version_key key;
    cr_version stored;
    memset(last, 0, sizeof *last);
    cr_version_key_decode((credit_span){entry, CR_VERSION_KEY}, &key);
    credit_result rc = newest_version(admission, &key, &stored, err);
    if (rc == CREDIT_DONE) { return CREDIT_OK; }
    if (rc != CREDIT_OK) { return rc; }
    last->any = true;
    last->state = stored.state;
    memcpy(last->digest, stored.digest, CR_CONTENT_DIGEST);
    return CREDIT_OK;
}

credit_result cr_admission_finish(cr_admission *admission, const cr_catalog *catalog,
    cr_admission_counts *counts, credit_error *err)
{
    enum { RECORD_PREFIX = CR_VERSION_KEY - 8 };
    char record[RECORD_PREFIX] = {0};
    const char *entry = NULL;
    bool open = false;
    admission->catalog = catalog;
    group g;
    newest last = {0};
    credit_result rc = next_who(admission, err);
    while (
        rc == CREDIT_OK && (rc = cr_sorter_next(admission->versions, &entry, err)) == CREDIT_OK) {
        if (!open || memcmp(g.key.bytes, entry, CR_SUBJECT_KEY) != 0) {
            if (open) { rc = close_group(admission, &g, err); }
            if (rc == CREDIT_OK) { rc = open_group(admission, entry, &g, err); }
            open = true;
        }
        if (rc == CREDIT_OK && memcmp(record, entry, RECORD_PREFIX) != 0) {
            memset(&last, 0, sizeof last);
            if (g.stored) { rc = look_up_newest(admission, entry, &last, err); }
            memcpy(record, entry, RECORD_PREFIX);
        }
        if (rc == CREDIT_OK) { rc = admit(admission, &g, entry, &last, err); }
    }
    if (rc == CREDIT_DONE) { rc = open ? close_group(admission, &g, err) : CREDIT_OK; }
    cr_txn *writer = admission->options.writer;
    if (rc == CREDIT_OK) { rc = cr_ways_write(&admission->documents, writer, err); }
    if (rc == CREDIT_OK) { rc = cr_ways_write(&admission->names, writer, err); }
    *counts = admission->counts;
    return rc;
}
