/* Why rows of a table did not match. */
#include <string.h>

#include "engine/error.h"
#include "engine/model_internal.h"

typedef struct looking {
    cr_eval *eval;
    const cr_table *table;
    cr_activation frame;
    cr_feel_value *values; /* of the inputs that were looked at */
    bool *known;
} looking;

static cr_feel_value input_value(looking *l, size_t index)
{
    if (!l->known[index]) {
        l->values[index] = cr_run(l->eval, l->table->inputs[index].expression, &l->frame);
        l->known[index] = true;
    }
    return l->values[index];
}

static bool look_at_tests(looking *l, const cr_table_rule *rule, cr_unmet_row *out)
{
    cr_unmet_test *tests = cr_eval_alloc(l->eval, l->table->input_count, sizeof *tests);
    if (tests == NULL) { return false; }
    for (size_t i = 0; i < l->table->input_count; i++) {
        if (rule->tests[i]->op == CR_OP_TEST_ANY) { continue; }
        cr_feel_value value = input_value(l, i);
        if (cr_feel_is_true(cr_run_test(l->eval, rule->tests[i], value, &l->frame))) { continue; }
        tests[out->test_count++] = (cr_unmet_test){l->table->inputs[i].text, rule->texts[i], value};
    }
    out->tests = tests;
    return true;
}

static bool describe(looking *l, uint32_t index, cr_unmet_row *out)
{
    const cr_table *table = l->table;
    const cr_table_rule *rule = &table->rules[index];
    cr_feel_value *outputs = cr_eval_alloc(l->eval, table->output_count, sizeof *outputs);
    if (outputs == NULL) { return false; }
    for (size_t i = 0; i < table->output_count; i++) {
        const cr_expr *cell = rule->outputs[i];
        outputs[i] = cell->op == CR_OP_CONSTANT ? cell->as.value : cr_feel_null();
    }
    out->row = cr_table_row(table, index, outputs);
    return look_at_tests(l, rule, out);
}

static bool has_matched(const cr_matched_row *rows, size_t count, uint32_t index)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].number == index + 1) { return true; }
    }
    return false;
}

credit_result cr_eval_unmet(
    cr_eval *eval, int decision, const cr_unmet_row **rows, size_t *count, credit_error *err)
{
    const cr_matched_row *matched = NULL;
    size_t matched_count = cr_eval_rows(eval, decision, &matched);
    bool is_table = decision >= 0 && (size_t)decision < eval->model->decision_count &&
                    eval->model->decisions[decision].table != NULL;
    *rows = NULL;
    *count = 0;
    if (!is_table || eval->memos[decision].turn != eval->turn) { return CREDIT_OK; }
    const cr_decision *of = &eval->model->decisions[decision];
    looking l = {.eval = eval, .table = of->table};
    l.frame.locals = cr_eval_alloc(eval, of->slots, sizeof *l.frame.locals);
    l.values = cr_eval_alloc(eval, of->table->input_count, sizeof *l.values);
    l.known = cr_eval_alloc(eval, of->table->input_count, sizeof *l.known);
    cr_unmet_row *list = cr_eval_alloc(eval, of->table->live_count, sizeof *list);
    bool done = l.frame.locals != NULL && l.values != NULL && l.known != NULL && list != NULL;
    for (size_t i = 0; done && i < of->table->live_count; i++) {
        uint32_t index = of->table->live[i];
        if (has_matched(matched, matched_count, index)) { continue; }
        done = describe(&l, index, &list[(*count)++]);
    }
    if (!done || !cr_eval_is_sound(eval)) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory while explaining");
    }
    *rows = list;
    return CREDIT_OK;
}
