/* Item definitions and typeRefs (DMN 1.5, 7.3.2 and 7.3.3). */
#include <string.h>

#include "engine/error.h"
#include "engine/model_internal.h"

/* Compiling one item definition after the other; an alias needs its target. */
typedef struct types {
    cr_compiler *c;
    const cr_model_source *source;
    cr_feel_type *made; /* one per item definition */
    uint8_t *state;     /* 0 not yet, 1 under way, 2 done */
} types;

static bool fill_item(
    types *t, const cr_source_item *item, cr_feel_type *out, credit_span name, int depth);
static bool complete(types *t, size_t index, int depth);

/* --- references -------------------------------------------------------- */

static const cr_feel_type *simple_type(credit_span name)
{
    static const struct {
        const char *name;
        cr_feel_kind kind;
    } names[] = {{"string", CR_FEEL_STRING}, {"number", CR_FEEL_NUMBER},
        {"boolean", CR_FEEL_BOOLEAN}, {"date", CR_FEEL_DATE}, {"time", CR_FEEL_TIME},
        {"date and time", CR_FEEL_DATE_TIME}, {"dateTime", CR_FEEL_DATE_TIME},
        {"days and time duration", CR_FEEL_DAYS_DURATION},
        {"dayTimeDuration", CR_FEEL_DAYS_DURATION},
        {"years and months duration", CR_FEEL_MONTHS_DURATION},
        {"yearMonthDuration", CR_FEEL_MONTHS_DURATION}, {"Any", CR_FEEL_ANY}, {"any", CR_FEEL_ANY},
        {"list", CR_FEEL_LIST}, {"context", CR_FEEL_CONTEXT}, {"range", CR_FEEL_RANGE},
        {"function", CR_FEEL_FUNCTION}};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (cr_span_is(name, names[i].name)) { return cr_type_of_kind(names[i].kind); }
    }
    return NULL;
}

static const cr_feel_type *host_type(cr_compiler *c, credit_span name)
{
    for (size_t i = 0; i < c->host_count; i++) {
        if (c->hosts[i].name.size > 0 && cr_span_equal(c->hosts[i].name, name)) {
            return &c->host_types[i];
        }
    }
    return NULL;
}

/* Without the prefix that older files give the types of FEEL itself. */
static credit_span plain_reference(cr_compiler *c, credit_span reference)
{
    credit_span name = cr_name_normal(c, reference);
    credit_span prefix = CR_SPAN("feel:");
    if (name.data != NULL && cr_span_starts(name, prefix)) {
        name.data += prefix.size;
        name.size -= prefix.size;
    }
    return name;
}

const cr_feel_type *cr_type_resolve(cr_compiler *c, credit_span reference, uint64_t line)
{
    credit_span name = plain_reference(c, reference);
    if (name.data == NULL) {
        cr_compile_error(c, line, "a typeRef is empty");
        return NULL;
    }
    const cr_feel_type *type = host_type(c, name);
    for (size_t i = 0; type == NULL && i < c->named_count; i++) {
        type = cr_span_equal(c->named[i]->name, name) ? c->named[i] : NULL;
    }
    if (type == NULL) { type = simple_type(name); }
    if (type == NULL) {
        cr_compile_error(c, line, "there is no type \"%.*s\"", (int)reference.size, reference.data);
    }
    return type;
}

/* --- item definitions -------------------------------------------------- */

typedef struct allowed_tests {
    cr_compiler *c;
    cr_source_text source;
    const cr_feel_type *type;
} allowed_tests;

static cr_expr *allowed_body(void *ctx)
{
    allowed_tests *a = ctx;
    return cr_feel_compile_tests(a->c, a->source.text, a->source.line, 0, a->type);
}

static bool add_allowed(types *t, const cr_source_item *item, cr_feel_type *type)
{
    if (item->allowed.text.size == 0) { return true; }
    credit_span name = CR_SPAN("?");
    const cr_feel_type *parameter = cr_type_of_kind((cr_feel_kind)type->kind);
    allowed_tests tests = {t->c, item->allowed, parameter};
    type->allowed = cr_lambda_compile(
        t->c, CR_SPAN("allowed values"), &name, &parameter, 1, &cr_type_any, allowed_body, &tests);
    return type->allowed != NULL;
}

static bool fill_components(types *t, const cr_source_item *item, cr_feel_type *out, int depth)
{
    cr_feel_field *fields = cr_arena_array(t->c->arena, item->component_count, sizeof *fields);
    cr_feel_type *own = cr_arena_array(t->c->arena, item->component_count, sizeof *own);
    if (fields == NULL || own == NULL) {
        cr_fail(t->c->err, CREDIT_E_NOMEM, "out of memory while compiling rules");
        return false;
    }
    for (size_t i = 0; i < item->component_count; i++) {
        fields[i].name = cr_name_normal(t->c, item->components[i].name);
        fields[i].type = &own[i];
        if (fields[i].name.data == NULL) {
            cr_compile_error(t->c, item->components[i].line, "an item component has no name");
            return false;
        }
        if (!fill_item(t, &item->components[i], &own[i], (credit_span){"", 0}, depth + 1)) {
            return false;
        }
    }
    out->kind = CR_FEEL_CONTEXT;
    out->fields = fields;
    out->field_count = item->component_count;
    return true;
}

/* A reference to another item definition copies it, so that it must be there. */
static bool fill_alias(types *t, const cr_source_item *item, cr_feel_type *out, int depth)
{
    if (item->type_ref.size == 0) {
        out->kind = CR_FEEL_ANY;
        return true;
    }
    const cr_feel_type *type = cr_type_resolve(t->c, item->type_ref, item->line);
    if (type == NULL) { return false; }
    if (type >= t->made && type < t->made + t->source->item_count &&
        !complete(t, (size_t)(type - t->made), depth + 1)) {
        return false;
    }
    *out = *type;
    return true;
}

static bool fill_item(
    types *t, const cr_source_item *item, cr_feel_type *out, credit_span name, int depth)
{
    cr_feel_type base = {.kind = CR_FEEL_ANY};
    if (depth > CR_FEEL_DEPTH_MAX) {
        cr_compile_error(t->c, item->line, "item definitions are nested too deep");
        return false;
    }
    bool ok = item->component_count > 0 ? fill_components(t, item, &base, depth)
                                        : fill_alias(t, item, &base, depth);
    if (!ok || !add_allowed(t, item, &base)) { return false; }
    base.name = name;
    if (!item->collection) {
        *out = base;
        return true;
    }
    cr_feel_type *element = cr_arena_alloc(t->c->arena, sizeof *element);
    if (element == NULL) {
        cr_fail(t->c->err, CREDIT_E_NOMEM, "out of memory while compiling rules");
        return false;
    }
    *element = base;
    *out = (cr_feel_type){.kind = CR_FEEL_LIST, .element = element, .name = name};
    return true;
}

static bool complete(types *t, size_t index, int depth)
{
    const cr_source_item *item = &t->source->items[index];
    if (t->state[index] == 2) { return true; }
    if (t->state[index] == 1) {
        cr_compile_error(t->c, item->line, "item definition \"%.*s\" refers to itself",
            (int)item->name.size, item->name.data);
        return false;
    }
    t->state[index] = 1;
    bool ok = fill_item(t, item, &t->made[index], t->made[index].name, depth);
    t->state[index] = 2;
    return ok;
}

bool cr_types_compile(cr_compiler *c, const cr_model_source *source)
{
    size_t count = source->item_count;
    types t = {.c = c, .source = source};
    t.made = cr_arena_array(c->arena, count, sizeof *t.made);
    t.state = cr_arena_array(c->arena, count, sizeof *t.state);
    c->named = cr_arena_array(c->arena, count, sizeof *c->named);
    if (t.made == NULL || t.state == NULL || c->named == NULL) {
        cr_fail(c->err, CREDIT_E_NOMEM, "out of memory while compiling rules");
        return false;
    }
    c->element = "item definition";
    for (size_t i = 0; i < count; i++) {
        t.made[i].name = cr_name_normal(c, source->items[i].name);
        c->named[i] = &t.made[i];
        if (t.made[i].name.data == NULL) {
            cr_compile_error(c, source->items[i].line, "an item definition has no name");
            return false;
        }
        for (size_t j = 0; j < i; j++) {
            if (cr_span_equal(t.made[j].name, t.made[i].name)) {
                cr_compile_error(c, source->items[i].line, "there are two of \"%.*s\"",
                    (int)t.made[i].name.size, t.made[i].name.data);
                return false;
            }
        }
    }
    c->named_count = count;
    for (size_t i = 0; i < count; i++) {
        if (!complete(&t, i, 0)) { return false; }
    }
    return true;
}
