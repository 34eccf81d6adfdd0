#include "keys/signer.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include "engine/date.h"
#include "engine/error.h"
#include "keys/chain.h"
#include "keys/files.h"
#include "keys/ossl.h"
#include "keys/private.h"

struct cr_signer {
    const cr_suite *suite;
    EVP_PKEY *key;
    cr_key_info info;
    credit_span chain_pem;
    cr_arena arena; /* what info and chain_pem borrow from */
};

void cr_signer_free(cr_signer *signer)
{
    if (signer == NULL) { return; }
    EVP_PKEY_free(signer->key); /* OpenSSL wipes private numbers */
    cr_arena_release(&signer->arena);
    cr_free(signer);
}

static credit_result check_pair(EVP_PKEY *key, const cr_chain *chain, credit_error *err)
{
    if (EVP_PKEY_eq(key, X509_get0_pubkey(chain->certs[0])) != 1) {
        ERR_clear_error();
        return cr_fail(err, CREDIT_E_KEY, "the key does not belong to the certificate");
    }
    if (!cr_certificate_may_sign(chain->certs[0])) {
        return cr_fail(err, CREDIT_E_KEY, "the certificate is not for signing");
    }
    return cr_chain_check_links(chain, err);
}

static credit_result load_chain(const char *path, cr_chain *chain, credit_error *err)
{
    cr_arena arena = CR_ARENA_INIT;
    credit_span pem;
    credit_result rc = cr_file_read(path, &arena, &pem, err);
    if (rc == CREDIT_OK) {
        rc = cr_chain_read(pem, chain, err);
        if (rc != CREDIT_OK) { cr_fail_in(err, path); }
    }
    cr_arena_release(&arena);
    return rc;
}

/* Takes the key over on success. */
static credit_result join(EVP_PKEY *key, const cr_chain *chain, cr_signer **out, credit_error *err)
{
    cr_signer *signer = cr_alloc(sizeof *signer);
    if (signer == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    *signer = (cr_signer){.suite = cr_suite_of_key(key), .arena = CR_ARENA_INIT};
    credit_result rc = cr_certificate_describe(chain->certs[0], &signer->arena, &signer->info, err);
    if (rc != CREDIT_OK) {
        cr_signer_free(signer);
        return rc;
    }
    signer->chain_pem = cr_chain_pem(chain, &signer->arena);
    if (signer->chain_pem.data == NULL) {
        cr_signer_free(signer);
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    signer->key = key;
    *out = signer;
    return CREDIT_OK;
}

credit_result cr_signer_load(const char *key_path, const char *chain_path, const char *passphrase,
    cr_signer **out, credit_error *err)
{
    EVP_PKEY *key = NULL;
    cr_chain chain = {0};
    *out = NULL;
    credit_result rc = load_chain(chain_path, &chain, err);
    if (rc != CREDIT_OK) { goto out; }
    rc = cr_private_read(key_path, passphrase, &key, err);
    if (rc != CREDIT_OK) { goto out; }
    rc = check_pair(key, &chain, err);
    if (rc != CREDIT_OK) {
        cr_fail_in(err, chain_path);
        goto out;
    }
    cr_chain_drop_root(&chain);
    rc = join(key, &chain, out, err);
    if (rc == CREDIT_OK) { key = NULL; /* the signer owns it */ }
out:
    EVP_PKEY_free(key);
    cr_chain_free(&chain);
    return rc;
}

const cr_suite *cr_signer_suite(const cr_signer *signer)
{
    return signer->suite;
}

const cr_key_info *cr_signer_info(const cr_signer *signer)
{
    return &signer->info;
}

credit_span cr_signer_chain(const cr_signer *signer)
{
    return signer->chain_pem;
}

credit_result cr_signer_check_time(const cr_signer *signer, credit_instant time, credit_error *err)
{
    char bound[CR_INSTANT_TEXT];
    if (time < signer->info.valid_from) {
        return cr_fail(err, CREDIT_E_KEY, "the signing certificate is valid from %s only",
            cr_instant_print(signer->info.valid_from, bound));
    }
    if (time >= signer->info.valid_to) {
        return cr_fail(err, CREDIT_E_KEY, "the signing certificate expired at %s",
            cr_instant_print(signer->info.valid_to, bound));
    }
    return CREDIT_OK;
}

credit_result cr_signer_sign(const cr_signer *signer, credit_span message, cr_arena *arena,
    credit_span *signature, credit_error *err)
{
    return cr_suite_sign(signer->suite, signer->key, message, arena, signature, err);
}
