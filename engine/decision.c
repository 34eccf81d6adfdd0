/* Compiling a model: types, inputs, functions, then the decisions in an order
 * in which each comes after those it requires. A decision sees exactly what it
 * requires (DMN 1.5, 7.3.1 and 10.4): the graph that is drawn is the graph
 * that runs. */
#include "engine/decision.h"

#include <stdio.h>
#include <string.h>

#include "engine/error.h"
#include "engine/model_internal.h"

enum { DECISIONS_MAX = 4096, INPUTS_MAX = 1024, ELEMENT_TEXT = 96 };

/* The model under construction. */
typedef struct builder {
    cr_compiler c;
    const cr_model_source *source;
    cr_model *model;
    cr_input *inputs;
    uint8_t *state;               /* of decisions: 0 not yet, 1 under way, 2 done */
    const cr_feel_type **results; /* types of decisions, as others see them */
    char element[ELEMENT_TEXT];
} builder;

static bool no_memory(builder *b)
{
    cr_fail(b->c.err, CREDIT_E_NOMEM, "out of memory while compiling rules");
    return false;
}

static void at_element(builder *b, const char *kind, credit_span name)
{
    snprintf(b->element, sizeof b->element, "%s \"%.*s\"", kind,
        (int)(name.size > 60 ? 60 : name.size), name.data == NULL ? "" : name.data);
    b->c.element = b->element;
}

/* --- hosts and inputs -------------------------------------------------- */

static bool copy_hosts(builder *b, const cr_model_options *options)
{
    size_t count = options == NULL ? 0 : options->host_count;
    cr_host_type *hosts = cr_arena_array(b->c.arena, count, sizeof *hosts);
    cr_feel_type *types = cr_arena_array(b->c.arena, count, sizeof *types);
    if (hosts == NULL || types == NULL || count > UINT16_MAX) { return no_memory(b); }
    for (size_t i = 0; i < count; i++) {
        const cr_host_type *from = &options->hosts[i];
        cr_host_property *properties =
            cr_arena_array(b->c.arena, from->property_count, sizeof *properties);
        if (properties == NULL || from->property_count >= UINT16_MAX) { return no_memory(b); }
        for (size_t j = 0; j < from->property_count; j++) {
            properties[j] = from->properties[j];
            properties[j].name = cr_name_normal(&b->c, from->properties[j].name);
            if (properties[j].name.data == NULL) { return no_memory(b); }
        }
        hosts[i] = *from;
        hosts[i].name = cr_arena_span(b->c.arena, from->name);
        hosts[i].properties = properties;
        types[i] = (cr_feel_type){.kind = CR_FEEL_HOST, .host = (uint16_t)i};
    }
    b->model->hosts = b->c.hosts = hosts;
    b->model->host_count = b->c.host_count = count;
    b->c.host_types = types;
    return true;
}

static const cr_feel_type *bound_type(builder *b, const cr_model_options *options, credit_span name)
{
    for (size_t i = 0; options != NULL && i < options->binding_count; i++) {
        const cr_host_binding *binding = &options->bindings[i];
        if (binding->host < b->c.host_count && cr_span_equal(binding->input, name)) {
            const cr_feel_type *type = &b->c.host_types[binding->host];
            return binding->list ? cr_type_list_of(&b->c, type) : type;
        }
    }
    return NULL;
}

static bool add_inputs(builder *b, const cr_model_options *options)
{
    const cr_model_source *source = b->source;
    b->inputs = cr_arena_array(b->c.arena, source->input_count, sizeof *b->inputs);
    if (b->inputs == NULL) { return no_memory(b); }
    for (size_t i = 0; i < source->input_count; i++) {
        const cr_source_input *from = &source->inputs[i];
        at_element(b, "input", from->name);
        b->inputs[i].name = cr_name_normal(&b->c, from->name);
        if (b->inputs[i].name.data == NULL) {
            cr_compile_error(&b->c, from->line, "an input has no name");
            return false;
        }
        const cr_feel_type *type = bound_type(b, options, b->inputs[i].name);
        if (type == NULL) {
            type = from->type_ref.size == 0 ? &cr_type_any
                                            : cr_type_resolve(&b->c, from->type_ref, from->line);
        }
        if (type == NULL) { return false; }
        b->inputs[i].type = type;
    }
    b->model->inputs = b->inputs;
    b->model->input_count = source->input_count;
    return true;
}

/* --- requirements ------------------------------------------------------ */

/* Local part of a reference: "#id", or "namespace#id". */
static credit_span local_id(credit_span reference)
{
    const char *hash = reference.size == 0 ? NULL : memchr(reference.data, '#', reference.size);
    if (hash == NULL) { return reference; }
    size_t skip = (size_t)(hash - reference.data) + 1;
    return (credit_span){reference.data + skip, reference.size - skip};
}

static bool is_id(credit_span id, credit_span wanted)
{
    return id.size > 0 && cr_span_equal(id, wanted);
}

static bool compile_decision(builder *b, size_t index, int depth);

/* Brings the required element into scope; a decision is compiled first. */
static bool add_requirement(
    builder *b, const cr_source_decision *from, credit_span reference, int depth, const char *kind)
{
    const cr_model_source *source = b->source;
    credit_span id = local_id(reference);
    for (size_t i = 0; i < source->input_count; i++) {
        if (is_id(source->inputs[i].id, id)) {
            return cr_scope_add(
                &b->c, b->inputs[i].name, CR_VARIABLE_INPUT, (uint16_t)i, b->inputs[i].type);
        }
    }
    for (size_t i = 0; i < source->knowledge_count; i++) {
        if (is_id(source->knowledge[i].id, id)) {
            return cr_scope_add(&b->c, b->model->knowledge_names[i], CR_VARIABLE_KNOWLEDGE,
                (uint16_t)i, cr_type_of_kind(CR_FEEL_FUNCTION));
        }
    }
    for (size_t i = 0; i < source->decision_count; i++) {
        if (is_id(source->decisions[i].id, id)) {
            if (!compile_decision(b, i, depth + 1)) { return false; }
            return cr_scope_add(&b->c, b->model->decisions[i].name, CR_VARIABLE_DECISION,
                (uint16_t)i, b->results[i]);
        }
    }
    at_element(b, kind, from->name);
    cr_compile_error(&b->c, from->line, "it requires \"%.*s\", which does not exist",
        (int)reference.size, reference.data);
    return false;
}

static bool add_requirements(
    builder *b, const cr_source_decision *from, int depth, const char *kind)
{
    for (size_t i = 0; i < from->require_count; i++) {
        if (!add_requirement(b, from, from->requires[i], depth, kind)) { return false; }
    }
    return true;
}

/* --- functions --------------------------------------------------------- */

static bool name_knowledge(builder *b)
{
    size_t count = b->source->knowledge_count;
    b->model->knowledge = cr_arena_array(b->c.arena, count, sizeof *b->model->knowledge);
    b->model->knowledge_names =
        cr_arena_array(b->c.arena, count, sizeof *b->model->knowledge_names);
    if (b->model->knowledge == NULL || b->model->knowledge_names == NULL) { return no_memory(b); }
    for (size_t i = 0; i < count; i++) {
        const cr_source_decision *from = &b->source->knowledge[i];
        b->model->knowledge_names[i] = cr_name_normal(&b->c, from->name);
        if (b->model->knowledge_names[i].data == NULL) {
            cr_compile_error(&b->c, from->line, "a business knowledge model has no name");
            return false;
        }
    }
    b->model->knowledge_count = count;
    return true;
}

static bool compile_knowledge(builder *b, size_t index)
{
    const cr_source_decision *from = &b->source->knowledge[index];
    cr_scope scope = {0};
    cr_lambda *lambda = NULL;
    b->c.frame = NULL;
    cr_scope_push(&b->c, &scope);
    if (add_requirements(b, from, 0, "business knowledge model")) {
        at_element(b, "business knowledge model", from->name);
        /* The typeRef of its variable is the function's, not the result's, in
         * most files: the result is what the body gives. */
        if (from->box == NULL) {
            cr_compile_error(&b->c, from->line, "it has no logic");
        } else {
            lambda =
                cr_box_lambda(&b->c, from->box, b->model->knowledge_names[index], &cr_type_any);
        }
    }
    cr_scope_pop(&b->c);
    if (lambda == NULL) { return false; }
    b->model->knowledge[index].lambda = lambda;
    return true;
}

/* --- decisions --------------------------------------------------------- */

static bool bears_host(const cr_feel_type *type)
{
    return cr_type_of_item(type)->kind == CR_FEEL_HOST;
}

/* Host objects are known from where they come from; else the typeRef says. */
static const cr_feel_type *seen_type(const cr_feel_type *declared, const cr_feel_type *inferred)
{
    return bears_host(inferred) || declared->kind == CR_FEEL_ANY ? inferred : declared;
}

static bool compile_logic(builder *b, size_t index, int depth)
{
    const cr_source_decision *from = &b->source->decisions[index];
    cr_decision *decision = &b->model->decisions[index];
    cr_frame frame = {0};
    cr_scope scope = {0};
    cr_scope *outer_scope = b->c.scope;
    cr_frame *outer_frame = b->c.frame;
    cr_expr *body = NULL;
    b->c.scope = NULL;
    b->c.frame = &frame;
    cr_scope_push(&b->c, &scope);
    if (add_requirements(b, from, depth, "decision")) {
        b->c.frame = &frame;
        at_element(b, "decision", from->name);
        if (from->box == NULL) {
            cr_compile_error(&b->c, from->line, "it has no logic");
        } else {
            body = cr_box_compile(&b->c, from->box);
        }
    }
    cr_scope_pop(&b->c);
    cr_free(frame.captures);
    b->c.scope = outer_scope;
    b->c.frame = outer_frame;
    if (body == NULL) { return false; }
    decision->body = body;
    decision->table = body->op == CR_OP_TABLE ? body->as.table : NULL;
    decision->slots = frame.slots;
    b->results[index] = seen_type(decision->type, body->type);
    return true;
}

static bool compile_decision(builder *b, size_t index, int depth)
{
    const cr_source_decision *from = &b->source->decisions[index];
    if (b->state[index] == 2) { return true; }
    if (b->state[index] == 1 || depth > CR_FEEL_CALLS_MAX - 10) {
        at_element(b, "decision", from->name);
        cr_compile_error(&b->c, from->line,
            b->state[index] == 1 ? "it requires itself, directly or through others"
                                 : "it stands at the end of too long a chain of decisions");
        return false;
    }
    b->state[index] = 1;
    uint32_t nesting = b->c.depth;
    b->c.depth = 0;
    bool ok = compile_logic(b, index, depth);
    b->c.depth = nesting;
    b->state[index] = 2;
    return ok;
}

static bool name_decisions(builder *b)
{
    size_t count = b->source->decision_count;
    b->model->decisions = cr_arena_array(b->c.arena, count, sizeof *b->model->decisions);
    b->state = cr_arena_array(b->c.arena, count, sizeof *b->state);
    b->results = cr_arena_array(b->c.arena, count, sizeof *b->results);
    if (b->model->decisions == NULL || b->state == NULL || b->results == NULL) {
        return no_memory(b);
    }
    b->model->decision_count = count;
    for (size_t i = 0; i < count; i++) {
        const cr_source_decision *from = &b->source->decisions[i];
        cr_decision *decision = &b->model->decisions[i];
        at_element(b, "decision", from->name);
        decision->id = cr_arena_span(b->c.arena, from->id);
        decision->name = cr_name_normal(&b->c, from->name);
        decision->line = from->line;
        if (decision->name.data == NULL) {
            cr_compile_error(&b->c, from->line, "a decision has no name");
            return false;
        }
        decision->type = from->type_ref.size == 0
                             ? &cr_type_any
                             : cr_type_resolve(&b->c, from->type_ref, from->line);
        b->results[i] = decision->type;
        if (decision->type == NULL) { return false; }
        if (cr_model_decision(b->model, decision->name) != (int)i) {
            cr_compile_error(&b->c, from->line, "there are two decisions of this name");
            return false;
        }
    }
    return true;
}

static bool keep_warnings(builder *b)
{
    size_t count = b->c.warning_count;
    cr_warning *warnings = cr_arena_array(b->c.arena, count, sizeof *warnings);
    if (warnings == NULL) { return no_memory(b); }
    for (size_t i = 0; i < count; i++) { warnings[i] = b->c.warnings[i]; }
    b->model->warnings = warnings;
    b->model->warning_count = count;
    return true;
}

static bool build(builder *b, const cr_model_options *options)
{
    const cr_model_source *source = b->source;
    if (source->decision_count > DECISIONS_MAX || source->input_count > INPUTS_MAX ||
        source->knowledge_count > DECISIONS_MAX) {
        cr_compile_error(&b->c, 0, "the model has more than %d decisions or %d inputs",
            DECISIONS_MAX, INPUTS_MAX);
        return false;
    }
    /* Item definitions may hold lambdas (allowed values), in frames of their own. */
    if (!copy_hosts(b, options) || !cr_types_compile(&b->c, source) || !add_inputs(b, options) ||
        !name_knowledge(b) || !name_decisions(b)) {
        return false;
    }
    for (size_t i = 0; i < source->decision_count; i++) {
        if (!compile_decision(b, i, 0)) { return false; }
    }
    for (size_t i = 0; i < source->knowledge_count; i++) {
        if (!compile_knowledge(b, i)) { return false; }
    }
    return keep_warnings(b);
}

credit_result cr_model_compile(const cr_model_source *source, const cr_model_options *options,
    cr_model **out, credit_error *err)
{
    credit_error own = CREDIT_ERROR_INIT;
    *out = NULL;
    cr_model *model = cr_alloc(sizeof *model);
    if (model == NULL) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory while compiling rules");
    }
    memset(model, 0, sizeof *model);
    builder b = {.source = source, .model = model};
    b.c.arena = &model->arena;
    b.c.err = &own;
    b.c.element = "";
    bool ok = build(&b, options);
    cr_free(b.c.warnings);
    if (!ok) {
        cr_model_free(model);
        if (own.code == CREDIT_OK) {
            cr_fail(&own, CREDIT_E_NOMEM, "out of memory while compiling rules");
        }
        if (err != NULL) { *err = own; }
        return own.code;
    }
    *out = model;
    return CREDIT_OK;
}

void cr_model_free(cr_model *model)
{
    if (model != NULL) {
        cr_arena_release(&model->arena);
        cr_free(model);
    }
}

/* --- looking things up ------------------------------------------------- */

int cr_model_decision(const cr_model *model, credit_span name)
{
    for (size_t i = 0; i < model->decision_count; i++) {
        const cr_decision *decision = &model->decisions[i];
        if (decision->name.data != NULL && cr_span_equal(decision->name, name)) { return (int)i; }
    }
    for (size_t i = 0; i < model->decision_count; i++) {
        if (is_id(model->decisions[i].id, name)) { return (int)i; }
    }
    return -1;
}

int cr_model_input(const cr_model *model, credit_span name)
{
    for (size_t i = 0; i < model->input_count; i++) {
        if (cr_span_equal(model->inputs[i].name, name)) { return (int)i; }
    }
    return -1;
}

size_t cr_model_decision_count(const cr_model *model)
{
    return model->decision_count;
}

size_t cr_model_input_count(const cr_model *model)
{
    return model->input_count;
}

static bool is_decision(const cr_model *model, int decision)
{
    return decision >= 0 && (size_t)decision < model->decision_count;
}

static bool is_input(const cr_model *model, int input)
{
    return input >= 0 && (size_t)input < model->input_count;
}

credit_span cr_model_decision_name(const cr_model *model, int decision)
{
    return is_decision(model, decision) ? model->decisions[decision].name : CR_SPAN("");
}

credit_span cr_model_input_name(const cr_model *model, int input)
{
    return is_input(model, input) ? model->inputs[input].name : CR_SPAN("");
}

size_t cr_model_warning_count(const cr_model *model)
{
    return model->warning_count;
}

credit_span cr_model_warning(const cr_model *model, size_t index, uint64_t *line)
{
    *line = index < model->warning_count ? model->warnings[index].line : 0;
    return index < model->warning_count ? model->warnings[index].message : CR_SPAN("");
}

static const cr_table *table_of(const cr_model *model, int decision)
{
    return is_decision(model, decision) ? model->decisions[decision].table : NULL;
}

bool cr_model_is_table(const cr_model *model, int decision)
{
    return table_of(model, decision) != NULL;
}

size_t cr_model_output_count(const cr_model *model, int decision)
{
    const cr_table *table = table_of(model, decision);
    return table == NULL ? 0 : table->output_count;
}

credit_span cr_model_output_name(const cr_model *model, int decision, size_t output)
{
    const cr_table *table = table_of(model, decision);
    return table == NULL || output >= table->output_count ? CR_SPAN("")
                                                          : table->outputs[output].name;
}

const cr_feel_type *cr_model_input_type(const cr_model *model, int input)
{
    return is_input(model, input) ? model->inputs[input].type : &cr_type_any;
}

cr_feel_kind cr_type_kind(const cr_feel_type *type)
{
    return (cr_feel_kind)type->kind;
}

const cr_feel_type *cr_type_item(const cr_feel_type *type)
{
    return cr_type_of_item(type);
}

const cr_feel_type *cr_type_member(const cr_feel_type *type, credit_span name)
{
    for (size_t i = 0; type->kind == CR_FEEL_CONTEXT && i < type->field_count; i++) {
        if (cr_span_equal(type->fields[i].name, name)) { return type->fields[i].type; }
    }
    return &cr_type_any;
}
