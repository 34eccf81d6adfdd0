/* Making, opening and describing stores. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/keys.h"
#include "api/packs.h"
#include "api/policy.h"
#include "engine/date.h"
#include "engine/text.h"
#include "keys/crypto.h"
#include "loaders/pack.h"

static const char DEFAULT_SUITE[] = "sm2";

/* ---- making ------------------------------------------------------------------------ */

typedef struct making {
    const credit_store_options *options;
    const cr_suite *suite;
    char path[PATH_ROOM], keys[PATH_ROOM], working[PATH_ROOM + 16];
    cr_arena arena;
    cr_pack_file *files;
    size_t file_count;
    cr_pack *pack;
} making;

static credit_result resolve_keys(
    const char *path, const char *keys, char out[PATH_ROOM], credit_error *err)
{
    size_t size = strlen(path);
    while (size > 1 && path[size - 1] == '/') { size--; }
    int written = keys != NULL ? snprintf(out, PATH_ROOM, "%s", keys)
                               : snprintf(out, PATH_ROOM, "%.*s.keys", (int)size, path);
    if (written < 0 || written >= PATH_ROOM) {
        return cr_fail(err, CREDIT_E_LIMIT, "the path of the key directory is too long");
    }
    return CREDIT_OK;
}

/* The place must be free: nothing there, or an empty directory. */
static credit_result place_is_free(const char *path, credit_error *err)
{
    DIR *directory = opendir(path);
    if (directory == NULL) {
        if (errno == ENOENT) { return CREDIT_OK; }
        return cr_fail(err, errno == ENOTDIR ? CREDIT_E_EXISTS : CREDIT_E_ACCESS, "%s: %s", path,
            errno == ENOTDIR ? "there is a file of this name" : strerror(errno));
    }
    size_t found = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) { found++; }
    }
    closedir(directory);
    if (found > 0) { return cr_fail(err, CREDIT_E_EXISTS, "%s: is not empty", path); }
    return CREDIT_OK;
}

static credit_result write_first_commit(making *m, cr_store *store, credit_error *err)
{
    cr_txn *writer = NULL;
    api_head head = {0, 0, CREDIT_INSTANT_NONE};
    char number[4], origin[40];
    unsigned char random[8];
    cr_set_u32be(number, 1);
    credit_result rc = cr_keys_crypto()->random(random, sizeof random);
    memcpy(origin, "credit-", 7);
    api_hex(random, sizeof random, origin + 7);
    if (rc == CREDIT_OK) { rc = cr_writer_begin(store, &writer, err); }
    if (rc == CREDIT_OK) { rc = api_pack_put(writer, 1, m->files, m->file_count, err); }
    if (rc == CREDIT_OK) { rc = cr_registry_enrol(writer, m->pack, err); }
    const struct {
        const char *name;
        credit_span value;
    } meta[] = {{"pack", {number, 4}}, {"suite", cr_span_of(m->suite->name)},
        {"ledger", cr_span_of(m->suite->hash == CR_HASH_SM3 ? "sm3" : "sha256")},
        {"origin", cr_span_of(origin)}};
    for (size_t i = 0; rc == CREDIT_OK && i < sizeof meta / sizeof *meta; i++) {
        rc = api_meta_put(writer, meta[i].name, meta[i].value, err);
    }
    if (rc == CREDIT_OK) { rc = api_head_advance(writer, m->options->now, 1, &head, err); }
    if (rc == CREDIT_OK) {
        rc = cr_writer_commit(writer, err);
        writer = NULL;
    }
    cr_txn_end(writer);
    return rc;
}

/* Removes what was made so far; only names of ours. */
static void unmake(const char *path)
{
    static const char *const names[] = {
        "index/data.mdb", "index/lock.mdb", "index", "segments", "tmp", "authority.pem", ""};
    char name[PATH_ROOM + 64];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(name, sizeof name, "%s/%s", path, names[i]);
        remove(name);
    }
}

static credit_result move_into_place(making *m, credit_error *err)
{
    rmdir(m->path); /* an empty directory of that name gives way */
    if (rename(m->working, m->path) == 0) { return CREDIT_OK; }
    return cr_fail(
        err, errno == EACCES ? CREDIT_E_ACCESS : CREDIT_E_IO, "%s: %s", m->path, strerror(errno));
}

static credit_result make_store(making *m, credit_error *err)
{
    cr_store *store = NULL;
    credit_result rc = cr_store_create(m->working, err);
    if (rc == CREDIT_OK) { rc = cr_store_open(m->working, false, &store, err); }
    if (rc == CREDIT_OK) { rc = write_first_commit(m, store, err); }
    cr_store_close(store);
    if (rc == CREDIT_OK) {
        rc = api_keys_prepare(m->keys, m->suite, m->options, m->pack->issuer, m->working, err);
    }
    if (rc == CREDIT_OK) { rc = move_into_place(m, err); }
    if (rc != CREDIT_OK) { unmake(m->working); }
    return rc;
}

credit_result credit_store_init(
    const char *path, const credit_store_options *options, credit_error *err)
{
    if (path == NULL || options == NULL || options->now == CREDIT_INSTANT_NONE) {
        return cr_fail(err, CREDIT_E_USAGE, "a path and options with `now` are needed");
    }
    making m = {.options = options};
    const char *suite = options->suite == NULL ? DEFAULT_SUITE : options->suite;
    m.suite = cr_suite_find(cr_span_of(suite));
    if (m.suite == NULL) { return cr_fail(err, CREDIT_E_USAGE, "%.30s: no such suite", suite); }
    if (strlen(path) + 16 >= sizeof m.path) {
        return cr_fail(err, CREDIT_E_LIMIT, "the path of the store is too long");
    }
    snprintf(m.path, sizeof m.path, "%s", path);
    snprintf(m.working, sizeof m.working, "%s.part", path);
    credit_result rc = resolve_keys(path, options->keys, m.keys, err);
    if (rc == CREDIT_OK) { rc = place_is_free(path, err); }
    if (rc == CREDIT_OK) {
        rc = api_pack_read(options->pack, &m.arena, &m.files, &m.file_count, err);
    }
    if (rc == CREDIT_OK) { rc = api_pack_compile(m.files, m.file_count, &m.pack, err); }
    if (rc == CREDIT_OK) {
        unmake(m.working); /* of an attempt that was killed */
        rc = make_store(&m, err);
    }
    api_pack_free(m.pack);
    cr_arena_release(&m.arena);
    return rc;
}

/* ---- opening ---------------------------------------------------------------------------- */

static credit_result load_suite(credit_store *store, cr_txn *txn, credit_error *err)
{
    credit_span suite;
    credit_result rc = api_meta_get(txn, "suite", &suite, err);
    if (rc == CREDIT_OK && cr_suite_find(suite) != NULL) {
        snprintf(store->suite, sizeof store->suite, "%.*s", (int)suite.size, suite.data);
        return CREDIT_OK;
    }
    if (rc == CREDIT_OK || rc == CREDIT_DONE) {
        rc = cr_fail(
            err, CREDIT_E_FORMAT, "%s: its suite is not known to this program", store->path);
    }
    return rc;
}

credit_result credit_store_open(
    const char *path, const credit_store_options *options, credit_store **out, credit_error *err)
{
    if (out != NULL) { *out = NULL; }
    if (path == NULL || out == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a path and a place for the store are needed");
    }
    static const credit_store_options defaults = CREDIT_STORE_OPTIONS_INIT;
    if (options == NULL) { options = &defaults; }
    cr_txn *txn = NULL;
    credit_store *store = cr_alloc(sizeof *store);
    if (store == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    memset(store, 0, sizeof *store);
    pthread_mutex_init(&store->lock, NULL);
    store->crypto = cr_keys_crypto();
    snprintf(store->path, sizeof store->path, "%s", path);
    credit_result rc = resolve_keys(path, options->keys, store->keys, err);
    if (rc == CREDIT_OK) { rc = cr_store_open(path, options->read_only, &store->store, err); }
    if (rc == CREDIT_OK) { rc = cr_snapshot_begin(store->store, &txn, err); }
    if (rc == CREDIT_OK) { rc = load_suite(store, txn, err); }
    if (rc == CREDIT_OK) { rc = api_policy_last(store, txn, &store->policy, err); }
    if (rc == CREDIT_OK) { rc = api_keys_load_persons(store, err); }
    if (rc == CREDIT_OK && options->passphrase_file != NULL) {
        store->passphrase_file = cr_alloc(strlen(options->passphrase_file) + 1);
        if (store->passphrase_file == NULL) {
            rc = cr_fail(err, CREDIT_E_NOMEM, "out of memory");
        } else {
            memcpy(store->passphrase_file, options->passphrase_file,
                strlen(options->passphrase_file) + 1);
        }
    }
    cr_txn_end(txn);
    if (rc != CREDIT_OK) {
        credit_store_close(store);
        return rc;
    }
    *out = store;
    return CREDIT_OK;
}

void credit_store_close(credit_store *store)
{
    if (store == NULL) { return; }
    api_policies_free(store);
    cr_store_close(store->store);
    pthread_mutex_destroy(&store->lock);
    cr_free(store->passphrase_file);
    cr_wipe(store->persons_key, sizeof store->persons_key);
    cr_free(store);
}

const credit_pack *credit_store_get_pack(const credit_store *store)
{
    return store == NULL ? NULL : &store->policy->pack;
}

credit_result credit_store_describe(
    credit_store *store, credit_write write, void *ctx, credit_error *err)
{
    if (store == NULL || write == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a store and a writer are needed");
    }
    const cr_pack *pack = store->policy->pack.pack;
    cr_canon json;
    cr_canon_init(&json);
    json.sorted = false;
    cr_canon_object(&json);
    cr_canon_key(&json, "store");
    cr_canon_text(&json, store->path);
    cr_canon_key(&json, "suite");
    cr_canon_text(&json, store->suite);
    cr_canon_key(&json, "pack");
    cr_canon_object(&json);
    cr_canon_key(&json, "name");
    cr_canon_string(&json, pack->name);
    cr_canon_key(&json, "version");
    cr_canon_string(&json, pack->version);
    cr_canon_key(&json, "sha256");
    api_json_hex(&json, pack->digest, CR_DIGEST_SIZE);
    cr_canon_key(&json, "catalogs");
    cr_canon_integer(&json, (int64_t)pack->catalog_count);
    cr_canon_key(&json, "decisions");
    cr_canon_integer(&json, (int64_t)api_pack_decisions(pack));
    cr_canon_end_object(&json);
    cr_canon_key(&json, "key");
    credit_result rc = api_keys_describe(store->keys, &json, err);
    cr_canon_end_object(&json);
    if (rc == CREDIT_OK) { rc = api_send(&json, write, ctx, err); }
    cr_canon_free(&json);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}
