/* What keyring.c and keyring_list.c share: names in the directory, and reading. */
#ifndef CR_KEYS_KEYRING_PARTS_H
#define CR_KEYS_KEYRING_PARTS_H

#include "keys/chain.h"
#include "keys/files.h"
#include "keys/keyring.h"

#define CR_KEYRING_AUTHORITY_KEY "authority-key.pem"
#define CR_KEYRING_AUTHORITY "authority.pem"
#define CR_KEYRING_SIGNING_KEY "signing-key.pem"
#define CR_KEYRING_SIGNING "signing.pem"
#define CR_KEYRING_SIGNING_NEW "signing.pem.new"
#define CR_KEYRING_PERSONS "persons.key"
#define CR_KEYRING_REVOKED "crl.pem"
#define CR_KEYRING_RETIRED "retired-" /* KEYID.pem */

typedef struct cr_authority {
    struct evp_pkey_st *key;
    cr_chain chain; /* one certificate */
} cr_authority;

credit_result cr_keyring_load_authority(
    const char *directory, const char *passphrase, cr_authority *out, credit_error *err);
void cr_authority_free(cr_authority *authority);

/* DIRECTORY/NAME or CREDIT_E_LIMIT. */
credit_result cr_keyring_path(
    char out[CR_FILE_PATH_MAX], const char *directory, const char *name, credit_error *err);
bool cr_keyring_has(const char *directory, const char *name);
credit_result cr_keyring_read_chain(
    const char *directory, const char *name, cr_chain *chain, credit_error *err);
credit_result cr_keyring_replace(
    const char *directory, const char *name, credit_span bytes, unsigned mode, credit_error *err);

#endif
