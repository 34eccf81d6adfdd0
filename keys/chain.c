#include "keys/chain.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "engine/error.h"
#include "engine/text.h"
#include "keys/ossl.h"

void cr_chain_free(cr_chain *chain)
{
    for (size_t i = 0; i < chain->count; i++) { X509_free(chain->certs[i]); }
    *chain = (cr_chain){0};
}

/* OpenSSL would ask on the terminal for the passphrase of an encrypted block;
 * a certificate has none. */
static int no_passphrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

/* True when the reading ended because there is no further block. */
static bool at_end(void)
{
    unsigned long code = ERR_peek_last_error();
    bool end = ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE;
    if (end) { ERR_clear_error(); }
    return end;
}

static credit_result read_blocks(BIO *bio, cr_chain *chain, credit_error *err)
{
    for (;;) {
        X509 *cert = PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
        if (cert == NULL) {
            return at_end() ? CREDIT_OK
                            : cr_ossl_fail(err, CREDIT_E_DATA, "a certificate is malformed");
        }
        if (chain->count == CR_CHAIN_MAX) {
            X509_free(cert);
            return cr_fail(err, CREDIT_E_DATA, "more than %d certificates", CR_CHAIN_MAX);
        }
        chain->certs[chain->count++] = cert;
        credit_result rc = cr_certificate_set_user_id(cert, err);
        if (rc != CREDIT_OK) { return rc; }
    }
}

credit_result cr_chain_read(credit_span pem, cr_chain *chain, credit_error *err)
{
    *chain = (cr_chain){0};
    if (pem.size > INT32_MAX) {
        return cr_fail(err, CREDIT_E_DATA, "too large for a chain of certificates");
    }
    BIO *bio = BIO_new_mem_buf(pem.size > 0 ? pem.data : "", (int)pem.size);
    if (bio == NULL) { return cr_ossl_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    credit_result rc = read_blocks(bio, chain, err);
    if (rc == CREDIT_OK && chain->count == 0) {
        rc = cr_fail(err, CREDIT_E_DATA, "no certificate");
    }
    BIO_free(bio);
    if (rc != CREDIT_OK) { cr_chain_free(chain); }
    return rc;
}

void cr_chain_drop_root(cr_chain *chain)
{
    if (chain->count > 1 && cr_certificate_is_self_signed(chain->certs[chain->count - 1])) {
        X509_free(chain->certs[--chain->count]);
        chain->certs[chain->count] = NULL;
    }
}

credit_result cr_chain_check_links(const cr_chain *chain, credit_error *err)
{
    for (size_t i = 0; i + 1 < chain->count; i++) {
        X509 *issuer = chain->certs[i + 1];
        if (X509_check_issued(issuer, chain->certs[i]) != X509_V_OK ||
            X509_verify(chain->certs[i], X509_get0_pubkey(issuer)) != 1) {
            ERR_clear_error();
            return cr_fail(
                err, CREDIT_E_KEY, "certificate %zu of the chain is not issued by the next", i + 1);
        }
    }
    return CREDIT_OK;
}

credit_span cr_chain_pem(const cr_chain *chain, cr_arena *arena)
{
    credit_span pem = {0};
    BIO *bio = BIO_new(BIO_s_mem());
    bool done = bio != NULL;
    for (size_t i = 0; i < chain->count && done; i++) {
        done = PEM_write_bio_X509(bio, chain->certs[i]) == 1;
    }
    if (done) { pem = cr_ossl_take(bio, arena); }
    BIO_free(bio);
    ERR_clear_error();
    return pem;
}

static credit_result refuse(credit_error *err, const char *why)
{
    return cr_fail(err, CREDIT_E_UNTRUSTED, "certificates: %s", why);
}

static bool all_canonical(const cr_chain *chain, cr_arena *arena)
{
    for (size_t i = 0; i < chain->count; i++) {
        unsigned char *der = NULL;
        int size = i2d_X509(chain->certs[i], &der);
        credit_span bytes = cr_ossl_der(arena, size, &der);
        if (bytes.data == NULL || !cr_ossl_is_canonical(chain->certs[i], bytes)) { return false; }
    }
    return true;
}

static bool has_root(const cr_chain *chain)
{
    return chain->count > 1 && cr_certificate_is_self_signed(chain->certs[chain->count - 1]);
}

credit_result cr_chain_read_strict(credit_span pem, cr_chain *chain, credit_error *err)
{
    cr_arena arena = CR_ARENA_INIT;
    credit_result rc = cr_chain_read(pem, chain, err);
    if (rc == CREDIT_E_DATA) { rc = refuse(err, "cannot be read"); }
    if (rc != CREDIT_OK) { goto out; }
    credit_span again = cr_chain_pem(chain, &arena);
    if (again.data == NULL) {
        rc = cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    } else if (!cr_span_equal(again, pem) || !all_canonical(chain, &arena)) {
        rc = refuse(err, "are not encoded as they are when written anew");
    } else if (has_root(chain)) {
        rc = refuse(err, "hold a root, which whoever verifies must have already");
    } else if (cr_chain_check_links(chain, NULL) != CREDIT_OK) {
        rc = refuse(err, "are not each issued by the next");
    }
out:
    if (rc != CREDIT_OK) { cr_chain_free(chain); }
    cr_arena_release(&arena);
    return rc;
}
