#include "engine/catalog.h"

#include "tests/support/packs.h"
#include "tests/support/suite.h"

static cr_pack *pack;

static void setup(void)
{
    pack = given_small_pack();
}

static void teardown(void)
{
    cr_pack_free(pack);
    pack = NULL;
}

static int number_in(const char *set, const char *word)
{
    const cr_code *code = cr_codeset_find(cr_pack_codeset(pack, cr_span_of(set)), cr_span_of(word));
    return code == NULL ? -1 : (int)code->number;
}

START_TEST(a_code_is_found_by_word_code_and_alias)
{
    ck_assert_int_eq(number_in("statuses", "有效"), 1);
    ck_assert_int_eq(number_in("statuses", "2"), 2);
    ck_assert_int_eq(number_in("kinds", "罚金"), 1);
    ck_assert_int_eq(number_in("kinds", "罚"), -1);
    ck_assert_int_eq(number_in("kinds", ""), -1);
}
END_TEST

START_TEST(a_code_is_found_through_blanks_and_width)
{
    ck_assert_int_eq(number_in("statuses", " 有效　"), 1);
    ck_assert_int_eq(number_in("statuses", "２"), 2);
}
END_TEST

START_TEST(the_other_word_needs_a_text)
{
    ck_assert_int_eq(number_in("kinds", "其他"), -1);
    ck_assert_int_eq(number_in("kinds", "其他-"), -1);
    ck_assert_int_eq(number_in("kinds", "其他－"), -1);
    ck_assert_int_eq(number_in("kinds", "其他（）"), -1);
    ck_assert_int_eq(number_in("kinds", "其他-备案"), 31);
    ck_assert_int_eq(number_in("kinds", "其他（备案）"), 31);
    ck_assert_int_eq(number_in("statuses", "其他-备案"), -1);
}
END_TEST

static const char *column_of(const char *name)
{
    const cr_catalog *catalog = &pack->catalogs[cr_pack_catalog(pack, CR_SPAN("fine"))];
    int16_t field = cr_catalog_field(catalog, cr_span_of(name));
    return field < 0 ? "" : catalog->fields[field].code.data;
}

START_TEST(a_column_is_found_by_code_title_and_alias)
{
    ck_assert_str_eq(column_of("NAME"), "NAME");
    ck_assert_str_eq(column_of("name"), "NAME");
    ck_assert_str_eq(column_of("名称"), "NAME");
    ck_assert_str_eq(column_of("mc"), "NAME");
    ck_assert_str_eq(column_of("KIND2"), "KIND");
    ck_assert_str_eq(column_of("NAMES"), "");
    ck_assert_str_eq(column_of(""), "");
}
END_TEST

START_TEST(a_title_is_found_whatever_its_brackets)
{
    ck_assert_str_eq(column_of("金额(万元)"), "AMOUNT");
    ck_assert_str_eq(column_of("金额 （万元）"), "AMOUNT");
    ck_assert_str_eq(column_of("相对人(名称)"), "NAME");
}
END_TEST

START_TEST(punctuation_is_no_letter_and_no_digit)
{
    ck_assert(cr_is_punctuation(','));
    ck_assert(cr_is_punctuation(0x3002)); /* 。 */
    ck_assert(cr_is_punctuation(0xFF0C)); /* ， */
    ck_assert(!cr_is_punctuation('a'));
    ck_assert(!cr_is_punctuation('9'));
    ck_assert(!cr_is_punctuation(0x8346)); /* 荆 */
    ck_assert(!cr_is_punctuation(0xFF21)); /* Ａ */
}
END_TEST

START_TEST(a_catalog_and_a_code_set_are_found_by_name)
{
    ck_assert_int_eq(cr_pack_catalog(pack, CR_SPAN("register")), 1);
    ck_assert_int_eq(cr_pack_catalog(pack, CR_SPAN("registers")), -1);
    ck_assert_ptr_nonnull(cr_pack_codeset(pack, CR_SPAN("levels")));
    ck_assert_ptr_null(cr_pack_codeset(pack, CR_SPAN("level")));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("catalog");
    TCase *found = tcase_create("found");
    tcase_add_checked_fixture(found, setup, teardown);
    tcase_add_test(found, a_code_is_found_by_word_code_and_alias);
    tcase_add_test(found, a_code_is_found_through_blanks_and_width);
    tcase_add_test(found, the_other_word_needs_a_text);
    tcase_add_test(found, a_column_is_found_by_code_title_and_alias);
    tcase_add_test(found, a_title_is_found_whatever_its_brackets);
    tcase_add_test(found, punctuation_is_no_letter_and_no_digit);
    tcase_add_test(found, a_catalog_and_a_code_set_are_found_by_name);
    suite_add_tcase(suite, found);
    return run_suite(suite);
}
