/* A table of cryptographic functions for tests of the engine and the loaders:
 * SHA-256 and nothing else. */
#ifndef CREDIT_TESTS_DIGEST_H
#define CREDIT_TESTS_DIGEST_H

#include <openssl/evp.h>

#include "engine/crypto.h"

static inline cr_hasher *test_hasher_new(cr_hash hash)
{
    (void)hash;
    return (cr_hasher *)EVP_MD_CTX_new();
}

static inline void test_hasher_free(cr_hasher *hasher)
{
    EVP_MD_CTX_free((EVP_MD_CTX *)hasher);
}

static inline credit_result test_digest(
    cr_hasher *hasher, const credit_span *parts, size_t count, unsigned char out[CR_DIGEST_SIZE])
{
    EVP_MD_CTX *ctx = (EVP_MD_CTX *)hasher;
    EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);
    for (size_t i = 0; i < count; i++) {
        EVP_DigestUpdate(ctx, parts[i].data, parts[i].size);
    }
    EVP_DigestFinal_ex(ctx, out, NULL);
    return CREDIT_OK;
}

static const cr_crypto test_crypto = {
    .hasher_new = test_hasher_new, .hasher_free = test_hasher_free, .digest = test_digest};

#endif
