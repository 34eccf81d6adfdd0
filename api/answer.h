/* Judgements as JSON: the one shape of an answer, wherever it is written. */
#ifndef CREDIT_API_ANSWER_H
#define CREDIT_API_ANSWER_H

#include "api/view.h"

void api_write_reason(cr_canon *json, const credit_reason *reason);
void api_write_listing(cr_canon *json, const credit_listing *listing);
/* The members that tell of a change: on, change, subject, then the place on a list or
 * the tiers. */
CREDIT_MUST_CHECK credit_result api_write_change(
    credit_view *view, const api_change *change, cr_canon *json, credit_error *err);
void api_write_pack(cr_canon *json, const cr_pack *pack);

#endif
