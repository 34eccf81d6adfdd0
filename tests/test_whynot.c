/* What would turn a judgement: beside the oracle of tests/whynot/, what one has to see
 * once: too many changes, memory that runs out, a day that no record knows. */
#include "engine/whynot.h"

#include "tests/support/records.h"
#include "tests/support/suite.h"

enum { FACTS_MAX = 320, TODAY = 20780 };

static cr_judge *judge;
static cr_whynot *whynot;
static cr_file file;
static cr_fact facts[FACTS_MAX];
static const cr_registry nothing = {0};
static const cr_judge_question question = {
    .as_of = TODAY, .commit = UINT32_MAX, .green_channel = true};

static void given_an_asker(void)
{
    load_pack();
    ck_assert_int_eq(cr_judge_new(pack, &nothing, 1, &judge, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_whynot_new(pack, &nothing, 1, &whynot, NULL), CREDIT_OK);
}

static void drop_it(void)
{
    cr_whynot_free(whynot);
    cr_judge_free(judge);
    free_pack();
}

static void given_a_firm(void)
{
    memset(&file, 0, sizeof file);
    file.exists = true;
    file.facts = facts;
    file.subject = (cr_fact_subject){.category = CR_CATEGORY_ORGANISATION,
        .known = true,
        .status = CR_SPAN("存续"),
        .registered_on = TODAY - 4000,
        .name = CR_SPAN("荆州某公司"),
        .pack = pack,
        .region = 421002,
        .as_of = TODAY};
}

/* A fine of five 万元, decided so many days ago: published, repairable after three months. */
static void add_fine(credit_date days_ago)
{
    enum { FINE = 2 };
    cr_fact *fact = &facts[file.fact_count];
    memset(fact, 0, sizeof *fact);
    fact->catalog_index = cr_pack_catalog(pack, CR_SPAN("xzcf"));
    fact->catalog = &pack->catalogs[fact->catalog_index];
    fact->version.state = CR_VERSION_CURRENT;
    fact->version.facts = (cr_facts){.category = CR_CATEGORY_ORGANISATION,
        .kinds = UINT32_C(1) << FINE,
        .amount_fen = 5000000,
        .amount_2_fen = -1,
        .decided_on = TODAY - days_ago,
        .valid_from = CREDIT_DATE_NONE,
        .valid_until = CREDIT_DATE_NONE,
        .publicity_until = CREDIT_DATE_NONE,
        .notified_on = CREDIT_DATE_NONE,
        .removed_on = CREDIT_DATE_NONE};
    fact->key.row = (uint32_t)file.fact_count++;
}

static credit_result ask(const cr_why_not **why, const cr_judgement **judgement)
{
    *why = NULL;
    credit_result rc = cr_judge_file(judge, &file, &question, judgement, NULL);
    return rc == CREDIT_OK ? cr_whynot_ask(whynot, *judgement, &question, why, NULL) : rc;
}

static const cr_goal *goal_of(const cr_why_not *why, cr_goal_kind kind)
{
    for (size_t i = 0; i < why->goal_count; i++) {
        if (why->goals[i].kind == kind) { return &why->goals[i]; }
    }
    ck_abort_msg("no such goal");
    return NULL;
}

START_TEST(who_has_the_best_of_it_is_told_nothing)
{
    const cr_why_not *why;
    const cr_judgement *judgement;
    given_a_firm();
    ck_assert_int_eq(ask(&why, &judgement), CREDIT_OK);
    ck_assert_int_eq(judgement->green, CR_EFFECT_GRANT);
    for (size_t i = 0; i < why->goal_count; i++) {
        ck_assert_int_eq(why->goals[i].kind, CR_GOAL_GRANT); /* of the honoured and of tier B */
    }
}
END_TEST

START_TEST(where_there_are_too_many_sets_it_says_so_and_what_it_says_holds)
{
    enum { FINES = 30 };
    const cr_why_not *why;
    const cr_judgement *judgement;
    given_a_firm();
    for (int i = 0; i < FINES; i++) { add_fine(10 + i); }
    ck_assert_int_eq(ask(&why, &judgement), CREDIT_OK);
    const cr_goal *goal = goal_of(why, CR_GOAL_DECISION);
    ck_assert(!goal->settled);
    ck_assert_uint_eq(goal->set_count, 1);
    ck_assert_uint_eq(goal->sets[0].count, FINES - 1); /* one is tier B: nothing can be spared */
    ck_assert_int_gt(goal->turns_on, TODAY);
    for (size_t i = 0; i < goal->sets[0].count; i++) {
        ck_assert_int_eq(goal->sets[0].changes[i]->kind, CR_CHANGE_REPAIRED);
    }
}
END_TEST

START_TEST(of_very_many_records_it_says_that_nothing_was_found_not_that_nothing_helps)
{
    const cr_why_not *why;
    const cr_judgement *judgement;
    given_a_firm();
    while (file.fact_count < FACTS_MAX) { add_fine(10 + (credit_date)file.fact_count % 90); }
    ck_assert_int_eq(ask(&why, &judgement), CREDIT_OK);
    const cr_goal *goal = goal_of(why, CR_GOAL_DECISION);
    ck_assert(!goal->settled);
    ck_assert_uint_eq(goal->set_count, 0);
    ck_assert_int_gt(goal->turns_on, TODAY);
}
END_TEST

START_TEST(a_change_comes_no_sooner_than_the_record_decision_says)
{
    const cr_why_not *why;
    const cr_judgement *judgement;
    given_a_firm();
    add_fine(200);
    add_fine(10);
    ck_assert_int_eq(ask(&why, &judgement), CREDIT_OK);
    ck_assert_uint_eq(why->change_count, 2);
    ck_assert_int_eq(why->changes[0].from, TODAY);
    ck_assert_uint_eq(why->changes[0].fact->key.row, 0);
    ck_assert_int_gt(why->changes[1].from, TODAY + 60);
    ck_assert_int_eq(why->changes[1].from, judgement->facts[1].version.ruling.repairable_from);
}
END_TEST

START_TEST(memory_that_runs_out_anywhere_is_an_error_and_no_answer)
{
    const cr_why_not *why;
    const cr_judgement *judgement;
    bool done = false;
    given_a_firm();
    add_fine(20);
    add_fine(10);
    for (uint64_t n = 1; !done && n < 10000; n++) {
        cr_whynot *fresh = NULL;
        why = NULL;
        ck_assert_int_eq(cr_judge_file(judge, &file, &question, &judgement, NULL), CREDIT_OK);
        cr_alloc_fail_at(n);
        credit_result rc = cr_whynot_new(pack, &nothing, 1, &fresh, NULL);
        if (rc == CREDIT_OK) { rc = cr_whynot_ask(fresh, judgement, &question, &why, NULL); }
        cr_alloc_fail_at(0);
        done = rc == CREDIT_OK;
        ck_assert(done || rc == CREDIT_E_NOMEM);
        ck_assert(done == (why != NULL));
        cr_whynot_free(fresh);
    }
    ck_assert(done);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("whynot");
    TCase *cases = tcase_create("goals");
    tcase_add_checked_fixture(cases, given_an_asker, drop_it);
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, who_has_the_best_of_it_is_told_nothing);
    tcase_add_test(cases, where_there_are_too_many_sets_it_says_so_and_what_it_says_holds);
    tcase_add_test(
        cases, of_very_many_records_it_says_that_nothing_was_found_not_that_nothing_helps);
    tcase_add_test(cases, a_change_comes_no_sooner_than_the_record_decision_says);
    tcase_add_test(cases, memory_that_runs_out_anywhere_is_an_error_and_no_answer);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
