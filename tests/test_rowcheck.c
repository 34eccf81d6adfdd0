#include "engine/rowcheck.h"

#include "tests/support/packs.h"
#include "tests/support/suite.h"

static cr_pack *pack;
static const cr_catalog *catalog;

static void setup(void)
{
    pack = given_small_pack();
    catalog = &pack->catalogs[cr_pack_catalog(pack, CR_SPAN("fine"))];
}

static void teardown(void)
{
    cr_pack_free(pack);
    pack = NULL;
}

static credit_date day(const char *text)
{
    credit_date date = CREDIT_DATE_NONE;
    ck_assert(cr_date_parse_iso(cr_span_of(text), &date));
    return date;
}

/* A sound row of the catalog "fine", and the memory it needs. */
typedef struct given_row {
    cr_row row;
    credit_span values[CR_FIELDS_MAX];
    cr_arena arena;
} given_row;

static void set(given_row *g, const char *column, const char *value)
{
    int16_t field = cr_catalog_field(catalog, cr_span_of(column));
    ck_assert_msg(field >= 0, "no column %s", column);
    g->values[field] = cr_span_of(value);
}

static void make_row(given_row *g)
{
    static const char *const sound[][2] = {{"NAME", "荆州商贸有限公司"},
        {"CAT", "法人及非法人组织"}, {"USCC", "91421002MA12ABCD8M"}, {"NO", "荆罚〔2026〕1号"},
        {"KIND", "警告"}, {"DECIDED", "2026-06-01"}, {"BODY", "荆州市市场监督管理局"},
        {"BODYCODE", "114210000112600007"}, {"LEADER", "王某"}, {"ISSUE", "2026"}};
    memset(g, 0, sizeof *g);
    for (size_t i = 0; i < CR_FIELDS_MAX; i++) { g->values[i] = (credit_span){"", 0}; }
    for (size_t i = 0; i < sizeof sound / sizeof *sound; i++) { set(g, sound[i][0], sound[i][1]); }
    g->row.pack = pack;
    g->row.catalog = catalog;
    g->row.today = day("2026-06-15");
    g->row.arena = &g->arena;
    g->row.values = g->values;
}

/* "\n" and "\t" of a case become what they stand for. */
static void unescape(char *text)
{
    char *to = text;
    for (; *text != '\0'; text++) {
        if (text[0] == '\\' && (text[1] == 'n' || text[1] == 't')) {
            *to++ = *++text == 'n' ? '\n' : '\t';
        } else {
            *to++ = *text;
        }
    }
    *to = '\0';
}

static void apply_changes(given_row *g, char *changes)
{
    for (char *change = changes; change != NULL && strcmp(changes, "-") != 0;) {
        char *next = strchr(change, '|');
        if (next != NULL) { *next++ = '\0'; }
        char *value = strchr(change, '=');
        ck_assert_msg(value != NULL, "no value in %s", change);
        *value++ = '\0';
        unescape(value);
        set(g, change, value);
        change = next;
    }
}

static void describe(const cr_row *row, char *out, size_t room)
{
    size_t size = 0;
    out[0] = '\0';
    for (size_t i = 0; i < row->finding_count; i++) {
        const cr_finding *finding = &row->findings[i];
        size += (size_t)snprintf(out + size, room - size, "%s%c %s %s", i > 0 ? "," : "",
            finding->severity == CR_ERROR ? 'E' : 'W', finding->rule, finding->field);
    }
    if (row->finding_count == 0) { snprintf(out, room, "-"); }
}

static size_t wrong; /* cases that came out otherwise */

static void judges_case(char *cells[CASE_CELLS], size_t line)
{
    char changes[CASE_LINE], found[512];
    given_row g;
    make_row(&g);
    snprintf(changes, sizeof changes, "%s", cells[0]);
    apply_changes(&g, cells[0]);
    ck_assert(cr_row_check(&g.row));
    describe(&g.row, found, sizeof found);
    if (strcmp(found, cells[1]) != 0) {
        wrong++;
        fprintf(stderr, "line %zu, %s: found %s, not %s (%s)\n", line, changes, found, cells[1],
            g.row.finding_count > 0 ? g.row.findings[0].message : "");
    }
    cr_arena_release(&g.arena);
}

START_TEST(rows_come_to_what_the_cases_say)
{
    wrong = 0;
    each_case("tests/cases/rowcheck/rows.tsv", judges_case);
    ck_assert_uint_eq(wrong, 0);
}
END_TEST

START_TEST(a_personal_value_never_stands_in_a_message)
{
    static const char *const numbers[] = {
        "421002199003071239", "42100219900307123", "E1234567X", "13812345678"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        given_row g;
        make_row(&g);
        set(&g, "CAT", "自然人");
        set(&g, "IDTYPE", "身份证");
        set(&g, "IDNO", numbers[i]);
        set(&g, "REG", numbers[i]);
        ck_assert(cr_row_check(&g.row));
        ck_assert_uint_gt(g.row.errors, 0);
        for (size_t j = 0; j < g.row.finding_count; j++) {
            ck_assert_msg(strstr(g.row.findings[j].message, numbers[i]) == NULL, "%s",
                g.row.findings[j].message);
        }
        cr_arena_release(&g.arena);
    }
}
END_TEST

START_TEST(a_persons_number_in_a_code_column_is_masked)
{
    given_row g;
    make_row(&g);
    set(&g, "USCC", "421002199003071238");
    ck_assert(cr_row_check(&g.row));
    ck_assert_uint_gt(g.row.errors, 0);
    for (size_t i = 0; i < g.row.finding_count; i++) {
        ck_assert_ptr_null(strstr(g.row.findings[i].message, "19900307"));
    }
    cr_arena_release(&g.arena);
}
END_TEST

START_TEST(the_first_error_stands_first)
{
    given_row g;
    make_row(&g);
    set(&g, "UNTIL", "2099-01-31"); /* a warning, found before the checks run */
    set(&g, "SERIAL", "42100020260601");
    ck_assert(cr_row_check(&g.row));
    ck_assert_int_eq(g.row.findings[0].severity, CR_ERROR);
    ck_assert_str_eq(g.row.findings[0].rule, "PATTERN");
    ck_assert_uint_eq(g.row.warnings, 1);
    cr_arena_release(&g.arena);
}
END_TEST

START_TEST(a_row_types_its_columns)
{
    given_row g;
    make_row(&g);
    set(&g, "KIND", "警告；罚款");
    set(&g, "AMOUNT", "0.2");
    set(&g, "UNTIL", "长期");
    set(&g, "STATUS", "2");
    ck_assert(cr_row_check(&g.row));
    ck_assert_uint_eq(g.row.errors, 0);
    ck_assert_int_eq(g.row.typed[catalog->role_field[CR_ROLE_AMOUNT]].number, 200000);
    ck_assert_uint_eq(g.row.typed[catalog->role_field[CR_ROLE_KINDS]].code, 3);
    ck_assert_int_eq(
        g.row.typed[catalog->role_field[CR_ROLE_VALID_UNTIL]].date, CREDIT_DATE_FOREVER);
    ck_assert_int_eq(g.row.category, CR_CATEGORY_ORGANISATION);
    ck_assert_int_eq(g.row.subject.kind, CR_ID_USCC);
    ck_assert(g.row.needs_earlier);
    cr_arena_release(&g.arena);
}
END_TEST

START_TEST(long_text_loses_its_control_codes)
{
    given_row g;
    make_row(&g);
    set(&g, "TEXT", "一\n二\t三");
    ck_assert(cr_row_check(&g.row));
    int16_t text = cr_catalog_field(catalog, CR_SPAN("TEXT"));
    ck_assert(cr_span_is(g.values[text], "一 二 三"));
    cr_arena_release(&g.arena);
}
END_TEST

static bool has_flaw(const char *text)
{
    given_row g;
    make_row(&g);
    set(&g, "TEXT", text);
    ck_assert(cr_row_check(&g.row));
    bool found = false;
    for (size_t i = 0; i < g.row.finding_count; i++) {
        found = found || strcmp(g.row.findings[i].rule, "V20") == 0;
    }
    cr_arena_release(&g.arena);
    return found;
}

/* Texts are looked at in blocks: a flaw is put before, on and behind every edge. */
START_TEST(a_flaw_is_found_wherever_it_stands)
{
    static const char *const flaws[] = {
        "\x01", "\x7F", "<b>", "\xC2\x85", "\u200B", "\uFEFF", "\uFFFD", "\u2606", "\U0001F600"};
    static const char filler[] =
        "罚款，a罚“款”.罚款<1、é款，，罚款bc款罚款罚款罚款罚款罚款罚款罚款";
    char text[512];
    for (size_t i = 0; i < sizeof flaws / sizeof *flaws; i++) {
        for (size_t at = 0; at < sizeof filler; at++) {
            if (((unsigned char)filler[at] & 0xC0) == 0x80) { continue; }
            for (size_t rest = 0; rest < 2; rest++) {
                snprintf(text, sizeof text, "%.*s%s%s", (int)at, filler, flaws[i],
                    rest == 0 ? "" : filler + at);
                ck_assert_msg(has_flaw(text), "flaw %zu behind %zu bytes", i, at);
            }
        }
    }
    ck_assert(!has_flaw(filler));
}
END_TEST

START_TEST(a_waived_category_follows_from_the_code)
{
    static const struct {
        const char *code;
        cr_category category;
    } cases[] = {{"91421002MA12ABCD8M", CR_CATEGORY_ORGANISATION},
        {"92421002MA12ABCE6D", CR_CATEGORY_SOLE_PROPRIETOR}};
    bool waived[CR_FIELDS_MAX] = {false};
    waived[cr_catalog_field(catalog, CR_SPAN("CAT"))] = true;
    for (size_t i = 0; i < 2; i++) {
        given_row g;
        make_row(&g);
        g.row.waived = waived;
        set(&g, "CAT", "");
        set(&g, "USCC", cases[i].code);
        ck_assert(cr_row_check(&g.row));
        ck_assert_uint_eq(g.row.errors, 0);
        ck_assert_int_eq(g.row.category, cases[i].category);
        cr_arena_release(&g.arena);
    }
}
END_TEST

START_TEST(more_findings_than_fit_are_counted)
{
    given_row g;
    make_row(&g);
    ck_assert(cr_row_check(&g.row));
    for (size_t i = 0; i < CR_FINDINGS_MAX + 5; i++) {
        cr_row_find(&g.row, CR_WARNING, "V99", 0, "warning %zu", i);
    }
    cr_row_find(&g.row, CR_ERROR, "V98", -1, "an error at last");
    ck_assert_uint_eq(g.row.finding_count, CR_FINDINGS_MAX);
    ck_assert_uint_eq(g.row.warnings, CR_FINDINGS_MAX + 5);
    ck_assert_uint_eq(g.row.errors, 1);
    ck_assert_str_eq(g.row.findings[0].rule, "V98");
    ck_assert_str_eq(g.row.findings[0].field, "");
    cr_arena_release(&g.arena);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rowcheck");
    TCase *rows = tcase_create("rows");
    tcase_add_checked_fixture(rows, setup, teardown);
    tcase_add_test(rows, rows_come_to_what_the_cases_say);
    tcase_add_test(rows, a_personal_value_never_stands_in_a_message);
    tcase_add_test(rows, a_persons_number_in_a_code_column_is_masked);
    tcase_add_test(rows, the_first_error_stands_first);
    tcase_add_test(rows, a_row_types_its_columns);
    tcase_add_test(rows, long_text_loses_its_control_codes);
    tcase_add_test(rows, a_flaw_is_found_wherever_it_stands);
    tcase_add_test(rows, a_waived_category_follows_from_the_code);
    tcase_add_test(rows, more_findings_than_fit_are_counted);
    suite_add_tcase(suite, rows);
    return run_suite(suite);
}
