#include "engine/ruling.h"

#include <string.h>

#include "engine/classes.h"
#include "engine/decision.h"
#include "engine/text.h"

enum {
    PARTS_MAX = 256,  /* of one class */
    NARROW_AFTER = 8, /* records: narrowing costs as much as some dozens of rulings */
    WORDS_MAX = 3,    /* of a record, that a remembered ruling rests on */
    REMEMBERED_MAX = 1 << 17
};

/* Rules narrowed to some records, and the properties they still read. */
typedef struct rules {
    cr_model *model; /* owned */
    uint64_t hash;
    const uint16_t *reads;
    size_t read_count;
} rules;

/* The rules as far as they are narrowed for some records. */
typedef struct narrowed {
    const rules *rules; /* NULL: too few such records came */
    uint32_t seen;
} narrowed;

/* What rules came to for records of a catalog with these words: decisions of one
 * night were made in the days before it. Forgetting is always right. */
typedef struct remembered {
    const rules *rules; /* NULL: free */
    uint64_t words[WORDS_MAX];
    int catalog;
    cr_ruling ruling;
} remembered;

/* Records of one catalog with the same codes and the same empty columns; and its
 * parts, by how their dates and amounts lie to what the rules compare them with.
 * The key of a class is the catalog, then a word for each column. */
typedef struct class
{
    narrowed all;
    cr_arena arena;
    const cr_measure *measures;
    size_t measure_count;
    narrowed *parts; /* NULL: too many */
    size_t part_count;
} class;

struct cr_ruler {
    const cr_pack *pack;
    uint32_t pack_number;
    cr_arena constants; /* lives as long as the ruler */
    cr_fact_types types;
    const cr_feel_value *policy;
    int record_input, policy_input, decision; /* -1: the model has none */
    cr_model *model;                          /* with the policy known */
    cr_eval *eval;
    const uint16_t *columns; /* properties of a record that the decision reads */
    size_t column_count;
    uint32_t *key; /* of the record at hand */
    rules **found; /* what rules were narrowed to, each once */
    size_t found_count, found_room;
    remembered *memory; /* REMEMBERED_MAX of them, by hash */
    cr_classes classes;
    class by_class[CR_CLASSES_MAX];
};

static credit_result no_memory(credit_error *err)
{
    return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
}

/* ---- making a ruler --------------------------------------------------------------- */

static credit_result find_columns(cr_ruler *ruler, credit_error *err)
{
    credit_result rc = cr_model_reads(ruler->model, ruler->decision, ruler->record_input,
        &ruler->constants, &ruler->columns, &ruler->column_count, err);
    ruler->key = cr_arena_array(&ruler->constants, ruler->column_count + 1, sizeof *ruler->key);
    if (rc == CREDIT_OK && ruler->key == NULL) { rc = no_memory(err); }
    return rc == CREDIT_OK ? cr_classes_init(&ruler->classes, ruler->column_count + 1, err) : rc;
}

static credit_result prepare(cr_ruler *ruler, credit_error *err)
{
    const cr_pack *pack = ruler->pack;
    ruler->record_input = cr_model_input(pack->model, CR_SPAN("record"));
    ruler->policy_input = cr_model_input(pack->model, CR_SPAN("policy"));
    ruler->decision = -1;
    if (pack->record_decision.size > 0) {
        ruler->decision = cr_model_decision(pack->model, pack->record_decision);
        if (ruler->decision < 0) {
            return cr_fail(err, CREDIT_E_PACK, "the rules have no decision \"%.*s\"",
                (int)pack->record_decision.size, pack->record_decision.data);
        }
    }
    credit_result rc = cr_fact_types_build(pack, &ruler->constants, &ruler->types, err);
    if (rc == CREDIT_OK) { rc = cr_policy_values(pack, &ruler->constants, &ruler->policy, err); }
    if (rc == CREDIT_OK) { rc = cr_policy_narrow(pack, ruler->policy, &ruler->model, err); }
    if (rc == CREDIT_OK) { rc = find_columns(ruler, err); }
    if (rc == CREDIT_OK) {
        ruler->memory = cr_alloc_zeroed(REMEMBERED_MAX, sizeof *ruler->memory);
        if (ruler->memory == NULL) { return no_memory(err); }
    }
    return rc == CREDIT_OK ? cr_eval_new(ruler->model, &ruler->eval, err) : rc;
}

credit_result cr_ruler_new(
    const cr_pack *pack, uint32_t pack_number, cr_ruler **out, credit_error *err)
{
    *out = NULL;
    if (pack->model == NULL) { return cr_fail(err, CREDIT_E_PACK, "the pack has no rules"); }
    cr_ruler *ruler = cr_alloc_zeroed(1, sizeof *ruler);
    if (ruler == NULL) { return no_memory(err); }
    ruler->pack = pack;
    ruler->pack_number = pack_number;
    credit_result rc = prepare(ruler, err);
    if (rc != CREDIT_OK) {
        cr_ruler_free(ruler);
        return rc;
    }
    *out = ruler;
    return CREDIT_OK;
}

void cr_ruler_free(cr_ruler *ruler)
{
    if (ruler == NULL) { return; }
    for (size_t i = 0; i < ruler->classes.count; i++) {
        cr_arena_release(&ruler->by_class[i].arena);
    }
    cr_classes_free(&ruler->classes);
    for (size_t i = 0; i < ruler->found_count; i++) { cr_model_free(ruler->found[i]->model); }
    cr_free(ruler->found);
    cr_free(ruler->memory);
    cr_eval_free(ruler->eval);
    cr_model_free(ruler->model);
    cr_arena_release(&ruler->constants);
    cr_free(ruler);
}

/* ---- classes ------------------------------------------------------------------------------ */

static cr_feel_value value_of(cr_ruler *ruler, const cr_fact *fact, uint16_t property)
{
    return cr_fact_value(&ruler->types, CR_HOST_RECORD, fact, property, ruler->eval);
}

/* The record's class; NULL if it came when there were enough: such records are
 * ruled by the rules as they stand. */
static class *find_class(cr_ruler *ruler, const cr_fact *fact)
{
    bool whole;
    ruler->key[0] = (uint32_t)fact->catalog_index;
    for (size_t i = 0; i < ruler->column_count; i++) {
        ruler->key[i + 1] = cr_fact_class(&ruler->types, fact, ruler->columns[i], &whole);
    }
    size_t number = cr_classes_find(&ruler->classes, ruler->key);
    return number == CR_CLASSES_MAX ? NULL : &ruler->by_class[number];
}

/* ---- narrowing ------------------------------------------------------------------------------ */

/* Counts a record; is it the one that makes narrowing worth while? */
static bool is_worth_it(narrowed *n)
{
    return n->rules == NULL && ++n->seen == NARROW_AFTER;
}

static credit_result keep_rules(
    cr_ruler *ruler, cr_model *model, uint64_t hash, const rules **out, credit_error *err)
{
    rules *made = cr_arena_alloc(&ruler->constants, sizeof *made);
    if (made == NULL ||
        !cr_grow(&ruler->found, &ruler->found_room, ruler->found_count + 1, sizeof(rules *))) {
        return no_memory(err);
    }
    credit_result rc = cr_model_reads(model, ruler->decision, ruler->record_input,
        &ruler->constants, &made->reads, &made->read_count, err);
    if (rc != CREDIT_OK) { return rc; }
    made->model = model;
    made->hash = hash;
    ruler->found[ruler->found_count++] = made;
    *out = made;
    return CREDIT_OK;
}

/* Narrows, and keeps one of those that come to the same: what is used again and
 * again is then little, and stays near the processor. A model rests on the one it
 * was narrowed from, so those are never given up. */
static credit_result narrow(cr_ruler *ruler, const cr_model *from, const cr_known *known,
    size_t count, const rules **out, credit_error *err)
{
    cr_model *made = NULL;
    credit_result rc = cr_model_narrow(from, ruler->decision, known, count, &made, err);
    if (rc != CREDIT_OK) { return rc; }
    uint64_t hash = cr_model_hash(made, ruler->decision);
    for (size_t i = 0; i < ruler->found_count; i++) {
        const rules *found = ruler->found[i];
        if (found->hash != hash || !cr_model_same(found->model, made, ruler->decision)) {
            continue;
        }
        cr_model_free(made);
        *out = found;
        return CREDIT_OK;
    }
    rc = keep_rules(ruler, made, hash, out, err);
    if (rc != CREDIT_OK) { cr_model_free(made); }
    return rc;
}

static credit_result measure(cr_ruler *ruler, class *c, credit_error *err)
{
    size_t parts = 1;
    credit_result rc = cr_model_measures(c->all.rules->model, ruler->decision, ruler->record_input,
        &c->arena, &c->measures, &c->measure_count, err);
    for (size_t i = 0; rc == CREDIT_OK && i < c->measure_count && parts <= PARTS_MAX; i++) {
        parts *= 2 * c->measures[i].limit_count + 1;
    }
    if (rc != CREDIT_OK || parts > PARTS_MAX) { return rc; }
    c->parts = cr_arena_array(&c->arena, parts, sizeof *c->parts);
    c->part_count = c->parts == NULL ? 0 : parts;
    return c->parts == NULL ? no_memory(err) : CREDIT_OK;
}

/* To a class: its codes are known, and which of its other columns are given. */
static credit_result narrow_to_class(
    cr_ruler *ruler, const cr_fact *fact, class *c, credit_error *err)
{
    static const cr_feel_range given = {.low_included = false};
    cr_eval_reset(ruler->eval, &ruler->types);
    cr_known *known =
        cr_arena_array(cr_eval_arena(ruler->eval), ruler->column_count, sizeof *known);
    if (known == NULL) { return no_memory(err); }
    for (size_t i = 0; i < ruler->column_count; i++) {
        bool whole = false;
        cr_fact_class(&ruler->types, fact, ruler->columns[i], &whole);
        known[i] = (cr_known){ruler->record_input, ruler->columns[i],
            value_of(ruler, fact, ruler->columns[i]), whole ? NULL : &given};
    }
    if (!cr_eval_is_sound(ruler->eval)) { return no_memory(err); } /* a value is missing */
    credit_result rc = narrow(ruler, ruler->model, known, ruler->column_count, &c->all.rules, err);
    return rc == CREDIT_OK ? measure(ruler, c, err) : rc;
}

/* The record's part, by its dates and amounts; NULL if there is none. */
static narrowed *find_part(cr_ruler *ruler, const cr_fact *fact, class *c)
{
    size_t part = 0;
    for (size_t i = 0; i < c->measure_count; i++) {
        const cr_measure *m = &c->measures[i];
        size_t place = cr_measure_place(m, value_of(ruler, fact, m->property));
        if (place == SIZE_MAX) { return NULL; }
        part = part * (2 * m->limit_count + 1) + place;
    }
    return part < c->part_count ? &c->parts[part] : NULL;
}

static credit_result narrow_to_part(
    cr_ruler *ruler, const cr_fact *fact, const class *c, narrowed *part, credit_error *err)
{
    cr_arena *arena = cr_eval_arena(ruler->eval);
    cr_eval_reset(ruler->eval, &ruler->types);
    cr_known *known = cr_arena_array(arena, c->measure_count, sizeof *known);
    cr_feel_range *ranges = cr_arena_array(arena, c->measure_count, sizeof *ranges);
    if (known == NULL || ranges == NULL) { return no_memory(err); }
    for (size_t i = 0; i < c->measure_count; i++) {
        const cr_measure *m = &c->measures[i];
        cr_feel_value value = value_of(ruler, fact, m->property);
        ranges[i] = cr_measure_range(m, cr_measure_place(m, value));
        known[i] = (cr_known){ruler->record_input, m->property, value, &ranges[i]};
    }
    return narrow(ruler, c->all.rules->model, known, c->measure_count, &part->rules, err);
}

/* The narrowest rules there are for the record; NULL: as they stand. */
static credit_result choose_rules(
    cr_ruler *ruler, const cr_fact *fact, const rules **chosen, credit_error *err)
{
    class *c = find_class(ruler, fact);
    credit_result rc = CREDIT_OK;
    *chosen = NULL;
    if (c == NULL) { return rc; }
    if (is_worth_it(&c->all)) { rc = narrow_to_class(ruler, fact, c, err); }
    if (rc != CREDIT_OK || c->all.rules == NULL) { return rc; }
    *chosen = c->all.rules;
    narrowed *part = find_part(ruler, fact, c);
    if (part == NULL) { return CREDIT_OK; }
    if (is_worth_it(part)) { rc = narrow_to_part(ruler, fact, c, part, err); }
    if (part->rules != NULL) { *chosen = part->rules; }
    return rc;
}

/* ---- remembering ------------------------------------------------------------------------ */

static uint64_t mix(uint64_t hash, uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
    return hash ^ hash >> 32;
}

/* The record as the rules chosen for it see it, and its place in the memory; NULL
 * if there are none, or they read too much of it. */
static remembered *place_of(
    cr_ruler *ruler, const rules *chosen, const cr_fact *fact, remembered *asked)
{
    if (chosen == NULL || chosen->read_count > WORDS_MAX) { return NULL; }
    memset(asked, 0, sizeof *asked);
    asked->rules = chosen;
    asked->catalog = fact->catalog_index;
    uint64_t hash = mix(mix(0, (uintptr_t)chosen), (uint64_t)asked->catalog);
    for (size_t i = 0; i < chosen->read_count; i++) {
        asked->words[i] = cr_fact_word(&ruler->types, fact, chosen->reads[i]);
        hash = mix(hash, asked->words[i]);
    }
    return &ruler->memory[hash % REMEMBERED_MAX];
}

static bool is_alike(const remembered *a, const remembered *b)
{
    return a->rules == b->rules && a->catalog == b->catalog &&
           memcmp(a->words, b->words, sizeof a->words) == 0;
}

/* ---- ruling ------------------------------------------------------------------------------- */

static credit_date date_entry(cr_feel_value context, const char *name)
{
    return cr_feel_to_date(cr_feel_entry_get(context, cr_span_of(name)));
}

static unsigned flag_entry(cr_feel_value context, const char *name, unsigned flag)
{
    return cr_feel_is_true(cr_feel_entry_get(context, cr_span_of(name))) ? flag : 0;
}

/* By the rules chosen, or as they stand where none were. */
static credit_result compute(
    cr_ruler *ruler, const rules *chosen, const cr_fact *fact, cr_ruling *ruling, credit_error *err)
{
    cr_feel_value value = cr_feel_null();
    credit_result rc = CREDIT_OK;
    if (ruler->decision >= 0) {
        cr_eval *eval = ruler->eval;
        cr_eval_use(eval, chosen == NULL ? ruler->model : chosen->model, &ruler->types);
        cr_eval_set(eval, ruler->record_input, cr_feel_host(CR_HOST_RECORD, fact));
        cr_eval_set(eval, ruler->policy_input, cr_feel_host(CR_HOST_POLICY, ruler->policy));
        rc = cr_eval_decide(eval, ruler->decision, &value, err);
    }
    if (rc != CREDIT_OK) { return rc; }
    memset(ruling, 0, sizeof *ruling);
    ruling->severity =
        cr_severity_number(cr_feel_text(cr_feel_entry_get(value, CR_SPAN("severity"))));
    ruling->flags = (uint8_t)(flag_entry(value, "published", CR_RULED_PUBLISHED) |
                              flag_entry(value, "negative", CR_RULED_NEGATIVE) |
                              flag_entry(value, "review", CR_RULED_REVIEW));
    ruling->starts_on = date_entry(value, "starts_on");
    ruling->published_until = date_entry(value, "published_until");
    ruling->repairable_from = date_entry(value, "repairable_from");
    ruling->until = date_entry(value, "until");
    ruling->pack = ruler->pack_number;
    return CREDIT_OK;
}

credit_result cr_ruler_rule(cr_ruler *ruler, cr_fact *fact, credit_error *err)
{
    const rules *chosen = NULL;
    remembered asked;
    fact->ruled = false;
    credit_result rc = ruler->decision < 0 ? CREDIT_OK : choose_rules(ruler, fact, &chosen, err);
    if (rc != CREDIT_OK) { return rc; }
    remembered *place = place_of(ruler, chosen, fact, &asked);
    if (place == NULL || !is_alike(place, &asked)) {
        rc = compute(ruler, chosen, fact, &asked.ruling, err);
        if (rc == CREDIT_OK && place != NULL) { *place = asked; }
    }
    if (rc != CREDIT_OK) { return rc; }
    fact->version.ruling = place == NULL ? asked.ruling : place->ruling;
    fact->ruled = true;
    return CREDIT_OK;
}
