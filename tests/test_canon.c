#include "engine/canon.h"

#include <jansson.h>

#include "engine/date.h"
#include "engine/text.h"
#include "tests/support/cases.h"
#include "tests/support/suite.h"

static cr_canon w;

static void setup(void)
{
    cr_canon_init(&w);
}

static void teardown(void)
{
    cr_canon_free(&w);
}

static void assert_written(const char *expected)
{
    credit_span written = cr_canon_span(&w);
    ck_assert(!w.failed);
    ck_assert_msg(cr_span_is(written, expected), "%.*s", (int)written.size, written.data);
}

START_TEST(strings_are_those_of_rfc_8785)
{
    /* Section 3.2.2.2 and the example of 3.2.2. */
    static const char text[] = "\xE2\x82\xAC$\x0F\nA'B\"\\\\\"/";
    cr_canon_string(&w, CR_SPAN(text));
    assert_written("\"\xE2\x82\xAC$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"");
}
END_TEST

START_TEST(only_control_characters_quotes_and_backslashes_are_escaped)
{
    cr_canon_array(&w);
    cr_canon_string(&w, CR_SPAN("\b\t\n\f\r"));
    cr_canon_string(&w, CR_SPAN("\x00\x01\x0B\x1F"));
    cr_canon_string(&w, CR_SPAN("</script>\x7F\xC2\x80\xE2\x80\xA8"));
    cr_canon_end_array(&w);
    assert_written("[\"\\b\\t\\n\\f\\r\",\"\\u0000\\u0001\\u000b\\u001f\","
                   "\"</script>\x7F\xC2\x80\xE2\x80\xA8\"]");
}
END_TEST

/* The example of RFC 8785, section 3.2.3, in its sorted order. */
static const char *const sorted_keys[] = {
    "\r", "1", "\xC2\x80", "\xC3\xB6", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\xEF\xAC\xB3"};
enum { SORTED_KEYS = sizeof sorted_keys / sizeof sorted_keys[0] };

START_TEST(keys_are_ordered_by_utf_16_code_units)
{
    for (size_t i = 0; i < SORTED_KEYS; i++) {
        for (size_t k = 0; k < SORTED_KEYS; k++) {
            int order =
                cr_canon_compare_keys(cr_span_of(sorted_keys[i]), cr_span_of(sorted_keys[k]));
            ck_assert_int_eq((order > 0) - (order < 0), (i > k) - (i < k));
        }
    }
}
END_TEST

START_TEST(members_in_order_are_written)
{
    cr_canon_object(&w);
    for (size_t i = 0; i < SORTED_KEYS; i++) {
        cr_canon_key(&w, sorted_keys[i]);
        cr_canon_integer(&w, (int64_t)i);
    }
    cr_canon_end_object(&w);
    assert_written("{\"\\r\":0,\"1\":1,\"\xC2\x80\":2,\"\xC3\xB6\":3,\"\xE2\x82\xAC\":4,"
                   "\"\xF0\x9F\x98\x80\":5,\"\xEF\xAC\xB3\":6}");
}
END_TEST

/* Does the writer take these two as the names of one object? */
static bool takes(credit_span first, credit_span second)
{
    cr_canon_reset(&w);
    cr_canon_object(&w);
    cr_canon_key_span(&w, first);
    cr_canon_null(&w);
    cr_canon_key_span(&w, second);
    cr_canon_null(&w);
    cr_canon_end_object(&w);
    ck_assert_int_eq(w.failed, w.misused);
    return !w.failed;
}

START_TEST(members_out_of_order_or_twice_make_it_fail)
{
    for (size_t i = 0; i < SORTED_KEYS; i++) {
        for (size_t k = 0; k < SORTED_KEYS; k++) {
            ck_assert_int_eq(takes(cr_span_of(sorted_keys[i]), cr_span_of(sorted_keys[k])), i < k);
        }
    }
    ck_assert(takes(CR_SPAN("a"), CR_SPAN("aa")));
    ck_assert(!takes(CR_SPAN("aa"), CR_SPAN("a")));
    ck_assert(takes(CR_SPAN(""), CR_SPAN("a")));
    ck_assert(!takes(CR_SPAN(""), CR_SPAN("")));
}
END_TEST

START_TEST(order_is_that_of_the_names_and_not_of_their_escapes)
{
    /* Written, `"` is \", `\` is \\ and U+0001 is \u0001, all beginning with 5C. */
    static const credit_span rising[] = {{"\0", 1}, {"\x01", 1}, {"\x02", 1}, {"\b", 1}, {"\t", 1},
        {"\x0B", 1}, {"\f", 1}, {"\r", 1}, {"\x1A", 1}, {"\x1F", 1}, {" ", 1}, {"!", 1}, {"\"", 1},
        {"\"\"", 2}, {"#", 1}, {"A", 1}, {"[", 1}, {"\\", 1}, {"\\u", 2}, {"]", 1}, {"u", 1}};
    enum { COUNT = sizeof rising / sizeof rising[0] };
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t k = 0; k < COUNT; k++) {
            ck_assert_msg(takes(rising[i], rising[k]) == (i < k), "%zu %zu", i, k);
        }
    }
}
END_TEST

START_TEST(objects_beside_and_inside_each_other_keep_their_own_order)
{
    cr_canon_object(&w);
    cr_canon_key(&w, "b");
    cr_canon_object(&w);
    cr_canon_key(&w, "a");
    cr_canon_array(&w);
    for (int i = 0; i < 2; i++) {
        cr_canon_object(&w);
        cr_canon_key(&w, "a");
        cr_canon_bool(&w, i == 0);
        cr_canon_end_object(&w);
    }
    cr_canon_end_array(&w);
    cr_canon_end_object(&w);
    cr_canon_key(&w, "c");
    cr_canon_array(&w);
    cr_canon_end_array(&w);
    cr_canon_end_object(&w);
    assert_written("{\"b\":{\"a\":[{\"a\":true},{\"a\":false}]},\"c\":[]}");
}
END_TEST

START_TEST(plain_json_may_have_any_order)
{
    w.sorted = false;
    cr_canon_object(&w);
    cr_canon_key(&w, "b");
    cr_canon_text(&w, "1");
    cr_canon_key(&w, "a");
    cr_canon_text(&w, NULL);
    cr_canon_end_object(&w);
    assert_written("{\"b\":\"1\",\"a\":null}");
}
END_TEST

START_TEST(integers_reach_to_two_to_the_53rd)
{
    cr_canon_array(&w);
    cr_canon_integer(&w, 0);
    cr_canon_integer(&w, -1);
    cr_canon_integer(&w, 1234567890);
    cr_canon_integer(&w, INT64_C(9007199254740992));
    cr_canon_integer(&w, -INT64_C(9007199254740992));
    cr_canon_end_array(&w);
    assert_written("[0,-1,1234567890,9007199254740992,-9007199254740992]");
    cr_canon_reset(&w);
    cr_canon_integer(&w, INT64_C(9007199254740993));
    ck_assert(w.failed && w.misused);
    cr_canon_reset(&w);
    ck_assert(!w.failed && !w.misused);
    cr_canon_integer(&w, INT64_MIN);
    ck_assert(w.failed && w.misused);
}
END_TEST

START_TEST(dates_are_text_none_is_null)
{
    credit_date date;
    ck_assert(cr_date_parse_iso(CR_SPAN("2026-11-23"), &date));
    cr_canon_array(&w);
    cr_canon_date(&w, date);
    cr_canon_date(&w, CREDIT_DATE_NONE);
    cr_canon_date(&w, CREDIT_DATE_FOREVER);
    cr_canon_raw(&w, CR_SPAN("{\"a\":1}"));
    cr_canon_end_array(&w);
    assert_written("[\"2026-11-23\",null,\"forever\",{\"a\":1}]");
}
END_TEST

START_TEST(nesting_beyond_the_limit_fails)
{
    for (int i = 0; i < 31; i++) { cr_canon_array(&w); }
    ck_assert(!w.failed);
    cr_canon_array(&w);
    ck_assert(w.failed && w.misused);
    for (int i = 0; i < 40; i++) { cr_canon_end_array(&w); }
    ck_assert(w.failed);
}
END_TEST

/* The oracle: one character after the other, by the words of the RFC. */
static size_t escape_slowly(credit_span text, char *out)
{
    size_t size = (size_t)sprintf(out, "\"");
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        const char *name = c == '\0' ? NULL : strchr("\bb\tt\nn\ff\rr", c);
        if (name != NULL && (unsigned char)c < 0x20) {
            size += (size_t)sprintf(out + size, "\\%c", name[1]);
        } else if ((unsigned char)c < 0x20) {
            size += (size_t)sprintf(out + size, "\\u%04x", (unsigned)c);
        } else if (c == '"' || c == '\\') {
            size += (size_t)sprintf(out + size, "\\%c", c);
        } else {
            out[size++] = c;
        }
    }
    return size + (size_t)sprintf(out + size, "\"");
}

static credit_span random_text(unsigned long long *state, char *out)
{
    static const uint32_t limits[] = {0x20, 0x80, 0x80, 0x80, 0x800, 0x10000, 0x110000};
    size_t size = 0;
    for (unsigned count = cases_random(state) % 40; count > 0; count--) {
        uint32_t code = cases_random(state) % limits[cases_random(state) % 7];
        code = code >= 0xD800 && code < 0xE000 ? '"' : code;
        size += cr_utf8_put(code, out + size);
    }
    return (credit_span){out, size};
}

START_TEST(random_strings_agree_with_the_oracle_and_with_a_reader)
{
    unsigned long long state = 1;
    for (int i = 0; i < 20000; i++) {
        char raw[160], expected[1200];
        credit_span text = random_text(&state, raw);
        size_t size = escape_slowly(text, expected);
        cr_canon_reset(&w);
        cr_canon_string(&w, text);
        ck_assert(cr_span_equal(cr_canon_span(&w), (credit_span){expected, size}));
        json_t *read = json_loadb(w.data, w.size, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
        ck_assert_ptr_nonnull(read);
        credit_span back = {json_string_value(read), json_string_length(read)};
        ck_assert(cr_span_equal(back, text));
        json_decref(read);
    }
}
END_TEST

/* The oracle of the order: both names as UTF-16, compared unit by unit. */
static size_t to_utf16(credit_span text, uint16_t *out)
{
    size_t count = 0;
    for (size_t at = 0; at < text.size;) {
        uint32_t code = (uint32_t)cr_utf8_next(text, &at);
        if (code >= 0x10000) {
            out[count++] = (uint16_t)(0xD800 + ((code - 0x10000) >> 10));
            code = 0xDC00 + ((code - 0x10000) & 0x3FF);
        }
        out[count++] = (uint16_t)code;
    }
    return count;
}

static int compare_slowly(credit_span a, credit_span b)
{
    uint16_t units[2][80];
    size_t size[2] = {to_utf16(a, units[0]), to_utf16(b, units[1])};
    for (size_t i = 0; i < size[0] && i < size[1]; i++) {
        if (units[0][i] != units[1][i]) { return units[0][i] < units[1][i] ? -1 : 1; }
    }
    return (size[0] > size[1]) - (size[0] < size[1]);
}

START_TEST(random_keys_are_ordered_as_the_oracle_orders_them)
{
    unsigned long long state = 3;
    for (int i = 0; i < 20000; i++) {
        char raw[2][200];
        credit_span a = random_text(&state, raw[0]), b = random_text(&state, raw[1]);
        /* A common beginning, so that the difference is not always at the start. */
        size_t cut = 0;
        for (unsigned n = cases_random(&state) % 3; n > 0 && cut < a.size; n--) {
            cr_utf8_next(a, &cut);
        }
        if (b.size + cut < sizeof raw[1]) {
            memmove(raw[1] + cut, raw[1], b.size);
            memcpy(raw[1], raw[0], cut);
            b.size += cut;
        }
        int expected = compare_slowly(a, b), order = cr_canon_compare_keys(a, b);
        ck_assert_int_eq((order > 0) - (order < 0), expected);
        ck_assert_int_eq(takes(a, b), expected < 0);
    }
}
END_TEST

START_TEST(running_out_of_memory_is_remembered)
{
    bool failed = true;
    for (uint64_t n = 1; failed; n++) {
        ck_assert_uint_lt(n, 100);
        cr_canon_free(&w);
        cr_alloc_fail_at(n);
        cr_canon_object(&w);
        for (char key[] = "aa"; key[1] <= 'z'; key[1]++) {
            cr_canon_key(&w, key);
            cr_canon_text(&w, "a text that fills the buffer step by step\n");
        }
        cr_canon_end_object(&w);
        cr_alloc_fail_at(0);
        failed = w.failed;
        ck_assert(!w.misused);
    }
    ck_assert_int_eq(w.data[w.size - 1], '}');
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("canon");
    TCase *tcase = tcase_create("writer");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, strings_are_those_of_rfc_8785);
    tcase_add_test(tcase, only_control_characters_quotes_and_backslashes_are_escaped);
    tcase_add_test(tcase, keys_are_ordered_by_utf_16_code_units);
    tcase_add_test(tcase, members_in_order_are_written);
    tcase_add_test(tcase, members_out_of_order_or_twice_make_it_fail);
    tcase_add_test(tcase, order_is_that_of_the_names_and_not_of_their_escapes);
    tcase_add_test(tcase, objects_beside_and_inside_each_other_keep_their_own_order);
    tcase_add_test(tcase, plain_json_may_have_any_order);
    tcase_add_test(tcase, integers_reach_to_two_to_the_53rd);
    tcase_add_test(tcase, dates_are_text_none_is_null);
    tcase_add_test(tcase, nesting_beyond_the_limit_fails);
    tcase_add_test(tcase, random_strings_agree_with_the_oracle_and_with_a_reader);
    tcase_add_test(tcase, random_keys_are_ordered_as_the_oracle_orders_them);
    tcase_add_test(tcase, running_out_of_memory_is_remembered);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
