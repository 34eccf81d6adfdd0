/* X.509 certificates: what they say, how our development authority makes them.
 *
 * 1. A serial is 16 random bytes; times are arguments.
 * 2. A certificate signed with SM2 carries the distinguishing id from the moment
 *    it is read, or OpenSSL would check it with the empty one. */
#ifndef CR_KEYS_CERTIFICATE_H
#define CR_KEYS_CERTIFICATE_H

#include "keys/suite.h"

struct x509_st;

enum { CR_KEY_ID_TEXT = 17, CR_NAME_CHARACTERS_MAX = 64 };

typedef struct cr_key_info {
    const cr_suite *suite;       /* NULL if no suite signs with such a key */
    char key_id[CR_KEY_ID_TEXT]; /* first 8 bytes of the public key's digest */
    credit_span subject;         /* RFC 2253; these three borrow from the arena */
    credit_span issuer;
    credit_span serial; /* hexadecimal */
    credit_instant valid_from;
    credit_instant valid_to; /* from here on it is expired */
} cr_key_info;

typedef struct cr_certificate_request {
    const cr_suite *suite;
    credit_span organization; /* O, 1 to CR_NAME_CHARACTERS_MAX characters */
    credit_span common_name;  /* CN, likewise */
    credit_instant valid_from;
    credit_instant valid_to;
} cr_certificate_request;

/* A self-signed authority that may issue signing certificates and nothing more. */
credit_result cr_certificate_make_root(const cr_certificate_request *request,
    struct evp_pkey_st *key, struct x509_st **out, credit_error *err);

/* A signing certificate for `key`. */
credit_result cr_certificate_make_leaf(const cr_certificate_request *request,
    struct evp_pkey_st *key, struct x509_st *issuer, struct evp_pkey_st *issuer_key,
    struct x509_st **out, credit_error *err);

/* Rule 2; CREDIT_E_NOMEM at worst. */
credit_result cr_certificate_set_user_id(struct x509_st *cert, credit_error *err);

/* True when the certificate may sign content (key usage). */
bool cr_certificate_may_sign(struct x509_st *cert);
bool cr_certificate_is_self_signed(struct x509_st *cert);

credit_result cr_certificate_describe(
    struct x509_st *cert, cr_arena *arena, cr_key_info *info, credit_error *err);

/* The id of any public key; its digest is the suite's, SHA-256 where it has none. */
credit_result cr_key_id(struct evp_pkey_st *key, char out[CR_KEY_ID_TEXT], credit_error *err);

#endif
