/* 数据交换: what the store keeps of what left it by the exchange and what came in.
 *
 * 1. Every change that leaves has a number, from 1 up without gaps. The chain is over
 *    the digests of the rows, so that a row that may no longer leave can be left out
 *    and the rest still be checked.
 * 2. Of every record that the exchange was told of: the last change, so that nothing
 *    is told twice and what must be taken back is known.
 * 3. A package is known by its stream, its number and its chain, whatever its bytes. */
#ifndef CR_ENGINE_FEED_H
#define CR_ENGINE_FEED_H

#include "engine/codec.h"

enum {
    CR_RECORD_PREFIX = CR_VERSION_KEY - 8, /* of a version key: which record it is of */
    CR_FEED_STREAM = 16,
    CR_FEED_DIGEST = 32,
    CR_FEED_TEXT_MAX = 120 /* bytes kept of a source's name */
};

typedef enum cr_feed_operation {
    CR_FEED_ADD = 1,
    CR_FEED_UPDATE = 2,
    CR_FEED_DELETE = 3,
    CR_FEED_OPERATIONS
} cr_feed_operation;
const char *cr_feed_operation_word(cr_feed_operation operation);
cr_feed_operation cr_feed_operation_of(credit_span word); /* CR_FEED_OPERATIONS: none */

typedef enum cr_feed_state {
    CR_FEED_OPEN,
    CR_FEED_ACCEPTED,
    CR_FEED_REJECTED,
    CR_FEED_WITHHELD, /* sent again without its content, which may no longer leave */
    CR_FEED_STATES
} cr_feed_state;

/* Where the feed stands: META `feed`. */
typedef struct cr_feed_head {
    bool begun;
    unsigned char stream[CR_FEED_STREAM]; /* drawn when the first package is made */
    uint32_t package;                     /* numbers last given */
    uint64_t number;
    unsigned char chain[CR_FEED_DIGEST]; /* of the last package */
    /* Up to here TOUCHED has been walked. */
    uint32_t commit;
    cr_subject_key subject;
} cr_feed_head;
CREDIT_MUST_CHECK credit_result cr_feed_head_get(
    cr_txn *txn, cr_feed_head *head, credit_error *err);
CREDIT_MUST_CHECK credit_result cr_feed_head_put(
    cr_txn *writer, const cr_feed_head *head, credit_error *err);

/* FEED_TOLD: record → this. */
typedef struct cr_feed_told {
    cr_feed_operation operation;
    uint64_t number;
    unsigned char content[CR_FEED_DIGEST]; /* of the fields that were told */
    credit_span source; /* unit it came from; borrowed */
} cr_feed_told;
/* CREDIT_DONE: it was told nothing. */
CREDIT_MUST_CHECK credit_result cr_feed_told_get(cr_txn *txn, const char record[CR_RECORD_PREFIX],
    cr_feed_told *told, credit_error *err);
CREDIT_MUST_CHECK credit_result cr_feed_told_decode(
    credit_span value, cr_feed_told *told, credit_error *err);
CREDIT_MUST_CHECK credit_result cr_feed_told_put(cr_txn *writer,
    const char record[CR_RECORD_PREFIX], const cr_feed_told *told, credit_error *err);

/* FEED_CHANGE: number → this. */
typedef struct cr_feed_change {
    uint64_t number;
    cr_feed_operation operation;
    cr_feed_state state;
    uint32_t package;
    char version[CR_VERSION_KEY]; /* that it tells; of a deletion the record and the commit */
    credit_date sourced_on;       /* day that the row says */
    credit_date day;              /* on which the store came to know it */
    unsigned char digest[CR_FEED_DIGEST]; /* of the row */
    char rule[16];                        /* that rejected it */
    credit_span source;                   /* borrowed */
} cr_feed_change;
CREDIT_MUST_CHECK credit_result cr_feed_change_get(
    cr_txn *txn, uint64_t number, cr_feed_change *change, credit_error *err);
CREDIT_MUST_CHECK credit_result cr_feed_change_decode(
    credit_span key, credit_span value, cr_feed_change *change, credit_error *err);
CREDIT_MUST_CHECK credit_result cr_feed_change_put(
    cr_txn *writer, const cr_feed_change *change, credit_error *err);

/* FEED_PACKAGE: package number → this. */
typedef struct cr_feed_package {
    uint32_t number;
    uint64_t first, last;
    uint32_t first_commit, last_commit;
    credit_instant at;
    unsigned char previous[CR_FEED_DIGEST], chain[CR_FEED_DIGEST];
    bool written;  /* its file has been there */
    bool answered; /* its receipt is in */
} cr_feed_package;
CREDIT_MUST_CHECK credit_result cr_feed_package_get(
    cr_txn *txn, uint32_t number, cr_feed_package *package, credit_error *err);
CREDIT_MUST_CHECK credit_result cr_feed_package_decode(
    credit_span key, credit_span value, cr_feed_package *package, credit_error *err);
CREDIT_MUST_CHECK credit_result cr_feed_package_put(
    cr_txn *writer, const cr_feed_package *package, credit_error *err);

/* FEED_TAKEN: stream, package number → a package that came in. */
typedef struct cr_feed_taken {
    unsigned char stream[CR_FEED_STREAM];
    uint32_t number;
    uint32_t batch;
    uint64_t rows, rejected, withheld;
    unsigned char chain[CR_FEED_DIGEST];
    credit_span receipt; /* sealed, as it was given; borrowed */
} cr_feed_taken;
CREDIT_MUST_CHECK credit_result cr_feed_taken_get(cr_txn *txn,
    const unsigned char stream[CR_FEED_STREAM], uint32_t number, cr_feed_taken *taken,
    credit_error *err);
/* The newest of a stream; CREDIT_DONE: none has come. */
CREDIT_MUST_CHECK credit_result cr_feed_taken_last(cr_txn *txn,
    const unsigned char stream[CR_FEED_STREAM], cr_feed_taken *taken, credit_error *err);
CREDIT_MUST_CHECK credit_result cr_feed_taken_decode(
    credit_span key, credit_span value, cr_feed_taken *taken, credit_error *err);
CREDIT_MUST_CHECK credit_result cr_feed_taken_put(
    cr_txn *writer, const cr_feed_taken *taken, credit_error *err);

/* The chain of a package begins with the one before it and takes in each row. */
CREDIT_MUST_CHECK credit_result cr_feed_chain_begin(const cr_crypto *crypto, cr_hasher *hasher,
    const unsigned char stream[CR_FEED_STREAM], const cr_feed_package *package,
    unsigned char chain[CR_FEED_DIGEST], credit_error *err);
CREDIT_MUST_CHECK credit_result cr_feed_chain_add(const cr_crypto *crypto, cr_hasher *hasher,
    const unsigned char row[CR_FEED_DIGEST], unsigned char chain[CR_FEED_DIGEST],
    credit_error *err);

#endif
