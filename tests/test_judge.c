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

int main(void)
{
    Suite *suite = suite_create("judge");
    TCase *cases = tcase_create("judgements");
    tcase_add_checked_fixture(cases, given_a_judge, drop_it);
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, a_seasoned_judge_says_what_a_new_one_says);
    tcase_add_test(cases, a_reason_speaks_until_the_day_it_clears_and_not_on_it);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
