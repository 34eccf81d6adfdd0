/* The page of one decision or knowledge model. */
#include <stdio.h>

#include "api/page.h"
#include "api/rulebook.h"
#include "engine/text.h"

/* What the parts of a page share while it is written. */
typedef struct writer {
    cr_html *h;
    const cr_rulebook *book;
    size_t tables; /* so far: a row's anchor is tTABLE-ROW */
} writer;

static void say(writer *w, const char *text)
{
    cr_html_markup(w->h, text);
}

static void put_box(writer *w, const cr_box *box);

/* ---- decision tables ------------------------------------------------------------------------- */

static void put_feel_cell(writer *w, cr_source_text feel)
{
    say(w, "<td>");
    if (feel.text.size > 0) { cr_words_value(w->h, w->book->pack, feel.text); }
    say(w, "</td>");
}

static void put_name(writer *w, credit_span name, size_t number, const char *otherwise)
{
    if (name.size > 0) {
        cr_html_text(w->h, name);
    } else {
        say(w, otherwise);
        cr_html_integer(w->h, (int64_t)number + 1);
    }
}

static void put_inputs(writer *w, const cr_source_table *table)
{
    say(w, "<h3>看什么</h3>\n<table>\n<tr><th>条件</th><th>怎样得出（FEEL）</th>"
           "<th>可取的值</th></tr>\n");
    for (size_t i = 0; i < table->input_count; i++) {
        say(w, "<tr class=\"input\"><td>");
        put_name(w, table->inputs[i].name, i, "条件");
        say(w, "</td><td>");
        cr_words_expression(w->h, w->book->pack, table->inputs[i].expression.text);
        say(w, "</td>");
        put_feel_cell(w, table->inputs[i].allowed);
        say(w, "</tr>\n");
    }
    say(w, "</table>\n");
}

static void put_outputs(writer *w, const cr_source_table *table)
{
    say(w, "<h3>得出什么</h3>\n<table>\n<tr><th>结果</th><th>类型</th><th>可取的值</th>"
           "<th>没有一行符合时</th></tr>\n");
    for (size_t i = 0; i < table->output_count; i++) {
        say(w, "<tr class=\"output\"><td>");
        put_name(w, table->outputs[i].name, i, "结果");
        say(w, "</td><td>");
        cr_html_text(w->h, table->outputs[i].type_ref);
        say(w, "</td>");
        put_feel_cell(w, table->outputs[i].allowed);
        put_feel_cell(w, table->outputs[i].standard);
        say(w, "</tr>\n");
    }
    say(w, "</table>\n");
}

static void put_row_tests(writer *w, const cr_source_table *table, const cr_source_rule *rule)
{
    bool any = false;
    for (size_t i = 0; i < table->input_count; i++) {
        credit_span test = cr_span_trim(rule->tests[i].text);
        if (test.size == 0 || cr_span_is(test, "-")) { continue; }
        say(w, any ? "<br>" : "");
        any = true;
        put_name(w, table->inputs[i].name, i, "条件");
        say(w, "：");
        cr_words_test(w->h, w->book->pack, test);
    }
    say(w, any ? "" : "不论什么情形");
}

static void put_row_outputs(writer *w, const cr_source_table *table, const cr_source_rule *rule)
{
    for (size_t i = 0; i < table->output_count; i++) {
        say(w, i > 0 ? "<br>" : "");
        if (table->output_count > 1) {
            put_name(w, table->outputs[i].name, i, "结果");
            say(w, "：");
        }
        cr_words_value(w->h, w->book->pack, rule->outputs[i].text);
    }
}

static void put_row(writer *w, const cr_source_table *table, size_t row)
{
    const cr_source_rule *rule = &table->rules[row];
    char anchor[96];
    snprintf(anchor, sizeof anchor, "<tr class=\"rule\" id=\"t%zu-%zu\"><td>", w->tables, row + 1);
    say(w, anchor);
    cr_html_integer(w->h, (int64_t)row + 1);
    say(w, "</td><td>");
    put_row_tests(w, table, rule);
    say(w, "</td><td>");
    put_row_outputs(w, table, rule);
    say(w, "</td>");
    for (size_t i = 0; i < table->annotation_count; i++) {
        cr_html_element(w->h, "td", NULL, rule->annotations[i]);
    }
    say(w, "</tr>\n");
}

static void put_annotation_title(writer *w, credit_span name)
{
    static const char *const titles[][2] = {{"rule", "规则"}, {"text", "说明"}, {"basis", "依据"}};
    for (size_t i = 0; i < sizeof titles / sizeof titles[0]; i++) {
        if (cr_span_is(name, titles[i][0])) { name = cr_span_of(titles[i][1]); }
    }
    cr_html_element(w->h, "th", NULL, name);
}

static void put_table(writer *w, const cr_source_table *table)
{
    w->tables++;
    say(w, "<p>");
    say(w, cr_words_policy_name(table));
    say(w, "。");
    say(w, cr_words_policy(table));
    say(w, "</p>\n");
    put_inputs(w, table);
    put_outputs(w, table);
    say(w, "<h3>各行</h3>\n<p>没有写出的条件不限。</p>\n<table>\n"
           "<tr><th>行</th><th>条件</th><th>结果</th>");
    for (size_t i = 0; i < table->annotation_count; i++) {
        put_annotation_title(w, table->annotations[i]);
    }
    say(w, "</tr>\n");
    for (size_t i = 0; i < table->rule_count; i++) { put_row(w, table, i); }
    say(w, "</table>\n");
}

/* ---- other boxed expressions ---------------------------------------------------------- */

/* What the parts of a kind are called; the kinds that are not here are written by
 * functions of their own. */
static const char *part_title(cr_box_kind kind, size_t part)
{
    static const char *const titles[][3] = {[CR_BOX_CONDITIONAL] = {"如果", "那么", "否则"},
        [CR_BOX_FILTER] = {"从", "取符合的", ""},
        [CR_BOX_FOR] = {"逐个取自", "得到", ""},
        [CR_BOX_SOME] = {"在其中", "至少有一个符合", ""},
        [CR_BOX_EVERY] = {"在其中", "每一个都符合", ""}};
    return part < 3 ? titles[kind][part] : "";
}

static void put_part(writer *w, const char *title, credit_span name, const cr_box *box)
{
    say(w, "<tr><th>");
    say(w, title);
    cr_html_text(w->h, name);
    say(w, "</th><td>");
    put_box(w, box);
    say(w, "</td></tr>\n");
}

static void put_parts(writer *w, const cr_box *box)
{
    say(w, "<table>\n");
    if (box->names[0].size > 0) {
        say(w, "<tr><th>变量</th><td>");
        cr_html_element(w->h, "code", NULL, box->names[0]);
        say(w, "</td></tr>\n");
    }
    for (size_t i = 0; i < box->kid_count; i++) {
        put_part(w, part_title(box->kind, i), CR_SPAN(""), box->kids[i]);
    }
    say(w, "</table>\n");
}

static void put_context(writer *w, const cr_box *box)
{
    say(w, "<table>\n");
    for (size_t i = 0; i < box->kid_count; i++) {
        bool named = box->names[i].size > 0;
        put_part(w, named ? "" : "结果", box->names[i], box->kids[i]);
    }
    say(w, "</table>\n");
}

static void put_invocation(writer *w, const cr_box *box)
{
    say(w, "<table>\n");
    put_part(w, "调用", CR_SPAN(""), box->kids[0]);
    for (size_t i = 1; i < box->kid_count; i++) {
        put_part(w, "其中 ", box->names[i], box->kids[i]);
    }
    say(w, "</table>\n");
}

static void put_list(writer *w, const cr_box *box)
{
    say(w, "<ol>\n");
    for (size_t i = 0; i < box->kid_count; i++) {
        say(w, "<li>");
        put_box(w, box->kids[i]);
        say(w, "</li>\n");
    }
    say(w, "</ol>\n");
}

static void put_relation(writer *w, const cr_box *box)
{
    say(w, "<table>\n<tr>");
    for (size_t i = 0; i < box->name_count; i++) {
        cr_html_element(w->h, "th", NULL, box->names[i]);
    }
    for (size_t i = 0; i < box->kid_count; i++) {
        say(w, i % box->name_count == 0 ? "</tr>\n<tr><td>" : "<td>");
        put_box(w, box->kids[i]);
        say(w, "</td>");
    }
    say(w, "</tr>\n</table>\n");
}

static void put_function(writer *w, const cr_box *box)
{
    say(w, "<p>参数：");
    for (size_t i = 0; i < box->name_count; i++) {
        if (i > 0) { say(w, "、"); }
        cr_html_element(w->h, "code", NULL, box->names[i]);
        if (box->types[i].size > 0) {
            say(w, "（");
            cr_html_text(w->h, box->types[i]);
            say(w, "）");
        }
    }
    say(w, box->name_count == 0 ? "没有</p>\n" : "</p>\n");
    put_box(w, box->kids[0]);
}

static void put_box(writer *w, const cr_box *box)
{
    switch (box->kind) {
    case CR_BOX_LITERAL:
        cr_words_expression(w->h, w->book->pack, box->text);
        return;
    case CR_BOX_TABLE:
        put_table(w, box->table);
        return;
    case CR_BOX_CONTEXT:
        put_context(w, box);
        return;
    case CR_BOX_INVOCATION:
        put_invocation(w, box);
        return;
    case CR_BOX_LIST:
        put_list(w, box);
        return;
    case CR_BOX_RELATION:
        put_relation(w, box);
        return;
    case CR_BOX_FUNCTION:
        put_function(w, box);
        return;
    default:
        put_parts(w, box);
    }
}

/* ---- the page --------------------------------------------------------------------------- */

static bool requires(const cr_rulebook *book, size_t page, size_t other)
{
    const cr_source_decision *decision = book->pages[page];
    for (size_t i = 0; i < decision->require_count; i++) {
        if (cr_rulebook_required(book, decision->requires[i]) == other) { return true; }
    }
    return false;
}

static void put_users(writer *w, size_t page)
{
    bool any = false;
    for (size_t i = 0; i < w->book->count; i++) {
        if (!requires(w->book, i, page)) { continue; }
        say(w, any ? "、" : "");
        any = true;
        cr_rulebook_link(w->h, w->book, i);
    }
    say(w, any ? "" : "没有别的决策用它");
}

static void put_head(writer *w, size_t page)
{
    const cr_source_decision *decision = w->book->pages[page];
    say(w, "<h1>");
    cr_html_text(w->h, decision->name);
    say(w, "</h1>\n<p>");
    cr_html_text(w->h, decision->description);
    say(w, "</p>\n<p>政策包 ");
    cr_html_text(w->h, w->book->pack->name);
    say(w, " ");
    cr_html_text(w->h, w->book->pack->version);
    say(w, "。本页由规则生成。<a href=\"index.html\">全部规则</a></p>\n<table>\n"
           "<tr><th>用到</th><td>");
    cr_rulebook_requires(w->h, w->book, page);
    say(w, decision->require_count == 0 ? "没有" : "");
    say(w, "</td></tr>\n<tr><th>用于</th><td>");
    put_users(w, page);
    say(w, "</td></tr>\n</table>\n");
}

void cr_rulebook_page(cr_html *h, const cr_rulebook *book, size_t page)
{
    writer w = {.h = h, .book = book};
    cr_page_begin(h, book->pages[page]->name);
    put_head(&w, page);
    say(&w, "<h2>内容</h2>\n");
    put_box(&w, book->pages[page]->box);
    cr_page_end(h);
}
