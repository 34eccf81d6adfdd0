/* Which catalog a header belongs to, and which column is which.
 *
 * 1. A column is known by code, title or alias; in a profile by the profile's
 *    own name first. What no column claims is an extra.
 * 2. A catalog fits when every required column is there (or waived, or filled
 *    by its profile). Of those that fit, the one that claims most columns is
 *    taken; two that claim as many are a mistake that the caller settles.
 * 3. Two columns of one meaning are joined with ';', where the column may hold
 *    several words; else the header is refused. */
#ifndef CR_LOADERS_MAPPING_H
#define CR_LOADERS_MAPPING_H

#include "engine/pack.h"
#include "loaders/loader.h"

enum { CR_COLUMN_EXTRA = -1, CR_COLUMN_DROPPED = -2, CR_REJECT_COLUMNS = 4 };

typedef struct cr_mapping {
    const cr_catalog *catalog;
    uint16_t catalog_index;
    const cr_profile *profile; /* NULL: the catalog's own layout */
    size_t column_count;
    int16_t field[CR_LIMIT_COLUMNS];     /* column of the catalog, or CR_COLUMN_… */
    bool joins[CR_LIMIT_COLUMNS];        /* an earlier column has that meaning too */
    credit_span names[CR_LIMIT_COLUMNS]; /* header cells, trimmed; the arena's */
    size_t dropped;                      /* leading reject columns: 4 or 0 */
    bool waived[CR_FIELDS_MAX];          /* not required in this layout */
} cr_mapping;

/* CREDIT_E_HEADER names the unknown and the missing columns and the nearest
 * catalog. */
CREDIT_MUST_CHECK credit_result cr_mapping_find(const cr_pack *pack, credit_span catalog,
    const credit_span *cells, size_t count, cr_arena *arena, cr_mapping *out, credit_error *err);

/* The same of rows that another store took before: the catalog is named and every
 * column its own; `withheld` as in cr_load_options. */
CREDIT_MUST_CHECK credit_result cr_mapping_relay(const cr_pack *pack, credit_span catalog,
    const bool *withheld, const credit_span *cells, size_t count, cr_arena *arena, cr_mapping *out,
    credit_error *err);

/* Does the row repeat the header in other words (codes under titles, or the
 * other way round)? */
bool cr_mapping_is_header_again(const cr_mapping *mapping, const credit_span *cells);

#endif
