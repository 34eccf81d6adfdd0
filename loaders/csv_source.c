#include "loaders/csv_source.h"

#include <csv.h>
#include <stdio.h>
#include <string.h>

#include "engine/arena.h"
#include "engine/error.h"
#include "engine/text.h"
#include "loaders/csv_frame.h"
#include "loaders/loader.h"

enum { ENTRY_STEP = 64 << 10, MESSAGE_SIZE = 160 };

typedef struct reader {
    credit_span bytes;
    const cr_coding *coding;
    const cr_csv_sink *sink;
    credit_error *err;
    credit_result rc; /* sticky */

    struct csv_parser parser;
    cr_decoder decoder;
    char *decoded; /* the row in UTF-8, where it is not so already */
    size_t decoded_room;

    char *text; /* the cells of the row, where libcsv splits it */
    size_t text_size, text_room;
    credit_span cells[CR_LIMIT_COLUMNS];
    size_t cell_count;
    bool cell_too_long;
    size_t counted_bytes, counted_units; /* of the text so far, as it was in UTF-16 */
    unsigned row_count; /* that libcsv made of the row: one, or the framer is wrong */
} reader;

static credit_span raw_of(const reader *r, const cr_csv_frame *frame)
{
    return (credit_span){r->bytes.data + frame->start, frame->size};
}

/* ---- refusing ------------------------------------------------------------------ */

static void refuse(reader *r, const cr_csv_frame *frame, const char *rule, const char *message)
{
    r->rc = r->sink->refused(r->sink->ctx, frame->line, raw_of(r, frame), rule, message, r->err);
}

static void refuse_fault(reader *r, const cr_csv_frame *frame)
{
    static const struct {
        const char *before, *behind;
    } texts[] = {
        [CR_CSV_FINE] = {"", ""},
        [CR_CSV_STRAY_QUOTE] = {"a quote inside cell", ", which does not start with one"},
        [CR_CSV_TEXT_BEHIND] = {"text behind the closing quote of cell", ""},
        [CR_CSV_UNCLOSED] = {"the quote that opens cell", " is not closed"},
        [CR_CSV_STRAY_CR] = {"a carriage return inside cell", ""},
        [CR_CSV_LONG_ROW] = {"", ""},
    };
    char message[MESSAGE_SIZE];
    if (frame->fault == CR_CSV_LONG_ROW) {
        snprintf(message, sizeof message, "row longer than %d bytes", CR_LIMIT_ROW);
        refuse(r, frame, "LIMIT", message);
        return;
    }
    snprintf(message, sizeof message, "%s %zu%s", texts[frame->fault].before, frame->column,
        texts[frame->fault].behind);
    refuse(r, frame, "CSV", message);
}

/* ---- cells ------------------------------------------------------------------------ */

static void add_cell(reader *r, credit_span cell)
{
    bool fits = cell.size <= CR_LIMIT_FIELD;
    r->cell_too_long |= !fits;
    if (fits && r->cell_count < CR_LIMIT_COLUMNS) { r->cells[r->cell_count] = cell; }
    r->cell_count++;
}

/* A row without a quote or a carriage return: commas are all there is to it. */
static void split_plain(reader *r, credit_span row)
{
    const char *at = row.data, *end = row.data + row.size;
    for (;;) {
        const char *comma = at;
        if (at == end) {
            comma = NULL;
        } else if (*at != ',') { /* every third cell is empty */
            comma = memchr(at, ',', (size_t)(end - at));
        }
        const char *first = at, *last = comma == NULL ? end : comma;
        while (first < last && (*first == ' ' || *first == '\t')) { first++; }
        while (last > first && (last[-1] == ' ' || last[-1] == '\t')) { last--; }
        add_cell(r, (credit_span){first, (size_t)(last - first)});
        if (comma == NULL) { return; }
        at = comma + 1;
    }
}

/* Called by libcsv. */
static void on_cell(void *bytes, size_t size, void *ctx)
{
    reader *r = ctx;
    /* There is room for the whole row, and splitting only takes away. */
    char *copy = r->text + r->text_size;
    memcpy(copy, bytes, size);
    r->text_size += size;
    add_cell(r, (credit_span){copy, size});
}

/* Called by libcsv. */
static void on_row(int end, void *ctx)
{
    reader *r = ctx;
    (void)end;
    r->row_count++;
}

static credit_result from_csv(reader *r)
{
    if (csv_error(&r->parser) == CSV_ENOMEM) {
        return cr_fail(r->err, CREDIT_E_NOMEM, "out of memory reading CSV");
    }
    return cr_fail(r->err, CREDIT_E_BUG, "the CSV reader refused a row that its framer passed");
}

static void feed(reader *r, credit_span bytes)
{
    if (r->rc != CREDIT_OK || bytes.size == 0) { return; }
    size_t done = csv_parse(&r->parser, bytes.data, bytes.size, on_cell, on_row, r);
    if (done != bytes.size) { r->rc = from_csv(r); }
}

/* Hands the row to libcsv, `block` bytes at a time; its cells come back. */
static void split_quoted(reader *r, credit_span row, size_t block)
{
    if (!cr_grow(&r->text, &r->text_room, row.size + 1, 1)) {
        r->rc = cr_fail(r->err, CREDIT_E_NOMEM, "out of memory reading CSV");
        return;
    }
    r->text_size = 0;
    r->row_count = 0;
    for (size_t at = 0; at < row.size; at += block) {
        size_t size = row.size - at < block ? row.size - at : block;
        feed(r, (credit_span){row.data + at, size});
    }
    feed(r, CR_SPAN("\n"));
    if (r->rc == CREDIT_OK && r->row_count != 1) {
        r->rc = cr_fail(r->err, CREDIT_E_BUG, "the CSV reader and its framer disagree about a row");
    }
}

/* ---- rows -------------------------------------------------------------------------- */

static void deliver(reader *r, const cr_csv_frame *frame)
{
    char message[MESSAGE_SIZE];
    if (r->cell_too_long) {
        snprintf(message, sizeof message, "a cell longer than %d bytes", CR_LIMIT_FIELD);
        refuse(r, frame, "LIMIT", message);
        return;
    }
    if (r->cell_count > CR_LIMIT_COLUMNS) {
        snprintf(message, sizeof message, "more than %d cells", CR_LIMIT_COLUMNS);
        refuse(r, frame, "LIMIT", message);
        return;
    }
    cr_csv_row row = {frame->line, raw_of(r, frame), r->cells, r->cell_count};
    r->rc = r->sink->row(r->sink->ctx, &row, r->err);
}

/* Where the character at this place of the text stands in the UTF-16 file. */
static size_t utf16_offset(reader *r, size_t at)
{
    r->counted_units +=
        cr_utf16_units((credit_span){r->bytes.data + r->counted_bytes, at - r->counted_bytes});
    r->counted_bytes = at;
    return CR_UTF16_BOM_SIZE + 2 * r->counted_units;
}

static void refuse_bytes(reader *r, const cr_csv_frame *frame, size_t offset)
{
    char message[MESSAGE_SIZE];
    size_t at = frame->start + offset;
    if (r->coding->utf16 != CR_UTF16_NONE) {
        snprintf(message, sizeof message,
            "what stands at offset %zu of the file is no UTF-16 character", utf16_offset(r, at));
        refuse(r, frame, "CHARSET", message);
        return;
    }
    unsigned char byte = (unsigned char)r->bytes.data[at];
    snprintf(message, sizeof message, "byte 0x%02X at offset %zu of the file is not %s text", byte,
        at, r->coding->charset == CR_CHARSET_GB18030 ? "GB18030" : "UTF-8");
    refuse(r, frame, "CHARSET", message);
}

/* False with the offset of the first byte that is no text. */
static bool check_text(const reader *r, credit_span raw, size_t *bad)
{
    if (r->coding->faultless) { return true; }
    const char *nul = memchr(raw.data, '\0', raw.size);
    if (nul != NULL) {
        *bad = (size_t)(nul - raw.data);
        return false;
    }
    return r->coding->charset == CR_CHARSET_GB18030 || cr_utf8_valid(raw, bad);
}

/* Turns the row into UTF-8; false as check_text. */
static bool decode_row(reader *r, credit_span *row, size_t *bad)
{
    size_t size = 0;
    if (!cr_grow(&r->decoded, &r->decoded_room, 2 * row->size + 1, 1)) {
        r->rc = cr_fail(r->err, CREDIT_E_NOMEM, "out of memory decoding a row");
        return true;
    }
    if (!cr_decode(&r->decoder, *row, r->decoded, &size, bad)) { return false; }
    *row = (credit_span){r->decoded, size};
    return true;
}

static void read_row(reader *r, const cr_csv_frame *frame, size_t block)
{
    size_t bad = 0;
    credit_span row = raw_of(r, frame);
    bool is_text = check_text(r, row, &bad);
    if (is_text && r->coding->charset == CR_CHARSET_GB18030) {
        is_text = decode_row(r, &row, &bad);
    }
    if (!is_text) {
        refuse_bytes(r, frame, bad);
        return;
    }
    r->cell_count = 0;
    r->cell_too_long = false;
    if (r->rc == CREDIT_OK && frame->plain) {
        split_plain(r, row);
    } else if (r->rc == CREDIT_OK) {
        split_quoted(r, row, block);
    }
    if (r->rc == CREDIT_OK) { deliver(r, frame); }
}

static void read_rows(reader *r, size_t block)
{
    cr_csv_framer framer = {r->bytes, r->coding->bom_size, 1};
    cr_csv_frame frame;
    while (r->rc == CREDIT_OK && cr_csv_next_frame(&framer, &frame)) {
        if (frame.fault == CR_CSV_FINE) {
            read_row(r, &frame, block);
        } else {
            refuse_fault(r, &frame);
        }
    }
}

static credit_result open_reader(reader *r)
{
    r->decoder.handle = (iconv_t)-1;
    if (csv_init(&r->parser, CSV_STRICT | CSV_STRICT_FINI) != 0) {
        return cr_fail(r->err, CREDIT_E_NOMEM, "out of memory reading CSV");
    }
    csv_set_blk_size(&r->parser, ENTRY_STEP);
    csv_set_realloc_func(&r->parser, cr_realloc);
    csv_set_free_func(&r->parser, cr_free);
    return r->coding->charset == CR_CHARSET_GB18030 ? cr_decoder_open(&r->decoder, r->err)
                                                    : CREDIT_OK;
}

credit_result cr_csv_read(credit_span bytes, const cr_coding *coding, size_t block,
    const cr_csv_sink *sink, credit_error *err)
{
    reader *r = cr_alloc(sizeof *r);
    if (r == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory reading CSV"); }
    memset(r, 0, sizeof *r);
    r->bytes = bytes;
    r->coding = coding;
    r->sink = sink;
    r->err = err;
    r->rc = open_reader(r);
    if (r->rc == CREDIT_OK) { read_rows(r, block); }
    credit_result rc = r->rc;
    csv_free(&r->parser);
    cr_decoder_close(&r->decoder);
    cr_free(r->decoded);
    cr_free(r->text);
    cr_free(r);
    return rc;
}
