/* Small writers of the report: a value, a title with its value, a moment.
 *
 * basis: domain 9.3 (an empty field prints a dash) */
#include <stdio.h>
#include <string.h>

#include "api/report_parts.h"
#include "engine/date.h"
#include "engine/text.h"

/* A value longer than this takes the whole width of the page. */
enum { NARROW_MAX = 20 };

static const credit_span dash = {"—", sizeof "—" - 1};

static credit_span text_of(const json_t *value)
{
    return cr_span_trim((credit_span){json_string_value(value), json_string_length(value)});
}

credit_span cr_report_text(const json_t *object, const char *name)
{
    return text_of(json_object_get(object, name));
}

credit_span cr_report_text_or(const json_t *object, const char *name, const char *instead)
{
    credit_span text = cr_report_text(object, name);
    return text.size > 0 ? text : cr_report_text(object, instead);
}

void cr_report_value(cr_html *h, const json_t *value)
{
    credit_span text = text_of(value);
    if (text.size > 0) {
        cr_html_text(h, text);
    } else if (json_is_integer(value)) {
        cr_html_integer(h, json_integer_value(value));
    } else if (json_is_boolean(value)) {
        cr_html_markup(h, json_is_true(value) ? "是" : "否");
    } else {
        cr_html_text(h, dash);
    }
}

static void open_line(cr_html *h, credit_span title, bool wide)
{
    cr_html_markup(h, wide ? "<div class=\"wide\">" : "<div>");
    cr_html_element(h, "dt", NULL, title);
    cr_html_markup(h, "<dd>");
}

static void close_line(cr_html *h)
{
    cr_html_markup(h, "</dd></div>\n");
}

void cr_report_field(cr_html *h, credit_span title, const json_t *value)
{
    open_line(h, title, cr_utf8_length(text_of(value)) > NARROW_MAX);
    cr_report_value(h, value);
    close_line(h);
}

void cr_report_line(cr_html *h, const char *title, credit_span text)
{
    text = cr_span_is(text, "forever") ? CR_SPAN("长期") : text;
    open_line(h, cr_span_of(title), cr_utf8_length(text) > NARROW_MAX);
    cr_html_text(h, text.size > 0 ? text : dash);
    close_line(h);
}

void cr_report_instant(cr_html *h, const char *title, credit_span instant)
{
    static const int64_t eight_hours_us = INT64_C(8) * 3600 * 1000000;
    char text[CR_INSTANT_TEXT];
    credit_instant when;
    if (!cr_instant_parse(instant, &when)) {
        cr_report_line(h, title, instant);
        return;
    }
    /* Printed as if it were UTC: "2026-11-23T18:00:00Z" becomes date and time. */
    cr_instant_print(when - when % 1000000 + eight_hours_us, text);
    char shown[64];
    snprintf(shown, sizeof shown, "%.10s %.8s（北京时间）", text, text + 11);
    cr_report_line(h, title, cr_span_of(shown));
}
