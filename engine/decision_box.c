/* Boxed expressions (DMN 1.5, 7.3 and 10.2) become the same tree as text. */
#include <string.h>

#include "engine/error.h"
#include "engine/model_internal.h"

static cr_expr *no_memory(cr_compiler *c)
{
    cr_fail(c->err, CREDIT_E_NOMEM, "out of memory while compiling rules");
    return NULL;
}

/* All kids in order, as they are. */
static cr_expr *compile_kids(cr_compiler *c, const cr_box *box, cr_op op)
{
    cr_expr *node = cr_expr_new(c, op, box->kid_count);
    for (size_t i = 0; node != NULL && i < box->kid_count; i++) {
        cr_expr *kid = cr_box_compile(c, box->kids[i]);
        node = kid == NULL ? NULL : cr_expr_set(c, node, i, kid);
    }
    return node;
}

static cr_expr *compile_literal(cr_compiler *c, const cr_box *box)
{
    if (cr_span_trim(box->text).size == 0) {
        cr_compile_error(c, box->line, "an expression is empty");
        return NULL;
    }
    return cr_feel_compile(c, box->text, box->line);
}

static cr_expr *compile_list(cr_compiler *c, const cr_box *box)
{
    cr_expr *node = compile_kids(c, box, CR_OP_LIST);
    if (node != NULL) { node->type = cr_type_of_kind(CR_FEEL_LIST); }
    return node;
}

static credit_span own_name(cr_compiler *c, credit_span name, uint64_t line)
{
    credit_span normal = cr_name_normal(c, name);
    if (normal.data == NULL) {
        cr_compile_error(c, line, "a name is missing or longer than %d bytes", CR_FEEL_NAME_MAX);
    }
    return normal;
}

static cr_expr *compile_invocation(cr_compiler *c, const cr_box *box)
{
    cr_expr *node = compile_kids(c, box, CR_OP_CALL);
    size_t count = box->kid_count - 1;
    credit_span *names = cr_arena_array(c->arena, count, sizeof *names);
    if (node == NULL || names == NULL) { return node == NULL ? NULL : no_memory(c); }
    for (size_t i = 0; i < count; i++) {
        names[i] = own_name(c, box->names[i + 1], box->line);
        if (names[i].data == NULL) { return NULL; }
    }
    node->as.names = count > 0 ? names : NULL;
    return node;
}

/* --- contexts ---------------------------------------------------------- */

static const cr_feel_type *entry_type(cr_compiler *c, const cr_box *box, size_t i, cr_expr *value)
{
    if (value->type->kind != CR_FEEL_ANY || box->types == NULL || box->types[i].size == 0) {
        return value->type;
    }
    return cr_type_resolve(c, box->types[i], box->line);
}

static bool compile_entry(cr_compiler *c, const cr_box *box, size_t i, cr_expr *node)
{
    credit_span name = own_name(c, box->names[i], box->kids[i]->line);
    cr_expr *value = name.data == NULL ? NULL : cr_box_compile(c, box->kids[i]);
    if (value == NULL || cr_expr_set(c, node, i, value) == NULL) { return false; }
    const cr_feel_type *type = entry_type(c, box, i, value);
    uint16_t slot = cr_slot_new(c);
    return type != NULL && slot != UINT16_MAX &&
           cr_scope_add(c, name, CR_VARIABLE_LOCAL, slot, type);
}

static cr_expr *compile_entries(cr_compiler *c, const cr_box *box, cr_expr *node)
{
    bool has_result = box->kid_count > 0 && box->names[box->kid_count - 1].size == 0;
    size_t count = box->kid_count - has_result;
    credit_span *names = cr_arena_array(c->arena, count, sizeof *names);
    if (names == NULL) { return no_memory(c); }
    for (size_t i = 0; i < count; i++) {
        if (!compile_entry(c, box, i, node)) { return NULL; }
        names[i] = c->scope->variables[i].name;
        for (size_t j = 0; j < i; j++) {
            if (cr_span_equal(names[i], names[j])) {
                cr_compile_error(c, box->kids[i]->line, "a context has two entries \"%.*s\"",
                    (int)names[i].size, names[i].data);
                return NULL;
            }
        }
    }
    if (cr_context_expr(c, node, names, c->scope->variables, count) == NULL || !has_result) {
        return has_result ? NULL : node;
    }
    cr_expr *result = cr_box_compile(c, box->kids[count]);
    if (result == NULL || cr_expr_set(c, node, count, result) == NULL) { return NULL; }
    node->flags |= CR_EXPR_RESULT;
    node->type = result->type;
    return node;
}

static cr_expr *compile_context(cr_compiler *c, const cr_box *box)
{
    cr_scope scope = {0};
    cr_expr *node = cr_expr_new(c, CR_OP_CONTEXT, box->kid_count);
    if (node == NULL) { return NULL; }
    cr_scope_push(c, &scope);
    node = compile_entries(c, box, node);
    cr_scope_pop(c);
    return node;
}

static cr_expr *compile_relation(cr_compiler *c, const cr_box *box)
{
    cr_expr *node = compile_kids(c, box, CR_OP_RELATION);
    credit_span *names = cr_arena_array(c->arena, box->name_count, sizeof *names);
    cr_context_code *code = cr_arena_alloc(c->arena, sizeof *code);
    if (node == NULL || names == NULL || code == NULL) {
        return node == NULL ? NULL : no_memory(c);
    }
    for (size_t i = 0; i < box->name_count; i++) {
        names[i] = own_name(c, box->names[i], box->line);
        if (names[i].data == NULL) { return NULL; }
    }
    *code = (cr_context_code){names, NULL, box->name_count};
    node->as.context = code;
    node->type = cr_type_of_kind(CR_FEEL_LIST);
    return node;
}

/* --- functions --------------------------------------------------------- */

typedef struct body {
    cr_compiler *c;
    const cr_box *box;
} body;

static cr_expr *compile_body(void *ctx)
{
    body *b = ctx;
    return cr_box_compile(b->c, b->box);
}

/* Names and types of the parameters, in the model's arena. */
static bool read_parameters(
    cr_compiler *c, const cr_box *box, credit_span *names, const cr_feel_type **types)
{
    for (size_t i = 0; i < box->name_count; i++) {
        bool typed = box->types != NULL && box->types[i].size > 0;
        names[i] = own_name(c, box->names[i], box->line);
        types[i] = typed ? cr_type_resolve(c, box->types[i], box->line) : &cr_type_any;
        if (names[i].data == NULL || types[i] == NULL) { return false; }
    }
    return true;
}

cr_lambda *cr_box_lambda(
    cr_compiler *c, const cr_box *box, credit_span name, const cr_feel_type *result)
{
    credit_span *names = cr_arena_array(c->arena, box->name_count, sizeof *names);
    const cr_feel_type **types = cr_arena_array(c->arena, box->name_count, sizeof *types);
    body b = {c, box->kid_count == 1 ? box->kids[0] : NULL};
    if (names == NULL || types == NULL) {
        no_memory(c);
        return NULL;
    }
    if (b.box == NULL) {
        cr_compile_error(c, box->line, "a function has no body");
        return NULL;
    }
    if (!read_parameters(c, box, names, types)) { return NULL; }
    return cr_lambda_compile(c, name, names, types, box->name_count, result, compile_body, &b);
}

static cr_expr *compile_function(cr_compiler *c, const cr_box *box)
{
    cr_lambda *lambda = cr_box_lambda(c, box, CR_SPAN(""), &cr_type_any);
    cr_expr *node = lambda == NULL ? NULL : cr_expr_new(c, CR_OP_FUNCTION, 0);
    if (node != NULL) {
        node->as.lambda = lambda;
        node->type = cr_type_of_kind(CR_FEEL_FUNCTION);
    }
    return node;
}

/* --- conditional, filter, iterators (DMN 1.4 and later) ---------------- */

static cr_expr *compile_filter(cr_compiler *c, const cr_box *box)
{
    cr_expr *list = cr_box_compile(c, box->kids[0]);
    uint16_t slot = list == NULL ? UINT16_MAX : cr_slot_new(c);
    cr_expr *node = slot == UINT16_MAX ? NULL : cr_expr_new(c, CR_OP_FILTER, 2);
    if (node == NULL || cr_expr_set(c, node, 0, list) == NULL) { return NULL; }
    list->flags |= CR_EXPR_INNER;
    cr_scope scope = {.item = cr_type_of_item(list->type), .item_slot = slot};
    cr_scope_push(c, &scope);
    cr_expr *test = NULL;
    if (cr_scope_add(c, CR_SPAN("item"), CR_VARIABLE_LOCAL, slot, scope.item)) {
        test = cr_box_compile(c, box->kids[1]);
    }
    cr_scope_pop(c);
    node->index = slot;
    if (test == NULL) { return NULL; }
    if (test->type->kind == CR_FEEL_BOOLEAN) { node->type = cr_type_list_of(c, scope.item); }
    node = cr_expr_set(c, node, 1, test);
    return node == NULL ? NULL : cr_expr_hoist(c, node, slot);
}

static cr_expr *compile_loop(cr_compiler *c, const cr_box *box, cr_op op)
{
    credit_span name = own_name(c, box->names[0], box->line);
    cr_expr *list = name.data == NULL ? NULL : cr_box_compile(c, box->kids[0]);
    cr_expr *node = list == NULL ? NULL : cr_expr_new(c, op, 2);
    uint16_t *slots = cr_arena_array(c->arena, 2, sizeof *slots);
    if (node == NULL || slots == NULL || cr_expr_set(c, node, 0, list) == NULL) {
        return node == NULL ? NULL : no_memory(c);
    }
    list->flags |= CR_EXPR_INNER;
    cr_scope scope = {0};
    cr_scope_push(c, &scope);
    cr_expr *result = NULL;
    slots[0] = cr_slot_new(c);
    slots[1] = cr_slot_new(c);
    if (slots[0] != UINT16_MAX && slots[1] != UINT16_MAX &&
        cr_scope_add(c, name, CR_VARIABLE_LOCAL, slots[0], cr_type_of_item(list->type)) &&
        cr_scope_add(
            c, CR_SPAN("partial"), CR_VARIABLE_LOCAL, slots[1], cr_type_of_kind(CR_FEEL_LIST))) {
        result = cr_box_compile(c, box->kids[1]);
    }
    cr_scope_pop(c);
    if (result == NULL) { return NULL; }
    node->as.slots = slots;
    node->type =
        op == CR_OP_FOR ? cr_type_list_of(c, result->type) : cr_type_of_kind(CR_FEEL_BOOLEAN);
    node = cr_expr_set(c, node, 1, result);
    return node == NULL ? NULL : cr_expr_hoist(c, node, slots[0]);
}

/* How many kids a kind has; SIZE_MAX: any number. */
static size_t kids_wanted(cr_box_kind kind)
{
    switch (kind) {
    case CR_BOX_CONDITIONAL:
        return 3;
    case CR_BOX_FILTER:
    case CR_BOX_FOR:
    case CR_BOX_SOME:
    case CR_BOX_EVERY:
        return 2;
    default:
        return SIZE_MAX;
    }
}

static cr_expr *compile_kind(cr_compiler *c, const cr_box *box)
{
    switch (box->kind) {
    case CR_BOX_LITERAL:
        return compile_literal(c, box);
    case CR_BOX_TABLE:
        return cr_table_compile(c, box->table);
    case CR_BOX_INVOCATION:
        return compile_invocation(c, box);
    case CR_BOX_CONTEXT:
        return compile_context(c, box);
    case CR_BOX_LIST:
        return compile_list(c, box);
    case CR_BOX_RELATION:
        return compile_relation(c, box);
    case CR_BOX_FUNCTION:
        return compile_function(c, box);
    case CR_BOX_CONDITIONAL:
        return compile_kids(c, box, CR_OP_IF);
    case CR_BOX_FILTER:
        return compile_filter(c, box);
    case CR_BOX_FOR:
        return compile_loop(c, box, CR_OP_FOR);
    case CR_BOX_SOME:
        return compile_loop(c, box, CR_OP_SOME);
    case CR_BOX_EVERY:
        return compile_loop(c, box, CR_OP_EVERY);
    default:
        cr_compile_error(c, box->line, "an unknown kind of expression");
        return NULL;
    }
}

cr_expr *cr_box_compile(cr_compiler *c, const cr_box *box)
{
    size_t wanted = kids_wanted(box->kind);
    if (wanted != SIZE_MAX && box->kid_count != wanted) {
        cr_compile_error(c, box->line, "a boxed expression lacks a part");
        return NULL;
    }
    if (box->kind == CR_BOX_INVOCATION && box->kid_count == 0) {
        cr_compile_error(c, box->line, "an invocation names no function");
        return NULL;
    }
    if (c->depth >= CR_FEEL_DEPTH_MAX) {
        cr_compile_error(c, box->line, "expressions are nested too deep");
        return NULL;
    }
    c->depth++;
    cr_expr *node = compile_kind(c, box);
    c->depth--;
    return node;
}
