/* Any bytes as a departmental file: the loader may refuse, never misread.
 *
 * Judged for encoding, read as CSV in blocks of a size taken from the input,
 * and every row checked as one of a catalog that uses every kind of check. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/rowcheck.h"
#include "engine/text.h"
#include "loaders/csv_source.h"
#include "loaders/loader.h"

/* clang-format off */
static const cr_code words[] = {
    {.word = {"法人", 6}, .number = 1}, {.word = {"自然人", 9}, .number = 2}};
static const cr_code kinds[] = {
    {.word = {"罚款", 6}, .number = 1}, {.word = {"没收、没收", 15}, .number = 2}, {.word = {"没收", 6}, .number = 3}};
static const credit_span separators[] = {{";", 1}, {"、", 3}};
static const cr_codeset category_set = {.title = {"c", 1}, .codes = words, .code_count = 2};
static const cr_codeset kind_set = {.title = {"k", 1}, .codes = kinds, .code_count = 3,
    .other_prefix = {"其他", 6}, .other_number = 1, .separators = separators, .separator_count = 2};
static const cr_field fields[] = {
    {.code = {"A", 1}, .role = CR_ROLE_SUBJECT_NAME, .required = true, .length_max = 20},
    {.code = {"B", 1}, .role = CR_ROLE_SUBJECT_CATEGORY, .codes = &category_set},
    {.code = {"C", 1}, .role = CR_ROLE_SUBJECT_ANY_NO},
    {.code = {"D", 1}, .role = CR_ROLE_KINDS, .codes = &kind_set},
    {.code = {"E", 1}, .type = CR_FIELD_DATE, .role = CR_ROLE_DECIDED_ON},
    {.code = {"F", 1}, .type = CR_FIELD_NUMBER, .role = CR_ROLE_AMOUNT, .scale = 6},
    {.code = {"G", 1}, .long_text = true},
};
/* clang-format on */
enum { FIELDS = sizeof fields / sizeof *fields };

static const uint16_t all[FIELDS] = {0, 1, 2, 3, 4, 5, 6};
static const uint16_t date_field[] = {4}, amount_field[] = {5}, text_field[] = {6};
static const credit_span prefixes[] = {{"9", 1}};

#define CHECK(check_kind, columns, ...)                                                            \
    {                                                                                              \
        .kind = check_kind, .severity = CR_ERROR, .rule = "V", .fields = columns,                  \
        .field_count = sizeof columns / sizeof *columns, .other = -1, __VA_ARGS__                  \
    }

static const cr_check checks[] = {
    CHECK(CR_CHECK_REQUIRED, all, .strict = false),
    CHECK(CR_CHECK_IDENTIFIER, all, .id = CR_ID_CLASS_ANY_ORGANISATION),
    CHECK(CR_CHECK_PREFIX, all, .words = prefixes, .word_count = 1),
    CHECK(CR_CHECK_NOT_PAST, date_field, .strict = false),
    CHECK(CR_CHECK_KIND_AMOUNT, amount_field, .words = prefixes, .word_count = 1, .kinds = 2),
    CHECK(CR_CHECK_KIND_TEXT, text_field, .words = prefixes, .word_count = 1, .kinds = 8),
    {.kind = CR_CHECK_AMOUNT_TEXT,
        .severity = CR_WARNING,
        .rule = "V17",
        .fields = text_field,
        .field_count = 1,
        .other = 5},
    CHECK(CR_CHECK_CHARACTERS, all, .cleans = true),
    CHECK(CR_CHECK_CHARACTERS, all, .cleans = false),
    CHECK(CR_CHECK_PUNCTUATION, all, .words = prefixes, .word_count = 1),
    CHECK(CR_CHECK_NO_PERSONAL_NUMBER, all, .strict = false),
    {.kind = CR_CHECK_CODE_DATE,
        .severity = CR_ERROR,
        .rule = "V",
        .fields = all,
        .field_count = FIELDS,
        .other = 4,
        .at = 2},
};

static const cr_pack pack = {.earliest_date = CREDIT_DATE_NONE};

typedef struct rows {
    const cr_catalog *catalog;
    cr_arena arena;
    const char *start, *end; /* of the input: raw bytes must lie in it */
} rows;

static credit_result on_row(void *ctx, const cr_csv_row *row, credit_error *err)
{
    rows *r = ctx;
    static cr_row judged;
    credit_span values[CR_FIELDS_MAX];
    (void)err;
    if (row->raw.data < r->start || row->raw.data + row->raw.size > r->end) { abort(); }
    for (size_t i = 0; i < FIELDS; i++) {
        values[i] = i < row->cell_count ? row->cells[i] : (credit_span){"", 0};
        size_t bad = 0;
        if (!cr_utf8_valid(values[i], &bad)) { abort(); }
    }
    judged.pack = &pack;
    judged.catalog = r->catalog;
    judged.today = 20000;
    judged.arena = &r->arena;
    judged.values = values;
    if (!cr_row_check(&judged)) { abort(); }
    for (size_t i = 0; i < judged.finding_count; i++) {
        size_t bad = 0;
        if (!cr_utf8_valid(cr_span_of(judged.findings[i].message), &bad)) { abort(); }
    }
    cr_arena_reset(&r->arena);
    return CREDIT_OK;
}

static credit_result on_refused(void *ctx, uint64_t line, credit_span raw, const char *rule,
    const char *message, credit_error *err)
{
    const rows *r = ctx;
    (void)line;
    (void)rule;
    (void)message;
    (void)err;
    if (raw.data < r->start || raw.data + raw.size > r->end) { abort(); }
    return CREDIT_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2) { return 0; }
    cr_catalog catalog = {.fields = fields,
        .field_count = FIELDS,
        .categories = &category_set,
        .checks = checks,
        .check_count = sizeof checks / sizeof *checks};
    for (size_t i = 0; i < CR_ROLES; i++) { catalog.role_field[i] = -1; }
    for (size_t i = 0; i < FIELDS; i++) {
        catalog.role_field[fields[i].role] = fields[i].role == CR_ROLE_NONE ? -1 : (int16_t)i;
    }
    credit_span bytes = {(const char *)data + 1, size - 1};
    cr_coding coding;
    rows r = {&catalog, CR_ARENA_INIT, bytes.data, bytes.data + bytes.size};
    cr_csv_sink sink = {&r, on_row, on_refused};
    credit_error err = CREDIT_ERROR_INIT;
    if (cr_charset_judge(bytes, &coding, &err) == CREDIT_OK &&
        cr_csv_read(bytes, &coding, (size_t)data[0] + 1, &sink, &err) != CREDIT_OK) {
        abort(); /* a sink that never fails, bytes in memory: nothing can go wrong */
    }
    cr_arena_release(&r.arena);
    return 0;
}
