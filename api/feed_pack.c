/* credit_feed_pack: commits become numbered changes, changes become packages.
 *
 * 1. The numbers are in the store before a file shows them: whatever stops the
 *    program, the next call writes the same numbers, which nothing else can take.
 * 2. A version is told when it became the newest of its record; what came behind a
 *    newer one says nothing about today, and a receiver that orders by arrival would
 *    believe it. What an undone batch brought is not told; what it had covered is again.
 * 3. Whether a record may leave is asked today, of the whole of its subject: a record
 *    that may not is never told, and taken back once if it had been.
 * 4. A package ends between two subjects, after API_FEED_ROWS_MAX rows or
 *    API_FEED_TEXT_MAX bytes: memory does not depend on what there is to tell. */
#include <stdio.h>
#include <string.h>

#include "api/feed.h"
#include "engine/counting.h"
#include "engine/date.h"
#include "engine/text.h"
#include "keys/files.h"

typedef struct packing {
    credit_store *store;
    credit_instant now;
    cr_txn *writer;
    api_feed_gate gate;
    api_feed_digester digester;
    cr_range touched;
    struct telling *tellings; /* of the subject at hand */
    size_t telling_count, telling_room;
    cr_arena arena; /* of the row at hand */
    cr_feed_head head;
    cr_feed_package package;
    uint64_t text; /* bytes of the package's rows */
} packing;

/* ---- one change ----------------------------------------------------------------------- */

static credit_result number_change(packing *p, api_feed_row *row,
    const char version[CR_VERSION_KEY], credit_date day, cr_feed_told *told, credit_error *err)
{
    cr_feed_change change = {.number = p->head.number + 1,
        .operation = row->operation,
        .package = p->package.number,
        .sourced_on = row->day,
        .day = day,
        .source = told->source};
    memcpy(change.version, version, CR_VERSION_KEY);
    row->number = change.number;
    credit_result rc = api_feed_row_digest(&p->digester, row, change.digest, NULL, err);
    if (rc == CREDIT_OK) {
        rc = cr_feed_chain_add(
            p->store->crypto, p->digester.hasher, change.digest, p->package.chain, err);
    }
    if (rc == CREDIT_OK) { rc = cr_feed_change_put(p->writer, &change, err); }
    told->operation = row->operation;
    told->number = change.number;
    if (rc == CREDIT_OK) { rc = cr_feed_told_put(p->writer, version, told, err); }
    p->head.number = change.number;
    p->package.last = change.number;
    p->text += p->digester.json.size;
    return rc;
}

static credit_result take_back(
    packing *p, const char version[CR_VERSION_KEY], const cr_feed_told *told, credit_error *err)
{
    credit_date today = cr_instant_date(p->now);
    cr_version_key key;
    char source[CR_FEED_TEXT_MAX];
    cr_feed_told next = *told;
    api_feed_row row = {.operation = CR_FEED_DELETE, .day = today};
    cr_version_key_decode((credit_span){version, CR_VERSION_KEY}, &key);
    int index = cr_registry_catalog(&p->gate.policy->registry, key.catalog);
    if (index < 0) { return CREDIT_OK; } /* the pack in force cannot name it */
    row.catalog = &p->gate.policy->pack.pack->catalogs[index];
    row.subject = key.subject;
    memcpy(row.record, key.record, CR_RECORD_KEY);
    /* What is borrowed from the table does not outlive a write. */
    next.source.size = told->source.size < sizeof source ? told->source.size : sizeof source;
    memcpy(source, told->source.data, next.source.size);
    next.source.data = source;
    return number_change(p, &row, version, today, &next, err);
}

static bool was_told(credit_result got, const cr_feed_told *told)
{
    return got == CREDIT_OK && told->operation != CR_FEED_DELETE;
}

/* The change that told it. One that was withheld when its package was sent again may
 * have reached nobody: what it said has to be told anew if it holds again. */
static credit_result told_by(
    packing *p, const cr_feed_told *told, cr_feed_change *change, credit_error *err)
{
    credit_result rc = cr_feed_change_get(p->writer, told->number, change, err);
    return rc == CREDIT_DONE ? cr_fail(err, CREDIT_E_CORRUPT, "a change has gone") : rc;
}

static credit_span source_of(const api_feed_row *row)
{
    int16_t field = row->catalog->role_field[CR_ROLE_SOURCE];
    return field < 0 ? (credit_span){"", 0} : row->values[field];
}

/* A version that became the newest of a record which may leave. */
static credit_result tell(
    packing *p, const char version_key[CR_VERSION_KEY], credit_span value, credit_error *err)
{
    cr_version version;
    cr_version_key key;
    cr_feed_told told, next = {0};
    api_feed_row row = {0};
    unsigned char digest[CR_FEED_DIGEST];
    cr_version_key_decode((credit_span){version_key, CR_VERSION_KEY}, &key);
    credit_result rc = cr_version_decode(value, &version, err);
    if (rc != CREDIT_OK) { return rc; }
    credit_result got = cr_feed_told_get(p->writer, version_key, &told, err);
    if (got < CREDIT_OK) { return got; }
    if (version.state != CR_VERSION_CURRENT ||
        version.facts.scope > p->gate.policy->pack.pack->feed_scope) {
        return was_told(got, &told) ? take_back(p, version_key, &told, err) : CREDIT_OK;
    }
    cr_arena_reset(&p->arena);
    rc = api_feed_row_read(
        p->store, p->gate.policy, p->writer, &key, &version, &p->arena, &row, err);
    row.operation = was_told(got, &told) ? CR_FEED_UPDATE : CR_FEED_ADD;
    row.day = version.sourced_on;
    if (rc == CREDIT_OK) {
        rc = api_feed_row_digest(&p->digester, &row, digest, next.content, err);
    }
    if (rc != CREDIT_OK) { return rc; }
    if (was_told(got, &told) && memcmp(told.content, next.content, CR_FEED_DIGEST) == 0) {
        cr_feed_change change;
        rc = told_by(p, &told, &change, err);
        if (rc != CREDIT_OK || change.state != CR_FEED_WITHHELD) {
            return rc; /* nothing that the exchange may see has changed */
        }
    }
    next.source = source_of(&row);
    return number_change(p, &row, version_key, version.received_on, &next, err);
}

/* ---- one subject that a commit touched -------------------------------------------------- */

/* A version to be told: what is borrowed from the tables does not outlive a write. */
typedef struct telling {
    char key[CR_VERSION_KEY], value[CR_VERSION_VALUE];
} telling;

/* Gathers the versions that the commit brought and that count, each if it became the
 * newest of its record then. */
static credit_result gather(
    packing *p, uint32_t commit, const cr_subject_key *subject, credit_error *err)
{
    cr_counted counted;
    cr_version_key record = {0};
    credit_date newest = CREDIT_DATE_NONE;
    p->telling_count = 0;
    credit_result rc = cr_counted_open(p->writer, subject, UINT32_MAX, &counted, err);
    while (rc == CREDIT_OK && (rc = cr_counted_next(&counted, err)) == CREDIT_OK) {
        const cr_version_key *key = &counted.key;
        bool same = key->catalog == record.catalog &&
                    memcmp(key->record, record.record, CR_RECORD_KEY) == 0;
        if (same && counted.weighed.day < newest) { continue; }
        record = *key;
        newest = counted.weighed.day;
        if (key->commit != commit) { continue; }
        if (!cr_grow(&p->tellings, &p->telling_room, p->telling_count + 1, sizeof *p->tellings)) {
            rc = cr_fail(err, CREDIT_E_NOMEM, "out of memory");
            break;
        }
        telling *one = &p->tellings[p->telling_count++];
        cr_version_key_encode(key, one->key);
        memcpy(one->value, counted.versions.value.data, sizeof one->value);
        cr_version_set_sourced_on(one->value, counted.weighed.day);
    }
    cr_counted_close(&counted);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

static credit_result walk_versions(
    packing *p, uint32_t commit, const cr_subject_key *subject, credit_error *err)
{
    credit_result rc = gather(p, commit, subject, err);
    for (size_t i = 0; rc == CREDIT_OK && i < p->telling_count; i++) {
        bool may_leave = false;
        const telling *one = &p->tellings[i];
        rc = api_feed_gate_ask(&p->gate, one->key, &may_leave, err);
        if (rc == CREDIT_OK && may_leave) {
            rc = tell(p, one->key, (credit_span){one->value, sizeof one->value}, err);
        }
    }
    return rc;
}

/* Records of the subject that the exchange has and may not have any more: repaired,
 * withdrawn, removed, at the end of their term, or of a smaller circle now. */
static credit_result walk_told(
    packing *p, uint32_t commit, const cr_subject_key *subject, credit_error *err)
{
    cr_range range;
    credit_result rc = cr_range_open(p->writer, CR_TABLE_FEED_TOLD, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_range_seek(&range, (credit_span){subject->bytes, CR_SUBJECT_KEY});
    while ((rc = cr_range_next(&range, err)) == CREDIT_OK) {
        char version[CR_VERSION_KEY] = {0};
        cr_feed_told told;
        bool may_leave = false;
        rc = range.key.size == CR_RECORD_PREFIX
                 ? cr_feed_told_decode(range.value, &told, err)
                 : cr_fail(err, CREDIT_E_CORRUPT, "an entry of the feed is damaged: feed_told");
        if (rc != CREDIT_OK) { break; }
        if (told.operation == CR_FEED_DELETE) { continue; }
        memcpy(version, range.key.data, CR_RECORD_PREFIX);
        cr_set_u32be(version + CR_RECORD_PREFIX, commit);
        rc = api_feed_gate_ask(&p->gate, version, &may_leave, err);
        if (rc == CREDIT_OK && !may_leave) { rc = take_back(p, version, &told, err); }
        if (rc != CREDIT_OK) { break; }
    }
    cr_range_close(&range);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* Was the version what the record was told of last? */
static credit_result is_told(
    packing *p, const char version[CR_VERSION_KEY], bool *is, credit_error *err)
{
    cr_feed_told told;
    cr_feed_change change;
    *is = false;
    credit_result rc = cr_feed_told_get(p->writer, version, &told, err);
    if (rc != CREDIT_OK || told.operation == CR_FEED_DELETE) {
        return rc == CREDIT_DONE ? CREDIT_OK : rc;
    }
    rc = told_by(p, &told, &change, err);
    *is = rc == CREDIT_OK && change.state != CR_FEED_WITHHELD &&
          memcmp(change.version, version, CR_VERSION_KEY) == 0;
    return rc;
}

/* Records of which an older version holds or may leave again, though nothing new was
 * said of them: a batch or a repair that was undone, a listing that was restored. */
static credit_result walk_returned(
    packing *p, uint32_t commit, const cr_subject_key *subject, credit_error *err)
{
    const cr_fact *fact;
    bool may_leave = false, told = false;
    char version[CR_VERSION_KEY] = {0}, value[CR_VERSION_VALUE];
    memcpy(version, subject->bytes, CR_SUBJECT_KEY);
    credit_result rc = api_feed_gate_ask(&p->gate, version, &may_leave, err);
    for (size_t place = 0;
         rc == CREDIT_OK && (fact = api_feed_gate_fact(&p->gate, subject, place)) != NULL;
         place = (size_t)(fact - p->gate.judgement->facts) + 1) {
        if (fact->key.commit >= commit) { continue; } /* that is told at its own commit */
        cr_version_key_encode(&fact->key, version);
        rc = is_told(p, version, &told, err);
        if (rc != CREDIT_OK || told) { continue; }
        cr_version_encode(&fact->version, value);
        rc = tell(p, version, (credit_span){value, sizeof value}, err);
    }
    return rc;
}

static credit_result walk_subject(
    packing *p, uint32_t commit, const cr_subject_key *subject, credit_error *err)
{
    uint64_t before = p->head.number;
    credit_result rc = walk_versions(p, commit, subject, err);
    if (rc == CREDIT_OK) { rc = walk_told(p, commit, subject, err); }
    if (rc == CREDIT_OK) { rc = walk_returned(p, commit, subject, err); }
    if (rc == CREDIT_OK && p->head.number > before) {
        if (before < p->package.first) { p->package.first_commit = commit; }
        p->package.last_commit = commit;
    }
    return rc;
}

/* ---- one package ------------------------------------------------------------------------ */

static bool is_full(const packing *p)
{
    return p->head.number + 1 - p->package.first >= API_FEED_ROWS_MAX ||
           p->text >= API_FEED_TEXT_MAX;
}

/* Goes on behind the last subject that was looked at. */
static credit_result seek_touched(packing *p, credit_error *err)
{
    char key[CR_TOUCHED_KEY];
    cr_touched_key(p->head.commit, &p->head.subject, key);
    credit_result rc =
        cr_range_last(&p->touched, (credit_span){NULL, 0}, (credit_span){key, sizeof key}, err);
    if (rc == CREDIT_DONE) { cr_range_seek(&p->touched, (credit_span){NULL, 0}); }
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* CREDIT_DONE: nothing is left to walk. */
static credit_result walk(packing *p, credit_error *err)
{
    credit_result rc = seek_touched(p, err);
    while (rc == CREDIT_OK && !is_full(p) && (rc = cr_range_next(&p->touched, err)) == CREDIT_OK) {
        if (p->touched.key.size != CR_TOUCHED_KEY) {
            return cr_fail(err, CREDIT_E_CORRUPT, "an entry of a touched subject is damaged");
        }
        p->head.commit = cr_get_u32be(p->touched.key.data);
        memcpy(p->head.subject.bytes, p->touched.key.data + 4, CR_SUBJECT_KEY);
        rc = walk_subject(p, p->head.commit, &p->head.subject, err);
    }
    return rc;
}

static credit_result begin_package(packing *p, credit_error *err)
{
    credit_result rc = cr_feed_head_get(p->writer, &p->head, err);
    if (rc == CREDIT_OK && !p->head.begun) {
        rc = p->store->crypto->random(p->head.stream, CR_FEED_STREAM);
        if (rc != CREDIT_OK) { rc = cr_fail(err, rc, "no random bytes"); }
    }
    p->text = 0;
    p->package =
        (cr_feed_package){.number = p->head.package + 1, .first = p->head.number + 1, .at = p->now};
    memcpy(p->package.previous, p->head.chain, CR_FEED_DIGEST);
    return rc == CREDIT_OK ? cr_feed_chain_begin(p->store->crypto, p->digester.hasher,
                                 p->head.stream, &p->package, p->package.chain, err)
                           : rc;
}

/* Numbers the next changes. *more: the walk is not at its end. */
static credit_result number_package(packing *p, bool *more, credit_error *err)
{
    *more = false;
    credit_result rc = cr_writer_begin(p->store->store, &p->writer, err);
    if (rc == CREDIT_OK) { rc = begin_package(p, err); }
    if (rc == CREDIT_OK) {
        rc = api_feed_gate_open(p->store, p->writer, cr_instant_date(p->now), &p->gate, err);
    }
    if (rc == CREDIT_OK) { rc = cr_range_open(p->writer, CR_TABLE_TOUCHED, &p->touched, err); }
    if (rc == CREDIT_OK) { rc = walk(p, err); }
    *more = rc == CREDIT_OK;
    if (rc == CREDIT_DONE) { rc = CREDIT_OK; }
    if (rc == CREDIT_OK && p->package.last > 0) {
        p->head.package = p->package.number;
        memcpy(p->head.chain, p->package.chain, CR_FEED_DIGEST);
        rc = cr_feed_package_put(p->writer, &p->package, err);
    }
    if (rc == CREDIT_OK) { rc = cr_feed_head_put(p->writer, &p->head, err); }
    cr_range_close(&p->touched);
    api_feed_gate_close(&p->gate);
    if (rc != CREDIT_OK) {
        cr_txn_end(p->writer);
    } else {
        rc = cr_writer_commit(p->writer, err);
    }
    p->writer = NULL;
    return rc;
}

/* ---- files ------------------------------------------------------------------------------ */

static credit_result note_written(credit_store *store, uint32_t number, credit_error *err)
{
    cr_txn *writer = NULL;
    cr_feed_package package;
    credit_result rc = cr_writer_begin(store->store, &writer, err);
    if (rc != CREDIT_OK) { return rc; }
    rc = cr_feed_package_get(writer, number, &package, err);
    package.written = true;
    if (rc == CREDIT_OK) { rc = cr_feed_package_put(writer, &package, err); }
    if (rc == CREDIT_OK) { return cr_writer_commit(writer, err); }
    cr_txn_end(writer);
    return rc == CREDIT_DONE ? cr_fail(err, CREDIT_E_CORRUPT, "a package has gone") : rc;
}

/* The oldest package whose file has not been there; CREDIT_DONE: none. They are at the
 * end, since they are written in order. */
static credit_result find_unwritten(
    credit_store *store, cr_feed_head *head, cr_feed_package *package, credit_error *err)
{
    cr_txn *txn = NULL;
    cr_feed_package one;
    bool found = false;
    credit_result rc = cr_snapshot_begin(store->store, &txn, err);
    if (rc == CREDIT_OK) { rc = cr_feed_head_get(txn, head, err); }
    for (uint32_t n = head->package; rc == CREDIT_OK && n > 0; n--) {
        rc = cr_feed_package_get(txn, n, &one, err);
        if (rc == CREDIT_DONE) { rc = cr_fail(err, CREDIT_E_CORRUPT, "package %u has gone", n); }
        if (rc != CREDIT_OK || one.written) { break; }
        *package = one;
        found = true;
    }
    cr_txn_end(txn);
    return rc == CREDIT_OK && !found ? CREDIT_DONE : rc;
}

/* A file of the package's name was put there whole: it is not written again. */
static credit_result write_missing(
    credit_store *store, const char *directory, credit_write write, void *ctx, credit_error *err)
{
    char path[PATH_ROOM];
    cr_feed_head head;
    cr_feed_package package;
    credit_result rc;
    while ((rc = find_unwritten(store, &head, &package, err)) == CREDIT_OK) {
        rc = api_feed_path(directory, &head, package.number, path, err);
        uint64_t withheld = 0;
        if (rc == CREDIT_OK && !cr_file_exists(path)) {
            rc = api_feed_write(store, &head, &package, package.at, path, &withheld, err);
        }
        if (rc == CREDIT_OK) { rc = note_written(store, package.number, err); }
        if (rc == CREDIT_OK) { rc = api_feed_say(&package, path, withheld, write, ctx, err); }
        if (rc != CREDIT_OK) { return rc; }
    }
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

credit_result credit_feed_pack(credit_store *store, const char *directory, credit_instant now,
    credit_write write, void *ctx, uint64_t *packages, credit_error *err)
{
    if (packages != NULL) { *packages = 0; }
    if (store == NULL || directory == NULL || write == NULL || packages == NULL ||
        now == CREDIT_INSTANT_NONE) {
        return cr_fail(err, CREDIT_E_USAGE,
            "a store, a directory, an instant, a writer and a count are needed");
    }
    packing p = {.store = store, .now = now};
    bool more = true;
    cr_feed_head head;
    cr_feed_package package;
    credit_result rc = api_feed_digester_open(store->crypto, &p.digester, err);
    /* What an earlier call numbered and did not write goes first. */
    while (rc == CREDIT_OK) {
        rc = find_unwritten(store, &head, &package, err);
        if (rc == CREDIT_OK) {
            *packages += head.package - package.number + 1;
            rc = write_missing(store, directory, write, ctx, err);
        } else if (rc == CREDIT_DONE && more) {
            rc = number_package(&p, &more, err);
        } else {
            break;
        }
    }
    api_feed_digester_close(&p.digester);
    cr_arena_release(&p.arena);
    cr_free(p.tellings);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}
