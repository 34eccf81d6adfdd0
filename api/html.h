/* Writes HTML: markup as it is, everything else escaped. */
#ifndef CR_API_HTML_H
#define CR_API_HTML_H

#include <stdbool.h>

#include "engine/types.h"

typedef struct cr_html {
    char *data; /* owned; cr_html_free */
    size_t size, capacity;
    bool failed; /* out of memory: sticky, looked at once at the end */
} cr_html;

#define CR_HTML_INIT                                                                               \
    {                                                                                              \
        NULL, 0, 0, false                                                                          \
    }

void cr_html_free(cr_html *h);
/* Our own markup: a constant of the source, never data. */
void cr_html_markup(cr_html *h, const char *markup);
/* Another buffer, as it was written. */
void cr_html_join(cr_html *h, const cr_html *part);
/* Data. Safe between tags and inside a quoted attribute; control characters,
 * which HTML does not have, become U+FFFD, line ends and tabs stay. */
void cr_html_text(cr_html *h, credit_span text);
void cr_html_integer(cr_html *h, int64_t number);
/* <TAG class="CLASS">TEXT</TAG>; `style` NULL for no class. */
void cr_html_element(cr_html *h, const char *tag, const char *style, credit_span text);

#endif
