/* Fills a credit_error; names and classes of the result codes. */
#ifndef CR_ENGINE_ERROR_H
#define CR_ENGINE_ERROR_H

#include "engine/types.h"

/* Sets code and message (printf style, one line) and clears line, column and
 * field. Returns `code`, so that `return cr_fail(err, …)` is the idiom. A NULL
 * `err` is fine. Messages longer than the buffer are cut at a character. */
credit_result cr_fail(credit_error *err, credit_result code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds the place to an error that is already set. `field` may be NULL. */
void cr_fail_at(credit_error *err, uint64_t line, uint64_t column, const char *field);

/* Puts "PREFIX: " before the message: the file an inner error came from. */
void cr_fail_in(credit_error *err, const char *prefix);

void cr_error_clear(credit_error *err);

#endif
