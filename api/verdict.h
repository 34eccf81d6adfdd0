/* Judging what a commit touched, and writing the judgement down beside it. */
#ifndef CREDIT_API_VERDICT_H
#define CREDIT_API_VERDICT_H

#include "api/internal.h"
#include "engine/codec.h"

/* Gives versions their ruling (class, publication dates) under the pack in
 * force. One thread. */
typedef struct api_ruler api_ruler;
CREDIT_MUST_CHECK credit_result api_ruler_new(
    const credit_store *store, api_ruler **out, credit_error *err);
void api_ruler_free(api_ruler *ruler);
/* Shaped for cr_encoder.rule. */
CREDIT_MUST_CHECK credit_result api_ruler_rule(
    void *ruler, const cr_record *record, cr_version *version, credit_error *err);

/* Judges subjects inside a writer and keeps VERDICT, ROSTER, DUE and CHANGE in
 * step with their records. */
typedef struct api_verdicts api_verdicts;
typedef struct api_changes {
    uint64_t entered, left, tiers;
} api_changes;
CREDIT_MUST_CHECK credit_result api_verdicts_new(credit_store *store, cr_txn *writer,
    uint32_t commit, credit_date as_of, api_verdicts **out, credit_error *err);
void api_verdicts_free(api_verdicts *verdicts);
/* Shaped for cr_admission_options.touched. */
CREDIT_MUST_CHECK credit_result api_verdicts_touch(
    void *verdicts, const cr_subject_key *subject, credit_error *err);
api_changes api_verdicts_count(const api_verdicts *verdicts);

#endif
