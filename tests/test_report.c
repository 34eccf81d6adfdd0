#include "api/report_html.h"

#include <ctype.h>
#include <jansson.h>
#include <string.h>

#include "engine/text.h"
#include "tests/support/cases.h"
#include "tests/support/suite.h"

static const char digest[] = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

static cr_arena arena;
static json_t *sample;

static void setup(void)
{
    char path[1024];
    arena = (cr_arena)CR_ARENA_INIT;
    snprintf(path, sizeof path, "%s/tests/cases/extract.json", getenv("CREDIT_SOURCE"));
    sample = json_load_file(path, 0, NULL);
    ck_assert_msg(sample != NULL, "%s", path);
}

static void teardown(void)
{
    json_decref(sample);
    cr_arena_release(&arena);
}

/* The page of an extract, as a C string. */
static const char *render(const json_t *extract)
{
    credit_span html;
    credit_error err = CREDIT_ERROR_INIT;
    char *text = json_dumps(extract, JSON_SORT_KEYS | JSON_COMPACT);
    credit_result rc = cr_report_html(cr_span_of(text), digest, &arena, &html, &err);
    ck_assert_msg(rc == CREDIT_OK, "%s", err.message);
    ck_assert_uint_eq(strlen(html.data), html.size);
    free(text);
    return html.data;
}

static void assert_holds(const char *page, const char *text)
{
    ck_assert_msg(strstr(page, text) != NULL, "not in the page: %s", text);
}

static void assert_holds_not(const char *page, const char *text)
{
    ck_assert_msg(strstr(page, text) == NULL, "in the page: %s", text);
}

static size_t times(const char *page, const char *text)
{
    size_t count = 0;
    for (; (page = strstr(page, text)) != NULL; page += strlen(text)) { count++; }
    return count;
}

START_TEST(the_head_names_report_subject_and_digest)
{
    const char *page = render(sample);
    assert_holds(page, "<title>公共信用信息报告 20261123094512A7K2M9QX</title>");
    assert_holds(page, "<h1>公共信用信息报告</h1>");
    assert_holds(page, "荆州市公共信用信息中心");
    assert_holds(page, "<dt>报告编号</dt><dd>20261123094512A7K2M9QX</dd>");
    assert_holds(page, "<dt>生成时间</dt><dd>2026-11-23 18:00:00（北京时间）</dd>");
    assert_holds(page, "<dt>信息范围</dt><dd>社会公开</dd>");
    assert_holds(page, "<dt>统一社会信用代码</dt><dd>91421000MA4TE5T05M</dd>");
    assert_holds(page, "credit-extract/1；规则包 jingzhou 2026.1");
    assert_holds(page, digest);
    assert_holds(page, "<svg class=\"qr\"");
}
END_TEST

START_TEST(all_sections_stand_in_the_order_given)
{
    static const char *const titles[] = {"信用信息概要</h2>", "登记注册基础信息</h2>",
        "行政管理信息</h2>", "诚实守信相关荣誉信息</h2>", "严重失信主体名单信息</h2>",
        "经营（活动）异常名录（状态）信息</h2>", "信用承诺信息</h2>", "信用评价信息</h2>",
        "司法判决及执行信息</h2>", "其他信息</h2>", "信用状况提升建议</h2>",
        "公共信用信息地方补充内容</h2>", "报告说明</h2>"};
    const char *at = render(sample);
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
        const char *next = strstr(at, titles[i]);
        ck_assert_msg(next != NULL, "%s", titles[i]);
        at = next;
    }
}
END_TEST

START_TEST(what_is_empty_says_so)
{
    const char *page = render(sample);
    ck_assert_uint_eq(times(page, "<p class=\"none\">查询期内无相关信息</p>"), 7);
    ck_assert_uint_eq(times(page, "<dt>备注</dt><dd>—</dd>"), 2);
    assert_holds(page, "<p>请继续保持良好的信用状况。</p>");
}
END_TEST

START_TEST(records_keep_their_order_and_their_extras)
{
    const char *page = render(sample);
    const char *newer = strstr(page, "荆市监许〔2026〕88号"),
               *older = strstr(page, "荆市监许〔2025〕12号");
    ck_assert(newer != NULL && older != NULL && newer < older);
    assert_holds(page, "<dt>网办编号</dt><dd>0716-2026-00012</dd>");
    assert_holds(page, "<small>3 / 3</small>");
    assert_holds(page, "未按规定设置安全警示标志。\n经责令");
}
END_TEST

START_TEST(decisions_stand_with_reasons_and_basis)
{
    const char *page = render(sample);
    assert_holds(page, "守信激励对象名单");
    assert_holds(page, "<dt>有效期至</dt><dd>长期</dd>");
    assert_holds(page, "<span class=\"tier\">A</span>");
    assert_holds(page, "没有公示中的失信信息<small>依据：国办发〔2019〕35号</small>");
    assert_holds(page, "<dt>优先办理</dt><dd>适用</dd>");
    assert_holds(page, "<dt>容缺受理</dt><dd>不适用<ul");
    assert_holds_not(page, "依据：</small>");
}
END_TEST

START_TEST(decisions_that_the_scope_may_not_see_leave_no_trace)
{
    json_t *decisions = json_object_get(sample, "decisions");
    json_object_set_new(decisions, "tier", json_null());
    json_object_set_new(decisions, "green_channel", json_null());
    json_object_set_new(decisions, "listings", json_array());
    const char *page = render(sample);
    assert_holds(page, "所示信息范围内未列入名单");
    assert_holds_not(page, "分级分类监管等级");
    assert_holds_not(page, "绿色通道");
}
END_TEST

START_TEST(the_page_needs_nothing_from_outside)
{
    static const char *const outside[] = {"http:", "https:", "//", "<script", "<link", "<img",
        "<iframe", "src=", "href=", "url(", "@import", " on"};
    const char *page = render(sample);
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) {
        assert_holds_not(page, outside[i]);
    }
    assert_holds(page, "default-src 'none'");
    assert_holds(page, "@page{size:A4");
    assert_holds(page, "name=\"viewport\"");
}
END_TEST

START_TEST(one_extract_gives_the_same_bytes_every_time)
{
    const char *once = render(sample);
    ck_assert_str_eq(once, render(sample));
    json_object_set_new(sample, "number", json_string("20261123094512A7K2M9QY"));
    ck_assert_str_ne(once, render(sample));
}
END_TEST

/* --- Tags ------------------------------------------------------------------- */

enum { TAGS_MAX = 4000, NAME_MAX_BYTES = 16 };

/* Reads the tag at `at` ('<'); false for what is none of ours. */
static bool read_tag(const char *at, char name[NAME_MAX_BYTES], bool *closes, bool *alone)
{
    size_t size = 0;
    *closes = at[1] == '/';
    const char *start = at + 1 + *closes;
    while (isalnum((unsigned char)start[size]) && size < NAME_MAX_BYTES - 1) {
        name[size] = start[size];
        size++;
    }
    name[size] = '\0';
    const char *end = strchr(at, '>');
    *alone = strcmp(name, "meta") == 0 || (end != NULL && end[-1] == '/');
    return size > 0 && end != NULL;
}

/* The names of all tags in order; fails unless they close as they open. */
static size_t tags_of(const char *page, char tags[TAGS_MAX][NAME_MAX_BYTES])
{
    static char open[100][NAME_MAX_BYTES];
    size_t count = 0, depth = 0;
    for (const char *at = strchr(page + 1, '<'); at != NULL; at = strchr(at + 1, '<')) {
        bool closes, alone;
        ck_assert_uint_lt(count, TAGS_MAX);
        ck_assert_msg(read_tag(at, tags[count], &closes, &alone), "%.40s", at);
        if (closes) {
            ck_assert_uint_gt(depth, 0);
            ck_assert_str_eq(open[--depth], tags[count]);
        } else if (!alone) {
            ck_assert_uint_lt(depth, 100);
            strcpy(open[depth++], tags[count]);
        }
        count++;
    }
    ck_assert_uint_eq(depth, 0);
    return count;
}

static char tags[2][TAGS_MAX][NAME_MAX_BYTES];

START_TEST(tags_close_as_they_open)
{
    ck_assert_uint_gt(tags_of(render(sample), tags[0]), 100);
}
END_TEST

/* Puts `attack` into every text that the page shows: not into the format, nor
 * into the names by which columns are found. */
static void poison(json_t *value, const char *attack)
{
    const char *name;
    json_t *member;
    size_t i;
    json_object_foreach(value, name, member)
    {
        if (strcmp(name, "format") == 0 || strcmp(name, "catalog") == 0 ||
            strcmp(name, "order") == 0) {
            continue;
        }
        if (json_is_string(member)) { json_string_set(member, attack); }
        poison(member, attack);
    }
    json_array_foreach(value, i, member)
    {
        if (json_is_string(member)) { json_string_set(member, attack); }
        poison(member, attack);
    }
}

START_TEST(no_text_of_an_extract_becomes_markup)
{
    static const char *const attacks[] = {"<script>alert(1)</script>", "\"><svg/onload=alert(1)>",
        "'><img src=x onerror=alert(1)>", "</title></style><script>", "<!--", "]]>", "&lt;b&gt;",
        "</dd></dl></main>", "&#60;script&#62;", "\x01\x02\x7F", "javascript:alert(1)"};
    size_t count = tags_of(render(sample), tags[0]);
    for (size_t i = 0; i < sizeof attacks / sizeof attacks[0]; i++) {
        poison(sample, attacks[i]);
        const char *page = render(sample);
        /* The empty basis became a text, so there is one `small` more. */
        size_t found = tags_of(page, tags[1]);
        ck_assert_uint_eq(found, count + 2);
        assert_holds_not(page, "<script");
        assert_holds_not(page, "<img");
        assert_holds_not(page, "\x01");
    }
    assert_holds(render(sample), "<dd>javascript:alert(1)</dd>");
}
END_TEST

START_TEST(what_is_no_extract_is_refused)
{
    static const char *const texts[] = {"", "{", "[]", "null", "{\"format\":\"credit-extract/2\"}",
        "{\"format\":\"credit-extract/1\"}", "{\"a\":1,\"a\":2}",
        "{\"format\":\"credit-extract/1\",\"number\":\"1\",\"sections\":{},\"subject\":{}}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        credit_span html = {"x", 1};
        credit_error err = CREDIT_ERROR_INIT;
        ck_assert_int_eq(
            cr_report_html(cr_span_of(texts[i]), digest, &arena, &html, &err), CREDIT_E_DATA);
        ck_assert_ptr_null(html.data);
        ck_assert_str_ne(err.message, "");
    }
}
END_TEST

START_TEST(members_of_a_wrong_type_print_a_dash)
{
    json_t *extract = json_pack("{s:s,s:s,s:{s:[]},s:[{s:{},s:i},i],s:s,s:i}", "format",
        "credit-extract/1", "number", "1", "subject", "name", "sections", "records", "title", 7, 8,
        "summary", "x", "decisions", 3);
    ck_assert_ptr_nonnull(extract);
    const char *page = render(extract);
    assert_holds(page, "<dt>查询基准日</dt><dd>—</dd>");
    tags_of(page, tags[0]);
    json_decref(extract);
}
END_TEST

START_TEST(running_out_of_memory_gives_no_page)
{
    char *text = json_dumps(sample, JSON_COMPACT);
    credit_result rc = CREDIT_E_NOMEM;
    for (uint64_t n = 1; rc != CREDIT_OK; n++) {
        cr_arena pool = CR_ARENA_INIT;
        credit_span html = {"x", 1};
        ck_assert_uint_lt(n, 1000);
        cr_alloc_fail_at(n);
        rc = cr_report_html(cr_span_of(text), digest, &pool, &html, NULL);
        cr_alloc_fail_at(0);
        ck_assert(rc == CREDIT_OK || rc == CREDIT_E_NOMEM);
        ck_assert_int_eq(html.data != NULL, rc == CREDIT_OK);
        cr_arena_release(&pool);
    }
    free(text);
}
END_TEST

/* For eyes: the page of the sample, beside the test programs. */
START_TEST(the_page_is_left_to_be_looked_at)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/report.html", getenv("CREDIT_BINARY"));
    FILE *file = fopen(path, "wb");
    ck_assert_msg(file != NULL, "%s", path);
    ck_assert_int_ge(fputs(render(sample), file), 0);
    ck_assert_int_eq(fclose(file), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("report");
    TCase *tcase = tcase_create("page");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_head_names_report_subject_and_digest);
    tcase_add_test(tcase, all_sections_stand_in_the_order_given);
    tcase_add_test(tcase, what_is_empty_says_so);
    tcase_add_test(tcase, records_keep_their_order_and_their_extras);
    tcase_add_test(tcase, decisions_stand_with_reasons_and_basis);
    tcase_add_test(tcase, decisions_that_the_scope_may_not_see_leave_no_trace);
    tcase_add_test(tcase, the_page_needs_nothing_from_outside);
    tcase_add_test(tcase, one_extract_gives_the_same_bytes_every_time);
    tcase_add_test(tcase, tags_close_as_they_open);
    tcase_add_test(tcase, no_text_of_an_extract_becomes_markup);
    tcase_add_test(tcase, what_is_no_extract_is_refused);
    tcase_add_test(tcase, members_of_a_wrong_type_print_a_dash);
    tcase_add_test(tcase, running_out_of_memory_gives_no_page);
    tcase_add_test(tcase, the_page_is_left_to_be_looked_at);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
