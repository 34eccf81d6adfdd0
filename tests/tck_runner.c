/* Runs the OMG's DMN conformance cases: every *.xml test file below the given
 * directories against the model beside it, as it is and narrowed to some or all
 * of the case's inputs. Prints a line per failed case, one
 * per file, and a total; fails if any case fails.
 *
 *     tck_runner DIR… */
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "engine/feel_internal.h"
#include "engine/feel_number.h"
#include "loaders/dmn.h"
#include "loaders/xml.h"

typedef struct tally {
    unsigned passed, failed;
} tally;

static char *read_file(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    char *data = NULL;
    *size = 0;
    if (file == NULL) { return NULL; }
    for (size_t room = 1 << 16;; room *= 2) {
        char *more = realloc(data, room);
        if (more == NULL) { break; }
        data = more;
        *size += fread(data + *size, 1, room - *size, file);
        if (*size < room) { break; }
    }
    fclose(file);
    return data;
}

/* --- values ------------------------------------------------------------ */

static cr_feel_value value_of(const cr_xml *node, cr_arena *arena);

static cr_feel_kind kind_of(credit_span type)
{
    static const struct {
        const char *name;
        cr_feel_kind kind;
    } kinds[] = {{"string", CR_FEEL_STRING}, {"boolean", CR_FEEL_BOOLEAN}, {"date", CR_FEEL_DATE},
        {"time", CR_FEEL_TIME}, {"dateTime", CR_FEEL_DATE_TIME},
        {"duration", CR_FEEL_DAYS_DURATION}, {"decimal", CR_FEEL_NUMBER},
        {"double", CR_FEEL_NUMBER}, {"integer", CR_FEEL_NUMBER}, {"int", CR_FEEL_NUMBER}};
    const char *colon = type.size == 0 ? NULL : memchr(type.data, ':', type.size);
    if (colon != NULL) {
        size_t skip = (size_t)(colon - type.data) + 1;
        type = (credit_span){type.data + skip, type.size - skip};
    }
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (cr_span_is(type, kinds[i].name)) { return kinds[i].kind; }
    }
    return CR_FEEL_STRING;
}

static cr_feel_value simple_value(const cr_xml *node)
{
    cr_feel_value value;
    if (cr_span_is(cr_xml_foreign_attribute_of(node, "nil"), "true")) { return cr_feel_null(); }
    cr_feel_kind kind = kind_of(cr_xml_foreign_attribute_of(node, "type"));
    credit_span text = kind == CR_FEEL_STRING ? node->text : cr_span_trim(node->text);
    if (!cr_feel_parse(kind, text, &value) &&
        (kind != CR_FEEL_DAYS_DURATION || !cr_feel_parse(CR_FEEL_MONTHS_DURATION, text, &value))) {
        printf("  unreadable value \"%.*s\"\n", (int)text.size, text.data);
    }
    return value;
}

static cr_feel_value list_value(const cr_xml *list, cr_arena *arena)
{
    cr_feel_value *items = cr_arena_array(arena, cr_xml_count(list, "item"), sizeof *items);
    size_t count = 0;
    for (const cr_xml *item = cr_xml_child(list, "item"); item != NULL;
         item = cr_xml_next(item, "item")) {
        items[count++] = value_of(item, arena);
    }
    return cr_feel_list(items, count);
}

static cr_feel_value context_value(const cr_xml *node, cr_arena *arena)
{
    cr_feel_entry *entries =
        cr_arena_array(arena, cr_xml_count(node, "component"), sizeof *entries);
    size_t count = 0;
    for (const cr_xml *part = cr_xml_child(node, "component"); part != NULL;
         part = cr_xml_next(part, "component")) {
        entries[count].name = cr_xml_attribute_of(part, "name");
        entries[count++].value = value_of(part, arena);
    }
    return cr_feel_context(entries, count);
}

static cr_feel_value value_of(const cr_xml *node, cr_arena *arena)
{
    const cr_xml *list = cr_xml_child(node, "list"), *value = cr_xml_child(node, "value");
    if (list != NULL) { return list_value(list, arena); }
    if (cr_xml_child(node, "component") != NULL) { return context_value(node, arena); }
    return value == NULL ? cr_feel_null() : simple_value(value);
}

/* --- comparing --------------------------------------------------------- */

/* Numbers are compared as the conformance suite writes them: to a relative 1e-8. */
static bool same_number(cr_feel_value a, cr_feel_value b)
{
    char x[CR_NUMBER_TEXT + 1], y[CR_NUMBER_TEXT + 1];
    x[cr_number_print(a, x)] = '\0';
    y[cr_number_print(b, y)] = '\0';
    double p = strtod(x, NULL), q = strtod(y, NULL);
    return fabs(p - q) <= 1e-8 * fmax(1.0, fabs(q));
}

static bool same(cr_eval *eval, cr_feel_value got, cr_feel_value wanted)
{
    if (wanted.kind == CR_FEEL_NUMBER && got.kind == CR_FEEL_NUMBER) {
        return same_number(got, wanted);
    }
    if (wanted.kind == CR_FEEL_LIST && cr_feel_is_list(got)) {
        bool equal = got.n.size == wanted.n.size;
        for (size_t i = 0; equal && i < wanted.n.size; i++) {
            equal = same(eval, cr_feel_item(got, i), cr_feel_item(wanted, i));
        }
        return equal;
    }
    if (wanted.kind == CR_FEEL_CONTEXT && got.kind == CR_FEEL_CONTEXT) {
        bool equal = got.n.size == wanted.n.size;
        for (size_t i = 0; equal && i < wanted.n.size; i++) {
            const cr_feel_entry *entry = &wanted.as.entries[i];
            equal = same(eval, cr_feel_entry_get(got, entry->name), entry->value);
        }
        return equal;
    }
    return got.kind == wanted.kind && cr_equal(eval, got, wanted);
}

/* --- cases ------------------------------------------------------------- */

static void show_errors(const cr_eval *eval)
{
    for (size_t i = 0; i < cr_eval_error_count(eval); i++) {
        int decision;
        credit_span message = cr_eval_error(eval, i, &decision);
        printf("      note: %.*s\n", (int)message.size, message.data);
    }
}

/* Which inputs of a case are known beforehand. */
enum { KNOWN_NONE, KNOWN_ALL, KNOWN_ODD, KNOWN_EVEN, KNOWN_WAYS };

typedef struct test_case {
    const cr_model *model;
    cr_eval *eval;
    const cr_xml *test;
    cr_arena *arena;
    char id[64];
} test_case;

static size_t read_inputs(const test_case *t, cr_known *inputs)
{
    size_t count = 0;
    for (const cr_xml *input = cr_xml_child(t->test, "inputNode"); input != NULL;
         input = cr_xml_next(input, "inputNode")) {
        int index = cr_model_input(t->model, cr_xml_attribute_of(input, "name"));
        inputs[count++] = (cr_known){index, CR_KNOWN_WHOLE, value_of(input, t->arena), NULL};
    }
    return count;
}

static size_t choose_known(const cr_known *inputs, size_t count, int way, cr_known *known)
{
    size_t chosen = 0;
    for (size_t i = 0; i < count; i++) {
        bool odd = i % 2 == 1;
        if (way == KNOWN_ALL || (way == KNOWN_ODD && odd) || (way == KNOWN_EVEN && !odd)) {
            known[chosen++] = inputs[i];
        }
    }
    return chosen;
}

static bool check_value(const test_case *t, int decision, const cr_xml *result, const char *how)
{
    credit_error err = CREDIT_ERROR_INIT;
    const cr_xml *expected = cr_xml_child(result, "expected");
    cr_feel_value got = cr_feel_null();
    cr_feel_value wanted = expected == NULL ? cr_feel_null() : value_of(expected, t->arena);
    if (cr_eval_decide(t->eval, decision, &got, &err) != CREDIT_OK) {
        printf("    %s: %s\n", t->id, err.message);
        return false;
    }
    if (same(t->eval, got, wanted)) { return true; }
    credit_span name = cr_xml_attribute_of(result, "name");
    credit_span a = cr_feel_print(got, t->arena), b = cr_feel_print(wanted, t->arena);
    printf("    %s %.*s%s: %.*s, expected %.*s\n", t->id, (int)name.size, name.data, how,
        (int)a.size, a.data, (int)b.size, b.data);
    show_errors(t->eval);
    return false;
}

/* The result by the model as it is and narrowed, for all decisions and for this one. */
static bool check_result(
    const test_case *t, const cr_xml *result, const cr_known *inputs, cr_known *known, size_t count)
{
    credit_span name = cr_xml_attribute_of(result, "name");
    int decision = cr_model_decision(t->model, name);
    bool passed = decision >= 0;
    if (!passed) { printf("    %s: no decision \"%.*s\"\n", t->id, (int)name.size, name.data); }
    for (int turn = -1; passed && turn < 2 * KNOWN_WAYS; turn++) {
        credit_error err = CREDIT_ERROR_INIT;
        cr_model *narrowed = NULL;
        if (turn >= 0) {
            size_t chosen = choose_known(inputs, count, turn / 2, known);
            int root = turn % 2 == 0 ? -1 : decision;
            passed = cr_model_narrow(t->model, root, known, chosen, &narrowed, &err) == CREDIT_OK;
        }
        cr_eval_use(t->eval, narrowed == NULL ? t->model : narrowed, NULL);
        for (size_t i = 0; i < count; i++) {
            cr_eval_give(t->eval, inputs[i].input, inputs[i].value);
        }
        passed = passed && check_value(t, decision, result, turn < 0 ? "" : ", narrowed");
        cr_eval_use(t->eval, t->model, NULL);
        cr_model_free(narrowed);
    }
    return passed;
}

static bool run_case(const cr_model *model, cr_eval *eval, const cr_xml *test, cr_arena *arena)
{
    test_case t = {.model = model, .eval = eval, .test = test, .arena = arena};
    credit_span given = cr_xml_attribute_of(test, "id");
    snprintf(t.id, sizeof t.id, "%.*s", (int)given.size, given.data);
    size_t room = cr_xml_count(test, "inputNode");
    cr_known *inputs = cr_arena_array(arena, room, sizeof *inputs);
    cr_known *known = cr_arena_array(arena, room, sizeof *known);
    size_t count = read_inputs(&t, inputs);
    bool passed = true;
    for (const cr_xml *result = cr_xml_child(test, "resultNode"); result != NULL;
         result = cr_xml_next(result, "resultNode")) {
        passed = check_result(&t, result, inputs, known, count) && passed;
    }
    return passed;
}

static void run_cases(tally *t, const cr_model *model, const cr_xml *root, cr_arena *arena)
{
    credit_error err = CREDIT_ERROR_INIT;
    cr_eval *eval;
    if (cr_eval_new(model, &eval, &err) != CREDIT_OK) {
        t->failed++;
        return;
    }
    for (const cr_xml *test = cr_xml_child(root, "testCase"); test != NULL;
         test = cr_xml_next(test, "testCase")) {
        if (run_case(model, eval, test, arena)) {
            t->passed++;
        } else {
            t->failed++;
        }
    }
    cr_eval_free(eval);
}

static void fail_all(tally *t, const cr_xml *root, const char *why)
{
    printf("    %s\n", why);
    t->failed += (unsigned)cr_xml_count(root, "testCase");
}

static void run_file(tally *t, const char *directory, const char *name)
{
    char path[1200], model_path[1400];
    cr_arena arena = CR_ARENA_INIT;
    credit_error err = CREDIT_ERROR_INIT;
    cr_xml *root = NULL;
    cr_model *model = NULL;
    size_t size, model_size;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    char *text = read_file(path, &size), *rules = NULL;
    if (text == NULL || cr_xml_parse((credit_span){text, size}, &arena, &root, &err) != CREDIT_OK ||
        !cr_xml_is(root, "testCases")) {
        goto out;
    }
    tally before = *t;
    const cr_xml *model_name = cr_xml_child(root, "modelName");
    credit_span file = model_name == NULL ? CR_SPAN("") : cr_span_trim(model_name->text);
    snprintf(model_path, sizeof model_path, "%s/%.*s", directory, (int)file.size, file.data);
    rules = read_file(model_path, &model_size);
    if (rules == NULL) {
        fail_all(t, root, "its model is missing");
    } else if (cr_dmn_load((credit_span){rules, model_size}, model_path, NULL, &model, &err) !=
               CREDIT_OK) {
        fail_all(t, root, err.message);
    } else {
        run_cases(t, model, root, &arena);
    }
    printf("%-60s %3u passed %3u failed\n", name, t->passed - before.passed,
        t->failed - before.failed);
out:
    cr_model_free(model);
    cr_arena_release(&arena);
    free(rules);
    free(text);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void run_directory(tally *t, const char *path)
{
    enum { NAMES_MAX = 2000 };
    char *names[NAMES_MAX];
    size_t count = 0;
    DIR *directory = opendir(path);
    if (directory == NULL) {
        fprintf(stderr, "tck: cannot read %s\n", path);
        return;
    }
    for (struct dirent *entry; (entry = readdir(directory)) != NULL && count < NAMES_MAX;) {
        if (entry->d_name[0] != '.') { names[count++] = strdup(entry->d_name); }
    }
    closedir(directory);
    qsort(names, count, sizeof names[0], by_name);
    for (size_t i = 0; i < count; i++) {
        char child[1100];
        struct stat info;
        size_t length = strlen(names[i]);
        snprintf(child, sizeof child, "%s/%s", path, names[i]);
        if (stat(child, &info) == 0 && S_ISDIR(info.st_mode)) {
            run_directory(t, child);
        } else if (length > 4 && strcmp(names[i] + length - 4, ".xml") == 0) {
            run_file(t, path, names[i]);
        }
        free(names[i]);
    }
}

int main(int argc, char **argv)
{
    tally t = {0};
    if (argc < 2) {
        fprintf(stderr, "usage: tck_runner DIR...\n");
        return 2;
    }
    for (int i = 1; i < argc; i++) { run_directory(&t, argv[i]); }
    printf("%u passed, %u failed\n", t.passed, t.failed);
    if (t.passed + t.failed == 0) {
        fprintf(stderr, "tck: no test cases found\n");
        return 2;
    }
    return t.failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
