/* Admission, first half: rows become bytes, in blocks. No writer in sight: a block is
 * made by the reading thread and finished by either. */
#include <stddef.h>

#include "engine/admit.h"
#include "engine/sorter.h"

void cr_block_reset(cr_block *block)
{
    block->size = 0;
    block->count = 0;
    block->finished = false;
}

void cr_block_free(cr_block *block)
{
    if (block == NULL) { return; }
    if (block->bytes != NULL) { cr_wipe(block->bytes, block->capacity); }
    cr_free(block->bytes);
    cr_free(block->items);
    cr_free(block->order);
    cr_free(block);
}

bool cr_block_is_full(const cr_block *block)
{
    return block->size >= CR_BLOCK_BYTES || block->count >= CR_BLOCK_ROWS;
}

static credit_span value_of(const cr_catalog *catalog, const credit_span *values, cr_role role)
{
    int16_t field = catalog->role_field[role];
    return field < 0 ? (credit_span){NULL, 0} : values[field];
}

bool cr_lacks_its_decision(const cr_catalog *catalog, const credit_span *values)
{
    static const cr_role needed[] = {
        CR_ROLE_DOCUMENT_NO, CR_ROLE_DECIDED_ON, CR_ROLE_AUTHORITY, CR_ROLE_BASIS};
    if (catalog->roster != CR_ROSTER_SERIOUS) { return false; }
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (value_of(catalog, values, needed[i]).size == 0) { return true; }
    }
    return false;
}

/* What is found by digesting the values of a row: which record it is, what it
 * says, and the ways in. */
static credit_result derive(cr_item *item, const cr_catalog *catalog, const credit_span *values,
    const cr_crypto *crypto, cr_hasher *hasher, credit_error *err)
{
    item->name_hash = cr_name_hash(value_of(catalog, values, CR_ROLE_SUBJECT_NAME));
    item->document_hash = cr_document_hash(value_of(catalog, values, CR_ROLE_DOCUMENT_NO));
    item->derived = true;
    credit_result rc = cr_record_key_of(catalog, values, crypto, hasher, item->key.record, err);
    if (rc != CREDIT_OK || catalog->message == NULL) { return rc; }
    return cr_message_put_about(catalog, values, crypto, hasher, &item->version.facts, err);
}

/* A source cannot have spoken after it was heard. */
static credit_date sourced_on(cr_encoder *encoder, const cr_record *record, bool *says_day)
{
    bool row_says = record->provided_on != CREDIT_DATE_NONE;
    credit_date day = row_says ? record->provided_on : encoder->dated;
    encoder->rows_say = encoder->rows_say || row_says;
    *says_day = day != CREDIT_DATE_NONE;
    return day == CREDIT_DATE_NONE || day > encoder->received_on ? encoder->received_on : day;
}

credit_result cr_encoder_add(
    cr_encoder *encoder, const cr_record *record, cr_block *block, credit_error *err)
{
    cr_frame_writer *frames = &encoder->frames;
    if (!cr_grow(&block->items, &block->item_capacity, block->count + 1, sizeof *block->items)) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    cr_item *item = &block->items[block->count];
    memset(item, 0, sizeof *item);
    uint16_t schema = encoder->registry->schema_number[record->catalog_index];
    item->key.catalog = encoder->registry->catalog_number[record->catalog_index];
    item->key.commit = encoder->commit;
    item->key.row = (uint32_t)record->row;
    item->line = record->line;
    item->number = (uint8_t)cr_match_number_of(record->subject.kind);
    item->lacks_decision = cr_lacks_its_decision(record->catalog, record->values);
    item->needs_earlier = record->needs_earlier;
    item->version.state = CR_VERSION_CURRENT;
    if (record->facts.status != 0 && record->catalog->status_valid != 0 &&
        record->facts.status != record->catalog->status_valid) {
        item->version.state = CR_VERSION_WITHDRAWN;
    }
    item->version.schema = schema;
    item->version.facts = record->facts;
    item->version.received_on = encoder->received_on;
    item->version.sourced_on = sourced_on(encoder, record, &item->says_day);
    size_t room = cr_frame_room(record), size = 0;
    if (!cr_grow(&block->bytes, &block->capacity, block->size + room, 1)) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    credit_result rc = cr_subject_key_of(
        &record->subject, frames->crypto, frames->persons_key, &item->key.subject, err);
    bool digested = false;
    if (rc == CREDIT_OK) {
        rc = cr_frame_encode(frames, record, schema, block->bytes + block->size, &size,
            item->version.digest, &digested, err);
    }
    if (rc == CREDIT_OK && digested) { /* private values are not seen again */
        rc = derive(item, record->catalog, record->values, frames->crypto, frames->hasher, err);
    }
    if (rc != CREDIT_OK) { return rc; }
    item->frame_at = block->size;
    item->version.frame_size = (uint32_t)size;
    block->size += size;
    block->count++;
    return CREDIT_OK;
}

credit_result cr_block_derive(cr_block *block, const cr_catalog *catalog, const cr_crypto *crypto,
    cr_hasher *hasher, credit_error *err)
{
    credit_span values[CR_FIELDS_MAX];
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < block->count; i++) {
        cr_item *item = &block->items[i];
        if (item->derived) { continue; }
        credit_span frame = {block->bytes + item->frame_at, item->version.frame_size};
        if (!cr_frame_values(frame, values, catalog->field_count)) {
            return cr_fail(err, CREDIT_E_BUG, "a row does not read as it was written");
        }
        rc = cr_frame_digest(crypto, hasher, frame, item->version.digest, err);
        if (rc == CREDIT_OK) { rc = derive(item, catalog, values, crypto, hasher, err); }
    }
    return rc;
}

/* The rows in the order of their subjects and records; as in the file where these
 * are the same. */
static credit_result order_items(cr_block *block, credit_error *err)
{
    /* All rows of a file are of one catalog, which stands between the two. */
    enum { KEY = offsetof(cr_version_key, record) + CR_RECORD_KEY };
    _Static_assert(offsetof(cr_item, key) == 0 && offsetof(cr_version_key, subject) == 0,
        "an item begins with its key");
    if (!cr_grow(&block->order, &block->order_room, block->count, sizeof *block->order)) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    for (size_t i = 0; i < block->count; i++) { block->order[i] = (const char *)&block->items[i]; }
    return cr_sort(block->order, block->count, KEY, err);
}

/* Rows that bear a number which leads to one unified code are rows of that subject, if
 * the matching table will have it so. */
static credit_result follow_numbers(cr_block *block, const cr_earlier *earlier, const cr_pack *pack,
    const cr_registry *registry, credit_error *err)
{
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < block->count; i++) {
        cr_item *item = &block->items[i];
        cr_subject_key led;
        cr_match_leads leads;
        if (item->number != CR_NUMBER_ORG_CODE && item->number != CR_NUMBER_REG_NO) { continue; }
        rc = cr_number_leads(
            earlier->snapshot, pack, registry, &item->key.subject, &led, &leads, err);
        if (rc != CREDIT_OK) { return rc; }
        item->leads = (uint8_t)leads;
        if (leads == CR_LEADS_TO_ONE) { item->key.subject = led; }
    }
    return rc;
}

credit_result cr_block_compare(cr_block *block, cr_earlier *earlier, const cr_pack *pack,
    const cr_registry *registry, credit_error *err)
{
    credit_result rc = follow_numbers(block, earlier, pack, registry, err);
    if (rc == CREDIT_OK) { rc = order_items(block, err); }
    for (size_t i = 0; rc == CREDIT_OK && i < block->count; i++) {
        cr_found found;
        cr_item *item = (cr_item *)block->order[i];
        const cr_version *stored = &found.version;
        credit_date day = block->follows ? CREDIT_DATE_FOREVER : item->version.sourced_on;
        rc = cr_earlier_find(earlier, &item->key, day, &found, err);
        item->was_stored = rc == CREDIT_OK && found.any;
        if (rc != CREDIT_OK || !found.in_force) { continue; }
        if (block->follows && stored->sourced_on > item->version.sourced_on) {
            item->version.sourced_on = stored->sourced_on;
        }
        if (!cr_found_says(&found, item->version.digest)) { continue; }
        item->unchanged = true;
        item->stored_commit = found.commit;
        item->stored_row = found.row;
        item->stored_on = found.kept_on;
        item->version.frame = stored->frame;
        item->version.frame_size = stored->frame_size;
        item->version.schema = stored->schema;
    }
    return rc;
}
