/* Whose record is it? The pack's table, compiled: what is known of a row → join its
 * subject, make that known, or wait.
 *
 * 1. The first row of the table that fits decides; what none fits waits.
 * 2. Whatever a pack says, a row never joins anybody by its name alone, nor by a number
 *    that leads to nobody or to several, and a row on a serious list without its
 *    decision never goes in: such a table is refused, not corrected. */
#ifndef CR_ENGINE_MATCHING_H
#define CR_ENGINE_MATCHING_H

#include "engine/arena.h"
#include "engine/identifier.h"

/* What the table may ask; each has a few values, numbered from 0. */
typedef enum cr_match_fact {
    CR_MATCH_CATALOG,    /* cr_catalog_kind */
    CR_MATCH_INTRODUCES, /* does the catalog make subjects known? no, yes */
    CR_MATCH_DECISION,   /* complete; lacking: a serious entry without its decision */
    CR_MATCH_NUMBER,     /* cr_match_number */
    CR_MATCH_LEADS,      /* unified codes behind another number: cr_match_leads */
    CR_MATCH_SUBJECT,    /* cr_match_subject */
    CR_MATCH_NAME,       /* cr_match_name */
    CR_MATCH_CODE,       /* standing; retired by a correction */
    CR_MATCH_FACTS
} cr_match_fact;

typedef enum cr_match_number {
    CR_NUMBER_NONE,
    CR_NUMBER_USCC,
    CR_NUMBER_ORG_CODE,
    CR_NUMBER_REG_NO,
    CR_NUMBER_PERSON
} cr_match_number;
cr_match_number cr_match_number_of(cr_id_kind kind);

typedef enum cr_match_leads { CR_LEADS_NOWHERE, CR_LEADS_TO_ONE, CR_LEADS_TO_SEVERAL } cr_match_leads;

typedef enum cr_match_subject {
    CR_SUBJECT_UNKNOWN,
    CR_SUBJECT_RECORDED,  /* known from records alone */
    CR_SUBJECT_REGISTERED /* known from a register */
} cr_match_subject;

/* Against the subject; DIFFERENT where there is none to compare with. */
typedef enum cr_match_name { CR_NAME_EQUAL, CR_NAME_FORMER, CR_NAME_DIFFERENT } cr_match_name;

typedef enum cr_match_outcome {
    CR_OUTCOME_PARK,
    CR_OUTCOME_JOIN,
    CR_OUTCOME_JOIN_NOTE, /* and the version says how it was joined */
    CR_OUTCOME_INTRODUCE  /* the row makes its subject known */
} cr_match_outcome;

enum {
    CR_MATCH_VALUES = 5,          /* most values of a fact */
    CR_MATCH_ROWS = 64,           /* most rows of a table */
    CR_MATCH_RULE = 8,            /* bytes of a rule id, with its terminator */
    CR_MATCH_CASES = 3 * 2 * 2 * 5 * 3 * 3 * 3 * 2
};

typedef struct cr_match_row {
    credit_span rule, text, basis;
    uint8_t allowed[CR_MATCH_FACTS]; /* a bit for each value of the fact that fits */
    cr_match_outcome outcome;
} cr_match_row;

/* What is known of one row. */
typedef struct cr_match_case {
    uint8_t facts[CR_MATCH_FACTS];
} cr_match_case;

typedef struct cr_matching {
    const cr_match_row *rows;
    size_t row_count;
    const uint8_t *row_of; /* by case: place of its row + 1; 0: none fits. NULL: no table */
} cr_matching;

/* Words of the pack format: names of the facts and of their values; end with NULL. */
extern const char *const cr_match_fact_words[CR_MATCH_FACTS + 1];
extern const char *const cr_match_value_words[CR_MATCH_FACTS][CR_MATCH_VALUES + 1];

/* Fills row_of. False only if memory ran out. */
CREDIT_MUST_CHECK bool cr_matching_compile(cr_matching *matching, cr_arena *arena);
/* Why the table may not be used, and its row that speaks so; NULL: it may. */
const char *cr_matching_fault(const cr_matching *matching, size_t *row);

/* The row that decides: never NULL. */
const cr_match_row *cr_matching_find(const cr_matching *matching, const cr_match_case *c);
/* What a rule that makes rows wait says; empty if the table has no such rule. */
credit_span cr_matching_text(const cr_matching *matching, credit_span rule);

#endif
