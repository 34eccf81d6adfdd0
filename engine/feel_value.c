#include "engine/feel_internal.h"

#include <string.h>

#include "engine/feel_number.h"
#include "engine/feel_time.h"

/* Durations are kept far from the ends of int64, so that sums of two cannot wrap. */
#define MONTHS_MAX INT64_C(1000000000000000)

static const char *const kind_names[] = {
    [CR_FEEL_NULL] = "null",
    [CR_FEEL_BOOLEAN] = "boolean",
    [CR_FEEL_NUMBER] = "number",
    [CR_FEEL_STRING] = "string",
    [CR_FEEL_DATE] = "date",
    [CR_FEEL_TIME] = "time",
    [CR_FEEL_DATE_TIME] = "date and time",
    [CR_FEEL_DAYS_DURATION] = "days and time duration",
    [CR_FEEL_MONTHS_DURATION] = "years and months duration",
    [CR_FEEL_RANGE] = "range",
    [CR_FEEL_LIST] = "list",
    [CR_FEEL_HOSTS] = "list",
    [CR_FEEL_CONTEXT] = "context",
    [CR_FEEL_FUNCTION] = "function",
    [CR_FEEL_HOST] = "context",
    [CR_FEEL_ANY] = "Any",
};

const char *cr_feel_kind_name(cr_feel_kind kind)
{
    return kind <= CR_FEEL_ANY ? kind_names[kind] : "Any";
}

cr_feel_value cr_feel_months(int64_t months)
{
    cr_feel_value result = {.kind = CR_FEEL_MONTHS_DURATION};
    result.as.integer = months;
    return months > MONTHS_MAX || months < -MONTHS_MAX ? cr_feel_null() : result;
}

cr_feel_value cr_feel_days(int64_t days)
{
    int64_t seconds;
    if (__builtin_mul_overflow(days, CR_SECONDS_PER_DAY, &seconds)) { return cr_feel_null(); }
    return cr_feel_duration(seconds, 0);
}

cr_feel_value cr_feel_list(const cr_feel_value *items, size_t count)
{
    cr_feel_value result = {.kind = CR_FEEL_LIST};
    for (size_t i = 0; i < count; i++) { result.flags |= items[i].flags & CR_FEEL_CLOCK; }
    result.n.size = (uint32_t)count;
    result.as.items = items;
    return count > UINT32_MAX ? cr_feel_null() : result;
}

cr_feel_value cr_feel_context(const cr_feel_entry *entries, size_t count)
{
    cr_feel_value result = {.kind = CR_FEEL_CONTEXT};
    for (size_t i = 0; i < count; i++) { result.flags |= entries[i].value.flags & CR_FEEL_CLOCK; }
    result.n.size = (uint32_t)count;
    result.as.entries = entries;
    return count > UINT32_MAX ? cr_feel_null() : result;
}

credit_span cr_feel_text(cr_feel_value value)
{
    if (value.kind != CR_FEEL_STRING) { return (credit_span){"", 0}; }
    return (credit_span){value.as.text, value.n.size};
}

credit_date cr_feel_to_date(cr_feel_value value)
{
    if (value.kind != CR_FEEL_DATE || value.as.date.days <= INT32_MIN ||
        value.as.date.days >= INT32_MAX) {
        return CREDIT_DATE_NONE;
    }
    if (value.as.date.days == CR_FEEL_FOREVER) { return CREDIT_DATE_FOREVER; }
    return (credit_date)value.as.date.days;
}

size_t cr_feel_count(cr_feel_value value)
{
    return cr_feel_is_list(value) || value.kind == CR_FEEL_CONTEXT ? value.n.size : 0;
}

cr_feel_value cr_feel_item(cr_feel_value list, size_t index)
{
    if (!cr_feel_is_list(list) || index >= list.n.size) { return cr_feel_null(); }
    return list.kind == CR_FEEL_LIST ? list.as.items[index]
                                     : cr_feel_host(list.type, list.as.objects[index]);
}

cr_feel_value cr_feel_entry_get(cr_feel_value context, credit_span name)
{
    if (context.kind == CR_FEEL_CONTEXT) {
        for (size_t i = 0; i < context.n.size; i++) {
            if (cr_span_equal(context.as.entries[i].name, name)) {
                return context.as.entries[i].value;
            }
        }
    }
    return cr_feel_null();
}

cr_feel_value cr_single(cr_feel_value value)
{
    return cr_feel_is_list(value) && value.n.size == 1 ? cr_feel_item(value, 0) : value;
}

/* --- text -------------------------------------------------------------- */

bool cr_feel_parse(cr_feel_kind kind, credit_span text, cr_feel_value *out)
{
    *out = cr_feel_null();
    switch (kind) {
    case CR_FEEL_BOOLEAN:
        *out = cr_feel_boolean(cr_span_is(text, "true"));
        return out->as.boolean || cr_span_is(text, "false");
    case CR_FEEL_NUMBER:
        return cr_number_parse(text, out);
    case CR_FEEL_STRING:
        *out = cr_feel_string(text);
        return true;
    case CR_FEEL_DATE:
        return cr_feel_parse_date(text, out);
    case CR_FEEL_TIME:
        return cr_feel_parse_time(text, out);
    case CR_FEEL_DATE_TIME:
        return cr_feel_parse_date_time(text, out);
    case CR_FEEL_DAYS_DURATION:
    case CR_FEEL_MONTHS_DURATION:
        return cr_feel_parse_duration(text, out) && out->kind == kind;
    default:
        return false;
    }
}

/* A text that grows in an arena: pieces are joined at the end. */
typedef struct printer {
    cr_arena *arena;
    char *data;
    size_t size, room;
    bool failed;
} printer;

static void print_text(printer *p, const char *text, size_t size)
{
    if (p->failed || size > SIZE_MAX / 4 - p->size) {
        p->failed = true;
        return;
    }
    if (p->size + size > p->room) {
        size_t room = (p->size + size) * 2 + 64;
        char *data = cr_arena_alloc(p->arena, room);
        if (data == NULL) {
            p->failed = true;
            return;
        }
        if (p->size > 0) { memcpy(data, p->data, p->size); }
        p->data = data;
        p->room = room;
    }
    if (size > 0) {
        memcpy(p->data + p->size, text, size);
        p->size += size;
    }
}

static void print_literal(printer *p, const char *text)
{
    print_text(p, text, strlen(text));
}

static void print_value(printer *p, cr_feel_value value, bool nested, int depth);

static void print_quoted(printer *p, credit_span text)
{
    print_literal(p, "\"");
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '"' || text.data[i] == '\\') { print_literal(p, "\\"); }
        print_text(p, text.data + i, 1);
    }
    print_literal(p, "\"");
}

static void print_list(printer *p, cr_feel_value list, int depth)
{
    print_literal(p, "[");
    for (size_t i = 0; i < list.n.size; i++) {
        print_literal(p, i > 0 ? ", " : "");
        print_value(p, cr_feel_item(list, i), true, depth + 1);
    }
    print_literal(p, "]");
}

static bool is_plain_name(credit_span name)
{
    for (size_t i = 0; i < name.size; i++) {
        unsigned char c = (unsigned char)name.data[i];
        bool part = c >= 0x80 || c == ' ' || c == '_' || (c >= '0' && c <= '9' && i > 0) ||
                    ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
        if (!part) { return false; }
    }
    return name.size > 0;
}

static void print_context(printer *p, cr_feel_value context, int depth)
{
    print_literal(p, "{");
    for (size_t i = 0; i < context.n.size; i++) {
        const cr_feel_entry *entry = &context.as.entries[i];
        print_literal(p, i > 0 ? ", " : "");
        if (is_plain_name(entry->name)) {
            print_text(p, entry->name.data, entry->name.size);
        } else {
            print_quoted(p, entry->name);
        }
        print_literal(p, ": ");
        print_value(p, entry->value, true, depth + 1);
    }
    print_literal(p, "}");
}

static void print_range(printer *p, const cr_feel_range *range, int depth)
{
    print_literal(p, range->low_included ? "[" : "(");
    if (range->low.kind != CR_FEEL_NULL) { print_value(p, range->low, true, depth + 1); }
    print_literal(p, "..");
    if (range->high.kind != CR_FEEL_NULL) { print_value(p, range->high, true, depth + 1); }
    print_literal(p, range->high_included ? "]" : ")");
}

static void print_value(printer *p, cr_feel_value value, bool nested, int depth)
{
    char buffer[CR_TIME_TEXT];
    if (depth > CR_FEEL_DEPTH_MAX) {
        print_literal(p, "…");
        return;
    }
    switch (value.kind) {
    case CR_FEEL_BOOLEAN:
        print_literal(p, value.as.boolean ? "true" : "false");
        break;
    case CR_FEEL_NUMBER:
        print_text(p, buffer, cr_number_print(value, buffer));
        break;
    case CR_FEEL_STRING:
        if (nested) {
            print_quoted(p, cr_feel_text(value));
        } else {
            print_text(p, value.as.text, value.n.size);
        }
        break;
    case CR_FEEL_RANGE:
        print_range(p, value.as.range, depth);
        break;
    case CR_FEEL_LIST:
    case CR_FEEL_HOSTS:
        print_list(p, value, depth);
        break;
    case CR_FEEL_CONTEXT:
        print_context(p, value, depth);
        break;
    case CR_FEEL_FUNCTION:
        print_literal(p, "function");
        break;
    case CR_FEEL_HOST:
        print_literal(p, "{…}");
        break;
    case CR_FEEL_NULL:
        print_literal(p, "null");
        break;
    default:
        print_text(p, buffer, cr_feel_print_time(value, buffer));
        break;
    }
}

credit_span cr_feel_print(cr_feel_value value, cr_arena *arena)
{
    if (value.kind == CR_FEEL_STRING) { return cr_feel_text(value); }
    printer p = {.arena = arena};
    print_value(&p, value, false, 0);
    return p.failed ? (credit_span){NULL, 0} : (credit_span){p.data, p.size};
}

/* --- JSON -------------------------------------------------------------- */

static void json_host(cr_feel_value value, cr_eval *eval, int depth, cr_canon *out);

static void json_value(cr_feel_value value, cr_eval *eval, int depth, cr_canon *out)
{
    /* One level is kept for what surrounds the value. */
    enum { JSON_DEPTH_MAX = 24 };
    char buffer[CR_TIME_TEXT];
    cr_arena arena = CR_ARENA_INIT;
    if (depth > JSON_DEPTH_MAX) {
        cr_canon_null(out);
        return;
    }
    switch (value.kind) {
    case CR_FEEL_NULL:
        cr_canon_null(out);
        break;
    case CR_FEEL_BOOLEAN:
        cr_canon_bool(out, value.as.boolean);
        break;
    case CR_FEEL_NUMBER:
        cr_canon_raw(out, (credit_span){buffer, cr_number_print(value, buffer)});
        break;
    case CR_FEEL_STRING:
        cr_canon_string(out, cr_feel_text(value));
        break;
    case CR_FEEL_LIST:
    case CR_FEEL_HOSTS:
        cr_canon_array(out);
        for (size_t i = 0; i < value.n.size; i++) {
            json_value(cr_feel_item(value, i), eval, depth + 1, out);
        }
        cr_canon_end_array(out);
        break;
    case CR_FEEL_CONTEXT:
        cr_canon_object(out);
        for (size_t i = 0; i < value.n.size; i++) {
            cr_canon_key_span(out, value.as.entries[i].name);
            json_value(value.as.entries[i].value, eval, depth + 1, out);
        }
        cr_canon_end_object(out);
        break;
    case CR_FEEL_HOST:
        json_host(value, eval, depth, out);
        break;
    case CR_FEEL_RANGE:
    case CR_FEEL_FUNCTION:
        cr_canon_string(out, cr_feel_print(value, &arena));
        break;
    default:
        cr_canon_string(out, (credit_span){buffer, cr_feel_print_time(value, buffer)});
        break;
    }
    cr_arena_release(&arena);
}

static void json_host(cr_feel_value value, cr_eval *eval, int depth, cr_canon *out)
{
    if (eval == NULL) {
        cr_canon_null(out);
        return;
    }
    const cr_host_type *type = cr_eval_host(eval, value.type);
    cr_canon_object(out);
    for (size_t i = 0; i < type->property_count; i++) {
        cr_canon_key_span(out, type->properties[i].name);
        json_value(cr_property(eval, value, (uint16_t)i), eval, depth + 1, out);
    }
    cr_canon_end_object(out);
}

void cr_feel_write_json(cr_feel_value value, cr_eval *eval, cr_canon *out)
{
    json_value(value, eval, 0, out);
}
