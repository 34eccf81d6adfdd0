/* The index of the rules: what judges what, the decisions, the parameters, and where
 * each rule id stands. */
#include <stdio.h>
#include <stdlib.h>

#include "api/internal.h"
#include "api/page.h"
#include "api/rulebook.h"
#include "engine/text.h"

static void say(cr_html *h, const char *text)
{
    cr_html_markup(h, text);
}

/* ---- the head -------------------------------------------------------------------------- */

static void put_day(cr_html *h, credit_date day)
{
    char text[12];
    credit_date_print(day, text);
    say(h, text);
}

static void put_head(cr_html *h, const cr_pack *pack)
{
    char digest[65];
    api_hex(pack->digest, sizeof pack->digest, digest);
    say(h, "<h1>");
    cr_html_text(h, pack->title);
    say(h, "</h1>\n<p>政策包 ");
    cr_html_text(h, pack->name);
    say(h, " ");
    cr_html_text(h, pack->version);
    say(h, "，自 ");
    put_day(h, pack->from);
    say(h, " 起施行，摘要 <code>");
    say(h, digest);
    say(h, "</code>。各页由规则生成：读到的就是执行的。</p>\n");
}

static void put_role(
    cr_html *h, const cr_rulebook *book, const char *role, credit_span title, credit_span decision)
{
    size_t page = cr_rulebook_named(book, decision);
    if (page == SIZE_MAX) { return; }
    say(h, "<tr><td>");
    say(h, role);
    cr_html_text(h, title);
    say(h, "</td><td>");
    cr_rulebook_link(h, book, page);
    say(h, "</td></tr>\n");
}

static void put_roles(cr_html *h, const cr_rulebook *book)
{
    const cr_pack *pack = book->pack;
    say(h, "<h2>由谁判断</h2>\n<table>\n<tr><th>判断</th><th>决策</th></tr>\n");
    put_role(h, book, "一条记录", CR_SPAN(""), pack->record_decision);
    for (size_t i = 0; i < pack->roster_count; i++) {
        put_role(h, book, "", pack->rosters[i].title, pack->rosters[i].decision);
    }
    put_role(h, book, "监管等级", CR_SPAN(""), pack->tier_decision);
    put_role(h, book, "绿色通道", CR_SPAN(""), pack->green_decision);
    say(h, "</table>\n");
}

/* ---- decisions and inputs
 * ------------------------------------------------------------------------ */

static void put_form(cr_html *h, const cr_box *box)
{
    if (box->table == NULL) {
        say(h, box->kind == CR_BOX_FUNCTION ? "函数" : "表达式");
        return;
    }
    say(h, "决策表，");
    say(h, cr_words_policy_name(box->table));
    say(h, "，");
    cr_html_integer(h, (int64_t)box->table->rule_count);
    say(h, " 行");
}

static void put_decisions(cr_html *h, const cr_rulebook *book)
{
    say(h, "<h2>各项决策</h2>\n<table>\n<tr><th>决策</th><th>问题</th><th>形式</th>"
           "<th>用到</th></tr>\n");
    for (size_t i = 0; i < book->count; i++) {
        say(h, "<tr class=\"decision\"><td>");
        cr_rulebook_link(h, book, i);
        say(h, "</td>");
        cr_html_element(h, "td", NULL, book->pages[i]->description);
        say(h, "<td>");
        put_form(h, book->pages[i]->box);
        say(h, "</td><td>");
        cr_rulebook_requires(h, book, i);
        say(h, "</td></tr>\n");
    }
    say(h, "</table>\n");
}

static void put_inputs(cr_html *h, const cr_rulebook *book)
{
    say(h, "<h2>规则看得到什么</h2>\n<table>\n<tr><th>名称</th><th>是什么</th></tr>\n");
    for (size_t i = 0; i < book->source.input_count; i++) {
        const cr_source_input *input = &book->source.inputs[i];
        say(h, "<tr><td>");
        cr_html_element(h, "code", NULL, input->name);
        say(h, "</td>");
        cr_html_element(h, "td", NULL, input->description);
        say(h, "</tr>\n");
    }
    say(h, "</table>\n");
}

/* ---- parameters
 * ------------------------------------------------------------------------------------ */

static void put_parameter(cr_html *h, const cr_rulebook *book, const cr_parameter *parameter)
{
    bool any = false;
    say(h, "<tr class=\"parameter\" id=\"p-");
    cr_html_text(h, parameter->name);
    say(h, "\"><td>");
    cr_html_element(h, "code", NULL, parameter->name);
    say(h, "</td>");
    cr_html_element(h, "td", NULL, parameter->value);
    cr_html_element(h, "td", NULL, parameter->type);
    cr_html_element(h, "td", NULL, parameter->note);
    cr_html_element(h, "td", NULL, parameter->basis);
    say(h, "<td>");
    for (size_t i = 0; i < book->count; i++) {
        if (!cr_rulebook_mentions(book, i, parameter->name)) { continue; }
        say(h, any ? "、" : "");
        any = true;
        cr_rulebook_link(h, book, i);
    }
    say(h, "</td></tr>\n");
}

static void put_parameters(cr_html *h, const cr_rulebook *book)
{
    say(h, "<h2>参数</h2>\n<table>\n<tr><th>名称</th><th>值</th><th>类型</th><th>是什么</th>"
           "<th>依据</th><th>用于</th></tr>\n");
    for (size_t i = 0; i < book->pack->parameter_count; i++) {
        put_parameter(h, book, &book->pack->parameters[i]);
    }
    say(h, "</table>\n");
}

/* ---- rule ids
 * ----------------------------------------------------------------------------------------- */

typedef struct place {
    credit_span rule, text;
    size_t page, table, row;
} place;

typedef struct places {
    place *list; /* NULL: they are only counted */
    size_t count, page, table;
} places;

static void note_rows(void *ctx, const cr_source_table *table)
{
    places *all = ctx;
    size_t rule = cr_rulebook_annotation(table, "rule");
    size_t text = cr_rulebook_annotation(table, "text");
    all->table++;
    for (size_t i = 0; rule != SIZE_MAX && i < table->rule_count; i++) {
        const credit_span *annotations = table->rules[i].annotations;
        if (annotations[rule].size == 0) { continue; }
        if (all->list != NULL) {
            all->list[all->count] = (place){annotations[rule],
                text == SIZE_MAX ? CR_SPAN("") : annotations[text], all->page, all->table, i + 1};
        }
        all->count++;
    }
}

static void note_places(places *all, const cr_rulebook *book)
{
    all->count = 0;
    for (all->page = 0; all->page < book->count; all->page++) {
        all->table = 0;
        cr_rulebook_tables(book->pages[all->page]->box, note_rows, all);
    }
}

/* By id, then in the order of the pages. */
static int by_rule(const void *a, const void *b)
{
    const place *one = a, *other = b;
    int order = cr_span_compare(one->rule, other->rule);
    if (order == 0 && one->page != other->page) { return one->page < other->page ? -1 : 1; }
    if (order == 0 && one->table != other->table) { return one->table < other->table ? -1 : 1; }
    if (order == 0 && one->row != other->row) { return one->row < other->row ? -1 : 1; }
    return order;
}

static void put_place(cr_html *h, const cr_rulebook *book, const place *at)
{
    char anchor[64];
    snprintf(anchor, sizeof anchor, "#t%zu-%zu\">", at->table, at->row);
    say(h, "<a href=\"");
    cr_html_text(h, book->files[at->page]);
    say(h, anchor);
    cr_html_text(h, book->pages[at->page]->name);
    say(h, " ");
    cr_html_integer(h, (int64_t)at->row);
    say(h, "</a> ");
    cr_html_text(h, at->text);
}

static void put_rules(cr_html *h, const cr_rulebook *book, cr_arena *arena)
{
    places all = {0};
    note_places(&all, book);
    all.list = cr_arena_array(arena, all.count, sizeof *all.list);
    if (all.list == NULL) {
        h->failed = true;
        return;
    }
    note_places(&all, book);
    qsort(all.list, all.count, sizeof *all.list, by_rule);
    say(h, "<h2>规则编号</h2>\n<table>\n<tr><th>编号</th><th>在哪些行</th></tr>\n");
    for (size_t i = 0; i < all.count; i++) {
        bool same = i > 0 && cr_span_equal(all.list[i].rule, all.list[i - 1].rule);
        if (same) {
            say(h, "<br>\n");
        } else {
            say(h, i > 0 ? "</td></tr>\n<tr>" : "<tr>");
            cr_html_element(h, "th", NULL, all.list[i].rule);
            say(h, "<td>");
        }
        put_place(h, book, &all.list[i]);
    }
    say(h, all.count > 0 ? "</td></tr>\n</table>\n" : "</table>\n");
}

void cr_rulebook_index(cr_html *h, const cr_rulebook *book, cr_arena *arena)
{
    cr_page_begin(h, book->pack->title);
    put_head(h, book->pack);
    put_roles(h, book);
    put_decisions(h, book);
    put_parameters(h, book);
    put_inputs(h, book);
    put_rules(h, book, arena);
    cr_page_end(h);
}
