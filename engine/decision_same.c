/* Are narrowings of a model the same rules, and what do they have in common? Records
 * and subjects of different classes often come down to the same few comparisons. */
#include <string.h>

#include "engine/error.h"
#include "engine/model_internal.h"

enum { SEEN_MAX = 512 }; /* decisions that are looked at once, however many use them */

typedef struct comparison {
    const cr_model *a, *b; /* NULL: decisions within, and rows, are told apart by number */
    int depth;             /* of decisions within decisions */
    bool *seen;            /* per decision: found to be the same */
} comparison;

static bool same_expr(const comparison *c, const cr_expr *a, const cr_expr *b);

/* --- constants: alike in every bit that can be told apart ----------------- */

static bool same_value(cr_feel_value a, cr_feel_value b)
{
    if (a.kind != b.kind || a.flags != b.flags || a.type != b.type) { return false; }
    switch (a.kind) {
    case CR_FEEL_NULL:
        return true;
    case CR_FEEL_BOOLEAN:
        return a.as.boolean == b.as.boolean;
    case CR_FEEL_NUMBER:
        return (a.flags & CR_FEEL_DECIMAL) == 0
                   ? a.as.integer == b.as.integer
                   : memcmp(a.as.decimal, b.as.decimal, sizeof a.as.decimal) == 0;
    case CR_FEEL_MONTHS_DURATION:
        return a.as.integer == b.as.integer;
    case CR_FEEL_STRING:
        return cr_span_equal(cr_feel_text(a), cr_feel_text(b));
    case CR_FEEL_DATE:
        return a.as.date.days == b.as.date.days && a.as.date.steps == b.as.date.steps;
    case CR_FEEL_DAYS_DURATION:
        return a.as.duration.seconds == b.as.duration.seconds &&
               a.as.duration.nanos == b.as.duration.nanos;
    case CR_FEEL_LIST:
        for (size_t i = 0; a.n.size == b.n.size && i < a.n.size; i++) {
            if (!same_value(a.as.items[i], b.as.items[i])) { return false; }
        }
        return a.n.size == b.n.size;
    default:
        return false; /* rare: they then count as different */
    }
}

/* --- nodes ----------------------------------------------------------------- */

static bool same_context(const cr_context_code *a, const cr_context_code *b)
{
    bool same = a->count == b->count && (a->names == NULL) == (b->names == NULL) &&
                (a->slots == NULL) == (b->slots == NULL);
    for (size_t i = 0; same && i < a->count; i++) {
        same = (a->names == NULL || cr_span_equal(a->names[i], b->names[i])) &&
               (a->slots == NULL || a->slots[i] == b->slots[i]);
    }
    return same;
}

static bool same_rule(
    const comparison *c, const cr_table *table, const cr_table_rule *a, const cr_table_rule *b)
{
    for (size_t i = 0; i < table->input_count; i++) {
        if (!same_expr(c, a->tests[i], b->tests[i])) { return false; }
    }
    for (size_t i = 0; i < table->output_count; i++) {
        if (!same_expr(c, a->outputs[i], b->outputs[i])) { return false; }
    }
    return true;
}

/* An input that no rule asks for may differ. */
static bool is_tested(const cr_table *table, size_t input)
{
    for (size_t i = 0; i < table->live_count; i++) {
        if (table->rules[table->live[i]].tests[input]->op != CR_OP_TEST_ANY) { return true; }
    }
    return false;
}

/* Narrowings of one table: columns, types, defaults and how its rows are put together
 * are shared. */
static bool same_table(const comparison *c, const cr_table *a, const cr_table *b)
{
    if (a == b) { return true; }
    if (a->line != b->line || a->outputs != b->outputs || a->live_count != b->live_count ||
        a->input_count != b->input_count || a->plain != b->plain) {
        return false;
    }
    for (size_t i = 0; i < a->live_count; i++) {
        bool other_row = c->a == NULL && a->live[i] != b->live[i];
        if (other_row || !same_rule(c, a, &a->rules[a->live[i]], &b->rules[b->live[i]])) {
            return false;
        }
    }
    for (size_t i = 0; i < a->input_count; i++) {
        const cr_table_input *x = &a->inputs[i], *y = &b->inputs[i];
        bool asked = is_tested(a, i) || x->allowed != NULL;
        if (x->allowed != y->allowed || (asked && !same_expr(c, x->expression, y->expression))) {
            return false;
        }
    }
    return true;
}

static bool same_decision(const comparison *c, size_t index)
{
    if (c->a == NULL || (index < SEEN_MAX && c->seen[index])) { return true; }
    const cr_decision *a = &c->a->decisions[index], *b = &c->b->decisions[index];
    comparison inner = {c->a, c->b, c->depth + 1, c->seen};
    bool same = a->slots == b->slots && inner.depth < CR_FEEL_CALLS_MAX &&
                same_expr(&inner, a->body, b->body);
    if (same && index < SEEN_MAX) { c->seen[index] = true; }
    return same;
}

/* What the node holds beside its kids. */
static bool same_content(const comparison *c, const cr_expr *a, const cr_expr *b)
{
    switch (a->op) {
    case CR_OP_CONSTANT:
        return same_value(a->as.value, b->as.value);
    case CR_OP_DECISION:
        return same_decision(c, a->index);
    case CR_OP_PATH:
    case CR_OP_PROPERTY:
    case CR_OP_ITEM_NAME:
    case CR_OP_FAIL:
        return cr_span_equal(a->as.name, b->as.name);
    case CR_OP_CONTEXT:
        return same_context(a->as.context, b->as.context);
    case CR_OP_TABLE:
        return same_table(c, a->as.table, b->as.table);
    case CR_OP_BUILTIN:
        return a->as.builtin == b->as.builtin;
    case CR_OP_CALL:
        return a->as.names == b->as.names;
    case CR_OP_INSTANCE:
        return a->as.asked == b->as.asked;
    case CR_OP_FOR:
    case CR_OP_SOME:
    case CR_OP_EVERY:
        return a->as.slots == b->as.slots;
    case CR_OP_FUNCTION:
        return a->as.lambda == b->as.lambda;
    case CR_OP_RELATION:
        return false;
    default:
        return true;
    }
}

static bool same_expr(const comparison *c, const cr_expr *a, const cr_expr *b)
{
    if (a == NULL || b == NULL) { return a == b; }
    if (a->op == CR_OP_TEST_ANY || b->op == CR_OP_TEST_ANY) { return a->op == b->op; }
    if (a->op != b->op || a->flags != b->flags || a->test != b->test || a->index != b->index ||
        a->once_first != b->once_first || a->once_count != b->once_count || a->count != b->count ||
        a->type->kind != b->type->kind || !same_content(c, a, b)) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (!same_expr(c, a->kids[i], b->kids[i])) { return false; }
    }
    return true;
}

bool cr_model_same(const cr_model *a, const cr_model *b, int decision)
{
    bool seen[SEEN_MAX] = {false};
    comparison c = {a, b, 0, seen};
    return a->value_only == b->value_only && decision >= 0 &&
           (size_t)decision < a->decision_count && same_decision(&c, (size_t)decision);
}

/* --- hashes: what is the same has the same --------------------------------- */

typedef struct hashing {
    const cr_model *model; /* NULL: decisions within count by their number */
    int depth;
    uint64_t hash;
    bool seen[SEEN_MAX]; /* per decision */
} hashing;

static void mix(hashing *h, uint64_t word)
{
    h->hash = (h->hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    h->hash ^= h->hash >> 29;
}

static void hash_value(hashing *h, cr_feel_value value)
{
    mix(h, value.kind);
    switch (value.kind) {
    case CR_FEEL_BOOLEAN:
        mix(h, value.as.boolean);
        break;
    case CR_FEEL_NUMBER:
    case CR_FEEL_MONTHS_DURATION:
        mix(h, (uint64_t)value.as.integer);
        break;
    case CR_FEEL_DATE:
        mix(h, (uint64_t)value.as.date.days);
        break;
    case CR_FEEL_STRING:
        for (size_t i = 0; i < value.n.size; i++) { mix(h, (unsigned char)value.as.text[i]); }
        break;
    default:
        break;
    }
}

static void hash_expr(hashing *h, const cr_expr *node);

static void hash_table(hashing *h, const cr_table *table)
{
    mix(h, table->line);
    mix(h, table->live_count);
    for (size_t i = 0; i < table->live_count; i++) {
        const cr_table_rule *rule = &table->rules[table->live[i]];
        for (size_t k = 0; k < table->input_count; k++) { hash_expr(h, rule->tests[k]); }
        for (size_t k = 0; k < table->output_count; k++) { hash_expr(h, rule->outputs[k]); }
    }
}

static void hash_decision(hashing *h, size_t index)
{
    bool again = index < SEEN_MAX && h->seen[index];
    if (h->model == NULL || again || h->depth == CR_FEEL_CALLS_MAX) { return; }
    if (index < SEEN_MAX) { h->seen[index] = true; }
    h->depth++;
    hash_expr(h, h->model->decisions[index].body);
    h->depth--;
}

static void hash_expr(hashing *h, const cr_expr *node)
{
    if (node == NULL || node->op == CR_OP_TEST_ANY) {
        mix(h, node == NULL);
        return;
    }
    mix(h, (uint64_t)node->op << 32 | (uint64_t)node->index << 8 | node->test);
    mix(h, (uint64_t)node->flags << 32 | node->count);
    if (node->op == CR_OP_CONSTANT) { hash_value(h, node->as.value); }
    if (node->op == CR_OP_TABLE) { hash_table(h, node->as.table); }
    if (node->op == CR_OP_DECISION) { hash_decision(h, node->index); }
    for (size_t i = 0; i < node->count; i++) { hash_expr(h, node->kids[i]); }
}

uint64_t cr_model_hash(const cr_model *model, int decision)
{
    hashing h = {.model = model};
    bool sound = decision >= 0 && (size_t)decision < model->decision_count;
    if (sound) { hash_expr(&h, model->decisions[decision].body); }
    return h.hash;
}

/* --- a stock of what narrowings have in common ------------------------------ */

typedef struct stocked {
    const struct stocked *prior;
    const cr_decision *decision;
    uint64_t hash;
} stocked;

struct cr_model_stock {
    cr_arena arena;
    size_t decision_count;
    const stocked **decisions; /* per decision: those that differ, the newest first */
};

credit_result cr_model_stock_new(const cr_model *model, cr_model_stock **out, credit_error *err)
{
    cr_model_stock *stock = cr_alloc_zeroed(1, sizeof *stock);
    *out = stock;
    if (stock == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    stock->decision_count = model->decision_count;
    stock->decisions =
        cr_arena_array(&stock->arena, model->decision_count + 1, sizeof(const stocked *));
    if (stock->decisions != NULL) { return CREDIT_OK; }
    cr_model_stock_free(stock);
    *out = NULL;
    return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
}

void cr_model_stock_free(cr_model_stock *stock)
{
    if (stock == NULL) { return; }
    cr_arena_release(&stock->arena);
    cr_free(stock);
}

static bool same_here(const cr_decision *a, const cr_decision *b)
{
    const comparison c = {.depth = 0};
    return a->body == b->body || (a->slots == b->slots && same_expr(&c, a->body, b->body));
}

credit_result cr_model_share(cr_model_stock *stock, cr_model *model, credit_error *err)
{
    for (size_t i = 0; i < stock->decision_count && i < model->decision_count; i++) {
        cr_decision *decision = &model->decisions[i];
        const stocked *known = stock->decisions[i];
        hashing h = {.model = NULL};
        hash_expr(&h, decision->body);
        while (known != NULL && (known->hash != h.hash || !same_here(known->decision, decision))) {
            known = known->prior;
        }
        if (known != NULL) {
            decision->body = known->decision->body;
            decision->table = known->decision->table;
            continue;
        }
        stocked *kept = cr_arena_take(&stock->arena, sizeof *kept);
        if (kept == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
        *kept = (stocked){stock->decisions[i], decision, h.hash};
        stock->decisions[i] = kept;
    }
    return CREDIT_OK;
}
