/* The index of a large decision table: which of its live rules can still match.
 *
 * 1. It only ever leaves out rules that a walk over all of them would refuse without
 *    a trace: no error noted, no input asked for, no day counted for the clock.
 *    The tests of what is left are run as ever, so that bins may be coarse.
 * 2. A column is cut into bins by values that its cells name: bin n holds those from
 *    bound n-1 up to, not including, bound n; one more is for null. Each bin has the
 *    set of the rules that a value in it may pass, a bit for each.
 * 3. A cell that is no test against constants of the column's kind may be heard. It,
 *    and the cells behind it in its rule, leave the rule in whatever the value.
 * 4. A value of another kind, or one that moves with the clock, makes its column as
 *    good as not yet asked for: a rule that would ask for it is not left out for what
 *    its later cells say. */
#include <stdlib.h>

#include "engine/feel_number.h"
#include "engine/model_internal.h"

enum {
    RULES_MIN = 24, /* fewer are walked over as fast */
    BOUNDS_MAX = 255,
    WORD_BITS = 64
};

typedef struct index_column {
    cr_feel_kind kind;           /* NULL: its cells tell nothing beforehand */
    const cr_feel_value *bounds; /* ascending */
    size_t bound_count;
    const uint64_t *passing; /* per bin, and for null behind them */
    const uint64_t *asking;  /* the rules that test the input */
} index_column;

struct cr_table_index {
    index_column *columns;
    size_t column_count;
    size_t rule_count;
    size_t words; /* of a set of rules */
};

/* --- order of the values ------------------------------------------------- */

static bool has_order(cr_feel_kind kind)
{
    return kind == CR_FEEL_NUMBER || kind == CR_FEEL_STRING || kind == CR_FEEL_DATE ||
           kind == CR_FEEL_BOOLEAN;
}

/* Of two values of one kind. */
static int order_of(const cr_feel_value *a, const cr_feel_value *b)
{
    switch (a->kind) {
    case CR_FEEL_NUMBER:
        return cr_number_compare(*a, *b);
    case CR_FEEL_STRING:
        return cr_span_compare(cr_feel_text(*a), cr_feel_text(*b));
    case CR_FEEL_DATE:
        return (a->as.date.days > b->as.date.days) - (a->as.date.days < b->as.date.days);
    default:
        return a->as.boolean - b->as.boolean;
    }
}

static int by_order(const void *a, const void *b)
{
    return order_of(a, b);
}

/* The bin of a value of the column's kind: how many bounds are not above it. */
static size_t bin_of(const index_column *column, const cr_feel_value *value)
{
    size_t low = 0, high = column->bound_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (order_of(&column->bounds[middle], value) <= 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* --- what a cell says ---------------------------------------------------- */

static bool is_fixed(const cr_feel_value *value, cr_feel_kind kind)
{
    return value->kind == (uint8_t)kind && (value->flags & CR_FEEL_CLOCK) == 0;
}

static bool is_fixed_range(const cr_feel_range *range, cr_feel_kind kind)
{
    bool low = is_fixed(&range->low, kind), high = is_fixed(&range->high, kind);
    return kind != CR_FEEL_BOOLEAN && (low || high) && (low || range->low.kind == CR_FEEL_NULL) &&
           (high || range->high.kind == CR_FEEL_NULL);
}

/* What a comparison or a value of a cell is a constant of; NULL if it is computed. */
static const cr_feel_value *constant_of(const cr_expr *test)
{
    bool single = test->op == CR_OP_TEST_COMPARE || test->op == CR_OP_TEST_VALUE;
    return single && test->kids[0]->op == CR_OP_CONSTANT ? &test->kids[0]->as.value : NULL;
}

static bool is_list(const cr_expr *test)
{
    return test->op == CR_OP_TEST_LIST || test->op == CR_OP_TEST_NOT;
}

/* Is the test of a value of that kind, or of null, without any trace but its answer? */
static bool is_silent(const cr_expr *test, cr_feel_kind kind)
{
    const cr_feel_value *value = constant_of(test);
    switch ((cr_op)test->op) {
    case CR_OP_TEST_ANY:
        return true;
    case CR_OP_TEST_COMPARE:
        return value != NULL && is_fixed(value, kind) &&
               (kind != CR_FEEL_BOOLEAN || test->test == CR_OP_EQ || test->test == CR_OP_NE);
    case CR_OP_TEST_VALUE:
        if (value == NULL) { return false; }
        if (value->kind == CR_FEEL_RANGE) { return is_fixed_range(value->as.range, kind); }
        return value->kind == CR_FEEL_NULL || is_fixed(value, kind);
    case CR_OP_TEST_LIST:
    case CR_OP_TEST_NOT:
        for (size_t i = 0; i < test->count; i++) {
            if (!is_silent(test->kids[i], kind)) { return false; }
        }
        return true;
    default:
        return false;
    }
}

/* The kind of the first constant of a cell that has an order, or NULL. */
static cr_feel_kind kind_of_cell(const cr_expr *test)
{
    const cr_feel_value *value = constant_of(test);
    if (value != NULL && value->kind == CR_FEEL_RANGE) {
        const cr_feel_range *range = value->as.range;
        value = range->low.kind == CR_FEEL_NULL ? &range->high : &range->low;
    }
    if (value != NULL && has_order((cr_feel_kind)value->kind)) { return (cr_feel_kind)value->kind; }
    cr_feel_kind kind = CR_FEEL_NULL;
    for (size_t i = 0; is_list(test) && i < test->count && kind == CR_FEEL_NULL; i++) {
        kind = kind_of_cell(test->kids[i]);
    }
    return kind;
}

/* --- building ------------------------------------------------------------ */

typedef struct builder {
    const cr_table *table;
    cr_arena *arena;
    cr_table_index *index;
    uint64_t *heard; /* rules with a cell so far that may be heard */
    cr_feel_value *constants;
    size_t constant_count, constant_room;
    uint64_t *passing; /* of the column being built */
    bool failed;
} builder;

static const cr_expr *cell_of(const builder *b, size_t rule, size_t column)
{
    return b->table->rules[b->table->live[rule]].tests[column];
}

static void set_bit(uint64_t *set, size_t rule)
{
    set[rule / WORD_BITS] |= UINT64_C(1) << rule % WORD_BITS;
}

static bool has_bit(const uint64_t *set, size_t rule)
{
    return (set[rule / WORD_BITS] >> rule % WORD_BITS & 1) != 0;
}

static void keep_constant(builder *b, const cr_feel_value *value)
{
    if (value->kind == CR_FEEL_NULL || b->failed) { return; }
    b->failed =
        !cr_grow(&b->constants, &b->constant_room, b->constant_count + 1, sizeof *b->constants);
    if (!b->failed) { b->constants[b->constant_count++] = *value; }
}

/* The constants of a silent cell. */
static void keep_constants(builder *b, const cr_expr *test)
{
    const cr_feel_value *value = constant_of(test);
    for (size_t i = 0; is_list(test) && i < test->count; i++) { keep_constants(b, test->kids[i]); }
    if (value != NULL && value->kind == CR_FEEL_RANGE) {
        keep_constant(b, &value->as.range->low);
        keep_constant(b, &value->as.range->high);
    } else if (value != NULL) {
        keep_constant(b, value);
    }
}

/* Each constant once, or as many of them as there may be bounds, evenly spread. */
static void choose_bounds(builder *b, index_column *column)
{
    size_t count = 0;
    if (b->failed || b->constant_count == 0) { return; }
    qsort(b->constants, b->constant_count, sizeof *b->constants, by_order);
    for (size_t i = 0; i < b->constant_count; i++) {
        if (count == 0 || order_of(&b->constants[count - 1], &b->constants[i]) != 0) {
            b->constants[count++] = b->constants[i];
        }
    }
    size_t chosen = count < BOUNDS_MAX ? count : BOUNDS_MAX;
    cr_feel_value *bounds = cr_arena_array(b->arena, chosen, sizeof *bounds);
    b->failed = bounds == NULL;
    for (size_t i = 0; !b->failed && i < chosen; i++) {
        bounds[i] = b->constants[i * count / chosen];
    }
    column->bounds = bounds;
    column->bound_count = b->failed ? 0 : chosen;
}

/* `first` to `last` with it; bound_count + 1 is the bin of null. */
static void pass_bins(builder *b, size_t rule, size_t first, size_t last)
{
    for (size_t bin = first; bin <= last; bin++) {
        set_bit(b->passing + bin * b->index->words, rule);
    }
}

/* Values from low to high; NULL or null: no end on that side. */
static void pass_range(builder *b, const index_column *column, size_t rule,
    const cr_feel_value *low, const cr_feel_value *high, bool high_included)
{
    size_t first = 0, last = column->bound_count;
    if (low != NULL && low->kind != CR_FEEL_NULL) { first = bin_of(column, low); }
    if (high != NULL && high->kind != CR_FEEL_NULL) {
        last = bin_of(column, high);
        bool on_bound = last > 0 && order_of(&column->bounds[last - 1], high) == 0;
        if (!high_included && on_bound) { last--; }
    }
    pass_bins(b, rule, first, last);
}

static void pass_comparison(
    builder *b, const index_column *column, size_t rule, cr_op op, const cr_feel_value *value)
{
    switch (op) {
    case CR_OP_LT:
    case CR_OP_LE:
        pass_range(b, column, rule, NULL, value, op == CR_OP_LE);
        break;
    case CR_OP_GT:
    case CR_OP_GE:
        pass_range(b, column, rule, value, NULL, true);
        break;
    case CR_OP_EQ:
        pass_range(b, column, rule, value, value, true);
        break;
    default: /* unequal: null is, too */
        pass_bins(b, rule, 0, column->bound_count + 1);
        break;
    }
}

/* Where a value may pass a silent test. */
static void pass_test(builder *b, const index_column *column, size_t rule, const cr_expr *test)
{
    const cr_feel_value *value = constant_of(test);
    switch ((cr_op)test->op) {
    case CR_OP_TEST_COMPARE:
        pass_comparison(b, column, rule, (cr_op)test->test, value);
        break;
    case CR_OP_TEST_VALUE:
        if (value->kind == CR_FEEL_NULL) {
            pass_bins(b, rule, column->bound_count + 1, column->bound_count + 1);
        } else if (value->kind == CR_FEEL_RANGE) {
            const cr_feel_range *range = value->as.range;
            pass_range(b, column, rule, &range->low, &range->high, range->high_included);
        } else {
            pass_range(b, column, rule, value, value, true);
        }
        break;
    case CR_OP_TEST_LIST:
        for (size_t i = 0; i < test->count; i++) { pass_test(b, column, rule, test->kids[i]); }
        break;
    default: /* anything, or anything but */
        pass_bins(b, rule, 0, column->bound_count + 1);
        break;
    }
}

static void gather_bounds(builder *b, size_t at, index_column *column)
{
    size_t rules = b->index->rule_count;
    b->constant_count = 0;
    for (size_t i = 0; i < rules && column->kind == CR_FEEL_NULL; i++) {
        column->kind = kind_of_cell(cell_of(b, i, at));
    }
    for (size_t i = 0; i < rules && column->kind != CR_FEEL_NULL; i++) {
        const cr_expr *test = cell_of(b, i, at);
        if (is_silent(test, column->kind)) { keep_constants(b, test); }
    }
    choose_bounds(b, column);
}

static void build_column(builder *b, size_t at, index_column *column)
{
    size_t words = b->index->words;
    uint64_t *asking = cr_arena_array(b->arena, words, sizeof *asking);
    gather_bounds(b, at, column);
    b->passing = cr_arena_array(b->arena, (column->bound_count + 2) * words, sizeof *b->passing);
    b->failed = b->failed || asking == NULL || b->passing == NULL;
    for (size_t i = 0; !b->failed && i < b->index->rule_count; i++) {
        const cr_expr *test = cell_of(b, i, at);
        if (test->op != CR_OP_TEST_ANY) { set_bit(asking, i); }
        if (!is_silent(test, column->kind)) { set_bit(b->heard, i); }
        if (has_bit(b->heard, i)) {
            pass_bins(b, i, 0, column->bound_count + 1);
        } else {
            pass_test(b, column, i, test);
        }
    }
    column->asking = asking;
    column->passing = b->passing;
}

bool cr_table_index_build(cr_arena *arena, const cr_table *table, const cr_table_index **out)
{
    *out = NULL;
    if (table->live_count < RULES_MIN || table->input_count == 0) { return true; }
    cr_table_index *index = cr_arena_alloc(arena, sizeof *index);
    if (index == NULL) { return false; }
    index->column_count = table->input_count;
    index->rule_count = table->live_count;
    index->words = (table->live_count + WORD_BITS - 1) / WORD_BITS;
    index->columns = cr_arena_array(arena, table->input_count, sizeof *index->columns);
    cr_arena scratch = CR_ARENA_INIT;
    builder b = {.table = table, .arena = arena, .index = index};
    b.heard = cr_arena_array(&scratch, index->words, sizeof *b.heard);
    b.failed = b.heard == NULL || index->columns == NULL;
    for (size_t i = 0; !b.failed && i < index->column_count; i++) {
        build_column(&b, i, &index->columns[i]);
    }
    cr_arena_release(&scratch);
    cr_free(b.constants);
    *out = b.failed ? NULL : index;
    return !b.failed;
}

/* --- asking -------------------------------------------------------------- */

const uint64_t *cr_table_index_find(
    const cr_table_index *index, size_t input, const cr_feel_value *value)
{
    const index_column *column = &index->columns[input];
    if (column->kind == CR_FEEL_NULL) { return NULL; }
    if (value->kind == CR_FEEL_NULL) {
        return column->passing + (column->bound_count + 1) * index->words;
    }
    if (!is_fixed(value, column->kind)) { return NULL; }
    return column->passing + bin_of(column, value) * index->words;
}

/* The rules of one word of the sets that can still match. */
static uint64_t word_of(const cr_table_index *index, const uint64_t *const *passing, size_t word)
{
    uint64_t rules = UINT64_MAX, unasked = 0;
    for (size_t i = 0; i < index->column_count; i++) {
        if (passing[i] == NULL) {
            unasked |= index->columns[i].asking[word];
        } else {
            rules &= passing[i][word] | unasked;
        }
    }
    return rules;
}

size_t cr_table_index_next(const cr_table_index *index, const uint64_t *const *passing, size_t from)
{
    uint64_t wanted = UINT64_MAX << from % WORD_BITS;
    for (size_t word = from / WORD_BITS; word < index->words; word++) {
        uint64_t rules = word_of(index, passing, word) & wanted;
        if (rules != 0) {
            size_t rule = word * WORD_BITS + (size_t)__builtin_ctzll(rules);
            return rule < index->rule_count ? rule : index->rule_count;
        }
        wanted = UINT64_MAX;
    }
    return index->rule_count;
}
