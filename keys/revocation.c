#include "keys/revocation.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "engine/error.h"
#include "engine/text.h"
#include "keys/ossl.h"

/* clang-format off */
static const struct {
    cr_revoked_for reason;
    const char *name;
    bool compromise;
} reasons[] = {
    { CR_REVOKED_UNSPECIFIED,    "unspecified",            false },
    { CR_REVOKED_KEY_COMPROMISE, "key_compromise",         true  },
    { CR_REVOKED_CA_COMPROMISE,  "ca_compromise",          true  },
    { CR_REVOKED_AFFILIATION,    "affiliation_changed",    false },
    { CR_REVOKED_SUPERSEDED,     "superseded",             false },
    { CR_REVOKED_CESSATION,      "cessation_of_operation", false },
    { CR_REVOKED_HOLD,           "certificate_hold",       false },
    { CR_REVOKED_PRIVILEGE,      "privilege_withdrawn",    false },
    { CR_REVOKED_AA_COMPROMISE,  "aa_compromise",          true  },
};
/* clang-format on */
enum { REASONS = sizeof reasons / sizeof reasons[0], LIST_MONTH_SECONDS = 31 * 86400 };

const char *cr_revoked_for_name(cr_revoked_for reason)
{
    for (size_t i = 0; i < REASONS; i++) {
        if (reasons[i].reason == reason) { return reasons[i].name; }
    }
    return "unspecified";
}

bool cr_revoked_for_find(credit_span name, cr_revoked_for *reason)
{
    for (size_t i = 0; i < REASONS; i++) {
        if (cr_span_is(name, reasons[i].name)) {
            *reason = reasons[i].reason;
            return true;
        }
    }
    return false;
}

bool cr_revoked_for_is_compromise(cr_revoked_for reason)
{
    for (size_t i = 0; i < REASONS; i++) {
        if (reasons[i].reason == reason) { return reasons[i].compromise; }
    }
    return false;
}

void cr_crl_free(cr_crl *crl)
{
    X509_CRL_free(crl->list);
    *crl = (cr_crl){0};
}

/* The inside of the outer SEQUENCE begins with what is signed. OpenSSL's own
 * check of a list cannot be told the user id of SM2, hence ours. */
static bool find_signed(credit_span der, credit_span *out)
{
    long size = 0;
    int tag = 0, class = 0;
    const unsigned char *start = (const unsigned char *)der.data, *at = start;
    if ((ASN1_get_object(&at, &size, &tag, &class, (long)der.size) & 0x80) != 0) { return false; }
    const unsigned char *inner = at;
    long left = (long)der.size - (long)(at - start);
    if ((ASN1_get_object(&at, &size, &tag, &class, left) & 0x80) != 0) { return false; }
    *out = (credit_span){(const char *)inner, (size_t)(at - inner) + (size_t)size};
    return true;
}

credit_result cr_crl_take(X509_CRL *list, cr_arena *arena, cr_crl *out, credit_error *err)
{
    unsigned char *der = NULL;
    *out = (cr_crl){.list = list};
    credit_span bytes = cr_ossl_der(arena, i2d_X509_CRL(list, &der), &der);
    if (bytes.data == NULL) {
        cr_crl_free(out);
        return cr_ossl_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    if (!find_signed(bytes, &out->signed_bytes)) {
        cr_crl_free(out);
        return cr_ossl_fail(err, CREDIT_E_DATA, "the revocation list is malformed");
    }
    return CREDIT_OK;
}

credit_result cr_crl_read(credit_span pem, cr_arena *arena, cr_crl *out, credit_error *err)
{
    *out = (cr_crl){0};
    BIO *bio = BIO_new_mem_buf(pem.size > 0 ? pem.data : "", (int)pem.size);
    X509_CRL *list = bio == NULL ? NULL : PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
    BIO_free(bio);
    if (list == NULL) { return cr_ossl_fail(err, CREDIT_E_DATA, "not a revocation list in PEM"); }
    return cr_crl_take(list, arena, out, err);
}

/* The list's own word for the key that signed it; NULL if it says none. */
static AUTHORITY_KEYID *signing_key_of(const cr_crl *crl)
{
    return X509_CRL_get_ext_d2i(crl->list, NID_authority_key_identifier, NULL, NULL);
}

bool cr_crl_is_of(const cr_crl *crl, X509 *issuer)
{
    if (X509_NAME_cmp(X509_CRL_get_issuer(crl->list), X509_get_subject_name(issuer)) != 0) {
        return false;
    }
    AUTHORITY_KEYID *told = signing_key_of(crl);
    const ASN1_OCTET_STRING *own = X509_get0_subject_key_id(issuer);
    bool same = told == NULL || told->keyid == NULL || own == NULL ||
                ASN1_OCTET_STRING_cmp(told->keyid, own) == 0;
    AUTHORITY_KEYID_free(told);
    return same;
}

bool cr_crl_holds(const cr_crl *crl, X509 *issuer)
{
    const ASN1_BIT_STRING *bits = NULL;
    const X509_ALGOR *algorithm = NULL;
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    const cr_suite *suite = cr_suite_of_key(key);
    X509_CRL_get0_signature(crl->list, &bits, &algorithm);
    if (X509_CRL_get_signature_nid(crl->list) != NID_SM2_with_SM3) {
        bool holds = key != NULL && X509_CRL_verify(crl->list, key) == 1;
        ERR_clear_error();
        return holds;
    }
    credit_span signature = {
        (const char *)ASN1_STRING_get0_data(bits), (size_t)ASN1_STRING_length(bits)};
    return suite != NULL && suite->user_id != NULL &&
           cr_suite_holds(suite, key, crl->signed_bytes, signature);
}

static cr_revoked_for reason_of(const X509_REVOKED *entry)
{
    ASN1_ENUMERATED *value = X509_REVOKED_get_ext_d2i(entry, NID_crl_reason, NULL, NULL);
    long reason = value == NULL ? 0 : ASN1_ENUMERATED_get(value);
    ASN1_ENUMERATED_free(value);
    return (cr_revoked_for)reason;
}

cr_revocation cr_crl_ask(const cr_crl *crl, X509 *cert)
{
    X509_REVOKED *entry = NULL;
    cr_revocation none = {0};
    /* 1: revoked; 2: on the list only to be taken off a list before. */
    if (X509_CRL_get0_by_cert(crl->list, &entry, cert) != 1) { return none; }
    return (cr_revocation){
        .revoked = true,
        .since = cr_ossl_instant(X509_REVOKED_get0_revocationDate(entry)),
        .reason = reason_of(entry),
    };
}

static bool add_entry(X509_CRL *list, X509 *cert, const cr_revocation *revocation)
{
    ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();
    ASN1_TIME *since = ASN1_TIME_set(NULL, cr_ossl_seconds(revocation->since));
    X509_REVOKED *entry = X509_REVOKED_new();
    bool done = reason != NULL && since != NULL && entry != NULL &&
                X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(cert)) == 1 &&
                X509_REVOKED_set_revocationDate(entry, since) == 1;
    /* RFC 5280, 5.3.1: no reason is said by saying nothing. */
    if (done && revocation->reason != CR_REVOKED_UNSPECIFIED) {
        done = ASN1_ENUMERATED_set(reason, (long)revocation->reason) == 1 &&
               X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason, 0, 0) == 1;
    }
    if (done && X509_CRL_add0_revoked(list, entry) == 1) {
        entry = NULL; /* the list owns it */
    } else {
        done = false;
    }
    X509_REVOKED_free(entry);
    ASN1_TIME_free(since);
    ASN1_ENUMERATED_free(reason);
    return done;
}

static bool copy_others(X509_CRL *list, const cr_crl *old, X509 *cert)
{
    STACK_OF(X509_REVOKED) *entries = old->list == NULL ? NULL : X509_CRL_get_REVOKED(old->list);
    for (int i = 0; i < sk_X509_REVOKED_num(entries); i++) {
        X509_REVOKED *entry = sk_X509_REVOKED_value(entries, i);
        if (ASN1_INTEGER_cmp(X509_REVOKED_get0_serialNumber(entry), X509_get0_serialNumber(cert)) ==
            0) {
            continue;
        }
        X509_REVOKED *copy = X509_REVOKED_dup(entry);
        if (copy == NULL || X509_CRL_add0_revoked(list, copy) != 1) {
            X509_REVOKED_free(copy);
            return false;
        }
    }
    return true;
}

/* The number of the list before, plus one. */
static bool set_number(X509_CRL *list, const cr_crl *old)
{
    int64_t before = 0;
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    ASN1_INTEGER *told =
        old->list == NULL ? NULL : X509_CRL_get_ext_d2i(old->list, NID_crl_number, NULL, NULL);
    bool done = number != NULL && (told == NULL || ASN1_INTEGER_get_int64(&before, told) == 1) &&
                before < INT64_MAX && ASN1_INTEGER_set_int64(number, before + 1) == 1 &&
                X509_CRL_add1_ext_i2d(list, NID_crl_number, number, 0, 0) == 1;
    ASN1_INTEGER_free(told);
    ASN1_INTEGER_free(number);
    return done;
}

static bool set_authority_key(X509_CRL *list, X509 *issuer)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, NULL, NULL, list, 0);
    X509_EXTENSION *extension =
        X509V3_EXT_conf_nid(NULL, &context, NID_authority_key_identifier, "keyid:always");
    bool done = extension != NULL && X509_CRL_add_ext(list, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

static bool set_head(X509_CRL *list, X509 *issuer, credit_instant now)
{
    ASN1_TIME *from = ASN1_TIME_set(NULL, cr_ossl_seconds(now));
    ASN1_TIME *next = ASN1_TIME_set(NULL, cr_ossl_seconds(now) + LIST_MONTH_SECONDS);
    bool done = from != NULL && next != NULL && X509_CRL_set_version(list, X509_CRL_VERSION_2) &&
                X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer)) &&
                X509_CRL_set1_lastUpdate(list, from) && X509_CRL_set1_nextUpdate(list, next);
    ASN1_TIME_free(from);
    ASN1_TIME_free(next);
    return done;
}

static bool sign_list(X509_CRL *list, EVP_PKEY *key)
{
    EVP_MD_CTX *signing = cr_suite_signing(cr_suite_of_key(key), key);
    bool done = signing != NULL && X509_CRL_sort(list) == 1 && X509_CRL_sign_ctx(list, signing) > 0;
    EVP_MD_CTX_free(signing);
    return done;
}

static credit_span list_pem(X509_CRL *list, cr_arena *arena)
{
    credit_span pem = {0};
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio != NULL && PEM_write_bio_X509_CRL(bio, list) == 1) { pem = cr_ossl_take(bio, arena); }
    BIO_free(bio);
    return pem;
}

credit_result cr_crl_make(const cr_crl *old, X509 *cert, const cr_revocation *revocation,
    X509 *issuer, EVP_PKEY *issuer_key, credit_instant now, cr_arena *arena, credit_span *pem,
    credit_error *err)
{
    *pem = (credit_span){0};
    X509_CRL *list = X509_CRL_new();
    bool done = list != NULL && set_head(list, issuer, now) && copy_others(list, old, cert) &&
                add_entry(list, cert, revocation) && set_authority_key(list, issuer) &&
                set_number(list, old) && sign_list(list, issuer_key);
    if (done) { *pem = list_pem(list, arena); }
    X509_CRL_free(list);
    if (pem->data == NULL) {
        return cr_ossl_fail(err, CREDIT_E_CRYPTO, "no revocation list could be made");
    }
    return CREDIT_OK;
}
