/* Revocation lists (CRL, RFC 5280): making them and asking them.
 *
 * 1. A certificate is revoked from the date of its entry on: what was signed
 *    before holds, what was signed at or after that date does not.
 * 2. If the reason is a compromised key, nothing holds that no trusted time stamp
 *    dates before: whoever has the key may write any time into what he signs.
 * 3. A list of the issuer whose signature does not hold makes the certificate
 *    bad: a damaged list must not pass as an empty one. */
#ifndef CR_KEYS_REVOCATION_H
#define CR_KEYS_REVOCATION_H

#include "keys/certificate.h"

struct X509_crl_st;

typedef enum cr_revoked_for {
    CR_REVOKED_UNSPECIFIED = 0, /* the numbers of RFC 5280, 5.3.1 */
    CR_REVOKED_KEY_COMPROMISE = 1,
    CR_REVOKED_CA_COMPROMISE = 2,
    CR_REVOKED_AFFILIATION = 3,
    CR_REVOKED_SUPERSEDED = 4,
    CR_REVOKED_CESSATION = 5,
    CR_REVOKED_HOLD = 6,
    CR_REVOKED_PRIVILEGE = 9,
    CR_REVOKED_AA_COMPROMISE = 10
} cr_revoked_for;

const char *cr_revoked_for_name(cr_revoked_for reason); /* "key_compromise" */
bool cr_revoked_for_find(credit_span name, cr_revoked_for *reason);
bool cr_revoked_for_is_compromise(cr_revoked_for reason);

typedef struct cr_revocation {
    bool revoked;
    credit_instant since;
    cr_revoked_for reason;
} cr_revocation;

/* A list read from PEM: OpenSSL's, and the bytes that its signature covers. */
typedef struct cr_crl {
    struct X509_crl_st *list;
    credit_span signed_bytes;
} cr_crl;

/* Takes over a parsed list, on failure too; its bytes live in the arena.
 * CREDIT_E_DATA if malformed. */
credit_result cr_crl_take(
    struct X509_crl_st *list, cr_arena *arena, cr_crl *out, credit_error *err);
/* The same, of one list in PEM. */
credit_result cr_crl_read(credit_span pem, cr_arena *arena, cr_crl *out, credit_error *err);
void cr_crl_free(cr_crl *crl);

/* True when the list speaks for certificates of this issuer: same name and, if
 * both tell, the same key. */
bool cr_crl_is_of(const cr_crl *crl, struct x509_st *issuer);
bool cr_crl_holds(const cr_crl *crl, struct x509_st *issuer);
/* What the list says of a certificate of its issuer. */
cr_revocation cr_crl_ask(const cr_crl *crl, struct x509_st *cert);

/* The list that follows `old` (which may be empty) with one entry more, signed by
 * the issuer, as PEM. An entry of the certificate that is there is replaced. */
credit_result cr_crl_make(const cr_crl *old, struct x509_st *cert, const cr_revocation *revocation,
    struct x509_st *issuer, struct evp_pkey_st *issuer_key, credit_instant now, cr_arena *arena,
    credit_span *pem, credit_error *err);

#endif
