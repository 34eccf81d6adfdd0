/* The exchange: what the files feed_*.c share. The format is written down in FEED.md. */
#ifndef CREDIT_API_FEED_H
#define CREDIT_API_FEED_H

#include "api/internal.h"
#include "engine/feed.h"
#include "engine/judge.h"
#include "engine/rowcheck.h"
#include "keys/envelope.h"
#include "keys/trust.h"

#define API_FEED_DESCRIPTION "datapackage.json"
#define API_FEED_RECEIPT "receipt.json"
#define API_FEED_WITHHELD "data/withheld.csv"

enum {
    API_FEED_ROWS_MAX = 100000,       /* of one package, but that a subject is not cut */
    API_FEED_TEXT_MAX = 32 << 20,     /* bytes of its rows, likewise */
    API_FEED_LEADING = 6,             /* columns before those of the catalog */
    API_FEED_HEX = 2 * CR_FEED_DIGEST + 1
};
extern const char *const api_feed_leading[API_FEED_LEADING];

/* ---- feed_row.c: what may leave, and what a row says ---------------------------------- */

bool api_feed_catalog_leaves(const cr_pack *pack, int index);
/* By column: those that do not leave in a scope. */
void api_feed_withheld_fields(
    cr_scope scope, const cr_catalog *catalog, bool withheld[CR_FIELDS_MAX]);

/* Answers whether records may leave today, subject by subject. */
typedef struct api_feed_gate {
    const api_policy *policy; /* in force today */
    cr_txn *txn;
    credit_date today;
    cr_judge *judge;
    cr_range versions;
    bool asked;
    cr_subject_key subject;
    const cr_judgement *judgement;
} api_feed_gate;
CREDIT_MUST_CHECK credit_result api_feed_gate_open(credit_store *store, cr_txn *txn,
    credit_date today, api_feed_gate *gate, credit_error *err);
void api_feed_gate_close(api_feed_gate *gate);
CREDIT_MUST_CHECK credit_result api_feed_gate_ask(api_feed_gate *gate,
    const char record[CR_RECORD_PREFIX], bool *may_leave, credit_error *err);

/* Of a subject that was asked about last: the first record from a place on, in key
 * order, that may leave; NULL: there is none. It lives until the next is asked about. */
const cr_fact *api_feed_gate_fact(
    const api_feed_gate *gate, const cr_subject_key *subject, size_t place);

/* A row as packages carry it. */
typedef struct api_feed_row {
    uint64_t number;
    cr_feed_operation operation;
    const cr_catalog *catalog;
    cr_subject_key subject;
    char record[CR_RECORD_KEY];
    credit_date day;              /* its source spoke */
    unsigned char salt[CR_SEED];  /* zeros of a deletion */
    credit_span values[CR_FIELDS_MAX]; /* of the catalog's columns; blank where nothing leaves */
} api_feed_row;

/* What rows are digested with. */
typedef struct api_feed_digester {
    const cr_crypto *crypto;
    cr_hasher *hasher; /* SHA-256 */
    cr_canon json;
} api_feed_digester;
CREDIT_MUST_CHECK credit_result api_feed_digester_open(
    const cr_crypto *crypto, api_feed_digester *digester, credit_error *err);
void api_feed_digester_close(api_feed_digester *digester);
/* Digest of the row and of its fields alone (which may be NULL). */
CREDIT_MUST_CHECK credit_result api_feed_row_digest(api_feed_digester *digester,
    const api_feed_row *row, unsigned char out[CR_FEED_DIGEST],
    unsigned char content[CR_FEED_DIGEST], credit_error *err);
/* The same where no pack is at hand: `row` without catalog, subject and values.
 * CREDIT_E_UNTRUSTED: a code stands twice. The cells are put in order. */
typedef struct api_feed_cell {
    credit_span code, text;
} api_feed_cell;
CREDIT_MUST_CHECK credit_result api_feed_cells_digest(api_feed_digester *digester,
    const api_feed_row *row, credit_span catalog, credit_span subject, api_feed_cell *cells,
    size_t count, unsigned char out[CR_FEED_DIGEST], unsigned char content[CR_FEED_DIGEST],
    credit_error *err);

/* Fills catalog, salt and values from a version, as far as they leave. The values
 * live in the arena or the store. */
CREDIT_MUST_CHECK credit_result api_feed_row_read(const credit_store *store,
    const api_policy *policy, cr_txn *txn, const cr_version_key *key, const cr_version *version, cr_arena *arena, api_feed_row *row,
    credit_error *err);

/* ---- feed_write.c: a package's file ------------------------------------------------- */

/* Writes the package, signed at `now`. Rows that may not leave any more are there by
 * number and digest alone; they are counted, and noted in the store. */
CREDIT_MUST_CHECK credit_result api_feed_write(credit_store *store, const cr_feed_head *head,
    const cr_feed_package *package, credit_instant now, const char *path, uint64_t *withheld,
    credit_error *err);
CREDIT_MUST_CHECK credit_result api_feed_path(const char *directory, const cr_feed_head *head,
    uint32_t package, char out[PATH_ROOM], credit_error *err);

/* One JSON line about a package that was written. */
CREDIT_MUST_CHECK credit_result api_feed_say(const cr_feed_package *package, const char *path,
    uint64_t withheld, credit_write write, void *ctx, credit_error *err);

/* ---- feed_read.c: a package that came in ---------------------------------------------- */

typedef struct api_feed_line {
    bool withheld;
    uint16_t resource; /* which file of the package; of its text: */
    cr_feed_operation operation;
    credit_span raw; /* without leading columns and line end */
    credit_span subject;
    char record[CR_RECORD_KEY];
    credit_date day;
    unsigned char digest[CR_FEED_DIGEST];
} api_feed_line;

typedef struct api_feed_resource {
    credit_span catalog;
    credit_span header; /* likewise */
} api_feed_resource;

typedef struct api_feed_taking {
    unsigned char stream[CR_FEED_STREAM];
    cr_feed_package package; /* its extent, previous, chain */
    credit_instant issued_at;
    char scope[16];
    api_feed_line *lines; /* by number - first */
    api_feed_resource *resources;
    size_t resource_count;
    uint64_t withheld;
} api_feed_taking;

/* What a container of the feed claims: before its signature is judged. */
typedef struct api_feed_claim {
    bool receipt;
    unsigned char stream[CR_FEED_STREAM];
    uint32_t number;
    uint64_t first, last;
    credit_instant issued_at;
    char scope[16], issued_text[40];
} api_feed_claim;
/* CREDIT_DONE: it is neither a package nor a receipt. CREDIT_E_UNTRUSTED. */
CREDIT_MUST_CHECK credit_result api_feed_claims(
    const cr_sealed *sealed, api_feed_claim *claim, credit_error *err);
/* Reads the package and follows its chain. CREDIT_E_UNTRUSTED if it is not what it
 * says; everything borrows from the sealed bytes and the arena. */
CREDIT_MUST_CHECK credit_result api_feed_read(const cr_sealed *sealed, const cr_crypto *crypto,
    cr_arena *arena, api_feed_taking *taking, credit_error *err);

/* ---- feed_import.c -------------------------------------------------------------------- */

CREDIT_MUST_CHECK credit_result api_feed_import(credit_store *store, const char *path,
    const credit_import_options *options, credit_import_summary *summary, credit_error *err);

/* ---- feed_receipt.c ------------------------------------------------------------------- */

/* What became of one line. */
typedef struct api_feed_outcome {
    bool seen, rejected;
    char rule[CR_RULE_MAX], field[64];
    const char *message;
} api_feed_outcome;
/* The sealed receipt of a package. */
CREDIT_MUST_CHECK credit_result api_feed_receipt_make(const credit_store *store,
    const api_feed_taking *taking, const api_feed_outcome *outcomes, credit_instant now,
    cr_arena *arena, credit_span *sealed, credit_error *err);

/* ---- for fsck -------------------------------------------------------------------------- */

typedef credit_result (*api_feed_fault)(void *ctx, const char *what, credit_error *err);
CREDIT_MUST_CHECK credit_result api_feed_check(const credit_store *store, cr_txn *txn,
    api_feed_fault fault, void *ctx, uint64_t *checked, credit_error *err);

/* ---- texts ---------------------------------------------------------------------------- */

bool api_unhex(credit_span text, unsigned char *out, size_t size);
#endif
