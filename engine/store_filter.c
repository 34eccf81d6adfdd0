/* Which runs may have a record. An import asks of every row whether the store has its
 * record already, and of most it has not: finding that out in each run takes a descent
 * that misses the cache on every level. A filter answers it with one line of memory.
 *
 * It is a Bloom filter in lines of 64 bytes: some of the bits of one line are set for
 * each key, the line and the bits chosen by a hash of what the key begins with. It never
 * misses a key that is there; of a hundred that are not it lets about two through. It is
 * written with its run, under the number of the run's slot. */
#include <lmdb.h>
#include <string.h>

#include "engine/store_internal.h"

enum { LINE = 64, LINE_BITS = 8 * LINE, KEY_BITS = 10, BITS_SET = 6 };
#define LINES_MOST (UINT64_C(1) << 31)

enum { PENDING = 16 };

struct cr_filter {
    uint64_t lines;
    unsigned char *bytes;
    /* Of the keys that came last: their lines are on their way to the processor. */
    uint64_t pending[PENDING];
    uint64_t added; /* keys; they take the places in turn */
};

static uint64_t mixed(uint64_t word)
{
    word *= UINT64_C(0x9E3779B97F4A7C15);
    return word ^ word >> 32;
}

static uint64_t hash_of(credit_span key)
{
    size_t size = key.size < CR_FILTER_PREFIX ? key.size : CR_FILTER_PREFIX, at = 0;
    uint64_t hash = mixed(size + 1);
    for (; at + 8 <= size; at += 8) { hash = mixed(hash ^ cr_get_u64be(key.data + at)); }
    for (; at < size; at++) { hash = mixed(hash ^ (unsigned char)key.data[at]); }
    return mixed(hash);
}

static size_t line_of(uint64_t hash, uint64_t lines)
{
    return (size_t)((hash >> 32) * lines >> 32) * LINE;
}

cr_filter *cr_filter_new(uint64_t keys)
{
    cr_filter *filter = cr_alloc_zeroed(1, sizeof *filter);
    if (filter == NULL) { return NULL; }
    filter->lines = keys / (LINE_BITS / KEY_BITS) + 1;
    if (filter->lines > LINES_MOST) { filter->lines = LINES_MOST; }
    filter->bytes = cr_alloc_zeroed(filter->lines, LINE);
    if (filter->bytes == NULL) {
        cr_free(filter);
        return NULL;
    }
    return filter;
}

void cr_filter_free(cr_filter *filter)
{
    if (filter != NULL) { cr_free(filter->bytes); }
    cr_free(filter);
}

static void set_bits(cr_filter *filter, uint64_t hash)
{
    uint64_t bits = mixed(hash);
    unsigned char *line = filter->bytes + line_of(hash, filter->lines);
    for (unsigned i = 0; i < BITS_SET; i++, bits >>= 9) {
        unsigned bit = bits % LINE_BITS;
        line[bit / 8] |= (unsigned char)(1U << bit % 8);
    }
}

void cr_filter_add(cr_filter *filter, credit_span key)
{
    uint64_t hash = hash_of(key), *place = &filter->pending[filter->added % PENDING];
    if (filter->added++ >= PENDING) { set_bits(filter, *place); }
    *place = hash;
    __builtin_prefetch(filter->bytes + line_of(hash, filter->lines), 1);
}

static void set_pending(cr_filter *filter)
{
    uint64_t count = filter->added < PENDING ? filter->added : PENDING;
    for (uint64_t i = 0; i < count; i++) { set_bits(filter, filter->pending[i]); }
}

/* No filter, or one of another size than it can have, says nothing. */
static bool may_have(credit_span filter, credit_span key)
{
    if (filter.size == 0 || filter.size % LINE != 0) { return true; }
    uint64_t hash = hash_of(key), bits = mixed(hash);
    const char *line = filter.data + line_of(hash, filter.size / LINE);
    for (unsigned i = 0; i < BITS_SET; i++, bits >>= 9) {
        unsigned bit = bits % LINE_BITS;
        if (((unsigned char)line[bit / 8] >> bit % 8 & 1) == 0) { return false; }
    }
    return true;
}

credit_result cr_filter_write(cr_filter *filter, cr_txn *txn, uint8_t slot, credit_error *err)
{
    set_pending(filter);
    MDB_val key = {sizeof slot, &slot}, value = {filter->lines * LINE, filter->bytes};
    return cr_store_from_mdb(
        mdb_put(txn->txn, txn->store->filters, &key, &value, 0), "filter", err);
}

credit_result cr_filter_drop(cr_txn *txn, uint8_t slot, credit_error *err)
{
    MDB_val key = {sizeof slot, &slot};
    int code = mdb_del(txn->txn, txn->store->filters, &key, NULL);
    return code == MDB_NOTFOUND ? CREDIT_OK : cr_store_from_mdb(code, "filter", err);
}

/* The filters of the runs that the snapshot sees. */
static credit_result look_up(cr_txn *txn, const cr_shape *shape, credit_error *err)
{
    memset(txn->filters, 0, sizeof txn->filters);
    for (size_t i = 0; i < shape->count; i++) {
        uint8_t slot = shape->runs[i].slot;
        MDB_val key = {sizeof slot, &slot}, value;
        int code = mdb_get(txn->txn, txn->store->filters, &key, &value);
        if (code == 0) { txn->filters[slot] = (credit_span){value.mv_data, value.mv_size}; }
        if (code != 0 && code != MDB_NOTFOUND) { return cr_store_from_mdb(code, "filter", err); }
    }
    txn->filters_turn = txn->turn;
    txn->filters_renewal = txn->renewal;
    return CREDIT_OK;
}

credit_result cr_may_begin(cr_txn *txn, credit_span prefix, bool *may, credit_error *err)
{
    const cr_shape *shape = &txn->shapes[cr_run_table(CR_TABLE_VERSION)];
    credit_result rc = CREDIT_OK;
    *may = txn->writes;
    if (!*may && shape->tree) { rc = cr_tree_begins(txn, CR_TABLE_VERSION, prefix, may, err); }
    if (rc != CREDIT_OK || *may) { return rc; }
    if (txn->filters_turn != txn->turn || txn->filters_renewal != txn->renewal) {
        rc = look_up(txn, shape, err);
        if (rc != CREDIT_OK) { return rc; }
    }
    for (size_t i = 0; i < shape->count && !*may; i++) {
        *may = may_have(txn->filters[shape->runs[i].slot], prefix);
    }
    return CREDIT_OK;
}
