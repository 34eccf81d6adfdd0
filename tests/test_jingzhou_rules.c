/* The rules of packs/jingzhou against cases worked by hand: what every kind of
 * record comes to, on the last and the first day of each rule, and what a
 * subject with such records gets. The cases are data: tests/cases/jingzhou_*.tsv. */
#include "tests/support/suite.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "engine/decision.h"
#include "engine/text.h"
#include "loaders/dmn.h"

enum { COLUMNS_MAX = 48, CASES_MAX = 256, MEMBERS_MAX = 64, WORDS_MAX = 16, PARAMETERS_MAX = 64 };

/* ---- tables of cases ------------------------------------------------------- */

typedef struct table {
    char *bytes; /* owned; cut into cells in place */
    const char *names[COLUMNS_MAX];
    size_t column_count;
    const char *cells[CASES_MAX][COLUMNS_MAX];
    size_t row_count;
} table;

static char *source_path(const char *name)
{
    static char path[1024];
    const char *root = getenv("CREDIT_SOURCE");
    ck_assert_ptr_nonnull(root);
    snprintf(path, sizeof path, "%s/%s", root, name);
    return path;
}

static char *read_file(const char *name, size_t *size)
{
    FILE *file = fopen(source_path(name), "rb");
    ck_assert_msg(file != NULL, "no file %s", name);
    ck_assert_int_eq(fseek(file, 0, SEEK_END), 0);
    long length = ftell(file);
    ck_assert_int_ge(length, 0);
    rewind(file);
    char *bytes = malloc((size_t)length + 1);
    ck_assert_ptr_nonnull(bytes);
    *size = fread(bytes, 1, (size_t)length, file);
    bytes[*size] = '\0';
    fclose(file);
    return bytes;
}

static size_t cut(char *text, char separator, const char **out, size_t room)
{
    size_t count = 0;
    while (text != NULL && count < room) {
        out[count++] = text;
        text = strchr(text, separator);
        if (text != NULL) { *text++ = '\0'; }
    }
    return count;
}

static void table_read(table *t, const char *name)
{
    size_t size = 0;
    memset(t, 0, sizeof *t);
    t->bytes = read_file(name, &size);
    char *rest = t->bytes;
    while (rest != NULL && *rest != '\0') {
        char *line = rest;
        rest = strchr(rest, '\n');
        if (rest != NULL) { *rest++ = '\0'; }
        if (line[0] == '#') { continue; }
        if (t->column_count == 0) {
            t->column_count = cut(line, '\t', t->names, COLUMNS_MAX);
            continue;
        }
        ck_assert_uint_lt(t->row_count, CASES_MAX);
        size_t count = cut(line, '\t', t->cells[t->row_count++], COLUMNS_MAX);
        ck_assert_msg(count == t->column_count, "%s: row %s has %zu cells", name, line, count);
    }
    ck_assert_uint_gt(t->row_count, 0);
}

/* The cell, NULL where it is "-". */
static const char *cell(const table *t, size_t row, const char *column)
{
    for (size_t i = 0; i < t->column_count; i++) {
        if (strcmp(t->names[i], column) == 0) {
            const char *text = t->cells[row][i];
            return strcmp(text, "-") == 0 ? NULL : text;
        }
    }
    ck_abort_msg("no column %s", column);
    return NULL;
}

static size_t row_named(const table *t, const char *name)
{
    for (size_t i = 0; i < t->row_count; i++) {
        if (strcmp(t->cells[i][0], name) == 0) { return i; }
    }
    ck_abort_msg("no case %s", name);
    return 0;
}

/* ---- values ------------------------------------------------------------------ */

static cr_feel_value value_of(cr_feel_kind kind, const char *text)
{
    cr_feel_value value = cr_feel_null();
    if (text != NULL && kind == CR_FEEL_BOOLEAN) {
        return cr_feel_boolean(strcmp(text, "true") == 0);
    }
    if (text != NULL && kind == CR_FEEL_STRING) { return cr_feel_string(cr_span_of(text)); }
    if (text != NULL) {
        ck_assert_msg(cr_feel_parse(kind, cr_span_of(text), &value), "%s is no %s", text,
            cr_feel_kind_name(kind));
    }
    return value;
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (strcmp(name, *names) == 0) { return true; }
    }
    return false;
}

static cr_feel_kind kind_of_member(const char *name)
{
    static const char *const dates[] = {"decided_on", "valid_from", "valid_until",
        "publicity_until", "removed_on", "notified_on", "restored_on", "starts_on",
        "published_until", "repairable_from", "until", NULL};
    static const char *const numbers[] = {"amount", "violation", "consent", NULL};
    static const char *const booleans[] = {"published", "negative", "review", NULL};
    if (is_one_of(name, dates)) { return CR_FEEL_DATE; }
    if (is_one_of(name, numbers)) { return CR_FEEL_NUMBER; }
    return is_one_of(name, booleans) ? CR_FEEL_BOOLEAN : CR_FEEL_STRING;
}

static const char *roster_of(const char *catalog)
{
    return strcmp(catalog, "blacklist") == 0 || strcmp(catalog, "enforcement") == 0 ? "serious"
           : strcmp(catalog, "redlist") == 0                                        ? "honour"
                                                                                    : NULL;
}

/* Words of a cell, as a list in `arena`. */
static cr_feel_value words_of(cr_arena *arena, const char *text, char separator)
{
    if (text == NULL) { return cr_feel_null(); }
    const char *words[WORDS_MAX];
    size_t count = cut(cr_arena_copy(arena, text, strlen(text)), separator, words, WORDS_MAX);
    cr_feel_value *items = cr_arena_array(arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) { items[i] = cr_feel_string(cr_span_of(words[i])); }
    return cr_feel_list(items, count);
}

/* The record of one case: with what "record status" says of it, or without. */
static cr_feel_value record_of(cr_arena *arena, const table *t, size_t row, bool judged)
{
    cr_feel_entry *entries = cr_arena_array(arena, MEMBERS_MAX, sizeof *entries);
    size_t count = 0;
    for (size_t i = 1; i + 1 < t->column_count; i++) {
        const char *name = t->names[i];
        if (!judged && strcmp(name, "severity") == 0) {
            break; /* from here on the columns are what is expected */
        }
        const char *text = cell(t, row, name);
        cr_feel_value value = strcmp(name, "kinds") == 0 ? words_of(arena, text, ';')
                                                         : value_of(kind_of_member(name), text);
        entries[count++] = (cr_feel_entry){cr_span_of(name), value};
    }
    const char *roster = roster_of(cell(t, row, "catalog"));
    entries[count++] = (cr_feel_entry){CR_SPAN("roster"), value_of(CR_FEEL_STRING, roster)};
    return cr_feel_context(entries, count);
}

static cr_feel_kind kind_of_parameter(const char *type)
{
    return strcmp(type, "number") == 0     ? CR_FEEL_NUMBER
           : strcmp(type, "boolean") == 0  ? CR_FEEL_BOOLEAN
           : strcmp(type, "date") == 0     ? CR_FEEL_DATE
           : strcmp(type, "duration") == 0 ? CR_FEEL_MONTHS_DURATION
                                           : CR_FEEL_STRING;
}

/* ---- the model ------------------------------------------------------------------- */

static cr_model *model;
static cr_eval *eval;
static json_t *parameters; /* the texts of the policy live here */
static cr_feel_entry policy[PARAMETERS_MAX];
static size_t policy_count;
static table records, subjects;

static void read_policy(void)
{
    parameters = json_load_file(source_path("packs/jingzhou/parameters.json"), 0, NULL);
    ck_assert_ptr_nonnull(parameters);
    policy_count = json_array_size(parameters);
    ck_assert_uint_le(policy_count, PARAMETERS_MAX);
    for (size_t i = 0; i < policy_count; i++) {
        const json_t *p = json_array_get(parameters, i);
        const char *name = json_string_value(json_object_get(p, "name"));
        const char *type = json_string_value(json_object_get(p, "type"));
        const char *text = json_string_value(json_object_get(p, "value"));
        policy[i] = (cr_feel_entry){cr_span_of(name), value_of(kind_of_parameter(type), text)};
    }
}

static void read_model(void)
{
    credit_error err = CREDIT_ERROR_INIT;
    size_t size = 0;
    char *bytes = read_file("packs/jingzhou/rules/jingzhou.dmn", &size);
    credit_result rc = cr_dmn_load((credit_span){bytes, size}, "jingzhou.dmn", NULL, &model, &err);
    ck_assert_msg(rc == CREDIT_OK, "line %llu: %s", (unsigned long long)err.line, err.message);
    free(bytes);
    ck_assert_int_eq(cr_eval_new(model, &eval, &err), CREDIT_OK);
}

static void setup(void)
{
    read_policy();
    read_model();
    table_read(&records, "tests/cases/jingzhou_records.tsv");
    table_read(&subjects, "tests/cases/jingzhou_subjects.tsv");
}

static void teardown(void)
{
    cr_eval_free(eval);
    cr_model_free(model);
    json_decref(parameters);
    free(records.bytes);
    free(subjects.bytes);
}

static void give(const char *input, cr_feel_value value)
{
    int index = cr_model_input(model, cr_span_of(input));
    ck_assert_msg(index >= 0, "no input %s", input);
    cr_eval_set(eval, index, value);
}

static cr_feel_value decide(const char *decision)
{
    credit_error err = CREDIT_ERROR_INIT;
    cr_feel_value value = cr_feel_null();
    int index = cr_model_decision(model, cr_span_of(decision));
    ck_assert_msg(index >= 0, "no decision %s", decision);
    credit_result rc = cr_eval_decide(eval, index, &value, &err);
    ck_assert_msg(rc == CREDIT_OK, "%s: %s", decision, err.message);
    return value;
}

static size_t complain_of_errors(const char *name)
{
    for (size_t i = 0; i < cr_eval_error_count(eval); i++) {
        int decision = -1;
        credit_span text = cr_eval_error(eval, i, &decision);
        credit_span where = cr_model_decision_name(model, decision);
        fprintf(stderr, "%s: %.*s: %.*s\n", name, (int)where.size, where.data, (int)text.size,
            text.data);
    }
    return cr_eval_error_count(eval);
}

static size_t complain_unless(
    const char *name, const char *what, const char *expected, credit_span got)
{
    credit_span want = cr_span_of(expected == NULL ? "null" : expected);
    if (want.size == got.size && memcmp(want.data, got.data, got.size) == 0) { return 0; }
    fprintf(
        stderr, "%s: %s is %.*s, expected %s\n", name, what, (int)got.size, got.data, want.data);
    return 1;
}

/* ---- one record -------------------------------------------------------------------- */

static size_t judge_record(size_t row)
{
    static const char *const outputs[] = {"severity", "published", "starts_on", "published_until",
        "repairable_from", "until", "negative", "review"};
    const char *name = records.cells[row][0];
    cr_eval_reset(eval, NULL);
    cr_arena *arena = cr_eval_arena(eval);
    give("policy", cr_feel_context(policy, policy_count));
    give("record", record_of(arena, &records, row, false));
    cr_feel_value status = decide("record status");
    size_t wrong = complain_of_errors(name);
    for (size_t i = 0; i < sizeof outputs / sizeof *outputs; i++) {
        cr_feel_value value = cr_feel_entry_get(status, cr_span_of(outputs[i]));
        wrong += complain_unless(
            name, outputs[i], cell(&records, row, outputs[i]), cr_feel_print(value, arena));
    }
    return wrong;
}

START_TEST(records_are_judged_as_worked_by_hand)
{
    size_t wrong = 0;
    for (size_t row = 0; row < records.row_count; row++) { wrong += judge_record(row); }
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* ---- one subject --------------------------------------------------------------------- */

static cr_feel_value subject_of(cr_arena *arena, size_t row)
{
    cr_feel_entry *entries = cr_arena_array(arena, 5, sizeof *entries);
    entries[0] = (cr_feel_entry){
        CR_SPAN("category"), value_of(CR_FEEL_STRING, cell(&subjects, row, "category"))};
    entries[1] =
        (cr_feel_entry){CR_SPAN("known"), value_of(CR_FEEL_BOOLEAN, cell(&subjects, row, "known"))};
    entries[2] = (cr_feel_entry){
        CR_SPAN("status"), value_of(CR_FEEL_STRING, cell(&subjects, row, "status"))};
    entries[3] = (cr_feel_entry){
        CR_SPAN("registered_on"), value_of(CR_FEEL_DATE, cell(&subjects, row, "registered_on"))};
    entries[4] = (cr_feel_entry){CR_SPAN("name"), cr_feel_string(CR_SPAN("演示企业"))};
    return cr_feel_context(entries, 5);
}

static bool has_word(const char *text, const char *word)
{
    size_t size = strlen(word);
    for (const char *at = text; at != NULL && (at = strstr(at, word)) != NULL; at += size) {
        if ((at == text || at[-1] == ' ') && (at[size] == '\0' || at[size] == ' ')) { return true; }
    }
    return false;
}

static cr_feel_value covers_of(cr_arena *arena, size_t row)
{
    static const char *const catalogs[] = {"register", "xzxk", "xzcf", "redlist", "blacklist",
        "enforcement", "irregular", "commitment", "contract", "taxgrade"};
    enum { COUNT = sizeof catalogs / sizeof *catalogs };
    const char *uncovered = cell(&subjects, row, "uncovered");
    cr_feel_entry *entries = cr_arena_array(arena, COUNT, sizeof *entries);
    for (size_t i = 0; i < COUNT; i++) {
        bool covered = !has_word(uncovered, catalogs[i]) && strcmp(catalogs[i], "contract") != 0;
        entries[i] = (cr_feel_entry){cr_span_of(catalogs[i]), cr_feel_boolean(covered)};
    }
    return cr_feel_context(entries, COUNT);
}

static cr_feel_value records_of(cr_arena *arena, size_t row)
{
    const char *text = cell(&subjects, row, "records");
    if (text == NULL) { return cr_feel_list(NULL, 0); }
    const char *names[WORDS_MAX];
    size_t count = cut(cr_arena_copy(arena, text, strlen(text)), ' ', names, WORDS_MAX);
    cr_feel_value *items = cr_arena_array(arena, count, sizeof *items);
    for (size_t i = 0; i < count; i++) {
        items[i] = record_of(arena, &records, row_named(&records, names[i]), true);
    }
    return cr_feel_list(items, count);
}

/* "W1:2026-09-10:2027-09-10;…" of the rows that matched; "null" if none did. */
static credit_span watch_text(cr_arena *arena)
{
    decide("watch list");
    const cr_matched_row *rows = NULL;
    size_t count = cr_eval_rows(eval, cr_model_decision(model, CR_SPAN("watch list")), &rows);
    char *text = count == 0 ? "null" : "";
    for (size_t i = 0; i < count; i++) {
        credit_span rule = cr_row_annotation(&rows[i], "rule");
        credit_span since = cr_feel_print(cr_row_output(&rows[i], "since"), arena);
        cr_feel_value end = cr_row_output(&rows[i], "until");
        credit_span until = end.kind == CR_FEEL_NULL ? CR_SPAN("-") : cr_feel_print(end, arena);
        text = cr_arena_printf(arena, "%s%s%.*s:%.*s:%.*s", text, i > 0 ? ";" : "", (int)rule.size,
            rule.data, (int)since.size, since.data, (int)until.size, until.data);
    }
    return cr_span_of(text);
}

static bool has_effect(const char *grant, const char *effect)
{
    const cr_matched_row *rows = NULL;
    size_t count = cr_eval_rows(eval, cr_model_decision(model, CR_SPAN("green channel")), &rows);
    for (size_t i = 0; i < count; i++) {
        credit_span name = cr_feel_text(cr_row_output(&rows[i], "grant"));
        credit_span what = cr_feel_text(cr_row_output(&rows[i], "effect"));
        bool meant = cr_span_equal(name, cr_span_of(grant)) || cr_span_equal(name, CR_SPAN("*"));
        if (meant && cr_span_equal(what, cr_span_of(effect))) { return true; }
    }
    return false;
}

static const char *effect_on(const char *grant)
{
    static const char *const strongest_first[] = {"refuse", "review", "grant"};
    for (size_t i = 0; i < sizeof strongest_first / sizeof *strongest_first; i++) {
        if (has_effect(grant, strongest_first[i])) { return strongest_first[i]; }
    }
    return "none";
}

static credit_span count_text(cr_arena *arena, const char *decision)
{
    return cr_span_of(cr_arena_printf(arena, "%zu", cr_feel_count(decide(decision))));
}

static void give_subject(cr_arena *arena, size_t row)
{
    credit_date as_of = cr_feel_to_date(value_of(CR_FEEL_DATE, cell(&subjects, row, "as_of")));
    cr_eval_set_clock(eval, cr_model_input(model, CR_SPAN("as_of")), as_of);
    give("policy", cr_feel_context(policy, policy_count));
    give("matter", value_of(CR_FEEL_STRING, cell(&subjects, row, "matter")));
    give("subject", subject_of(arena, row));
    give("covers", covers_of(arena, row));
    give("records", records_of(arena, row));
}

static size_t judge_subject(size_t row)
{
    static const char *const grants[] = {
        "priority", "simplified", "deferred_documents", "notice_commitment"};
    const char *name = subjects.cells[row][0];
    cr_eval_reset(eval, NULL);
    cr_arena *arena = cr_eval_arena(eval);
    give_subject(arena, row);
    decide("green channel");
    cr_feel_value tier = cr_feel_entry_get(decide("tier"), CR_SPAN("tier"));
    size_t wrong =
        complain_unless(name, "tier", cell(&subjects, row, "tier"), cr_feel_print(tier, arena));
    wrong += complain_unless(
        name, "red", cell(&subjects, row, "red"), count_text(arena, "honour entries"));
    wrong += complain_unless(
        name, "black", cell(&subjects, row, "black"), count_text(arena, "serious entries"));
    wrong += complain_unless(name, "watch", cell(&subjects, row, "watch"), watch_text(arena));
    for (size_t i = 0; i < sizeof grants / sizeof *grants; i++) {
        wrong += complain_unless(
            name, grants[i], cell(&subjects, row, grants[i]), cr_span_of(effect_on(grants[i])));
    }
    return wrong + complain_of_errors(name);
}

START_TEST(subjects_are_judged_as_worked_by_hand)
{
    size_t wrong = 0;
    for (size_t row = 0; row < subjects.row_count; row++) { wrong += judge_subject(row); }
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* An answer must hold until the day the engine names: the fine of 2026-04-01
 * is published to the end of 2027-04-01. */
START_TEST(next_change_is_the_day_a_publication_is_over)
{
    cr_eval_reset(eval, NULL);
    give_subject(cr_eval_arena(eval), row_named(&subjects, "one-fine"));
    decide("tier");
    credit_date change = cr_eval_next_change(eval);
    credit_date day = cr_feel_to_date(value_of(CR_FEEL_DATE, "2027-04-02"));
    ck_assert_int_gt(change, cr_feel_to_date(value_of(CR_FEEL_DATE, "2026-11-23")));
    ck_assert_int_le(change, day);
}
END_TEST

/* Doubts of the compiler would be lint findings. */
START_TEST(the_model_compiles_without_a_doubt)
{
    for (size_t i = 0; i < cr_model_warning_count(model); i++) {
        uint64_t line = 0;
        credit_span text = cr_model_warning(model, i, &line);
        fprintf(stderr, "line %llu: %.*s\n", (unsigned long long)line, (int)text.size, text.data);
    }
    ck_assert_uint_eq(cr_model_warning_count(model), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("jingzhou rules");
    TCase *cases = tcase_create("cases");
    tcase_add_unchecked_fixture(cases, setup, teardown);
    tcase_add_test(cases, the_model_compiles_without_a_doubt);
    tcase_add_test(cases, records_are_judged_as_worked_by_hand);
    tcase_add_test(cases, subjects_are_judged_as_worked_by_hand);
    tcase_add_test(cases, next_change_is_the_day_a_publication_is_over);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
