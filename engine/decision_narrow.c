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
    bool explained;       /* rows and evidence will be asked for */
    bool *done;           /* per decision */
    cr_eval *eval;        /* runs what is closed */
    cr_activation frame;  /* its locals; of the decision being narrowed */
    const cr_expr **held; /* per slot: the constant in it, or NULL */
    bool failed;          /* out of memory */
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
        copy->kids[i] = (cr_expr *)kid.node; /* never written through */
    }
    return as_it_is(copy == NULL ? node : copy, reach);
}

static narrowed narrow_kids(narrower *n, const cr_expr *node)
{
    return narrow_more_kids(n, node, NULL, 0);
}

/* As narrow_kids, for an expression that binds the slots from `first` on. */
static narrowed narrow_binder(narrower *n, const cr_expr *node, uint16_t first)
{
    narrowed result = narrow_kids(n, node);
    if (result.reach >= (int32_t)first) { result.reach = CLOSED; }
    return result;
}

/* --- what is known ------------------------------------------------------ */

static const cr_known *find_known(const narrower *n, int input, int property)
{
    for (size_t i = 0; i < n->known_count; i++) {
        if (n->known[i].input == input && n->known[i].property == property) { return &n->known[i]; }
    }
    return NULL;
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

static narrowed narrow_property(narrower *n, const cr_expr *node)
{
    cr_feel_value value;
    const cr_expr *object = node->kids[0];
    const cr_known *known =
        object->op == CR_OP_INPUT ? find_known(n, object->index, node->index) : NULL;
    if (known != NULL && keep(n, known->value, &value)) { return constant(n, node, value); }
    return settle(n, narrow_kids(n, node));
}

static void narrow_decision(narrower *n, size_t index);

static narrowed use_decision(narrower *n, const cr_expr *node)
{
    narrow_decision(n, node->index);
    const cr_expr *body = n->to->decisions[node->index].body;
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

/* Entries are seen by those after them, known or not. */
static narrowed narrow_context(narrower *n, const cr_expr *node)
{
    const cr_context_code *code = node->as.context;
    cr_expr *copy = copy_of(n, node);
    int32_t reach = CLOSED;
    if (copy == NULL) { return as_it_is(node, OUTSIDE); }
    for (size_t i = 0; i < node->count; i++) {
        narrowed kid = narrow(n, node->kids[i]);
        reach = lower(reach, kid.reach);
        copy->kids[i] = (cr_expr *)kid.node; /* never written through */
        if (i < code->count) {
            n->held[code->slots[i]] = kid.node->op == CR_OP_CONSTANT ? kid.node : NULL;
        }
    }
    if (code->count > 0 && reach >= (int32_t)code->slots[0]) { reach = CLOSED; }
    return settle(n, as_it_is(copy, reach));
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

/* A test of a known value: true and false are as good as known. */
static bool is_decided(narrower *n, const cr_expr *input, narrowed test, bool *passes)
{
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
    return n->explained ? as_it_is(copy, OUTSIDE) : settle(n, as_it_is(copy, reach));
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
        return n->held[node->index] == NULL ? as_it_is(node, node->index)
                                            : as_it_is(n->held[node->index], CLOSED);
    case CR_OP_PROPERTY:
        return narrow_property(n, node);
    case CR_OP_PATH:
        return narrow_path(n, node);
    case CR_OP_AND:
    case CR_OP_OR:
        return narrow_logic(n, node);
    case CR_OP_IF:
        return narrow_if(n, node);
    case CR_OP_CONTEXT:
        return narrow_context(n, node);
    case CR_OP_FILTER:
        return settle(n, narrow_binder(n, node, node->index));
    case CR_OP_FOR:
    case CR_OP_SOME:
    case CR_OP_EVERY:
        return settle(n, narrow_binder(n, node, node->as.slots[0]));
    case CR_OP_ONCE: {
        narrowed once = narrow_kids(n, node);
        return once.node->kids[0]->op == CR_OP_CONSTANT ? as_it_is(once.node->kids[0], CLOSED)
                                                        : once;
    }
    case CR_OP_TABLE:
        return narrow_table(n, node);
    case CR_OP_TEST_TRUE:
        return narrow_binder(n, node, node->index);
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
    n->held = room(n, decision->slots, sizeof *n->held);
    n->frame = (cr_activation){room(n, decision->slots, sizeof(cr_feel_value)), NULL};
    return !n->failed;
}

/* A constant must be what the decision declares. */
static void fit_constant(narrower *n, cr_decision *decision, const cr_expr *body)
{
    start_run(n);
    cr_feel_value value =
        cr_coerce(n->eval, body->as.value, decision->type, "the value of", decision->name);
    if (ran_well(n) && keep(n, value, &value)) { decision->body = constant(n, body, value).node; }
}

static void narrow_decision(narrower *n, size_t index)
{
    cr_decision *decision = &n->to->decisions[index];
    const cr_expr **held = n->held;
    cr_activation frame = n->frame;
    if (n->done[index]) { return; }
    n->done[index] = true;
    if (open_frame(n, decision)) {
        const cr_expr *body = narrow(n, decision->body).node;
        if (body->op == CR_OP_CONSTANT) {
            fit_constant(n, decision, body);
        } else {
            decision->body = body;
        }
        decision->table = decision->body->op == CR_OP_TABLE ? decision->body->as.table : NULL;
    }
    n->held = held;
    n->frame = frame;
}

static bool narrow_all(narrower *n, int decision)
{
    const cr_model *from = n->from;
    cr_decision *decisions = room(n, from->decision_count, sizeof *decisions);
    n->done = room(n, from->decision_count, sizeof *n->done);
    if (n->failed) { return false; }
    for (size_t i = 0; i < from->decision_count; i++) { decisions[i] = from->decisions[i]; }
    n->to->decisions = decisions;
    for (size_t i = 0; i < from->decision_count; i++) {
        if (decision < 0 || (size_t)decision == i) { narrow_decision(n, i); }
    }
    return !n->failed;
}

credit_result cr_model_narrow(const cr_model *model, int decision, const cr_known *known,
    size_t count, cr_model **out, credit_error *err)
{
    *out = NULL;
    narrower n = {.from = model, .known = known, .known_count = count};
    n.explained = decision < 0;
    n.to = cr_alloc(sizeof *n.to);
    credit_result rc = n.to == NULL ? CREDIT_E_NOMEM : cr_eval_new(model, &n.eval, NULL);
    if (n.to != NULL) {
        *n.to = *model;
        n.to->arena = (cr_arena)CR_ARENA_INIT;
    }
    if (rc == CREDIT_OK && !narrow_all(&n, decision)) { rc = CREDIT_E_NOMEM; }
    cr_eval_free(n.eval);
    if (rc != CREDIT_OK) {
        cr_model_free(n.to);
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory while narrowing rules");
    }
    *out = n.to;
    return CREDIT_OK;
}

/* --- what is worth knowing ------------------------------------------------ */

/* Decisions being looked through for what they read of an input. */
typedef struct reading {
    const cr_model *model;
    int input;
    bool *seen;  /* per decision */
    bool *reads; /* per property of the input's host type */
} reading;

static void read_expr(reading *r, const cr_expr *node);

static void read_table(reading *r, const cr_table *table)
{
    for (size_t i = 0; i < table->input_count; i++) {
        read_expr(r, table->inputs[i].expression);
        if (table->inputs[i].allowed != NULL) { read_expr(r, table->inputs[i].allowed); }
    }
    for (size_t i = 0; i < table->live_count; i++) {
        const cr_table_rule *rule = &table->rules[table->live[i]];
        for (size_t k = 0; k < table->input_count; k++) { read_expr(r, rule->tests[k]); }
        for (size_t k = 0; k < table->output_count; k++) { read_expr(r, rule->outputs[k]); }
    }
    for (size_t i = 0; i < table->output_count; i++) {
        if (table->outputs[i].standard != NULL) { read_expr(r, table->outputs[i].standard); }
    }
}

static void read_decision(reading *r, size_t decision)
{
    if (r->seen[decision]) { return; }
    r->seen[decision] = true;
    read_expr(r, r->model->decisions[decision].body);
}

static void read_expr(reading *r, const cr_expr *node)
{
    if (node->op == CR_OP_DECISION) { read_decision(r, node->index); }
    if (node->op == CR_OP_TABLE) { read_table(r, node->as.table); }
    if (node->op == CR_OP_PROPERTY && node->kids[0]->op == CR_OP_INPUT &&
        node->kids[0]->index == r->input) {
        r->reads[node->index] = true;
    }
    for (size_t i = 0; i < node->count; i++) {
        if (node->kids[i] != NULL) { read_expr(r, node->kids[i]); }
    }
}

credit_result cr_model_reads(
    const cr_model *model, int decision, int input, bool *reads, credit_error *err)
{
    reading r = {.model = model, .input = input, .reads = reads};
    if (decision < 0 || (size_t)decision >= model->decision_count) { return CREDIT_OK; }
    r.seen = cr_alloc(model->decision_count * sizeof *r.seen);
    if (r.seen == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    memset(r.seen, 0, model->decision_count * sizeof *r.seen);
    read_decision(&r, (size_t)decision);
    cr_free(r.seen);
    return CREDIT_OK;
}
