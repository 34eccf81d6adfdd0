#include "loaders/unpack.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "engine/arena.h"
#include "engine/text.h"
#include "loaders/loader.h"

enum { BLOCK = 256 << 10, GZIP_WINDOW = 15 + 16 };

bool cr_is_gzip(credit_span bytes)
{
    return cr_span_starts(bytes, CR_SPAN("\x1F\x8B"));
}

bool cr_write_all(int fd, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t done = write(fd, bytes, size);
        if (done < 0 && errno == EINTR) { continue; }
        if (done <= 0) { return false; }
        bytes += done;
        size -= (size_t)done;
    }
    return true;
}

static credit_result write_text(int fd, const char *text, size_t size, credit_error *err)
{
    if (cr_write_all(fd, text, size)) { return CREDIT_OK; }
    credit_result rc = errno == ENOSPC || errno == EDQUOT ? CREDIT_E_FULL : CREDIT_E_IO;
    return cr_fail(err, rc, "the text could not be unpacked: %s", strerror(errno));
}

/* ---- gzip -------------------------------------------------------------------------- */

/* A gzip file is one member or several; behind the last only zeros may stand. */
typedef struct inflating {
    z_stream stream;
    credit_span left; /* of the file */
    uint64_t written;
    bool at_end; /* of a member */
} inflating;

static void feed(inflating *in)
{
    size_t size = in->left.size < BLOCK ? in->left.size : BLOCK;
    in->stream.next_in = (Bytef *)(uintptr_t)in->left.data; /* zlib does not write to it */
    in->stream.avail_in = (uInt)size;
    in->left = (credit_span){in->left.data + size, in->left.size - size};
}

static credit_result from_zlib(const inflating *in, int code, credit_error *err)
{
    if (code == Z_MEM_ERROR) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    if (code == Z_BUF_ERROR) { return cr_fail(err, CREDIT_E_DATA, "gzip data is cut short"); }
    return cr_fail(err, CREDIT_E_DATA, "gzip data is damaged behind %llu bytes of text: %s",
        (unsigned long long)in->written, in->stream.msg == NULL ? "" : in->stream.msg);
}

static credit_result inflate_block(inflating *in, char *block, int to, credit_error *err)
{
    in->stream.next_out = (Bytef *)block;
    in->stream.avail_out = BLOCK;
    if (in->stream.avail_in == 0) { feed(in); }
    int code = inflate(&in->stream, Z_NO_FLUSH);
    size_t size = BLOCK - in->stream.avail_out;
    in->at_end = code == Z_STREAM_END;
    in->written += size;
    if (code != Z_OK && !in->at_end) { return from_zlib(in, code, err); }
    if (in->written > CR_LIMIT_FILE) {
        return cr_fail(err, CREDIT_E_LIMIT, "more than %llu bytes when unpacked",
            (unsigned long long)CR_LIMIT_FILE);
    }
    return write_text(to, block, size, err);
}

/* Is there another member behind the one that has ended? */
static bool next_member(inflating *in)
{
    credit_span rest = {in->left.data - in->stream.avail_in, in->left.size + in->stream.avail_in};
    in->left = rest;
    in->stream.avail_in = 0;
    return cr_is_gzip(rest) && inflateReset(&in->stream) == Z_OK;
}

static bool is_padding(credit_span bytes)
{
    for (size_t i = 0; i < bytes.size; i++) {
        if (bytes.data[i] != '\0') { return false; }
    }
    return true;
}

credit_result cr_unpack_gzip(credit_span bytes, int to, credit_error *err)
{
    inflating in = {.left = bytes};
    char *block = cr_alloc(BLOCK);
    if (block == NULL || inflateInit2(&in.stream, GZIP_WINDOW) != Z_OK) {
        cr_free(block);
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    credit_result rc = CREDIT_OK;
    do {
        rc = inflate_block(&in, block, to, err);
    } while (rc == CREDIT_OK && (!in.at_end || next_member(&in)));
    inflateEnd(&in.stream);
    cr_free(block);
    if (rc == CREDIT_OK && !is_padding(in.left)) {
        rc = cr_fail(err, CREDIT_E_DATA, "something stands behind the gzip data");
    }
    return rc;
}

/* ---- UTF-16 ------------------------------------------------------------------------- */

credit_result cr_unpack_utf16(
    cr_utf16 kind, credit_span bytes, int to, bool *faultless, credit_error *err)
{
    enum { ROOM = BLOCK / 2 * 3 + 3 };
    char *block = cr_alloc(ROOM);
    if (block == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    credit_result rc = CREDIT_OK;
    *faultless = true;
    for (size_t at = CR_UTF16_BOM_SIZE, taken; rc == CREDIT_OK && at < bytes.size; at += taken) {
        bool last = bytes.size - at <= BLOCK;
        credit_span units = {bytes.data + at, last ? bytes.size - at : BLOCK};
        credit_span text = {block, cr_utf16_decode(kind, units, last, block, &taken)};
        *faultless =
            *faultless && memchr(text.data, '\0', text.size) == NULL && cr_utf8_valid(text, NULL);
        rc = write_text(to, text.data, text.size, err);
    }
    cr_free(block);
    return rc;
}
