/* The one table of cryptographic functions (decision: the engine declares it,
 * keys/ fills it, api/ joins the two). The engine calls nothing else. */
#ifndef CR_ENGINE_CRYPTO_H
#define CR_ENGINE_CRYPTO_H

#include "engine/types.h"

enum {
    CR_DIGEST_SIZE = 32, /* SHA-256 and SM3 alike */
    CR_SECRET_SIZE = 32, /* the persons key */
    CR_SEAL_OVERHEAD = 64 /* most that encrypt adds to a plain text */
};

typedef enum cr_hash { CR_HASH_SHA256 = 1, CR_HASH_SM3 = 2 } cr_hash;

/* How personal blocks are encrypted; the number is stored in every frame. */
typedef enum cr_cipher { CR_CIPHER_AES256_GCM = 1, CR_CIPHER_SM4_CTR_HMAC_SM3 = 2 } cr_cipher;

/* A running digest of one thread; made once, used for millions of inputs. */
typedef struct cr_hasher cr_hasher;

typedef struct cr_crypto {
    cr_hasher *(*hasher_new)(cr_hash hash);
    void (*hasher_free)(cr_hasher *hasher);
    /* Digest of up to `count` parts, one after the other. */
    credit_result (*digest)(
        cr_hasher *hasher, const credit_span *parts, size_t count, unsigned char out[CR_DIGEST_SIZE]);
    credit_result (*mac)(cr_hash hash, credit_span key, const credit_span *parts, size_t count,
        unsigned char out[CR_DIGEST_SIZE]);
    /* Authenticated encryption; `out` holds plain.size + CR_SEAL_OVERHEAD.
     * `context` is authenticated and not stored. */
    credit_result (*encrypt)(cr_cipher cipher, const unsigned char key[CR_SECRET_SIZE],
        credit_span context, credit_span plain, unsigned char *out, size_t *out_size);
    /* CREDIT_E_UNTRUSTED when the tag does not hold; `out` holds sealed.size. */
    credit_result (*decrypt)(cr_cipher cipher, const unsigned char key[CR_SECRET_SIZE],
        credit_span context, credit_span sealed, unsigned char *out, size_t *out_size);
    credit_result (*random)(unsigned char *out, size_t size);
} cr_crypto;

#endif
