/* Names and classes of the results; dates and instants as text. */
#include <credit/credit.h>

#include "engine/date.h"
#include "engine/error.h"
#include "engine/text.h"

/* One row per code: the only place that pairs them. */
static const struct {
    credit_result code;
    const char *name;
    credit_class class;
} results[] = {
    /* clang-format off */
    {CREDIT_OK,          "CREDIT_OK",          CREDIT_CLASS_OK},
    {CREDIT_DONE,        "CREDIT_DONE",        CREDIT_CLASS_OK},
    {CREDIT_E_USAGE,     "CREDIT_E_USAGE",     CREDIT_CLASS_CALL},
    {CREDIT_E_NOT_FOUND, "CREDIT_E_NOT_FOUND", CREDIT_CLASS_DATA},
    {CREDIT_E_EXISTS,    "CREDIT_E_EXISTS",    CREDIT_CLASS_DATA},
    {CREDIT_E_DATA,      "CREDIT_E_DATA",      CREDIT_CLASS_DATA},
    {CREDIT_E_HEADER,    "CREDIT_E_HEADER",    CREDIT_CLASS_DATA},
    {CREDIT_E_REJECTED,  "CREDIT_E_REJECTED",  CREDIT_CLASS_DATA},
    {CREDIT_E_PACK,      "CREDIT_E_PACK",      CREDIT_CLASS_DATA},
    {CREDIT_E_FORMAT,    "CREDIT_E_FORMAT",    CREDIT_CLASS_MACHINE},
    {CREDIT_E_CORRUPT,   "CREDIT_E_CORRUPT",   CREDIT_CLASS_TRUST},
    {CREDIT_E_FULL,      "CREDIT_E_FULL",      CREDIT_CLASS_MACHINE},
    {CREDIT_E_IO,        "CREDIT_E_IO",        CREDIT_CLASS_MACHINE},
    {CREDIT_E_ACCESS,    "CREDIT_E_ACCESS",    CREDIT_CLASS_MACHINE},
    {CREDIT_E_NOMEM,     "CREDIT_E_NOMEM",     CREDIT_CLASS_MACHINE},
    {CREDIT_E_BUSY,      "CREDIT_E_BUSY",      CREDIT_CLASS_MACHINE},
    {CREDIT_E_CRYPTO,    "CREDIT_E_CRYPTO",    CREDIT_CLASS_MACHINE},
    {CREDIT_E_UNTRUSTED, "CREDIT_E_UNTRUSTED", CREDIT_CLASS_TRUST},
    {CREDIT_E_LIMIT,     "CREDIT_E_LIMIT",     CREDIT_CLASS_DATA},
    {CREDIT_E_KEY,       "CREDIT_E_KEY",       CREDIT_CLASS_DATA},
    {CREDIT_E_BUG,       "CREDIT_E_BUG",       CREDIT_CLASS_BUG},
    /* clang-format on */
};

const char *credit_result_name(credit_result result)
{
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
        if (results[i].code == result) { return results[i].name; }
    }
    return "CREDIT_E_BUG";
}

credit_class credit_result_class(credit_result result)
{
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
        if (results[i].code == result) { return results[i].class; }
    }
    return CREDIT_CLASS_BUG;
}

const char *credit_version(void)
{
    return CREDIT_VERSION;
}

credit_result credit_date_parse(const char *text, credit_date *date, credit_error *err)
{
    if (text == NULL || date == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a text and a date are needed");
    }
    *date = CREDIT_DATE_NONE;
    if (cr_date_parse_iso(cr_span_of(text), date)) { return CREDIT_OK; }
    return cr_fail(err, CREDIT_E_DATA, "%.40s: not a date (YYYY-MM-DD)", text);
}

void credit_date_print(credit_date date, char text[12])
{
    cr_date_print(date, text);
}

credit_date credit_date_of(credit_instant instant)
{
    return cr_instant_date(instant);
}

credit_result credit_instant_parse(const char *text, credit_instant *instant, credit_error *err)
{
    if (text == NULL || instant == NULL) {
        return cr_fail(err, CREDIT_E_USAGE, "a text and an instant are needed");
    }
    *instant = CREDIT_INSTANT_NONE;
    if (cr_instant_parse(cr_span_of(text), instant)) { return CREDIT_OK; }
    return cr_fail(err, CREDIT_E_DATA, "%.60s: not an instant (RFC 3339)", text);
}
