/* The cryptographic table and the suites, against published vectors. */
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <string.h>

#include "engine/text.h"
#include "keys/crypto.h"
#include "keys/suite.h"
#include "tests/support/suite.h"

static const cr_crypto *crypto;
static cr_arena arena = CR_ARENA_INIT;

static void setup(void)
{
    crypto = cr_keys_crypto();
}

static void teardown(void)
{
    cr_arena_release(&arena);
}

static credit_span unhex(const char *hex)
{
    size_t size = strlen(hex) / 2;
    char *bytes = cr_arena_alloc(&arena, size);
    for (size_t i = 0; i < size; i++) {
        unsigned value = 0;
        ck_assert_int_eq(sscanf(hex + 2 * i, "%2x", &value), 1);
        bytes[i] = (char)value;
    }
    return (credit_span){bytes, size};
}

static void assert_bytes(const unsigned char *bytes, const char *hex)
{
    credit_span want = unhex(hex);
    ck_assert_mem_eq(bytes, want.data, want.size);
}

static void assert_digest(cr_hash hash, credit_span text, const char *hex)
{
    unsigned char out[CR_DIGEST_SIZE];
    cr_hasher *hasher = crypto->hasher_new(hash);
    ck_assert_ptr_nonnull(hasher);
    for (int again = 0; again < 2; again++) {
        ck_assert_int_eq(crypto->digest(hasher, &text, 1, out), CREDIT_OK);
        assert_bytes(out, hex);
    }
    crypto->hasher_free(hasher);
}

START_TEST(digests_match_the_standards)
{
    /* basis: GB/T 32905-2016, annex A; FIPS 180-4. */
    assert_digest(CR_HASH_SM3, CR_SPAN("abc"),
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    assert_digest(CR_HASH_SM3,
        CR_SPAN("abcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcdabcd"),
        "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
    assert_digest(CR_HASH_SHA256, CR_SPAN("abc"),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_digest(CR_HASH_SHA256, CR_SPAN(""),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
END_TEST

START_TEST(a_digest_of_parts_is_the_digest_of_the_whole)
{
    unsigned char whole[CR_DIGEST_SIZE], parts[CR_DIGEST_SIZE];
    const credit_span text = CR_SPAN("abc");
    const credit_span split[] = {CR_SPAN("a"), CR_SPAN(""), {NULL, 0}, CR_SPAN("bc")};
    cr_hasher *hasher = crypto->hasher_new(CR_HASH_SM3);
    ck_assert_int_eq(crypto->digest(hasher, &text, 1, whole), CREDIT_OK);
    ck_assert_int_eq(crypto->digest(hasher, split, 4, parts), CREDIT_OK);
    ck_assert_mem_eq(whole, parts, CR_DIGEST_SIZE);
    crypto->hasher_free(hasher);
    crypto->hasher_free(NULL);
}
END_TEST

START_TEST(an_unknown_digest_is_no_hasher)
{
    ck_assert_ptr_null(crypto->hasher_new((cr_hash)77));
    cr_alloc_fail_at(1);
    ck_assert_ptr_null(crypto->hasher_new(CR_HASH_SM3));
}
END_TEST

START_TEST(hmac_matches_the_standards)
{
    /* basis: RFC 4231, cases 2 and 6. */
    unsigned char out[CR_DIGEST_SIZE];
    const credit_span text[] = {CR_SPAN("what do ya want "), CR_SPAN("for nothing?")};
    ck_assert_int_eq(crypto->mac(CR_HASH_SHA256, CR_SPAN("Jefe"), text, 2, out), CREDIT_OK);
    assert_bytes(out, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");

    char long_key[131];
    memset(long_key, 0xaa, sizeof long_key);
    const credit_span long_text = CR_SPAN("Test Using Larger Than Block-Size Key - Hash Key First");
    ck_assert_int_eq(
        crypto->mac(CR_HASH_SHA256, (credit_span){long_key, sizeof long_key}, &long_text, 1, out),
        CREDIT_OK);
    assert_bytes(out, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}
END_TEST

/* HMAC by its definition (RFC 2104), over the digest that was tested above. */
static void plain_hmac(
    cr_hash hash, credit_span key, credit_span text, unsigned char out[CR_DIGEST_SIZE])
{
    char inner[64], outer[64];
    memset(inner, 0x36, sizeof inner);
    memset(outer, 0x5c, sizeof outer);
    for (size_t i = 0; i < key.size; i++) {
        inner[i] = (char)(inner[i] ^ key.data[i]);
        outer[i] = (char)(outer[i] ^ key.data[i]);
    }
    unsigned char digest[CR_DIGEST_SIZE];
    cr_hasher *hasher = crypto->hasher_new(hash);
    const credit_span first[] = {{inner, sizeof inner}, text};
    ck_assert_int_eq(crypto->digest(hasher, first, 2, digest), CREDIT_OK);
    const credit_span second[] = {{outer, sizeof outer}, {(const char *)digest, sizeof digest}};
    ck_assert_int_eq(crypto->digest(hasher, second, 2, out), CREDIT_OK);
    crypto->hasher_free(hasher);
}

START_TEST(hmac_sm3_follows_the_definition)
{
    unsigned char want[CR_DIGEST_SIZE], out[CR_DIGEST_SIZE];
    const credit_span keys[] = {CR_SPAN(""), CR_SPAN("k"),
        CR_SPAN("0123456789abcdef0123456789abcdef"),
        CR_SPAN("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef")};
    const credit_span text = CR_SPAN("荆州市公共信用信息");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        plain_hmac(CR_HASH_SM3, keys[i], text, want);
        ck_assert_int_eq(crypto->mac(CR_HASH_SM3, keys[i], &text, 1, out), CREDIT_OK);
        ck_assert_mem_eq(out, want, sizeof want);
    }
}
END_TEST

static const cr_cipher ciphers[] = {CR_CIPHER_AES256_GCM, CR_CIPHER_SM4_CTR_HMAC_SM3};

START_TEST(what_was_encrypted_comes_back)
{
    const unsigned char key[CR_SECRET_SIZE] = {1, 2, 3};
    static char plain[5000];
    static unsigned char sealed[sizeof plain + CR_SEAL_OVERHEAD], out[sizeof sealed];
    memset(plain, 'p', sizeof plain);
    const size_t sizes[] = {0, 1, 15, 16, 17, 63, 4096, 5000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t sealed_size = 0, size = 1;
        credit_span text = {plain, sizes[i]};
        ck_assert_int_eq(
            crypto->encrypt(ciphers[_i], key, CR_SPAN("context"), text, sealed, &sealed_size),
            CREDIT_OK);
        ck_assert_uint_gt(sealed_size, text.size);
        ck_assert_uint_le(sealed_size, text.size + CR_SEAL_OVERHEAD);
        ck_assert_int_eq(crypto->decrypt(ciphers[_i], key, CR_SPAN("context"),
                             (credit_span){(char *)sealed, sealed_size}, out, &size),
            CREDIT_OK);
        ck_assert_uint_eq(size, text.size);
        ck_assert_mem_eq(out, plain, size);
    }
}
END_TEST

START_TEST(two_frames_of_one_text_differ)
{
    const unsigned char key[CR_SECRET_SIZE] = {0};
    unsigned char first[80], second[80];
    size_t size = 0;
    ck_assert_int_eq(
        crypto->encrypt(ciphers[_i], key, CR_SPAN(""), CR_SPAN("same text"), first, &size),
        CREDIT_OK);
    ck_assert_int_eq(
        crypto->encrypt(ciphers[_i], key, CR_SPAN(""), CR_SPAN("same text"), second, &size),
        CREDIT_OK);
    ck_assert_mem_ne(first, second, size);
}
END_TEST

static void assert_refused(
    cr_cipher cipher, const unsigned char *key, credit_span context, credit_span sealed)
{
    unsigned char out[128];
    size_t size = 1;
    ck_assert_int_eq(crypto->decrypt(cipher, key, context, sealed, out, &size), CREDIT_E_UNTRUSTED);
    ck_assert_uint_eq(size, 0);
}

START_TEST(any_change_to_a_frame_is_refused)
{
    unsigned char key[CR_SECRET_SIZE] = {9};
    unsigned char sealed[128];
    size_t size = 0;
    ck_assert_int_eq(crypto->encrypt(ciphers[_i], key, CR_SPAN("record 7"),
                         CR_SPAN("a number of a person"), sealed, &size),
        CREDIT_OK);
    credit_span frame = {(char *)sealed, size};
    for (size_t bit = 0; bit < size * 8; bit++) {
        sealed[bit / 8] ^= (unsigned char)(1u << bit % 8);
        assert_refused(ciphers[_i], key, CR_SPAN("record 7"), frame);
        sealed[bit / 8] ^= (unsigned char)(1u << bit % 8);
    }
    for (size_t cut = 0; cut < size; cut++) {
        assert_refused(ciphers[_i], key, CR_SPAN("record 7"), (credit_span){frame.data, cut});
    }
    assert_refused(ciphers[_i], key, CR_SPAN("record 8"), frame);
    assert_refused(ciphers[_i], key, CR_SPAN("record "), frame);
    key[31] ^= 1;
    assert_refused(ciphers[_i], key, CR_SPAN("record 7"), frame);
}
END_TEST

START_TEST(an_unknown_cipher_is_refused)
{
    const unsigned char key[CR_SECRET_SIZE] = {0};
    unsigned char out[80];
    size_t size = 1;
    ck_assert_int_eq(
        crypto->encrypt((cr_cipher)9, key, CR_SPAN(""), CR_SPAN("x"), out, &size), CREDIT_E_CRYPTO);
    ck_assert_int_eq(
        crypto->decrypt((cr_cipher)9, key, CR_SPAN(""), CR_SPAN("x"), out, &size), CREDIT_E_CRYPTO);
}
END_TEST

START_TEST(aes_gcm_opens_a_published_frame)
{
    /* basis: McGrew and Viega, The Galois/Counter Mode of Operation, case 16. */
    credit_span key = unhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    credit_span context = unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    credit_span sealed = unhex("cafebabefacedbaddecaf888"
                               "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                               "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
                               "76fc6ece0f4e1768cddf8853bb2d551b");
    unsigned char out[128];
    size_t size = 0;
    ck_assert_int_eq(crypto->decrypt(CR_CIPHER_AES256_GCM, (const unsigned char *)key.data, context,
                         sealed, out, &size),
        CREDIT_OK);
    ck_assert_uint_eq(size, 60);
    assert_bytes(out, "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                      "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39");
}
END_TEST

START_TEST(sm4_is_the_cipher_of_the_standard)
{
    /* basis: GB/T 32907-2016, annex A, example 1; and the frame of crypto.c put
     * together here from the published block cipher and the tested HMAC. */
    unsigned char block[16];
    int size = 0;
    credit_span vector = unhex("0123456789abcdeffedcba9876543210");
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    const unsigned char *bytes = (const unsigned char *)vector.data;
    ck_assert_int_eq(EVP_EncryptInit_ex(context, EVP_sm4_ecb(), NULL, bytes, NULL), 1);
    ck_assert_int_eq(EVP_EncryptUpdate(context, block, &size, bytes, 16), 1);
    assert_bytes(block, "681edf34d206965e86b3e94f536e4246");

    const unsigned char key[CR_SECRET_SIZE] = {4, 2};
    unsigned char sealed[16 + CR_SEAL_OVERHEAD], cipher_key[CR_DIGEST_SIZE],
        tag_key[CR_DIGEST_SIZE];
    unsigned char want[CR_DIGEST_SIZE], stream[16];
    size_t sealed_size = 0;
    credit_span master = {(const char *)key, sizeof key};
    const credit_span plain = CR_SPAN("sixteen bytes: 1");
    ck_assert_int_eq(crypto->encrypt(CR_CIPHER_SM4_CTR_HMAC_SM3, key, CR_SPAN("ctx"), plain, sealed,
                         &sealed_size),
        CREDIT_OK);
    ck_assert_uint_eq(sealed_size, 16 + 16 + 32);
    plain_hmac(CR_HASH_SM3, master, CR_SPAN("credit frame 1: SM4-CTR"), cipher_key);
    ck_assert_int_eq(EVP_EncryptInit_ex(context, EVP_sm4_ecb(), NULL, cipher_key, NULL), 1);
    ck_assert_int_eq(EVP_EncryptUpdate(context, stream, &size, sealed, 16), 1);
    for (size_t i = 0; i < 16; i++) {
        ck_assert_int_eq((unsigned char)plain.data[i] ^ stream[i], sealed[16 + i]);
    }
    char covered[8 + 3 + 32] = {0, 0, 0, 0, 0, 0, 0, 3, 'c', 't', 'x'};
    memcpy(covered + 11, sealed, 32);
    plain_hmac(CR_HASH_SM3, master, CR_SPAN("credit frame 1: HMAC-SM3"), tag_key);
    plain_hmac(CR_HASH_SM3, (credit_span){(const char *)tag_key, sizeof tag_key},
        (credit_span){covered, sizeof covered}, want);
    ck_assert_mem_eq(sealed + 32, want, sizeof want);
    EVP_CIPHER_CTX_free(context);
}
END_TEST

START_TEST(random_bytes_fill_the_whole_buffer)
{
    static unsigned char bytes[3 << 20];
    unsigned seen[256] = {0};
    ck_assert_int_eq(crypto->random(bytes, sizeof bytes), CREDIT_OK);
    for (size_t i = sizeof bytes - 65536; i < sizeof bytes; i++) { seen[bytes[i]]++; }
    for (size_t i = 0; i < 256; i++) {
        ck_assert_uint_gt(seen[i], 128);
        ck_assert_uint_lt(seen[i], 512);
    }
    ck_assert_int_eq(crypto->random(bytes, 0), CREDIT_OK);
}
END_TEST

/* A public key of a suite from its point. */
static EVP_PKEY *public_key(const cr_suite *suite, const char *point_hex)
{
    credit_span point = unhex(point_hex);
    EVP_PKEY *key = NULL;
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, suite->group, 0);
    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data, point.size);
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, suite->key_type, NULL);
    ck_assert_int_eq(EVP_PKEY_fromdata_init(context), 1);
    ck_assert_int_eq(EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    return key;
}

START_TEST(a_published_sm2_signature_holds)
{
    /* basis: GB/T 32918.5-2017, annex A.2, with the default user id. */
    const cr_suite *suite = cr_suite_find(CR_SPAN("sm2"));
    EVP_PKEY *key =
        public_key(suite, "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
                          "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13");
    credit_span signature =
        unhex("3046022100f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
              "022100b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa");
    ck_assert_ptr_eq(cr_suite_of_key(key), suite);
    ck_assert(cr_suite_is_canonical(suite, signature));
    ck_assert(cr_suite_holds(suite, key, CR_SPAN("message digest"), signature));
    ck_assert(!cr_suite_holds(suite, key, CR_SPAN("message digesT"), signature));
    EVP_PKEY_free(key);
}
END_TEST

START_TEST(a_published_ecdsa_signature_holds)
{
    /* basis: RFC 6979, A.2.5, SHA-256, message "sample": its s is the larger one,
     * so it holds but is not the form that we write. */
    const cr_suite *suite = cr_suite_find(CR_SPAN("p256"));
    EVP_PKEY *key =
        public_key(suite, "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                          "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
    credit_span signature =
        unhex("3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
              "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
    ck_assert_ptr_eq(cr_suite_of_key(key), suite);
    ck_assert(cr_suite_holds(suite, key, CR_SPAN("sample"), signature));
    ck_assert(!cr_suite_is_canonical(suite, signature));
    EVP_PKEY_free(key);
}
END_TEST

START_TEST(every_signature_is_canonical_and_holds)
{
    EVP_PKEY *key = NULL;
    const cr_suite *suite = cr_suite_at((size_t)_i);
    ck_assert_int_eq(cr_suite_generate(suite, &key, NULL), CREDIT_OK);
    ck_assert_ptr_eq(cr_suite_of_key(key), suite);
    for (int i = 0; i < 40; i++) {
        credit_span signature;
        ck_assert_int_eq(
            cr_suite_sign(suite, key, CR_SPAN("text"), &arena, &signature, NULL), CREDIT_OK);
        ck_assert(cr_suite_is_canonical(suite, signature));
        ck_assert(cr_suite_holds(suite, key, CR_SPAN("text"), signature));
        ck_assert(!cr_suite_holds(suite, key, CR_SPAN("Text"), signature));
    }
    EVP_PKEY_free(key);
}
END_TEST

START_TEST(encodings_that_are_not_minimal_are_not_canonical)
{
    const char *bad[] = {
        "", "30", "3000", "300602010102010100",         /* nothing, or a byte behind */
        "30080202000102020001", "3081060201010201",     /* zeros in front, long length */
        "308106020101020101", "3006020101020181ff0000", /* long length, garbage */
    };
    const cr_suite *suite = cr_suite_at((size_t)_i);
    ck_assert(cr_suite_is_canonical(suite, unhex("3006020101020101")));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_msg(!cr_suite_is_canonical(suite, unhex(bad[i])), "%s", bad[i]);
    }
}
END_TEST

START_TEST(suites_are_found_by_name_alone)
{
    ck_assert_ptr_nonnull(cr_suite_find(CR_SPAN("sm2")));
    ck_assert_ptr_null(cr_suite_find(CR_SPAN("SM2")));
    ck_assert_ptr_null(cr_suite_find(CR_SPAN("")));
    ck_assert_ptr_null(cr_suite_at(99));
    ck_assert_ptr_null(cr_suite_of_key(NULL));
    EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-384");
    ck_assert_ptr_null(cr_suite_of_key(key));
    EVP_PKEY_free(key);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("crypto");
    TCase *table = tcase_create("table"), *signing = tcase_create("suites");
    tcase_add_checked_fixture(table, setup, teardown);
    tcase_add_checked_fixture(signing, setup, teardown);
    tcase_add_test(table, digests_match_the_standards);
    tcase_add_test(table, a_digest_of_parts_is_the_digest_of_the_whole);
    tcase_add_test(table, an_unknown_digest_is_no_hasher);
    tcase_add_test(table, hmac_matches_the_standards);
    tcase_add_test(table, hmac_sm3_follows_the_definition);
    tcase_add_loop_test(table, what_was_encrypted_comes_back, 0, 2);
    tcase_add_loop_test(table, two_frames_of_one_text_differ, 0, 2);
    tcase_add_loop_test(table, any_change_to_a_frame_is_refused, 0, 2);
    tcase_add_test(table, an_unknown_cipher_is_refused);
    tcase_add_test(table, aes_gcm_opens_a_published_frame);
    tcase_add_test(table, sm4_is_the_cipher_of_the_standard);
    tcase_add_test(table, random_bytes_fill_the_whole_buffer);
    tcase_add_test(signing, a_published_sm2_signature_holds);
    tcase_add_test(signing, a_published_ecdsa_signature_holds);
    tcase_add_loop_test(signing, every_signature_is_canonical_and_holds, 0, 2);
    tcase_add_loop_test(signing, encodings_that_are_not_minimal_are_not_canonical, 0, 2);
    tcase_add_test(signing, suites_are_found_by_name_alone);
    suite_add_tcase(suite, table);
    suite_add_tcase(suite, signing);
    return run_suite(suite);
}
