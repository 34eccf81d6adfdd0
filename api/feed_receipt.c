/* Receipts: what a receiver says of a package, and what the sender makes of it.
 *
 * A receipt names the package by stream, number and chain, and of its numbers those
 * that were rejected, with rule, field and message, and those whose rows were withheld;
 * all others were accepted. A receiver takes a package once and says the same of it for
 * ever, so the order of receipts and their repetition do not matter. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "api/feed.h"
#include "api/seal.h"
#include "engine/text.h"

/* ---- the receiver's side ---------------------------------------------------------------- */

static void write_rejected(
    cr_canon *json, const api_feed_taking *taking, const api_feed_outcome *outcomes, uint64_t count)
{
    cr_canon_key(json, "rejected");
    cr_canon_array(json);
    for (uint64_t i = 0; i < count; i++) {
        if (!outcomes[i].rejected) { continue; }
        cr_canon_object(json);
        cr_canon_key(json, "field");
        cr_canon_text(json, outcomes[i].field);
        cr_canon_key(json, "message");
        cr_canon_text(json, outcomes[i].message);
        cr_canon_key(json, "number");
        cr_canon_integer(json, (int64_t)(taking->package.first + i));
        cr_canon_key(json, "rule");
        cr_canon_text(json, outcomes[i].rule);
        cr_canon_end_object(json);
    }
    cr_canon_end_array(json);
}

static void write_receipt(cr_canon *json, const api_feed_taking *taking,
    const api_feed_outcome *outcomes, credit_instant now)
{
    const cr_feed_package *package = &taking->package;
    uint64_t count = package->last - package->first + 1, rejected = 0;
    for (uint64_t i = 0; i < count; i++) { rejected += outcomes[i].rejected; }
    cr_canon_object(json);
    cr_canon_key(json, "accepted");
    cr_canon_integer(json, (int64_t)(count - rejected - taking->withheld));
    cr_canon_key(json, "chain");
    api_json_hex(json, package->chain, CR_FEED_DIGEST);
    cr_canon_key(json, "first");
    cr_canon_integer(json, (int64_t)package->first);
    cr_canon_key(json, "issued_at");
    api_json_instant(json, now);
    cr_canon_key(json, "last");
    cr_canon_integer(json, (int64_t)package->last);
    cr_canon_key(json, "package");
    cr_canon_integer(json, package->number);
    write_rejected(json, taking, outcomes, count);
    cr_canon_key(json, "scope");
    cr_canon_text(json, taking->scope);
    cr_canon_key(json, "stream");
    api_json_hex(json, taking->stream, CR_FEED_STREAM);
    cr_canon_key(json, "withheld");
    cr_canon_array(json);
    for (uint64_t i = 0; i < count; i++) {
        if (taking->lines[i].withheld) { cr_canon_integer(json, (int64_t)(package->first + i)); }
    }
    cr_canon_end_array(json);
    cr_canon_end_object(json);
}

credit_result api_feed_receipt_make(const credit_store *store, const api_feed_taking *taking,
    const api_feed_outcome *outcomes, credit_instant now, cr_arena *arena, credit_span *sealed,
    credit_error *err)
{
    cr_canon json;
    cr_canon_init(&json);
    write_receipt(&json, taking, outcomes, now);
    const cr_content content = {
        cr_span_of(API_FEED_RECEIPT), CR_SPAN("application/json"), cr_canon_span(&json)};
    credit_result rc = json.failed ? cr_fail(err, CREDIT_E_NOMEM, "out of memory")
                                   : api_seal_bytes(store, &content, 1, now, arena, sealed, err);
    cr_canon_free(&json);
    return rc;
}

/* ---- the sender's side ------------------------------------------------------------------- */

typedef struct answering {
    cr_txn *writer;
    json_t *root;
    cr_feed_package package;
    credit_feed_answer *answer;
    unsigned char *states; /* cr_feed_state by number - first */
    const json_t **rejections;
} answering;

static credit_result refuse(credit_error *err, const char *why)
{
    return cr_fail(err, CREDIT_E_UNTRUSTED, "receipt: %s", why);
}

static bool place_of(const answering *a, const json_t *number, uint64_t *place)
{
    json_int_t value = json_integer_value(number);
    *place = (uint64_t)value - a->package.first;
    return json_is_integer(number) && value > 0 && (uint64_t)value >= a->package.first &&
           (uint64_t)value <= a->package.last && a->states[*place] == CR_FEED_ACCEPTED;
}

/* Every number of the package gets its state; none twice. */
static credit_result read_states(answering *a, credit_error *err)
{
    size_t i;
    json_t *item;
    uint64_t place, count = a->package.last - a->package.first + 1;
    const json_t *rejected = json_object_get(a->root, "rejected");
    const json_t *withheld = json_object_get(a->root, "withheld");
    memset(a->states, CR_FEED_ACCEPTED, (size_t)count);
    json_array_foreach(rejected, i, item)
    {
        if (!place_of(a, json_object_get(item, "number"), &place)) {
            return refuse(err, "it rejects what the package does not have");
        }
        a->states[place] = CR_FEED_REJECTED;
        a->rejections[place] = item;
        a->answer->rejected++;
    }
    json_array_foreach(withheld, i, item)
    {
        if (!place_of(a, item, &place)) {
            return refuse(err, "it lacks what the package does not have");
        }
        a->states[place] = CR_FEED_WITHHELD;
        a->answer->withheld++;
    }
    a->answer->accepted = count - a->answer->rejected - a->answer->withheld;
    return CREDIT_OK;
}

static credit_result find_package(answering *a, const cr_sealed *sealed, credit_error *err)
{
    api_feed_claim claim;
    cr_feed_head head;
    unsigned char chain[CR_FEED_DIGEST];
    credit_result rc = api_feed_claims(sealed, &claim, err);
    if (rc == CREDIT_DONE || (rc == CREDIT_OK && !claim.receipt)) {
        return refuse(err, "it is none");
    }
    if (rc == CREDIT_OK) { rc = cr_feed_head_get(a->writer, &head, err); }
    if (rc != CREDIT_OK) { return rc; }
    bool ours = head.begun && memcmp(head.stream, claim.stream, CR_FEED_STREAM) == 0;
    rc = ours ? cr_feed_package_get(a->writer, claim.number, &a->package, err) : CREDIT_DONE;
    if (rc == CREDIT_DONE) {
        return cr_fail(err, CREDIT_E_NOT_FOUND,
            "receipt: this store never made package %u of that stream", claim.number);
    }
    if (rc != CREDIT_OK) { return rc; }
    a->answer->package = claim.number;
    bool same = api_unhex(cr_span_of(json_string_value(json_object_get(a->root, "chain"))), chain,
                    sizeof chain) &&
                memcmp(chain, a->package.chain, sizeof chain) == 0 &&
                claim.first == a->package.first && claim.last == a->package.last;
    return same ? CREDIT_OK : refuse(err, "it is about another package of that number");
}

static credit_result note_state(answering *a, uint64_t place, credit_error *err)
{
    char source[CR_FEED_TEXT_MAX];
    cr_feed_change change;
    credit_result rc = cr_feed_change_get(a->writer, a->package.first + place, &change, err);
    if (rc != CREDIT_OK) {
        return rc == CREDIT_DONE ? cr_fail(err, CREDIT_E_CORRUPT, "a change has gone") : rc;
    }
    cr_feed_state state = (cr_feed_state)a->states[place];
    if (change.state == state) { return CREDIT_OK; }
    const char *rule = json_string_value(json_object_get(a->rejections[place], "rule"));
    /* What is borrowed from the table does not outlive a write. */
    if (change.source.size > sizeof source) { change.source.size = sizeof source; }
    memcpy(source, change.source.data, change.source.size);
    change.source.data = source;
    change.state = state;
    snprintf(change.rule, sizeof change.rule, "%s", rule == NULL ? "" : rule);
    a->answer->news++;
    return cr_feed_change_put(a->writer, &change, err);
}

static credit_result take_receipt(
    answering *a, const cr_sealed *sealed, cr_arena *arena, credit_error *err)
{
    credit_result rc = find_package(a, sealed, err);
    if (rc != CREDIT_OK) { return rc; }
    uint64_t count = a->package.last - a->package.first + 1;
    a->states = cr_arena_alloc(arena, (size_t)count);
    a->rejections = cr_arena_array(arena, (size_t)count, sizeof *a->rejections);
    if (a->states == NULL || a->rejections == NULL) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    rc = read_states(a, err);
    if (rc != CREDIT_OK || a->package.answered) { return rc; }
    for (uint64_t i = 0; rc == CREDIT_OK && i < count; i++) { rc = note_state(a, i, err); }
    a->package.answered = true;
    return rc == CREDIT_OK ? cr_feed_package_put(a->writer, &a->package, err) : rc;
}

credit_result credit_feed_receipt(credit_store *store, const char *path, const char *trust,
    credit_feed_answer *answer, credit_error *err)
{
    if (store == NULL || path == NULL || answer == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a store, a path and an answer are needed");
    }
    memset(answer, 0, sizeof *answer);
    credit_feed_answer said = {0};
    answering a = {.answer = &said};
    cr_arena arena = CR_ARENA_INIT;
    cr_sealed sealed;
    unsigned char digest[CR_DIGEST_SIZE];
    credit_result rc = api_unseal_trusted(store, path, trust, &arena, &sealed, digest, err);
    if (rc == CREDIT_OK) {
        credit_span text = cr_sealed_file(&sealed, API_FEED_RECEIPT);
        a.root = text.data == NULL ? NULL
                                   : json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
        if (a.root == NULL) { rc = refuse(err, "it is none"); }
    }
    if (rc == CREDIT_OK) { rc = cr_writer_begin(store->store, &a.writer, err); }
    if (rc == CREDIT_OK) { rc = take_receipt(&a, &sealed, &arena, err); }
    if (rc == CREDIT_OK) {
        rc = cr_writer_commit(a.writer, err);
        a.writer = NULL;
    }
    if (rc == CREDIT_OK) { *answer = said; }
    cr_txn_end(a.writer);
    json_decref(a.root);
    cr_arena_release(&arena);
    return rc;
}

credit_result credit_feed_answer_write(
    const credit_feed_answer *answer, const char *file, credit_write write, void *ctx)
{
    if (answer == NULL || write == NULL) { return CREDIT_E_USAGE; }
    const struct {
        const char *name;
        uint64_t value;
    } counts[] = {{"package", answer->package}, {"accepted", answer->accepted},
        {"rejected", answer->rejected}, {"withheld", answer->withheld}, {"news", answer->news}};
    cr_canon json;
    cr_canon_init(&json);
    json.sorted = false;
    cr_canon_object(&json);
    cr_canon_key(&json, "file");
    cr_canon_text(&json, file);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        cr_canon_key(&json, counts[i].name);
        cr_canon_integer(&json, (int64_t)counts[i].value);
    }
    cr_canon_end_object(&json);
    credit_result rc = api_send(&json, write, ctx, NULL);
    cr_canon_free(&json);
    return rc;
}
