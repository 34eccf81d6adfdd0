/* The rehearsal as a page for people: one file, nothing is loaded, nothing runs. */
#include <stdio.h>
#include <string.h>

#include "api/rehearse.h"
#include "engine/date.h"
#include "engine/text.h"
#include "keys/files.h"

static const char *const whats_shown[TRY_WHATS] = {"监管等级", "名单", "绿色通道"};

/* clang-format off */
static const char style[] =
    "body{margin:0;background:#e9ebee;color:#1c1c1e;line-height:1.6;font-size:15px;"
        "font-family:\"PingFang SC\",\"Microsoft YaHei\",\"Noto Sans CJK SC\",sans-serif}\n"
    "main{max-width:1200px;margin:1.5rem auto;padding:1.5rem 2rem;background:#fff}\n"
    "h1{margin:0;font-size:1.6rem}\n"
    "h2{margin:2rem 0 .8rem;border-bottom:2px solid #1f4e8c;font-size:1.15rem}\n"
    "p{margin:.4rem 0}small,.soft{color:#5f6368}\n"
    "table{border-collapse:collapse;width:100%;font-size:.92rem}\n"
    "th,td{border:1px solid #c9ccd1;padding:.25rem .5rem;text-align:left;vertical-align:top;"
        "overflow-wrap:anywhere}\n"
    "th{background:#f3f5f8;font-weight:600}\n"
    "td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\n"
    "td.changed{background:#fff4e5}\n"
    "svg{display:block;width:100%;height:auto}svg text{font-size:13px;fill:#1c1c1e}\n"
    "@media print{body{background:#fff}main{margin:0;padding:0;max-width:none}"
        "tr{break-inside:avoid}}\n";
/* clang-format on */

/* ---- cells -------------------------------------------------------------------------- */

static void cell(cr_html *h, credit_span text)
{
    cr_html_element(h, "td", NULL, text);
}

static void number_cell(cr_html *h, uint64_t number, bool changed)
{
    cr_html_markup(h, changed && number > 0 ? "<td class=\"n changed\">" : "<td class=\"n\">");
    cr_html_integer(h, (int64_t)number);
    cr_html_markup(h, "</td>");
}

static credit_span tier_shown(credit_span tier)
{
    return tier.size == 0 ? cr_span_of("待定") : tier;
}

static void reason_cell(cr_html *h, const try_reason *reason)
{
    cr_html_markup(h, "<td>");
    cr_html_text(h, reason->rules);
    cr_html_markup(h, " ");
    cr_html_text(h, reason->texts);
    cr_html_markup(h, "<br><small>");
    cr_html_text(h, reason->bases);
    cr_html_markup(h, "</small></td>");
}

void api_try_html_row(rehearsal *r, const try_change *change)
{
    char id[48];
    if (r->options->html == NULL || r->row_count++ >= TRY_ROWS_MAX) { return; }
    cr_html *h = &r->rows;
    cr_html_markup(h, "<tr><td>");
    cr_html_text(h, cr_subject_key_print(&change->file->key, id));
    cr_html_markup(h, "<br>");
    cr_html_text(h, change->file->subject.name);
    cr_html_markup(h, "<br><small>");
    cr_html_text(h, change->region);
    cr_html_markup(h, "</small></td><td>");
    cr_html_text(h, cr_span_of(whats_shown[change->what]));
    cr_html_markup(h, "<br><small>");
    cr_html_text(h, change->place);
    cr_html_markup(h, "</small></td><td>");
    cr_html_text(h, change->before);
    cr_html_markup(h, " → <b>");
    cr_html_text(h, change->after);
    cr_html_markup(h, "</b></td>");
    reason_cell(h, &change->reasons[0]);
    reason_cell(h, &change->reasons[1]);
    cell(h, change->department);
    cr_html_markup(h, "</tr>\n");
}

/* ---- the picture ----------------------------------------------------------------------
 *
 * Tiers before on the left, after on the right; a band from each to each, as high as its
 * subjects are many, but never too thin to be seen. */

enum { WIDTH = 900, HEIGHT = 400, BAR = 14, LEFT = 120, RIGHT = WIDTH - 120, GAP = 14, TOP = 10 };

typedef struct picture {
    const try_counts *counts;
    size_t order[TRY_TIERS_MAX]; /* by name, the open one last */
    double heights[TRY_TIERS_MAX][TRY_TIERS_MAX];
    double total;
} picture;

static void order_tiers(picture *p)
{
    size_t count = p->counts->tier_count;
    for (size_t i = 0; i < count; i++) {
        size_t at = i;
        credit_span tier = p->counts->tiers[i];
        for (; at > 0; at--) {
            credit_span before = p->counts->tiers[p->order[at - 1]];
            bool earlier = tier.size > 0 && (before.size == 0 || cr_span_compare(tier, before) < 0);
            if (!earlier) { break; }
            p->order[at] = p->order[at - 1];
        }
        p->order[at] = i;
    }
}

static void measure(picture *p)
{
    static const double least = 1.5;
    uint64_t subjects = 0;
    size_t count = p->counts->tier_count;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) { subjects += p->counts->tier_pairs[i][k]; }
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < count; k++) {
            uint64_t n = p->counts->tier_pairs[i][k];
            double height = (double)n * HEIGHT / (double)(subjects + (subjects == 0));
            p->heights[i][k] = n > 0 && height < least ? least : height;
            p->total += p->heights[i][k];
        }
    }
}

static double side_height(const picture *p, size_t tier, bool before)
{
    double height = 0;
    for (size_t i = 0; i < p->counts->tier_count; i++) {
        height += before ? p->heights[tier][i] : p->heights[i][tier];
    }
    return height;
}

static const char *colour(size_t place)
{
    static const char *const colours[] = {
        "#2f7d4f", "#1f6fb2", "#d08a17", "#b3372f", "#6b5b95", "#5f6368"};
    size_t count = sizeof colours / sizeof *colours;
    return colours[place < count ? place : count - 1];
}

static void put_bar(cr_html *h, const picture *p, size_t place, bool before, double y)
{
    char markup[256];
    size_t tier = p->order[place];
    double height = side_height(p, tier, before);
    uint64_t subjects = 0;
    for (size_t i = 0; i < p->counts->tier_count; i++) {
        subjects += before ? p->counts->tier_pairs[tier][i] : p->counts->tier_pairs[i][tier];
    }
    int x = before ? LEFT : RIGHT - BAR;
    snprintf(markup, sizeof markup,
        "<rect x=\"%d\" y=\"%.1f\" width=\"%d\" height=\"%.1f\" fill=\"%s\"/>"
        "<text x=\"%d\" y=\"%.1f\" text-anchor=\"%s\">",
        x, y, BAR, height, colour(place), before ? LEFT - 8 : RIGHT + 8, y + height / 2 + 5,
        before ? "end" : "start");
    cr_html_markup(h, markup);
    cr_html_text(h, tier_shown(p->counts->tiers[tier]));
    cr_html_markup(h, " · ");
    cr_html_integer(h, (int64_t)subjects);
    cr_html_markup(h, "</text>\n");
}

static void put_band(cr_html *h, const picture *p, size_t from, size_t to, double y0, double y1)
{
    char markup[512];
    double height = p->heights[p->order[from]][p->order[to]];
    int x0 = LEFT + BAR, x1 = RIGHT - BAR, middle = (LEFT + RIGHT) / 2;
    snprintf(markup, sizeof markup,
        "<path d=\"M%d %.1fC%d %.1f %d %.1f %d %.1fL%d %.1fC%d %.1f %d %.1f %d %.1fZ\" "
        "fill=\"%s\" fill-opacity=\"%s\"><title>",
        x0, y0, middle, y0, middle, y1, x1, y1, x1, y1 + height, middle, y1 + height, middle,
        y0 + height, x0, y0 + height, colour(from), from == to ? ".22" : ".75");
    cr_html_markup(h, markup);
    cr_html_text(h, tier_shown(p->counts->tiers[p->order[from]]));
    cr_html_markup(h, " → ");
    cr_html_text(h, tier_shown(p->counts->tiers[p->order[to]]));
    cr_html_markup(h, "：");
    cr_html_integer(h, (int64_t)p->counts->tier_pairs[p->order[from]][p->order[to]]);
    cr_html_markup(h, "</title></path>\n");
}

static void put_picture(cr_html *h, const try_counts *counts)
{
    char markup[160];
    picture p = {.counts = counts};
    size_t count = counts->tier_count;
    double left = TOP, starts[TRY_TIERS_MAX] = {0}, y = TOP;
    order_tiers(&p);
    measure(&p);
    snprintf(markup, sizeof markup,
        "<svg viewBox=\"0 0 %d %.0f\" role=\"img\" aria-label=\"等级流向\">\n", WIDTH,
        p.total + (double)count * GAP + 2 * TOP);
    cr_html_markup(h, markup);
    for (size_t i = 0; i < count; i++) {
        starts[i] = y;
        put_bar(h, &p, i, false, y);
        y += side_height(&p, p.order[i], false) + GAP;
    }
    for (size_t i = 0; i < count; i++) {
        double at = left;
        put_bar(h, &p, i, true, left);
        for (size_t k = 0; k < count; k++) {
            double height = p.heights[p.order[i]][p.order[k]];
            if (height <= 0) { continue; }
            put_band(h, &p, i, k, at, starts[k]);
            at += height;
            starts[k] += height;
        }
        left += side_height(&p, p.order[i], true) + GAP;
    }
    cr_html_markup(h, "</svg>\n");
}

/* ---- tables ------------------------------------------------------------------------------ */

static void put_tiers(cr_html *h, const try_counts *counts)
{
    picture p = {.counts = counts};
    order_tiers(&p);
    cr_html_markup(h, "<table><tr><th>现行等级 \\ 草案等级</th>");
    for (size_t i = 0; i < counts->tier_count; i++) {
        cr_html_element(h, "th", "n", tier_shown(counts->tiers[p.order[i]]));
    }
    cr_html_markup(h, "</tr>\n");
    for (size_t i = 0; i < counts->tier_count; i++) {
        cr_html_markup(h, "<tr>");
        cr_html_element(h, "th", NULL, tier_shown(counts->tiers[p.order[i]]));
        for (size_t k = 0; k < counts->tier_count; k++) {
            number_cell(h, counts->tier_pairs[p.order[i]][p.order[k]], i != k);
        }
        cr_html_markup(h, "</tr>\n");
    }
    cr_html_markup(h, "</table>\n");
}

static void put_lists(cr_html *h, const try_counts *counts)
{
    cr_html_markup(h, "<table><tr><th>名单</th><th>编码</th><th>领域</th><th class=\"n\">现行</th>"
                      "<th class=\"n\">草案</th><th class=\"n\">列入</th><th class=\"n\">移出</th>"
                      "</tr>\n");
    for (size_t i = 0; i < counts->list_count; i++) {
        const try_listed *listed = &counts->lists[i];
        cr_html_markup(h, "<tr>");
        cell(h, listed->place.roster->title);
        cell(h, listed->place.code);
        cell(h, listed->place.domain);
        number_cell(h, listed->before, false);
        number_cell(h, listed->after, false);
        number_cell(h, listed->entered, true);
        number_cell(h, listed->left, true);
        cr_html_markup(h, "</tr>\n");
    }
    cr_html_markup(h, "</table>\n");
}

static void put_matters(cr_html *h, const rehearsal *r)
{
    cr_html_markup(h, "<table><tr><th>事项</th>");
    for (int i = 0; i < TRY_EFFECTS * TRY_EFFECTS; i++) {
        cr_html_markup(h, "<th class=\"n\">");
        cr_html_markup(h, api_try_effect_shown(i / TRY_EFFECTS));
        cr_html_markup(h, "<br>→ ");
        cr_html_markup(h, api_try_effect_shown(i % TRY_EFFECTS));
        cr_html_markup(h, "</th>");
    }
    cr_html_markup(h, "</tr>\n");
    for (size_t m = 0; m < r->matters.matter_count; m++) {
        cr_html_markup(h, "<tr>");
        cell(h, r->matters.matters[m]->word);
        for (int i = 0; i < TRY_EFFECTS * TRY_EFFECTS; i++) {
            int from = i / TRY_EFFECTS, to = i % TRY_EFFECTS;
            number_cell(h, r->counts.green_pairs[r->matters.class_of[m]][from][to], from != to);
        }
        cr_html_markup(h, "</tr>\n");
    }
    cr_html_markup(h, "</table>\n");
}

static void put_sources(cr_html *h, const char *title, const try_sources *sources)
{
    cr_html_markup(h, "<table><tr><th>");
    cr_html_markup(h, title);
    cr_html_markup(h, "</th>");
    for (size_t i = 0; i < TRY_WHATS; i++) {
        cr_html_element(h, "th", "n", cr_span_of(whats_shown[i]));
    }
    cr_html_markup(h, "</tr>\n");
    for (size_t i = 0; i < sources->count; i++) {
        cr_html_markup(h, "<tr>");
        cell(h, sources->items[i].name);
        for (size_t w = 0; w < TRY_WHATS; w++) {
            number_cell(h, sources->items[i].changes[w], false);
        }
        cr_html_markup(h, "</tr>\n");
    }
    cr_html_markup(h, "</table>\n");
}

/* ---- the page ---------------------------------------------------------------------------- */

static void put_pack(cr_html *h, const char *title, const cr_pack *pack)
{
    char digest[2 * CR_DIGEST_SIZE + 1];
    api_hex(pack->digest, CR_DIGEST_SIZE, digest);
    cr_html_markup(h, "<p>");
    cr_html_markup(h, title);
    cr_html_text(h, pack->title);
    cr_html_markup(h, " ");
    cr_html_text(h, pack->name);
    cr_html_markup(h, " ");
    cr_html_text(h, pack->version);
    cr_html_markup(h, " <small>SHA-256 ");
    cr_html_text(h, cr_span_of(digest));
    cr_html_markup(h, "</small></p>\n");
}

static void put_head(cr_html *h, const rehearsal *r)
{
    char day[12];
    credit_date_print(r->as_of, day);
    cr_html_markup(h, "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n"
                      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                      "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                      "<title>规则试运行报告</title>\n<style>\n");
    cr_html_markup(h, style);
    cr_html_markup(h, "</style>\n</head>\n<body>\n<main>\n<h1>规则试运行报告</h1>\n<p>基准日 ");
    cr_html_text(h, cr_span_of(day));
    cr_html_markup(h, "</p>\n");
    put_pack(h, "现行规则：", r->sides[0].pack);
    put_pack(h, "草案：", r->sides[1].pack);
    cr_html_markup(h, "<p>共评价主体 <b>");
    cr_html_integer(h, (int64_t)r->counts.subjects);
    cr_html_markup(h, "</b> 个，结果有变化的 <b>");
    cr_html_integer(h, (int64_t)r->counts.changed);
    cr_html_markup(h, "</b> 个，变化 <b>");
    cr_html_integer(h, (int64_t)r->counts.changes);
    cr_html_markup(h, "</b> 项。</p>\n");
}

static void heading(cr_html *h, const char *text)
{
    cr_html_markup(h, "<h2>");
    cr_html_markup(h, text);
    cr_html_markup(h, "</h2>\n");
}

static void put_changes(cr_html *h, const rehearsal *r)
{
    heading(h, "变化明细");
    if (r->row_count > TRY_ROWS_MAX) {
        cr_html_markup(h, "<p class=\"soft\">以下列出前 ");
        cr_html_integer(h, TRY_ROWS_MAX);
        cr_html_markup(h, " 项，其余 ");
        cr_html_integer(h, (int64_t)(r->row_count - TRY_ROWS_MAX));
        cr_html_markup(h, " 项见明细表（CSV）。</p>\n");
    }
    cr_html_markup(h, "<table><tr><th>主体</th><th>内容</th><th>结果</th><th>现行理由</th>"
                      "<th>草案理由</th><th>数据来源单位</th></tr>\n");
    cr_html_join(h, &r->rows);
    cr_html_markup(h, "</table>\n</main>\n</body>\n</html>\n");
}

credit_result api_try_html(rehearsal *r, credit_error *err)
{
    cr_html h = CR_HTML_INIT;
    put_head(&h, r);
    heading(&h, "监管等级流向");
    put_picture(&h, &r->counts);
    put_tiers(&h, &r->counts);
    heading(&h, "名单");
    put_lists(&h, &r->counts);
    heading(&h, "绿色通道（按事项）");
    put_matters(&h, r);
    heading(&h, "按数据来源单位");
    put_sources(&h, "数据来源单位", &r->counts.departments);
    heading(&h, "按登记地区");
    put_sources(&h, "地区", &r->counts.regions);
    put_changes(&h, r);
    credit_result rc =
        h.failed || r->rows.failed
            ? cr_fail(err, CREDIT_E_NOMEM, "out of memory")
            : cr_file_replace(r->options->html, (credit_span){h.data, h.size}, CR_FILE_PUBLIC, err);
    cr_html_free(&h);
    return rc;
}
