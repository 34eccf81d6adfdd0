/* A power cut, for one process: preloaded, it remembers what was written and not
 * yet synced, and at a chosen moment takes a random part of it back and kills
 * the process. `kill -9` alone never loses the page cache; this does.
 *
 *   LOSTWRITE_DIR      files below this directory are watched
 *   LOSTWRITE_AT       number of the event (write, sync, cut, new name) before
 *                      which the power fails; "end": after the process is done;
 *                      unset: never (to count the events)
 *   LOSTWRITE_SEED     of the random choice
 *   LOSTWRITE_SWALLOW  a planted fault: pattern of a path (fnmatch) whose syncs
 *                      do nothing
 *   LOSTWRITE_NTH      only the n-th such sync (default: all of them)
 *   LOSTWRITE_REPORT   file for one line: events, sectors at stake, taken back
 *
 * What a disk may do, as modelled
 *  1. Unsynced data goes sector by sector (512 bytes), each kept or lost by
 *     itself: pages are torn. A lost sector has the bytes of the last sync.
 *  2. A file that grew or was cut since its last sync may have either length.
 *  3. A new name is lost unless its directory was synced; renames are not
 *     watched (nothing in a store is renamed).
 *  4. A write to a descriptor opened O_DSYNC is on the disk when it returns, and
 *     brings nothing else along.
 * Not seen: writes through shared mappings (the store has none, but for LMDB's
 * lock file, which means nothing after a restart). Real syncs are not made: the
 * machine stays up, so they would only cost time. */
#define _GNU_SOURCE /* O_DIRECTORY and the 64-bit names of the calls */
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { SECTOR = 512, FILES_MAX = 256, PATH_ROOM = 4096 };

/* A file as the disk has it, where that differs from what the process sees. */
typedef struct file {
    dev_t device;
    ino_t number;
    char path[PATH_ROOM];
    int fd;              /* our own, for reading and writing; -1: could not be opened */
    uint64_t disk_size;  /* at the last sync */
    char **sectors;      /* as on the disk, by number; NULL: as the process sees it */
    size_t sector_count; /* room in `sectors` */
    bool name_is_new;    /* its directory was not synced since it was made */
} file;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static file files[FILES_MAX];
static size_t file_count;
static uint64_t events, syncs_matched, at_stake, taken_back;
static uint64_t random_state;
static const char *directory, *swallow;
static uint64_t fail_at, swallow_nth;
static bool fail_at_end;

static _Noreturn void give_up(const char *what)
{
    dprintf(STDERR_FILENO, "lostwrite: %s\n", what);
    syscall(SYS_exit_group, 99);
    __builtin_unreachable();
}

static void *must(void *pointer)
{
    if (pointer == NULL) { give_up("out of memory"); }
    return pointer;
}

/* ---- chance --------------------------------------------------------------------- */

static uint64_t next_random(void)
{
    uint64_t z = random_state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static bool chance(unsigned percent)
{
    return next_random() % 100 < percent;
}

/* ---- settings -------------------------------------------------------------------- */

__attribute__((constructor)) static void read_settings(void)
{
    const char *at = getenv("LOSTWRITE_AT"), *seed = getenv("LOSTWRITE_SEED");
    const char *nth = getenv("LOSTWRITE_NTH");
    directory = getenv("LOSTWRITE_DIR");
    swallow = getenv("LOSTWRITE_SWALLOW");
    swallow_nth = nth == NULL ? 0 : strtoull(nth, NULL, 10);
    random_state = seed == NULL ? 1 : strtoull(seed, NULL, 10);
    fail_at_end = at != NULL; /* also when the process ends before the event */
    fail_at = at == NULL || strcmp(at, "end") == 0 ? 0 : strtoull(at, NULL, 10);
}

/* ---- which file ------------------------------------------------------------------- */

static bool is_watched(const char *path)
{
    size_t size = directory == NULL ? 0 : strlen(directory);
    if (size == 0 || strncmp(path, directory, size) != 0 || path[size] != '/') { return false; }
    return strstr(path + size, "/lock.mdb") == NULL && strstr(path + size, "/tmp/") == NULL;
}

static bool path_of(int fd, char path[PATH_ROOM])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, PATH_ROOM - 1);
    path[size > 0 ? size : 0] = '\0';
    return size > 0;
}

static uint64_t size_of(int fd)
{
    struct stat status;
    return fstat(fd, &status) == 0 ? (uint64_t)status.st_size : 0;
}

static file *find(const struct stat *status)
{
    for (size_t i = 0; i < file_count; i++) {
        if (files[i].number == status->st_ino && files[i].device == status->st_dev) {
            return &files[i];
        }
    }
    return NULL;
}

/* The watched file behind a descriptor, or NULL. What it held before it was
 * first seen is taken to be on the disk. */
static file *file_of(int fd)
{
    struct stat status;
    char path[PATH_ROOM];
    if (directory == NULL || fstat(fd, &status) != 0 || status.st_nlink == 0) { return NULL; }
    if (!S_ISREG(status.st_mode)) { return NULL; }
    file *known = find(&status);
    if (known != NULL) { return known; }
    if (!path_of(fd, path) || !is_watched(path)) { return NULL; }
    if (file_count == FILES_MAX) { give_up("too many files"); }
    file *added = &files[file_count++];
    memset(added, 0, sizeof *added);
    added->device = status.st_dev;
    added->number = status.st_ino;
    memcpy(added->path, path, sizeof path);
    added->fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_RDWR | O_CLOEXEC, 0);
    if (added->fd < 0) { give_up("a watched file cannot be opened"); }
    added->disk_size = (uint64_t)status.st_size;
    return added;
}

/* ---- what the disk has -------------------------------------------------------------- */

static void room_for(file *f, size_t sector_count)
{
    if (sector_count <= f->sector_count) { return; }
    size_t count = sector_count + sector_count / 2;
    f->sectors = must(realloc(f->sectors, count * sizeof *f->sectors));
    memset(f->sectors + f->sector_count, 0, (count - f->sector_count) * sizeof *f->sectors);
    f->sector_count = count;
}

/* Keeps the disk's bytes of a range that is about to change. */
static void remember(file *f, uint64_t offset, uint64_t size)
{
    if (size == 0) { return; }
    uint64_t last = (offset + size - 1) / SECTOR;
    room_for(f, last + 1);
    for (uint64_t i = offset / SECTOR; i <= last; i++) {
        if (f->sectors[i] != NULL) { continue; }
        f->sectors[i] = must(calloc(1, SECTOR));
        if (syscall(SYS_pread64, f->fd, f->sectors[i], SECTOR, i * SECTOR) < 0) {
            give_up("a watched file cannot be read");
        }
    }
}

/* Bytes that went straight to the disk. */
static void patch(file *f, const char *bytes, uint64_t offset, uint64_t size)
{
    for (uint64_t at = offset; at < offset + size;) {
        uint64_t sector = at / SECTOR, inside = at % SECTOR;
        uint64_t part = SECTOR - inside;
        if (part > offset + size - at) { part = offset + size - at; }
        if (sector < f->sector_count && f->sectors[sector] != NULL) {
            memcpy(f->sectors[sector] + inside, bytes + (at - offset), part);
        }
        at += part;
    }
    if (f->disk_size < offset + size) { f->disk_size = offset + size; }
}

static void synced(file *f)
{
    for (size_t i = 0; i < f->sector_count; i++) {
        free(f->sectors[i]);
        f->sectors[i] = NULL;
    }
    f->disk_size = size_of(f->fd);
}

static void synced_directory(const char *path)
{
    size_t size = strlen(path);
    for (size_t i = 0; i < file_count; i++) {
        const char *name = files[i].path;
        if (strncmp(name, path, size) == 0 && name[size] == '/' &&
            strchr(name + size + 1, '/') == NULL) {
            files[i].name_is_new = false;
        }
    }
}

/* ---- the power cut -------------------------------------------------------------------- */

static void restore_sector(file *f, size_t i, uint64_t size)
{
    uint64_t offset = (uint64_t)i * SECTOR;
    uint64_t part = offset >= size ? 0 : size - offset < SECTOR ? size - offset : SECTOR;
    if (part > 0 && syscall(SYS_pwrite64, f->fd, f->sectors[i], part, offset) < 0) {
        give_up("a sector cannot be taken back");
    }
    taken_back++;
}

static void lose(file *f, unsigned percent)
{
    uint64_t seen = size_of(f->fd), size = seen;
    if (seen != f->disk_size && chance(percent)) { size = f->disk_size; }
    if (size != seen && syscall(SYS_ftruncate, f->fd, size) != 0) {
        give_up("a length cannot be taken back");
    }
    for (size_t i = 0; i < f->sector_count; i++) {
        if (f->sectors[i] == NULL) { continue; }
        at_stake++;
        /* What a cut had removed is there again, all of it, if the cut is undone. */
        bool was_cut = (uint64_t)i * SECTOR >= seen && size > seen;
        if (was_cut || chance(percent)) { restore_sector(f, i, size); }
    }
    if (f->name_is_new) {
        at_stake++;
        if (chance(percent)) {
            unlink(f->path);
            taken_back++;
        }
    }
}

static void report(void)
{
    const char *path = getenv("LOSTWRITE_REPORT");
    if (path == NULL) { return; }
    int fd = (int)syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    dprintf(fd, "%llu %llu %llu\n", (unsigned long long)events, (unsigned long long)at_stake,
        (unsigned long long)taken_back);
}

/* The lock is held, so no other thread writes meanwhile. */
static _Noreturn void power_fails(void)
{
    static const unsigned percents[] = {10, 50, 90, 100};
    unsigned percent = percents[next_random() % 4];
    for (size_t i = 0; i < file_count; i++) { lose(&files[i], percent); }
    report();
    kill(getpid(), SIGKILL);
    for (;;) { pause(); }
}

static void count_event(void)
{
    events++;
    if (fail_at != 0 && events == fail_at) { power_fails(); }
}

__attribute__((destructor)) static void process_ends(void)
{
    if (directory == NULL) { return; }
    pthread_mutex_lock(&lock);
    if (fail_at_end) { power_fails(); }
    report();
    pthread_mutex_unlock(&lock);
}

/* ---- calls: writing --------------------------------------------------------------------- */

static ssize_t write_parts(int fd, const struct iovec *parts, int count, off_t offset)
{
    if (count == 1) { return syscall(SYS_pwrite64, fd, parts->iov_base, parts->iov_len, offset); }
    return syscall(SYS_pwritev, fd, parts, count, offset, 0);
}

static void patch_parts(file *f, const struct iovec *parts, uint64_t offset, uint64_t written)
{
    for (; written > 0; parts++) {
        uint64_t part = parts->iov_len < written ? parts->iov_len : written;
        patch(f, parts->iov_base, offset, part);
        offset += part;
        written -= part;
    }
}

static ssize_t watched_write(int fd, const struct iovec *parts, int count, off_t offset)
{
    pthread_mutex_lock(&lock);
    file *f = file_of(fd);
    if (f == NULL) { /* not ours: others need not wait for it */
        pthread_mutex_unlock(&lock);
        return write_parts(fd, parts, count, offset);
    }
    count_event();
    uint64_t size = 0;
    for (int i = 0; i < count; i++) { size += parts[i].iov_len; }
    bool direct = (fcntl(fd, F_GETFL) & O_DSYNC) != 0;
    if (!direct) { remember(f, (uint64_t)offset, size); }
    ssize_t written = write_parts(fd, parts, count, offset);
    int code = errno;
    if (direct && written > 0) { patch_parts(f, parts, (uint64_t)offset, (uint64_t)written); }
    pthread_mutex_unlock(&lock);
    errno = code;
    return written;
}

__attribute__((visibility("default"))) ssize_t pwrite(
    int fd, const void *bytes, size_t size, off_t offset)
{
    struct iovec part = {(void *)(uintptr_t)bytes, size};
    return watched_write(fd, &part, 1, offset);
}

__attribute__((visibility("default"))) ssize_t pwritev(
    int fd, const struct iovec *parts, int count, off_t offset)
{
    return watched_write(fd, parts, count, offset);
}

__attribute__((visibility("default"))) ssize_t write(int fd, const void *bytes, size_t size)
{
    struct stat status;
    off_t offset = lseek(fd, 0, SEEK_CUR);
    if (directory == NULL || offset < 0 || fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        return syscall(SYS_write, fd, bytes, size);
    }
    if ((fcntl(fd, F_GETFL) & O_APPEND) != 0) { offset = status.st_size; }
    struct iovec part = {(void *)(uintptr_t)bytes, size};
    ssize_t written = watched_write(fd, &part, 1, offset);
    if (written > 0) { lseek(fd, offset + written, SEEK_SET); }
    return written;
}

__attribute__((visibility("default"))) int ftruncate(int fd, off_t size)
{
    pthread_mutex_lock(&lock);
    file *f = file_of(fd);
    if (f != NULL) {
        count_event();
        uint64_t now = size_of(fd);
        if ((uint64_t)size < now) { remember(f, (uint64_t)size, now - (uint64_t)size); }
    }
    int result = (int)syscall(SYS_ftruncate, fd, size);
    pthread_mutex_unlock(&lock);
    return result;
}

/* ---- calls: syncing ----------------------------------------------------------------------- */

static bool is_swallowed(const char *path)
{
    if (swallow == NULL || fnmatch(swallow, path, 0) != 0) { return false; }
    syncs_matched++;
    return swallow_nth == 0 || syncs_matched == swallow_nth;
}

static int watched_sync(int fd)
{
    struct stat status;
    char path[PATH_ROOM];
    if (directory == NULL || fstat(fd, &status) != 0 || !path_of(fd, path)) { return 0; }
    pthread_mutex_lock(&lock);
    if (S_ISDIR(status.st_mode)) {
        count_event();
        if (!is_swallowed(path)) { synced_directory(path); }
    } else {
        file *f = file_of(fd);
        if (f != NULL) {
            count_event();
            if (!is_swallowed(path)) { synced(f); }
        }
    }
    pthread_mutex_unlock(&lock);
    return 0;
}

__attribute__((visibility("default"))) int fdatasync(int fd)
{
    return watched_sync(fd);
}

__attribute__((visibility("default"))) int fsync(int fd)
{
    return watched_sync(fd);
}

/* ---- calls: opening, to notice new names ---------------------------------------------------- */

static int watched_open(int at, const char *path, int flags, mode_t mode)
{
    bool was_there = true;
    if (directory != NULL && (flags & O_CREAT) != 0) {
        was_there = syscall(SYS_faccessat, at, path, F_OK) == 0;
    }
    int fd = (int)syscall(SYS_openat, at, path, flags, mode);
    if (fd < 0 || was_there) { return fd; }
    pthread_mutex_lock(&lock);
    file *f = file_of(fd);
    if (f != NULL) {
        count_event();
        f->name_is_new = true;
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

static mode_t mode_argument(int flags, va_list list)
{
    return (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(list, mode_t) : 0;
}

__attribute__((visibility("default"))) int open(const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t mode = mode_argument(flags, list);
    va_end(list);
    return watched_open(AT_FDCWD, path, flags, mode);
}

__attribute__((visibility("default"))) int openat(int at, const char *path, int flags, ...)
{
    va_list list;
    va_start(list, flags);
    mode_t mode = mode_argument(flags, list);
    va_end(list);
    return watched_open(at, path, flags, mode);
}

/* The same calls under the names that 64-bit file offsets give them. */
#define ALSO(name, of) __typeof__(of) name __attribute__((alias(#of), visibility("default")))
ALSO(pwrite64, pwrite);
ALSO(pwritev64, pwritev);
ALSO(ftruncate64, ftruncate);
ALSO(open64, open);
ALSO(openat64, openat);
