/* Digests, HMAC and authenticated encryption over OpenSSL.
 *
 * 1. Algorithms are fetched once a process; a hasher keeps its context, so that
 *    a digest costs no allocation.
 * 2. A sealed frame is written with a fresh random nonce and read as follows:
 *
 *      AES-256-GCM          nonce 12 | cipher text | tag 16
 *      SM4-CTR + HMAC-SM3   nonce 16 | cipher text | tag 32
 *
 *    Random nonces of 12 bytes bound GCM to 2^32 frames under one key.
 * 3. SM4 encrypts first and authenticates then. Its two keys are derived from
 *    the one given, HMAC-SM3(key, label), and the tag covers
 *    size of the context (8 bytes, big-endian) | context | nonce | cipher text,
 *    so that no two inputs give the same bytes.
 * 4. No plain text leaves decrypt unless its tag holds. */
#include "keys/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <string.h>

#include "engine/arena.h"

enum {
    GCM_NONCE = 12,
    GCM_TAG = 16,
    SM4_NONCE = 16,
    SM4_TAG = CR_DIGEST_SIZE,
    SM4_KEY = 16,
    SIZE_BYTES = 8,
    /* OpenSSL counts bytes in an int; no block of ours comes near. */
    PLAIN_LIMIT = 1 << 30
};

struct cr_hasher {
    EVP_MD_CTX *context;
    const EVP_MD *digest;
};

static struct {
    EVP_MD *sha256, *sm3;
    EVP_MAC *hmac;
    EVP_CIPHER *aes_gcm, *sm4_ctr;
} fetched;
static pthread_once_t fetched_once = PTHREAD_ONCE_INIT;

static void release_all(void)
{
    EVP_MD_free(fetched.sha256);
    EVP_MD_free(fetched.sm3);
    EVP_MAC_free(fetched.hmac);
    EVP_CIPHER_free(fetched.aes_gcm);
    EVP_CIPHER_free(fetched.sm4_ctr);
}

/* A missing algorithm stays NULL and is refused where it is used. */
static void fetch_all(void)
{
    fetched.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    fetched.sm3 = EVP_MD_fetch(NULL, "SM3", NULL);
    fetched.hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    fetched.aes_gcm = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    fetched.sm4_ctr = EVP_CIPHER_fetch(NULL, "SM4-CTR", NULL);
    OPENSSL_atexit(release_all);
}

static const EVP_MD *digest_of(cr_hash hash)
{
    pthread_once(&fetched_once, fetch_all);
    switch (hash) {
    case CR_HASH_SHA256:
        return fetched.sha256;
    case CR_HASH_SM3:
        return fetched.sm3;
    }
    return NULL;
}

/* The reason is dropped: the table has no place for it, and a queue that nobody
 * empties would explain a later failure wrongly. */
static credit_result refused(void)
{
    ERR_clear_error();
    return CREDIT_E_CRYPTO;
}

static void hasher_free(cr_hasher *hasher)
{
    if (hasher == NULL) { return; }
    EVP_MD_CTX_free(hasher->context);
    cr_free(hasher);
}

static cr_hasher *hasher_new(cr_hash hash)
{
    const EVP_MD *digest = digest_of(hash);
    cr_hasher *hasher = digest == NULL ? NULL : cr_alloc(sizeof *hasher);
    if (hasher == NULL) { return NULL; }
    hasher->digest = digest;
    hasher->context = EVP_MD_CTX_new();
    if (hasher->context == NULL || EVP_DigestInit_ex2(hasher->context, digest, NULL) != 1) {
        (void)refused();
        hasher_free(hasher);
        return NULL;
    }
    return hasher;
}

static credit_result digest_parts(
    cr_hasher *hasher, const credit_span *parts, size_t count, unsigned char out[CR_DIGEST_SIZE])
{
    unsigned size = 0;
    /* No digest named: the context starts again with the one it has. */
    if (EVP_DigestInit_ex2(hasher->context, NULL, NULL) != 1) { return refused(); }
    for (size_t i = 0; i < count; i++) {
        if (EVP_DigestUpdate(hasher->context, parts[i].data, parts[i].size) != 1) {
            return refused();
        }
    }
    if (EVP_DigestFinal_ex(hasher->context, out, &size) != 1 || size != CR_DIGEST_SIZE) {
        return refused();
    }
    return CREDIT_OK;
}

static credit_result mac_parts(cr_hash hash, credit_span key, const credit_span *parts,
    size_t count, unsigned char out[CR_DIGEST_SIZE])
{
    const EVP_MD *digest = digest_of(hash);
    if (digest == NULL || fetched.hmac == NULL) { return refused(); }
    char name[16];
    OPENSSL_strlcpy(name, EVP_MD_get0_name(digest), sizeof name);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0), OSSL_PARAM_END};
    /* OpenSSL takes a NULL key for "the key of before"; there is none. */
    const unsigned char *bytes = (const unsigned char *)(key.size > 0 ? key.data : "");
    size_t size = 0;

    EVP_MAC_CTX *context = EVP_MAC_CTX_new(fetched.hmac);
    bool done = context != NULL && EVP_MAC_init(context, bytes, key.size, params) == 1;
    for (size_t i = 0; i < count && done; i++) {
        done = EVP_MAC_update(context, (const unsigned char *)parts[i].data, parts[i].size) == 1;
    }
    done =
        done && EVP_MAC_final(context, out, &size, CR_DIGEST_SIZE) == 1 && size == CR_DIGEST_SIZE;
    EVP_MAC_CTX_free(context);
    return done ? CREDIT_OK : refused();
}

static credit_result random_bytes(unsigned char *out, size_t size)
{
    enum { CHUNK = 1 << 20 };
    while (size > 0) {
        size_t part = size < CHUNK ? size : CHUNK;
        if (RAND_bytes(out, (int)part) != 1) { return refused(); }
        out += part;
        size -= part;
    }
    return CREDIT_OK;
}

/* nonce | cipher text | tag; the nonce is in `out` already. */
static bool gcm_encrypt(EVP_CIPHER_CTX *context, const unsigned char *key, credit_span extra,
    credit_span plain, unsigned char *out)
{
    int size = 0;
    unsigned char *text = out + GCM_NONCE;
    return EVP_EncryptInit_ex2(context, fetched.aes_gcm, key, out, NULL) == 1 &&
           EVP_EncryptUpdate(
               context, NULL, &size, (const unsigned char *)extra.data, (int)extra.size) == 1 &&
           EVP_EncryptUpdate(
               context, text, &size, (const unsigned char *)plain.data, (int)plain.size) == 1 &&
           EVP_EncryptFinal_ex(context, text + plain.size, &size) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, text + plain.size) == 1;
}

static bool gcm_decrypt(EVP_CIPHER_CTX *context, const unsigned char *key, credit_span extra,
    const unsigned char *sealed, size_t plain_size, unsigned char *out)
{
    int size = 0;
    unsigned char tag[GCM_TAG];
    memcpy(tag, sealed + GCM_NONCE + plain_size, GCM_TAG);
    return EVP_DecryptInit_ex2(context, fetched.aes_gcm, key, sealed, NULL) == 1 &&
           EVP_DecryptUpdate(
               context, NULL, &size, (const unsigned char *)extra.data, (int)extra.size) == 1 &&
           EVP_DecryptUpdate(context, out, &size, sealed + GCM_NONCE, (int)plain_size) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, tag) == 1 &&
           EVP_DecryptFinal_ex(context, out + plain_size, &size) == 1;
}

/* CTR is its own inverse. */
static bool sm4_ctr(EVP_CIPHER_CTX *context, const unsigned char *key, const unsigned char *nonce,
    const unsigned char *in, size_t size, unsigned char *out)
{
    int written = 0;
    return fetched.sm4_ctr != NULL &&
           EVP_EncryptInit_ex2(context, fetched.sm4_ctr, key, nonce, NULL) == 1 &&
           EVP_EncryptUpdate(context, out, &written, in, (int)size) == 1 && (size_t)written == size;
}

static credit_result derive(
    const unsigned char key[CR_SECRET_SIZE], const char *label, unsigned char out[CR_DIGEST_SIZE])
{
    credit_span part = {label, strlen(label)};
    return mac_parts(CR_HASH_SM3, (credit_span){(const char *)key, CR_SECRET_SIZE}, &part, 1, out);
}

/* The tag over context, nonce and cipher text; `body` is the last two. */
static credit_result sm4_tag(const unsigned char key[CR_SECRET_SIZE], credit_span context,
    credit_span body, unsigned char out[SM4_TAG])
{
    unsigned char subkey[CR_DIGEST_SIZE], size[SIZE_BYTES];
    for (size_t i = 0; i < SIZE_BYTES; i++) {
        size[i] = (unsigned char)((uint64_t)context.size >> (8 * (SIZE_BYTES - 1 - i)));
    }
    const credit_span parts[] = {{(const char *)size, SIZE_BYTES}, context, body};
    credit_result rc = derive(key, "credit frame 1: HMAC-SM3", subkey);
    if (rc == CREDIT_OK) {
        rc = mac_parts(
            CR_HASH_SM3, (credit_span){(const char *)subkey, sizeof subkey}, parts, 3, out);
    }
    OPENSSL_cleanse(subkey, sizeof subkey);
    return rc;
}

static credit_result sm4_apply(EVP_CIPHER_CTX *context, const unsigned char key[CR_SECRET_SIZE],
    const unsigned char *nonce, const unsigned char *in, size_t size, unsigned char *out)
{
    unsigned char subkey[CR_DIGEST_SIZE];
    credit_result rc = derive(key, "credit frame 1: SM4-CTR", subkey);
    if (rc == CREDIT_OK && !sm4_ctr(context, subkey, nonce, in, size, out)) { rc = refused(); }
    OPENSSL_cleanse(subkey, sizeof subkey);
    return rc;
}

static credit_result sm4_encrypt(EVP_CIPHER_CTX *cipher, const unsigned char key[CR_SECRET_SIZE],
    credit_span context, credit_span plain, unsigned char *out)
{
    credit_result rc =
        sm4_apply(cipher, key, out, (const unsigned char *)plain.data, plain.size, out + SM4_NONCE);
    if (rc != CREDIT_OK) { return rc; }
    credit_span body = {(const char *)out, SM4_NONCE + plain.size};
    return sm4_tag(key, context, body, out + SM4_NONCE + plain.size);
}

static credit_result sm4_decrypt(EVP_CIPHER_CTX *cipher, const unsigned char key[CR_SECRET_SIZE],
    credit_span context, const unsigned char *sealed, size_t plain_size, unsigned char *out)
{
    unsigned char tag[SM4_TAG];
    credit_span body = {(const char *)sealed, SM4_NONCE + plain_size};
    credit_result rc = sm4_tag(key, context, body, tag);
    if (rc != CREDIT_OK) { return rc; }
    if (CRYPTO_memcmp(tag, sealed + body.size, SM4_TAG) != 0) { return CREDIT_E_UNTRUSTED; }
    return sm4_apply(cipher, key, sealed, sealed + SM4_NONCE, plain_size, out);
}

/* What a frame has around the cipher text; false for an unknown cipher. */
static bool frame_of(cr_cipher cipher, size_t *nonce, size_t *tag)
{
    pthread_once(&fetched_once, fetch_all);
    switch (cipher) {
    case CR_CIPHER_AES256_GCM:
        *nonce = GCM_NONCE;
        *tag = GCM_TAG;
        return fetched.aes_gcm != NULL;
    case CR_CIPHER_SM4_CTR_HMAC_SM3:
        *nonce = SM4_NONCE;
        *tag = SM4_TAG;
        return fetched.sm4_ctr != NULL;
    }
    return false;
}

static credit_result encrypt(cr_cipher cipher, const unsigned char key[CR_SECRET_SIZE],
    credit_span context, credit_span plain, unsigned char *out, size_t *out_size)
{
    size_t nonce = 0, tag = 0;
    *out_size = 0;
    if (!frame_of(cipher, &nonce, &tag)) { return CREDIT_E_CRYPTO; }
    if (plain.size > PLAIN_LIMIT || context.size > PLAIN_LIMIT) { return CREDIT_E_LIMIT; }
    credit_result rc = random_bytes(out, nonce);
    if (rc != CREDIT_OK) { return rc; }
    EVP_CIPHER_CTX *state = EVP_CIPHER_CTX_new();
    if (state == NULL) { return refused(); }
    if (cipher == CR_CIPHER_AES256_GCM) {
        rc = gcm_encrypt(state, key, context, plain, out) ? CREDIT_OK : refused();
    } else {
        rc = sm4_encrypt(state, key, context, plain, out);
    }
    EVP_CIPHER_CTX_free(state);
    if (rc == CREDIT_OK) { *out_size = nonce + plain.size + tag; }
    return rc;
}

static credit_result decrypt(cr_cipher cipher, const unsigned char key[CR_SECRET_SIZE],
    credit_span context, credit_span sealed, unsigned char *out, size_t *out_size)
{
    size_t nonce = 0, tag = 0;
    *out_size = 0;
    if (!frame_of(cipher, &nonce, &tag)) { return CREDIT_E_CRYPTO; }
    if (sealed.size < nonce + tag) { return CREDIT_E_UNTRUSTED; }
    size_t plain_size = sealed.size - nonce - tag;
    if (plain_size > PLAIN_LIMIT || context.size > PLAIN_LIMIT) { return CREDIT_E_LIMIT; }
    EVP_CIPHER_CTX *state = EVP_CIPHER_CTX_new();
    if (state == NULL) { return refused(); }
    const unsigned char *frame = (const unsigned char *)sealed.data;
    credit_result rc;
    if (cipher == CR_CIPHER_AES256_GCM) {
        rc = CREDIT_OK;
        if (!gcm_decrypt(state, key, context, frame, plain_size, out)) {
            (void)refused();
            rc = CREDIT_E_UNTRUSTED;
        }
    } else {
        rc = sm4_decrypt(state, key, context, frame, plain_size, out);
    }
    EVP_CIPHER_CTX_free(state);
    if (rc != CREDIT_OK) {
        OPENSSL_cleanse(out, plain_size);
        return rc;
    }
    *out_size = plain_size;
    return CREDIT_OK;
}

const cr_crypto *cr_keys_crypto(void)
{
    static const cr_crypto table = {
        .hasher_new = hasher_new,
        .hasher_free = hasher_free,
        .digest = digest_parts,
        .mac = mac_parts,
        .encrypt = encrypt,
        .decrypt = decrypt,
        .random = random_bytes,
    };
    return &table;
}
