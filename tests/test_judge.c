/* Judgements by narrowed rules against the same rules as they stand: a judge that
 * has seen many subjects of a kind says the same, for the same reasons, as one who
 * sees his first. */
#include "engine/judge.h"

#include "tests/support/records.h"
#include "tests/support/suite.h"

enum { FACTS_MAX = 12, TODAY = 20780 };

static cr_judge *seasoned;
static cr_file file;
static cr_fact facts[FACTS_MAX];
static credit_span matter;
static const cr_registry nothing = {0};

static void given_a_judge(void)
{
    load_pack();
    ck_assert_int_eq(cr_judge_new(pack, &nothing, 1, &seasoned, NULL), CREDIT_OK);
}

static void drop_it(void)
{
    cr_judge_free(seasoned);
    free_pack();
}

/* Nothing, a matter that the pack knows, the same in other words, or another one. */
static credit_span random_matter(void)
{
    static char padded[256];
    const cr_code *code = &pack->matters->codes[below((unsigned)pack->matters->code_count)];
    unsigned form = below(8);
    if (form < 3) { return (credit_span){"", 0}; }
    if (form == 7) { return CR_SPAN("没有的事项"); }
    int size = snprintf(padded, sizeof padded, "%s%.*s", form == 6 ? " " : "", (int)code->word.size,
        code->word.data);
    return (credit_span){padded, (size_t)size};
}

/* A company with records of `kind`s catalogs, so that kinds come again and again. */
static void random_file(uint64_t kind, uint64_t rest)
{
    static const char code[] = "91421002MA000000XX";
    memset(&file, 0, sizeof file);
    state = kind;
    uint32_t catalogs = below(256) & below(256);
    file.exists = true;
    file.subject.category = (uint8_t)below(4);
    file.subject.known = below(4) > 0;
    file.subject.region = below(8) == 0 ? 420100 : 421002;
    file.subject.pack = pack;
    file.subject.registered_on = below(2) == 0 ? CREDIT_DATE_NONE : TODAY - 100;
    file.subject.name = CR_SPAN("荆州某公司");
    static const struct {
        const char *word;
        uint32_t number;
    } statuses[] = {{"", 0}, {"", 0}, {"注销", 2}, {"注销", 0}, {"存续", 1}, {"存续", 0}};
    unsigned status = below(sizeof statuses / sizeof *statuses);
    file.subject.status = cr_span_of(statuses[status].word);
    file.subject.status_number = statuses[status].number;
    matter = random_matter();
    memcpy(
        file.key.bytes, code, sizeof code - 1 < CR_SUBJECT_KEY ? sizeof code - 1 : CR_SUBJECT_KEY);
    file.facts = facts;
    file.opens_on = CREDIT_DATE_FOREVER;
    state = rest;
    size_t wanted = below(FACTS_MAX);
    for (uint64_t try = 0; file.fact_count < wanted && try < 200; try++) {
        cr_fact fact = random_fact(rest * 7919 + try, rest * 104729 + try);
        if ((catalogs >> fact.catalog_index & 1) == 0) { continue; }
        if (fact.version.facts.decided_on == CREDIT_DATE_NONE) {
            fact.version.facts.decided_on = TODAY - 30;
        }
        fact.version.facts.roster = (uint8_t)fact.catalog->roster;
        if (fact.version.facts.decided_on > TODAY) { continue; }
        fact.key.row = (uint32_t)try;
        facts[file.fact_count++] = fact;
    }
}

static const cr_judgement *judge_on(cr_judge *judge, credit_date day, bool explain)
{
    const cr_judgement *judgement = NULL;
    cr_judge_question question = {.as_of = day,
        .commit = UINT32_MAX,
        .green_channel = true,
        .explain = explain,
        .matter = matter};
    for (size_t i = 0; i < file.fact_count; i++) { facts[i].ruled = false; }
    credit_error err = CREDIT_ERROR_INIT;
    ck_assert_msg(
        cr_judge_file(judge, &file, &question, &judgement, &err) == CREDIT_OK, "%s", err.message);
    return judgement;
}

static const cr_judgement *judge_it(cr_judge *judge, bool explain)
{
    return judge_on(judge, TODAY, explain);
}

/* All that was said, as text. */
static void tell(const cr_judgement *j, char *out, size_t room)
{
    size_t at = (size_t)snprintf(out, room, "%.*s/%.*s/%d next %d", (int)j->tier.size, j->tier.data,
        (int)j->inspection.size, j->inspection.data, (int)j->green, j->next_change);
    for (size_t i = 0; i < j->listing_count && at < room; i++) {
        const cr_listing *l = &j->listings[i];
        at += (size_t)snprintf(out + at, room - at, " list %u %u %d-%d by %ld", l->roster_index,
            l->list, l->since, l->until, l->fact == NULL ? -1L : (long)l->fact->key.row);
    }
    for (size_t i = 0; i < j->grant_count && at < room; i++) {
        at += (size_t)snprintf(out + at, room - at, " grant %d", (int)j->grants[i].given);
    }
    for (size_t i = 0; i < j->reason_count && at < room; i++) {
        const cr_reason *r = j->reasons[i];
        at += (size_t)snprintf(out + at, room - at, "\n%d.%u %.*s %.*s until %d may %d on",
            r->decision, r->row, (int)r->rule.size, r->rule.data, (int)r->outcome.size,
            r->outcome.data, r->clears_on, r->may_clear);
        for (size_t k = 0; k < r->evidence_count && at < room; k++) {
            at += (size_t)snprintf(out + at, room - at, " %u", r->evidence[k]->key.row);
        }
    }
    ck_assert_uint_lt(at, room);
}

START_TEST(a_seasoned_judge_says_what_a_new_one_says)
{
    enum { FILES = 4000, KINDS = 61 };
    static char wanted[65536], got[65536];
    size_t listed = 0, refused = 0;
    for (uint64_t i = 0; i < FILES; i++) {
        cr_judge *newcomer = NULL;
        bool explain = i % 8 == 0;
        random_file(i % KINDS, i);
        ck_assert_int_eq(cr_judge_new(pack, &nothing, 1, &newcomer, NULL), CREDIT_OK);
        const cr_judgement *judgement = judge_it(newcomer, explain);
        listed += judgement->listing_count > 0;
        refused += judgement->green == CR_EFFECT_REFUSE;
        tell(judgement, wanted, sizeof wanted);
        cr_judge_free(newcomer);
        tell(judge_it(seasoned, explain), got, sizeof got);
        ck_assert_msg(strcmp(wanted, got) == 0, "file %u\n--- wanted\n%s\n--- got\n%s", (unsigned)i,
            wanted, got);
    }
    /* It was about something. */
    ck_assert_uint_gt(listed, FILES / 20);
    ck_assert_uint_gt(refused, FILES / 20);
}
END_TEST

/* What the rows looked at, as text. */
static size_t tell_inputs(
    const cr_reason_input *inputs, size_t count, char *out, size_t at, size_t room)
{
    for (size_t i = 0; i < count && at < room; i++) {
        at += (size_t)snprintf(out + at, room - at, " [%.*s = %.*s for %.*s]",
            (int)inputs[i].expression.size, inputs[i].expression.data, (int)inputs[i].value.size,
            inputs[i].value.data, (int)inputs[i].wanted.size, inputs[i].wanted.data);
    }
    return at;
}

static void judge_with_inputs(cr_judge *judge, char *out, size_t room)
{
    const cr_judgement *j = NULL;
    cr_judge_question question = {.as_of = TODAY,
        .commit = UINT32_MAX,
        .green_channel = true,
        .inputs = true,
        .matter = matter};
    for (size_t i = 0; i < file.fact_count; i++) { facts[i].ruled = false; }
    ck_assert_int_eq(cr_judge_file(judge, &file, &question, &j, NULL), CREDIT_OK);
    tell(j, out, room);
    size_t at = strlen(out);
    for (size_t i = 0; i < j->reason_count && at < room; i++) {
        at = tell_inputs(j->reasons[i]->inputs, j->reasons[i]->input_count, out, at, room);
    }
    for (size_t i = 0; i < j->unspoken_count && at < room; i++) {
        const cr_unspoken *row = &j->unspoken[i];
        ck_assert_uint_gt(row->input_count, 0); /* something kept it from matching */
        ck_assert_uint_gt(row->rule.size * row->text.size * row->basis.size * row->grant.size, 0);
        at = tell_inputs(row->inputs, row->input_count, out, at, room);
    }
    ck_assert_uint_lt(at, room);
}

START_TEST(rows_say_what_they_looked_at_and_saying_it_changes_nothing)
{
    enum { FILES = 300, KINDS = 7 };
    static char wanted[65536], got[65536], plain[65536];
    size_t told = 0;
    for (uint64_t i = 0; i < FILES; i++) {
        cr_judge *newcomer = NULL;
        random_file(i % KINDS, i);
        ck_assert_int_eq(cr_judge_new(pack, &nothing, 1, &newcomer, NULL), CREDIT_OK);
        tell(judge_it(newcomer, false), plain, sizeof plain);
        judge_with_inputs(newcomer, wanted, sizeof wanted);
        cr_judge_free(newcomer);
        judge_with_inputs(seasoned, got, sizeof got);
        ck_assert_str_eq(got, wanted);
        ck_assert_int_eq(strncmp(got, plain, strlen(plain)), 0);
        told +=
            strstr(got, "[worst standing = ") != NULL && strstr(got, "= false for true]") != NULL;
    }
    ck_assert_uint_gt(told, FILES / 10);
}
END_TEST

/* A reason is a row of a decision; rows may share the name of a rule. */
static bool speaks_on(credit_date day, int decision, uint32_t row)
{
    const cr_judgement *judgement = judge_on(seasoned, day, false);
    for (size_t i = 0; i < judgement->reason_count; i++) {
        const cr_reason *reason = judgement->reasons[i];
        if (reason->decision == decision && reason->row == row) { return true; }
    }
    return false;
}

START_TEST(a_reason_speaks_until_the_day_it_clears_and_not_on_it)
{
    enum { FILES = 600, KINDS = 61, REASONS_MAX = 64 };
    static const int later[] = {1, 29, 180, 366, 1100, 4000};
    size_t clearing = 0, lasting = 0;
    for (uint64_t i = 0; i < FILES; i++) {
        struct {
            int decision;
            uint32_t row;
            credit_date clears_on;
        } reasons[REASONS_MAX];
        random_file(i % KINDS, i);
        const cr_judgement *judgement = judge_it(seasoned, true);
        size_t count = judgement->reason_count;
        ck_assert_uint_le(count, REASONS_MAX);
        for (size_t k = 0; k < count; k++) {
            const cr_reason *reason = judgement->reasons[k];
            reasons[k].decision = reason->decision;
            reasons[k].row = reason->row;
            reasons[k].clears_on = reason->clears_on;
        }
        for (size_t k = 0; k < count; k++) {
            credit_date day = reasons[k].clears_on;
            bool clears = day != CREDIT_DATE_NONE;
            clearing += clears;
            lasting += !clears;
            if (clears) {
                ck_assert(!speaks_on(day, reasons[k].decision, reasons[k].row));
                ck_assert(speaks_on(day - 1, reasons[k].decision, reasons[k].row));
            }
            for (size_t d = 0; d < sizeof later / sizeof *later; d++) {
                if (clears && TODAY + later[d] >= day) { break; }
                ck_assert(speaks_on(TODAY + later[d], reasons[k].decision, reasons[k].row));
            }
        }
    }
    ck_assert_uint_gt(clearing, FILES / 10);
    ck_assert_uint_gt(lasting, FILES / 10);
}
END_TEST

/* ---- the clock moves on ------------------------------------------------------------ */

static const void *objects[FACTS_MAX];

static void set_up(cr_eval *eval, credit_date day)
{
    const cr_model *model = pack->model;
    file.subject.as_of = day;
    cr_eval_reset(eval, &types);
    cr_eval_set_clock(eval, cr_model_input(model, CR_SPAN("as_of")), day);
    cr_eval_set(eval, cr_model_input(model, CR_SPAN("subject")),
        cr_feel_host(CR_HOST_SUBJECT, &file.subject));
    cr_eval_set(eval, cr_model_input(model, CR_SPAN("covers")),
        cr_feel_host(CR_HOST_COVERS, &file.subject));
    cr_eval_set(
        eval, cr_model_input(model, CR_SPAN("policy")), cr_feel_host(CR_HOST_POLICY, policy));
    cr_eval_set(eval, cr_model_input(model, CR_SPAN("records")),
        cr_feel_hosts(CR_HOST_RECORD, objects, file.fact_count));
}

/* What a decision gives and why, and how long that holds. */
static void decide(cr_eval *eval, int decision, char *out, size_t room)
{
    cr_feel_value value;
    const cr_matched_row *rows = NULL;
    const void *const *evidence = NULL;
    size_t count = 0;
    ck_assert_int_eq(cr_eval_decide(eval, decision, &value, NULL), CREDIT_OK);
    credit_span text = cr_feel_print(value, cr_eval_arena(eval));
    size_t at = (size_t)snprintf(out, room, "%d %.*s %zu until %d:", value.kind, (int)text.size,
        text.data, cr_feel_is_list(value) ? cr_feel_count(value) : 0,
        cr_eval_decision_next_change(eval, decision));
    size_t row_count = cr_eval_rows(eval, decision, &rows);
    for (size_t i = 0; i < row_count && at < room; i++) {
        at += (size_t)snprintf(out + at, room - at, " row %u until %d", rows[i].number,
            cr_eval_row_next_change(eval, decision, i));
        ck_assert_int_eq(cr_eval_evidence(eval, decision, i, &evidence, &count, NULL), CREDIT_OK);
        for (size_t k = 0; k < count && at < room; k++) {
            at += (size_t)snprintf(
                out + at, room - at, " %u", ((const cr_fact *)evidence[k])->key.row);
        }
    }
    ck_assert_uint_lt(at, room);
}

START_TEST(what_was_decided_is_kept_only_while_it_holds)
{
    enum { FILES = 60, DAYS = 12 };
    static char wanted[65536], got[65536];
    cr_eval *moving = NULL, *fresh = NULL;
    size_t differing = 0;
    ck_assert_int_eq(cr_eval_new(pack->model, &moving, NULL), CREDIT_OK);
    ck_assert_int_eq(cr_eval_new(pack->model, &fresh, NULL), CREDIT_OK);
    for (uint64_t i = 0; i < FILES; i++) {
        random_file(i, i);
        judge_it(seasoned, false); /* which gives the records their rulings */
        for (size_t k = 0; k < file.fact_count; k++) { objects[k] = &facts[k]; }
        set_up(moving, TODAY);
        credit_date day = TODAY;
        state = i;
        for (size_t k = 0; k < DAYS; k++) {
            for (size_t d = 0; d < cr_model_decision_count(pack->model); d++) {
                if (below(4) == 0) { continue; } /* not everything is asked every day */
                set_up(fresh, day);
                decide(fresh, (int)d, wanted, sizeof wanted);
                decide(moving, (int)d, got, sizeof got);
                ck_assert_msg(strcmp(wanted, got) == 0,
                    "file %u, decision %.*s, day %d\n--- wanted\n%s\n--- got\n%s", (unsigned)i,
                    (int)cr_model_decision_name(pack->model, (int)d).size,
                    cr_model_decision_name(pack->model, (int)d).data, day, wanted, got);
            }
            credit_date next = cr_eval_next_change(moving);
            bool to_change = below(2) == 0 && next < TODAY + 20000;
            credit_date later =
                to_change ? next - (credit_date)below(2) : day + (credit_date)below(400);
            differing += later >= next;
            day = later > day ? later : day;
            if (cr_coverage_changes(pack, file.subject.as_of, day)) { break; }
            file.subject.as_of = day;
            ck_assert(cr_eval_move_clock(moving, day));
        }
    }
    ck_assert_uint_gt(differing, FILES / 4);
    cr_eval_free(moving);
    cr_eval_free(fresh);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("judge");
    TCase *cases = tcase_create("judgements");
    tcase_add_checked_fixture(cases, given_a_judge, drop_it);
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, a_seasoned_judge_says_what_a_new_one_says);
    tcase_add_test(cases, rows_say_what_they_looked_at_and_saying_it_changes_nothing);
    tcase_add_test(cases, a_reason_speaks_until_the_day_it_clears_and_not_on_it);
    tcase_add_test(cases, what_was_decided_is_kept_only_while_it_holds);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
