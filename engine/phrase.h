/* Phrases: texts of columns that repeat (authorities, codes, kinds, legal bases), kept
 * once in a table, and in frames by their numbers.
 *
 * 1. A number is given once, from 0 up, and what stands under it never changes.
 * 2. A new phrase stands in its writer's transaction: with the frames that name it, or
 *    not at all.
 * 3. A text becomes a phrase when a writer meets it again: one that comes once takes
 *    less room where it stands.
 * 4. There are at most CR_PHRASES_MAX of them, CR_PHRASES_BYTES long together. What
 *    comes after that stays where it stands. */
#ifndef CR_ENGINE_PHRASE_H
#define CR_ENGINE_PHRASE_H

#include "engine/store.h"

enum {
    CR_PHRASE_LEAST = 4,   /* bytes: a number takes one to three */
    CR_PHRASE_MOST = 1024,
    CR_PHRASES_MAX = 1 << 16,
    CR_PHRASES_BYTES = 4 << 20
};

/* Borrowed as with cr_get. CREDIT_E_CORRUPT: nothing has that number. */
CREDIT_MUST_CHECK credit_result cr_phrase_get(
    cr_txn *txn, uint32_t number, credit_span *text, credit_error *err);
/* Is this an entry that cr_phrases_find may have written? */
bool cr_phrase_is_sound(credit_span key, credit_span text);

/* All phrases of a store, for its writer. */
typedef struct cr_phrases cr_phrases;

CREDIT_MUST_CHECK credit_result cr_phrases_new(
    cr_txn *writer, cr_phrases **out, credit_error *err);
void cr_phrases_free(cr_phrases *phrases); /* NULL is fine */
/* The number of a text, which may be given to it now. CREDIT_DONE: it has none. */
CREDIT_MUST_CHECK credit_result cr_phrases_find(
    cr_phrases *phrases, credit_span text, uint32_t *number, credit_error *err);

#endif
