/* FEEL contexts, function definitions and types (DMN 1.5, 10.3.1.2, rules 52
 * to 60). */
#include "engine/error.h"
#include "engine/feel_parse.h"

/* --- contexts ---------------------------------------------------------- */

static bool parse_key(cr_parser *p, credit_span *key)
{
    const char *why = NULL;
    if (cr_lex_see(&p->lex, "\"")) {
        if (!cr_lex_string(&p->lex, p->c->arena, key, &why)) {
            cr_parse_error(p, "%s", why == NULL ? "out of memory" : why);
            return false;
        }
    } else {
        *key = cr_name_normal(p->c, cr_lex_raw_name(&p->lex, ":"));
        if (key->size == 0) {
            cr_parse_error(p, "a context entry has no name");
            return false;
        }
    }
    return cr_parse_expect(p, ":");
}

/* Entries in slots that follow each other, each seen by those after it. */
static bool parse_entries(cr_parser *p, cr_kids *kids, bool *doubled)
{
    do {
        credit_span key;
        if (!parse_key(p, &key)) { return false; }
        for (size_t i = 0; i < kids->count; i++) {
            *doubled = *doubled || cr_span_equal(kids->names[i], key);
        }
        cr_expr *value = cr_parse_expression(p);
        if (!cr_kids_add_named(p, kids, key, value)) { return false; }
        uint16_t slot = cr_slot_new(p->c);
        if (slot == UINT16_MAX || !cr_scope_add(p->c, key, CR_VARIABLE_LOCAL, slot, value->type)) {
            return false;
        }
    } while (cr_lex_take(&p->lex, ","));
    return cr_parse_expect(p, "}");
}

cr_expr *cr_context_expr(cr_compiler *c, cr_expr *node, const credit_span *names,
    const cr_variable *variables, size_t count)
{
    cr_feel_field *fields = cr_arena_array(c->arena, count, sizeof *fields);
    credit_span *copy = cr_arena_array(c->arena, count, sizeof *copy);
    uint16_t *slots = cr_arena_array(c->arena, count, sizeof *slots);
    cr_feel_type *type = cr_arena_alloc(c->arena, sizeof *type);
    cr_context_code *code = cr_arena_alloc(c->arena, sizeof *code);
    if (fields == NULL || copy == NULL || slots == NULL || type == NULL || code == NULL) {
        cr_fail(c->err, CREDIT_E_NOMEM, "out of memory while compiling rules");
        return NULL;
    }
    for (size_t i = 0; i < count; i++) {
        copy[i] = names[i];
        slots[i] = variables[i].index;
        fields[i] = (cr_feel_field){names[i], node->kids[i]->type};
    }
    *code = (cr_context_code){copy, slots, count};
    *type = (cr_feel_type){.kind = CR_FEEL_CONTEXT, .fields = fields, .field_count = count};
    node->as.context = code;
    node->type = type;
    return node;
}

/* Behind "{" */
cr_expr *cr_parse_context(cr_parser *p)
{
    cr_scope scope = {0};
    cr_kids kids = {0};
    bool doubled = false;
    cr_expr *node = NULL;
    cr_scope_push(p->c, &scope);
    if (cr_lex_take(&p->lex, "}") || parse_entries(p, &kids, &doubled)) {
        credit_span *names = kids.names;
        kids.names = NULL; /* outlive the kids for a moment */
        node = cr_kids_expr(p, &kids, CR_OP_CONTEXT);
        if (node != NULL) {
            node = cr_context_expr(p->c, node, names, scope.variables, scope.count);
        }
        cr_free(names);
    }
    cr_kids_release(&kids);
    cr_scope_pop(p->c);
    return node != NULL && doubled ? cr_expr_fail(p->c, "a context has two entries of one name")
                                   : node;
}

/* --- functions --------------------------------------------------------- */

typedef struct parameters {
    credit_span *names;
    const cr_feel_type **types;
    size_t count, name_room, type_room;
} parameters;

static bool parse_parameter(cr_parser *p, parameters *list)
{
    credit_span name = cr_name_normal(p->c, cr_lex_raw_name(&p->lex, ":,)"));
    if (name.size == 0) {
        cr_parse_error(p, "a parameter has no name");
        return false;
    }
    const cr_feel_type *type = cr_lex_take(&p->lex, ":") ? cr_parse_type(p) : &cr_type_any;
    if (type == NULL) { return false; }
    if (!cr_grow(&list->names, &list->name_room, list->count + 1, sizeof *list->names) ||
        !cr_grow(&list->types, &list->type_room, list->count + 1, sizeof *list->types)) {
        cr_fail(p->c->err, CREDIT_E_NOMEM, "out of memory while compiling rules");
        return false;
    }
    list->names[list->count] = name;
    list->types[list->count++] = type;
    return true;
}

static bool parse_parameters(cr_parser *p, parameters *list)
{
    if (!cr_parse_expect(p, "(")) { return false; }
    if (cr_lex_take(&p->lex, ")")) { return true; }
    do {
        if (!parse_parameter(p, list)) { return false; }
    } while (cr_lex_take(&p->lex, ","));
    return cr_parse_expect(p, ")");
}

static cr_expr *function_body(void *parser)
{
    cr_parser *p = parser;
    return cr_parse_expression(p);
}

cr_expr *cr_parse_function(cr_parser *p)
{
    parameters list = {0};
    cr_expr *node = NULL;
    if (parse_parameters(p, &list)) {
        if (cr_lex_see_word(&p->lex, "external")) {
            cr_parse_error(p, "external functions are not supported");
        } else {
            node = cr_lambda_expr(p->c, CR_SPAN(""), list.names, list.types, list.count,
                &cr_type_any, function_body, p);
        }
    }
    cr_free(list.names);
    cr_free(list.types);
    return node;
}

/* --- types ------------------------------------------------------------- */

static const cr_feel_type *parse_type_arguments(cr_parser *p, cr_feel_kind kind)
{
    if (!cr_lex_take(&p->lex, "<")) { return cr_type_of_kind(kind); }
    const cr_feel_type *element = cr_parse_type(p);
    if (element == NULL || !cr_parse_expect(p, ">")) { return NULL; }
    return kind == CR_FEEL_RANGE ? cr_type_range_of(p->c, element) : cr_type_list_of(p->c, element);
}

static const cr_feel_type *parse_context_type(cr_parser *p)
{
    enum { FIELDS_MAX = 64 };
    cr_feel_field *fields = cr_arena_array(p->c->arena, FIELDS_MAX, sizeof *fields);
    cr_feel_type *type = cr_arena_alloc(p->c->arena, sizeof *type);
    if (fields == NULL || type == NULL) {
        cr_fail(p->c->err, CREDIT_E_NOMEM, "out of memory while compiling rules");
        return NULL;
    }
    *type = (cr_feel_type){.kind = CR_FEEL_CONTEXT, .open = true, .fields = fields};
    if (!cr_lex_take(&p->lex, "<")) { return type; }
    do {
        if (type->field_count == FIELDS_MAX) {
            cr_parse_error(p, "a context type has more than %d entries", FIELDS_MAX);
            return NULL;
        }
        cr_feel_field *field = &fields[type->field_count++];
        field->name = cr_name_normal(p->c, cr_lex_raw_name(&p->lex, ":"));
        if (field->name.size == 0 || !cr_parse_expect(p, ":")) {
            cr_parse_error(p, "a context type has an entry without a name");
            return NULL;
        }
        field->type = cr_parse_type(p);
        if (field->type == NULL) { return NULL; }
    } while (cr_lex_take(&p->lex, ","));
    return cr_parse_expect(p, ">") ? type : NULL;
}

/* Parameters and result are read but not checked: a function is a function. */
static const cr_feel_type *parse_function_type(cr_parser *p)
{
    if (cr_lex_take(&p->lex, "<") && !cr_lex_take(&p->lex, ">")) {
        do {
            if (cr_parse_type(p) == NULL) { return NULL; }
        } while (cr_lex_take(&p->lex, ","));
        if (!cr_parse_expect(p, ">")) { return NULL; }
    }
    if (cr_lex_take(&p->lex, "->") && cr_parse_type(p) == NULL) { return NULL; }
    return cr_type_of_kind(CR_FEEL_FUNCTION);
}

static const cr_feel_type *parse_named_type(cr_parser *p)
{
    const cr_feel_type *best = NULL;
    size_t best_size = 0;
    for (size_t i = 0; i < p->c->named_count; i++) {
        size_t size = cr_lex_match_name(&p->lex, p->c->named[i]->name);
        if (size > best_size) {
            best_size = size;
            best = p->c->named[i];
        }
    }
    for (int kind = CR_FEEL_BOOLEAN; kind <= CR_FEEL_ANY; kind++) {
        size_t size = cr_lex_match_name(&p->lex, cr_span_of(cr_feel_kind_name((cr_feel_kind)kind)));
        if (size > best_size) {
            best_size = size;
            best = cr_type_of_kind((cr_feel_kind)kind);
        }
    }
    p->lex.at += best_size;
    if (best == NULL && cr_lex_take_word(&p->lex, "Null")) { best = cr_type_of_kind(CR_FEEL_NULL); }
    if (best == NULL) { cr_parse_error(p, "unknown type"); }
    return best;
}

static const cr_feel_type *parse_type(cr_parser *p)
{
    if (cr_lex_take_word(&p->lex, "list")) { return parse_type_arguments(p, CR_FEEL_LIST); }
    if (cr_lex_take_word(&p->lex, "range")) { return parse_type_arguments(p, CR_FEEL_RANGE); }
    if (cr_lex_take_word(&p->lex, "context")) { return parse_context_type(p); }
    if (cr_lex_take_word(&p->lex, "function")) { return parse_function_type(p); }
    cr_lex_skip(&p->lex);
    return parse_named_type(p);
}

const cr_feel_type *cr_parse_type(cr_parser *p)
{
    if (!cr_parse_deeper(p)) { return NULL; }
    const cr_feel_type *type = parse_type(p);
    cr_parse_shallower(p);
    return type;
}
