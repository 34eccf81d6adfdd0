#include "engine/ways.h"

credit_result cr_ways_open(cr_ways *ways, cr_table table, size_t key_size, const char *directory,
    size_t memory, credit_error *err)
{
    ways->table = table;
    ways->key_size = key_size;
    return cr_sorter_new(directory, key_size, key_size, memory, &ways->keys, err);
}

void cr_ways_close(cr_ways *ways)
{
    cr_sorter_free(ways->keys);
    ways->keys = NULL;
}

credit_result cr_ways_add(cr_ways *ways, const char *key, credit_error *err)
{
    return cr_sorter_add(ways->keys, key, err);
}

credit_result cr_ways_write(cr_ways *ways, cr_txn *writer, credit_error *err)
{
    cr_range range;
    const char *key = NULL;
    credit_result rc = cr_table_fill(writer, ways->table, cr_sorter_count(ways->keys), err);
    if (rc == CREDIT_OK) { rc = cr_range_open(writer, ways->table, &range, err); }
    if (rc != CREDIT_OK) { return rc; }
    while ((rc = cr_sorter_next(ways->keys, &key, err)) == CREDIT_OK) {
        rc = cr_range_put(&range, (credit_span){key, ways->key_size}, (credit_span){"", 0}, err);
        if (rc != CREDIT_OK) { break; }
    }
    cr_range_close(&range);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}
