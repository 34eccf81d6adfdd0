/* The public interface, as a program outside would use it: credit.h alone. LMDB only to
 * do damage. */
#include <credit/credit.h>
#include <lmdb.h>
#include <sys/stat.h>

#include "tests/support/scratch.h"
#include "tests/support/suite.h"

static credit_store *store;
static const credit_pack *pack;
static credit_instant now;
static credit_date today;

static const char *demo(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/tests/demo/%s", getenv("CREDIT_SOURCE"), name);
    return path;
}

/* ---- a store with the demo's data ------------------------------------------------- */

static void make_store(const char *suite)
{
    static char pack_path[512];
    credit_error err = CREDIT_ERROR_INIT;
    credit_store_options options = CREDIT_STORE_OPTIONS_INIT;
    snprintf(pack_path, sizeof pack_path, "%s/packs/jingzhou", getenv("CREDIT_SOURCE"));
    options.pack = pack_path;
    options.suite = suite;
    options.now = now;
    ck_assert_msg(
        credit_store_init(in_scratch("s"), &options, &err) == CREDIT_OK, "%s", err.message);
    ck_assert_msg(
        credit_store_open(in_scratch("s"), NULL, &store, &err) == CREDIT_OK, "%s", err.message);
    pack = credit_store_get_pack(store);
}

static void given_a_store(void)
{
    make_scratch();
    ck_assert_int_eq(credit_instant_parse("2026-11-23T02:00:00Z", &now, NULL), CREDIT_OK);
    ck_assert_int_eq(credit_date_parse("2026-11-23", &today, NULL), CREDIT_OK);
    make_store("p256");
}

static void drop_the_store(void)
{
    credit_store_close(store);
    remove_scratch();
}

static credit_import_summary import_file(const char *path, credit_result wanted)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_import_summary summary;
    credit_import_options options = CREDIT_IMPORT_OPTIONS_INIT;
    options.now = now;
    options.rejects = in_scratch("rejects.csv");
    credit_result rc = credit_import(store, path, &options, &summary, &err);
    ck_assert_msg(rc == wanted, "%s: %s %s", path, credit_result_name(rc), err.message);
    ck_assert_uint_eq(summary.rows, summary.added + summary.updated + summary.unchanged +
                                        summary.withdrawn + summary.parked + summary.rejected);
    return summary;
}

/* ---- output ------------------------------------------------------------------------- */

typedef struct lines {
    char text[1 << 20];
    size_t size, count;
} lines;

static int keep_line(void *ctx, const char *text, size_t size)
{
    lines *l = ctx;
    ck_assert_uint_lt(l->size + size + 2, sizeof l->text);
    memcpy(l->text + l->size, text, size);
    l->size += size;
    l->text[l->size++] = '\n';
    l->text[l->size] = '\0';
    l->count++;
    return 0;
}

static lines out;

static void nothing_printed(void)
{
    out.size = out.count = 0;
    out.text[0] = '\0';
}

static void assert_printed(const char *text)
{
    ck_assert_msg(strstr(out.text, text) != NULL, "no \"%s\" in %.2000s", text, out.text);
}

static credit_subject subject(const char *text)
{
    credit_subject s;
    credit_error err = CREDIT_ERROR_INIT;
    ck_assert_msg(credit_subject_parse(pack, text, &s, &err) == CREDIT_OK, "%s", err.message);
    return s;
}

static credit_question question(const char *as_of)
{
    credit_question q = CREDIT_QUESTION_INIT;
    ck_assert_int_eq(credit_date_parse(as_of, &q.as_of, NULL), CREDIT_OK);
    return q;
}

/* Runs `call` against a view and gives its result. */
#define WITH_VIEW(call)                                                                            \
    do {                                                                                           \
        credit_view *view = NULL;                                                                  \
        ck_assert_int_eq(credit_view_open(store, &view, NULL), CREDIT_OK);                         \
        call;                                                                                      \
        credit_view_close(view);                                                                   \
    } while (0)

/* ---- tests ---------------------------------------------------------------------------- */

START_TEST(the_real_register_is_loaded_but_for_its_seven_wrong_codes)
{
    credit_import_summary summary = import_file(demo("register.csv"), CREDIT_OK);
    ck_assert_uint_eq(summary.rejected, 7);
    ck_assert_uint_eq(summary.added, summary.rows - 7);
    ck_assert_str_eq(summary.catalog, "register");
    ck_assert_uint_eq(summary.subjects, summary.added);
}
END_TEST

START_TEST(the_same_file_again_changes_nothing_under_any_name)
{
    credit_import_summary first = import_file(demo("register.csv"), CREDIT_OK);
    credit_import_summary again = import_file(demo("register.csv"), CREDIT_OK);
    ck_assert(again.known);
    ck_assert_uint_eq(again.batch, 0);
    ck_assert_uint_eq(again.rows, first.rows);
    ck_assert_uint_eq(again.unchanged, first.added);
    ck_assert_uint_eq(again.rejected, first.rejected);
}
END_TEST

START_TEST(a_dry_run_says_everything_and_changes_nothing)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_import_summary summary;
    credit_import_options options = CREDIT_IMPORT_OPTIONS_INIT;
    options.now = now;
    options.dry_run = true;
    options.rejects = in_scratch("rejects.csv");
    ck_assert_int_eq(
        credit_import(store, demo("register.csv"), &options, &summary, &err), CREDIT_OK);
    ck_assert_uint_gt(summary.added, 0);
    ck_assert_uint_eq(summary.batch, 0);
    nothing_printed();
    ck_assert_int_eq(credit_batch_list(store, keep_line, &out, &err), CREDIT_OK);
    ck_assert_uint_eq(out.count, 0);
}
END_TEST

START_TEST(permits_of_the_site_make_pending_subjects)
{
    credit_import_summary summary = import_file(demo("permits_site.csv"), CREDIT_OK);
    ck_assert_uint_eq(summary.rows, 46);
    ck_assert_uint_eq(summary.rejected, 0);
    ck_assert_uint_eq(summary.added, 46);
    credit_subject firm = subject("91320100748204660Q");
    credit_question q = question("2026-11-23");
    nothing_printed();
    WITH_VIEW(ck_assert_int_eq(credit_show(view, &firm, &q, keep_line, &out, NULL), CREDIT_OK));
    assert_printed("\"registered\":false");
    assert_printed("南京钢铁联合有限公司");
}
END_TEST

START_TEST(an_unknown_subject_is_review_never_yes)
{
    import_file(demo("register.csv"), CREDIT_OK);
    const credit_answer *answer = NULL;
    credit_subject nobody = subject("91421000MA4TE5T05M");
    credit_question q = question("2026-11-23");
    WITH_VIEW({
        ck_assert_int_eq(credit_check(view, &nobody, &q, &answer, NULL), CREDIT_OK);
        ck_assert(!answer->known);
        ck_assert_int_eq(answer->decision, CREDIT_REVIEW);
        ck_assert_uint_gt(answer->reason_count, 0);
        ck_assert_uint_gt(answer->reasons[0].basis.size, 0);
    });
}
END_TEST

/* The subject of the first entry that `credit list NAME` prints. */
static credit_subject first_of_list(const char *name)
{
    char code[19] = {0};
    credit_question q = question("2026-11-23");
    credit_error err = CREDIT_ERROR_INIT;
    nothing_printed();
    WITH_VIEW(ck_assert_msg(
        credit_list(view, name, &q, CREDIT_DATE_NONE, keep_line, &out, &err) == CREDIT_OK, "%s",
        err.message));
    ck_assert_msg(out.count > 0, "nobody is on %s", name);
    memcpy(code, strstr(out.text, "\"id\":\"") + 6, 18);
    return subject(code);
}

static void import_everything(void)
{
    static const char *const files[] = {"register.csv", "penalties_gb18030.csv", "redlist.csv",
        "blacklist.csv", "irregular.csv", "commitments.csv"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        import_file(demo(files[i]), CREDIT_OK);
    }
}

START_TEST(a_serious_entry_refuses_the_green_channel_with_its_decision_as_evidence)
{
    import_everything();
    const credit_answer *answer = NULL;
    credit_subject firm = first_of_list("black");
    credit_question q = question("2026-11-23");
    WITH_VIEW({
        ck_assert_int_eq(credit_check(view, &firm, &q, &answer, NULL), CREDIT_OK);
        ck_assert_int_eq(answer->decision, CREDIT_INELIGIBLE);
        ck_assert_uint_eq(answer->tier.size, 1);
        ck_assert_int_eq(answer->tier.data[0], 'D');
        bool rests_on_decision = false;
        for (size_t i = 0; i < answer->reason_count; i++) {
            for (size_t k = 0; k < answer->reasons[i].evidence_count; k++) {
                const credit_evidence *evidence = &answer->reasons[i].evidence[k];
                rests_on_decision = rests_on_decision || evidence->document_no.size > 0;
            }
        }
        ck_assert(rests_on_decision);
    });
}
END_TEST

START_TEST(a_reason_clears_on_the_first_day_it_no_longer_speaks)
{
    import_everything();
    const credit_answer *answer = NULL;
    credit_subject firm = first_of_list("black");
    credit_question q = question("2026-11-23");
    credit_view *view = NULL;
    ck_assert_int_eq(credit_view_open(store, &view, NULL), CREDIT_OK);
    ck_assert_int_eq(credit_check(view, &firm, &q, &answer, NULL), CREDIT_OK);
    char rule[16] = {0};
    credit_date clears = CREDIT_DATE_NONE;
    for (size_t i = 0; i < answer->reason_count; i++) {
        if (answer->reasons[i].clears_on == CREDIT_DATE_NONE) { continue; }
        clears = answer->reasons[i].clears_on;
        memcpy(rule, answer->reasons[i].rule.data, answer->reasons[i].rule.size);
    }
    ck_assert_int_ne(clears, CREDIT_DATE_NONE);
    for (credit_date day = clears - 1; day <= clears; day++) {
        bool speaks = false;
        q.as_of = day;
        ck_assert_int_eq(credit_check(view, &firm, &q, &answer, NULL), CREDIT_OK);
        for (size_t i = 0; i < answer->reason_count; i++) {
            credit_span spoken = answer->reasons[i].rule;
            speaks = speaks ||
                     (spoken.size == strlen(rule) && memcmp(spoken.data, rule, spoken.size) == 0);
        }
        ck_assert_int_eq(speaks, day < clears);
    }
    credit_view_close(view);
}
END_TEST

/* Does a reason with this text speak on the day? Rows may share a rule id. */
static bool text_speaks(
    credit_view *view, const credit_subject *firm, credit_date day, const char *text)
{
    const credit_answer *answer = NULL;
    credit_question q = CREDIT_QUESTION_INIT;
    q.as_of = day;
    ck_assert_int_eq(credit_check(view, firm, &q, &answer, NULL), CREDIT_OK);
    for (size_t i = 0; i < answer->reason_count; i++) {
        credit_span spoken = answer->reasons[i].text;
        if (spoken.size == strlen(text) && memcmp(spoken.data, text, spoken.size) == 0) {
            return true;
        }
    }
    return false;
}

START_TEST(an_answer_that_is_asked_to_says_what_would_turn_it)
{
    import_everything();
    credit_view *view = NULL;
    const credit_answer *answer = NULL;
    credit_subject firm = subject("914210007308853063"); /* is on a serious list */
    credit_question q = question("2026-11-23");
    ck_assert_int_eq(credit_view_open(store, &view, NULL), CREDIT_OK);
    ck_assert_int_eq(credit_check(view, &firm, &q, &answer, NULL), CREDIT_OK);
    ck_assert(!answer->explained);
    ck_assert_uint_eq(answer->why_not_count, 0);
    ck_assert_ptr_null(answer->reasons[0].inputs);
    q.explain = true;
    ck_assert_int_eq(credit_check(view, &firm, &q, &answer, NULL), CREDIT_OK);
    ck_assert(answer->explained);
    const credit_why_not *why = &answer->why_not[0];
    ck_assert_str_eq(why->goal, "decision");
    ck_assert(why->settled);
    ck_assert_uint_gt(why->reason_count, 0);
    ck_assert_uint_gt(why->reasons[0]->input_count, 0);
    ck_assert_uint_eq(why->set_count, 2);
    ck_assert_uint_eq(why->sets[0].change_count, 1);
    ck_assert_str_eq(why->sets[0].changes[0].change, "removed");
    ck_assert_str_eq(why->sets[1].changes[0].change, "repaired");
    ck_assert_int_gt(why->sets[1].changes[0].from, q.as_of);
    q.as_of = why->turns_on - 1;
    ck_assert_int_eq(credit_check(view, &firm, &q, &answer, NULL), CREDIT_OK);
    ck_assert_int_eq(answer->decision, CREDIT_INELIGIBLE);
    q.as_of++;
    ck_assert_int_eq(credit_check(view, &firm, &q, &answer, NULL), CREDIT_OK);
    ck_assert_int_eq(answer->decision, CREDIT_ELIGIBLE);
    credit_view_close(view);
}
END_TEST

START_TEST(every_reason_clears_on_the_day_that_going_through_the_days_finds)
{
    enum { REASONS_MAX = 32, DAYS_MAX = 1500 };
    static char texts[REASONS_MAX][256];
    credit_date clears[REASONS_MAX];
    import_everything();
    const credit_answer *answer = NULL;
    credit_view *view = NULL;
    credit_subject firm = subject("91421023182020642H");
    credit_question q = question("2026-11-24");
    ck_assert_int_eq(credit_view_open(store, &view, NULL), CREDIT_OK);
    ck_assert_int_eq(credit_check(view, &firm, &q, &answer, NULL), CREDIT_OK);
    size_t count = answer->reason_count;
    ck_assert_uint_ge(count, 4);
    ck_assert_uint_le(count, REASONS_MAX);
    for (size_t i = 0; i < count; i++) {
        snprintf(texts[i], sizeof texts[i], "%.*s", (int)answer->reasons[i].text.size,
            answer->reasons[i].text.data);
        clears[i] = answer->reasons[i].clears_on;
    }
    for (size_t i = 0; i < count; i++) {
        credit_date day = q.as_of + 1;
        while (day < q.as_of + DAYS_MAX && text_speaks(view, &firm, day, texts[i])) { day++; }
        ck_assert_msg(clears[i] == (day == q.as_of + DAYS_MAX ? CREDIT_DATE_NONE : day),
            "%s: says %d, found %d", texts[i], clears[i] - q.as_of, day - q.as_of);
    }
    credit_view_close(view);
}
END_TEST

START_TEST(the_nightly_pass_twice_changes_nothing_the_second_time)
{
    import_everything();
    credit_date later;
    ck_assert_int_eq(credit_date_parse("2031-01-01", &later, NULL), CREDIT_OK);
    nothing_printed();
    ck_assert_int_eq(credit_evaluate(store, later, now, keep_line, &out, NULL), CREDIT_OK);
    ck_assert_uint_gt(out.count, 0);
    nothing_printed();
    ck_assert_int_eq(credit_evaluate(store, later, now, keep_line, &out, NULL), CREDIT_OK);
    ck_assert_uint_eq(out.count, 0);
    nothing_printed();
    ck_assert_int_eq(credit_fsck(store, NULL, keep_line, &out, NULL), CREDIT_OK);
}
END_TEST

START_TEST(a_past_day_is_answered_the_same_before_and_after_the_nightly_pass)
{
    import_everything();
    static lines before;
    credit_date later;
    credit_question q = question("2026-11-23");
    nothing_printed();
    WITH_VIEW(ck_assert_int_eq(
        credit_list(view, "black", &q, CREDIT_DATE_NONE, keep_line, &out, NULL), CREDIT_OK));
    before = out;
    ck_assert_uint_gt(before.count, 0);
    ck_assert_int_eq(credit_date_parse("2035-01-01", &later, NULL), CREDIT_OK);
    ck_assert_int_eq(credit_evaluate(store, later, now, keep_line, &out, NULL), CREDIT_OK);
    nothing_printed();
    WITH_VIEW(ck_assert_int_eq(
        credit_list(view, "black", &q, CREDIT_DATE_NONE, keep_line, &out, NULL), CREDIT_OK));
    ck_assert_str_eq(out.text, before.text);
}
END_TEST

START_TEST(what_the_store_did_not_know_yet_is_not_in_the_answer)
{
    import_file(demo("register.csv"), CREDIT_OK);
    credit_instant before = now + 1000000;
    now += 60 * 1000000;
    import_file(demo("blacklist.csv"), CREDIT_OK);
    credit_subject firm = first_of_list("black");
    const credit_answer *answer = NULL;
    credit_question q = question("2026-11-23");
    WITH_VIEW({
        ck_assert_int_eq(credit_tier(view, &firm, &q, &answer, NULL), CREDIT_OK);
        ck_assert_uint_gt(answer->listing_count, 0);
        q.known_at = before;
        ck_assert_int_eq(credit_tier(view, &firm, &q, &answer, NULL), CREDIT_OK);
        ck_assert(answer->known);
        ck_assert_uint_eq(answer->listing_count, 0);
    });
}
END_TEST

/* ---- packs that come into force ---------------------------------------------------- */

static const char *given_a_draft(void)
{
    char command[1200];
    static char draft[512];
    snprintf(draft, sizeof draft, "%s", in_scratch("draft"));
    snprintf(command, sizeof command,
        "cp -r '%s/packs/jingzhou' '%s' && "
        "sed -i 's/^  \"version\": \".*\"/  \"version\": \"draft\"/' '%s/pack.json'",
        getenv("CREDIT_SOURCE"), draft, draft);
    ck_assert_int_eq(system(command), 0);
    return draft;
}

static credit_activation activate(const char *draft, credit_date from, credit_result wanted)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_activation activation;
    credit_activation_options options = CREDIT_ACTIVATION_OPTIONS_INIT;
    options.from = from;
    options.now = now;
    options.force = true;
    credit_result rc = credit_rules_activate(store, draft, &options, &activation, &err);
    ck_assert_msg(rc == wanted, "%s %s", credit_result_name(rc), err.message);
    return activation;
}

/* The answer of that day names the pack that it was given by. */
static void assert_judged_by(
    credit_view *view, const credit_subject *firm, credit_question q, const char *version)
{
    const credit_answer *answer = NULL;
    ck_assert_int_eq(credit_tier(view, firm, &q, &answer, NULL), CREDIT_OK);
    nothing_printed();
    ck_assert_int_eq(credit_answer_write(view, &q, answer, keep_line, &out, NULL), CREDIT_OK);
    assert_printed(version);
}

START_TEST(the_pack_in_force_is_that_of_the_day_as_it_was_known)
{
    import_everything();
    credit_subject firm = first_of_list("black");
    credit_question on_eve = question("2027-02-28"), on_day = question("2027-03-01"), then = on_day;
    credit_view *view = NULL;
    then.known_at = now + 1000000;
    now += 60 * 1000000;
    ck_assert_int_eq(credit_view_open(store, &view, NULL), CREDIT_OK);
    credit_activation act = activate(given_a_draft(), on_day.as_of, CREDIT_OK);
    ck_assert_uint_eq(act.subjects, 0); /* nobody's pack of today is another one */
    assert_judged_by(view, &firm, on_day, "\"version\":\"20"); /* the view is of before */
    ck_assert_int_eq(credit_view_refresh(view, NULL), CREDIT_OK);
    assert_judged_by(view, &firm, on_day, "\"version\":\"draft\"");
    assert_judged_by(view, &firm, on_eve, "\"version\":\"20");
    assert_judged_by(view, &firm, then, "\"version\":\"20");
    credit_view_close(view);
    ck_assert(activate(in_scratch("draft"), on_day.as_of, CREDIT_OK).unchanged);
    ck_assert_uint_gt(activate(in_scratch("draft"), today, CREDIT_OK).subjects, 0);
    nothing_printed();
    ck_assert_int_eq(credit_fsck(store, NULL, keep_line, &out, NULL), CREDIT_OK);
}
END_TEST

START_TEST(of_two_acts_the_latest_day_decides_and_on_one_day_the_later_act)
{
    const char *draft = given_a_draft();
    credit_question q = question("2027-06-01");
    activate(draft, q.as_of - 10, CREDIT_OK);
    activate(demo("../../packs/jingzhou"), q.as_of, CREDIT_OK);
    activate(draft, q.as_of, CREDIT_OK);
    activate(demo("../../packs/jingzhou"), q.as_of - 20, CREDIT_OK);
    nothing_printed();
    ck_assert_int_eq(credit_rules_show(store, NULL, &q, keep_line, &out, NULL), CREDIT_OK);
    ck_assert_uint_eq(out.count, 5);
    const char *act = strstr(out.text, "\"in_force\":true");
    ck_assert_ptr_nonnull(act);
    ck_assert_ptr_null(strstr(act + 1, "\"in_force\":true"));
    *strchr(act, '\n') = '\0';
    while (act > out.text && act[-1] != '\n') { act--; }
    ck_assert_msg(strstr(act, "\"version\":\"draft\"") != NULL &&
                      strstr(act, "\"from\":\"2027-06-01\"") != NULL,
        "%s", act);
}
END_TEST

START_TEST(packs_are_shown_tried_and_activated_or_it_is_said_why_not)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_question q = question("2026-11-23");
    credit_activation activation;
    credit_activation_options options = CREDIT_ACTIVATION_OPTIONS_INIT;
    credit_rehearsal_options rehearsal = CREDIT_REHEARSAL_OPTIONS_INIT;
    const char *draft = given_a_draft();
    ck_assert_int_eq(
        credit_rules_activate(store, draft, &options, &activation, &err), CREDIT_E_USAGE);
    ck_assert_int_eq(
        credit_rules_try(store, draft, &rehearsal, keep_line, &out, &err), CREDIT_E_USAGE);
    ck_assert_int_eq(
        credit_rules_show(store, "nothing", &q, keep_line, &out, &err), CREDIT_E_NOT_FOUND);
    activate(in_scratch("nowhere"), today, CREDIT_E_NOT_FOUND);
    rehearsal.question = q;
    rehearsal.csv = in_scratch("nowhere/changes.csv");
    ck_assert_int_eq(
        credit_rules_try(store, draft, &rehearsal, keep_line, &out, &err), CREDIT_E_NOT_FOUND);
    rehearsal.csv = NULL;
    nothing_printed();
    ck_assert_int_eq(credit_rules_try(store, draft, &rehearsal, keep_line, &out, &err), CREDIT_OK);
    assert_printed("\"changed\":0,\"changes\":0");
}
END_TEST

static credit_verdict verify_file(const char *path)
{
    credit_verdict verdict;
    credit_error err = CREDIT_ERROR_INIT;
    char trust[512];
    snprintf(trust, sizeof trust, "%s", in_scratch("s/authority.pem"));
    ck_assert_msg(credit_verify(path, trust, &verdict, &err) == CREDIT_OK, "%s", err.message);
    return verdict;
}

static void flip_bit(const char *path, long at)
{
    FILE *file = fopen(path, "r+b");
    ck_assert_ptr_nonnull(file);
    fseek(file, at, SEEK_SET);
    int byte = fgetc(file);
    fseek(file, at, SEEK_SET);
    fputc(byte ^ 1, file);
    fclose(file);
}

START_TEST(an_extract_is_verified_and_one_flipped_bit_anywhere_is_not)
{
    static const char *const suites[] = {"sm2", "p256"};
    for (size_t s = 0; s < 2; s++) {
        drop_the_store();
        make_scratch();
        make_store(suites[s]);
        import_everything();
        credit_error err = CREDIT_ERROR_INIT;
        credit_extract_options options = CREDIT_EXTRACT_OPTIONS_INIT;
        char number[23], path[512];
        snprintf(path, sizeof path, "%s", in_scratch("report.asice"));
        credit_subject firm = first_of_list("black");
        options.question.as_of = today;
        options.purpose = "招标";
        options.now = now + 1;
        ck_assert_msg(credit_extract(store, &firm, &options, path, number, &err) == CREDIT_OK, "%s",
            err.message);
        credit_verdict verdict = verify_file(path);
        ck_assert_msg(verdict.verified, "%s", verdict.reason);
        ck_assert_str_eq(verdict.number, number);
        ck_assert_str_eq(verdict.suite, suites[s]);
        ck_assert_int_eq(verdict.completeness, CREDIT_VERDICT_ABSENT);
        struct stat status;
        ck_assert_int_eq(stat(path, &status), 0);
        for (long at = 0; at < status.st_size; at += status.st_size / 97 + 1) {
            flip_bit(path, at);
            verdict = verify_file(path);
            ck_assert_msg(!verdict.verified, "a flipped bit at %ld went unseen", at);
            ck_assert_str_ne(verdict.reason, "");
            flip_bit(path, at);
        }
        verdict = verify_file(path);
        ck_assert(verdict.verified);
        ck_assert_int_eq(truncate(path, status.st_size - 1), 0);
        verdict = verify_file(path);
        ck_assert(!verdict.verified);
    }
}
END_TEST

START_TEST(a_subject_nobody_knows_gets_an_extract_too)
{
    import_file(demo("register.csv"), CREDIT_OK);
    credit_extract_options options = CREDIT_EXTRACT_OPTIONS_INIT;
    credit_subject nobody = subject("91421000MA4TE5T05M");
    options.question.as_of = today;
    options.now = now + 1;
    ck_assert_int_eq(
        credit_extract(store, &nobody, &options, in_scratch("r.asice"), NULL, NULL), CREDIT_OK);
    ck_assert(verify_file(in_scratch("r.asice")).verified);
}
END_TEST

START_TEST(there_is_no_public_extract_for_a_person)
{
    credit_extract_options options = CREDIT_EXTRACT_OPTIONS_INIT;
    credit_error err = CREDIT_ERROR_INIT;
    credit_subject person = subject("cn_id:421023198507150025");
    options.question.as_of = today;
    options.now = now + 1;
    ck_assert_int_eq(credit_extract(store, &person, &options, in_scratch("r.asice"), NULL, &err),
        CREDIT_E_USAGE);
    ck_assert_ptr_null(strstr(err.message, "421023"));
    options.scope = "authorized";
    ck_assert_int_eq(
        credit_extract(store, &person, &options, in_scratch("r.asice"), NULL, &err), CREDIT_OK);
}
END_TEST

START_TEST(damage_to_a_record_is_found_by_fsck)
{
    import_file(demo("register.csv"), CREDIT_OK);
    nothing_printed();
    ck_assert_int_eq(credit_fsck(store, NULL, keep_line, &out, NULL), CREDIT_OK);
    flip_bit(in_scratch("s/segments/00000001.seg"), 2000);
    nothing_printed();
    ck_assert_int_eq(credit_fsck(store, NULL, keep_line, &out, NULL), CREDIT_E_CORRUPT);
    assert_printed("\"fault\"");
}
END_TEST

/* Enough records to be written as a run, whose filter then forgets them. */
START_TEST(a_filter_that_does_not_know_its_records_is_found_by_fsck)
{
    enum { ROWS = 1100 };
    MDB_env *env = NULL;
    MDB_txn *txn = NULL;
    MDB_dbi filters;
    unsigned char slot = 0, nothing[64] = {0};
    MDB_val key = {sizeof slot, &slot}, value = {sizeof nothing, nothing};
    FILE *file = fopen(in_scratch("many.csv"), "wb");
    fputs("CF_XDR_MC,CF_XDR_LB,CF_XDR_SHXYM,CF_WSH,CF_WFXW,CF_SY,CF_YJ,CF_CFLB,CF_NR,CF_NR_FK,"
          "CF_JDRQ,CF_YXQ,CF_CFJG,CF_CFJGDM,CF_SJLY,CF_SJLYDM,CF_FRDB,CF_XDR_ZJLX,CF_XDR_ZJHM\n",
        file);
    for (int i = 0; i < ROWS; i++) {
        fprintf(file,
            "甲公司,法人及非法人组织,91421000MA4TE5T05M,荆罚〔2026〕%d号,无证经营,当事人无证经营,"
            "《某条例》第一条,罚款,罚款,1,2026-05-06,2027-05-06,荆州市城市管理执法委员会,"
            "12421000MB0TE5T1XF,荆州市城市管理执法委员会,12421000MB0TE5T1XF,王某,,\n",
            i);
    }
    fclose(file);
    ck_assert_uint_eq(import_file(in_scratch("many.csv"), CREDIT_OK).added, ROWS);
    nothing_printed();
    ck_assert_int_eq(credit_fsck(store, NULL, keep_line, &out, NULL), CREDIT_OK);
    credit_store_close(store);
    ck_assert_int_eq(mdb_env_create(&env), 0);
    ck_assert_int_eq(mdb_env_set_maxdbs(env, 1), 0);
    ck_assert_int_eq(mdb_env_open(env, in_scratch("s/index"), 0, 0600), 0);
    ck_assert_int_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
    ck_assert_int_eq(mdb_dbi_open(txn, "filter", 0, &filters), 0);
    ck_assert_int_eq(mdb_put(txn, filters, &key, &value, 0), 0);
    ck_assert_int_eq(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    ck_assert_int_eq(credit_store_open(in_scratch("s"), NULL, &store, NULL), CREDIT_OK);
    nothing_printed();
    ck_assert_int_eq(credit_fsck(store, NULL, keep_line, &out, NULL), CREDIT_E_CORRUPT);
    assert_printed("the filter of its run does not know the record");
}
END_TEST

/* Where the first frame that names a phrase by one byte does so. Frames of the register
 * have 12 columns, after a head of 24 bytes that begins with their size. */
static long first_phrase_named(const char *path)
{
    static unsigned char bytes[1 << 16];
    FILE *file = fopen(path, "rb");
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    for (size_t frame = 0; frame + 24 < size;
         frame += (size_t)bytes[frame] | (size_t)bytes[frame + 1] << 8) {
        size_t at = frame + 24;
        for (int column = 0; column < 12 && at + 1 < size; column++) {
            size_t number = bytes[at] & 0x7F;
            if (bytes[at] < 0x80 && number % 2 == 1) { return (long)at; }
            if (bytes[at++] >= 0x80) { number |= (size_t)bytes[at++] << 7; }
            if (number % 2 == 0) { at += number / 2; }
        }
    }
    return -1;
}

START_TEST(a_record_that_names_a_phrase_nobody_gave_is_found_by_fsck)
{
    import_file(demo("register.csv"), CREDIT_OK);
    long at = first_phrase_named(in_scratch("s/segments/00000001.seg"));
    ck_assert_int_ge(at, 24);
    FILE *file = fopen(in_scratch("s/segments/00000001.seg"), "r+b");
    ck_assert_int_eq(fseek(file, at, SEEK_SET), 0);
    fputc(0x7F, file); /* the 64th */
    fclose(file);
    nothing_printed();
    ck_assert_int_eq(credit_fsck(store, NULL, keep_line, &out, NULL), CREDIT_E_CORRUPT);
    assert_printed("the record's bytes are damaged");
}
END_TEST

START_TEST(misuse_is_an_error_not_a_crash)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_question q = CREDIT_QUESTION_INIT;
    credit_subject firm = subject("91421000MA4TE5T05M");
    const credit_answer *answer = NULL;
    ck_assert_int_eq(credit_store_open(NULL, NULL, NULL, &err), CREDIT_E_USAGE);
    ck_assert_int_eq(credit_view_open(NULL, NULL, &err), CREDIT_E_USAGE);
    WITH_VIEW({
        ck_assert_int_eq(credit_check(view, &firm, &q, &answer, &err), CREDIT_E_USAGE);
        q.as_of = today;
        q.matter = "没有这个事项";
        ck_assert_int_eq(credit_check(view, &firm, &q, &answer, &err), CREDIT_E_NOT_FOUND);
        ck_assert_int_eq(credit_list(view, "nolist", &q, CREDIT_DATE_NONE, keep_line, &out, &err),
            CREDIT_E_NOT_FOUND);
    });
    credit_store_close(NULL);
    credit_view_close(NULL);
    credit_pack_close(NULL);
}
END_TEST

START_TEST(working_days_and_periods_are_added_as_the_rules_do)
{
    credit_date day;
    char text[12];
    ck_assert_int_eq(credit_date_parse("2026-11-30", &day, NULL), CREDIT_OK);
    ck_assert_int_eq(credit_date_add(pack, day, "P3M", &day, NULL), CREDIT_OK);
    credit_date_print(day, text);
    ck_assert_str_eq(text, "2027-02-28");
    ck_assert_int_eq(credit_date_parse("2026-09-28", &day, NULL), CREDIT_OK);
    ck_assert_int_eq(credit_date_add(pack, day, "7wd", &day, NULL), CREDIT_OK);
    ck_assert_int_gt(day, CREDIT_DATE_NONE);
    ck_assert_int_eq(credit_date_add(pack, today, "90wd", &day, NULL), CREDIT_E_DATA);
    ck_assert_int_eq(credit_date_add(pack, today, "x", &day, NULL), CREDIT_E_DATA);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("api");
    TCase *tests = tcase_create("api");
    tcase_add_checked_fixture(tests, given_a_store, drop_the_store);
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, the_real_register_is_loaded_but_for_its_seven_wrong_codes);
    tcase_add_test(tests, the_same_file_again_changes_nothing_under_any_name);
    tcase_add_test(tests, a_dry_run_says_everything_and_changes_nothing);
    tcase_add_test(tests, permits_of_the_site_make_pending_subjects);
    tcase_add_test(tests, an_unknown_subject_is_review_never_yes);
    tcase_add_test(tests, a_serious_entry_refuses_the_green_channel_with_its_decision_as_evidence);
    tcase_add_test(tests, a_reason_clears_on_the_first_day_it_no_longer_speaks);
    tcase_add_test(tests, an_answer_that_is_asked_to_says_what_would_turn_it);
    tcase_add_test(tests, every_reason_clears_on_the_day_that_going_through_the_days_finds);
    tcase_add_test(tests, the_nightly_pass_twice_changes_nothing_the_second_time);
    tcase_add_test(tests, a_past_day_is_answered_the_same_before_and_after_the_nightly_pass);
    tcase_add_test(tests, what_the_store_did_not_know_yet_is_not_in_the_answer);
    tcase_add_test(tests, the_pack_in_force_is_that_of_the_day_as_it_was_known);
    tcase_add_test(tests, of_two_acts_the_latest_day_decides_and_on_one_day_the_later_act);
    tcase_add_test(tests, packs_are_shown_tried_and_activated_or_it_is_said_why_not);
    tcase_add_test(tests, an_extract_is_verified_and_one_flipped_bit_anywhere_is_not);
    tcase_add_test(tests, a_subject_nobody_knows_gets_an_extract_too);
    tcase_add_test(tests, there_is_no_public_extract_for_a_person);
    tcase_add_test(tests, damage_to_a_record_is_found_by_fsck);
    tcase_add_test(tests, a_filter_that_does_not_know_its_records_is_found_by_fsck);
    tcase_add_test(tests, a_record_that_names_a_phrase_nobody_gave_is_found_by_fsck);
    tcase_add_test(tests, misuse_is_an_error_not_a_crash);
    tcase_add_test(tests, working_days_and_periods_are_added_as_the_rules_do);
    suite_add_tcase(suite, tests);
    return run_suite(suite);
}
