#include "engine/whynot_changes.h"

#include <stdlib.h>

#include "engine/decision.h"
#include "engine/message.h"
#include "engine/text.h"

static credit_result no_memory(credit_error *err)
{
    return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
}

/* ---- what rules ask for ------------------------------------------------------------- */

/* Marks which properties of the input's object the decision reads. */
static credit_result mark_reads(const cr_pack *pack, credit_span decision, const char *input,
    cr_arena *arena, bool *reads, credit_error *err)
{
    const uint16_t *properties = NULL;
    size_t count = 0;
    credit_result rc = cr_model_reads(pack->model, cr_model_decision(pack->model, decision),
        cr_model_input(pack->model, cr_span_of(input)), arena, &properties, &count, err);
    for (size_t i = 0; rc == CREDIT_OK && i < count; i++) { reads[properties[i]] = true; }
    return rc;
}

/* One flag for each property of the host type. */
static credit_result read_properties(const cr_pack *pack, const char *input,
    const cr_host_type *type, cr_arena *arena, bool **reads, credit_error *err)
{
    *reads = cr_arena_array(arena, type->property_count + 1, sizeof **reads);
    if (*reads == NULL) { return no_memory(err); }
    credit_result rc = mark_reads(pack, pack->tier_decision, input, arena, *reads, err);
    return rc == CREDIT_OK ? mark_reads(pack, pack->green_decision, input, arena, *reads, err) : rc;
}

static bool is_read(const cr_host_type *type, const bool *reads, const char *name)
{
    for (size_t i = 0; i < type->property_count; i++) {
        if (cr_span_is(type->properties[i].name, name)) { return reads[i]; }
    }
    return false;
}

static credit_span word_in_force(const cr_pack *pack)
{
    for (size_t i = 0; i < pack->catalog_count; i++) {
        const cr_catalog *catalog = &pack->catalogs[i];
        int16_t field = catalog->role_field[CR_ROLE_STATUS];
        if (catalog->kind == CR_CATALOG_REGISTER && field >= 0) {
            return cr_code_word(catalog->fields[field].codes, catalog->status_valid);
        }
    }
    return (credit_span){"", 0};
}

credit_result cr_change_scope_read(const cr_pack *pack, cr_change_scope *scope, credit_error *err)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_fact_types types;
    bool *subject = NULL, *covers = NULL;
    *scope = (cr_change_scope){.pack = pack, .in_force = word_in_force(pack)};
    credit_result rc = cr_fact_types_build(pack, &arena, &types, err);
    const cr_host_type *subjects = &types.types[CR_HOST_SUBJECT];
    if (rc == CREDIT_OK) { rc = read_properties(pack, "subject", subjects, &arena, &subject, err); }
    if (rc == CREDIT_OK) {
        rc = read_properties(pack, "covers", &types.types[CR_HOST_COVERS], &arena, &covers, err);
    }
    if (rc == CREDIT_OK) {
        scope->known = is_read(subjects, subject, "known");
        scope->status = is_read(subjects, subject, "status") && scope->in_force.size > 0;
        for (size_t i = 0; i < pack->catalog_count && i < CR_ASSUMED_MAX; i++) {
            scope->covers |= (uint64_t)covers[i] << i;
        }
    }
    cr_arena_release(&arena);
    return rc;
}

/* ---- what may become ------------------------------------------------------------------ */

typedef struct listing {
    const cr_change_scope *scope;
    const cr_judgement *judgement;
    credit_date as_of;
    cr_change *changes;
    size_t count;
} listing;

static void add(listing *l, cr_change_kind kind, const cr_fact *fact, int catalog, credit_date from)
{
    l->changes[l->count++] = (cr_change){kind, fact, catalog, from > l->as_of ? from : l->as_of};
}

/* Can a message of that effect be about records of the catalog? */
static bool has_message(const cr_pack *pack, const cr_catalog *catalog, cr_message_effect effect)
{
    for (size_t i = 0; i < pack->catalog_count; i++) {
        const cr_message *message = pack->catalogs[i].message;
        bool tells = false, targets = false;
        for (size_t k = 0; message != NULL && k < message->word_count; k++) {
            tells = tells || (message->words[k].effect == effect && !message->words[k].undone);
        }
        for (size_t k = 0; message != NULL && k < message->target_count; k++) {
            targets = targets || message->targets[k].catalog == catalog;
        }
        if (tells && targets) { return true; }
    }
    return false;
}

/* Is it an entry that stands, and speaks against the subject? */
static bool is_standing(const cr_fact *fact, credit_date as_of)
{
    const cr_ruling *ruling = &fact->version.ruling;
    return (ruling->flags & CR_RULED_NEGATIVE) != 0 &&
           fact->catalog->role_field[CR_ROLE_REMOVED_ON] >= 0 &&
           (ruling->until == CREDIT_DATE_NONE || ruling->until >= as_of);
}

static void add_of_record(listing *l, const cr_fact *fact)
{
    const cr_ruling *ruling = &fact->version.ruling;
    const cr_pack *pack = l->scope->pack;
    int catalog = fact->catalog_index;
    if (!cr_fact_counts(fact)) { return; }
    if ((ruling->flags & CR_RULED_REVIEW) != 0) {
        add(l, CR_CHANGE_CONFIRMED, fact, catalog, l->as_of);
    }
    if (ruling->repairable_from != CREDIT_DATE_NONE &&
        has_message(pack, fact->catalog, CR_MESSAGE_REPAIR)) {
        add(l, CR_CHANGE_REPAIRED, fact, catalog, ruling->repairable_from);
    }
    if (is_standing(fact, l->as_of) && has_message(pack, fact->catalog, CR_MESSAGE_REMOVE)) {
        add(l, CR_CHANGE_REMOVED, fact, catalog, l->as_of);
    }
}

/* Is the catalog complete for the subject by the pack's promise? */
static bool is_covered(const cr_fact_subject *subject, credit_date as_of, size_t catalog)
{
    cr_fact_subject then = *subject;
    then.as_of = as_of;
    return cr_subject_is_covered(&then, (uint16_t)catalog);
}

static void add_of_subject(listing *l)
{
    const cr_fact_subject *subject = l->judgement->subject;
    if (!subject->known && l->scope->known) {
        add(l, CR_CHANGE_REGISTERED, NULL, -1, l->as_of);
    } else if (subject->status.size == 0 && l->scope->status) {
        add(l, CR_CHANGE_STATUS, NULL, -1, l->as_of);
    }
    for (size_t i = 0; i < l->scope->pack->catalog_count && i < CR_ASSUMED_MAX; i++) {
        bool asked = (l->scope->covers >> i & 1) != 0;
        if (asked && !is_covered(subject, l->as_of, i)) {
            add(l, CR_CHANGE_COVERED, NULL, (int)i, l->as_of);
        }
    }
}

static int compare_numbers(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

/* Invariant 2 of whynot.h. */
static int compare_changes(const void *left, const void *right)
{
    const cr_change *a = left, *b = right;
    int order = compare_numbers(a->from, b->from);
    if (order == 0) { order = compare_numbers(a->kind, b->kind); }
    if (order == 0) { order = compare_numbers(a->catalog, b->catalog); }
    if (order != 0 || a->fact == NULL) { return order; }
    order = compare_numbers(a->fact->version.facts.decided_on, b->fact->version.facts.decided_on);
    if (order == 0) { order = compare_numbers(a->fact->key.commit, b->fact->key.commit); }
    return order != 0 ? order : compare_numbers(a->fact->key.row, b->fact->key.row);
}

credit_result cr_changes_list(const cr_change_scope *scope, const cr_judgement *judgement,
    credit_date as_of, cr_arena *arena, const cr_change **changes, size_t *count, credit_error *err)
{
    enum { OF_RECORD = 3, OF_SUBJECT = 2 };
    listing l = {.scope = scope, .judgement = judgement, .as_of = as_of};
    l.changes = cr_arena_array(arena,
        OF_RECORD * judgement->fact_count + OF_SUBJECT + scope->pack->catalog_count,
        sizeof *l.changes);
    if (l.changes == NULL) { return no_memory(err); }
    add_of_subject(&l);
    for (size_t i = 0; i < judgement->fact_count; i++) { add_of_record(&l, &judgement->facts[i]); }
    qsort(l.changes, l.count, sizeof *l.changes, compare_changes);
    *changes = l.changes;
    *count = l.count;
    return CREDIT_OK;
}

/* ---- the data as they would be ----------------------------------------------------------- */

static void change_subject(
    const cr_change_scope *scope, const cr_change *change, cr_fact_subject *subject)
{
    if (change->kind == CR_CHANGE_COVERED) { subject->assumed |= UINT64_C(1) << change->catalog; }
    if (change->kind == CR_CHANGE_REGISTERED) { subject->known = true; }
    bool told = change->kind == CR_CHANGE_REGISTERED || change->kind == CR_CHANGE_STATUS;
    if (told && subject->status.size == 0) {
        subject->status = scope->in_force;
        subject->status_number = 0; /* what rules are narrowed to comes from registers alone */
    }
}

/* The record as it would be; false: it would count no longer. */
static bool change_record(const cr_change *change, credit_date as_of, cr_fact *fact)
{
    if (change == NULL) { return true; }
    if (change->kind == CR_CHANGE_CONFIRMED) {
        fact->version.ruling.flags &= (uint8_t)~CR_RULED_REVIEW;
    } else if (change->kind == CR_CHANGE_REMOVED) {
        fact->version.facts.removed_on = as_of;
        fact->version.ruling.pack = 0; /* is another one then */
    }
    return change->kind != CR_CHANGE_REPAIRED;
}

static const cr_change *change_of(
    const cr_change *const *changes, size_t count, const cr_fact *fact)
{
    for (size_t i = 0; i < count; i++) {
        if (changes[i]->fact == fact) { return changes[i]; }
    }
    return NULL;
}

credit_result cr_changes_apply(const cr_change_scope *scope, const cr_judgement *judgement,
    credit_date as_of, const cr_change *const *changes, size_t count, cr_file *file,
    credit_error *err)
{
    if (!cr_grow(&file->facts, &file->fact_capacity, judgement->fact_count + 1, sizeof(cr_fact))) {
        return no_memory(err);
    }
    file->exists = judgement->exists;
    file->subject = *judgement->subject;
    file->fact_count = 0;
    for (size_t i = 0; i < count; i++) { change_subject(scope, changes[i], &file->subject); }
    for (size_t i = 0; i < judgement->fact_count; i++) {
        const cr_fact *fact = &judgement->facts[i];
        file->facts[file->fact_count] = *fact;
        bool counts =
            change_record(change_of(changes, count, fact), as_of, &file->facts[file->fact_count]);
        file->fact_count += counts;
    }
    return CREDIT_OK;
}
