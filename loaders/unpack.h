/* Files that are text only after something was done to them: gzip, UTF-16. */
#ifndef CR_LOADERS_UNPACK_H
#define CR_LOADERS_UNPACK_H

#include "engine/error.h"
#include "loaders/utf16.h"

bool cr_is_gzip(credit_span bytes);
/* False with errno set. */
bool cr_write_all(int fd, const char *bytes, size_t size);

/* Write the text that is packed in a file's bytes to `to`, at most CR_LIMIT_FILE
 * bytes of it. CREDIT_E_DATA when it is damaged or cut short; _LIMIT, _FULL, _IO. */
CREDIT_MUST_CHECK credit_result cr_unpack_gzip(credit_span bytes, int to, credit_error *err);
/* From UTF-16 with its byte order mark, which is left out. *faultless: every
 * character is one. */
CREDIT_MUST_CHECK credit_result cr_unpack_utf16(
    cr_utf16 kind, credit_span bytes, int to, bool *faultless, credit_error *err);

#endif
