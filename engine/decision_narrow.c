/* Narrowing: what is known beforehand is computed once (partial evaluation).
 *
 * The tree is walked from the leaves. An expression is closed when it uses
 * nothing but constants and names that it binds itself; it is then run here and
 * becomes the constant it gives, unless that raises an error: errors are left
 * to happen, and be noted, in the evaluation. Conditions and table rows that are
 * decided drop what can no longer be reached. Nodes that stay as they were are
 * shared with the model that is narrowed.
 *
 * Slots of a frame are numbered in the order in which names are bound: whatever
 * is bound inside an expression has a higher number than what it sees. */
#include <string.h>

#include "engine/error.h"
#include "engine/model_internal.h"

/* The lowest unbound slot that an expression uses, or one of these. */
enum { OUTSIDE = -1, CLOSED = INT32_MAX };

typedef struct narrowed {
    const cr_expr *node;
    int32_t reach;
} narrowed;

typedef struct narrower {
    const cr_model *from;
    cr_model *to;
    const cr_known *known;
    size_t known_count;
    bool explained;               /* rows and evidence will be asked for */
    bool *done;                   /* per decision */
    cr_eval *eval;                /* runs what is closed */
    cr_activation frame;          /* its locals; of the decision being narrowed */
    narrowed *held;               /* per slot: a constant or another slot that it is a copy of */
    const cr_known **measured;    /* per slot: what is known of the value in it, or NULL */
    uint16_t *items;              /* per slot: the input, plus 1, of whose list it holds an item */
    uint16_t *sources;            /* per decision: the input, plus 1, from whose list it selects */
    const cr_expr **values;       /* per decision that stays a table: what it gives, if known */
    uint16_t next_slot, slot_end; /* of the frame: for arguments */
    bool in_place;                /* functions may take the place of calls */
    bool too_high;                /* the tree has become so */
    bool failed;                  /* out of memory */
} narrower;

static narrowed narrow(narrower *n, const cr_expr *node);

static void *room(narrower *n, size_t count, size_t size)
{
    void *memory = cr_arena_array(&n->to->arena, count, size);
    n->failed = n->failed || memory == NULL;
    return memory;
}

static int32_t lower(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* --- values that outlive the evaluation -------------------------------- */

static bool keep(narrower *n, cr_feel_value value, cr_feel_value *out);

static bool keep_items(narrower *n, cr_feel_value value, cr_feel_value *out)
{
    cr_feel_value *items = room(n, value.n.size, sizeof *items);
    for (size_t i = 0; items != NULL && i < value.n.size; i++) {
        if (!keep(n, value.as.items[i], &items[i])) { return false; }
    }
    out->as.items = items;
    return items != NULL;
}

static bool keep_entries(narrower *n, cr_feel_value value, cr_feel_value *out)
{
    cr_feel_entry *entries = room(n, value.n.size, sizeof *entries);
    for (size_t i = 0; entries != NULL && i < value.n.size; i++) {
        entries[i].name = cr_arena_span(&n->to->arena, value.as.entries[i].name);
        n->failed = n->failed || entries[i].name.data == NULL;
        if (n->failed || !keep(n, value.as.entries[i].value, &entries[i].value)) { return false; }
    }
    out->as.entries = entries;
    return entries != NULL;
}

static bool keep_range(narrower *n, cr_feel_value value, cr_feel_value *out)
{
    cr_feel_range *range = room(n, 1, sizeof *range);
    if (range == NULL) { return false; }
    *range = *value.as.range;
    out->as.range = range;
    return keep(n, value.as.range->low, &range->low) && keep(n, value.as.range->high, &range->high);
}

/* A deep copy; false for what moves with the clock or is code or an object. */
static bool keep(narrower *n, cr_feel_value value, cr_feel_value *out)
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

static narrowed as_it_is(const cr_expr *node, int32_t reach)
{
    return (narrowed){node, reach};
}

static narrowed constant(narrower *n, const cr_expr *node, cr_feel_value value)
{
    cr_expr *made = room(n, 1, sizeof *made);
    if (made == NULL) { return as_it_is(node, OUTSIDE); }
    *made = (cr_expr){.op = CR_OP_CONSTANT, .type = node->type, .as.value = value};
    return as_it_is(made, CLOSED);
}

/* A node of its own, to give other kids to; NULL when out of memory. */
static cr_expr *copy_of(narrower *n, const cr_expr *node)
{
    cr_expr *copy = room(n, 1, sizeof *copy);
    cr_expr **kids = node->count == 0 ? NULL : room(n, node->count, sizeof *kids);
    if (copy == NULL || n->failed) { return NULL; }
    *copy = *node;
    for (size_t i = 0; i < node->count; i++) { kids[i] = node->kids[i]; }
    copy->kids = kids;
    return copy;
}

/* An expression put in a function's place is higher than the call was. */
static void raise_to(narrower *n, cr_expr *node, const cr_expr *below)
{
    if (below->height >= node->height) { node->height = (uint16_t)(below->height + 1); }
    n->too_high = n->too_high || node->height > CR_FEEL_HEIGHT_MAX;
}

static void put_kid(narrower *n, cr_expr *node, size_t index, const cr_expr *kid)
{
    node->kids[index] = (cr_expr *)kid; /* never written through */
    raise_to(n, node, kid);
}

static void start_run(narrower *n)
{
    cr_arena_reset(&n->eval->arena);
    n->eval->memory = 0;
    n->eval->steps = CR_FEEL_STEPS_MAX;
    n->eval->error_count = 0;
    n->eval->status = CREDIT_OK;
}

static bool ran_well(const narrower *n)
{
    return n->eval->status == CREDIT_OK && n->eval->error_count == 0;
}

/* Runs an expression that is closed. */
static narrowed settle(narrower *n, narrowed expression)
{
    cr_feel_value value;
    if (expression.reach != CLOSED || expression.node->op == CR_OP_CONSTANT) { return expression; }
    start_run(n);
    value = cr_run(n->eval, expression.node, &n->frame);
    if (!ran_well(n) || !keep(n, value, &value)) { return as_it_is(expression.node, OUTSIDE); }
    return constant(n, expression.node, value);
}

/* All kids; the first `done` of them have been narrowed already. */
static narrowed narrow_more_kids(
    narrower *n, const cr_expr *node, const narrowed *first, size_t done)
{
    cr_expr *copy = NULL;
    int32_t reach = CLOSED;
    for (size_t i = 0; i < node->count; i++) {
        if (node->kids[i] == NULL) { continue; }
        narrowed kid = i < done ? first[i] : narrow(n, node->kids[i]);
        reach = lower(reach, kid.reach);
        if (kid.node == node->kids[i]) { continue; }
        if (copy == NULL) { copy = copy_of(n, node); }
        if (copy == NULL) { return as_it_is(node, OUTSIDE); }
        put_kid(n, copy, i, kid.node);
    }
    return as_it_is(copy == NULL ? node : copy, reach);
}

static narrowed narrow_kids(narrower *n, const cr_expr *node)
{
    return narrow_more_kids(n, node, NULL, 0);
}

/* The same for an expression that binds the slots from `first` on. */
static narrowed bound(narrowed expression, uint16_t first)
{
    if (expression.reach >= (int32_t)first) { expression.reach = CLOSED; }
    return expression;
}

/* --- what is known ------------------------------------------------------ */

static const cr_known *find_known(const narrower *n, int input, int property)
{
    for (size_t i = 0; i < n->known_count; i++) {
        if (n->known[i].input == input && n->known[i].property == property) { return &n->known[i]; }
    }
    return NULL;
}

/* Limits known of the value of an expression, or NULL. */
static const cr_feel_range *limits_of(const narrower *n, const cr_expr *node)
{
    const cr_known *known = NULL;
    if (node->op == CR_OP_LOCAL) { known = n->measured[node->index]; }
    if (node->op == CR_OP_PROPERTY && node->kids[0]->op == CR_OP_INPUT) {
        known = find_known(n, node->kids[0]->index, node->index);
    }
    return known == NULL ? NULL : known->within;
}

static narrowed narrow_input(narrower *n, const cr_expr *node)
{
    const cr_input *input = &n->from->inputs[node->index];
    const cr_known *known = find_known(n, node->index, CR_KNOWN_WHOLE);
    if (known == NULL) { return as_it_is(node, OUTSIDE); }
    start_run(n);
    cr_feel_value value = cr_coerce(n->eval, known->value, input->type, "input", input->name);
    if (!ran_well(n) || !keep(n, value, &value)) { return as_it_is(node, OUTSIDE); }
    return constant(n, node, value);
}

/* The values that a property of listed objects has, or NULL. */
static const cr_known *among_of(const narrower *n, const cr_expr *node)
{
    bool item = node->op == CR_OP_PROPERTY && node->kids[0]->op == CR_OP_LOCAL &&
                n->items[node->kids[0]->index] != 0;
    const cr_known *known =
        item ? find_known(n, n->items[node->kids[0]->index] - 1, node->index) : NULL;
    return known != NULL && known->value.kind == CR_FEEL_LIST ? known : NULL;
}

static narrowed narrow_property(narrower *n, const cr_expr *node)
{
    cr_feel_value value;
    narrowed result = narrow_kids(n, node);
    const cr_expr *object = result.node->kids[0];
    const cr_known *known = NULL, *among = among_of(n, result.node);
    if (object->op == CR_OP_INPUT) { known = find_known(n, object->index, node->index); }
    if (known != NULL && known->within == NULL && keep(n, known->value, &value)) {
        return constant(n, node, value);
    }
    if (among != NULL && among->value.n.size == 1 && keep(n, among->value.as.items[0], &value)) {
        return constant(n, node, value);
    }
    return settle(n, result);
}

static void narrow_decision(narrower *n, size_t index);

static narrowed use_decision(narrower *n, const cr_expr *node)
{
    narrow_decision(n, node->index);
    const cr_expr *body = n->to->decisions[node->index].body;
    if (n->values[node->index] != NULL) { body = n->values[node->index]; }
    return body->op == CR_OP_CONSTANT ? constant(n, node, body->as.value) : as_it_is(node, OUTSIDE);
}

/* An entry of a decision that is a context may be known when the rest is not. */
static narrowed narrow_path(narrower *n, const cr_expr *node)
{
    narrowed path = narrow_kids(n, node);
    const cr_expr *from = path.node->kids[0];
    if (from->op == CR_OP_DECISION && !n->explained) {
        const cr_decision *decision = &n->to->decisions[from->index];
        const cr_expr *body = decision->body;
        bool context = body->op == CR_OP_CONTEXT && (body->flags & CR_EXPR_RESULT) == 0 &&
                       decision->type->kind == CR_FEEL_ANY;
        for (size_t i = 0; context && i < body->as.context->count; i++) {
            bool named = cr_span_equal(body->as.context->names[i], node->as.name);
            if (named && body->kids[i]->op == CR_OP_CONSTANT) {
                return constant(n, node, body->kids[i]->as.value);
            }
        }
    }
    return settle(n, path);
}

/* --- comparisons with what is known to lie within limits ------------------- */

typedef enum verdict { UNDECIDED, HOLDS, FAILS } verdict;

/* How all values within the limits relate to the other one. */
typedef struct relation {
    bool less, at_most, more, at_least, equal;
} relation;

static relation relate(narrower *n, const cr_feel_range *limits, cr_feel_value other)
{
    relation r = {false, false, false, false, false};
    bool low = limits->low.kind == other.kind, high = limits->high.kind == other.kind;
    start_run(n);
    int lowest = low ? cr_order(n->eval, limits->low, other) : 2;
    int highest = high ? cr_order(n->eval, limits->high, other) : 2;
    r.more = lowest == 1 || (lowest == 0 && !limits->low_included);
    r.at_least = lowest == 0 || lowest == 1;
    r.less = highest == -1 || (highest == 0 && !limits->high_included);
    r.at_most = highest == 0 || highest == -1;
    r.equal = lowest == 0 && highest == 0;
    return r;
}

static verdict decide(bool holds, bool fails)
{
    return holds ? HOLDS : fails ? FAILS : UNDECIDED;
}

/* A value within limits is never null. */
static verdict compare(narrower *n, cr_op op, const cr_feel_range *limits, cr_feel_value other)
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
        return UNDECIDED;
    }
}

/* Is it equal to none of the values that there are? */
static verdict compare_among(cr_op op, const cr_known *among, cr_feel_value other)
{
    if (other.kind != CR_FEEL_STRING || (op != CR_OP_EQ && op != CR_OP_NE)) { return UNDECIDED; }
    for (size_t i = 0; i < among->value.n.size; i++) {
        cr_feel_value value = among->value.as.items[i];
        bool comparable = value.kind == CR_FEEL_STRING || value.kind == CR_FEEL_NULL;
        bool equal =
            value.kind == CR_FEEL_STRING && cr_span_equal(cr_feel_text(value), cr_feel_text(other));
        if (!comparable || equal) { return UNDECIDED; }
    }
    return decide(op == CR_OP_NE, op == CR_OP_EQ);
}

static narrowed narrow_comparison(narrower *n, const cr_expr *node)
{
    static const cr_op mirrored[] = {[CR_OP_LT] = CR_OP_GT,
        [CR_OP_LE] = CR_OP_GE,
        [CR_OP_GT] = CR_OP_LT,
        [CR_OP_GE] = CR_OP_LE,
        [CR_OP_EQ] = CR_OP_EQ,
        [CR_OP_NE] = CR_OP_NE};
    narrowed result = narrow_kids(n, node);
    const cr_expr *left = result.node->kids[0], *right = result.node->kids[1];
    const cr_feel_range *limits;
    const cr_known *among;
    verdict says = UNDECIDED;
    if (right->op == CR_OP_CONSTANT && (among = among_of(n, left)) != NULL) {
        says = compare_among((cr_op)node->op, among, right->as.value);
    } else if (right->op == CR_OP_CONSTANT && (limits = limits_of(n, left)) != NULL) {
        says = compare(n, (cr_op)node->op, limits, right->as.value);
    } else if (left->op == CR_OP_CONSTANT && (limits = limits_of(n, right)) != NULL) {
        says = compare(n, mirrored[node->op], limits, left->as.value);
    }
    return says == UNDECIDED ? settle(n, result)
                             : constant(n, node, cr_feel_boolean(says == HOLDS));
}

static verdict meet(narrower *n, const cr_feel_range *limits, const cr_expr *test)
{
    verdict one;
    bool all_fail = true;
    switch (test->op) {
    case CR_OP_TEST_COMPARE:
    case CR_OP_TEST_VALUE:
        return test->kids[0]->op != CR_OP_CONSTANT
                   ? UNDECIDED
                   : compare(n, test->op == CR_OP_TEST_VALUE ? CR_OP_EQ : (cr_op)test->test, limits,
                         test->kids[0]->as.value);
    case CR_OP_TEST_NOT:
        one = meet(n, limits, test->kids[0]);
        return decide(one == FAILS, one == HOLDS);
    case CR_OP_TEST_LIST:
        for (size_t i = 0; i < test->count; i++) {
            one = meet(n, limits, test->kids[i]);
            if (one == HOLDS) { return one; }
            all_fail = all_fail && one == FAILS;
        }
        return decide(false, all_fail);
    default:
        return UNDECIDED;
    }
}

/* --- what decides -------------------------------------------------------- */

static narrowed narrow_if(narrower *n, const cr_expr *node)
{
    narrowed condition = narrow(n, node->kids[0]);
    if (condition.node->op == CR_OP_CONSTANT) {
        return narrow(n, node->kids[cr_feel_is_true(condition.node->as.value) ? 1 : 2]);
    }
    return settle(n, narrow_more_kids(n, node, &condition, 1));
}

/* Kids that are known and do not decide have no say; one that does is the last. */
static narrowed narrow_logic(narrower *n, const cr_expr *node)
{
    bool decisive = node->op == CR_OP_OR;
    narrowed result = narrow_kids(n, node);
    if (result.reach == CLOSED || result.node == node) { return settle(n, result); }
    cr_expr *copy = copy_of(n, result.node);
    if (copy == NULL) { return as_it_is(node, OUTSIDE); }
    uint32_t count = 0;
    for (size_t i = 0; i < result.node->count; i++) {
        const cr_expr *kid = result.node->kids[i];
        bool known = kid->op == CR_OP_CONSTANT;
        cr_feel_value value = known ? cr_single(kid->as.value) : cr_feel_null();
        bool decides = value.kind == CR_FEEL_BOOLEAN && value.as.boolean == decisive;
        bool idle = value.kind == CR_FEEL_BOOLEAN && !decides;
        if (!idle) { copy->kids[count++] = result.node->kids[i]; }
        if (decides) { break; }
    }
    copy->count = count;
    bool decided = copy->kids[0]->op == CR_OP_CONSTANT && count == 1;
    return settle(n, as_it_is(copy, decided ? CLOSED : result.reach));
}

/* What an entry is, as those after it see it. */
static void hold(narrower *n, uint16_t slot, narrowed value)
{
    bool copied = value.node->op == CR_OP_CONSTANT || value.node->op == CR_OP_LOCAL;
    n->held[slot] = copied ? value : as_it_is(NULL, slot);
    if (value.node->op == CR_OP_PROPERTY && value.node->kids[0]->op == CR_OP_INPUT) {
        n->measured[slot] = find_known(n, value.node->kids[0]->index, value.node->index);
    }
}

static narrowed narrow_context(narrower *n, const cr_expr *node)
{
    const cr_context_code *code = node->as.context;
    cr_expr *copy = copy_of(n, node);
    int32_t reach = CLOSED;
    if (copy == NULL) { return as_it_is(node, OUTSIDE); }
    for (size_t i = 0; i < node->count; i++) {
        narrowed kid = narrow(n, node->kids[i]);
        reach = lower(reach, kid.reach);
        put_kid(n, copy, i, kid.node);
        if (i < code->count) { hold(n, code->slots[i], kid); }
    }
    narrowed context = as_it_is(copy, reach);
    return settle(n, code->count == 0 ? context : bound(context, code->slots[0]));
}

/* --- lists ----------------------------------------------------------------- */

/* The input, plus 1, whose list the expression selects from; 0 if it is none. */
static uint16_t source_of(const narrower *n, const cr_expr *node)
{
    switch (node->op) {
    case CR_OP_INPUT:
        return (uint16_t)(node->index + 1);
    case CR_OP_DECISION:
        return n->sources[node->index];
    case CR_OP_FILTER:
        return source_of(n, node->kids[0]);
    default:
        return 0;
    }
}

static narrowed narrow_filter(narrower *n, const cr_expr *node)
{
    narrowed list = narrow(n, node->kids[0]);
    n->items[node->index] = source_of(n, list.node);
    narrowed filter = narrow_more_kids(n, node, &list, 1);
    const cr_expr *test = filter.node->kids[1];
    const cr_feel_type *item = cr_type_of_item(node->kids[0]->type);
    bool nothing = test->op == CR_OP_CONSTANT && test->as.value.kind == CR_FEEL_BOOLEAN &&
                   !test->as.value.as.boolean;
    if (nothing && item->kind == CR_FEEL_HOST && n->items[node->index] != 0) {
        return constant(n, node, cr_feel_hosts(item->host, NULL, 0));
    }
    return settle(n, bound(filter, node->index));
}

static narrowed narrow_loop(narrower *n, const cr_expr *node)
{
    narrowed *lists = room(n, node->count, sizeof *lists);
    if (lists == NULL) { return as_it_is(node, OUTSIDE); }
    for (size_t i = 0; i + 1 < node->count; i++) {
        lists[i] = narrow(n, node->kids[i]);
        n->items[node->as.slots[i]] = source_of(n, lists[i].node);
    }
    narrowed loop = narrow_more_kids(n, node, lists, node->count - 1);
    return settle(n, bound(loop, node->as.slots[0]));
}

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
static narrowed use_knowledge(const narrower *n, const cr_expr *node)
{
    const cr_lambda *lambda = n->from->knowledge[node->index].lambda;
    return as_it_is(node, lambda != NULL && stands_alone(lambda->body) ? CLOSED : OUTSIDE);
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
static const cr_lambda *function_of(const narrower *n, const cr_expr *call)
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
    narrower *n, const cr_expr *code, const cr_expr *const *arguments)
{
    if (code->op == CR_OP_LOCAL) { return arguments[code->index]; }
    if (code->count == 0) { return code; }
    cr_expr *copy = copy_of(n, code);
    for (size_t i = 0; copy != NULL && i < code->count; i++) {
        put_kid(n, copy, i, put_arguments(n, code->kids[i], arguments));
    }
    return copy == NULL ? code : copy;
}

static cr_expr *slot_node(narrower *n, const cr_expr *value, uint16_t slot)
{
    cr_expr *node = room(n, 1, sizeof *node);
    if (node != NULL) { *node = (cr_expr){.op = CR_OP_LOCAL, .index = slot, .type = value->type}; }
    return node;
}

/* What is more than a constant or a name is computed once, in a slot of the frame:
 * a context whose entries are such arguments and whose result is the code. */
static narrowed put_in_place(narrower *n, const cr_lambda *lambda, narrowed call)
{
    size_t count = lambda->parameter_count, computed = 0;
    const cr_expr **arguments = room(n, count, sizeof *arguments);
    uint16_t *slots = room(n, count, sizeof *slots);
    cr_context_code *code = room(n, 1, sizeof *code);
    cr_expr *let = copy_of(n, call.node); /* as many kids as arguments, and the result */
    if (n->failed || n->next_slot + count > n->slot_end) { return settle(n, call); }
    for (size_t i = 0; i < count; i++) {
        const cr_expr *argument = call.node->kids[i + 1];
        arguments[i] = argument;
        if (argument->op == CR_OP_CONSTANT || argument->op == CR_OP_LOCAL) { continue; }
        slots[computed] = n->next_slot++;
        arguments[i] = slot_node(n, argument, slots[computed]);
        if (n->failed) { return settle(n, call); }
        let->kids[computed++] = (cr_expr *)argument; /* never written through */
    }
    narrowed body = narrow(n, put_arguments(n, lambda->body, arguments));
    if (computed == 0) { return body; }
    *code = (cr_context_code){NULL, slots, computed};
    let->op = CR_OP_CONTEXT;
    let->flags = CR_EXPR_RESULT;
    let->count = (uint32_t)computed + 1;
    let->as.context = code;
    put_kid(n, let, computed, body.node);
    return as_it_is(let, OUTSIDE);
}

static narrowed narrow_call(narrower *n, const cr_expr *node)
{
    narrowed call = narrow_kids(n, node);
    const cr_lambda *lambda = function_of(n, call.node);
    return lambda == NULL ? settle(n, call) : put_in_place(n, lambda, call);
}

/* --- tables ---------------------------------------------------------------- */

static int32_t narrow_into(narrower *n, const cr_expr **node)
{
    narrowed result = narrow(n, *node);
    *node = result.node;
    return result.reach;
}

/* Are the allowed values no longer in question? */
static bool narrow_inputs(narrower *n, cr_table *table, int32_t *reaches)
{
    cr_table_input *inputs = room(n, table->input_count, sizeof *inputs);
    bool sure = inputs != NULL;
    for (size_t i = 0; inputs != NULL && i < table->input_count; i++) {
        inputs[i] = table->inputs[i];
        reaches[i] = narrow_into(n, &inputs[i].expression);
        sure = sure && inputs[i].allowed == NULL;
    }
    if (inputs != NULL) { table->inputs = inputs; }
    return sure;
}

/* Is it settled whether the input passes the test? */
static bool is_decided(narrower *n, const cr_expr *input, narrowed test, bool *passes)
{
    const cr_feel_range *limits = limits_of(n, input);
    if (limits != NULL) {
        verdict says = meet(n, limits, test.node);
        *passes = says == HOLDS;
        return says != UNDECIDED;
    }
    if (input->op != CR_OP_CONSTANT || test.reach != CLOSED) { return false; }
    start_run(n);
    *passes = cr_feel_is_true(cr_run_test(n->eval, test.node, input->as.value, &n->frame));
    return ran_well(n);
}

/* False if the rule can no longer match. `always` is left true if it must. */
static bool narrow_tests(narrower *n, const cr_table *table, bool sure, const int32_t *reaches,
    cr_table_rule *rule, bool *always, int32_t *reach)
{
    static const cr_expr any = {.op = CR_OP_TEST_ANY};
    const cr_expr **tests = room(n, table->input_count, sizeof *tests);
    for (size_t i = 0; tests != NULL && i < table->input_count; i++) {
        bool passes = false;
        tests[i] = rule->tests[i];
        if (tests[i]->op == CR_OP_TEST_ANY) { continue; }
        narrowed test = narrow(n, tests[i]);
        tests[i] = test.node;
        if (sure && is_decided(n, table->inputs[i].expression, test, &passes)) {
            if (!passes) { return false; }
            tests[i] = &any;
            continue;
        }
        *always = false;
        *reach = lower(*reach, lower(test.reach, reaches[i]));
    }
    if (tests != NULL) { rule->tests = tests; }
    return true;
}

static int32_t narrow_outputs(narrower *n, const cr_table *table, cr_table_rule *rule)
{
    const cr_expr **outputs = room(n, table->output_count, sizeof *outputs);
    int32_t reach = CLOSED;
    for (size_t i = 0; outputs != NULL && i < table->output_count; i++) {
        outputs[i] = rule->outputs[i];
        reach = lower(reach, narrow_into(n, &outputs[i]));
    }
    if (outputs != NULL) { rule->outputs = outputs; }
    return reach;
}

/* The rules that can still match, up to the first that must where that ends it. */
static int32_t narrow_rules(narrower *n, cr_table *table, bool sure, const int32_t *reaches)
{
    cr_table_rule *rules = room(n, table->rule_count, sizeof *rules);
    uint32_t *live = room(n, table->live_count, sizeof *live);
    int32_t reach = sure ? CLOSED : OUTSIDE;
    size_t count = 0;
    if (rules == NULL || live == NULL) { return OUTSIDE; }
    for (size_t i = 0; i < table->rule_count; i++) { rules[i] = table->rules[i]; }
    for (size_t i = 0; i < table->live_count; i++) {
        cr_table_rule *rule = &rules[table->live[i]];
        bool always = sure;
        if (!narrow_tests(n, table, sure, reaches, rule, &always, &reach)) { continue; }
        reach = lower(reach, narrow_outputs(n, table, rule));
        live[count++] = table->live[i];
        if (always && table->policy == CR_HIT_FIRST) { break; }
    }
    table->rules = rules;
    table->live = live;
    table->live_count = count;
    return reach;
}

static narrowed narrow_table(narrower *n, const cr_expr *node)
{
    cr_table *table = room(n, 1, sizeof *table);
    cr_expr *copy = copy_of(n, node);
    int32_t *reaches = room(n, node->as.table->input_count, sizeof *reaches);
    if (table == NULL || copy == NULL || reaches == NULL) { return as_it_is(node, OUTSIDE); }
    *table = *node->as.table;
    bool sure = narrow_inputs(n, table, reaches);
    int32_t reach = narrow_rules(n, table, sure, reaches);
    for (size_t i = 0; i < table->output_count; i++) {
        bool plain = table->outputs[i].standard == NULL && table->outputs[i].allowed_count == 0;
        if (!plain) { reach = OUTSIDE; }
    }
    copy->as.table = table;
    return as_it_is(copy, reach);
}

/* --- the tree ---------------------------------------------------------------- */

static narrowed narrow(narrower *n, const cr_expr *node)
{
    if (n->failed) { return as_it_is(node, OUTSIDE); }
    switch ((cr_op)node->op) {
    case CR_OP_CONSTANT:
        return as_it_is(node, CLOSED);
    case CR_OP_INPUT:
        return narrow_input(n, node);
    case CR_OP_DECISION:
        return use_decision(n, node);
    case CR_OP_KNOWLEDGE:
        return use_knowledge(n, node);
    case CR_OP_CAPTURE:
    case CR_OP_FUNCTION:
    case CR_OP_FAIL:
        return as_it_is(node, OUTSIDE);
    case CR_OP_LOCAL:
        return n->held[node->index].node == NULL ? as_it_is(node, node->index)
                                                 : n->held[node->index];
    case CR_OP_PROPERTY:
        return narrow_property(n, node);
    case CR_OP_PATH:
        return narrow_path(n, node);
    case CR_OP_LT:
    case CR_OP_LE:
    case CR_OP_GT:
    case CR_OP_GE:
    case CR_OP_EQ:
    case CR_OP_NE:
        return narrow_comparison(n, node);
    case CR_OP_AND:
    case CR_OP_OR:
        return narrow_logic(n, node);
    case CR_OP_IF:
        return narrow_if(n, node);
    case CR_OP_CONTEXT:
        return narrow_context(n, node);
    case CR_OP_FILTER:
        return narrow_filter(n, node);
    case CR_OP_FOR:
    case CR_OP_SOME:
    case CR_OP_EVERY:
        return narrow_loop(n, node);
    case CR_OP_CALL:
        return narrow_call(n, node);
    case CR_OP_ONCE: {
        narrowed once = narrow_kids(n, node);
        return once.node->kids[0]->op == CR_OP_CONSTANT ? as_it_is(once.node->kids[0], CLOSED)
                                                        : once;
    }
    case CR_OP_TABLE: {
        narrowed table = narrow_table(n, node);
        return n->explained ? as_it_is(table.node, OUTSIDE) : settle(n, table);
    }
    case CR_OP_TEST_TRUE:
        return bound(narrow_kids(n, node), node->index);
    case CR_OP_TEST_ANY:
    case CR_OP_TEST_COMPARE:
    case CR_OP_TEST_VALUE:
    case CR_OP_TEST_LIST:
    case CR_OP_TEST_NOT:
        return narrow_kids(n, node);
    default:
        return settle(n, narrow_kids(n, node));
    }
}

/* --- decisions --------------------------------------------------------------- */

/* The frame of a decision; that of the one which asks for it is kept meanwhile. */
static bool open_frame(narrower *n, const cr_decision *decision)
{
    enum { SPARE = 64 };
    size_t slots = (size_t)decision->slots + SPARE;
    n->held = room(n, slots, sizeof *n->held);
    n->measured = room(n, slots, sizeof *n->measured);
    n->items = room(n, slots, sizeof *n->items);
    n->frame = (cr_activation){room(n, slots, sizeof(cr_feel_value)), NULL};
    n->next_slot = decision->slots;
    n->slot_end = (uint16_t)slots;
    return !n->failed;
}

/* A constant must be what the decision declares; NULL if it is not. */
static const cr_expr *fit_constant(narrower *n, const cr_decision *decision, const cr_expr *body)
{
    start_run(n);
    cr_feel_value value =
        cr_coerce(n->eval, body->as.value, decision->type, "the value of", decision->name);
    return ran_well(n) && keep(n, value, &value) ? constant(n, body, value).node : NULL;
}

/* A table whose rows are asked for stays one, whatever is known of its value. */
static const cr_expr *narrow_body(narrower *n, size_t index)
{
    const cr_decision *decision = &n->to->decisions[index];
    if (decision->body->op != CR_OP_TABLE || !n->explained) {
        return narrow(n, decision->body).node;
    }
    narrowed table = narrow_table(n, decision->body);
    const cr_expr *value = settle(n, table).node;
    if (value->op == CR_OP_CONSTANT) { n->values[index] = fit_constant(n, decision, value); }
    return table.node;
}

static void narrow_decision(narrower *n, size_t index)
{
    cr_decision *decision = &n->to->decisions[index];
    narrower outer = *n;
    if (n->done[index]) { return; }
    n->done[index] = true;
    if (open_frame(n, decision)) {
        const cr_expr *body = narrow_body(n, index);
        if (body->op == CR_OP_CONSTANT) { body = fit_constant(n, decision, body); }
        if (body != NULL) { decision->body = body; }
        decision->table = decision->body->op == CR_OP_TABLE ? decision->body->as.table : NULL;
        decision->slots = n->next_slot;
        n->sources[index] = source_of(n, decision->body);
    }
    n->held = outer.held;
    n->measured = outer.measured;
    n->items = outer.items;
    n->frame = outer.frame;
    n->next_slot = outer.next_slot;
    n->slot_end = outer.slot_end;
}

static bool narrow_all(narrower *n, int decision)
{
    const cr_model *from = n->from;
    cr_decision *decisions = room(n, from->decision_count, sizeof *decisions);
    n->done = room(n, from->decision_count, sizeof *n->done);
    n->sources = room(n, from->decision_count, sizeof *n->sources);
    n->values = room(n, from->decision_count, sizeof *n->values);
    if (n->failed) { return false; }
    for (size_t i = 0; i < from->decision_count; i++) { decisions[i] = from->decisions[i]; }
    n->to->decisions = decisions;
    for (size_t i = 0; i < from->decision_count; i++) {
        if (decision < 0 || (size_t)decision == i) { narrow_decision(n, i); }
    }
    return !n->failed && (decision < 0 || cr_model_prune(n->to, decision));
}

static credit_result try_narrow(narrower *n, int decision)
{
    n->to = cr_alloc(sizeof *n->to);
    credit_result rc = n->to == NULL ? CREDIT_E_NOMEM : cr_eval_new(n->from, &n->eval, NULL);
    if (n->to != NULL) {
        *n->to = *n->from;
        n->to->arena = (cr_arena)CR_ARENA_INIT;
        n->to->value_only = decision >= 0;
    }
    if (rc == CREDIT_OK && !narrow_all(n, decision)) { rc = CREDIT_E_NOMEM; }
    cr_eval_free(n->eval);
    if (rc == CREDIT_OK && !n->too_high) { return CREDIT_OK; }
    cr_model_free(n->to);
    n->to = NULL;
    return rc;
}

credit_result cr_model_narrow(const cr_model *model, int decision, const cr_known *known,
    size_t count, cr_model **out, credit_error *err)
{
    narrower plain = {.from = model, .known = known, .known_count = count};
    plain.explained = decision < 0;
    narrower n = plain;
    n.in_place = true;
    credit_result rc = try_narrow(&n, decision);
    if (rc == CREDIT_OK && n.too_high) {
        n = plain;
        rc = try_narrow(&n, decision);
    }
    *out = n.to;
    return rc == CREDIT_OK ? CREDIT_OK
                           : cr_fail(err, CREDIT_E_NOMEM, "out of memory while narrowing rules");
}
