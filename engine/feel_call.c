/* Compiling calls of built-ins and functions; constants that are known when
 * the rules are loaded. */
#include <string.h>

#include "engine/error.h"
#include "engine/feel_parse.h"

const cr_builtin *const cr_builtin_tables[CR_BUILTIN_TABLES] = {
    cr_builtins_text, cr_builtins_list, cr_builtins_time, cr_builtins_range};

const cr_builtin *cr_builtin_match(const cr_lex *lex, size_t *size)
{
    const cr_builtin *best = NULL;
    *size = 0;
    for (size_t t = 0; t < CR_BUILTIN_TABLES; t++) {
        for (const cr_builtin *b = cr_builtin_tables[t]; b->name != NULL; b++) {
            size_t matched = cr_lex_match_name(lex, cr_span_of(b->name));
            if (matched > *size) {
                *size = matched;
                best = b;
            }
        }
    }
    return best;
}

/* --- parameters: "string,start position,length?|…" ---------------------- */

typedef struct parameter {
    credit_span name;
    bool optional, repeated;
} parameter;

typedef struct signature {
    parameter items[CR_ARGUMENTS_MAX];
    size_t count, required;
    bool repeated; /* the last one, any number of times */
} signature;

static parameter parameter_of(credit_span text)
{
    parameter item = {.name = text};
    char last = text.size == 0 ? '\0' : text.data[text.size - 1];
    item.optional = last == '?';
    item.repeated = last == '*';
    item.name.size -= item.optional || item.repeated;
    return item;
}

/* The next way to call it; false after the last. */
static bool next_signature(const char **text, signature *out)
{
    *out = (signature){.count = 0};
    if (*text == NULL) { return false; }
    const char *end = strchr(*text, '|');
    credit_span rest = {*text, end == NULL ? strlen(*text) : (size_t)(end - *text)};
    *text = end == NULL ? NULL : end + 1;
    while (rest.size > 0 && out->count < CR_ARGUMENTS_MAX) {
        const char *comma = memchr(rest.data, ',', rest.size);
        size_t size = comma == NULL ? rest.size : (size_t)(comma - rest.data);
        parameter item = parameter_of((credit_span){rest.data, size});
        out->items[out->count++] = item;
        out->required += !item.optional;
        out->repeated = item.repeated;
        size += comma != NULL;
        rest.data += size;
        rest.size -= size;
    }
    return true;
}

static int parameter_index(const signature *s, credit_span name)
{
    for (size_t i = 0; i < s->count; i++) {
        if (cr_span_equal(s->items[i].name, name)) { return (int)i; }
    }
    return -1;
}

/* Puts arguments given by name in the order of the parameters. */
static bool place_named(const signature *s, const cr_kids *given, cr_expr **placed, size_t *count)
{
    size_t required = 0;
    *count = 0;
    for (size_t i = 0; i < given->count; i++) {
        int index = parameter_index(s, given->names[i]);
        if (index < 0 || placed[index] != NULL) { return false; }
        placed[index] = given->nodes[i];
        required += !s->items[index].optional;
        *count = (size_t)index >= *count ? (size_t)index + 1 : *count;
    }
    return required == s->required;
}

static bool fits_in_order(const signature *s, size_t count)
{
    return count >= s->required && (count <= s->count || s->repeated);
}

bool cr_builtin_accepts(const cr_builtin *builtin, size_t count)
{
    const char *text = builtin->parameters;
    signature s;
    while (next_signature(&text, &s)) {
        if (fits_in_order(&s, count)) { return true; }
    }
    return false;
}

static const cr_feel_type *result_type(
    cr_compiler *c, const cr_builtin *builtin, cr_expr *const *arguments, size_t count)
{
    if (count == 0 || (builtin->flags & (CR_BUILTIN_SAME | CR_BUILTIN_ITEM)) == 0) {
        return cr_type_of_kind((cr_feel_kind)builtin->result);
    }
    const cr_feel_type *type = arguments[0]->type;
    for (size_t i = 1; i < count && builtin->result == CR_FEEL_LIST; i++) {
        bool list = arguments[i]->type->kind == CR_FEEL_LIST;
        type = list ? cr_type_join(c, type, arguments[i]->type) : type;
    }
    if ((builtin->flags & CR_BUILTIN_ITEM) != 0) { return cr_type_of_item(type); }
    return type->kind == CR_FEEL_LIST ? type : cr_type_of_kind(CR_FEEL_LIST);
}

static cr_expr *builtin_node(
    cr_parser *p, const cr_builtin *builtin, cr_expr *const *arguments, size_t count)
{
    cr_expr *node = cr_expr_new(p->c, CR_OP_BUILTIN, count);
    for (size_t i = 0; node != NULL && i < count; i++) {
        cr_expr *argument =
            arguments[i] != NULL ? arguments[i] : cr_expr_constant(p, cr_feel_null());
        node = argument == NULL ? NULL : cr_expr_set(p->c, node, i, argument);
    }
    if (node == NULL) { return NULL; }
    node->as.builtin = builtin;
    node->type = result_type(p->c, builtin, node->kids, count);
    return cr_expr_fold(p, node);
}

cr_expr *cr_expr_builtin(cr_parser *p, const cr_builtin *builtin, cr_kids *arguments)
{
    const char *text = builtin->parameters;
    signature s;
    while (next_signature(&text, &s)) {
        cr_expr *placed[CR_ARGUMENTS_MAX] = {NULL};
        size_t count;
        if (arguments->names == NULL || arguments->count == 0) {
            if (fits_in_order(&s, arguments->count)) {
                return builtin_node(p, builtin, arguments->nodes, arguments->count);
            }
        } else if (place_named(&s, arguments, placed, &count)) {
            return builtin_node(p, builtin, placed, count);
        }
    }
    cr_compile_warning(p->c, "%s() is called with other arguments than (%s), which gives null",
        builtin->name, builtin->parameters);
    char *reason =
        cr_arena_printf(p->c->arena, "%s() takes (%s)", builtin->name, builtin->parameters);
    return cr_expr_fail(p->c, reason == NULL ? "wrong arguments" : reason);
}

/* --- constants --------------------------------------------------------- */

static bool all_constant(const cr_expr *node)
{
    for (size_t i = 0; i < node->count; i++) {
        if (node->kids[i]->op != CR_OP_CONSTANT) { return false; }
    }
    return true;
}

static cr_expr *become_constant(cr_expr *node, cr_feel_value value)
{
    node->op = CR_OP_CONSTANT;
    node->count = 0;
    node->height = 0;
    node->as.value = value;
    return node;
}

static cr_expr *fold_list(cr_parser *p, cr_expr *node)
{
    cr_feel_value *items = cr_arena_array(p->c->arena, node->count, sizeof *items);
    if (items == NULL) { return node; /* made at run time instead */ }
    for (size_t i = 0; i < node->count; i++) { items[i] = node->kids[i]->as.value; }
    return become_constant(node, cr_feel_list(items, node->count));
}

static cr_expr *fold_range(cr_parser *p, cr_expr *node)
{
    cr_feel_value low = node->kids[0]->as.value, high = node->kids[1]->as.value;
    cr_feel_range *range = cr_arena_alloc(p->c->arena, sizeof *range);
    if (range == NULL ||
        (low.kind != high.kind && low.kind != CR_FEEL_NULL && high.kind != CR_FEEL_NULL)) {
        return node;
    }
    *range = (cr_feel_range){
        low, high, (node->flags & CR_EXPR_LOW) != 0, (node->flags & CR_EXPR_HIGH) != 0};
    cr_feel_value value = {.kind = CR_FEEL_RANGE};
    value.as.range = range;
    return become_constant(node, value);
}

/* Only kinds that hold no memory of the evaluation can outlive it. */
static bool outlives(cr_feel_value value)
{
    return value.kind >= CR_FEEL_DATE && value.kind <= CR_FEEL_MONTHS_DURATION;
}

static cr_expr *fold_call(cr_expr *node)
{
    cr_feel_value arguments[CR_ARGUMENTS_MAX];
    if ((node->as.builtin->flags & CR_BUILTIN_FOLD) == 0 || node->count > CR_ARGUMENTS_MAX) {
        return node;
    }
    for (size_t i = 0; i < node->count; i++) { arguments[i] = node->kids[i]->as.value; }
    cr_eval eval = {.clock_input = -1, .next_change = INT64_MAX, .steps = CR_FEEL_STEPS_MAX};
    cr_feel_value value = node->as.builtin->body(&eval, arguments, node->count);
    cr_arena_release(&eval.arena);
    if (!outlives(value)) { return node; }
    node->type = cr_type_of_kind((cr_feel_kind)value.kind);
    return become_constant(node, value);
}

cr_expr *cr_expr_fold(cr_parser *p, cr_expr *node)
{
    if (!all_constant(node)) { return node; }
    switch (node->op) {
    case CR_OP_LIST:
        return fold_list(p, node);
    case CR_OP_RANGE:
        return fold_range(p, node);
    case CR_OP_BUILTIN:
        return fold_call(node);
    default:
        return node;
    }
}

/* --- functions --------------------------------------------------------- */

static bool add_parameters(
    cr_compiler *c, const credit_span *names, const cr_feel_type *const *types, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint16_t slot = cr_slot_new(c);
        if (slot == UINT16_MAX || !cr_scope_add(c, names[i], CR_VARIABLE_LOCAL, slot, types[i])) {
            return false;
        }
    }
    return true;
}

static bool keep(cr_compiler *c, cr_lambda *lambda, const cr_frame *frame, const credit_span *names,
    const cr_feel_type *const *types)
{
    size_t count = lambda->parameter_count;
    credit_span *own_names = cr_arena_array(c->arena, count, sizeof *own_names);
    const cr_feel_type **own_types = cr_arena_array(c->arena, count, sizeof *own_types);
    cr_capture *captures = cr_arena_array(c->arena, frame->capture_count, sizeof *captures);
    if (own_names == NULL || own_types == NULL || captures == NULL) {
        cr_fail(c->err, CREDIT_E_NOMEM, "out of memory while compiling rules");
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        own_names[i] = names[i];
        own_types[i] = types[i];
    }
    for (size_t i = 0; i < frame->capture_count; i++) { captures[i] = frame->captures[i]; }
    lambda->parameters = own_names;
    lambda->types = own_types;
    lambda->captures = captures;
    lambda->capture_count = frame->capture_count;
    lambda->slots = frame->slots;
    return true;
}

cr_lambda *cr_lambda_compile(cr_compiler *c, credit_span name, const credit_span *names,
    const cr_feel_type *const *types, size_t count, const cr_feel_type *result,
    cr_expr *(*body)(void *ctx), void *ctx)
{
    cr_frame frame = {.outer = c->frame};
    cr_scope scope = {0};
    cr_lambda *lambda = cr_arena_alloc(c->arena, sizeof *lambda);
    if (lambda == NULL) {
        cr_fail(c->err, CREDIT_E_NOMEM, "out of memory while compiling rules");
        return NULL;
    }
    *lambda = (cr_lambda){.name = name, .parameter_count = count, .result = result};
    c->frame = &frame;
    cr_scope_push(c, &scope);
    bool ok = add_parameters(c, names, types, count);
    lambda->body = ok ? body(ctx) : NULL;
    ok = lambda->body != NULL && keep(c, lambda, &frame, names, types);
    cr_scope_pop(c);
    c->frame = frame.outer;
    cr_free(frame.captures);
    return ok ? lambda : NULL;
}

cr_expr *cr_lambda_expr(cr_compiler *c, credit_span name, const credit_span *names,
    const cr_feel_type *const *types, size_t count, const cr_feel_type *result,
    cr_expr *(*body)(void *ctx), void *ctx)
{
    cr_lambda *lambda = cr_lambda_compile(c, name, names, types, count, result, body, ctx);
    cr_expr *node = lambda == NULL ? NULL : cr_expr_new(c, CR_OP_FUNCTION, 0);
    if (node != NULL) {
        node->as.lambda = lambda;
        node->type = cr_type_of_kind(CR_FEEL_FUNCTION);
    }
    return node;
}
