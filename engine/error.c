#include "engine/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A message that was cut must not end inside a UTF-8 character. */
static void trim_partial_character(char *text)
{
    size_t size = strlen(text);
    size_t back = 0;
    while (back < size && back < 4 && ((unsigned char)text[size - 1 - back] & 0xC0) == 0x80) {
        back++;
    }
    if (back == size) { return; }
    unsigned char lead = (unsigned char)text[size - 1 - back];
    size_t want = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (lead >= 0x80 && back < want) { text[size - 1 - back] = '\0'; }
}

credit_result cr_fail(credit_error *err, credit_result code, const char *format, ...)
{
    if (err == NULL) { return code; }
    cr_error_clear(err);
    err->code = code;
    va_list args;
    va_start(args, format);
    int written = vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    if (written < 0) {
        err->message[0] = '\0';
    } else if ((size_t)written >= sizeof err->message) {
        trim_partial_character(err->message);
    }
    return code;
}

void cr_fail_at(credit_error *err, uint64_t line, uint64_t column, const char *field)
{
    if (err == NULL) { return; }
    err->line = line;
    err->column = column;
    if (field == NULL) { return; }
    snprintf(err->field, sizeof err->field, "%s", field);
    trim_partial_character(err->field);
}

void cr_fail_in(credit_error *err, const char *prefix)
{
    if (err == NULL) { return; }
    char inner[sizeof err->message];
    memcpy(inner, err->message, sizeof inner);
    int written = snprintf(err->message, sizeof err->message, "%s: %s", prefix, inner);
    if (written >= (int)sizeof err->message) { trim_partial_character(err->message); }
}

void cr_error_clear(credit_error *err)
{
    if (err == NULL) { return; }
    err->code = CREDIT_OK;
    err->line = 0;
    err->column = 0;
    err->field[0] = '\0';
    err->message[0] = '\0';
}
