/* Canonical JSON (RFC 8785) writer: the one text that is hashed, signed and
 * shown. Members are written in the order given; the caller gives them sorted
 * by UTF-16 code units, which is checked. Strings only, integers up to 2^53. */
#ifndef CR_ENGINE_CANON_H
#define CR_ENGINE_CANON_H

#include "engine/arena.h"

typedef struct cr_canon {
    char *data; /* owned; cr_canon_free */
    size_t size, capacity;
    bool failed;  /* out of memory, or misused: sticky, checked once at the end */
    bool misused; /* the caller's mistake (member order, depth, integer): CREDIT_E_BUG */
    bool sorted;  /* check member order (canonical); off for plain JSON */
    uint32_t depth;
    bool comma[32]; /* does the open container at this depth need a comma? */
    size_t last_key[32]; /* where its last key stands in `data`, 0 if it has none */
} cr_canon;

void cr_canon_init(cr_canon *w);
void cr_canon_free(cr_canon *w);
void cr_canon_reset(cr_canon *w);
void cr_canon_object(cr_canon *w);
void cr_canon_end_object(cr_canon *w);
void cr_canon_array(cr_canon *w);
void cr_canon_end_array(cr_canon *w);
void cr_canon_key(cr_canon *w, const char *key);
void cr_canon_key_span(cr_canon *w, credit_span key);
void cr_canon_string(cr_canon *w, credit_span text);
void cr_canon_text(cr_canon *w, const char *text); /* NULL writes null */
void cr_canon_integer(cr_canon *w, int64_t value);
void cr_canon_bool(cr_canon *w, bool value);
void cr_canon_null(cr_canon *w);
/* A date as a string: null for NONE, "forever" for FOREVER (long-term). */
void cr_canon_date(cr_canon *w, credit_date date);
void cr_canon_raw(cr_canon *w, credit_span json); /* already canonical JSON */
credit_span cr_canon_span(const cr_canon *w);
/* The order of member names (UTF-16 code units), for callers that must sort:
 * below, at or above 0 as with memcmp. */
int cr_canon_compare_keys(credit_span a, credit_span b);

#endif
