/* report.html: the signed extract for people. */
#ifndef CR_API_REPORT_HTML_H
#define CR_API_REPORT_HTML_H

#include "engine/arena.h"

/* Renders extract.json, whose SHA-256 in hexadecimal is `digest`. The result is
 * in the arena; its bytes are a function of these two alone.
 * CREDIT_E_DATA if it is no extract, CREDIT_E_NOMEM. */
CREDIT_MUST_CHECK credit_result cr_report_html(
    credit_span extract, const char *digest, cr_arena *arena, credit_span *html, credit_error *err);

#endif
