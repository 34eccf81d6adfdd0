/* The QR code of a report, drawn as one SVG path: a run of dark modules is one
 * rectangle. Sizes are in modules; the white border of four is part of it. */
#include <qrencode.h>

#include "api/report_parts.h"

enum { BORDER = 4 };

static bool is_dark(const QRcode *code, int x, int y)
{
    return (code->data[y * code->width + x] & 1) != 0;
}

static void draw_run(cr_html *h, int x, int y, int length)
{
    cr_html_markup(h, "M");
    cr_html_integer(h, x + BORDER);
    cr_html_markup(h, " ");
    cr_html_integer(h, y + BORDER);
    cr_html_markup(h, "h");
    cr_html_integer(h, length);
    cr_html_markup(h, "v1h-");
    cr_html_integer(h, length);
    cr_html_markup(h, "z");
}

static void draw_row(cr_html *h, const QRcode *code, int y)
{
    for (int x = 0; x < code->width; x++) {
        int start = x;
        while (x < code->width && is_dark(code, x, y)) { x++; }
        if (x > start) { draw_run(h, start, y, x - start); }
    }
}

void cr_report_qr(cr_html *h, credit_span text)
{
    QRcode *code =
        QRcode_encodeData((int)text.size, (const unsigned char *)text.data, 0, QR_ECLEVEL_M);
    if (code == NULL) {
        h->failed = true;
        return;
    }
    cr_html_markup(h, "<svg class=\"qr\" role=\"img\" aria-label=\"二维码：报告编号和摘要\" "
                      "shape-rendering=\"crispEdges\" viewBox=\"0 0 ");
    cr_html_integer(h, code->width + 2 * BORDER);
    cr_html_markup(h, " ");
    cr_html_integer(h, code->width + 2 * BORDER);
    cr_html_markup(h, "\"><path fill=\"#fff\" d=\"M0 0h");
    cr_html_integer(h, code->width + 2 * BORDER);
    cr_html_markup(h, "v");
    cr_html_integer(h, code->width + 2 * BORDER);
    cr_html_markup(h, "H0z\"/><path d=\"");
    for (int y = 0; y < code->width; y++) { draw_row(h, code, y); }
    cr_html_markup(h, "\"/></svg>\n");
    QRcode_free(code);
}
