/* The rows of a file as our reader reads them, for programs that are not ours.
 *
 * csv_rows FILE: one JSON object a line, {"line": N, "cells": [text, …]} for a row
 * and {"line": N, "rule": NAME, "message": TEXT} for one that is refused. Exits with
 * 1 if the file is no text. */
#include <jansson.h>
#include <stdio.h>

#include "engine/error.h"
#include "loaders/csv_source.h"
#include "loaders/source.h"
#include "tests/support/digest.h"

static credit_result print_object(json_t *object, credit_error *err)
{
    int failed = json_dumpf(object, stdout, JSON_COMPACT);
    json_decref(object);
    return failed == 0 && putchar('\n') != EOF ? CREDIT_OK : cr_fail(err, CREDIT_E_IO, "no output");
}

static credit_result print_row(void *ctx, const cr_csv_row *row, credit_error *err)
{
    json_t *cells = json_array();
    (void)ctx;
    for (size_t i = 0; i < row->cell_count; i++) {
        json_array_append_new(cells, json_stringn(row->cells[i].data, row->cells[i].size));
    }
    return print_object(json_pack("{sI, so}", "line", (json_int_t)row->line, "cells", cells), err);
}

static credit_result print_refused(void *ctx, uint64_t line, credit_span raw, const char *rule,
    const char *message, credit_error *err)
{
    (void)ctx;
    (void)raw;
    return print_object(
        json_pack("{sI, ss, ss}", "line", (json_int_t)line, "rule", rule, "message", message), err);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: csv_rows FILE\n");
        return 2;
    }
    credit_error err = CREDIT_ERROR_INIT;
    cr_source *source = NULL;
    const cr_csv_sink sink = {NULL, print_row, print_refused};
    credit_result rc = cr_source_open(argv[1], &test_crypto, &source, &err);
    if (rc == CREDIT_OK) {
        rc = cr_csv_read(source->bytes, &source->coding, CR_CSV_BLOCK, &sink, &err);
    }
    if (rc != CREDIT_OK) { fprintf(stderr, "%s\n", err.message); }
    cr_source_close(source);
    return rc == CREDIT_OK ? 0 : 1;
}
