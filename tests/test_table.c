/* Decision tables of many rows: random ones give, with their index, with cells that are
 * tested in place and as a map, all that they give when every row is walked over and every
 * cell is run. */
#include "tests/support/rules.h"
#include "tests/support/suite.h"

#include <stdarg.h>

#include "engine/model_internal.h"

enum { TABLES = 200, ASKED = 40, RULES = 150, INPUTS = 5, CELL_BYTES = 160 };

static uint64_t state;

static uint64_t next_random(void)
{
    uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static unsigned below(unsigned n)
{
    return (unsigned)(next_random() % n);
}

/* What the cells of a column compare with. */
typedef enum column_kind { NUMBERS, WORDS, DAYS, TRUTHS, COLUMN_KINDS } column_kind;

static void write_constant(column_kind kind, bool whole, char *out)
{
    static const char *const words[] = {"", "a", "ab", "b", "ba", "c", "食品", "药品"};
    switch (kind) {
    case NUMBERS:
        snprintf(out, CELL_BYTES, whole || below(2) ? "%d" : "%d.5", (int)below(40) - 20);
        break;
    case WORDS:
        snprintf(out, CELL_BYTES, "\"%s\"", words[below(8)]);
        break;
    case DAYS:
        snprintf(out, CELL_BYTES, "@\"2026-%02u-%02u\"", below(3) + 1, below(9) + 1);
        break;
    default:
        snprintf(out, CELL_BYTES, below(2) ? "true" : "false");
        break;
    }
}

static void write_form(const char *form, column_kind kind, bool whole, char *out)
{
    char a[CELL_BYTES], b[CELL_BYTES];
    write_constant(kind, whole, a);
    write_constant(kind, whole, b);
    if (whole && kind == NUMBERS && atoi(a) > atoi(b)) { strcpy(a, b); } /* no range of nothing */
    char *end = strchr(form, '%');
    bool two = strchr(end + 1, '%') != NULL;
    size_t first = (size_t)(end - form),
           middle = two ? (size_t)(strchr(end + 1, '%') - end - 2) : 0;
    snprintf(out, 3 * CELL_BYTES, "%.*s%s%.*s%s%s", (int)first, form, a, (int)middle, end + 2,
        two ? b : "", two ? end + 2 + middle + 2 : end + 2);
}

static void write_tests(column_kind kind, char *out)
{
    static const char *const forms[] = {"%s", "%s", "%s", "< %s", "<= %s", "> %s", ">= %s",
        "[%s..%s]", "(%s..%s]", "[%s..%s)", "(%s..%s)", "%s, %s", "%s, > %s", "!= %s", "= %s",
        "not(%s)", "not(%s, < %s)", "null, %s"};
    write_form(forms[below(sizeof forms / sizeof *forms)], kind, false, out);
}

/* What a map can hold. */
static void write_mapped(column_kind kind, char *out)
{
    static const char *const numbers[] = {"%s", "< %s", "<= %s", "> %s", ">= %s", "[%s..%s]",
        "(%s..%s]", "[%s..%s)", "(%s..%s)", "%s, %s", "%s, > %s", "< %s, %s"};
    static const char *const others[] = {"%s", "%s", "%s, %s"};
    if (below(100) < 30) {
        strcpy(out, "-");
    } else if (kind == NUMBERS) {
        write_form(numbers[below(sizeof numbers / sizeof *numbers)], kind, true, out);
    } else {
        write_form(others[below(3)], kind, true, out);
    }
}

/* Mostly a test of the column's kind; now and then one that no index can hold. */
static void write_cell(column_kind kind, bool plain, char *out)
{
    static const char *const odd[] = {"null", "not(null)", "x0", "? = x1", "< x2", "> today",
        "? != null", "[1, 2, 3]", "string(?) = \"a\"", "7", "\"a\"", "@\"2026-02-02\"", "true",
        "< today - @\"P1D\""};
    unsigned chance = below(100);
    if (chance < 25) {
        strcpy(out, "-");
    } else if (!plain && chance < 28) {
        strcpy(out, odd[below(sizeof odd / sizeof *odd)]);
    } else {
        write_tests(kind, out);
    }
}

static cr_feel_value random_value(column_kind kind)
{
    static const char *const words[] = {"", "a", "aa", "ab", "b", "c", "食品", "z"};
    char day[16];
    switch (below(20) == 0 ? (column_kind)below(COLUMN_KINDS) : kind) {
    case NUMBERS:
        return cr_feel_scaled((int64_t)below(90) * 5 - 225, 1);
    case WORDS:
        return rules_text(words[below(8)]);
    case DAYS:
        snprintf(day, sizeof day, "2026-%02u-%02u", below(3) + 1, below(9) + 1);
        return rules_date(day);
    default:
        return cr_feel_boolean(below(2));
    }
}

/* A table written at random, and what it needs to be compiled. */
typedef struct random_table {
    char cells[RULES][INPUTS][3 * CELL_BYTES];
    char ids[RULES][8], outputs[RULES][8];
    cr_source_text tests[RULES][INPUTS], results[RULES];
    cr_source_rule rules[RULES];
    cr_source_column inputs[INPUTS], output;
    cr_source_table table;
    column_kind kinds[INPUTS];
    bool mapped; /* it is such that a map can be made of it */
    rules made;
} random_table;

static const char *const names[] = {"x0", "x1", "x2", "x3", "x4", "today"};

static random_table t;

static void write_columns(void)
{
    /* An expression that may complain says whether it was asked for. */
    static const char *const expressions[INPUTS] = {
        "x0", "x1", "x2", "if x3 = 3 then x3 / 0 else x3", "x4"};
    for (size_t i = 0; i < INPUTS; i++) {
        t.kinds[i] = (column_kind)below(COLUMN_KINDS);
        t.inputs[i] = (cr_source_column){.expression = {cr_span_of(expressions[i]), 1}};
        if (t.kinds[i] == DAYS && below(3) == 0) {
            t.inputs[i].expression.text = CR_SPAN("today + @\"P3D\"");
        }
        if (below(12) == 0) { t.inputs[i].allowed.text = CR_SPAN("not(\"z\", 0)"); }
        if (!t.mapped) { continue; }
        t.inputs[i] = (cr_source_column){.expression = {cr_span_of(names[i]), 1}};
        if (t.kinds[i] == DAYS) { t.kinds[i] = NUMBERS; }
    }
    t.output = (cr_source_column){.name = CR_SPAN("out")};
    t.output.allowed.text = CR_SPAN("3, 1, 2, 0");
    if (!t.mapped && below(4) == 0) { t.output.standard.text = CR_SPAN("9"); }
}

static void write_table(void)
{
    static const cr_hit_policy policies[] = {CR_HIT_UNIQUE, CR_HIT_ANY, CR_HIT_FIRST, CR_HIT_FIRST,
        CR_HIT_PRIORITY, CR_HIT_RULE_ORDER, CR_HIT_OUTPUT_ORDER, CR_HIT_COLLECT};
    bool plain = below(3) == 0;
    size_t count = 20 + below(RULES - 20);
    t.mapped = below(3) == 0;
    write_columns();
    for (size_t i = 0; i < count; i++) {
        snprintf(t.ids[i], sizeof t.ids[i], "r%zu", i);
        snprintf(t.outputs[i], sizeof t.outputs[i], "%u", below(4));
        t.results[i] = (cr_source_text){cr_span_of(t.outputs[i]), i + 1};
        for (size_t k = 0; k < INPUTS; k++) {
            if (t.mapped) {
                write_mapped(t.kinds[k], t.cells[i][k]);
            } else {
                write_cell(t.kinds[k], plain, t.cells[i][k]);
            }
            t.tests[i][k] = (cr_source_text){cr_span_of(t.cells[i][k]), i + 1};
        }
        t.rules[i] = (cr_source_rule){cr_span_of(t.ids[i]), i + 1, t.tests[i], &t.results[i], NULL};
    }
    t.table = (cr_source_table){.policy = policies[below(8)], .inputs = t.inputs, .rules = t.rules};
    if (t.mapped) { t.table.policy = CR_HIT_FIRST; }
    t.table.input_count = 1 + below(INPUTS);
    t.table.rule_count = count;
    t.table.outputs = &t.output;
    t.table.output_count = 1;
}

static void compile_table(void)
{
    cr_source_input inputs[INPUTS + 1];
    credit_span requires[INPUTS + 1];
    for (size_t i = 0; i <= INPUTS; i++) {
        requires[i] = cr_span_of(names[i]);
        inputs[i] = (cr_source_input){
            .id = requires[i], .name = requires[i], .type_ref = CR_SPAN(""), .line = 1};
    }
    cr_box box = {.kind = CR_BOX_TABLE, .line = 1, .table = &t.table};
    cr_source_decision decision = {.id = CR_SPAN("d"), .name = CR_SPAN("it"), .box = &box};
    decision.requires = requires;
    decision.require_count = INPUTS + 1;
    cr_model_source source = {.inputs = inputs, .decisions = &decision, .decision_count = 1};
    source.input_count = INPUTS + 1;
    rules_drop(&t.made);
    credit_result rc = cr_model_compile(&source, NULL, &t.made.model, &t.made.err);
    ck_assert_msg(rc == CREDIT_OK, "%s", t.made.err.message);
    ck_assert_int_eq(cr_eval_new(t.made.model, &t.made.eval, &t.made.err), CREDIT_OK);
}

/* --- all that an evaluation says, as one text ------------------------------ */

static void say(char *out, size_t size, const char *format, ...)
{
    size_t at = strlen(out);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(out + at, size - at, format, arguments);
    va_end(arguments);
}

static void set_values(const cr_model *model, const cr_feel_value *values)
{
    cr_eval_use(t.made.eval, model, NULL);
    for (int i = 0; i < INPUTS; i++) { cr_eval_set(t.made.eval, i, values[i]); }
    cr_eval_set_clock(t.made.eval, INPUTS, cr_feel_to_date(rules_date("2026-02-04")));
}

static void tell(const cr_model *model, const cr_feel_value *values, char *out, size_t size)
{
    cr_eval *eval = t.made.eval;
    const cr_matched_row *rows;
    cr_feel_value value;
    set_values(model, values);
    credit_result rc = cr_eval_decide(eval, 0, &value, &t.made.err);
    ck_assert_msg(rc == CREDIT_OK, "%s", t.made.err.message);
    credit_span text = cr_feel_print(value, cr_eval_arena(eval));
    out[0] = '\0';
    say(out, size, "%.*s until %d:", (int)text.size, text.data, (int)cr_eval_next_change(eval));
    size_t count = cr_eval_rows(eval, 0, &rows);
    for (size_t i = 0; i < count; i++) {
        const cr_tested *tested;
        size_t tested_count;
        rc = cr_eval_tested(eval, 0, i, &tested, &tested_count, &t.made.err);
        ck_assert_int_eq(rc, CREDIT_OK);
        say(out, size, " %u(%zu) until %d", rows[i].number, tested_count,
            (int)cr_eval_row_next_change(eval, 0, i));
    }
    say(out, size, "; %zu errors", cr_eval_error_count(eval));
    for (size_t i = 0; i < cr_eval_error_count(eval) && i < CR_EVAL_ERRORS_MAX; i++) {
        int decision;
        credit_span error = cr_eval_error(eval, i, &decision);
        say(out, size, "; %.*s", (int)error.size, error.data);
    }
}

static size_t asked_alone;

/* A row that is asked about by itself matches when it is among those that match, and as
 * long. */
static void expect_rows_one_by_one(const cr_model *model, const cr_feel_value *values)
{
    static credit_date until[RULES + 1];
    static bool matches[RULES + 1];
    cr_feel_value value;
    const cr_matched_row *rows;
    memset(matches, 0, sizeof matches);
    set_values(model, values);
    ck_assert_int_eq(cr_eval_decide(t.made.eval, 0, &value, &t.made.err), CREDIT_OK);
    size_t count = cr_eval_rows(t.made.eval, 0, &rows);
    for (size_t i = 0; i < count; i++) {
        matches[rows[i].number] = true;
        until[rows[i].number] = cr_eval_row_next_change(t.made.eval, 0, i);
    }
    set_values(model, values);
    for (uint32_t number = 1; number <= t.table.rule_count; number++) {
        bool alone;
        credit_date next;
        credit_result rc = cr_eval_ask_row(t.made.eval, 0, number, &alone, &next, &t.made.err);
        ck_assert_int_eq(rc, CREDIT_OK);
        ck_assert_int_eq(alone, matches[number]);
        if (alone) { ck_assert_int_eq(next, until[number]); }
        asked_alone += alone;
    }
}

/* Takes the index and the map away, and gives them back. */
static cr_table swap_means(const cr_model *model, const cr_table *means)
{
    cr_table *table = (cr_table *)(uintptr_t)model->decisions[0].body->as.table;
    cr_table had = *table;
    table->index = means->index;
    table->map = means->map;
    return had;
}

static size_t indexed, matched, quick, mapped, mapped_rules;

/* Lets every cell be run as a test, or be tested in place again. */
static void swap_forms(const cr_model *model, bool away)
{
    static uint8_t forms[RULES][INPUTS];
    const cr_table *table = model->decisions[0].body->as.table;
    for (size_t i = 0; i < table->rule_count; i++) {
        cr_table_cell *cells = (cr_table_cell *)(uintptr_t)table->rules[i].cells;
        for (size_t k = 0; k < table->rules[i].cell_count; k++) {
            quick += away && cells[k].form != CR_CELL_TEST;
            if (away) { forms[i][k] = cells[k].form; }
            cells[k].form = away ? CR_CELL_TEST : forms[i][k];
        }
    }
}

static void expect_alike(const cr_model *model, const cr_feel_value *values)
{
    static char with[65536], without[65536];
    if (model->decisions[0].body->op != CR_OP_TABLE) { return; }
    tell(model, values, with, sizeof with);
    const cr_table none = {.index = NULL};
    cr_table means = swap_means(model, &none);
    swap_forms(model, true);
    tell(model, values, without, sizeof without);
    swap_forms(model, false);
    swap_means(model, &means);
    ck_assert_str_eq(with, without);
    indexed += means.index != NULL;
    matched += means.index != NULL && strchr(with, '(') != NULL;
    mapped += means.map != NULL;
    mapped_rules += means.map != NULL && strncmp(with, "null", 4) != 0;
}

/* What is known of the first input leaves some of the rows. */
static void expect_alike_narrowed(int decision, const cr_feel_value *values)
{
    cr_model *narrowed = NULL;
    cr_known known = {.input = 0, .property = CR_KNOWN_WHOLE, .value = values[0]};
    credit_result rc = cr_model_narrow(t.made.model, decision, &known, 1, &narrowed, &t.made.err);
    ck_assert_int_eq(rc, CREDIT_OK);
    expect_alike(narrowed, values);
    if (decision < 0) { expect_rows_one_by_one(narrowed, values); }
    cr_eval_use(t.made.eval, t.made.model, NULL);
    cr_model_free(narrowed);
}

/* The value alone, of a model that was narrowed to it. */
static cr_model *value_alone(void)
{
    cr_model *alone = NULL;
    credit_result rc = cr_model_narrow(t.made.model, 0, NULL, 0, &alone, &t.made.err);
    ck_assert_int_eq(rc, CREDIT_OK);
    return alone;
}

START_TEST(an_index_a_map_and_cells_tested_in_place_change_nothing)
{
    cr_feel_value values[INPUTS];
    state = (uint64_t)_i;
    for (unsigned i = 0; i < TABLES; i++) {
        write_table();
        compile_table();
        cr_model *alone = value_alone();
        for (unsigned k = 0; k < ASKED; k++) {
            for (size_t v = 0; v < INPUTS; v++) {
                values[v] = below(12) == 0 ? cr_feel_null() : random_value(t.kinds[v]);
            }
            expect_alike(t.made.model, values);
            expect_alike(alone, values);
            if (k % 10 != 0) { continue; }
            expect_alike_narrowed(k % 20 == 0 ? -1 : 0, values);
            expect_rows_one_by_one(t.made.model, values);
        }
        cr_eval_use(t.made.eval, t.made.model, NULL);
        cr_model_free(alone);
    }
    rules_drop(&t.made);
    ck_assert_uint_gt(mapped, TABLES * ASKED / 5);
    ck_assert_uint_gt(mapped_rules, TABLES * ASKED / 10);
    ck_assert_uint_gt(indexed, TABLES * ASKED / 2);
    ck_assert_uint_gt(matched, TABLES * ASKED / 4);
    ck_assert_uint_gt(quick, TABLES * ASKED);
    ck_assert_uint_gt(asked_alone, TABLES);
}
END_TEST

static Suite *table_suite(void)
{
    Suite *suite = suite_create("table");
    TCase *random = tcase_create("random");
    tcase_set_timeout(random, 120);
    tcase_add_loop_test(random, an_index_a_map_and_cells_tested_in_place_change_nothing, 1, 3);
    suite_add_tcase(suite, random);
    return suite;
}

int main(void)
{
    return run_suite(table_suite());
}
