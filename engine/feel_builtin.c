#include "engine/feel_builtin.h"

#include <string.h>

bool cr_want_kind(cr_eval *eval, cr_feel_value argument, cr_feel_kind kind, cr_feel_value *out)
{
    *out = argument.kind == kind ? argument : cr_single(argument);
    if (out->kind == kind) { return true; }
    if (argument.kind != CR_FEEL_NULL) {
        cr_complain(eval, "an argument is a %s, no %s",
            cr_feel_kind_name((cr_feel_kind)argument.kind), cr_feel_kind_name(kind));
    } else {
        cr_complain(eval, "an argument is null, no %s", cr_feel_kind_name(kind));
    }
    return false;
}

bool cr_want_text(cr_eval *eval, cr_feel_value argument, credit_span *out)
{
    cr_feel_value value;
    *out = (credit_span){"", 0};
    if (!cr_want_kind(eval, argument, CR_FEEL_STRING, &value)) { return false; }
    *out = cr_feel_text(value);
    return true;
}

bool cr_want_integer(cr_eval *eval, cr_feel_value argument, int64_t *out)
{
    cr_feel_value value;
    *out = 0;
    if (!cr_want_kind(eval, argument, CR_FEEL_NUMBER, &value)) { return false; }
    if (!cr_feel_to_integer(value, out)) {
        cr_complain(eval, "an argument is no whole number");
        return false;
    }
    return true;
}

bool cr_want_list(cr_eval *eval, cr_feel_value argument, cr_feel_value *out)
{
    *out = argument;
    if (cr_feel_is_list(argument)) { return true; }
    if (argument.kind == CR_FEEL_NULL) {
        cr_complain(eval, "an argument is null, no list");
        return false;
    }
    cr_list_builder list = {0};
    if (!cr_list_push(eval, &list, argument)) { return false; }
    *out = cr_list_done(eval, &list);
    return true;
}

bool cr_want_items(cr_eval *eval, const cr_feel_value *args, size_t count, cr_feel_value *out)
{
    if (count == 1) { return cr_want_list(eval, args[0], out); }
    *out = cr_feel_list(args, count);
    return true;
}
