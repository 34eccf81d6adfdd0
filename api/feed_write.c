/* A package's file: told again from its extent, whenever it is wanted.
 *
 * What is written first and what is sent again are made alike, so there is one way to
 * make them. A row is only there when it comes to the digest that its number was given
 * for and its record may leave today; else it is withheld: number and digest remain,
 * and the chain holds. */
#include <stdio.h>
#include <string.h>

#include "api/feed.h"
#include "api/seal.h"
#include "engine/counting.h"
#include "engine/date.h"
#include "engine/text.h"
#include "keys/files.h"

enum { PLACES = 48 /* catalogs in one package */ };

/* A file of the package as it grows. */
typedef struct sheet {
    const cr_catalog *catalog;
    char *bytes;
    size_t size, capacity;
    uint64_t rows, counts[CR_FEED_OPERATIONS];
    char name[96];
    unsigned char digest[CR_DIGEST_SIZE];
} sheet;

typedef struct writing {
    credit_store *store;
    const api_policy *policy; /* in force on the day of writing */
    const cr_feed_head *head;
    const cr_feed_package *package;
    credit_instant now;
    cr_txn *txn;
    api_feed_gate gate;
    cr_counting counting;
    api_feed_digester digester;
    sheet sheets[PLACES + 1]; /* by place in the pack; the last is of what is withheld */
    uint64_t withheld;
    cr_arena arena;
    cr_canon json;
} writing;

/* ---- CSV ------------------------------------------------------------------------------- */

static bool put(sheet *s, const char *bytes, size_t size)
{
    if (!cr_grow(&s->bytes, &s->capacity, s->size + size + 1, 1)) { return false; }
    if (size > 0) { memcpy(s->bytes + s->size, bytes, size); }
    s->size += size;
    return true;
}

static bool put_text(sheet *s, const char *text)
{
    return put(s, text, strlen(text));
}

static bool needs_quotes(credit_span cell)
{
    for (size_t i = 0; i < cell.size; i++) {
        if (strchr(",\"\r\n \t", cell.data[i]) != NULL) { return true; }
    }
    return false;
}

static bool put_cell(sheet *s, credit_span cell)
{
    if (!needs_quotes(cell)) { return put(s, cell.data, cell.size); }
    bool fits = put(s, "\"", 1);
    for (size_t i = 0; fits && i < cell.size; i++) {
        if (cell.data[i] == '"') { fits = put(s, "\"", 1); }
        fits = fits && put(s, &cell.data[i], 1);
    }
    return fits && put(s, "\"", 1);
}

static bool put_header(sheet *s, const cr_pack *pack)
{
    bool withheld[CR_FIELDS_MAX];
    bool fits = true;
    for (size_t i = 0; fits && i < API_FEED_LEADING; i++) {
        fits = (i == 0 || put(s, ",", 1)) && put_text(s, api_feed_leading[i]);
    }
    api_feed_withheld_fields(pack->feed_scope, s->catalog, withheld);
    for (size_t i = 0; fits && i < s->catalog->field_count; i++) {
        if (withheld[i]) { continue; }
        fits = put(s, ",", 1) && put_cell(s, s->catalog->fields[i].code);
    }
    return fits && put(s, "\n", 1);
}

static bool put_row(sheet *s, const cr_pack *pack, const api_feed_row *row)
{
    char number[24], day[CR_DATE_TEXT], id[48], record[2 * CR_RECORD_KEY + 1],
        salt[2 * CR_SEED + 1];
    bool withheld[CR_FIELDS_MAX];
    bool deletes = row->operation == CR_FEED_DELETE;
    credit_span subject = cr_subject_key_print(&row->subject, id);
    snprintf(number, sizeof number, "%llu", (unsigned long long)row->number);
    api_hex((const unsigned char *)row->record, CR_RECORD_KEY, record);
    api_hex(row->salt, CR_SEED, salt);
    bool fits = put_text(s, number) && put(s, ",", 1) &&
                put_text(s, cr_feed_operation_word(row->operation)) && put(s, ",", 1) &&
                put(s, subject.data, subject.size) && put(s, ",", 1) && put_text(s, record) &&
                put(s, ",", 1) && put_text(s, cr_date_print(row->day, day)) && put(s, ",", 1) &&
                put_text(s, deletes ? "" : salt);
    api_feed_withheld_fields(pack->feed_scope, s->catalog, withheld);
    for (size_t i = 0; fits && i < s->catalog->field_count; i++) {
        if (withheld[i]) { continue; }
        fits = put(s, ",", 1) && (deletes || put_cell(s, row->values[i]));
    }
    s->rows++;
    s->counts[row->operation]++;
    return fits && put(s, "\n", 1);
}

static bool put_withheld(sheet *s, const cr_feed_change *change)
{
    char text[32 + API_FEED_HEX], digest[API_FEED_HEX];
    if (s->rows == 0 && !put_text(s, "number,sha256\n")) { return false; }
    api_hex(change->digest, CR_FEED_DIGEST, digest);
    snprintf(text, sizeof text, "%llu,%s\n", (unsigned long long)change->number, digest);
    s->rows++;
    return put_text(s, text);
}

/* ---- rows ------------------------------------------------------------------------------ */

/* The row of a change, if it can be told. */
static credit_result tell_again(
    writing *w, const cr_feed_change *change, api_feed_row *row, bool *told, credit_error *err)
{
    cr_version_key key;
    cr_version version;
    cr_weighed weighed = {0};
    credit_span value;
    unsigned char digest[CR_FEED_DIGEST];
    bool may_leave = change->operation == CR_FEED_DELETE;
    credit_result rc = CREDIT_OK;
    *told = false;
    cr_version_key_decode((credit_span){change->version, CR_VERSION_KEY}, &key);
    *row = (api_feed_row){.number = change->number,
        .operation = change->operation,
        .subject = key.subject,
        .day = change->sourced_on};
    memcpy(row->record, key.record, CR_RECORD_KEY);
    int index = cr_registry_catalog(&w->policy->registry, key.catalog);
    if (index < 0) { return CREDIT_OK; }
    row->catalog = &w->policy->pack.pack->catalogs[index];
    if (!may_leave) {
        rc = api_feed_gate_ask(&w->gate, change->version, &may_leave, err);
        if (rc != CREDIT_OK || !may_leave) { return rc; }
        rc = cr_get(
            w->txn, CR_TABLE_VERSION, (credit_span){change->version, CR_VERSION_KEY}, &value, err);
        if (rc == CREDIT_OK) { rc = cr_version_decode(value, &version, err); }
        if (rc == CREDIT_OK) {
            rc = cr_version_weigh(
                &w->counting, key.commit, key.row, version.sourced_on, UINT32_MAX, &weighed, err);
        }
        if (rc != CREDIT_OK || !weighed.counts) {
            return rc == CREDIT_DONE ? CREDIT_OK : rc; /* erased, or only undone batches say so */
        }
        rc = api_feed_row_read(w->store, w->policy, w->txn, &key, &version, &w->arena, row, err);
    }
    if (rc == CREDIT_OK) { rc = api_feed_row_digest(&w->digester, row, digest, NULL, err); }
    *told = rc == CREDIT_OK && memcmp(digest, change->digest, CR_FEED_DIGEST) == 0;
    return rc;
}

static credit_result add_change(writing *w, uint64_t number, credit_error *err)
{
    cr_feed_change change;
    api_feed_row row;
    bool told = false;
    cr_arena_reset(&w->arena);
    credit_result rc = cr_feed_change_get(w->txn, number, &change, err);
    if (rc == CREDIT_DONE) {
        rc = cr_fail(err, CREDIT_E_CORRUPT, "change %llu has gone", (unsigned long long)number);
    }
    if (rc == CREDIT_OK) { rc = tell_again(w, &change, &row, &told, err); }
    if (rc != CREDIT_OK) { return rc; }
    const cr_pack *pack = w->policy->pack.pack;
    bool fits;
    if (told) {
        sheet *s = &w->sheets[row.catalog - pack->catalogs];
        s->catalog = row.catalog;
        fits = (s->size > 0 || put_header(s, pack)) && put_row(s, pack, &row);
    } else {
        w->withheld++;
        fits = put_withheld(&w->sheets[PLACES], &change);
    }
    return fits ? CREDIT_OK : cr_fail(err, CREDIT_E_NOMEM, "out of memory");
}

/* ---- datapackage.json --------------------------------------------------------------------- */

static void write_field(cr_canon *json, credit_span name, credit_span title, const char *type)
{
    cr_canon_object(json);
    cr_canon_key(json, "name");
    cr_canon_string(json, name);
    if (title.size > 0) {
        cr_canon_key(json, "title");
        cr_canon_string(json, title);
    }
    cr_canon_key(json, "type");
    cr_canon_text(json, type);
    cr_canon_end_object(json);
}

/* Values stand as their source wrote them: a date may be a word of the pack's. */
static void write_fields(cr_canon *json, const cr_pack *pack, const sheet *s)
{
    bool withheld[CR_FIELDS_MAX];
    cr_canon_key(json, "fields");
    cr_canon_array(json);
    if (s->catalog == NULL) {
        write_field(json, CR_SPAN("number"), (credit_span){0}, "integer");
        write_field(json, CR_SPAN("sha256"), (credit_span){0}, "string");
        cr_canon_end_array(json);
        return;
    }
    for (size_t i = 0; i < API_FEED_LEADING; i++) {
        const char *type = i == 0 ? "integer" : i == 4 ? "date" : "string";
        write_field(json, cr_span_of(api_feed_leading[i]), (credit_span){0}, type);
    }
    api_feed_withheld_fields(pack->feed_scope, s->catalog, withheld);
    for (size_t i = 0; i < s->catalog->field_count; i++) {
        if (withheld[i]) { continue; }
        write_field(json, s->catalog->fields[i].code, s->catalog->fields[i].title, "string");
    }
    cr_canon_end_array(json);
}

static void write_resource(cr_canon *json, const cr_pack *pack, const sheet *s)
{
    char hash[8 + 2 * CR_DIGEST_SIZE] = "sha256:";
    api_hex(s->digest, CR_DIGEST_SIZE, hash + 7);
    cr_canon_object(json);
    cr_canon_key(json, "bytes");
    cr_canon_integer(json, (int64_t)s->size);
    cr_canon_key(json, "encoding");
    cr_canon_text(json, "utf-8");
    cr_canon_key(json, "format");
    cr_canon_text(json, "csv");
    cr_canon_key(json, "hash");
    cr_canon_text(json, hash);
    cr_canon_key(json, "mediatype");
    cr_canon_text(json, "text/csv");
    cr_canon_key(json, "name");
    cr_canon_string(json, s->catalog == NULL ? CR_SPAN("withheld") : s->catalog->name);
    cr_canon_key(json, "path");
    cr_canon_text(json, s->name);
    cr_canon_key(json, "profile");
    cr_canon_text(json, "tabular-data-resource");
    cr_canon_key(json, "rows");
    cr_canon_integer(json, (int64_t)s->rows);
    cr_canon_key(json, "schema");
    cr_canon_object(json);
    write_fields(json, pack, s);
    cr_canon_key(json, "primaryKey");
    cr_canon_text(json, "number");
    cr_canon_end_object(json);
    if (s->catalog != NULL) {
        cr_canon_key(json, "title");
        cr_canon_string(json, s->catalog->title);
    }
    cr_canon_end_object(json);
}

static void put_count(cr_canon *json, const char *key, uint64_t count)
{
    cr_canon_key(json, key);
    cr_canon_integer(json, (int64_t)count);
}

static void write_credit(const writing *w, cr_canon *json)
{
    static const char *const scopes[CR_SCOPES] = {"public", "government", "authorized"};
    const cr_feed_package *package = w->package;
    uint64_t counts[CR_FEED_OPERATIONS] = {0};
    for (size_t i = 0; i < PLACES; i++) {
        for (int k = CR_FEED_ADD; k < CR_FEED_OPERATIONS; k++) {
            counts[k] += w->sheets[i].counts[k];
        }
    }
    cr_canon_object(json);
    put_count(json, "add", counts[CR_FEED_ADD]);
    cr_canon_key(json, "chain");
    api_json_hex(json, package->chain, CR_FEED_DIGEST);
    cr_canon_key(json, "commits");
    cr_canon_array(json);
    cr_canon_integer(json, package->first_commit);
    cr_canon_integer(json, package->last_commit);
    cr_canon_end_array(json);
    put_count(json, "delete", counts[CR_FEED_DELETE]);
    put_count(json, "first", package->first);
    cr_canon_key(json, "issued_at");
    api_json_instant(json, w->now);
    put_count(json, "last", package->last);
    put_count(json, "package", package->number);
    cr_canon_key(json, "previous");
    api_json_hex(json, package->previous, CR_FEED_DIGEST);
    cr_canon_key(json, "scope");
    cr_canon_text(json, scopes[w->policy->pack.pack->feed_scope]);
    cr_canon_key(json, "stream");
    api_json_hex(json, w->head->stream, CR_FEED_STREAM);
    put_count(json, "update", counts[CR_FEED_UPDATE]);
    put_count(json, "withheld", w->withheld);
    cr_canon_end_object(json);
}

static void package_name(const cr_feed_head *head, uint32_t package, char out[64])
{
    char stream[2 * CR_FEED_STREAM + 1];
    api_hex(head->stream, CR_FEED_STREAM, stream);
    snprintf(out, 64, "feed-%.8s-%06u", stream, package);
}

static credit_result describe(writing *w, credit_error *err)
{
    char name[64];
    cr_canon *json = &w->json;
    const cr_pack *pack = w->policy->pack.pack;
    package_name(w->head, w->package->number, name);
    cr_canon_object(json);
    cr_canon_key(json, "created");
    api_json_instant(json, w->package->at);
    cr_canon_key(json, "credit");
    write_credit(w, json);
    cr_canon_key(json, "name");
    cr_canon_text(json, name);
    cr_canon_key(json, "profile");
    cr_canon_text(json, "tabular-data-package");
    cr_canon_key(json, "resources");
    cr_canon_array(json);
    for (size_t i = 0; i <= PLACES; i++) {
        if (w->sheets[i].size > 0) { write_resource(json, pack, &w->sheets[i]); }
    }
    cr_canon_end_array(json);
    cr_canon_end_object(json);
    return json->failed ? cr_fail(err, json->misused ? CREDIT_E_BUG : CREDIT_E_NOMEM,
                              "the package cannot be described")
                        : CREDIT_OK;
}

/* ---- the file -------------------------------------------------------------------------- */

static credit_result finish_sheet(writing *w, sheet *s, credit_error *err)
{
    const credit_span bytes = {s->bytes, s->size};
    if (s->size == 0) { return CREDIT_OK; }
    if (s->catalog == NULL) {
        snprintf(s->name, sizeof s->name, "%s", API_FEED_WITHHELD);
    } else {
        snprintf(s->name, sizeof s->name, "data/%.*s.csv", (int)s->catalog->name.size,
            s->catalog->name.data);
    }
    credit_result rc = w->digester.crypto->digest(w->digester.hasher, &bytes, 1, s->digest);
    return rc == CREDIT_OK ? rc : cr_fail(err, rc, "the package cannot be digested");
}

static credit_result seal(writing *w, const char *path, credit_error *err)
{
    cr_content content[PLACES + 2];
    size_t count = 0;
    content[count++] = (cr_content){
        cr_span_of(API_FEED_DESCRIPTION), CR_SPAN("application/json"), cr_canon_span(&w->json)};
    for (size_t i = 0; i <= PLACES; i++) {
        const sheet *s = &w->sheets[i];
        if (s->size == 0) { continue; }
        content[count++] =
            (cr_content){cr_span_of(s->name), CR_SPAN("text/csv"), {s->bytes, s->size}};
    }
    return api_seal_files(w->store, content, count, w->now, path, err);
}

/* What was open and could not be told again is withheld from now on. */
static credit_result note_withheld(writing *w, credit_error *err)
{
    cr_txn *writer = NULL;
    cr_feed_change change;
    const sheet *s = &w->sheets[PLACES];
    if (w->withheld == 0) { return CREDIT_OK; }
    credit_result rc = cr_writer_begin(w->store->store, &writer, err);
    if (rc != CREDIT_OK) { return rc; }
    const char *at = memchr(s->bytes, '\n', s->size);
    for (uint64_t i = 0; rc == CREDIT_OK && at != NULL && i < w->withheld; i++) {
        uint64_t number = 0;
        for (at++; *at != ','; at++) { number = number * 10 + (uint64_t)(*at - '0'); }
        at = memchr(at, '\n', s->size - (size_t)(at - s->bytes));
        rc = cr_feed_change_get(writer, number, &change, err);
        if (rc == CREDIT_OK && change.state == CR_FEED_OPEN) {
            char source[CR_FEED_TEXT_MAX];
            if (change.source.size > sizeof source) { change.source.size = sizeof source; }
            memcpy(source, change.source.data, change.source.size);
            change.source.data = source;
            change.state = CR_FEED_WITHHELD;
            rc = cr_feed_change_put(writer, &change, err);
        }
    }
    if (rc == CREDIT_OK) { return cr_writer_commit(writer, err); }
    cr_txn_end(writer);
    return rc == CREDIT_DONE ? cr_fail(err, CREDIT_E_CORRUPT, "a change has gone") : rc;
}

credit_result api_feed_write(credit_store *store, const cr_feed_head *head,
    const cr_feed_package *package, credit_instant now, const char *path, uint64_t *withheld,
    credit_error *err)
{
    writing *w = cr_alloc(sizeof *w);
    if (w == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    memset(w, 0, sizeof *w);
    w->store = store;
    w->head = head;
    w->package = package;
    w->now = now;
    cr_canon_init(&w->json);
    w->json.sorted = true;
    credit_result rc = api_feed_digester_open(store->crypto, &w->digester, err);
    if (rc == CREDIT_OK) { rc = cr_snapshot_begin(store->store, &w->txn, err); }
    if (rc == CREDIT_OK) { rc = cr_counting_open(w->txn, &w->counting, err); }
    if (rc == CREDIT_OK) {
        rc = api_feed_gate_open(store, w->txn, cr_instant_date(now), &w->gate, err);
        w->policy = w->gate.policy;
    }
    if (rc == CREDIT_OK && w->policy->pack.pack->catalog_count > PLACES) {
        rc = cr_fail(err, CREDIT_E_LIMIT, "a package holds at most %d catalogs", PLACES);
    }
    for (uint64_t n = package->first; rc == CREDIT_OK && n <= package->last; n++) {
        rc = add_change(w, n, err);
    }
    api_feed_gate_close(&w->gate);
    cr_counting_close(&w->counting);
    cr_txn_end(w->txn);
    for (size_t i = 0; rc == CREDIT_OK && i <= PLACES; i++) {
        rc = finish_sheet(w, &w->sheets[i], err);
    }
    if (rc == CREDIT_OK) { rc = describe(w, err); }
    /* Before the file can be seen: whatever stops the program, what it lacks is known. */
    if (rc == CREDIT_OK) { rc = note_withheld(w, err); }
    if (rc == CREDIT_OK) { rc = seal(w, path, err); }
    *withheld = w->withheld;
    for (size_t i = 0; i <= PLACES; i++) { cr_free(w->sheets[i].bytes); }
    api_feed_digester_close(&w->digester);
    cr_canon_free(&w->json);
    cr_arena_release(&w->arena);
    cr_free(w);
    return rc;
}

credit_result api_feed_path(const char *directory, const cr_feed_head *head, uint32_t package,
    char out[PATH_ROOM], credit_error *err)
{
    char name[64];
    package_name(head, package, name);
    int size = snprintf(out, PATH_ROOM, "%s/%s.asice", directory, name);
    return size > 0 && size < PATH_ROOM ? CREDIT_OK
                                        : cr_fail(err, CREDIT_E_LIMIT, "the path is too long");
}

credit_result api_feed_say(const cr_feed_package *package, const char *path, uint64_t withheld,
    credit_write write, void *ctx, credit_error *err)
{
    cr_canon json;
    cr_canon_init(&json);
    json.sorted = false;
    cr_canon_object(&json);
    cr_canon_key(&json, "package");
    cr_canon_integer(&json, package->number);
    cr_canon_key(&json, "first");
    cr_canon_integer(&json, (int64_t)package->first);
    cr_canon_key(&json, "last");
    cr_canon_integer(&json, (int64_t)package->last);
    cr_canon_key(&json, "withheld");
    cr_canon_integer(&json, (int64_t)withheld);
    cr_canon_key(&json, "file");
    cr_canon_text(&json, path);
    cr_canon_end_object(&json);
    credit_result rc = api_send(&json, write, ctx, err);
    cr_canon_free(&json);
    return rc;
}

credit_result credit_feed_resend(credit_store *store, uint64_t number, const char *directory,
    credit_instant now, credit_write write, void *ctx, credit_error *err)
{
    if (store == NULL || directory == NULL || write == NULL || now == CREDIT_INSTANT_NONE) {
        return cr_fail(
            err, CREDIT_E_USAGE, "a store, a directory, an instant and a writer are needed");
    }
    char path[PATH_ROOM];
    cr_txn *txn = NULL;
    cr_feed_head head;
    cr_feed_package package;
    uint64_t withheld = 0;
    credit_result rc = cr_snapshot_begin(store->store, &txn, err);
    if (rc == CREDIT_OK) { rc = cr_feed_head_get(txn, &head, err); }
    if (rc == CREDIT_OK) {
        rc = number == 0 || number > head.package
                 ? CREDIT_DONE
                 : cr_feed_package_get(txn, (uint32_t)number, &package, err);
        if (rc == CREDIT_DONE) {
            rc = cr_fail(err, CREDIT_E_NOT_FOUND, "no package %llu was ever made",
                (unsigned long long)number);
        }
    }
    cr_txn_end(txn);
    if (rc == CREDIT_OK) { rc = api_feed_path(directory, &head, package.number, path, err); }
    if (rc == CREDIT_OK) { rc = api_feed_write(store, &head, &package, now, path, &withheld, err); }
    return rc == CREDIT_OK ? api_feed_say(&package, path, withheld, write, ctx, err) : rc;
}
