#include "api/verdict.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "engine/judge.h"
#include "engine/text.h"
#include "engine/ways.h"

enum {
    BATCH = 256, /* subjects judged at a time */
    NAME_ROOM = 1024,
    DUE_KEY = 4 + CR_SUBJECT_KEY,
    DUE_MEMORY = 8 << 20 /* for sorting */
};

/* A subject on its way to be judged: what is known of it, and what came of that. */
typedef struct pending {
    cr_file file;
    bool gathered; /* the file is; otherwise it is taken from what was given: */
    cr_touched given;
    cr_subject_key key;
    cr_subject subject;
    char *versions;
    size_t version_room;
    char name[NAME_ROOM]; /* the store's text may move under the judging thread */
    api_verdict after;
    credit_result rc;
    credit_error err;
} pending;

typedef struct batch {
    pending *items; /* BATCH of them */
    size_t count;
    size_t used;          /* of the items, in any turn: the others were never touched */
    _Atomic size_t taken; /* by the threads that judge it, in order */
} batch;

/* What a thread judges with. */
typedef struct seat {
    cr_judge *judge;
    cr_earlier earlier; /* opened by the storing thread, when there is something to look at */
} seat;

struct api_verdicts {
    credit_store *store;
    cr_txn *writer;
    api_timeline timeline;
    const api_policy *policy; /* in force on the day, */
    credit_date until;        /* and at least until before this one */
    seat seats[2];            /* of the storing thread, and of the other */
    cr_range versions, verdicts;
    cr_ways due; /* to be written at the end; closed: each at once */
    uint32_t commit;
    credit_instant at;    /* of the commit */
    uint64_t last_change; /* its number */
    credit_date as_of;
    api_changes changes;
    /* One batch is filled by the storing thread while the other is judged. */
    batch batches[2];
    size_t filling;
    pthread_t thread;
    bool threaded, quitting;
    batch *at_work;     /* being judged; NULL: the judging thread is idle */
    api_verdict before; /* of the subject that is written down */
    char *bytes;        /* of what is written down */
    size_t byte_room;
    pthread_mutex_t lock;
    pthread_cond_t changed;
};

credit_result api_verdicts_expect(api_verdicts *verdicts, uint64_t subjects, credit_error *err)
{
    return cr_table_fill(verdicts->writer, CR_TABLE_VERDICT, subjects, err);
}

static void judge_one(const api_verdicts *v, seat *at, pending *item)
{
    const cr_judgement *judgement = NULL;
    cr_judge_question question = {.as_of = v->as_of, .commit = UINT32_MAX, .bare = true};
    item->rc = item->gathered
                   ? CREDIT_OK
                   : cr_file_take(&item->file, v->policy->pack.pack, &v->policy->registry,
                         &at->earlier, &item->given, v->as_of, &item->err);
    if (item->rc == CREDIT_OK) {
        item->rc = cr_judge_file(at->judge, &item->file, &question, &judgement, &item->err);
    }
    if (item->rc == CREDIT_OK) {
        item->rc = api_verdict_of(judgement, v->policy->number, v->as_of, &item->after, &item->err);
        if (item->after.due > v->until) { item->after.due = v->until; }
    }
}

/* Both threads may be at it: each takes the next subject that nobody has. */
static void judge_batch(const api_verdicts *v, seat *at, batch *b)
{
    for (size_t i; (i = atomic_fetch_add(&b->taken, 1)) < b->count;) {
        judge_one(v, at, &b->items[i]);
    }
}

static void *judge_batches(void *ctx)
{
    api_verdicts *v = ctx;
    pthread_mutex_lock(&v->lock);
    for (;;) {
        while (v->at_work == NULL && !v->quitting) { pthread_cond_wait(&v->changed, &v->lock); }
        if (v->at_work == NULL) { break; }
        pthread_mutex_unlock(&v->lock);
        judge_batch(v, &v->seats[1], v->at_work);
        pthread_mutex_lock(&v->lock);
        v->at_work = NULL;
        pthread_cond_broadcast(&v->changed);
    }
    pthread_mutex_unlock(&v->lock);
    return NULL;
}

/* Helps as long as there is something left to take. */
static void wait_until_judged(api_verdicts *v)
{
    pthread_mutex_lock(&v->lock);
    batch *left = v->at_work;
    pthread_mutex_unlock(&v->lock);
    if (left != NULL) { judge_batch(v, &v->seats[0], left); }
    pthread_mutex_lock(&v->lock);
    while (v->at_work != NULL) { pthread_cond_wait(&v->changed, &v->lock); }
    pthread_mutex_unlock(&v->lock);
}

static void start_judging(api_verdicts *v, batch *b)
{
    if (!v->threaded) { v->threaded = pthread_create(&v->thread, NULL, judge_batches, v) == 0; }
    atomic_store(&b->taken, 0);
    if (!v->threaded) {
        judge_batch(v, &v->seats[0], b);
        return;
    }
    pthread_mutex_lock(&v->lock);
    v->at_work = b;
    pthread_cond_broadcast(&v->changed);
    pthread_mutex_unlock(&v->lock);
}

static bool make_batches(api_verdicts *v)
{
    for (size_t i = 0; i < 2; i++) {
        v->batches[i].items = cr_alloc_zeroed(BATCH, sizeof(pending));
        if (v->batches[i].items == NULL) { return false; }
    }
    return true;
}

/* The judges of the pack that is in force on the day. */
static credit_result choose_policy(api_verdicts *v, credit_error *err)
{
    const api_policy *policy;
    uint32_t number = api_timeline_on(&v->timeline, v->as_of, UINT32_MAX)->number;
    v->until = api_timeline_next(&v->timeline, v->as_of);
    if (v->policy != NULL && v->policy->number == number) { return CREDIT_OK; }
    credit_result rc = api_policy_get(v->store, v->writer, number, &policy, err);
    for (size_t i = 0; rc == CREDIT_OK && i < 2; i++) {
        cr_judge_free(v->seats[i].judge);
        rc = cr_judge_new(policy->pack.pack, &policy->registry, number, &v->seats[i].judge, err);
    }
    v->policy = rc == CREDIT_OK ? policy : NULL;
    return rc;
}

credit_result api_verdicts_new(credit_store *store, cr_txn *writer, uint32_t commit,
    credit_date as_of, const char *tmp, api_verdicts **out, credit_error *err)
{
    *out = NULL;
    api_head head = {0};
    api_verdicts *v = cr_alloc(sizeof *v);
    if (v == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    memset(v, 0, sizeof *v);
    v->store = store;
    v->writer = writer;
    v->commit = commit;
    v->as_of = as_of;
    pthread_mutex_init(&v->lock, NULL);
    pthread_cond_init(&v->changed, NULL);
    credit_result rc = make_batches(v) ? CREDIT_OK : cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    if (rc == CREDIT_OK) { rc = api_timeline_read(writer, &v->timeline, err); }
    if (rc == CREDIT_OK) { rc = choose_policy(v, err); }
    if (rc == CREDIT_OK) { rc = api_head_get(writer, &head, err); }
    if (rc == CREDIT_OK) { rc = api_change_last(writer, &v->last_change, err); }
    v->at = head.at;
    if (rc == CREDIT_OK) { rc = cr_range_open(writer, CR_TABLE_VERSION, &v->versions, err); }
    if (rc == CREDIT_OK) { rc = cr_range_open(writer, CR_TABLE_VERDICT, &v->verdicts, err); }
    if (rc == CREDIT_OK && tmp != NULL) {
        rc = cr_ways_open(&v->due, CR_TABLE_DUE, DUE_KEY, tmp, DUE_MEMORY, err);
    }
    if (rc != CREDIT_OK) {
        api_verdicts_free(v);
        return rc;
    }
    *out = v;
    return CREDIT_OK;
}

static void stop_judging(api_verdicts *v)
{
    if (!v->threaded) { return; }
    wait_until_judged(v);
    pthread_mutex_lock(&v->lock);
    v->quitting = true;
    pthread_cond_broadcast(&v->changed);
    pthread_mutex_unlock(&v->lock);
    pthread_join(v->thread, NULL);
}

void api_verdicts_free(api_verdicts *verdicts)
{
    if (verdicts == NULL) { return; }
    stop_judging(verdicts);
    cr_range_close(&verdicts->versions);
    cr_range_close(&verdicts->verdicts);
    cr_ways_close(&verdicts->due);
    for (size_t i = 0; i < 2; i++) {
        cr_judge_free(verdicts->seats[i].judge);
        cr_earlier_close(&verdicts->seats[i].earlier);
    }
    api_timeline_free(&verdicts->timeline);
    for (size_t i = 0; i < 2; i++) {
        pending *items = verdicts->batches[i].items;
        size_t used = verdicts->batches[i].used;
        for (size_t k = 0; k < used; k++) {
            cr_file_free(&items[k].file);
            cr_free(items[k].versions);
            api_verdict_free(&items[k].after);
        }
        cr_free(items);
    }
    api_verdict_free(&verdicts->before);
    cr_free(verdicts->bytes);
    pthread_cond_destroy(&verdicts->changed);
    pthread_mutex_destroy(&verdicts->lock);
    cr_free(verdicts);
}

api_changes api_verdicts_count(const api_verdicts *verdicts)
{
    return verdicts->changes;
}

static bool same_place(const api_kept_listing *a, const api_kept_listing *b)
{
    return strcmp(a->roster, b->roster) == 0 && a->list == b->list;
}

/* Is the place among the first `count` listings? */
static bool is_among(const api_verdict *verdict, size_t count, const api_kept_listing *place)
{
    for (size_t i = 0; i < count; i++) {
        if (same_place(&verdict->listings[i], place)) { return true; }
    }
    return false;
}

static credit_result note_change(api_verdicts *v, api_change *change, credit_error *err)
{
    change->commit = v->commit;
    change->at = v->at;
    return api_change_put(v->writer, ++v->last_change, change, err);
}

/* Places of `here` that `there` has not: entered or left, one change each, however many
 * records or rules have put the subject there. */
static credit_result note_difference(api_verdicts *v, const cr_subject_key *subject, credit_date on,
    const api_verdict *here, const api_verdict *there, char kind, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < here->listing_count; i++) {
        const api_kept_listing *place = &here->listings[i];
        bool told = is_among(here, i, place);
        if (told || is_among(there, there->listing_count, place)) { continue; }
        api_change change = {.on = on, .subject = *subject, .kind = kind, .listing = *place};
        *(kind == 'e' ? &v->changes.entered : &v->changes.left) += 1;
        rc = note_change(v, &change, err);
    }
    return rc;
}

static credit_result note_changes(api_verdicts *v, const cr_subject_key *subject, credit_date on,
    const api_verdict *before, const api_verdict *after, bool had, credit_error *err)
{
    credit_result rc = note_difference(v, subject, on, before, after, 'l', err);
    if (rc == CREDIT_OK) { rc = note_difference(v, subject, on, after, before, 'e', err); }
    if (rc != CREDIT_OK || !had || strcmp(before->tier, after->tier) == 0) { return rc; }
    api_change change = {.on = on, .subject = *subject, .kind = 't'};
    memcpy(change.tier_before, before->tier, TIER_ROOM);
    memcpy(change.tier_after, after->tier, TIER_ROOM);
    v->changes.tiers++;
    return note_change(v, &change, err);
}

static void due_key(credit_date due, const cr_subject_key *subject, char out[DUE_KEY])
{
    cr_set_u32be(out, cr_date_bias(due));
    memcpy(out + 4, subject->bytes, CR_SUBJECT_KEY);
}

credit_result api_verdict_due_is_noted(cr_txn *txn, const cr_subject_key *subject,
    const api_verdict *verdict, bool *noted, credit_error *err)
{
    char key[DUE_KEY];
    credit_span value;
    *noted = true;
    if (verdict->due == CREDIT_DATE_FOREVER) { return CREDIT_OK; }
    due_key(verdict->due, subject, key);
    credit_result rc = cr_get(txn, CR_TABLE_DUE, (credit_span){key, sizeof key}, &value, err);
    *noted = rc == CREDIT_OK;
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

static credit_result keep_due(api_verdicts *v, const cr_subject_key *subject, bool had,
    credit_date before, credit_date after, credit_error *err)
{
    char key[DUE_KEY];
    if (had && before == after) { return CREDIT_OK; }
    credit_result rc = CREDIT_OK;
    if (had && before != CREDIT_DATE_FOREVER) {
        due_key(before, subject, key);
        rc = cr_delete(v->writer, CR_TABLE_DUE, (credit_span){key, sizeof key}, err);
    }
    if (rc != CREDIT_OK || after == CREDIT_DATE_FOREVER) { return rc; }
    due_key(after, subject, key);
    if (v->due.keys != NULL) { return cr_ways_add(&v->due, key, err); }
    return cr_put(
        v->writer, CR_TABLE_DUE, (credit_span){key, sizeof key}, (credit_span){"", 0}, err);
}

static credit_result encode(
    api_verdicts *v, const api_verdict *verdict, credit_span *bytes, credit_error *err)
{
    size_t size = api_verdict_size(verdict);
    if (!cr_grow(&v->bytes, &v->byte_room, size, 1)) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    api_verdict_encode(verdict, v->bytes);
    *bytes = (credit_span){v->bytes, size};
    return CREDIT_OK;
}

static credit_result put_down(
    api_verdicts *v, credit_span key, const api_verdict *verdict, credit_error *err)
{
    credit_span bytes;
    credit_result rc = encode(v, verdict, &bytes, err);
    return rc == CREDIT_OK ? cr_range_put(&v->verdicts, key, bytes, err) : rc;
}

static credit_result write_down(api_verdicts *v, const pending *item, credit_error *err)
{
    api_verdict *before = &v->before;
    const cr_subject_key *subject = &item->file.key;
    credit_span stored, bytes, key = {subject->bytes, CR_SUBJECT_KEY};
    if (item->rc != CREDIT_OK) {
        if (err != NULL) { *err = item->err; }
        return item->rc;
    }
    /* Of a subject that this commit brought in, nothing was written before. */
    bool is_new = item->file.first_commit == v->commit;
    credit_result rc =
        is_new ? CREDIT_DONE : cr_get(v->writer, CR_TABLE_VERDICT, key, &stored, err);
    bool had = rc == CREDIT_OK;
    if (had) { rc = encode(v, &item->after, &bytes, err); }
    if (had && rc == CREDIT_OK && cr_span_equal(stored, bytes)) { return CREDIT_OK; } /* stands */
    before->listing_count = 0;
    if (had && rc == CREDIT_OK) { rc = api_verdict_decode(stored, before, err); }
    if (rc == CREDIT_DONE) { rc = CREDIT_OK; }
    if (rc == CREDIT_OK) {
        rc = note_changes(v, subject, v->as_of, before, &item->after, had, err);
    }
    if (rc == CREDIT_OK) { rc = keep_due(v, subject, had, before->due, item->after.due, err); }
    return rc == CREDIT_OK ? put_down(v, key, &item->after, err) : rc;
}

static credit_result write_batch(api_verdicts *v, batch *b, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < b->count; i++) {
        rc = write_down(v, &b->items[i], err);
    }
    b->count = 0;
    return rc;
}

/* Hands the filled batch over and writes down the one that was judged meanwhile. */
static credit_result turn(api_verdicts *v, credit_error *err)
{
    batch *filled = &v->batches[v->filling], *judged = &v->batches[1 - v->filling];
    wait_until_judged(v);
    start_judging(v, filled);
    v->filling = 1 - v->filling;
    return write_batch(v, judged, err);
}

/* The first item that is free; it counts when its subject was gathered. */
static pending *next_item(batch *b)
{
    if (b->count == b->used) { b->used++; }
    return &b->items[b->count];
}

/* The batch outlives what the name is borrowed from. */
static void keep_name(pending *item, credit_span *name)
{
    if (name->size > sizeof item->name) { name->size = sizeof item->name; }
    if (name->size > 0) { memcpy(item->name, name->data, name->size); }
    name->data = item->name;
}

static credit_result gather(
    api_verdicts *v, const cr_subject_key *subject, pending *item, credit_error *err)
{
    cr_counting counting;
    credit_result rc = cr_counting_open(v->writer, &counting, err);
    if (rc == CREDIT_OK) {
        rc = cr_file_gather(&item->file, v->policy->pack.pack, &v->policy->registry, &v->versions,
            &counting, subject, v->as_of, UINT32_MAX, err);
    }
    cr_counting_close(&counting);
    keep_name(item, &item->file.subject.name);
    item->gathered = true;
    return rc;
}

static credit_result look_at_store(api_verdicts *v, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < 2; i++) {
        if (v->seats[i].earlier.snapshot != NULL) { continue; }
        rc = cr_earlier_open(&v->seats[i].earlier, v->store->store, err);
    }
    return rc;
}

/* Keeps what was given until somebody judges it. */
static credit_result take(
    api_verdicts *v, const cr_touched *subject, pending *item, credit_error *err)
{
    size_t size = subject->version_count * CR_VERSION_ENTRY;
    if (subject->versions == NULL) { return gather(v, subject->key, item, err); }
    if (!cr_grow(&item->versions, &item->version_room, size, 1)) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    memcpy(item->versions, subject->versions, size);
    item->gathered = false;
    item->key = *subject->key;
    item->subject = *subject->subject;
    item->given = (cr_touched){
        &item->key, &item->subject, item->versions, subject->version_count, subject->stored};
    keep_name(item, &item->subject.name);
    return subject->stored ? look_at_store(v, err) : CREDIT_OK;
}

credit_result api_verdicts_touch(void *ctx, const cr_touched *subject, credit_error *err)
{
    api_verdicts *v = ctx;
    batch *b = &v->batches[v->filling];
    credit_result rc = take(v, subject, next_item(b), err);
    if (rc != CREDIT_OK) { return rc; }
    return ++b->count == BATCH ? turn(v, err) : CREDIT_OK;
}

credit_result api_verdicts_finish(api_verdicts *verdicts, credit_error *err)
{
    credit_result rc = turn(verdicts, err);
    wait_until_judged(verdicts);
    if (rc == CREDIT_OK) {
        rc = write_batch(verdicts, &verdicts->batches[1 - verdicts->filling], err);
    }
    if (rc != CREDIT_OK || verdicts->due.keys == NULL) { return rc; }
    return cr_ways_write(&verdicts->due, verdicts->writer, err);
}

/* ---- the nightly pass ---------------------------------------------------------------- */

credit_result api_verdicts_move(
    api_verdicts *verdicts, credit_date as_of, const cr_subject_key *subject, credit_error *err)
{
    pending *item = next_item(&verdicts->batches[verdicts->filling]);
    verdicts->as_of = as_of;
    credit_result rc = choose_policy(verdicts, err);
    if (rc == CREDIT_OK) { rc = gather(verdicts, subject, item, err); }
    if (rc != CREDIT_OK) { return rc; }
    judge_one(verdicts, &verdicts->seats[0], item);
    return write_down(verdicts, item, err);
}

/* ---- when a pack comes into force ---------------------------------------------------- */

/* What a walk over the subjects does with each that was judged before. */
typedef credit_result (*visit)(api_verdicts *v, const cr_subject_key *subject,
    const api_verdict *kept, uint64_t *judged, credit_error *err);

static credit_result walk_judged(
    api_verdicts *v, visit visit_one, uint64_t *judged, credit_error *err)
{
    cr_range range;
    cr_subject_key subject;
    api_verdict kept = {0};
    credit_result rc = cr_range_open(v->writer, CR_TABLE_SUBJECT, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_range_seek(&range, (credit_span){NULL, 0});
    while (rc == CREDIT_OK && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        credit_span value;
        if (range.key.size != CR_SUBJECT_KEY) {
            rc = cr_fail(err, CREDIT_E_CORRUPT, "a subject's key is damaged");
            break;
        }
        memcpy(subject.bytes, range.key.data, CR_SUBJECT_KEY);
        rc = cr_get(v->writer, CR_TABLE_VERDICT, range.key, &value, err);
        if (rc == CREDIT_OK) { rc = api_verdict_decode(value, &kept, err); }
        if (rc == CREDIT_OK) {
            rc = visit_one(v, &subject, &kept, judged, err);
        } else if (rc == CREDIT_DONE) {
            rc = CREDIT_OK; /* never judged */
        }
    }
    cr_range_close(&range);
    api_verdict_free(&kept);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

static credit_result judge_today(api_verdicts *v, const cr_subject_key *subject,
    const api_verdict *kept, uint64_t *judged, credit_error *err)
{
    static const cr_subject none = {0};
    const cr_touched touched = {subject, &none, NULL, 0, true};
    if (kept->judged_on > v->as_of || kept->pack == v->policy->number) { return CREDIT_OK; }
    *judged += 1;
    return api_verdicts_touch(v, &touched, err);
}

static credit_result shorten(api_verdicts *v, const cr_subject_key *subject,
    const api_verdict *kept, credit_date due, credit_error *err)
{
    api_verdict verdict = *kept;
    verdict.due = due;
    credit_result rc = keep_due(v, subject, true, kept->due, due, err);
    return rc == CREDIT_OK
               ? put_down(v, (credit_span){subject->bytes, CR_SUBJECT_KEY}, &verdict, err)
               : rc;
}

static credit_result bring_in_step(api_verdicts *v, const cr_subject_key *subject,
    const api_verdict *kept, uint64_t *judged, credit_error *err)
{
    if (kept->pack != api_timeline_on(&v->timeline, kept->judged_on, UINT32_MAX)->number) {
        *judged += 1;
        return api_verdicts_move(v, kept->judged_on, subject, err);
    }
    credit_date until = api_timeline_next(&v->timeline, kept->judged_on);
    return kept->due > until ? shorten(v, subject, kept, until, err) : CREDIT_OK;
}

credit_result api_verdicts_overtake(
    api_verdicts *verdicts, credit_date today, uint64_t *judged, credit_error *err)
{
    verdicts->as_of = today;
    credit_result rc = choose_policy(verdicts, err);
    if (rc == CREDIT_OK) { rc = walk_judged(verdicts, judge_today, judged, err); }
    if (rc == CREDIT_OK) { rc = api_verdicts_finish(verdicts, err); }
    return rc == CREDIT_OK ? walk_judged(verdicts, bring_in_step, judged, err) : rc;
}
