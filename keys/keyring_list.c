/* Listing the keys of a directory, and revoking one of them. */
#include <dirent.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "engine/error.h"
#include "engine/text.h"
#include "keys/keyring_parts.h"
#include "keys/ossl.h"

/* What a walk over the certificates of a directory does with each. Anything but
 * CREDIT_OK ends the walk and is its result. */
typedef credit_result visit_function(
    void *context, cr_key_role role, X509 *cert, credit_error *err);

typedef struct visitor {
    visit_function *visit;
    void *context;
} visitor;

static credit_result visit_file(const char *directory, const char *name, cr_key_role role,
    const visitor *with, credit_error *err)
{
    cr_chain chain = {0};
    credit_result rc = cr_keyring_read_chain(directory, name, &chain, err);
    if (rc == CREDIT_OK) { rc = with->visit(with->context, role, chain.certs[0], err); }
    cr_chain_free(&chain);
    return rc;
}

static bool is_retired(const char *name)
{
    size_t size = strlen(name), head = sizeof CR_KEYRING_RETIRED - 1;
    return strncmp(name, CR_KEYRING_RETIRED, head) == 0 && size == head + CR_KEY_ID_TEXT - 1 + 4 &&
           strcmp(name + size - 4, ".pem") == 0;
}

static credit_result visit_retired(const char *directory, const visitor *with, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    DIR *open_directory = opendir(directory);
    if (open_directory == NULL) {
        return cr_fail(err, errno == ENOENT ? CREDIT_E_NOT_FOUND : CREDIT_E_ACCESS,
            "%s: the directory cannot be read", directory);
    }
    for (struct dirent *entry; rc == CREDIT_OK && (entry = readdir(open_directory)) != NULL;) {
        if (is_retired(entry->d_name)) {
            rc = visit_file(directory, entry->d_name, CR_KEY_RETIRED, with, err);
        }
    }
    closedir(open_directory);
    return rc;
}

/* Authority (there may be none beside an imported key), signing key, retired. */
static credit_result visit_all(const char *directory, const visitor *with, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    if (cr_keyring_has(directory, CR_KEYRING_AUTHORITY)) {
        rc = visit_file(directory, CR_KEYRING_AUTHORITY, CR_KEY_AUTHORITY, with, err);
    }
    if (rc == CREDIT_OK) {
        rc = visit_file(directory, CR_KEYRING_SIGNING, CR_KEY_SIGNING, with, err);
    }
    if (rc == CREDIT_OK && cr_keyring_has(directory, CR_KEYRING_SIGNING_NEW)) {
        rc = visit_file(directory, CR_KEYRING_SIGNING_NEW, CR_KEY_SIGNING, with, err);
    }
    return rc == CREDIT_OK ? visit_retired(directory, with, err) : rc;
}

/* The list of the directory; empty if there is none. It must be the authority's. */
static credit_result read_list(
    const char *directory, X509 *authority, cr_arena *arena, cr_crl *list, credit_error *err)
{
    char path[CR_FILE_PATH_MAX];
    credit_span pem;
    *list = (cr_crl){0};
    if (!cr_keyring_has(directory, CR_KEYRING_REVOKED)) { return CREDIT_OK; }
    credit_result rc = cr_keyring_path(path, directory, CR_KEYRING_REVOKED, err);
    if (rc == CREDIT_OK) { rc = cr_file_read(path, arena, &pem, err); }
    if (rc == CREDIT_OK) { rc = cr_crl_read(pem, arena, list, err); }
    if (rc == CREDIT_OK && (!cr_crl_is_of(list, authority) || !cr_crl_holds(list, authority))) {
        cr_crl_free(list);
        rc = cr_fail(err, CREDIT_E_UNTRUSTED, "%s: not signed by the authority", path);
    }
    return rc;
}

typedef struct listing {
    cr_arena *arena;
    cr_keyring_item *items;
    size_t count;
    const cr_crl *list;
    X509 *authority; /* NULL if there is none */
} listing;

static bool is_listed(const listing *to, const cr_keyring_item *item)
{
    for (size_t i = 0; i < to->count; i++) {
        if (cr_span_equal(to->items[i].info.serial, item->info.serial) &&
            cr_span_equal(to->items[i].info.issuer, item->info.issuer)) {
            return true;
        }
    }
    return false;
}

static credit_result add_item(void *context, cr_key_role role, X509 *cert, credit_error *err)
{
    listing *to = context;
    cr_keyring_item item = {.role = role};
    credit_result rc = cr_certificate_describe(cert, to->arena, &item.info, err);
    if (rc != CREDIT_OK || is_listed(to, &item)) { return rc; }
    if (to->count == CR_KEYRING_MAX) {
        return cr_fail(err, CREDIT_E_LIMIT, "more than %d keys", CR_KEYRING_MAX);
    }
    if (to->list->list != NULL && role != CR_KEY_AUTHORITY &&
        X509_check_issued(to->authority, cert) == X509_V_OK) {
        item.revocation = cr_crl_ask(to->list, cert);
    }
    to->items[to->count++] = item;
    return CREDIT_OK;
}

static int by_role_and_time(const void *left, const void *right)
{
    const cr_keyring_item *a = left, *b = right;
    if (a->role != b->role) { return a->role < b->role ? -1 : 1; }
    if (a->info.valid_from != b->info.valid_from) {
        return a->info.valid_from < b->info.valid_from ? -1 : 1;
    }
    return strcmp(a->info.key_id, b->info.key_id);
}

credit_result cr_keyring_list(const char *directory, cr_arena *arena, cr_keyring_item **items,
    size_t *count, credit_error *err)
{
    cr_crl list = {0};
    cr_chain authority = {0};
    credit_result rc = CREDIT_OK;
    *items = NULL;
    *count = 0;
    if (cr_keyring_has(directory, CR_KEYRING_AUTHORITY)) {
        rc = cr_keyring_read_chain(directory, CR_KEYRING_AUTHORITY, &authority, err);
    }
    if (rc == CREDIT_OK && authority.count > 0) {
        rc = read_list(directory, authority.certs[0], arena, &list, err);
    }
    if (rc != CREDIT_OK) { goto out; }
    listing to = {.arena = arena, .list = &list, .authority = authority.certs[0]};
    to.items = cr_arena_array(arena, CR_KEYRING_MAX, sizeof to.items[0]);
    if (to.items == NULL) {
        rc = cr_fail(err, CREDIT_E_NOMEM, "out of memory");
        goto out;
    }
    rc = visit_all(directory, &(const visitor){add_item, &to}, err);
    if (rc == CREDIT_OK) {
        qsort(to.items, to.count, sizeof to.items[0], by_role_and_time);
        *items = to.items;
        *count = to.count;
    }
out:
    cr_crl_free(&list);
    cr_chain_free(&authority);
    return rc;
}

typedef struct search {
    const char *key_id;
    X509 *found; /* a reference of its own */
} search;

static credit_result compare_id(void *context, cr_key_role role, X509 *cert, credit_error *err)
{
    search *for_key = context;
    char id[CR_KEY_ID_TEXT];
    credit_result rc = cr_key_id(X509_get0_pubkey(cert), id, err);
    if (rc == CREDIT_OK && role != CR_KEY_AUTHORITY && for_key->found == NULL &&
        strcmp(id, for_key->key_id) == 0 && X509_up_ref(cert) == 1) {
        for_key->found = cert;
    }
    return rc;
}

static credit_result find_certificate(
    const char *directory, const char *key_id, X509 **cert, credit_error *err)
{
    search for_key = {.key_id = key_id};
    credit_result rc = visit_all(directory, &(const visitor){compare_id, &for_key}, err);
    if (rc != CREDIT_OK) {
        X509_free(for_key.found);
        return rc;
    }
    if (for_key.found == NULL) {
        return cr_fail(err, CREDIT_E_NOT_FOUND, "there is no signing key %s", key_id);
    }
    *cert = for_key.found;
    return CREDIT_OK;
}

static credit_result check_revocable(
    X509 *cert, X509 *authority, const cr_crl *list, cr_revoked_for reason, credit_error *err)
{
    if (X509_check_issued(authority, cert) != X509_V_OK ||
        X509_verify(cert, X509_get0_pubkey(authority)) != 1) {
        ERR_clear_error();
        return cr_fail(err, CREDIT_E_KEY,
            "the certificate was issued by another authority, which alone can revoke it");
    }
    if (list->list == NULL) { return CREDIT_OK; }
    cr_revocation known = cr_crl_ask(list, cert);
    bool graver =
        cr_revoked_for_is_compromise(reason) && !cr_revoked_for_is_compromise(known.reason);
    if (known.revoked && !graver) {
        return cr_fail(err, CREDIT_E_EXISTS, "the key is revoked already");
    }
    return CREDIT_OK;
}

credit_result cr_keyring_revoke(const char *directory, const char *passphrase, const char *key_id,
    credit_instant since, cr_revoked_for reason, credit_instant now, credit_error *err)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_crl list = {0};
    X509 *cert = NULL;
    cr_authority authority;
    credit_span pem;
    const cr_revocation revocation = {.revoked = true, .since = since, .reason = reason};
    credit_result rc = cr_keyring_load_authority(directory, passphrase, &authority, err);
    if (rc != CREDIT_OK) { return rc; }
    X509 *root = authority.chain.certs[0];
    rc = find_certificate(directory, key_id, &cert, err);
    if (rc != CREDIT_OK) { goto out; }
    rc = read_list(directory, root, &arena, &list, err);
    if (rc != CREDIT_OK) { goto out; }
    rc = check_revocable(cert, root, &list, reason, err);
    if (rc != CREDIT_OK) { goto out; }
    rc = cr_crl_make(&list, cert, &revocation, root, authority.key, now, &arena, &pem, err);
    if (rc == CREDIT_OK) {
        rc = cr_keyring_replace(directory, CR_KEYRING_REVOKED, pem, CR_FILE_PUBLIC, err);
    }
out:
    cr_crl_free(&list);
    X509_free(cert);
    cr_authority_free(&authority);
    cr_arena_release(&arena);
    return rc;
}
