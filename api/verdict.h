/* Judging what a commit touched, and writing the judgement down beside it. */
#ifndef CREDIT_API_VERDICT_H
#define CREDIT_API_VERDICT_H

#include "api/internal.h"
#include "api/packs.h"
#include "engine/admit.h"
#include "engine/judge.h"

/* Judges subjects inside a writer, on a thread of its own (which sees no store), and
 * keeps VERDICT, DUE and CHANGE in step with their records. */
typedef struct api_verdicts api_verdicts;
typedef struct api_changes {
    uint64_t entered, left, tiers;
} api_changes;
/* `tmp`: a directory to sort new due dates in, which are then written by
 * api_verdicts_finish; NULL: each is written at once, as the nightly pass needs it. */
CREDIT_MUST_CHECK credit_result api_verdicts_new(credit_store *store, cr_txn *writer,
    uint32_t commit, credit_date as_of, const char *tmp, api_verdicts **out, credit_error *err);
void api_verdicts_free(api_verdicts *verdicts);
/* About so many subjects will be touched, in the order of their keys. */
CREDIT_MUST_CHECK credit_result api_verdicts_expect(
    api_verdicts *verdicts, uint64_t subjects, credit_error *err);
/* Shaped for cr_admission_options.touched. */
CREDIT_MUST_CHECK credit_result api_verdicts_touch(
    void *verdicts, const cr_touched *subject, credit_error *err);
/* Writes down what is still being judged: call it when all were touched. */
CREDIT_MUST_CHECK credit_result api_verdicts_finish(api_verdicts *verdicts, credit_error *err);
/* The same on another day: the nightly pass goes from due date to due date. */
CREDIT_MUST_CHECK credit_result api_verdicts_move(api_verdicts *verdicts, credit_date as_of,
    const cr_subject_key *subject, credit_error *err);
/* Moves every subject whose judgement falls due to its due date, earliest first, until
 * none is due by `as_of`. */
CREDIT_MUST_CHECK credit_result api_move_due(cr_txn *writer, api_verdicts *verdicts,
    credit_date as_of, uint64_t *moved, credit_error *err);
/* Has an act, noted by the writer, put another pack in force today? Then all who were
 * judged by then are judged again, on this day; those who were judged of later days
 * on these; and no judgement holds beyond the day of an act. */
CREDIT_MUST_CHECK credit_result api_verdicts_overtake(
    api_verdicts *verdicts, credit_date today, uint64_t *judged, credit_error *err);
api_changes api_verdicts_count(const api_verdicts *verdicts);

/* ---- what is written down -------------------------------------------------- */

/* A listing as VERDICT and CHANGE keep it: the roster by its name, which stays what it
 * is when the pack is exchanged, and the version it rests on (all zero when a rule
 * computed it). */
typedef struct api_kept_listing {
    char roster[CR_ROSTER_NAME];
    uint32_t list;
    credit_date since, until;
    char version[CR_VERSION_KEY - CR_SUBJECT_KEY];
} api_kept_listing;

enum { TIER_ROOM = 16 };

/* VERDICT: what was judged of a subject, and for which days it holds. A debtor can stand
 * on one list by hundreds of decisions. All zero is empty; what it owns is used again by
 * who fills it next, and given back by api_verdict_free. */
typedef struct api_verdict {
    uint32_t pack;
    credit_date judged_on, due; /* holds from judged_on to the day before due */
    char tier[TIER_ROOM];
    api_kept_listing *listings; /* owned */
    size_t listing_count, listing_room;
} api_verdict;
void api_verdict_free(api_verdict *verdict);
/* What would be written down of a judgement, as long as no act puts another pack in force. */
CREDIT_MUST_CHECK credit_result api_verdict_of(const cr_judgement *judgement,
    uint32_t pack, credit_date judged_on, api_verdict *verdict, credit_error *err);
/* As VERDICT keeps it: so many bytes, and these. */
size_t api_verdict_size(const api_verdict *verdict);
void api_verdict_encode(const api_verdict *verdict, char *out);
CREDIT_MUST_CHECK credit_result api_verdict_decode(
    credit_span value, api_verdict *verdict, credit_error *err);
/* Is the day on which it falls due noted? True if it never does. */
CREDIT_MUST_CHECK credit_result api_verdict_due_is_noted(cr_txn *txn,
    const cr_subject_key *subject, const api_verdict *verdict, bool *noted, credit_error *err);
/* The roster's place in the pack, -1 if it does not have it. */
int api_kept_roster(const cr_pack *pack, const api_kept_listing *kept);

/* CHANGE: a listing that was entered or left, or a tier that changed; by numbers from 1
 * on, without gaps. */
typedef struct api_change {
    uint32_t commit;
    credit_instant at; /* of the commit */
    credit_date on;
    cr_subject_key subject;
    char kind; /* 'e' entered, 'l' left, 't' tier */
    api_kept_listing listing;
    char tier_before[TIER_ROOM], tier_after[TIER_ROOM];
} api_change;
CREDIT_MUST_CHECK credit_result api_change_put(
    cr_txn *writer, uint64_t number, const api_change *change, credit_error *err);
CREDIT_MUST_CHECK credit_result api_change_decode(
    credit_span value, api_change *change, credit_error *err);
/* The number of the last change; 0 if there is none. */
CREDIT_MUST_CHECK credit_result api_change_last(cr_txn *txn, uint64_t *number, credit_error *err);
/* Opens a walk over CHANGE that stands before the change behind `since`. */
CREDIT_MUST_CHECK credit_result api_changes_open(
    cr_txn *txn, uint64_t since, cr_range *range, credit_error *err);

#endif
