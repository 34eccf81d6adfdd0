#include "engine/date.h"

#include "engine/text.h"
#include "tests/support/cases.h"
#include "tests/support/suite.h"

static credit_date day(const char *text)
{
    credit_date date = CREDIT_DATE_NONE;
    ck_assert_msg(cr_date_parse_iso(cr_span_of(text), &date), "%s", text);
    return date;
}

/* The oracle: a calendar that only knows how to go to the next day. */
typedef struct counter {
    int32_t year, month, day, weekday;
    credit_date date;
} counter;

static int32_t length_of(int32_t year, int32_t month)
{
    switch (month) {
    case 4:
    case 6:
    case 9:
    case 11:
        return 30;
    case 2:
        return year % 400 == 0 ? 29 : year % 100 == 0 ? 28 : year % 4 == 0 ? 29 : 28;
    default:
        return 31;
    }
}

static void next_day(counter *c)
{
    c->date++;
    c->weekday = c->weekday == 7 ? 1 : c->weekday + 1;
    if (c->day++ < length_of(c->year, c->month)) { return; }
    c->day = 1;
    if (c->month++ == 12) {
        c->month = 1;
        c->year++;
    }
}

/* 1 January 1900 was a Monday, 25567 days before 1970. */
static const counter first_day = {1900, 1, 1, 1, -25567};

START_TEST(every_day_of_two_centuries_agrees_with_counting)
{
    char text[CR_DATE_TEXT], expected[32];
    for (counter c = first_day; c.year <= 2100; next_day(&c)) {
        int32_t year, month, number;
        credit_date date;
        ck_assert(cr_date_from_ymd(c.year, c.month, c.day, &date));
        ck_assert_int_eq(date, c.date);
        cr_date_to_ymd(date, &year, &month, &number);
        ck_assert(year == c.year && month == c.month && number == c.day);
        ck_assert_int_eq(cr_date_weekday(date), c.weekday);
        snprintf(expected, sizeof expected, "%04d-%02d-%02d", c.year, c.month, c.day);
        ck_assert_str_eq(cr_date_print(date, text), expected);
        ck_assert(cr_date_parse(cr_span_of(expected), &date));
        ck_assert_int_eq(date, c.date);
    }
}
END_TEST

START_TEST(what_no_calendar_has_is_no_date)
{
    for (int32_t year = 1899; year <= 2101; year++) {
        for (int32_t month = -1; month <= 14; month++) {
            for (int32_t number = -1; number <= 33; number++) {
                credit_date date;
                bool real =
                    month >= 1 && month <= 12 && number >= 1 && number <= length_of(year, month);
                ck_assert_int_eq(cr_date_from_ymd(year, month, number, &date), real);
            }
        }
    }
}
END_TEST

/* Month by month, never by division. */
static credit_date add_slowly(counter c, int32_t months)
{
    for (; months > 0; months--) {
        c.year += c.month == 12;
        c.month = c.month == 12 ? 1 : c.month + 1;
    }
    for (; months < 0; months++) {
        c.year -= c.month == 1;
        c.month = c.month == 1 ? 12 : c.month - 1;
    }
    credit_date date = CREDIT_DATE_NONE;
    for (int32_t number = c.day; !cr_date_from_ymd(c.year, c.month, number, &date); number--) {}
    return date;
}

START_TEST(months_are_added_as_counting_month_by_month_does)
{
    static const int32_t spans[] = {-37, -12, -1, 0, 1, 2, 3, 6, 11, 12, 13, 24, 36, 60};
    for (counter c = first_day; c.year <= 2100; next_day(&c)) {
        for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
            ck_assert_int_eq(cr_date_add_months(c.date, spans[i]), add_slowly(c, spans[i]));
        }
    }
}
END_TEST

START_TEST(sums_are_those_of_the_table)
{
    case_file cases;
    cases_open(&cases, "CREDIT_SOURCE", "tests/cases/date_sums.tsv");
    while (cases_next(&cases)) {
        char text[CR_DATE_TEXT];
        cr_period period;
        ck_assert_msg(cr_period_parse(cr_span_of(cases.column[1]), &period), "%s", cases.column[1]);
        cr_date_print(cr_date_add(day(cases.column[0]), period), text);
        ck_assert_msg(strcmp(text, cases.column[2]) == 0, "line %d: %s + %s = %s", cases.number,
            cases.column[0], cases.column[1], text);
    }
}
END_TEST

START_TEST(no_date_and_long_term_stay_what_they_are)
{
    char text[CR_DATE_TEXT];
    cr_period period = {3, 10};
    ck_assert_int_eq(cr_date_add(CREDIT_DATE_NONE, period), CREDIT_DATE_NONE);
    ck_assert_int_eq(cr_date_add(CREDIT_DATE_FOREVER, period), CREDIT_DATE_FOREVER);
    ck_assert_int_eq(cr_date_add_months(CREDIT_DATE_FOREVER, -1), CREDIT_DATE_FOREVER);
    ck_assert_str_eq(cr_date_print(CREDIT_DATE_NONE, text), "");
    ck_assert_str_eq(cr_date_print(CREDIT_DATE_FOREVER, text), "forever");
}
END_TEST

START_TEST(sums_never_leave_the_calendar)
{
    credit_date first = day("0001-01-01"), last = day("9999-12-31");
    ck_assert_int_eq(cr_date_add(last, (cr_period){INT32_MAX, INT32_MAX}), last);
    ck_assert_int_eq(cr_date_add(first, (cr_period){INT32_MIN, INT32_MIN}), first);
    ck_assert_int_eq(cr_date_add(day("2026-01-01"), (cr_period){0, INT32_MAX}), last);
    ck_assert_int_eq(cr_date_add(day("2026-01-01"), (cr_period){0, INT32_MIN}), first);
}
END_TEST

START_TEST(forms_are_those_of_the_table)
{
    case_file cases;
    cases_open(&cases, "CREDIT_SOURCE", "tests/cases/dates.tsv");
    while (cases_next(&cases)) {
        char text[CR_DATE_TEXT] = "";
        credit_date date;
        if (cr_date_parse(cr_span_of(cases.column[0]), &date)) { cr_date_print(date, text); }
        ck_assert_msg(strcmp(text, cases.column[1]) == 0, "line %d: '%s' was read as '%s'",
            cases.number, cases.column[0], text);
    }
}
END_TEST

START_TEST(a_refused_text_leaves_the_output_alone)
{
    credit_date date = 42;
    ck_assert(!cr_date_parse(CR_SPAN("2023-02-29"), &date));
    ck_assert(!cr_date_parse(CR_SPAN("2023-02-20 99:00:00"), &date));
    ck_assert_int_eq(date, 42);
}
END_TEST

START_TEST(only_one_form_is_iso)
{
    credit_date date;
    ck_assert(cr_date_parse_iso(CR_SPAN("2026-11-23"), &date));
    ck_assert(!cr_date_parse_iso(CR_SPAN("20261123"), &date));
    ck_assert(!cr_date_parse_iso(CR_SPAN("2026/11/23"), &date));
    ck_assert(!cr_date_parse_iso(CR_SPAN("2026-11-23 "), &date));
    ck_assert(!cr_date_parse_iso(CR_SPAN(""), &date));
}
END_TEST

START_TEST(periods_are_read)
{
    static const struct {
        const char *text;
        bool right;
        int32_t months, days;
    } cases[] = {
        {"P3M", true, 3, 0},
        {"P1Y6M", true, 18, 0},
        {"P10D", true, 0, 10},
        {"-P1M", true, -1, 0},
        {"P1Y2M3D", true, 14, 3},
        {"-P1Y1D", true, -12, -1},
        {"P0D", true, 0, 0},
        {"P999999Y", true, 11999988, 0},
        {"", false, 0, 0},
        {"P", false, 0, 0},
        {"-P", false, 0, 0},
        {"3M", false, 0, 0},
        {"PM", false, 0, 0},
        {"P3", false, 0, 0},
        {"P3W", false, 0, 0},
        {"P1M1Y", false, 0, 0},
        {"P1M1M", false, 0, 0},
        {"P1.5M", false, 0, 0},
        {"P1DT1H", false, 0, 0},
        {"P-1M", false, 0, 0},
        {"+P1M", false, 0, 0},
        {"P1M ", false, 0, 0},
        {"P1234567M", false, 0, 0},
        {"p3m", false, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_period period = {7, 7};
        bool right = cr_period_parse(cr_span_of(cases[i].text), &period);
        ck_assert_msg(right == cases[i].right, "%s", cases[i].text);
        ck_assert_int_eq(period.months, right ? cases[i].months : 7);
        ck_assert_int_eq(period.days, right ? cases[i].days : 7);
    }
}
END_TEST

START_TEST(instants_are_read_and_printed)
{
    static const struct {
        const char *text, *printed; /* NULL = refused */
    } cases[] = {
        {"2026-11-23T21:03:00Z", "2026-11-23T21:03:00Z"},
        {"2026-11-23t21:03:00z", "2026-11-23T21:03:00Z"},
        {"2026-11-23T21:03:00+08:00", "2026-11-23T13:03:00Z"},
        {"2026-11-23T21:03:00-05:30", "2026-11-24T02:33:00Z"},
        {"2026-11-23T21:03:00.5Z", "2026-11-23T21:03:00.500000Z"},
        {"2026-11-23T21:03:00.000001Z", "2026-11-23T21:03:00.000001Z"},
        {"2026-11-23T21:03:00.123456789Z", "2026-11-23T21:03:00.123456Z"},
        {"1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"},
        {"1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"},
        {"0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"},
        {"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
        {"2026-11-23T21:03:00", NULL},
        {"2026-11-23 21:03:00Z", NULL},
        {"2026-11-23T24:00:00Z", NULL},
        {"2026-11-23T21:60:00Z", NULL},
        {"2026-11-23T21:03:60Z", NULL},
        {"2026-02-30T21:03:00Z", NULL},
        {"2026-11-23T21:03:00.Z", NULL},
        {"2026-11-23T21:03:00+0800", NULL},
        {"2026-11-23T21:03:00+24:00", NULL},
        {"2026-11-23T21:03Z", NULL},
        {"2026-11-23T21:03:00.1234567890Z", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[CR_INSTANT_TEXT];
        credit_instant instant;
        bool right = cr_instant_parse(cr_span_of(cases[i].text), &instant);
        ck_assert_msg(right == (cases[i].printed != NULL), "%s", cases[i].text);
        if (right) { ck_assert_str_eq(cr_instant_print(instant, text), cases[i].printed); }
    }
}
END_TEST

START_TEST(the_day_changes_at_midnight_in_shanghai)
{
    static const char *const cases[][2] = {
        {"2019-12-16T15:59:59.999999Z", "2019-12-16"},
        {"2019-12-16T16:00:00Z", "2019-12-17"},
        {"1969-12-31T15:59:59Z", "1969-12-31"},
        {"1969-12-31T16:00:00Z", "1970-01-01"},
        {"1900-02-28T16:00:00Z", "1900-03-01"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[CR_DATE_TEXT];
        credit_instant instant;
        ck_assert(cr_instant_parse(cr_span_of(cases[i][0]), &instant));
        ck_assert_str_eq(cr_date_print(cr_instant_date(instant), text), cases[i][1]);
    }
    ck_assert_int_eq(cr_instant_date(CREDIT_INSTANT_NONE), CREDIT_DATE_NONE);
}
END_TEST

START_TEST(instants_survive_printing)
{
    unsigned long long state = 7;
    for (int i = 0; i < 20000; i++) {
        char text[CR_INSTANT_TEXT];
        credit_instant again = 0;
        credit_instant instant =
            (credit_instant)(((uint64_t)cases_random(&state) << 31 | cases_random(&state)) %
                             UINT64_C(300000000000000000)) -
            INT64_C(60000000000000000);
        ck_assert(cr_instant_parse(cr_span_of(cr_instant_print(instant, text)), &again));
        ck_assert_msg(again == instant, "%s", text);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("date");
    TCase *tcase = tcase_create("dates");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, every_day_of_two_centuries_agrees_with_counting);
    tcase_add_test(tcase, what_no_calendar_has_is_no_date);
    tcase_add_test(tcase, months_are_added_as_counting_month_by_month_does);
    tcase_add_test(tcase, sums_are_those_of_the_table);
    tcase_add_test(tcase, no_date_and_long_term_stay_what_they_are);
    tcase_add_test(tcase, sums_never_leave_the_calendar);
    tcase_add_test(tcase, forms_are_those_of_the_table);
    tcase_add_test(tcase, a_refused_text_leaves_the_output_alone);
    tcase_add_test(tcase, only_one_form_is_iso);
    tcase_add_test(tcase, periods_are_read);
    tcase_add_test(tcase, instants_are_read_and_printed);
    tcase_add_test(tcase, the_day_changes_at_midnight_in_shanghai);
    tcase_add_test(tcase, instants_survive_printing);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
