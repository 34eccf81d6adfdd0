/* Built-ins on lists and contexts (DMN 1.5, 10.3.4.4 and 10.3.4.6). */
#include <string.h>

#include "engine/feel_builtin.h"
#include "engine/feel_number.h"

/* --- membership -------------------------------------------------------- */

static cr_feel_value list_contains(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value list;
    (void)count;
    if (!cr_want_list(eval, args[0], &list)) { return cr_feel_null(); }
    for (size_t i = 0; i < list.n.size; i++) {
        cr_feel_value item = cr_feel_item(list, i);
        if (item.kind == args[1].kind && cr_equal(eval, item, args[1])) {
            return cr_feel_boolean(true);
        }
    }
    return cr_feel_boolean(false);
}

static cr_feel_value count_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value list;
    (void)count;
    return cr_want_list(eval, args[0], &list) ? cr_feel_integer(list.n.size) : cr_feel_null();
}

static cr_feel_value index_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value list;
    cr_list_builder places = {0};
    (void)count;
    if (!cr_want_list(eval, args[0], &list)) { return cr_feel_null(); }
    for (size_t i = 0; i < list.n.size; i++) {
        cr_feel_value item = cr_feel_item(list, i);
        if (item.kind == args[1].kind && cr_equal(eval, item, args[1]) &&
            !cr_list_push(eval, &places, cr_feel_integer((int64_t)i + 1))) {
            return cr_feel_null();
        }
    }
    return cr_list_done(eval, &places);
}

/* --- the least, the greatest, the sum ---------------------------------- */

static cr_feel_value extreme(cr_eval *eval, const cr_feel_value *args, size_t count, int wanted)
{
    cr_feel_value list;
    if (!cr_want_items(eval, args, count, &list) || list.n.size == 0) { return cr_feel_null(); }
    cr_feel_value best = cr_feel_item(list, 0);
    for (size_t i = 1; i < list.n.size; i++) {
        cr_feel_value item = cr_feel_item(list, i);
        int order = cr_order(eval, item, best);
        if (order == 2) {
            return cr_complain(eval, "a %s and a %s have no order",
                cr_feel_kind_name((cr_feel_kind)item.kind),
                cr_feel_kind_name((cr_feel_kind)best.kind));
        }
        best = order == wanted ? item : best;
    }
    return best;
}

static cr_feel_value min_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    return extreme(eval, args, count, -1);
}

static cr_feel_value max_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    return extreme(eval, args, count, 1);
}

/* Numbers, or durations of one kind. */
static cr_feel_value sum_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value list;
    if (!cr_want_items(eval, args, count, &list) || list.n.size == 0) { return cr_feel_null(); }
    cr_feel_value sum = cr_feel_item(list, 0);
    bool summable = sum.kind == CR_FEEL_NUMBER || sum.kind == CR_FEEL_DAYS_DURATION ||
                    sum.kind == CR_FEEL_MONTHS_DURATION;
    for (size_t i = 1; i < list.n.size && summable; i++) {
        cr_feel_value item = cr_feel_item(list, i);
        summable = item.kind == sum.kind;
        sum = summable ? cr_add(eval, sum, item) : sum;
    }
    return summable ? sum : cr_complain(eval, "a sum of what are no numbers");
}

static cr_feel_value mean(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value list, sum = sum_of(eval, args, count);
    if (sum.kind == CR_FEEL_NULL || !cr_want_items(eval, args, count, &list)) {
        return cr_feel_null();
    }
    return cr_divide(eval, sum, cr_feel_integer(list.n.size));
}

static bool want_numbers(
    cr_eval *eval, const cr_feel_value *args, size_t count, cr_feel_value *list)
{
    if (!cr_want_items(eval, args, count, list)) { return false; }
    for (size_t i = 0; i < list->n.size; i++) {
        if (cr_feel_item(*list, i).kind != CR_FEEL_NUMBER) {
            cr_complain(eval, "a list holds what is no number");
            return false;
        }
    }
    return list->n.size > 0;
}

static cr_feel_value product(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value list, result = cr_feel_integer(1);
    if (!want_numbers(eval, args, count, &list)) { return cr_feel_null(); }
    for (size_t i = 0; i < list.n.size && result.kind == CR_FEEL_NUMBER; i++) {
        result = cr_multiply(eval, result, cr_feel_item(list, i));
    }
    return result;
}

static cr_feel_value stddev(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value list, total = cr_feel_integer(0);
    if (!want_numbers(eval, args, count, &list) || list.n.size < 2) { return cr_feel_null(); }
    cr_feel_value average = mean(eval, args, count);
    for (size_t i = 0; i < list.n.size; i++) {
        cr_feel_value off = cr_subtract(eval, cr_feel_item(list, i), average);
        total = cr_add(eval, total, cr_multiply(eval, off, off));
    }
    cr_feel_value variance = cr_divide(eval, total, cr_feel_integer((int64_t)list.n.size - 1));
    return variance.kind == CR_FEEL_NUMBER ? cr_number_sqrt(variance) : variance;
}

/* --- sorting: stable merges, bottom up --------------------------------- */

typedef struct sorter {
    cr_eval *eval;
    cr_feel_value precedes; /* null: natural order */
    bool failed;
} sorter;

static bool comes_first(sorter *s, cr_feel_value a, cr_feel_value b)
{
    if (s->precedes.kind == CR_FEEL_NULL) {
        int order = cr_order(s->eval, a, b);
        s->failed = s->failed || order == 2;
        return order < 0;
    }
    cr_feel_value args[] = {a, b};
    s->failed = s->failed || !cr_eval_step(s->eval);
    return cr_feel_is_true(cr_call(s->eval, s->precedes, args, 2));
}

static void merge(sorter *s, const cr_feel_value *from, cr_feel_value *to, size_t left,
    size_t middle, size_t right)
{
    size_t i = left, j = middle;
    for (size_t k = left; k < right; k++) {
        bool second = i >= middle || (j < right && !s->failed && comes_first(s, from[j], from[i]));
        to[k] = second ? from[j++] : from[i++];
    }
}

/* A sorted copy of the items; NULL when out of memory or not sortable. */
static cr_feel_value *sorted(sorter *s, cr_feel_value list)
{
    size_t count = list.n.size;
    cr_feel_value *items = cr_eval_alloc(s->eval, count, sizeof *items);
    cr_feel_value *other = cr_eval_alloc(s->eval, count, sizeof *other);
    if (items == NULL || other == NULL) { return NULL; }
    for (size_t i = 0; i < count; i++) { items[i] = cr_feel_item(list, i); }
    for (size_t width = 1; width < count && !s->failed; width *= 2) {
        for (size_t left = 0; left < count; left += 2 * width) {
            size_t middle = left + width < count ? left + width : count;
            size_t right = left + 2 * width < count ? left + 2 * width : count;
            merge(s, items, other, left, middle, right);
        }
        cr_feel_value *done = other;
        other = items;
        items = done;
    }
    return s->failed ? NULL : items;
}

static cr_feel_value list_of(cr_eval *eval, cr_feel_value *items, size_t count)
{
    cr_list_builder list = {.items = items, .count = count, .room = count};
    for (size_t i = 0; i < count; i++) { list.flags |= items[i].flags & CR_FEEL_CLOCK; }
    return cr_list_done(eval, &list);
}

static cr_feel_value sort_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value list;
    sorter s = {.eval = eval, .precedes = cr_argument(args, count, 1)};
    if (!cr_want_list(eval, args[0], &list)) { return cr_feel_null(); }
    cr_feel_value *items = sorted(&s, list);
    return items == NULL ? cr_complain(eval, "a list cannot be sorted")
                         : list_of(eval, items, list.n.size);
}

static cr_feel_value median(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value list;
    sorter s = {.eval = eval};
    if (!want_numbers(eval, args, count, &list)) { return cr_feel_null(); }
    cr_feel_value *items = sorted(&s, list);
    if (items == NULL) { return cr_feel_null(); }
    size_t half = list.n.size / 2;
    if (list.n.size % 2 != 0) { return items[half]; }
    return cr_divide(eval, cr_add(eval, items[half - 1], items[half]), cr_feel_integer(2));
}

static cr_feel_value mode(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value list;
    cr_list_builder result = {0};
    sorter s = {.eval = eval};
    if (!cr_want_items(eval, args, count, &list) || list.n.size == 0) {
        return list.kind == CR_FEEL_LIST ? list : cr_feel_null();
    }
    if (!want_numbers(eval, args, count, &list)) { return cr_feel_null(); }
    cr_feel_value *items = sorted(&s, list);
    size_t most = 0;
    for (size_t i = 0, run = 0; items != NULL && i < list.n.size; i++) {
        run = i > 0 && cr_number_compare(items[i], items[i - 1]) == 0 ? run + 1 : 1;
        if (run > most) {
            most = run;
            result.count = 0;
        }
        if (run == most && !cr_list_push(eval, &result, items[i])) { return cr_feel_null(); }
    }
    return cr_list_done(eval, &result);
}

/* --- all, any ---------------------------------------------------------- */

static cr_feel_value logic(cr_eval *eval, const cr_feel_value *args, size_t count, bool decisive)
{
    cr_feel_value list;
    bool unknown = false;
    if (!cr_want_items(eval, args, count, &list)) { return cr_feel_null(); }
    for (size_t i = 0; i < list.n.size; i++) {
        cr_feel_value item = cr_feel_item(list, i);
        if (item.kind != CR_FEEL_BOOLEAN) {
            unknown = true;
        } else if (item.as.boolean == decisive) {
            return item;
        }
    }
    return unknown ? cr_feel_null() : cr_feel_boolean(!decisive);
}

static cr_feel_value all_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    return logic(eval, args, count, false);
}

static cr_feel_value any_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    return logic(eval, args, count, true);
}

/* --- new lists from old ------------------------------------------------ */

static bool push_range(
    cr_eval *eval, cr_list_builder *list, cr_feel_value from, size_t start, size_t end)
{
    for (size_t i = start; i < end; i++) {
        if (!cr_list_push(eval, list, cr_feel_item(from, i))) { return false; }
    }
    return true;
}

/* 1-based, negative from the end, to an index; false if it is outside. */
static bool want_place(cr_eval *eval, cr_feel_value argument, size_t size, size_t *index)
{
    int64_t place;
    if (!cr_want_integer(eval, argument, &place)) { return false; }
    if (place == 0 || place > (int64_t)size || place < -(int64_t)size) {
        cr_complain(eval, "a position is outside of its list");
        return false;
    }
    *index = (size_t)(place > 0 ? place - 1 : (int64_t)size + place);
    return true;
}

static cr_feel_value sublist(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value list, limit = cr_argument(args, count, 2);
    cr_list_builder result = {0};
    size_t start;
    int64_t length;
    if (!cr_want_list(eval, args[0], &list) || !want_place(eval, args[1], list.n.size, &start)) {
        return cr_feel_null();
    }
    length = (int64_t)(list.n.size - start);
    if (limit.kind != CR_FEEL_NULL) {
        int64_t wanted;
        if (!cr_want_integer(eval, limit, &wanted)) { return cr_feel_null(); }
        if (wanted < 0 || wanted > length) {
            return cr_complain(eval, "a length is outside of its list");
        }
        length = wanted;
    }
    return push_range(eval, &result, list, start, start + (size_t)length)
               ? cr_list_done(eval, &result)
               : cr_feel_null();
}

static cr_feel_value append(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value list;
    cr_list_builder result = {0};
    bool ok = cr_want_list(eval, args[0], &list) && push_range(eval, &result, list, 0, list.n.size);
    for (size_t i = 1; i < count && ok; i++) { ok = cr_list_push(eval, &result, args[i]); }
    return ok ? cr_list_done(eval, &result) : cr_feel_null();
}

static cr_feel_value concatenate(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_list_builder result = {0};
    for (size_t i = 0; i < count; i++) {
        cr_feel_value list;
        if (!cr_want_list(eval, args[i], &list) ||
            !push_range(eval, &result, list, 0, list.n.size)) {
            return cr_feel_null();
        }
    }
    return cr_list_done(eval, &result);
}

static cr_feel_value insert_before(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value list;
    cr_list_builder result = {0};
    size_t place;
    (void)count;
    if (!cr_want_list(eval, args[0], &list) || !want_place(eval, args[1], list.n.size, &place)) {
        return cr_feel_null();
    }
    return push_range(eval, &result, list, 0, place) && cr_list_push(eval, &result, args[2]) &&
                   push_range(eval, &result, list, place, list.n.size)
               ? cr_list_done(eval, &result)
               : cr_feel_null();
}

static cr_feel_value remove_at(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value list;
    cr_list_builder result = {0};
    size_t place;
    (void)count;
    if (!cr_want_list(eval, args[0], &list) || !want_place(eval, args[1], list.n.size, &place)) {
        return cr_feel_null();
    }
    return push_range(eval, &result, list, 0, place) &&
                   push_range(eval, &result, list, place + 1, list.n.size)
               ? cr_list_done(eval, &result)
               : cr_feel_null();
}

/* By position, or by a function(item, new item) that says which. */
static cr_feel_value list_replace(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value list;
    cr_list_builder result = {0};
    size_t place = SIZE_MAX;
    (void)count;
    bool by_match = args[1].kind == CR_FEEL_FUNCTION;
    if (!cr_want_list(eval, args[0], &list) ||
        (!by_match && !want_place(eval, args[1], list.n.size, &place))) {
        return cr_feel_null();
    }
    for (size_t i = 0; i < list.n.size; i++) {
        cr_feel_value pair[] = {cr_feel_item(list, i), args[2]};
        bool chosen = by_match ? cr_feel_is_true(cr_call(eval, args[1], pair, 2)) : i == place;
        if (!cr_list_push(eval, &result, chosen ? args[2] : pair[0])) { return cr_feel_null(); }
    }
    return cr_list_done(eval, &result);
}

static cr_feel_value reverse(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value list;
    cr_list_builder result = {0};
    (void)count;
    if (!cr_want_list(eval, args[0], &list)) { return cr_feel_null(); }
    for (size_t i = list.n.size; i > 0; i--) {
        if (!cr_list_push(eval, &result, cr_feel_item(list, i - 1))) { return cr_feel_null(); }
    }
    return cr_list_done(eval, &result);
}

/* Adds the items that are not there yet. */
static bool push_distinct(cr_eval *eval, cr_list_builder *result, cr_feel_value list)
{
    for (size_t i = 0; i < list.n.size; i++) {
        cr_feel_value item = cr_feel_item(list, i);
        bool there = false;
        for (size_t j = 0; j < result->count && !there; j++) {
            if (!cr_eval_step(eval)) { return false; }
            there = result->items[j].kind == item.kind && cr_equal(eval, result->items[j], item);
        }
        if (!there && !cr_list_push(eval, result, item)) { return false; }
    }
    return true;
}

static cr_feel_value union_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_list_builder result = {0};
    for (size_t i = 0; i < count; i++) {
        cr_feel_value list;
        if (!cr_want_list(eval, args[i], &list) || !push_distinct(eval, &result, list)) {
            return cr_feel_null();
        }
    }
    return cr_list_done(eval, &result);
}

static cr_feel_value distinct_values(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    return union_of(eval, args, count > 1 ? 1 : count);
}

static bool push_flat(cr_eval *eval, cr_list_builder *result, cr_feel_value list, int depth)
{
    if (depth > CR_FEEL_DEPTH_MAX) {
        cr_complain(eval, "a list is nested too deep");
        return false;
    }
    for (size_t i = 0; i < list.n.size; i++) {
        cr_feel_value item = cr_feel_item(list, i);
        bool ok = cr_feel_is_list(item) ? push_flat(eval, result, item, depth + 1)
                                        : cr_list_push(eval, result, item);
        if (!ok) { return false; }
    }
    return true;
}

static cr_feel_value flatten(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value list;
    cr_list_builder result = {0};
    (void)count;
    return cr_want_list(eval, args[0], &list) && push_flat(eval, &result, list, 0)
               ? cr_list_done(eval, &result)
               : cr_feel_null();
}

/* --- contexts ---------------------------------------------------------- */

static cr_feel_value get_value(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    credit_span key;
    cr_feel_value out;
    (void)count;
    if (!cr_want_text(eval, args[1], &key) ||
        (args[0].kind != CR_FEEL_CONTEXT && args[0].kind != CR_FEEL_HOST)) {
        return cr_feel_null();
    }
    cr_member(eval, args[0], key, &out);
    return out;
}

static bool make_entry(cr_eval *eval, credit_span key, cr_feel_value value, cr_list_builder *list)
{
    cr_feel_entry *pair = cr_eval_alloc(eval, 2, sizeof *pair);
    if (pair == NULL) { return false; }
    pair[0] = (cr_feel_entry){CR_SPAN("key"), cr_feel_string(key)};
    pair[1] = (cr_feel_entry){CR_SPAN("value"), value};
    return cr_list_push(eval, list, cr_feel_context(pair, 2));
}

static cr_feel_value get_entries(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_list_builder list = {0};
    (void)count;
    bool ok = true;
    if (args[0].kind == CR_FEEL_HOST) {
        const cr_host_type *type = cr_eval_host(eval, args[0].type);
        for (size_t i = 0; i < type->property_count && ok; i++) {
            cr_feel_value value = cr_property(eval, args[0], (uint16_t)i);
            ok = make_entry(eval, type->properties[i].name, value, &list);
        }
    } else if (args[0].kind == CR_FEEL_CONTEXT) {
        for (size_t i = 0; i < args[0].n.size && ok; i++) {
            const cr_feel_entry *entry = &args[0].as.entries[i];
            ok = make_entry(eval, entry->name, entry->value, &list);
        }
    } else {
        return cr_complain(eval, "get entries() takes a context");
    }
    return ok ? cr_list_done(eval, &list) : cr_feel_null();
}

typedef struct context_builder {
    cr_feel_entry *entries;
    size_t count, room;
} context_builder;

/* Adds the entry, or replaces the one of that name. */
static bool put_entry(cr_eval *eval, context_builder *b, credit_span key, cr_feel_value value)
{
    for (size_t i = 0; i < b->count; i++) {
        if (cr_span_equal(b->entries[i].name, key)) {
            b->entries[i].value = value;
            return true;
        }
    }
    if (b->count == b->room) {
        size_t room = b->room == 0 ? 8 : b->room * 2;
        cr_feel_entry *entries = cr_eval_alloc(eval, room, sizeof *entries);
        if (entries == NULL || b->count >= CR_FEEL_LIST_MAX || !cr_eval_step(eval)) {
            return false;
        }
        if (b->count > 0) { memcpy(entries, b->entries, b->count * sizeof *entries); }
        b->entries = entries;
        b->room = room;
    }
    b->entries[b->count++] = (cr_feel_entry){key, value};
    return true;
}

static bool put_all(cr_eval *eval, context_builder *b, cr_feel_value context)
{
    if (context.kind != CR_FEEL_CONTEXT) {
        cr_complain(
            eval, "an argument is a %s, no context", cr_feel_kind_name((cr_feel_kind)context.kind));
        return false;
    }
    for (size_t i = 0; i < context.n.size; i++) {
        if (!put_entry(eval, b, context.as.entries[i].name, context.as.entries[i].value)) {
            return false;
        }
    }
    return true;
}

static cr_feel_value context_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value list;
    context_builder b = {0};
    (void)count;
    if (!cr_want_list(eval, args[0], &list)) { return cr_feel_null(); }
    for (size_t i = 0; i < list.n.size; i++) {
        cr_feel_value key, value, item = cr_feel_item(list, i);
        credit_span name;
        size_t before = b.count;
        if (!cr_member(eval, item, CR_SPAN("key"), &key) ||
            !cr_member(eval, item, CR_SPAN("value"), &value) || !cr_want_text(eval, key, &name)) {
            return cr_complain(eval, "context() takes entries with key and value");
        }
        if (!put_entry(eval, &b, name, value) || b.count == before) {
            return cr_complain(eval, "a context has two entries of one name");
        }
    }
    return cr_feel_context(b.entries, b.count);
}

/* The value at the end of a path of keys is replaced, level by level. */
static cr_feel_value put_path(
    cr_eval *eval, cr_feel_value context, cr_feel_value keys, size_t at, cr_feel_value value)
{
    context_builder b = {0};
    credit_span key;
    if (at > CR_FEEL_DEPTH_MAX || !put_all(eval, &b, context) ||
        !cr_want_text(eval, cr_feel_item(keys, at), &key)) {
        return cr_feel_null();
    }
    if (at + 1 < keys.n.size) {
        value = put_path(eval, cr_feel_entry_get(context, key), keys, at + 1, value);
        if (value.kind == CR_FEEL_NULL) { return value; }
    }
    return put_entry(eval, &b, key, value) ? cr_feel_context(b.entries, b.count) : cr_feel_null();
}

static cr_feel_value context_put(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value keys;
    (void)count;
    if (!cr_want_list(eval, args[1], &keys) || keys.n.size == 0) { return cr_feel_null(); }
    return put_path(eval, args[0], keys, 0, args[2]);
}

static cr_feel_value context_merge(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value list;
    context_builder b = {0};
    (void)count;
    if (!cr_want_list(eval, args[0], &list)) { return cr_feel_null(); }
    for (size_t i = 0; i < list.n.size; i++) {
        if (!put_all(eval, &b, cr_feel_item(list, i))) { return cr_feel_null(); }
    }
    return cr_feel_context(b.entries, b.count);
}

enum {
    AWARE = CR_BUILTIN_CLOCK,
    SAME = CR_BUILTIN_CLOCK | CR_BUILTIN_SAME,
    ITEM = CR_BUILTIN_CLOCK | CR_BUILTIN_ITEM
};

/* clang-format off */
const cr_builtin cr_builtins_list[] = {
    {"list contains",   "list,element",                              list_contains,   CR_FEEL_BOOLEAN, AWARE},
    {"count",           "list",                                      count_of,        CR_FEEL_NUMBER,  AWARE},
    {"index of",        "list,match",                                index_of,        CR_FEEL_LIST,    AWARE},
    {"min",             "list|c*",                                   min_of,          CR_FEEL_ANY,     ITEM},
    {"max",             "list|c*",                                   max_of,          CR_FEEL_ANY,     ITEM},
    {"sum",             "list|n*",                                   sum_of,          CR_FEEL_ANY,     ITEM},
    {"mean",            "list|n*",                                   mean,            CR_FEEL_ANY,     0},
    {"product",         "list|n*",                                   product,         CR_FEEL_NUMBER,  0},
    {"stddev",          "list|n*",                                   stddev,          CR_FEEL_NUMBER,  0},
    {"median",          "list|n*",                                   median,          CR_FEEL_NUMBER,  0},
    {"mode",            "list|n*",                                   mode,            CR_FEEL_LIST,    0},
    {"all",             "list|b*",                                   all_of,          CR_FEEL_BOOLEAN, AWARE},
    {"any",             "list|b*",                                   any_of,          CR_FEEL_BOOLEAN, AWARE},
    {"sort",            "list,precedes?",                            sort_of,         CR_FEEL_ANY,     SAME},
    {"sublist",         "list,start position,length?",               sublist,         CR_FEEL_ANY,     SAME},
    {"append",          "list,item*",                                append,          CR_FEEL_LIST,    AWARE},
    {"concatenate",     "list*",                                     concatenate,     CR_FEEL_LIST,    SAME},
    {"insert before",   "list,position,newItem",                     insert_before,   CR_FEEL_LIST,    AWARE},
    {"remove",          "list,position",                             remove_at,       CR_FEEL_ANY,     SAME},
    {"list replace",    "list,position,newItem|list,match,newItem",  list_replace,    CR_FEEL_LIST,    AWARE},
    {"reverse",         "list",                                      reverse,         CR_FEEL_ANY,     SAME},
    {"union",           "list*",                                     union_of,        CR_FEEL_LIST,    SAME},
    {"distinct values", "list",                                      distinct_values, CR_FEEL_ANY,     SAME},
    {"flatten",         "list",                                      flatten,         CR_FEEL_LIST,    AWARE},
    {"get value",       "m,key|context,key",                         get_value,       CR_FEEL_ANY,     AWARE},
    {"get entries",     "m|context",                                 get_entries,     CR_FEEL_LIST,    AWARE},
    {"context",         "entries",                                   context_of,      CR_FEEL_CONTEXT, AWARE},
    {"context put",     "context,key,value|context,keys,value",      context_put,     CR_FEEL_CONTEXT, AWARE},
    {"context merge",   "contexts",                                  context_merge,   CR_FEEL_CONTEXT, AWARE},
    {0}
};
/* clang-format on */
