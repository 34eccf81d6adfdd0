/* The packs of a store, and which of them is in force when.
 *
 * A pack comes into force by an act: from a day on, known from the act's commit on.
 * On a day, as known by a commit, that pack is in force whose act names the latest day
 * that is not after it; of two acts that name one day, the later act. The pack that the
 * store was made with is in force on all days before.
 *
 * 1. A pack that was ever in force stays, by number and byte by byte: what was answered
 *    with it can be answered again.
 * 2. An act changes nothing that was known before it: with the knowledge of an earlier
 *    commit the days are those of then. */
#ifndef CREDIT_API_PACKS_H
#define CREDIT_API_PACKS_H

#include "api/internal.h"

/* An act that puts a pack in force. */
typedef struct api_activation {
    uint32_t number; /* of the pack */
    uint32_t commit;
    credit_instant at;
    credit_date from; /* INT32_MIN: on all days before, for the store was made with it */
    bool forced;      /* in spite of what lint found */
} api_activation;

typedef struct api_timeline {
    api_activation *acts; /* in order; the first is the making of the store */
    size_t count;
    size_t schemas; /* layouts that the store knows */
} api_timeline;

CREDIT_MUST_CHECK credit_result api_timeline_read(
    cr_txn *txn, api_timeline *timeline, credit_error *err);
void api_timeline_free(api_timeline *timeline);
/* The act that decides about the day, as known by the commit. */
const api_activation *api_timeline_on(
    const api_timeline *timeline, credit_date day, uint32_t commit);
/* The first later day that an act names; FOREVER if there is none. */
credit_date api_timeline_next(const api_timeline *timeline, credit_date day);

/* A pack of the store, compiled when it is asked for first. */
CREDIT_MUST_CHECK credit_result api_policy_get(credit_store *store, cr_txn *txn, uint32_t number,
    const api_policy **policy, credit_error *err);
/* That in force on the day, as far as is known. */
CREDIT_MUST_CHECK credit_result api_policy_on(credit_store *store, cr_txn *txn, credit_date day,
    const api_policy **policy, credit_error *err);
/* That in force on the day of the last commit: for what is asked without a day. */
CREDIT_MUST_CHECK credit_result api_policy_last(
    credit_store *store, cr_txn *txn, const api_policy **policy, credit_error *err);
void api_policies_free(credit_store *store);

/* ---- putting packs into the store -------------------------------------------- */

/* From here on, what the writer reads of packs and layouts may never come to be; until
 * it is settled. */
void api_policies_venture(credit_store *store, const cr_txn *writer);
void api_policies_settle(credit_store *store, bool committed);

CREDIT_MUST_CHECK credit_result api_pack_put(cr_txn *writer, uint32_t number,
    const cr_pack_file *files, size_t count, credit_error *err);
/* The highest number that a pack of the store has. */
CREDIT_MUST_CHECK credit_result api_pack_last(cr_txn *txn, uint32_t *number, credit_error *err);
/* Notes the act behind those that there are. */
CREDIT_MUST_CHECK credit_result api_activation_put(
    cr_txn *writer, const api_activation *act, credit_error *err);

#endif
