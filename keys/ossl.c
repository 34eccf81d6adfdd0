#include "keys/ossl.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "engine/error.h"

enum { MICROSECONDS = 1000000, DAY_SECONDS = 86400 };

credit_result cr_ossl_fail(credit_error *err, credit_result code, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    if (reason == NULL) { return cr_fail(err, code, "%s", what); }
    return cr_fail(err, code, "%s: %s", what, reason);
}

int64_t cr_ossl_seconds(credit_instant instant)
{
    int64_t seconds = instant / MICROSECONDS;
    return instant % MICROSECONDS < 0 ? seconds - 1 : seconds;
}

credit_instant cr_ossl_instant(const ASN1_TIME *time)
{
    int days = 0, seconds = 0;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    bool known = epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, time) == 1;
    ASN1_TIME_free(epoch);
    if (!known) { return CREDIT_INSTANT_NONE; }
    return ((int64_t)days * DAY_SECONDS + seconds) * MICROSECONDS;
}

credit_span cr_ossl_take(BIO *bio, cr_arena *arena)
{
    char *data = NULL;
    long size = BIO_get_mem_data(bio, &data);
    if (size < 0) { return (credit_span){0}; }
    return cr_arena_span(arena, (credit_span){data, (size_t)size});
}

credit_span cr_ossl_name(const X509_NAME *name, cr_arena *arena)
{
    credit_span text = {0};
    BIO *bio = BIO_new(BIO_s_mem());
    unsigned long flags = XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
    if (bio != NULL && X509_NAME_print_ex(bio, name, 0, flags) >= 0) {
        text = cr_ossl_take(bio, arena);
    }
    BIO_free(bio);
    return text;
}

credit_span cr_ossl_der(cr_arena *arena, int size, unsigned char **der)
{
    credit_span copy = {0};
    if (size > 0) { copy = cr_arena_span(arena, (credit_span){(const char *)*der, (size_t)size}); }
    OPENSSL_free(*der);
    *der = NULL;
    return copy;
}

bool cr_ossl_is_canonical(X509 *cert, credit_span der)
{
    /* Asking for the inner part again drops the bytes that OpenSSL kept from
     * parsing, so that the whole is encoded from its meaning. */
    unsigned char *again = NULL;
    int size = i2d_re_X509_tbs(cert, &again);
    OPENSSL_free(again);
    again = NULL;
    if (size > 0) { size = i2d_X509(cert, &again); }
    bool same = size > 0 && (size_t)size == der.size && memcmp(again, der.data, der.size) == 0;
    OPENSSL_free(again);
    return same;
}

credit_span cr_ossl_pem(X509 *cert, cr_arena *arena)
{
    credit_span pem = {0};
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio != NULL && PEM_write_bio_X509(bio, cert) == 1) { pem = cr_ossl_take(bio, arena); }
    BIO_free(bio);
    return pem;
}
