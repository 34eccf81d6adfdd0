/* The exchange: two stores, every step at a time of our choosing. */
#include <credit/credit.h>

#include <dirent.h>
#include <sys/stat.h>

#include "engine/arena.h"
#include "engine/text.h"
#include "tests/support/scratch.h"
#include "tests/support/suite.h"

static credit_store *here, *there;
static credit_instant now;
static char trust[600], directory[600];

static credit_store *make_store(const char *name, const char *suite)
{
    char pack[600], path[600];
    credit_error err = CREDIT_ERROR_INIT;
    credit_store *store = NULL;
    credit_store_options options = CREDIT_STORE_OPTIONS_INIT;
    snprintf(pack, sizeof pack, "%s/packs/jingzhou", getenv("CREDIT_SOURCE"));
    snprintf(path, sizeof path, "%s", in_scratch(name));
    options.pack = pack;
    options.suite = suite;
    options.now = now;
    ck_assert_msg(credit_store_init(path, &options, &err) == CREDIT_OK, "%s", err.message);
    ck_assert_msg(credit_store_open(path, NULL, &store, &err) == CREDIT_OK, "%s", err.message);
    return store;
}

static void copy_file(const char *from, const char *to)
{
    char bytes[8192];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    ck_assert_msg(in != NULL && out != NULL, "%s", from);
    for (size_t size; (size = fread(bytes, 1, sizeof bytes, in)) > 0;) {
        ck_assert_uint_eq(fwrite(bytes, 1, size, out), size);
    }
    fclose(in);
    ck_assert_int_eq(fclose(out), 0);
}

static void trust_in_both(void)
{
    char from[700], to[700];
    static const char *const names[] = {"here", "there"};
    ck_assert_int_eq(mkdir(trust, 0700), 0);
    for (size_t i = 0; i < 2; i++) {
        snprintf(from, sizeof from, "%s/authority.pem", in_scratch(names[i]));
        snprintf(to, sizeof to, "%s/%s.pem", trust, names[i]);
        copy_file(from, to);
    }
}

static void given_two_stores(void)
{
    make_scratch();
    ck_assert_int_eq(credit_instant_parse("2026-11-23T02:00:00Z", &now, NULL), CREDIT_OK);
    snprintf(trust, sizeof trust, "%s", in_scratch("trust"));
    snprintf(directory, sizeof directory, "%s", in_scratch("out"));
    ck_assert_int_eq(mkdir(directory, 0700), 0);
    here = make_store("here", "sm2");
    there = make_store("there", "p256");
    trust_in_both();
}

static void drop_them(void)
{
    credit_store_close(here);
    credit_store_close(there);
    remove_scratch();
}

/* ---- what is done ------------------------------------------------------------------- */

static void wait_a_day(void)
{
    now += INT64_C(86400) * 1000000;
}

/* One entry of the honour list, as its source has it. */
typedef struct entry {
    const char *no, *status, *scope, *remark, *dated;
} entry;

static const char *write_entry(entry e)
{
    static char path[600];
    bool left = e.status != NULL && strcmp(e.status, "2") == 0;
    snprintf(path, sizeof path, "%s", in_scratch("entry.csv"));
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file,
        "机构全称/姓名,主体类别,统一社会信用代码,名单编码,名单名称,荣誉等级,认定事由,认定依据,"
        "认定文号,认定单位,认定单位统一社会信用代码,认定日期,评价年度,有效期限,公开范围,当前状态,"
        "退出日期,退出原因,数据来源单位,数据来源单位统一社会信用代码,备注\n"
        "荆州市科纶洁静制品有限公司,法人及非法人组织,914210007308853063,NSA,纳税信用A级纳税人,,"
        "年度评价A级,依据,演示税〔2026〕%s号,演示税务局,11421000MB0TE00894,2026-04-20,2025,"
        "2027-04-30,%s,%s,%s,%s,演示中心,11421000MB0TE00707,%s\n",
        e.no, e.scope == NULL ? "社会公开" : e.scope, e.status == NULL ? "1" : e.status,
        left ? "2026-07-01" : "", left ? "本人申请" : "", e.remark == NULL ? "" : e.remark);
    ck_assert_int_eq(fclose(file), 0);
    return path;
}

static void say(entry e)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_import_summary summary;
    credit_import_options options = CREDIT_IMPORT_OPTIONS_INIT;
    options.now = now;
    if (e.dated != NULL) {
        ck_assert_int_eq(credit_date_parse(e.dated, &options.dated, NULL), CREDIT_OK);
    }
    credit_result rc = credit_import(here, write_entry(e), &options, &summary, &err);
    ck_assert_msg(
        rc == CREDIT_OK && summary.rejected == 0 && summary.parked == 0, "%s", err.message);
}

typedef struct text {
    char data[1 << 18];
    size_t size;
} text;

static int keep(void *ctx, const char *bytes, size_t size)
{
    text *t = ctx;
    ck_assert_uint_lt(t->size + size + 2, sizeof t->data);
    memcpy(t->data + t->size, bytes, size);
    t->size += size;
    t->data[t->size++] = '\n';
    t->data[t->size] = '\0';
    return 0;
}

static text said;
static uint64_t pack(void)
{
    credit_error err = CREDIT_ERROR_INIT;
    uint64_t packages = 0;
    said.size = 0;
    credit_result rc = credit_feed_pack(here, directory, now, keep, &said, &packages, &err);
    ck_assert_msg(rc == CREDIT_OK, "%s", err.message);
    return packages;
}

/* The path of the n-th package. */
static const char *package(unsigned number)
{
    static char path[1200];
    char ending[32];
    DIR *files = opendir(directory);
    snprintf(ending, sizeof ending, "-%06u.asice", number);
    path[0] = '\0';
    for (struct dirent *at; files != NULL && (at = readdir(files)) != NULL;) {
        size_t size = strlen(at->d_name), tail = strlen(ending);
        if (size > tail && strcmp(at->d_name + size - tail, ending) == 0) {
            snprintf(path, sizeof path, "%s/%s", directory, at->d_name);
        }
    }
    closedir(files);
    ck_assert_msg(path[0] != '\0', "no package %u", number);
    return path;
}

static const char *receipt(void)
{
    static char path[600];
    snprintf(path, sizeof path, "%s", in_scratch("receipt.asice"));
    return path;
}

static credit_error why;
static credit_result take(const char *path, credit_import_summary *summary)
{
    credit_import_options options = CREDIT_IMPORT_OPTIONS_INIT;
    options.now = now;
    options.trust = trust;
    options.receipt = receipt();
    why = (credit_error)CREDIT_ERROR_INIT;
    credit_result rc = credit_import(there, path, &options, summary, &why);
    ck_assert_uint_eq(summary->rows, summary->added + summary->updated + summary->unchanged +
                                         summary->withdrawn + summary->parked + summary->rejected);
    return rc;
}

static credit_import_summary takes(unsigned number)
{
    credit_import_summary summary;
    credit_result rc = take(package(number), &summary);
    ck_assert_msg(rc == CREDIT_OK, "%s", why.message);
    return summary;
}

static uint64_t count_of(credit_store *store, const char *name)
{
    static text status;
    char key[64];
    status.size = 0;
    ck_assert_int_eq(credit_feed_status(store, keep, &status, NULL), CREDIT_OK);
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *at = strstr(status.data, key);
    ck_assert_msg(at != NULL, "%s", status.data);
    return strtoull(at + strlen(key), NULL, 10);
}

static const char *shown_there(void)
{
    static text document;
    credit_view *view = NULL;
    credit_subject subject;
    credit_question question = CREDIT_QUESTION_INIT;
    question.as_of = credit_date_of(now);
    document.size = 0;
    document.data[0] = '\0';
    ck_assert_int_eq(
        credit_subject_parse(credit_store_get_pack(there), "914210007308853063", &subject, NULL),
        CREDIT_OK);
    ck_assert_int_eq(credit_view_open(there, &view, NULL), CREDIT_OK);
    credit_result rc = credit_show(view, &subject, &question, keep, &document, NULL);
    ck_assert(rc == CREDIT_OK || rc == CREDIT_E_NOT_FOUND);
    credit_view_close(view);
    return document.data;
}

static void assert_sound(credit_store *store)
{
    static text faults;
    faults.size = 0;
    credit_result rc = credit_fsck(store, NULL, keep, &faults, NULL);
    ck_assert_msg(rc == CREDIT_OK, "%s", faults.data);
}

/* ---- numbers and packages --------------------------------------------------------------- */

START_TEST(nothing_to_tell_makes_no_package)
{
    ck_assert_uint_eq(pack(), 0);
    say((entry){.no = "1"});
    ck_assert_uint_eq(pack(), 1);
    ck_assert_uint_eq(pack(), 0);
    ck_assert_uint_eq(count_of(here, "sent"), 1);
}
END_TEST

START_TEST(every_committed_change_has_its_number)
{
    say((entry){.no = "1", .remark = "甲"});
    wait_a_day();
    say((entry){.no = "1", .remark = "乙"});
    say((entry){.no = "2"});
    ck_assert_uint_eq(pack(), 1);
    ck_assert_msg(
        strstr(said.data, "\"package\":1,\"first\":1,\"last\":3,") != NULL, "%s", said.data);
    say((entry){.no = "3"});
    ck_assert_uint_eq(pack(), 1);
    ck_assert_msg(
        strstr(said.data, "\"package\":2,\"first\":4,\"last\":4,") != NULL, "%s", said.data);
    assert_sound(here);
}
END_TEST

START_TEST(a_package_comes_in_once)
{
    say((entry){.no = "1", .remark = "联系人421002199001011231"});
    pack();
    ck_assert_uint_eq(takes(1).added, 1);
    ck_assert_ptr_nonnull(strstr(shown_there(), "联系人421002************"));
    credit_import_summary again = takes(1);
    ck_assert(again.known);
    ck_assert_uint_eq(again.batch, 0);
    ck_assert_uint_eq(again.unchanged, 1);
    assert_sound(there);
}
END_TEST

START_TEST(a_gap_is_refused_by_the_number_that_is_missing)
{
    credit_import_summary summary;
    for (unsigned i = 1; i <= 3; i++) {
        char no[12];
        snprintf(no, sizeof no, "%u", i);
        say((entry){.no = no});
        pack();
    }
    ck_assert_int_eq(take(package(2), &summary), CREDIT_E_DATA);
    ck_assert_ptr_nonnull(strstr(why.message, "package 1 of stream"));
    takes(1);
    ck_assert_int_eq(take(package(3), &summary), CREDIT_E_DATA);
    ck_assert_ptr_nonnull(strstr(why.message, "package 2 of stream"));
    takes(2);
    takes(3);
}
END_TEST

START_TEST(a_package_with_any_byte_changed_is_refused)
{
    say((entry){.no = "1"});
    pack();
    FILE *file = fopen(package(1), "rb");
    static char bytes[1 << 16];
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    char copy[600];
    snprintf(copy, sizeof copy, "%s", in_scratch("copy.asice"));
    for (size_t i = 4; i < size; i += 37) {
        credit_import_summary summary;
        bytes[i] ^= 1;
        file = fopen(copy, "wb");
        ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
        ck_assert_int_eq(fclose(file), 0);
        bytes[i] ^= 1;
        ck_assert_msg(take(copy, &summary) == CREDIT_E_UNTRUSTED, "byte %zu of %zu", i, size);
    }
    ck_assert_str_eq(shown_there(), "");
    takes(1);
}
END_TEST

/* ---- what may leave ------------------------------------------------------------------------ */

START_TEST(a_record_that_was_withdrawn_is_taken_back_once)
{
    say((entry){.no = "1"});
    pack();
    takes(1);
    wait_a_day();
    say((entry){.no = "1", .status = "2"});
    say((entry){.no = "1", .status = "2", .remark = "又"});
    ck_assert_uint_eq(pack(), 1);
    ck_assert_ptr_nonnull(strstr(said.data, "\"first\":2,\"last\":2,"));
    ck_assert_uint_eq(takes(2).withdrawn, 1);
    ck_assert_ptr_null(strstr(shown_there(), "演示税"));
    assert_sound(there);
}
END_TEST

START_TEST(a_record_that_comes_back_with_the_same_words_is_there_again)
{
    say((entry){.no = "1"});
    pack();
    takes(1);
    wait_a_day();
    say((entry){.no = "1", .status = "2"});
    pack();
    takes(2);
    wait_a_day();
    say((entry){.no = "1", .dated = "2026-11-25"});
    pack();
    ck_assert_uint_eq(takes(3).added, 1);
    ck_assert_ptr_nonnull(strstr(shown_there(), "演示税"));
    assert_sound(there);
}
END_TEST

START_TEST(what_is_taken_back_before_it_was_told_is_never_told)
{
    say((entry){.no = "1"});
    say((entry){.no = "1", .status = "2"});
    ck_assert_uint_eq(pack(), 0);
    ck_assert_uint_eq(count_of(here, "sent"), 0);
}
END_TEST

START_TEST(a_record_of_a_smaller_circle_is_never_told_or_taken_back)
{
    say((entry){.no = "1", .scope = "授权查询"});
    ck_assert_uint_eq(pack(), 0);
    say((entry){.no = "2"});
    pack();
    takes(1);
    say((entry){.no = "2", .scope = "授权查询"});
    ck_assert_uint_eq(pack(), 1);
    ck_assert_uint_eq(takes(2).withdrawn, 1);
    ck_assert_ptr_null(strstr(shown_there(), "演示税"));
}
END_TEST

/* What a body says of the entry later on, in a message that may not leave itself. */
static void say_of_it(const char *kind, const char *number, const char *on)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_import_summary summary;
    credit_import_options options = CREDIT_IMPORT_OPTIONS_INIT;
    char path[600];
    snprintf(path, sizeof path, "%s", in_scratch("message.csv"));
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file,
        "XDR_MC,XDR_LB,XDR_SHXYM,YMLBM,YWSH,YJGDM,YJG,YMDBM,BGLX,BGWSH,BGRQ,BGYY,BGJG,SJLY,SJLYDM\n"
        "荆州市科纶洁静制品有限公司,法人及非法人组织,914210007308853063,守信激励对象名单,"
        "演示税〔2026〕1号,11421000MB0TE00894,演示税务局,NSA,%s,%s,%s,理由,演示税务局,演示中心,"
        "11421000MB0TE00707\n",
        kind, number, on);
    ck_assert_int_eq(fclose(file), 0);
    options.now = now;
    credit_result rc = credit_import(here, path, &options, &summary, &err);
    ck_assert_msg(
        rc == CREDIT_OK && summary.rejected + summary.parked == 0, "%s: %s", kind, err.message);
}

START_TEST(what_a_message_ends_is_taken_back_and_told_again_when_it_is_undone)
{
    static const char *const kinds[][2] = {{"撤销", "恢复效力"}, {"移出名单", "恢复列入"}};
    say((entry){.no = "1"});
    pack();
    takes(1);
    say_of_it(kinds[_i][0], "演示撤1", "2026-11-02");
    ck_assert_uint_eq(pack(), 1);
    ck_assert_ptr_nonnull(strstr(said.data, "\"first\":2,\"last\":2,"));
    ck_assert_uint_eq(takes(2).withdrawn, 1);
    ck_assert_ptr_null(strstr(shown_there(), "演示税"));
    say_of_it(kinds[_i][1], "演示撤2", "2026-11-03");
    ck_assert_uint_eq(pack(), 1);
    ck_assert_uint_eq(takes(3).added, 1);
    ck_assert_ptr_nonnull(strstr(shown_there(), "演示税"));
    assert_sound(here);
    assert_sound(there);
}
END_TEST

static void undo(uint64_t batch)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_import_summary summary;
    credit_result rc = credit_batch_undo(here, batch, now, &summary, &err);
    ck_assert_msg(rc == CREDIT_OK, "%s", err.message);
}

START_TEST(an_undone_batch_gives_way_to_what_it_had_covered)
{
    say((entry){.no = "1", .remark = "甲"});
    pack();
    takes(1);
    say((entry){.no = "1", .remark = "乙"});
    pack();
    takes(2);
    ck_assert_ptr_nonnull(strstr(shown_there(), "乙"));
    undo(2);
    ck_assert_uint_eq(pack(), 1);
    ck_assert_uint_eq(takes(3).updated, 1);
    ck_assert_ptr_nonnull(strstr(shown_there(), "甲"));
    undo(1);
    ck_assert_uint_eq(pack(), 1);
    ck_assert_uint_eq(takes(4).withdrawn, 1);
    ck_assert_ptr_null(strstr(shown_there(), "演示税"));
    assert_sound(here);
    assert_sound(there);
}
END_TEST

START_TEST(what_a_batch_brought_that_was_undone_is_never_told)
{
    say((entry){.no = "1", .remark = "甲"});
    say((entry){.no = "1", .remark = "乙"});
    undo(2);
    ck_assert_uint_eq(pack(), 1);
    ck_assert_ptr_nonnull(strstr(said.data, "\"first\":1,\"last\":1,"));
    takes(1);
    ck_assert_ptr_nonnull(strstr(shown_there(), "甲"));
}
END_TEST

START_TEST(a_night_that_comes_late_says_nothing_about_today)
{
    say((entry){.no = "1", .remark = "今", .dated = "2026-11-20"});
    say((entry){.no = "1", .remark = "昔", .dated = "2026-11-18"});
    ck_assert_uint_eq(pack(), 1);
    ck_assert_ptr_nonnull(strstr(said.data, "\"last\":1,"));
    takes(1);
    ck_assert_ptr_nonnull(strstr(shown_there(), "今"));
    ck_assert_ptr_null(strstr(shown_there(), "昔"));
}
END_TEST

/* ---- receipts ------------------------------------------------------------------------------ */

START_TEST(a_receipt_settles_its_numbers_once)
{
    credit_feed_answer answer;
    say((entry){.no = "1"});
    say((entry){.no = "2"});
    pack();
    takes(1);
    ck_assert_uint_eq(count_of(here, "open"), 2);
    ck_assert_int_eq(credit_feed_receipt(here, receipt(), trust, &answer, NULL), CREDIT_OK);
    ck_assert_uint_eq(answer.accepted, 2);
    ck_assert_uint_eq(answer.news, 2);
    takes(1);
    ck_assert_int_eq(credit_feed_receipt(here, receipt(), trust, &answer, NULL), CREDIT_OK);
    ck_assert_uint_eq(answer.news, 0);
    ck_assert_uint_eq(count_of(here, "accepted"), 2);
    ck_assert_uint_eq(count_of(here, "open"), 0);
}
END_TEST

START_TEST(a_receipt_of_another_stream_is_refused)
{
    credit_feed_answer answer;
    say((entry){.no = "1"});
    pack();
    takes(1);
    ck_assert_int_eq(
        credit_feed_receipt(there, receipt(), trust, &answer, NULL), CREDIT_E_NOT_FOUND);
    ck_assert_int_eq(
        credit_feed_receipt(here, package(1), trust, &answer, NULL), CREDIT_E_UNTRUSTED);
}
END_TEST

START_TEST(what_may_no_longer_leave_is_withheld_when_it_is_sent_again)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_feed_answer answer;
    say((entry){.no = "1"});
    say((entry){.no = "2"});
    pack();
    say((entry){.no = "1", .status = "2"});
    said.size = 0;
    credit_result rc = credit_feed_resend(here, 1, directory, now, keep, &said, &err);
    ck_assert_msg(rc == CREDIT_OK, "%s", err.message);
    ck_assert_msg(strstr(said.data, "\"withheld\":1,") != NULL, "%s", said.data);
    ck_assert_uint_eq(count_of(here, "withheld"), 1);
    credit_import_summary summary = takes(1);
    ck_assert_uint_eq(summary.rows, 1);
    ck_assert_uint_eq(summary.withheld, 1);
    ck_assert_int_eq(credit_feed_receipt(here, receipt(), trust, &answer, NULL), CREDIT_OK);
    ck_assert_uint_eq(answer.accepted, 1);
    ck_assert_uint_eq(answer.withheld, 1);
    pack();
    ck_assert_uint_eq(takes(2).unchanged, 1); /* taken back what never came */
    ck_assert_int_eq(
        credit_feed_resend(here, 3, directory, now, keep, &said, NULL), CREDIT_E_NOT_FOUND);
    assert_sound(here);
    assert_sound(there);
}
END_TEST

/* ---- failures ------------------------------------------------------------------------------ */

START_TEST(a_failed_allocation_loses_nothing_and_tells_nothing_twice)
{
    credit_result rc = CREDIT_E_NOMEM;
    credit_feed_answer answer;
    credit_import_summary summary;
    say((entry){.no = "1"});
    say((entry){.no = "2"});
    for (uint64_t n = 1; rc == CREDIT_E_NOMEM; n++) {
        uint64_t packages = 0;
        said.size = 0;
        cr_alloc_fail_at(n);
        rc = credit_feed_pack(here, directory, now, keep, &said, &packages, NULL);
        cr_alloc_fail_at(0);
    }
    ck_assert_int_eq(rc, CREDIT_OK);
    pack();
    ck_assert_uint_eq(count_of(here, "packages"), 1);
    ck_assert_uint_eq(count_of(here, "sent"), 2);
    rc = CREDIT_E_NOMEM;
    for (uint64_t n = 1; rc == CREDIT_E_NOMEM; n++) {
        cr_alloc_fail_at(n);
        rc = take(package(1), &summary);
        cr_alloc_fail_at(0);
    }
    ck_assert_msg(rc == CREDIT_OK, "%s", why.message);
    ck_assert_uint_eq(takes(1).rows, 2);
    rc = CREDIT_E_NOMEM;
    for (uint64_t n = 1; rc == CREDIT_E_NOMEM; n++) {
        cr_alloc_fail_at(n);
        rc = credit_feed_receipt(here, receipt(), trust, &answer, NULL);
        cr_alloc_fail_at(0);
    }
    ck_assert_int_eq(rc, CREDIT_OK);
    ck_assert_uint_eq(count_of(here, "accepted"), 2);
    assert_sound(here);
    assert_sound(there);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("feed");
    TCase *numbers = tcase_create("feed");
    tcase_add_checked_fixture(numbers, given_two_stores, drop_them);
    tcase_set_timeout(numbers, 120);
    tcase_add_test(numbers, nothing_to_tell_makes_no_package);
    tcase_add_test(numbers, every_committed_change_has_its_number);
    tcase_add_test(numbers, a_package_comes_in_once);
    tcase_add_test(numbers, a_gap_is_refused_by_the_number_that_is_missing);
    tcase_add_test(numbers, a_package_with_any_byte_changed_is_refused);
    tcase_add_test(numbers, a_record_that_was_withdrawn_is_taken_back_once);
    tcase_add_test(numbers, a_record_that_comes_back_with_the_same_words_is_there_again);
    tcase_add_test(numbers, what_is_taken_back_before_it_was_told_is_never_told);
    tcase_add_test(numbers, a_record_of_a_smaller_circle_is_never_told_or_taken_back);
    tcase_add_test(numbers, an_undone_batch_gives_way_to_what_it_had_covered);
    tcase_add_test(numbers, what_a_batch_brought_that_was_undone_is_never_told);
    tcase_add_loop_test(
        numbers, what_a_message_ends_is_taken_back_and_told_again_when_it_is_undone, 0, 2);
    tcase_add_test(numbers, a_night_that_comes_late_says_nothing_about_today);
    tcase_add_test(numbers, a_receipt_settles_its_numbers_once);
    tcase_add_test(numbers, a_receipt_of_another_stream_is_refused);
    tcase_add_test(numbers, what_may_no_longer_leave_is_withheld_when_it_is_sent_again);
    tcase_add_test(numbers, a_failed_allocation_loses_nothing_and_tells_nothing_twice);
    suite_add_tcase(suite, numbers);
    return run_suite(suite);
}
