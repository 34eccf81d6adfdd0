/* What verification came to, each check by itself. */
#ifndef CR_KEYS_VERDICT_H
#define CR_KEYS_VERDICT_H

#include <stdbool.h>

#include "engine/types.h"
#include "keys/certificate.h"

typedef enum cr_check_state { CR_CHECK_ABSENT = 0, CR_CHECK_OK, CR_CHECK_BAD } cr_check_state;

enum { CR_CHECK_REASON = 256, CR_VERDICT_NAME = 256 };

typedef struct cr_verdict_check {
    cr_check_state state;
    char reason[CR_CHECK_REASON]; /* one line, "" when ok */
} cr_verdict_check;

typedef struct cr_verdict {
    cr_verdict_check signature; /* the signer's key made it, over these digests */
    cr_verdict_check chain;     /* a named authority vouched for the signer at that time */
    cr_verdict_check digest;    /* the content is what the digests say, byte for byte */
    cr_verdict_check timestamp; /* always absent: time stamps are not written yet */
    const cr_suite *suite;
    char signer[CR_VERDICT_NAME]; /* RFC 2253 names, cut if longer */
    char key_id[CR_KEY_ID_TEXT];
    char root[CR_VERDICT_NAME]; /* the authority that ends the chain, "" if none */
    char root_key_id[CR_KEY_ID_TEXT];
} cr_verdict;

/* Signature, chain and digest are all ok. A missing time stamp is no fault. */
bool cr_verdict_holds(const cr_verdict *verdict);

/* The verdict on what could not even be opened: digest bad, for that reason. */
void cr_verdict_refuse(cr_verdict *verdict, const credit_error *why);

const char *cr_check_state_name(cr_check_state state); /* "ok", "bad", "absent" */

void cr_check_ok(cr_verdict_check *check);
void cr_check_absent(cr_verdict_check *check, const char *reason);
/* The first reason stays: later ones follow from it. */
void cr_check_bad(cr_verdict_check *check, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
