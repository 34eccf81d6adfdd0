/* Sets of values: made, and put together. */
#include "engine/lint_model.h"

enum { ITEMS_MAX = 1024 };

const cr_values cr_values_unknown = {.kind = CR_FEEL_ANY, .nullable = true};

cr_values *cr_values_new(cr_lint *l, cr_feel_kind kind, bool nullable)
{
    cr_values *values = cr_arena_alloc(&l->arena, sizeof *values);
    if (values == NULL) {
        cr_lint_no_memory(l);
        return NULL;
    }
    *values = (cr_values){.kind = (uint8_t)kind, .nullable = nullable};
    return values;
}

const cr_values *cr_values_plain(cr_lint *l, cr_feel_kind kind, bool nullable)
{
    static const cr_feel_value both[] = {{.kind = CR_FEEL_BOOLEAN, .as.boolean = true},
        {.kind = CR_FEEL_BOOLEAN, .as.boolean = false}};
    cr_values *values = cr_values_new(l, kind, nullable);
    if (values == NULL) { return &cr_values_unknown; }
    if (kind == CR_FEEL_BOOLEAN) {
        values->listed = true;
        values->items = both;
        values->count = 2;
    }
    return values;
}

const cr_values *cr_values_one_of(
    cr_lint *l, cr_feel_kind kind, const cr_feel_value *items, size_t count, bool nullable)
{
    cr_values *values = cr_values_new(l, kind, nullable);
    if (values == NULL) { return &cr_values_unknown; }
    values->listed = true;
    values->items = items;
    values->count = count;
    return values;
}

const cr_values *cr_values_list_of(cr_lint *l, const cr_values *element, bool nullable)
{
    cr_values *values = cr_values_new(l, CR_FEEL_LIST, nullable);
    if (values == NULL) { return &cr_values_unknown; }
    values->element = element;
    return values;
}

const cr_values *cr_values_with_null(cr_lint *l, const cr_values *values, bool nullable)
{
    if (values->nullable == nullable) { return values; }
    cr_values *copy = cr_values_new(l, CR_FEEL_ANY, true);
    if (copy == NULL) { return &cr_values_unknown; }
    *copy = *values;
    copy->nullable = nullable;
    return copy;
}

/* What a form says, as it was filled in. */
const cr_values *cr_values_as_given(cr_lint *l, const cr_values *values)
{
    cr_values *copy = cr_values_new(l, CR_FEEL_ANY, true);
    if (copy == NULL) { return &cr_values_unknown; }
    *copy = *values;
    copy->given = true;
    return copy;
}

const cr_values *cr_values_of_type(cr_lint *l, const cr_feel_type *type)
{
    if (type->kind == CR_FEEL_LIST) {
        return cr_values_list_of(l,
            type->element == NULL ? &cr_values_unknown : cr_values_of_type(l, type->element), true);
    }
    if (type->kind == CR_FEEL_CONTEXT && type->field_count > 0) {
        cr_values *values = cr_values_new(l, CR_FEEL_CONTEXT, true);
        credit_span *names = cr_arena_array(&l->arena, type->field_count, sizeof *names);
        const cr_values **fields = cr_arena_array(&l->arena, type->field_count, sizeof *fields);
        if (values == NULL || names == NULL || fields == NULL) { return &cr_values_unknown; }
        for (size_t i = 0; i < type->field_count; i++) {
            names[i] = type->fields[i].name;
            fields[i] = cr_values_of_type(l, type->fields[i].type);
        }
        values->names = names;
        values->fields = fields;
        values->field_count = type->field_count;
        return values;
    }
    if (type->kind == CR_FEEL_HOST) {
        cr_values *values = cr_values_new(l, CR_FEEL_HOST, true);
        if (values == NULL) { return &cr_values_unknown; }
        values->host = type->host;
        return values;
    }
    return type->kind == CR_FEEL_ANY ? &cr_values_unknown
                                     : cr_values_plain(l, (cr_feel_kind)type->kind, true);
}

/* --- putting together ------------------------------------------------------- */

static bool has_item(const cr_values *values, cr_feel_value item)
{
    for (size_t i = 0; i < values->count; i++) {
        if (values->items[i].kind == item.kind && cr_equal(NULL, values->items[i], item)) {
            return true;
        }
    }
    return false;
}

bool cr_values_is_nothing(const cr_values *values)
{
    return values->kind == CR_FEEL_NULL || (values->listed && values->count == 0);
}

static bool join_items(cr_lint *l, const cr_values *a, const cr_values *b, cr_values *out)
{
    cr_feel_value *items = cr_arena_array(&l->arena, a->count + b->count, sizeof *items);
    if (items == NULL || a->count + b->count > ITEMS_MAX) { return false; }
    out->items = items;
    for (size_t i = 0; i < a->count; i++) { items[out->count++] = a->items[i]; }
    for (size_t i = 0; i < b->count; i++) {
        if (!has_item(a, b->items[i])) { items[out->count++] = b->items[i]; }
    }
    out->listed = true;
    return true;
}

/* Contexts with the same entries; those of others are unknown. */
static bool join_fields(cr_lint *l, const cr_values *a, const cr_values *b, cr_values *out)
{
    const cr_values **fields = cr_arena_array(&l->arena, a->field_count, sizeof *fields);
    if (fields == NULL || a->field_count != b->field_count) { return false; }
    for (size_t i = 0; i < a->field_count; i++) {
        size_t at = 0;
        while (at < b->field_count && !cr_span_equal(a->names[i], b->names[at])) { at++; }
        if (at == b->field_count) { return false; }
        fields[i] = cr_values_either(l, a->fields[i], b->fields[at]);
    }
    out->names = a->names;
    out->fields = fields;
    out->field_count = a->field_count;
    return true;
}

/* Either of two: all that one or the other can come to. */
const cr_values *cr_values_either(cr_lint *l, const cr_values *a, const cr_values *b)
{
    bool nullable = a->nullable || b->nullable;
    if (cr_values_is_nothing(a)) { return cr_values_with_null(l, b, nullable); }
    if (cr_values_is_nothing(b)) { return cr_values_with_null(l, a, nullable); }
    if (a->kind != b->kind || a->kind == CR_FEEL_ANY) {
        return cr_values_with_null(l, &cr_values_unknown, nullable);
    }
    cr_values *out = cr_values_new(l, (cr_feel_kind)a->kind, nullable);
    if (out == NULL) { return &cr_values_unknown; }
    out->host = a->host;
    out->whole = a->whole && b->whole;
    out->not_negative = a->not_negative && b->not_negative;
    out->given = a->given && b->given;
    out->open = a->open || b->open;
    if (a->kind == CR_FEEL_LIST) {
        const cr_values *none = cr_values_one_of(l, CR_FEEL_ANY, NULL, 0, false);
        out->element = cr_values_either(
            l, a->element == NULL ? none : a->element, b->element == NULL ? none : b->element);
        return out;
    }
    if (a->kind == CR_FEEL_CONTEXT && !join_fields(l, a, b, out)) {
        return cr_values_with_null(l, &cr_values_unknown, nullable);
    }
    if (a->listed && b->listed && !join_items(l, a, b, out)) {
        return cr_values_plain(l, (cr_feel_kind)a->kind, nullable);
    }
    return out;
}
