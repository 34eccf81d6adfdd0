/* Answers, for an oracle, what would turn judgements: the engine alone, without a store.
 *
 *   whynot_cases PACK < cases > answers
 *
 * A case is one line of words: the day, the matter, then category, known, status,
 * registration day and region of the subject, the number of its records, and of each
 * record the catalog, days (decided, valid from, valid until, public until, removed, notified),
 * amount in fen, kinds, list, status and four tags. Days count from 1970-01-01, codes are
 * their numbers, "-" is what is not given.
 *
 * An answer is one line: the channel, the tier, then a goal a word:
 * GOAL=SIZE/TOTAL/SETTLED/DAY/SET;SET… where a set is CHANGE+CHANGE…, and a change its
 * kind and the place of its record or the catalog. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/decision.h"
#include "engine/message.h"
#include "engine/text.h"
#include "engine/whynot.h"
#include "keys/crypto.h"
#include "loaders/dmn.h"
#include "loaders/pack.h"

enum { FACTS_MAX = 64, LINE_MAX = 1 << 16, PACK = 1 };

static cr_pack *pack;
static cr_arena constants;
static cr_file file;
static cr_fact facts[FACTS_MAX];
static char *rest; /* of the line */

static void give_up(const char *what)
{
    fprintf(stderr, "whynot_cases: %s\n", what);
    exit(2);
}

static void load_pack(const char *path)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_pack_file *files = NULL;
    size_t count = 0;
    cr_fact_types types;
    credit_error err = CREDIT_ERROR_INIT;
    credit_result rc = cr_pack_read_directory(path, &arena, &files, &count, &err);
    if (rc == CREDIT_OK) { rc = cr_pack_compile(files, count, cr_keys_crypto(), &pack, &err); }
    if (rc == CREDIT_OK) { rc = cr_fact_types_build(pack, &constants, &types, &err); }
    if (rc == CREDIT_OK) {
        const cr_host_binding bindings[] = {{CR_SPAN("record"), CR_HOST_RECORD, false},
            {CR_SPAN("policy"), CR_HOST_POLICY, false}, {CR_SPAN("records"), CR_HOST_RECORD, true},
            {CR_SPAN("subject"), CR_HOST_SUBJECT, false},
            {CR_SPAN("covers"), CR_HOST_COVERS, false}};
        cr_model_options options = {types.types, CR_HOST_TYPES, bindings, 5};
        rc = cr_dmn_load(pack->rules->bytes, "rules", &options, &pack->model, &err);
    }
    cr_arena_release(&arena);
    if (rc != CREDIT_OK) { give_up(err.message); }
}

/* ---- a case ------------------------------------------------------------------------- */

static const char *word(void)
{
    char *found = strtok_r(NULL, " \n", &rest);
    if (found == NULL) { give_up("a line is too short"); }
    return found;
}

static long number_or(long none)
{
    const char *text = word();
    return strcmp(text, "-") == 0 ? none : strtol(text, NULL, 10);
}

static credit_date day(void)
{
    return (credit_date)number_or(CREDIT_DATE_NONE);
}

static void read_subject(void)
{
    cr_fact_subject *subject = &file.subject;
    memset(subject, 0, sizeof *subject);
    subject->pack = pack;
    subject->name = CR_SPAN("某公司");
    subject->category = (uint8_t)number_or(0);
    subject->known = number_or(0) != 0;
    const char *status = word();
    subject->status = strcmp(status, "-") == 0 ? (credit_span){"", 0} : cr_span_of(status);
    subject->registered_on = day();
    subject->region = (uint32_t)number_or(0);
}

static void read_fact(cr_fact *fact, uint32_t place)
{
    memset(fact, 0, sizeof *fact);
    cr_facts *f = &fact->version.facts;
    fact->catalog_index = cr_pack_catalog(pack, cr_span_of(word()));
    if (fact->catalog_index < 0) { give_up("no such catalog"); }
    fact->catalog = &pack->catalogs[fact->catalog_index];
    fact->key.row = place;
    fact->version.state = CR_VERSION_CURRENT;
    fact->version.received_on = CREDIT_DATE_NONE;
    f->category = file.subject.category;
    f->roster = (uint8_t)fact->catalog->roster;
    f->decided_on = day();
    f->valid_from = day();
    f->valid_until = day();
    f->publicity_until = day();
    f->removed_on = day();
    f->notified_on = day();
    f->amount_fen = number_or(-1);
    f->amount_2_fen = -1;
    f->kinds = (uint32_t)number_or(0);
    f->list = (uint32_t)number_or(0);
    f->status = (uint8_t)number_or(0);
    for (size_t i = 0; i < CR_TAGS_MAX; i++) { f->tags[i] = (uint32_t)number_or(0); }
}

static void read_case(cr_judge_question *question)
{
    memset(question, 0, sizeof *question);
    question->as_of = day();
    question->green_channel = true;
    question->commit = UINT32_MAX;
    const char *matter = word();
    question->matter = strcmp(matter, "-") == 0 ? (credit_span){"", 0} : cr_span_of(matter);
    read_subject();
    file.exists = true;
    file.subject.as_of = question->as_of;
    file.facts = facts;
    file.fact_count = (size_t)number_or(0);
    if (file.fact_count > FACTS_MAX) { give_up("too many records"); }
    for (size_t i = 0; i < file.fact_count; i++) { read_fact(&facts[i], (uint32_t)i); }
}

/* ---- its answer --------------------------------------------------------------------------- */

static void print_change(const cr_change *change)
{
    static const char *const kinds[] = {
        "registered", "status", "covered", "confirmed", "repaired", "removed"};
    fputs(kinds[change->kind], stdout);
    if (change->fact != NULL) {
        printf(".%u", change->fact->key.row);
    } else if (change->catalog >= 0) {
        credit_span name = pack->catalogs[change->catalog].name;
        printf(".%.*s", (int)name.size, name.data);
    }
}

static void print_goal(const cr_judgement *judgement, const cr_goal *goal)
{
    credit_span name = goal->kind == CR_GOAL_GRANT  ? judgement->grants[goal->grant].grant->name
                       : goal->kind == CR_GOAL_TIER ? CR_SPAN("tier")
                                                    : CR_SPAN("decision");
    printf(" %.*s=%zu/%llu/%d/", (int)name.size, name.data,
        goal->set_count > 0 ? goal->sets[0].count : 0, (unsigned long long)goal->set_total,
        goal->settled);
    if (goal->turns_on != CREDIT_DATE_NONE) { printf("%d", goal->turns_on); }
    for (size_t i = 0; i < goal->set_count; i++) {
        putchar(i == 0 ? '/' : ';');
        for (size_t k = 0; k < goal->sets[i].count; k++) {
            if (k > 0) { putchar('+'); }
            print_change(goal->sets[i].changes[k]);
        }
    }
}

static void answer(cr_judge *judge, cr_whynot *whynot)
{
    static const char *const effects[] = {"refuse", "grant", "review"};
    cr_judge_question question;
    const cr_judgement *judgement = NULL;
    const cr_why_not *why = NULL;
    credit_error err = CREDIT_ERROR_INIT;
    read_case(&question);
    credit_result rc = cr_judge_file(judge, &file, &question, &judgement, &err);
    if (rc == CREDIT_OK) { rc = cr_whynot_ask(whynot, judgement, &question, &why, &err); }
    if (rc != CREDIT_OK) { give_up(err.message); }
    printf("%s %.*s", effects[judgement->green], (int)judgement->tier.size, judgement->tier.data);
    if (judgement->tier.size == 0) { putchar('-'); }
    for (size_t i = 0; i < why->goal_count; i++) { print_goal(judgement, &why->goals[i]); }
    putchar('\n');
}

int main(int argc, char **argv)
{
    static char line[LINE_MAX];
    static const cr_registry nothing = {0};
    cr_judge *judge = NULL;
    cr_whynot *whynot = NULL;
    credit_error err = CREDIT_ERROR_INIT;
    if (argc != 2) { give_up("usage: whynot_cases PACK < cases"); }
    load_pack(argv[1]);
    credit_result rc = cr_judge_new(pack, &nothing, PACK, &judge, &err);
    if (rc == CREDIT_OK) { rc = cr_whynot_new(pack, &nothing, PACK, &whynot, &err); }
    if (rc != CREDIT_OK) { give_up(err.message); }
    while (fgets(line, sizeof line, stdin) != NULL) {
        rest = line;
        answer(judge, whynot);
    }
    cr_whynot_free(whynot);
    cr_judge_free(judge);
    cr_arena_release(&constants);
    cr_model_free(pack->model);
    cr_pack_free(pack);
    return 0;
}
