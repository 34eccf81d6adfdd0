#include "api/finish.h"

credit_result api_finisher_open(
    const credit_store *store, const api_policy *policy, api_finisher *f, credit_error *err)
{
    f->policy = policy;
    f->hasher = store->crypto->hasher_new(CR_HASH_SHA256);
    if (f->hasher == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    return cr_ruler_new(policy->pack.pack, policy->number, &f->ruler, err);
}

void api_finisher_close(const credit_store *store, api_finisher *f)
{
    cr_earlier_close(&f->earlier);
    cr_ruler_free(f->ruler);
    if (f->hasher != NULL) { store->crypto->hasher_free(f->hasher); }
}

credit_result api_finish_block(const credit_store *store, const cr_catalog *catalog,
    api_finisher *f, cr_block *block, credit_error *err)
{
    const cr_pack *pack = f->policy->pack.pack;
    credit_result rc = cr_block_derive(block, catalog, store->crypto, f->hasher, err);
    if (rc == CREDIT_OK) {
        rc = cr_block_compare(block, &f->earlier, pack, &f->policy->registry, err);
    }
    int index = (int)(catalog - pack->catalogs);
    for (size_t i = 0; rc == CREDIT_OK && i < block->count; i++) {
        cr_version *version = &block->items[i].version;
        if (block->items[i].unchanged) { continue; }
        cr_fact fact = {.version = *version, .catalog = catalog, .catalog_index = index};
        rc = cr_ruler_rule(f->ruler, &fact, err);
        version->ruling = fact.version.ruling;
    }
    block->finished = true;
    return rc;
}
