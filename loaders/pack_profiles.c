/* Other layouts of a catalog, as "profiles" of its "credit" block give them, and
 * what stands in for blank columns: of one layout, or of all. */
#include "engine/text.h"
#include "loaders/pack_build.h"

static void read_columns(cr_json_node node, const cr_catalog *catalog, cr_profile *profile)
{
    size_t count = json_object_size(node.json), i = 0;
    if (node.json == NULL || node.doc->rc != CREDIT_OK) { return; }
    if (count == 0) {
        cr_json_fail(node, "must be an object with at least one column");
        return;
    }
    credit_span *names = cr_doc_array(node.doc, count, sizeof *names);
    int16_t *fields = cr_doc_array(node.doc, count, sizeof *fields);
    if (names == NULL || fields == NULL) { return; }
    const char *name = NULL;
    json_t *value = NULL;
    json_t *object = (json_t *)node.json;
    json_object_foreach(object, name, value)
    {
        names[i] = cr_arena_span(node.doc->arena, cr_span_of(name));
        fields[i] = (int16_t)cr_pack_column(cr_json_get(node, name), catalog);
        for (size_t j = 0; j < i; j++) {
            if (fields[j] == fields[i]) {
                cr_json_fail(cr_json_get(node, name), "the column is already filled");
            }
        }
        i++;
    }
    profile->columns = names;
    profile->column_field = fields;
    profile->column_count = count;
}

static void read_waived(cr_json_node list, const cr_catalog *catalog, cr_profile *profile)
{
    size_t count = cr_json_count(list);
    uint16_t *fields = cr_doc_array(list.doc, count, sizeof *fields);
    if (fields == NULL) { return; }
    for (size_t i = 0; i < count; i++) {
        fields[i] = cr_pack_column(cr_json_item(list, i), catalog);
    }
    profile->waived = fields;
    profile->waived_count = count;
}

static void read_default(cr_json_node node, const cr_catalog *catalog, cr_default *out)
{
    static const char *const names[] = {"from", NULL};
    out->from_field = -1;
    if (json_is_string(node.json)) {
        out->value = cr_json_text(node);
        return;
    }
    cr_json_only(node, names);
    out->from_field = (int16_t)cr_pack_column(cr_json_need(node, "from"), catalog);
}

static const cr_default *read_defaults(cr_json_node node, const cr_catalog *catalog, size_t *count)
{
    size_t i = 0;
    *count = 0;
    cr_default *defaults = cr_doc_array(node.doc, json_object_size(node.json), sizeof *defaults);
    if (node.json == NULL || defaults == NULL) { return NULL; }
    const char *name = NULL;
    json_t *value = NULL;
    json_t *object = (json_t *)node.json;
    json_object_foreach(object, name, value)
    {
        cr_json_node item = cr_json_get(node, name);
        int16_t field = cr_catalog_field(catalog, cr_span_of(name));
        if (field < 0 || !cr_span_is(catalog->fields[field].code, name)) {
            cr_json_fail(item, "no such column");
            return NULL;
        }
        defaults[i].field = (uint16_t)field;
        read_default(item, catalog, &defaults[i++]);
    }
    *count = i;
    return defaults;
}

void cr_pack_read_defaults(cr_json_node node, cr_catalog *catalog)
{
    catalog->defaults = read_defaults(node, catalog, &catalog->default_count);
}

void cr_pack_read_profiles(cr_json_node list, cr_catalog *catalog)
{
    static const char *const names[] = {"name", "title", "columns", "waived", "defaults", NULL};
    size_t count = cr_json_count(list);
    cr_profile *profiles = cr_doc_array(list.doc, count, sizeof *profiles);
    if (profiles == NULL) { return; }
    for (size_t i = 0; i < count; i++) {
        cr_json_node node = cr_json_item(list, i);
        cr_json_only(node, names);
        profiles[i].name = cr_json_text(cr_json_need(node, "name"));
        profiles[i].title = cr_json_text(cr_json_get(node, "title"));
        read_columns(cr_json_need(node, "columns"), catalog, &profiles[i]);
        read_waived(cr_json_get(node, "waived"), catalog, &profiles[i]);
        profiles[i].defaults =
            read_defaults(cr_json_get(node, "defaults"), catalog, &profiles[i].default_count);
    }
    catalog->profiles = profiles;
    catalog->profile_count = count;
}
