/* credit_import: one file, one batch, one transaction, two threads.
 *
 *   reading thread   file → CSV → checks → record → bytes, in blocks
 *   storing thread   (the caller's) blocks → segments, sort, merge, judge, commit
 *
 * A block is finished (digests, what of it is new, and the record decision of what
 * is) by either thread: it goes over unfinished while the storing thread has room,
 * finished when that is behind.
 *
 * 1. The write lock is taken before the file is read, so that batches queue.
 * 2. At most QUEUE_MAX blocks are under way: memory does not depend on the file.
 * 3. The rejects file appears under its name, whole, when the batch is decided and
 *    before it is committed: no batch is without it. Also when every row was refused.
 * 4. Whatever fails, the store stays as it was before the call. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/feed.h"
#include "api/finish.h"
#include "api/packs.h"
#include "api/seal.h"
#include "api/verdict.h"
#include "engine/admit.h"
#include "engine/date.h"
#include "engine/text.h"
#include "loaders/loader.h"
#include "loaders/rejects.h"

enum { QUEUE_MAX = 3 };

typedef struct queue {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    cr_block *blocks[QUEUE_MAX];
    size_t count;
    cr_block *spare[QUEUE_MAX]; /* stored and empty again, to be filled anew */
    size_t spare_count;
    bool closed;  /* the reading thread has no more */
    bool stopped; /* the storing thread wants no more */
} queue;

typedef struct import {
    credit_store *store;
    const api_policy *policy; /* in force on the day of the import */
    const credit_import_options *options;
    cr_source *source;
    cr_registry registry;
    cr_encoder encoder;
    api_finisher reader, storer; /* one a thread */
    cr_rejects *rejects;
    cr_block *block; /* being filled */
    queue queue;
    /* set by the reading thread before it closes the queue */
    credit_result read_result;
    credit_error read_error;
    cr_load_result loaded;
    const cr_catalog *catalog;
    _Atomic uint64_t bytes_done, bytes_total, rows_done;
    /* of the storing thread */
    cr_txn *writer;
    bool frees_waiting;
    bool asked, known; /* did the file come before, as `known_batch`? */
    api_batch known_batch;
} import;

/* ---- the queue between the threads ------------------------------------------- */

static bool queue_is_full(queue *q)
{
    pthread_mutex_lock(&q->lock);
    bool full = q->count == QUEUE_MAX;
    pthread_mutex_unlock(&q->lock);
    return full;
}

static bool queue_push(queue *q, cr_block *block)
{
    pthread_mutex_lock(&q->lock);
    while (q->count == QUEUE_MAX && !q->stopped) { pthread_cond_wait(&q->changed, &q->lock); }
    bool taken = !q->stopped;
    if (taken) { q->blocks[q->count++] = block; }
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
    return taken;
}

/* NULL when the queue is closed and empty. */
static cr_block *queue_pop(queue *q)
{
    cr_block *block = NULL;
    pthread_mutex_lock(&q->lock);
    while (q->count == 0 && !q->closed) { pthread_cond_wait(&q->changed, &q->lock); }
    if (q->count > 0) {
        block = q->blocks[0];
        memmove(q->blocks, q->blocks + 1, --q->count * sizeof *q->blocks);
    }
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
    return block;
}

/* Gives an empty block back for the reading thread. */
static void queue_return(queue *q, cr_block *block)
{
    cr_block_reset(block);
    pthread_mutex_lock(&q->lock);
    bool kept = q->spare_count < QUEUE_MAX;
    if (kept) { q->spare[q->spare_count++] = block; }
    pthread_mutex_unlock(&q->lock);
    if (!kept) { cr_block_free(block); }
}

/* NULL when there is none to spare. */
static cr_block *queue_take_spare(queue *q)
{
    pthread_mutex_lock(&q->lock);
    cr_block *block = q->spare_count == 0 ? NULL : q->spare[--q->spare_count];
    pthread_mutex_unlock(&q->lock);
    return block;
}

static void queue_set(queue *q, bool *flag)
{
    pthread_mutex_lock(&q->lock);
    *flag = true;
    pthread_cond_broadcast(&q->changed);
    pthread_mutex_unlock(&q->lock);
}

/* ---- reading thread ------------------------------------------------------------- */

static credit_result begin(void *ctx, const cr_catalog *catalog, uint16_t catalog_index,
    const cr_profile *profile, credit_span header, credit_error *err)
{
    import *in = ctx;
    (void)catalog_index;
    (void)profile;
    in->catalog = catalog;
    return cr_rejects_begin(in->rejects, header, err);
}

static credit_result hand_over(import *in, credit_error *err)
{
    if (in->block == NULL) { return CREDIT_OK; }
    cr_block *block = in->block;
    in->block = NULL;
    if (queue_is_full(&in->queue)) {
        credit_result rc = api_finish_block(in->store, in->catalog, &in->reader, block, err);
        if (rc != CREDIT_OK) {
            cr_block_free(block);
            return rc;
        }
    }
    if (queue_push(&in->queue, block)) { return CREDIT_OK; }
    cr_block_free(block);
    return cr_fail(err, CREDIT_DONE, "stopped");
}

static credit_result take_record(
    void *ctx, const cr_record *record, credit_span raw, credit_error *err)
{
    import *in = ctx;
    (void)raw;
    if (in->block == NULL) { in->block = queue_take_spare(&in->queue); }
    if (in->block == NULL) {
        in->block = cr_alloc(sizeof *in->block);
        if (in->block == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
        memset(in->block, 0, sizeof *in->block);
    }
    credit_result rc = cr_encoder_add(&in->encoder, record, in->block, err);
    if (rc != CREDIT_OK) { return rc; }
    return cr_block_is_full(in->block) ? hand_over(in, err) : CREDIT_OK;
}

static credit_result take_refused(void *ctx, uint64_t line, credit_span raw,
    const cr_finding *findings, size_t count, credit_error *err)
{
    import *in = ctx;
    return cr_rejects_add(in->rejects, line, raw, count > 0 ? &findings[0] : NULL, err);
}

static credit_result note_progress(void *ctx, uint64_t done, uint64_t total, uint64_t rows)
{
    import *in = ctx;
    atomic_store(&in->bytes_done, done);
    atomic_store(&in->bytes_total, total);
    atomic_store(&in->rows_done, rows);
    return CREDIT_OK;
}

static void *read_file(void *ctx)
{
    import *in = ctx;
    cr_sink sink = {in, begin, take_record, take_refused, note_progress};
    cr_load_options options = {in->policy->pack.pack, cr_span_of(in->options->catalog),
        cr_instant_date(in->options->now), NULL};
    in->read_result = cr_load(in->source, &options, &sink, &in->loaded, &in->read_error);
    if (in->read_result == CREDIT_OK) { in->read_result = hand_over(in, &in->read_error); }
    queue_set(&in->queue, &in->queue.closed);
    cr_source_release(in->source);
    return NULL;
}

/* ---- storing thread --------------------------------------------------------------- */

static credit_result report_progress(const import *in)
{
    if (in->options->progress == NULL) { return CREDIT_OK; }
    int stop = in->options->progress(in->options->progress_ctx, atomic_load(&in->bytes_done),
        atomic_load(&in->bytes_total), atomic_load(&in->rows_done));
    return stop == 0 ? CREDIT_OK : CREDIT_DONE;
}

/* A file is known by its bytes and by the day it was said to be of: a source that says
 * on a later day what it said once before has said something new. */
enum { FILE_KEY = CR_DIGEST_SIZE + 4 };
static void file_key(
    const unsigned char digest[CR_DIGEST_SIZE], credit_date dated, char out[FILE_KEY])
{
    memcpy(out, digest, CR_DIGEST_SIZE);
    cr_set_u32be(out + CR_DIGEST_SIZE, cr_date_bias(dated));
}

/* The batch of a file that came before; CREDIT_DONE if it did not, or was undone. */
static credit_result find_known(const import *in, api_batch *batch, credit_error *err)
{
    char key[FILE_KEY];
    credit_span value;
    cr_txn *txn = in->writer;
    file_key(cr_source_get_info(in->source)->digest, in->options->dated, key);
    credit_result rc = cr_get(txn, CR_TABLE_FILE, (credit_span){key, sizeof key}, &value, err);
    if (rc != CREDIT_OK) { return rc; }
    if (value.size != 4) { return cr_fail(err, CREDIT_E_CORRUPT, "a file entry is damaged"); }
    rc = api_batch_get(txn, cr_get_u32be(value.data), batch, err);
    if (rc == CREDIT_DONE) { rc = cr_fail(err, CREDIT_E_CORRUPT, "a file's batch is missing"); }
    if (rc != CREDIT_OK) { return rc; }
    cr_counting counting;
    rc = cr_counting_open(txn, &counting, err);
    bool counts = rc == CREDIT_OK && cr_commit_counts(&counting, batch->commit, UINT32_MAX);
    cr_counting_close(&counting);
    return rc != CREDIT_OK || counts ? rc : CREDIT_DONE;
}

/* What a batch that is in already amounts to when its file comes again. */
static void as_unchanged(api_batch *batch)
{
    batch->batch = 0;
    batch->unchanged += batch->added + batch->updated + batch->withdrawn;
    batch->added = batch->updated = batch->withdrawn = 0;
    batch->subjects = batch->entered = batch->left = batch->tiers_changed = 0;
}

/* As soon as the file's digest is there, or waiting for it: a file that came before
 * changes nothing, whatever its rows would come to today. */
static credit_result ask_whether_known(import *in, bool wait, credit_error *err)
{
    if (in->asked) { return CREDIT_OK; }
    credit_result rc = cr_source_digest(in->source, wait, err);
    if (rc == CREDIT_DONE) { return CREDIT_OK; }
    if (rc == CREDIT_OK) {
        rc = find_known(in, &in->known_batch, err);
        in->asked = true;
        in->known = rc == CREDIT_OK;
    }
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* Takes blocks until the reading thread is done; on failure drains the queue so
 * that the thread can end. */
static credit_result store_blocks(import *in, cr_admission *admission, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    for (cr_block *block; (block = queue_pop(&in->queue)) != NULL;) {
        if (rc == CREDIT_OK) { rc = ask_whether_known(in, false, err); }
        if (rc == CREDIT_OK && in->known) { rc = CREDIT_DONE; }
        if (rc == CREDIT_OK && !block->finished) {
            rc = api_finish_block(in->store, in->catalog, &in->storer, block, err);
        }
        if (rc == CREDIT_OK) { rc = cr_admission_add(admission, block, err); }
        if (rc == CREDIT_OK) { rc = report_progress(in); }
        queue_return(&in->queue, block);
        if (rc != CREDIT_OK) { queue_set(&in->queue, &in->queue.stopped); }
    }
    return rc;
}

static void free_blocks(import *in)
{
    queue *q = &in->queue;
    cr_block_free(in->block);
    in->block = NULL;
    while (q->count > 0) { cr_block_free(q->blocks[--q->count]); }
    while (q->spare_count > 0) { cr_block_free(q->spare[--q->spare_count]); }
}

static credit_result run_threads(import *in, cr_admission *admission, credit_error *err)
{
    pthread_t reader;
    int code = pthread_create(&reader, NULL, read_file, in);
    if (code != 0) { return cr_fail(err, CREDIT_E_NOMEM, "no second thread: %s", strerror(code)); }
    credit_result rc = store_blocks(in, admission, err);
    pthread_join(reader, NULL);
    free_blocks(in); /* sorting and judging want the memory */
    credit_result asked = ask_whether_known(in, true, err);
    if (asked != CREDIT_OK || in->known) { return asked == CREDIT_OK ? CREDIT_DONE : asked; }
    if (rc == CREDIT_OK && in->read_result != CREDIT_OK) {
        rc = in->read_result;
        if (err != NULL) { *err = in->read_error; }
    }
    return rc;
}

/* What orders the versions of the file's records. basis: decisions 17 */
static const char *ordered_by(const import *in)
{
    if (in->encoder.rows_say) { return "source"; }
    return in->options->dated != CREDIT_DATE_NONE ? "dated" : "arrival";
}

/* Rows that wait may go in now: who a subject is, or whether its code stands, has been
 * said anew. */
static credit_result ask_whether_frees(import *in, const api_batch *batch, credit_error *err)
{
    uint64_t waiting = 0;
    if (in->catalog->kind == CR_CATALOG_RECORD) { return CREDIT_OK; }
    credit_result rc = api_count_waiting(in->writer, 0, &waiting, err);
    if (rc != CREDIT_OK) { return rc; }
    in->frees_waiting = waiting > batch->parked &&
                        batch->added + batch->updated + batch->withdrawn > 0 &&
                        !in->options->dry_run;
    return CREDIT_OK;
}

static void fill_summary(const import *in, const api_batch *batch, credit_import_summary *summary)
{
    api_batch_summary(batch, summary);
    summary->known = in->known;
    summary->frees_waiting = in->frees_waiting;
    snprintf(summary->ordered_by, sizeof summary->ordered_by, "%s", ordered_by(in));
    if (in->rejects != NULL) {
        snprintf(summary->rejects, sizeof summary->rejects, "%s", cr_rejects_path(in->rejects));
    }
}

static void describe_batch(const import *in, const char *path, api_batch *batch)
{
    const cr_source_info *info = cr_source_get_info(in->source);
    const char *name = strrchr(path, '/');
    snprintf(batch->file, sizeof batch->file, "%s", name == NULL ? path : name + 1);
    snprintf(batch->encoding, sizeof batch->encoding, "%s", info->encoding);
    batch->dated = in->options->dated;
}

static credit_result record_batch(cr_txn *writer, const api_batch *batch, credit_error *err)
{
    char number[4], key[FILE_KEY];
    cr_set_u32be(number, batch->batch);
    file_key(batch->digest, batch->dated, key);
    credit_result rc = api_batch_put(writer, batch, err);
    if (rc != CREDIT_OK) { return rc; }
    return cr_put(writer, CR_TABLE_FILE, (credit_span){key, sizeof key},
        (credit_span){number, sizeof number}, err);
}

static void count_rows(const import *in, const cr_admission_counts *counts,
    const api_changes *changes, api_batch *batch)
{
    if (in->catalog != NULL) {
        snprintf(batch->catalog, sizeof batch->catalog, "%.*s", (int)in->catalog->name.size,
            in->catalog->name.data);
    }
    batch->rows = in->loaded.rows;
    batch->rejected = in->loaded.refused;
    batch->warnings = in->loaded.warnings + counts->warnings;
    batch->late = in->loaded.late;
    batch->late_unknown = in->loaded.late_unknown;
    batch->added = counts->added;
    batch->updated = counts->updated;
    batch->unchanged = counts->unchanged;
    batch->withdrawn = counts->withdrawn;
    batch->parked = counts->parked;
    batch->subjects = counts->subjects;
    batch->entered = changes->entered;
    batch->left = changes->left;
    batch->tiers_changed = changes->tiers;
}

/* Reads, admits and judges the file inside an open writer. */
static credit_result import_into(import *in, api_batch *batch, credit_error *err)
{
    char tmp[PATH_ROOM + 8];
    cr_admission *admission = NULL;
    api_verdicts *verdicts = NULL;
    cr_admission_counts counts = {0};
    snprintf(tmp, sizeof tmp, "%s/tmp", in->store->path);
    credit_date today = cr_instant_date(in->options->now);
    credit_result rc =
        api_verdicts_new(in->store, in->writer, batch->commit, today, tmp, &verdicts, err);
    cr_admission_options options = {in->writer, &in->storer.earlier, in->policy->pack.pack,
        &in->policy->registry, batch->commit, batch->batch, false, tmp, CR_SORT_MEMORY,
        api_verdicts_touch, verdicts};
    if (rc == CREDIT_OK) { rc = cr_admission_new(&options, &admission, err); }
    if (rc == CREDIT_OK) { rc = run_threads(in, admission, err); }
    if (rc == CREDIT_OK) {
        memcpy(batch->digest, cr_source_get_info(in->source)->digest, CR_DIGEST_SIZE);
    }
    if (rc == CREDIT_OK) {
        rc = api_verdicts_expect(verdicts, cr_admission_subjects(admission), err);
    }
    if (rc == CREDIT_OK) { rc = cr_admission_finish(admission, in->catalog, &counts, err); }
    if (rc == CREDIT_OK) { rc = api_verdicts_finish(verdicts, err); }
    if (rc == CREDIT_OK) {
        api_changes changes = api_verdicts_count(verdicts);
        count_rows(in, &counts, &changes, batch);
        if (batch->rows > 0 && batch->rejected == batch->rows) {
            rc = cr_fail(err, CREDIT_E_REJECTED, "every row was refused (%llu)",
                (unsigned long long)batch->rows);
        } else if (batch->rows == 0) {
            rc = cr_fail(err, CREDIT_E_DATA, "there is a header and no row");
        }
    }
    if (rc == CREDIT_OK) { rc = ask_whether_frees(in, batch, err); }
    cr_admission_free(admission);
    api_verdicts_free(verdicts);
    return rc;
}

/* Once there is a writer, the pack in force is the one that will be when it commits. */
static credit_result choose_policy(import *in, credit_error *err)
{
    credit_date today = cr_instant_date(in->options->now);
    credit_result rc = api_policy_on(in->store, in->writer, today, &in->policy, err);
    if (rc == CREDIT_OK) { rc = api_finisher_open(in->store, in->policy, &in->reader, err); }
    if (rc == CREDIT_OK) { rc = api_finisher_open(in->store, in->policy, &in->storer, err); }
    if (rc != CREDIT_OK) { return rc; }
    in->encoder.registry = &in->policy->registry;
    in->encoder.frames.hasher = in->reader.hasher;
    return CREDIT_OK;
}

static credit_result prepare(import *in, const char *path, credit_error *err)
{
    credit_store *store = in->store;
    pthread_mutex_init(&in->queue.lock, NULL);
    pthread_cond_init(&in->queue.changed, NULL);
    in->encoder.received_on = cr_instant_date(in->options->now);
    in->encoder.dated = in->options->dated;
    in->encoder.frames.crypto = store->crypto;
    in->encoder.frames.cipher =
        strcmp(store->suite, "sm2") == 0 ? CR_CIPHER_SM4_CTR_HMAC_SM3 : CR_CIPHER_AES256_GCM;
    in->encoder.frames.persons_key = store->has_persons_key ? store->persons_key : NULL;
    credit_result rc = cr_source_open(path, store->crypto, &in->source, err);
    if (rc != CREDIT_OK) { return rc; }
    return cr_rejects_new(
        path, in->options->rejects, cr_source_get_coding(in->source), &in->rejects, err);
}

static void release(import *in)
{
    cr_txn_end(in->writer);
    free_blocks(in);
    cr_rejects_free(in->rejects);
    cr_source_close(in->source);
    api_finisher_close(in->store, &in->reader);
    api_finisher_close(in->store, &in->storer);
    cr_frame_writer_free(&in->encoder.frames);
    pthread_cond_destroy(&in->queue.changed);
    pthread_mutex_destroy(&in->queue.lock);
}

/* Commits what was imported, unless it is only tried. The rejects file has its name
 * before: a batch that is in is known, and would never write it again. */
static credit_result conclude(import *in, api_batch *batch, credit_result rc, credit_error *err)
{
    bool commits = !in->options->dry_run;
    if (rc == CREDIT_OK && commits) { rc = record_batch(in->writer, batch, err); }
    if (rc == CREDIT_OK || rc == CREDIT_E_REJECTED) {
        credit_result kept = cr_rejects_keep(in->rejects, rc == CREDIT_OK ? err : NULL);
        if (rc == CREDIT_OK) { rc = kept; }
    }
    if (rc == CREDIT_OK && commits) {
        rc = cr_writer_commit(in->writer, err);
        in->writer = NULL;
        if (rc != CREDIT_OK) { cr_rejects_drop(in->rejects); }
    }
    if (!commits || rc != CREDIT_OK) { batch->batch = 0; }
    return rc;
}

credit_result credit_import(credit_store *store, const char *path,
    const credit_import_options *options, credit_import_summary *summary, credit_error *err)
{
    if (summary != NULL) { memset(summary, 0, sizeof *summary); }
    if (store == NULL || path == NULL || options == NULL || summary == NULL ||
        options->now == CREDIT_INSTANT_NONE) {
        return cr_fail(
            err, CREDIT_E_USAGE, "a store, a path, options with `now` and a summary are needed");
    }
    if (api_is_sealed(path)) { return api_feed_import(store, path, options, summary, err); }
    if (options->dated != CREDIT_DATE_NONE && options->dated > cr_instant_date(options->now)) {
        return cr_fail(err, CREDIT_E_USAGE, "the file's date lies in the future");
    }
import in = {.store = store, .options = options };
    api_batch batch = {0};
    api_head head;
    credit_result rc = prepare(&in, path, err);
    if (rc == CREDIT_OK) { rc = cr_writer_begin(store->store, &in.writer, err); }
    if (rc == CREDIT_OK) { rc = choose_policy(&in, err); }
    if (rc == CREDIT_OK) { rc = cr_earlier_open(&in.reader.earlier, store->store, err); }
    if (rc == CREDIT_OK) { rc = cr_earlier_open(&in.storer.earlier, store->store, err); }
    if (rc == CREDIT_OK) { rc = api_head_get(in.writer, &head, err); }
    if (rc == CREDIT_OK) {
        head.batch++;
        rc = api_head_advance(in.writer, options->now, in.policy->number, &head, err);
        batch.batch = head.batch;
        batch.commit = head.commit;
        batch.at = head.at;
        in.encoder.commit = head.commit;
        describe_batch(&in, path, &batch);
        if (rc == CREDIT_OK) { rc = import_into(&in, &batch, err); }
    }
    if (in.known) {
        batch = in.known_batch;
        as_unchanged(&batch);
        rc = CREDIT_OK;
    } else {
        rc = conclude(&in, &batch, rc, err);
    }
    if (rc == CREDIT_OK || rc == CREDIT_E_REJECTED) { fill_summary(&in, &batch, summary); }
    release(&in);
    return rc;
}

credit_result credit_import_summary_write(
    const credit_import_summary *summary, const char *file, credit_write write, void *ctx)
{
    if (summary == NULL || write == NULL) { return CREDIT_E_USAGE; }
    const struct {
        const char *name;
        uint64_t value;
    } counts[] = {{"rows", summary->rows}, {"added", summary->added}, {"updated", summary->updated},
        {"unchanged", summary->unchanged}, {"withdrawn", summary->withdrawn},
        {"parked", summary->parked}, {"rejected", summary->rejected},
        {"warnings", summary->warnings}, {"late", summary->late},
        {"late_unknown", summary->late_unknown}, {"subjects", summary->subjects}};
    char seconds[32];
    cr_canon json;
    cr_canon_init(&json);
    json.sorted = false;
    cr_canon_object(&json);
    cr_canon_key(&json, "batch");
    if (summary->batch == 0) {
        cr_canon_null(&json);
    } else {
        cr_canon_integer(&json, (int64_t)summary->batch);
    }
    cr_canon_key(&json, "catalog");
    cr_canon_text(&json, summary->catalog);
    cr_canon_key(&json, "file");
    cr_canon_text(&json, file);
    cr_canon_key(&json, "encoding");
    cr_canon_text(&json, summary->encoding);
    cr_canon_key(&json, "sha256");
    cr_canon_text(&json, summary->sha256);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        cr_canon_key(&json, counts[i].name);
        cr_canon_integer(&json, (int64_t)counts[i].value);
    }
    cr_canon_key(&json, "changes");
    cr_canon_object(&json);
    cr_canon_key(&json, "entered");
    cr_canon_integer(&json, (int64_t)summary->entered);
    cr_canon_key(&json, "left");
    cr_canon_integer(&json, (int64_t)summary->left);
    cr_canon_key(&json, "tiers");
    cr_canon_integer(&json, (int64_t)summary->tiers_changed);
    cr_canon_end_object(&json);
    cr_canon_key(&json, "known");
    cr_canon_bool(&json, summary->known);
    cr_canon_key(&json, "ordered_by");
    cr_canon_text(&json, summary->ordered_by);
    cr_canon_key(&json, "withheld");
    cr_canon_integer(&json, (int64_t)summary->withheld);
    cr_canon_key(&json, "rejects");
    cr_canon_text(&json, summary->rejects[0] == '\0' ? NULL : summary->rejects);
    cr_canon_key(&json, "checkpoint");
    cr_canon_null(&json); /* signed tree heads come with the ledger */
    cr_canon_key(&json, "seconds");
    snprintf(seconds, sizeof seconds, "%.3f", summary->seconds);
    cr_canon_raw(&json, cr_span_of(seconds));
    cr_canon_end_object(&json);
    credit_result rc = api_send(&json, write, ctx, NULL);
    cr_canon_free(&json);
    return rc;
}
