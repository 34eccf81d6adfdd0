/* The ZIP file that leaves the house: stored entries and nothing else.
 *
 * 1. The bytes are a function of names, contents and order of the entries alone.
 * 2. cr_container_read accepts exactly what cr_container_write makes: it reads,
 *    writes again and compares. Any other ZIP file is refused: compression,
 *    time stamps, comments, extra fields, flags, gaps, trailing bytes.
 * 3. Names are relative paths of ASCII letters, digits and . _ - and are unique.
 *
 * Layout (APPNOTE 6.3.10, all numbers little-endian): for each entry a local
 * header (30 bytes, name) with its content, then for each a central header
 * (46 bytes, name), then the end record (22 bytes). Version 1.0, method 0, no
 * flags, date 1980-01-01 00:00. */
#ifndef CR_KEYS_CONTAINER_H
#define CR_KEYS_CONTAINER_H

#include <stdbool.h>

#include "engine/arena.h"

enum {
    CR_CONTAINER_ENTRIES_MAX = 256,
    CR_CONTAINER_NAME_MAX = 128,
    CR_CONTAINER_BYTES_MAX = 1 << 30 /* of the whole file */
};

typedef struct cr_entry {
    credit_span name;
    credit_span bytes;
} cr_entry;

/* CREDIT_E_USAGE for a name that is not allowed or stands twice, CREDIT_E_LIMIT
 * for what is too large. */
credit_result cr_container_write(
    const cr_entry *entries, size_t count, cr_arena *arena, credit_span *out, credit_error *err);

/* The entries borrow from `bytes`. CREDIT_E_UNTRUSTED for anything that
 * cr_container_write would not have made. */
credit_result cr_container_read(
    credit_span bytes, cr_arena *arena, cr_entry **entries, size_t *count, credit_error *err);

/* True when these entries, written, are exactly `bytes`; needs no memory. */
bool cr_container_matches(const cr_entry *entries, size_t count, credit_span bytes);

#endif
