/* The signed extract as a page for people.
 *
 * 1. A pure function of extract.json and its digest: no clock, no settings, the
 *    same bytes every time. What the page says, the signature covers.
 * 2. Self-contained: one file, nothing is loaded, nothing runs. A policy in the
 *    head tells the browser so, should an escape ever be missing.
 * 3. Neutral: it shows what the extract holds, in its order, and adds no score.
 * basis: domain 9.3 */
#include "api/report_html.h"

#include <string.h>

#include "api/report_parts.h"
#include "engine/error.h"
#include "engine/text.h"

/* A word of the extract and how the page names it. */
typedef struct word {
    const char *code, *shown;
} word;

static const word id_types[] = {
    {"uscc", "统一社会信用代码"},
    {"org_code", "组织机构代码"},
    {"reg_no", "工商注册号"},
    {"cn_id", "居民身份证号码"},
    {"cn_permanent", "外国人永久居留身份证号码"},
    {"hkmo_permit", "港澳居民来往内地通行证号码"},
    {"tw_permit", "台湾居民来往大陆通行证号码"},
    {"passport", "护照号码"},
    {NULL, "证件号码"},
};

static const word scopes[] = {
    {"public", "社会公开"},
    {"government", "政务共享"},
    {"authorized", "授权查询"},
    {NULL, "—"},
};

static const char *shown_as(const word *words, credit_span code)
{
    while (words->code != NULL && !cr_span_is(code, words->code)) { words++; }
    return words->shown;
}

static void put_start(cr_html *h, credit_span number)
{
    cr_html_markup(h, "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n"
                      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                      "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                      "<meta name=\"format-detection\" content=\"telephone=no\">\n"
                      "<title>公共信用信息报告 ");
    cr_html_text(h, number);
    cr_html_markup(h, "</title>\n<style>\n");
    cr_html_markup(h, cr_report_style);
    cr_html_markup(h, "</style>\n</head>\n<body>\n<main>\n");
}

/* What a phone reads: number and digest, to be held against the signed file. */
static void put_qr(cr_html *h, credit_span number, const char *digest, cr_arena *arena)
{
    char *text = cr_arena_printf(
        arena, "%.*s sha256:%s", (int)number.size, number.data == NULL ? "" : number.data, digest);
    if (text == NULL) {
        h->failed = true;
        return;
    }
    cr_report_qr(h, cr_span_of(text));
}

static void put_pack(cr_html *h, const json_t *extract)
{
    const json_t *pack = json_object_get(extract, "pack");
    cr_html_markup(h, "<div class=\"wide\"><dt>版本</dt><dd>");
    cr_html_text(h, cr_report_text(extract, "format"));
    cr_html_markup(h, "；规则包 ");
    cr_html_text(h, cr_report_text(pack, "name"));
    cr_html_markup(h, " ");
    cr_html_text(h, cr_report_text(pack, "version"));
    cr_html_markup(h, "</dd></div>\n");
}

static void put_head(cr_html *h, const json_t *extract, const char *digest, cr_arena *arena)
{
    const json_t *issuer = json_object_get(extract, "issuer");
    credit_span number = cr_report_text(extract, "number");
    cr_html_markup(h, "<header><div><h1>公共信用信息报告</h1>\n");
    cr_html_element(h, "p", NULL, cr_report_text(issuer, "name"));
    cr_html_markup(h, "</div>\n");
    put_qr(h, number, digest, arena);
    cr_html_markup(h, "</header>\n<dl>\n");
    cr_report_line(h, "报告编号", number);
    cr_report_instant(h, "生成时间", cr_report_text_or(extract, "issued_at", "known_at"));
    cr_report_instant(h, "数据截至", cr_report_text(extract, "known_at"));
    cr_report_line(h, "查询基准日", cr_report_text(extract, "as_of"));
    cr_report_line(h, "信息范围", cr_span_of(shown_as(scopes, cr_report_text(extract, "scope"))));
    cr_report_line(h, "用途", cr_report_text(extract, "purpose"));
    put_pack(h, extract);
    cr_html_markup(h, "</dl>\n");
}

static void put_subject(cr_html *h, const json_t *subject)
{
    cr_html_element(h, "p", "name", cr_report_text(subject, "name"));
    cr_html_markup(h, "<dl>\n");
    cr_report_line(
        h, shown_as(id_types, cr_report_text(subject, "id_type")), cr_report_text(subject, "id"));
    cr_html_markup(h, "</dl>\n");
}

static void put_summary(cr_html *h, const json_t *summary)
{
    size_t i;
    const json_t *item;
    cr_html_markup(h, "<section><h2>信用信息概要</h2>\n<ul class=\"counts\">\n");
    json_array_foreach(summary, i, item)
    {
        cr_html_markup(h, "<li><b>");
        cr_report_value(h, json_object_get(item, "count"));
        cr_html_markup(h, "</b>");
        cr_html_text(h, cr_report_text(item, "title"));
        cr_html_markup(h, "</li>\n");
    }
    cr_html_markup(h, "</ul></section>\n");
}

static void put_end(cr_html *h, const char *digest)
{
    cr_html_markup(h,
        "<section class=\"notes\"><h2>报告说明</h2>\n<ol>\n"
        "<li>本报告依据有关单位依法归集、共享的公共信用信息自动生成，如实展示，不作修改，"
        "不对信用主体作主观评价，不含信用评分。</li>\n"
        "<li>本报告只反映查询基准日、所示信息范围内平台已归集的信息；“—”表示该项为空，"
        "“查询期内无相关信息”表示该部分没有可展示的信息。</li>\n"
        "<li>信用主体认为本报告所载信息有错误、遗漏，或者侵犯其合法权益的，"
        "可以通过信用网站的“异议申请”提出异议。</li>\n"
        "<li>失信信息的主体纠正失信行为、履行相关义务后，"
        "可以依照规定通过信用网站的“信用修复”提出申请。</li>\n"
        "<li>本报告的内容以随附的 extract.json 及其电子签名为准，"
        "可以扫描二维码取得报告编号和摘要，与签名文件核对。</li>\n"
        "</ol></section>\n<footer>extract.json 的 SHA-256 摘要：<code>");
    cr_html_text(h, cr_span_of(digest));
    cr_html_markup(h, "</code></footer>\n</main>\n</body>\n</html>\n");
}

static void put_report(cr_html *h, const json_t *extract, const char *digest, cr_arena *arena)
{
    size_t i;
    const json_t *section;
    put_start(h, cr_report_text(extract, "number"));
    put_head(h, extract, digest, arena);
    put_subject(h, json_object_get(extract, "subject"));
    put_summary(h, json_object_get(extract, "summary"));
    json_array_foreach(json_object_get(extract, "sections"), i, section)
    {
        cr_report_section(h, json_object_get(extract, "catalogs"), section);
    }
    cr_report_decisions(h, json_object_get(extract, "decisions"));
    put_end(h, digest);
}

/* Enough to know that it is an extract; a missing detail prints a dash. */
static credit_result check_extract(const json_t *extract, credit_error *err)
{
    if (!cr_span_is(cr_report_text(extract, "format"), "credit-extract/1")) {
        return cr_fail(err, CREDIT_E_DATA, "extract.json is not of format credit-extract/1");
    }
    if (cr_report_text(extract, "number").size == 0 ||
        !json_is_object(json_object_get(extract, "subject")) ||
        !json_is_array(json_object_get(extract, "sections"))) {
        return cr_fail(err, CREDIT_E_DATA, "extract.json lacks number, subject or sections");
    }
    return CREDIT_OK;
}

credit_result cr_report_html(
    credit_span extract, const char *digest, cr_arena *arena, credit_span *html, credit_error *err)
{
    cr_html h = CR_HTML_INIT;
    json_error_t reason;
    *html = (credit_span){NULL, 0};

    json_t *root = json_loadb(extract.data, extract.size, JSON_REJECT_DUPLICATES, &reason);
    credit_result rc = CREDIT_OK;
    if (root == NULL) {
        rc = cr_fail(err, CREDIT_E_DATA, "extract.json: %s", reason.text);
        goto out;
    }
    rc = check_extract(root, err);
    if (rc != CREDIT_OK) { goto out; }
    put_report(&h, root, digest, arena);
    *html = h.failed ? *html : cr_arena_span(arena, (credit_span){h.data, h.size});
    if (html->data == NULL) { rc = cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
out:
    cr_html_free(&h);
    json_decref(root);
    return rc;
}
