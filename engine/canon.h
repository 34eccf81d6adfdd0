/* Canonical JSON (RFC 8785) writer: the one text that is hashed, signed and
 * shown. Members are written in the order given; the caller gives them sorted
 * by UTF-16 code units, which is asserted. Strings only, integers up to 2^53. */
#ifndef CR_ENGINE_CANON_H
#define CR_ENGINE_CANON_H

#include "engine/arena.h"

typedef struct cr_canon {
    char *data; /* owned; cr_canon_free */
    size_t size, capacity;
    bool failed;  /* out of memory: sticky, checked once at the end */
    bool sorted;  /* assert member order (canonical); off for plain JSON */
    uint32_t depth;
    bool comma[32]; /* does the open container at this depth need a comma? */
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
void cr_canon_date(cr_canon *w, credit_date date); /* null for NONE */
/* A date that may be long-term: null for NONE, `forever` for FOREVER. */
void cr_canon_raw(cr_canon *w, credit_span json); /* already canonical JSON */
credit_span cr_canon_span(const cr_canon *w);

#endif
