/* What a store says, as one digest: two stores that answer alike have the same.
 *
 * content STORE CODES AS_OF [--dump]
 *
 * CODES is a file of unified codes, one a line; the store is asked for each of
 * them (one it does not know counts too), then for its rosters, batches, waiting
 * rows and counts, all through the public header. Instants, days of receipt and
 * sizes in bytes are left out: they may differ between equal imports. Commit and
 * row numbers stay in: an import that came to nothing must not leave a gap.
 * Finally the store is checked as `credit fsck` does it.
 *
 * Prints the digest and how many of the codes are known. Exits with 1 if the
 * store is damaged or does not answer. --dump prints what is digested instead. */
#include <credit/credit.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct content {
    credit_store *store;
    credit_view *view;
    credit_question question;
    EVP_MD_CTX *digest;
    bool dump;
    unsigned long known;
    char fault[1024]; /* of the last call to the checker */
} content;

static const char *const volatile_members[] = {
    "received_on", "at", "bytes", "last_commit", "known_at", "checkpoint", "store", "seconds"};

static int fail(const char *what, credit_result rc, const credit_error *err)
{
    fprintf(stderr, "%s: %s: %s\n", what, credit_result_name(rc), err->message);
    return 1;
}

static void remove_volatile(json_t *value)
{
    const char *key;
    json_t *member;
    size_t index;
    if (json_is_object(value)) {
        for (size_t i = 0; i < sizeof volatile_members / sizeof *volatile_members; i++) {
            json_object_del(value, volatile_members[i]);
        }
        json_object_foreach(value, key, member)
        {
            remove_volatile(member);
        }
    } else if (json_is_array(value)) {
        json_array_foreach(value, index, member)
        {
            remove_volatile(member);
        }
    }
}

static void take_text(content *c, const char *text, size_t size)
{
    EVP_DigestUpdate(c->digest, text, size);
    EVP_DigestUpdate(c->digest, "\n", 1);
    if (c->dump) { printf("%.*s\n", (int)size, text); }
}

/* A credit_write: takes one document. */
static int take_document(void *ctx, const char *text, size_t size)
{
    json_error_t error;
    json_t *value = json_loadb(text, size, JSON_DECODE_ANY, &error);
    if (value == NULL) {
        fprintf(stderr, "no JSON: %s\n", error.text);
        return 1;
    }
    remove_volatile(value);
    char *canonical = json_dumps(value, JSON_SORT_KEYS | JSON_COMPACT | JSON_ENCODE_ANY);
    take_text(ctx, canonical, strlen(canonical));
    free(canonical);
    json_decref(value);
    return 0;
}

static int keep_fault(void *ctx, const char *text, size_t size)
{
    content *c = ctx;
    snprintf(c->fault, sizeof c->fault, "%.*s", (int)size, text);
    if (strstr(c->fault, "\"fault\"") != NULL) { fprintf(stderr, "%s\n", c->fault); }
    return 0;
}

static int take_subject(content *c, const char *code)
{
    credit_subject subject;
    credit_error err = CREDIT_ERROR_INIT;
    credit_result rc = credit_subject_parse(credit_store_get_pack(c->store), code, &subject, &err);
    if (rc == CREDIT_OK) {
        rc = credit_show(c->view, &subject, &c->question, take_document, c, &err);
    }
    if (rc == CREDIT_E_NOT_FOUND) {
        take_text(c, code, strlen(code));
        return 0;
    }
    if (rc != CREDIT_OK) { return fail(code, rc, &err); }
    c->known++;
    return 0;
}

static int take_subjects(content *c, const char *path)
{
    char line[256];
    int status = 0;
    FILE *codes = fopen(path, "r");
    if (codes == NULL) {
        perror(path);
        return 1;
    }
    while (status == 0 && fgets(line, sizeof line, codes) != NULL) {
        line[strcspn(line, "\r\n")] = '\0';
        status = take_subject(c, line);
    }
    fclose(codes);
    return status;
}

static int take_rosters(content *c)
{
    static const char *const rosters[] = {"red", "black", "watch"};
    for (size_t i = 0; i < sizeof rosters / sizeof *rosters; i++) {
        credit_error err = CREDIT_ERROR_INIT;
        credit_result rc = credit_list(
            c->view, rosters[i], &c->question, CREDIT_DATE_NONE, take_document, c, &err);
        if (rc != CREDIT_OK) { return fail(rosters[i], rc, &err); }
    }
    return 0;
}

static int take_counts(content *c)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_result rc = credit_stats(c->store, take_document, c, &err);
    if (rc == CREDIT_OK) { rc = credit_batch_list(c->store, take_document, c, &err); }
    if (rc == CREDIT_OK) { rc = credit_parked_list(c->store, take_document, c, &err); }
    return rc == CREDIT_OK ? 0 : fail("counts", rc, &err);
}

static int check(content *c)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_result rc = credit_fsck(c->store, NULL, keep_fault, c, &err);
    if (rc == CREDIT_OK) { return 0; }
    fprintf(stderr, "%s\n", c->fault);
    return fail("fsck", rc, &err);
}

static void print_digest(content *c)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    EVP_DigestFinal_ex(c->digest, digest, &size);
    for (unsigned i = 0; i < size; i++) { printf("%02x", digest[i]); }
    printf(" %lu\n", c->known);
}

int main(int argc, char **argv)
{
    if (argc < 4) {
        fprintf(stderr, "usage: content STORE CODES AS_OF [--dump]\n");
        return 2;
    }
    content c = {.question = CREDIT_QUESTION_INIT, .digest = EVP_MD_CTX_new()};
    credit_error err = CREDIT_ERROR_INIT;
    credit_store_options options = CREDIT_STORE_OPTIONS_INIT;
    c.dump = argc > 4 && strcmp(argv[4], "--dump") == 0;
    EVP_DigestInit_ex(c.digest, EVP_sha256(), NULL);
    options.read_only = true;
    credit_result rc = credit_date_parse(argv[3], &c.question.as_of, &err);
    if (rc == CREDIT_OK) { rc = credit_store_open(argv[1], &options, &c.store, &err); }
    if (rc == CREDIT_OK) { rc = credit_view_open(c.store, &c.view, &err); }
    int status = rc == CREDIT_OK ? 0 : fail(argv[1], rc, &err);
    if (status == 0) { status = take_subjects(&c, argv[2]); }
    if (status == 0) { status = take_rosters(&c); }
    if (status == 0) { status = take_counts(&c); }
    if (status == 0) { status = check(&c); }
    if (status == 0 && !c.dump) { print_digest(&c); }
    credit_view_close(c.view);
    credit_store_close(c.store);
    EVP_MD_CTX_free(c.digest);
    return status;
}
