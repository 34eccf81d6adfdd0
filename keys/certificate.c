#include "keys/certificate.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "engine/error.h"
#include "engine/text.h"
#include "keys/ossl.h"

enum { SERIAL_SIZE = 16, KEY_ID_SIZE = 8 };

static const char CRITICAL_CA[] = "critical,CA:TRUE,pathlen:0";
static const char CRITICAL_END[] = "critical,CA:FALSE";
static const char CA_USAGE[] = "critical,keyCertSign,cRLSign";
static const char SIGNING_USAGE[] = "critical,digitalSignature,nonRepudiation";

credit_result cr_certificate_set_user_id(X509 *cert, credit_error *err)
{
    const cr_suite *sm2 = cr_suite_find(CR_SPAN("sm2"));
    if (X509_get_signature_nid(cert) != NID_SM2_with_SM3) { return CREDIT_OK; }
    ASN1_OCTET_STRING *id = ASN1_OCTET_STRING_new();
    int size = (int)strlen(sm2->user_id);
    if (id == NULL || ASN1_OCTET_STRING_set(id, (const unsigned char *)sm2->user_id, size) != 1) {
        ASN1_OCTET_STRING_free(id);
        return cr_ossl_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    X509_set0_distinguishing_id(cert, id); /* owns it now */
    return CREDIT_OK;
}

bool cr_certificate_may_sign(X509 *cert)
{
    /* Without the extension OpenSSL answers that everything is allowed. */
    return (X509_get_key_usage(cert) & (KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) != 0;
}

bool cr_certificate_is_self_signed(X509 *cert)
{
    return (X509_get_extension_flags(cert) & EXFLAG_SS) != 0;
}

static bool set_serial(X509 *cert)
{
    unsigned char bytes[SERIAL_SIZE];
    if (RAND_bytes(bytes, sizeof bytes) != 1) { return false; }
    bytes[0] = (unsigned char)((bytes[0] & 0x7F) | 0x40); /* positive, of full length */
    BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
    bool done = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
    BN_free(number);
    return done;
}

static bool add_name_part(X509_NAME *name, const char *field, credit_span text)
{
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)text.data,
               (int)text.size, -1, 0) == 1;
}

static bool set_names(X509 *cert, const cr_certificate_request *request, X509 *issuer)
{
    X509_NAME *name = X509_NAME_new();
    bool done =
        name != NULL && add_name_part(name, "C", CR_SPAN("CN")) &&
        add_name_part(name, "O", request->organization) &&
        add_name_part(name, "CN", request->common_name) && X509_set_subject_name(cert, name) == 1 &&
        X509_set_issuer_name(cert, issuer == NULL ? name : X509_get_subject_name(issuer)) == 1;
    X509_NAME_free(name);
    return done;
}

static bool set_times(X509 *cert, const cr_certificate_request *request)
{
    return ASN1_TIME_set(X509_getm_notBefore(cert), cr_ossl_seconds(request->valid_from)) != NULL &&
           ASN1_TIME_set(X509_getm_notAfter(cert), cr_ossl_seconds(request->valid_to)) != NULL;
}

static bool add_extension(X509 *cert, X509V3_CTX *context, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
    bool done = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

static bool add_extensions(X509 *cert, X509 *issuer)
{
    bool root = issuer == NULL;
    X509V3_CTX context;
    X509V3_set_ctx(&context, root ? cert : issuer, cert, NULL, NULL, 0);
    return add_extension(
               cert, &context, NID_basic_constraints, root ? CRITICAL_CA : CRITICAL_END) &&
           add_extension(cert, &context, NID_key_usage, root ? CA_USAGE : SIGNING_USAGE) &&
           add_extension(cert, &context, NID_subject_key_identifier, "hash") &&
           (root || add_extension(cert, &context, NID_authority_key_identifier, "keyid:always"));
}

static bool name_fits(credit_span name)
{
    size_t bad = 0;
    return name.size > 0 && cr_utf8_valid(name, &bad) &&
           cr_utf8_length(name) <= CR_NAME_CHARACTERS_MAX;
}

static credit_result check_request(const cr_certificate_request *request, credit_error *err)
{
    if (!name_fits(request->organization) || !name_fits(request->common_name)) {
        return cr_fail(err, CREDIT_E_USAGE, "a name in a certificate has 1 to %d characters",
            CR_NAME_CHARACTERS_MAX);
    }
    if (request->valid_from >= request->valid_to) {
        return cr_fail(err, CREDIT_E_USAGE, "a certificate ends after it begins");
    }
    return CREDIT_OK;
}

/* `issuer` NULL makes a certificate that signs itself. */
static credit_result make(const cr_certificate_request *request, EVP_PKEY *key, X509 *issuer,
    EVP_PKEY *issuer_key, X509 **out, credit_error *err)
{
    EVP_MD_CTX *signing = NULL;
    X509 *cert = NULL;
    *out = NULL;
    credit_result rc = check_request(request, err);
    if (rc != CREDIT_OK) { return rc; }
    cert = X509_new();
    signing = cr_suite_signing(cr_suite_of_key(issuer_key), issuer_key);
    if (cert == NULL || signing == NULL || X509_set_version(cert, X509_VERSION_3) != 1 ||
        !set_serial(cert) || !set_names(cert, request, issuer) || !set_times(cert, request) ||
        X509_set_pubkey(cert, key) != 1 || !add_extensions(cert, issuer) ||
        X509_sign_ctx(cert, signing) <= 0) {
        rc = cr_ossl_fail(err, CREDIT_E_CRYPTO, "no certificate could be made");
        goto out;
    }
    rc = cr_certificate_set_user_id(cert, err);
    if (rc == CREDIT_OK) {
        *out = cert;
        cert = NULL;
    }
out:
    EVP_MD_CTX_free(signing);
    X509_free(cert);
    return rc;
}

credit_result cr_certificate_make_root(
    const cr_certificate_request *request, EVP_PKEY *key, X509 **out, credit_error *err)
{
    return make(request, key, NULL, key, out, err);
}

credit_result cr_certificate_make_leaf(const cr_certificate_request *request, EVP_PKEY *key,
    X509 *issuer, EVP_PKEY *issuer_key, X509 **out, credit_error *err)
{
    return make(request, key, issuer, issuer_key, out, err);
}

credit_result cr_key_id(EVP_PKEY *key, char out[CR_KEY_ID_TEXT], credit_error *err)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char digest[EVP_MAX_MD_SIZE], *der = NULL;
    const cr_suite *suite = cr_suite_of_key(key);
    memset(out, 0, CR_KEY_ID_TEXT);
    int size = key == NULL ? -1 : i2d_PUBKEY(key, &der);
    bool done = size > 0 && EVP_Q_digest(NULL, suite == NULL ? "SHA256" : suite->digest, NULL, der,
                                (size_t)size, digest, NULL) == 1;
    OPENSSL_free(der);
    if (!done) { return cr_ossl_fail(err, CREDIT_E_CRYPTO, "the public key cannot be read"); }
    for (size_t i = 0; i < KEY_ID_SIZE; i++) {
        out[2 * i] = hex[digest[i] >> 4];
        out[2 * i + 1] = hex[digest[i] & 15];
    }
    return CREDIT_OK;
}

static credit_span serial_text(X509 *cert, cr_arena *arena)
{
    credit_span text = {0};
    BIGNUM *number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
    char *hex = number == NULL ? NULL : BN_bn2hex(number);
    if (hex != NULL) { text = cr_arena_span(arena, cr_span_of(hex)); }
    OPENSSL_free(hex);
    BN_free(number);
    return text;
}

credit_result cr_certificate_describe(
    X509 *cert, cr_arena *arena, cr_key_info *info, credit_error *err)
{
    *info = (cr_key_info){0};
    cr_key_info found = {
        .suite = cr_suite_of_key(X509_get0_pubkey(cert)),
        .subject = cr_ossl_name(X509_get_subject_name(cert), arena),
        .issuer = cr_ossl_name(X509_get_issuer_name(cert), arena),
        .serial = serial_text(cert, arena),
        .valid_from = cr_ossl_instant(X509_get0_notBefore(cert)),
        .valid_to = cr_ossl_instant(X509_get0_notAfter(cert)),
    };
    if (found.subject.data == NULL || found.issuer.data == NULL || found.serial.data == NULL) {
        return cr_ossl_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    if (found.valid_from == CREDIT_INSTANT_NONE || found.valid_to == CREDIT_INSTANT_NONE) {
        return cr_ossl_fail(err, CREDIT_E_DATA, "the certificate has no valid times");
    }
    credit_result rc = cr_key_id(X509_get0_pubkey(cert), found.key_id, err);
    if (rc == CREDIT_OK) { *info = found; }
    return rc;
}
