#include "engine/calendar.h"

#include "engine/arena.h"
#include "engine/text.h"
#include "tests/support/cases.h"
#include "tests/support/suite.h"

enum { DAYS_MAX = 4000 };
static cr_calendar_day days[DAYS_MAX];
static size_t day_count;

static credit_date day(const char *text)
{
    credit_date date = CREDIT_DATE_NONE;
    ck_assert_msg(cr_date_parse_iso(cr_span_of(text), &date), "%s", text);
    return date;
}

/* The days of the holiday notices 2019 to 2026. */
static bool load_days(void)
{
    case_file cases;
    day_count = 0;
    if (!cases_open(&cases, "CREDIT_SHARED", "data/workdays_2019_2026.csv")) { return false; }
    while (cases_next_csv(&cases)) {
        if (cases.number > 1) {
            ck_assert_uint_lt(day_count, DAYS_MAX);
            days[day_count++] = (cr_calendar_day){day(cases.column[0]), cases.column[2][0] == '1'};
        }
    }
    return true;
}

/* Mondays to Fridays of whole years, without any notice. */
static void make_days(const char *from, const char *to)
{
    day_count = 0;
    for (credit_date date = day(from); date <= day(to); date++) {
        days[day_count++] = (cr_calendar_day){date, cr_date_weekday(date) <= 5};
    }
}

static cr_calendar *calendar_of_days(void)
{
    cr_calendar *calendar;
    credit_error err = CREDIT_ERROR_INIT;
    ck_assert_msg(
        cr_calendar_new(days, day_count, &calendar, &err) == CREDIT_OK, "%s", err.message);
    return calendar;
}

START_TEST(counts_agree_with_walking_the_real_calendar)
{
    if (!load_days()) { return; }
    cr_calendar *calendar = calendar_of_days();
    for (size_t from = 0; from < day_count; from += 3) {
        int32_t works = 0, count = -1;
        for (size_t to = from + 1; to < day_count && to < from + 420; to++) {
            works += days[to].works;
            ck_assert(cr_calendar_between(calendar, days[from].date, days[to].date, &count));
            ck_assert_int_eq(count, works);
        }
    }
    cr_calendar_free(calendar);
}
END_TEST

START_TEST(deadlines_agree_with_walking_the_real_calendar)
{
    if (!load_days()) { return; }
    cr_calendar *calendar = calendar_of_days();
    for (size_t from = 0; from < day_count; from++) {
        size_t at = from;
        for (int32_t n = 1; n <= 30; n++) {
            for (at++; at < day_count && !days[at].works; at++) {}
            credit_date found = 42;
            bool reached = cr_calendar_add(calendar, days[from].date, n, &found);
            ck_assert_int_eq(reached, at < day_count);
            ck_assert_int_eq(found, reached ? days[at].date : 42);
        }
    }
    cr_calendar_free(calendar);
}
END_TEST

START_TEST(make_up_workdays_and_holidays_are_those_of_the_notice)
{
    bool works;
    credit_date due;
    if (!load_days()) { return; }
    cr_calendar *calendar = calendar_of_days();
    for (size_t i = 0; i < day_count; i++) {
        ck_assert(cr_calendar_works(calendar, days[i].date, &works));
        ck_assert_int_eq(works, days[i].works);
    }
    /* National Day 2024: off from 1 to 7 October, Saturday 12 October worked. */
    ck_assert(cr_calendar_add(calendar, day("2024-09-30"), 1, &due));
    ck_assert_int_eq(due, day("2024-10-08"));
    ck_assert(cr_calendar_add(calendar, day("2024-10-11"), 1, &due));
    ck_assert_int_eq(due, day("2024-10-12"));
    cr_calendar_free(calendar);
}
END_TEST

START_TEST(the_day_counted_from_is_not_counted)
{
    make_days("2026-01-01", "2026-12-31");
    cr_calendar *calendar = calendar_of_days();
    int32_t count;
    credit_date due;
    ck_assert(cr_calendar_between(calendar, day("2026-03-02"), day("2026-03-03"), &count));
    ck_assert_int_eq(count, 1);
    ck_assert(cr_calendar_between(calendar, day("2026-03-06"), day("2026-03-08"), &count));
    ck_assert_int_eq(count, 0);
    ck_assert(cr_calendar_add(calendar, day("2026-03-02"), 7, &due));
    ck_assert_int_eq(due, day("2026-03-11"));
    ck_assert(cr_calendar_add(calendar, day("2026-03-07"), 1, &due));
    ck_assert_int_eq(due, day("2026-03-09"));
    ck_assert(cr_calendar_add(calendar, day("2026-03-07"), 0, &due));
    ck_assert_int_eq(due, day("2026-03-07"));
    cr_calendar_free(calendar);
}
END_TEST

START_TEST(what_the_calendar_does_not_reach_is_refused)
{
    make_days("2025-01-01", "2026-12-31");
    cr_calendar *calendar = calendar_of_days();
    bool works;
    int32_t count;
    credit_date due;
    ck_assert(!cr_calendar_works(calendar, day("2024-12-31"), &works));
    ck_assert(!cr_calendar_works(calendar, day("2027-01-01"), &works));
    /* The eve of the first day is not counted itself, so it will do. */
    ck_assert(cr_calendar_add(calendar, day("2024-12-31"), 1, &due));
    ck_assert_int_eq(due, day("2025-01-01"));
    ck_assert(cr_calendar_between(calendar, day("2024-12-31"), day("2025-01-01"), &count));
    ck_assert_int_eq(count, 1);
    ck_assert(!cr_calendar_add(calendar, day("2024-12-30"), 1, &due));
    ck_assert(!cr_calendar_add(calendar, day("2026-12-31"), 1, &due));
    ck_assert(!cr_calendar_add(calendar, day("2026-03-02"), INT32_MAX, &due));
    ck_assert(!cr_calendar_add(calendar, day("2026-03-02"), -1, &due));
    ck_assert(!cr_calendar_add(calendar, CREDIT_DATE_NONE, 1, &due));
    ck_assert(!cr_calendar_add(calendar, CREDIT_DATE_FOREVER, 1, &due));
    ck_assert(!cr_calendar_between(calendar, day("2026-12-01"), day("2027-01-01"), &count));
    ck_assert(!cr_calendar_between(calendar, CREDIT_DATE_NONE, day("2026-01-01"), &count));
    ck_assert(cr_calendar_between(calendar, day("2031-01-01"), day("2030-01-01"), &count));
    ck_assert_int_eq(count, 0);
    cr_calendar_free(calendar);
}
END_TEST

static void assert_refused(const char *reason)
{
    cr_calendar *calendar = (cr_calendar *)days;
    credit_error err = CREDIT_ERROR_INIT;
    ck_assert_int_eq(cr_calendar_new(days, day_count, &calendar, &err), CREDIT_E_PACK);
    ck_assert_ptr_null(calendar);
    ck_assert_msg(strstr(err.message, reason) != NULL, "%s", err.message);
}

START_TEST(years_that_are_not_whole_are_refused)
{
    make_days("2026-01-01", "2026-12-30");
    assert_refused("ends on 2026-12-30");
    make_days("2026-01-02", "2026-12-31");
    assert_refused("begins on 2026-01-02");
    make_days("2026-01-01", "2026-12-31");
    days[100].date++;
    assert_refused("the day after 2026-04-10 is missing");
    make_days("2026-01-01", "2026-12-31");
    days[100].date--;
    assert_refused("the day after 2026-04-10 is missing");
}
END_TEST

START_TEST(an_empty_calendar_reaches_nothing)
{
    bool works;
    int32_t count;
    credit_date due;
    day_count = 0;
    cr_calendar *calendar = calendar_of_days();
    ck_assert(!cr_calendar_works(calendar, 0, &works));
    ck_assert(!cr_calendar_add(calendar, -1, 1, &due));
    ck_assert(!cr_calendar_add(calendar, 20000, 1, &due));
    ck_assert(!cr_calendar_between(calendar, 20000, 20001, &count));
    cr_calendar_free(calendar);
    cr_calendar_free(NULL);
}
END_TEST

START_TEST(running_out_of_memory_is_told)
{
    cr_calendar *calendar;
    credit_error err = CREDIT_ERROR_INIT;
    make_days("2026-01-01", "2026-12-31");
    cr_alloc_fail_at(1);
    ck_assert_int_eq(cr_calendar_new(days, day_count, &calendar, &err), CREDIT_E_NOMEM);
    ck_assert_ptr_null(calendar);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("calendar");
    TCase *tcase = tcase_create("working days");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, counts_agree_with_walking_the_real_calendar);
    tcase_add_test(tcase, deadlines_agree_with_walking_the_real_calendar);
    tcase_add_test(tcase, make_up_workdays_and_holidays_are_those_of_the_notice);
    tcase_add_test(tcase, the_day_counted_from_is_not_counted);
    tcase_add_test(tcase, what_the_calendar_does_not_reach_is_refused);
    tcase_add_test(tcase, years_that_are_not_whole_are_refused);
    tcase_add_test(tcase, an_empty_calendar_reaches_nothing);
    tcase_add_test(tcase, running_out_of_memory_is_told);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
