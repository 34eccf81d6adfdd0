/* The container: one way to write it, and no other way to read it. */
#include <stdio.h>
#include <string.h>
#include <zip.h>

#include "engine/text.h"
#include "keys/container.h"
#include "tests/support/scratch.h"
#include "tests/support/suite.h"

static cr_arena arena = CR_ARENA_INIT;

/* A span as an initialiser that lives longer than a function. */
#define LITERAL(text)                                                                              \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

static const cr_entry sample[] = {
    {LITERAL("mimetype"), LITERAL("application/vnd.etsi.asic-e+zip")},
    {LITERAL("extract.json"), LITERAL("{\"subject\":\"91421000MA00000000\"}")},
    {LITERAL("empty"), LITERAL("")},
    {LITERAL("META-INF/sm2.sig"), LITERAL("0\x06\x02\x01\x01\x02\x01\x01")},
};
enum { SAMPLE = sizeof sample / sizeof sample[0] };

static void setup(void)
{
    make_scratch();
}

static void teardown(void)
{
    cr_arena_release(&arena);
    remove_scratch();
}

static credit_span written(const cr_entry *entries, size_t count)
{
    credit_span bytes;
    credit_error err = CREDIT_ERROR_INIT;
    credit_result rc = cr_container_write(entries, count, &arena, &bytes, &err);
    ck_assert_msg(rc == CREDIT_OK, "%s", err.message);
    return bytes;
}

/* True when the reader refuses, with a reason. */
static bool refused(credit_span bytes)
{
    cr_entry *entries = NULL;
    size_t count = 1;
    credit_error err = CREDIT_ERROR_INIT;
    cr_arena scratch_arena = CR_ARENA_INIT;
    credit_result rc = cr_container_read(bytes, &scratch_arena, &entries, &count, &err);
    if (rc == CREDIT_E_UNTRUSTED) {
        ck_assert_ptr_null(entries);
        ck_assert_uint_eq(count, 0);
        ck_assert_str_ne(err.message, "");
    }
    cr_arena_release(&scratch_arena);
    return rc == CREDIT_E_UNTRUSTED;
}

START_TEST(what_was_written_is_read)
{
    cr_entry *entries = NULL;
    size_t count = 0;
    credit_span bytes = written(sample, SAMPLE);
    ck_assert_int_eq(cr_container_read(bytes, &arena, &entries, &count, NULL), CREDIT_OK);
    ck_assert_uint_eq(count, SAMPLE);
    for (size_t i = 0; i < count; i++) {
        ck_assert(cr_span_equal(entries[i].name, sample[i].name));
        ck_assert(cr_span_equal(entries[i].bytes, sample[i].bytes));
    }
    ck_assert(cr_container_matches(entries, count, bytes));
    ck_assert(!cr_container_matches(entries, count - 1, bytes));
}
END_TEST

START_TEST(the_same_entries_give_the_same_bytes)
{
    credit_span first = written(sample, SAMPLE), second = written(sample, SAMPLE);
    ck_assert(cr_span_equal(first, second));
    /* The layout, by hand: an empty container is its end record alone. */
    credit_span none = written(NULL, 0);
    ck_assert_uint_eq(none.size, 22);
    ck_assert_mem_eq(none.data, "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 22);
    ck_assert_mem_eq(first.data, "PK\3\4\12\0\0\0\0\0\0\0\x21\0", 14);
}
END_TEST

START_TEST(every_flipped_bit_is_refused)
{
    credit_span good = written(sample, SAMPLE);
    char *bytes = cr_arena_copy(&arena, good.data, good.size);
    for (size_t bit = 0; bit < good.size * 8; bit++) {
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
        ck_assert_msg(refused((credit_span){bytes, good.size}), "bit %zu", bit);
        bytes[bit / 8] = (char)(bytes[bit / 8] ^ (1 << bit % 8));
    }
    ck_assert(!refused((credit_span){bytes, good.size}));
}
END_TEST

START_TEST(every_cut_and_every_byte_behind_is_refused)
{
    credit_span good = written(sample, SAMPLE);
    for (size_t size = 0; size < good.size; size++) {
        /* Exactly as many bytes as told, so that one too far is seen. */
        char *bytes = malloc(size > 0 ? size : 1);
        memcpy(bytes, good.data, size);
        ck_assert_msg(refused((credit_span){bytes, size}), "cut to %zu", size);
        free(bytes);
    }
    char *longer = cr_arena_alloc(&arena, good.size + 1);
    memcpy(longer, good.data, good.size);
    for (int c = 0; c < 256; c++) {
        longer[good.size] = (char)c;
        ck_assert(refused((credit_span){longer, good.size + 1}));
    }
}
END_TEST

START_TEST(a_byte_put_in_anywhere_is_refused)
{
    credit_span good = written(sample, SAMPLE);
    char *longer = cr_arena_alloc(&arena, good.size + 1);
    for (size_t at = 0; at <= good.size; at++) {
        memcpy(longer, good.data, at);
        longer[at] = 0;
        memcpy(longer + at + 1, good.data + at, good.size - at);
        ck_assert_msg(refused((credit_span){longer, good.size + 1}), "at %zu", at);
    }
}
END_TEST

START_TEST(another_order_is_another_container)
{
    cr_entry swapped[SAMPLE];
    memcpy(swapped, sample, sizeof sample);
    swapped[1] = sample[2];
    swapped[2] = sample[1];
    credit_span good = written(sample, SAMPLE), other = written(swapped, SAMPLE);
    ck_assert(!cr_span_equal(good, other));
    ck_assert(!cr_container_matches(sample, SAMPLE, other));
    /* The entries of one with the directory of the other is neither. */
    ck_assert_uint_eq(good.size, other.size);
    size_t directory = cr_span_find(good, CR_SPAN("PK\1\2"));
    char *mixed = cr_arena_copy(&arena, good.data, good.size);
    memcpy(mixed + directory, other.data + directory, good.size - directory);
    ck_assert(refused((credit_span){mixed, good.size}));
}
END_TEST

START_TEST(names_that_climb_or_repeat_are_refused)
{
    const char *bad[] = {"", "/etc", "a/", "a//b", "../x", "a/../b", "./x", ".hidden", "a b",
        "a\\b", "荆州.json", "a\nb"};
    credit_span out;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const cr_entry entry = {cr_span_of(bad[i]), CR_SPAN("x")};
        ck_assert_msg(
            cr_container_write(&entry, 1, &arena, &out, NULL) == CREDIT_E_USAGE, "%s", bad[i]);
    }
    const cr_entry twice[] = {{CR_SPAN("a"), CR_SPAN("1")}, {CR_SPAN("a"), CR_SPAN("2")}};
    ck_assert_int_eq(cr_container_write(twice, 2, &arena, &out, NULL), CREDIT_E_USAGE);
    char longest[CR_CONTAINER_NAME_MAX + 1];
    memset(longest, 'n', sizeof longest);
    cr_entry entry = {{longest, CR_CONTAINER_NAME_MAX}, CR_SPAN("")};
    ck_assert_int_eq(cr_container_write(&entry, 1, &arena, &out, NULL), CREDIT_OK);
    entry.name.size++;
    ck_assert_int_eq(cr_container_write(&entry, 1, &arena, &out, NULL), CREDIT_E_USAGE);
}
END_TEST

START_TEST(a_hostile_name_is_refused_by_the_reader_too)
{
    const cr_entry entry = {CR_SPAN("aaa/bbb"), CR_SPAN("x")};
    credit_span good = written(&entry, 1);
    char *bytes = cr_arena_copy(&arena, good.data, good.size);
    for (size_t at = 0; at + 7 <= good.size; at++) {
        if (memcmp(bytes + at, "aaa/bbb", 7) == 0) { memcpy(bytes + at, "../bbbb", 7); }
    }
    ck_assert(refused((credit_span){bytes, good.size}));
}
END_TEST

START_TEST(limits_are_refused_with_their_code)
{
    static cr_entry many[CR_CONTAINER_ENTRIES_MAX + 1];
    static char names[CR_CONTAINER_ENTRIES_MAX + 1][8];
    credit_span out;
    cr_entry *entries = NULL;
    size_t count = 0;
    for (size_t i = 0; i <= CR_CONTAINER_ENTRIES_MAX; i++) {
        snprintf(names[i], sizeof names[i], "n%zu", i);
        many[i] = (cr_entry){cr_span_of(names[i]), CR_SPAN("x")};
    }
    ck_assert_int_eq(
        cr_container_write(many, CR_CONTAINER_ENTRIES_MAX + 1, &arena, &out, NULL), CREDIT_E_LIMIT);
    credit_span full = written(many, CR_CONTAINER_ENTRIES_MAX);
    ck_assert_int_eq(cr_container_read(full, &arena, &entries, &count, NULL), CREDIT_OK);
    ck_assert_uint_eq(count, CR_CONTAINER_ENTRIES_MAX);

    const cr_entry huge = {CR_SPAN("huge"), {"", (size_t)CR_CONTAINER_BYTES_MAX}};
    ck_assert_int_eq(cr_container_write(&huge, 1, &arena, &out, NULL), CREDIT_E_LIMIT);
}
END_TEST

START_TEST(running_out_of_memory_is_reported)
{
    credit_span out, good = written(sample, SAMPLE);
    cr_entry *entries = NULL;
    size_t count = 0;
    cr_arena empty = CR_ARENA_INIT;
    cr_alloc_fail_at(1);
    ck_assert_int_eq(cr_container_write(sample, SAMPLE, &empty, &out, NULL), CREDIT_E_NOMEM);
    ck_assert_ptr_null(out.data);
    cr_alloc_fail_at(1);
    ck_assert_int_eq(cr_container_read(good, &empty, &entries, &count, NULL), CREDIT_E_NOMEM);
    cr_alloc_fail_at(0);
    cr_arena_release(&empty);
}
END_TEST

static void save(const char *path, credit_span bytes)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes.data, 1, bytes.size, file), bytes.size);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(libzip_reads_what_we_write)
{
    const char *path = in_scratch("sample.asice");
    save(path, written(sample, SAMPLE));
    int code = 0;
    zip_t *zip = zip_open(path, ZIP_RDONLY | ZIP_CHECKCONS, &code);
    ck_assert_msg(zip != NULL, "libzip: %d", code);
    ck_assert_int_eq(zip_get_num_entries(zip, 0), SAMPLE);
    for (zip_uint64_t i = 0; i < SAMPLE; i++) {
        char content[256];
        ck_assert(cr_span_is(sample[i].name, zip_get_name(zip, i, 0)));
        zip_file_t *file = zip_fopen_index(zip, i, 0);
        ck_assert_ptr_nonnull(file);
        zip_int64_t size = zip_fread(file, content, sizeof content);
        ck_assert_int_eq(size, (zip_int64_t)sample[i].bytes.size);
        ck_assert_mem_eq(content, sample[i].bytes.data, sample[i].bytes.size);
        zip_fclose(file);
    }
    ck_assert_int_eq(zip_close(zip), 0);
}
END_TEST

START_TEST(unzip_finds_no_fault)
{
    char command[600];
    const char *path = in_scratch("sample.asice");
    save(path, written(sample, SAMPLE));
    snprintf(command, sizeof command, "unzip -tqq '%s'", path);
    ck_assert_int_eq(system(command), 0);
}
END_TEST

START_TEST(a_container_of_another_writer_is_refused)
{
    /* libzip writes times and flags of its own: the same content, not our bytes. */
    const char *path = in_scratch("other.zip");
    int code = 0;
    zip_t *zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    ck_assert_ptr_nonnull(zip);
    for (size_t i = 0; i < SAMPLE; i++) {
        zip_source_t *source =
            zip_source_buffer(zip, sample[i].bytes.data, sample[i].bytes.size, 0);
        zip_int64_t index = zip_file_add(zip, sample[i].name.data, source, 0);
        ck_assert_int_ge(index, 0);
        ck_assert_int_eq(zip_set_file_compression(zip, (zip_uint64_t)index, ZIP_CM_STORE, 0), 0);
    }
    ck_assert_int_eq(zip_close(zip), 0);

    static char bytes[8192];
    FILE *file = fopen(path, "rb");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    ck_assert_uint_gt(size, 100);
    ck_assert(refused((credit_span){bytes, size}));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("container");
    TCase *tests = tcase_create("container");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, what_was_written_is_read);
    tcase_add_test(tests, the_same_entries_give_the_same_bytes);
    tcase_add_test(tests, every_flipped_bit_is_refused);
    tcase_add_test(tests, every_cut_and_every_byte_behind_is_refused);
    tcase_add_test(tests, a_byte_put_in_anywhere_is_refused);
    tcase_add_test(tests, another_order_is_another_container);
    tcase_add_test(tests, names_that_climb_or_repeat_are_refused);
    tcase_add_test(tests, a_hostile_name_is_refused_by_the_reader_too);
    tcase_add_test(tests, limits_are_refused_with_their_code);
    tcase_add_test(tests, running_out_of_memory_is_reported);
    tcase_add_test(tests, libzip_reads_what_we_write);
    tcase_add_test(tests, unzip_finds_no_fault);
    tcase_add_test(tests, a_container_of_another_writer_is_refused);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
