/* 裁量: what the record decision of the pack says of one record: how serious it
 * is, whether and until when it is published, from when it can be repaired.
 *
 * The decision reads coded columns, dates and amounts. A source sends few
 * combinations of codes, and the rules compare dates and amounts with few limits:
 * so the rules are narrowed once to each combination, then to how the rest lies to
 * the limits, and what is left to compute for a record is little more than adding
 * periods to its dates. What it gives is what the rules as they stand give. */
#ifndef CR_ENGINE_RULING_H
#define CR_ENGINE_RULING_H

#include "engine/facts.h"

typedef struct cr_ruler cr_ruler; /* one thread's; made for a pack, which outlives it */

/* CREDIT_E_PACK when the rules lack the record decision that the pack names. */
CREDIT_MUST_CHECK credit_result cr_ruler_new(
    const cr_pack *pack, uint32_t pack_number, cr_ruler **out, credit_error *err);
void cr_ruler_free(cr_ruler *ruler);

/* Gives the fact's version its ruling under the ruler's pack. */
CREDIT_MUST_CHECK credit_result cr_ruler_rule(cr_ruler *ruler, cr_fact *fact, credit_error *err);

#endif
