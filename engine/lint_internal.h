/* What the files of lint share. The pack and the compiled rules are never seen by
 * one file: lint_facts.c and lint_subject.c know the pack, the others the rules. */
#ifndef CR_ENGINE_LINT_INTERNAL_H
#define CR_ENGINE_LINT_INTERNAL_H

#include "engine/canon.h"
#include "engine/error.h"
#include "engine/lint.h"
#include "engine/text.h"

struct cr_values; /* engine/lint_model.h */

typedef struct cr_lint {
    const cr_model *model;
    const struct cr_pack *pack; /* NULL: there is none */
    cr_eval *eval;              /* of the model, with the parameters set */
    int policy_input;           /* -1: none */
    cr_feel_value policy;
    void *host_ctx; /* what getters of properties are given */
    cr_arena arena;                      /* lives as long as this */
    const struct cr_values **decisions;  /* by index; NULL: not looked at yet */
    bool *under_way;
    credit_span decision; /* that is being looked at */
    cr_lint_sink *sink;
    void *ctx;
    credit_error *err;
    bool wrong;       /* an error was told */
    credit_result rc; /* sticky: what the sink said, or out of memory */
} cr_lint;

/* Where a finding is. */
typedef struct cr_lint_place {
    credit_span decision; /* "" or nothing: none */
    uint32_t row;         /* from 1; 0: none */
    uint64_t line;
} cr_lint_place;

/* Tells the sink. `example` may be NULL. Both texts end up in the reader's hands:
 * English and Chinese, made by cr_arena_printf, NULL when out of memory. */
void cr_lint_say(cr_lint *l, cr_lint_kind kind, cr_lint_severity severity, cr_lint_place place,
    const cr_canon *example, const char *text, const char *chinese);
void cr_lint_no_memory(cr_lint *l);
/* Gives back what the evaluation took so far: no value of it is needed any more. */
void cr_lint_fresh(cr_lint *l);

/* --- what the pack says: lint_facts.c ------------------------------------------ */

/* Words that a fact can be. */
typedef struct cr_lint_words {
    const credit_span *words;
    size_t count;
    bool nullable;
    bool known; /* rules may name these and no others, */
    bool open;  /* but another one may be asked about */
} cr_lint_words;

/* Sets l->policy and l->host_ctx; false, with what went wrong kept. */
CREDIT_MUST_CHECK bool cr_lint_policy(cr_lint *l);
cr_lint_words cr_lint_property_words(cr_lint *l, uint16_t host, credit_span property);
cr_lint_words cr_lint_matters(cr_lint *l);
bool cr_lint_is_policy(uint16_t host);
/* Does a file of the pack beside its rules name the parameter ("$NAME")? */
bool cr_lint_names_parameter(const struct cr_pack *pack, credit_span name);
/* The decision of the roster if that is a serious one, else ""; false when all were told. */
bool cr_lint_serious_roster(const struct cr_pack *pack, size_t index, credit_span *decision);
/* What the engine reads of the answers of a named decision: a column of texts, and
 * which texts it knows. False when all were told. */
typedef struct cr_lint_answer {
    credit_span decision;
    const char *column;
    bool (*knows)(const struct cr_pack *pack, credit_span word);
} cr_lint_answer;
bool cr_lint_answer_at(const struct cr_pack *pack, size_t index, cr_lint_answer *answer);

/* --- how subjects fare: lint_subject.c ------------------------------------------- */

/* Judges made-up subjects: more bad records, entries of serious rosters. */
void cr_lint_subjects(cr_lint *l);

#endif
