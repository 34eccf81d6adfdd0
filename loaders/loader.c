/* One pass over a source: rows become records or refusals, in file order. */
#include "loaders/loader.h"

#include <stdio.h>
#include <string.h>

#include "engine/error.h"
#include "engine/text.h"
#include "loaders/csv_source.h"
#include "loaders/mapping.h"
#include "loaders/row_facts.h"
#include "loaders/source.h"

enum { PROGRESS_ROWS = 4096 };

typedef struct load {
    cr_source *source;
    const cr_load_options *options;
    const cr_sink *sink;
    cr_load_result *result;
    cr_mapping mapping;
    bool header_seen, first_row_seen;
    cr_arena header_arena; /* lives as long as the load */
    cr_arena row_arena;    /* forgotten after each row */
    credit_span values[CR_FIELDS_MAX];
    cr_extra extras[CR_LIMIT_COLUMNS];
    size_t extra_count;
    cr_row row;
    cr_row_memory memory;
} load;

/* ---- refusals ------------------------------------------------------------------- */

/* A row of a rejects file without the four columns before it, so that a row
 * refused again does not grow. */
static credit_span original_row(const load *l, credit_span raw)
{
    size_t skip = l->mapping.dropped == 0 ? 0 : cr_csv_skip_cells(raw, l->mapping.dropped);
    return (credit_span){raw.data + skip, raw.size - skip};
}

static credit_result report_progress(load *l, credit_span raw)
{
    if (l->sink->progress == NULL || l->result->rows % PROGRESS_ROWS != 0) { return CREDIT_OK; }
    uint64_t done = (uint64_t)(raw.data - l->source->bytes.data) + raw.size;
    return l->sink->progress(l->sink->ctx, done, l->source->info.size, l->result->rows);
}

static credit_result refuse(load *l, uint64_t line, credit_span raw, const cr_finding *findings,
    size_t count, credit_error *err)
{
    l->result->rows++;
    l->result->refused++;
    credit_result rc =
        l->sink->refused(l->sink->ctx, line, original_row(l, raw), findings, count, err);
    return rc == CREDIT_OK ? report_progress(l, raw) : rc;
}

static credit_result refuse_for(load *l, uint64_t line, credit_span raw, const char *rule,
    const char *message, credit_error *err)
{
    cr_finding finding = {.severity = CR_ERROR};
    snprintf(finding.rule, sizeof finding.rule, "%s", rule);
    snprintf(finding.message, sizeof finding.message, "%s", message);
    return refuse(l, line, raw, &finding, 1, err);
}

/* ---- the header ------------------------------------------------------------------ */

static credit_result take_header(load *l, const cr_csv_row *row, credit_error *err)
{
    const cr_load_options *o = l->options;
    credit_result rc = o->withheld != NULL
                           ? cr_mapping_relay(o->pack, o->catalog, o->withheld, row->cells,
                                 row->cell_count, &l->header_arena, &l->mapping, err)
                           : cr_mapping_find(o->pack, o->catalog, row->cells, row->cell_count,
                                 &l->header_arena, &l->mapping, err);
    if (rc != CREDIT_OK) {
        cr_fail_at(err, row->line, 0, NULL);
        return rc;
    }
    l->header_seen = true;
    l->row.pack = l->options->pack;
    l->row.catalog = l->mapping.catalog;
    l->row.waived = l->mapping.waived;
    l->row.today = l->options->today;
    l->row.arena = &l->row_arena;
    l->row.memory = &l->memory;
    l->row.values = l->values;
    return l->sink->begin(l->sink->ctx, l->mapping.catalog, l->mapping.catalog_index,
        l->mapping.profile, original_row(l, row->raw), err);
}

/* ---- rows -------------------------------------------------------------------------- */

static bool starts_an_explanation(const cr_pack *pack, credit_span cell)
{
    for (size_t i = 0; i < pack->explanation_count; i++) {
        if (cr_span_starts(cell, pack->explanation_words[i])) { return true; }
    }
    return false;
}

/* Rows that carry no data: nothing in them, a template's notes, or its second
 * header line. basis: V26 */
static bool is_no_data(const load *l, const cr_csv_row *row)
{
    size_t at = l->mapping.dropped < row->cell_count ? l->mapping.dropped : 0;
    credit_span first = {"", 0};
    for (; at < row->cell_count && first.size == 0; at++) { first = cr_span_trim(row->cells[at]); }
    if (first.size == 0 || starts_an_explanation(l->options->pack, first)) { return true; }
    return !l->first_row_seen && row->cell_count == l->mapping.column_count &&
           cr_mapping_is_header_again(&l->mapping, row->cells);
}

static bool join_values(load *l, credit_span *value, credit_span more)
{
    credit_span first = cr_span_trim(*value);
    more = cr_span_trim(more);
    if (first.size == 0 || more.size == 0) {
        *value = first.size == 0 ? more : first;
        return true;
    }
    char *joined = cr_arena_alloc(&l->row_arena, first.size + 1 + more.size);
    if (joined == NULL) { return false; }
    memcpy(joined, first.data, first.size);
    joined[first.size] = ';';
    memcpy(joined + first.size + 1, more.data, more.size);
    *value = (credit_span){joined, first.size + 1 + more.size};
    return true;
}

static void add_extra(load *l, size_t column, credit_span cell)
{
    cell = cr_span_trim(cell);
    if (cell.size > 0) { l->extras[l->extra_count++] = (cr_extra){l->mapping.names[column], cell}; }
}

static void fill_defaults(load *l, const cr_default *defaults, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const cr_default *rule = &defaults[i];
        credit_span *value = &l->values[rule->field];
        if (cr_span_trim(*value).size == 0) {
            *value = rule->from_field < 0 ? rule->value : l->values[rule->from_field];
        }
    }
}

/* Puts each cell where the header says; false if memory ran out. */
static bool place_cells(load *l, const cr_csv_row *row)
{
    for (size_t i = 0; i < l->mapping.catalog->field_count; i++) {
        l->values[i] = (credit_span){"", 0};
    }
    l->extra_count = 0;
    for (size_t i = 0; i < row->cell_count; i++) {
        int16_t field = l->mapping.field[i];
        if (field == CR_COLUMN_EXTRA) {
            add_extra(l, i, row->cells[i]);
        } else if (field >= 0 && !l->mapping.joins[i]) {
            l->values[field] = row->cells[i];
        } else if (field >= 0 && !join_values(l, &l->values[field], row->cells[i])) {
            return false;
        }
    }
    const cr_profile *profile = l->mapping.profile;
    const cr_catalog *catalog = l->mapping.catalog;
    if (profile != NULL) { fill_defaults(l, profile->defaults, profile->default_count); }
    fill_defaults(l, catalog->defaults, catalog->default_count);
    return true;
}

static void count_lateness(load *l, const cr_facts *facts)
{
    cr_lateness lateness = cr_row_lateness(&l->row, facts);
    l->result->late += lateness == CR_LATE;
    l->result->late_unknown += lateness == CR_LATE_UNKNOWN;
}

static credit_result hand_on(load *l, const cr_csv_row *row, credit_error *err)
{
    cr_record record = {
        .catalog = l->mapping.catalog,
        .catalog_index = l->mapping.catalog_index,
        .row = l->result->rows + 1,
        .line = row->line,
        .values = l->values,
        .extras = l->extras,
        .extra_count = l->extra_count,
        .provided_on = cr_row_provided_on(&l->row),
        .subject = l->row.subject,
        .warnings = l->row.warnings,
        .findings = l->row.findings,
        .finding_count = l->row.finding_count,
        .needs_earlier = l->row.needs_earlier,
    };
    if (!cr_row_facts(&l->row, &record.facts)) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory reading a row");
    }
    count_lateness(l, &record.facts);
    l->result->rows++;
    l->result->records++;
    credit_result rc = l->sink->record(l->sink->ctx, &record, original_row(l, row->raw), err);
    return rc == CREDIT_OK ? report_progress(l, row->raw) : rc;
}

static credit_result judge_row(load *l, const cr_csv_row *row, credit_error *err)
{
    if (!place_cells(l, row) || !cr_row_check(&l->row)) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory reading a row");
    }
    l->result->warnings += l->row.warnings;
    if (l->row.errors > 0) {
        return refuse(l, row->line, row->raw, l->row.findings, l->row.finding_count, err);
    }
    return hand_on(l, row, err);
}

static credit_result take_row(load *l, const cr_csv_row *row, credit_error *err)
{
    if (is_no_data(l, row)) { return CREDIT_OK; }
    l->first_row_seen = true;
    if (row->cell_count != l->mapping.column_count) {
        char message[CR_MESSAGE_MAX];
        snprintf(message, sizeof message, "%zu cells, the header has %zu", row->cell_count,
            l->mapping.column_count);
        return refuse_for(l, row->line, row->raw, "CSV", message, err);
    }
    credit_result rc = judge_row(l, row, err);
    cr_arena_reset(&l->row_arena);
    return rc;
}

static credit_result on_row(void *ctx, const cr_csv_row *row, credit_error *err)
{
    load *l = ctx;
    return l->header_seen ? take_row(l, row, err) : take_header(l, row, err);
}

static credit_result on_refused(void *ctx, uint64_t line, credit_span raw, const char *rule,
    const char *message, credit_error *err)
{
    load *l = ctx;
    if (!l->header_seen) {
        credit_result rc = cr_fail(err, CREDIT_E_HEADER, "the header is unreadable: %s", message);
        cr_fail_at(err, line, 0, NULL);
        return rc;
    }
    l->first_row_seen = true;
    return refuse_for(l, line, raw, rule, message, err);
}

credit_result cr_load(cr_source *source, const cr_load_options *options, const cr_sink *sink,
    cr_load_result *result, credit_error *err)
{
    memset(result, 0, sizeof *result);
    load *l = cr_alloc(sizeof *l);
    if (l == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory reading a file"); }
    memset(l, 0, sizeof *l);
    l->source = source;
    l->options = options;
    l->sink = sink;
    l->result = result;
    cr_csv_sink rows = {l, on_row, on_refused};
    credit_result rc = cr_csv_read(source->bytes, &source->coding, CR_CSV_BLOCK, &rows, err);
    if (rc == CREDIT_OK && !l->header_seen) {
        rc = cr_fail(err, CREDIT_E_DATA, "the file has no header line");
    }
    if (rc == CREDIT_OK) { rc = cr_source_unchanged(source, err); }
    cr_arena_release(&l->row_arena);
    cr_arena_release(&l->header_arena);
    cr_free(l);
    return rc;
}
