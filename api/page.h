/* The frame of every page that explains part of a pack to people: one document that
 * needs nothing from outside, and prints well. */
#ifndef CR_API_PAGE_H
#define CR_API_PAGE_H

#include "api/html.h"

void cr_page_begin(cr_html *h, credit_span title);
void cr_page_end(cr_html *h);

#endif
