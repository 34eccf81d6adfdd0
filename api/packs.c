#include "api/packs.h"

#include <string.h>

#include "api/policy.h"
#include "engine/bytes.h"
#include "engine/date.h"

/* META `activated`, in order, per act: u32be commit, u32be pack number, u32be first day
 * with its sign bit flipped, u64be instant, u8 forced. */
static const char ACTS[] = "activated";
enum { ACT = 21, ACTS_MAX = 10000, FILES_MAX = 1000 };

/* ---- bytes -------------------------------------------------------------------- */

/* All files of a pack as one value (FORMAT.md 1.1). */
static credit_result bundle(
    const cr_pack_file *files, size_t count, cr_arena *arena, credit_span *out, credit_error *err)
{
    size_t size = 0, at = 0;
    for (size_t i = 0; i < count; i++) { size += 12 + files[i].path.size + files[i].bytes.size; }
    char *bytes = cr_arena_alloc(arena, size);
    if (bytes == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    for (size_t i = 0; i < count; i++) {
        cr_set_u32be(bytes + at, (uint32_t)files[i].path.size);
        memcpy(bytes + at + 4, files[i].path.data, files[i].path.size);
        at += 4 + files[i].path.size;
        cr_set_u64be(bytes + at, files[i].bytes.size);
        memcpy(bytes + at + 8, files[i].bytes.data, files[i].bytes.size);
        at += 8 + files[i].bytes.size;
    }
    *out = (credit_span){bytes, size};
    return CREDIT_OK;
}

static bool take_file(credit_span bytes, size_t *at, cr_pack_file *file)
{
    if (bytes.size - *at < 4) { return false; }
    size_t path = cr_get_u32be(bytes.data + *at);
    *at += 4;
    if (path > bytes.size - *at || bytes.size - *at - path < 8) { return false; }
    file->path = (credit_span){bytes.data + *at, path};
    uint64_t size = cr_get_u64be(bytes.data + *at + path);
    *at += path + 8;
    if (size > bytes.size - *at) { return false; }
    file->bytes = (credit_span){bytes.data + *at, (size_t)size};
    *at += (size_t)size;
    return true;
}

static credit_result unbundle(
    credit_span bytes, cr_arena *arena, cr_pack_file **files, size_t *count, credit_error *err)
{
    size_t at = 0;
    *count = 0;
    *files = cr_arena_array(arena, FILES_MAX, sizeof **files);
    if (*files == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    while (at < bytes.size) {
        if (*count == FILES_MAX || !take_file(bytes, &at, &(*files)[*count])) {
            return cr_fail(err, CREDIT_E_CORRUPT, "the store's copy of a pack is damaged");
        }
        *count += 1;
    }
    return CREDIT_OK;
}

credit_result api_pack_put(
    cr_txn *writer, uint32_t number, const cr_pack_file *files, size_t count, credit_error *err)
{
    char key[4];
    credit_span bytes;
    cr_arena arena = CR_ARENA_INIT;
    cr_set_u32be(key, number);
    credit_result rc = bundle(files, count, &arena, &bytes, err);
    if (rc == CREDIT_OK) {
        rc = cr_put(writer, CR_TABLE_PACK, (credit_span){key, sizeof key}, bytes, err);
    }
    cr_arena_release(&arena);
    return rc;
}

credit_result api_pack_last(cr_txn *txn, uint32_t *number, credit_error *err)
{
    static const char last[4] = "\xFF\xFF\xFF\xFF";
    cr_range range;
    *number = 0;
    credit_result rc = cr_range_open(txn, CR_TABLE_PACK, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    rc = cr_range_last(&range, (credit_span){NULL, 0}, (credit_span){last, sizeof last}, err);
    if (rc == CREDIT_OK && range.key.size == sizeof last) {
        *number = cr_get_u32be(range.key.data);
    }
    cr_range_close(&range);
    return *number > 0 ? CREDIT_OK : cr_fail(err, CREDIT_E_CORRUPT, "the store has no pack");
}

static void encode_act(const api_activation *act, char out[ACT])
{
    cr_set_u32be(out, act->commit);
    cr_set_u32be(out + 4, act->number);
    cr_set_u32be(out + 8, cr_date_bias(act->from));
    cr_set_u64be(out + 12, (uint64_t)act->at);
    out[20] = act->forced;
}

static void decode_act(const char *in, api_activation *act)
{
    act->commit = cr_get_u32be(in);
    act->number = cr_get_u32be(in + 4);
    act->from = cr_date_unbias(cr_get_u32be(in + 8));
    act->at = (credit_instant)cr_get_u64be(in + 12);
    act->forced = in[20] != 0;
}

/* The acts as they are stored; none: empty. */
static credit_result get_acts(cr_txn *txn, credit_span *acts, credit_error *err)
{
    *acts = (credit_span){NULL, 0};
    credit_result rc = api_meta_get(txn, ACTS, acts, err);
    if (rc == CREDIT_DONE) { return CREDIT_OK; }
    if (rc == CREDIT_OK && (acts->size % ACT != 0 || acts->size / ACT > ACTS_MAX)) {
        return cr_fail(err, CREDIT_E_CORRUPT, "the dates of the store's packs are damaged");
    }
    return rc;
}

credit_result api_activation_put(cr_txn *writer, const api_activation *act, credit_error *err)
{
    credit_span acts;
    cr_arena arena = CR_ARENA_INIT;
    credit_result rc = get_acts(writer, &acts, err);
    if (rc != CREDIT_OK) { return rc; }
    if (acts.size / ACT == ACTS_MAX) {
        return cr_fail(err, CREDIT_E_LIMIT, "packs were put in force more than %d times", ACTS_MAX);
    }
    char *all = cr_arena_alloc(&arena, acts.size + ACT);
    if (all == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    if (acts.size > 0) { memcpy(all, acts.data, acts.size); }
    encode_act(act, all + acts.size);
    rc = api_meta_put(writer, ACTS, (credit_span){all, acts.size + ACT}, err);
    cr_arena_release(&arena);
    return rc;
}

/* ---- which is in force when ---------------------------------------------------- */

/* The making of the store: its first commit put its first pack in force. */
static credit_result read_making(cr_txn *txn, api_activation *act, credit_error *err)
{
    credit_span number;
    cr_range range;
    *act = (api_activation){.commit = 1, .from = INT32_MIN, .at = CREDIT_INSTANT_NONE};
    credit_result rc = api_meta_get(txn, "pack", &number, err);
    if (rc == CREDIT_DONE || (rc == CREDIT_OK && number.size != 4)) {
        return cr_fail(err, CREDIT_E_CORRUPT, "the pack that the store was made with is missing");
    }
    if (rc != CREDIT_OK) { return rc; }
    act->number = cr_get_u32be(number.data);
    rc = cr_range_open(txn, CR_TABLE_COMMIT, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_range_seek(&range, (credit_span){NULL, 0});
    rc = cr_range_next(&range, err);
    if (rc == CREDIT_OK && range.key.size == 8) {
        act->at = (credit_instant)(cr_get_u64be(range.key.data) ^ UINT64_C(0x8000000000000000));
    }
    cr_range_close(&range);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

credit_result api_timeline_read(cr_txn *txn, api_timeline *timeline, credit_error *err)
{
    credit_span acts;
    cr_table_stat schemas;
    *timeline = (api_timeline){NULL, 0, 0};
    credit_result rc = get_acts(txn, &acts, err);
    if (rc == CREDIT_OK) { rc = cr_table_get_stat(txn, CR_TABLE_SCHEMA, &schemas, err); }
    if (rc != CREDIT_OK) { return rc; }
    timeline->schemas = (size_t)schemas.entries;
    timeline->count = 1 + acts.size / ACT;
    timeline->acts = cr_alloc(timeline->count * sizeof *timeline->acts);
    if (timeline->acts == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    for (size_t i = 1; i < timeline->count; i++) {
        decode_act(acts.data + (i - 1) * ACT, &timeline->acts[i]);
    }
    rc = read_making(txn, &timeline->acts[0], err);
    if (rc != CREDIT_OK) { api_timeline_free(timeline); }
    return rc;
}

void api_timeline_free(api_timeline *timeline)
{
    cr_free(timeline->acts);
    *timeline = (api_timeline){NULL, 0, 0};
}

const api_activation *api_timeline_on(
    const api_timeline *timeline, credit_date day, uint32_t commit)
{
    const api_activation *found = &timeline->acts[0];
    for (size_t i = 1; i < timeline->count; i++) {
        const api_activation *act = &timeline->acts[i];
        if (act->commit <= commit && act->from <= day && act->from >= found->from) { found = act; }
    }
    return found;
}

credit_date api_timeline_next(const api_timeline *timeline, credit_date day)
{
    credit_date next = CREDIT_DATE_FOREVER;
    for (size_t i = 1; i < timeline->count; i++) {
        credit_date from = timeline->acts[i].from;
        if (from > day && from < next) { next = from; }
    }
    return next;
}

/* ---- compiled packs --------------------------------------------------------------- */

static void free_policy(api_policy *policy)
{
    cr_registry_free(&policy->registry);
    api_pack_free(policy->pack.pack);
    cr_free(policy);
}

static credit_result compile(cr_txn *txn, uint32_t number, api_policy *policy, credit_error *err)
{
    char key[4];
    credit_span bytes;
    cr_pack_file *files = NULL;
    size_t count = 0;
    cr_arena arena = CR_ARENA_INIT;
    cr_set_u32be(key, number);
    credit_result rc = cr_get(txn, CR_TABLE_PACK, (credit_span){key, sizeof key}, &bytes, err);
    if (rc == CREDIT_DONE) { rc = cr_fail(err, CREDIT_E_CORRUPT, "pack %u is missing", number); }
    if (rc == CREDIT_OK) { rc = unbundle(bytes, &arena, &files, &count, err); }
    if (rc == CREDIT_OK) { rc = api_pack_compile(files, count, &policy->pack.pack, err); }
    if (rc == CREDIT_OK) { rc = cr_registry_load(txn, policy->pack.pack, &policy->registry, err); }
    cr_arena_release(&arena);
    return rc;
}

/* A policy is of a pack and of the layouts that the store knew when it was made. */
static const api_policy *find_policy(
    const credit_store *store, const cr_txn *txn, uint32_t number, uint64_t schemas)
{
    for (const api_policy *p = store->policies; p != NULL; p = p->next) {
        bool mine = p->tentative == NULL || p->tentative == txn;
        if (mine && p->number == number && p->registry.schema_count == schemas) { return p; }
    }
    return NULL;
}

static credit_result add_policy(
    credit_store *store, cr_txn *txn, uint32_t number, const api_policy **out, credit_error *err)
{
    api_policy *policy = cr_alloc(sizeof *policy);
    if (policy == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    memset(policy, 0, sizeof *policy);
    policy->number = number;
    policy->tentative = txn == store->activating ? txn : NULL;
    credit_result rc = compile(txn, number, policy, err);
    if (rc != CREDIT_OK) {
        free_policy(policy);
        return rc;
    }
    policy->next = store->policies;
    store->policies = policy;
    *out = policy;
    return CREDIT_OK;
}

credit_result api_policy_get(
    credit_store *store, cr_txn *txn, uint32_t number, const api_policy **policy, credit_error *err)
{
    cr_table_stat schemas;
    credit_result rc = cr_table_get_stat(txn, CR_TABLE_SCHEMA, &schemas, err);
    if (rc != CREDIT_OK) { return rc; }
    pthread_mutex_lock(&store->lock);
    *policy = find_policy(store, txn, number, schemas.entries);
    if (*policy == NULL) { rc = add_policy(store, txn, number, policy, err); }
    pthread_mutex_unlock(&store->lock);
    return rc;
}

credit_result api_policy_on(
    credit_store *store, cr_txn *txn, credit_date day, const api_policy **policy, credit_error *err)
{
    api_timeline timeline;
    *policy = NULL;
    credit_result rc = api_timeline_read(txn, &timeline, err);
    if (rc != CREDIT_OK) { return rc; }
    uint32_t number = api_timeline_on(&timeline, day, UINT32_MAX)->number;
    api_timeline_free(&timeline);
    return api_policy_get(store, txn, number, policy, err);
}

credit_result api_policy_last(
    credit_store *store, cr_txn *txn, const api_policy **policy, credit_error *err)
{
    api_head head;
    *policy = NULL;
    credit_result rc = api_head_get(txn, &head, err);
    return rc == CREDIT_OK ? api_policy_on(store, txn, cr_instant_date(head.at), policy, err) : rc;
}

void api_policies_free(credit_store *store)
{
    while (store->policies != NULL) {
        api_policy *policy = store->policies;
        store->policies = policy->next;
        free_policy(policy);
    }
}

void api_policies_venture(credit_store *store, const cr_txn *writer)
{
    pthread_mutex_lock(&store->lock);
    store->activating = writer;
    pthread_mutex_unlock(&store->lock);
}

void api_policies_settle(credit_store *store, bool committed)
{
    pthread_mutex_lock(&store->lock);
    for (api_policy **at = &store->policies; *at != NULL;) {
        api_policy *policy = *at;
        if (policy->tentative == NULL || committed) {
            policy->tentative = NULL;
            at = &policy->next;
        } else {
            *at = policy->next;
            free_policy(policy);
        }
    }
    store->activating = NULL;
    pthread_mutex_unlock(&store->lock);
}
