/* What differs for one subject, and why: judged again on both sides, with reasons. */
#include <stdio.h>
#include <string.h>

#include "api/rehearse.h"
#include "engine/date.h"
#include "engine/text.h"

static const char LATER[] = "（其他）", NO_RECORD[] = "（无记录）", NO_REGION[] = "（无代码）";
static const char *const effects_shown[TRY_EFFECTS] = {[CR_EFFECT_REFUSE] = "不适用",
    [CR_EFFECT_GRANT] = "可以适用",
    [CR_EFFECT_REVIEW] = "需人工核实"};

const char *api_try_effect_shown(int effect)
{
    return effects_shown[effect];
}

static credit_result no_memory(credit_error *err)
{
    return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
}

/* ---- reasons ------------------------------------------------------------------------ */

static const char BETWEEN[] = "；";

static bool has_text(credit_span all, credit_span text)
{
    const credit_span between = cr_span_of(BETWEEN);
    while (all.size > 0) {
        size_t end = cr_span_find(all, between);
        size_t size = end == SIZE_MAX ? all.size : end;
        if (cr_span_equal((credit_span){all.data, size}, text)) { return true; }
        if (end == SIZE_MAX) { break; }
        all = (credit_span){all.data + end + between.size, all.size - end - between.size};
    }
    return false;
}

/* Text by text, each once. */
static bool join(cr_arena *arena, credit_span *all, credit_span more)
{
    if (more.size == 0 || has_text(*all, more)) { return true; }
    char *joined =
        cr_arena_printf(arena, "%.*s%s%.*s", (int)all->size, all->data == NULL ? "" : all->data,
            all->size == 0 ? "" : BETWEEN, (int)more.size, more.data);
    if (joined == NULL) { return false; }
    *all = cr_span_of(joined);
    return true;
}

/* The unit that sent the record; where the catalog has no column for it, that which
 * decided. */
static credit_result find_department(
    rehearsal *r, const try_side *side, const cr_fact *fact, credit_span *name, credit_error *err)
{
    static const cr_role roles[] = {CR_ROLE_SOURCE, CR_ROLE_AUTHORITY};
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && name->size == 0 && i < 2; i++) {
        rc = cr_registry_value(side->registry, r->txn, &fact->version, roles[i], name, err);
    }
    return rc;
}

static credit_result add_record(
    rehearsal *r, const try_side *side, const cr_fact *fact, try_reason *out, credit_error *err)
{
    char id[CR_VERSION_ID];
    cr_version_id(&fact->key, id);
    if (!join(&r->arena, &out->records, cr_span_of(id))) { return no_memory(err); }
    return out->department.size > 0 ? CREDIT_OK
                                    : find_department(r, side, fact, &out->department, err);
}

static credit_result add_reason(
    rehearsal *r, const try_side *side, const cr_reason *reason, try_reason *out, credit_error *err)
{
    if (!join(&r->arena, &out->rules, reason->rule) ||
        !join(&r->arena, &out->texts, reason->text) ||
        !join(&r->arena, &out->bases, reason->basis)) {
        return no_memory(err);
    }
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < reason->evidence_count; i++) {
        rc = add_record(r, side, reason->evidence[i], out, err);
    }
    return rc;
}

/* Of the tier: the one reason whose outcome it is. */
static credit_result tier_reason(rehearsal *r, const try_side *side, const cr_judgement *judgement,
    try_reason *out, credit_error *err)
{
    for (size_t i = 0; i < judgement->reason_count; i++) {
        const cr_reason *reason = judgement->reasons[i];
        if (reason->outcome.data == judgement->tier.data && judgement->tier.size > 0) {
            return add_reason(r, side, reason, out, err);
        }
    }
    return CREDIT_OK;
}

static credit_result list_reason(rehearsal *r, const try_side *side, const cr_judgement *judgement,
    const try_place *place, try_reason *out, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < judgement->listing_count; i++) {
        const cr_listing *listing = &judgement->listings[i];
        if (listing->list != place->list ||
            !cr_span_equal(listing->roster->name, place->roster->name)) {
            continue;
        }
        if (listing->fact != NULL) { rc = add_record(r, side, listing->fact, out, err); }
        if (rc == CREDIT_OK && listing->reason != NULL) {
            rc = add_reason(r, side, listing->reason, out, err);
        }
    }
    return rc;
}

/* Of the green channel: what decided the grants that came out as the whole did. */
static credit_result green_reason(rehearsal *r, const try_side *side, const cr_judgement *judgement,
    try_reason *out, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; i < judgement->grant_count; i++) {
        const cr_grant_answer *grant = &judgement->grants[i];
        if (grant->given != judgement->green) { continue; }
        for (size_t k = 0; rc == CREDIT_OK && k < grant->reason_count; k++) {
            rc = add_reason(r, side, grant->reasons[k], out, err);
        }
    }
    return rc;
}

/* ---- counting by source --------------------------------------------------------------- */

static try_source *find_source(rehearsal *r, try_sources *sources, credit_span name)
{
    for (size_t i = 0; i < sources->count; i++) {
        if (cr_span_equal(sources->items[i].name, name)) { return &sources->items[i]; }
    }
    if (sources->count == TRY_PLACES_MAX && !cr_span_is(name, LATER)) {
        return find_source(r, sources, cr_span_of(LATER));
    }
    credit_span kept = cr_arena_span(&r->constants, name);
    if (kept.data == NULL ||
        !cr_grow(&sources->items, &sources->room, sources->count + 1, sizeof *sources->items)) {
        return NULL;
    }
    try_source *source = &sources->items[sources->count++];
    *source = (try_source){.name = kept};
    return source;
}

/* "421002 沙市区"; the code alone, if the pack does not know it. */
static credit_span region_of(rehearsal *r)
{
    uint32_t code = r->file.subject.region;
    int32_t year, month, day;
    if (code == 0) { return cr_span_of(NO_REGION); }
    cr_date_to_ymd(r->as_of, &year, &month, &day);
    const cr_region *region = cr_region_find(&r->sides[1].pack->ids, code, year);
    char *text = region == NULL ? cr_arena_printf(&r->arena, "%06u", code)
                                : cr_arena_printf(&r->arena, "%06u %.*s", code,
                                      (int)region->name.size, region->name.data);
    return text == NULL ? (credit_span){NULL, 0} : cr_span_of(text);
}

/* ---- one change ---------------------------------------------------------------------- */

static credit_result note(rehearsal *r, try_change *change, credit_error *err)
{
    change->file = &r->file;
    change->department = change->reasons[1].department;
    if (change->department.size == 0) { change->department = change->reasons[0].department; }
    if (change->department.size == 0) { change->department = cr_span_of(NO_RECORD); }
    change->region = region_of(r);
    if (change->region.data == NULL) { return no_memory(err); }
    try_source *department = find_source(r, &r->counts.departments, change->department);
    try_source *region = find_source(r, &r->counts.regions, change->region);
    if (department == NULL || region == NULL) { return no_memory(err); }
    department->changes[change->what]++;
    region->changes[change->what]++;
    r->counts.changes++;
    api_try_csv_row(r, change);
    api_try_html_row(r, change);
    return CREDIT_OK;
}

/* Both sides' changes, gathered before they are told: each side judges once a class. */
typedef struct telling {
    try_change tier, *lists, *green; /* by place, by class */
    const try_place **places;
    size_t list_count;
    bool tier_differs;
    bool *green_differs; /* by class */
} telling;

static credit_span keep_tier(rehearsal *r, credit_span tier)
{
    return tier.size == 0 ? cr_span_of("待定") : cr_arena_span(&r->arena, tier);
}

static credit_span list_name(rehearsal *r, const try_place *place)
{
    if (place->code.size == 0) { return place->roster->name; }
    char *text = cr_arena_printf(&r->arena, "%.*s/%.*s %.*s", (int)place->roster->name.size,
        place->roster->name.data, (int)place->code.size, place->code.data, (int)place->domain.size,
        place->domain.data);
    return cr_span_of(text);
}

static credit_span matters_of(rehearsal *r, size_t class)
{
    credit_span all = {"", 0};
    for (size_t i = 0; i < r->matters.matter_count; i++) {
        if (r->matters.class_of[i] != class) { continue; }
        char *joined = cr_arena_printf(&r->arena, "%.*s%s%.*s", (int)all.size, all.data,
            all.size == 0 ? "" : "、", (int)r->matters.matters[i]->word.size,
            r->matters.matters[i]->word.data);
        if (joined != NULL) { all = cr_span_of(joined); }
    }
    return all;
}

static void find_lists(rehearsal *r, telling *t)
{
    static const char *const states[TRY_SIDES] = {"未列入", "列入"};
    for (size_t s = 0; s < TRY_SIDES; s++) {
        const try_outcome *here = &r->sides[s].outcome, *there = &r->sides[1 - s].outcome;
        for (size_t i = 0; i < here->place_count; i++) {
            const try_place *place = &here->places[i];
            if (api_try_is_on(there, place)) { continue; }
            t->places[t->list_count] = place;
            t->lists[t->list_count++] = (try_change){.what = 1,
                .place = list_name(r, place),
                .before = cr_span_of(states[1 - s]),
                .after = cr_span_of(states[s])};
        }
    }
}

static bool begin(rehearsal *r, telling *t)
{
    const try_outcome *before = &r->sides[0].outcome, *after = &r->sides[1].outcome;
    size_t classes = r->matters.class_count, places = before->place_count + after->place_count;
    *t = (telling){.lists = cr_arena_array(&r->arena, places + 1, sizeof *t->lists),
        .places = cr_arena_array(&r->arena, places + 1, sizeof *t->places),
        .green = cr_arena_array(&r->arena, classes + 1, sizeof *t->green),
        .green_differs = cr_arena_array(&r->arena, classes + 1, sizeof *t->green_differs)};
    if (t->lists == NULL || t->places == NULL || t->green == NULL || t->green_differs == NULL) {
        return false;
    }
    t->tier_differs = !cr_span_equal(before->tier, after->tier);
    t->tier = (try_change){.what = 0,
        .place = {"", 0},
        .before = keep_tier(r, before->tier),
        .after = keep_tier(r, after->tier)};
    find_lists(r, t);
    for (size_t i = 0; i < classes; i++) {
        t->green_differs[i] = before->green[i] != after->green[i];
        if (!t->green_differs[i]) { continue; }
        t->green[i] = (try_change){.what = 2,
            .place = matters_of(r, i),
            .before = cr_span_of(api_try_effect_shown((int)before->green[i])),
            .after = cr_span_of(api_try_effect_shown((int)after->green[i]))};
    }
    return true;
}

static credit_result judge_class(rehearsal *r, const try_side *side, size_t class,
    const cr_judgement **judgement, credit_error *err)
{
    cr_judge_question question = {
        .as_of = r->as_of, .commit = r->commit, .green_channel = class < r->matters.class_count};
    if (question.green_channel) { question.matter = r->matters.chosen[class]; }
    return cr_judge_file(side->judge, &r->file, &question, judgement, err);
}

static credit_result explain(rehearsal *r, telling *t, size_t s, credit_error *err)
{
    const try_side *side = &r->sides[s];
    const cr_judgement *judgement = NULL;
    bool judged = false;
    credit_result rc = CREDIT_OK;
    cr_file_rebind(&r->file, side->pack, side->registry);
    for (size_t i = 0; rc == CREDIT_OK && (i == 0 || i < r->matters.class_count); i++) {
        bool wanted = i == 0 && (t->tier_differs || t->list_count > 0);
        bool green = i < r->matters.class_count && t->green_differs[i];
        if (!wanted && !green) { continue; }
        rc = judge_class(r, side, i, &judgement, err);
        if (rc == CREDIT_OK && green) {
            rc = green_reason(r, side, judgement, &t->green[i].reasons[s], err);
        }
        if (rc != CREDIT_OK || judged) { continue; }
        judged = true;
        if (t->tier_differs) { rc = tier_reason(r, side, judgement, &t->tier.reasons[s], err); }
        for (size_t k = 0; rc == CREDIT_OK && k < t->list_count; k++) {
            rc = list_reason(r, side, judgement, t->places[k], &t->lists[k].reasons[s], err);
        }
    }
    return rc;
}

credit_result api_try_tell(rehearsal *r, credit_error *err)
{
    telling t;
    if (!begin(r, &t)) { return no_memory(err); }
    credit_result rc = explain(r, &t, 1, err);
    if (rc == CREDIT_OK) { rc = explain(r, &t, 0, err); }
    if (rc == CREDIT_OK && t.tier_differs) { rc = note(r, &t.tier, err); }
    for (size_t i = 0; rc == CREDIT_OK && i < t.list_count; i++) { rc = note(r, &t.lists[i], err); }
    for (size_t i = 0; rc == CREDIT_OK && i < r->matters.class_count; i++) {
        if (t.green_differs[i]) { rc = note(r, &t.green[i], err); }
    }
    return rc;
}
