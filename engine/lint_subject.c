/* How made-up subjects fare under a pack: judged by the judge itself, with records of
 * every catalog, code and age: alone, repeated, and two different ones together.
 *
 * 1. One more bad record never betters a tier, never gives a grant that a rule held
 *    back, never takes an entry off a serious roster, never puts one on a roster of
 *    honour. (A grant that no rule gave or held back is not given back: tiers may have
 *    different grants.)
 * 2. Who is on a serious roster is so by a record of such a list. basis: B6,
 *    国办发〔2020〕49号.
 *
 * Records that do the same to a subject, alone, are tried once. */
#include <string.h>

#include "engine/judge.h"
#include "engine/lint_internal.h"

enum {
    ATOMS_MAX = 96, /* records that are told apart */
    REPEATS = 4,    /* of a bad record */
    SMALL_SET = 8,  /* code sets whose words are tried in pairs */
    RECENT = 30,    /* days before the judgement */
    PACK_NUMBER = 1
};

static const int ages[] = {RECENT, 800, 2200}; /* days */

typedef struct outcome {
    size_t tier;          /* place among the listed ones; the number of them: another; +1: none */
    uint32_t given, held; /* grants, one bit each: given; refused or left open by a rule */
    uint16_t serious, honour;
} outcome;

typedef struct atom {
    cr_fact fact;
    bool bad;
    outcome alone;
} atom;

typedef struct subject_kind {
    const char *name;
    uint8_t category;
    bool known, covered;
    int registered; /* days ago */
    bool in_pairs;  /* are two records of different kinds tried together? */
} subject_kind;

static const subject_kind subject_kinds[] = {
    {"registered", CR_CATEGORY_ORGANISATION, true, true, 3650, true},
    {"newly registered", CR_CATEGORY_ORGANISATION, true, true, RECENT, true},
    {"not registered", CR_CATEGORY_ORGANISATION, false, false, 0, false},
    {"person", CR_CATEGORY_PERSON, true, true, 3650, false},
};

/* Records made up for subjects of one category, ruled once. */
typedef struct made {
    cr_fact *facts; /* grown */
    size_t count, room;
    uint8_t category;
} made;

typedef struct trial {
    cr_lint *l;
    const cr_pack *pack;
    cr_judge *judge;
    const subject_kind *kind;
    cr_file file;
    credit_date as_of;
    uint32_t region;
    made made;
    atom *atoms;
    size_t atom_count;
    bool serious_said, monotone_said;
} trial;

/* --- the day and the place --------------------------------------------------------- */

/* A year after the newest day that the pack names: what is in force then is what the
 * pack is for. */
static credit_date day_of(const cr_pack *pack)
{
    credit_date day = pack->from;
    for (size_t i = 0; i < pack->parameter_count; i++) {
        cr_feel_value value;
        if (cr_span_is(pack->parameters[i].type, "date") &&
            cr_feel_parse(CR_FEEL_DATE, pack->parameters[i].value, &value) &&
            cr_feel_to_date(value) != CREDIT_DATE_FOREVER && cr_feel_to_date(value) > day) {
            day = cr_feel_to_date(value);
        }
    }
    return day + 365;
}

static uint32_t region_of(const cr_pack *pack)
{
    uint32_t region = 0;
    for (size_t i = 0; i < pack->coverage_count; i++) {
        if (pack->coverage[i].region_count == 0) { continue; }
        credit_span prefix = pack->coverage[i].regions[0];
        for (size_t k = 0; k < 6; k++) {
            region = region * 10 + (k < prefix.size ? (uint32_t)(prefix.data[k] - '0') : 0);
        }
        return region;
    }
    return region;
}

/* --- judging ------------------------------------------------------------------------ */

static size_t tier_place(const trial *t, credit_span tier)
{
    for (size_t i = 0; i < t->pack->tier_count; i++) {
        if (cr_span_equal(t->pack->tiers[i], tier)) { return i; }
    }
    return tier.size == 0 ? t->pack->tier_count + 1 : t->pack->tier_count;
}

static outcome outcome_of(const trial *t, const cr_judgement *judgement)
{
    outcome o = {.tier = tier_place(t, judgement->tier)};
    for (size_t i = 0; i < judgement->grant_count && i < 32; i++) {
        const cr_grant_answer *answer = &judgement->grants[i];
        bool given = answer->given == CR_EFFECT_GRANT;
        if (given) { o.given |= UINT32_C(1) << i; }
        if (!given && answer->reason_count > 0) { o.held |= UINT32_C(1) << i; }
    }
    for (size_t i = 0; i < judgement->listing_count; i++) {
        cr_roster_kind kind = judgement->listings[i].roster->kind;
        o.serious = (uint16_t)(o.serious + (kind == CR_ROSTER_SERIOUS));
        o.honour = (uint16_t)(o.honour + (kind == CR_ROSTER_HONOUR));
    }
    return o;
}

static void set_subject(trial *t)
{
    t->file.exists = true;
    t->file.subject = (cr_fact_subject){
        .category = t->kind->category,
        .known = t->kind->known,
        .status = {"", 0},
        .registered_on =
            t->kind->registered == 0 ? CREDIT_DATE_NONE : t->as_of - t->kind->registered,
        .name = {"", 0},
        .pack = t->pack,
        .region = t->kind->covered ? t->region : 0,
        .as_of = t->as_of,
    };
}

static credit_span text_of_role(const cr_fact *fact, cr_role role, uint32_t number)
{
    int16_t field = fact->catalog->role_field[role];
    return field < 0 ? CR_SPAN("") : cr_code_word(fact->catalog->fields[field].codes, number);
}

static void write_word(cr_canon *json, const char *key, credit_span word)
{
    if (word.size == 0) { return; }
    cr_canon_key(json, key);
    cr_canon_string(json, word);
}

static void write_kinds(cr_canon *json, const cr_fact *fact)
{
    int16_t field = fact->catalog->role_field[CR_ROLE_KINDS];
    const cr_codeset *set = field < 0 ? NULL : fact->catalog->fields[field].codes;
    for (size_t i = 0; set != NULL && i < set->code_count; i++) {
        if ((fact->version.facts.kinds & UINT32_C(1) << (set->codes[i].number & 31)) != 0) {
            cr_canon_key(json, "kinds");
            cr_canon_string(json, set->codes[i].word);
            return;
        }
    }
}

static void write_fact(cr_canon *json, const cr_fact *fact)
{
    const cr_facts *facts = &fact->version.facts;
    cr_canon_object(json);
    cr_canon_key(json, "catalog");
    cr_canon_string(json, fact->catalog->name);
    write_word(json, "list", text_of_role(fact, CR_ROLE_LIST, facts->list));
    write_word(json, "status", text_of_role(fact, CR_ROLE_STATUS, facts->status));
    write_kinds(json, fact);
    for (size_t i = 0; i < fact->catalog->tag_count; i++) {
        const cr_tag *tag = &fact->catalog->tags[i];
        credit_span word = cr_code_word(tag->codes, facts->tags[i]);
        if (word.size == 0) { continue; }
        cr_canon_key_span(json, tag->name);
        cr_canon_string(json, word);
    }
    if (facts->amount_fen >= 0) {
        cr_canon_key(json, "amount_fen");
        cr_canon_integer(json, facts->amount_fen);
    }
    cr_canon_key(json, "decided_on");
    cr_canon_date(json, facts->decided_on);
    write_word(json, "severity", cr_severity_word(fact->version.ruling.severity));
    cr_canon_end_object(json);
}

/* The subject, its records, and one more if `more` is not NULL. */
static void write_case(trial *t, cr_canon *json, size_t count, const atom *more)
{
    cr_canon_init(json);
    json->sorted = false;
    cr_canon_object(json);
    cr_canon_key(json, "as_of");
    cr_canon_date(json, t->as_of);
    cr_canon_key(json, "subject");
    cr_canon_text(json, t->kind->name);
    cr_canon_key(json, "records");
    cr_canon_array(json);
    for (size_t i = 0; i < count; i++) { write_fact(json, &t->file.facts[i]); }
    cr_canon_end_array(json);
    if (more != NULL) {
        cr_canon_key(json, "one_more");
        write_fact(json, &more->fact);
    }
    cr_canon_end_object(json);
}

static void say_serious(trial *t, const char *text, const char *chinese, credit_span decision)
{
    cr_canon json;
    if (t->serious_said) { return; }
    t->serious_said = true;
    write_case(t, &json, t->file.fact_count, NULL);
    cr_lint_say(t->l, CR_LINT_SERIOUS, CR_LINT_ERROR, (cr_lint_place){.decision = decision}, &json,
        text, chinese);
    cr_canon_free(&json);
}

static void check_serious(trial *t, const cr_judgement *judgement)
{
    for (size_t i = 0; i < judgement->listing_count; i++) {
        const cr_listing *listing = &judgement->listings[i];
        if (listing->roster->kind != CR_ROSTER_SERIOUS) { continue; }
        if (listing->fact != NULL && listing->fact->catalog->roster == CR_ROSTER_SERIOUS) {
            continue;
        }
        say_serious(t,
            "a record that is no entry of a serious list puts a subject on a serious roster",
            "不是严重失信名单记录，却把主体列入严重失信名单", listing->roster->decision);
    }
}

/* Judges the file as it is; false when it cannot be judged, which is a finding. */
static bool judge(trial *t, outcome *out)
{
    const cr_judge_question question = {
        .as_of = t->as_of, .commit = UINT32_MAX, .green_channel = true, .matter = {"", 0}};
    const cr_judgement *judgement;
    credit_error refusal = CREDIT_ERROR_INIT;
    set_subject(t);
    credit_result rc = cr_judge_file(t->judge, &t->file, &question, &judgement, &refusal);
    if (rc == CREDIT_E_PACK || rc == CREDIT_E_CORRUPT) {
        const char *text = cr_arena_printf(&t->l->arena, "%s", refusal.message);
        say_serious(t, text, text, CR_SPAN(""));
        return false;
    }
    if (rc != CREDIT_OK) {
        t->l->rc = rc;
        if (t->l->err != NULL) { *t->l->err = refusal; }
        return false;
    }
    check_serious(t, judgement);
    *out = outcome_of(t, judgement);
    return true;
}

static bool give_records(trial *t, const atom *const *atoms, size_t count)
{
    if (!cr_grow(&t->file.facts, &t->file.fact_capacity, count + 1, sizeof *t->file.facts)) {
        cr_lint_no_memory(t->l);
        return false;
    }
    for (size_t i = 0; i < count; i++) { t->file.facts[i] = atoms[i]->fact; }
    t->file.fact_count = count;
    return true;
}

/* --- records ------------------------------------------------------------------------- */

static bool same_outcome(const outcome *a, const outcome *b)
{
    return a->tier == b->tier && a->given == b->given && a->held == b->held &&
           a->serious == b->serious && a->honour == b->honour;
}

/* Alike as far as a subject with nothing else can tell, and in what it is. */
static bool is_alike(const trial *t, const atom *a, const atom *b)
{
    const cr_ruling *x = &a->fact.version.ruling, *y = &b->fact.version.ruling;
    bool x_open = x->published_until == CREDIT_DATE_NONE || x->published_until >= t->as_of;
    bool y_open = y->published_until == CREDIT_DATE_NONE || y->published_until >= t->as_of;
    return a->fact.catalog == b->fact.catalog && x->severity == y->severity &&
           x->flags == y->flags && x_open == y_open && same_outcome(&a->alone, &b->alone);
}

/* Judges a made-up record alone, and keeps it if none so far is like it. */
static void try_alone(trial *t, cr_fact *fact)
{
    atom *tried = &t->atoms[t->atom_count];
    const atom *one[] = {tried};
    if (t->atom_count == ATOMS_MAX || t->l->rc != CREDIT_OK) { return; }
    *tried = (atom){.fact = *fact};
    if (!give_records(t, one, 1) || !judge(t, &tried->alone)) { return; }
    tried->fact = *fact = t->file.facts[0];
    tried->bad = (fact->version.ruling.flags & CR_RULED_NEGATIVE) != 0;
    for (size_t i = 0; i < t->atom_count; i++) {
        if (is_alike(t, &t->atoms[i], tried)) { return; }
    }
    t->atom_count++;
}

static void offer(trial *t, const cr_fact *fact)
{
    made *m = &t->made;
    if (!cr_grow(&m->facts, &m->room, m->count + 1, sizeof *m->facts)) {
        cr_lint_no_memory(t->l);
        return;
    }
    m->facts[m->count++] = *fact;
}

static const cr_codeset *codes_of(const cr_catalog *catalog, cr_role role)
{
    int16_t field = catalog->role_field[role];
    return field < 0 ? NULL : catalog->fields[field].codes;
}

static void offer_tags(trial *t, const cr_fact *plain);

static void set_code(cr_facts *facts, cr_role role, uint32_t number)
{
    if (role == CR_ROLE_STATUS) { facts->status = (uint8_t)number; }
    if (role == CR_ROLE_LIST) { facts->list = number; }
    if (role == CR_ROLE_KINDS) { facts->kinds = UINT32_C(1) << (number & 31); }
}

/* Each word of the column with the role, by itself or with each word of a tag. */
static void offer_codes(trial *t, const cr_fact *plain, cr_role role, bool with_tags)
{
    const cr_codeset *set = codes_of(plain->catalog, role);
    for (size_t i = 0; set != NULL && i < set->code_count; i++) {
        cr_fact fact = *plain;
        set_code(&fact.version.facts, role, set->codes[i].number);
        offer(t, &fact);
        if (with_tags) { offer_tags(t, &fact); }
    }
}

static size_t tag_values(const cr_tag *tag)
{
    return tag->kind == CR_TAG_HASH ? 1 : tag->codes->code_count;
}

static uint32_t tag_value(const cr_tag *tag, size_t i)
{
    return tag->kind == CR_TAG_HASH ? 1 : tag->codes->codes[i].number;
}

/* Each word of a tag and, of a record without other codes, each with each word of the
 * later tags, where they are few. */
static void offer_tags(trial *t, const cr_fact *plain)
{
    const cr_catalog *catalog = plain->catalog;
    const cr_facts *facts = &plain->version.facts;
    bool alone = facts->kinds == 0 && facts->list == 0;
    for (size_t a = 0; a < catalog->tag_count; a++) {
        for (size_t i = 0; i < tag_values(&catalog->tags[a]); i++) {
            cr_fact fact = *plain;
            fact.version.facts.tags[a] = tag_value(&catalog->tags[a], i);
            offer(t, &fact);
            for (size_t b = a + 1; alone && b < catalog->tag_count; b++) {
                size_t count = tag_values(&catalog->tags[b]);
                for (size_t k = 0; count <= SMALL_SET && k < count; k++) {
                    cr_fact both = fact;
                    both.version.facts.tags[b] = tag_value(&catalog->tags[b], k);
                    offer(t, &both);
                }
            }
        }
    }
}

static void offer_catalog(trial *t, size_t index)
{
    const cr_catalog *catalog = &t->pack->catalogs[index];
    if (catalog->kind != CR_CATALOG_RECORD || catalog->message != NULL) { return; }
    for (size_t i = 0; i < sizeof ages / sizeof *ages; i++) {
        cr_fact fact = {.catalog = catalog, .catalog_index = (int)index};
        credit_date day = t->as_of - ages[i];
        fact.version.state = CR_VERSION_CURRENT;
        fact.version.received_on = day;
        fact.version.facts = (cr_facts){.category = t->kind->category,
            .roster = (uint8_t)catalog->roster,
            .status = (uint8_t)catalog->status_valid,
            .decided_on = day,
            .valid_from = catalog->role_field[CR_ROLE_VALID_FROM] < 0 ? CREDIT_DATE_NONE : day,
            .valid_until = CREDIT_DATE_NONE,
            .publicity_until = CREDIT_DATE_NONE,
            .notified_on = CREDIT_DATE_NONE,
            .removed_on = CREDIT_DATE_NONE,
            .amount_fen = -1,
            .amount_2_fen = -1};
        offer(t, &fact);
        offer_codes(t, &fact, CR_ROLE_STATUS, false);
        offer_codes(t, &fact, CR_ROLE_LIST, ages[i] == RECENT);
        offer_codes(t, &fact, CR_ROLE_KINDS, ages[i] == RECENT);
        offer_tags(t, &fact);
    }
}

/* Those of the subject before do, if it is of the same category. */
static void make_records(trial *t)
{
    if (t->made.count > 0 && t->made.category == t->kind->category) { return; }
    t->made.count = 0;
    t->made.category = t->kind->category;
    for (size_t i = 0; i < t->pack->catalog_count; i++) { offer_catalog(t, i); }
}

/* --- one more ------------------------------------------------------------------------ */

/* What the bad record made better, NULL: nothing. */
static const char *betters(const trial *t, const outcome *before, const outcome *after)
{
    bool ranked = before->tier < t->pack->tier_count;
    if (ranked && after->tier < before->tier) { return "tier"; }
    if (ranked && before->tier > 0 && after->tier > t->pack->tier_count) { return "tier"; }
    if ((after->given & before->held) != 0) { return "grant"; }
    if (after->serious < before->serious) { return "serious roster"; }
    return after->honour > before->honour ? "roster of honour" : NULL;
}

static void say_better(trial *t, size_t count, const atom *more, const char *what)
{
    cr_canon json;
    bool tier = strcmp(what, "tier") == 0;
    write_case(t, &json, count, more);
    cr_lint_say(t->l, CR_LINT_MONOTONE, CR_LINT_ERROR,
        (cr_lint_place){.decision = tier ? t->pack->tier_decision : t->pack->green_decision}, &json,
        cr_arena_printf(&t->l->arena, "one more bad record betters the subject: its %s", what),
        cr_arena_printf(&t->l->arena, "多一条失信记录，主体的结果反而变好（%s）", what));
    cr_canon_free(&json);
    t->monotone_said = true;
}

/* Adds one more to the first records, whose outcome is known; tells what it came to. */
static bool add_one(trial *t, const atom **atoms, size_t count, const atom *more,
    const outcome *before, outcome *after)
{
    atoms[count] = more;
    if (!give_records(t, atoms, count + 1) || !judge(t, after)) { return false; }
    const char *what = betters(t, before, after);
    if (what != NULL) { say_better(t, count, more, what); }
    return what == NULL;
}

/* The same bad record again and again. */
static void add_again(trial *t, const atom *more, const outcome *nothing)
{
    const atom *atoms[REPEATS];
    outcome before = *nothing, after;
    for (size_t count = 0; count < REPEATS; count++) {
        if (!add_one(t, atoms, count, more, &before, &after)) { return; }
        before = after;
    }
}

static void add_others(trial *t, const atom *first)
{
    const atom *atoms[2] = {first, NULL};
    outcome after;
    for (size_t i = 0; i < t->atom_count && !t->monotone_said; i++) {
        if (t->atoms[i].bad && !add_one(t, atoms, 1, &t->atoms[i], &first->alone, &after)) {
            return;
        }
    }
}

static void try_subject(trial *t)
{
    outcome nothing;
    t->atom_count = 0;
    if (!give_records(t, NULL, 0) || !judge(t, &nothing)) { return; }
    make_records(t);
    for (size_t i = 0; i < t->made.count; i++) { try_alone(t, &t->made.facts[i]); }
    for (size_t i = 0; i < t->atom_count && !t->monotone_said; i++) {
        if (t->atoms[i].bad) { add_again(t, &t->atoms[i], &nothing); }
    }
    for (size_t i = 0; i < t->atom_count && t->kind->in_pairs && !t->monotone_said; i++) {
        add_others(t, &t->atoms[i]);
    }
}

static void say_no_order(trial *t)
{
    cr_lint_say(t->l, CR_LINT_MONOTONE, CR_LINT_WARNING,
        (cr_lint_place){.decision = t->pack->tier_decision}, NULL,
        "the pack does not say which tier is better (judgement.tier.order)",
        "政策包没有写明哪一级更好（judgement.tier.order）");
}

void cr_lint_subjects(cr_lint *l)
{
    static const cr_registry nothing = {0};
    const cr_pack *pack = l->pack;
    trial t = {.l = l, .pack = pack, .as_of = day_of(pack), .region = region_of(pack)};
    t.atoms = cr_arena_array(&l->arena, ATOMS_MAX + 1, sizeof *t.atoms);
    if (t.atoms == NULL) { cr_lint_no_memory(l); }
    if (l->rc == CREDIT_OK) { l->rc = cr_judge_new(pack, &nothing, PACK_NUMBER, &t.judge, l->err); }
    if (l->rc == CREDIT_OK && pack->tier_decision.size > 0 && pack->tier_count == 0) {
        say_no_order(&t);
    }
    for (size_t i = 0; i < sizeof subject_kinds / sizeof *subject_kinds; i++) {
        t.kind = &subject_kinds[i];
        if (l->rc == CREDIT_OK) { try_subject(&t); }
    }
    cr_judge_free(t.judge);
    cr_file_free(&t.file);
    cr_free(t.made.facts);
}
