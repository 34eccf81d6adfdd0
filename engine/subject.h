/* 信用主体: what the store keeps of a subject beside its records. */
#ifndef CR_ENGINE_SUBJECT_H
#define CR_ENGINE_SUBJECT_H

#include "engine/codec.h"

typedef struct cr_subject {
    uint8_t category; /* cr_category */
    bool known;       /* in the register; false: pending, known from a record alone */
    bool corrected;   /* something was said of its code itself: look whether it stands */
    bool gone;        /* no record of it counts any more: as if it had never been known */
    uint32_t first_commit;
    uint64_t name_hash;
    credit_span name; /* as written, the newest; borrowed from the store */
} cr_subject;

/* CREDIT_DONE: the store has never known it. */
CREDIT_MUST_CHECK credit_result cr_subject_get(
    cr_txn *txn, const cr_subject_key *key, cr_subject *subject, credit_error *err);
/* Writes the subject; its way in by name is another entry. */
CREDIT_MUST_CHECK credit_result cr_subject_put(
    cr_range *subjects, const cr_subject_key *key, const cr_subject *subject, credit_error *err);
void cr_subject_name_key(const cr_subject_key *key, uint64_t name_hash, char out[CR_NAME_KEY]);
CREDIT_MUST_CHECK credit_result cr_subject_decode(
    credit_span value, cr_subject *subject, credit_error *err);
/* Has the subject, now or ever, borne the name with this hash? */
CREDIT_MUST_CHECK credit_result cr_subject_had_name(
    cr_txn *txn, const cr_subject_key *key, uint64_t name_hash, bool *had, credit_error *err);

/* TOUCHED: the commit changed records of the subject. Walks over a commit's subjects
 * go by the prefix of its number. */
enum { CR_TOUCHED_KEY = 4 + CR_SUBJECT_KEY };
void cr_touched_key(uint32_t commit, const cr_subject_key *key, char out[CR_TOUCHED_KEY]);
CREDIT_MUST_CHECK credit_result cr_touched_put(
    cr_txn *writer, uint32_t commit, const cr_subject_key *key, credit_error *err);

#endif
