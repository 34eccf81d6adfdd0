/* Reading a table with runs: its places side by side, in the order of their keys, of
 * equal keys the youngest entry.
 *
 * A writer may put into the table that it walks over: the walk is then placed anew
 * behind the key on which it stood, and sees what is there. */
#include <lmdb.h>
#include <string.h>

#include "engine/store_internal.h"

int cr_key_order(credit_span a, credit_span b)
{
    size_t both = a.size < b.size ? a.size : b.size;
    int order = both == 0 ? 0 : memcmp(a.data, b.data, both);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

bool cr_key_begins(credit_span key, credit_span prefix)
{
    return key.size >= prefix.size &&
           (prefix.size == 0 || memcmp(key.data, prefix.data, prefix.size) == 0);
}

/* ---- a leaf ---------------------------------------------------------------------- */

/* False: the bytes are no leaf. Ends are checked when a value is asked for. */
static bool leaf_open(credit_span bytes, cr_leaf *leaf)
{
    if (bytes.size < CR_LEAF_HEAD) { return false; }
    leaf->count = cr_get_u16le(bytes.data);
    leaf->key_size = cr_get_u16le(bytes.data + 2);
    leaf->each = cr_get_u16le(bytes.data + 4);
    bool mixed = leaf->each == CR_LEAF_MIXED && leaf->count > 1;
    size_t ends = mixed ? 2 * leaf->count : 0;
    size_t before = CR_LEAF_HEAD + leaf->count * leaf->key_size + ends;
    if (leaf->count == 0 || leaf->key_size == 0 || before > bytes.size) { return false; }
    leaf->keys = bytes.data + CR_LEAF_HEAD;
    leaf->ends = mixed ? bytes.data + before - ends : NULL;
    leaf->values = (credit_span){bytes.data + before, bytes.size - before};
    if (leaf->count == 1) { leaf->each = leaf->values.size; }
    return mixed || leaf->count * leaf->each == leaf->values.size;
}

static credit_span leaf_key(const cr_leaf *leaf, size_t at)
{
    return (credit_span){leaf->keys + at * leaf->key_size, leaf->key_size};
}

static bool leaf_value(const cr_leaf *leaf, size_t at, credit_span *value)
{
    size_t begin = at * leaf->each, end = begin + leaf->each;
    if (leaf->ends != NULL) {
        begin = at == 0 ? 0 : cr_get_u16le(leaf->ends + 2 * (at - 1));
        end = cr_get_u16le(leaf->ends + 2 * at);
    }
    if (begin > end || end > leaf->values.size) { return false; }
    *value = (credit_span){leaf->values.data + begin, end - begin};
    return true;
}

/* Halving asks for one key after the other: all of them are on their way meanwhile. */
static void expect_keys(const cr_leaf *leaf)
{
    enum { LINE = 64, LINES = 12 };
    size_t bytes = leaf->count * leaf->key_size;
    for (size_t i = 0; i < LINES && i * LINE < bytes; i++) {
        __builtin_prefetch(leaf->keys + i * LINE);
    }
}

/* The first entry whose key is not before `key`; the count if there is none. */
static size_t leaf_seek(const cr_leaf *leaf, credit_span key)
{
    size_t low = 0, high = leaf->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cr_key_order(leaf_key(leaf, middle), key) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* ---- one place ------------------------------------------------------------------- */

static credit_result damaged(cr_table table, credit_error *err)
{
    return cr_fail(err, CREDIT_E_CORRUPT, "%s: a leaf is damaged", cr_table_name(table));
}

credit_result cr_place_open(
    cr_txn *txn, cr_table table, unsigned database, bool in_run, cr_place *place, credit_error *err)
{
    *place = (cr_place){.in_run = in_run};
    return cr_store_from_mdb(
        mdb_cursor_open(txn->txn, database, &place->cursor), cr_table_name(table), err);
}

/* Stands on the entry of its leaf that it has come to. */
static credit_result stand(cr_place *place, cr_table table, credit_error *err)
{
    place->key = leaf_key(&place->leaf, place->at);
    place->standing = leaf_value(&place->leaf, place->at, &place->value);
    return place->standing ? CREDIT_OK : damaged(table, err);
}

/* Moves the cursor; CREDIT_OK also when there is nothing there. */
static credit_result move(
    cr_place *place, cr_table table, MDB_cursor_op op, credit_span key, credit_error *err)
{
    MDB_val k = {key.size, (void *)(uintptr_t)key.data}, v = {0, NULL};
    int code = mdb_cursor_get(place->cursor, &k, &v, op);
    place->standing = code == 0;
    place->in_leaf = false;
    if (code == MDB_NOTFOUND) { return CREDIT_OK; }
    if (code != 0) { return cr_store_from_mdb(code, cr_table_name(table), err); }
    place->key = (credit_span){k.mv_data, k.mv_size};
    place->value = (credit_span){v.mv_data, v.mv_size};
    if (!place->in_run) { return CREDIT_OK; }
    place->at = 0;
    place->in_leaf = leaf_open(place->value, &place->leaf);
    return place->in_leaf ? CREDIT_OK : damaged(table, err);
}

/* Is the first entry not before the key in the leaf on which the place stands? An import
 * asks for one subject after the other, so that often it is. */
static bool is_in_leaf(const cr_place *place, credit_span key)
{
    return place->in_leaf &&
           cr_key_order(key, leaf_key(&place->leaf, place->leaf.count - 1)) <= 0 &&
           cr_key_order(leaf_key(&place->leaf, 0), key) <= 0;
}

credit_result cr_place_seek(cr_place *place, cr_table table, credit_span key, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    if (place->cursor == NULL || is_in_leaf(place, key)) {
        place->standing = true; /* in the leaf being written, or where it stands */
    } else {
        rc = move(place, table, key.size == 0 ? MDB_FIRST : MDB_SET_RANGE, key, err);
        if (place->in_leaf) { expect_keys(&place->leaf); }
    }
    if (rc != CREDIT_OK || !place->in_run || !place->standing) { return rc; }
    place->at = leaf_seek(&place->leaf, key);
    if (place->at < place->leaf.count) { return stand(place, table, err); }
    place->standing = false;
    return place->cursor == NULL ? CREDIT_OK : damaged(table, err);
}

credit_result cr_place_next(cr_place *place, cr_table table, credit_error *err)
{
    static const credit_span none = {NULL, 0};
    if (!place->in_run) { return move(place, table, MDB_NEXT, none, err); }
    if (++place->at < place->leaf.count) { return stand(place, table, err); }
    place->standing = false;
    if (place->cursor == NULL) { return CREDIT_OK; }
    credit_result rc = move(place, table, MDB_NEXT, none, err);
    return rc == CREDIT_OK && place->standing ? stand(place, table, err) : rc;
}

cr_front cr_places_front(cr_place *places, size_t count)
{
    cr_front front = {NULL, true};
    for (size_t i = 0; i < count; i++) {
        cr_place *place = &places[i];
        if (!place->standing) { continue; }
        int order = front.place == NULL ? -1 : cr_key_order(place->key, front.place->key);
        if (order < 0) { front = (cr_front){place, true}; }
        if (order == 0) { front.alone = false; }
    }
    return front;
}

/* Every place that stands on the key steps on. */
static credit_result step_from(
    cr_place *places, size_t count, cr_table table, credit_span key, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < count; i++) {
        cr_place *place = &places[i];
        if (place->standing && cr_key_order(place->key, key) == 0) {
            rc = cr_place_next(place, table, err);
        }
    }
    return rc;
}

credit_result cr_places_step(
    cr_place *places, size_t count, cr_front front, cr_table table, credit_error *err)
{
    return front.alone ? cr_place_next(front.place, table, err)
                       : step_from(places, count, table, front.place->key, err);
}

/* ---- all of a table ---------------------------------------------------------------- */

void cr_places_close(cr_places *places)
{
    for (size_t i = 0; i < places->count; i++) {
        if (places->items[i].cursor != NULL) { mdb_cursor_close(places->items[i].cursor); }
    }
    places->count = 0;
    places->turn = 0;
}

static credit_result open_all(cr_places *places, credit_error *err)
{
    cr_txn *txn = places->txn;
    cr_table table = places->table;
    int index = cr_run_table(table);
    const cr_shape *shape = &txn->shapes[index];
    size_t runs = shape->count;
    credit_result rc = CREDIT_OK;
    cr_places_close(places);
    if (shape->tree) {
        rc = cr_place_open(
            txn, table, txn->store->tables[table], false, &places->items[places->count], err);
        if (rc == CREDIT_OK) { places->count++; }
    }
    if (rc == CREDIT_OK && txn->filled[index] != NULL) {
        places->items[places->count++] = (cr_place){.in_run = true};
    }
    for (size_t i = runs; rc == CREDIT_OK && i > 0; i--) {
        unsigned database = txn->store->slots[index][shape->runs[i - 1].slot];
        rc = cr_place_open(txn, table, database, true, &places->items[places->count], err);
        if (rc == CREDIT_OK) { places->count++; }
    }
    if (rc == CREDIT_OK) { places->turn = txn->turn; }
    return rc;
}

credit_result cr_places_ready(cr_places *places, credit_error *err)
{
    cr_txn *txn = places->txn;
    credit_result rc = CREDIT_OK;
    if (places->turn != txn->turn) {
        rc = open_all(places, err);
    } else if (places->renewal != txn->renewal) {
        for (size_t i = 0; rc == CREDIT_OK && i < places->count; i++) {
            places->items[i].in_leaf = false;
            rc = cr_store_from_mdb(mdb_cursor_renew(txn->txn, places->items[i].cursor),
                cr_table_name(places->table), err);
        }
    }
    places->renewal = txn->renewal;
    places->puts = txn->puts[cr_run_table(places->table)];
    return rc;
}

/* The leaf being written is what it is now. */
static void look_at_filled(const cr_places *places, cr_place *place)
{
    if (place->cursor != NULL) { return; }
    place->leaf = cr_run_writer_leaf(places->txn->filled[cr_run_table(places->table)]);
}

static credit_result seek_all(cr_places *places, credit_span key, credit_error *err)
{
    credit_result rc = cr_places_ready(places, err);
    for (size_t i = 0; rc == CREDIT_OK && i < places->count; i++) {
        look_at_filled(places, &places->items[i]);
        rc = cr_place_seek(&places->items[i], places->table, key, err);
    }
    return rc;
}

/* Those of the transaction itself. */
static credit_result own_places(cr_txn *txn, cr_table table, cr_places **out, credit_error *err)
{
    cr_places **places = &txn->gets[cr_run_table(table)];
    if (*places == NULL) {
        *places = cr_alloc_zeroed(1, sizeof **places);
        if (*places == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
        (*places)->txn = txn;
        (*places)->table = table;
    }
    *out = *places;
    return cr_places_ready(*places, err);
}

credit_result cr_run_get(
    cr_txn *txn, cr_table table, credit_span key, credit_span *value, credit_error *err)
{
    cr_places *places = NULL;
    *value = (credit_span){NULL, 0};
    credit_result rc = own_places(txn, table, &places, err);
    for (size_t i = 0; rc == CREDIT_OK && i < places->count; i++) {
        cr_place *place = &places->items[i];
        look_at_filled(places, place);
        rc = cr_place_seek(place, table, key, err);
        if (rc == CREDIT_OK && place->standing && cr_key_order(place->key, key) == 0) {
            *value = place->value;
            return CREDIT_OK;
        }
    }
    return rc == CREDIT_OK ? CREDIT_DONE : rc;
}

credit_result cr_tree_begins(
    cr_txn *txn, cr_table table, credit_span prefix, bool *has, credit_error *err)
{
    cr_places *places = NULL;
    credit_result rc = own_places(txn, table, &places, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_place *tree = &places->items[0]; /* the youngest */
    rc = cr_place_seek(tree, table, prefix, err);
    *has = rc == CREDIT_OK && tree->standing && cr_key_begins(tree->key, prefix);
    return rc;
}

/* ---- a walk ------------------------------------------------------------------------- */

/* To the first entry with the prefix, or behind the one on which the walk stands. */
static credit_result set_walk(cr_range *range, credit_error *err)
{
    credit_span from = {range->prefix, range->prefix_size};
    if (range->started) { from = (credit_span){range->last, range->key.size}; }
    credit_result rc = seek_all(range->places, from, err);
    return rc == CREDIT_OK && range->started
               ? step_from(range->places->items, range->places->count, range->table, from, err)
               : rc;
}

/* Places that have left the prefix are out of the walk: their keys are not compared again. */
static void leave_prefix(const cr_range *range)
{
    cr_places *places = range->places;
    credit_span prefix = {range->prefix, range->prefix_size};
    for (size_t i = 0; prefix.size > 0 && i < places->count; i++) {
        cr_place *place = &places->items[i];
        place->standing = place->standing && cr_key_begins(place->key, prefix);
    }
}

credit_result cr_run_range_next(cr_range *range, credit_error *err)
{
    cr_places *places = range->places;
    credit_result rc = CREDIT_OK;
    bool moved = places->turn != range->txn->turn ||
                 places->puts != range->txn->puts[cr_run_table(range->table)];
    if (!range->started || moved) {
        rc = set_walk(range, err);
    } else if (places->front.place != NULL) {
        rc = cr_places_step(places->items, places->count, places->front, range->table, err);
    }
    range->started = true;
    if (rc != CREDIT_OK) { return rc; }
    leave_prefix(range);
    places->front = cr_places_front(places->items, places->count);
    if (places->front.place == NULL) { return CREDIT_DONE; }
    range->key = places->front.place->key;
    range->value = places->front.place->value;
    if (range->txn->writes) { memcpy(range->last, range->key.data, range->key.size); }
    return CREDIT_OK;
}
