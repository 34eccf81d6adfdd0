/* Builds the policy pack in memory from its files: JSON, CSV and DMN. */
#ifndef CR_LOADERS_PACK_H
#define CR_LOADERS_PACK_H

#include "engine/crypto.h"
#include "engine/pack.h"

/* Reads every file of a pack directory (regular files below it, at most 1,000
 * of 64 MiB; names starting with '.' left out), sorted by path. Memory is the
 * arena's. CREDIT_E_NOT_FOUND, _ACCESS, _IO, _LIMIT. */
CREDIT_MUST_CHECK credit_result cr_pack_read_directory(
    const char *directory, cr_arena *arena, cr_pack_file **files, size_t *count, credit_error *err);

/* Compiles a pack from its files (copied). The digest is SHA-256 over, for each
 * file in order of path: u32 path size, path, u64 size, bytes (big endian).
 * CREDIT_E_PACK names file, line and what: "catalogs/xzcf.json:12: …". */
CREDIT_MUST_CHECK credit_result cr_pack_compile(const cr_pack_file *files, size_t count,
    const cr_crypto *crypto, cr_pack **out, credit_error *err);

#endif
