/* What the files of the rule engine share among themselves: the compiled tree,
 * the parser's view of names, the state of an evaluation.
 *
 * Names are resolved when an expression is compiled: a name becomes the index
 * of an input, a decision, a function or a slot of the frame it runs in. Each
 * function body and each decision has one frame; a function that uses a name
 * of the frame around it takes a copy of the value (values never change). */
#ifndef CR_ENGINE_FEEL_INTERNAL_H
#define CR_ENGINE_FEEL_INTERNAL_H

#include "engine/feel.h"
#include "engine/text.h"

/* --- types ------------------------------------------------------------- */

struct cr_lambda;

typedef struct cr_feel_type {
    uint8_t kind;     /* cr_feel_kind; CR_FEEL_ANY says nothing; never CR_FEEL_HOSTS */
    uint16_t host;    /* of CR_FEEL_HOST */
    bool open;        /* CONTEXT: may have other entries than these */
    credit_span name; /* of an item definition, for messages */
    const struct cr_feel_type *element; /* LIST, RANGE; NULL = any */
    const struct cr_feel_field *fields; /* CONTEXT */
    size_t field_count;
    const struct cr_lambda *allowed; /* tests that every value (item) passes; NULL = all */
} cr_feel_type;

typedef struct cr_feel_field {
    credit_span name;
    const cr_feel_type *type;
} cr_feel_field;

extern const cr_feel_type cr_type_any;
/* The constant type of a simple kind. */
const cr_feel_type *cr_type_of_kind(cr_feel_kind kind);

/* --- the compiled tree ------------------------------------------------- */

typedef enum cr_op {
    CR_OP_CONSTANT,  /* value */
    CR_OP_INPUT,     /* index */
    CR_OP_DECISION,  /* index */
    CR_OP_KNOWLEDGE, /* index of a business knowledge model */
    CR_OP_LOCAL,     /* index: slot of the frame */
    CR_OP_CAPTURE,   /* index: captured value of the function */
    CR_OP_ITEM_NAME, /* kids[0] item, kids[1] what the name means otherwise (or NULL); name */
    CR_OP_PROPERTY,  /* kids[0].property index of a host type known when compiled */
    CR_OP_PATH,      /* kids[0].name; index: where a context is likely to have it */
    CR_OP_ADD,
    CR_OP_SUB,
    CR_OP_MUL,
    CR_OP_DIV,
    CR_OP_POW,
    CR_OP_NEG,
    CR_OP_AND,
    CR_OP_OR,
    CR_OP_LT,
    CR_OP_LE,
    CR_OP_GT,
    CR_OP_GE,
    CR_OP_EQ,
    CR_OP_NE,
    CR_OP_BETWEEN,  /* kids: value, low, high */
    CR_OP_IN,       /* kids[0] value, kids[1] test */
    CR_OP_INSTANCE, /* kids[0]; asked */
    CR_OP_IF,       /* kids: condition, then, else */
    CR_OP_FOR,      /* kids: iterators…, result; slots: theirs, then that of `partial` */
    CR_OP_SOME,
    CR_OP_EVERY,    /* kids: iterators…, condition; slots */
    CR_OP_FILTER,   /* kids: list, condition; index = slot of the item */
    CR_OP_LIST,     /* kids: items */
    CR_OP_CONTEXT,  /* kids: entries, and the result if the flag says so; context */
    CR_OP_RANGE,    /* kids: low, high (NULL = open); flag bits 1, 2 = included */
    CR_OP_CALL,     /* kids[0] function, the rest arguments; names if they are named */
    CR_OP_BUILTIN,  /* kids: arguments; builtin */
    CR_OP_FUNCTION, /* lambda */
    CR_OP_ONCE,     /* kids[0], once per run of the loop around; index = slot */
    CR_OP_FAIL,     /* null, and `name` is the reason */
    CR_OP_TABLE,    /* table */
    CR_OP_RELATION, /* kids: cells by row; names: columns */
    /* Unary tests: the value under test is in the slot `index` of the frame. */
    CR_OP_TEST_ANY,     /* - */
    CR_OP_TEST_COMPARE, /* operation in flag; kids[0] */
    CR_OP_TEST_VALUE,   /* kids[0]: equal, member of, or in range */
    CR_OP_TEST_TRUE,    /* kids[0] uses `?`: it is the answer */
    CR_OP_TEST_LIST,    /* kids: one of them holds */
    CR_OP_TEST_NOT      /* kids[0] does not hold */
} cr_op;

static inline bool cr_op_compares(cr_op op)
{
    return op >= CR_OP_LT && op <= CR_OP_NE;
}

/* Flags of a node. */
enum {
    CR_EXPR_INNER = 1,  /* source of a filter or a loop: what it yields is no evidence itself */
    CR_EXPR_RESULT = 2, /* CONTEXT: the last kid is the result */
    CR_EXPR_LOW = 4,    /* RANGE: low end included */
    CR_EXPR_HIGH = 8    /* RANGE: high end included */
};

typedef struct cr_expr {
    uint8_t op; /* cr_op */
    uint8_t flags;
    uint8_t test; /* cr_op of TEST_COMPARE */
    uint16_t index;
    uint16_t height;                 /* of the tree below: bounds the evaluator's recursion */
    uint16_t once_first, once_count; /* filters and loops: slots of their ONCE nodes */
    uint32_t count;                  /* kids */
    struct cr_expr **kids;
    const cr_feel_type *type; /* what it yields, as far as known */
    union {
        cr_feel_value value;
        credit_span name;
        const credit_span *names;
        const uint16_t *slots; /* of the variables of a loop */
        const struct cr_context_code *context;
        const cr_feel_type *asked; /* by INSTANCE */
        const struct cr_builtin *builtin;
        const struct cr_lambda *lambda;
        const struct cr_table *table;
    } as;
} cr_expr;

/* Names of a context's entries, and the slots that later entries see them in. */
typedef struct cr_context_code {
    const credit_span *names;
    const uint16_t *slots;
    size_t count;
} cr_context_code;

typedef struct cr_capture {
    bool local; /* from the frame around, else from its captures */
    uint16_t index;
} cr_capture;

/* A function as it was compiled. */
typedef struct cr_lambda {
    credit_span name;              /* "" for one without a name */
    const credit_span *parameters; /* slots 0 … parameter_count - 1 */
    const cr_feel_type *const *types;
    size_t parameter_count;
    const cr_feel_type *result;
    const cr_expr *body;
    const cr_capture *captures;
    size_t capture_count;
    uint16_t slots;
} cr_lambda;

/* A function as a value: code and what it closed over, or a built-in. */
typedef struct cr_feel_function {
    const cr_lambda *lambda;
    const cr_feel_value *captured;
    const struct cr_builtin *builtin;
} cr_feel_function;

/* --- built-in functions ------------------------------------------------ */

typedef cr_feel_value cr_builtin_body(cr_eval *eval, const cr_feel_value *args, size_t count);

enum {
    CR_BUILTIN_CLOCK = 1, /* knows what to do with clock dates */
    CR_BUILTIN_FOLD = 2,  /* a constant when its arguments are */
    CR_BUILTIN_SAME = 4,  /* yields the type of its first argument */
    CR_BUILTIN_ITEM = 8   /* yields an item of its first argument */
};

enum { CR_ARGUMENTS_MAX = 8 };

typedef struct cr_builtin {
    const char *name;
    const char *parameters; /* "from|year,month,day": ways to call it; ? optional, * any number */
    cr_builtin_body *body;
    uint8_t result; /* cr_feel_kind, ANY if it varies */
    uint8_t flags;
} cr_builtin;

/* The tables, one per file; each ends with a NULL name. */
extern const cr_builtin cr_builtins_text[];
extern const cr_builtin cr_builtins_list[];
extern const cr_builtin cr_builtins_time[];
extern const cr_builtin cr_builtins_range[];
/* Can it be called with that many arguments, in order? */
bool cr_builtin_accepts(const cr_builtin *builtin, size_t count);
enum { CR_BUILTIN_TABLES = 4 };
extern const cr_builtin *const cr_builtin_tables[CR_BUILTIN_TABLES];

/* --- compiling --------------------------------------------------------- */

typedef enum cr_variable_kind {
    CR_VARIABLE_LOCAL,
    CR_VARIABLE_INPUT,
    CR_VARIABLE_DECISION,
    CR_VARIABLE_KNOWLEDGE
} cr_variable_kind;

typedef struct cr_variable {
    credit_span name; /* normal form: blanks single, none at the ends */
    cr_variable_kind kind;
    uint16_t index;
    const cr_feel_type *type;
} cr_variable;

typedef struct cr_frame {
    struct cr_frame *outer;
    uint16_t slots; /* used so far */
    cr_capture *captures;
    size_t capture_count, capture_room;
} cr_frame;

/* Names that an expression can use, innermost first. */
typedef struct cr_scope {
    struct cr_scope *outer;
    cr_frame *frame;
    cr_variable *variables;
    size_t count, room;
    const cr_feel_type *item; /* of a filter: its properties are names; NULL = no filter */
    uint16_t item_slot;
} cr_scope;

/* Something doubtful found while compiling. */
typedef struct cr_warning {
    uint64_t line;
    credit_span message;
} cr_warning;

/* State of compiling one model, shared by all its expressions. */
typedef struct cr_compiler {
    cr_arena *arena; /* of the model */
    const cr_host_type *hosts;
    size_t host_count;
    const cr_feel_type *host_types; /* one per host */
    const cr_feel_type **named;     /* item definitions */
    size_t named_count;
    credit_error *err;
    cr_frame *frame;
    cr_scope *scope;
    uint32_t depth;
    uint64_t line;       /* where the current expression starts */
    const char *element; /* what it belongs to, for messages */
    /* Doubts found on the way: see cr_model_warning. */
    cr_warning *warnings;
    size_t warning_count, warning_room;
} cr_compiler;

/* Each returns NULL after filling the error. */
cr_expr *cr_feel_compile(cr_compiler *c, credit_span text, uint64_t line);
/* A cell: unary tests of the value in `slot`, which `?` names. */
cr_expr *cr_feel_compile_tests(
    cr_compiler *c, credit_span text, uint64_t line, uint16_t slot, const cr_feel_type *type);
const cr_feel_type *cr_feel_compile_type(cr_compiler *c, credit_span text, uint64_t line);

cr_expr *cr_expr_new(cr_compiler *c, cr_op op, size_t kids);
cr_expr *cr_expr_fail(cr_compiler *c, const char *reason);
/* Gives the node a kid; NULL, with the error, if the tree grows too high. */
cr_expr *cr_expr_set(cr_compiler *c, cr_expr *node, size_t index, cr_expr *kid);
/* Marks what a filter or loop need compute only once: it is complete, and all
 * slots from `limit` on are its own. NULL with the error set. */
cr_expr *cr_expr_hoist(cr_compiler *c, cr_expr *loop, uint16_t limit);
void cr_scope_push(cr_compiler *c, cr_scope *scope);
void cr_scope_pop(cr_compiler *c);
bool cr_scope_add(cr_compiler *c, credit_span name, cr_variable_kind kind, uint16_t index,
    const cr_feel_type *type);
/* A new slot of the current frame; UINT16_MAX when there are too many. */
uint16_t cr_slot_new(cr_compiler *c);
/* Name in normal form, in the compiler's arena; .data NULL if it is no name. */
credit_span cr_name_normal(cr_compiler *c, credit_span name);
const cr_feel_type *cr_type_list_of(cr_compiler *c, const cr_feel_type *element);
const cr_feel_type *cr_type_range_of(cr_compiler *c, const cr_feel_type *element);
/* The type of list.name, value.name; which property of a host type or entry of a
 * context type that is, UINT16_MAX if it is none. */
const cr_feel_type *cr_type_of_property(
    cr_compiler *c, const cr_feel_type *type, credit_span name, uint16_t *property);
/* What iterating over a value of the type gives. */
const cr_feel_type *cr_type_of_item(const cr_feel_type *type);
/* A function with its own frame; `body` compiles what it does. */
cr_expr *cr_lambda_expr(cr_compiler *c, credit_span name, const credit_span *names,
    const cr_feel_type *const *types, size_t count, const cr_feel_type *result,
    cr_expr *(*body)(void *ctx), void *ctx);
cr_lambda *cr_lambda_compile(cr_compiler *c, credit_span name, const credit_span *names,
    const cr_feel_type *const *types, size_t count, const cr_feel_type *result,
    cr_expr *(*body)(void *ctx), void *ctx);
/* Completes a CONTEXT node whose kids are set: entry i is seen in variables[i]. */
cr_expr *cr_context_expr(cr_compiler *c, cr_expr *node, const credit_span *names,
    const cr_variable *variables, size_t count);
void cr_compile_warning(cr_compiler *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
credit_result cr_compile_error(cr_compiler *c, uint64_t line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* --- evaluating -------------------------------------------------------- */

/* How a date derives from the clock: first the steps before, then months,
 * then days. No step at all is the clock itself. */
typedef struct cr_clock_step {
    const struct cr_clock_step *prior;
    int64_t months, days;
} cr_clock_step;

/* What a value was drawn from: host objects that a filter let through, another
 * decision, or all of another unit. Newest first. */
typedef struct cr_trace {
    const struct cr_trace *prior;
    cr_feel_value hosts;        /* HOSTS or HOST, or null */
    int decision;               /* index, or -1 */
    const struct cr_unit *unit; /* or NULL */
} cr_trace;

typedef struct cr_unit {
    const cr_trace *last;
    const struct cr_table_run *tables; /* tables that were evaluated in it, newest first */
    int64_t next_change; /* of what was compared with the clock in it; tables' units only */
} cr_unit;

typedef struct cr_memo {
    uint64_t turn; /* of the evaluation that asked for it last */
    uint8_t state; /* in that turn: 1 being evaluated, 2 there */
    cr_feel_value value;
    int64_t next_change;
    cr_unit unit;
} cr_memo;

/* A date that was moved by months, no month: free. */
typedef struct cr_moved_date {
    int64_t days, months, result;
} cr_moved_date;

enum { CR_EVAL_ERRORS_MAX = 32, CR_EVAL_MOVED_MAX = 256 };

typedef struct cr_error_note {
    int decision; /* index, -1 outside */
    credit_span message;
} cr_error_note;

struct cr_eval {
    const struct cr_model *model;
    const cr_host_type *hosts; /* the model's */
    void *host_ctx;
    cr_arena arena;
    size_t memory;          /* bytes asked for since the reset, or since the clock moved */
    size_t kept;            /* those of before that are still in use */
    uint32_t steps;         /* left */
    uint32_t calls, levels; /* running now */
    cr_feel_value *inputs;
    cr_memo *memos;
    uint64_t turn; /* resets so far: memos of earlier turns are void */
    int clock_input; /* -1: no clock */
    int64_t clock_day;
    int64_t next_change; /* INT64_MAX: never */
    cr_unit *unit;
    bool untraced; /* evidence will not be asked for */
    int decision;  /* being evaluated */
    cr_moved_date moved[CR_EVAL_MOVED_MAX]; /* by hash; they outlast resets */
    cr_error_note errors[CR_EVAL_ERRORS_MAX];
    size_t error_count;   /* may exceed the array: then the rest was dropped */
    credit_result status; /* sticky: CREDIT_E_NOMEM, CREDIT_E_LIMIT */
};

/* Locals and captured values of a running function. */
typedef struct cr_activation {
    cr_feel_value *locals;
    const cr_feel_value *captured;
} cr_activation;

cr_feel_value cr_run_node(cr_eval *eval, const cr_expr *node, cr_activation *frame);
/* Most nodes are leaves: those take no call. */
static inline cr_feel_value cr_run(cr_eval *eval, const cr_expr *node, cr_activation *frame)
{
    if (node->op == CR_OP_CONSTANT) { return node->as.value; }
    if (node->op == CR_OP_LOCAL) { return frame->locals[node->index]; }
    return cr_run_node(eval, node, frame);
}

/* Three-valued logic. */
typedef enum cr_truth { CR_FALSE, CR_TRUE, CR_UNKNOWN } cr_truth;
static inline cr_truth cr_truth_of(bool holds)
{
    return holds ? CR_TRUE : CR_FALSE;
}
/* Of a value that is no boolean it is unknown. */
static inline cr_truth cr_truth_told(cr_feel_value value)
{
    return value.kind == CR_FEEL_BOOLEAN ? cr_truth_of(value.as.boolean) : CR_UNKNOWN;
}
static inline cr_feel_value cr_truth_value(cr_truth truth)
{
    return truth == CR_UNKNOWN ? cr_feel_null() : cr_feel_boolean(truth == CR_TRUE);
}
/* Does the node yield true, false or null and nothing else? */
static inline bool cr_op_is_condition(cr_op op)
{
    return op == CR_OP_AND || op == CR_OP_OR || cr_op_compares(op);
}
/* What such a node yields. */
cr_truth cr_run_condition(cr_eval *eval, const cr_expr *node, cr_activation *frame);
/* What an ADD node yields. */
void cr_run_sum(cr_eval *eval, const cr_expr *node, cr_activation *frame, cr_feel_value *out);
/* Does the node yield true? */
static inline bool cr_holds(cr_eval *eval, const cr_expr *node, cr_activation *frame)
{
    return cr_op_is_condition((cr_op)node->op) ? cr_run_condition(eval, node, frame) == CR_TRUE
                                               : cr_feel_is_true(cr_run(eval, node, frame));
}

static inline const cr_host_type *cr_eval_host(const cr_eval *eval, uint16_t type)
{
    return &eval->hosts[type];
}

cr_feel_value cr_run_filter(cr_eval *eval, const cr_expr *node, cr_activation *frame);
cr_feel_value cr_run_loop(cr_eval *eval, const cr_expr *node, cr_activation *frame);
/* Does the value pass the tests? null = unknown. */
cr_feel_value cr_run_test(
    cr_eval *eval, const cr_expr *test, cr_feel_value value, cr_activation *f);
cr_feel_value cr_call(
    cr_eval *eval, cr_feel_value function, const cr_feel_value *args, size_t count);
/* The value is in the decision's memo. */
const cr_feel_value *cr_run_decision(cr_eval *eval, uint16_t index);
cr_feel_value cr_run_knowledge(cr_eval *eval, uint16_t index);
cr_feel_value cr_run_table(cr_eval *eval, const struct cr_table *table, cr_activation *frame);
/* Does the value plainly conform? No may be a yes. */
static inline bool cr_is_plainly(const cr_feel_value *value, const cr_feel_type *type)
{
    if (value->kind == CR_FEEL_NULL) { return true; }
    if (type->allowed != NULL) { return false; }
    if (type->kind == CR_FEEL_LIST && value->kind == CR_FEEL_HOSTS) {
        const cr_feel_type *element = type->element;
        return element != NULL && element->kind == CR_FEEL_HOST && element->allowed == NULL &&
               element->host == value->type;
    }
    return type->kind == CR_FEEL_ANY || (type->kind == value->kind && value->kind < CR_FEEL_RANGE);
}
/* Fits the value to the type: null and an error if it does not conform. */
cr_feel_value cr_coerce_any(cr_eval *eval, cr_feel_value value, const cr_feel_type *type,
    const char *what, credit_span name);
static inline cr_feel_value cr_coerce(cr_eval *eval, cr_feel_value value, const cr_feel_type *type,
    const char *what, credit_span name)
{
    return cr_is_plainly(&value, type) ? value : cr_coerce_any(eval, value, type, what, name);
}
bool cr_conforms(cr_eval *eval, cr_feel_value value, const cr_feel_type *type);

/* Before and after running a body of that height; false: too deep. */
bool cr_eval_enter(cr_eval *eval, const cr_expr *body);
void cr_eval_leave(cr_eval *eval, const cr_expr *body);
/* Counts one step; false when the evaluation must stop. */
static inline bool cr_eval_step(cr_eval *eval)
{
    if (eval->steps == 0) { eval->status = CREDIT_E_LIMIT; }
    eval->steps -= eval->steps > 0;
    return eval->status == CREDIT_OK;
}
/* Notes an error and gives null. */
cr_feel_value cr_complain(cr_eval *eval, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void cr_trace_hosts(cr_eval *eval, cr_feel_value hosts);
void cr_trace_decision(cr_eval *eval, int decision);
void cr_trace_unit(cr_eval *eval, const cr_unit *unit);

/* Of a HOST. */
static inline void cr_get_property(
    cr_eval *eval, const cr_feel_value *host, uint16_t property, cr_feel_value *out)
{
    const cr_host_type *type = cr_eval_host(eval, host->type);
    size_t date_at = type->properties[property].date_at;
    if (date_at > 0) {
        *out = cr_feel_date_at(host->as.object, date_at);
    } else {
        *out = cr_feel_null();
        type->get(eval->host_ctx, host->as.object, property, eval, out);
    }
}
cr_feel_value cr_property(cr_eval *eval, cr_feel_value host, uint16_t property);
cr_feel_value cr_path(cr_eval *eval, cr_feel_value value, credit_span name);
/* As cr_path, for a context that is likely to have the entry at `place`. */
cr_feel_value cr_path_at(cr_eval *eval, cr_feel_value value, credit_span name, size_t place);
/* Entry or property by name; false if the value has none such. */
bool cr_member(cr_eval *eval, cr_feel_value value, credit_span name, cr_feel_value *out);

/* Growing list in the evaluation's memory. */
typedef struct cr_list_builder {
    cr_feel_value *items;
    size_t count, room;
    uint8_t flags;
} cr_list_builder;

bool cr_list_push(cr_eval *eval, cr_list_builder *list, cr_feel_value value);
cr_feel_value cr_list_done(cr_eval *eval, const cr_list_builder *list);

/* --- comparing (and the clock) ----------------------------------------- */

/* Whatever else is done with a clock date: the answer may differ tomorrow. */
void cr_clock_touch(cr_eval *eval);
static inline void cr_clock_check(cr_eval *eval, cr_feel_value value)
{
    if ((value.flags & CR_FEEL_CLOCK) != 0) { cr_clock_touch(eval); }
}
/* Notes when `a op b` of two dates would first come out differently; any op
 * but an order or an equality means: when their order changes. */
void cr_clock_note(cr_eval *eval, cr_op op, cr_feel_value a, cr_feel_value b);
/* A date moved by months and days; that of the clock keeps its mark. `out` is another. */
void cr_clock_shift(cr_eval *eval, const cr_feel_value *date, int64_t months, int64_t days,
    cr_feel_value *out);

/* Three-valued: true, false or null (kinds that cannot be compared). */
cr_feel_value cr_compare(cr_eval *eval, cr_op op, cr_feel_value a, cr_feel_value b);
/* FEEL equality; unknown counts as unequal. */
bool cr_equal(cr_eval *eval, cr_feel_value a, cr_feel_value b);
/* -1, 0, 1, or 2 if they cannot be ordered; any change of order counts for the clock. */
int cr_order(cr_eval *eval, cr_feel_value a, cr_feel_value b);
cr_feel_value cr_in_range(cr_eval *eval, cr_feel_value value, const cr_feel_range *range);
cr_feel_value cr_range_of(
    cr_eval *eval, cr_feel_value low, cr_feel_value high, bool low_in, bool high_in);

cr_feel_value cr_add(cr_eval *eval, cr_feel_value a, cr_feel_value b);
cr_feel_value cr_subtract(cr_eval *eval, cr_feel_value a, cr_feel_value b);
cr_feel_value cr_multiply(cr_eval *eval, cr_feel_value a, cr_feel_value b);
cr_feel_value cr_divide(cr_eval *eval, cr_feel_value a, cr_feel_value b);
cr_feel_value cr_negate(cr_eval *eval, cr_feel_value a);

/* A list of one value is that value, where a single one is wanted. */
cr_feel_value cr_single(cr_feel_value value);
/* The host type's property by name, or -1. */
int cr_host_find(const cr_host_type *type, credit_span name);
#endif
