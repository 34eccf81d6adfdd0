/* Private keys in files, PKCS#8 PEM. */
#ifndef CR_KEYS_PRIVATE_H
#define CR_KEYS_PRIVATE_H

#include "keys/suite.h"

/* CREDIT_E_KEY when the passphrase does not open it or no suite uses such a key. */
credit_result cr_private_read(
    const char *path, const char *passphrase, struct evp_pkey_st **key, credit_error *err);

/* Mode 0600, replaced at once; encrypted if `passphrase` is not NULL. */
credit_result cr_private_write(
    const char *path, struct evp_pkey_st *key, const char *passphrase, credit_error *err);

#endif
