/* The table of rules.tsv in CLIPS: see rules_bench.c.
 *
 * clips_bench TABLE FACTS ANSWERS SECONDS
 *
 * A row is a rule, an earlier one more salient; the rule that fires takes the fact back
 * and leaves its answer in a global. That is the least that a first hit takes: no
 * duplicate check, no result fact. */
#include <clips/clips.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { COLUMNS_MAX = 16, FACTS_MAX = 100000, LINE_BYTES = 4096 };

typedef struct cell {
    bool word;
    long long number;
    void *symbol; /* CLIPS's own */
} cell;

typedef struct bench {
    void *env, *facts_of, *answer;
    char names[COLUMNS_MAX][64];
    size_t input_count;
    cell *facts;
    size_t fact_count;
} bench;

static void die(const char *what, const char *why)
{
    fprintf(stderr, "clips_bench: %s: %s\n", what, why);
    exit(3);
}

static double seconds_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* The cells of the next line; 0 at the end of the file. */
static size_t read_line(FILE *file, char *line, char *cells[COLUMNS_MAX])
{
    size_t count = 0;
    if (fgets(line, LINE_BYTES, file) == NULL) { return 0; }
    line[strcspn(line, "\n")] = '\0';
    for (char *at = line; at != NULL && count < COLUMNS_MAX;) {
        char *tab = strchr(at, '\t');
        if (tab != NULL) { *tab++ = '\0'; }
        cells[count++] = at;
        at = tab;
    }
    return count;
}

static FILE *open_file(const char *path, const char *mode)
{
    FILE *file = fopen(path, mode);
    if (file == NULL) { die(path, "cannot be opened"); }
    return file;
}

/* --- the table as rules ------------------------------------------------------------ */

/* A FEEL test as a pattern: "A", "B" is A|B, >= 3 is ?v&:(>= ?v 3), 0 is 0. */
static void add_pattern(char *out, size_t size, const char *name, const char *test)
{
    size_t at = strlen(out);
    char operation[4];
    long number;
    if (sscanf(test, "%3[<>=] %ld", operation, &number) == 2) {
        snprintf(
            out + at, size - at, " (%s ?%s&:(%s ?%s %ld))", name, name, operation, name, number);
        return;
    }
    at += (size_t)snprintf(out + at, size - at, " (%s ", name);
    for (const char *c = test; *c != '\0' && at + 3 < size; c++) {
        if (*c == ',') { out[at++] = '|'; }
        if (*c != ',' && *c != '"' && *c != ' ') { out[at++] = *c; }
    }
    snprintf(out + at, size - at, ")");
}

static void build(bench *b, const char *construct)
{
    if (!EnvBuild(b->env, construct)) { die("CLIPS refuses", construct); }
}

static void build_rules(bench *b, const char *path)
{
    char line[LINE_BYTES], rule[LINE_BYTES] = "(deftemplate f", *cells[COLUMNS_MAX];
    FILE *file = open_file(path, "r");
    size_t count = read_line(file, line, cells), row = 0;
    if (count < 2) { die(path, "has no header"); }
    b->input_count = count - 1;
    for (size_t i = 0; i < b->input_count; i++) {
        snprintf(b->names[i], sizeof b->names[i], "%s", cells[i]);
        size_t at = strlen(rule);
        snprintf(rule + at, sizeof rule - at, " (slot %s)", cells[i]);
    }
    strcat(rule, ")");
    build(b, rule);
    build(b, "(defglobal ?*answer* = -1)");
    for (; read_line(file, line, cells) == count; row++) {
        snprintf(rule, sizeof rule, "(defrule r%zu (declare (salience %d)) ?x <- (f", row,
            9999 - (int)row);
        for (size_t i = 0; i < b->input_count; i++) {
            if (strcmp(cells[i], "-") != 0) {
                add_pattern(rule, sizeof rule, b->names[i], cells[i]);
            }
        }
        size_t at = strlen(rule);
        snprintf(rule + at, sizeof rule - at, ") => (retract ?x) (bind ?*answer* %s))",
            cells[b->input_count]);
        build(b, rule);
    }
    fclose(file);
}

static void open_clips(bench *b, const char *table)
{
    b->env = CreateEnvironment();
    if (b->env == NULL) { die("CLIPS", "no environment"); }
    build_rules(b, table);
    EnvSetFactDuplication(b->env, TRUE);
    EnvSetResetGlobals(b->env, FALSE);
    EnvReset(b->env);
    b->facts_of = EnvFindDeftemplate(b->env, "f");
    b->answer = EnvFindDefglobal(b->env, "answer");
}

/* --- facts ----------------------------------------------------------------------- */

static void read_facts(bench *b, const char *path)
{
    char line[LINE_BYTES], *cells[COLUMNS_MAX], *end;
    FILE *file = open_file(path, "r");
    b->facts = calloc(FACTS_MAX * b->input_count, sizeof *b->facts);
    if (b->facts == NULL || read_line(file, line, cells) != b->input_count) {
        die(path, "has other columns");
    }
    while (b->fact_count < FACTS_MAX && read_line(file, line, cells) == b->input_count) {
        for (size_t i = 0; i < b->input_count; i++) {
            cell *c = &b->facts[b->fact_count * b->input_count + i];
            c->number = strtoll(cells[i], &end, 10);
            c->word = *end != '\0';
            if (c->word) {
                c->symbol = EnvAddSymbol(b->env, cells[i]);
                IncrementSymbolCount(c->symbol);
            }
        }
        b->fact_count++;
    }
    fclose(file);
}

static long long decide(bench *b, size_t fact)
{
    DATA_OBJECT value;
    void *asserted = EnvCreateFact(b->env, b->facts_of);
    for (size_t i = 0; i < b->input_count; i++) {
        const cell *c = &b->facts[fact * b->input_count + i];
        SetType(value, c->word ? SYMBOL : INTEGER);
        SetValue(value, c->word ? c->symbol : EnvAddLong(b->env, c->number));
        EnvPutFactSlot(b->env, asserted, b->names[i], &value);
    }
    EnvAssert(b->env, asserted);
    EnvRun(b->env, -1);
    EnvGetDefglobalValue(b->env, "answer", &value);
    return ValueToLong(value.value);
}

int main(int argc, char **argv)
{
    if (argc != 5) {
        fprintf(stderr, "usage: clips_bench TABLE FACTS ANSWERS SECONDS\n");
        return 2;
    }
    static bench b;
    size_t made = 0, fact = 0;
    long long sum = 0;
    open_clips(&b, argv[1]);
    read_facts(&b, argv[2]);
    FILE *answers = open_file(argv[3], "w");
    for (size_t i = 0; i < b.fact_count; i++) { fprintf(answers, "%lld\n", decide(&b, i)); }
    fclose(answers);
    double started = seconds_now(), taken = 0, seconds = strtod(argv[4], NULL);
    for (; taken < seconds; taken = seconds_now() - started) {
        for (unsigned i = 0; i < 1000; i++, made++) {
            sum += decide(&b, fact);
            fact = fact + 1 == b.fact_count ? 0 : fact + 1;
        }
    }
    printf("clips %zu %.6f %lld\n", made, taken, sum);
    DestroyEnvironment(b.env);
    free(b.facts);
    return 0;
}
