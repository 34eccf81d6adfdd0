/* Filters and loops over lists, host objects and ranges (DMN 1.5, 10.3.2.14
 * and 10.3.2.5). What a filter lets through is noted as evidence. */
#include "engine/feel_internal.h"
#include "engine/feel_number.h"
#include "engine/feel_time.h"

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
    cr_eval *eval, const cr_expr *node, cr_feel_value list, cr_activation *f)
{
    const void **kept = NULL;
    size_t count = 0;
    const cr_expr *condition = node->kids[1];
    bool logical = cr_op_is_condition((cr_op)condition->op);
    cr_feel_value *item = &f->locals[node->index];
    if (list.n.size > 0) { *item = cr_feel_host(list.type, list.as.objects[0]); }
    for (size_t i = 0; i < list.n.size; i++) {
        item->as.object = list.as.objects[i];
        bool holds;
        if (logical) {
            holds = cr_run_condition(eval, condition, f) == CR_TRUE;
        } else {
            cr_feel_value test = cr_run(eval, condition, f);
            if (test.kind == CR_FEEL_NUMBER) { return at_index(eval, list, test); }
            holds = cr_feel_is_true(test);
        }
        if (!cr_eval_step(eval)) { return cr_feel_null(); }
        if (!holds) { continue; }
        if (kept == NULL) {
            kept = cr_eval_take(eval, list.n.size - i, sizeof *kept);
            if (kept == NULL) { return cr_feel_null(); }
        }
        kept[count++] = list.as.objects[i];
    }
    return cr_feel_hosts(list.type, kept, count);
}

static cr_feel_value filter_values(
    cr_eval *eval, const cr_expr *node, cr_feel_value list, cr_activation *f)
{
    cr_list_builder result = {0};
    for (size_t i = 0; i < list.n.size; i++) {
        f->locals[node->index] = list.as.items[i];
        cr_feel_value test = cr_run(eval, node->kids[1], f);
        if (test.kind == CR_FEEL_NUMBER) { return at_index(eval, list, test); }
        if (!cr_eval_step(eval) ||
            (cr_feel_is_true(test) && !cr_list_push(eval, &result, list.as.items[i]))) {
            return cr_feel_null();
        }
    }
    return cr_list_done(eval, &result);
}

/* No value is of kind ANY: it says that a ONCE node was not asked for yet. */
static void forget_once(const cr_expr *node, cr_activation *f)
{
    for (uint16_t i = 0; i < node->once_count; i++) {
        f->locals[node->once_first + i].kind = CR_FEEL_ANY;
    }
}

cr_feel_value cr_run_filter(cr_eval *eval, const cr_expr *node, cr_activation *f)
{
    cr_feel_value list = cr_run(eval, node->kids[0], f);
    if (list.kind == CR_FEEL_NULL) { return list; }
    if (!cr_feel_is_list(list)) {
        cr_list_builder single = {0};
        if (!cr_list_push(eval, &single, list)) { return cr_feel_null(); }
        list = cr_list_done(eval, &single);
    }
    cr_feel_value result;
    forget_once(node, f);
    if (node->kids[1]->type->kind == CR_FEEL_NUMBER) {
        result = at_index(eval, list, cr_run(eval, node->kids[1], f));
    } else if (list.kind == CR_FEEL_HOSTS) {
        result = filter_hosts(eval, node, list, f);
    } else {
        result = filter_values(eval, node, list, f);
    }
    if ((node->flags & CR_EXPR_INNER) == 0) { cr_trace_hosts(eval, result); }
    return result;
}

/* --- loops ------------------------------------------------------------- */

/* A loop being run: its iterators, outermost first. */
typedef struct loop_run {
    const cr_expr *node;
    cr_activation *frame;
    cr_list_builder results; /* FOR */
    cr_feel_value verdict;   /* SOME, EVERY */
    cr_feel_value list;      /* of the outermost iterator, if it is one */
    bool done;
} loop_run;

static void run_iterator(cr_eval *eval, loop_run *run, size_t index);

static void end_of_iterators(cr_eval *eval, loop_run *run)
{
    const cr_expr *node = run->node;
    size_t iterators = node->count - 1;
    if (node->op == CR_OP_FOR) {
        run->frame->locals[node->as.slots[iterators]] = (cr_feel_value){.kind = CR_FEEL_LIST,
            .flags = run->results.flags,
            .n.size = (uint32_t)run->results.count,
            .as.items = run->results.items};
        cr_feel_value value = cr_run(eval, node->kids[iterators], run->frame);
        run->done = !cr_list_push(eval, &run->results, value);
        return;
    }
    const cr_expr *condition = node->kids[iterators];
    cr_truth truth = cr_op_is_condition((cr_op)condition->op)
                         ? cr_run_condition(eval, condition, run->frame)
                         : cr_truth_told(cr_run(eval, condition, run->frame));
    if (truth == CR_UNKNOWN) {
        run->verdict = cr_feel_null();
        return;
    }
    if (truth != cr_truth_of(node->op == CR_OP_SOME)) { return; }
    run->verdict = cr_truth_value(truth);
    run->done = true;
    for (size_t i = 0; i < iterators; i++) {
        cr_trace_hosts(eval, run->frame->locals[node->as.slots[i]]);
    }
}

static void iterate_items(cr_eval *eval, loop_run *run, size_t index, cr_feel_value list)
{
    cr_feel_value *item = &run->frame->locals[run->node->as.slots[index]];
    size_t count = cr_feel_is_list(list) ? list.n.size : 1;
    if (index == 0) { run->list = list; }
    *item = cr_feel_is_list(list) ? cr_feel_item(list, 0) : list;
    for (size_t i = 0; i < count && !run->done && cr_eval_step(eval); i++) {
        if (list.kind == CR_FEEL_HOSTS) { item->as.object = list.as.objects[i]; }
        if (list.kind == CR_FEEL_LIST) { *item = list.as.items[i]; }
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

cr_feel_value cr_run_loop(cr_eval *eval, const cr_expr *node, cr_activation *f)
{
    loop_run run = {.node = node, .frame = f};
    run.verdict = cr_feel_boolean(node->op != CR_OP_SOME);
    forget_once(node, f);
    run_iterator(eval, &run, 0);
    if (node->op == CR_OP_FOR && run.verdict.kind != CR_FEEL_NULL) {
        return cr_list_done(eval, &run.results);
    }
    if (node->op == CR_OP_EVERY && cr_feel_is_true(run.verdict)) {
        cr_trace_hosts(eval, run.list); /* it rests on all of them */
    }
    return run.verdict;
}
