/* Comparisons and logic: what filters, loops and tables ask most. An operand is
 * compared where it lies, and a condition gives one of three truths, no value. */
#include "engine/feel_internal.h"

#include <string.h>

/* --- operands ---------------------------------------------------------- */

/* The value of an operand that is no leaf. */
static const cr_feel_value *computed(
    cr_eval *eval, const cr_expr *node, cr_activation *f, cr_feel_value *room)
{
    cr_feel_value *once;
    switch (node->op) {
    case CR_OP_ONCE:
        once = &f->locals[node->index];
        *once = cr_run(eval, node->kids[0], f);
        return once;
    case CR_OP_ADD:
        cr_run_sum(eval, node, f, room);
        return room;
    default:
        *room = cr_run_node(eval, node, f);
        return room;
    }
}

/* The operand's value: where it lies, else in *room. It stays while another is
 * evaluated: each name has a slot of its own. */
static inline const cr_feel_value *operand(
    cr_eval *eval, const cr_expr *node, cr_activation *f, cr_feel_value *room)
{
    const cr_feel_value *local;
    switch (node->op) {
    case CR_OP_CONSTANT:
        return &node->as.value;
    case CR_OP_LOCAL:
        return &f->locals[node->index];
    case CR_OP_ONCE:
        if (f->locals[node->index].kind == CR_FEEL_ANY) { break; }
        return &f->locals[node->index];
    case CR_OP_INPUT:
        return &eval->inputs[node->index];
    case CR_OP_PROPERTY:
        if (node->kids[0]->op != CR_OP_LOCAL) { break; }
        local = &f->locals[node->kids[0]->index];
        if (local->kind != CR_FEEL_HOST) { break; }
        cr_get_property(eval, local, node->index, room);
        return room;
    default:
        break;
    }
    return computed(eval, node, f, room);
}

void cr_run_sum(cr_eval *eval, const cr_expr *node, cr_activation *f, cr_feel_value *out)
{
    cr_feel_value rooms[2];
    const cr_feel_value *a = operand(eval, node->kids[0], f, &rooms[0]);
    const cr_feel_value *b = operand(eval, node->kids[1], f, &rooms[1]);
    if (a->kind == CR_FEEL_DATE && b->kind == CR_FEEL_MONTHS_DURATION) {
        cr_clock_shift(eval, a, b->as.integer, 0, out);
    } else {
        *out = cr_add(eval, cr_single(*a), cr_single(*b));
    }
}

/* --- comparisons ------------------------------------------------------- */

static inline cr_truth by_order(cr_op op, int64_t a, int64_t b)
{
    switch (op) {
    case CR_OP_LT:
        return cr_truth_of(a < b);
    case CR_OP_LE:
        return cr_truth_of(a <= b);
    case CR_OP_GT:
        return cr_truth_of(a > b);
    case CR_OP_GE:
        return cr_truth_of(a >= b);
    case CR_OP_EQ:
        return cr_truth_of(a == b);
    default:
        return cr_truth_of(a != b);
    }
}

static cr_truth compare_any(
    cr_eval *eval, cr_op op, const cr_feel_value *left, const cr_feel_value *right)
{
    cr_feel_value a = *left, b = *right;
    if (cr_feel_is_list(a) != cr_feel_is_list(b)) {
        a = cr_single(a);
        b = cr_single(b);
    }
    return cr_truth_told(cr_compare(eval, op, a, b));
}

/* Kinds that are compared all the time without a call; the others as cr_compare does. */
static inline cr_truth compare(
    cr_eval *eval, cr_op op, const cr_feel_value *a, const cr_feel_value *b)
{
    bool equality = op == CR_OP_EQ || op == CR_OP_NE;
    if (a->kind != b->kind) {
        bool null = a->kind == CR_FEEL_NULL || b->kind == CR_FEEL_NULL;
        if (!null || cr_feel_is_list(*a) || cr_feel_is_list(*b)) {
            return compare_any(eval, op, a, b);
        }
        return equality ? cr_truth_of(op == CR_OP_NE) : CR_UNKNOWN;
    }
    switch (a->kind) {
    case CR_FEEL_STRING:
        if (equality) {
            bool same =
                a->n.size == b->n.size &&
                (a->as.text == b->as.text || memcmp(a->as.text, b->as.text, a->n.size) == 0);
            return cr_truth_of(same == (op == CR_OP_EQ));
        }
        break;
    case CR_FEEL_BOOLEAN:
        if (equality) { return cr_truth_of((a->as.boolean == b->as.boolean) == (op == CR_OP_EQ)); }
        break;
    case CR_FEEL_DATE:
        if (((a->flags | b->flags) & CR_FEEL_CLOCK) != 0) {
            cr_clock_note(eval, equality ? CR_OP_EQ : op, *a, *b);
        }
        return by_order(op, a->as.date.days, b->as.date.days);
    case CR_FEEL_NUMBER:
        if (((a->flags | b->flags) & CR_FEEL_DECIMAL) == 0) {
            return by_order(op, a->as.integer, b->as.integer);
        }
        break;
    default:
        break;
    }
    return compare_any(eval, op, a, b);
}

static cr_truth run_comparison(cr_eval *eval, const cr_expr *node, cr_activation *f)
{
    cr_feel_value rooms[2];
    const cr_feel_value *a = operand(eval, node->kids[0], f, &rooms[0]);
    const cr_feel_value *b = operand(eval, node->kids[1], f, &rooms[1]);
    return compare(eval, (cr_op)node->op, a, b);
}

/* --- logic ------------------------------------------------------------- */

/* Ends at the first kid that decides; unknown if none does and one is. */
cr_truth cr_run_condition(cr_eval *eval, const cr_expr *node, cr_activation *f)
{
    if (cr_op_compares((cr_op)node->op)) { return run_comparison(eval, node, f); }
    cr_truth decisive = cr_truth_of(node->op == CR_OP_OR);
    cr_truth result = cr_truth_of(node->op != CR_OP_OR);
    for (size_t i = 0; i < node->count; i++) {
        const cr_expr *kid = node->kids[i];
        cr_truth truth = cr_op_compares((cr_op)kid->op) ? run_comparison(eval, kid, f)
                         : cr_op_is_condition((cr_op)kid->op)
                             ? cr_run_condition(eval, kid, f)
                             : cr_truth_told(cr_single(cr_run(eval, kid, f)));
        if (truth == decisive) { return decisive; }
        if (truth == CR_UNKNOWN) { result = CR_UNKNOWN; }
    }
    return result;
}
