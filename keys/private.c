#include "keys/private.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <string.h>

#include "engine/error.h"
#include "keys/files.h"
#include "keys/ossl.h"

/* Rounds of PBKDF2 with HMAC-SHA-256: a quarter of a second for one guess. */
enum { PASSPHRASE_ROUNDS = 600000 };

typedef struct answer {
    const char *passphrase;
    bool asked;
} answer;

/* Answers OpenSSL's question, so that it never asks on the terminal. */
static int give_passphrase(char *buffer, int size, int writing, void *context)
{
    answer *known = context;
    (void)writing;
    known->asked = true;
    size_t length = known->passphrase == NULL ? 0 : strlen(known->passphrase);
    if (known->passphrase == NULL || length > (size_t)size) { return -1; }
    memcpy(buffer, known->passphrase, length);
    return (int)length;
}

static credit_result parse(
    credit_span pem, const char *passphrase, EVP_PKEY **key, credit_error *err)
{
    answer known = {passphrase, false};
    BIO *bio = BIO_new_mem_buf(pem.size > 0 ? pem.data : "", (int)pem.size);
    if (bio == NULL) { return cr_ossl_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    *key = PEM_read_bio_PrivateKey(bio, NULL, give_passphrase, &known);
    BIO_free(bio);
    ERR_clear_error(); /* our own words say it better */
    if (*key == NULL && known.asked) {
        return cr_fail(err, CREDIT_E_KEY,
            passphrase == NULL ? "the key is encrypted and no passphrase was given"
                               : "the passphrase does not open the key");
    }
    if (*key == NULL) { return cr_fail(err, CREDIT_E_DATA, "not a private key in PEM"); }
    if (cr_suite_of_key(*key) == NULL) {
        EVP_PKEY_free(*key);
        *key = NULL;
        return cr_fail(err, CREDIT_E_KEY, "no suite signs with such a key");
    }
    return CREDIT_OK;
}

credit_result cr_private_read(
    const char *path, const char *passphrase, EVP_PKEY **key, credit_error *err)
{
    cr_arena arena = CR_ARENA_INIT;
    credit_span pem;
    *key = NULL;
    credit_result rc = cr_file_read(path, &arena, &pem, err);
    if (rc == CREDIT_OK) {
        rc = parse(pem, passphrase, key, err);
        if (rc != CREDIT_OK) { cr_fail_in(err, path); }
        cr_wipe((void *)(uintptr_t)pem.data, pem.size);
    }
    cr_arena_release(&arena);
    return rc;
}

static bool write_encrypted(BIO *bio, EVP_PKEY *key, const char *passphrase)
{
    PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(key);
    X509_SIG *sealed = plain == NULL
                           ? NULL
                           : PKCS8_encrypt(-1, EVP_aes_256_cbc(), passphrase,
                                 (int)strlen(passphrase), NULL, 0, PASSPHRASE_ROUNDS, plain);
    bool done = sealed != NULL && PEM_write_bio_PKCS8(bio, sealed) == 1;
    X509_SIG_free(sealed);
    PKCS8_PRIV_KEY_INFO_free(plain);
    return done;
}

/* The caller wipes the text. */
static credit_result to_pem(
    EVP_PKEY *key, const char *passphrase, cr_arena *arena, credit_span *pem, credit_error *err)
{
    *pem = (credit_span){0};
    if (passphrase != NULL && (passphrase[0] == '\0' || strlen(passphrase) > PEM_BUFSIZE)) {
        return cr_fail(err, CREDIT_E_USAGE, "a passphrase has 1 to %d bytes", PEM_BUFSIZE);
    }
    /* OpenSSL wipes the memory of this kind of BIO as it grows and goes. */
    BIO *bio = BIO_new(BIO_s_mem());
    bool done = bio != NULL && (passphrase != NULL ? write_encrypted(bio, key, passphrase)
                                                   : PEM_write_bio_PKCS8PrivateKey(
                                                         bio, key, NULL, NULL, 0, NULL, NULL) == 1);
    if (done) { *pem = cr_ossl_take(bio, arena); }
    BIO_free(bio);
    if (!done) { return cr_ossl_fail(err, CREDIT_E_CRYPTO, "the key cannot be written"); }
    return pem->data == NULL ? cr_fail(err, CREDIT_E_NOMEM, "out of memory") : CREDIT_OK;
}

credit_result cr_private_write(
    const char *path, EVP_PKEY *key, const char *passphrase, credit_error *err)
{
    cr_arena arena = CR_ARENA_INIT;
    credit_span pem;
    credit_result rc = to_pem(key, passphrase, &arena, &pem, err);
    if (rc == CREDIT_OK) {
        rc = cr_file_replace(path, pem, CR_FILE_SECRET, err);
        cr_wipe((void *)(uintptr_t)pem.data, pem.size);
    }
    cr_arena_release(&arena);
    return rc;
}
