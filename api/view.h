/* A view: one thread's snapshot with what it needs to judge and to read. */
#ifndef CREDIT_API_VIEW_H
#define CREDIT_API_VIEW_H

#include "api/internal.h"
#include "api/packs.h"
#include "api/verdict.h"
#include "engine/judge.h"
#include "engine/whynot.h"

/* A judge of one of the store's packs. */
typedef struct api_bench {
    const api_policy *policy;
    cr_judge *judge;
    cr_whynot *whynot; /* NULL until somebody asks */
    struct api_bench *next;
} api_bench;

struct credit_view {
    credit_store *store;
    cr_txn *txn;
    cr_range versions;
    cr_counting counting;
    api_timeline timeline;
    api_bench *benches;       /* of the packs that were asked for; the one in use: */
    api_bench *bench;
    const api_policy *policy; /* in force on the day asked about last, as known then; */
    cr_judge *judge;          /* and its judge. At first those of the last commit's day */
    cr_arena arena; /* of the last answer */
    credit_answer answer;
};

CREDIT_MUST_CHECK credit_result api_subject_key(const credit_store *store,
    const credit_subject *subject, cr_subject_key *key, credit_error *err);
/* Fills what is asked of the judge from a caller's question, and goes on with the pack
 * in force then. */
CREDIT_MUST_CHECK credit_result api_judge_question(credit_view *view,
    const credit_question *question, cr_judge_question *out, credit_error *err);
/* Goes on with a pack of the store, whatever day it is in force on. */
CREDIT_MUST_CHECK credit_result api_view_use(
    credit_view *view, uint32_t pack_number, credit_error *err);
/* Judges and keeps the judgement valid until the next call on the view. */
CREDIT_MUST_CHECK credit_result api_judge(credit_view *view, const cr_subject_key *key,
    const cr_judge_question *question, const cr_judgement **judgement, credit_error *err);

/* One column of a version, as written; empty if it has none. */
CREDIT_MUST_CHECK credit_result api_version_value(credit_view *view, const cr_version *version, cr_role role, credit_span *value, credit_error *err);

/* What the answer owes to a question that says explain (why.c). Its reasons, grants and
 * lists are filled; its parts are in the view's arena. */
CREDIT_MUST_CHECK credit_result api_fill_inputs(credit_view *view, const cr_reason_input *from,
    size_t count, const credit_input **inputs, credit_error *err);
CREDIT_MUST_CHECK credit_result api_fill_why_not(credit_view *view,
    const cr_judgement *judgement, const cr_judge_question *question, credit_error *err);
/* A record that something rests on. */
CREDIT_MUST_CHECK credit_result api_fill_evidence(
    credit_view *view, const cr_fact *fact, credit_evidence *evidence, credit_error *err);

/* How a subject is named in an answer: a code, or a person's token. */
void api_write_subject(cr_canon *json, const cr_subject_key *key, credit_span name, uint8_t category);

#endif
