/* 为什么不: what would turn an answer that is not the best one.
 *
 * A goal is an answer that was not given: the matter eligible, a grant given, a better
 * tier. A change is something that may become of the subject's data: the pack and the
 * record decision say what. A set of changes reaches a goal when judging with it does.
 *
 * 1. Nothing is taken for granted of the rules: a record that is gone may make an answer
 *    worse, and two changes may do together what neither does. So sets are tried one by
 *    one, smaller ones first, and every set that is told was judged.
 * 2. Of a goal the smallest sets are told, by the number of their changes, in the order
 *    of the changes: by the day from which they can be done, then as cr_change_kind has
 *    them, then by catalog, day of decision, commit and row.
 * 3. What was not tried is said: cr_goal.settled. */
#ifndef CR_ENGINE_WHYNOT_H
#define CR_ENGINE_WHYNOT_H

#include "engine/judge.h"

typedef enum cr_change_kind {
    CR_CHANGE_REGISTERED, /* the subject turns out to be in the register, in force: since the
                             pack's earliest day, since today, and since a day not known */
    CR_CHANGE_STATUS,     /* the register's status, which is not known, is that it is in force */
    CR_CHANGE_COVERED,    /* a catalog is complete for the subject, and has no more records of it */
    CR_CHANGE_CONFIRMED,  /* a person confirms the class of a record that was a default */
    CR_CHANGE_REPAIRED,   /* 信用修复: the record counts no longer */
    CR_CHANGE_REMOVED     /* 移出: its body ends the listing, with the day that is asked about */
} cr_change_kind;

typedef struct cr_change {
    cr_change_kind kind;
    const cr_fact *fact; /* which record; NULL: it is about none */
    int catalog;         /* of the record, or the one that is covered; -1: none */
    credit_date from;    /* first day on which it can be done; not before the one asked about */
} cr_change;

typedef struct cr_change_set {
    const cr_change *const *changes;
    size_t count;
} cr_change_set;

typedef enum cr_goal_kind { CR_GOAL_DECISION, CR_GOAL_GRANT, CR_GOAL_TIER } cr_goal_kind;

enum {
    CR_GOAL_SETS = 8,          /* told of a goal, at most */
    CR_WHYNOT_TRIES = 1 << 14, /* judgements, at most: no size is begun that needs more sets */
    CR_WHYNOT_LOOKS = 1 << 19  /* records looked at, at most: beyond 31 there are fewer tries */
};

typedef struct cr_goal {
    cr_goal_kind kind;
    size_t grant;              /* GRANT: which of the judgement's */
    const cr_change_set *sets; /* the first of the smallest that reach it */
    size_t set_count;
    uint64_t set_total; /* how many of that size do */
    bool settled;       /* no set is smaller; without a set: none reaches it */
    credit_date turns_on; /* first day on which time alone does; NONE: it never does, or not
                             on the first CR_JUDGE_DAYS days on which anything may change */
} cr_goal;

typedef struct cr_why_not {
    const cr_change *changes; /* all that may become, in order */
    size_t change_count;
    const cr_goal *goals; /* that the judgement does not reach */
    size_t goal_count;
} cr_why_not;

typedef struct cr_whynot cr_whynot; /* one thread's, as a judge is */

CREDIT_MUST_CHECK credit_result cr_whynot_new(const cr_pack *pack, const cr_registry *registry,
    uint32_t pack_number, cr_whynot **out, credit_error *err);
void cr_whynot_free(cr_whynot *whynot);

/* Asks it of a judgement, with the question that it answers. What comes out lives until
 * the next call, and points at the judgement's facts. */
CREDIT_MUST_CHECK credit_result cr_whynot_ask(cr_whynot *whynot, const cr_judgement *judgement,
    const cr_judge_question *question, const cr_why_not **answer, credit_error *err);

#endif
