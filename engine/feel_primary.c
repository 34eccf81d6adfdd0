/* FEEL primaries: literals, names, paths, filters, calls, lists, ranges,
 * contexts, function definitions, types (DMN 1.5, 10.3.1.2). */
#include <string.h>

#include "engine/error.h"
#include "engine/feel_number.h"
#include "engine/feel_parse.h"
#include "engine/feel_time.h"

cr_expr *cr_expr_constant(cr_parser *p, cr_feel_value value)
{
    cr_expr *node = cr_expr_new(p->c, CR_OP_CONSTANT, 0);
    if (node != NULL) {
        node->as.value = value;
        node->type = cr_type_of_kind((cr_feel_kind)value.kind);
    }
    return node;
}

cr_expr *cr_expr_local(cr_compiler *c, uint16_t slot, const cr_feel_type *type)
{
    cr_expr *node = cr_expr_new(c, CR_OP_LOCAL, 0);
    if (node != NULL) {
        node->index = slot;
        node->type = type;
    }
    return node;
}

/* --- variables --------------------------------------------------------- */

/* The place among `frame`'s captures of a slot of the outer frame `home`. */
static int capture(cr_compiler *c, cr_frame *frame, const cr_frame *home, uint16_t slot)
{
    bool local = frame->outer == home;
    int index = local ? slot : capture(c, frame->outer, home, slot);
    if (index < 0) { return -1; }
    for (size_t i = 0; i < frame->capture_count; i++) {
        if (frame->captures[i].local == local && frame->captures[i].index == index) {
            return (int)i;
        }
    }
    if (!cr_grow(&frame->captures, &frame->capture_room, frame->capture_count + 1,
            sizeof *frame->captures)) {
        cr_fail(c->err, CREDIT_E_NOMEM, "out of memory while compiling rules");
        return -1;
    }
    frame->captures[frame->capture_count] = (cr_capture){local, (uint16_t)index};
    return (int)frame->capture_count++;
}

cr_expr *cr_expr_variable(cr_compiler *c, const cr_scope *scope, const cr_variable *variable)
{
    static const cr_op ops[] = {
        [CR_VARIABLE_LOCAL] = CR_OP_LOCAL,
        [CR_VARIABLE_INPUT] = CR_OP_INPUT,
        [CR_VARIABLE_DECISION] = CR_OP_DECISION,
        [CR_VARIABLE_KNOWLEDGE] = CR_OP_KNOWLEDGE,
    };
    cr_expr *node = cr_expr_new(c, ops[variable->kind], 0);
    if (node == NULL) { return NULL; }
    node->index = variable->index;
    node->type = variable->type;
    if (variable->kind == CR_VARIABLE_LOCAL && scope->frame != c->frame) {
        int index = capture(c, c->frame, scope->frame, variable->index);
        if (index < 0) { return NULL; }
        node->op = CR_OP_CAPTURE;
        node->index = (uint16_t)index;
    }
    return node;
}

/* --- names ------------------------------------------------------------- */

/* What the longest name at the cursor means. */
typedef struct meaning {
    size_t size;
    const cr_scope *scope;
    const cr_variable *variable; /* or */
    credit_span member;          /* a property of the scope's filter item */
} meaning;

static void consider_members(const cr_parser *p, const cr_scope *scope, meaning *best)
{
    const cr_feel_type *item = scope->item;
    size_t count = item->kind == CR_FEEL_HOST      ? p->c->hosts[item->host].property_count
                   : item->kind == CR_FEEL_CONTEXT ? item->field_count
                                                   : 0;
    for (size_t i = 0; i < count; i++) {
        credit_span name = item->kind == CR_FEEL_HOST ? p->c->hosts[item->host].properties[i].name
                                                      : item->fields[i].name;
        size_t size = cr_lex_match_name(&p->lex, name);
        if (size > best->size) { *best = (meaning){.size = size, .scope = scope, .member = name}; }
    }
}

static meaning find_name(cr_parser *p)
{
    meaning best = {0};
    cr_lex_skip(&p->lex);
    for (const cr_scope *scope = p->c->scope; scope != NULL; scope = scope->outer) {
        for (size_t i = scope->count; i > 0; i--) {
            const cr_variable *variable = &scope->variables[i - 1];
            size_t size = cr_lex_match_name(&p->lex, variable->name);
            if (size > best.size) {
                best = (meaning){.size = size, .scope = scope, .variable = variable};
            }
        }
        if (scope->item != NULL) { consider_members(p, scope, &best); }
    }
    return best;
}

/* The innermost filter within `limit` whose items may have any property. */
static const cr_scope *open_filter(const cr_parser *p, const cr_scope *limit)
{
    for (const cr_scope *scope = p->c->scope; scope != limit; scope = scope->outer) {
        if (scope->item != NULL &&
            (scope->item->kind == CR_FEEL_ANY ||
                (scope->item->kind == CR_FEEL_CONTEXT && scope->item->open))) {
            return scope;
        }
    }
    return NULL;
}

static cr_expr *filter_item(cr_parser *p, const cr_scope *scope)
{
    cr_variable item = {CR_SPAN("item"), CR_VARIABLE_LOCAL, scope->item_slot, scope->item};
    return cr_expr_variable(p->c, scope, &item);
}

static cr_expr *member_node(cr_parser *p, cr_expr *value, credit_span name)
{
    uint16_t property;
    if (value == NULL) { return NULL; }
    const cr_feel_type *type = cr_type_of_property(p->c, value->type, name, &property);
    if (type == NULL) {
        return cr_parse_error(p, "no property \"%.*s\"", (int)name.size, name.data);
    }
    bool known = property != UINT16_MAX && value->type->kind == CR_FEEL_HOST;
    cr_expr *node = cr_expr_new(p->c, known ? CR_OP_PROPERTY : CR_OP_PATH, 1);
    if (node == NULL) { return NULL; }
    node->index = property;
    node->type = type;
    node->as.name = name;
    return cr_expr_set(p->c, node, 0, value);
}

static cr_expr *item_name(
    cr_parser *p, const cr_scope *filter, credit_span name, cr_expr *otherwise)
{
    cr_expr *item = filter_item(p, filter);
    cr_expr *node = item == NULL ? NULL : cr_expr_new(p->c, CR_OP_ITEM_NAME, 2);
    if (node == NULL) { return NULL; }
    node->as.name = name;
    node = cr_expr_set(p->c, node, 0, item);
    return node == NULL ? NULL : cr_expr_set(p->c, node, 1, otherwise);
}

/* Words up to a keyword: a name nobody declared, as in a.first name */
static credit_span undeclared_name(cr_parser *p)
{
    credit_span word = cr_lex_word(&p->lex);
    size_t start = p->lex.at - word.size, end = p->lex.at;
    while (word.size > 0) {
        size_t before = p->lex.at;
        word = cr_lex_word(&p->lex);
        if (word.size == 0 || cr_lex_is_keyword(word) || word.data[0] == '?') {
            p->lex.at = before;
            break;
        }
        end = p->lex.at;
    }
    return cr_name_normal(p->c, (credit_span){p->lex.text.data + start, end - start});
}

static cr_expr *unknown_name(cr_parser *p)
{
    const cr_scope *filter = open_filter(p, NULL);
    if (filter != NULL && !p->literals_only) {
        credit_span name = undeclared_name(p);
        return name.size == 0 ? cr_parse_error(p, "a value expected")
                              : item_name(p, filter, name, NULL);
    }
    size_t start = p->lex.at;
    credit_span word = cr_lex_word(&p->lex);
    p->lex.at = start;
    if (word.size == 0) {
        size_t rest = p->lex.text.size - start;
        return cr_parse_error(p,
            rest == 0 ? "a value expected at the end%.*s" : "a value expected before \"%.*s\"",
            (int)(rest > 24 ? 24 : rest), p->lex.text.data + start);
    }
    return cr_parse_error(p, "unknown name \"%.*s\"", (int)word.size, word.data);
}

static cr_expr *known_name(cr_parser *p, const meaning *found)
{
    credit_span text = {p->lex.text.data + p->lex.at, found->size};
    p->lex.at += found->size;
    if (found->variable == NULL) {
        return member_node(p, filter_item(p, found->scope), found->member);
    }
    if (cr_span_is(found->variable->name, "?")) { p->used_question = true; }
    cr_expr *node = cr_expr_variable(p->c, found->scope, found->variable);
    const cr_scope *filter = open_filter(p, found->scope);
    if (node == NULL || filter == NULL || cr_span_is(text, "?")) { return node; }
    return item_name(p, filter, found->variable->name, node);
}

/* --- calls ------------------------------------------------------------- */

/* Is `name:` next? Then it is taken. */
static bool argument_name(cr_parser *p, credit_span *name)
{
    size_t start = p->lex.at;
    credit_span raw = cr_lex_raw_name(&p->lex, ":");
    if (raw.size == 0 || !cr_lex_take(&p->lex, ":")) {
        p->lex.at = start;
        return false;
    }
    *name = cr_name_normal(p->c, raw);
    return name->size > 0;
}

/* Behind "(": arguments, all with names or all without, up to ")". */
static bool parse_arguments(cr_parser *p, cr_kids *arguments, bool *named)
{
    *named = false;
    if (cr_lex_take(&p->lex, ")")) { return true; }
    do {
        credit_span name = {NULL, 0};
        bool has_name = argument_name(p, &name);
        if (arguments->count > 0 && has_name != *named) {
            cr_parse_error(p, "arguments with and without names");
            return false;
        }
        *named = has_name;
        cr_expr *value = cr_parse_expression(p);
        if (!cr_kids_add_named(p, arguments, name, value)) { return false; }
    } while (cr_lex_take(&p->lex, ","));
    return cr_parse_expect(p, ")");
}

static cr_expr *call_node(cr_parser *p, cr_expr *function, cr_kids *arguments, bool named)
{
    cr_expr *node = cr_expr_new(p->c, CR_OP_CALL, arguments->count + 1);
    credit_span *names = cr_arena_array(p->c->arena, arguments->count + 1, sizeof *names);
    if (node == NULL || names == NULL) { return NULL; }
    node = cr_expr_set(p->c, node, 0, function);
    for (size_t i = 0; node != NULL && i < arguments->count; i++) {
        names[i] = arguments->names[i];
        node = cr_expr_set(p->c, node, i + 1, arguments->nodes[i]);
    }
    if (node != NULL && named) { node->as.names = names; }
    return node;
}

static cr_expr *parse_call(cr_parser *p, cr_expr *function)
{
    cr_kids arguments = {0};
    bool named;
    cr_expr *node =
        parse_arguments(p, &arguments, &named) ? call_node(p, function, &arguments, named) : NULL;
    cr_kids_release(&arguments);
    return node;
}

static cr_expr *parse_builtin(cr_parser *p, const cr_builtin *builtin)
{
    if (!cr_lex_take(&p->lex, "(")) {
        cr_feel_function *function = cr_arena_alloc(p->c->arena, sizeof *function);
        if (function == NULL) {
            cr_fail(p->c->err, CREDIT_E_NOMEM, "out of memory while compiling rules");
            return NULL;
        }
        function->builtin = builtin;
        cr_feel_value value = {.kind = CR_FEEL_FUNCTION};
        value.as.function = function;
        return cr_expr_constant(p, value);
    }
    cr_kids arguments = {0};
    bool named;
    cr_expr *node = NULL;
    if (parse_arguments(p, &arguments, &named)) {
        if (!named) {
            cr_free(arguments.names);
            arguments.names = NULL;
            arguments.name_room = 0;
        }
        node = cr_expr_builtin(p, builtin, &arguments);
    }
    cr_kids_release(&arguments);
    return node;
}

/* --- brackets ---------------------------------------------------------- */

cr_expr *cr_parse_range_rest(cr_parser *p, cr_expr *low, bool low_included)
{
    bool outer = p->range_end;
    p->range_end = true;
    cr_expr *high = cr_parse_additive(p);
    p->range_end = outer;
    if (high == NULL) { return NULL; }
    bool included = cr_lex_take(&p->lex, "]");
    if (!included && !cr_lex_take(&p->lex, ")") && !cr_lex_take(&p->lex, "[")) {
        return cr_parse_error(p, "a range has no closing bracket");
    }
    cr_expr *node = cr_expr_new(p->c, CR_OP_RANGE, 2);
    if (node == NULL) { return NULL; }
    node->flags = (uint8_t)((low_included ? CR_EXPR_LOW : 0) | (included ? CR_EXPR_HIGH : 0));
    node->type = cr_type_range_of(p->c, low->type);
    node = cr_expr_set(p->c, node, 0, low);
    node = node == NULL ? NULL : cr_expr_set(p->c, node, 1, high);
    return node == NULL ? NULL : cr_expr_fold(p, node);
}

/* Behind "[": a list or a range. */
static cr_expr *parse_list(cr_parser *p)
{
    cr_kids kids = {0};
    const cr_feel_type *item = cr_type_of_kind(CR_FEEL_NULL);
    bool ok = true;
    if (!cr_lex_take(&p->lex, "]")) {
        do {
            cr_expr *node = cr_parse_expression(p);
            ok = cr_kids_add(p, &kids, node);
            if (ok && kids.count == 1 && cr_lex_take(&p->lex, "..")) {
                cr_kids_release(&kids);
                return cr_parse_range_rest(p, node, true);
            }
            if (ok) { item = cr_type_join(p->c, item, node->type); }
        } while (ok && cr_lex_take(&p->lex, ","));
        ok = ok && cr_parse_expect(p, "]");
    }
    cr_expr *list = ok ? cr_kids_expr(p, &kids, CR_OP_LIST) : NULL;
    cr_kids_release(&kids);
    if (list == NULL) { return NULL; }
    list->type = cr_type_list_of(p->c, item);
    return cr_expr_fold(p, list);
}

/* Behind "(": an expression in parentheses or a range open below. */
static cr_expr *parse_parentheses(cr_parser *p)
{
    cr_expr *node = cr_parse_expression(p);
    if (node == NULL) { return NULL; }
    if (cr_lex_take(&p->lex, "..")) { return cr_parse_range_rest(p, node, false); }
    return cr_parse_expect(p, ")") ? node : NULL;
}

/* Behind "]": a range open below, in the other notation. */
static cr_expr *parse_reversed(cr_parser *p)
{
    cr_expr *low = cr_parse_additive(p);
    if (low == NULL || !cr_parse_expect(p, "..")) { return NULL; }
    return cr_parse_range_rest(p, low, false);
}

/* --- literals and primaries -------------------------------------------- */

static cr_expr *parse_string(cr_parser *p)
{
    credit_span text;
    const char *why;
    if (!cr_lex_string(&p->lex, p->c->arena, &text, &why)) {
        return cr_parse_error(p, "%s", why == NULL ? "out of memory" : why);
    }
    return cr_expr_constant(p, cr_feel_string(text));
}

/* @"2026-11-23", @"PT1H", … */
static cr_expr *parse_at_literal(cr_parser *p)
{
    credit_span text;
    const char *why;
    cr_feel_value value;
    if (!cr_lex_see(&p->lex, "\"") || !cr_lex_string(&p->lex, p->c->arena, &text, &why)) {
        return cr_parse_error(p, "a string expected behind @");
    }
    if (cr_feel_parse_date(text, &value) || cr_feel_parse_time(text, &value) ||
        cr_feel_parse_date_time(text, &value) || cr_feel_parse_duration(text, &value)) {
        return cr_expr_constant(p, value);
    }
    return cr_parse_error(p, "@\"%.*s\" is no date, time or duration",
        (int)(text.size > 40 ? 40 : text.size), text.data);
}

static cr_expr *parse_number(cr_parser *p)
{
    cr_feel_value value;
    credit_span text = cr_lex_number(&p->lex);
    if (!cr_number_parse(text, &value)) {
        return cr_parse_error(p, "a number is malformed or out of range");
    }
    return cr_expr_constant(p, value);
}

static cr_expr *parse_word(cr_parser *p)
{
    meaning found = p->literals_only ? (meaning){0} : find_name(p);
    size_t builtin_size = 0;
    const cr_builtin *builtin = cr_builtin_match(&p->lex, &builtin_size);
    if (found.size > 0 && found.size >= builtin_size) { return known_name(p, &found); }
    static const struct {
        const char *word;
        cr_feel_value value;
    } constants[] = {
        {"true", {.kind = CR_FEEL_BOOLEAN, .as.boolean = true}},
        {"false", {.kind = CR_FEEL_BOOLEAN, .as.boolean = false}},
        {"null", {.kind = CR_FEEL_NULL}},
    };
    for (size_t i = 0; i < sizeof constants / sizeof constants[0]; i++) {
        if (cr_lex_take_word(&p->lex, constants[i].word)) {
            return cr_expr_constant(p, constants[i].value);
        }
    }
    if (!p->literals_only && cr_lex_take_word(&p->lex, "function")) { return cr_parse_function(p); }
    if (builtin != NULL) {
        p->lex.at += builtin_size;
        return parse_builtin(p, builtin);
    }
    return unknown_name(p);
}

static cr_expr *parse_primary(cr_parser *p)
{
    char c = cr_lex_peek(&p->lex);
    if ((c >= '0' && c <= '9') || c == '.') { return parse_number(p); }
    if (c == '"') { return parse_string(p); }
    if (cr_lex_take(&p->lex, "@")) { return parse_at_literal(p); }
    if (cr_lex_take(&p->lex, "(")) { return parse_parentheses(p); }
    if (cr_lex_take(&p->lex, "[")) { return parse_list(p); }
    if (cr_lex_take(&p->lex, "]")) { return parse_reversed(p); }
    if (cr_lex_take(&p->lex, "{")) { return cr_parse_context(p); }
    return parse_word(p);
}

/* --- paths, filters, calls behind a value ------------------------------ */

/* Behind ".": the longest member that the type knows, else plain words. */
static cr_expr *parse_path(cr_parser *p, cr_expr *value)
{
    static const char *const parts[] = {"time offset", "start included", "end included"};
    meaning best = {0};
    cr_scope item = {.item = cr_type_of_item(value->type)};
    cr_lex_skip(&p->lex);
    consider_members(p, &item, &best);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        size_t size = cr_lex_match_name(&p->lex, cr_span_of(parts[i]));
        if (size > best.size) { best = (meaning){.size = size, .member = cr_span_of(parts[i])}; }
    }
    p->lex.at += best.size;
    credit_span name = best.size > 0 ? best.member : undeclared_name(p);
    if (name.size == 0) { return cr_parse_error(p, "a name expected behind '.'"); }
    return member_node(p, value, name);
}

static const cr_feel_type *filtered_type(cr_parser *p, const cr_expr *list, const cr_expr *test)
{
    const cr_feel_type *item = cr_type_of_item(list->type);
    if (test->type->kind == CR_FEEL_NUMBER) { return item; }
    return test->type->kind == CR_FEEL_BOOLEAN ? cr_type_list_of(p->c, item) : &cr_type_any;
}

/* Behind "[": a condition on the items of `list`, or an index. */
static cr_expr *parse_filter(cr_parser *p, cr_expr *list)
{
    uint16_t slot = cr_slot_new(p->c);
    if (slot == UINT16_MAX) { return NULL; }
    cr_scope scope = {.item = cr_type_of_item(list->type), .item_slot = slot};
    cr_scope_push(p->c, &scope);
    cr_expr *test = NULL;
    if (cr_scope_add(p->c, CR_SPAN("item"), CR_VARIABLE_LOCAL, slot, scope.item)) {
        test = cr_parse_expression(p);
    }
    cr_scope_pop(p->c);
    cr_expr *node =
        test == NULL || !cr_parse_expect(p, "]") ? NULL : cr_expr_new(p->c, CR_OP_FILTER, 2);
    if (node == NULL) { return NULL; }
    list->flags |= CR_EXPR_INNER;
    node->index = slot;
    node->type = filtered_type(p, list, test);
    node = cr_expr_set(p->c, node, 0, list);
    node = node == NULL ? NULL : cr_expr_set(p->c, node, 1, test);
    return node == NULL ? NULL : cr_expr_hoist(p->c, node, slot);
}

static cr_expr *parse_instance(cr_parser *p, cr_expr *value)
{
    if (!cr_lex_take_word(&p->lex, "of")) {
        return cr_parse_error(p, "'of' expected behind 'instance'");
    }
    const cr_feel_type *type = cr_parse_type(p);
    cr_expr *node = type == NULL ? NULL : cr_expr_new(p->c, CR_OP_INSTANCE, 1);
    if (node == NULL) { return NULL; }
    node->as.asked = type;
    node->type = cr_type_of_kind(CR_FEEL_BOOLEAN);
    return cr_expr_set(p->c, node, 0, value);
}

/* "[" behind the high end of a range: does it close the range, as in
 * [18..21[, or begin a filter? It closes it if nothing that could be a
 * condition follows. */
static bool closes_range(cr_parser *p)
{
    static const char *const words[] = {
        "and", "or", "then", "else", "return", "satisfies", "in", "between", "instance"};
    cr_lex ahead = p->lex;
    if (!p->range_end || !cr_lex_take(&ahead, "[")) { return false; }
    char c = cr_lex_peek(&ahead);
    bool closes = c == '\0' || strchr(",)]}=<>!+*/", c) != NULL;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        closes = closes || cr_lex_see_word(&ahead, words[i]);
    }
    return closes;
}

static cr_expr *postfix(cr_parser *p)
{
    cr_expr *node = parse_primary(p);
    while (node != NULL && !p->literals_only) {
        if (!cr_lex_see(&p->lex, "..") && cr_lex_take(&p->lex, ".")) {
            node = parse_path(p, node);
        } else if (!closes_range(p) && cr_lex_take(&p->lex, "[")) {
            node = parse_filter(p, node);
        } else if (cr_lex_take(&p->lex, "(")) {
            node = parse_call(p, node);
        } else if (cr_lex_take_word(&p->lex, "instance")) {
            node = parse_instance(p, node);
        } else {
            break;
        }
    }
    return node;
}

cr_expr *cr_parse_postfix(cr_parser *p)
{
    if (!cr_parse_deeper(p)) { return NULL; }
    cr_expr *node = postfix(p);
    cr_parse_shallower(p);
    return node;
}
