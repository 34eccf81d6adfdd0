/* What the store had before a file: the version of each record that was in force on a
 * day, asked by one thread in the order of the keys. While a writer is open the commit that it looks at
 * is the last one, and what the writer itself has put is not seen. */
#ifndef CR_ENGINE_EARLIER_H
#define CR_ENGINE_EARLIER_H

#include "engine/counting.h"

/* All zero is closed. */
typedef struct cr_earlier {
    cr_txn *snapshot;
    cr_range versions;
    cr_counting counting;
    bool walking;               /* something was asked: */
    char asked[CR_VERSION_KEY]; /* the last */
    bool standing; /* the walk is on the version behind it, of the same subject */
    bool far;      /* its subject has more than is walked over: records are looked up */
} cr_earlier;

CREDIT_MUST_CHECK credit_result cr_earlier_open(
    cr_earlier *earlier, cr_store *store, credit_error *err);
void cr_earlier_close(cr_earlier *earlier);
/* What was found of a record: the newest version of those whose day is not later. */
typedef struct cr_found {
    bool any;      /* there are versions of it that count, */
    bool later;    /* some of a later day, */
    bool in_force; /* and this is the one of the day, brought in by */
    uint32_t commit, row;
    cr_version version; /* with the day that counts; */
    credit_date kept_on; /* that of its header */
} cr_found;

/* Does the version in force say the same? One that removed its record says nothing. */
static inline bool cr_found_says(const cr_found *found, const char digest[CR_CONTENT_DIGEST])
{
    return found->in_force && found->version.state != CR_VERSION_REMOVED &&
           memcmp(found->version.digest, digest, CR_CONTENT_DIGEST) == 0;
}

/* Looks for the key's record; its commit and row do not matter. Ascending keys are
 * found fastest. */
CREDIT_MUST_CHECK credit_result cr_earlier_find(cr_earlier *earlier, const cr_version_key *key,
    credit_date day, cr_found *found, credit_error *err);
/* The same by any walk over VERSION, of a writer too. */
CREDIT_MUST_CHECK credit_result cr_version_find(cr_range *versions, const cr_version_key *key,
    credit_date day, cr_found *found, credit_error *err);

#endif
