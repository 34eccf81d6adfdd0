/* What a text came to when it came last: columns repeat few texts. Short texts
 * only, a few at a time; forgetting is always right. Never for a person's number. */
#ifndef CR_ENGINE_MEMO_H
#define CR_ENGINE_MEMO_H

#include <stdbool.h>
#include <string.h>

#include "engine/types.h"

enum { CR_MEMO_PLACES = 32, CR_MEMO_TEXT = 59 };

typedef struct cr_memo_place {
    uint32_t number;
    unsigned char size; /* 0: free */
    char text[CR_MEMO_TEXT];
} cr_memo_place;

/* All zero is empty. */
typedef struct cr_memo {
    cr_memo_place places[CR_MEMO_PLACES];
} cr_memo;

/* Fast, and the same for equal texts; its high bits are the good ones. */
static inline uint64_t cr_memo_hash(credit_span text)
{
    uint64_t hash = text.size, word = 0;
    size_t at = 0;
    for (; at + sizeof word <= text.size; at += sizeof word) {
        memcpy(&word, text.data + at, sizeof word);
        hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    }
    word = 0;
    memcpy(&word, text.data + at, text.size - at);
    hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return hash;
}

static inline size_t cr_memo_place_of(credit_span text)
{
    return cr_memo_hash(text) >> 40 & (CR_MEMO_PLACES - 1);
}

/* False if the text is not remembered. */
static inline bool cr_memo_find(const cr_memo *memo, credit_span text, uint32_t *number)
{
    if (memo == NULL || text.size == 0 || text.size > CR_MEMO_TEXT) { return false; }
    const cr_memo_place *place = &memo->places[cr_memo_place_of(text)];
    *number = place->number;
    return place->size == text.size && memcmp(place->text, text.data, text.size) == 0;
}

static inline void cr_memo_keep(cr_memo *memo, credit_span text, uint32_t number)
{
    if (memo == NULL || text.size == 0 || text.size > CR_MEMO_TEXT) { return; }
    cr_memo_place *place = &memo->places[cr_memo_place_of(text)];
    place->number = number;
    place->size = (unsigned char)text.size;
    memcpy(place->text, text.data, text.size);
}

#endif
