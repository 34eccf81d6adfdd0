/* Narrowing: functions. Small ones take the place of their calls. */
#include "engine/decision_narrow.h"

/* --- functions ----------------------------------------------------------- */

/* Does the code use anything but its arguments, constants and built-ins? */
static bool stands_alone(const cr_expr *node)
{
    switch (node->op) {
    case CR_OP_INPUT:
    case CR_OP_DECISION:
    case CR_OP_KNOWLEDGE:
    case CR_OP_CAPTURE:
    case CR_OP_FUNCTION:
    case CR_OP_TABLE:
        return false;
    default:
        break;
    }
    for (size_t i = 0; i < node->count; i++) {
        if (node->kids[i] != NULL && !stands_alone(node->kids[i])) { return false; }
    }
    return true;
}

/* The function itself is no constant: what it gives can be. */
cr_narrowed cr_narrow_knowledge(const cr_narrower *n, const cr_expr *node)
{
    const cr_lambda *lambda = n->from->knowledge[node->index].lambda;
    return cr_narrow_as_is(
        node, lambda != NULL && stands_alone(lambda->body) ? CR_NARROW_CLOSED : CR_NARROW_OUTSIDE);
}

/* Is the code an expression over its arguments that binds no names? */
static bool can_stand_in_place(const cr_expr *node)
{
    bool fine = node->op == CR_OP_CONSTANT || node->op == CR_OP_LOCAL || node->op == CR_OP_PATH ||
                node->op == CR_OP_IF || node->op == CR_OP_BUILTIN || node->op == CR_OP_LIST ||
                (node->op >= CR_OP_ADD && node->op <= CR_OP_NE);
    for (size_t i = 0; fine && i < node->count; i++) { fine = can_stand_in_place(node->kids[i]); }
    return fine;
}

/* The function of a call whose code can take the call's place, or NULL. */
static const cr_lambda *function_of(const cr_narrower *n, const cr_expr *call)
{
    const cr_expr *function = call->kids[0];
    if (!n->in_place || function->op != CR_OP_KNOWLEDGE || call->as.names != NULL) { return NULL; }
    const cr_lambda *lambda = n->from->knowledge[function->index].lambda;
    bool fits = lambda->parameter_count == call->count - 1 && lambda->capture_count == 0 &&
                lambda->result->kind == CR_FEEL_ANY && can_stand_in_place(lambda->body);
    for (size_t i = 0; fits && i < lambda->parameter_count; i++) {
        fits = lambda->types[i]->kind == CR_FEEL_ANY;
    }
    return fits ? lambda : NULL;
}

/* The code with the arguments where the parameters were. */
static const cr_expr *put_arguments(
    cr_narrower *n, const cr_expr *code, const cr_expr *const *arguments)
{
    if (code->op == CR_OP_LOCAL) { return arguments[code->index]; }
    if (code->count == 0) { return code; }
    cr_expr *copy = cr_narrow_copy(n, code);
    for (size_t i = 0; copy != NULL && i < code->count; i++) {
        cr_narrow_put(n, copy, i, put_arguments(n, code->kids[i], arguments));
    }
    return copy == NULL ? code : copy;
}

static cr_expr *slot_node(cr_narrower *n, const cr_expr *value, uint16_t slot)
{
    cr_expr *node = cr_narrow_room(n, 1, sizeof *node);
    if (node != NULL) { *node = (cr_expr){.op = CR_OP_LOCAL, .index = slot, .type = value->type}; }
    return node;
}

/* What is more than a constant or a name is computed once, in a slot of the frame:
 * a context whose entries are such arguments and whose result is the code. */
static cr_narrowed put_in_place(cr_narrower *n, const cr_lambda *lambda, cr_narrowed call)
{
    size_t count = lambda->parameter_count, computed = 0;
    const cr_expr **arguments = cr_narrow_room(n, count, sizeof *arguments);
    uint16_t *slots = cr_narrow_room(n, count, sizeof *slots);
    cr_context_code *code = cr_narrow_room(n, 1, sizeof *code);
    cr_expr *let = cr_narrow_copy(n, call.node); /* as many kids as arguments, and the result */
    if (n->failed || n->next_slot + count > n->slot_end) { return cr_narrow_settle(n, call); }
    for (size_t i = 0; i < count; i++) {
        const cr_expr *argument = call.node->kids[i + 1];
        arguments[i] = argument;
        if (argument->op == CR_OP_CONSTANT || argument->op == CR_OP_LOCAL) { continue; }
        slots[computed] = n->next_slot++;
        arguments[i] = slot_node(n, argument, slots[computed]);
        if (n->failed) { return cr_narrow_settle(n, call); }
        let->kids[computed++] = (cr_expr *)argument; /* never written through */
    }
    cr_narrowed body = cr_narrow(n, put_arguments(n, lambda->body, arguments));
    if (computed == 0) { return body; }
    *code = (cr_context_code){NULL, slots, computed};
    let->op = CR_OP_CONTEXT;
    let->flags = CR_EXPR_RESULT;
    let->count = (uint32_t)computed + 1;
    let->as.context = code;
    cr_narrow_put(n, let, computed, body.node);
    return cr_narrow_as_is(let, CR_NARROW_OUTSIDE);
}

cr_narrowed cr_narrow_call(cr_narrower *n, const cr_expr *node)
{
    cr_narrowed call = cr_narrow_kids(n, node);
    const cr_lambda *lambda = function_of(n, call.node);
    return lambda == NULL ? cr_narrow_settle(n, call) : put_in_place(n, lambda, call);
}
