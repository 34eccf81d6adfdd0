/* Comparison, equality and arithmetic of FEEL values (DMN 1.5, 10.3.2.3,
 * 10.3.2.13, 10.3.2.15). Null in, null out. */
#include "engine/feel_internal.h"

#include <string.h>

#include "engine/feel_number.h"
#include "engine/feel_time.h"

enum { UNORDERED = 2 };

static int sign_of(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int order_text(cr_feel_value a, cr_feel_value b)
{
    int order = cr_span_compare(cr_feel_text(a), cr_feel_text(b));
    return (order > 0) - (order < 0);
}

/* Both with an offset: as instants; both without: as written; else unordered. */
static int order_times(cr_feel_value a, cr_feel_value b)
{
    int64_t offset;
    if (cr_feel_offset(a, &offset) != cr_feel_offset(b, &offset)) { return UNORDERED; }
    int order = sign_of(cr_feel_seconds(a), cr_feel_seconds(b));
    return order != 0 ? order
                      : sign_of(a.as.time.nanos % CR_NANOS_PER_SECOND,
                            b.as.time.nanos % CR_NANOS_PER_SECOND);
}

static int order_durations(cr_feel_value a, cr_feel_value b)
{
    int order = sign_of(a.as.duration.seconds, b.as.duration.seconds);
    return order != 0 ? order : sign_of(a.as.duration.nanos, b.as.duration.nanos);
}

static int order_of(cr_eval *eval, cr_op op, cr_feel_value a, cr_feel_value b)
{
    if (a.kind != b.kind) { return UNORDERED; }
    switch (a.kind) {
    case CR_FEEL_NUMBER:
        return cr_number_compare(a, b);
    case CR_FEEL_STRING:
        return order_text(a, b);
    case CR_FEEL_DATE:
        if (((a.flags | b.flags) & CR_FEEL_CLOCK) != 0) { cr_clock_note(eval, op, a, b); }
        return sign_of(a.as.date.days, b.as.date.days);
    case CR_FEEL_TIME:
    case CR_FEEL_DATE_TIME:
        return order_times(a, b);
    case CR_FEEL_DAYS_DURATION:
        return order_durations(a, b);
    case CR_FEEL_MONTHS_DURATION:
        return sign_of(a.as.integer, b.as.integer);
    default:
        return UNORDERED;
    }
}

int cr_order(cr_eval *eval, cr_feel_value a, cr_feel_value b)
{
    return order_of(eval, CR_OP_CONSTANT, a, b);
}

/* --- equality: 1, 0, or -1 where the kinds have none ------------------- */

static int equal_values(cr_eval *eval, cr_feel_value a, cr_feel_value b, int depth);

static int equal_lists(cr_eval *eval, cr_feel_value a, cr_feel_value b, int depth)
{
    if (a.n.size != b.n.size) { return 0; }
    for (size_t i = 0; i < a.n.size; i++) {
        int equal = equal_values(eval, cr_feel_item(a, i), cr_feel_item(b, i), depth + 1);
        if (equal != 1) { return equal; }
    }
    return 1;
}

static int equal_contexts(cr_eval *eval, cr_feel_value a, cr_feel_value b, int depth)
{
    if (a.n.size != b.n.size) { return 0; }
    for (size_t i = 0; i < a.n.size; i++) {
        cr_feel_value other;
        if (!cr_member(eval, b, a.as.entries[i].name, &other)) { return 0; }
        int equal = equal_values(eval, a.as.entries[i].value, other, depth + 1);
        if (equal != 1) { return equal; }
    }
    return 1;
}

static int equal_ranges(cr_eval *eval, const cr_feel_range *a, const cr_feel_range *b, int depth)
{
    if (a->low_included != b->low_included || a->high_included != b->high_included) { return 0; }
    int low = equal_values(eval, a->low, b->low, depth + 1);
    return low != 1 ? low : equal_values(eval, a->high, b->high, depth + 1);
}

static int equal_values(cr_eval *eval, cr_feel_value a, cr_feel_value b, int depth)
{
    if (a.kind == CR_FEEL_STRING && b.kind == CR_FEEL_STRING) {
        /* By far the most common: words of code sets, often the very same bytes. */
        return a.n.size == b.n.size &&
               (a.as.text == b.as.text || memcmp(a.as.text, b.as.text, a.n.size) == 0);
    }
    if (a.kind == CR_FEEL_NULL || b.kind == CR_FEEL_NULL) { return a.kind == b.kind; }
    if (depth > CR_FEEL_DEPTH_MAX) { return -1; }
    if (cr_feel_is_list(a) && cr_feel_is_list(b)) { return equal_lists(eval, a, b, depth); }
    if (a.kind != b.kind) { return -1; }
    switch (a.kind) {
    case CR_FEEL_BOOLEAN:
        return a.as.boolean == b.as.boolean;
    case CR_FEEL_CONTEXT:
        return equal_contexts(eval, a, b, depth);
    case CR_FEEL_RANGE:
        return equal_ranges(eval, a.as.range, b.as.range, depth);
    case CR_FEEL_HOST:
        return a.type == b.type && a.as.object == b.as.object;
    case CR_FEEL_FUNCTION:
        return a.as.function == b.as.function;
    default: {
        int order = order_of(eval, CR_OP_EQ, a, b);
        return order == UNORDERED ? -1 : order == 0;
    }
    }
}

bool cr_equal(cr_eval *eval, cr_feel_value a, cr_feel_value b)
{
    return equal_values(eval, a, b, 0) == 1;
}

static cr_feel_value compare_equal(cr_eval *eval, cr_op op, cr_feel_value a, cr_feel_value b)
{
    int equal = equal_values(eval, a, b, 0);
    if (equal < 0) {
        return cr_complain(eval, "cannot compare a %s with a %s", cr_feel_kind_name(a.kind),
            cr_feel_kind_name(b.kind));
    }
    return cr_feel_boolean((equal == 1) == (op == CR_OP_EQ));
}

cr_feel_value cr_compare(cr_eval *eval, cr_op op, cr_feel_value a, cr_feel_value b)
{
    if (op == CR_OP_EQ || op == CR_OP_NE) { return compare_equal(eval, op, a, b); }
    if (a.kind == CR_FEEL_NULL || b.kind == CR_FEEL_NULL) { return cr_feel_null(); }
    int order = order_of(eval, op, a, b);
    if (order == UNORDERED) {
        return cr_complain(eval, "cannot order a %s and a %s", cr_feel_kind_name(a.kind),
            cr_feel_kind_name(b.kind));
    }
    switch (op) {
    case CR_OP_LT:
        return cr_feel_boolean(order < 0);
    case CR_OP_LE:
        return cr_feel_boolean(order <= 0);
    case CR_OP_GT:
        return cr_feel_boolean(order > 0);
    default:
        return cr_feel_boolean(order >= 0);
    }
}

/* --- ranges ------------------------------------------------------------ */

cr_feel_value cr_in_range(cr_eval *eval, cr_feel_value value, const cr_feel_range *range)
{
    cr_feel_value low = cr_feel_boolean(true), high = low;
    if (range->low.kind != CR_FEEL_NULL) {
        low = cr_compare(eval, range->low_included ? CR_OP_GE : CR_OP_GT, value, range->low);
        if (!cr_feel_is_true(low)) { return low; }
    }
    if (range->high.kind != CR_FEEL_NULL) {
        high = cr_compare(eval, range->high_included ? CR_OP_LE : CR_OP_LT, value, range->high);
    }
    return high;
}

cr_feel_value cr_range_of(
    cr_eval *eval, cr_feel_value low, cr_feel_value high, bool low_in, bool high_in)
{
    if (low.kind != CR_FEEL_NULL && high.kind != CR_FEEL_NULL && low.kind != high.kind) {
        return cr_complain(eval, "a range from a %s to a %s", cr_feel_kind_name(low.kind),
            cr_feel_kind_name(high.kind));
    }
    cr_feel_range *range = cr_eval_alloc(eval, 1, sizeof *range);
    if (range == NULL) { return cr_feel_null(); }
    *range = (cr_feel_range){low, high, low_in, high_in};
    cr_feel_value value = {.kind = CR_FEEL_RANGE};
    value.flags = (low.flags | high.flags) & CR_FEEL_CLOCK;
    value.as.range = range;
    return value;
}

/* --- arithmetic -------------------------------------------------------- */

static cr_feel_value no_operator(cr_eval *eval, const char *op, cr_feel_value a, cr_feel_value b)
{
    if (a.kind == CR_FEEL_NULL || b.kind == CR_FEEL_NULL) { return cr_feel_null(); }
    return cr_complain(
        eval, "no %s %s %s", cr_feel_kind_name(a.kind), op, cr_feel_kind_name(b.kind));
}

static cr_feel_value join(cr_eval *eval, cr_feel_value a, cr_feel_value b)
{
    size_t size = (size_t)a.n.size + b.n.size;
    if (size > CR_FEEL_TEXT_MAX) {
        return cr_complain(eval, "the string is longer than %d bytes", CR_FEEL_TEXT_MAX);
    }
    char *text = cr_eval_alloc(eval, size + 1, 1);
    if (text == NULL) { return cr_feel_null(); }
    memcpy(text, a.as.text, a.n.size);
    memcpy(text + a.n.size, b.as.text, b.n.size);
    return cr_feel_string((credit_span){text, size});
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    int64_t quotient = a / b;
    return quotient - (a % b != 0 && (a < 0) != (b < 0));
}

static cr_feel_value shift_moment(cr_eval *eval, cr_feel_value a, int64_t seconds, int64_t nanos)
{
    int64_t days = floor_divide(seconds, CR_SECONDS_PER_DAY);
    int64_t time =
        a.as.time.nanos + (seconds - days * CR_SECONDS_PER_DAY) * CR_NANOS_PER_SECOND + nanos;
    days += floor_divide(time, CR_NANOS_PER_DAY);
    time -= floor_divide(time, CR_NANOS_PER_DAY) * CR_NANOS_PER_DAY;
    if (a.kind == CR_FEEL_TIME) { return cr_feel_time_of(time, a.n.offset, a.type); }
    cr_feel_value moved = cr_feel_moment(a.as.time.days + days, time, a.n.offset, a.type);
    return moved.kind == CR_FEEL_NULL ? cr_complain(eval, "the date is out of range") : moved;
}

static cr_feel_value negated(cr_feel_value duration)
{
    if (duration.kind == CR_FEEL_MONTHS_DURATION) { return cr_feel_months(-duration.as.integer); }
    return cr_feel_duration(-duration.as.duration.seconds, -duration.as.duration.nanos);
}

static cr_feel_value shift_date(cr_eval *eval, cr_feel_value date, int64_t months, int64_t days)
{
    cr_feel_value moved;
    cr_clock_shift(eval, &date, months, days, &moved);
    return moved;
}

/* A date, time, or date and time, moved by a duration. */
static cr_feel_value shift(cr_eval *eval, cr_feel_value a, cr_feel_value duration)
{
    if (duration.kind == CR_FEEL_MONTHS_DURATION) {
        if (a.kind == CR_FEEL_DATE) { return shift_date(eval, a, duration.as.integer, 0); }
        cr_feel_value day = cr_feel_day(a.as.time.days);
        day =
            a.kind == CR_FEEL_TIME ? cr_feel_null() : shift_date(eval, day, duration.as.integer, 0);
        return day.kind == CR_FEEL_NULL
                   ? day
                   : cr_feel_moment(day.as.date.days, a.as.time.nanos, a.n.offset, a.type);
    }
    int64_t seconds = duration.as.duration.seconds;
    if (a.kind == CR_FEEL_DATE) {
        return shift_date(eval, a, 0, floor_divide(seconds, CR_SECONDS_PER_DAY));
    }
    if (seconds > CR_SECONDS_PER_DAY * INT64_C(1000000000000) ||
        seconds < -CR_SECONDS_PER_DAY * INT64_C(1000000000000)) {
        return cr_complain(eval, "the date is out of range");
    }
    return shift_moment(eval, a, seconds, duration.as.duration.nanos);
}

static bool is_duration(cr_feel_value value)
{
    return value.kind == CR_FEEL_DAYS_DURATION || value.kind == CR_FEEL_MONTHS_DURATION;
}

static bool is_point(cr_feel_value value)
{
    return value.kind == CR_FEEL_DATE || value.kind == CR_FEEL_TIME ||
           value.kind == CR_FEEL_DATE_TIME;
}

static cr_feel_value add_durations(cr_eval *eval, cr_feel_value a, cr_feel_value b)
{
    cr_feel_value sum = a.kind == CR_FEEL_MONTHS_DURATION
                            ? cr_feel_months(a.as.integer + b.as.integer)
                            : cr_feel_duration(a.as.duration.seconds + b.as.duration.seconds,
                                  a.as.duration.nanos + b.as.duration.nanos);
    return sum.kind == CR_FEEL_NULL ? cr_complain(eval, "the duration is out of range") : sum;
}

static cr_feel_value checked(cr_eval *eval, cr_feel_value number)
{
    return number.kind == CR_FEEL_NULL ? cr_complain(eval, "the number is out of range") : number;
}

cr_feel_value cr_add(cr_eval *eval, cr_feel_value a, cr_feel_value b)
{
    if (a.kind == CR_FEEL_NUMBER && b.kind == CR_FEEL_NUMBER) {
        return checked(eval, cr_number_add(a, b));
    }
    if (a.kind == CR_FEEL_STRING && b.kind == CR_FEEL_STRING) { return join(eval, a, b); }
    if (is_point(a) && is_duration(b)) { return shift(eval, a, b); }
    if (is_duration(a) && is_point(b)) { return shift(eval, b, a); }
    if (is_duration(a) && a.kind == b.kind) { return add_durations(eval, a, b); }
    return no_operator(eval, "+", a, b);
}

/* Points of the same kind, or a date and a date and time. */
static cr_feel_value between(cr_eval *eval, cr_feel_value a, cr_feel_value b)
{
    int64_t offset;
    cr_clock_check(eval, a);
    cr_clock_check(eval, b);
    bool zoned_a = a.kind == CR_FEEL_DATE || cr_feel_offset(a, &offset);
    bool zoned_b = b.kind == CR_FEEL_DATE || cr_feel_offset(b, &offset);
    if (zoned_a != zoned_b && a.kind == b.kind) {
        return cr_complain(eval, "one time has an offset, the other has none");
    }
    int64_t nanos_a = a.kind == CR_FEEL_DATE ? 0 : a.as.time.nanos % CR_NANOS_PER_SECOND;
    int64_t nanos_b = b.kind == CR_FEEL_DATE ? 0 : b.as.time.nanos % CR_NANOS_PER_SECOND;
    return cr_feel_duration(cr_feel_seconds(a) - cr_feel_seconds(b), nanos_a - nanos_b);
}

cr_feel_value cr_subtract(cr_eval *eval, cr_feel_value a, cr_feel_value b)
{
    if (a.kind == CR_FEEL_NUMBER && b.kind == CR_FEEL_NUMBER) {
        return checked(eval, cr_number_sub(a, b));
    }
    if (is_point(a) && is_duration(b)) { return shift(eval, a, negated(b)); }
    if (is_point(a) && is_point(b) && (a.kind == CR_FEEL_TIME) == (b.kind == CR_FEEL_TIME)) {
        return between(eval, a, b);
    }
    if (is_duration(a) && a.kind == b.kind) { return add_durations(eval, a, negated(b)); }
    return no_operator(eval, "-", a, b);
}

/* A duration as a number of months or of nanoseconds, and back. */
static cr_feel_value measure(cr_feel_value duration)
{
    if (duration.kind == CR_FEEL_MONTHS_DURATION) { return cr_feel_integer(duration.as.integer); }
    cr_feel_value seconds = cr_number_mul(
        cr_feel_integer(duration.as.duration.seconds), cr_feel_integer(CR_NANOS_PER_SECOND));
    return cr_number_add(seconds, cr_feel_integer(duration.as.duration.nanos));
}

static cr_feel_value from_measure(cr_eval *eval, cr_feel_kind kind, cr_feel_value number)
{
    int64_t whole, nanos;
    if (number.kind == CR_FEEL_NULL) { return cr_complain(eval, "the duration is out of range"); }
    number = cr_number_round(number, 0, CR_ROUND_DOWN);
    if (kind == CR_FEEL_MONTHS_DURATION) {
        cr_feel_value months = cr_feel_null();
        if (cr_feel_to_integer(number, &whole)) { months = cr_feel_months(whole); }
        return months.kind == CR_FEEL_NULL ? cr_complain(eval, "the duration is out of range")
                                           : months;
    }
    cr_feel_value unit = cr_feel_integer(CR_NANOS_PER_SECOND);
    cr_feel_value seconds = cr_number_round(cr_number_div(number, unit), 0, CR_ROUND_FLOOR);
    cr_feel_value rest = cr_number_sub(number, cr_number_mul(seconds, unit));
    if (!cr_feel_to_integer(seconds, &whole) || !cr_feel_to_integer(rest, &nanos)) {
        return cr_complain(eval, "the duration is out of range");
    }
    return cr_feel_duration(whole, nanos);
}

cr_feel_value cr_multiply(cr_eval *eval, cr_feel_value a, cr_feel_value b)
{
    if (a.kind == CR_FEEL_NUMBER && b.kind == CR_FEEL_NUMBER) {
        return checked(eval, cr_number_mul(a, b));
    }
    if (is_duration(a) && b.kind == CR_FEEL_NUMBER) {
        return from_measure(eval, a.kind, cr_number_mul(measure(a), b));
    }
    if (a.kind == CR_FEEL_NUMBER && is_duration(b)) {
        return from_measure(eval, b.kind, cr_number_mul(a, measure(b)));
    }
    return no_operator(eval, "*", a, b);
}

cr_feel_value cr_divide(cr_eval *eval, cr_feel_value a, cr_feel_value b)
{
    bool numbers = a.kind == CR_FEEL_NUMBER && b.kind == CR_FEEL_NUMBER;
    bool durations = is_duration(a) && a.kind == b.kind;
    if (!numbers && !durations && !(is_duration(a) && b.kind == CR_FEEL_NUMBER)) {
        return no_operator(eval, "/", a, b);
    }
    cr_feel_value divisor = durations ? measure(b) : b;
    if (cr_number_sign(divisor) == 0) { return cr_complain(eval, "division by zero"); }
    if (numbers) { return checked(eval, cr_number_div(a, b)); }
    cr_feel_value quotient = cr_number_div(measure(a), divisor);
    return durations ? checked(eval, quotient) : from_measure(eval, a.kind, quotient);
}

cr_feel_value cr_negate(cr_eval *eval, cr_feel_value a)
{
    if (a.kind == CR_FEEL_NUMBER) { return cr_number_neg(a); }
    if (is_duration(a)) { return negated(a); }
    return a.kind == CR_FEEL_NULL ? a : cr_complain(eval, "no -%s", cr_feel_kind_name(a.kind));
}
