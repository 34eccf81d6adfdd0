/* The rules V01 to V28 of the shipped pack, each on both sides of its line, through
 * the public interface: a row of a sample, changed in a column or two, and what a
 * pre-check or an import makes of it. The cases are data: tests/cases/vrules.tsv. */
#include <credit/credit.h>

#include <jansson.h>

#include "tests/support/cases.h"
#include "tests/support/scratch.h"
#include "tests/support/suite.h"

enum { RULES = 28, TEXT = 8192, CELLS = 64 };

static credit_pack *pack;
static credit_instant now;
static credit_date today;
static size_t wrong;

static const char *in_source(const char *name)
{
    static char path[1024];
    snprintf(path, sizeof path, "%s/%s", getenv("CREDIT_SOURCE"), name);
    return path;
}

static void setup(void)
{
    credit_error err = CREDIT_ERROR_INIT;
    make_scratch();
    ck_assert_int_eq(credit_instant_parse("2026-11-23T02:00:00Z", &now, NULL), CREDIT_OK);
    today = credit_date_of(now);
    ck_assert_msg(
        credit_pack_open(in_source("packs/jingzhou"), &pack, &err) == CREDIT_OK, "%s", err.message);
    wrong = 0;
}

static void teardown(void)
{
    credit_pack_close(pack);
    remove_scratch();
}

/* ---- rows ------------------------------------------------------------------------- */

/* A line of a sample, cut at its commas: samples have no quotes. */
typedef struct cut_line {
    char text[TEXT];
    char *cells[CELLS];
    size_t count;
} cut_line;

static void cut(cut_line *line)
{
    line->text[strcspn(line->text, "\n")] = '\0';
    ck_assert_ptr_null(strchr(line->text, '"'));
    line->count = 0;
    for (char *at = line->text; at != NULL; line->count++) {
        ck_assert_uint_lt(line->count, CELLS);
        line->cells[line->count] = at;
        at = strchr(at, ',');
        if (at != NULL) { *at++ = '\0'; }
    }
}

/* "NAME:N": the header and the N-th row of a sample. */
static void read_sample(const char *place, cut_line *header, cut_line *row)
{
    char name[256];
    const char *number = strchr(place, ':');
    ck_assert_ptr_nonnull(number);
    snprintf(name, sizeof name, "tests/samples/%.*s.csv", (int)(number - place), place);
    FILE *file = fopen(in_source(name), "r");
    ck_assert_msg(file != NULL, "no %s", name);
    ck_assert_ptr_nonnull(fgets(header->text, TEXT, file));
    for (int i = atoi(number + 1); i > 0; i--) {
        ck_assert_ptr_nonnull(fgets(row->text, TEXT, file));
    }
    fclose(file);
    cut(header);
    cut(row);
    ck_assert_uint_eq(header->count, row->count);
}

/* "COLUMN=VALUE|…": columns that the sample lacks come behind the others. */
static void change(cut_line *header, cut_line *row, char *changes)
{
    for (char *at = changes; at != NULL && strcmp(changes, "-") != 0;) {
        char *next = strchr(at, '|'), *value = strchr(at, '=');
        if (next != NULL) { *next++ = '\0'; }
        ck_assert_msg(value != NULL, "no value in %s", at);
        *value++ = '\0';
        size_t i = 0;
        while (i < header->count && strcmp(header->cells[i], at) != 0) { i++; }
        if (i == header->count) { header->cells[header->count++] = at; }
        row->cells[i] = value;
        row->count = header->count;
        at = next;
    }
}

static const char *write_row(const char *name, const cut_line *header, const cut_line *row)
{
    const char *path = in_scratch(name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    for (size_t i = 0; i < header->count; i++) {
        fprintf(file, "%s%s", i > 0 ? "," : "", header->cells[i]);
    }
    fputc('\n', file);
    for (size_t i = 0; i < row->count; i++) {
        fprintf(file, "%s\"%s\"", i > 0 ? "," : "", row->cells[i]);
    }
    fputc('\n', file);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

/* ---- what they come to ----------------------------------------------------------------- */

static void put_count(char *out, const char *name, uint64_t count)
{
    snprintf(out + strlen(out), TEXT - strlen(out), " %s=%llu", name, (unsigned long long)count);
}

/* Adds "E V01 COLUMN" to a list; nobody's number may stand in a message. */
static int keep_finding(void *ctx, const char *text, size_t size)
{
    char *out = ctx;
    json_t *finding = json_loadb(text, size, 0, NULL);
    ck_assert_ptr_nonnull(finding);
    const char *severity = json_string_value(json_object_get(finding, "severity"));
    ck_assert_ptr_null(strstr(json_string_value(json_object_get(finding, "message")), "19900307"));
    snprintf(out + strlen(out), TEXT - strlen(out), "%s%s %s %s", out[0] == '\0' ? "" : ",",
        strcmp(severity, "error") == 0 ? "E" : "W",
        json_string_value(json_object_get(finding, "rule")),
        json_string_value(json_object_get(finding, "field")));
    json_decref(finding);
    return 0;
}

static void check_row(const char *path, char *findings, char *counts)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_file_check check;
    findings[0] = counts[0] = '\0';
    credit_result rc =
        credit_catalog_check(pack, path, NULL, today, keep_finding, findings, &check, &err);
    ck_assert_msg(rc == CREDIT_OK, "%s", err.message);
    if (findings[0] == '\0') { strcpy(findings, "-"); }
    put_count(counts, "rows", check.rows);
    put_count(counts, "accepted", check.accepted);
    put_count(counts, "late", check.late);
}

static credit_import_summary import_file(credit_store *store, const char *path)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_import_summary summary;
    credit_import_options options = CREDIT_IMPORT_OPTIONS_INIT;
    options.now = now;
    credit_result rc = credit_import(store, path, &options, &summary, &err);
    ck_assert_msg(rc == CREDIT_OK, "%s", err.message);
    return summary;
}

static int keep_parking_rule(void *ctx, const char *text, size_t size)
{
    char *counts = ctx;
    json_t *waiting = json_loadb(text, size, 0, NULL);
    ck_assert_ptr_nonnull(waiting);
    snprintf(counts + strlen(counts), TEXT - strlen(counts), " %s",
        json_string_value(json_object_get(waiting, "rule")));
    json_decref(waiting);
    return 0;
}

/* The changed row behind the row as it was, in a store of their own. */
static void import_row(const char *before, const char *path, char *counts)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_store_options options = CREDIT_STORE_OPTIONS_INIT;
    credit_store *store = NULL;
    char packs[1024], name[32];
    static int number;
    snprintf(name, sizeof name, "s%d", number++);
    snprintf(packs, sizeof packs, "%s", in_source("packs/jingzhou"));
    options.pack = packs;
    options.suite = "p256";
    options.now = now;
    const char *directory = in_scratch(name);
    credit_result rc = credit_store_init(directory, &options, &err);
    ck_assert_msg(rc == CREDIT_OK, "%s", err.message);
    ck_assert_int_eq(credit_store_open(directory, NULL, &store, &err), CREDIT_OK);
    credit_import_summary first = import_file(store, before);
    ck_assert_uint_eq(first.added, 1);
    credit_import_summary s = import_file(store, path);
    strcpy(counts, "import");
    put_count(counts, "added", s.added);
    put_count(counts, "updated", s.updated);
    put_count(counts, "unchanged", s.unchanged);
    put_count(counts, "withdrawn", s.withdrawn);
    put_count(counts, "parked", s.parked);
    put_count(counts, "warnings", s.warnings);
    ck_assert_int_eq(credit_parked_list(store, keep_parking_rule, counts, NULL), CREDIT_OK);
    credit_store_close(store);
}

/* Does every word of `wanted` stand in `found`? */
static int has_words(const char *found, const char *wanted)
{
    char words[TEXT], around[TEXT + 2], word[TEXT + 2], *rest = NULL;
    snprintf(words, sizeof words, "%s", wanted);
    snprintf(around, sizeof around, " %s ", found);
    for (char *at = strtok_r(words, " ", &rest); at != NULL; at = strtok_r(NULL, " ", &rest)) {
        snprintf(word, sizeof word, " %s ", at);
        if (strstr(around, word) == NULL) { return 0; }
    }
    return 1;
}

static void judge_case(const case_file *cases)
{
    enum { RULE, SIDE, PLACE, CHANGES, WANTED };
    static cut_line header, row;
    static char findings[TEXT], counts[TEXT], changes[TEXT];
    const char *wanted = cases->column[WANTED];
    read_sample(cases->column[PLACE], &header, &row);
    char before[1024];
    snprintf(before, sizeof before, "%s", write_row("before.csv", &header, &row));
    snprintf(changes, sizeof changes, "%s", cases->column[CHANGES]);
    change(&header, &row, changes);
    /* A column's order makes another file of the same content. */
    char *first = row.cells[0], *name = header.cells[0];
    if (strncmp(wanted, "import", 6) == 0) {
        row.cells[0] = row.cells[row.count - 1];
        row.cells[row.count - 1] = first;
        header.cells[0] = header.cells[header.count - 1];
        header.cells[header.count - 1] = name;
    }
    const char *path = write_row("row.csv", &header, &row);
    check_row(path, findings, counts);
    if (strncmp(wanted, "import", 6) == 0) { import_row(before, path, counts); }
    int counted = strchr(wanted, '=') != NULL;
    int right = counted ? has_words(counts, wanted) : strcmp(findings, wanted) == 0;
    if (!right) {
        wrong++;
        fprintf(stderr, "line %d, %s %s, %s: %s, not %s\n", cases->number, cases->column[RULE],
            cases->column[SIDE], cases->column[CHANGES], counted ? counts : findings, wanted);
    }
}

START_TEST(every_rule_holds_on_both_sides_of_its_line)
{
    case_file cases;
    cases_open(&cases, "CREDIT_SOURCE", "tests/cases/vrules.tsv");
    while (cases_next(&cases)) { judge_case(&cases); }
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* ---- the table itself --------------------------------------------------------------------- */

/* Rules that refuse and warn of nothing under their own name: they clean (V21), tell
 * old from new (V23), count (V25), skip (V26) or match under a rule of 11.1 (V07). */
static int speaks(int rule)
{
    return rule != 7 && rule != 21 && rule != 23 && rule != 25 && rule != 26 && rule != 27;
}

START_TEST(every_rule_has_a_row_on_each_side)
{
    case_file cases;
    int at[RULES + 1] = {0}, past[RULES + 1] = {0};
    cases_open(&cases, "CREDIT_SOURCE", "tests/cases/vrules.tsv");
    while (cases_next(&cases)) {
        int rule = atoi(cases.column[0] + 1);
        const char *side = cases.column[1];
        ck_assert_msg(rule >= 1 && rule <= RULES, "line %d: %s", cases.number, cases.column[0]);
        ck_assert(strcmp(side, "at") == 0 || strcmp(side, "past") == 0);
        int *rows = strcmp(side, "at") == 0 ? at : past;
        rows[rule]++;
        int named = strstr(cases.column[4], cases.column[0]) != NULL;
        ck_assert_msg(!speaks(rule) || named == (rows == past), "line %d: %s says %s", cases.number,
            cases.column[0], cases.column[4]);
    }
    for (int rule = 1; rule <= RULES; rule++) {
        ck_assert_msg(at[rule] > 0 && past[rule] > 0, "V%02d has no pair", rule);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rules of validation");
    TCase *rules = tcase_create("rules");
    tcase_set_timeout(rules, 120);
    tcase_add_checked_fixture(rules, setup, teardown);
    tcase_add_test(rules, every_rule_has_a_row_on_each_side);
    tcase_add_test(rules, every_rule_holds_on_both_sides_of_its_line);
    suite_add_tcase(suite, rules);
    return run_suite(suite);
}
