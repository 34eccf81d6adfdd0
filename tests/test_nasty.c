/* Awkward files as data: tests/cases/nasty.txt says what they are and what an import
 * hears of them, tests/cases/nasty_rows.tsv has rows to mix at random. */
#include <iconv.h>

#include "engine/arena.h"
#include "tests/support/loads.h"
#include "tests/support/suite.h"

#define HEADER "企业名称,统一社会信用代码,备注"
#define GOOD "荆州公司,91421002MA12ABCD8M,好"
#define GOOD_HEARD " 荆州公司|备注=好;"

enum { LINE_ROOM = 4096, CELL_SHOWN = 60 };

typedef struct text {
    char *data;
    size_t size, room;
} text;

static cr_pack *pack;
static text file, part, said, expected;

static void setup(void)
{
    pack = given_small_pack();
    make_scratch();
}

static void teardown(void)
{
    text *const texts[] = {&file, &part, &said, &expected};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        cr_free(texts[i]->data);
        *texts[i] = (text){NULL, 0, 0};
    }
    remove_scratch();
    cr_pack_free(pack);
    pack = NULL;
}

/* Check writes down each assertion that holds; here there would be millions. */
static void add(text *to, const char *bytes, size_t size)
{
    if (!cr_grow(&to->data, &to->room, to->size + size + 1, 1)) { ck_abort_msg("out of memory"); }
    memcpy(to->data + to->size, bytes, size);
    to->size += size;
    to->data[to->size] = '\0';
}

static void add_text(text *to, const char *more)
{
    add(to, more, strlen(more));
}

static void clear(text *t)
{
    t->size = 0;
    add(t, "", 0);
}

/* ---- texts of the cases ------------------------------------------------------------- */

static const char *add_escape(text *to, const char *at)
{
    static const char names[] = "nrt\\", values[] = "\n\r\t\\";
    const char *name = strchr(names, at[1]);
    if (name != NULL) {
        add(to, &values[name - names], 1);
        return at + 2;
    }
    if (at[1] != 'x') { ck_abort_msg("\\%c is no escape", at[1]); }
    char hex[3] = {at[2], at[3], '\0'};
    char byte = (char)strtol(hex, NULL, 16);
    add(to, &byte, 1);
    return at + 4;
}

static const char *closing_brace(const char *at)
{
    size_t depth = 0;
    for (;; at++) {
        if (*at == '\0') { ck_abort_msg("a brace is not closed"); }
        depth += *at == '{';
        if (*at == '}' && --depth == 0) { return at; }
    }
}

static void expand(text *to, const char *at, const char *end)
{
    while (at < end) {
        if (*at == '\\') {
            at = add_escape(to, at);
        } else if (*at != '{') {
            add(to, at++, 1);
        } else {
            const char *close = closing_brace(at);
            char *inner = NULL;
            if (at[1] == 'H') { add_text(to, HEADER); }
            if (at[1] == 'R') { add_text(to, GOOD); }
            unsigned long count = strtoul(at + 1, &inner, 10);
            for (; count > 0; count--) { expand(to, inner + 1, close); }
            at = close + 1;
        }
    }
}

static void convert(text *to, const char *encoding, const text *from)
{
    iconv_t handle = iconv_open(encoding, "UTF-8");
    ck_assert(handle != (iconv_t)-1);
    char *in = from->data, room[4096];
    size_t left = from->size;
    while (left > 0) {
        char *out = room;
        size_t out_left = sizeof room;
        bool whole = iconv(handle, &in, &left, &out, &out_left) != (size_t)-1;
        if (!whole && out == room) { ck_abort_msg("not to be had in %s", encoding); }
        add(to, room, (size_t)(out - room));
    }
    iconv_close(handle);
}

/* Adds a text of the cases to the file. */
static void add_part(const char *encoding, const char *written)
{
    clear(&part);
    expand(&part, written, written + strlen(written));
    if (strcmp(encoding, "bytes") == 0 || strcmp(encoding, "utf-8") == 0) {
        add(&file, part.data, part.size);
    } else {
        convert(&file, encoding, &part);
    }
}

/* ---- what is heard --------------------------------------------------------------------- */

static void say_cell(text *to, credit_span cell)
{
    char size[32];
    if (cell.size > CELL_SHOWN) {
        snprintf(size, sizeof size, "<%zu bytes>", cell.size);
        add_text(to, size);
        return;
    }
    for (size_t i = 0; i < cell.size; i++) {
        static const char breaks[] = "\n\r", names[] = "nr";
        const char *found = strchr(breaks, cell.data[i]);
        char escape[2] = {'\\', found == NULL ? '\0' : names[found - breaks]};
        add(to, found == NULL ? &cell.data[i] : escape, found == NULL ? 1 : 2);
    }
}

static credit_result say_begin(void *ctx, const cr_catalog *catalog, uint16_t index,
    const cr_profile *profile, credit_span header, credit_error *err)
{
    (void)ctx;
    (void)catalog;
    (void)index;
    (void)profile;
    (void)header;
    (void)err;
    return CREDIT_OK;
}

static credit_result say_record(
    void *ctx, const cr_record *record, credit_span raw, credit_error *err)
{
    char line[32];
    static text row;
    (void)ctx;
    (void)raw;
    (void)err;
    clear(&row);
    add_text(&row, " ");
    say_cell(&row, record->values[0]);
    add_text(&row, "|");
    for (size_t i = 0; i < record->extra_count; i++) {
        say_cell(&row, record->extras[i].name);
        add_text(&row, "=");
        say_cell(&row, record->extras[i].value);
        add_text(&row, ";");
    }
    snprintf(line, sizeof line, "+%llu", (unsigned long long)record->line);
    add_text(&said, line);
    if (strcmp(row.data, GOOD_HEARD) != 0) { add_text(&said, row.data); }
    add_text(&said, "\n");
    cr_free(row.data);
    row = (text){NULL, 0, 0};
    return CREDIT_OK;
}

static credit_result say_refused(void *ctx, uint64_t line, credit_span raw,
    const cr_finding *findings, size_t count, credit_error *err)
{
    char event[64];
    (void)ctx;
    (void)raw;
    (void)err;
    ck_assert_uint_gt(count, 0);
    snprintf(event, sizeof event, "-%llu %s\n", (unsigned long long)line, findings[0].rule);
    add_text(&said, event);
    return CREDIT_OK;
}

/* Loads the file; leaves what was heard in `said`. */
static credit_result listen(char encoding[32], credit_error *err)
{
    cr_source *source = NULL;
    cr_load_result result;
    cr_load_options options = {.pack = pack};
    cr_sink sink = {NULL, say_begin, say_record, say_refused, NULL};
    ck_assert(cr_date_parse_iso(CR_SPAN("2026-06-15"), &options.today));
    write_file(in_scratch("nasty.csv"), file.data, file.size);
    clear(&said);
    credit_result rc = cr_source_open(in_scratch("nasty.csv"), &test_crypto, &source, err);
    if (rc == CREDIT_OK) {
        snprintf(encoding, 32, "%s", cr_source_get_info(source)->encoding);
        rc = cr_load(source, &options, &sink, &result, err);
    }
    if (rc == CREDIT_OK) { ck_assert_uint_eq(result.rows, result.records + result.refused); }
    cr_source_close(source);
    return rc;
}

/* ---- the cases ---------------------------------------------------------------------------- */

/* A case as it is read: its parts go into `file`, its rows into `expected`. */
typedef struct nasty {
    char name[256], encoding[32], fault[256];
} nasty;

static void judge(const nasty *n)
{
    char encoding[32] = "";
    credit_error err = CREDIT_ERROR_INIT;
    if (n->name[0] == '\0') { return; }
    credit_result rc = listen(encoding, &err);
    if (n->fault[0] != '\0') {
        ck_assert_msg(rc != CREDIT_OK, "%s: it was read: %s", n->name, said.data);
        ck_assert_msg(strstr(err.message, n->fault) != NULL, "%s: %s", n->name, err.message);
        return;
    }
    ck_assert_msg(rc == CREDIT_OK, "%s: %s", n->name, err.message);
    ck_assert_msg(strcmp(said.data, expected.data) == 0, "%s: expected\n%sheard\n%s", n->name,
        expected.data, said.data);
    ck_assert_msg(n->encoding[0] == '\0' || strcmp(n->encoding, encoding) == 0, "%s: taken for %s",
        n->name, encoding);
}

static void begin(nasty *n, const char *name)
{
    *n = (nasty){"", "", ""};
    copy_span(n->name, sizeof n->name, cr_span_of(name));
    clear(&file);
    clear(&expected);
}

static void expect(nasty *n, const char *what)
{
    if (strncmp(what, "encoding ", 9) == 0) {
        copy_span(n->encoding, sizeof n->encoding, cr_span_of(what + 9));
    } else if (strncmp(what, "! ", 2) == 0) {
        copy_span(n->fault, sizeof n->fault, cr_span_of(what + 2));
    } else {
        add_text(&expected, what);
        add_text(&expected, "\n");
    }
}

static FILE *open_cases(const char *name)
{
    char path[1024];
    ck_assert_ptr_nonnull(in_folder("CREDIT_SOURCE", name, path));
    FILE *cases = fopen(path, "r");
    ck_assert_msg(cases != NULL, "%s is missing", path);
    return cases;
}

START_TEST(every_awkward_file_is_read_as_rfc_4180_says_or_reported)
{
    char line[LINE_ROOM];
    nasty n = {"", "", ""};
    size_t count = 0;
    FILE *cases = open_cases("tests/cases/nasty.txt");
    while (fgets(line, sizeof line, cases) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        char *tab = strchr(line, '\t');
        if (line[0] == '\0' || line[0] == '#') { continue; }
        if (strncmp(line, "== ", 3) == 0) {
            judge(&n);
            begin(&n, line + 3);
            count++;
        } else if (strncmp(line, "= ", 2) == 0) {
            expect(&n, line + 2);
        } else {
            ck_assert_msg(tab != NULL, "%s: no encoding before \"%s\"", n.name, line);
            *tab = '\0';
            add_part(line, tab + 1);
        }
    }
    judge(&n);
    fclose(cases);
    ck_assert_uint_gt(count, 40);
}
END_TEST

/* ---- rows at random ------------------------------------------------------------------------- */

enum { ROWS_MAX = 32 };

typedef struct mixed_row {
    char rule[16], written[512];
    bool good, open, bytes, quoted;
} mixed_row;

static mixed_row rows[ROWS_MAX];
static size_t row_count, good_count; /* the good ones come first */

static void read_rows(void)
{
    char line[LINE_ROOM];
    FILE *cases = open_cases("tests/cases/nasty_rows.tsv");
    row_count = good_count = 0;
    while (fgets(line, sizeof line, cases) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] == '#') { continue; }
        char *encoding = strchr(line, '\t'), *written = strchr(encoding + 1, '\t');
        ck_assert_uint_lt(row_count, ROWS_MAX);
        *encoding++ = *written++ = '\0';
        mixed_row *row = &rows[row_count++];
        row->open = strstr(line, " open") != NULL;
        row->bytes = strncmp(encoding, "bytes", 5) == 0;
        row->quoted = strchr(written, '"') != NULL;
        row->good = line[0] == '+';
        good_count += row->good;
        line[strcspn(line, " ")] = '\0';
        copy_span(row->rule, sizeof row->rule, cr_span_of(line));
        copy_span(row->written, sizeof row->written, cr_span_of(written));
    }
    fclose(cases);
}

static size_t below(uint64_t *random, size_t n)
{
    *random = *random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (size_t)(*random >> 33) % n;
}

/* Behind a bad row comes a good one, so that most lines are text. */
static const mixed_row *draw_row(uint64_t *random, bool bytes, bool after_good, bool after_open)
{
    for (;;) {
        bool good = !after_good || below(random, 2) == 0;
        const mixed_row *row = good ? &rows[below(random, good_count)]
                                    : &rows[good_count + below(random, row_count - good_count)];
        bool closes = after_open && row->quoted && !row->good;
        if ((bytes || !row->bytes) && !closes) { return row; }
    }
}

static size_t lines_of(const char *bytes, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++) { count += bytes[i] == '\n'; }
    return count;
}

static void mix_file(uint64_t *random, const char *encoding, const char *mark)
{
    bool bytes = strncmp(encoding, "utf-16", 6) != 0, good = true, open = false;
    size_t line = 2;
    char event[64];
    clear(&file);
    clear(&expected);
    add_part("bytes", mark);
    add_part(encoding, "{H}\n");
    for (size_t left = below(random, 24); left > 0; left--) {
        const mixed_row *row = draw_row(random, bytes, good, open);
        add_part(row->bytes ? "bytes" : encoding, row->written);
        size_t inside = lines_of(part.data, part.size);
        add_part(encoding, below(random, 2) == 0 ? "\\n" : "\\r\\n");
        snprintf(event, sizeof event, row->good ? "+%zu\n" : "-%zu %s\n", line, row->rule);
        add_text(&expected, event);
        line += inside + 1;
        good = row->good;
        open = open || row->open;
    }
}

/* Of a good row only its line is looked at here. */
static void forget_cells(void)
{
    text plain = {NULL, 0, 0};
    clear(&plain);
    for (char *at = said.data; *at != '\0'; at += strcspn(at, "\n") + 1) {
        size_t size = *at == '+' ? strcspn(at, " \n") : strcspn(at, "\n");
        add(&plain, at, size);
        add_text(&plain, "\n");
    }
    clear(&said);
    add(&said, plain.data, plain.size);
    cr_free(plain.data);
}

START_TEST(no_fault_takes_another_row_with_it)
{
    static const struct {
        const char *encoding, *mark;
    } files[] = {{"utf-8", ""}, {"utf-8", "\\xEF\\xBB\\xBF"}, {"gb18030", ""},
        {"utf-16le", "\\xFF\\xFE"}, {"utf-16be", "\\xFE\\xFF"}};
    uint64_t random = 20261128;
    read_rows();
    for (size_t i = 0; i < 1000; i++) {
        char encoding[32];
        credit_error err = CREDIT_ERROR_INIT;
        size_t kind = i % (sizeof files / sizeof *files);
        mix_file(&random, files[kind].encoding, files[kind].mark);
        credit_result rc = listen(encoding, &err);
        ck_assert_msg(rc == CREDIT_OK, "file %zu: %s", i, err.message);
        forget_cells();
        ck_assert_msg(strcmp(said.data, expected.data) == 0, "file %zu:\n%s\nexpected\n%sheard\n%s",
            i, kind < 2 ? file.data : files[kind].encoding, expected.data, said.data);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("nasty");
    TCase *files = tcase_create("files");
    tcase_set_timeout(files, 120);
    tcase_add_checked_fixture(files, setup, teardown);
    tcase_add_test(files, every_awkward_file_is_read_as_rfc_4180_says_or_reported);
    tcase_add_test(files, no_fault_takes_another_row_with_it);
    suite_add_tcase(suite, files);
    return run_suite(suite);
}
