/* Numbers for classes of things that rules are asked about: things with the same
 * key, a fixed count of words, are of one class. */
#ifndef CR_ENGINE_CLASSES_H
#define CR_ENGINE_CLASSES_H

#include "engine/error.h"

enum { CR_CLASSES_MAX = 512 };

typedef struct cr_classes {
    size_t words;  /* of a key */
    size_t count;  /* numbers given */
    uint32_t *keys; /* by number */
    uint16_t places[2 * CR_CLASSES_MAX]; /* hash table: number + 1, 0 is free */
} cr_classes;

CREDIT_MUST_CHECK credit_result cr_classes_init(
    cr_classes *classes, size_t words, credit_error *err);
void cr_classes_free(cr_classes *classes);
/* The number of the key's class, given when it first comes; CR_CLASSES_MAX for
 * keys that come when all are given. */
size_t cr_classes_find(cr_classes *classes, const uint32_t *key);

#endif
