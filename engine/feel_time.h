/* FEEL dates, times and durations: calendar arithmetic, parsing, printing.
 *
 * Days are counted from 1970-01-01 in the proleptic Gregorian calendar, years
 * go from -999,999,999 to 999,999,999 (DMN 1.5, 10.3.2.3.4). Named time zones
 * are a small fixed table: reading the system's would be I/O. */
#ifndef CR_ENGINE_FEEL_TIME_H
#define CR_ENGINE_FEEL_TIME_H

#include "engine/feel.h"

#define CR_NANOS_PER_SECOND INT64_C(1000000000)
#define CR_SECONDS_PER_DAY INT64_C(86400)
#define CR_NANOS_PER_DAY (CR_SECONDS_PER_DAY * CR_NANOS_PER_SECOND)

typedef struct cr_civil {
    int64_t year;
    int month, day;
} cr_civil;

bool cr_civil_valid(int64_t year, int64_t month, int64_t day);
int64_t cr_civil_to_days(int64_t year, int month, int day);
cr_civil cr_civil_from_days(int64_t days);
int cr_civil_month_days(int64_t year, int month);
int cr_civil_weekday(int64_t days); /* 1 = Monday … 7 = Sunday */
/* From -999999999-01-01 to 999999999-12-31. */
static inline bool cr_days_in_range(int64_t days)
{
    return days >= -INT64_C(365243219162) && days <= INT64_C(365241780471);
}
/* The same day `months` later, or the last of that month. */
int64_t cr_days_add_months(int64_t days, int64_t months);
/* Whole months from one day to the other, towards zero. */
int64_t cr_days_months_between(int64_t from, int64_t to);

cr_feel_value cr_feel_day(int64_t days); /* a DATE; null out of range */
cr_feel_value cr_feel_time_of(int64_t nanos, int32_t offset, uint16_t zone);
cr_feel_value cr_feel_moment(int64_t days, int64_t nanos, int32_t offset, uint16_t zone);
/* seconds + nanos, any signs; null on overflow */
cr_feel_value cr_feel_duration(int64_t seconds, int64_t nanos);

/* Seconds east of UTC of a TIME or DATE_TIME; false if it has none. */
bool cr_feel_offset(cr_feel_value value, int64_t *seconds);
/* Name of the zone of a value with CR_FEEL_ZONED. */
const char *cr_feel_zone_name(cr_feel_value value);
/* Seconds since 1970-01-01T00:00:00 in UTC, or local if there is no offset.
 * A DATE counts as its midnight in UTC. */
int64_t cr_feel_seconds(cr_feel_value value);

bool cr_feel_parse_date(credit_span text, cr_feel_value *out);
bool cr_feel_parse_time(credit_span text, cr_feel_value *out);
bool cr_feel_parse_date_time(credit_span text, cr_feel_value *out);
/* Either kind of duration. */
bool cr_feel_parse_duration(credit_span text, cr_feel_value *out);

enum { CR_TIME_TEXT = 128 };
/* DATE, TIME, DATE_TIME and both durations; returns the size, no terminator. */
size_t cr_feel_print_time(cr_feel_value value, char out[CR_TIME_TEXT]);

#endif
