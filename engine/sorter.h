/* Sorting more than memory holds: fixed-size entries, ordered by the bytes of
 * their key, which is the head of each entry.
 *
 * 1. At most `memory` bytes are used, whatever is added; what is beyond goes
 *    to one unlinked file as sorted runs, which are merged when read back.
 * 2. Entries with equal keys come back in the order they were added.
 * 3. Add all, then read all: cr_sorter_next() ends the adding. */
#ifndef CR_ENGINE_SORTER_H
#define CR_ENGINE_SORTER_H

#include <stdbool.h>

#include "engine/error.h"

/* Orders pointers to entries by their keys; equal keys stay as they were. */
CREDIT_MUST_CHECK credit_result cr_sort(
    const char **entries, size_t count, size_t key_size, credit_error *err);

typedef struct cr_sorter cr_sorter;

CREDIT_MUST_CHECK credit_result cr_sorter_new(const char *directory, size_t entry_size,
    size_t key_size, size_t memory, cr_sorter **out, credit_error *err);
void cr_sorter_free(cr_sorter *sorter);
CREDIT_MUST_CHECK credit_result cr_sorter_add(
    cr_sorter *sorter, const void *entry, credit_error *err);
/* How many have been added. */
uint64_t cr_sorter_count(const cr_sorter *sorter);
/* The next entry in order, borrowed until the next call; CREDIT_DONE at the end. */
CREDIT_MUST_CHECK credit_result cr_sorter_next(
    cr_sorter *sorter, const char **entry, credit_error *err);

#endif
