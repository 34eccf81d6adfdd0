/* What the files of api/ share: the handles behind the public names. */
#ifndef CREDIT_API_INTERNAL_H
#define CREDIT_API_INTERNAL_H

#include <credit/credit.h>
#include <pthread.h>

#include "engine/canon.h"
#include "engine/crypto.h"
#include "engine/error.h"
#include "engine/pack.h"
#include "engine/registry.h"
#include "engine/store.h"

enum { PATH_ROOM = 4096 };

struct credit_pack {
    cr_pack *pack;
};

/* A pack of the store, compiled, and how the store numbers its catalogs and columns.
 * Immutable; lives as long as the store is open. */
typedef struct api_policy {
    credit_pack pack;
    uint32_t number; /* of the pack in the store */
    cr_registry registry;
    const cr_txn *tentative; /* the writer that put it there and has not committed yet */
    struct api_policy *next;
} api_policy;

struct credit_store {
    cr_store *store;
    pthread_mutex_t lock;     /* of the policies, */
    api_policy *policies;     /* all that were looked at, newest first */
    const cr_txn *activating; /* a writer that puts a pack into the store */
    const api_policy *policy; /* in force when it was opened, on the day of its last commit */
    const cr_crypto *crypto;
    char path[PATH_ROOM], keys[PATH_ROOM];
    char suite[16];
    char *passphrase_file;
    bool has_persons_key;
    unsigned char persons_key[CR_SECRET_SIZE];
};

/* ---- meta.c: the store's counters ------------------------------------------ */

typedef struct api_head {
    uint32_t commit, batch; /* numbers last given */
    credit_instant at;      /* of the last commit */
} api_head;

CREDIT_MUST_CHECK credit_result api_head_get(cr_txn *txn, api_head *head, credit_error *err);
/* Takes the next commit number at `now`, or just after the last commit if the
 * clock stands behind it: commit time strictly increases. */
CREDIT_MUST_CHECK credit_result api_head_advance(cr_txn *writer, credit_instant now,
    uint32_t pack_number, api_head *head, credit_error *err);
CREDIT_MUST_CHECK credit_result api_meta_get(
    cr_txn *txn, const char *name, credit_span *value, credit_error *err);
CREDIT_MUST_CHECK credit_result api_meta_put(
    cr_txn *writer, const char *name, credit_span value, credit_error *err);
/* The newest commit at or before an instant; 0 if there was none. */
CREDIT_MUST_CHECK credit_result api_commit_at(
    cr_txn *txn, credit_instant known_at, uint32_t *commit, credit_error *err);

/* What came in: one entry of the BATCH table. */
typedef struct api_batch {
    uint32_t batch, commit;
    uint32_t undoes; /* the batch that this one undoes; 0: none */
    credit_instant at;
    credit_date dated;
    char catalog[64], encoding[16], file[256];
    unsigned char digest[CR_DIGEST_SIZE];
    uint64_t rows, added, updated, unchanged, withdrawn, parked, rejected, warnings, late,
        late_unknown, subjects, entered, left, tiers_changed;
} api_batch;
CREDIT_MUST_CHECK credit_result api_batch_put(
    cr_txn *writer, const api_batch *batch, credit_error *err);
CREDIT_MUST_CHECK credit_result api_batch_get(
    cr_txn *txn, uint32_t number, api_batch *batch, credit_error *err);
/* The rows of a batch that still wait; of all batches if it is 0. */
CREDIT_MUST_CHECK credit_result api_count_waiting(
    cr_txn *txn, uint32_t batch, uint64_t *waiting, credit_error *err);
void api_batch_summary(const api_batch *batch, credit_import_summary *summary);

/* ---- output ------------------------------------------------------------------- */

/* Sends one finished JSON document to the caller: CREDIT_OK, CREDIT_DONE when
 * the caller asks to stop, CREDIT_E_NOMEM when the document did not fit. */
CREDIT_MUST_CHECK credit_result api_send(
    const cr_canon *json, credit_write write, void *ctx, credit_error *err);
void api_hex(const unsigned char *bytes, size_t size, char *out); /* with terminator */
void api_json_hex(cr_canon *json, const unsigned char *bytes, size_t size);
void api_json_instant(cr_canon *json, credit_instant instant);
/* A date that may be long-term: null for NONE, "9999-12-31" never. */
void api_json_until(cr_canon *json, credit_date date);

#endif
