/* Built-ins on dates, times and durations (DMN 1.5, 10.3.4.1, 10.3.4.7 and
 * 10.3.4.8). There is no now() and no today(): time is an input. */
#include <string.h>

#include "engine/feel_builtin.h"
#include "engine/feel_number.h"
#include "engine/feel_time.h"

/* A list of one, or the value; a text where one is given. */
static bool as_text(cr_feel_value value, credit_span *text)
{
    *text = cr_feel_text(value);
    return value.kind == CR_FEEL_STRING;
}

static cr_feel_value refuse(cr_eval *eval, const char *function, cr_feel_value value)
{
    credit_span text;
    if (as_text(value, &text)) {
        return cr_complain(eval, "%s() does not understand \"%.*s\"", function,
            (int)(text.size > 60 ? 60 : text.size), text.data);
    }
    return cr_complain(
        eval, "%s() cannot take a %s", function, cr_feel_kind_name((cr_feel_kind)value.kind));
}

static cr_feel_value date_of_parts(cr_eval *eval, const cr_feel_value *args)
{
    int64_t year, month, day;
    if (!cr_want_integer(eval, args[0], &year) || !cr_want_integer(eval, args[1], &month) ||
        !cr_want_integer(eval, args[2], &day)) {
        return cr_feel_null();
    }
    return cr_civil_valid(year, month, day)
               ? cr_feel_day(cr_civil_to_days(year, (int)month, (int)day))
               : cr_complain(eval, "date() is given a day that does not exist");
}

static cr_feel_value date_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    credit_span text;
    cr_feel_value date, from = cr_single(args[0]);
    if (count == 3) { return date_of_parts(eval, args); }
    if (count == 1 && from.kind == CR_FEEL_DATE) { return from; }
    if (count == 1 && from.kind == CR_FEEL_DATE_TIME) { return cr_feel_day(from.as.time.days); }
    return count == 1 && as_text(from, &text) && cr_feel_parse_date(text, &date)
               ? date
               : refuse(eval, "date", from);
}

static cr_feel_value join_moment(cr_eval *eval, cr_feel_value day, cr_feel_value time)
{
    bool dated = day.kind == CR_FEEL_DATE || day.kind == CR_FEEL_DATE_TIME;
    if (!dated || time.kind != CR_FEEL_TIME) {
        return refuse(eval, "date and time", dated ? time : day);
    }
    int64_t days = day.kind == CR_FEEL_DATE ? day.as.date.days : day.as.time.days;
    return cr_feel_moment(days, time.as.time.nanos, time.n.offset, time.type);
}

static cr_feel_value date_and_time(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    credit_span text;
    cr_feel_value moment, from = cr_single(args[0]);
    cr_clock_check(eval, from);
    if (count == 2) { return join_moment(eval, from, cr_single(args[1])); }
    if (from.kind == CR_FEEL_DATE_TIME) { return from; }
    if (from.kind == CR_FEEL_DATE) {
        return cr_feel_moment(from.as.date.days, 0, CR_FEEL_LOCAL, 0);
    }
    return as_text(from, &text) && cr_feel_parse_date_time(text, &moment)
               ? moment
               : refuse(eval, "date and time", from);
}

/* Seconds may have a fraction; the offset is a duration or nothing. */
static cr_feel_value time_of_parts(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    int64_t hour, minute, second, nanos;
    cr_feel_value seconds, zone = cr_argument(args, count, 3);
    if (!cr_want_integer(eval, args[0], &hour) || !cr_want_integer(eval, args[1], &minute) ||
        !cr_want_kind(eval, args[2], CR_FEEL_NUMBER, &seconds)) {
        return cr_feel_null();
    }
    cr_feel_value whole = cr_number_round(seconds, 0, CR_ROUND_FLOOR);
    cr_feel_value rest =
        cr_number_mul(cr_number_sub(seconds, whole), cr_feel_integer(CR_NANOS_PER_SECOND));
    rest = cr_number_round(rest, 0, CR_ROUND_FLOOR);
    bool valid = cr_feel_to_integer(whole, &second) && cr_feel_to_integer(rest, &nanos) &&
                 hour >= 0 && hour < 24 && minute >= 0 && minute < 60 && second >= 0 && second < 60;
    bool offset = zone.kind == CR_FEEL_DAYS_DURATION;
    if (!valid || (!offset && zone.kind != CR_FEEL_NULL) ||
        (offset &&
            (zone.as.duration.seconds > 18 * 3600 || zone.as.duration.seconds < -18 * 3600))) {
        return cr_complain(eval, "time() is given a time that does not exist");
    }
    return cr_feel_time_of((hour * 3600 + minute * 60 + second) * CR_NANOS_PER_SECOND + nanos,
        offset ? (int32_t)zone.as.duration.seconds : CR_FEEL_LOCAL, 0);
}

static cr_feel_value time_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    credit_span text;
    cr_feel_value time, from = cr_single(args[0]);
    if (count >= 3) { return time_of_parts(eval, args, count); }
    if (from.kind == CR_FEEL_TIME) { return from; }
    if (from.kind == CR_FEEL_DATE_TIME) {
        return cr_feel_time_of(from.as.time.nanos, from.n.offset, from.type);
    }
    if (from.kind == CR_FEEL_DATE) { return cr_feel_time_of(0, 0, 0); }
    return as_text(from, &text) && cr_feel_parse_time(text, &time) ? time
                                                                   : refuse(eval, "time", from);
}

static cr_feel_value duration_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    credit_span text;
    cr_feel_value duration, from = cr_single(args[0]);
    (void)count;
    if (from.kind == CR_FEEL_DAYS_DURATION || from.kind == CR_FEEL_MONTHS_DURATION) { return from; }
    return as_text(from, &text) && cr_feel_parse_duration(text, &duration)
               ? duration
               : refuse(eval, "duration", from);
}

static bool day_of_value(cr_feel_value value, int64_t *days)
{
    *days = value.kind == CR_FEEL_DATE ? value.as.date.days : value.as.time.days;
    return value.kind == CR_FEEL_DATE || value.kind == CR_FEEL_DATE_TIME;
}

static cr_feel_value months_duration(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    int64_t from, to;
    (void)count;
    cr_feel_value a = cr_single(args[0]), b = cr_single(args[1]);
    if (!day_of_value(a, &from) || !day_of_value(b, &to)) {
        return refuse(eval, "years and months duration", day_of_value(a, &from) ? b : a);
    }
    return cr_feel_months(cr_days_months_between(from, to));
}

static bool want_day(cr_eval *eval, cr_feel_value argument, int64_t *days)
{
    if (day_of_value(cr_single(argument), days)) { return true; }
    cr_complain(
        eval, "an argument is a %s, no date", cr_feel_kind_name((cr_feel_kind)argument.kind));
    return false;
}

static cr_feel_value day_of_year(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    int64_t days;
    (void)count;
    if (!want_day(eval, args[0], &days)) { return cr_feel_null(); }
    return cr_feel_integer(days - cr_civil_to_days(cr_civil_from_days(days).year, 1, 1) + 1);
}

static cr_feel_value day_of_week(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    static const char *const names[] = {
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
    int64_t days;
    (void)count;
    return want_day(eval, args[0], &days)
               ? cr_feel_string(cr_span_of(names[cr_civil_weekday(days) - 1]))
               : cr_feel_null();
}

static cr_feel_value month_of_year(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    static const char *const names[] = {"January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December"};
    int64_t days;
    (void)count;
    return want_day(eval, args[0], &days)
               ? cr_feel_string(cr_span_of(names[cr_civil_from_days(days).month - 1]))
               : cr_feel_null();
}

/* ISO 8601: the week belongs to the year of its Thursday. */
static cr_feel_value week_of_year(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    int64_t days;
    (void)count;
    if (!want_day(eval, args[0], &days)) { return cr_feel_null(); }
    int64_t thursday = days - cr_civil_weekday(days) + 4;
    int64_t first = cr_civil_to_days(cr_civil_from_days(thursday).year, 1, 1);
    return cr_feel_integer((thursday - first) / 7 + 1);
}

/* The same kind, and the same in every part of it. */
static cr_feel_value is_same(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    (void)count;
    cr_feel_value a = args[0], b = args[1];
    if (a.kind != b.kind) { return cr_feel_boolean(false); }
    if (a.kind == CR_FEEL_TIME || a.kind == CR_FEEL_DATE_TIME) {
        return cr_feel_boolean(a.n.offset == b.n.offset && a.type == b.type &&
                               a.as.time.days == b.as.time.days &&
                               a.as.time.nanos == b.as.time.nanos);
    }
    return cr_feel_boolean(cr_equal(eval, a, b));
}

enum { FOLD = CR_BUILTIN_FOLD, AWARE = CR_BUILTIN_CLOCK | CR_BUILTIN_FOLD };

/* clang-format off */
const cr_builtin cr_builtins_time[] = {
    {"date",                      "from|year,month,day",                     date_of,         CR_FEEL_DATE,            AWARE},
    {"date and time",             "from|date,time",                          date_and_time,   CR_FEEL_DATE_TIME,       FOLD},
    {"time",                      "from|hour,minute,second,offset?",         time_of,         CR_FEEL_TIME,            FOLD},
    {"duration",                  "from",                                    duration_of,     CR_FEEL_ANY,             FOLD},
    {"years and months duration", "from,to",                                 months_duration, CR_FEEL_MONTHS_DURATION, 0},
    {"day of year",               "date",                                    day_of_year,     CR_FEEL_NUMBER,          0},
    {"day of week",               "date",                                    day_of_week,     CR_FEEL_STRING,          0},
    {"month of year",             "date",                                    month_of_year,   CR_FEEL_STRING,          0},
    {"week of year",              "date",                                    week_of_year,    CR_FEEL_NUMBER,          0},
    {"is",                        "value1,value2",                           is_same,         CR_FEEL_BOOLEAN,         CR_BUILTIN_CLOCK},
    {0}
};
/* clang-format on */
