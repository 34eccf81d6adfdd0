/* Rows that wait, and what was decided of them, as the tables keep them. */
#include "engine/admit.h"

void cr_parked_encode(const cr_parked *parked, char out[CR_PARKED_VALUE])
{
    memset(out, 0, CR_PARKED_VALUE);
    out[0] = 1;
    memcpy(out + 1, parked->subject.bytes, CR_SUBJECT_KEY);
    cr_set_u32le(out + 20, parked->commit);
    cr_set_u16le(out + 24, parked->catalog);
    out[26] = (char)parked->needs_earlier;
    cr_set_u64le(out + 27, parked->line);
    memcpy(out + 35, parked->rule, sizeof parked->rule);
    cr_version_encode(&parked->version, out + 43);
}

credit_result cr_parked_decode(credit_span value, cr_parked *parked, credit_error *err)
{
    if (value.size != CR_PARKED_VALUE || value.data[0] != 1) {
        return cr_fail(err, CREDIT_E_CORRUPT, "an entry of a waiting row is damaged");
    }
    memcpy(parked->subject.bytes, value.data + 1, CR_SUBJECT_KEY);
    parked->commit = cr_get_u32le(value.data + 20);
    parked->catalog = cr_get_u16le(value.data + 24);
    parked->needs_earlier = (cr_severity)value.data[26];
    parked->line = cr_get_u64le(value.data + 27);
    memcpy(parked->rule, value.data + 35, sizeof parked->rule);
    parked->rule[sizeof parked->rule - 1] = '\0';
    return cr_version_decode(
        (credit_span){value.data + 43, CR_VERSION_VALUE}, &parked->version, err);
}

void cr_settled_key(const cr_version_key *own, char out[CR_SETTLED_KEY])
{
    cr_set_u16be(out, own->catalog);
    memcpy(out + 2, own->record, CR_RECORD_KEY);
    memcpy(out + 2 + CR_RECORD_KEY, own->subject.bytes, CR_SUBJECT_KEY);
}

void cr_settled_value(const cr_subject_key *given, const char digest[CR_CONTENT_DIGEST],
    uint32_t commit, char out[CR_SETTLED_VALUE])
{
    out[0] = 1;
    memcpy(out + 1, given->bytes, CR_SUBJECT_KEY);
    memcpy(out + 1 + CR_SUBJECT_KEY, digest, CR_CONTENT_DIGEST);
    cr_set_u32le(out + 1 + CR_SUBJECT_KEY + CR_CONTENT_DIGEST, commit);
}

credit_result cr_parked_waits(cr_counting *counting, const char key[CR_PARKED_KEY],
    const cr_parked *parked, bool *waits, credit_error *err)
{
    cr_range decided;
    *waits = cr_commit_counts(counting, parked->commit, UINT32_MAX);
    if (!*waits) { return CREDIT_OK; }
    credit_result rc = cr_range_open(counting->txn, CR_TABLE_DECIDED, &decided, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_range_seek(&decided, (credit_span){key, CR_PARKED_KEY});
    while (*waits && (rc = cr_range_next(&decided, err)) == CREDIT_OK) {
        if (decided.key.size != CR_DECIDED_KEY) {
            rc = cr_fail(err, CREDIT_E_CORRUPT, "a decision about a waiting row is damaged");
            break;
        }
        uint32_t by = cr_get_u32be(decided.key.data + CR_PARKED_KEY);
        *waits = !cr_commit_counts(counting, by, UINT32_MAX);
    }
    cr_range_close(&decided);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

credit_result cr_was_settled(cr_txn *txn, const cr_version_key *own,
    const char digest[CR_CONTENT_DIGEST], bool *was, credit_error *err)
{
    char key[CR_SETTLED_KEY];
    credit_span value;
    cr_settled_key(own, key);
    credit_result rc = cr_get(txn, CR_TABLE_SETTLED, (credit_span){key, sizeof key}, &value, err);
    *was = rc == CREDIT_OK && value.size == CR_SETTLED_VALUE &&
           memcmp(value.data + 1 + CR_SUBJECT_KEY, digest, CR_CONTENT_DIGEST) == 0;
    if (!*was) { return rc == CREDIT_DONE ? CREDIT_OK : rc; }
    cr_counting counting;
    uint32_t by = cr_get_u32le(value.data + 1 + CR_SUBJECT_KEY + CR_CONTENT_DIGEST);
    rc = cr_counting_open(txn, &counting, err);
    *was = rc == CREDIT_OK && cr_commit_counts(&counting, by, UINT32_MAX);
    cr_counting_close(&counting);
    return rc;
}
