#include "engine/feel_number.h"

#include <bid_conf.h>
#include <bid_functions.h>
#include <string.h>

/* Modes of the decimal library. */
enum { NEAREST_EVEN = 0, TOWARD_MINUS = 1, TOWARD_PLUS = 2, TOWARD_ZERO = 3, NEAREST_AWAY = 4 };

/* Whole exponents up to this are computed by multiplication, which is exact
 * as long as the digits suffice; the library's pow is not. */
enum { EXACT_EXPONENT_MAX = 1000, DIGITS = 34, SCALE_MAX = 6176 };

static BID_UINT128 wide(cr_feel_value a)
{
    BID_UINT128 x;
    if ((a.flags & CR_FEEL_DECIMAL) == 0) { return bid128_from_int64(a.as.integer); }
    x.w[0] = a.as.decimal[0];
    x.w[1] = a.as.decimal[1];
    return x;
}

static cr_feel_value narrow(BID_UINT128 x)
{
    if (bid128_isNaN(x) || bid128_isInf(x)) { return cr_feel_null(); }
    cr_feel_value value = {.kind = CR_FEEL_NUMBER, .flags = CR_FEEL_DECIMAL};
    value.as.decimal[0] = x.w[0];
    value.as.decimal[1] = x.w[1];
    return value;
}

static bool both_whole(cr_feel_value a, cr_feel_value b)
{
    return ((a.flags | b.flags) & CR_FEEL_DECIMAL) == 0;
}

cr_feel_value cr_number_add(cr_feel_value a, cr_feel_value b)
{
    int64_t sum;
    if (both_whole(a, b) && !__builtin_add_overflow(a.as.integer, b.as.integer, &sum)) {
        return cr_feel_integer(sum);
    }
    _IDEC_flags flags = 0;
    return narrow(bid128_add(wide(a), wide(b), NEAREST_EVEN, &flags));
}

cr_feel_value cr_number_sub(cr_feel_value a, cr_feel_value b)
{
    int64_t difference;
    if (both_whole(a, b) && !__builtin_sub_overflow(a.as.integer, b.as.integer, &difference)) {
        return cr_feel_integer(difference);
    }
    _IDEC_flags flags = 0;
    return narrow(bid128_sub(wide(a), wide(b), NEAREST_EVEN, &flags));
}

cr_feel_value cr_number_mul(cr_feel_value a, cr_feel_value b)
{
    int64_t product;
    if (both_whole(a, b) && !__builtin_mul_overflow(a.as.integer, b.as.integer, &product)) {
        return cr_feel_integer(product);
    }
    _IDEC_flags flags = 0;
    return narrow(bid128_mul(wide(a), wide(b), NEAREST_EVEN, &flags));
}

cr_feel_value cr_number_div(cr_feel_value a, cr_feel_value b)
{
    if (cr_number_sign(b) == 0) { return cr_feel_null(); }
    if (both_whole(a, b) && b.as.integer != -1 && a.as.integer % b.as.integer == 0) {
        return cr_feel_integer(a.as.integer / b.as.integer);
    }
    _IDEC_flags flags = 0;
    return narrow(bid128_div(wide(a), wide(b), NEAREST_EVEN, &flags));
}

static cr_feel_value power_of_whole(cr_feel_value base, int64_t exponent)
{
    cr_feel_value result = cr_feel_integer(1);
    for (int64_t left = exponent < 0 ? -exponent : exponent; left > 0; left /= 2) {
        if (left % 2 != 0) { result = cr_number_mul(result, base); }
        if (left > 1) { base = cr_number_mul(base, base); }
        if (result.kind == CR_FEEL_NULL || base.kind == CR_FEEL_NULL) { return cr_feel_null(); }
    }
    return exponent < 0 ? cr_number_div(cr_feel_integer(1), result) : result;
}

cr_feel_value cr_number_pow(cr_feel_value a, cr_feel_value b)
{
    int64_t exponent;
    if (cr_feel_to_integer(b, &exponent) && exponent >= -EXACT_EXPONENT_MAX &&
        exponent <= EXACT_EXPONENT_MAX) {
        return power_of_whole(a, exponent);
    }
    _IDEC_flags flags = 0;
    return narrow(bid128_pow(wide(a), wide(b), NEAREST_EVEN, &flags));
}

cr_feel_value cr_number_neg(cr_feel_value a)
{
    if ((a.flags & CR_FEEL_DECIMAL) == 0 && a.as.integer != INT64_MIN) {
        return cr_feel_integer(-a.as.integer);
    }
    return narrow(bid128_negate(wide(a)));
}

cr_feel_value cr_number_modulo(cr_feel_value a, cr_feel_value b)
{
    if (cr_number_sign(b) == 0) { return cr_feel_null(); }
    if (both_whole(a, b) && b.as.integer != -1) {
        int64_t rest = a.as.integer % b.as.integer;
        bool adjust = rest != 0 && (rest < 0) != (b.as.integer < 0);
        return cr_feel_integer(adjust ? rest + b.as.integer : rest);
    }
    _IDEC_flags flags = 0;
    cr_feel_value rest = narrow(bid128_fmod(wide(a), wide(b), &flags));
    if (rest.kind == CR_FEEL_NUMBER && cr_number_sign(rest) * cr_number_sign(b) < 0) {
        rest = cr_number_add(rest, b);
    }
    return rest;
}

static unsigned mode_of(cr_rounding rounding, bool negative)
{
    switch (rounding) {
    case CR_ROUND_HALF_UP:
        return NEAREST_AWAY;
    case CR_ROUND_UP:
        return negative ? TOWARD_MINUS : TOWARD_PLUS;
    case CR_ROUND_DOWN:
        return TOWARD_ZERO;
    case CR_ROUND_FLOOR:
        return TOWARD_MINUS;
    case CR_ROUND_CEILING:
        return TOWARD_PLUS;
    case CR_ROUND_HALF_DOWN: /* decided by the caller */
    case CR_ROUND_HALF_EVEN:
    default:
        return NEAREST_EVEN;
    }
}

static BID_UINT128 unit(int64_t scale)
{
    _IDEC_flags flags = 0;
    return bid128_scalbln(bid128_from_int64(1), (long int)-scale, NEAREST_EVEN, &flags);
}

/* Half to the nearer neighbour towards zero: rounds down, unless more than
 * half a unit is left. */
static BID_UINT128 round_half_down(BID_UINT128 x, BID_UINT128 quantum)
{
    _IDEC_flags flags = 0;
    BID_UINT128 down = bid128_quantize(x, quantum, TOWARD_ZERO, &flags);
    BID_UINT128 away =
        bid128_quantize(x, quantum, bid128_isSigned(x) ? TOWARD_MINUS : TOWARD_PLUS, &flags);
    BID_UINT128 lost = bid128_abs(bid128_sub(x, down, NEAREST_EVEN, &flags));
    BID_UINT128 missing = bid128_abs(bid128_sub(away, x, NEAREST_EVEN, &flags));
    return bid128_quiet_greater(lost, missing, &flags) ? away : down;
}

cr_feel_value cr_number_round(cr_feel_value a, int64_t scale, cr_rounding rounding)
{
    if (scale < -6111 || scale > SCALE_MAX) { return cr_feel_null(); }
    if ((a.flags & CR_FEEL_DECIMAL) == 0 && scale >= 0) { return a; }
    BID_UINT128 x = wide(a), quantum = unit(scale);
    _IDEC_flags flags = 0;
    if (rounding == CR_ROUND_HALF_DOWN) { return narrow(round_half_down(x, quantum)); }
    BID_UINT128 rounded =
        bid128_quantize(x, quantum, mode_of(rounding, bid128_isSigned(x) != 0), &flags);
    /* Already finer than 34 digits can say at that scale: it is round. */
    return bid128_isNaN(rounded) ? a : narrow(rounded);
}

cr_feel_value cr_number_sqrt(cr_feel_value a)
{
    _IDEC_flags flags = 0;
    return narrow(bid128_sqrt(wide(a), NEAREST_EVEN, &flags));
}

cr_feel_value cr_number_log(cr_feel_value a)
{
    if (cr_number_sign(a) <= 0) { return cr_feel_null(); }
    _IDEC_flags flags = 0;
    return narrow(bid128_log(wide(a), NEAREST_EVEN, &flags));
}

cr_feel_value cr_number_exp(cr_feel_value a)
{
    _IDEC_flags flags = 0;
    return narrow(bid128_exp(wide(a), NEAREST_EVEN, &flags));
}

int cr_number_compare(cr_feel_value a, cr_feel_value b)
{
    if (both_whole(a, b)) { return (a.as.integer > b.as.integer) - (a.as.integer < b.as.integer); }
    _IDEC_flags flags = 0;
    BID_UINT128 x = wide(a), y = wide(b);
    if (bid128_quiet_less(x, y, &flags)) { return -1; }
    return bid128_quiet_greater(x, y, &flags) ? 1 : 0;
}

int cr_number_sign(cr_feel_value a)
{
    return cr_number_compare(a, cr_feel_integer(0));
}

bool cr_feel_to_integer(cr_feel_value value, int64_t *out)
{
    *out = 0;
    if (value.kind != CR_FEEL_NUMBER) { return false; }
    if ((value.flags & CR_FEEL_DECIMAL) == 0) {
        *out = value.as.integer;
        return true;
    }
    _IDEC_flags flags = 0;
    int64_t whole = bid128_to_int64_xint(wide(value), &flags);
    if (flags != 0) { return false; /* inexact: a fraction; invalid: too large */ }
    *out = whole;
    return true;
}

cr_feel_value cr_feel_scaled(int64_t value, unsigned scale)
{
    while (scale > 0 && value % 10 == 0) {
        value /= 10;
        scale--;
        if (value == 0) { return cr_feel_integer(0); }
    }
    if (scale == 0) { return cr_feel_integer(value); }
    _IDEC_flags flags = 0;
    return narrow(bid128_scalbln(bid128_from_int64(value), -(long int)scale, NEAREST_EVEN, &flags));
}

/* --- text -------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits(credit_span text, size_t at)
{
    size_t start = at;
    while (at < text.size && is_digit(text.data[at])) { at++; }
    return at - start;
}

/* [-]digits[.digits][e[±]digits] or [-].digits…: the whole of it. */
static bool is_number(credit_span text, bool *whole)
{
    size_t at = text.size > 0 && text.data[0] == '-' ? 1 : 0;
    size_t before = digits(text, at), after = 0;
    at += before;
    *whole = true;
    if (at < text.size && text.data[at] == '.') {
        after = digits(text, at + 1);
        if (after == 0) { return false; }
        at += 1 + after;
        *whole = false;
    }
    if (before + after == 0) { return false; }
    if (at < text.size && (text.data[at] == 'e' || text.data[at] == 'E')) {
        at++;
        if (at < text.size && (text.data[at] == '-' || text.data[at] == '+')) { at++; }
        size_t exponent = digits(text, at);
        if (exponent == 0) { return false; }
        at += exponent;
        *whole = false;
    }
    return at == text.size;
}

bool cr_number_parse(credit_span text, cr_feel_value *out)
{
    enum { WHOLE_MAX = 18, TEXT_MAX = 8192 };
    bool whole;
    *out = cr_feel_null();
    if (text.size == 0 || text.size > TEXT_MAX || !is_number(text, &whole)) { return false; }
    if (whole && text.size <= WHOLE_MAX) {
        bool negative = text.data[0] == '-';
        int64_t value = 0;
        for (size_t i = negative ? 1 : 0; i < text.size; i++) {
            value = value * 10 + (text.data[i] - '0');
        }
        *out = cr_feel_integer(negative ? -value : value);
        return true;
    }
    char buffer[TEXT_MAX + 1];
    memcpy(buffer, text.data, text.size);
    buffer[text.size] = '\0';
    _IDEC_flags flags = 0;
    *out = narrow(bid128_from_string(buffer, NEAREST_EVEN, &flags));
    return out->kind == CR_FEEL_NUMBER;
}

static size_t put(char *out, size_t at, const char *text, size_t size)
{
    memcpy(out + at, text, size);
    return at + size;
}

static size_t put_zeros(char *out, size_t at, long count)
{
    for (long i = 0; i < count; i++) { out[at++] = '0'; }
    return at;
}

static size_t put_int(char *out, size_t at, int64_t value)
{
    char reversed[24];
    size_t count = 0;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    do {
        reversed[count++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) { out[at++] = '-'; }
    while (count > 0) { out[at++] = reversed[--count]; }
    return at;
}

/* digits × 10^exponent, plain if that stays short. */
static size_t put_decimal(char *out, size_t at, const char *text, size_t size, long exponent)
{
    enum { PLAIN_MAX = 40 };
    long point = (long)size + exponent; /* digits before the point */
    if (exponent >= 0 && point <= PLAIN_MAX) {
        at = put(out, at, text, size);
        return put_zeros(out, at, exponent);
    }
    if (exponent < 0 && point > 0) {
        at = put(out, at, text, (size_t)point);
        out[at++] = '.';
        return put(out, at, text + point, size - (size_t)point);
    }
    if (exponent < 0 && -exponent <= PLAIN_MAX) {
        at = put(out, at, "0.", 2);
        at = put_zeros(out, at, -point);
        return put(out, at, text, size);
    }
    out[at++] = text[0];
    if (size > 1) {
        out[at++] = '.';
        at = put(out, at, text + 1, size - 1);
    }
    out[at++] = 'E';
    return put_int(out, at, point - 1);
}

size_t cr_number_print(cr_feel_value a, char out[CR_NUMBER_TEXT])
{
    if ((a.flags & CR_FEEL_DECIMAL) == 0) { return put_int(out, 0, a.as.integer); }
    char raw[CR_NUMBER_TEXT]; /* "+1234E-5" */
    _IDEC_flags flags = 0;
    bid128_to_string(raw, wide(a), &flags);
    const char *text = raw + 1;
    size_t size = digits((credit_span){text, strlen(text)}, 0);
    long exponent = 0;
    const char *e = text + size;
    for (const char *p = e + 2; *e == 'E' && *p != '\0'; p++) {
        exponent = exponent * 10 + (*p - '0');
    }
    exponent = *e == 'E' && e[1] == '-' ? -exponent : exponent;
    while (size > 1 && text[0] == '0') {
        text++;
        size--;
    }
    while (size > 1 && text[size - 1] == '0') {
        size--;
        exponent++;
    }
    if (size == 1 && text[0] == '0') { return put(out, 0, "0", 1); }
    size_t at = raw[0] == '-' ? put(out, 0, "-", 1) : 0;
    return put_decimal(out, at, text, size, exponent);
}
