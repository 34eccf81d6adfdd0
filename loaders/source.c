/* A file that was opened, digested and judged once.
 *
 * 1. The bytes are mapped, not copied: memory does not grow with the file, and
 *    digest, judgement and reading see the same pages. A file that is cut
 *    short under a map kills its reader; a load leaves nothing half done.
 * 2. Standard input, pipes and anything else that cannot be mapped is first
 *    copied to a temporary file that has no name; so is the text of a file that
 *    is gzip or UTF-16. The digest is that of the file as it came. */
#include "loaders/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/arena.h"
#include "engine/error.h"
#include "loaders/unpack.h"

enum { COPY_BLOCK = 256 << 10, PATH_ROOM = 4096 };

static credit_result from_errno(int code, const char *path, credit_error *err)
{
    credit_result rc = code == ENOENT || code == ENOTDIR ? CREDIT_E_NOT_FOUND
                       : code == EACCES || code == EPERM ? CREDIT_E_ACCESS
                       : code == ENOSPC                  ? CREDIT_E_FULL
                       : code == ENOMEM                  ? CREDIT_E_NOMEM
                                                         : CREDIT_E_IO;
    return cr_fail(err, rc, "%s: %s", path, strerror(code));
}

static credit_result open_nameless(int *out, credit_error *err)
{
    char path[PATH_ROOM];
    const char *folder = getenv("TMPDIR");
    if (folder == NULL || folder[0] == '\0') { folder = "/tmp"; }
    int size = snprintf(path, sizeof path, "%s/credit-XXXXXX", folder);
    if (size < 0 || (size_t)size >= sizeof path) {
        return cr_fail(err, CREDIT_E_IO, "the name of the temporary folder is too long");
    }
    *out = mkstemp(path);
    if (*out < 0) { return from_errno(errno, folder, err); }
    (void)fcntl(*out, F_SETFD, FD_CLOEXEC);
    return unlink(path) == 0 ? CREDIT_OK : from_errno(errno, path, err);
}

static credit_result copy_stream(int from, int to, const char *path, credit_error *err)
{
    char *block = cr_alloc(COPY_BLOCK);
    if (block == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "%s: out of memory", path); }
    credit_result rc = CREDIT_OK;
    while (rc == CREDIT_OK) {
        ssize_t got = read(from, block, COPY_BLOCK);
        if (got < 0 && errno == EINTR) { continue; }
        if (got < 0 || (got > 0 && !cr_write_all(to, block, (size_t)got))) {
            rc = from_errno(errno, path, err);
        }
        if (got == 0) { break; }
    }
    cr_free(block);
    return rc;
}

/* Puts what comes from *fd into a nameless file and that in its place. */
static credit_result spool(int *fd, const char *path, credit_error *err)
{
    int copy = -1;
    credit_result rc = open_nameless(&copy, err);
    if (rc == CREDIT_OK) { rc = copy_stream(*fd, copy, path, err); }
    if (rc != CREDIT_OK) {
        if (copy >= 0) { close(copy); }
        return rc;
    }
    close(*fd);
    *fd = copy;
    return CREDIT_OK;
}

static credit_result open_input(const char *path, int *fd, credit_error *err)
{
    bool standard = strcmp(path, "-") == 0;
    struct stat info;
    *fd = standard ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC);
    if (*fd < 0) { return from_errno(errno, path, err); }
    if (fstat(*fd, &info) != 0) { return from_errno(errno, path, err); }
    if (S_ISDIR(info.st_mode)) {
        return cr_fail(err, CREDIT_E_DATA, "%s: a directory, not a file", path);
    }
    bool at_start = standard ? lseek(*fd, 0, SEEK_CUR) == 0 : true;
    return S_ISREG(info.st_mode) && at_start ? CREDIT_OK : spool(fd, path, err);
}

static credit_result map_file(int fd, const char *path, credit_span *out, credit_error *err)
{
    struct stat info;
    if (fstat(fd, &info) != 0) { return from_errno(errno, path, err); }
    if (info.st_size == 0) { return cr_fail(err, CREDIT_E_DATA, "%s: empty file", path); }
    if ((uint64_t)info.st_size > CR_LIMIT_FILE) {
        return cr_fail(err, CREDIT_E_LIMIT, "%s: larger than %llu bytes", path,
            (unsigned long long)CR_LIMIT_FILE);
    }
    size_t size = (size_t)info.st_size;
    void *map = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED) { return from_errno(errno, path, err); }
    (void)posix_madvise(map, size, POSIX_MADV_SEQUENTIAL);
    *out = (credit_span){map, size};
    return CREDIT_OK;
}

static void unmap(credit_span *map)
{
    if (map->data != NULL) { munmap((void *)(uintptr_t)map->data, map->size); }
    *map = (credit_span){NULL, 0};
}

static credit_result map_input(cr_source *source, const char *path, credit_error *err)
{
    struct stat info;
    credit_result rc = map_file(source->fd, path, &source->file, err);
    if (rc != CREDIT_OK) { return rc; }
    if (fstat(source->fd, &info) != 0) { return from_errno(errno, path, err); }
    source->bytes = source->file;
    source->file_size = source->file.size;
    source->changed_at = info.st_mtim;
    return CREDIT_OK;
}

/* Puts a text in the place of the bytes it was packed in. */
static credit_result take_text(cr_source *source, int fd, const char *path, credit_error *err)
{
    credit_span text;
    credit_result rc = map_file(fd, path, &text, err);
    close(fd); /* the mapping stays */
    if (rc != CREDIT_OK) { return rc; }
    if (source->bytes.data != source->file.data) { unmap(&source->bytes); }
    source->bytes = text;
    return CREDIT_OK;
}

static credit_result unpack_gzip(cr_source *source, const char *path, credit_error *err)
{
    int fd = -1;
    credit_result rc = open_nameless(&fd, err);
    if (rc == CREDIT_OK) { rc = cr_unpack_gzip(source->bytes, fd, err); }
    if (rc == CREDIT_OK) { return take_text(source, fd, path, err); }
    if (fd >= 0) { close(fd); }
    cr_fail_in(err, path);
    return rc;
}

/* Such a text needs no judging. */
static credit_result unpack_utf16(
    cr_source *source, cr_utf16 kind, const char *path, credit_error *err)
{
    int fd = -1;
    cr_coding *coding = &source->coding;
    *coding =
        (cr_coding){CR_CHARSET_UTF8, kind, true, 0, kind == CR_UTF16_LE ? "utf-16le" : "utf-16be"};
    credit_result rc = open_nameless(&fd, err);
    if (rc == CREDIT_OK) { rc = cr_unpack_utf16(kind, source->bytes, fd, &coding->faultless, err); }
    if (rc == CREDIT_OK) { return take_text(source, fd, path, err); }
    if (fd >= 0) { close(fd); }
    cr_fail_in(err, path);
    return rc;
}

/* The digest is taken beside everything else: all of it reads every byte. */
static void *digest_input(void *ctx)
{
    cr_source *source = ctx;
    cr_hasher *hasher = source->crypto->hasher_new(CR_HASH_SHA256);
    source->digest_result =
        hasher == NULL ? CREDIT_E_CRYPTO
                       : source->crypto->digest(hasher, &source->file, 1, source->info.digest);
    source->crypto->hasher_free(hasher);
    atomic_store(&source->digested, true);
    return NULL;
}

/* Finds the text and its encoding. */
static credit_result judge(cr_source *source, const char *path, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    if (cr_is_gzip(source->file)) { rc = unpack_gzip(source, path, err); }
    if (rc != CREDIT_OK) { return rc; }
    cr_utf16 kind = cr_utf16_of(source->bytes);
    if (kind != CR_UTF16_NONE) { return unpack_utf16(source, kind, path, err); }
    rc = cr_charset_judge(source->bytes, &source->coding, err);
    if (rc != CREDIT_OK) { cr_fail_in(err, path); }
    return rc;
}

static credit_result judge_and_digest(cr_source *source, const char *path, credit_error *err)
{
    source->digesting = pthread_create(&source->thread, NULL, digest_input, source) == 0;
    if (!source->digesting) { digest_input(source); }
    return judge(source, path, err);
}

static void wait_for_digest(cr_source *source)
{
    if (source->digesting) { pthread_join(source->thread, NULL); }
    source->digesting = false;
}

credit_result cr_source_digest(cr_source *source, bool wait, credit_error *err)
{
    if (wait) { wait_for_digest(source); }
    if (!atomic_load(&source->digested)) { return CREDIT_DONE; }
    return source->digest_result == CREDIT_OK
               ? cr_source_unchanged(source, err)
               : cr_fail(err, source->digest_result, "the file could not be digested");
}

credit_result cr_source_open(
    const char *path, const cr_crypto *crypto, cr_source **out, credit_error *err)
{
    *out = NULL;
    cr_source *source = cr_alloc(sizeof *source);
    if (source == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "%s: out of memory", path); }
    memset(source, 0, sizeof *source);
    source->fd = -1;
    credit_result rc = open_input(path, &source->fd, err);
    if (rc != CREDIT_OK) { goto out; }
    rc = map_input(source, path, err);
    if (rc != CREDIT_OK) { goto out; }
    source->crypto = crypto;
    rc = judge_and_digest(source, path, err);
    if (rc != CREDIT_OK) { goto out; }
    source->info.encoding = source->coding.name;
    source->info.size = source->bytes.size;
    *out = source;
    source = NULL;
out:
    cr_source_close(source);
    return rc;
}

credit_result cr_source_of(
    credit_span bytes, const cr_crypto *crypto, cr_source **out, credit_error *err)
{
    *out = NULL;
    cr_source *source = cr_alloc(sizeof *source);
    if (source == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    memset(source, 0, sizeof *source);
    source->fd = -1;
    source->crypto = crypto;
    source->bytes = bytes;
    credit_result rc = cr_charset_judge(bytes, &source->coding, err);
    if (rc == CREDIT_OK && source->coding.charset != CR_CHARSET_UTF8) {
        rc = cr_fail(err, CREDIT_E_DATA, "the text is not UTF-8");
    }
    source->info.encoding = source->coding.name;
    source->info.size = bytes.size;
    if (rc == CREDIT_OK) {
        *out = source;
        source = NULL;
    }
    cr_source_close(source);
    return rc;
}

const cr_source_info *cr_source_get_info(const cr_source *source)
{
    return &source->info;
}

const cr_coding *cr_source_get_coding(const cr_source *source)
{
    return &source->coding;
}

credit_result cr_source_unchanged(const cr_source *source, credit_error *err)
{
    struct stat info;
    if (source->fd < 0) { return CREDIT_OK; }
    if (fstat(source->fd, &info) != 0) {
        return cr_fail(err, CREDIT_E_IO, "the file went away while it was read");
    }
    bool same = (size_t)info.st_size == source->file_size &&
                info.st_mtim.tv_sec == source->changed_at.tv_sec &&
                info.st_mtim.tv_nsec == source->changed_at.tv_nsec;
    return same ? CREDIT_OK : cr_fail(err, CREDIT_E_IO, "the file changed while it was read");
}

void cr_source_release(cr_source *source)
{
    wait_for_digest(source);
    bool mapped = source->fd >= 0;
    if (mapped && source->bytes.data != source->file.data) { unmap(&source->bytes); }
    unmap(&source->file);
    source->bytes = (credit_span){NULL, 0};
}

void cr_source_close(cr_source *source)
{
    if (source == NULL) { return; }
    cr_source_release(source);
    if (source->fd >= 0) { close(source->fd); }
    cr_free(source);
}
