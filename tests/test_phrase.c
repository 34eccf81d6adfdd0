#include "engine/phrase.h"

#include "engine/codec.h"
#include "engine/text.h"
#include "keys/crypto.h"
#include "tests/support/scratch.h"
#include "tests/support/suite.h"

static cr_store *store;
static cr_hasher *hasher;
static unsigned char persons_key[CR_SECRET_SIZE] = {7};

static void given_a_store(void)
{
    make_scratch();
    ck_assert_int_eq(cr_store_create(in_scratch("s"), NULL), CREDIT_OK);
    ck_assert_int_eq(cr_store_open(in_scratch("s"), false, &store, NULL), CREDIT_OK);
    hasher = cr_keys_crypto()->hasher_new(CR_HASH_SHA256);
}

static void drop_the_store(void)
{
    cr_keys_crypto()->hasher_free(hasher);
    cr_store_close(store);
    remove_scratch();
}

static cr_txn *begin(cr_phrases **phrases)
{
    cr_txn *writer = NULL;
    ck_assert_int_eq(cr_writer_begin(store, &writer, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_phrases_new(writer, phrases, NULL), CREDIT_OK);
    return writer;
}

static size_t phrases_kept(void)
{
    cr_txn *txn = NULL;
    cr_table_stat stat;
    ck_assert_int_eq(cr_snapshot_begin(store, &txn, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_table_get_stat(txn, CR_TABLE_PHRASE, &stat, NULL), CREDIT_OK);
    cr_txn_end(txn);
    return stat.entries;
}

enum { NONE = UINT16_MAX };

/* The number of a text, NONE if it has none. */
static uint32_t number_of(cr_phrases *phrases, const char *text, size_t size)
{
    uint32_t number = NONE;
    credit_result rc = cr_phrases_find(phrases, (credit_span){text, size}, &number, NULL);
    ck_assert(rc == CREDIT_OK || rc == CREDIT_DONE);
    return rc == CREDIT_OK ? number : NONE;
}

static uint32_t number_of_word(cr_phrases *phrases, const char *word)
{
    return number_of(phrases, word, strlen(word));
}

static void commit(cr_txn *writer, cr_phrases *phrases)
{
    cr_phrases_free(phrases);
    ck_assert_int_eq(cr_writer_commit(writer, NULL), CREDIT_OK);
}

START_TEST(a_text_gets_a_number_when_it_comes_again_and_keeps_it)
{
    cr_phrases *phrases = NULL;
    cr_txn *writer = begin(&phrases);
    ck_assert_uint_eq(number_of_word(phrases, "荆州市市场监督管理局"), NONE);
    ck_assert_uint_eq(number_of_word(phrases, "荆州市市场监督管理局"), 0);
    ck_assert_uint_eq(number_of_word(phrases, "无证经营"), NONE);
    ck_assert_uint_eq(number_of_word(phrases, "无证经营"), 1);
    commit(writer, phrases);

    writer = begin(&phrases);
    ck_assert_uint_eq(number_of_word(phrases, "无证经营"), 1);
    ck_assert_uint_eq(number_of_word(phrases, "荆州市市场监督管理局"), 0);
    ck_assert_uint_eq(number_of_word(phrases, "超限运输"), NONE);
    ck_assert_uint_eq(number_of_word(phrases, "超限运输"), 2);
    commit(writer, phrases);
    ck_assert_uint_eq(phrases_kept(), 3);
}
END_TEST

START_TEST(an_undone_writer_leaves_no_phrases)
{
    cr_phrases *phrases = NULL;
    cr_txn *writer = begin(&phrases);
    number_of_word(phrases, "无证经营");
    ck_assert_uint_eq(number_of_word(phrases, "无证经营"), 0);
    cr_phrases_free(phrases);
    cr_txn_end(writer);
    ck_assert_uint_eq(phrases_kept(), 0);

    writer = begin(&phrases);
    ck_assert_uint_eq(number_of_word(phrases, "无证经营"), NONE);
    commit(writer, phrases);
}
END_TEST

START_TEST(short_and_long_texts_stay_where_they_stand)
{
    char text[CR_PHRASE_MOST + 1];
    cr_phrases *phrases = NULL;
    cr_txn *writer = begin(&phrases);
    memset(text, 'x', sizeof text);
    for (int time = 0; time < 2; time++) {
        ck_assert_uint_eq(number_of(phrases, text, 0), NONE);
        ck_assert_uint_eq(number_of(phrases, text, CR_PHRASE_LEAST - 1), NONE);
        ck_assert_uint_eq(number_of(phrases, text, CR_PHRASE_MOST + 1), NONE);
        ck_assert_uint_eq(number_of(phrases, text, CR_PHRASE_LEAST), time == 0 ? NONE : 0);
        ck_assert_uint_eq(number_of(phrases, text, CR_PHRASE_MOST), time == 0 ? NONE : 1);
    }
    commit(writer, phrases);
}
END_TEST

/* Offers texts of `size` bytes, each twice; returns how many have got a number. */
static size_t fill(cr_phrases *phrases, size_t size, size_t texts)
{
    char text[CR_PHRASE_MOST];
    size_t got = 0;
    memset(text, '.', sizeof text);
    for (size_t i = 0; i < texts; i++) {
        cr_set_u32be(text, (uint32_t)i);
        number_of(phrases, text, size);
        got += number_of(phrases, text, size) != NONE;
    }
    return got;
}

START_TEST(their_number_is_bounded_and_what_is_there_goes_on_serving)
{
    cr_phrases *phrases = NULL;
    cr_txn *writer = begin(&phrases);
    fill(phrases, 8, CR_PHRASES_MAX + CR_PHRASES_MAX / 2);
    commit(writer, phrases);
    size_t kept = phrases_kept();
    ck_assert_uint_le(kept, CR_PHRASES_MAX);
    ck_assert_uint_gt(kept, CR_PHRASES_MAX / 10 * 9);

    writer = begin(&phrases);
    ck_assert_uint_eq(number_of(phrases, "\0\0\0\0....", 8), 0);
    ck_assert_uint_eq(number_of_word(phrases, "one more"), NONE);
    commit(writer, phrases);
}
END_TEST

START_TEST(their_bytes_are_bounded)
{
    cr_phrases *phrases = NULL;
    cr_txn *writer = begin(&phrases);
    size_t got = fill(phrases, CR_PHRASE_MOST, 2 * CR_PHRASES_BYTES / CR_PHRASE_MOST);
    ck_assert_uint_eq(got, CR_PHRASES_BYTES / CR_PHRASE_MOST);
    commit(writer, phrases);
    writer = begin(&phrases);
    ck_assert_uint_eq(number_of_word(phrases, "one more"), NONE);
    ck_assert_uint_eq(number_of_word(phrases, "one more"), NONE);
    commit(writer, phrases);
}
END_TEST

START_TEST(a_damaged_entry_is_told_and_not_believed)
{
    cr_txn *writer = NULL;
    cr_phrases *phrases = NULL;
    ck_assert_int_eq(cr_writer_begin(store, &writer, NULL), CREDIT_OK);
    ck_assert_int_eq(
        cr_put(writer, CR_TABLE_PHRASE, CR_SPAN("key"), CR_SPAN("text"), NULL), CREDIT_OK);
    ck_assert_int_eq(cr_phrases_new(writer, &phrases, NULL), CREDIT_E_CORRUPT);
    ck_assert_ptr_null(phrases);
    cr_txn_end(writer);
}
END_TEST

/* ---- frames ------------------------------------------------------------------------- */

enum { AUTHORITY, FACTS, BASIS, NUMBER, COLUMNS };

/* Marked or not, the columns of one catalog. */
static cr_field fields[COLUMNS] = {
    [AUTHORITY] = {.repeats = true}, [BASIS] = {.repeats = true}, [NUMBER] = {.personal = true}};
static cr_catalog catalog = {.fields = fields, .field_count = COLUMNS};

static char bytes[4096];

/* The frame of a row, as it is encoded, and its digest. */
static credit_span encoded(const char *const texts[COLUMNS], char digest[CR_CONTENT_DIGEST])
{
    credit_span values[COLUMNS];
    cr_extra extra = {CR_SPAN("备注二"), CR_SPAN("补录")};
    cr_frame_writer frames = {.crypto = cr_keys_crypto(),
        .hasher = hasher,
        .cipher = CR_CIPHER_AES256_GCM,
        .persons_key = persons_key};
    bool digested = false;
    size_t size = 0;
    for (size_t i = 0; i < COLUMNS; i++) { values[i] = (credit_span){texts[i], strlen(texts[i])}; }
    cr_record record = {.catalog = &catalog, .values = values, .extras = &extra, .extra_count = 1};
    ck_assert_uint_le(cr_frame_room(&record), sizeof bytes);
    ck_assert_int_eq(
        cr_frame_encode(&frames, &record, 3, bytes, &size, digest, &digested, NULL), CREDIT_OK);
    credit_span frame = {bytes, size};
    if (!digested) {
        ck_assert_int_eq(cr_frame_digest(cr_keys_crypto(), hasher, frame, digest, NULL), CREDIT_OK);
    }
    cr_frame_writer_free(&frames);
    return frame;
}

static void assert_says(
    cr_txn *txn, credit_span frame, const char *const texts[COLUMNS], const char *digest)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_frame_view view;
    cr_frame_reader reader = {txn, cr_keys_crypto(), hasher, persons_key};
    ck_assert_int_eq(cr_frame_decode(&reader, frame, COLUMNS, &arena, &view, NULL), CREDIT_OK);
    ck_assert_mem_eq(view.digest, digest, CR_CONTENT_DIGEST);
    ck_assert_uint_eq(view.extra_count, 1);
    ck_assert(cr_span_is(view.extras[0].value, "补录"));
    for (size_t i = 0; i < COLUMNS; i++) {
        credit_span value;
        ck_assert(cr_span_is(view.values[i], texts[i]));
        ck_assert_int_eq(cr_frame_value(txn, frame, i, &value, NULL), CREDIT_OK);
        ck_assert(cr_span_is(value, i == NUMBER ? "" : texts[i]));
    }
    cr_arena_release(&arena);
}

static const char *const row[COLUMNS] = {
    "荆州市市场监督管理局", "当事人无证经营", "《某条例》第一条", "421023198507150025"};

START_TEST(a_short_frame_says_what_was_encoded_and_has_its_digest)
{
    static const char *const rows[][COLUMNS] = {
        {"荆州市市场监督管理局", "当事人无证经营", "《某条例》第一条", "421023198507150025"},
        {"荆州市市场监督管理局", "当事人无证经营", "《某条例》第一条", ""},
        {"荆州市市场监督管理局", "", "", ""}, {"", "", "", ""}};
    char out[2][sizeof bytes], digest[CR_CONTENT_DIGEST];
    size_t size[2];
    cr_phrases *phrases = NULL;
    cr_txn *writer = begin(&phrases);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        credit_span frame = encoded(rows[i], digest);
        assert_says(writer, frame, rows[i], digest);
        for (int time = 0; time < 2; time++) {
            ck_assert_int_eq(
                cr_frame_shorten(phrases, &catalog, frame, out[time], &size[time], NULL),
                CREDIT_OK);
            assert_says(writer, (credit_span){out[time], size[time]}, rows[i], digest);
        }
        ck_assert_uint_le(size[1], frame.size);
        if (i == 0) {
            ck_assert_uint_eq(size[1], frame.size - strlen(row[AUTHORITY]) - strlen(row[BASIS]));
            ck_assert_uint_eq(size[0], frame.size);
        }
    }
    commit(writer, phrases);
    ck_assert_uint_eq(phrases_kept(), 2);
}
END_TEST

START_TEST(a_column_whose_mark_is_gone_is_read_and_another_frame_says_the_same)
{
    char out[sizeof bytes], plain[sizeof bytes], digest[CR_CONTENT_DIGEST];
    size_t size = 0, plain_size = 0;
    cr_phrases *phrases = NULL;
    cr_txn *writer = begin(&phrases);
    for (int time = 0; time < 2; time++) {
        ck_assert_int_eq(
            cr_frame_shorten(phrases, &catalog, encoded(row, digest), out, &size, NULL), CREDIT_OK);
    }
    fields[AUTHORITY].repeats = fields[BASIS].repeats = false;
    ck_assert_int_eq(
        cr_frame_shorten(phrases, &catalog, encoded(row, digest), plain, &plain_size, NULL),
        CREDIT_OK);
    ck_assert_uint_gt(plain_size, size);
    assert_says(writer, (credit_span){out, size}, row, digest);
    assert_says(writer, (credit_span){plain, plain_size}, row, digest);
    fields[AUTHORITY].repeats = fields[BASIS].repeats = true;
    commit(writer, phrases);
}
END_TEST

START_TEST(a_number_that_nothing_has_is_damage)
{
    char out[sizeof bytes], digest[CR_CONTENT_DIGEST];
    size_t size = 0;
    cr_phrases *phrases = NULL;
    cr_txn *writer = begin(&phrases), *snapshot = NULL;
    for (int time = 0; time < 2; time++) {
        ck_assert_int_eq(
            cr_frame_shorten(phrases, &catalog, encoded(row, digest), out, &size, NULL), CREDIT_OK);
    }
    commit(writer, phrases);
    ck_assert_int_eq(cr_snapshot_begin(store, &snapshot, NULL), CREDIT_OK);
    ck_assert_int_eq(out[CR_FRAME_HEAD], 1); /* number 0 */
    out[CR_FRAME_HEAD] = 2 << 1 | 1;
    cr_arena arena = CR_ARENA_INIT;
    cr_frame_view view;
    credit_span frame = {out, size}, value;
    cr_frame_reader reader = {snapshot, cr_keys_crypto(), hasher, persons_key};
    ck_assert_int_eq(
        cr_frame_decode(&reader, frame, COLUMNS, &arena, &view, NULL), CREDIT_E_CORRUPT);
    ck_assert_int_eq(cr_frame_value(snapshot, frame, AUTHORITY, &value, NULL), CREDIT_E_CORRUPT);
    /* The other columns do not ask for it. */
    ck_assert_int_eq(cr_frame_value(snapshot, frame, FACTS, &value, NULL), CREDIT_OK);
    ck_assert(cr_span_is(value, row[FACTS]));
    ck_assert_int_eq(cr_frame_value(snapshot, frame, BASIS, &value, NULL), CREDIT_OK);
    ck_assert(cr_span_is(value, row[BASIS]));
    cr_arena_release(&arena);
    cr_txn_end(snapshot);
}
END_TEST

/* Stores the row's frame twice, so that it has phrases; or says what went wrong. */
static credit_result store_row(void)
{
    char out[sizeof bytes];
    size_t size = 0;
    cr_txn *writer = NULL;
    cr_phrases *phrases = NULL;
    credit_span frame = {bytes, cr_get_u32le(bytes)};
    credit_result rc = cr_writer_begin(store, &writer, NULL);
    if (rc == CREDIT_OK) { rc = cr_phrases_new(writer, &phrases, NULL); }
    for (int time = 0; rc == CREDIT_OK && time < 2; time++) {
        rc = cr_frame_shorten(phrases, &catalog, frame, out, &size, NULL);
    }
    cr_phrases_free(phrases);
    if (rc == CREDIT_OK) { return cr_writer_commit(writer, NULL); }
    cr_txn_end(writer);
    return rc;
}

START_TEST(a_failed_allocation_leaves_no_phrases)
{
    char digest[CR_CONTENT_DIGEST];
    encoded(row, digest);
    credit_result rc = CREDIT_E_NOMEM;
    uint64_t failures = 0;
    for (; rc == CREDIT_E_NOMEM; failures++) {
        ck_assert_uint_eq(phrases_kept(), 0);
        ck_assert_uint_lt(failures, 100);
        cr_alloc_fail_at(failures + 1);
        rc = store_row();
        cr_alloc_fail_at(0);
    }
    ck_assert_int_eq(rc, CREDIT_OK);
    ck_assert_uint_gt(failures, 3);
    ck_assert_uint_eq(phrases_kept(), 2);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("phrase");
    TCase *tests = tcase_create("phrase");
    tcase_add_checked_fixture(tests, given_a_store, drop_the_store);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, a_text_gets_a_number_when_it_comes_again_and_keeps_it);
    tcase_add_test(tests, an_undone_writer_leaves_no_phrases);
    tcase_add_test(tests, short_and_long_texts_stay_where_they_stand);
    tcase_add_test(tests, their_number_is_bounded_and_what_is_there_goes_on_serving);
    tcase_add_test(tests, their_bytes_are_bounded);
    tcase_add_test(tests, a_damaged_entry_is_told_and_not_believed);
    tcase_add_test(tests, a_short_frame_says_what_was_encoded_and_has_its_digest);
    tcase_add_test(tests, a_column_whose_mark_is_gone_is_read_and_another_frame_says_the_same);
    tcase_add_test(tests, a_number_that_nothing_has_is_damage);
    tcase_add_test(tests, a_failed_allocation_leaves_no_phrases);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
