/* Inside the store: what store.c (LMDB), store_run.c and store_place.c (runs) and
 * store_segment.c (frames) share. */
#ifndef CR_ENGINE_STORE_INTERNAL_H
#define CR_ENGINE_STORE_INTERNAL_H

#include <pthread.h>

#include "engine/arena.h"
#include "engine/bytes.h"
#include "engine/store.h"

struct MDB_cursor;
struct MDB_env;
struct MDB_txn;

enum {
    CR_STORE_PATH_MAX = 4000,
    CR_SEGMENTS_MAX = 65535 /* 64 TiB */
};
#define CR_SEGMENT_SIZE (UINT64_C(1) << 30)

/* ---- runs ------------------------------------------------------------------------- */

/* A table with runs is a tree, into which anything may be put, and runs, which are
 * written once in the order of their keys. What is younger goes before what is older:
 * the tree before the runs, a later run before an earlier one. A run is a database of
 * leaves, each under its last key. */
enum {
    CR_RUN_TABLES = 5,
    CR_RUNS_KEPT = 7, /* of a table, after a commit */
    /* Beside them a writer may need one that it fills, two for what lay in the tree before
     * and after that, and one into which it merges. */
    CR_RUN_SLOTS = CR_RUNS_KEPT + 4,
    CR_RUN_KEY_MAX = 64
};

/* Which of the tables with runs it is; -1 if it has none. */
static inline int cr_run_table(cr_table table)
{
    switch (table) {
    case CR_TABLE_SUBJECT:
        return 0;
    case CR_TABLE_VERSION:
        return 1;
    case CR_TABLE_DOCUMENT:
        return 2;
    case CR_TABLE_NAME:
        return 3;
    case CR_TABLE_VERDICT:
        return 4;
    default:
        return -1;
    }
}

typedef struct cr_run {
    uint8_t slot;
    uint64_t entries;
} cr_run;

/* What a table is made of, as of a commit. */
typedef struct cr_shape {
    bool tree; /* there is something in it */
    size_t count;
    cr_run runs[CR_RUN_SLOTS]; /* the oldest first */
} cr_shape;

/* As bytes: u8 tree, u8 count; per run u8 slot, u64be entries. */
enum { CR_SHAPE_HEAD = 2, CR_SHAPE_RUN = 9 };

/* The entries of a leaf, in place. As bytes: u16 count, u16 key size, u16 value size or
 * CR_LEAF_MIXED; keys; of mixed sizes the end of each value (u16); values. A single value
 * is what is left. */
enum { CR_LEAF_HEAD = 6, CR_LEAF_MIXED = UINT16_MAX };
typedef struct cr_leaf {
    size_t count, key_size;
    const char *keys;
    const char *ends; /* of the values, u16 each; NULL: each has `each` bytes */
    size_t each;
    credit_span values;
} cr_leaf;

/* A run that is being written. Its last leaf is in memory. */
typedef struct cr_run_writer cr_run_writer;
cr_leaf cr_run_writer_leaf(const cr_run_writer *writer);

/* One place where entries of a table lie, and a position in it. */
typedef struct cr_place {
    struct MDB_cursor *cursor; /* NULL: the leaf of a run that is being written */
    bool in_run;
    bool standing; /* on `key` and `value` */
    bool in_leaf;  /* the cursor stands on `leaf` */
    cr_leaf leaf;
    size_t at;
    credit_span key, value;
} cr_place;

/* The place with the smallest key, the younger of two. */
typedef struct cr_front {
    cr_place *place; /* NULL: none stands */
    bool alone;      /* no other stands on that key */
} cr_front;

/* All places of a table, the youngest first. All zero is closed. */
typedef struct cr_places {
    cr_txn *txn;
    cr_table table;
    uint64_t turn, renewal, puts; /* of the transaction, when they were made ready */
    size_t count;
    cr_place items[CR_RUN_SLOTS + 2];
    cr_front front; /* of a walk */
} cr_places;

struct cr_store {
    char path[CR_STORE_PATH_MAX];
    struct MDB_env *env;
    unsigned tables[CR_TABLES];
    unsigned slots[CR_RUN_TABLES][CR_RUN_SLOTS]; /* a database each */
    unsigned filters;                            /* one for those of all runs of VERSION */
    const char *missing; /* a table that was not there when it was opened; NULL: none */
    bool read_only;
    pthread_mutex_t maps_lock;
    char *maps[CR_SEGMENTS_MAX + 1]; /* by segment number; NULL = not mapped yet */
    uint64_t sizes[CR_SEGMENTS_MAX + 1]; /* bytes of the file that are known to be there */
};

/* The committed end of the segments: all before `segment`, and `offset` bytes of it. */
typedef struct segment_end {
    uint32_t segment;
    uint64_t offset;
} segment_end;

/* The entry of META that a commit is seen by: the end, and every shape. */
enum {
    CR_END_SIZE = 12,
    CR_STATE_MAX = CR_END_SIZE + CR_RUN_TABLES * (CR_SHAPE_HEAD + CR_RUN_SLOTS * CR_SHAPE_RUN)
};

struct cr_txn {
    cr_store *store;
    struct MDB_txn *txn;
    bool writes;
    segment_end end; /* committed end this transaction may read up to */
    cr_shape shapes[CR_RUN_TABLES];
    uint64_t turn;    /* counts the changes of a shape, */
    uint64_t renewal; /* those of a snapshot to a newer commit, */
    uint64_t puts[CR_RUN_TABLES];   /* and what was put into each table */
    cr_places *gets[CR_RUN_TABLES]; /* for cr_get; NULL until it asks */
    char state[CR_STATE_MAX];        /* as it was read */
    size_t state_size;
    credit_span filters[CR_RUN_SLOTS]; /* by slot, as of: */
    uint64_t filters_turn, filters_renewal;
    /* writer only */
    cr_run_writer *filled[CR_RUN_TABLES]; /* NULL: entries go into the tree */
    size_t fresh[CR_RUN_TABLES];          /* runs of the shape that are of this writer */
    int segment_fd;     /* of the segment being appended to, -1 = none open yet */
    bool segment_added; /* the directory must be synced too */
    uint64_t flushed;   /* offset up to which writing was started */
    char *buffer;       /* appended, not yet written */
    size_t buffered;
};

/* A path of the store; cut paths fail to open, which is reported. */
typedef struct cr_store_path_text {
    char text[CR_STORE_PATH_MAX + 64];
} cr_store_path_text;

cr_store_path_text cr_store_path_in(const char *store, const char *name);
credit_result cr_store_errno(int code, const char *what, credit_error *err);
credit_result cr_store_sync_directory(const char *path, credit_error *err);

credit_result cr_store_from_mdb(int code, const char *what, credit_error *err);
const char *cr_table_name(cr_table table);

/* store_run.c */
credit_result cr_run_put(
    cr_txn *txn, cr_table table, credit_span key, credit_span value, credit_error *err);
/* Before the commit: what was filled is closed, and runs that have become alike in size
 * are merged. */
credit_result cr_runs_settle(cr_txn *txn, credit_error *err);
void cr_runs_abandon(cr_txn *txn);
credit_result cr_run_get_stat(
    cr_txn *txn, cr_table table, cr_table_stat *stat, credit_error *err);
size_t cr_shape_encode(const cr_shape *shape, char *out); /* the bytes */
/* The bytes that were taken; 0: they are no shape. */
size_t cr_shape_decode(credit_span bytes, cr_shape *shape);

/* store_filter.c: for the runs of VERSION */
typedef struct cr_filter cr_filter;
cr_filter *cr_filter_new(uint64_t keys); /* of about so many; NULL when out of memory */
void cr_filter_free(cr_filter *filter);
void cr_filter_add(cr_filter *filter, credit_span key);
credit_result cr_filter_write(cr_filter *filter, cr_txn *txn, uint8_t slot, credit_error *err);
credit_result cr_filter_drop(cr_txn *txn, uint8_t slot, credit_error *err);

/* store_place.c */
credit_result cr_place_open(cr_txn *txn, cr_table table, unsigned database, bool in_run,
    cr_place *place, credit_error *err);
/* Stands on the first entry whose key is not before `key`, or on none. */
credit_result cr_place_seek(
    cr_place *place, cr_table table, credit_span key, credit_error *err);
credit_result cr_place_next(cr_place *place, cr_table table, credit_error *err);
cr_front cr_places_front(cr_place *places, size_t count);
/* Every place that stands on the front's key steps on. */
credit_result cr_places_step(
    cr_place *places, size_t count, cr_front front, cr_table table, credit_error *err);
/* Open, and of the commit that the transaction sees. */
credit_result cr_places_ready(cr_places *places, credit_error *err);
void cr_places_close(cr_places *places);
credit_result cr_run_get(
    cr_txn *txn, cr_table table, credit_span key, credit_span *value, credit_error *err);
/* Is there a key in the tree, which is not empty, that begins with the prefix? */
credit_result cr_tree_begins(
    cr_txn *txn, cr_table table, credit_span prefix, bool *has, credit_error *err);
credit_result cr_run_range_next(cr_range *range, credit_error *err);

/* By bytes; of two where one begins the other, the shorter is before. */
int cr_key_order(credit_span a, credit_span b);
bool cr_key_begins(credit_span key, credit_span prefix);

/* Starts writing what LMDB has written so far to the disk, without waiting for it. */
void cr_index_flush_hint(const cr_txn *txn);
/* What a writer appended is on the disk when it returns. */
credit_result cr_segments_sync(cr_txn *txn, credit_error *err);
void cr_segments_unmap(cr_store *store);

#endif
