/* From content to the signed file, and back to whether it may be believed. */
#ifndef CREDIT_API_SEAL_H
#define CREDIT_API_SEAL_H

#include "api/internal.h"
#include "keys/envelope.h"

/* Signs the content with the store's key and writes the file at once. */
CREDIT_MUST_CHECK credit_result api_seal(const credit_store *store, credit_span extract,
    credit_span report, credit_instant now, const char *path, credit_error *err);

/* The same of any content files; and without writing it down. */
CREDIT_MUST_CHECK credit_result api_seal_files(const credit_store *store, const cr_content *files,
    size_t count, credit_instant now, const char *path, credit_error *err);
CREDIT_MUST_CHECK credit_result api_seal_bytes(const credit_store *store, const cr_content *files,
    size_t count, credit_instant now, cr_arena *arena, credit_span *sealed, credit_error *err);

/* Does the file begin as a container does? A file that cannot be read does not. */
bool api_is_sealed(const char *path);

/* Opens a sealed file that must hold: CREDIT_E_UNTRUSTED says why it does not. Trust
 * is `trust`, $CREDIT_TRUST, the installed directory, else the store's own authority.
 * What was opened borrows from the arena; the digest is SHA-256 of the file. */
CREDIT_MUST_CHECK credit_result api_unseal_trusted(const credit_store *store, const char *path,
    const char *trust, cr_arena *arena, cr_sealed *sealed, unsigned char digest[CR_DIGEST_SIZE],
    credit_error *err);

#endif
