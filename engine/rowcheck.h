/* 校验: judges one row by what its catalog says about its columns. Pure.
 *
 * 1. Everything a check needs is in the row, its catalog and its pack; nothing
 *    here reads a clock, a file or a store.
 * 2. The row's values are cleaned first (blank words emptied, numbers' columns
 *    made half-width, long text freed of control codes by its check), then typed, then
 *    judged: first what the schema itself says, then the catalog's checks in
 *    the order of the pack.
 * 3. A finding never holds the value of a personal column; what looks like a
 *    person's number inside any other value is masked.
 * 4. Memory is the row's arena; an ordinary row allocates nothing.
 * basis: domain 2.6; decisions 15, 16. */
#ifndef CR_ENGINE_ROWCHECK_H
#define CR_ENGINE_ROWCHECK_H

#include <regex.h>

#include "engine/memo.h"
#include "engine/pack.h"

enum {
    CR_MESSAGE_MAX = 256,
    CR_RULE_MAX = 16,
    CR_FINDINGS_MAX = 24, /* of one row; the rest is counted, not kept */
    CR_CONDITIONS_MAX = 4 /* of one check; all must hold */
};

/* One thing found wrong with a row. */
typedef struct cr_finding {
    cr_severity severity;
    char rule[CR_RULE_MAX]; /* V01 … V28, or a name: CSV, LIMIT, CHARSET, PATTERN */
    char field[64];         /* column code, "" for the row as a whole */
    char message[CR_MESSAGE_MAX];
} cr_finding;

typedef enum cr_check_kind {
    CR_CHECK_REQUIRED,
    CR_CHECK_EMPTY,
    CR_CHECK_IDENTIFIER,
    CR_CHECK_PREFIX,
    CR_CHECK_ORDER,
    CR_CHECK_NOT_PAST,
    CR_CHECK_KIND_AMOUNT,
    CR_CHECK_KIND_TEXT,
    CR_CHECK_AMOUNT_TEXT,
    CR_CHECK_CHARACTERS,
    CR_CHECK_PUNCTUATION,
    CR_CHECK_NO_PERSONAL_NUMBER,
    CR_CHECK_CODE_DATE,
    CR_CHECK_CODE_REGION,
    CR_CHECK_STATUS_NEEDS_EARLIER,
    CR_CHECK_CONTAINS,
    CR_CHECK_WITHIN,
    CR_CHECK_AGE,
    CR_CHECK_PATTERN, /* from a field's constraints, not named in "checks" */
    CR_CHECK_KINDS
} cr_check_kind;

/* What an identifier column may hold. */
typedef enum cr_id_class {
    CR_ID_CLASS_USCC,
    CR_ID_CLASS_ORG_CODE,
    CR_ID_CLASS_REG_NO,
    CR_ID_CLASS_ANY_ORGANISATION,
    CR_ID_CLASS_PERSONAL,
    CR_ID_CLASSES
} cr_id_class;

typedef enum cr_condition_kind {
    CR_WHEN_BLANK, /* the column is blank */
    CR_WHEN_NOT_BLANK,
    CR_WHEN_IN, /* the column holds one of the words */
    CR_WHEN_HAS /* one of the kinds is among the column's kinds */
} cr_condition_kind;

typedef struct cr_condition {
    cr_condition_kind kind;
    uint16_t field;
    const credit_span *words; /* IN on a column without a code set */
    const uint32_t *numbers;  /* IN on a column with one: the words' numbers */
    size_t count;
    uint32_t kinds; /* HAS, and IN on a column of kinds */
} cr_condition;

/* One check of a catalog, resolved: no name is looked up while rows run. */
typedef struct cr_check {
    cr_check_kind kind;
    cr_severity severity;
    char rule[CR_RULE_MAX];
    cr_condition when[CR_CONDITIONS_MAX];
    size_t when_count;
    const uint16_t *fields; /* the columns judged, one finding each */
    size_t field_count;
    int16_t other; /* the second column of the check, -1 if it has none */
    const credit_span *words;
    size_t word_count;
    const uint32_t *numbers; /* the words as numbers of the column's code set */
    uint32_t kinds;          /* the words as kinds */
    cr_id_class id;
    cr_severity placeholder; /* what a placeholder code is; CR_CLEAN = not special */
    bool negated;            /* prefix: must not start so */
    bool strict;             /* order: equal is wrong too */
    bool cleans;             /* characters, mode long: repaired, never refused */
    uint16_t at;             /* code_date, code_region: byte offset */
    regex_t *pattern;        /* owned; cr_checks_release */
} cr_check;

/* Frees the compiled patterns; the checks themselves are an arena's. */
void cr_checks_release(const cr_check *checks, size_t count);

/* What one column came to. Only the member of its type is meaningful. */
typedef struct cr_typed {
    credit_date date; /* NONE if blank or unreadable, FOREVER if long-term */
    int64_t number;   /* value * 10^scale; -1 if blank or unreadable */
    uint32_t code;    /* number of the word; bits of the words for kinds; 0 if none */
} cr_typed;

/* What texts of one file came to: in columns whose words are kinds and of bodies'
 * numbers, and as patterns of tags. */
typedef struct cr_row_memory {
    cr_memo columns[CR_FIELDS_MAX];
    cr_memo tags[CR_TAGS_MAX];
} cr_row_memory;

/* One row under judgement. Set the first part, then call cr_row_check. */
typedef struct cr_row {
    const cr_pack *pack;
    const cr_catalog *catalog;
    const bool *waived; /* per column: not required in this layout; NULL = none */
    credit_date today;
    cr_arena *arena;
    cr_row_memory *memory; /* of rows of the same catalog before it; NULL = none */
    credit_span *values;   /* one per column, UTF-8; cleaned in place */

    cr_typed typed[CR_FIELDS_MAX];
    cr_category category;                 /* as the row states it, else by the kind of number */
    cr_id subject;                        /* kind UNKNOWN: nothing to go by */
    bool failed;                          /* memory ran out */
    cr_severity needs_earlier;            /* V27: what it is if there is no earlier record */
    cr_finding findings[CR_FINDINGS_MAX]; /* the first error, if any, is [0] */
    size_t finding_count;
    uint32_t errors, warnings; /* all of them, kept or not */
} cr_row;

/* Cleans, types and judges. False only if memory ran out. */
CREDIT_MUST_CHECK bool cr_row_check(cr_row *row);

/* A column whose words are bits, so that it can hold several. */
bool cr_field_has_kinds(const cr_field *field);

/* Adds a finding. `field` is a column of the catalog, -1 for the whole row. */
void cr_row_find(cr_row *row, cr_severity severity, const char *rule, int field, const char *format,
    ...) __attribute__((format(printf, 5, 6)));

/* A value as it may stand in a message: cut, quoted, personal numbers masked;
 * only its length where the column is personal. */
enum { CR_SHOWN_MAX = 160 };
const char *cr_row_show(const cr_row *row, size_t field, char out[CR_SHOWN_MAX]);

/* Sets category and subject (rowcheck_subject.c). basis: V04, V06 */
void cr_row_judge_subject(cr_row *row);

/* The catalog's own checks (rowrules.c). */
void cr_row_apply_checks(cr_row *row);

#endif
