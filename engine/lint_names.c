/* Every expression of a model: members that objects have, words that facts can be,
 * kinds of values; and what is there that nothing asks for. */
#include <string.h>

#include "engine/lint_model.h"

typedef struct walk {
    cr_lint *l;
    cr_lint_frame *frame;
    cr_lint_place place;
    bool *parameters; /* which are used; by property of the host type `policy` */
} walk;

static void walk_expr(walk *w, const cr_expr *node);

static void say_member(walk *w, const cr_expr *node)
{
    cr_lint *l = w->l;
    credit_span name = node->as.name;
    cr_lint_say(l, CR_LINT_NAME, CR_LINT_ERROR, w->place, NULL,
        cr_arena_printf(&l->arena, "there is no member \"%.*s\"", (int)name.size, name.data),
        cr_arena_printf(&l->arena, "没有名为“%.*s”的成员", (int)name.size, name.data));
}

/* --- words ------------------------------------------------------------------------- */

static bool can_be(const cr_lint *l, const cr_values *values, cr_feel_value word)
{
    for (size_t i = 0; i < values->count; i++) {
        if (cr_equal(l->eval, values->items[i], word)) { return true; }
    }
    return false;
}

static void check_word(walk *w, const cr_values *values, cr_feel_value word)
{
    cr_lint *l = w->l;
    if (values->kind != CR_FEEL_STRING || !values->listed || word.kind != CR_FEEL_STRING ||
        can_be(l, values, word)) {
        return;
    }
    credit_span text = cr_feel_text(word);
    cr_lint_say(l, CR_LINT_WORD, CR_LINT_ERROR, w->place, NULL,
        cr_arena_printf(&l->arena, "\"%.*s\" is no word of what it is compared with",
            (int)text.size, text.data),
        cr_arena_printf(&l->arena, "“%.*s”不是所比较的代码集里的词", (int)text.size, text.data));
}

/* The texts that stand in the expression itself. */
static void check_literals(walk *w, const cr_values *values, const cr_expr *node)
{
    if (node->op == CR_OP_CONSTANT && node->as.value.kind == CR_FEEL_LIST) {
        for (size_t i = 0; i < node->as.value.n.size; i++) {
            check_word(w, values, node->as.value.as.items[i]);
        }
    } else if (node->op == CR_OP_CONSTANT) {
        check_word(w, values, node->as.value);
    } else if (node->op == CR_OP_LIST ||
               (node->op >= CR_OP_TEST_ANY && node->op != CR_OP_TEST_TRUE)) {
        for (size_t i = 0; i < node->count; i++) { check_literals(w, values, node->kids[i]); }
    }
}

/* A parameter may be set to something else: what it is compared with is no mistake. */
static bool is_parameter(const walk *w, const cr_expr *node)
{
    return node->op == CR_OP_PROPERTY && node->kids[0]->op == CR_OP_INPUT &&
           node->kids[0]->index == w->l->policy_input;
}

static void check_sides(walk *w, const cr_expr *a, const cr_expr *b)
{
    if (!is_parameter(w, a)) { check_literals(w, cr_lint_values(w->l, w->frame, a), b); }
    if (!is_parameter(w, b)) { check_literals(w, cr_lint_values(w->l, w->frame, b), a); }
}

/* list contains(list, item): what one lists the other must be able to be. */
static void check_contains(walk *w, const cr_expr *node)
{
    const cr_values *list = cr_lint_values(w->l, w->frame, node->kids[0]);
    if (list->kind == CR_FEEL_LIST && list->element != NULL) {
        check_literals(w, list->element, node->kids[1]);
    }
    check_literals(w, cr_lint_values(w->l, w->frame, node->kids[1]), node->kids[0]);
}

/* --- members ------------------------------------------------------------------------- */

/* A path through something whose members are known. */
static void check_path(walk *w, const cr_expr *node)
{
    const cr_values *of = cr_lint_values(w->l, w->frame, node->kids[0]);
    if (!cr_lint_has_member(w->l, of, node->as.name)) { say_member(w, node); }
}

static void note_parameter(walk *w, const cr_expr *node)
{
    const cr_feel_type *type = cr_type_of_item(node->kids[0]->type);
    if (w->parameters != NULL && type->kind == CR_FEEL_HOST && cr_lint_is_policy(type->host)) {
        w->parameters[node->index] = true;
    }
}

/* --- the walk ------------------------------------------------------------------------ */

static void walk_lambda(walk *w, const cr_lambda *lambda)
{
    cr_lint_frame *outer = w->frame, frame;
    if (!cr_lint_frame_open(w->l, &frame, lambda->slots)) { return; }
    w->frame = &frame;
    walk_expr(w, lambda->body);
    w->frame = outer;
}

static void walk_table(walk *w, const cr_table *table)
{
    cr_lint_place place = w->place;
    for (size_t i = 0; i < table->input_count; i++) {
        walk_expr(w, table->inputs[i].expression);
        if (table->inputs[i].allowed != NULL) { walk_expr(w, table->inputs[i].allowed); }
    }
    for (size_t i = 0; i < table->output_count; i++) {
        if (table->outputs[i].standard != NULL) { walk_expr(w, table->outputs[i].standard); }
    }
    for (size_t r = 0; r < table->rule_count; r++) {
        const cr_table_rule *rule = &table->rules[r];
        w->place.row = (uint32_t)r + 1;
        w->place.line = rule->line;
        for (size_t i = 0; i < table->input_count; i++) { walk_expr(w, rule->tests[i]); }
        for (size_t i = 0; i < table->output_count; i++) { walk_expr(w, rule->outputs[i]); }
    }
    w->place = place;
    cr_lint_table(w->l, w->frame, table);
}

static void walk_kids(walk *w, const cr_expr *node)
{
    if (node->op == CR_OP_FILTER || (node->op >= CR_OP_FOR && node->op <= CR_OP_EVERY)) {
        cr_lint_bind(w->l, w->frame, node);
    }
    for (size_t i = 0; i < node->count; i++) {
        if (node->kids[i] == NULL) { continue; }
        walk_expr(w, node->kids[i]);
        bool entry = node->op == CR_OP_CONTEXT && i < node->as.context->count;
        size_t slot = entry ? node->as.context->slots[i] : SIZE_MAX;
        if (slot < w->frame->count) {
            w->frame->slots[slot] = cr_lint_values(w->l, w->frame, node->kids[i]);
        }
    }
}

static void walk_expr(walk *w, const cr_expr *node)
{
    switch (node->op) {
    case CR_OP_PATH:
        check_path(w, node);
        break;
    case CR_OP_PROPERTY:
        note_parameter(w, node);
        break;
    case CR_OP_FUNCTION:
        walk_lambda(w, node->as.lambda);
        break;
    case CR_OP_TABLE:
        walk_table(w, node->as.table);
        break;
    default:
        break;
    }
    walk_kids(w, node);
    if (node->op == CR_OP_EQ || node->op == CR_OP_NE) {
        check_sides(w, node->kids[0], node->kids[1]);
    }
    if (node->op == CR_OP_IN) {
        check_literals(w, cr_lint_values(w->l, w->frame, node->kids[0]), node->kids[1]);
    }
    if (node->op == CR_OP_BUILTIN && node->count == 2 &&
        strcmp(node->as.builtin->name, "list contains") == 0) {
        check_contains(w, node);
    }
}

/* --- decisions ----------------------------------------------------------------------- */

static void check_result(walk *w, const cr_decision *decision, size_t index)
{
    cr_lint *l = w->l;
    uint8_t declared = decision->type->kind;
    const cr_values *values = cr_lint_decision_values(l, index);
    bool known = declared != CR_FEEL_ANY && values->kind != CR_FEEL_ANY &&
                 values->kind != CR_FEEL_NULL && declared != CR_FEEL_HOST;
    if (!known || values->kind == declared) { return; }
    cr_lint_say(l, CR_LINT_TYPE, CR_LINT_ERROR, w->place, NULL,
        cr_arena_printf(&l->arena, "the decision gives a %s and is declared a %s",
            cr_feel_kind_name((cr_feel_kind)values->kind),
            cr_feel_kind_name((cr_feel_kind)declared)),
        cr_arena_printf(&l->arena, "决策给出 %s，声明的却是 %s",
            cr_feel_kind_name((cr_feel_kind)values->kind),
            cr_feel_kind_name((cr_feel_kind)declared)));
}

static void walk_decision(walk *w, size_t index)
{
    const cr_decision *decision = &w->l->model->decisions[index];
    cr_lint_frame frame;
    if (!cr_lint_frame_open(w->l, &frame, decision->slots)) { return; }
    w->frame = &frame;
    w->place = (cr_lint_place){decision->name, 0, decision->line};
    w->l->decision = decision->name;
    walk_expr(w, decision->body);
    check_result(w, decision, index);
}

/* Doubts that the compiler had: "decision "x": a string is compared with …". */
static void say_doubts(cr_lint *l)
{
    for (size_t i = 0; i < cr_model_warning_count(l->model); i++) {
        cr_lint_place place = {.line = 0};
        credit_span doubt = cr_model_warning(l->model, i, &place.line);
        const char *text = cr_arena_printf(&l->arena, "%.*s", (int)doubt.size, doubt.data);
        cr_lint_say(l, CR_LINT_TYPE, CR_LINT_ERROR, place, NULL, text,
            text == NULL ? NULL : cr_arena_printf(&l->arena, "类型不符：%s", text));
    }
}

static const cr_host_type *policy_of(const cr_model *model)
{
    for (size_t i = 0; i < model->host_count; i++) {
        if (cr_lint_is_policy((uint16_t)i)) { return &model->hosts[i]; }
    }
    return NULL;
}

static void check_parameters(cr_lint *l, const cr_host_type *policy, const bool *used)
{
    for (size_t i = 0; i < policy->property_count; i++) {
        credit_span name = policy->properties[i].name;
        if (used[i] || cr_lint_names_parameter(l->pack, name)) { continue; }
        cr_lint_say(l, CR_LINT_PARAMETER, CR_LINT_WARNING, (cr_lint_place){.line = 0}, NULL,
            cr_arena_printf(
                &l->arena, "no rule uses the parameter %.*s", (int)name.size, name.data),
            cr_arena_printf(&l->arena, "没有规则用到参数 %.*s", (int)name.size, name.data));
    }
}

/* --- rows' ids ----------------------------------------------------------------------- */

static bool stands_before(const cr_model *model, size_t decision, size_t row, credit_span id)
{
    for (size_t d = 0; d <= decision; d++) {
        const cr_table *table = model->decisions[d].table;
        size_t rows = table == NULL ? 0 : d == decision ? row : table->rule_count;
        for (size_t r = 0; r < rows; r++) {
            if (cr_span_equal(table->rules[r].id, id)) { return true; }
        }
    }
    return false;
}

static void check_ids(cr_lint *l)
{
    for (size_t d = 0; d < l->model->decision_count; d++) {
        const cr_decision *decision = &l->model->decisions[d];
        for (size_t r = 0; decision->table != NULL && r < decision->table->rule_count; r++) {
            const cr_table_rule *rule = &decision->table->rules[r];
            if (rule->id.size == 0 || !stands_before(l->model, d, r, rule->id)) { continue; }
            cr_lint_say(l, CR_LINT_ROW_ID, CR_LINT_ERROR,
                (cr_lint_place){decision->name, (uint32_t)r + 1, rule->line}, NULL,
                cr_arena_printf(&l->arena, "the row's id \"%.*s\" stands twice", (int)rule->id.size,
                    rule->id.data),
                cr_arena_printf(
                    &l->arena, "行的 id “%.*s”出现两次", (int)rule->id.size, rule->id.data));
        }
    }
}

/* --- answers that the engine reads -------------------------------------------------------- */

/* The texts that the row gives must be words of the pack's format. */
static void check_answer(
    cr_lint *l, cr_lint_frame *frame, const cr_lint_answer *answer, size_t row, size_t output)
{
    int index = cr_model_decision(l->model, answer->decision);
    const cr_table_rule *rule = &l->model->decisions[index].table->rules[row];
    const cr_values *values = cr_lint_values(l, frame, rule->outputs[output]);
    for (size_t k = 0; values->listed && k < values->count; k++) {
        credit_span word = cr_feel_text(values->items[k]);
        if (values->items[k].kind != CR_FEEL_STRING || answer->knows(l->pack, word)) { continue; }
        cr_lint_say(l, CR_LINT_WORD, CR_LINT_ERROR,
            (cr_lint_place){l->model->decisions[index].name, (uint32_t)row + 1, rule->line}, NULL,
            cr_arena_printf(
                &l->arena, "\"%.*s\" is no %s", (int)word.size, word.data, answer->column),
            cr_arena_printf(
                &l->arena, "“%.*s”不是 %s 可用的词", (int)word.size, word.data, answer->column));
    }
}

static void check_answers(cr_lint *l, const cr_lint_answer *answer)
{
    int index = cr_model_decision(l->model, answer->decision);
    const cr_table *table = index < 0 ? NULL : l->model->decisions[index].table;
    cr_lint_frame frame;
    if (table == NULL || !cr_lint_frame_open(l, &frame, l->model->decisions[index].slots)) {
        return;
    }
    for (size_t i = 0; i < table->output_count; i++) {
        if (!cr_span_is(table->outputs[i].name, answer->column)) { continue; }
        for (size_t r = 0; r < table->rule_count; r++) { check_answer(l, &frame, answer, r, i); }
    }
}

/* A serious roster is entered by records of decisions, never by what rules make up. */
static void check_serious(cr_lint *l, credit_span name)
{
    int index = cr_model_decision(l->model, name);
    if (index < 0) { return; }
    const cr_values *values = cr_lint_decision_values(l, (size_t)index);
    const cr_values *entry = values->kind == CR_FEEL_LIST ? values->element : values;
    bool records = entry == NULL || entry->kind == CR_FEEL_HOST || entry->kind == CR_FEEL_ANY ||
                   entry->kind == CR_FEEL_NULL;
    if (records) { return; }
    cr_lint_say(l, CR_LINT_SERIOUS, CR_LINT_ERROR,
        (cr_lint_place){name, 0, l->model->decisions[index].line}, NULL,
        "a serious roster takes what are no records of decisions",
        "严重失信名单里列入了不是认定记录的东西");
}

void cr_lint_names(cr_lint *l)
{
    const cr_model *model = l->model;
    walk w = {.l = l};
    const cr_host_type *policy = policy_of(model);
    if (l->pack != NULL && policy != NULL) {
        w.parameters = cr_arena_array(&l->arena, policy->property_count, sizeof *w.parameters);
        if (w.parameters == NULL) { cr_lint_no_memory(l); }
    }
    say_doubts(l);
    for (size_t i = 0; i < model->decision_count; i++) { walk_decision(&w, i); }
    w.place = (cr_lint_place){.line = 0};
    l->decision = CR_SPAN("");
    for (size_t i = 0; i < model->knowledge_count; i++) {
        walk_lambda(&w, model->knowledge[i].lambda);
    }
    check_ids(l);
    if (l->pack == NULL || w.parameters == NULL) { return; }
    check_parameters(l, policy, w.parameters);
    credit_span roster;
    for (size_t i = 0; cr_lint_serious_roster(l->pack, i, &roster); i++) {
        if (roster.size > 0) { check_serious(l, roster); }
    }
    cr_lint_answer answer;
    for (size_t i = 0; cr_lint_answer_at(l->pack, i, &answer); i++) { check_answers(l, &answer); }
}
