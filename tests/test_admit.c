#include <fcntl.h>

#include "engine/admit.h"
#include "engine/date.h"
#include "engine/file.h"
#include "engine/text.h"
#include "keys/crypto.h"
#include "loaders/loader.h"
#include "loaders/pack.h"
#include "tests/support/scratch.h"
#include "tests/support/suite.h"

static const char HEADER[] =
    "CF_XDR_MC,CF_XDR_LB,CF_XDR_SHXYM,CF_WSH,CF_WFXW,CF_SY,CF_YJ,CF_CFLB,CF_NR,CF_NR_FK,CF_JDRQ,"
    "CF_YXQ,CF_CFJG,CF_CFJGDM,CF_SJLY,CF_SJLYDM,CF_FRDB,CF_XDR_ZJLX,CF_XDR_ZJHM\n";
static const char FIRST[] = "91421000MA4TE5T05M", SECOND[] = "92421003MA4TE5T05X";
static const char NATIONAL_ID[] = "421023198507150025";

static cr_pack *pack;
static cr_store *store;
static cr_registry registry;
static unsigned char persons_key[CR_SECRET_SIZE] = {7};
static cr_hasher *hasher;
static uint32_t next_commit;
static bool undo; /* what is imported */

static void given_a_pack_and_a_store(void)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_pack_file *files = NULL;
    size_t count = 0;
    cr_txn *txn = NULL;
    char path[512];
    snprintf(path, sizeof path, "%s/packs/jingzhou", getenv("CREDIT_SOURCE"));
    credit_error err = CREDIT_ERROR_INIT;
    ck_assert_int_eq(cr_pack_read_directory(path, &arena, &files, &count, &err), CREDIT_OK);
    ck_assert_msg(cr_pack_compile(files, count, cr_keys_crypto(), &pack, &err) == CREDIT_OK, "%s",
        err.message);
    cr_arena_release(&arena);
    make_scratch();
    ck_assert_int_eq(cr_store_create(in_scratch("s"), NULL), CREDIT_OK);
    ck_assert_int_eq(cr_store_open(in_scratch("s"), false, &store, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_writer_begin(store, &txn, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_registry_enrol(txn, pack, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_writer_commit(txn, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_snapshot_begin(store, &txn, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_registry_load(txn, pack, &registry, NULL), CREDIT_OK);
    cr_txn_end(txn);
    hasher = cr_keys_crypto()->hasher_new(CR_HASH_SHA256);
    next_commit = 1;
}

static void drop_them(void)
{
    cr_keys_crypto()->hasher_free(hasher);
    cr_registry_free(&registry);
    cr_store_close(store);
    cr_pack_free(pack);
    remove_scratch();
}

/* ---- importing a text ------------------------------------------------------------ */

typedef struct feed {
    cr_encoder encoder;
    cr_block *block;
    cr_admission *admission;
    cr_earlier *earlier;
    const cr_catalog *catalog;
    size_t block_rows; /* a block is handed over after so many rows */
    uint64_t refused;
} feed;

static credit_result begin(void *ctx, const cr_catalog *catalog, uint16_t index,
    const cr_profile *profile, credit_span header, credit_error *err)
{
    (void)index;
    (void)profile;
    (void)header;
    (void)err;
    ((feed *)ctx)->catalog = catalog;
    return CREDIT_OK;
}

static credit_result flush(feed *f, credit_error *err)
{
    credit_result rc = cr_block_derive(f->block, f->catalog, cr_keys_crypto(), hasher, err);
    if (rc == CREDIT_OK) { rc = cr_block_compare(f->block, f->earlier, pack, &registry, err); }
    if (rc == CREDIT_OK) { rc = cr_admission_add(f->admission, f->block, err); }
    f->block->count = 0;
    f->block->size = 0;
    return rc;
}

static cr_severity needs; /* what the rows say of a record that was not there before */

static credit_result take(void *ctx, const cr_record *record, credit_span raw, credit_error *err)
{
    feed *f = ctx;
    cr_record changed = *record;
    (void)raw;
    changed.needs_earlier = needs;
    credit_result rc = cr_encoder_add(&f->encoder, &changed, f->block, err);
    return rc == CREDIT_OK && f->block->count == f->block_rows ? flush(f, err) : rc;
}

static credit_result refuse(void *ctx, uint64_t line, credit_span raw, const cr_finding *findings,
    size_t count, credit_error *err)
{
    (void)raw;
    (void)err;
    fprintf(stderr, "line %llu: %s %s %s\n", (unsigned long long)line,
        count > 0 ? findings[0].rule : "", count > 0 ? findings[0].field : "",
        count > 0 ? findings[0].message : "");
    ((feed *)ctx)->refused++;
    return CREDIT_OK;
}

static uint64_t touched, touched_whole;
static credit_date dated; /* the file */

static void assert_same_fact(const cr_fact *a, const cr_fact *b)
{
    char x[CR_VERSION_ENTRY], y[CR_VERSION_ENTRY];
    cr_version_key_encode(&a->key, x);
    cr_version_encode(&a->version, x + CR_VERSION_KEY);
    cr_version_key_encode(&b->key, y);
    cr_version_encode(&b->version, y + CR_VERSION_KEY);
    ck_assert_mem_eq(x, y, sizeof x);
}

/* A file taken from what is handed on, and from what the store had, is the one that the
 * writer has. */
static credit_result look_at_touched(void *ctx, const cr_touched *subject, credit_error *err)
{
    cr_txn *txn = *(cr_txn **)ctx;
    cr_range range;
    cr_counting counting;
    cr_earlier earlier;
    cr_file taken = {0}, gathered = {0};
    credit_date as_of = CREDIT_DATE_FOREVER;
    touched++;
    if (subject->versions == NULL) { return CREDIT_OK; }
    touched_whole++;
    ck_assert_int_eq(cr_earlier_open(&earlier, store, err), CREDIT_OK);
    ck_assert_int_eq(
        cr_file_take(&taken, pack, &registry, &earlier, subject, as_of, err), CREDIT_OK);
    ck_assert_int_eq(cr_range_open(txn, CR_TABLE_VERSION, &range, err), CREDIT_OK);
    ck_assert_int_eq(cr_counting_open(txn, &counting, err), CREDIT_OK);
    ck_assert_int_eq(cr_file_gather(&gathered, pack, &registry, &range, &counting, subject->key,
                         as_of, UINT32_MAX, err),
        CREDIT_OK);
    ck_assert(taken.exists && gathered.exists);
    ck_assert_uint_eq(taken.first_commit, gathered.first_commit);
    ck_assert(cr_span_equal(taken.subject.name, gathered.subject.name));
    ck_assert_uint_eq(taken.fact_count, gathered.fact_count);
    for (size_t i = 0; i < taken.fact_count; i++) {
        assert_same_fact(&taken.facts[i], &gathered.facts[i]);
    }
    cr_counting_close(&counting);
    cr_range_close(&range);
    cr_earlier_close(&earlier);
    cr_file_free(&taken);
    cr_file_free(&gathered);
    return CREDIT_OK;
}

/* Imports rows under the usual header; `memory` bounds the sorting. */
static cr_admission_counts import_rows(const char *rows, size_t block_rows, size_t memory)
{
    cr_txn *txn = NULL;
    cr_source *source = NULL;
    cr_admission_counts counts;
    cr_load_result loaded;
    credit_error err = CREDIT_ERROR_INIT;
    char tmp[512];
    FILE *file = fopen(in_scratch("in.csv"), "wb");
    fputs(HEADER, file);
    fputs(rows, file);
    fclose(file);
    snprintf(tmp, sizeof tmp, "%s", in_scratch("s/tmp"));
    ck_assert_int_eq(
        cr_source_open(in_scratch("in.csv"), cr_keys_crypto(), &source, &err), CREDIT_OK);
    ck_assert_int_eq(cr_writer_begin(store, &txn, NULL), CREDIT_OK);
    feed f = {.block_rows = block_rows};
    f.encoder.registry = &registry;
    f.encoder.commit = next_commit;
    f.encoder.dated = f.encoder.received_on = dated;
    f.encoder.frames.crypto = cr_keys_crypto();
    f.encoder.frames.hasher = hasher;
    f.encoder.frames.cipher = CR_CIPHER_AES256_GCM;
    f.encoder.frames.persons_key = persons_key;
    f.block = cr_alloc(sizeof *f.block);
    memset(f.block, 0, sizeof *f.block);
    cr_earlier earlier;
    ck_assert_int_eq(cr_earlier_open(&earlier, store, NULL), CREDIT_OK);
    f.earlier = &earlier;
    cr_admission_options options = {.writer = txn,
        .earlier = &earlier,
        .pack = pack,
        .registry = &registry,
        .commit = next_commit,
        .batch = next_commit,
        .tmp = tmp,
        .memory = memory,
        .touched = look_at_touched,
        .touched_ctx = &txn};
    next_commit++;
    touched = touched_whole = 0;
    ck_assert_int_eq(cr_admission_new(&options, &f.admission, NULL), CREDIT_OK);
    credit_date today;
    cr_date_from_ymd(2026, 11, 23, &today);
    cr_sink sink = {&f, begin, take, refuse, NULL};
    cr_load_options load = {pack, {"xzcf", 4}, today, NULL};
    ck_assert_msg(cr_load(source, &load, &sink, &loaded, &err) == CREDIT_OK, "%s", err.message);
    ck_assert_uint_eq(f.refused, 0);
    ck_assert_int_eq(flush(&f, &err), CREDIT_OK);
    ck_assert_int_eq(cr_admission_finish(f.admission, f.catalog, &counts, &err), CREDIT_OK);
    ck_assert_uint_eq(loaded.rows,
        counts.added + counts.updated + counts.unchanged + counts.withdrawn + counts.parked);
    cr_admission_free(f.admission);
    cr_earlier_close(&earlier);
    if (undo) {
        cr_txn_end(txn);
    } else {
        ck_assert_int_eq(cr_writer_commit(txn, &err), CREDIT_OK);
    }
    cr_block_free(f.block);
    cr_frame_writer_free(&f.encoder.frames);
    cr_source_close(source);
    return counts;
}

/* A penalty row: company name, code, document number, fine in 万元. */
static const char *row(const char *name, const char *code, const char *document, const char *fine)
{
    static char rows[8][1024];
    static unsigned next;
    char *out = rows[next++ % 8];
    const char *category = code[1] == '2' ? "个体工商户" : "法人及非法人组织";
    snprintf(out, sizeof rows[0],
        "%s,%s,%s,%s,无证经营,当事人无证经营,《某条例》第一条,罚款,罚款,%s,2026-05-06,2027-05-06,"
        "荆州市城市管理执法委员会,12421000MB0TE5T1XF,荆州市城市管理执法委员会,12421000MB0TE5T1XF,"
        "王某,,\n",
        name, category, code, document, fine);
    return out;
}

static const char *rows(const char *first, const char *second, const char *third)
{
    static char all[4096];
    snprintf(all, sizeof all, "%s%s%s", first, second, third);
    return all;
}

static size_t entries(cr_table table)
{
    cr_txn *txn = NULL;
    cr_table_stat stat;
    ck_assert_int_eq(cr_snapshot_begin(store, &txn, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_table_get_stat(txn, table, &stat, NULL), CREDIT_OK);
    cr_txn_end(txn);
    return stat.entries;
}

START_TEST(new_records_of_new_subjects_are_added)
{
    cr_admission_counts counts = import_rows(rows(row("甲公司", FIRST, "荆罚〔2026〕1号", "1"),
                                                 row("乙店", SECOND, "荆罚〔2026〕2号", "1"),
                                                 row("甲公司", FIRST, "荆罚〔2026〕3号", "1")),
        100, 1 << 20);
    ck_assert_uint_eq(counts.added, 3);
    ck_assert_uint_eq(counts.subjects, 2);
    ck_assert_uint_eq(touched, 2);
    ck_assert_uint_eq(touched_whole, 2);
    ck_assert_uint_eq(entries(CR_TABLE_SUBJECT), 2);
    ck_assert_uint_eq(entries(CR_TABLE_VERSION), 3);
    ck_assert_uint_eq(entries(CR_TABLE_DOCUMENT), 3);
    ck_assert_uint_eq(entries(CR_TABLE_NAME), 2);
}
END_TEST

START_TEST(the_same_rows_again_change_nothing_and_take_no_room)
{
    const char *text = rows(row("甲公司", FIRST, "荆罚〔2026〕1号", "1"),
        row("乙店", SECOND, "荆罚〔2026〕2号", "1"), "");
    import_rows(text, 100, 1 << 20);
    cr_txn *txn = NULL;
    cr_store_size before, after;
    ck_assert_int_eq(cr_snapshot_begin(store, &txn, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_store_get_size(txn, &before, NULL), CREDIT_OK);

    cr_admission_counts counts = import_rows(text, 100, 1 << 20);

    ck_assert_uint_eq(counts.unchanged, 2);
    ck_assert_uint_eq(counts.subjects, 0);
    ck_assert_int_eq(cr_snapshot_renew(txn, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_store_get_size(txn, &after, NULL), CREDIT_OK);
    ck_assert_uint_eq(before.segment_bytes, after.segment_bytes);
    cr_txn_end(txn);
}
END_TEST

START_TEST(bracket_styles_do_not_make_two_records_of_one)
{
    import_rows(row("甲公司", FIRST, "荆罚〔2026〕1号", "1"), 100, 1 << 20);
    cr_admission_counts counts =
        import_rows(row("甲公司", FIRST, "荆罚[2026]1号", "1"), 100, 1 << 20);
    ck_assert_uint_eq(counts.updated, 1);
    ck_assert_uint_eq(entries(CR_TABLE_VERSION), 2);
}
END_TEST

START_TEST(within_a_file_later_rows_supersede_earlier_ones_wherever_the_blocks_are_cut)
{
    for (size_t block = 1; block <= 3; block++) {
        drop_them();
        given_a_pack_and_a_store();
        cr_admission_counts counts = import_rows(rows(row("甲公司", FIRST, "荆罚〔2026〕1号", "1"),
                                                     row("甲公司", FIRST, "荆罚〔2026〕1号", "2"),
                                                     row("甲公司", FIRST, "荆罚〔2026〕1号", "2")),
            block, 1 << 20);
        ck_assert_uint_eq(counts.added, 1);
        ck_assert_uint_eq(counts.updated, 1);
        ck_assert_uint_eq(counts.unchanged, 1);
        /* Back to the first content, which the store knows but no longer holds. */
        counts = import_rows(rows(row("甲公司", FIRST, "荆罚〔2026〕1号", "3"),
                                 row("甲公司", FIRST, "荆罚〔2026〕1号", "2"), ""),
            block, 1 << 20);
        ck_assert_uint_eq(counts.updated, 2);
        ck_assert_uint_eq(entries(CR_TABLE_VERSION), 4);
    }
}
END_TEST

START_TEST(a_name_that_is_not_the_subjects_own_parks_the_row)
{
    import_rows(row("甲公司", FIRST, "荆罚〔2026〕1号", "1"), 100, 1 << 20);
    cr_admission_counts counts =
        import_rows(row("丙公司", FIRST, "荆罚〔2026〕9号", "1"), 100, 1 << 20);
    ck_assert_uint_eq(counts.parked, 1);
    ck_assert_uint_eq(counts.added, 0);
    ck_assert_uint_eq(entries(CR_TABLE_PARKED), 1);
    ck_assert_uint_eq(entries(CR_TABLE_VERSION), 1);
}
END_TEST

START_TEST(two_firms_with_one_name_are_never_merged)
{
    import_rows(rows(row("甲公司", FIRST, "荆罚〔2026〕1号", "1"),
                    row("甲公司", SECOND, "荆罚〔2026〕1号", "1"), ""),
        100, 1 << 20);
    ck_assert_uint_eq(entries(CR_TABLE_SUBJECT), 2);
    ck_assert_uint_eq(entries(CR_TABLE_VERSION), 2);
}
END_TEST

/* Does any file of the store hold these bytes? */
static bool store_holds(const char *needle)
{
    char command[1024];
    snprintf(command, sizeof command, "grep -rqaF '%s' '%s'", needle, in_scratch("s"));
    return system(command) == 0;
}

START_TEST(a_persons_number_stands_nowhere_in_the_store_in_clear)
{
    char person[1024];
    snprintf(person, sizeof person,
        "张三,自然人,,荆罚〔2026〕7号,无证经营,当事人无证经营,《某条例》第一条,罚款,罚款,0.1,2026-"
        "05-06,"
        "2027-05-06,荆州市城市管理执法委员会,12421000MB0TE5T1XF,荆州市城市管理执法委员会,"
        "12421000MB0TE5T1XF,,身份证,%s\n",
        NATIONAL_ID);
    cr_admission_counts counts = import_rows(person, 100, 1 << 20);
    ck_assert_uint_eq(counts.added, 1);
    ck_assert(store_holds("张三"));
    ck_assert(!store_holds(NATIONAL_ID));
    counts = import_rows(person, 100, 1 << 20);
    ck_assert_uint_eq(counts.unchanged, 1);
}
END_TEST

START_TEST(many_runs_on_disk_end_in_the_same_tables_as_memory)
{
    static char text[400 * 1024];
    for (int round = 0; round < 2; round++) {
        size_t at = 0;
        drop_them();
        given_a_pack_and_a_store();
        for (int i = 0; i < 600; i++) {
            char document[64];
            snprintf(document, sizeof document, "荆罚〔2026〕%d号", i * 7 % 200);
            at += (size_t)snprintf(text + at, sizeof text - at, "%s",
                row(i % 2 == 0 ? "甲公司" : "乙店", i % 2 == 0 ? FIRST : SECOND, document,
                    i % 3 == 0 ? "1" : "2"));
        }
        cr_admission_counts counts =
            import_rows(text, round == 0 ? 1000 : 7, round == 0 ? 1 << 20 : 4096);
        ck_assert_uint_eq(counts.added, 200);
        ck_assert_uint_eq(counts.updated + counts.unchanged, 400);
        ck_assert_uint_eq(entries(CR_TABLE_VERSION), counts.added + counts.updated);
        ck_assert_uint_eq(entries(CR_TABLE_DOCUMENT), 200);
    }
}
END_TEST

/* Marks every column of penalties that may repeat, or none; what they were is kept. */
static void mark_columns(bool marked)
{
    static bool were[CR_FIELDS_MAX];
    const cr_catalog *penalties = &pack->catalogs[cr_pack_catalog(pack, CR_SPAN("xzcf"))];
    for (size_t i = 0; i < penalties->field_count; i++) {
        bool *mark = (bool *)(uintptr_t)&penalties->fields[i].repeats;
        if (!marked) { were[i] = *mark; }
        *mark = marked && were[i];
    }
}

static uint64_t segment_bytes(void)
{
    cr_txn *txn = NULL;
    cr_store_size size;
    ck_assert_int_eq(cr_snapshot_begin(store, &txn, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_store_get_size(txn, &size, NULL), CREDIT_OK);
    cr_txn_end(txn);
    return size.segment_bytes;
}

START_TEST(texts_that_repeat_are_kept_once_and_taking_their_mark_away_changes_nothing)
{
    const char *first = rows(row("甲公司", FIRST, "荆罚〔2026〕1号", "1"),
        row("甲公司", FIRST, "荆罚〔2026〕2号", "1"), row("甲公司", FIRST, "荆罚〔2026〕3号", "1"));
    char text[4096];
    snprintf(text, sizeof text, "%s", first);
    import_rows(text, 2, 1 << 20);
    size_t phrases = entries(CR_TABLE_PHRASE);
    uint64_t bytes = segment_bytes();
    ck_assert_uint_gt(phrases, 5);
    /* Another file names the same, and adds none. */
    import_rows(row("甲公司", FIRST, "荆罚〔2026〕4号", "1"), 100, 1 << 20);
    ck_assert_uint_eq(entries(CR_TABLE_PHRASE), phrases);
    uint64_t short_row = segment_bytes() - bytes;
    mark_columns(false);
    ck_assert_uint_eq(import_rows(text, 2, 1 << 20).unchanged, 3);
    bytes = segment_bytes();
    import_rows(row("甲公司", FIRST, "荆罚〔2026〕5号", "1"), 100, 1 << 20);
    ck_assert_uint_gt(segment_bytes() - bytes, short_row + 100);
    ck_assert_uint_eq(entries(CR_TABLE_PHRASE), phrases);
    mark_columns(true);
}
END_TEST

START_TEST(an_import_that_is_undone_leaves_no_phrases)
{
    undo = true;
    import_rows(rows(row("甲公司", FIRST, "荆罚〔2026〕1号", "1"),
                    row("甲公司", FIRST, "荆罚〔2026〕2号", "1"), ""),
        100, 1 << 20);
    undo = false;
    ck_assert_uint_eq(entries(CR_TABLE_PHRASE), 0);
    ck_assert_uint_eq(entries(CR_TABLE_VERSION), 0);
}
END_TEST

/* basis: V27 */
START_TEST(a_row_that_takes_back_what_was_not_there_warns_or_waits)
{
    needs = CR_WARNING;
    cr_admission_counts counts = import_rows(row("甲公司", FIRST, "荆罚1号", "1"), 100, 1 << 20);
    ck_assert_uint_eq(counts.added, 1);
    ck_assert_uint_eq(counts.warnings, 1);
    needs = CR_ERROR;
    counts = import_rows(row("甲公司", FIRST, "荆罚1号", "2"), 100, 1 << 20);
    ck_assert_uint_eq(counts.updated, 1); /* the record is there now */
    ck_assert_uint_eq(counts.warnings, 0);
    counts = import_rows(row("甲公司", FIRST, "荆罚2号", "1"), 100, 1 << 20);
    ck_assert_uint_eq(counts.parked, 1);
    needs = CR_CLEAN;
    counts = import_rows(row("甲公司", FIRST, "荆罚2号", "1"), 100, 1 << 20);
    ck_assert_uint_eq(counts.added, 1);
}
END_TEST

/* Of a very busy subject they are left to be read. */
START_TEST(what_is_handed_on_of_a_subject_is_all_that_is_new_or_nothing)
{
    enum { BUSY = 1100 };
    static char text[512 * BUSY];
    size_t at = 0;
    for (int i = 0; i < BUSY; i++) {
        char document[64];
        snprintf(document, sizeof document, "荆罚〔2026〕%d号", i);
        at += (size_t)snprintf(text + at, sizeof text - at, "%s",
            row(i == 3 ? "乙店" : "甲公司", i == 3 ? SECOND : FIRST, document, "1"));
    }
    import_rows(text, 500, 1 << 20);
    ck_assert_uint_eq(touched, 2);
    ck_assert_uint_eq(touched_whole, 1);
    /* Of one that the store knew they are handed on too, */
    import_rows(row("乙店", SECOND, "荆罚〔2026〕2000号", "1"), 100, 1 << 20);
    ck_assert_uint_eq(touched, 1);
    ck_assert_uint_eq(touched_whole, 1);
    import_rows(row("乙店", SECOND, "荆罚〔2026〕2000号", "2"), 100, 1 << 20);
    ck_assert_uint_eq(touched_whole, 1);
    /* unless a record that it had is of another day now. */
    dated = 20000;
    at = (size_t)snprintf(text, sizeof text, "%s", row("乙店", SECOND, "荆罚〔2026〕2000号", "2"));
    snprintf(text + at, sizeof text - at, "%s", row("乙店", SECOND, "荆罚〔2026〕2001号", "1"));
    import_rows(text, 100, 1 << 20);
    ck_assert_uint_eq(touched, 1);
    ck_assert_uint_eq(touched_whole, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("admit");
    TCase *tests = tcase_create("admit");
    tcase_add_checked_fixture(tests, given_a_pack_and_a_store, drop_them);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, new_records_of_new_subjects_are_added);
    tcase_add_test(tests, the_same_rows_again_change_nothing_and_take_no_room);
    tcase_add_test(tests, bracket_styles_do_not_make_two_records_of_one);
    tcase_add_test(
        tests, within_a_file_later_rows_supersede_earlier_ones_wherever_the_blocks_are_cut);
    tcase_add_test(tests, a_name_that_is_not_the_subjects_own_parks_the_row);
    tcase_add_test(tests, two_firms_with_one_name_are_never_merged);
    tcase_add_test(tests, a_persons_number_stands_nowhere_in_the_store_in_clear);
    tcase_add_test(
        tests, texts_that_repeat_are_kept_once_and_taking_their_mark_away_changes_nothing);
    tcase_add_test(tests, an_import_that_is_undone_leaves_no_phrases);
    tcase_add_test(tests, a_row_that_takes_back_what_was_not_there_warns_or_waits);
    tcase_add_test(tests, what_is_handed_on_of_a_subject_is_all_that_is_new_or_nothing);
    tcase_add_test(tests, many_runs_on_disk_end_in_the_same_tables_as_memory);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
