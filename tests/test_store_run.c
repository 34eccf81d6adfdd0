/* Tables with runs, beside a plain array: whatever was put, in whatever order and by
 * however many commits, is what is read. */
#include <lmdb.h>

#include "engine/arena.h"
#include "engine/bytes.h"
#include "engine/store.h"
#include "tests/support/cases.h"
#include "tests/support/scratch.h"
#include "tests/support/suite.h"

enum {
    KEYS = 5000,
    KEY = 45,
    VALUE_MAX = 3000,
    ORDERED = 1200, /* enough to be written as a run */
    MANY = 20000    /* more than a tree keeps */
};

static cr_store *store;
static unsigned long long seed;
/* What each key has: a number, from which its value follows; 0: nothing. */
static unsigned kept[KEYS], put_now[KEYS];

static void given_a_store(void)
{
    make_scratch();
    seed = 20241128;
    memset(kept, 0, sizeof kept);
    ck_assert_int_eq(cr_store_create(in_scratch("s"), NULL), CREDIT_OK);
    ck_assert_int_eq(cr_store_open(in_scratch("s"), false, &store, NULL), CREDIT_OK);
}

static void drop_the_store(void)
{
    cr_alloc_fail_at(0);
    cr_store_close(store);
    store = NULL;
    remove_scratch();
}

static unsigned below(unsigned n)
{
    return cases_random(&seed) % n;
}

/* Three of a group share the bytes that a filter looks at; nine the first nineteen. */
static credit_span key_of(unsigned number, char out[KEY])
{
    memset(out, 'k', KEY);
    cr_set_u32be(out + 15, number / 9);
    cr_set_u32be(out + 33, number / 3);
    cr_set_u32be(out + KEY - 4, number);
    return (credit_span){out, KEY};
}

/* Mostly small, some empty, a few larger than a page; in one table all alike. */
static credit_span value_of(cr_table table, unsigned what, char out[VALUE_MAX])
{
    size_t size = what % 7 == 0 ? 0 : what % 97 == 0 ? VALUE_MAX : 4 + what % 60;
    if (table == CR_TABLE_VERSION) { size = 128; }
    memset(out, (int)(what & 0xFF), size);
    if (size >= 4) { cr_set_u32be(out, what); }
    return (credit_span){out, size};
}

static void put(cr_txn *txn, cr_table table, unsigned number, unsigned what)
{
    char key[KEY], value[VALUE_MAX];
    ck_assert_int_eq(
        cr_put(txn, table, key_of(number, key), value_of(table, what, value), NULL), CREDIT_OK);
    put_now[number] = what;
}

static void assert_value(cr_table table, unsigned what, credit_span value)
{
    char expected[VALUE_MAX];
    credit_span other = value_of(table, what, expected);
    ck_assert_uint_eq(value.size, other.size);
    ck_assert_int_eq(memcmp(value.data, other.data, other.size), 0);
}

static void assert_get(cr_txn *txn, cr_table table, const unsigned *has, unsigned number)
{
    char key[KEY];
    credit_span value;
    credit_result rc = cr_get(txn, table, key_of(number, key), &value, NULL);
    ck_assert_int_eq(rc, has[number] == 0 ? CREDIT_DONE : CREDIT_OK);
    if (rc == CREDIT_OK) { assert_value(table, has[number], value); }
}

/* A walk over what begins like `number`, or over everything. */
static void assert_walk(
    cr_range *range, cr_table table, const unsigned *has, unsigned number, size_t prefix)
{
    char key[KEY], other[KEY];
    unsigned next = prefix == 0 ? 0 : number / 9 * 9;
    cr_range_seek(range, (credit_span){key_of(number, key).data, prefix});
    for (credit_result rc;;) {
        rc = cr_range_next(range, NULL);
        while (next < KEYS && has[next] == 0) { next++; }
        bool more = next < KEYS && memcmp(key_of(next, other).data, key, prefix) == 0;
        ck_assert_int_eq(rc, more ? CREDIT_OK : CREDIT_DONE);
        if (!more) { return; }
        ck_assert_uint_eq(range->key.size, KEY);
        ck_assert_int_eq(memcmp(range->key.data, other, KEY), 0);
        assert_value(table, has[next++], range->value);
    }
}

static void assert_reads(cr_txn *txn, cr_table table, const unsigned *has, unsigned times)
{
    cr_range range;
    ck_assert_int_eq(cr_range_open(txn, table, &range, NULL), CREDIT_OK);
    for (unsigned i = 0; i < times; i++) {
        unsigned number = below(KEYS);
        assert_get(txn, table, has, number);
        assert_walk(&range, table, has, number, 19);
    }
    assert_walk(&range, table, has, 0, 0);
    cr_range_close(&range);
}

/* Keys in order, some of them twice, with some out of order between them. */
static void put_in_order(cr_txn *txn, cr_table table)
{
    unsigned number = below(KEYS / 8);
    ck_assert_int_eq(cr_table_fill(txn, table, ORDERED, NULL), CREDIT_OK);
    for (unsigned i = 0; i < ORDERED && number < KEYS; i++) {
        put(txn, table, number, 1 + below(100000));
        if (below(40) == 0) { put(txn, table, below(KEYS), 1 + below(100000)); }
        if (below(100) == 0) { assert_get(txn, table, put_now, below(KEYS)); }
        number += below(6);
    }
}

static void put_here_and_there(cr_txn *txn, cr_table table)
{
    for (unsigned i = below(60); i > 0; i--) { put(txn, table, below(KEYS), 1 + below(100000)); }
}

static void write_something(cr_table table)
{
    cr_txn *txn = NULL;
    ck_assert_int_eq(cr_writer_begin(store, &txn, NULL), CREDIT_OK);
    memcpy(put_now, kept, sizeof kept);
    if (below(3) == 0) { put_here_and_there(txn, table); }
    if (below(2) == 0) { put_in_order(txn, table); }
    if (below(3) == 0) { put_here_and_there(txn, table); }
    assert_reads(txn, table, put_now, 20);
    if (below(4) == 0) {
        cr_txn_end(txn);
        return;
    }
    ck_assert_int_eq(cr_writer_commit(txn, NULL), CREDIT_OK);
    memcpy(kept, put_now, sizeof kept);
}

static void reads_what_was_put(cr_table table)
{
    unsigned before[KEYS];
    cr_txn *now = NULL, *earlier = NULL;
    ck_assert_int_eq(cr_snapshot_begin(store, &now, NULL), CREDIT_OK);
    for (unsigned round = 0; round < 40; round++) {
        ck_assert_int_eq(cr_snapshot_begin(store, &earlier, NULL), CREDIT_OK);
        memcpy(before, kept, sizeof kept);
        write_something(table);
        assert_reads(earlier, table, before, 20);
        ck_assert_int_eq(cr_snapshot_renew(earlier, NULL), CREDIT_OK);
        assert_reads(earlier, table, kept, 20);
        cr_txn_end(earlier);
        ck_assert_int_eq(cr_snapshot_renew(now, NULL), CREDIT_OK);
        assert_reads(now, table, kept, 20);
    }
    cr_txn_end(now);
}

START_TEST(values_of_any_size_are_read_as_they_were_put)
{
    reads_what_was_put(CR_TABLE_VERDICT);
}
END_TEST

START_TEST(values_of_one_size_are_read_as_they_were_put)
{
    reads_what_was_put(CR_TABLE_VERSION);
}
END_TEST

START_TEST(a_filter_never_misses_what_is_there_and_seldom_lets_through_what_is_not)
{
    char key[KEY];
    unsigned let_through = 0, asked = 0;
    cr_txn *txn = NULL;
    ck_assert_int_eq(cr_writer_begin(store, &txn, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_table_fill(txn, CR_TABLE_VERSION, KEYS / 2, NULL), CREDIT_OK);
    for (unsigned i = 0; i < KEYS; i++) {
        if (i / 3 % 2 == 0) { put(txn, CR_TABLE_VERSION, i, 1); }
    }
    ck_assert_int_eq(cr_writer_commit(txn, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_writer_begin(store, &txn, NULL), CREDIT_OK);
    put(txn, CR_TABLE_VERSION, 3, 1); /* in the tree */
    ck_assert_int_eq(cr_writer_commit(txn, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_snapshot_begin(store, &txn, NULL), CREDIT_OK);
    for (unsigned i = 0; i < KEYS; i++) {
        bool may = false, is = i / 3 % 2 == 0 || i / 3 == 1;
        credit_span prefix = {key_of(i, key).data, CR_FILTER_PREFIX};
        ck_assert_int_eq(cr_may_begin(txn, prefix, &may, NULL), CREDIT_OK);
        ck_assert(may || !is);
        asked += !is;
        let_through += may && !is;
    }
    ck_assert_uint_lt(let_through * 10, asked);
    cr_txn_end(txn);
}
END_TEST

START_TEST(a_writer_that_walks_sees_what_it_puts_before_the_walk_and_not_twice)
{
    char key[KEY];
    cr_txn *txn = NULL;
    cr_range range;
    unsigned seen = 0;
    ck_assert_int_eq(cr_writer_begin(store, &txn, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_table_fill(txn, CR_TABLE_SUBJECT, ORDERED, NULL), CREDIT_OK);
    for (unsigned i = 0; i < 2 * ORDERED; i += 2) { put(txn, CR_TABLE_SUBJECT, i, 1); }
    ck_assert_int_eq(cr_range_open(txn, CR_TABLE_SUBJECT, &range, NULL), CREDIT_OK);
    cr_range_seek(&range, (credit_span){NULL, 0});
    while (cr_range_next(&range, NULL) == CREDIT_OK) {
        ck_assert_int_eq(memcmp(range.key.data, key_of(seen, key).data, KEY), 0);
        if (seen % 2 == 0) {
            put(txn, CR_TABLE_SUBJECT, seen, 2);
            put(txn, CR_TABLE_SUBJECT, seen + 1, 2);
        }
        seen++;
    }
    ck_assert_uint_eq(seen, 2 * ORDERED);
    cr_range_close(&range);
    cr_txn_end(txn);
}
END_TEST

START_TEST(a_walk_goes_on_when_the_tree_is_emptied_under_it)
{
    char key[KEY];
    cr_txn *txn = NULL;
    cr_range range;
    ck_assert_int_eq(cr_writer_begin(store, &txn, NULL), CREDIT_OK);
    for (unsigned i = 0; i < 10; i++) { put(txn, CR_TABLE_NAME, i, 1); }
    ck_assert_int_eq(cr_range_open(txn, CR_TABLE_NAME, &range, NULL), CREDIT_OK);
    cr_range_seek(&range, (credit_span){NULL, 0});
    for (unsigned i = 0; i < 10; i++) {
        ck_assert_int_eq(cr_range_next(&range, NULL), CREDIT_OK);
        ck_assert_int_eq(memcmp(range.key.data, key_of(i, key).data, KEY), 0);
        if (i == 4) {
            ck_assert_int_eq(cr_table_fill(txn, CR_TABLE_NAME, ORDERED, NULL), CREDIT_OK);
        }
    }
    ck_assert_int_eq(cr_range_next(&range, NULL), CREDIT_DONE);
    cr_range_close(&range);
    ck_assert_int_eq(cr_writer_commit(txn, NULL), CREDIT_OK);
}
END_TEST

START_TEST(a_run_that_was_announced_and_not_put_is_none)
{
    cr_table_stat stat;
    cr_txn *txn = NULL;
    for (unsigned i = 0; i < 20; i++) {
        ck_assert_int_eq(cr_writer_begin(store, &txn, NULL), CREDIT_OK);
        ck_assert_int_eq(cr_table_fill(txn, CR_TABLE_NAME, ORDERED, NULL), CREDIT_OK);
        ck_assert_int_eq(cr_writer_commit(txn, NULL), CREDIT_OK);
    }
    ck_assert_int_eq(cr_snapshot_begin(store, &txn, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_table_get_stat(txn, CR_TABLE_NAME, &stat, NULL), CREDIT_OK);
    ck_assert_uint_eq(stat.entries, 0);
    assert_reads(txn, CR_TABLE_NAME, kept, 1);
    cr_txn_end(txn);
}
END_TEST

/* Each commit is its number in every key that it puts: the tables stay few and equal in
 * size, and what was said last is read. */
START_TEST(a_hundred_commits_in_order_stay_a_few_runs)
{
    cr_table_stat stat;
    cr_txn *txn = NULL;
    for (unsigned commit = 1; commit <= 100; commit++) {
        ck_assert_int_eq(cr_writer_begin(store, &txn, NULL), CREDIT_OK);
        ck_assert_int_eq(cr_table_fill(txn, CR_TABLE_VERSION, KEYS, NULL), CREDIT_OK);
        for (unsigned i = 0; i < KEYS; i += 4) { put(txn, CR_TABLE_VERSION, i, commit); }
        ck_assert_int_eq(cr_writer_commit(txn, NULL), CREDIT_OK);
    }
    ck_assert_int_eq(cr_snapshot_begin(store, &txn, NULL), CREDIT_OK);
    for (unsigned i = 0; i < KEYS; i++) { kept[i] = i % 4 == 0 ? 100 : 0; }
    assert_reads(txn, CR_TABLE_VERSION, kept, 100);
    ck_assert_int_eq(cr_table_get_stat(txn, CR_TABLE_VERSION, &stat, NULL), CREDIT_OK);
    ck_assert_uint_le(stat.entries, 7 * KEYS / 4);
    cr_txn_end(txn);
}
END_TEST

START_TEST(what_comes_here_and_there_is_a_run_in_the_end)
{
    char key[KEY];
    credit_span value;
    cr_txn *txn = NULL;
    ck_assert_int_eq(cr_writer_begin(store, &txn, NULL), CREDIT_OK);
    for (unsigned i = 0; i < MANY; i++) {
        unsigned number = i * 7919 % MANY;
        credit_span put_value = {(const char *)&number, sizeof number};
        ck_assert_int_eq(
            cr_put(txn, CR_TABLE_NAME, key_of(number, key), put_value, NULL), CREDIT_OK);
    }
    ck_assert_int_eq(cr_writer_commit(txn, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_snapshot_begin(store, &txn, NULL), CREDIT_OK);
    for (unsigned i = 0; i < MANY; i++) {
        ck_assert_int_eq(cr_get(txn, CR_TABLE_NAME, key_of(i, key), &value, NULL), CREDIT_OK);
        ck_assert_int_eq(memcmp(value.data, &i, sizeof i), 0);
    }
    cr_txn_end(txn);
}
END_TEST

/* Puts bytes into a database of the store as no writer would. */
static void tamper(const char *database, credit_span key, credit_span value)
{
    MDB_env *env = NULL;
    MDB_txn *txn = NULL;
    MDB_dbi dbi;
    MDB_val k = {key.size, (void *)(uintptr_t)key.data};
    MDB_val v = {value.size, (void *)(uintptr_t)value.data};
    cr_store_close(store);
    store = NULL;
    ck_assert_int_eq(mdb_env_create(&env), 0);
    ck_assert_int_eq(mdb_env_set_maxdbs(env, 4), 0);
    ck_assert_int_eq(mdb_env_open(env, in_scratch("s/index"), 0, 0600), 0);
    ck_assert_int_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
    ck_assert_int_eq(mdb_dbi_open(txn, database, 0, &dbi), 0);
    ck_assert_int_eq(mdb_put(txn, dbi, &k, &v, 0), 0);
    ck_assert_int_eq(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
}

static void given_a_run(void)
{
    cr_txn *txn = NULL;
    ck_assert_int_eq(cr_writer_begin(store, &txn, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_table_fill(txn, CR_TABLE_VERDICT, ORDERED, NULL), CREDIT_OK);
    for (unsigned i = 0; i < ORDERED; i++) { put(txn, CR_TABLE_VERDICT, i, 1 + i); }
    ck_assert_int_eq(cr_writer_commit(txn, NULL), CREDIT_OK);
}

START_TEST(a_damaged_leaf_is_damage_not_a_crash)
{
    static const struct {
        const char *bytes;
        size_t size;
    } leaves[] = {{"", 0}, {"\1\0\55\0\0", 5},   /* shorter than its head */
        {"\0\0\55\0\0\0", 6},                    /* without an entry */
        {"\1\0\55\0\0\0kk", 8},                  /* without its key */
        {"\2\0\1\0\4\0abvvvv", 12},              /* without its second value */
        {"\2\0\1\0\377\377ab\4\0\2\0vvvv", 16},  /* whose values end before they begin */
        {"\2\0\1\0\377\377ab\4\0\11\0vvvv", 16}, /* whose values end behind it */
        {"\377\377\377\377\377\377", 6}};
    char key[KEY];
    given_a_run();
    for (size_t i = 0; i < sizeof leaves / sizeof *leaves; i++) {
        cr_txn *txn = NULL;
        cr_range range;
        credit_span value;
        credit_result rc = CREDIT_OK;
        /* Before all others: its key says that it has all up to the first one. */
        tamper("verdict/1", (credit_span){"b", 1}, (credit_span){leaves[i].bytes, leaves[i].size});
        ck_assert_int_eq(cr_store_open(in_scratch("s"), false, &store, NULL), CREDIT_OK);
        ck_assert_int_eq(cr_snapshot_begin(store, &txn, NULL), CREDIT_OK);
        ck_assert_int_eq(cr_range_open(txn, CR_TABLE_VERDICT, &range, NULL), CREDIT_OK);
        cr_range_seek(&range, (credit_span){NULL, 0});
        while (rc == CREDIT_OK) { rc = cr_range_next(&range, NULL); }
        ck_assert_int_eq(rc, CREDIT_E_CORRUPT);
        ck_assert_int_eq(
            cr_get(txn, CR_TABLE_VERDICT, (credit_span){"b", 1}, &value, NULL), CREDIT_E_CORRUPT);
        ck_assert_int_eq(cr_get(txn, CR_TABLE_VERDICT, key_of(7, key), &value, NULL), CREDIT_OK);
        cr_range_close(&range);
        cr_txn_end(txn);
    }
}
END_TEST

START_TEST(a_damaged_shape_is_damage_not_a_crash)
{
    /* Segment 0, offset 0, then five shapes: tree, count, slot and entries of each run. */
    static const struct {
        const char *bytes;
        size_t size;
    } states[] = {{"\0\0\0\0\0\0\0\0\0\0\0\0", 12},
        {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 21},
        {"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 23},
        {"\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\0", 23},
        {"\0\0\0\0\0\0\0\0\0\0\0\0\0\1\77\0\0\0\0\0\0\0\0"
         "\0\0\0\0\0\0\0\0",
            31}, /* no such slot */
        {"\0\0\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\0\1"
         "\0\0\0\0\0\0\0\0",
            40}, /* one slot twice */
        {"\0\0\0\0\0\0\0\0\0\0\0\0\0\377\0\0\0\0\0\0\0\0", 22}};
    credit_error err = CREDIT_ERROR_INIT;
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        tamper("meta", (credit_span){"end", 3}, (credit_span){states[i].bytes, states[i].size});
        ck_assert_int_eq(cr_store_open(in_scratch("s"), false, &store, &err), CREDIT_E_CORRUPT);
        ck_assert_ptr_null(store);
    }
}
END_TEST

START_TEST(nothing_is_deleted_from_a_table_with_runs)
{
    char key[KEY];
    cr_txn *txn = NULL;
    cr_range range;
    ck_assert_int_eq(cr_writer_begin(store, &txn, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_delete(txn, CR_TABLE_VERSION, key_of(1, key), NULL), CREDIT_E_USAGE);
    ck_assert_int_eq(cr_range_open(txn, CR_TABLE_VERSION, &range, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_range_last(&range, key_of(1, key), key_of(1, key), NULL), CREDIT_E_USAGE);
    cr_range_close(&range);
    cr_txn_end(txn);
}
END_TEST

START_TEST(a_failed_allocation_leaves_the_commit_before)
{
    memcpy(put_now, kept, sizeof kept);
    for (uint64_t n = 1; n < 40; n++) {
        char key[KEY], value[VALUE_MAX];
        cr_txn *txn = NULL;
        cr_alloc_fail_at(n);
        credit_result rc = cr_writer_begin(store, &txn, NULL);
        if (rc == CREDIT_OK) { rc = cr_table_fill(txn, CR_TABLE_VERSION, ORDERED, NULL); }
        for (unsigned i = 0; rc == CREDIT_OK && i < ORDERED; i++) {
            rc = cr_put(txn, CR_TABLE_VERSION, key_of(i, key),
                value_of(CR_TABLE_VERSION, (unsigned)n, value), NULL);
        }
        if (rc == CREDIT_OK) {
            rc = cr_writer_commit(txn, NULL);
            txn = NULL;
        }
        cr_alloc_fail_at(0);
        cr_txn_end(txn);
        ck_assert(rc == CREDIT_OK || rc == CREDIT_E_NOMEM);
        for (unsigned i = 0; rc == CREDIT_OK && i < ORDERED; i++) { kept[i] = (unsigned)n; }
        ck_assert_int_eq(cr_snapshot_begin(store, &txn, NULL), CREDIT_OK);
        assert_reads(txn, CR_TABLE_VERSION, kept, 2);
        cr_txn_end(txn);
    }
    ck_assert_uint_eq(kept[0], 39);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store_run");
    TCase *tests = tcase_create("store_run");
    tcase_add_checked_fixture(tests, given_a_store, drop_the_store);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, values_of_any_size_are_read_as_they_were_put);
    tcase_add_test(tests, values_of_one_size_are_read_as_they_were_put);
    tcase_add_test(tests, a_filter_never_misses_what_is_there_and_seldom_lets_through_what_is_not);
    tcase_add_test(tests, a_writer_that_walks_sees_what_it_puts_before_the_walk_and_not_twice);
    tcase_add_test(tests, a_walk_goes_on_when_the_tree_is_emptied_under_it);
    tcase_add_test(tests, a_run_that_was_announced_and_not_put_is_none);
    tcase_add_test(tests, a_hundred_commits_in_order_stay_a_few_runs);
    tcase_add_test(tests, what_comes_here_and_there_is_a_run_in_the_end);
    tcase_add_test(tests, a_damaged_leaf_is_damage_not_a_crash);
    tcase_add_test(tests, a_damaged_shape_is_damage_not_a_crash);
    tcase_add_test(tests, nothing_is_deleted_from_a_table_with_runs);
    tcase_add_test(tests, a_failed_allocation_leaves_the_commit_before);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
