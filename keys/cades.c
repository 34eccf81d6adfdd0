#include "keys/cades.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <string.h>

#include "engine/error.h"
#include "engine/text.h"
#include "keys/ossl.h"

/* DER tags that occur here. */
enum {
    INTEGER = 0x02,
    OCTETS = 0x04,
    SEQUENCE = 0x30,
    SET = 0x31,
    CONTEXT_0 = 0xA0,
    CONTEXT_4 = 0xA4,
    HEADER_MAX = 6 /* tag, and a length of up to four bytes with its size */
};

/* Everything below builds DER from the inside out; memory that runs out gives a
 * span without data, which every further step hands on. */
typedef struct builder {
    cr_arena *arena;
    bool failed;
} builder;

static credit_span failed(builder *b)
{
    b->failed = true;
    return (credit_span){0};
}

static size_t put_header(unsigned char out[HEADER_MAX], unsigned char tag, size_t size)
{
    size_t bytes = 0;
    out[0] = tag;
    if (size < 0x80) {
        out[1] = (unsigned char)size;
        return 2;
    }
    for (size_t rest = size; rest > 0; rest >>= 8) { bytes++; }
    out[1] = (unsigned char)(0x80 | bytes);
    for (size_t i = 0; i < bytes; i++) {
        out[2 + i] = (unsigned char)(size >> (8 * (bytes - 1 - i)));
    }
    return 2 + bytes;
}

static credit_span node(builder *b, unsigned char tag, const credit_span *parts, size_t count)
{
    unsigned char header[HEADER_MAX];
    size_t size = 0;
    for (size_t i = 0; i < count; i++) { size += parts[i].size; }
    if (b->failed || size > UINT32_MAX) { return failed(b); }
    size_t at = put_header(header, tag, size);
    char *out = cr_arena_alloc(b->arena, at + size);
    if (out == NULL) { return failed(b); }
    memcpy(out, header, at);
    for (size_t i = 0; i < count; i++) {
        if (parts[i].size > 0) {
            memcpy(out + at, parts[i].data, parts[i].size);
            at += parts[i].size;
        }
    }
    return (credit_span){out, at};
}

/* node() of the spans that follow. */
#define NODE(b, tag, ...)                                                                          \
    node((b), (tag), (const credit_span[]){__VA_ARGS__},                                           \
        sizeof((const credit_span[]){__VA_ARGS__}) / sizeof(credit_span))

/* A SET OF: DER wants its elements in the order of their bytes. */
static credit_span set_of(builder *b, unsigned char tag, credit_span *parts, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t k = i; k > 0 && cr_span_compare(parts[k], parts[k - 1]) < 0; k--) {
            credit_span moved = parts[k];
            parts[k] = parts[k - 1];
            parts[k - 1] = moved;
        }
    }
    return node(b, tag, parts, count);
}

static credit_span small_integer(builder *b, char value)
{
    return NODE(b, INTEGER, {&value, 1});
}

static credit_span octets(builder *b, const unsigned char *bytes, size_t size)
{
    return NODE(b, OCTETS, {(const char *)bytes, size});
}

/* The result of an i2d function; see cr_ossl_der. */
static credit_span encoded(builder *b, int size, unsigned char **der)
{
    credit_span bytes = cr_ossl_der(b->arena, size, der);
    return bytes.data == NULL ? failed(b) : bytes;
}

static credit_span object(builder *b, int nid)
{
    unsigned char *der = NULL;
    return encoded(b, i2d_ASN1_OBJECT(OBJ_nid2obj(nid), &der), &der);
}

static int digest_nid(const cr_suite *suite)
{
    return OBJ_sn2nid(suite->digest);
}

/* Neither digest nor ECDSA has parameters. basis: RFC 5754, 2 and 3.3. */
static credit_span algorithm(builder *b, int nid)
{
    return NODE(b, SEQUENCE, object(b, nid));
}

static int signature_nid(const cr_suite *suite)
{
    int nid = NID_undef;
    OBJ_find_sigid_by_algs(&nid, digest_nid(suite), NID_X9_62_id_ecPublicKey);
    return nid;
}

static credit_span issuer_name(builder *b, X509 *cert)
{
    unsigned char *der = NULL;
    return encoded(b, i2d_X509_NAME(X509_get_issuer_name(cert), &der), &der);
}

static credit_span serial(builder *b, X509 *cert)
{
    unsigned char *der = NULL;
    return encoded(b, i2d_ASN1_INTEGER(X509_get0_serialNumber(cert), &der), &der);
}

static credit_span certificate(builder *b, X509 *cert)
{
    unsigned char *der = NULL;
    return encoded(b, i2d_X509(cert, &der), &der);
}

/* UTCTime until 2049, GeneralizedTime after: RFC 5652, 11.3. */
static credit_span time_value(builder *b, credit_instant instant)
{
    unsigned char *der = NULL;
    ASN1_TIME *time = ASN1_TIME_set(NULL, (time_t)cr_ossl_seconds(instant));
    credit_span bytes = time == NULL ? failed(b) : encoded(b, i2d_ASN1_TIME(time, &der), &der);
    ASN1_TIME_free(time);
    return bytes;
}

static credit_span attribute(builder *b, int nid, credit_span value)
{
    return NODE(b, SEQUENCE, object(b, nid), NODE(b, SET, value));
}

/* SigningCertificateV2 with one ESSCertIDv2, whose digest is the default SHA-256. */
static credit_span signing_certificate(builder *b, X509 *cert)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    credit_span der = certificate(b, cert);
    if (b->failed || EVP_Q_digest(NULL, "SHA256", NULL, der.data, der.size, digest, NULL) != 1) {
        return failed(b);
    }
    credit_span general_names = NODE(b, SEQUENCE, NODE(b, CONTEXT_4, issuer_name(b, cert)));
    credit_span issuer_serial = NODE(b, SEQUENCE, general_names, serial(b, cert));
    credit_span id = NODE(b, SEQUENCE, octets(b, digest, CR_DIGEST_SIZE), issuer_serial);
    return NODE(b, SEQUENCE, NODE(b, SEQUENCE, id));
}

static credit_span attributes(builder *b, const cr_cades *cades, unsigned char tag)
{
    credit_span parts[] = {
        attribute(b, NID_pkcs9_contentType, object(b, NID_pkcs7_data)),
        attribute(b, NID_pkcs9_signingTime, time_value(b, cades->signing_time)),
        attribute(b, NID_pkcs9_messageDigest, octets(b, cades->digest, CR_DIGEST_SIZE)),
        attribute(b, NID_id_smime_aa_signingCertificateV2,
            signing_certificate(b, cades->chain->certs[0])),
    };
    return set_of(b, tag, parts, sizeof parts / sizeof parts[0]);
}

static credit_span signer_info(builder *b, const cr_cades *cades, credit_span signature)
{
    X509 *cert = cades->chain->certs[0];
    credit_span signer = NODE(b, SEQUENCE, issuer_name(b, cert), serial(b, cert));
    return NODE(b, SEQUENCE, small_integer(b, 1), signer, algorithm(b, digest_nid(cades->suite)),
        attributes(b, cades, CONTEXT_0), algorithm(b, signature_nid(cades->suite)),
        NODE(b, OCTETS, signature));
}

static credit_span certificates(builder *b, const cr_chain *chain)
{
    credit_span parts[CR_CHAIN_MAX];
    for (size_t i = 0; i < chain->count; i++) { parts[i] = certificate(b, chain->certs[i]); }
    return set_of(b, CONTEXT_0, parts, chain->count);
}

static credit_span content_info(builder *b, const cr_cades *cades, credit_span signature)
{
    credit_span digests = NODE(b, SET, algorithm(b, digest_nid(cades->suite)));
    credit_span content = NODE(b, SEQUENCE, object(b, NID_pkcs7_data)); /* detached */
    credit_span signed_data = NODE(b, SEQUENCE, small_integer(b, 1), digests, content,
        certificates(b, cades->chain), NODE(b, SET, signer_info(b, cades, signature)));
    return NODE(b, SEQUENCE, object(b, NID_pkcs7_signed), NODE(b, CONTEXT_0, signed_data));
}

static credit_result finish(const builder *b, credit_span der, credit_span *out, credit_error *err)
{
    if (b->failed) { return cr_ossl_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    *out = der;
    return CREDIT_OK;
}

credit_result cr_cades_attributes(
    const cr_cades *cades, cr_arena *arena, credit_span *out, credit_error *err)
{
    builder b = {.arena = arena};
    *out = (credit_span){0};
    credit_span der = attributes(&b, cades, SET);
    return finish(&b, der, out, err);
}

credit_result cr_cades_write(const cr_cades *cades, credit_span signature, cr_arena *arena,
    credit_span *der, credit_error *err)
{
    builder b = {.arena = arena};
    *der = (credit_span){0};
    credit_span whole = content_info(&b, cades, signature);
    return finish(&b, whole, der, err);
}

/* The signature is an OCTET STRING of less than 128 bytes at the very end: the
 * byte before it tells its size. Where two sizes fit, only one of them gives the
 * same whole, so the longer ones are tried too. */
credit_result cr_cades_read(const cr_cades *cades, credit_span der, cr_arena *arena,
    credit_span *signature, credit_error *err)
{
    *signature = (credit_span){0};
    for (size_t size = 1; size <= CR_SIGNATURE_MAX && size + 2 <= der.size; size++) {
        const char *at = der.data + der.size - size;
        if (at[-2] != OCTETS || at[-1] != (char)size) { continue; }
        credit_span again, candidate = {at, size};
        credit_result rc = cr_cades_write(cades, candidate, arena, &again, err);
        if (rc != CREDIT_OK) { return rc; }
        if (cr_span_equal(again, der)) {
            *signature = candidate;
            return CREDIT_OK;
        }
    }
    return cr_fail(err, CREDIT_E_UNTRUSTED,
        "the CAdES signature is not what certificate, manifest and signing time give");
}
