#include "engine/judge_inputs.h"

#include "engine/text.h"

static credit_result no_memory(credit_error *err)
{
    return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
}

/* The texts of cells and columns belong to the model. */
static bool fill(cr_reason_input *input, credit_span expression, cr_feel_value value,
    credit_span wanted, cr_arena *arena)
{
    *input = (cr_reason_input){expression, (cr_feel_kind)value.kind, {"", 0}, wanted};
    input->value = cr_feel_print(value, arena);
    return input->value.data != NULL;
}

credit_result cr_reason_read_inputs(
    cr_eval *eval, size_t index, cr_arena *arena, cr_reason *reason, credit_error *err)
{
    const cr_tested *tested = NULL;
    size_t count = 0;
    credit_result rc = cr_eval_tested(eval, reason->decision, index, &tested, &count, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_reason_input *inputs = cr_arena_array(arena, count + 1, sizeof *inputs);
    if (inputs == NULL) { return no_memory(err); }
    for (size_t i = 0; i < count; i++) {
        if (!fill(&inputs[i], tested[i].expression, tested[i].value, CR_SPAN(""), arena)) {
            return no_memory(err);
        }
    }
    reason->inputs = inputs;
    reason->input_count = count;
    return CREDIT_OK;
}

static credit_result keep_unspoken(const cr_unmet_row *row, credit_span grant, cr_arena *arena,
    cr_unspoken *out, credit_error *err)
{
    cr_reason_input *inputs = cr_arena_array(arena, row->test_count + 1, sizeof *inputs);
    out->grant = cr_arena_span(arena, grant);
    if (inputs == NULL || out->grant.data == NULL) { return no_memory(err); }
    for (size_t i = 0; i < row->test_count; i++) {
        const cr_unmet_test *test = &row->tests[i];
        if (!fill(&inputs[i], test->expression, test->value, test->test, arena)) {
            return no_memory(err);
        }
    }
    out->rule = cr_row_annotation(&row->row, "rule");
    out->text = cr_row_annotation(&row->row, "text");
    out->basis = cr_row_annotation(&row->row, "basis");
    out->inputs = inputs;
    out->input_count = row->test_count;
    return CREDIT_OK;
}

credit_result cr_judgement_read_unspoken(
    cr_eval *eval, int decision, cr_arena *arena, cr_judgement *judgement, credit_error *err)
{
    const cr_unmet_row *rows = NULL;
    size_t count = 0;
    credit_result rc = cr_eval_unmet(eval, decision, &rows, &count, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_unspoken *list = cr_arena_array(arena, count + 1, sizeof *list);
    if (list == NULL) { return no_memory(err); }
    judgement->unspoken = list;
    for (size_t i = 0; rc == CREDIT_OK && i < count; i++) {
        credit_span effect = cr_feel_text(cr_row_output(&rows[i].row, "effect"));
        credit_span grant = cr_feel_text(cr_row_output(&rows[i].row, "grant"));
        if (!cr_span_is(effect, "grant") || grant.size == 0) { continue; }
        rc = keep_unspoken(&rows[i], grant, arena, &list[judgement->unspoken_count++], err);
    }
    return rc;
}
