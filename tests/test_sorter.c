#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "engine/arena.h"
#include "engine/bytes.h"
#include "engine/sorter.h"
#include "tests/support/suite.h"

enum { ENTRY = 12, KEY = 4 };

/* Adds `count` entries with keys below `range`; the rest of an entry is its number. */
static void check_sorted(size_t memory, uint32_t count, uint32_t range)
{
    cr_sorter *sorter = NULL;
    ck_assert_int_eq(cr_sorter_new("/tmp", ENTRY, KEY, memory, &sorter, NULL), CREDIT_OK);
    uint64_t state = 12345;
    for (uint32_t i = 0; i < count; i++) {
        char entry[ENTRY] = {0};
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
        cr_set_u32be(entry, (uint32_t)(state >> 33) % range);
        cr_set_u32be(entry + 4, i);
        ck_assert_int_eq(cr_sorter_add(sorter, entry, NULL), CREDIT_OK);
    }
    const char *entry = NULL;
    uint32_t seen = 0, key = 0, number = 0;
    credit_result rc;
    while ((rc = cr_sorter_next(sorter, &entry, NULL)) == CREDIT_OK) {
        uint32_t k = cr_get_u32be(entry), n = cr_get_u32be(entry + 4);
        ck_assert(seen == 0 || k > key || (k == key && n > number));
        key = k;
        number = n;
        seen++;
    }
    ck_assert_int_eq(rc, CREDIT_DONE);
    ck_assert_uint_eq(seen, count);
    cr_sorter_free(sorter);
}

START_TEST(entries_come_back_in_order_from_memory)
{
    check_sorted(1 << 20, 1000, 50);
}
END_TEST

START_TEST(entries_come_back_in_order_from_many_runs)
{
    check_sorted(2000, 20000, 700);
}
END_TEST

START_TEST(an_empty_sorter_has_no_entries)
{
    check_sorted(2000, 0, 1);
    check_sorted(2000, 1, 1);
}
END_TEST

START_TEST(a_directory_that_is_not_there_is_reported_when_it_is_needed)
{
    cr_sorter *sorter = NULL;
    credit_error err = CREDIT_ERROR_INIT;
    char entry[ENTRY] = {0};
    credit_result rc = CREDIT_OK;
    ck_assert_int_eq(cr_sorter_new("/nonexistent", ENTRY, KEY, 1, &sorter, NULL), CREDIT_OK);
    for (int i = 0; rc == CREDIT_OK && i < 100; i++) { rc = cr_sorter_add(sorter, entry, &err); }
    ck_assert_int_eq(rc, CREDIT_E_IO);
    cr_sorter_free(sorter);
}
END_TEST

START_TEST(a_failed_allocation_anywhere_is_reported_and_leaks_nothing)
{
    for (uint64_t n = 1; n < 40; n++) {
        cr_sorter *sorter = NULL;
        char entry[ENTRY] = {0};
        const char *out = NULL;
        cr_alloc_fail_at(n);
        credit_result rc = cr_sorter_new("/tmp", ENTRY, KEY, 500, &sorter, NULL);
        for (int i = 0; rc == CREDIT_OK && i < 100; i++) {
            rc = cr_sorter_add(sorter, entry, NULL);
        }
        while (rc == CREDIT_OK) { rc = cr_sorter_next(sorter, &out, NULL); }
        cr_alloc_fail_at(0);
        ck_assert(rc == CREDIT_E_NOMEM || rc == CREDIT_DONE);
        cr_sorter_free(sorter);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sorter");
    TCase *tests = tcase_create("sorter");
    tcase_add_test(tests, entries_come_back_in_order_from_memory);
    tcase_add_test(tests, entries_come_back_in_order_from_many_runs);
    tcase_add_test(tests, an_empty_sorter_has_no_entries);
    tcase_add_test(tests, a_directory_that_is_not_there_is_reported_when_it_is_needed);
    tcase_add_test(tests, a_failed_allocation_anywhere_is_reported_and_leaks_nothing);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
