/* A chain of certificates in PEM: the signer's first, each issued by the next. */
#ifndef CR_KEYS_CHAIN_H
#define CR_KEYS_CHAIN_H

#include "keys/certificate.h"

enum { CR_CHAIN_MAX = 8 };

typedef struct cr_chain {
    struct x509_st *certs[CR_CHAIN_MAX];
    size_t count;
} cr_chain;

/* Every certificate of a PEM text; other text between them is passed over.
 * CREDIT_E_DATA if there is none or one is malformed. */
credit_result cr_chain_read(credit_span pem, cr_chain *chain, credit_error *err);

/* The same, and the text must be exactly what cr_chain_pem writes, its
 * certificates canonical DER, linked, and without the root. CREDIT_E_UNTRUSTED. */
credit_result cr_chain_read_strict(credit_span pem, cr_chain *chain, credit_error *err);

void cr_chain_free(cr_chain *chain);

/* Drops a root at the end; the signer's own certificate always stays. */
void cr_chain_drop_root(cr_chain *chain);

/* CREDIT_E_KEY unless each certificate is signed by the next. */
credit_result cr_chain_check_links(const cr_chain *chain, credit_error *err);

credit_span cr_chain_pem(const cr_chain *chain, cr_arena *arena);

#endif
