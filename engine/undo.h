/* What undoing a commit comes to, subject by subject.
 *
 * The undoing is noted before (cr_undone_put); here its consequences are found: which
 * subjects have versions that count otherwise than before, what that makes of their
 * records, and who they are, as far as the records still say. Judging them again is
 * the caller's. */
#ifndef CR_ENGINE_UNDO_H
#define CR_ENGINE_UNDO_H

#include "engine/admit.h"

/* Whose records the commits have changed, or said again: each subject once, in order. */
typedef struct cr_concerned {
    cr_txn *txn;
    cr_sorter *subjects;
    char last[CR_SUBJECT_KEY];
    bool any;
} cr_concerned;

CREDIT_MUST_CHECK credit_result cr_concerned_open(
    cr_concerned *concerned, cr_txn *txn, const char *tmp, size_t memory, credit_error *err);
void cr_concerned_close(cr_concerned *concerned);
CREDIT_MUST_CHECK credit_result cr_concerned_add(
    cr_concerned *concerned, uint32_t commit, credit_error *err);
/* The next subject, when all commits are added; CREDIT_DONE at the end. */
CREDIT_MUST_CHECK credit_result cr_concerned_next(
    cr_concerned *concerned, cr_subject_key *subject, credit_error *err);

typedef struct cr_undoing {
    cr_txn *writer;
    const cr_pack *pack;
    const cr_registry *registry;
    uint32_t commit; /* that undoes; what counted before it is compared with what counts now */
    cr_admission_counts counts; /* of records whose versions count otherwise: added (back
                                   again), updated, withdrawn (there no more), unchanged */
} cr_undoing;

/* Counts what came of the subject's records, says again who the subject is, and notes
 * it as touched if any of its versions counts otherwise. */
CREDIT_MUST_CHECK credit_result cr_undo_subject(
    cr_undoing *undoing, const cr_subject_key *subject, bool *touched, credit_error *err);

#endif
