/* Whom to believe: named authorities and their revocation lists.
 *
 * 1. Trust is only what was named: no list of the operating system is asked.
 * 2. A list is kept whoever signed it; keys/verify.h judges it with the chain. */
#ifndef CR_KEYS_TRUST_H
#define CR_KEYS_TRUST_H

#include "keys/certificate.h"
#include "keys/revocation.h"

/* Filled by one thread; then any number may verify with it. */
typedef struct cr_trust cr_trust;

enum { CR_TRUST_MAX = 256 }; /* authorities, and lists, in one trust */

credit_result cr_trust_new(cr_trust **out, credit_error *err);
void cr_trust_free(cr_trust *trust);

/* Certificates and revocation lists in any order; CREDIT_E_DATA if there is
 * neither or one is malformed. A private key among them is passed over. */
credit_result cr_trust_add_pem(cr_trust *trust, credit_span pem, credit_error *err);
/* A PEM file, or a directory whose files *.pem and *.crt are added; a directory
 * without any adds nothing. */
credit_result cr_trust_add_path(cr_trust *trust, const char *path, credit_error *err);

/* How many authorities were named; 0 for NULL. */
size_t cr_trust_count(const cr_trust *trust);

/* For keys/verify.c. */
struct x509_store_st *cr_trust_store(const cr_trust *trust);
const cr_crl *cr_trust_lists(const cr_trust *trust, size_t *count);

#endif
