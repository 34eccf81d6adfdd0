/* Reads a pack directory into memory: regular files only, sorted by path. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/error.h"
#include "engine/text.h"
#include "loaders/pack.h"

enum { FILES_MAX = 1000, FILE_SIZE_MAX = 64 << 20, DEPTH_MAX = 8 };

typedef struct reading {
    cr_arena *arena;
    cr_pack_file *files;
    size_t count;
    credit_error *err;
} reading;

static credit_result from_errno(int code, const char *path, credit_error *err)
{
    credit_result rc = code == ENOENT || code == ENOTDIR ? CREDIT_E_NOT_FOUND
                       : code == EACCES || code == EPERM ? CREDIT_E_ACCESS
                                                         : CREDIT_E_IO;
    return cr_fail(err, rc, "%s: %s", path, strerror(code));
}

static credit_result read_whole(int fd, char *out, size_t size, const char *path, credit_error *err)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = read(fd, out + done, size - done);
        if (got < 0 && errno == EINTR) { continue; }
        if (got < 0) { return from_errno(errno, path, err); }
        if (got == 0) {
            return cr_fail(err, CREDIT_E_IO, "%s: became shorter while it was read", path);
        }
        done += (size_t)got;
    }
    return CREDIT_OK;
}

static credit_result add_file(
    reading *in, const char *path, const char *relative, const struct stat *info)
{
    if (info->st_size > FILE_SIZE_MAX) {
        return cr_fail(in->err, CREDIT_E_LIMIT, "%s: larger than %d bytes", path, FILE_SIZE_MAX);
    }
    if (in->count == FILES_MAX) {
        return cr_fail(in->err, CREDIT_E_LIMIT, "%s: more than %d files", path, FILES_MAX);
    }
    size_t size = (size_t)info->st_size;
    char *bytes = cr_arena_alloc(in->arena, size + 1);
    char *name = cr_arena_copy(in->arena, relative, strlen(relative));
    if (bytes == NULL || name == NULL) {
        return cr_fail(in->err, CREDIT_E_NOMEM, "%s: out of memory", path);
    }
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) { return from_errno(errno, path, in->err); }
    credit_result rc = read_whole(fd, bytes, size, path, in->err);
    close(fd);
    in->files[in->count++] =
        (cr_pack_file){{name, strlen(name)}, {bytes, rc == CREDIT_OK ? size : 0}};
    return rc;
}

static credit_result read_folder(reading *in, const char *path, const char *relative, int depth);

static credit_result read_entry(
    reading *in, const char *folder, const char *relative, const char *name, int depth)
{
    struct stat info;
    char *path = cr_arena_printf(in->arena, "%s/%s", folder, name);
    char *inside =
        cr_arena_printf(in->arena, "%s%s%s", relative, relative[0] == '\0' ? "" : "/", name);
    if (path == NULL || inside == NULL) {
        return cr_fail(in->err, CREDIT_E_NOMEM, "%s: out of memory", folder);
    }
    if (stat(path, &info) != 0) { return from_errno(errno, path, in->err); }
    if (S_ISDIR(info.st_mode)) { return read_folder(in, path, inside, depth + 1); }
    return S_ISREG(info.st_mode) ? add_file(in, path, inside, &info) : CREDIT_OK;
}

static credit_result read_folder(reading *in, const char *path, const char *relative, int depth)
{
    if (depth > DEPTH_MAX) {
        return cr_fail(in->err, CREDIT_E_LIMIT, "%s: folders lie too deep", path);
    }
    DIR *folder = opendir(path);
    if (folder == NULL) { return from_errno(errno, path, in->err); }
    credit_result rc = CREDIT_OK;
    while (rc == CREDIT_OK) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        if (entry == NULL) {
            rc = errno == 0 ? CREDIT_OK : from_errno(errno, path, in->err);
            break;
        }
        if (entry->d_name[0] != '.') { rc = read_entry(in, path, relative, entry->d_name, depth); }
    }
    closedir(folder);
    return rc;
}

static int by_path(const void *a, const void *b)
{
    return cr_span_compare(((const cr_pack_file *)a)->path, ((const cr_pack_file *)b)->path);
}

credit_result cr_pack_read_directory(
    const char *directory, cr_arena *arena, cr_pack_file **files, size_t *count, credit_error *err)
{
    *files = NULL;
    *count = 0;
    reading in = {arena, cr_arena_array(arena, FILES_MAX, sizeof(cr_pack_file)), 0, err};
    if (in.files == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "%s: out of memory", directory); }
    credit_result rc = read_folder(&in, directory, "", 0);
    if (rc != CREDIT_OK) { return rc; }
    if (in.count == 0) {
        return cr_fail(err, CREDIT_E_NOT_FOUND, "%s: no files of a pack", directory);
    }
    qsort(in.files, in.count, sizeof *in.files, by_path);
    *files = in.files;
    *count = in.count;
    return CREDIT_OK;
}
