/* The rejects file: refused rows as they came, so that they can be corrected
 * and imported as they are.
 *
 * Four columns (line, field, rule, message) stand before the original row, in
 * the file's own encoding. It is written beside its name and renamed when the
 * import is decided, durably, before the batch is; no refused row, no file. */
#ifndef CR_LOADERS_REJECTS_H
#define CR_LOADERS_REJECTS_H

#include "engine/error.h"
#include "loaders/charset.h"
#include "loaders/loader.h"

typedef struct cr_rejects cr_rejects;

/* `path` NULL: SOURCE.rejects.csv. */
CREDIT_MUST_CHECK credit_result cr_rejects_new(const char *source, const char *path,
    const cr_coding *coding, cr_rejects **out, credit_error *err);
void cr_rejects_free(cr_rejects *rejects); /* drops what was not kept */
CREDIT_MUST_CHECK credit_result cr_rejects_begin(
    cr_rejects *rejects, credit_span header, credit_error *err);
CREDIT_MUST_CHECK credit_result cr_rejects_add(cr_rejects *rejects, uint64_t line,
    credit_span raw, const cr_finding *finding, credit_error *err);
/* Gives the file its name; nothing when there was no refused row. */
CREDIT_MUST_CHECK credit_result cr_rejects_keep(cr_rejects *rejects, credit_error *err);
/* Takes it away again: what it belongs to did not come about. */
void cr_rejects_drop(cr_rejects *rejects);
/* "" while there is no file. */
const char *cr_rejects_path(const cr_rejects *rejects);

#endif
