#include <string.h>

#include "engine/arena.h"
#include "tests/support/suite.h"

START_TEST(memory_is_zeroed_and_stays_where_it_is)
{
    cr_arena arena = CR_ARENA_INIT;
    char *blocks[300];
    for (size_t i = 0; i < 300; i++) {
        blocks[i] = cr_arena_alloc(&arena, 100);
        for (size_t k = 0; k < 100; k++) { ck_assert_int_eq(blocks[i][k], 0); }
        memset(blocks[i], (int)(i % 100) + 1, 100);
    }
    for (size_t i = 0; i < 300; i++) {
        ck_assert_int_eq(blocks[i][0], (int)(i % 100) + 1);
        ck_assert_int_eq(blocks[i][99], (int)(i % 100) + 1);
        ck_assert_uint_eq((uintptr_t)blocks[i] % 16, 0);
    }
    cr_arena_release(&arena);
}
END_TEST

START_TEST(sizes_that_wrap_are_refused)
{
    cr_arena arena = CR_ARENA_INIT;
    ck_assert_ptr_null(cr_arena_array(&arena, SIZE_MAX / 2, 3));
    ck_assert_ptr_null(cr_arena_alloc(&arena, SIZE_MAX));
    ck_assert_ptr_null(cr_arena_copy(&arena, "x", SIZE_MAX));
    cr_arena_release(&arena);
}
END_TEST

START_TEST(a_failed_allocation_leaves_the_arena_usable)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_alloc_fail_at(1);
    ck_assert_ptr_null(cr_arena_alloc(&arena, 10));
    ck_assert_ptr_nonnull(cr_arena_alloc(&arena, 10));
    cr_arena_release(&arena);
}
END_TEST

START_TEST(reset_serves_the_same_memory_again)
{
    cr_arena arena = CR_ARENA_INIT;
    char *first = cr_arena_copy(&arena, "abc", 3);
    cr_arena_reset(&arena);
    char *again = cr_arena_copy(&arena, "de", 2);
    ck_assert_ptr_eq(first, again);
    ck_assert_str_eq(again, "de");
    cr_arena_release(&arena);
}
END_TEST

START_TEST(taken_memory_lies_beside_what_was_zeroed)
{
    cr_arena arena = CR_ARENA_INIT;
    char *taken = cr_arena_take(&arena, 100);
    memset(taken, 'x', 100);
    const char *zeroed = cr_arena_alloc(&arena, 100);
    ck_assert_uint_eq((uintptr_t)taken % 16, 0);
    for (size_t i = 0; i < 100; i++) { ck_assert(taken[i] == 'x' && zeroed[i] == 0); }
    ck_assert_ptr_null(cr_arena_take(&arena, SIZE_MAX - 3));
    cr_arena_release(&arena);
}
END_TEST

START_TEST(what_is_zeroed_is_so_after_a_reset_too)
{
    cr_arena arena = CR_ARENA_INIT;
    memset(cr_arena_take(&arena, 1000), 'x', 1000);
    cr_arena_reset(&arena);
    const char *zeroed = cr_arena_alloc(&arena, 1000);
    for (size_t i = 0; i < 1000; i++) { ck_assert_int_eq(zeroed[i], 0); }
    cr_arena_release(&arena);
}
END_TEST

START_TEST(a_growing_array_refuses_to_wrap)
{
    int *items = NULL;
    size_t capacity = 0;
    ck_assert(cr_grow(&items, &capacity, 100, sizeof *items));
    ck_assert_uint_ge(capacity, 100);
    ck_assert(!cr_grow(&items, &capacity, SIZE_MAX / 2, sizeof *items));
    cr_free(items);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("arena");
    TCase *tests = tcase_create("arena");
    tcase_add_test(tests, memory_is_zeroed_and_stays_where_it_is);
    tcase_add_test(tests, sizes_that_wrap_are_refused);
    tcase_add_test(tests, a_failed_allocation_leaves_the_arena_usable);
    tcase_add_test(tests, reset_serves_the_same_memory_again);
    tcase_add_test(tests, taken_memory_lies_beside_what_was_zeroed);
    tcase_add_test(tests, what_is_zeroed_is_so_after_a_reset_too);
    tcase_add_test(tests, a_growing_array_refuses_to_wrap);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
