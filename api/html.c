/* A growing buffer of HTML.
 *
 * 1. What comes from outside goes through cr_html_text and through nothing else.
 * 2. After a failure nothing more is written. */
#include "api/html.h"

#include <stdio.h>
#include <string.h>

#include "engine/arena.h"

void cr_html_free(cr_html *h)
{
    cr_free(h->data);
    *h = (cr_html)CR_HTML_INIT;
}

static void put(cr_html *h, const char *data, size_t size)
{
    if (h->failed || size == 0) { return; }
    if (size > SIZE_MAX - h->size || !cr_grow(&h->data, &h->capacity, h->size + size, 1)) {
        h->failed = true;
        return;
    }
    memcpy(h->data + h->size, data, size);
    h->size += size;
}

void cr_html_markup(cr_html *h, const char *markup)
{
    put(h, markup, strlen(markup));
}

void cr_html_join(cr_html *h, const cr_html *part)
{
    put(h, part->data, part->size);
}

/* What stands for a byte that may not be written as it is; NULL if it may. */
static const char *reference_for(unsigned char byte)
{
    switch (byte) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\t':
    case '\n':
        return NULL;
    default:
        return byte < 0x20 || byte == 0x7F ? "\xEF\xBF\xBD" : NULL;
    }
}

void cr_html_text(cr_html *h, credit_span text)
{
    size_t start = 0;
    if (text.size == 0) { return; /* There may be no data to point into. */ }
    for (size_t i = 0; i < text.size; i++) {
        const char *reference = reference_for((unsigned char)text.data[i]);
        if (reference != NULL) {
            put(h, text.data + start, i - start);
            cr_html_markup(h, reference);
            start = i + 1;
        }
    }
    put(h, text.data + start, text.size - start);
}

void cr_html_integer(cr_html *h, int64_t number)
{
    char text[24];
    int size = snprintf(text, sizeof text, "%lld", (long long)number);
    put(h, text, (size_t)size);
}

void cr_html_element(cr_html *h, const char *tag, const char *style, credit_span text)
{
    cr_html_markup(h, "<");
    cr_html_markup(h, tag);
    if (style != NULL) {
        cr_html_markup(h, " class=\"");
        cr_html_markup(h, style);
        cr_html_markup(h, "\"");
    }
    cr_html_markup(h, ">");
    cr_html_text(h, text);
    cr_html_markup(h, "</");
    cr_html_markup(h, tag);
    cr_html_markup(h, ">");
}
