#include "tests/support/packs.h"

#include "engine/rowcheck.h"
#include "loaders/pack_json.h"
#include "tests/support/scratch.h"
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

static const cr_catalog *fine(void)
{
    int index = cr_pack_catalog(pack, CR_SPAN("fine"));
    ck_assert_int_ge(index, 0);
    return &pack->catalogs[index];
}

START_TEST(a_pack_says_who_it_is)
{
    ck_assert(cr_span_is(pack->name, "toy"));
    ck_assert(cr_span_is(pack->version, "1"));
    ck_assert_uint_eq(pack->catalog_count, 2);
    ck_assert_uint_eq(pack->codeset_count, 6);
    ck_assert_uint_eq(pack->parameter_count, 5);
    ck_assert_uint_eq(pack->roster_count, 1);
    ck_assert_int_eq(pack->rosters[0].kind, CR_ROSTER_HONOUR);
    ck_assert_ptr_eq(pack->rosters[0].lists, cr_pack_codeset(pack, CR_SPAN("levels")));
    ck_assert_int_eq(pack->tier_scope, CR_SCOPE_GOVERNMENT);
    ck_assert(cr_span_is(pack->rules->path, "rules.dmn"));
}
END_TEST

START_TEST(regions_are_sorted_by_code)
{
    ck_assert_uint_eq(pack->ids.region_count, 4);
    for (size_t i = 1; i < pack->ids.region_count; i++) {
        ck_assert_uint_lt(pack->ids.regions[i - 1].code, pack->ids.regions[i].code);
    }
    const cr_region *abolished = cr_region_find(&pack->ids, 421023, 2021);
    ck_assert_ptr_nonnull(abolished);
    ck_assert_int_eq(abolished->to_year, 2020);
}
END_TEST

START_TEST(columns_know_their_role_scope_and_mask)
{
    const cr_catalog *catalog = fine();
    int16_t number = catalog->role_field[CR_ROLE_SUBJECT_ID_NO];
    ck_assert_int_ge(number, 0);
    const cr_field *field = &catalog->fields[number];
    ck_assert(field->personal && field->masked);
    ck_assert_int_eq(field->scope, CR_SCOPE_AUTHORIZED);
    ck_assert_int_eq(field->mask_scope, CR_SCOPE_GOVERNMENT);
    ck_assert_uint_eq(field->mask_left, 6);
    ck_assert_int_eq(catalog->fields[0].scope, CR_SCOPE_PUBLIC);
    ck_assert_int_eq(catalog->role_field[CR_ROLE_LIST], -1);
    ck_assert_uint_eq(catalog->key_count, 2);
    ck_assert_int_ge(catalog->key_fallback[1], 0);
}
END_TEST

/* Digest of the small pack after one change to its files. */
static void compile_changed(void (*change)(cr_pack_file *last), unsigned char digest[32])
{
    cr_arena arena = CR_ARENA_INIT;
    cr_pack_file *files = NULL;
    size_t count = 0;
    cr_pack *other = NULL;
    read_pack("tests/cases/pack", &arena, &files, &count);
    change(&files[count - 1]); /* rules.dmn, which nobody reads here */
    ck_assert_int_eq(cr_pack_compile(files, count, &test_crypto, &other, NULL), CREDIT_OK);
    memcpy(digest, other->digest, 32);
    cr_pack_free(other);
    cr_arena_release(&arena);
}

static void cut_last_byte(cr_pack_file *file)
{
    file->bytes.size--;
}

static void change_nothing(cr_pack_file *file)
{
    (void)file;
}

START_TEST(the_digest_covers_every_byte)
{
    unsigned char same[32], other[32];
    compile_changed(change_nothing, same);
    compile_changed(cut_last_byte, other);
    ck_assert_mem_eq(same, pack->digest, sizeof same);
    ck_assert_mem_ne(other, pack->digest, sizeof other);
}
END_TEST

START_TEST(the_order_of_files_does_not_matter)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_pack_file *files = NULL;
    size_t count = 0;
    cr_pack *other = NULL;
    read_pack("tests/cases/pack", &arena, &files, &count);
    cr_pack_file first = files[0];
    files[0] = files[count - 1];
    files[count - 1] = first;
    ck_assert_int_eq(cr_pack_compile(files, count, &test_crypto, &other, NULL), CREDIT_OK);
    ck_assert_mem_eq(other->digest, pack->digest, sizeof pack->digest);
    cr_pack_free(other);
    cr_arena_release(&arena);
}
END_TEST

/* Replaces the first `from` of a file; an empty `from` would be no fault. */
static void plant(cr_pack_file *file, const char *from, const char *to, cr_arena *arena)
{
    credit_span old = file->bytes;
    size_t at = cr_span_find(old, cr_span_of(from));
    ck_assert_msg(at != SIZE_MAX, "%s does not hold %s", file->path.data, from);
    size_t behind = at + strlen(from);
    char *text = cr_arena_alloc(arena, old.size + strlen(to) + 1);
    memcpy(text, old.data, at);
    memcpy(text + at, to, strlen(to));
    memcpy(text + at + strlen(to), old.data + behind, old.size - behind);
    file->bytes = (credit_span){text, old.size - strlen(from) + strlen(to)};
}

static void refuses_fault(char *cells[CASE_CELLS], size_t line)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_pack_file *files = NULL;
    size_t count = 0, i = 0;
    cr_pack *faulty = NULL;
    credit_error err = CREDIT_ERROR_INIT;
    read_pack("tests/cases/pack", &arena, &files, &count);
    while (i < count && !cr_span_is(files[i].path, cells[0])) { i++; }
    ck_assert_msg(i < count, "line %zu: no file %s", line, cells[0]);
    plant(&files[i], cells[1], cells[2], &arena);
    credit_result rc = cr_pack_compile(files, count, &test_crypto, &faulty, &err);
    ck_assert_msg(rc == CREDIT_E_PACK, "line %zu: not refused (%d %s)", line, rc, err.message);
    ck_assert_ptr_null(faulty);
    ck_assert_msg(strstr(err.message, cells[3]) != NULL, "line %zu: \"%s\" does not say \"%s\"",
        line, err.message, cells[3]);
    cr_arena_release(&arena);
}

START_TEST(a_fault_in_a_pack_is_named)
{
    each_case("tests/cases/pack_faults.tsv", refuses_fault);
}
END_TEST

START_TEST(a_pack_without_its_file_is_refused)
{
    cr_pack *none = NULL;
    credit_error err = CREDIT_ERROR_INIT;
    ck_assert_int_eq(cr_pack_compile(NULL, 0, &test_crypto, &none, &err), CREDIT_E_PACK);
    ck_assert_ptr_nonnull(strstr(err.message, "pack.json"));
}
END_TEST

START_TEST(a_missing_directory_is_not_found)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_pack_file *files = NULL;
    size_t count = 0;
    credit_error err = CREDIT_ERROR_INIT;
    make_scratch();
    ck_assert_int_eq(cr_pack_read_directory(in_scratch("none"), &arena, &files, &count, &err),
        CREDIT_E_NOT_FOUND);
    ck_assert_int_eq(
        cr_pack_read_directory(scratch, &arena, &files, &count, &err), CREDIT_E_NOT_FOUND);
    remove_scratch();
    cr_arena_release(&arena);
}
END_TEST

START_TEST(hidden_files_are_not_part_of_a_pack)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_pack_file *files = NULL;
    size_t count = 0;
    make_scratch();
    static const char *const names[] = {"b.csv", ".hidden", "a.csv"};
    for (size_t i = 0; i < 3; i++) {
        FILE *file = fopen(in_scratch(names[i]), "w");
        ck_assert_ptr_nonnull(file);
        fclose(file);
    }
    ck_assert_int_eq(cr_pack_read_directory(scratch, &arena, &files, &count, NULL), CREDIT_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert(cr_span_is(files[0].path, "a.csv"));
    remove_scratch();
    cr_arena_release(&arena);
}
END_TEST

START_TEST(compiling_survives_every_failed_allocation)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_pack_file *files = NULL;
    size_t count = 0;
    read_pack("tests/cases/pack", &arena, &files, &count);
    credit_result rc = CREDIT_E_NOMEM;
    for (uint64_t n = 1; rc == CREDIT_E_NOMEM; n++) {
        cr_pack *built = NULL;
        credit_error err = CREDIT_ERROR_INIT;
        ck_assert_uint_lt(n, 10000);
        cr_alloc_fail_at(n);
        rc = cr_pack_compile(files, count, &test_crypto, &built, &err);
        cr_alloc_fail_at(0);
        ck_assert((rc == CREDIT_OK) == (built != NULL));
        cr_pack_free(built);
    }
    ck_assert_int_eq(rc, CREDIT_OK);
    cr_arena_release(&arena);
}
END_TEST

START_TEST(a_member_is_found_in_its_line)
{
    credit_span text =
        CR_SPAN("{\n \"a\": [1,\n  {\"b\\\"\": \"}\",\n   \"c\": 2}],\n \"d\": 3\n}");
    ck_assert_uint_eq(cr_json_line(text, ""), 1);
    ck_assert_uint_eq(cr_json_line(text, "a[0]"), 2);
    ck_assert_uint_eq(cr_json_line(text, "a[1]"), 3);
    ck_assert_uint_eq(cr_json_line(text, "a[1].c"), 4);
    ck_assert_uint_eq(cr_json_line(text, "d"), 5);
    ck_assert_uint_eq(cr_json_line(text, "e"), 0);
    ck_assert_uint_eq(cr_json_line(text, "a[7].c"), 0);
}
END_TEST

START_TEST(the_shipped_pack_compiles)
{
    cr_pack *shipped = given_pack("packs/jingzhou");
    ck_assert_int_ge(cr_pack_catalog(shipped, CR_SPAN("xzcf")), 0);
    ck_assert_int_ge(cr_pack_catalog(shipped, CR_SPAN("register")), 0);
    cr_pack_free(shipped);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pack");
    TCase *small = tcase_create("small pack");
    tcase_add_checked_fixture(small, setup, teardown);
    tcase_add_test(small, a_pack_says_who_it_is);
    tcase_add_test(small, regions_are_sorted_by_code);
    tcase_add_test(small, columns_know_their_role_scope_and_mask);
    tcase_add_test(small, the_digest_covers_every_byte);
    tcase_add_test(small, the_order_of_files_does_not_matter);
    suite_add_tcase(suite, small);
    TCase *faults = tcase_create("faults");
    tcase_set_timeout(faults, 60);
    tcase_add_test(faults, a_fault_in_a_pack_is_named);
    tcase_add_test(faults, a_pack_without_its_file_is_refused);
    tcase_add_test(faults, a_missing_directory_is_not_found);
    tcase_add_test(faults, hidden_files_are_not_part_of_a_pack);
    tcase_add_test(faults, compiling_survives_every_failed_allocation);
    tcase_add_test(faults, a_member_is_found_in_its_line);
    tcase_add_test(faults, the_shipped_pack_compiles);
    suite_add_tcase(suite, faults);
    return run_suite(suite);
}
