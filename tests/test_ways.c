#include "engine/ways.h"

#include "engine/arena.h"
#include "engine/bytes.h"
#include "tests/support/scratch.h"
#include "tests/support/suite.h"

enum { KEY = 12, KEYS = 5000 };
static cr_store *store;

static void given_a_store(void)
{
    make_scratch();
    ck_assert_int_eq(cr_store_create(in_scratch("s"), NULL), CREDIT_OK);
    ck_assert_int_eq(cr_store_open(in_scratch("s"), false, &store, NULL), CREDIT_OK);
}

static void drop_the_store(void)
{
    cr_store_close(store);
    remove_scratch();
}

/* Every number below KEYS once, in no order; the key says it twice. */
static void make_key(uint32_t i, uint32_t step, char key[KEY])
{
    uint32_t number = i * 1237 % KEYS * 2 + step;
    cr_set_u32be(key, 0);
    cr_set_u32be(key + 4, number);
    cr_set_u32be(key + 8, number);
}

/* Writes the even numbers (step 0) or the odd ones; with `memory` for sorting. */
static credit_result write_ways(uint32_t step, size_t memory)
{
    cr_ways ways = {0};
    cr_txn *txn = NULL;
    char key[KEY], tmp[512];
    snprintf(tmp, sizeof tmp, "%s", in_scratch("s/tmp"));
    credit_result rc = cr_writer_begin(store, &txn, NULL);
    if (rc == CREDIT_OK) { rc = cr_ways_open(&ways, CR_TABLE_NAME, KEY, tmp, memory, NULL); }
    for (uint32_t i = 0; rc == CREDIT_OK && i < KEYS; i++) {
        make_key(i, step, key);
        rc = cr_ways_add(&ways, key, NULL);
    }
    if (rc == CREDIT_OK) { rc = cr_ways_write(&ways, txn, NULL); }
    cr_ways_close(&ways);
    if (rc != CREDIT_OK) {
        cr_txn_end(txn);
        return rc;
    }
    return cr_writer_commit(txn, NULL);
}

/* Counts the entries, which are to be every `step`-th number. */
static uint32_t count_ways(uint32_t step)
{
    cr_txn *txn = NULL;
    cr_range range;
    uint32_t count = 0;
    ck_assert_int_eq(cr_snapshot_begin(store, &txn, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_range_open(txn, CR_TABLE_NAME, &range, NULL), CREDIT_OK);
    cr_range_seek(&range, (credit_span){NULL, 0});
    for (; cr_range_next(&range, NULL) == CREDIT_OK; count++) {
        ck_assert_uint_eq(range.key.size, KEY);
        ck_assert_uint_eq(range.value.size, 0);
        ck_assert_uint_eq(cr_get_u32be(range.key.data + 4), count * step);
        ck_assert_uint_eq(cr_get_u32be(range.key.data + 8), count * step);
    }
    cr_range_close(&range);
    cr_txn_end(txn);
    return count;
}

START_TEST(keys_are_written_once_each_whatever_their_order)
{
    ck_assert_int_eq(write_ways(0, 1 << 20), CREDIT_OK);
    ck_assert_uint_eq(count_ways(2), KEYS);
}
END_TEST

START_TEST(keys_join_those_that_were_there)
{
    ck_assert_int_eq(write_ways(0, 4096), CREDIT_OK);
    ck_assert_int_eq(write_ways(1, 4096), CREDIT_OK);
    ck_assert_uint_eq(count_ways(1), 2 * KEYS);
    ck_assert_int_eq(write_ways(1, 1 << 20), CREDIT_OK);
    ck_assert_uint_eq(count_ways(1), 2 * KEYS);
}
END_TEST

START_TEST(without_memory_nothing_is_written)
{
    for (uint64_t n = 1;; n++) {
        cr_alloc_fail_at(n);
        credit_result rc = write_ways(0, 4096);
        cr_alloc_fail_at(0);
        if (rc == CREDIT_OK) { break; }
        ck_assert_int_eq(rc, CREDIT_E_NOMEM);
        ck_assert_uint_eq(count_ways(1), 0);
    }
    ck_assert_uint_eq(count_ways(2), KEYS);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ways");
    TCase *tests = tcase_create("ways");
    tcase_add_checked_fixture(tests, given_a_store, drop_the_store);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, keys_are_written_once_each_whatever_their_order);
    tcase_add_test(tests, keys_join_those_that_were_there);
    tcase_add_test(tests, without_memory_nothing_is_written);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
