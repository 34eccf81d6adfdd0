/* What the store had before a file: the newest version of each record, asked by one
 * thread in the order of the keys. While a writer is open the commit that it looks at
 * is the last one, and what the writer itself has put is not seen. */
#ifndef CR_ENGINE_EARLIER_H
#define CR_ENGINE_EARLIER_H

#include "engine/codec.h"

/* All zero is closed. */
typedef struct cr_earlier {
    cr_txn *snapshot;
    cr_range versions;
    bool walking;               /* something was asked: */
    char asked[CR_VERSION_KEY]; /* the last */
    bool standing; /* the walk is on the version behind it, of the same subject */
    bool far;      /* its subject has more than is walked over: records are looked up */
} cr_earlier;

CREDIT_MUST_CHECK credit_result cr_earlier_open(
    cr_earlier *earlier, cr_store *store, credit_error *err);
void cr_earlier_close(cr_earlier *earlier);
/* The newest version of the key's record; its commit and row do not matter.
 * CREDIT_DONE: there is none. Ascending keys are found fastest. */
CREDIT_MUST_CHECK credit_result cr_earlier_newest(
    cr_earlier *earlier, const cr_version_key *key, cr_version *version, credit_error *err);

#endif
