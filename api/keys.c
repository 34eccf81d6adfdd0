#include "api/keys.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/text.h"
#include "keys/files.h"
#include "keys/keyring.h"

enum { PASSPHRASE_MAX = 1024 };
static const char AUTHORITY_FILE[] = "authority.pem";
static const char SIGNING_FILE[] = "signing.pem";

/* A passphrase on its way; wiped when it has been used. */
typedef struct passphrase {
    bool given;
    char text[PASSPHRASE_MAX];
} passphrase;

static credit_result read_passphrase(const char *path, passphrase *out, credit_error *err)
{
    memset(out, 0, sizeof *out);
    if (path == NULL) { return CREDIT_OK; }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return cr_fail(err, errno == EACCES ? CREDIT_E_ACCESS : CREDIT_E_NOT_FOUND, "%s: %s", path,
            strerror(errno));
    }
    setvbuf(file, NULL, _IONBF, 0); /* no second copy of the secret */
    out->given = fgets(out->text, sizeof out->text, file) != NULL;
    fclose(file);
    out->text[strcspn(out->text, "\r\n")] = '\0';
    if (out->given && out->text[0] != '\0') { return CREDIT_OK; }
    return cr_fail(err, CREDIT_E_KEY, "%s: the first line holds no passphrase", path);
}

static const char *passphrase_text(const passphrase *p)
{
    return p->given ? p->text : NULL;
}

/* ---- for the other files ------------------------------------------------------------ */

static credit_result copy_authority(const char *keys, const char *store, credit_error *err)
{
    char from[CR_FILE_PATH_MAX], to[CR_FILE_PATH_MAX];
    credit_span pem;
    cr_arena arena = CR_ARENA_INIT;
    if (!cr_file_path(from, keys, AUTHORITY_FILE) || !cr_file_path(to, store, AUTHORITY_FILE)) {
        return cr_fail(err, CREDIT_E_LIMIT, "a path is too long");
    }
    credit_result rc = cr_file_read(from, &arena, &pem, err);
    if (rc == CREDIT_OK) { rc = cr_file_replace(to, pem, CR_FILE_PUBLIC, err); }
    cr_arena_release(&arena);
    return rc;
}

static credit_result suite_must_agree(const char *keys, const cr_suite *suite, credit_error *err)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_keyring_item *items = NULL;
    size_t count = 0;
    credit_result rc = cr_keyring_list(keys, &arena, &items, &count, err);
    for (size_t i = 0; rc == CREDIT_OK && i < count; i++) {
        if (items[i].role == CR_KEY_SIGNING && items[i].info.suite != suite) {
            rc = cr_fail(
                err, CREDIT_E_KEY, "%s: holds a key of another suite than %s", keys, suite->name);
        }
    }
    cr_arena_release(&arena);
    return rc;
}

credit_result api_keys_prepare(const char *keys, const cr_suite *suite,
    const credit_store_options *options, credit_span organization, const char *store,
    credit_error *err)
{
    char signing[CR_FILE_PATH_MAX];
    passphrase secret;
    if (!cr_file_path(signing, keys, SIGNING_FILE)) {
        return cr_fail(err, CREDIT_E_LIMIT, "the path of the key directory is too long");
    }
    credit_result rc = read_passphrase(options->passphrase_file, &secret, err);
    if (rc == CREDIT_OK && cr_file_exists(signing)) {
        rc = suite_must_agree(keys, suite, err);
    } else if (rc == CREDIT_OK) {
        cr_keyring_options making = {
            suite, organization, options->now, 0, 0, passphrase_text(&secret)};
        rc = cr_keyring_create(keys, &making, err);
    }
    cr_wipe(&secret, sizeof secret);
    return rc == CREDIT_OK ? copy_authority(keys, store, err) : rc;
}

credit_result api_keys_load_persons(credit_store *store, credit_error *err)
{
    credit_result rc = cr_keyring_persons_key(store->keys, store->persons_key, err);
    store->has_persons_key = rc == CREDIT_OK;
    if (rc == CREDIT_E_NOT_FOUND || rc == CREDIT_E_ACCESS) {
        cr_error_clear(err);
        return CREDIT_OK;
    }
    return rc;
}

static void write_instant(cr_canon *json, const char *key, credit_instant instant)
{
    cr_canon_key(json, key);
    api_json_instant(json, instant);
}

credit_result api_keys_describe(const char *keys, cr_canon *json, credit_error *err)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_keyring_item *items = NULL;
    size_t count = 0;
    const cr_key_info *signing = NULL;
    credit_result rc = cr_keyring_list(keys, &arena, &items, &count, err);
    if (rc == CREDIT_E_NOT_FOUND || rc == CREDIT_E_ACCESS) {
        cr_error_clear(err);
        rc = CREDIT_OK;
        count = 0;
    }
    for (size_t i = 0; rc == CREDIT_OK && i < count; i++) {
        if (items[i].role == CR_KEY_SIGNING) { signing = &items[i].info; }
    }
    if (rc == CREDIT_OK && signing == NULL) { cr_canon_null(json); }
    if (rc == CREDIT_OK && signing != NULL) {
        cr_canon_object(json);
        cr_canon_key(json, "id");
        cr_canon_text(json, signing->key_id);
        cr_canon_key(json, "subject");
        cr_canon_string(json, signing->subject);
        write_instant(json, "valid_from", signing->valid_from);
        write_instant(json, "valid_to", signing->valid_to);
        cr_canon_end_object(json);
    }
    cr_arena_release(&arena);
    return rc;
}

credit_result api_keys_signer(const credit_store *store, cr_signer **signer, credit_error *err)
{
    passphrase secret;
    *signer = NULL;
    credit_result rc = read_passphrase(store->passphrase_file, &secret, err);
    if (rc == CREDIT_OK) {
        rc = cr_keyring_open(store->keys, passphrase_text(&secret), signer, err);
    }
    cr_wipe(&secret, sizeof secret);
    return rc;
}

/* ---- credit_key_… ---------------------------------------------------------------------- */

static void write_item(cr_canon *json, const cr_keyring_item *item, credit_instant now)
{
    static const char *const roles[] = {"authority", "signing", "retired"};
    const cr_key_info *info = &item->info;
    const char *status = now < info->valid_from  ? "not yet valid"
                         : now >= info->valid_to ? "expired"
                                                 : "valid";
    if (item->revocation.revoked && now >= item->revocation.since) { status = "revoked"; }
    cr_canon_reset(json);
    cr_canon_object(json);
    cr_canon_key(json, "id");
    cr_canon_text(json, info->key_id);
    cr_canon_key(json, "role");
    cr_canon_text(json, roles[item->role]);
    cr_canon_key(json, "suite");
    cr_canon_text(json, info->suite == NULL ? NULL : info->suite->name);
    cr_canon_key(json, "subject");
    cr_canon_string(json, info->subject);
    cr_canon_key(json, "issuer");
    cr_canon_string(json, info->issuer);
    cr_canon_key(json, "serial");
    cr_canon_string(json, info->serial);
    write_instant(json, "valid_from", info->valid_from);
    write_instant(json, "valid_to", info->valid_to);
    cr_canon_key(json, "status");
    cr_canon_text(json, status);
    if (item->revocation.revoked) {
        write_instant(json, "revoked_at", item->revocation.since);
        cr_canon_key(json, "reason");
        cr_canon_text(json, cr_revoked_for_name(item->revocation.reason));
    }
    cr_canon_end_object(json);
}

credit_result credit_key_list(
    const char *keys, credit_instant now, credit_write write, void *ctx, credit_error *err)
{
    if (keys == NULL || write == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a key directory and a writer are needed");
    }
    cr_arena arena = CR_ARENA_INIT;
    cr_keyring_item *items = NULL;
    size_t count = 0;
    cr_canon json;
    cr_canon_init(&json);
    json.sorted = false;
    credit_result rc = cr_keyring_list(keys, &arena, &items, &count, err);
    for (size_t i = 0; rc == CREDIT_OK && i < count; i++) {
        write_item(&json, &items[i], now);
        rc = api_send(&json, write, ctx, err);
    }
    cr_canon_free(&json);
    cr_arena_release(&arena);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* The organisation that stands in the directory's certificates. */
static credit_result organization_of(
    const char *keys, cr_arena *arena, credit_span *organization, credit_error *err)
{
    cr_keyring_item *items = NULL;
    size_t count = 0;
    credit_result rc = cr_keyring_list(keys, arena, &items, &count, err);
    *organization = (credit_span){NULL, 0};
    for (size_t i = 0; rc == CREDIT_OK && i < count; i++) {
        credit_span subject = items[i].info.subject;
        size_t at = cr_span_find(subject, CR_SPAN("O="));
        if (at == SIZE_MAX) { continue; }
        credit_span rest = {subject.data + at + 2, subject.size - at - 2};
        size_t comma = cr_span_find(rest, CR_SPAN(","));
        *organization = (credit_span){rest.data, comma == SIZE_MAX ? rest.size : comma};
    }
    if (rc == CREDIT_OK && organization->size == 0) {
        rc = cr_fail(err, CREDIT_E_KEY, "%s: its certificates name no organisation", keys);
    }
    return rc;
}

credit_result credit_key_rotate(
    const char *keys, const char *passphrase_file, credit_instant now, credit_error *err)
{
    if (keys == NULL || now == CREDIT_INSTANT_NONE) {
        return cr_fail(err, CREDIT_E_USAGE, "a key directory and an instant are needed");
    }
    passphrase secret;
    cr_arena arena = CR_ARENA_INIT;
    cr_keyring_options options = {.now = now};
    credit_result rc = organization_of(keys, &arena, &options.organization, err);
    if (rc == CREDIT_OK) { rc = read_passphrase(passphrase_file, &secret, err); }
    if (rc == CREDIT_OK) {
        options.passphrase = passphrase_text(&secret);
        rc = cr_keyring_rotate(keys, &options, err);
    }
    cr_wipe(&secret, sizeof secret);
    cr_arena_release(&arena);
    return rc;
}

credit_result credit_key_import(const char *keys, const char *passphrase_file,
    const char *private_key_path, const char *certificate_path, credit_error *err)
{
    if (keys == NULL || private_key_path == NULL || certificate_path == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a key directory, a key and a certificate are needed");
    }
    passphrase secret;
    credit_result rc = read_passphrase(passphrase_file, &secret, err);
    if (rc == CREDIT_OK) {
        const char *text = passphrase_text(&secret);
        rc = cr_keyring_import(keys, private_key_path, certificate_path, text, text, err);
    }
    cr_wipe(&secret, sizeof secret);
    return rc;
}

credit_result credit_key_revoke(const char *keys, const char *passphrase_file, const char *key_id,
    credit_instant since, const char *reason, credit_instant now, credit_error *err)
{
    passphrase secret;
    cr_revoked_for why;
    if (keys == NULL || key_id == NULL || reason == NULL || now == CREDIT_INSTANT_NONE) {
        return cr_fail(
            err, CREDIT_E_USAGE, "a key directory, a key, a reason and an instant are needed");
    }
    if (!cr_revoked_for_find(cr_span_of(reason), &why)) {
        return cr_fail(err, CREDIT_E_USAGE, "%.40s: no such reason", reason);
    }
    credit_result rc = read_passphrase(passphrase_file, &secret, err);
    if (rc == CREDIT_OK) {
        rc = cr_keyring_revoke(keys, passphrase_text(&secret), key_id, since, why, now, err);
    }
    cr_wipe(&secret, sizeof secret);
    return rc;
}

credit_result credit_key_export(const char *keys, credit_write write, void *ctx, credit_error *err)
{
    char path[CR_FILE_PATH_MAX];
    credit_span pem;
    cr_arena arena = CR_ARENA_INIT;
    if (keys == NULL || write == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a key directory and a writer are needed");
    }
    if (!cr_file_path(path, keys, SIGNING_FILE)) {
        return cr_fail(err, CREDIT_E_LIMIT, "the path of the key directory is too long");
    }
    credit_result rc = cr_file_read(path, &arena, &pem, err);
    if (rc == CREDIT_OK) { (void)write(ctx, pem.data, pem.size); }
    cr_arena_release(&arena);
    return rc;
}
