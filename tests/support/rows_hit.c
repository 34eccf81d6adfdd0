/* Which rows of the pack's decision tables speak when subjects of a store are judged.
 *
 *     rows_hit STORE < lines of SUBJECT, DAY and MATTER (may be empty), parted by tabs
 *
 * Prints "DECISION<tab>ROW" of every row that matched in a table that an answer rests
 * on: the record decision for every record, the rosters, the tier, the green channel. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/view.h"
#include "engine/decision.h"
#include "engine/facts.h"
#include "engine/file.h"
#include "engine/message.h"
#include "engine/text.h"

typedef struct walk {
    credit_view *view;
    const cr_pack *pack;
    cr_fact_types types;
    const cr_feel_value *policy;
    cr_arena arena;
    cr_eval *eval;
    cr_file file;
} walk;

static void give_up(const char *what, const credit_error *err)
{
    fprintf(stderr, "%s: %s\n", what, err->message);
    exit(1);
}

static void must(credit_result rc, const char *what, const credit_error *err)
{
    if (rc != CREDIT_OK) { give_up(what, err); }
}

static void give(walk *w, const char *input, cr_feel_value value)
{
    cr_eval_set(w->eval, cr_model_input(w->pack->model, cr_span_of(input)), value);
}

static void decide(walk *w, credit_span decision)
{
    credit_error err = CREDIT_ERROR_INIT;
    cr_feel_value value;
    int index = cr_model_decision(w->pack->model, decision);
    if (index < 0) { give_up("no such decision", &err); }
    must(cr_eval_decide(w->eval, index, &value, &err), "decide", &err);
}

/* Of all decisions that were evaluated since the reset. */
static void print_rows(walk *w)
{
    size_t decisions = cr_model_decision_count(w->pack->model);
    for (size_t i = 0; i < decisions; i++) {
        const cr_matched_row *rows = NULL;
        size_t count = cr_eval_rows(w->eval, (int)i, &rows);
        credit_span name = cr_model_decision_name(w->pack->model, (int)i);
        for (size_t row = 0; row < count; row++) {
            printf("%.*s\t%u\n", (int)name.size, name.data, (unsigned)rows[row].number);
        }
    }
}

static void walk_records(walk *w)
{
    for (size_t i = 0; i < w->file.fact_count; i++) {
        cr_eval_reset(w->eval, &w->types);
        give(w, "record", cr_feel_host(CR_HOST_RECORD, &w->file.facts[i]));
        give(w, "policy", cr_feel_host(CR_HOST_POLICY, w->policy));
        decide(w, w->pack->record_decision);
        print_rows(w);
    }
}

static void walk_subject(walk *w, credit_date day, const char *matter)
{
    const void **objects = cr_arena_array(&w->arena, w->file.fact_count + 1, sizeof *objects);
    size_t count = 0;
    for (size_t i = 0; objects != NULL && i < w->file.fact_count; i++) {
        if (cr_fact_counts(&w->file.facts[i])) { objects[count++] = &w->file.facts[i]; }
    }
    cr_eval_reset(w->eval, &w->types);
    cr_eval_set_clock(w->eval, cr_model_input(w->pack->model, CR_SPAN("as_of")), day);
    give(w, "subject", cr_feel_host(CR_HOST_SUBJECT, &w->file.subject));
    give(w, "covers", cr_feel_host(CR_HOST_COVERS, &w->file.subject));
    give(w, "records", cr_feel_hosts(CR_HOST_RECORD, objects, count));
    give(w, "policy", cr_feel_host(CR_HOST_POLICY, w->policy));
    give(w, "matter", matter[0] == '\0' ? cr_feel_null() : cr_feel_string(cr_span_of(matter)));
    for (size_t i = 0; i < w->pack->roster_count; i++) { decide(w, w->pack->rosters[i].decision); }
    decide(w, w->pack->tier_decision);
    decide(w, w->pack->green_decision);
    print_rows(w);
}

static void answer(walk *w, const char *code, credit_date day, const char *matter)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_subject subject;
    cr_subject_key key;
    credit_question asked = CREDIT_QUESTION_INIT;
    cr_judge_question question;
    const cr_judgement *judgement;
    asked.as_of = day;
    must(credit_subject_parse(credit_store_get_pack(w->view->store), code, &subject, &err), code,
        &err);
    must(api_subject_key(w->view->store, &subject, &key, &err), code, &err);
    must(api_judge_question(w->view, &asked, &question, &err), code, &err);
    must(cr_file_gather(&w->file, w->pack, &w->view->policy->registry, &w->view->versions,
             &w->view->counting, &key, day, question.commit, &err),
        code, &err);
    /* So that every record has its ruling. */
    must(cr_judge_file(w->view->judge, &w->file, &question, &judgement, &err), code, &err);
    walk_records(w);
    walk_subject(w, day, matter);
    cr_arena_reset(&w->arena);
}

static void read_questions(walk *w)
{
    char line[512];
    credit_error err = CREDIT_ERROR_INIT;
    while (fgets(line, sizeof line, stdin) != NULL) {
        credit_date day;
        line[strcspn(line, "\n")] = '\0';
        char *date = strchr(line, '\t');
        char *matter = date == NULL ? NULL : strchr(date + 1, '\t');
        if (matter == NULL) { give_up(line, &err); }
        *date++ = '\0';
        *matter++ = '\0';
        must(credit_date_parse(date, &day, &err), date, &err);
        answer(w, line, day, matter);
    }
}

int main(int argc, char **argv)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_store *store;
    cr_arena constants = CR_ARENA_INIT;
    walk w = {.arena = CR_ARENA_INIT};
    if (argc != 2) { give_up("rows_hit STORE", &err); }
    credit_store_options options = CREDIT_STORE_OPTIONS_INIT;
    must(credit_store_open(argv[1], &options, &store, &err), argv[1], &err);
    must(credit_view_open(store, &w.view, &err), argv[1], &err);
    w.pack = w.view->policy->pack.pack;
    must(cr_fact_types_build(w.pack, &constants, &w.types, &err), "types", &err);
    must(cr_policy_values(w.pack, &constants, &w.policy, &err), "policy", &err);
    must(cr_eval_new(w.pack->model, &w.eval, &err), "eval", &err);
    read_questions(&w);
    cr_eval_free(w.eval);
    cr_file_free(&w.file);
    cr_arena_release(&w.arena);
    cr_arena_release(&constants);
    credit_view_close(w.view);
    credit_store_close(store);
    return 0;
}
