/* credit_batch_undo: a batch that counts no more, as a batch of its own. */
#include <stdio.h>
#include <string.h>

#include "api/packs.h"
#include "api/verdict.h"
#include "engine/date.h"
#include "engine/undo.h"

enum { CONCERNED_MEMORY = 16 << 20 };

typedef struct undoing {
    credit_store *store;
    cr_undoing of;
    api_batch undone, batch;
    cr_concerned concerned;
    api_verdicts *verdicts;
    char tmp[PATH_ROOM + 8];
} undoing;

static credit_result find_batch(undoing *u, uint64_t number, credit_error *err)
{
    cr_counting counting;
    credit_result rc = number > UINT32_MAX
                           ? CREDIT_DONE
                           : api_batch_get(u->of.writer, (uint32_t)number, &u->undone, err);
    if (rc == CREDIT_DONE) {
        return cr_fail(
            err, CREDIT_E_NOT_FOUND, "there is no batch %llu", (unsigned long long)number);
    }
    if (rc == CREDIT_OK) { rc = cr_counting_open(u->of.writer, &counting, err); }
    if (rc != CREDIT_OK) { return rc; }
    uint32_t by = cr_undone_by(&counting, u->undone.commit);
    cr_counting_close(&counting);
    return by == 0 ? CREDIT_OK
                   : cr_fail(err, CREDIT_E_EXISTS,
                         "batch %u is undone already, by batch %u; undo that to bring it back",
                         u->undone.batch, by);
}

static void describe(undoing *u, const api_head *head)
{
    u->batch.batch = head->batch;
    u->batch.commit = head->commit;
    u->batch.undoes = u->undone.batch;
    u->batch.at = head->at;
    u->batch.dated = CREDIT_DATE_NONE;
    memcpy(u->batch.catalog, u->undone.catalog, sizeof u->batch.catalog);
    snprintf(u->batch.file, sizeof u->batch.file, "undo of batch %u", u->undone.batch);
}

/* ---- which commits ----------------------------------------------------------------- */

static credit_result undo_commit(undoing *u, uint32_t commit, credit_error *err)
{
    credit_result rc = cr_undone_put(u->of.writer, commit, u->batch.commit, u->batch.batch, err);
    return rc == CREDIT_OK ? cr_concerned_add(&u->concerned, commit, err) : rc;
}

static credit_result undo_if_counts(undoing *u, uint32_t commit, credit_error *err)
{
    cr_counting counting;
    credit_result rc = cr_counting_open(u->of.writer, &counting, err);
    bool counts = rc == CREDIT_OK && cr_commit_counts(&counting, commit, UINT32_MAX);
    cr_counting_close(&counting);
    return counts ? undo_commit(u, commit, err) : rc;
}

/* Decisions about rows of the batch: without the rows there was none. */
static credit_result undo_decisions(undoing *u, credit_error *err)
{
    char prefix[4];
    cr_range range;
    cr_set_u32be(prefix, u->undone.batch);
    credit_result rc = cr_range_open(u->of.writer, CR_TABLE_DECIDED, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_range_seek(&range, (credit_span){prefix, sizeof prefix});
    while (rc == CREDIT_OK && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        rc = range.key.size == CR_DECIDED_KEY
                 ? undo_if_counts(u, cr_get_u32be(range.key.data + CR_PARKED_KEY), err)
                 : cr_fail(err, CREDIT_E_CORRUPT, "a decision about a waiting row is damaged");
    }
    cr_range_close(&range);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* ---- what it comes to --------------------------------------------------------------- */

static credit_result judge_again(undoing *u, credit_error *err)
{
    bool touched = false;
    cr_subject_key subject;
    const cr_subject none = {0};
    const cr_touched again = {&subject, &none, NULL, 0, true};
    credit_result rc = CREDIT_OK;
    while (rc == CREDIT_OK) {
        rc = cr_concerned_next(&u->concerned, &subject, err);
        if (rc == CREDIT_OK) { rc = cr_undo_subject(&u->of, &subject, &touched, err); }
        if (rc == CREDIT_OK && touched) { rc = api_verdicts_touch(u->verdicts, &again, err); }
    }
    return rc == CREDIT_DONE ? api_verdicts_finish(u->verdicts, err) : rc;
}

static void count(undoing *u)
{
    api_changes changes = api_verdicts_count(u->verdicts);
    const cr_admission_counts *counts = &u->of.counts;
    api_batch *batch = &u->batch;
    batch->added = counts->added;
    batch->updated = counts->updated;
    batch->withdrawn = counts->withdrawn;
    batch->unchanged = counts->unchanged;
    batch->rows = batch->added + batch->updated + batch->withdrawn + batch->unchanged;
    batch->subjects = counts->subjects;
    batch->entered = changes.entered;
    batch->left = changes.left;
    batch->tiers_changed = changes.tiers;
}

static credit_result undo(undoing *u, uint64_t number, credit_instant now, credit_error *err)
{
    api_head head;
    cr_txn *writer = u->of.writer;
    const api_policy *policy;
    credit_result rc = find_batch(u, number, err);
    if (rc == CREDIT_OK) { rc = api_head_get(writer, &head, err); }
    if (rc == CREDIT_OK) {
        rc = api_policy_on(u->store, writer, cr_instant_date(now), &policy, err);
    }
    if (rc != CREDIT_OK) { return rc; }
    u->of.pack = policy->pack.pack;
    u->of.registry = &policy->registry;
    head.batch++;
    rc = api_head_advance(writer, now, policy->number, &head, err);
    if (rc != CREDIT_OK) { return rc; }
    describe(u, &head);
    u->of.commit = head.commit;
    rc = cr_concerned_open(&u->concerned, writer, u->tmp, CONCERNED_MEMORY, err);
    if (rc == CREDIT_OK) { rc = undo_commit(u, u->undone.commit, err); }
    if (rc == CREDIT_OK) { rc = undo_decisions(u, err); }
    if (rc == CREDIT_OK) {
        rc = api_verdicts_new(
            u->store, writer, head.commit, cr_instant_date(now), u->tmp, &u->verdicts, err);
    }
    if (rc == CREDIT_OK) { rc = judge_again(u, err); }
    if (rc != CREDIT_OK) { return rc; }
    count(u);
    return api_batch_put(writer, &u->batch, err);
}

credit_result credit_batch_undo(credit_store *store, uint64_t number, credit_instant now,
    credit_import_summary *summary, credit_error *err)
{
    if (summary != NULL) { memset(summary, 0, sizeof *summary); }
    if (store == NULL || summary == NULL || now == CREDIT_INSTANT_NONE) {
        return cr_fail(err, CREDIT_E_USAGE, "a store, an instant and a summary are needed");
    }
    undoing u = {.store = store};
    snprintf(u.tmp, sizeof u.tmp, "%s/tmp", store->path);
    credit_result rc = cr_writer_begin(store->store, &u.of.writer, err);
    if (rc == CREDIT_OK) { rc = undo(&u, number, now, err); }
    api_verdicts_free(u.verdicts);
    cr_concerned_close(&u.concerned);
    if (rc == CREDIT_OK) {
        rc = cr_writer_commit(u.of.writer, err);
        u.of.writer = NULL;
    }
    if (rc == CREDIT_OK) { api_batch_summary(&u.batch, summary); }
    cr_txn_end(u.of.writer);
    return rc;
}
