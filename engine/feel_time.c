#include "engine/feel_time.h"

#include <stdio.h>
#include <string.h>

/* Far from the ends of int64, so that sums of two durations cannot wrap; twice
 * the longest time between two dates. */
#define DURATION_MAX (INT64_C(2000000000000) * CR_SECONDS_PER_DAY)

enum { YEAR_MAX = 999999999, OFFSET_MAX = 18 * 3600, NANO_DIGITS = 9 };

/* --- calendar ---------------------------------------------------------- */

static bool is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

int cr_civil_month_days(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

bool cr_civil_valid(int64_t year, int64_t month, int64_t day)
{
    return year >= -YEAR_MAX && year <= YEAR_MAX && month >= 1 && month <= 12 && day >= 1 &&
           day <= cr_civil_month_days(year, (int)month);
}

/* Years start in March, so that the leap day is the last of its year; an era
 * is 400 years. */
int64_t cr_civil_to_days(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

cr_civil cr_civil_from_days(int64_t days)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t day_of_era = days - era * 146097;
    int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t shifted_month = (5 * day_of_year + 2) / 153;
    cr_civil civil;
    civil.day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
    civil.month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
    civil.year = year_of_era + era * 400 + (civil.month <= 2);
    return civil;
}

int cr_civil_weekday(int64_t days)
{
    int64_t rest = (days + 3) % 7; /* 1970-01-01 was a Thursday */
    return (int)(rest < 0 ? rest + 7 : rest) + 1;
}

int64_t cr_days_add_months(int64_t days, int64_t months)
{
    cr_civil civil = cr_civil_from_days(days);
    int64_t total = civil.year * 12 + civil.month - 1 + months;
    int64_t year = total >= 0 ? total / 12 : -((11 - total) / 12);
    int month = (int)(total - year * 12) + 1;
    int last = cr_civil_month_days(year, month);
    return cr_civil_to_days(year, month, civil.day < last ? civil.day : last);
}

int64_t cr_days_months_between(int64_t from, int64_t to)
{
    cr_civil a = cr_civil_from_days(from), b = cr_civil_from_days(to);
    int64_t months = (b.year - a.year) * 12 + b.month - a.month;
    if (months > 0 && b.day < a.day) {
        months--;
    } else if (months < 0 && b.day > a.day) {
        months++;
    }
    return months;
}

/* --- zones ------------------------------------------------------------- */

/* European summer time: from the last Sunday of March to the last of October,
 * 01:00 UTC. In force in this form since 1996. */
typedef enum zone_rule { FIXED, EUROPEAN } zone_rule;

/* clang-format off */
static const struct zone {
    const char *name;
    int32_t offset; /* seconds east of UTC, in winter */
    zone_rule rule;
} zones[] = {
    {"Asia/Shanghai",    8 * 3600, FIXED},    {"UTC",              0,        FIXED},
    {"Etc/UTC",          0,        FIXED},    {"GMT",              0,        FIXED},
    {"Etc/GMT",          0,        FIXED},    {"Asia/Urumqi",      6 * 3600, FIXED},
    {"Asia/Hong_Kong",   8 * 3600, FIXED},    {"Asia/Macau",       8 * 3600, FIXED},
    {"Asia/Taipei",      8 * 3600, FIXED},    {"Asia/Singapore",   8 * 3600, FIXED},
    {"Asia/Tokyo",       9 * 3600, FIXED},    {"Asia/Seoul",       9 * 3600, FIXED},
    {"Asia/Dhaka",       6 * 3600, FIXED},    {"Asia/Kolkata",     19800,    FIXED},
    {"Europe/London",    0,        EUROPEAN}, {"Europe/Paris",     3600,     EUROPEAN},
    {"Europe/Berlin",    3600,     EUROPEAN}, {"Europe/Vienna",    3600,     EUROPEAN},
    {"Europe/Amsterdam", 3600,     EUROPEAN}, {"Europe/Brussels",  3600,     EUROPEAN},
    {"Europe/Madrid",    3600,     EUROPEAN}, {"Europe/Rome",      3600,     EUROPEAN},
    {"Europe/Zurich",    3600,     EUROPEAN}, {"Europe/Warsaw",    3600,     EUROPEAN},
};
/* clang-format on */
enum { ZONES = sizeof zones / sizeof zones[0] };

static int64_t last_sunday(int64_t year, int month)
{
    int64_t last = cr_civil_to_days(year, month, cr_civil_month_days(year, month));
    return last - cr_civil_weekday(last) % 7;
}

static int32_t zone_offset(uint16_t index, int64_t days, int64_t nanos)
{
    const struct zone *zone = &zones[index < ZONES ? index : 0];
    if (zone->rule == FIXED) { return zone->offset; }
    int64_t year = cr_civil_from_days(days).year;
    int64_t utc = days * CR_SECONDS_PER_DAY + nanos / CR_NANOS_PER_SECOND - zone->offset;
    int64_t begin = last_sunday(year, 3) * CR_SECONDS_PER_DAY + 3600;
    int64_t end = last_sunday(year, 10) * CR_SECONDS_PER_DAY + 3600;
    return utc >= begin && utc < end ? zone->offset + 3600 : zone->offset;
}

bool cr_feel_offset(cr_feel_value value, int64_t *seconds)
{
    *seconds = 0;
    if (value.n.offset == CR_FEEL_LOCAL) { return false; }
    *seconds = value.n.offset == CR_FEEL_ZONED
                   ? zone_offset(value.type, value.as.time.days, value.as.time.nanos)
                   : value.n.offset;
    return true;
}

const char *cr_feel_zone_name(cr_feel_value value)
{
    return zones[value.type < ZONES ? value.type : 0].name;
}

int64_t cr_feel_seconds(cr_feel_value value)
{
    if (value.kind == CR_FEEL_DATE) { return value.as.date.days * CR_SECONDS_PER_DAY; }
    int64_t offset;
    cr_feel_offset(value, &offset);
    return value.as.time.days * CR_SECONDS_PER_DAY + value.as.time.nanos / CR_NANOS_PER_SECOND -
           offset;
}

/* --- making ------------------------------------------------------------ */

cr_feel_value cr_feel_day(int64_t days)
{
    cr_feel_value value = {.kind = CR_FEEL_DATE};
    value.as.date.days = days;
    return cr_days_in_range(days) ? value : cr_feel_null();
}

cr_feel_value cr_feel_time_of(int64_t nanos, int32_t offset, uint16_t zone)
{
    cr_feel_value value = {.kind = CR_FEEL_TIME, .type = zone};
    value.n.offset = offset;
    value.as.time.nanos = nanos;
    return value;
}

cr_feel_value cr_feel_moment(int64_t days, int64_t nanos, int32_t offset, uint16_t zone)
{
    cr_feel_value value = cr_feel_time_of(nanos, offset, zone);
    value.kind = CR_FEEL_DATE_TIME;
    value.as.time.days = days;
    return cr_days_in_range(days) ? value : cr_feel_null();
}

cr_feel_value cr_feel_duration(int64_t seconds, int64_t nanos)
{
    int64_t carry = nanos / CR_NANOS_PER_SECOND;
    nanos -= carry * CR_NANOS_PER_SECOND;
    if (nanos < 0) {
        nanos += CR_NANOS_PER_SECOND;
        carry--;
    }
    cr_feel_value value = {.kind = CR_FEEL_DAYS_DURATION};
    value.as.duration.nanos = nanos;
    if (__builtin_add_overflow(seconds, carry, &value.as.duration.seconds) ||
        value.as.duration.seconds > DURATION_MAX || value.as.duration.seconds < -DURATION_MAX) {
        return cr_feel_null();
    }
    return value;
}

/* --- parsing ----------------------------------------------------------- */

typedef struct reader {
    const char *at, *end;
} reader;

static bool peek(const reader *r, char c)
{
    return r->at < r->end && *r->at == c;
}

static bool take(reader *r, char c)
{
    bool there = peek(r, c);
    r->at += there;
    return there;
}

static size_t digit_count(const reader *r)
{
    const char *p = r->at;
    while (p < r->end && *p >= '0' && *p <= '9') { p++; }
    return (size_t)(p - r->at);
}

static bool number(reader *r, size_t least, size_t most, int64_t *out)
{
    size_t count = digit_count(r);
    if (count < least || count > most) { return false; }
    *out = 0;
    for (; count > 0; count--) { *out = *out * 10 + (*r->at++ - '0'); }
    return true;
}

static bool read_date(reader *r, int64_t *days)
{
    int64_t year, month, day;
    bool negative = take(r, '-');
    bool padded = peek(r, '0') && digit_count(r) > 4;
    if (padded || !number(r, 4, 9, &year) || !take(r, '-') || !number(r, 2, 2, &month) ||
        !take(r, '-') || !number(r, 2, 2, &day)) {
        return false;
    }
    year = negative ? -year : year;
    if (!cr_civil_valid(year, month, day)) { return false; }
    *days = cr_civil_to_days(year, (int)month, (int)day);
    return true;
}

/* Digits after the point, as nanoseconds; further ones are cut. */
static int64_t read_fraction(reader *r)
{
    int64_t nanos = 0;
    for (int i = 0; i < NANO_DIGITS; i++) {
        bool there = r->at < r->end && *r->at >= '0' && *r->at <= '9';
        nanos = nanos * 10 + (there ? *r->at++ - '0' : 0);
    }
    r->at += digit_count(r);
    return nanos;
}

static bool read_zone_name(reader *r, uint16_t *zone)
{
    size_t size = (size_t)(r->end - r->at);
    for (uint16_t i = 0; i < ZONES; i++) {
        if (strlen(zones[i].name) == size && memcmp(zones[i].name, r->at, size) == 0) {
            *zone = i;
            r->at = r->end;
            return true;
        }
    }
    return false;
}

static bool read_zone(reader *r, int32_t *offset, uint16_t *zone)
{
    *offset = CR_FEEL_LOCAL;
    *zone = 0;
    if (r->at == r->end) { return true; }
    if (take(r, 'Z') || take(r, 'z')) {
        *offset = 0;
        return true;
    }
    if (take(r, '@')) {
        *offset = CR_FEEL_ZONED;
        return read_zone_name(r, zone);
    }
    bool west = peek(r, '-');
    int64_t hours, minutes, seconds = 0;
    if ((!take(r, '-') && !take(r, '+')) || !number(r, 2, 2, &hours) || !take(r, ':') ||
        !number(r, 2, 2, &minutes) || (take(r, ':') && !number(r, 2, 2, &seconds))) {
        return false;
    }
    int64_t total = hours * 3600 + minutes * 60 + seconds;
    if (minutes > 59 || seconds > 59 || total > OFFSET_MAX) { return false; }
    *offset = (int32_t)(west ? -total : total);
    return true;
}

static bool read_time(reader *r, int64_t *nanos, int32_t *offset, uint16_t *zone)
{
    int64_t hour, minute, second, fraction = 0;
    if (!number(r, 2, 2, &hour) || !take(r, ':') || !number(r, 2, 2, &minute) || !take(r, ':') ||
        !number(r, 2, 2, &second)) {
        return false;
    }
    if (take(r, '.')) {
        if (digit_count(r) == 0) { return false; }
        fraction = read_fraction(r);
    }
    if (hour > 23 || minute > 59 || second > 59) { return false; }
    *nanos = (hour * 3600 + minute * 60 + second) * CR_NANOS_PER_SECOND + fraction;
    return read_zone(r, offset, zone) && r->at == r->end;
}

static reader read_from(credit_span text)
{
    return (reader){text.data, text.size == 0 ? text.data : text.data + text.size};
}

bool cr_feel_parse_date(credit_span text, cr_feel_value *out)
{
    reader r = read_from(text);
    int64_t days;
    *out = cr_feel_null();
    if (!read_date(&r, &days) || r.at != r.end) { return false; }
    *out = cr_feel_day(days);
    return true;
}

bool cr_feel_parse_time(credit_span text, cr_feel_value *out)
{
    reader r = read_from(text);
    int64_t nanos;
    int32_t offset;
    uint16_t zone;
    *out = cr_feel_null();
    if (!read_time(&r, &nanos, &offset, &zone)) { return false; }
    *out = cr_feel_time_of(nanos, offset, zone);
    return true;
}

bool cr_feel_parse_date_time(credit_span text, cr_feel_value *out)
{
    reader r = read_from(text);
    int64_t days, nanos = 0;
    int32_t offset = CR_FEEL_LOCAL;
    uint16_t zone = 0;
    *out = cr_feel_null();
    if (!read_date(&r, &days)) { return false; }
    if (r.at != r.end && (!take(&r, 'T') || !read_time(&r, &nanos, &offset, &zone))) {
        return false;
    }
    *out = cr_feel_moment(days, nanos, offset, zone);
    return true;
}

/* One "12Y" of a duration; nothing at all is fine and counts nothing. */
static bool read_part(reader *r, char unit, int64_t factor, int64_t *total, int *parts)
{
    reader ahead = *r;
    int64_t value;
    if (!number(&ahead, 1, 12, &value) || !take(&ahead, unit)) { return true; }
    *r = ahead;
    (*parts)++;
    return !__builtin_mul_overflow(value, factor, &value) &&
           !__builtin_add_overflow(*total, value, total);
}

static bool read_seconds(reader *r, int64_t *total, int64_t *nanos, int *parts)
{
    reader ahead = *r;
    int64_t value;
    if (!number(&ahead, 1, 15, &value)) { return true; }
    *nanos = take(&ahead, '.') ? read_fraction(&ahead) : 0;
    if (!take(&ahead, 'S')) { return true; /* what is left is refused by the caller */ }
    *r = ahead;
    (*parts)++;
    return !__builtin_add_overflow(*total, value, total);
}

bool cr_feel_parse_duration(credit_span text, cr_feel_value *out)
{
    reader r = read_from(text);
    int64_t months = 0, seconds = 0, nanos = 0;
    int month_parts = 0, day_parts = 0, time_parts = 0;
    *out = cr_feel_null();
    bool negative = take(&r, '-');
    if (!take(&r, 'P') || !read_part(&r, 'Y', 12, &months, &month_parts) ||
        !read_part(&r, 'M', 1, &months, &month_parts) ||
        !read_part(&r, 'D', CR_SECONDS_PER_DAY, &seconds, &day_parts)) {
        return false;
    }
    if (take(&r, 'T')) {
        if (!read_part(&r, 'H', 3600, &seconds, &time_parts) ||
            !read_part(&r, 'M', 60, &seconds, &time_parts) ||
            !read_seconds(&r, &seconds, &nanos, &time_parts) || time_parts == 0) {
            return false;
        }
    }
    bool is_days = day_parts + time_parts > 0;
    if (r.at != r.end || is_days == (month_parts > 0)) {
        return false; /* rest, nothing, or both kinds at once */
    }
    *out = !is_days ? cr_feel_months(negative ? -months : months)
                    : cr_feel_duration(negative ? -seconds : seconds, negative ? -nanos : nanos);
    return out->kind != CR_FEEL_NULL;
}

/* --- printing ---------------------------------------------------------- */

typedef struct writer {
    char *text;
    size_t size;
} writer;

static void put_text(writer *w, const char *text)
{
    size_t size = strlen(text);
    if (size > CR_TIME_TEXT - w->size) { size = CR_TIME_TEXT - w->size; }
    memcpy(w->text + w->size, text, size);
    w->size += size;
}

static void put_padded(writer *w, int64_t value, int width)
{
    char buffer[32];
    snprintf(buffer, sizeof buffer, "%0*lld", width, (long long)value);
    put_text(w, buffer);
}

static void put_date(writer *w, int64_t days)
{
    cr_civil civil = cr_civil_from_days(days);
    if (civil.year < 0) { put_text(w, "-"); }
    put_padded(w, civil.year < 0 ? -civil.year : civil.year, 4);
    put_text(w, "-");
    put_padded(w, civil.month, 2);
    put_text(w, "-");
    put_padded(w, civil.day, 2);
}

static void put_fraction(writer *w, int64_t nanos)
{
    if (nanos == 0) { return; }
    int width = NANO_DIGITS;
    while (nanos % 10 == 0) {
        nanos /= 10;
        width--;
    }
    put_text(w, ".");
    put_padded(w, nanos, width);
}

static void put_offset(writer *w, cr_feel_value value)
{
    if (value.n.offset == CR_FEEL_LOCAL) { return; }
    if (value.n.offset == CR_FEEL_ZONED) {
        put_text(w, "@");
        put_text(w, cr_feel_zone_name(value));
        return;
    }
    if (value.n.offset == 0) {
        put_text(w, "Z");
        return;
    }
    int32_t seconds = value.n.offset < 0 ? -value.n.offset : value.n.offset;
    put_text(w, value.n.offset < 0 ? "-" : "+");
    put_padded(w, seconds / 3600, 2);
    put_text(w, ":");
    put_padded(w, seconds / 60 % 60, 2);
    if (seconds % 60 != 0) {
        put_text(w, ":");
        put_padded(w, seconds % 60, 2);
    }
}

static void put_time(writer *w, cr_feel_value value)
{
    int64_t seconds = value.as.time.nanos / CR_NANOS_PER_SECOND;
    put_padded(w, seconds / 3600, 2);
    put_text(w, ":");
    put_padded(w, seconds / 60 % 60, 2);
    put_text(w, ":");
    put_padded(w, seconds % 60, 2);
    put_fraction(w, value.as.time.nanos % CR_NANOS_PER_SECOND);
    put_offset(w, value);
}

static void put_part(writer *w, int64_t value, const char *unit)
{
    if (value != 0) {
        put_padded(w, value, 1);
        put_text(w, unit);
    }
}

static void put_months(writer *w, int64_t months)
{
    put_text(w, months < 0 ? "-P" : "P");
    months = months < 0 ? -months : months;
    put_part(w, months / 12, "Y");
    if (months % 12 != 0 || months == 0) {
        put_padded(w, months % 12, 1);
        put_text(w, "M");
    }
}

static void put_duration(writer *w, int64_t seconds, int64_t nanos)
{
    if (seconds < 0) {
        put_text(w, "-");
        seconds = -(seconds + (nanos > 0));
        nanos = nanos > 0 ? CR_NANOS_PER_SECOND - nanos : 0;
    }
    put_text(w, "P");
    put_part(w, seconds / CR_SECONDS_PER_DAY, "D");
    seconds %= CR_SECONDS_PER_DAY;
    if (seconds == 0 && nanos == 0) {
        put_text(w, w->text[w->size - 1] == 'P' ? "T0S" : "");
        return;
    }
    put_text(w, "T");
    put_part(w, seconds / 3600, "H");
    put_part(w, seconds / 60 % 60, "M");
    if (seconds % 60 != 0 || nanos != 0) {
        put_padded(w, seconds % 60, 1);
        put_fraction(w, nanos);
        put_text(w, "S");
    }
}

size_t cr_feel_print_time(cr_feel_value value, char out[CR_TIME_TEXT])
{
    writer w = {out, 0};
    switch (value.kind) {
    case CR_FEEL_DATE:
        put_date(&w, value.as.date.days);
        break;
    case CR_FEEL_TIME:
        put_time(&w, value);
        break;
    case CR_FEEL_DATE_TIME:
        put_date(&w, value.as.time.days);
        put_text(&w, "T");
        put_time(&w, value);
        break;
    case CR_FEEL_MONTHS_DURATION:
        put_months(&w, value.as.integer);
        break;
    case CR_FEEL_DAYS_DURATION:
        put_duration(&w, value.as.duration.seconds, value.as.duration.nanos);
        break;
    default:
        break;
    }
    return w.size;
}
