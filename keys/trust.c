#include "keys/trust.h"

#include <dirent.h>
#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/error.h"
#include "engine/text.h"
#include "keys/files.h"
#include "keys/ossl.h"

struct cr_trust {
    X509_STORE *store; /* owns what `roots` points to */
    X509 *roots[CR_TRUST_MAX];
    size_t root_count;
    cr_crl lists[CR_TRUST_MAX];
    size_t list_count;
    cr_arena arena; /* the signed bytes of the lists */
};

credit_result cr_trust_new(cr_trust **out, credit_error *err)
{
    *out = NULL;
    cr_trust *trust = cr_alloc(sizeof *trust);
    if (trust == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    memset(trust, 0, sizeof *trust);
    trust->store = X509_STORE_new();
    if (trust->store == NULL) {
        cr_trust_free(trust);
        return cr_ossl_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    *out = trust;
    return CREDIT_OK;
}

void cr_trust_free(cr_trust *trust)
{
    if (trust == NULL) { return; }
    for (size_t i = 0; i < trust->list_count; i++) { cr_crl_free(&trust->lists[i]); }
    X509_STORE_free(trust->store);
    cr_arena_release(&trust->arena);
    cr_free(trust);
}

static credit_result too_many(credit_error *err, const char *what)
{
    return cr_fail(err, CREDIT_E_LIMIT, "more than %d %s", CR_TRUST_MAX, what);
}

static bool is_known(const cr_trust *trust, X509 *root)
{
    for (size_t i = 0; i < trust->root_count; i++) {
        if (X509_cmp(trust->roots[i], root) == 0) { return true; }
    }
    return false;
}

static credit_result add_root(cr_trust *trust, X509 *root, credit_error *err)
{
    if (is_known(trust, root)) { return CREDIT_OK; }
    if (trust->root_count == CR_TRUST_MAX) { return too_many(err, "authorities"); }
    credit_result rc = cr_certificate_set_user_id(root, err);
    if (rc != CREDIT_OK) { return rc; }
    if (X509_STORE_add_cert(trust->store, root) != 1) {
        return cr_ossl_fail(err, CREDIT_E_NOMEM, "the authority cannot be added");
    }
    trust->roots[trust->root_count++] = root;
    return CREDIT_OK;
}

static credit_result add_list(cr_trust *trust, X509_CRL *list, credit_error *err)
{
    if (trust->list_count == CR_TRUST_MAX) { return too_many(err, "revocation lists"); }
    X509_CRL_up_ref(list); /* taken over, on failure too */
    credit_result rc = cr_crl_take(list, &trust->arena, &trust->lists[trust->list_count], err);
    if (rc == CREDIT_OK) { trust->list_count++; }
    return rc;
}

/* Leaves keys encrypted: nobody is asked on the terminal. */
static int no_passphrase(char *buffer, int size, int writing, void *context)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)context;
    return -1;
}

static credit_result add_blocks(
    cr_trust *trust, const STACK_OF(X509_INFO) * blocks, credit_error *err)
{
    size_t added = 0;
    for (int i = 0; i < sk_X509_INFO_num(blocks); i++) {
        const X509_INFO *block = sk_X509_INFO_value(blocks, i);
        credit_result rc = CREDIT_OK;
        if (block->x509 != NULL) {
            rc = add_root(trust, block->x509, err);
            added++;
        }
        if (rc == CREDIT_OK && block->crl != NULL) {
            rc = add_list(trust, block->crl, err);
            added++;
        }
        if (rc != CREDIT_OK) { return rc; }
    }
    return added > 0 ? CREDIT_OK : cr_fail(err, CREDIT_E_DATA, "no certificate in PEM");
}

credit_result cr_trust_add_pem(cr_trust *trust, credit_span pem, credit_error *err)
{
    if (pem.size > CR_FILE_BYTES_MAX) {
        return cr_fail(err, CREDIT_E_LIMIT, "more than %d bytes of PEM", CR_FILE_BYTES_MAX);
    }
    BIO *bio = BIO_new_mem_buf(pem.size > 0 ? pem.data : "", (int)pem.size);
    STACK_OF(X509_INFO) *blocks =
        bio == NULL ? NULL : PEM_X509_INFO_read_bio(bio, NULL, no_passphrase, NULL);
    credit_result rc = blocks == NULL ? cr_ossl_fail(err, CREDIT_E_DATA,
                                            "a certificate or revocation list is malformed")
                                      : add_blocks(trust, blocks, err);
    sk_X509_INFO_pop_free(blocks, X509_INFO_free);
    BIO_free(bio);
    return rc;
}

static credit_result add_file(cr_trust *trust, const char *path, credit_error *err)
{
    cr_arena arena = CR_ARENA_INIT;
    credit_span pem;
    credit_result rc = cr_file_read(path, &arena, &pem, err);
    if (rc == CREDIT_OK) {
        rc = cr_trust_add_pem(trust, pem, err);
        if (rc != CREDIT_OK) { cr_fail_in(err, path); }
    }
    cr_arena_release(&arena);
    return rc;
}

static bool ends_with(const char *name, const char *ending)
{
    size_t size = strlen(name), tail = strlen(ending);
    return size > tail && strcmp(name + size - tail, ending) == 0;
}

static credit_result add_directory(cr_trust *trust, const char *path, credit_error *err)
{
    char file[CR_FILE_PATH_MAX];
    credit_result rc = CREDIT_OK;
    DIR *directory = opendir(path);
    if (directory == NULL) {
        return cr_fail(err, errno == EACCES ? CREDIT_E_ACCESS : CREDIT_E_IO,
            "%s: the directory cannot be read", path);
    }
    for (struct dirent *entry; rc == CREDIT_OK && (entry = readdir(directory)) != NULL;) {
        const char *name = entry->d_name;
        if (name[0] == '.' || !(ends_with(name, ".pem") || ends_with(name, ".crt"))) { continue; }
        rc = cr_file_path(file, path, name)
                 ? add_file(trust, file, err)
                 : cr_fail(err, CREDIT_E_LIMIT, "%s: the path is too long", path);
    }
    closedir(directory);
    return rc;
}

credit_result cr_trust_add_path(cr_trust *trust, const char *path, credit_error *err)
{
    struct stat st;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) { return add_directory(trust, path, err); }
    return add_file(trust, path, err);
}

size_t cr_trust_count(const cr_trust *trust)
{
    return trust == NULL ? 0 : trust->root_count;
}

X509_STORE *cr_trust_store(const cr_trust *trust)
{
    return trust->store;
}

const cr_crl *cr_trust_lists(const cr_trust *trust, size_t *count)
{
    *count = trust->list_count;
    return trust->lists;
}
