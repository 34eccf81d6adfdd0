/* The store: ordered tables in LMDB, record frames in append-only segments.
 *
 * This is the door to the disk, and all of it: open, snapshot, one writer,
 * ordered ranges, commit. What the bytes in the tables mean is codec.h's
 * business; nothing above this header knows LMDB.
 *
 * Promises
 *  1. A snapshot sees the state of one commit, whole and unchanging, and never
 *     blocks the writer, nor the writer it.
 *  2. One writer at a time, across threads and processes; others wait.
 *  3. A commit is durable when it returns: frames first (fdatasync), then the
 *     LMDB transaction that mentions them. Frame bytes past the committed end
 *     do not exist: a reader is never given them, the next writer cuts them off.
 *  4. A writer that fails or dies leaves the state of the commit before it.
 *  5. A store of an unknown format version is refused, never guessed at.
 *
 * Five tables grow with the records and take their keys from all over: they are kept as a
 * log-structured merge tree is, so that an import need not write them anew. Readers see
 * one table.
 *
 * Layout of a store directory
 *   index/          the LMDB environment (data.mdb, lock.mdb)
 *   segments/       00000001.seg …: frames back to back, at most 1 GiB each
 *   authority.pem   the public certificate of the store's authority
 *   tmp/            merge runs of a running import; unlinked while in use */
#ifndef CR_ENGINE_STORE_H
#define CR_ENGINE_STORE_H

#include <stdbool.h>

#include "engine/error.h"

enum { CR_FORMAT_VERSION = 4 };

/* The tables. The order is that of their creation; names are in store.c. */
typedef enum cr_table {
    CR_TABLE_META,     /* name → value: format, suite, counters */
    CR_TABLE_PACK,     /* pack number → files of the pack */
    CR_TABLE_SCHEMA,   /* schema number → catalog name and column codes */
    CR_TABLE_SUBJECT,  /* subject → who it is */
    CR_TABLE_VERSION,  /* subject, catalog, record key, commit, row → header */
    CR_TABLE_DOCUMENT, /* folded document number (hash), subject, catalog */
    CR_TABLE_NAME,     /* folded name (hash), subject */
    CR_TABLE_VERDICT,  /* subject → materialised judgement */
    CR_TABLE_DUE,      /* date, subject: judgement may change by time alone */
    CR_TABLE_CHANGE,   /* number → listing or tier that changed */
    CR_TABLE_BATCH,    /* batch number → what came in */
    CR_TABLE_FILE,     /* digest of a file, its day → batch number */
    CR_TABLE_PARKED,   /* batch, row → a row that waits for a decision */
    CR_TABLE_COMMIT,   /* instant → commit number */
    CR_TABLE_SETTLED,  /* a row that waited → the subject it was given */
    CR_TABLE_TOUCHED,  /* commit, subject: whose records it changed */
    CR_TABLE_PHRASE,   /* number → text of a column that repeats */
    CR_TABLE_NUMBER,   /* a number that is no unified code, subject it leads to */
    CR_TABLE_SAID,     /* commit of versions, commit that said them again → which rows */
    CR_TABLE_DECIDED,  /* batch, row, commit: a row that waited was decided */
    CR_TABLE_FEED_TOLD,    /* subject, catalog, record key → what the exchange was told last */
    CR_TABLE_FEED_CHANGE,  /* number → a change that left, and what came of it */
    CR_TABLE_FEED_PACKAGE, /* package number → its extent and its chain */
    CR_TABLE_FEED_TAKEN,   /* stream, package number → a package that came in, its receipt */
    CR_TABLES
} cr_table;

typedef struct cr_store cr_store;

/* A transaction: a snapshot (read) or the writer. One thread at a time. */
typedef struct cr_txn cr_txn;

/* Where a frame lies. Zero is no frame. */
typedef uint64_t cr_frame_ref; /* segment number << 32 | offset */

/* Makes an empty store in `path` (made, or empty). CREDIT_E_EXISTS. */
CREDIT_MUST_CHECK credit_result cr_store_create(const char *path, credit_error *err);
CREDIT_MUST_CHECK credit_result cr_store_open(
    const char *path, bool read_only, cr_store **out, credit_error *err);
void cr_store_close(cr_store *store);

CREDIT_MUST_CHECK credit_result cr_snapshot_begin(cr_store *store, cr_txn **out, credit_error *err);
/* Moves a snapshot to the newest commit. */
CREDIT_MUST_CHECK credit_result cr_snapshot_renew(cr_txn *txn, credit_error *err);
/* Waits for the one writer's place. */
CREDIT_MUST_CHECK credit_result cr_writer_begin(cr_store *store, cr_txn **out, credit_error *err);
/* Durable when it returns CREDIT_OK. The handle is gone either way. */
CREDIT_MUST_CHECK credit_result cr_writer_commit(cr_txn *txn, credit_error *err);
/* Ends a snapshot, or undoes a writer. NULL is fine. */
void cr_txn_end(cr_txn *txn);

/* Values are borrowed: until the next write of the writer, or the end or
 * renewal of the snapshot. CREDIT_DONE: there is no such key. */
CREDIT_MUST_CHECK credit_result cr_get(
    cr_txn *txn, cr_table table, credit_span key, credit_span *value, credit_error *err);
CREDIT_MUST_CHECK credit_result cr_put(
    cr_txn *txn, cr_table table, credit_span key, credit_span value, credit_error *err);
/* CREDIT_OK also when there was nothing to delete. Not from a table that can be filled. */
CREDIT_MUST_CHECK credit_result cr_delete(
    cr_txn *txn, cr_table table, credit_span key, credit_error *err);

/* Says that about so many entries will be put, most of them in the order of their keys:
 * many are then written one after the other, as a run beside what the table has. For
 * SUBJECT, VERSION, DOCUMENT, NAME and VERDICT, from which nothing can be deleted and
 * whose keys have at most 64 bytes; others take no notice. */
CREDIT_MUST_CHECK credit_result cr_table_fill(
    cr_txn *txn, cr_table table, uint64_t entries, credit_error *err);

/* May there be a key of VERSION that begins with these CR_FILTER_PREFIX bytes? Where a
 * snapshot says no, there is none. Far cheaper than to look. */
enum { CR_FILTER_PREFIX = 37 /* subject, catalog, record key */ };
CREDIT_MUST_CHECK credit_result cr_may_begin(
    cr_txn *txn, credit_span prefix, bool *may, credit_error *err);

/* A walk over the keys of a table that begin with a prefix, in byte order. */
typedef struct cr_range {
    struct MDB_cursor *cursor; /* NULL for a table with runs, */
    struct cr_places *places;  /* NULL for one without */
    cr_txn *txn;
    cr_table table;
    bool started;
    bool inserts; /* a key that was put belonged before the last one */
    size_t prefix_size;
    char prefix[64];
    char last[64]; /* the key of the entry, for a writer that puts meanwhile */
    credit_span key, value; /* the entry the walk stands on */
} cr_range;

CREDIT_MUST_CHECK credit_result cr_range_open(
    cr_txn *txn, cr_table table, cr_range *range, credit_error *err);
/* Puts the walk before the first key with this prefix (at most 64 bytes). */
void cr_range_seek(cr_range *range, credit_span prefix);
/* Steps to the next entry: CREDIT_OK, or CREDIT_DONE behind the last one. */
CREDIT_MUST_CHECK credit_result cr_range_next(cr_range *range, credit_error *err);
/* Stands on the last key ≤ `key` that has the prefix; CREDIT_DONE if none. Not in a
 * table that can be filled. */
CREDIT_MUST_CHECK credit_result cr_range_last(
    cr_range *range, credit_span prefix, credit_span key, credit_error *err);
/* Writes through the walk: fast when keys come in order. */
CREDIT_MUST_CHECK credit_result cr_range_put(
    cr_range *range, credit_span key, credit_span value, credit_error *err);
/* After a snapshot was renewed the walk must be renewed too. */
CREDIT_MUST_CHECK credit_result cr_range_renew(cr_range *range, credit_error *err);
void cr_range_close(cr_range *range);

/* Appends frames that stand back to back, in one file; visible with the commit.
 * The first is at *first, each other as far behind it as in `frames`. */
enum { CR_FRAMES_MAX = 64 << 20 };
CREDIT_MUST_CHECK credit_result cr_frames_append(
    cr_txn *txn, credit_span frames, cr_frame_ref *first, credit_error *err);
/* The bytes of a frame: borrowed until the store is closed. CREDIT_E_CORRUPT
 * when it does not lie inside what the transaction's commit promised. */
CREDIT_MUST_CHECK credit_result cr_frame_get(
    cr_txn *txn, cr_frame_ref ref, uint32_t size, credit_span *frame, credit_error *err);
/* Says that a frame's first bytes will be asked for soon, so that they are on their way. */
void cr_frame_expect(const cr_txn *txn, cr_frame_ref ref, uint32_t size);
/* Starts writing what was appended to the disk without waiting for it. */
void cr_frame_flush_hint(cr_txn *txn);

typedef struct cr_table_stat {
    uint64_t entries; /* one that was put again, beside what it was before, counts twice */
    uint64_t bytes;   /* of the pages in use */
} cr_table_stat;
CREDIT_MUST_CHECK credit_result cr_table_get_stat(
    cr_txn *txn, cr_table table, cr_table_stat *stat, credit_error *err);
typedef struct cr_store_size {
    uint64_t index_bytes, segment_bytes, segments;
} cr_store_size;
CREDIT_MUST_CHECK credit_result cr_store_get_size(
    cr_txn *txn, cr_store_size *size, credit_error *err);

#endif
