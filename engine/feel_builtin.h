/* What the bodies of built-in functions share: reading arguments. Each "want"
 * takes a list of one for its item, notes an error and says false otherwise. */
#ifndef CR_ENGINE_FEEL_BUILTIN_H
#define CR_ENGINE_FEEL_BUILTIN_H

#include "engine/feel_internal.h"

static inline cr_feel_value cr_argument(const cr_feel_value *args, size_t count, size_t index)
{
    return index < count ? args[index] : cr_feel_null();
}

bool cr_want_kind(cr_eval *eval, cr_feel_value argument, cr_feel_kind kind, cr_feel_value *out);
bool cr_want_text(cr_eval *eval, cr_feel_value argument, credit_span *out);
bool cr_want_integer(cr_eval *eval, cr_feel_value argument, int64_t *out);
/* A list as it is, null refused, any other value as a list of one. */
bool cr_want_list(cr_eval *eval, cr_feel_value argument, cr_feel_value *out);
/* f(list) or f(a, b, …): the list in either case. */
bool cr_want_items(cr_eval *eval, const cr_feel_value *args, size_t count, cr_feel_value *out);

#endif
