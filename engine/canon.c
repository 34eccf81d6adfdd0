/* Canonical JSON, RFC 8785.
 *
 * 1. Text comes in as valid UTF-8 (loaders see to it) and is written as it is,
 *    but for the escapes of RFC 8785, section 3.2.2.2.
 * 2. With `sorted`, members stand in strictly rising order of their UTF-16
 *    code units. A caller that breaks this has a bug, and so has one that nests
 *    too deep or writes an integer that JSON cannot hold: the writer fails as
 *    `misused`, in every build, rather than have signed what is not canonical.
 * 3. After a failure nothing more is written; `failed` is looked at once. */
#include "engine/canon.h"

#include <assert.h>
#include <string.h>

#include "engine/date.h"
#include "engine/text.h"

enum { LARGEST_DEPTH = 31, INTEGER_TEXT = 20 };
static const int64_t largest_integer = INT64_C(1) << 53;

void cr_canon_init(cr_canon *w)
{
    *w = (cr_canon){.sorted = true};
}

void cr_canon_free(cr_canon *w)
{
    cr_free(w->data);
    cr_canon_init(w);
}

void cr_canon_reset(cr_canon *w)
{
    w->size = 0;
    w->failed = false;
    w->misused = false;
    w->depth = 0;
    w->comma[0] = false;
}

credit_span cr_canon_span(const cr_canon *w)
{
    return (credit_span){w->data, w->size};
}

static void misuse(cr_canon *w)
{
    w->failed = true;
    w->misused = true;
}

/* Room for `size` more bytes; a failure is remembered. */
static bool make_room(cr_canon *w, size_t size)
{
    if (!w->failed && size <= w->capacity - w->size) { return true; }
    if (w->failed || size > SIZE_MAX - w->size ||
        !cr_grow(&w->data, &w->capacity, w->size + size, 1)) {
        w->failed = true;
        return false;
    }
    return true;
}

static void put(cr_canon *w, const char *data, size_t size)
{
    if (size > 0 && make_room(w, size)) {
        memcpy(w->data + w->size, data, size);
        w->size += size;
    }
}

/* The comma that separates a value (or a key) from what stands before it. */
static void put_separator(cr_canon *w)
{
    if (w->comma[w->depth]) { put(w, ",", 1); }
    w->comma[w->depth] = true;
}

static void open_container(cr_canon *w, const char *bracket)
{
    put_separator(w);
    put(w, bracket, 1);
    if (w->depth == LARGEST_DEPTH) {
        misuse(w);
        return;
    }
    w->depth++;
    w->comma[w->depth] = false;
    w->last_key[w->depth] = 0;
}

static void close_container(cr_canon *w, const char *bracket)
{
    if (w->depth == 0) {
        misuse(w);
        return;
    }
    put(w, bracket, 1);
    w->depth--;
}

void cr_canon_object(cr_canon *w)
{
    open_container(w, "{");
}

void cr_canon_end_object(cr_canon *w)
{
    close_container(w, "}");
}

void cr_canon_array(cr_canon *w)
{
    open_container(w, "[");
}

void cr_canon_end_array(cr_canon *w)
{
    close_container(w, "]");
}

/* clang-format off */
/* What stands behind the backslash; 'u' = four hexadecimal digits. */
static const char escape_of[256] = {
    [0x00] = 'u', [0x01] = 'u', [0x02] = 'u', [0x03] = 'u', [0x04] = 'u', [0x05] = 'u',
    [0x06] = 'u', [0x07] = 'u', [0x08] = 'b', [0x09] = 't', [0x0A] = 'n', [0x0B] = 'u',
    [0x0C] = 'f', [0x0D] = 'r', [0x0E] = 'u', [0x0F] = 'u', [0x10] = 'u', [0x11] = 'u',
    [0x12] = 'u', [0x13] = 'u', [0x14] = 'u', [0x15] = 'u', [0x16] = 'u', [0x17] = 'u',
    [0x18] = 'u', [0x19] = 'u', [0x1A] = 'u', [0x1B] = 'u', [0x1C] = 'u', [0x1D] = 'u',
    [0x1E] = 'u', [0x1F] = 'u', ['"'] = '"',  ['\\'] = '\\',
};
/* clang-format on */

/* Eight bytes at once: is one of them a control character, `"` or `\`? Each
 * line lights the high bit of a byte that becomes zero, or of one below 0x20;
 * a false alarm can only follow a true one, and the caller looks again. */
static bool word_needs_escape(const char *data)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), highs = ones * 0x80;
    uint64_t word;
    memcpy(&word, data, sizeof word);
    uint64_t quote = word ^ (ones * '"'), slash = word ^ (ones * '\\');
    uint64_t found =
        ((quote - ones) & ~quote) | ((slash - ones) & ~slash) | ((word - ones * 0x20) & ~word);
    return (found & highs) != 0;
}

/* Length of the run at the start that can be copied as it is. */
static size_t plain_run(const char *data, size_t size)
{
    size_t at = 0;
    while (size - at >= sizeof(uint64_t) && !word_needs_escape(data + at)) {
        at += sizeof(uint64_t);
    }
    while (at < size && escape_of[(unsigned char)data[at]] == 0) { at++; }
    return at;
}

static void put_escape(cr_canon *w, unsigned char byte)
{
    static const char hex[] = "0123456789abcdef";
    char code = escape_of[byte];
    char text[6] = {'\\', code, '0', '0', hex[byte >> 4], hex[byte & 15]};
    put(w, text, code == 'u' ? 6 : 2);
}

static void put_string(cr_canon *w, credit_span text)
{
    assert(cr_utf8_valid(text, NULL));
    put(w, "\"", 1);
    for (size_t at = 0; at < text.size;) {
        size_t run = plain_run(text.data + at, text.size - at);
        put(w, text.data + at, run);
        at += run;
        if (at < text.size) { put_escape(w, (unsigned char)text.data[at++]); }
    }
    put(w, "\"", 1);
}

/* UTF-8 sorts by code point; UTF-16 puts the surrogates (lead bytes F0 to F4)
 * before U+E000-FFFF (lead bytes EE and EF), which therefore move up. */
static int utf16_rank(unsigned char byte)
{
    return byte == 0xEE || byte == 0xEF ? byte + 0x10 : byte;
}

int cr_canon_compare_keys(credit_span a, credit_span b)
{
    size_t common = a.size < b.size ? a.size : b.size;
    for (size_t i = 0; i < common; i++) {
        if (a.data[i] != b.data[i]) {
            return utf16_rank((unsigned char)a.data[i]) - utf16_rank((unsigned char)b.data[i]);
        }
    }
    return (a.size > b.size) - (a.size < b.size);
}

/* The byte that the escape at `text` (behind its backslash) stands for. */
static unsigned char unescape(const char *text, size_t *length)
{
    static const char codes[] = "btnfr", bytes[] = "\b\t\n\f\r";
    *length = 1;
    if (*text == 'u') {
        *length = 5;
        int low = text[4] <= '9' ? text[4] - '0' : text[4] - 'a' + 10;
        return (unsigned char)((text[3] - '0') * 16 + low);
    }
    const char *found = strchr(codes, *text);
    return (unsigned char)(found == NULL ? *text : bytes[found - codes]);
}

/* Does `key` stand behind the key whose written text begins at `written`? */
static bool key_follows(const char *written, credit_span key)
{
    for (size_t i = 0;; i++) {
        if (*written == '"') { return i < key.size; }
        size_t length = 0;
        unsigned char byte = (unsigned char)*written++;
        if (byte == '\\') { byte = unescape(written, &length); }
        written += length;
        if (i == key.size) { return false; }
        unsigned char now = (unsigned char)key.data[i];
        if (byte != now) { return utf16_rank(byte) < utf16_rank(now); }
    }
}

static void check_order(cr_canon *w, credit_span key)
{
    size_t last = w->last_key[w->depth];
    if (!w->failed && last != 0 && !key_follows(w->data + last, key)) { misuse(w); }
}

void cr_canon_key_span(cr_canon *w, credit_span key)
{
    put_separator(w);
    if (w->sorted) { check_order(w, key); }
    w->last_key[w->depth] = w->size + 1; /* behind the quote */
    put_string(w, key);
    put(w, ":", 1);
    w->comma[w->depth] = false;
}

void cr_canon_key(cr_canon *w, const char *key)
{
    cr_canon_key_span(w, cr_span_of(key));
}

void cr_canon_string(cr_canon *w, credit_span text)
{
    put_separator(w);
    put_string(w, text);
}

void cr_canon_text(cr_canon *w, const char *text)
{
    if (text == NULL) {
        cr_canon_null(w);
        return;
    }
    cr_canon_string(w, cr_span_of(text));
}

void cr_canon_integer(cr_canon *w, int64_t value)
{
    put_separator(w);
    if (value > largest_integer || value < -largest_integer) {
        misuse(w);
        return;
    }
    char text[INTEGER_TEXT];
    size_t at = sizeof text;
    uint64_t rest = value < 0 ? (uint64_t)-value : (uint64_t)value;
    do {
        text[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) { text[--at] = '-'; }
    put(w, text + at, sizeof text - at);
}

void cr_canon_bool(cr_canon *w, bool value)
{
    cr_canon_raw(w, value ? CR_SPAN("true") : CR_SPAN("false"));
}

void cr_canon_null(cr_canon *w)
{
    cr_canon_raw(w, CR_SPAN("null"));
}

void cr_canon_date(cr_canon *w, credit_date date)
{
    if (date == CREDIT_DATE_NONE) {
        cr_canon_null(w);
        return;
    }
    char text[CR_DATE_TEXT];
    cr_canon_text(w, cr_date_print(date, text));
}

void cr_canon_raw(cr_canon *w, credit_span json)
{
    put_separator(w);
    put(w, json.data, json.size);
}
