/* Members of values: entries of contexts, properties of host objects, parts of
 * dates, times, durations and ranges (DMN 1.5, 10.3.2.5 and table 65). */
#include "engine/feel_internal.h"
#include "engine/feel_time.h"

cr_feel_value cr_property(cr_eval *eval, cr_feel_value host, uint16_t property)
{
    cr_feel_value value;
    cr_get_property(eval, &host, property, &value);
    return value;
}

bool cr_member(cr_eval *eval, cr_feel_value value, credit_span name, cr_feel_value *out)
{
    *out = cr_feel_null();
    if (value.kind == CR_FEEL_HOST) {
        int index = cr_host_find(cr_eval_host(eval, value.type), name);
        if (index < 0) { return false; }
        *out = cr_property(eval, value, (uint16_t)index);
        return true;
    }
    for (size_t i = 0; value.kind == CR_FEEL_CONTEXT && i < value.n.size; i++) {
        if (cr_span_equal(value.as.entries[i].name, name)) {
            *out = value.as.entries[i].value;
            return true;
        }
    }
    return false;
}

typedef enum part {
    PART_YEAR,
    PART_MONTH,
    PART_DAY,
    PART_WEEKDAY,
    PART_HOUR,
    PART_MINUTE,
    PART_SECOND,
    PART_OFFSET,
    PART_ZONE,
    PART_YEARS,
    PART_MONTHS,
    PART_DAYS,
    PART_HOURS,
    PART_MINUTES,
    PART_SECONDS,
    PART_START,
    PART_END,
    PART_START_INCLUDED,
    PART_END_INCLUDED,
    PARTS
} part;

static part part_of(credit_span name)
{
    static const char *const names[PARTS] = {"year", "month", "day", "weekday", "hour", "minute",
        "second", "time offset", "timezone", "years", "months", "days", "hours", "minutes",
        "seconds", "start", "end", "start included", "end included"};
    for (int i = 0; i < PARTS; i++) {
        if (cr_span_is(name, names[i])) { return (part)i; }
    }
    return PARTS;
}

static bool calendar_part(int64_t days, part which, cr_feel_value *out)
{
    cr_civil civil = cr_civil_from_days(days);
    switch (which) {
    case PART_YEAR:
        *out = cr_feel_integer(civil.year);
        return true;
    case PART_MONTH:
        *out = cr_feel_integer(civil.month);
        return true;
    case PART_DAY:
        *out = cr_feel_integer(civil.day);
        return true;
    case PART_WEEKDAY:
        *out = cr_feel_integer(cr_civil_weekday(days));
        return true;
    default:
        return false;
    }
}

static bool clock_part(cr_feel_value value, part which, cr_feel_value *out)
{
    int64_t seconds = value.as.time.nanos / CR_NANOS_PER_SECOND, offset;
    switch (which) {
    case PART_HOUR:
        *out = cr_feel_integer(seconds / 3600);
        return true;
    case PART_MINUTE:
        *out = cr_feel_integer(seconds / 60 % 60);
        return true;
    case PART_SECOND:
        *out = cr_feel_integer(seconds % 60);
        return true;
    case PART_OFFSET:
        *out = cr_feel_offset(value, &offset) ? cr_feel_duration(offset, 0) : cr_feel_null();
        return true;
    case PART_ZONE:
        *out = value.n.offset == CR_FEEL_ZONED
                   ? cr_feel_string(cr_span_of(cr_feel_zone_name(value)))
                   : cr_feel_null();
        return true;
    default:
        return false;
    }
}

static bool duration_part(cr_feel_value value, part which, cr_feel_value *out)
{
    if (value.kind == CR_FEEL_MONTHS_DURATION) {
        *out = cr_feel_integer(which == PART_YEARS ? value.as.integer / 12 : value.as.integer % 12);
        return which == PART_YEARS || which == PART_MONTHS;
    }
    int64_t seconds = value.as.duration.seconds;
    if (seconds < 0 && value.as.duration.nanos > 0) { seconds++; /* towards zero */ }
    switch (which) {
    case PART_DAYS:
        *out = cr_feel_integer(seconds / CR_SECONDS_PER_DAY);
        return true;
    case PART_HOURS:
        *out = cr_feel_integer(seconds % CR_SECONDS_PER_DAY / 3600);
        return true;
    case PART_MINUTES:
        *out = cr_feel_integer(seconds % 3600 / 60);
        return true;
    case PART_SECONDS:
        *out = cr_feel_integer(seconds % 60);
        return true;
    default:
        return false;
    }
}

static bool range_part(const cr_feel_range *range, part which, cr_feel_value *out)
{
    switch (which) {
    case PART_START:
        *out = range->low;
        return true;
    case PART_END:
        *out = range->high;
        return true;
    case PART_START_INCLUDED:
        *out = cr_feel_boolean(range->low_included);
        return true;
    case PART_END_INCLUDED:
        *out = cr_feel_boolean(range->high_included);
        return true;
    default:
        return false;
    }
}

static bool part_value(cr_eval *eval, cr_feel_value value, part which, cr_feel_value *out)
{
    switch (value.kind) {
    case CR_FEEL_DATE:
        cr_clock_check(eval, value);
        return calendar_part(value.as.date.days, which, out);
    case CR_FEEL_DATE_TIME:
        return calendar_part(value.as.time.days, which, out) || clock_part(value, which, out);
    case CR_FEEL_TIME:
        return clock_part(value, which, out);
    case CR_FEEL_DAYS_DURATION:
    case CR_FEEL_MONTHS_DURATION:
        return duration_part(value, which, out);
    case CR_FEEL_RANGE:
        return range_part(value.as.range, which, out);
    default:
        return false;
    }
}

static cr_feel_value path_of_list(cr_eval *eval, cr_feel_value list, credit_span name)
{
    cr_list_builder result = {0};
    for (size_t i = 0; i < list.n.size; i++) {
        cr_feel_value item = cr_feel_item(list, i);
        if (!cr_eval_step(eval) || !cr_list_push(eval, &result, cr_path(eval, item, name))) {
            return cr_feel_null();
        }
    }
    return cr_list_done(eval, &result);
}

cr_feel_value cr_path(cr_eval *eval, cr_feel_value value, credit_span name)
{
    cr_feel_value out;
    if (cr_member(eval, value, name, &out)) { return out; }
    if (cr_feel_is_list(value)) {
        /* A list of lists would call this again: bounded by the calls. */
        if (eval->calls >= CR_FEEL_CALLS_MAX) {
            return cr_complain(eval, "lists within lists are too deep");
        }
        eval->calls++;
        out = path_of_list(eval, value, name);
        eval->calls--;
        return out;
    }
    if (part_value(eval, value, part_of(name), &out)) { return out; }
    if (value.kind == CR_FEEL_NULL) { return value; }
    return cr_complain(eval, "a %s has no \"%.*s\"", cr_feel_kind_name((cr_feel_kind)value.kind),
        (int)name.size, name.data);
}

cr_feel_value cr_path_at(cr_eval *eval, cr_feel_value value, credit_span name, size_t place)
{
    if (value.kind == CR_FEEL_CONTEXT && place < value.n.size &&
        cr_span_equal(value.as.entries[place].name, name)) {
        return value.as.entries[place].value;
    }
    return cr_path(eval, value, name);
}
