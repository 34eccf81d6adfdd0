/* FEEL expressions: operators, control forms, unary tests (DMN 1.5, 10.3.1.2). */
#include "engine/feel_parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/error.h"
#include "engine/feel_number.h"

/* --- shared helpers ---------------------------------------------------- */

static uint64_t line_at(const cr_parser *p)
{
    uint64_t line = p->line;
    for (size_t i = 0; i < p->lex.at && i < p->lex.text.size; i++) {
        line += p->lex.text.data[i] == '\n';
    }
    return line;
}

/* Bytes of the text that a message shows: at most so many, no half character. */
static int shown(credit_span text, size_t most)
{
    size_t size = text.size > most ? most : text.size;
    while (size < text.size && size > 0 && ((unsigned char)text.data[size] & 0xc0) == 0x80) {
        size--;
    }
    return (int)size;
}

cr_expr *cr_parse_error(cr_parser *p, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    credit_span source = p->lex.text;
    cr_compile_error(p->c, line_at(p), "%s in \"%.*s\"", text, shown(source, 160), source.data);
    return NULL;
}

static cr_expr *unexpected(cr_parser *p, const char *wanted)
{
    cr_lex_skip(&p->lex);
    credit_span rest = {p->lex.text.data + p->lex.at, p->lex.text.size - p->lex.at};
    if (rest.size == 0) { return cr_parse_error(p, "%s expected at the end", wanted); }
    return cr_parse_error(p, "%s expected before \"%.*s\"", wanted, shown(rest, 24), rest.data);
}

bool cr_parse_expect(cr_parser *p, const char *symbol)
{
    if (cr_lex_take(&p->lex, symbol)) { return true; }
    char wanted[32];
    snprintf(wanted, sizeof wanted, "'%s'", symbol);
    unexpected(p, wanted);
    return false;
}

static bool expect_word(cr_parser *p, const char *word)
{
    if (cr_lex_take_word(&p->lex, word)) { return true; }
    char wanted[32];
    snprintf(wanted, sizeof wanted, "'%s'", word);
    unexpected(p, wanted);
    return false;
}

bool cr_parse_deeper(cr_parser *p)
{
    if (p->c->depth >= CR_FEEL_DEPTH_MAX) {
        cr_parse_error(p, "more than %d levels", CR_FEEL_DEPTH_MAX);
        return false;
    }
    p->c->depth++;
    return true;
}

void cr_parse_shallower(cr_parser *p)
{
    p->c->depth--;
}

bool cr_kids_add(cr_parser *p, cr_kids *kids, cr_expr *node)
{
    if (node == NULL) { return false; }
    if (!cr_grow(&kids->nodes, &kids->room, kids->count + 1, sizeof *kids->nodes)) {
        cr_fail(p->c->err, CREDIT_E_NOMEM, "out of memory while compiling rules");
        return false;
    }
    kids->nodes[kids->count++] = node;
    return true;
}

bool cr_kids_add_named(cr_parser *p, cr_kids *kids, credit_span name, cr_expr *node)
{
    if (!cr_grow(&kids->names, &kids->name_room, kids->count + 1, sizeof *kids->names)) {
        cr_fail(p->c->err, CREDIT_E_NOMEM, "out of memory while compiling rules");
        return false;
    }
    kids->names[kids->count] = name;
    return cr_kids_add(p, kids, node);
}

void cr_kids_release(cr_kids *kids)
{
    cr_free(kids->nodes);
    cr_free(kids->names);
    *kids = (cr_kids){0};
}

cr_expr *cr_kids_expr(cr_parser *p, cr_kids *kids, cr_op op)
{
    cr_expr *node = cr_expr_new(p->c, op, kids->count);
    for (size_t i = 0; node != NULL && i < kids->count; i++) {
        node = cr_expr_set(p->c, node, i, kids->nodes[i]);
    }
    cr_kids_release(kids);
    return node;
}

static cr_expr *node_of(cr_parser *p, cr_op op, cr_expr *a, cr_expr *b, cr_expr *d)
{
    cr_expr *given[] = {a, b, d};
    size_t count = d != NULL ? 3 : b != NULL ? 2 : 1;
    cr_expr *node = cr_expr_new(p->c, op, count);
    for (size_t i = 0; node != NULL && i < count; i++) {
        node = cr_expr_set(p->c, node, i, given[i]);
    }
    return node;
}

const cr_feel_type *cr_type_join(cr_compiler *c, const cr_feel_type *a, const cr_feel_type *b)
{
    if (a == b || b->kind == CR_FEEL_NULL) { return a; }
    if (a->kind == CR_FEEL_NULL) { return b; }
    if (a->kind != b->kind) { return &cr_type_any; }
    if (a->kind == CR_FEEL_LIST) {
        const cr_feel_type *x = cr_type_of_item(a), *y = cr_type_of_item(b);
        return cr_type_list_of(c, cr_type_join(c, x, y));
    }
    if (a->kind == CR_FEEL_HOST) { return a->host == b->host ? a : &cr_type_any; }
    return a->kind == CR_FEEL_CONTEXT || a->kind == CR_FEEL_RANGE ? cr_type_of_kind(a->kind) : a;
}

/* --- arithmetic -------------------------------------------------------- */

static bool is_kind(cr_expr *node, cr_feel_kind kind)
{
    return node->type->kind == kind;
}

static bool is_duration_type(cr_expr *node)
{
    return is_kind(node, CR_FEEL_DAYS_DURATION) || is_kind(node, CR_FEEL_MONTHS_DURATION);
}

static const cr_feel_type *arithmetic_type(cr_op op, cr_expr *a, cr_expr *b)
{
    if (is_kind(a, CR_FEEL_NUMBER) && is_kind(b, CR_FEEL_NUMBER)) { return a->type; }
    if (op == CR_OP_ADD && is_kind(a, CR_FEEL_STRING) && is_kind(b, CR_FEEL_STRING)) {
        return a->type;
    }
    bool moves = op == CR_OP_ADD || op == CR_OP_SUB;
    bool point = is_kind(a, CR_FEEL_DATE) || is_kind(a, CR_FEEL_DATE_TIME);
    return moves && point && is_duration_type(b) ? a->type : &cr_type_any;
}

static cr_expr *arithmetic(cr_parser *p, cr_op op, cr_expr *a, cr_expr *b)
{
    if (a == NULL || b == NULL) { return NULL; }
    cr_expr *node = node_of(p, op, a, b, NULL);
    if (node != NULL) { node->type = arithmetic_type(op, a, b); }
    return node;
}

static cr_expr *parse_unary(cr_parser *p)
{
    if (!cr_lex_see(&p->lex, "-")) { return cr_parse_postfix(p); }
    if (!cr_parse_deeper(p)) { return NULL; }
    cr_lex_take(&p->lex, "-");
    cr_expr *operand = parse_unary(p);
    cr_parse_shallower(p);
    if (operand == NULL) { return NULL; }
    if (operand->op == CR_OP_CONSTANT && operand->as.value.kind == CR_FEEL_NUMBER) {
        return cr_expr_constant(p, cr_number_neg(operand->as.value));
    }
    cr_expr *node = node_of(p, CR_OP_NEG, operand, NULL, NULL);
    if (node != NULL) { node->type = operand->type; }
    return node;
}

static cr_expr *parse_power(cr_parser *p)
{
    cr_expr *left = parse_unary(p);
    while (left != NULL && cr_lex_take(&p->lex, "**")) {
        left = arithmetic(p, CR_OP_POW, left, parse_unary(p));
    }
    return left;
}

static cr_expr *parse_product(cr_parser *p)
{
    cr_expr *left = parse_power(p);
    while (left != NULL) {
        if (!cr_lex_see(&p->lex, "**") && cr_lex_take(&p->lex, "*")) {
            left = arithmetic(p, CR_OP_MUL, left, parse_power(p));
        } else if (cr_lex_take(&p->lex, "/")) {
            left = arithmetic(p, CR_OP_DIV, left, parse_power(p));
        } else {
            break;
        }
    }
    return left;
}

cr_expr *cr_parse_additive(cr_parser *p)
{
    cr_expr *left = parse_product(p);
    while (left != NULL) {
        if (cr_lex_take(&p->lex, "+")) {
            left = arithmetic(p, CR_OP_ADD, left, parse_product(p));
        } else if (cr_lex_take(&p->lex, "-")) {
            left = arithmetic(p, CR_OP_SUB, left, parse_product(p));
        } else {
            break;
        }
    }
    return left;
}

/* --- comparison -------------------------------------------------------- */

static bool take_comparison(cr_parser *p, cr_op *op)
{
    static const struct {
        const char *symbol;
        cr_op op;
    } symbols[] = {{"<=", CR_OP_LE}, {">=", CR_OP_GE}, {"!=", CR_OP_NE}, {"<", CR_OP_LT},
        {">", CR_OP_GT}, {"=", CR_OP_EQ}};
    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        if (cr_lex_take(&p->lex, symbols[i].symbol)) {
            *op = symbols[i].op;
            return true;
        }
    }
    return false;
}

/* Kinds that can never meet in a comparison: said when the rules are loaded. */
static void doubt_comparison(cr_parser *p, cr_expr *a, cr_expr *b)
{
    cr_feel_kind x = (cr_feel_kind)a->type->kind, y = (cr_feel_kind)b->type->kind;
    bool unknown = x == CR_FEEL_ANY || y == CR_FEEL_ANY || x == CR_FEEL_NULL || y == CR_FEEL_NULL;
    if (!unknown && x != y) {
        cr_compile_warning(p->c, "a %s is compared with a %s in \"%.*s\"", cr_feel_kind_name(x),
            cr_feel_kind_name(y), (int)p->lex.text.size, p->lex.text.data);
    }
}

static cr_expr *boolean_node(cr_parser *p, cr_op op, cr_expr *a, cr_expr *b, cr_expr *d)
{
    cr_expr *node = node_of(p, op, a, b, d);
    if (node != NULL) { node->type = cr_type_of_kind(CR_FEEL_BOOLEAN); }
    return node;
}

static cr_expr *parse_between(cr_parser *p, cr_expr *value)
{
    cr_expr *low = cr_parse_additive(p);
    if (low == NULL || !expect_word(p, "and")) { return NULL; }
    cr_expr *high = cr_parse_additive(p);
    if (high == NULL) { return NULL; }
    doubt_comparison(p, value, low);
    return boolean_node(p, CR_OP_BETWEEN, value, low, high);
}

/* --- unary tests ------------------------------------------------------- */

static cr_expr *test_node(cr_parser *p, cr_op op, cr_expr *kid, uint16_t slot)
{
    cr_expr *node = kid == NULL ? NULL : node_of(p, op, kid, NULL, NULL);
    if (node != NULL) {
        node->index = slot;
        node->type = cr_type_of_kind(CR_FEEL_BOOLEAN);
    }
    return node;
}

static cr_expr *parse_test_of(cr_parser *p, uint16_t slot, cr_expr *(*parse)(cr_parser *))
{
    cr_op comparison;
    bool outer = p->used_question;
    if (take_comparison(p, &comparison)) {
        cr_expr *test = test_node(p, CR_OP_TEST_COMPARE, cr_parse_additive(p), slot);
        if (test != NULL) { test->test = (uint8_t)comparison; }
        return test;
    }
    p->used_question = false;
    cr_expr *value = parse(p);
    cr_op op = p->used_question ? CR_OP_TEST_TRUE : CR_OP_TEST_VALUE;
    p->used_question = p->used_question || outer;
    return test_node(p, op, value, slot);
}

static cr_expr *parse_test(cr_parser *p, uint16_t slot)
{
    return parse_test_of(p, slot, cr_parse_expression);
}

static cr_expr *rest_of_tests(cr_parser *p, cr_expr *first, uint16_t slot)
{
    if (!cr_lex_see(&p->lex, ",")) { return first; }
    cr_kids kids = {0};
    bool ok = cr_kids_add(p, &kids, first);
    while (ok && cr_lex_take(&p->lex, ",")) { ok = cr_kids_add(p, &kids, parse_test(p, slot)); }
    cr_expr *node = ok ? cr_kids_expr(p, &kids, CR_OP_TEST_LIST) : NULL;
    cr_kids_release(&kids);
    if (node != NULL) {
        node->index = slot;
        node->type = cr_type_of_kind(CR_FEEL_BOOLEAN);
    }
    return node;
}

static cr_expr *parse_tests(cr_parser *p, uint16_t slot)
{
    cr_expr *first = parse_test(p, slot);
    return first == NULL ? NULL : rest_of_tests(p, first, slot);
}

/* Behind "(": the rest of a range that is open below, once its low end is
 * read as a test, or NULL if it is none. */
static cr_expr *open_range(cr_parser *p, cr_expr *low, uint16_t slot)
{
    cr_expr *range = cr_parse_range_rest(p, low->kids[0], false);
    return range == NULL ? NULL : test_node(p, CR_OP_TEST_VALUE, range, slot);
}

/* Behind "in (": tests up to ")", or a range that is open below. */
static cr_expr *parse_in_brackets(cr_parser *p, uint16_t slot)
{
    cr_expr *first = parse_test(p, slot);
    if (first == NULL) { return NULL; }
    if (first->op == CR_OP_TEST_VALUE && cr_lex_take(&p->lex, "..")) {
        return open_range(p, first, slot);
    }
    cr_expr *tests = rest_of_tests(p, first, slot);
    return tests != NULL && cr_parse_expect(p, ")") ? tests : NULL;
}

static cr_expr *parse_in(cr_parser *p, cr_expr *value)
{
    uint16_t slot = cr_slot_new(p->c);
    if (slot == UINT16_MAX || !cr_parse_deeper(p)) { return NULL; }
    cr_expr *test = cr_lex_take(&p->lex, "(") ? parse_in_brackets(p, slot)
                                              : parse_test_of(p, slot, cr_parse_additive);
    cr_parse_shallower(p);
    if (test == NULL) { return NULL; }
    cr_expr *node = node_of(p, CR_OP_IN, value, test, NULL);
    if (node != NULL) {
        node->index = slot;
        node->type = cr_type_of_kind(CR_FEEL_BOOLEAN);
    }
    return node;
}

static cr_expr *parse_comparison(cr_parser *p)
{
    cr_expr *left = cr_parse_additive(p);
    while (left != NULL) {
        cr_op op;
        if (take_comparison(p, &op)) {
            cr_expr *right = cr_parse_additive(p);
            if (right == NULL) { return NULL; }
            doubt_comparison(p, left, right);
            left = boolean_node(p, op, left, right, NULL);
        } else if (cr_lex_take_word(&p->lex, "between")) {
            left = parse_between(p, left);
        } else if (cr_lex_take_word(&p->lex, "in")) {
            left = parse_in(p, left);
        } else {
            break;
        }
    }
    return left;
}

/* --- logic ------------------------------------------------------------- */

static cr_expr *parse_chain(cr_parser *p, const char *word, cr_op op, cr_expr *(*next)(cr_parser *))
{
    cr_expr *first = next(p);
    if (first == NULL || !cr_lex_see_word(&p->lex, word)) { return first; }
    cr_kids kids = {0};
    bool ok = cr_kids_add(p, &kids, first);
    while (ok && cr_lex_take_word(&p->lex, word)) { ok = cr_kids_add(p, &kids, next(p)); }
    cr_expr *node = ok ? cr_kids_expr(p, &kids, op) : NULL;
    cr_kids_release(&kids);
    if (node != NULL) { node->type = cr_type_of_kind(CR_FEEL_BOOLEAN); }
    return node;
}

static cr_expr *parse_and(cr_parser *p)
{
    return parse_chain(p, "and", CR_OP_AND, parse_comparison);
}

static cr_expr *parse_or(cr_parser *p)
{
    return parse_chain(p, "or", CR_OP_OR, parse_and);
}

/* --- if, for, some, every ---------------------------------------------- */

static cr_expr *parse_if(cr_parser *p)
{
    cr_expr *condition = cr_parse_expression(p);
    if (condition == NULL || !expect_word(p, "then")) { return NULL; }
    cr_expr *yes = cr_parse_expression(p);
    if (yes == NULL || !expect_word(p, "else")) { return NULL; }
    cr_expr *no = cr_parse_expression(p);
    if (no == NULL) { return NULL; }
    cr_expr *node = node_of(p, CR_OP_IF, condition, yes, no);
    if (node != NULL) { node->type = cr_type_join(p->c, yes->type, no->type); }
    return node;
}

/* The name of an iteration variable: words up to `in`. */
static credit_span iterator_name(cr_parser *p)
{
    cr_lex_skip(&p->lex);
    size_t start = p->lex.at, end = start;
    while (!cr_lex_see_word(&p->lex, "in") && cr_lex_word(&p->lex).size > 0) { end = p->lex.at; }
    return cr_name_normal(p->c, (credit_span){p->lex.text.data + start, end - start});
}

/* What a loop runs over: a list, or low..high. */
static cr_expr *iterator_source(cr_parser *p)
{
    cr_expr *source = cr_parse_expression(p);
    if (source == NULL || !cr_lex_take(&p->lex, "..")) {
        if (source != NULL) {
            /* The list is looked at item by item, it is not a result itself. */
            source->flags |= CR_EXPR_INNER;
        }
        return source;
    }
    cr_expr *high = cr_parse_expression(p);
    cr_expr *node = high == NULL ? NULL : node_of(p, CR_OP_RANGE, source, high, NULL);
    if (node != NULL) {
        node->flags = CR_EXPR_LOW | CR_EXPR_HIGH;
        node->type = cr_type_range_of(p->c, source->type);
    }
    return node;
}

enum { ITERATORS_MAX = 8 };

typedef struct loop {
    cr_kids kids;
    uint16_t slots[ITERATORS_MAX + 1]; /* of the variables; then of `partial` */
    size_t slot_count;
} loop;

static bool add_loop_variable(cr_parser *p, loop *l, credit_span name, const cr_feel_type *type)
{
    uint16_t slot = cr_slot_new(p->c);
    if (slot == UINT16_MAX) { return false; }
    l->slots[l->slot_count++] = slot;
    return cr_scope_add(p->c, name, CR_VARIABLE_LOCAL, slot, type);
}

static bool parse_iterators(cr_parser *p, loop *l)
{
    do {
        credit_span name = iterator_name(p);
        if (l->slot_count >= ITERATORS_MAX) {
            cr_parse_error(p, "more than %d iterators", ITERATORS_MAX);
            return false;
        }
        if (name.size == 0 || !cr_lex_take_word(&p->lex, "in")) {
            unexpected(p, "a name and 'in'");
            return false;
        }
        cr_expr *source = iterator_source(p);
        if (!cr_kids_add(p, &l->kids, source) ||
            !add_loop_variable(p, l, name, cr_type_of_item(source->type))) {
            return false;
        }
    } while (cr_lex_take(&p->lex, ","));
    return true;
}

static cr_expr *loop_body(cr_parser *p, cr_op op, loop *l)
{
    if (op != CR_OP_FOR) { return expect_word(p, "satisfies") ? cr_parse_expression(p) : NULL; }
    if (!expect_word(p, "return") ||
        !add_loop_variable(p, l, CR_SPAN("partial"), cr_type_of_kind(CR_FEEL_LIST))) {
        return NULL;
    }
    return cr_parse_expression(p);
}

static cr_expr *loop_node(cr_parser *p, cr_op op, loop *l)
{
    cr_expr *body = loop_body(p, op, l);
    uint16_t *slots = cr_arena_array(p->c->arena, l->slot_count, sizeof *slots);
    if (slots == NULL || !cr_kids_add(p, &l->kids, body)) { return NULL; }
    memcpy(slots, l->slots, l->slot_count * sizeof *slots);
    cr_expr *node = cr_kids_expr(p, &l->kids, op);
    if (node != NULL) {
        node->as.slots = slots;
        node->type =
            op == CR_OP_FOR ? cr_type_list_of(p->c, body->type) : cr_type_of_kind(CR_FEEL_BOOLEAN);
    }
    return node == NULL ? NULL : cr_expr_hoist(p->c, node, slots[0]);
}

static cr_expr *parse_loop(cr_parser *p, cr_op op)
{
    cr_scope scope = {0};
    loop l = {0};
    cr_scope_push(p->c, &scope);
    cr_expr *node = parse_iterators(p, &l) ? loop_node(p, op, &l) : NULL;
    cr_kids_release(&l.kids);
    cr_scope_pop(p->c);
    return node;
}

static cr_expr *expression(cr_parser *p)
{
    if (cr_lex_take_word(&p->lex, "if")) { return parse_if(p); }
    if (cr_lex_take_word(&p->lex, "for")) { return parse_loop(p, CR_OP_FOR); }
    if (cr_lex_take_word(&p->lex, "some")) { return parse_loop(p, CR_OP_SOME); }
    if (cr_lex_take_word(&p->lex, "every")) { return parse_loop(p, CR_OP_EVERY); }
    return parse_or(p);
}

cr_expr *cr_parse_expression(cr_parser *p)
{
    if (!cr_parse_deeper(p)) { return NULL; }
    bool range_end = p->range_end;
    p->range_end = false;
    cr_expr *node = expression(p);
    p->range_end = range_end;
    cr_parse_shallower(p);
    return node;
}

/* --- cells of decision tables ------------------------------------------ */

static cr_expr *parse_cell(cr_parser *p, uint16_t slot)
{
    size_t start = p->lex.at;
    if (cr_lex_take(&p->lex, "-") && cr_lex_at_end(&p->lex)) {
        cr_expr *any = cr_expr_new(p->c, CR_OP_TEST_ANY, 0);
        return any;
    }
    p->lex.at = start;
    if (cr_lex_take_word(&p->lex, "not") && cr_lex_take(&p->lex, "(")) {
        /* not(…) around all of the cell negates tests; a call inside a longer
         * expression is the function. */
        credit_error *err = p->c->err, ignored = CREDIT_ERROR_INIT;
        p->c->err = &ignored;
        cr_expr *tests = parse_tests(p, slot);
        bool whole = tests != NULL && cr_lex_take(&p->lex, ")") && cr_lex_at_end(&p->lex);
        p->c->err = err;
        if (whole) { return test_node(p, CR_OP_TEST_NOT, tests, slot); }
        if (ignored.code == CREDIT_E_NOMEM) {
            cr_fail(err, CREDIT_E_NOMEM, "out of memory while compiling rules");
            return NULL;
        }
    }
    p->lex.at = start;
    return parse_tests(p, slot);
}

/* --- entry points ------------------------------------------------------ */

static bool acceptable(cr_compiler *c, credit_span text, uint64_t line)
{
    size_t bad;
    c->line = line;
    if (text.size > CR_FEEL_SOURCE_MAX) {
        cr_compile_error(c, line, "an expression is longer than %d bytes", CR_FEEL_SOURCE_MAX);
        return false;
    }
    if (!cr_utf8_valid(text, &bad)) {
        cr_compile_error(c, line, "an expression is not UTF-8");
        return false;
    }
    return true;
}

static cr_expr *finish(cr_parser *p, cr_expr *node)
{
    if (node != NULL && !cr_lex_at_end(&p->lex)) { return unexpected(p, "an operator or the end"); }
    return node;
}

cr_expr *cr_feel_compile(cr_compiler *c, credit_span text, uint64_t line)
{
    if (!acceptable(c, text, line)) { return NULL; }
    cr_parser p = {.c = c, .lex = {text, 0}, .line = line};
    return finish(&p, cr_parse_expression(&p));
}

cr_expr *cr_feel_compile_tests(
    cr_compiler *c, credit_span text, uint64_t line, uint16_t slot, const cr_feel_type *type)
{
    if (!acceptable(c, text, line)) { return NULL; }
    cr_parser p = {.c = c, .lex = {text, 0}, .line = line};
    cr_scope scope = {0};
    cr_scope_push(c, &scope);
    cr_expr *node = NULL;
    if (cr_scope_add(c, CR_SPAN("?"), CR_VARIABLE_LOCAL, slot, type)) {
        node = finish(&p, parse_cell(&p, slot));
    }
    cr_scope_pop(c);
    return node;
}

const cr_feel_type *cr_feel_compile_type(cr_compiler *c, credit_span text, uint64_t line)
{
    if (!acceptable(c, text, line)) { return NULL; }
    cr_parser p = {.c = c, .lex = {text, 0}, .line = line};
    const cr_feel_type *type = cr_parse_type(&p);
    if (type != NULL && !cr_lex_at_end(&p.lex)) {
        unexpected(&p, "the end of the type");
        return NULL;
    }
    return type;
}
