#include "keys/suite.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <string.h>

#include "engine/error.h"
#include "engine/text.h"
#include "keys/ossl.h"

/* SM3 has no URI of its own in XML signatures: its object identifier in the form
 * of RFC 3061 stands for it.
 * basis: GM/T 0009-2012, clause 10 (the default user id). */
/* clang-format off */
static const cr_suite suites[] = {
    /* name   hash            digest    digest_id                                 key_type group         user_id             low_s  cades */
    { "sm2",  CR_HASH_SM3,    "SM3",    "urn:oid:1.2.156.10197.1.401",            "SM2",   "SM2",        "1234567812345678", false, false },
    { "p256", CR_HASH_SHA256, "SHA256", "http://www.w3.org/2001/04/xmlenc#sha256", "EC",   "prime256v1", NULL,               true,  true  },
};
/* clang-format on */

enum { SUITE_COUNT = sizeof suites / sizeof suites[0] };

const cr_suite *cr_suite_find(credit_span name)
{
    for (size_t i = 0; i < SUITE_COUNT; i++) {
        if (cr_span_is(name, suites[i].name)) { return &suites[i]; }
    }
    return NULL;
}

const cr_suite *cr_suite_at(size_t index)
{
    return index < SUITE_COUNT ? &suites[index] : NULL;
}

const cr_suite *cr_suite_of_key(EVP_PKEY *key)
{
    char group[32] = "";
    size_t size = 0;
    const cr_suite *found = NULL;
    if (key == NULL) { return NULL; }
    bool named = EVP_PKEY_get_group_name(key, group, sizeof group, &size) == 1;
    for (size_t i = 0; i < SUITE_COUNT && named && found == NULL; i++) {
        if (EVP_PKEY_is_a(key, suites[i].key_type) && strcmp(group, suites[i].group) == 0) {
            found = &suites[i];
        }
    }
    ERR_clear_error();
    return found;
}

credit_result cr_suite_generate(const cr_suite *suite, EVP_PKEY **key, credit_error *err)
{
    *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, suite->key_type, NULL);
    bool done = context != NULL && EVP_PKEY_keygen_init(context) == 1 &&
                EVP_PKEY_CTX_set_group_name(context, suite->group) == 1 &&
                EVP_PKEY_generate(context, key) == 1;
    EVP_PKEY_CTX_free(context);
    if (!done) { return cr_ossl_fail(err, CREDIT_E_CRYPTO, "no key could be made"); }
    return CREDIT_OK;
}

/* OpenSSL 3.0 takes the user id only after the start: given among the parameters
 * of the start itself it is refused as too late. */
static bool set_user_id(const cr_suite *suite, EVP_PKEY_CTX *context)
{
    return suite->user_id == NULL ||
           EVP_PKEY_CTX_set1_id(context, suite->user_id, (int)strlen(suite->user_id)) == 1;
}

EVP_MD_CTX *cr_suite_signing(const cr_suite *suite, EVP_PKEY *key)
{
    EVP_PKEY_CTX *inner = NULL; /* owned by `context` */
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context != NULL &&
        EVP_DigestSignInit_ex(context, &inner, suite->digest, NULL, NULL, key, NULL) == 1 &&
        set_user_id(suite, inner)) {
        return context;
    }
    EVP_MD_CTX_free(context);
    return NULL;
}

/* The order of the suite's curve, NULL if memory has run out. */
static BIGNUM *group_order(const cr_suite *suite)
{
    EC_GROUP *group = EC_GROUP_new_by_curve_name(OBJ_sn2nid(suite->group));
    BIGNUM *order = group == NULL ? NULL : BN_dup(EC_GROUP_get0_order(group));
    EC_GROUP_free(group);
    return order;
}

/* Sets *rest to n - s and tells whether s is the larger of the two. */
static bool is_high(const cr_suite *suite, const BIGNUM *s, BIGNUM **rest)
{
    *rest = group_order(suite);
    return *rest != NULL && BN_sub(*rest, *rest, s) == 1 && BN_cmp(s, *rest) > 0;
}

static ECDSA_SIG *parse_signature(credit_span signature)
{
    const unsigned char *at = (const unsigned char *)signature.data;
    if (signature.size == 0 || signature.size > CR_SIGNATURE_MAX) { return NULL; }
    ECDSA_SIG *parsed = d2i_ECDSA_SIG(NULL, &at, (long)signature.size);
    ERR_clear_error();
    return parsed;
}

/* Replaces s by the smaller of s and n - s where the suite asks for it. The
 * result is never longer than the signature that came in. */
static bool normalise(const cr_suite *suite, unsigned char *signature, size_t *size)
{
    if (!suite->low_s) { return true; }
    BIGNUM *rest = NULL, *r = NULL;
    bool done = false;
    ECDSA_SIG *parsed = parse_signature((credit_span){(const char *)signature, *size});
    if (parsed == NULL) { return false; }
    if (!is_high(suite, ECDSA_SIG_get0_s(parsed), &rest)) {
        done = rest != NULL;
        goto out;
    }
    r = BN_dup(ECDSA_SIG_get0_r(parsed));
    if (r == NULL || ECDSA_SIG_set0(parsed, r, rest) != 1) { goto out; }
    r = rest = NULL; /* `parsed` owns both now. */
    unsigned char *at = signature;
    int written = i2d_ECDSA_SIG(parsed, &at);
    done = written > 0;
    *size = done ? (size_t)written : 0;
out:
    BN_free(r);
    BN_free(rest);
    ECDSA_SIG_free(parsed);
    return done;
}

credit_result cr_suite_sign(const cr_suite *suite, EVP_PKEY *key, credit_span message,
    cr_arena *arena, credit_span *signature, credit_error *err)
{
    unsigned char bytes[CR_SIGNATURE_MAX];
    size_t size = sizeof bytes;
    *signature = (credit_span){0};
    EVP_MD_CTX *context = cr_suite_signing(suite, key);
    bool done = context != NULL &&
                EVP_DigestSign(context, bytes, &size, (const unsigned char *)message.data,
                    message.size) == 1 &&
                normalise(suite, bytes, &size);
    EVP_MD_CTX_free(context);
    if (!done) { return cr_ossl_fail(err, CREDIT_E_CRYPTO, "signing failed"); }
    *signature = cr_arena_span(arena, (credit_span){(const char *)bytes, size});
    if (signature->data == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    return CREDIT_OK;
}

bool cr_suite_holds(
    const cr_suite *suite, EVP_PKEY *key, credit_span message, credit_span signature)
{
    EVP_PKEY_CTX *inner = NULL; /* owned by `context` */
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool holds =
        context != NULL &&
        EVP_DigestVerifyInit_ex(context, &inner, suite->digest, NULL, NULL, key, NULL) == 1 &&
        set_user_id(suite, inner) &&
        EVP_DigestVerify(context, (const unsigned char *)signature.data, signature.size,
            (const unsigned char *)message.data, message.size) == 1;
    EVP_MD_CTX_free(context);
    ERR_clear_error();
    return holds;
}

bool cr_suite_is_canonical(const cr_suite *suite, credit_span signature)
{
    unsigned char again[CR_SIGNATURE_MAX + 8], *at = again;
    BIGNUM *rest = NULL;
    ECDSA_SIG *parsed = parse_signature(signature);
    if (parsed == NULL) { return false; }
    int size = i2d_ECDSA_SIG(parsed, NULL);
    bool canonical = size > 0 && (size_t)size == signature.size &&
                     i2d_ECDSA_SIG(parsed, &at) == size &&
                     memcmp(again, signature.data, signature.size) == 0;
    if (canonical && suite->low_s) {
        canonical = !is_high(suite, ECDSA_SIG_get0_s(parsed), &rest) && rest != NULL;
    }
    BN_free(rest);
    ECDSA_SIG_free(parsed);
    return canonical;
}
