/* The feed of changes: every listing entered or left and every tier that changed, by
 * number and without gaps, for whoever keeps up with them. */
#include "api/answer.h"
#include "engine/text.h"

/* Who may see it: a roster or the tier, as the pack says; what it does not know any
 * more is not for the public. */
static cr_scope scope_of(const cr_pack *pack, const api_change *change)
{
    if (change->kind == 't') { return pack->tier_scope; }
    int roster = api_kept_roster(pack, &change->listing);
    return roster < 0 ? CR_SCOPE_AUTHORIZED : pack->rosters[roster].scope;
}

static credit_result write_line(
    credit_view *view, uint64_t number, const api_change *change, cr_canon *json, credit_error *err)
{
    static const char *const scopes[CR_SCOPES] = {"public", "government", "authorized"};
    cr_canon_reset(json);
    cr_canon_object(json);
    cr_canon_key(json, "number");
    cr_canon_integer(json, (int64_t)number);
    cr_canon_key(json, "at");
    api_json_instant(json, change->at);
    cr_canon_key(json, "scope");
    cr_canon_text(json, scopes[scope_of(view->policy->pack.pack, change)]);
    credit_result rc = api_write_change(view, change, json, err);
    cr_canon_end_object(json);
    return rc;
}

static credit_result write_changes(credit_view *view, uint64_t since, cr_canon *json,
    credit_write write, void *ctx, uint64_t *last, credit_error *err)
{
    cr_range range;
    api_change change;
    credit_result rc = api_changes_open(view->txn, since, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    while (rc == CREDIT_OK && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        if (range.key.size != 8 || cr_get_u64be(range.key.data) != *last + 1) {
            rc = cr_fail(
                err, CREDIT_E_CORRUPT, "change %llu is missing", (unsigned long long)*last + 1);
            break;
        }
        rc = api_change_decode(range.value, &change, err);
        if (rc == CREDIT_OK) { rc = write_line(view, *last + 1, &change, json, err); }
        if (rc == CREDIT_OK) { rc = api_send(json, write, ctx, err); }
        if (rc == CREDIT_OK) { ++*last; }
    }
    cr_range_close(&range);
    return rc;
}

/* The last number there is: all that most calls of a follower need. */
static credit_result find_last(credit_store *store, uint64_t *number, credit_error *err)
{
    cr_txn *txn = NULL;
    credit_result rc = cr_snapshot_begin(store->store, &txn, err);
    if (rc == CREDIT_OK) { rc = api_change_last(txn, number, err); }
    cr_txn_end(txn);
    return rc;
}

credit_result credit_feed_changes(credit_store *store, uint64_t since, credit_write write,
    void *ctx, uint64_t *last, credit_error *err)
{
    if (last != NULL) { *last = since; }
    if (store == NULL || write == NULL || last == NULL) {
        return cr_fail(
            err, CREDIT_E_USAGE, "a store, a writer and a place for a number are needed");
    }
    credit_view *view = NULL;
    uint64_t number = 0;
    cr_canon json;
    credit_result rc = find_last(store, &number, err);
    if (rc == CREDIT_OK && since > number) {
        return cr_fail(err, CREDIT_E_NOT_FOUND, "the last change has the number %llu, not %llu",
            (unsigned long long)number, (unsigned long long)since);
    }
    if (rc != CREDIT_OK || since == number) { return rc; }
    cr_canon_init(&json);
    json.sorted = false;
    rc = credit_view_open(store, &view, err);
    if (rc == CREDIT_OK) { rc = write_changes(view, since, &json, write, ctx, last, err); }
    credit_view_close(view);
    cr_canon_free(&json);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}
