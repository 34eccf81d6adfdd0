/* Sealing what leaves and judging what comes; knows no record and no rule. */
#include "api/seal.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "api/feed.h"
#include "api/installed.h"
#include "api/keys.h"
#include "api/policy.h"
#include "api/report_html.h"
#include "engine/date.h"
#include "engine/text.h"
#include "keys/crypto.h"
#include "keys/envelope.h"
#include "keys/files.h"

static const char EXTRACT_FILE[] = "extract.json";
static const char REPORT_FILE[] = "report.html";

credit_result api_seal_bytes(const credit_store *store, const cr_content *files, size_t count,
    credit_instant now, cr_arena *arena, credit_span *sealed, credit_error *err)
{
    cr_signer *signer = NULL;
    credit_result rc = api_keys_signer(store, &signer, err);
    if (rc == CREDIT_OK) { rc = cr_seal(signer, now, files, count, arena, sealed, err); }
    cr_signer_free(signer);
    return rc;
}

credit_result api_seal_files(const credit_store *store, const cr_content *files, size_t count,
    credit_instant now, const char *path, credit_error *err)
{
    cr_arena arena = CR_ARENA_INIT;
    credit_span sealed;
    credit_result rc = api_seal_bytes(store, files, count, now, &arena, &sealed, err);
    if (rc == CREDIT_OK) { rc = cr_file_replace(path, sealed, CR_FILE_PUBLIC, err); }
    cr_arena_release(&arena);
    return rc;
}

credit_result api_seal(const credit_store *store, credit_span extract, credit_span report,
    credit_instant now, const char *path, credit_error *err)
{
    const cr_content content[] = {{cr_span_of(EXTRACT_FILE), CR_SPAN("application/json"), extract},
        {cr_span_of(REPORT_FILE), CR_SPAN("text/html"), report}};
    return api_seal_files(store, content, sizeof content / sizeof *content, now, path, err);
}

/* ---- verifying ------------------------------------------------------------------------- */

/* Trust is what is named: the caller's, $CREDIT_TRUST, the installed directory. */
static credit_result gather_trust(const char *named, cr_trust *trust, credit_error *err)
{
    struct stat status;
    cr_arena arena = CR_ARENA_INIT;
    credit_result rc = CREDIT_OK;
    const char *path = named != NULL ? named : api_environment("CREDIT_TRUST");
    if (path != NULL) {
        rc = cr_trust_add_path(trust, path, err);
    } else {
        path = cr_installed_trust(&arena);
        if (path != NULL && stat(path, &status) == 0) { rc = cr_trust_add_path(trust, path, err); }
    }
    cr_arena_release(&arena);
    return rc;
}

static void copy_text(char *out, size_t size, const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    if (text != NULL) { snprintf(out, size, "%s", text); }
}

/* What the content says of itself; nothing here is believed before the signature is. */
static credit_result read_claims(
    credit_span extract, credit_verdict *verdict, credit_instant *issued_at, credit_error *err)
{
    json_error_t reason;
    json_t *root = json_loadb(extract.data, extract.size, JSON_REJECT_DUPLICATES, &reason);
    const json_t *subject = json_object_get(root, "subject");
    *issued_at = CREDIT_INSTANT_NONE;
    copy_text(verdict->number, sizeof verdict->number, root, "number");
    copy_text(verdict->scope, sizeof verdict->scope, root, "scope");
    copy_text(verdict->as_of, sizeof verdict->as_of, root, "as_of");
    copy_text(verdict->issued_at, sizeof verdict->issued_at, root, "issued_at");
    copy_text(verdict->subject, sizeof verdict->subject, subject, "id");
    copy_text(verdict->name, sizeof verdict->name, subject, "name");
    bool sound = root != NULL && cr_instant_parse(cr_span_of(verdict->issued_at), issued_at);
    json_decref(root);
    return sound ? CREDIT_OK
                 : cr_fail(
                       err, CREDIT_E_UNTRUSTED, "%s does not say when it was issued", EXTRACT_FILE);
}

/* report.html must be what extract.json makes of itself: people read the one,
 * programs the other. */
static credit_result report_agrees(
    const cr_sealed *sealed, cr_arena *arena, bool *agrees, credit_error *err)
{
    unsigned char digest[CR_DIGEST_SIZE];
    char hex[2 * CR_DIGEST_SIZE + 1];
    credit_span extract = cr_sealed_file(sealed, EXTRACT_FILE), html;
    const cr_crypto *crypto = cr_keys_crypto();
    cr_hasher *hasher = crypto->hasher_new(CR_HASH_SHA256);
    *agrees = false;
    if (hasher == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    credit_result rc = crypto->digest(hasher, &extract, 1, digest);
    crypto->hasher_free(hasher);
    if (rc != CREDIT_OK) { return cr_fail(err, rc, "the extract could not be digested"); }
    api_hex(digest, sizeof digest, hex);
    rc = cr_report_html(extract, hex, arena, &html, err);
    if (rc == CREDIT_E_DATA) { return CREDIT_OK; }
    *agrees = rc == CREDIT_OK && cr_span_equal(html, cr_sealed_file(sealed, REPORT_FILE));
    return rc;
}

static credit_verdict_state state_of(const cr_verdict_check *check)
{
    static const credit_verdict_state states[] = {[CR_CHECK_ABSENT] = CREDIT_VERDICT_ABSENT,
        [CR_CHECK_OK] = CREDIT_VERDICT_OK,
        [CR_CHECK_BAD] = CREDIT_VERDICT_BAD};
    return states[check->state];
}

static void fill(const cr_verdict *from, credit_verdict *to)
{
    const cr_verdict_check *const checks[] = {&from->digest, &from->signature, &from->chain};
    to->signature = state_of(&from->signature);
    to->chain = state_of(&from->chain);
    to->digest = state_of(&from->digest);
    to->timestamp = state_of(&from->timestamp);
    to->completeness = CREDIT_VERDICT_ABSENT; /* proofs come with the ledger */
    to->checkpoint = CREDIT_VERDICT_ABSENT;
    to->verified = cr_verdict_holds(from);
    if (from->suite != NULL) { snprintf(to->suite, sizeof to->suite, "%s", from->suite->name); }
    snprintf(to->signer, sizeof to->signer, "%.*s", (int)sizeof to->signer - 1, from->signer);
    snprintf(to->key_id, sizeof to->key_id, "%s", from->key_id);
    snprintf(to->trust, sizeof to->trust, "%s", from->root);
    for (size_t i = 0; i < 3 && to->reason[0] == '\0' && !to->verified; i++) {
        if (checks[i]->state != CR_CHECK_OK) {
            snprintf(to->reason, sizeof to->reason, "%s", checks[i]->reason);
        }
    }
}

static void refuse(cr_verdict *from, const credit_error *why, credit_verdict *verdict)
{
    cr_verdict_refuse(from, why);
    fill(from, verdict);
}

/* A package or a receipt of the exchange; CREDIT_DONE: it is none. */
static credit_result read_feed_claims(
    const cr_sealed *sealed, credit_verdict *verdict, credit_instant *issued_at, credit_error *err)
{
    api_feed_claim claim;
    credit_result rc = api_feed_claims(sealed, &claim, err);
    if (rc != CREDIT_OK) { return rc; }
    *issued_at = claim.issued_at;
    snprintf(verdict->kind, sizeof verdict->kind, claim.receipt ? "receipt" : "package");
    snprintf(verdict->number, sizeof verdict->number, "%u", claim.number);
    snprintf(verdict->scope, sizeof verdict->scope, "%s", claim.scope);
    snprintf(verdict->issued_at, sizeof verdict->issued_at, "%s", claim.issued_text);
    api_hex(claim.stream, CR_FEED_STREAM, verdict->subject);
    return CREDIT_OK;
}

static credit_result read_sealed(
    const cr_sealed *sealed, credit_verdict *verdict, credit_instant *issued_at, credit_error *err)
{
    credit_result rc = read_feed_claims(sealed, verdict, issued_at, err);
    if (rc != CREDIT_DONE) { return rc; }
    snprintf(verdict->kind, sizeof verdict->kind, "extract");
    return read_claims(cr_sealed_file(sealed, EXTRACT_FILE), verdict, issued_at, err);
}

/* What its content says beside the digests: a page, a chain of rows. */
static credit_result judge_content(const cr_sealed *sealed, const char *kind, cr_arena *arena,
    cr_verdict *found, credit_error *err)
{
    bool agrees = true;
    credit_error why = CREDIT_ERROR_INIT;
    credit_result rc = CREDIT_OK;
    if (strcmp(kind, "extract") == 0) {
        rc = report_agrees(sealed, arena, &agrees, err);
        if (!agrees) {
            cr_check_bad(&found->digest, "%s is not the page of %s", REPORT_FILE, EXTRACT_FILE);
        }
    } else if (strcmp(kind, "package") == 0) {
        api_feed_taking taking;
        rc = api_feed_read(sealed, cr_keys_crypto(), arena, &taking, &why);
        if (rc == CREDIT_E_UNTRUSTED) {
            cr_check_bad(&found->digest, "%s", why.message);
            rc = CREDIT_OK;
        }
        if (rc != CREDIT_OK) { return cr_fail(err, rc, "%s", why.message); }
    }
    return rc;
}

static credit_result judge_seal(credit_span bytes, const cr_trust *trust, cr_arena *arena,
    cr_sealed *sealed, credit_verdict *verdict, credit_error *err)
{
    cr_verdict found;
    credit_error why = CREDIT_ERROR_INIT;
    cr_verify_terms judgement = {trust, CREDIT_INSTANT_NONE, false};
    memset(&found, 0, sizeof found);
    credit_result rc = cr_unseal(bytes, arena, sealed, &why);
    if (rc == CREDIT_OK) { rc = read_sealed(sealed, verdict, &judgement.signing_time, &why); }
    if (rc == CREDIT_E_UNTRUSTED) {
        refuse(&found, &why, verdict);
        return CREDIT_OK;
    }
    if (rc == CREDIT_OK) { rc = cr_unseal_verify(sealed, &judgement, &found, &why); }
    if (rc == CREDIT_OK) { rc = judge_content(sealed, verdict->kind, arena, &found, &why); }
    if (rc != CREDIT_OK) {
        if (err != NULL) { *err = why; }
        return rc;
    }
    fill(&found, verdict);
    return CREDIT_OK;
}

bool api_is_sealed(const char *path)
{
    char head[4] = "";
    FILE *file = strcmp(path, "-") == 0 ? NULL : fopen(path, "rb");
    if (file == NULL) { return false; }
    size_t size = fread(head, 1, sizeof head, file);
    fclose(file);
    return size == sizeof head && memcmp(head, "PK\3\4", sizeof head) == 0;
}

credit_result api_unseal_trusted(const credit_store *store, const char *path, const char *named,
    cr_arena *arena, cr_sealed *sealed, unsigned char digest[CR_DIGEST_SIZE], credit_error *err)
{
    char own[CR_FILE_PATH_MAX];
    credit_verdict verdict = {0};
    cr_trust *trust = NULL;
    cr_hasher *hasher = store->crypto->hasher_new(CR_HASH_SHA256);
    credit_span bytes;
    credit_result rc = hasher == NULL ? cr_fail(err, CREDIT_E_NOMEM, "out of memory")
                                      : cr_file_read(path, arena, &bytes, err);
    if (rc == CREDIT_OK) { rc = cr_trust_new(&trust, err); }
    if (rc == CREDIT_OK) { rc = gather_trust(named, trust, err); }
    if (rc == CREDIT_OK && cr_trust_count(trust) == 0 &&
        cr_file_path(own, store->path, "authority.pem")) {
        rc = cr_trust_add_path(trust, own, err);
    }
    if (rc == CREDIT_OK) { rc = judge_seal(bytes, trust, arena, sealed, &verdict, err); }
    if (rc == CREDIT_OK && !verdict.verified) {
        rc = cr_fail(err, CREDIT_E_UNTRUSTED, "%s", verdict.reason);
    }
    if (rc == CREDIT_OK) { rc = store->crypto->digest(hasher, &bytes, 1, digest); }
    if (hasher != NULL) { store->crypto->hasher_free(hasher); }
    cr_trust_free(trust);
    return rc;
}

credit_result credit_verify(
    const char *path, const char *trust_path, credit_verdict *verdict, credit_error *err)
{
    if (path == NULL || verdict == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a path and a verdict are needed");
    }
    memset(verdict, 0, sizeof *verdict);
    cr_trust *trust = NULL;
    cr_arena arena = CR_ARENA_INIT;
    cr_sealed sealed;
    credit_span bytes;
    credit_result rc = cr_file_read(path, &arena, &bytes, err);
    if (rc == CREDIT_OK) { rc = cr_trust_new(&trust, err); }
    if (rc == CREDIT_OK) { rc = gather_trust(trust_path, trust, err); }
    if (rc == CREDIT_OK) { rc = judge_seal(bytes, trust, &arena, &sealed, verdict, err); }
    cr_trust_free(trust);
    cr_arena_release(&arena);
    return rc;
}

credit_result credit_verdict_write(
    const credit_verdict *verdict, const char *file, credit_write write, void *ctx)
{
    static const char *const states[] = {"absent", "ok", "bad"};
    if (verdict == NULL || write == NULL) { return CREDIT_E_USAGE; }
    const struct {
        const char *name, *value;
    } members[] = {{"file", file}, {"kind", verdict->kind},
        {"signature", states[verdict->signature]}, {"chain", states[verdict->chain]},
        {"digest", states[verdict->digest]}, {"timestamp", states[verdict->timestamp]},
        {"completeness", states[verdict->completeness]},
        {"checkpoint", states[verdict->checkpoint]}, {"reason", verdict->reason},
        {"suite", verdict->suite}, {"signer", verdict->signer}, {"key_id", verdict->key_id},
        {"trust", verdict->trust}, {"number", verdict->number}, {"scope", verdict->scope},
        {"subject", verdict->subject}, {"name", verdict->name}, {"as_of", verdict->as_of},
        {"issued_at", verdict->issued_at}};
    cr_canon json;
    cr_canon_init(&json);
    json.sorted = false;
    cr_canon_object(&json);
    cr_canon_key(&json, "verified");
    cr_canon_bool(&json, verdict->verified);
    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        bool none = members[i].value == NULL || members[i].value[0] == '\0';
        cr_canon_key(&json, members[i].name);
        cr_canon_text(&json, none ? NULL : members[i].value);
    }
    cr_canon_end_object(&json);
    credit_result rc = api_send(&json, write, ctx, NULL);
    cr_canon_free(&json);
    return rc;
}
