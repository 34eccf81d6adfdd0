/* UTF-16 to UTF-8 and back, without loss: half of a pair that stands alone becomes
 * the three bytes that UTF-8 forbids for it, so that its row is refused as no text
 * and still goes back as it came. */
#ifndef CR_LOADERS_UTF16_H
#define CR_LOADERS_UTF16_H

#include <stdbool.h>

#include "engine/types.h"

typedef enum cr_utf16 { CR_UTF16_NONE, CR_UTF16_LE, CR_UTF16_BE } cr_utf16;

enum { CR_UTF16_BOM_SIZE = 2 };

/* Which of the two a byte order mark announces. */
cr_utf16 cr_utf16_of(credit_span bytes);

/* Converts whole characters; *taken is what they took of `bytes`: at most three less
 * than there are, and all of them when `last`. `out` holds bytes.size / 2 * 3 + 3.
 * A byte that is left alone at the end becomes 0xFF. Returns the bytes written. */
size_t cr_utf16_decode(cr_utf16 kind, credit_span bytes, bool last, char *out, size_t *taken);

/* What `text`, made by cr_utf16_decode, was; `out` holds twice its size. What is of no
 * character becomes U+FFFD. */
size_t cr_utf16_encode(cr_utf16 kind, credit_span text, char *out);

/* Code units that the text was. */
size_t cr_utf16_units(credit_span text);

#endif
