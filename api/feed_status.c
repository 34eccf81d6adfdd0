/* credit_feed_status and the feed's part of fsck: does what was sent add up? */
#include <stdlib.h>
#include <string.h>

#include "api/feed.h"
#include "api/packs.h"
#include "engine/text.h"

/* ---- by catalog, source and day ------------------------------------------------------------ */

typedef struct tally {
    uint16_t catalog;
    credit_date day;
    char source[CR_FEED_TEXT_MAX];
    size_t source_size;
    uint64_t counts[CR_FEED_STATES];
} tally;

typedef struct totals {
    tally *items; /* in order */
    size_t count, room;
    uint64_t counts[CR_FEED_STATES];
    uint64_t open_packages;
} totals;

static int compare(const tally *a, const tally *b)
{
    if (a->catalog != b->catalog) { return a->catalog < b->catalog ? -1 : 1; }
    int order = cr_span_compare(
        (credit_span){a->source, a->source_size}, (credit_span){b->source, b->source_size});
    return order != 0 ? order : a->day < b->day ? -1 : a->day > b->day;
}

static tally *find_tally(totals *t, const tally *wanted)
{
    size_t from = 0, to = t->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = compare(&t->items[middle], wanted);
        if (order == 0) { return &t->items[middle]; }
        if (order < 0) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    if (!cr_grow(&t->items, &t->room, t->count + 1, sizeof *t->items)) { return NULL; }
    memmove(t->items + from + 1, t->items + from, (t->count - from) * sizeof *t->items);
    t->items[from] = *wanted;
    t->count++;
    return &t->items[from];
}

static credit_result count_change(totals *t, const cr_feed_change *change, credit_error *err)
{
    tally wanted = {.catalog = cr_get_u16be(change->version + CR_SUBJECT_KEY), .day = change->day};
    wanted.source_size =
        change->source.size < sizeof wanted.source ? change->source.size : sizeof wanted.source;
    memcpy(wanted.source, change->source.data, wanted.source_size);
    tally *found = find_tally(t, &wanted);
    if (found == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    found->counts[change->state]++;
    t->counts[change->state]++;
    return CREDIT_OK;
}

static void write_counts(cr_canon *json, const uint64_t counts[CR_FEED_STATES])
{
    static const char *const words[CR_FEED_STATES] = {"open", "accepted", "rejected", "withheld"};
    uint64_t sent = 0;
    for (int i = 0; i < CR_FEED_STATES; i++) { sent += counts[i]; }
    cr_canon_key(json, "sent");
    cr_canon_integer(json, (int64_t)sent);
    static const cr_feed_state order[] = {
        CR_FEED_ACCEPTED, CR_FEED_REJECTED, CR_FEED_OPEN, CR_FEED_WITHHELD};
    for (size_t i = 0; i < CR_FEED_STATES; i++) {
        cr_canon_key(json, words[order[i]]);
        cr_canon_integer(json, (int64_t)counts[order[i]]);
    }
}

/* ---- walks ------------------------------------------------------------------------------- */

typedef struct status {
    const api_policy *policy; /* that names the catalogs */
    cr_txn *txn;
    cr_canon json;
    totals totals;
} status;

typedef credit_result (*visit)(status *s, const cr_range *at, credit_error *err);

static credit_result walk(status *s, cr_table table, visit visit_one, credit_error *err)
{
    cr_range range;
    credit_result rc = cr_range_open(s->txn, table, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_range_seek(&range, (credit_span){NULL, 0});
    while (rc == CREDIT_OK && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        rc = visit_one(s, &range, err);
    }
    cr_range_close(&range);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

static credit_result visit_change(status *s, const cr_range *at, credit_error *err)
{
    cr_feed_change change;
    credit_result rc = cr_feed_change_decode(at->key, at->value, &change, err);
    return rc == CREDIT_OK ? count_change(&s->totals, &change, err) : rc;
}

static credit_result write_rejection(status *s, const cr_range *at, credit_error *err)
{
    cr_feed_change change;
    credit_result rc = cr_feed_change_decode(at->key, at->value, &change, err);
    if (rc != CREDIT_OK || change.state != CR_FEED_REJECTED) { return rc; }
    cr_canon_object(&s->json);
    cr_canon_key(&s->json, "number");
    cr_canon_integer(&s->json, (int64_t)change.number);
    cr_canon_key(&s->json, "package");
    cr_canon_integer(&s->json, change.package);
    cr_canon_key(&s->json, "rule");
    cr_canon_text(&s->json, change.rule);
    cr_canon_end_object(&s->json);
    return CREDIT_OK;
}

static credit_result write_open(status *s, const cr_range *at, credit_error *err)
{
    cr_feed_package package;
    credit_result rc = cr_feed_package_decode(at->key, at->value, &package, err);
    if (rc == CREDIT_OK && !package.answered) { cr_canon_integer(&s->json, package.number); }
    return rc;
}

/* A package is lost as far as its rows are withheld: neither side has them any more. */
static credit_result write_lost(status *s, const cr_range *at, credit_error *err)
{
    cr_feed_package package;
    cr_feed_change change;
    uint64_t withheld = 0;
    credit_result rc = cr_feed_package_decode(at->key, at->value, &package, err);
    for (uint64_t n = package.first; rc == CREDIT_OK && n <= package.last; n++) {
        rc = cr_feed_change_get(s->txn, n, &change, err);
        withheld += rc == CREDIT_OK && change.state == CR_FEED_WITHHELD;
    }
    if (rc != CREDIT_OK || withheld == 0) { return rc; }
    cr_canon_object(&s->json);
    cr_canon_key(&s->json, "package");
    cr_canon_integer(&s->json, package.number);
    cr_canon_key(&s->json, "withheld");
    cr_canon_integer(&s->json, (int64_t)withheld);
    cr_canon_end_object(&s->json);
    return CREDIT_OK;
}

static credit_result write_taken(status *s, const cr_range *at, credit_error *err)
{
    cr_feed_taken taken;
    credit_result rc = cr_feed_taken_decode(at->key, at->value, &taken, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_canon_object(&s->json);
    cr_canon_key(&s->json, "stream");
    api_json_hex(&s->json, taken.stream, CR_FEED_STREAM);
    cr_canon_key(&s->json, "package");
    cr_canon_integer(&s->json, taken.number);
    cr_canon_key(&s->json, "batch");
    cr_canon_integer(&s->json, taken.batch);
    cr_canon_key(&s->json, "rows");
    cr_canon_integer(&s->json, (int64_t)taken.rows);
    cr_canon_key(&s->json, "rejected");
    cr_canon_integer(&s->json, (int64_t)taken.rejected);
    cr_canon_key(&s->json, "withheld");
    cr_canon_integer(&s->json, (int64_t)taken.withheld);
    cr_canon_end_object(&s->json);
    return CREDIT_OK;
}

static credit_result write_list(
    status *s, const char *name, cr_table table, visit visit_one, credit_error *err)
{
    cr_canon_key(&s->json, name);
    cr_canon_array(&s->json);
    credit_result rc = walk(s, table, visit_one, err);
    cr_canon_end_array(&s->json);
    return rc;
}

static void write_lines(status *s)
{
    const api_policy *policy = s->policy;
    cr_canon_key(&s->json, "lines");
    cr_canon_array(&s->json);
    for (size_t i = 0; i < s->totals.count; i++) {
        const tally *item = &s->totals.items[i];
        int index = cr_registry_catalog(&policy->registry, item->catalog);
        cr_canon_object(&s->json);
        cr_canon_key(&s->json, "catalog");
        cr_canon_string(
            &s->json, index < 0 ? (credit_span){"", 0} : policy->pack.pack->catalogs[index].name);
        cr_canon_key(&s->json, "source");
        cr_canon_string(&s->json, (credit_span){item->source, item->source_size});
        cr_canon_key(&s->json, "day");
        cr_canon_date(&s->json, item->day);
        write_counts(&s->json, item->counts);
        cr_canon_end_object(&s->json);
    }
    cr_canon_end_array(&s->json);
}

static credit_result write_status(status *s, credit_error *err)
{
    cr_feed_head head;
    cr_canon *json = &s->json;
    credit_result rc = cr_feed_head_get(s->txn, &head, err);
    if (rc == CREDIT_OK) { rc = walk(s, CR_TABLE_FEED_CHANGE, visit_change, err); }
    if (rc != CREDIT_OK) { return rc; }
    cr_canon_object(json);
    cr_canon_key(json, "stream");
    if (head.begun) {
        api_json_hex(json, head.stream, CR_FEED_STREAM);
    } else {
        cr_canon_null(json);
    }
    cr_canon_key(json, "packages");
    cr_canon_integer(json, head.package);
    write_counts(json, s->totals.counts);
    write_lines(s);
    rc = write_list(s, "unanswered", CR_TABLE_FEED_PACKAGE, write_open, err);
    if (rc == CREDIT_OK) {
        rc = write_list(s, "rejections", CR_TABLE_FEED_CHANGE, write_rejection, err);
    }
    if (rc == CREDIT_OK) { rc = write_list(s, "lost", CR_TABLE_FEED_PACKAGE, write_lost, err); }
    if (rc == CREDIT_OK) { rc = write_list(s, "taken", CR_TABLE_FEED_TAKEN, write_taken, err); }
    cr_canon_end_object(json);
    return rc;
}

credit_result credit_feed_status(
    credit_store *store, credit_write write, void *ctx, credit_error *err)
{
    if (store == NULL || write == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a store and a writer are needed");
    }
    status s = {.txn = NULL};
    cr_canon_init(&s.json);
    s.json.sorted = false;
    credit_result rc = cr_snapshot_begin(store->store, &s.txn, err);
    if (rc == CREDIT_OK) { rc = api_policy_last(store, s.txn, &s.policy, err); }
    if (rc == CREDIT_OK) { rc = write_status(&s, err); }
    if (rc == CREDIT_OK) { rc = api_send(&s.json, write, ctx, err); }
    cr_txn_end(s.txn);
    cr_free(s.totals.items);
    cr_canon_free(&s.json);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* ---- fsck --------------------------------------------------------------------------------- */

typedef struct checking {
    const credit_store *store;
    cr_txn *txn;
    cr_feed_head head;
    api_feed_digester digester;
    api_feed_fault fault;
    void *ctx;
    uint64_t checked;
} checking;

/* Numbers follow one another, belong to the package, and give its chain. */
static const char *judge_package(
    checking *c, const cr_feed_package *package, unsigned char chain[CR_FEED_DIGEST])
{
    cr_feed_change change;
    if (cr_feed_chain_begin(c->digester.crypto, c->digester.hasher, c->head.stream, package, chain,
            NULL) != CREDIT_OK) {
        return "a package's chain cannot be computed";
    }
    for (uint64_t n = package->first; n <= package->last; n++) {
        c->checked++;
        if (cr_feed_change_get(c->txn, n, &change, NULL) != CREDIT_OK) {
            return "a change is missing or damaged";
        }
        if (change.package != package->number) { return "a change is of another package"; }
        if (cr_feed_chain_add(c->digester.crypto, c->digester.hasher, change.digest, chain, NULL) !=
            CREDIT_OK) {
            return "a package's chain cannot be computed";
        }
    }
    return memcmp(chain, package->chain, CR_FEED_DIGEST) == 0
               ? NULL
               : "a package's changes do not give its chain";
}

static credit_result check_packages(checking *c, credit_error *err)
{
    uint64_t next = 1;
    unsigned char before[CR_FEED_DIGEST] = {0}, chain[CR_FEED_DIGEST];
    for (uint32_t n = 1; n <= c->head.package; n++) {
        cr_feed_package package;
        if (cr_feed_package_get(c->txn, n, &package, NULL) != CREDIT_OK) {
            return c->fault(c->ctx, "a package is missing or damaged", err);
        }
        const char *what = NULL;
        if (package.first != next || package.last < package.first) {
            what = "a package does not go on where the one before ends";
        } else if (memcmp(package.previous, before, CR_FEED_DIGEST) != 0) {
            what = "a package does not follow the one before";
        }
        if (what == NULL) { what = judge_package(c, &package, chain); }
        if (what != NULL) { return c->fault(c->ctx, what, err); }
        memcpy(before, chain, sizeof before);
        next = package.last + 1;
    }
    bool ends = next == c->head.number + 1 && memcmp(before, c->head.chain, sizeof before) == 0;
    return ends ? CREDIT_OK : c->fault(c->ctx, "the feed does not end where it says", err);
}

/* What was told last of a record is a change about it. */
static credit_result check_told(checking *c, credit_error *err)
{
    cr_range range;
    credit_result rc = cr_range_open(c->txn, CR_TABLE_FEED_TOLD, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_range_seek(&range, (credit_span){NULL, 0});
    while (rc == CREDIT_OK && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        cr_feed_told told;
        cr_feed_change change;
        c->checked++;
        bool sound = range.key.size == CR_RECORD_PREFIX &&
                     cr_feed_told_decode(range.value, &told, NULL) == CREDIT_OK &&
                     cr_feed_change_get(c->txn, told.number, &change, NULL) == CREDIT_OK &&
                     change.operation == told.operation &&
                     memcmp(change.version, range.key.data, CR_RECORD_PREFIX) == 0;
        if (!sound) { rc = c->fault(c->ctx, "what was told of a record is no change of it", err); }
    }
    cr_range_close(&range);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

static credit_result check_taken(checking *c, credit_error *err)
{
    cr_range range;
    cr_feed_taken before = {0};
    credit_result rc = cr_range_open(c->txn, CR_TABLE_FEED_TAKEN, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_range_seek(&range, (credit_span){NULL, 0});
    while (rc == CREDIT_OK && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        cr_feed_taken taken;
        api_batch batch;
        c->checked++;
        bool sound = cr_feed_taken_decode(range.key, range.value, &taken, NULL) == CREDIT_OK;
        bool goes_on = sound && memcmp(taken.stream, before.stream, CR_FEED_STREAM) == 0;
        sound = sound && taken.number == (goes_on ? before.number + 1 : 1) &&
                api_batch_get(c->txn, taken.batch, &batch, NULL) == CREDIT_OK;
        if (!sound) { rc = c->fault(c->ctx, "a package that came in is not in order", err); }
        before = taken;
    }
    cr_range_close(&range);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

credit_result api_feed_check(const credit_store *store, cr_txn *txn, api_feed_fault fault,
    void *ctx, uint64_t *checked, credit_error *err)
{
    checking c = {.store = store, .txn = txn, .fault = fault, .ctx = ctx};
    *checked = 0;
    if (cr_feed_head_get(txn, &c.head, NULL) != CREDIT_OK) {
        return fault(ctx, "where the feed stands is damaged", err);
    }
    credit_result rc = api_feed_digester_open(store->crypto, &c.digester, err);
    if (rc == CREDIT_OK) { rc = check_packages(&c, err); }
    if (rc == CREDIT_OK) { rc = check_told(&c, err); }
    if (rc == CREDIT_OK) { rc = check_taken(&c, err); }
    api_feed_digester_close(&c.digester);
    *checked = c.checked;
    return rc;
}
