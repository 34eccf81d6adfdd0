/* What does not depend on the item of a filter or loop is computed once per
 * run of it, when it is first asked for: records[decided_on > as_of - @"P2Y"]
 * goes back two years once, not once per record.
 *
 * Slots are given out in order, so a subtree is independent of a loop if every
 * local it reads is older than the loop's first. */
#include "engine/error.h"
#include "engine/feel_internal.h"

static bool is_independent(const cr_expr *node, uint16_t limit)
{
    if (node == NULL) { return true; }
    if (node->op == CR_OP_FUNCTION || node->op == CR_OP_TABLE) { return false; }
    if (node->op == CR_OP_LOCAL && node->index >= limit) { return false; }
    for (size_t i = 0; i < node->count; i++) {
        if (!is_independent(node->kids[i], limit)) { return false; }
    }
    return true;
}

/* Cheaper things are not worth a slot. */
static bool is_worth_it(const cr_expr *node)
{
    switch ((cr_op)node->op) {
    case CR_OP_ADD:
    case CR_OP_SUB:
    case CR_OP_MUL:
    case CR_OP_DIV:
    case CR_OP_POW:
    case CR_OP_NEG:
    case CR_OP_PROPERTY:
    case CR_OP_PATH:
    case CR_OP_CALL:
    case CR_OP_BUILTIN:
        return true;
    default:
        return false;
    }
}

static cr_expr *wrap(cr_compiler *c, cr_expr *loop, cr_expr *node)
{
    uint16_t slot = cr_slot_new(c);
    cr_expr *once = slot == UINT16_MAX ? NULL : cr_expr_new(c, CR_OP_ONCE, 1);
    if (once == NULL) { return NULL; }
    once->index = slot;
    once->type = node->type;
    if (loop->once_count++ == 0) { loop->once_first = slot; }
    return cr_expr_set(c, once, 0, node);
}

/* Slots taken here follow each other: nothing else asks for any meanwhile. */
static bool hoist_kids(cr_compiler *c, cr_expr *loop, cr_expr *node, size_t from, uint16_t limit)
{
    for (size_t i = from; i < node->count; i++) {
        cr_expr *kid = node->kids[i];
        if (kid == NULL) { continue; }
        if (is_worth_it(kid) && is_independent(kid, limit)) {
            kid = wrap(c, loop, kid);
            if (kid == NULL || cr_expr_set(c, node, i, kid) == NULL) { return false; }
        } else if (!hoist_kids(c, loop, kid, 0, limit)) {
            return false;
        }
    }
    return true;
}

cr_expr *cr_expr_hoist(cr_compiler *c, cr_expr *loop, uint16_t limit)
{
    return hoist_kids(c, loop, loop, 1, limit) ? loop : NULL;
}
