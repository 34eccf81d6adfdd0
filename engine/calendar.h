/* Working days by the yearly holiday notices. A year without a notice is
 * refused, never guessed. basis: domain 5.5 */
#ifndef CR_ENGINE_CALENDAR_H
#define CR_ENGINE_CALENDAR_H

#include "engine/date.h"

typedef struct cr_calendar cr_calendar;

typedef struct cr_calendar_day {
    credit_date date;
    bool works;
} cr_calendar_day;

/* Every day of every covered year, in order, no year left out; copied.
 * CREDIT_E_PACK if a year is not whole or days are out of order. */
CREDIT_MUST_CHECK credit_result cr_calendar_new(
    const cr_calendar_day *days, size_t count, cr_calendar **out, credit_error *err);
void cr_calendar_free(cr_calendar *calendar);
/* False where the calendar does not reach. */
bool cr_calendar_works(const cr_calendar *calendar, credit_date date, bool *works);
/* The day on which the n-th working day after `from` falls (from not counted);
 * `from` itself for none. False where the calendar does not reach, or n < 0. */
bool cr_calendar_add(
    const cr_calendar *calendar, credit_date from, int32_t working_days, credit_date *out);
/* Working days after `from` up to and including `to`; 0 if to <= from. */
bool cr_calendar_between(
    const cr_calendar *calendar, credit_date from, credit_date to, int32_t *out);

#endif
