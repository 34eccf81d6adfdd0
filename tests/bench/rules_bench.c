/* One decision table over facts, without records: the engine's share of a judgement.
 *
 * rules_bench facts COUNT                 facts for rules.tsv, with a header
 * rules_bench table ROWS                  a table of so many rows and 6 columns
 * rules_bench probes ROWS                 facts that its first and its last row match
 * rules_bench run TABLE FACTS ANSWERS SECONDS
 *
 * A table is a header of the inputs and the output, then a line per rule: FEEL tests
 * and what the rule gives, with tabs between. Facts are a header and a line each, with
 * tabs: whole numbers, true, false, or words. The same arguments give the same bytes,
 * and every contestant reads the same files (peers/rules.mjs, clips_bench.c).
 *
 * `run` answers each of the facts once, a line each, into ANSWERS; then it goes on for
 * SECONDS and prints how many decisions it made in how many seconds: first the value
 * alone, then the value with the rule that gave it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "engine/decision.h"
#include "engine/text.h"

enum { COLUMNS_MAX = 16, RULES_MAX = 100000, FACTS_MAX = 100000, LINE_BYTES = 4096 };

static void die(const char *what, const char *why)
{
    fprintf(stderr, "rules_bench: %s: %s\n", what, why);
    exit(3);
}

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void *room(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (memory == NULL) { die("memory", "there is none"); }
    return memory;
}

/* --- making facts and tables ----------------------------------------------------- */

static uint64_t state;

static unsigned below(unsigned n)
{
    uint64_t z = state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (unsigned)((z ^ z >> 31) % n);
}

static void make_facts(unsigned count)
{
    puts("black\tred\tbreach\tabnormal\tpermits\ttax\tage\tserious\tgeneral\tminor\tfine");
    for (unsigned i = 0; i < count; i++) {
        unsigned grade = below(100);
        const char *tax = grade < 15 ? "A" : grade < 70 ? "B" : grade < 90 ? "M" : "C";
        printf("%d\t%d\t%d\t%d\t%u\t%s\t", below(100) < 2, below(100) < 5, below(100) < 3,
            below(100) < 4, below(6), grade < 97 ? tax : "D");
        printf("%u\t%d\t%u\t%u\t%u\n", below(80000), below(10) < 1, below(10) < 6 ? 0 : below(4),
            below(4), below(12));
    }
}

/* Each row has a place of its own by the first three columns; the others let it pass. */
static void make_table(unsigned rows)
{
    puts("code\tamount\tclass\tdays\tactive\tgrade\trule");
    for (unsigned i = 0; i < rows; i++) {
        unsigned amount = i / 50 % 20 * 10;
        printf("\"K%02u\"\t[%u..%u)\t\"class %u\"\t< %u\ttrue\t\"A\", \"B\"\t%u\n", i % 50, amount,
            amount + 10, i / 1000, 1000 + i % 7, i + 1);
    }
}

static void make_probes(unsigned rows)
{
    puts("code\tamount\tclass\tdays\tactive\tgrade");
    for (unsigned i = 0; i < rows; i += rows - 1) {
        printf("K%02u\t%u\tclass %u\t30\ttrue\tB\n", i % 50, i / 50 % 20 * 10 + 5, i / 1000);
    }
}

/* --- reading them ------------------------------------------------------------------ */

/* The cells of the next line; 0 at the end of the file. */
static size_t read_line(FILE *file, char *line, char *cells[COLUMNS_MAX])
{
    size_t count = 0;
    if (fgets(line, LINE_BYTES, file) == NULL) { return 0; }
    line[strcspn(line, "\n")] = '\0';
    for (char *cell = line; cell != NULL && count < COLUMNS_MAX;) {
        char *tab = strchr(cell, '\t');
        if (tab != NULL) { *tab++ = '\0'; }
        cells[count++] = cell;
        cell = tab;
    }
    return count;
}

static FILE *open_file(const char *path, const char *mode)
{
    FILE *file = fopen(path, mode);
    if (file == NULL) { die(path, "cannot be opened"); }
    return file;
}

typedef struct bench {
    cr_arena arena;
    credit_span names[COLUMNS_MAX];
    size_t input_count;
    cr_source_rule *rules;
    size_t rule_count;
    cr_model *explained; /* rows are told */
    cr_model *alone;     /* the value alone */
    cr_eval *eval;
    cr_feel_value *facts; /* input_count for each */
    size_t fact_count;
    credit_error err;
} bench;

static cr_source_text keep(bench *b, const char *text, uint64_t line)
{
    return (cr_source_text){cr_arena_span(&b->arena, cr_span_of(text)), line};
}

static void read_table(bench *b, const char *path)
{
    char line[LINE_BYTES], *cells[COLUMNS_MAX];
    FILE *file = open_file(path, "r");
    size_t count = read_line(file, line, cells);
    if (count < 2) { die(path, "has no header"); }
    b->input_count = count - 1;
    for (size_t i = 0; i < count; i++) { b->names[i] = keep(b, cells[i], 1).text; }
    b->rules = room(RULES_MAX, sizeof *b->rules);
    while (read_line(file, line, cells) == count && b->rule_count < RULES_MAX) {
        cr_source_text *texts = cr_arena_array(&b->arena, count, sizeof *texts);
        if (texts == NULL) { die("memory", "there is none"); }
        uint64_t number = b->rule_count + 2;
        for (size_t i = 0; i < count; i++) { texts[i] = keep(b, cells[i], number); }
        b->rules[b->rule_count++] = (cr_source_rule){
            .id = CR_SPAN("r"), .line = number, .tests = texts, .outputs = texts + b->input_count};
    }
    fclose(file);
}

static void compile(bench *b)
{
    cr_source_column inputs[COLUMNS_MAX] = {0}, output = {.name = CR_SPAN("tier")};
    cr_source_input model_inputs[COLUMNS_MAX] = {0};
    credit_error err = CREDIT_ERROR_INIT;
    for (size_t i = 0; i < b->input_count; i++) {
        inputs[i].expression = (cr_source_text){b->names[i], 1};
        model_inputs[i] = (cr_source_input){.id = b->names[i], .name = b->names[i], .line = 1};
    }
    cr_source_table table = {.policy = CR_HIT_FIRST, .inputs = inputs, .outputs = &output};
    table.input_count = b->input_count;
    table.output_count = 1;
    table.rules = b->rules;
    table.rule_count = b->rule_count;
    cr_box box = {.kind = CR_BOX_TABLE, .line = 1, .table = &table};
    cr_source_decision decision = {.id = CR_SPAN("d"), .name = CR_SPAN("d"), .box = &box};
    decision.requires = b->names;
    decision.require_count = b->input_count;
    cr_model_source source = {.inputs = model_inputs, .decisions = &decision, .decision_count = 1};
    source.input_count = b->input_count;
    credit_result rc = cr_model_compile(&source, NULL, &b->explained, &err);
    if (rc == CREDIT_OK) { rc = cr_model_narrow(b->explained, 0, NULL, 0, &b->alone, &err); }
    if (rc == CREDIT_OK) { rc = cr_eval_new(b->explained, &b->eval, &err); }
    if (rc != CREDIT_OK) { die("the table", err.message); }
}

static cr_feel_value value_of(bench *b, const char *text)
{
    char *end;
    long number = strtol(text, &end, 10);
    if (*text != '\0' && *end == '\0') { return cr_feel_integer(number); }
    if (strcmp(text, "true") == 0) { return cr_feel_boolean(true); }
    if (strcmp(text, "false") == 0) { return cr_feel_boolean(false); }
    return cr_feel_string(keep(b, text, 1).text);
}

static void read_facts(bench *b, const char *path)
{
    char line[LINE_BYTES], *cells[COLUMNS_MAX];
    FILE *file = open_file(path, "r");
    if (read_line(file, line, cells) != b->input_count) { die(path, "has other columns"); }
    b->facts = room(FACTS_MAX * b->input_count, sizeof *b->facts);
    while (b->fact_count < FACTS_MAX && read_line(file, line, cells) == b->input_count) {
        cr_feel_value *fact = b->facts + b->fact_count++ * b->input_count;
        for (size_t i = 0; i < b->input_count; i++) { fact[i] = value_of(b, cells[i]); }
    }
    fclose(file);
    if (b->fact_count == 0) { die(path, "has no facts"); }
}

/* --- running --------------------------------------------------------------------- */

static int64_t decide(bench *b, const cr_model *model, size_t fact, size_t *rows)
{
    const cr_matched_row *matched;
    cr_feel_value value;
    int64_t answer;
    cr_eval_use(b->eval, model, NULL);
    cr_eval_set_all(b->eval, b->facts + fact * b->input_count);
    if (cr_eval_decide(b->eval, 0, &value, &b->err) != CREDIT_OK) {
        die("a decision", b->err.message);
    }
    if (model == b->explained) { *rows += cr_eval_rows(b->eval, 0, &matched); }
    if (!cr_feel_to_integer(value, &answer)) { die("a decision", "gave no number"); }
    return answer;
}

static void write_answers(bench *b, const char *path)
{
    size_t rows = 0;
    FILE *file = open_file(path, "w");
    for (size_t i = 0; i < b->fact_count; i++) {
        int64_t answer = decide(b, b->alone, i, &rows);
        if (decide(b, b->explained, i, &rows) != answer) { die("the two ways", "differ"); }
        fprintf(file, "%" PRId64 "\n", answer);
    }
    if (rows != b->fact_count) { die("a decision", "has no rule"); }
    if (fclose(file) != 0) { die(path, "cannot be written"); }
}

static void run_for(bench *b, const char *way, const cr_model *model, double seconds)
{
    size_t made = 0, rows = 0, fact = 0;
    int64_t sum = 0;
    double started = seconds_now(), taken = 0;
    for (; taken < seconds; taken = seconds_now() - started) {
        for (unsigned i = 0; i < 1000; i++, made++) {
            sum += decide(b, model, fact, &rows);
            fact = fact + 1 == b->fact_count ? 0 : fact + 1;
        }
    }
    printf("%s %zu %.6f %" PRId64 "\n", way, made, taken, sum);
}

int main(int argc, char **argv)
{
    static bench b = {.arena = CR_ARENA_INIT, .err = CREDIT_ERROR_INIT};
    unsigned count = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
    if (count > 1 && strcmp(argv[1], "facts") == 0) {
        make_facts(count);
        return 0;
    }
    if (count > 1 && strcmp(argv[1], "table") == 0) {
        make_table(count);
        return 0;
    }
    if (count > 1 && strcmp(argv[1], "probes") == 0) {
        make_probes(count);
        return 0;
    }
    if (argc != 6 || strcmp(argv[1], "run") != 0) {
        fprintf(stderr, "usage: rules_bench facts COUNT | table ROWS | probes ROWS | "
                        "run TABLE FACTS ANSWERS SECONDS\n");
        return 2;
    }
    read_table(&b, argv[2]);
    compile(&b);
    read_facts(&b, argv[3]);
    write_answers(&b, argv[4]);
    run_for(&b, "value", b.alone, strtod(argv[5], NULL));
    run_for(&b, "reasons", b.explained, strtod(argv[5], NULL));
    cr_eval_free(b.eval);
    cr_model_free(b.alone);
    cr_model_free(b.explained);
    cr_arena_release(&b.arena);
    free(b.facts);
    free(b.rules);
    return 0;
}
