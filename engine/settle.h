/* A row that waited is decided: it joins a subject, or it is dropped.
 *
 * 1. What the row says is not touched; it becomes a version like any other, of the
 *    commit that decides it.
 * 2. The decision is kept: the same row sent again is unchanged, not waiting again,
 *    and the name it bears is from then on one of the subject's.
 *    A row that goes in because its reason is gone needs no such memory.
 * 3. It never joins two numbers: a row that bears one can only be given to that.
 *    basis: domain 11.1.
 * 4. Nobody can decide what the law demands of the row itself: an entry of a serious
 *    list without its decision stays out. basis: 国办发〔2020〕49号. */
#ifndef CR_ENGINE_SETTLE_H
#define CR_ENGINE_SETTLE_H

#include "engine/admit.h"

typedef struct cr_settling {
    cr_txn *writer;
    const cr_pack *pack;
    const cr_registry *registry;
    const cr_crypto *crypto;
    cr_hasher *hasher; /* SHA-256 */
    const unsigned char *persons_key; /* NULL: rows with private values cannot be decided */
    uint32_t commit;
} cr_settling;

/* Decides the row for the subject, which is made known if it is not. Counts what came
 * of it, and the catalog's place in the pack. CREDIT_E_NOT_FOUND: no such row waits;
 * _DATA: 3 or 4 forbid it; _KEY. */
CREDIT_MUST_CHECK credit_result cr_settle(const cr_settling *s, uint32_t batch, uint32_t row,
    const cr_subject_key *subject, cr_admission_counts *counts, int *catalog, credit_error *err);
/* Asks the matching table again: where its reason to wait is gone, the row goes in, as
 * row `as_row` of the commit; counts add up. No person decides, so nothing is kept
 * of it but the version. CREDIT_E_NOT_FOUND. */
typedef struct cr_settled_again {
    bool went_in;
    bool changed; /* it waits on, for another reason than before */
} cr_settled_again;
CREDIT_MUST_CHECK credit_result cr_settle_again(const cr_settling *s, uint32_t batch, uint32_t row,
    uint32_t as_row, cr_admission_counts *counts, cr_settled_again *outcome, credit_error *err);
/* Takes the row out of those that wait. CREDIT_E_NOT_FOUND. */
CREDIT_MUST_CHECK credit_result cr_settle_drop(
    const cr_settling *s, uint32_t batch, uint32_t row, int *catalog, credit_error *err);

#endif
