/* credit_fsck and credit_stats: what is in a store, and whether it agrees with
 * itself.
 *
 * Checked, record by record: the key and header decode; the layout is known;
 * the frame lies inside the promised bytes, decodes, names phrases that are there,
 * and has the content digest of its header; its run's filter knows it; the subject exists; the
 * way in by document number exists; and subject by subject: the judgement written down is the one
 * the records give, and the day on which it falls due is noted, and no other; and that the
 * exchange's numbers have no gap and give the chains of their packages. */
#include <stdio.h>
#include <string.h>

#include "api/feed.h"
#include "api/packs.h"
#include "api/view.h"
#include "engine/text.h"

typedef struct checker {
    credit_view *view;
    cr_frame_reader reader;
    credit_write write;
    void *ctx;
    cr_canon json;
    cr_arena arena;
    api_verdict kept, again; /* of the subject at hand */
    uint64_t versions, frames_unopened, subjects, verdicts, due, feed, faults;
} checker;

/* One line per fault; personal numbers never stand in a key. */
static credit_result fault(checker *c, const char *table, const cr_subject_key *subject,
    const char *what, credit_error *err)
{
    char id[48];
    c->faults++;
    cr_canon_reset(&c->json);
    cr_canon_object(&c->json);
    cr_canon_key(&c->json, "fault");
    cr_canon_text(&c->json, what);
    cr_canon_key(&c->json, "table");
    cr_canon_text(&c->json, table);
    cr_canon_key(&c->json, "subject");
    if (subject == NULL) {
        cr_canon_null(&c->json);
    } else {
        cr_canon_string(&c->json, cr_subject_key_print(subject, id));
    }
    cr_canon_end_object(&c->json);
    return api_send(&c->json, c->write, c->ctx, err);
}

static credit_result check_phrase(checker *c, credit_span key, credit_span text, credit_error *err)
{
    return cr_phrase_is_sound(key, text) ? CREDIT_OK
                                         : fault(c, "phrase", NULL, "a phrase is damaged", err);
}

static const char *judge_frame(checker *c, const cr_schema *schema, const cr_version *version)
{
    credit_span frame;
    cr_frame_view content;
    cr_arena_reset(&c->arena);
    if (cr_frame_get(c->view->txn, version->frame, version->frame_size, &frame, NULL) !=
        CREDIT_OK) {
        return "the record's bytes are outside the segments";
    }
    if (cr_frame_decode(&c->reader, frame, schema->column_count, &c->arena, &content, NULL) !=
        CREDIT_OK) {
        return "the record's bytes are damaged";
    }
    if (content.schema != version->schema) {
        return "the record has another layout than its header says";
    }
    if (content.has_private && c->reader.persons_key == NULL) {
        c->frames_unopened++;
        return NULL;
    }
    bool same = memcmp(content.digest, version->digest, CR_CONTENT_DIGEST) == 0;
    return same ? NULL : "the record's content has another digest than its header says";
}

static const char *judge_ways(
    checker *c, const cr_version_key *key, const cr_version *version, const cr_catalog *catalog)
{
    char way[CR_DOCUMENT_KEY];
    credit_span document_no, value;
    if (catalog == NULL) { return NULL; }
    if (api_version_value(c->view, version, CR_ROLE_DOCUMENT_NO, &document_no, NULL) != CREDIT_OK) {
        return "the record's document number cannot be read";
    }
    if (document_no.size == 0) { return NULL; }
    cr_set_u64be(way, cr_document_hash(document_no));
    memcpy(way + 8, key->subject.bytes, CR_SUBJECT_KEY);
    cr_set_u16be(way + 8 + CR_SUBJECT_KEY, key->catalog);
    credit_result rc =
        cr_get(c->view->txn, CR_TABLE_DOCUMENT, (credit_span){way, sizeof way}, &value, NULL);
    return rc == CREDIT_OK ? NULL : "there is no way in by the document number";
}

/* A record that its filter does not know would be taken for new when it is sent again. */
static const char *judge_filter(checker *c, credit_span key)
{
    bool may = false;
    credit_span record = {key.data, CR_FILTER_PREFIX};
    bool asked = cr_may_begin(c->view->txn, record, &may, NULL) == CREDIT_OK;
    return asked && may ? NULL : "the filter of its run does not know the record";
}

static credit_result check_version(
    checker *c, credit_span key_bytes, credit_span value, credit_error *err)
{
    cr_version_key key;
    cr_version version;
    cr_subject subject;
    const cr_registry *registry = &c->view->policy->registry;
    c->versions++;
    if (!cr_version_key_decode(key_bytes, &key)) {
        return fault(c, "version", NULL, "a record key is damaged", err);
    }
    if (cr_version_decode(value, &version, NULL) != CREDIT_OK) {
        return fault(c, "version", &key.subject, "a record header is damaged", err);
    }
    const cr_schema *schema = cr_registry_schema(registry, version.schema);
    if (schema == NULL || schema->catalog_number != key.catalog) {
        return fault(c, "version", &key.subject, "the record's layout is not known", err);
    }
    int index = cr_registry_catalog(registry, key.catalog);
    const cr_catalog *catalog = index < 0 ? NULL : &c->view->policy->pack.pack->catalogs[index];
    const char *what = judge_frame(c, schema, &version);
    if (what == NULL) { what = judge_ways(c, &key, &version, catalog); }
    if (what == NULL) { what = judge_filter(c, key_bytes); }
    if (what == NULL && cr_subject_get(c->view->txn, &key.subject, &subject, NULL) != CREDIT_OK) {
        what = "the record's subject is not there";
    }
    return what == NULL ? CREDIT_OK : fault(c, "version", &key.subject, what, err);
}

static bool same_verdict(const api_verdict *a, const api_verdict *b)
{
    bool same =
        a->due == b->due && strcmp(a->tier, b->tier) == 0 && a->listing_count == b->listing_count;
    for (size_t i = 0; same && i < a->listing_count; i++) {
        const api_kept_listing *x = &a->listings[i], *y = &b->listings[i];
        same = strcmp(x->roster, y->roster) == 0 && x->list == y->list && x->since == y->since &&
               x->until == y->until && memcmp(x->version, y->version, sizeof x->version) == 0;
    }
    return same;
}

static credit_result check_verdict(
    checker *c, credit_span key, credit_span value, credit_error *err)
{
    cr_subject_key subject;
    api_verdict *kept = &c->kept, *again = &c->again;
    const cr_judgement *judgement = NULL;
    c->verdicts++;
    if (key.size != CR_SUBJECT_KEY) { return fault(c, "verdict", NULL, "a key is damaged", err); }
    memcpy(subject.bytes, key.data, CR_SUBJECT_KEY);
    credit_result rc = api_verdict_decode(value, kept, err);
    if (rc == CREDIT_E_CORRUPT) {
        return fault(c, "verdict", &subject, "a judgement entry is damaged", err);
    }
    if (rc != CREDIT_OK) { return rc; }
    bool noted = false;
    c->due += kept->due != CREDIT_DATE_FOREVER;
    rc = api_verdict_due_is_noted(c->view->txn, &subject, kept, &noted, err);
    if (rc == CREDIT_OK && !noted) {
        rc = fault(c, "due", &subject, "the day it falls due is not noted", err);
    }
    if (rc != CREDIT_OK) { return rc; }
    cr_judge_question question = {.as_of = kept->judged_on, .commit = UINT32_MAX, .bare = true};
    const api_timeline *timeline = &c->view->timeline;
    if (kept->pack != api_timeline_on(timeline, kept->judged_on, UINT32_MAX)->number) {
        return fault(c, "verdict", &subject, "another pack was in force when it was judged", err);
    }
    rc = api_view_use(c->view, kept->pack, err);
    if (rc == CREDIT_OK) { rc = api_judge(c->view, &subject, &question, &judgement, err); }
    if (rc == CREDIT_OK) {
        rc = api_verdict_of(judgement, kept->pack, kept->judged_on, again, err);
    }
    if (rc == CREDIT_OK && again->due > api_timeline_next(timeline, kept->judged_on)) {
        again->due = api_timeline_next(timeline, kept->judged_on);
    }
    if (rc != CREDIT_OK) {
        return fault(c, "verdict", &subject, "the subject cannot be judged", err);
    }
    return same_verdict(kept, again)
               ? CREDIT_OK
               : fault(c, "verdict", &subject, "the judgement is not what the records give", err);
}

static credit_result walk(checker *c, cr_table table,
    credit_result (*check)(checker *, credit_span, credit_span, credit_error *),
    credit_progress progress, uint64_t *done, uint64_t total, credit_error *err)
{
    cr_range range;
    credit_result rc = cr_range_open(c->view->txn, table, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_range_seek(&range, (credit_span){NULL, 0});
    while (rc == CREDIT_OK && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        rc = check(c, range.key, range.value, err);
        *done += 1;
        if (rc == CREDIT_OK && progress != NULL && *done % 4096 == 0 &&
            progress(c->ctx, *done, total, *done) != 0) {
            rc = cr_fail(err, CREDIT_E_BUSY, "stopped");
        }
    }
    cr_range_close(&range);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* Days that are noted beyond those that the judgements name. */
static credit_result check_due(checker *c, credit_error *err)
{
    cr_table_stat stat;
    credit_result rc = cr_table_get_stat(c->view->txn, CR_TABLE_DUE, &stat, err);
    if (rc != CREDIT_OK || stat.entries <= c->due) { return rc; }
    return fault(c, "due", NULL, "days are noted on which no judgement falls due", err);
}

static credit_result feed_fault(void *ctx, const char *what, credit_error *err)
{
    return fault(ctx, "feed", NULL, what, err);
}

static credit_result report(checker *c, credit_error *err)
{
    const struct {
        const char *name;
        uint64_t value;
    } counts[] = {{"faults", c->faults}, {"versions", c->versions}, {"judgements", c->verdicts},
        {"feed", c->feed}, {"unopened", c->frames_unopened}};
    cr_canon_reset(&c->json);
    cr_canon_object(&c->json);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        cr_canon_key(&c->json, counts[i].name);
        cr_canon_integer(&c->json, (int64_t)counts[i].value);
    }
    cr_canon_end_object(&c->json);
    return api_send(&c->json, c->write, c->ctx, err);
}

credit_result credit_fsck(
    credit_store *store, credit_progress progress, credit_write write, void *ctx, credit_error *err)
{
    if (store == NULL || write == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a store and a writer are needed");
    }
    checker c = {.write = write, .ctx = ctx};
    cr_table_stat phrases = {0}, versions = {0}, verdicts = {0};
    uint64_t done = 0;
    cr_canon_init(&c.json);
    c.json.sorted = false;
    c.reader = (cr_frame_reader){NULL, store->crypto, store->crypto->hasher_new(CR_HASH_SHA256),
        store->has_persons_key ? store->persons_key : NULL};
    credit_result rc = c.reader.hasher == NULL ? cr_fail(err, CREDIT_E_NOMEM, "out of memory")
                                               : credit_view_open(store, &c.view, err);
    if (rc == CREDIT_OK) { c.reader.txn = c.view->txn; }
    if (rc == CREDIT_OK) { rc = cr_table_get_stat(c.view->txn, CR_TABLE_PHRASE, &phrases, err); }
    if (rc == CREDIT_OK) { rc = cr_table_get_stat(c.view->txn, CR_TABLE_VERSION, &versions, err); }
    if (rc == CREDIT_OK) { rc = cr_table_get_stat(c.view->txn, CR_TABLE_VERDICT, &verdicts, err); }
    uint64_t total = phrases.entries + versions.entries + verdicts.entries;
    if (rc == CREDIT_OK) {
        rc = walk(&c, CR_TABLE_PHRASE, check_phrase, progress, &done, total, err);
    }
    if (rc == CREDIT_OK) {
        rc = walk(&c, CR_TABLE_VERSION, check_version, progress, &done, total, err);
    }
    if (rc == CREDIT_OK) {
        rc = walk(&c, CR_TABLE_VERDICT, check_verdict, progress, &done, total, err);
    }
    if (rc == CREDIT_OK) { rc = check_due(&c, err); }
    if (rc == CREDIT_OK) { rc = api_feed_check(store, c.view->txn, feed_fault, &c, &c.feed, err); }
    if (rc == CREDIT_OK) { rc = report(&c, err); }
    if (rc == CREDIT_OK && c.faults > 0) {
        rc = cr_fail(
            err, CREDIT_E_CORRUPT, "%s: %llu faults", store->path, (unsigned long long)c.faults);
    }
    credit_view_close(c.view);
    if (c.reader.hasher != NULL) { store->crypto->hasher_free(c.reader.hasher); }
    api_verdict_free(&c.kept);
    api_verdict_free(&c.again);
    cr_canon_free(&c.json);
    cr_arena_release(&c.arena);
    return rc;
}

/* ---- sizes and counts ------------------------------------------------------------- */

typedef struct tally {
    uint64_t versions, records;
} tally;

typedef struct counted {
    tally *tallies;
    size_t count;
    uint64_t subjects, waiting;
} counted;

/* Versions, and the records of which one counts, by catalog, in one walk. */
static credit_result count_versions(
    cr_txn *txn, const cr_registry *registry, counted *c, credit_error *err)
{
    cr_range range = {0};
    cr_counting counting;
    cr_weighed weighed;
    char last[CR_VERSION_KEY - 8] = {0};
    credit_result rc = cr_counting_open(txn, &counting, err);
    if (rc == CREDIT_OK) { rc = cr_range_open(txn, CR_TABLE_VERSION, &range, err); }
    if (rc == CREDIT_OK) { cr_range_seek(&range, (credit_span){NULL, 0}); }
    while (rc == CREDIT_OK && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        if (range.key.size != CR_VERSION_KEY) { continue; }
        int index = cr_registry_catalog(registry, cr_get_u16be(range.key.data + CR_SUBJECT_KEY));
        if (index < 0 || (size_t)index >= c->count) { continue; }
        c->tallies[index].versions++;
        if (memcmp(last, range.key.data, sizeof last) == 0) { continue; }
        rc = cr_version_weigh(&counting, cr_get_u32be(range.key.data + sizeof last),
            cr_get_u32be(range.key.data + sizeof last + 4), 0, UINT32_MAX, &weighed, err);
        if (rc != CREDIT_OK || !weighed.counts) { continue; }
        c->tallies[index].records++;
        memcpy(last, range.key.data, sizeof last);
    }
    cr_range_close(&range);
    cr_counting_close(&counting);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* Subjects of which a record counts. */
static credit_result count_subjects(cr_txn *txn, uint64_t *count, credit_error *err)
{
    cr_range range;
    cr_subject subject;
    credit_result rc = cr_range_open(txn, CR_TABLE_SUBJECT, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_range_seek(&range, (credit_span){NULL, 0});
    while (rc == CREDIT_OK && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        rc = cr_subject_decode(range.value, &subject, err);
        if (rc == CREDIT_OK && !subject.gone) { ++*count; }
    }
    cr_range_close(&range);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

static void write_stats(cr_canon *json, const cr_pack *pack, const counted *c,
    const cr_table_stat *stats, const cr_store_size *size, const api_head *head)
{
    cr_canon_object(json);
    cr_canon_key(json, "subjects");
    cr_canon_integer(json, (int64_t)c->subjects);
    cr_canon_key(json, "catalogs");
    cr_canon_array(json);
    for (size_t i = 0; i < pack->catalog_count; i++) {
        cr_canon_object(json);
        cr_canon_key(json, "catalog");
        cr_canon_string(json, pack->catalogs[i].name);
        cr_canon_key(json, "title");
        cr_canon_string(json, pack->catalogs[i].title);
        cr_canon_key(json, "records");
        cr_canon_integer(json, (int64_t)c->tallies[i].records);
        cr_canon_key(json, "versions");
        cr_canon_integer(json, (int64_t)c->tallies[i].versions);
        cr_canon_end_object(json);
    }
    cr_canon_end_array(json);
    cr_canon_key(json, "parked");
    cr_canon_integer(json, (int64_t)c->waiting);
    cr_canon_key(json, "batches");
    cr_canon_integer(json, (int64_t)stats[CR_TABLE_BATCH].entries);
    cr_canon_key(json, "bytes");
    cr_canon_object(json);
    cr_canon_key(json, "index");
    cr_canon_integer(json, (int64_t)size->index_bytes);
    cr_canon_key(json, "segments");
    cr_canon_integer(json, (int64_t)size->segment_bytes);
    cr_canon_key(json, "total");
    cr_canon_integer(json, (int64_t)(size->index_bytes + size->segment_bytes));
    cr_canon_end_object(json);
    cr_canon_key(json, "last_commit");
    cr_canon_object(json);
    cr_canon_key(json, "number");
    cr_canon_integer(json, head->commit);
    cr_canon_key(json, "at");
    api_json_instant(json, head->at);
    cr_canon_end_object(json);
    cr_canon_end_object(json);
}

credit_result credit_stats(credit_store *store, credit_write write, void *ctx, credit_error *err)
{
    if (store == NULL || write == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a store and a writer are needed");
    }
    cr_txn *txn = NULL;
    cr_arena arena = CR_ARENA_INIT;
    cr_table_stat stats[CR_TABLES];
    cr_store_size size = {0};
    api_head head = {0};
    cr_canon json;
    const api_policy *policy = NULL;
    counted c = {0};
    cr_canon_init(&json);
    json.sorted = false;
    credit_result rc = cr_snapshot_begin(store->store, &txn, err);
    if (rc == CREDIT_OK) { rc = api_policy_last(store, txn, &policy, err); }
    if (rc == CREDIT_OK) {
        c.count = policy->pack.pack->catalog_count;
        c.tallies = cr_arena_array(&arena, c.count + 1, sizeof *c.tallies);
        if (c.tallies == NULL) { rc = cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    }
    for (int i = 0; rc == CREDIT_OK && i < CR_TABLES; i++) {
        rc = cr_table_get_stat(txn, (cr_table)i, &stats[i], err);
    }
    if (rc == CREDIT_OK) { rc = count_versions(txn, &policy->registry, &c, err); }
    if (rc == CREDIT_OK) { rc = count_subjects(txn, &c.subjects, err); }
    if (rc == CREDIT_OK) { rc = api_count_waiting(txn, 0, &c.waiting, err); }
    if (rc == CREDIT_OK) { rc = cr_store_get_size(txn, &size, err); }
    if (rc == CREDIT_OK) { rc = api_head_get(txn, &head, err); }
    if (rc == CREDIT_OK) {
        write_stats(&json, policy->pack.pack, &c, stats, &size, &head);
        rc = api_send(&json, write, ctx, err);
    }
    cr_txn_end(txn);
    cr_canon_free(&json);
    cr_arena_release(&arena);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}
