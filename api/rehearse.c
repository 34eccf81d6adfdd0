/* credit_rules_try: who would change under a draft pack, before anyone is affected. */
#include "api/rehearse.h"

#include <string.h>

#include "api/answer.h"
#include "api/policy.h"
#include "engine/date.h"
#include "engine/decision.h"
#include "engine/text.h"

const char *const api_try_whats[TRY_WHATS] = {"tier", "list", "green_channel"};
const char *const api_try_effects[TRY_EFFECTS] = {[CR_EFFECT_REFUSE] = "ineligible",
    [CR_EFFECT_GRANT] = "eligible",
    [CR_EFFECT_REVIEW] = "review"};

enum { PROGRESS_STEP = 4096 };
static const uint32_t DRAFT_NUMBER = UINT32_MAX; /* no pack of a store has it */

/* ---- judging --------------------------------------------------------------------- */

static bool same_place(const try_place *a, const try_place *b)
{
    return a->list == b->list && cr_span_equal(a->roster->name, b->roster->name);
}

bool api_try_is_on(const try_outcome *outcome, const try_place *place)
{
    for (size_t i = 0; i < outcome->place_count; i++) {
        if (same_place(&outcome->places[i], place)) { return true; }
    }
    return false;
}

/* A subject is on a list or not, however many decisions put it there. */
static credit_result keep_places(
    const cr_judgement *judgement, try_outcome *outcome, credit_error *err)
{
    outcome->place_count = 0;
    for (size_t i = 0; i < judgement->listing_count; i++) {
        const cr_listing *listing = &judgement->listings[i];
        const try_place place = {listing->roster, listing->list, listing->code, listing->domain};
        if (api_try_is_on(outcome, &place)) { continue; }
        if (outcome->place_count == TRY_LISTINGS_MAX) {
            return cr_fail(
                err, CREDIT_E_LIMIT, "a subject is on more than %d lists", TRY_LISTINGS_MAX);
        }
        outcome->places[outcome->place_count++] = place;
    }
    return CREDIT_OK;
}

static credit_result judge_side(rehearsal *r, try_side *side, credit_error *err)
{
    const cr_judgement *judgement = NULL;
    const try_matters *matters = &r->matters;
    cr_judge_question question = {.as_of = r->as_of,
        .commit = r->commit,
        .bare = true,
        .green_channel = matters->class_count > 0};
    if (matters->class_count > 0) { question.matter = matters->chosen[0]; }
    credit_result rc = cr_judge_file(side->judge, &r->file, &question, &judgement, err);
    if (rc != CREDIT_OK) { return rc; }
    side->outcome.tier = judgement->tier;
    side->outcome.green[0] = judgement->green;
    rc = keep_places(judgement, &side->outcome, err);
    for (size_t i = 1; rc == CREDIT_OK && i < matters->class_count; i++) {
        question.matter = matters->chosen[i];
        rc = cr_judge_matter(side->judge, &question, &side->outcome.green[i], err);
    }
    return rc;
}

/* ---- counting --------------------------------------------------------------------- */

static credit_result count_tiers(rehearsal *r, credit_error *err)
{
    size_t at[TRY_SIDES];
    try_counts *counts = &r->counts;
    for (size_t s = 0; s < TRY_SIDES; s++) {
        credit_span tier = r->sides[s].outcome.tier;
        for (at[s] = 0; at[s] < counts->tier_count; at[s]++) {
            if (cr_span_equal(counts->tiers[at[s]], tier)) { break; }
        }
        if (at[s] < counts->tier_count) { continue; }
        if (counts->tier_count == TRY_TIERS_MAX) {
            return cr_fail(err, CREDIT_E_LIMIT, "the packs know more than %d tiers", TRY_TIERS_MAX);
        }
        credit_span kept = tier.size == 0 ? tier : cr_arena_span(&r->constants, tier);
        if (kept.data == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
        counts->tiers[counts->tier_count++] = kept;
    }
    counts->tier_pairs[at[0]][at[1]]++;
    return CREDIT_OK;
}

static try_listed *find_listed(rehearsal *r, const try_place *place)
{
    try_counts *counts = &r->counts;
    for (size_t i = 0; i < counts->list_count; i++) {
        if (same_place(&counts->lists[i].place, place)) { return &counts->lists[i]; }
    }
    if (!cr_grow(
            &counts->lists, &counts->list_room, counts->list_count + 1, sizeof *counts->lists)) {
        return NULL;
    }
    try_listed *listed = &counts->lists[counts->list_count++];
    *listed = (try_listed){.place = *place};
    return listed;
}

static credit_result count_lists(rehearsal *r, credit_error *err)
{
    const try_outcome *before = &r->sides[0].outcome, *after = &r->sides[1].outcome;
    for (size_t s = 0; s < TRY_SIDES; s++) {
        const try_outcome *here = s == 0 ? before : after, *there = s == 0 ? after : before;
        for (size_t i = 0; i < here->place_count; i++) {
            try_listed *listed = find_listed(r, &here->places[i]);
            if (listed == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
            *(s == 0 ? &listed->before : &listed->after) += 1;
            if (!api_try_is_on(there, &here->places[i])) {
                *(s == 0 ? &listed->left : &listed->entered) += 1;
            }
        }
    }
    return CREDIT_OK;
}

static bool same_places(const try_outcome *a, const try_outcome *b)
{
    for (size_t i = 0; i < a->place_count; i++) {
        if (!api_try_is_on(b, &a->places[i])) { return false; }
    }
    return true;
}

static bool differs(const rehearsal *r)
{
    const try_outcome *before = &r->sides[0].outcome, *after = &r->sides[1].outcome;
    return !cr_span_equal(before->tier, after->tier) || !same_places(before, after) ||
           !same_places(after, before) ||
           memcmp(before->green, after->green, r->matters.class_count * sizeof *before->green) != 0;
}

static credit_result count(rehearsal *r, credit_error *err)
{
    r->counts.subjects++;
    for (size_t i = 0; i < r->matters.class_count; i++) {
        r->counts.green_pairs[i][r->sides[0].outcome.green[i]][r->sides[1].outcome.green[i]]++;
    }
    credit_result rc = count_tiers(r, err);
    return rc == CREDIT_OK ? count_lists(r, err) : rc;
}

static credit_result try_subject(rehearsal *r, credit_error *err)
{
    credit_result rc = judge_side(r, &r->sides[0], err);
    if (rc != CREDIT_OK) { return rc; }
    cr_file_rebind(&r->file, r->sides[1].pack, r->sides[1].registry);
    rc = judge_side(r, &r->sides[1], err);
    if (rc == CREDIT_OK) { rc = count(r, err); }
    if (rc != CREDIT_OK || !differs(r)) { return rc; }
    r->counts.changed++;
    cr_arena_reset(&r->arena);
    return api_try_tell(r, err);
}

static credit_result walk(rehearsal *r, credit_error *err)
{
    cr_files files;
    cr_table_stat stat;
    uint64_t done = 0;
    credit_result rc = cr_table_get_stat(r->txn, CR_TABLE_SUBJECT, &stat, err);
    if (rc == CREDIT_OK) {
        rc = cr_files_open(r->txn, r->sides[0].pack, r->sides[0].registry, &files, err);
    }
    if (rc != CREDIT_OK) { return rc; }
    while (rc == CREDIT_OK) {
        rc = cr_files_next(&files, r->as_of, r->commit, &r->file, err);
        if (rc == CREDIT_OK && r->file.exists) { rc = try_subject(r, err); }
        if (rc == CREDIT_OK && ++done % PROGRESS_STEP == 0 && r->options->progress != NULL &&
            r->options->progress(r->options->progress_ctx, done, stat.entries, done) != 0) {
            rc = cr_fail(err, CREDIT_E_BUSY, "stopped");
        }
    }
    cr_files_close(&files);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* ---- the summary -------------------------------------------------------------------- */

static void put(cr_canon *json, const char *key, credit_span text)
{
    cr_canon_key(json, key);
    cr_canon_string(json, text);
}

static void put_count(cr_canon *json, const char *key, uint64_t count)
{
    cr_canon_key(json, key);
    cr_canon_integer(json, (int64_t)count);
}

static void write_tier(cr_canon *json, const char *key, credit_span tier)
{
    cr_canon_key(json, key);
    if (tier.size == 0) {
        cr_canon_null(json);
    } else {
        cr_canon_string(json, tier);
    }
}

static void write_tiers(const try_counts *counts, cr_canon *json)
{
    cr_canon_key(json, "tiers");
    cr_canon_array(json);
    for (size_t i = 0; i < counts->tier_count; i++) {
        for (size_t k = 0; k < counts->tier_count; k++) {
            if (counts->tier_pairs[i][k] == 0) { continue; }
            cr_canon_object(json);
            write_tier(json, "from", counts->tiers[i]);
            write_tier(json, "to", counts->tiers[k]);
            put_count(json, "subjects", counts->tier_pairs[i][k]);
            cr_canon_end_object(json);
        }
    }
    cr_canon_end_array(json);
}

static void write_lists(const try_counts *counts, cr_canon *json)
{
    cr_canon_key(json, "lists");
    cr_canon_array(json);
    for (size_t i = 0; i < counts->list_count; i++) {
        const try_listed *listed = &counts->lists[i];
        cr_canon_object(json);
        put(json, "list", listed->place.roster->name);
        put(json, "code", listed->place.code);
        put(json, "domain", listed->place.domain);
        put_count(json, "before", listed->before);
        put_count(json, "after", listed->after);
        put_count(json, "entered", listed->entered);
        put_count(json, "left", listed->left);
        cr_canon_end_object(json);
    }
    cr_canon_end_array(json);
}

static void write_matters(const rehearsal *r, cr_canon *json)
{
    cr_canon_key(json, "matters");
    cr_canon_array(json);
    for (size_t m = 0; m < r->matters.matter_count; m++) {
        for (size_t i = 0; i < TRY_EFFECTS * TRY_EFFECTS; i++) {
            size_t from = i / TRY_EFFECTS, to = i % TRY_EFFECTS;
            uint64_t subjects = r->counts.green_pairs[r->matters.class_of[m]][from][to];
            if (subjects == 0) { continue; }
            cr_canon_object(json);
            put(json, "matter", r->matters.matters[m]->word);
            put(json, "from", cr_span_of(api_try_effects[from]));
            put(json, "to", cr_span_of(api_try_effects[to]));
            put_count(json, "subjects", subjects);
            cr_canon_end_object(json);
        }
    }
    cr_canon_end_array(json);
}

static void write_sources(
    const char *key, const char *name, const try_sources *sources, cr_canon *json)
{
    cr_canon_key(json, key);
    cr_canon_array(json);
    for (size_t i = 0; i < sources->count; i++) {
        cr_canon_object(json);
        put(json, name, sources->items[i].name);
        for (size_t w = 0; w < TRY_WHATS; w++) {
            put_count(json, api_try_whats[w], sources->items[i].changes[w]);
        }
        cr_canon_end_object(json);
    }
    cr_canon_end_array(json);
}

static credit_result write_summary(
    const rehearsal *r, credit_write write, void *ctx, credit_error *err)
{
    static const char *const sides[TRY_SIDES] = {"pack", "draft"};
    cr_canon json;
    cr_canon_init(&json);
    json.sorted = false;
    cr_canon_object(&json);
    cr_canon_key(&json, "as_of");
    cr_canon_date(&json, r->as_of);
    for (size_t s = 0; s < TRY_SIDES; s++) {
        cr_canon_key(&json, sides[s]);
        api_write_pack(&json, r->sides[s].pack);
    }
    put_count(&json, "subjects", r->counts.subjects);
    put_count(&json, "changed", r->counts.changed);
    put_count(&json, "changes", r->counts.changes);
    write_tiers(&r->counts, &json);
    write_lists(&r->counts, &json);
    write_matters(r, &json);
    write_sources("departments", "department", &r->counts.departments, &json);
    write_sources("regions", "region", &r->counts.regions, &json);
    cr_canon_end_object(&json);
    credit_result rc = api_send(&json, write, ctx, err);
    cr_canon_free(&json);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* ---- setting up ------------------------------------------------------------------------ */

static credit_result read_draft(rehearsal *r, const char *directory, credit_error *err)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_pack_file *files = NULL;
    size_t count = 0;
    credit_result rc = api_pack_read(directory, &arena, &files, &count, err);
    if (rc == CREDIT_OK) { rc = api_pack_compile(files, count, &r->draft, err); }
    cr_arena_release(&arena);
    return rc;
}

static credit_result make_side(rehearsal *r, size_t side, const cr_pack *pack,
    const cr_registry *registry, uint32_t number, credit_error *err)
{
    try_side *s = &r->sides[side];
    s->pack = pack;
    s->registry = registry;
    return cr_judge_new(pack, registry, number, &s->judge, err);
}

/* Does a ruling depend on what the file says? */
static bool is_ruled_by(const cr_pack *pack, credit_span path)
{
    size_t size = path.size;
    return cr_span_starts(path, CR_SPAN("catalogs/")) || cr_span_starts(path, CR_SPAN("codes/")) ||
           (pack->rules != NULL && cr_span_equal(path, pack->rules->path)) ||
           (size > 4 && memcmp(path.data + size - 4, ".csv", 4) == 0);
}

static const cr_pack_file *file_of(const cr_pack *pack, credit_span path)
{
    for (size_t i = 0; i < pack->file_count; i++) {
        if (cr_span_equal(pack->files[i].path, path)) { return &pack->files[i]; }
    }
    return NULL;
}

static bool same_files(const cr_pack *a, const cr_pack *b)
{
    for (size_t i = 0; i < a->file_count; i++) {
        const cr_pack_file *file = &a->files[i];
        if (!is_ruled_by(a, file->path)) { continue; }
        const cr_pack_file *other = file_of(b, file->path);
        if (other == NULL || !cr_span_equal(other->bytes, file->bytes)) { return false; }
    }
    return true;
}

static bool same_parameter(const cr_parameter *a, const cr_pack *pack)
{
    for (size_t i = 0; i < pack->parameter_count; i++) {
        const cr_parameter *b = &pack->parameters[i];
        if (cr_span_equal(a->name, b->name)) {
            return cr_span_equal(a->type, b->type) && cr_span_equal(a->value, b->value);
        }
    }
    return false;
}

/* Does the draft rule records as the pack in force does? Then what that said of them, and
 * the store keeps, is what the draft says. May say no where it does. */
static credit_result rules_alike(
    const cr_pack *before, const cr_pack *draft, bool *alike, credit_error *err)
{
    cr_arena arena = CR_ARENA_INIT;
    const uint16_t *reads = NULL;
    size_t count = 0;
    *alike = cr_span_equal(before->record_decision, draft->record_decision) &&
             same_files(before, draft) && same_files(draft, before);
    if (!*alike) { return CREDIT_OK; }
    credit_result rc =
        cr_model_reads(draft->model, cr_model_decision(draft->model, draft->record_decision),
            cr_model_input(draft->model, CR_SPAN("policy")), &arena, &reads, &count, err);
    for (size_t i = 0; rc == CREDIT_OK && i < count; i++) {
        *alike = *alike && reads[i] < draft->parameter_count &&
                 same_parameter(&draft->parameters[reads[i]], before);
    }
    cr_arena_release(&arena);
    return rc;
}

static credit_result make_sides(rehearsal *r, credit_error *err)
{
    api_timeline timeline;
    const api_policy *policy;
    credit_result rc = api_timeline_read(r->txn, &timeline, err);
    if (rc != CREDIT_OK) { return rc; }
    uint32_t number = api_timeline_on(&timeline, r->as_of, r->commit)->number;
    api_timeline_free(&timeline);
    rc = api_policy_get(r->store, r->txn, number, &policy, err);
    if (rc == CREDIT_OK) { rc = cr_pack_may_follow(r->draft, policy->pack.pack, err); }
    if (rc == CREDIT_OK) { rc = cr_registry_load(r->txn, r->draft, &r->draft_registry, err); }
    if (rc == CREDIT_OK) {
        rc = make_side(r, 0, policy->pack.pack, &policy->registry, number, err);
    }
    bool alike = false;
    if (rc == CREDIT_OK) { rc = rules_alike(policy->pack.pack, r->draft, &alike, err); }
    if (rc == CREDIT_OK) {
        rc = make_side(r, 1, r->draft, &r->draft_registry, alike ? number : DRAFT_NUMBER, err);
    }
    return rc;
}

static credit_result make_counts(rehearsal *r, credit_error *err)
{
    credit_result rc =
        api_try_matters(r->sides[0].pack, r->sides[1].pack, &r->constants, &r->matters, err);
    if (rc != CREDIT_OK) { return rc; }
    size_t classes = r->matters.class_count + 1;
    r->counts.green_pairs = cr_arena_array(&r->constants, classes, sizeof *r->counts.green_pairs);
    bool fits = r->counts.green_pairs != NULL;
    for (size_t s = 0; s < TRY_SIDES; s++) {
        r->sides[s].outcome.green = cr_arena_array(&r->constants, classes, sizeof(cr_effect));
        fits = fits && r->sides[s].outcome.green != NULL;
    }
    return fits ? CREDIT_OK : cr_fail(err, CREDIT_E_NOMEM, "out of memory");
}

static void release(rehearsal *r)
{
    for (size_t s = 0; s < TRY_SIDES; s++) { cr_judge_free(r->sides[s].judge); }
    cr_file_free(&r->file);
    cr_registry_free(&r->draft_registry);
    cr_free(r->counts.lists);
    cr_free(r->counts.departments.items);
    cr_free(r->counts.regions.items);
    cr_html_free(&r->rows);
    cr_txn_end(r->txn);
    api_pack_free(r->draft);
    cr_arena_release(&r->arena);
    cr_arena_release(&r->constants);
    cr_free(r);
}

static credit_result rehearse(rehearsal *r, const char *pack, credit_error *err)
{
    credit_result rc = read_draft(r, pack, err);
    if (rc == CREDIT_OK) { rc = cr_snapshot_begin(r->store->store, &r->txn, err); }
    if (rc == CREDIT_OK && r->options->question.known_at != CREDIT_INSTANT_NONE) {
        rc = api_commit_at(r->txn, r->options->question.known_at, &r->commit, err);
    }
    if (rc == CREDIT_OK) { rc = make_sides(r, err); }
    if (rc == CREDIT_OK) { rc = make_counts(r, err); }
    if (rc == CREDIT_OK) { rc = api_try_csv_open(r, err); }
    if (rc != CREDIT_OK) { return rc; }
    rc = walk(r, err);
    rc = api_try_csv_close(r, rc, err);
    return rc == CREDIT_OK && r->options->html != NULL ? api_try_html(r, err) : rc;
}

credit_result credit_rules_try(credit_store *store, const char *pack,
    const credit_rehearsal_options *options, credit_write write, void *ctx, credit_error *err)
{
    if (store == NULL || pack == NULL || options == NULL || write == NULL ||
        options->question.as_of == CREDIT_DATE_NONE) {
        return cr_fail(err, CREDIT_E_USAGE,
            "a store, a pack, options with an as-of date and a writer are needed");
    }
    rehearsal *r = cr_alloc(sizeof *r);
    if (r == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    memset(r, 0, sizeof *r);
    r->store = store;
    r->options = options;
    r->as_of = options->question.as_of;
    r->commit = UINT32_MAX;
    credit_result rc = rehearse(r, pack, err);
    if (rc == CREDIT_OK) { rc = write_summary(r, write, ctx, err); }
    release(r);
    return rc;
}
