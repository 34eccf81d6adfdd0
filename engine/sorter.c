#include "engine/sorter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/arena.h"

enum { PATH_ROOM = 4096, RUN_BUFFER = 128 << 10 };

/* What is known of keys that are to be sorted. */
typedef struct sorting {
    size_t common;   /* bytes that all begin with */
    size_t key_size; /* bytes */
} sorting;

/* Some bytes of a key, big-endian: their order is that of the bytes. */
typedef struct head {
    uint64_t first, second;
} head;

/* One sorted run in the file, read through a window. */
typedef struct run {
    uint64_t at, end; /* bytes of the file not yet in the window */
    char *window;
    size_t filled, taken; /* bytes */
    uint64_t number;      /* order of adding: breaks ties */
    head head;            /* of its next entry: see sortable */
} run;

struct cr_sorter {
    char directory[PATH_ROOM];
    size_t entry_size, key_size, entries_max;
    char *entries;      /* entries_max of them */
    const char **order; /* pointers into entries, sorted */
    size_t count;
    uint64_t added;
    bool reading;
    size_t next; /* memory only: position in order */
    int fd;      /* -1: everything fitted into memory */
    uint64_t written;
    run *runs;
    size_t run_count, run_capacity;
    run **heap; /* runs that still have entries, least on top */
    size_t heap_size;
    run *current;  /* whose entry was given out last */
    char *example; /* a key of the first run */
    sorting keys;  /* of all runs */
};

/* ---- sorting in memory -------------------------------------------------------- */

/* Keys of one file begin alike. The sixteen bytes behind what all have in common
 * are kept beside the pointer: they decide nearly every comparison, and the entry
 * itself, which is seldom in the cache, is not looked at. */
typedef struct sortable {
    head head;
    const char *entry;
} sortable;

/* How many of the first `most` bytes are the same. */
static size_t same_bytes(const char *a, const char *b, size_t most)
{
    size_t at = 0;
    while (at < most && a[at] == b[at]) { at++; }
    return at;
}

static size_t common_bytes(const char *const *entries, size_t count, size_t key_size)
{
    size_t common = key_size;
    for (size_t i = 1; i < count; i++) { common = same_bytes(entries[0], entries[i], common); }
    return common;
}

static uint64_t eight_bytes(const sorting *s, const char *entry, size_t at)
{
    uint64_t word = 0;
    for (size_t i = at; i < at + sizeof word; i++) {
        word = word << 8 | (i < s->key_size ? (unsigned char)entry[i] : 0);
    }
    return word;
}

static head head_of(const sorting *s, const char *entry)
{
    return (head){eight_bytes(s, entry, s->common), eight_bytes(s, entry, s->common + 8)};
}

/* Negative, 0 or positive. */
static int compare(const sorting *s, const head *x, const char *a, const head *y, const char *b)
{
    if (x->first != y->first) { return x->first < y->first ? -1 : 1; }
    if (x->second != y->second) { return x->second < y->second ? -1 : 1; }
    size_t seen = s->common + sizeof *x;
    return seen >= s->key_size ? 0 : memcmp(a + seen, b + seen, s->key_size - seen);
}

static bool comes_after(const sorting *s, const sortable *a, const sortable *b)
{
    return compare(s, &a->head, a->entry, &b->head, b->entry) > 0;
}

static void merge(
    const sorting *s, const sortable *items, sortable *out, size_t low, size_t middle, size_t high)
{
    size_t a = low, b = middle, to = low;
    while (a < middle && b < high) {
        out[to++] = comes_after(s, &items[a], &items[b]) ? items[b++] : items[a++];
    }
    memcpy(out + to, items + a, (middle - a) * sizeof *out);
    to += middle - a;
    memcpy(out + to, items + b, (high - b) * sizeof *out);
}

/* What comes in few ascending runs, as blocks that were sorted before do, is merged
 * run by run. `bounds` holds where each begins and, last, the end. */
enum { RUNS_MAX = 512 };

/* The number of runs; RUNS_MAX + 1 if there are more than that. */
static size_t find_runs(
    const sorting *s, const sortable *items, size_t count, size_t bounds[RUNS_MAX + 2])
{
    size_t runs = 1;
    bounds[0] = 0;
    for (size_t i = 1; i < count && runs <= RUNS_MAX; i++) {
        if (comes_after(s, &items[i - 1], &items[i])) { bounds[runs++] = i; }
    }
    bounds[runs] = count;
    return runs;
}

static void merge_runs(
    const sorting *s, sortable *items, sortable *spare, size_t *bounds, size_t runs)
{
    while (runs > 1) {
        size_t left = 0;
        for (size_t i = 0; i < runs; i += 2) {
            size_t middle = bounds[i + 1], high = i + 2 <= runs ? bounds[i + 2] : middle;
            merge(s, items, spare, bounds[i], middle, high);
            bounds[left++] = bounds[i];
        }
        bounds[left] = bounds[runs];
        runs = left;
        memcpy(items, spare, bounds[runs] * sizeof *items);
    }
}

/* qsort has no context argument in C11 and is not stable. */
static void merge_sort(const sorting *s, sortable *items, sortable *spare, size_t count)
{
    size_t bounds[RUNS_MAX + 2], runs = find_runs(s, items, count, bounds);
    if (runs <= RUNS_MAX) {
        merge_runs(s, items, spare, bounds, runs);
        return;
    }
    for (size_t width = 1; width < count; width *= 2) {
        for (size_t low = 0; low < count; low += 2 * width) {
            size_t middle = low + width < count ? low + width : count;
            size_t high = low + 2 * width < count ? low + 2 * width : count;
            merge(s, items, spare, low, middle, high);
        }
        memcpy(items, spare, count * sizeof *items);
    }
}

credit_result cr_sort(const char **entries, size_t count, size_t key_size, credit_error *err)
{
    if (count < 2) { return CREDIT_OK; }
    sortable *items = cr_alloc(2 * count * sizeof *items);
    if (items == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    sorting s = {common_bytes(entries, count, key_size), key_size};
    for (size_t i = 0; i < count; i++) {
        items[i] = (sortable){head_of(&s, entries[i]), entries[i]};
    }
    merge_sort(&s, items, items + count, count);
    for (size_t i = 0; i < count; i++) { entries[i] = items[i].entry; }
    cr_free(items);
    return CREDIT_OK;
}

static credit_result sort_memory(cr_sorter *sorter, credit_error *err)
{
    for (size_t i = 0; i < sorter->count; i++) {
        sorter->order[i] = sorter->entries + i * sorter->entry_size;
    }
    return cr_sort(sorter->order, sorter->count, sorter->key_size, err);
}

credit_result cr_sorter_new(const char *directory, size_t entry_size, size_t key_size,
    size_t memory, cr_sorter **out, credit_error *err)
{
    *out = NULL;
    cr_sorter *sorter = cr_alloc(sizeof *sorter);
    if (sorter == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    memset(sorter, 0, sizeof *sorter);
    sorter->fd = -1;
    snprintf(sorter->directory, sizeof sorter->directory, "%s", directory);
    sorter->entry_size = entry_size;
    sorter->key_size = key_size;
    sorter->entries_max = memory / (entry_size + sizeof *sorter->order + 2 * sizeof(sortable));
    if (sorter->entries_max < 16) { sorter->entries_max = 16; }
    sorter->entries = cr_alloc(sorter->entries_max * entry_size);
    sorter->order = cr_alloc(sorter->entries_max * sizeof *sorter->order);
    if (sorter->entries == NULL || sorter->order == NULL) {
        cr_sorter_free(sorter);
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    *out = sorter;
    return CREDIT_OK;
}

void cr_sorter_free(cr_sorter *sorter)
{
    if (sorter == NULL) { return; }
    for (size_t i = 0; i < sorter->run_count; i++) { cr_free(sorter->runs[i].window); }
    if (sorter->fd >= 0) { close(sorter->fd); }
    cr_free(sorter->example);
    cr_free(sorter->runs);
    cr_free(sorter->heap);
    cr_free(sorter->order);
    cr_free(sorter->entries);
    cr_free(sorter);
}

/* ---- spilling -------------------------------------------------------------- */

static credit_result disk_error(int code, credit_error *err)
{
    bool full = code == ENOSPC || code == EDQUOT || code == EIO || code == EFBIG;
    return cr_fail(err, full ? CREDIT_E_FULL : CREDIT_E_IO, "a merge run: %s", strerror(code));
}

static credit_result open_file(cr_sorter *sorter, credit_error *err)
{
    char path[PATH_ROOM + 16];
    snprintf(path, sizeof path, "%s/run-XXXXXX", sorter->directory);
    sorter->fd = mkstemp(path);
    if (sorter->fd < 0) { return disk_error(errno, err); }
    unlink(path);
    return CREDIT_OK;
}

static credit_result write_all(cr_sorter *sorter, const char *bytes, size_t size, credit_error *err)
{
    while (size > 0) {
        ssize_t n = pwrite(sorter->fd, bytes, size, (off_t)sorter->written);
        if (n < 0 && errno == EINTR) { continue; }
        if (n <= 0) { return disk_error(n == 0 ? ENOSPC : errno, err); }
        bytes += n;
        size -= (size_t)n;
        sorter->written += (uint64_t)n;
    }
    return CREDIT_OK;
}

/* What a sorted run's first and last key have in common with the example, all
 * between them have. */
static bool note_keys(cr_sorter *sorter)
{
    if (sorter->count == 0) { return true; }
    const char *first = sorter->order[0], *last = sorter->order[sorter->count - 1];
    if (sorter->example == NULL) {
        sorter->example = cr_alloc(sorter->key_size);
        if (sorter->example == NULL) { return false; }
        memcpy(sorter->example, first, sorter->key_size);
        sorter->keys = (sorting){sorter->key_size, sorter->key_size};
    }
    sorter->keys.common = same_bytes(sorter->example, first, sorter->keys.common);
    sorter->keys.common = same_bytes(sorter->example, last, sorter->keys.common);
    return true;
}

static credit_result spill(cr_sorter *sorter, credit_error *err)
{
    credit_result rc = sorter->fd < 0 ? open_file(sorter, err) : CREDIT_OK;
    if (rc == CREDIT_OK) { rc = sort_memory(sorter, err); }
    if (rc != CREDIT_OK) { return rc; }
    if (!note_keys(sorter) ||
        !cr_grow(&sorter->runs, &sorter->run_capacity, sorter->run_count + 1, sizeof(run))) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    char *buffer = cr_alloc(RUN_BUFFER);
    if (buffer == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    uint64_t start = sorter->written;
    size_t used = 0;
    for (size_t i = 0; rc == CREDIT_OK && i < sorter->count; i++) {
        if (used + sorter->entry_size > RUN_BUFFER) {
            rc = write_all(sorter, buffer, used, err);
            used = 0;
        }
        memcpy(buffer + used, sorter->order[i], sorter->entry_size);
        used += sorter->entry_size;
    }
    if (rc == CREDIT_OK) { rc = write_all(sorter, buffer, used, err); }
    cr_free(buffer);
    if (rc != CREDIT_OK) { return rc; }
    sorter->runs[sorter->run_count] =
        (run){.at = start, .end = sorter->written, .number = sorter->run_count};
    sorter->run_count++;
    sorter->count = 0;
    return CREDIT_OK;
}

credit_result cr_sorter_add(cr_sorter *sorter, const void *entry, credit_error *err)
{
    if (sorter->count == sorter->entries_max) {
        credit_result rc = spill(sorter, err);
        if (rc != CREDIT_OK) { return rc; }
    }
    memcpy(sorter->entries + sorter->count++ * sorter->entry_size, entry, sorter->entry_size);
    sorter->added++;
    return CREDIT_OK;
}

uint64_t cr_sorter_count(const cr_sorter *sorter)
{
    return sorter->added;
}

/* ---- merging ---------------------------------------------------------------- */

static credit_result refill(cr_sorter *sorter, run *r, credit_error *err)
{
    size_t want = RUN_BUFFER / sorter->entry_size * sorter->entry_size;
    if (want > r->end - r->at) { want = (size_t)(r->end - r->at); }
    r->filled = r->taken = 0;
    while (r->filled < want) {
        ssize_t n = pread(sorter->fd, r->window + r->filled, want - r->filled, (off_t)r->at);
        if (n < 0 && errno == EINTR) { continue; }
        if (n <= 0) { return disk_error(n == 0 ? EIO : errno, err); }
        r->filled += (size_t)n;
        r->at += (uint64_t)n;
    }
    return CREDIT_OK;
}

static void look_at_next(const cr_sorter *sorter, run *r)
{
    r->head = head_of(&sorter->keys, r->window + r->taken);
}

static bool run_before(const cr_sorter *sorter, const run *a, const run *b)
{
    int order =
        compare(&sorter->keys, &a->head, a->window + a->taken, &b->head, b->window + b->taken);
    return order != 0 ? order < 0 : a->number < b->number;
}

static void sift_down(cr_sorter *sorter, size_t at)
{
    for (;;) {
        size_t least = at, left = 2 * at + 1, right = left + 1;
        run **heap = sorter->heap;
        if (left < sorter->heap_size && run_before(sorter, heap[left], heap[least])) {
            least = left;
        }
        if (right < sorter->heap_size && run_before(sorter, heap[right], heap[least])) {
            least = right;
        }
        if (least == at) { return; }
        run *swap = heap[at];
        heap[at] = heap[least];
        heap[least] = swap;
        at = least;
    }
}

static credit_result start_merge(cr_sorter *sorter, credit_error *err)
{
    credit_result rc = spill(sorter, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_free(sorter->entries);
    cr_free(sorter->order);
    sorter->entries = NULL;
    sorter->order = NULL;
    sorter->heap = cr_alloc(sorter->run_count * sizeof *sorter->heap);
    if (sorter->heap == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    for (size_t i = 0; rc == CREDIT_OK && i < sorter->run_count; i++) {
        run *r = &sorter->runs[i];
        r->window = cr_alloc(RUN_BUFFER);
        if (r->window == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
        rc = refill(sorter, r, err);
        if (r->filled > 0) {
            look_at_next(sorter, r);
            sorter->heap[sorter->heap_size++] = r;
        }
    }
    for (size_t i = sorter->heap_size; i-- > 0;) { sift_down(sorter, i); }
    return rc;
}

/* Moves past the entry given out last. */
static credit_result advance(cr_sorter *sorter, credit_error *err)
{
    run *r = sorter->current;
    if (r == NULL) { return CREDIT_OK; }
    r->taken += sorter->entry_size;
    if (r->taken == r->filled) {
        credit_result rc = refill(sorter, r, err);
        if (rc != CREDIT_OK) { return rc; }
        if (r->filled == 0) { sorter->heap[0] = sorter->heap[--sorter->heap_size]; }
    }
    if (r->taken < r->filled) { look_at_next(sorter, r); }
    sift_down(sorter, 0);
    return CREDIT_OK;
}

credit_result cr_sorter_next(cr_sorter *sorter, const char **entry, credit_error *err)
{
    *entry = NULL;
    credit_result rc = CREDIT_OK;
    if (!sorter->reading) {
        sorter->reading = true;
        rc = sorter->fd < 0 ? sort_memory(sorter, err) : start_merge(sorter, err);
        if (rc != CREDIT_OK) { return rc; }
    }
    if (sorter->fd < 0) {
        if (sorter->next == sorter->count) { return CREDIT_DONE; }
        *entry = sorter->order[sorter->next++];
        return CREDIT_OK;
    }
    rc = advance(sorter, err);
    if (rc != CREDIT_OK) { return rc; }
    if (sorter->heap_size == 0) {
        sorter->current = NULL;
        return CREDIT_DONE;
    }
    sorter->current = sorter->heap[0];
    *entry = sorter->current->window + sorter->current->taken;
    return CREDIT_OK;
}
