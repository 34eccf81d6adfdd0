/* Code sets of a pack: codes/NAME.json. */
#include <string.h>

#include "engine/error.h"
#include "engine/text.h"
#include "loaders/pack_build.h"

static void read_code(cr_json_node node, cr_code *code)
{
    static const char *const names[] = {"word", "code", "number", "aliases", "note", "basis", NULL};
    cr_json_only(node, names);
    code->word = cr_json_text(cr_json_need(node, "word"));
    code->code = cr_json_text(cr_json_get(node, "code"));
    code->number = cr_json_number(cr_json_need(node, "number"), INT32_MAX);
    code->aliases = cr_json_texts(cr_json_get(node, "aliases"), &code->alias_count);
    if (node.doc->rc == CREDIT_OK && code->word.size == 0) {
        cr_json_fail(node, "the word is blank");
    }
}

static bool shares_a_name(const cr_code *a, const cr_code *b)
{
    cr_codeset one = {.codes = a, .code_count = 1};
    if (cr_codeset_find(&one, b->word) != NULL || cr_codeset_find(&one, b->code) != NULL) {
        return true;
    }
    for (size_t i = 0; i < b->alias_count; i++) {
        if (cr_codeset_find(&one, b->aliases[i]) != NULL) { return true; }
    }
    return false;
}

/* A word must mean one thing. Numbers may repeat: two words of one meaning. */
static void refuse_doubles(cr_json_node list, const cr_code *codes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (shares_a_name(&codes[j], &codes[i])) {
                cr_json_fail(cr_json_item(list, i), "\"%s\" and \"%s\" share a word, code or alias",
                    codes[j].word.data, codes[i].word.data);
                return;
            }
        }
    }
}

/* The sets are found by the file's name, so both must agree. */
static void read_set(cr_json_node root, credit_span name, cr_codeset *set)
{
    static const char *const names[] = {
        "name", "title", "description", "basis", "note", "separators", "other", "codes", NULL};
    static const char *const other_names[] = {"prefix", "number", NULL};
    cr_json_only(root, names);
    set->name = cr_json_text(cr_json_need(root, "name"));
    set->title = cr_json_text(cr_json_need(root, "title"));
    if (root.doc->rc == CREDIT_OK && !cr_span_equal(set->name, name)) {
        cr_json_fail(
            cr_json_get(root, "name"), "\"%s\" in a file named %s", set->name.data, name.data);
    }
    set->separators = cr_json_texts(cr_json_get(root, "separators"), &set->separator_count);
    cr_json_node other = cr_json_get(root, "other");
    if (other.json != NULL) {
        cr_json_only(other, other_names);
        set->other_prefix = cr_json_text(cr_json_need(other, "prefix"));
        set->other_number = cr_json_number(cr_json_need(other, "number"), INT32_MAX);
    }
    cr_json_node list = cr_json_need(root, "codes");
    size_t count = cr_json_count(list);
    /* The other word gets an entry of its own, so that a find can return it. */
    cr_code *codes = cr_doc_array(root.doc, count + 1, sizeof *codes);
    if (codes == NULL) { return; }
    for (size_t i = 0; i < count && root.doc->rc == CREDIT_OK; i++) {
        read_code(cr_json_item(list, i), &codes[i]);
    }
    refuse_doubles(list, codes, count);
    set->codes = codes;
    set->code_count = count;
}

/* Every "other" text maps to a code of that number; where none is listed, one
 * is made. The bare word itself is never found: it needs a text after it. */
static void add_other_code(cr_codeset *set)
{
    if (set->other_prefix.size == 0) { return; }
    for (size_t i = 0; i < set->code_count; i++) {
        if (set->codes[i].number == set->other_number) { return; }
    }
    cr_code *codes = (cr_code *)set->codes; /* read_set left room for one more */
    codes[set->code_count].word = set->other_prefix;
    codes[set->code_count++].number = set->other_number;
}

credit_result cr_pack_read_codeset(cr_pack_builder *b, credit_span name, cr_codeset *out)
{
    char *path = cr_arena_printf(b->arena, "codes/%s.json", name.data);
    if (path == NULL) {
        return cr_fail(b->err, CREDIT_E_NOMEM, "out of memory reading a code set");
    }
    const cr_pack_file *file = cr_pack_builder_file(b, "pack.json", path);
    if (file == NULL) { return CREDIT_E_PACK; }
    cr_doc doc;
    cr_json_node root = cr_doc_open(&doc, path, file->bytes, b->arena, b->err);
    if (root.json != NULL) { read_set(root, name, out); }
    if (doc.rc == CREDIT_OK) { add_other_code(out); }
    return cr_doc_close(&doc);
}
