/* DMN decision graphs: a model is compiled once and evaluated many times.
 *
 * basis: OMG DMN 1.5, clauses 6, 7, 8 and 10.
 *
 * 1. A model is immutable once compiled: any number of threads share it.
 * 2. A cr_eval belongs to one thread. It is reset between subjects and asks
 *    for no memory once it has grown to what a subject needs.
 * 3. Within one evaluation a decision is computed at most once.
 * 4. What is not supported, unknown or malformed is refused when the model is
 *    compiled. At run time an error gives null, as FEEL says, and is noted.
 * 5. The answer holds for every clock date from the one given up to, but not
 *    including, cr_eval_next_change: see there.
 *
 * How the judge uses it:
 *
 *     cr_eval_reset(eval, host_ctx);
 *     cr_eval_set_clock(eval, as_of_input, as_of);
 *     cr_eval_set(eval, records_input, cr_feel_hosts(RECORD_TYPE, pointers, count));
 *     rc = cr_eval_decide(eval, tier_decision, &value, err);
 *     count = cr_eval_rows(eval, tier_decision, &rows);
 *     for each row: cr_eval_evidence(eval, tier_decision, row, &objects, &object_count, err); */
#ifndef CR_ENGINE_DECISION_H
#define CR_ENGINE_DECISION_H

#include "engine/feel.h"

/* --- the model as it is written (loaders/dmn.c fills it) ---------------- */

typedef enum cr_hit_policy {
    CR_HIT_UNIQUE,
    CR_HIT_ANY,
    CR_HIT_FIRST,
    CR_HIT_PRIORITY,
    CR_HIT_RULE_ORDER,
    CR_HIT_OUTPUT_ORDER,
    CR_HIT_COLLECT
} cr_hit_policy;

typedef enum cr_aggregation {
    CR_COLLECT_LIST,
    CR_COLLECT_SUM,
    CR_COLLECT_MIN,
    CR_COLLECT_MAX,
    CR_COLLECT_COUNT
} cr_aggregation;

/* A text of the file and the line it starts on. */
typedef struct cr_source_text {
    credit_span text; /* empty: not given */
    uint64_t line;
} cr_source_text;

typedef struct cr_source_column {
    credit_span name;          /* output: may be empty; input: label, may be empty */
    cr_source_text expression; /* input only */
    credit_span type_ref;
    cr_source_text allowed;  /* inputValues, outputValues */
    cr_source_text standard; /* output only: defaultOutputEntry */
    uint64_t line;
} cr_source_column;

typedef struct cr_source_rule {
    credit_span id;
    uint64_t line;
    const cr_source_text *tests;    /* per input */
    const cr_source_text *outputs;  /* per output */
    const credit_span *annotations; /* per annotation column */
} cr_source_rule;

typedef struct cr_source_table {
    uint64_t line;
    cr_hit_policy policy;
    cr_aggregation aggregation;
    const cr_source_column *inputs;
    size_t input_count;
    const cr_source_column *outputs;
    size_t output_count;
    const credit_span *annotations; /* column names */
    size_t annotation_count;
    const cr_source_rule *rules;
    size_t rule_count;
} cr_source_table;

typedef enum cr_box_kind {
    CR_BOX_LITERAL,     /* text */
    CR_BOX_TABLE,       /* table */
    CR_BOX_INVOCATION,  /* kids[0] function, kids[i] the argument names[i] */
    CR_BOX_CONTEXT,     /* kids[i] the entry names[i]; the last may have no name: the result */
    CR_BOX_LIST,        /* kids */
    CR_BOX_RELATION,    /* names: columns; kids: cells by row */
    CR_BOX_FUNCTION,    /* names, types: parameters; kids[0] body */
    CR_BOX_CONDITIONAL, /* kids: if, then, else */
    CR_BOX_FILTER,      /* kids: in, match */
    CR_BOX_FOR,         /* names[0] variable; kids: in, return */
    CR_BOX_SOME,        /* names[0] variable; kids: in, satisfies */
    CR_BOX_EVERY
} cr_box_kind;

/* A boxed expression. */
typedef struct cr_box {
    cr_box_kind kind;
    uint64_t line;
    credit_span type_ref;
    credit_span text;
    const cr_source_table *table;
    const credit_span *names;
    const credit_span *types; /* typeRefs beside the names; FUNCTION and CONTEXT */
    size_t name_count;
    struct cr_box *const *kids;
    size_t kid_count;
} cr_box;

/* An item definition or one of its components. */
typedef struct cr_source_item {
    credit_span name, type_ref;
    bool collection;
    cr_source_text allowed;
    const struct cr_source_item *components;
    size_t component_count;
    uint64_t line;
} cr_source_item;

typedef struct cr_source_input {
    credit_span id, name, type_ref;
    uint64_t line;
    credit_span description; /* for people; empty: none */
} cr_source_input;

/* A decision or a business knowledge model (its box is then a FUNCTION). */
typedef struct cr_source_decision {
    credit_span id, name, type_ref;
    const credit_span *requires; /* ids of inputs, decisions, knowledge models */
    size_t require_count;
    const cr_box *box;
    uint64_t line;
    credit_span description; /* for people; empty: none */
} cr_source_decision;

typedef struct cr_model_source {
    credit_span name;
    const cr_source_item *items;
    size_t item_count;
    const cr_source_input *inputs;
    size_t input_count;
    const cr_source_decision *decisions;
    size_t decision_count;
    const cr_source_decision *knowledge;
    size_t knowledge_count;
} cr_model_source;

/* --- compiling ---------------------------------------------------------- */

/* An input whose value will be a host object, or a list of them. */
typedef struct cr_host_binding {
    credit_span input;
    uint16_t host; /* index into hosts */
    bool list;
} cr_host_binding;

typedef struct cr_model_options {
    const cr_host_type *hosts;
    size_t host_count;
    const cr_host_binding *bindings; /* for inputs that the model may or may not have */
    size_t binding_count;
} cr_model_options;

typedef struct cr_model cr_model;

/* Everything is copied. `options` may be NULL: no host objects.
 * CREDIT_E_PACK with the line and what it is about; CREDIT_E_NOMEM. */
CREDIT_MUST_CHECK credit_result cr_model_compile(const cr_model_source *source,
    const cr_model_options *options, cr_model **out, credit_error *err);
void cr_model_free(cr_model *model);

/* Index by name (or, for a decision, by id); -1 if the model has none such. */
int cr_model_decision(const cr_model *model, credit_span name);
int cr_model_input(const cr_model *model, credit_span name);
size_t cr_model_decision_count(const cr_model *model);
size_t cr_model_input_count(const cr_model *model);
credit_span cr_model_decision_name(const cr_model *model, int decision);
credit_span cr_model_input_name(const cr_model *model, int input);

/* Doubts found while compiling (calls and comparisons that can only give
 * null, …): for `rules lint`. */
size_t cr_model_warning_count(const cr_model *model);
credit_span cr_model_warning(const cr_model *model, size_t index, uint64_t *line);

/* Is the decision's logic a decision table? Then its columns. */
bool cr_model_is_table(const cr_model *model, int decision);
size_t cr_model_output_count(const cr_model *model, int decision);
credit_span cr_model_output_name(const cr_model *model, int decision, size_t output);

/* What a value of a declared type looks like, to read one from elsewhere. */
struct cr_feel_type;
const struct cr_feel_type *cr_model_input_type(const cr_model *model, int input);
cr_feel_kind cr_type_kind(const struct cr_feel_type *type); /* ANY if nothing is known */
const struct cr_feel_type *cr_type_item(const struct cr_feel_type *type); /* of a list */
/* Of a context's entry; a type that is ANY if it is not declared. */
const struct cr_feel_type *cr_type_member(const struct cr_feel_type *type, credit_span name);

/* --- narrowing ---------------------------------------------------------- */

/* Something about an input that is the same in every evaluation to come: the
 * value of one property of its host object, or of the input itself; limits that
 * the property's value keeps within; or, of a list of host objects, the values that
 * the property has among them. */
typedef struct cr_known {
    int input;
    int property; /* index in the input's host type, or CR_KNOWN_WHOLE */
    cr_feel_value value;         /* of a list: the LIST of those that occur */
    const cr_feel_range *within; /* of a property: not null, and in here; NULL: it is `value` */
} cr_known;

enum { CR_KNOWN_WHOLE = -1 };

/* Computes beforehand what rests on the known values alone. Wherever they hold,
 * the narrowed model gives what `model` gives, and notes the same errors. With
 * `decision` -1 it can be asked for every decision, and gives the same rows and,
 * as long as nothing known is evidence itself, the same evidence. With one named,
 * it is for the value of that one alone. The values are copied; `model`
 * must outlive it. CREDIT_E_NOMEM. */
CREDIT_MUST_CHECK credit_result cr_model_narrow(const cr_model *model, int decision,
    const cr_known *known, size_t count, cr_model **out, credit_error *err);

/* Do two narrowings of one model compute the same for the decision, in the same
 * way? They may and yet not be found to. */
bool cr_model_same(const cr_model *a, const cr_model *b, int decision);
/* The same for narrowings that are the same. */
uint64_t cr_model_hash(const cr_model *model, int decision);

/* What narrowings of one model have in common: a decision that came to the same in
 * several is kept once, so that what is used again and again is little, and stays near
 * the processor. */
typedef struct cr_model_stock cr_model_stock;
CREDIT_MUST_CHECK credit_result cr_model_stock_new(
    const cr_model *model, cr_model_stock **out, credit_error *err);
void cr_model_stock_free(cr_model_stock *stock);
/* Takes from the stock what the narrowed model has in common with those before it, and
 * adds the rest. All of them must live as long as each is used. CREDIT_E_NOMEM. */
CREDIT_MUST_CHECK credit_result cr_model_share(
    cr_model_stock *stock, cr_model *model, credit_error *err);

/* Which decisions use the input, by themselves or through others: a flag each. They
 * live in the arena. CREDIT_E_NOMEM. */
CREDIT_MUST_CHECK credit_result cr_model_users(
    const cr_model *model, int input, cr_arena *arena, const bool **users, credit_error *err);

/* Which properties of the input's host object the decision can read; all, if it
 * uses the object as such. The list lives in the arena. CREDIT_E_NOMEM. */
CREDIT_MUST_CHECK credit_result cr_model_reads(const cr_model *model, int decision, int input,
    cr_arena *arena, const uint16_t **properties, size_t *count, credit_error *err);

/* A property of an input's host object, and the dates or numbers that it is
 * compared with, ascending. */
typedef struct cr_measure {
    uint16_t property;
    const cr_feel_value *limits;
    size_t limit_count;
} cr_measure;

/* Those of the decision. They live in the arena and the model. CREDIT_E_NOMEM. */
CREDIT_MUST_CHECK credit_result cr_model_measures(const cr_model *model, int decision, int input,
    cr_arena *arena, const cr_measure **measures, size_t *count, credit_error *err);
/* How a value lies to the limits, counted from 0: below the first, on it, between
 * it and the second, …, above the last. SIZE_MAX: it is of another kind. */
size_t cr_measure_place(const cr_measure *measure, cr_feel_value value);
/* What is known of a value in that place: for cr_known.within. */
cr_feel_range cr_measure_range(const cr_measure *measure, size_t place);

/* --- evaluating --------------------------------------------------------- */

CREDIT_MUST_CHECK credit_result cr_eval_new(
    const cr_model *model, cr_eval **out, credit_error *err);
void cr_eval_free(cr_eval *eval);

/* Forgets inputs, values, errors; keeps its memory. `host_ctx` is passed to
 * the getters of host types. */
void cr_eval_reset(cr_eval *eval, void *host_ctx);
/* Goes on with another narrowing of the model it was made with, or with that
 * itself; resets. */
void cr_eval_use(cr_eval *eval, const cr_model *model, void *host_ctx);
/* Memory that lives until the next reset. */
cr_arena *cr_eval_arena(cr_eval *eval);
/* False once memory or a limit has run out since the last reset. */
bool cr_eval_is_sound(const cr_eval *eval);

/* Inputs not set are null. Before the first cr_eval_decide after a reset. An
 * index of -1 is ignored: a model need not have every input. */
void cr_eval_set(cr_eval *eval, int input, cr_feel_value value);
/* All inputs at once, in the model's order. */
void cr_eval_set_all(cr_eval *eval, const cr_feel_value *values);
/* As cr_eval_set, but a value that does not conform to the input's declared
 * type becomes null and an error is noted. */
void cr_eval_give(cr_eval *eval, int input, cr_feel_value value);
/* The input is the clock: a date whose later values matter. One at most. */
void cr_eval_set_clock(cr_eval *eval, int input, credit_date as_of);
/* Goes on to a later day with the inputs as they are: as a reset would, but what has
 * not changed by then is not computed again, nor are its errors noted anew. False: it
 * cannot, and a reset is needed. */
bool cr_eval_move_clock(cr_eval *eval, credit_date as_of);
/* Gives an input another value, the other inputs as they are: as a reset would, but only
 * what uses the input (see cr_model_users) is computed again, by `model`: another
 * narrowing of the same rules, to whatever is so now. False: as above. */
bool cr_eval_change(
    cr_eval *eval, const cr_model *model, int input, cr_feel_value value, const bool *users);
/* Whether evidence will be asked for. After a reset it will, unless the model was narrowed
 * to one decision. */
void cr_eval_keep_evidence(cr_eval *eval, bool keep);

/* CREDIT_OK with the value (null after a FEEL error); CREDIT_E_LIMIT when the
 * evaluation takes too much, CREDIT_E_NOMEM: then nothing of it can be used. */
CREDIT_MUST_CHECK credit_result cr_eval_decide(
    cr_eval *eval, int decision, cr_feel_value *out, credit_error *err);

/* The first day after the clock on which some comparison that was evaluated
 * since the reset comes out differently; CREDIT_DATE_FOREVER if none does.
 * Uses of the clock that are no comparison count as: tomorrow. */
credit_date cr_eval_next_change(const cr_eval *eval);
/* The same for one decision that was evaluated, with all it rests on. */
credit_date cr_eval_decision_next_change(const cr_eval *eval, int decision);

/* The first later day on which a matched row (counted from 0 within
 * cr_eval_rows) may stop matching: of the inputs and cells it tested where rows
 * stand alone (collect, rule and output order), else of the decision. */
credit_date cr_eval_row_next_change(const cr_eval *eval, int decision, size_t row);
/* Does the row of that number (1-based, in its table) match on the day that is set, and
 * until when at least? Where rows stand alone, nothing else is evaluated for it. */
CREDIT_MUST_CHECK credit_result cr_eval_ask_row(cr_eval *eval, int decision, uint32_t number,
    bool *matches, credit_date *next_change, credit_error *err);

/* A row that matched. Borrowed until the reset. */
typedef struct cr_matched_row {
    uint32_t number; /* 1-based place in its table */
    credit_span rule_id;
    uint64_t line;
    const credit_span *annotation_names;
    const credit_span *annotations;
    size_t annotation_count;
    const credit_span *output_names; /* "" for a single one without a name */
    const cr_feel_value *outputs;
    size_t output_count;
} cr_matched_row;

/* The rows that matched in the decision's table, in the order in which they
 * count: for a single result the first is the one that gave it, for priority
 * and output order they are sorted by rank. None if it has no table, was not
 * evaluated, or only its default applied. Returns their number. */
size_t cr_eval_rows(const cr_eval *eval, int decision, const cr_matched_row **rows);
/* The text of an annotation column of the row; empty if there is none. */
credit_span cr_row_annotation(const cr_matched_row *row, const char *name);
cr_feel_value cr_row_output(const cr_matched_row *row, const char *name);

/* The host objects (of types with `evidence`) that the row's tested inputs
 * rest on: what filters let through and what decisions drew from, across the
 * graph, each object once; never a list as it was given. `row` counts from 0
 * within cr_eval_rows. */
CREDIT_MUST_CHECK credit_result cr_eval_evidence(cr_eval *eval, int decision, size_t row,
    const void *const **objects, size_t *count, credit_error *err);
/* The same for all that a decision's value rests on. */
CREDIT_MUST_CHECK credit_result cr_eval_decision_evidence(
    cr_eval *eval, int decision, const void *const **objects, size_t *count, credit_error *err);

/* An input column that the row tested: its expression and what it was. */
typedef struct cr_tested {
    credit_span expression;
    cr_feel_value value;
} cr_tested;

CREDIT_MUST_CHECK credit_result cr_eval_tested(cr_eval *eval, int decision, size_t row,
    const cr_tested **out, size_t *count, credit_error *err);

/* A column that kept a row from matching: its expression, what it was, and the cell. */
typedef struct cr_unmet_test {
    credit_span expression, test;
    cr_feel_value value;
} cr_unmet_test;

/* A row that did not match. Outputs that have to be computed are null. */
typedef struct cr_unmet_row {
    cr_matched_row row;
    const cr_unmet_test *tests;
    size_t test_count;
} cr_unmet_row;

/* The rows of the decision that did not match, with every test that did not pass; none
 * if it is no table or was not evaluated. After all else that is asked of the
 * evaluation: it looks at columns that were not needed. */
CREDIT_MUST_CHECK credit_result cr_eval_unmet(cr_eval *eval, int decision,
    const cr_unmet_row **rows, size_t *count, credit_error *err);

/* FEEL errors since the reset, the first few of them: which decision
 * (-1: an input), and what. */
size_t cr_eval_error_count(const cr_eval *eval);
credit_span cr_eval_error(const cr_eval *eval, size_t index, int *decision);

#endif
