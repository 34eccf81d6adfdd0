#include "engine/subject.h"

/* Value of the SUBJECT table: u8 layout, u8 category, u8 known, u8 flags,
 * u32 first commit, u64 name hash, name. */
enum { CORRECTED = 1, GONE = 2 };
enum { SUBJECT_LAYOUT = 1, SUBJECT_HEAD = 16, NAME_MAX_BYTES = 4096 };

credit_result cr_subject_decode(credit_span value, cr_subject *subject, credit_error *err)
{
    memset(subject, 0, sizeof *subject);
    if (value.size < SUBJECT_HEAD || value.data[0] != SUBJECT_LAYOUT) {
        return cr_fail(err, CREDIT_E_CORRUPT, "a subject entry is damaged");
    }
    subject->category = (uint8_t)value.data[1];
    subject->known = value.data[2] != 0;
    subject->corrected = (value.data[3] & CORRECTED) != 0;
    subject->gone = (value.data[3] & GONE) != 0;
    subject->first_commit = cr_get_u32le(value.data + 4);
    subject->name_hash = cr_get_u64le(value.data + 8);
    subject->name = (credit_span){value.data + SUBJECT_HEAD, value.size - SUBJECT_HEAD};
    return CREDIT_OK;
}

credit_result cr_subject_get(
    cr_txn *txn, const cr_subject_key *key, cr_subject *subject, credit_error *err)
{
    credit_span value;
    memset(subject, 0, sizeof *subject);
    credit_result rc =
        cr_get(txn, CR_TABLE_SUBJECT, (credit_span){key->bytes, CR_SUBJECT_KEY}, &value, err);
    return rc == CREDIT_OK ? cr_subject_decode(value, subject, err) : rc;
}

credit_result cr_subject_put(
    cr_range *subjects, const cr_subject_key *key, const cr_subject *subject, credit_error *err)
{
    char value[SUBJECT_HEAD + NAME_MAX_BYTES];
    size_t name = subject->name.size < NAME_MAX_BYTES ? subject->name.size : NAME_MAX_BYTES;
    value[0] = SUBJECT_LAYOUT;
    value[1] = (char)subject->category;
    value[2] = subject->known;
    value[3] = (char)((subject->corrected ? CORRECTED : 0) | (subject->gone ? GONE : 0));
    cr_set_u32le(value + 4, subject->first_commit);
    cr_set_u64le(value + 8, subject->name_hash);
    if (name > 0) { memcpy(value + SUBJECT_HEAD, subject->name.data, name); }
    return cr_range_put(subjects, (credit_span){key->bytes, CR_SUBJECT_KEY},
        (credit_span){value, SUBJECT_HEAD + name}, err);
}

void cr_subject_name_key(const cr_subject_key *key, uint64_t name_hash, char out[CR_NAME_KEY])
{
    cr_set_u64be(out, name_hash);
    memcpy(out + 8, key->bytes, CR_SUBJECT_KEY);
}

credit_result cr_subject_had_name(
    cr_txn *txn, const cr_subject_key *key, uint64_t name_hash, bool *had, credit_error *err)
{
    char way[CR_NAME_KEY];
    credit_span value;
    cr_subject_name_key(key, name_hash, way);
    credit_result rc = cr_get(txn, CR_TABLE_NAME, (credit_span){way, sizeof way}, &value, err);
    *had = rc == CREDIT_OK;
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

void cr_touched_key(uint32_t commit, const cr_subject_key *key, char out[CR_TOUCHED_KEY])
{
    cr_set_u32be(out, commit);
    memcpy(out + 4, key->bytes, CR_SUBJECT_KEY);
}

credit_result cr_touched_put(
    cr_txn *writer, uint32_t commit, const cr_subject_key *key, credit_error *err)
{
    char entry[CR_TOUCHED_KEY];
    cr_touched_key(commit, key, entry);
    return cr_put(
        writer, CR_TABLE_TOUCHED, (credit_span){entry, sizeof entry}, (credit_span){"", 0}, err);
}
