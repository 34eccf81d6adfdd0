#include "keys/keyring.h"

#include <openssl/err.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "engine/date.h"
#include "engine/error.h"
#include "engine/text.h"
#include "keys/keyring_parts.h"
#include "keys/ossl.h"
#include "keys/private.h"

enum { MONTHS_IN_YEAR = 12, PERSONS_TEXT = 2 * CR_SECRET_SIZE + 1 };

#define DAY_MICROSECONDS INT64_C(86400000000)

credit_result cr_keyring_path(
    char out[CR_FILE_PATH_MAX], const char *directory, const char *name, credit_error *err)
{
    if (!cr_file_path(out, directory, name)) {
        return cr_fail(err, CREDIT_E_LIMIT, "the path is longer than %d bytes", CR_FILE_PATH_MAX);
    }
    return CREDIT_OK;
}

bool cr_keyring_has(const char *directory, const char *name)
{
    char path[CR_FILE_PATH_MAX];
    return cr_file_path(path, directory, name) && cr_file_exists(path);
}

credit_result cr_keyring_replace(
    const char *directory, const char *name, credit_span bytes, unsigned mode, credit_error *err)
{
    char path[CR_FILE_PATH_MAX];
    credit_result rc = cr_keyring_path(path, directory, name, err);
    return rc == CREDIT_OK ? cr_file_replace(path, bytes, mode, err) : rc;
}

credit_result cr_keyring_read_chain(
    const char *directory, const char *name, cr_chain *chain, credit_error *err)
{
    char path[CR_FILE_PATH_MAX];
    cr_arena arena = CR_ARENA_INIT;
    credit_span pem;
    *chain = (cr_chain){0};
    credit_result rc = cr_keyring_path(path, directory, name, err);
    if (rc == CREDIT_OK) { rc = cr_file_read(path, &arena, &pem, err); }
    if (rc == CREDIT_OK) {
        rc = cr_chain_read(pem, chain, err);
        if (rc != CREDIT_OK) { cr_fail_in(err, path); }
    }
    cr_arena_release(&arena);
    return rc;
}

void cr_authority_free(cr_authority *authority)
{
    EVP_PKEY_free(authority->key);
    cr_chain_free(&authority->chain);
    authority->key = NULL;
}

credit_result cr_keyring_load_authority(
    const char *directory, const char *passphrase, cr_authority *out, credit_error *err)
{
    char path[CR_FILE_PATH_MAX];
    *out = (cr_authority){0};
    credit_result rc = cr_keyring_path(path, directory, CR_KEYRING_AUTHORITY_KEY, err);
    if (rc == CREDIT_OK) { rc = cr_private_read(path, passphrase, &out->key, err); }
    if (rc == CREDIT_OK) {
        rc = cr_keyring_read_chain(directory, CR_KEYRING_AUTHORITY, &out->chain, err);
    }
    if (rc == CREDIT_OK && EVP_PKEY_eq(out->key, X509_get0_pubkey(out->chain.certs[0])) != 1) {
        ERR_clear_error();
        rc = cr_fail(err, CREDIT_E_KEY, "%s: the key does not belong to the certificate", path);
    }
    if (rc != CREDIT_OK) { cr_authority_free(out); }
    return rc;
}

/* The same time of day so many years later (29 February: the 28th). */
static credit_instant years_after(credit_instant from, int32_t years)
{
    int64_t day = from / DAY_MICROSECONDS;
    if (from % DAY_MICROSECONDS < 0) { day--; }
    credit_date end = cr_date_add_months((credit_date)day, years * MONTHS_IN_YEAR);
    return from + (end - day) * DAY_MICROSECONDS;
}

static credit_result write_certificate(
    const char *directory, const char *name, X509 *cert, credit_error *err)
{
    cr_arena arena = CR_ARENA_INIT;
    credit_span pem = cr_ossl_pem(cert, &arena);
    credit_result rc = pem.data == NULL
                           ? cr_ossl_fail(err, CREDIT_E_NOMEM, "out of memory")
                           : cr_keyring_replace(directory, name, pem, CR_FILE_PUBLIC, err);
    cr_arena_release(&arena);
    return rc;
}

static credit_result write_key(const char *directory, const char *name, EVP_PKEY *key,
    const char *passphrase, credit_error *err)
{
    char path[CR_FILE_PATH_MAX];
    credit_result rc = cr_keyring_path(path, directory, name, err);
    return rc == CREDIT_OK ? cr_private_write(path, key, passphrase, err) : rc;
}

static credit_result move_new_over(const char *directory, credit_error *err)
{
    char from[CR_FILE_PATH_MAX], to[CR_FILE_PATH_MAX];
    credit_result rc = cr_keyring_path(from, directory, CR_KEYRING_SIGNING_NEW, err);
    if (rc == CREDIT_OK) { rc = cr_keyring_path(to, directory, CR_KEYRING_SIGNING, err); }
    return rc == CREDIT_OK ? cr_file_rename(from, to, err) : rc;
}

/* Keeps a certificate that will be replaced under its key id. */
static credit_result retire(const char *directory, const char *name, credit_error *err)
{
    char kept[sizeof CR_KEYRING_RETIRED + CR_KEY_ID_TEXT + sizeof ".pem"];
    char id[CR_KEY_ID_TEXT];
    cr_arena arena = CR_ARENA_INIT;
    cr_chain chain = {0};
    if (!cr_keyring_has(directory, name)) { return CREDIT_OK; }
    credit_result rc = cr_keyring_read_chain(directory, name, &chain, err);
    if (rc == CREDIT_OK) { rc = cr_key_id(X509_get0_pubkey(chain.certs[0]), id, err); }
    if (rc == CREDIT_OK) {
        snprintf(kept, sizeof kept, CR_KEYRING_RETIRED "%s.pem", id);
        credit_span pem = cr_chain_pem(&chain, &arena);
        rc = pem.data == NULL ? cr_fail(err, CREDIT_E_NOMEM, "out of memory")
                              : cr_keyring_replace(directory, kept, pem, CR_FILE_PUBLIC, err);
    }
    cr_chain_free(&chain);
    cr_arena_release(&arena);
    return rc;
}

/* Rule 1 of the header. Both certificates are kept: after a rotation that was
 * cut short, either of them may be the one that signed. */
static credit_result replace_pair(const char *directory, EVP_PKEY *key, credit_span chain,
    const char *passphrase, credit_error *err)
{
    credit_result rc = retire(directory, CR_KEYRING_SIGNING, err);
    if (rc == CREDIT_OK) { rc = retire(directory, CR_KEYRING_SIGNING_NEW, err); }
    if (rc == CREDIT_OK) {
        rc = cr_keyring_replace(directory, CR_KEYRING_SIGNING_NEW, chain, CR_FILE_PUBLIC, err);
    }
    if (rc == CREDIT_OK) {
        rc = write_key(directory, CR_KEYRING_SIGNING_KEY, key, passphrase, err);
    }
    return rc == CREDIT_OK ? move_new_over(directory, err) : rc;
}

/* A new key of the authority's suite with its certificate, put into the directory. */
static credit_result issue_signing_key(const char *directory, const cr_keyring_options *options,
    const cr_authority *authority, credit_error *err)
{
    EVP_PKEY *key = NULL;
    X509 *cert = NULL, *root = authority->chain.certs[0];
    cr_arena arena = CR_ARENA_INIT;
    char name[CR_NAME_CHARACTERS_MAX], id[CR_KEY_ID_TEXT];
    int32_t years = options->signing_years == 0 ? CR_SIGNING_YEARS : options->signing_years;
    cr_certificate_request request = {
        .suite = cr_suite_of_key(authority->key),
        .organization = options->organization,
        .valid_from = options->now,
        .valid_to = years_after(options->now, years),
    };
    /* Nobody could verify it after the authority has ended. */
    credit_instant end = cr_ossl_instant(X509_get0_notAfter(root));
    request.valid_to = request.valid_to > end ? end : request.valid_to;
    if (request.valid_from >= request.valid_to) {
        return cr_fail(err, CREDIT_E_KEY, "the authority's certificate has expired");
    }
    credit_result rc = cr_suite_generate(request.suite, &key, err);
    if (rc == CREDIT_OK) { rc = cr_key_id(key, id, err); }
    if (rc == CREDIT_OK) {
        snprintf(name, sizeof name, "Signing key %s", id);
        request.common_name = cr_span_of(name);
        rc = cr_certificate_make_leaf(&request, key, root, authority->key, &cert, err);
    }
    if (rc == CREDIT_OK) {
        credit_span pem = cr_ossl_pem(cert, &arena);
        rc = pem.data == NULL ? cr_fail(err, CREDIT_E_NOMEM, "out of memory")
                              : replace_pair(directory, key, pem, options->passphrase, err);
    }
    X509_free(cert);
    EVP_PKEY_free(key);
    cr_arena_release(&arena);
    return rc;
}

static credit_result create_authority(const char *directory, const cr_keyring_options *options,
    cr_authority *authority, credit_error *err)
{
    int32_t years = options->authority_years == 0 ? CR_AUTHORITY_YEARS : options->authority_years;
    const cr_certificate_request request = {
        .suite = options->suite,
        .organization = options->organization,
        .common_name = CR_SPAN("Development authority"),
        .valid_from = options->now,
        .valid_to = years_after(options->now, years),
    };
    *authority = (cr_authority){0};
    credit_result rc = cr_suite_generate(options->suite, &authority->key, err);
    if (rc == CREDIT_OK) {
        rc = cr_certificate_make_root(&request, authority->key, &authority->chain.certs[0], err);
        authority->chain.count = rc == CREDIT_OK ? 1 : 0;
    }
    if (rc == CREDIT_OK) {
        rc = write_key(
            directory, CR_KEYRING_AUTHORITY_KEY, authority->key, options->passphrase, err);
    }
    if (rc == CREDIT_OK) {
        rc = write_certificate(directory, CR_KEYRING_AUTHORITY, authority->chain.certs[0], err);
    }
    return rc;
}

/* Rule 2 of the header: only where there is none. */
static credit_result create_persons_key(const char *directory, credit_error *err)
{
    static const char hex[] = "0123456789abcdef";
    unsigned char secret[CR_SECRET_SIZE];
    char text[PERSONS_TEXT];
    if (cr_keyring_has(directory, CR_KEYRING_PERSONS)) { return CREDIT_OK; }
    if (RAND_priv_bytes(secret, sizeof secret) != 1) {
        return cr_ossl_fail(err, CREDIT_E_CRYPTO, "no random bytes");
    }
    for (size_t i = 0; i < sizeof secret; i++) {
        text[2 * i] = hex[secret[i] >> 4];
        text[2 * i + 1] = hex[secret[i] & 15];
    }
    text[PERSONS_TEXT - 1] = '\n';
    credit_result rc = cr_keyring_replace(
        directory, CR_KEYRING_PERSONS, (credit_span){text, sizeof text}, CR_FILE_SECRET, err);
    cr_wipe(secret, sizeof secret);
    cr_wipe(text, sizeof text);
    return rc;
}

credit_result cr_keyring_create(
    const char *directory, const cr_keyring_options *options, credit_error *err)
{
    cr_authority authority = {0};
    if (options->suite == NULL) { return cr_fail(err, CREDIT_E_USAGE, "no suite was named"); }
    credit_result rc = cr_file_make_directory(directory, err);
    if (rc == CREDIT_OK && cr_keyring_has(directory, CR_KEYRING_SIGNING)) {
        rc = cr_fail(err, CREDIT_E_EXISTS, "%s: there is a signing key already", directory);
    }
    if (rc == CREDIT_OK) { rc = create_persons_key(directory, err); }
    if (rc == CREDIT_OK) { rc = create_authority(directory, options, &authority, err); }
    if (rc == CREDIT_OK) { rc = issue_signing_key(directory, options, &authority, err); }
    cr_authority_free(&authority);
    return rc;
}

static credit_result load(const char *directory, const char *certificate, const char *passphrase,
    cr_signer **out, credit_error *err)
{
    char key[CR_FILE_PATH_MAX], chain[CR_FILE_PATH_MAX];
    credit_result rc = cr_keyring_path(key, directory, CR_KEYRING_SIGNING_KEY, err);
    if (rc == CREDIT_OK) { rc = cr_keyring_path(chain, directory, certificate, err); }
    return rc == CREDIT_OK ? cr_signer_load(key, chain, passphrase, out, err) : rc;
}

credit_result cr_keyring_open(
    const char *directory, const char *passphrase, cr_signer **out, credit_error *err)
{
    *out = NULL;
    credit_result rc = load(directory, CR_KEYRING_SIGNING, passphrase, out, err);
    if (rc != CREDIT_E_KEY || !cr_keyring_has(directory, CR_KEYRING_SIGNING_NEW)) { return rc; }
    /* A rotation was cut short after the key was replaced; if that is not why,
     * the first reason is the one to tell. */
    credit_error second = CREDIT_ERROR_INIT;
    if (load(directory, CR_KEYRING_SIGNING_NEW, passphrase, out, &second) == CREDIT_OK) {
        cr_error_clear(err);
        return CREDIT_OK;
    }
    return rc;
}

credit_result cr_keyring_rotate(
    const char *directory, const cr_keyring_options *options, credit_error *err)
{
    cr_authority authority;
    credit_result rc = cr_keyring_load_authority(directory, options->passphrase, &authority, err);
    if (rc == CREDIT_OK) { rc = issue_signing_key(directory, options, &authority, err); }
    cr_authority_free(&authority);
    return rc;
}

credit_result cr_keyring_import(const char *directory, const char *key_path, const char *chain_path,
    const char *their_passphrase, const char *passphrase, credit_error *err)
{
    cr_signer *signer = NULL;
    EVP_PKEY *key = NULL;
    credit_result rc = cr_signer_load(key_path, chain_path, their_passphrase, &signer, err);
    if (rc == CREDIT_OK) { rc = cr_private_read(key_path, their_passphrase, &key, err); }
    if (rc == CREDIT_OK) { rc = cr_file_make_directory(directory, err); }
    if (rc == CREDIT_OK) { rc = create_persons_key(directory, err); }
    if (rc == CREDIT_OK) {
        rc = replace_pair(directory, key, cr_signer_chain(signer), passphrase, err);
    }
    EVP_PKEY_free(key);
    cr_signer_free(signer);
    return rc;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') { return c - '0'; }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_secret(credit_span text, unsigned char out[CR_SECRET_SIZE])
{
    if (text.size != PERSONS_TEXT || text.data[PERSONS_TEXT - 1] != '\n') { return false; }
    for (size_t i = 0; i < CR_SECRET_SIZE; i++) {
        int high = hex_digit(text.data[2 * i]), low = hex_digit(text.data[2 * i + 1]);
        if (high < 0 || low < 0) { return false; }
        out[i] = (unsigned char)(high << 4 | low);
    }
    return true;
}

credit_result cr_keyring_persons_key(
    const char *directory, unsigned char out[CR_SECRET_SIZE], credit_error *err)
{
    char path[CR_FILE_PATH_MAX];
    cr_arena arena = CR_ARENA_INIT;
    credit_span text = {0};
    memset(out, 0, CR_SECRET_SIZE);
    credit_result rc = cr_keyring_path(path, directory, CR_KEYRING_PERSONS, err);
    if (rc == CREDIT_OK) { rc = cr_file_read(path, &arena, &text, err); }
    if (rc == CREDIT_OK && !parse_secret(text, out)) {
        cr_wipe(out, CR_SECRET_SIZE);
        rc = cr_fail(err, CREDIT_E_DATA, "%s: not a key of 64 hexadecimal digits", path);
    }
    cr_wipe((void *)(uintptr_t)text.data, text.size);
    cr_arena_release(&arena);
    return rc;
}
