/* credit_rules_eval: one decision of a DMN file, for those who write rules. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "api/internal.h"
#include "engine/decision.h"
#include "engine/text.h"
#include "keys/files.h"
#include "loaders/dmn.h"

enum { DEPTH_MAX = 32 };

/* ---- JSON → FEEL, typed by the model ------------------------------------------------ */

static bool from_json(const json_t *json, const struct cr_feel_type *type, cr_arena *arena,
    unsigned depth, cr_feel_value *out);

static bool from_text(const json_t *json, cr_feel_kind kind, cr_feel_value *out)
{
    credit_span text = {json_string_value(json), json_string_length(json)};
    bool temporal = kind == CR_FEEL_DATE || kind == CR_FEEL_TIME || kind == CR_FEEL_DATE_TIME ||
                    kind == CR_FEEL_DAYS_DURATION || kind == CR_FEEL_MONTHS_DURATION ||
                    kind == CR_FEEL_NUMBER;
    *out = cr_feel_string(text);
    return !temporal || cr_feel_parse(kind, text, out);
}

static bool from_number(const json_t *json, cr_arena *arena, cr_feel_value *out)
{
    if (json_is_integer(json)) {
        *out = cr_feel_integer(json_integer_value(json));
        return true;
    }
    char *text = cr_arena_printf(arena, "%.15g", json_real_value(json));
    return text != NULL && cr_feel_parse(CR_FEEL_NUMBER, cr_span_of(text), out);
}

static bool from_array(const json_t *json, const struct cr_feel_type *type, cr_arena *arena,
    unsigned depth, cr_feel_value *out)
{
    size_t count = json_array_size(json);
    cr_feel_value *items = cr_arena_array(arena, count + 1, sizeof *items);
    const struct cr_feel_type *item = type == NULL ? NULL : cr_type_item(type);
    for (size_t i = 0; items != NULL && i < count; i++) {
        if (!from_json(json_array_get(json, i), item, arena, depth, &items[i])) { return false; }
    }
    *out = cr_feel_list(items, count);
    return items != NULL;
}

static bool from_object(const json_t *json, const struct cr_feel_type *type, cr_arena *arena,
    unsigned depth, cr_feel_value *out)
{
    const char *name;
    json_t *member;
    size_t count = 0;
    cr_feel_entry *entries = cr_arena_array(arena, json_object_size(json) + 1, sizeof *entries);
    if (entries == NULL) { return false; }
    json_object_foreach((json_t *)(uintptr_t)json, name, member)
    {
        entries[count].name = cr_span_of(name);
        const struct cr_feel_type *member_type =
            type == NULL ? NULL : cr_type_member(type, entries[count].name);
        if (!from_json(member, member_type, arena, depth, &entries[count].value)) { return false; }
        count++;
    }
    *out = cr_feel_context(entries, count);
    return true;
}

static bool from_json(const json_t *json, const struct cr_feel_type *type, cr_arena *arena,
    unsigned depth, cr_feel_value *out)
{
    *out = cr_feel_null();
    if (depth == DEPTH_MAX) { return false; }
    switch (json_typeof(json)) {
    case JSON_NULL: return true;
    case JSON_TRUE:
    case JSON_FALSE: *out = cr_feel_boolean(json_is_true(json)); return true;
    case JSON_INTEGER:
    case JSON_REAL: return from_number(json, arena, out);
    case JSON_STRING: return from_text(json, type == NULL ? CR_FEEL_ANY : cr_type_kind(type), out);
    case JSON_ARRAY: return from_array(json, type, arena, depth + 1, out);
    case JSON_OBJECT: return from_object(json, type, arena, depth + 1, out);
    }
    return false;
}

static credit_result give_inputs(const json_t *inputs, const cr_model *model, cr_eval *eval,
    cr_arena *arena, credit_error *err)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)inputs, name, value)
    {
        cr_feel_value given;
        int input = cr_model_input(model, cr_span_of(name));
        if (input < 0) { return cr_fail(err, CREDIT_E_DATA, "the model has no input \"%.60s\"", name); }
        if (!from_json(value, cr_model_input_type(model, input), arena, 0, &given)) {
            return cr_fail(err, CREDIT_E_DATA, "the input \"%.60s\" is not of its type", name);
        }
        cr_eval_give(eval, input, given);
    }
    return CREDIT_OK;
}

/* ---- evaluating ------------------------------------------------------------------------ */

static void write_result(cr_eval *eval, const char *decision, int index, cr_feel_value value,
    cr_canon *json)
{
    const cr_row *rows = NULL;
    size_t count = cr_eval_rows(eval, index, &rows);
    cr_canon_object(json);
    cr_canon_key(json, "decision");
    cr_canon_text(json, decision);
    cr_canon_key(json, "value");
    cr_feel_write_json(value, eval, json);
    cr_canon_key(json, "matched");
    cr_canon_array(json);
    for (size_t i = 0; i < count; i++) { cr_canon_integer(json, rows[i].number); }
    cr_canon_end_array(json);
    cr_canon_key(json, "errors");
    cr_canon_array(json);
    for (size_t i = 0; i < cr_eval_error_count(eval); i++) {
        int where;
        cr_canon_string(json, cr_eval_error(eval, i, &where));
    }
    cr_canon_end_array(json);
    cr_canon_end_object(json);
}

static credit_result load_model(
    const char *path, cr_arena *arena, cr_model **model, credit_error *err)
{
    credit_span bytes;
    credit_result rc = cr_file_read(path, arena, &bytes, err);
    return rc == CREDIT_OK ? cr_dmn_load(bytes, path, NULL, model, err) : rc;
}

credit_result credit_rules_eval(const char *dmn_path, const char *decision,
    const char *input_json, size_t input_size, credit_write write, void *ctx, credit_error *err)
{
    if (dmn_path == NULL || decision == NULL || write == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a file, a decision and a writer are needed");
    }
    json_error_t reason;
    cr_arena arena = CR_ARENA_INIT;
    cr_model *model = NULL;
    cr_eval *eval = NULL;
    cr_feel_value value;
    cr_canon json;
    int index = -1;
    cr_canon_init(&json);
    json.sorted = false;
    json_t *inputs = input_json == NULL
                         ? json_object()
                         : json_loadb(input_json, input_size, JSON_REJECT_DUPLICATES, &reason);
    credit_result rc = load_model(dmn_path, &arena, &model, err);
    if (rc == CREDIT_OK && !json_is_object(inputs)) {
        rc = cr_fail(err, CREDIT_E_DATA, "the input is not a JSON object%s%s", inputs == NULL ? ": " : "",
            inputs == NULL && input_json != NULL ? reason.text : "");
    }
    if (rc == CREDIT_OK) {
        index = cr_model_decision(model, cr_span_of(decision));
        if (index < 0) { rc = cr_fail(err, CREDIT_E_NOT_FOUND, "%s: no decision \"%.60s\"", dmn_path, decision); }
    }
    if (rc == CREDIT_OK) { rc = cr_eval_new(model, &eval, err); }
    if (rc == CREDIT_OK) {
        cr_eval_reset(eval, NULL);
        rc = give_inputs(inputs, model, eval, &arena, err);
    }
    if (rc == CREDIT_OK) { rc = cr_eval_decide(eval, index, &value, err); }
    if (rc == CREDIT_OK) {
        write_result(eval, decision, index, value, &json);
        rc = api_send(&json, write, ctx, err);
    }
    cr_canon_free(&json);
    cr_eval_free(eval);
    cr_model_free(model);
    json_decref(inputs);
    cr_arena_release(&arena);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}
