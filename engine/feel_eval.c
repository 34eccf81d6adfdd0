/* Running compiled expressions. An error gives null and is noted; only memory
 * and the named limits end an evaluation, through eval->status. */
#include "engine/feel_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/feel_number.h"
#include "engine/feel_time.h"

/* --- the evaluation's own means ---------------------------------------- */

void *cr_eval_alloc(cr_eval *eval, size_t count, size_t size)
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
    void *memory = cr_arena_alloc(&eval->arena, count * size);
    if (memory == NULL) {
        eval->status = CREDIT_E_NOMEM;
    }
    return memory;
}

bool cr_eval_enter(cr_eval *eval, const cr_node *body)
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

void cr_eval_leave(cr_eval *eval, const cr_node *body)
{
    eval->calls--;
    eval->levels -= body->height + 1u;
}

bool cr_eval_step(cr_eval *eval)
{
    if (eval->steps == 0) {
        eval->status = CREDIT_E_LIMIT;
        return false;
    }
    eval->steps--;
    return eval->status == CREDIT_OK;
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
    if (eval->unit == NULL) {
        return;
    }
    cr_trace *kept = cr_eval_alloc(eval, 1, sizeof *kept);
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
    if (unit->last != NULL) {
        trace(eval, (cr_trace){.decision = -1, .unit = unit});
    }
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
        cr_feel_value *items = cr_eval_alloc(eval, room, sizeof *items);
        if (items == NULL) {
            return false;
        }
        if (list->count > 0) {
            memcpy(items, list->items, list->count * sizeof *items);
        }
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
        const void **objects = cr_eval_alloc(eval, list->count, sizeof *objects);
        if (objects == NULL) {
            return cr_feel_null();
        }
        for (size_t i = 0; i < list->count; i++) {
            objects[i] = list->items[i].as.object;
        }
        return cr_feel_hosts(list->items[0].type, objects, list->count);
    }
    cr_feel_value value = {.kind = CR_FEEL_LIST, .flags = list->flags};
    value.n.size = (uint32_t)list->count;
    value.as.items = list->items;
    return value;
}

/* --- members ----------------------------------------------------------- */

cr_feel_value cr_property(cr_eval *eval, cr_feel_value host, uint16_t property)
{
    cr_feel_value value = cr_feel_null();
    const cr_host_type *type = cr_eval_host(eval, host.type);
    type->get(eval->host_ctx, host.as.object, property, eval, &value);
    return value;
}

bool cr_member(cr_eval *eval, cr_feel_value value, credit_span name, cr_feel_value *out)
{
    *out = cr_feel_null();
    if (value.kind == CR_FEEL_HOST) {
        int index = cr_host_find(cr_eval_host(eval, value.type), name);
        if (index < 0) {
            return false;
        }
        *out = cr_property(eval, value, (uint16_t)index);
        return true;
    }
    for (size_t i = 0; value.kind == CR_FEEL_CONTEXT && i < value.n.size; i++) {
        if (cr_span_equal(value.as.entries[i].name, name)) {
            *out = value.as.entries[i].value;
            return true;
        }
    }
    return false;
}

typedef enum part {
    PART_YEAR, PART_MONTH, PART_DAY, PART_WEEKDAY, PART_HOUR, PART_MINUTE, PART_SECOND,
    PART_OFFSET, PART_ZONE, PART_YEARS, PART_MONTHS, PART_DAYS, PART_HOURS, PART_MINUTES,
    PART_SECONDS, PART_START, PART_END, PART_START_INCLUDED, PART_END_INCLUDED, PARTS
} part;

static part part_of(credit_span name)
{
    static const char *const names[PARTS] = {"year", "month", "day", "weekday", "hour", "minute",
        "second", "time offset", "timezone", "years", "months", "days", "hours", "minutes",
        "seconds", "start", "end", "start included", "end included"};
    for (int i = 0; i < PARTS; i++) {
        if (cr_span_is(name, names[i])) {
            return (part)i;
        }
    }
    return PARTS;
}

static bool calendar_part(int64_t days, part which, cr_feel_value *out)
{
    cr_civil civil = cr_civil_from_days(days);
    switch (which) {
    case PART_YEAR:
        *out = cr_feel_integer(civil.year);
        return true;
    case PART_MONTH:
        *out = cr_feel_integer(civil.month);
        return true;
    case PART_DAY:
        *out = cr_feel_integer(civil.day);
        return true;
    case PART_WEEKDAY:
        *out = cr_feel_integer(cr_civil_weekday(days));
        return true;
    default:
        return false;
    }
}

static bool clock_part(cr_feel_value value, part which, cr_feel_value *out)
{
    int64_t seconds = value.as.time.nanos / CR_NANOS_PER_SECOND, offset;
    switch (which) {
    case PART_HOUR:
        *out = cr_feel_integer(seconds / 3600);
        return true;
    case PART_MINUTE:
        *out = cr_feel_integer(seconds / 60 % 60);
        return true;
    case PART_SECOND:
        *out = cr_feel_integer(seconds % 60);
        return true;
    case PART_OFFSET:
        *out = cr_feel_offset(value, &offset) ? cr_feel_duration(offset, 0) : cr_feel_null();
        return true;
    case PART_ZONE:
        *out = value.n.offset == CR_FEEL_ZONED
            ? cr_feel_string(cr_span_of(cr_feel_zone_name(value)))
            : cr_feel_null();
        return true;
    default:
        return false;
    }
}

static bool duration_part(cr_feel_value value, part which, cr_feel_value *out)
{
    if (value.kind == CR_FEEL_MONTHS_DURATION) {
        *out = cr_feel_integer(
            which == PART_YEARS ? value.as.integer / 12 : value.as.integer % 12);
        return which == PART_YEARS || which == PART_MONTHS;
    }
    int64_t seconds = value.as.duration.seconds;
    if (seconds < 0 && value.as.duration.nanos > 0) {
        seconds++; /* towards zero */
    }
    switch (which) {
    case PART_DAYS:
        *out = cr_feel_integer(seconds / CR_SECONDS_PER_DAY);
        return true;
    case PART_HOURS:
        *out = cr_feel_integer(seconds % CR_SECONDS_PER_DAY / 3600);
        return true;
    case PART_MINUTES:
        *out = cr_feel_integer(seconds % 3600 / 60);
        return true;
    case PART_SECONDS:
        *out = cr_feel_integer(seconds % 60);
        return true;
    default:
        return false;
    }
}

static bool range_part(const cr_feel_range *range, part which, cr_feel_value *out)
{
    switch (which) {
    case PART_START:
        *out = range->low;
        return true;
    case PART_END:
        *out = range->high;
        return true;
    case PART_START_INCLUDED:
        *out = cr_feel_boolean(range->low_included);
        return true;
    case PART_END_INCLUDED:
        *out = cr_feel_boolean(range->high_included);
        return true;
    default:
        return false;
    }
}

static bool part_value(cr_eval *eval, cr_feel_value value, part which, cr_feel_value *out)
{
    switch (value.kind) {
    case CR_FEEL_DATE:
        cr_clock_check(eval, value);
        return calendar_part(value.as.date.days, which, out);
    case CR_FEEL_DATE_TIME:
        return calendar_part(value.as.time.days, which, out) || clock_part(value, which, out);
    case CR_FEEL_TIME:
        return clock_part(value, which, out);
    case CR_FEEL_DAYS_DURATION:
    case CR_FEEL_MONTHS_DURATION:
        return duration_part(value, which, out);
    case CR_FEEL_RANGE:
        return range_part(value.as.range, which, out);
    default:
        return false;
    }
}

static cr_feel_value path_of_list(cr_eval *eval, cr_feel_value list, credit_span name)
{
    cr_list_builder result = {0};
    for (size_t i = 0; i < list.n.size; i++) {
        cr_feel_value item = cr_feel_item(list, i);
        if (!cr_eval_step(eval) || !cr_list_push(eval, &result, cr_path(eval, item, name))) {
            return cr_feel_null();
        }
    }
    return cr_list_done(eval, &result);
}

cr_feel_value cr_path(cr_eval *eval, cr_feel_value value, credit_span name)
{
    cr_feel_value out;
    if (cr_member(eval, value, name, &out)) {
        return out;
    }
    if (cr_feel_is_list(value)) {
        /* A list of lists would call this again: bounded by the calls. */
        if (eval->calls >= CR_FEEL_CALLS_MAX) {
            return cr_complain(eval, "lists within lists are too deep");
        }
        eval->calls++;
        out = path_of_list(eval, value, name);
        eval->calls--;
        return out;
    }
    if (part_value(eval, value, part_of(name), &out)) {
        return out;
    }
    if (value.kind == CR_FEEL_NULL) {
        return value;
    }
    return cr_complain(eval, "a %s has no \"%.*s\"", cr_feel_kind_name((cr_feel_kind)value.kind),
        (int)name.size, name.data);
}

static cr_feel_value run_property(cr_eval *eval, const cr_node *node, cr_activation *f)
{
    cr_feel_value value = cr_run(eval, node->kids[0], f);
    if (value.kind == CR_FEEL_HOST) {
        return cr_property(eval, value, node->index);
    }
    return value.kind == CR_FEEL_NULL ? value : cr_path(eval, value, node->as.name);
}

static cr_feel_value run_item_name(cr_eval *eval, const cr_node *node, cr_activation *f)
{
    cr_feel_value out;
    if (cr_member(eval, cr_run(eval, node->kids[0], f), node->as.name, &out)) {
        return out;
    }
    return node->kids[1] == NULL ? cr_feel_null() : cr_run(eval, node->kids[1], f);
}

/* --- logic ------------------------------------------------------------- */

/* Ends at the first kid that decides; null if none does and one is unknown. */
static cr_feel_value run_logic(cr_eval *eval, const cr_node *node, cr_activation *f)
{
    bool decisive = node->op == CR_OP_OR, unknown = false;
    for (size_t i = 0; i < node->count; i++) {
        cr_feel_value value = cr_single(cr_run(eval, node->kids[i], f));
        if (value.kind != CR_FEEL_BOOLEAN) {
            unknown = true;
        } else if (value.as.boolean == decisive) {
            return value;
        }
    }
    return unknown ? cr_feel_null() : cr_feel_boolean(!decisive);
}

static cr_feel_value run_between(cr_eval *eval, const cr_node *node, cr_activation *f)
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
        if (found) {
            return cr_feel_boolean(true);
        }
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
    cr_eval *eval, const cr_node *test, cr_feel_value value, cr_activation *f)
{
    bool unknown = false;
    for (size_t i = 0; i < test->count; i++) {
        cr_feel_value one = cr_run_test(eval, test->kids[i], value, f);
        if (cr_feel_is_true(one)) {
            return one;
        }
        unknown = unknown || one.kind != CR_FEEL_BOOLEAN;
    }
    return unknown ? cr_feel_null() : cr_feel_boolean(false);
}

cr_feel_value cr_run_test(cr_eval *eval, const cr_node *test, cr_feel_value value, cr_activation *f)
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
        return result.kind == CR_FEEL_BOOLEAN ? result : meets(eval, value, result);
    case CR_OP_TEST_LIST:
        return test_list(eval, test, value, f);
    case CR_OP_TEST_NOT:
        result = cr_run_test(eval, test->kids[0], value, f);
        return result.kind == CR_FEEL_BOOLEAN ? cr_feel_boolean(!result.as.boolean) : result;
    default:
        return cr_feel_null();
    }
}

/* --- filters ----------------------------------------------------------- */

static cr_feel_value at_index(cr_eval *eval, cr_feel_value list, cr_feel_value index)
{
    int64_t place;
    if (!cr_feel_to_integer(index, &place)) {
        return cr_complain(eval, "an index is no whole number");
    }
    int64_t count = list.n.size;
    place = place < 0 ? count + place : place - 1;
    return place < 0 || place >= count ? cr_feel_null() : cr_feel_item(list, (size_t)place);
}

/* Host objects pass from an array of pointers to another. */
static cr_feel_value filter_hosts(
    cr_eval *eval, const cr_node *node, cr_feel_value list, cr_activation *f)
{
    const void **kept = NULL;
    size_t count = 0;
    for (size_t i = 0; i < list.n.size; i++) {
        f->locals[node->index] = cr_feel_host(list.type, list.as.objects[i]);
        cr_feel_value test = cr_run(eval, node->kids[1], f);
        if (test.kind == CR_FEEL_NUMBER) {
            return at_index(eval, list, test);
        }
        if (!cr_eval_step(eval)) {
            return cr_feel_null();
        }
        if (!cr_feel_is_true(test)) {
            continue;
        }
        if (kept == NULL) {
            kept = cr_eval_alloc(eval, list.n.size - i, sizeof *kept);
            if (kept == NULL) {
                return cr_feel_null();
            }
        }
        kept[count++] = list.as.objects[i];
    }
    return cr_feel_hosts(list.type, kept, count);
}

static cr_feel_value filter_values(
    cr_eval *eval, const cr_node *node, cr_feel_value list, cr_activation *f)
{
    cr_list_builder result = {0};
    for (size_t i = 0; i < list.n.size; i++) {
        f->locals[node->index] = list.as.items[i];
        cr_feel_value test = cr_run(eval, node->kids[1], f);
        if (test.kind == CR_FEEL_NUMBER) {
            return at_index(eval, list, test);
        }
        if (!cr_eval_step(eval) ||
            (cr_feel_is_true(test) && !cr_list_push(eval, &result, list.as.items[i]))) {
            return cr_feel_null();
        }
    }
    return cr_list_done(eval, &result);
}

static cr_feel_value run_filter(cr_eval *eval, const cr_node *node, cr_activation *f)
{
    cr_feel_value list = cr_run(eval, node->kids[0], f);
    if (list.kind == CR_FEEL_NULL) {
        return list;
    }
    if (!cr_feel_is_list(list)) {
        cr_list_builder single = {0};
        if (!cr_list_push(eval, &single, list)) {
            return cr_feel_null();
        }
        list = cr_list_done(eval, &single);
    }
    cr_feel_value result;
    if (node->kids[1]->type->kind == CR_FEEL_NUMBER) {
        result = at_index(eval, list, cr_run(eval, node->kids[1], f));
    } else if (list.kind == CR_FEEL_HOSTS) {
        result = filter_hosts(eval, node, list, f);
    } else {
        result = filter_values(eval, node, list, f);
    }
    if ((node->flags & CR_NODE_INNER) == 0) {
        cr_trace_hosts(eval, result);
    }
    return result;
}

/* --- loops ------------------------------------------------------------- */

/* A loop being run: its iterators, outermost first. */
typedef struct loop_run {
    const cr_node *node;
    cr_activation *frame;
    cr_list_builder results; /* FOR */
    cr_feel_value verdict;   /* SOME, EVERY */
    bool done;
} loop_run;

static void run_iterator(cr_eval *eval, loop_run *run, size_t index);

static void end_of_iterators(cr_eval *eval, loop_run *run)
{
    const cr_node *node = run->node;
    size_t iterators = node->count - 1;
    if (node->op == CR_OP_FOR) {
        run->frame->locals[node->as.slots[iterators]] = (cr_feel_value){.kind = CR_FEEL_LIST,
            .flags = run->results.flags, .n.size = (uint32_t)run->results.count,
            .as.items = run->results.items};
        cr_feel_value value = cr_run(eval, node->kids[iterators], run->frame);
        run->done = !cr_list_push(eval, &run->results, value);
        return;
    }
    cr_feel_value test = cr_run(eval, node->kids[iterators], run->frame);
    bool decisive = node->op == CR_OP_SOME;
    if (test.kind != CR_FEEL_BOOLEAN) {
        run->verdict = cr_feel_null();
        return;
    }
    if (test.as.boolean != decisive) {
        return;
    }
    run->verdict = test;
    run->done = true;
    for (size_t i = 0; i < iterators; i++) {
        cr_trace_hosts(eval, run->frame->locals[node->as.slots[i]]);
    }
}

static void iterate_items(cr_eval *eval, loop_run *run, size_t index, cr_feel_value list)
{
    uint16_t slot = run->node->as.slots[index];
    size_t count = cr_feel_is_list(list) ? list.n.size : 1;
    for (size_t i = 0; i < count && !run->done && cr_eval_step(eval); i++) {
        run->frame->locals[slot] = cr_feel_is_list(list) ? cr_feel_item(list, i) : list;
        run_iterator(eval, run, index + 1);
    }
}

/* Far from where a step more would wrap. */
#define LOOP_MAX INT64_C(1000000000000000)

/* Whole numbers or days, upwards or downwards. */
static void iterate_range(cr_eval *eval, loop_run *run, size_t index, const cr_feel_range *range)
{
    uint16_t slot = run->node->as.slots[index];
    int64_t from, to;
    bool days = range->low.kind == CR_FEEL_DATE && range->high.kind == CR_FEEL_DATE;
    if (days) {
        cr_clock_check(eval, range->low);
        cr_clock_check(eval, range->high);
        from = range->low.as.date.days;
        to = range->high.as.date.days;
    } else if (!cr_feel_to_integer(range->low, &from) || !cr_feel_to_integer(range->high, &to)) {
        run->verdict = cr_complain(eval, "a loop runs over whole numbers or dates");
        run->done = true;
        return;
    }
    if (from > LOOP_MAX || from < -LOOP_MAX || to > LOOP_MAX || to < -LOOP_MAX) {
        run->verdict = cr_complain(eval, "a loop runs over numbers that are too large");
        run->done = true;
        return;
    }
    int64_t step = from <= to ? 1 : -1;
    from += range->low_included ? 0 : step;
    to -= range->high_included ? 0 : step;
    for (int64_t i = from; (step > 0 ? i <= to : i >= to) && !run->done && cr_eval_step(eval);
         i += step) {
        run->frame->locals[slot] = days ? cr_feel_day(i) : cr_feel_integer(i);
        run_iterator(eval, run, index + 1);
    }
}

static void run_iterator(cr_eval *eval, loop_run *run, size_t index)
{
    if (index + 1 == run->node->count) {
        end_of_iterators(eval, run);
        return;
    }
    cr_feel_value list = cr_run(eval, run->node->kids[index], run->frame);
    if (list.kind == CR_FEEL_RANGE) {
        iterate_range(eval, run, index, list.as.range);
    } else if (list.kind == CR_FEEL_NULL) {
        run->verdict = list;
        run->done = true;
    } else {
        iterate_items(eval, run, index, list);
    }
}

static cr_feel_value run_loop(cr_eval *eval, const cr_node *node, cr_activation *f)
{
    loop_run run = {.node = node, .frame = f};
    run.verdict = cr_feel_boolean(node->op != CR_OP_SOME);
    run_iterator(eval, &run, 0);
    if (node->op == CR_OP_FOR && run.verdict.kind != CR_FEEL_NULL) {
        return cr_list_done(eval, &run.results);
    }
    return run.verdict;
}

/* --- making ------------------------------------------------------------ */

static cr_feel_value run_list(cr_eval *eval, const cr_node *node, cr_activation *f)
{
    cr_list_builder list = {0};
    for (size_t i = 0; i < node->count; i++) {
        if (!cr_list_push(eval, &list, cr_run(eval, node->kids[i], f))) {
            return cr_feel_null();
        }
    }
    return cr_list_done(eval, &list);
}

static cr_feel_value run_context(cr_eval *eval, const cr_node *node, cr_activation *f)
{
    const cr_context_code *code = node->as.context;
    bool has_result = (node->flags & CR_NODE_RESULT) != 0;
    cr_feel_entry *entries =
        has_result ? NULL : cr_eval_alloc(eval, code->count, sizeof *entries);
    if (!has_result && entries == NULL) {
        return cr_feel_null();
    }
    for (size_t i = 0; i < code->count; i++) {
        cr_feel_value value = cr_run(eval, node->kids[i], f);
        f->locals[code->slots[i]] = value;
        if (!has_result) {
            entries[i] = (cr_feel_entry){code->names[i], value};
        }
    }
    return has_result ? cr_run(eval, node->kids[code->count], f)
                      : cr_feel_context(entries, code->count);
}

/* Rows of one context each. */
static cr_feel_value run_relation(cr_eval *eval, const cr_node *node, cr_activation *f)
{
    const cr_context_code *code = node->as.context;
    cr_list_builder rows = {0};
    for (size_t cell = 0; cell + code->count <= node->count && code->count > 0;) {
        cr_feel_entry *entries = cr_eval_alloc(eval, code->count, sizeof *entries);
        if (entries == NULL) {
            return cr_feel_null();
        }
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
    cr_feel_function *function = cr_eval_alloc(eval, 1, sizeof *function);
    cr_feel_value *captured = cr_eval_alloc(eval, lambda->capture_count, sizeof *captured);
    if (function == NULL || captured == NULL) {
        return cr_feel_null();
    }
    for (size_t i = 0; i < lambda->capture_count; i++) {
        const cr_capture *capture = &lambda->captures[i];
        captured[i] =
            capture->local ? f->locals[capture->index] : f->captured[capture->index];
    }
    *function = (cr_feel_function){.lambda = lambda, .captured = captured};
    cr_feel_value value = {.kind = CR_FEEL_FUNCTION};
    value.as.function = function;
    return value;
}

/* --- calls ------------------------------------------------------------- */

static cr_feel_value call_builtin(
    cr_eval *eval, const cr_builtin *builtin, const cr_feel_value *args, size_t count)
{
    if ((builtin->flags & CR_BUILTIN_CLOCK) == 0) {
        for (size_t i = 0; i < count; i++) {
            cr_clock_check(eval, args[i]);
        }
    }
    return builtin->body(eval, args, count);
}

static cr_feel_value call_lambda(cr_eval *eval, const cr_feel_function *function,
    const cr_feel_value *args, size_t count)
{
    const cr_lambda *lambda = function->lambda;
    if (count != lambda->parameter_count) {
        return cr_complain(eval, "%.*s() takes %zu arguments, not %zu", (int)lambda->name.size,
            lambda->name.data, lambda->parameter_count, count);
    }
    cr_activation frame = {cr_eval_alloc(eval, lambda->slots, sizeof(cr_feel_value)),
        function->captured};
    if (frame.locals == NULL) {
        return cr_feel_null();
    }
    for (size_t i = 0; i < count; i++) {
        frame.locals[i] =
            cr_coerce(eval, args[i], lambda->types[i], "argument", lambda->parameters[i]);
        if (frame.locals[i].kind == CR_FEEL_NULL && args[i].kind != CR_FEEL_NULL) {
            return cr_feel_null();
        }
    }
    if (!cr_eval_enter(eval, lambda->body)) {
        return cr_feel_null();
    }
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
    if (code->builtin == NULL) {
        return call_lambda(eval, code, args, count);
    }
    return cr_builtin_accepts(code->builtin, count)
        ? call_builtin(eval, code->builtin, args, count)
        : cr_complain(eval, "%s() takes (%s)", code->builtin->name, code->builtin->parameters);
}

/* The place of each named argument; false if a name is unknown or missing. */
static bool arrange(cr_eval *eval, const cr_node *node, const cr_feel_function *function,
    cr_activation *f, cr_feel_value *args)
{
    const cr_lambda *lambda = function->lambda;
    uint64_t seen = 0;
    if (lambda == NULL || lambda->parameter_count != node->count - 1) {
        return false;
    }
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

static cr_feel_value run_call(cr_eval *eval, const cr_node *node, cr_activation *f)
{
    cr_feel_value function = cr_run(eval, node->kids[0], f);
    size_t count = node->count - 1;
    cr_feel_value *args = cr_eval_alloc(eval, count, sizeof *args);
    if (args == NULL) {
        return cr_feel_null();
    }
    if (node->as.names != NULL) {
        if (function.kind == CR_FEEL_FUNCTION &&
            !arrange(eval, node, function.as.function, f, args)) {
            return cr_complain(eval, "a function is called with other arguments than it takes");
        }
    } else {
        for (size_t i = 0; i < count; i++) {
            args[i] = cr_run(eval, node->kids[i + 1], f);
        }
    }
    return cr_call(eval, function, args, count);
}

static cr_feel_value run_builtin(cr_eval *eval, const cr_node *node, cr_activation *f)
{
    cr_feel_value few[CR_ARGUMENTS_MAX];
    cr_feel_value *args = few;
    if (node->count > CR_ARGUMENTS_MAX) {
        args = cr_eval_alloc(eval, node->count, sizeof *args);
        if (args == NULL) {
            return cr_feel_null();
        }
    }
    for (size_t i = 0; i < node->count; i++) {
        args[i] = cr_run(eval, node->kids[i], f);
    }
    return call_builtin(eval, node->as.builtin, args, node->count);
}

/* --- decisions and inputs ---------------------------------------------- */

static cr_feel_value run_decision(cr_eval *eval, const cr_node *node)
{
    cr_feel_value value = cr_run_decision(eval, node->index);
    if ((node->flags & CR_NODE_INNER) == 0) {
        cr_trace_decision(eval, node->index);
    }
    return value;
}

static cr_feel_value run_arithmetic(cr_eval *eval, const cr_node *node, cr_activation *f)
{
    cr_feel_value a = cr_single(cr_run(eval, node->kids[0], f));
    cr_feel_value b = cr_single(cr_run(eval, node->kids[1], f));
    switch (node->op) {
    case CR_OP_ADD:
        return cr_add(eval, a, b);
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

static cr_feel_value run_comparison(cr_eval *eval, const cr_node *node, cr_activation *f)
{
    cr_feel_value a = cr_run(eval, node->kids[0], f);
    cr_feel_value b = cr_run(eval, node->kids[1], f);
    if (cr_feel_is_list(a) != cr_feel_is_list(b)) {
        a = cr_single(a);
        b = cr_single(b);
    }
    return cr_compare(eval, (cr_op)node->op, a, b);
}

static cr_feel_value run_range(cr_eval *eval, const cr_node *node, cr_activation *f)
{
    cr_feel_value low = cr_run(eval, node->kids[0], f);
    cr_feel_value high = cr_run(eval, node->kids[1], f);
    return cr_range_of(
        eval, low, high, (node->flags & CR_NODE_LOW) != 0, (node->flags & CR_NODE_HIGH) != 0);
}

cr_feel_value cr_run(cr_eval *eval, const cr_node *node, cr_activation *f)
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
        return cr_path(eval, cr_run(eval, node->kids[0], f), node->as.name);
    case CR_OP_ADD:
    case CR_OP_SUB:
    case CR_OP_MUL:
    case CR_OP_DIV:
    case CR_OP_POW:
        return run_arithmetic(eval, node, f);
    case CR_OP_NEG:
        return cr_negate(eval, cr_single(cr_run(eval, node->kids[0], f)));
    case CR_OP_AND:
    case CR_OP_OR:
        return run_logic(eval, node, f);
    case CR_OP_LT:
    case CR_OP_LE:
    case CR_OP_GT:
    case CR_OP_GE:
    case CR_OP_EQ:
    case CR_OP_NE:
        return run_comparison(eval, node, f);
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
        return cr_run(
            eval, node->kids[cr_feel_is_true(cr_run(eval, node->kids[0], f)) ? 1 : 2], f);
    case CR_OP_FOR:
    case CR_OP_SOME:
    case CR_OP_EVERY:
        return run_loop(eval, node, f);
    case CR_OP_FILTER:
        return run_filter(eval, node, f);
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
