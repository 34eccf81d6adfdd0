/* credit_rules_activate: a pack comes into force, from a day on. */
#include <stdio.h>
#include <string.h>

#include "api/packs.h"
#include "api/policy.h"
#include "api/verdict.h"
#include "engine/date.h"

typedef struct activating {
    credit_store *store;
    const credit_activation_options *options;
    cr_arena arena;
    cr_pack_file *files;
    size_t file_count;
    cr_pack *pack;
    cr_txn *writer;
    api_timeline timeline; /* before the act */
    uint32_t last;         /* number of the newest pack */
    api_activation act;
    api_verdicts *verdicts;
    credit_activation *out;
} activating;

/* The pack's number, if the store has it already; else the next one. Every pack that the
 * store has judged by must be one that this pack can come after. */
static credit_result place(activating *a, credit_error *err)
{
    credit_result rc = api_pack_last(a->writer, &a->last, err);
    a->act.number = a->last + 1;
    for (uint32_t n = 1; rc == CREDIT_OK && n <= a->last; n++) {
        const api_policy *policy;
        rc = api_policy_get(a->store, a->writer, n, &policy, err);
        if (rc != CREDIT_OK) { break; }
        if (memcmp(policy->pack.pack->digest, a->pack->digest, CR_DIGEST_SIZE) == 0) {
            a->act.number = n;
        }
        rc = cr_pack_may_follow(a->pack, policy->pack.pack, err);
    }
    return rc;
}

static credit_result lint(activating *a, credit_error *err)
{
    credit_error first = CREDIT_ERROR_INIT;
    credit_result rc = api_pack_lint(a->pack, &a->out->findings, &first, err);
    if (rc != CREDIT_OK || a->out->findings == 0 || a->options->force) { return rc; }
    return cr_fail(err, CREDIT_E_PACK, "the pack does not lint, %llu findings; the first: %s",
        (unsigned long long)a->out->findings, first.message);
}

/* Is the pack in force from that day on anyway, by an act of the very same day? */
static bool is_in_force(const activating *a)
{
    const api_activation *act = api_timeline_on(&a->timeline, a->options->from, UINT32_MAX);
    return act->number == a->act.number && act->from == a->options->from;
}

static credit_result put_in_force(activating *a, credit_error *err)
{
    api_head head;
    a->act.from = a->options->from;
    a->act.forced = a->out->findings > 0;
    credit_result rc = api_head_get(a->writer, &head, err);
    if (rc == CREDIT_OK && a->act.number > a->last) {
        rc = api_pack_put(a->writer, a->act.number, a->files, a->file_count, err);
        if (rc == CREDIT_OK) { rc = cr_registry_enrol(a->writer, a->pack, err); }
    }
    if (rc != CREDIT_OK) { return rc; }
    credit_date today = cr_instant_date(a->options->now);
    uint32_t number = api_timeline_on(&a->timeline, today, UINT32_MAX)->number;
    rc = api_head_advance(a->writer, a->options->now, number, &head, err);
    a->act.commit = head.commit;
    a->act.at = head.at;
    a->out->at = head.at;
    return rc == CREDIT_OK ? api_activation_put(a->writer, &a->act, err) : rc;
}

/* What was due by today is moved on its own days first, by the packs of these days. */
static credit_result judge_again(activating *a, credit_error *err)
{
    credit_date today = cr_instant_date(a->options->now);
    uint64_t moved = 0;
    credit_result rc =
        api_verdicts_new(a->store, a->writer, a->act.commit, today, NULL, &a->verdicts, err);
    if (rc == CREDIT_OK) { rc = api_move_due(a->writer, a->verdicts, today, &moved, err); }
    if (rc == CREDIT_OK) { rc = api_verdicts_overtake(a->verdicts, today, &a->out->subjects, err); }
    if (rc != CREDIT_OK) { return rc; }
    api_changes changes = api_verdicts_count(a->verdicts);
    a->out->entered = changes.entered;
    a->out->left = changes.left;
    a->out->tiers_changed = changes.tiers;
    return CREDIT_OK;
}

static credit_result activate(activating *a, credit_error *err)
{
    credit_result rc = place(a, err);
    if (rc == CREDIT_OK) { rc = api_timeline_read(a->writer, &a->timeline, err); }
    if (rc != CREDIT_OK) { return rc; }
    a->out->unchanged = is_in_force(a);
    if (a->out->unchanged) { return CREDIT_DONE; }
    rc = put_in_force(a, err);
    if (rc == CREDIT_OK) { rc = judge_again(a, err); }
    api_verdicts_free(a->verdicts);
    if (rc == CREDIT_OK) {
        rc = cr_writer_commit(a->writer, err);
        a->writer = NULL;
    }
    return rc;
}

static void describe(activating *a)
{
    const cr_pack *pack = a->pack;
    credit_activation *out = a->out;
    out->from = a->options->from;
    out->forced = a->options->force && out->findings > 0;
    snprintf(out->name, sizeof out->name, "%.*s", (int)pack->name.size, pack->name.data);
    snprintf(
        out->version, sizeof out->version, "%.*s", (int)pack->version.size, pack->version.data);
    api_hex(pack->digest, CR_DIGEST_SIZE, out->sha256);
}

credit_result credit_rules_activate(credit_store *store, const char *pack,
    const credit_activation_options *options, credit_activation *activation, credit_error *err)
{
    if (activation != NULL) { memset(activation, 0, sizeof *activation); }
    if (store == NULL || pack == NULL || options == NULL || activation == NULL ||
        options->from == CREDIT_DATE_NONE || options->now == CREDIT_INSTANT_NONE) {
        return cr_fail(err, CREDIT_E_USAGE,
            "a store, a pack, options with `from` and `now` and an activation are needed");
    }
    activating a = {.store = store, .options = options, .out = activation};
    credit_result rc = api_pack_read(pack, &a.arena, &a.files, &a.file_count, err);
    if (rc == CREDIT_OK) { rc = api_pack_compile(a.files, a.file_count, &a.pack, err); }
    if (rc == CREDIT_OK) { rc = lint(&a, err); }
    if (rc == CREDIT_OK) {
        describe(&a);
        rc = cr_writer_begin(store->store, &a.writer, err);
    }
    if (rc == CREDIT_OK) {
        api_policies_venture(store, a.writer);
        rc = activate(&a, err);
        cr_txn_end(a.writer);
        api_policies_settle(store, rc == CREDIT_OK);
    }
    api_timeline_free(&a.timeline);
    api_pack_free(a.pack);
    cr_arena_release(&a.arena);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

credit_result credit_activation_write(
    const credit_activation *activation, credit_write write, void *ctx)
{
    if (activation == NULL || write == NULL) { return CREDIT_E_USAGE; }
    const struct {
        const char *name;
        uint64_t value;
    } counts[] = {{"subjects", activation->subjects}, {"entered", activation->entered},
        {"left", activation->left}, {"tiers", activation->tiers_changed}};
    cr_canon json;
    cr_canon_init(&json);
    json.sorted = false;
    cr_canon_object(&json);
    cr_canon_key(&json, "name");
    cr_canon_text(&json, activation->name);
    cr_canon_key(&json, "version");
    cr_canon_text(&json, activation->version);
    cr_canon_key(&json, "sha256");
    cr_canon_text(&json, activation->sha256);
    cr_canon_key(&json, "from");
    cr_canon_date(&json, activation->from);
    cr_canon_key(&json, "activated_at");
    if (activation->unchanged) {
        cr_canon_null(&json);
    } else {
        api_json_instant(&json, activation->at);
    }
    cr_canon_key(&json, "forced");
    cr_canon_bool(&json, activation->forced);
    cr_canon_key(&json, "findings");
    cr_canon_integer(&json, (int64_t)activation->findings);
    cr_canon_key(&json, "unchanged");
    cr_canon_bool(&json, activation->unchanged);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        cr_canon_key(&json, counts[i].name);
        cr_canon_integer(&json, (int64_t)counts[i].value);
    }
    cr_canon_end_object(&json);
    credit_result rc = api_send(&json, write, ctx, NULL);
    cr_canon_free(&json);
    return rc;
}
