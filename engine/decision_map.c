/* A plain table as a map: the rule that is picked, without a walk over the rules.
 *
 * 1. A column is cut into bins within which all values pass the same cells; each bin has
 *    the set of the rules that its values pass, a bit for each. What the bins of all
 *    columns have in common are the rules that match, and the first of them counts.
 *    Unlike the index of a large table (decision_index.c) it leaves nothing to be tested.
 * 2. Only where nothing but the value is wanted, and nothing but it could come of the
 *    table: inputs of the model as they are, cells that compare them with whole numbers,
 *    words or truths, outputs that are constants.
 * 3. A value of another kind than its column's is left to the walk. */
#include "engine/model_internal.h"

enum { BOUNDS_MAX = 255, WORD_BITS = 64, UNKNOWN_BIN = -1 };

/* Bins by form: CR_CELL_WHOLE, bin n holds numbers from bound n-1 up to, not including,
 * bound n; CR_CELL_WORD, bin n is word n, and the last one any other; CR_CELL_FLAG, false
 * and true. One more is for null. */
typedef struct map_column {
    uint16_t input; /* of the model */
    uint8_t form;   /* cr_cell_form */
    int bin_count;
    int64_t *bounds;    /* ascending; of words: their heads */
    credit_span *words; /* in the order of the bounds */
    size_t bound_count;
    uint64_t *passing; /* per bin */
} map_column;

struct cr_table_map {
    map_column *columns;
    size_t column_count, rule_count, set_words;
};

/* ---- bins ----------------------------------------------------------------------------- */

/* Eight bytes by which most words differ. */
static int64_t head_of(credit_span word)
{
    uint64_t head = 0;
    size_t size = word.size < sizeof head ? word.size : sizeof head;
    for (size_t i = 0; i < size; i++) { head = head << 8 | (unsigned char)word.data[i]; }
    return (int64_t)head;
}

/* How many bounds are not above the value: by halves, without a branch. */
static size_t count_up_to(const int64_t *bounds, size_t count, int64_t value)
{
    size_t low = 0;
    while (count > 1) {
        size_t half = count / 2;
        low += bounds[low + half - 1] <= value ? half : 0;
        count -= half;
    }
    return low + (count == 1 && bounds[low] <= value);
}

static int bin_of_word(const map_column *column, credit_span word)
{
    int64_t head = head_of(word);
    size_t at = count_up_to(column->bounds, column->bound_count, head);
    for (; at > 0 && column->bounds[at - 1] == head; at--) {
        if (cr_span_equal(column->words[at - 1], word)) { return (int)at - 1; }
    }
    return column->bin_count - 1;
}

static int bin_of(const map_column *column, const cr_feel_value *value)
{
    if (value->kind == CR_FEEL_NULL) { return column->bin_count; }
    switch (column->form) {
    case CR_CELL_WHOLE:
        if (value->kind != CR_FEEL_NUMBER || (value->flags & CR_FEEL_DECIMAL) != 0) { break; }
        return (int)count_up_to(column->bounds, column->bound_count, value->as.integer);
    case CR_CELL_WORD:
        if (value->kind != CR_FEEL_STRING) { break; }
        return bin_of_word(column, (credit_span){value->as.text, value->n.size});
    default:
        if (value->kind != CR_FEEL_BOOLEAN) { break; }
        return value->as.boolean;
    }
    return UNKNOWN_BIN;
}

/* ---- building ------------------------------------------------------------------------- */

typedef struct builder {
    cr_arena *arena;
    const cr_table *table;
    map_column column; /* being built */
    bool unfit;        /* the table is none for a map */
    bool failed;
} builder;

static const cr_expr *test_of(const builder *b, size_t rule, size_t input)
{
    return b->table->rules[b->table->live[rule]].tests[input];
}

/* The cells that a test is a list of; itself, if it is none. */
static size_t part_count(const cr_expr *test)
{
    return test->op == CR_OP_TEST_LIST ? test->count : 1;
}

static cr_table_cell part_of(const cr_expr *test, size_t part, size_t input)
{
    return cr_cell_of(test->op == CR_OP_TEST_LIST ? test->kids[part] : test, input);
}

static void keep_bound(builder *b, int64_t bound, credit_span word)
{
    map_column *column = &b->column;
    size_t at = column->bound_count;
    bool words = column->form == CR_CELL_WORD;
    for (; at > 0 && column->bounds[at - 1] >= bound; at--) {
        bool same = column->bounds[at - 1] == bound;
        if (same && (!words || cr_span_equal(column->words[at - 1], word))) { return; }
    }
    b->unfit = b->unfit || column->bound_count == BOUNDS_MAX;
    if (b->unfit) { return; }
    for (size_t i = column->bound_count; i > at; i--) {
        column->bounds[i] = column->bounds[i - 1];
        column->words[i] = column->words[i - 1];
    }
    column->bounds[at] = bound;
    column->words[at] = word;
    column->bound_count++;
}

static void keep_cell(builder *b, const cr_table_cell *cell)
{
    static const credit_span none = {"", 0};
    map_column *column = &b->column;
    if (column->form == CR_CELL_TEST) { column->form = cell->form; }
    b->unfit = b->unfit || cell->form != column->form || cell->form == CR_CELL_TEST ||
               cell->form == CR_CELL_CONSTANT;
    if (b->unfit || column->form == CR_CELL_FLAG) { return; }
    if (column->form == CR_CELL_WORD) {
        keep_bound(b, head_of(cell->word), cell->word);
    } else if (cell->low <= cell->high) {
        keep_bound(b, cell->low, none);
        if (cell->high < INT64_MAX) { keep_bound(b, cell->high + 1, none); }
    }
}

/* The bounds that the cells of the column draw. */
static void gather_bounds(builder *b, size_t input)
{
    for (size_t rule = 0; rule < b->table->live_count && !b->unfit; rule++) {
        const cr_expr *test = test_of(b, rule, input);
        for (size_t i = 0; test->op != CR_OP_TEST_ANY && i < part_count(test); i++) {
            cr_table_cell cell = part_of(test, i, input);
            keep_cell(b, &cell);
        }
    }
    b->column.bin_count = b->column.form == CR_CELL_FLAG ? 2 : (int)b->column.bound_count + 1;
}

static void pass_bins(builder *b, size_t set_words, size_t rule, int first, int last)
{
    for (int bin = first; bin <= last; bin++) {
        uint64_t *set = b->column.passing + (size_t)bin * set_words;
        set[rule / WORD_BITS] |= UINT64_C(1) << rule % WORD_BITS;
    }
}

static void pass_cell(builder *b, size_t set_words, size_t rule, const cr_table_cell *cell)
{
    const map_column *column = &b->column;
    if (column->form == CR_CELL_FLAG) {
        pass_bins(b, set_words, rule, cell->flag, cell->flag);
    } else if (column->form == CR_CELL_WORD) {
        int bin = bin_of_word(column, cell->word);
        pass_bins(b, set_words, rule, bin, bin);
    } else if (cell->low <= cell->high) {
        pass_bins(b, set_words, rule,
            (int)count_up_to(column->bounds, column->bound_count, cell->low),
            (int)count_up_to(column->bounds, column->bound_count, cell->high));
    }
}

static void fill_passing(builder *b, size_t set_words, size_t input)
{
    for (size_t rule = 0; rule < b->table->live_count; rule++) {
        const cr_expr *test = test_of(b, rule, input);
        if (test->op == CR_OP_TEST_ANY) {
            pass_bins(b, set_words, rule, 0, b->column.bin_count);
            continue;
        }
        for (size_t i = 0; i < part_count(test); i++) {
            cr_table_cell cell = part_of(test, i, input);
            pass_cell(b, set_words, rule, &cell);
        }
    }
}

/* How many bounds the cells of the column can draw; 0: none of them tests. */
static size_t most_bounds(const builder *b, size_t input)
{
    size_t most = 0;
    for (size_t rule = 0; rule < b->table->live_count && most < BOUNDS_MAX; rule++) {
        const cr_expr *test = test_of(b, rule, input);
        if (test->op != CR_OP_TEST_ANY) { most += 2 * part_count(test); }
    }
    return most < BOUNDS_MAX ? most : BOUNDS_MAX;
}

static void build_column(builder *b, cr_table_map *map, size_t input)
{
    const cr_expr *expression = b->table->inputs[input].expression;
    size_t most = most_bounds(b, input);
    b->unfit = most > 0 && expression->op != CR_OP_INPUT;
    if (most == 0 || b->unfit) { return; }
    b->column = (map_column){.input = expression->index, .form = CR_CELL_TEST};
    b->column.bounds = cr_arena_array(b->arena, most, sizeof *b->column.bounds);
    b->column.words = cr_arena_array(b->arena, most, sizeof *b->column.words);
    b->failed = b->column.bounds == NULL || b->column.words == NULL;
    if (!b->failed) { gather_bounds(b, input); }
    if (b->failed || b->unfit) { return; }
    size_t sets = (size_t)b->column.bin_count + 1;
    b->column.passing = cr_arena_array(b->arena, sets * map->set_words, sizeof *b->column.passing);
    b->failed = b->column.passing == NULL;
    if (b->failed) { return; }
    fill_passing(b, map->set_words, input);
    map->columns[map->column_count++] = b->column;
}

static bool gives_constants(const cr_table *table)
{
    for (size_t i = 0; i < table->live_count; i++) {
        for (size_t k = 0; k < table->output_count; k++) {
            if (table->rules[table->live[i]].outputs[k]->op != CR_OP_CONSTANT) { return false; }
        }
    }
    return true;
}

bool cr_table_map_build(cr_arena *arena, const cr_table *table, const cr_table_map **out)
{
    *out = NULL;
    if (!table->plain || !gives_constants(table)) { return true; }
    cr_table_map *map = cr_arena_alloc(arena, sizeof *map);
    builder b = {.arena = arena, .table = table, .failed = map == NULL};
    if (b.failed) { return false; }
    map->rule_count = table->live_count;
    map->set_words = (table->live_count + WORD_BITS - 1) / WORD_BITS;
    map->columns = cr_arena_array(arena, table->input_count, sizeof *map->columns);
    b.failed = map->columns == NULL;
    for (size_t i = 0; !b.failed && !b.unfit && i < table->input_count; i++) {
        build_column(&b, map, i);
    }
    if (!b.failed && !b.unfit) { *out = map; }
    return !b.failed;
}

/* ---- asking --------------------------------------------------------------------------- */

bool cr_table_map_find(const cr_table_map *map, const cr_feel_value *inputs, size_t *rule)
{
    const uint64_t *sets[CR_PLAIN_INPUTS_MAX];
    uint64_t rules = UINT64_MAX;
    size_t word = 0;
    *rule = map->rule_count;
    for (size_t i = 0; i < map->column_count; i++) {
        const map_column *column = &map->columns[i];
        int bin = bin_of(column, &inputs[column->input]);
        if (bin == UNKNOWN_BIN) { return false; }
        sets[i] = column->passing + (size_t)bin * map->set_words;
        rules &= sets[i][0];
    }
    while (rules == 0 && ++word < map->set_words) {
        rules = UINT64_MAX;
        for (size_t i = 0; i < map->column_count; i++) { rules &= sets[i][word]; }
    }
    if (rules != 0 && map->rule_count > 0) {
        *rule = word * WORD_BITS + (size_t)__builtin_ctzll(rules);
    }
    return true;
}
