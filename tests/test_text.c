#include "engine/text.h"

#include "tests/support/cases.h"
#include "tests/support/suite.h"

static cr_arena arena;

static void setup(void)
{
    arena = (cr_arena)CR_ARENA_INIT;
}

static void teardown(void)
{
    cr_arena_release(&arena);
}

static void assert_text(credit_span found, const char *expected)
{
    ck_assert_msg(cr_span_is(found, expected), "'%.*s' is not '%s'", (int)found.size,
        found.data == NULL ? "" : found.data, expected);
}

START_TEST(spans_are_compared_by_bytes_then_by_size)
{
    ck_assert(cr_span_equal(cr_span_of(NULL), CR_SPAN("")));
    ck_assert(!cr_span_equal(CR_SPAN("a"), CR_SPAN("b")));
    ck_assert_int_eq(cr_span_compare(cr_span_of(NULL), CR_SPAN("")), 0);
    ck_assert_int_lt(cr_span_compare(CR_SPAN("a"), CR_SPAN("aa")), 0);
    ck_assert_int_gt(cr_span_compare(CR_SPAN("b"), CR_SPAN("aa")), 0);
    ck_assert_int_gt(cr_span_compare(CR_SPAN("\xFF"), CR_SPAN("a")), 0);
    ck_assert(cr_span_starts(CR_SPAN("abc"), CR_SPAN("ab")));
    ck_assert(cr_span_starts(CR_SPAN("abc"), cr_span_of(NULL)));
    ck_assert(!cr_span_starts(CR_SPAN("ab"), CR_SPAN("abc")));
}
END_TEST

START_TEST(a_needle_is_found_where_it_first_stands)
{
    ck_assert_uint_eq(cr_span_find(CR_SPAN("aab"), CR_SPAN("ab")), 1);
    ck_assert_uint_eq(cr_span_find(CR_SPAN("aaab"), CR_SPAN("aab")), 1);
    ck_assert_uint_eq(cr_span_find(CR_SPAN("ab"), CR_SPAN("ab")), 0);
    ck_assert_uint_eq(cr_span_find(CR_SPAN("ab"), CR_SPAN("")), 0);
    ck_assert_uint_eq(cr_span_find(CR_SPAN("ab"), CR_SPAN("abc")), SIZE_MAX);
    ck_assert_uint_eq(cr_span_find(CR_SPAN("abab"), CR_SPAN("ba")), 1);
    ck_assert_uint_eq(cr_span_find(CR_SPAN("abab"), CR_SPAN("bb")), SIZE_MAX);
    ck_assert_uint_eq(cr_span_find(cr_span_of(NULL), CR_SPAN("a")), SIZE_MAX);
}
END_TEST

START_TEST(blanks_of_every_width_are_trimmed)
{
    assert_text(cr_span_trim(CR_SPAN(" \t\r\n\v\f a b \n")), "a b");
    assert_text(cr_span_trim(CR_SPAN("\xE3\x80\x80\xC2\xA0 荆 州\xC2\xA0\xE3\x80\x80")), "荆 州");
    assert_text(cr_span_trim(CR_SPAN(" \xE3\x80\x80 ")), "");
    assert_text(cr_span_trim(cr_span_of(NULL)), "");
    /* Half a blank is no blank, and a character may end in the same byte. */
    assert_text(cr_span_trim(CR_SPAN("\x80\x80 a")), "\x80\x80 a");
    assert_text(cr_span_trim(CR_SPAN("蠀\xC3\xA0")), "蠀\xC3\xA0");
}
END_TEST

START_TEST(every_code_point_survives_writing_and_reading)
{
    for (uint32_t code = 0; code < 0x110000; code++) {
        if (code >= 0xD800 && code < 0xE000) { continue; }
        char bytes[4];
        credit_span text = {bytes, cr_utf8_put(code, bytes)};
        size_t at = 0;
        if (cr_utf8_next(text, &at) != (int32_t)code || at != text.size ||
            !cr_utf8_valid(text, NULL) || cr_utf8_length(text) != 1) {
            ck_abort_msg("U+%04X", code);
        }
    }
}
END_TEST

START_TEST(what_is_not_utf_8_is_told_with_its_place)
{
    static const char *const bad[] = {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2 ",
        "\xE0\x80\x80", "\xE0\x9F\xBF", "\xE4\xB8", "\xED\xA0\x80", "\xED\xBF\xBF",
        "\xF0\x80\x80\x80", "\xF0\x8F\xBF\xBF", "\xF0\x9F\x98", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xFE", "\xFF"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[64];
        size_t at = 0, offset = 0;
        int size = snprintf(text, sizeof text, "twelve bytes荆%s behind", bad[i]);
        ck_assert(!cr_utf8_valid((credit_span){text, (size_t)size}, &offset));
        ck_assert_uint_eq(offset, 15);
        ck_assert_int_eq(cr_utf8_next(cr_span_of(bad[i]), &at), -1);
        ck_assert_uint_eq(at, 1);
    }
    ck_assert(cr_utf8_valid(cr_span_of(NULL), NULL));
    ck_assert(cr_utf8_valid(CR_SPAN("0123456789abcdef荆州市"), NULL));
}
END_TEST

/* Characters of every length, at times broken: whole texts against one character
 * after the other. */
START_TEST(long_texts_are_judged_as_their_characters_are)
{
    static const char *const pieces[] = {"a", "0123456789", "荆", "州市沙市区", "é", "𠮷", "，",
        "\xE0\xA0\x80", "\xED\x9F\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"};
    static const char *const broken[] = {"\x80", "\xBF\xBF", "\xC1\x80", "\xC3", "\xE0\x9F\x80",
        "\xE8\xB4", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF0\x9F\x98", "\xF4\x90\x80\x80", "\xFF"};
    uint64_t state = 7;
    for (size_t round = 0; round < 20000; round++) {
        char text[256];
        size_t size = 0, at = 0, offset = SIZE_MAX;
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
        size_t wanted = (size_t)(state >> 40) % 200;
        while (size < wanted) {
            state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
            uint32_t drawn = (uint32_t)(state >> 33);
            const char *piece = drawn % 97 == 0 ? broken[drawn / 97 % 11] : pieces[drawn % 11];
            memcpy(text + size, piece, strlen(piece));
            size += strlen(piece);
        }
        if (round % 3 == 0 && size > 0) { size--; } /* perhaps within a character */
        credit_span span = {text, size};
        size_t bad = SIZE_MAX;
        while (at < size && bad == SIZE_MAX) {
            size_t start = at;
            if (cr_utf8_next(span, &at) < 0) { bad = start; }
        }
        ck_assert_int_eq(cr_utf8_valid(span, &offset), bad == SIZE_MAX);
        ck_assert_uint_eq(offset, bad);
    }
}
END_TEST

static const char *folded(size_t (*fold)(credit_span, char *), const char *text)
{
    static char out[512];
    size_t size = fold(cr_span_of(text), out);
    ck_assert_uint_le(size, strlen(text));
    out[size] = '\0';
    return out;
}

START_TEST(width_is_folded)
{
    ck_assert_str_eq(folded(cr_fold_width, "ＡＢＣａｂｃ０１２！～"), "ABCabc012!~");
    ck_assert_str_eq(folded(cr_fold_width, "荆州　市（有限）"), "荆州 市(有限)");
    ck_assert_str_eq(folded(cr_fold_width, "·。、〔〕€"), "·。、〔〕€");
    ck_assert_str_eq(folded(cr_fold_width, "\xEF\xBC \xFF"), "\xEF\xBC \xFF");
}
END_TEST

START_TEST(names_are_folded_to_their_key_form)
{
    static const char *const cases[][2] = {
        {"荆州市 Abc （有限）公司", "荆州市ABC(有限)公司"},
        {"\xC2\xA0荆州\xE3\x80\x80市\xE2\x80\x8B\xEF\xBB\xBF", "荆州市"},
        {"甲【乙】〔丙〕﹝丁﹞[戊]｛己｝〖庚〗﹙辛﹚", "甲(乙)(丙)(丁)(戊)(己)(庚)(辛)"},
        {"《报》「社」", "《报》「社」"},
        {"ａｂｃ　ｄ", "ABCD"},
        {"\xEE\x80\x80\xEF\xA3\xBF", "\xEE\x80\x80\xEF\xA3\xBF"},
        {"\xF0\xA0\x80\x80", "\xF0\xA0\x80\x80"},
        {"é É ß", "éÉß"},
        {"", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_str_eq(folded(cr_fold_name, cases[i][0]), cases[i][1]);
    }
}
END_TEST

START_TEST(one_document_number_has_one_key_however_it_is_bracketed)
{
    static const char *const forms[] = {"荆市监处罚〔2024〕12号", "荆市监处罚﹝2024﹞12号",
        "荆市监处罚【2024】12号", "荆市监处罚[2024]12号", "荆市监处罚（2024）12号",
        "荆市监处罚(2024)12号", "荆市监处罚［２０２４］１２号", " 荆市监处罚 〔2024〕 12 号　"};
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        ck_assert_str_eq(folded(cr_fold_document_no, forms[i]), "荆市监处罚(2024)12号");
    }
}
END_TEST

START_TEST(folding_twice_changes_nothing_and_may_be_done_in_place)
{
    unsigned long long state = 11;
    for (int i = 0; i < 20000; i++) {
        static const uint32_t bases[] = {0, 0x80, 0x2000, 0x3000, 0xFE50, 0xFF00, 0x4E00, 0x1F600};
        char text[128], once[128], twice[128];
        size_t size = 0;
        for (int n = 0; n < 20; n++) {
            uint32_t code = bases[cases_random(&state) % 8] + cases_random(&state) % 0x70;
            size += cr_utf8_put(code, text + size);
        }
        size_t first = cr_fold_name((credit_span){text, size}, once);
        size_t second = cr_fold_name((credit_span){once, first}, twice);
        ck_assert(first <= size && first == second && memcmp(once, twice, first) == 0);
        size_t again = cr_fold_name((credit_span){text, size}, text);
        ck_assert(again == first && memcmp(text, once, first) == 0);
    }
}
END_TEST

START_TEST(a_mask_keeps_both_ends)
{
    assert_text(cr_mask(CR_SPAN("421023198507150025"), 6, 0, &arena), "421023************");
    assert_text(cr_mask(CR_SPAN("421023198507150025"), 6, 4, &arena), "421023********0025");
    assert_text(cr_mask(CR_SPAN("张三丰"), 1, 0, &arena), "张**");
    assert_text(cr_mask(CR_SPAN("买买提"), 1, 1, &arena), "买*提");
    assert_text(cr_mask(CR_SPAN("张三"), 0, 0, &arena), "**");
    assert_text(cr_mask(CR_SPAN(""), 1, 1, &arena), "");
}
END_TEST

START_TEST(a_mask_that_would_hide_nothing_hides_all)
{
    assert_text(cr_mask(CR_SPAN("张"), 1, 0, &arena), "*");
    assert_text(cr_mask(CR_SPAN("1234567890"), 6, 4, &arena), "**********");
    assert_text(cr_mask(CR_SPAN("1234"), SIZE_MAX, SIZE_MAX, &arena), "****");
    assert_text(cr_mask(CR_SPAN("12345678901"), 6, 4, &arena), "123456*8901");
}
END_TEST

START_TEST(numbers_of_persons_are_hidden_in_free_text)
{
    static const char *const cases[][2] = {
        {"张三（421023198507150025）罚款", "张三（421023************）罚款"},
        {"身份证42102319850715002x。", "身份证421023************。"},
        {"身份证42102319850715002X", "身份证421023************"},
        {"旧证421002900101001号", "旧证421002*********号"},
        {"电话13812345678", "电话138****5678"},
        {"+8613812345678", "+86138****5678"},
        {"两个：421023198507150025、13812345678", "两个：421023************、138****5678"},
        {"４２１０２３１９８５０７１５００２５", "４２１０２３************"},
        /* A wrong check character, or a wrong day, does not make it public. */
        {"421023198507150026", "421023************"},
        {"421023198502310026", "421023************"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_text(cr_mask_free_text(cr_span_of(cases[i][0]), &arena), cases[i][1]);
    }
}
END_TEST

START_TEST(other_numbers_stay_as_they_are)
{
    static const char *const cases[] = {"", "无", "没收违法所得12000元", "91421000MA4TE5T05M",
        "荆市监处罚〔2024〕4210020012号", "6222021234567890123", "12012345678", "1381234567",
        "138123456789", "914210237146789012", "20260101", "421000000000123", "42102319850715002",
        "4210231985071500255", "0716-8456789", "420606175713990019"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        credit_span text = cr_span_of(cases[i]);
        credit_span masked = cr_mask_free_text(text, &arena);
        assert_text(masked, cases[i]);
        ck_assert_ptr_eq(masked.data, text.data);
    }
}
END_TEST

START_TEST(masks_tell_when_memory_runs_out)
{
    cr_alloc_fail_at(1);
    ck_assert_ptr_null(cr_mask(CR_SPAN("张三"), 1, 0, &arena).data);
    cr_alloc_fail_at(1);
    ck_assert_ptr_null(cr_mask_free_text(CR_SPAN("13812345678"), &arena).data);
}
END_TEST

START_TEST(decimals_are_read_exactly)
{
    static const struct {
        const char *text;
        unsigned scale;
        bool right;
        int64_t value;
    } cases[] = {
        {"0", 6, true, 0},
        {"1", 6, true, 1000000},
        {"0.000001", 6, true, 1},
        {"12.5", 2, true, 1250},
        {"007.10", 2, true, 710},
        {"12", 0, true, 12},
        {"9223372036854775807", 0, true, INT64_MAX},
        {"92233720368547758.07", 2, true, INT64_MAX},
        {"9223372036854775808", 0, false, 0},
        {"92233720368547758.08", 2, false, 0},
        {"92233720368547759", 2, false, 0},
        {"99999999999999999999", 0, false, 0},
        {"", 2, false, 0},
        {".", 2, false, 0},
        {".5", 2, false, 0},
        {"5.", 2, false, 0},
        {"1.234", 2, false, 0},
        {"1.2.3", 3, false, 0},
        {"-1", 2, false, 0},
        {"+1", 2, false, 0},
        {" 1", 2, false, 0},
        {"1 ", 2, false, 0},
        {"1,000", 2, false, 0},
        {"1e3", 2, false, 0},
        {"１", 2, false, 0},
        {"1.5", 0, false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t value = -7;
        bool right = cr_parse_scaled(cr_span_of(cases[i].text), cases[i].scale, &value);
        ck_assert_msg(right == cases[i].right, "%s", cases[i].text);
        ck_assert_int_eq(value, right ? cases[i].value : -7);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("text");
    TCase *tcase = tcase_create("text");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, spans_are_compared_by_bytes_then_by_size);
    tcase_add_test(tcase, a_needle_is_found_where_it_first_stands);
    tcase_add_test(tcase, blanks_of_every_width_are_trimmed);
    tcase_add_test(tcase, every_code_point_survives_writing_and_reading);
    tcase_add_test(tcase, what_is_not_utf_8_is_told_with_its_place);
    tcase_add_test(tcase, long_texts_are_judged_as_their_characters_are);
    tcase_add_test(tcase, width_is_folded);
    tcase_add_test(tcase, names_are_folded_to_their_key_form);
    tcase_add_test(tcase, one_document_number_has_one_key_however_it_is_bracketed);
    tcase_add_test(tcase, folding_twice_changes_nothing_and_may_be_done_in_place);
    tcase_add_test(tcase, a_mask_keeps_both_ends);
    tcase_add_test(tcase, a_mask_that_would_hide_nothing_hides_all);
    tcase_add_test(tcase, numbers_of_persons_are_hidden_in_free_text);
    tcase_add_test(tcase, other_numbers_stay_as_they_are);
    tcase_add_test(tcase, masks_tell_when_memory_runs_out);
    tcase_add_test(tcase, decimals_are_read_exactly);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
