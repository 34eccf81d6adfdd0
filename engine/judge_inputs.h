/* What rule rows looked at, as texts that outlive the evaluation. */
#ifndef CR_ENGINE_JUDGE_INPUTS_H
#define CR_ENGINE_JUDGE_INPUTS_H

#include "engine/decision.h"
#include "engine/judge.h"

/* The columns that matched row `index` of the reason's decision tested. */
CREDIT_MUST_CHECK credit_result cr_reason_read_inputs(
    cr_eval *eval, size_t index, cr_arena *arena, cr_reason *reason, credit_error *err);

/* The rows of the channel that would grant something and did not match. */
CREDIT_MUST_CHECK credit_result cr_judgement_read_unspoken(
    cr_eval *eval, int decision, cr_arena *arena, cr_judgement *judgement, credit_error *err);

#endif
