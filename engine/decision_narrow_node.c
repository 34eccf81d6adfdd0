/* Narrowing: nodes and the values that they may hold. */
#include "engine/decision_narrow.h"

void *cr_narrow_room(cr_narrower *n, size_t count, size_t size)
{
    void *memory = cr_arena_array(&n->to->arena, count, size);
    n->failed = n->failed || memory == NULL;
    return memory;
}

/* --- values that outlive the evaluation -------------------------------- */

static bool keep_items(cr_narrower *n, cr_feel_value value, cr_feel_value *out)
{
    cr_feel_value *items = cr_narrow_room(n, value.n.size, sizeof *items);
    for (size_t i = 0; items != NULL && i < value.n.size; i++) {
        if (!cr_narrow_keep(n, value.as.items[i], &items[i])) { return false; }
    }
    out->as.items = items;
    return items != NULL;
}

static bool keep_entries(cr_narrower *n, cr_feel_value value, cr_feel_value *out)
{
    cr_feel_entry *entries = cr_narrow_room(n, value.n.size, sizeof *entries);
    for (size_t i = 0; entries != NULL && i < value.n.size; i++) {
        entries[i].name = cr_arena_span(&n->to->arena, value.as.entries[i].name);
        n->failed = n->failed || entries[i].name.data == NULL;
        if (n->failed || !cr_narrow_keep(n, value.as.entries[i].value, &entries[i].value)) {
            return false;
        }
    }
    out->as.entries = entries;
    return entries != NULL;
}

static bool keep_range(cr_narrower *n, cr_feel_value value, cr_feel_value *out)
{
    cr_feel_range *range = cr_narrow_room(n, 1, sizeof *range);
    if (range == NULL) { return false; }
    *range = *value.as.range;
    out->as.range = range;
    return cr_narrow_keep(n, value.as.range->low, &range->low) &&
           cr_narrow_keep(n, value.as.range->high, &range->high);
}

/* A deep copy; false for what moves with the clock or is code or an object. */
bool cr_narrow_keep(cr_narrower *n, cr_feel_value value, cr_feel_value *out)
{
    *out = value;
    if ((value.flags & CR_FEEL_CLOCK) != 0) { return false; }
    switch (value.kind) {
    case CR_FEEL_STRING:
        out->as.text = cr_arena_span(&n->to->arena, cr_feel_text(value)).data;
        n->failed = n->failed || out->as.text == NULL;
        return out->as.text != NULL;
    case CR_FEEL_LIST:
        return keep_items(n, value, out);
    case CR_FEEL_CONTEXT:
        return keep_entries(n, value, out);
    case CR_FEEL_RANGE:
        return keep_range(n, value, out);
    case CR_FEEL_HOSTS:
        return value.n.size == 0;
    case CR_FEEL_HOST:
    case CR_FEEL_FUNCTION:
        return false;
    default:
        return true;
    }
}

/* --- nodes ------------------------------------------------------------- */

cr_narrowed cr_narrow_constant(cr_narrower *n, const cr_expr *node, cr_feel_value value)
{
    cr_expr *made = cr_narrow_room(n, 1, sizeof *made);
    if (made == NULL) { return cr_narrow_as_is(node, CR_NARROW_OUTSIDE); }
    *made = (cr_expr){.op = CR_OP_CONSTANT, .type = node->type, .as.value = value};
    return cr_narrow_as_is(made, CR_NARROW_CLOSED);
}

/* A node of its own, to give other kids to; NULL when out of memory. */
cr_expr *cr_narrow_copy(cr_narrower *n, const cr_expr *node)
{
    cr_expr *copy = cr_narrow_room(n, 1, sizeof *copy);
    cr_expr **kids = node->count == 0 ? NULL : cr_narrow_room(n, node->count, sizeof *kids);
    if (copy == NULL || n->failed) { return NULL; }
    *copy = *node;
    for (size_t i = 0; i < node->count; i++) { kids[i] = node->kids[i]; }
    copy->kids = kids;
    return copy;
}

/* An expression put in a function's place is higher than the call was. */
static void raise_to(cr_narrower *n, cr_expr *node, const cr_expr *below)
{
    if (below->height >= node->height) { node->height = (uint16_t)(below->height + 1); }
    n->too_high = n->too_high || node->height > CR_FEEL_HEIGHT_MAX;
}

void cr_narrow_put(cr_narrower *n, cr_expr *node, size_t index, const cr_expr *kid)
{
    node->kids[index] = (cr_expr *)kid; /* never written through */
    raise_to(n, node, kid);
}

void cr_narrow_start(cr_narrower *n)
{
    cr_arena_reset(&n->eval->arena);
    n->eval->memory = 0;
    n->eval->steps = CR_FEEL_STEPS_MAX;
    n->eval->error_count = 0;
    n->eval->status = CREDIT_OK;
}

bool cr_narrow_ran_well(const cr_narrower *n)
{
    return n->eval->status == CREDIT_OK && n->eval->error_count == 0;
}

/* Runs an expression that is closed. */
cr_narrowed cr_narrow_settle(cr_narrower *n, cr_narrowed expression)
{
    cr_feel_value value;
    if (expression.reach != CR_NARROW_CLOSED || expression.node->op == CR_OP_CONSTANT) {
        return expression;
    }
    cr_narrow_start(n);
    value = cr_run(n->eval, expression.node, &n->frame);
    if (!cr_narrow_ran_well(n) || !cr_narrow_keep(n, value, &value)) {
        return cr_narrow_as_is(expression.node, CR_NARROW_OUTSIDE);
    }
    return cr_narrow_constant(n, expression.node, value);
}

/* All kids; the first `done` of them have been narrowed already. */
cr_narrowed cr_narrow_more_kids(
    cr_narrower *n, const cr_expr *node, const cr_narrowed *first, size_t done)
{
    cr_expr *copy = NULL;
    int32_t reach = CR_NARROW_CLOSED;
    for (size_t i = 0; i < node->count; i++) {
        if (node->kids[i] == NULL) { continue; }
        cr_narrowed kid = i < done ? first[i] : cr_narrow(n, node->kids[i]);
        reach = cr_narrow_lower(reach, kid.reach);
        if (kid.node == node->kids[i]) { continue; }
        if (copy == NULL) { copy = cr_narrow_copy(n, node); }
        if (copy == NULL) { return cr_narrow_as_is(node, CR_NARROW_OUTSIDE); }
        cr_narrow_put(n, copy, i, kid.node);
    }
    return cr_narrow_as_is(copy == NULL ? node : copy, reach);
}

cr_narrowed cr_narrow_kids(cr_narrower *n, const cr_expr *node)
{
    return cr_narrow_more_kids(n, node, NULL, 0);
}
