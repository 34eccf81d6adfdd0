/* What rules looked at, and what would turn an answer, as others see it. */
#include "api/view.h"

#include <string.h>

#include "engine/text.h"

static credit_result no_memory(credit_error *err)
{
    return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
}

/* The texts are the judge's: they live as long as the answer, until its next judgement. */
credit_result api_fill_inputs(credit_view *view, const cr_reason_input *from, size_t count,
    const credit_input **inputs, credit_error *err)
{
    credit_input *list = cr_arena_array(&view->arena, count + 1, sizeof *list);
    *inputs = list;
    if (list == NULL) { return no_memory(err); }
    for (size_t i = 0; i < count; i++) {
        list[i] = (credit_input){
            from[i].expression, from[i].value, from[i].kind == CR_FEEL_STRING, from[i].wanted};
    }
    return CREDIT_OK;
}

/* ---- sets of changes ------------------------------------------------------------------ */

static const char *change_word(cr_change_kind kind)
{
    static const char *const words[] = {[CR_CHANGE_REGISTERED] = "registered",
        [CR_CHANGE_STATUS] = "status",
        [CR_CHANGE_COVERED] = "covered",
        [CR_CHANGE_CONFIRMED] = "confirmed",
        [CR_CHANGE_REPAIRED] = "repaired",
        [CR_CHANGE_REMOVED] = "removed"};
    return words[kind];
}

static credit_result fill_change(
    credit_view *view, const cr_change *from, credit_change *to, credit_error *err)
{
    *to = (credit_change){change_word(from->kind), NULL, {"", 0}, from->from};
    if (from->catalog >= 0) { to->catalog = view->policy->pack.pack->catalogs[from->catalog].name; }
    if (from->fact == NULL) { return CREDIT_OK; }
    credit_evidence *record = cr_arena_alloc(&view->arena, sizeof *record);
    if (record == NULL) { return no_memory(err); }
    to->record = record;
    return api_fill_evidence(view, from->fact, record, err);
}

static credit_result fill_set(
    credit_view *view, const cr_change_set *from, credit_change_set *to, credit_error *err)
{
    credit_change *changes = cr_arena_array(&view->arena, from->count + 1, sizeof *changes);
    if (changes == NULL) { return no_memory(err); }
    *to = (credit_change_set){changes, from->count};
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < from->count; i++) {
        rc = fill_change(view, from->changes[i], &changes[i], err);
    }
    return rc;
}

static credit_result fill_sets(
    credit_view *view, const cr_goal *goal, credit_why_not *why, credit_error *err)
{
    credit_change_set *sets = cr_arena_array(&view->arena, goal->set_count + 1, sizeof *sets);
    if (sets == NULL) { return no_memory(err); }
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < goal->set_count; i++) {
        rc = fill_set(view, &goal->sets[i], &sets[i], err);
    }
    why->sets = sets;
    why->set_count = goal->set_count;
    why->set_total = goal->set_total;
    why->settled = goal->settled;
    why->turns_on = goal->turns_on;
    return rc;
}

/* ---- what stands against a goal ---------------------------------------------------------- */

static bool is_among(const credit_reason *reason, const credit_reason *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (list[i] == reason) { return true; }
    }
    return false;
}

/* The rows that refuse what was asked for or leave it open: those of the grant, of all
 * grants, or the one that gives the tier. */
static credit_result fill_reasons_against(
    credit_view *view, const cr_judgement *judgement, credit_why_not *why, credit_error *err)
{
    const credit_answer *a = &view->answer;
    const credit_reason **list = cr_arena_array(&view->arena, a->reason_count + 1, sizeof *list);
    if (list == NULL) { return no_memory(err); }
    why->reasons = list;
    if (why->grant == NULL && strcmp(why->goal, "tier") == 0) {
        for (size_t i = 0; i < a->reason_count; i++) {
            if (judgement->reasons[i] == judgement->tier_reason) {
                list[why->reason_count++] = &a->reasons[i];
            }
        }
        return CREDIT_OK;
    }
    for (size_t i = 0; i < a->grant_count; i++) {
        const credit_grant *grant = &a->grants[i];
        if (why->grant != NULL && why->grant != grant) { continue; }
        for (size_t k = 0; k < grant->reason_count; k++) {
            if (is_among(grant->reasons[k], list, why->reason_count)) { continue; }
            list[why->reason_count++] = grant->reasons[k];
        }
    }
    return CREDIT_OK;
}

/* The rows that would have granted it; of the decision, anything. */
static credit_result fill_unspoken(
    credit_view *view, const cr_judgement *judgement, credit_why_not *why, credit_error *err)
{
    credit_unspoken *list =
        cr_arena_array(&view->arena, judgement->unspoken_count + 1, sizeof *list);
    if (list == NULL) { return no_memory(err); }
    why->unspoken = list;
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < judgement->unspoken_count; i++) {
        const cr_unspoken *from = &judgement->unspoken[i];
        bool mine = why->grant == NULL || cr_span_is(from->grant, "*") ||
                    cr_span_equal(from->grant, why->grant->grant);
        if (!mine) { continue; }
        credit_unspoken *to = &list[why->unspoken_count++];
        *to = (credit_unspoken){from->rule, from->text, from->basis, NULL, from->input_count};
        rc = api_fill_inputs(view, from->inputs, from->input_count, &to->inputs, err);
    }
    return rc;
}

static credit_span decision_word(credit_decision decision, bool of_grant)
{
    if (decision == CREDIT_REVIEW) { return CR_SPAN("review"); }
    return of_grant ? CR_SPAN("refuse") : CR_SPAN("ineligible");
}

static credit_result fill_goal(credit_view *view, const cr_judgement *judgement,
    const cr_goal *goal, credit_why_not *why, credit_error *err)
{
    const credit_answer *a = &view->answer;
    *why = (credit_why_not){.goal = "decision", .now = decision_word(a->decision, false)};
    if (goal->kind == CR_GOAL_GRANT) {
        why->goal = "grant";
        why->grant = &a->grants[goal->grant];
        why->now = decision_word(why->grant->given, true);
    } else if (goal->kind == CR_GOAL_TIER) {
        why->goal = "tier";
        why->now = a->tier;
    }
    credit_result rc = fill_reasons_against(view, judgement, why, err);
    if (rc == CREDIT_OK && goal->kind != CR_GOAL_TIER) {
        rc = fill_unspoken(view, judgement, why, err);
    }
    return rc == CREDIT_OK ? fill_sets(view, goal, why, err) : rc;
}

credit_result api_fill_why_not(credit_view *view, const cr_judgement *judgement,
    const cr_judge_question *question, credit_error *err)
{
    const api_policy *policy = view->policy;
    cr_whynot **whynot = &view->bench->whynot;
    const cr_why_not *found = NULL;
    credit_result rc = CREDIT_OK;
    if (*whynot == NULL) {
        rc = cr_whynot_new(policy->pack.pack, &policy->registry, policy->number, whynot, err);
    }
    if (rc == CREDIT_OK) { rc = cr_whynot_ask(*whynot, judgement, question, &found, err); }
    if (rc != CREDIT_OK) { return rc; }
    credit_why_not *list = cr_arena_array(&view->arena, found->goal_count + 1, sizeof *list);
    if (list == NULL) { return no_memory(err); }
    for (size_t i = 0; rc == CREDIT_OK && i < found->goal_count; i++) {
        rc = fill_goal(view, judgement, &found->goals[i], &list[i], err);
    }
    view->answer.explained = true;
    view->answer.why_not = list;
    view->answer.why_not_count = found->goal_count;
    return rc;
}
