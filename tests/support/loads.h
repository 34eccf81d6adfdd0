/* Loads bytes through a file and keeps what the sink heard, as text. */
#ifndef CREDIT_TESTS_LOADS_H
#define CREDIT_TESTS_LOADS_H

#include "loaders/loader.h"
#include "tests/support/packs.h"
#include "tests/support/scratch.h"

enum { HEARD_MAX = 64 << 10, RAWS_MAX = 64 };

/* One line an event: "begin NAME/PROFILE", "+LINE SUBJECT", "-LINE RULE FIELD". */
typedef struct heard {
    char text[HEARD_MAX];
    size_t size;
    char header[512];
    char raws[RAWS_MAX][512]; /* of refused rows */
    size_t raw_count;
    char message[CR_MESSAGE_MAX]; /* of the last refusal */
    cr_record last;               /* facts and counts only; its spans are dead */
    char last_value[24][128];     /* the first columns of the last record */
    char extras[256];             /* "name=value;" of the last record */
    uint64_t progress;
    credit_result answer; /* what record and refused return */
    cr_load_result result;
    credit_error err;
    cr_source_info info;
} heard;

static inline void copy_span(char *out, size_t room, credit_span span)
{
    size_t size = span.size < room ? span.size : room - 1;
    memcpy(out, span.data, size);
    out[size] = '\0';
}

static inline void hear(heard *h, const char *line)
{
    h->size += (size_t)snprintf(h->text + h->size, HEARD_MAX - h->size, "%s\n", line);
    ck_assert_uint_lt(h->size, HEARD_MAX);
}

static inline credit_result hear_begin(void *ctx, const cr_catalog *catalog, uint16_t index,
    const cr_profile *profile, credit_span header, credit_error *err)
{
    heard *h = ctx;
    char line[256];
    (void)index;
    (void)err;
    snprintf(line, sizeof line, "begin %s/%s", catalog->name.data,
        profile == NULL ? "" : profile->name.data);
    hear(h, line);
    copy_span(h->header, sizeof h->header, header);
    return CREDIT_OK;
}

static inline credit_result hear_record(
    void *ctx, const cr_record *record, credit_span raw, credit_error *err)
{
    heard *h = ctx;
    char line[256];
    (void)raw;
    (void)err;
    snprintf(line, sizeof line, "+%llu %.*s", (unsigned long long)record->line,
        (int)record->subject.size, record->subject.number);
    hear(h, line);
    h->last = *record;
    h->extras[0] = '\0';
    size_t size = 0;
    for (size_t i = 0; i < record->extra_count; i++) {
        const cr_extra *extra = &record->extras[i];
        size += (size_t)snprintf(h->extras + size, sizeof h->extras - size, "%.*s=%.*s;",
            (int)extra->name.size, extra->name.data, (int)extra->value.size, extra->value.data);
    }
    for (size_t i = 0; i < 24 && i < record->catalog->field_count; i++) {
        copy_span(h->last_value[i], sizeof h->last_value[i], record->values[i]);
    }
    return h->answer;
}

static inline credit_result hear_refused(void *ctx, uint64_t line_number, credit_span raw,
    const cr_finding *findings, size_t count, credit_error *err)
{
    heard *h = ctx;
    char line[256];
    (void)err;
    ck_assert_uint_gt(count, 0);
    snprintf(line, sizeof line, "-%llu %s %s", (unsigned long long)line_number, findings[0].rule,
        findings[0].field);
    hear(h, line);
    snprintf(h->message, sizeof h->message, "%s", findings[0].message);
    if (h->raw_count < RAWS_MAX) {
        copy_span(h->raws[h->raw_count++], sizeof h->raws[0], raw);
    }
    return h->answer;
}

static inline credit_result hear_progress(void *ctx, uint64_t done, uint64_t total, uint64_t rows)
{
    heard *h = ctx;
    (void)rows;
    ck_assert_uint_le(done, total);
    h->progress++;
    return CREDIT_OK;
}

static inline void write_file(const char *path, const char *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, size, file), size);
    ck_assert_int_eq(fclose(file), 0);
}

static inline credit_result load_path(
    heard *h, const cr_pack *pack, const char *path, const char *catalog)
{
    cr_source *source = NULL;
    credit_date today = CREDIT_DATE_NONE;
    ck_assert(cr_date_parse_iso(CR_SPAN("2026-06-15"), &today));
    cr_load_options options = {pack, cr_span_of(catalog), today, NULL};
    cr_sink sink = {h, hear_begin, hear_record, hear_refused, hear_progress};
    h->size = 0;
    h->text[0] = '\0';
    credit_result rc = cr_source_open(path, &test_crypto, &source, &h->err);
    if (rc == CREDIT_OK) {
        h->info = *cr_source_get_info(source);
        rc = cr_load(source, &options, &sink, &h->result, &h->err);
        ck_assert_uint_eq(h->result.rows, h->result.records + h->result.refused);
    }
    cr_source_close(source);
    return rc;
}

static inline credit_result load_bytes(
    heard *h, const cr_pack *pack, const char *bytes, size_t size)
{
    const char *path = in_scratch("input.csv");
    write_file(path, bytes, size);
    return load_path(h, pack, path, NULL);
}

static inline credit_result load_text(heard *h, const cr_pack *pack, const char *text)
{
    return load_bytes(h, pack, text, strlen(text));
}

#endif
