/* Built-ins on strings, numbers and booleans (DMN 1.5, 10.3.4.1 to 10.3.4.5).
 * Strings are counted by code point. */
#include <string.h>

#include "engine/feel_builtin.h"
#include "engine/feel_number.h"
#include "engine/feel_regex.h"

/* --- strings ----------------------------------------------------------- */

/* Byte offset of the character `index`, or the size. */
static size_t offset_of(credit_span text, int64_t index)
{
    size_t at = 0;
    for (; index > 0 && at < text.size; index--) { cr_utf8_next(text, &at); }
    return at;
}

static cr_feel_value part_of(credit_span text, size_t from, size_t to)
{
    return cr_feel_string((credit_span){text.data + from, to - from});
}

static cr_feel_value substring(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    credit_span text;
    int64_t start, length = INT64_MAX;
    if (!cr_want_text(eval, args[0], &text) || !cr_want_integer(eval, args[1], &start)) {
        return cr_feel_null();
    }
    cr_feel_value limit = cr_argument(args, count, 2);
    if (limit.kind != CR_FEEL_NULL && !cr_want_integer(eval, limit, &length)) {
        return cr_feel_null();
    }
    int64_t size = (int64_t)cr_utf8_length(text);
    if (start == 0 || length < 1 || start > size || start < -size) {
        return start == 0 || length < 1
                   ? cr_complain(eval, "substring() has a position or a length of nothing")
                   : cr_feel_string(CR_SPAN(""));
    }
    int64_t first = start > 0 ? start - 1 : size + start;
    size_t from = offset_of(text, first);
    credit_span rest = {text.data + from, text.size - from};
    return part_of(rest, 0, offset_of(rest, length));
}

static cr_feel_value string_length(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    credit_span text;
    (void)count;
    return cr_want_text(eval, args[0], &text) ? cr_feel_integer((int64_t)cr_utf8_length(text))
                                              : cr_feel_null();
}

/* Alphabets with case that may come up: Latin, Greek, Cyrillic, full-width. */
static const struct alphabet {
    uint32_t upper_from, upper_to, distance;
} alphabets[] = {{'A', 'Z', 32}, {0xC0, 0xD6, 32}, {0xD8, 0xDE, 32}, {0x391, 0x3A1, 32},
    {0x3A3, 0x3A9, 32}, {0x400, 0x40F, 80}, {0x410, 0x42F, 32}, {0xFF21, 0xFF3A, 32}};

static uint32_t change_case(uint32_t c, bool upper)
{
    /* Latin Extended-A comes in pairs; the parity turns twice. */
    bool even_upper =
        (c >= 0x100 && c <= 0x137 && c != 0x130 && c != 0x131) || (c >= 0x14A && c <= 0x177);
    bool odd_upper = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
    if (even_upper || odd_upper) {
        bool is_upper = (c % 2 == 0) == even_upper;
        return is_upper == upper ? c : upper ? c - 1 : c + 1;
    }
    for (size_t i = 0; i < sizeof alphabets / sizeof alphabets[0]; i++) {
        const struct alphabet *a = &alphabets[i];
        uint32_t base = upper ? c - a->distance : c;
        if ((!upper || c >= a->distance) && base >= a->upper_from && base <= a->upper_to) {
            return upper ? base : c + a->distance;
        }
    }
    return c;
}

static cr_feel_value recased(cr_eval *eval, cr_feel_value argument, bool upper)
{
    credit_span text;
    if (!cr_want_text(eval, argument, &text)) { return cr_feel_null(); }
    /* A change of case never changes the size in the alphabets above. */
    char *out = cr_eval_alloc(eval, text.size + 4, 1);
    size_t size = 0;
    if (out == NULL) { return cr_feel_null(); }
    for (size_t at = 0; at < text.size && size <= text.size;) {
        int32_t c = cr_utf8_next(text, &at);
        size += cr_utf8_put(change_case(c < 0 ? 0xFFFD : (uint32_t)c, upper), out + size);
    }
    return cr_feel_string((credit_span){out, size});
}

static cr_feel_value upper_case(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    (void)count;
    return recased(eval, args[0], true);
}

static cr_feel_value lower_case(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    (void)count;
    return recased(eval, args[0], false);
}

static bool two_texts(cr_eval *eval, const cr_feel_value *args, credit_span *a, credit_span *b)
{
    return cr_want_text(eval, args[0], a) && cr_want_text(eval, args[1], b);
}

static cr_feel_value substring_before(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    credit_span text, match;
    (void)count;
    if (!two_texts(eval, args, &text, &match)) { return cr_feel_null(); }
    size_t at = match.size == 0 ? 0 : cr_span_find(text, match);
    return part_of(text, 0, at == SIZE_MAX ? 0 : at);
}

static cr_feel_value substring_after(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    credit_span text, match;
    (void)count;
    if (!two_texts(eval, args, &text, &match)) { return cr_feel_null(); }
    size_t at = match.size == 0 ? 0 : cr_span_find(text, match);
    return part_of(text, at == SIZE_MAX ? text.size : at + match.size, text.size);
}

static cr_feel_value contains(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    credit_span text, match;
    (void)count;
    if (!two_texts(eval, args, &text, &match)) { return cr_feel_null(); }
    return cr_feel_boolean(match.size == 0 || cr_span_find(text, match) != SIZE_MAX);
}

static cr_feel_value starts_with(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    credit_span text, match;
    (void)count;
    return two_texts(eval, args, &text, &match) ? cr_feel_boolean(cr_span_starts(text, match))
                                                : cr_feel_null();
}

static cr_feel_value ends_with(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    credit_span text, match;
    (void)count;
    if (!two_texts(eval, args, &text, &match)) { return cr_feel_null(); }
    if (match.size > text.size) { return cr_feel_boolean(false); }
    credit_span tail = {text.data + text.size - match.size, match.size};
    return cr_feel_boolean(cr_span_equal(tail, match));
}

static bool want_pattern(
    cr_eval *eval, const cr_feel_value *args, size_t count, size_t flags_at, cr_regex *regex)
{
    credit_span pattern, flags = CR_SPAN("");
    const char *why;
    cr_feel_value given = cr_argument(args, count, flags_at);
    if (!cr_want_text(eval, args[1], &pattern) ||
        (given.kind != CR_FEEL_NULL && !cr_want_text(eval, given, &flags))) {
        return false;
    }
    if (!cr_regex_compile(&eval->arena, pattern, flags, regex, &why)) {
        cr_complain(eval, "a pattern is malformed: %s", why);
        return false;
    }
    return true;
}

/* A match, or the reason why the search was given up, as an error. */
static int search(
    cr_eval *eval, const cr_regex *regex, credit_span text, size_t from, cr_regex_match *match)
{
    int found = cr_regex_search(regex, text, from, match);
    if (found < 0) { cr_complain(eval, "a pattern takes too many steps"); }
    return found;
}

static cr_feel_value matches(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    credit_span text;
    cr_regex regex;
    cr_regex_match match;
    if (!cr_want_text(eval, args[0], &text) || !want_pattern(eval, args, count, 2, &regex)) {
        return cr_feel_null();
    }
    int found = search(eval, &regex, text, 0, &match);
    return found < 0 ? cr_feel_null() : cr_feel_boolean(found > 0);
}

/* Text being put together; `failed` once it grows too long. */
typedef struct builder {
    cr_eval *eval;
    char *data;
    size_t size, room;
    bool failed;
} builder;

static void append(builder *b, const char *text, size_t size)
{
    if (b->failed || size > CR_FEEL_TEXT_MAX - b->size) {
        b->failed = true;
        return;
    }
    if (b->size + size > b->room) {
        size_t room = (b->size + size) * 2 + 32;
        char *data = cr_eval_alloc(b->eval, room, 1);
        if (data == NULL) {
            b->failed = true;
            return;
        }
        if (b->size > 0) { memcpy(data, b->data, b->size); }
        b->data = data;
        b->room = room;
    }
    if (size > 0) {
        memcpy(b->data + b->size, text, size);
        b->size += size;
    }
}

static cr_feel_value built(builder *b)
{
    if (b->failed) {
        return cr_complain(b->eval, "the string is longer than %d bytes", CR_FEEL_TEXT_MAX);
    }
    return cr_feel_string((credit_span){b->size == 0 ? "" : b->data, b->size});
}

/* $1 … $9 are groups, \$ and \\ themselves. */
static void append_replacement(
    builder *b, credit_span text, credit_span replacement, const cr_regex_match *match)
{
    for (size_t i = 0; i < replacement.size; i++) {
        char c = replacement.data[i];
        char next = i + 1 < replacement.size ? replacement.data[i + 1] : '\0';
        if (c == '$' && next >= '0' && next <= '9') {
            const size_t *group = match->groups[next - '0'];
            if (group[0] != SIZE_MAX && group[1] != SIZE_MAX) {
                append(b, text.data + group[0], group[1] - group[0]);
            }
            i++;
        } else {
            bool escaped = c == '\\' && (next == '$' || next == '\\');
            append(b, escaped ? &replacement.data[++i] : &replacement.data[i], 1);
        }
    }
}

static cr_feel_value replace(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    credit_span text, replacement;
    cr_regex regex;
    if (!cr_want_text(eval, args[0], &text) || !cr_want_text(eval, args[2], &replacement) ||
        !want_pattern(eval, args, count, 3, &regex)) {
        return cr_feel_null();
    }
    builder b = {.eval = eval};
    size_t at = 0;
    for (cr_regex_match match; at <= text.size;) {
        int found = search(eval, &regex, text, at, &match);
        if (found <= 0) {
            if (found < 0) { return cr_feel_null(); }
            break;
        }
        size_t from = match.groups[0][0], to = match.groups[0][1];
        append(&b, text.data + at, from - at);
        append_replacement(&b, text, replacement, &match);
        at = to;
        if (from == to) { /* an empty match: go on behind the next character */
            size_t next = to;
            if (next >= text.size) { return built(&b); }
            cr_utf8_next(text, &next);
            append(&b, text.data + to, next - to);
            at = next;
        }
    }
    if (at < text.size) { append(&b, text.data + at, text.size - at); }
    return built(&b);
}

static cr_feel_value split(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    credit_span text;
    cr_regex regex;
    cr_list_builder list = {0};
    if (!cr_want_text(eval, args[0], &text) || !want_pattern(eval, args, count, 9, &regex)) {
        return cr_feel_null();
    }
    size_t at = 0, start = 0;
    for (cr_regex_match match; at <= text.size;) {
        int found = search(eval, &regex, text, at, &match);
        if (found < 0) { return cr_feel_null(); }
        if (found == 0) { break; }
        size_t from = match.groups[0][0], to = match.groups[0][1];
        if (from == to) { /* nothing separates nothing */
            at = to;
            if (cr_utf8_next(text, &at) < 0 && at >= text.size) { break; }
            continue;
        }
        if (!cr_list_push(eval, &list, part_of(text, start, from))) { return cr_feel_null(); }
        at = start = to;
    }
    if (!cr_list_push(eval, &list, part_of(text, start, text.size))) { return cr_feel_null(); }
    return cr_list_done(eval, &list);
}

static cr_feel_value string_join(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value list, given = cr_argument(args, count, 1);
    credit_span delimiter = CR_SPAN("");
    if (!cr_want_list(eval, args[0], &list) ||
        (given.kind != CR_FEEL_NULL && !cr_want_text(eval, given, &delimiter))) {
        return cr_feel_null();
    }
    builder b = {.eval = eval};
    bool first = true;
    for (size_t i = 0; i < list.n.size; i++) {
        credit_span text;
        cr_feel_value item = cr_feel_item(list, i);
        if (item.kind == CR_FEEL_NULL) { continue; }
        if (!cr_want_text(eval, item, &text)) { return cr_feel_null(); }
        append(&b, delimiter.data, first ? 0 : delimiter.size);
        append(&b, text.data, text.size);
        first = false;
    }
    return built(&b);
}

static cr_feel_value string_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    (void)count;
    if (args[0].kind == CR_FEEL_NULL) { return args[0]; }
    credit_span text = cr_feel_print(args[0], &eval->arena);
    if (text.data == NULL) {
        eval->status = CREDIT_E_NOMEM;
        return cr_feel_null();
    }
    return cr_feel_string(text);
}

/* --- numbers ----------------------------------------------------------- */

/* One of the separators a number may have; 0 for none. */
static bool want_separator(cr_eval *eval, cr_feel_value argument, const char *allowed, char *out)
{
    credit_span text;
    *out = '\0';
    if (argument.kind == CR_FEEL_NULL) { return true; }
    if (!cr_want_text(eval, argument, &text) || text.size != 1 || text.data[0] == '\0' ||
        strchr(allowed, text.data[0]) == NULL) {
        cr_complain(eval, "number() has an unknown separator");
        return false;
    }
    *out = text.data[0];
    return true;
}

static cr_feel_value number_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    enum { DIGITS_MAX = 256 };
    char digits[DIGITS_MAX], grouping, point;
    size_t size = 0;
    credit_span text;
    cr_feel_value value;
    if (args[0].kind == CR_FEEL_NUMBER) { return args[0]; }
    if (!cr_want_text(eval, args[0], &text) || text.size > DIGITS_MAX ||
        !want_separator(eval, cr_argument(args, count, 1), " ,.", &grouping) ||
        !want_separator(eval, cr_argument(args, count, 2), ".,", &point)) {
        return cr_feel_null();
    }
    if (grouping != '\0' && grouping == point) {
        return cr_complain(eval, "number() has the same separator twice");
    }
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        if (c == '.' && (point == ',' && grouping != '.')) {
            return cr_complain(eval, "the string is no number");
        }
        if (grouping == '\0' || c != grouping) {
            digits[size++] = point != '\0' && c == point ? '.' : c;
        }
    }
    return cr_number_parse((credit_span){digits, size}, &value)
               ? value
               : cr_complain(eval, "the string is no number");
}

static cr_feel_value rounded(
    cr_eval *eval, const cr_feel_value *args, size_t count, cr_rounding rounding)
{
    cr_feel_value number;
    int64_t scale = 0;
    if (!cr_want_kind(eval, args[0], CR_FEEL_NUMBER, &number) ||
        (count > 1 && !cr_want_integer(eval, args[1], &scale))) {
        return cr_feel_null();
    }
    number = cr_number_round(number, scale, rounding);
    return number.kind == CR_FEEL_NULL ? cr_complain(eval, "a scale is out of range") : number;
}

#define ROUNDING_BUILTIN(function, rounding)                                                       \
    static cr_feel_value function(cr_eval *eval, const cr_feel_value *args, size_t count)          \
    {                                                                                              \
        return rounded(eval, args, count, rounding);                                               \
    }

ROUNDING_BUILTIN(decimal, CR_ROUND_HALF_EVEN)
ROUNDING_BUILTIN(floor_of, CR_ROUND_FLOOR)
ROUNDING_BUILTIN(ceiling, CR_ROUND_CEILING)
ROUNDING_BUILTIN(round_up, CR_ROUND_UP)
ROUNDING_BUILTIN(round_down, CR_ROUND_DOWN)
ROUNDING_BUILTIN(round_half_up, CR_ROUND_HALF_UP)
ROUNDING_BUILTIN(round_half_down, CR_ROUND_HALF_DOWN)

static cr_feel_value abs_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    (void)count;
    cr_feel_value value = cr_single(args[0]);
    switch (value.kind) {
    case CR_FEEL_NUMBER:
        return cr_number_sign(value) < 0 ? cr_number_neg(value) : value;
    case CR_FEEL_MONTHS_DURATION:
        return value.as.integer < 0 ? cr_negate(eval, value) : value;
    case CR_FEEL_DAYS_DURATION:
        return value.as.duration.seconds < 0 ? cr_negate(eval, value) : value;
    default:
        return cr_complain(eval, "abs() takes a number or a duration");
    }
}

static cr_feel_value modulo(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    cr_feel_value a, b;
    (void)count;
    if (!cr_want_kind(eval, args[0], CR_FEEL_NUMBER, &a) ||
        !cr_want_kind(eval, args[1], CR_FEEL_NUMBER, &b)) {
        return cr_feel_null();
    }
    cr_feel_value rest = cr_number_modulo(a, b);
    return rest.kind == CR_FEEL_NULL ? cr_complain(eval, "division by zero") : rest;
}

static cr_feel_value on_number(
    cr_eval *eval, cr_feel_value argument, cr_feel_value (*function)(cr_feel_value))
{
    cr_feel_value number;
    if (!cr_want_kind(eval, argument, CR_FEEL_NUMBER, &number)) { return cr_feel_null(); }
    number = function(number);
    return number.kind == CR_FEEL_NULL ? cr_complain(eval, "the result is no number") : number;
}

static cr_feel_value sqrt_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    (void)count;
    return on_number(eval, args[0], cr_number_sqrt);
}

static cr_feel_value log_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    (void)count;
    return on_number(eval, args[0], cr_number_log);
}

static cr_feel_value exp_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    (void)count;
    return on_number(eval, args[0], cr_number_exp);
}

static cr_feel_value has_parity(cr_eval *eval, cr_feel_value argument, int rest)
{
    cr_feel_value number;
    if (!cr_want_kind(eval, argument, CR_FEEL_NUMBER, &number)) { return cr_feel_null(); }
    cr_feel_value modulus = cr_number_modulo(number, cr_feel_integer(2));
    return cr_feel_boolean(cr_number_compare(modulus, cr_feel_integer(rest)) == 0);
}

static cr_feel_value odd(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    (void)count;
    return has_parity(eval, args[0], 1);
}

static cr_feel_value even(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    (void)count;
    return has_parity(eval, args[0], 0);
}

static cr_feel_value not_of(cr_eval *eval, const cr_feel_value *args, size_t count)
{
    (void)eval;
    (void)count;
    cr_feel_value value = cr_single(args[0]);
    return value.kind == CR_FEEL_BOOLEAN ? cr_feel_boolean(!value.as.boolean) : cr_feel_null();
}

/* clang-format off */
const cr_builtin cr_builtins_text[] = {
    {"substring",        "string,start position,length?",                       substring,        CR_FEEL_STRING,  0},
    {"string length",    "string",                                              string_length,    CR_FEEL_NUMBER,  0},
    {"upper case",       "string",                                              upper_case,       CR_FEEL_STRING,  0},
    {"lower case",       "string",                                              lower_case,       CR_FEEL_STRING,  0},
    {"substring before", "string,match",                                        substring_before, CR_FEEL_STRING,  0},
    {"substring after",  "string,match",                                        substring_after,  CR_FEEL_STRING,  0},
    {"contains",         "string,match",                                        contains,         CR_FEEL_BOOLEAN, 0},
    {"starts with",      "string,match",                                        starts_with,      CR_FEEL_BOOLEAN, 0},
    {"ends with",        "string,match",                                        ends_with,        CR_FEEL_BOOLEAN, 0},
    {"matches",          "input,pattern,flags?",                                matches,          CR_FEEL_BOOLEAN, 0},
    {"replace",          "input,pattern,replacement,flags?",                    replace,          CR_FEEL_STRING,  0},
    {"split",            "string,delimiter",                                    split,            CR_FEEL_LIST,    0},
    {"string join",      "list,delimiter?",                                     string_join,      CR_FEEL_STRING,  0},
    {"string",           "from",                                                string_of,        CR_FEEL_STRING,  0},
    {"number",           "from,grouping separator?,decimal separator?",         number_of,        CR_FEEL_NUMBER,  0},
    {"decimal",          "n,scale",                                             decimal,          CR_FEEL_NUMBER,  0},
    {"floor",            "n,scale?",                                            floor_of,         CR_FEEL_NUMBER,  0},
    {"ceiling",          "n,scale?",                                            ceiling,          CR_FEEL_NUMBER,  0},
    {"round up",         "n,scale?",                                            round_up,         CR_FEEL_NUMBER,  0},
    {"round down",       "n,scale?",                                            round_down,       CR_FEEL_NUMBER,  0},
    {"round half up",    "n,scale?",                                            round_half_up,    CR_FEEL_NUMBER,  0},
    {"round half down",  "n,scale?",                                            round_half_down,  CR_FEEL_NUMBER,  0},
    {"abs",              "n",                                                   abs_of,           CR_FEEL_ANY,     0},
    {"modulo",           "dividend,divisor",                                    modulo,           CR_FEEL_NUMBER,  0},
    {"sqrt",             "number",                                              sqrt_of,          CR_FEEL_NUMBER,  0},
    {"log",              "number",                                              log_of,           CR_FEEL_NUMBER,  0},
    {"exp",              "number",                                              exp_of,           CR_FEEL_NUMBER,  0},
    {"odd",              "number",                                              odd,              CR_FEEL_BOOLEAN, 0},
    {"even",             "number",                                              even,             CR_FEEL_BOOLEAN, 0},
    {"not",              "negand",                                              not_of,           CR_FEEL_BOOLEAN, CR_BUILTIN_CLOCK},
    {0}
};
/* clang-format on */
