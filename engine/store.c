/* LMDB: environment, transactions, tables. See store.h for the promises; the
 * segments are store_segment.c, the runs store_run.c. How they are kept:
 *
 * - The committed end of the segments, and which runs a table has, is one entry of
 *   META ("end"), written in the same LMDB transaction as the keys.
 * - A writer first takes LMDB's write lock; segments are on the disk before the
 *   LMDB commit.
 * - The map is reserved large (it is address space, not memory) and halved
 *   until the system grants it; a store grown beyond it by another process is
 *   mapped again when a transaction begins. */
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/store_internal.h"

enum { READERS_MAX = 1022 };
static const size_t MAP_SIZE_WANTED = (size_t)1 << 40;
static const size_t MAP_SIZE_LEAST = (size_t)1 << 28;
static const char FORMAT_KEY[] = "format";
static const char END_KEY[] = "end";
static const char FORMAT_MAGIC[] = "credit-store";

static const char *const table_names[CR_TABLES] = {"meta", "pack", "schema", "subject", "version",
    "document", "name", "verdict", "due", "change", "batch", "file", "parked", "commit", "settled",
    "touched", "phrase", "number", "said", "decided", "feed_told", "feed_change", "feed_package",
    "feed_taken"};

const char *cr_table_name(cr_table table)
{
    return table_names[table];
}

/* ---- foreign codes -------------------------------------------------------- */

credit_result cr_store_from_mdb(int code, const char *what, credit_error *err)
{
    switch (code) {
    case MDB_SUCCESS:
        return CREDIT_OK;
    case MDB_NOTFOUND:
        return CREDIT_DONE;
    case MDB_MAP_FULL:
    case ENOSPC:
    case EIO: /* a full disk shows as EIO at commit */
        return cr_fail(
            err, CREDIT_E_FULL, "%s: the disk is full or failing (%s)", what, mdb_strerror(code));
    case EACCES:
    case EPERM:
    case EROFS:
        return cr_fail(err, CREDIT_E_ACCESS, "%s: %s", what, mdb_strerror(code));
    case ENOENT:
        return cr_fail(err, CREDIT_E_NOT_FOUND, "%s: %s", what, mdb_strerror(code));
    case ENOMEM:
        return cr_fail(err, CREDIT_E_NOMEM, "%s: out of memory", what);
    case MDB_READERS_FULL:
        return cr_fail(err, CREDIT_E_BUSY, "%s: too many readers", what);
    case MDB_CORRUPTED:
    case MDB_PAGE_NOTFOUND:
    case MDB_PANIC:
        return cr_fail(err, CREDIT_E_CORRUPT, "%s: %s", what, mdb_strerror(code));
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
        return cr_fail(err, CREDIT_E_FORMAT, "%s: not an index of a store", what);
    default:
        return cr_fail(err, CREDIT_E_IO, "%s: %s", what, mdb_strerror(code));
    }
}

credit_result cr_store_errno(int code, const char *what, credit_error *err)
{
    credit_result result = CREDIT_E_IO;
    if (code == ENOENT || code == ENOTDIR) { result = CREDIT_E_NOT_FOUND; }
    if (code == EACCES || code == EPERM || code == EROFS) { result = CREDIT_E_ACCESS; }
    if (code == ENOSPC || code == EDQUOT || code == EIO || code == EFBIG) {
        result = CREDIT_E_FULL;
    }
    if (code == ENOMEM) { result = CREDIT_E_NOMEM; }
    return cr_fail(err, result, "%s: %s", what, strerror(code));
}

static MDB_val to_val(credit_span span)
{
    return (MDB_val){span.size, (void *)(uintptr_t)span.data};
}

static credit_span to_span(MDB_val val)
{
    return (credit_span){val.mv_data, val.mv_size};
}

/* ---- paths ---------------------------------------------------------------- */

cr_store_path_text cr_store_path_in(const char *store, const char *name)
{
    cr_store_path_text path;
    snprintf(path.text, sizeof path.text, "%s/%s", store, name);
    return path;
}

credit_result cr_store_sync_directory(const char *path, credit_error *err)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) { return cr_store_errno(errno, path, err); }
    credit_result rc = fsync(fd) == 0 ? CREDIT_OK : cr_store_errno(errno, path, err);
    close(fd);
    return rc;
}

/* ---- opening -------------------------------------------------------------- */

static credit_result open_env(const char *path, bool read_only, MDB_env **out, credit_error *err)
{
    cr_store_path_text index = cr_store_path_in(path, "index");
    unsigned flags = MDB_NOTLS | MDB_NORDAHEAD | (read_only ? MDB_RDONLY : 0);
    for (size_t map = MAP_SIZE_WANTED;; map /= 2) {
        MDB_env *env = NULL;
        int code = mdb_env_create(&env);
        if (code == 0) {
            code = mdb_env_set_maxdbs(env, CR_TABLES + CR_RUN_TABLES * CR_RUN_SLOTS + 1);
        }
        if (code == 0) { code = mdb_env_set_maxreaders(env, READERS_MAX); }
        if (code == 0) { code = mdb_env_set_mapsize(env, map); }
        if (code == 0) { code = mdb_env_open(env, index.text, flags, 0640); }
        if (code == 0) {
            *out = env;
            return CREDIT_OK;
        }
        mdb_env_close(env);
        /* Some systems, and tools that watch a program's memory, call it too long. */
        bool too_large = code == ENOMEM || code == EINVAL;
        if (!too_large || map <= MAP_SIZE_LEAST) { return cr_store_from_mdb(code, path, err); }
    }
}

/* A store of another format may lack a table: whether that is so is for check_format
 * to say. */
static int open_database(
    cr_store *store, MDB_txn *txn, cr_table table, const char *name, bool create, unsigned *out)
{
    int code = mdb_dbi_open(txn, name, create ? MDB_CREATE : 0, out);
    if (code != MDB_NOTFOUND || table == CR_TABLE_META) { return code; }
    store->missing = table_names[table];
    return 0;
}

/* Opens or makes every table and its runs; needs a transaction of its own. */
static credit_result open_tables(cr_store *store, bool create, credit_error *err)
{
    MDB_txn *txn = NULL;
    int code = mdb_txn_begin(store->env, NULL, create ? 0 : MDB_RDONLY, &txn);
    for (cr_table i = 0; code == 0 && i < CR_TABLES; i++) {
        code = open_database(store, txn, i, table_names[i], create, &store->tables[i]);
        int runs = cr_run_table(i);
        for (int slot = 0; code == 0 && runs >= 0 && slot < CR_RUN_SLOTS; slot++) {
            char name[32];
            snprintf(name, sizeof name, "%s/%d", table_names[i], slot + 1);
            code = open_database(store, txn, i, name, create, &store->slots[runs][slot]);
        }
    }
    if (code == 0) {
        code = open_database(store, txn, CR_TABLE_VERSION, "filter", create, &store->filters);
    }
    if (code == 0) {
        code = mdb_txn_commit(txn);
        txn = NULL;
    }
    mdb_txn_abort(txn);
    if (code == MDB_NOTFOUND) {
        return cr_fail(err, CREDIT_E_FORMAT, "%s: not a store", store->path);
    }
    return cr_store_from_mdb(code, store->path, err);
}

static credit_result check_format(cr_store *store, credit_error *err)
{
    cr_txn *txn = NULL;
    credit_span value;
    credit_result rc = cr_snapshot_begin(store, &txn, err);
    if (rc != CREDIT_OK) { return rc; }
    rc = cr_get(txn, CR_TABLE_META, (credit_span){FORMAT_KEY, strlen(FORMAT_KEY)}, &value, err);
    size_t magic = strlen(FORMAT_MAGIC);
    if (rc == CREDIT_DONE ||
        (rc == CREDIT_OK &&
            (value.size != magic + 4 || memcmp(value.data, FORMAT_MAGIC, magic) != 0))) {
        rc = cr_fail(err, CREDIT_E_FORMAT, "%s: not a store", store->path);
    } else if (rc == CREDIT_OK) {
        uint32_t version = cr_get_u32be(value.data + magic);
        if (version != CR_FORMAT_VERSION) {
            rc = cr_fail(err, CREDIT_E_FORMAT,
                "%s: store format %u is not known, this program knows format %u", store->path,
                version, CR_FORMAT_VERSION);
        }
    }
    if (rc == CREDIT_OK && store->missing != NULL) {
        rc = cr_fail(err, CREDIT_E_CORRUPT, "%s: the store has lost its table \"%s\"", store->path,
            store->missing);
    }
    cr_txn_end(txn);
    return rc;
}

static credit_result store_new(
    const char *path, bool read_only, bool create, cr_store **out, credit_error *err)
{
    *out = NULL;
    if (strlen(path) >= CR_STORE_PATH_MAX) {
        return cr_fail(err, CREDIT_E_LIMIT, "the path of the store is too long");
    }
    cr_store *store = cr_alloc(sizeof *store);
    if (store == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    memset(store, 0, sizeof *store);
    snprintf(store->path, sizeof store->path, "%s", path);
    store->read_only = read_only;
    pthread_mutex_init(&store->maps_lock, NULL);
    credit_result rc = open_env(path, read_only, &store->env, err);
    if (rc == CREDIT_OK) { rc = open_tables(store, create, err); }
    if (rc != CREDIT_OK) {
        cr_store_close(store);
        return rc;
    }
    *out = store;
    return CREDIT_OK;
}

/* A directory that is not a store is told from one that cannot be read, and is
 * left without a trace of having been looked at. */
static credit_result look_like_a_store(const char *path, credit_error *err)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        int code = errno;
        if (code == ENOENT || code == ENOTDIR) {
            return cr_fail(err, CREDIT_E_NOT_FOUND, "%s: no such store", path);
        }
        return cr_store_errno(code, path, err);
    }
    cr_store_path_text data = cr_store_path_in(path, "index/data.mdb");
    if (!S_ISDIR(status.st_mode) || stat(data.text, &status) != 0) {
        if (S_ISDIR(status.st_mode) && errno == EACCES) {
            return cr_store_errno(EACCES, path, err);
        }
        return cr_fail(err, CREDIT_E_FORMAT, "%s: not a store", path);
    }
    if (status.st_size == 0) { return cr_fail(err, CREDIT_E_FORMAT, "%s: not a store", path); }
    return CREDIT_OK;
}

credit_result cr_store_open(const char *path, bool read_only, cr_store **out, credit_error *err)
{
    *out = NULL;
    credit_result rc = look_like_a_store(path, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_store *store = NULL;
    rc = store_new(path, read_only, false, &store, err);
    if (rc != CREDIT_OK) { return rc; }
    int dead = 0;
    mdb_reader_check(store->env, &dead);
    rc = check_format(store, err);
    if (rc != CREDIT_OK) {
        cr_store_close(store);
        return rc;
    }
    *out = store;
    return CREDIT_OK;
}

static credit_result make_directory(const char *path, credit_error *err)
{
    if (mkdir(path, 0750) == 0 || errno == EEXIST) { return CREDIT_OK; }
    return cr_store_errno(errno, path, err);
}

credit_result cr_store_create(const char *path, credit_error *err)
{
    static const char *const folders[] = {"index", "segments", "tmp"};
    struct stat status;
    cr_store_path_text data = cr_store_path_in(path, "index/data.mdb");
    if (stat(data.text, &status) == 0) {
        return cr_fail(err, CREDIT_E_EXISTS, "%s: there is a store already", path);
    }
    credit_result rc = make_directory(path, err);
    for (size_t i = 0; rc == CREDIT_OK && i < sizeof folders / sizeof *folders; i++) {
        rc = make_directory(cr_store_path_in(path, folders[i]).text, err);
    }
    cr_store *store = NULL;
    if (rc == CREDIT_OK) { rc = store_new(path, false, true, &store, err); }
    cr_txn *txn = NULL;
    if (rc == CREDIT_OK) { rc = cr_writer_begin(store, &txn, err); }
    if (rc == CREDIT_OK) {
        char value[sizeof FORMAT_MAGIC + 3];
        memcpy(value, FORMAT_MAGIC, sizeof FORMAT_MAGIC - 1);
        cr_set_u32be(value + sizeof FORMAT_MAGIC - 1, CR_FORMAT_VERSION);
        rc = cr_put(txn, CR_TABLE_META, (credit_span){FORMAT_KEY, strlen(FORMAT_KEY)},
            (credit_span){value, sizeof value}, err);
    }
    if (rc == CREDIT_OK) {
        rc = cr_writer_commit(txn, err);
        txn = NULL;
    }
    cr_txn_end(txn);
    cr_store_close(store);
    if (rc == CREDIT_OK) {
        rc = cr_store_sync_directory(cr_store_path_in(path, "index").text, err);
    }
    if (rc == CREDIT_OK) { rc = cr_store_sync_directory(path, err); }
    return rc;
}

void cr_store_close(cr_store *store)
{
    if (store == NULL) { return; }
    cr_segments_unmap(store);
    if (store->env != NULL) { mdb_env_close(store->env); }
    pthread_mutex_destroy(&store->maps_lock);
    cr_free(store);
}

/* ---- transactions ---------------------------------------------------------- */

static credit_result decode_state(cr_txn *txn, credit_span state, credit_error *err)
{
    bool sound = state.size >= CR_END_SIZE;
    if (sound) {
        txn->end.segment = cr_get_u32be(state.data);
        txn->end.offset = cr_get_u64be(state.data + 4);
        sound = txn->end.segment <= CR_SEGMENTS_MAX && txn->end.offset <= CR_SEGMENT_SIZE;
    }
    for (size_t i = 0, at = CR_END_SIZE; sound && i < CR_RUN_TABLES; i++) {
        credit_span rest = {state.data + at, state.size - at};
        size_t size = cr_shape_decode(rest, &txn->shapes[i]);
        at += size;
        sound = size > 0 && (i + 1 < CR_RUN_TABLES || at == state.size);
    }
    return sound ? CREDIT_OK
                 : cr_fail(err, CREDIT_E_CORRUPT, "%s: what says where the store ends is damaged",
                       txn->store->path);
}

/* What the commit comes to that the transaction sees. Most of the time that is what the
 * last one came to. */
static credit_result read_state(cr_txn *txn, credit_error *err)
{
    credit_span state;
    credit_result rc =
        cr_get(txn, CR_TABLE_META, (credit_span){END_KEY, strlen(END_KEY)}, &state, err);
    if (rc == CREDIT_DONE) { return CREDIT_OK; }
    if (rc != CREDIT_OK ||
        (state.size == txn->state_size && memcmp(state.data, txn->state, state.size) == 0)) {
        return rc;
    }
    rc = decode_state(txn, state, err);
    if (rc != CREDIT_OK) { return rc; }
    memcpy(txn->state, state.data, state.size);
    txn->state_size = state.size;
    txn->turn++;
    return CREDIT_OK;
}

static credit_result write_state(cr_txn *txn, credit_error *err)
{
    char state[CR_STATE_MAX];
    size_t size = CR_END_SIZE;
    cr_set_u32be(state, txn->end.segment);
    cr_set_u64be(state + 4, txn->end.offset);
    for (size_t i = 0; i < CR_RUN_TABLES; i++) {
        size += cr_shape_encode(&txn->shapes[i], state + size);
    }
    return cr_put(txn, CR_TABLE_META, (credit_span){END_KEY, strlen(END_KEY)},
        (credit_span){state, size}, err);
}

static credit_result txn_new(cr_store *store, bool writes, cr_txn **out, credit_error *err)
{
    *out = NULL;
    cr_txn *txn = cr_alloc(sizeof *txn);
    if (txn == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    memset(txn, 0, sizeof *txn);
    txn->store = store;
    txn->writes = writes;
    txn->segment_fd = -1;
    txn->turn = 1;
    int code = mdb_txn_begin(store->env, NULL, writes ? 0 : MDB_RDONLY, &txn->txn);
    if (code == MDB_MAP_RESIZED) {
        /* Another process has grown the file past our map: take its size. */
        mdb_env_set_mapsize(store->env, 0);
        code = mdb_txn_begin(store->env, NULL, writes ? 0 : MDB_RDONLY, &txn->txn);
    }
    credit_result rc = cr_store_from_mdb(code, store->path, err);
    if (rc == CREDIT_OK) { rc = read_state(txn, err); }
    if (rc != CREDIT_OK) {
        cr_txn_end(txn);
        return rc;
    }
    *out = txn;
    return CREDIT_OK;
}

credit_result cr_snapshot_begin(cr_store *store, cr_txn **out, credit_error *err)
{
    return txn_new(store, false, out, err);
}

credit_result cr_snapshot_renew(cr_txn *txn, credit_error *err)
{
    mdb_txn_reset(txn->txn);
    txn->renewal++;
    credit_result rc = cr_store_from_mdb(mdb_txn_renew(txn->txn), txn->store->path, err);
    return rc == CREDIT_OK ? read_state(txn, err) : rc;
}

credit_result cr_writer_begin(cr_store *store, cr_txn **out, credit_error *err)
{
    *out = NULL;
    if (store->read_only) {
        return cr_fail(err, CREDIT_E_ACCESS, "%s: opened for reading only", store->path);
    }
    int dead = 0;
    mdb_reader_check(store->env, &dead);
    return txn_new(store, true, out, err);
}

void cr_txn_end(cr_txn *txn)
{
    if (txn == NULL) { return; }
    cr_runs_abandon(txn);
    mdb_txn_abort(txn->txn);
    if (txn->segment_fd >= 0) { close(txn->segment_fd); }
    cr_free(txn->buffer);
    cr_free(txn);
}

credit_result cr_writer_commit(cr_txn *txn, credit_error *err)
{
    credit_result rc = cr_runs_settle(txn, err);
    if (rc == CREDIT_OK) { rc = cr_segments_sync(txn, err); }
    if (rc == CREDIT_OK) { rc = write_state(txn, err); }
    cr_runs_abandon(txn);
    if (rc == CREDIT_OK) {
        rc = cr_store_from_mdb(mdb_txn_commit(txn->txn), txn->store->path, err);
        txn->txn = NULL; /* LMDB frees the handle on commit, even a failed one. */
    }
    cr_txn_end(txn);
    return rc;
}

/* ---- tables ------------------------------------------------------------------ */

credit_result cr_get(
    cr_txn *txn, cr_table table, credit_span key, credit_span *value, credit_error *err)
{
    if (cr_run_table(table) >= 0) { return cr_run_get(txn, table, key, value, err); }
    MDB_val k = to_val(key), v = {0, NULL};
    *value = (credit_span){NULL, 0};
    int code = mdb_get(txn->txn, txn->store->tables[table], &k, &v);
    if (code == 0) { *value = to_span(v); }
    return cr_store_from_mdb(code, table_names[table], err);
}

credit_result cr_put(
    cr_txn *txn, cr_table table, credit_span key, credit_span value, credit_error *err)
{
    if (cr_run_table(table) >= 0) { return cr_run_put(txn, table, key, value, err); }
    MDB_val k = to_val(key), v = to_val(value);
    return cr_store_from_mdb(
        mdb_put(txn->txn, txn->store->tables[table], &k, &v, 0), table_names[table], err);
}

/* A run cannot be told that an entry is gone, and nobody asks for its last key. */
static credit_result no_such_thing(cr_table table, credit_error *err)
{
    return cr_fail(err, CREDIT_E_USAGE, "%s: such a table only grows", table_names[table]);
}

credit_result cr_delete(cr_txn *txn, cr_table table, credit_span key, credit_error *err)
{
    if (cr_run_table(table) >= 0) { return no_such_thing(table, err); }
    MDB_val k = to_val(key);
    int code = mdb_del(txn->txn, txn->store->tables[table], &k, NULL);
    return code == MDB_NOTFOUND ? CREDIT_OK : cr_store_from_mdb(code, table_names[table], err);
}

credit_result cr_range_open(cr_txn *txn, cr_table table, cr_range *range, credit_error *err)
{
    memset(range, 0, sizeof *range);
    range->txn = txn;
    range->table = table;
    if (cr_run_table(table) >= 0) {
        range->places = cr_alloc_zeroed(1, sizeof *range->places);
        if (range->places == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
        range->places->txn = txn;
        range->places->table = table;
        return CREDIT_OK;
    }
    return cr_store_from_mdb(mdb_cursor_open(txn->txn, txn->store->tables[table], &range->cursor),
        table_names[table], err);
}

credit_result cr_range_renew(cr_range *range, credit_error *err)
{
    range->started = false;
    if (range->places != NULL) { return CREDIT_OK; } /* when it is placed */
    return cr_store_from_mdb(
        mdb_cursor_renew(range->txn->txn, range->cursor), table_names[range->table], err);
}

void cr_range_close(cr_range *range)
{
    if (range->cursor != NULL) { mdb_cursor_close(range->cursor); }
    if (range->places != NULL) { cr_places_close(range->places); }
    cr_free(range->places);
    range->cursor = NULL;
    range->places = NULL;
}

void cr_range_seek(cr_range *range, credit_span prefix)
{
    range->prefix_size = prefix.size < sizeof range->prefix ? prefix.size : sizeof range->prefix;
    if (range->prefix_size > 0) { memcpy(range->prefix, prefix.data, range->prefix_size); }
    range->started = false;
}

static bool has_prefix(const cr_range *range, MDB_val key)
{
    return cr_key_begins(to_span(key), (credit_span){range->prefix, range->prefix_size});
}

credit_result cr_range_next(cr_range *range, credit_error *err)
{
    if (range->places != NULL) { return cr_run_range_next(range, err); }
    MDB_val k = {range->prefix_size, range->prefix}, v = {0, NULL};
    MDB_cursor_op op = MDB_NEXT;
    if (!range->started) { op = range->prefix_size == 0 ? MDB_FIRST : MDB_SET_RANGE; }
    range->started = true;
    int code = mdb_cursor_get(range->cursor, &k, &v, op);
    if (code != 0) { return cr_store_from_mdb(code, table_names[range->table], err); }
    if (!has_prefix(range, k)) { return CREDIT_DONE; }
    range->key = to_span(k);
    range->value = to_span(v);
    return CREDIT_OK;
}

credit_result cr_range_last(cr_range *range, credit_span prefix, credit_span key, credit_error *err)
{
    if (range->places != NULL) { return no_such_thing(range->table, err); }
    cr_range_seek(range, prefix);
    range->started = true;
    MDB_val k = to_val(key), v = {0, NULL};
    int code = mdb_cursor_get(range->cursor, &k, &v, MDB_SET_RANGE);
    if (code == MDB_NOTFOUND) {
        code = mdb_cursor_get(range->cursor, &k, &v, MDB_LAST);
    } else if (code == 0 && (k.mv_size != key.size || memcmp(k.mv_data, key.data, key.size) != 0)) {
        code = mdb_cursor_get(range->cursor, &k, &v, MDB_PREV);
    }
    if (code != 0) { return cr_store_from_mdb(code, table_names[range->table], err); }
    if (!has_prefix(range, k)) { return CREDIT_DONE; }
    range->key = to_span(k);
    range->value = to_span(v);
    return CREDIT_OK;
}

credit_result cr_range_put(cr_range *range, credit_span key, credit_span value, credit_error *err)
{
    if (range->places != NULL) { return cr_run_put(range->txn, range->table, key, value, err); }
    MDB_val k = to_val(key), v = to_val(value);
    int code = MDB_KEYEXIST;
    /* Behind the last key, pages are filled whole, not half. A key that belongs
     * before it says that this walk does not append: it is not tried again. */
    if (!range->inserts) { code = mdb_cursor_put(range->cursor, &k, &v, MDB_APPEND); }
    if (code == MDB_KEYEXIST) {
        range->inserts = true;
        code = mdb_cursor_put(range->cursor, &k, &v, 0);
    }
    return cr_store_from_mdb(code, table_names[range->table], err);
}

/* ---- sizes --------------------------------------------------------------------- */

credit_result cr_table_get_stat(
    cr_txn *txn, cr_table table, cr_table_stat *stat_out, credit_error *err)
{
    MDB_stat s;
    *stat_out = (cr_table_stat){0, 0};
    credit_result rc = cr_store_from_mdb(
        mdb_stat(txn->txn, txn->store->tables[table], &s), table_names[table], err);
    if (rc != CREDIT_OK) { return rc; }
    stat_out->entries = s.ms_entries;
    stat_out->bytes =
        (uint64_t)s.ms_psize * (s.ms_branch_pages + s.ms_leaf_pages + s.ms_overflow_pages);
    return cr_run_table(table) >= 0 ? cr_run_get_stat(txn, table, stat_out, err) : CREDIT_OK;
}
