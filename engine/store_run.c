/* Writing runs. A file of a million rows touches every page of a tree that is larger
 * than it, and each is copied, written and synced: so the entries of such a file do not
 * go into the tree. They become a run, written once from its first page to its last,
 * and runs of one size are merged, four at a time.
 *
 * - What is put in order goes to the end of the run; what belongs before that goes into
 *   the tree, which is younger. So the tree is emptied into a run of its own before one
 *   is begun, and when it has grown.
 * - A run is merged first by a writer that comes after its own.
 * - All of it is in the writer's LMDB transaction: a commit has it, or nobody.
 * - LMDB keeps two entries or more on a page; two leaves fill one of 4 KiB. */
#include <lmdb.h>
#include <string.h>

#include "engine/store_internal.h"

enum {
    LEAF_ROOM = 2030, /* of a leaf and the key that it stands under */
    LEAF_ENTRIES = 255,
    FAN = 4,                 /* runs of one size */
    LEAVES_A_HINT = 1 << 14, /* 32 MiB */
    FILL_LEAST = 1024,       /* fewer entries go into the tree, */
    TREE_MOST = 1 << 14      /* which is emptied when it has more */
};

struct cr_run_writer {
    cr_txn *txn;
    struct MDB_cursor *cursor;
    cr_table table;
    uint8_t slot;
    uint64_t entries, leaves;
    cr_filter *filter; /* of VERSION */
    /* the leaf that is being filled */
    size_t count, key_size, value_bytes, each;
    bool mixed; /* its values are not all of `each` bytes */
    char keys[LEAF_ROOM + CR_RUN_KEY_MAX], ends[2 * LEAF_ENTRIES];
    char *values;
    size_t value_room;
};

cr_leaf cr_run_writer_leaf(const cr_run_writer *w)
{
    return (cr_leaf){w->count, w->key_size, w->keys, w->mixed ? w->ends : NULL, w->each,
        {w->values, w->value_bytes}};
}

/* ---- the shape of a table ----------------------------------------------------------- */

size_t cr_shape_encode(const cr_shape *shape, char *out)
{
    out[0] = shape->tree;
    out[1] = (char)shape->count;
    for (size_t i = 0; i < shape->count; i++) {
        char *run = out + CR_SHAPE_HEAD + i * CR_SHAPE_RUN;
        run[0] = (char)shape->runs[i].slot;
        cr_set_u64be(run + 1, shape->runs[i].entries);
    }
    return CR_SHAPE_HEAD + shape->count * CR_SHAPE_RUN;
}

size_t cr_shape_decode(credit_span bytes, cr_shape *shape)
{
    unsigned used = 0;
    memset(shape, 0, sizeof *shape);
    if (bytes.size < CR_SHAPE_HEAD) { return 0; }
    shape->tree = bytes.data[0] != 0;
    shape->count = (unsigned char)bytes.data[1];
    size_t size = CR_SHAPE_HEAD + shape->count * CR_SHAPE_RUN;
    if (shape->count > CR_RUN_SLOTS || bytes.size < size) { return 0; }
    for (size_t i = 0; i < shape->count; i++) {
        const char *run = bytes.data + CR_SHAPE_HEAD + i * CR_SHAPE_RUN;
        shape->runs[i] = (cr_run){(uint8_t)run[0], cr_get_u64be(run + 1)};
        if (shape->runs[i].slot >= CR_RUN_SLOTS || (used >> shape->runs[i].slot & 1) != 0) {
            return 0;
        }
        used |= 1U << shape->runs[i].slot;
    }
    return size;
}

static uint8_t free_slot(const cr_shape *shape)
{
    unsigned used = 0;
    uint8_t slot = 0;
    for (size_t i = 0; i < shape->count; i++) { used |= 1U << shape->runs[i].slot; }
    while ((used >> slot & 1) != 0) { slot++; }
    return slot;
}

/* ---- filling a run ------------------------------------------------------------------- */

static credit_result writer_new(cr_txn *txn, cr_table table, uint8_t slot, uint64_t entries,
    cr_run_writer **out, credit_error *err)
{
    cr_run_writer *w = cr_alloc(sizeof *w);
    *out = NULL;
    if (w == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    memset(w, 0, sizeof *w);
    w->txn = txn;
    w->table = table;
    w->slot = slot;
    if (table == CR_TABLE_VERSION && (w->filter = cr_filter_new(entries)) == NULL) {
        cr_free(w);
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    unsigned database = txn->store->slots[cr_run_table(table)][slot];
    int code = mdb_cursor_open(txn->txn, database, &w->cursor);
    if (code != 0) {
        cr_filter_free(w->filter);
        cr_free(w);
        return cr_store_from_mdb(code, cr_table_name(table), err);
    }
    *out = w;
    return CREDIT_OK;
}

static void writer_free(cr_run_writer *w)
{
    if (w == NULL) { return; }
    mdb_cursor_close(w->cursor);
    cr_filter_free(w->filter);
    cr_free(w->values);
    cr_free(w);
}

static size_t leaf_size(size_t count, size_t key_size, bool mixed, size_t value_bytes)
{
    return CR_LEAF_HEAD + count * key_size + (mixed ? 2 * count : 0) + value_bytes;
}

static credit_result flush(cr_run_writer *w, credit_error *err)
{
    if (w->count == 0) { return CREDIT_OK; }
    size_t keys = w->count * w->key_size, ends = w->mixed ? 2 * w->count : 0;
    MDB_val key = {w->key_size, w->keys + keys - w->key_size};
    MDB_val leaf = {leaf_size(w->count, w->key_size, w->mixed, w->value_bytes), NULL};
    int code = mdb_cursor_put(w->cursor, &key, &leaf, MDB_APPEND | MDB_RESERVE);
    if (code != 0) { return cr_store_from_mdb(code, cr_table_name(w->table), err); }
    char *out = leaf.mv_data;
    cr_set_u16le(out, (uint16_t)w->count);
    cr_set_u16le(out + 2, (uint16_t)w->key_size);
    cr_set_u16le(out + 4, w->mixed || w->count == 1 ? CR_LEAF_MIXED : (uint16_t)w->each);
    memcpy(out + CR_LEAF_HEAD, w->keys, keys);
    memcpy(out + CR_LEAF_HEAD + keys, w->ends, ends);
    if (w->value_bytes > 0) { memcpy(out + CR_LEAF_HEAD + keys + ends, w->values, w->value_bytes); }
    w->count = w->value_bytes = 0;
    if (++w->leaves % LEAVES_A_HINT == 0) { cr_index_flush_hint(w->txn); }
    return CREDIT_OK;
}

static credit_result finish(cr_run_writer *w, credit_error *err)
{
    credit_result rc = flush(w, err);
    return rc == CREDIT_OK && w->filter != NULL && w->entries > 0
               ? cr_filter_write(w->filter, w->txn, w->slot, err)
               : rc;
}

static bool fits(const cr_run_writer *w, credit_span key, credit_span value)
{
    bool mixed = w->mixed || value.size != w->each;
    size_t size = leaf_size(w->count + 1, w->key_size, mixed, w->value_bytes + value.size);
    return w->count < LEAF_ENTRIES && key.size == w->key_size && size + key.size <= LEAF_ROOM;
}

static credit_span last_key(const cr_run_writer *w)
{
    return (credit_span){w->keys + (w->count - 1) * w->key_size, w->key_size};
}

static void drop_last(cr_run_writer *w)
{
    w->count--;
    w->entries--;
    size_t begin = w->count == 0 ? 0 : cr_get_u16le(w->ends + 2 * (w->count - 1));
    w->value_bytes = begin;
}

/* The key is behind the last one. */
static credit_result append(cr_run_writer *w, credit_span key, credit_span value, credit_error *err)
{
    size_t room = w->value_bytes + value.size;
    if (w->count > 0 && !fits(w, key, value)) {
        credit_result rc = flush(w, err);
        if (rc != CREDIT_OK) { return rc; }
    }
    if (room > w->value_room && !cr_grow(&w->values, &w->value_room, room, 1)) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    if (w->count == 0) {
        w->key_size = key.size;
        w->each = value.size;
        w->mixed = false;
    }
    w->mixed = w->mixed || value.size != w->each;
    if (w->filter != NULL) { cr_filter_add(w->filter, key); }
    memcpy(w->keys + w->count * w->key_size, key.data, key.size);
    if (value.size > 0) { memcpy(w->values + w->value_bytes, value.data, value.size); }
    w->value_bytes += value.size;
    cr_set_u16le(w->ends + 2 * w->count, (uint16_t)w->value_bytes);
    w->count++;
    w->entries++;
    return CREDIT_OK;
}

/* ---- merging --------------------------------------------------------------------------- */

/* What is read here is clean or under a cursor: LMDB leaves it where it is while other
 * databases are written. */
static credit_result pour(cr_place *places, size_t count, cr_run_writer *into, credit_error *err)
{
    static const credit_span start = {NULL, 0};
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < count; i++) {
        rc = cr_place_seek(&places[i], into->table, start, err);
    }
    cr_front front = {NULL, true};
    while (rc == CREDIT_OK && (front = cr_places_front(places, count)).place != NULL) {
        rc = append(into, front.place->key, front.place->value, err);
        if (rc == CREDIT_OK) { rc = cr_places_step(places, count, front, into->table, err); }
    }
    return rc;
}

static void close_all(cr_place *places, size_t count)
{
    for (size_t i = 0; i < count; i++) { mdb_cursor_close(places[i].cursor); }
}

static credit_result empty(cr_txn *txn, cr_table table, unsigned database, credit_error *err)
{
    return cr_store_from_mdb(mdb_drop(txn->txn, database, 0), cr_table_name(table), err);
}

static credit_result empty_run(cr_txn *txn, cr_table table, uint8_t slot, credit_error *err)
{
    unsigned database = txn->store->slots[cr_run_table(table)][slot];
    credit_result rc = empty(txn, table, database, err);
    return rc == CREDIT_OK && table == CR_TABLE_VERSION ? cr_filter_drop(txn, slot, err) : rc;
}

/* The runs from `first` on, `count` of them, become one. */
static credit_result merge(
    cr_txn *txn, cr_table table, size_t first, size_t count, credit_error *err)
{
    int index = cr_run_table(table);
    const unsigned *slots = txn->store->slots[index];
    cr_shape *shape = &txn->shapes[index];
    cr_place places[CR_RUN_SLOTS];
    cr_run_writer *into = NULL;
    size_t open = 0;
    uint64_t entries = 0;
    for (size_t i = 0; i < count; i++) { entries += shape->runs[first + i].entries; }
    credit_result rc = writer_new(txn, table, free_slot(shape), entries, &into, err);
    for (size_t i = first + count; rc == CREDIT_OK && i > first; i--) {
        rc = cr_place_open(txn, table, slots[shape->runs[i - 1].slot], true, &places[open], err);
        if (rc == CREDIT_OK) { open++; }
    }
    if (rc == CREDIT_OK) { rc = pour(places, open, into, err); }
    if (rc == CREDIT_OK) { rc = finish(into, err); }
    close_all(places, open);
    for (size_t i = 0; rc == CREDIT_OK && i < count; i++) {
        rc = empty_run(txn, table, shape->runs[first + i].slot, err);
    }
    if (rc == CREDIT_OK) {
        shape->runs[first] = (cr_run){into->slot, into->entries};
        memmove(&shape->runs[first + 1], &shape->runs[first + count],
            (shape->count - first - count) * sizeof *shape->runs);
        shape->count -= count - 1;
        txn->turn++;
    }
    writer_free(into);
    return rc;
}

/* What lies in the tree becomes the youngest run. */
static credit_result empty_tree(cr_txn *txn, cr_table table, credit_error *err)
{
    int index = cr_run_table(table);
    unsigned database = txn->store->tables[table];
    cr_shape *shape = &txn->shapes[index];
    cr_run_writer *into = NULL;
    cr_place tree;
    MDB_stat stat = {0};
    credit_result rc =
        cr_store_from_mdb(mdb_stat(txn->txn, database, &stat), cr_table_name(table), err);
    if (rc == CREDIT_OK) {
        rc = writer_new(txn, table, free_slot(shape), stat.ms_entries, &into, err);
    }
    if (rc == CREDIT_OK) { rc = cr_place_open(txn, table, database, false, &tree, err); }
    if (rc == CREDIT_OK) {
        rc = pour(&tree, 1, into, err);
        mdb_cursor_close(tree.cursor);
    }
    if (rc == CREDIT_OK) { rc = finish(into, err); }
    if (rc == CREDIT_OK) { rc = empty(txn, table, database, err); }
    if (rc == CREDIT_OK) {
        shape->runs[shape->count++] = (cr_run){into->slot, into->entries};
        shape->tree = false;
        txn->fresh[index]++;
        txn->turn++;
    }
    writer_free(into);
    return rc;
}

/* How many of the older runs, the youngest of them first, become one: FAN or more that
 * are alike in size, and then as many as are like what these come to; and more when there
 * are too many. An entry is written anew each time its run has become FAN times as large. */
static size_t alike(const cr_shape *shape, size_t old)
{
    size_t count = 1, more = FAN;
    uint64_t entries = old == 0 ? 0 : shape->runs[old - 1].entries;
    while (more + 1 >= FAN) {
        uint64_t sum = 0;
        for (more = 0; count + more < old; more++) {
            uint64_t older = shape->runs[old - 1 - count - more].entries;
            if (older >= 2 * entries) { break; }
            sum += older;
        }
        if (more + 1 >= FAN) {
            count += more;
            entries += sum;
        }
    }
    size_t most = shape->count > CR_RUNS_KEPT ? shape->count - CR_RUNS_KEPT + 1 : 0;
    return count > most ? count : most;
}

/* ---- what a writer does ------------------------------------------------------------------ */

credit_result cr_table_fill(cr_txn *txn, cr_table table, uint64_t entries, credit_error *err)
{
    int index = cr_run_table(table);
    if (index < 0 || entries < FILL_LEAST || txn->filled[index] != NULL) { return CREDIT_OK; }
    cr_shape *shape = &txn->shapes[index];
    credit_result rc = shape->tree ? empty_tree(txn, table, err) : CREDIT_OK;
    if (rc != CREDIT_OK) { return rc; }
    uint8_t slot = free_slot(shape);
    rc = writer_new(txn, table, slot, entries, &txn->filled[index], err);
    if (rc != CREDIT_OK) { return rc; }
    shape->runs[shape->count++] = (cr_run){slot, 0};
    txn->fresh[index]++;
    txn->turn++;
    return CREDIT_OK;
}

credit_result cr_run_put(
    cr_txn *txn, cr_table table, credit_span key, credit_span value, credit_error *err)
{
    int index = cr_run_table(table);
    cr_run_writer *w = txn->filled[index];
    if (key.size == 0 || key.size > CR_RUN_KEY_MAX) {
        return cr_fail(err, CREDIT_E_LIMIT, "%s: the key is too long", cr_table_name(table));
    }
    txn->puts[index]++;
    int order = w == NULL ? -1 : w->count == 0 ? 1 : cr_key_order(key, last_key(w));
    if (order == 0) { drop_last(w); } /* the entry is another now */
    if (order >= 0) { return append(w, key, value, err); }
    MDB_val k = {key.size, (void *)(uintptr_t)key.data};
    MDB_val v = {value.size, (void *)(uintptr_t)value.data};
    int code = mdb_put(txn->txn, txn->store->tables[table], &k, &v, 0);
    if (code == 0 && !txn->shapes[index].tree) {
        txn->shapes[index].tree = true;
        txn->turn++;
    }
    return cr_store_from_mdb(code, cr_table_name(table), err);
}

static credit_result close_filled(cr_txn *txn, int index, credit_error *err)
{
    cr_run_writer *w = txn->filled[index];
    cr_shape *shape = &txn->shapes[index];
    if (w == NULL) { return CREDIT_OK; }
    credit_result rc = finish(w, err);
    if (rc != CREDIT_OK) { return rc; }
    shape->runs[shape->count - 1].entries = w->entries;
    if (w->entries == 0) {
        shape->count--;
        txn->fresh[index]--;
    }
    writer_free(w);
    txn->filled[index] = NULL;
    return CREDIT_OK;
}

static credit_result settle(cr_txn *txn, cr_table table, credit_error *err)
{
    MDB_stat tree = {0};
    int index = cr_run_table(table);
    cr_shape *shape = &txn->shapes[index];
    if (txn->puts[index] == 0 && txn->filled[index] == NULL) { return CREDIT_OK; }
    credit_result rc = close_filled(txn, index, err);
    if (rc == CREDIT_OK && shape->tree) {
        rc = cr_store_from_mdb(
            mdb_stat(txn->txn, txn->store->tables[table], &tree), cr_table_name(table), err);
    }
    if (rc == CREDIT_OK && tree.ms_entries > TREE_MOST) { rc = empty_tree(txn, table, err); }
    if (rc != CREDIT_OK) { return rc; }
    size_t old = shape->count - txn->fresh[index], count = alike(shape, old);
    return count > 1 ? merge(txn, table, old - count, count, err) : CREDIT_OK;
}

credit_result cr_runs_settle(cr_txn *txn, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    for (int i = 0; rc == CREDIT_OK && i < CR_TABLES; i++) {
        if (cr_run_table((cr_table)i) >= 0) { rc = settle(txn, (cr_table)i, err); }
    }
    return rc;
}

void cr_runs_abandon(cr_txn *txn)
{
    for (int i = 0; i < CR_RUN_TABLES; i++) {
        writer_free(txn->filled[i]);
        txn->filled[i] = NULL;
        if (txn->gets[i] != NULL) { cr_places_close(txn->gets[i]); }
        cr_free(txn->gets[i]);
        txn->gets[i] = NULL;
    }
}

credit_result cr_run_get_stat(cr_txn *txn, cr_table table, cr_table_stat *out, credit_error *err)
{
    int index = cr_run_table(table);
    const cr_shape *shape = &txn->shapes[index];
    MDB_stat s;
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < shape->count; i++) {
        unsigned database = txn->store->slots[index][shape->runs[i].slot];
        rc = cr_store_from_mdb(mdb_stat(txn->txn, database, &s), cr_table_name(table), err);
        if (rc != CREDIT_OK) { break; }
        out->entries += shape->runs[i].entries;
        out->bytes +=
            (uint64_t)s.ms_psize * (s.ms_branch_pages + s.ms_leaf_pages + s.ms_overflow_pages);
    }
    return rc;
}
