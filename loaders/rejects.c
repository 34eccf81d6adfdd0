#include "loaders/rejects.h"

#include <errno.h>
#include <fcntl.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "engine/arena.h"
#include "engine/text.h"

enum { PATH_ROOM = 4096, BUFFER = 256 << 10, LABEL_ROOM = 4 * CR_MESSAGE_MAX };
static const char DEFAULT_ENDING[] = ".rejects.csv";
static const char LEADING_COLUMNS[] = "line,field,rule,message,";

struct cr_rejects {
    char path[PATH_ROOM], working[PATH_ROOM + 16];
    bool utf8, bom;
    cr_utf16 utf16;
    char *units; /* room for what is written in UTF-16 */
    size_t units_room;
    FILE *file;
    char *header; /* the source's header, kept until the first refused row */
    size_t header_size;
    bool kept;
};

static credit_result from_errno(const char *path, credit_error *err)
{
    int code = errno;
    credit_result rc = CREDIT_E_IO;
    if (code == EACCES || code == EPERM || code == EROFS) { rc = CREDIT_E_ACCESS; }
    if (code == ENOSPC || code == EDQUOT || code == EIO || code == EFBIG) { rc = CREDIT_E_FULL; }
    return cr_fail(err, rc, "%s: %s", path, strerror(code));
}

credit_result cr_rejects_new(const char *source, const char *path, const cr_coding *coding,
    cr_rejects **out, credit_error *err)
{
    *out = NULL;
    cr_rejects *rejects = cr_alloc(sizeof *rejects);
    if (rejects == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    memset(rejects, 0, sizeof *rejects);
    if (strcmp(source, "-") == 0) { source = "stdin"; }
    int size = path != NULL
                   ? snprintf(rejects->path, sizeof rejects->path, "%s", path)
                   : snprintf(rejects->path, sizeof rejects->path, "%s%s", source, DEFAULT_ENDING);
    if (size < 0 || (size_t)size >= sizeof rejects->path) {
        cr_free(rejects);
        return cr_fail(err, CREDIT_E_LIMIT, "the path of the rejects file is too long");
    }
    snprintf(rejects->working, sizeof rejects->working, "%s.part", rejects->path);
    rejects->bom = coding->bom_size > 0 || coding->utf16 != CR_UTF16_NONE;
    rejects->utf8 = coding->charset == CR_CHARSET_UTF8;
    rejects->utf16 = coding->utf16;
    *out = rejects;
    return CREDIT_OK;
}

void cr_rejects_free(cr_rejects *rejects)
{
    if (rejects == NULL) { return; }
    if (rejects->file != NULL) {
        fclose(rejects->file);
        unlink(rejects->working);
    }
    cr_free(rejects->header);
    cr_free(rejects->units);
    cr_free(rejects);
}

credit_result cr_rejects_begin(cr_rejects *rejects, credit_span header, credit_error *err)
{
    cr_free(rejects->header);
    rejects->header = cr_alloc(header.size + 1);
    if (rejects->header == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    memcpy(rejects->header, header.data, header.size);
    rejects->header_size = header.size;
    return CREDIT_OK;
}

/* In the file's own encoding: `text` is that already, unless the file is UTF-16. */
static credit_result write_text(cr_rejects *rejects, credit_span text, credit_error *err)
{
    if (rejects->utf16 != CR_UTF16_NONE) {
        if (!cr_grow(&rejects->units, &rejects->units_room, 2 * text.size, 1)) {
            return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
        }
        size_t size = cr_utf16_encode(rejects->utf16, text, rejects->units);
        text = (credit_span){rejects->units, size};
    }
    bool written = fwrite(text.data, 1, text.size, rejects->file) == text.size;
    return written ? CREDIT_OK : from_errno(rejects->working, err);
}

static credit_result write_line(
    cr_rejects *rejects, credit_span first, credit_span second, credit_error *err)
{
    credit_result rc = write_text(rejects, first, err);
    if (rc == CREDIT_OK) { rc = write_text(rejects, second, err); }
    return rc == CREDIT_OK ? write_text(rejects, CR_SPAN("\n"), err) : rc;
}

static credit_span byte_order_mark(const cr_rejects *rejects)
{
    return rejects->utf8 ? CR_SPAN("\xEF\xBB\xBF") : CR_SPAN("\x84\x31\x95\x33");
}

static credit_result open_file(cr_rejects *rejects, credit_error *err)
{
    rejects->file = fopen(rejects->working, "wb");
    if (rejects->file == NULL) { return from_errno(rejects->working, err); }
    setvbuf(rejects->file, NULL, _IOFBF, BUFFER);
    credit_result rc =
        rejects->bom ? write_text(rejects, byte_order_mark(rejects), err) : CREDIT_OK;
    if (rc != CREDIT_OK) { return rc; }
    return write_line(rejects, CR_SPAN(LEADING_COLUMNS),
        (credit_span){rejects->header, rejects->header_size}, err);
}

/* A label in the file's own encoding. Our own words are always encodable; what
 * a message quotes may not be, and becomes '?'. */
static credit_span encode(const cr_rejects *rejects, const char *text, char *room, size_t size)
{
    if (rejects->utf8) { return cr_span_of(text); }
    iconv_t converter = iconv_open("GB18030", "UTF-8");
    if (converter == (iconv_t)-1) { return (credit_span){"", 0}; }
    char *in = (char *)(uintptr_t)text, *out = room;
    size_t in_left = strlen(text), out_left = size;
    while (in_left > 0 && iconv(converter, &in, &in_left, &out, &out_left) == (size_t)-1) {
        if (errno == E2BIG || in_left == 0 || out_left == 0) { break; }
        in++;
        in_left--;
        *out++ = '?';
        out_left--;
    }
    iconv_close(converter);
    return (credit_span){room, size - out_left};
}

/* A message as a quoted CSV cell. */
static void quote(const char *message, char *out, size_t size)
{
    size_t at = 0;
    out[at++] = '"';
    for (; *message != '\0' && at + 4 < size; message++) {
        if (*message == '"') { out[at++] = '"'; }
        out[at++] = *message;
    }
    out[at++] = '"';
    out[at] = '\0';
}

credit_result cr_rejects_add(cr_rejects *rejects, uint64_t line, credit_span raw,
    const cr_finding *finding, credit_error *err)
{
    static const cr_finding none = {CR_ERROR, "", "", ""};
    char message[2 * CR_MESSAGE_MAX + 4], label[sizeof message + 128], room[LABEL_ROOM];
    credit_result rc = rejects->file == NULL ? open_file(rejects, err) : CREDIT_OK;
    if (rc != CREDIT_OK) { return rc; }
    if (finding == NULL) { finding = &none; }
    quote(finding->message, message, sizeof message);
    snprintf(label, sizeof label, "%llu,%s,%s,%s,", (unsigned long long)line, finding->field,
        finding->rule, message);
    return write_line(rejects, encode(rejects, label, room, sizeof room), raw, err);
}

/* A new name is on the disk when its directory is; not every directory lets us. */
static void sync_parent(const char *path)
{
    char parent[PATH_ROOM];
    snprintf(parent, sizeof parent, "%s", path);
    char *slash = strrchr(parent, '/');
    if (slash != NULL) { slash[slash == parent] = '\0'; }
    int fd = open(slash == NULL ? "." : parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) { return; }
    fsync(fd);
    close(fd);
}

credit_result cr_rejects_keep(cr_rejects *rejects, credit_error *err)
{
    if (rejects->file == NULL) { return CREDIT_OK; }
    bool written = fflush(rejects->file) == 0 && fsync(fileno(rejects->file)) == 0;
    written = fclose(rejects->file) == 0 && written;
    rejects->file = NULL;
    if (!written || rename(rejects->working, rejects->path) != 0) {
        credit_result rc = from_errno(rejects->path, err);
        unlink(rejects->working);
        return rc;
    }
    sync_parent(rejects->path);
    rejects->kept = true;
    return CREDIT_OK;
}

void cr_rejects_drop(cr_rejects *rejects)
{
    if (rejects->kept) { unlink(rejects->path); }
    rejects->kept = false;
}

const char *cr_rejects_path(const cr_rejects *rejects)
{
    return rejects->kept ? rejects->path : "";
}
