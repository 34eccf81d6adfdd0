/* Decision tables: compiling and evaluating (DMN 1.5, clause 8). */
#include <string.h>

#include "engine/error.h"
#include "engine/model_internal.h"

enum { ROWS_FIRST = 4 }; /* matched rows that there is room for at first */

/* --- compiling --------------------------------------------------------- */

static bool is_dash(credit_span text)
{
    text = cr_span_trim(text);
    return text.size == 0 || cr_span_is(text, "-");
}

static bool no_memory(cr_compiler *c)
{
    cr_fail(c->err, CREDIT_E_NOMEM, "out of memory while compiling rules");
    return false;
}

static uint16_t taller(uint16_t height, const cr_expr *node)
{
    return node != NULL && node->height >= height ? (uint16_t)(node->height + 1) : height;
}

static bool compile_input(
    cr_compiler *c, const cr_source_column *source, cr_table_input *input, cr_expr *table)
{
    const cr_feel_type *declared = &cr_type_any;
    if (source->type_ref.size > 0) {
        declared = cr_type_resolve(c, source->type_ref, source->line);
    }
    cr_expr *expression =
        declared == NULL ? NULL
                         : cr_feel_compile(c, source->expression.text, source->expression.line);
    if (expression == NULL) { return false; }
    input->slot = cr_slot_new(c);
    input->expression = expression;
    input->text = cr_arena_span(c->arena, cr_span_trim(source->expression.text));
    input->declared = declared;
    input->type = expression->type->kind == CR_FEEL_ANY ? declared : expression->type;
    table->height = taller(table->height, expression);
    if (input->slot == UINT16_MAX || input->text.data == NULL) { return false; }
    if (source->allowed.text.size > 0) {
        input->allowed = cr_feel_compile_tests(
            c, source->allowed.text, source->allowed.line, input->slot, input->type);
        table->height = taller(table->height, input->allowed);
        return input->allowed != NULL;
    }
    return true;
}

static cr_expr *null_node(cr_compiler *c)
{
    cr_expr *node = cr_expr_new(c, CR_OP_CONSTANT, 0);
    if (node != NULL) { node->type = cr_type_of_kind(CR_FEEL_NULL); }
    return node;
}

static cr_expr *compile_entry(cr_compiler *c, cr_source_text source)
{
    return is_dash(source.text) ? null_node(c) : cr_feel_compile(c, source.text, source.line);
}

/* outputValues: a list of tests, ranked by their order. */
static bool compile_ranks(cr_compiler *c, const cr_source_column *source, cr_table_output *output)
{
    uint16_t slot = cr_slot_new(c);
    cr_expr *tests = slot == UINT16_MAX ? NULL
                                        : cr_feel_compile_tests(c, source->allowed.text,
                                              source->allowed.line, slot, output->type);
    if (tests == NULL) { return false; }
    bool list = tests->op == CR_OP_TEST_LIST;
    cr_expr **ranks = cr_arena_array(c->arena, list ? tests->count : 1, sizeof *ranks);
    if (ranks == NULL) { return no_memory(c); }
    for (size_t i = 0; list && i < tests->count; i++) { ranks[i] = tests->kids[i]; }
    if (!list) { ranks[0] = tests; }
    output->allowed = (const cr_expr *const *)ranks;
    output->allowed_count = list ? tests->count : 1;
    return true;
}

static bool compile_output(
    cr_compiler *c, const cr_source_column *source, cr_table_output *output, size_t count)
{
    output->name = source->name.size == 0 ? CR_SPAN("") : cr_name_normal(c, source->name);
    output->type = &cr_type_any;
    if (output->name.data == NULL || (count > 1 && output->name.size == 0)) {
        cr_compile_error(c, source->line, "an output column has no name");
        return false;
    }
    if (source->type_ref.size > 0) {
        output->type = cr_type_resolve(c, source->type_ref, source->line);
        if (output->type == NULL) { return false; }
    }
    if (source->allowed.text.size > 0 && !compile_ranks(c, source, output)) { return false; }
    if (!is_dash(source->standard.text)) {
        output->standard = cr_feel_compile(c, source->standard.text, source->standard.line);
        return output->standard != NULL;
    }
    return true;
}

static const cr_expr *any_test(void)
{
    static const cr_expr any = {.op = CR_OP_TEST_ANY};
    return &any;
}

static bool compile_rule(cr_compiler *c, const cr_source_table *source, size_t index,
    const cr_table *table, cr_table_rule *rule, cr_expr *node)
{
    const cr_source_rule *from = &source->rules[index];
    const cr_expr **tests = cr_arena_array(c->arena, source->input_count, sizeof *tests);
    const cr_expr **outputs = cr_arena_array(c->arena, source->output_count, sizeof *outputs);
    credit_span *notes = cr_arena_array(c->arena, source->annotation_count, sizeof *notes);
    credit_span *texts = cr_arena_array(c->arena, source->input_count, sizeof *texts);
    if (tests == NULL || outputs == NULL || notes == NULL || texts == NULL) { return no_memory(c); }
    for (size_t i = 0; i < source->input_count; i++) {
        const cr_table_input *input = &table->inputs[i];
        texts[i] = cr_arena_span(c->arena, from->tests[i].text);
        if (texts[i].data == NULL) { return no_memory(c); }
        tests[i] = is_dash(from->tests[i].text)
                       ? any_test()
                       : cr_feel_compile_tests(
                             c, from->tests[i].text, from->tests[i].line, input->slot, input->type);
        if (tests[i] == NULL) { return false; }
        node->height = taller(node->height, tests[i]);
    }
    for (size_t i = 0; i < source->output_count; i++) {
        outputs[i] = compile_entry(c, from->outputs[i]);
        if (outputs[i] == NULL) { return false; }
        node->height = taller(node->height, outputs[i]);
    }
    for (size_t i = 0; i < source->annotation_count; i++) {
        notes[i] = cr_arena_span(c->arena, from->annotations[i]);
    }
    rule->id = cr_arena_span(c->arena, from->id);
    rule->line = from->line;
    rule->tests = tests;
    rule->texts = texts;
    rule->outputs = outputs;
    rule->annotations = notes;
    bool made = rule->id.data != NULL && cr_rule_make_cells(c->arena, table, rule);
    return made || no_memory(c);
}

static bool policy_is_sound(cr_compiler *c, const cr_source_table *source)
{
    bool ranked = source->policy == CR_HIT_PRIORITY || source->policy == CR_HIT_OUTPUT_ORDER;
    bool has_ranks = false;
    for (size_t i = 0; i < source->output_count; i++) {
        has_ranks = has_ranks || source->outputs[i].allowed.text.size > 0;
    }
    if (ranked && !has_ranks) {
        cr_compile_error(c, source->line,
            "the hit policy ranks by output values, but no output column lists its values");
        return false;
    }
    if (source->aggregation != CR_COLLECT_LIST &&
        (source->policy != CR_HIT_COLLECT || source->output_count != 1)) {
        cr_compile_error(
            c, source->line, "an aggregation needs hit policy COLLECT and one output column");
        return false;
    }
    if (source->output_count == 0) {
        cr_compile_error(c, source->line, "a decision table has no output column");
        return false;
    }
    return true;
}

static const cr_feel_type *type_of_outputs(cr_compiler *c, const cr_table *table)
{
    if (table->output_count == 1) { return table->outputs[0].type; }
    cr_feel_field *fields = cr_arena_array(c->arena, table->output_count, sizeof *fields);
    cr_feel_type *type = cr_arena_alloc(c->arena, sizeof *type);
    if (fields == NULL || type == NULL) { return &cr_type_any; }
    for (size_t i = 0; i < table->output_count; i++) {
        fields[i] = (cr_feel_field){table->outputs[i].name, table->outputs[i].type};
    }
    *type = (cr_feel_type){
        .kind = CR_FEEL_CONTEXT, .fields = fields, .field_count = table->output_count};
    return type;
}

static const cr_feel_type *type_of_table(cr_compiler *c, const cr_table *table)
{
    const cr_feel_type *one = type_of_outputs(c, table);
    bool list = table->policy == CR_HIT_RULE_ORDER || table->policy == CR_HIT_OUTPUT_ORDER ||
                (table->policy == CR_HIT_COLLECT && table->aggregation == CR_COLLECT_LIST);
    if (list) { return cr_type_list_of(c, one); }
    return table->aggregation == CR_COLLECT_COUNT ? cr_type_of_kind(CR_FEEL_NUMBER) : one;
}

/* Columns, then rows; the node's height is that of its highest cell. */
static bool compile_parts(
    cr_compiler *c, const cr_source_table *source, cr_table *table, cr_expr *node)
{
    cr_table_input *inputs = cr_arena_array(c->arena, source->input_count, sizeof *inputs);
    cr_table_output *outputs = cr_arena_array(c->arena, source->output_count, sizeof *outputs);
    cr_table_rule *rules = cr_arena_array(c->arena, source->rule_count, sizeof *rules);
    credit_span *notes = cr_arena_array(c->arena, source->annotation_count, sizeof *notes);
    credit_span *names = cr_arena_array(c->arena, source->output_count, sizeof *names);
    uint32_t *live = cr_arena_array(c->arena, source->rule_count, sizeof *live);
    if (inputs == NULL || outputs == NULL || rules == NULL || notes == NULL || names == NULL ||
        live == NULL || source->rule_count > UINT32_MAX) {
        return no_memory(c);
    }
    table->inputs = inputs;
    table->outputs = outputs;
    table->rules = rules;
    table->annotations = notes;
    table->output_names = names;
    table->live = live;
    for (size_t i = 0; i < source->input_count; i++, table->input_count++) {
        if (!compile_input(c, &source->inputs[i], &inputs[i], node)) { return false; }
    }
    for (size_t i = 0; i < source->output_count; i++, table->output_count++) {
        if (!compile_output(c, &source->outputs[i], &outputs[i], source->output_count)) {
            return false;
        }
        node->height = taller(node->height, outputs[i].standard);
        names[i] = outputs[i].name;
    }
    for (size_t i = 0; i < source->annotation_count; i++, table->annotation_count++) {
        notes[i] = cr_arena_span(c->arena, source->annotations[i]);
    }
    for (size_t i = 0; i < source->rule_count; i++, table->rule_count++) {
        if (!compile_rule(c, source, i, table, &rules[i], node)) { return false; }
        live[table->live_count++] = (uint32_t)i;
    }
    return true;
}

cr_expr *cr_table_compile(cr_compiler *c, const cr_source_table *source)
{
    if (!policy_is_sound(c, source)) { return NULL; }
    cr_table *table = cr_arena_alloc(c->arena, sizeof *table);
    cr_expr *node = cr_expr_new(c, CR_OP_TABLE, 0);
    if (table == NULL || node == NULL) {
        no_memory(c);
        return NULL;
    }
    table->line = source->line;
    table->policy = source->policy;
    table->aggregation = source->aggregation;
    if (!compile_parts(c, source, table, node)) { return NULL; }
    table->plain = cr_table_is_plain(table);
    if (!cr_table_index_build(c->arena, table, &table->index)) {
        no_memory(c);
        return NULL;
    }
    node->as.table = table;
    node->type = type_of_table(c, table);
    return node;
}

/* --- evaluating -------------------------------------------------------- */

/* A table being evaluated. */
typedef struct table_state {
    cr_eval *eval;
    const cr_table *table;
    cr_activation *frame;
    cr_feel_value *inputs;
    bool *known;              /* was the input asked for? */
    bool refused;             /* an input has a value that the table does not allow */
    const uint64_t **passing; /* per input: the rules that its value may pass, see the index */
    cr_unit *input_units;
    cr_unit *row_units; /* one more than the rows: of the rule being tested */
    cr_matched_row *rows;
    size_t row_count, row_room;
} table_state;

/* Within a unit the clock's next change is counted by itself: that of a row is
 * that of its inputs and cells alone. */
static int64_t enter_unit(cr_eval *eval)
{
    int64_t outside = eval->next_change;
    eval->next_change = INT64_MAX;
    return outside;
}

static void leave_unit(cr_eval *eval, cr_unit *unit, int64_t outside)
{
    if (eval->next_change < unit->next_change) { unit->next_change = eval->next_change; }
    if (outside < eval->next_change) { eval->next_change = outside; }
}

/* Input expressions are evaluated when the first cell asks for them. */
static void ask_input(table_state *s, size_t index)
{
    const cr_table_input *input = &s->table->inputs[index];
    cr_eval *eval = s->eval;
    cr_unit *outer = eval->unit;
    int64_t outside = enter_unit(eval);
    eval->unit = &s->input_units[index];
    *eval->unit = (cr_unit){.next_change = INT64_MAX};
    cr_feel_value value = cr_run(eval, input->expression, s->frame);
    if (input->allowed != NULL &&
        !cr_feel_is_true(cr_run_test(eval, input->allowed, value, s->frame))) {
        cr_complain(eval, "the value of %.*s is none that the table allows", (int)input->text.size,
            input->text.data);
        s->refused = true;
    }
    leave_unit(eval, eval->unit, outside);
    eval->unit = outer;
    s->known[index] = true;
    s->inputs[index] = value;
    if (s->table->index != NULL) {
        s->passing[index] = cr_table_index_find(s->table->index, index, &value);
    }
}

static bool run_cell(table_state *s, const cr_table_cell *cell, cr_feel_value value, cr_unit *unit)
{
    if (cell->form != CR_CELL_TEST && (value.flags & CR_FEEL_CLOCK) == 0) {
        return cr_feel_is_true(cr_run_test(s->eval, cell->test, value, s->frame));
    }
    cr_unit *outer = s->eval->unit;
    int64_t outside = enter_unit(s->eval);
    s->eval->unit = unit;
    bool passes = cr_feel_is_true(cr_run_test(s->eval, cell->test, value, s->frame));
    leave_unit(s->eval, unit, outside);
    s->eval->unit = outer;
    return passes;
}

static bool rule_matches(table_state *s, const cr_table_rule *rule, cr_unit *unit)
{
    for (size_t i = 0; i < rule->cell_count; i++) {
        const cr_table_cell *cell = &rule->cells[i];
        if (!s->known[cell->input]) {
            ask_input(s, cell->input);
            if (s->refused) { return false; }
        }
        const cr_feel_value *value = &s->inputs[cell->input];
        cr_truth passes = cr_cell_meets(cell, value);
        if (passes == CR_UNKNOWN) { passes = cr_truth_of(run_cell(s, cell, *value, unit)); }
        if (passes == CR_FALSE) { return false; }
    }
    return true;
}

cr_matched_row cr_table_row(const cr_table *table, size_t index, const cr_feel_value *outputs)
{
    const cr_table_rule *rule = &table->rules[index];
    return (cr_matched_row){
        .number = (uint32_t)index + 1,
        .rule_id = rule->id,
        .line = rule->line,
        .annotation_names = table->annotations,
        .annotations = rule->annotations,
        .annotation_count = table->annotation_count,
        .output_names = table->output_names,
        .outputs = outputs,
        .output_count = table->output_count,
    };
}

/* Output cells may use input values by name of the expression, not by `?`. */
static bool fill_row(table_state *s, size_t index)
{
    const cr_table *table = s->table;
    const cr_table_rule *rule = &table->rules[index];
    cr_feel_value *outputs = cr_eval_take(s->eval, table->output_count, sizeof *outputs);
    if (outputs == NULL) { return false; }
    for (size_t i = 0; i < table->output_count; i++) {
        cr_feel_value value = cr_run(s->eval, rule->outputs[i], s->frame);
        outputs[i] =
            cr_coerce(s->eval, value, table->outputs[i].type, "output", table->outputs[i].name);
    }
    s->rows[s->row_count++] = cr_table_row(table, index, outputs);
    return true;
}

/* Few rows match, however many there are. */
static bool make_room(table_state *s)
{
    if (s->row_count < s->row_room) { return true; }
    size_t room = s->row_room == 0 ? ROWS_FIRST : s->row_room * 2;
    cr_matched_row *rows = cr_eval_take(s->eval, room, sizeof *rows);
    cr_unit *units = cr_eval_take(s->eval, room + 1, sizeof *units);
    if (rows == NULL || units == NULL) { return false; }
    for (size_t i = 0; i < s->row_count; i++) {
        rows[i] = s->rows[i];
        units[i] = s->row_units[i];
    }
    s->rows = rows;
    s->row_units = units;
    s->row_room = room;
    return true;
}

static bool find_rows(table_state *s)
{
    const cr_table *table = s->table;
    size_t i = cr_table_next(table, s->passing, 0);
    for (; i < table->live_count && !s->refused; i = cr_table_next(table, s->passing, i + 1)) {
        size_t rule = table->live[i];
        if (!make_room(s)) { return false; }
        cr_unit *unit = &s->row_units[s->row_count];
        *unit = (cr_unit){.next_change = INT64_MAX};
        if (!rule_matches(s, &table->rules[rule], unit)) { continue; }
        if (!fill_row(s, rule)) { return false; }
        if (table->policy == CR_HIT_FIRST) { break; }
    }
    return true;
}

/* Place of the value among the column's listed ones. */
static size_t rank_of(table_state *s, const cr_table_output *output, cr_feel_value value)
{
    for (size_t i = 0; i < output->allowed_count; i++) {
        if (cr_feel_is_true(cr_run_test(s->eval, output->allowed[i], value, s->frame))) {
            return i;
        }
    }
    return output->allowed_count;
}

static bool outranks(table_state *s, const cr_matched_row *a, const cr_matched_row *b)
{
    for (size_t i = 0; i < s->table->output_count; i++) {
        const cr_table_output *output = &s->table->outputs[i];
        size_t x = rank_of(s, output, a->outputs[i]), y = rank_of(s, output, b->outputs[i]);
        if (x != y) { return x < y; }
    }
    return false;
}

/* Stable, by insertion: few rows match. */
static void sort_rows(table_state *s)
{
    for (size_t i = 1; i < s->row_count; i++) {
        cr_matched_row row = s->rows[i];
        cr_unit unit = s->row_units[i];
        size_t j = i;
        for (; j > 0 && outranks(s, &row, &s->rows[j - 1]); j--) {
            s->rows[j] = s->rows[j - 1];
            s->row_units[j] = s->row_units[j - 1];
        }
        s->rows[j] = row;
        s->row_units[j] = unit;
    }
}

static cr_feel_value value_of(table_state *s, const cr_feel_value *outputs)
{
    const cr_table *table = s->table;
    if (table->output_count == 1) { return outputs[0]; }
    cr_feel_entry *entries = cr_eval_take(s->eval, table->output_count, sizeof *entries);
    if (entries == NULL) { return cr_feel_null(); }
    for (size_t i = 0; i < table->output_count; i++) {
        entries[i] = (cr_feel_entry){table->outputs[i].name, outputs[i]};
    }
    return cr_feel_context(entries, table->output_count);
}

static bool has_default(const cr_table *table)
{
    for (size_t i = 0; i < table->output_count; i++) {
        if (table->outputs[i].standard != NULL) { return true; }
    }
    return false;
}

static cr_feel_value default_value(table_state *s)
{
    cr_feel_value *outputs = cr_eval_take(s->eval, s->table->output_count, sizeof *outputs);
    if (outputs == NULL) { return cr_feel_null(); }
    for (size_t i = 0; i < s->table->output_count; i++) {
        const cr_expr *standard = s->table->outputs[i].standard;
        outputs[i] = standard == NULL ? cr_feel_null() : cr_run(s->eval, standard, s->frame);
    }
    return value_of(s, outputs);
}

static cr_feel_value list_of_rows(table_state *s)
{
    cr_list_builder list = {0};
    for (size_t i = 0; i < s->row_count; i++) {
        if (!cr_list_push(s->eval, &list, value_of(s, s->rows[i].outputs))) {
            return cr_feel_null();
        }
    }
    return cr_list_done(s->eval, &list);
}

static cr_feel_value aggregate(table_state *s)
{
    if (s->table->aggregation == CR_COLLECT_COUNT) {
        return cr_feel_integer((int64_t)s->row_count);
    }
    if (s->row_count == 0) { return cr_feel_null(); }
    cr_feel_value result = s->rows[0].outputs[0];
    for (size_t i = 1; i < s->row_count; i++) {
        cr_feel_value next = s->rows[i].outputs[0];
        if (s->table->aggregation == CR_COLLECT_SUM) {
            result = cr_add(s->eval, result, next);
            continue;
        }
        int order = cr_order(s->eval, next, result);
        if (order == 2) { return cr_complain(s->eval, "collected values have no order"); }
        bool better = s->table->aggregation == CR_COLLECT_MIN ? order < 0 : order > 0;
        result = better ? next : result;
    }
    return result;
}

static cr_feel_value collect(table_state *s)
{
    switch (s->table->policy) {
    case CR_HIT_COLLECT:
        return s->table->aggregation == CR_COLLECT_LIST ? list_of_rows(s) : aggregate(s);
    case CR_HIT_OUTPUT_ORDER:
        sort_rows(s);
        return list_of_rows(s);
    default:
        return list_of_rows(s);
    }
}

static cr_feel_value single_result(table_state *s)
{
    if (s->table->policy == CR_HIT_PRIORITY) { sort_rows(s); }
    cr_feel_value result = value_of(s, s->rows[0].outputs);
    for (size_t i = 1; i < s->row_count; i++) {
        bool conflict = s->table->policy == CR_HIT_UNIQUE ||
                        (s->table->policy == CR_HIT_ANY &&
                            !cr_equal(s->eval, result, value_of(s, s->rows[i].outputs)));
        if (conflict) {
            return cr_complain(s->eval, "rules %u and %u of a table both match", s->rows[0].number,
                s->rows[i].number);
        }
    }
    return result;
}

static bool gives_list(const cr_table *table)
{
    return table->policy == CR_HIT_RULE_ORDER || table->policy == CR_HIT_OUTPUT_ORDER ||
           table->policy == CR_HIT_COLLECT;
}

static cr_feel_value result_of(table_state *s)
{
    if (s->refused) { return cr_feel_null(); }
    if (s->row_count == 0 && has_default(s->table)) { return default_value(s); }
    if (gives_list(s->table)) { return collect(s); }
    return s->row_count == 0 ? cr_feel_null() : single_result(s);
}

/* The conclusion rests on the inputs that the rows tested; without a row, on
 * all that were looked at. */
static void trace_inputs(table_state *s)
{
    const cr_table *table = s->table;
    bool *used = s->known;
    if (s->row_count > 0) { memset(used, 0, table->input_count); }
    for (size_t r = 0; r < s->row_count; r++) {
        const cr_table_rule *rule = &table->rules[s->rows[r].number - 1];
        for (size_t i = 0; i < rule->cell_count; i++) { used[rule->cells[i].input] = true; }
    }
    for (size_t i = 0; i < table->input_count; i++) {
        if (used[i]) { cr_trace_unit(s->eval, &s->input_units[i]); }
    }
    for (size_t r = 0; r < s->row_count; r++) { cr_trace_unit(s->eval, &s->row_units[r]); }
}

static void remember(table_state *s)
{
    cr_table_run *run = cr_eval_take(s->eval, 1, sizeof *run);
    if (run == NULL || s->eval->unit == NULL) { return; }
    *run = (cr_table_run){s->eval->unit->tables, s->table, s->rows, s->row_count, s->inputs,
        s->input_units, s->row_units};
    s->eval->unit->tables = run;
}

static table_state open_table(cr_eval *eval, const cr_table *table, cr_activation *frame)
{
    table_state s = {.eval = eval, .table = table, .frame = frame};
    s.inputs = cr_eval_alloc(eval, table->input_count, sizeof *s.inputs);
    s.known = cr_eval_alloc(eval, table->input_count, sizeof *s.known);
    s.input_units = cr_eval_take(eval, table->input_count, sizeof *s.input_units);
    if (table->index != NULL) {
        s.passing = cr_eval_alloc(eval, table->input_count, sizeof *s.passing);
    }
    return s;
}

static bool is_live(const cr_table *table, size_t rule)
{
    for (size_t i = 0; i < table->live_count; i++) {
        if (table->live[i] == rule) { return true; }
    }
    return false;
}

bool cr_table_rule_matches(
    cr_eval *eval, const cr_table *table, size_t rule, cr_activation *frame, int64_t *next_change)
{
    cr_unit unit = {.next_change = INT64_MAX};
    table_state s = open_table(eval, table, frame);
    bool matches = eval->status == CREDIT_OK && is_live(table, rule) &&
                   rule_matches(&s, &table->rules[rule], &unit);
    *next_change = unit.next_change;
    for (size_t i = 0; matches && i < table->input_count; i++) {
        bool sooner = s.known[i] && s.input_units[i].next_change < *next_change;
        if (sooner) { *next_change = s.input_units[i].next_change; }
    }
    return matches;
}

cr_feel_value cr_run_table(cr_eval *eval, const cr_table *table, cr_activation *frame)
{
    if (table->plain && eval->model->value_only) { return cr_run_plain_table(eval, table, frame); }
    table_state s = open_table(eval, table, frame);
    if (eval->status != CREDIT_OK || !find_rows(&s)) { return cr_feel_null(); }
    cr_feel_value result = result_of(&s);
    if (s.refused) { s.row_count = 0; }
    trace_inputs(&s);
    remember(&s);
    return result;
}
