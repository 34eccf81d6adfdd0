/* Entries that are a key alone, as ways in and due dates are: gathered in any order,
 * written in that of their table, page after page and not here and there. */
#ifndef CR_ENGINE_WAYS_H
#define CR_ENGINE_WAYS_H

#include "engine/sorter.h"
#include "engine/store.h"

/* All zero is closed. */
typedef struct cr_ways {
    cr_table table;
    size_t key_size;
    cr_sorter *keys;
} cr_ways;

/* `directory` and `memory` are the sorter's. */
CREDIT_MUST_CHECK credit_result cr_ways_open(cr_ways *ways, cr_table table, size_t key_size,
    const char *directory, size_t memory, credit_error *err);
void cr_ways_close(cr_ways *ways);
CREDIT_MUST_CHECK credit_result cr_ways_add(cr_ways *ways, const char *key, credit_error *err);
/* Once, when all are added. */
CREDIT_MUST_CHECK credit_result cr_ways_write(cr_ways *ways, cr_txn *writer, credit_error *err);

#endif
