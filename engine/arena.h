/* One pool of memory per call: allocate freely, release once.
 *
 * 1. An allocation never moves and lives until cr_arena_release (or reset).
 * 2. A failed allocation returns NULL and leaves the arena usable.
 * 3. Sizes are checked: no product or sum of caller sizes wraps.
 * 4. Memory is 16-byte aligned, and zeroed unless it is taken. */
#ifndef CR_ENGINE_ARENA_H
#define CR_ENGINE_ARENA_H

#include <stdbool.h>

#include "engine/types.h"

struct cr_arena_block {
    struct cr_arena_block *next;
    size_t size;    /* usable bytes after the header */
    size_t used;
    size_t padding; /* keeps the header a multiple of the alignment */
};

typedef struct cr_arena {
    struct cr_arena_block *blocks; /* newest first */
    size_t next_size;              /* size of the next block to ask for */
} cr_arena;

#define CR_ARENA_INIT {NULL, 0}

enum { CR_ARENA_ALIGNMENT = 16 };
/* What cr_arena_take gives, from a new block. */
void *cr_arena_take_more(cr_arena *arena, size_t size);
/* As it comes, for what is written in full before it is read. */
static inline void *cr_arena_take(cr_arena *arena, size_t size)
{
    struct cr_arena_block *block = arena->blocks;
    if (block == NULL || block->size - block->used < size) {
        return cr_arena_take_more(arena, size);
    }
    char *memory = (char *)(block + 1) + block->used;
    block->used += (size + CR_ARENA_ALIGNMENT - 1) & ~(size_t)(CR_ARENA_ALIGNMENT - 1);
    return memory;
}
void *cr_arena_alloc(cr_arena *arena, size_t size);
void *cr_arena_array(cr_arena *arena, size_t count, size_t size);
/* A copy with a terminator after it, so that it can serve as a C string too. */
char *cr_arena_copy(cr_arena *arena, const char *data, size_t size);
credit_span cr_arena_span(cr_arena *arena, credit_span span); /* .data NULL if out of memory */
char *cr_arena_printf(cr_arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Forgets everything but keeps the largest block for the next use. */
void cr_arena_reset(cr_arena *arena);
void cr_arena_release(cr_arena *arena);

/* Every allocation of the engine goes through these three, so that a test can
 * make the n-th one fail. */
void *cr_alloc(size_t size);
/* Costs what is touched of it, where it is large. */
void *cr_alloc_zeroed(size_t count, size_t size);
void *cr_realloc(void *block, size_t size);
void cr_free(void *block);
/* Tests only: fail the n-th allocation from now (1 = the next), 0 = never. */
void cr_alloc_fail_at(uint64_t n);
/* Wipes a secret in a way the compiler may not remove. */
void cr_wipe(void *secret, size_t size);

/* A growing array: makes room for `want` items of `size` bytes. */
bool cr_grow(void *items_pointer, size_t *capacity, size_t want, size_t size);

#endif
