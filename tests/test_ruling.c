/* Rulings by narrowed rules against the same rules as they stand, on records
 * drawn at random around every threshold of the shipped pack. */
#include "tests/support/suite.h"

#include <stdio.h>
#include <string.h>

#include "engine/decision.h"
#include "engine/ruling.h"
#include "engine/text.h"
#include "keys/crypto.h"
#include "loaders/dmn.h"
#include "loaders/pack.h"

static cr_pack *pack;
static cr_ruler *ruler;
static cr_arena constants;
static cr_fact_types types;
static const cr_feel_value *policy;
static cr_eval *plain; /* of the pack's own model */

static void given_the_pack(void)
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
    ck_assert_int_eq(cr_ruler_new(pack, 1, &ruler, &err), CREDIT_OK);
    ck_assert_int_eq(cr_policy_values(pack, &constants, &policy, &err), CREDIT_OK);
    ck_assert_int_eq(cr_eval_new(pack->model, &plain, &err), CREDIT_OK);
}

static void drop_it(void)
{
    cr_eval_free(plain);
    cr_ruler_free(ruler);
    cr_arena_release(&constants);
    cr_model_free(pack->model);
    cr_pack_free(pack);
}

/* ---- random records --------------------------------------------------------- */

static uint64_t state;

static uint32_t below(uint32_t n)
{
    state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = (state ^ state >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((z ^ z >> 31) % n);
}

/* Not given, for ever, at or beside a date of the policy, or any day of some years. */
static credit_date random_date(void)
{
    uint32_t chance = below(16);
    if (chance < 3) { return CREDIT_DATE_NONE; }
    if (chance == 3) { return CREDIT_DATE_FOREVER; }
    if (chance < 8) {
        credit_date date = cr_feel_to_date(policy[below((uint32_t)pack->parameter_count)]);
        if (date != CREDIT_DATE_NONE) { return date + (credit_date)below(3) - 1; }
    }
    return 16000 + (credit_date)below(6000);
}

static int64_t random_amount(void)
{
    static const int64_t units[] = {1, 100, 1000000};
    int64_t number = 0;
    uint32_t chance = below(8);
    if (chance == 0) { return -1; }
    cr_feel_value value = policy[below((uint32_t)pack->parameter_count)];
    if (chance < 5 && cr_feel_to_integer(value, &number) && number < 1000000) {
        return number * 1000000 + (int64_t)below(3) - (number > 0);
    }
    return (int64_t)below(1000) * units[below(3)];
}

static uint32_t random_code(const cr_codeset *codes)
{
    if (codes == NULL || codes->code_count == 0 || below(4) == 0) { return 0; }
    return codes->codes[below((uint32_t)codes->code_count)].number;
}

static const cr_codeset *codes_of(const cr_catalog *catalog, cr_role role)
{
    int16_t field = catalog->role_field[role];
    return field < 0 ? NULL : catalog->fields[field].codes;
}

/* The codes come from `codes`, dates and amounts from `rest`. */
static cr_fact random_fact(uint64_t codes, uint64_t rest)
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
    state = rest;
    facts->decided_on = random_date();
    facts->valid_from = random_date();
    facts->valid_until = random_date();
    facts->publicity_until = random_date();
    facts->notified_on = random_date();
    facts->removed_on = random_date();
    facts->amount_fen = random_amount();
    facts->amount_2_fen = random_amount();
    return fact;
}

/* ---- the rules as they stand ------------------------------------------------- */

static cr_feel_value plain_value(const cr_fact *fact)
{
    cr_feel_value value;
    cr_eval_reset(plain, &types);
    cr_eval_set(
        plain, cr_model_input(pack->model, CR_SPAN("record")), cr_feel_host(CR_HOST_RECORD, fact));
    cr_eval_set(plain, cr_model_input(pack->model, CR_SPAN("policy")),
        cr_feel_host(CR_HOST_POLICY, policy));
    int decision = cr_model_decision(pack->model, pack->record_decision);
    ck_assert_int_eq(cr_eval_decide(plain, decision, &value, NULL), CREDIT_OK);
    return value;
}

static bool says(cr_feel_value value, const char *name)
{
    return cr_feel_is_true(cr_feel_entry_get(value, cr_span_of(name)));
}

static credit_date day(cr_feel_value value, const char *name)
{
    return cr_feel_to_date(cr_feel_entry_get(value, cr_span_of(name)));
}

static void assert_same(const cr_ruling *got, cr_feel_value value)
{
    credit_span severity = cr_feel_text(cr_feel_entry_get(value, CR_SPAN("severity")));
    ck_assert_uint_eq(got->severity, cr_severity_number(severity));
    ck_assert_uint_eq((got->flags & CR_RULED_PUBLISHED) != 0, says(value, "published"));
    ck_assert_uint_eq((got->flags & CR_RULED_NEGATIVE) != 0, says(value, "negative"));
    ck_assert_uint_eq((got->flags & CR_RULED_REVIEW) != 0, says(value, "review"));
    ck_assert_int_eq(got->starts_on, day(value, "starts_on"));
    ck_assert_int_eq(got->published_until, day(value, "published_until"));
    ck_assert_int_eq(got->repairable_from, day(value, "repairable_from"));
    ck_assert_int_eq(got->until, day(value, "until"));
    ck_assert_uint_eq(got->pack, 1);
}

START_TEST(narrowed_rules_rule_as_the_rules_stand)
{
    enum { RECORDS = 120000, COMMON = 199 };
    size_t published = 0, repairable = 0;
    for (size_t i = 0; i < RECORDS; i++) {
        /* Half of them of few kinds, as they come; half of any. */
        cr_fact fact = random_fact(i % 2 == 0 ? i / 2 % COMMON : i, i);
        cr_feel_value wanted = plain_value(&fact);
        ck_assert_int_eq(cr_ruler_rule(ruler, &fact, NULL), CREDIT_OK);
        assert_same(&fact.version.ruling, wanted);
        published += says(wanted, "published");
        repairable += day(wanted, "repairable_from") != CREDIT_DATE_NONE;
    }
    /* It was about something. */
    ck_assert_uint_gt(published, RECORDS / 10);
    ck_assert_uint_gt(repairable, RECORDS / 20);
}
END_TEST

/* As many records of one kind as make the ruler narrow its rules for them. */
static credit_result rule_some(cr_ruler *own)
{
    enum { SOME = 64 };
    credit_result rc = CREDIT_OK;
    for (uint64_t i = 0; rc == CREDIT_OK && i < SOME; i++) {
        cr_fact fact = random_fact(7, i % 4);
        rc = cr_ruler_rule(own, &fact, NULL);
        ck_assert(fact.ruled == (rc == CREDIT_OK));
        if (rc == CREDIT_OK) { assert_same(&fact.version.ruling, plain_value(&fact)); }
    }
    return rc;
}

/* A ruler whose memory fails gives no ruling, and right ones when asked again. */
START_TEST(a_ruling_without_memory_is_an_error_and_no_ruling)
{
    uint64_t failures = 0;
    for (uint64_t n = 1;; n++) {
        cr_ruler *own = NULL;
        ck_assert_int_eq(cr_ruler_new(pack, 1, &own, NULL), CREDIT_OK);
        cr_alloc_fail_at(n);
        credit_result rc = rule_some(own);
        cr_alloc_fail_at(0);
        ck_assert(rc == CREDIT_OK || rc == CREDIT_E_NOMEM);
        ck_assert_int_eq(rule_some(own), CREDIT_OK);
        cr_ruler_free(own);
        if (rc == CREDIT_OK) { break; }
        failures++;
    }
    ck_assert_uint_gt(failures, 10);
    for (uint64_t n = 1;; n++) {
        cr_ruler *own = NULL;
        cr_alloc_fail_at(n);
        credit_result rc = cr_ruler_new(pack, 1, &own, NULL);
        cr_alloc_fail_at(0);
        cr_ruler_free(own);
        if (rc == CREDIT_OK) { break; }
        ck_assert_int_eq(rc, CREDIT_E_NOMEM);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ruling");
    TCase *cases = tcase_create("rulings");
    tcase_add_checked_fixture(cases, given_the_pack, drop_it);
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, narrowed_rules_rule_as_the_rules_stand);
    tcase_add_test(cases, a_ruling_without_memory_is_an_error_and_no_ruling);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
