/* What was seen in real files: every header of the reference data is known or
 * refused with the nearest catalog, every written form of a date comes to what it
 * means or to its rule. The verdicts are data: in tests/cases. */
#include "engine/rowcheck.h"
#include "loaders/csv_source.h"
#include "loaders/mapping.h"
#include "tests/support/packs.h"
#include "tests/support/suite.h"

enum { CELLS = 64, TEXT = 512 };

static cr_pack *pack;
static size_t wrong, looked_at;

static void setup(void)
{
    pack = given_pack("packs/jingzhou");
    wrong = looked_at = 0;
}

static void teardown(void)
{
    cr_pack_free(pack);
    pack = NULL;
}

static void copy(char *out, size_t room, credit_span text)
{
    snprintf(out, room, "%.*s", (int)text.size, text.data);
}

/* The row of a table that is looked for, and its verdict. */
static const char *wanted;
static const char *looked_up;

static void look_up(char *cells[CASE_CELLS], size_t line)
{
    static char verdict[TEXT];
    (void)line;
    if (strcmp(cells[0], looked_up) != 0) { return; }
    snprintf(verdict, sizeof verdict, "%s", cells[1]);
    wanted = verdict;
}

static void compare(const char *table, const char *what, const char *found)
{
    wanted = "nothing";
    looked_up = what;
    each_case(table, look_up);
    looked_at++;
    if (strcmp(wanted, found) == 0) { return; }
    wrong++;
    fprintf(stderr, "\"%s\" is %s, and %s in the table\n", what, found, wanted);
}

static credit_result no_refusal(void *ctx, uint64_t line, credit_span raw, const char *rule,
    const char *message, credit_error *err)
{
    (void)ctx;
    (void)raw;
    (void)rule;
    (void)err;
    ck_abort_msg("line %llu: %s", (unsigned long long)line, message);
    return CREDIT_E_DATA;
}

/* Calls `row` for each row of a file of the reference data; false if it is not here. */
static bool each_row(const char *name, void *ctx,
    credit_result (*row)(void *ctx, const cr_csv_row *row, credit_error *err))
{
    static char bytes[1 << 20];
    char path[1024];
    const cr_coding coding = {.charset = CR_CHARSET_UTF8, .faultless = true, .name = "utf-8"};
    const cr_csv_sink sink = {ctx, row, no_refusal};
    FILE *file = in_folder("CREDIT_SHARED", name, path) == NULL ? NULL : fopen(path, "rb");
    if (file == NULL) {
        printf("the reference data are not here: %s left out\n", name);
        return false;
    }
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    ck_assert_uint_lt(size, sizeof bytes);
    ck_assert_int_eq(
        cr_csv_read((credit_span){bytes, size}, &coding, CR_CSV_BLOCK, &sink, NULL), CREDIT_OK);
    return true;
}

/* ---- headers -------------------------------------------------------------------- */

typedef struct layout {
    char origin[TEXT];
    char names[CELLS][TEXT];
    size_t count;
} layout;

/* "CATALOG/PROFILE", or "refused, nearest CATALOG". */
static void recognise(const layout *l, char verdict[TEXT])
{
    static const char nearest[] = "nearest is ";
    credit_span cells[CELLS];
    cr_mapping mapping;
    cr_arena arena = CR_ARENA_INIT;
    credit_error err = CREDIT_ERROR_INIT;
    for (size_t i = 0; i < l->count; i++) { cells[i] = cr_span_of(l->names[i]); }
    credit_result rc =
        cr_mapping_find(pack, (credit_span){"", 0}, cells, l->count, &arena, &mapping, &err);
    if (rc == CREDIT_OK) {
        snprintf(verdict, TEXT, "%s/%s", mapping.catalog->name.data,
            mapping.profile == NULL ? "" : mapping.profile->name.data);
    } else {
        const char *name = strstr(err.message, nearest);
        ck_assert_int_eq(rc, CREDIT_E_HEADER);
        ck_assert_msg(name != NULL, "%s", err.message);
        name += strlen(nearest);
        snprintf(verdict, TEXT, "refused, nearest %.*s", (int)strcspn(name, ":"), name);
    }
    cr_arena_release(&arena);
}

static void close_layout(layout *l)
{
    char verdict[TEXT];
    if (l->count == 0) { return; }
    recognise(l, verdict);
    compare("tests/cases/headers_seen.tsv", l->origin, verdict);
    l->count = 0;
}

static credit_result take_name(void *ctx, const cr_csv_row *row, credit_error *err)
{
    enum { ORIGIN, KIND, POSITION, HEADER, COLUMNS };
    layout *l = ctx;
    char origin[TEXT];
    (void)err;
    ck_assert_uint_eq(row->cell_count, COLUMNS);
    if (row->line == 1) { return CREDIT_OK; }
    copy(origin, sizeof origin, row->cells[ORIGIN]);
    if (strcmp(origin, l->origin) != 0) {
        close_layout(l);
        strcpy(l->origin, origin);
    }
    ck_assert_uint_lt(l->count, CELLS);
    copy(l->names[l->count++], TEXT, row->cells[HEADER]);
    return CREDIT_OK;
}

START_TEST(headers_are_known_or_refused_with_the_nearest_catalog)
{
    static layout l;
    if (each_row("data/headers_seen.csv", &l, take_name)) {
        close_layout(&l);
        ck_assert_uint_eq(looked_at, 14);
    }
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

/* ---- dates ------------------------------------------------------------------------ */

/* What the loader makes of a text in the column of the first day of validity. */
static void read_date(credit_span text, char verdict[TEXT])
{
    const cr_catalog *catalog = &pack->catalogs[cr_pack_catalog(pack, CR_SPAN("xzxk"))];
    int16_t field = catalog->role_field[CR_ROLE_VALID_FROM];
    credit_span values[CR_FIELDS_MAX];
    cr_arena arena = CR_ARENA_INIT;
    cr_row row = {.pack = pack, .catalog = catalog, .arena = &arena, .values = values};
    char day[CR_DATE_TEXT];
    for (size_t i = 0; i < CR_FIELDS_MAX; i++) { values[i] = (credit_span){"", 0}; }
    values[field] = text;
    ck_assert(cr_date_parse_iso(CR_SPAN("2026-11-23"), &row.today));
    ck_assert(cr_row_check(&row));
    credit_date date = row.typed[field].date;
    snprintf(verdict, TEXT, "%s", date == CREDIT_DATE_NONE ? "" : cr_date_print(date, day));
    if (row.values[field].size == 0) { strcpy(verdict, "blank"); }
    for (size_t i = 0; i < row.finding_count && row.values[field].size > 0; i++) {
        const cr_finding *finding = &row.findings[i];
        if (strcmp(finding->field, catalog->fields[field].code.data) != 0) { continue; }
        snprintf(verdict + strlen(verdict), TEXT - strlen(verdict), "%s%s",
            verdict[0] == '\0' ? "" : " ", finding->rule);
    }
    cr_arena_release(&arena);
}

static credit_result take_date(void *ctx, const cr_csv_row *row, credit_error *err)
{
    char text[TEXT], verdict[TEXT];
    (void)ctx;
    (void)err;
    if (row->line == 1) { return CREDIT_OK; }
    read_date(row->cells[0], verdict);
    copy(text, sizeof text, row->cells[0]);
    compare("tests/cases/date_forms_seen.tsv", text, verdict);
    return CREDIT_OK;
}

START_TEST(dates_come_to_what_they_mean_or_to_their_rule)
{
    if (each_row("data/date_forms_seen.csv", NULL, take_date)) { ck_assert_uint_eq(looked_at, 17); }
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("seen");
    TCase *seen = tcase_create("seen");
    tcase_add_checked_fixture(seen, setup, teardown);
    tcase_add_test(seen, headers_are_known_or_refused_with_the_nearest_catalog);
    tcase_add_test(seen, dates_come_to_what_they_mean_or_to_their_rule);
    suite_add_tcase(suite, seen);
    return run_suite(suite);
}
