#include "engine/ruling.h"

#include <string.h>

#include "engine/decision.h"
#include "engine/text.h"

/* Combinations of codes that the rules are narrowed to; those that come later
 * are ruled by the rules as they stand. PLACES: of the hash table, a power of two. */
enum { NARROWED_MAX = 512, PLACES = 2 * NARROWED_MAX };

/* The rules, narrowed to the records of one class. */
typedef struct narrowed {
    cr_model *model;
    uint32_t class[];
} narrowed;

struct cr_ruler {
    const cr_pack *pack;
    uint32_t pack_number;
    cr_arena constants; /* lives as long as the ruler */
    cr_fact_types types;
    const cr_feel_value *policy;
    int record_input, policy_input, decision; /* -1: the model has none */
    cr_model *model;                          /* with the policy known */
    cr_eval *eval;
    uint16_t *columns; /* properties of a record that the decision reads */
    size_t column_count;
    uint32_t *class; /* of the record at hand: its catalog, then by column */
    narrowed *places[PLACES];
    size_t narrowed_count;
};

/* ---- making a ruler --------------------------------------------------------------- */

static credit_result find_columns(cr_ruler *ruler, credit_error *err)
{
    size_t count = ruler->types.types[CR_HOST_RECORD].property_count;
    bool *reads = cr_arena_array(&ruler->constants, count, sizeof *reads);
    ruler->columns = cr_arena_array(&ruler->constants, count, sizeof *ruler->columns);
    ruler->class = cr_arena_array(&ruler->constants, count + 1, sizeof *ruler->class);
    if (reads == NULL || ruler->columns == NULL || ruler->class == NULL) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    credit_result rc =
        cr_model_reads(ruler->model, ruler->decision, ruler->record_input, reads, err);
    for (size_t i = 0; rc == CREDIT_OK && i < count; i++) {
        if (reads[i]) { ruler->columns[ruler->column_count++] = (uint16_t)i; }
    }
    return rc;
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
    return rc == CREDIT_OK ? cr_eval_new(ruler->model, &ruler->eval, err) : rc;
}

credit_result cr_ruler_new(
    const cr_pack *pack, uint32_t pack_number, cr_ruler **out, credit_error *err)
{
    *out = NULL;
    if (pack->model == NULL) { return cr_fail(err, CREDIT_E_PACK, "the pack has no rules"); }
    cr_ruler *ruler = cr_alloc(sizeof *ruler);
    if (ruler == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    memset(ruler, 0, sizeof *ruler);
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
    for (size_t i = 0; i < PLACES; i++) {
        if (ruler->places[i] != NULL) { cr_model_free(ruler->places[i]->model); }
        cr_free(ruler->places[i]);
    }
    cr_eval_free(ruler->eval);
    cr_model_free(ruler->model);
    cr_arena_release(&ruler->constants);
    cr_free(ruler);
}

/* ---- narrowing to a class of records ---------------------------------------------------- */

static void classify(cr_ruler *ruler, const cr_fact *fact)
{
    bool whole;
    ruler->class[0] = (uint32_t)fact->catalog_index;
    for (size_t i = 0; i < ruler->column_count; i++) {
        ruler->class[i + 1] = cr_fact_class(&ruler->types, fact, ruler->columns[i], &whole);
    }
}

/* Where the class at hand is, or would be put. */
static narrowed **find_place(cr_ruler *ruler)
{
    size_t size = (ruler->column_count + 1) * sizeof *ruler->class;
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i <= ruler->column_count; i++) {
        hash = (hash ^ ruler->class[i]) * UINT64_C(0x9E3779B97F4A7C15);
        hash ^= hash >> 29;
    }
    size_t place = hash % PLACES;
    while (ruler->places[place] != NULL &&
           memcmp(ruler->places[place]->class, ruler->class, size) != 0) {
        place = (place + 1) % PLACES;
    }
    return &ruler->places[place];
}

static credit_result narrow(
    cr_ruler *ruler, const cr_fact *fact, narrowed **place, credit_error *err)
{
    size_t size = (ruler->column_count + 1) * sizeof *ruler->class, count = 0;
    cr_eval_reset(ruler->eval, &ruler->types);
    cr_known *known =
        cr_arena_array(cr_eval_arena(ruler->eval), ruler->column_count, sizeof *known);
    narrowed *entry = cr_alloc(sizeof *entry + size);
    if (known == NULL || entry == NULL) {
        cr_free(entry);
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    for (size_t i = 0; i < ruler->column_count; i++) {
        bool whole = false;
        cr_fact_class(&ruler->types, fact, ruler->columns[i], &whole);
        if (!whole) { continue; }
        known[count] = (cr_known){ruler->record_input, ruler->columns[i], cr_feel_null()};
        ruler->types.types[CR_HOST_RECORD].get(
            &ruler->types, fact, ruler->columns[i], ruler->eval, &known[count].value);
        count++;
    }
    memcpy(entry->class, ruler->class, size);
    credit_result rc =
        cr_model_narrow(ruler->model, ruler->decision, known, count, &entry->model, err);
    if (rc != CREDIT_OK) {
        cr_free(entry);
        return rc;
    }
    *place = entry;
    ruler->narrowed_count++;
    return CREDIT_OK;
}

static credit_result choose_model(
    cr_ruler *ruler, const cr_fact *fact, const cr_model **model, credit_error *err)
{
    classify(ruler, fact);
    narrowed **place = find_place(ruler);
    *model = ruler->model;
    if (*place == NULL && ruler->narrowed_count < NARROWED_MAX) {
        credit_result rc = narrow(ruler, fact, place, err);
        if (rc != CREDIT_OK) { return rc; }
    }
    if (*place != NULL) { *model = (*place)->model; }
    return CREDIT_OK;
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

credit_result cr_ruler_rule(cr_ruler *ruler, cr_fact *fact, credit_error *err)
{
    cr_ruling *ruling = &fact->version.ruling;
    cr_feel_value value = cr_feel_null();
    fact->ruled = false;
    if (ruler->decision >= 0) {
        const cr_model *model;
        credit_result rc = choose_model(ruler, fact, &model, err);
        if (rc != CREDIT_OK) { return rc; }
        cr_eval_use(ruler->eval, model, &ruler->types);
        cr_eval_set(ruler->eval, ruler->record_input, cr_feel_host(CR_HOST_RECORD, fact));
        cr_eval_set(ruler->eval, ruler->policy_input, cr_feel_host(CR_HOST_POLICY, ruler->policy));
        rc = cr_eval_decide(ruler->eval, ruler->decision, &value, err);
        if (rc != CREDIT_OK) { return rc; }
    }
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
    fact->ruled = true;
    return CREDIT_OK;
}
