#include "engine/error.h"
#include "tests/support/suite.h"

START_TEST(a_message_that_is_too_long_ends_at_a_character)
{
    credit_error err = CREDIT_ERROR_INIT;
    char text[700];
    for (size_t i = 0; i + 3 < sizeof text; i += 3) { memcpy(text + i, "\xE5\x8F\xB7", 3); }
    text[sizeof text - 1] = '\0';
    text[699 - 3] = '\0';

    ck_assert_int_eq(cr_fail(&err, CREDIT_E_DATA, "x%s", text), CREDIT_E_DATA);

    size_t size = strlen(err.message);
    ck_assert_uint_eq((size - 1) % 3, 0);
    ck_assert_uint_gt(size, 500);
}
END_TEST

START_TEST(an_error_keeps_its_place_when_a_file_name_is_put_before_it)
{
    credit_error err = CREDIT_ERROR_INIT;
    cr_fail(&err, CREDIT_E_PACK, "no such field");
    cr_fail_at(&err, 12, 3, "CF_WSH");

    cr_fail_in(&err, "xzcf.json");

    ck_assert_str_eq(err.message, "xzcf.json: no such field");
    ck_assert_uint_eq(err.line, 12);
    ck_assert_str_eq(err.field, "CF_WSH");
    ck_assert_int_eq(err.code, CREDIT_E_PACK);
}
END_TEST

START_TEST(a_caller_without_an_error_gets_the_code_all_the_same)
{
    ck_assert_int_eq(cr_fail(NULL, CREDIT_E_IO, "x"), CREDIT_E_IO);
    cr_fail_at(NULL, 1, 1, "f");
    cr_fail_in(NULL, "p");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("error");
    TCase *tests = tcase_create("error");
    tcase_add_test(tests, a_message_that_is_too_long_ends_at_a_character);
    tcase_add_test(tests, an_error_keeps_its_place_when_a_file_name_is_put_before_it);
    tcase_add_test(tests, a_caller_without_an_error_gets_the_code_all_the_same);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
