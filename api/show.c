/* credit_show: everything the store holds of a subject, for those who run it. */
#include <string.h>

#include "api/answer.h"
#include "engine/message.h"
#include "engine/text.h"

static void put(cr_canon *json, const char *key, credit_span text)
{
    cr_canon_key(json, key);
    cr_canon_string(json, text);
}

/* Personal numbers are shown masked, also to operators. */
static credit_span shown_text(
    const cr_field *field, bool about_person, credit_span value, cr_arena *arena)
{
    if (cr_field_is_private(field, about_person)) {
        return cr_mask(value, field->mask_left, field->mask_right, arena);
    }
    return field->long_text ? cr_mask_free_text(value, arena) : value;
}

static credit_result write_fields(
    credit_view *view, const cr_fact *fact, cr_canon *json, credit_error *err)
{
    credit_span frame;
    cr_frame_view content;
    credit_store *store = view->store;
    bool about_person = cr_id_is_personal(cr_subject_key_kind(&fact->key.subject));
    const cr_schema *schema = cr_registry_schema(&view->policy->registry, fact->version.schema);
    if (schema == NULL) { return cr_fail(err, CREDIT_E_CORRUPT, "a record of no known layout"); }
    cr_frame_reader reader = {
        view->txn, store->crypto, NULL, store->has_persons_key ? store->persons_key : NULL};
    credit_result rc =
        cr_frame_get(view->txn, fact->version.frame, fact->version.frame_size, &frame, err);
    if (rc == CREDIT_OK) {
        rc = cr_frame_decode(&reader, frame, schema->column_count, &view->arena, &content, err);
    }
    if (rc != CREDIT_OK) { return rc; }
    cr_canon_key(json, "fields");
    cr_canon_array(json);
    for (size_t i = 0; i < schema->column_count; i++) {
        if (content.values[i].size == 0 || schema->field[i] < 0) { continue; }
        const cr_field *field = &fact->catalog->fields[schema->field[i]];
        cr_canon_object(json);
        put(json, "code", field->code);
        put(json, "title", field->title);
        put(json, "value", shown_text(field, about_person, content.values[i], &view->arena));
        cr_canon_end_object(json);
    }
    for (size_t i = 0; i < content.extra_count; i++) {
        cr_canon_object(json);
        put(json, "code", (credit_span){"", 0});
        put(json, "title", content.extras[i].name);
        put(json, "value", cr_mask_free_text(content.extras[i].value, &view->arena));
        cr_canon_end_object(json);
    }
    cr_canon_end_array(json);
    return CREDIT_OK;
}

static void write_ruling(const cr_ruling *ruling, cr_canon *json)
{
    cr_canon_key(json, "severity");
    if (ruling->severity == 0) {
        cr_canon_null(json);
    } else {
        cr_canon_string(json, cr_severity_word(ruling->severity));
    }
    cr_canon_key(json, "published");
    cr_canon_bool(json, (ruling->flags & CR_RULED_PUBLISHED) != 0);
    cr_canon_key(json, "published_until");
    api_json_until(json, ruling->published_until);
    cr_canon_key(json, "repairable_from");
    api_json_until(json, ruling->repairable_from);
    cr_canon_key(json, "review");
    cr_canon_bool(json, (ruling->flags & CR_RULED_REVIEW) != 0);
}

/* How the row was joined to the subject, where that is not plain. */
static void write_note(uint8_t note, cr_canon *json)
{
    if (note == 0) { return; }
    cr_canon_key(json, "joined_by");
    cr_canon_array(json);
    if ((note & CR_NOTE_OTHER_NUMBER) != 0) { cr_canon_text(json, "other_number"); }
    if ((note & CR_NOTE_FORMER_NAME) != 0) { cr_canon_text(json, "former_name"); }
    if ((note & CR_NOTE_DECISION) != 0) { cr_canon_text(json, "decision"); }
    cr_canon_end_array(json);
}

/* Another record of the subject by its id; null if there is none. */
static void write_other(cr_canon *json, const char *key, const cr_fact *other)
{
    char id[CR_VERSION_ID] = "";
    if (other != NULL) { cr_version_id(&other->key, id); }
    cr_canon_key(json, key);
    cr_canon_text(json, other == NULL ? NULL : id);
}

static credit_result write_record(
    credit_view *view, const cr_fact *fact, cr_canon *json, credit_error *err)
{
    cr_canon_object(json);
    write_other(json, "record", fact);
    put(json, "catalog", fact->catalog->name);
    put(json, "catalog_title", fact->catalog->title);
    cr_canon_key(json, "state");
    cr_canon_string(json, cr_fact_state_word(cr_fact_state_of(fact)));
    if (fact->catalog->message != NULL) {
        write_other(json, "about", fact->about);
    } else if (cr_fact_message(fact) != NULL) {
        write_other(json, "message", cr_fact_message(fact));
    }
    write_note(fact->version.note, json);
    cr_canon_key(json, "decided_on");
    cr_canon_date(json, fact->version.facts.decided_on);
    cr_canon_key(json, "received_on");
    cr_canon_date(json, fact->version.received_on);
    write_ruling(&fact->version.ruling, json);
    credit_result rc = write_fields(view, fact, json, err);
    cr_canon_end_object(json);
    return rc;
}

static credit_result write_sections(
    credit_view *view, const cr_judgement *judgement, cr_canon *json, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    const cr_pack *pack = view->policy->pack.pack;
    cr_canon_key(json, "sections");
    cr_canon_array(json);
    for (size_t s = 0; rc == CREDIT_OK && s < pack->section_count; s++) {
        bool open = false;
        for (size_t i = 0; rc == CREDIT_OK && i < judgement->fact_count; i++) {
            const cr_fact *fact = &judgement->facts[i];
            if (!cr_span_equal(fact->catalog->section, pack->sections[s].title)) { continue; }
            if (!open) {
                open = true;
                cr_canon_object(json);
                put(json, "title", pack->sections[s].title);
                cr_canon_key(json, "records");
                cr_canon_array(json);
            }
            rc = write_record(view, fact, json, err);
        }
        if (open) {
            cr_canon_end_array(json);
            cr_canon_end_object(json);
        }
    }
    cr_canon_end_array(json);
    return rc;
}

typedef struct nested {
    cr_canon *json;
    const char *key;
} nested;

static int write_nested(void *ctx, const char *text, size_t size)
{
    nested *n = ctx;
    cr_canon_key(n->json, n->key);
    cr_canon_raw(n->json, (credit_span){text, size});
    return 0;
}

credit_result credit_show(credit_view *view, const credit_subject *subject,
    const credit_question *question, credit_write write, void *ctx, credit_error *err)
{
    if (view == NULL || subject == NULL || question == NULL || write == NULL) {
        return cr_fail(
            err, CREDIT_E_USAGE, "a view, a subject, a question and a writer are needed");
    }
    cr_subject_key key;
    cr_judge_question asked;
    const cr_judgement *judgement = NULL;
    const credit_answer *answer = NULL;
    cr_canon json;
    cr_canon_init(&json);
    json.sorted = false;
    cr_canon_object(&json);
    /* The answer first: it is written by the same hand as everywhere else. */
    credit_result rc = credit_check(view, subject, question, &answer, err);
    if (rc == CREDIT_OK && !answer->known) {
        rc = cr_fail(err, CREDIT_E_NOT_FOUND, "the store knows nothing of this subject");
    }
    if (rc == CREDIT_OK) {
        nested into = {&json, "judgement"};
        rc = credit_answer_write(view, question, answer, write_nested, &into, err);
    }
    cr_arena_reset(&view->arena);
    if (rc == CREDIT_OK) { rc = api_judge_question(view, question, &asked, err); }
    if (rc == CREDIT_OK) { rc = api_subject_key(view->store, subject, &key, err); }
    if (rc == CREDIT_OK) { rc = api_judge(view, &key, &asked, &judgement, err); }
    if (rc == CREDIT_OK) {
        cr_canon_key(&json, "subject");
        api_write_subject(&json, &key, judgement->subject->name, judgement->subject->category);
        cr_canon_key(&json, "registered");
        cr_canon_bool(&json, judgement->subject->known);
        cr_canon_key(&json, "status");
        if (judgement->subject->status.size == 0) {
            cr_canon_null(&json);
        } else {
            cr_canon_string(&json, judgement->subject->status);
        }
        rc = write_sections(view, judgement, &json, err);
    }
    cr_canon_end_object(&json);
    if (rc == CREDIT_OK) { rc = api_send(&json, write, ctx, err); }
    cr_canon_free(&json);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}
