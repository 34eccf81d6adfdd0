/* credit_file_check: what an import would say of a file, as far as no store is needed
 * to tell. It reads as an import reads, by the same loader. */
#include <stdio.h>
#include <string.h>

#include "api/internal.h"
#include "engine/text.h"
#include "keys/crypto.h"
#include "loaders/loader.h"

typedef struct precheck {
    credit_write write;
    void *ctx;
    cr_canon json;
    const cr_catalog *catalog;
} precheck;

static credit_result begin(void *ctx, const cr_catalog *catalog, uint16_t catalog_index,
    const cr_profile *profile, credit_span header, credit_error *err)
{
    precheck *p = ctx;
    (void)catalog_index;
    (void)profile;
    (void)header;
    (void)err;
    p->catalog = catalog;
    return CREDIT_OK;
}

static credit_result send_findings(
    precheck *p, uint64_t line, const cr_finding *findings, size_t count, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < count; i++) {
        const cr_finding *finding = &findings[i];
        cr_canon *json = &p->json;
        cr_canon_reset(json);
        cr_canon_object(json);
        cr_canon_key(json, "line");
        cr_canon_integer(json, (int64_t)line);
        cr_canon_key(json, "field");
        cr_canon_text(json, finding->field);
        cr_canon_key(json, "rule");
        cr_canon_text(json, finding->rule);
        cr_canon_key(json, "severity");
        cr_canon_text(json, finding->severity == CR_ERROR ? "error" : "warning");
        cr_canon_key(json, "message");
        cr_canon_text(json, finding->message);
        cr_canon_end_object(json);
        rc = api_send(json, p->write, p->ctx, err);
    }
    return rc;
}

static credit_result take_record(
    void *ctx, const cr_record *record, credit_span raw, credit_error *err)
{
    (void)raw;
    return send_findings(ctx, record->line, record->findings, record->finding_count, err);
}

static credit_result take_refused(void *ctx, uint64_t line, credit_span raw,
    const cr_finding *findings, size_t count, credit_error *err)
{
    (void)raw;
    return send_findings(ctx, line, findings, count, err);
}

static void fill(const precheck *p, const cr_source *source, const cr_load_result *loaded,
    credit_file_check *out)
{
    const cr_source_info *info = cr_source_get_info(source);
    snprintf(out->catalog, sizeof out->catalog, "%.*s", (int)p->catalog->name.size,
        p->catalog->name.data);
    snprintf(out->encoding, sizeof out->encoding, "%s", info->encoding);
    api_hex(info->digest, CR_DIGEST_SIZE, out->sha256);
    out->rows = loaded->rows;
    out->accepted = loaded->records;
    out->rejected = loaded->refused;
    out->warnings = loaded->warnings;
    out->late = loaded->late;
    out->late_unknown = loaded->late_unknown;
}

credit_result credit_catalog_check(const credit_pack *pack, const char *path, const char *catalog,
    credit_date today, credit_write write, void *ctx, credit_file_check *out, credit_error *err)
{
    if (out != NULL) { memset(out, 0, sizeof *out); }
    if (pack == NULL || path == NULL || today == CREDIT_DATE_NONE || write == NULL || out == NULL) {
        return cr_fail(
            err, CREDIT_E_USAGE, "a pack, a path, a day, a writer and a result are needed");
    }
    precheck p = {.write = write, .ctx = ctx};
    cr_sink sink = {&p, begin, take_record, take_refused, NULL};
    cr_load_options options = {pack->pack, cr_span_of(catalog), today, NULL};
    cr_load_result loaded;
    cr_source *source = NULL;
    cr_canon_init(&p.json);
    p.json.sorted = false;
    credit_result rc = cr_source_open(path, cr_keys_crypto(), &source, err);
    if (rc == CREDIT_OK) { rc = cr_load(source, &options, &sink, &loaded, err); }
    if (rc == CREDIT_OK) { rc = cr_source_digest(source, true, err); }
    if (rc == CREDIT_OK) { fill(&p, source, &loaded, out); }
    cr_source_close(source);
    cr_canon_free(&p.json);
    return rc;
}

credit_result credit_file_check_write(
    const credit_file_check *check, const char *file, credit_write write, void *ctx)
{
    if (check == NULL || write == NULL) { return CREDIT_E_USAGE; }
    const struct {
        const char *name;
        uint64_t value;
    } counts[] = {{"rows", check->rows}, {"accepted", check->accepted},
        {"rejected", check->rejected}, {"warnings", check->warnings}, {"late", check->late},
        {"late_unknown", check->late_unknown}};
    cr_canon json;
    cr_canon_init(&json);
    json.sorted = false;
    cr_canon_object(&json);
    cr_canon_key(&json, "catalog");
    cr_canon_text(&json, check->catalog);
    cr_canon_key(&json, "file");
    cr_canon_text(&json, file);
    cr_canon_key(&json, "encoding");
    cr_canon_text(&json, check->encoding);
    cr_canon_key(&json, "sha256");
    cr_canon_text(&json, check->sha256);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        cr_canon_key(&json, counts[i].name);
        cr_canon_integer(&json, (int64_t)counts[i].value);
    }
    cr_canon_end_object(&json);
    credit_result rc = api_send(&json, write, ctx, NULL);
    cr_canon_free(&json);
    return rc;
}
