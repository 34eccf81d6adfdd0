/* Which values an expression can come to: enough to know what a column of a table
 * must answer to, and which words it can be compared with. */
#include "engine/lint_model.h"

/* --- what the pack says of facts ------------------------------------------------ */

static const cr_values *worded(cr_lint *l, cr_lint_words words)
{
    cr_values *values = cr_values_new(l, CR_FEEL_STRING, words.nullable);
    cr_feel_value *items = cr_arena_array(&l->arena, words.count, sizeof *items);
    if (values == NULL || items == NULL) { return &cr_values_unknown; }
    for (size_t i = 0; i < words.count; i++) { items[i] = cr_feel_string(words.words[i]); }
    values->listed = words.known;
    values->open = words.open;
    values->items = items;
    values->count = words.count;
    values->given = !words.open;
    return values;
}

static const cr_values *values_of_property(cr_lint *l, uint16_t host, uint16_t property)
{
    const cr_host_property *p = &l->model->hosts[host].properties[property];
    cr_feel_kind kind = (cr_feel_kind)p->kind;
    /* Flags, coverage and parameters are always there; dates and amounts may be blank. */
    const cr_values *one =
        cr_values_plain(l, kind, kind != CR_FEEL_BOOLEAN && !cr_lint_is_policy(host));
    if (l->pack != NULL && (kind == CR_FEEL_STRING || kind == CR_FEEL_ANY)) {
        cr_lint_words words = cr_lint_property_words(l, host, p->name);
        if (words.count > 0) { one = worded(l, words); }
    }
    return p->list ? cr_values_list_of(l, one, false) : one;
}

/* --- what is known not to be null ------------------------------------------------- */

static bool same_path(const cr_expr *a, const cr_expr *b)
{
    if (a->op != b->op) { return false; }
    switch (a->op) {
    case CR_OP_INPUT:
    case CR_OP_DECISION:
    case CR_OP_LOCAL:
    case CR_OP_CAPTURE:
        return a->index == b->index;
    case CR_OP_PROPERTY:
        return a->index == b->index && same_path(a->kids[0], b->kids[0]);
    case CR_OP_PATH:
        return cr_span_equal(a->as.name, b->as.name) && same_path(a->kids[0], b->kids[0]);
    default:
        return false;
    }
}

static bool is_known(const cr_lint_frame *frame, const cr_expr *node)
{
    for (size_t i = 0; i < frame->known_count; i++) {
        if (same_path(frame->known[i], node)) { return true; }
    }
    return false;
}

static bool is_null(const cr_expr *node)
{
    return node->op == CR_OP_CONSTANT && node->as.value.kind == CR_FEEL_NULL;
}

static void know(cr_lint_frame *frame, const cr_expr *node)
{
    if (frame->known_count < sizeof frame->known / sizeof *frame->known) {
        frame->known[frame->known_count++] = node;
    }
}

void cr_lint_assume(cr_lint_frame *frame, const cr_expr *condition, bool truth)
{
    cr_op splits = truth ? CR_OP_AND : CR_OP_OR;
    if (condition->op == splits) {
        for (size_t i = 0; i < condition->count; i++) {
            cr_lint_assume(frame, condition->kids[i], truth);
        }
        return;
    }
    if (condition->op != (truth ? CR_OP_NE : CR_OP_EQ)) { return; }
    if (is_null(condition->kids[1])) { know(frame, condition->kids[0]); }
    if (is_null(condition->kids[0])) { know(frame, condition->kids[1]); }
}

static const cr_values *constant_values(cr_lint *l, const cr_feel_value *value)
{
    if (value->kind == CR_FEEL_NULL) { return cr_values_one_of(l, CR_FEEL_NULL, NULL, 0, true); }
    if (value->kind != CR_FEEL_LIST) {
        return cr_values_one_of(l, (cr_feel_kind)value->kind, value, 1, false);
    }
    const cr_values *element = cr_values_one_of(l, CR_FEEL_ANY, NULL, 0, false);
    for (size_t i = 0; i < value->n.size; i++) {
        element = cr_values_either(l, element, constant_values(l, &value->as.items[i]));
    }
    return cr_values_list_of(l, element, false);
}

/* --- expressions -------------------------------------------------------------------- */

bool cr_lint_frame_open(cr_lint *l, cr_lint_frame *frame, size_t slots)
{
    *frame = (cr_lint_frame){.count = slots};
    frame->slots = cr_arena_array(&l->arena, slots, sizeof *frame->slots);
    if (frame->slots == NULL) {
        cr_lint_no_memory(l);
        return false;
    }
    return true;
}

static void set_slot(cr_lint_frame *frame, size_t slot, const cr_values *values)
{
    if (slot < frame->count) { frame->slots[slot] = values; }
}

static const cr_values *element_of(cr_lint *l, const cr_values *list, const cr_expr *node)
{
    if (list->kind == CR_FEEL_LIST && list->element != NULL) { return list->element; }
    return cr_values_of_type(l, cr_type_of_item(node->type));
}

/* A host object's own values are where it stands; here only that it is there. */
static const cr_values *item_values(cr_lint *l, cr_lint_frame *frame, const cr_expr *list)
{
    const cr_values *values = cr_lint_values(l, frame, list);
    const cr_values *element = element_of(l, values, list);
    return cr_type_of_item(list->type)->kind == CR_FEEL_HOST
               ? cr_values_with_null(l, element, false)
               : element;
}

void cr_lint_bind(cr_lint *l, cr_lint_frame *frame, const cr_expr *loop)
{
    if (loop->op == CR_OP_FILTER) {
        set_slot(frame, loop->index, item_values(l, frame, loop->kids[0]));
        return;
    }
    for (size_t i = 0; i + 1 < loop->count; i++) {
        set_slot(frame, loop->as.slots[i], item_values(l, frame, loop->kids[i]));
    }
}

static bool any_nullable(cr_lint *l, cr_lint_frame *frame, const cr_expr *node)
{
    bool nullable = false;
    for (size_t i = 0; i < node->count; i++) {
        nullable = (node->kids[i] != NULL && cr_lint_values(l, frame, node->kids[i])->nullable) ||
                   nullable;
    }
    return nullable;
}

/* Kinds that are the same compare; so does anything with null. */
static const cr_values *comparison_values(cr_lint *l, cr_lint_frame *frame, const cr_expr *node)
{
    const cr_values *a = cr_lint_values(l, frame, node->kids[0]);
    const cr_values *b = cr_lint_values(l, frame, node->kids[1]);
    bool equality = node->op == CR_OP_EQ || node->op == CR_OP_NE;
    bool meet = a->kind == b->kind && a->kind != CR_FEEL_ANY;
    bool null = is_null(node->kids[0]) || is_null(node->kids[1]);
    const cr_values *values = cr_values_plain(
        l, CR_FEEL_BOOLEAN, equality ? !meet && !null : !meet || a->nullable || b->nullable);
    bool blank = meet && (!a->nullable || a->given) && (!b->nullable || b->given);
    return values->nullable && blank ? cr_values_as_given(l, values) : values;
}

static const cr_values *logic_values(cr_lint *l, cr_lint_frame *frame, const cr_expr *node)
{
    size_t known = frame->known_count;
    bool nullable = false;
    for (size_t i = 0; i < node->count; i++) {
        const cr_values *kid = cr_lint_values(l, frame, node->kids[i]);
        nullable = nullable || kid->nullable || kid->kind != CR_FEEL_BOOLEAN;
        cr_lint_assume(frame, node->kids[i], node->op == CR_OP_AND);
    }
    frame->known_count = known;
    return cr_values_plain(l, CR_FEEL_BOOLEAN, nullable);
}

static const cr_values *if_values(cr_lint *l, cr_lint_frame *frame, const cr_expr *node)
{
    size_t known = frame->known_count;
    const cr_values *both[2];
    for (size_t i = 0; i < 2; i++) {
        cr_lint_assume(frame, node->kids[0], i == 0);
        both[i] = cr_lint_values(l, frame, node->kids[i + 1]);
        frame->known_count = known;
    }
    return cr_values_either(l, both[0], both[1]);
}

static const cr_values *loop_values(cr_lint *l, cr_lint_frame *frame, const cr_expr *node)
{
    bool nullable = false;
    cr_lint_bind(l, frame, node);
    for (size_t i = 0; i + 1 < node->count; i++) {
        nullable = cr_lint_values(l, frame, node->kids[i])->nullable || nullable;
    }
    const cr_values *last = cr_lint_values(l, frame, node->kids[node->count - 1]);
    if (node->op == CR_OP_FOR) { return cr_values_list_of(l, last, nullable); }
    return cr_values_plain(
        l, CR_FEEL_BOOLEAN, nullable || last->nullable || last->kind != CR_FEEL_BOOLEAN);
}

static const cr_values *list_values(cr_lint *l, cr_lint_frame *frame, const cr_expr *node)
{
    const cr_values *element = cr_values_one_of(l, CR_FEEL_ANY, NULL, 0, false);
    for (size_t i = 0; i < node->count; i++) {
        element = cr_values_either(l, element, cr_lint_values(l, frame, node->kids[i]));
    }
    return cr_values_list_of(l, element, false);
}

static const cr_values *context_values(cr_lint *l, cr_lint_frame *frame, const cr_expr *node)
{
    const cr_context_code *code = node->as.context;
    const cr_values **fields = cr_arena_array(&l->arena, code->count, sizeof *fields);
    cr_values *values = cr_values_new(l, CR_FEEL_CONTEXT, false);
    if (fields == NULL || values == NULL) { return &cr_values_unknown; }
    for (size_t i = 0; i < code->count; i++) {
        fields[i] = cr_lint_values(l, frame, node->kids[i]);
        set_slot(frame, code->slots[i], fields[i]);
    }
    if ((node->flags & CR_EXPR_RESULT) != 0) {
        return cr_lint_values(l, frame, node->kids[code->count]);
    }
    values->names = code->names;
    values->fields = fields;
    values->field_count = code->count;
    return values;
}

/* What a list holds, or the value itself. */
static const cr_values *one_of_them(const cr_values *of)
{
    return of->kind == CR_FEEL_LIST && of->element != NULL ? of->element : of;
}

bool cr_lint_has_member(cr_lint *l, const cr_values *of, credit_span name)
{
    const cr_values *one = one_of_them(of);
    if (one->kind == CR_FEEL_HOST) { return cr_host_find(&l->model->hosts[one->host], name) >= 0; }
    bool found = one->kind != CR_FEEL_CONTEXT || one->field_count == 0;
    for (size_t i = 0; !found && i < one->field_count; i++) {
        found = cr_span_equal(one->names[i], name);
    }
    return found;
}

/* Of one value; NULL if nothing is known of it. */
static const cr_values *member_of(cr_lint *l, const cr_values *one, credit_span name)
{
    int property = one->kind == CR_FEEL_HOST ? cr_host_find(&l->model->hosts[one->host], name) : -1;
    const cr_values *member = NULL;
    if (property >= 0) { member = values_of_property(l, one->host, (uint16_t)property); }
    for (size_t i = 0; one->kind == CR_FEEL_CONTEXT && i < one->field_count; i++) {
        if (cr_span_equal(one->names[i], name)) { member = one->fields[i]; }
    }
    return member == NULL ? NULL
                          : cr_values_with_null(l, member, member->nullable || one->nullable);
}

static const cr_values *path_values(cr_lint *l, cr_lint_frame *frame, const cr_expr *node)
{
    const cr_values *of = cr_lint_values(l, frame, node->kids[0]);
    const cr_values *member = member_of(l, one_of_them(of), node->as.name);
    if (member == NULL) { return cr_values_of_type(l, node->type); }
    if (node->kids[0]->op == CR_OP_INPUT) { member = cr_values_as_given(l, member); }
    return of->kind == CR_FEEL_LIST ? cr_values_list_of(l, member, of->nullable) : member;
}

static const cr_values *item_name_values(cr_lint *l, cr_lint_frame *frame, const cr_expr *node)
{
    const cr_values *item = cr_lint_values(l, frame, node->kids[0]);
    const cr_values *member = member_of(l, item, node->as.name);
    return member == NULL ? cr_values_of_type(l, node->type) : member;
}

/* A parameter has the value that the pack gives it. */
static const cr_values *parameter_values(cr_lint *l, const cr_expr *node)
{
    cr_activation frame = {NULL, NULL};
    cr_feel_value *value = cr_arena_alloc(&l->arena, sizeof *value);
    if (value == NULL) { return &cr_values_unknown; }
    *value = cr_run(l->eval, node, &frame);
    return constant_values(l, value);
}

static const cr_values *property_values(cr_lint *l, cr_lint_frame *frame, const cr_expr *node)
{
    const cr_feel_type *type = node->kids[0]->type;
    const cr_feel_type *item = cr_type_of_item(type);
    if (item->kind != CR_FEEL_HOST) { return cr_values_of_type(l, node->type); }
    if (node->kids[0]->op == CR_OP_INPUT && node->kids[0]->index == l->policy_input) {
        return parameter_values(l, node);
    }
    const cr_values *one = values_of_property(l, item->host, node->index);
    const cr_values *of = cr_lint_values(l, frame, node->kids[0]);
    if (type->kind == CR_FEEL_LIST) { return cr_values_list_of(l, one, of->nullable); }
    return cr_values_with_null(l, one, one->nullable || of->nullable);
}

/* Functions of texts that give null only for null. */
static bool answers_always(credit_span name)
{
    static const char *const names[] = {"split", "contains", "starts with", "ends with",
        "string length", "upper case", "lower case", "substring before", "substring after", NULL};
    for (size_t i = 0; names[i] != NULL; i++) {
        if (cr_span_is(name, names[i])) { return true; }
    }
    return false;
}

static const cr_values *builtin_values(cr_lint *l, cr_lint_frame *frame, const cr_expr *node)
{
    const cr_builtin *builtin = node->as.builtin;
    credit_span name = cr_span_of(builtin->name);
    bool nullable = any_nullable(l, frame, node);
    if (cr_span_is(name, "count")) {
        cr_values *values = cr_values_new(l, CR_FEEL_NUMBER, nullable);
        if (values == NULL) { return &cr_values_unknown; }
        values->whole = values->not_negative = true;
        return values;
    }
    if (cr_span_is(name, "list contains")) {
        return cr_values_plain(
            l, CR_FEEL_BOOLEAN, cr_lint_values(l, frame, node->kids[0])->nullable);
    }
    if (answers_always(name)) {
        return cr_values_with_null(l, cr_values_of_type(l, node->type), nullable);
    }
    if (cr_span_is(name, "not")) { return cr_values_plain(l, CR_FEEL_BOOLEAN, nullable); }
    if (cr_span_is(name, "concatenate")) {
        const cr_values *element = cr_values_one_of(l, CR_FEEL_ANY, NULL, 0, false);
        for (size_t i = 0; i < node->count; i++) {
            const cr_values *kid = cr_lint_values(l, frame, node->kids[i]);
            element = cr_values_either(l, element, element_of(l, kid, node->kids[i]));
        }
        return cr_values_list_of(l, element, nullable);
    }
    if (node->count == 1 && (cr_span_is(name, "max") || cr_span_is(name, "min"))) {
        const cr_values *list = cr_lint_values(l, frame, node->kids[0]);
        const cr_values *one = element_of(l, list, node->kids[0]);
        if (one->kind != CR_FEEL_ANY) { return cr_values_plain(l, (cr_feel_kind)one->kind, true); }
    }
    return cr_values_of_type(l, node->type);
}

/* The kind of a sum: that of the day or moment in it, else of what is added. */
static const cr_values *sum_values(cr_lint *l, cr_lint_frame *frame, const cr_expr *node)
{
    const cr_values *a = cr_lint_values(l, frame, node->kids[0]);
    const cr_values *b = cr_lint_values(l, frame, node->kids[1]);
    bool b_lasts = b->kind == CR_FEEL_DAYS_DURATION || b->kind == CR_FEEL_MONTHS_DURATION;
    bool a_lasts = a->kind == CR_FEEL_DAYS_DURATION || a->kind == CR_FEEL_MONTHS_DURATION;
    bool nullable = a->nullable || b->nullable;
    if (b_lasts && a->kind != CR_FEEL_ANY) {
        return cr_values_plain(l, (cr_feel_kind)a->kind, true);
    }
    if (a_lasts && b->kind != CR_FEEL_ANY) {
        return cr_values_plain(l, (cr_feel_kind)b->kind, true);
    }
    bool alike = a->kind == b->kind && (node->op == CR_OP_ADD || a->kind == CR_FEEL_NUMBER);
    return alike && a->kind != CR_FEEL_ANY ? cr_values_plain(l, (cr_feel_kind)a->kind, nullable)
                                           : cr_values_of_type(l, node->type);
}

/* What a column lists it may give, though no row does yet; what its cells come to is of
 * its declared type. */
static const cr_values *with_listed(
    cr_lint *l, const cr_table_output *output, const cr_values *cells)
{
    if (cells->kind == CR_FEEL_ANY && !cr_values_is_nothing(cells)) {
        cells = cr_values_with_null(l, cr_values_of_type(l, output->type), cells->nullable);
    }
    for (size_t i = 0; i < output->allowed_count; i++) {
        const cr_expr *test = output->allowed[i];
        if (test->op == CR_OP_TEST_VALUE && test->kids[0]->op == CR_OP_CONSTANT) {
            cells = cr_values_either(l, cells, constant_values(l, &test->kids[0]->as.value));
        }
    }
    return cells;
}

static const cr_values *table_values(cr_lint *l, cr_lint_frame *frame, const cr_table *table)
{
    size_t count = table->output_count;
    const cr_values **fields = cr_arena_array(&l->arena, count, sizeof *fields);
    cr_values *context = cr_values_new(l, CR_FEEL_CONTEXT, false);
    if (fields == NULL || context == NULL) { return &cr_values_unknown; }
    for (size_t i = 0; i < count; i++) {
        fields[i] = cr_values_one_of(l, CR_FEEL_ANY, NULL, 0, false);
        for (size_t k = 0; k < table->rule_count; k++) {
            fields[i] = cr_values_either(
                l, fields[i], cr_lint_values(l, frame, table->rules[k].outputs[i]));
        }
        if (table->outputs[i].standard != NULL) {
            fields[i] = cr_values_either(
                l, fields[i], cr_lint_values(l, frame, table->outputs[i].standard));
        }
        fields[i] = with_listed(l, &table->outputs[i], fields[i]);
    }
    context->names = table->output_names;
    context->fields = fields;
    context->field_count = count;
    const cr_values *one = count == 1 ? fields[0] : context;
    bool list = table->policy == CR_HIT_RULE_ORDER || table->policy == CR_HIT_OUTPUT_ORDER ||
                (table->policy == CR_HIT_COLLECT && table->aggregation == CR_COLLECT_LIST);
    if (list) { return cr_values_list_of(l, one, false); }
    return table->policy == CR_HIT_COLLECT ? cr_values_plain(l, CR_FEEL_NUMBER, true) : one;
}

/* The inputs that are given whenever a subject is judged. */
static const cr_values *input_values(cr_lint *l, uint16_t index)
{
    const cr_input *input = &l->model->inputs[index];
    const cr_values *values = cr_values_of_type(l, input->type);
    bool is_host = cr_type_of_item(input->type)->kind == CR_FEEL_HOST;
    if (l->pack == NULL) { return values; }
    if (cr_span_is(input->name, "matter")) {
        return cr_values_with_null(l, worded(l, cr_lint_matters(l)), true);
    }
    return cr_values_with_null(l, values, !is_host && !cr_span_is(input->name, "as_of"));
}

const cr_values *cr_lint_decision_values(cr_lint *l, size_t index)
{
    const cr_decision *decision = &l->model->decisions[index];
    cr_lint_frame frame;
    if (l->decisions[index] == NULL && !l->under_way[index] &&
        cr_lint_frame_open(l, &frame, decision->slots)) {
        l->under_way[index] = true;
        l->decisions[index] = cr_lint_values(l, &frame, decision->body);
    }
    return l->decisions[index] == NULL ? &cr_values_unknown : l->decisions[index];
}

static const cr_values *values_of(cr_lint *l, cr_lint_frame *frame, const cr_expr *node)
{
    switch (node->op) {
    case CR_OP_CONSTANT:
        return constant_values(l, &node->as.value);
    case CR_OP_INPUT:
        return input_values(l, node->index);
    case CR_OP_DECISION:
        return cr_lint_decision_values(l, node->index);
    case CR_OP_LOCAL: {
        const cr_values *slot = node->index < frame->count ? frame->slots[node->index] : NULL;
        return slot != NULL ? slot : cr_values_of_type(l, node->type);
    }
    case CR_OP_PROPERTY:
        return property_values(l, frame, node);
    case CR_OP_PATH:
        return path_values(l, frame, node);
    case CR_OP_ITEM_NAME:
        return item_name_values(l, frame, node);
    case CR_OP_ADD:
    case CR_OP_SUB:
        return sum_values(l, frame, node);
    case CR_OP_LT:
    case CR_OP_LE:
    case CR_OP_GT:
    case CR_OP_GE:
    case CR_OP_EQ:
    case CR_OP_NE:
        return comparison_values(l, frame, node);
    case CR_OP_AND:
    case CR_OP_OR:
        return logic_values(l, frame, node);
    case CR_OP_BETWEEN:
        return cr_values_plain(l, CR_FEEL_BOOLEAN, any_nullable(l, frame, node));
    case CR_OP_IN:
        return cr_values_plain(
            l, CR_FEEL_BOOLEAN, cr_lint_values(l, frame, node->kids[0])->nullable);
    case CR_OP_INSTANCE:
        return cr_values_plain(l, CR_FEEL_BOOLEAN, false);
    case CR_OP_IF:
        return if_values(l, frame, node);
    case CR_OP_FOR:
    case CR_OP_SOME:
    case CR_OP_EVERY:
        return loop_values(l, frame, node);
    case CR_OP_FILTER: {
        const cr_values *list = cr_lint_values(l, frame, node->kids[0]);
        return cr_values_list_of(l, element_of(l, list, node->kids[0]), list->nullable);
    }
    case CR_OP_LIST:
        return list_values(l, frame, node);
    case CR_OP_CONTEXT:
        return context_values(l, frame, node);
    case CR_OP_BUILTIN:
        return builtin_values(l, frame, node);
    case CR_OP_ONCE:
        return cr_lint_values(l, frame, node->kids[0]);
    case CR_OP_TABLE:
        return table_values(l, frame, node->as.table);
    default:
        return cr_values_of_type(l, node->type);
    }
}

const cr_values *cr_lint_values(cr_lint *l, cr_lint_frame *frame, const cr_expr *node)
{
    const cr_values *values = values_of(l, frame, node);
    return values->nullable && is_known(frame, node) ? cr_values_with_null(l, values, false)
                                                     : values;
}
