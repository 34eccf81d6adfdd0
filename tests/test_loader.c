#include "loaders/loader.h"

#include <csv.h>
#include <iconv.h>

#include "loaders/csv_source.h"
#include "tests/support/loads.h"
#include "tests/support/suite.h"

#define HEADER "NAME,CAT,USCC,NO,KIND,DECIDED,BODY,LEADER"
#define ROW                                                                                                                 \
    "荆州商贸有限公司,法人及非法人组织,91421002MA12ABCD8M,荆罚1号,警告,2026-06-01,荆州市税务局," \
    "王某"
#define HEARD_FINE "begin fine/\n"
#define PLUS(line) "+" #line " 91421002MA12ABCD8M\n"

static cr_pack *pack;
static heard h;

static void setup(void)
{
    pack = given_small_pack();
    memset(&h, 0, sizeof h);
    make_scratch();
}

static void teardown(void)
{
    remove_scratch();
    cr_pack_free(pack);
    pack = NULL;
}

static void hears(const char *text, const char *expected)
{
    credit_result rc = load_text(&h, pack, text);
    ck_assert_msg(rc == CREDIT_OK, "%d %s", rc, h.err.message);
    ck_assert_str_eq(h.text, expected);
}

static void refuses_file(const char *text, size_t size, credit_result rc, const char *message)
{
    ck_assert_int_eq(load_bytes(&h, pack, text, size), rc);
    ck_assert_msg(strstr(h.err.message, message) != NULL, "\"%s\" does not say \"%s\"",
        h.err.message, message);
    ck_assert_ptr_null(strchr(h.err.message, '\n'));
}

static size_t to_gb18030(const char *text, char *out, size_t room)
{
    iconv_t handle = iconv_open("GB18030", "UTF-8");
    char *in = (char *)text, *to = out;
    size_t left = strlen(text);
    ck_assert(handle != (iconv_t)-1);
    ck_assert(iconv(handle, &in, &left, &to, &room) != (size_t)-1);
    iconv_close(handle);
    return (size_t)(to - out);
}

/* ---- what a row becomes --------------------------------------------------------- */

START_TEST(a_row_becomes_a_record_with_facts)
{
    hears("NAME,CAT,USCC,NO,KIND,AMOUNT,DECIDED,UNTIL,BODY,LEADER,STATUS,LEVEL,TEXT\n"
          "荆州商贸有限公司,法人及非法人组织,91421002MA12ABCD8M,荆罚1号,警告;罚款,0.2,2026-06-01,"
          "长期,荆州市税务局,王某,2,政务共享,一 \n",
        HEARD_FINE PLUS(2));
    const cr_facts *facts = &h.last.facts;
    ck_assert_int_eq(facts->amount_fen, 200000); /* 2,000 yuan */
    ck_assert_int_eq(facts->amount_2_fen, -1);
    ck_assert_uint_eq(facts->kinds, 3);
    ck_assert_int_eq(facts->valid_until, CREDIT_DATE_FOREVER);
    ck_assert_int_eq(facts->valid_from, CREDIT_DATE_NONE);
    ck_assert_uint_eq(facts->status, 2);
    ck_assert_uint_eq(facts->scope, CR_SCOPE_GOVERNMENT);
    ck_assert_uint_eq(facts->tags[0], 9);
    ck_assert_uint_ne(facts->tags[1], 0);
    ck_assert_uint_eq(facts->tags[2], 2);
    ck_assert_uint_eq(facts->category, CR_CATEGORY_ORGANISATION);
    ck_assert(h.last.needs_earlier);
    ck_assert_uint_eq(h.last.row, 1);
}
END_TEST

START_TEST(lateness_is_counted_by_working_days)
{
    /* Seven working days after Monday 1 June is Wednesday 10 June. Today is the 15th. */
    hears(HEADER "\n" ROW "\n", HEARD_FINE PLUS(2));
    ck_assert_uint_eq(h.result.late, 1);
    hears(HEADER "\n荆州商贸有限公司,法人及非法人组织,91421002MA12ABCD8M,荆罚1号,警告,2026-06-04,"
                 "荆州市税务局,王某\n",
        HEARD_FINE PLUS(2)); /* due on the 15th: still in time */
    ck_assert_uint_eq(h.result.late, 0);
    hears(HEADER "\n荆州商贸有限公司,法人及非法人组织,91421002MA12ABCD8M,荆罚1号,警告,2020-06-04,"
                 "荆州市税务局,王某\n",
        HEARD_FINE PLUS(2)); /* the calendar begins in 2025 */
    ck_assert_uint_eq(h.result.late, 0);
    ck_assert_uint_eq(h.result.late_unknown, 1);
}
END_TEST

/* ---- headers -------------------------------------------------------------------- */

START_TEST(columns_may_come_by_title_and_in_any_order)
{
    hears(
        "决定日期,负责人,机关,种类,文号,信用代码,类别,相对人(名称)\n"
        "2026-06-01,王某,荆州市税务局,警告,荆罚1号,91421002MA12ABCD8M,法人及非法人组织,荆州公司\n",
        HEARD_FINE PLUS(2));
    ck_assert_str_eq(h.last_value[0], "荆州公司");
}
END_TEST

START_TEST(unknown_columns_are_kept_as_extras)
{
    hears("DFBM," HEADER ",备注,空列\n421000," ROW ",说明,\n", HEARD_FINE PLUS(2));
    ck_assert_str_eq(h.extras, "DFBM=421000;备注=说明;");
}
END_TEST

START_TEST(two_columns_of_kinds_are_joined)
{
    hears("NAME,CAT,USCC,NO,KIND1,KIND2,DECIDED,BODY,LEADER,AMOUNT\n"
          "荆州公司,法人及非法人组织,91421002MA12ABCD8M,1,警告,罚款,2026-06-01,税务局,王某,1\n"
          "荆州公司,法人及非法人组织,91421002MA12ABCD8M,2,,警告,2026-06-01,税务局,王某,\n",
        HEARD_FINE PLUS(2) PLUS(3));
    ck_assert_str_eq(h.last_value[7], "警告");
}
END_TEST

START_TEST(two_columns_of_one_name_are_refused)
{
    const char *text = HEADER ",名称\n" ROW ",x\n";
    refuses_file(text, strlen(text), CREDIT_E_HEADER, "\"NAME\" and \"名称\" are both NAME");
}
END_TEST

START_TEST(another_layout_is_known_by_its_header)
{
    hears("当事人,代码,文书,处罚,日期,处罚机关\n"
          "荆州公司,92421002MA12ABCE6D,荆罚1号,警告,2026-06-01,税务局\n",
        "begin fine/site\n+2 92421002MA12ABCE6D\n");
    ck_assert_uint_eq(h.last.facts.category, CR_CATEGORY_SOLE_PROPRIETOR);
    ck_assert_uint_eq(h.last.facts.status, 1);
    ck_assert_str_eq(h.last_value[8], "荆罚1号"); /* copied from the document number */
}
END_TEST

START_TEST(a_blank_column_takes_the_default_of_its_catalog)
{
    enum { ISSUE = 21 };
    hears(HEADER "\n" ROW "\n", HEARD_FINE PLUS(2));
    ck_assert_str_eq(h.last_value[ISSUE], "2026");
    hears(HEADER ",ISSUE\n" ROW ", \n", HEARD_FINE PLUS(2));
    ck_assert_str_eq(h.last_value[ISSUE], "2026");
    hears(HEADER ",ISSUE\n" ROW ",2025年\n", HEARD_FINE PLUS(2));
    ck_assert_str_eq(h.last_value[ISSUE], "2025年");
}
END_TEST

START_TEST(the_catalog_is_found_from_the_header)
{
    hears("企业名称,统一社会信用代码\n荆州公司,91421002MA12ABCD8M\n",
        "begin register/\n+2 91421002MA12ABCD8M\n");
}
END_TEST

START_TEST(an_unknown_header_names_the_nearest_catalog)
{
    const char *text = "NAME,CAT,USCC,WHAT\na,b,c,d\n";
    refuses_file(text, strlen(text), CREDIT_E_HEADER,
        "nearest is fine: 3 of 4 columns known; missing: NO, KIND, DECIDED, BODY; unknown: WHAT");
    ck_assert_uint_eq(h.err.line, 1);
}
END_TEST

START_TEST(a_named_catalog_must_fit)
{
    const char *path = in_scratch("named.csv");
    write_file(path, HEADER "\n" ROW "\n", strlen(HEADER "\n" ROW "\n"));
    ck_assert_int_eq(load_path(&h, pack, path, "register"), CREDIT_E_HEADER);
    ck_assert_ptr_nonnull(strstr(h.err.message, "not the columns of catalog register"));
    ck_assert_int_eq(load_path(&h, pack, path, "nothing"), CREDIT_E_NOT_FOUND);
    ck_assert_int_eq(load_path(&h, pack, path, "fine"), CREDIT_OK);
}
END_TEST

START_TEST(rows_without_data_are_skipped)
{
    hears(HEADER "\n"
                 "名称,类别,信用代码,文号,种类,决定日期,机关,负责人\n"
                 "填表说明：日期用文本,,,,,,,\n"
                 "\n   \n,,,,,,,\n" ROW "\n",
        HEARD_FINE PLUS(7));
    ck_assert_uint_eq(h.result.rows, 1);
}
END_TEST

START_TEST(a_rejects_file_can_be_imported_as_it_is)
{
    hears("line,field,rule,message," HEADER "\n"
          "7,NAME,V01,\"required, but blank\"," ROW "\n"
          "9,,CSV,\"a \"\"quote\"\"\",,法人及非法人组织,,,,,,\n",
        HEARD_FINE PLUS(2) "-3 V01 NAME\n");
    ck_assert_str_eq(h.header, HEADER);
    ck_assert_str_eq(h.raws[0], ",法人及非法人组织,,,,,,");
}
END_TEST

/* ---- encodings ------------------------------------------------------------------- */

START_TEST(a_byte_order_mark_is_no_part_of_the_header)
{
    hears("\xEF\xBB\xBF" HEADER "\n" ROW "\n", HEARD_FINE PLUS(2));
    ck_assert_str_eq(h.info.encoding, "utf-8-bom");
    ck_assert_str_eq(h.header, HEADER);
}
END_TEST

START_TEST(gb18030_is_recognised_and_rows_stay_in_it)
{
    char bytes[4096], refused[512];
    const char *bad = "镕䶮㐀,法人及非法人组织,,荆罚1号,警告,2026-06-01,税务局,王某";
    char text[2048];
    snprintf(text, sizeof text, HEADER "\n" ROW "\n%s\r\n" ROW "\n", bad);
    size_t size = to_gb18030(text, bytes, sizeof bytes);
    ck_assert_int_eq(load_bytes(&h, pack, bytes, size), CREDIT_OK);
    ck_assert_str_eq(h.text, HEARD_FINE PLUS(2) "-3 V04 USCC\n" PLUS(4));
    ck_assert_str_eq(h.info.encoding, "gb18030");
    ck_assert_str_eq(h.last_value[0], "荆州商贸有限公司");
    refused[to_gb18030(bad, refused, sizeof refused)] = '\0';
    ck_assert_str_eq(h.raws[0], refused);
}
END_TEST

START_TEST(undecodable_bytes_refuse_their_row_alone)
{
    hears(HEADER "\n" ROW "\n\xBE\xA3\xD6\xDD,x,,,,,,\n" ROW "\n" ROW "\n",
        HEARD_FINE PLUS(2) "-3 CHARSET \n" PLUS(4) PLUS(5));
    ck_assert_ptr_nonnull(strstr(h.message, "byte 0xBE at offset"));
    ck_assert_str_eq(h.raws[0], "\xBE\xA3\xD6\xDD,x,,,,,,");
    ck_assert_str_eq(h.info.encoding, "utf-8");
}
END_TEST

START_TEST(a_utf8_row_in_a_gb18030_file_is_refused_alone)
{
    char bytes[4096];
    size_t size = to_gb18030(HEADER "\n" ROW "\n" ROW "\n", bytes, sizeof bytes);
    const char *foreign = "荆州商,法人,,,,,,\n";
    memcpy(bytes + size, foreign, strlen(foreign));
    size += strlen(foreign);
    size += to_gb18030(ROW "\n", bytes + size, sizeof bytes - size);
    ck_assert_int_eq(load_bytes(&h, pack, bytes, size), CREDIT_OK);
    ck_assert_str_eq(h.text, HEARD_FINE PLUS(2) PLUS(3) "-4 CHARSET \n" PLUS(5));
}
END_TEST

START_TEST(a_nul_byte_refuses_its_row_alone)
{
    static const char text[] = HEADER "\n" ROW "\na\0b,,,,,,,\n" ROW "\n";
    ck_assert_int_eq(load_bytes(&h, pack, text, sizeof text - 1), CREDIT_OK);
    ck_assert_str_eq(h.text, HEARD_FINE PLUS(2) "-3 CHARSET \n" PLUS(4));
}
END_TEST

START_TEST(what_is_no_text_is_refused)
{
    static const char binary[] = "\x7F"
                                 "ELF\x02\x01\x01\0\0\0\0\xFF\xFE\xFF\n\0\0\xFF\n";
    refuses_file(binary, sizeof binary - 1, CREDIT_E_DATA, "neither UTF-8 nor GB18030");
    refuses_file("", 0, CREDIT_E_DATA, "empty file");
    refuses_file("\n \n", 3, CREDIT_E_DATA, "no header");
    refuses_file("PK\x03\x04....", 8, CREDIT_E_DATA, "ZIP");
}
END_TEST

START_TEST(a_missing_file_and_a_folder_are_told_apart)
{
    ck_assert_int_eq(load_path(&h, pack, in_scratch("none"), NULL), CREDIT_E_NOT_FOUND);
    ck_assert_int_eq(load_path(&h, pack, scratch, NULL), CREDIT_E_DATA);
    ck_assert_ptr_nonnull(strstr(h.err.message, "a directory"));
}
END_TEST

START_TEST(standard_input_is_spooled)
{
    const char *path = in_scratch("stdin.csv");
    write_file(path, HEADER "\n" ROW "\n", strlen(HEADER "\n" ROW "\n"));
    char command[1024];
    snprintf(command, sizeof command, "cat '%s'", path);
    FILE *pipe = popen(command, "r");
    ck_assert_ptr_nonnull(pipe);
    int kept = dup(0);
    ck_assert_int_eq(dup2(fileno(pipe), 0), 0);
    credit_result rc = load_path(&h, pack, "-", NULL);
    dup2(kept, 0);
    close(kept);
    pclose(pipe);
    ck_assert_msg(rc == CREDIT_OK, "%s", h.err.message);
    ck_assert_str_eq(h.text, HEARD_FINE PLUS(2));
}
END_TEST

/* ---- CSV ---------------------------------------------------------------------------- */

START_TEST(both_line_ends_are_read)
{
    hears(HEADER "\r\n" ROW "\r\n" ROW "\n" ROW, HEARD_FINE PLUS(2) PLUS(3) PLUS(4));
    ck_assert_str_eq(h.header, HEADER);
}
END_TEST

START_TEST(quoted_cells_may_hold_line_ends_commas_and_quotes)
{
    hears("TEXT," HEADER "\n"
          "\"一,\r\n\"\"二\"\"\n三\"," ROW "\n"
          "四," ROW "\n",
        HEARD_FINE PLUS(2) PLUS(5));
}
END_TEST

START_TEST(a_row_of_another_width_is_refused_alone)
{
    hears(HEADER "\n" ROW "\na,b\n" ROW ",more\n" ROW "\n",
        HEARD_FINE PLUS(2) "-3 CSV \n-4 CSV \n" PLUS(5));
    ck_assert_str_eq(h.message, "9 cells, the header has 8");
}
END_TEST

/* As one export of 2018 had it: the second table begins in the middle of the file. */
START_TEST(a_second_table_in_the_file_is_refused_row_by_row)
{
    hears(HEADER "\n" ROW
                 "\n\n企业名称,信用代码,成立日期\n荆州公司,91421002MA12ABCD8M,2003/04/10\n" ROW
                 "\n",
        HEARD_FINE PLUS(2) "-4 CSV \n-5 CSV \n" PLUS(6));
    hears(HEADER "\n" ROW "\n" HEADER "\n" ROW "\n", HEARD_FINE PLUS(2) "-3 V03 CAT\n" PLUS(4));
}
END_TEST

START_TEST(a_thousands_comma_and_a_shifted_row_are_refused_alone)
{
    hears("AMOUNT," HEADER "\n"
          "2,000," ROW "\n"
          "," ROW "\n"
          "荆州商贸有限公司,法人及非法人组织,91421002MA12ABCD8M,荆罚1号,警告,2026-06-01,"
          "荆州市税务局,王某,\n"
          "," ROW "\n",
        HEARD_FINE "-2 CSV \n" PLUS(3) "-4 V03 CAT\n" PLUS(5));
}
END_TEST

START_TEST(a_stray_quote_swallows_no_other_row)
{
    hears(HEADER "\n荆\"州,b,c\n" ROW "\n\"荆\"州,b\n" ROW "\n",
        HEARD_FINE "-2 CSV \n" PLUS(3) "-4 CSV \n" PLUS(5));
    ck_assert_str_eq(h.raws[0], "荆\"州,b,c");
    ck_assert_str_eq(h.message, "text behind the closing quote of cell 1");
}
END_TEST

START_TEST(an_unclosed_quote_swallows_no_other_row)
{
    hears(HEADER "\na,\"b,c\n" ROW "\n" ROW "\n", HEARD_FINE "-2 CSV \n" PLUS(3) PLUS(4));
    ck_assert_str_eq(h.message, "the quote that opens cell 2 is not closed");
    ck_assert_str_eq(h.raws[0], "a,\"b,c");
}
END_TEST

START_TEST(a_lone_carriage_return_is_refused)
{
    hears(HEADER "\na\rb,c\n" ROW "\n", HEARD_FINE "-2 CSV \n" PLUS(3));
}
END_TEST

START_TEST(a_giant_line_is_refused_alone_by_its_limit)
{
    size_t giant = 9 << 20, at = 0;
    char *text = cr_alloc(giant + 4096);
    ck_assert_ptr_nonnull(text);
    at += (size_t)sprintf(text, "%s", HEADER "\n");
    memset(text + at, 'x', giant);
    at += giant;
    at += (size_t)sprintf(text + at, "\n%s\n", ROW);
    ck_assert_int_eq(load_bytes(&h, pack, text, at), CREDIT_OK);
    ck_assert_str_eq(h.text, HEARD_FINE "-2 LIMIT \n" PLUS(3));
    ck_assert_str_eq(h.message, "row longer than 4194304 bytes");
    cr_free(text);
}
END_TEST

START_TEST(a_giant_cell_is_refused_alone_by_its_limit)
{
    size_t giant = (1 << 20) + 1, at = 0;
    char *text = cr_alloc(giant + 4096);
    ck_assert_ptr_nonnull(text);
    at += (size_t)sprintf(text, "%s", HEADER "\n");
    memset(text + at, 'x', giant);
    at += giant;
    at += (size_t)sprintf(text + at, ",,,,,,,\n%s\n", ROW);
    ck_assert_int_eq(load_bytes(&h, pack, text, at), CREDIT_OK);
    ck_assert_str_eq(h.text, HEARD_FINE "-2 LIMIT \n" PLUS(3));
    cr_free(text);
}
END_TEST

START_TEST(too_many_columns_are_refused_by_their_limit)
{
    char text[4096];
    size_t at = (size_t)sprintf(text, "%s", HEADER "\n");
    memset(text + at, ',', 600);
    at += 600;
    at += (size_t)sprintf(text + at, "\n%s\n", ROW);
    ck_assert_int_eq(load_bytes(&h, pack, text, at), CREDIT_OK);
    ck_assert_str_eq(h.text, HEARD_FINE "-2 LIMIT \n" PLUS(3));
}
END_TEST

/* What cr_csv_read says of a text, for one size of block. */
typedef struct told {
    char text[8192];
    size_t size;
} told;

static credit_result tell_row(void *ctx, const cr_csv_row *row, credit_error *err)
{
    told *t = ctx;
    (void)err;
    t->size += (size_t)snprintf(t->text + t->size, sizeof t->text - t->size, "%llu:%.*s",
        (unsigned long long)row->line, (int)row->raw.size, row->raw.data);
    for (size_t i = 0; i < row->cell_count; i++) {
        t->size += (size_t)snprintf(t->text + t->size, sizeof t->text - t->size, "|%.*s",
            (int)row->cells[i].size, row->cells[i].data);
    }
    return CREDIT_OK;
}

static credit_result tell_refused(void *ctx, uint64_t line, credit_span raw, const char *rule,
    const char *message, credit_error *err)
{
    told *t = ctx;
    (void)err;
    t->size += (size_t)snprintf(t->text + t->size, sizeof t->text - t->size, "%llu!%.*s!%s!%s",
        (unsigned long long)line, (int)raw.size, raw.data, rule, message);
    return CREDIT_OK;
}

START_TEST(the_size_of_blocks_changes_nothing)
{
    static const char text[] =
        "a,b\n\"1\n,2\"\"\",x\r\n\n  \n3 , \"4\" \n\"5\"6,7\n8,\"9\n荆,州\n,,\n\"\",\"\"";
    char gb[1024];
    size_t gb_size = to_gb18030(text, gb, sizeof gb);
    credit_span inputs[] = {CR_SPAN(text), {gb, gb_size}};
    cr_coding codings[] = {{.charset = CR_CHARSET_UTF8, .faultless = true, .name = ""},
        {.charset = CR_CHARSET_GB18030, .faultless = true, .name = ""}};
    for (size_t i = 0; i < 2; i++) {
        static told first, other;
        first.size = 0;
        cr_csv_sink sink = {&first, tell_row, tell_refused};
        ck_assert_int_eq(cr_csv_read(inputs[i], &codings[i], CR_CSV_BLOCK, &sink, NULL), CREDIT_OK);
        for (size_t block = 1; block <= inputs[i].size; block++) {
            other.size = 0;
            sink.ctx = &other;
            ck_assert_int_eq(cr_csv_read(inputs[i], &codings[i], block, &sink, NULL), CREDIT_OK);
            ck_assert_str_eq(other.text, first.text);
        }
        ck_assert_ptr_nonnull(strstr(first.text, "2:\"1\n,2\"\"\",x|1\n,2\"|x"));
        ck_assert_ptr_nonnull(strstr(first.text, "6:3 , \"4\" |3|4"));
    }
}
END_TEST

/* libcsv by itself, as the oracle of rows that are cut without it. */
static void oracle_cell(void *bytes, size_t size, void *ctx)
{
    told *t = ctx;
    t->size += (size_t)snprintf(
        t->text + t->size, sizeof t->text - t->size, "|%.*s", (int)size, (const char *)bytes);
}

static void oracle_row(int end, void *ctx)
{
    (void)end;
    (void)ctx;
}

START_TEST(rows_without_quotes_are_cut_as_libcsv_cuts_them)
{
    static const char *const pieces[] = {
        ",", ",", ",", " ", "\t", "a", "荆州", "\xE3\x80\x80", "'"};
    uint64_t random = 11;
    for (size_t n = 0; n < 20000; n++) {
        static told ours, theirs;
        struct csv_parser parser;
        char line[128] = "";
        for (size_t left = random % 24; left > 0; left--) {
            random = random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
            strcat(line, pieces[(random >> 33) % (sizeof pieces / sizeof *pieces)]);
        }
        random = random * UINT64_C(6364136223846793005) + n;
        cr_coding coding = {.charset = CR_CHARSET_UTF8, .faultless = true, .name = ""};
        cr_csv_sink sink = {&ours, tell_row, tell_refused};
        ours.size = theirs.size = 0;
        ck_assert_int_eq(cr_csv_read(cr_span_of(line), &coding, 64, &sink, NULL), CREDIT_OK);
        if (ours.size == 0) { continue; /* nothing but blanks is no row */ }
        theirs.size = (size_t)snprintf(theirs.text, sizeof theirs.text, "1:%s", line);
        ck_assert_int_eq(csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI), 0);
        strcat(line, "\n");
        csv_parse(&parser, line, strlen(line), oracle_cell, oracle_row, &theirs);
        csv_free(&parser);
        ours.text[ours.size] = theirs.text[theirs.size] = '\0';
        ck_assert_str_eq(ours.text, theirs.text);
    }
}
END_TEST

/* ---- the sink ------------------------------------------------------------------------- */

START_TEST(a_sink_that_fails_stops_the_load)
{
    h.answer = CREDIT_E_FULL;
    ck_assert_int_eq(load_text(&h, pack, HEADER "\n" ROW "\n" ROW "\n"), CREDIT_E_FULL);
    ck_assert_str_eq(h.text, HEARD_FINE PLUS(2));
    ck_assert_int_eq(load_text(&h, pack, HEADER "\nx\n" ROW "\n"), CREDIT_E_FULL);
    ck_assert_str_eq(h.text, HEARD_FINE "-2 CSV \n");
}
END_TEST

START_TEST(loading_survives_every_failed_allocation)
{
    char bytes[4096];
    size_t size =
        to_gb18030(HEADER ",KIND1\n\"荆\n州\"" ROW "\n" ROW ",罚款\n", bytes, sizeof bytes);
    write_file(in_scratch("input.csv"), bytes, size);
    credit_result rc = CREDIT_E_NOMEM;
    for (uint64_t n = 1; rc == CREDIT_E_NOMEM; n++) {
        ck_assert_uint_lt(n, 1000);
        cr_alloc_fail_at(n);
        rc = load_path(&h, pack, in_scratch("input.csv"), NULL);
        cr_alloc_fail_at(0);
    }
    ck_assert_int_eq(rc, CREDIT_OK);
}
END_TEST

/* ---- real files -------------------------------------------------------------------------- */

static credit_result count_record(
    void *ctx, const cr_record *record, credit_span raw, credit_error *err)
{
    (void)ctx;
    (void)err;
    ck_assert_int_eq(record->subject.kind, CR_ID_USCC);
    ck_assert_uint_gt(raw.size, 0);
    return CREDIT_OK;
}

static credit_result count_refused(void *ctx, uint64_t line, credit_span raw,
    const cr_finding *findings, size_t count, credit_error *err)
{
    (void)ctx;
    (void)line;
    (void)raw;
    (void)count;
    (void)err;
    ck_assert_str_eq(findings[0].rule, "V04"); /* a wrong check character */
    return CREDIT_OK;
}

/* Loads a file of the reference data under the shipped pack. */
static bool load_shared(const char *name)
{
    char path[1024];
    if (in_folder("CREDIT_SHARED", name, path) == NULL || access(path, R_OK) != 0) {
        printf("the reference data are not here: %s left out\n", name);
        return false;
    }
    cr_source *source = NULL;
    credit_date today = CREDIT_DATE_NONE;
    cr_pack_free(pack);
    pack = given_pack("packs/jingzhou");
    ck_assert(cr_date_parse_iso(CR_SPAN("2026-11-23"), &today));
    cr_load_options options = {pack, {"", 0}, today, NULL};
    cr_sink sink = {&h, hear_begin, count_record, count_refused, hear_progress};
    ck_assert_int_eq(cr_source_open(path, &test_crypto, &source, &h.err), CREDIT_OK);
    credit_result rc = cr_load(source, &options, &sink, &h.result, &h.err);
    ck_assert_msg(rc == CREDIT_OK, "%s", h.err.message);
    cr_source_close(source);
    return true;
}

START_TEST(published_permits_are_read)
{
    if (load_shared("data/permits_creditchina_2026.csv")) {
        ck_assert_str_eq(h.text, "begin xzxk/site\n");
        ck_assert_uint_eq(h.result.rows, 46);
        ck_assert_uint_eq(h.result.records, 46);
    }
}
END_TEST

START_TEST(the_register_is_read)
{
    if (load_shared("data/register_jingzhou.csv")) {
        ck_assert_str_eq(h.text, "begin register/\n");
        ck_assert_uint_eq(h.result.rows, 5692);
        ck_assert_uint_eq(h.result.refused, 7); /* codes whose check character is wrong */
        ck_assert_uint_gt(h.progress, 0);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("loader");
    const TTest *const tests[] = {a_row_becomes_a_record_with_facts,
        lateness_is_counted_by_working_days, columns_may_come_by_title_and_in_any_order,
        unknown_columns_are_kept_as_extras, two_columns_of_kinds_are_joined,
        two_columns_of_one_name_are_refused, another_layout_is_known_by_its_header,
        a_blank_column_takes_the_default_of_its_catalog, the_catalog_is_found_from_the_header,
        an_unknown_header_names_the_nearest_catalog, a_named_catalog_must_fit,
        rows_without_data_are_skipped, a_rejects_file_can_be_imported_as_it_is,
        a_byte_order_mark_is_no_part_of_the_header, gb18030_is_recognised_and_rows_stay_in_it,
        undecodable_bytes_refuse_their_row_alone, a_utf8_row_in_a_gb18030_file_is_refused_alone,
        a_nul_byte_refuses_its_row_alone, what_is_no_text_is_refused,
        a_missing_file_and_a_folder_are_told_apart, standard_input_is_spooled,
        both_line_ends_are_read, a_second_table_in_the_file_is_refused_row_by_row,
        a_thousands_comma_and_a_shifted_row_are_refused_alone,
        quoted_cells_may_hold_line_ends_commas_and_quotes, a_row_of_another_width_is_refused_alone,
        a_stray_quote_swallows_no_other_row, an_unclosed_quote_swallows_no_other_row,
        a_lone_carriage_return_is_refused, a_giant_line_is_refused_alone_by_its_limit,
        a_giant_cell_is_refused_alone_by_its_limit, too_many_columns_are_refused_by_their_limit,
        the_size_of_blocks_changes_nothing, rows_without_quotes_are_cut_as_libcsv_cuts_them,
        a_sink_that_fails_stops_the_load, loading_survives_every_failed_allocation,
        published_permits_are_read, the_register_is_read};
    TCase *loads = tcase_create("loads");
    tcase_set_timeout(loads, 60);
    tcase_add_checked_fixture(loads, setup, teardown);
    for (size_t i = 0; i < sizeof tests / sizeof *tests; i++) { tcase_add_test(loads, tests[i]); }
    suite_add_tcase(suite, loads);
    return run_suite(suite);
}
