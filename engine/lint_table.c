/* What the rows of a table leave out, take twice or hide, looked at with the evaluator
 * that judges. On the boxes of lint_columns.c that is exact; what depends on cells that
 * are open or sampled is a note. */
#include "engine/lint_table.h"

enum { STEPS_MAX = 400000 };

/* --- saying ---------------------------------------------------------------------- */

static cr_feel_value value_of_class(const cr_column *c, uint64_t mask)
{
    for (size_t i = 0; i < c->class_count; i++) {
        if ((mask >> i & 1) != 0) { return c->points[c->first[i]]; }
    }
    return cr_feel_null();
}

static void write_example(cr_table_check *t, const uint64_t *witness, cr_canon *json)
{
    cr_canon_object(json);
    for (size_t i = 0; i < t->table->input_count; i++) {
        const cr_column *c = &t->columns[i];
        if (!c->tested) { continue; }
        cr_canon_key_span(json, c->input->text);
        cr_feel_write_json(value_of_class(c, witness[i]), t->l->eval, json);
    }
    cr_canon_end_object(json);
}

static void say_with(cr_table_check *t, cr_lint_kind kind, cr_lint_severity severity,
    cr_lint_place place, const uint64_t *witness, const char *text, const char *chinese)
{
    cr_canon json;
    cr_canon_init(&json);
    json.sorted = false;
    write_example(t, witness, &json);
    cr_lint_say(t->l, kind, severity, place, &json, text, chinese);
    cr_canon_free(&json);
}

static void say_unproved(cr_table_check *t, cr_lint_kind kind, cr_lint_place place)
{
    cr_lint_say(t->l, kind, CR_LINT_NOTE, place, NULL,
        "not proved: cells rest on more than their column, or the table is too large",
        "未能证明：有的格子不只取决于本列，或者表太大");
}

/* --- gaps ------------------------------------------------------------------------- */

static bool gives_one(const cr_table *table)
{
    return table->policy == CR_HIT_UNIQUE || table->policy == CR_HIT_ANY ||
           table->policy == CR_HIT_FIRST || table->policy == CR_HIT_PRIORITY;
}

static bool has_default(const cr_table *table)
{
    for (size_t i = 0; i < table->output_count; i++) {
        if (table->outputs[i].standard != NULL) { return true; }
    }
    return false;
}

static void whole_box(const cr_table_check *t, uint64_t *box)
{
    for (size_t i = 0; i < t->table->input_count; i++) {
        size_t count = t->columns[i].class_count;
        box[i] = count == CR_COLUMN_CLASSES_MAX ? UINT64_MAX : (UINT64_C(1) << count) - 1;
    }
}

/* Rows before `limit` that surely take what their box says: none of their cells is open. */
static size_t sure_rows(const cr_table_check *t, size_t limit, const uint64_t **rows)
{
    size_t count = 0;
    for (size_t i = 0; i < limit; i++) {
        if (!t->open[i]) { rows[count++] = t->boxes[i]; }
    }
    return count;
}

static bool open_row_meets(const cr_table_check *t, const uint64_t *witness)
{
    uint64_t shared[CR_COVER_COLUMNS_MAX];
    for (size_t i = 0; i < t->table->rule_count; i++) {
        if (t->open[i] && cr_cover_meet(t->table->input_count, t->boxes[i], witness, shared)) {
            return true;
        }
    }
    return false;
}

static void check_gap(cr_table_check *t, const uint64_t **rows)
{
    uint64_t box[CR_COVER_COLUMNS_MAX], witness[CR_COVER_COLUMNS_MAX];
    if (!gives_one(t->table) || has_default(t->table)) { return; }
    whole_box(t, box);
    cr_cover cover = {
        t->table->input_count, rows, sure_rows(t, t->table->rule_count, rows), witness, STEPS_MAX};
    bool gap = cr_cover_escapes(&cover, box);
    if (gap && !open_row_meets(t, witness)) {
        say_with(t, CR_LINT_GAP, CR_LINT_ERROR, cr_check_table_place(t), witness,
            "no row takes this input, and the table has no default",
            "没有一行接住这组输入，表也没有默认值");
    } else if (gap || cover.steps == 0 || t->sampled) {
        say_unproved(t, CR_LINT_GAP, cr_check_table_place(t));
    }
}

/* --- overlaps --------------------------------------------------------------------- */

static bool is_constant(const cr_table_check *t, size_t row)
{
    for (size_t i = 0; i < t->table->output_count; i++) {
        if (!cr_cell_is_closed(t->l, t->table->rules[row].outputs[i], UINT16_MAX)) { return false; }
    }
    return true;
}

static bool same_outputs(cr_table_check *t, size_t a, size_t b)
{
    for (size_t i = 0; i < t->table->output_count; i++) {
        cr_feel_value x = cr_run(t->l->eval, t->table->rules[a].outputs[i], &t->frame);
        cr_feel_value y = cr_run(t->l->eval, t->table->rules[b].outputs[i], &t->frame);
        bool nulls = x.kind == CR_FEEL_NULL && y.kind == CR_FEEL_NULL;
        if (!nulls && (x.kind != y.kind || !cr_equal(t->l->eval, x, y))) { return false; }
    }
    return true;
}

static void check_pair(cr_table_check *t, size_t a, size_t b)
{
    uint64_t shared[CR_COVER_COLUMNS_MAX];
    if (!cr_cover_meet(t->table->input_count, t->boxes[a], t->boxes[b], shared)) { return; }
    bool any = t->table->policy == CR_HIT_ANY;
    bool told = !any || (is_constant(t, a) && is_constant(t, b));
    if (any && told && same_outputs(t, a, b)) { return; }
    if (t->open[a] || t->open[b] || !told) {
        say_unproved(t, CR_LINT_OVERLAP, cr_check_row_place(t, b));
        return;
    }
    say_with(t, CR_LINT_OVERLAP, CR_LINT_ERROR, cr_check_row_place(t, b), shared,
        cr_arena_printf(&t->l->arena,
            any ? "rows %zu and %zu take this input and disagree"
                : "rows %zu and %zu both take this input",
            a + 1, b + 1),
        cr_arena_printf(&t->l->arena,
            any ? "第%zu行和第%zu行都接住这组输入，结论却不同" : "第%zu行和第%zu行都接住这组输入",
            a + 1, b + 1));
}

static void check_overlaps(cr_table_check *t)
{
    if (t->table->policy != CR_HIT_UNIQUE && t->table->policy != CR_HIT_ANY) { return; }
    for (size_t b = 1; b < t->table->rule_count; b++) {
        for (size_t a = 0; a < b; a++) { check_pair(t, a, b); }
    }
}

/* --- rows that never count ---------------------------------------------------------- */

static bool is_empty(const cr_table_check *t, size_t row)
{
    for (size_t i = 0; i < t->table->input_count; i++) {
        if (t->boxes[row][i] == 0) { return true; }
    }
    return false;
}

/* The place of the row's outputs among the listed ones, column by column. */
static bool outranks(cr_table_check *t, size_t a, size_t b)
{
    for (size_t i = 0; i < t->table->output_count; i++) {
        const cr_table_output *output = &t->table->outputs[i];
        size_t ranks[2] = {output->allowed_count, output->allowed_count};
        const size_t rows[2] = {a, b};
        for (size_t k = 0; k < 2; k++) {
            cr_feel_value value =
                cr_run(t->l->eval, t->table->rules[rows[k]].outputs[i], &t->frame);
            for (size_t r = output->allowed_count; r-- > 0;) {
                if (cr_cell_passes(t, output->allowed[r], UINT16_MAX, value)) { ranks[k] = r; }
            }
        }
        if (ranks[0] != ranks[1]) { return ranks[0] < ranks[1]; }
    }
    return a < b;
}

/* Rows that go before this one wherever both match. */
static size_t rows_before(cr_table_check *t, size_t row, const uint64_t **rows)
{
    size_t count = 0;
    if (t->table->policy == CR_HIT_FIRST) { return sure_rows(t, row, rows); }
    if (t->table->policy != CR_HIT_PRIORITY || !is_constant(t, row)) { return 0; }
    for (size_t i = 0; i < t->table->rule_count; i++) {
        if (i != row && !t->open[i] && is_constant(t, i) && outranks(t, i, row)) {
            rows[count++] = t->boxes[i];
        }
    }
    return count;
}

static void check_row(cr_table_check *t, size_t row, const uint64_t **rows)
{
    uint64_t witness[CR_COVER_COLUMNS_MAX];
    if (is_empty(t, row)) {
        cr_lint_say(t->l, CR_LINT_UNREACHABLE, t->sampled ? CR_LINT_NOTE : CR_LINT_WARNING,
            cr_check_row_place(t, row), NULL,
            "no value of a column meets its cell: the row never counts",
            "有一列没有任何值符合本行的条件：本行永远不生效");
        return;
    }
    cr_cover cover = {t->table->input_count, rows, rows_before(t, row, rows), witness, STEPS_MAX};
    if (cover.row_count == 0 || cr_cover_escapes(&cover, t->boxes[row])) { return; }
    if (cover.steps == 0 || t->sampled) {
        say_unproved(t, CR_LINT_UNREACHABLE, cr_check_row_place(t, row));
        return;
    }
    for (size_t i = 0; i < t->table->input_count; i++) {
        witness[i] = t->boxes[row][i] & -t->boxes[row][i];
    }
    say_with(t, CR_LINT_UNREACHABLE, CR_LINT_WARNING, cr_check_row_place(t, row), witness,
        "rows that go before take all that this row takes, as they do this input",
        "本行能接住的输入（如这一组）都已被优先的行接住：本行永远不生效");
}

void cr_lint_table(cr_lint *l, cr_lint_frame *scope, const cr_table *table)
{
    cr_table_check t = {.l = l, .scope = scope, .table = table};
    const uint64_t **rows = cr_arena_array(&l->arena, table->rule_count, sizeof *rows);
    cr_lint_fresh(l);
    if (rows == NULL || !cr_table_check_open(&t)) {
        cr_lint_no_memory(l);
        return;
    }
    cr_table_check_cells(&t);
    if (table->input_count > CR_COVER_COLUMNS_MAX) {
        say_unproved(&t, CR_LINT_GAP, cr_check_table_place(&t));
        return;
    }
    check_gap(&t, rows);
    check_overlaps(&t);
    for (size_t i = 0; i < table->rule_count; i++) { check_row(&t, i, rows); }
}
