/* Row checks that look at the characters of a text. */
#include <string.h>

#include "engine/rowrules.h"
#include "engine/text.h"

enum flaw { FLAW_NONE, FLAW_CONTROL, FLAW_INVISIBLE, FLAW_EMOJI, FLAW_TAG, FLAW_QUOTE };

static const char *const flaw_names[] = {
    [FLAW_NONE] = "",
    [FLAW_CONTROL] = "a control code",
    [FLAW_INVISIBLE] = "an invisible or broken character",
    [FLAW_EMOJI] = "an emoji",
    [FLAW_TAG] = "an HTML tag",
    [FLAW_QUOTE] = "a stray quote",
};

static bool is_tag_at(credit_span text, size_t at)
{
    char next = at + 1 < text.size ? text.data[at + 1] : '\0';
    bool opens = next == '/' || (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
    return opens && memchr(text.data + at, '>', text.size - at) != NULL;
}

/* An apostrophe inside a name is fine; one left over from SQL is not. */
static bool is_stray_quote_at(credit_span text, size_t at)
{
    return at == 0 || at + 1 == text.size || text.data[at + 1] == '\'';
}

static enum flaw flaw_of_character(int32_t c)
{
    if ((c >= 0x80 && c < 0xA0) || (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 ||
        (c >= 0x202A && c <= 0x202E) || c == 0xFEFF || c == 0xFFFD || c < 0) {
        return FLAW_INVISIBLE;
    }
    bool emoji = (c >= 0x1F000 && c <= 0x1FAFF) || (c >= 0x2600 && c <= 0x27BF) ||
                 (c >= 0xFE00 && c <= 0xFE0F) || (c >= 0xE0000 && c <= 0xE01EF);
    return emoji ? FLAW_EMOJI : FLAW_NONE;
}

/* Bytes that a flaw may start with; most of a text is passed over by the others. */
static const bool is_suspect[256] = {
    /* clang-format off */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, /* control codes */
    1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
    ['\''] = 1, ['<'] = 1, [0x7F] = 1,
    [0xC2] = 1, [0xE2] = 1, [0xEF] = 1, /* first bytes of what flaw_of_character() knows */
    [0xF0] = 1, [0xF1] = 1, [0xF2] = 1, [0xF3] = 1, [0xF4] = 1,
    /* clang-format on */
};

/* Full-width forms (U+FF00 to U+FF7F), commas among them: no flaws either. */
static bool is_full_width(credit_span text, size_t at)
{
    unsigned char next = at + 1 < text.size ? (unsigned char)text.data[at + 1] : 0;
    return (unsigned char)text.data[at] == 0xEF && (next == 0xBC || next == 0xBD);
}

static enum flaw flaw_at(credit_span text, size_t *at)
{
    unsigned char c = (unsigned char)text.data[*at];
    if (c >= 0x80) { return flaw_of_character(cr_utf8_next(text, at)); }
    size_t here = (*at)++;
    if (c < 0x20 || c == 0x7F) { return FLAW_CONTROL; }
    if (c == '<' && is_tag_at(text, here)) { return FLAW_TAG; }
    return c == '\'' && is_stray_quote_at(text, here) ? FLAW_QUOTE : FLAW_NONE;
}

enum { BLOCK = 32 };

/* Is there nothing suspect in the BLOCK bytes? A byte behind them is read too. Said
 * without a branch, so that the compiler does it for all of them at once. */
static bool is_plain_block(const unsigned char *bytes)
{
    unsigned char suspect = 0;
    for (size_t i = 0; i < BLOCK; i++) {
        unsigned char c = bytes[i], next = bytes[i + 1];
        suspect |= (c < 0x20) | (c == '\'') | (c == '<') | (c == 0x7F) | (c == 0xC2) | (c == 0xE2) |
                   (c >= 0xF0) | ((c == 0xEF) & (next != 0xBC) & (next != 0xBD));
    }
    return suspect == 0;
}

static enum flaw flaw_before(credit_span text, size_t *at, size_t end, bool quotes_are_fine)
{
    while (*at < end) {
        if (!is_suspect[(unsigned char)text.data[*at]] || is_full_width(text, *at)) {
            ++*at;
            continue;
        }
        enum flaw flaw = flaw_at(text, at);
        if (flaw != FLAW_NONE && !(flaw == FLAW_QUOTE && quotes_are_fine)) { return flaw; }
    }
    return FLAW_NONE;
}

/* The last block of a long text may begin before the others have ended. */
static bool is_plain_end(credit_span text)
{
    const unsigned char *data = (const unsigned char *)text.data;
    return text.size > BLOCK && is_plain_block(data + text.size - BLOCK - 1) &&
           !is_suspect[data[text.size - 1]];
}

static enum flaw first_flaw(credit_span text, bool quotes_are_fine)
{
    enum flaw flaw = FLAW_NONE;
    for (size_t at = 0; at < text.size && flaw == FLAW_NONE;) {
        size_t end = text.size - at > BLOCK ? at + BLOCK : text.size;
        const unsigned char *here = (const unsigned char *)text.data + at;
        if (end < text.size ? is_plain_block(here) : is_plain_end(text)) {
            at = end;
        } else {
            flaw = flaw_before(text, &at, end, quotes_are_fine);
        }
    }
    return flaw;
}

/* ASCII control codes become blanks, so that a text is one line. */
static void clean_control_codes(cr_row *row, size_t field)
{
    credit_span value = row->values[field];
    char *copy = cr_arena_copy(row->arena, value.data, value.size);
    if (copy == NULL) {
        row->failed = true;
        return;
    }
    for (size_t i = 0; i < value.size; i++) {
        unsigned char c = (unsigned char)copy[i];
        copy[i] = c < 0x20 || c == 0x7F ? ' ' : copy[i];
    }
    row->values[field] = (credit_span){copy, value.size};
}

/* basis: V20 */
void cr_check_characters(cr_row *row, const cr_check *check, size_t field)
{
    enum flaw flaw = first_flaw(row->values[field], check->cleans);
    if (flaw == FLAW_NONE) { return; }
    if (check->cleans) { clean_control_codes(row, field); }
    cr_row_find(row, check->cleans ? CR_WARNING : check->severity, check->rule, (int)field,
        "holds %s%s", flaw_names[flaw], check->cleans && flaw == FLAW_CONTROL ? ", cleaned" : "");
}

static int32_t last_character(credit_span text)
{
    size_t at = text.size - 1;
    while (at > 0 && ((unsigned char)text.data[at] & 0xC0) == 0x80) { at--; }
    return cr_utf8_next(text, &at);
}

static bool is_bracket(int32_t c, bool closing)
{
    static const int32_t pairs[][2] = {{'(', ')'}, {'[', ']'}, {0xFF08, 0xFF09}, {0x3010, 0x3011},
        {0x300A, 0x300B}, {0x3014, 0x3015}, {0xFF3B, 0xFF3D}, {0x201C, 0x201D}, {'"', '"'}};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        if (pairs[i][closing] == c) { return true; }
    }
    return false;
}

/* basis: V22 */
void cr_check_punctuation(cr_row *row, const cr_check *check, size_t field)
{
    credit_span value = row->values[field];
    size_t at = 0;
    int32_t first = cr_utf8_next(value, &at);
    int32_t last = last_character(value);
    if (at == value.size) {
        cr_row_find(row, check->severity, check->rule, (int)field, "is a single character");
        return;
    }
    if (cr_is_punctuation(first) && !is_bracket(first, false)) {
        cr_row_find(row, check->severity, check->rule, (int)field, "starts with punctuation");
        return;
    }
    if (cr_is_punctuation(last) && !is_bracket(last, true)) {
        cr_row_find(row, check->severity, check->rule, (int)field, "ends with punctuation");
        return;
    }
    for (size_t i = 0; i < check->word_count; i++) {
        if (cr_span_equal(value, check->words[i])) {
            cr_row_find(row, check->severity, check->rule, (int)field, "is \"%.*s\"",
                (int)check->words[i].size, check->words[i].data);
            return;
        }
    }
}

/* ---- words ------------------------------------------------------------------ */

void cr_check_contains(cr_row *row, const cr_check *check, size_t field)
{
    for (size_t i = 0; i < check->word_count; i++) {
        if (cr_span_find(row->values[field], check->words[i]) != SIZE_MAX) { return; }
    }
    char shown[CR_SHOWN_MAX];
    cr_row_find(row, check->severity, check->rule, (int)field, "%s is none of: %.*s%s",
        cr_row_show(row, field, shown), (int)check->words[0].size, check->words[0].data,
        check->word_count > 1 ? ", …" : "");
}

static bool is_among(credit_span text, const cr_check *check)
{
    for (size_t i = 0; i < check->word_count; i++) {
        if (cr_span_equal(text, check->words[i])) { return true; }
    }
    return false;
}

/* Up to the next semicolon of either width; past it at *at. */
static credit_span next_item(credit_span text, size_t *at)
{
    static const credit_span wide = {"；", 3};
    size_t start = *at, end = start;
    credit_span rest = {text.data + end, text.size - end};
    while (end < text.size && text.data[end] != ';' && !cr_span_starts(rest, wide)) {
        end++;
        rest = (credit_span){text.data + end, text.size - end};
    }
    *at = end == text.size ? end : end + (text.data[end] == ';' ? 1 : wide.size);
    return cr_span_trim((credit_span){text.data + start, end - start});
}

void cr_check_within(cr_row *row, const cr_check *check, size_t field)
{
    credit_span text = row->values[field];
    for (size_t at = 0; at < text.size;) {
        credit_span item = next_item(text, &at);
        if (item.size == 0 || is_among(item, check)) { continue; }
        char shown[CR_SHOWN_MAX];
        cr_row_find(row, check->severity, check->rule, (int)field,
            "%s holds what is not provided for here", cr_row_show(row, field, shown));
        return;
    }
}
