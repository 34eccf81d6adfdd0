#include "engine/identifier.h"

#include "engine/date.h"
#include "engine/text.h"
#include "tests/support/cases.h"
#include "tests/support/suite.h"
#include "tests/support/tables.h"

static test_tables world;

static void setup(void)
{
    tables_load(&world);
}

static void teardown(void)
{
    tables_free(&world);
}

static void assert_case(const case_file *cases)
{
    cr_id id;
    cr_id_kind asked = cr_id_kind_of(cr_span_of(cases->column[1]));
    cr_id_verdict v = cr_id_judge(cr_span_of(cases->column[0]), asked, &world.tables, &id);
    const char *said = !v.valid ? "bad" : v.warning != NULL ? "warn" : "ok";
    const char *why = !v.valid ? v.fault : v.warning != NULL ? v.warning : "";
    int n = cases->number;
    ck_assert_msg(strcmp(cr_id_kind_name(id.kind), cases->column[2]) == 0, "line %d: kind %s", n,
        cr_id_kind_name(id.kind));
    ck_assert_msg(cr_span_is((credit_span){id.number, id.size}, cases->column[3]),
        "line %d: folded to %.*s", n, id.size, id.number);
    ck_assert_msg(strcmp(said, cases->column[4]) == 0, "line %d: %s, %s", n, said, why);
    ck_assert_msg(strstr(why, cases->column[5]) != NULL, "line %d: %s", n, why);
    if (cases->column[6][0] != '\0') {
        ck_assert_msg(strcmp(v.detail, cases->column[6]) == 0, "line %d: %s", n, v.detail);
    }
    ck_assert_int_eq(v.valid, v.fault == NULL);
    ck_assert(v.valid || v.warning == NULL);
}

START_TEST(numbers_are_judged_as_the_table_says)
{
    case_file cases;
    cases_open(&cases, "CREDIT_SOURCE", "tests/cases/identifiers.tsv");
    while (cases_next(&cases)) {
        bool needs_regions = strstr(cases.column[5], "never existed") != NULL;
        if (!needs_regions || world.tables.region_count > 0) { assert_case(&cases); }
    }
}
END_TEST

/* --- Oracles: each finds the check character by trying all of them in the
 * congruence that the whole number must fulfil. ----------------------------- */

static const char uscc_alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
static const char alphabet_36[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

static int place(const char *alphabet, char c)
{
    return (int)(strchr(alphabet, c) - alphabet);
}

/* The check plus the sum of value * 3^i is 0 modulo 31 (Horner, from behind). */
static char uscc_oracle(const char *number)
{
    for (int candidate = 0; candidate < 31; candidate++) {
        int value = 0;
        for (int i = 16; i >= 0; i--) {
            value = (value * 3 + place(uscc_alphabet, number[i])) % 31;
        }
        if ((value + candidate) % 31 == 0) { return uscc_alphabet[candidate]; }
    }
    return '?';
}

/* Sum of value * 2^(8 - i) plus the check is 0 modulo 11, X being ten. */
static char org_code_oracle(const char *number)
{
    for (int candidate = 0; candidate < 11; candidate++) {
        int sum = candidate;
        for (int i = 0; i < 8; i++) { sum += place(alphabet_36, number[i]) << (8 - i); }
        if (sum % 11 == 0) { return "0123456789X"[candidate]; }
    }
    return '?';
}

/* Horner's scheme in base 2: the whole number is 1 modulo 11. */
static char cn_id_oracle(const char *number)
{
    for (int candidate = 0; candidate < 11; candidate++) {
        int value = 0;
        for (int i = 0; i < 18; i++) {
            value = (value * 2 + (i == 17 ? candidate : number[i] - '0')) % 11;
        }
        if (value == 1) { return "0123456789X"[candidate]; }
    }
    return '?';
}

/* The recursion over all fifteen digits ends in 1 modulo 10. */
static char reg_no_oracle(const char *number)
{
    for (int candidate = 0; candidate < 10; candidate++) {
        int p = 10, s = 0;
        for (int i = 0; i < 15; i++) {
            s = p + (i == 14 ? candidate : number[i] - '0');
            p = (s % 10 == 0 ? 10 : s % 10) * 2 % 11;
        }
        if (s % 10 == 1) { return (char)('0' + candidate); }
    }
    return '?';
}

typedef struct checked_kind {
    cr_id_kind kind;
    int size;             /* with the check character */
    const char *alphabet; /* of what stands before it */
    const char *checks;   /* of the check character */
    char (*oracle)(const char *number);
} checked_kind;

static const checked_kind checked_kinds[] = {
    {CR_ID_USCC, 18, uscc_alphabet, uscc_alphabet, uscc_oracle},
    {CR_ID_ORG_CODE, 9, alphabet_36, "0123456789X", org_code_oracle},
    {CR_ID_REG_NO, 15, "0123456789", "0123456789", reg_no_oracle},
    {CR_ID_CN_ID, 18, "0123456789", "0123456789X", cn_id_oracle},
};

static void random_number(const checked_kind *kind, unsigned long long *state, char *number)
{
    for (int i = 0; i < kind->size; i++) {
        number[i] = kind->alphabet[cases_random(state) % strlen(kind->alphabet)];
    }
    if (kind->kind == CR_ID_CN_ID) {
        char date[CR_DATE_TEXT + 8];
        snprintf(date, sizeof date, "%04u%02u%02u", 1900 + cases_random(state) % 150,
            1 + cases_random(state) % 12, 1 + cases_random(state) % 28);
        memcpy(number + 6, date, 8);
    }
    number[kind->size] = '\0';
}

static bool is_valid(const char *number, cr_id_kind kind)
{
    cr_id id;
    cr_id_verdict v = cr_id_judge(cr_span_of(number), kind, NULL, &id);
    ck_assert(cr_span_is((credit_span){id.number, id.size}, number));
    return v.valid;
}

START_TEST(check_characters_are_those_of_the_oracle)
{
    unsigned long long state = 5;
    for (size_t k = 0; k < sizeof checked_kinds / sizeof checked_kinds[0]; k++) {
        const checked_kind *kind = &checked_kinds[k];
        for (int i = 0; i < 3000; i++) {
            char number[24];
            random_number(kind, &state, number);
            char right = kind->oracle(number);
            for (const char *check = kind->checks; *check != '\0'; check++) {
                number[kind->size - 1] = *check;
                ck_assert_msg(is_valid(number, kind->kind) == (*check == right), "%s", number);
            }
        }
    }
}
END_TEST

START_TEST(one_wrong_character_is_always_found)
{
    unsigned long long state = 6;
    for (size_t k = 0; k < sizeof checked_kinds / sizeof checked_kinds[0]; k++) {
        const checked_kind *kind = &checked_kinds[k];
        /* Values of organisation codes go beyond their modulus of 11: there some
         * changes cannot be found. */
        for (int i = 0; i < 300 && kind->kind != CR_ID_ORG_CODE; i++) {
            char number[24];
            random_number(kind, &state, number);
            number[kind->size - 1] = kind->oracle(number);
            ck_assert(is_valid(number, kind->kind));
            for (int at = 0; at < kind->size - 1; at++) {
                char kept = number[at];
                for (const char *other = kind->alphabet; *other != '\0'; other++) {
                    number[at] = *other;
                    ck_assert_msg(*other == kept || !is_valid(number, kind->kind), "%s", number);
                }
                number[at] = kept;
            }
        }
    }
}
END_TEST

START_TEST(a_personal_number_never_stands_in_what_is_said_of_it)
{
    static const cr_id_kind asked[] = {CR_ID_UNKNOWN, CR_ID_CN_ID, CR_ID_CN_PERMANENT,
        CR_ID_HKMO_PERMIT, CR_ID_TW_PERMIT, CR_ID_PASSPORT};
    static const char *const numbers[] = {"421023198507150026", "42102319850715O025",
        "421023198502300025", "421023850230002", "933101199001010011", "H1234567X", "1234567801",
        "E1234567890123456789012", "42102319850715002"};
    for (size_t k = 0; k < sizeof asked / sizeof asked[0]; k++) {
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
            cr_id id;
            cr_id_verdict v = cr_id_judge(cr_span_of(numbers[i]), asked[k], &world.tables, &id);
            for (size_t at = 0; at + 4 <= id.size; at++) {
                char piece[5] = {0};
                memcpy(piece, id.number + at, 4);
                ck_assert_msg(strstr(v.detail, piece) == NULL, "%s", v.detail);
            }
            ck_assert(!cr_id_is_personal(id.kind) || strstr(v.detail, "computed") == NULL);
        }
    }
}
END_TEST

START_TEST(kinds_have_names_and_keep_their_numbers)
{
    static const char *const names[] = {"unknown", "uscc", "org_code", "reg_no", "cn_id",
        "cn_permanent", "hkmo_permit", "tw_permit", "passport"};
    for (unsigned kind = 0; kind < 9; kind++) {
        ck_assert_str_eq(cr_id_kind_name((cr_id_kind)kind), names[kind]);
        ck_assert_uint_eq(cr_id_kind_of(cr_span_of(names[kind])), kind);
        ck_assert_int_eq(cr_id_is_personal((cr_id_kind)kind), kind >= 4);
    }
    ck_assert_int_eq(cr_id_kind_of(CR_SPAN("USCC")), CR_ID_UNKNOWN);
    ck_assert_str_eq(cr_id_kind_name((cr_id_kind)99), "unknown");
}
END_TEST

START_TEST(a_region_is_found_as_it_was_in_a_year)
{
    static const cr_region regions[] = {{420000, 0, 0, {NULL, 0}}, {421000, 1994, 1995, {NULL, 0}},
        {421000, 1996, 0, {NULL, 0}}, {421023, 1994, 2020, {NULL, 0}},
        {421088, 2020, 0, {NULL, 0}}};
    const cr_id_tables tables = {.regions = regions, .region_count = 5};
    ck_assert_ptr_eq(cr_region_find(&tables, 421000, 1995), &regions[1]);
    ck_assert_ptr_eq(cr_region_find(&tables, 421000, 1996), &regions[2]);
    ck_assert_ptr_eq(cr_region_find(&tables, 421000, 1980), &regions[2]);
    ck_assert_ptr_eq(cr_region_find(&tables, 421023, 2020), &regions[3]);
    ck_assert_ptr_eq(cr_region_find(&tables, 421023, 2025), &regions[3]);
    ck_assert_ptr_eq(cr_region_find(&tables, 421088, 2020), &regions[4]);
    ck_assert_ptr_eq(cr_region_find(&tables, 420000, 1900), &regions[0]);
    ck_assert_ptr_null(cr_region_find(&tables, 421024, 2020));
    ck_assert_ptr_null(cr_region_find(&tables, 0, 2020));
    ck_assert_ptr_null(cr_region_find(&tables, UINT32_MAX, 2020));
}
END_TEST

/* The second column of a line whose first may be quoted; it holds no comma. */
static credit_span second_column(const char *line)
{
    const char *end = *line == '"' ? strstr(line + 1, "\",") : NULL;
    const char *start = end != NULL ? end + 2 : strchr(line, ',') + 1;
    return (credit_span){start, strcspn(start, ",")};
}

START_TEST(the_register_holds_seven_wrong_codes_and_four_in_lower_case)
{
    case_file cases;
    int valid = 0, wrong = 0, folded = 0, warned = 0;
    if (!cases_open(&cases, "CREDIT_SHARED", "data/register_jingzhou.csv")) { return; }
    while (cases_line(&cases)) {
        cr_id id;
        if (cases.number == 1) { continue; }
        credit_span code = second_column(cases.line);
        cr_id_verdict v = cr_id_judge(code, CR_ID_UNKNOWN, &world.tables, &id);
        ck_assert_msg(id.kind == CR_ID_USCC, "line %d", cases.number);
        valid += v.valid;
        wrong += !v.valid;
        warned += v.warning != NULL;
        folded += v.valid && !cr_span_equal(code, (credit_span){id.number, id.size});
    }
    ck_assert_int_eq(valid, 5685);
    ck_assert_int_eq(wrong, 7);
    ck_assert_int_eq(folded, 4);
    ck_assert_int_eq(warned, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("identifier");
    TCase *tcase = tcase_create("identifiers");
    tcase_add_unchecked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, numbers_are_judged_as_the_table_says);
    tcase_add_test(tcase, check_characters_are_those_of_the_oracle);
    tcase_add_test(tcase, one_wrong_character_is_always_found);
    tcase_add_test(tcase, a_personal_number_never_stands_in_what_is_said_of_it);
    tcase_add_test(tcase, kinds_have_names_and_keep_their_numbers);
    tcase_add_test(tcase, a_region_is_found_as_it_was_in_a_year);
    tcase_add_test(tcase, the_register_holds_seven_wrong_codes_and_four_in_lower_case);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
