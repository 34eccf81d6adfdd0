/* What comes in: a departmental file becomes checked records, one by one.
 *
 * 1. The loader opens no transaction and knows no store: it hands each row to
 *    a sink, either as a finished record or as a refused row.
 * 2. A bad row never stops the file; the sink hears of it with its bytes.
 * 3. rows = records + refused, counted where each happens.
 * 4. Nothing of a personal number stands in a message. */
#ifndef CR_LOADERS_LOADER_H
#define CR_LOADERS_LOADER_H

#include "engine/crypto.h"
#include "engine/pack.h"
#include "engine/record.h"
#include "engine/rowcheck.h"

enum {
    CR_LIMIT_FIELD = 1 << 20, /* bytes of one field */
    CR_LIMIT_ROW = 4 << 20,   /* bytes of one row */
    CR_LIMIT_COLUMNS = 512
};

#define CR_LIMIT_FILE (UINT64_C(64) << 30) /* bytes of one file */

/* A file that was read once: what it is. */
typedef struct cr_source cr_source;

typedef struct cr_source_info {
    unsigned char digest[CR_DIGEST_SIZE]; /* SHA-256 of the bytes: see cr_source_digest */
    const char *encoding;                 /* as cr_coding.name */
    uint64_t size;                        /* bytes of its text, unpacked */
} cr_source_info;

/* Opens `path` ("-" is standard input, which is spooled), unpacks gzip and UTF-16 and
 * judges its encoding; its digest is taken meanwhile, by a thread of its own.
 * CREDIT_E_NOT_FOUND, _ACCESS, _IO, _FULL (of the folder for temporary files), _DATA
 * (empty, damaged, or binary: neither UTF-8 nor GB18030), _LIMIT. */
CREDIT_MUST_CHECK credit_result cr_source_open(
    const char *path, const cr_crypto *crypto, cr_source **out, credit_error *err);
/* The same of UTF-8 at hand, which outlives the source; it has no digest. */
CREDIT_MUST_CHECK credit_result cr_source_of(
    credit_span bytes, const cr_crypto *crypto, cr_source **out, credit_error *err);
const cr_source_info *cr_source_get_info(const cr_source *source);
const struct cr_coding *cr_source_get_coding(const cr_source *source); /* charset.h */
/* Is the digest there? Waits for it or gives CREDIT_DONE. One thread waits.
 * CREDIT_E_IO if the file changed since it was opened. */
CREDIT_MUST_CHECK credit_result cr_source_digest(
    cr_source *source, bool wait, credit_error *err);
/* Waits for the digest and gives the bytes back: nothing is read any more. */
void cr_source_release(cr_source *source);
void cr_source_close(cr_source *source);

typedef struct cr_load_options {
    const cr_pack *pack;
    credit_span catalog; /* name; empty: found from the header */
    credit_date today;   /* V11, V14, V25 are judged against it */
    /* The rows were taken by another store before: the named catalog's columns that do
     * not travel, or that one of its layouts waives, may be missing. NULL: they were
     * not; else, by column of the catalog, which do not travel. */
    const bool *withheld;
} cr_load_options;

/* What the loader hands on. A sink that returns anything but CREDIT_OK stops
 * the load, which returns that. Spans die when the call returns. */
typedef struct cr_sink {
    void *ctx;
    /* The header was understood: before the first row. `header` is the first
     * line's bytes in the file's own encoding, for the rejects file. */
    credit_result (*begin)(void *ctx, const cr_catalog *catalog, uint16_t catalog_index,
        const cr_profile *profile, credit_span header, credit_error *err);
    credit_result (*record)(void *ctx, const cr_record *record, credit_span raw, credit_error *err);
    /* `raw` is the row as it stood in the file, in its own encoding, without
     * its line end. Only the first error finding counts; it is findings[0]. */
    credit_result (*refused)(void *ctx, uint64_t line, credit_span raw, const cr_finding *findings,
        size_t count, credit_error *err);
    /* May be NULL. Called every few thousand rows. */
    credit_result (*progress)(void *ctx, uint64_t bytes_done, uint64_t bytes_total, uint64_t rows);
} cr_sink;

typedef struct cr_load_result {
    uint64_t rows; /* data rows seen: records + refused (skipped V26 rows are not rows) */
    uint64_t records, refused;
    uint64_t warnings;           /* findings of severity warning */
    uint64_t late, late_unknown; /* V25 */
} cr_load_result;

/* CREDIT_E_HEADER when no catalog (or not the named one) has these columns:
 * the message names the columns and the nearest catalog. */
CREDIT_MUST_CHECK credit_result cr_load(cr_source *source, const cr_load_options *options,
    const cr_sink *sink, cr_load_result *result, credit_error *err);

#endif
