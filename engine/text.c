/* UTF-8 text, folding, masking.
 *
 * 1. Nothing here allocates but the two masks, which use the caller's arena.
 * 2. Folding never makes a text longer, so `out` may be as large as the input;
 *    it may also be the input itself.
 * 3. Bytes that are not UTF-8 are copied as they are: folding does not judge.
 * 4. Runs of ASCII take the short way: most columns of most files are ASCII. */
#include "engine/text.h"

#include <string.h>

/* What a byte of ASCII is to the folds below. */
enum { PLAIN = 0, BLANK, LOWER, OPEN, CLOSE, LEAD };

/* clang-format off */
static const unsigned char fold_class[256] = {
    ['\t'] = BLANK, ['\n'] = BLANK, ['\v'] = BLANK, ['\f'] = BLANK, ['\r'] = BLANK, [' '] = BLANK,
    ['a'] = LOWER, ['b'] = LOWER, ['c'] = LOWER, ['d'] = LOWER, ['e'] = LOWER, ['f'] = LOWER,
    ['g'] = LOWER, ['h'] = LOWER, ['i'] = LOWER, ['j'] = LOWER, ['k'] = LOWER, ['l'] = LOWER,
    ['m'] = LOWER, ['n'] = LOWER, ['o'] = LOWER, ['p'] = LOWER, ['q'] = LOWER, ['r'] = LOWER,
    ['s'] = LOWER, ['t'] = LOWER, ['u'] = LOWER, ['v'] = LOWER, ['w'] = LOWER, ['x'] = LOWER,
    ['y'] = LOWER, ['z'] = LOWER,
    ['('] = OPEN, ['['] = OPEN, ['{'] = OPEN, [')'] = CLOSE, [']'] = CLOSE, ['}'] = CLOSE,
    /* The only lead bytes whose characters any fold changes: U+0080-00BF, U+2xxx,
     * U+3xxx and U+Fxxx. */
    [0xC2] = LEAD, [0xE2] = LEAD, [0xE3] = LEAD, [0xEF] = LEAD,
};
/* clang-format on */

credit_span cr_span_of(const char *text)
{
    return (credit_span){text, text == NULL ? 0 : strlen(text)};
}

bool cr_span_equal(credit_span a, credit_span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

int cr_span_compare(credit_span a, credit_span b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common == 0 ? 0 : memcmp(a.data, b.data, common);
    if (order != 0) { return order; }
    return (a.size > b.size) - (a.size < b.size);
}

bool cr_span_is(credit_span span, const char *text)
{
    return cr_span_equal(span, cr_span_of(text));
}

bool cr_span_starts(credit_span span, credit_span prefix)
{
    return span.size >= prefix.size &&
           (prefix.size == 0 || memcmp(span.data, prefix.data, prefix.size) == 0);
}

size_t cr_span_find(credit_span hay, credit_span needle)
{
    if (needle.size == 0) { return 0; }
    for (size_t at = 0; hay.size - at >= needle.size; at++) {
        const char *first = memchr(hay.data + at, needle.data[0], hay.size - at - needle.size + 1);
        if (first == NULL) { break; }
        at = (size_t)(first - hay.data);
        if (memcmp(first, needle.data, needle.size) == 0) { return at; }
    }
    return SIZE_MAX;
}

/* Bytes of the blank at the start of `text`, 0 if there is none. */
static size_t leading_blank(const char *text, size_t size)
{
    const unsigned char *byte = (const unsigned char *)text;
    if (size == 0) { return 0; }
    if (fold_class[byte[0]] == BLANK) { return 1; }
    if (size >= 2 && byte[0] == 0xC2 && byte[1] == 0xA0) { return 2; }
    return size >= 3 && byte[0] == 0xE3 && byte[1] == 0x80 && byte[2] == 0x80 ? 3 : 0;
}

static size_t trailing_blank(const char *text, size_t size)
{
    if (size == 0) { return 0; }
    if (fold_class[(unsigned char)text[size - 1]] == BLANK) { return 1; }
    if (size >= 2 && leading_blank(text + size - 2, 2) == 2) { return 2; }
    return size >= 3 && leading_blank(text + size - 3, 3) == 3 ? 3 : 0;
}

credit_span cr_span_trim(credit_span span)
{
    for (size_t blank; (blank = leading_blank(span.data, span.size)) > 0;) {
        span.data += blank;
        span.size -= blank;
    }
    for (size_t blank; (blank = trailing_blank(span.data, span.size)) > 0;) { span.size -= blank; }
    return span;
}

/* The lead byte says how many bytes follow and which values the first of them
 * may have; that excludes overlong forms, surrogates and all above U+10FFFF. */
static int32_t decode(const unsigned char *byte, size_t size, size_t *length)
{
    unsigned char lead = byte[0];
    *length = 1;
    if (lead < 0x80) { return lead; }
    size_t want = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || size < want) { return -1; }
    unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte[1] < low || byte[1] > high) { return -1; }
    int32_t code = lead & (0x7F >> want);
    for (size_t i = 1; i < want; i++) {
        if ((byte[i] & 0xC0) != 0x80) { return -1; }
        code = code << 6 | (byte[i] & 0x3F);
    }
    *length = want;
    return code;
}

int32_t cr_utf8_next(credit_span text, size_t *offset)
{
    if (*offset >= text.size) { return -1; }
    size_t length;
    int32_t code = decode((const unsigned char *)text.data + *offset, text.size - *offset, &length);
    *offset += length;
    return code;
}

size_t cr_utf8_put(uint32_t code_point, char out[4])
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    size_t size = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code_point & 0x3F));
        code_point >>= 6;
    }
    static const unsigned char mark[5] = {0, 0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(mark[size] | code_point);
    return size;
}

enum { BLOCK = 32, BEFORE = 3 };

/* Do the BLOCK bytes behind the first BEFORE go on as UTF-8 from those before them? The
 * last character may go on behind them. Said without a branch, so that the compiler
 * does it for many bytes at once. */
static bool is_valid_block(const unsigned char *bytes)
{
    unsigned char bad = 0;
    for (size_t i = BEFORE; i < BEFORE + BLOCK; i++) {
        unsigned char c = bytes[i], last = bytes[i - 1];
        unsigned char follows = (c & 0xC0) == 0x80;
        unsigned char must = (last >= 0xC0) | (bytes[i - 2] >= 0xE0) | (bytes[i - 3] >= 0xF0);
        bad |= (follows ^ must) | (c == 0xC0) | (c == 0xC1) | (c > 0xF4);
        bad |= ((last == 0xE0) & (c < 0xA0)) | ((last == 0xED) & (c > 0x9F));
        bad |= ((last == 0xF0) & (c < 0x90)) | ((last == 0xF4) & (c > 0x8F));
    }
    return bad == 0;
}

/* Character by character, up to the first that begins at `end` or behind it. */
static bool is_valid_until(credit_span text, size_t *at, size_t end)
{
    while (*at < end) {
        size_t next = *at;
        if (cr_utf8_next(text, &next) < 0) { return false; }
        *at = next;
    }
    return true;
}

/* Where the character begins that the byte at an offset of valid text is of. */
static size_t start_of_character(const char *data, size_t at)
{
    while (at > 0 && ((unsigned char)data[at] & 0xC0) == 0x80) { at--; }
    return at;
}

bool cr_utf8_valid(credit_span text, size_t *bad_offset)
{
    size_t at = 0;
    bool valid = is_valid_until(text, &at, text.size < BEFORE ? text.size : BEFORE);
    if (valid && text.size >= BEFORE + BLOCK) {
        size_t block = BEFORE;
        const unsigned char *data = (const unsigned char *)text.data;
        while (text.size - block >= BLOCK && is_valid_block(data + block - BEFORE)) {
            block += BLOCK;
        }
        at = start_of_character(text.data, block - 1);
    }
    valid = valid && is_valid_until(text, &at, text.size);
    if (!valid && bad_offset != NULL) { *bad_offset = at; }
    return valid;
}

size_t cr_utf8_length(credit_span text)
{
    size_t length = 0;
    for (size_t at = 0; at < text.size; length++) { cr_utf8_next(text, &at); }
    return length;
}

/* A full-width form as its ASCII character, any other code point as it is. */
static int32_t half_width(int32_t code)
{
    if (code >= 0xFF01 && code <= 0xFF5E) { return code - 0xFF01 + '!'; }
    return code == 0x3000 ? ' ' : code;
}

size_t cr_fold_width(credit_span text, char *out)
{
    size_t written = 0;
    for (size_t at = 0; at < text.size;) {
        unsigned char byte = (unsigned char)text.data[at];
        if (fold_class[byte] != LEAD) {
            out[written++] = (char)byte;
            at++;
            continue;
        }
        size_t start = at;
        int32_t code = cr_utf8_next(text, &at);
        int32_t folded = half_width(code);
        if (folded != code) {
            out[written++] = (char)folded;
            continue;
        }
        memmove(out + written, text.data + start, at - start);
        written += at - start;
    }
    return written;
}

/* The brackets that stand for each other in names and document numbers. Title
 * marks and quotes (《》「」) are not brackets: they belong to the name. */
static int bracket_class(int32_t code)
{
    switch (code) {
    case 0x3010: /* 【 */
    case 0x3014: /* 〔 */
    case 0x3016: /* 〖 */
    case 0x3018: /* 〘 */
    case 0x301A: /* 〚 */
    case 0xFE59: /* ﹙ */
    case 0xFE5B: /* ﹛ */
    case 0xFE5D: /* ﹝ */
        return OPEN;
    case 0x3011:
    case 0x3015:
    case 0x3017:
    case 0x3019:
    case 0x301B:
    case 0xFE5A:
    case 0xFE5C:
    case 0xFE5E:
        return CLOSE;
    default:
        return PLAIN;
    }
}

/* Blanks that are not ASCII, zero-width ones and byte order marks included. */
static bool is_wide_blank(int32_t code)
{
    return code == 0xA0 || (code >= 0x2000 && code <= 0x200B) || code == 0x202F || code == 0x205F ||
           code == 0x2060 || code == 0x3000 || code == 0xFEFF;
}

/* Writes the key form of one ASCII character. */
static size_t fold_ascii(unsigned char byte, char *out)
{
    switch (fold_class[byte]) {
    case BLANK:
        return 0;
    case LOWER:
        *out = (char)(byte - 'a' + 'A');
        return 1;
    case OPEN:
        *out = '(';
        return 1;
    case CLOSE:
        *out = ')';
        return 1;
    default:
        *out = (char)byte;
        return 1;
    }
}

/* Writes the key form of a character that is not ASCII. */
static size_t fold_character(credit_span text, size_t *at, char *out)
{
    size_t start = *at;
    int32_t code = half_width(cr_utf8_next(text, at));
    int bracket = bracket_class(code);
    if (bracket != PLAIN) {
        *out = bracket == OPEN ? '(' : ')';
        return 1;
    }
    if (code >= 0 && code < 0x80) { return fold_ascii((unsigned char)code, out); }
    if (is_wide_blank(code)) { return 0; }
    memmove(out, text.data + start, *at - start);
    return *at - start;
}

/* Does a character of three bytes begin here that no fold changes? Most Chinese do. */
static bool is_plain_ideograph(const char *text, size_t size)
{
    const unsigned char *byte = (const unsigned char *)text;
    return size >= 3 && byte[0] >= 0xE4 && byte[0] <= 0xE9 && (byte[1] & 0xC0) == 0x80 &&
           (byte[2] & 0xC0) == 0x80;
}

size_t cr_fold_name(credit_span text, char *out)
{
    size_t written = 0;
    for (size_t at = 0; at < text.size;) {
        const char *from = text.data + at;
        unsigned char class = fold_class[(unsigned char)*from];
        if (is_plain_ideograph(from, text.size - at)) {
            out[written++] = from[0];
            out[written++] = from[1];
            out[written++] = from[2];
            at += 3;
        } else if (class == PLAIN) {
            out[written++] = *from;
            at++;
        } else if (class == LEAD) {
            written += fold_character(text, &at, out + written);
        } else {
            written += fold_ascii((unsigned char)*from, out + written);
            at++;
        }
    }
    return written;
}

size_t cr_fold_document_no(credit_span text, char *out)
{
    return cr_fold_name(text, out);
}

/* Offset of the byte behind the first `count` characters. */
static size_t skip_characters(credit_span text, size_t count)
{
    size_t at = 0;
    while (count-- > 0 && at < text.size) { cr_utf8_next(text, &at); }
    return at;
}

credit_span cr_mask(credit_span text, size_t left, size_t right, cr_arena *arena)
{
    size_t length = cr_utf8_length(text);
    if (left >= length || right >= length - left) { left = right = 0; }
    size_t head = skip_characters(text, left);
    size_t tail = text.size - skip_characters(text, length - right);
    size_t hidden = length - left - right;
    char *masked = cr_arena_alloc(arena, head + hidden + tail + 1);
    if (masked == NULL) { return (credit_span){NULL, 0}; }
    if (head > 0) { memcpy(masked, text.data, head); }
    memset(masked + head, '*', hidden);
    if (tail > 0) { memcpy(masked + head + hidden, text.data + text.size - tail, tail); }
    return (credit_span){masked, head + hidden + tail};
}

bool cr_parse_scaled(credit_span text, unsigned scale, int64_t *out)
{
    int64_t value = 0;
    size_t decimals = 0, digits = 0;
    bool point = false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '.' && !point && digits > 0) {
            point = true;
            continue;
        }
        if (c < '0' || c > '9' || (point && ++decimals > scale)) { return false; }
        digits++;
        if (value > (INT64_MAX - (c - '0')) / 10) { return false; }
        value = value * 10 + (c - '0');
    }
    if (digits == 0 || (point && decimals == 0)) { return false; }
    for (; decimals < scale; decimals++) {
        if (value > INT64_MAX / 10) { return false; }
        value *= 10;
    }
    *out = value;
    return true;
}
