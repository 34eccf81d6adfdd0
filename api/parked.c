/* Rows whose subject could not be decided: they wait with their reason. */
#include <stdio.h>
#include <string.h>

#include "api/packs.h"
#include "api/verdict.h"
#include "api/view.h"
#include "engine/date.h"
#include "engine/settle.h"
#include "engine/text.h"

/* What the rule says: the pack, where it is one of the matching table's. */
static credit_span message_of(const cr_pack *pack, credit_span rule)
{
    return cr_span_is(rule, CR_PARKED_NO_EARLIER)
               ? CR_SPAN("it takes back a record that the store does not have")
               : cr_matching_text(&pack->matching, rule);
}

static credit_result write_row(
    credit_view *view, credit_span key, const cr_parked *parked, cr_canon *json, credit_error *err)
{
    credit_span name = {"", 0}, document_no = {"", 0};
    const cr_pack *pack = view->policy->pack.pack;
    int index = cr_registry_catalog(&view->policy->registry, parked->catalog);
    const cr_catalog *catalog = index < 0 ? NULL : &pack->catalogs[index];
    credit_result rc = CREDIT_OK;
    if (catalog != NULL) {
        rc = api_version_value(view, &parked->version, CR_ROLE_SUBJECT_NAME, &name, err);
    }
    if (rc == CREDIT_OK && catalog != NULL) {
        rc = api_version_value(view, &parked->version, CR_ROLE_DOCUMENT_NO, &document_no, err);
    }
    cr_canon_reset(json);
    cr_canon_object(json);
    cr_canon_key(json, "batch");
    cr_canon_integer(json, cr_get_u32be(key.data));
    cr_canon_key(json, "row");
    cr_canon_integer(json, cr_get_u32be(key.data + 4));
    cr_canon_key(json, "line");
    cr_canon_integer(json, (int64_t)parked->line);
    cr_canon_key(json, "catalog");
    cr_canon_string(json, catalog == NULL ? (credit_span){"", 0} : catalog->name);
    cr_canon_key(json, "rule");
    cr_canon_text(json, parked->rule);
    cr_canon_key(json, "message");
    cr_canon_string(json, message_of(pack, cr_span_of(parked->rule)));
    cr_canon_key(json, "subject");
    api_write_subject(json, &parked->subject, name, parked->version.facts.category);
    cr_canon_key(json, "document_no");
    cr_canon_string(json, document_no);
    cr_canon_end_object(json);
    return rc;
}

credit_result credit_parked_list(
    credit_store *store, credit_write write, void *ctx, credit_error *err)
{
    if (store == NULL || write == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a store and a writer are needed");
    }
    credit_view *view = NULL;
    cr_range range = {0};
    cr_counting counting = {0};
    cr_parked parked;
    bool waits;
    cr_canon json;
    cr_canon_init(&json);
    json.sorted = false;
    credit_result rc = credit_view_open(store, &view, err);
    if (rc == CREDIT_OK) { rc = cr_counting_open(view->txn, &counting, err); }
    if (rc == CREDIT_OK) { rc = cr_range_open(view->txn, CR_TABLE_PARKED, &range, err); }
    if (rc == CREDIT_OK) { cr_range_seek(&range, (credit_span){NULL, 0}); }
    while (rc == CREDIT_OK && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        rc = range.key.size != CR_PARKED_KEY
                 ? cr_fail(err, CREDIT_E_CORRUPT, "a waiting row's key is damaged")
                 : cr_parked_decode(range.value, &parked, err);
        if (rc == CREDIT_OK) {
            rc = cr_parked_waits(&counting, range.key.data, &parked, &waits, err);
        }
        if (rc != CREDIT_OK || !waits) { continue; }
        rc = write_row(view, range.key, &parked, &json, err);
        if (rc == CREDIT_OK) { rc = api_send(&json, write, ctx, err); }
    }
    cr_range_close(&range);
    cr_counting_close(&counting);
    credit_view_close(view);
    cr_canon_free(&json);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* ---- deciding -------------------------------------------------------------------------- */

/* One decision is a batch of one row, visible like any other. */
typedef struct deciding {
    credit_store *store;
    cr_settling settling;
    cr_subject_key key;
    bool drops;
    api_batch batch;
    api_verdicts *verdicts;
} deciding;

static void describe(deciding *d, uint32_t batch, uint32_t row, const api_head *head)
{
    char id[48] = "";
    d->batch.batch = head->batch;
    d->batch.commit = head->commit;
    d->batch.at = head->at;
    d->batch.dated = CREDIT_DATE_NONE;
    d->batch.rows = 1;
    snprintf(d->batch.encoding, sizeof d->batch.encoding, "utf-8");
    credit_span given = d->drops ? CR_SPAN("dropped") : cr_subject_key_print(&d->key, id);
    snprintf(d->batch.file, sizeof d->batch.file, "parked %u/%u: %.*s", batch, row, (int)given.size,
        given.data);
}

static void count(deciding *d, const cr_admission_counts *counts, int catalog)
{
    credit_span name = d->settling.pack->catalogs[catalog].name;
    snprintf(d->batch.catalog, sizeof d->batch.catalog, "%.*s", (int)name.size, name.data);
    d->batch.added = counts->added;
    d->batch.updated = counts->updated;
    d->batch.unchanged = counts->unchanged;
    d->batch.withdrawn = counts->withdrawn;
    d->batch.rejected = d->drops;
    d->batch.subjects = counts->subjects;
}

static credit_result judge_again(deciding *d, credit_instant now, credit_error *err)
{
    cr_subject none = {0};
    cr_touched touched = {&d->key, &none, NULL, 0, true};
    credit_result rc = api_verdicts_new(d->store, d->settling.writer, d->settling.commit,
        cr_instant_date(now), NULL, &d->verdicts, err);
    if (rc == CREDIT_OK) { rc = api_verdicts_touch(d->verdicts, &touched, err); }
    if (rc == CREDIT_OK) { rc = api_verdicts_finish(d->verdicts, err); }
    if (rc != CREDIT_OK) { return rc; }
    api_changes changes = api_verdicts_count(d->verdicts);
    d->batch.entered = changes.entered;
    d->batch.left = changes.left;
    d->batch.tiers_changed = changes.tiers;
    return CREDIT_OK;
}

static credit_result decide(
    deciding *d, uint32_t batch, uint32_t row, credit_instant now, credit_error *err)
{
    api_head head;
    cr_admission_counts counts = {0};
    int catalog = -1;
    const api_policy *policy;
    credit_result rc =
        api_policy_on(d->store, d->settling.writer, cr_instant_date(now), &policy, err);
    if (rc == CREDIT_OK) { rc = api_head_get(d->settling.writer, &head, err); }
    if (rc != CREDIT_OK) { return rc; }
    d->settling.pack = policy->pack.pack;
    d->settling.registry = &policy->registry;
    head.batch++;
    rc = api_head_advance(d->settling.writer, now, policy->number, &head, err);
    if (rc != CREDIT_OK) { return rc; }
    d->settling.commit = head.commit;
    describe(d, batch, row, &head);
    rc = d->drops ? cr_settle_drop(&d->settling, batch, row, &catalog, err)
                  : cr_settle(&d->settling, batch, row, &d->key, &counts, &catalog, err);
    if (rc != CREDIT_OK) { return rc; }
    count(d, &counts, catalog);
    if (counts.subjects > 0) { rc = judge_again(d, now, err); }
    return rc == CREDIT_OK ? api_batch_put(d->settling.writer, &d->batch, err) : rc;
}

static credit_result find_subject(deciding *d, const credit_subject *subject, credit_error *err)
{
    d->drops = subject == NULL;
    if (d->drops) { return CREDIT_OK; }
    credit_result rc = api_subject_key(d->store, subject, &d->key, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_id_kind kind = cr_subject_key_kind(&d->key);
    return kind == CR_ID_USCC || cr_id_is_personal(kind)
               ? CREDIT_OK
               : cr_fail(err, CREDIT_E_DATA,
                     "a row is given to a unified code or a person's document, to nothing less");
}

credit_result credit_parked_settle(credit_store *store, uint64_t batch, uint64_t row,
    const credit_subject *subject, credit_instant now, credit_import_summary *summary,
    credit_error *err)
{
    if (summary != NULL) { memset(summary, 0, sizeof *summary); }
    if (store == NULL || summary == NULL || now == CREDIT_INSTANT_NONE) {
        return cr_fail(err, CREDIT_E_USAGE, "a store, an instant and a summary are needed");
    }
    if (batch > UINT32_MAX || row > UINT32_MAX) {
        return cr_fail(err, CREDIT_E_NOT_FOUND, "no such row waits");
    }
    deciding d = {.store = store,
        .settling = {.crypto = store->crypto,
            .hasher = store->crypto->hasher_new(CR_HASH_SHA256),
            .persons_key = store->has_persons_key ? store->persons_key : NULL}};
    credit_result rc = d.settling.hasher == NULL ? cr_fail(err, CREDIT_E_NOMEM, "out of memory")
                                                 : find_subject(&d, subject, err);
    if (rc == CREDIT_OK) { rc = cr_writer_begin(store->store, &d.settling.writer, err); }
    if (rc == CREDIT_OK) { rc = decide(&d, (uint32_t)batch, (uint32_t)row, now, err); }
    api_verdicts_free(d.verdicts);
    if (rc == CREDIT_OK) {
        rc = cr_writer_commit(d.settling.writer, err);
        d.settling.writer = NULL;
    }
    if (rc == CREDIT_OK) { api_batch_summary(&d.batch, summary); }
    cr_txn_end(d.settling.writer);
    if (d.settling.hasher != NULL) { store->crypto->hasher_free(d.settling.hasher); }
    return rc;
}
