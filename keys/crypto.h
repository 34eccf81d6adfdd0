/* Fills the engine's table of cryptographic functions with OpenSSL. */
#ifndef CR_KEYS_CRYPTO_H
#define CR_KEYS_CRYPTO_H

#include "engine/crypto.h"

/* The table; lives as long as the program and serves every thread. */
const cr_crypto *cr_keys_crypto(void);

#endif
