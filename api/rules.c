/* credit_rules_eval: one decision of a DMN file, for those who write rules. */
#include "api/internal.h"
#include "engine/decision.h"
#include "engine/text.h"
#include "keys/files.h"
#include "loaders/dmn.h"
#include "loaders/feel_json.h"

/* ---- evaluating ------------------------------------------------------------------------ */

static void write_result(
    cr_eval *eval, const char *decision, int index, cr_feel_value value, cr_canon *json)
{
    const cr_matched_row *rows = NULL;
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

credit_result credit_rules_eval(const char *dmn_path, const char *decision, const char *input_json,
    size_t input_size, credit_write write, void *ctx, credit_error *err)
{
    if (dmn_path == NULL || decision == NULL || write == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a file, a decision and a writer are needed");
    }
    cr_arena arena = CR_ARENA_INIT;
    cr_model *model = NULL;
    cr_eval *eval = NULL;
    cr_feel_value value;
    cr_canon json;
    int index = -1;
    cr_canon_init(&json);
    json.sorted = false;
    credit_result rc = load_model(dmn_path, &arena, &model, err);
    if (rc == CREDIT_OK) {
        index = cr_model_decision(model, cr_span_of(decision));
        if (index < 0) {
            rc = cr_fail(err, CREDIT_E_NOT_FOUND, "%s: no decision \"%.60s\"", dmn_path, decision);
        }
    }
    if (rc == CREDIT_OK) { rc = cr_eval_new(model, &eval, err); }
    if (rc == CREDIT_OK) {
        cr_eval_reset(eval, NULL);
        if (input_json != NULL) {
            rc = cr_feel_json_inputs(eval, model, -1, (credit_span){input_json, input_size}, err);
        }
    }
    if (rc == CREDIT_OK) { rc = cr_eval_decide(eval, index, &value, err); }
    if (rc == CREDIT_OK) {
        write_result(eval, decision, index, value, &json);
        rc = api_send(&json, write, ctx, err);
    }
    cr_canon_free(&json);
    cr_eval_free(eval);
    cr_model_free(model);
    cr_arena_release(&arena);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}
