/* Keys, certificates, revocation and the chains that vouch for signatures. */
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/date.h"
#include "engine/text.h"
#include "keys/files.h"
#include "keys/keyring.h"
#include "keys/private.h"
#include "keys/verify.h"
#include "tests/support/scratch.h"
#include "tests/support/suite.h"

static cr_arena arena = CR_ARENA_INIT;

static void setup(void)
{
    make_scratch();
}

static void teardown(void)
{
    cr_alloc_fail_at(0);
    cr_arena_release(&arena);
    remove_scratch();
}

static credit_instant at(const char *text)
{
    credit_instant instant = 0;
    ck_assert_msg(cr_instant_parse(cr_span_of(text), &instant), "%s", text);
    return instant;
}

static cr_keyring_options options_of(const char *suite, const char *passphrase)
{
    return (cr_keyring_options){
        .suite = cr_suite_find(cr_span_of(suite)),
        .organization = CR_SPAN("荆州市公共信用信息中心"),
        .now = at("2026-01-01T00:00:00Z"),
        .passphrase = passphrase,
    };
}

static const char *const suite_names[] = {"sm2", "p256"};

/* A fresh directory of keys. */
static const char *given_keys(const char *name, const char *suite)
{
    credit_error err = CREDIT_ERROR_INIT;
    const cr_keyring_options options = options_of(suite, NULL);
    const char *directory = in_scratch(name);
    char *copy = cr_arena_copy(&arena, directory, strlen(directory));
    credit_result rc = cr_keyring_create(copy, &options, &err);
    ck_assert_msg(rc == CREDIT_OK, "%s", err.message);
    return copy;
}

static cr_signer *opened(const char *directory)
{
    credit_error err = CREDIT_ERROR_INIT;
    cr_signer *signer = NULL;
    credit_result rc = cr_keyring_open(directory, NULL, &signer, &err);
    ck_assert_msg(rc == CREDIT_OK, "%s", err.message);
    return signer;
}

static char *in_directory(const char *directory, const char *name)
{
    return cr_arena_printf(&arena, "%s/%s", directory, name);
}

static credit_span content(const char *directory, const char *name)
{
    credit_span bytes;
    ck_assert_int_eq(cr_file_read(in_directory(directory, name), &arena, &bytes, NULL), CREDIT_OK);
    return bytes;
}

static unsigned mode_of(const char *directory, const char *name)
{
    struct stat st;
    ck_assert_int_eq(stat(in_directory(directory, name), &st), 0);
    return st.st_mode & 0777;
}

START_TEST(a_new_directory_holds_what_is_promised)
{
    const char *keys = given_keys("keys", suite_names[_i]);
    ck_assert_uint_eq(mode_of(keys, "."), 0700);
    ck_assert_uint_eq(mode_of(keys, "authority-key.pem"), 0600);
    ck_assert_uint_eq(mode_of(keys, "signing-key.pem"), 0600);
    ck_assert_uint_eq(mode_of(keys, "persons.key"), 0600);
    ck_assert_uint_eq(mode_of(keys, "authority.pem"), 0644);
    ck_assert_uint_eq(mode_of(keys, "signing.pem"), 0644);
    ck_assert(!cr_file_exists(in_directory(keys, "signing.pem.new")));
    ck_assert(!cr_file_exists(in_directory(keys, "crl.pem")));
    ck_assert(
        cr_span_starts(content(keys, "signing-key.pem"), CR_SPAN("-----BEGIN PRIVATE KEY-----")));
}
END_TEST

START_TEST(the_signer_says_who_it_is)
{
    const char *keys = given_keys("keys", suite_names[_i]);
    cr_signer *signer = opened(keys);
    const cr_key_info *info = cr_signer_info(signer);
    ck_assert_ptr_eq(info->suite, cr_suite_find(cr_span_of(suite_names[_i])));
    ck_assert_uint_eq(strlen(info->key_id), 16);
    ck_assert(cr_span_find(info->subject, CR_SPAN("O=荆州市公共信用信息中心")) != SIZE_MAX);
    ck_assert(cr_span_find(info->subject, cr_span_of(info->key_id)) != SIZE_MAX);
    ck_assert(cr_span_find(info->issuer, CR_SPAN("CN=Development authority")) != SIZE_MAX);
    ck_assert_uint_eq(info->serial.size, 32);
    ck_assert_int_eq(info->valid_from, at("2026-01-01T00:00:00Z"));
    ck_assert_int_eq(info->valid_to, at("2028-01-01T00:00:00Z"));
    ck_assert(cr_span_equal(cr_signer_chain(signer), content(keys, "signing.pem")));
    cr_signer_free(signer);
    cr_signer_free(NULL);
}
END_TEST

START_TEST(creating_twice_is_refused_and_changes_nothing)
{
    const char *keys = given_keys("keys", "sm2");
    credit_span before = content(keys, "signing.pem"), persons = content(keys, "persons.key");
    const cr_keyring_options options = options_of("sm2", NULL);
    ck_assert_int_eq(cr_keyring_create(keys, &options, NULL), CREDIT_E_EXISTS);
    ck_assert(cr_span_equal(before, content(keys, "signing.pem")));
    ck_assert(cr_span_equal(persons, content(keys, "persons.key")));
}
END_TEST

START_TEST(a_half_made_directory_is_completed_and_keeps_the_persons_key)
{
    const char *keys = given_keys("keys", "sm2");
    credit_span persons = content(keys, "persons.key");
    ck_assert_int_eq(unlink(in_directory(keys, "signing.pem")), 0);
    const cr_keyring_options options = options_of("sm2", NULL);
    ck_assert_int_eq(cr_keyring_create(keys, &options, NULL), CREDIT_OK);
    ck_assert(cr_span_equal(persons, content(keys, "persons.key")));
    cr_signer_free(opened(keys));
}
END_TEST

START_TEST(names_that_do_not_fit_are_refused)
{
    char long_name[3 * 65];
    cr_keyring_options options = options_of("p256", NULL);
    for (size_t i = 0; i < 65; i++) { memcpy(long_name + 3 * i, "信", 3); }
    const credit_span bad[] = {CR_SPAN(""), CR_SPAN("\xff\xfe"), {long_name, 3 * 65}};
    for (size_t i = 0; i < 3; i++) {
        options.organization = bad[i];
        ck_assert_int_eq(cr_keyring_create(in_scratch("bad"), &options, NULL), CREDIT_E_USAGE);
    }
    options.organization = (credit_span){long_name, 3 * 64};
    ck_assert_int_eq(cr_keyring_create(in_scratch("good"), &options, NULL), CREDIT_OK);
    options.suite = NULL;
    ck_assert_int_eq(cr_keyring_create(in_scratch("other"), &options, NULL), CREDIT_E_USAGE);
}
END_TEST

START_TEST(a_passphrase_locks_both_private_keys)
{
    credit_error err = CREDIT_ERROR_INIT;
    cr_signer *signer = NULL;
    const cr_keyring_options options = options_of("sm2", "一个口令");
    const char *keys = in_scratch("locked");
    ck_assert_int_eq(cr_keyring_create(keys, &options, NULL), CREDIT_OK);
    credit_span head = CR_SPAN("-----BEGIN ENCRYPTED PRIVATE KEY-----");
    ck_assert(cr_span_starts(content(keys, "signing-key.pem"), head));
    ck_assert(cr_span_starts(content(keys, "authority-key.pem"), head));

    ck_assert_int_eq(cr_keyring_open(keys, NULL, &signer, &err), CREDIT_E_KEY);
    ck_assert_ptr_null(signer);
    ck_assert_ptr_nonnull(strstr(err.message, "no passphrase was given"));
    ck_assert_int_eq(cr_keyring_open(keys, "wrong", &signer, &err), CREDIT_E_KEY);
    ck_assert_ptr_nonnull(strstr(err.message, "does not open"));
    ck_assert_ptr_null(strstr(err.message, "wrong"));
    ck_assert_int_eq(cr_keyring_open(keys, "一个口令", &signer, &err), CREDIT_OK);
    cr_signer_free(signer);
}
END_TEST

START_TEST(a_key_of_another_certificate_is_refused)
{
    credit_error err = CREDIT_ERROR_INIT;
    cr_signer *signer = NULL;
    const char *one = given_keys("one", "sm2"), *two = given_keys("two", suite_names[_i]);
    ck_assert_int_eq(cr_signer_load(in_directory(one, "signing-key.pem"),
                         in_directory(two, "signing.pem"), NULL, &signer, &err),
        CREDIT_E_KEY);
    ck_assert_ptr_null(signer);
    ck_assert_ptr_nonnull(strstr(err.message, "does not belong"));
}
END_TEST

START_TEST(an_authority_is_no_signer)
{
    credit_error err = CREDIT_ERROR_INIT;
    cr_signer *signer = NULL;
    const char *keys = given_keys("keys", "sm2");
    ck_assert_int_eq(cr_signer_load(in_directory(keys, "authority-key.pem"),
                         in_directory(keys, "authority.pem"), NULL, &signer, &err),
        CREDIT_E_KEY);
    ck_assert_ptr_nonnull(strstr(err.message, "not for signing"));
}
END_TEST

START_TEST(what_is_missing_or_no_key_is_told_apart)
{
    cr_signer *signer = NULL;
    const char *keys = given_keys("keys", "sm2");
    ck_assert_int_eq(cr_keyring_open(in_scratch("none"), NULL, &signer, NULL), CREDIT_E_NOT_FOUND);
    ck_assert_int_eq(cr_signer_load(in_directory(keys, "authority.pem"),
                         in_directory(keys, "signing.pem"), NULL, &signer, NULL),
        CREDIT_E_DATA);
    ck_assert_int_eq(cr_signer_load(in_directory(keys, "signing-key.pem"),
                         in_directory(keys, "persons.key"), NULL, &signer, NULL),
        CREDIT_E_DATA);
}
END_TEST

START_TEST(the_root_is_dropped_from_a_chain)
{
    const char *keys = given_keys("keys", "sm2");
    char *both = cr_arena_printf(
        &arena, "%s%s", content(keys, "signing.pem").data, content(keys, "authority.pem").data);
    const char *path = in_directory(keys, "both.pem");
    ck_assert_int_eq(cr_file_replace(path, cr_span_of(both), CR_FILE_PUBLIC, NULL), CREDIT_OK);
    cr_signer *signer = NULL;
    const char *key = in_directory(keys, "signing-key.pem");
    ck_assert_int_eq(cr_signer_load(key, path, NULL, &signer, NULL), CREDIT_OK);
    ck_assert(cr_span_equal(cr_signer_chain(signer), content(keys, "signing.pem")));
    cr_signer_free(signer);
}
END_TEST

START_TEST(a_chain_of_strangers_is_refused)
{
    const char *keys = given_keys("keys", "sm2"), *other = given_keys("other", "sm2");
    char *both = cr_arena_printf(
        &arena, "%s%s", content(keys, "signing.pem").data, content(other, "authority.pem").data);
    const char *path = in_directory(keys, "both.pem");
    ck_assert_int_eq(cr_file_replace(path, cr_span_of(both), CR_FILE_PUBLIC, NULL), CREDIT_OK);
    cr_signer *signer = NULL;
    const char *key = in_directory(keys, "signing-key.pem");
    ck_assert_int_eq(cr_signer_load(key, path, NULL, &signer, NULL), CREDIT_E_KEY);
}
END_TEST

START_TEST(the_persons_key_is_read_back)
{
    unsigned char key[CR_SECRET_SIZE];
    char hex[2 * CR_SECRET_SIZE + 2];
    const char *keys = given_keys("keys", "sm2");
    ck_assert_int_eq(cr_keyring_persons_key(keys, key, NULL), CREDIT_OK);
    for (size_t i = 0; i < sizeof key; i++) { snprintf(hex + 2 * i, 3, "%02x", key[i]); }
    snprintf(hex + 2 * sizeof key, 2, "\n");
    ck_assert(cr_span_is(content(keys, "persons.key"), hex));

    const char *bad[] = {"", "00\n", "zz"};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(cr_file_replace(in_directory(keys, "persons.key"), cr_span_of(bad[i]),
                             CR_FILE_SECRET, NULL),
            CREDIT_OK);
        ck_assert_int_eq(cr_keyring_persons_key(keys, key, NULL), CREDIT_E_DATA);
    }
}
END_TEST

START_TEST(rotation_keeps_the_old_certificate)
{
    const char *keys = given_keys("keys", "sm2");
    cr_signer *before = opened(keys);
    cr_keyring_options options = options_of("sm2", NULL);
    options.now = at("2027-06-01T00:00:00Z");
    options.signing_years = 1;
    ck_assert_int_eq(cr_keyring_rotate(keys, &options, NULL), CREDIT_OK);
    cr_signer *after = opened(keys);
    ck_assert_str_ne(cr_signer_info(before)->key_id, cr_signer_info(after)->key_id);
    ck_assert_int_eq(cr_signer_info(after)->valid_to, at("2028-06-01T00:00:00Z"));

    cr_keyring_item *items = NULL;
    size_t count = 0;
    ck_assert_int_eq(cr_keyring_list(keys, &arena, &items, &count, NULL), CREDIT_OK);
    ck_assert_uint_eq(count, 3);
    ck_assert_int_eq(items[0].role, CR_KEY_AUTHORITY);
    ck_assert_int_eq(items[0].info.valid_to, at("2036-01-01T00:00:00Z"));
    ck_assert_int_eq(items[1].role, CR_KEY_SIGNING);
    ck_assert_str_eq(items[1].info.key_id, cr_signer_info(after)->key_id);
    ck_assert_int_eq(items[2].role, CR_KEY_RETIRED);
    ck_assert_str_eq(items[2].info.key_id, cr_signer_info(before)->key_id);
    ck_assert(!items[2].revocation.revoked);
    cr_signer_free(before);
    cr_signer_free(after);
}
END_TEST

START_TEST(a_certificate_ends_with_its_authority)
{
    const char *keys = given_keys("keys", "p256");
    cr_keyring_options options = options_of("p256", NULL);
    options.now = at("2035-06-01T00:00:00Z");
    ck_assert_int_eq(cr_keyring_rotate(keys, &options, NULL), CREDIT_OK);
    cr_signer *signer = opened(keys);
    ck_assert_int_eq(cr_signer_info(signer)->valid_to, at("2036-01-01T00:00:00Z"));
    cr_signer_free(signer);
    options.now = at("2036-01-01T00:00:00Z");
    ck_assert_int_eq(cr_keyring_rotate(keys, &options, NULL), CREDIT_E_KEY);
}
END_TEST

/* What the disk holds when a rotation stops after its n-th step. */
START_TEST(a_rotation_cut_short_leaves_a_signer)
{
    const char *keys = given_keys("keys", "sm2"), *next = given_keys("next", "sm2");
    const char *pending = in_directory(keys, "signing.pem.new");
    cr_signer *old = opened(keys), *new = opened(next);

    ck_assert_int_eq(
        cr_file_replace(pending, content(next, "signing.pem"), CR_FILE_PUBLIC, NULL), CREDIT_OK);
    cr_signer *signer = opened(keys);
    ck_assert_str_eq(cr_signer_info(signer)->key_id, cr_signer_info(old)->key_id);
    cr_signer_free(signer);

    ck_assert_int_eq(cr_file_replace(in_directory(keys, "signing-key.pem"),
                         content(next, "signing-key.pem"), CR_FILE_SECRET, NULL),
        CREDIT_OK);
    signer = opened(keys);
    ck_assert_str_eq(cr_signer_info(signer)->key_id, cr_signer_info(new)->key_id);
    cr_signer_free(signer);

    /* The next rotation goes through and keeps both certificates. */
    const cr_keyring_options options = options_of("sm2", NULL);
    ck_assert_int_eq(cr_keyring_rotate(keys, &options, NULL), CREDIT_OK);
    cr_keyring_item *items = NULL;
    size_t count = 0;
    ck_assert_int_eq(cr_keyring_list(keys, &arena, &items, &count, NULL), CREDIT_OK);
    ck_assert_uint_eq(count, 4);
    cr_signer_free(old);
    cr_signer_free(new);
}
END_TEST

START_TEST(an_imported_key_signs)
{
    const char *theirs = in_scratch("theirs");
    const cr_keyring_options options = options_of("p256", "theirs");
    ck_assert_int_eq(cr_keyring_create(theirs, &options, NULL), CREDIT_OK);
    char *key = in_directory(theirs, "signing-key.pem");
    char *chain = in_directory(theirs, "signing.pem");
    char *ours = in_directory(scratch, "ours");

    ck_assert_int_eq(cr_keyring_import(ours, key, chain, "not theirs", NULL, NULL), CREDIT_E_KEY);
    ck_assert(!cr_file_exists(ours));
    ck_assert_int_eq(cr_keyring_import(ours, key, chain, "theirs", NULL, NULL), CREDIT_OK);
    cr_signer *signer = opened(ours);
    ck_assert(cr_span_equal(cr_signer_chain(signer), content(theirs, "signing.pem")));
    ck_assert_uint_eq(mode_of(ours, "persons.key"), 0600);
    cr_signer_free(signer);

    cr_keyring_item *items = NULL;
    size_t count = 0;
    ck_assert_int_eq(cr_keyring_list(ours, &arena, &items, &count, NULL), CREDIT_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert_int_eq(items[0].role, CR_KEY_SIGNING);
}
END_TEST

/* A trust in the named files. */
static cr_trust *trusting(const char *first, const char *second)
{
    credit_error err = CREDIT_ERROR_INIT;
    cr_trust *trust = NULL;
    ck_assert_int_eq(cr_trust_new(&trust, &err), CREDIT_OK);
    credit_result rc = cr_trust_add_path(trust, first, &err);
    ck_assert_msg(rc == CREDIT_OK, "%s", err.message);
    if (second != NULL) { ck_assert_int_eq(cr_trust_add_path(trust, second, &err), CREDIT_OK); }
    return trust;
}

static const credit_span message = {"known head 42", 13};

/* The verdict on a fresh signature of the directory's key. */
static cr_verdict judged(const char *keys, const cr_trust *trust, const char *time, bool stamped)
{
    cr_verdict verdict;
    credit_span signature;
    const cr_verify_terms judgement = {trust, at(time), stamped};
    cr_signer *signer = opened(keys);
    ck_assert_int_eq(cr_signer_sign(signer, message, &arena, &signature, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_verify_signature(
                         message, signature, cr_signer_chain(signer), &judgement, &verdict, NULL),
        CREDIT_OK);
    cr_signer_free(signer);
    return verdict;
}

static void assert_chain(const char *keys, const cr_trust *trust, const char *time, bool stamped,
    cr_check_state state, const char *reason)
{
    cr_verdict verdict = judged(keys, trust, time, stamped);
    ck_assert_int_eq(verdict.signature.state, CR_CHECK_OK);
    ck_assert_msg(verdict.chain.state == state, "%s: %s", time, verdict.chain.reason);
    ck_assert_msg(
        strstr(verdict.chain.reason, reason) != NULL, "%s: %s", time, verdict.chain.reason);
}

START_TEST(a_signature_holds_under_its_authority)
{
    const char *keys = given_keys("keys", suite_names[_i]);
    cr_trust *trust = trusting(in_directory(keys, "authority.pem"), NULL);
    cr_verdict verdict = judged(keys, trust, "2026-07-01T00:00:00Z", false);
    ck_assert_int_eq(verdict.signature.state, CR_CHECK_OK);
    ck_assert_msg(verdict.chain.state == CR_CHECK_OK, "%s", verdict.chain.reason);
    ck_assert_int_eq(verdict.digest.state, CR_CHECK_ABSENT);
    ck_assert_int_eq(verdict.timestamp.state, CR_CHECK_ABSENT);
    ck_assert_str_eq(verdict.suite->name, suite_names[_i]);
    ck_assert_ptr_nonnull(strstr(verdict.signer, "Signing key"));
    ck_assert_ptr_nonnull(strstr(verdict.root, "Development authority"));
    cr_keyring_item *items = NULL;
    size_t count = 0;
    ck_assert_uint_eq(cr_trust_count(trust), 1);
    ck_assert_int_eq(cr_keyring_list(keys, &arena, &items, &count, NULL), CREDIT_OK);
    ck_assert_int_eq(items[0].role, CR_KEY_AUTHORITY);
    ck_assert_str_eq(verdict.root_key_id, items[0].info.key_id);
    cr_trust_free(trust);
    cr_trust_free(NULL);
}
END_TEST

START_TEST(validity_has_its_first_and_last_second)
{
    const char *keys = given_keys("keys", suite_names[_i]);
    cr_trust *trust = trusting(in_directory(keys, "authority.pem"), NULL);
    assert_chain(keys, trust, "2025-12-31T23:59:59Z", false, CR_CHECK_BAD, "valid from");
    assert_chain(keys, trust, "2026-01-01T00:00:00Z", false, CR_CHECK_OK, "");
    assert_chain(keys, trust, "2027-12-31T23:59:59.999999Z", false, CR_CHECK_OK, "");
    assert_chain(keys, trust, "2028-01-01T00:00:00Z", false, CR_CHECK_BAD, "expired at");
    cr_trust_free(trust);

    cr_signer *signer = opened(keys);
    ck_assert_int_eq(cr_signer_check_time(signer, at("2025-12-31T23:59:59Z"), NULL), CREDIT_E_KEY);
    ck_assert_int_eq(cr_signer_check_time(signer, at("2026-01-01T00:00:00Z"), NULL), CREDIT_OK);
    ck_assert_int_eq(cr_signer_check_time(signer, at("2027-12-31T23:59:59Z"), NULL), CREDIT_OK);
    ck_assert_int_eq(cr_signer_check_time(signer, at("2028-01-01T00:00:00Z"), NULL), CREDIT_E_KEY);
    cr_signer_free(signer);
}
END_TEST

START_TEST(a_stranger_is_not_trusted)
{
    const char *keys = given_keys("keys", suite_names[_i]);
    const char *other = given_keys("other", suite_names[_i]);
    cr_trust *trust = trusting(in_directory(other, "authority.pem"), NULL);
    assert_chain(keys, trust, "2026-07-01T00:00:00Z", false, CR_CHECK_BAD, "no named authority");
    cr_trust_free(trust);
    assert_chain(keys, NULL, "2026-07-01T00:00:00Z", false, CR_CHECK_ABSENT, "no authority");
    ck_assert_int_eq(cr_trust_new(&trust, NULL), CREDIT_OK);
    assert_chain(keys, trust, "2026-07-01T00:00:00Z", false, CR_CHECK_ABSENT, "no authority");
    cr_trust_free(trust);
}
END_TEST

START_TEST(a_named_signer_is_trusted_by_itself)
{
    const char *keys = given_keys("keys", suite_names[_i]);
    cr_trust *trust = trusting(in_directory(keys, "signing.pem"), NULL);
    assert_chain(keys, trust, "2026-07-01T00:00:00Z", false, CR_CHECK_OK, "");
    cr_trust_free(trust);
}
END_TEST

START_TEST(a_changed_signature_or_message_is_bad)
{
    cr_verdict verdict;
    credit_span signature;
    const char *keys = given_keys("keys", suite_names[_i]);
    cr_signer *signer = opened(keys);
    const cr_verify_terms judgement = {NULL, at("2026-07-01T00:00:00Z"), false};
    ck_assert_int_eq(cr_signer_sign(signer, message, &arena, &signature, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_verify_signature(CR_SPAN("known head 43"), signature,
                         cr_signer_chain(signer), &judgement, &verdict, NULL),
        CREDIT_OK);
    ck_assert_int_eq(verdict.signature.state, CR_CHECK_BAD);
    char *bytes = cr_arena_copy(&arena, signature.data, signature.size);
    bytes[signature.size - 1] = (char)(bytes[signature.size - 1] ^ 1);
    ck_assert_int_eq(cr_verify_signature(message, (credit_span){bytes, signature.size},
                         cr_signer_chain(signer), &judgement, &verdict, NULL),
        CREDIT_OK);
    ck_assert_int_eq(verdict.signature.state, CR_CHECK_BAD);
    ck_assert_int_eq(cr_verify_signature(
                         message, signature, CR_SPAN("no certificate"), &judgement, &verdict, NULL),
        CREDIT_OK);
    ck_assert_int_eq(verdict.signature.state, CR_CHECK_BAD);
    ck_assert(!cr_verdict_holds(&verdict));
    cr_signer_free(signer);
}
END_TEST

/* A certificate as an outside authority would make it. */
static X509 *outside_certificate(const cr_suite *suite, const char *name, EVP_PKEY *key,
    X509 *issuer, EVP_PKEY *issuer_key, bool authority)
{
    X509 *cert = X509_new();
    X509_NAME *subject = X509_get_subject_name(cert);
    EVP_MD_CTX *signing = cr_suite_signing(suite, issuer_key);
    ck_assert_int_eq(X509_set_version(cert, X509_VERSION_3), 1);
    ck_assert_int_eq(ASN1_INTEGER_set(X509_get_serialNumber(cert), authority ? 1 : 2), 1);
    ck_assert_int_eq(X509_NAME_add_entry_by_txt(
                         subject, "CN", MBSTRING_UTF8, (const unsigned char *)name, -1, -1, 0),
        1);
    X509_set_issuer_name(cert, issuer == NULL ? subject : X509_get_subject_name(issuer));
    ASN1_TIME_set_string_X509(X509_getm_notBefore(cert), "20260101000000Z");
    ASN1_TIME_set_string_X509(X509_getm_notAfter(cert), "20280101000000Z");
    ck_assert_int_eq(X509_set_pubkey(cert, key), 1);
    X509_EXTENSION *basic = X509V3_EXT_conf_nid(
        NULL, NULL, NID_basic_constraints, authority ? "critical,CA:TRUE" : "CA:FALSE");
    ck_assert_int_eq(X509_add_ext(cert, basic, -1), 1);
    ck_assert_int_gt(X509_sign_ctx(cert, signing), 0);
    X509_EXTENSION_free(basic);
    EVP_MD_CTX_free(signing);
    return cert;
}

static void save_pem(const char *path, X509 *const *certs, size_t count)
{
    FILE *file = fopen(path, "w");
    for (size_t i = 0; i < count; i++) { ck_assert_int_eq(PEM_write_X509(file, certs[i]), 1); }
    fclose(file);
}

START_TEST(a_chain_of_three_holds_and_only_in_its_order)
{
    /* Stock tools of 3.0 cannot verify such a chain with SM2 and a user id. */
    const cr_suite *suite = cr_suite_at((size_t)_i);
    EVP_PKEY *keys[3];
    X509 *certs[3];
    const char *const names[] = {"Root", "Middle", "Signer"};
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(cr_suite_generate(suite, &keys[i], NULL), CREDIT_OK);
        certs[i] = outside_certificate(suite, names[i], keys[i], i == 0 ? NULL : certs[i - 1],
            i == 0 ? keys[0] : keys[i - 1], i < 2);
    }
    char *key_path = in_directory(scratch, "key.pem"), *chain = in_directory(scratch, "chain");
    char *root = in_directory(scratch, "root.pem"), *middle = in_directory(scratch, "middle");
    X509 *const down[] = {certs[2], certs[1], certs[0]}, *const up[] = {certs[1], certs[2]};
    ck_assert_int_eq(cr_private_write(key_path, keys[2], NULL, NULL), CREDIT_OK);
    save_pem(root, &certs[0], 1);
    save_pem(middle, &certs[1], 1);
    save_pem(chain, down, 3);

    cr_verdict verdict;
    credit_span signature;
    cr_signer *signer = NULL;
    ck_assert_int_eq(cr_signer_load(key_path, chain, NULL, &signer, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_signer_sign(signer, message, &arena, &signature, NULL), CREDIT_OK);
    const char *const anchors[] = {root, middle};
    for (size_t i = 0; i < 2; i++) {
        cr_trust *trust = trusting(anchors[i], NULL);
        const cr_verify_terms judgement = {trust, at("2026-07-01T00:00:00Z"), false};
        ck_assert_int_eq(cr_verify_signature(message, signature, cr_signer_chain(signer),
                             &judgement, &verdict, NULL),
            CREDIT_OK);
        ck_assert_int_eq(verdict.signature.state, CR_CHECK_OK);
        ck_assert_msg(verdict.chain.state == CR_CHECK_OK, "%s", verdict.chain.reason);
        cr_trust_free(trust);
    }
    cr_signer_free(signer);
    save_pem(chain, up, 2);
    ck_assert_int_eq(cr_signer_load(key_path, chain, NULL, &signer, NULL), CREDIT_E_KEY);
    for (size_t i = 0; i < 3; i++) {
        X509_free(certs[i]);
        EVP_PKEY_free(keys[i]);
    }
}
END_TEST

static void revoke(const char *keys, const char *key_id, const char *since, cr_revoked_for reason)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_result rc =
        cr_keyring_revoke(keys, NULL, key_id, at(since), reason, at("2026-09-01T00:00:00Z"), &err);
    ck_assert_msg(rc == CREDIT_OK, "%s", err.message);
}

static const char *signing_id(const char *keys)
{
    cr_signer *signer = opened(keys);
    char *id = cr_arena_copy(&arena, cr_signer_info(signer)->key_id, CR_KEY_ID_TEXT);
    cr_signer_free(signer);
    return id;
}

START_TEST(what_was_signed_before_a_revocation_holds)
{
    const char *keys = given_keys("keys", suite_names[_i]);
    revoke(keys, signing_id(keys), "2026-08-01T12:00:00Z", CR_REVOKED_SUPERSEDED);
    cr_trust *trust = trusting(in_directory(keys, "authority.pem"), in_directory(keys, "crl.pem"));
    assert_chain(keys, trust, "2026-08-01T11:59:59Z", false, CR_CHECK_OK, "");
    assert_chain(keys, trust, "2026-08-01T12:00:00Z", false, CR_CHECK_BAD, "revoked at");
    assert_chain(keys, trust, "2026-08-01T12:00:00Z", true, CR_CHECK_BAD, "superseded");
    cr_trust_free(trust);
}
END_TEST

START_TEST(a_compromised_key_needs_a_time_stamp)
{
    const char *keys = given_keys("keys", suite_names[_i]);
    revoke(keys, signing_id(keys), "2026-08-01T12:00:00Z", CR_REVOKED_KEY_COMPROMISE);
    cr_trust *trust = trusting(in_directory(keys, "authority.pem"), in_directory(keys, "crl.pem"));
    assert_chain(keys, trust, "2026-02-01T00:00:00Z", false, CR_CHECK_BAD, "without a time stamp");
    assert_chain(keys, trust, "2026-02-01T00:00:00Z", true, CR_CHECK_OK, "");
    assert_chain(keys, trust, "2026-08-02T00:00:00Z", true, CR_CHECK_BAD, "key_compromise");
    cr_trust_free(trust);
}
END_TEST

START_TEST(revocations_add_up_and_only_grow_graver)
{
    const char *keys = given_keys("keys", "sm2");
    const char *first = signing_id(keys);
    cr_keyring_options options = options_of("sm2", NULL);
    ck_assert_int_eq(cr_keyring_rotate(keys, &options, NULL), CREDIT_OK);
    const char *second = signing_id(keys);
    credit_instant now = at("2026-09-01T00:00:00Z");

    revoke(keys, first, "2026-08-01T00:00:00Z", CR_REVOKED_UNSPECIFIED);
    revoke(keys, second, "2026-08-02T00:00:00Z", CR_REVOKED_CESSATION);
    ck_assert_int_eq(cr_keyring_revoke(keys, NULL, second, now, CR_REVOKED_SUPERSEDED, now, NULL),
        CREDIT_E_EXISTS);
    revoke(keys, second, "2026-08-03T00:00:00Z", CR_REVOKED_KEY_COMPROMISE);
    ck_assert_int_eq(
        cr_keyring_revoke(keys, NULL, "0123456789abcdef", now, CR_REVOKED_HOLD, now, NULL),
        CREDIT_E_NOT_FOUND);

    cr_keyring_item *items = NULL;
    size_t count = 0;
    ck_assert_int_eq(cr_keyring_list(keys, &arena, &items, &count, NULL), CREDIT_OK);
    ck_assert_uint_eq(count, 3);
    ck_assert(!items[0].revocation.revoked);
    ck_assert_str_eq(items[1].info.key_id, second);
    ck_assert_int_eq(items[1].revocation.reason, CR_REVOKED_KEY_COMPROMISE);
    ck_assert_int_eq(items[1].revocation.since, at("2026-08-03T00:00:00Z"));
    ck_assert_str_eq(items[2].info.key_id, first);
    ck_assert_int_eq(items[2].revocation.reason, CR_REVOKED_UNSPECIFIED);
    ck_assert_int_eq(items[2].revocation.since, at("2026-08-01T00:00:00Z"));
}
END_TEST

START_TEST(a_list_of_another_authority_changes_nothing)
{
    const char *keys = given_keys("keys", suite_names[_i]);
    const char *other = given_keys("other", suite_names[_i]);
    revoke(other, signing_id(other), "2026-01-02T00:00:00Z", CR_REVOKED_KEY_COMPROMISE);
    cr_trust *trust = trusting(in_directory(keys, "authority.pem"), in_directory(other, "crl.pem"));
    assert_chain(keys, trust, "2026-07-01T00:00:00Z", false, CR_CHECK_OK, "");
    cr_trust_free(trust);
}
END_TEST

START_TEST(a_forged_list_makes_the_chain_bad)
{
    /* One bit of the signature, which is the end of the list, is changed. */
    const char *keys = given_keys("keys", suite_names[_i]);
    revoke(keys, signing_id(keys), "2026-08-01T00:00:00Z", CR_REVOKED_SUPERSEDED);
    char *path = in_directory(keys, "crl.pem");
    FILE *file = fopen(path, "r+");
    X509_CRL *list = PEM_read_X509_CRL(file, NULL, NULL, NULL);
    unsigned char *der = NULL;
    int size = i2d_X509_CRL(list, &der);
    der[size - 1] ^= 1;
    X509_CRL_free(list);
    rewind(file);
    ck_assert_int_gt(PEM_write(file, "X509 CRL", "", der, size), 0);
    fclose(file);
    OPENSSL_free(der);

    cr_trust *trust = trusting(in_directory(keys, "authority.pem"), path);
    assert_chain(
        keys, trust, "2026-07-01T00:00:00Z", false, CR_CHECK_BAD, "not signed by its authority");
    cr_trust_free(trust);
    cr_keyring_item *items = NULL;
    size_t count = 0;
    ck_assert_int_eq(cr_keyring_list(keys, &arena, &items, &count, NULL), CREDIT_E_UNTRUSTED);
}
END_TEST

START_TEST(an_imported_key_is_revoked_by_its_own_authority_only)
{
    credit_error err = CREDIT_ERROR_INIT;
    const char *keys = given_keys("keys", "sm2"), *theirs = given_keys("theirs", "sm2");
    ck_assert_int_eq(cr_keyring_import(keys, in_directory(theirs, "signing-key.pem"),
                         in_directory(theirs, "signing.pem"), NULL, NULL, NULL),
        CREDIT_OK);
    credit_instant now = at("2026-09-01T00:00:00Z");
    ck_assert_int_eq(
        cr_keyring_revoke(keys, NULL, signing_id(keys), now, CR_REVOKED_SUPERSEDED, now, &err),
        CREDIT_E_KEY);
    ck_assert_ptr_nonnull(strstr(err.message, "another authority"));
}
END_TEST

START_TEST(a_trust_directory_gives_all_its_certificates)
{
    const char *one = given_keys("one", "sm2"), *two = given_keys("two", "p256");
    const char *directory = in_directory(scratch, "trust");
    cr_trust *trust = NULL;
    ck_assert_int_eq(cr_file_make_directory(directory, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_trust_new(&trust, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_trust_add_path(trust, directory, NULL), CREDIT_OK);
    ck_assert_uint_eq(cr_trust_count(trust), 0);
    ck_assert_int_eq(cr_file_replace(in_directory(directory, "one.pem"),
                         content(one, "authority.pem"), CR_FILE_PUBLIC, NULL),
        CREDIT_OK);
    ck_assert_int_eq(cr_file_replace(in_directory(directory, "two.crt"),
                         content(two, "authority.pem"), CR_FILE_PUBLIC, NULL),
        CREDIT_OK);
    ck_assert_int_eq(cr_file_replace(in_directory(directory, "README"), CR_SPAN("not PEM"),
                         CR_FILE_PUBLIC, NULL),
        CREDIT_OK);
    ck_assert_int_eq(cr_trust_add_path(trust, directory, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_trust_add_path(trust, directory, NULL), CREDIT_OK);
    ck_assert_uint_eq(cr_trust_count(trust), 2);
    assert_chain(one, trust, "2026-07-01T00:00:00Z", false, CR_CHECK_OK, "");
    assert_chain(two, trust, "2026-07-01T00:00:00Z", false, CR_CHECK_OK, "");
    ck_assert_int_eq(cr_trust_add_pem(trust, CR_SPAN("not PEM"), NULL), CREDIT_E_DATA);
    ck_assert_int_eq(
        cr_trust_add_pem(
            trust, CR_SPAN("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"), NULL),
        CREDIT_E_DATA);
    ck_assert_int_eq(cr_trust_add_path(trust, in_scratch("missing"), NULL), CREDIT_E_NOT_FOUND);
    cr_trust_free(trust);
}
END_TEST

START_TEST(every_failed_allocation_is_reported)
{
    const char *keys = given_keys("keys", "p256");
    credit_result rc = CREDIT_E_NOMEM;
    for (uint64_t n = 1; rc != CREDIT_OK; n++) {
        cr_signer *signer = NULL;
        cr_alloc_fail_at(n);
        rc = cr_keyring_open(keys, NULL, &signer, NULL);
        cr_alloc_fail_at(0);
        ck_assert_msg(rc == CREDIT_OK || rc == CREDIT_E_NOMEM, "%d", (int)rc);
        ck_assert((rc == CREDIT_OK) == (signer != NULL));
        ck_assert_uint_lt(n, 100);
        cr_signer_free(signer);
    }
}
END_TEST

START_TEST(a_rotation_without_memory_leaves_a_signer)
{
    const char *keys = given_keys("keys", "p256");
    const cr_keyring_options options = options_of("p256", NULL);
    credit_result rc = CREDIT_E_NOMEM;
    for (uint64_t n = 1; rc != CREDIT_OK; n++) {
        cr_alloc_fail_at(n);
        rc = cr_keyring_rotate(keys, &options, NULL);
        cr_alloc_fail_at(0);
        ck_assert_msg(rc == CREDIT_OK || rc == CREDIT_E_NOMEM, "%d", (int)rc);
        ck_assert_uint_lt(n, 100);
        cr_signer_free(opened(keys));
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("keyring");
    TCase *files = tcase_create("files"), *trust = tcase_create("trust");
    tcase_add_checked_fixture(files, setup, teardown);
    tcase_add_checked_fixture(trust, setup, teardown);
    tcase_set_timeout(files, 60);
    tcase_set_timeout(trust, 60);
    tcase_add_loop_test(files, a_new_directory_holds_what_is_promised, 0, 2);
    tcase_add_loop_test(files, the_signer_says_who_it_is, 0, 2);
    tcase_add_test(files, creating_twice_is_refused_and_changes_nothing);
    tcase_add_test(files, a_half_made_directory_is_completed_and_keeps_the_persons_key);
    tcase_add_test(files, names_that_do_not_fit_are_refused);
    tcase_add_test(files, a_passphrase_locks_both_private_keys);
    tcase_add_loop_test(files, a_key_of_another_certificate_is_refused, 0, 2);
    tcase_add_test(files, an_authority_is_no_signer);
    tcase_add_test(files, what_is_missing_or_no_key_is_told_apart);
    tcase_add_test(files, the_root_is_dropped_from_a_chain);
    tcase_add_test(files, a_chain_of_strangers_is_refused);
    tcase_add_test(files, the_persons_key_is_read_back);
    tcase_add_test(files, rotation_keeps_the_old_certificate);
    tcase_add_test(files, a_certificate_ends_with_its_authority);
    tcase_add_test(files, a_rotation_cut_short_leaves_a_signer);
    tcase_add_test(files, an_imported_key_signs);
    tcase_add_test(files, a_rotation_without_memory_leaves_a_signer);
    tcase_add_test(files, every_failed_allocation_is_reported);
    tcase_add_loop_test(trust, a_signature_holds_under_its_authority, 0, 2);
    tcase_add_loop_test(trust, validity_has_its_first_and_last_second, 0, 2);
    tcase_add_loop_test(trust, a_stranger_is_not_trusted, 0, 2);
    tcase_add_loop_test(trust, a_named_signer_is_trusted_by_itself, 0, 2);
    tcase_add_loop_test(trust, a_changed_signature_or_message_is_bad, 0, 2);
    tcase_add_loop_test(trust, a_chain_of_three_holds_and_only_in_its_order, 0, 2);
    tcase_add_loop_test(trust, what_was_signed_before_a_revocation_holds, 0, 2);
    tcase_add_loop_test(trust, a_compromised_key_needs_a_time_stamp, 0, 2);
    tcase_add_test(trust, revocations_add_up_and_only_grow_graver);
    tcase_add_loop_test(trust, a_list_of_another_authority_changes_nothing, 0, 2);
    tcase_add_loop_test(trust, a_forged_list_makes_the_chain_bad, 0, 2);
    tcase_add_test(trust, an_imported_key_is_revoked_by_its_own_authority_only);
    tcase_add_test(trust, a_trust_directory_gives_all_its_certificates);
    suite_add_tcase(suite, files);
    suite_add_tcase(suite, trust);
    return run_suite(suite);
}
