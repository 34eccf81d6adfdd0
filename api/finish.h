/* Finishing the blocks of an import: digests, what of it is new, and the ruling of what
 * is. Each thread has a finisher of its own. */
#ifndef CREDIT_API_FINISH_H
#define CREDIT_API_FINISH_H

#include "api/internal.h"
#include "engine/admit.h"
#include "engine/ruling.h"

typedef struct api_finisher {
    const api_policy *policy; /* by which the rows are judged */
    cr_ruler *ruler;
    cr_hasher *hasher;   /* SHA-256 */
    cr_earlier earlier; /* opened by whoever has the writer */
} api_finisher;

CREDIT_MUST_CHECK credit_result api_finisher_open(const credit_store *store,
    const api_policy *policy, api_finisher *finisher, credit_error *err);
void api_finisher_close(const credit_store *store, api_finisher *finisher);
CREDIT_MUST_CHECK credit_result api_finish_block(const credit_store *store,
    const cr_catalog *catalog, api_finisher *finisher, cr_block *block, credit_error *err);

#endif
