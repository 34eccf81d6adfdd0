/* Legal dates, periods and instants.
 *
 * 1. The calendar is proleptic Gregorian, years 1 to 9999; arithmetic that
 *    would leave it stops at its first or last day, so that order is kept.
 * 2. CREDIT_DATE_NONE and CREDIT_DATE_FOREVER go through arithmetic unchanged.
 * 3. A month later is the same day number or the last day of that month; the
 *    day counted from is never part of the period.
 *    basis: 《民法典》 art. 201-203 */
#include "engine/date.h"

#include <string.h>

#include "engine/text.h"

enum {
    YEAR_MIN = 1,
    YEAR_MAX = 9999,
    DATE_MIN = -719162,      /* 0001-01-01 */
    DATE_MAX = 2932896,      /* 9999-12-31 */
    DAYS_TO_EPOCH = 719468,  /* 0000-03-01 to 1970-01-01 */
    DAYS_PER_ERA = 146097,   /* 400 years */
    SHANGHAI_OFFSET = 8 * 60 /* minutes east of Greenwich */
};

static const int64_t second_us = INT64_C(1000000);
static const int64_t minute_us = INT64_C(60) * 1000000;
static const int64_t day_us = INT64_C(86400) * 1000000;

static bool is_leap(int32_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int32_t days_in_month(int32_t year, int32_t month)
{
    static const unsigned char days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month];
}

/* Years are counted from March, so that the leap day is the last of its year
 * and the days before a month do not depend on the year. */
static credit_date days_of(int32_t year, int32_t month, int32_t day)
{
    int32_t march_year = year - (month <= 2);
    int32_t era = march_year / 400;
    int32_t year_of_era = march_year - era * 400;
    int32_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int32_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * DAYS_PER_ERA + day_of_era - DAYS_TO_EPOCH;
}

bool cr_date_from_ymd(int32_t year, int32_t month, int32_t day, credit_date *out)
{
    if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 || day < 1 ||
        day > days_in_month(year, month)) {
        return false;
    }
    *out = days_of(year, month, day);
    return true;
}

static bool is_day(credit_date date)
{
    return date != CREDIT_DATE_NONE && date != CREDIT_DATE_FOREVER;
}

static credit_date clamp(int64_t date)
{
    return date < DATE_MIN ? DATE_MIN : date > DATE_MAX ? DATE_MAX : (credit_date)date;
}

void cr_date_to_ymd(credit_date date, int32_t *year, int32_t *month, int32_t *day)
{
    int32_t days = clamp(date) + DAYS_TO_EPOCH;
    int32_t era = days / DAYS_PER_ERA;
    int32_t day_of_era = days - era * DAYS_PER_ERA;
    int32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int32_t march_month = (5 * day_of_year + 2) / 153;
    *day = day_of_year - (153 * march_month + 2) / 5 + 1;
    *month = march_month + (march_month < 10 ? 3 : -9);
    *year = year_of_era + era * 400 + (*month <= 2);
}

int cr_date_weekday(credit_date date)
{
    /* 0001-01-01 was a Monday. */
    return (clamp(date) - DATE_MIN) % 7 + 1;
}

/* Two digits as a number, -1 if they are none. */
static int32_t two_digits(const char *text)
{
    unsigned tens = (unsigned)(text[0] - '0'), ones = (unsigned)(text[1] - '0');
    return tens > 9 || ones > 9 ? -1 : (int32_t)(tens * 10 + ones);
}

static int32_t four_digits(const char *text)
{
    int32_t high = two_digits(text), low = two_digits(text + 2);
    return high < 0 || low < 0 ? -1 : high * 100 + low;
}

bool cr_date_parse_iso(credit_span text, credit_date *out)
{
    const char *data = text.data;
    return text.size == 10 && data[4] == '-' && data[7] == '-' &&
           cr_date_from_ymd(four_digits(data), two_digits(data + 5), two_digits(data + 8), out);
}

/* Reads one or two digits at *at; -1 if there is none. */
static int32_t short_number(credit_span text, size_t *at)
{
    int32_t number = -1;
    for (int i = 0; i < 2 && *at < text.size; i++, (*at)++) {
        unsigned digit = (unsigned)(text.data[*at] - '0');
        if (digit > 9) { break; }
        number = (number < 0 ? 0 : number * 10) + (int32_t)digit;
    }
    return number;
}

static bool skip_word(credit_span text, size_t *at, const char *word, size_t size)
{
    if (text.size - *at < size || memcmp(text.data + *at, word, size) != 0) { return false; }
    *at += size;
    return true;
}

/* YYYY年M月D日; *end is set behind it. */
static bool parse_chinese(credit_span text, credit_date *out, size_t *end)
{
    size_t at = 4;
    if (!skip_word(text, &at, "年", sizeof "年" - 1)) { return false; }
    int32_t month = short_number(text, &at);
    if (!skip_word(text, &at, "月", sizeof "月" - 1)) { return false; }
    int32_t day = short_number(text, &at);
    if (!skip_word(text, &at, "日", sizeof "日" - 1)) { return false; }
    *end = at;
    return cr_date_from_ymd(four_digits(text.data), month, day, out);
}

/* HH:MM:SS, a real time of day. */
static bool parse_time(const char *data, int64_t *us)
{
    int32_t hour = two_digits(data), minute = two_digits(data + 3), second = two_digits(data + 6);
    if (data[2] != ':' || data[5] != ':' || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
        second < 0 || second > 59) {
        return false;
    }
    *us = (int64_t)(hour * 3600 + minute * 60 + second) * second_us;
    return true;
}

/* ".digits" at *at, cut to microseconds; no point there is fine. */
static bool parse_fraction(credit_span text, size_t *at, int64_t *us)
{
    *us = 0;
    if (*at == text.size || text.data[*at] != '.') { return true; }
    size_t digits = 0;
    int64_t unit = second_us / 10;
    for ((*at)++; *at < text.size; (*at)++, digits++) {
        unsigned digit = (unsigned)(text.data[*at] - '0');
        if (digit > 9) { break; }
        *us += unit * (int64_t)digit;
        unit /= 10;
    }
    return digits > 0 && digits <= 9;
}

/* A time of day to the end of the text that says nothing about a legal date. */
static bool is_time_to_drop(credit_span text)
{
    int64_t us;
    size_t at = 8;
    if (text.size < at || !parse_time(text.data, &us) || !parse_fraction(text, &at, &us)) {
        return false;
    }
    return at == text.size;
}

/* The date at the start of the text, in whatever form; *end behind it. */
static bool parse_day(credit_span text, credit_date *out, size_t *end)
{
    const char *data = text.data;
    if (text.size < 8) { return false; }
    *end = 8;
    if ((unsigned)(data[4] - '0') <= 9) {
        return cr_date_from_ymd(four_digits(data), two_digits(data + 4), two_digits(data + 6), out);
    }
    if (data[4] != '-' && data[4] != '/') { return parse_chinese(text, out, end); }
    *end = 10;
    return text.size >= 10 && data[7] == data[4] &&
           cr_date_from_ymd(four_digits(data), two_digits(data + 5), two_digits(data + 8), out);
}

bool cr_date_parse(credit_span text, credit_date *out)
{
    if (cr_date_parse_iso(text, out)) { return true; }
    credit_date date;
    size_t end;
    if (!parse_day(text, &date, &end)) { return false; }
    if (end < text.size) {
        bool separated = text.data[end] == ' ' || text.data[end] == 'T';
        size_t skip = end + separated;
        if (!separated || !is_time_to_drop((credit_span){text.data + skip, text.size - skip})) {
            return false;
        }
    }
    *out = date;
    return true;
}

bool cr_date_parse_year(credit_span text, credit_date *out)
{
    static const char *const endings[] = {"", "年", "年度"};
    enum { DIGITS = 4, ENDINGS = sizeof endings / sizeof *endings };
    int32_t year = 0;
    if (text.size < DIGITS) { return false; }
    for (size_t i = 0; i < DIGITS; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') { return false; }
        year = year * 10 + (text.data[i] - '0');
    }
    credit_span rest = {text.data + DIGITS, text.size - DIGITS};
    for (size_t i = 0; i < ENDINGS; i++) {
        if (cr_span_is(rest, endings[i])) { return cr_date_from_ymd(year, 1, 1, out); }
    }
    return false;
}

static void put_digits(char *out, int32_t number, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        out[i] = (char)('0' + number % 10);
        number /= 10;
    }
}

const char *cr_date_print(credit_date date, char out[CR_DATE_TEXT])
{
    if (!is_day(date)) {
        strcpy(out, date == CREDIT_DATE_FOREVER ? "forever" : "");
        return out;
    }
    int32_t year, month, day;
    cr_date_to_ymd(date, &year, &month, &day);
    put_digits(out, year, 4);
    out[4] = '-';
    put_digits(out + 5, month, 2);
    out[7] = '-';
    put_digits(out + 8, day, 2);
    out[10] = '\0';
    return out;
}

credit_date cr_date_add_months(credit_date date, int32_t months)
{
    if (!is_day(date)) { return date; }
    int32_t year, month, day;
    cr_date_to_ymd(date, &year, &month, &day);
    int64_t total = (int64_t)year * 12 + (month - 1) + months;
    if (total < YEAR_MIN * 12) { return DATE_MIN; }
    if (total > YEAR_MAX * 12 + 11) { return DATE_MAX; }
    year = (int32_t)(total / 12);
    month = (int32_t)(total % 12) + 1;
    int32_t last = days_in_month(year, month);
    return days_of(year, month, day < last ? day : last);
}

credit_date cr_date_add(credit_date date, cr_period period)
{
    if (!is_day(date)) { return date; }
    return clamp((int64_t)cr_date_add_months(date, period.months) + period.days);
}

/* A number of up to six digits at *at; -1 if there is none. */
static int32_t period_number(credit_span text, size_t *at)
{
    int32_t number = -1;
    size_t start = *at;
    for (; *at < text.size && *at - start <= 6; (*at)++) {
        unsigned digit = (unsigned)(text.data[*at] - '0');
        if (digit > 9) { break; }
        number = (number < 0 ? 0 : number * 10) + (int32_t)digit;
    }
    return *at - start > 6 ? -1 : number;
}

bool cr_period_parse(credit_span text, cr_period *out)
{
    static const char units[] = "YMD";
    size_t at = 0, unit = 0;
    int32_t months = 0, days = 0;
    bool negative = text.size > 0 && text.data[0] == '-';
    at += negative;
    if (at == text.size || text.data[at++] != 'P' || at == text.size) { return false; }
    while (at < text.size) {
        int32_t number = period_number(text, &at);
        if (number < 0 || at == text.size) { return false; }
        const char *found = text.data[at] == '\0' ? NULL : strchr(units + unit, text.data[at]);
        if (found == NULL) { return false; }
        at++;
        unit = (size_t)(found - units) + 1;
        months += *found == 'Y' ? number * 12 : *found == 'M' ? number : 0;
        days += *found == 'D' ? number : 0;
    }
    *out = negative ? (cr_period){-months, -days} : (cr_period){months, days};
    return true;
}

/* Quotient rounded down, for instants before 1970. */
static int64_t floor_divide(int64_t number, int64_t divisor)
{
    return number / divisor - (number % divisor < 0);
}

const char *cr_instant_print(credit_instant instant, char out[CR_INSTANT_TEXT])
{
    out[0] = '\0';
    if (instant == CREDIT_INSTANT_NONE) { return out; }
    int64_t days = floor_divide(instant, day_us);
    int64_t us = instant - days * day_us;
    int32_t second = (int32_t)(us / second_us), fraction = (int32_t)(us % second_us);
    cr_date_print(clamp(days), out);
    char *at = out + 10;
    memcpy(at, "T00:00:00", 9);
    put_digits(at + 1, second / 3600, 2);
    put_digits(at + 4, second / 60 % 60, 2);
    put_digits(at + 7, second % 60, 2);
    at += 9;
    if (fraction != 0) {
        *at++ = '.';
        put_digits(at, fraction, 6);
        at += 6;
    }
    strcpy(at, "Z");
    return out;
}

/* "Z" or "+HH:MM" to the end of the text; minutes east of Greenwich. */
static bool parse_offset(credit_span text, int32_t *minutes)
{
    *minutes = 0;
    if (text.size == 1) { return text.data[0] == 'Z' || text.data[0] == 'z'; }
    if (text.size != 6 || text.data[3] != ':' || (text.data[0] != '+' && text.data[0] != '-')) {
        return false;
    }
    int32_t hour = two_digits(text.data + 1), minute = two_digits(text.data + 4);
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) { return false; }
    *minutes = (hour * 60 + minute) * (text.data[0] == '-' ? -1 : 1);
    return true;
}

bool cr_instant_parse(credit_span text, credit_instant *out)
{
    credit_date date;
    int64_t time, fraction;
    int32_t offset;
    size_t at = 19;
    if (text.size < 20 || (text.data[10] != 'T' && text.data[10] != 't') ||
        !cr_date_parse_iso((credit_span){text.data, 10}, &date) ||
        !parse_time(text.data + 11, &time) || !parse_fraction(text, &at, &fraction) ||
        !parse_offset((credit_span){text.data + at, text.size - at}, &offset)) {
        return false;
    }
    *out = (int64_t)date * day_us + time + fraction - offset * minute_us;
    return true;
}

credit_date cr_instant_date(credit_instant instant)
{
    if (instant == CREDIT_INSTANT_NONE) { return CREDIT_DATE_NONE; }
    int64_t days = floor_divide(instant, day_us);
    int64_t rest = instant - days * day_us;
    return clamp(days + (rest + SHANGHAI_OFFSET * minute_us >= day_us));
}
