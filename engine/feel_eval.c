/* Running compiled expressions. An error gives null and is noted; only memory
 * and the named limits end an evaluation, through eval->status. */
#include "engine/feel_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/feel_number.h"

/* --- the evaluation's own means ---------------------------------------- */

void *cr_eval_take(cr_eval *eval, size_t count, size_t size)
{
    if (size != 0 && count > CR_FEEL_MEMORY_MAX / size) {
        eval->status = CREDIT_E_LIMIT;
        return NULL;
    }
    eval->memory += count * size;
    if (eval->memory > CR_FEEL_MEMORY_MAX) {
        eval->status = CREDIT_E_LIMIT;
        return NULL;
    }
    void *memory = cr_arena_take(&eval->arena, count * size);
    if (memory == NULL) { eval->status = CREDIT_E_NOMEM; }
    return memory;
}

void *cr_eval_alloc(cr_eval *eval, size_t count, size_t size)
{
    void *memory = cr_eval_take(eval, count, size);
    return memory == NULL ? NULL : memset(memory, 0, count * size);
}

bool cr_eval_enter(cr_eval *eval, const cr_expr *body)
{
    uint32_t levels = eval->levels + body->height + 1u;
    if (eval->calls >= CR_FEEL_CALLS_MAX || levels > CR_FEEL_LEVELS_MAX || !cr_eval_step(eval)) {
        eval->status = CREDIT_E_LIMIT;
        return false;
    }
    eval->calls++;
    eval->levels = levels;
    return true;
}

void cr_eval_leave(cr_eval *eval, const cr_expr *body)
{
    eval->calls--;
    eval->levels -= body->height + 1u;
}

cr_feel_value cr_complain(cr_eval *eval, const char *format, ...)
{
    char text[256];
    if (eval->error_count < CR_EVAL_ERRORS_MAX) {
        va_list args;
        va_start(args, format);
        vsnprintf(text, sizeof text, format, args);
        va_end(args);
        char *copy = cr_arena_copy(&eval->arena, text, strlen(text));
        if (copy != NULL) {
            eval->errors[eval->error_count] = (cr_error_note){eval->decision, cr_span_of(copy)};
        }
    }
    eval->error_count += eval->error_count < SIZE_MAX;
    return cr_feel_null();
}

static void trace(cr_eval *eval, cr_trace entry)
{
    if (eval->unit == NULL || eval->untraced) { return; }
    cr_trace *kept = cr_eval_take(eval, 1, sizeof *kept);
    if (kept != NULL) {
        *kept = entry;
        kept->prior = eval->unit->last;
        eval->unit->last = kept;
    }
}

void cr_trace_hosts(cr_eval *eval, cr_feel_value hosts)
{
    bool objects = hosts.kind == CR_FEEL_HOST || (hosts.kind == CR_FEEL_HOSTS && hosts.n.size > 0);
    if (objects && cr_eval_host(eval, hosts.type)->evidence) {
        trace(eval, (cr_trace){.hosts = hosts, .decision = -1});
    }
}

void cr_trace_decision(cr_eval *eval, int decision)
{
    trace(eval, (cr_trace){.decision = decision});
}

void cr_trace_unit(cr_eval *eval, const cr_unit *unit)
{
    if (unit->last != NULL) { trace(eval, (cr_trace){.decision = -1, .unit = unit}); }
}

/* --- lists ------------------------------------------------------------- */

bool cr_list_push(cr_eval *eval, cr_list_builder *list, cr_feel_value value)
{
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 8 : list->room * 2;
        if (list->count >= CR_FEEL_LIST_MAX) {
            eval->status = CREDIT_E_LIMIT;
            return false;
        }
        cr_feel_value *items = cr_eval_take(eval, room, sizeof *items);
        if (items == NULL) { return false; }
        if (list->count > 0) { memcpy(items, list->items, list->count * sizeof *items); }
        list->items = items;
        list->room = room;
    }
    list->items[list->count++] = value;
    list->flags |= value.flags & CR_FEEL_CLOCK;
    return true;
}

static bool all_of_one_host(const cr_list_builder *list)
{
    for (size_t i = 0; i < list->count; i++) {
        if (list->items[i].kind != CR_FEEL_HOST || list->items[i].type != list->items[0].type) {
            return false;
        }
    }
    return list->count > 0;
}

cr_feel_value cr_list_done(cr_eval *eval, const cr_list_builder *list)
{
    if (all_of_one_host(list)) {
        const void **objects = cr_eval_take(eval, list->count, sizeof *objects);
        if (objects == NULL) { return cr_feel_null(); }
        for (size_t i = 0; i < list->count; i++) { objects[i] = list->items[i].as.object; }
        return cr_feel_hosts(list->items[0].type, objects, list->count);
    }
    cr_feel_value value = {.kind = CR_FEEL_LIST, .flags = list->flags};
    value.n.size = (uint32_t)list->count;
    value.as.items = list->items;
    return value;
}

/* --- members ----------------------------------------------------------- */

static cr_feel_value run_property(cr_eval *eval, const cr_expr *node, cr_activation *f)
{
    cr_feel_value value = cr_run(eval, node->kids[0], f);
    if (value.kind == CR_FEEL_HOST) { return cr_property(eval, value, node->index); }
    return value.kind == CR_FEEL_NULL ? value : cr_path(eval, value, node->as.name);
}

static cr_feel_value run_item_name(cr_eval *eval, const cr_expr *node, cr_activation *f)
{
    cr_feel_value out;
    if (cr_member(eval, cr_run(eval, node->kids[0], f), node->as.name, &out)) { return out; }
    return node->kids[1] == NULL ? cr_feel_null() : cr_run(eval, node->kids[1], f);
}

/* --- ranges ------------------------------------------------------------ */

static cr_feel_value run_between(cr_eval *eval, const cr_expr *node, cr_activation *f)
{
    cr_feel_range range = {.low_included = true, .high_included = true};
    cr_feel_value value = cr_run(eval, node->kids[0], f);
    range.low = cr_run(eval, node->kids[1], f);
    range.high = cr_run(eval, node->kids[2], f);
    if (range.low.kind == CR_FEEL_NULL || range.high.kind == CR_FEEL_NULL) {
        return cr_feel_null();
    }
    return cr_in_range(eval, value, &range);
}

/* --- unary tests ------------------------------------------------------- */

static cr_feel_value is_among(cr_eval *eval, cr_feel_value list, cr_feel_value value)
{
    for (size_t i = 0; i < list.n.size; i++) {
        cr_feel_value item = cr_feel_item(list, i);
        bool found = item.kind == CR_FEEL_RANGE && value.kind != CR_FEEL_RANGE
                         ? cr_feel_is_true(cr_in_range(eval, value, item.as.range))
                         : item.kind == value.kind && cr_equal(eval, value, item);
        if (found) { return cr_feel_boolean(true); }
    }
    return cr_feel_boolean(false);
}

/* Equal to the cell's value, in its range, or a member of its list. */
static cr_feel_value meets(cr_eval *eval, cr_feel_value value, cr_feel_value expected)
{
    if (expected.kind == CR_FEEL_RANGE && value.kind != CR_FEEL_RANGE) {
        return cr_in_range(eval, value, expected.as.range);
    }
    if (cr_feel_is_list(expected)) {
        if (cr_feel_is_list(value) && cr_equal(eval, value, expected)) {
            return cr_feel_boolean(true);
        }
        return is_among(eval, expected, value);
    }
    if (value.kind == CR_FEEL_NULL || expected.kind == CR_FEEL_NULL) {
        return cr_feel_boolean(value.kind == expected.kind);
    }
    if (expected.kind == CR_FEEL_BOOLEAN && value.kind != CR_FEEL_BOOLEAN) {
        return expected; /* the cell is a condition of its own */
    }
    return cr_compare(eval, CR_OP_EQ, cr_single(value), expected);
}

static cr_feel_value test_list(
    cr_eval *eval, const cr_expr *test, cr_feel_value value, cr_activation *f)
{
    bool unknown = false;
    for (size_t i = 0; i < test->count; i++) {
        cr_feel_value one = cr_run_test(eval, test->kids[i], value, f);
        if (cr_feel_is_true(one)) { return one; }
        unknown = unknown || one.kind != CR_FEEL_BOOLEAN;
    }
    return unknown ? cr_feel_null() : cr_feel_boolean(false);
}

cr_feel_value cr_run_test(cr_eval *eval, const cr_expr *test, cr_feel_value value, cr_activation *f)
{
    cr_feel_value result;
    switch (test->op) {
    case CR_OP_TEST_ANY:
        return cr_feel_boolean(true);
    case CR_OP_TEST_COMPARE:
        result = cr_run(eval, test->kids[0], f);
        return cr_compare(eval, (cr_op)test->test, cr_single(value), result);
    case CR_OP_TEST_VALUE:
        return meets(eval, value, cr_run(eval, test->kids[0], f));
    case CR_OP_TEST_TRUE:
        f->locals[test->index] = value;
        result = cr_run(eval, test->kids[0], f);
        /* Not known is no match, not even where the value is null as well. */
        return result.kind == CR_FEEL_BOOLEAN || result.kind == CR_FEEL_NULL
                   ? result
                   : meets(eval, value, result);
    case CR_OP_TEST_LIST:
        return test_list(eval, test, value, f);
    case CR_OP_TEST_NOT:
        result = cr_run_test(eval, test->kids[0], value, f);
        return result.kind == CR_FEEL_BOOLEAN ? cr_feel_boolean(!result.as.boolean) : result;
    default:
        return cr_feel_null();
    }
}

/* --- making ------------------------------------------------------------ */

static cr_feel_value run_list(cr_eval *eval, const cr_expr *node, cr_activation *f)
{
    cr_list_builder list = {0};
    for (size_t i = 0; i < node->count; i++) {
        if (!cr_list_push(eval, &list, cr_run(eval, node->kids[i], f))) { return cr_feel_null(); }
    }
    return cr_list_done(eval, &list);
}

static cr_feel_value run_context(cr_eval *eval, const cr_expr *node, cr_activation *f)
{
    const cr_context_code *code = node->as.context;
    bool has_result = (node->flags & CR_EXPR_RESULT) != 0;
    cr_feel_entry *entries = has_result ? NULL : cr_eval_take(eval, code->count, sizeof *entries);
    if (!has_result && entries == NULL) { return cr_feel_null(); }
    for (size_t i = 0; i < code->count; i++) {
        cr_feel_value value = cr_run(eval, node->kids[i], f);
        f->locals[code->slots[i]] = value;
        if (!has_result) { entries[i] = (cr_feel_entry){code->names[i], value}; }
    }
    return has_result ? cr_run(eval, node->kids[code->count], f)
                      : cr_feel_context(entries, code->count);
}

/* Rows of one context each. */
static cr_feel_value run_relation(cr_eval *eval, const cr_expr *node, cr_activation *f)
{
    const cr_context_code *code = node->as.context;
    cr_list_builder rows = {0};
    for (size_t cell = 0; cell + code->count <= node->count && code->count > 0;) {
        cr_feel_entry *entries = cr_eval_take(eval, code->count, sizeof *entries);
        if (entries == NULL) { return cr_feel_null(); }
        for (size_t i = 0; i < code->count; i++, cell++) {
            entries[i] = (cr_feel_entry){code->names[i], cr_run(eval, node->kids[cell], f)};
        }
        if (!cr_list_push(eval, &rows, cr_feel_context(entries, code->count))) {
            return cr_feel_null();
        }
    }
    return cr_list_done(eval, &rows);
}

static cr_feel_value run_function(cr_eval *eval, const cr_lambda *lambda, cr_activation *f)
{
    cr_feel_function *function = cr_eval_take(eval, 1, sizeof *function);
    cr_feel_value *captured = cr_eval_take(eval, lambda->capture_count, sizeof *captured);
    cr_feel_value value = {.kind = CR_FEEL_FUNCTION};
    if (function == NULL || captured == NULL) { return cr_feel_null(); }
    for (size_t i = 0; i < lambda->capture_count; i++) {
        const cr_capture *capture = &lambda->captures[i];
        captured[i] = capture->local ? f->locals[capture->index] : f->captured[capture->index];
        value.flags |= captured[i].flags & CR_FEEL_CLOCK;
    }
    *function = (cr_feel_function){.lambda = lambda, .captured = captured};
    value.as.function = function;
    return value;
}

/* --- calls ------------------------------------------------------------- */

static cr_feel_value call_builtin(
    cr_eval *eval, const cr_builtin *builtin, const cr_feel_value *args, size_t count)
{
    if ((builtin->flags & CR_BUILTIN_CLOCK) == 0) {
        for (size_t i = 0; i < count; i++) { cr_clock_check(eval, args[i]); }
    }
    return builtin->body(eval, args, count);
}

static cr_feel_value call_lambda(
    cr_eval *eval, const cr_feel_function *function, const cr_feel_value *args, size_t count)
{
    const cr_lambda *lambda = function->lambda;
    if (count != lambda->parameter_count) {
        return cr_complain(eval, "%.*s() takes %zu arguments, not %zu", (int)lambda->name.size,
            lambda->name.data, lambda->parameter_count, count);
    }
    cr_activation frame = {
        cr_eval_alloc(eval, lambda->slots, sizeof(cr_feel_value)), function->captured};
    if (frame.locals == NULL) { return cr_feel_null(); }
    for (size_t i = 0; i < count; i++) {
        frame.locals[i] =
            cr_coerce(eval, args[i], lambda->types[i], "argument", lambda->parameters[i]);
        if (frame.locals[i].kind == CR_FEEL_NULL && args[i].kind != CR_FEEL_NULL) {
            return cr_feel_null();
        }
    }
    if (!cr_eval_enter(eval, lambda->body)) { return cr_feel_null(); }
    cr_feel_value result = cr_run(eval, lambda->body, &frame);
    cr_eval_leave(eval, lambda->body);
    return cr_coerce(eval, result, lambda->result, "result of", lambda->name);
}

cr_feel_value cr_call(
    cr_eval *eval, cr_feel_value function, const cr_feel_value *args, size_t count)
{
    if (function.kind != CR_FEEL_FUNCTION) {
        return cr_complain(eval, "what is called is a %s, no function",
            cr_feel_kind_name((cr_feel_kind)function.kind));
    }
    const cr_feel_function *code = function.as.function;
    if (code->builtin == NULL) { return call_lambda(eval, code, args, count); }
    return cr_builtin_accepts(code->builtin, count)
               ? call_builtin(eval, code->builtin, args, count)
               : cr_complain(
                     eval, "%s() takes (%s)", code->builtin->name, code->builtin->parameters);
}

/* The place of each named argument; false if a name is unknown or missing. */
static bool arrange(cr_eval *eval, const cr_expr *node, const cr_feel_function *function,
    cr_activation *f, cr_feel_value *args)
{
    const cr_lambda *lambda = function->lambda;
    uint64_t seen = 0;
    if (lambda == NULL || lambda->parameter_count != node->count - 1) { return false; }
    for (size_t i = 0; i + 1 < node->count; i++) {
        size_t place = 0;
        while (place < lambda->parameter_count &&
               !cr_span_equal(lambda->parameters[place], node->as.names[i])) {
            place++;
        }
        if (place == lambda->parameter_count || place >= 64 || (seen >> place & 1) != 0) {
            return false;
        }
        seen |= UINT64_C(1) << place;
        args[place] = cr_run(eval, node->kids[i + 1], f);
    }
    return true;
}

static cr_feel_value run_call(cr_eval *eval, const cr_expr *node, cr_activation *f)
{
    cr_feel_value function = cr_run(eval, node->kids[0], f);
    size_t count = node->count - 1;
    cr_feel_value *args = cr_eval_take(eval, count, sizeof *args);
    if (args == NULL) { return cr_feel_null(); }
    if (node->as.names != NULL) {
        if (function.kind == CR_FEEL_FUNCTION &&
            !arrange(eval, node, function.as.function, f, args)) {
            return cr_complain(eval, "a function is called with other arguments than it takes");
        }
    } else {
        for (size_t i = 0; i < count; i++) { args[i] = cr_run(eval, node->kids[i + 1], f); }
    }
    return cr_call(eval, function, args, count);
}

static cr_feel_value run_builtin(cr_eval *eval, const cr_expr *node, cr_activation *f)
{
    cr_feel_value few[CR_ARGUMENTS_MAX];
    cr_feel_value *args = few;
    if (node->count > CR_ARGUMENTS_MAX) {
        args = cr_eval_take(eval, node->count, sizeof *args);
        if (args == NULL) { return cr_feel_null(); }
    }
    for (size_t i = 0; i < node->count; i++) { args[i] = cr_run(eval, node->kids[i], f); }
    return call_builtin(eval, node->as.builtin, args, node->count);
}

/* --- decisions and inputs ---------------------------------------------- */

static cr_feel_value run_decision(cr_eval *eval, const cr_expr *node)
{
    const cr_feel_value *value = cr_run_decision(eval, node->index);
    if ((node->flags & CR_EXPR_INNER) == 0) { cr_trace_decision(eval, node->index); }
    return *value;
}

static cr_feel_value run_arithmetic(cr_eval *eval, const cr_expr *node, cr_activation *f)
{
    cr_feel_value a = cr_single(cr_run(eval, node->kids[0], f));
    cr_feel_value b = cr_single(cr_run(eval, node->kids[1], f));
    switch (node->op) {
    case CR_OP_SUB:
        return cr_subtract(eval, a, b);
    case CR_OP_MUL:
        return cr_multiply(eval, a, b);
    case CR_OP_DIV:
        return cr_divide(eval, a, b);
    default:
        break;
    }
    if (a.kind != CR_FEEL_NUMBER || b.kind != CR_FEEL_NUMBER) {
        return a.kind == CR_FEEL_NULL || b.kind == CR_FEEL_NULL
                   ? cr_feel_null()
                   : cr_complain(eval, "only numbers have powers");
    }
    cr_feel_value power = cr_number_pow(a, b);
    return power.kind == CR_FEEL_NULL ? cr_complain(eval, "the number is out of range") : power;
}

static cr_feel_value run_range(cr_eval *eval, const cr_expr *node, cr_activation *f)
{
    cr_feel_value low = cr_run(eval, node->kids[0], f);
    cr_feel_value high = cr_run(eval, node->kids[1], f);
    return cr_range_of(
        eval, low, high, (node->flags & CR_EXPR_LOW) != 0, (node->flags & CR_EXPR_HIGH) != 0);
}

static cr_feel_value run_sum(cr_eval *eval, const cr_expr *node, cr_activation *f)
{
    cr_feel_value sum;
    cr_run_sum(eval, node, f, &sum);
    return sum;
}

cr_feel_value cr_run_node(cr_eval *eval, const cr_expr *node, cr_activation *f)
{
    switch ((cr_op)node->op) {
    case CR_OP_CONSTANT:
        return node->as.value;
    case CR_OP_INPUT:
        return eval->inputs[node->index];
    case CR_OP_DECISION:
        return run_decision(eval, node);
    case CR_OP_KNOWLEDGE:
        return cr_run_knowledge(eval, node->index);
    case CR_OP_LOCAL:
        return f->locals[node->index];
    case CR_OP_CAPTURE:
        return f->captured[node->index];
    case CR_OP_ITEM_NAME:
        return run_item_name(eval, node, f);
    case CR_OP_PROPERTY:
        return run_property(eval, node, f);
    case CR_OP_PATH:
        return cr_path_at(eval, cr_run(eval, node->kids[0], f), node->as.name, node->index);
    case CR_OP_ADD:
        return run_sum(eval, node, f);
    case CR_OP_SUB:
    case CR_OP_MUL:
    case CR_OP_DIV:
    case CR_OP_POW:
        return run_arithmetic(eval, node, f);
    case CR_OP_NEG:
        return cr_negate(eval, cr_single(cr_run(eval, node->kids[0], f)));
    case CR_OP_AND:
    case CR_OP_OR:
    case CR_OP_LT:
    case CR_OP_LE:
    case CR_OP_GT:
    case CR_OP_GE:
    case CR_OP_EQ:
    case CR_OP_NE:
        return cr_truth_value(cr_run_condition(eval, node, f));
    case CR_OP_BETWEEN:
        return run_between(eval, node, f);
    case CR_OP_IN:
        return cr_run_test(eval, node->kids[1], cr_run(eval, node->kids[0], f), f);
    case CR_OP_INSTANCE: {
        cr_feel_value value = cr_run(eval, node->kids[0], f);
        bool fits = value.kind != CR_FEEL_NULL || node->as.asked->kind == CR_FEEL_NULL;
        return cr_feel_boolean(fits && cr_conforms(eval, value, node->as.asked));
    }
    case CR_OP_IF:
        return cr_run(eval, node->kids[cr_holds(eval, node->kids[0], f) ? 1 : 2], f);
    case CR_OP_FOR:
    case CR_OP_SOME:
    case CR_OP_EVERY:
        return cr_run_loop(eval, node, f);
    case CR_OP_FILTER:
        return cr_run_filter(eval, node, f);
    case CR_OP_LIST:
        return run_list(eval, node, f);
    case CR_OP_CONTEXT:
        return run_context(eval, node, f);
    case CR_OP_RANGE:
        return run_range(eval, node, f);
    case CR_OP_CALL:
        return run_call(eval, node, f);
    case CR_OP_BUILTIN:
        return run_builtin(eval, node, f);
    case CR_OP_FUNCTION:
        return run_function(eval, node->as.lambda, f);
    case CR_OP_ONCE:
        if (f->locals[node->index].kind == CR_FEEL_ANY) {
            f->locals[node->index] = cr_run(eval, node->kids[0], f);
        }
        return f->locals[node->index];
    case CR_OP_FAIL:
        return cr_complain(eval, "%.*s", (int)node->as.name.size, node->as.name.data);
    case CR_OP_TABLE:
        return cr_run_table(eval, node->as.table, f);
    case CR_OP_RELATION:
        return run_relation(eval, node, f);
    case CR_OP_TEST_ANY:
    case CR_OP_TEST_COMPARE:
    case CR_OP_TEST_VALUE:
    case CR_OP_TEST_TRUE:
    case CR_OP_TEST_LIST:
    case CR_OP_TEST_NOT:
        return cr_run_test(eval, node, f->locals[node->index], f);
    default:
        return cr_feel_null();
    }
}
