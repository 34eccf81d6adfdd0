#include "engine/pack.h"

#include "engine/rowcheck.h"
#include "engine/text.h"

int cr_pack_catalog(const cr_pack *pack, credit_span name)
{
    for (size_t i = 0; i < pack->catalog_count; i++) {
        if (cr_span_equal(pack->catalogs[i].name, name)) { return (int)i; }
    }
    return -1;
}

const cr_codeset *cr_pack_codeset(const cr_pack *pack, credit_span name)
{
    for (size_t i = 0; i < pack->codeset_count; i++) {
        if (cr_span_equal(pack->codesets[i].name, name)) { return &pack->codesets[i]; }
    }
    return NULL;
}

/* The pack itself lives in its arena; the calendar and the compiled patterns
 * are the only parts with memory of their own. */
void cr_pack_free(cr_pack *pack)
{
    if (pack == NULL) { return; }
    for (size_t i = 0; i < pack->catalog_count; i++) {
        cr_checks_release(pack->catalogs[i].checks, pack->catalogs[i].check_count);
    }
    cr_calendar_free(pack->calendar);
    cr_arena *arena = pack->arena;
    if (arena == NULL) { return; }
    cr_arena_release(arena);
    cr_free(arena);
}
