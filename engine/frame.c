/* Frames: the bytes of a record version in a segment (layout: FORMAT.md).
 *
 * 1. A frame holds every value as it was written; nothing is derived from it
 *    that it does not hold.
 * 2. Personal values stand only in the private part, which is encrypted under
 *    the persons key and bound to the frame by its seed.
 * 3. The content digest depends on the values alone: two rows that say the same
 *    have the same digest, whatever their seeds. A private value enters it
 *    through a keyed hash. Nor does it depend on which texts stand as numbers.
 * 4. A frame is encoded with all its texts, and shortened when it is stored. A frame
 *    says itself which of the two it is. */
#include "engine/codec.h"

enum { FRAME_HAS_PRIVATE = 1, FRAME_IS_SHORT = 2, CIPHER_SHIFT = 4 };
enum { FRAME_SIZE_AT = 0, FRAME_SCHEMA_AT = 4, FRAME_FLAGS_AT = 6, FRAME_SEED_AT = 8 };

static size_t put_size(char *at, size_t size)
{
    size_t n = 0;
    while (size >= 0x80) {
        at[n++] = (char)(unsigned char)(size | 0x80);
        size >>= 7;
    }
    at[n++] = (char)size;
    return n;
}

/* In one way only: a size that ends in a zero it did not need is none. */
static bool get_size(credit_span bytes, size_t *at, size_t *size)
{
    *size = 0;
    for (unsigned shift = 0; shift < 35; shift += 7) {
        if (*at >= bytes.size) { return false; }
        unsigned char byte = (unsigned char)bytes.data[(*at)++];
        *size |= (size_t)(byte & 0x7F) << shift;
        if (byte < 0x80) { return byte != 0 || shift == 0; }
    }
    return false;
}

static void append(char *out, size_t *at, credit_span value)
{
    *at += put_size(out + *at, value.size);
    if (value.size > 0) { memcpy(out + *at, value.data, value.size); }
    *at += value.size;
}

static bool take(credit_span bytes, size_t *at, credit_span *value)
{
    size_t size;
    if (!get_size(bytes, at, &size) || size > bytes.size - *at) { return false; }
    *value = (credit_span){bytes.data + *at, size};
    *at += size;
    return true;
}

size_t cr_frame_room(const cr_record *record)
{
    size_t room = CR_FRAME_HEAD + 16 + CR_SEAL_OVERHEAD;
    for (size_t i = 0; i < record->catalog->field_count; i++) {
        room += 2 * (record->values[i].size + 8);
    }
    for (size_t i = 0; i < record->extra_count; i++) {
        room += record->extras[i].name.size + record->extras[i].value.size + 10;
    }
    return room;
}

static credit_result next_seed(cr_frame_writer *writer, char *seed, credit_error *err)
{
    if (writer->seeds_left == 0) {
        credit_result rc = writer->crypto->random(writer->seeds, sizeof writer->seeds);
        if (rc != CREDIT_OK) { return cr_fail(err, rc, "no random bytes"); }
        writer->seeds_left = sizeof writer->seeds / CR_SEED;
    }
    writer->seeds_left--;
    unsigned char *source = writer->seeds + writer->seeds_left * CR_SEED;
    memcpy(seed, source, CR_SEED);
    cr_wipe(source, CR_SEED);
    return CREDIT_OK;
}

static bool is_private(const cr_record *record, size_t field, bool about_person)
{
    return record->values[field].size > 0 &&
           cr_field_is_private(&record->catalog->fields[field], about_person);
}

/* Digest over the open part and, for private values, their keyed hash. */
static credit_result content_digest(const cr_crypto *crypto, cr_hasher *hasher,
    const unsigned char *persons_key, credit_span open_part, credit_span private_part,
    char digest[CR_CONTENT_DIGEST])
{
    unsigned char mac[CR_DIGEST_SIZE] = {0}, full[CR_DIGEST_SIZE];
    credit_span parts[] = {{"credit-content", 14}, open_part, {(const char *)mac, 0}};
    if (private_part.size > 0) {
        credit_span text[] = {{"credit-private", 14}, private_part};
        credit_result rc = crypto->mac(
            CR_HASH_SHA256, (credit_span){(const char *)persons_key, CR_SECRET_SIZE}, text, 2, mac);
        if (rc != CREDIT_OK) { return rc; }
        parts[2].size = sizeof mac;
    }
    credit_result rc = crypto->digest(hasher, parts, 3, full);
    memcpy(digest, full, CR_CONTENT_DIGEST);
    return rc;
}

/* Private values as (column, text) pairs, ready to be encrypted. */
static size_t gather_private(const cr_record *record, bool about_person, char *out)
{
    size_t size = 0;
    for (size_t i = 0; i < record->catalog->field_count; i++) {
        if (!is_private(record, i, about_person)) { continue; }
        size += put_size(out + size, i);
        append(out, &size, record->values[i]);
    }
    return size;
}

/* Encrypts the private text behind the open part, which ends at *at. */
static credit_result seal_private(
    cr_frame_writer *writer, credit_span plain, char *out, size_t *at, unsigned *flags)
{
    size_t sealed = 0;
    *flags = FRAME_HAS_PRIVATE | (unsigned)writer->cipher << CIPHER_SHIFT;
    credit_result rc = writer->crypto->encrypt(writer->cipher, writer->persons_key,
        (credit_span){out + FRAME_SEED_AT, CR_SEED}, plain, (unsigned char *)out + *at, &sealed);
    *at += sealed;
    cr_wipe(writer->secrets, plain.size);
    return rc;
}

credit_result cr_frame_encode(cr_frame_writer *writer, const cr_record *record, uint16_t schema,
    char *out, size_t *size, char digest[CR_CONTENT_DIGEST], bool *digested, credit_error *err)
{
    if (!cr_grow(&writer->secrets, &writer->capacity, cr_frame_room(record), 1)) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    credit_result rc = next_seed(writer, out + FRAME_SEED_AT, err);
    if (rc != CREDIT_OK) { return rc; }
    bool about_person = cr_id_is_personal(record->subject.kind);
    size_t at = CR_FRAME_HEAD;
    for (size_t i = 0; i < record->catalog->field_count; i++) {
        bool hidden = is_private(record, i, about_person);
        append(out, &at, hidden ? (credit_span){NULL, 0} : record->values[i]);
    }
    at += put_size(out + at, record->extra_count);
    for (size_t i = 0; i < record->extra_count; i++) {
        append(out, &at, record->extras[i].name);
        append(out, &at, record->extras[i].value);
    }
    credit_span open_part = {out + CR_FRAME_HEAD, at - CR_FRAME_HEAD};
    credit_span plain = {writer->secrets, gather_private(record, about_person, writer->secrets)};
    unsigned flags = 0;
    *digested = plain.size > 0;
    if (plain.size > 0 && writer->persons_key == NULL) {
        return cr_fail(err, CREDIT_E_KEY, "the key that protects persons' numbers is not at hand");
    }
    if (plain.size > 0) {
        rc = content_digest(
            writer->crypto, writer->hasher, writer->persons_key, open_part, plain, digest);
        if (rc == CREDIT_OK) { rc = seal_private(writer, plain, out, &at, &flags); }
    }
    if (rc != CREDIT_OK) { return cr_fail(err, rc, "a record could not be sealed"); }
    cr_set_u32le(out + FRAME_SIZE_AT, (uint32_t)at);
    cr_set_u16le(out + FRAME_SCHEMA_AT, schema);
    cr_set_u16le(out + FRAME_FLAGS_AT, (uint16_t)flags);
    *size = at;
    return CREDIT_OK;
}

credit_result cr_frame_digest(const cr_crypto *crypto, cr_hasher *hasher, credit_span frame,
    char digest[CR_CONTENT_DIGEST], credit_error *err)
{
    credit_span open_part = {frame.data + CR_FRAME_HEAD, frame.size - CR_FRAME_HEAD};
    credit_span nothing = {NULL, 0};
    credit_result rc = content_digest(crypto, hasher, NULL, open_part, nothing, digest);
    return rc == CREDIT_OK ? rc : cr_fail(err, rc, "a record's digest could not be made");
}

void cr_frame_writer_free(cr_frame_writer *writer)
{
    if (writer->secrets != NULL) { cr_wipe(writer->secrets, writer->capacity); }
    cr_wipe(writer->seeds, sizeof writer->seeds);
    cr_free(writer->secrets);
    writer->secrets = NULL;
    writer->capacity = writer->seeds_left = 0;
}

static credit_result damaged(credit_error *err)
{
    return cr_fail(err, CREDIT_E_CORRUPT, "a record's bytes are damaged");
}

/* ---- columns of a frame that is stored ---------------------------------------------- */

/* One column: its text, or the number of one. */
typedef struct stored {
    credit_span text;
    bool by_number;
    uint32_t number;
} stored;

static bool is_short(credit_span frame)
{
    return (cr_get_u16le(frame.data + FRAME_FLAGS_AT) & FRAME_IS_SHORT) != 0;
}

/* In a short frame the low bit of a column's size says that it is a number. */
static bool take_column(credit_span frame, bool shortened, size_t *at, stored *c)
{
    size_t size;
    c->by_number = false;
    if (!shortened) { return take(frame, at, &c->text); }
    if (!get_size(frame, at, &size)) { return false; }
    c->by_number = (size & 1) != 0;
    size >>= 1;
    if (c->by_number) {
        c->number = (uint32_t)size;
        return size <= UINT32_MAX;
    }
    if (size > frame.size - *at) { return false; }
    c->text = (credit_span){frame.data + *at, size};
    *at += size;
    return true;
}

static credit_result text_of(cr_txn *txn, const stored *c, credit_span *text, credit_error *err)
{
    if (c->by_number) { return cr_phrase_get(txn, c->number, text, err); }
    *text = c->text;
    return CREDIT_OK;
}

/* One column as it is stored. */
static credit_result shorten_column(cr_phrases *phrases, const cr_field *field, credit_span text,
    char *out, size_t *at, credit_error *err)
{
    uint32_t number = 0;
    credit_result rc = field->repeats ? cr_phrases_find(phrases, text, &number, err) : CREDIT_DONE;
    if (rc == CREDIT_OK) { *at += put_size(out + *at, (size_t)number << 1 | 1); }
    if (rc != CREDIT_DONE) { return rc; }
    *at += put_size(out + *at, text.size << 1);
    if (text.size > 0) { memcpy(out + *at, text.data, text.size); }
    *at += text.size;
    return CREDIT_OK;
}

credit_result cr_frame_shorten(cr_phrases *phrases, const cr_catalog *catalog, credit_span frame,
    char *out, size_t *size, credit_error *err)
{
    size_t from = CR_FRAME_HEAD, at = CR_FRAME_HEAD;
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < catalog->field_count; i++) {
        credit_span text;
        if (!take(frame, &from, &text)) {
            return cr_fail(err, CREDIT_E_BUG, "a row does not read as it was written");
        }
        rc = shorten_column(phrases, &catalog->fields[i], text, out, &at, err);
    }
    if (rc != CREDIT_OK) { return rc; }
    memcpy(out, frame.data, CR_FRAME_HEAD);
    memcpy(out + at, frame.data + from, frame.size - from);
    at += frame.size - from;
    unsigned flags = cr_get_u16le(frame.data + FRAME_FLAGS_AT);
    cr_set_u32le(out + FRAME_SIZE_AT, (uint32_t)at);
    cr_set_u16le(out + FRAME_FLAGS_AT, (uint16_t)(flags | FRAME_IS_SHORT));
    *size = at;
    return CREDIT_OK;
}

/* The open part as it was encoded: what the digest is over. `rest` is what follows the
 * columns. */
static credit_result open_part_of(const credit_span *values, size_t count, credit_span rest,
    cr_arena *arena, credit_span *part, credit_error *err)
{
    size_t room = rest.size, at = 0;
    for (size_t i = 0; i < count; i++) { room += values[i].size + 8; }
    char *bytes = cr_arena_alloc(arena, room + 1);
    if (bytes == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    for (size_t i = 0; i < count; i++) { append(bytes, &at, values[i]); }
    memcpy(bytes + at, rest.data, rest.size);
    *part = (credit_span){bytes, at + rest.size};
    return CREDIT_OK;
}

/* ---- decoding ------------------------------------------------------------------------ */

/* Decrypts the private part and puts its values where they belong. */
static credit_result open_private(const cr_frame_reader *reader, cr_cipher cipher,
    credit_span sealed, cr_arena *arena, cr_frame_view *view, credit_span *plain, credit_error *err)
{
    size_t size = 0, at = 0;
    if (cipher != CR_CIPHER_AES256_GCM && cipher != CR_CIPHER_SM4_CTR_HMAC_SM3) {
        return damaged(err);
    }
    unsigned char *text = cr_arena_alloc(arena, sealed.size + 1);
    if (text == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    credit_result rc = reader->crypto->decrypt(
        cipher, reader->persons_key, (credit_span){view->seed, CR_SEED}, sealed, text, &size);
    if (rc != CREDIT_OK) {
        return cr_fail(err, rc == CREDIT_E_UNTRUSTED ? CREDIT_E_CORRUPT : rc,
            "the private part of a record does not open");
    }
    *plain = (credit_span){(const char *)text, size};
    while (at < size) {
        size_t column;
        credit_span value;
        if (!get_size(*plain, &at, &column) || !take(*plain, &at, &value) ||
            column >= view->value_count) {
            return damaged(err);
        }
        view->values[column] = value;
    }
    return CREDIT_OK;
}

static credit_result take_extras(
    credit_span frame, size_t *at, cr_arena *arena, cr_frame_view *view, credit_error *err)
{
    if (!get_size(frame, at, &view->extra_count) || view->extra_count > frame.size) {
        return damaged(err);
    }
    view->extras = cr_arena_array(arena, view->extra_count + 1, sizeof *view->extras);
    if (view->extras == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    for (size_t i = 0; i < view->extra_count; i++) {
        if (!take(frame, at, &view->extras[i].name) || !take(frame, at, &view->extras[i].value)) {
            return damaged(err);
        }
    }
    return CREDIT_OK;
}

credit_result cr_frame_decode(const cr_frame_reader *reader, credit_span frame, size_t column_count,
    cr_arena *arena, cr_frame_view *view, credit_error *err)
{
    memset(view, 0, sizeof *view);
    if (frame.size < CR_FRAME_HEAD || cr_get_u32le(frame.data + FRAME_SIZE_AT) != frame.size) {
        return damaged(err);
    }
    unsigned flags = cr_get_u16le(frame.data + FRAME_FLAGS_AT);
    bool shortened = (flags & FRAME_IS_SHORT) != 0;
    view->schema = cr_get_u16le(frame.data + FRAME_SCHEMA_AT);
    view->seed = frame.data + FRAME_SEED_AT;
    view->has_private = (flags & FRAME_HAS_PRIVATE) != 0;
    view->value_count = column_count;
    view->values = cr_arena_array(arena, column_count + 1, sizeof *view->values);
    if (view->values == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    size_t at = CR_FRAME_HEAD;
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < column_count; i++) {
        stored c;
        if (!take_column(frame, shortened, &at, &c)) { return damaged(err); }
        rc = text_of(reader->txn, &c, &view->values[i], err);
    }
    size_t behind = at; /* the columns */
    if (rc == CREDIT_OK) { rc = take_extras(frame, &at, arena, view, err); }
    if (rc != CREDIT_OK) { return rc; }
    credit_span open_part = {frame.data + CR_FRAME_HEAD, at - CR_FRAME_HEAD};
    credit_span rest = {frame.data + behind, at - behind};
    if (reader->hasher != NULL && shortened) { /* before private values join the others */
        rc = open_part_of(view->values, column_count, rest, arena, &open_part, err);
        if (rc != CREDIT_OK) { return rc; }
    }
    credit_span sealed = {frame.data + at, frame.size - at}, plain = {NULL, 0};
    if (!view->has_private && sealed.size > 0) { return damaged(err); }
    if (view->has_private && reader->persons_key != NULL) {
        rc = open_private(
            reader, (cr_cipher)(flags >> CIPHER_SHIFT), sealed, arena, view, &plain, err);
        if (rc != CREDIT_OK) { return rc; }
    }
    if (reader->hasher == NULL) { return CREDIT_OK; }
    rc = content_digest(
        reader->crypto, reader->hasher, reader->persons_key, open_part, plain, view->digest);
    return rc == CREDIT_OK ? rc : cr_fail(err, rc, "a record could not be digested");
}

bool cr_frame_values(credit_span frame, credit_span *values, size_t count)
{
    size_t at = CR_FRAME_HEAD;
    if (frame.size < CR_FRAME_HEAD || is_short(frame)) { return false; }
    for (size_t i = 0; i < count; i++) {
        if (!take(frame, &at, &values[i])) { return false; }
    }
    return true;
}

credit_result cr_frame_value(
    cr_txn *txn, credit_span frame, size_t column, credit_span *value, credit_error *err)
{
    size_t at = CR_FRAME_HEAD;
    stored c;
    *value = (credit_span){"", 0};
    if (frame.size < CR_FRAME_HEAD) { return damaged(err); }
    bool shortened = is_short(frame);
    for (size_t i = 0; i <= column; i++) {
        if (!take_column(frame, shortened, &at, &c)) { return damaged(err); }
    }
    return text_of(txn, &c, value, err);
}
