/* Bytes that call themselves gzip or UTF-16. What is no gzip is refused, never more;
 * UTF-16 cut anywhere comes to the same text, and back to the same bytes. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/arena.h"
#include "engine/text.h"
#include "loaders/unpack.h"

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

static void unpack(credit_span bytes)
{
    int to = open("/dev/null", O_WRONLY);
    bool faultless = false;
    if (to < 0) { abort(); }
    credit_result rc = cr_unpack_gzip(bytes, to, NULL);
    if (rc == CREDIT_OK && !cr_is_gzip(bytes)) { abort(); }
    cr_utf16 kind = cr_utf16_of(bytes);
    if (kind != CR_UTF16_NONE && cr_unpack_utf16(kind, bytes, to, &faultless, NULL) != CREDIT_OK) {
        abort();
    }
    close(to);
}

/* In pieces of `piece` bytes; returns the size of the text. */
static size_t decode(cr_utf16 kind, credit_span bytes, size_t piece, char *out)
{
    size_t size = 0;
    for (size_t at = 0, taken; at < bytes.size; at += taken) {
        size_t left = bytes.size - at;
        credit_span some = {bytes.data + at, left < piece ? left : piece};
        size += cr_utf16_decode(kind, some, some.size == left, out + size, &taken);
        if (taken == 0 || taken > some.size) { abort(); }
    }
    return size;
}

static void convert(cr_utf16 kind, credit_span bytes, size_t piece)
{
    size_t room = bytes.size / 2 * 3 + 3;
    char *whole = malloc(room), *pieces = malloc(room), *back = malloc(2 * room);
    if (whole == NULL || pieces == NULL || back == NULL) { abort(); }
    size_t size = decode(kind, bytes, bytes.size + 1, whole);
    if (decode(kind, bytes, piece, pieces) != size || memcmp(whole, pieces, size) != 0) { abort(); }
    size_t even = bytes.size / 2 * 2;
    if (even == bytes.size) {
        credit_span text = {whole, size};
        if (cr_utf16_encode(kind, text, back) != even || memcmp(back, bytes.data, even) != 0) {
            abort();
        }
        if (cr_utf16_units(text) != even / 2) { abort(); }
    }
    free(whole);
    free(pieces);
    free(back);
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    if (size < 1) { return 0; }
    credit_span bytes = {(const char *)data + 1, size - 1};
    unpack(bytes);
    size_t piece = 4 + 2 * (size_t)(data[0] / 2);
    convert(data[0] % 2 == 0 ? CR_UTF16_LE : CR_UTF16_BE, bytes, piece);
    return 0;
}
