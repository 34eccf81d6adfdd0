/* Pruning: entries that nobody asks for are left out of decisions that are
 * contexts. A decision that is only ever asked for single entries by name need
 * not compute the others; what it is asked for is found from the decision that
 * the model was narrowed to. */
#include "engine/error.h"
#include "engine/model_internal.h"

/* What is asked of a decision. */
typedef struct asked {
    bool whole;
    bool *entries; /* of a context */
} asked;

typedef struct pruner {
    cr_model *model;
    asked *asked;    /* per decision */
    bool *functions; /* per business knowledge model: looked through */
    bool failed;
} pruner;

/* Where a walk stands: in which decision's frame; NONE inside a function. */
enum { NONE = -1 };

static void walk(pruner *p, int frame, const cr_expr *node);

/* A context as it was written: the value must not be fitted to a type either. */
static const cr_context_code *context_of(const cr_decision *decision)
{
    bool plain = decision->body->op == CR_OP_CONTEXT && decision->type->kind == CR_FEEL_ANY &&
                 (decision->body->flags & CR_EXPR_RESULT) == 0;
    return plain ? decision->body->as.context : NULL;
}

static void ask_entry(pruner *p, int index, size_t entry)
{
    const cr_decision *decision = &p->model->decisions[index];
    asked *a = &p->asked[index];
    if (a->entries == NULL) {
        size_t count = decision->body->as.context->count;
        a->entries = cr_arena_array(&p->model->arena, count, sizeof *a->entries);
        p->failed = p->failed || a->entries == NULL;
    }
    if (p->failed || a->entries[entry]) { return; }
    a->entries[entry] = true;
    walk(p, index, decision->body->kids[entry]);
}

static void ask_whole(pruner *p, int index)
{
    const cr_decision *decision = &p->model->decisions[index];
    const cr_context_code *code = context_of(decision);
    if (p->asked[index].whole || p->failed) { return; }
    p->asked[index].whole = true;
    for (size_t i = 0; code != NULL && i < code->count; i++) { ask_entry(p, index, i); }
    if (code == NULL) { walk(p, index, decision->body); }
}

/* False if the entry is not one of a decision's context. */
static bool ask_named(pruner *p, const cr_expr *path)
{
    const cr_expr *from = path->kids[0];
    if (path->op != CR_OP_PATH || from->op != CR_OP_DECISION) { return false; }
    const cr_context_code *code = context_of(&p->model->decisions[from->index]);
    for (size_t i = 0; code != NULL && i < code->count; i++) {
        if (cr_span_equal(code->names[i], path->as.name)) {
            ask_entry(p, from->index, i);
            return true;
        }
    }
    return false;
}

static void ask_slot(pruner *p, int frame, uint16_t slot)
{
    const cr_context_code *code = frame == NONE ? NULL : context_of(&p->model->decisions[frame]);
    for (size_t i = 0; code != NULL && i < code->count; i++) {
        if (code->slots[i] == slot) { ask_entry(p, frame, i); }
    }
}

static void walk_table(pruner *p, int frame, const cr_table *table)
{
    for (size_t i = 0; i < table->input_count; i++) {
        walk(p, frame, table->inputs[i].expression);
        if (table->inputs[i].allowed != NULL) { walk(p, frame, table->inputs[i].allowed); }
    }
    for (size_t k = 0; k < table->live_count; k++) {
        const cr_table_rule *rule = &table->rules[table->live[k]];
        for (size_t i = 0; i < table->input_count; i++) { walk(p, frame, rule->tests[i]); }
        for (size_t i = 0; i < table->output_count; i++) { walk(p, frame, rule->outputs[i]); }
    }
    for (size_t i = 0; i < table->output_count; i++) {
        if (table->outputs[i].standard != NULL) { walk(p, frame, table->outputs[i].standard); }
        for (size_t k = 0; k < table->outputs[i].allowed_count; k++) {
            walk(p, frame, table->outputs[i].allowed[k]);
        }
    }
}

static void walk_lambda(pruner *p, int frame, const cr_lambda *lambda)
{
    for (size_t i = 0; i < lambda->capture_count; i++) {
        if (lambda->captures[i].local) { ask_slot(p, frame, lambda->captures[i].index); }
    }
    walk(p, NONE, lambda->body);
}

static void walk(pruner *p, int frame, const cr_expr *node)
{
    if (p->failed || (node->op == CR_OP_PATH && ask_named(p, node))) { return; }
    if (node->op == CR_OP_LOCAL) { ask_slot(p, frame, node->index); }
    if (node->op == CR_OP_DECISION) { ask_whole(p, node->index); }
    if (node->op == CR_OP_KNOWLEDGE && !p->functions[node->index]) {
        p->functions[node->index] = true;
        walk(p, NONE, p->model->knowledge[node->index].lambda->body);
    }
    if (node->op == CR_OP_FUNCTION) { walk_lambda(p, frame, node->as.lambda); }
    if (node->op == CR_OP_TABLE) { walk_table(p, frame, node->as.table); }
    for (size_t i = 0; i < node->count; i++) {
        if (node->kids[i] != NULL) { walk(p, frame, node->kids[i]); }
    }
}

/* The context with the entries alone that were asked for. */
static void cut(pruner *p, cr_decision *decision, const bool *entries)
{
    const cr_expr *body = decision->body;
    const cr_context_code *all = body->as.context;
    cr_arena *arena = &p->model->arena;
    cr_expr *copy = cr_arena_alloc(arena, sizeof *copy);
    cr_expr **kids = cr_arena_array(arena, all->count, sizeof *kids);
    cr_context_code *code = cr_arena_alloc(arena, sizeof *code);
    credit_span *names = cr_arena_array(arena, all->count, sizeof *names);
    uint16_t *slots = cr_arena_array(arena, all->count, sizeof *slots);
    p->failed = copy == NULL || kids == NULL || code == NULL || names == NULL || slots == NULL;
    if (p->failed) { return; }
    size_t count = 0;
    for (size_t i = 0; i < all->count; i++) {
        if (!entries[i]) { continue; }
        kids[count] = body->kids[i];
        names[count] = all->names[i];
        slots[count++] = all->slots[i];
    }
    *code = (cr_context_code){names, slots, count};
    *copy = *body;
    copy->kids = kids;
    copy->count = (uint32_t)count;
    copy->as.context = code;
    decision->body = copy;
}

bool cr_model_prune(cr_model *model, int decision)
{
    pruner p = {.model = model};
    p.asked = cr_arena_array(&model->arena, model->decision_count, sizeof *p.asked);
    p.functions = cr_arena_array(&model->arena, model->knowledge_count, sizeof *p.functions);
    if (p.asked == NULL || p.functions == NULL) { return false; }
    ask_whole(&p, decision);
    for (size_t i = 0; i < model->decision_count && !p.failed; i++) {
        const asked *a = &p.asked[i];
        if (!a->whole && a->entries != NULL) { cut(&p, &model->decisions[i], a->entries); }
    }
    return !p.failed;
}
