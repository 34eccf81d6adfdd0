/* What the bytes in the store mean: keys, headers, frames. The only place that
 * knows. The layouts are written down, byte by byte, in engine/FORMAT.md. */
#ifndef CR_ENGINE_CODEC_H
#define CR_ENGINE_CODEC_H

#include <string.h>

#include "engine/arena.h"
#include "engine/bytes.h"
#include "engine/crypto.h"
#include "engine/phrase.h"
#include "engine/record.h"
#include "engine/store.h"

enum {
    CR_SUBJECT_KEY = 19, /* id kind, 18 bytes of number or token, zero padded */
    CR_RECORD_KEY = 16,
    CR_VERSION_KEY = CR_SUBJECT_KEY + 2 + CR_RECORD_KEY + 4 + 4,
    CR_VERSION_VALUE = 128,
    CR_CONTENT_DIGEST = 16,
    CR_SEED = 16,
    CR_DOCUMENT_KEY = 8 + CR_SUBJECT_KEY + 2,
    CR_NAME_KEY = 8 + CR_SUBJECT_KEY,
    CR_FRAME_HEAD = 24
};

typedef struct cr_subject_key {
    char bytes[CR_SUBJECT_KEY];
} cr_subject_key;

/* What a number becomes as a key. A natural person's number never stands in a
 * key: its token is the first 18 bytes of HMAC(persons key, kind, number). */
CREDIT_MUST_CHECK credit_result cr_subject_key_of(const cr_id *id, const cr_crypto *crypto,
    const unsigned char *persons_key, cr_subject_key *key, credit_error *err);
cr_id_kind cr_subject_key_kind(const cr_subject_key *key);
/* The number of an organisation, or "token:HEX" of a person. */
credit_span cr_subject_key_print(const cr_subject_key *key, char out[48]);

/* ---- version keys -------------------------------------------------------- */

typedef struct cr_version_key {
    cr_subject_key subject;
    uint16_t catalog; /* catalog number of the store */
    char record[CR_RECORD_KEY];
    uint32_t commit;
    uint32_t row;
} cr_version_key;

void cr_version_key_encode(const cr_version_key *key, char out[CR_VERSION_KEY]);
bool cr_version_key_decode(credit_span bytes, cr_version_key *key);
/* A version as people name it: COMMIT.ROW, with a terminator. */
enum { CR_VERSION_ID = 24 };
void cr_version_id(const cr_version_key *key, char out[CR_VERSION_ID]);

/* The digest that names a record: of its key columns, folded. */
CREDIT_MUST_CHECK credit_result cr_record_key_of(const cr_catalog *catalog,
    const credit_span *values, const cr_crypto *crypto, cr_hasher *hasher, char out[CR_RECORD_KEY],
    credit_error *err);

/* The key of the record that a message is about, as that record's catalog makes it:
 * kept in the message's facts, where a record has its tags. Both ways. */
CREDIT_MUST_CHECK credit_result cr_message_put_about(const cr_catalog *catalog,
    const credit_span *values, const cr_crypto *crypto, cr_hasher *hasher, cr_facts *facts,
    credit_error *err);
void cr_message_get_about(const cr_facts *facts, char record[CR_RECORD_KEY]);

/* A short hash for ways in (document number, name): collisions are harmless,
 * what is found is compared with the record. */
uint64_t cr_way_hash(credit_span folded);
uint64_t cr_document_hash(credit_span document_no); /* folds first; 0 for blank */
uint64_t cr_name_hash(credit_span name);

/* ---- version headers ------------------------------------------------------- */

/* What the record decision of a pack said of a version: a cache, valid for that
 * pack alone, computed again for any other. */
typedef struct cr_ruling {
    uint32_t pack;     /* number of the pack it was computed under; 0 = none */
    uint8_t severity;  /* 0 none, 1 minor, 2 general, 3 serious */
    uint8_t flags;     /* CR_RULED_… */
    credit_date starts_on, published_until, repairable_from, until;
} cr_ruling;
enum { CR_RULED_PUBLISHED = 1, CR_RULED_NEGATIVE = 2, CR_RULED_REVIEW = 4 };

typedef enum cr_version_state {
    CR_VERSION_CURRENT = 1,
    CR_VERSION_WITHDRAWN = 2, /* taken back by its source: the record stays, as that */
    CR_VERSION_REMOVED = 3    /* the record is there no more, as if it had not been sent */
} cr_version_state;

enum { CR_NOTE_FORMER_NAME = 1, CR_NOTE_OTHER_NUMBER = 2, CR_NOTE_DECISION = 4 };

typedef struct cr_version {
    uint8_t state;
    uint8_t note; /* CR_NOTE_…: how its row was joined to the subject, where a rule notes it */
    uint16_t schema;
    cr_facts facts;
    credit_date received_on;
    /* The last day on which its source said so. It orders the versions of a record: of
     * two, the later day is the newer; on one day, the later commit and row. */
    credit_date sourced_on;
    uint32_t frame_size;
    cr_frame_ref frame;
    char digest[CR_CONTENT_DIGEST];
    cr_ruling ruling;
} cr_version;

/* Days that order are kept from 1970-01-02 to 2149-06-06; others come to the nearest. */
void cr_version_encode(const cr_version *version, char out[CR_VERSION_VALUE]);
uint16_t cr_day_number(credit_date day); /* as it is kept */
/* State and day of an encoded version, without the rest. */
uint8_t cr_version_state_of(const char value[CR_VERSION_VALUE]);
void cr_version_set_note(char value[CR_VERSION_VALUE], uint8_t note);
credit_date cr_version_sourced_on(const char value[CR_VERSION_VALUE]);
void cr_version_set_sourced_on(char value[CR_VERSION_VALUE], credit_date day);
CREDIT_MUST_CHECK credit_result cr_version_decode(
    credit_span bytes, cr_version *version, credit_error *err);

/* ---- frames ------------------------------------------------------------------ */

/* Encodes records as frames. Personal columns go encrypted (with the persons key),
 * and into the content digest only through a keyed hash, so that neither tells the
 * number. */
typedef struct cr_frame_writer {
    const cr_crypto *crypto;
    cr_hasher *hasher; /* SHA-256 */
    cr_cipher cipher;
    const unsigned char *persons_key; /* NULL: personal columns are refused */
    char *secrets;     /* private text before it is encrypted; owned, wiped */
    size_t capacity;
    unsigned char seeds[64 * CR_SEED]; /* drawn in bulk */
    size_t seeds_left;
} cr_frame_writer;

/* Bytes that the record's frame may take. */
size_t cr_frame_room(const cr_record *record);
/* Writes the frame to `out`. A record with private values gets its digest at once;
 * that of others (*digested is false) can be had later from the frame. */
CREDIT_MUST_CHECK credit_result cr_frame_encode(cr_frame_writer *writer, const cr_record *record,
    uint16_t schema, char *out, size_t *size, char digest[CR_CONTENT_DIGEST], bool *digested,
    credit_error *err);
/* The frame as it is stored: texts of columns that repeat by their numbers. To `out`,
 * which has CR_FRAME_LONGER bytes more than the frame. */
enum { CR_FRAME_LONGER = CR_FIELDS_MAX };
CREDIT_MUST_CHECK credit_result cr_frame_shorten(cr_phrases *phrases, const cr_catalog *catalog,
    credit_span frame, char *out, size_t *size, credit_error *err);
/* The content digest of a frame without private values, as it was encoded. */
CREDIT_MUST_CHECK credit_result cr_frame_digest(const cr_crypto *crypto, cr_hasher *hasher,
    credit_span frame, char digest[CR_CONTENT_DIGEST], credit_error *err);
void cr_frame_writer_free(cr_frame_writer *writer);

typedef struct cr_frame_view {
    uint16_t schema;
    bool has_private;
    const char *seed; /* CR_SEED bytes */
    credit_span *values; /* one per column of the schema; private ones filled too */
    size_t value_count;
    cr_extra *extras;
    size_t extra_count;
    char digest[CR_CONTENT_DIGEST]; /* computed again; only when asked for */
} cr_frame_view;

typedef struct cr_frame_reader {
    cr_txn *txn; /* has the phrases */
    const cr_crypto *crypto;
    cr_hasher *hasher; /* NULL: digests are not computed */
    const unsigned char *persons_key; /* NULL: private values stay blank */
} cr_frame_reader;

/* Values are borrowed from the frame, from the transaction's tables, private ones from
 * the arena. */
CREDIT_MUST_CHECK credit_result cr_frame_decode(const cr_frame_reader *reader, credit_span frame,
    size_t column_count, cr_arena *arena, cr_frame_view *view, credit_error *err);

/* The open values of the first columns of a frame that was encoded, not shortened;
 * private ones are blank. False if it is damaged. */
bool cr_frame_values(credit_span frame, credit_span *values, size_t count);
/* One open value of any frame, without decoding the rest; empty if it is blank or
 * private. Borrowed as with cr_frame_decode. */
CREDIT_MUST_CHECK credit_result cr_frame_value(
    cr_txn *txn, credit_span frame, size_t column, credit_span *value, credit_error *err);

#endif
