/* The sealed container: content, digests, signature and certificates in one file.
 *
 * 1. Entries, in this order: `mimetype`; the content files as the caller gave them;
 *    META-INF/ASiCManifest-SUITE.xml; META-INF/SUITE.sig, the raw signature (DER)
 *    over the bytes of the manifest; META-INF/SUITE.pem, the certificates from the
 *    signer's up to, without, the root; for suites that stock tools know in CMS
 *    META-INF/signature-SUITE.p7s, detached CAdES-BES over the manifest.
 * 2. Every byte is a function of content, signing time, certificates and
 *    signatures. The verifier derives the container again from these and refuses
 *    any difference.
 * 3. Who verifies needs no private key and no store; time and trust are arguments.
 *
 * basis: ETSI EN 319 162-1 (ASiC-E with CAdES). */
#ifndef CR_KEYS_ENVELOPE_H
#define CR_KEYS_ENVELOPE_H

#include "keys/container.h"
#include "keys/signer.h"
#include "keys/verify.h"

typedef struct cr_content {
    credit_span name;       /* no `mimetype`, nothing in META-INF/ */
    credit_span media_type; /* "application/json": lower case, no parameters */
    credit_span bytes;
} cr_content;

enum { CR_CONTENT_MAX = 64 }; /* files in one container */

/* CREDIT_E_KEY when the certificate is not valid at the signing time. */
credit_result cr_seal(const cr_signer *signer, credit_instant signing_time, const cr_content *files,
    size_t count, cr_arena *arena, credit_span *out, credit_error *err);

/* A container that was opened, not yet judged. Borrows from the bytes. */
typedef struct cr_sealed {
    const cr_suite *suite;
    cr_content *files;
    size_t count;
    credit_span bytes;
    credit_span manifest;
    credit_span signature;
    credit_span chain;
    credit_span cades;                        /* empty for suites without */
    unsigned char (*digests)[CR_DIGEST_SIZE]; /* what the manifest says of the files */
} cr_sealed;

/* First step: takes the container apart. CREDIT_E_UNTRUSTED for anything that
 * cr_seal would not have laid out so; cr_verdict_refuse makes a verdict of it. */
credit_result cr_unseal(credit_span bytes, cr_arena *arena, cr_sealed *out, credit_error *err);

/* The bytes of a content file; .data is NULL if there is none of that name. */
credit_span cr_sealed_file(const cr_sealed *sealed, const char *name);

/* Second step: judges it at the time that the content claims to be signed at.
 * CREDIT_OK whenever there is a verdict, good or bad. */
credit_result cr_unseal_verify(
    const cr_sealed *sealed, const cr_verify_terms *judgement, cr_verdict *verdict, credit_error *err);

#endif
