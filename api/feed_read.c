/* A package that came in: is it what it says? Believes nothing before it has been
 * followed to the end; whether it is signed is judged in seal.c. */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "api/feed.h"
#include "engine/date.h"
#include "engine/text.h"
#include "loaders/csv_source.h"

static credit_result refuse(credit_error *err, const char *why)
{
    return cr_fail(err, CREDIT_E_UNTRUSTED, "package: %s", why);
}

/* ---- what it claims ------------------------------------------------------------------- */

static bool take_number(const json_t *object, const char *name, uint64_t *out)
{
    const json_t *value = json_object_get(object, name);
    *out = json_is_integer(value) ? (uint64_t)json_integer_value(value) : 0;
    return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool take_hex(const json_t *object, const char *name, unsigned char *out, size_t size)
{
    return api_unhex(cr_span_of(json_string_value(json_object_get(object, name))), out, size);
}

static bool take_claim(const json_t *credit, api_feed_claim *claim)
{
    uint64_t number = 0;
    const char *at = json_string_value(json_object_get(credit, "issued_at"));
    const char *scope = json_string_value(json_object_get(credit, "scope"));
    bool holds = take_hex(credit, "stream", claim->stream, CR_FEED_STREAM) &&
                 take_number(credit, "package", &number) &&
                 take_number(credit, "first", &claim->first) &&
                 take_number(credit, "last", &claim->last) && at != NULL &&
                 cr_instant_parse(cr_span_of(at), &claim->issued_at);
    claim->number = (uint32_t)number;
    if (at != NULL) { snprintf(claim->issued_text, sizeof claim->issued_text, "%s", at); }
    if (scope != NULL) { snprintf(claim->scope, sizeof claim->scope, "%s", scope); }
    return holds && number > 0 && number <= UINT32_MAX && claim->first > 0 &&
           claim->last >= claim->first;
}

credit_result api_feed_claims(const cr_sealed *sealed, api_feed_claim *claim, credit_error *err)
{
    memset(claim, 0, sizeof *claim);
    credit_span text = cr_sealed_file(sealed, API_FEED_DESCRIPTION);
    if (text.data == NULL) {
        text = cr_sealed_file(sealed, API_FEED_RECEIPT);
        claim->receipt = true;
    }
    if (text.data == NULL) { return CREDIT_DONE; }
    json_t *root = json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
    bool holds = take_claim(claim->receipt ? root : json_object_get(root, "credit"), claim);
    json_decref(root);
    return holds ? CREDIT_OK : refuse(err, "it does not say which it is");
}

/* ---- its rows ------------------------------------------------------------------------- */

typedef struct reading {
    api_feed_taking *taking;
    api_feed_digester digester;
    cr_arena *arena;
    uint16_t resource;
    bool withheld; /* the file of what is withheld */
    bool header_seen;
    credit_span *codes;
    size_t column_count;
    uint64_t rows; /* of the file */
} reading;

static bool parse_number(credit_span text, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') { return false; }
        *out = *out * 10 + (uint64_t)(text.data[i] - '0');
    }
    return text.size > 0 && text.size < 19 && text.data[0] != '0';
}

/* The line of a number, which must not have been there. */
static api_feed_line *line_of(reading *r, credit_span text, uint64_t *number)
{
    const cr_feed_package *package = &r->taking->package;
    bool within =
        parse_number(text, number) && *number >= package->first && *number <= package->last;
    api_feed_line *line = within ? &r->taking->lines[*number - package->first] : NULL;
    return line == NULL || line->operation != 0 || line->withheld ? NULL : line;
}

static credit_result take_header(reading *r, const cr_csv_row *row, credit_error *err)
{
    api_feed_resource *resource = &r->taking->resources[r->resource];
    size_t leading = r->withheld ? 2 : API_FEED_LEADING;
    r->header_seen = true;
    r->column_count = row->cell_count;
    if (row->cell_count < leading || row->cell_count > leading + CR_FIELDS_MAX) {
        return refuse(err, "a file has other columns");
    }
    for (size_t i = 0; i < leading; i++) {
        const char *name = r->withheld && i == 1 ? "sha256" : api_feed_leading[i];
        if (!cr_span_is(row->cells[i], name)) { return refuse(err, "a file has other columns"); }
    }
    if (r->withheld) { return CREDIT_OK; }
    size_t skip = cr_csv_skip_cells(row->raw, API_FEED_LEADING);
    resource->header = (credit_span){row->raw.data + skip, row->raw.size - skip};
    r->codes = cr_arena_array(r->arena, row->cell_count + 1, sizeof *r->codes);
    for (size_t i = leading; r->codes != NULL && i < row->cell_count; i++) {
        r->codes[i - leading] = cr_arena_span(r->arena, row->cells[i]);
        if (r->codes[i - leading].data == NULL) { r->codes = NULL; }
    }
    return r->codes != NULL ? CREDIT_OK : cr_fail(err, CREDIT_E_NOMEM, "out of memory");
}

static credit_result take_withheld(reading *r, const cr_csv_row *row, credit_error *err)
{
    uint64_t number;
    api_feed_line *line = line_of(r, row->cells[0], &number);
    if (line == NULL || !api_unhex(row->cells[1], line->digest, CR_FEED_DIGEST)) {
        return refuse(err, "a withheld row is not one of its own");
    }
    line->withheld = true;
    r->taking->withheld++;
    return CREDIT_OK;
}

static bool take_leading(const cr_csv_row *row, api_feed_line *line, api_feed_row *said)
{
    unsigned char record[CR_RECORD_KEY];
    said->operation = cr_feed_operation_of(row->cells[1]);
    bool deletes = said->operation == CR_FEED_DELETE;
    bool salted = deletes ? row->cells[5].size == 0 : api_unhex(row->cells[5], said->salt, CR_SEED);
    bool holds = said->operation != CR_FEED_OPERATIONS && row->cells[2].size > 0 &&
                 row->cells[2].size <= 32 && api_unhex(row->cells[3], record, CR_RECORD_KEY) &&
                 cr_date_parse_iso(row->cells[4], &said->day) && salted;
    if (!holds) { return false; }
    memcpy(said->record, record, CR_RECORD_KEY);
    memcpy(line->record, record, CR_RECORD_KEY);
    line->operation = said->operation;
    line->day = said->day;
    return true;
}

static credit_result take_row(reading *r, const cr_csv_row *row, credit_error *err)
{
    api_feed_row said = {0};
    api_feed_cell cells[CR_FIELDS_MAX];
    size_t count = 0;
    api_feed_line *line = line_of(r, row->cells[0], &said.number);
    if (line == NULL || !take_leading(row, line, &said)) {
        return refuse(err, "a row is not one of its own");
    }
    for (size_t i = API_FEED_LEADING; i < row->cell_count; i++) {
        if (row->cells[i].size == 0) { continue; }
        cells[count++] = (api_feed_cell){r->codes[i - API_FEED_LEADING], row->cells[i]};
    }
    if (said.operation == CR_FEED_DELETE && count > 0) {
        return refuse(err, "a deletion has content");
    }
    size_t skip = cr_csv_skip_cells(row->raw, API_FEED_LEADING);
    line->raw = (credit_span){row->raw.data + skip, row->raw.size - skip};
    line->resource = r->resource;
    line->subject = cr_arena_span(r->arena, row->cells[2]);
    if (line->subject.data == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    return api_feed_cells_digest(&r->digester, &said, r->taking->resources[r->resource].catalog,
        line->subject, cells, count, line->digest, NULL, err);
}

static credit_result on_row(void *ctx, const cr_csv_row *row, credit_error *err)
{
    reading *r = ctx;
    if (!r->header_seen) { return take_header(r, row, err); }
    if (row->cell_count != r->column_count) { return refuse(err, "a row has other columns"); }
    r->rows++;
    return r->withheld ? take_withheld(r, row, err) : take_row(r, row, err);
}

static credit_result on_refused(void *ctx, uint64_t line, credit_span raw, const char *rule,
    const char *message, credit_error *err)
{
    (void)ctx;
    (void)line;
    (void)raw;
    (void)rule;
    (void)message;
    return refuse(err, "a row cannot be read");
}

/* ---- its files ------------------------------------------------------------------------- */

/* data/NAME.csv → NAME */
static bool catalog_of(credit_span path, credit_span *name)
{
    if (path.size < 10 || !cr_span_starts(path, CR_SPAN("data/"))) { return false; }
    *name = (credit_span){path.data + 5, path.size - 9};
    return memcmp(path.data + path.size - 4, ".csv", 4) == 0;
}

static credit_result read_file(
    reading *r, const cr_content *file, const json_t *described, credit_error *err)
{
    uint64_t rows = 0;
    cr_coding coding;
    const cr_csv_sink sink = {r, on_row, on_refused};
    credit_span path = cr_span_of(json_string_value(json_object_get(described, "path")));
    r->withheld = cr_span_is(file->name, API_FEED_WITHHELD);
    r->header_seen = false;
    r->rows = 0;
    if (!cr_span_equal(path, file->name) || !take_number(described, "rows", &rows) ||
        !catalog_of(file->name, &r->taking->resources[r->resource].catalog)) {
        return refuse(err, "its files are not those that it describes");
    }
    credit_result rc = cr_charset_judge(file->bytes, &coding, err);
    if (rc != CREDIT_OK || coding.charset != CR_CHARSET_UTF8 || coding.bom_size != 0) {
        return refuse(err, "a file is not UTF-8");
    }
    rc = cr_csv_read(file->bytes, &coding, CR_CSV_BLOCK, &sink, err);
    return rc == CREDIT_OK && rows != r->rows ? refuse(err, "a file has not the rows it should")
                                              : rc;
}

static credit_result read_files(
    reading *r, const cr_sealed *sealed, const json_t *resources, credit_error *err)
{
    size_t count = sealed->count - 1;
    if (!cr_span_is(sealed->files[0].name, API_FEED_DESCRIPTION) ||
        json_array_size(resources) != count) {
        return refuse(err, "its files are not those that it describes");
    }
    r->taking->resource_count = count;
    r->taking->resources = cr_arena_array(r->arena, count + 1, sizeof *r->taking->resources);
    if (r->taking->resources == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < count; i++) {
        r->resource = (uint16_t)i;
        rc = read_file(r, &sealed->files[i + 1], json_array_get(resources, i), err);
    }
    return rc;
}

static credit_result follow_chain(reading *r, credit_error *err)
{
    unsigned char chain[CR_FEED_DIGEST];
    const cr_feed_package *package = &r->taking->package;
    credit_result rc = cr_feed_chain_begin(
        r->digester.crypto, r->digester.hasher, r->taking->stream, package, chain, err);
    for (uint64_t n = package->first; rc == CREDIT_OK && n <= package->last; n++) {
        const api_feed_line *line = &r->taking->lines[n - package->first];
        if (line->operation == 0 && !line->withheld) { return refuse(err, "a row is missing"); }
        rc = cr_feed_chain_add(r->digester.crypto, r->digester.hasher, line->digest, chain, err);
    }
    return rc == CREDIT_OK && memcmp(chain, package->chain, CR_FEED_DIGEST) != 0
               ? refuse(err, "its rows do not give its chain")
               : rc;
}

static credit_result read_package(
    reading *r, const cr_sealed *sealed, const json_t *root, credit_error *err)
{
    api_feed_claim claim;
    api_feed_taking *taking = r->taking;
    const json_t *credit = json_object_get(root, "credit");
    credit_result rc = api_feed_claims(sealed, &claim, err);
    if (rc != CREDIT_OK) { return rc; }
    memcpy(taking->stream, claim.stream, CR_FEED_STREAM);
    memcpy(taking->scope, claim.scope, sizeof taking->scope);
    taking->issued_at = claim.issued_at;
    taking->package.number = claim.number;
    taking->package.first = claim.first;
    taking->package.last = claim.last;
    uint64_t count = claim.last - claim.first + 1;
    if (!take_hex(credit, "previous", taking->package.previous, CR_FEED_DIGEST) ||
        !take_hex(credit, "chain", taking->package.chain, CR_FEED_DIGEST) ||
        count > sealed->bytes.size) {
        return refuse(err, "it does not say what it holds");
    }
    taking->lines = cr_arena_array(r->arena, (size_t)count, sizeof *taking->lines);
    if (taking->lines == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    rc = read_files(r, sealed, json_object_get(root, "resources"), err);
    return rc == CREDIT_OK ? follow_chain(r, err) : rc;
}

credit_result api_feed_read(const cr_sealed *sealed, const cr_crypto *crypto, cr_arena *arena,
    api_feed_taking *taking, credit_error *err)
{
    reading r = {.taking = taking, .arena = arena};
    memset(taking, 0, sizeof *taking);
    credit_span text = cr_sealed_file(sealed, API_FEED_DESCRIPTION);
    json_t *root =
        text.data == NULL ? NULL : json_loadb(text.data, text.size, JSON_REJECT_DUPLICATES, NULL);
    if (root == NULL) { return refuse(err, "it has no description"); }
    credit_result rc = api_feed_digester_open(crypto, &r.digester, err);
    if (rc == CREDIT_OK) { rc = read_package(&r, sealed, root, err); }
    api_feed_digester_close(&r.digester);
    json_decref(root);
    return rc;
}
