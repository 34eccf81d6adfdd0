/* Names in scope, static types, and the making of nodes. */
#include "engine/feel_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/error.h"
#include "engine/feel_lex.h"

/* --- messages ---------------------------------------------------------- */

credit_result cr_compile_error(cr_compiler *c, uint64_t line, const char *format, ...)
{
    char text[384];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    credit_result rc = c->element == NULL || c->element[0] == '\0'
                           ? cr_fail(c->err, CREDIT_E_PACK, "%s", text)
                           : cr_fail(c->err, CREDIT_E_PACK, "%s: %s", c->element, text);
    cr_fail_at(c->err, line, 0, NULL);
    return rc;
}

void cr_compile_warning(cr_compiler *c, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (!cr_grow(&c->warnings, &c->warning_room, c->warning_count + 1, sizeof *c->warnings)) {
        return; /* a doubt less, nothing worse */
    }
    char *message = cr_arena_printf(c->arena, "%s: %s", c->element, text);
    if (message != NULL) {
        c->warnings[c->warning_count++] = (cr_warning){c->line, cr_span_of(message)};
    }
}

/* --- types ------------------------------------------------------------- */

const cr_feel_type cr_type_any = {.kind = CR_FEEL_ANY};

const cr_feel_type *cr_type_of_kind(cr_feel_kind kind)
{
    static const cr_feel_type simple[] = {
        [CR_FEEL_NULL] = {.kind = CR_FEEL_NULL},
        [CR_FEEL_BOOLEAN] = {.kind = CR_FEEL_BOOLEAN},
        [CR_FEEL_NUMBER] = {.kind = CR_FEEL_NUMBER},
        [CR_FEEL_STRING] = {.kind = CR_FEEL_STRING},
        [CR_FEEL_DATE] = {.kind = CR_FEEL_DATE},
        [CR_FEEL_TIME] = {.kind = CR_FEEL_TIME},
        [CR_FEEL_DATE_TIME] = {.kind = CR_FEEL_DATE_TIME},
        [CR_FEEL_DAYS_DURATION] = {.kind = CR_FEEL_DAYS_DURATION},
        [CR_FEEL_MONTHS_DURATION] = {.kind = CR_FEEL_MONTHS_DURATION},
        [CR_FEEL_RANGE] = {.kind = CR_FEEL_RANGE},
        [CR_FEEL_LIST] = {.kind = CR_FEEL_LIST},
        [CR_FEEL_HOSTS] = {.kind = CR_FEEL_LIST},
        [CR_FEEL_CONTEXT] = {.kind = CR_FEEL_CONTEXT, .open = true},
        [CR_FEEL_FUNCTION] = {.kind = CR_FEEL_FUNCTION},
        [CR_FEEL_HOST] = {.kind = CR_FEEL_ANY},
        [CR_FEEL_ANY] = {.kind = CR_FEEL_ANY},
    };
    return &simple[kind <= CR_FEEL_ANY ? kind : CR_FEEL_ANY];
}

static const cr_feel_type *type_over(cr_compiler *c, cr_feel_kind kind, const cr_feel_type *element)
{
    if (element == NULL || element->kind == CR_FEEL_ANY) { return cr_type_of_kind(kind); }
    cr_feel_type *type = cr_arena_alloc(c->arena, sizeof *type);
    if (type == NULL) { return cr_type_of_kind(kind); /* says less, nothing wrong */ }
    *type = (cr_feel_type){.kind = (uint8_t)kind, .element = element};
    return type;
}

const cr_feel_type *cr_type_list_of(cr_compiler *c, const cr_feel_type *element)
{
    return type_over(c, CR_FEEL_LIST, element);
}

const cr_feel_type *cr_type_range_of(cr_compiler *c, const cr_feel_type *element)
{
    return type_over(c, CR_FEEL_RANGE, element);
}

const cr_feel_type *cr_type_of_item(const cr_feel_type *type)
{
    if (type->kind == CR_FEEL_LIST || type->kind == CR_FEEL_RANGE) {
        return type->element == NULL ? &cr_type_any : type->element;
    }
    return type; /* one value is a list of one */
}

int cr_host_find(const cr_host_type *type, credit_span name)
{
    for (size_t i = 0; i < type->property_count; i++) {
        if (cr_span_equal(type->properties[i].name, name)) { return (int)i; }
    }
    return -1;
}

static const cr_feel_type *type_of_host(cr_compiler *c, uint16_t host)
{
    cr_feel_type *type = cr_arena_alloc(c->arena, sizeof *type);
    if (type == NULL) { return &cr_type_any; }
    *type = (cr_feel_type){.kind = CR_FEEL_HOST, .host = host};
    return type;
}

static const cr_feel_type *type_of_host_property(cr_compiler *c, const cr_host_property *property)
{
    const cr_feel_type *type = property->kind == CR_FEEL_HOST
                                   ? type_of_host(c, property->host)
                                   : cr_type_of_kind((cr_feel_kind)property->kind);
    return property->list ? cr_type_list_of(c, type) : type;
}

/* What .name gives on values that are not contexts. */
static const cr_feel_type *type_of_part(const cr_feel_type *type, credit_span name)
{
    switch (type->kind) {
    case CR_FEEL_DATE:
    case CR_FEEL_TIME:
    case CR_FEEL_DATE_TIME:
        return cr_span_is(name, "time offset") ? cr_type_of_kind(CR_FEEL_DAYS_DURATION)
               : cr_span_is(name, "timezone")  ? cr_type_of_kind(CR_FEEL_STRING)
                                               : cr_type_of_kind(CR_FEEL_NUMBER);
    case CR_FEEL_DAYS_DURATION:
    case CR_FEEL_MONTHS_DURATION:
        return cr_type_of_kind(CR_FEEL_NUMBER);
    default:
        return &cr_type_any;
    }
}

const cr_feel_type *cr_type_of_property(
    cr_compiler *c, const cr_feel_type *type, credit_span name, uint16_t *property)
{
    *property = UINT16_MAX;
    if (type->kind == CR_FEEL_LIST) {
        const cr_feel_type *item = cr_type_of_item(type);
        return cr_type_list_of(c, cr_type_of_property(c, item, name, property));
    }
    if (type->kind == CR_FEEL_HOST) {
        const cr_host_type *host = &c->hosts[type->host];
        int index = cr_host_find(host, name);
        if (index < 0) { return NULL; }
        *property = (uint16_t)index;
        return type_of_host_property(c, &host->properties[index]);
    }
    for (size_t i = 0; type->kind == CR_FEEL_CONTEXT && i < type->field_count; i++) {
        if (cr_span_equal(type->fields[i].name, name)) {
            *property = (uint16_t)i;
            return type->fields[i].type;
        }
    }
    return type_of_part(type, name);
}

/* --- nodes ------------------------------------------------------------- */

cr_expr *cr_expr_new(cr_compiler *c, cr_op op, size_t kids)
{
    cr_expr *node = cr_arena_alloc(c->arena, sizeof *node);
    cr_expr **list = kids == 0 ? NULL : cr_arena_array(c->arena, kids, sizeof *list);
    if (node == NULL || (kids > 0 && list == NULL) || kids > UINT32_MAX) {
        cr_fail(c->err, CREDIT_E_NOMEM, "out of memory while compiling rules");
        return NULL;
    }
    node->op = (uint8_t)op;
    node->count = (uint32_t)kids;
    node->kids = list;
    node->type = &cr_type_any;
    return node;
}

cr_expr *cr_expr_set(cr_compiler *c, cr_expr *node, size_t index, cr_expr *kid)
{
    node->kids[index] = kid;
    if (kid != NULL && kid->height >= node->height) { node->height = (uint16_t)(kid->height + 1); }
    if (node->height > CR_FEEL_HEIGHT_MAX) {
        cr_compile_error(c, c->line, "an expression has more than %d levels", CR_FEEL_HEIGHT_MAX);
        return NULL;
    }
    return node;
}

cr_expr *cr_expr_fail(cr_compiler *c, const char *reason)
{
    cr_expr *node = cr_expr_new(c, CR_OP_FAIL, 0);
    if (node != NULL) {
        node->as.name = cr_arena_span(c->arena, cr_span_of(reason));
        node->type = cr_type_of_kind(CR_FEEL_NULL);
    }
    return node;
}

/* --- names ------------------------------------------------------------- */

credit_span cr_name_normal(cr_compiler *c, credit_span name)
{
    credit_span none = {NULL, 0};
    char *text = cr_arena_alloc(c->arena, name.size + 1);
    if (text == NULL) { return none; }
    size_t size = 0;
    bool gap = false;
    for (size_t at = 0; at < name.size;) {
        size_t start = at;
        int32_t character = cr_utf8_next(name, &at);
        if (character < 0) { return none; }
        if (cr_lex_is_blank(character)) {
            gap = size > 0;
            continue;
        }
        if (gap) {
            text[size++] = ' ';
            gap = false;
        }
        memcpy(text + size, name.data + start, at - start);
        size += at - start;
    }
    return size == 0 || size > CR_FEEL_NAME_MAX ? none : (credit_span){text, size};
}

void cr_scope_push(cr_compiler *c, cr_scope *scope)
{
    scope->outer = c->scope;
    scope->frame = c->frame;
    c->scope = scope;
}

void cr_scope_pop(cr_compiler *c)
{
    cr_scope *scope = c->scope;
    c->scope = scope->outer;
    cr_free(scope->variables);
    scope->variables = NULL;
}

bool cr_scope_add(cr_compiler *c, credit_span name, cr_variable_kind kind, uint16_t index,
    const cr_feel_type *type)
{
    cr_scope *scope = c->scope;
    if (!cr_grow(&scope->variables, &scope->room, scope->count + 1, sizeof *scope->variables)) {
        cr_fail(c->err, CREDIT_E_NOMEM, "out of memory while compiling rules");
        return false;
    }
    scope->variables[scope->count++] = (cr_variable){name, kind, index, type};
    return true;
}

uint16_t cr_slot_new(cr_compiler *c)
{
    enum { SLOTS_MAX = 4096 };
    if (c->frame->slots >= SLOTS_MAX) {
        cr_compile_error(c, c->line, "more than %d local names in one expression", SLOTS_MAX);
        return UINT16_MAX;
    }
    return c->frame->slots++;
}
