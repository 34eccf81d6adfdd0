/* What the files of keys/ share over OpenSSL: one translation of its errors,
 * times, names and encodings. Private to keys/; nothing above sees OpenSSL. */
#ifndef CR_KEYS_OSSL_H
#define CR_KEYS_OSSL_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "engine/arena.h"

/* Sets "WHAT: OpenSSL's reason" and empties OpenSSL's queue of errors. */
credit_result cr_ossl_fail(credit_error *err, credit_result code, const char *what);

/* Seconds since 1970; an instant before a full second belongs to the one before. */
int64_t cr_ossl_seconds(credit_instant instant);
credit_instant cr_ossl_instant(const ASN1_TIME *time); /* CREDIT_INSTANT_NONE if malformed */

/* What a memory BIO holds, copied; .data is NULL when memory has run out. */
credit_span cr_ossl_take(BIO *bio, cr_arena *arena);

/* A name as one line of UTF-8 (RFC 2253), control characters escaped. */
credit_span cr_ossl_name(const X509_NAME *name, cr_arena *arena);

/* DER of anything with an i2d function: give it the length of a first call and
 * the bytes of a second. cr_ossl_der(arena, i2d_X509(cert, &der), &der). */
credit_span cr_ossl_der(cr_arena *arena, int size, unsigned char **der);

/* True when encoding the parsed certificate anew gives exactly `der`. */
bool cr_ossl_is_canonical(X509 *cert, credit_span der);

/* PEM of one certificate. */
credit_span cr_ossl_pem(X509 *cert, cr_arena *arena);

#endif
