#include "engine/arena.h"

#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 4096, LARGEST_BLOCK = 1 << 20 };

static _Atomic uint64_t fail_countdown;

static bool allocation_is_rehearsed_to_fail(void)
{
    if (atomic_load_explicit(&fail_countdown, memory_order_relaxed) == 0) { return false; }
    return atomic_fetch_sub(&fail_countdown, 1) == 1;
}

void cr_alloc_fail_at(uint64_t n)
{
    atomic_store(&fail_countdown, n);
}

void *cr_alloc(size_t size)
{
    return allocation_is_rehearsed_to_fail() ? NULL : malloc(size);
}

void *cr_alloc_zeroed(size_t count, size_t size)
{
    return allocation_is_rehearsed_to_fail() ? NULL : calloc(count, size);
}

void *cr_realloc(void *block, size_t size)
{
    return allocation_is_rehearsed_to_fail() ? NULL : realloc(block, size);
}

void cr_free(void *block)
{
    free(block);
}

void cr_wipe(void *secret, size_t size)
{
    static void *(*const volatile fill)(void *, int, size_t) = memset;
    if (size > 0) { fill(secret, 0, size); }
}

bool cr_grow(void *items_pointer, size_t *capacity, size_t want, size_t size)
{
    if (want <= *capacity) { return true; }
    size_t room = *capacity < 8 ? 8 : *capacity;
    while (room < want) {
        if (room > SIZE_MAX / 2) { return false; }
        room *= 2;
    }
    if (size != 0 && room > SIZE_MAX / size) { return false; }
    void *items;
    memcpy(&items, items_pointer, sizeof items);
    items = cr_realloc(items, room * size);
    if (items == NULL) { return false; }
    memcpy(items_pointer, &items, sizeof items);
    *capacity = room;
    return true;
}

static struct cr_arena_block *add_block(cr_arena *arena, size_t size)
{
    size_t room = arena->next_size == 0 ? FIRST_BLOCK : arena->next_size;
    if (room < size) { room = size; }
    if (room > SIZE_MAX - sizeof(struct cr_arena_block)) { return NULL; }
    struct cr_arena_block *block = cr_alloc(sizeof *block + room);
    if (block == NULL) { return NULL; }
    block->next = arena->blocks;
    block->size = room;
    block->used = 0;
    block->padding = 0;
    arena->blocks = block;
    arena->next_size = room >= LARGEST_BLOCK / 2 ? LARGEST_BLOCK : room * 2;
    return block;
}

void *cr_arena_take_more(cr_arena *arena, size_t size)
{
    if (size > SIZE_MAX - CR_ARENA_ALIGNMENT) { return NULL; }
    size = (size + CR_ARENA_ALIGNMENT - 1) & ~(size_t)(CR_ARENA_ALIGNMENT - 1);
    struct cr_arena_block *block = add_block(arena, size);
    if (block == NULL) { return NULL; }
    block->used = size;
    return block + 1;
}

void *cr_arena_alloc(cr_arena *arena, size_t size)
{
    void *memory = cr_arena_take(arena, size);
    return memory == NULL ? NULL : memset(memory, 0, size);
}

void *cr_arena_array(cr_arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) { return NULL; }
    return cr_arena_alloc(arena, count * size);
}

char *cr_arena_copy(cr_arena *arena, const char *data, size_t size)
{
    if (size == SIZE_MAX) { return NULL; }
    char *copy = cr_arena_take(arena, size + 1);
    if (copy == NULL) { return NULL; }
    if (size > 0) { memcpy(copy, data, size); }
    copy[size] = '\0';
    return copy;
}

credit_span cr_arena_span(cr_arena *arena, credit_span span)
{
    char *copy = cr_arena_copy(arena, span.data, span.size);
    return (credit_span){copy, copy == NULL ? 0 : span.size};
}

char *cr_arena_printf(cr_arena *arena, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int size = vsnprintf(NULL, 0, format, args);
    va_end(args);
    char *text = size < 0 ? NULL : cr_arena_take(arena, (size_t)size + 1);
    if (text != NULL) { vsnprintf(text, (size_t)size + 1, format, again); }
    va_end(again);
    return text;
}

void cr_arena_reset(cr_arena *arena)
{
    struct cr_arena_block *keep = NULL;
    for (struct cr_arena_block *block = arena->blocks; block != NULL;) {
        struct cr_arena_block *next = block->next;
        if (keep == NULL || block->size > keep->size) {
            cr_free(keep);
            keep = block;
        } else {
            cr_free(block);
        }
        block = next;
    }
    arena->blocks = keep;
    if (keep == NULL) { return; }
    keep->next = NULL;
    keep->used = 0;
}

void cr_arena_release(cr_arena *arena)
{
    for (struct cr_arena_block *block = arena->blocks; block != NULL;) {
        struct cr_arena_block *next = block->next;
        cr_free(block);
        block = next;
    }
    arena->blocks = NULL;
    arena->next_size = 0;
}
