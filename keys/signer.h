/* A private key with the certificates that vouch for it.
 *
 * 1. Key and certificate belong together, the certificate may sign, and each of
 *    the chain is issued by the next; else there is no signer.
 * 2. The private key is never printed, and wiped when the signer is freed. */
#ifndef CR_KEYS_SIGNER_H
#define CR_KEYS_SIGNER_H

#include "keys/certificate.h"

/* Never changes once it is loaded: any number of threads may sign with it. */
typedef struct cr_signer cr_signer;

/* `passphrase` may be NULL; it is never asked for on a terminal.
 * CREDIT_E_KEY   the passphrase does not open the key, or rule 1 is broken
 * CREDIT_E_DATA  not a key, not a certificate */
credit_result cr_signer_load(const char *key_path, const char *chain_path, const char *passphrase,
    cr_signer **out, credit_error *err);
void cr_signer_free(cr_signer *signer);

/* What these three give lives as long as the signer. */
const cr_suite *cr_signer_suite(const cr_signer *signer);
const cr_key_info *cr_signer_info(const cr_signer *signer);
credit_span cr_signer_chain(const cr_signer *signer); /* PEM, without the root */

/* CREDIT_E_KEY when the certificate is not valid at that time. */
credit_result cr_signer_check_time(const cr_signer *signer, credit_instant time, credit_error *err);

credit_result cr_signer_sign(const cr_signer *signer, credit_span message, cr_arena *arena,
    credit_span *signature, credit_error *err);

#endif
