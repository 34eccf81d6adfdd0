/* The store's own counters and the list of what came in. */
#include "api/internal.h"

#include <stdio.h>
#include <string.h>

#include "engine/admit.h"
#include "engine/bytes.h"
#include "engine/date.h"
#include "engine/text.h"

static const char HEAD_KEY[] = "head";
enum { HEAD_SIZE = 16 };

credit_result api_meta_get(cr_txn *txn, const char *name, credit_span *value, credit_error *err)
{
    return cr_get(txn, CR_TABLE_META, cr_span_of(name), value, err);
}

credit_result api_meta_put(cr_txn *writer, const char *name, credit_span value, credit_error *err)
{
    return cr_put(writer, CR_TABLE_META, cr_span_of(name), value, err);
}

credit_result api_head_get(cr_txn *txn, api_head *head, credit_error *err)
{
    credit_span value;
    *head = (api_head){0, 0, CREDIT_INSTANT_NONE};
    credit_result rc = api_meta_get(txn, HEAD_KEY, &value, err);
    if (rc == CREDIT_DONE) { return CREDIT_OK; }
    if (rc != CREDIT_OK) { return rc; }
    if (value.size != HEAD_SIZE) {
        return cr_fail(err, CREDIT_E_CORRUPT, "the store's head is damaged");
    }
    head->commit = cr_get_u32be(value.data);
    head->batch = cr_get_u32be(value.data + 4);
    head->at = (credit_instant)cr_get_u64be(value.data + 8);
    return CREDIT_OK;
}

/* Instants sort as unsigned bytes once their sign is flipped. */
static void instant_key(credit_instant instant, char out[8])
{
    cr_set_u64be(out, (uint64_t)instant ^ UINT64_C(0x8000000000000000));
}

credit_result api_head_advance(
    cr_txn *writer, credit_instant now, uint32_t pack_number, api_head *head, credit_error *err)
{
    char value[HEAD_SIZE], key[8], entry[8];
    if (head->commit == UINT32_MAX) {
        return cr_fail(err, CREDIT_E_LIMIT, "the store has used up its commit numbers");
    }
    head->commit++;
    head->at = head->at != CREDIT_INSTANT_NONE && now <= head->at ? head->at + 1 : now;
    cr_set_u32be(value, head->commit);
    cr_set_u32be(value + 4, head->batch);
    cr_set_u64be(value + 8, (uint64_t)head->at);
    credit_result rc = api_meta_put(writer, HEAD_KEY, (credit_span){value, sizeof value}, err);
    if (rc != CREDIT_OK) { return rc; }
    instant_key(head->at, key);
    cr_set_u32be(entry, head->commit);
    cr_set_u32be(entry + 4, pack_number);
    return cr_put(writer, CR_TABLE_COMMIT, (credit_span){key, sizeof key},
        (credit_span){entry, sizeof entry}, err);
}

credit_result api_commit_at(
    cr_txn *txn, credit_instant known_at, uint32_t *commit, credit_error *err)
{
    char key[8];
    cr_range range;
    *commit = 0;
    instant_key(known_at, key);
    credit_result rc = cr_range_open(txn, CR_TABLE_COMMIT, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    rc = cr_range_last(&range, (credit_span){NULL, 0}, (credit_span){key, sizeof key}, err);
    if (rc == CREDIT_OK && range.value.size == 8) { *commit = cr_get_u32be(range.value.data); }
    cr_range_close(&range);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* ---- batches -------------------------------------------------------------------- */

enum {
    BATCH_COUNTS = 14,
    BATCH_HEAD = 24,
    BATCH_FIXED = BATCH_HEAD + 8 * BATCH_COUNTS + CR_DIGEST_SIZE + 64 + 16
};

static void batch_counts(api_batch *batch, uint64_t *counts[BATCH_COUNTS])
{
    uint64_t *const fields[BATCH_COUNTS] = {&batch->rows, &batch->added, &batch->updated,
        &batch->unchanged, &batch->withdrawn, &batch->parked, &batch->rejected, &batch->warnings,
        &batch->late, &batch->late_unknown, &batch->subjects, &batch->entered, &batch->left,
        &batch->tiers_changed};
    memcpy(counts, fields, sizeof fields);
}

credit_result api_batch_put(cr_txn *writer, const api_batch *batch, credit_error *err)
{
    api_batch copy = *batch;
    uint64_t *counts[BATCH_COUNTS];
    char key[4], value[BATCH_FIXED + sizeof copy.file] = {0};
    batch_counts(&copy, counts);
    cr_set_u32le(value, 1);
    cr_set_u32le(value + 4, copy.commit);
    cr_set_u64le(value + 8, (uint64_t)copy.at);
    cr_set_u32le(value + 16, (uint32_t)copy.dated);
    cr_set_u32le(value + 20, copy.undoes);
    for (size_t i = 0; i < BATCH_COUNTS; i++) {
        cr_set_u64le(value + BATCH_HEAD + 8 * i, *counts[i]);
    }
    char *at = value + BATCH_HEAD + 8 * BATCH_COUNTS;
    memcpy(at, copy.digest, CR_DIGEST_SIZE);
    memcpy(at + CR_DIGEST_SIZE, copy.catalog, 64);
    memcpy(at + CR_DIGEST_SIZE + 64, copy.encoding, 16);
    memcpy(value + BATCH_FIXED, copy.file, sizeof copy.file);
    cr_set_u32be(key, copy.batch);
    return cr_put(writer, CR_TABLE_BATCH, (credit_span){key, sizeof key},
        (credit_span){value, sizeof value}, err);
}

static credit_result batch_decode(
    credit_span key, credit_span value, api_batch *batch, credit_error *err)
{
    uint64_t *counts[BATCH_COUNTS];
    memset(batch, 0, sizeof *batch);
    if (key.size != 4 || value.size != BATCH_FIXED + sizeof batch->file ||
        cr_get_u32le(value.data) != 1) {
        return cr_fail(err, CREDIT_E_CORRUPT, "a batch entry is damaged");
    }
    batch->batch = cr_get_u32be(key.data);
    batch->commit = cr_get_u32le(value.data + 4);
    batch->at = (credit_instant)cr_get_u64le(value.data + 8);
    batch->dated = (credit_date)cr_get_u32le(value.data + 16);
    batch->undoes = cr_get_u32le(value.data + 20);
    batch_counts(batch, counts);
    for (size_t i = 0; i < BATCH_COUNTS; i++) {
        *counts[i] = cr_get_u64le(value.data + BATCH_HEAD + 8 * i);
    }
    const char *at = value.data + BATCH_HEAD + 8 * BATCH_COUNTS;
    memcpy(batch->digest, at, CR_DIGEST_SIZE);
    memcpy(batch->catalog, at + CR_DIGEST_SIZE, 63);
    memcpy(batch->encoding, at + CR_DIGEST_SIZE + 64, 15);
    memcpy(batch->file, value.data + BATCH_FIXED, sizeof batch->file - 1);
    return CREDIT_OK;
}

void api_batch_summary(const api_batch *batch, credit_import_summary *summary)
{
    memset(summary, 0, sizeof *summary);
    summary->batch = batch->batch;
    snprintf(summary->catalog, sizeof summary->catalog, "%s", batch->catalog);
    snprintf(summary->encoding, sizeof summary->encoding, "%s", batch->encoding);
    api_hex(batch->digest, CR_DIGEST_SIZE, summary->sha256);
    summary->rows = batch->rows;
    summary->added = batch->added;
    summary->updated = batch->updated;
    summary->unchanged = batch->unchanged;
    summary->withdrawn = batch->withdrawn;
    summary->parked = batch->parked;
    summary->rejected = batch->rejected;
    summary->warnings = batch->warnings;
    summary->late = batch->late;
    summary->late_unknown = batch->late_unknown;
    summary->subjects = batch->subjects;
    summary->entered = batch->entered;
    summary->left = batch->left;
    summary->tiers_changed = batch->tiers_changed;
}

credit_result api_batch_get(cr_txn *txn, uint32_t number, api_batch *batch, credit_error *err)
{
    char key[4];
    credit_span value;
    memset(batch, 0, sizeof *batch);
    cr_set_u32be(key, number);
    credit_result rc = cr_get(txn, CR_TABLE_BATCH, (credit_span){key, sizeof key}, &value, err);
    return rc == CREDIT_OK ? batch_decode((credit_span){key, sizeof key}, value, batch, err) : rc;
}

/* Another batch by its number, or null. */
static void write_other(cr_canon *json, const char *key, uint32_t batch)
{
    cr_canon_key(json, key);
    if (batch == 0) {
        cr_canon_null(json);
    } else {
        cr_canon_integer(json, batch);
    }
}

/* Its members; the document is opened and closed by the caller. */
static void write_batch(cr_canon *json, const cr_counting *counting, const api_batch *batch)
{
    cr_canon_key(json, "batch");
    cr_canon_integer(json, batch->batch);
    cr_canon_key(json, "at");
    api_json_instant(json, batch->at);
    cr_canon_key(json, "dated");
    cr_canon_date(json, batch->dated);
    cr_canon_key(json, "catalog");
    cr_canon_text(json, batch->catalog);
    cr_canon_key(json, "file");
    cr_canon_text(json, batch->file);
    cr_canon_key(json, "encoding");
    cr_canon_text(json, batch->encoding);
    cr_canon_key(json, "sha256");
    api_json_hex(json, batch->digest, CR_DIGEST_SIZE);
    static const char *const names[BATCH_COUNTS] = {"rows", "added", "updated", "unchanged",
        "withdrawn", "parked", "rejected", "warnings", "late", "late_unknown", "subjects",
        "entered", "left", "tiers_changed"};
    uint64_t *counts[BATCH_COUNTS];
    api_batch copy = *batch;
    batch_counts(&copy, counts);
    for (size_t i = 0; i < BATCH_COUNTS; i++) {
        cr_canon_key(json, names[i]);
        cr_canon_integer(json, (int64_t)*counts[i]);
    }
    write_other(json, "undoes", batch->undoes);
    write_other(json, "undone_by", cr_undone_by(counting, batch->commit));
}

credit_result credit_batch_list(
    credit_store *store, credit_write write, void *ctx, credit_error *err)
{
    if (store == NULL || write == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a store and a writer are needed");
    }
    cr_txn *txn = NULL;
    cr_range range = {0};
    cr_counting counting = {0};
    cr_canon json;
    api_batch batch;
    cr_canon_init(&json);
    json.sorted = false;
    credit_result rc = cr_snapshot_begin(store->store, &txn, err);
    if (rc == CREDIT_OK) { rc = cr_counting_open(txn, &counting, err); }
    if (rc == CREDIT_OK) { rc = cr_range_open(txn, CR_TABLE_BATCH, &range, err); }
    if (rc == CREDIT_OK) { cr_range_seek(&range, (credit_span){NULL, 0}); }
    while (rc == CREDIT_OK && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        rc = batch_decode(range.key, range.value, &batch, err);
        if (rc != CREDIT_OK) { break; }
        cr_canon_reset(&json);
        cr_canon_object(&json);
        write_batch(&json, &counting, &batch);
        cr_canon_end_object(&json);
        rc = api_send(&json, write, ctx, err);
    }
    cr_range_close(&range);
    cr_counting_close(&counting);
    cr_txn_end(txn);
    cr_canon_free(&json);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

credit_result api_count_waiting(cr_txn *txn, uint32_t batch, uint64_t *waiting, credit_error *err)
{
    char prefix[4];
    cr_range range = {0};
    cr_counting counting;
    cr_parked parked;
    bool waits;
    *waiting = 0;
    cr_set_u32be(prefix, batch);
    credit_result rc = cr_counting_open(txn, &counting, err);
    if (rc == CREDIT_OK) { rc = cr_range_open(txn, CR_TABLE_PARKED, &range, err); }
    if (rc == CREDIT_OK) {
        cr_range_seek(&range, (credit_span){prefix, batch == 0 ? 0 : sizeof prefix});
    }
    while (rc == CREDIT_OK && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        rc = range.key.size == CR_PARKED_KEY
                 ? cr_parked_decode(range.value, &parked, err)
                 : cr_fail(err, CREDIT_E_CORRUPT, "a waiting row's key is damaged");
        if (rc == CREDIT_OK) {
            rc = cr_parked_waits(&counting, range.key.data, &parked, &waits, err);
        }
        if (rc == CREDIT_OK && waits) { ++*waiting; }
    }
    cr_range_close(&range);
    cr_counting_close(&counting);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

credit_result credit_batch_show(
    credit_store *store, uint64_t number, credit_write write, void *ctx, credit_error *err)
{
    if (store == NULL || write == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a store and a writer are needed");
    }
    cr_txn *txn = NULL;
    cr_counting counting = {0};
    cr_canon json;
    api_batch batch;
    uint64_t waiting = 0;
    cr_canon_init(&json);
    json.sorted = false;
    credit_result rc = cr_snapshot_begin(store->store, &txn, err);
    if (rc == CREDIT_OK) {
        rc = number > UINT32_MAX ? CREDIT_DONE : api_batch_get(txn, (uint32_t)number, &batch, err);
        if (rc == CREDIT_DONE) {
            rc = cr_fail(
                err, CREDIT_E_NOT_FOUND, "there is no batch %llu", (unsigned long long)number);
        }
    }
    if (rc == CREDIT_OK) { rc = api_count_waiting(txn, batch.batch, &waiting, err); }
    if (rc == CREDIT_OK) { rc = cr_counting_open(txn, &counting, err); }
    if (rc == CREDIT_OK) {
        cr_canon_object(&json);
        write_batch(&json, &counting, &batch);
        cr_canon_key(&json, "waiting");
        cr_canon_integer(&json, (int64_t)waiting);
        cr_canon_end_object(&json);
        rc = api_send(&json, write, ctx, err);
    }
    cr_counting_close(&counting);
    cr_txn_end(txn);
    cr_canon_free(&json);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* ---- output --------------------------------------------------------------------- */

credit_result api_send(const cr_canon *json, credit_write write, void *ctx, credit_error *err)
{
    if (json->failed) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    return write(ctx, json->data, json->size) == 0 ? CREDIT_OK : CREDIT_DONE;
}

void api_hex(const unsigned char *bytes, size_t size, char *out)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < size; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * size] = '\0';
}

void api_json_hex(cr_canon *json, const unsigned char *bytes, size_t size)
{
    char text[2 * CR_DIGEST_SIZE + 1];
    api_hex(bytes, size > CR_DIGEST_SIZE ? CR_DIGEST_SIZE : size, text);
    cr_canon_text(json, text);
}

void api_json_instant(cr_canon *json, credit_instant instant)
{
    char text[CR_INSTANT_TEXT];
    if (instant == CREDIT_INSTANT_NONE) {
        cr_canon_null(json);
        return;
    }
    cr_canon_text(json, cr_instant_print(instant, text));
}

void api_json_until(cr_canon *json, credit_date date)
{
    if (date == CREDIT_DATE_FOREVER) {
        cr_canon_null(json);
    } else {
        cr_canon_date(json, date);
    }
}
