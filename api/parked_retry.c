/* Rows that wait are asked again: those whose reason is gone go in, as one batch. */
#include <stdio.h>
#include <string.h>

#include "api/packs.h"
#include "api/verdict.h"
#include "engine/settle.h"

/* Rows of PARKED still to be asked, and subjects to be judged again. */
typedef struct retry {
    credit_store *store;
    cr_settling settling;
    char (*rows)[8];
    size_t row_count, row_room;
    cr_subject_key *subjects;
    size_t subject_count, subject_room;
    cr_admission_counts counts;
    uint32_t went_in;
    bool changed; /* anything that is worth a commit */
    api_batch batch;
} retry;

static credit_result gather_rows(retry *r, credit_error *err)
{
    cr_range range = {0};
    cr_counting counting;
    cr_parked parked;
    bool waits;
    credit_result rc = cr_counting_open(r->settling.writer, &counting, err);
    if (rc == CREDIT_OK) { rc = cr_range_open(r->settling.writer, CR_TABLE_PARKED, &range, err); }
    if (rc == CREDIT_OK) { cr_range_seek(&range, (credit_span){NULL, 0}); }
    while (rc == CREDIT_OK && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        rc = range.key.size == sizeof *r->rows
                 ? cr_parked_decode(range.value, &parked, err)
                 : cr_fail(err, CREDIT_E_CORRUPT, "a waiting row's key is damaged");
        if (rc == CREDIT_OK) {
            rc = cr_parked_waits(&counting, range.key.data, &parked, &waits, err);
        }
        if (rc != CREDIT_OK || !waits) { continue; }
        if (!cr_grow(&r->rows, &r->row_room, r->row_count + 1, sizeof *r->rows)) {
            rc = cr_fail(err, CREDIT_E_NOMEM, "out of memory");
            break;
        }
        memcpy(r->rows[r->row_count++], range.key.data, sizeof *r->rows);
    }
    cr_range_close(&range);
    cr_counting_close(&counting);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* One pass over what still waits; what goes in is taken off. */
static credit_result ask_all(retry *r, credit_error *err)
{
    size_t left = 0;
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < r->row_count; i++) {
        cr_settled_again outcome;
        rc = cr_settle_again(&r->settling, cr_get_u32be(r->rows[i]), cr_get_u32be(r->rows[i] + 4),
            r->went_in + 1, &r->counts, &outcome, err);
        r->went_in += outcome.went_in;
        r->changed = r->changed || outcome.changed || outcome.went_in;
        if (!outcome.went_in) { memmove(r->rows[left++], r->rows[i], sizeof *r->rows); }
    }
    r->row_count = left;
    return rc;
}

/* A row that goes in may make a subject known for which another waits. */
static credit_result ask_until_none_moves(retry *r, credit_error *err)
{
    uint32_t before;
    credit_result rc = CREDIT_OK;
    do {
        before = r->went_in;
        rc = ask_all(r, err);
    } while (rc == CREDIT_OK && r->went_in > before);
    return rc;
}

static credit_result gather_subjects(retry *r, credit_error *err)
{
    char commit[4];
    cr_range range;
    credit_result rc = cr_range_open(r->settling.writer, CR_TABLE_TOUCHED, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_set_u32be(commit, r->settling.commit);
    cr_range_seek(&range, (credit_span){commit, sizeof commit});
    while ((rc = cr_range_next(&range, err)) == CREDIT_OK) {
        if (!cr_grow(&r->subjects, &r->subject_room, r->subject_count + 1, sizeof *r->subjects)) {
            rc = cr_fail(err, CREDIT_E_NOMEM, "out of memory");
            break;
        }
        memcpy(r->subjects[r->subject_count++].bytes, range.key.data + 4, CR_SUBJECT_KEY);
    }
    cr_range_close(&range);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

static credit_result judge_again(retry *r, credit_instant now, credit_error *err)
{
    api_verdicts *verdicts = NULL;
    cr_subject none = {0};
    credit_result rc = gather_subjects(r, err);
    if (rc == CREDIT_OK) {
        rc = api_verdicts_new(r->store, r->settling.writer, r->settling.commit,
            cr_instant_date(now), NULL, &verdicts, err);
    }
    for (size_t i = 0; rc == CREDIT_OK && i < r->subject_count; i++) {
        cr_touched touched = {&r->subjects[i], &none, NULL, 0, true};
        rc = api_verdicts_touch(verdicts, &touched, err);
    }
    if (rc == CREDIT_OK) { rc = api_verdicts_finish(verdicts, err); }
    if (rc == CREDIT_OK) {
        api_changes changes = api_verdicts_count(verdicts);
        r->batch.entered = changes.entered;
        r->batch.left = changes.left;
        r->batch.tiers_changed = changes.tiers;
    }
    api_verdicts_free(verdicts);
    return rc;
}

static void describe(retry *r, const api_head *head)
{
    r->batch.batch = head->batch;
    r->batch.commit = head->commit;
    r->batch.at = head->at;
    r->batch.dated = CREDIT_DATE_NONE;
    snprintf(r->batch.encoding, sizeof r->batch.encoding, "utf-8");
    snprintf(r->batch.file, sizeof r->batch.file, "parked retry");
    r->batch.rows = r->went_in;
    r->batch.added = r->counts.added;
    r->batch.updated = r->counts.updated;
    r->batch.unchanged = r->counts.unchanged;
    r->batch.withdrawn = r->counts.withdrawn;
    r->batch.subjects = r->subject_count;
}

/* Inside the writer; CREDIT_DONE: nothing has changed. */
static credit_result run(retry *r, credit_instant now, credit_error *err)
{
    api_head head;
    const api_policy *policy;
    credit_result rc =
        api_policy_on(r->store, r->settling.writer, cr_instant_date(now), &policy, err);
    if (rc != CREDIT_OK) { return rc; }
    r->settling.pack = policy->pack.pack;
    r->settling.registry = &policy->registry;
    rc = gather_rows(r, err);
    if (rc == CREDIT_OK && r->row_count == 0) { return CREDIT_DONE; }
    if (rc == CREDIT_OK) { rc = api_head_get(r->settling.writer, &head, err); }
    if (rc != CREDIT_OK) { return rc; }
    head.batch++;
    rc = api_head_advance(r->settling.writer, now, policy->number, &head, err);
    if (rc != CREDIT_OK) { return rc; }
    r->settling.commit = head.commit;
    rc = ask_until_none_moves(r, err);
    if (rc != CREDIT_OK || !r->changed) { return rc == CREDIT_OK ? CREDIT_DONE : rc; }
    rc = judge_again(r, now, err);
    describe(r, &head);
    return rc == CREDIT_OK ? api_batch_put(r->settling.writer, &r->batch, err) : rc;
}

credit_result credit_parked_retry(
    credit_store *store, credit_instant now, credit_import_summary *summary, credit_error *err)
{
    if (summary != NULL) { memset(summary, 0, sizeof *summary); }
    if (store == NULL || summary == NULL || now == CREDIT_INSTANT_NONE) {
        return cr_fail(err, CREDIT_E_USAGE, "a store, an instant and a summary are needed");
    }
    retry r = {.store = store,
        .settling = {.crypto = store->crypto,
            .hasher = store->crypto->hasher_new(CR_HASH_SHA256),
            .persons_key = store->has_persons_key ? store->persons_key : NULL}};
    credit_result rc = r.settling.hasher == NULL
                           ? cr_fail(err, CREDIT_E_NOMEM, "out of memory")
                           : cr_writer_begin(store->store, &r.settling.writer, err);
    if (rc == CREDIT_OK) { rc = run(&r, now, err); }
    if (rc == CREDIT_OK) {
        rc = cr_writer_commit(r.settling.writer, err);
        r.settling.writer = NULL;
    }
    if (rc == CREDIT_OK) { api_batch_summary(&r.batch, summary); }
    cr_txn_end(r.settling.writer);
    if (r.settling.hasher != NULL) { store->crypto->hasher_free(r.settling.hasher); }
    cr_free(r.rows);
    cr_free(r.subjects);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}
