/* Hides numbers of persons inside free text: resident ids and mobile numbers.
 *
 * A number is a run of digits (half or full width) that nothing but its own
 * length and shape betrays; the run must be the number alone, so that a longer
 * bank or file number is not cut into pieces. An eighteen-digit run counts as a
 * resident id when it holds a possible birth date or a right check character:
 * a unified code made of digits alone has neither, but by chance.
 * basis: domain 1.6 */
#include <string.h>

#include "engine/text.h"

enum { RUN_MAX = 18, NOT_A_DIGIT = -1, LETTER_X = 10 };

/* A run of digits, perhaps with an X behind it. */
typedef struct run {
    size_t start, end; /* bytes in the text */
    size_t count;      /* digits, X included */
    signed char digit[RUN_MAX];
} run;

/* What stays readable of a number: `left` and `right` digits. */
typedef struct shown {
    bool hide;
    size_t left, right;
} shown;

static int digit_of(int32_t code)
{
    if (code >= 0xFF10 && code <= 0xFF19) { return (int)(code - 0xFF10); }
    return code >= '0' && code <= '9' ? (int)(code - '0') : NOT_A_DIGIT;
}

static bool is_letter_x(int32_t code)
{
    return code == 'X' || code == 'x' || code == 0xFF38 || code == 0xFF58;
}

/* Reads the run that begins at run->start; digits beyond RUN_MAX are counted only. */
static void read_run(credit_span text, run *found)
{
    size_t at = found->start;
    found->count = 0;
    found->end = at;
    while (at < text.size) {
        int32_t code = cr_utf8_next(text, &at);
        int digit = digit_of(code);
        bool closes = digit == NOT_A_DIGIT && found->count == RUN_MAX - 1 && is_letter_x(code);
        if (digit == NOT_A_DIGIT && !closes) { return; }
        if (found->count < RUN_MAX) {
            found->digit[found->count] = (signed char)(closes ? LETTER_X : digit);
        }
        found->count++;
        found->end = at;
        if (closes) { return; }
    }
}

static int number_at(const run *found, size_t at, size_t count)
{
    int number = 0;
    for (size_t i = at; i < at + count; i++) { number = number * 10 + found->digit[i]; }
    return number;
}

/* Month and day as they stand at `at`: only what no calendar has is excluded. */
static bool has_month_and_day(const run *found, size_t at)
{
    int month = number_at(found, at, 2), day = number_at(found, at + 2, 2);
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static bool has_birth_date(const run *found)
{
    int year = number_at(found, 6, 4);
    return year >= 1850 && year <= 2199 && has_month_and_day(found, 10);
}

/* ISO 7064 MOD 11-2: each step doubles what is behind it. */
static bool has_right_check(const run *found)
{
    int sum = 0;
    for (size_t i = 0; i < RUN_MAX - 1; i++) { sum = (sum + found->digit[i]) * 2 % 11; }
    int province = number_at(found, 0, 2);
    return (sum + found->digit[RUN_MAX - 1]) % 11 == 1 && province >= 11 && province <= 83;
}

static bool is_mobile(const run *found, size_t at)
{
    return found->digit[at] == 1 && found->digit[at + 1] >= 3;
}

static shown judge_run(const run *found)
{
    switch (found->count) {
    case 11:
        return (shown){is_mobile(found, 0), 3, 4};
    case 13:
        return (shown){number_at(found, 0, 2) == 86 && is_mobile(found, 2), 5, 4};
    case 15:
        return (shown){has_month_and_day(found, 8), 6, 0};
    case 18:
        return (shown){has_birth_date(found) || has_right_check(found), 6, 0};
    default:
        return (shown){false, 0, 0};
    }
}

/* The next number to hide at or behind *at; false at the end of the text. */
static bool next_number(credit_span text, size_t *at, run *found, shown *how)
{
    while (*at < text.size) {
        found->start = *at;
        if (digit_of(cr_utf8_next(text, at)) == NOT_A_DIGIT) { continue; }
        read_run(text, found);
        *at = found->end;
        *how = judge_run(found);
        if (how->hide) { return true; }
    }
    return false;
}

/* Puts the run to `out`, its middle hidden; returns the bytes written. */
static size_t put_hidden(credit_span text, const run *found, shown how, char *out)
{
    size_t written = 0, at = found->start;
    for (size_t i = 0; i < found->count; i++) {
        size_t start = at;
        cr_utf8_next(text, &at);
        if (i < how.left || i >= found->count - how.right) {
            memcpy(out + written, text.data + start, at - start);
            written += at - start;
        } else {
            out[written++] = '*';
        }
    }
    return written;
}

credit_span cr_mask_free_text(credit_span text, cr_arena *arena)
{
    run found;
    shown how;
    size_t at = 0, copied = 0, written = 0;
    char *out = NULL;
    while (next_number(text, &at, &found, &how)) {
        if (out == NULL) { out = cr_arena_alloc(arena, text.size); }
        if (out == NULL) { return (credit_span){NULL, 0}; }
        memcpy(out + written, text.data + copied, found.start - copied);
        written += found.start - copied;
        written += put_hidden(text, &found, how, out + written);
        copied = found.end;
    }
    if (out == NULL) { return text; }
    memcpy(out + written, text.data + copied, text.size - copied);
    return (credit_span){out, written + text.size - copied};
}
