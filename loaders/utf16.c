#include "loaders/utf16.h"

#include "engine/text.h"

enum {
    HIGH = 0xD800,
    LOW = 0xDC00,
    LOW_END = 0xE000,
    BEYOND = 0x10000,
    HALF = 0x400, /* values of half a pair */
    NO_CHARACTER = 0xFFFD,
    STRAY_BYTE = 0xFF
};

cr_utf16 cr_utf16_of(credit_span bytes)
{
    if (cr_span_starts(bytes, CR_SPAN("\xFF\xFE"))) { return CR_UTF16_LE; }
    return cr_span_starts(bytes, CR_SPAN("\xFE\xFF")) ? CR_UTF16_BE : CR_UTF16_NONE;
}

static uint32_t unit_at(cr_utf16 kind, credit_span bytes, size_t at)
{
    uint32_t first = (unsigned char)bytes.data[at], second = (unsigned char)bytes.data[at + 1];
    return kind == CR_UTF16_LE ? second << 8 | first : first << 8 | second;
}

static bool is_high(uint32_t unit)
{
    return unit >= HIGH && unit < LOW;
}

static bool is_low(uint32_t unit)
{
    return unit >= LOW && unit < LOW_END;
}

size_t cr_utf16_decode(cr_utf16 kind, credit_span bytes, bool last, char *out, size_t *taken)
{
    size_t at = 0, size = 0;
    while (at + 1 < bytes.size) {
        uint32_t unit = unit_at(kind, bytes, at);
        bool more = at + 3 < bytes.size;
        if (is_high(unit) && !more && !last) { break; } /* its other half is to come */
        uint32_t next = more ? unit_at(kind, bytes, at + 2) : 0;
        bool pair = is_high(unit) && is_low(next);
        if (pair) { unit = BEYOND + (unit - HIGH) * HALF + (next - LOW); }
        size += cr_utf8_put(unit, out + size);
        at += pair ? 4 : 2;
    }
    if (last && at < bytes.size) {
        out[size++] = (char)STRAY_BYTE;
        at++;
    }
    *taken = at;
    return size;
}

/* The next character, halves of pairs among them. */
static uint32_t next_character(credit_span text, size_t *at)
{
    const unsigned char *byte = (const unsigned char *)text.data + *at;
    bool half = text.size - *at >= 3 && byte[0] == 0xED && byte[1] >= 0xA0;
    if (half) {
        *at += 3;
        return HIGH | (byte[1] & 0x1Fu) << 6 | (byte[2] & 0x3Fu);
    }
    int32_t code = cr_utf8_next(text, at);
    return code < 0 ? NO_CHARACTER : (uint32_t)code;
}

static void put_unit(cr_utf16 kind, uint32_t unit, char *out)
{
    out[kind == CR_UTF16_LE ? 0 : 1] = (char)(unit & 0xFF);
    out[kind == CR_UTF16_LE ? 1 : 0] = (char)(unit >> 8);
}

size_t cr_utf16_encode(cr_utf16 kind, credit_span text, char *out)
{
    size_t size = 0;
    for (size_t at = 0; at < text.size;) {
        uint32_t code = next_character(text, &at);
        if (code >= BEYOND) {
            put_unit(kind, HIGH + (code - BEYOND) / HALF, out + size);
            size += 2;
            code = LOW + (code - BEYOND) % HALF;
        }
        put_unit(kind, code, out + size);
        size += 2;
    }
    return size;
}

size_t cr_utf16_units(credit_span text)
{
    size_t units = 0;
    for (size_t at = 0; at < text.size; units++) { units += next_character(text, &at) >= BEYOND; }
    return units;
}
