/* The directory of a store's keys.
 *
 *   authority-key.pem   private key of the development authority   0600
 *   authority.pem       its certificate, for those who verify
 *   signing-key.pem     private key that signs                     0600
 *   signing.pem         its certificate, with those between it and the authority
 *   signing.pem.new     the certificate that a rotation was about to put there
 *   retired-KEYID.pem   certificates that signed before
 *   persons.key         32 random bytes in hexadecimal             0600
 *   crl.pem             what the authority has revoked, if anything
 *
 * 1. Every file is replaced at once. A pair of key and certificate is replaced in
 *    the order: new certificate beside, key, certificate over; so at every moment
 *    the key has its certificate in signing.pem or in signing.pem.new.
 * 2. persons.key is never written over: without it no person is found again.
 * 3. Times are arguments, serials are random.
 * 4. Private keys are never printed and never leave the directory. */
#ifndef CR_KEYS_KEYRING_H
#define CR_KEYS_KEYRING_H

#include "keys/revocation.h"
#include "keys/signer.h"

enum { CR_AUTHORITY_YEARS = 10, CR_SIGNING_YEARS = 2 };

typedef struct cr_keyring_options {
    const cr_suite *suite;
    credit_span organization; /* stands in the certificates */
    credit_instant now;       /* certificates are valid from here */
    int32_t authority_years;  /* 0: CR_AUTHORITY_YEARS */
    int32_t signing_years;    /* 0: CR_SIGNING_YEARS */
    const char *passphrase;   /* for both private keys; NULL: not encrypted */
} cr_keyring_options;

/* Makes the directory, authority, signing key and persons key.
 * CREDIT_E_EXISTS if there is a signing certificate already. */
credit_result cr_keyring_create(
    const char *directory, const cr_keyring_options *options, credit_error *err);

/* The signer of a directory. CREDIT_E_NOT_FOUND, CREDIT_E_KEY. */
credit_result cr_keyring_open(
    const char *directory, const char *passphrase, cr_signer **out, credit_error *err);

/* A new signing key under the same authority. Of the options, suite and
 * authority_years are not looked at. The old certificate is kept as retired. */
credit_result cr_keyring_rotate(
    const char *directory, const cr_keyring_options *options, credit_error *err);

/* Takes over a key with its chain from elsewhere, encrypted anew with `passphrase`;
 * the directory and persons.key are made if need be. CREDIT_E_KEY as for
 * cr_signer_load. */
credit_result cr_keyring_import(const char *directory, const char *key_path, const char *chain_path,
    const char *their_passphrase, const char *passphrase, credit_error *err);

/* Puts a key (signing or retired, issued by this authority) on the authority's
 * revocation list. CREDIT_E_EXISTS if it is on it already, unless the new reason
 * is a compromise and the old is none. */
credit_result cr_keyring_revoke(const char *directory, const char *passphrase, const char *key_id,
    credit_instant since, cr_revoked_for reason, credit_instant now, credit_error *err);

typedef enum cr_key_role { CR_KEY_AUTHORITY, CR_KEY_SIGNING, CR_KEY_RETIRED } cr_key_role;

typedef struct cr_keyring_item {
    cr_key_role role;
    cr_key_info info;
    cr_revocation revocation;
} cr_keyring_item;

enum { CR_KEYRING_MAX = 1024 };

/* Authority, signing key (two after a rotation that was cut short), then retired
 * ones by valid_from; needs no passphrase. */
credit_result cr_keyring_list(const char *directory, cr_arena *arena, cr_keyring_item **items,
    size_t *count, credit_error *err);

credit_result cr_keyring_persons_key(
    const char *directory, unsigned char out[CR_SECRET_SIZE], credit_error *err);

#endif
