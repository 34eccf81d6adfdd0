/* The CSV tables of a pack: regions, departments, working days.
 *
 * A table's first line names its columns; they must be there in the order that
 * is documented, so that a file of another kind is refused at once. libcsv
 * splits; a table is read whole, cell by cell, and each row is handed on with
 * its number. */
#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "engine/error.h"
#include "engine/text.h"
#include "loaders/pack_build.h"

enum { COLUMNS_MAX = 8, TYPES_MAX = 40 };

typedef struct table {
    cr_pack_builder *b;
    const char *path;
    const char *const *header; /* ends with NULL */
    size_t columns;
    credit_result (*take)(struct table *t, const credit_span *cells);
    credit_span cells[COLUMNS_MAX];
    size_t cell_count;
    size_t row; /* 1 = the header */
    credit_result rc;
    void *items; /* what `take` fills: one per row */
    size_t count;
} table;

static credit_result fail_row(table *t, const char *what, credit_span seen)
{
    cr_fail(t->b->err, CREDIT_E_PACK, "%s:%zu: %s \"%.*s\"", t->path, t->row, what, (int)seen.size,
        seen.data);
    cr_fail_at(t->b->err, t->row, 0, NULL);
    return CREDIT_E_PACK;
}

static void on_cell(void *bytes, size_t size, void *ctx)
{
    table *t = ctx;
    if (t->rc != CREDIT_OK) { return; }
    if (t->cell_count < COLUMNS_MAX) {
        credit_span cell = cr_arena_span(t->b->arena, (credit_span){bytes, size});
        if (cell.data == NULL) {
            t->rc = cr_fail(t->b->err, CREDIT_E_NOMEM, "out of memory reading %s", t->path);
        }
        t->cells[t->cell_count] = cell;
    }
    t->cell_count++;
}

static credit_result take_header(table *t)
{
    size_t start = cr_span_starts(t->cells[0], CR_SPAN("\xEF\xBB\xBF")) ? 3 : 0;
    t->cells[0].data += start;
    t->cells[0].size -= start;
    for (size_t i = 0; i < t->columns; i++) {
        if (!cr_span_is(t->cells[i], t->header[i])) {
            return fail_row(t, "unexpected column", t->cells[i]);
        }
    }
    return CREDIT_OK;
}

static void on_row(int end, void *ctx)
{
    table *t = ctx;
    (void)end;
    t->row++;
    if (t->rc == CREDIT_OK && t->cell_count != t->columns) {
        t->rc = fail_row(t, "wrong number of cells in the row that starts with", t->cells[0]);
    }
    if (t->rc == CREDIT_OK) { t->rc = t->row == 1 ? take_header(t) : t->take(t, t->cells); }
    t->cell_count = 0;
}

static size_t count_lines(credit_span bytes)
{
    size_t count = 1;
    for (size_t i = 0; i < bytes.size; i++) { count += bytes.data[i] == '\n'; }
    return count;
}

/* Fills t->items, one of `size` bytes a row, in the pack's arena. */
static credit_result read_table(table *t, size_t size)
{
    const cr_pack_file *file = cr_pack_builder_file(t->b, "pack.json", t->path);
    if (file == NULL) { return CREDIT_E_PACK; }
    while (t->header[t->columns] != NULL) { t->columns++; }
    t->items = cr_arena_array(t->b->arena, count_lines(file->bytes), size);
    struct csv_parser parser;
    unsigned char strict = CSV_STRICT | CSV_STRICT_FINI;
    if (t->items == NULL || csv_init(&parser, strict) != 0) {
        return cr_fail(t->b->err, CREDIT_E_NOMEM, "out of memory reading %s", t->path);
    }
    size_t done = csv_parse(&parser, file->bytes.data, file->bytes.size, on_cell, on_row, t);
    bool whole = done == file->bytes.size && csv_fini(&parser, on_cell, on_row, t) == 0;
    csv_free(&parser);
    if (t->rc == CREDIT_OK && !whole) {
        t->row++;
        t->rc = fail_row(t, "not CSV after", t->cells[0]);
    }
    return t->rc;
}

static bool read_year(credit_span text, int16_t *out)
{
    int64_t year = 0;
    *out = 0;
    if (text.size == 0) { return true; }
    if (!cr_parse_scaled(text, 0, &year) || year < 1900 || year > 9999) { return false; }
    *out = (int16_t)year;
    return true;
}

/* ---- regions ------------------------------------------------------------------ */

static credit_result take_region(table *t, const credit_span *cells)
{
    cr_region *region = (cr_region *)t->items + t->count;
    int64_t code = 0;
    if (cells[0].size != 6 || !cr_parse_scaled(cells[0], 0, &code)) {
        return fail_row(t, "a region code has six digits, not", cells[0]);
    }
    if (!read_year(cells[3], &region->from_year) || !read_year(cells[4], &region->to_year)) {
        return fail_row(t, "not a year: one of the years of", cells[0]);
    }
    region->code = (uint32_t)code;
    region->name = cells[2];
    t->count++;
    return CREDIT_OK;
}

static int by_code(const void *a, const void *b)
{
    const cr_region *x = a, *y = b;
    if (x->code != y->code) { return x->code < y->code ? -1 : 1; }
    return (x->from_year > y->from_year) - (x->from_year < y->from_year);
}

credit_result cr_pack_read_regions(cr_pack_builder *b, const char *path)
{
    static const char *const header[] = {"code", "province", "name", "from_year", "to_year", NULL};
    table t = {.b = b, .path = path, .header = header, .take = take_region};
    credit_result rc = read_table(&t, sizeof(cr_region));
    if (rc != CREDIT_OK) { return rc; }
    if (t.count > 0) { qsort(t.items, t.count, sizeof(cr_region), by_code); }
    b->pack->ids.regions = t.items;
    b->pack->ids.region_count = t.count;
    return CREDIT_OK;
}

/* ---- departments ---------------------------------------------------------------- */

static credit_result take_department(table *t, const credit_span *cells)
{
    cr_department *department = (cr_department *)t->items + t->count;
    if (cells[0].size != 1) { return fail_row(t, "a department is one character, not", cells[0]); }
    if (cells[1].size == 0 || cells[1].size > TYPES_MAX) {
        return fail_row(t, "no types of bodies for department", cells[0]);
    }
    department->code = cells[0].data[0];
    department->types = cells[1].data; /* an arena copy ends with a terminator */
    department->name = cells[2];
    t->count++;
    return CREDIT_OK;
}

credit_result cr_pack_read_departments(cr_pack_builder *b, const char *path)
{
    static const char *const header[] = {"code", "types", "name", NULL};
    table t = {.b = b, .path = path, .header = header, .take = take_department};
    credit_result rc = read_table(&t, sizeof(cr_department));
    b->pack->ids.departments = t.items;
    b->pack->ids.department_count = rc == CREDIT_OK ? t.count : 0;
    return rc;
}

/* ---- working days ---------------------------------------------------------------- */

static credit_result take_day(table *t, const credit_span *cells)
{
    cr_calendar_day *day = (cr_calendar_day *)t->items + t->count;
    if (!cr_date_parse_iso(cells[0], &day->date)) { return fail_row(t, "not a date:", cells[0]); }
    if (!cr_span_is(cells[1], "0") && !cr_span_is(cells[1], "1")) {
        return fail_row(t, "a day works (1) or not (0), not", cells[1]);
    }
    day->works = cells[1].data[0] == '1';
    t->count++;
    return CREDIT_OK;
}

credit_result cr_pack_read_calendar(cr_pack_builder *b, const char *path)
{
    static const char *const header[] = {"date", "works", NULL};
    table t = {.b = b, .path = path, .header = header, .take = take_day};
    credit_result rc = read_table(&t, sizeof(cr_calendar_day));
    if (rc != CREDIT_OK) { return rc; }
    rc = cr_calendar_new(t.items, t.count, &b->pack->calendar, b->err);
    if (rc != CREDIT_OK) { cr_fail_in(b->err, path); }
    return rc;
}
