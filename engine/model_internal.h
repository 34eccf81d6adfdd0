/* A compiled model, as engine/decision*.c share it. */
#ifndef CR_ENGINE_MODEL_INTERNAL_H
#define CR_ENGINE_MODEL_INTERNAL_H

#include "engine/decision.h"
#include "engine/feel_internal.h"

typedef struct cr_input {
    credit_span name;
    const cr_feel_type *type;
} cr_input;

typedef struct cr_decision {
    credit_span id, name;
    const cr_feel_type *type; /* declared; any if it is not */
    const cr_expr *body;
    const struct cr_table *table; /* if the body is one */
    uint16_t slots;
    uint64_t line;
} cr_decision;

typedef struct cr_table_input {
    const cr_expr *expression;
    credit_span text;       /* as written, for explanations */
    const cr_expr *allowed; /* tests, NULL = any value */
    const cr_feel_type *type;     /* what the expression yields; if nothing is known, */
    const cr_feel_type *declared; /* what its typeRef says; any if it has none */
    uint16_t slot;
} cr_table_input;

typedef struct cr_table_output {
    credit_span name; /* "" if it is the only one */
    const cr_feel_type *type;
    const cr_expr *const *allowed; /* values in order of priority */
    size_t allowed_count;
    const cr_expr *standard; /* default, NULL = none */
} cr_table_output;

/* How a cell is tested: most compare with a constant, which takes no expression. */
typedef enum cr_cell_form {
    CR_CELL_TEST,     /* as the test says */
    CR_CELL_CONSTANT, /* as the test says, which looks at nothing but constants */
    /* Null does not pass; values of another kind as the test says. */
    CR_CELL_WHOLE, /* a whole number: from low to high */
    CR_CELL_WORD,  /* a string: is the word */
    CR_CELL_FLAG   /* a boolean: is the flag */
} cr_cell_form;

/* A cell that is not "-". */
typedef struct cr_table_cell {
    const cr_expr *test;
    uint16_t input;
    uint8_t form; /* cr_cell_form */
    bool flag;
    int64_t low, high;
    credit_span word;
} cr_table_cell;

typedef struct cr_table_rule {
    credit_span id;
    uint64_t line;
    const cr_table_cell *cells; /* those of `tests` that are not "-", in order */
    size_t cell_count;
    const cr_expr *const *tests;   /* per input; CR_OP_TEST_ANY for "-" */
    const credit_span *texts;      /* per input: the tests as written */
    const cr_expr *const *outputs; /* per output */
    const credit_span *annotations;
} cr_table_rule;

typedef struct cr_table {
    uint64_t line;
    cr_hit_policy policy;
    cr_aggregation aggregation;
    const cr_table_input *inputs;
    size_t input_count;
    const cr_table_output *outputs;
    size_t output_count;
    const credit_span *annotations; /* column names */
    size_t annotation_count;
    const cr_table_rule *rules;
    size_t rule_count;
    const uint32_t *live; /* the rules that can match, in order: all, until narrowed */
    size_t live_count;
    const credit_span *output_names;
    const struct cr_table_index *index; /* of the live rules; NULL: they are few */
    const struct cr_table_map *map;     /* where the value alone is wanted; NULL: there is none */
    bool plain; /* the first match counts, any input is allowed, there is no default */
} cr_table;

/* One evaluation of a table. */
typedef struct cr_table_run {
    const struct cr_table_run *prior;
    const cr_table *table;
    const cr_matched_row *rows; /* that matched */
    size_t row_count;
    const cr_feel_value *inputs; /* per input; null where it was not asked for */
    const cr_unit *input_units;  /* per input */
    const cr_unit *row_units;    /* per matched row: its cells */
} cr_table_run;

struct cr_model {
    cr_arena arena;
    credit_span name;
    const cr_input *inputs;
    size_t input_count;
    cr_decision *decisions;
    size_t decision_count;
    cr_feel_function *knowledge; /* functions as values */
    credit_span *knowledge_names;
    size_t knowledge_count;
    const cr_host_type *hosts;
    size_t host_count;
    bool value_only; /* rows and evidence will not be asked for */
    const cr_warning *warnings;
    size_t warning_count;
};

typedef struct cr_table_index cr_table_index;

/* An index of the table's live rules, NULL where they are few; it lives in the arena.
 * False when out of memory. */
bool cr_table_index_build(cr_arena *arena, const cr_table *table, const cr_table_index **out);
/* The set of the rules that such a value of the input may pass; NULL: nobody knows. */
const uint64_t *cr_table_index_find(
    const cr_table_index *index, size_t input, const cr_feel_value *value);
/* The place in `live`, from `from` on, of the next rule that can still match; with such
 * sets per input, NULL for those not asked for yet. As many as are live: none. */
size_t cr_table_index_next(
    const cr_table_index *index, const uint64_t *const *passing, size_t from);

/* Makes the rule's cells from its tests; false when out of memory. */
bool cr_rule_make_cells(cr_arena *arena, const cr_table *table, cr_table_rule *rule);
/* Does the value pass, as far as the cell's form tells? Unknown: the test must be run.
 * Where it tells, testing would leave no trace. */
static inline cr_truth cr_cell_meets(const cr_table_cell *cell, const cr_feel_value *value)
{
    switch (cell->form) {
    case CR_CELL_WHOLE:
        if (value->kind == CR_FEEL_NUMBER && (value->flags & CR_FEEL_DECIMAL) == 0) {
            return cr_truth_of(value->as.integer >= cell->low && value->as.integer <= cell->high);
        }
        break;
    case CR_CELL_WORD:
        if (value->kind == CR_FEEL_STRING) {
            const credit_span text = {value->as.text, value->n.size};
            return cr_truth_of(cr_span_equal(cell->word, text));
        }
        break;
    case CR_CELL_FLAG:
        if (value->kind == CR_FEEL_BOOLEAN) {
            return cr_truth_of(value->as.boolean == cell->flag);
        }
        break;
    default:
        return CR_UNKNOWN;
    }
    return value->kind == CR_FEEL_NULL ? CR_FALSE : CR_UNKNOWN;
}

/* Does this rule of a table match, whatever the others do? *next_change: the first later
 * day on which that it does may change. */
bool cr_table_rule_matches(cr_eval *eval, const cr_table *table, size_t rule,
    cr_activation *frame, int64_t *next_change);
/* The row as it is told of, with the values of its output cells. */
cr_matched_row cr_table_row(const cr_table *table, size_t index, const cr_feel_value *outputs);

/* The cell that a test makes: in which form it can be tested. */
cr_table_cell cr_cell_of(const cr_expr *test, size_t input);

typedef struct cr_table_map cr_table_map;
enum { CR_PLAIN_INPUTS_MAX = 16 };
/* A map of the table's live rules, NULL where there can be none; it lives in the arena.
 * False when out of memory. */
bool cr_table_map_build(cr_arena *arena, const cr_table *table, const cr_table_map **out);
/* The place in `live` of the first rule that matches, for the model's inputs; as many as are
 * live: none does. False: a value is of a kind that the map does not know. */
bool cr_table_map_find(const cr_table_map *map, const cr_feel_value *inputs, size_t *rule);
/* The value of a table with a map; false: it must be run. */
bool cr_run_mapped_table(cr_eval *eval, const cr_table *table, cr_feel_value *out);

/* Can the table's value be had without its rows? And what it is then. */
bool cr_table_is_plain(const cr_table *table);
cr_feel_value cr_run_plain_table(cr_eval *eval, const cr_table *table, cr_activation *frame);
/* The next place in `live`, from `from` on, of a rule that can still match. */
static inline size_t cr_table_next(
    const cr_table *table, const uint64_t *const *passing, size_t from)
{
    return table->index == NULL ? from : cr_table_index_next(table->index, passing, from);
}

/* Compiles the table; the input values are in slots of the current frame. */
cr_expr *cr_table_compile(cr_compiler *c, const cr_source_table *source);
/* A boxed expression of any kind. */
cr_expr *cr_box_compile(cr_compiler *c, const cr_box *box);
/* The function that a FUNCTION box defines. */
cr_lambda *cr_box_lambda(
    cr_compiler *c, const cr_box *box, credit_span name, const cr_feel_type *result);
/* A typeRef; NULL, with the error, if there is no such type. */
const cr_feel_type *cr_type_resolve(cr_compiler *c, credit_span reference, uint64_t line);
/* Leaves out what the decision does not ask of others; false when out of memory. */
bool cr_model_prune(cr_model *model, int decision);
/* All item definitions of the model, into c->named. */
bool cr_types_compile(cr_compiler *c, const cr_model_source *source);

#endif
