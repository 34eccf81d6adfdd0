/* The graph of a DMN file: item definitions, inputs, decisions, knowledge. */
#include "loaders/dmn.h"

#include <stdio.h>

#include "engine/error.h"
#include "engine/text.h"
#include "loaders/dmn_internal.h"

/* --- item definitions -------------------------------------------------- */

static bool read_item(cr_dmn_reader *r, const cr_xml *node, cr_source_item *item);

static bool read_components(cr_dmn_reader *r, const cr_xml *node, cr_source_item *item)
{
    cr_source_item *components =
        cr_arena_array(r->arena, cr_xml_count(node, "itemComponent"), sizeof *components);
    if (components == NULL) { return cr_dmn_no_memory(r); }
    item->components = components;
    for (const cr_xml *child = cr_xml_child(node, "itemComponent"); child != NULL;
         child = cr_xml_next(child, "itemComponent")) {
        if (!read_item(r, child, &components[item->component_count++])) { return false; }
    }
    return true;
}

static bool read_item(cr_dmn_reader *r, const cr_xml *node, cr_source_item *item)
{
    const cr_xml *type = cr_xml_child(node, "typeRef");
    const cr_xml *function = cr_xml_child(node, "functionItem");
    item->name = cr_xml_attribute_of(node, "name");
    item->line = node->line;
    item->type_ref = type == NULL ? CR_SPAN("") : cr_span_trim(type->text);
    item->collection = cr_span_is(cr_xml_attribute_of(node, "isCollection"), "true");
    item->allowed = cr_dmn_text(cr_xml_child(node, "allowedValues"));
    if (cr_xml_child(node, "typeConstraint") != NULL && item->allowed.text.size == 0) {
        item->allowed = cr_dmn_text(cr_xml_child(node, "typeConstraint"));
    }
    if (function != NULL) { item->type_ref = CR_SPAN("function"); }
    return read_components(r, node, item);
}

/* --- inputs, decisions, knowledge -------------------------------------- */

static credit_span variable_type(const cr_xml *node)
{
    const cr_xml *variable = cr_xml_child(node, "variable");
    return variable == NULL ? CR_SPAN("") : cr_xml_attribute_of(variable, "typeRef");
}

static credit_span description(const cr_xml *node)
{
    const cr_xml *text = cr_xml_child(node, "description");
    return text == NULL ? CR_SPAN("") : cr_span_trim(text->text);
}

static void read_input_data(const cr_xml *node, cr_source_input *input)
{
    input->id = cr_xml_attribute_of(node, "id");
    input->name = cr_xml_attribute_of(node, "name");
    input->type_ref = variable_type(node);
    input->description = description(node);
    input->line = node->line;
}

/* The references below informationRequirement and knowledgeRequirement. */
static bool read_requirements(cr_dmn_reader *r, const cr_xml *node, cr_source_decision *decision)
{
    size_t count =
        cr_xml_count(node, "informationRequirement") + cr_xml_count(node, "knowledgeRequirement");
    credit_span *requires = cr_arena_array(r->arena, count, sizeof *requires);
    if (requires == NULL) { return cr_dmn_no_memory(r); }
    decision->requires = requires;
    for (const cr_xml *child = node->first; child != NULL; child = child->next) {
        if (!cr_dmn_is_own(r, child) || (!cr_xml_is(child, "informationRequirement") &&
                                            !cr_xml_is(child, "knowledgeRequirement"))) {
            continue;
        }
        const cr_xml *target = child->first;
        while (target != NULL && cr_xml_attribute_of(target, "href").size == 0) {
            target = target->next;
        }
        if (target == NULL) { return cr_dmn_refuse(r, child, "a requirement refers to nothing"); }
        requires[decision->require_count++] = cr_xml_attribute_of(target, "href");
    }
    return true;
}

static bool read_decision(cr_dmn_reader *r, const cr_xml *node, cr_source_decision *decision)
{
    static const char *const others[] = {
        "variable", "informationRequirement", "knowledgeRequirement", NULL};
    cr_box *box;
    decision->id = cr_xml_attribute_of(node, "id");
    decision->name = cr_xml_attribute_of(node, "name");
    decision->type_ref = variable_type(node);
    decision->description = description(node);
    decision->line = node->line;
    if (!read_requirements(r, node, decision) || !cr_dmn_box_within(r, node, others, &box)) {
        return false;
    }
    decision->box = box;
    return box != NULL || cr_dmn_refuse(r, node, "it has no logic");
}

static bool read_knowledge(cr_dmn_reader *r, const cr_xml *node, cr_source_decision *knowledge)
{
    const cr_xml *logic = cr_xml_child(node, "encapsulatedLogic");
    cr_box *box = NULL;
    knowledge->id = cr_xml_attribute_of(node, "id");
    knowledge->name = cr_xml_attribute_of(node, "name");
    knowledge->description = description(node);
    knowledge->line = node->line;
    if (logic == NULL) { return cr_dmn_refuse(r, node, "it has no logic"); }
    if (!read_requirements(r, node, knowledge) || !cr_dmn_function(r, logic, &box)) {
        return false;
    }
    knowledge->box = box;
    return true;
}

/* --- the file ---------------------------------------------------------- */

/* One of the versions that mean the same by the same words. */
static bool is_known_version(credit_span space)
{
    static const char *const versions[] = {"http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/"};
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        if (cr_span_is(space, versions[i])) { return true; }
    }
    return false;
}

/* The arrays that the file needs, as large as it needs them. */
typedef struct parts {
    cr_source_item *items;
    cr_source_input *inputs;
    cr_source_decision *decisions, *knowledge;
} parts;

static bool make_room(cr_dmn_reader *r, const cr_xml *root, parts *p, cr_model_source *out)
{
    p->items = cr_arena_array(r->arena, cr_xml_count(root, "itemDefinition"), sizeof *p->items);
    p->inputs = cr_arena_array(r->arena, cr_xml_count(root, "inputData"), sizeof *p->inputs);
    p->decisions = cr_arena_array(r->arena, cr_xml_count(root, "decision"), sizeof *p->decisions);
    p->knowledge = cr_arena_array(
        r->arena, cr_xml_count(root, "businessKnowledgeModel"), sizeof *p->knowledge);
    out->items = p->items;
    out->inputs = p->inputs;
    out->decisions = p->decisions;
    out->knowledge = p->knowledge;
    return (p->items != NULL && p->inputs != NULL && p->decisions != NULL &&
               p->knowledge != NULL) ||
           cr_dmn_no_memory(r);
}

static bool read_part(cr_dmn_reader *r, const cr_xml *node, parts *p, cr_model_source *out)
{
    if (cr_xml_is(node, "itemDefinition")) {
        return read_item(r, node, &p->items[out->item_count++]);
    }
    if (cr_xml_is(node, "inputData")) {
        read_input_data(node, &p->inputs[out->input_count++]);
        return true;
    }
    if (cr_xml_is(node, "decision")) {
        return read_decision(r, node, &p->decisions[out->decision_count++]);
    }
    if (cr_xml_is(node, "businessKnowledgeModel")) {
        return read_knowledge(r, node, &p->knowledge[out->knowledge_count++]);
    }
    /* Services offer decisions, they decide nothing; the rest is drawing. */
    static const char *const silent[] = {"decisionService", "knowledgeSource", "textAnnotation",
        "association", "group", "performanceIndicator", "organizationUnit", "elementCollection"};
    for (size_t i = 0; i < sizeof silent / sizeof silent[0]; i++) {
        if (cr_xml_is(node, silent[i])) { return true; }
    }
    return cr_dmn_is_prose(node) || cr_dmn_refuse(r, node, "not supported");
}

static bool read_definitions(cr_dmn_reader *r, const cr_xml *root, cr_model_source *out)
{
    parts p = {0};
    credit_span language = cr_xml_attribute_of(root, "expressionLanguage");
    if (!cr_xml_is(root, "definitions") || !is_known_version(root->space)) {
        return cr_dmn_refuse(r, root, "not a DMN model of version 1.2 to 1.5");
    }
    if (language.size > 0 && cr_span_find(language, CR_SPAN("FEEL")) == SIZE_MAX &&
        cr_span_find(language, CR_SPAN("feel")) == SIZE_MAX) {
        return cr_dmn_refuse(r, root, "the expression language is not FEEL");
    }
    out->name = cr_xml_attribute_of(root, "name");
    if (!make_room(r, root, &p, out)) { return false; }
    for (const cr_xml *child = root->first; child != NULL; child = child->next) {
        if (cr_dmn_is_own(r, child) && !read_part(r, child, &p, out)) { return false; }
    }
    return true;
}

credit_result cr_dmn_parse(
    credit_span bytes, cr_arena *arena, cr_model_source *out, credit_error *err)
{
    cr_xml *root;
    credit_error own = CREDIT_ERROR_INIT;
    *out = (cr_model_source){.name = {"", 0}};
    credit_result rc = cr_xml_parse(bytes, arena, &root, &own);
    if (rc == CREDIT_OK) {
        cr_dmn_reader r = {.arena = arena, .err = &own, .space = root->space};
        rc = read_definitions(&r, root, out) ? CREDIT_OK : own.code;
    } else if (rc == CREDIT_E_DATA) {
        own.code = rc = CREDIT_E_PACK;
    }
    if (rc != CREDIT_OK && err != NULL) { *err = own; }
    return rc;
}

credit_result cr_dmn_load(credit_span bytes, const char *file, const cr_model_options *options,
    cr_model **out, credit_error *err)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_model_source source;
    credit_error own = CREDIT_ERROR_INIT;
    *out = NULL;
    credit_result rc = cr_dmn_parse(bytes, &arena, &source, &own);
    if (rc == CREDIT_OK) { rc = cr_model_compile(&source, options, out, &own); }
    if (rc != CREDIT_OK) {
        char place[300];
        if (own.line > 0) {
            snprintf(place, sizeof place, "%s:%llu", file, (unsigned long long)own.line);
        } else {
            snprintf(place, sizeof place, "%s", file);
        }
        cr_fail_in(&own, place);
        if (err != NULL) { *err = own; }
    }
    cr_arena_release(&arena);
    return rc;
}
