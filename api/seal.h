/* From an extract's content to the signed file. */
#ifndef CREDIT_API_SEAL_H
#define CREDIT_API_SEAL_H

#include "api/internal.h"

/* Signs the content with the store's key and writes the file at once. */
CREDIT_MUST_CHECK credit_result api_seal(const credit_store *store, credit_span extract,
    credit_span report, credit_instant now, const char *path, credit_error *err);

#endif
