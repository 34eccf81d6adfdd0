/* What is written down of a judgement, and of a change of it: as bytes, and back. */
#include "api/verdict.h"

#include <stdio.h>
#include <string.h>

#include "engine/text.h"

enum {
    REF = CR_VERSION_KEY - CR_SUBJECT_KEY,
    KEPT = CR_ROSTER_NAME + 4 + 4 + 4 + REF,
    VERDICT_HEAD = 1 + 4 + 4 + 4 + TIER_ROOM + 4,
    CHANGE_HEAD = 1 + 4 + 8 + 4,
    CHANGE_SIZE = CHANGE_HEAD + CR_SUBJECT_KEY + 1 + KEPT + 2 * TIER_ROOM,
    CHANGE_KEY = 8,
    LAYOUT = 1
};

/* ---- a listing ------------------------------------------------------------------- */

static void put_kept(char *out, const api_kept_listing *kept)
{
    memcpy(out, kept->roster, CR_ROSTER_NAME);
    out += CR_ROSTER_NAME;
    cr_set_u32le(out, kept->list);
    cr_set_u32le(out + 4, (uint32_t)kept->since);
    cr_set_u32le(out + 8, (uint32_t)kept->until);
    memcpy(out + 12, kept->version, REF);
}

static void get_kept(const char *in, api_kept_listing *kept)
{
    memcpy(kept->roster, in, CR_ROSTER_NAME);
    kept->roster[CR_ROSTER_NAME - 1] = '\0';
    in += CR_ROSTER_NAME;
    kept->list = cr_get_u32le(in);
    kept->since = (credit_date)cr_get_u32le(in + 4);
    kept->until = (credit_date)cr_get_u32le(in + 8);
    memcpy(kept->version, in + 12, REF);
}

int api_kept_roster(const cr_pack *pack, const api_kept_listing *kept)
{
    for (size_t i = 0; i < pack->roster_count; i++) {
        if (cr_span_equal(pack->rosters[i].name, cr_span_of(kept->roster))) { return (int)i; }
    }
    return -1;
}

/* ---- a judgement ------------------------------------------------------------------ */

size_t api_verdict_size(const api_verdict *verdict)
{
    return VERDICT_HEAD + verdict->listing_count * KEPT;
}

void api_verdict_encode(const api_verdict *verdict, char *out)
{
    out[0] = LAYOUT;
    cr_set_u32le(out + 1, verdict->pack);
    cr_set_u32le(out + 5, (uint32_t)verdict->judged_on);
    cr_set_u32le(out + 9, (uint32_t)verdict->due);
    memcpy(out + 13, verdict->tier, TIER_ROOM);
    cr_set_u32le(out + 13 + TIER_ROOM, (uint32_t)verdict->listing_count);
    for (size_t i = 0; i < verdict->listing_count; i++) {
        put_kept(out + VERDICT_HEAD + i * KEPT, &verdict->listings[i]);
    }
}

static credit_result make_room(api_verdict *verdict, size_t count, credit_error *err)
{
    return cr_grow(&verdict->listings, &verdict->listing_room, count, sizeof *verdict->listings)
               ? CREDIT_OK
               : cr_fail(err, CREDIT_E_NOMEM, "out of memory");
}

void api_verdict_free(api_verdict *verdict)
{
    cr_free(verdict->listings);
    memset(verdict, 0, sizeof *verdict);
}

credit_result api_verdict_decode(credit_span value, api_verdict *verdict, credit_error *err)
{
    bool sound = value.size >= VERDICT_HEAD && value.data[0] == LAYOUT;
    size_t count = sound ? (value.size - VERDICT_HEAD) / KEPT : 0;
    if (!sound || (value.size - VERDICT_HEAD) % KEPT != 0 ||
        cr_get_u32le(value.data + 13 + TIER_ROOM) != count) {
        return cr_fail(err, CREDIT_E_CORRUPT, "a judgement entry is damaged");
    }
    credit_result rc = make_room(verdict, count, err);
    if (rc != CREDIT_OK) { return rc; }
    verdict->pack = cr_get_u32le(value.data + 1);
    verdict->judged_on = (credit_date)cr_get_u32le(value.data + 5);
    verdict->due = (credit_date)cr_get_u32le(value.data + 9);
    memcpy(verdict->tier, value.data + 13, TIER_ROOM);
    verdict->tier[TIER_ROOM - 1] = '\0';
    verdict->listing_count = count;
    for (size_t i = 0; i < count; i++) {
        get_kept(value.data + VERDICT_HEAD + i * KEPT, &verdict->listings[i]);
    }
    return CREDIT_OK;
}

static credit_result keep_listing(
    const cr_listing *listing, api_verdict *verdict, credit_error *err)
{
    char key[CR_VERSION_KEY];
    credit_result rc = make_room(verdict, verdict->listing_count + 1, err);
    if (rc != CREDIT_OK) { return rc; }
    api_kept_listing *kept = &verdict->listings[verdict->listing_count++];
    memset(kept, 0, sizeof *kept);
    snprintf(kept->roster, sizeof kept->roster, "%.*s", (int)listing->roster->name.size,
        listing->roster->name.data);
    kept->list = listing->list;
    kept->since = listing->since;
    kept->until = listing->until;
    if (listing->fact != NULL) {
        cr_version_key_encode(&listing->fact->key, key);
        memcpy(kept->version, key + CR_SUBJECT_KEY, REF);
    }
    return CREDIT_OK;
}

credit_result api_verdict_of(const cr_judgement *judgement, uint32_t pack, credit_date judged_on,
    api_verdict *verdict, credit_error *err)
{
    verdict->listing_count = 0;
    verdict->pack = pack;
    verdict->judged_on = judged_on;
    memset(verdict->tier, 0, sizeof verdict->tier);
    verdict->due = judgement->next_change;
    snprintf(verdict->tier, sizeof verdict->tier, "%.*s", (int)judgement->tier.size,
        judgement->tier.data == NULL ? "" : judgement->tier.data);
    credit_result rc = CREDIT_OK;
    for (size_t i = 0; rc == CREDIT_OK && i < judgement->listing_count; i++) {
        rc = keep_listing(&judgement->listings[i], verdict, err);
    }
    return rc;
}

/* ---- changes ----------------------------------------------------------------------- */

static void put_change(char out[CHANGE_SIZE], const api_change *change)
{
    out[0] = LAYOUT;
    cr_set_u32le(out + 1, change->commit);
    cr_set_u64le(out + 5, (uint64_t)change->at);
    cr_set_u32le(out + 13, (uint32_t)change->on);
    out += CHANGE_HEAD;
    memcpy(out, change->subject.bytes, CR_SUBJECT_KEY);
    out[CR_SUBJECT_KEY] = change->kind;
    put_kept(out + CR_SUBJECT_KEY + 1, &change->listing);
    memcpy(out + CR_SUBJECT_KEY + 1 + KEPT, change->tier_before, TIER_ROOM);
    memcpy(out + CR_SUBJECT_KEY + 1 + KEPT + TIER_ROOM, change->tier_after, TIER_ROOM);
}

credit_result api_change_put(
    cr_txn *writer, uint64_t number, const api_change *change, credit_error *err)
{
    char key[CHANGE_KEY], value[CHANGE_SIZE];
    cr_set_u64be(key, number);
    put_change(value, change);
    return cr_put(writer, CR_TABLE_CHANGE, (credit_span){key, sizeof key},
        (credit_span){value, sizeof value}, err);
}

credit_result api_change_decode(credit_span value, api_change *change, credit_error *err)
{
    if (value.size != CHANGE_SIZE || value.data[0] != LAYOUT) {
        return cr_fail(err, CREDIT_E_CORRUPT, "a change entry is damaged");
    }
    change->commit = cr_get_u32le(value.data + 1);
    change->at = (credit_instant)cr_get_u64le(value.data + 5);
    change->on = (credit_date)cr_get_u32le(value.data + 13);
    const char *in = value.data + CHANGE_HEAD;
    memcpy(change->subject.bytes, in, CR_SUBJECT_KEY);
    change->kind = in[CR_SUBJECT_KEY];
    get_kept(in + CR_SUBJECT_KEY + 1, &change->listing);
    memcpy(change->tier_before, in + CR_SUBJECT_KEY + 1 + KEPT, TIER_ROOM);
    memcpy(change->tier_after, in + CR_SUBJECT_KEY + 1 + KEPT + TIER_ROOM, TIER_ROOM);
    change->tier_before[TIER_ROOM - 1] = change->tier_after[TIER_ROOM - 1] = '\0';
    return CREDIT_OK;
}

credit_result api_change_last(cr_txn *txn, uint64_t *number, credit_error *err)
{
    static const char last[CHANGE_KEY] = "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF";
    cr_range range;
    *number = 0;
    credit_result rc = cr_range_open(txn, CR_TABLE_CHANGE, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    rc = cr_range_last(&range, (credit_span){NULL, 0}, (credit_span){last, sizeof last}, err);
    if (rc == CREDIT_OK && range.key.size != CHANGE_KEY) {
        rc = cr_fail(err, CREDIT_E_CORRUPT, "the number of a change is damaged");
    }
    if (rc == CREDIT_OK) { *number = cr_get_u64be(range.key.data); }
    cr_range_close(&range);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

credit_result api_changes_open(cr_txn *txn, uint64_t since, cr_range *range, credit_error *err)
{
    char key[CHANGE_KEY];
    credit_result rc = cr_range_open(txn, CR_TABLE_CHANGE, range, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_range_seek(range, (credit_span){NULL, 0});
    if (since == 0) { return CREDIT_OK; }
    cr_set_u64be(key, since);
    rc = cr_range_last(range, (credit_span){NULL, 0}, (credit_span){key, sizeof key}, err);
    if (rc == CREDIT_OK) { return CREDIT_OK; }
    cr_range_close(range);
    return rc == CREDIT_DONE ? cr_fail(err, CREDIT_E_CORRUPT, "changes are missing") : rc;
}
