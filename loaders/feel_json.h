/* Inputs of a model from a JSON object, for trying rules out. */
#ifndef CR_LOADERS_FEEL_JSON_H
#define CR_LOADERS_FEEL_JSON_H

#include "engine/decision.h"

/* Gives the evaluation the inputs that `json` names: an object of input names
 * to values. What a value is follows from the input's declared type: dates,
 * times and durations are strings as FEEL writes them, numbers may be strings
 * too (a JSON number with a fraction keeps 15 digits). Inputs not named stay
 * null; a value that does not conform becomes null, with a FEEL error noted.
 * `clock` is the input that is the clock, -1 for none: it must be a date.
 *
 * CREDIT_E_DATA with the line or the member: malformed JSON, no object, a name
 * that is no input, a text that is not what its type says. */
CREDIT_MUST_CHECK credit_result cr_feel_json_inputs(
    cr_eval *eval, const cr_model *model, int clock, credit_span json, credit_error *err);

#endif
