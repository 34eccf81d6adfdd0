/* The shipped pack with its rules, and records drawn at random around every
 * threshold of it. */
#ifndef CREDIT_TESTS_RECORDS_H
#define CREDIT_TESTS_RECORDS_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/decision.h"
#include "engine/facts.h"
#include "engine/text.h"
#include "keys/crypto.h"
#include "loaders/dmn.h"
#include "loaders/pack.h"

static cr_pack *pack;
static cr_arena constants;
static cr_fact_types types;
static const cr_feel_value *policy;

static inline void load_pack(void)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_pack_file *files = NULL;
    size_t count = 0;
    char path[512];
    credit_error err = CREDIT_ERROR_INIT;
    snprintf(path, sizeof path, "%s/packs/jingzhou", getenv("CREDIT_SOURCE"));
    ck_assert_int_eq(cr_pack_read_directory(path, &arena, &files, &count, &err), CREDIT_OK);
    ck_assert_msg(cr_pack_compile(files, count, cr_keys_crypto(), &pack, &err) == CREDIT_OK, "%s",
        err.message);
    cr_arena_release(&arena);
    ck_assert_int_eq(cr_fact_types_build(pack, &constants, &types, &err), CREDIT_OK);
    const cr_host_binding bindings[] = {{CR_SPAN("record"), CR_HOST_RECORD, false},
        {CR_SPAN("policy"), CR_HOST_POLICY, false}, {CR_SPAN("records"), CR_HOST_RECORD, true},
        {CR_SPAN("subject"), CR_HOST_SUBJECT, false}, {CR_SPAN("covers"), CR_HOST_COVERS, false}};
    cr_model_options options = {types.types, CR_HOST_TYPES, bindings, 5};
    ck_assert_int_eq(
        cr_dmn_load(pack->rules->bytes, "rules", &options, &pack->model, &err), CREDIT_OK);
    ck_assert_int_eq(cr_policy_values(pack, &constants, &policy, &err), CREDIT_OK);
}

static inline void free_pack(void)
{
    cr_arena_release(&constants);
    cr_model_free(pack->model);
    cr_pack_free(pack);
}

/* ---- random records --------------------------------------------------------- */

static uint64_t state;

static inline uint32_t below(uint32_t n)
{
    state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = (state ^ state >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((z ^ z >> 31) % n);
}

/* A parameter of the policy of that kind. */
static inline cr_feel_value random_parameter(cr_feel_kind kind)
{
    for (;;) {
        cr_feel_value value = policy[below((uint32_t)pack->parameter_count)];
        if (value.kind == kind) { return value; }
    }
}

/* Not given, for ever, on or beside a date of the policy, or any day of some years. */
static inline credit_date random_date(void)
{
    uint32_t chance = below(16);
    if (chance < 2) { return CREDIT_DATE_NONE; }
    if (chance == 2) { return CREDIT_DATE_FOREVER; }
    if (chance < 10) {
        return cr_feel_to_date(random_parameter(CR_FEEL_DATE)) + (credit_date)below(3) - 1;
    }
    return 16000 + (credit_date)below(6000);
}

static inline int64_t random_amount(void)
{
    static const int64_t units[] = {1, 100, 1000000};
    int64_t number = 0;
    uint32_t chance = below(8);
    if (chance == 0) { return -1; }
    bool whole = cr_feel_to_integer(random_parameter(CR_FEEL_NUMBER), &number);
    if (chance < 5 && whole && number < 1000000) {
        return number * 1000000 + (int64_t)below(3) - (number > 0);
    }
    return (int64_t)below(1000) * units[below(3)];
}

static inline uint32_t random_code(const cr_codeset *codes)
{
    if (codes == NULL || codes->code_count == 0 || below(4) == 0) { return 0; }
    return codes->codes[below((uint32_t)codes->code_count)].number;
}

static inline const cr_codeset *codes_of(const cr_catalog *catalog, cr_role role)
{
    int16_t field = catalog->role_field[role];
    return field < 0 ? NULL : catalog->fields[field].codes;
}

/* What took a removal or a repair of a record back; NULL for most. Facts are compared
 * one at a time, so that the last few are enough. */
static inline cr_fact *random_restorer(void)
{
    enum { KEPT = 16 };
    static cr_fact kept[KEPT];
    static size_t next;
    int index = (int)below((uint32_t)pack->catalog_count);
    const cr_catalog *catalog = &pack->catalogs[index];
    if (catalog->message == NULL) { return NULL; }
    cr_fact *message = &kept[next++ % KEPT];
    *message = (cr_fact){.catalog_index = index, .catalog = catalog};
    message->version.facts.status = (uint8_t)random_code(codes_of(catalog, CR_ROLE_STATUS));
    return message;
}

/* The codes come from `codes`, dates and amounts from `rest`. */
static inline cr_fact random_fact(uint64_t codes, uint64_t rest)
{
    cr_fact fact = {0};
    cr_facts *facts = &fact.version.facts;
    state = codes;
    fact.catalog_index = (int)below((uint32_t)pack->catalog_count);
    fact.catalog = &pack->catalogs[fact.catalog_index];
    fact.version.state = below(8) == 0 ? CR_VERSION_WITHDRAWN : CR_VERSION_CURRENT;
    fact.version.received_on = random_date();
    facts->category = (uint8_t)below(4);
    facts->roster = (uint8_t)below(4);
    facts->status = (uint8_t)random_code(codes_of(fact.catalog, CR_ROLE_STATUS));
    facts->list = random_code(codes_of(fact.catalog, CR_ROLE_LIST));
    for (uint32_t words = below(4); words > 0; words--) {
        facts->kinds |= UINT32_C(1) << random_code(codes_of(fact.catalog, CR_ROLE_KINDS)) % 32;
    }
    for (size_t i = 0; i < fact.catalog->tag_count; i++) {
        const cr_tag *tag = &fact.catalog->tags[i];
        facts->tags[i] = tag->kind == CR_TAG_HASH ? below(3) : random_code(tag->codes);
    }
    cr_fact *restorer = random_restorer();
    fact.restored = restorer;
    state = rest;
    facts->decided_on = random_date();
    facts->valid_from = random_date();
    facts->valid_until = random_date();
    facts->publicity_until = random_date();
    facts->notified_on = random_date();
    facts->removed_on = random_date();
    facts->amount_fen = random_amount();
    facts->amount_2_fen = random_amount();
    if (restorer != NULL) { restorer->version.facts.decided_on = random_date(); }
    return fact;
}

#endif
