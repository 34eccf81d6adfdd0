/* The sections of the report and the decisions that rest on them.
 *
 * basis: domain 9.3 (公共信用信息报告 V2.0); titles, numbers and order of the
 * sections come with the extract, which takes them from the pack. */
#include "api/report_parts.h"
#include "engine/text.h"

static const credit_span nothing_found = {"查询期内无相关信息", sizeof "查询期内无相关信息" - 1};

static void put_heading(cr_html *h, credit_span number, credit_span title)
{
    cr_html_markup(h, "<h2>");
    if (number.size > 0) { cr_html_element(h, "span", "no", number); }
    cr_html_text(h, title);
    cr_html_markup(h, "</h2>\n");
}

/* --- Records --------------------------------------------------------------- */

/* A column's text: from the largest scope's block that has it. */
static const json_t *field_of(const json_t *blocks, const char *code)
{
    for (size_t i = json_array_size(blocks); i-- > 0;) {
        const json_t *fields = json_object_get(json_array_get(blocks, i), "fields");
        const json_t *value = json_object_get(fields, code);
        if (value != NULL) { return value; }
    }
    return NULL;
}

static void put_fields(cr_html *h, const json_t *catalog, const json_t *blocks)
{
    size_t i;
    const json_t *code, *titles = json_object_get(catalog, "fields");
    json_array_foreach(json_object_get(catalog, "order"), i, code)
    {
        const char *name = json_string_value(code);
        if (name != NULL) {
            cr_report_field(h, cr_report_text(titles, name), field_of(blocks, name));
        }
    }
}

static void put_extras(cr_html *h, const json_t *blocks)
{
    size_t i, k;
    const json_t *block, *pair;
    json_array_foreach(blocks, i, block)
    {
        json_array_foreach(json_object_get(block, "extras"), k, pair)
        {
            const json_t *title = json_array_get(pair, 0);
            cr_report_field(h, (credit_span){json_string_value(title), json_string_length(title)},
                json_array_get(pair, 1));
        }
    }
}

/* What has become of a record that is no longer in force. */
static void put_state(cr_html *h, const json_t *record)
{
    static const struct {
        const char *state, *text;
    } states[] = {{"withdrawn", "已撤销　"}, {"repaired", "已修复　"}};
    credit_span state = cr_report_text(record, "state");
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (cr_span_is(state, states[i].state)) { cr_html_text(h, cr_span_of(states[i].text)); }
    }
}

static void put_record(
    cr_html *h, const json_t *catalogs, const json_t *record, size_t number, size_t count)
{
    const json_t *blocks = json_object_get(record, "blocks");
    const char *name = json_string_value(json_object_get(json_array_get(blocks, 0), "catalog"));
    const json_t *catalog = name == NULL ? NULL : json_object_get(catalogs, name);
    cr_html_markup(h, "<article class=\"record\"><h3><span>");
    cr_html_text(h, cr_report_text(catalog, "title"));
    cr_html_markup(h, "</span><small>");
    put_state(h, record);
    cr_html_integer(h, (int64_t)number);
    cr_html_markup(h, " / ");
    cr_html_integer(h, (int64_t)count);
    cr_html_markup(h, "</small></h3>\n<dl>\n");
    put_fields(h, catalog, blocks);
    put_extras(h, blocks);
    cr_html_markup(h, "</dl></article>\n");
}

void cr_report_section(cr_html *h, const json_t *catalogs, const json_t *section)
{
    size_t i;
    const json_t *record, *records = json_object_get(section, "records");
    credit_span text = cr_report_text(section, "text");
    cr_html_markup(h, "<section>");
    put_heading(h, cr_report_text(section, "no"), cr_report_text(section, "title"));
    if (text.size > 0) {
        cr_html_element(h, "p", NULL, text);
    } else if (json_array_size(records) == 0) {
        cr_html_element(h, "p", "none", nothing_found);
    }
    json_array_foreach(records, i, record)
    {
        put_record(h, catalogs, record, i + 1, json_array_size(records));
    }
    cr_html_markup(h, "</section>\n");
}

/* --- Decisions --------------------------------------------------------------- */

static void put_reasons(cr_html *h, const json_t *reasons)
{
    size_t i;
    const json_t *reason;
    if (json_array_size(reasons) == 0) { return; }
    cr_html_markup(h, "<ul class=\"reasons\">\n");
    json_array_foreach(reasons, i, reason)
    {
        credit_span basis = cr_report_text(reason, "basis");
        cr_html_markup(h, "<li>");
        cr_html_text(h, cr_report_text_or(reason, "text", "rule"));
        if (basis.size > 0) {
            cr_html_markup(h, "<small>依据：");
            cr_html_text(h, basis);
            cr_html_markup(h, "</small>");
        }
        cr_html_markup(h, "</li>\n");
    }
    cr_html_markup(h, "</ul>\n");
}

static void put_listing(cr_html *h, const json_t *listing)
{
    cr_html_markup(h, "<article class=\"record\"><h3>");
    cr_html_text(h, cr_report_text_or(listing, "title", "list"));
    cr_html_markup(h, "</h3>\n<dl>\n");
    cr_report_line(h, "领域", cr_report_text(listing, "domain"));
    cr_report_line(h, "认定单位", cr_report_text(listing, "authority"));
    cr_report_line(h, "认定文号", cr_report_text(listing, "document_no"));
    cr_report_line(h, "列入日期", cr_report_text(listing, "listed_on"));
    cr_report_line(h, "有效期至", cr_report_text(listing, "until"));
    cr_html_markup(h, "</dl></article>\n");
}

static void put_listings(cr_html *h, const json_t *listings)
{
    size_t i;
    const json_t *listing;
    if (json_array_size(listings) == 0) {
        cr_html_markup(h, "<p class=\"none\">所示信息范围内未列入名单</p>\n");
    }
    json_array_foreach(listings, i, listing)
    {
        put_listing(h, listing);
    }
}

static void put_tier(cr_html *h, const json_t *tier)
{
    cr_html_markup(h, "<article class=\"record\"><h3><span>分级分类监管等级</span>");
    cr_html_element(h, "span", "tier", cr_report_text(tier, "tier"));
    cr_html_markup(h, "</h3>\n");
    put_reasons(h, json_object_get(tier, "reasons"));
    cr_html_markup(h, "</article>\n");
}

static const char *words_of_answer(credit_span decision)
{
    if (cr_span_is(decision, "eligible")) { return "可以适用"; }
    return cr_span_is(decision, "ineligible") ? "不适用" : "需要核实";
}

static void put_grant(cr_html *h, const json_t *grant)
{
    const json_t *given = json_object_get(grant, "given");
    cr_html_markup(h, "<div class=\"wide\">");
    cr_html_element(h, "dt", NULL, cr_report_text_or(grant, "title", "grant"));
    cr_html_markup(h, json_is_true(given) ? "<dd>适用" : "<dd>不适用");
    put_reasons(h, json_object_get(grant, "reasons"));
    cr_html_markup(h, "</dd></div>\n");
}

static void put_green_channel(cr_html *h, const json_t *green)
{
    size_t i;
    const json_t *grant;
    cr_html_markup(h, "<article class=\"record\"><h3><span>绿色通道</span><span>");
    cr_html_markup(h, words_of_answer(cr_report_text(green, "decision")));
    cr_html_markup(h, "</span></h3>\n<dl>\n");
    cr_report_line(h, "事项", cr_report_text_or(green, "matter_title", "matter"));
    json_array_foreach(json_object_get(green, "grants"), i, grant)
    {
        put_grant(h, grant);
    }
    cr_html_markup(h, "</dl>\n");
    put_reasons(h, json_object_get(green, "reasons"));
    cr_html_markup(h, "</article>\n");
}

void cr_report_decisions(cr_html *h, const json_t *decisions)
{
    const json_t *tier = json_object_get(decisions, "tier");
    const json_t *green = json_object_get(decisions, "green_channel");
    if (!json_is_object(decisions)) { return; }
    cr_html_markup(h, "<section>");
    put_heading(h, (credit_span){NULL, 0}, CR_SPAN("公共信用信息地方补充内容"));
    put_listings(h, json_object_get(decisions, "listings"));
    if (json_is_object(tier)) { put_tier(h, tier); }
    if (json_is_object(green)) { put_green_channel(h, green); }
    cr_html_markup(h, "</section>\n");
}
