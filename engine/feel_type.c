/* Does a value conform to a type, and can it be made to? (DMN 1.5, 10.3.2.9) */
#include "engine/feel_internal.h"

#include "engine/feel_time.h"

static bool passes(cr_eval *eval, cr_feel_value value, const cr_lambda *allowed)
{
    if (allowed == NULL || value.kind == CR_FEEL_NULL) { return true; }
    cr_activation frame = {cr_eval_alloc(eval, allowed->slots, sizeof(cr_feel_value)), NULL};
    if (frame.locals == NULL || !cr_eval_enter(eval, allowed->body)) { return false; }
    bool ok = cr_feel_is_true(cr_run_test(eval, allowed->body, value, &frame));
    cr_eval_leave(eval, allowed->body);
    return ok;
}

static bool list_conforms(cr_eval *eval, cr_feel_value list, const cr_feel_type *element)
{
    if (element == NULL || element->kind == CR_FEEL_ANY) { return true; }
    /* Host objects of one list are alike: the first speaks for all. */
    size_t count =
        list.kind == CR_FEEL_HOSTS && list.n.size > 0 && element->allowed == NULL ? 1 : list.n.size;
    for (size_t i = 0; i < count; i++) {
        if (!cr_conforms(eval, cr_feel_item(list, i), element)) { return false; }
    }
    return true;
}

static bool context_conforms(cr_eval *eval, cr_feel_value context, const cr_feel_type *type)
{
    for (size_t i = 0; i < type->field_count; i++) {
        cr_feel_value value;
        if (cr_member(eval, context, type->fields[i].name, &value) &&
            !cr_conforms(eval, value, type->fields[i].type)) {
            return false;
        }
    }
    return true;
}

static bool range_conforms(cr_eval *eval, const cr_feel_range *range, const cr_feel_type *element)
{
    return element == NULL ||
           (cr_conforms(eval, range->low, element) && cr_conforms(eval, range->high, element));
}

static bool kind_conforms(cr_eval *eval, cr_feel_value value, const cr_feel_type *type)
{
    switch (type->kind) {
    case CR_FEEL_ANY:
        return true;
    case CR_FEEL_LIST:
        return cr_feel_is_list(value) && list_conforms(eval, value, type->element);
    case CR_FEEL_CONTEXT:
        return value.kind == CR_FEEL_HOST ||
               (value.kind == CR_FEEL_CONTEXT && context_conforms(eval, value, type));
    case CR_FEEL_HOST:
        return value.kind == CR_FEEL_CONTEXT ||
               (value.kind == CR_FEEL_HOST && value.type == type->host);
    case CR_FEEL_RANGE:
        return value.kind == CR_FEEL_RANGE && range_conforms(eval, value.as.range, type->element);
    default:
        return value.kind == type->kind;
    }
}

bool cr_conforms(cr_eval *eval, cr_feel_value value, const cr_feel_type *type)
{
    if (value.kind == CR_FEEL_NULL || (type->kind == CR_FEEL_ANY && type->allowed == NULL)) {
        return true;
    }
    return kind_conforms(eval, value, type) &&
           (type->kind == CR_FEEL_LIST || passes(eval, value, type->allowed));
}

cr_feel_value cr_coerce_any(cr_eval *eval, cr_feel_value value, const cr_feel_type *type,
    const char *what, credit_span name)
{
    if (cr_conforms(eval, value, type)) { return value; }
    cr_feel_value single = cr_single(value);
    if (single.kind != CR_FEEL_LIST && cr_feel_is_list(value) && cr_conforms(eval, single, type)) {
        return single;
    }
    if (type->kind == CR_FEEL_LIST && !cr_feel_is_list(value)) {
        cr_list_builder list = {0};
        if (cr_list_push(eval, &list, value)) {
            cr_feel_value made = cr_list_done(eval, &list);
            if (cr_conforms(eval, made, type)) { return made; }
        }
    }
    if (type->kind == CR_FEEL_DATE_TIME && value.kind == CR_FEEL_DATE) {
        cr_clock_check(eval, value);
        return cr_feel_moment(value.as.date.days, 0, 0, 0);
    }
    if (type->name.size > 0) {
        return cr_complain(eval, "%s %.*s is no %.*s", what, (int)name.size, name.data,
            (int)type->name.size, type->name.data);
    }
    return cr_complain(eval, "%s %.*s is a %s, no %s", what, (int)name.size, name.data,
        cr_feel_kind_name((cr_feel_kind)value.kind), cr_feel_kind_name((cr_feel_kind)type->kind));
}
