#include "loaders/pack_json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/error.h"
#include "engine/text.h"

static const cr_json_node nowhere = {NULL, NULL, ""};

static bool is_usable(cr_json_node node)
{
    return node.doc != NULL && node.doc->rc == CREDIT_OK && node.json != NULL;
}

void cr_doc_no_memory(cr_doc *doc)
{
    if (doc->rc == CREDIT_OK) {
        doc->rc = cr_fail(doc->err, CREDIT_E_NOMEM, "out of memory reading %s", doc->file);
    }
}

cr_json_node cr_doc_open(
    cr_doc *doc, const char *file, credit_span text, cr_arena *arena, credit_error *err)
{
    json_error_t where;
    *doc = (cr_doc){arena, err, CREDIT_OK, file, text, NULL, NULL};
    doc->root = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, &where);
    if (doc->root == NULL) {
        doc->rc =
            cr_fail(err, CREDIT_E_PACK, "%s:%d:%d: %s", file, where.line, where.column, where.text);
        cr_fail_at(err, where.line > 0 ? (uint64_t)where.line : 0,
            where.column > 0 ? (uint64_t)where.column : 0, NULL);
        return nowhere;
    }
    return (cr_json_node){doc, doc->root, ""};
}

credit_result cr_doc_close(cr_doc *doc)
{
    json_decref(doc->root);
    doc->root = NULL;
    return doc->rc;
}

void cr_json_fail(cr_json_node node, const char *format, ...)
{
    cr_doc *doc = node.doc;
    if (doc == NULL || doc->rc != CREDIT_OK) { return; }
    char what[256];
    va_list args;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    uint64_t line = cr_json_line(doc->text, node.path);
    bool top = node.path[0] == '\0';
    doc->rc = cr_fail(doc->err, CREDIT_E_PACK, "%s:%llu: %s%s%s", doc->file,
        (unsigned long long)line, node.path, top ? "" : ": ", what);
    cr_fail_at(doc->err, line, 0, node.path);
}

static bool is_listed(const char *name, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (strcmp(name, *names) == 0) { return true; }
    }
    return false;
}

static cr_json_node make_child(cr_json_node node, const json_t *json, const char *path)
{
    if (path == NULL) {
        cr_doc_no_memory(node.doc);
        return nowhere;
    }
    return (cr_json_node){node.doc, json, path};
}

static cr_json_node member(cr_json_node node, const char *name, const json_t *json)
{
    const char *dot = node.path[0] == '\0' ? "" : ".";
    return make_child(node, json, cr_arena_printf(node.doc->arena, "%s%s%s", node.path, dot, name));
}

static bool is_object(cr_json_node node)
{
    if (is_usable(node) && !json_is_object(node.json)) { cr_json_fail(node, "must be an object"); }
    return is_usable(node);
}

void cr_json_only(cr_json_node node, const char *const *names)
{
    if (!is_object(node)) { return; }
    const char *name = NULL;
    json_t *value = NULL;
    json_t *object = (json_t *)node.json; /* the iterator of the library is not const */
    json_object_foreach(object, name, value)
    {
        if (!is_listed(name, names) && strncmp(name, "x-", 2) != 0) {
            cr_json_fail(member(node, name, value), "no such member");
            return;
        }
    }
}

cr_json_node cr_json_get(cr_json_node node, const char *name)
{
    if (!is_object(node)) { return (cr_json_node){node.doc, NULL, node.path}; }
    return member(node, name, json_object_get(node.json, name));
}

cr_json_node cr_json_need(cr_json_node node, const char *name)
{
    cr_json_node child = cr_json_get(node, name);
    if (is_usable(node) && child.json == NULL) { cr_json_fail(node, "has no \"%s\"", name); }
    return child;
}

size_t cr_json_count(cr_json_node array)
{
    if (!is_usable(array)) { return 0; }
    if (!json_is_array(array.json)) {
        cr_json_fail(array, "must be an array");
        return 0;
    }
    return json_array_size(array.json);
}

cr_json_node cr_json_item(cr_json_node array, size_t index)
{
    if (!is_usable(array)) { return (cr_json_node){array.doc, NULL, array.path}; }
    return make_child(array, json_array_get(array.json, index),
        cr_arena_printf(array.doc->arena, "%s[%zu]", array.path, index));
}

/* What "$NAME" stands for; any other text is itself. */
static credit_span resolve(cr_json_node node, credit_span text)
{
    const cr_pack *pack = node.doc->pack;
    if (pack == NULL || text.size < 2 || text.data[0] != '$') { return text; }
    credit_span name = {text.data + 1, text.size - 1};
    for (size_t i = 0; i < pack->parameter_count; i++) {
        if (cr_span_equal(pack->parameters[i].name, name)) { return pack->parameters[i].value; }
    }
    cr_json_fail(node, "no such parameter \"%.*s\"", (int)name.size, name.data);
    return (credit_span){"", 0};
}

credit_span cr_json_text(cr_json_node node)
{
    credit_span none = {"", 0};
    if (!is_usable(node)) { return none; }
    if (!json_is_string(node.json)) {
        cr_json_fail(node, "must be a text");
        return none;
    }
    credit_span text = {json_string_value(node.json), json_string_length(node.json)};
    text = cr_arena_span(node.doc->arena, resolve(node, text));
    if (text.data == NULL) {
        cr_doc_no_memory(node.doc);
        return none;
    }
    return text;
}

/* -1: neither a whole number nor the name of a parameter that is one. */
static json_int_t whole_number(cr_json_node node)
{
    int64_t value = -1;
    if (json_is_integer(node.json)) { return json_integer_value(node.json); }
    if (!json_is_string(node.json) || node.doc->pack == NULL) { return -1; }
    return cr_parse_scaled(cr_json_text(node), 0, &value) ? (json_int_t)value : -1;
}

uint32_t cr_json_number(cr_json_node node, uint32_t most)
{
    if (!is_usable(node)) { return 0; }
    json_int_t value = whole_number(node);
    if (value < 0 || value > (json_int_t)most) {
        cr_json_fail(node, "must be a whole number from 0 to %u", most);
        return 0;
    }
    return (uint32_t)value;
}

bool cr_json_bool(cr_json_node node)
{
    if (is_usable(node) && !json_is_boolean(node.json)) {
        cr_json_fail(node, "must be true or false");
    }
    return is_usable(node) && json_is_true(node.json);
}

credit_date cr_json_date(cr_json_node node)
{
    credit_date date = CREDIT_DATE_NONE;
    credit_span text = cr_json_text(node);
    if (is_usable(node) && !cr_date_parse_iso(text, &date)) {
        cr_json_fail(node, "\"%s\" is not a date YYYY-MM-DD", text.data);
        return CREDIT_DATE_NONE;
    }
    return date;
}

/* Room for the items of a list; NULL, and *count is 0, where there is none. */
static void *room_for_items(cr_json_node node, size_t size, size_t *count)
{
    size_t wanted = cr_json_count(node);
    *count = 0;
    if (wanted == 0) { return NULL; }
    void *items = cr_arena_array(node.doc->arena, wanted, size);
    if (items == NULL) {
        cr_doc_no_memory(node.doc);
        return NULL;
    }
    *count = wanted;
    return items;
}

const credit_span *cr_json_texts(cr_json_node node, size_t *count)
{
    credit_span *texts = room_for_items(node, sizeof *texts, count);
    for (size_t i = 0; i < *count; i++) { texts[i] = cr_json_text(cr_json_item(node, i)); }
    return texts;
}

const credit_date *cr_json_dates(cr_json_node node, size_t *count)
{
    credit_date *dates = room_for_items(node, sizeof *dates, count);
    for (size_t i = 0; i < *count; i++) { dates[i] = cr_json_date(cr_json_item(node, i)); }
    return dates;
}

int cr_json_choice(cr_json_node node, const char *const *words)
{
    credit_span text = cr_json_text(node);
    if (!is_usable(node)) { return 0; }
    for (int i = 0; words[i] != NULL; i++) {
        if (cr_span_is(text, words[i])) { return i; }
    }
    cr_json_fail(
        node, "\"%s\" is not one of the words known here (\"%s\", …)", text.data, words[0]);
    return 0;
}
