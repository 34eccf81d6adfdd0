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

enum {
    HELD_MAX = 1024,       /* versions of one subject */
    CHANGED_BITS = 1 << 24 /* 2 MiB */
};

struct cr_admission {
    cr_admission_options options;
    const cr_catalog *catalog; /* of the file */
    cr_sorter *versions, *subjects;
    cr_ways documents, names;
    cr_range range;               /* over VERSION, for writing */
    cr_range subject_range;       /* over SUBJECT, for writing */
    uint64_t *changed;            /* CHANGED_BITS, by record: those that the store had */
    const char *who;              /* the subject sorter's entry not yet used, NULL at the end */
    char *held;                   /* versions of the subject at hand that were admitted */
    size_t held_count, held_room; /* versions; bytes */
    cr_admission_counts counts;
};

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
    admission->changed = cr_alloc(CHANGED_BITS / 8);
    if (admission->changed == NULL) {
        cr_admission_free(admission);
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    memset(admission->changed, 0, CHANGED_BITS / 8);
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
    cr_free(admission->changed);
    cr_free(admission);
}

static cr_item *item_at(const cr_block *block, size_t place)
{
    return (cr_item *)block->order[place];
}

/* ---- records that have changed in this file -------------------------------------------- */

/* Where a record leaves its mark. Its key is a digest: any bits of it are as good. */
static uint64_t *mark_of(cr_admission *admission, const cr_item *item, uint64_t *bit)
{
    uint32_t at = cr_get_u32le(item->key.record) % CHANGED_BITS;
    *bit = UINT64_C(1) << (at % 64);
    return &admission->changed[at / 64];
}

/* May a row of the file before this one have changed the record? Never said to be
 * unchanged when one has. */
static bool may_have_changed(cr_admission *admission, const cr_item *item)
{
    uint64_t bit;
    return (*mark_of(admission, item, &bit) & bit) != 0;
}

static void note_changed(cr_admission *admission, const cr_item *item)
{
    uint64_t bit;
    *mark_of(admission, item, &bit) |= bit;
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

/* The bytes of the rows that changed something, as they stand in the block: in the
 * order of the file. */
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

/* A row that says what the store says already has been dealt with, unless a row
 * before it has changed the record: then it changes it back. */
static credit_result add_item(cr_admission *admission, const cr_item *item, credit_error *err)
{
    if (item->unchanged && !may_have_changed(admission, item)) {
        admission->counts.unchanged++;
        return CREDIT_DONE;
    }
    if (item->was_stored) { note_changed(admission, item); }
    return add_entry(admission, item, err);
}

static credit_result add_items(cr_admission *admission, const cr_block *block, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    const cr_item *who = NULL; /* the last that may introduce its subject */
    for (size_t i = 0; i < block->count; i++) {
        const cr_item *item = item_at(block, i);
        rc = add_item(admission, item, err);
        if (rc == CREDIT_DONE || (rc == CREDIT_OK && item->park != NULL)) { continue; }
        bool first = who == NULL ||
                     memcmp(who->key.subject.bytes, item->key.subject.bytes, CR_SUBJECT_KEY) != 0;
        if (rc == CREDIT_OK && (first || item->key.row < who->key.row)) {
            rc = add_who(admission, item, err);
            who = item;
        }
        if (rc != CREDIT_OK) { return rc; }
    }
    return CREDIT_OK;
}

credit_result cr_admission_add(cr_admission *admission, cr_block *block, credit_error *err)
{
    credit_result rc = store_frames(admission, block, err);
    if (rc == CREDIT_OK) { rc = add_items(admission, block, err); }
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

void cr_settled_key(const cr_version_key *own, char out[CR_SETTLED_KEY])
{
    cr_set_u16be(out, own->catalog);
    memcpy(out + 2, own->record, CR_RECORD_KEY);
    memcpy(out + 2 + CR_RECORD_KEY, own->subject.bytes, CR_SUBJECT_KEY);
}

void cr_settled_value(
    const cr_subject_key *given, const char digest[CR_CONTENT_DIGEST], char out[CR_SETTLED_VALUE])
{
    out[0] = 1;
    memcpy(out + 1, given->bytes, CR_SUBJECT_KEY);
    memcpy(out + 1 + CR_SUBJECT_KEY, digest, CR_CONTENT_DIGEST);
}

/* Has a row that said the same waited before, and been decided? */
static credit_result was_settled(cr_admission *admission, const cr_version_key *key,
    const cr_version *version, bool *was, credit_error *err)
{
    char own[CR_SETTLED_KEY];
    credit_span value;
    cr_settled_key(key, own);
    credit_result rc = cr_get(
        admission->options.writer, CR_TABLE_SETTLED, (credit_span){own, sizeof own}, &value, err);
    *was = rc == CREDIT_OK && value.size == CR_SETTLED_VALUE &&
           memcmp(value.data + 1 + CR_SUBJECT_KEY, version->digest, CR_CONTENT_DIGEST) == 0;
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
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
    bool settled = false;
    if (rc == CREDIT_OK) {
        rc = was_settled(admission, &version_key, &parked.version, &settled, err);
    }
    if (rc != CREDIT_OK) { return rc; }
    if (settled) {
        admission->counts.unchanged++;
        return CREDIT_OK;
    }
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
    credit_result rc = cr_earlier_newest(admission->options.earlier, &key, &stored, err);
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
