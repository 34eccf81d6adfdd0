#include "loaders/feel_json.h"

#include <jansson.h>
#include <stdio.h>

#include "engine/error.h"
#include "engine/text.h"

/* Where a value stands, for messages. */
typedef struct reader {
    cr_arena *arena;
    credit_error *err;
    credit_result rc;
    const char *input;
} reader;

static cr_feel_value read_value(
    reader *r, const json_t *json, const struct cr_feel_type *type, int depth);

static cr_feel_value refuse(reader *r, const char *format, const char *text)
{
    char message[200];
    snprintf(message, sizeof message, format, text);
    if (r->rc == CREDIT_OK) {
        r->rc = cr_fail(r->err, CREDIT_E_DATA, "input \"%s\": %s", r->input, message);
        cr_fail_at(r->err, 0, 0, r->input);
    }
    return cr_feel_null();
}

static cr_feel_value no_memory(reader *r)
{
    if (r->rc == CREDIT_OK) { r->rc = cr_fail(r->err, CREDIT_E_NOMEM, "out of memory"); }
    return cr_feel_null();
}

static cr_feel_value read_text(reader *r, const json_t *json, cr_feel_kind kind)
{
    credit_span text = {json_string_value(json), json_string_length(json)};
    cr_feel_value value;
    text = cr_arena_span(r->arena, text);
    if (text.data == NULL) { return no_memory(r); }
    bool simple = kind >= CR_FEEL_NUMBER && kind <= CR_FEEL_MONTHS_DURATION;
    if (!simple) { return cr_feel_string(text); }
    if (cr_feel_parse(kind, text, &value)) { return value; }
    char wanted[64];
    snprintf(wanted, sizeof wanted, "\"%%.60s\" is no %s", cr_feel_kind_name(kind));
    return refuse(r, wanted, text.data);
}

/* JSON's reals come as doubles: as many digits as those hold for sure. */
static cr_feel_value read_real(reader *r, const json_t *json)
{
    char text[40];
    cr_feel_value value;
    int size = snprintf(text, sizeof text, "%.15g", json_real_value(json));
    return cr_feel_parse(CR_FEEL_NUMBER, (credit_span){text, (size_t)size}, &value)
               ? value
               : refuse(r, "%s is no number", text);
}

static cr_feel_value read_array(
    reader *r, const json_t *json, const struct cr_feel_type *type, int depth)
{
    size_t count = json_array_size(json);
    cr_feel_value *items = cr_arena_array(r->arena, count, sizeof *items);
    if (items == NULL) { return no_memory(r); }
    for (size_t i = 0; i < count; i++) {
        items[i] = read_value(r, json_array_get(json, i), cr_type_item(type), depth + 1);
    }
    return cr_feel_list(items, count);
}

static cr_feel_value read_object(
    reader *r, json_t *json, const struct cr_feel_type *type, int depth)
{
    cr_feel_entry *entries = cr_arena_array(r->arena, json_object_size(json), sizeof *entries);
    size_t count = 0;
    const char *key;
    json_t *member;
    if (entries == NULL) { return no_memory(r); }
    json_object_foreach(json, key, member)
    {
        credit_span name = cr_arena_span(r->arena, cr_span_of(key));
        if (name.data == NULL) { return no_memory(r); }
        entries[count].name = name;
        entries[count++].value = read_value(r, member, cr_type_member(type, name), depth + 1);
    }
    return cr_feel_context(entries, count);
}

static cr_feel_value read_value(
    reader *r, const json_t *json, const struct cr_feel_type *type, int depth)
{
    if (depth > CR_FEEL_DEPTH_MAX) { return refuse(r, "%s", "nested too deep"); }
    switch (json_typeof(json)) {
    case JSON_STRING:
        return read_text(r, json, cr_type_kind(cr_type_item(type)));
    case JSON_INTEGER:
        return cr_feel_integer(json_integer_value(json));
    case JSON_REAL:
        return read_real(r, json);
    case JSON_TRUE:
    case JSON_FALSE:
        return cr_feel_boolean(json_is_true(json));
    case JSON_ARRAY:
        return read_array(r, json, type, depth);
    case JSON_OBJECT:
        return read_object(r, (json_t *)(uintptr_t)json, type, depth);
    default:
        return cr_feel_null();
    }
}

/* The clock is set as such, so that the next change is known. */
static void give(cr_eval *eval, int input, int clock, cr_feel_value value)
{
    credit_date date = cr_feel_to_date(value);
    if (input == clock && date != CREDIT_DATE_NONE) {
        cr_eval_set_clock(eval, input, date);
    } else {
        cr_eval_give(eval, input, value);
    }
}

static credit_result read_inputs(
    cr_eval *eval, const cr_model *model, int clock, json_t *root, credit_error *err)
{
    reader r = {.arena = cr_eval_arena(eval), .err = err};
    const char *key;
    json_t *member;
    if (!json_is_object(root)) {
        return cr_fail(err, CREDIT_E_DATA, "the input is no JSON object");
    }
    json_object_foreach(root, key, member)
    {
        int input = cr_model_input(model, cr_span_of(key));
        r.input = key;
        if (input < 0) {
            cr_fail(err, CREDIT_E_DATA, "the model has no input \"%.80s\"", key);
            return CREDIT_E_DATA;
        }
        cr_feel_value value = read_value(&r, member, cr_model_input_type(model, input), 0);
        if (r.rc != CREDIT_OK) { return r.rc; }
        give(eval, input, clock, value);
    }
    return CREDIT_OK;
}

credit_result cr_feel_json_inputs(
    cr_eval *eval, const cr_model *model, int clock, credit_span json, credit_error *err)
{
    json_error_t where;
    json_t *root = json_loadb(json.data, json.size, JSON_REJECT_DUPLICATES, &where);
    if (root == NULL) {
        cr_fail(err, CREDIT_E_DATA, "malformed JSON: %s", where.text);
        cr_fail_at(err, where.line > 0 ? (uint64_t)where.line : 0, 0, NULL);
        return CREDIT_E_DATA;
    }
    credit_result rc = read_inputs(eval, model, clock, root, err);
    json_decref(root);
    return rc;
}
