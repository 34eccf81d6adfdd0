/* 查错: is a policy pack sound, before anybody is judged by it?
 *
 * 1. Pure: the pack alone is looked at, no store, no clock.
 * 2. A finding of kind error or warning comes with an example wherever there is an
 *    input that shows it, and the example was tried with the evaluator that judges.
 * 3. What could not be decided is said as a note, never as a finding.
 * 4. Columns of a table are taken as independent of each other. The parameters have
 *    the values that the pack gives them, except where one is a column itself.
 * 5. No law is known here: which words, facts, rosters and parameters there are is
 *    the pack's, and so is which tier is better. */
#ifndef CR_ENGINE_LINT_H
#define CR_ENGINE_LINT_H

#include "engine/decision.h"

struct cr_pack; /* engine/pack.h */

typedef enum cr_lint_kind {
    CR_LINT_GAP,         /* no row takes an input, and there is no default */
    CR_LINT_OVERLAP,     /* two rows take it and may not, or do not agree */
    CR_LINT_UNREACHABLE, /* a row that never counts */
    CR_LINT_TYPE,        /* kinds of values that can never meet; a value that is not allowed */
    CR_LINT_NAME,        /* a member that its object does not have */
    CR_LINT_WORD,        /* a text that is no word of the code set it is compared with */
    CR_LINT_NULL_ROW,    /* an input may be unknown, and no row says what then */
    CR_LINT_ANNOTATION,  /* rule, text or basis is missing */
    CR_LINT_ROW_ID,      /* a row's id stands twice */
    CR_LINT_PARAMETER,   /* a parameter that no rule uses */
    CR_LINT_UNUSED,      /* a decision or a column that nothing asks for */
    CR_LINT_MONOTONE,    /* one more bad record betters a tier or gives back a grant */
    CR_LINT_SERIOUS,     /* a serious roster entered without a decision of such a list */
    CR_LINT_UNREADABLE,  /* it cannot be read: the caller's, who reads it */
    CR_LINT_KINDS
} cr_lint_kind;

typedef enum cr_lint_severity { CR_LINT_NOTE, CR_LINT_WARNING, CR_LINT_ERROR } cr_lint_severity;

/* Spans are valid during the sink's call. */
typedef struct cr_lint_finding {
    cr_lint_kind kind;
    cr_lint_severity severity;
    credit_span decision; /* "" if it is about none */
    uint32_t row;         /* of its table, from 1; 0: none */
    uint64_t line;        /* of the rules' file; 0: none */
    const char *text, *chinese;
    credit_span example; /* a JSON object, "" if there is none */
} cr_lint_finding;

typedef credit_result cr_lint_sink(void *ctx, const cr_lint_finding *finding, credit_error *err);

const char *cr_lint_kind_word(cr_lint_kind kind);
const char *cr_lint_severity_word(cr_lint_severity severity);

/* Every finding about the model goes to the sink. `pack` says which parameters, words
 * and decisions there are, and where the rules have no error subjects are judged; NULL: the
 * model by itself.
 * CREDIT_E_NOMEM; what the sink returns, when that is not CREDIT_OK. */
CREDIT_MUST_CHECK credit_result cr_lint_model(const cr_model *model,
    const struct cr_pack *pack, cr_lint_sink *sink, void *ctx, credit_error *err);

#endif
