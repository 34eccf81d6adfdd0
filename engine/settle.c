#include "engine/settle.h"

#include "engine/text.h"

/* A waiting row and what its frame holds. */
typedef struct waiting {
    char key[8]; /* of PARKED */
    cr_parked parked;
    const cr_catalog *catalog;
    credit_span values[CR_FIELDS_MAX];
    cr_arena arena;
} waiting;

static credit_result must_wait(const cr_settling *s, const waiting *w, credit_error *err)
{
    cr_counting counting;
    bool waits = false;
    credit_result rc = cr_counting_open(s->writer, &counting, err);
    if (rc == CREDIT_OK) { rc = cr_parked_waits(&counting, w->key, &w->parked, &waits, err); }
    cr_counting_close(&counting);
    if (rc != CREDIT_OK || waits) { return rc; }
    return cr_fail(err, CREDIT_E_NOT_FOUND, "no row %u of batch %u waits", cr_get_u32be(w->key + 4),
        cr_get_u32be(w->key));
}

static credit_result find(
    const cr_settling *s, uint32_t batch, uint32_t row, waiting *w, int *catalog, credit_error *err)
{
    credit_span value;
    cr_set_u32be(w->key, batch);
    cr_set_u32be(w->key + 4, row);
    credit_result rc =
        cr_get(s->writer, CR_TABLE_PARKED, (credit_span){w->key, sizeof w->key}, &value, err);
    if (rc == CREDIT_DONE) {
        return cr_fail(err, CREDIT_E_NOT_FOUND, "no row %u of batch %u waits", row, batch);
    }
    if (rc == CREDIT_OK) { rc = cr_parked_decode(value, &w->parked, err); }
    if (rc == CREDIT_OK) { rc = must_wait(s, w, err); }
    if (rc != CREDIT_OK) { return rc; }
    *catalog = cr_registry_catalog(s->registry, w->parked.catalog);
    if (*catalog < 0) {
        return cr_fail(err, CREDIT_E_PACK, "the pack in force does not have the row's catalog");
    }
    w->catalog = &s->pack->catalogs[*catalog];
    return CREDIT_OK;
}

static credit_result read_values(const cr_settling *s, waiting *w, credit_error *err)
{
    credit_span frame;
    cr_frame_view view;
    const cr_version *version = &w->parked.version;
    const cr_frame_reader reader = {s->writer, s->crypto, NULL, s->persons_key};
    const cr_schema *schema = cr_registry_schema(s->registry, version->schema);
    if (schema == NULL) { return cr_fail(err, CREDIT_E_CORRUPT, "a record of no known layout"); }
    for (size_t i = 0; i < CR_FIELDS_MAX; i++) { w->values[i] = (credit_span){"", 0}; }
    credit_result rc = cr_frame_get(s->writer, version->frame, version->frame_size, &frame, err);
    if (rc == CREDIT_OK) {
        rc = cr_frame_decode(&reader, frame, schema->column_count, &w->arena, &view, err);
    }
    if (rc != CREDIT_OK) { return rc; }
    if (view.has_private && s->persons_key == NULL) {
        return cr_fail(err, CREDIT_E_KEY, "the key that protects persons' numbers is not at hand");
    }
    for (size_t i = 0; i < view.value_count; i++) {
        if (schema->field[i] >= 0) { w->values[schema->field[i]] = view.values[i]; }
    }
    return CREDIT_OK;
}

static credit_span value_of(const waiting *w, cr_role role)
{
    int16_t field = w->catalog->role_field[role];
    return field < 0 ? (credit_span){"", 0} : w->values[field];
}

/* ---- what is written -------------------------------------------------------------- */

static credit_result put_key(
    const cr_settling *s, cr_table table, const char *key, size_t size, credit_error *err)
{
    return cr_put(s->writer, table, (credit_span){key, size}, (credit_span){"", 0}, err);
}

/* What the row makes of the subject's entry; `later`: the register has spoken of a later
 * day than the row's. False if nothing. */
static bool renew_subject(const waiting *w, bool is_new, bool later, cr_subject *subject)
{
    bool registers = w->catalog->kind == CR_CATALOG_REGISTER;
    bool corrects = w->catalog->kind == CR_CATALOG_CORRECTION;
    credit_span name = value_of(w, CR_ROLE_SUBJECT_NAME);
    bool renames = is_new || (registers && !later);
    if (renames) {
        subject->category = w->parked.version.facts.category;
        subject->name_hash = cr_name_hash(name);
        subject->name = name;
    }
    bool changes = renames || (registers && !subject->known) || (corrects && !subject->corrected);
    subject->known = subject->known || registers;
    subject->corrected = subject->corrected || corrects;
    return changes;
}

/* The subject, if this makes it known or says more of it, and the row's name as one of
 * its own. */
static credit_result put_subject(const cr_settling *s, const waiting *w, const cr_subject_key *key,
    bool later, credit_error *err)
{
    char way[CR_NAME_KEY];
    cr_range range;
    cr_subject subject;
    cr_subject_name_key(key, cr_name_hash(value_of(w, CR_ROLE_SUBJECT_NAME)), way);
    credit_result rc = put_key(s, CR_TABLE_NAME, way, sizeof way, err);
    if (rc == CREDIT_OK) { rc = cr_subject_get(s->writer, key, &subject, err); }
    if (rc == CREDIT_DONE) {
        subject.first_commit = s->commit;
    } else if (rc != CREDIT_OK) {
        return rc;
    }
    bool is_new = rc == CREDIT_DONE || subject.gone;
    subject.gone = false;
    if (!renew_subject(w, is_new, later, &subject)) { return CREDIT_OK; }
    rc = cr_range_open(s->writer, CR_TABLE_SUBJECT, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    rc = cr_subject_put(&range, key, &subject, err);
    cr_range_close(&range);
    return rc;
}

static credit_result put_numbers(const cr_settling *s, const waiting *w, const cr_version_key *key,
    bool first, credit_error *err)
{
    cr_subject_key numbers[CR_NUMBERS_MAX + 1];
    char way[CR_NUMBER_KEY];
    size_t count = 0;
    credit_result rc = cr_numbers_tied(
        s->writer, s->pack, s->registry, key, &w->parked.version, first, numbers, &count, err);
    for (size_t i = 0; rc == CREDIT_OK && i < count; i++) {
        cr_number_key(&numbers[i], &key->subject, way);
        rc = put_key(s, CR_TABLE_NUMBER, way, sizeof way, err);
    }
    return rc;
}

static credit_result find_in_force(const cr_settling *s, const cr_version_key *key, credit_date day,
    cr_found *found, credit_error *err)
{
    cr_range range;
    credit_result rc = cr_range_open(s->writer, CR_TABLE_VERSION, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    rc = cr_version_find(&range, key, day, found, err);
    cr_range_close(&range);
    return rc;
}

static credit_result count_version(const cr_settling *s, const waiting *w,
    const cr_version_key *key, const cr_found *before, cr_admission_counts *counts,
    credit_error *err)
{
    const cr_version *version = &w->parked.version;
    cr_version_key about_key = *key;
    cr_found about = {0};
    credit_result rc = CREDIT_OK;
    if (w->catalog->message == NULL) {
        cr_count_version(counts, before, version->state);
        return CREDIT_OK;
    }
    if (cr_message_about(s->registry, s->pack, w->catalog, &version->facts, &about_key)) {
        rc = find_in_force(s, &about_key, CREDIT_DATE_FOREVER, &about, err);
    }
    cr_count_message(counts, w->catalog, version, before, &about);
    return rc;
}

/* The day of the version stays: a decision does not say when its source spoke. */
static credit_result say_again(
    const cr_settling *s, const cr_found *before, credit_date day, credit_error *err)
{
    enum { ONE_ROW = 4096 };
    cr_sayings one = {.tmp = ".", .memory = ONE_ROW};
    cr_saying saying = {before->commit, before->row, day, before->kept_on, false};
    credit_result rc = cr_sayings_add(&one, &saying, err);
    if (rc == CREDIT_OK) { rc = cr_sayings_write(&one, s->writer, s->commit, err); }
    cr_sayings_close(&one);
    return rc;
}

static credit_result put_version(const cr_settling *s, const waiting *w, const cr_version_key *key,
    bool *later, cr_admission_counts *counts, credit_error *err)
{
    char bytes[CR_VERSION_KEY], value[CR_VERSION_VALUE], way[CR_DOCUMENT_KEY];
    cr_found before;
    const cr_version *version = &w->parked.version;
    credit_result rc = find_in_force(s, key, version->sourced_on, &before, err);
    if (rc != CREDIT_OK) { return rc; }
    *later = before.later;
    if (cr_found_says(&before, version->digest)) {
        counts->unchanged++;
        return say_again(s, &before, version->sourced_on, err);
    }
    cr_version_key_encode(key, bytes);
    cr_version_encode(version, value);
    rc = cr_put(s->writer, CR_TABLE_VERSION, (credit_span){bytes, sizeof bytes},
        (credit_span){value, sizeof value}, err);
    if (rc != CREDIT_OK) { return rc; }
    rc = count_version(s, w, key, &before, counts, err);
    if (rc != CREDIT_OK) { return rc; }
    counts->subjects++;
    rc = cr_touched_put(s->writer, s->commit, &key->subject, err);
    if (rc == CREDIT_OK) { rc = put_numbers(s, w, key, !before.any, err); }
    if (rc != CREDIT_OK) { return rc; }
    uint64_t document = cr_document_hash(value_of(w, CR_ROLE_DOCUMENT_NO));
    if (before.any || document == 0) { return CREDIT_OK; }
    cr_set_u64be(way, document);
    memcpy(way + 8, bytes, CR_SUBJECT_KEY + 2);
    return put_key(s, CR_TABLE_DOCUMENT, way, sizeof way, err);
}

/* So that the row does not wait again when it is sent again. */
static credit_result keep_decision(
    const cr_settling *s, const waiting *w, const cr_version_key *key, credit_error *err)
{
    char entry[CR_SETTLED_KEY], value[CR_SETTLED_VALUE];
    cr_version_key own = *key;
    own.subject = w->parked.subject;
    cr_settled_key(&own, entry);
    cr_settled_value(&key->subject, w->parked.version.digest, s->commit, value);
    return cr_put(s->writer, CR_TABLE_SETTLED, (credit_span){entry, sizeof entry},
        (credit_span){value, sizeof value}, err);
}

/* The row itself is kept: the decision may be undone. */
static credit_result put_decided(const cr_settling *s, const waiting *w, credit_error *err)
{
    char key[CR_DECIDED_KEY];
    memcpy(key, w->key, sizeof w->key);
    cr_set_u32be(key + sizeof w->key, s->commit);
    return put_key(s, CR_TABLE_DECIDED, key, sizeof key, err);
}

static credit_result may_settle(const waiting *w, const cr_subject_key *subject, credit_error *err)
{
    cr_id_kind own = cr_subject_key_kind(&w->parked.subject);
    bool bears_number = own == CR_ID_USCC || cr_id_is_personal(own);
    if (cr_lacks_its_decision(w->catalog, w->values)) {
        return cr_fail(err, CREDIT_E_DATA,
            "an entry of a serious list without its decision: it must be sent again with it");
    }
    if (bears_number && memcmp(w->parked.subject.bytes, subject->bytes, CR_SUBJECT_KEY) != 0) {
        return cr_fail(err, CREDIT_E_DATA, "the row bears another number: two are never joined");
    }
    return CREDIT_OK;
}

/* The row becomes a version of the subject and waits no more. */
static credit_result bring_in(const cr_settling *s, waiting *w, const cr_version_key *key,
    cr_admission_counts *counts, credit_error *err)
{
    bool later = false;
    credit_result rc = put_version(s, w, key, &later, counts, err);
    if (rc == CREDIT_OK) { rc = put_subject(s, w, &key->subject, later, err); }
    return rc == CREDIT_OK ? put_decided(s, w, err) : rc;
}

static credit_result key_for(const cr_settling *s, const waiting *w, uint32_t row,
    const cr_subject_key *subject, cr_version_key *key, credit_error *err)
{
    *key = (cr_version_key){
        .subject = *subject, .catalog = w->parked.catalog, .commit = s->commit, .row = row};
    return cr_record_key_of(w->catalog, w->values, s->crypto, s->hasher, key->record, err);
}

static credit_result new_waiting(waiting **out, credit_error *err)
{
    *out = cr_alloc(sizeof **out);
    if (*out == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    memset(*out, 0, sizeof **out);
    return CREDIT_OK;
}

static void free_waiting(waiting *w)
{
    cr_arena_release(&w->arena);
    cr_free(w);
}

credit_result cr_settle(const cr_settling *s, uint32_t batch, uint32_t row,
    const cr_subject_key *subject, cr_admission_counts *counts, int *catalog, credit_error *err)
{
    waiting *w = NULL;
    cr_version_key key;
    memset(counts, 0, sizeof *counts);
    credit_result rc = new_waiting(&w, err);
    if (rc != CREDIT_OK) { return rc; }
    rc = find(s, batch, row, w, catalog, err);
    if (rc == CREDIT_OK) { rc = read_values(s, w, err); }
    if (rc == CREDIT_OK) { rc = may_settle(w, subject, err); }
    if (rc == CREDIT_OK) { rc = key_for(s, w, row, subject, &key, err); }
    w->parked.version.note |= CR_NOTE_DECISION;
    if (rc == CREDIT_OK) { rc = bring_in(s, w, &key, counts, err); }
    if (rc == CREDIT_OK) { rc = keep_decision(s, w, &key, err); }
    free_waiting(w);
    return rc;
}

/* ---- asking the table again ------------------------------------------------------------ */

/* The row of the matching table that decides today, and the subject it speaks of. */
static credit_result ask_again(const cr_settling *s, waiting *w, cr_subject_key *key,
    const cr_match_row **row, credit_error *err)
{
    cr_match_leads leads = CR_LEADS_NOWHERE;
    cr_match_name name;
    cr_subject subject;
    bool retired = false;
    uint8_t number = (uint8_t)cr_match_number_of(cr_subject_key_kind(&w->parked.subject));
    credit_result rc = CREDIT_OK;
    *key = w->parked.subject;
    if (number == CR_NUMBER_ORG_CODE || number == CR_NUMBER_REG_NO) {
        rc = cr_number_leads(s->writer, s->pack, s->registry, &w->parked.subject, key, &leads, err);
    }
    if (rc == CREDIT_OK && leads == CR_LEADS_TO_SEVERAL) { *key = w->parked.subject; }
    if (rc == CREDIT_OK) { rc = cr_subject_get(s->writer, key, &subject, err); }
    bool exists = rc == CREDIT_OK && !subject.gone;
    if (exists && subject.corrected) {
        rc = cr_code_is_retired(s->writer, s->pack, s->registry, key, &retired, err);
    }
    if (rc != CREDIT_OK && rc != CREDIT_DONE) { return rc; }
    cr_match_question question = {.known = cr_match_known(w->catalog, number, (uint8_t)leads,
                                      cr_lacks_its_decision(w->catalog, w->values)),
        .key = key,
        .subject = exists ? &subject : NULL,
        .retired = retired,
        .name_hash = cr_name_hash(value_of(w, CR_ROLE_SUBJECT_NAME)),
        .on = w->parked.version.facts.decided_on};
    rc = cr_match(s->writer, s->pack, s->registry, &question, row, &name, err);
    if (rc == CREDIT_OK && (*row)->outcome == CR_OUTCOME_JOIN_NOTE) {
        w->parked.version.note = cr_match_note(name, (uint8_t)leads);
    }
    return rc;
}

/* The row waits on, perhaps for another reason. */
static credit_result keep_waiting(
    const cr_settling *s, waiting *w, credit_span rule, bool *changed, credit_error *err)
{
    char value[CR_PARKED_VALUE], text[CR_MATCH_RULE] = {0};
    memcpy(text, rule.data, rule.size);
    if (memcmp(text, w->parked.rule, sizeof text) == 0) { return CREDIT_OK; }
    *changed = true;
    memcpy(w->parked.rule, text, sizeof text);
    cr_parked_encode(&w->parked, value);
    return cr_put(s->writer, CR_TABLE_PARKED, (credit_span){w->key, sizeof w->key},
        (credit_span){value, sizeof value}, err);
}

/* A row that speaks of an earlier record waits until that is there. basis: V27 */
static credit_result has_what_it_needs(
    const cr_settling *s, const waiting *w, const cr_version_key *key, bool *has, credit_error *err)
{
    cr_found before;
    *has = true;
    if (w->parked.needs_earlier != CR_ERROR) { return CREDIT_OK; }
    credit_result rc = find_in_force(s, key, w->parked.version.sourced_on, &before, err);
    *has = before.any;
    return rc;
}

/* The row goes in, if nothing else holds it back. */
static credit_result let_in(const cr_settling *s, waiting *w, const cr_version_key *key,
    cr_admission_counts *counts, cr_settled_again *outcome, credit_error *err)
{
    credit_result rc = has_what_it_needs(s, w, key, &outcome->went_in, err);
    if (rc != CREDIT_OK) { return rc; }
    return outcome->went_in
               ? bring_in(s, w, key, counts, err)
               : keep_waiting(s, w, CR_SPAN(CR_PARKED_NO_EARLIER), &outcome->changed, err);
}

credit_result cr_settle_again(const cr_settling *s, uint32_t batch, uint32_t row, uint32_t as_row,
    cr_admission_counts *counts, cr_settled_again *outcome, credit_error *err)
{
    waiting *w = NULL;
    cr_version_key key;
    cr_subject_key subject;
    const cr_match_row *match = NULL;
    int catalog;
    memset(outcome, 0, sizeof *outcome);
    credit_result rc = new_waiting(&w, err);
    if (rc != CREDIT_OK) { return rc; }
    rc = find(s, batch, row, w, &catalog, err);
    if (rc == CREDIT_OK) { rc = read_values(s, w, err); }
    if (rc == CREDIT_E_PACK || rc == CREDIT_E_KEY) { /* nothing can be said of it today */
        free_waiting(w);
        return CREDIT_OK;
    }
    if (rc == CREDIT_OK) { rc = ask_again(s, w, &subject, &match, err); }
    if (rc == CREDIT_OK && match->outcome == CR_OUTCOME_PARK) {
        rc = keep_waiting(s, w, match->rule, &outcome->changed, err);
    } else if (rc == CREDIT_OK) {
        rc = key_for(s, w, as_row, &subject, &key, err);
        if (rc == CREDIT_OK) { rc = let_in(s, w, &key, counts, outcome, err); }
    }
    free_waiting(w);
    return rc;
}

credit_result cr_settle_drop(
    const cr_settling *s, uint32_t batch, uint32_t row, int *catalog, credit_error *err)
{
    waiting *w = NULL;
    credit_result rc = new_waiting(&w, err);
    if (rc != CREDIT_OK) { return rc; }
    rc = find(s, batch, row, w, catalog, err);
    if (rc == CREDIT_OK) { rc = put_decided(s, w, err); }
    free_waiting(w);
    return rc;
}
