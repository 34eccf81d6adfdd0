#include "api/view.h"

#include <string.h>

#include "engine/date.h"
#include "engine/text.h"

static credit_span empty_text(void)
{
    return (credit_span){"", 0};
}

/* ---- opening ------------------------------------------------------------------- */

credit_result api_view_use(credit_view *view, uint32_t number, credit_error *err)
{
    api_bench *bench = view->benches;
    while (bench != NULL && bench->policy->number != number) { bench = bench->next; }
    if (bench == NULL) {
        const api_policy *policy;
        credit_result rc = api_policy_get(view->store, view->txn, number, &policy, err);
        if (rc != CREDIT_OK) { return rc; }
        bench = cr_alloc(sizeof *bench);
        if (bench == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
        rc = cr_judge_new(policy->pack.pack, &policy->registry, policy->number, &bench->judge, err);
        if (rc != CREDIT_OK) {
            cr_free(bench);
            return rc;
        }
        bench->policy = policy;
        bench->whynot = NULL;
        bench->next = view->benches;
        view->benches = bench;
    }
    view->bench = bench;
    view->policy = bench->policy;
    view->judge = bench->judge;
    return CREDIT_OK;
}

static void leave_benches(credit_view *view)
{
    while (view->benches != NULL) {
        api_bench *bench = view->benches;
        view->benches = bench->next;
        cr_whynot_free(bench->whynot);
        cr_judge_free(bench->judge);
        cr_free(bench);
    }
}

/* Until a question names a day: that of the last commit. */
static credit_result choose_first(credit_view *view, credit_error *err)
{
    api_head head;
    credit_result rc = api_head_get(view->txn, &head, err);
    if (rc != CREDIT_OK) { return rc; }
    credit_date day = cr_instant_date(head.at);
    return api_view_use(view, api_timeline_on(&view->timeline, day, UINT32_MAX)->number, err);
}

credit_result credit_view_open(credit_store *store, credit_view **view, credit_error *err)
{
    if (store == NULL || view == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a store and a place for the view are needed");
    }
    *view = NULL;
    credit_view *v = cr_alloc(sizeof *v);
    if (v == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    memset(v, 0, sizeof *v);
    v->store = store;
    credit_result rc = cr_snapshot_begin(store->store, &v->txn, err);
    if (rc == CREDIT_OK) { rc = cr_range_open(v->txn, CR_TABLE_VERSION, &v->versions, err); }
    if (rc == CREDIT_OK) { rc = cr_counting_open(v->txn, &v->counting, err); }
    if (rc == CREDIT_OK) { rc = api_timeline_read(v->txn, &v->timeline, err); }
    if (rc == CREDIT_OK) { rc = choose_first(v, err); }
    if (rc != CREDIT_OK) {
        credit_view_close(v);
        return rc;
    }
    *view = v;
    return CREDIT_OK;
}

credit_result credit_view_refresh(credit_view *view, credit_error *err)
{
    if (view == NULL) { return cr_fail(err, CREDIT_E_USAGE, "a view is needed"); }
    api_timeline now;
    cr_counting_close(&view->counting);
    credit_result rc = cr_snapshot_renew(view->txn, err);
    if (rc == CREDIT_OK) { rc = cr_range_renew(&view->versions, err); }
    if (rc == CREDIT_OK) { rc = cr_counting_open(view->txn, &view->counting, err); }
    if (rc == CREDIT_OK) { rc = api_timeline_read(view->txn, &now, err); }
    if (rc != CREDIT_OK) { return rc; }
    bool same = now.count == view->timeline.count;
    api_timeline_free(same ? &now : &view->timeline);
    if (same) { return CREDIT_OK; }
    view->timeline = now;
    leave_benches(view);
    return choose_first(view, err);
}

void credit_view_close(credit_view *view)
{
    if (view == NULL) { return; }
    leave_benches(view);
    api_timeline_free(&view->timeline);
    cr_counting_close(&view->counting);
    cr_range_close(&view->versions);
    cr_txn_end(view->txn);
    cr_arena_release(&view->arena);
    cr_free(view);
}

/* ---- shared by what reads -------------------------------------------------------- */

credit_result api_subject_key(const credit_store *store, const credit_subject *subject,
    cr_subject_key *key, credit_error *err)
{
    cr_id id = {.kind = (cr_id_kind)subject->kind, .size = subject->size};
    if (subject->size > sizeof subject->number) {
        return cr_fail(err, CREDIT_E_USAGE, "the subject was not made by credit_subject_parse");
    }
    memcpy(id.number, subject->number, subject->size);
    return cr_subject_key_of(
        &id, store->crypto, store->has_persons_key ? store->persons_key : NULL, key, err);
}

static bool matter_is_known(const cr_pack *pack, const char *matter)
{
    return pack->matters == NULL || cr_codeset_find(pack->matters, cr_span_of(matter)) != NULL;
}

credit_result api_judge_question(
    credit_view *view, const credit_question *question, cr_judge_question *out, credit_error *err)
{
    if (question == NULL || question->as_of == CREDIT_DATE_NONE) {
        return cr_fail(err, CREDIT_E_USAGE, "a question with an as-of date is needed");
    }
    *out = (cr_judge_question){.as_of = question->as_of,
        .commit = UINT32_MAX,
        .explain = true,
        .inputs = question->explain};
    credit_result rc = CREDIT_OK;
    if (question->known_at != CREDIT_INSTANT_NONE) {
        rc = api_commit_at(view->txn, question->known_at, &out->commit, err);
    }
    const api_activation *act = api_timeline_on(&view->timeline, out->as_of, out->commit);
    if (rc == CREDIT_OK) { rc = api_view_use(view, act->number, err); }
    if (rc != CREDIT_OK) { return rc; }
    if (question->matter != NULL && !matter_is_known(view->policy->pack.pack, question->matter)) {
        return cr_fail(
            err, CREDIT_E_NOT_FOUND, "%.100s: the pack knows no such matter", question->matter);
    }
    out->matter = cr_span_of(question->matter);
    return CREDIT_OK;
}

credit_result api_judge(credit_view *view, const cr_subject_key *key,
    const cr_judge_question *question, const cr_judgement **judgement, credit_error *err)
{
    return cr_judge_subject(
        view->judge, &view->versions, &view->counting, key, question, judgement, err);
}

credit_result api_version_value(credit_view *view, const cr_version *version, cr_role role,
    credit_span *value, credit_error *err)
{
    return cr_registry_value(&view->policy->registry, view->txn, version, role, value, err);
}

void api_write_subject(
    cr_canon *json, const cr_subject_key *key, credit_span name, uint8_t category)
{
    char id[48];
    cr_canon_object(json);
    cr_canon_key(json, "id");
    cr_canon_string(json, cr_subject_key_print(key, id));
    cr_canon_key(json, "id_type");
    cr_canon_text(json, cr_id_kind_name(cr_subject_key_kind(key)));
    cr_canon_key(json, "name");
    cr_canon_string(json, name);
    cr_canon_key(json, "kind");
    cr_canon_string(json, cr_category_word(category));
    cr_canon_end_object(json);
}

/* ---- answers ------------------------------------------------------------------------ */

credit_result api_fill_evidence(
    credit_view *view, const cr_fact *fact, credit_evidence *evidence, credit_error *err)
{
    cr_version_id(&fact->key, evidence->record);
    evidence->catalog = fact->catalog->name;
    evidence->decided_on = fact->version.facts.decided_on;
    return api_version_value(
        view, &fact->version, CR_ROLE_DOCUMENT_NO, &evidence->document_no, err);
}

static credit_result fill_evidence(
    credit_view *view, const cr_reason *from, credit_reason *to, credit_error *err)
{
    credit_evidence *evidence =
        cr_arena_array(&view->arena, from->evidence_count + 1, sizeof *evidence);
    if (evidence == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    for (size_t i = 0; i < from->evidence_count; i++) {
        credit_result rc = api_fill_evidence(view, from->evidence[i], &evidence[i], err);
        if (rc != CREDIT_OK) { return rc; }
    }
    to->evidence = evidence;
    to->evidence_count = from->evidence_count;
    return CREDIT_OK;
}

static credit_result fill_reasons(
    credit_view *view, const cr_judgement *judgement, credit_reason **out, credit_error *err)
{
    credit_reason *reasons =
        cr_arena_array(&view->arena, judgement->reason_count + 1, sizeof *reasons);
    *out = reasons;
    if (reasons == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < judgement->reason_count; i++) {
        const cr_reason *from = judgement->reasons[i];
        reasons[i].rule = from->rule;
        reasons[i].outcome = from->outcome;
        reasons[i].text = from->text;
        reasons[i].basis = from->basis;
        reasons[i].clears_on = from->clears_on;
        reasons[i].input_count = from->input_count;
        rc = fill_evidence(view, from, &reasons[i], err);
        if (rc == CREDIT_OK && from->input_count > 0) {
            rc = api_fill_inputs(view, from->inputs, from->input_count, &reasons[i].inputs, err);
        }
    }
    return rc;
}

/* The public twin of a reason of the judgement. */
static const credit_reason *twin(
    const cr_judgement *judgement, const credit_reason *reasons, const cr_reason *wanted)
{
    for (size_t i = 0; i < judgement->reason_count; i++) {
        if (judgement->reasons[i] == wanted) { return &reasons[i]; }
    }
    return NULL;
}

static credit_decision decision_of(cr_effect effect)
{
    return effect == CR_EFFECT_GRANT    ? CREDIT_ELIGIBLE
           : effect == CR_EFFECT_REVIEW ? CREDIT_REVIEW
                                        : CREDIT_INELIGIBLE;
}

static credit_result fill_grants(credit_view *view, const cr_judgement *judgement,
    const credit_reason *reasons, credit_error *err)
{
    credit_grant *grants = cr_arena_array(&view->arena, judgement->grant_count + 1, sizeof *grants);
    if (grants == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    for (size_t i = 0; i < judgement->grant_count; i++) {
        const cr_grant_answer *from = &judgement->grants[i];
        const credit_reason **list =
            cr_arena_array(&view->arena, from->reason_count + 1, sizeof *list);
        if (list == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
        for (size_t k = 0; k < from->reason_count; k++) {
            list[k] = twin(judgement, reasons, from->reasons[k]);
        }
        grants[i].grant = from->grant->name;
        grants[i].title = from->grant->title;
        grants[i].given = decision_of(from->given);
        grants[i].reasons = list;
        grants[i].reason_count = from->reason_count;
    }
    view->answer.grants = grants;
    view->answer.grant_count = judgement->grant_count;
    return CREDIT_OK;
}

static credit_result fill_listings(
    credit_view *view, const cr_judgement *judgement, credit_error *err)
{
    credit_listing *listings =
        cr_arena_array(&view->arena, judgement->listing_count + 1, sizeof *listings);
    if (listings == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < judgement->listing_count; i++) {
        const cr_listing *from = &judgement->listings[i];
        listings[i] = (credit_listing){from->roster->name, from->code, from->domain, from->since,
            from->until, empty_text(), empty_text(),
            from->reason == NULL ? empty_text() : from->reason->rule};
        if (from->fact == NULL) { continue; }
        rc = api_version_value(
            view, &from->fact->version, CR_ROLE_DOCUMENT_NO, &listings[i].document_no, err);
        if (rc == CREDIT_OK) {
            rc = api_version_value(
                view, &from->fact->version, CR_ROLE_AUTHORITY, &listings[i].authority, err);
        }
    }
    view->answer.listings = listings;
    view->answer.listing_count = judgement->listing_count;
    return rc;
}

static credit_result answer(credit_view *view, const credit_subject *subject,
    const credit_question *question, bool green_channel, const credit_answer **out,
    credit_error *err)
{
    if (out != NULL) { *out = NULL; }
    if (view == NULL || subject == NULL || out == NULL) {
        return cr_fail(
            err, CREDIT_E_USAGE, "a view, a subject and a place for the answer are needed");
    }
    cr_subject_key key;
    cr_judge_question asked;
    const cr_judgement *judgement = NULL;
    credit_reason *reasons = NULL;
    cr_arena_reset(&view->arena);
    credit_result rc = api_judge_question(view, question, &asked, err);
    asked.green_channel = green_channel;
    if (rc == CREDIT_OK) { rc = api_subject_key(view->store, subject, &key, err); }
    if (rc == CREDIT_OK) { rc = api_judge(view, &key, &asked, &judgement, err); }
    if (rc != CREDIT_OK) { return rc; }
    credit_answer *a = &view->answer;
    char *id = cr_arena_alloc(&view->arena, 48);
    if (id == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    memset(a, 0, sizeof *a);
    a->id = cr_subject_key_print(&key, id);
    a->id_type = cr_span_of(cr_id_kind_name(cr_subject_key_kind(&key)));
    a->name = judgement->subject->name;
    a->kind = cr_category_word(judgement->subject->category);
    a->known = judgement->exists;
    a->decision = decision_of(judgement->green);
    a->tier = judgement->tier;
    a->inspection = judgement->inspection;
    a->next_change = judgement->next_change;
    rc = fill_reasons(view, judgement, &reasons, err);
    a->reasons = reasons;
    a->reason_count = judgement->reason_count;
    if (rc == CREDIT_OK) { rc = fill_listings(view, judgement, err); }
    if (rc == CREDIT_OK && green_channel) { rc = fill_grants(view, judgement, reasons, err); }
    if (rc == CREDIT_OK && question->explain) {
        rc = api_fill_why_not(view, judgement, &asked, err);
    }
    if (rc == CREDIT_OK) { *out = a; }
    return rc;
}

credit_result credit_check(credit_view *view, const credit_subject *subject,
    const credit_question *question, const credit_answer **out, credit_error *err)
{
    return answer(view, subject, question, true, out, err);
}

credit_result credit_tier(credit_view *view, const credit_subject *subject,
    const credit_question *question, const credit_answer **out, credit_error *err)
{
    return answer(view, subject, question, false, out, err);
}
