/* Columns and cells of a table, each by itself: what may be null, kinds, words, and
 * what a row says of itself. */
#include "engine/lint_table.h"

typedef struct cell {
    cr_table_check *t;
    const cr_column *c;
    size_t row;
} cell;

/* --- columns ---------------------------------------------------------------------- */

/* What is not known must not be taken for what is: decisions that rest on an input
 * that may be null say what then. A code that a record leaves blank is a word like
 * any that is not listed, and what a form leaves blank is not claimed. */
static void check_null_row(cr_table_check *t, size_t index)
{
    const cr_column *c = &t->columns[index];
    if (!c->tested || !cr_column_has(c, cr_feel_null()) || c->values->given) { return; }
    for (size_t i = 0; i < t->table->rule_count; i++) {
        const cr_expr *test = t->table->rules[i].tests[index];
        if (test->op != CR_OP_TEST_ANY && cr_cell_is_closed(t->l, test, c->input->slot) &&
            cr_cell_passes(t, test, c->input->slot, cr_feel_null())) {
            return;
        }
    }
    cr_canon json;
    cr_canon_init(&json);
    cr_canon_object(&json);
    cr_canon_key_span(&json, c->input->text);
    cr_canon_null(&json);
    cr_canon_end_object(&json);
    cr_lint_say(t->l, CR_LINT_NULL_ROW, CR_LINT_ERROR, cr_check_table_place(t), &json,
        "the input may be null, and no row says what then",
        "这一列可能为空（不知道），却没有一行写明为空时怎样");
    cr_canon_free(&json);
}

/* A table that is still to be filled, or holds for all. */
static bool asks_nothing(const cr_table_check *t)
{
    for (size_t i = 0; i < t->table->input_count; i++) {
        if (t->columns[i].tested) { return false; }
    }
    return true;
}

static void check_tested(cr_table_check *t, size_t index)
{
    const cr_column *c = &t->columns[index];
    if (c->tested || asks_nothing(t)) { return; }
    cr_lint_say(t->l, CR_LINT_UNUSED, CR_LINT_WARNING, cr_check_table_place(t), NULL,
        cr_arena_printf(&t->l->arena, "no row asks the column %.*s", (int)c->input->text.size,
            c->input->text.data),
        cr_arena_printf(&t->l->arena, "没有一行用到 %.*s 这一列", (int)c->input->text.size,
            c->input->text.data));
}

/* --- kinds and words ----------------------------------------------------------------- */

static bool kinds_differ(uint8_t a, uint8_t b)
{
    return a != b && a != CR_FEEL_ANY && b != CR_FEEL_ANY && a != CR_FEEL_NULL && b != CR_FEEL_NULL;
}

static void say_kinds(cr_lint *l, cr_lint_place place, uint8_t a, uint8_t b, credit_span what)
{
    cr_lint_say(l, CR_LINT_TYPE, CR_LINT_ERROR, place, NULL,
        cr_arena_printf(&l->arena, "%.*s is a %s, and a %s is expected", (int)what.size, what.data,
            cr_feel_kind_name((cr_feel_kind)a), cr_feel_kind_name((cr_feel_kind)b)),
        cr_arena_printf(&l->arena, "%.*s 的类型是 %s，应当是 %s", (int)what.size, what.data,
            cr_feel_kind_name((cr_feel_kind)a), cr_feel_kind_name((cr_feel_kind)b)));
}

static void check_limit(void *ctx, cr_feel_value limit, bool compared)
{
    const cell *at = ctx;
    cr_lint *l = at->t->l;
    const cr_column *c = at->c;
    cr_lint_place place = cr_check_row_place(at->t, at->row);
    if (!compared) { return; }
    if (kinds_differ(limit.kind, c->values->kind)) {
        say_kinds(l, place, limit.kind, c->values->kind, c->input->text);
        return;
    }
    bool listed = c->values->listed && c->values->kind == limit.kind;
    if (!listed || limit.kind != CR_FEEL_STRING) { return; }
    for (size_t i = 0; i < c->values->count; i++) {
        if (cr_equal(l->eval, c->values->items[i], limit)) { return; }
    }
    credit_span word = cr_feel_text(limit);
    cr_lint_say(l, CR_LINT_WORD, CR_LINT_ERROR, place, NULL,
        cr_arena_printf(&l->arena, "%.*s never is \"%.*s\"", (int)c->input->text.size,
            c->input->text.data, (int)word.size, word.data),
        cr_arena_printf(&l->arena, "%.*s 没有“%.*s”这个值", (int)c->input->text.size,
            c->input->text.data, (int)word.size, word.data));
}

static void check_cells(cr_table_check *t, size_t index)
{
    cr_column *c = &t->columns[index];
    uint8_t declared = c->input->declared->kind;
    if (kinds_differ(c->values->kind, declared)) {
        say_kinds(t->l, cr_check_table_place(t), c->values->kind, declared, c->input->text);
    }
    for (size_t i = 0; i < t->table->rule_count; i++) {
        cell at = {t, c, i};
        cr_cell_limits(t, t->table->rules[i].tests[index], false, check_limit, &at);
    }
}

static void check_output(cr_table_check *t, size_t row, size_t index)
{
    cr_lint *l = t->l;
    const cr_table_output *output = &t->table->outputs[index];
    const cr_values *values = cr_lint_values(l, t->scope, t->table->rules[row].outputs[index]);
    credit_span name = output->name.size > 0 ? output->name : CR_SPAN("output");
    if (kinds_differ(values->kind, output->type->kind)) {
        say_kinds(l, cr_check_row_place(t, row), values->kind, output->type->kind, name);
        return;
    }
    for (size_t i = 0; values->listed && output->allowed_count > 0 && i < values->count; i++) {
        bool allowed = false;
        for (size_t r = 0; r < output->allowed_count && !allowed; r++) {
            allowed = cr_cell_passes(t, output->allowed[r], UINT16_MAX, values->items[i]);
        }
        if (allowed) { continue; }
        cr_lint_say(l, CR_LINT_WORD, CR_LINT_ERROR, cr_check_row_place(t, row), NULL,
            cr_arena_printf(
                &l->arena, "%.*s is none of the column's listed values", (int)name.size, name.data),
            cr_arena_printf(&l->arena, "%.*s 不在该列列出的值之内", (int)name.size, name.data));
    }
}

/* --- annotations -------------------------------------------------------------------- */

static credit_span annotation(const cr_table *table, size_t row, const char *name)
{
    for (size_t i = 0; i < table->annotation_count; i++) {
        if (cr_span_is(table->annotations[i], name)) { return table->rules[row].annotations[i]; }
    }
    return CR_SPAN("");
}

static void check_annotations(cr_table_check *t, size_t row)
{
    static const char *const wanted[] = {"rule", "text", "basis"};
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        if (cr_span_trim(annotation(t->table, row, wanted[i])).size > 0) { continue; }
        cr_lint_say(t->l, CR_LINT_ANNOTATION, CR_LINT_ERROR, cr_check_row_place(t, row), NULL,
            cr_arena_printf(&t->l->arena, "the row has no annotation \"%s\"", wanted[i]),
            cr_arena_printf(&t->l->arena, "本行没有填写注释“%s”", wanted[i]));
    }
}

void cr_table_check_cells(cr_table_check *t)
{
    for (size_t i = 0; i < t->table->input_count; i++) {
        check_tested(t, i);
        check_null_row(t, i);
        check_cells(t, i);
    }
    for (size_t i = 0; i < t->table->rule_count; i++) {
        check_annotations(t, i);
        for (size_t k = 0; k < t->table->output_count; k++) { check_output(t, i, k); }
    }
}
