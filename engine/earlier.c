#include "engine/earlier.h"

enum {
    RECORD_PREFIX = CR_VERSION_KEY - 8,
    STEPS_MAX = 16 /* versions walked over; a look-up costs as much */
};

credit_result cr_earlier_open(cr_earlier *earlier, cr_store *store, credit_error *err)
{
    memset(earlier, 0, sizeof *earlier);
    credit_result rc = cr_snapshot_begin(store, &earlier->snapshot, err);
    if (rc == CREDIT_OK) { rc = cr_counting_open(earlier->snapshot, &earlier->counting, err); }
    return rc == CREDIT_OK
               ? cr_range_open(earlier->snapshot, CR_TABLE_VERSION, &earlier->versions, err)
               : rc;
}

void cr_earlier_close(cr_earlier *earlier)
{
    cr_range_close(&earlier->versions);
    cr_counting_close(&earlier->counting);
    cr_txn_end(earlier->snapshot);
    memset(earlier, 0, sizeof *earlier);
}

/* CREDIT_DONE at the end of the subject is no failure. */
static credit_result step(cr_earlier *earlier, credit_error *err)
{
    credit_result rc = cr_range_next(&earlier->versions, err);
    earlier->standing = rc == CREDIT_OK;
    if (earlier->standing && (earlier->versions.key.size != CR_VERSION_KEY ||
                                 earlier->versions.value.size != CR_VERSION_VALUE)) {
        return cr_fail(err, CREDIT_E_CORRUPT, "a record entry is damaged");
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

/* The version in force, of those that were offered. */
typedef struct search {
    cr_counting *counting;
    credit_date day;
    bool any, later;
    cr_weighed in_force;
    credit_span key, value;
} search;

static credit_result offer(search *s, const cr_range *at, credit_error *err)
{
    cr_weighed weighed;
    const char *source = at->key.data + RECORD_PREFIX;
    credit_result rc = cr_version_weigh(s->counting, cr_get_u32be(source), cr_get_u32be(source + 4),
        cr_version_sourced_on(at->value.data), UINT32_MAX, &weighed, err);
    if (rc != CREDIT_OK || !weighed.counts) { return rc; }
    s->any = true;
    if (weighed.day > s->day) {
        s->later = true;
    } else if (s->value.data == NULL || cr_supersedes(&weighed, &s->in_force)) {
        s->in_force = weighed;
        s->key = at->key;
        s->value = at->value;
    }
    return CREDIT_OK;
}

static credit_result conclude(const search *s, cr_found *found, credit_error *err)
{
    found->any = s->any;
    found->later = s->later;
    found->in_force = s->value.data != NULL;
    if (!found->in_force) { return CREDIT_OK; }
    found->commit = cr_get_u32be(s->key.data + RECORD_PREFIX);
    found->row = cr_get_u32be(s->key.data + RECORD_PREFIX + 4);
    credit_result rc = cr_version_decode(s->value, &found->version, err);
    found->kept_on = found->version.sourced_on;
    found->version.sourced_on = s->in_force.day;
    return rc;
}

static credit_result find_record(cr_range *versions, cr_counting *counting,
    const char record[CR_VERSION_KEY], credit_date day, cr_found *found, credit_error *err)
{
    search s = {.counting = counting, .day = cr_day_number(day)};
    credit_result rc = CREDIT_OK;
    cr_range_seek(versions, (credit_span){record, RECORD_PREFIX});
    while (rc == CREDIT_OK && (rc = cr_range_next(versions, err)) == CREDIT_OK) {
        if (versions->key.size != CR_VERSION_KEY || versions->value.size != CR_VERSION_VALUE) {
            return cr_fail(err, CREDIT_E_CORRUPT, "a record entry is damaged");
        }
        rc = offer(&s, versions, err);
    }
    return rc == CREDIT_DONE ? conclude(&s, found, err) : rc;
}

credit_result cr_version_find(cr_range *versions, const cr_version_key *key, credit_date day,
    cr_found *found, credit_error *err)
{
    char record[CR_VERSION_KEY];
    cr_counting counting;
    memset(found, 0, sizeof *found);
    cr_version_key_encode(key, record);
    credit_result rc = cr_counting_open(versions->txn, &counting, err);
    if (rc == CREDIT_OK) { rc = find_record(versions, &counting, record, day, found, err); }
    cr_counting_close(&counting);
    return rc;
}

credit_result cr_earlier_find(cr_earlier *earlier, const cr_version_key *key, credit_date day,
    cr_found *found, credit_error *err)
{
    char record[CR_VERSION_KEY];
    search s = {.counting = &earlier->counting, .day = cr_day_number(day)};
    bool may = true;
    _Static_assert((int)RECORD_PREFIX == (int)CR_FILTER_PREFIX, "a filter is asked about records");
    memset(found, 0, sizeof *found);
    cr_version_key_encode(key, record);
    credit_result rc =
        cr_may_begin(earlier->snapshot, (credit_span){record, RECORD_PREFIX}, &may, err);
    if (rc != CREDIT_OK || !may) { return rc; }
    rc = enter_subject(earlier, record, err);
    for (size_t steps = 0; rc == CREDIT_OK && earlier->standing && !earlier->far; steps++) {
        int order = memcmp(earlier->versions.key.data, record, RECORD_PREFIX);
        if (order > 0) { break; }
        if (order == 0) { rc = offer(&s, &earlier->versions, err); }
        if (rc != CREDIT_OK) { break; }
        earlier->far = steps == STEPS_MAX;
        rc = step(earlier, err);
    }
    if (rc != CREDIT_OK) { return rc; }
    if (earlier->far) {
        return find_record(&earlier->versions, &earlier->counting, record, day, found, err);
    }
    return conclude(&s, found, err);
}
