/* Random files of departments about a dozen firms, for live.c. */
#ifndef CREDIT_TESTS_LIVE_ROWS_H
#define CREDIT_TESTS_LIVE_ROWS_H

#include <credit/credit.h>
#include <stddef.h>

enum { LIVE_FIRMS = 12 };

typedef struct live_firm {
    const char *name, *code;
} live_firm;
extern const live_firm live_firms[LIVE_FIRMS];

/* The same seed gives the same numbers. */
unsigned live_below(uint64_t *state, unsigned n);

/* Writes a file of one catalog with a few rows, none decided after `day`; returns its
 * size, which is below `room`. */
size_t live_file(uint64_t *state, credit_date day, char *out, size_t room);

#endif
