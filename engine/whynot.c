#include "engine/whynot.h"

#include "engine/text.h"
#include "engine/whynot_changes.h"

struct cr_whynot {
    cr_judge *judge; /* of its own: thousands of trials leave that of the answers as it is */
    cr_change_scope scope;
    cr_file file; /* being tried */
    cr_arena arena;
    cr_why_not answer;
    /* What is being asked, and how far it has come. */
    const cr_judgement *judgement;
    cr_judge_question question;
    cr_goal *goals;
    bool *reached;            /* one per goal: by the file tried last */
    const cr_change **chosen; /* the set being tried */
    size_t chosen_count;
    uint64_t tries, tries_max;
};

static credit_result no_memory(credit_error *err)
{
    return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
}

credit_result cr_whynot_new(const cr_pack *pack, const cr_registry *registry, uint32_t pack_number,
    cr_whynot **out, credit_error *err)
{
    *out = NULL;
    cr_whynot *w = cr_alloc(sizeof *w);
    if (w == NULL) { return no_memory(err); }
    memset(w, 0, sizeof *w);
    credit_result rc = cr_judge_new(pack, registry, pack_number, &w->judge, err);
    if (rc == CREDIT_OK) { rc = cr_change_scope_read(pack, &w->scope, err); }
    if (rc != CREDIT_OK) {
        cr_whynot_free(w);
        return rc;
    }
    *out = w;
    return CREDIT_OK;
}

void cr_whynot_free(cr_whynot *whynot)
{
    if (whynot == NULL) { return; }
    cr_judge_free(whynot->judge);
    cr_file_free(&whynot->file);
    cr_arena_release(&whynot->arena);
    cr_free(whynot);
}

/* ---- goals ------------------------------------------------------------------------------ */

/* How far a tier is from the best one; beyond them all where none is given. */
static size_t tier_rank(const cr_pack *pack, credit_span tier)
{
    size_t rank = 0;
    while (rank < pack->tier_count && !cr_span_equal(pack->tiers[rank], tier)) { rank++; }
    return rank;
}

static bool reaches(const cr_whynot *w, const cr_judgement *then, const cr_goal *goal)
{
    const cr_pack *pack = w->scope.pack;
    switch (goal->kind) {
    case CR_GOAL_GRANT:
        return then->grants[goal->grant].given == CR_EFFECT_GRANT;
    case CR_GOAL_TIER:
        return tier_rank(pack, then->tier) < tier_rank(pack, w->judgement->tier);
    default:
        return then->green == CR_EFFECT_GRANT;
    }
}

static void add_goal(cr_whynot *w, cr_goal_kind kind, size_t grant)
{
    w->goals[w->answer.goal_count++] =
        (cr_goal){.kind = kind, .grant = grant, .turns_on = CREDIT_DATE_NONE};
}

/* What was asked for and not given. */
static credit_result set_goals(cr_whynot *w, credit_error *err)
{
    const cr_judgement *j = w->judgement;
    w->goals = cr_arena_array(&w->arena, j->grant_count + 2, sizeof *w->goals);
    w->reached = cr_arena_array(&w->arena, j->grant_count + 2, sizeof *w->reached);
    if (w->goals == NULL || w->reached == NULL) { return no_memory(err); }
    w->answer.goals = w->goals;
    if (j->grant_count > 0 && j->green != CR_EFFECT_GRANT) { add_goal(w, CR_GOAL_DECISION, 0); }
    for (size_t i = 0; i < j->grant_count; i++) {
        if (j->grants[i].given != CR_EFFECT_GRANT) { add_goal(w, CR_GOAL_GRANT, i); }
    }
    if (w->scope.pack->tier_count > 0 && tier_rank(w->scope.pack, j->tier) > 0) {
        add_goal(w, CR_GOAL_TIER, 0);
    }
    return CREDIT_OK;
}

/* ---- trying -------------------------------------------------------------------------------- */

/* Judges the file as it is; of the goals that were reached, those are left that this
 * reaches. */
static credit_result judge_on(
    cr_whynot *w, credit_date day, const cr_judgement **then, credit_error *err)
{
    cr_judge_question question = w->question;
    question.as_of = day;
    question.explain = question.inputs = false;
    w->tries++;
    credit_result rc = cr_judge_file(w->judge, &w->file, &question, then, err);
    for (size_t i = 0; rc == CREDIT_OK && i < w->answer.goal_count; i++) {
        w->reached[i] = w->reached[i] && reaches(w, *then, &w->goals[i]);
    }
    return rc;
}

static void reach_all(cr_whynot *w)
{
    for (size_t i = 0; i < w->answer.goal_count; i++) { w->reached[i] = true; }
}

/* A register entry that is not there yet will say since when: any day may come. */
static bool is_day_open(const cr_whynot *w)
{
    for (size_t i = 0; i < w->chosen_count; i++) {
        if (w->chosen[i]->kind == CR_CHANGE_REGISTERED) {
            return w->file.subject.registered_on == CREDIT_DATE_NONE;
        }
    }
    return false;
}

static credit_result try_chosen(cr_whynot *w, credit_error *err)
{
    const cr_judgement *then = NULL;
    const credit_date as_of = w->question.as_of;
    credit_result rc =
        cr_changes_apply(&w->scope, w->judgement, as_of, w->chosen, w->chosen_count, &w->file, err);
    reach_all(w);
    const bool open = is_day_open(w);
    if (rc == CREDIT_OK) { rc = judge_on(w, as_of, &then, err); }
    const credit_date days[] = {as_of, w->scope.pack->earliest_date};
    for (size_t i = 0; rc == CREDIT_OK && open && i < sizeof days / sizeof *days; i++) {
        w->file.subject.registered_on = days[i];
        rc = judge_on(w, as_of, &then, err);
    }
    return rc;
}

/* Adds the set that is chosen to those of the goal. */
static credit_result keep_set(cr_whynot *w, cr_goal *goal, credit_error *err)
{
    size_t count = w->chosen_count;
    goal->set_total++;
    if (goal->set_count == CR_GOAL_SETS) { return CREDIT_OK; }
    cr_change_set *sets = cr_arena_array(&w->arena, goal->set_count + 1, sizeof *sets);
    const cr_change **changes = cr_arena_array(&w->arena, count + 1, sizeof *changes);
    if (sets == NULL || changes == NULL) { return no_memory(err); }
    for (size_t i = 0; i < goal->set_count; i++) { sets[i] = goal->sets[i]; }
    memcpy(changes, w->chosen, count * sizeof *changes);
    sets[goal->set_count++] = (cr_change_set){changes, count};
    goal->sets = sets;
    return CREDIT_OK;
}

/* ---- smaller sets first ------------------------------------------------------------------ */

/* Is the goal still looked for among sets of that size? Those found before were smaller. */
static bool is_open(const cr_goal *goal, size_t size)
{
    return goal->set_count == 0 || goal->sets[0].count == size;
}

static bool any_open(const cr_whynot *w, size_t size)
{
    for (size_t i = 0; i < w->answer.goal_count; i++) {
        if (is_open(&w->goals[i], size)) { return true; }
    }
    return false;
}

/* Of one record only one thing becomes. */
static bool is_apart(const cr_whynot *w, const cr_change *change)
{
    for (size_t i = 0; i < w->chosen_count; i++) {
        if (change->fact != NULL && w->chosen[i]->fact == change->fact) { return false; }
    }
    return true;
}

/* Tries what is chosen with `more` changes from `first` on. */
static credit_result extend(cr_whynot *w, size_t first, size_t more, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    if (more == 0) {
        rc = try_chosen(w, err);
        for (size_t i = 0; rc == CREDIT_OK && i < w->answer.goal_count; i++) {
            bool counts = w->reached[i] && is_open(&w->goals[i], w->chosen_count);
            if (counts) { rc = keep_set(w, &w->goals[i], err); }
        }
        return rc;
    }
    for (size_t i = first; rc == CREDIT_OK && i + more <= w->answer.change_count; i++) {
        if (!is_apart(w, &w->answer.changes[i])) { continue; }
        w->chosen[w->chosen_count++] = &w->answer.changes[i];
        rc = extend(w, i + 1, more - 1, err);
        w->chosen_count--;
    }
    return rc;
}

/* n over k, or more than any limit of ours. */
static uint64_t combinations(uint64_t n, uint64_t k)
{
    uint64_t ways = 1;
    for (uint64_t i = 1; i <= k && ways <= CR_WHYNOT_TRIES; i++) { ways = ways * (n - k + i) / i; }
    return ways;
}

static credit_result search(cr_whynot *w, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    size_t size = 1, most = w->answer.change_count;
    for (; rc == CREDIT_OK && size <= most && any_open(w, size); size++) {
        if (w->tries + combinations(most, size) > w->tries_max) { break; }
        rc = extend(w, 0, size, err);
    }
    for (size_t i = 0; i < w->answer.goal_count; i++) {
        w->goals[i].settled = w->goals[i].set_count > 0 || size > most;
    }
    return rc;
}

/* ---- where there are too many sets ----------------------------------------------------------- */

/* Everything that may become at once, of each record the first. */
static void choose_all(cr_whynot *w)
{
    w->chosen_count = 0;
    for (size_t i = 0; i < w->answer.change_count; i++) {
        const cr_change *change = &w->answer.changes[i];
        if (is_apart(w, change)) { w->chosen[w->chosen_count++] = change; }
    }
}

static void leave_out(cr_whynot *w, size_t index)
{
    w->chosen_count--;
    memmove(&w->chosen[index], &w->chosen[index + 1],
        (w->chosen_count - index) * sizeof(const cr_change *));
}

/* Leaves out of all that may become what the goal does not need, the last first. Of
 * what is left nothing can be spared; whether another set is smaller is not known. */
static credit_result reduce(cr_whynot *w, size_t goal, credit_error *err)
{
    choose_all(w);
    credit_result rc = try_chosen(w, err);
    if (rc != CREDIT_OK || !w->reached[goal]) { return rc; }
    for (size_t i = w->chosen_count; rc == CREDIT_OK && i-- > 0;) {
        const cr_change *spared = w->chosen[i];
        leave_out(w, i);
        rc = try_chosen(w, err);
        if (rc == CREDIT_OK && w->reached[goal]) { continue; }
        memmove(
            &w->chosen[i + 1], &w->chosen[i], (w->chosen_count - i) * sizeof(const cr_change *));
        w->chosen[i] = spared;
        w->chosen_count++;
    }
    return rc == CREDIT_OK ? keep_set(w, &w->goals[goal], err) : rc;
}

/* Reducing tries each change of each goal once. */
static bool is_reducible(const cr_whynot *w)
{
    return w->answer.change_count * w->answer.goal_count <= w->tries_max;
}

static credit_result find_sets(cr_whynot *w, credit_error *err)
{
    w->chosen = cr_arena_array(&w->arena, w->answer.change_count + 1, sizeof *w->chosen);
    if (w->chosen == NULL) { return no_memory(err); }
    w->chosen_count = 0;
    w->tries = 0;
    w->tries_max = CR_WHYNOT_LOOKS / (w->judgement->fact_count + 1);
    if (w->tries_max > CR_WHYNOT_TRIES) { w->tries_max = CR_WHYNOT_TRIES; }
    credit_result rc = search(w, err);
    for (size_t i = 0; rc == CREDIT_OK && is_reducible(w) && i < w->answer.goal_count; i++) {
        if (!w->goals[i].settled) { rc = reduce(w, i, err); }
    }
    return rc;
}

/* ---- time alone ---------------------------------------------------------------------------- */

/* The first later day on which a catalog begins to be complete for somebody. */
static credit_date next_coverage(const cr_pack *pack, credit_date day)
{
    credit_date next = CREDIT_DATE_FOREVER;
    for (size_t i = 0; i < pack->coverage_count; i++) {
        credit_date since = pack->coverage[i].since;
        if (since > day && since < next) { next = since; }
    }
    return next;
}

/* Walks from one day on which something may change to the next. Between two of them the
 * judgement is the same, so the first day that reaches a goal is one of them. */
static credit_result find_days(cr_whynot *w, credit_error *err)
{
    const cr_judgement *then = NULL;
    size_t open = w->answer.goal_count;
    credit_date day = w->question.as_of;
    credit_result rc = cr_changes_apply(&w->scope, w->judgement, day, NULL, 0, &w->file, err);
    for (size_t step = 0; rc == CREDIT_OK && open > 0 && step < CR_JUDGE_DAYS; step++) {
        reach_all(w);
        rc = judge_on(w, day, &then, err);
        if (rc != CREDIT_OK) { break; }
        for (size_t i = 0; i < w->answer.goal_count; i++) {
            if (!w->reached[i] || w->goals[i].turns_on != CREDIT_DATE_NONE) { continue; }
            w->goals[i].turns_on = day;
            open--;
        }
        credit_date coverage = next_coverage(w->scope.pack, day);
        day = then->next_change < coverage ? then->next_change : coverage;
        if (day == CREDIT_DATE_FOREVER) { break; }
    }
    return rc;
}

credit_result cr_whynot_ask(cr_whynot *whynot, const cr_judgement *judgement,
    const cr_judge_question *question, const cr_why_not **answer, credit_error *err)
{
    cr_whynot *w = whynot;
    *answer = NULL;
    cr_arena_reset(&w->arena);
    w->answer = (cr_why_not){NULL, 0, NULL, 0};
    w->judgement = judgement;
    w->question = *question;
    credit_result rc = set_goals(w, err);
    if (rc == CREDIT_OK && w->answer.goal_count > 0) {
        rc = cr_changes_list(&w->scope, judgement, question->as_of, &w->arena, &w->answer.changes,
            &w->answer.change_count, err);
        if (rc == CREDIT_OK) { rc = find_sets(w, err); }
        if (rc == CREDIT_OK) { rc = find_days(w, err); }
    }
    if (rc == CREDIT_OK) { *answer = &w->answer; }
    return rc;
}
