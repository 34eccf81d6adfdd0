/* Messages among the facts of a subject: which of them counts for which record. */
#include "engine/message.h"

#include "engine/file.h"
#include "tests/support/records.h"
#include "tests/support/suite.h"

enum { VERSIONS_MAX = 8192, SCHEMAS = 32, TODAY = 20780 };

static cr_schema schemas[SCHEMAS];
static uint16_t numbers[SCHEMAS];
static cr_registry registry;
static char versions[VERSIONS_MAX * CR_VERSION_ENTRY];
static size_t version_count;
static cr_file file;

static void given_a_pack(void)
{
    load_pack();
    ck_assert_uint_le(pack->catalog_count, SCHEMAS);
    for (size_t i = 0; i < pack->catalog_count; i++) {
        numbers[i] = (uint16_t)(i + 1);
        schemas[i].catalog_number = numbers[i];
        schemas[i].catalog_index = (int16_t)i;
    }
    registry = (cr_registry){
        .schemas = schemas, .schema_count = pack->catalog_count, .catalog_number = numbers};
    version_count = 0;
}

static void drop_it(void)
{
    cr_file_free(&file);
    free_pack();
}

/* What a version of the test says. */
typedef struct said {
    const char *catalog;
    uint32_t record; /* stands for the key */
    uint32_t commit;
    const char *word; /* of a message: what it does */
    uint32_t about;   /* the penalty that it is about */
    credit_date decided, sourced;
    uint8_t state; /* 0: current */
} said;

static void key_of(uint32_t record, char out[CR_RECORD_KEY])
{
    memset(out, 0, CR_RECORD_KEY);
    cr_set_u32be(out, record);
}

static uint32_t number_of(const cr_catalog *catalog, cr_role role, const char *word)
{
    const cr_codeset *set = catalog->fields[catalog->role_field[role]].codes;
    const cr_code *code = cr_codeset_find(set, cr_span_of(word));
    ck_assert_ptr_nonnull(code);
    return code->number;
}

/* In the order of the keys. */
static void has(const said *s)
{
    int index = cr_pack_catalog(pack, cr_span_of(s->catalog));
    ck_assert_int_ge(index, 0);
    cr_version_key key = {.catalog = numbers[index], .commit = s->commit};
    cr_version version = {.state = s->state == 0 ? CR_VERSION_CURRENT : s->state,
        .sourced_on = s->sourced == 0 ? s->decided : s->sourced};
    key_of(s->record, key.record);
    version.facts.decided_on = s->decided;
    version.facts.removed_on = CREDIT_DATE_NONE;
    if (s->word != NULL) {
        const cr_catalog *catalog = &pack->catalogs[index];
        char about[CR_RECORD_KEY];
        version.facts.status = (uint8_t)number_of(catalog, CR_ROLE_STATUS, s->word);
        version.facts.list = number_of(catalog, CR_ROLE_LIST, "xzcf");
        key_of(s->about, about);
        for (size_t i = 0; i < CR_TAGS_MAX; i++) {
            version.facts.tags[i] = cr_get_u32le(about + 4 * i);
        }
    }
    char *entry = versions + version_count++ * CR_VERSION_ENTRY;
    ck_assert_uint_le(version_count, VERSIONS_MAX);
    cr_version_key_encode(&key, entry);
    cr_version_encode(&version, entry + CR_VERSION_KEY);
}

static void gather(credit_date as_of)
{
    static const cr_subject_key key;
    static const cr_subject subject = {.first_commit = 1};
    const cr_touched all = {&key, &subject, versions, version_count, false};
    cr_earlier nothing = {0};
    credit_error err = CREDIT_ERROR_INIT;
    ck_assert_msg(
        cr_file_take(&file, pack, &registry, &nothing, &all, as_of, &err) == CREDIT_OK, "%s",
        err.message);
}

static cr_fact *penalty(uint32_t record)
{
    char key[CR_RECORD_KEY];
    key_of(record, key);
    for (size_t i = 0; i < file.fact_count; i++) {
        cr_fact *fact = &file.facts[i];
        if (fact->catalog->message == NULL && memcmp(fact->key.record, key, sizeof key) == 0) {
            return fact;
        }
    }
    ck_abort_msg("no penalty %u", record);
    return NULL;
}

static const said PENALTY = {"xzcf", 1, 1, NULL, 0, TODAY - 90, 0, 0};

/* The state of a penalty with these messages about it. */
static cr_fact_state with(const said *messages, size_t count)
{
    version_count = 0;
    has(&PENALTY);
    for (size_t i = 0; i < count; i++) { has(&messages[i]); }
    gather(TODAY);
    return cr_fact_state_of(penalty(1));
}
#define WITH(...)                                                                                  \
    with((const said[]){__VA_ARGS__}, sizeof((const said[]){__VA_ARGS__}) / sizeof(said))
#define REPAIR(row, commit, word, decided)                                                         \
    {                                                                                              \
        "repair_result", row, commit, word, 1, decided, 0, 0                                       \
    }
#define REVOKE(row, commit, word, decided)                                                         \
    {                                                                                              \
        "revocation", row, commit, word, 1, decided, 0, 0                                          \
    }

START_TEST(a_message_that_was_removed_counts_as_never_sent)
{
    const said repair = REPAIR(1, 2, "准予修复", TODAY - 9);
    said removed = repair;
    removed.commit = 3;
    removed.state = CR_VERSION_REMOVED;
    ck_assert_int_eq(WITH(repair), CR_FACT_REPAIRED);
    ck_assert(!cr_fact_counts(penalty(1)));
    ck_assert_int_eq(WITH(repair, removed), CR_FACT_CURRENT);
    ck_assert(cr_fact_counts(penalty(1)));
    ck_assert_ptr_null(cr_fact_message(penalty(1)));
}
END_TEST

START_TEST(of_several_messages_the_newest_counts)
{
    /* by the day it was decided, whichever came first */
    ck_assert_int_eq(WITH(REPAIR(1, 3, "准予修复", TODAY - 9), REPAIR(2, 2, "撤销修复", TODAY - 5)),
        CR_FACT_CURRENT);
    ck_assert_int_eq(WITH(REPAIR(1, 2, "撤销修复", TODAY - 5), REPAIR(2, 3, "准予修复", TODAY - 9)),
        CR_FACT_CURRENT);
    ck_assert_int_eq(WITH(REPAIR(1, 2, "撤销修复", TODAY - 9), REPAIR(2, 3, "准予修复", TODAY - 5)),
        CR_FACT_REPAIRED);
    /* on one day by the day their source spoke, then by commit */
    said early = REPAIR(1, 9, "准予修复", TODAY - 9), late = REPAIR(2, 2, "撤销修复", TODAY - 9);
    early.sourced = TODAY - 8;
    late.sourced = TODAY - 7;
    ck_assert_int_eq(WITH(early, late), CR_FACT_CURRENT);
    early.sourced = late.sourced;
    ck_assert_int_eq(WITH(early, late), CR_FACT_REPAIRED);
}
END_TEST

START_TEST(a_refusal_does_nothing_and_a_message_undoes_its_own_effect_alone)
{
    ck_assert_int_eq(WITH(REPAIR(1, 2, "不予修复", TODAY - 5)), CR_FACT_CURRENT);
    ck_assert_int_eq(WITH(REPAIR(1, 2, "准予修复", TODAY - 9), REPAIR(2, 3, "不予修复", TODAY - 5)),
        CR_FACT_REPAIRED);
    ck_assert_int_eq(WITH(REVOKE(1, 2, "撤销", TODAY - 9), REPAIR(1, 3, "准予修复", TODAY - 8),
                         REPAIR(2, 4, "撤销修复", TODAY - 5)),
        CR_FACT_WITHDRAWN);
    ck_assert_int_eq(WITH(REVOKE(1, 2, "撤销", TODAY - 9), REVOKE(2, 3, "恢复效力", TODAY - 7),
                         REPAIR(1, 3, "准予修复", TODAY - 8)),
        CR_FACT_REPAIRED);
}
END_TEST

START_TEST(a_message_counts_from_the_day_it_was_decided)
{
    version_count = 0;
    has(&PENALTY);
    has(&(said)REVOKE(1, 2, "撤销", TODAY - 9));
    gather(TODAY - 10);
    ck_assert_int_eq(cr_fact_state_of(penalty(1)), CR_FACT_CURRENT);
    gather(TODAY - 9);
    ck_assert_int_eq(cr_fact_state_of(penalty(1)), CR_FACT_WITHDRAWN);
}
END_TEST

START_TEST(a_removal_is_the_day_that_the_record_would_say_itself)
{
    ck_assert_int_eq(WITH(REVOKE(1, 2, "移出名单", TODAY - 9)), CR_FACT_EXPIRED);
    ck_assert_int_eq(penalty(1)->version.facts.removed_on, TODAY - 9);
    ck_assert(cr_fact_counts(penalty(1)));
    ck_assert_int_eq(WITH(REVOKE(1, 2, "移出名单", TODAY - 9), REVOKE(2, 3, "恢复列入", TODAY - 5)),
        CR_FACT_CURRENT);
    ck_assert_int_eq(penalty(1)->version.facts.removed_on, CREDIT_DATE_NONE);
}
END_TEST

START_TEST(every_message_of_a_busy_subject_finds_its_own_record)
{
    enum { RECORDS = 3000 };
    version_count = 0;
    for (uint32_t i = 0; i < RECORDS; i++) {
        has(&(said){"xzcf", 2 * i + 1, 1, NULL, 0, TODAY - 90, 0, 0});
    }
    /* every third is about a record, the others about keys that nobody has */
    for (uint32_t i = 0; i < RECORDS; i++) {
        has(&(said){
            "repair_result", i, 2, "准予修复", i % 3 == 0 ? 2 * i + 1 : 2 * i, TODAY - 9, 0, 0});
    }
    gather(TODAY);
    ck_assert_uint_eq(file.fact_count, 2 * RECORDS);
    for (uint32_t i = 0; i < RECORDS; i++) {
        const cr_fact *record = &file.facts[i], *message = &file.facts[RECORDS + i];
        ck_assert_int_eq(cr_fact_state_of(record), i % 3 == 0 ? CR_FACT_REPAIRED : CR_FACT_CURRENT);
        ck_assert_ptr_eq(message->about, i % 3 == 0 ? record : NULL);
        ck_assert(!cr_fact_counts(message));
    }
}
END_TEST

START_TEST(an_undone_repair_postpones_the_next_one_and_makes_none_possible)
{
    WITH(REPAIR(1, 2, "撤销修复", TODAY - 5));
    cr_ruling *own = &penalty(1)->version.ruling;
    cr_ruling *message = &file.facts[1].version.ruling;
    message->repairable_from = TODAY + 1000;
    own->repairable_from = TODAY + 10;
    cr_messages_postpone(file.facts, file.fact_count);
    ck_assert_int_eq(own->repairable_from, TODAY + 1000);
    own->repairable_from = TODAY + 2000;
    cr_messages_postpone(file.facts, file.fact_count);
    ck_assert_int_eq(own->repairable_from, TODAY + 2000);
    own->repairable_from = CREDIT_DATE_NONE; /* never */
    cr_messages_postpone(file.facts, file.fact_count);
    ck_assert_int_eq(own->repairable_from, CREDIT_DATE_NONE);
}
END_TEST

/* One mistake each in a catalog of messages. */
static const struct {
    const char *path, *from, *to, *says;
} mistakes[] = {
    {"catalogs/repair_result.json", "\"repair\": [", "\"mend\": [", "mend: no such member"},
    {"catalogs/repair_result.json", "[\"准予修复\", \"破产屏蔽\"]", "[]",
        "\"准予修复\" has no effect"},
    {"catalogs/repair_result.json", "\"nothing\": [\"不予修复\"]", "\"nothing\": [\"准予修复\"]",
        "is no word of repair_results, or has its effect"},
    {"catalogs/repair_result.json", "\"document_no\": \"YWSH\", ", "",
        "\"about\" has no column for CF_WSH of xzcf (role document_no)"},
    {"catalogs/repair_result.json", "\"about\": {\"document_no\"", "\"about\": {\"documents\"",
        "no such role \"documents\""},
    {"catalogs/repair_result.json", "\"document_no\": \"YWSH\"", "\"document_no\": \"XDR_ZJHM\"",
        "a person's number names no record"},
    {"catalogs/repair_result.json", "\"role\": \"status\"", "\"role\": \"publicity\"",
        "the roles status, list and decided_on"},
    {"catalogs/repair_result.json", "\"tags\": [],",
        "\"tags\": [], \"status_valid\": \"准予修复\",", "no valid status"},
    {"codes/message_subjects.json", "\"code\": \"xzcf\"", "\"code\": \"none\"",
        "the code of \"行政处罚\" is the name of no catalog"},
    {"codes/message_subjects.json", "\"code\": \"xzcf\"", "\"code\": \"register\"",
        "there are no messages about register"},
};

static credit_span replaced(cr_arena *arena, credit_span text, const char *from, const char *to)
{
    size_t at = cr_span_find(text, cr_span_of(from));
    ck_assert_msg(at != SIZE_MAX, "\"%s\" is not there", from);
    size_t rest = at + strlen(from);
    char *out = cr_arena_printf(
        arena, "%.*s%s%.*s", (int)at, text.data, to, (int)(text.size - rest), text.data + rest);
    ck_assert_ptr_nonnull(out);
    return cr_span_of(out);
}

START_TEST(a_mistake_in_a_catalog_of_messages_is_named)
{
    char path[512];
    snprintf(path, sizeof path, "%s/packs/jingzhou", getenv("CREDIT_SOURCE"));
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        cr_arena arena = CR_ARENA_INIT;
        cr_pack_file *files = NULL;
        size_t count = 0;
        cr_pack *made = NULL;
        credit_error err = CREDIT_ERROR_INIT;
        ck_assert_int_eq(cr_pack_read_directory(path, &arena, &files, &count, &err), CREDIT_OK);
        for (size_t k = 0; k < count; k++) {
            if (!cr_span_is(files[k].path, mistakes[i].path)) { continue; }
            files[k].bytes = replaced(&arena, files[k].bytes, mistakes[i].from, mistakes[i].to);
        }
        credit_result rc = cr_pack_compile(files, count, cr_keys_crypto(), &made, &err);
        ck_assert_msg(rc == CREDIT_E_PACK && strstr(err.message, mistakes[i].says) != NULL,
            "mistake %zu: %s", i, err.message);
        cr_arena_release(&arena);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("message");
    TCase *cases = tcase_create("messages");
    tcase_add_checked_fixture(cases, given_a_pack, drop_it);
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, a_message_that_was_removed_counts_as_never_sent);
    tcase_add_test(cases, of_several_messages_the_newest_counts);
    tcase_add_test(cases, a_refusal_does_nothing_and_a_message_undoes_its_own_effect_alone);
    tcase_add_test(cases, a_message_counts_from_the_day_it_was_decided);
    tcase_add_test(cases, a_removal_is_the_day_that_the_record_would_say_itself);
    tcase_add_test(cases, every_message_of_a_busy_subject_finds_its_own_record);
    tcase_add_test(cases, an_undone_repair_postpones_the_next_one_and_makes_none_possible);
    tcase_add_test(cases, a_mistake_in_a_catalog_of_messages_is_named);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
