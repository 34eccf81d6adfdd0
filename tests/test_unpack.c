/* Files that are packed: gzip and UTF-16, read as the same text is read unpacked. */
#include "loaders/unpack.h"

#include <iconv.h>
#include <zlib.h>

#include "loaders/rejects.h"
#include "tests/support/loads.h"
#include "tests/support/suite.h"

#define HEADER "NAME,CAT,USCC,NO,KIND,DECIDED,BODY,LEADER"
/* The leader's name is of a character beyond the first 65,536. */
#define ROW                                                                                                                 \
    "荆州商贸有限公司,法人及非法人组织,91421002MA12ABCD8M,荆罚1号,警告,2026-06-01,荆州市税务局," \
    "𠮷某"
#define BAD_ROW "荆州商贸有限公司,法人及非法人组织,91421002MA12ABCD8M,,,,荆州市税务局,𠮷某"
#define TEXT HEADER "\r\n" ROW "\r\n" BAD_ROW "\n" ROW "\n"
#define HEARD "begin fine/\n+2 91421002MA12ABCD8M\n-3 V01 NO\n+4 91421002MA12ABCD8M\n"

enum { ROOM = 1 << 20 };
static cr_pack *pack;
static heard h;
static char bytes[ROOM];

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
}

/* With its byte order mark. */
static size_t to_utf16(cr_utf16 kind, const char *text, char *out, size_t size)
{
    iconv_t handle = iconv_open(kind == CR_UTF16_LE ? "UTF-16LE" : "UTF-16BE", "UTF-8");
    char *in = (char *)(uintptr_t)text, *to = out + 2;
    size_t left = strlen(text), room = size - 2;
    memcpy(out, kind == CR_UTF16_LE ? "\xFF\xFE" : "\xFE\xFF", 2);
    ck_assert(handle != (iconv_t)-1);
    ck_assert(iconv(handle, &in, &left, &to, &room) != (size_t)-1);
    iconv_close(handle);
    return (size_t)(to - out);
}

static size_t to_gzip(const char *text, size_t size, char *out, size_t room)
{
    z_stream stream = {0};
    ck_assert_int_eq(deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
    stream.next_in = (Bytef *)(uintptr_t)text;
    stream.avail_in = (uInt)size;
    stream.next_out = (Bytef *)out;
    stream.avail_out = (uInt)room;
    ck_assert_int_eq(deflate(&stream, Z_FINISH), Z_STREAM_END);
    deflateEnd(&stream);
    return room - stream.avail_out;
}

static void hears(size_t size, const char *expected, const char *encoding)
{
    credit_result rc = load_bytes(&h, pack, bytes, size);
    ck_assert_msg(rc == CREDIT_OK, "%d %s", rc, h.err.message);
    ck_assert_str_eq(h.text, expected);
    ck_assert_str_eq(h.info.encoding, encoding);
}

static void refuses(size_t size, credit_result rc, const char *message)
{
    ck_assert_int_eq(load_bytes(&h, pack, bytes, size), rc);
    ck_assert_msg(strstr(h.err.message, message) != NULL, "\"%s\" does not say \"%s\"",
        h.err.message, message);
}

/* ---- UTF-16 ------------------------------------------------------------------------ */

START_TEST(utf16_is_read_in_both_orders)
{
    hears(to_utf16(CR_UTF16_LE, TEXT, bytes, ROOM), HEARD, "utf-16le");
    ck_assert_str_eq(h.last_value[0], "荆州商贸有限公司");
    hears(to_utf16(CR_UTF16_BE, TEXT, bytes, ROOM), HEARD, "utf-16be");
}
END_TEST

START_TEST(half_a_pair_refuses_its_row_alone_and_is_told_by_its_offset)
{
    size_t first = to_utf16(CR_UTF16_LE, HEADER "\n" ROW "\n荆", bytes, ROOM);
    memcpy(bytes + first, "\x3D\xD8,\0\n\0", 6);
    size_t rest = to_utf16(CR_UTF16_LE, ROW "\n", bytes + first + 4, ROOM / 2);
    /* The second mark has gone over the line end: put that back. */
    memcpy(bytes + first + 4, "\n\0", 2);
    hears(first + 4 + rest,
        "begin fine/\n+2 91421002MA12ABCD8M\n-3 CHARSET \n+4 91421002MA12ABCD8M\n", "utf-16le");
    char offset[32];
    snprintf(offset, sizeof offset, " %zu of the file", first);
    ck_assert_msg(strstr(h.message, offset) != NULL, "%s", h.message);
}
END_TEST

START_TEST(a_byte_left_at_the_end_refuses_the_last_row_alone)
{
    size_t size = to_utf16(CR_UTF16_BE, HEADER "\n" ROW "\n" ROW, bytes, ROOM);
    bytes[size] = 'x';
    hears(size + 1, "begin fine/\n+2 91421002MA12ABCD8M\n-3 CHARSET \n", "utf-16be");
}
END_TEST

START_TEST(a_mark_alone_is_an_empty_file)
{
    refuses(to_utf16(CR_UTF16_LE, "", bytes, ROOM), CREDIT_E_DATA, "empty");
}
END_TEST

/* Any units, halves among them, in pieces of any size, come back as they were. */
START_TEST(units_come_back_as_they_were)
{
    enum { UNITS = 400, ROUNDS = 400 };
    uint64_t state = 7;
    for (int round = 0; round < ROUNDS; round++) {
        unsigned char units[2 * UNITS];
        char text[3 * UNITS + 3], back[sizeof text * 2];
        cr_utf16 kind = round % 2 == 0 ? CR_UTF16_LE : CR_UTF16_BE;
        size_t size = 0, piece = 2 + (size_t)round % 37;
        for (size_t i = 0; i < sizeof units; i++) {
            state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
            units[i] = (unsigned char)(state >> 40);
            bool high_byte = (i % 2 == 1) == (kind == CR_UTF16_LE);
            if (high_byte && round % 3 == 0) { units[i] = (unsigned char)(0xD6 + units[i] % 11); }
        }
        for (size_t at = 0, taken; at < sizeof units; at += taken) {
            size_t left = sizeof units - at;
            credit_span some = {(char *)units + at, left < piece ? left : piece};
            size += cr_utf16_decode(kind, some, some.size == left, text + size, &taken);
            if (taken == 0) { piece += 2; }
        }
        credit_span all = {text, size};
        ck_assert_uint_eq(cr_utf16_units(all), UNITS);
        ck_assert_uint_eq(cr_utf16_encode(kind, all, back), sizeof units);
        ck_assert_mem_eq(back, units, sizeof units);
    }
}
END_TEST

static void read_back(const char *path, char *out, size_t *size)
{
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    *size = fread(out, 1, ROOM, file);
    fclose(file);
}

START_TEST(refused_rows_go_back_in_utf16)
{
    static char wanted[ROOM], got[ROOM];
    cr_rejects *rejects = NULL;
    cr_coding coding = {.charset = CR_CHARSET_UTF8, .utf16 = CR_UTF16_BE, .name = "utf-16be"};
    cr_finding finding = {CR_ERROR, "V01", "NO", "is empty"};
    size_t size, wanted_size;
    char path[512];
    snprintf(path, sizeof path, "%s", in_scratch("r.csv"));
    ck_assert_int_eq(cr_rejects_new("x", path, &coding, &rejects, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_rejects_begin(rejects, CR_SPAN(HEADER), NULL), CREDIT_OK);
    ck_assert_int_eq(cr_rejects_add(rejects, 3, CR_SPAN(BAD_ROW), &finding, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_rejects_keep(rejects, NULL), CREDIT_OK);
    cr_rejects_free(rejects);
    read_back(path, got, &size);
    wanted_size = to_utf16(CR_UTF16_BE,
        "line,field,rule,message," HEADER "\n3,NO,V01,\"is empty\"," BAD_ROW "\n", wanted, ROOM);
    ck_assert_uint_eq(size, wanted_size);
    ck_assert_mem_eq(got, wanted, size);
}
END_TEST

/* ---- gzip --------------------------------------------------------------------------- */

START_TEST(gzip_is_read_as_what_is_in_it)
{
    static char text[ROOM];
    hears(to_gzip(TEXT, strlen(TEXT), bytes, ROOM), HEARD, "utf-8");
    hears(to_gzip(text, to_utf16(CR_UTF16_LE, TEXT, text, ROOM), bytes, ROOM), HEARD, "utf-16le");
}
END_TEST

START_TEST(gzip_members_are_read_one_after_the_other)
{
    /* Cut in the middle of a character, with an empty member between. */
    static const char text[] = TEXT;
    size_t cut = strlen(HEADER) + 4, size = to_gzip(TEXT, cut, bytes, ROOM);
    size += to_gzip("", 0, bytes + size, ROOM - size);
    size += to_gzip(&text[cut], strlen(TEXT) - cut, bytes + size, ROOM - size);
    memcpy(bytes + size, "\0\0\0", 3); /* padding, as of a tape */
    hears(size + 3, HEARD, "utf-8");
    bytes[size + 1] = '\x1F';
    refuses(size + 3, CREDIT_E_DATA, "behind the gzip data");
}
END_TEST

START_TEST(gzip_that_is_cut_short_or_damaged_is_refused)
{
    size_t size = to_gzip(TEXT, strlen(TEXT), bytes, ROOM);
    for (size_t left = 2; left < size; left++) { refuses(left, CREDIT_E_DATA, "input.csv"); }
    refuses(size - 1, CREDIT_E_DATA, "cut short");
    bytes[size - 5] = (char)(bytes[size - 5] + 1);
    refuses(size, CREDIT_E_DATA, "damaged");
    refuses(to_gzip("", 0, bytes, ROOM), CREDIT_E_DATA, "empty");
}
END_TEST

/* Several blocks of it, however they are cut. */
START_TEST(much_text_is_unpacked_whole)
{
    enum { ROWS = 2000, LONG = 200 };
    static char text[ROWS * (LONG * 3 + 256)], wide[sizeof text];
    size_t size = (size_t)snprintf(text, sizeof text, HEADER ",备注\n");
    for (int i = 0; i < ROWS; i++) {
        size += (size_t)snprintf(text + size, sizeof text - size, ROW ",");
        for (int k = 0; k < LONG; k++) {
            size += (size_t)snprintf(text + size, sizeof text - size, k % 7 == i % 7 ? "𠮷" : "罚");
        }
        text[size++] = '\n';
    }
    text[size] = '\0';
    ck_assert_int_eq(load_bytes(&h, pack, bytes, to_gzip(text, size, bytes, ROOM)), CREDIT_OK);
    ck_assert_uint_eq(h.result.rows, ROWS);
    ck_assert_uint_eq(h.result.refused, 0);
    char extras[sizeof h.extras];
    memcpy(extras, h.extras, sizeof extras);
    ck_assert_int_eq(
        load_bytes(&h, pack, wide, to_utf16(CR_UTF16_LE, text, wide, sizeof wide)), CREDIT_OK);
    ck_assert_uint_eq(h.result.rows, ROWS);
    ck_assert_uint_eq(h.result.refused, 0);
    ck_assert_str_eq(h.extras, extras);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("unpack");
    TCase *tests = tcase_create("unpack");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, utf16_is_read_in_both_orders);
    tcase_add_test(tests, half_a_pair_refuses_its_row_alone_and_is_told_by_its_offset);
    tcase_add_test(tests, a_byte_left_at_the_end_refuses_the_last_row_alone);
    tcase_add_test(tests, a_mark_alone_is_an_empty_file);
    tcase_add_test(tests, units_come_back_as_they_were);
    tcase_add_test(tests, refused_rows_go_back_in_utf16);
    tcase_add_test(tests, gzip_is_read_as_what_is_in_it);
    tcase_add_test(tests, gzip_members_are_read_one_after_the_other);
    tcase_add_test(tests, gzip_that_is_cut_short_or_damaged_is_refused);
    tcase_add_test(tests, much_text_is_unpacked_whole);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
