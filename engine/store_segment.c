/* The segments of a store: frames back to back in append-only files.
 *
 * - A writer cuts the segment it appends to back to the committed end, buffers,
 *   and syncs every segment it touched before the LMDB commit (and the directory
 *   when it added one).
 * - Segments are mapped whole, read-only, on first use and stay mapped until the
 *   store is closed, so that a frame may be borrowed. Only bytes that are below
 *   the snapshot's committed end, and in the file, are handed out. */
#define _GNU_SOURCE /* sync_file_range */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/store_internal.h"

enum { WRITE_BUFFER = 4 << 20, FLUSH_STEP = 16 << 20 };

static cr_store_path_text segment_path(const char *store, uint32_t segment)
{
    char name[32];
    snprintf(name, sizeof name, "segments/%08u.seg", (unsigned)segment);
    return cr_store_path_in(store, name);
}

/* ---- segments: writing ------------------------------------------------------ */

static credit_result write_at(
    const cr_txn *txn, uint64_t offset, credit_span bytes, credit_error *err)
{
    for (size_t done = 0; done < bytes.size;) {
        ssize_t n =
            pwrite(txn->segment_fd, bytes.data + done, bytes.size - done, (off_t)(offset + done));
        if (n < 0 && errno == EINTR) { continue; }
        if (n <= 0) { return cr_store_errno(n == 0 ? ENOSPC : errno, "writing a segment", err); }
        done += (size_t)n;
    }
    return CREDIT_OK;
}

static credit_result write_buffer(cr_txn *txn, credit_error *err)
{
    credit_span bytes = {txn->buffer, txn->buffered};
    credit_result rc = write_at(txn, txn->end.offset - txn->buffered, bytes, err);
    if (rc == CREDIT_OK) { txn->buffered = 0; }
    return rc;
}

/* Opens the segment that is appended to and cuts off what no commit promised. */
static credit_result open_segment(cr_txn *txn, credit_error *err)
{
    if (txn->buffer == NULL) {
        txn->buffer = cr_alloc(WRITE_BUFFER);
        if (txn->buffer == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    }
    if (txn->end.segment == 0) { txn->end = (segment_end){1, 0}; }
    cr_store_path_text path = segment_path(txn->store->path, txn->end.segment);
    txn->segment_fd = open(path.text, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (txn->segment_fd < 0) { return cr_store_errno(errno, path.text, err); }
    if (txn->end.offset == 0) { txn->segment_added = true; }
    if (ftruncate(txn->segment_fd, (off_t)txn->end.offset) != 0) {
        return cr_store_errno(errno, path.text, err);
    }
    txn->flushed = txn->end.offset;
    return CREDIT_OK;
}

static credit_result finish_segment(cr_txn *txn, credit_error *err)
{
    if (txn->segment_fd < 0) { return CREDIT_OK; }
    credit_result rc = write_buffer(txn, err);
    if (rc == CREDIT_OK && fdatasync(txn->segment_fd) != 0) {
        rc = cr_store_errno(errno, "syncing a segment", err);
    }
    close(txn->segment_fd);
    txn->segment_fd = -1;
    return rc;
}

/* Makes sure that so many bytes fit into the segment that is open. */
static credit_result make_room(cr_txn *txn, size_t size, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    if (txn->segment_fd >= 0 && txn->end.offset + size > CR_SEGMENT_SIZE) {
        rc = finish_segment(txn, err);
    }
    if (rc != CREDIT_OK || txn->segment_fd >= 0) { return rc; }
    if (txn->end.offset + size > CR_SEGMENT_SIZE) {
        if (txn->end.segment == CR_SEGMENTS_MAX) {
            return cr_fail(err, CREDIT_E_LIMIT, "the store has reached its largest size");
        }
        txn->end = (segment_end){txn->end.segment + 1, 0};
    }
    return open_segment(txn, err);
}

credit_result cr_frames_append(
    cr_txn *txn, credit_span frames, cr_frame_ref *first, credit_error *err)
{
    *first = 0;
    if (frames.size > CR_FRAMES_MAX) {
        return cr_fail(err, CREDIT_E_LIMIT, "records of %zu bytes are too large", frames.size);
    }
    credit_result rc = make_room(txn, frames.size, err);
    bool fits = txn->buffered + frames.size <= WRITE_BUFFER;
    if (rc == CREDIT_OK && !fits) { rc = write_buffer(txn, err); }
    if (rc == CREDIT_OK && frames.size > WRITE_BUFFER) {
        rc = write_at(txn, txn->end.offset, frames, err);
    } else if (rc == CREDIT_OK) {
        memcpy(txn->buffer + txn->buffered, frames.data, frames.size);
        txn->buffered += frames.size;
    }
    if (rc != CREDIT_OK) { return rc; }
    *first = (uint64_t)txn->end.segment << 32 | txn->end.offset;
    txn->end.offset += frames.size;
    return CREDIT_OK;
}

void cr_frame_flush_hint(cr_txn *txn)
{
    uint64_t written = txn->end.offset - txn->buffered;
    if (txn->segment_fd < 0 || written < txn->flushed + FLUSH_STEP) { return; }
    /* Only a hint: durability is fdatasync's business, at the commit. */
    sync_file_range(txn->segment_fd, (off_t)txn->flushed, (off_t)(written - txn->flushed),
        SYNC_FILE_RANGE_WRITE);
    txn->flushed = written;
}

void cr_index_flush_hint(const cr_txn *txn)
{
    int fd;
    if (mdb_env_get_fd(txn->store->env, &fd) == 0) {
        sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    }
}

credit_result cr_segments_sync(cr_txn *txn, credit_error *err)
{
    credit_result rc = finish_segment(txn, err);
    if (rc != CREDIT_OK || !txn->segment_added) { return rc; }
    return cr_store_sync_directory(cr_store_path_in(txn->store->path, "segments").text, err);
}

/* ---- segments: reading ------------------------------------------------------ */

/* Maps a segment on first use and learns how long its file is: bytes behind the
 * end of a file must not be touched, whatever a commit promised. */
static credit_result learn_segment(cr_store *store, uint32_t segment, credit_error *err)
{
    struct stat status;
    cr_store_path_text path = segment_path(store->path, segment);
    int fd = open(path.text, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        return cr_fail(err, CREDIT_E_CORRUPT, "%s: is missing", path.text);
    }
    if (fd < 0 || fstat(fd, &status) != 0) {
        credit_result rc = cr_store_errno(errno, path.text, err);
        if (fd >= 0) { close(fd); }
        return rc;
    }
    credit_result rc = CREDIT_OK;
    if (store->maps[segment] == NULL) {
        void *bytes = mmap(NULL, CR_SEGMENT_SIZE, PROT_READ, MAP_SHARED, fd, 0);
        if (bytes == MAP_FAILED) {
            rc = cr_store_errno(errno, path.text, err);
        } else {
            posix_madvise(bytes, CR_SEGMENT_SIZE, POSIX_MADV_RANDOM);
            store->maps[segment] = bytes;
        }
    }
    close(fd);
    if (rc == CREDIT_OK) {
        __atomic_store_n(&store->sizes[segment], (uint64_t)status.st_size, __ATOMIC_RELEASE);
    }
    return rc;
}

static credit_result map_segment(
    cr_store *store, uint32_t segment, uint64_t end, char **map, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    if (__atomic_load_n(&store->sizes[segment], __ATOMIC_ACQUIRE) < end) {
        pthread_mutex_lock(&store->maps_lock);
        rc = learn_segment(store, segment, err);
        pthread_mutex_unlock(&store->maps_lock);
        if (rc == CREDIT_OK && store->sizes[segment] < end) {
            rc = cr_fail(err, CREDIT_E_CORRUPT, "%s: is shorter than its records",
                segment_path(store->path, segment).text);
        }
    }
    *map = store->maps[segment];
    return rc;
}

/* A frame of this very writer may still be in its buffer. */
static bool frame_in_buffer(cr_txn *txn, uint32_t segment, uint64_t offset, char **bytes)
{
    uint64_t buffer_at = txn->end.offset - txn->buffered;
    if (!txn->writes || segment != txn->end.segment || offset < buffer_at) { return false; }
    *bytes = txn->buffer + (offset - buffer_at);
    return true;
}

credit_result cr_frame_get(
    cr_txn *txn, cr_frame_ref ref, uint32_t size, credit_span *frame, credit_error *err)
{
    *frame = (credit_span){NULL, 0};
    uint32_t segment = (uint32_t)(ref >> 32);
    uint64_t offset = ref & UINT32_MAX;
    uint64_t limit = segment < txn->end.segment ? CR_SEGMENT_SIZE : txn->end.offset;
    if (segment == 0 || segment > txn->end.segment || offset + size > limit) {
        return cr_fail(err, CREDIT_E_CORRUPT, "a record lies outside the segments (%u, %llu)",
            segment, (unsigned long long)offset);
    }
    char *bytes = NULL;
    if (!frame_in_buffer(txn, segment, offset, &bytes)) {
        char *map = NULL;
        credit_result rc = map_segment(txn->store, segment, offset + size, &map, err);
        if (rc != CREDIT_OK) { return rc; }
        bytes = map + offset;
    }
    *frame = (credit_span){bytes, size};
    return CREDIT_OK;
}

void cr_frame_expect(const cr_txn *txn, cr_frame_ref ref, uint32_t size)
{
    enum { LINE = 64, LINES = 3 };
    uint32_t segment = (uint32_t)(ref >> 32);
    uint64_t end = (ref & UINT32_MAX) + size;
    bool known = segment >= 1 && segment <= CR_SEGMENTS_MAX &&
                 __atomic_load_n(&txn->store->sizes[segment], __ATOMIC_ACQUIRE) >= end;
    for (size_t i = 0; known && i < LINES; i++) {
        __builtin_prefetch(txn->store->maps[segment] + (ref & UINT32_MAX) + i * LINE);
    }
}

void cr_segments_unmap(cr_store *store)
{
    for (size_t i = 0; i <= CR_SEGMENTS_MAX; i++) {
        if (store->maps[i] != NULL) { munmap(store->maps[i], CR_SEGMENT_SIZE); }
    }
}

credit_result cr_store_get_size(cr_txn *txn, cr_store_size *size, credit_error *err)
{
    *size = (cr_store_size){0, 0, 0};
    struct stat status;
    cr_store_path_text data = cr_store_path_in(txn->store->path, "index/data.mdb");
    if (stat(data.text, &status) != 0) { return cr_store_errno(errno, data.text, err); }
    size->index_bytes = (uint64_t)status.st_size;
    for (uint32_t i = 1; i <= txn->end.segment; i++) {
        cr_store_path_text path = segment_path(txn->store->path, i);
        if (stat(path.text, &status) != 0) {
            return cr_fail(err, CREDIT_E_CORRUPT, "%s: is missing", path.text);
        }
        size->segment_bytes += (uint64_t)status.st_size;
        size->segments++;
    }
    return CREDIT_OK;
}
