#include "loaders/charset.h"

#include <errno.h>
#include <string.h>

#include "engine/error.h"
#include "engine/text.h"

enum { CHUNK = 1 << 20 };

/* Lines that are not plain ASCII, and how many of them each encoding refuses. */
typedef struct ballot {
    uint64_t lines, bad_utf8, bad_gb18030;
    size_t first_bad; /* offset of the first byte that neither takes */
    bool any_bad;
} ballot;

/* Offset of the first byte that has no place in GB18030, text.size if none. */
static size_t gb18030_fault(credit_span text)
{
    const unsigned char *p = (const unsigned char *)text.data;
    size_t i = 0;
    while (i < text.size) {
        if (p[i] < 0x80) {
            i++;
            continue;
        }
        if (p[i] == 0x80 || p[i] == 0xFF || i + 1 >= text.size) { return i; }
        bool two = (p[i + 1] >= 0x40 && p[i + 1] <= 0x7E) || (p[i + 1] >= 0x80 && p[i + 1] <= 0xFE);
        bool four = i + 3 < text.size && p[i + 1] >= 0x30 && p[i + 1] <= 0x39 && p[i + 2] >= 0x81 &&
                    p[i + 2] <= 0xFE && p[i + 3] >= 0x30 && p[i + 3] <= 0x39;
        if (!two && !four) { return i; }
        i += two ? 2 : 4;
    }
    return text.size;
}

static bool is_ascii(credit_span text)
{
    size_t i = 0;
    for (; i + 8 <= text.size; i += 8) {
        uint64_t word;
        memcpy(&word, text.data + i, 8);
        if ((word & UINT64_C(0x8080808080808080)) != 0) { return false; }
    }
    for (; i < text.size; i++) {
        if ((unsigned char)text.data[i] >= 0x80) { return false; }
    }
    return true;
}

static void judge_line(ballot *b, credit_span line, size_t offset)
{
    const char *nul = memchr(line.data, '\0', line.size);
    if (nul == NULL && is_ascii(line)) { return; }
    size_t utf8 = line.size, gb18030 = line.size;
    if (nul != NULL) {
        utf8 = gb18030 = (size_t)(nul - line.data);
    } else {
        if (cr_utf8_valid(line, &utf8)) { utf8 = line.size; }
        gb18030 = gb18030_fault(line);
    }
    b->lines++;
    b->bad_utf8 += utf8 < line.size;
    b->bad_gb18030 += gb18030 < line.size;
    if (utf8 < line.size && gb18030 < line.size && !b->any_bad) {
        b->any_bad = true;
        b->first_bad = offset + (utf8 > gb18030 ? utf8 : gb18030);
    }
}

static void judge_lines(ballot *b, credit_span chunk, size_t offset)
{
    for (size_t at = 0; at < chunk.size;) {
        const char *end = memchr(chunk.data + at, '\n', chunk.size - at);
        size_t size = end == NULL ? chunk.size - at : (size_t)(end - chunk.data) - at;
        judge_line(b, (credit_span){chunk.data + at, size}, offset + at);
        at += size + 1;
    }
}

static uint64_t count_lines(credit_span chunk)
{
    uint64_t count = 0;
    const char *at = chunk.data, *end = chunk.data + chunk.size;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        count++;
        at++;
    }
    return count + (chunk.size > 0);
}

/* Up to CHUNK bytes, cut behind a line end where there is one. */
static credit_span next_chunk(credit_span bytes, size_t at)
{
    credit_span chunk = {bytes.data + at, bytes.size - at};
    if (chunk.size <= CHUNK) { return chunk; }
    for (size_t size = CHUNK; size > 0; size--) {
        if (chunk.data[size - 1] == '\n') { return (credit_span){chunk.data, size}; }
    }
    return (credit_span){chunk.data, CHUNK};
}

/* A chunk that is UTF-8 as a whole needs no look at its lines. */
static void judge_chunk(ballot *b, credit_span chunk, size_t offset)
{
    size_t bad = 0;
    if (memchr(chunk.data, '\0', chunk.size) == NULL && cr_utf8_valid(chunk, &bad)) {
        b->lines += is_ascii(chunk) ? 0 : count_lines(chunk);
        return;
    }
    judge_lines(b, chunk, offset);
}

static size_t bom_of(credit_span bytes, cr_charset charset)
{
    credit_span utf8 = CR_SPAN("\xEF\xBB\xBF"), gb18030 = CR_SPAN("\x84\x31\x95\x33");
    credit_span bom = charset == CR_CHARSET_UTF8 ? utf8 : gb18030;
    return cr_span_starts(bytes, bom) ? bom.size : 0;
}

static credit_result refuse_foreign(credit_span bytes, credit_error *err)
{
    if (cr_span_starts(bytes, CR_SPAN("PK\x03\x04"))) {
        return cr_fail(err, CREDIT_E_DATA, "a ZIP or spreadsheet file, not CSV text");
    }
    return CREDIT_OK;
}

credit_result cr_charset_judge(credit_span bytes, cr_coding *out, credit_error *err)
{
    *out = (cr_coding){CR_CHARSET_UTF8, CR_UTF16_NONE, true, 0, "utf-8"};
    credit_result rc = refuse_foreign(bytes, err);
    if (rc != CREDIT_OK) { return rc; }
    ballot b = {0, 0, 0, 0, false};
    for (size_t at = 0; at < bytes.size;) {
        credit_span chunk = next_chunk(bytes, at);
        judge_chunk(&b, chunk, at);
        at += chunk.size;
    }
    bool utf8 = b.bad_utf8 <= b.bad_gb18030;
    uint64_t bad = utf8 ? b.bad_utf8 : b.bad_gb18030;
    if (bad > b.lines - bad) {
        return cr_fail(err, CREDIT_E_DATA,
            "binary data, neither UTF-8 nor GB18030 text (byte at offset %zu)", b.first_bad);
    }
    out->charset = utf8 ? CR_CHARSET_UTF8 : CR_CHARSET_GB18030;
    out->faultless = bad == 0;
    out->bom_size = bom_of(bytes, out->charset);
    out->name = !utf8 ? "gb18030" : out->bom_size > 0 ? "utf-8-bom" : "utf-8";
    return CREDIT_OK;
}

credit_result cr_decoder_open(cr_decoder *decoder, credit_error *err)
{
    decoder->handle = iconv_open("UTF-8", "GB18030");
    if (decoder->handle == (iconv_t)-1) {
        return cr_fail(err, CREDIT_E_IO, "this system cannot convert GB18030: %s", strerror(errno));
    }
    return CREDIT_OK;
}

void cr_decoder_close(cr_decoder *decoder)
{
    if (decoder->handle != (iconv_t)-1) { iconv_close(decoder->handle); }
    decoder->handle = (iconv_t)-1;
}

bool cr_decode(
    cr_decoder *decoder, credit_span raw, char *out, size_t *out_size, size_t *bad_offset)
{
    char *in = (char *)raw.data; /* iconv does not write to it */
    char *to = out;
    size_t left = raw.size, room = 2 * raw.size;
    iconv(decoder->handle, NULL, NULL, NULL, NULL);
    size_t irreversible = iconv(decoder->handle, &in, &left, &to, &room);
    *out_size = (size_t)(to - out);
    *bad_offset = raw.size - left;
    return irreversible != (size_t)-1;
}
