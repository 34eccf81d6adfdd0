/* Any text as an expression and as a cell: compiled, run, printed; nothing but
 * refusals, nulls and values may come of it, and the same value twice. */
#include <stdlib.h>
#include <string.h>

#include "engine/decision.h"
#include "engine/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) { abort(); }
}

static void give_inputs(cr_eval *eval)
{
    static cr_feel_value numbers[3]; /* a list borrows its items; the last is null */
    numbers[0] = cr_feel_integer(1);
    numbers[1] = cr_feel_integer(2);
    cr_eval_reset(eval, NULL);
    cr_eval_set_clock(eval, 0, 20000);
    cr_eval_set(eval, 1, cr_feel_list(numbers, 3));
}

static void run(const cr_model *model, cr_eval *eval)
{
    cr_feel_value first, second;
    cr_canon json;
    give_inputs(eval);
    credit_result rc = cr_eval_decide(eval, 0, &first, NULL);
    require(rc == CREDIT_OK || rc == CREDIT_E_LIMIT);
    require(cr_eval_next_change(eval) > 20000);
    if (rc != CREDIT_OK) { return; }
    cr_arena arena = CR_ARENA_INIT;
    /* A string is shown as it is, in memory that the reset takes away. */
    credit_span shown = cr_arena_span(&arena, cr_feel_print(first, &arena));
    require(shown.data != NULL);
    cr_canon_init(&json);
    cr_feel_write_json(first, eval, &json);
    cr_canon_free(&json);
    give_inputs(eval);
    require(cr_eval_decide(eval, 0, &second, NULL) == CREDIT_OK);
    credit_span again = cr_feel_print(second, &arena);
    require(cr_span_equal(shown, again));
    require(cr_model_decision_count(model) == 1);
    cr_arena_release(&arena);
}

static void compile(const cr_box *box)
{
    static const cr_source_input inputs[] = {
        {.id = {"a", 1}, .name = {"as_of", 5}, .type_ref = {"date", 4}, .line = 1},
        {.id = {"b", 1}, .name = {"my list", 7}, .type_ref = {"", 0}, .line = 1}};
    static const credit_span requires[] = {{"a", 1}, {"b", 1}};
    cr_source_decision decision = {.id = CR_SPAN("d"),
        .name = CR_SPAN("it"),
        .requires = requires,
        .require_count = 2,
        .box = box};
    cr_model_source source = {
        .inputs = inputs, .input_count = 2, .decisions = &decision, .decision_count = 1};
    cr_model *model;
    cr_eval *eval;
    if (cr_model_compile(&source, NULL, &model, NULL) != CREDIT_OK) { return; }
    require(cr_eval_new(model, &eval, NULL) == CREDIT_OK);
    run(model, eval);
    cr_eval_free(eval);
    cr_model_free(model);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    credit_span text = {(const char *)data, size};
    cr_box box = {.kind = CR_BOX_LITERAL, .line = 1, .text = text};
    compile(&box);

    cr_source_text cell = {text, 1}, value = {CR_SPAN("1"), 1};
    cr_source_rule rule = {.tests = &cell, .outputs = &value};
    cr_source_column input = {.expression = {CR_SPAN("as_of"), 1}};
    cr_source_column output = {.name = CR_SPAN("o")};
    cr_source_table table = {.policy = CR_HIT_FIRST,
        .inputs = &input,
        .input_count = 1,
        .outputs = &output,
        .output_count = 1,
        .rules = &rule,
        .rule_count = 1};
    cr_box boxed = {.kind = CR_BOX_TABLE, .line = 1, .table = &table};
    compile(&boxed);
    return 0;
}
