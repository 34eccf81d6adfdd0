#include "engine/classes.h"

#include <string.h>

#include "engine/arena.h"

enum { PLACES = 2 * CR_CLASSES_MAX };

credit_result cr_classes_init(cr_classes *classes, size_t words, credit_error *err)
{
    memset(classes, 0, sizeof *classes);
    classes->words = words;
    classes->keys = cr_alloc((words * CR_CLASSES_MAX + 1) * sizeof *classes->keys);
    return classes->keys == NULL ? cr_fail(err, CREDIT_E_NOMEM, "out of memory") : CREDIT_OK;
}

void cr_classes_free(cr_classes *classes)
{
    cr_free(classes->keys);
    classes->keys = NULL;
}

static size_t hash_of(const uint32_t *key, size_t words)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < words; i++) {
        hash = (hash ^ key[i]) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    return hash % PLACES;
}

size_t cr_classes_find(cr_classes *classes, const uint32_t *key)
{
    size_t size = classes->words * sizeof *key, place = hash_of(key, classes->words);
    for (; classes->places[place] != 0; place = (place + 1) % PLACES) {
        size_t number = classes->places[place] - 1u;
        if (memcmp(classes->keys + number * classes->words, key, size) == 0) { return number; }
    }
    if (classes->count == CR_CLASSES_MAX) { return CR_CLASSES_MAX; }
    memcpy(classes->keys + classes->count * classes->words, key, size);
    classes->places[place] = (uint16_t)(classes->count + 1);
    return classes->count++;
}
