/* The sealed container: it holds as it left, and in no other form. */
#include <string.h>

#include "keys/cades.h"
#include "keys/manifest.h"
#include "tests/support/scratch.h"
#include "tests/support/sealed.h"
#include "tests/support/suite.h"

static const char *const suite_names[] = {"sm2", "p256"};
enum { ENTRIES_MAX = 16 };

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

static char *path_of(const char *name)
{
    const char *path = in_scratch(name);
    return cr_arena_copy(&arena, path, strlen(path));
}

/* The verdict on a container; one that cannot be opened is refused. */
static cr_verdict judged_at(credit_span bytes, const cr_trust *trust, const char *time)
{
    cr_verdict verdict;
    cr_sealed sealed;
    cr_arena own = CR_ARENA_INIT;
    credit_error err = CREDIT_ERROR_INIT;
    const cr_verify_terms judgement = {trust, instant_of(time), false};
    credit_result rc = cr_unseal(bytes, &own, &sealed, &err);
    if (rc == CREDIT_OK) {
        rc = cr_unseal_verify(&sealed, &judgement, &verdict, &err);
        ck_assert_msg(rc == CREDIT_OK, "%s", err.message);
    } else {
        ck_assert_int_eq(rc, CREDIT_E_UNTRUSTED);
        ck_assert_str_ne(err.message, "");
        cr_verdict_refuse(&verdict, &err);
    }
    cr_arena_release(&own);
    return verdict;
}

static cr_verdict judged(credit_span bytes, const cr_trust *trust)
{
    return judged_at(bytes, trust, SEALED_AT);
}

/* The first check that is bad has its reason. */
static const char *reason_of(const cr_verdict *verdict)
{
    const cr_verdict_check *checks[] = {&verdict->digest, &verdict->signature, &verdict->chain};
    for (size_t i = 0; i < 3; i++) {
        if (checks[i]->state == CR_CHECK_BAD) { return checks[i]->reason; }
    }
    return "";
}

static void assert_bad(credit_span bytes, const cr_trust *trust, const char *reason)
{
    cr_verdict verdict = judged(bytes, trust);
    ck_assert(!cr_verdict_holds(&verdict));
    ck_assert_msg(strstr(reason_of(&verdict), reason) != NULL, "%s", reason_of(&verdict));
}

/* The entries of a container, to be changed and written again. */
static size_t entries_of(credit_span bytes, cr_entry out[ENTRIES_MAX])
{
    cr_entry *entries = NULL;
    size_t count = 0;
    ck_assert_int_eq(cr_container_read(bytes, &arena, &entries, &count, NULL), CREDIT_OK);
    ck_assert_uint_le(count, ENTRIES_MAX);
    memcpy(out, entries, count * sizeof entries[0]);
    return count;
}

static credit_span rewritten(const cr_entry *entries, size_t count)
{
    credit_span bytes;
    ck_assert_int_eq(cr_container_write(entries, count, &arena, &bytes, NULL), CREDIT_OK);
    return bytes;
}

static cr_entry *entry_named(cr_entry *entries, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (cr_span_is(entries[i].name, name)) { return &entries[i]; }
    }
    ck_abort_msg("no entry %s", name);
    return NULL;
}

static char *meta_path(const char *form, const char *suite)
{
    char *name = cr_arena_alloc(&arena, CR_META_NAME);
    const char *hole = strchr(form, '*');
    snprintf(name, CR_META_NAME, "META-INF/%.*s%s%s", (int)(hole - form), form, suite, hole + 1);
    return name;
}

START_TEST(what_was_sealed_holds)
{
    const char *name = suite_names[_i], *keys = path_of("keys");
    cr_signer *signer = make_keys(keys, name);
    cr_trust *trust = trust_in(keys);
    cr_verdict verdict = judged(seal_sample(signer, &arena), trust);
    ck_assert_msg(cr_verdict_holds(&verdict), "%s", reason_of(&verdict));
    ck_assert_int_eq(verdict.signature.state, CR_CHECK_OK);
    ck_assert_int_eq(verdict.chain.state, CR_CHECK_OK);
    ck_assert_int_eq(verdict.digest.state, CR_CHECK_OK);
    ck_assert_int_eq(verdict.timestamp.state, CR_CHECK_ABSENT);
    ck_assert_str_eq(verdict.suite->name, name);
    ck_assert_str_eq(verdict.key_id, cr_signer_info(signer)->key_id);
    ck_assert_ptr_nonnull(strstr(verdict.signer, "荆州市公共信用信息中心"));
    ck_assert_ptr_nonnull(strstr(verdict.root, "Development authority"));
    cr_trust_free(trust);
    cr_signer_free(signer);
}
END_TEST

START_TEST(the_layout_is_the_one_of_the_norm)
{
    const char *name = suite_names[_i];
    cr_entry entries[ENTRIES_MAX];
    cr_signer *signer = make_keys(path_of("keys"), name);
    credit_span bytes = seal_sample(signer, &arena);
    size_t count = entries_of(bytes, entries);
    ck_assert_uint_eq(count, strcmp(name, "p256") == 0 ? 7 : 6);
    ck_assert(cr_span_is(entries[0].name, "mimetype"));
    /* Offset 38, where file(1) looks for it: header 30, name 8. */
    ck_assert_mem_eq(bytes.data + 38, "application/vnd.etsi.asic-e+zip", 31);
    ck_assert(cr_span_is(entries[1].name, "extract.json"));
    ck_assert(cr_span_is(entries[2].name, "report.html"));
    ck_assert(cr_span_is(entries[3].name, meta_path("ASiCManifest-*.xml", name)));
    ck_assert(cr_span_is(entries[4].name, meta_path("*.sig", name)));
    ck_assert(cr_span_is(entries[5].name, meta_path("*.pem", name)));
    ck_assert(cr_span_equal(entries[5].bytes, cr_signer_chain(signer)));
    if (count == 7) { ck_assert(cr_span_is(entries[6].name, "META-INF/signature-p256.p7s")); }
    cr_signer_free(signer);
}
END_TEST

START_TEST(the_content_comes_out_as_it_went_in)
{
    cr_sealed sealed;
    cr_signer *signer = make_keys(path_of("keys"), suite_names[_i]);
    ck_assert_int_eq(cr_unseal(seal_sample(signer, &arena), &arena, &sealed, NULL), CREDIT_OK);
    ck_assert_uint_eq(sealed.count, 2);
    ck_assert(cr_span_is(sealed.files[1].media_type, "text/html"));
    ck_assert(cr_span_is(cr_sealed_file(&sealed, "report.html"), "<p>信用报告</p>\n"));
    ck_assert_ptr_null(cr_sealed_file(&sealed, "mimetype").data);
    cr_signer_free(signer);
}
END_TEST

START_TEST(the_manifest_is_written_in_one_way)
{
    credit_span text;
    const cr_suite *suite = cr_suite_find(CR_SPAN("sm2"));
    cr_manifest_file file = {CR_SPAN("a.json"), CR_SPAN("application/json"), {0}};
    ck_assert_int_eq(cr_manifest_write(suite, &file, 1, &arena, &text, NULL), CREDIT_OK);
    ck_assert(cr_span_is(text,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<asic:ASiCManifest xmlns:asic=\"http://uri.etsi.org/02918/v1.2.1#\""
        " xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\n"
        "<asic:SigReference URI=\"META-INF/sm2.sig\" MimeType=\"application/octet-stream\"/>\n"
        "<asic:DataObjectReference URI=\"a.json\" MimeType=\"application/json\">\n"
        "<ds:DigestMethod Algorithm=\"urn:oid:1.2.156.10197.1.401\"/>\n"
        "<ds:DigestValue>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=</ds:DigestValue>\n"
        "</asic:DataObjectReference>\n"
        "</asic:ASiCManifest>\n"));
    ck_assert_int_eq(cr_manifest_read(suite, text, &file, 1, NULL), CREDIT_OK);
    /* Two bits of the last character say nothing: another value is refused. */
    char *bytes = cr_arena_copy(&arena, text.data, text.size);
    char *last = strstr(bytes, "A=</ds");
    ck_assert_ptr_nonnull(last);
    *last = 'B';
    ck_assert_int_eq(cr_manifest_read(suite, (credit_span){bytes, text.size}, &file, 1, NULL),
        CREDIT_E_UNTRUSTED);
}
END_TEST

START_TEST(every_flipped_bit_of_the_file_is_bad)
{
    const char *keys = path_of("keys");
    cr_signer *signer = make_keys(keys, suite_names[_i]);
    cr_trust *trust = trust_in(keys);
    credit_span good = seal_sample(signer, &arena);
    char *bytes = cr_arena_copy(&arena, good.data, good.size);
    for (size_t bit = 0; bit < good.size * 8; bit++) {
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
        cr_verdict verdict = judged((credit_span){bytes, good.size}, trust);
        ck_assert_msg(
            !cr_verdict_holds(&verdict) && reason_of(&verdict)[0] != '\0', "bit %zu", bit);
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
    }
    cr_trust_free(trust);
    cr_signer_free(signer);
}
END_TEST

/* A forger writes a proper container again after each change, so that the check
 * sums of the ZIP file tell nothing. */
START_TEST(every_flipped_bit_of_an_entry_written_anew_is_bad)
{
    cr_entry entries[ENTRIES_MAX];
    const char *keys = path_of("keys");
    cr_signer *signer = make_keys(keys, suite_names[_i]);
    cr_trust *trust = trust_in(keys);
    size_t count = entries_of(seal_sample(signer, &arena), entries);
    for (size_t i = 0; i < count; i++) {
        cr_arena scratch_arena = CR_ARENA_INIT;
        credit_span good = entries[i].bytes;
        char *bytes = cr_arena_copy(&arena, good.data, good.size);
        entries[i].bytes.data = bytes;
        for (size_t bit = 0; bit < good.size * 8; bit++) {
            credit_span forged;
            bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
            ck_assert_int_eq(
                cr_container_write(entries, count, &scratch_arena, &forged, NULL), CREDIT_OK);
            cr_verdict verdict = judged(forged, trust);
            ck_assert_msg(!cr_verdict_holds(&verdict) && reason_of(&verdict)[0] != '\0',
                "entry %zu, bit %zu", i, bit);
            bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
            cr_arena_reset(&scratch_arena);
        }
        cr_arena_release(&scratch_arena);
    }
    cr_trust_free(trust);
    cr_signer_free(signer);
}
END_TEST

START_TEST(every_cut_is_bad)
{
    const char *keys = path_of("keys");
    cr_signer *signer = make_keys(keys, suite_names[_i]);
    cr_trust *trust = trust_in(keys);
    credit_span good = seal_sample(signer, &arena);
    for (size_t size = 0; size < good.size; size++) {
        assert_bad((credit_span){good.data, size}, trust, "container");
    }
    cr_trust_free(trust);
    cr_signer_free(signer);
}
END_TEST

START_TEST(a_changed_file_is_named)
{
    cr_entry entries[ENTRIES_MAX];
    const char *keys = path_of("keys");
    cr_signer *signer = make_keys(keys, suite_names[_i]);
    cr_trust *trust = trust_in(keys);
    size_t count = entries_of(seal_sample(signer, &arena), entries);
    entry_named(entries, count, "report.html")->bytes = CR_SPAN("<p>信用良好</p>\n");
    cr_verdict verdict = judged(rewritten(entries, count), trust);
    ck_assert_str_eq(verdict.digest.reason, "report.html is not the file that was signed");
    /* The other checks are judged by themselves. */
    ck_assert_int_eq(verdict.signature.state, CR_CHECK_OK);
    ck_assert_int_eq(verdict.chain.state, CR_CHECK_OK);
    cr_trust_free(trust);
    cr_signer_free(signer);
}
END_TEST

START_TEST(entries_more_or_fewer_or_elsewhere_are_refused)
{
    const char *name = suite_names[_i], *keys = path_of("keys");
    cr_entry good[ENTRIES_MAX], bad[ENTRIES_MAX];
    cr_signer *signer = make_keys(keys, name);
    cr_trust *trust = trust_in(keys);
    size_t count = entries_of(seal_sample(signer, &arena), good);

    for (size_t i = 0; i < count; i++) { /* one left out */
        memcpy(bad, good, sizeof good);
        memmove(bad + i, bad + i + 1, (count - i - 1) * sizeof bad[0]);
        assert_bad(rewritten(bad, count - 1), trust, "");
    }
    for (size_t i = 0; i <= count; i++) { /* one put in */
        memcpy(bad, good, sizeof good);
        memmove(bad + i + 1, bad + i, (count - i) * sizeof bad[0]);
        bad[i] = (cr_entry){CR_SPAN("extra.txt"), CR_SPAN("")};
        assert_bad(rewritten(bad, count + 1), trust, "");
        bad[i].name = CR_SPAN("META-INF/extra.sig");
        assert_bad(rewritten(bad, count + 1), trust, "");
    }
    for (size_t i = 0; i < count; i++) { /* two exchanged, with and without names */
        for (size_t k = i + 1; k < count; k++) {
            memcpy(bad, good, sizeof good);
            bad[i] = good[k];
            bad[k] = good[i];
            assert_bad(rewritten(bad, count), trust, "");
            bad[i].name = good[i].name;
            bad[k].name = good[k].name;
            assert_bad(rewritten(bad, count), trust, "");
        }
    }
    cr_trust_free(trust);
    cr_signer_free(signer);
}
END_TEST

START_TEST(parts_of_another_container_are_bad)
{
    const char *name = suite_names[_i], *keys = path_of("keys");
    cr_entry first[ENTRIES_MAX], second[ENTRIES_MAX], mixed[ENTRIES_MAX];
    cr_signer *signer = make_keys(keys, name);
    cr_trust *trust = trust_in(keys);
    const cr_content other = {
        CR_SPAN("extract.json"), CR_SPAN("application/json"), CR_SPAN("{\"subject\":\"another\"}")};
    const cr_content others[] = {
        other, {CR_SPAN("report.html"), CR_SPAN("text/html"), CR_SPAN("<p>another</p>\n")}};
    size_t count = entries_of(seal_sample(signer, &arena), first);
    ck_assert_uint_eq(entries_of(seal_files(signer, SEALED_AT, others, 2, &arena), second), count);
    for (size_t i = 1; i < count; i++) {
        if (cr_span_equal(first[i].bytes, second[i].bytes)) {
            continue; /* the certificates are the same in both */
        }
        memcpy(mixed, first, sizeof first);
        mixed[i] = second[i];
        assert_bad(rewritten(mixed, count), trust, "");
    }
    cr_trust_free(trust);
    cr_signer_free(signer);
}
END_TEST

START_TEST(a_signature_by_another_key_is_bad)
{
    const char *name = suite_names[_i], *keys = path_of("keys"), *theirs = path_of("theirs");
    cr_entry ours[ENTRIES_MAX], forged[ENTRIES_MAX];
    cr_signer *signer = make_keys(keys, name), *forger = make_keys(theirs, name);
    cr_trust *trust = trust_in(keys);
    /* All of his own: the chain tells. */
    credit_span his = seal_sample(forger, &arena);
    cr_verdict verdict = judged(his, trust);
    ck_assert_int_eq(verdict.signature.state, CR_CHECK_OK);
    ck_assert_int_eq(verdict.chain.state, CR_CHECK_BAD);
    /* His signature with our certificate: the signature tells. */
    size_t count = entries_of(seal_sample(signer, &arena), ours);
    entries_of(his, forged);
    const char *pem = meta_path("*.pem", name);
    *entry_named(forged, count, pem) = *entry_named(ours, count, pem);
    verdict = judged(rewritten(forged, count), trust);
    ck_assert_int_eq(verdict.signature.state, CR_CHECK_BAD);
    ck_assert_int_eq(verdict.chain.state, CR_CHECK_OK);
    cr_trust_free(trust);
    cr_signer_free(signer);
    cr_signer_free(forger);
}
END_TEST

START_TEST(a_certificate_of_another_suite_is_bad)
{
    const char *name = suite_names[_i], *other_name = suite_names[1 - _i];
    cr_entry entries[ENTRIES_MAX];
    const char *keys = path_of("keys");
    cr_signer *signer = make_keys(path_of("own"), name);
    cr_signer *other = make_keys(keys, other_name);
    cr_trust *trust = trust_in(keys);
    size_t count = entries_of(seal_sample(signer, &arena), entries);
    entry_named(entries, count, meta_path("*.pem", name))->bytes = cr_signer_chain(other);
    cr_verdict verdict = judged(rewritten(entries, count), trust);
    ck_assert_int_eq(verdict.signature.state, CR_CHECK_BAD);
    ck_assert_ptr_nonnull(strstr(verdict.signature.reason, "not of the suite"));
    cr_trust_free(trust);
    cr_signer_free(signer);
    cr_signer_free(other);
}
END_TEST

START_TEST(certificates_with_anything_around_them_are_bad)
{
    const char *name = suite_names[_i], *keys = path_of("keys");
    cr_entry entries[ENTRIES_MAX];
    credit_span root;
    cr_signer *signer = make_keys(keys, name);
    cr_trust *trust = trust_in(keys);
    char file[CR_FILE_PATH_MAX];
    ck_assert(cr_file_path(file, keys, "authority.pem"));
    ck_assert_int_eq(cr_file_read(file, &arena, &root, NULL), CREDIT_OK);
    size_t count = entries_of(seal_sample(signer, &arena), entries);
    cr_entry *pem = entry_named(entries, count, meta_path("*.pem", name));
    const char *own = cr_signer_chain(signer).data;
    const struct {
        char *text;
        const char *reason;
    } cases[] = {
        {cr_arena_printf(&arena, "%s%s", own, root.data), "hold a root"},
        {cr_arena_printf(&arena, "%s%s", own, own), "issued by the next"},
        {cr_arena_printf(&arena, "%s\n", own), "written anew"},
        {cr_arena_printf(&arena, "# comment\n%s", own), "written anew"},
        {cr_arena_printf(&arena, "%s", ""), "cannot be read"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pem->bytes = cr_span_of(cases[i].text);
        assert_bad(rewritten(entries, count), trust, cases[i].reason);
    }
    cr_trust_free(trust);
    cr_signer_free(signer);
}
END_TEST

START_TEST(the_signing_time_is_judged)
{
    const char *keys = path_of("keys");
    cr_signer *signer = make_keys(keys, suite_names[_i]);
    cr_trust *trust = trust_in(keys);
    const cr_content file = {CR_SPAN("a"), CR_SPAN("text/plain"), CR_SPAN("x")};
    credit_span out;
    const char *outside[] = {"2025-12-31T23:59:59Z", "2028-01-01T00:00:00Z"};
    for (size_t i = 0; i < 2; i++) {
        ck_assert_int_eq(
            cr_seal(signer, instant_of(outside[i]), &file, 1, &arena, &out, NULL), CREDIT_E_KEY);
        ck_assert_ptr_null(out.data);
        cr_verdict verdict = judged_at(seal_sample(signer, &arena), trust, outside[i]);
        ck_assert_int_eq(verdict.chain.state, CR_CHECK_BAD);
    }
    const char *bounds[] = {"2026-01-01T00:00:00Z", "2027-12-31T23:59:59Z"};
    for (size_t i = 0; i < 2; i++) {
        credit_span bytes = seal_files(signer, bounds[i], &file, 1, &arena);
        cr_verdict verdict = judged_at(bytes, trust, bounds[i]);
        ck_assert_msg(cr_verdict_holds(&verdict), "%s", reason_of(&verdict));
    }
    cr_trust_free(trust);
    cr_signer_free(signer);
}
END_TEST

START_TEST(a_time_that_cannot_be_is_bad_and_no_failure)
{
    cr_sealed sealed;
    cr_verdict verdict;
    const char *keys = path_of("keys");
    cr_signer *signer = make_keys(keys, suite_names[_i]);
    cr_trust *trust = trust_in(keys);
    ck_assert_int_eq(cr_unseal(seal_sample(signer, &arena), &arena, &sealed, NULL), CREDIT_OK);
    const credit_instant times[] = {CREDIT_INSTANT_NONE, -1, INT64_MAX};
    for (size_t i = 0; i < 3; i++) {
        const cr_verify_terms judgement = {trust, times[i], false};
        ck_assert_int_eq(cr_unseal_verify(&sealed, &judgement, &verdict, NULL), CREDIT_OK);
        ck_assert_int_eq(verdict.signature.state, CR_CHECK_BAD);
        ck_assert_int_eq(verdict.chain.state, CR_CHECK_BAD);
    }
    cr_trust_free(trust);
    cr_signer_free(signer);
}
END_TEST

START_TEST(the_cades_signature_says_the_same_time)
{
    const char *keys = path_of("keys");
    cr_signer *signer = make_keys(keys, "p256");
    cr_trust *trust = trust_in(keys);
    credit_span bytes = seal_sample(signer, &arena);
    cr_verdict verdict = judged_at(bytes, trust, "2026-07-01T08:00:00.999999Z");
    ck_assert(cr_verdict_holds(&verdict));
    verdict = judged_at(bytes, trust, "2026-07-01T08:00:01Z");
    ck_assert_int_eq(verdict.signature.state, CR_CHECK_BAD);
    ck_assert_ptr_nonnull(strstr(verdict.signature.reason, "CAdES"));
    cr_trust_free(trust);
    cr_signer_free(signer);
}
END_TEST

START_TEST(a_revoked_key_is_bad_from_its_day_on)
{
    const char *keys = path_of("keys");
    cr_signer *signer = make_keys(keys, suite_names[_i]);
    credit_span bytes = seal_sample(signer, &arena);
    const char *id = cr_signer_info(signer)->key_id;
    credit_instant now = instant_of("2026-09-01T00:00:00Z");
    ck_assert_int_eq(cr_keyring_revoke(keys, NULL, id, instant_of("2026-07-01T08:00:01Z"),
                         CR_REVOKED_SUPERSEDED, now, NULL),
        CREDIT_OK);
    cr_trust *trust = trust_in(keys);
    cr_verdict verdict = judged(bytes, trust);
    ck_assert(cr_verdict_holds(&verdict));
    cr_trust_free(trust);

    ck_assert_int_eq(cr_keyring_revoke(keys, NULL, id, instant_of("2026-08-01T00:00:00Z"),
                         CR_REVOKED_KEY_COMPROMISE, now, NULL),
        CREDIT_OK);
    trust = trust_in(keys);
    assert_bad(bytes, trust, "without a time stamp");
    cr_trust_free(trust);
    cr_signer_free(signer);
}
END_TEST

START_TEST(without_trust_the_chain_is_absent_and_nothing_holds)
{
    cr_signer *signer = make_keys(path_of("keys"), suite_names[_i]);
    cr_verdict verdict = judged(seal_sample(signer, &arena), NULL);
    ck_assert_int_eq(verdict.chain.state, CR_CHECK_ABSENT);
    ck_assert_int_eq(verdict.signature.state, CR_CHECK_OK);
    ck_assert_int_eq(verdict.digest.state, CR_CHECK_OK);
    ck_assert(!cr_verdict_holds(&verdict));
    ck_assert_str_eq(verdict.root, "");
    cr_signer_free(signer);
}
END_TEST

START_TEST(content_that_cannot_be_sealed_is_refused)
{
    credit_span out;
    cr_signer *signer = make_keys(path_of("keys"), "sm2");
    credit_instant time = instant_of(SEALED_AT);
    const cr_content bad[] = {
        {CR_SPAN("mimetype"), CR_SPAN("text/plain"), CR_SPAN("x")},
        {CR_SPAN("META-INF/x"), CR_SPAN("text/plain"), CR_SPAN("x")},
        {CR_SPAN("../x"), CR_SPAN("text/plain"), CR_SPAN("x")},
        {CR_SPAN("x"), CR_SPAN(""), CR_SPAN("x")},
        {CR_SPAN("x"), CR_SPAN("text"), CR_SPAN("x")},
        {CR_SPAN("x"), CR_SPAN("text/\"plain"), CR_SPAN("x")},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ck_assert_int_eq(cr_seal(signer, time, &bad[i], 1, &arena, &out, NULL), CREDIT_E_USAGE);
    }
    ck_assert_int_eq(cr_seal(signer, time, bad, 0, &arena, &out, NULL), CREDIT_E_USAGE);
    const cr_content twice[] = {
        {CR_SPAN("x"), CR_SPAN("text/plain"), CR_SPAN("1")},
        {CR_SPAN("x"), CR_SPAN("text/plain"), CR_SPAN("2")},
    };
    ck_assert_int_eq(cr_seal(signer, time, twice, 2, &arena, &out, NULL), CREDIT_E_USAGE);
    cr_signer_free(signer);
}
END_TEST

START_TEST(a_plain_container_is_no_sealed_one)
{
    const cr_entry entries[] = {
        {CR_SPAN("mimetype"), CR_SPAN("application/vnd.etsi.asic-e+zip")},
        {CR_SPAN("a.txt"), CR_SPAN("x")},
        {CR_SPAN("META-INF/ASiCManifest-ed448.xml"), CR_SPAN("x")},
    };
    for (size_t count = 0; count <= 3; count++) {
        assert_bad(rewritten(entries, count), NULL, "container");
    }
}
END_TEST

START_TEST(every_failed_allocation_is_reported)
{
    const char *keys = path_of("keys");
    cr_signer *signer = make_keys(keys, suite_names[_i]);
    cr_trust *trust = trust_in(keys);
    const cr_verify_terms judgement = {trust, instant_of(SEALED_AT), false};
    const cr_content file = {CR_SPAN("a"), CR_SPAN("text/plain"), CR_SPAN("x")};
    credit_result rc = CREDIT_E_NOMEM;
    for (uint64_t n = 1; rc != CREDIT_OK; n++) {
        cr_arena own = CR_ARENA_INIT;
        credit_span bytes;
        cr_sealed sealed;
        cr_verdict verdict;
        cr_alloc_fail_at(n);
        rc = cr_seal(signer, judgement.signing_time, &file, 1, &own, &bytes, NULL);
        if (rc == CREDIT_OK) { rc = cr_unseal(bytes, &own, &sealed, NULL); }
        if (rc == CREDIT_OK) { rc = cr_unseal_verify(&sealed, &judgement, &verdict, NULL); }
        cr_alloc_fail_at(0);
        ck_assert_msg(rc == CREDIT_OK || rc == CREDIT_E_NOMEM, "%d", (int)rc);
        ck_assert(rc != CREDIT_OK || cr_verdict_holds(&verdict));
        ck_assert_uint_lt(n, 200);
        cr_arena_release(&own);
    }
    cr_trust_free(trust);
    cr_signer_free(signer);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("envelope");
    TCase *tests = tcase_create("envelope"), *slow = tcase_create("every bit");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_checked_fixture(slow, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_set_timeout(slow, 280);
    tcase_add_loop_test(tests, what_was_sealed_holds, 0, 2);
    tcase_add_loop_test(tests, the_layout_is_the_one_of_the_norm, 0, 2);
    tcase_add_loop_test(tests, the_content_comes_out_as_it_went_in, 0, 2);
    tcase_add_test(tests, the_manifest_is_written_in_one_way);
    tcase_add_loop_test(tests, every_cut_is_bad, 0, 2);
    tcase_add_loop_test(tests, a_changed_file_is_named, 0, 2);
    tcase_add_loop_test(tests, entries_more_or_fewer_or_elsewhere_are_refused, 0, 2);
    tcase_add_loop_test(tests, parts_of_another_container_are_bad, 0, 2);
    tcase_add_loop_test(tests, a_signature_by_another_key_is_bad, 0, 2);
    tcase_add_loop_test(tests, a_certificate_of_another_suite_is_bad, 0, 2);
    tcase_add_loop_test(tests, certificates_with_anything_around_them_are_bad, 0, 2);
    tcase_add_loop_test(tests, the_signing_time_is_judged, 0, 2);
    tcase_add_loop_test(tests, a_time_that_cannot_be_is_bad_and_no_failure, 0, 2);
    tcase_add_test(tests, the_cades_signature_says_the_same_time);
    tcase_add_loop_test(tests, a_revoked_key_is_bad_from_its_day_on, 0, 2);
    tcase_add_loop_test(tests, without_trust_the_chain_is_absent_and_nothing_holds, 0, 2);
    tcase_add_test(tests, content_that_cannot_be_sealed_is_refused);
    tcase_add_test(tests, a_plain_container_is_no_sealed_one);
    tcase_add_loop_test(tests, every_failed_allocation_is_reported, 0, 2);
    tcase_add_loop_test(slow, every_flipped_bit_of_the_file_is_bad, 0, 2);
    tcase_add_loop_test(slow, every_flipped_bit_of_an_entry_written_anew_is_bad, 0, 2);
    suite_add_tcase(suite, tests);
    suite_add_tcase(suite, slow);
    return run_suite(suite);
}
