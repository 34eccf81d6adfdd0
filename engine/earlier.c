#include "engine/earlier.h"

enum {
    RECORD_PREFIX = CR_VERSION_KEY - 8,
    STEPS_MAX = 16 /* versions walked over; a look-up costs as much */
};

credit_result cr_earlier_open(cr_earlier *earlier, cr_store *store, credit_error *err)
{
    memset(earlier, 0, sizeof *earlier);
    credit_result rc = cr_snapshot_begin(store, &earlier->snapshot, err);
    return rc == CREDIT_OK
               ? cr_range_open(earlier->snapshot, CR_TABLE_VERSION, &earlier->versions, err)
               : rc;
}

void cr_earlier_close(cr_earlier *earlier)
{
    cr_range_close(&earlier->versions);
    cr_txn_end(earlier->snapshot);
    memset(earlier, 0, sizeof *earlier);
}

/* CREDIT_DONE at the end of the subject is no failure. */
static credit_result step(cr_earlier *earlier, credit_error *err)
{
    credit_result rc = cr_range_next(&earlier->versions, err);
    earlier->standing = rc == CREDIT_OK;
    if (earlier->standing && earlier->versions.key.size != CR_VERSION_KEY) {
        return cr_fail(err, CREDIT_E_CORRUPT, "a record key is damaged");
    }
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

/* Puts the walk at the beginning of the record's subject, unless it is in it already
 * and not yet behind the record. */
static credit_result enter_subject(cr_earlier *earlier, const char *record, credit_error *err)
{
    const char *asked = earlier->asked;
    bool onward = earlier->walking && memcmp(asked, record, CR_SUBJECT_KEY) == 0 &&
                  memcmp(asked, record, RECORD_PREFIX) < 0;
    memcpy(earlier->asked, record, CR_VERSION_KEY);
    if (onward) { return CREDIT_OK; }
    earlier->walking = true;
    earlier->far = false;
    cr_range_seek(&earlier->versions, (credit_span){record, CR_SUBJECT_KEY});
    return step(earlier, err);
}

static credit_result look_up(
    cr_earlier *earlier, char last[CR_VERSION_KEY], cr_version *version, credit_error *err)
{
    memset(last + RECORD_PREFIX, 0xFF, CR_VERSION_KEY - RECORD_PREFIX);
    credit_result rc = cr_range_last(&earlier->versions, (credit_span){last, RECORD_PREFIX},
        (credit_span){last, CR_VERSION_KEY}, err);
    return rc == CREDIT_OK ? cr_version_decode(earlier->versions.value, version, err) : rc;
}

credit_result cr_earlier_newest(
    cr_earlier *earlier, const cr_version_key *key, cr_version *version, credit_error *err)
{
    char record[CR_VERSION_KEY];
    credit_span newest = {NULL, 0};
    cr_version_key_encode(key, record);
    credit_result rc = enter_subject(earlier, record, err);
    for (size_t steps = 0; rc == CREDIT_OK && earlier->standing && !earlier->far; steps++) {
        int order = memcmp(earlier->versions.key.data, record, RECORD_PREFIX);
        if (order > 0) { break; }
        if (order == 0) { newest = earlier->versions.value; }
        earlier->far = steps == STEPS_MAX;
        rc = step(earlier, err);
    }
    if (rc != CREDIT_OK) { return rc; }
    if (earlier->far) { return look_up(earlier, record, version, err); }
    return newest.data == NULL ? CREDIT_DONE : cr_version_decode(newest, version, err);
}
