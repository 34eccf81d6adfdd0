/* Policy packs as a caller sees them: opening, identifiers, dates, catalogs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/installed.h"
#include "api/internal.h"
#include "api/policy.h"
#include "engine/decision.h"
#include "engine/judge.h"
#include "engine/text.h"
#include "keys/crypto.h"
#include "loaders/dmn.h"
#include "loaders/pack.h"

static const char DEFAULT_PACK[] = "jingzhou";

const char *api_environment(const char *name)
{
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' ? value : NULL;
}

credit_result api_pack_read(
    const char *directory, cr_arena *arena, cr_pack_file **files, size_t *count, credit_error *err)
{
    if (directory == NULL) { directory = api_environment("CREDIT_PACK"); }
    if (directory == NULL) {
        const char *packs = cr_installed_packs(arena);
        if (packs != NULL) { directory = cr_arena_printf(arena, "%s/%s", packs, DEFAULT_PACK); }
        if (directory == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    }
    return cr_pack_read_directory(directory, arena, files, count, err);
}

/* Compiles the pack's DMN file against the objects that its rules look at. */
static credit_result compile_rules(cr_pack *pack, credit_error *err)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_fact_types types;
    const cr_host_binding bindings[] = {{CR_SPAN("records"), CR_HOST_RECORD, true},
        {CR_SPAN("record"), CR_HOST_RECORD, false}, {CR_SPAN("subject"), CR_HOST_SUBJECT, false},
        {CR_SPAN("covers"), CR_HOST_COVERS, false}, {CR_SPAN("policy"), CR_HOST_POLICY, false}};
    char *file = cr_arena_copy(&arena, pack->rules->path.data, pack->rules->path.size);
    credit_result rc = file == NULL ? cr_fail(err, CREDIT_E_NOMEM, "out of memory")
                                    : cr_fact_types_build(pack, &arena, &types, err);
    cr_model_options options = {
        types.types, CR_HOST_TYPES, bindings, sizeof bindings / sizeof *bindings};
    if (rc == CREDIT_OK) {
        rc = cr_dmn_load(pack->rules->bytes, file, &options, &pack->model, err);
    }
    cr_arena_release(&arena);
    return rc;
}

/* A pack whose named decisions are not all there must not come into force. */
static credit_result try_rules(const cr_pack *pack, credit_error *err)
{
    cr_judge *judge = NULL;
    static const cr_registry nothing = {0};
    credit_result rc = cr_judge_new(pack, &nothing, 0, &judge, err);
    cr_judge_free(judge);
    return rc;
}

credit_result api_pack_compile(
    const cr_pack_file *files, size_t count, cr_pack **pack, credit_error *err)
{
    credit_result rc = cr_pack_compile(files, count, cr_keys_crypto(), pack, err);
    if (rc != CREDIT_OK || (*pack)->rules == NULL) { return rc; }
    rc = compile_rules(*pack, err);
    if (rc == CREDIT_OK) { rc = try_rules(*pack, err); }
    if (rc != CREDIT_OK) {
        api_pack_free(*pack);
        *pack = NULL;
    }
    return rc;
}

void api_pack_free(cr_pack *pack)
{
    if (pack == NULL) { return; }
    cr_model_free(pack->model);
    cr_pack_free(pack);
}

size_t api_pack_decisions(const cr_pack *pack)
{
    return pack->model == NULL ? 0 : cr_model_decision_count(pack->model);
}

credit_result credit_pack_open(const char *directory, credit_pack **pack, credit_error *err)
{
    if (pack == NULL) { return cr_fail(err, CREDIT_E_USAGE, "a place for the pack is needed"); }
    *pack = NULL;
    cr_arena arena = CR_ARENA_INIT;
    cr_pack_file *files = NULL;
    size_t count = 0;
    credit_pack *handle = cr_alloc(sizeof *handle);
    if (handle == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    handle->pack = NULL;
    credit_result rc = api_pack_read(directory, &arena, &files, &count, err);
    if (rc == CREDIT_OK) { rc = api_pack_compile(files, count, &handle->pack, err); }
    cr_arena_release(&arena);
    if (rc != CREDIT_OK) {
        cr_free(handle);
        return rc;
    }
    *pack = handle;
    return CREDIT_OK;
}

void credit_pack_close(credit_pack *pack)
{
    if (pack == NULL) { return; }
    api_pack_free(pack->pack);
    cr_free(pack);
}

/* "7wd": working days; anything else is a period. */
static bool working_days(const char *text, int32_t *days)
{
    char *end = NULL;
    long value = strtol(text, &end, 10);
    if (end == text || strcmp(end, "wd") != 0 || value < 0 || value > 100000) { return false; }
    *days = (int32_t)value;
    return true;
}

credit_result credit_date_add(const credit_pack *pack, credit_date date, const char *period,
    credit_date *result, credit_error *err)
{
    if (pack == NULL || period == NULL || result == NULL || date == CREDIT_DATE_NONE) {
        return cr_fail(err, CREDIT_E_USAGE, "a pack, a date, a period and a result are needed");
    }
    *result = CREDIT_DATE_NONE;
    int32_t days = 0;
    cr_period parsed;
    if (working_days(period, &days)) {
        if (cr_calendar_add(pack->pack->calendar, date, days, result)) { return CREDIT_OK; }
        return cr_fail(err, CREDIT_E_DATA,
            "the calendar does not reach that far: no holiday notice for one of the years");
    }
    if (!cr_period_parse(cr_span_of(period), &parsed)) {
        return cr_fail(err, CREDIT_E_DATA,
            "%.40s: not a period (P3M, P1Y6M, P10D) or working days (7wd)", period);
    }
    *result = cr_date_add(date, parsed);
    return CREDIT_OK;
}

void credit_id_judge(const credit_pack *pack, const char *text, size_t size, credit_id *id)
{
    cr_id folded;
    cr_id_verdict verdict = cr_id_judge(
        (credit_span){text, size}, CR_ID_UNKNOWN, pack == NULL ? NULL : &pack->pack->ids, &folded);
    memset(id, 0, sizeof *id);
    id->kind = cr_id_kind_name(folded.kind);
    id->valid = verdict.valid;
    id->personal = cr_id_is_personal(folded.kind);
    id->reason = verdict.fault != NULL     ? verdict.fault
                 : verdict.warning != NULL ? verdict.warning
                                           : "";
    memcpy(id->detail, verdict.detail, sizeof id->detail);
    memcpy(id->number, folded.number, folded.size);
}

credit_result credit_subject_parse(
    const credit_pack *pack, const char *text, credit_subject *subject, credit_error *err)
{
    if (pack == NULL || text == NULL || subject == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a pack, a text and a subject are needed");
    }
    memset(subject, 0, sizeof *subject);
    cr_id_kind kind = CR_ID_USCC;
    const char *colon = strchr(text, ':');
    if (colon != NULL) {
        kind = cr_id_kind_of((credit_span){text, (size_t)(colon - text)});
        if (kind == CR_ID_UNKNOWN) {
            return cr_fail(err, CREDIT_E_DATA, "no such type of identifier before the colon");
        }
        text = colon + 1;
    }
    cr_id id;
    cr_id_verdict verdict = cr_id_judge(cr_span_of(text), kind, &pack->pack->ids, &id);
    if (!verdict.valid) {
        return cr_fail(err, CREDIT_E_DATA, "not a valid %s: %s%s%s", cr_id_kind_name(kind),
            verdict.fault, verdict.detail[0] == '\0' ? "" : ", ", verdict.detail);
    }
    subject->kind = (uint8_t)id.kind;
    subject->size = id.size;
    memcpy(subject->number, id.number, id.size);
    return CREDIT_OK;
}

/* ---- catalogs ------------------------------------------------------------------ */

static void write_text(cr_canon *json, const char *key, credit_span text)
{
    cr_canon_key(json, key);
    cr_canon_string(json, text);
}

static void write_head(cr_canon *json, const cr_catalog *catalog)
{
    write_text(json, "name", catalog->name);
    write_text(json, "title", catalog->title);
    write_text(json, "section", catalog->section);
}

credit_result credit_catalog_list(
    const credit_pack *pack, credit_write write, void *ctx, credit_error *err)
{
    if (pack == NULL || write == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a pack and a writer are needed");
    }
    cr_canon json;
    cr_canon_init(&json);
    json.sorted = false;
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < pack->pack->catalog_count; i++) {
        const cr_catalog *catalog = &pack->pack->catalogs[i];
        cr_canon_reset(&json);
        cr_canon_object(&json);
        write_head(&json, catalog);
        cr_canon_key(&json, "columns");
        cr_canon_integer(&json, (int64_t)catalog->field_count);
        cr_canon_end_object(&json);
        rc = api_send(&json, write, ctx, err);
    }
    cr_canon_free(&json);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

static void write_field(cr_canon *json, const cr_field *field)
{
    static const char *const types[] = {"string", "date", "number", "year"};
    cr_canon_object(json);
    write_text(json, "name", field->code);
    write_text(json, "title", field->title);
    write_text(json, "description", field->description);
    cr_canon_key(json, "type");
    cr_canon_text(json, types[field->type]);
    cr_canon_key(json, "required");
    cr_canon_bool(json, field->required);
    cr_canon_key(json, "length_max");
    cr_canon_integer(json, field->length_max);
    cr_canon_key(json, "personal");
    cr_canon_bool(json, field->personal);
    cr_canon_key(json, "aliases");
    cr_canon_array(json);
    for (size_t i = 0; i < field->alias_count; i++) { cr_canon_string(json, field->aliases[i]); }
    cr_canon_end_array(json);
    cr_canon_key(json, "words");
    cr_canon_array(json);
    for (size_t i = 0; field->codes != NULL && i < field->codes->code_count; i++) {
        cr_canon_string(json, field->codes->codes[i].word);
    }
    cr_canon_end_array(json);
    cr_canon_end_object(json);
}

credit_result credit_catalog_show(
    const credit_pack *pack, const char *name, credit_write write, void *ctx, credit_error *err)
{
    if (pack == NULL || name == NULL || write == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a pack, a name and a writer are needed");
    }
    int index = cr_pack_catalog(pack->pack, cr_span_of(name));
    if (index < 0) { return cr_fail(err, CREDIT_E_NOT_FOUND, "%.60s: no such catalog", name); }
    const cr_catalog *catalog = &pack->pack->catalogs[index];
    cr_canon json;
    cr_canon_init(&json);
    json.sorted = false;
    cr_canon_object(&json);
    write_head(&json, catalog);
    cr_canon_key(&json, "fields");
    cr_canon_array(&json);
    for (size_t i = 0; i < catalog->field_count; i++) { write_field(&json, &catalog->fields[i]); }
    cr_canon_end_array(&json);
    cr_canon_end_object(&json);
    credit_result rc = api_send(&json, write, ctx, err);
    cr_canon_free(&json);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}
