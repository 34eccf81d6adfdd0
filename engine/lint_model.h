/* What the files of lint that look into compiled rules share. */
#ifndef CR_ENGINE_LINT_MODEL_H
#define CR_ENGINE_LINT_MODEL_H

#include "engine/lint_internal.h"
#include "engine/model_internal.h"

/* Which values an expression can come to, as far as the rules and the pack say. */
typedef struct cr_values {
    uint8_t kind;      /* cr_feel_kind; ANY: nothing is known */
    uint16_t host;     /* of a HOST */
    bool nullable;     /* null may be among them */
    bool listed;       /* the rest are `items`, no others, */
    bool open;         /* unless what is asked may be anything: rules still name only those */
    bool whole;        /* numbers without decimals */
    bool not_negative; /* numbers from 0 on */
    bool given;        /* what a record or subject says, as it says it */
    const cr_feel_value *items;
    size_t count;
    const struct cr_values *element; /* of a LIST; NULL: unknown */
    const credit_span *names;        /* of a CONTEXT */
    const struct cr_values *const *fields;
    size_t field_count;
} cr_values;

extern const cr_values cr_values_unknown;
/* lint_join.c: NULL, or the unknown ones, when out of memory. */
cr_values *cr_values_new(cr_lint *l, cr_feel_kind kind, bool nullable);
const cr_values *cr_values_plain(cr_lint *l, cr_feel_kind kind, bool nullable);
const cr_values *cr_values_one_of(
    cr_lint *l, cr_feel_kind kind, const cr_feel_value *items, size_t count, bool nullable);
const cr_values *cr_values_list_of(cr_lint *l, const cr_values *element, bool nullable);
const cr_values *cr_values_with_null(cr_lint *l, const cr_values *values, bool nullable);
const cr_values *cr_values_as_given(cr_lint *l, const cr_values *values);
bool cr_values_is_nothing(const cr_values *values);
const cr_values *cr_values_either(cr_lint *l, const cr_values *a, const cr_values *b);

/* The values of an expression in the frame whose slots are described in `slots`. */
typedef struct cr_lint_frame {
    const cr_values **slots; /* NULL: unknown */
    size_t count;
    const cr_expr *known[32]; /* that are not null here */
    size_t known_count;
} cr_lint_frame;

const cr_values *cr_lint_values(cr_lint *l, cr_lint_frame *frame, const cr_expr *node);
const cr_values *cr_lint_decision_values(cr_lint *l, size_t decision);
/* Members of what a path or an item's name goes through: false if there is none such,
 * though all are known. */
bool cr_lint_has_member(cr_lint *l, const cr_values *of, credit_span name);
const cr_values *cr_values_of_type(cr_lint *l, const cr_feel_type *type);
bool cr_lint_frame_open(cr_lint *l, cr_lint_frame *frame, size_t slots);
/* What the iterators of a loop, or the item of a filter, stand for. */
void cr_lint_bind(cr_lint *l, cr_lint_frame *frame, const cr_expr *loop);
/* While the condition has come out `truth`: what is then not null? */
void cr_lint_assume(cr_lint_frame *frame, const cr_expr *condition, bool truth);

/* One table: gaps, overlaps, rows that never count, null rows, annotations. */
void cr_lint_table(cr_lint *l, cr_lint_frame *frame, const cr_table *table);
/* Every expression: members, words, kinds; what is used. */
void cr_lint_names(cr_lint *l);

/* --- covering --------------------------------------------------------------- */

enum { CR_COVER_COLUMNS_MAX = 64 };

/* A box: per column the classes of values that are in it, one bit each. */
typedef struct cr_cover {
    size_t columns;
    const uint64_t *const *rows; /* boxes */
    size_t row_count;
    uint64_t *witness; /* one class of each column, when there is one */
    size_t steps;      /* left */
} cr_cover;

/* Is something of the box in none of the rows? False too when steps ran out (then
 * steps is 0). */
bool cr_cover_escapes(cr_cover *cover, const uint64_t *box);
/* Writes what two boxes share; false if that is nothing. */
bool cr_cover_meet(size_t columns, const uint64_t *a, const uint64_t *b, uint64_t *out);

#endif
