/* The columns of a table, cut into classes of values that no cell tells apart: the
 * limits in its cells, what lies between them, listed words, another word, true,
 * false, null. A row is then a box of classes. A cell that rests on more than its own
 * column is open; what asks it with a condition of its own is only sampled. */
#include <string.h>

#include "engine/lint_table.h"

static const char other_word[] = "（其他）";

/* --- cells ------------------------------------------------------------------------ */

static bool is_policy(const cr_lint *l, const cr_expr *node)
{
    return node->op == CR_OP_INPUT && node->index == l->policy_input;
}

/* Does the cell rest on nothing but its column, constants and parameters? */
bool cr_cell_is_closed(const cr_lint *l, const cr_expr *node, uint16_t slot)
{
    switch (node->op) {
    case CR_OP_CONSTANT:
        return true;
    case CR_OP_LOCAL:
        return node->index == slot;
    case CR_OP_PROPERTY:
        return is_policy(l, node->kids[0]);
    case CR_OP_INPUT:
    case CR_OP_DECISION:
    case CR_OP_KNOWLEDGE:
    case CR_OP_CAPTURE:
    case CR_OP_ITEM_NAME:
    case CR_OP_CONTEXT:
    case CR_OP_FUNCTION:
    case CR_OP_TABLE:
    case CR_OP_RELATION:
    case CR_OP_FAIL:
        return false;
    default:
        break;
    }
    for (size_t i = 0; i < node->count; i++) {
        if (node->kids[i] != NULL && !cr_cell_is_closed(l, node->kids[i], slot)) { return false; }
    }
    return true;
}

/* Parts of a cell whose value is a limit: all but conditions of its own. */
static bool is_simple(const cr_expr *test)
{
    if (test->op == CR_OP_TEST_TRUE) { return false; }
    if (test->op != CR_OP_TEST_LIST && test->op != CR_OP_TEST_NOT) { return true; }
    for (size_t i = 0; i < test->count; i++) {
        if (!is_simple(test->kids[i])) { return false; }
    }
    return true;
}

static void limits_of_value(cr_feel_value value, bool compared, cr_each_limit *each, void *ctx)
{
    if (value.kind == CR_FEEL_RANGE) {
        limits_of_value(value.as.range->low, compared, each, ctx);
        limits_of_value(value.as.range->high, compared, each, ctx);
    } else if (value.kind == CR_FEEL_LIST) {
        for (size_t i = 0; i < value.n.size; i++) {
            limits_of_value(value.as.items[i], compared, each, ctx);
        }
    } else if (value.kind != CR_FEEL_NULL) {
        each(ctx, value, compared);
    }
}

/* The values that the cell compares its column with, or may. */
void cr_cell_limits(
    cr_table_check *t, const cr_expr *node, bool own, cr_each_limit *each, void *ctx)
{
    bool here = node->op == CR_OP_TEST_COMPARE || node->op == CR_OP_TEST_VALUE;
    if (here && cr_cell_is_closed(t->l, node->kids[0], UINT16_MAX)) {
        limits_of_value(cr_run(t->l->eval, node->kids[0], &t->frame), !own, each, ctx);
        return;
    }
    if (own && node->op == CR_OP_CONSTANT) { limits_of_value(node->as.value, false, each, ctx); }
    for (size_t i = 0; i < node->count; i++) {
        if (node->kids[i] != NULL) {
            cr_cell_limits(t, node->kids[i], own || node->op == CR_OP_TEST_TRUE, each, ctx);
        }
    }
}

/* --- points ------------------------------------------------------------------------ */

typedef struct point_list {
    cr_table_check *t;
    cr_column *c;
} point_list;

bool cr_column_has(const cr_column *c, cr_feel_value value)
{
    for (size_t i = 0; i < c->count; i++) {
        if (c->points[i].kind == value.kind &&
            (value.kind == CR_FEEL_NULL || cr_equal(NULL, c->points[i], value))) {
            return true;
        }
    }
    return false;
}

static bool is_below_zero(cr_feel_value value)
{
    return value.kind == CR_FEEL_NUMBER && cr_order(NULL, value, cr_feel_integer(0)) < 0;
}

static void add_point(cr_column *c, cr_feel_value value)
{
    if (c->values->not_negative && is_below_zero(value)) { return; }
    if (cr_column_has(c, value)) { return; }
    if (c->count == CR_POINTS_MAX) {
        c->sampled = true;
        return;
    }
    c->points[c->count++] = value;
}

static cr_feel_value beside(cr_eval *eval, cr_feel_value value, int64_t step)
{
    switch (value.kind) {
    case CR_FEEL_DATE:
        value.as.date.days += step;
        return value;
    case CR_FEEL_MONTHS_DURATION:
        value.as.integer += step;
        return value;
    case CR_FEEL_DAYS_DURATION:
        value.as.duration.seconds += step;
        return value;
    case CR_FEEL_NUMBER:
        return cr_add(eval, value, cr_feel_integer(step));
    default:
        return value;
    }
}

/* A list that has just this. */
static void add_list(cr_table_check *t, cr_column *c, cr_feel_value item)
{
    cr_feel_value *items = cr_arena_alloc(&t->l->arena, sizeof *items);
    if (items == NULL) {
        cr_lint_no_memory(t->l);
        return;
    }
    *items = item;
    add_point(c, cr_feel_list(items, 1));
    c->sampled = true;
}

static void add_limit(void *ctx, cr_feel_value limit, bool compared)
{
    (void)compared;
    point_list *list = ctx;
    cr_column *c = list->c;
    /* A listed column takes no other value than those; the word is another finding. */
    if (c->values->listed) { return; }
    if (c->values->kind == CR_FEEL_LIST && limit.kind != CR_FEEL_LIST) {
        add_list(list->t, c, limit);
        return;
    }
    add_point(c, limit);
    add_point(c, beside(list->t->l->eval, limit, -1));
    add_point(c, beside(list->t->l->eval, limit, 1));
    c->sampled = c->sampled || limit.kind == CR_FEEL_TIME || limit.kind == CR_FEEL_DATE_TIME ||
                 limit.kind == CR_FEEL_CONTEXT;
}

/* Between any two numbers, so that no limit lies in a class unseen. */
static void add_between(cr_table_check *t, cr_column *c)
{
    size_t count = c->count;
    for (size_t i = 0; i < count; i++) {
        cr_feel_value above = cr_feel_null();
        if (c->points[i].kind != CR_FEEL_NUMBER) { continue; }
        for (size_t k = 0; k < count; k++) {
            if (c->points[k].kind == CR_FEEL_NUMBER &&
                cr_order(NULL, c->points[k], c->points[i]) > 0 &&
                (above.kind == CR_FEEL_NULL || cr_order(NULL, c->points[k], above) < 0)) {
                above = c->points[k];
            }
        }
        if (above.kind == CR_FEEL_NULL || c->values->whole) { continue; }
        add_point(
            c, cr_divide(t->l->eval, cr_add(t->l->eval, c->points[i], above), cr_feel_integer(2)));
    }
}

static void add_usual(cr_column *c)
{
    uint8_t kind = c->values->kind;
    for (size_t i = 0; i < c->values->count; i++) { add_point(c, c->values->items[i]); }
    if (c->values->listed && !c->values->open) { return; }
    if (kind == CR_FEEL_STRING || kind == CR_FEEL_ANY) {
        add_point(c, cr_feel_string(cr_span_of(other_word)));
    }
    if (kind == CR_FEEL_ANY) {
        add_point(c, cr_feel_boolean(true));
        add_point(c, cr_feel_boolean(false));
    }
    if (kind == CR_FEEL_NUMBER || kind == CR_FEEL_ANY) { add_point(c, cr_feel_integer(0)); }
    if (kind == CR_FEEL_DATE) { add_point(c, cr_feel_date(0)); }
    if (kind == CR_FEEL_LIST) { add_point(c, cr_feel_list(NULL, 0)); }
    if (c->count == 0) {
        add_point(c, cr_feel_context(NULL, 0)); /* stands for what cannot be listed */
        c->sampled = true;
    }
}

bool cr_cell_passes(cr_table_check *t, const cr_expr *test, uint16_t slot, cr_feel_value value)
{
    if (slot < t->scope->count) { t->frame.locals[slot] = value; }
    return cr_feel_is_true(cr_run_test(t->l->eval, test, value, &t->frame));
}

static void keep_allowed(cr_table_check *t, cr_column *c)
{
    size_t kept = 0;
    for (size_t i = 0; c->input->allowed != NULL && i < c->count; i++) {
        if (cr_cell_passes(t, c->input->allowed, c->input->slot, c->points[i])) {
            c->points[kept++] = c->points[i];
        }
    }
    if (c->input->allowed != NULL) { c->count = kept; }
}

static void find_points(cr_table_check *t, size_t index)
{
    cr_column *c = &t->columns[index];
    point_list list = {.t = t, .c = c};
    for (size_t i = 0; i < t->table->rule_count; i++) {
        const cr_expr *test = t->table->rules[i].tests[index];
        c->tested = c->tested || test->op != CR_OP_TEST_ANY;
        c->sampled = c->sampled || !is_simple(test);
        cr_cell_limits(t, test, false, add_limit, &list);
    }
    if (c->input->allowed != NULL) {
        cr_cell_limits(t, c->input->allowed, false, add_limit, &list);
    }
    add_between(t, c);
    add_usual(c);
    if (c->values->nullable) { add_point(c, cr_feel_null()); }
    keep_allowed(t, c);
}

/* --- classes and boxes ------------------------------------------------------------- */

/* Is the row's cell met by the point? An open cell is neither: it counts as met in
 * its own row alone. */
static bool meets(cr_table_check *t, size_t row, size_t index, cr_feel_value point)
{
    const cr_expr *test = t->table->rules[row].tests[index];
    uint16_t slot = t->columns[index].input->slot;
    if (test->op == CR_OP_TEST_ANY) { return true; }
    if (!cr_cell_is_closed(t->l, test, slot)) {
        t->open[row] = true;
        return true;
    }
    return cr_cell_passes(t, test, slot, point);
}

static bool same_rows(const bool *met, size_t rows, size_t a, size_t b)
{
    return memcmp(&met[a * rows], &met[b * rows], rows * sizeof *met) == 0;
}

/* Points that the same cells meet are one class. */
static bool find_classes(cr_table_check *t, size_t index)
{
    cr_column *c = &t->columns[index];
    size_t rows = t->table->rule_count;
    bool *met = cr_arena_array(&t->l->arena, c->count * rows + 1, sizeof *met);
    if (met == NULL) { return false; }
    for (size_t p = 0; p < c->count; p++) {
        for (size_t r = 0; r < rows; r++) { met[p * rows + r] = meets(t, r, index, c->points[p]); }
    }
    for (size_t p = 0; p < c->count; p++) {
        size_t class = 0;
        while (class < c->class_count && !same_rows(met, rows, c->first[class], p)) { class ++; }
        if (class == CR_COLUMN_CLASSES_MAX) {
            c->sampled = true;
            continue;
        }
        if (class == c->class_count) { c->first[c->class_count++] = p; }
        for (size_t r = 0; r < rows; r++) {
            if (met[p * rows + r]) { t->boxes[r][index] |= UINT64_C(1) << class; }
        }
    }
    t->sampled = t->sampled || c->sampled;
    return true;
}

/* A parameter that is a column may have any value of its kind. */
static const cr_values *column_values(cr_table_check *t, const cr_expr *node)
{
    const cr_values *values = cr_lint_values(t->l, t->scope, node);
    if (node->op != CR_OP_PROPERTY || !is_policy(t->l, node->kids[0])) { return values; }
    cr_values *any = cr_arena_alloc(&t->l->arena, sizeof *any);
    if (any == NULL) { return values; }
    *any = *cr_values_of_type(t->l, cr_type_of_kind((cr_feel_kind)values->kind));
    any->nullable = false;
    return any;
}

bool cr_table_check_open(cr_table_check *t)
{
    cr_lint *l = t->l;
    size_t rows = t->table->rule_count, columns = t->table->input_count;
    t->columns = cr_arena_array(&l->arena, columns, sizeof *t->columns);
    t->boxes = cr_arena_array(&l->arena, rows, sizeof *t->boxes);
    t->open = cr_arena_array(&l->arena, rows, sizeof *t->open);
    t->frame.locals = cr_arena_array(&l->arena, t->scope->count, sizeof(cr_feel_value));
    bool ok = t->columns != NULL && t->boxes != NULL && t->open != NULL && t->frame.locals != NULL;
    for (size_t i = 0; ok && i < rows; i++) {
        t->boxes[i] = cr_arena_array(&l->arena, columns, sizeof(uint64_t));
        ok = t->boxes[i] != NULL;
    }
    for (size_t i = 0; ok && i < columns; i++) {
        cr_column *c = &t->columns[i];
        c->input = &t->table->inputs[i];
        c->values = column_values(t, c->input->expression);
        if (c->values->kind == CR_FEEL_ANY) { c->values = cr_values_of_type(l, c->input->type); }
        c->points = cr_arena_array(&l->arena, CR_POINTS_MAX, sizeof *c->points);
        ok = c->points != NULL;
        if (ok) { find_points(t, i); }
        ok = ok && find_classes(t, i);
    }
    if (!ok) { cr_lint_no_memory(l); }
    return ok;
}
