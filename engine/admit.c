#include "engine/admit.h"

#include <stddef.h>

#include "engine/sorter.h"
#include "engine/text.h"
#include "engine/ways.h"

/* An entry of the version sorter: the version key (it sorts), the version's
 * header, and what only admission needs. */
enum {
    ENTRY_VALUE = CR_VERSION_KEY,
    ENTRY_NAME = CR_VERSION_ENTRY,
    ENTRY_DOCUMENT = ENTRY_NAME + 8,
    ENTRY_LINE = ENTRY_DOCUMENT + 8,
    ENTRY_NUMBER = ENTRY_LINE + 8,
    ENTRY_LEADS,
    ENTRY_LACKS_DECISION,
    ENTRY_SAYS_DAY,
    ENTRY_NEEDS,
    ENTRY_WAS_STORED,
    ENTRY_SIZE
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

/* What one version of a record says. */
typedef struct saying {
    credit_date day;
    uint32_t row;
    uint8_t state;
    char digest[CR_CONTENT_DIGEST];
} saying;

struct cr_admission {
    cr_admission_options options;
    const cr_catalog *catalog; /* of the file */
    cr_sorter *versions, *subjects;
    cr_ways documents, names, numbers;
    cr_phrases *phrases; /* NULL until a frame is stored */
    char *frames;        /* of a block, as they are stored */
    size_t frames_room;
    cr_sayings sayings;           /* rows that said what the store says already */
    cr_range range;               /* over VERSION, for writing */
    cr_range subject_range;       /* over SUBJECT, for writing */
    cr_range touched_range;       /* over TOUCHED, for writing */
    uint64_t *changed;            /* CHANGED_BITS, by record: those that the store had */
    bool moved;                   /* the day of a version that the store had is another now */
    const char *who;              /* the subject sorter's entry not yet used, NULL at the end */
    char *held;                   /* versions of the subject at hand that were admitted */
    size_t held_count, held_room; /* versions; bytes */
    saying *said;                 /* versions of the record at hand that were admitted, */
    size_t said_count, said_room; /* the last of each day */
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
    admission->sayings = (cr_sayings){.tmp = options->tmp, .memory = memory / 16};
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
            memory / 8, err);
    }
    if (rc == CREDIT_OK) {
        rc = cr_ways_open(
            &admission->names, CR_TABLE_NAME, CR_NAME_KEY, options->tmp, memory / 32, err);
    }
    if (rc == CREDIT_OK) {
        rc = cr_ways_open(
            &admission->numbers, CR_TABLE_NUMBER, CR_NUMBER_KEY, options->tmp, memory / 32, err);
    }
    if (rc == CREDIT_OK) {
        rc = cr_range_open(options->writer, CR_TABLE_VERSION, &admission->range, err);
    }
    if (rc == CREDIT_OK) {
        rc = cr_range_open(options->writer, CR_TABLE_SUBJECT, &admission->subject_range, err);
    }
    if (rc == CREDIT_OK) {
        rc = cr_range_open(options->writer, CR_TABLE_TOUCHED, &admission->touched_range, err);
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
    cr_range_close(&admission->touched_range);
    cr_sorter_free(admission->versions);
    cr_sorter_free(admission->subjects);
    cr_ways_close(&admission->documents);
    cr_ways_close(&admission->names);
    cr_phrases_free(admission->phrases);
    cr_free(admission->frames);
    cr_ways_close(&admission->numbers);
    cr_sayings_close(&admission->sayings);
    cr_free(admission->held);
    cr_free(admission->said);
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
    const uint64_t *mark = mark_of(admission, item, &bit);
    return (*mark & bit) != 0;
}

static void note_changed(cr_admission *admission, const cr_item *item)
{
    uint64_t bit;
    uint64_t *mark = mark_of(admission, item, &bit);
    *mark |= bit;
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
    entry[ENTRY_SAYS_DAY] = item->says_day;
    entry[ENTRY_NEEDS] = (char)item->needs_earlier;
    entry[ENTRY_NUMBER] = (char)item->number;
    entry[ENTRY_LEADS] = (char)item->leads;
    entry[ENTRY_LACKS_DECISION] = item->lacks_decision;
    entry[ENTRY_WAS_STORED] = item->was_stored;
    return cr_sorter_add(admission->versions, entry, err);
}

/* One frame behind those of its block that are `size` bytes already. */
static credit_result shorten_frame(
    cr_admission *admission, const cr_block *block, cr_item *item, size_t *size, credit_error *err)
{
    credit_span frame = {block->bytes + item->frame_at, item->version.frame_size};
    const cr_schema *schema = cr_registry_schema(admission->options.registry, item->version.schema);
    size_t room = *size + frame.size + CR_FRAME_LONGER, shortened = 0;
    if (!cr_grow(&admission->frames, &admission->frames_room, room, 1)) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    credit_result rc = cr_frame_shorten(admission->phrases,
        &admission->options.pack->catalogs[schema->catalog_index], frame, admission->frames + *size,
        &shortened, err);
    item->version.frame = *size;
    item->version.frame_size = (uint32_t)shortened;
    *size += shortened;
    return rc;
}

/* The bytes of the rows that changed something, in the order of the file. */
static credit_result store_frames(cr_admission *admission, cr_block *block, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    cr_frame_ref first = 0;
    size_t size = 0;
    for (size_t i = 0; rc == CREDIT_OK && i < block->count; i++) {
        if (block->items[i].unchanged) { continue; }
        if (admission->phrases == NULL) {
            rc = cr_phrases_new(admission->options.writer, &admission->phrases, err);
        }
        if (rc == CREDIT_OK) { rc = shorten_frame(admission, block, &block->items[i], &size, err); }
    }
    if (rc == CREDIT_OK && size > 0) {
        rc = cr_frames_append(
            admission->options.writer, (credit_span){admission->frames, size}, &first, err);
    }
    for (size_t i = 0; i < block->count; i++) {
        if (!block->items[i].unchanged) { block->items[i].version.frame += first; }
    }
    return rc;
}

/* The source said the same again, on a day not before. */
static credit_result confirm(
    cr_admission *admission, const cr_version_key *of, credit_date day, credit_error *err)
{
    char key[CR_VERSION_KEY], value[CR_VERSION_VALUE];
    credit_span stored, at = {key, sizeof key};
    cr_version_key_encode(of, key);
    credit_result rc = cr_get(admission->options.writer, CR_TABLE_VERSION, at, &stored, err);
    if (rc == CREDIT_DONE || (rc == CREDIT_OK && stored.size != sizeof value)) {
        return cr_fail(err, CREDIT_E_CORRUPT, "a record header is damaged");
    }
    if (rc != CREDIT_OK || day <= cr_version_sourced_on(stored.data)) { return rc; }
    memcpy(value, stored.data, sizeof value);
    cr_version_set_sourced_on(value, day);
    admission->moved = admission->moved || of->commit != admission->options.commit;
    return cr_range_put(&admission->range, at, (credit_span){value, sizeof value}, err);
}

static credit_result say_again(cr_admission *admission, const cr_item *item, credit_error *err)
{
    cr_version_key stored = item->key;
    cr_saying again = {item->stored_commit, item->stored_row, item->version.sourced_on,
        item->stored_on, item->says_day};
    credit_result rc = cr_sayings_add(&admission->sayings, &again, err);
    if (rc != CREDIT_OK || !item->says_day) { return rc; }
    stored.commit = item->stored_commit;
    stored.row = item->stored_row;
    return confirm(admission, &stored, item->version.sourced_on, err);
}

/* A row that says what the store says already has been dealt with, unless a row
 * before it has changed the record: then it changes it back. */
static credit_result add_item(cr_admission *admission, const cr_item *item, credit_error *err)
{
    if (item->unchanged && !may_have_changed(admission, item)) {
        admission->counts.unchanged++;
        credit_result rc = say_again(admission, item, err);
        return rc == CREDIT_OK ? CREDIT_DONE : rc;
    }
    if (item->was_stored) { note_changed(admission, item); }
    return add_entry(admission, item, err);
}

static bool names_its_subject(const cr_item *item)
{
    return (item->number == CR_NUMBER_USCC || item->number == CR_NUMBER_PERSON) &&
           !item->lacks_decision;
}

static credit_result add_items(cr_admission *admission, const cr_block *block, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    const cr_item *who = NULL; /* the last that may introduce its subject */
    for (size_t i = 0; i < block->count; i++) {
        const cr_item *item = item_at(block, i);
        rc = add_item(admission, item, err);
        if (rc == CREDIT_DONE || (rc == CREDIT_OK && !names_its_subject(item))) { continue; }
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
    bool retired; /* what was said of its code before this file */
} group;

static credit_result next_who(cr_admission *admission, credit_error *err)
{
    credit_result rc = cr_sorter_next(admission->subjects, &admission->who, err);
    if (rc == CREDIT_DONE) { admission->who = NULL; }
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* The subject's name as a row spells it. */
static credit_result name_from_frame(cr_admission *admission, uint16_t schema_number,
    cr_frame_ref ref, uint32_t size, credit_span *name, credit_error *err)
{
    credit_span frame;
    const cr_schema *schema = cr_registry_schema(admission->options.registry, schema_number);
    *name = (credit_span){"", 0};
    if (schema == NULL) { return cr_fail(err, CREDIT_E_CORRUPT, "a record of no known layout"); }
    credit_result rc = cr_frame_get(admission->options.writer, ref, size, &frame, err);
    int16_t wanted = admission->catalog->role_field[CR_ROLE_SUBJECT_NAME];
    for (size_t i = 0; rc == CREDIT_OK && i < schema->column_count; i++) {
        if (wanted < 0 || schema->field[i] != wanted) { continue; }
        rc = cr_frame_value(admission->options.writer, frame, i, name, err);
    }
    return rc;
}

/* A name the subject bears or has borne. */
static credit_result keep_name(
    cr_admission *admission, const group *g, uint64_t name_hash, credit_error *err)
{
    char way[CR_NAME_KEY];
    cr_subject_name_key(&g->key, name_hash, way);
    return cr_ways_add(&admission->names, way, err);
}

static credit_result put_subject(
    cr_admission *admission, group *g, uint64_t name_hash, uint8_t category, credit_error *err)
{
    g->exists = true;
    g->touched = true;
    cr_catalog_kind kind = admission->catalog->kind;
    g->subject.gone = false;
    g->subject.known = g->subject.known || kind == CR_CATALOG_REGISTER;
    g->subject.corrected = g->subject.corrected || kind == CR_CATALOG_CORRECTION;
    g->subject.name_hash = name_hash;
    if (category != CR_CATEGORY_UNKNOWN) { g->subject.category = category; }
    credit_result rc = cr_subject_put(&admission->subject_range, &g->key, &g->subject, err);
    return rc == CREDIT_OK ? keep_name(admission, g, name_hash, err) : rc;
}

/* The row that introduces a subject. */
static credit_result introduce(
    cr_admission *admission, group *g, const char *who, credit_error *err)
{
    uint8_t number = (uint8_t)cr_match_number_of(cr_subject_key_kind(&g->key));
    cr_match_case c = cr_match_known(admission->catalog, number, CR_LEADS_NOWHERE, false);
    const cr_match_row *row = cr_matching_find(&admission->options.pack->matching, &c);
    bool may = row->outcome == CR_OUTCOME_INTRODUCE || admission->options.matched;
    if (g->exists || !may) { return CREDIT_OK; }
    if (!g->stored) { g->subject.first_commit = admission->options.commit; }
    credit_result rc = name_from_frame(admission, cr_get_u16le(who + WHO_SCHEMA),
        cr_get_u64le(who + WHO_FRAME), cr_get_u32le(who + WHO_FRAME_SIZE), &g->subject.name, err);
    return rc == CREDIT_OK ? put_subject(admission, g, cr_get_u64le(who + WHO_NAME),
                                 (uint8_t)who[WHO_CATEGORY], err)
                           : rc;
}

/* What the register says last is what the subject is called; what it said of days
 * before is a name that the subject has borne. */
static credit_result rename_subject(cr_admission *admission, group *g, const cr_version *version,
    uint64_t name_hash, bool later, credit_error *err)
{
    if (g->subject.known && g->subject.name_hash == name_hash) { return CREDIT_OK; }
    if (later) { return keep_name(admission, g, name_hash, err); }
    credit_result rc = name_from_frame(
        admission, version->schema, version->frame, version->frame_size, &g->subject.name, err);
    return rc == CREDIT_OK ? put_subject(admission, g, name_hash, version->facts.category, err)
                           : rc;
}

static credit_result open_group(
    cr_admission *admission, const char *entry, group *g, credit_error *err)
{
    memset(g, 0, sizeof *g);
    memcpy(g->key.bytes, entry, CR_SUBJECT_KEY);
    admission->held_count = 0;
    credit_result rc = cr_subject_get(admission->options.writer, &g->key, &g->subject, err);
    g->stored = rc == CREDIT_OK;
    g->exists = g->stored && !g->subject.gone;
    if (rc == CREDIT_DONE) { rc = CREDIT_OK; }
    if (rc == CREDIT_OK && g->subject.corrected) {
        rc = cr_code_is_retired(admission->options.writer, admission->options.pack,
            admission->options.registry, &g->key, &g->retired, err);
    }
    while (rc == CREDIT_OK && admission->who != NULL &&
           memcmp(admission->who, g->key.bytes, CR_SUBJECT_KEY) == 0) {
        rc = introduce(admission, g, admission->who, err);
        if (rc == CREDIT_OK) { rc = next_who(admission, err); }
    }
    return rc;
}

/* The row of the matching table that decides of this entry, and how its name lies to
 * the subject's. */
static credit_result match(cr_admission *admission, const group *g, const char *entry,
    const cr_version *version, const cr_match_row **row, cr_match_name *name, credit_error *err)
{
    const cr_admission_options *o = &admission->options;
    cr_match_question question = {
        .known = cr_match_known(admission->catalog, (uint8_t)entry[ENTRY_NUMBER],
            (uint8_t)entry[ENTRY_LEADS], entry[ENTRY_LACKS_DECISION] != 0),
        .key = &g->key,
        .subject = g->exists && entry[ENTRY_NUMBER] != CR_NUMBER_NONE ? &g->subject : NULL,
        .retired = g->retired,
        .name_hash = cr_get_u64le(entry + ENTRY_NAME),
        .on = version->facts.decided_on};
    return cr_match(o->writer, o->pack, o->registry, &question, row, name, err);
}

/* The key of the entry with the number that its row bears itself, where that has led to
 * another. */
static credit_result own_key(cr_admission *admission, const char *entry, const cr_version *version,
    cr_version_key *key, credit_error *err)
{
    const cr_admission_options *o = &admission->options;
    cr_version_key_decode((credit_span){entry, CR_VERSION_KEY}, key);
    return entry[ENTRY_LEADS] == CR_LEADS_TO_ONE
               ? cr_number_own(o->writer, o->pack, o->registry, version,
                     (uint8_t)entry[ENTRY_NUMBER], &key->subject, err)
               : CREDIT_OK;
}

static credit_result park(cr_admission *admission, const char *entry, const cr_version *version,
    const cr_version_key *own, credit_span rule, credit_error *err)
{
    cr_parked parked;
    char key[8], value[CR_PARKED_VALUE];
    memset(&parked, 0, sizeof parked);
    parked.version = *version;
    parked.subject = own->subject;
    parked.commit = admission->options.commit;
    parked.catalog = own->catalog;
    parked.line = cr_get_u64le(entry + ENTRY_LINE);
    parked.needs_earlier = (cr_severity)entry[ENTRY_NEEDS];
    memcpy(parked.rule, rule.data, rule.size);
    cr_parked_encode(&parked, value);
    cr_set_u32be(key, admission->options.batch);
    cr_set_u32be(key + 4, own->row);
    admission->counts.parked++;
    return cr_put(admission->options.writer, CR_TABLE_PARKED, (credit_span){key, sizeof key},
        (credit_span){value, sizeof value}, err);
}

void cr_count_version(cr_admission_counts *counts, const cr_found *before, uint8_t state)
{
    bool withdraws = state == CR_VERSION_WITHDRAWN && before->in_force &&
                     before->version.state == CR_VERSION_CURRENT;
    bool was_removed = before->in_force && before->version.state == CR_VERSION_REMOVED;
    if (withdraws) {
        counts->withdrawn++;
    } else if (before->any && !was_removed) {
        counts->updated++;
    } else {
        counts->added++;
    }
}

/* The rows of a file are of one catalog: what a message is about came before it, or has
 * not come. */
static credit_result count_new(cr_admission *admission, const group *g, const char *entry,
    const cr_version *version, const cr_found *before, credit_error *err)
{
    const cr_admission_options *o = &admission->options;
    const cr_catalog *catalog = admission->catalog;
    cr_version_key key;
    cr_found about = {0};
    credit_result rc = CREDIT_OK;
    if (catalog->message == NULL) {
        cr_count_version(&admission->counts, before, version->state);
        return CREDIT_OK;
    }
    cr_version_key_decode((credit_span){entry, CR_VERSION_KEY}, &key);
    if (g->stored && cr_message_about(o->registry, o->pack, catalog, &version->facts, &key)) {
        rc = cr_earlier_find(o->earlier, &key, CREDIT_DATE_FOREVER, &about, err);
    }
    cr_count_message(&admission->counts, catalog, version, before, &about);
    return rc;
}

/* Of the rows of a file about one record on one day the last is the one that counts. */
static credit_result keep_said(
    cr_admission *admission, const cr_version *version, uint32_t row, credit_error *err)
{
    size_t at = 0;
    while (at < admission->said_count && admission->said[at].day != version->sourced_on) { at++; }
    if (at == admission->said_count) {
        if (!cr_grow(&admission->said, &admission->said_room, at + 1, sizeof *admission->said)) {
            return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
        }
        admission->said_count++;
    }
    admission->said[at] = (saying){.day = version->sourced_on, .row = row, .state = version->state};
    memcpy(admission->said[at].digest, version->digest, CR_CONTENT_DIGEST);
    return CREDIT_OK;
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

/* What is at hand follows what is in the table. */
static void hold_day(cr_admission *admission, const cr_version_key *of, credit_date day)
{
    char key[CR_VERSION_KEY];
    cr_version_key_encode(of, key);
    for (size_t i = 0; i < admission->held_count; i++) {
        char *entry = admission->held + i * CR_VERSION_ENTRY;
        if (memcmp(entry, key, sizeof key) == 0) {
            cr_version_set_sourced_on(entry + CR_VERSION_KEY, day);
        }
    }
    for (size_t i = 0; of->commit == admission->options.commit && i < admission->said_count; i++) {
        if (admission->said[i].row == of->row) { admission->said[i].day = day; }
    }
}

static uint32_t row_of(const char *entry)
{
    return cr_get_u32be(entry + CR_VERSION_KEY - 4);
}

static credit_result say_before(
    cr_admission *admission, const char *entry, const cr_found *before, credit_error *err)
{
    cr_version_key key;
    credit_date day = cr_version_sourced_on(entry + ENTRY_VALUE);
    bool says_day = entry[ENTRY_SAYS_DAY] != 0;
    cr_saying again = {before->commit, before->row, day, before->kept_on, says_day};
    credit_result rc = CREDIT_OK;
    if (before->commit != admission->options.commit) {
        rc = cr_sayings_add(&admission->sayings, &again, err);
    }
    if (rc != CREDIT_OK || !says_day) { return rc; }
    cr_version_key_decode((credit_span){entry, CR_VERSION_KEY}, &key);
    key.commit = before->commit;
    key.row = before->row;
    hold_day(admission, &key, day);
    return confirm(admission, &key, day, err);
}

/* What leads to the subject from now on, beside its code. */
static credit_result add_ways(cr_admission *admission, const char *entry, const cr_version *version,
    bool first, credit_error *err)
{
    const cr_admission_options *o = &admission->options;
    cr_subject_key numbers[CR_NUMBERS_MAX + 1];
    size_t count = 0;
    credit_result rc = CREDIT_OK;
    if (first && cr_get_u64le(entry + ENTRY_DOCUMENT) != 0) {
        char way[CR_DOCUMENT_KEY];
        cr_set_u64be(way, cr_get_u64le(entry + ENTRY_DOCUMENT));
        memcpy(way + 8, entry, CR_SUBJECT_KEY + 2);
        rc = cr_ways_add(&admission->documents, way, err);
    }
    if (rc != CREDIT_OK || !admission->catalog->ties_numbers) { return rc; }
    cr_version_key key;
    cr_version_key_decode((credit_span){entry, CR_VERSION_KEY}, &key);
    rc = cr_numbers_tied(
        o->writer, o->pack, o->registry, &key, version, first, numbers, &count, err);
    for (size_t i = 0; rc == CREDIT_OK && i < count; i++) {
        char way[CR_NUMBER_KEY];
        cr_number_key(&numbers[i], &key.subject, way);
        rc = cr_ways_add(&admission->numbers, way, err);
    }
    return rc;
}

/* Something is said of the subject's code: from now on it is looked at. */
static credit_result note_correction(cr_admission *admission, group *g, credit_error *err)
{
    if (g->subject.corrected) { return CREDIT_OK; }
    credit_result rc = cr_subject_get(admission->options.writer, &g->key, &g->subject, err);
    g->subject.corrected = true;
    return rc == CREDIT_OK ? cr_subject_put(&admission->subject_range, &g->key, &g->subject, err)
                           : rc;
}

/* The entry becomes a version of its subject. */
static credit_result join(cr_admission *admission, group *g, const char *entry,
    const cr_version *version, const cr_found *before, credit_error *err)
{
    credit_result rc = cr_range_put(&admission->range, (credit_span){entry, CR_VERSION_KEY},
        (credit_span){entry + ENTRY_VALUE, CR_VERSION_VALUE}, err);
    if (rc == CREDIT_OK) { rc = hold(admission, entry, err); }
    if (rc != CREDIT_OK) { return rc; }
    if (admission->catalog->kind == CR_CATALOG_REGISTER) {
        rc = rename_subject(
            admission, g, version, cr_get_u64le(entry + ENTRY_NAME), before->later, err);
    } else if (admission->catalog->kind == CR_CATALOG_CORRECTION) {
        rc = note_correction(admission, g, err);
    }
    if (rc == CREDIT_OK && admission->options.matched) {
        rc = keep_name(admission, g, cr_get_u64le(entry + ENTRY_NAME), err);
    }
    if (rc != CREDIT_OK) { return rc; }
    rc = count_new(admission, g, entry, version, before, err);
    if (rc != CREDIT_OK) { return rc; }
    g->touched = true;
    rc = add_ways(admission, entry, version, !before->any, err);
    return rc == CREDIT_OK ? keep_said(admission, version, row_of(entry), err) : rc;
}

/* A row may wait for its subject, or for the record that it speaks of. basis: V27 */
static credit_span parking_rule(const cr_match_row *row, const char *entry, const cr_found *before)
{
    if (row->outcome == CR_OUTCOME_PARK) { return row->rule; }
    return !before->any && entry[ENTRY_NEEDS] == CR_ERROR ? CR_SPAN(CR_PARKED_NO_EARLIER)
                                                          : (credit_span){NULL, 0};
}

/* A row that waits, or that would join another subject than its number's own, may have
 * been decided by a person before: then that stands. */
static credit_result decide(cr_admission *admission, group *g, const char *entry,
    const cr_version *version, const cr_found *before, credit_error *err)
{
    const cr_match_row *row = NULL;
    cr_match_name name;
    cr_version_key own;
    char noted[ENTRY_SIZE];
    bool settled = false;
    credit_result rc = match(admission, g, entry, version, &row, &name, err);
    if (rc != CREDIT_OK) { return rc; }
    credit_span rule = parking_rule(row, entry, before);
    bool decided = admission->options.matched && entry[ENTRY_LACKS_DECISION] == 0;
    bool waits = rule.data != NULL && !decided;
    if (waits || entry[ENTRY_LEADS] == CR_LEADS_TO_ONE) {
        rc = own_key(admission, entry, version, &own, err);
        if (rc == CREDIT_OK) {
            rc = cr_was_settled(admission->options.writer, &own, version->digest, &settled, err);
        }
        if (rc != CREDIT_OK) { return rc; }
    }
    if (settled) {
        admission->counts.unchanged++;
        return CREDIT_OK;
    }
    if (waits) { return park(admission, entry, version, &own, rule, err); }
    admission->counts.warnings += !before->any && entry[ENTRY_NEEDS] == CR_WARNING;
    if (row->outcome == CR_OUTCOME_JOIN_NOTE) {
        memcpy(noted, entry, sizeof noted);
        cr_version_set_note(noted + ENTRY_VALUE, cr_match_note(name, (uint8_t)entry[ENTRY_LEADS]));
        entry = noted;
    }
    return join(admission, g, entry, version, before, err);
}

static credit_result admit(
    cr_admission *admission, group *g, const char *entry, const cr_found *before, credit_error *err)
{
    cr_version version;
    credit_result rc =
        cr_version_decode((credit_span){entry + ENTRY_VALUE, CR_VERSION_VALUE}, &version, err);
    if (rc != CREDIT_OK) { return rc; }
    if (cr_found_says(before, version.digest)) {
        admission->counts.unchanged++;
        return say_before(admission, entry, before, err);
    }
    return decide(admission, g, entry, &version, before, err);
}

static credit_result close_group(cr_admission *admission, const group *g, credit_error *err)
{
    if (!g->touched) { return CREDIT_OK; }
    char entry[CR_TOUCHED_KEY];
    admission->counts.subjects++;
    cr_touched_key(admission->options.commit, &g->key, entry);
    credit_result rc = cr_range_put(
        &admission->touched_range, (credit_span){entry, sizeof entry}, (credit_span){"", 0}, err);
    if (rc != CREDIT_OK || admission->options.touched == NULL) { return rc; }
    bool all = admission->held_count < HELD_MAX && !(g->stored && admission->moved);
    cr_touched touched = {&g->key, &g->subject, all ? admission->held : NULL,
        all ? admission->held_count : 0, g->stored};
    return admission->options.touched(admission->options.touched_ctx, &touched, err);
}

/* What the record of the entry said on the entry's day, in the store or in the rows of
 * the file before this one. */
static credit_result find_before(
    cr_admission *admission, const char *entry, cr_found *before, credit_error *err)
{
    cr_version_key key;
    credit_date day = cr_version_sourced_on(entry + ENTRY_VALUE);
    credit_result rc = CREDIT_OK;
    before->any = before->later = before->in_force = false;
    before->kept_on = 0;
    if (entry[ENTRY_WAS_STORED] != 0) {
        cr_version_key_decode((credit_span){entry, CR_VERSION_KEY}, &key);
        rc = cr_earlier_find(admission->options.earlier, &key, day, before, err);
    }
    for (size_t i = 0; i < admission->said_count; i++) {
        const saying *said = &admission->said[i];
        before->any = true;
        if (said->day > day) {
            before->later = true;
            continue;
        }
        if (before->in_force && said->day < before->version.sourced_on) { continue; }
        before->in_force = true;
        before->commit = admission->options.commit;
        before->row = said->row;
        before->version.sourced_on = said->day;
        before->version.state = said->state;
        memcpy(before->version.digest, said->digest, CR_CONTENT_DIGEST);
    }
    return rc;
}

uint64_t cr_admission_subjects(const cr_admission *admission)
{
    return cr_sorter_count(admission->subjects);
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
    cr_found before = {0};
    cr_txn *writer = admission->options.writer;
    credit_result rc =
        cr_table_fill(writer, CR_TABLE_VERSION, cr_sorter_count(admission->versions), err);
    if (rc == CREDIT_OK) {
        rc = cr_table_fill(writer, CR_TABLE_SUBJECT, cr_sorter_count(admission->subjects), err);
    }
    if (rc == CREDIT_OK) { rc = next_who(admission, err); }
    while (
        rc == CREDIT_OK && (rc = cr_sorter_next(admission->versions, &entry, err)) == CREDIT_OK) {
        if (!open || memcmp(g.key.bytes, entry, CR_SUBJECT_KEY) != 0) {
            if (open) { rc = close_group(admission, &g, err); }
            if (rc == CREDIT_OK) { rc = open_group(admission, entry, &g, err); }
            open = true;
        }
        if (memcmp(record, entry, RECORD_PREFIX) != 0) {
            admission->said_count = 0;
            memcpy(record, entry, RECORD_PREFIX);
        }
        if (rc == CREDIT_OK) { rc = find_before(admission, entry, &before, err); }
        if (rc == CREDIT_OK) { rc = admit(admission, &g, entry, &before, err); }
    }
    if (rc == CREDIT_DONE) { rc = open ? close_group(admission, &g, err) : CREDIT_OK; }
    if (rc == CREDIT_OK) { rc = cr_ways_write(&admission->documents, writer, err); }
    if (rc == CREDIT_OK) { rc = cr_ways_write(&admission->names, writer, err); }
    if (rc == CREDIT_OK) { rc = cr_ways_write(&admission->numbers, writer, err); }
    if (rc == CREDIT_OK) {
        rc = cr_sayings_write(&admission->sayings, writer, admission->options.commit, err);
    }
    *counts = admission->counts;
    return rc;
}
