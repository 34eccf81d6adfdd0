#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

#include "engine/arena.h"
#include "engine/bytes.h"
#include "engine/store.h"
#include "tests/support/scratch.h"
#include "tests/support/suite.h"

static cr_store *store;

static void pause_for(long microseconds)
{
    struct timespec wait = {0, microseconds * 1000};
    nanosleep(&wait, NULL);
}

static credit_span text(const char *s)
{
    return (credit_span){s, strlen(s)};
}

static void given_a_store(void)
{
    make_scratch();
    ck_assert_int_eq(cr_store_create(in_scratch("s"), NULL), CREDIT_OK);
    ck_assert_int_eq(cr_store_open(in_scratch("s"), false, &store, NULL), CREDIT_OK);
}

static void drop_the_store(void)
{
    cr_store_close(store);
    store = NULL;
    remove_scratch();
}

static cr_txn *writer(void)
{
    cr_txn *txn = NULL;
    ck_assert_int_eq(cr_writer_begin(store, &txn, NULL), CREDIT_OK);
    return txn;
}

static cr_txn *snapshot(void)
{
    cr_txn *txn = NULL;
    ck_assert_int_eq(cr_snapshot_begin(store, &txn, NULL), CREDIT_OK);
    return txn;
}

static void put(cr_txn *txn, const char *key, const char *value)
{
    ck_assert_int_eq(cr_put(txn, CR_TABLE_VERSION, text(key), text(value), NULL), CREDIT_OK);
}

static bool has(cr_txn *txn, const char *key)
{
    credit_span value;
    credit_result rc = cr_get(txn, CR_TABLE_VERSION, text(key), &value, NULL);
    ck_assert(rc == CREDIT_OK || rc == CREDIT_DONE);
    return rc == CREDIT_OK;
}

START_TEST(a_snapshot_sees_one_commit_while_the_writer_goes_on)
{
    cr_txn *before = snapshot();
    cr_txn *w = writer();
    put(w, "a", "1");
    ck_assert(!has(before, "a"));
    ck_assert_int_eq(cr_writer_commit(w, NULL), CREDIT_OK);
    ck_assert(!has(before, "a"));
    ck_assert_int_eq(cr_snapshot_renew(before, NULL), CREDIT_OK);
    ck_assert(has(before, "a"));
    cr_txn_end(before);
}
END_TEST

START_TEST(an_undone_writer_leaves_nothing)
{
    cr_txn *w = writer();
    cr_frame_ref ref;
    put(w, "a", "1");
    ck_assert_int_eq(cr_frames_append(w, text("frame"), &ref, NULL), CREDIT_OK);
    cr_txn_end(w);
    cr_txn *r = snapshot();
    ck_assert(!has(r, "a"));
    credit_span frame;
    ck_assert_int_eq(cr_frame_get(r, ref, 5, &frame, NULL), CREDIT_E_CORRUPT);
    cr_txn_end(r);
}
END_TEST

START_TEST(a_walk_keeps_to_its_prefix_in_byte_order)
{
    cr_txn *w = writer();
    static const char *const keys[] = {"b2", "a", "b1", "c", "b", "b10"};
    static const char *const expected[] = {"b", "b1", "b10", "b2"};
    for (size_t i = 0; i < 6; i++) {
        ck_assert_int_eq(cr_put(w, CR_TABLE_CHANGE, text(keys[i]), text("x"), NULL), CREDIT_OK);
    }
    cr_range range;
    ck_assert_int_eq(cr_range_open(w, CR_TABLE_CHANGE, &range, NULL), CREDIT_OK);
    cr_range_seek(&range, text("b"));
    for (size_t i = 0; i < 4; i++) {
        ck_assert_int_eq(cr_range_next(&range, NULL), CREDIT_OK);
        ck_assert_int_eq(memcmp(range.key.data, expected[i], range.key.size), 0);
    }
    ck_assert_int_eq(cr_range_next(&range, NULL), CREDIT_DONE);
    ck_assert_int_eq(cr_range_last(&range, text("b"), text("b19"), NULL), CREDIT_OK);
    ck_assert_int_eq(memcmp(range.key.data, "b10", 3), 0);
    ck_assert_int_eq(cr_range_last(&range, text("bx"), text("bz"), NULL), CREDIT_DONE);
    ck_assert_int_eq(cr_range_last(&range, text("c"), text("cz"), NULL), CREDIT_OK);
    cr_range_close(&range);
    cr_txn_end(w);
}
END_TEST

/* 3 KiB frames, each full of its own number. */
static void fill_frame(char frame[3072], uint32_t number)
{
    for (size_t i = 0; i < 3072; i += 4) { cr_set_u32le(frame + i, number); }
}

START_TEST(frames_are_read_back_from_buffer_and_from_disk)
{
    enum { COUNT = 4000 };
    static cr_frame_ref refs[COUNT];
    char frame[3072];
    credit_span span;
    cr_txn *w = writer();
    for (uint32_t i = 0; i < COUNT; i++) {
        fill_frame(frame, i);
        ck_assert_int_eq(
            cr_frames_append(w, (credit_span){frame, sizeof frame}, &refs[i], NULL), CREDIT_OK);
    }
    for (int round = 0; round < 2; round++) {
        for (uint32_t i = 0; i < COUNT; i++) {
            fill_frame(frame, i);
            ck_assert_int_eq(cr_frame_get(w, refs[i], sizeof frame, &span, NULL), CREDIT_OK);
            ck_assert_int_eq(memcmp(span.data, frame, sizeof frame), 0);
        }
        if (round == 0) {
            ck_assert_int_eq(cr_writer_commit(w, NULL), CREDIT_OK);
            w = snapshot();
        }
    }
    ck_assert_int_eq(
        cr_frame_get(w, refs[COUNT - 1], sizeof frame + 1, &span, NULL), CREDIT_E_CORRUPT);
    ck_assert_int_eq(cr_frame_get(w, 0, 1, &span, NULL), CREDIT_E_CORRUPT);
    cr_txn_end(w);
}
END_TEST

START_TEST(bytes_that_no_commit_promised_are_cut_off_by_the_next_writer)
{
    cr_frame_ref ref;
    cr_txn *w = writer();
    ck_assert_int_eq(cr_frames_append(w, text("one"), &ref, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_writer_commit(w, NULL), CREDIT_OK);
    FILE *segment = fopen(in_scratch("s/segments/00000001.seg"), "ab");
    fputs("left over by a writer that was killed", segment);
    fclose(segment);

    w = writer();
    ck_assert_int_eq(cr_frames_append(w, text("two"), &ref, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_writer_commit(w, NULL), CREDIT_OK);

    cr_txn *r = snapshot();
    credit_span frame;
    struct stat status;
    ck_assert_int_eq(cr_frame_get(r, ref, 3, &frame, NULL), CREDIT_OK);
    ck_assert_int_eq(memcmp(frame.data, "two", 3), 0);
    ck_assert_int_eq(stat(in_scratch("s/segments/00000001.seg"), &status), 0);
    ck_assert_int_eq(status.st_size, 6);
    cr_txn_end(r);
}
END_TEST

START_TEST(a_segment_shorter_than_its_commit_promised_is_damage_not_a_crash)
{
    cr_frame_ref ref;
    credit_span frame;
    credit_error err = CREDIT_ERROR_INIT;
    char bytes[9000] = {1};
    cr_txn *w = writer();
    ck_assert_int_eq(
        cr_frames_append(w, (credit_span){bytes, sizeof bytes}, &ref, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_writer_commit(w, NULL), CREDIT_OK);
    ck_assert_int_eq(truncate(in_scratch("s/segments/00000001.seg"), 100), 0);

    cr_txn *r = snapshot();
    ck_assert_int_eq(cr_frame_get(r, ref, sizeof bytes, &frame, &err), CREDIT_E_CORRUPT);
    ck_assert_ptr_nonnull(strstr(err.message, "shorter"));
    cr_txn_end(r);
}
END_TEST

static void write_meta(const char *key, const char *value, size_t size)
{
    cr_txn *w = writer();
    ck_assert_int_eq(
        cr_put(w, CR_TABLE_META, text(key), (credit_span){value, size}, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_writer_commit(w, NULL), CREDIT_OK);
    cr_store_close(store);
    store = NULL;
}

START_TEST(a_store_of_an_older_format_is_refused_too)
{
    credit_error err = CREDIT_ERROR_INIT;
    write_meta("format", "credit-store\0\0\0\1", 16);
    ck_assert_int_eq(cr_store_open(in_scratch("s"), false, &store, &err), CREDIT_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "format 1 is not known"));
    ck_assert_ptr_null(store);
}
END_TEST

START_TEST(a_store_of_a_newer_format_is_refused_with_both_numbers)
{
    credit_error err = CREDIT_ERROR_INIT;
    write_meta("format", "credit-store\0\0\0\7", 16);
    ck_assert_int_eq(cr_store_open(in_scratch("s"), false, &store, &err), CREDIT_E_FORMAT);
    ck_assert_ptr_nonnull(strstr(err.message, "format 7"));
    ck_assert_ptr_nonnull(strstr(err.message, "format 4"));
    ck_assert_ptr_null(store);
}
END_TEST

START_TEST(what_is_not_a_store_is_told_apart)
{
    cr_store *other = NULL;
    ck_assert_int_eq(cr_store_open(in_scratch("none"), false, &other, NULL), CREDIT_E_NOT_FOUND);
    ck_assert_int_eq(cr_store_open(scratch, false, &other, NULL), CREDIT_E_FORMAT);
    ck_assert_int_eq(mkdir(in_scratch("x"), 0700), 0);
    ck_assert_int_eq(mkdir(in_scratch("x/index"), 0700), 0);
    FILE *rubbish = fopen(in_scratch("x/index/data.mdb"), "wb");
    for (int i = 0; i < 20000; i++) { fputc(i * 7, rubbish); }
    fclose(rubbish);
    ck_assert_int_eq(cr_store_open(in_scratch("x"), false, &other, NULL), CREDIT_E_FORMAT);
    ck_assert_int_eq(cr_store_create(in_scratch("s"), NULL), CREDIT_E_EXISTS);
}
END_TEST

START_TEST(a_store_opened_for_reading_refuses_to_write)
{
    cr_txn *txn = NULL;
    cr_store_close(store);
    ck_assert_int_eq(cr_store_open(in_scratch("s"), true, &store, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_writer_begin(store, &txn, NULL), CREDIT_E_ACCESS);
    ck_assert_ptr_null(txn);
}
END_TEST

/* A child that commits numbered pairs until it is killed: a key and a frame. */
static void write_until_killed(const char *path)
{
    cr_store *mine = NULL;
    if (cr_store_open(path, false, &mine, NULL) != CREDIT_OK) { _exit(9); }
    for (uint32_t n = 0;; n++) {
        cr_txn *txn = NULL;
        char key[4], value[8], frame[3072];
        cr_frame_ref ref;
        if (cr_writer_begin(mine, &txn, NULL) != CREDIT_OK) { _exit(9); }
        for (uint32_t i = 0; i < 50; i++) {
            cr_set_u32be(key, n * 50 + i);
            fill_frame(frame, n * 50 + i);
            if (cr_frames_append(txn, (credit_span){frame, sizeof frame}, &ref, NULL) !=
                CREDIT_OK) {
                _exit(9);
            }
            cr_set_u64be(value, ref);
            if (cr_put(txn, CR_TABLE_VERSION, (credit_span){key, 4}, (credit_span){value, 8},
                    NULL) != CREDIT_OK) {
                _exit(9);
            }
        }
        if (cr_writer_commit(txn, NULL) != CREDIT_OK) { _exit(9); }
    }
}

/* Every pair is whole, and there are whole commits only. */
static void check_pairs(void)
{
    cr_txn *r = snapshot();
    cr_range range;
    uint32_t seen = 0;
    char expected[3072];
    credit_span frame;
    credit_result rc;
    ck_assert_int_eq(cr_range_open(r, CR_TABLE_VERSION, &range, NULL), CREDIT_OK);
    cr_range_seek(&range, (credit_span){NULL, 0});
    while ((rc = cr_range_next(&range, NULL)) == CREDIT_OK) {
        ck_assert_uint_eq(cr_get_u32be(range.key.data), seen);
        fill_frame(expected, seen++);
        ck_assert_int_eq(
            cr_frame_get(r, cr_get_u64be(range.value.data), 3072, &frame, NULL), CREDIT_OK);
        ck_assert_int_eq(memcmp(frame.data, expected, 3072), 0);
    }
    ck_assert_int_eq(rc, CREDIT_DONE);
    ck_assert_uint_eq(seen % 50, 0);
    cr_range_close(&range);
    cr_txn_end(r);
}

START_TEST(a_writer_killed_at_any_moment_leaves_whole_commits_only)
{
    cr_store_close(store);
    store = NULL;
    for (long wait = 1000; wait < 60000; wait += 4700) {
        pid_t child = fork();
        if (child == 0) { write_until_killed(in_scratch("s")); }
        pause_for(wait);
        kill(child, SIGKILL);
        int status = 0;
        waitpid(child, &status, 0);
        ck_assert(WIFSIGNALED(status));
        ck_assert_int_eq(cr_store_open(in_scratch("s"), false, &store, NULL), CREDIT_OK);
        check_pairs();
        cr_store_close(store);
        store = NULL;
        /* The next round starts from nothing, so that numbers stay in order. */
        remove_scratch();
        make_scratch();
        ck_assert_int_eq(cr_store_create(in_scratch("s"), NULL), CREDIT_OK);
    }
}
END_TEST

static void *commit_in_another_thread(void *unused)
{
    (void)unused;
    cr_txn *w = writer();
    put(w, "second", "x");
    ck_assert_int_eq(cr_writer_commit(w, NULL), CREDIT_OK);
    return NULL;
}

START_TEST(a_second_writer_waits_for_the_first)
{
    pthread_t thread;
    cr_txn *w = writer();
    put(w, "first", "x");
    ck_assert_int_eq(pthread_create(&thread, NULL, commit_in_another_thread, NULL), 0);
    pause_for(20000);
    cr_txn *r = snapshot();
    ck_assert(!has(r, "second"));
    ck_assert_int_eq(cr_writer_commit(w, NULL), CREDIT_OK);
    pthread_join(thread, NULL);
    ck_assert_int_eq(cr_snapshot_renew(r, NULL), CREDIT_OK);
    ck_assert(has(r, "first"));
    ck_assert(has(r, "second"));
    cr_txn_end(r);
}
END_TEST

START_TEST(a_failed_allocation_while_opening_is_reported)
{
    cr_store_close(store);
    store = NULL;
    for (uint64_t n = 1; n < 10; n++) {
        cr_alloc_fail_at(n);
        credit_result rc = cr_store_open(in_scratch("s"), false, &store, NULL);
        cr_alloc_fail_at(0);
        ck_assert(rc == CREDIT_OK || rc == CREDIT_E_NOMEM);
        cr_store_close(store);
        store = NULL;
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("store");
    TCase *tests = tcase_create("store");
    /* Checked: LMDB must not be carried across Check's fork. */
    tcase_add_checked_fixture(tests, given_a_store, drop_the_store);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_snapshot_sees_one_commit_while_the_writer_goes_on);
    tcase_add_test(tests, an_undone_writer_leaves_nothing);
    tcase_add_test(tests, a_walk_keeps_to_its_prefix_in_byte_order);
    tcase_add_test(tests, frames_are_read_back_from_buffer_and_from_disk);
    tcase_add_test(tests, bytes_that_no_commit_promised_are_cut_off_by_the_next_writer);
    tcase_add_test(tests, a_segment_shorter_than_its_commit_promised_is_damage_not_a_crash);
    tcase_add_test(tests, a_store_of_an_older_format_is_refused_too);
    tcase_add_test(tests, a_store_of_a_newer_format_is_refused_with_both_numbers);
    tcase_add_test(tests, what_is_not_a_store_is_told_apart);
    tcase_add_test(tests, a_store_opened_for_reading_refuses_to_write);
    tcase_add_test(tests, a_writer_killed_at_any_moment_leaves_whole_commits_only);
    tcase_add_test(tests, a_second_writer_waits_for_the_first);
    tcase_add_test(tests, a_failed_allocation_while_opening_is_reported);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
