/* Answers of the engine's FEEL in bulk, to be compared with those of others.
 *
 * Lines on standard input, cells with tabs between:
 *
 *   T CELL… OUTPUT   a row of a table, first hit; the first T behind an F begins another
 *   F VALUE…         facts, a FEEL expression for each column
 *
 * One line is written per F: what the table gives, as string() has it; ! and why where
 * the engine refuses the table or a value. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/decision.h"
#include "engine/text.h"

enum { COLUMNS_MAX = 16, ROWS_MAX = 256, LINE_BYTES = 8192 };

typedef struct answering {
    cr_arena arena; /* of the table */
    cr_source_rule rules[ROWS_MAX];
    size_t rule_count, input_count;
    bool asked; /* since the last row */
    cr_model *model;
    cr_eval *eval;
    credit_error err;
} answering;

static const char *const names[COLUMNS_MAX] = {
    "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"};

static void die(const char *why)
{
    fprintf(stderr, "feel_answers: %s\n", why);
    exit(3);
}

static size_t split(char *line, char *cells[COLUMNS_MAX + 1])
{
    size_t count = 0;
    line[strcspn(line, "\n")] = '\0';
    for (char *at = line; at != NULL && count <= COLUMNS_MAX;) {
        char *tab = strchr(at, '\t');
        if (tab != NULL) { *tab++ = '\0'; }
        cells[count++] = at;
        at = tab;
    }
    return count;
}

static void drop_table(answering *a)
{
    cr_eval_free(a->eval);
    cr_model_free(a->model);
    cr_arena_release(&a->arena);
    *a = (answering){.arena = CR_ARENA_INIT, .err = CREDIT_ERROR_INIT};
}

static void add_row(answering *a, char *const *cells, size_t count)
{
    if (a->asked) { drop_table(a); }
    if (count < 2 || a->rule_count == ROWS_MAX) { die("a row has no cells, or one too many came"); }
    cr_source_text *texts = cr_arena_array(&a->arena, count, sizeof *texts);
    if (texts == NULL) { die("out of memory"); }
    for (size_t i = 0; i < count; i++) {
        texts[i].text = cr_arena_span(&a->arena, cr_span_of(cells[i]));
        texts[i].line = a->rule_count + 1;
    }
    a->input_count = count - 1;
    a->rules[a->rule_count++] = (cr_source_rule){
        .id = CR_SPAN("r"), .line = a->rule_count, .tests = texts, .outputs = texts + count - 1};
}

static credit_result compile_table(answering *a)
{
    cr_source_column columns[COLUMNS_MAX] = {0}, output = {.name = CR_SPAN("out")};
    cr_source_input inputs[COLUMNS_MAX] = {0};
    credit_span requires[COLUMNS_MAX];
    for (size_t i = 0; i < a->input_count; i++) {
        requires[i] = cr_span_of(names[i]);
        columns[i].expression = (cr_source_text){requires[i], 1};
        inputs[i] = (cr_source_input){.id = requires[i], .name = requires[i], .line = 1};
    }
    cr_source_table table = {.policy = CR_HIT_FIRST, .inputs = columns, .outputs = &output};
    table.input_count = a->input_count;
    table.output_count = 1;
    table.rules = a->rules;
    table.rule_count = a->rule_count;
    cr_box box = {.kind = CR_BOX_TABLE, .line = 1, .table = &table};
    cr_source_decision decision = {.id = CR_SPAN("D"), .name = CR_SPAN("D"), .box = &box};
    decision.requires = requires;
    decision.require_count = a->input_count;
    cr_model_source source = {.inputs = inputs, .decisions = &decision, .decision_count = 1};
    source.input_count = a->input_count;
    credit_result rc = cr_model_compile(&source, NULL, &a->model, &a->err);
    return rc == CREDIT_OK ? cr_eval_new(a->model, &a->eval, &a->err) : rc;
}

/* A value and the evaluation that owns it. */
typedef struct fact {
    cr_model *model;
    cr_eval *eval;
    cr_feel_value value;
} fact;

static credit_result evaluate(fact *f, const char *text, credit_error *err)
{
    cr_box box = {.kind = CR_BOX_LITERAL, .line = 1, .text = cr_span_of(text)};
    cr_source_decision decision = {.id = CR_SPAN("D"), .name = CR_SPAN("D"), .box = &box};
    cr_model_source source = {.decisions = &decision, .decision_count = 1};
    credit_result rc = cr_model_compile(&source, NULL, &f->model, err);
    if (rc == CREDIT_OK) { rc = cr_eval_new(f->model, &f->eval, err); }
    return rc == CREDIT_OK ? cr_eval_decide(f->eval, 0, &f->value, err) : rc;
}

static credit_result answer(answering *a, const fact *facts)
{
    cr_feel_value value;
    cr_eval_reset(a->eval, NULL);
    for (size_t i = 0; i < a->input_count; i++) { cr_eval_set(a->eval, (int)i, facts[i].value); }
    credit_result rc = cr_eval_decide(a->eval, 0, &value, &a->err);
    if (rc != CREDIT_OK) { return rc; }
    credit_span text = cr_feel_print(value, cr_eval_arena(a->eval));
    printf("%.*s\n", (int)text.size, text.data);
    return CREDIT_OK;
}

static void answer_facts(answering *a, char *const *cells, size_t count)
{
    fact facts[COLUMNS_MAX] = {0};
    credit_result rc = CREDIT_OK;
    if (count != a->input_count) { die("the facts have other columns than the table"); }
    a->asked = true;
    if (a->eval == NULL) { rc = compile_table(a); }
    for (size_t i = 0; rc == CREDIT_OK && i < count; i++) {
        rc = evaluate(&facts[i], cells[i], &a->err);
    }
    if (rc == CREDIT_OK) { rc = answer(a, facts); }
    if (rc != CREDIT_OK) { printf("!%s\n", a->err.message); }
    for (size_t i = 0; i < count; i++) {
        cr_eval_free(facts[i].eval);
        cr_model_free(facts[i].model);
    }
}

int main(void)
{
    static answering a = {.arena = CR_ARENA_INIT, .err = CREDIT_ERROR_INIT};
    static char line[LINE_BYTES];
    while (fgets(line, sizeof line, stdin) != NULL) {
        char *cells[COLUMNS_MAX + 1];
        size_t count = split(line, cells);
        if (strcmp(cells[0], "T") == 0) {
            add_row(&a, cells + 1, count - 1);
        } else if (strcmp(cells[0], "F") == 0) {
            answer_facts(&a, cells + 1, count - 1);
        } else {
            die("a line is neither T nor F");
        }
    }
    drop_table(&a);
    return 0;
}
