/* Decision tables without ceremony: cells that compare with a constant are tested in
 * place, and the value of a plain table is had with nothing remembered of how. */
#include <string.h>

#include "engine/model_internal.h"

/* --- cells --------------------------------------------------------------- */

static bool is_whole(const cr_feel_value *value)
{
    return value->kind == CR_FEEL_NUMBER && (value->flags & CR_FEEL_DECIMAL) == 0;
}

/* From low to high, both included; low above high: nothing. */
static void keep_within(cr_table_cell *cell, int64_t low, bool low_in, int64_t high, bool high_in)
{
    bool none = (!low_in && low == INT64_MAX) || (!high_in && high == INT64_MIN);
    cell->form = CR_CELL_WHOLE;
    cell->low = none ? 1 : low + !low_in;
    cell->high = none ? 0 : high - !high_in;
}

static void keep_range(cr_table_cell *cell, const cr_feel_range *range)
{
    bool low = range->low.kind != CR_FEEL_NULL, high = range->high.kind != CR_FEEL_NULL;
    if ((low || high) && (!low || is_whole(&range->low)) && (!high || is_whole(&range->high))) {
        keep_within(cell, low ? range->low.as.integer : INT64_MIN, !low || range->low_included,
            high ? range->high.as.integer : INT64_MAX, !high || range->high_included);
    }
}

static void keep_comparison(cr_table_cell *cell, cr_op op, int64_t number)
{
    switch (op) {
    case CR_OP_LT:
    case CR_OP_LE:
        keep_within(cell, INT64_MIN, true, number, op == CR_OP_LE);
        break;
    case CR_OP_GT:
    case CR_OP_GE:
        keep_within(cell, number, op == CR_OP_GE, INT64_MAX, true);
        break;
    case CR_OP_EQ:
        keep_within(cell, number, true, number, true);
        break;
    default:
        break;
    }
}

static bool looks_at_constants(const cr_expr *test)
{
    bool constants = test->op != CR_OP_TEST_TRUE;
    bool list = test->op == CR_OP_TEST_LIST || test->op == CR_OP_TEST_NOT;
    for (size_t i = 0; constants && i < test->count; i++) {
        constants = list ? looks_at_constants(test->kids[i]) : test->kids[i]->op == CR_OP_CONSTANT;
    }
    return constants;
}

cr_table_cell cr_cell_of(const cr_expr *test, size_t input)
{
    cr_table_cell cell = {.test = test, .input = (uint16_t)input, .form = CR_CELL_TEST};
    bool single = test->op == CR_OP_TEST_COMPARE || test->op == CR_OP_TEST_VALUE;
    if (looks_at_constants(test)) { cell.form = CR_CELL_CONSTANT; }
    if (!single || test->kids[0]->op != CR_OP_CONSTANT) { return cell; }
    const cr_feel_value *value = &test->kids[0]->as.value;
    cr_op op = test->op == CR_OP_TEST_COMPARE ? (cr_op)test->test : CR_OP_EQ;
    if (is_whole(value)) { keep_comparison(&cell, op, value->as.integer); }
    if (test->op == CR_OP_TEST_VALUE && value->kind == CR_FEEL_RANGE) {
        keep_range(&cell, value->as.range);
    }
    if (op == CR_OP_EQ && value->kind == CR_FEEL_STRING) {
        cell.form = CR_CELL_WORD;
        cell.word = cr_feel_text(*value);
    }
    if (op == CR_OP_EQ && value->kind == CR_FEEL_BOOLEAN) {
        cell.form = CR_CELL_FLAG;
        cell.flag = value->as.boolean;
    }
    return cell;
}

bool cr_rule_make_cells(cr_arena *arena, const cr_table *table, cr_table_rule *rule)
{
    size_t count = 0;
    for (size_t i = 0; i < table->input_count; i++) {
        count += rule->tests[i]->op != CR_OP_TEST_ANY;
    }
    cr_table_cell *cells = cr_arena_array(arena, count, sizeof *cells);
    rule->cells = cells;
    rule->cell_count = 0;
    for (size_t i = 0; cells != NULL && i < table->input_count; i++) {
        if (rule->tests[i]->op != CR_OP_TEST_ANY) {
            cells[rule->cell_count++] = cr_cell_of(rule->tests[i], i);
        }
    }
    return cells != NULL;
}

/* --- the value alone ----------------------------------------------------- */

bool cr_table_is_plain(const cr_table *table)
{
    bool plain = table->policy == CR_HIT_FIRST && table->input_count <= CR_PLAIN_INPUTS_MAX;
    for (size_t i = 0; i < table->input_count; i++) {
        plain = plain && table->inputs[i].allowed == NULL;
    }
    for (size_t i = 0; i < table->output_count; i++) {
        plain = plain && table->outputs[i].standard == NULL;
    }
    return plain;
}

typedef struct plain_inputs {
    bool known[CR_PLAIN_INPUTS_MAX];
    const uint64_t *passing[CR_PLAIN_INPUTS_MAX];
    cr_feel_value values[CR_PLAIN_INPUTS_MAX];
} plain_inputs;

static void ask_plainly(
    cr_eval *eval, const cr_table *table, size_t i, cr_activation *frame, plain_inputs *inputs)
{
    const cr_expr *expression = table->inputs[i].expression;
    inputs->values[i] = expression->op == CR_OP_INPUT ? eval->inputs[expression->index]
                                                      : cr_run(eval, expression, frame);
    inputs->known[i] = true;
    if (table->index != NULL) {
        inputs->passing[i] = cr_table_index_find(table->index, i, &inputs->values[i]);
    }
}

static bool plainly_matches(cr_eval *eval, const cr_table *table, const cr_table_rule *rule,
    cr_activation *frame, plain_inputs *inputs)
{
    for (size_t i = 0; i < rule->cell_count; i++) {
        const cr_table_cell *cell = &rule->cells[i];
        if (!inputs->known[cell->input]) { ask_plainly(eval, table, cell->input, frame, inputs); }
        const cr_feel_value *value = &inputs->values[cell->input];
        cr_truth passes = cr_cell_meets(cell, value);
        if (passes == CR_UNKNOWN) {
            passes = cr_truth_told(cr_run_test(eval, cell->test, *value, frame));
        }
        if (passes != CR_TRUE) { return false; }
    }
    return true;
}

static cr_feel_value plain_output(
    cr_eval *eval, const cr_table *table, const cr_table_rule *rule, size_t i, cr_activation *frame)
{
    const cr_table_output *output = &table->outputs[i];
    return cr_coerce(
        eval, cr_run(eval, rule->outputs[i], frame), output->type, "output", output->name);
}

static cr_feel_value plain_value(
    cr_eval *eval, const cr_table *table, const cr_table_rule *rule, cr_activation *frame)
{
    if (table->output_count == 1) { return plain_output(eval, table, rule, 0, frame); }
    cr_feel_entry *entries = cr_eval_take(eval, table->output_count, sizeof *entries);
    for (size_t k = 0; entries != NULL && k < table->output_count; k++) {
        entries[k] =
            (cr_feel_entry){table->outputs[k].name, plain_output(eval, table, rule, k, frame)};
    }
    return entries == NULL ? cr_feel_null() : cr_feel_context(entries, table->output_count);
}

bool cr_run_mapped_table(cr_eval *eval, const cr_table *table, cr_feel_value *out)
{
    size_t rule;
    if (!cr_table_map_find(table->map, eval->inputs, &rule)) { return false; }
    *out = rule == table->live_count
               ? cr_feel_null()
               : plain_value(eval, table, &table->rules[table->live[rule]], NULL);
    return true;
}

/* What a plain table gives, with nothing remembered of how. */
cr_feel_value cr_run_plain_table(cr_eval *eval, const cr_table *table, cr_activation *frame)
{
    plain_inputs inputs;
    const cr_table_rule *rule = NULL;
    memset(inputs.known, 0, sizeof inputs.known);
    if (table->index != NULL) { memset(inputs.passing, 0, sizeof inputs.passing); }
    size_t i = cr_table_next(table, inputs.passing, 0);
    for (; i < table->live_count && rule == NULL; i = cr_table_next(table, inputs.passing, i + 1)) {
        const cr_table_rule *next = &table->rules[table->live[i]];
        if (plainly_matches(eval, table, next, frame, &inputs)) { rule = next; }
    }
    return rule == NULL ? cr_feel_null() : plain_value(eval, table, rule, frame);
}
