#include "engine/registry.h"

#include <string.h>

#include "engine/bytes.h"
#include "engine/text.h"

/* Value of the SCHEMA table: catalog number, then the catalog's name and the
 * column codes, each as u16 size and bytes. */
static credit_span encode_schema(
    const cr_catalog *catalog, uint16_t catalog_number, cr_arena *arena)
{
    size_t size = 4 + catalog->name.size;
    for (size_t i = 0; i < catalog->field_count; i++) { size += 2 + catalog->fields[i].code.size; }
    char *out = cr_arena_alloc(arena, size);
    if (out == NULL) { return (credit_span){NULL, 0}; }
    size_t at = 2;
    cr_set_u16be(out, catalog_number);
    for (size_t i = 0; i <= catalog->field_count; i++) {
        credit_span text = i == 0 ? catalog->name : catalog->fields[i - 1].code;
        cr_set_u16be(out + at, (uint16_t)text.size);
        memcpy(out + at + 2, text.data, text.size);
        at += 2 + text.size;
    }
    return (credit_span){out, size};
}

static bool take_text(credit_span bytes, size_t *at, credit_span *text)
{
    if (bytes.size - *at < 2) { return false; }
    size_t size = cr_get_u16be(bytes.data + *at);
    if (size > bytes.size - *at - 2) { return false; }
    *text = (credit_span){bytes.data + *at + 2, size};
    *at += 2 + size;
    return true;
}

static credit_result decode_schema(
    credit_span bytes, cr_arena *arena, cr_schema *schema, credit_error *err)
{
    credit_span copy = cr_arena_span(arena, bytes);
    schema->columns = cr_arena_array(arena, CR_FIELDS_MAX, sizeof *schema->columns);
    if (copy.data == NULL || schema->columns == NULL) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    size_t at = 2;
    bool sound = copy.size >= 4 && take_text(copy, &at, &schema->catalog_name);
    if (sound) { schema->catalog_number = cr_get_u16be(copy.data); }
    while (sound && at < copy.size) {
        sound = schema->column_count < CR_FIELDS_MAX &&
                take_text(copy, &at, &schema->columns[schema->column_count++]);
    }
    return sound ? CREDIT_OK : cr_fail(err, CREDIT_E_CORRUPT, "a schema entry is damaged");
}

static bool same_layout(const cr_schema *schema, const cr_catalog *catalog)
{
    if (schema->column_count != catalog->field_count) { return false; }
    for (size_t i = 0; i < catalog->field_count; i++) {
        if (!cr_span_equal(schema->columns[i], catalog->fields[i].code)) { return false; }
    }
    return true;
}

static credit_result read_schemas(cr_txn *txn, cr_registry *registry, credit_error *err)
{
    cr_range range;
    credit_result rc = cr_range_open(txn, CR_TABLE_SCHEMA, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    registry->schemas = cr_arena_array(&registry->arena, CR_SCHEMAS_MAX, sizeof *registry->schemas);
    if (registry->schemas == NULL) { rc = cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    cr_range_seek(&range, (credit_span){NULL, 0});
    while (rc == CREDIT_OK && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        cr_schema *schema = &registry->schemas[registry->schema_count];
        if (range.key.size != 2 || registry->schema_count == CR_SCHEMAS_MAX ||
            cr_get_u16be(range.key.data) != registry->schema_count + 1) {
            rc = cr_fail(err, CREDIT_E_CORRUPT, "the schema numbers are damaged");
            break;
        }
        schema->number = cr_get_u16be(range.key.data);
        rc = decode_schema(range.value, &registry->arena, schema, err);
        registry->schema_count++;
    }
    cr_range_close(&range);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* Ties a schema to the catalog of the pack that has its name, if there is one. */
static credit_result tie(
    cr_registry *registry, const cr_pack *pack, cr_schema *schema, credit_error *err)
{
    int index = cr_pack_catalog(pack, schema->catalog_name);
    schema->catalog_index = (int16_t)index;
    schema->field = cr_arena_array(&registry->arena, schema->column_count + 1, sizeof(int16_t));
    if (schema->field == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    for (size_t i = 0; i < schema->column_count; i++) { schema->field[i] = -1; }
    for (size_t i = 0; i < CR_ROLES; i++) { schema->role_column[i] = -1; }
    if (index < 0) { return CREDIT_OK; }
    const cr_catalog *catalog = &pack->catalogs[index];
    for (size_t i = 0; i < schema->column_count; i++) {
        for (size_t k = 0; k < catalog->field_count; k++) {
            if (cr_span_equal(schema->columns[i], catalog->fields[k].code)) {
                schema->field[i] = (int16_t)k;
                cr_role role = catalog->fields[k].role;
                if (catalog->role_field[role] == (int16_t)k) {
                    schema->role_column[role] = (int16_t)i;
                }
            }
        }
    }
    registry->catalog_number[index] = schema->catalog_number;
    schema->current = same_layout(schema, catalog);
    if (schema->current) { registry->schema_number[index] = schema->number; }
    return CREDIT_OK;
}

credit_result cr_registry_load(
    cr_txn *txn, const cr_pack *pack, cr_registry *registry, credit_error *err)
{
    memset(registry, 0, sizeof *registry);
    credit_result rc = read_schemas(txn, registry, err);
    registry->catalog_number =
        cr_arena_array(&registry->arena, pack->catalog_count + 1, sizeof(uint16_t));
    registry->schema_number =
        cr_arena_array(&registry->arena, pack->catalog_count + 1, sizeof(uint16_t));
    if (rc == CREDIT_OK && (registry->catalog_number == NULL || registry->schema_number == NULL)) {
        rc = cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    for (size_t i = 0; rc == CREDIT_OK && i < registry->schema_count; i++) {
        rc = tie(registry, pack, &registry->schemas[i], err);
    }
    if (rc != CREDIT_OK) { cr_registry_free(registry); }
    return rc;
}

void cr_registry_free(cr_registry *registry)
{
    cr_arena_release(&registry->arena);
    memset(registry, 0, sizeof *registry);
}

/* A catalog's number is that of its first schema. */
static uint16_t number_for(const cr_registry *registry, const cr_catalog *catalog, uint16_t next)
{
    for (size_t i = 0; i < registry->schema_count; i++) {
        if (cr_span_equal(registry->schemas[i].catalog_name, catalog->name)) {
            return registry->schemas[i].catalog_number;
        }
    }
    return next;
}

credit_result cr_registry_enrol(cr_txn *writer, const cr_pack *pack, credit_error *err)
{
    cr_registry registry;
    credit_result rc = cr_registry_load(writer, pack, &registry, err);
    if (rc != CREDIT_OK) { return rc; }
    uint16_t next = (uint16_t)(registry.schema_count + 1);
    for (size_t i = 0; rc == CREDIT_OK && i < pack->catalog_count; i++) {
        if (registry.schema_number[i] != 0) { continue; }
        if (next > CR_SCHEMAS_MAX) {
            rc = cr_fail(err, CREDIT_E_LIMIT, "the store knows too many column layouts");
            break;
        }
        const cr_catalog *catalog = &pack->catalogs[i];
        char key[2];
        cr_set_u16be(key, next);
        credit_span value =
            encode_schema(catalog, number_for(&registry, catalog, next), &registry.arena);
        rc = value.data == NULL
                 ? cr_fail(err, CREDIT_E_NOMEM, "out of memory")
                 : cr_put(writer, CR_TABLE_SCHEMA, (credit_span){key, sizeof key}, value, err);
        next++;
    }
    cr_registry_free(&registry);
    return rc;
}

const cr_schema *cr_registry_schema(const cr_registry *registry, uint16_t number)
{
    return number == 0 || number > registry->schema_count ? NULL : &registry->schemas[number - 1];
}

int cr_registry_catalog(const cr_registry *registry, uint16_t catalog_number)
{
    for (size_t i = 0; i < registry->schema_count; i++) {
        if (registry->schemas[i].catalog_number == catalog_number) {
            return registry->schemas[i].catalog_index;
        }
    }
    return -1;
}

credit_result cr_registry_value(const cr_registry *registry, cr_txn *txn, const cr_version *version,
    cr_role role, credit_span *value, credit_error *err)
{
    credit_span frame;
    *value = (credit_span){"", 0};
    const cr_schema *schema = cr_registry_schema(registry, version->schema);
    if (schema == NULL) { return cr_fail(err, CREDIT_E_CORRUPT, "a record of no known layout"); }
    int column = schema->role_column[role];
    if (column < 0) { return CREDIT_OK; }
    credit_result rc = cr_frame_get(txn, version->frame, version->frame_size, &frame, err);
    return rc == CREDIT_OK ? cr_frame_value(txn, frame, (size_t)column, value, err) : rc;
}
