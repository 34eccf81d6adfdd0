#include "keys/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/error.h"

static credit_result from_errno(credit_error *err, const char *path)
{
    int number = errno;
    credit_result code = CREDIT_E_IO;
    switch (number) {
    case ENOENT:
    case ENOTDIR:
        code = CREDIT_E_NOT_FOUND;
        break;
    case EEXIST:
        code = CREDIT_E_EXISTS;
        break;
    case EACCES:
    case EPERM:
    case EROFS:
        code = CREDIT_E_ACCESS;
        break;
    case ENOSPC:
    case EDQUOT:
        code = CREDIT_E_FULL;
        break;
    case ENOMEM:
        code = CREDIT_E_NOMEM;
        break;
    default:
        break;
    }
    char text[128] = "";
    if (strerror_r(number, text, sizeof text) != 0) {
        snprintf(text, sizeof text, "error %d", number);
    }
    return cr_fail(err, code, "%s: %s", path, text);
}

bool cr_file_path(char out[CR_FILE_PATH_MAX], const char *directory, const char *name)
{
    int size = snprintf(out, CR_FILE_PATH_MAX, "%s/%s", directory, name);
    return size > 0 && size < CR_FILE_PATH_MAX;
}

bool cr_file_exists(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0;
}

static credit_result read_all(int fd, const char *path, char *bytes, size_t size, credit_error *err)
{
    for (size_t done = 0; done < size;) {
        ssize_t part = read(fd, bytes + done, size - done);
        if (part < 0 && errno == EINTR) { continue; }
        if (part < 0) { return from_errno(err, path); }
        if (part == 0) {
            return cr_fail(err, CREDIT_E_IO, "%s: became shorter while it was read", path);
        }
        done += (size_t)part;
    }
    return CREDIT_OK;
}

credit_result cr_file_read(const char *path, cr_arena *arena, credit_span *bytes, credit_error *err)
{
    struct stat st;
    credit_result rc = CREDIT_OK;
    *bytes = (credit_span){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        rc = from_errno(err, path);
        goto out;
    }
    if (!S_ISREG(st.st_mode) || st.st_size > CR_FILE_BYTES_MAX) {
        rc = cr_fail(
            err, CREDIT_E_DATA, "%s: not a file of at most %d bytes", path, CR_FILE_BYTES_MAX);
        goto out;
    }
    size_t size = (size_t)st.st_size;
    char *memory = cr_arena_alloc(arena, size + 1);
    if (memory == NULL) {
        rc = cr_fail(err, CREDIT_E_NOMEM, "out of memory");
        goto out;
    }
    rc = read_all(fd, path, memory, size, err);
    if (rc == CREDIT_OK) { *bytes = (credit_span){memory, size}; }
out:
    if (fd >= 0) { close(fd); }
    return rc;
}

/* The directory that holds `path`. */
static void parent_of(const char *path, char out[CR_FILE_PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    size_t size = slash == NULL ? 0 : (size_t)(slash - path);
    if (slash == NULL) {
        snprintf(out, CR_FILE_PATH_MAX, ".");
    } else {
        snprintf(out, CR_FILE_PATH_MAX, "%.*s", (int)(size == 0 ? 1 : size), path);
    }
}

static credit_result sync_parent(const char *path, credit_error *err)
{
    char parent[CR_FILE_PATH_MAX];
    parent_of(path, parent);
    int fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) { return from_errno(err, parent); }
    credit_result rc = fsync(fd) == 0 ? CREDIT_OK : from_errno(err, parent);
    close(fd);
    return rc;
}

static bool write_all(int fd, credit_span bytes)
{
    for (size_t done = 0; done < bytes.size;) {
        ssize_t part = write(fd, bytes.data + done, bytes.size - done);
        if (part < 0 && errno == EINTR) { continue; }
        if (part < 0) { return false; }
        done += (size_t)part;
    }
    return true;
}

credit_result cr_file_rename(const char *from, const char *to, credit_error *err)
{
    if (rename(from, to) != 0) { return from_errno(err, to); }
    return sync_parent(to, err);
}

credit_result cr_file_replace(const char *path, credit_span bytes, unsigned mode, credit_error *err)
{
    char beside[CR_FILE_PATH_MAX];
    int size = snprintf(beside, sizeof beside, "%s.XXXXXX", path);
    if (size < 0 || size >= CR_FILE_PATH_MAX) {
        return cr_fail(err, CREDIT_E_LIMIT, "the path is longer than %d bytes", CR_FILE_PATH_MAX);
    }
    int fd = mkstemp(beside); /* readable by the owner alone */
    if (fd < 0) { return from_errno(err, path); }
    credit_result rc = CREDIT_OK;
    if (!write_all(fd, bytes) || fchmod(fd, (mode_t)mode) != 0 || fsync(fd) != 0) {
        rc = from_errno(err, path);
    }
    if (close(fd) != 0 && rc == CREDIT_OK) { rc = from_errno(err, path); }
    if (rc == CREDIT_OK) { rc = cr_file_rename(beside, path, err); }
    if (rc != CREDIT_OK) { unlink(beside); }
    return rc;
}

credit_result cr_file_make_directory(const char *path, credit_error *err)
{
    if (mkdir(path, 0700) == 0) { return sync_parent(path, err); }
    struct stat st;
    if (errno == EEXIST && stat(path, &st) == 0 && S_ISDIR(st.st_mode)) { return CREDIT_OK; }
    return from_errno(err, path);
}
