/* Judging signatures and the chains behind them.
 *
 * 1. A named authority ends a chain, whether it signs itself or not.
 * 2. Every certificate of the chain, the authority's included, is valid at the
 *    time of judgement, and none below the authority is revoked.
 * 3. The signer's certificate allows signing (key usage).
 * 4. Bad and absent are verdicts; only what keeps from judging is an error. */
#ifndef CR_KEYS_VERIFY_H
#define CR_KEYS_VERIFY_H

#include "keys/chain.h"
#include "keys/trust.h"
#include "keys/verdict.h"

/* What a signed thing is judged by. */
typedef struct cr_verify_terms {
    const cr_trust *trust;       /* NULL or empty: the chain is `absent` */
    credit_instant signing_time; /* as claimed, or as stamped */
    bool stamped;                /* a trusted time stamp says so */
} cr_verify_terms;

/* A raw signature over a message by the first certificate of a PEM chain (as
 * cr_signer_chain gives it): fills suite, names, signature and chain; digest and
 * timestamp are absent. CREDIT_OK whenever there is a verdict, good or bad. */
credit_result cr_verify_signature(credit_span message, credit_span signature, credit_span chain,
    const cr_verify_terms *judgement, cr_verdict *verdict, credit_error *err);

/* The parts, for the envelope. */

/* Fills suite, signer and key_id from the first certificate. */
credit_result cr_judge_signer(const cr_chain *chain, cr_verdict *verdict, credit_error *err);
/* Sets `check` bad, naming `what`, unless the signature is canonical and holds. */
void cr_judge_signature(const cr_chain *chain, credit_span message, credit_span signature,
    const char *what, cr_verdict_check *check);
/* Fills chain, root and root_key_id. */
credit_result cr_judge_chain(
    const cr_chain *chain, const cr_verify_terms *judgement, cr_verdict *verdict, credit_error *err);

#endif
