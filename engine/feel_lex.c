#include "engine/feel_lex.h"

#include <string.h>

typedef struct interval {
    int32_t from, to;
} interval;

static bool within(int32_t c, const interval *intervals, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (c >= intervals[i].from && c <= intervals[i].to) { return true; }
    }
    return false;
}

bool cr_lex_is_blank(int32_t c)
{
    /* basis: DMN 1.5, 10.3.1.2, rules 61 and 62 */
    static const interval blanks[] = {{0x09, 0x0D}, {0x20, 0x20}, {0x85, 0x85}, {0xA0, 0xA0},
        {0x1680, 0x1680}, {0x180E, 0x180E}, {0x2000, 0x200B}, {0x2028, 0x2029}, {0x202F, 0x202F},
        {0x205F, 0x205F}, {0x3000, 0x3000}, {0xFEFF, 0xFEFF}};
    return within(c, blanks, sizeof blanks / sizeof blanks[0]);
}

bool cr_lex_is_name_start(int32_t c)
{
    /* basis: DMN 1.5, 10.3.1.2, rule 29; the question mark is a name of its own */
    static const interval starts[] = {{'A', 'Z'}, {'_', '_'}, {'a', 'z'}, {0xC0, 0xD6},
        {0xD8, 0xF6}, {0xF8, 0x2FF}, {0x370, 0x37D}, {0x37F, 0x1FFF}, {0x200C, 0x200D},
        {0x2070, 0x218F}, {0x2C00, 0x2FEF}, {0x3001, 0xD7FF}, {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD},
        {0x10000, 0xEFFFF}};
    return within(c, starts, sizeof starts / sizeof starts[0]) && !cr_lex_is_blank(c);
}

bool cr_lex_is_name_part(int32_t c)
{
    static const interval parts[] = {{'0', '9'}, {0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}};
    return cr_lex_is_name_start(c) || within(c, parts, sizeof parts / sizeof parts[0]);
}

/* The character at `at`, -1 at the end; *next is past it. */
static int32_t character(credit_span text, size_t at, size_t *next)
{
    *next = at;
    return at < text.size ? cr_utf8_next(text, next) : -1;
}

static bool skip_comment(cr_lex *lex)
{
    credit_span rest = {lex->text.data + lex->at, lex->text.size - lex->at};
    if (cr_span_starts(rest, CR_SPAN("//"))) {
        const char *end = memchr(rest.data, '\n', rest.size);
        lex->at = end == NULL ? lex->text.size : (size_t)(end - lex->text.data);
        return true;
    }
    if (cr_span_starts(rest, CR_SPAN("/*"))) {
        size_t end = cr_span_find(rest, CR_SPAN("*/"));
        if (end != SIZE_MAX) {
            lex->at += end + 2;
            return true;
        }
    }
    return false;
}

void cr_lex_skip(cr_lex *lex)
{
    for (;;) {
        size_t next;
        int32_t c = character(lex->text, lex->at, &next);
        if (c >= 0 && cr_lex_is_blank(c)) {
            lex->at = next;
        } else if (c != '/' || !skip_comment(lex)) {
            return;
        }
    }
}

bool cr_lex_at_end(cr_lex *lex)
{
    cr_lex_skip(lex);
    return lex->at >= lex->text.size;
}

char cr_lex_peek(cr_lex *lex)
{
    return cr_lex_at_end(lex) ? '\0' : lex->text.data[lex->at];
}

bool cr_lex_see(cr_lex *lex, const char *symbol)
{
    cr_lex_skip(lex);
    size_t size = strlen(symbol);
    return lex->text.size - lex->at >= size && memcmp(lex->text.data + lex->at, symbol, size) == 0;
}

bool cr_lex_take(cr_lex *lex, const char *symbol)
{
    bool there = cr_lex_see(lex, symbol);
    lex->at += there ? strlen(symbol) : 0;
    return there;
}

static bool ends_word(credit_span text, size_t at)
{
    size_t next;
    int32_t c = character(text, at, &next);
    return c < 0 || !cr_lex_is_name_part(c);
}

bool cr_lex_see_word(cr_lex *lex, const char *word)
{
    return cr_lex_see(lex, word) && ends_word(lex->text, lex->at + strlen(word));
}

bool cr_lex_take_word(cr_lex *lex, const char *word)
{
    bool there = cr_lex_see_word(lex, word);
    lex->at += there ? strlen(word) : 0;
    return there;
}

size_t cr_lex_match_name(const cr_lex *lex, credit_span name)
{
    size_t at = lex->at, last = 0;
    int32_t last_character = 0;
    for (size_t i = 0; i < name.size;) {
        size_t next;
        int32_t c = character(lex->text, at, &next);
        if (name.data[i] == ' ') {
            if (c < 0 || !cr_lex_is_blank(c)) { return 0; }
            while (c >= 0 && cr_lex_is_blank(c)) {
                at = next;
                c = character(lex->text, at, &next);
            }
            i++;
            continue;
        }
        last_character = cr_utf8_next(name, &i);
        if (c != last_character) { return 0; }
        at = next;
        last = at;
    }
    if (last == 0 || (cr_lex_is_name_part(last_character) && !ends_word(lex->text, last))) {
        return 0;
    }
    return last - lex->at;
}

credit_span cr_lex_word(cr_lex *lex)
{
    cr_lex_skip(lex);
    size_t start = lex->at, next;
    int32_t c = character(lex->text, start, &next);
    if (c == '?') {
        lex->at = next;
        return (credit_span){lex->text.data + start, 1};
    }
    if (c < 0 || !cr_lex_is_name_start(c)) { return (credit_span){"", 0}; }
    size_t at = next;
    while ((c = character(lex->text, at, &next)) >= 0 && cr_lex_is_name_part(c)) { at = next; }
    lex->at = at;
    return (credit_span){lex->text.data + start, at - start};
}

bool cr_lex_is_keyword(credit_span word)
{
    static const char *const words[] = {"and", "or", "in", "between", "then", "else", "satisfies",
        "return", "instance", "of", "if", "for", "some", "every", "true", "false", "null"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (cr_span_is(word, words[i])) { return true; }
    }
    return false;
}

static bool is_digit_at(const cr_lex *lex, size_t at)
{
    return at < lex->text.size && lex->text.data[at] >= '0' && lex->text.data[at] <= '9';
}

credit_span cr_lex_number(cr_lex *lex)
{
    cr_lex_skip(lex);
    size_t start = lex->at, at = start;
    while (is_digit_at(lex, at)) { at++; }
    /* "1..3" is a range: a point counts only before a digit. */
    if (at < lex->text.size && lex->text.data[at] == '.' && is_digit_at(lex, at + 1)) {
        at++;
        while (is_digit_at(lex, at)) { at++; }
    }
    if (at > start && at < lex->text.size && (lex->text.data[at] | 0x20) == 'e') {
        size_t power = at + 1;
        if (power < lex->text.size &&
            (lex->text.data[power] == '-' || lex->text.data[power] == '+')) {
            power++;
        }
        if (is_digit_at(lex, power)) {
            while (is_digit_at(lex, power)) { power++; }
            at = power;
        }
    }
    lex->at = at;
    return (credit_span){lex->text.data + start, at - start};
}

/* --- strings ----------------------------------------------------------- */

static bool hex(credit_span text, size_t at, int count, uint32_t *out)
{
    *out = 0;
    for (int i = 0; i < count; i++, at++) {
        char c = at < text.size ? text.data[at] : '\0';
        uint32_t digit;
        if (c >= '0' && c <= '9') {
            digit = (uint32_t)(c - '0');
        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
            digit = (uint32_t)((c | 0x20) - 'a' + 10);
        } else {
            return false;
        }
        *out = *out * 16 + digit;
    }
    return true;
}

/* \uXXXX, a pair of them, or \UXXXXXX at `at` (the backslash). */
static bool code_point(credit_span text, size_t *at, uint32_t *out)
{
    int width = text.data[*at + 1] == 'U' ? 6 : 4;
    if (!hex(text, *at + 2, width, out)) { return false; }
    *at += 2 + (size_t)width;
    if (*out >= 0xD800 && *out <= 0xDBFF) {
        uint32_t low;
        bool paired = *at + 1 < text.size && text.data[*at] == '\\' && text.data[*at + 1] == 'u' &&
                      hex(text, *at + 2, 4, &low) && low >= 0xDC00 && low <= 0xDFFF;
        if (!paired) { return false; }
        *out = 0x10000 + ((*out - 0xD800) << 10) + (low - 0xDC00);
        *at += 6;
    }
    return *out <= 0x10FFFF && (*out < 0xD800 || *out > 0xDFFF);
}

static bool escape(credit_span text, size_t *at, char *out, size_t *size)
{
    static const char from[] = "nrt\"'\\", to[] = "\n\r\t\"'\\";
    char c = *at + 1 < text.size ? text.data[*at + 1] : '\0';
    const char *known = c == '\0' ? NULL : strchr(from, c);
    if (known != NULL) {
        out[(*size)++] = to[known - from];
        *at += 2;
        return true;
    }
    uint32_t c32;
    if ((c != 'u' && c != 'U') || !code_point(text, at, &c32)) { return false; }
    *size += cr_utf8_put(c32, out + *size);
    return true;
}

bool cr_lex_string(cr_lex *lex, cr_arena *arena, credit_span *out, const char **why)
{
    *out = (credit_span){"", 0};
    *why = "a string has no closing quote";
    size_t at = lex->at + 1, size = 0; /* past the opening quote */
    char *text = cr_arena_alloc(arena, lex->text.size - lex->at);
    if (text == NULL) {
        *why = NULL;
        return false;
    }
    while (at < lex->text.size && lex->text.data[at] != '"') {
        if (lex->text.data[at] != '\\') {
            text[size++] = lex->text.data[at++];
        } else if (!escape(lex->text, &at, text, &size)) {
            *why = "a string has an unknown escape";
            return false;
        }
    }
    if (at >= lex->text.size) { return false; }
    lex->at = at + 1;
    *out = (credit_span){text, size};
    return true;
}

credit_span cr_lex_raw_name(cr_lex *lex, const char *stops)
{
    static const char never[] = "()[]{}\"<>=@;|\\";
    cr_lex_skip(lex);
    size_t start = lex->at, next;
    if (!cr_lex_is_name_start(character(lex->text, start, &next))) { return (credit_span){"", 0}; }
    for (size_t at = start; at < lex->text.size; at++) {
        char c = lex->text.data[at];
        if (c != '\0' && strchr(stops, c) != NULL) {
            lex->at = at;
            return cr_span_trim((credit_span){lex->text.data + start, at - start});
        }
        if (c == '\0' || strchr(never, c) != NULL || c == ',' || c == ':') { break; }
    }
    return (credit_span){"", 0};
}
