#include "engine/matching.h"

#include <string.h>

#include "engine/text.h"
#include "tests/support/suite.h"

static cr_arena arena = CR_ARENA_INIT;
static cr_match_row rows[3];
static cr_matching table;

static void given_three_rows_that_fit_all(void)
{
    static const char *const rules[] = {"R1", "R2", "R3"};
    memset(rows, 0, sizeof rows);
    for (size_t i = 0; i < 3; i++) {
        rows[i].rule = cr_span_of(rules[i]);
        rows[i].text = cr_span_of("text");
        memset(rows[i].allowed, UINT8_MAX, sizeof rows[i].allowed);
    }
    table = (cr_matching){rows, 3, NULL};
}

static void forget(void)
{
    cr_arena_release(&arena);
}

/* A row of a firm that the register knows by that name. */
static cr_match_case plain_case(void)
{
    cr_match_case c = {{0}};
    c.facts[CR_MATCH_NUMBER] = CR_NUMBER_USCC;
    c.facts[CR_MATCH_SUBJECT] = CR_SUBJECT_REGISTERED;
    c.facts[CR_MATCH_NAME] = CR_NAME_EQUAL;
    return c;
}

static bool decides(const cr_match_case *c, const char *rule)
{
    return cr_span_is(cr_matching_find(&table, c)->rule, rule);
}

START_TEST(the_first_row_that_fits_decides_in_every_case)
{
    rows[0].allowed[CR_MATCH_NUMBER] = 1U << CR_NUMBER_PERSON;
    rows[1].allowed[CR_MATCH_NAME] = 1U << CR_NAME_FORMER | 1U << CR_NAME_DIFFERENT;
    ck_assert(cr_matching_compile(&table, &arena));
    cr_match_case c = plain_case();
    ck_assert(decides(&c, "R3"));
    c.facts[CR_MATCH_NAME] = CR_NAME_FORMER;
    ck_assert(decides(&c, "R2"));
    c.facts[CR_MATCH_NUMBER] = CR_NUMBER_PERSON;
    ck_assert(decides(&c, "R1"));
    for (uint8_t code = 0; code < 2; code++) { /* the last fact, and all values of one before */
        c.facts[CR_MATCH_CODE] = code;
        for (uint8_t leads = 0; leads < 3; leads++) {
            c.facts[CR_MATCH_LEADS] = leads;
            ck_assert(decides(&c, "R1"));
        }
    }
}
END_TEST

START_TEST(what_no_row_fits_waits_for_a_reason_of_its_own)
{
    cr_match_case c = plain_case();
    ck_assert_int_eq(cr_matching_find(&table, &c)->outcome, CR_OUTCOME_PARK); /* not compiled */
    for (size_t i = 0; i < 3; i++) { rows[i].allowed[CR_MATCH_NUMBER] = 1U << CR_NUMBER_PERSON; }
    ck_assert(cr_matching_compile(&table, &arena));
    const cr_match_row *row = cr_matching_find(&table, &c);
    ck_assert_int_eq(row->outcome, CR_OUTCOME_PARK);
    ck_assert_uint_gt(cr_matching_text(&table, row->rule).size, 0);
    ck_assert_uint_gt(cr_matching_text(&table, CR_SPAN("R1")).size, 0);
    ck_assert_uint_eq(cr_matching_text(&table, CR_SPAN("R9")).size, 0);
}
END_TEST

static bool is_refused(cr_match_outcome outcome, cr_match_fact fact, unsigned values)
{
    size_t at = 9;
    given_three_rows_that_fit_all();
    rows[0].outcome = outcome;
    rows[0].allowed[CR_MATCH_NUMBER] = 1U << CR_NUMBER_USCC;
    rows[0].allowed[CR_MATCH_DECISION] = 1U;
    rows[0].allowed[CR_MATCH_LEADS] = 1U << CR_LEADS_NOWHERE;
    rows[0].allowed[CR_MATCH_SUBJECT] =
        outcome == CR_OUTCOME_INTRODUCE ? 1U << CR_SUBJECT_UNKNOWN
                                        : 1U << CR_SUBJECT_RECORDED | 1U << CR_SUBJECT_REGISTERED;
    rows[0].allowed[fact] = (uint8_t)values;
    ck_assert(cr_matching_compile(&table, &arena));
    const char *fault = cr_matching_fault(&table, &at);
    if (fault != NULL) { ck_assert_uint_eq(at, 0); }
    return fault != NULL;
}

START_TEST(no_table_joins_by_name_alone_or_by_a_number_of_several)
{
    unsigned unknown = 1U << CR_SUBJECT_UNKNOWN, none = 1U << CR_NUMBER_NONE;
    ck_assert(!is_refused(CR_OUTCOME_JOIN, CR_MATCH_NUMBER, 1U << CR_NUMBER_USCC));
    ck_assert(!is_refused(CR_OUTCOME_JOIN_NOTE, CR_MATCH_NUMBER, 1U << CR_NUMBER_PERSON));
    ck_assert(!is_refused(CR_OUTCOME_INTRODUCE, CR_MATCH_NUMBER, 1U << CR_NUMBER_PERSON));
    ck_assert(is_refused(CR_OUTCOME_INTRODUCE, CR_MATCH_NUMBER, none));
    ck_assert(is_refused(CR_OUTCOME_INTRODUCE, CR_MATCH_NUMBER, 1U << CR_NUMBER_ORG_CODE));
    ck_assert(is_refused(CR_OUTCOME_JOIN, CR_MATCH_SUBJECT, unknown));
    ck_assert(is_refused(CR_OUTCOME_INTRODUCE, CR_MATCH_SUBJECT, UINT8_MAX));
    ck_assert(is_refused(CR_OUTCOME_JOIN, CR_MATCH_DECISION, UINT8_MAX));
    ck_assert(is_refused(CR_OUTCOME_INTRODUCE, CR_MATCH_DECISION, 2U));
}
END_TEST

START_TEST(another_number_joins_only_where_it_leads_to_one)
{
    for (unsigned leads = 0; leads < 3; leads++) {
        size_t at = 9;
        given_three_rows_that_fit_all();
        rows[0].outcome = CR_OUTCOME_JOIN;
        rows[0].allowed[CR_MATCH_NUMBER] = 1U << CR_NUMBER_REG_NO;
        rows[0].allowed[CR_MATCH_DECISION] = 1U;
        rows[0].allowed[CR_MATCH_LEADS] = (uint8_t)(1U << leads);
        if (leads == CR_LEADS_TO_ONE) {
            rows[0].allowed[CR_MATCH_SUBJECT] = 1U << CR_SUBJECT_REGISTERED;
        }
        ck_assert(cr_matching_compile(&table, &arena));
        ck_assert_int_eq(cr_matching_fault(&table, &at) == NULL, leads == CR_LEADS_TO_ONE);
    }
}
END_TEST

START_TEST(no_memory_is_told)
{
    cr_alloc_fail_at(1);
    bool compiled = cr_matching_compile(&table, &arena);
    cr_alloc_fail_at(0);
    ck_assert(!compiled);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("matching");
    TCase *tests = tcase_create("matching");
    tcase_add_checked_fixture(tests, given_three_rows_that_fit_all, forget);
    tcase_add_test(tests, the_first_row_that_fits_decides_in_every_case);
    tcase_add_test(tests, what_no_row_fits_waits_for_a_reason_of_its_own);
    tcase_add_test(tests, no_table_joins_by_name_alone_or_by_a_number_of_several);
    tcase_add_test(tests, another_number_joins_only_where_it_leads_to_one);
    tcase_add_test(tests, no_memory_is_told);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
