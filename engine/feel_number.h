/* FEEL numbers: decimal128 with a fast path for whole numbers.
 *
 * 1. A number is an int64 or, flagged CR_FEEL_DECIMAL, a finite decimal128.
 * 2. No operation gives an infinity or a NaN: the result is then null.
 * 3. Rounding is to 34 digits, half to even (DMN 1.5, 10.3.2.3.1). */
#ifndef CR_ENGINE_FEEL_NUMBER_H
#define CR_ENGINE_FEEL_NUMBER_H

#include "engine/feel.h"

typedef enum cr_rounding {
    CR_ROUND_HALF_EVEN,
    CR_ROUND_HALF_UP, /* away from zero */
    CR_ROUND_HALF_DOWN,
    CR_ROUND_UP, /* away from zero */
    CR_ROUND_DOWN,
    CR_ROUND_FLOOR,
    CR_ROUND_CEILING
} cr_rounding;

/* All arguments are NUMBERs; the result is a NUMBER or null. */
cr_feel_value cr_number_add(cr_feel_value a, cr_feel_value b);
cr_feel_value cr_number_sub(cr_feel_value a, cr_feel_value b);
cr_feel_value cr_number_mul(cr_feel_value a, cr_feel_value b);
cr_feel_value cr_number_div(cr_feel_value a, cr_feel_value b);
cr_feel_value cr_number_pow(cr_feel_value a, cr_feel_value b);
cr_feel_value cr_number_neg(cr_feel_value a);
cr_feel_value cr_number_modulo(cr_feel_value a, cr_feel_value b); /* sign of the divisor */
cr_feel_value cr_number_round(cr_feel_value a, int64_t scale, cr_rounding rounding);
cr_feel_value cr_number_sqrt(cr_feel_value a);
cr_feel_value cr_number_log(cr_feel_value a);
cr_feel_value cr_number_exp(cr_feel_value a);
int cr_number_compare(cr_feel_value a, cr_feel_value b); /* -1, 0, 1 */
int cr_number_sign(cr_feel_value a);

/* A FEEL number literal with an optional sign and exponent; false if not. */
bool cr_number_parse(credit_span text, cr_feel_value *out);
enum { CR_NUMBER_TEXT = 96 };
/* Plain notation where it is at most 40 characters, else with an exponent;
 * no trailing zeros. Returns the size; no terminator. */
size_t cr_number_print(cr_feel_value a, char out[CR_NUMBER_TEXT]);

#endif
