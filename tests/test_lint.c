/* Each kind of finding on a table of a few rows, on both sides of its line. A case is
 * a table written as text: the policy, columns (expression or output: type), rows; and
 * the findings it comes to, "kind row example", one a line. */
#include "tests/support/suite.h"

#include <stdio.h>
#include <string.h>

#include "engine/error.h"
#include "engine/lint.h"
#include "engine/text.h"
#include "loaders/dmn.h"

enum { XML_ROOM = 64 << 10, FOUND_ROOM = 4096 };

typedef struct table_case {
    const char *name;
    const char *policy; /* of the decision "t" */
    const char
        *inputs; /* columns by ';' — the inputs are n: number, s: string, b: boolean, d: date */
    const char *outputs; /* "name type" or "name type = listed values" by ';' */
    const char *rows;    /* cells by '|', rows by '/' — annotations come by themselves */
    const char *found;   /* "" : nothing */
} table_case;

/* ---- making a model -------------------------------------------------------------- */

typedef struct text {
    char bytes[XML_ROOM];
    size_t size;
} text;

static void put(text *t, const char *bytes, size_t size)
{
    ck_assert_uint_lt(t->size + size, XML_ROOM);
    memcpy(t->bytes + t->size, bytes, size);
    t->size += size;
    t->bytes[t->size] = '\0';
}

static void puts_to(text *t, const char *bytes)
{
    put(t, bytes, strlen(bytes));
}

/* FEEL within XML, without the blanks around it. */
static void put_feel(text *t, const char *bytes, size_t size)
{
    while (size > 0 && *bytes == ' ') {
        bytes++;
        size--;
    }
    while (size > 0 && bytes[size - 1] == ' ') { size--; }
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] == '<') {
            puts_to(t, "&lt;");
        } else {
            put(t, bytes + i, 1);
        }
    }
}

/* Calls `each` with the parts between separators. */
static void split(
    const char *list, char separator, void (*each)(text *, const char *, size_t), text *t)
{
    while (*list != '\0') {
        size_t size = strcspn(list, (char[]){separator, '\0'});
        each(t, list, size);
        list += size + (list[size] != '\0');
    }
}

static void put_input(text *t, const char *column, size_t size)
{
    puts_to(t, "<input><inputExpression><text>");
    put_feel(t, column, size);
    puts_to(t, "</text></inputExpression></input>");
}

static void put_output(text *t, const char *column, size_t size)
{
    const char *listed = memchr(column, '=', size);
    size_t head = listed == NULL ? size : (size_t)(listed - column);
    size_t name = strcspn(column, " ");
    puts_to(t, "<output name=\"");
    put(t, column, name);
    puts_to(t, "\" typeRef=\"");
    put_feel(t, column + name, head - name);
    puts_to(t, "\">");
    if (listed != NULL) {
        puts_to(t, "<outputValues><text>");
        put_feel(t, listed + 1, size - head - 1);
        puts_to(t, "</text></outputValues>");
    }
    puts_to(t, "</output>");
}

static size_t inputs_left;

static void put_cell(text *t, const char *cell, size_t size)
{
    const char *tag = inputs_left > 0 ? "inputEntry" : "outputEntry";
    if (inputs_left > 0) { inputs_left--; }
    puts_to(t, "<");
    puts_to(t, tag);
    puts_to(t, "><text>");
    put_feel(t, cell, size);
    puts_to(t, "</text></");
    puts_to(t, tag);
    puts_to(t, ">");
}

static size_t input_count;

static void put_row(text *t, const char *row, size_t size)
{
    char cells[512];
    ck_assert_uint_lt(size, sizeof cells);
    memcpy(cells, row, size);
    cells[size] = '\0';
    inputs_left = input_count;
    puts_to(t, "\n<rule>");
    split(cells, '|', put_cell, t);
    puts_to(t, "<annotationEntry><text>R1</text></annotationEntry><annotationEntry><text>why"
               "</text></annotationEntry><annotationEntry><text>law</text></annotationEntry>"
               "</rule>");
}

static void make_model(text *t, const table_case *c)
{
    static const char *const types[][2] = {
        {"n", "number"}, {"s", "string"}, {"b", "boolean"}, {"d", "date"}};
    puts_to(t, "<definitions xmlns=\"https://www.omg.org/spec/DMN/20191111/MODEL/\">");
    for (size_t i = 0; i < 4; i++) {
        char input[200];
        snprintf(input, sizeof input,
            "<inputData id=\"%s\" name=\"%s\"><variable typeRef=\"%s\"/></inputData>", types[i][0],
            types[i][0], types[i][1]);
        puts_to(t, input);
    }
    puts_to(t, "<decision id=\"t\" name=\"t\">");
    for (size_t i = 0; i < 4; i++) {
        char need[120];
        snprintf(need, sizeof need,
            "<informationRequirement><requiredInput href=\"#%s\"/></informationRequirement>",
            types[i][0]);
        puts_to(t, need);
    }
    puts_to(t, "<decisionTable hitPolicy=\"");
    puts_to(t, c->policy);
    puts_to(t, "\">");
    split(c->inputs, ';', put_input, t);
    split(c->outputs, ';', put_output, t);
    puts_to(
        t, "<annotation name=\"rule\"/><annotation name=\"text\"/><annotation name=\"basis\"/>");
    input_count = 1;
    for (const char *p = c->inputs; *p != '\0'; p++) { input_count += *p == ';'; }
    split(c->rows, '/', put_row, t);
    puts_to(t, "</decisionTable></decision></definitions>");
}

/* ---- what is found ----------------------------------------------------------------- */

typedef struct findings {
    char lines[FOUND_ROOM];
    size_t size;
} findings;

static credit_result keep(void *ctx, const cr_lint_finding *finding, credit_error *err)
{
    findings *f = ctx;
    int written =
        snprintf(f->lines + f->size, FOUND_ROOM - f->size, "%s%s%s", f->size > 0 ? "\n" : "",
            finding->severity == CR_LINT_NOTE ? "note " : "", cr_lint_kind_word(finding->kind));
    (void)err;
    f->size += (size_t)written;
    if (finding->row > 0) {
        f->size += (size_t)snprintf(f->lines + f->size, FOUND_ROOM - f->size, " %u", finding->row);
    }
    if (finding->example.size > 0) {
        f->size += (size_t)snprintf(f->lines + f->size, FOUND_ROOM - f->size, " %.*s",
            (int)finding->example.size, finding->example.data);
    }
    ck_assert_uint_gt(strlen(finding->text), 0);
    ck_assert_uint_gt(strlen(finding->chinese), 0);
    return CREDIT_OK;
}

static void lint_text(const char *xml, size_t size, findings *found)
{
    credit_error err = CREDIT_ERROR_INIT;
    cr_model *model = NULL;
    memset(found, 0, sizeof *found);
    ck_assert_msg(cr_dmn_load((credit_span){xml, size}, "m.dmn", NULL, &model, &err) == CREDIT_OK,
        "%s", err.message);
    ck_assert_int_eq(cr_lint_model(model, NULL, keep, found, &err), CREDIT_OK);
    cr_model_free(model);
}

/* Inputs may be null: the cases have a row for null unless they are about that. */
static const table_case cases[] = {
    /* clang-format off */
    {"limits that meet leave nothing out", "UNIQUE", "n", "o string",
        "< 10 | \"a\" / >= 10 | \"b\" / null | \"c\"", ""},
    {"limits that do not meet leave the limit out", "UNIQUE", "n", "o string",
        "< 10 | \"a\" / > 10 | \"b\" / null | \"c\"", "gap {\"n\":10}"},
    {"a gap between two numbers is seen", "UNIQUE", "n", "o string",
        "< 10 | \"a\" / >= 10.5 | \"b\" / null | \"c\"", "gap {\"n\":10}"},
    {"a gap of a day is seen", "UNIQUE", "d", "o string",
        "< date(\"2026-04-01\") | \"a\" / > date(\"2026-04-01\") | \"b\" / null | \"c\"",
        "gap {\"d\":\"2026-04-01\"}"},
    {"days that meet leave none out", "UNIQUE", "d", "o string",
        "< date(\"2026-04-01\") | \"a\" / >= date(\"2026-04-01\") | \"b\" / null | \"c\"", ""},
    {"another word is left out", "FIRST", "s", "o string",
        "\"x\" | \"a\" / null | \"c\"", "gap {\"s\":\"（其他）\"}"},
    {"a last row takes what is left", "FIRST", "s", "o string",
        "\"x\" | \"a\" / null | \"c\" / - | \"b\"", ""},
    {"the corner of two columns is left out", "UNIQUE", "n; b", "o string",
        "< 1 | - | \"a\" / >= 1 | true | \"b\" / null | - | \"c\" / >= 1 | null | \"d\"",
        "gap {\"n\":1,\"b\":false}"},
    {"collecting, no row is no entry", "COLLECT", "n", "o string",
        "> 10 | \"a\" / null | \"c\"", ""},
    {"both rows take the limit", "UNIQUE", "n", "o string",
        "<= 10 | \"a\" / >= 10 | \"b\" / null | \"c\"", "overlap 2 {\"n\":10}"},
    {"rows that overlap and agree", "ANY", "n", "o string",
        "<= 10 | \"a\" / >= 10 | \"a\" / null | \"c\"", ""},
    {"rows that overlap and disagree", "ANY", "n", "o string",
        "<= 10 | \"a\" / >= 10 | \"b\" / null | \"c\"", "overlap 2 {\"n\":10}"},
    {"the first row hides the second", "FIRST", "n", "o string",
        "> 5 | \"a\" / > 6 | \"b\" / - | \"c\" / null | \"d\"",
        "unreachable 2 {\"n\":7}\nunreachable 4 {\"n\":null}"},
    {"the first row leaves something to the second", "FIRST", "n", "o string",
        "> 6 | \"a\" / > 5 | \"b\" / null | \"d\" / - | \"c\"", ""},
    {"two rows together hide the third", "FIRST", "n", "o string",
        "> 5 | \"a\" / <= 5 | \"b\" / null | \"c\" / [1..9] | \"d\"", "unreachable 4 {\"n\":5}"},
    {"a better row hides a worse one", "PRIORITY", "n", "o string = \"hi\", \"lo\"",
        "> 6 | \"lo\" / > 5 | \"hi\" / <= 5 | \"lo\" / null | \"lo\"", "unreachable 1 {\"n\":7}"},
    {"a worse row hides nothing", "PRIORITY", "n", "o string = \"hi\", \"lo\"",
        "> 6 | \"hi\" / > 5 | \"lo\" / <= 5 | \"lo\" / null | \"lo\"", ""},
    {"no value meets the cell", "COLLECT", "n > 1", "o string",
        "\"yes\" | \"a\" / true | \"b\" / null | \"c\"",
        "type 1\nunreachable 1"},
    {"null is asked for by nobody", "FIRST", "n", "o string",
        "> 5 | \"a\" / - | \"b\"", "null_row {\"n\":null}"},
    {"not the one value is null too", "FIRST", "b", "o string",
        "not(true) | \"a\" / - | \"b\"", ""},
    {"a comparison of what may be null may be null", "FIRST", "n > 5", "o string",
        "true | \"a\" / - | \"b\"", "null_row {\"n > 5\":null}"},
    {"a comparison guarded by null is not", "FIRST", "n != null and n > 5", "o string",
        "true | \"a\" / - | \"b\"", ""},
    {"a number is asked as a text", "FIRST", "n", "o string",
        "\"5\" | \"a\" / null | \"c\" / - | \"b\"", "type 1"},
    {"an output of another type", "FIRST", "b", "o string",
        "true | 5 / null | \"c\" / - | \"b\"", "type 1"},
    {"an output that is not listed", "FIRST", "b", "o string = \"a\", \"b\"",
        "true | \"x\" / null | \"a\" / - | \"b\"", "word 1"},
    {"a column that no row asks", "FIRST", "b; s", "o string",
        "true | - | \"a\" / null | - | \"c\" / - | - | \"b\"", "unused"},
    {"a cell that rests on another column is not proved", "UNIQUE", "n; d", "o string",
        "< d.day | - | \"a\" / >= 10 | - | \"b\" / null | null | \"c\"",
        "note gap\nnote overlap 2\nnote overlap 3"},
    /* clang-format on */
};

START_TEST(each_finding_on_both_sides_of_its_line)
{
    const table_case *c = &cases[_i];
    text xml = {.size = 0};
    findings found;
    make_model(&xml, c);
    lint_text(xml.bytes, xml.size, &found);
    ck_assert_msg(strcmp(found.lines, c->found) == 0, "%s: found\n%s", c->name, found.lines);
}
END_TEST

/* ---- what rows say ------------------------------------------------------------------- */

#define HEAD                                                                                       \
    "<definitions xmlns=\"https://www.omg.org/spec/DMN/20191111/MODEL/\"><decision id=\"t\" "      \
    "name=\"t\"><decisionTable><input><inputExpression><text>1 = 1</text></inputExpression>"       \
    "</input><output name=\"o\" typeRef=\"string\"/>"
#define COLUMNS "<annotation name=\"rule\"/><annotation name=\"text\"/><annotation name=\"basis\"/>"
#define ROW(id, test)                                                                              \
    "<rule id=\"" id "\"><inputEntry><text>" test "</text></inputEntry>"                           \
    "<outputEntry><text>\"a\"</text></outputEntry>"
#define SAYS(words) "<annotationEntry><text>" words "</text></annotationEntry>"
#define TAIL "</decisionTable></decision></definitions>"

static const struct {
    const char *xml, *found;
} said[] = {
    {HEAD COLUMNS ROW("x", "true") SAYS("R") SAYS("t") SAYS("b") "</rule>" ROW("y", "false")
            SAYS("R") SAYS("t") SAYS("b") "</rule>" TAIL,
        ""},
    {HEAD COLUMNS ROW("x", "true") SAYS("R") SAYS("t") SAYS(" ") "</rule>" ROW("y", "false")
            SAYS("R") SAYS("t") SAYS("b") "</rule>" TAIL,
        "annotation 1"},
    {HEAD "<annotation name=\"rule\"/><annotation name=\"text\"/>" ROW("x", "-") SAYS("R")
            SAYS("t") "</rule>" TAIL,
        "annotation 1"},
    {HEAD COLUMNS ROW("x", "true") SAYS("R") SAYS("t") SAYS("b") "</rule>" ROW("x", "false")
            SAYS("R") SAYS("t") SAYS("b") "</rule>" TAIL,
        "row_id 2"},
};

START_TEST(a_row_says_its_rule_and_has_an_id_of_its_own)
{
    findings found;
    lint_text(said[_i].xml, strlen(said[_i].xml), &found);
    ck_assert_str_eq(found.lines, said[_i].found);
}
END_TEST

static credit_result refuse(void *ctx, const cr_lint_finding *finding, credit_error *err)
{
    (void)ctx;
    (void)finding;
    return cr_fail(err, CREDIT_E_IO, "no more");
}

START_TEST(a_sink_that_fails_ends_it)
{
    credit_error err = CREDIT_ERROR_INIT;
    cr_model *model = NULL;
    ck_assert_int_eq(
        cr_dmn_load((credit_span){said[1].xml, strlen(said[1].xml)}, "m.dmn", NULL, &model, &err),
        CREDIT_OK);
    ck_assert_int_eq(cr_lint_model(model, NULL, refuse, NULL, &err), CREDIT_E_IO);
    ck_assert_str_eq(err.message, "no more");
    cr_model_free(model);
}
END_TEST

START_TEST(memory_that_runs_out_is_said)
{
    credit_error err = CREDIT_ERROR_INIT;
    cr_model *model = NULL;
    text xml = {.size = 0};
    findings found = {.size = 0};
    make_model(&xml, &cases[7]);
    ck_assert_int_eq(
        cr_dmn_load((credit_span){xml.bytes, xml.size}, "m.dmn", NULL, &model, &err), CREDIT_OK);
    credit_result rc = CREDIT_E_NOMEM;
    for (uint64_t n = 1; rc != CREDIT_OK && n < 10000; n++) {
        found.size = 0;
        cr_alloc_fail_at(n);
        rc = cr_lint_model(model, NULL, keep, &found, &err);
        cr_alloc_fail_at(0);
        ck_assert(rc == CREDIT_OK || rc == CREDIT_E_NOMEM);
    }
    ck_assert_int_eq(rc, CREDIT_OK);
    ck_assert_str_eq(found.lines, cases[7].found);
    cr_model_free(model);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("lint");
    TCase *tc = tcase_create("findings");
    tcase_add_loop_test(
        tc, each_finding_on_both_sides_of_its_line, 0, (int)(sizeof cases / sizeof *cases));
    tcase_add_loop_test(
        tc, a_row_says_its_rule_and_has_an_id_of_its_own, 0, (int)(sizeof said / sizeof *said));
    tcase_add_test(tc, a_sink_that_fails_ends_it);
    tcase_add_test(tc, memory_that_runs_out_is_said);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
