/* The numbers a store gave to catalogs and to layouts of their columns.
 *
 * A catalog keeps its number for ever, whatever pack is in force; a new set of
 * columns gets a new schema number, so that every frame can be read as it was
 * written. Built when a store is opened, immutable after that. */
#ifndef CR_ENGINE_REGISTRY_H
#define CR_ENGINE_REGISTRY_H

#include "engine/codec.h"
#include "engine/pack.h"

enum { CR_SCHEMAS_MAX = 4096 };

typedef struct cr_schema {
    uint16_t number, catalog_number;
    credit_span catalog_name;
    credit_span *columns;
    size_t column_count;
    int16_t catalog_index; /* in the pack in force, -1 if it has no such catalog */
    int16_t *field;        /* column → field of that catalog, -1 if it has none */
    int16_t role_column[CR_ROLES]; /* column that holds a role of that catalog, -1 if none */
    bool current;          /* the layout of the pack in force */
} cr_schema;

typedef struct cr_registry {
    cr_schema *schemas; /* by number - 1 */
    size_t schema_count;
    uint16_t *catalog_number; /* by index in the pack */
    uint16_t *schema_number;  /* current one, by index in the pack */
    cr_arena arena;
} cr_registry;

/* Gives numbers to what the pack has and the store does not know yet. */
CREDIT_MUST_CHECK credit_result cr_registry_enrol(
    cr_txn *writer, const cr_pack *pack, credit_error *err);
CREDIT_MUST_CHECK credit_result cr_registry_load(
    cr_txn *txn, const cr_pack *pack, cr_registry *registry, credit_error *err);
void cr_registry_free(cr_registry *registry);
const cr_schema *cr_registry_schema(const cr_registry *registry, uint16_t number);
/* Pack index of a catalog number, -1 if the pack has no such catalog. */
int cr_registry_catalog(const cr_registry *registry, uint16_t catalog_number);

/* One column of a version, as written; empty if it has none, or it is private. */
CREDIT_MUST_CHECK credit_result cr_registry_value(const cr_registry *registry, cr_txn *txn,
    const cr_version *version, cr_role role, credit_span *value, credit_error *err);

#endif
