/* Boxed expressions and decision tables of a DMN file. */
#include <stdarg.h>
#include <stdio.h>

#include "engine/error.h"
#include "engine/text.h"
#include "loaders/dmn_internal.h"

bool cr_dmn_refuse(cr_dmn_reader *r, const cr_xml *node, const char *format, ...)
{
    char text[320];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    credit_span name = cr_xml_attribute_of(node, "name");
    credit_span id = cr_xml_attribute_of(node, "id");
    credit_span label = name.size > 0 ? name : id;
    cr_fail(r->err, CREDIT_E_PACK, "<%.*s%s%.*s>: %s", (int)node->name.size, node->name.data,
        label.size > 0 ? " " : "", (int)(label.size > 60 ? 60 : label.size), label.data, text);
    cr_fail_at(r->err, node->line, 0, NULL);
    return false;
}

bool cr_dmn_no_memory(cr_dmn_reader *r)
{
    cr_fail(r->err, CREDIT_E_NOMEM, "out of memory while reading rules");
    return false;
}

bool cr_dmn_is_own(const cr_dmn_reader *r, const cr_xml *node)
{
    return cr_span_equal(node->space, r->space);
}

static bool is_one_of(const cr_xml *node, const char *const *names)
{
    for (; names != NULL && *names != NULL; names++) {
        if (cr_xml_is(node, *names)) { return true; }
    }
    return false;
}

bool cr_dmn_is_prose(const cr_xml *node)
{
    static const char *const names[] = {"description", "extensionElements", "question",
        "allowedAnswers", "authorityRequirement", "impactedPerformanceIndicator", "decisionMaker",
        "decisionOwner", "usingProcess", "usingTask", "supportedObjective", NULL};
    return is_one_of(node, names);
}

cr_source_text cr_dmn_text(const cr_xml *node)
{
    const cr_xml *text = node == NULL ? NULL : cr_xml_child(node, "text");
    return text == NULL ? (cr_source_text){{"", 0}, node == NULL ? 0 : node->line}
                        : (cr_source_text){text->text, text->text_line};
}

/* --- expressions ------------------------------------------------------- */

static const struct kind {
    const char *name;
    cr_box_kind kind;
} kinds[] = {{"literalExpression", CR_BOX_LITERAL}, {"decisionTable", CR_BOX_TABLE},
    {"invocation", CR_BOX_INVOCATION}, {"context", CR_BOX_CONTEXT}, {"list", CR_BOX_LIST},
    {"relation", CR_BOX_RELATION}, {"functionDefinition", CR_BOX_FUNCTION},
    {"conditional", CR_BOX_CONDITIONAL}, {"filter", CR_BOX_FILTER}, {"for", CR_BOX_FOR},
    {"some", CR_BOX_SOME}, {"every", CR_BOX_EVERY}};

static const struct kind *kind_of(const cr_xml *node)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (cr_xml_is(node, kinds[i].name)) { return &kinds[i]; }
    }
    return NULL;
}

bool cr_dmn_is_expression(const cr_xml *node)
{
    return kind_of(node) != NULL;
}

bool cr_dmn_box_within(
    cr_dmn_reader *r, const cr_xml *node, const char *const *others, cr_box **out)
{
    *out = NULL;
    for (const cr_xml *child = node->first; child != NULL; child = child->next) {
        if (!cr_dmn_is_own(r, child) || cr_dmn_is_prose(child) || is_one_of(child, others)) {
            continue;
        }
        if (!cr_dmn_is_expression(child)) { return cr_dmn_refuse(r, child, "not supported here"); }
        if (*out != NULL) { return cr_dmn_refuse(r, child, "a second expression in one place"); }
        if (!cr_dmn_box(r, child, out)) { return false; }
    }
    return true;
}

/* FEEL by whatever URI its version has. */
static bool language_is_feel(cr_dmn_reader *r, const cr_xml *node)
{
    credit_span language = cr_xml_attribute_of(node, "expressionLanguage");
    if (language.size == 0 || cr_span_find(language, CR_SPAN("FEEL")) != SIZE_MAX ||
        cr_span_find(language, CR_SPAN("feel")) != SIZE_MAX) {
        return true;
    }
    return cr_dmn_refuse(r, node, "expression language \"%.*s\" is not supported, only FEEL",
        (int)(language.size > 80 ? 80 : language.size), language.data);
}

static bool read_literal(cr_dmn_reader *r, const cr_xml *node, cr_box *box)
{
    cr_source_text text = cr_dmn_text(node);
    if (cr_xml_child(node, "importedValues") != NULL) {
        return cr_dmn_refuse(r, node, "imported values are not supported");
    }
    box->text = text.text;
    box->line = text.line;
    return true;
}

/* Room for kids and names beside each other. */
static bool make_room(cr_dmn_reader *r, cr_box *box, size_t count, cr_box ***kids,
    credit_span **names, credit_span **types)
{
    *kids = cr_arena_array(r->arena, count, sizeof **kids);
    *names = cr_arena_array(r->arena, count, sizeof **names);
    *types = cr_arena_array(r->arena, count, sizeof **types);
    box->kids = *kids;
    box->names = *names;
    box->types = *types;
    return (*kids != NULL && *names != NULL && *types != NULL) || cr_dmn_no_memory(r);
}

static bool read_binding(cr_dmn_reader *r, const cr_xml *node, credit_span *name, cr_box **value)
{
    static const char *const others[] = {"parameter", NULL};
    const cr_xml *parameter = cr_xml_child(node, "parameter");
    *name = parameter == NULL ? CR_SPAN("") : cr_xml_attribute_of(parameter, "name");
    if (name->size == 0) { return cr_dmn_refuse(r, node, "a binding names no parameter"); }
    if (!cr_dmn_box_within(r, node, others, value)) { return false; }
    return *value != NULL || cr_dmn_refuse(r, node, "a binding has no value");
}

static bool read_invocation(cr_dmn_reader *r, const cr_xml *node, cr_box *box)
{
    static const char *const others[] = {"binding", NULL};
    cr_box **kids;
    credit_span *names, *types;
    if (!make_room(r, box, cr_xml_count(node, "binding") + 1, &kids, &names, &types) ||
        !cr_dmn_box_within(r, node, others, &kids[0])) {
        return false;
    }
    if (kids[0] == NULL) { return cr_dmn_refuse(r, node, "an invocation names no function"); }
    box->kid_count = 1;
    for (const cr_xml *b = cr_xml_child(node, "binding"); b != NULL;
         b = cr_xml_next(b, "binding")) {
        if (!read_binding(r, b, &names[box->kid_count], &kids[box->kid_count])) { return false; }
        box->kid_count++;
    }
    box->name_count = box->kid_count;
    return true;
}

static bool read_context(cr_dmn_reader *r, const cr_xml *node, cr_box *box)
{
    static const char *const others[] = {"variable", NULL};
    cr_box **kids;
    credit_span *names, *types;
    if (!make_room(r, box, cr_xml_count(node, "contextEntry"), &kids, &names, &types)) {
        return false;
    }
    for (const cr_xml *entry = cr_xml_child(node, "contextEntry"); entry != NULL;
         entry = cr_xml_next(entry, "contextEntry")) {
        const cr_xml *variable = cr_xml_child(entry, "variable");
        size_t i = box->kid_count++;
        if (i > 0 && names[i - 1].size == 0) {
            return cr_dmn_refuse(r, entry, "an entry behind the context's result");
        }
        names[i] = variable == NULL ? CR_SPAN("") : cr_xml_attribute_of(variable, "name");
        types[i] = variable == NULL ? CR_SPAN("") : cr_xml_attribute_of(variable, "typeRef");
        if (!cr_dmn_box_within(r, entry, others, &kids[i])) { return false; }
        if (kids[i] == NULL) { return cr_dmn_refuse(r, entry, "a context entry has no value"); }
    }
    box->name_count = box->kid_count;
    return true;
}

/* Every child that is an expression, in order. */
static bool read_items(cr_dmn_reader *r, const cr_xml *node, cr_box **kids, size_t *count)
{
    for (const cr_xml *child = node->first; child != NULL; child = child->next) {
        if (!cr_dmn_is_own(r, child) || cr_dmn_is_prose(child)) { continue; }
        if (!cr_dmn_is_expression(child)) { return cr_dmn_refuse(r, child, "not supported here"); }
        if (!cr_dmn_box(r, child, &kids[(*count)++])) { return false; }
    }
    return true;
}

static size_t child_count(const cr_xml *node)
{
    size_t count = 0;
    for (const cr_xml *child = node->first; child != NULL; child = child->next) { count++; }
    return count;
}

static bool read_list(cr_dmn_reader *r, const cr_xml *node, cr_box *box)
{
    cr_box **kids;
    credit_span *names, *types;
    return make_room(r, box, child_count(node), &kids, &names, &types) &&
           read_items(r, node, kids, &box->kid_count);
}

static bool read_relation(cr_dmn_reader *r, const cr_xml *node, cr_box *box)
{
    size_t columns = cr_xml_count(node, "column"), cells = 0;
    for (const cr_xml *row = cr_xml_child(node, "row"); row != NULL;
         row = cr_xml_next(row, "row")) {
        cells += child_count(row);
    }
    cr_box **kids;
    credit_span *names, *types;
    if (!make_room(r, box, cells + columns, &kids, &names, &types)) { return false; }
    for (const cr_xml *column = cr_xml_child(node, "column"); column != NULL;
         column = cr_xml_next(column, "column")) {
        names[box->name_count++] = cr_xml_attribute_of(column, "name");
    }
    for (const cr_xml *row = cr_xml_child(node, "row"); row != NULL;
         row = cr_xml_next(row, "row")) {
        size_t before = box->kid_count;
        if (!read_items(r, row, kids, &box->kid_count)) { return false; }
        if (box->kid_count - before != columns) {
            return cr_dmn_refuse(
                r, row, "%zu cells for %zu columns", box->kid_count - before, columns);
        }
    }
    return true;
}

static bool read_function(cr_dmn_reader *r, const cr_xml *node, cr_box *box)
{
    static const char *const others[] = {"formalParameter", NULL};
    credit_span kind = cr_xml_attribute_of(node, "kind");
    cr_box **kids;
    credit_span *names, *types;
    size_t count = cr_xml_count(node, "formalParameter");
    if (kind.size > 0 && !cr_span_is(kind, "FEEL")) {
        return cr_dmn_refuse(
            r, node, "functions of kind \"%.*s\" are not supported", (int)kind.size, kind.data);
    }
    if (!make_room(r, box, count + 1, &kids, &names, &types)) { return false; }
    for (const cr_xml *p = cr_xml_child(node, "formalParameter"); p != NULL;
         p = cr_xml_next(p, "formalParameter")) {
        names[box->name_count] = cr_xml_attribute_of(p, "name");
        types[box->name_count++] = cr_xml_attribute_of(p, "typeRef");
    }
    if (!cr_dmn_box_within(r, node, others, &kids[0])) { return false; }
    box->kid_count = 1;
    return kids[0] != NULL || cr_dmn_refuse(r, node, "a function has no body");
}

bool cr_dmn_function(cr_dmn_reader *r, const cr_xml *node, cr_box **out)
{
    *out = cr_arena_alloc(r->arena, sizeof **out);
    if (*out == NULL) { return cr_dmn_no_memory(r); }
    (*out)->kind = CR_BOX_FUNCTION;
    (*out)->line = node->line;
    return read_function(r, node, *out);
}

/* Parts that are elements around one expression each: if, then, else; … */
static bool read_parts(cr_dmn_reader *r, const cr_xml *node, cr_box *box, const char *const *parts)
{
    cr_box **kids;
    credit_span *names, *types;
    if (!make_room(r, box, 4, &kids, &names, &types)) { return false; }
    names[0] = cr_xml_attribute_of(node, "iteratorVariable");
    box->name_count = 1;
    for (; *parts != NULL; parts++) {
        const cr_xml *part = cr_xml_child(node, *parts);
        if (part == NULL || !cr_dmn_box_within(r, part, NULL, &kids[box->kid_count])) {
            return part == NULL ? cr_dmn_refuse(r, node, "it has no <%s>", *parts) : false;
        }
        if (kids[box->kid_count++] == NULL) { return cr_dmn_refuse(r, part, "it is empty"); }
    }
    return true;
}

static bool read_loop(cr_dmn_reader *r, const cr_xml *node, cr_box *box)
{
    static const char *const for_parts[] = {"in", "return", NULL};
    static const char *const quantified[] = {"in", "satisfies", NULL};
    return read_parts(r, node, box, box->kind == CR_BOX_FOR ? for_parts : quantified);
}

/* --- decision tables --------------------------------------------------- */

static bool read_policy(cr_dmn_reader *r, const cr_xml *node, cr_source_table *table)
{
    static const char *const policies[] = {
        "UNIQUE", "ANY", "FIRST", "PRIORITY", "RULE ORDER", "OUTPUT ORDER", "COLLECT"};
    static const char *const aggregations[] = {"", "SUM", "MIN", "MAX", "COUNT"};
    credit_span policy = cr_xml_attribute_of(node, "hitPolicy");
    credit_span aggregation = cr_xml_attribute_of(node, "aggregation");
    bool known = policy.size == 0, aggregated = false;
    for (int i = 0; i < 7 && !known; i++) {
        known = cr_span_is(policy, policies[i]);
        table->policy = (cr_hit_policy)i;
    }
    if (!known) {
        return cr_dmn_refuse(r, node, "unknown hit policy \"%.*s\"", (int)policy.size, policy.data);
    }
    for (int i = 0; i < 5 && !aggregated; i++) {
        aggregated = cr_span_is(aggregation, aggregations[i]);
        table->aggregation = (cr_aggregation)i;
    }
    return aggregated || cr_dmn_refuse(r, node, "unknown aggregation \"%.*s\"",
                             (int)aggregation.size, aggregation.data);
}

static bool read_input(cr_dmn_reader *r, const cr_xml *node, cr_source_column *column)
{
    const cr_xml *expression = cr_xml_child(node, "inputExpression");
    if (expression == NULL || !language_is_feel(r, expression)) {
        return expression == NULL ? cr_dmn_refuse(r, node, "an input has no expression") : false;
    }
    column->name = cr_xml_attribute_of(node, "label");
    column->expression = cr_dmn_text(expression);
    column->type_ref = cr_xml_attribute_of(expression, "typeRef");
    column->allowed = cr_dmn_text(cr_xml_child(node, "inputValues"));
    column->line = node->line;
    return cr_span_trim(column->expression.text).size > 0 ||
           cr_dmn_refuse(r, node, "an input has an empty expression");
}

static void read_output(const cr_xml *node, cr_source_column *column)
{
    column->name = cr_xml_attribute_of(node, "name");
    column->type_ref = cr_xml_attribute_of(node, "typeRef");
    column->allowed = cr_dmn_text(cr_xml_child(node, "outputValues"));
    column->standard = cr_dmn_text(cr_xml_child(node, "defaultOutputEntry"));
    column->line = node->line;
}

static bool read_columns(cr_dmn_reader *r, const cr_xml *node, cr_source_table *table)
{
    cr_source_column *inputs =
        cr_arena_array(r->arena, cr_xml_count(node, "input"), sizeof *inputs);
    cr_source_column *outputs =
        cr_arena_array(r->arena, cr_xml_count(node, "output"), sizeof *outputs);
    credit_span *notes = cr_arena_array(r->arena, cr_xml_count(node, "annotation"), sizeof *notes);
    if (inputs == NULL || outputs == NULL || notes == NULL) { return cr_dmn_no_memory(r); }
    table->inputs = inputs;
    table->outputs = outputs;
    table->annotations = notes;
    for (const cr_xml *child = node->first; child != NULL; child = child->next) {
        if (!cr_dmn_is_own(r, child) || cr_dmn_is_prose(child) || cr_xml_is(child, "rule")) {
            continue;
        }
        if (cr_xml_is(child, "input")) {
            if (!read_input(r, child, &inputs[table->input_count++])) { return false; }
        } else if (cr_xml_is(child, "output")) {
            read_output(child, &outputs[table->output_count++]);
        } else if (cr_xml_is(child, "annotation")) {
            notes[table->annotation_count++] = cr_xml_attribute_of(child, "name");
        } else {
            return cr_dmn_refuse(r, child, "not supported in a decision table");
        }
    }
    return true;
}

static bool read_cells(
    cr_dmn_reader *r, const cr_xml *rule, const char *name, size_t count, cr_source_text *cells)
{
    size_t found = 0;
    for (const cr_xml *cell = cr_xml_child(rule, name); cell != NULL;
         cell = cr_xml_next(cell, name), found++) {
        if (found < count) {
            if (!language_is_feel(r, cell)) { return false; }
            cells[found] = cr_dmn_text(cell);
        }
    }
    return found == count ||
           cr_dmn_refuse(r, rule, "%zu of <%s> for %zu columns", found, name, count);
}

/* Annotation cells may be fewer than their columns: the rest is empty. */
static bool read_notes(cr_dmn_reader *r, const cr_xml *rule, size_t count, credit_span *notes)
{
    size_t found = 0;
    for (const cr_xml *cell = cr_xml_child(rule, "annotationEntry"); cell != NULL;
         cell = cr_xml_next(cell, "annotationEntry"), found++) {
        if (found >= count) {
            return cr_dmn_refuse(r, rule, "more annotations than annotation columns");
        }
        notes[found] = cr_span_trim(cr_dmn_text(cell).text);
    }
    for (; found < count; found++) { notes[found] = CR_SPAN(""); }
    return true;
}

static bool read_rule(
    cr_dmn_reader *r, const cr_xml *node, const cr_source_table *table, cr_source_rule *rule)
{
    cr_source_text *tests = cr_arena_array(r->arena, table->input_count, sizeof *tests);
    cr_source_text *outputs = cr_arena_array(r->arena, table->output_count, sizeof *outputs);
    credit_span *notes = cr_arena_array(r->arena, table->annotation_count, sizeof *notes);
    if (tests == NULL || outputs == NULL || notes == NULL) { return cr_dmn_no_memory(r); }
    *rule = (cr_source_rule){.id = cr_xml_attribute_of(node, "id"),
        .line = node->line,
        .tests = tests,
        .outputs = outputs,
        .annotations = notes};
    return read_cells(r, node, "inputEntry", table->input_count, tests) &&
           read_cells(r, node, "outputEntry", table->output_count, outputs) &&
           read_notes(r, node, table->annotation_count, notes);
}

static bool read_table(cr_dmn_reader *r, const cr_xml *node, cr_box *box)
{
    cr_source_table *table = cr_arena_alloc(r->arena, sizeof *table);
    cr_source_rule *rules = cr_arena_array(r->arena, cr_xml_count(node, "rule"), sizeof *rules);
    if (table == NULL || rules == NULL) { return cr_dmn_no_memory(r); }
    table->line = node->line;
    table->rules = rules;
    box->table = table;
    if (!read_policy(r, node, table) || !read_columns(r, node, table)) { return false; }
    for (const cr_xml *rule = cr_xml_child(node, "rule"); rule != NULL;
         rule = cr_xml_next(rule, "rule")) {
        if (!read_rule(r, rule, table, &rules[table->rule_count++])) { return false; }
    }
    return true;
}

/* --- any of them ------------------------------------------------------- */

static bool read_kind(cr_dmn_reader *r, const cr_xml *node, cr_box *box)
{
    static const char *const conditional[] = {"if", "then", "else", NULL};
    static const char *const filter[] = {"in", "match", NULL};
    switch (box->kind) {
    case CR_BOX_LITERAL:
        return read_literal(r, node, box);
    case CR_BOX_TABLE:
        return read_table(r, node, box);
    case CR_BOX_INVOCATION:
        return read_invocation(r, node, box);
    case CR_BOX_CONTEXT:
        return read_context(r, node, box);
    case CR_BOX_LIST:
        return read_list(r, node, box);
    case CR_BOX_RELATION:
        return read_relation(r, node, box);
    case CR_BOX_FUNCTION:
        return read_function(r, node, box);
    case CR_BOX_CONDITIONAL:
        return read_parts(r, node, box, conditional);
    case CR_BOX_FILTER:
        return read_parts(r, node, box, filter);
    default:
        return read_loop(r, node, box);
    }
}

bool cr_dmn_box(cr_dmn_reader *r, const cr_xml *node, cr_box **out)
{
    cr_box *box = cr_arena_alloc(r->arena, sizeof *box);
    *out = box;
    if (box == NULL) { return cr_dmn_no_memory(r); }
    if (!language_is_feel(r, node)) { return false; }
    box->kind = kind_of(node)->kind;
    box->line = node->line;
    box->type_ref = cr_xml_attribute_of(node, "typeRef");
    return read_kind(r, node, box);
}
