#include "engine/judge.h"

#include "engine/classes.h"
#include "engine/decision.h"
#include "engine/judge_inputs.h"
#include "engine/message.h"
#include "engine/text.h"

enum { NARROW_AFTER = 8 }; /* subjects of a class: narrowing costs as much as a dozen judgements */

/* The rules narrowed to a class of subjects. */
typedef struct narrowed {
    cr_model *model; /* NULL: too few came */
    uint32_t seen;
} narrowed;

/* Inputs of the model, by the names of the pack format. */
typedef enum input {
    IN_AS_OF,
    IN_SUBJECT,
    IN_RECORDS,
    IN_POLICY,
    IN_MATTER,
    IN_COVERS,
    INPUTS
} input;
static const char *const input_names[INPUTS] = {
    "as_of", "subject", "records", "policy", "matter", "covers"};

struct cr_judge {
    const cr_pack *pack;
    const cr_registry *registry;
    uint32_t pack_number;
    cr_ruler *ruler;
    cr_model *model;       /* the pack's, its parameters known */
    cr_model_stock *stock; /* what its narrowings have in common */
    cr_classes classes;
    narrowed by_class[CR_CLASSES_MAX];
    cr_eval *eval;
    cr_fact_types types;
    int inputs[INPUTS]; /* -1: the model has no such input */
    int tier_decision, green_decision;
    int *roster_decisions;
    const cr_feel_value *policy; /* the pack's parameters */
    const bool *by_matter;       /* per decision: does it use the matter? NULL: not asked yet */
    cr_arena constants;          /* lives as long as the judge */
    cr_arena arena;              /* of the judgement given out last */
    cr_file own_file;            /* for cr_judge_subject */
    cr_file *file;               /* being judged */
    credit_date day;             /* that the evaluation stands at */
    const void **objects;        /* those of its facts that count, as the rules take them */
    size_t object_count, object_capacity;
    bool with_inputs; /* reasons say what their rows looked at */
    cr_judgement judgement;
    cr_reason **reasons; /* growing, in the arena */
    size_t reason_count, reason_capacity;
    bool bare; /* no reasons are made */
};

/* ---- making a judge --------------------------------------------------------------- */

static credit_result find_decision(
    const cr_judge *judge, credit_span name, int *out, credit_error *err)
{
    *out = -1;
    if (name.size == 0) { return CREDIT_OK; }
    *out = cr_model_decision(judge->pack->model, name);
    if (*out >= 0) { return CREDIT_OK; }
    return cr_fail(
        err, CREDIT_E_PACK, "the rules have no decision \"%.*s\"", (int)name.size, name.data);
}

static credit_result find_decisions(cr_judge *judge, credit_error *err)
{
    const cr_pack *pack = judge->pack;
    judge->roster_decisions =
        cr_arena_array(&judge->constants, pack->roster_count + 1, sizeof(int));
    if (judge->roster_decisions == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    credit_result rc = find_decision(judge, pack->tier_decision, &judge->tier_decision, err);
    if (rc == CREDIT_OK) {
        rc = find_decision(judge, pack->green_decision, &judge->green_decision, err);
    }
    for (size_t i = 0; rc == CREDIT_OK && i < pack->roster_count; i++) {
        rc = find_decision(judge, pack->rosters[i].decision, &judge->roster_decisions[i], err);
    }
    for (size_t i = 0; i < INPUTS; i++) {
        judge->inputs[i] = cr_model_input(pack->model, cr_span_of(input_names[i]));
    }
    return rc;
}

credit_result cr_judge_new(const cr_pack *pack, const cr_registry *registry, uint32_t pack_number,
    cr_judge **out, credit_error *err)
{
    *out = NULL;
    if (pack->model == NULL) { return cr_fail(err, CREDIT_E_PACK, "the pack has no rules"); }
    cr_judge *judge = cr_alloc_zeroed(1, sizeof *judge);
    if (judge == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    judge->pack = pack;
    judge->registry = registry;
    judge->pack_number = pack_number;
    credit_result rc = cr_fact_types_build(pack, &judge->constants, &judge->types, err);
    if (rc == CREDIT_OK) { rc = cr_policy_values(pack, &judge->constants, &judge->policy, err); }
    if (rc == CREDIT_OK) { rc = find_decisions(judge, err); }
    if (rc == CREDIT_OK) { rc = cr_ruler_new(pack, pack_number, &judge->ruler, err); }
    if (rc == CREDIT_OK) { rc = cr_policy_narrow(pack, judge->policy, &judge->model, err); }
    if (rc == CREDIT_OK) { rc = cr_model_stock_new(judge->model, &judge->stock, err); }
    if (rc == CREDIT_OK) { rc = cr_eval_new(judge->model, &judge->eval, err); }
    if (rc == CREDIT_OK) { rc = cr_classes_init(&judge->classes, CR_SUBJECT_CLASS, err); }
    if (rc != CREDIT_OK) {
        cr_judge_free(judge);
        return rc;
    }
    *out = judge;
    return CREDIT_OK;
}

void cr_judge_free(cr_judge *judge)
{
    if (judge == NULL) { return; }
    cr_eval_free(judge->eval);
    for (size_t i = 0; i < judge->classes.count; i++) { cr_model_free(judge->by_class[i].model); }
    cr_classes_free(&judge->classes);
    cr_model_stock_free(judge->stock);
    cr_model_free(judge->model);
    cr_ruler_free(judge->ruler);
    cr_file_free(&judge->own_file);
    cr_free(judge->objects);
    cr_arena_release(&judge->constants);
    cr_arena_release(&judge->arena);
    cr_free(judge);
}

static void set_input(cr_judge *judge, input which, cr_feel_value value)
{
    cr_eval_set(judge->eval, judge->inputs[which], value);
}

/* ---- rulings ------------------------------------------------------------------------ */

static credit_result rule_all(cr_judge *judge, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < judge->file->fact_count; i++) {
        cr_fact *fact = &judge->file->facts[i];
        fact->ruled = fact->version.ruling.pack == judge->pack_number;
        if (!fact->ruled) { rc = cr_ruler_rule(judge->ruler, fact, err); }
    }
    if (rc == CREDIT_OK) { cr_messages_postpone(judge->file->facts, judge->file->fact_count); }
    return rc;
}

/* ---- reasons ------------------------------------------------------------------------------ */

static credit_result no_memory(credit_error *err)
{
    return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
}

/* Matched row `index` of a decision, copied out of the evaluation. */
static credit_result make_reason(cr_judge *judge, int decision, const cr_matched_row *rows,
    size_t index, credit_span outcome, cr_reason **out, credit_error *err)
{
    const void *const *objects = NULL;
    size_t count = 0;
    *out = NULL;
    if (judge->bare) { return CREDIT_OK; }
    cr_reason *reason = cr_arena_alloc(&judge->arena, sizeof *reason);
    if (reason == NULL) { return no_memory(err); }
    credit_result rc = cr_eval_evidence(judge->eval, decision, index, &objects, &count, err);
    if (rc != CREDIT_OK) { return rc; }
    const cr_fact **evidence = cr_arena_array(&judge->arena, count + 1, sizeof *evidence);
    if (evidence == NULL) { return no_memory(err); }
    for (size_t i = 0; i < count; i++) { evidence[i] = objects[i]; }
    reason->rule = cr_row_annotation(&rows[index], "rule");
    reason->text = cr_row_annotation(&rows[index], "text");
    reason->basis = cr_row_annotation(&rows[index], "basis");
    reason->outcome = outcome;
    reason->evidence = evidence;
    reason->evidence_count = count;
    reason->clears_on = CREDIT_DATE_NONE;
    reason->decision = decision;
    reason->row = rows[index].number;
    reason->may_clear = cr_eval_row_next_change(judge->eval, decision, index);
    if (judge->reason_count == judge->reason_capacity) {
        size_t room = judge->reason_capacity == 0 ? 32 : 2 * judge->reason_capacity;
        cr_reason **list = cr_arena_array(&judge->arena, room, sizeof *list);
        if (list == NULL) { return no_memory(err); }
        if (judge->reason_count > 0) {
            memcpy(list, judge->reasons, judge->reason_count * sizeof *list);
        }
        judge->reasons = list;
        judge->reason_capacity = room;
    }
    judge->reasons[judge->reason_count++] = reason;
    *out = reason;
    if (!judge->with_inputs) { return CREDIT_OK; }
    return cr_reason_read_inputs(judge->eval, index, &judge->arena, reason, err);
}

/* Text of the evaluation, kept beyond its reset. */
static credit_span keep_text(cr_judge *judge, cr_feel_value value)
{
    credit_span text = cr_feel_text(value);
    return text.size == 0 ? (credit_span){"", 0} : cr_arena_span(&judge->arena, text);
}

/* ---- rosters -------------------------------------------------------------------------------- */

static void name_list(const cr_roster_def *roster, cr_listing *listing)
{
    listing->code = (credit_span){"", 0};
    listing->domain = roster->title;
    for (size_t i = 0; roster->lists != NULL && i < roster->lists->code_count; i++) {
        if (roster->lists->codes[i].number == listing->list) {
            listing->code = roster->lists->codes[i].code;
            listing->domain = roster->lists->codes[i].word;
        }
    }
}

/* A serious entry without a decision is not an entry (invariant 3); that its
 * columns are filled is admission's care. */
static credit_result demand_decision(const cr_fact *fact, credit_error *err)
{
    static const cr_role needed[] = {
        CR_ROLE_DOCUMENT_NO, CR_ROLE_DECIDED_ON, CR_ROLE_AUTHORITY, CR_ROLE_BASIS};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (fact->catalog->role_field[needed[i]] < 0) {
            return cr_fail(err, CREDIT_E_PACK,
                "catalog %.*s: a serious list needs document number, date, authority and basis",
                (int)fact->catalog->name.size, fact->catalog->name.data);
        }
    }
    return fact->version.facts.decided_on != CREDIT_DATE_NONE
               ? CREDIT_OK
               : cr_fail(err, CREDIT_E_CORRUPT, "an entry of a serious list has no decision date");
}

/* Nobody is on a serious list but by an entry of it, and nobody honoured for what
 * speaks against him: a penalty is neither, however many there are (invariant 3). */
static bool may_stand_on(const cr_roster_def *roster, const cr_fact *fact)
{
    if (roster->kind != CR_ROSTER_SERIOUS) {
        return (fact->version.ruling.flags & CR_RULED_NEGATIVE) == 0;
    }
    int16_t list = fact->catalog->role_field[CR_ROLE_LIST];
    return fact->version.facts.roster == CR_ROSTER_SERIOUS &&
           fact->catalog->roster == CR_ROSTER_SERIOUS && list >= 0 && roster->lists != NULL &&
           fact->catalog->fields[list].codes == roster->lists &&
           cr_code_word(roster->lists, fact->version.facts.list).size > 0;
}

static credit_result list_fact(
    const cr_roster_def *roster, const cr_fact *fact, cr_listing *listing, credit_error *err)
{
    if (!may_stand_on(roster, fact)) {
        return cr_fail(err, CREDIT_E_PACK,
            "decision \"%.*s\" gives a record of %.*s that may not stand on the list \"%.*s\"",
            (int)roster->decision.size, roster->decision.data, (int)fact->catalog->name.size,
            fact->catalog->name.data, (int)roster->name.size, roster->name.data);
    }
    if (roster->kind == CR_ROSTER_SERIOUS) {
        credit_result rc = demand_decision(fact, err);
        if (rc != CREDIT_OK) { return rc; }
    }
    const cr_ruling *ruling = &fact->version.ruling;
    listing->fact = fact;
    listing->list = fact->version.facts.list;
    listing->since = fact->version.facts.decided_on;
    listing->until = ruling->until == CREDIT_DATE_NONE ? CREDIT_DATE_FOREVER : ruling->until;
    name_list(roster, listing);
    return CREDIT_OK;
}

static credit_result list_rows(cr_judge *judge, int decision, const cr_roster_def *roster,
    cr_listing *listings, size_t *count, credit_error *err)
{
    const cr_matched_row *rows = NULL;
    size_t row_count = cr_eval_rows(judge->eval, decision, &rows);
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < row_count; i++) {
        cr_listing *listing = &listings[*count];
        cr_reason *reason = NULL;
        listing->since = cr_feel_to_date(cr_row_output(&rows[i], "since"));
        listing->until = cr_feel_to_date(cr_row_output(&rows[i], "until"));
        if (listing->until == CREDIT_DATE_NONE) { listing->until = CREDIT_DATE_FOREVER; }
        name_list(roster, listing);
        rc = make_reason(judge, decision, rows, i, roster->name, &reason, err);
        listing->reason = reason;
        *count += 1;
    }
    return rc;
}

/* An honour or serious roster: the records its decision gives; when the decision
 * is a table, the row that spoke is the reason of every entry. */
static credit_result list_records(cr_judge *judge, int decision, const cr_roster_def *roster,
    cr_feel_value value, cr_listing *listings, size_t *count, credit_error *err)
{
    const cr_matched_row *rows = NULL;
    cr_reason *reason = NULL;
    credit_result rc = CREDIT_OK;
    size_t entries = cr_feel_count(value);
    if (entries > 0 && cr_eval_rows(judge->eval, decision, &rows) > 0) {
        rc = make_reason(judge, decision, rows, 0, roster->name, &reason, err);
    }
    for (size_t i = 0; rc == CREDIT_OK && i < entries; i++) {
        cr_feel_value item = cr_feel_item(value, i);
        if (item.kind != CR_FEEL_HOST || item.type != CR_HOST_RECORD) {
            return cr_fail(err, CREDIT_E_PACK, "decision \"%.*s\" does not give records",
                (int)roster->decision.size, roster->decision.data);
        }
        listings[*count].reason = reason;
        rc = list_fact(roster, item.as.object, &listings[*count], err);
        *count += 1;
    }
    return rc;
}

static credit_result judge_roster(
    cr_judge *judge, size_t index, cr_listing **list, size_t *count, credit_error *err)
{
    const cr_roster_def *roster = &judge->pack->rosters[index];
    int decision = judge->roster_decisions[index];
    const cr_matched_row *rows = NULL;
    cr_feel_value value;
    credit_result rc = cr_eval_decide(judge->eval, decision, &value, err);
    if (rc != CREDIT_OK) { return rc; }
    bool computed = roster->kind == CR_ROSTER_WATCH;
    size_t entries = computed                 ? cr_eval_rows(judge->eval, decision, &rows)
                     : cr_feel_is_list(value) ? cr_feel_count(value)
                                              : 0;
    if (entries == 0) { return CREDIT_OK; }
    size_t first = *count;
    cr_listing *all = cr_arena_array(&judge->arena, first + entries, sizeof *all);
    if (all == NULL) { return no_memory(err); }
    if (first > 0) { memcpy(all, *list, first * sizeof *all); }
    *list = all;
    rc = computed ? list_rows(judge, decision, roster, all, count, err)
                  : list_records(judge, decision, roster, value, all, count, err);
    for (size_t i = first; i < *count; i++) {
        all[i].roster = roster;
        all[i].roster_index = (uint16_t)index;
    }
    return rc;
}

static credit_result judge_rosters(cr_judge *judge, credit_error *err)
{
    cr_listing *list = NULL;
    size_t count = 0;
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < judge->pack->roster_count; i++) {
        rc = judge_roster(judge, i, &list, &count, err);
    }
    judge->judgement.listings = list;
    judge->judgement.listing_count = count;
    return rc;
}

/* ---- tier and green channel ------------------------------------------------------------- */

static credit_result judge_tier(cr_judge *judge, credit_error *err)
{
    cr_feel_value value;
    cr_reason *reason = NULL;
    const cr_matched_row *rows = NULL;
    judge->judgement.tier = (credit_span){"", 0};
    judge->judgement.inspection = (credit_span){"", 0};
    if (judge->tier_decision < 0) { return CREDIT_OK; }
    credit_result rc = cr_eval_decide(judge->eval, judge->tier_decision, &value, err);
    if (rc != CREDIT_OK) { return rc; }
    if (cr_eval_rows(judge->eval, judge->tier_decision, &rows) == 0) { return CREDIT_OK; }
    judge->judgement.tier = keep_text(judge, cr_row_output(rows, "tier"));
    judge->judgement.inspection = keep_text(judge, cr_row_output(rows, "inspection"));
    rc = make_reason(judge, judge->tier_decision, rows, 0, judge->judgement.tier, &reason, err);
    judge->judgement.tier_reason = reason;
    return rc;
}

static cr_effect effect_of(credit_span word)
{
    return cr_span_is(word, "grant")    ? CR_EFFECT_GRANT
           : cr_span_is(word, "review") ? CR_EFFECT_REVIEW
                                        : CR_EFFECT_REFUSE;
}

/* One row of the green-channel table that spoke. */
typedef struct said {
    credit_span grant; /* "*": all */
    cr_effect effect;
    const cr_reason *reason;
} said;

/* Refusal beats review beats grant; what nobody mentions is not given. */
static credit_result settle_grant(
    cr_judge *judge, const said *rows, size_t count, cr_grant_answer *answer, credit_error *err)
{
    static const cr_effect order[] = {CR_EFFECT_REFUSE, CR_EFFECT_REVIEW, CR_EFFECT_GRANT};
    const cr_reason **reasons = cr_arena_array(&judge->arena, count + 1, sizeof *reasons);
    if (reasons == NULL) { return no_memory(err); }
    answer->given = CR_EFFECT_REFUSE;
    answer->reasons = reasons;
    for (size_t k = 0; k < 3 && answer->reason_count == 0; k++) {
        for (size_t i = 0; i < count; i++) {
            bool mine =
                cr_span_is(rows[i].grant, "*") || cr_span_equal(rows[i].grant, answer->grant->name);
            if (mine && rows[i].effect == order[k]) {
                reasons[answer->reason_count++] = rows[i].reason;
                answer->given = order[k];
            }
        }
    }
    return CREDIT_OK;
}

static credit_result settle_grants(
    cr_judge *judge, const said *rows, size_t count, credit_error *err)
{
    size_t grants = judge->pack->grant_count;
    cr_grant_answer *answers = cr_arena_array(&judge->arena, grants + 1, sizeof *answers);
    if (answers == NULL) { return no_memory(err); }
    bool any_given = false, any_open = false;
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < grants; i++) {
        answers[i].grant = &judge->pack->grants[i];
        rc = settle_grant(judge, rows, count, &answers[i], err);
        any_given = any_given || answers[i].given == CR_EFFECT_GRANT;
        any_open = any_open || answers[i].given == CR_EFFECT_REVIEW;
    }
    judge->judgement.grants = answers;
    judge->judgement.grant_count = grants;
    judge->judgement.green = any_given  ? CR_EFFECT_GRANT
                             : any_open ? CR_EFFECT_REVIEW
                                        : CR_EFFECT_REFUSE;
    return rc;
}

static credit_result judge_green_channel(cr_judge *judge, credit_error *err)
{
    cr_feel_value value;
    const cr_matched_row *matched = NULL;
    int decision = judge->green_decision;
    if (decision < 0) { return CREDIT_OK; }
    credit_result rc = cr_eval_decide(judge->eval, decision, &value, err);
    if (rc != CREDIT_OK) { return rc; }
    size_t count = cr_eval_rows(judge->eval, decision, &matched);
    said *rows = cr_arena_array(&judge->arena, count + 1, sizeof *rows);
    if (rows == NULL) { return no_memory(err); }
    for (size_t i = 0; rc == CREDIT_OK && i < count; i++) {
        cr_reason *reason = NULL;
        credit_span effect = keep_text(judge, cr_row_output(&matched[i], "effect"));
        rows[i].grant = keep_text(judge, cr_row_output(&matched[i], "grant"));
        rows[i].effect = effect_of(effect);
        rc = make_reason(judge, decision, matched, i, effect, &reason, err);
        rows[i].reason = reason;
    }
    return rc == CREDIT_OK ? settle_grants(judge, rows, count, err) : rc;
}

/* ---- when reasons clear ----------------------------------------------------------------- */

static const cr_fact *const *facts_of(const cr_judge *judge)
{
    return (const cr_fact *const *)judge->objects;
}

static credit_result narrow(cr_judge *judge, credit_span matter, narrowed *class, credit_error *err)
{
    size_t count = 0;
    cr_eval *eval; /* of its own: one may be under way */
    const cr_subject_inputs inputs = {judge->inputs[IN_RECORDS], judge->inputs[IN_SUBJECT],
        judge->inputs[IN_COVERS], judge->inputs[IN_MATTER]};
    credit_result rc = cr_eval_new(judge->model, &eval, err);
    if (rc != CREDIT_OK) { return rc; }
    const cr_known *known = cr_subject_known(&judge->types, &inputs, &judge->file->subject, matter,
        facts_of(judge), judge->object_count, eval, &count);
    rc = known == NULL ? no_memory(err)
                       : cr_model_narrow(judge->model, -1, known, count, &class->model, err);
    cr_eval_free(eval);
    return rc == CREDIT_OK ? cr_model_share(judge->stock, class->model, err) : rc;
}

/* The narrowest rules there are for the subject on the day it is judged for. */
static credit_result choose_model(
    cr_judge *judge, credit_span matter, const cr_model **model, credit_error *err)
{
    uint32_t key[CR_SUBJECT_CLASS];
    const cr_file *file = judge->file;
    *model = judge->model;
    if (judge->with_inputs) { return CREDIT_OK; } /* narrowed rules test fewer columns */
    if (!cr_subject_class(&file->subject, matter, facts_of(judge), judge->object_count, key)) {
        return CREDIT_OK;
    }
    size_t number = cr_classes_find(&judge->classes, key);
    if (number == CR_CLASSES_MAX) { return CREDIT_OK; }
    narrowed *class = &judge->by_class[number];
    credit_result rc = CREDIT_OK;
    if (class->model == NULL && ++class->seen == NARROW_AFTER) {
        rc = narrow(judge, matter, class, err);
    }
    if (class->model != NULL) { *model = class->model; }
    return rc;
}

static cr_feel_value matter_value(credit_span matter)
{
    return matter.size == 0 ? cr_feel_null() : cr_feel_string(matter);
}

static credit_result set_inputs(
    cr_judge *judge, credit_date as_of, const cr_judge_question *question, credit_error *err)
{
    const cr_model *model;
    judge->file->subject.as_of = judge->day = as_of;
    credit_result rc = choose_model(judge, question->matter, &model, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_eval_use(judge->eval, model, &judge->types);
    cr_eval_keep_evidence(judge->eval, !question->bare);
    cr_eval_set_clock(judge->eval, judge->inputs[IN_AS_OF], as_of);
    set_input(judge, IN_SUBJECT, cr_feel_host(CR_HOST_SUBJECT, &judge->file->subject));
    set_input(
        judge, IN_RECORDS, cr_feel_hosts(CR_HOST_RECORD, judge->objects, judge->object_count));
    set_input(judge, IN_POLICY, cr_feel_host(CR_HOST_POLICY, judge->policy));
    set_input(judge, IN_MATTER, matter_value(question->matter));
    set_input(judge, IN_COVERS, cr_feel_host(CR_HOST_COVERS, &judge->file->subject));
    return CREDIT_OK;
}

/* Moves on to a later day of the same subject. */
static credit_result move_to(
    cr_judge *judge, credit_date day, const cr_judge_question *question, credit_error *err)
{
    credit_date from = judge->day;
    judge->file->subject.as_of = judge->day = day;
    if (!cr_coverage_changes(judge->pack, from, day) && cr_eval_move_clock(judge->eval, day)) {
        return CREDIT_OK;
    }
    return set_inputs(judge, day, question, err);
}

/* Does the reason's row match on the day that is set? Then notes how long at least,
 * else that it has cleared. */
static credit_result ask_again(
    cr_judge *judge, cr_reason *reason, credit_date day, credit_error *err)
{
    bool matches;
    credit_result rc = cr_eval_ask_row(
        judge->eval, reason->decision, reason->row, &matches, &reason->may_clear, err);
    if (rc == CREDIT_OK && !matches) { reason->clears_on = day; }
    return rc;
}

/* The first day on which a reason that is still open may clear. */
static credit_date next_clearing_day(const cr_judge *judge)
{
    credit_date day = CREDIT_DATE_FOREVER;
    for (size_t i = 0; i < judge->reason_count; i++) {
        const cr_reason *reason = judge->reasons[i];
        if (reason->clears_on == CREDIT_DATE_NONE && reason->may_clear < day) {
            day = reason->may_clear;
        }
    }
    return day;
}

/* Looks at the days on which a reason may clear, each with those reasons alone,
 * until every reason has cleared or does not by time. */
static credit_result find_clearing_days(
    cr_judge *judge, const cr_judge_question *question, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    for (size_t step = 0; rc == CREDIT_OK && step < CR_JUDGE_DAYS; step++) {
        credit_date day = next_clearing_day(judge);
        if (day == CREDIT_DATE_FOREVER) { break; }
        rc = move_to(judge, day, question, err);
        for (size_t i = 0; rc == CREDIT_OK && i < judge->reason_count; i++) {
            cr_reason *reason = judge->reasons[i];
            bool due = reason->clears_on == CREDIT_DATE_NONE && reason->may_clear <= day;
            if (due) { rc = ask_again(judge, reason, day, err); }
        }
    }
    judge->file->subject.as_of = question->as_of;
    return rc;
}

/* ---- the judgement ---------------------------------------------------------------------- */

/* What was withdrawn or repaired is not among the records that rules are given, so
 * that none of them can forget it. basis: 《信用修复管理办法》 art. 3. */
static credit_result point_at_facts(cr_judge *judge, credit_error *err)
{
    size_t count = judge->file->fact_count;
    if (!cr_grow(&judge->objects, &judge->object_capacity, count + 1, sizeof *judge->objects)) {
        return no_memory(err);
    }
    judge->object_count = 0;
    for (size_t i = 0; i < count; i++) {
        const cr_fact *fact = &judge->file->facts[i];
        if (cr_fact_counts(fact)) { judge->objects[judge->object_count++] = fact; }
    }
    return CREDIT_OK;
}

/* Of what the rules compared, of the records that are there, or of what is complete. */
static credit_date next_change(const cr_judge *judge)
{
    credit_date next = cr_eval_next_change(judge->eval);
    credit_date covered = cr_coverage_next_change(&judge->file->subject);
    credit_date opens_on = judge->file->opens_on;
    if (covered < next) { next = covered; }
    return opens_on > judge->file->subject.as_of && opens_on < next ? opens_on : next;
}

credit_result cr_judge_file(cr_judge *judge, cr_file *file, const cr_judge_question *question,
    const cr_judgement **judgement, credit_error *err)
{
    *judgement = NULL;
    cr_arena_reset(&judge->arena);
    memset(&judge->judgement, 0, sizeof judge->judgement);
    judge->file = file;
    judge->bare = question->bare;
    judge->reasons = NULL;
    judge->reason_count = judge->reason_capacity = 0;
    judge->with_inputs = question->inputs;
    credit_result rc = rule_all(judge, err);
    if (rc == CREDIT_OK) { rc = point_at_facts(judge, err); }
    if (rc == CREDIT_OK) { rc = set_inputs(judge, question->as_of, question, err); }
    if (rc == CREDIT_OK) { rc = judge_rosters(judge, err); }
    if (rc == CREDIT_OK) { rc = judge_tier(judge, err); }
    if (rc == CREDIT_OK && question->green_channel) { rc = judge_green_channel(judge, err); }
    if (rc != CREDIT_OK) { return rc; }
    judge->judgement.next_change = next_change(judge);
    if (question->inputs && question->green_channel) {
        rc = cr_judgement_read_unspoken(
            judge->eval, judge->green_decision, &judge->arena, &judge->judgement, err);
    }
    if (rc == CREDIT_OK && question->explain) { rc = find_clearing_days(judge, question, err); }
    if (rc != CREDIT_OK) { return rc; }
    judge->judgement.facts = file->facts;
    judge->judgement.fact_count = file->fact_count;
    judge->judgement.subject = &file->subject;
    judge->judgement.exists = file->exists;
    judge->judgement.reasons = (const cr_reason *const *)judge->reasons;
    judge->judgement.reason_count = judge->reason_count;
    *judgement = &judge->judgement;
    return CREDIT_OK;
}

/* What does not use the matter stays as it was computed, by whatever rules it was. */
static credit_result change_matter(
    cr_judge *judge, const cr_judge_question *question, credit_error *err)
{
    const cr_model *model;
    int asked = judge->inputs[IN_MATTER];
    credit_result rc = CREDIT_OK;
    if (judge->by_matter == NULL) {
        rc = cr_model_users(judge->model, asked, &judge->constants, &judge->by_matter, err);
    }
    if (rc == CREDIT_OK) { rc = choose_model(judge, question->matter, &model, err); }
    if (rc != CREDIT_OK) { return rc; }
    cr_feel_value matter = matter_value(question->matter);
    bool stays = judge->day == question->as_of &&
                 cr_eval_change(judge->eval, model, asked, matter, judge->by_matter);
    return stays ? CREDIT_OK : set_inputs(judge, question->as_of, question, err);
}

credit_result cr_judge_matter(
    cr_judge *judge, const cr_judge_question *question, cr_effect *green, credit_error *err)
{
    judge->bare = true;
    credit_result rc = change_matter(judge, question, err);
    if (rc == CREDIT_OK) { rc = judge_green_channel(judge, err); }
    *green = judge->judgement.green;
    return rc;
}

credit_result cr_judge_subject(cr_judge *judge, cr_range *range, cr_counting *counting,
    const cr_subject_key *subject, const cr_judge_question *question,
    const cr_judgement **judgement, credit_error *err)
{
    *judgement = NULL;
    credit_result rc = cr_file_gather(&judge->own_file, judge->pack, judge->registry, range,
        counting, subject, question->as_of, question->commit, err);
    return rc == CREDIT_OK ? cr_judge_file(judge, &judge->own_file, question, judgement, err) : rc;
}
