/* The versions of records in force on a day, asked in every order, against a plain
 * search. */
#include "engine/earlier.h"

#include "tests/support/scratch.h"
#include "tests/support/suite.h"

enum { SUBJECTS = 40, RECORDS = 60, VERSIONS_MAX = 25, DAYS = 30 };

static cr_store *store;
static uint64_t state;
/* How many versions each record has, which say their number in their digests, and of
 * which days they are. */
static uint32_t versions[SUBJECTS][RECORDS];
static credit_date days[SUBJECTS][RECORDS][VERSIONS_MAX + 1];

static uint32_t draw(uint32_t below)
{
    state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

static cr_version_key key_of(uint32_t subject, uint32_t record)
{
    cr_version_key key;
    memset(&key, 0, sizeof key);
    cr_set_u32be(key.subject.bytes, subject);
    cr_set_u32be(key.record, record);
    key.catalog = 3;
    return key;
}

static void put_version(
    cr_txn *txn, uint32_t subject, uint32_t record, uint32_t number, credit_date day)
{
    char key[CR_VERSION_KEY], value[CR_VERSION_VALUE];
    cr_version_key of = key_of(subject, record);
    cr_version version;
    memset(&version, 0, sizeof version);
    of.commit = number;
    cr_version_key_encode(&of, key);
    version.state = CR_VERSION_CURRENT;
    version.sourced_on = day;
    cr_set_u32be(version.digest, number);
    cr_version_encode(&version, value);
    ck_assert_int_eq(cr_put(txn, CR_TABLE_VERSION, (credit_span){key, sizeof key},
                         (credit_span){value, sizeof value}, NULL),
        CREDIT_OK);
}

/* Subjects with no record, with few and with all; records with a long history. */
static void given_records(void)
{
    cr_txn *txn = NULL;
    make_scratch();
    state = 42;
    ck_assert_int_eq(cr_store_create(in_scratch("s"), NULL), CREDIT_OK);
    ck_assert_int_eq(cr_store_open(in_scratch("s"), false, &store, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_writer_begin(store, &txn, NULL), CREDIT_OK);
    for (uint32_t s = 0; s < SUBJECTS; s++) {
        for (uint32_t r = 0; r < RECORDS; r++) {
            bool any = s % 4 == 3 || (s % 4 != 0 && draw(10) == 0);
            versions[s][r] = !any ? 0 : draw(5) == 0 ? draw(VERSIONS_MAX) : 1;
            for (uint32_t n = 1; n <= versions[s][r]; n++) {
                days[s][r][n] = (credit_date)(10 + draw(DAYS));
                put_version(txn, s, r, n, days[s][r][n]);
            }
        }
    }
    ck_assert_int_eq(cr_writer_commit(txn, NULL), CREDIT_OK);
}

static void drop_them(void)
{
    cr_store_close(store);
    remove_scratch();
}

static void ask(cr_earlier *earlier, uint32_t subject, uint32_t record)
{
    cr_found found;
    cr_version_key key = key_of(subject, record);
    credit_date day = (credit_date)(5 + draw(DAYS + 10));
    uint32_t wanted = 0, count = versions[subject][record];
    const credit_date *of = days[subject][record];
    for (uint32_t n = 1; n <= count; n++) {
        if (of[n] <= day && (wanted == 0 || of[n] >= of[wanted])) { wanted = n; }
    }
    ck_assert_int_eq(cr_earlier_find(earlier, &key, day, &found, NULL), CREDIT_OK);
    ck_assert_int_eq(found.any, count != 0);
    ck_assert_int_eq(found.in_force, wanted != 0);
    if (wanted != 0) { ck_assert_uint_eq(cr_get_u32be(found.version.digest), wanted); }
}

START_TEST(records_are_found_in_the_order_of_their_keys)
{
    /* All of them, and ever fewer. */
    for (uint32_t gap = 1; gap < 40; gap++) {
        cr_earlier earlier;
        ck_assert_int_eq(cr_earlier_open(&earlier, store, NULL), CREDIT_OK);
        for (uint32_t at = draw(gap); at < SUBJECTS * RECORDS; at += 1 + draw(gap)) {
            ask(&earlier, at / RECORDS, at % RECORDS);
        }
        cr_earlier_close(&earlier);
    }
}
END_TEST

START_TEST(records_are_found_in_any_order)
{
    cr_earlier earlier;
    ck_assert_int_eq(cr_earlier_open(&earlier, store, NULL), CREDIT_OK);
    for (uint32_t i = 0; i < 50000; i++) {
        /* Often of one subject, sometimes the same again. */
        uint32_t subject = i / 7 % SUBJECTS, record = draw(RECORDS);
        ask(&earlier, subject, record);
        if (i % 5 == 0) { ask(&earlier, subject, record); }
    }
    cr_earlier_close(&earlier);
}
END_TEST

START_TEST(what_a_writer_puts_meanwhile_is_not_seen)
{
    cr_earlier earlier;
    cr_txn *txn = NULL;
    ck_assert_int_eq(cr_writer_begin(store, &txn, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_earlier_open(&earlier, store, NULL), CREDIT_OK);
    put_version(txn, 0, 7, 1, 10);
    put_version(txn, 3, 7, 1000, 10);
    ask(&earlier, 0, 7);
    ask(&earlier, 3, 7);
    cr_earlier_close(&earlier);
    cr_txn_end(txn);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("earlier");
    TCase *tests = tcase_create("earlier");
    tcase_add_checked_fixture(tests, given_records, drop_them);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, records_are_found_in_the_order_of_their_keys);
    tcase_add_test(tests, records_are_found_in_any_order);
    tcase_add_test(tests, what_a_writer_puts_meanwhile_is_not_seen);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
