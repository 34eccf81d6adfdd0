/* Inside the store: what store.c (LMDB) and store_segment.c (frames) share. */
#ifndef CR_ENGINE_STORE_INTERNAL_H
#define CR_ENGINE_STORE_INTERNAL_H

#include <pthread.h>

#include "engine/arena.h"
#include "engine/bytes.h"
#include "engine/store.h"

struct MDB_env;
struct MDB_txn;

enum {
    CR_STORE_PATH_MAX = 4000,
    CR_SEGMENTS_MAX = 65535 /* 64 TiB */
};
#define CR_SEGMENT_SIZE (UINT64_C(1) << 30)

struct cr_store {
    char path[CR_STORE_PATH_MAX];
    struct MDB_env *env;
    unsigned tables[CR_TABLES];
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

struct cr_txn {
    cr_store *store;
    struct MDB_txn *txn;
    bool writes;
    segment_end end; /* committed end this transaction may read up to */
    /* writer only */
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

/* What a writer appended is on the disk when it returns. */
credit_result cr_segments_sync(cr_txn *txn, credit_error *err);
void cr_segments_unmap(cr_store *store);

#endif
