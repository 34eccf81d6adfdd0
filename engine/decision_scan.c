/* What a decision reads of a host object, and what it compares it with: that is
 * worth knowing before a model is narrowed. */
#include <string.h>

#include "engine/error.h"
#include "engine/model_internal.h"

enum { NOTHING = -1 };

/* A constant that a property is compared with. */
typedef struct limit {
    int32_t property;
    cr_feel_value value;
} limit;

typedef struct scan {
    const cr_model *model;
    int input;
    bool *seen;      /* per decision */
    bool *seen_too;  /* per business knowledge model */
    int32_t *copies; /* per slot of the frame: the property that it is a copy of */
    bool *reads;     /* per property of the input's host type */
    bool any;        /* one of them is */
    bool whole;      /* the object is used otherwise than by a property's name */
    limit *limits;
    size_t count, room;
    bool failed;
    cr_arena scratch;
} scan;

static void scan_expr(scan *s, const cr_expr *node);

/* The property that the node's value is, or NOTHING. */
static int32_t property_of(const scan *s, const cr_expr *node)
{
    if (node->op == CR_OP_LOCAL) { return s->copies == NULL ? NOTHING : s->copies[node->index]; }
    bool property = node->op == CR_OP_PROPERTY && node->kids[0]->op == CR_OP_INPUT &&
                    node->kids[0]->index == s->input;
    return property ? node->index : NOTHING;
}

static bool has_order(cr_feel_value value)
{
    return value.kind == CR_FEEL_NUMBER || value.kind == CR_FEEL_DATE;
}

static void add_limit(scan *s, int32_t property, const cr_expr *other)
{
    if (property == NOTHING || other->op != CR_OP_CONSTANT || !has_order(other->as.value)) {
        return;
    }
    if (!cr_grow(&s->limits, &s->room, s->count + 1, sizeof *s->limits)) {
        s->failed = true;
        return;
    }
    s->limits[s->count++] = (limit){property, other->as.value};
}

static void scan_test(scan *s, int32_t property, const cr_expr *test)
{
    bool compares = test->op == CR_OP_TEST_COMPARE || test->op == CR_OP_TEST_VALUE;
    if (compares) { add_limit(s, property, test->kids[0]); }
    for (size_t i = 0; !compares && i < test->count; i++) { scan_test(s, property, test->kids[i]); }
    scan_expr(s, test);
}

static void scan_table(scan *s, const cr_table *table)
{
    for (size_t i = 0; i < table->input_count; i++) {
        bool tested = table->inputs[i].allowed != NULL;
        int32_t property = property_of(s, table->inputs[i].expression);
        for (size_t k = 0; k < table->live_count; k++) {
            const cr_expr *test = table->rules[table->live[k]].tests[i];
            if (test->op == CR_OP_TEST_ANY) { continue; }
            scan_test(s, property, test);
            tested = true;
        }
        if (tested) { scan_expr(s, table->inputs[i].expression); }
        if (table->inputs[i].allowed != NULL) { scan_expr(s, table->inputs[i].allowed); }
    }
    for (size_t i = 0; i < table->output_count; i++) {
        for (size_t k = 0; k < table->live_count; k++) {
            scan_expr(s, table->rules[table->live[k]].outputs[i]);
        }
        if (table->outputs[i].standard != NULL) { scan_expr(s, table->outputs[i].standard); }
    }
}

static void scan_decision(scan *s, size_t index)
{
    const cr_decision *decision = &s->model->decisions[index];
    int32_t *copies = s->copies;
    if (s->seen[index]) { return; }
    s->seen[index] = true;
    s->copies = cr_arena_array(&s->scratch, decision->slots, sizeof *s->copies);
    s->failed = s->failed || s->copies == NULL;
    if (!s->failed) {
        for (size_t i = 0; i < decision->slots; i++) { s->copies[i] = NOTHING; }
        scan_expr(s, decision->body);
    }
    s->copies = copies;
}

/* In its own frame, whose slots hold what a caller gives. */
static void scan_lambda(scan *s, const cr_lambda *lambda)
{
    int32_t *copies = s->copies;
    s->copies = NULL;
    scan_expr(s, lambda->body);
    s->copies = copies;
}

static void scan_knowledge(scan *s, size_t index)
{
    if (s->seen_too[index]) { return; }
    s->seen_too[index] = true;
    scan_lambda(s, s->model->knowledge[index].lambda);
}

static void scan_kids(scan *s, const cr_expr *node)
{
    for (size_t i = 0; i < node->count; i++) {
        if (node->kids[i] == NULL) { continue; }
        scan_expr(s, node->kids[i]);
        if (node->op == CR_OP_CONTEXT && i < node->as.context->count && s->copies != NULL) {
            s->copies[node->as.context->slots[i]] = property_of(s, node->kids[i]);
        }
    }
}

static void scan_expr(scan *s, const cr_expr *node)
{
    int32_t property = property_of(s, node);
    if (s->failed) { return; }
    if (property != NOTHING) {
        s->reads[property] = s->any = true;
        return;
    }
    switch (node->op) {
    case CR_OP_INPUT:
        s->whole = s->whole || node->index == s->input;
        break;
    case CR_OP_DECISION:
        scan_decision(s, node->index);
        break;
    case CR_OP_KNOWLEDGE:
        scan_knowledge(s, node->index);
        break;
    case CR_OP_FUNCTION:
        scan_lambda(s, node->as.lambda);
        break;
    case CR_OP_TABLE:
        scan_table(s, node->as.table);
        break;
    default:
        break;
    }
    if (cr_op_compares((cr_op)node->op)) {
        add_limit(s, property_of(s, node->kids[0]), node->kids[1]);
        add_limit(s, property_of(s, node->kids[1]), node->kids[0]);
    }
    scan_kids(s, node);
}

/* --- measures ------------------------------------------------------------- */

static int order_of(const cr_feel_value a, const cr_feel_value b)
{
    return a.kind == b.kind ? cr_order(NULL, a, b) : 2;
}

/* Puts a limit among those of its property, ascending, each once. */
static void insert(cr_measure *measure, cr_feel_value *values, cr_feel_value value)
{
    size_t at = 0;
    while (at < measure->limit_count && order_of(values[at], value) < 0) { at++; }
    if (at < measure->limit_count && order_of(values[at], value) != 1) { return; }
    for (size_t i = measure->limit_count; i > at; i--) { values[i] = values[i - 1]; }
    values[at] = value;
    measure->limit_count++;
}

static bool make_measure(const scan *s, int32_t property, cr_arena *arena, cr_measure *measure)
{
    cr_feel_value *values = cr_arena_array(arena, s->count, sizeof *values);
    *measure = (cr_measure){(uint16_t)property, values, 0};
    for (size_t i = 0; values != NULL && i < s->count; i++) {
        if (s->limits[i].property == property) { insert(measure, values, s->limits[i].value); }
    }
    return values != NULL;
}

size_t cr_measure_place(const cr_measure *measure, cr_feel_value value)
{
    for (size_t i = 0; i < measure->limit_count; i++) {
        int order = order_of(value, measure->limits[i]);
        if (order == 2) { return SIZE_MAX; }
        if (order <= 0) { return 2 * i + (order == 0); }
    }
    return 2 * measure->limit_count;
}

cr_feel_range cr_measure_range(const cr_measure *measure, size_t place)
{
    bool on_limit = place % 2 == 1;
    cr_feel_range range = {cr_feel_null(), cr_feel_null(), on_limit, on_limit};
    size_t above = place / 2; /* the limit at or above */
    if (on_limit) {
        range.low = range.high = measure->limits[above];
        return range;
    }
    if (above > 0) { range.low = measure->limits[above - 1]; }
    if (above < measure->limit_count) { range.high = measure->limits[above]; }
    return range;
}

/* --- what is asked --------------------------------------------------------- */

static credit_result run(scan *s, int decision, credit_error *err)
{
    const cr_feel_type *type = s->model->inputs[s->input].type;
    size_t properties = type->kind == CR_FEEL_HOST ? s->model->hosts[type->host].property_count : 0;
    s->seen = cr_arena_array(&s->scratch, s->model->decision_count, sizeof *s->seen);
    s->seen_too = cr_arena_array(&s->scratch, s->model->knowledge_count, sizeof *s->seen_too);
    s->reads = cr_arena_array(&s->scratch, properties, sizeof *s->reads);
    s->failed = s->seen == NULL || s->seen_too == NULL || s->reads == NULL;
    if (!s->failed) { scan_decision(s, (size_t)decision); }
    for (size_t i = 0; !s->failed && s->whole && i < properties; i++) { s->reads[i] = true; }
    return s->failed ? cr_fail(err, CREDIT_E_NOMEM, "out of memory") : CREDIT_OK;
}

static void release(scan *s)
{
    cr_arena_release(&s->scratch);
    cr_free(s->limits);
}

static bool is_sound(const cr_model *model, int decision, int input)
{
    return decision >= 0 && (size_t)decision < model->decision_count && input >= 0 &&
           (size_t)input < model->input_count;
}

credit_result cr_model_users(
    const cr_model *model, int input, cr_arena *arena, const bool **users, credit_error *err)
{
    bool *flags = cr_arena_array(arena, model->decision_count + 1, sizeof *flags);
    credit_result rc = flags != NULL ? CREDIT_OK : cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    for (size_t i = 0; rc == CREDIT_OK && i < model->decision_count; i++) {
        scan s = {.model = model, .input = input};
        if (!is_sound(model, (int)i, input)) { continue; }
        rc = run(&s, (int)i, err);
        flags[i] = s.whole || s.any;
        release(&s);
    }
    *users = flags;
    return rc;
}

credit_result cr_model_reads(const cr_model *model, int decision, int input, cr_arena *arena,
    const uint16_t **properties, size_t *count, credit_error *err)
{
    scan s = {.model = model, .input = input};
    *properties = NULL;
    *count = 0;
    if (!is_sound(model, decision, input)) { return CREDIT_OK; }
    credit_result rc = run(&s, decision, err);
    const cr_feel_type *type = model->inputs[input].type;
    size_t all = type->kind == CR_FEEL_HOST ? model->hosts[type->host].property_count : 0;
    uint16_t *list = cr_arena_array(arena, all, sizeof *list);
    if (rc == CREDIT_OK && list == NULL) { rc = cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    for (size_t i = 0; rc == CREDIT_OK && i < all; i++) {
        if (s.reads[i]) { list[(*count)++] = (uint16_t)i; }
    }
    *properties = list;
    release(&s);
    return rc;
}

credit_result cr_model_measures(const cr_model *model, int decision, int input, cr_arena *arena,
    const cr_measure **measures, size_t *count, credit_error *err)
{
    scan s = {.model = model, .input = input};
    *measures = NULL;
    *count = 0;
    if (!is_sound(model, decision, input)) { return CREDIT_OK; }
    credit_result rc = run(&s, decision, err);
    cr_measure *list = cr_arena_array(arena, s.count, sizeof *list);
    if (rc == CREDIT_OK && list == NULL) { rc = cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    for (size_t i = 0; rc == CREDIT_OK && i < s.count; i++) {
        bool known = false;
        for (size_t k = 0; k < *count; k++) {
            known = known || list[k].property == s.limits[i].property;
        }
        if (known) { continue; }
        if (!make_measure(&s, s.limits[i].property, arena, &list[*count])) {
            rc = cr_fail(err, CREDIT_E_NOMEM, "out of memory");
        }
        *count += rc == CREDIT_OK;
    }
    *measures = list;
    release(&s);
    return rc;
}
