/* Narrowing, as its files share it: see decision_narrow.c. */
#ifndef CR_ENGINE_DECISION_NARROW_H
#define CR_ENGINE_DECISION_NARROW_H

#include "engine/model_internal.h"

/* The lowest unbound slot that an expression uses, or one of these. */
enum { CR_NARROW_OUTSIDE = -1, CR_NARROW_CLOSED = INT32_MAX };

typedef struct cr_narrowed {
    const cr_expr *node;
    int32_t reach;
} cr_narrowed;

typedef struct cr_narrower {
    const cr_model *from;
    cr_model *to;
    const cr_known *known;
    size_t known_count;
    bool explained;               /* rows and evidence will be asked for */
    bool *done;                   /* per decision */
    cr_eval *eval;                /* runs what is closed */
    cr_activation frame;          /* its locals; of the decision being narrowed */
    cr_narrowed *held;               /* per slot: a constant or another slot that it is a copy of */
    const cr_known **measured;    /* per slot: what is known of the value in it, or NULL */
    uint16_t *items;              /* per slot: the input, plus 1, of whose list it holds an item */
    uint16_t *sources;            /* per decision: the input, plus 1, from whose list it selects */
    const cr_expr **values;       /* per decision that stays a table: what it gives, if known */
    uint16_t next_slot, slot_end; /* of the frame: for arguments */
    bool in_place;                /* functions may take the place of calls */
    bool too_high;                /* the tree has become so */
    bool failed;                  /* out of memory */
} cr_narrower;

/* --- the walk ------------------------------------------------------------ */

cr_narrowed cr_narrow(cr_narrower *n, const cr_expr *node);
cr_narrowed cr_narrow_kids(cr_narrower *n, const cr_expr *node);
/* All kids; the first `done` of them have been narrowed already. */
cr_narrowed cr_narrow_more_kids(
    cr_narrower *n, const cr_expr *node, const cr_narrowed *first, size_t done);

static inline cr_narrowed cr_narrow_as_is(const cr_expr *node, int32_t reach)
{
    return (cr_narrowed){node, reach};
}

static inline int32_t cr_narrow_lower(int32_t a, int32_t b)
{
    return a < b ? a : b;
}

/* An expression that binds the slots from `first` on. */
static inline cr_narrowed cr_narrow_bound(cr_narrowed expression, uint16_t first)
{
    if (expression.reach >= (int32_t)first) { expression.reach = CR_NARROW_CLOSED; }
    return expression;
}

/* --- nodes and values ---------------------------------------------------- */

/* Memory of the narrowed model; NULL sets `failed`. */
void *cr_narrow_room(cr_narrower *n, size_t count, size_t size);
/* A deep copy of a value; false for what moves with the clock or is code or an object. */
bool cr_narrow_keep(cr_narrower *n, cr_feel_value value, cr_feel_value *out);
cr_narrowed cr_narrow_constant(cr_narrower *n, const cr_expr *node, cr_feel_value value);
/* A node of its own, to give other kids to; NULL when out of memory. */
cr_expr *cr_narrow_copy(cr_narrower *n, const cr_expr *node);
void cr_narrow_put(cr_narrower *n, cr_expr *node, size_t index, const cr_expr *kid);
/* Runs an expression that is closed: it becomes what it gives. */
cr_narrowed cr_narrow_settle(cr_narrower *n, cr_narrowed expression);
/* Before and after something is run by hand. */
void cr_narrow_start(cr_narrower *n);
bool cr_narrow_ran_well(const cr_narrower *n);

/* --- what is known --------------------------------------------------------- */

typedef enum cr_narrow_verdict {
    CR_NARROW_UNDECIDED,
    CR_NARROW_HOLDS,
    CR_NARROW_FAILS
} cr_narrow_verdict;

const cr_known *cr_narrow_find_known(const cr_narrower *n, int input, int property);
/* Is the input (plus 1; 0 is none) known to be a list of objects, not null? */
bool cr_narrow_is_list(const cr_narrower *n, uint16_t source);
/* Limits known of the value of an expression, or NULL. */
const cr_feel_range *cr_narrow_limits(const cr_narrower *n, const cr_expr *node);
/* Does a value within the limits pass the test? */
cr_narrow_verdict cr_narrow_meet(
    cr_narrower *n, const cr_feel_range *limits, const cr_expr *test);
cr_narrowed cr_narrow_input(cr_narrower *n, const cr_expr *node);
cr_narrowed cr_narrow_property(cr_narrower *n, const cr_expr *node);
cr_narrowed cr_narrow_comparison(cr_narrower *n, const cr_expr *node);

/* --- functions and tables ---------------------------------------------------- */

cr_narrowed cr_narrow_knowledge(const cr_narrower *n, const cr_expr *node);
cr_narrowed cr_narrow_call(cr_narrower *n, const cr_expr *node);
/* Not settled: a decision whose rows are asked for stays a table. */
cr_narrowed cr_narrow_table(cr_narrower *n, const cr_expr *node);

#endif
