#include "engine/phrase.h"

#include <string.h>

#include "engine/arena.h"
#include "engine/bytes.h"
#include "engine/memo.h"

enum {
    PLACES = 2 * CR_PHRASES_MAX,
    STEPS_MAX = 16, /* places tried for one text, whoever chose the texts */
    MET = 1 << 14   /* texts remembered to have been met once */
};

typedef struct phrase {
    const char *text;
    uint32_t size, number;
} phrase;

struct cr_phrases {
    cr_txn *writer;
    cr_arena texts;
    phrase *phrases; /* grown */
    size_t count, room, bytes;
    uint32_t next; /* number to be given */
    /* Open addressing, by hash. */
    struct {
        uint32_t hash;
        uint32_t phrase; /* its place + 1; 0: free */
    } places[PLACES];
    uint32_t met[MET]; /* hashes; the last that came to a place. Forgetting is harmless. */
};

static credit_span key_of(uint32_t number, char bytes[4])
{
    cr_set_u32be(bytes, number);
    return (credit_span){bytes, 4};
}

credit_result cr_phrase_get(cr_txn *txn, uint32_t number, credit_span *text, credit_error *err)
{
    char key[4];
    credit_result rc = cr_get(txn, CR_TABLE_PHRASE, key_of(number, key), text, err);
    return rc == CREDIT_DONE ? cr_fail(err, CREDIT_E_CORRUPT,
                                   "a record names phrase %u, which is not there", (unsigned)number)
                             : rc;
}

bool cr_phrase_is_sound(credit_span key, credit_span text)
{
    return key.size == 4 && text.size >= CR_PHRASE_LEAST && text.size <= CR_PHRASE_MOST;
}

/* ---- of a writer ------------------------------------------------------------------ */

/* Where the text is, or would be. False if neither is near its hash. */
static bool find_place(
    const cr_phrases *phrases, credit_span text, uint32_t hash, size_t *place, bool *found)
{
    for (size_t step = 0; step < STEPS_MAX; step++) {
        *place = (hash + step) % PLACES;
        *found = false;
        if (phrases->places[*place].phrase == 0) { return true; }
        if (phrases->places[*place].hash != hash) { continue; }
        const phrase *p = &phrases->phrases[phrases->places[*place].phrase - 1];
        *found = p->size == text.size && memcmp(p->text, text.data, text.size) == 0;
        if (*found) { return true; }
    }
    return false;
}

static uint32_t hash_of(credit_span text)
{
    return (uint32_t)(cr_memo_hash(text) >> 32);
}

static credit_result add(cr_phrases *phrases, credit_span text, uint32_t hash, size_t place,
    uint32_t number, credit_error *err)
{
    const char *copy = cr_arena_copy(&phrases->texts, text.data, text.size);
    if (copy == NULL ||
        !cr_grow(&phrases->phrases, &phrases->room, phrases->count + 1, sizeof(phrase))) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    phrases->phrases[phrases->count++] = (phrase){copy, (uint32_t)text.size, number};
    phrases->bytes += text.size;
    phrases->next = number + 1;
    phrases->places[place].hash = hash;
    phrases->places[place].phrase = (uint32_t)phrases->count;
    return CREDIT_OK;
}

static bool is_full(const cr_phrases *phrases)
{
    return phrases->count == CR_PHRASES_MAX || phrases->next == UINT32_MAX ||
           phrases->bytes > CR_PHRASES_BYTES - CR_PHRASE_MOST;
}

static credit_result load(cr_phrases *phrases, credit_error *err)
{
    cr_range range;
    credit_result rc = cr_range_open(phrases->writer, CR_TABLE_PHRASE, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_range_seek(&range, (credit_span){NULL, 0});
    while ((rc = cr_range_next(&range, err)) == CREDIT_OK) {
        size_t place;
        bool found;
        if (!cr_phrase_is_sound(range.key, range.value) || is_full(phrases)) {
            rc = cr_fail(err, CREDIT_E_CORRUPT, "the store's phrases are damaged");
            break;
        }
        uint32_t hash = hash_of(range.value), number = cr_get_u32be(range.key.data);
        phrases->next = number + 1;
        if (!find_place(phrases, range.value, hash, &place, &found) || found) { continue; }
        rc = add(phrases, range.value, hash, place, number, err);
        if (rc != CREDIT_OK) { break; }
    }
    cr_range_close(&range);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

credit_result cr_phrases_new(cr_txn *writer, cr_phrases **out, credit_error *err)
{
    *out = NULL;
    cr_phrases *phrases = cr_alloc(sizeof *phrases);
    if (phrases == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    memset(phrases, 0, sizeof *phrases);
    phrases->writer = writer;
    credit_result rc = load(phrases, err);
    if (rc != CREDIT_OK) {
        cr_phrases_free(phrases);
        return rc;
    }
    *out = phrases;
    return CREDIT_OK;
}

void cr_phrases_free(cr_phrases *phrases)
{
    if (phrases == NULL) { return; }
    cr_arena_release(&phrases->texts);
    cr_free(phrases->phrases);
    cr_free(phrases);
}

/* Has the text been met before? It has now. */
static bool was_met(cr_phrases *phrases, uint32_t hash)
{
    uint32_t *last = &phrases->met[hash >> 16 & (MET - 1)];
    bool met = *last == hash;
    *last = hash;
    return met;
}

credit_result cr_phrases_find(
    cr_phrases *phrases, credit_span text, uint32_t *number, credit_error *err)
{
    size_t place;
    bool found;
    if (text.size < CR_PHRASE_LEAST || text.size > CR_PHRASE_MOST) { return CREDIT_DONE; }
    uint32_t hash = hash_of(text);
    if (!find_place(phrases, text, hash, &place, &found)) { return CREDIT_DONE; }
    if (found) {
        *number = phrases->phrases[phrases->places[place].phrase - 1].number;
        return CREDIT_OK;
    }
    if (is_full(phrases) || !was_met(phrases, hash)) { return CREDIT_DONE; }
    char key[4];
    *number = phrases->next;
    credit_result rc = cr_put(phrases->writer, CR_TABLE_PHRASE, key_of(*number, key), text, err);
    return rc == CREDIT_OK ? add(phrases, text, hash, place, *number, err) : rc;
}
