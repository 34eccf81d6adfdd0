/* Compiles a policy pack: copies its files, digests them, reads pack.json and
 * everything that it names.
 *
 * 1. A pack either compiles whole or not at all.
 * 2. Whatever a file names (code set, column, role, word) must exist; what no
 *    reader knows is refused, so that a misspelt member is found.
 * 3. The DMN model is not compiled here: cr_pack.rules is its file, and the
 *    caller fills cr_pack.model (loaders/dmn.c). */
#include "loaders/pack.h"

#include <stdlib.h>
#include <string.h>

#include "engine/error.h"
#include "engine/text.h"
#include "loaders/pack_build.h"

enum { LENGTHS_SIZE = 12 };

/* ---- files ---------------------------------------------------------------- */

static int by_path(const void *a, const void *b)
{
    return cr_span_compare(((const cr_pack_file *)a)->path, ((const cr_pack_file *)b)->path);
}

static credit_result copy_files(cr_pack_builder *b, const cr_pack_file *files, size_t count)
{
    cr_pack_file *copies = cr_arena_array(b->arena, count, sizeof *copies);
    if (copies == NULL) {
        return cr_fail(b->err, CREDIT_E_NOMEM, "out of memory copying the pack");
    }
    for (size_t i = 0; i < count; i++) {
        copies[i].path = cr_arena_span(b->arena, files[i].path);
        copies[i].bytes = cr_arena_span(b->arena, files[i].bytes);
        if (copies[i].path.data == NULL || copies[i].bytes.data == NULL) {
            return cr_fail(b->err, CREDIT_E_NOMEM, "out of memory copying the pack");
        }
    }
    if (count > 0) { qsort(copies, count, sizeof *copies, by_path); }
    b->pack->files = copies;
    b->pack->file_count = count;
    return CREDIT_OK;
}

static void put_big_endian(unsigned char *out, uint64_t value, size_t size)
{
    for (size_t i = 0; i < size; i++) { out[i] = (unsigned char)(value >> (8 * (size - 1 - i))); }
}

/* SHA-256 over u32 path size, path, u64 size, bytes of each file in order. */
static credit_result digest_files(cr_pack_builder *b, cr_hasher *hasher)
{
    size_t count = b->pack->file_count;
    credit_span *parts = cr_arena_array(b->arena, count * 4, sizeof *parts);
    unsigned char *lengths = cr_arena_array(b->arena, count, LENGTHS_SIZE);
    if (parts == NULL || lengths == NULL) {
        return cr_fail(b->err, CREDIT_E_NOMEM, "out of memory digesting the pack");
    }
    for (size_t i = 0; i < count; i++) {
        const cr_pack_file *file = &b->pack->files[i];
        unsigned char *length = lengths + i * LENGTHS_SIZE;
        put_big_endian(length, file->path.size, 4);
        put_big_endian(length + 4, file->bytes.size, 8);
        parts[4 * i] = (credit_span){(const char *)length, 4};
        parts[4 * i + 1] = file->path;
        parts[4 * i + 2] = (credit_span){(const char *)length + 4, 8};
        parts[4 * i + 3] = file->bytes;
    }
    credit_result rc = b->crypto->digest(hasher, parts, count * 4, b->pack->digest);
    return rc == CREDIT_OK ? rc : cr_fail(b->err, rc, "the pack could not be digested");
}

const cr_pack_file *cr_pack_builder_file(cr_pack_builder *b, const char *named_in, const char *path)
{
    for (size_t i = 0; i < b->pack->file_count; i++) {
        if (cr_span_is(b->pack->files[i].path, path)) { return &b->pack->files[i]; }
    }
    (void)cr_fail(
        b->err, CREDIT_E_PACK, "%s names %s, which the pack does not have", named_in, path);
    return NULL;
}

void *cr_doc_array(cr_doc *doc, size_t count, size_t size)
{
    if (doc == NULL || doc->rc != CREDIT_OK || count == 0) { return NULL; }
    void *items = cr_arena_array(doc->arena, count, size);
    if (items == NULL) { cr_doc_no_memory(doc); }
    return items;
}

cr_scope cr_pack_scope(cr_json_node node, bool may_be_never)
{
    static const char *const words[] = {"public", "government", "authorized", "never", NULL};
    int scope = cr_json_choice(node, words);
    if (scope == CR_SCOPE_NEVER && !may_be_never) {
        cr_json_fail(node, "\"never\" is for columns only");
        return CR_SCOPE_PUBLIC;
    }
    return (cr_scope)scope;
}

/* ---- pack.json -------------------------------------------------------------- */

static void read_values(cr_json_node values, cr_pack *pack)
{
    static const char *const names[] = {"blank", "explanation_words", "sole_proprietor_prefixes",
        "long_term", "long_term_dates", "doubtful_long_term_dates", "earliest_date", "broken_dates",
        NULL};
    if (values.json == NULL) { return; }
    cr_json_only(values, names);
    pack->blank_words = cr_json_texts(cr_json_get(values, "blank"), &pack->blank_count);
    for (size_t i = 0; i < pack->blank_count; i++) {
        size_t size = pack->blank_words[i].size;
        if (size > pack->blank_longest) { pack->blank_longest = size; }
    }
    pack->explanation_words =
        cr_json_texts(cr_json_get(values, "explanation_words"), &pack->explanation_count);
    pack->sole_proprietor_prefixes = cr_json_texts(
        cr_json_get(values, "sole_proprietor_prefixes"), &pack->sole_proprietor_count);
    pack->long_term_words = cr_json_texts(cr_json_get(values, "long_term"), &pack->long_term_count);
    pack->long_term_dates =
        cr_json_dates(cr_json_get(values, "long_term_dates"), &pack->long_term_date_count);
    pack->doubtful_long_term_dates =
        cr_json_dates(cr_json_get(values, "doubtful_long_term_dates"), &pack->doubtful_count);
    pack->earliest_date = cr_json_date(cr_json_get(values, "earliest_date"));
    pack->broken_dates =
        cr_json_dates(cr_json_get(values, "broken_dates"), &pack->broken_date_count);
}

static bool has_twice(cr_json_node list, const credit_span *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < i; j++) {
            if (cr_span_equal(names[i], names[j])) {
                cr_json_fail(cr_json_item(list, i), "\"%s\" is named twice", names[i].data);
                return true;
            }
        }
    }
    return false;
}

static void read_codesets(cr_pack_builder *b, cr_json_node list)
{
    size_t count = 0;
    const credit_span *names = cr_json_texts(list, &count);
    cr_codeset *sets = cr_doc_array(list.doc, count, sizeof *sets);
    if (sets == NULL || has_twice(list, names, count)) { return; }
    for (size_t i = 0; i < count && list.doc->rc == CREDIT_OK; i++) {
        list.doc->rc = cr_pack_read_codeset(b, names[i], &sets[i]);
    }
    b->pack->codesets = sets;
    b->pack->codeset_count = count;
}

static void read_catalogs(cr_pack_builder *b, cr_json_node list)
{
    size_t count = 0;
    const credit_span *names = cr_json_texts(list, &count);
    cr_catalog *catalogs = cr_doc_array(list.doc, count, sizeof *catalogs);
    if (list.json != NULL && list.doc->rc == CREDIT_OK && count == 0) {
        cr_json_fail(list, "must name at least one catalog");
    }
    if (catalogs == NULL || has_twice(list, names, count)) { return; }
    b->pack->catalogs = catalogs;
    for (size_t i = 0; i < count && list.doc->rc == CREDIT_OK; i++) {
        /* Counted first: a catalog that fails half-way may own patterns. */
        b->pack->catalog_count = i + 1;
        list.doc->rc = cr_pack_read_catalog(b, names[i], &catalogs[i]);
    }
    cr_pack_link_messages(list, b->pack);
}

typedef credit_result (*table_reader)(cr_pack_builder *b, const char *path);

static void read_named_file(
    cr_pack_builder *b, cr_json_node root, const char *name, table_reader read)
{
    cr_json_node node = cr_json_get(root, name);
    if (node.json == NULL) { return; }
    credit_span path = cr_json_text(node);
    if (root.doc->rc == CREDIT_OK) { root.doc->rc = read(b, path.data); }
}

static credit_result find_rules(cr_pack_builder *b, const char *path)
{
    b->pack->rules = cr_pack_builder_file(b, "pack.json", path);
    return b->pack->rules == NULL ? CREDIT_E_PACK : CREDIT_OK;
}

static void read_root(cr_pack_builder *b, cr_json_node root)
{
    static const char *const names[] = {"name", "version", "title", "description", "from",
        "catalogs", "codesets", "regions", "departments", "calendar", "matching", "placeholders",
        "values", "coverage", "parameters", "rules", "judgement", "report", "feed", "planned",
        NULL};
    cr_pack *pack = b->pack;
    cr_json_only(root, names);
    read_named_file(b, root, "parameters", cr_pack_read_parameters); /* others name them */
    pack->name = cr_json_text(cr_json_need(root, "name"));
    pack->version = cr_json_text(cr_json_need(root, "version"));
    pack->title = cr_json_text(cr_json_need(root, "title"));
    pack->from = cr_json_date(cr_json_need(root, "from"));
    pack->ids.placeholders =
        cr_json_texts(cr_json_get(root, "placeholders"), &pack->ids.placeholder_count);
    read_values(cr_json_get(root, "values"), pack);
    read_named_file(b, root, "regions", cr_pack_read_regions);
    read_named_file(b, root, "departments", cr_pack_read_departments);
    read_named_file(b, root, "calendar", cr_pack_read_calendar);
    read_codesets(b, cr_json_get(root, "codesets"));
    read_catalogs(b, cr_json_need(root, "catalogs"));
    pack->planned = cr_json_texts(cr_json_get(root, "planned"), &pack->planned_count);
    read_named_file(b, root, "matching", cr_pack_read_matching);
    read_named_file(b, root, "rules", find_rules);
    cr_pack_read_policy(b, root);
}

static credit_result read_pack(cr_pack_builder *b)
{
    const cr_pack_file *file = cr_pack_builder_file(b, "a pack", "pack.json");
    if (file == NULL) { return CREDIT_E_PACK; }
    cr_doc doc;
    cr_json_node root = cr_doc_open(&doc, "pack.json", file->bytes, b->arena, b->err);
    doc.pack = b->pack;
    if (root.json != NULL) { read_root(b, root); }
    return cr_doc_close(&doc);
}

/* The pack and its arena; both NULL if memory ran out. */
static cr_pack *new_pack(void)
{
    cr_arena *arena = cr_alloc(sizeof *arena);
    if (arena == NULL) { return NULL; }
    *arena = (cr_arena)CR_ARENA_INIT;
    cr_pack *pack = cr_arena_alloc(arena, sizeof *pack);
    if (pack == NULL) {
        cr_free(arena);
        return NULL;
    }
    pack->arena = arena;
    pack->earliest_date = CREDIT_DATE_NONE;
    return pack;
}

credit_result cr_pack_compile(const cr_pack_file *files, size_t count, const cr_crypto *crypto,
    cr_pack **out, credit_error *err)
{
    *out = NULL;
    cr_hasher *hasher = crypto->hasher_new(CR_HASH_SHA256);
    cr_pack *pack = new_pack();
    credit_result rc = hasher == NULL || pack == NULL
                           ? cr_fail(err, CREDIT_E_NOMEM, "out of memory compiling the pack")
                           : CREDIT_OK;
    if (rc != CREDIT_OK) { goto out; }
    cr_pack_builder b = {pack, pack->arena, crypto, hasher, err};
    rc = copy_files(&b, files, count);
    if (rc != CREDIT_OK) { goto out; }
    rc = digest_files(&b, hasher);
    if (rc != CREDIT_OK) { goto out; }
    rc = read_pack(&b);
    if (rc != CREDIT_OK) { goto out; }
    *out = pack;
    pack = NULL;
out:
    cr_pack_free(pack);
    crypto->hasher_free(hasher);
    return rc;
}
