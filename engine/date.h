/* Legal dates and periods: parsing, printing, arithmetic. Pure, no clock.
 * basis: 《民法典》 art. 200-204 (first day not counted, month end clamped). */
#ifndef CR_ENGINE_DATE_H
#define CR_ENGINE_DATE_H

#include <stdbool.h>

#include "engine/types.h"

typedef struct cr_period {
    int32_t months; /* years * 12 + months; same sign as days */
    int32_t days;
} cr_period;

bool cr_date_from_ymd(int32_t year, int32_t month, int32_t day, credit_date *out);
void cr_date_to_ymd(credit_date date, int32_t *year, int32_t *month, int32_t *day);
int cr_date_weekday(credit_date date); /* 1 = Monday … 7 = Sunday */
/* YYYY-MM-DD only. */
bool cr_date_parse_iso(credit_span text, credit_date *out);
/* The forms that come in files: YYYY-MM-DD, YYYY/MM/DD, YYYYMMDD, YYYY年M月D日,
 * with an optional time 00:00:00[.000] behind a blank or 'T' that is dropped.
 * basis: domain V09. */
bool cr_date_parse(credit_span text, credit_date *out);
/* YYYY, YYYY年 or YYYY年度: its first day. */
bool cr_date_parse_year(credit_span text, credit_date *out);
enum { CR_DATE_TEXT = 12 };
/* Writes YYYY-MM-DD and a terminator; "" for NONE, "forever" for FOREVER. */
const char *cr_date_print(credit_date date, char out[CR_DATE_TEXT]);
/* The same day number `months` later, or the last day of that month. Sums stop
 * at 0001-01-01 and 9999-12-31; NONE and FOREVER stay what they are. */
credit_date cr_date_add_months(credit_date date, int32_t months);
credit_date cr_date_add(credit_date date, cr_period period);
/* "P3M", "P1Y6M", "P10D", "-P1M"; no time part. */
bool cr_period_parse(credit_span text, cr_period *out);

enum { CR_INSTANT_TEXT = 36 };
/* RFC 3339, UTC, microseconds only when there are any: 2026-11-23T21:03:00Z */
const char *cr_instant_print(credit_instant instant, char out[CR_INSTANT_TEXT]);
/* RFC 3339 with Z or an offset. */
bool cr_instant_parse(credit_span text, credit_instant *out);
/* The date in Asia/Shanghai (UTC+8, no summer time since 1991). */
credit_date cr_instant_date(credit_instant instant);

#endif
