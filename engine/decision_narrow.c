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
#include "engine/decision_narrow.h"

#include "engine/error.h"

static void narrow_decision(cr_narrower *n, size_t index);

/* --- decisions and their entries -------------------------------------------- */

static cr_narrowed use_decision(cr_narrower *n, const cr_expr *node)
{
    narrow_decision(n, node->index);
    const cr_expr *body = n->to->decisions[node->index].body;
    if (n->values[node->index] != NULL) { body = n->values[node->index]; }
    return body->op == CR_OP_CONSTANT ? cr_narrow_constant(n, node, body->as.value)
                                      : cr_narrow_as_is(node, CR_NARROW_OUTSIDE);
}

/* An entry of a decision that is a context may be known when the rest is not. */
static cr_narrowed narrow_path(cr_narrower *n, const cr_expr *node)
{
    cr_narrowed path = cr_narrow_kids(n, node);
    const cr_expr *from = path.node->kids[0];
    if (from->op == CR_OP_DECISION && !n->explained) {
        const cr_decision *decision = &n->to->decisions[from->index];
        const cr_expr *body = decision->body;
        bool context = body->op == CR_OP_CONTEXT && (body->flags & CR_EXPR_RESULT) == 0 &&
                       decision->type->kind == CR_FEEL_ANY;
        for (size_t i = 0; context && i < body->as.context->count; i++) {
            bool named = cr_span_equal(body->as.context->names[i], node->as.name);
            if (named && body->kids[i]->op == CR_OP_CONSTANT) {
                return cr_narrow_constant(n, node, body->kids[i]->as.value);
            }
        }
    }
    return cr_narrow_settle(n, path);
}

/* --- what decides -------------------------------------------------------- */

static cr_narrowed narrow_if(cr_narrower *n, const cr_expr *node)
{
    cr_narrowed condition = cr_narrow(n, node->kids[0]);
    if (condition.node->op == CR_OP_CONSTANT) {
        return cr_narrow(n, node->kids[cr_feel_is_true(condition.node->as.value) ? 1 : 2]);
    }
    return cr_narrow_settle(n, cr_narrow_more_kids(n, node, &condition, 1));
}

/* Kids that are known and do not decide have no say; one that does is the last. */
static cr_narrowed narrow_logic(cr_narrower *n, const cr_expr *node)
{
    bool decisive = node->op == CR_OP_OR;
    cr_narrowed result = cr_narrow_kids(n, node);
    if (result.reach == CR_NARROW_CLOSED || result.node == node) {
        return cr_narrow_settle(n, result);
    }
    cr_expr *copy = cr_narrow_copy(n, result.node);
    if (copy == NULL) { return cr_narrow_as_is(node, CR_NARROW_OUTSIDE); }
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
    return cr_narrow_settle(n, cr_narrow_as_is(copy, decided ? CR_NARROW_CLOSED : result.reach));
}

/* What an entry is, as those after it see it. */
static void hold(cr_narrower *n, uint16_t slot, cr_narrowed value)
{
    bool copied = value.node->op == CR_OP_CONSTANT || value.node->op == CR_OP_LOCAL;
    n->held[slot] = copied ? value : cr_narrow_as_is(NULL, slot);
    if (value.node->op == CR_OP_PROPERTY && value.node->kids[0]->op == CR_OP_INPUT) {
        n->measured[slot] = cr_narrow_find_known(n, value.node->kids[0]->index, value.node->index);
    }
}

static cr_narrowed narrow_context(cr_narrower *n, const cr_expr *node)
{
    const cr_context_code *code = node->as.context;
    cr_expr *copy = cr_narrow_copy(n, node);
    int32_t reach = CR_NARROW_CLOSED;
    if (copy == NULL) { return cr_narrow_as_is(node, CR_NARROW_OUTSIDE); }
    for (size_t i = 0; i < node->count; i++) {
        cr_narrowed kid = cr_narrow(n, node->kids[i]);
        reach = cr_narrow_lower(reach, kid.reach);
        cr_narrow_put(n, copy, i, kid.node);
        if (i < code->count) { hold(n, code->slots[i], kid); }
    }
    cr_narrowed context = cr_narrow_as_is(copy, reach);
    return cr_narrow_settle(
        n, code->count == 0 ? context : cr_narrow_bound(context, code->slots[0]));
}

/* --- lists ----------------------------------------------------------------- */

/* The input, plus 1, whose list the expression selects from; 0 if it is none. */
static uint16_t source_of(const cr_narrower *n, const cr_expr *node)
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

static cr_narrowed narrow_filter(cr_narrower *n, const cr_expr *node)
{
    cr_narrowed list = cr_narrow(n, node->kids[0]);
    n->items[node->index] = source_of(n, list.node);
    cr_narrowed filter = cr_narrow_more_kids(n, node, &list, 1);
    const cr_expr *test = filter.node->kids[1];
    const cr_feel_type *item = cr_type_of_item(node->kids[0]->type);
    bool nothing = test->op == CR_OP_CONSTANT && test->as.value.kind == CR_FEEL_BOOLEAN &&
                   !test->as.value.as.boolean;
    if (nothing && item->kind == CR_FEEL_HOST && cr_narrow_is_list(n, n->items[node->index])) {
        return cr_narrow_constant(n, node, cr_feel_hosts(item->host, NULL, 0));
    }
    return cr_narrow_settle(n, cr_narrow_bound(filter, node->index));
}

static cr_narrowed narrow_loop(cr_narrower *n, const cr_expr *node)
{
    cr_narrowed *lists = cr_narrow_room(n, node->count, sizeof *lists);
    if (lists == NULL) { return cr_narrow_as_is(node, CR_NARROW_OUTSIDE); }
    for (size_t i = 0; i + 1 < node->count; i++) {
        lists[i] = cr_narrow(n, node->kids[i]);
        n->items[node->as.slots[i]] = source_of(n, lists[i].node);
    }
    cr_narrowed loop = cr_narrow_more_kids(n, node, lists, node->count - 1);
    return cr_narrow_settle(n, cr_narrow_bound(loop, node->as.slots[0]));
}

/* --- the tree ---------------------------------------------------------------- */

cr_narrowed cr_narrow(cr_narrower *n, const cr_expr *node)
{
    if (n->failed) { return cr_narrow_as_is(node, CR_NARROW_OUTSIDE); }
    switch ((cr_op)node->op) {
    case CR_OP_CONSTANT:
        return cr_narrow_as_is(node, CR_NARROW_CLOSED);
    case CR_OP_INPUT:
        return cr_narrow_input(n, node);
    case CR_OP_DECISION:
        return use_decision(n, node);
    case CR_OP_KNOWLEDGE:
        return cr_narrow_knowledge(n, node);
    case CR_OP_CAPTURE:
    case CR_OP_FUNCTION:
    case CR_OP_FAIL:
        return cr_narrow_as_is(node, CR_NARROW_OUTSIDE);
    case CR_OP_LOCAL:
        return n->held[node->index].node == NULL ? cr_narrow_as_is(node, node->index)
                                                 : n->held[node->index];
    case CR_OP_PROPERTY:
        return cr_narrow_property(n, node);
    case CR_OP_PATH:
        return narrow_path(n, node);
    case CR_OP_LT:
    case CR_OP_LE:
    case CR_OP_GT:
    case CR_OP_GE:
    case CR_OP_EQ:
    case CR_OP_NE:
        return cr_narrow_comparison(n, node);
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
        return cr_narrow_call(n, node);
    case CR_OP_ONCE: {
        cr_narrowed once = cr_narrow_kids(n, node);
        return once.node->kids[0]->op == CR_OP_CONSTANT
                   ? cr_narrow_as_is(once.node->kids[0], CR_NARROW_CLOSED)
                   : once;
    }
    case CR_OP_TABLE: {
        cr_narrowed table = cr_narrow_table(n, node);
        return n->explained ? cr_narrow_as_is(table.node, CR_NARROW_OUTSIDE)
                            : cr_narrow_settle(n, table);
    }
    case CR_OP_TEST_TRUE:
        return cr_narrow_bound(cr_narrow_kids(n, node), node->index);
    case CR_OP_TEST_ANY:
    case CR_OP_TEST_COMPARE:
    case CR_OP_TEST_VALUE:
    case CR_OP_TEST_LIST:
    case CR_OP_TEST_NOT:
        return cr_narrow_kids(n, node);
    default:
        return cr_narrow_settle(n, cr_narrow_kids(n, node));
    }
}

/* --- decisions --------------------------------------------------------------- */

/* The frame of a decision; that of the one which asks for it is kept meanwhile. */
static bool open_frame(cr_narrower *n, const cr_decision *decision)
{
    enum { SPARE = 64 };
    size_t slots = (size_t)decision->slots + SPARE;
    n->held = cr_narrow_room(n, slots, sizeof *n->held);
    n->measured = cr_narrow_room(n, slots, sizeof *n->measured);
    n->items = cr_narrow_room(n, slots, sizeof *n->items);
    n->frame = (cr_activation){cr_narrow_room(n, slots, sizeof(cr_feel_value)), NULL};
    n->next_slot = decision->slots;
    n->slot_end = (uint16_t)slots;
    return !n->failed;
}

/* A constant must be what the decision declares; NULL if it is not. */
static const cr_expr *fit_constant(cr_narrower *n, const cr_decision *decision, const cr_expr *body)
{
    cr_narrow_start(n);
    cr_feel_value value =
        cr_coerce(n->eval, body->as.value, decision->type, "the value of", decision->name);
    return cr_narrow_ran_well(n) && cr_narrow_keep(n, value, &value)
               ? cr_narrow_constant(n, body, value).node
               : NULL;
}

/* A table whose rows are asked for stays one, whatever is known of its value. */
static const cr_expr *narrow_body(cr_narrower *n, size_t index)
{
    const cr_decision *decision = &n->to->decisions[index];
    if (decision->body->op != CR_OP_TABLE || !n->explained) {
        return cr_narrow(n, decision->body).node;
    }
    cr_narrowed table = cr_narrow_table(n, decision->body);
    const cr_expr *value = cr_narrow_settle(n, table).node;
    if (value->op == CR_OP_CONSTANT) { n->values[index] = fit_constant(n, decision, value); }
    return table.node;
}

static void narrow_decision(cr_narrower *n, size_t index)
{
    cr_decision *decision = &n->to->decisions[index];
    cr_narrower outer = *n;
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

static bool narrow_all(cr_narrower *n, int decision)
{
    const cr_model *from = n->from;
    cr_decision *decisions = cr_narrow_room(n, from->decision_count, sizeof *decisions);
    n->done = cr_narrow_room(n, from->decision_count, sizeof *n->done);
    n->sources = cr_narrow_room(n, from->decision_count, sizeof *n->sources);
    n->values = cr_narrow_room(n, from->decision_count, sizeof *n->values);
    if (n->failed) { return false; }
    for (size_t i = 0; i < from->decision_count; i++) { decisions[i] = from->decisions[i]; }
    n->to->decisions = decisions;
    for (size_t i = 0; i < from->decision_count; i++) {
        if (decision < 0 || (size_t)decision == i) { narrow_decision(n, i); }
    }
    return !n->failed && (decision < 0 || cr_model_prune(n->to, decision));
}

static credit_result try_narrow(cr_narrower *n, int decision)
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
    cr_narrower plain = {.from = model, .known = known, .known_count = count};
    plain.explained = decision < 0;
    cr_narrower n = plain;
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
