#include "engine/counting.h"

/* META's entry "undone": u32be commit, u32be the commit that undid it, u32be the batch
 * of that; in order, so that what was undone is found by halving. */
enum { UNDONE_ENTRY = 12, UNDONE_MAX = 1 << 20 };
static const credit_span UNDONE = {"undone", 6};

static credit_result get_undone(cr_txn *txn, credit_span *undone, credit_error *err)
{
    credit_result rc = cr_get(txn, CR_TABLE_META, UNDONE, undone, err);
    if (rc == CREDIT_DONE) {
        *undone = (credit_span){NULL, 0};
        return CREDIT_OK;
    }
    if (rc == CREDIT_OK && undone->size % UNDONE_ENTRY != 0) {
        return cr_fail(err, CREDIT_E_CORRUPT, "the list of undone batches is damaged");
    }
    return rc;
}

credit_result cr_counting_open(cr_txn *txn, cr_counting *counting, credit_error *err)
{
    memset(counting, 0, sizeof *counting);
    counting->txn = txn;
    credit_result rc = get_undone(txn, &counting->undone, err);
    if (rc != CREDIT_OK || counting->undone.size == 0) { return rc; }
    return cr_range_open(txn, CR_TABLE_SAID, &counting->said, err);
}

void cr_counting_close(cr_counting *counting)
{
    cr_range_close(&counting->said);
    memset(counting, 0, sizeof *counting);
}

/* The first entry of a commit, or of the next one that has any. */
static size_t first_of(credit_span undone, uint32_t commit)
{
    size_t low = 0, high = undone.size / UNDONE_ENTRY;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (cr_get_u32be(undone.data + middle * UNDONE_ENTRY) < commit) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low * UNDONE_ENTRY;
}

/* The entry that undoes a commit and is not undone itself; NULL if there is none. What
 * undoes comes later than what it undoes, so that the question comes to an end. */
static const char *undoing_of(const cr_counting *counting, uint32_t commit, uint32_t known)
{
    credit_span undone = counting->undone;
    for (size_t at = first_of(undone, commit); at < undone.size; at += UNDONE_ENTRY) {
        const char *entry = undone.data + at;
        uint32_t by = cr_get_u32be(entry + 4);
        if (cr_get_u32be(entry) != commit) { break; }
        if (by > commit && by <= known && undoing_of(counting, by, known) == NULL) { return entry; }
    }
    return NULL;
}

bool cr_commit_counts(const cr_counting *counting, uint32_t commit, uint32_t known)
{
    return undoing_of(counting, commit, known) == NULL;
}

uint32_t cr_undone_by(const cr_counting *counting, uint32_t commit)
{
    const char *entry = undoing_of(counting, commit, UINT32_MAX);
    return entry == NULL ? 0 : cr_get_u32be(entry + 8);
}

/* ---- one version ------------------------------------------------------------------ */

/* One more who says what the version says, in the order of the commits. */
static void hear(cr_weighed *weighed, credit_date day, uint32_t by, bool raises)
{
    if (!weighed->counts || (raises && day > weighed->day)) {
        *weighed = (cr_weighed){true, day, by};
    } else if (day == weighed->day) {
        weighed->by = by;
    }
}

static credit_result hear_all(cr_counting *counting, uint32_t commit, uint32_t row, uint32_t known,
    cr_weighed *weighed, credit_error *err)
{
    char prefix[8];
    credit_result rc;
    bool first = true;
    uint32_t place = row % CR_SAID_ROWS;
    cr_set_u32be(prefix, commit);
    cr_set_u32be(prefix + 4, row / CR_SAID_ROWS);
    cr_range_seek(&counting->said, (credit_span){prefix, sizeof prefix});
    while ((rc = cr_range_next(&counting->said, err)) == CREDIT_OK) {
        credit_span key = counting->said.key, bits = counting->said.value;
        if (key.size != CR_SAID_KEY) {
            return cr_fail(err, CREDIT_E_CORRUPT, "an entry of repeated rows is damaged");
        }
        if (place / 8 >= bits.size || (bits.data[place / 8] >> place % 8 & 1) == 0) { continue; }
        /* The first who said it again found the day as its own commit had left it. */
        if (first && weighed->counts) { weighed->day = cr_get_u16be(key.data + 14); }
        first = false;
        uint32_t by = cr_get_u32be(key.data + 8);
        if (by <= known && cr_commit_counts(counting, by, known)) {
            hear(weighed, cr_get_u16be(key.data + 12), by, key.data[16] != 0);
        }
    }
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

credit_result cr_version_weigh(cr_counting *counting, uint32_t commit, uint32_t row,
    credit_date kept_on, uint32_t known, cr_weighed *weighed, credit_error *err)
{
    *weighed = (cr_weighed){true, kept_on, commit};
    if (counting->undone.size == 0) { return CREDIT_OK; }
    weighed->counts = cr_commit_counts(counting, commit, known);
    return hear_all(counting, commit, row, known, weighed, err);
}

credit_result cr_counted_open(cr_txn *txn, const cr_subject_key *subject, uint32_t known,
    cr_counted *counted, credit_error *err)
{
    memset(counted, 0, sizeof *counted);
    counted->known = known;
    credit_result rc = cr_counting_open(txn, &counted->counting, err);
    if (rc == CREDIT_OK) { rc = cr_range_open(txn, CR_TABLE_VERSION, &counted->versions, err); }
    if (rc == CREDIT_OK) {
        cr_range_seek(&counted->versions, (credit_span){subject->bytes, CR_SUBJECT_KEY});
    }
    return rc;
}

void cr_counted_close(cr_counted *counted)
{
    cr_range_close(&counted->versions);
    cr_counting_close(&counted->counting);
}

credit_result cr_counted_next(cr_counted *counted, credit_error *err)
{
    const cr_range *at = &counted->versions;
    credit_result rc;
    while ((rc = cr_range_next(&counted->versions, err)) == CREDIT_OK) {
        if (!cr_version_key_decode(at->key, &counted->key) || at->value.size != CR_VERSION_VALUE) {
            return cr_fail(err, CREDIT_E_CORRUPT, "a record entry is damaged");
        }
        if (counted->key.commit > counted->known) { continue; }
        rc = cr_version_weigh(&counted->counting, counted->key.commit, counted->key.row,
            cr_version_sourced_on(at->value.data), counted->known, &counted->weighed, err);
        if (rc != CREDIT_OK || counted->weighed.counts) { return rc; }
    }
    return rc;
}

/* ---- noting ------------------------------------------------------------------------- */

credit_result cr_undone_put(
    cr_txn *writer, uint32_t commit, uint32_t by, uint32_t batch, credit_error *err)
{
    credit_span stored;
    credit_result rc = get_undone(writer, &stored, err);
    if (rc != CREDIT_OK) { return rc; }
    if (stored.size / UNDONE_ENTRY >= UNDONE_MAX) {
        return cr_fail(err, CREDIT_E_LIMIT, "more than %d batches were undone", UNDONE_MAX);
    }
    /* Behind the earlier ones of the same commit. */
    size_t at = first_of(stored, commit + 1);
    char *bytes = cr_alloc(stored.size + UNDONE_ENTRY);
    if (bytes == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    if (at > 0) { memcpy(bytes, stored.data, at); }
    if (at < stored.size) { memcpy(bytes + at + UNDONE_ENTRY, stored.data + at, stored.size - at); }
    cr_set_u32be(bytes + at, commit);
    cr_set_u32be(bytes + at + 4, by);
    cr_set_u32be(bytes + at + 8, batch);
    rc = cr_put(
        writer, CR_TABLE_META, UNDONE, (credit_span){bytes, stored.size + UNDONE_ENTRY}, err);
    cr_free(bytes);
    return rc;
}
