/* credit_catalog_page: a catalog explained to people, as one page of HTML made from
 * nothing but the catalog as it was compiled, so that it can never say anything else
 * than what the loader does. */
#include "api/catalog_page.h"

#include "api/internal.h"
#include "api/page.h"
#include "engine/facts.h"
#include "engine/text.h"

static void say(cr_html *h, const char *text)
{
    cr_html_markup(h, text);
}

static const char *scope_word(cr_scope scope)
{
    static const char *const words[] = {"社会公开", "政务共享", "授权查询", "不公开"};
    return words[scope];
}

static void put_list(cr_html *h, const credit_span *texts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0) { say(h, "、"); }
        cr_html_text(h, texts[i]);
    }
}

static void put_codes(cr_html *h, const cr_catalog *catalog, const uint16_t *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0) { say(h, "、"); }
        cr_html_element(h, "code", NULL, catalog->fields[fields[i]].code);
    }
}

/* ---- the head --------------------------------------------------------------------- */

static void put_line(cr_html *h, const char *title, const char *text)
{
    say(h, "<tr><th>");
    say(h, title);
    say(h, "</th><td>");
    say(h, text);
    say(h, "</td></tr>\n");
}

static void put_key(cr_html *h, const cr_catalog *catalog)
{
    say(h, "<tr><th>记录主键</th><td>主体");
    for (size_t i = 0; i < catalog->key_count; i++) {
        say(h, "＋");
        cr_page_column(h, catalog, catalog->key_fields[i]);
        if (catalog->key_fallback[i] >= 0) {
            say(h, "（没有填的用 ");
            cr_page_column(h, catalog, catalog->key_fallback[i]);
            say(h, "）");
        }
    }
    say(h, catalog->key_count == 0 ? "（一个主体只有一条现行记录）" : "");
    say(h, "。主键相同、内容相同的是重复，主键相同、内容不同的是更新（V23）</td></tr>\n");
}

static void put_source_day(cr_html *h, const cr_catalog *catalog)
{
    int16_t field = catalog->role_field[CR_ROLE_PROVIDED_ON];
    say(h, "<tr><th>版本先后</th><td>");
    if (field >= 0) {
        say(h, "以 ");
        cr_page_column(h, catalog, field);
        say(h, " 为准；没有填的，");
    }
    say(h, "以导入时写明的来源日期为准，没有写明的以收到之日为准</td></tr>\n");
}

static void put_lateness(cr_html *h, const cr_catalog *catalog)
{
    say(h, "<tr><th>迟报</th><td>");
    if (catalog->late_working_days == 0) {
        say(h, "不计</td></tr>\n");
        return;
    }
    say(h, "自 ");
    cr_page_column(h, catalog, catalog->role_field[CR_ROLE_DECIDED_ON]);
    say(h, " 起超过 ");
    cr_html_integer(h, catalog->late_working_days);
    say(h, " 个工作日首次收到的记迟报（V25），不退回</td></tr>\n");
}

static void put_status(cr_html *h, const cr_catalog *catalog)
{
    int16_t field = catalog->role_field[CR_ROLE_STATUS];
    if (field < 0 || catalog->status_valid == 0) { return; }
    say(h, "<tr><th>有效状态</th><td>");
    cr_page_column(h, catalog, field);
    say(h, " 是“");
    cr_html_text(h, cr_code_word(catalog->fields[field].codes, catalog->status_valid));
    say(h, "”的有效，其他是撤回</td></tr>\n");
}

static void put_head(cr_html *h, const cr_pack *pack, const cr_catalog *catalog)
{
    static const char *const rosters[] = {"", "守信激励名单", "严重失信主体名单", "重点关注名单"};
    say(h, "<h1>");
    cr_html_text(h, catalog->title);
    say(h, " ");
    cr_html_element(h, "code", NULL, catalog->name);
    say(h, "</h1>\n<p>政策包 ");
    cr_html_text(h, pack->name);
    say(h, " ");
    cr_html_text(h, pack->version);
    say(h, "。本页由目录生成。</p>\n<table>\n");
    put_line(h, "是什么",
        catalog->kind == CR_CATALOG_REGISTER ? "登记信息：说明主体是谁"
        : catalog->roster != CR_ROSTER_NONE  ? "名单记录"
                                             : "信用记录");
    if (catalog->roster != CR_ROSTER_NONE) { put_line(h, "名单", rosters[catalog->roster]); }
    say(h, "<tr><th>报告部分</th><td>");
    cr_html_text(h, catalog->section);
    say(h, "</td></tr>\n");
    put_line(h, "公开级别", scope_word(catalog->scope));
    put_key(h, catalog);
    put_status(h, catalog);
    put_source_day(h, catalog);
    put_lateness(h, catalog);
    put_line(
        h, "库中没有的主体", catalog->creates_subject ? "号码有效的，由本目录建立" : "等待处理");
    say(h, "</table>\n");
}

/* ---- columns ------------------------------------------------------------------------ */

static void put_type(cr_html *h, const cr_field *field)
{
    static const char *const types[] = {"文字", "日期", "数字", "年份"};
    say(h, types[field->type]);
    if (field->type == CR_FIELD_NUMBER) {
        say(h, "，至多 ");
        cr_html_integer(h, field->scale);
        say(h, " 位小数");
    }
    say(h, field->long_text ? "（长文）" : "");
}

static void put_disclosure(cr_html *h, const cr_field *field)
{
    bool any_number = field->role == CR_ROLE_SUBJECT_ANY_NO;
    say(h, scope_word(field->scope));
    say(h, any_number ? "；自然人的只供授权查询" : "");
    if (field->masked) {
        say(h, any_number ? "，" : "；");
        say(h, scope_word(field->mask_scope));
        say(h, "时遮盖，左留 ");
        cr_html_integer(h, field->mask_left);
        say(h, " 右留 ");
        cr_html_integer(h, field->mask_right);
    }
    say(h, field->personal || any_number ? "；自然人的号码加密保存" : "");
}

static void put_column(cr_html *h, const cr_field *field)
{
    say(h, "<tr class=\"column\"><td>");
    cr_html_element(h, "code", NULL, field->code);
    say(h, "</td><td>");
    cr_html_text(h, field->title);
    say(h, "</td><td>");
    put_list(h, field->aliases, field->alias_count);
    say(h, "</td><td>");
    put_type(h, field);
    say(h, "</td><td>");
    if (field->length_max > 0) { cr_html_integer(h, field->length_max); }
    say(h, "</td><td>");
    say(h, field->required ? "必填" : "");
    say(h, "</td><td>");
    if (field->codes != NULL) { cr_html_text(h, field->codes->title); }
    say(h, "</td><td>");
    put_disclosure(h, field);
    say(h, "</td></tr>\n");
}

static void put_columns(cr_html *h, const cr_catalog *catalog)
{
    say(h, "<h2>各列</h2>\n<p>表头可以写代码、名称或者别名，次序不限；不认得的列原样保留。</p>\n"
           "<table>\n<tr><th>代码</th><th>名称</th><th>别名</th><th>类型</th><th>字数</th>"
           "<th>必填</th><th>取值</th><th>公开级别和遮盖</th></tr>\n");
    for (size_t i = 0; i < catalog->field_count; i++) { put_column(h, &catalog->fields[i]); }
    say(h, "</table>\n");
}

/* ---- words --------------------------------------------------------------------------- */

static bool was_shown(const cr_catalog *catalog, size_t field)
{
    for (size_t i = 0; i < field; i++) {
        if (catalog->fields[i].codes == catalog->fields[field].codes) { return true; }
    }
    return false;
}

static void put_set(cr_html *h, const cr_codeset *set)
{
    say(h, "<h3>");
    cr_html_text(h, set->title);
    say(h, "</h3>\n");
    if (set->separator_count > 0) {
        say(h, "<p>可以填几个词，用 ");
        put_list(h, set->separators, set->separator_count);
        say(h, " 隔开。</p>\n");
    }
    if (set->other_prefix.size > 0) {
        say(h, "<p>“");
        cr_html_text(h, set->other_prefix);
        say(h, "”后面必须接着写明是什么。</p>\n");
    }
    say(h, "<table>\n<tr><th>词</th><th>代码</th><th>别名</th></tr>\n");
    for (size_t i = 0; i < set->code_count; i++) {
        say(h, "<tr><td>");
        cr_html_text(h, set->codes[i].word);
        say(h, "</td><td>");
        cr_html_text(h, set->codes[i].code);
        say(h, "</td><td>");
        put_list(h, set->codes[i].aliases, set->codes[i].alias_count);
        say(h, "</td></tr>\n");
    }
    say(h, "</table>\n");
}

static void put_words(cr_html *h, const cr_catalog *catalog)
{
    say(h, "<h2>取值</h2>\n");
    for (size_t i = 0; i < catalog->field_count; i++) {
        const cr_codeset *set = catalog->fields[i].codes;
        if (set != NULL && !was_shown(catalog, i)) { put_set(h, set); }
    }
}

/* ---- checks and layouts ---------------------------------------------------------------- */

static void put_checks(cr_html *h, const cr_catalog *catalog)
{
    say(h,
        "<h2>校验</h2>\n<p>退回：这一行不收，写进退回文件，改好再报。提示：收下，并且记一次提示。"
        "表格说明行和空行跳过（V26）。</p>\n<table>\n<tr><th>规则</th><th>轻重</th><th>列</th>"
        "<th>要求</th><th>什么时候</th></tr>\n");
    cr_page_own_checks(h, catalog);
    for (size_t i = 0; i < catalog->check_count; i++) {
        cr_page_check(h, catalog, &catalog->checks[i]);
    }
    say(h, "</table>\n");
}

static void put_defaults(
    cr_html *h, const cr_catalog *catalog, const cr_default *defaults, size_t count)
{
    if (count == 0) { return; }
    say(h, "<p>没有填的，读入时补上：</p>\n<table>\n<tr><th>列</th><th>补什么</th></tr>\n");
    for (size_t i = 0; i < count; i++) {
        say(h, "<tr><td>");
        cr_page_column(h, catalog, defaults[i].field);
        say(h, "</td><td>");
        if (defaults[i].from_field < 0) {
            cr_html_text(h, defaults[i].value);
        } else {
            say(h, "与 ");
            cr_page_column(h, catalog, defaults[i].from_field);
            say(h, " 相同");
        }
        say(h, "</td></tr>\n");
    }
    say(h, "</table>\n");
}

static void put_profile(cr_html *h, const cr_catalog *catalog, const cr_profile *profile)
{
    say(h, "<h3>");
    cr_html_text(h, profile->title);
    say(h, " ");
    cr_html_element(h, "code", NULL, profile->name);
    say(h, "</h3>\n<p>表头有以下各列就是它：</p>\n<table>\n<tr><th>表头</th><th>列</th></tr>\n");
    for (size_t i = 0; i < profile->column_count; i++) {
        say(h, "<tr><td>");
        cr_html_text(h, profile->columns[i]);
        say(h, "</td><td>");
        cr_page_column(h, catalog, profile->column_field[i]);
        say(h, "</td></tr>\n");
    }
    say(h, "</table>\n");
    if (profile->waived_count > 0) {
        say(h, "<p>可以空着：");
        put_codes(h, catalog, profile->waived, profile->waived_count);
        say(h, "。</p>\n");
    }
    put_defaults(h, catalog, profile->defaults, profile->default_count);
}

static void put_layouts(cr_html *h, const cr_catalog *catalog)
{
    if (catalog->default_count > 0) { say(h, "<h2>默认值</h2>\n"); }
    put_defaults(h, catalog, catalog->defaults, catalog->default_count);
    if (catalog->profile_count > 0) { say(h, "<h2>其他版式</h2>\n"); }
    for (size_t i = 0; i < catalog->profile_count; i++) {
        put_profile(h, catalog, &catalog->profiles[i]);
    }
}

static void put_page(cr_html *h, const cr_pack *pack, const cr_catalog *catalog)
{
    cr_page_begin(h, catalog->title);
    put_head(h, pack, catalog);
    put_columns(h, catalog);
    put_words(h, catalog);
    put_checks(h, catalog);
    put_layouts(h, catalog);
    cr_page_end(h);
}

credit_result credit_catalog_page(
    const credit_pack *pack, const char *name, credit_write write, void *ctx, credit_error *err)
{
    if (pack == NULL || name == NULL || write == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a pack, a name and a writer are needed");
    }
    int index = cr_pack_catalog(pack->pack, cr_span_of(name));
    if (index < 0) { return cr_fail(err, CREDIT_E_NOT_FOUND, "%.60s: no such catalog", name); }
    cr_html h = CR_HTML_INIT;
    put_page(&h, pack->pack, &pack->pack->catalogs[index]);
    credit_result rc = CREDIT_OK;
    if (h.failed) {
        rc = cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    } else if (write(ctx, h.data, h.size) != 0) {
        rc = CREDIT_DONE;
    }
    cr_html_free(&h);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}
