/* UTF-8 text: validity, folding, counting, masking; small span helpers. Pure. */
#ifndef CR_ENGINE_TEXT_H
#define CR_ENGINE_TEXT_H

#include <stdbool.h>

#include "engine/arena.h"

#define CR_SPAN(literal) ((credit_span){(literal), sizeof(literal) - 1})

credit_span cr_span_of(const char *text); /* a C string, NULL is the empty span */
bool cr_span_equal(credit_span a, credit_span b);
int cr_span_compare(credit_span a, credit_span b); /* bytes, then size */
bool cr_span_is(credit_span span, const char *text);
bool cr_span_starts(credit_span span, credit_span prefix);
/* Offset of `needle` in `hay`, SIZE_MAX if it is not there. */
size_t cr_span_find(credit_span hay, credit_span needle);
/* Without ASCII blanks, NBSP and ideographic spaces at both ends. */
credit_span cr_span_trim(credit_span span);

/* Decodes one character at *offset and moves past it; -1 for bytes that are
 * not UTF-8 (overlong forms and surrogates included), then moves one byte. */
int32_t cr_utf8_next(credit_span text, size_t *offset);
/* Writes a code point (up to 4 bytes); returns the bytes written. */
size_t cr_utf8_put(uint32_t code_point, char out[4]);
bool cr_utf8_valid(credit_span text, size_t *bad_offset);
size_t cr_utf8_length(credit_span text); /* code points */

/* Full-width ASCII (U+FF01…FF5E) and the ideographic space become half-width. */
size_t cr_fold_width(credit_span text, char *out); /* out holds text.size */
/* The key form of a name: width folded, blanks dropped, ASCII upper case,
 * brackets of every style made one; private-use characters are kept.
 * `out` holds text.size bytes; returns the size written. */
size_t cr_fold_name(credit_span text, char *out);
/* The key form of a document number: as a name, and 〔〕﹝﹞【】[]（）() all one
 * pair of brackets. basis: decisions 5, domain 2.2. */
size_t cr_fold_document_no(credit_span text, char *out);

/* Keeps `left` and `right` characters, the others become '*' one for one. A
 * text so short that nothing would be hidden is hidden whole. */
credit_span cr_mask(credit_span text, size_t left, size_t right, cr_arena *arena);
/* Masks what looks like a resident id (15 or 18 digits, X) or a mobile number
 * (11 digits, 1[3-9]) inside free text. Returns `text` itself if nothing does. */
credit_span cr_mask_free_text(credit_span text, cr_arena *arena);

/* Parses a plain decimal of at most `scale` decimals into value * 10^scale.
 * False for anything else: signs, blanks, thousands commas, overflow. */
bool cr_parse_scaled(credit_span text, unsigned scale, int64_t *out);

#endif
