#include "loaders/csv_frame.h"

#include <string.h>

#include "loaders/csv_source.h"
#include "loaders/loader.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static size_t skip_blanks(credit_span bytes, size_t at)
{
    while (at < bytes.size && is_blank(bytes.data[at])) { at++; }
    return at;
}

/* Offset of the next `wanted` byte before `limit`, `limit` if there is none. */
static size_t find_byte(credit_span bytes, size_t at, size_t limit, char wanted)
{
    const char *found = at >= limit ? NULL : memchr(bytes.data + at, wanted, limit - at);
    return found == NULL ? limit : (size_t)(found - bytes.data);
}

/* A line end: LF, CR LF, or CR before the end of everything. */
static bool ends_line(credit_span bytes, size_t at)
{
    if (at >= bytes.size || bytes.data[at] == '\n') { return true; }
    return bytes.data[at] == '\r' && (at + 1 == bytes.size || bytes.data[at + 1] == '\n');
}

/* Behind the closing quote of the cell that opens at `at`; 0 if unclosed. */
static size_t close_quote(credit_span bytes, size_t at)
{
    size_t limit = bytes.size - at > CR_LIMIT_FIELD ? at + CR_LIMIT_FIELD : bytes.size;
    for (size_t i = at + 1; i < limit;) {
        i = find_byte(bytes, i, limit, '"');
        if (i == limit) { return 0; }
        if (i + 1 >= bytes.size || bytes.data[i + 1] != '"') { return i + 1; }
        i += 2;
    }
    return 0;
}

/* Walks one cell from `at`; *at becomes the comma or line end behind it. */
static cr_csv_fault walk_cell(credit_span bytes, size_t *at)
{
    size_t i = skip_blanks(bytes, *at);
    if (i < bytes.size && bytes.data[i] == '"') {
        i = close_quote(bytes, i);
        if (i == 0) { return CR_CSV_UNCLOSED; }
        i = skip_blanks(bytes, i);
        *at = i;
        bool done = ends_line(bytes, i) || bytes.data[i] == ',';
        return done ? CR_CSV_FINE : CR_CSV_TEXT_BEHIND;
    }
    for (; !ends_line(bytes, i) && bytes.data[i] != ','; i++) {
        if (bytes.data[i] == '"') { return CR_CSV_STRAY_QUOTE; }
        if (bytes.data[i] == '\r') { return CR_CSV_STRAY_CR; }
    }
    *at = i;
    return CR_CSV_FINE;
}

/* A row with quotes or carriage returns, cell by cell; *end is its line end. */
static cr_csv_fault walk_row(credit_span bytes, size_t start, size_t *end, size_t *column)
{
    size_t at = start;
    for (*column = 1;; ++*column) {
        cr_csv_fault fault = walk_cell(bytes, &at);
        if (fault != CR_CSV_FINE) { return fault; }
        if (at - start > CR_LIMIT_ROW) { return CR_CSV_LONG_ROW; }
        if (ends_line(bytes, at)) {
            *end = at;
            return CR_CSV_FINE;
        }
        at++;
    }
}

static uint64_t count_lines(credit_span bytes, size_t start, size_t end)
{
    uint64_t count = 0;
    for (size_t i = start; (i = find_byte(bytes, i, end, '\n')) < end; i++) { count++; }
    return count;
}

static size_t behind_line_end(credit_span bytes, size_t at)
{
    at += at < bytes.size && bytes.data[at] == '\r';
    at += at < bytes.size && bytes.data[at] == '\n';
    return at;
}

static bool is_empty_line(credit_span bytes, size_t start, size_t end)
{
    return skip_blanks(bytes, start) >= end;
}

/* Frames the row at `at`, whose first line ends before `line_end`. */
static void frame_row(cr_csv_framer *f, size_t line_end, cr_csv_frame *out)
{
    size_t end = line_end > f->at && f->bytes.data[line_end - 1] == '\r' ? line_end - 1 : line_end;
    *out = (cr_csv_frame){.start = f->at, .size = end - f->at, .line = f->line};
    if (line_end - f->at > CR_LIMIT_ROW) {
        out->fault = CR_CSV_LONG_ROW;
        out->size = CR_LIMIT_ROW;
        out->next = behind_line_end(f->bytes, line_end);
        return;
    }
    out->plain =
        find_byte(f->bytes, f->at, end, '"') == end && find_byte(f->bytes, f->at, end, '\r') == end;
    if (out->plain) {
        out->next = behind_line_end(f->bytes, line_end);
        return;
    }
    size_t row_end = end;
    out->fault = walk_row(f->bytes, f->at, &row_end, &out->column);
    if (out->fault == CR_CSV_FINE) {
        out->size = row_end - f->at;
        out->next = behind_line_end(f->bytes, row_end);
        return;
    }
    out->next = behind_line_end(f->bytes, line_end);
}

bool cr_csv_next_frame(cr_csv_framer *f, cr_csv_frame *out)
{
    while (f->at < f->bytes.size) {
        size_t line_end = find_byte(f->bytes, f->at, f->bytes.size, '\n');
        frame_row(f, line_end, out);
        bool empty = is_empty_line(f->bytes, out->start, out->start + out->size);
        f->line += out->next <= line_end + 1 ? 1 : count_lines(f->bytes, out->start, out->next);
        f->at = out->next;
        if (!empty || out->fault != CR_CSV_FINE) { return true; }
    }
    return false;
}

size_t cr_csv_skip_cells(credit_span raw, size_t count)
{
    size_t at = 0;
    for (; count > 0; count--) {
        if (walk_cell(raw, &at) != CR_CSV_FINE || at >= raw.size || raw.data[at] != ',') {
            return 0;
        }
        at++;
    }
    return at;
}
