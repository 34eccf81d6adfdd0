/* The key directory of a store, as the other files of api/ need it. */
#ifndef CREDIT_API_KEYS_H
#define CREDIT_API_KEYS_H

#include "api/internal.h"
#include "keys/signer.h"
#include "keys/suite.h"

/* Makes the directory's keys unless it has them already (which must then be of
 * the suite), and copies the authority's certificate into a store. */
CREDIT_MUST_CHECK credit_result api_keys_prepare(const char *keys, const cr_suite *suite,
    const credit_store_options *options, credit_span organization, const char *store,
    credit_error *err);
/* Without a persons key a store can be read but for what is about persons. */
CREDIT_MUST_CHECK credit_result api_keys_load_persons(credit_store *store, credit_error *err);
/* The signing key as a JSON object; null when the directory has none. */
CREDIT_MUST_CHECK credit_result api_keys_describe(
    const char *keys, cr_canon *json, credit_error *err);
/* The signer of a store; its passphrase is read from the file that was named. */
CREDIT_MUST_CHECK credit_result api_keys_signer(
    const credit_store *store, cr_signer **signer, credit_error *err);

#endif
