/* Admission: checked records become versions, or wait, in one transaction.
 *
 * Two halves, so that two threads can share the work. The *encoder* turns a
 * record into bytes (reading thread: no store in sight) and gathers them in
 * blocks of bounded size. The *admission* takes blocks (storing thread): frames
 * go to the segments at once, keys through an external sort; at the end one
 * merged pass decides row by row and writes every table in key order.
 *
 * 1. rows = added + updated + unchanged + withdrawn + parked, each counted
 *    where it happens (refused rows never come here).
 * 2. A row that says what the version of its record in force on the row's day says
 *    is unchanged: neither a version nor a frame is kept for it.
 *    Where the source says its day, that of the version moves up to it.
 * 3. A row whose source spoke before that of a version the store has goes behind it
 *    into the history. On one day later commits supersede earlier ones, and later
 *    rows of a file earlier ones.
 * 4. Whose record a row is the pack's matching table decides, unless another store that
 *    sends it has decided. A row joins a subject by its number, never by name alone, and
 *    never joins two unified codes. */
#ifndef CR_ENGINE_ADMIT_H
#define CR_ENGINE_ADMIT_H

#include "engine/codec.h"
#include "engine/earlier.h"
#include "engine/registry.h"
#include "engine/standing.h"

enum {
    CR_BLOCK_BYTES = 2 << 20, /* frames of one block: it stays in the cache on its way */
    CR_BLOCK_ROWS = 64 << 10,
    CR_SORT_MEMORY = 96 << 20
};

/* One row of a block. */
typedef struct cr_item {
    cr_version_key key;
    cr_version version; /* without the frame's place */
    uint64_t name_hash, document_hash;
    uint64_t line;
    size_t frame_at;    /* in the block's bytes */
    uint8_t number;     /* cr_match_number it bears */
    uint8_t leads;      /* cr_match_leads of that: to one, then the key has its subject */
    bool lacks_decision;
    cr_severity needs_earlier; /* what it is when the record has no version before it */
    bool derived;       /* the record's key, its digest and the hashes are there */
    bool was_stored;    /* the store had a version of the record before the file, */
    bool unchanged;     /* and the one in force on the row's day says the same: that of */
    uint32_t stored_commit, stored_row;
    credit_date stored_on; /* the day of its header */
    bool says_day;      /* the row or its file says on which day its source spoke */
} cr_item;

typedef struct cr_block {
    char *bytes;
    size_t size, capacity;
    cr_item *items;
    size_t count, item_capacity;
    const char **order; /* the items in key order, once it has been compared */
    size_t order_room;
    bool finished; /* derived, compared, and its rows have their rulings */
    bool follows;  /* its rows come after all that the store has of their records, */
                   /* whatever day they say */
} cr_block;

void cr_block_reset(cr_block *block); /* empty again, with its memory */
void cr_block_free(cr_block *block); /* frees the block itself too; NULL is fine */

/* ---- reading thread --------------------------------------------------------- */

typedef struct cr_encoder {
    const cr_registry *registry;
    cr_frame_writer frames;
    uint32_t commit;
    credit_date received_on;
    credit_date dated; /* the day the file's source spoke, where a row does not say; or NONE */
    bool rows_say;     /* a row did say */
} cr_encoder;

/* Appends a record; the block is full when cr_block_is_full() says so. */
CREDIT_MUST_CHECK credit_result cr_encoder_add(
    cr_encoder *encoder, const cr_record *record, cr_block *block, credit_error *err);
bool cr_block_is_full(const cr_block *block);
/* Digests what the encoder left, rows without private values: by either thread,
 * before the admission. */
CREDIT_MUST_CHECK credit_result cr_block_derive(cr_block *block, const cr_catalog *catalog,
    const cr_crypto *crypto, cr_hasher *hasher, credit_error *err);

/* Finds whose rows those are that bear another number than a unified code, orders the
 * rows, and finds those that say what the store says already: their bytes
 * are in a segment, and no second copy of them is kept. After cr_block_derive, by
 * either thread, each with its own look at the store. */
CREDIT_MUST_CHECK credit_result cr_block_compare(cr_block *block, cr_earlier *earlier,
    const cr_pack *pack, const cr_registry *registry, credit_error *err);

/* ---- storing thread ----------------------------------------------------------- */

typedef struct cr_admission_counts {
    uint64_t added, updated, unchanged, withdrawn, parked;
    uint64_t warnings; /* rows that speak of an earlier record nobody sent; V27 */
    uint64_t subjects; /* touched */
} cr_admission_counts;

/* Counts a version that is new to its record: added, updated or, when it takes back
 * what was in force before it, withdrawn. */
void cr_count_version(cr_admission_counts *counts, const cr_found *before, uint8_t state);
/* Turns the key of a message into that of the record that it is about; false: about
 * nothing that there is. */
bool cr_message_about(const cr_registry *registry, const cr_pack *pack, const cr_catalog *catalog,
    const cr_facts *facts, cr_version_key *key);
/* Counts a message that is new: withdrawn when it takes back a record that is in force;
 * a warning (V27) when there is no such record yet. */
void cr_count_message(cr_admission_counts *counts, const cr_catalog *catalog,
    const cr_version *message, const cr_found *before, const cr_found *about);

/* A subject that was touched, with what came of it where that is at hand. */
typedef struct cr_touched {
    const cr_subject_key *key;
    const cr_subject *subject;
    /* That are new, in key order, key and value of one after those of the other, as
     * VERSION has them; NULL: all, and the subject, are to be read from the writer. */
    const char *versions;
    size_t version_count;
    bool stored; /* it may have others, just as they were before */
} cr_touched;
enum { CR_VERSION_ENTRY = CR_VERSION_KEY + CR_VERSION_VALUE };

typedef struct cr_admission_options {
    cr_txn *writer;
    cr_earlier *earlier; /* opened while the writer was; for this thread alone */
    const cr_pack *pack;
    const cr_registry *registry;
    uint32_t commit, batch;
    bool matched; /* whose record a row is was decided where it comes from */
    const char *tmp; /* directory for merge runs */
    size_t memory;   /* for sorting; CR_SORT_MEMORY unless a test says otherwise */
    /* Called once for every subject that was touched, in key order, when its
     * versions are in the tables. */
    credit_result (*touched)(void *ctx, const cr_touched *subject, credit_error *err);
    void *touched_ctx;
} cr_admission_options;

typedef struct cr_admission cr_admission;

CREDIT_MUST_CHECK credit_result cr_admission_new(
    const cr_admission_options *options, cr_admission **out, credit_error *err);
void cr_admission_free(cr_admission *admission);
/* Blocks that were compared, in the order of the file. */
CREDIT_MUST_CHECK credit_result cr_admission_add(
    cr_admission *admission, cr_block *block, credit_error *err);
/* How many subjects it may have to do with, at most. */
uint64_t cr_admission_subjects(const cr_admission *admission);
/* `catalog` is that of the file: known when it has been read. */
CREDIT_MUST_CHECK credit_result cr_admission_finish(cr_admission *admission,
    const cr_catalog *catalog, cr_admission_counts *counts, credit_error *err);

/* A serious list is entered by a decision of an authorised body that carries its
 * basis, or not at all. basis: 国办发〔2020〕49号. */
bool cr_lacks_its_decision(const cr_catalog *catalog, const credit_span *values);

/* A decision about a row that waited (SETTLED table): catalog, record key and the
 * row's own subject → the subject it was given, the digest of what it said, and the
 * commit that decided. */
enum {
    CR_SETTLED_KEY = 2 + CR_RECORD_KEY + CR_SUBJECT_KEY,
    CR_SETTLED_VALUE = 1 + CR_SUBJECT_KEY + CR_CONTENT_DIGEST + 4
};
void cr_settled_key(const cr_version_key *own, char out[CR_SETTLED_KEY]);
void cr_settled_value(
    const cr_subject_key *given, const char digest[CR_CONTENT_DIGEST], uint32_t commit,
    char out[CR_SETTLED_VALUE]);

/* Has a row that said the same waited before, and been decided? */
CREDIT_MUST_CHECK credit_result cr_was_settled(cr_txn *txn, const cr_version_key *own,
    const char digest[CR_CONTENT_DIGEST], bool *was, credit_error *err);

/* The rule of rows that speak of an earlier record which is not there. basis: V27 */
#define CR_PARKED_NO_EARLIER "V27"

/* A row that waits, or has waited (PARKED table): u32 batch, u32 row → this. */
typedef struct cr_parked {
    cr_subject_key subject;
    uint32_t commit; /* that brought it in */
    uint16_t catalog; /* number */
    cr_severity needs_earlier; /* what it is when the record has no version before it */
    uint64_t line;
    char rule[CR_MATCH_RULE];
    cr_version version;
} cr_parked;
enum { CR_PARKED_VALUE = CR_SUBJECT_KEY + 1 + 4 + 2 + 1 + 8 + 8 + CR_VERSION_VALUE };
void cr_parked_encode(const cr_parked *parked, char out[CR_PARKED_VALUE]);
CREDIT_MUST_CHECK credit_result cr_parked_decode(
    credit_span value, cr_parked *parked, credit_error *err);

/* DECIDED: u32 batch, u32 row of a row that waited, u32 commit that decided it. */
enum { CR_PARKED_KEY = 8, CR_DECIDED_KEY = CR_PARKED_KEY + 4 };
/* Does it wait still: does its batch count, and no decision about it? */
CREDIT_MUST_CHECK credit_result cr_parked_waits(cr_counting *counting,
    const char key[CR_PARKED_KEY], const cr_parked *parked, bool *waits, credit_error *err);

#endif
