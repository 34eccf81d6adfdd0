/* Which encoding a file has, and its rows as UTF-8.
 *
 * 1. The whole file is judged before the first row is read: strict UTF-8 if
 *    every line is, else what fewer lines contradict, UTF-8 or GB18030.
 * 2. A few bad lines do not change the judgement of the others (a file pasted
 *    together from two); when most lines are bad in both it is no text at all.
 * 3. In both encodings the bytes of '"', ',', CR and LF never stand inside a
 *    character: GB18030 continues with 0x30-0x39, 0x40-0x7E or 0x80-0xFE. So
 *    rows are found in the raw bytes and decoded one by one. */
#ifndef CR_LOADERS_CHARSET_H
#define CR_LOADERS_CHARSET_H

#include <iconv.h>
#include <stdbool.h>

#include "engine/types.h"
#include "loaders/utf16.h"

typedef enum cr_charset { CR_CHARSET_UTF8, CR_CHARSET_GB18030 } cr_charset;

typedef struct cr_coding {
    cr_charset charset;
    cr_utf16 utf16;   /* what the UTF-8 at hand was in the file */
    bool faultless;   /* every line is valid: rows need no check of their own */
    size_t bom_size;  /* bytes to leave out at the start */
    const char *name; /* "utf-8", "utf-8-bom", "gb18030", "utf-16le", "utf-16be" */
} cr_coding;

/* CREDIT_E_DATA for what is no text: the message says at which byte. */
CREDIT_MUST_CHECK credit_result cr_charset_judge(
    credit_span bytes, cr_coding *out, credit_error *err);

typedef struct cr_decoder {
    iconv_t handle;
} cr_decoder;

CREDIT_MUST_CHECK credit_result cr_decoder_open(cr_decoder *decoder, credit_error *err);
void cr_decoder_close(cr_decoder *decoder);
/* GB18030 to UTF-8; `out` holds twice raw.size. False at a byte that is no
 * text, whose offset is then set. */
bool cr_decode(
    cr_decoder *decoder, credit_span raw, char *out, size_t *out_size, size_t *bad_offset);

#endif
