/* The signature suites: one row of a table each. A suite fixes key, digest,
 * user id and what its part of a sealed container looks like.
 *
 * 1. SM2 uses the user id 1234567812345678 everywhere: signatures, verification
 *    and certificates. (OpenSSL's own default is the empty id, which no other
 *    implementation of GB/T 32918 expects.)
 * 2. A signature has one encoding: minimal DER of (r, s) and, for ECDSA, the
 *    smaller of s and n - s. So nobody can turn a signature into other bytes that
 *    hold as well. */
#ifndef CR_KEYS_SUITE_H
#define CR_KEYS_SUITE_H

#include <stdbool.h>

#include "engine/arena.h"
#include "engine/crypto.h"

struct evp_pkey_st;
struct evp_md_ctx_st;

typedef struct cr_suite {
    const char *name;      /* in options and file names: "sm2" */
    cr_hash hash;          /* of content and of key ids */
    const char *digest;    /* OpenSSL's name of it */
    const char *digest_id; /* its URI in a manifest */
    const char *key_type;  /* OpenSSL's name of the key */
    const char *group;     /* and of its curve */
    const char *user_id;   /* NULL if the algorithm has none */
    bool low_s;            /* (r, n - s) would hold too: only the smaller counts */
    bool cades;            /* stock tools know its CMS, so a container carries one */
} cr_suite;

enum { CR_SIGNATURE_MAX = 80 }; /* bytes of any signature of any suite */

const cr_suite *cr_suite_find(credit_span name); /* NULL if there is none */
const cr_suite *cr_suite_at(size_t index);       /* NULL behind the last */
/* The suite that signs with this key, NULL if none does. */
const cr_suite *cr_suite_of_key(struct evp_pkey_st *key);

credit_result cr_suite_generate(const cr_suite *suite, struct evp_pkey_st **key, credit_error *err);

/* A context ready to sign, for what OpenSSL signs itself (certificates). NULL on
 * failure; the caller frees it. */
struct evp_md_ctx_st *cr_suite_signing(const cr_suite *suite, struct evp_pkey_st *key);

credit_result cr_suite_sign(const cr_suite *suite, struct evp_pkey_st *key, credit_span message,
    cr_arena *arena, credit_span *signature, credit_error *err);

/* True when the signature holds, whatever its encoding: certificates come from
 * elsewhere. */
bool cr_suite_holds(
    const cr_suite *suite, struct evp_pkey_st *key, credit_span message, credit_span signature);
/* True when it is encoded as rule 2 demands. */
bool cr_suite_is_canonical(const cr_suite *suite, credit_span signature);

#endif
