#include "keys/verify.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <string.h>

#include "engine/date.h"
#include "engine/error.h"
#include "keys/ossl.h"

/* 112 bits: shuts out SHA-1, MD5 and short RSA keys in chains from elsewhere. */
enum { SECURITY_LEVEL = 2 };

static void copy_name(char out[CR_VERDICT_NAME], credit_span name)
{
    snprintf(out, CR_VERDICT_NAME, "%.*s", (int)name.size, name.data);
}

credit_result cr_judge_signer(const cr_chain *chain, cr_verdict *verdict, credit_error *err)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_key_info info;
    credit_result rc = cr_certificate_describe(chain->certs[0], &arena, &info, err);
    if (rc == CREDIT_E_DATA || rc == CREDIT_E_CRYPTO) {
        cr_check_bad(&verdict->signature, "the signer's certificate cannot be read");
        rc = CREDIT_OK;
    } else if (rc == CREDIT_OK) {
        verdict->suite = info.suite;
        copy_name(verdict->signer, info.subject);
        memcpy(verdict->key_id, info.key_id, sizeof verdict->key_id);
    }
    cr_arena_release(&arena);
    return rc;
}

void cr_judge_signature(const cr_chain *chain, credit_span message, credit_span signature,
    const char *what, cr_verdict_check *check)
{
    EVP_PKEY *key = X509_get0_pubkey(chain->certs[0]);
    const cr_suite *suite = cr_suite_of_key(key);
    if (suite == NULL) {
        cr_check_bad(check, "%s: no suite signs with such a key", what);
    } else if (!cr_suite_is_canonical(suite, signature)) {
        cr_check_bad(check, "%s: the signature is not in its one encoding", what);
    } else if (!cr_suite_holds(suite, key, message, signature)) {
        cr_check_bad(check, "%s: the signature does not hold", what);
    }
}

/* The subject of a certificate for a reason; "?" when memory has run out. */
static const char *subject_of(X509 *cert, cr_arena *arena)
{
    credit_span name =
        cert == NULL ? (credit_span){0} : cr_ossl_name(X509_get_subject_name(cert), arena);
    return name.data == NULL ? "?" : name.data;
}

static void explain(X509_STORE_CTX *context, cr_verdict_check *check)
{
    cr_arena arena = CR_ARENA_INIT;
    char text[CR_INSTANT_TEXT];
    X509 *cert = X509_STORE_CTX_get_current_cert(context);
    const char *who = subject_of(cert, &arena);
    int code = X509_STORE_CTX_get_error(context);
    switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
        cr_check_bad(check, "the certificate of %s expired at %s, before the signing time", who,
            cr_instant_print(cr_ossl_instant(X509_get0_notAfter(cert)), text));
        break;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        cr_check_bad(check, "the certificate of %s is valid from %s, after the signing time", who,
            cr_instant_print(cr_ossl_instant(X509_get0_notBefore(cert)), text));
        break;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        cr_check_bad(check, "no named authority vouches for %s", who);
        break;
    default:
        cr_check_bad(check, "the certificate of %s: %s", who, X509_verify_cert_error_string(code));
        break;
    }
    cr_arena_release(&arena);
}

/* What one list says of one certificate, judged by the rules of revocation.h. */
static void judge_list(const cr_crl *list, X509 *cert, X509 *issuer,
    const cr_verify_terms *judgement, cr_verdict_check *check)
{
    cr_arena arena = CR_ARENA_INIT;
    char since[CR_INSTANT_TEXT];
    if (!cr_crl_is_of(list, issuer)) { return; }
    const char *who = subject_of(cert, &arena);
    if (!cr_crl_holds(list, issuer)) {
        cr_check_bad(check, "the revocation list for %s is not signed by its authority", who);
        goto out;
    }
    cr_revocation found = cr_crl_ask(list, cert);
    if (!found.revoked) { goto out; }
    cr_instant_print(found.since, since);
    if (found.since == CREDIT_INSTANT_NONE || judgement->signing_time >= found.since) {
        cr_check_bad(check, "the certificate of %s was revoked at %s (%s)", who, since,
            cr_revoked_for_name(found.reason));
    } else if (!judgement->stamped && cr_revoked_for_is_compromise(found.reason)) {
        cr_check_bad(check,
            "the certificate of %s was revoked at %s (%s): without a time stamp nothing it "
            "signed holds",
            who, since, cr_revoked_for_name(found.reason));
    }
out:
    cr_arena_release(&arena);
}

static void judge_revocation(
    const STACK_OF(X509) * path, const cr_verify_terms *judgement, cr_verdict_check *check)
{
    size_t count = 0;
    const cr_crl *lists = cr_trust_lists(judgement->trust, &count);
    for (int i = 0; i + 1 < sk_X509_num(path); i++) {
        for (size_t k = 0; k < count; k++) {
            judge_list(
                &lists[k], sk_X509_value(path, i), sk_X509_value(path, i + 1), judgement, check);
        }
    }
}

static credit_result name_root(const STACK_OF(X509) * path, cr_verdict *verdict, credit_error *err)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_key_info info;
    X509 *root = sk_X509_value(path, sk_X509_num(path) - 1);
    credit_result rc = cr_certificate_describe(root, &arena, &info, err);
    if (rc == CREDIT_OK) {
        copy_name(verdict->root, info.subject);
        memcpy(verdict->root_key_id, info.key_id, sizeof verdict->root_key_id);
    }
    cr_arena_release(&arena);
    return rc;
}

/* The certificates above the signer's, borrowed. */
static STACK_OF(X509) * upper_part(const cr_chain *chain)
{
    STACK_OF(X509) *upper = sk_X509_new_null();
    for (size_t i = 1; i < chain->count && upper != NULL; i++) {
        if (sk_X509_push(upper, chain->certs[i]) == 0) {
            sk_X509_free(upper);
            upper = NULL;
        }
    }
    return upper;
}

static bool prepare(X509_STORE_CTX *context, const cr_chain *chain, STACK_OF(X509) * upper,
    const cr_verify_terms *judgement)
{
    if (X509_STORE_CTX_init(context, cr_trust_store(judgement->trust), chain->certs[0], upper) !=
        1) {
        return false;
    }
    X509_VERIFY_PARAM *params = X509_STORE_CTX_get0_param(context);
    X509_VERIFY_PARAM_set_time(params, (time_t)cr_ossl_seconds(judgement->signing_time));
    X509_VERIFY_PARAM_set_auth_level(params, SECURITY_LEVEL);
    return X509_VERIFY_PARAM_set_flags(params, X509_V_FLAG_PARTIAL_CHAIN) == 1;
}

credit_result cr_judge_chain(
    const cr_chain *chain, const cr_verify_terms *judgement, cr_verdict *verdict, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    cr_verdict_check *check = &verdict->chain;
    if (cr_trust_count(judgement->trust) == 0) {
        cr_check_absent(check, "no authority was named to trust");
        return CREDIT_OK;
    }
    STACK_OF(X509) *upper = upper_part(chain);
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    if (upper == NULL || context == NULL || !prepare(context, chain, upper, judgement)) {
        rc = cr_ossl_fail(err, CREDIT_E_NOMEM, "out of memory");
        goto out;
    }
    cr_check_ok(check);
    if (X509_verify_cert(context) != 1) {
        explain(context, check);
        goto out;
    }
    if (!cr_certificate_may_sign(chain->certs[0])) {
        cr_check_bad(check, "the signer's certificate is not for signing");
    }
    judge_revocation(X509_STORE_CTX_get0_chain(context), judgement, check);
    rc = name_root(X509_STORE_CTX_get0_chain(context), verdict, err);
out:
    ERR_clear_error();
    X509_STORE_CTX_free(context);
    sk_X509_free(upper);
    return rc;
}

credit_result cr_verify_signature(credit_span message, credit_span signature, credit_span chain,
    const cr_verify_terms *judgement, cr_verdict *verdict, credit_error *err)
{
    cr_chain parsed;
    credit_error why = CREDIT_ERROR_INIT;
    *verdict = (cr_verdict){0};
    cr_check_absent(&verdict->digest, "nothing but a signature was given");
    cr_check_absent(&verdict->timestamp, "there is no time stamp");
    credit_result rc = cr_chain_read_strict(chain, &parsed, &why);
    if (rc == CREDIT_E_UNTRUSTED) {
        cr_check_bad(&verdict->signature, "%s", why.message);
        cr_check_absent(&verdict->chain, "the certificates cannot be used");
        return CREDIT_OK;
    }
    if (rc != CREDIT_OK) { return cr_fail(err, rc, "%s", why.message); }
    cr_check_ok(&verdict->signature);
    cr_judge_signature(&parsed, message, signature, "signature", &verdict->signature);
    rc = cr_judge_signer(&parsed, verdict, err);
    if (rc == CREDIT_OK) { rc = cr_judge_chain(&parsed, judgement, verdict, err); }
    cr_chain_free(&parsed);
    return rc;
}
