#include "tests/support/rules.h"
#include "tests/support/suite.h"

#include "engine/canon.h"

/* --- cases as data ----------------------------------------------------- */

typedef struct feel_case {
    char *expression, *names, *expected;
    int line;
} feel_case;

static void compile_names(rules *r, const feel_case *c, cr_feel_value *names)
{
    *names = cr_feel_context(NULL, 0);
    if (strcmp(c->names, ".") == 0) { return; }
    credit_result rc = rules_of_expression(r, c->names, *names);
    ck_assert_msg(rc == CREDIT_OK, "line %d: names: %s", c->line, r->err.message);
    *names = rules_value(r, "it");
    ck_assert_msg(names->kind == CR_FEEL_CONTEXT, "line %d: names are no context", c->line);
}

/* A value, and the cell of a table that it may pass. */
#define CELL_BEHIND " :: "

/* Says what is wrong and goes on: all that fail are seen at once. */
static bool check_case(const feel_case *c)
{
    rules names_of = RULES_INIT, r = RULES_INIT;
    cr_feel_value names;
    compile_names(&names_of, c, &names);
    char *cell = strstr(c->expression, CELL_BEHIND);
    if (cell != NULL) { *cell = '\0'; }
    credit_result rc = cell == NULL
                           ? rules_of_expression(&r, c->expression, names)
                           : rules_of_cell(&r, c->expression, cell + strlen(CELL_BEHIND), names);
    const char *got = rc == CREDIT_OK ? rules_show(&r, "it") : r.err.message;
    bool refused = c->expected[0] == '!';
    bool ok = refused ? rc == CREDIT_E_PACK && strstr(got, c->expected + 1) != NULL
                      : rc == CREDIT_OK && strcmp(got, c->expected) == 0;
    if (!ok) { printf("line %d: %s is %s, not %s\n", c->line, c->expression, got, c->expected); }
    rules_drop(&r);
    rules_drop(&names_of);
    return ok;
}

static FILE *open_cases(void)
{
    char path[1024];
    const char *source = getenv("CREDIT_SOURCE");
    snprintf(path, sizeof path, "%s/tests/cases/feel.txt", source == NULL ? "." : source);
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "no %s", path);
    return file;
}

START_TEST(expressions_give_what_the_cases_say)
{
    char line[4096];
    int number = 0, checked = 0, failed = 0;
    FILE *file = open_cases();
    while (fgets(line, sizeof line, file) != NULL) {
        feel_case c = {.line = ++number};
        line[strcspn(line, "\r\n")] = '\0';
        if (line[0] == '#' || line[0] == '\0') { continue; }
        c.expression = line;
        c.names = strchr(line, '\t');
        ck_assert_ptr_nonnull(c.names);
        *c.names++ = '\0';
        c.expected = strchr(c.names, '\t');
        ck_assert_ptr_nonnull(c.expected);
        *c.expected++ = '\0';
        failed += !check_case(&c);
        checked++;
    }
    fclose(file);
    ck_assert_int_gt(checked, 300);
    ck_assert_int_eq(failed, 0);
}
END_TEST

/* --- limits ------------------------------------------------------------ */

static void expect_refused(const char *text, const char *why)
{
    rules r = RULES_INIT;
    credit_result rc = rules_of_expression(&r, text, cr_feel_context(NULL, 0));
    ck_assert_int_eq(rc, CREDIT_E_PACK);
    ck_assert_msg(strstr(r.err.message, why) != NULL, "%s", r.err.message);
    rules_drop(&r);
}

static char *repeated(const char *piece, size_t count, const char *end)
{
    size_t size = strlen(piece);
    char *text = malloc(size * count + strlen(end) + 1);
    ck_assert_ptr_nonnull(text);
    for (size_t i = 0; i < count; i++) { memcpy(text + i * size, piece, size); }
    strcpy(text + size * count, end);
    return text;
}

START_TEST(deep_nesting_is_refused_not_followed)
{
    static const char *const openings[] = {"(", "[", "- ", "{a: ", "if 1 then 2 else ", "not(",
        "for x in [1] return ", "function(x) ", "5 in (", "1 + (", "{a: 1}[", "f(x: "};
    for (size_t i = 0; i < sizeof openings / sizeof openings[0]; i++) {
        char *text = repeated(openings[i], 3000, "1");
        rules r = RULES_INIT;
        ck_assert_int_eq(rules_of_expression(&r, text, cr_feel_context(NULL, 0)), CREDIT_E_PACK);
        rules_drop(&r);
        free(text);
    }
}
END_TEST

START_TEST(a_long_chain_of_operators_is_refused)
{
    char *text = repeated("1+", 5000, "1");
    expect_refused(text, "levels");
    free(text);
}
END_TEST

START_TEST(an_expression_that_is_too_long_is_refused)
{
    char *text = repeated(" ", CR_FEEL_SOURCE_MAX, "1");
    expect_refused(text, "longer than");
    free(text);
}
END_TEST

static void expect_limit(const char *text)
{
    rules r = RULES_INIT;
    cr_feel_value value;
    ck_assert_int_eq(rules_of_expression(&r, text, cr_feel_context(NULL, 0)), CREDIT_OK);
    credit_result rc = cr_eval_decide(r.eval, 0, &value, &r.err);
    ck_assert_msg(rc == CREDIT_E_LIMIT, "%s: %d", text, (int)rc);
    rules_drop(&r);
}

START_TEST(evaluations_without_end_are_stopped)
{
    expect_limit("for i in 1..1000000 return i");
    expect_limit("some i in 1..100000, j in 1..100000 satisfies i + j < 0");
    expect_limit("count(for i in 1..90000 return for j in 1..90000 return j)");
    expect_limit("{f: function(f, n) f(f, n + 1), r: f(f, 1)}.r");
}
END_TEST

START_TEST(strings_do_not_grow_without_bound)
{
    rules r = RULES_INIT;
    const char *text =
        "(for i in 1..40 return if i = 1 then \"ab\" else partial[-1] + partial[-1])[-1]";
    ck_assert_int_eq(rules_of_expression(&r, text, cr_feel_context(NULL, 0)), CREDIT_OK);
    ck_assert_str_eq(rules_show(&r, "it"), "null");
    int decision;
    ck_assert_uint_gt(cr_eval_error_count(r.eval), 0);
    ck_assert_ptr_nonnull(strstr(cr_eval_error(r.eval, 0, &decision).data, "longer than"));
    rules_drop(&r);
}
END_TEST

/* --- errors and values ------------------------------------------------- */

START_TEST(errors_are_noted_and_bounded)
{
    rules r = RULES_INIT;
    int decision;
    ck_assert_int_eq(
        rules_of_expression(&r, "for i in 1..1000 return i + \"a\"", cr_feel_context(NULL, 0)),
        CREDIT_OK);
    rules_value(&r, "it");
    ck_assert_uint_ge(cr_eval_error_count(r.eval), 10);
    ck_assert_uint_le(cr_eval_error_count(r.eval), 100);
    credit_span message = cr_eval_error(r.eval, 0, &decision);
    ck_assert_int_eq(decision, 0);
    ck_assert(cr_span_is(message, "no number + string"));
    cr_eval_reset(r.eval, NULL);
    ck_assert_uint_eq(cr_eval_error_count(r.eval), 0);
    rules_drop(&r);
}
END_TEST

START_TEST(calls_that_can_only_give_null_are_warned_of)
{
    rules r = RULES_INIT;
    uint64_t line;
    ck_assert_int_eq(
        rules_of_expression(&r, "count(1, 2) = \"a\"", cr_feel_context(NULL, 0)), CREDIT_OK);
    ck_assert_uint_ge(cr_model_warning_count(r.model), 1);
    ck_assert_ptr_nonnull(strstr(cr_model_warning(r.model, 0, &line).data, "count()"));
    ck_assert_uint_eq(line, 1);
    rules_drop(&r);
}
END_TEST

START_TEST(values_are_written_as_json)
{
    rules r = RULES_INIT;
    cr_canon json;
    cr_canon_init(&json);
    json.sorted = false;
    ck_assert_int_eq(rules_of_expression(&r,
                         "{n: 1.50, s: \"信\\\"用\", d: @\"2026-11-23\", p: @\"P1Y\", l: [1, null, "
                         "true], c: {}, "
                         "r: [1..2]}",
                         cr_feel_context(NULL, 0)),
        CREDIT_OK);
    cr_feel_write_json(rules_value(&r, "it"), r.eval, &json);
    credit_span text = cr_canon_span(&json);
    ck_assert(!json.failed);
    ck_assert_msg(
        cr_span_is(text, "{\"n\":1.5,\"s\":\"信\\\"用\",\"d\":\"2026-11-23\",\"p\":\"P1Y\","
                         "\"l\":[1,null,true],\"c\":{},\"r\":\"[1..2]\"}"),
        "%.*s", (int)text.size, text.data);
    cr_canon_free(&json);
    rules_drop(&r);
}
END_TEST

START_TEST(simple_values_survive_printing_and_parsing)
{
    static const struct {
        cr_feel_kind kind;
        const char *text;
    } cases[] = {{CR_FEEL_DATE, "2026-11-23"}, {CR_FEEL_DATE, "-0044-03-15"},
        {CR_FEEL_TIME, "10:20:30.5+08:00"}, {CR_FEEL_DATE_TIME, "2026-11-23T10:20:30Z"},
        {CR_FEEL_DATE_TIME, "2026-11-23T10:20:30@Asia/Shanghai"},
        {CR_FEEL_DAYS_DURATION, "-P1DT2H3M4.5S"}, {CR_FEEL_MONTHS_DURATION, "P1Y2M"},
        {CR_FEEL_NUMBER, "-12345678901234567890.123"}, {CR_FEEL_BOOLEAN, "false"}};
    cr_arena arena = CR_ARENA_INIT;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_feel_value value;
        ck_assert_msg(
            cr_feel_parse(cases[i].kind, cr_span_of(cases[i].text), &value), "%s", cases[i].text);
        credit_span shown = cr_feel_print(value, &arena);
        ck_assert_msg(cr_span_is(shown, cases[i].text), "%s became %.*s", cases[i].text,
            (int)shown.size, shown.data);
    }
    cr_arena_release(&arena);
}
END_TEST

START_TEST(amounts_come_from_scaled_integers_exactly)
{
    cr_arena arena = CR_ARENA_INIT;
    ck_assert(cr_span_is(cr_feel_print(cr_feel_scaled(1250000, 6), &arena), "1.25"));
    ck_assert(cr_span_is(cr_feel_print(cr_feel_scaled(-1, 6), &arena), "-0.000001"));
    ck_assert(cr_span_is(cr_feel_print(cr_feel_scaled(3000000, 6), &arena), "3"));
    ck_assert(cr_span_is(cr_feel_print(cr_feel_scaled(0, 6), &arena), "0"));
    cr_arena_release(&arena);
}
END_TEST

START_TEST(long_term_dates_keep_their_meaning)
{
    ck_assert_int_eq(cr_feel_to_date(cr_feel_date(CREDIT_DATE_FOREVER)), CREDIT_DATE_FOREVER);
    ck_assert_int_eq(cr_feel_date(CREDIT_DATE_NONE).kind, CR_FEEL_NULL);
    ck_assert_int_eq(cr_feel_to_date(rules_date("1970-01-02")), 1);
}
END_TEST

START_TEST(every_failed_allocation_is_survived)
{
    static const char text[] =
        "{a: for x in [1, 2.5] return string(x), f: function(y) count(a) + y,"
        " r: f(1), s: split(\"a;b\", \";\"), t: sort([3, 1]), d: @\"2026-11-23\" + @\"P1M\"}.r";
    credit_result rc = CREDIT_E_NOMEM;
    for (uint64_t n = 1; n < 500 && rc != CREDIT_OK; n++) {
        rules r = RULES_INIT;
        cr_feel_value value = cr_feel_null();
        cr_alloc_fail_at(n);
        rc = rules_of_expression(&r, text, cr_feel_context(NULL, 0));
        if (rc == CREDIT_OK) { rc = cr_eval_decide(r.eval, 0, &value, &r.err); }
        cr_alloc_fail_at(0);
        ck_assert_msg(rc == CREDIT_OK || rc == CREDIT_E_NOMEM, "at %d: %s", (int)n, r.err.message);
        rules_drop(&r);
    }
    ck_assert_int_eq(rc, CREDIT_OK);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("feel");
    TCase *tcase = tcase_create("expressions");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, expressions_give_what_the_cases_say);
    tcase_add_test(tcase, errors_are_noted_and_bounded);
    tcase_add_test(tcase, calls_that_can_only_give_null_are_warned_of);
    suite_add_tcase(suite, tcase);

    tcase = tcase_create("limits");
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, deep_nesting_is_refused_not_followed);
    tcase_add_test(tcase, a_long_chain_of_operators_is_refused);
    tcase_add_test(tcase, an_expression_that_is_too_long_is_refused);
    tcase_add_test(tcase, evaluations_without_end_are_stopped);
    tcase_add_test(tcase, strings_do_not_grow_without_bound);
    tcase_add_test(tcase, every_failed_allocation_is_survived);
    suite_add_tcase(suite, tcase);

    tcase = tcase_create("values");
    tcase_add_test(tcase, values_are_written_as_json);
    tcase_add_test(tcase, simple_values_survive_printing_and_parsing);
    tcase_add_test(tcase, amounts_come_from_scaled_integers_exactly);
    tcase_add_test(tcase, long_term_dates_keep_their_meaning);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
