/* Inside the report: the parts of the page that report_html.c puts together. */
#ifndef CR_API_REPORT_PARTS_H
#define CR_API_REPORT_PARTS_H

#include <jansson.h>

#include "api/html.h"

/* The style sheet: A4 in print, one column on a phone, no outside resource. */
extern const char cr_report_style[];

/* A QR code of `text` as SVG. */
void cr_report_qr(cr_html *h, credit_span text);

/* --- Small writers (report_write.c) --- */

/* A member of an object as text; the empty span if it is none. */
credit_span cr_report_text(const json_t *object, const char *name);
/* As text, and if there is none, another member. */
credit_span cr_report_text_or(const json_t *object, const char *name, const char *instead);
/* A value of any kind; the dash for what is empty. */
void cr_report_value(cr_html *h, const json_t *value);
/* One title and its value inside a list of such. */
void cr_report_field(cr_html *h, credit_span title, const json_t *value);
/* The same for a fixed title and a text; "forever" is shown as 长期. */
void cr_report_line(cr_html *h, const char *title, credit_span text);
/* An instant (RFC 3339) as Beijing time. */
void cr_report_instant(cr_html *h, const char *title, credit_span instant);

/* --- Parts --- */
void cr_report_section(cr_html *h, const json_t *catalogs, const json_t *section);
void cr_report_decisions(cr_html *h, const json_t *decisions);

#endif
