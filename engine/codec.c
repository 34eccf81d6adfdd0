#include "engine/codec.h"

#include <stdio.h>

#include "engine/date.h"
#include "engine/text.h"

/* ---- subject keys ----------------------------------------------------------- */

credit_result cr_subject_key_of(const cr_id *id, const cr_crypto *crypto,
    const unsigned char *persons_key, cr_subject_key *key, credit_error *err)
{
    memset(key, 0, sizeof *key);
    key->bytes[0] = (char)id->kind;
    if (!cr_id_is_personal(id->kind)) {
        if (id->size > CR_SUBJECT_KEY - 1) {
            return cr_fail(err, CREDIT_E_DATA, "a number of %u characters is too long", id->size);
        }
        memcpy(key->bytes + 1, id->number, id->size);
        return CREDIT_OK;
    }
    if (persons_key == NULL) {
        return cr_fail(err, CREDIT_E_KEY, "the key that protects persons' numbers is not at hand");
    }
    unsigned char mac[CR_DIGEST_SIZE];
    credit_span parts[] = {{"credit-person", 13}, {key->bytes, 1}, {id->number, id->size}};
    credit_result rc = crypto->mac(
        CR_HASH_SHA256, (credit_span){(const char *)persons_key, CR_SECRET_SIZE}, parts, 3, mac);
    if (rc != CREDIT_OK) { return cr_fail(err, rc, "a person's token could not be made"); }
    memcpy(key->bytes + 1, mac, CR_SUBJECT_KEY - 1);
    return CREDIT_OK;
}

cr_id_kind cr_subject_key_kind(const cr_subject_key *key)
{
    return (cr_id_kind)(unsigned char)key->bytes[0];
}

credit_span cr_subject_key_print(const cr_subject_key *key, char out[48])
{
    size_t size = 0;
    if (cr_id_is_personal(cr_subject_key_kind(key))) {
        memcpy(out, "token:", 6);
        for (size = 6; size < 6 + 2 * 18; size += 2) {
            snprintf(out + size, 3, "%02x", (unsigned char)key->bytes[1 + (size - 6) / 2]);
        }
    } else {
        while (size < CR_SUBJECT_KEY - 1 && key->bytes[1 + size] != '\0') {
            out[size] = key->bytes[1 + size];
            size++;
        }
    }
    out[size] = '\0';
    return (credit_span){out, size};
}

/* ---- version keys ------------------------------------------------------------ */

void cr_version_key_encode(const cr_version_key *key, char out[CR_VERSION_KEY])
{
    memcpy(out, key->subject.bytes, CR_SUBJECT_KEY);
    cr_set_u16be(out + CR_SUBJECT_KEY, key->catalog);
    memcpy(out + CR_SUBJECT_KEY + 2, key->record, CR_RECORD_KEY);
    cr_set_u32be(out + CR_SUBJECT_KEY + 2 + CR_RECORD_KEY, key->commit);
    cr_set_u32be(out + CR_SUBJECT_KEY + 6 + CR_RECORD_KEY, key->row);
}

bool cr_version_key_decode(credit_span bytes, cr_version_key *key)
{
    if (bytes.size != CR_VERSION_KEY) { return false; }
    memcpy(key->subject.bytes, bytes.data, CR_SUBJECT_KEY);
    key->catalog = cr_get_u16be(bytes.data + CR_SUBJECT_KEY);
    memcpy(key->record, bytes.data + CR_SUBJECT_KEY + 2, CR_RECORD_KEY);
    key->commit = cr_get_u32be(bytes.data + CR_SUBJECT_KEY + 2 + CR_RECORD_KEY);
    key->row = cr_get_u32be(bytes.data + CR_SUBJECT_KEY + 6 + CR_RECORD_KEY);
    return true;
}

static char *write_number(char *out, uint32_t number)
{
    char digits[10];
    size_t count = 0;
    for (; number > 9; number /= 10) { digits[count++] = (char)('0' + number % 10); }
    digits[count++] = (char)('0' + number);
    while (count > 0) { *out++ = digits[--count]; }
    return out;
}

void cr_version_id(const cr_version_key *key, char out[CR_VERSION_ID])
{
    out = write_number(out, key->commit);
    *out++ = '.';
    *write_number(out, key->row) = '\0';
}

/* A key column as it enters the digest: folded, so that bracket styles, widths
 * and blanks, or the ways to write a day, do not make two records of one. */
static credit_span fold_key_value(
    const cr_field *field, credit_span value, char *room, size_t room_size)
{
    credit_date day;
    if (field->type == CR_FIELD_DATE && cr_date_parse(value, &day)) {
        return cr_span_of(cr_date_print(day, room));
    }
    if (value.size > room_size) { value.size = room_size; }
    return (credit_span){room, cr_fold_document_no(value, room)};
}

credit_result cr_record_key_of(const cr_catalog *catalog, const credit_span *values,
    const cr_crypto *crypto, cr_hasher *hasher, char out[CR_RECORD_KEY], credit_error *err)
{
    enum { KEY_VALUE_MAX = 2048 };
    char rooms[CR_KEY_MAX][KEY_VALUE_MAX];
    char sizes[CR_KEY_MAX][4];
    credit_span parts[1 + 2 * CR_KEY_MAX] = {{"credit-record", 13}};
    size_t count = 1;
    for (size_t i = 0; i < catalog->key_count; i++) {
        size_t field = catalog->key_fields[i];
        if (values[field].size == 0 && catalog->key_fallback[i] >= 0) {
            field = (size_t)catalog->key_fallback[i];
        }
        credit_span folded =
            fold_key_value(&catalog->fields[field], values[field], rooms[i], KEY_VALUE_MAX);
        cr_set_u32be(sizes[i], (uint32_t)folded.size);
        parts[count++] = (credit_span){sizes[i], 4};
        parts[count++] = folded;
    }
    unsigned char digest[CR_DIGEST_SIZE];
    credit_result rc = crypto->digest(hasher, parts, count, digest);
    if (rc != CREDIT_OK) { return cr_fail(err, rc, "a record key could not be made"); }
    memcpy(out, digest, CR_RECORD_KEY);
    return CREDIT_OK;
}

/* What the message says that the record has in one of its key columns. */
static credit_span said_of(
    const cr_catalog *catalog, const cr_field *field, const credit_span *values)
{
    int16_t column = field->role == CR_ROLE_NONE ? -1 : catalog->message->field[field->role];
    return column < 0 ? (credit_span){"", 0} : values[column];
}

credit_result cr_message_put_about(const cr_catalog *catalog, const credit_span *values,
    const cr_crypto *crypto, cr_hasher *hasher, cr_facts *facts, credit_error *err)
{
    credit_span said[CR_FIELDS_MAX];
    char record[CR_RECORD_KEY];
    const cr_catalog *target = cr_message_target_of(catalog->message, facts->list);
    if (target == NULL) { return CREDIT_OK; } /* about nothing that there is */
    for (size_t i = 0; i < target->key_count; i++) {
        size_t field = target->key_fields[i];
        int16_t fallback = target->key_fallback[i];
        said[field] = said_of(catalog, &target->fields[field], values);
        if (fallback >= 0) { said[fallback] = said_of(catalog, &target->fields[fallback], values); }
    }
    credit_result rc = cr_record_key_of(target, said, crypto, hasher, record, err);
    for (size_t i = 0; rc == CREDIT_OK && i < CR_TAGS_MAX; i++) {
        facts->tags[i] = cr_get_u32le(record + 4 * i);
    }
    return rc;
}

void cr_message_get_about(const cr_facts *facts, char record[CR_RECORD_KEY])
{
    _Static_assert(4 * CR_TAGS_MAX == CR_RECORD_KEY, "a record key takes the place of the tags");
    for (size_t i = 0; i < CR_TAGS_MAX; i++) { cr_set_u32le(record + 4 * i, facts->tags[i]); }
}

/* FNV-1a, then mixed: spread is all that is asked of it. */
uint64_t cr_way_hash(credit_span folded)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < folded.size; i++) {
        hash = (hash ^ (unsigned char)folded.data[i]) * UINT64_C(0x100000001b3);
    }
    hash ^= hash >> 32;
    hash *= UINT64_C(0x9e3779b97f4a7c15);
    return hash ^ hash >> 29;
}

enum { WAY_MAX = 1024 };

uint64_t cr_document_hash(credit_span document_no)
{
    char folded[WAY_MAX];
    if (document_no.size == 0) { return 0; }
    if (document_no.size > WAY_MAX) { document_no.size = WAY_MAX; }
    return cr_way_hash((credit_span){folded, cr_fold_document_no(document_no, folded)});
}

uint64_t cr_name_hash(credit_span name)
{
    char folded[WAY_MAX];
    if (name.size > WAY_MAX) { name.size = WAY_MAX; }
    return cr_way_hash((credit_span){folded, cr_fold_name(name, folded)});
}

/* ---- version headers ------------------------------------------------------------ */

/* Offsets of a version header; the table in FORMAT.md is the same. */
enum {
    AT_LAYOUT = 0,
    AT_STATE = 1,
    STATE_MASK = 0x0F, /* the rest of that byte is the note */
    NOTE_SHIFT = 4,
    AT_CATEGORY = 2,
    AT_ROSTER = 3,
    AT_SCOPE = 4,
    AT_STATUS = 5,
    AT_SCHEMA = 6,
    AT_KINDS = 8,
    AT_LIST = 12,
    AT_TAGS = 16,
    AT_DATES = 32,
    AT_FRAME_SIZE = 60,
    AT_FRAME = 64,
    AT_AMOUNTS = 72,
    AT_DIGEST = 88,
    AT_PACK = 104,
    AT_SEVERITY = 108,
    AT_FLAGS = 109,
    AT_SOURCED = 110,
    AT_RULED_DATES = 112,
    VERSION_LAYOUT = 1
};

static void put_date(char *at, credit_date date)
{
    cr_set_u32le(at, (uint32_t)date);
}

static credit_date get_date(const char *at)
{
    return (credit_date)cr_get_u32le(at);
}

/* The day in two bytes: days since 1970-01-01, from 1 on. */
uint16_t cr_day_number(credit_date day)
{
    return (uint16_t)(day < 1 ? 1 : day > UINT16_MAX ? UINT16_MAX : day);
}

uint8_t cr_version_state_of(const char value[CR_VERSION_VALUE])
{
    return (uint8_t)value[AT_STATE] & STATE_MASK;
}

void cr_version_set_note(char value[CR_VERSION_VALUE], uint8_t note)
{
    value[AT_STATE] = (char)(cr_version_state_of(value) | note << NOTE_SHIFT);
}

credit_date cr_version_sourced_on(const char value[CR_VERSION_VALUE])
{
    return cr_get_u16le(value + AT_SOURCED);
}

void cr_version_set_sourced_on(char value[CR_VERSION_VALUE], credit_date day)
{
    cr_set_u16le(value + AT_SOURCED, cr_day_number(day));
}

void cr_version_encode(const cr_version *version, char out[CR_VERSION_VALUE])
{
    const cr_facts *facts = &version->facts;
    const cr_ruling *ruling = &version->ruling;
    const credit_date dates[] = {facts->decided_on, facts->valid_from, facts->valid_until,
        facts->publicity_until, facts->notified_on, facts->removed_on, version->received_on};
    const credit_date ruled[] = {
        ruling->starts_on, ruling->published_until, ruling->repairable_from, ruling->until};
    memset(out, 0, CR_VERSION_VALUE);
    out[AT_LAYOUT] = VERSION_LAYOUT;
    out[AT_STATE] = (char)version->state;
    cr_version_set_note(out, version->note);
    out[AT_CATEGORY] = (char)facts->category;
    out[AT_ROSTER] = (char)facts->roster;
    out[AT_SCOPE] = (char)facts->scope;
    out[AT_STATUS] = (char)facts->status;
    cr_set_u16le(out + AT_SCHEMA, version->schema);
    cr_set_u32le(out + AT_KINDS, facts->kinds);
    cr_set_u32le(out + AT_LIST, facts->list);
    for (size_t i = 0; i < CR_TAGS_MAX; i++) {
        cr_set_u32le(out + AT_TAGS + 4 * i, facts->tags[i]);
    }
    for (size_t i = 0; i < 7; i++) { put_date(out + AT_DATES + 4 * i, dates[i]); }
    cr_set_u32le(out + AT_FRAME_SIZE, version->frame_size);
    cr_set_u64le(out + AT_FRAME, version->frame);
    cr_set_u64le(out + AT_AMOUNTS, (uint64_t)facts->amount_fen);
    cr_set_u64le(out + AT_AMOUNTS + 8, (uint64_t)facts->amount_2_fen);
    memcpy(out + AT_DIGEST, version->digest, CR_CONTENT_DIGEST);
    cr_set_u32le(out + AT_PACK, ruling->pack);
    out[AT_SEVERITY] = (char)ruling->severity;
    out[AT_FLAGS] = (char)ruling->flags;
    cr_version_set_sourced_on(out, version->sourced_on);
    for (size_t i = 0; i < 4; i++) { put_date(out + AT_RULED_DATES + 4 * i, ruled[i]); }
}

credit_result cr_version_decode(credit_span bytes, cr_version *version, credit_error *err)
{
    if (bytes.size != CR_VERSION_VALUE || bytes.data[AT_LAYOUT] != VERSION_LAYOUT) {
        return cr_fail(err, CREDIT_E_CORRUPT, "a record header is damaged");
    }
    const char *in = bytes.data;
    cr_facts *facts = &version->facts;
    cr_ruling *ruling = &version->ruling;
    credit_date *dates[] = {&facts->decided_on, &facts->valid_from, &facts->valid_until,
        &facts->publicity_until, &facts->notified_on, &facts->removed_on, &version->received_on};
    credit_date *ruled[] = {
        &ruling->starts_on, &ruling->published_until, &ruling->repairable_from, &ruling->until};
    version->state = cr_version_state_of(in);
    version->note = (uint8_t)in[AT_STATE] >> NOTE_SHIFT;
    facts->category = (uint8_t)in[AT_CATEGORY];
    facts->roster = (uint8_t)in[AT_ROSTER];
    facts->scope = (uint8_t)in[AT_SCOPE];
    facts->status = (uint8_t)in[AT_STATUS];
    version->schema = cr_get_u16le(in + AT_SCHEMA);
    facts->kinds = cr_get_u32le(in + AT_KINDS);
    facts->list = cr_get_u32le(in + AT_LIST);
    for (size_t i = 0; i < CR_TAGS_MAX; i++) {
        facts->tags[i] = cr_get_u32le(in + AT_TAGS + 4 * i);
    }
    for (size_t i = 0; i < 7; i++) { *dates[i] = get_date(in + AT_DATES + 4 * i); }
    version->sourced_on = cr_version_sourced_on(in);
    version->frame_size = cr_get_u32le(in + AT_FRAME_SIZE);
    version->frame = cr_get_u64le(in + AT_FRAME);
    facts->amount_fen = (int64_t)cr_get_u64le(in + AT_AMOUNTS);
    facts->amount_2_fen = (int64_t)cr_get_u64le(in + AT_AMOUNTS + 8);
    memcpy(version->digest, in + AT_DIGEST, CR_CONTENT_DIGEST);
    ruling->pack = cr_get_u32le(in + AT_PACK);
    ruling->severity = (uint8_t)in[AT_SEVERITY];
    ruling->flags = (uint8_t)in[AT_FLAGS];
    for (size_t i = 0; i < 4; i++) { *ruled[i] = get_date(in + AT_RULED_DATES + 4 * i); }
    return CREDIT_OK;
}
