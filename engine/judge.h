/* Judgement: a subject's records → facts → listings → tier → green channel.
 *
 * 1. Pure in its inputs: the same versions, pack and as-of date give the same
 *    judgement, with the same reasons, for ever.
 * 2. Nothing that as-of or known-at hides is seen: of each record the newest
 *    version known by then, and nothing that was decided after the as-of date.
 * 3. A serious entry rests on a decision: document number, date, authority and
 *    basis. One without is a fault of the store, never an answer.
 *    basis: 国办发〔2020〕49号.
 * 4. Every outcome names its rule row, legal basis and the records it rests on.
 * 5. What no rule can decide is review, never a silent yes. */
#ifndef CR_ENGINE_JUDGE_H
#define CR_ENGINE_JUDGE_H

#include "engine/file.h"
#include "engine/ruling.h"

typedef enum cr_effect { CR_EFFECT_REFUSE, CR_EFFECT_GRANT, CR_EFFECT_REVIEW } cr_effect;

typedef struct cr_judgement cr_judgement;

/* What a rule row looked at. */
typedef struct cr_reason_input {
    credit_span expression; /* of the column */
    cr_feel_kind kind;      /* of the value */
    credit_span value;      /* as FEEL's string() gives it */
    credit_span wanted;     /* the cell, of a row that did not speak; else empty */
} cr_reason_input;

/* A row that would grant something, and did not speak: with what kept it from that. */
typedef struct cr_unspoken {
    credit_span rule, text, basis;
    credit_span grant; /* "*": all */
    const cr_reason_input *inputs;
    size_t input_count;
} cr_unspoken;

/* Later days on which something may change, looked at to say when it does: a subject
 * with hundreds of records has hundreds of them. */
enum { CR_JUDGE_DAYS = 4096 };

/* A rule row that spoke. Texts belong to the pack. */
typedef struct cr_reason {
    credit_span rule, text, basis;
    credit_span outcome; /* "grant", "refuse", "review", or the value it gives */
    const cr_fact *const *evidence;
    size_t evidence_count;
    credit_date clears_on; /* first day it no longer speaks; NONE: on none of CR_JUDGE_DAYS */
    int decision;          /* of the pack's model, */
    uint32_t row;          /* whose row this is: several may share a rule id */
    credit_date may_clear; /* no earlier than this; FOREVER: time alone does not */
    const cr_reason_input *inputs; /* only when they were asked for */
    size_t input_count;
} cr_reason;

/* A place on a roster. */
typedef struct cr_listing {
    const cr_roster_def *roster;
    uint16_t roster_index;
    uint32_t list;          /* number of the list code, 0 if the roster is one list */
    credit_span code, domain;
    credit_date since, until; /* until FOREVER: no fixed end */
    const cr_fact *fact;    /* the decision it rests on; NULL if a rule computed it */
    const cr_reason *reason; /* the rule row that spoke; NULL if the roster is no table */
} cr_listing;

typedef struct cr_grant_answer {
    const cr_grant *grant;
    cr_effect given;
    const cr_reason *const *reasons;
    size_t reason_count;
} cr_grant_answer;

struct cr_judgement {
    const cr_fact *facts; /* the records seen, in key order */
    size_t fact_count;
    const cr_fact_subject *subject;
    bool exists; /* the store knows the subject */
    const cr_listing *listings;
    size_t listing_count;
    credit_span tier, inspection;
    const cr_reason *tier_reason; /* NULL: no row gave it */
    const cr_grant_answer *grants; /* only when the green channel was asked for */
    size_t grant_count;
    cr_effect green;
    const cr_reason *const *reasons; /* all of them: grants, tier, listings */
    size_t reason_count;
    const cr_unspoken *unspoken; /* only when inputs were asked for */
    size_t unspoken_count;
    credit_date next_change; /* first later day on which time alone may change it */
};

/* What is asked of a judgement. */
typedef struct cr_judge_question {
    credit_date as_of;
    uint32_t commit;    /* versions up to this commit are known; UINT32_MAX: all */
    bool green_channel; /* judge the grants too */
    bool explain;       /* compute clears_on of the reasons */
    bool inputs;        /* say what rows looked at; by the rules as written, not narrowed */
    credit_span matter; /* empty: any */
    bool bare;          /* reasons are not wanted: outcomes alone */
} cr_judge_question;

typedef struct cr_judge cr_judge; /* one thread's; made for a pack and a registry */

CREDIT_MUST_CHECK credit_result cr_judge_new(const cr_pack *pack, const cr_registry *registry,
    uint32_t pack_number, cr_judge **out, credit_error *err);
void cr_judge_free(cr_judge *judge);

/* Judges a file that was gathered; rules those of its facts that need it. The
 * judgement is the judge's: valid until its next call, while the file is. */
CREDIT_MUST_CHECK credit_result cr_judge_file(cr_judge *judge, cr_file *file,
    const cr_judge_question *question, const cr_judgement **judgement, credit_error *err);

/* The green channel for another matter, of the file that was judged last, without
 * reasons: the rest of its judgement stays what it was. */
CREDIT_MUST_CHECK credit_result cr_judge_matter(cr_judge *judge,
    const cr_judge_question *question, cr_effect *green, credit_error *err);

/* Gathers and judges one subject. `range` walks VERSION in the transaction asked about,
 * and `counting` is of it. The judgement is the judge's: valid until its next call. */
CREDIT_MUST_CHECK credit_result cr_judge_subject(cr_judge *judge, cr_range *range,
    cr_counting *counting, const cr_subject_key *subject, const cr_judge_question *question,
    const cr_judgement **judgement, credit_error *err);

#endif
