/* The frame that the pages for people share. */
#include "api/page.h"

/* clang-format off */
static const char style[] =
    "body{margin:2rem auto;max-width:70rem;padding:0 1rem;line-height:1.6;color:#1c1c1e;"
        "font-family:\"PingFang SC\",\"Microsoft YaHei\",\"Noto Sans CJK SC\",sans-serif}\n"
    "h2{margin:2rem 0 .6rem;border-bottom:2px solid #1f4e8c;font-size:1.2rem}\n"
    "h3{margin:1.2rem 0 .4rem;font-size:1rem}\n"
    "table{border-collapse:collapse;width:100%;font-size:.92rem}\n"
    "th,td{border:1px solid #c9ccd1;padding:.3rem .5rem;text-align:left;vertical-align:top}\n"
    "th{background:#f3f5f8}\n"
    "code{font-family:ui-monospace,Consolas,\"DejaVu Sans Mono\",monospace;color:#5f6368}\n"
    "pre{margin:0;white-space:pre-wrap}\n"
    ".now{color:#5f6368;font-size:.85em}\n"
    "@page{size:A4 landscape;margin:12mm}\n"
    "@media print{body{margin:0;max-width:none;font-size:9.5pt}tr{break-inside:avoid}}\n";
/* clang-format on */

void cr_page_begin(cr_html *h, credit_span title)
{
    cr_html_markup(h,
        "<!DOCTYPE html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>");
    cr_html_text(h, title);
    cr_html_markup(h, "</title>\n<style>\n");
    cr_html_markup(h, style);
    cr_html_markup(h, "</style></head><body>\n");
}

void cr_page_end(cr_html *h)
{
    cr_html_markup(h, "</body></html>");
}
