/* Rows whose subject could not be decided: they wait with their reason. */
#include <string.h>

#include "api/view.h"
#include "engine/admit.h"
#include "engine/text.h"

/* What a row of the matching table says; domain 11.1. Sentences of the program,
 * not policy: which rows park is decided in engine/admit.c. */
static const struct {
    const char *rule, *message;
} rules[] = {
    {"B2", "an entry of a serious list lacks number, date, authority or basis of its decision"},
    {"M3", "the name is not the one this number is known by (1001)"},
    {"M4", "the subject is not known and this catalog introduces nobody"},
    {"M6", "there is no unified code, only another number"},
    {"M7", "there is only a name"},
    {"M8", "the person's name is not the one this document is known by"},
};

static const char *message_of(const char *rule)
{
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        if (strncmp(rules[i].rule, rule, 8) == 0) { return rules[i].message; }
    }
    return "";
}

static credit_result write_row(
    credit_view *view, credit_span key, const cr_parked *parked, cr_canon *json, credit_error *err)
{
    credit_span name = {"", 0}, document_no = {"", 0};
    const cr_pack *pack = view->store->pack.pack;
    int index = cr_registry_catalog(&view->store->registry, parked->catalog);
    const cr_catalog *catalog = index < 0 ? NULL : &pack->catalogs[index];
    credit_result rc = CREDIT_OK;
    if (catalog != NULL) {
        rc = api_version_value(view, &parked->version, CR_ROLE_SUBJECT_NAME, &name, err);
    }
    if (rc == CREDIT_OK && catalog != NULL) {
        rc = api_version_value(view, &parked->version, CR_ROLE_DOCUMENT_NO, &document_no, err);
    }
    cr_canon_reset(json);
    cr_canon_object(json);
    cr_canon_key(json, "batch");
    cr_canon_integer(json, cr_get_u32be(key.data));
    cr_canon_key(json, "row");
    cr_canon_integer(json, cr_get_u32be(key.data + 4));
    cr_canon_key(json, "line");
    cr_canon_integer(json, (int64_t)parked->line);
    cr_canon_key(json, "catalog");
    cr_canon_string(json, catalog == NULL ? (credit_span){"", 0} : catalog->name);
    cr_canon_key(json, "rule");
    cr_canon_text(json, parked->rule);
    cr_canon_key(json, "message");
    cr_canon_text(json, message_of(parked->rule));
    cr_canon_key(json, "subject");
    api_write_subject(json, &parked->subject, name, parked->version.facts.category);
    cr_canon_key(json, "document_no");
    cr_canon_string(json, document_no);
    cr_canon_end_object(json);
    return rc;
}

credit_result credit_parked_list(
    credit_store *store, credit_write write, void *ctx, credit_error *err)
{
    if (store == NULL || write == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a store and a writer are needed");
    }
    credit_view *view = NULL;
    cr_range range = {0};
    cr_parked parked;
    cr_canon json;
    cr_canon_init(&json);
    json.sorted = false;
    credit_result rc = credit_view_open(store, &view, err);
    if (rc == CREDIT_OK) { rc = cr_range_open(view->txn, CR_TABLE_PARKED, &range, err); }
    if (rc == CREDIT_OK) { cr_range_seek(&range, (credit_span){NULL, 0}); }
    while (rc == CREDIT_OK && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        rc = range.key.size != 8 ? cr_fail(err, CREDIT_E_CORRUPT, "a waiting row's key is damaged")
                                 : cr_parked_decode(range.value, &parked, err);
        if (rc == CREDIT_OK) { rc = write_row(view, range.key, &parked, &json, err); }
        if (rc == CREDIT_OK) { rc = api_send(&json, write, ctx, err); }
    }
    cr_range_close(&range);
    credit_view_close(view);
    cr_canon_free(&json);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}
