/* credit_rules_show: the packs of a store, since when they are in force, what they say. */
#include <string.h>

#include "api/packs.h"
#include "engine/decision.h"
#include "engine/text.h"
#include "loaders/dmn.h"

static void put(cr_canon *json, const char *key, credit_span text)
{
    cr_canon_key(json, key);
    cr_canon_string(json, text);
}

/* The last day on which the act decides, as far as is known by the commit. */
static credit_date last_day(const api_timeline *timeline, size_t act, uint32_t commit)
{
    credit_date from = timeline->acts[act].from, next = CREDIT_DATE_FOREVER;
    for (size_t i = 1; i < timeline->count; i++) {
        const api_activation *other = &timeline->acts[i];
        bool follows = other->from > from || (other->from == from && i > act);
        if (other->commit <= commit && follows && other->from < next) { next = other->from; }
    }
    return next == CREDIT_DATE_FOREVER ? next : next - 1;
}

static void write_pack(const cr_pack *pack, cr_canon *json)
{
    put(json, "name", pack->name);
    put(json, "version", pack->version);
    put(json, "title", pack->title);
    cr_canon_key(json, "sha256");
    api_json_hex(json, pack->digest, CR_DIGEST_SIZE);
}

static void write_act(
    const api_timeline *timeline, size_t act, uint32_t commit, credit_date day, cr_canon *json)
{
    const api_activation *a = &timeline->acts[act];
    cr_canon_key(json, "from");
    if (a->from == INT32_MIN) {
        cr_canon_null(json);
    } else {
        cr_canon_date(json, a->from);
    }
    cr_canon_key(json, "until");
    api_json_until(json, last_day(timeline, act, commit));
    cr_canon_key(json, "activated_at");
    api_json_instant(json, a->at);
    cr_canon_key(json, "forced");
    cr_canon_bool(json, a->forced);
    cr_canon_key(json, "in_force");
    cr_canon_bool(json, api_timeline_on(timeline, day, commit) == a);
}

/* ---- what it says ---------------------------------------------------------------- */

static const char *policy_word(const cr_source_table *table)
{
    static const char *const words[] = {[CR_HIT_UNIQUE] = "UNIQUE",
        [CR_HIT_ANY] = "ANY",
        [CR_HIT_FIRST] = "FIRST",
        [CR_HIT_PRIORITY] = "PRIORITY",
        [CR_HIT_RULE_ORDER] = "RULE ORDER",
        [CR_HIT_OUTPUT_ORDER] = "OUTPUT ORDER",
        [CR_HIT_COLLECT] = "COLLECT"};
    return words[table->policy];
}

static void write_columns(
    cr_canon *json, const char *key, const cr_source_column *columns, size_t count)
{
    cr_canon_key(json, key);
    cr_canon_array(json);
    for (size_t i = 0; i < count; i++) {
        const cr_source_column *column = &columns[i];
        cr_canon_string(
            json, column->expression.text.size > 0 ? column->expression.text : column->name);
    }
    cr_canon_end_array(json);
}

static void write_cells(cr_canon *json, const char *key, const cr_source_text *cells, size_t count)
{
    cr_canon_key(json, key);
    cr_canon_array(json);
    for (size_t i = 0; i < count; i++) { cr_canon_string(json, cells[i].text); }
    cr_canon_end_array(json);
}

static credit_span annotation(
    const cr_source_table *table, const cr_source_rule *rule, const char *name)
{
    for (size_t i = 0; i < table->annotation_count; i++) {
        if (cr_span_is(table->annotations[i], name)) { return rule->annotations[i]; }
    }
    return (credit_span){"", 0};
}

static void write_row(const cr_source_table *table, const cr_source_rule *rule, cr_canon *json)
{
    cr_canon_object(json);
    put(json, "rule", annotation(table, rule, "rule"));
    write_cells(json, "when", rule->tests, table->input_count);
    write_cells(json, "then", rule->outputs, table->output_count);
    put(json, "text", annotation(table, rule, "text"));
    put(json, "basis", annotation(table, rule, "basis"));
    cr_canon_end_object(json);
}

static void write_table(const cr_source_decision *decision, cr_canon *json)
{
    const cr_source_table *table = decision->box->table;
    cr_canon_object(json);
    put(json, "decision", decision->name);
    cr_canon_key(json, "hit_policy");
    cr_canon_text(json, policy_word(table));
    write_columns(json, "inputs", table->inputs, table->input_count);
    write_columns(json, "outputs", table->outputs, table->output_count);
    cr_canon_key(json, "rows");
    cr_canon_array(json);
    for (size_t i = 0; i < table->rule_count; i++) { write_row(table, &table->rules[i], json); }
    cr_canon_end_array(json);
    cr_canon_end_object(json);
}

static credit_result write_tables(const cr_pack *pack, cr_canon *json, credit_error *err)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_model_source source = {.name = {"", 0}};
    credit_result rc =
        pack->rules == NULL ? CREDIT_OK : cr_dmn_parse(pack->rules->bytes, &arena, &source, err);
    cr_canon_key(json, "tables");
    cr_canon_array(json);
    for (size_t i = 0; rc == CREDIT_OK && i < source.decision_count; i++) {
        const cr_box *box = source.decisions[i].box;
        if (box != NULL && box->kind == CR_BOX_TABLE) { write_table(&source.decisions[i], json); }
    }
    cr_canon_end_array(json);
    cr_arena_release(&arena);
    return rc;
}

/* ---- asking ------------------------------------------------------------------------- */

typedef struct showing {
    credit_store *store;
    cr_txn *txn;
    api_timeline timeline;
    uint32_t commit; /* known by */
    credit_date day;
    cr_canon json;
} showing;

static bool is_called(const cr_pack *pack, const char *name)
{
    char digest[2 * CR_DIGEST_SIZE + 1];
    size_t size = strlen(name);
    api_hex(pack->digest, CR_DIGEST_SIZE, digest);
    return cr_span_is(pack->name, name) || cr_span_is(pack->version, name) ||
           (size >= 6 && size < sizeof digest && memcmp(digest, name, size) == 0);
}

static credit_result show_acts(showing *s, credit_write write, void *ctx, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < s->timeline.count; i++) {
        const api_activation *act = &s->timeline.acts[i];
        const api_policy *policy;
        if (act->commit > s->commit) { continue; }
        rc = api_policy_get(s->store, s->txn, act->number, &policy, err);
        if (rc != CREDIT_OK) { break; }
        cr_canon_reset(&s->json);
        cr_canon_object(&s->json);
        write_pack(policy->pack.pack, &s->json);
        write_act(&s->timeline, i, s->commit, s->day, &s->json);
        cr_canon_end_object(&s->json);
        rc = api_send(&s->json, write, ctx, err);
    }
    return rc;
}

static credit_result find_pack(
    showing *s, const char *name, const api_policy **found, credit_error *err)
{
    for (size_t i = s->timeline.count; i-- > 0;) {
        const api_activation *act = &s->timeline.acts[i];
        if (act->commit > s->commit) { continue; }
        credit_result rc = api_policy_get(s->store, s->txn, act->number, found, err);
        if (rc != CREDIT_OK || is_called((*found)->pack.pack, name)) { return rc; }
    }
    return cr_fail(err, CREDIT_E_NOT_FOUND, "%.80s: the store has no such pack", name);
}

static credit_result show_pack(
    showing *s, const char *name, credit_write write, void *ctx, credit_error *err)
{
    const api_policy *policy = NULL;
    credit_result rc = find_pack(s, name, &policy, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_canon_object(&s->json);
    write_pack(policy->pack.pack, &s->json);
    cr_canon_key(&s->json, "acts");
    cr_canon_array(&s->json);
    for (size_t i = 0; i < s->timeline.count; i++) {
        const api_activation *act = &s->timeline.acts[i];
        if (act->number != policy->number || act->commit > s->commit) { continue; }
        cr_canon_object(&s->json);
        write_act(&s->timeline, i, s->commit, s->day, &s->json);
        cr_canon_end_object(&s->json);
    }
    cr_canon_end_array(&s->json);
    rc = write_tables(policy->pack.pack, &s->json, err);
    cr_canon_end_object(&s->json);
    return rc == CREDIT_OK ? api_send(&s->json, write, ctx, err) : rc;
}

credit_result credit_rules_show(credit_store *store, const char *pack,
    const credit_question *question, credit_write write, void *ctx, credit_error *err)
{
    if (store == NULL || question == NULL || write == NULL || question->as_of == CREDIT_DATE_NONE) {
        return cr_fail(
            err, CREDIT_E_USAGE, "a store, a question with an as-of date and a writer are needed");
    }
    showing s = {.store = store, .commit = UINT32_MAX, .day = question->as_of};
    cr_canon_init(&s.json);
    s.json.sorted = false;
    credit_result rc = cr_snapshot_begin(store->store, &s.txn, err);
    if (rc == CREDIT_OK) { rc = api_timeline_read(s.txn, &s.timeline, err); }
    if (rc == CREDIT_OK && question->known_at != CREDIT_INSTANT_NONE) {
        rc = api_commit_at(s.txn, question->known_at, &s.commit, err);
    }
    if (rc == CREDIT_OK) {
        rc = pack == NULL ? show_acts(&s, write, ctx, err) : show_pack(&s, pack, write, ctx, err);
    }
    api_timeline_free(&s.timeline);
    cr_txn_end(s.txn);
    cr_canon_free(&s.json);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}
