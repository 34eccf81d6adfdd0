/* The parser's own state and the parts of it that see each other:
 * feel_parse.c (operators and tests), feel_primary.c (literals, names, calls),
 * feel_define.c (contexts, functions, types), feel_call.c (built-ins). */
#ifndef CR_ENGINE_FEEL_PARSE_H
#define CR_ENGINE_FEEL_PARSE_H

#include "engine/feel_lex.h"

typedef struct cr_parser {
    cr_compiler *c;
    cr_lex lex;
    uint64_t line;      /* of the start of the text */
    bool used_question; /* `?` occurred in the test being read */
    bool range_end;     /* reading the high end of a range: "[" may close it */
    bool literals_only; /* range("…"): nothing but constants */
} cr_parser;

/* Nodes being collected for a parent. */
typedef struct cr_kids {
    cr_expr **nodes;
    credit_span *names;
    size_t count, room, name_room;
} cr_kids;

cr_expr *cr_parse_expression(cr_parser *p);
cr_expr *cr_parse_additive(cr_parser *p);
cr_expr *cr_parse_postfix(cr_parser *p);
/* Behind "..": the high end and the closing bracket of a range. */
cr_expr *cr_parse_range_rest(cr_parser *p, cr_expr *low, bool low_included);
const cr_feel_type *cr_parse_type(cr_parser *p);
cr_expr *cr_parse_context(cr_parser *p);  /* behind "{" */
cr_expr *cr_parse_function(cr_parser *p); /* behind the word `function` */

/* Each sets the error and returns NULL. */
cr_expr *cr_parse_error(cr_parser *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool cr_parse_expect(cr_parser *p, const char *symbol);
bool cr_parse_deeper(cr_parser *p);
void cr_parse_shallower(cr_parser *p);

bool cr_kids_add(cr_parser *p, cr_kids *kids, cr_expr *node);
bool cr_kids_add_named(cr_parser *p, cr_kids *kids, credit_span name, cr_expr *node);
/* Makes the parent; releases the collection in any case. */
cr_expr *cr_kids_expr(cr_parser *p, cr_kids *kids, cr_op op);
void cr_kids_release(cr_kids *kids);

cr_expr *cr_expr_constant(cr_parser *p, cr_feel_value value);
cr_expr *cr_expr_local(cr_compiler *c, uint16_t slot, const cr_feel_type *type);
cr_expr *cr_expr_variable(cr_compiler *c, const cr_scope *scope, const cr_variable *variable);
/* The common type of two branches. */
const cr_feel_type *cr_type_join(cr_compiler *c, const cr_feel_type *a, const cr_feel_type *b);
/* A list, range or built-in call of constants becomes a constant. */
cr_expr *cr_expr_fold(cr_parser *p, cr_expr *node);
/* A call of a built-in: arity and names are checked, defaults filled in. */
cr_expr *cr_expr_builtin(cr_parser *p, const struct cr_builtin *builtin, cr_kids *arguments);
const struct cr_builtin *cr_builtin_match(const cr_lex *lex, size_t *size);

#endif
