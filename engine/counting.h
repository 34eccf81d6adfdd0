/* Which versions count, and of which day they are: batches can be undone.
 *
 * 1. Undoing deletes nothing and writes no version anew. It notes that one commit is
 *    undone by another; whoever asks with the knowledge of that other commit or of a
 *    later one passes over what the first has brought. An undoing can be undone.
 * 2. A row that says what a version says already leaves no version. That it said so
 *    is kept apart (SAID table), so that a version whose own batch is undone stays in
 *    force as long as some batch that counts has said the same, and so that the day
 *    to which an undone batch has moved it counts no more.
 * 3. As long as nothing was undone, none of this is looked at: every version counts,
 *    and its day is that of its header. */
#ifndef CR_ENGINE_COUNTING_H
#define CR_ENGINE_COUNTING_H

#include "engine/codec.h"
#include "engine/sorter.h"

/* What a transaction knows of it. All zero is closed, and says that everything counts.
 * Of a writer: valid until it writes. */
typedef struct cr_counting {
    cr_txn *txn;
    credit_span undone; /* UNDONE_ENTRY bytes each, by commit; borrowed */
    cr_range said;      /* open only if something was undone */
} cr_counting;

CREDIT_MUST_CHECK credit_result cr_counting_open(
    cr_txn *txn, cr_counting *counting, credit_error *err);
void cr_counting_close(cr_counting *counting);

/* Does a commit count, as known by the commit `known` (UINT32_MAX: by all)? */
bool cr_commit_counts(const cr_counting *counting, uint32_t commit, uint32_t known);
/* By which batch was it undone? 0: it counts. */
uint32_t cr_undone_by(const cr_counting *counting, uint32_t commit);

/* What a version comes to. Its commit and row name it; `kept_on` is the header's day. */
typedef struct cr_weighed {
    bool counts;
    credit_date day; /* that orders it, if it counts; on one day, the commit */
    uint32_t by;     /* that said so last */
} cr_weighed;
/* Does the version `b`, which stands behind `a` in the table, go before it? */
static inline bool cr_supersedes(const cr_weighed *b, const cr_weighed *a)
{
    return b->day > a->day || (b->day == a->day && b->by >= a->by);
}
CREDIT_MUST_CHECK credit_result cr_version_weigh(cr_counting *counting, uint32_t commit,
    uint32_t row, credit_date kept_on, uint32_t known, cr_weighed *weighed, credit_error *err);

/* A walk over those versions of a subject that count, in the order of their keys. */
typedef struct cr_counted {
    cr_counting counting;
    cr_range versions;
    uint32_t known;
    cr_version_key key; /* of the version it stands on, whose header is in versions.value */
    cr_weighed weighed;
} cr_counted;
CREDIT_MUST_CHECK credit_result cr_counted_open(cr_txn *txn, const cr_subject_key *subject,
    uint32_t known, cr_counted *counted, credit_error *err);
CREDIT_MUST_CHECK credit_result cr_counted_next(cr_counted *counted, credit_error *err);
void cr_counted_close(cr_counted *counted);

/* Notes that `commit` is undone by the commit `by`, which is the batch `batch`. */
CREDIT_MUST_CHECK credit_result cr_undone_put(
    cr_txn *writer, uint32_t commit, uint32_t by, uint32_t batch, credit_error *err);

/* ---- saying again (counting_said.c) ---------------------------------------------- */

/* A row of one commit that said what a version of an earlier one says. */
typedef struct cr_saying {
    uint32_t commit, row; /* of the version */
    credit_date day;      /* on which it said so */
    credit_date kept_on;  /* the day of the version's header before */
    bool raises;          /* its source named the day: it may move the version's */
} cr_saying;

/* Gathers what a commit says again, in any order and bounded memory. */
typedef struct cr_sayings {
    const char *tmp;
    size_t memory;
    cr_sorter *rows; /* made when the first is added */
} cr_sayings;

CREDIT_MUST_CHECK credit_result cr_sayings_add(
    cr_sayings *sayings, const cr_saying *saying, credit_error *err);
/* Once, when all are added. */
CREDIT_MUST_CHECK credit_result cr_sayings_write(
    cr_sayings *sayings, cr_txn *writer, uint32_t commit, credit_error *err);
void cr_sayings_close(cr_sayings *sayings);

/* SAID: u32 commit of the version, u32 row / CR_SAID_ROWS, u32 commit that says so,
 * u16 day, u16 day of the header before, u8 raises → one bit a row, from the lowest of
 * the first byte on; zeros at the end are left out. */
enum { CR_SAID_ROWS = 512, CR_SAID_KEY = 17 };

/* Calls `found` once for each commit whose versions `commit` has said again. */
CREDIT_MUST_CHECK credit_result cr_said_walk(cr_txn *txn, uint32_t commit,
    credit_result (*found)(void *ctx, uint32_t commit, credit_error *err), void *ctx,
    credit_error *err);

#endif
