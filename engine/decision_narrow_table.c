/* Narrowing: decision tables lose the rows that can no longer match. */
#include "engine/decision_narrow.h"

/* --- tables ---------------------------------------------------------------- */

static int32_t narrow_into(cr_narrower *n, const cr_expr **node)
{
    cr_narrowed result = cr_narrow(n, *node);
    *node = result.node;
    return result.reach;
}

/* Are the allowed values no longer in question? */
static bool narrow_inputs(cr_narrower *n, cr_table *table, int32_t *reaches)
{
    cr_table_input *inputs = cr_narrow_room(n, table->input_count, sizeof *inputs);
    bool sure = inputs != NULL;
    for (size_t i = 0; inputs != NULL && i < table->input_count; i++) {
        inputs[i] = table->inputs[i];
        reaches[i] = narrow_into(n, &inputs[i].expression);
        sure = sure && inputs[i].allowed == NULL;
    }
    if (inputs != NULL) { table->inputs = inputs; }
    return sure;
}

/* Is it settled whether the input passes the test? */
static bool is_decided(cr_narrower *n, const cr_expr *input, cr_narrowed test, bool *passes)
{
    const cr_feel_range *limits = cr_narrow_limits(n, input);
    if (limits != NULL) {
        cr_narrow_verdict says = cr_narrow_meet(n, limits, test.node);
        *passes = says == CR_NARROW_HOLDS;
        return says != CR_NARROW_UNDECIDED;
    }
    if (input->op != CR_OP_CONSTANT || test.reach != CR_NARROW_CLOSED) { return false; }
    cr_narrow_start(n);
    *passes = cr_feel_is_true(cr_run_test(n->eval, test.node, input->as.value, &n->frame));
    return cr_narrow_ran_well(n);
}

/* False if the rule can no longer match. `always` is left true if it must. */
static bool narrow_tests(cr_narrower *n, const cr_table *table, bool sure, const int32_t *reaches,
    cr_table_rule *rule, bool *always, int32_t *reach)
{
    static const cr_expr any = {.op = CR_OP_TEST_ANY};
    const cr_expr **tests = cr_narrow_room(n, table->input_count, sizeof *tests);
    for (size_t i = 0; tests != NULL && i < table->input_count; i++) {
        bool passes = false;
        tests[i] = rule->tests[i];
        if (tests[i]->op == CR_OP_TEST_ANY) { continue; }
        cr_narrowed test = cr_narrow(n, tests[i]);
        tests[i] = test.node;
        if (sure && is_decided(n, table->inputs[i].expression, test, &passes)) {
            if (!passes) { return false; }
            tests[i] = &any;
            continue;
        }
        *always = false;
        *reach = cr_narrow_lower(*reach, cr_narrow_lower(test.reach, reaches[i]));
    }
    if (tests != NULL) { rule->tests = tests; }
    if (!cr_rule_make_cells(&n->to->arena, table, rule)) { n->failed = true; }
    return true;
}

static int32_t narrow_outputs(cr_narrower *n, const cr_table *table, cr_table_rule *rule)
{
    const cr_expr **outputs = cr_narrow_room(n, table->output_count, sizeof *outputs);
    int32_t reach = CR_NARROW_CLOSED;
    for (size_t i = 0; outputs != NULL && i < table->output_count; i++) {
        outputs[i] = rule->outputs[i];
        reach = cr_narrow_lower(reach, narrow_into(n, &outputs[i]));
    }
    if (outputs != NULL) { rule->outputs = outputs; }
    return reach;
}

/* The rules that can still match, up to the first that must where that ends it. */
static int32_t narrow_rules(cr_narrower *n, cr_table *table, bool sure, const int32_t *reaches)
{
    cr_table_rule *rules = cr_narrow_room(n, table->rule_count, sizeof *rules);
    uint32_t *live = cr_narrow_room(n, table->live_count, sizeof *live);
    int32_t reach = sure ? CR_NARROW_CLOSED : CR_NARROW_OUTSIDE;
    size_t count = 0;
    if (rules == NULL || live == NULL) { return CR_NARROW_OUTSIDE; }
    for (size_t i = 0; i < table->rule_count; i++) { rules[i] = table->rules[i]; }
    for (size_t i = 0; i < table->live_count; i++) {
        cr_table_rule *rule = &rules[table->live[i]];
        bool always = sure;
        if (!narrow_tests(n, table, sure, reaches, rule, &always, &reach)) { continue; }
        reach = cr_narrow_lower(reach, narrow_outputs(n, table, rule));
        live[count++] = table->live[i];
        if (always && table->policy == CR_HIT_FIRST) { break; }
    }
    table->rules = rules;
    table->live = live;
    table->live_count = count;
    return reach;
}

cr_narrowed cr_narrow_table(cr_narrower *n, const cr_expr *node)
{
    cr_table *table = cr_narrow_room(n, 1, sizeof *table);
    cr_expr *copy = cr_narrow_copy(n, node);
    int32_t *reaches = cr_narrow_room(n, node->as.table->input_count, sizeof *reaches);
    if (table == NULL || copy == NULL || reaches == NULL) {
        return cr_narrow_as_is(node, CR_NARROW_OUTSIDE);
    }
    *table = *node->as.table;
    bool sure = narrow_inputs(n, table, reaches);
    int32_t reach = narrow_rules(n, table, sure, reaches);
    for (size_t i = 0; i < table->output_count; i++) {
        bool plain = table->outputs[i].standard == NULL && table->outputs[i].allowed_count == 0;
        if (!plain) { reach = CR_NARROW_OUTSIDE; }
    }
    if (!cr_table_index_build(&n->to->arena, table, &table->index)) { n->failed = true; }
    if (!n->explained && !cr_table_map_build(&n->to->arena, table, &table->map)) {
        n->failed = true;
    }
    copy->as.table = table;
    return cr_narrow_as_is(copy, reach);
}
