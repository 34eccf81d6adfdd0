/* Evaluating a model for one subject after the other, and explaining it. */
#include <string.h>

#include "engine/error.h"
#include "engine/model_internal.h"

/* --- life -------------------------------------------------------------- */

static void use_model(cr_eval *eval, const cr_model *model)
{
    eval->model = model;
    eval->hosts = model->hosts;
}

credit_result cr_eval_new(const cr_model *model, cr_eval **out, credit_error *err)
{
    *out = NULL;
    cr_eval *eval = cr_alloc(sizeof *eval);
    cr_feel_value *inputs = cr_alloc((model->input_count + 1) * sizeof *inputs);
    cr_memo *memos = cr_alloc((model->decision_count + 1) * sizeof *memos);
    if (eval == NULL || inputs == NULL || memos == NULL) {
        cr_free(eval);
        cr_free(inputs);
        cr_free(memos);
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    memset(eval, 0, sizeof *eval);
    memset(memos, 0, (model->decision_count + 1) * sizeof *memos);
    use_model(eval, model);
    eval->inputs = inputs;
    eval->memos = memos;
    cr_eval_reset(eval, NULL);
    *out = eval;
    return CREDIT_OK;
}

void cr_eval_free(cr_eval *eval)
{
    if (eval != NULL) {
        cr_arena_release(&eval->arena);
        cr_free(eval->inputs);
        cr_free(eval->memos);
        cr_free(eval);
    }
}

void cr_eval_reset(cr_eval *eval, void *host_ctx)
{
    cr_arena_reset(&eval->arena);
    memset(eval->inputs, 0, eval->model->input_count * sizeof *eval->inputs);
    eval->turn++;
    eval->host_ctx = host_ctx;
    eval->memory = eval->kept = 0;
    eval->steps = CR_FEEL_STEPS_MAX;
    eval->calls = 0;
    eval->levels = 0;
    eval->clock_input = -1;
    eval->clock_day = 0;
    eval->next_change = INT64_MAX;
    eval->unit = NULL;
    eval->untraced = eval->model->value_only;
    eval->decision = -1;
    eval->error_count = 0;
    eval->status = CREDIT_OK;
}

void cr_eval_use(cr_eval *eval, const cr_model *model, void *host_ctx)
{
    use_model(eval, model);
    cr_eval_reset(eval, host_ctx);
}

bool cr_eval_is_sound(const cr_eval *eval)
{
    return eval->status == CREDIT_OK;
}

cr_arena *cr_eval_arena(cr_eval *eval)
{
    return &eval->arena;
}

/* --- inputs ------------------------------------------------------------ */

void cr_eval_set(cr_eval *eval, int input, cr_feel_value value)
{
    if (input >= 0 && (size_t)input < eval->model->input_count) { eval->inputs[input] = value; }
}

void cr_eval_set_all(cr_eval *eval, const cr_feel_value *values)
{
    memcpy(eval->inputs, values, eval->model->input_count * sizeof *values);
}

void cr_eval_give(cr_eval *eval, int input, cr_feel_value value)
{
    if (input >= 0 && (size_t)input < eval->model->input_count) {
        const cr_input *declared = &eval->model->inputs[input];
        eval->inputs[input] = cr_coerce(eval, value, declared->type, "input", declared->name);
    }
}

void cr_eval_set_clock(cr_eval *eval, int input, credit_date as_of)
{
    if (input < 0 || (size_t)input >= eval->model->input_count || as_of == CREDIT_DATE_NONE) {
        return;
    }
    cr_feel_value value = cr_feel_date(as_of);
    value.flags |= CR_FEEL_CLOCK;
    eval->inputs[input] = value;
    eval->clock_input = input;
    eval->clock_day = value.as.date.days;
}

/* What was decided holds on the later day too when nothing that it rests on has
 * changed on the way, and it is no day itself that moves with the clock. */
static bool still_holds(const cr_memo *memo, int64_t day)
{
    return memo->state == 2 && memo->next_change > day && (memo->value.flags & CR_FEEL_CLOCK) == 0;
}

/* May what was computed stay, beside what will be? */
static bool may_go_on(cr_eval *eval)
{
    enum { KEPT_MAX = 8 << 20 }; /* bytes: more is rather given back by a reset */
    eval->kept += eval->memory;
    return eval->status == CREDIT_OK && eval->kept <= KEPT_MAX;
}

static void go_on(cr_eval *eval)
{
    eval->memory = 0;
    eval->steps = CR_FEEL_STEPS_MAX;
    eval->next_change = INT64_MAX;
}

bool cr_eval_move_clock(cr_eval *eval, credit_date as_of)
{
    if (!may_go_on(eval) || eval->clock_input < 0 ||
        cr_feel_date(as_of).as.date.days < eval->clock_day) {
        return false;
    }
    cr_eval_set_clock(eval, eval->clock_input, as_of);
    for (size_t i = 0; i < eval->model->decision_count; i++) {
        cr_memo *memo = &eval->memos[i];
        if (memo->turn == eval->turn && !still_holds(memo, eval->clock_day)) { memo->turn = 0; }
    }
    go_on(eval);
    return true;
}

bool cr_eval_change(
    cr_eval *eval, const cr_model *model, int input, cr_feel_value value, const bool *users)
{
    if (!may_go_on(eval)) { return false; }
    use_model(eval, model);
    cr_eval_set(eval, input, value);
    for (size_t i = 0; i < eval->model->decision_count; i++) {
        if (users[i]) { eval->memos[i].turn = 0; }
    }
    go_on(eval);
    return true;
}

void cr_eval_keep_evidence(cr_eval *eval, bool keep)
{
    eval->untraced = !keep;
}

/* --- decisions --------------------------------------------------------- */

static bool is_mapped(const cr_decision *decision)
{
    return decision->body->op == CR_OP_TABLE && decision->body->as.table->map != NULL;
}

static void compute(cr_eval *eval, const cr_decision *decision, cr_feel_value *out)
{
    if (!is_mapped(decision) || !cr_run_mapped_table(eval, decision->body->as.table, out)) {
        cr_activation frame = {cr_eval_alloc(eval, decision->slots, sizeof *frame.locals), NULL};
        *out = cr_feel_null();
        if (frame.locals == NULL || !cr_eval_enter(eval, decision->body)) { return; }
        *out = cr_run(eval, decision->body, &frame);
        cr_eval_leave(eval, decision->body);
    }
    if (!cr_is_plainly(out, decision->type)) {
        *out = cr_coerce_any(eval, *out, decision->type, "the value of", decision->name);
    }
}

const cr_feel_value *cr_run_decision(cr_eval *eval, uint16_t index)
{
    cr_memo *memo = &eval->memos[index];
    if (memo->turn != eval->turn) {
        cr_unit *unit = eval->unit;
        int decision = eval->decision;
        int64_t next_change = eval->next_change;
        *memo = (cr_memo){.turn = eval->turn, .state = 1};
        eval->unit = &memo->unit;
        eval->decision = index;
        eval->next_change = INT64_MAX;
        compute(eval, &eval->model->decisions[index], &memo->value);
        memo->next_change = eval->next_change;
        memo->state = 2;
        eval->unit = unit;
        eval->decision = decision;
        eval->next_change = next_change;
    }
    if (memo->next_change < eval->next_change) { eval->next_change = memo->next_change; }
    return &memo->value;
}

cr_feel_value cr_run_knowledge(cr_eval *eval, uint16_t index)
{
    cr_feel_value value = {.kind = CR_FEEL_FUNCTION};
    value.as.function = &eval->model->knowledge[index];
    return value;
}

static bool is_decision(const cr_eval *eval, int decision)
{
    return decision >= 0 && (size_t)decision < eval->model->decision_count;
}

/* The decision's memo, if it was evaluated in this turn. */
static const cr_memo *memo_of(const cr_eval *eval, int decision)
{
    const cr_memo *memo = is_decision(eval, decision) ? &eval->memos[decision] : NULL;
    return memo != NULL && memo->turn == eval->turn && memo->state == 2 ? memo : NULL;
}

/* What ended the evaluation before its time. */
static credit_result ended(const cr_eval *eval, int decision, credit_error *err)
{
    credit_span name = eval->model->decisions[decision].name;
    if (eval->status == CREDIT_E_LIMIT) {
        return cr_fail(err, CREDIT_E_LIMIT,
            "decision \"%.*s\" takes too many steps or too much memory", (int)name.size, name.data);
    }
    return cr_fail(
        err, eval->status, "out of memory in decision \"%.*s\"", (int)name.size, name.data);
}

credit_result cr_eval_decide(cr_eval *eval, int decision, cr_feel_value *out, credit_error *err)
{
    *out = cr_feel_null();
    if (!is_decision(eval, decision)) { return cr_fail(err, CREDIT_E_USAGE, "no such decision"); }
    const cr_feel_value *value = cr_run_decision(eval, (uint16_t)decision);
    if ((value->flags & CR_FEEL_CLOCK) != 0) {
        /* The value itself moves with the clock. */
        cr_clock_touch(eval);
        if (eval->clock_day + 1 < eval->memos[decision].next_change) {
            eval->memos[decision].next_change = eval->clock_day + 1;
        }
    }
    if (eval->status != CREDIT_OK) { return ended(eval, decision, err); }
    *out = *value;
    return CREDIT_OK;
}

static credit_date as_date(int64_t day)
{
    return day >= CREDIT_DATE_FOREVER ? CREDIT_DATE_FOREVER : (credit_date)day;
}

credit_date cr_eval_next_change(const cr_eval *eval)
{
    return as_date(eval->next_change);
}

credit_date cr_eval_decision_next_change(const cr_eval *eval, int decision)
{
    const cr_memo *memo = memo_of(eval, decision);
    return memo != NULL ? as_date(memo->next_change) : CREDIT_DATE_FOREVER;
}

/* --- rows -------------------------------------------------------------- */

/* The run of the decision's own table, else the last that was run for it. */
static const cr_table_run *run_of(const cr_eval *eval, int decision)
{
    const cr_memo *memo = memo_of(eval, decision);
    if (memo == NULL) { return NULL; }
    const cr_table_run *newest = memo->unit.tables;
    const cr_table *table = eval->model->decisions[decision].table;
    for (const cr_table_run *run = newest; run != NULL && table != NULL; run = run->prior) {
        if (run->table == table) { return run; }
    }
    return newest;
}

size_t cr_eval_rows(const cr_eval *eval, int decision, const cr_matched_row **rows)
{
    const cr_table_run *run = run_of(eval, decision);
    *rows = run == NULL ? NULL : run->rows;
    return run == NULL ? 0 : run->row_count;
}

credit_span cr_row_annotation(const cr_matched_row *row, const char *name)
{
    for (size_t i = 0; i < row->annotation_count; i++) {
        if (cr_span_is(row->annotation_names[i], name)) { return row->annotations[i]; }
    }
    return CR_SPAN("");
}

cr_feel_value cr_row_output(const cr_matched_row *row, const char *name)
{
    for (size_t i = 0; i < row->output_count; i++) {
        if (cr_span_is(row->output_names[i], name)) { return row->outputs[i]; }
    }
    return cr_feel_null();
}

/* --- evidence ---------------------------------------------------------- */

/* Objects being gathered, each once; decisions being looked through, each once. */
typedef struct gathering {
    cr_eval *eval;
    const void **objects;
    size_t count, room;
    bool *seen;
    int depth;
    bool failed;
} gathering;

static void gather_unit(gathering *g, const cr_unit *unit);

static void gather_object(gathering *g, const void *object)
{
    for (size_t i = 0; i < g->count; i++) {
        if (g->objects[i] == object) { return; }
    }
    if (g->count == g->room) {
        size_t room = g->room == 0 ? 8 : g->room * 2;
        const void **objects = cr_eval_take(g->eval, room, sizeof *objects);
        if (objects == NULL) {
            g->failed = true;
            return;
        }
        if (g->count > 0) { memcpy(objects, g->objects, g->count * sizeof *objects); }
        g->objects = objects;
        g->room = room;
    }
    g->objects[g->count++] = object;
}

/* Is it a list as it was given? Then it says nothing of what mattered. */
static bool is_given(const cr_eval *eval, cr_feel_value value)
{
    for (size_t i = 0; i < eval->model->input_count; i++) {
        cr_feel_value input = eval->inputs[i];
        if (input.kind == value.kind &&
            (value.kind == CR_FEEL_HOSTS ? input.as.objects == value.as.objects
                                         : input.as.object == value.as.object)) {
            return true;
        }
    }
    return false;
}

static void gather_value(gathering *g, cr_feel_value value)
{
    if (is_given(g->eval, value)) { return; }
    for (size_t i = 0; value.kind == CR_FEEL_HOSTS && i < value.n.size && !g->failed; i++) {
        gather_object(g, value.as.objects[i]);
    }
    if (value.kind == CR_FEEL_HOST) { gather_object(g, value.as.object); }
}

static bool is_evidence(const cr_eval *eval, cr_feel_value value)
{
    return (value.kind == CR_FEEL_HOSTS || value.kind == CR_FEEL_HOST) &&
           cr_eval_host(eval, value.type)->evidence;
}

/* A decision that yields objects speaks for itself; one that yields anything
 * else is looked through. */
static void gather_decision(gathering *g, int decision)
{
    const cr_memo *memo = &g->eval->memos[decision];
    if (is_evidence(g->eval, memo->value)) {
        gather_value(g, memo->value);
    } else if (!g->seen[decision]) {
        g->seen[decision] = true;
        gather_unit(g, &memo->unit);
    }
}

/* Traces are kept newest first; objects are wanted in the order they came. */
static void gather_unit(gathering *g, const cr_unit *unit)
{
    size_t count = 0;
    for (const cr_trace *t = unit->last; t != NULL; t = t->prior) { count++; }
    const cr_trace **traces = cr_eval_take(g->eval, count, sizeof *traces);
    if (traces == NULL || g->depth > CR_FEEL_CALLS_MAX) {
        g->failed = g->failed || traces == NULL;
        return;
    }
    size_t place = count;
    for (const cr_trace *t = unit->last; t != NULL; t = t->prior) { traces[--place] = t; }
    g->depth++;
    for (size_t i = 0; i < count && !g->failed; i++) {
        if (traces[i]->unit != NULL) {
            gather_unit(g, traces[i]->unit);
        } else if (traces[i]->decision >= 0) {
            gather_decision(g, traces[i]->decision);
        } else {
            gather_value(g, traces[i]->hosts);
        }
    }
    g->depth--;
}

static bool start_gathering(gathering *g, cr_eval *eval)
{
    *g = (gathering){.eval = eval};
    g->seen = cr_eval_alloc(eval, eval->model->decision_count, sizeof *g->seen);
    return g->seen != NULL;
}

static credit_result gathered(
    const gathering *g, const void *const **objects, size_t *count, credit_error *err)
{
    if (g->failed || g->seen == NULL) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory while gathering evidence");
    }
    *objects = g->objects;
    *count = g->count;
    return CREDIT_OK;
}

credit_result cr_eval_evidence(cr_eval *eval, int decision, size_t row, const void *const **objects,
    size_t *count, credit_error *err)
{
    gathering g;
    *objects = NULL;
    *count = 0;
    const cr_table_run *run = run_of(eval, decision);
    if (run == NULL || row >= run->row_count) {
        return cr_fail(err, CREDIT_E_USAGE, "no such row");
    }
    if (start_gathering(&g, eval)) {
        const cr_table_rule *rule = &run->table->rules[run->rows[row].number - 1];
        for (size_t i = 0; i < run->table->input_count; i++) {
            if (rule->tests[i]->op != CR_OP_TEST_ANY) { gather_unit(&g, &run->input_units[i]); }
        }
        gather_unit(&g, &run->row_units[row]);
    }
    return gathered(&g, objects, count, err);
}

/* Do the rows of a table speak by themselves, whatever the others do? */
static bool rows_stand_alone(cr_hit_policy policy)
{
    return policy == CR_HIT_COLLECT || policy == CR_HIT_RULE_ORDER || policy == CR_HIT_OUTPUT_ORDER;
}

credit_date cr_eval_row_next_change(const cr_eval *eval, int decision, size_t row)
{
    const cr_table_run *run = run_of(eval, decision);
    if (run == NULL || row >= run->row_count) { return CREDIT_DATE_FOREVER; }
    if (!rows_stand_alone(run->table->policy)) {
        return as_date(eval->memos[decision].next_change);
    }
    const cr_table_rule *rule = &run->table->rules[run->rows[row].number - 1];
    int64_t next = run->row_units[row].next_change;
    for (size_t i = 0; i < run->table->input_count; i++) {
        bool tested = rule->tests[i]->op != CR_OP_TEST_ANY;
        if (tested && run->input_units[i].next_change < next) {
            next = run->input_units[i].next_change;
        }
    }
    return as_date(next);
}

/* The table whose rows can be asked about one by one; NULL: only the whole decision can. */
static const cr_table *table_of_rows(const cr_eval *eval, int decision)
{
    const cr_table *table = eval->model->decisions[decision].table;
    bool alone = table != NULL && rows_stand_alone(table->policy);
    for (size_t i = 0; alone && i < table->input_count; i++) {
        alone = table->inputs[i].allowed == NULL; /* a value that is not refuses them all */
    }
    return alone ? table : NULL;
}

static credit_result ask_alone(cr_eval *eval, int decision, const cr_table *table, size_t rule,
    bool *matches, credit_date *next_change, credit_error *err)
{
    int64_t next = INT64_MAX;
    const cr_decision *asked = &eval->model->decisions[decision];
    cr_activation frame = {cr_eval_alloc(eval, asked->slots, sizeof(cr_feel_value)), NULL};
    eval->decision = decision;
    if (frame.locals != NULL && cr_eval_enter(eval, asked->body)) {
        *matches = cr_table_rule_matches(eval, table, rule, &frame, &next);
        cr_eval_leave(eval, asked->body);
    }
    eval->decision = -1;
    *next_change = as_date(next);
    return eval->status == CREDIT_OK ? CREDIT_OK : ended(eval, decision, err);
}

credit_result cr_eval_ask_row(cr_eval *eval, int decision, uint32_t number, bool *matches,
    credit_date *next_change, credit_error *err)
{
    *matches = false;
    *next_change = CREDIT_DATE_FOREVER;
    if (!is_decision(eval, decision)) { return cr_fail(err, CREDIT_E_USAGE, "no such decision"); }
    const cr_table *table = table_of_rows(eval, decision);
    if (table != NULL) {
        return ask_alone(eval, decision, table, number - 1, matches, next_change, err);
    }
    cr_feel_value value;
    const cr_matched_row *rows;
    credit_result rc = cr_eval_decide(eval, decision, &value, err);
    size_t count = rc == CREDIT_OK ? cr_eval_rows(eval, decision, &rows) : 0;
    for (size_t i = 0; i < count && !*matches; i++) {
        if (rows[i].number != number) { continue; }
        *matches = true;
        *next_change = cr_eval_row_next_change(eval, decision, i);
    }
    return rc;
}

credit_result cr_eval_decision_evidence(
    cr_eval *eval, int decision, const void *const **objects, size_t *count, credit_error *err)
{
    gathering g;
    *objects = NULL;
    *count = 0;
    if (memo_of(eval, decision) == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "the decision was not evaluated");
    }
    if (start_gathering(&g, eval)) { gather_decision(&g, decision); }
    return gathered(&g, objects, count, err);
}

credit_result cr_eval_tested(cr_eval *eval, int decision, size_t row, const cr_tested **out,
    size_t *count, credit_error *err)
{
    *out = NULL;
    *count = 0;
    const cr_table_run *run = run_of(eval, decision);
    if (run == NULL || row >= run->row_count) {
        return cr_fail(err, CREDIT_E_USAGE, "no such row");
    }
    const cr_table_rule *rule = &run->table->rules[run->rows[row].number - 1];
    cr_tested *tested = cr_eval_take(eval, run->table->input_count, sizeof *tested);
    if (tested == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory while explaining"); }
    for (size_t i = 0; i < run->table->input_count; i++) {
        if (rule->tests[i]->op != CR_OP_TEST_ANY) {
            tested[(*count)++] = (cr_tested){run->table->inputs[i].text, run->inputs[i]};
        }
    }
    *out = tested;
    return CREDIT_OK;
}

/* --- errors ------------------------------------------------------------ */

size_t cr_eval_error_count(const cr_eval *eval)
{
    return eval->error_count < CR_EVAL_ERRORS_MAX ? eval->error_count : CR_EVAL_ERRORS_MAX;
}

credit_span cr_eval_error(const cr_eval *eval, size_t index, int *decision)
{
    bool known = index < cr_eval_error_count(eval);
    *decision = known ? eval->errors[index].decision : -1;
    return known ? eval->errors[index].message : CR_SPAN("");
}
