/* Narrowing: what is known of inputs, and what follows for comparisons. */
#include "engine/decision_narrow.h"

/* --- what is known ------------------------------------------------------ */

const cr_known *cr_narrow_find_known(const cr_narrower *n, int input, int property)
{
    for (size_t i = 0; i < n->known_count; i++) {
        if (n->known[i].input == input && n->known[i].property == property) { return &n->known[i]; }
    }
    return NULL;
}

bool cr_narrow_is_list(const cr_narrower *n, uint16_t source)
{
    for (size_t i = 0; source != 0 && i < n->known_count; i++) {
        const cr_known *known = &n->known[i];
        bool values = known->property != CR_KNOWN_WHOLE && known->value.kind == CR_FEEL_LIST;
        if (values && known->input + 1 == source) { return true; }
    }
    return false;
}

/* Limits known of the value of an expression, or NULL. */
const cr_feel_range *cr_narrow_limits(const cr_narrower *n, const cr_expr *node)
{
    const cr_known *known = NULL;
    if (node->op == CR_OP_LOCAL) { known = n->measured[node->index]; }
    if (node->op == CR_OP_PROPERTY && node->kids[0]->op == CR_OP_INPUT) {
        known = cr_narrow_find_known(n, node->kids[0]->index, node->index);
    }
    return known == NULL ? NULL : known->within;
}

cr_narrowed cr_narrow_input(cr_narrower *n, const cr_expr *node)
{
    const cr_input *input = &n->from->inputs[node->index];
    const cr_known *known = cr_narrow_find_known(n, node->index, CR_KNOWN_WHOLE);
    if (known == NULL) { return cr_narrow_as_is(node, CR_NARROW_OUTSIDE); }
    cr_narrow_start(n);
    cr_feel_value value = cr_coerce(n->eval, known->value, input->type, "input", input->name);
    if (!cr_narrow_ran_well(n) || !cr_narrow_keep(n, value, &value)) {
        return cr_narrow_as_is(node, CR_NARROW_OUTSIDE);
    }
    return cr_narrow_constant(n, node, value);
}

/* The values that a property of listed objects has, or NULL. */
static const cr_known *among_of(const cr_narrower *n, const cr_expr *node)
{
    bool item = node->op == CR_OP_PROPERTY && node->kids[0]->op == CR_OP_LOCAL &&
                n->items[node->kids[0]->index] != 0;
    const cr_known *known =
        item ? cr_narrow_find_known(n, n->items[node->kids[0]->index] - 1, node->index) : NULL;
    return known != NULL && known->value.kind == CR_FEEL_LIST ? known : NULL;
}

cr_narrowed cr_narrow_property(cr_narrower *n, const cr_expr *node)
{
    cr_feel_value value;
    cr_narrowed result = cr_narrow_kids(n, node);
    const cr_expr *object = result.node->kids[0];
    const cr_known *known = NULL, *among = among_of(n, result.node);
    if (object->op == CR_OP_INPUT) { known = cr_narrow_find_known(n, object->index, node->index); }
    if (known != NULL && known->within == NULL && cr_narrow_keep(n, known->value, &value)) {
        return cr_narrow_constant(n, node, value);
    }
    if (among != NULL && among->value.n.size == 1 &&
        cr_narrow_keep(n, among->value.as.items[0], &value)) {
        return cr_narrow_constant(n, node, value);
    }
    return cr_narrow_settle(n, result);
}

/* --- comparisons with what is known to lie within limits ------------------- */

/* How all values within the limits relate to the other one. */
typedef struct relation {
    bool less, at_most, more, at_least, equal;
} relation;

static relation relate(cr_narrower *n, const cr_feel_range *limits, cr_feel_value other)
{
    relation r = {false, false, false, false, false};
    bool low = limits->low.kind == other.kind, high = limits->high.kind == other.kind;
    cr_narrow_start(n);
    int lowest = low ? cr_order(n->eval, limits->low, other) : 2;
    int highest = high ? cr_order(n->eval, limits->high, other) : 2;
    r.more = lowest == 1 || (lowest == 0 && !limits->low_included);
    r.at_least = lowest == 0 || lowest == 1;
    r.less = highest == -1 || (highest == 0 && !limits->high_included);
    r.at_most = highest == 0 || highest == -1;
    r.equal = lowest == 0 && highest == 0;
    return r;
}

static cr_narrow_verdict decide(bool holds, bool fails)
{
    return holds ? CR_NARROW_HOLDS : fails ? CR_NARROW_FAILS : CR_NARROW_UNDECIDED;
}

/* A value within limits is never null. */
static cr_narrow_verdict compare(
    cr_narrower *n, cr_op op, const cr_feel_range *limits, cr_feel_value other)
{
    if (other.kind == CR_FEEL_NULL) { return decide(op == CR_OP_NE, op == CR_OP_EQ); }
    relation r = relate(n, limits, other);
    switch (op) {
    case CR_OP_LT:
        return decide(r.less, r.at_least);
    case CR_OP_LE:
        return decide(r.at_most, r.more);
    case CR_OP_GT:
        return decide(r.more, r.at_most);
    case CR_OP_GE:
        return decide(r.at_least, r.less);
    case CR_OP_EQ:
        return decide(r.equal, r.less || r.more);
    case CR_OP_NE:
        return decide(r.less || r.more, r.equal);
    default:
        return CR_NARROW_UNDECIDED;
    }
}

/* Is it equal to none of the values that there are? */
static cr_narrow_verdict compare_among(cr_op op, const cr_known *among, cr_feel_value other)
{
    if (other.kind != CR_FEEL_STRING || (op != CR_OP_EQ && op != CR_OP_NE)) {
        return CR_NARROW_UNDECIDED;
    }
    for (size_t i = 0; i < among->value.n.size; i++) {
        cr_feel_value value = among->value.as.items[i];
        bool comparable = value.kind == CR_FEEL_STRING || value.kind == CR_FEEL_NULL;
        bool equal =
            value.kind == CR_FEEL_STRING && cr_span_equal(cr_feel_text(value), cr_feel_text(other));
        if (!comparable || equal) { return CR_NARROW_UNDECIDED; }
    }
    return decide(op == CR_OP_NE, op == CR_OP_EQ);
}

cr_narrowed cr_narrow_comparison(cr_narrower *n, const cr_expr *node)
{
    static const cr_op mirrored[] = {[CR_OP_LT] = CR_OP_GT,
        [CR_OP_LE] = CR_OP_GE,
        [CR_OP_GT] = CR_OP_LT,
        [CR_OP_GE] = CR_OP_LE,
        [CR_OP_EQ] = CR_OP_EQ,
        [CR_OP_NE] = CR_OP_NE};
    cr_narrowed result = cr_narrow_kids(n, node);
    const cr_expr *left = result.node->kids[0], *right = result.node->kids[1];
    const cr_feel_range *limits;
    const cr_known *among;
    cr_narrow_verdict says = CR_NARROW_UNDECIDED;
    if (right->op == CR_OP_CONSTANT && (among = among_of(n, left)) != NULL) {
        says = compare_among((cr_op)node->op, among, right->as.value);
    } else if (right->op == CR_OP_CONSTANT && (limits = cr_narrow_limits(n, left)) != NULL) {
        says = compare(n, (cr_op)node->op, limits, right->as.value);
    } else if (left->op == CR_OP_CONSTANT && (limits = cr_narrow_limits(n, right)) != NULL) {
        says = compare(n, mirrored[node->op], limits, left->as.value);
    }
    return says == CR_NARROW_UNDECIDED
               ? cr_narrow_settle(n, result)
               : cr_narrow_constant(n, node, cr_feel_boolean(says == CR_NARROW_HOLDS));
}

cr_narrow_verdict cr_narrow_meet(cr_narrower *n, const cr_feel_range *limits, const cr_expr *test)
{
    cr_narrow_verdict one;
    bool all_fail = true;
    switch (test->op) {
    case CR_OP_TEST_COMPARE:
    case CR_OP_TEST_VALUE:
        return test->kids[0]->op != CR_OP_CONSTANT
                   ? CR_NARROW_UNDECIDED
                   : compare(n, test->op == CR_OP_TEST_VALUE ? CR_OP_EQ : (cr_op)test->test, limits,
                         test->kids[0]->as.value);
    case CR_OP_TEST_NOT:
        one = cr_narrow_meet(n, limits, test->kids[0]);
        return decide(one == CR_NARROW_FAILS, one == CR_NARROW_HOLDS);
    case CR_OP_TEST_LIST:
        for (size_t i = 0; i < test->count; i++) {
            one = cr_narrow_meet(n, limits, test->kids[i]);
            if (one == CR_NARROW_HOLDS) { return one; }
            all_fail = all_fail && one == CR_NARROW_FAILS;
        }
        return decide(false, all_fail);
    default:
        return CR_NARROW_UNDECIDED;
    }
}
