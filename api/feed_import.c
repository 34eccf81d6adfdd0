/* A package of the exchange comes in: one batch, one transaction, all its catalogs.
 *
 * 1. It is applied when it is the next of its stream; one that was applied is known,
 *    and answered again with the same receipt; anything else is refused.
 * 2. Rows are checked and admitted as those of a file are. Whose record a row is the
 *    sender has decided; in time it comes after whatever the store has of its record.
 * 3. Of the rows about one record the last counts: a deletion that another row follows
 *    has nothing left to do.
 * 4. The receipt is in the store before it is in a file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/feed.h"
#include "api/finish.h"
#include "api/packs.h"
#include "api/seal.h"
#include "api/verdict.h"
#include "engine/date.h"
#include "engine/sorter.h"
#include "engine/text.h"
#include "keys/files.h"
#include "loaders/loader.h"

typedef struct applying {
    credit_store *store;
    const api_policy *policy; /* in force on the day of the import */
    const credit_import_options *options;
    api_feed_taking taking;
    uint64_t count;             /* lines */
    api_feed_outcome *outcomes; /* of each */
    cr_arena arena;
    cr_txn *writer;
    cr_encoder encoder;
    api_finisher finisher;
    api_batch batch;
    cr_subject_key *touched;
    size_t touched_count, touched_room;
    /* of the file at hand */
    const api_feed_resource *resource;
    const cr_catalog *catalog;
    cr_admission *admission;
    cr_block *block;
    uint64_t *starts; /* physical line on which its rows begin, */
    size_t *which;    /* and their places among the lines */
    size_t rows;
} applying;

/* ---- what became of a line -------------------------------------------------------------- */

static void reject(
    applying *a, size_t line, const char *rule, const char *field, const char *message)
{
    api_feed_outcome *outcome = &a->outcomes[line];
    outcome->seen = true;
    if (outcome->rejected) { return; }
    outcome->rejected = true;
    a->batch.rejected++;
    snprintf(outcome->rule, sizeof outcome->rule, "%s", rule);
    snprintf(outcome->field, sizeof outcome->field, "%s", field);
    outcome->message = cr_arena_copy(&a->arena, message, strlen(message));
}

/* The place of the row that begins on a physical line of the text. */
static size_t place_of(const applying *a, uint64_t line)
{
    size_t from = 0, to = a->rows;
    while (to - from > 1) {
        size_t middle = from + (to - from) / 2;
        if (a->starts[middle] <= line) {
            from = middle;
        } else {
            to = middle;
        }
    }
    return a->which[from];
}

/* ---- rows with content -------------------------------------------------------------------- */

static credit_result flush(applying *a, credit_error *err)
{
    a->block->follows = true;
    credit_result rc = api_finish_block(a->store, a->catalog, &a->finisher, a->block, err);
    if (rc == CREDIT_OK) { rc = cr_admission_add(a->admission, a->block, err); }
    cr_block_reset(a->block);
    return rc;
}

static credit_result begin(void *ctx, const cr_catalog *catalog, uint16_t catalog_index,
    const cr_profile *profile, credit_span header, credit_error *err)
{
    applying *a = ctx;
    (void)catalog_index;
    (void)profile;
    (void)header;
    (void)err;
    a->catalog = catalog;
    return CREDIT_OK;
}

static bool same_id(const cr_id *a, const cr_id *b)
{
    return a->kind == b->kind && a->size == b->size && memcmp(a->number, b->number, a->size) == 0;
}

static credit_result take_record(
    void *ctx, const cr_record *record, credit_span raw, credit_error *err)
{
    applying *a = ctx;
    cr_record own = *record;
    char key[CR_RECORD_KEY];
    size_t place = place_of(a, record->line);
    const api_feed_line *line = &a->taking.lines[place];
    cr_id_verdict verdict =
        cr_id_judge(line->subject, CR_ID_USCC, &a->policy->pack.pack->ids, &own.subject);
    (void)raw;
    credit_result rc = cr_record_key_of(
        record->catalog, record->values, a->store->crypto, a->finisher.hasher, key, err);
    if (rc != CREDIT_OK) { return rc; }
    if (!verdict.valid ||
        (record->subject.kind == CR_ID_USCC && !same_id(&own.subject, &record->subject))) {
        reject(a, place, "FEED", "subject", "the row is about another subject than it says");
        return CREDIT_OK;
    }
    if (memcmp(key, line->record, CR_RECORD_KEY) != 0) {
        reject(a, place, "FEED", "record", "the row has another record key here");
        return CREDIT_OK;
    }
    a->outcomes[place].seen = true;
    own.row = place + 1;
    own.provided_on = line->day;
    rc = cr_encoder_add(&a->encoder, &own, a->block, err);
    return rc == CREDIT_OK && cr_block_is_full(a->block) ? flush(a, err) : rc;
}

static credit_result take_refused(void *ctx, uint64_t line, credit_span raw,
    const cr_finding *findings, size_t count, credit_error *err)
{
    applying *a = ctx;
    (void)raw;
    (void)err;
    if (count > 0) {
        reject(a, place_of(a, line), findings[0].rule, findings[0].field, findings[0].message);
    } else {
        reject(a, place_of(a, line), "CSV", "", "the row cannot be read");
    }
    return CREDIT_OK;
}

static credit_result touch(void *ctx, const cr_touched *subject, credit_error *err)
{
    applying *a = ctx;
    if (!cr_grow(&a->touched, &a->touched_room, a->touched_count + 1, sizeof *a->touched)) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    a->touched[a->touched_count++] = *subject->key;
    return CREDIT_OK;
}

static bool is_of(const api_feed_line *line, size_t resource)
{
    return !line->withheld && line->operation != CR_FEED_DELETE && line->resource == resource;
}

/* The file's rows that have content, as a file of the catalog's own columns. */
static credit_result lay_out(applying *a, size_t resource, credit_span *text, credit_error *err)
{
    size_t size = a->resource->header.size + 1, rows = 0;
    for (uint64_t i = 0; i < a->count; i++) {
        if (!is_of(&a->taking.lines[i], resource)) { continue; }
        size += a->taking.lines[i].raw.size + 1;
        rows++;
    }
    a->rows = 0;
    if (rows == 0) { return CREDIT_OK; }
    char *out = cr_arena_alloc(&a->arena, size);
    a->starts = cr_arena_array(&a->arena, rows + 1, sizeof *a->starts);
    a->which = cr_arena_array(&a->arena, rows + 1, sizeof *a->which);
    if (out == NULL || a->starts == NULL || a->which == NULL) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    uint64_t line_number = 2;
    size_t at = a->resource->header.size;
    memcpy(out, a->resource->header.data, at);
    out[at++] = '\n';
    for (uint64_t i = 0; i < a->count; i++) {
        const api_feed_line *line = &a->taking.lines[i];
        if (!is_of(line, resource)) { continue; }
        a->starts[a->rows] = line_number;
        a->which[a->rows++] = (size_t)i;
        memcpy(out + at, line->raw.data, line->raw.size);
        at += line->raw.size;
        out[at++] = '\n';
        for (size_t k = 0; k < line->raw.size; k++) { line_number += line->raw.data[k] == '\n'; }
        line_number++;
    }
    *text = (credit_span){out, size};
    return CREDIT_OK;
}

static credit_result load(applying *a, credit_span text, cr_load_result *loaded, credit_error *err)
{
    bool withheld[CR_FIELDS_MAX] = {false};
    cr_source *source = NULL;
    const cr_pack *pack = a->policy->pack.pack;
    const cr_sink sink = {a, begin, take_record, take_refused, NULL};
    const cr_catalog *catalog = &pack->catalogs[cr_pack_catalog(pack, a->resource->catalog)];
    cr_scope scope = strcmp(a->taking.scope, "public") == 0       ? CR_SCOPE_PUBLIC
                     : strcmp(a->taking.scope, "authorized") == 0 ? CR_SCOPE_AUTHORIZED
                                                                  : CR_SCOPE_GOVERNMENT;
    api_feed_withheld_fields(scope, catalog, withheld);
    const cr_load_options options = {
        pack, a->resource->catalog, cr_instant_date(a->options->now), withheld};
    credit_result rc = cr_source_of(text, a->store->crypto, &source, err);
    if (rc == CREDIT_OK) { rc = cr_load(source, &options, &sink, loaded, err); }
    if (rc == CREDIT_OK && a->block->count > 0) { rc = flush(a, err); }
    cr_source_close(source);
    return rc;
}

static void count_admitted(
    applying *a, const cr_admission_counts *counts, const cr_load_result *loaded)
{
    a->batch.added += counts->added;
    a->batch.updated += counts->updated;
    a->batch.unchanged += counts->unchanged;
    a->batch.withdrawn += counts->withdrawn;
    a->batch.parked += counts->parked;
    a->batch.warnings += loaded->warnings;
    a->batch.late += loaded->late;
    a->batch.late_unknown += loaded->late_unknown;
}

static void reject_unseen(applying *a, const char *message)
{
    for (size_t i = 0; i < a->rows; i++) {
        if (!a->outcomes[a->which[i]].seen) { reject(a, a->which[i], "FEED", "", message); }
    }
}

static credit_result admit_resource(applying *a, size_t resource, credit_error *err)
{
    char tmp[PATH_ROOM + 8];
    credit_span text;
    cr_load_result loaded;
    cr_admission_counts counts = {0};
    snprintf(tmp, sizeof tmp, "%s/tmp", a->store->path);
    a->resource = &a->taking.resources[resource];
    credit_result rc = lay_out(a, resource, &text, err);
    if (rc != CREDIT_OK || a->rows == 0) { return rc; }
    if (cr_pack_catalog(a->policy->pack.pack, a->resource->catalog) < 0) {
        reject_unseen(a, "the pack has no such catalog");
        return CREDIT_OK;
    }
    const cr_admission_options options = {a->writer, &a->finisher.earlier, a->policy->pack.pack,
        &a->policy->registry, a->batch.commit, a->batch.batch, true, tmp, CR_SORT_MEMORY, touch, a};
    rc = cr_admission_new(&options, &a->admission, err);
    if (rc == CREDIT_OK) { rc = load(a, text, &loaded, err); }
    if (rc == CREDIT_OK) { rc = cr_admission_finish(a->admission, a->catalog, &counts, err); }
    if (rc == CREDIT_OK) {
        count_admitted(a, &counts, &loaded);
        reject_unseen(a, "the row says nothing");
    }
    cr_admission_free(a->admission);
    a->admission = NULL;
    return rc;
}

/* The register comes first: it says who the others are about. */
static credit_result admit_all(applying *a, credit_error *err)
{
    const cr_pack *pack = a->policy->pack.pack;
    credit_result rc = CREDIT_OK;
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; rc == CREDIT_OK && i < a->taking.resource_count; i++) {
            int index = cr_pack_catalog(pack, a->taking.resources[i].catalog);
            bool first = index >= 0 && pack->catalogs[index].kind == CR_CATALOG_REGISTER;
            if (first == (pass == 0)) { rc = admit_resource(a, i, err); }
        }
    }
    return rc;
}

/* ---- deletions ---------------------------------------------------------------------------- */

/* What orders lines by their record; lines of one stay in their order. */
enum { RECORD_AT = 2, SUBJECT_AT = RECORD_AT + CR_RECORD_KEY, LINE_KEY = SUBJECT_AT + 32 };
typedef struct placed {
    char key[LINE_KEY];
    size_t place;
} placed;

static void place_line(const api_feed_line *line, size_t place, placed *out)
{
    cr_set_u16be(out->key, line->resource);
    memcpy(out->key + RECORD_AT, line->record, CR_RECORD_KEY);
    memcpy(out->key + SUBJECT_AT, line->subject.data, line->subject.size);
    out->place = place;
}

static credit_result remove_record(applying *a, size_t place, credit_error *err)
{
    char bytes[CR_VERSION_KEY], value[CR_VERSION_VALUE];
    cr_id id;
    cr_found found;
    cr_range range;
    const cr_pack *pack = a->policy->pack.pack;
    const api_feed_line *line = &a->taking.lines[place];
    int index = cr_pack_catalog(pack, a->taking.resources[line->resource].catalog);
    cr_version_key key = {.commit = a->batch.commit, .row = (uint32_t)place + 1};
    memcpy(key.record, line->record, CR_RECORD_KEY);
    if (index < 0 || !cr_id_judge(line->subject, CR_ID_USCC, &pack->ids, &id).valid) {
        reject(a, place, "FEED", "subject", "the store cannot know such a record");
        return CREDIT_OK;
    }
    key.catalog = a->policy->registry.catalog_number[index];
    credit_result rc = cr_subject_key_of(&id, a->store->crypto, NULL, &key.subject, err);
    if (rc == CREDIT_OK) { rc = cr_range_open(a->writer, CR_TABLE_VERSION, &range, err); }
    if (rc != CREDIT_OK) { return rc; }
    rc = cr_version_find(&range, &key, CREDIT_DATE_FOREVER, &found, err);
    cr_range_close(&range);
    if (rc != CREDIT_OK) { return rc; }
    a->outcomes[place].seen = true;
    if (!found.in_force || found.version.state == CR_VERSION_REMOVED) {
        a->batch.unchanged++;
        return CREDIT_OK;
    }
    cr_version version = found.version;
    version.state = CR_VERSION_REMOVED;
    version.received_on = cr_instant_date(a->options->now);
    credit_date day = line->day < version.received_on ? line->day : version.received_on;
    if (day > version.sourced_on) { version.sourced_on = day; }
    cr_version_key_encode(&key, bytes);
    cr_version_encode(&version, value);
    rc = cr_put(a->writer, CR_TABLE_VERSION, (credit_span){bytes, sizeof bytes},
        (credit_span){value, sizeof value}, err);
    if (rc == CREDIT_OK) { rc = cr_touched_put(a->writer, key.commit, &key.subject, err); }
    a->batch.withdrawn++;
    const cr_touched touched = {.key = &key.subject};
    return rc == CREDIT_OK ? touch(a, &touched, err) : rc;
}

static credit_result remove_all(applying *a, credit_error *err)
{
    size_t count = 0;
    placed *lines = cr_arena_array(&a->arena, (size_t)a->count + 1, sizeof *lines);
    const char **order = cr_arena_array(&a->arena, (size_t)a->count + 1, sizeof *order);
    if (lines == NULL || order == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    for (size_t i = 0; i < a->count; i++) {
        if (a->taking.lines[i].withheld) { continue; }
        place_line(&a->taking.lines[i], i, &lines[count]);
        order[count] = lines[count].key;
        count++;
    }
    credit_result rc = cr_sort(order, count, LINE_KEY, err);
    for (size_t i = 0; rc == CREDIT_OK && i < count; i++) {
        size_t place = ((const placed *)(const void *)order[i])->place;
        if (a->taking.lines[place].operation != CR_FEED_DELETE) { continue; }
        if (i + 1 < count && memcmp(order[i], order[i + 1], LINE_KEY) == 0) {
            a->outcomes[place].seen = true;
            a->batch.unchanged++;
        } else {
            rc = remove_record(a, place, err);
        }
    }
    return rc;
}

/* ---- what was touched ---------------------------------------------------------------------- */

static int compare_subjects(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(cr_subject_key));
}

static credit_result judge_touched(applying *a, credit_error *err)
{
    char tmp[PATH_ROOM + 8];
    const cr_subject none = {0};
    api_verdicts *verdicts = NULL;
    if (a->touched_count == 0) { return CREDIT_OK; }
    snprintf(tmp, sizeof tmp, "%s/tmp", a->store->path);
    qsort(a->touched, a->touched_count, sizeof *a->touched, compare_subjects);
    credit_result rc = api_verdicts_new(a->store, a->writer, a->batch.commit,
        cr_instant_date(a->options->now), tmp, &verdicts, err);
    if (rc == CREDIT_OK) { rc = api_verdicts_expect(verdicts, a->touched_count, err); }
    for (size_t i = 0; rc == CREDIT_OK && i < a->touched_count; i++) {
        if (i > 0 && compare_subjects(&a->touched[i - 1], &a->touched[i]) == 0) { continue; }
        const cr_touched touched = {&a->touched[i], &none, NULL, 0, true};
        a->batch.subjects++;
        rc = api_verdicts_touch(verdicts, &touched, err);
    }
    if (rc == CREDIT_OK) { rc = api_verdicts_finish(verdicts, err); }
    if (rc == CREDIT_OK) {
        api_changes changes = api_verdicts_count(verdicts);
        a->batch.entered = changes.entered;
        a->batch.left = changes.left;
        a->batch.tiers_changed = changes.tiers;
    }
    api_verdicts_free(verdicts);
    return rc;
}

/* What waits for good is no part of the store: the sender is told. It stays counted
 * as waiting. */
static credit_result reject_parked(applying *a, credit_error *err)
{
    char prefix[4];
    cr_range range;
    cr_parked parked;
    uint64_t rejected = a->batch.rejected;
    cr_set_u32be(prefix, a->batch.batch);
    credit_result rc = cr_range_open(a->writer, CR_TABLE_PARKED, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_range_seek(&range, (credit_span){prefix, sizeof prefix});
    while ((rc = cr_range_next(&range, err)) == CREDIT_OK) {
        rc = cr_parked_decode(range.value, &parked, err);
        if (rc != CREDIT_OK) { break; }
        reject(a, cr_get_u32be(range.key.data + 4) - 1, parked.rule, "", "the row waits");
    }
    cr_range_close(&range);
    a->batch.rejected = rejected;
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* ---- the package ---------------------------------------------------------------------------- */

static credit_result prepare(applying *a, credit_error *err)
{
    credit_store *store = a->store;
    a->count = a->taking.package.last - a->taking.package.first + 1;
    a->outcomes = cr_arena_array(&a->arena, (size_t)a->count, sizeof *a->outcomes);
    a->block = cr_alloc(sizeof *a->block);
    if (a->outcomes == NULL || a->block == NULL) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    memset(a->block, 0, sizeof *a->block);
    credit_date today = cr_instant_date(a->options->now);
    credit_result rc = api_policy_on(store, a->writer, today, &a->policy, err);
    if (rc == CREDIT_OK) { rc = api_finisher_open(store, a->policy, &a->finisher, err); }
    if (rc != CREDIT_OK) { return rc; }
    a->encoder.registry = &a->policy->registry;
    a->encoder.received_on = today;
    a->encoder.dated = CREDIT_DATE_NONE;
    a->encoder.frames.crypto = store->crypto;
    a->encoder.frames.hasher = a->finisher.hasher;
    a->encoder.frames.cipher =
        strcmp(store->suite, "sm2") == 0 ? CR_CIPHER_SM4_CTR_HMAC_SM3 : CR_CIPHER_AES256_GCM;
    a->encoder.frames.persons_key = store->has_persons_key ? store->persons_key : NULL;
    return rc;
}

/* CREDIT_OK: it is the next; CREDIT_DONE: it was applied, as *before. */
static credit_result find_place(applying *a, cr_feed_taken *before, credit_error *err)
{
    char stream[2 * CR_FEED_STREAM + 1];
    cr_feed_taken last = {0};
    const cr_feed_package *package = &a->taking.package;
    api_hex(a->taking.stream, CR_FEED_STREAM, stream);
    credit_result rc = cr_feed_taken_last(a->writer, a->taking.stream, &last, err);
    if (rc < CREDIT_OK) { return rc; }
    if (rc == CREDIT_OK && package->number <= last.number) {
        rc = cr_feed_taken_get(a->writer, a->taking.stream, package->number, before, err);
        if (rc != CREDIT_OK) {
            return rc == CREDIT_DONE ? cr_fail(err, CREDIT_E_CORRUPT, "a package has gone") : rc;
        }
        return memcmp(before->chain, package->chain, CR_FEED_DIGEST) == 0
                   ? CREDIT_DONE
                   : cr_fail(err, CREDIT_E_UNTRUSTED,
                         "package %u of stream %.8s is another than the one that came before",
                         package->number, stream);
    }
    if (package->number != last.number + 1) {
        return cr_fail(err, CREDIT_E_DATA, "package %u of stream %.8s is missing; this is %u",
            last.number + 1, stream, package->number);
    }
    return memcmp(last.chain, package->previous, CR_FEED_DIGEST) == 0
               ? CREDIT_OK
               : cr_fail(err, CREDIT_E_UNTRUSTED,
                     "package %u of stream %.8s does not follow the one before", package->number,
                     stream);
}

static void describe(applying *a, const char *path, const api_head *head)
{
    const char *name = strrchr(path, '/');
    a->batch.batch = head->batch;
    a->batch.commit = head->commit;
    a->batch.at = head->at;
    a->batch.dated = CREDIT_DATE_NONE;
    a->encoder.commit = head->commit;
    snprintf(a->batch.file, sizeof a->batch.file, "%s", name == NULL ? path : name + 1);
    snprintf(a->batch.catalog, sizeof a->batch.catalog, "feed");
    snprintf(a->batch.encoding, sizeof a->batch.encoding, "asice");
    a->batch.rows = a->count - a->taking.withheld;
}

static credit_result apply(applying *a, const char *path, credit_error *err)
{
    api_head head;
    credit_result rc = api_head_get(a->writer, &head, err);
    if (rc != CREDIT_OK) { return rc; }
    head.batch++;
    rc = api_head_advance(a->writer, a->options->now, a->policy->number, &head, err);
    if (rc == CREDIT_OK) { rc = cr_earlier_open(&a->finisher.earlier, a->store->store, err); }
    describe(a, path, &head);
    if (rc == CREDIT_OK) { rc = admit_all(a, err); }
    if (rc == CREDIT_OK) { rc = remove_all(a, err); }
    if (rc == CREDIT_OK) { rc = reject_parked(a, err); }
    if (rc == CREDIT_OK) { rc = judge_touched(a, err); }
    return rc == CREDIT_OK ? api_batch_put(a->writer, &a->batch, err) : rc;
}

/* Puts the receipt beside the batch that it is about. */
static credit_result keep_receipt(applying *a, credit_span *receipt, credit_error *err)
{
    cr_feed_taken taken = {.number = a->taking.package.number,
        .batch = a->batch.batch,
        .rows = a->batch.rows,
        .rejected = a->batch.rejected + a->batch.parked,
        .withheld = a->taking.withheld};
    memcpy(taken.stream, a->taking.stream, CR_FEED_STREAM);
    memcpy(taken.chain, a->taking.package.chain, CR_FEED_DIGEST);
    credit_result rc = api_feed_receipt_make(
        a->store, &a->taking, a->outcomes, a->options->now, &a->arena, receipt, err);
    taken.receipt = *receipt;
    return rc == CREDIT_OK ? cr_feed_taken_put(a->writer, &taken, err) : rc;
}

static credit_result write_receipt(
    applying *a, const char *path, credit_span receipt, credit_error *err)
{
    char beside[CR_FILE_PATH_MAX];
    const char *to = a->options->receipt;
    if (to == NULL) {
        int size = snprintf(beside, sizeof beside, "%s.receipt.asice", path);
        if (size < 0 || size >= (int)sizeof beside) {
            return cr_fail(err, CREDIT_E_LIMIT, "the receipt's path is too long");
        }
        to = beside;
    }
    return cr_file_replace(to, receipt, CR_FILE_PUBLIC, err);
}

/* What a package that is in already amounts to. */
static credit_result recall(
    applying *a, const cr_feed_taken *before, credit_span *receipt, credit_error *err)
{
    credit_result rc = api_batch_get(a->writer, before->batch, &a->batch, err);
    if (rc != CREDIT_OK) {
        return rc == CREDIT_DONE ? cr_fail(err, CREDIT_E_CORRUPT, "a package's batch is missing")
                                 : rc;
    }
    api_batch *batch = &a->batch;
    batch->batch = 0;
    batch->unchanged += batch->added + batch->updated + batch->withdrawn;
    batch->added = batch->updated = batch->withdrawn = 0;
    batch->subjects = batch->entered = batch->left = batch->tiers_changed = 0;
    *receipt = cr_arena_span(&a->arena, before->receipt);
    return receipt->data != NULL ? CREDIT_OK : cr_fail(err, CREDIT_E_NOMEM, "out of memory");
}

static credit_result take_package(
    applying *a, const char *path, bool *known, credit_span *receipt, credit_error *err)
{
    cr_feed_taken before;
    credit_result rc = find_place(a, &before, err);
    *known = rc == CREDIT_DONE;
    if (*known) { return recall(a, &before, receipt, err); }
    if (rc == CREDIT_OK) { rc = apply(a, path, err); }
    if (rc != CREDIT_OK || a->options->dry_run) { return rc; }
    rc = keep_receipt(a, receipt, err);
    if (rc != CREDIT_OK) { return rc; }
    rc = cr_writer_commit(a->writer, err);
    a->writer = NULL;
    return rc;
}

credit_result api_feed_import(credit_store *store, const char *path,
    const credit_import_options *options, credit_import_summary *summary, credit_error *err)
{
    applying a = {.store = store, .options = options};
    cr_sealed sealed;
    unsigned char digest[CR_DIGEST_SIZE];
    credit_span receipt = {NULL, 0};
    bool known = false;
    credit_result rc =
        api_unseal_trusted(store, path, options->trust, &a.arena, &sealed, digest, err);
    if (rc == CREDIT_OK && cr_sealed_file(&sealed, API_FEED_DESCRIPTION).data == NULL) {
        rc = cr_fail(err, CREDIT_E_DATA, "%s: is sealed, but no package of the exchange", path);
    }
    if (rc == CREDIT_OK) { rc = api_feed_read(&sealed, store->crypto, &a.arena, &a.taking, err); }
    if (rc == CREDIT_OK) { rc = cr_writer_begin(store->store, &a.writer, err); }
    if (rc == CREDIT_OK) { rc = prepare(&a, err); }
    memcpy(a.batch.digest, digest, rc == CREDIT_OK ? sizeof digest : 0);
    if (rc == CREDIT_OK) { rc = take_package(&a, path, &known, &receipt, err); }
    cr_txn_end(a.writer);
    if (rc == CREDIT_OK && receipt.size > 0) { rc = write_receipt(&a, path, receipt, err); }
    if (rc == CREDIT_OK) {
        if (options->dry_run) { a.batch.batch = 0; }
        api_batch_summary(&a.batch, summary);
        api_hex(digest, sizeof digest, summary->sha256);
        summary->known = known;
        summary->withheld = a.taking.withheld;
        snprintf(summary->ordered_by, sizeof summary->ordered_by, "feed");
    }
    if (a.block != NULL) { cr_block_free(a.block); }
    api_finisher_close(store, &a.finisher);
    cr_frame_writer_free(&a.encoder.frames);
    cr_free(a.touched);
    cr_arena_release(&a.arena);
    return rc;
}
