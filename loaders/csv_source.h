/* Rows and cells of CSV text, with the raw bytes and the line of each row.
 *
 * Two readers share the work. The framer, ours, finds in the raw bytes where a
 * row ends and whether it is well-formed. A row without quotes is cut at its
 * commas; libcsv splits those with quotes, fed in blocks. So libcsv never sees what
 * it would silently mend, and the common row takes no detour:
 *
 * 1. A row is refused, alone, for a quote inside an unquoted cell, text behind
 *    a closing quote, a quote that is never closed, a carriage return that
 *    ends no line, a NUL or an undecodable byte, or a named limit. Reading goes
 *    on behind the first line end after the row's start, so that a fault never
 *    swallows a following row.
 * 2. Options: CSV_STRICT and CSV_STRICT_FINI (a fault that the framer let pass
 *    is our bug and is reported as such); cells are trimmed of blanks and tabs
 *    as libcsv does by default; lines of nothing but blanks are no rows.
 * 3. LF and CR LF end a line; quoted line ends are part of their cell and
 *    count for the line numbers.
 * 4. Memory does not grow with the file: at most CR_LIMIT_ROW a row. */
#ifndef CR_LOADERS_CSV_SOURCE_H
#define CR_LOADERS_CSV_SOURCE_H

#include "loaders/charset.h"

typedef struct cr_csv_row {
    uint64_t line;            /* 1-based line of its first byte */
    credit_span raw;          /* as it stood, without its line end */
    const credit_span *cells; /* UTF-8 */
    size_t cell_count;
} cr_csv_row;

/* Either function may stop the reading by what it returns. Spans die when the
 * call returns; `raw` lives as long as the bytes that were given. */
typedef struct cr_csv_sink {
    void *ctx;
    credit_result (*row)(void *ctx, const cr_csv_row *row, credit_error *err);
    credit_result (*refused)(void *ctx, uint64_t line, credit_span raw, const char *rule,
        const char *message, credit_error *err);
} cr_csv_sink;

enum { CR_CSV_BLOCK = 128 << 10 };

/* Reads all of `bytes`; libcsv is fed about `block` bytes at a time. */
CREDIT_MUST_CHECK credit_result cr_csv_read(credit_span bytes, const cr_coding *coding,
    size_t block, const cr_csv_sink *sink, credit_error *err);

/* Offset behind the first `count` cells of a row and their commas; 0 if the
 * row has not that many. */
size_t cr_csv_skip_cells(credit_span raw, size_t count);

#endif
