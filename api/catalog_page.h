/* Inside the page of a catalog: what its checks say, in sentences. */
#ifndef CR_API_CATALOG_PAGE_H
#define CR_API_CATALOG_PAGE_H

#include "api/html.h"
#include "engine/pack.h"
#include "engine/rowcheck.h"

/* The name of a column and its code behind it. */
void cr_page_column(cr_html *h, const cr_catalog *catalog, int field);
/* 退回 or 提示. */
void cr_page_severity(cr_html *h, cr_severity severity);
/* Table rows: checks that every column brings with it, then those of the catalog. */
void cr_page_own_checks(cr_html *h, const cr_catalog *catalog);
void cr_page_check(cr_html *h, const cr_catalog *catalog, const cr_check *check);

#endif
