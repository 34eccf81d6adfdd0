/* Working days as sums from the first covered day.
 *
 * 1. The covered years follow each other without a gap and each is whole, so
 *    that one range tells what the calendar knows.
 * 2. works_until[i] is the number of working days up to and including the i-th
 *    covered day: a count is one subtraction, a deadline one binary search.
 * basis: domain 5.5 */
#include "engine/calendar.h"

#include "engine/arena.h"
#include "engine/error.h"

struct cr_calendar {
    credit_date first;
    int32_t count;
    int32_t works_until[];
};

static credit_result check_days(const cr_calendar_day *days, size_t count, credit_error *err)
{
    char text[CR_DATE_TEXT];
    int32_t year, month, day;
    for (size_t i = 1; i < count; i++) {
        if (days[i].date != days[i - 1].date + 1) {
            return cr_fail(err, CREDIT_E_PACK, "calendar: the day after %s is missing",
                cr_date_print(days[i - 1].date, text));
        }
    }
    cr_date_to_ymd(days[0].date, &year, &month, &day);
    if (month != 1 || day != 1) {
        return cr_fail(err, CREDIT_E_PACK, "calendar: begins on %s, not on 1 January",
            cr_date_print(days[0].date, text));
    }
    cr_date_to_ymd(days[count - 1].date, &year, &month, &day);
    if (month != 12 || day != 31) {
        return cr_fail(err, CREDIT_E_PACK, "calendar: ends on %s, not on 31 December",
            cr_date_print(days[count - 1].date, text));
    }
    return CREDIT_OK;
}

credit_result cr_calendar_new(
    const cr_calendar_day *days, size_t count, cr_calendar **out, credit_error *err)
{
    *out = NULL;
    if (count > INT32_MAX) { return cr_fail(err, CREDIT_E_LIMIT, "calendar: too many days"); }
    credit_result rc = count == 0 ? CREDIT_OK : check_days(days, count, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_calendar *calendar = cr_alloc(sizeof *calendar + count * sizeof calendar->works_until[0]);
    if (calendar == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    calendar->first = count == 0 ? 0 : days[0].date;
    calendar->count = (int32_t)count;
    int32_t works = 0;
    for (size_t i = 0; i < count; i++) {
        works += days[i].works;
        calendar->works_until[i] = works;
    }
    *out = calendar;
    return CREDIT_OK;
}

void cr_calendar_free(cr_calendar *calendar)
{
    cr_free(calendar);
}

/* Index of a day: -1 for the eve of the first, false if out of reach. */
static bool index_of(const cr_calendar *calendar, credit_date date, int32_t *index)
{
    int64_t offset = (int64_t)date - calendar->first;
    *index = (int32_t)offset;
    return offset >= -1 && offset < calendar->count;
}

static int32_t works_until(const cr_calendar *calendar, int32_t index)
{
    return index < 0 ? 0 : calendar->works_until[index];
}

bool cr_calendar_works(const cr_calendar *calendar, credit_date date, bool *works)
{
    int32_t index;
    if (!index_of(calendar, date, &index) || index < 0) { return false; }
    *works = works_until(calendar, index) != works_until(calendar, index - 1);
    return true;
}

bool cr_calendar_add(
    const cr_calendar *calendar, credit_date from, int32_t working_days, credit_date *out)
{
    int32_t low;
    if (working_days < 0 || !index_of(calendar, from, &low)) { return false; }
    if (working_days == 0) {
        *out = from;
        return true;
    }
    int64_t wanted = (int64_t)works_until(calendar, low) + working_days;
    int32_t high = calendar->count - 1;
    if (high < 0 || works_until(calendar, high) < wanted) { return false; }
    /* works_until(low) < wanted <= works_until(high) */
    while (high - low > 1) {
        int32_t middle = low + (high - low) / 2;
        if (works_until(calendar, middle) < wanted) {
            low = middle;
        } else {
            high = middle;
        }
    }
    *out = calendar->first + high;
    return true;
}

bool cr_calendar_between(
    const cr_calendar *calendar, credit_date from, credit_date to, int32_t *out)
{
    int32_t start, end;
    if (to <= from) {
        *out = 0;
        return true;
    }
    if (!index_of(calendar, from, &start) || !index_of(calendar, to, &end)) { return false; }
    *out = works_until(calendar, end) - works_until(calendar, start);
    return true;
}
