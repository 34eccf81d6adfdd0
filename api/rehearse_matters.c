#include "api/rehearse.h"
#include "engine/decision.h"
#include "engine/text.h"

/* The rules of one side for one matter. */
static credit_result narrow(
    const cr_pack *pack, credit_span matter, int decision, cr_model **out, credit_error *err)
{
    const cr_known known = {cr_model_input(pack->model, CR_SPAN("matter")), CR_KNOWN_WHOLE,
        cr_feel_string(matter), NULL};
    return cr_model_narrow(pack->model, decision, &known, known.input < 0 ? 0 : 1, out, err);
}

/* The classes of one side: two matters are of one if its rules come to the same. */
static credit_result classify(
    const cr_pack *pack, const try_matters *m, size_t *class_of, cr_arena *arena, credit_error *err)
{
    size_t found = 0;
    int decision = cr_model_decision(pack->model, pack->green_decision);
    cr_model **models = cr_arena_array(arena, m->matter_count + 1, sizeof *models);
    if (models == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && decision >= 0 && i < m->matter_count; i++) {
        cr_model *model = NULL;
        rc = narrow(pack, m->matters[i]->word, decision, &model, err);
        if (rc != CREDIT_OK) { break; }
        size_t class = 0;
        while (class < found && !cr_model_same(models[class], model, decision)) { class ++; }
        class_of[i] = class;
        if (class == found) {
            models[found++] = model;
        } else {
            cr_model_free(model);
        }
    }
    for (size_t i = 0; i < found; i++) { cr_model_free(models[i]); }
    return rc;
}

/* Matters of one class on both sides are of one class. */
static void join(try_matters *m, const size_t *sides[TRY_SIDES])
{
    for (size_t i = 0; i < m->matter_count; i++) {
        size_t k = 0;
        while (k < i && (sides[0][k] != sides[0][i] || sides[1][k] != sides[1][i])) { k++; }
        if (k < i) {
            m->class_of[i] = m->class_of[k];
        } else {
            m->chosen[m->class_count] = m->matters[i]->word;
            m->class_of[i] = m->class_count++;
        }
    }
}

credit_result api_try_matters(const cr_pack *before, const cr_pack *draft, cr_arena *arena,
    try_matters *matters, credit_error *err)
{
    const cr_codeset *set = draft->matters;
    size_t room = set == NULL ? 0 : set->code_count;
    *matters = (try_matters){.matters = cr_arena_array(arena, room + 1, sizeof(cr_code *)),
        .class_of = cr_arena_array(arena, room + 1, sizeof(size_t)),
        .chosen = cr_arena_array(arena, room + 1, sizeof(credit_span))};
    size_t *classes[TRY_SIDES] = {cr_arena_array(arena, room + 1, sizeof(size_t)),
        cr_arena_array(arena, room + 1, sizeof(size_t))};
    if (matters->matters == NULL || matters->class_of == NULL || matters->chosen == NULL ||
        classes[0] == NULL || classes[1] == NULL) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    for (size_t i = 0; i < room; i++) {
        bool both =
            before->matters == NULL || cr_codeset_find(before->matters, set->codes[i].word) != NULL;
        if (both) { matters->matters[matters->matter_count++] = &set->codes[i]; }
    }
    credit_result rc = classify(before, matters, classes[0], arena, err);
    if (rc == CREDIT_OK) { rc = classify(draft, matters, classes[1], arena, err); }
    if (rc == CREDIT_OK) { join(matters, (const size_t *[TRY_SIDES]){classes[0], classes[1]}); }
    return rc;
}
