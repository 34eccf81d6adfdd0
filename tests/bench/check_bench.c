/* How long a check takes, beside a bare read of the same records.
 *
 * check_bench STORE MATTER AS_OF ROUNDS SAMPLES
 *
 * Subjects are drawn uniformly over those of the store. Every call is timed by
 * itself; blocks of the measured ways alternate, in turning order, over the same
 * draws, so that what else the machine does hits all of them alike:
 *
 *   check    credit_check of the library, reasons on
 *   records  LMDB range of the subject's version keys, and every byte of every
 *            frame they name: what anybody must read who looks at the records
 *   headers  the same range, keys and headers only: the least that can be asked
 *
 * The bare ways read an LMDB environment of their own, STORE.bare, made before anything
 * is measured: the keys and headers of the store, put in order into plain tables, whose
 * pages are then as full as they can be. They share no line with the engine.
 *
 * Prints one line per round and way: round, way, p50, p99, p99.9 in ns, bytes
 * read. A comment line says what was answered, and what the clock itself costs. */
#include <credit/credit.h>
#include <fcntl.h>
#include <inttypes.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "engine/store.h"

/* Offsets and sizes of FORMAT.md 1.1. */
enum {
    SUBJECT_KEY = 19,
    UNIFIED_CODE = 1,
    VERSION_VALUE = 128,
    AT_FRAME_SIZE = 60,
    AT_FRAME_PLACE = 64
};
enum { BLOCK = 1000, SEGMENTS_MAX = 64, WAYS = 3 };

typedef struct bare_store {
    char path[4200];
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi subjects, versions;
    MDB_cursor *cursor;
    const char *segments[SEGMENTS_MAX + 1]; /* by number, mapped whole */
    uint64_t segment_size[SEGMENTS_MAX + 1];
} bare_store;

typedef struct drawn {
    credit_subject subject;
    char key[SUBJECT_KEY];
} drawn;

typedef struct bench {
    bare_store bare;
    credit_store *store;
    credit_view *view;
    credit_question question;
    drawn *subjects;
    size_t subject_count;
    uint64_t answers[3]; /* by credit_decision */
    uint64_t bytes;      /* read by the way being measured */
    uint64_t sum;        /* of what was read, so that it cannot be left out */
} bench;

static void die(const char *what, const char *why)
{
    fprintf(stderr, "check_bench: %s: %s\n", what, why);
    exit(3);
}

static void must_mdb(int code, const char *what)
{
    if (code != 0) { die(what, mdb_strerror(code)); }
}

static void must(credit_result rc, const credit_error *err)
{
    if (rc != CREDIT_OK) { die(credit_result_name(rc), err->message); }
}

static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

/* ---- the bare store ----------------------------------------------------------- */

static void map_segments(bare_store *bare, const char *path)
{
    for (unsigned i = 1; i <= SEGMENTS_MAX; i++) {
        char name[4200];
        struct stat status;
        snprintf(name, sizeof name, "%s/segments/%08u.seg", path, i);
        int fd = open(name, O_RDONLY);
        if (fd < 0) { return; }
        if (fstat(fd, &status) != 0 || status.st_size == 0) { die(name, "cannot be read"); }
        void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, fd, 0);
        if (bytes == MAP_FAILED) { die(name, "cannot be mapped"); }
        close(fd);
        bare->segments[i] = bytes;
        bare->segment_size[i] = (uint64_t)status.st_size;
    }
}

static void copy_table(cr_txn *from, cr_table table, MDB_txn *to, const char *name, MDB_dbi *dbi)
{
    cr_range range;
    credit_error err = CREDIT_ERROR_INIT;
    credit_result rc = cr_range_open(from, table, &range, &err);
    must(rc, &err);
    must_mdb(mdb_dbi_open(to, name, MDB_CREATE, dbi), name);
    cr_range_seek(&range, (credit_span){NULL, 0});
    while ((rc = cr_range_next(&range, &err)) == CREDIT_OK) {
        MDB_val key = {range.key.size, (void *)(uintptr_t)range.key.data};
        MDB_val value = {range.value.size, (void *)(uintptr_t)range.value.data};
        must_mdb(mdb_put(to, *dbi, &key, &value, MDB_APPEND), name);
    }
    if (rc != CREDIT_DONE) { must(rc, &err); }
    cr_range_close(&range);
}

static void open_bare(bare_store *bare, const char *path)
{
    cr_store *store;
    cr_txn *snapshot;
    MDB_txn *txn;
    credit_error err = CREDIT_ERROR_INIT;
    snprintf(bare->path, sizeof bare->path, "%s.bare", path);
    if (mkdir(bare->path, 0700) != 0) { die(bare->path, "cannot be made"); }
    must(cr_store_open(path, true, &store, &err), &err);
    must(cr_snapshot_begin(store, &snapshot, &err), &err);
    must_mdb(mdb_env_create(&bare->env), "mdb_env_create");
    must_mdb(mdb_env_set_maxdbs(bare->env, 4), "mdb_env_set_maxdbs");
    must_mdb(mdb_env_set_mapsize(bare->env, (size_t)1 << 36), "mdb_env_set_mapsize");
    must_mdb(mdb_env_open(bare->env, bare->path, MDB_NOSYNC | MDB_NORDAHEAD, 0600), bare->path);
    must_mdb(mdb_txn_begin(bare->env, NULL, 0, &txn), "mdb_txn_begin");
    copy_table(snapshot, CR_TABLE_SUBJECT, txn, "subject", &bare->subjects);
    copy_table(snapshot, CR_TABLE_VERSION, txn, "version", &bare->versions);
    must_mdb(mdb_txn_commit(txn), "mdb_txn_commit");
    cr_txn_end(snapshot);
    cr_store_close(store); /* before the library opens it: a process may not twice */
    must_mdb(mdb_txn_begin(bare->env, NULL, MDB_RDONLY, &bare->txn), "mdb_txn_begin");
    must_mdb(mdb_cursor_open(bare->txn, bare->versions, &bare->cursor), "version");
    map_segments(bare, path);
}

static void drop_bare(bare_store *bare)
{
    static const char *const files[] = {"data.mdb", "lock.mdb"};
    mdb_env_close(bare->env);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char name[4300];
        snprintf(name, sizeof name, "%s/%s", bare->path, files[i]);
        unlink(name);
    }
    rmdir(bare->path);
}

static uint64_t sum_bytes(const char *bytes, size_t size)
{
    uint64_t sum = 0, word = 0;
    size_t whole = size / sizeof word * sizeof word;
    for (size_t i = 0; i < whole; i += sizeof word) {
        memcpy(&word, bytes + i, sizeof word);
        sum += word;
    }
    for (size_t i = whole; i < size; i++) { sum += (unsigned char)bytes[i]; }
    return sum;
}

static void read_frame(bench *b, const char *header)
{
    uint32_t size;
    uint64_t place;
    memcpy(&size, header + AT_FRAME_SIZE, sizeof size); /* little-endian, as x86 and ARM are */
    memcpy(&place, header + AT_FRAME_PLACE, sizeof place);
    uint64_t segment = place >> 32, offset = place & UINT32_MAX;
    if (segment == 0 || segment > SEGMENTS_MAX || offset + size > b->bare.segment_size[segment]) {
        die("a frame", "lies outside the segments");
    }
    b->sum += sum_bytes(b->bare.segments[segment] + offset, size);
    b->bytes += size;
}

static void read_versions(bench *b, const drawn *subject, bool frames)
{
    MDB_val key = {SUBJECT_KEY, (void *)(uintptr_t)subject->key}, value;
    int code = mdb_cursor_get(b->bare.cursor, &key, &value, MDB_SET_RANGE);
    while (code == 0 && memcmp(key.mv_data, subject->key, SUBJECT_KEY) == 0) {
        if (value.mv_size != VERSION_VALUE) { die("a version header", "has another size"); }
        b->sum += sum_bytes(key.mv_data, key.mv_size) + sum_bytes(value.mv_data, value.mv_size);
        b->bytes += key.mv_size + value.mv_size;
        if (frames) { read_frame(b, value.mv_data); }
        code = mdb_cursor_get(b->bare.cursor, &key, &value, MDB_NEXT);
    }
    if (code != 0 && code != MDB_NOTFOUND) { must_mdb(code, "version"); }
}

/* ---- the ways ------------------------------------------------------------------- */

static void way_check(bench *b, const drawn *subject)
{
    credit_error err = CREDIT_ERROR_INIT;
    const credit_answer *answer = NULL;
    must(credit_check(b->view, &subject->subject, &b->question, &answer, &err), &err);
    b->answers[answer->decision]++;
    b->sum += answer->reason_count;
}

static void way_records(bench *b, const drawn *subject)
{
    read_versions(b, subject, true);
}

static void way_headers(bench *b, const drawn *subject)
{
    read_versions(b, subject, false);
}

static const struct {
    const char *name;
    void (*run)(bench *, const drawn *);
} ways[WAYS] = {{"check", way_check}, {"records", way_records}, {"headers", way_headers}};

/* ---- subjects -------------------------------------------------------------------- */

static void gather_subjects(bench *b)
{
    MDB_cursor *cursor;
    MDB_stat stat;
    MDB_val key, value;
    must_mdb(mdb_stat(b->bare.txn, b->bare.subjects, &stat), "subject");
    b->subjects = calloc(stat.ms_entries + 1, sizeof *b->subjects);
    if (b->subjects == NULL) { die("subjects", "out of memory"); }
    must_mdb(mdb_cursor_open(b->bare.txn, b->bare.subjects, &cursor), "subject");
    const credit_pack *pack = credit_store_get_pack(b->store);
    int code = mdb_cursor_get(cursor, &key, &value, MDB_FIRST);
    for (; code == 0; code = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) {
        const char *bytes = key.mv_data;
        if (key.mv_size != SUBJECT_KEY || bytes[0] != UNIFIED_CODE) { continue; }
        char text[SUBJECT_KEY] = "";
        credit_error err = CREDIT_ERROR_INIT;
        drawn *subject = &b->subjects[b->subject_count++];
        memcpy(text, bytes + 1, SUBJECT_KEY - 1);
        memcpy(subject->key, bytes, SUBJECT_KEY);
        must(credit_subject_parse(pack, text, &subject->subject, &err), &err);
    }
    mdb_cursor_close(cursor);
    if (b->subject_count == 0) { die("the store", "has no company"); }
}

/* ---- measuring --------------------------------------------------------------------- */

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static uint32_t percentile(const uint32_t *sorted, size_t count, double part)
{
    size_t at = (size_t)(part * (double)count);
    return sorted[at < count ? at : count - 1];
}

static void time_block(bench *b, unsigned way, const uint32_t *draws, size_t count, uint32_t *times)
{
    for (size_t i = 0; i < count; i++) {
        const drawn *subject = &b->subjects[draws[i]];
        uint64_t started = now_ns();
        ways[way].run(b, subject);
        uint64_t taken = now_ns() - started;
        times[i] = taken < UINT32_MAX ? (uint32_t)taken : UINT32_MAX;
    }
}

/* One round: the same draws for every way, block by block, each way first in turn. */
static void run_round(bench *b, unsigned round, size_t samples, uint32_t *times[WAYS])
{
    uint64_t state = round, bytes[WAYS] = {0};
    uint32_t draws[BLOCK];
    size_t block = 0;
    for (size_t done = 0; done < samples; done += BLOCK, block++) {
        size_t count = samples - done < BLOCK ? samples - done : BLOCK;
        for (size_t i = 0; i < count; i++) {
            draws[i] = (uint32_t)(next_random(&state) % b->subject_count);
        }
        for (unsigned turn = 0; turn < WAYS; turn++) {
            unsigned way = (unsigned)((block + turn) % WAYS);
            b->bytes = 0;
            time_block(b, way, draws, count, times[way] + done);
            bytes[way] += b->bytes;
        }
    }
    for (unsigned way = 0; way < WAYS; way++) {
        if (round == 0) { continue; } /* warms up what it touches, and is not shown */
        qsort(times[way], samples, sizeof *times[way], by_value);
        printf("%u %s %" PRIu32 " %" PRIu32 " %" PRIu32 " %" PRIu64 "\n", round, ways[way].name,
            percentile(times[way], samples, 0.5), percentile(times[way], samples, 0.99),
            percentile(times[way], samples, 0.999), bytes[way]);
    }
}

static double clock_cost_ns(void)
{
    enum { CALLS = 100000 };
    uint64_t started = now_ns();
    for (unsigned i = 0; i < CALLS; i++) { (void)now_ns(); }
    return (double)(now_ns() - started) / CALLS;
}

static void open_all(bench *b, char **argv)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_store_options options = CREDIT_STORE_OPTIONS_INIT;
    options.read_only = true;
    b->question = (credit_question)CREDIT_QUESTION_INIT;
    b->question.matter = argv[2];
    must(credit_date_parse(argv[3], &b->question.as_of, &err), &err);
    open_bare(&b->bare, argv[1]);
    must(credit_store_open(argv[1], &options, &b->store, &err), &err);
    must(credit_view_open(b->store, &b->view, &err), &err);
    gather_subjects(b);
}

int main(int argc, char **argv)
{
    if (argc != 6) {
        fprintf(stderr, "usage: check_bench STORE MATTER AS_OF ROUNDS SAMPLES\n");
        return 2;
    }
    static bench b;
    uint32_t *times[WAYS];
    unsigned rounds = (unsigned)strtoul(argv[4], NULL, 10);
    size_t samples = strtoul(argv[5], NULL, 10);
    for (unsigned way = 0; way < WAYS; way++) {
        times[way] = calloc(samples + 1, sizeof *times[way]);
        if (times[way] == NULL) { die("samples", "out of memory"); }
    }
    open_all(&b, argv);
    for (unsigned round = 0; round <= rounds; round++) { run_round(&b, round, samples, times); }
    printf("# %zu subjects; eligible %" PRIu64 ", review %" PRIu64 ", ineligible %" PRIu64
           "; clock %.0f ns a call; sum %" PRIx64 "\n",
        b.subject_count, b.answers[CREDIT_ELIGIBLE], b.answers[CREDIT_REVIEW],
        b.answers[CREDIT_INELIGIBLE], clock_cost_ns(), b.sum);
    credit_view_close(b.view);
    credit_store_close(b.store);
    drop_bare(&b.bare);
    for (unsigned way = 0; way < WAYS; way++) { free(times[way]); }
    free(b.subjects);
    return 0;
}
