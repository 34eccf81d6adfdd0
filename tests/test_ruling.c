/* Rulings by narrowed rules against the same rules as they stand, on records
 * drawn at random around every threshold of the shipped pack. */
#include "engine/ruling.h"

#include "tests/support/records.h"
#include "tests/support/suite.h"

static cr_ruler *ruler;
static cr_eval *plain; /* of the pack's own model */

static void given_the_pack(void)
{
    load_pack();
    ck_assert_int_eq(cr_ruler_new(pack, 1, &ruler, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_eval_new(pack->model, &plain, NULL), CREDIT_OK);
}

static void drop_it(void)
{
    cr_eval_free(plain);
    cr_ruler_free(ruler);
    free_pack();
}

/* ---- the rules as they stand ------------------------------------------------- */

static cr_feel_value plain_value(const cr_fact *fact)
{
    cr_feel_value value;
    cr_eval_reset(plain, &types);
    cr_eval_set(
        plain, cr_model_input(pack->model, CR_SPAN("record")), cr_feel_host(CR_HOST_RECORD, fact));
    cr_eval_set(plain, cr_model_input(pack->model, CR_SPAN("policy")),
        cr_feel_host(CR_HOST_POLICY, policy));
    int decision = cr_model_decision(pack->model, pack->record_decision);
    ck_assert_int_eq(cr_eval_decide(plain, decision, &value, NULL), CREDIT_OK);
    return value;
}

static bool says(cr_feel_value value, const char *name)
{
    return cr_feel_is_true(cr_feel_entry_get(value, cr_span_of(name)));
}

static credit_date day(cr_feel_value value, const char *name)
{
    return cr_feel_to_date(cr_feel_entry_get(value, cr_span_of(name)));
}

static void assert_same(const cr_ruling *got, cr_feel_value value)
{
    credit_span severity = cr_feel_text(cr_feel_entry_get(value, CR_SPAN("severity")));
    ck_assert_uint_eq(got->severity, cr_severity_number(severity));
    ck_assert_uint_eq((got->flags & CR_RULED_PUBLISHED) != 0, says(value, "published"));
    ck_assert_uint_eq((got->flags & CR_RULED_NEGATIVE) != 0, says(value, "negative"));
    ck_assert_uint_eq((got->flags & CR_RULED_REVIEW) != 0, says(value, "review"));
    ck_assert_int_eq(got->starts_on, day(value, "starts_on"));
    ck_assert_int_eq(got->published_until, day(value, "published_until"));
    ck_assert_int_eq(got->repairable_from, day(value, "repairable_from"));
    ck_assert_int_eq(got->until, day(value, "until"));
    ck_assert_uint_eq(got->pack, 1);
}

START_TEST(narrowed_rules_rule_as_the_rules_stand)
{
    enum { RECORDS = 120000, COMMON = 61 };
    size_t published = 0, repairable = 0;
    for (size_t i = 0; i < RECORDS; i++) {
        /* Half of them of few kinds, as they come; half of any. */
        cr_fact fact = random_fact(i % 2 == 0 ? i / 2 % COMMON : i, i);
        cr_feel_value wanted = plain_value(&fact);
        ck_assert_int_eq(cr_ruler_rule(ruler, &fact, NULL), CREDIT_OK);
        assert_same(&fact.version.ruling, wanted);
        published += says(wanted, "published");
        repairable += day(wanted, "repairable_from") != CREDIT_DATE_NONE;
    }
    /* It was about something. */
    ck_assert_uint_gt(published, RECORDS / 10);
    ck_assert_uint_gt(repairable, RECORDS / 20);
}
END_TEST

/* As many records of one kind as make the ruler narrow its rules for them. */
static credit_result rule_some(cr_ruler *own)
{
    enum { SOME = 64 };
    credit_result rc = CREDIT_OK;
    for (uint64_t i = 0; rc == CREDIT_OK && i < SOME; i++) {
        cr_fact fact = random_fact(7, i % 4);
        rc = cr_ruler_rule(own, &fact, NULL);
        ck_assert(fact.ruled == (rc == CREDIT_OK));
        if (rc == CREDIT_OK) { assert_same(&fact.version.ruling, plain_value(&fact)); }
    }
    return rc;
}

/* A ruler whose memory fails gives no ruling, and right ones when asked again. */
START_TEST(a_ruling_without_memory_is_an_error_and_no_ruling)
{
    uint64_t failures = 0;
    for (uint64_t n = 1;; n++) {
        cr_ruler *own = NULL;
        ck_assert_int_eq(cr_ruler_new(pack, 1, &own, NULL), CREDIT_OK);
        cr_alloc_fail_at(n);
        credit_result rc = rule_some(own);
        cr_alloc_fail_at(0);
        ck_assert(rc == CREDIT_OK || rc == CREDIT_E_NOMEM);
        ck_assert_int_eq(rule_some(own), CREDIT_OK);
        cr_ruler_free(own);
        if (rc == CREDIT_OK) { break; }
        failures++;
    }
    ck_assert_uint_gt(failures, 5); /* as few as the blocks of the arenas allow */
    for (uint64_t n = 1;; n++) {
        cr_ruler *own = NULL;
        cr_alloc_fail_at(n);
        credit_result rc = cr_ruler_new(pack, 1, &own, NULL);
        cr_alloc_fail_at(0);
        cr_ruler_free(own);
        if (rc == CREDIT_OK) { break; }
        ck_assert_int_eq(rc, CREDIT_E_NOMEM);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ruling");
    TCase *cases = tcase_create("rulings");
    tcase_add_checked_fixture(cases, given_the_pack, drop_it);
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, narrowed_rules_rule_as_the_rules_stand);
    tcase_add_test(cases, a_ruling_without_memory_is_an_error_and_no_ruling);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
