#include "engine/feed.h"

#include "engine/text.h"

static const char HEAD_KEY[] = "feed";
enum {
    LAYOUT = 1,
    HEAD_SIZE = 1 + CR_FEED_STREAM + 4 + 8 + CR_FEED_DIGEST + 4 + CR_SUBJECT_KEY,
    TOLD_FIXED = 2 + 8 + CR_FEED_DIGEST,
    CHANGE_FIXED = 3 + 4 + CR_VERSION_KEY + 4 + 4 + CR_FEED_DIGEST + 16,
    PACKAGE_SIZE = 3 + 8 + 8 + 4 + 4 + 8 + 2 * CR_FEED_DIGEST,
    TAKEN_KEY = CR_FEED_STREAM + 4,
    TAKEN_FIXED = 1 + 4 + 3 * 8 + CR_FEED_DIGEST
};

static const char *const operation_words[CR_FEED_OPERATIONS] = {"", "add", "update", "delete"};

const char *cr_feed_operation_word(cr_feed_operation operation)
{
    return operation < CR_FEED_OPERATIONS ? operation_words[operation] : "";
}

cr_feed_operation cr_feed_operation_of(credit_span word)
{
    for (int i = CR_FEED_ADD; i < CR_FEED_OPERATIONS; i++) {
        if (cr_span_is(word, operation_words[i])) { return (cr_feed_operation)i; }
    }
    return CR_FEED_OPERATIONS;
}

static bool is_operation(char byte)
{
    return byte >= CR_FEED_ADD && byte < CR_FEED_OPERATIONS;
}

static credit_result damaged(credit_error *err, const char *what)
{
    return cr_fail(err, CREDIT_E_CORRUPT, "an entry of the feed is damaged: %s", what);
}

/* Fields of a value, one after the other. */
static void put(char **at, const void *bytes, size_t size)
{
    memcpy(*at, bytes, size);
    *at += size;
}
static void put32(char **at, uint32_t value)
{
    cr_set_u32le(*at, value);
    *at += 4;
}
static void put64(char **at, uint64_t value)
{
    cr_set_u64le(*at, value);
    *at += 8;
}
static void take(const char **at, void *bytes, size_t size)
{
    memcpy(bytes, *at, size);
    *at += size;
}
static uint32_t take32(const char **at)
{
    *at += 4;
    return cr_get_u32le(*at - 4);
}
static uint64_t take64(const char **at)
{
    *at += 8;
    return cr_get_u64le(*at - 8);
}

/* The tail of a value; a long name is cut between characters. */
static size_t put_text(char *at, credit_span text)
{
    size_t size = text.size < CR_FEED_TEXT_MAX ? text.size : CR_FEED_TEXT_MAX;
    while (size > 0 && size < text.size && ((unsigned char)text.data[size] & 0xC0) == 0x80) {
        size--;
    }
    if (size > 0) { memcpy(at, text.data, size); }
    return size;
}

/* ---- where it stands ---------------------------------------------------------------- */

credit_result cr_feed_head_get(cr_txn *txn, cr_feed_head *head, credit_error *err)
{
    credit_span value;
    memset(head, 0, sizeof *head);
    credit_result rc = cr_get(txn, CR_TABLE_META, cr_span_of(HEAD_KEY), &value, err);
    if (rc == CREDIT_DONE) { return CREDIT_OK; }
    if (rc != CREDIT_OK) { return rc; }
    if (value.size != HEAD_SIZE || value.data[0] != LAYOUT) { return damaged(err, HEAD_KEY); }
    const char *at = value.data + 1;
    head->begun = true;
    take(&at, head->stream, CR_FEED_STREAM);
    head->package = take32(&at);
    head->number = take64(&at);
    take(&at, head->chain, CR_FEED_DIGEST);
    head->commit = take32(&at);
    take(&at, head->subject.bytes, CR_SUBJECT_KEY);
    return CREDIT_OK;
}

credit_result cr_feed_head_put(cr_txn *writer, const cr_feed_head *head, credit_error *err)
{
    char value[HEAD_SIZE] = {LAYOUT}, *at = value + 1;
    put(&at, head->stream, CR_FEED_STREAM);
    put32(&at, head->package);
    put64(&at, head->number);
    put(&at, head->chain, CR_FEED_DIGEST);
    put32(&at, head->commit);
    put(&at, head->subject.bytes, CR_SUBJECT_KEY);
    return cr_put(
        writer, CR_TABLE_META, cr_span_of(HEAD_KEY), (credit_span){value, sizeof value}, err);
}

/* ---- what was told of a record ------------------------------------------------------- */

credit_result cr_feed_told_decode(credit_span value, cr_feed_told *told, credit_error *err)
{
    memset(told, 0, sizeof *told);
    if (value.size < TOLD_FIXED || value.data[0] != LAYOUT || !is_operation(value.data[1])) {
        return damaged(err, "feed_told");
    }
    const char *at = value.data + 2;
    told->operation = (cr_feed_operation)value.data[1];
    told->number = take64(&at);
    take(&at, told->content, CR_FEED_DIGEST);
    told->source = (credit_span){at, value.size - TOLD_FIXED};
    return CREDIT_OK;
}

credit_result cr_feed_told_get(
    cr_txn *txn, const char record[CR_RECORD_PREFIX], cr_feed_told *told, credit_error *err)
{
    credit_span value;
    credit_result rc =
        cr_get(txn, CR_TABLE_FEED_TOLD, (credit_span){record, CR_RECORD_PREFIX}, &value, err);
    return rc == CREDIT_OK ? cr_feed_told_decode(value, told, err) : rc;
}

credit_result cr_feed_told_put(cr_txn *writer, const char record[CR_RECORD_PREFIX],
    const cr_feed_told *told, credit_error *err)
{
    char value[TOLD_FIXED + CR_FEED_TEXT_MAX] = {LAYOUT, (char)told->operation}, *at = value + 2;
    put64(&at, told->number);
    put(&at, told->content, CR_FEED_DIGEST);
    size_t size = TOLD_FIXED + put_text(at, told->source);
    return cr_put(writer, CR_TABLE_FEED_TOLD, (credit_span){record, CR_RECORD_PREFIX},
        (credit_span){value, size}, err);
}

/* ---- changes ------------------------------------------------------------------------- */

credit_result cr_feed_change_decode(
    credit_span key, credit_span value, cr_feed_change *change, credit_error *err)
{
    memset(change, 0, sizeof *change);
    if (key.size != 8 || value.size < CHANGE_FIXED || value.data[0] != LAYOUT ||
        !is_operation(value.data[1]) || (unsigned char)value.data[2] >= CR_FEED_STATES) {
        return damaged(err, "feed_change");
    }
    const char *at = value.data + 3;
    change->number = cr_get_u64be(key.data);
    change->operation = (cr_feed_operation)value.data[1];
    change->state = (cr_feed_state)value.data[2];
    change->package = take32(&at);
    take(&at, change->version, CR_VERSION_KEY);
    change->sourced_on = (credit_date)take32(&at);
    change->day = (credit_date)take32(&at);
    take(&at, change->digest, CR_FEED_DIGEST);
    take(&at, change->rule, sizeof change->rule);
    change->rule[sizeof change->rule - 1] = '\0';
    change->source = (credit_span){at, value.size - CHANGE_FIXED};
    return CREDIT_OK;
}

credit_result cr_feed_change_get(
    cr_txn *txn, uint64_t number, cr_feed_change *change, credit_error *err)
{
    char key[8];
    credit_span value;
    cr_set_u64be(key, number);
    credit_result rc =
        cr_get(txn, CR_TABLE_FEED_CHANGE, (credit_span){key, sizeof key}, &value, err);
    return rc == CREDIT_OK
               ? cr_feed_change_decode((credit_span){key, sizeof key}, value, change, err)
               : rc;
}

credit_result cr_feed_change_put(cr_txn *writer, const cr_feed_change *change, credit_error *err)
{
    char key[8], value[CHANGE_FIXED + CR_FEED_TEXT_MAX] = {
                     LAYOUT, (char)change->operation, (char)change->state};
    char *at = value + 3;
    cr_set_u64be(key, change->number);
    put32(&at, change->package);
    put(&at, change->version, CR_VERSION_KEY);
    put32(&at, (uint32_t)change->sourced_on);
    put32(&at, (uint32_t)change->day);
    put(&at, change->digest, CR_FEED_DIGEST);
    put(&at, change->rule, sizeof change->rule);
    size_t size = CHANGE_FIXED + put_text(at, change->source);
    return cr_put(writer, CR_TABLE_FEED_CHANGE, (credit_span){key, sizeof key},
        (credit_span){value, size}, err);
}

/* ---- packages that left --------------------------------------------------------------- */

credit_result cr_feed_package_decode(
    credit_span key, credit_span value, cr_feed_package *package, credit_error *err)
{
    memset(package, 0, sizeof *package);
    if (key.size != 4 || value.size != PACKAGE_SIZE || value.data[0] != LAYOUT) {
        return damaged(err, "feed_package");
    }
    const char *at = value.data + 3;
    package->number = cr_get_u32be(key.data);
    package->written = value.data[1] != 0;
    package->answered = value.data[2] != 0;
    package->first = take64(&at);
    package->last = take64(&at);
    package->first_commit = take32(&at);
    package->last_commit = take32(&at);
    package->at = (credit_instant)take64(&at);
    take(&at, package->previous, CR_FEED_DIGEST);
    take(&at, package->chain, CR_FEED_DIGEST);
    return CREDIT_OK;
}

credit_result cr_feed_package_get(
    cr_txn *txn, uint32_t number, cr_feed_package *package, credit_error *err)
{
    char key[4];
    credit_span value;
    cr_set_u32be(key, number);
    credit_result rc =
        cr_get(txn, CR_TABLE_FEED_PACKAGE, (credit_span){key, sizeof key}, &value, err);
    return rc == CREDIT_OK
               ? cr_feed_package_decode((credit_span){key, sizeof key}, value, package, err)
               : rc;
}

credit_result cr_feed_package_put(cr_txn *writer, const cr_feed_package *package, credit_error *err)
{
    char key[4], value[PACKAGE_SIZE] = {LAYOUT, package->written, package->answered};
    char *at = value + 3;
    cr_set_u32be(key, package->number);
    put64(&at, package->first);
    put64(&at, package->last);
    put32(&at, package->first_commit);
    put32(&at, package->last_commit);
    put64(&at, (uint64_t)package->at);
    put(&at, package->previous, CR_FEED_DIGEST);
    put(&at, package->chain, CR_FEED_DIGEST);
    return cr_put(writer, CR_TABLE_FEED_PACKAGE, (credit_span){key, sizeof key},
        (credit_span){value, sizeof value}, err);
}

/* ---- packages that came in ------------------------------------------------------------- */

static void taken_key(
    const unsigned char stream[CR_FEED_STREAM], uint32_t number, char out[TAKEN_KEY])
{
    memcpy(out, stream, CR_FEED_STREAM);
    cr_set_u32be(out + CR_FEED_STREAM, number);
}

credit_result cr_feed_taken_decode(
    credit_span key, credit_span value, cr_feed_taken *taken, credit_error *err)
{
    memset(taken, 0, sizeof *taken);
    if (key.size != TAKEN_KEY || value.size < TAKEN_FIXED || value.data[0] != LAYOUT) {
        return damaged(err, "feed_taken");
    }
    const char *at = value.data + 1;
    memcpy(taken->stream, key.data, CR_FEED_STREAM);
    taken->number = cr_get_u32be(key.data + CR_FEED_STREAM);
    taken->batch = take32(&at);
    taken->rows = take64(&at);
    taken->rejected = take64(&at);
    taken->withheld = take64(&at);
    take(&at, taken->chain, CR_FEED_DIGEST);
    taken->receipt = (credit_span){at, value.size - TAKEN_FIXED};
    return CREDIT_OK;
}

credit_result cr_feed_taken_get(cr_txn *txn, const unsigned char stream[CR_FEED_STREAM],
    uint32_t number, cr_feed_taken *taken, credit_error *err)
{
    char key[TAKEN_KEY];
    credit_span value;
    taken_key(stream, number, key);
    credit_result rc =
        cr_get(txn, CR_TABLE_FEED_TAKEN, (credit_span){key, sizeof key}, &value, err);
    return rc == CREDIT_OK ? cr_feed_taken_decode((credit_span){key, sizeof key}, value, taken, err)
                           : rc;
}

credit_result cr_feed_taken_last(cr_txn *txn, const unsigned char stream[CR_FEED_STREAM],
    cr_feed_taken *taken, credit_error *err)
{
    char key[TAKEN_KEY];
    cr_range range;
    taken_key(stream, UINT32_MAX, key);
    credit_result rc = cr_range_open(txn, CR_TABLE_FEED_TAKEN, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    rc = cr_range_last(
        &range, (credit_span){key, CR_FEED_STREAM}, (credit_span){key, sizeof key}, err);
    if (rc == CREDIT_OK) { rc = cr_feed_taken_decode(range.key, range.value, taken, err); }
    cr_range_close(&range);
    return rc;
}

credit_result cr_feed_taken_put(cr_txn *writer, const cr_feed_taken *taken, credit_error *err)
{
    char key[TAKEN_KEY];
    size_t size = TAKEN_FIXED + taken->receipt.size;
    char *value = cr_alloc(size);
    if (value == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    char *at = value + 1;
    value[0] = LAYOUT;
    put32(&at, taken->batch);
    put64(&at, taken->rows);
    put64(&at, taken->rejected);
    put64(&at, taken->withheld);
    put(&at, taken->chain, CR_FEED_DIGEST);
    put(&at, taken->receipt.data, taken->receipt.size);
    taken_key(taken->stream, taken->number, key);
    credit_result rc = cr_put(writer, CR_TABLE_FEED_TAKEN, (credit_span){key, sizeof key},
        (credit_span){value, size}, err);
    cr_free(value);
    return rc;
}

/* ---- the chain ------------------------------------------------------------------------- */

static credit_result digest(const cr_crypto *crypto, cr_hasher *hasher, const credit_span *parts,
    size_t count, unsigned char out[CR_FEED_DIGEST], credit_error *err)
{
    credit_result rc = crypto->digest(hasher, parts, count, out);
    return rc == CREDIT_OK ? rc : cr_fail(err, rc, "the chain cannot be computed");
}

credit_result cr_feed_chain_begin(const cr_crypto *crypto, cr_hasher *hasher,
    const unsigned char stream[CR_FEED_STREAM], const cr_feed_package *package,
    unsigned char chain[CR_FEED_DIGEST], credit_error *err)
{
    char numbers[4 + 8];
    cr_set_u32be(numbers, package->number);
    cr_set_u64be(numbers + 4, package->first);
    const credit_span parts[] = {CR_SPAN("credit-feed-package"),
        {(const char *)package->previous, CR_FEED_DIGEST}, {(const char *)stream, CR_FEED_STREAM},
        {numbers, sizeof numbers}};
    return digest(crypto, hasher, parts, sizeof parts / sizeof *parts, chain, err);
}

credit_result cr_feed_chain_add(const cr_crypto *crypto, cr_hasher *hasher,
    const unsigned char row[CR_FEED_DIGEST], unsigned char chain[CR_FEED_DIGEST], credit_error *err)
{
    unsigned char before[CR_FEED_DIGEST];
    memcpy(before, chain, sizeof before);
    const credit_span parts[] = {CR_SPAN("credit-feed-chain"),
        {(const char *)before, CR_FEED_DIGEST}, {(const char *)row, CR_FEED_DIGEST}};
    return digest(crypto, hasher, parts, sizeof parts / sizeof *parts, chain, err);
}
