/* Rosters: who is on them, and who came and went; the nightly pass. */
#include <string.h>

#include "api/answer.h"
#include "engine/date.h"
#include "engine/text.h"

/* What `credit list NAME` names: a roster, or one list code of a roster. */
typedef struct wanted {
    size_t roster;
    uint32_t list; /* 0: all of the roster */
} wanted;

static credit_result find_list(
    const cr_pack *pack, const char *name, wanted *out, credit_error *err)
{
    credit_span text = cr_span_of(name);
    for (size_t i = 0; i < pack->roster_count; i++) {
        const cr_roster_def *roster = &pack->rosters[i];
        *out = (wanted){i, 0};
        if (cr_span_equal(roster->name, text)) { return CREDIT_OK; }
        const cr_code *code = roster->lists == NULL ? NULL : cr_codeset_find(roster->lists, text);
        if (code != NULL) {
            out->list = code->number;
            return CREDIT_OK;
        }
    }
    return cr_fail(err, CREDIT_E_NOT_FOUND, "%.60s: the pack knows no such list", name);
}

static bool matches(const cr_pack *pack, const wanted *w, const api_kept_listing *kept)
{
    return api_kept_roster(pack, kept) == (int)w->roster && (w->list == 0 || w->list == kept->list);
}

static void put(cr_canon *json, const char *key, credit_span text)
{
    cr_canon_key(json, key);
    cr_canon_string(json, text);
}

/* The code and name of a list by its number in the pack; blank if the pack in force
 * does not have the roster any more. */
static void name_list(
    const cr_roster_def *roster, uint32_t list, credit_span *code, credit_span *domain)
{
    *code = *domain = (credit_span){"", 0};
    if (roster == NULL) { return; }
    *domain = roster->title;
    for (size_t i = 0; roster->lists != NULL && i < roster->lists->code_count; i++) {
        if (roster->lists->codes[i].number == list) {
            *code = roster->lists->codes[i].code;
            *domain = roster->lists->codes[i].word;
        }
    }
}

/* The version a kept listing rests on; CREDIT_DONE if a rule computed it. */
static credit_result version_of(credit_view *view, const cr_subject_key *subject,
    const api_kept_listing *kept, cr_version *version, const cr_catalog **catalog,
    credit_error *err)
{
    static const char none[CR_VERSION_KEY - CR_SUBJECT_KEY];
    char key[CR_VERSION_KEY];
    credit_span value;
    if (memcmp(kept->version, none, sizeof none) == 0) { return CREDIT_DONE; }
    memcpy(key, subject->bytes, CR_SUBJECT_KEY);
    memcpy(key + CR_SUBJECT_KEY, kept->version, sizeof none);
    credit_result rc =
        cr_get(view->txn, CR_TABLE_VERSION, (credit_span){key, sizeof key}, &value, err);
    if (rc == CREDIT_DONE) {
        return cr_fail(err, CREDIT_E_CORRUPT, "a listing rests on a record that is not there");
    }
    if (rc != CREDIT_OK) { return rc; }
    int index = cr_registry_catalog(&view->policy->registry, cr_get_u16be(kept->version));
    if (index < 0) { return CREDIT_DONE; }
    *catalog = &view->policy->pack.pack->catalogs[index];
    return cr_version_decode(value, version, err);
}

/* The members that tell of one place on a list. */
static credit_result write_place(credit_view *view, const cr_subject_key *subject,
    const api_kept_listing *kept, cr_canon *json, credit_error *err)
{
    cr_subject who;
    cr_version version;
    const cr_catalog *catalog = NULL;
    credit_span code, domain, document_no = {"", 0}, authority = {"", 0};
    const cr_pack *pack = view->policy->pack.pack;
    int roster = api_kept_roster(pack, kept);
    name_list(roster < 0 ? NULL : &pack->rosters[roster], kept->list, &code, &domain);
    credit_result rc = cr_subject_get(view->txn, subject, &who, err);
    if (rc == CREDIT_DONE) {
        return cr_fail(err, CREDIT_E_CORRUPT, "a listing of a subject that is not there");
    }
    if (rc == CREDIT_OK) { rc = version_of(view, subject, kept, &version, &catalog, err); }
    if (rc == CREDIT_OK) {
        rc = api_version_value(view, &version, CR_ROLE_DOCUMENT_NO, &document_no, err);
    }
    if (rc == CREDIT_OK && catalog != NULL) {
        rc = api_version_value(view, &version, CR_ROLE_AUTHORITY, &authority, err);
    }
    if (rc != CREDIT_OK && rc != CREDIT_DONE) { return rc; }
    cr_canon_key(json, "subject");
    api_write_subject(json, subject, who.name, who.category);
    put(json, "list", cr_span_of(kept->roster));
    put(json, "code", code);
    put(json, "domain", domain);
    cr_canon_key(json, "listed_on");
    cr_canon_date(json, kept->since);
    cr_canon_key(json, "until");
    api_json_until(json, kept->until);
    put(json, "document_no", document_no);
    put(json, "authority", authority);
    return CREDIT_OK;
}

/* ---- who is on it ------------------------------------------------------------------ */

/* The judgement of a subject on the day asked about: the one written down when
 * it holds for that day, else computed. */
static credit_result verdict_on(credit_view *view, const cr_subject_key *subject,
    credit_span stored, const cr_judge_question *asked, api_verdict *verdict, credit_error *err)
{
    const cr_judgement *judgement = NULL;
    credit_result rc = api_verdict_decode(stored, verdict, err);
    if (rc != CREDIT_OK) { return rc; }
    if (asked->commit == UINT32_MAX && verdict->pack == view->policy->number &&
        asked->as_of >= verdict->judged_on && asked->as_of < verdict->due) {
        return CREDIT_OK;
    }
    rc = api_judge(view, subject, asked, &judgement, err);
    return rc == CREDIT_OK
               ? api_verdict_of(judgement, view->policy->number, asked->as_of, verdict, err)
               : rc;
}

static credit_result write_entries(credit_view *view, const cr_subject_key *subject,
    const api_verdict *verdict, const wanted *w, cr_canon *json, credit_write write, void *ctx,
    credit_error *err)
{
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < verdict->listing_count; i++) {
        const api_kept_listing *kept = &verdict->listings[i];
        if (!matches(view->policy->pack.pack, w, kept)) { continue; }
        cr_canon_reset(json);
        cr_canon_object(json);
        rc = write_place(view, subject, kept, json, err);
        cr_canon_end_object(json);
        if (rc == CREDIT_OK) { rc = api_send(json, write, ctx, err); }
    }
    return rc;
}

static credit_result list_entries(credit_view *view, const wanted *w,
    const cr_judge_question *asked, cr_canon *json, credit_write write, void *ctx,
    credit_error *err)
{
    cr_range range;
    api_verdict verdict = {0};
    cr_subject_key subject;
    credit_result rc = cr_range_open(view->txn, CR_TABLE_VERDICT, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_range_seek(&range, (credit_span){NULL, 0});
    while (rc == CREDIT_OK && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        if (range.key.size != CR_SUBJECT_KEY) {
            rc = cr_fail(err, CREDIT_E_CORRUPT, "a judgement entry is damaged");
            break;
        }
        memcpy(subject.bytes, range.key.data, CR_SUBJECT_KEY);
        rc = verdict_on(view, &subject, range.value, asked, &verdict, err);
        if (rc == CREDIT_OK) {
            rc = write_entries(view, &subject, &verdict, w, json, write, ctx, err);
        }
    }
    cr_range_close(&range);
    api_verdict_free(&verdict);
    return rc;
}

/* ---- who came and went ---------------------------------------------------------------- */

credit_result api_write_change(
    credit_view *view, const api_change *change, cr_canon *json, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    cr_canon_key(json, "on");
    cr_canon_date(json, change->on);
    cr_canon_key(json, "change");
    if (change->kind == 't') {
        cr_subject who;
        cr_canon_text(json, "tier");
        rc = cr_subject_get(view->txn, &change->subject, &who, err);
        if (rc == CREDIT_DONE) {
            return cr_fail(err, CREDIT_E_CORRUPT, "a change of a subject that is not there");
        }
        cr_canon_key(json, "subject");
        api_write_subject(json, &change->subject, who.name, who.category);
        cr_canon_key(json, "from");
        cr_canon_text(json, change->tier_before);
        cr_canon_key(json, "to");
        cr_canon_text(json, change->tier_after);
    } else {
        cr_canon_text(json, change->kind == 'e' ? "entered" : "left");
        rc = write_place(view, &change->subject, &change->listing, json, err);
    }
    return rc;
}

/* The changes behind the one with the number `after`; `w` NULL: every change. */
static credit_result list_changes(credit_view *view, uint64_t after, const wanted *w,
    credit_date since, cr_canon *json, credit_write write, void *ctx, credit_error *err)
{
    cr_range range;
    api_change change;
    credit_result rc = api_changes_open(view->txn, after, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    while (rc == CREDIT_OK && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        rc = api_change_decode(range.value, &change, err);
        if (rc != CREDIT_OK) { break; }
        bool told = w == NULL ||
                    (change.kind != 't' && matches(view->policy->pack.pack, w, &change.listing));
        if (!told || change.on < since) { continue; }
        cr_canon_reset(json);
        cr_canon_object(json);
        rc = api_write_change(view, &change, json, err);
        cr_canon_end_object(json);
        if (rc == CREDIT_OK) { rc = api_send(json, write, ctx, err); }
    }
    cr_range_close(&range);
    return rc;
}

credit_result credit_list(credit_view *view, const char *list, const credit_question *question,
    credit_date changes_since, credit_write write, void *ctx, credit_error *err)
{
    if (view == NULL || list == NULL || question == NULL || write == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a view, a list, a question and a writer are needed");
    }
    wanted w;
    cr_judge_question asked;
    cr_canon json;
    cr_canon_init(&json);
    json.sorted = false;
    cr_arena_reset(&view->arena);
    credit_result rc = api_judge_question(view, question, &asked, err);
    if (rc == CREDIT_OK) { rc = find_list(view->policy->pack.pack, list, &w, err); }
    asked.explain = false;
    if (rc == CREDIT_OK) {
        rc = changes_since == CREDIT_DATE_NONE
                 ? list_entries(view, &w, &asked, &json, write, ctx, err)
                 : list_changes(view, 0, &w, changes_since, &json, write, ctx, err);
    }
    cr_canon_free(&json);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* ---- the nightly pass -------------------------------------------------------------------- */

credit_result api_move_due(
    cr_txn *writer, api_verdicts *verdicts, credit_date as_of, uint64_t *moved, credit_error *err)
{
    cr_range range;
    cr_subject_key subject;
    credit_result rc = cr_range_open(writer, CR_TABLE_DUE, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    while (rc == CREDIT_OK) {
        cr_range_seek(&range, (credit_span){NULL, 0});
        rc = cr_range_next(&range, err);
        if (rc != CREDIT_OK) { break; }
        if (range.key.size != 4 + CR_SUBJECT_KEY) {
            rc = cr_fail(err, CREDIT_E_CORRUPT, "a due date is damaged");
            break;
        }
        credit_date due = cr_date_unbias(cr_get_u32be(range.key.data));
        if (due > as_of) { break; }
        memcpy(subject.bytes, range.key.data + 4, CR_SUBJECT_KEY);
        rc = api_verdicts_move(verdicts, due, &subject, err);
        *moved += 1;
    }
    cr_range_close(&range);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* The changes behind a number, read back when they are durable. */
static credit_result tell_changes(
    credit_store *store, uint64_t after, credit_write write, void *ctx, credit_error *err)
{
    credit_view *view = NULL;
    cr_canon json;
    cr_canon_init(&json);
    json.sorted = false;
    credit_result rc = credit_view_open(store, &view, err);
    if (rc == CREDIT_OK) {
        rc = list_changes(view, after, NULL, INT32_MIN, &json, write, ctx, err);
    }
    credit_view_close(view);
    cr_canon_free(&json);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

credit_result credit_evaluate(credit_store *store, credit_date as_of, credit_instant now,
    credit_write write, void *ctx, credit_error *err)
{
    if (store == NULL || write == NULL || as_of == CREDIT_DATE_NONE || now == CREDIT_INSTANT_NONE) {
        return cr_fail(err, CREDIT_E_USAGE, "a store, a day, an instant and a writer are needed");
    }
    cr_txn *writer = NULL;
    api_verdicts *verdicts = NULL;
    api_head head;
    uint64_t moved = 0, told = 0;
    const api_policy *policy = NULL;
    credit_result rc = cr_writer_begin(store->store, &writer, err);
    if (rc == CREDIT_OK) { rc = api_change_last(writer, &told, err); }
    if (rc == CREDIT_OK) { rc = api_policy_on(store, writer, cr_instant_date(now), &policy, err); }
    if (rc == CREDIT_OK) { rc = api_head_get(writer, &head, err); }
    if (rc == CREDIT_OK) { rc = api_head_advance(writer, now, policy->number, &head, err); }
    if (rc == CREDIT_OK) {
        rc = api_verdicts_new(store, writer, head.commit, as_of, NULL, &verdicts, err);
    }
    if (rc == CREDIT_OK) { rc = api_move_due(writer, verdicts, as_of, &moved, err); }
    api_verdicts_free(verdicts);
    if (rc == CREDIT_OK && moved > 0) {
        rc = cr_writer_commit(writer, err);
        writer = NULL;
        if (rc == CREDIT_OK) { rc = tell_changes(store, told, write, ctx, err); }
    }
    cr_txn_end(writer);
    return rc;
}
