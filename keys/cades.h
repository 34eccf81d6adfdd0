/* A detached CAdES-BES signature (CMS) with one encoding.
 *
 * 1. The bytes are a function of certificates, digest of the content, signing time
 *    (full seconds) and the raw signature; nothing else is in them. So a reader
 *    needs no CMS parser: it takes the signature, which stands last, builds the
 *    whole again and compares.
 * 2. Signed attributes: content type, signing time, message digest and
 *    signing-certificate-v2, which ties the signature to the certificate.
 *
 * basis: RFC 5652; RFC 5035; ETSI EN 319 122-1. */
#ifndef CR_KEYS_CADES_H
#define CR_KEYS_CADES_H

#include "keys/chain.h"

typedef struct cr_cades {
    const cr_suite *suite;
    const cr_chain *chain;
    unsigned char digest[CR_DIGEST_SIZE]; /* of the detached content */
    credit_instant signing_time;
} cr_cades;

/* What is signed: the attributes as a DER SET. */
credit_result cr_cades_attributes(
    const cr_cades *cades, cr_arena *arena, credit_span *attributes, credit_error *err);

/* The whole, with a signature over the attributes. */
credit_result cr_cades_write(const cr_cades *cades, credit_span signature, cr_arena *arena,
    credit_span *der, credit_error *err);

/* The signature within `der`; CREDIT_E_UNTRUSTED unless cr_cades_write gives
 * exactly `der` for it. Whether it holds is not judged here. */
credit_result cr_cades_read(const cr_cades *cades, credit_span der, cr_arena *arena,
    credit_span *signature, credit_error *err);

#endif
