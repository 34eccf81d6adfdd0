#include "keys/envelope.h"

#include <string.h>

#include "engine/error.h"
#include "engine/text.h"
#include "keys/cades.h"
#include "keys/crypto.h"
#include "keys/manifest.h"

static const char MIMETYPE_NAME[] = "mimetype";
static const char MIMETYPE[] = "application/vnd.etsi.asic-e+zip";
static const char META[] = "META-INF/";

#define YEAR_10000 (INT64_C(253402300800) * 1000000)

enum { META_MAX = 4, ENTRIES_MAX = 1 + CR_CONTENT_MAX + META_MAX };

/* What a container is made of, once the signatures are there. */
typedef struct parts {
    const cr_suite *suite;
    const cr_content *files;
    size_t count;
    credit_span manifest;
    credit_span signature;
    credit_span chain;
    credit_span cades;
} parts;

/* The names live in `names`. Returns how many entries there are. */
static size_t lay_out(
    const parts *from, char names[META_MAX][CR_META_NAME], cr_entry entries[ENTRIES_MAX])
{
    size_t n = 0, meta = 0;
    entries[n++] = (cr_entry){cr_span_of(MIMETYPE_NAME), cr_span_of(MIMETYPE)};
    for (size_t i = 0; i < from->count; i++) {
        entries[n++] = (cr_entry){from->files[i].name, from->files[i].bytes};
    }
    const struct {
        cr_meta meta;
        credit_span bytes;
    } tail[META_MAX] = {
        {CR_META_MANIFEST, from->manifest},
        {CR_META_SIGNATURE, from->signature},
        {CR_META_CHAIN, from->chain},
        {CR_META_CADES, from->cades},
    };
    size_t count = from->suite->cades ? META_MAX : META_MAX - 1;
    for (; meta < count; meta++) {
        entries[n++] =
            (cr_entry){cr_meta_name(from->suite, tail[meta].meta, names[meta]), tail[meta].bytes};
    }
    return n;
}

/* What a certificate and a CMS signature can say; a claimed time is outside data. */
static bool is_time(credit_instant time)
{
    return time >= 0 && time < YEAR_10000;
}

static bool is_reserved(credit_span name)
{
    return cr_span_is(name, MIMETYPE_NAME) || cr_span_starts(name, cr_span_of(META));
}

static credit_result check_content(const cr_content *files, size_t count, credit_error *err)
{
    if (count == 0 || count > CR_CONTENT_MAX) {
        return cr_fail(err, CREDIT_E_USAGE, "a container holds 1 to %d files", CR_CONTENT_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        if (is_reserved(files[i].name)) {
            return cr_fail(
                err, CREDIT_E_USAGE, "file %zu has a name of the container's own", i + 1);
        }
        if (!cr_manifest_media_type_fits(files[i].media_type)) {
            return cr_fail(err, CREDIT_E_USAGE, "file %zu has no media type", i + 1);
        }
    }
    return CREDIT_OK;
}

static credit_result digest_of(
    const cr_suite *suite, credit_span bytes, unsigned char out[CR_DIGEST_SIZE], credit_error *err)
{
    const cr_crypto *crypto = cr_keys_crypto();
    cr_hasher *hasher = crypto->hasher_new(suite->hash);
    credit_result rc = hasher == NULL ? CREDIT_E_NOMEM : crypto->digest(hasher, &bytes, 1, out);
    crypto->hasher_free(hasher);
    return rc == CREDIT_OK ? rc : cr_fail(err, rc, "the digest cannot be computed");
}

static credit_result make_manifest(const cr_suite *suite, const cr_content *files, size_t count,
    cr_arena *arena, credit_span *manifest, credit_error *err)
{
    cr_manifest_file listed[CR_CONTENT_MAX];
    for (size_t i = 0; i < count; i++) {
        listed[i].name = files[i].name;
        listed[i].media_type = files[i].media_type;
        credit_result rc = digest_of(suite, files[i].bytes, listed[i].digest, err);
        if (rc != CREDIT_OK) { return rc; }
    }
    return cr_manifest_write(suite, listed, count, arena, manifest, err);
}

static credit_result make_cades(const cr_signer *signer, credit_instant signing_time,
    credit_span manifest, cr_arena *arena, credit_span *der, credit_error *err)
{
    cr_chain chain = {0};
    credit_span attributes, signature;
    cr_cades cades = {
        .suite = cr_signer_suite(signer), .chain = &chain, .signing_time = signing_time};
    credit_result rc = cr_chain_read(cr_signer_chain(signer), &chain, err);
    if (rc == CREDIT_OK) { rc = digest_of(cades.suite, manifest, cades.digest, err); }
    if (rc == CREDIT_OK) { rc = cr_cades_attributes(&cades, arena, &attributes, err); }
    if (rc == CREDIT_OK) { rc = cr_signer_sign(signer, attributes, arena, &signature, err); }
    if (rc == CREDIT_OK) { rc = cr_cades_write(&cades, signature, arena, der, err); }
    cr_chain_free(&chain);
    return rc;
}

credit_result cr_seal(const cr_signer *signer, credit_instant signing_time, const cr_content *files,
    size_t count, cr_arena *arena, credit_span *out, credit_error *err)
{
    char names[META_MAX][CR_META_NAME];
    cr_entry entries[ENTRIES_MAX];
    parts made = {.suite = cr_signer_suite(signer),
        .files = files,
        .count = count,
        .chain = cr_signer_chain(signer)};
    *out = (credit_span){0};
    credit_result rc = check_content(files, count, err);
    if (rc == CREDIT_OK) { rc = cr_signer_check_time(signer, signing_time, err); }
    if (rc == CREDIT_OK && !is_time(signing_time)) {
        rc = cr_fail(err, CREDIT_E_USAGE, "a signing time lies between 1970 and 9999");
    }
    if (rc == CREDIT_OK) {
        rc = make_manifest(made.suite, files, count, arena, &made.manifest, err);
    }
    if (rc == CREDIT_OK) {
        rc = cr_signer_sign(signer, made.manifest, arena, &made.signature, err);
    }
    if (rc == CREDIT_OK && made.suite->cades) {
        rc = make_cades(signer, signing_time, made.manifest, arena, &made.cades, err);
    }
    if (rc != CREDIT_OK) { return rc; }
    return cr_container_write(entries, lay_out(&made, names, entries), arena, out, err);
}

static credit_result refuse(credit_error *err, const char *why)
{
    return cr_fail(err, CREDIT_E_UNTRUSTED, "container: %s", why);
}

/* The suite whose manifest stands at `index`. */
static const cr_suite *suite_at(const cr_entry *entries, size_t index)
{
    char name[CR_META_NAME];
    for (size_t i = 0; cr_suite_at(i) != NULL; i++) {
        const cr_suite *suite = cr_suite_at(i);
        if (cr_span_equal(entries[index].name, cr_meta_name(suite, CR_META_MANIFEST, name))) {
            return suite;
        }
    }
    return NULL;
}

static size_t content_count(const cr_entry *entries, size_t count)
{
    size_t n = 0;
    while (1 + n < count && !is_reserved(entries[1 + n].name)) { n++; }
    return n;
}

/* Fills names and bytes of `out` from the entries, by their places alone. */
static credit_result take_apart(
    const cr_entry *entries, size_t count, cr_arena *arena, cr_sealed *out, credit_error *err)
{
    size_t files = content_count(entries, count), meta = 1 + files;
    if (files == 0 || files > CR_CONTENT_MAX || meta >= count) {
        return refuse(err, "holds no content, too much of it, or no signature");
    }
    out->suite = suite_at(entries, meta);
    if (out->suite == NULL) { return refuse(err, "is sealed with a suite that is not known"); }
    if (count - meta != (out->suite->cades ? META_MAX : META_MAX - 1)) {
        return refuse(err, "holds entries that nothing accounts for, or lacks some");
    }
    out->manifest = entries[meta].bytes;
    out->signature = entries[meta + 1].bytes;
    out->chain = entries[meta + 2].bytes;
    out->cades = out->suite->cades ? entries[meta + 3].bytes : (credit_span){0};
    out->count = files;
    out->files = cr_arena_array(arena, files, sizeof out->files[0]);
    out->digests = cr_arena_array(arena, files, sizeof out->digests[0]);
    if (out->files == NULL || out->digests == NULL) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    for (size_t i = 0; i < files; i++) {
        out->files[i].name = entries[1 + i].name;
        out->files[i].bytes = entries[1 + i].bytes;
    }
    return CREDIT_OK;
}

static credit_result read_manifest(cr_sealed *sealed, credit_error *err)
{
    cr_manifest_file listed[CR_CONTENT_MAX];
    for (size_t i = 0; i < sealed->count; i++) { listed[i].name = sealed->files[i].name; }
    credit_result rc =
        cr_manifest_read(sealed->suite, sealed->manifest, listed, sealed->count, err);
    for (size_t i = 0; i < sealed->count && rc == CREDIT_OK; i++) {
        sealed->files[i].media_type = listed[i].media_type;
        memcpy(sealed->digests[i], listed[i].digest, CR_DIGEST_SIZE);
    }
    return rc;
}

/* True when the container is, byte for byte, what its parts give. */
static bool is_laid_out(const cr_sealed *sealed, credit_span manifest)
{
    char names[META_MAX][CR_META_NAME];
    cr_entry entries[ENTRIES_MAX];
    const parts found = {
        .suite = sealed->suite,
        .files = sealed->files,
        .count = sealed->count,
        .manifest = manifest,
        .signature = sealed->signature,
        .chain = sealed->chain,
        .cades = sealed->cades,
    };
    return cr_container_matches(entries, lay_out(&found, names, entries), sealed->bytes);
}

credit_result cr_unseal(credit_span bytes, cr_arena *arena, cr_sealed *out, credit_error *err)
{
    cr_entry *entries = NULL;
    size_t count = 0;
    cr_sealed found = {.bytes = bytes};
    *out = (cr_sealed){0};
    credit_result rc = cr_container_read(bytes, arena, &entries, &count, err);
    if (rc == CREDIT_OK) { rc = take_apart(entries, count, arena, &found, err); }
    if (rc == CREDIT_OK) { rc = read_manifest(&found, err); }
    if (rc == CREDIT_OK && !is_laid_out(&found, found.manifest)) {
        rc = refuse(err, "has its entries in another order or under other names");
    }
    if (rc == CREDIT_OK) { *out = found; }
    return rc;
}

credit_span cr_sealed_file(const cr_sealed *sealed, const char *name)
{
    for (size_t i = 0; i < sealed->count; i++) {
        if (cr_span_is(sealed->files[i].name, name)) { return sealed->files[i].bytes; }
    }
    return (credit_span){0};
}

/* Each file against its digest, then the whole against what its content gives. */
static credit_result judge_digest(
    const cr_sealed *sealed, cr_arena *arena, cr_verdict_check *check, credit_error *err)
{
    unsigned char digest[CR_DIGEST_SIZE];
    credit_span manifest;
    cr_check_ok(check);
    for (size_t i = 0; i < sealed->count; i++) {
        credit_result rc = digest_of(sealed->suite, sealed->files[i].bytes, digest, err);
        if (rc != CREDIT_OK) { return rc; }
        if (memcmp(digest, sealed->digests[i], sizeof digest) != 0) {
            cr_check_bad(check, "%.*s is not the file that was signed",
                (int)sealed->files[i].name.size, sealed->files[i].name.data);
        }
    }
    if (check->state == CR_CHECK_BAD) { return CREDIT_OK; }
    credit_result rc =
        make_manifest(sealed->suite, sealed->files, sealed->count, arena, &manifest, err);
    if (rc == CREDIT_OK && !is_laid_out(sealed, manifest)) {
        cr_check_bad(check, "the container is not byte for byte what its content gives");
    }
    return rc;
}

static credit_result judge_cades(const cr_sealed *sealed, const cr_chain *chain,
    credit_instant signing_time, cr_arena *arena, cr_verdict_check *check, credit_error *err)
{
    credit_error why = CREDIT_ERROR_INIT;
    credit_span attributes, signature;
    cr_cades cades = {.suite = sealed->suite, .chain = chain, .signing_time = signing_time};
    credit_result rc = digest_of(sealed->suite, sealed->manifest, cades.digest, err);
    if (rc == CREDIT_OK) { rc = cr_cades_attributes(&cades, arena, &attributes, err); }
    if (rc != CREDIT_OK) { return rc; }
    rc = cr_cades_read(&cades, sealed->cades, arena, &signature, &why);
    if (rc == CREDIT_E_UNTRUSTED) {
        cr_check_bad(check, "%s", why.message);
        return CREDIT_OK;
    }
    if (rc != CREDIT_OK) { return cr_fail(err, rc, "%s", why.message); }
    cr_judge_signature(chain, attributes, signature, "CAdES", check);
    return CREDIT_OK;
}

static credit_result judge_signatures(const cr_sealed *sealed, const cr_chain *chain,
    credit_instant signing_time, cr_arena *arena, cr_verdict *verdict, credit_error *err)
{
    cr_verdict_check *check = &verdict->signature;
    cr_check_ok(check);
    credit_result rc = cr_judge_signer(chain, verdict, err);
    if (rc != CREDIT_OK) { return rc; }
    if (verdict->suite != sealed->suite) {
        cr_check_bad(check, "the signer's key is not of the suite %s", sealed->suite->name);
        verdict->suite = sealed->suite;
        return CREDIT_OK;
    }
    cr_judge_signature(chain, sealed->manifest, sealed->signature, sealed->suite->name, check);
    if (!sealed->suite->cades) { return CREDIT_OK; }
    return judge_cades(sealed, chain, signing_time, arena, check, err);
}

credit_result cr_unseal_verify(const cr_sealed *sealed, const cr_verify_terms *judgement,
    cr_verdict *verdict, credit_error *err)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_chain chain = {0};
    credit_error why = CREDIT_ERROR_INIT;
    *verdict = (cr_verdict){.suite = sealed->suite};
    cr_check_absent(&verdict->timestamp, "there is no time stamp");
    credit_result rc = judge_digest(sealed, &arena, &verdict->digest, err);
    if (rc != CREDIT_OK) { goto out; }
    if (!is_time(judgement->signing_time)) {
        cr_check_bad(&verdict->signature, "the content claims no signing time");
        cr_check_bad(&verdict->chain, "the content claims no signing time");
        goto out;
    }
    rc = cr_chain_read_strict(sealed->chain, &chain, &why);
    if (rc == CREDIT_E_UNTRUSTED) {
        cr_check_bad(&verdict->signature, "%s", why.message);
        cr_check_bad(&verdict->chain, "%s", why.message);
        rc = CREDIT_OK;
        goto out;
    }
    if (rc != CREDIT_OK) {
        rc = cr_fail(err, rc, "%s", why.message);
        goto out;
    }
    rc = judge_signatures(sealed, &chain, judgement->signing_time, &arena, verdict, err);
    if (rc == CREDIT_OK) { rc = cr_judge_chain(&chain, judgement, verdict, err); }
out:
    cr_chain_free(&chain);
    cr_arena_release(&arena);
    return rc;
}
