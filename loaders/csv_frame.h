/* Where a CSV row ends and whether it is well-formed: see csv_source.h. */
#ifndef CR_LOADERS_CSV_FRAME_H
#define CR_LOADERS_CSV_FRAME_H

#include <stdbool.h>

#include "engine/types.h"

typedef enum cr_csv_fault {
    CR_CSV_FINE,
    CR_CSV_STRAY_QUOTE, /* a quote inside an unquoted cell */
    CR_CSV_TEXT_BEHIND, /* text behind a closing quote */
    CR_CSV_UNCLOSED,    /* no closing quote within CR_LIMIT_FIELD */
    CR_CSV_STRAY_CR,    /* a carriage return that ends no line */
    CR_CSV_LONG_ROW     /* more than CR_LIMIT_ROW */
} cr_csv_fault;

typedef struct cr_csv_frame {
    size_t start, size; /* without the line end */
    size_t next;        /* where the next row starts */
    uint64_t line;
    bool plain; /* no quote and no carriage return in it */
    cr_csv_fault fault;
    size_t column; /* 1-based cell of the fault */
} cr_csv_frame;

typedef struct cr_csv_framer {
    credit_span bytes;
    size_t at;
    uint64_t line; /* of `at` */
} cr_csv_framer;

/* The next row that is not empty; false at the end. */
bool cr_csv_next_frame(cr_csv_framer *framer, cr_csv_frame *out);

#endif
