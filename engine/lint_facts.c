/* What the pack says that rules may rely on: words of facts, parameters, decisions. */
#include <string.h>

#include "engine/facts.h"
#include "engine/lint_internal.h"

enum { WORDS_MAX = 1024 };

typedef struct collected {
    credit_span *words;
    size_t count;
    bool full;
} collected;

static void add_word(collected *c, credit_span word)
{
    for (size_t i = 0; i < c->count; i++) {
        if (cr_span_equal(c->words[i], word)) { return; }
    }
    c->full = c->full || c->words == NULL || c->count == WORDS_MAX;
    if (word.size > 0 && !c->full) { c->words[c->count++] = word; }
}

/* As rules see a code: by its short code where it has one. */
static void add_codes(collected *c, const cr_codeset *set, bool by_word)
{
    for (size_t i = 0; set != NULL && i < set->code_count; i++) {
        const cr_code *code = &set->codes[i];
        add_word(c, by_word || code->code.size == 0 ? code->word : code->code);
    }
    if (set != NULL && set->other_prefix.size > 0) { add_word(c, set->other_prefix); }
}

static collected begin(cr_lint *l)
{
    collected c = {cr_arena_array(&l->arena, WORDS_MAX, sizeof(credit_span)), 0, false};
    if (c.words == NULL) { cr_lint_no_memory(l); }
    return c;
}

static cr_lint_words end(const collected *c, bool nullable)
{
    return (cr_lint_words){c->words, c->count, nullable, !c->full, false};
}

/* The codes that the column with the role has, in any catalog (or register). */
static cr_lint_words words_of_role(cr_lint *l, cr_role role, bool registers, bool by_word)
{
    collected c = begin(l);
    for (size_t i = 0; i < l->pack->catalog_count; i++) {
        const cr_catalog *catalog = &l->pack->catalogs[i];
        int16_t field = catalog->role_field[role];
        bool wanted = !registers || catalog->kind == CR_CATALOG_REGISTER;
        if (field >= 0 && wanted) { add_codes(&c, catalog->fields[field].codes, by_word); }
    }
    return end(&c, true);
}

/* What a message that took another back says of itself. */
static cr_lint_words words_of_messages(cr_lint *l)
{
    collected c = begin(l);
    for (size_t i = 0; i < l->pack->catalog_count; i++) {
        const cr_catalog *catalog = &l->pack->catalogs[i];
        int16_t field = catalog->role_field[CR_ROLE_STATUS];
        if (catalog->message != NULL && field >= 0) {
            add_codes(&c, catalog->fields[field].codes, true);
        }
    }
    return end(&c, true);
}

static cr_lint_words words_of_tag(cr_lint *l, credit_span name)
{
    collected c = begin(l);
    for (size_t i = 0; i < l->pack->catalog_count; i++) {
        const cr_catalog *catalog = &l->pack->catalogs[i];
        for (size_t k = 0; k < catalog->tag_count; k++) {
            if (cr_span_equal(catalog->tags[k].name, name)) {
                add_codes(&c, catalog->tags[k].codes, false);
            }
        }
    }
    return end(&c, true);
}

static cr_lint_words catalog_names(cr_lint *l)
{
    collected c = begin(l);
    for (size_t i = 0; i < l->pack->catalog_count; i++) { add_word(&c, l->pack->catalogs[i].name); }
    for (size_t i = 0; i < l->pack->planned_count; i++) { add_word(&c, l->pack->planned[i]); }
    return end(&c, false);
}

static cr_lint_words severities(cr_lint *l)
{
    collected c = begin(l);
    for (uint8_t i = 1; cr_severity_word(i).size > 0; i++) { add_word(&c, cr_severity_word(i)); }
    return end(&c, true);
}

static cr_lint_words rosters(cr_lint *l)
{
    static const char *const words[] = {"honour", "serious", "watch"};
    collected c = begin(l);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        add_word(&c, cr_span_of(words[i]));
    }
    return end(&c, true);
}

static cr_lint_words categories(cr_lint *l)
{
    collected c = begin(l);
    for (uint8_t i = 0; i <= CR_CATEGORY_SOLE_PROPRIETOR; i++) {
        add_word(&c, cr_category_word(i));
    }
    return end(&c, false);
}

static cr_lint_words record_words(cr_lint *l, credit_span name)
{
    if (cr_span_is(name, "catalog")) { return catalog_names(l); }
    if (cr_span_is(name, "roster")) { return rosters(l); }
    if (cr_span_is(name, "severity")) { return severities(l); }
    if (cr_span_is(name, "category")) { return categories(l); }
    if (cr_span_is(name, "list")) { return words_of_role(l, CR_ROLE_LIST, false, false); }
    if (cr_span_is(name, "status")) { return words_of_role(l, CR_ROLE_STATUS, false, false); }
    if (cr_span_is(name, "restored_as")) { return words_of_messages(l); }
    if (cr_span_is(name, "kinds")) {
        cr_lint_words kinds = words_of_role(l, CR_ROLE_KINDS, false, true);
        kinds.nullable = false;
        return kinds;
    }
    return words_of_tag(l, name);
}

cr_lint_words cr_lint_property_words(cr_lint *l, uint16_t host, credit_span name)
{
    if (host == CR_HOST_RECORD) { return record_words(l, name); }
    if (host == CR_HOST_SUBJECT && cr_span_is(name, "category")) { return categories(l); }
    if (host == CR_HOST_SUBJECT && cr_span_is(name, "status")) {
        return words_of_role(l, CR_ROLE_STATUS, true, true);
    }
    return (cr_lint_words){.nullable = host != CR_HOST_POLICY};
}

cr_lint_words cr_lint_matters(cr_lint *l)
{
    collected c = begin(l);
    add_codes(&c, l->pack->matters, true);
    c.full = c.full || l->pack->matters == NULL;
    cr_lint_words matters = end(&c, true);
    matters.open = true;
    return matters;
}

bool cr_lint_is_policy(uint16_t host)
{
    return host == CR_HOST_POLICY;
}

bool cr_lint_policy(cr_lint *l)
{
    const cr_feel_value *values;
    cr_fact_types *types = cr_arena_alloc(&l->arena, sizeof *types);
    if (types == NULL) {
        cr_lint_no_memory(l);
        return false;
    }
    l->rc = cr_fact_types_build(l->pack, &l->arena, types, l->err);
    if (l->rc == CREDIT_OK) { l->rc = cr_policy_values(l->pack, &l->arena, &values, l->err); }
    if (l->rc != CREDIT_OK) { return false; }
    l->policy = cr_feel_host(CR_HOST_POLICY, values);
    l->host_ctx = types;
    return true;
}

/* --- names in the pack ---------------------------------------------- */

static bool holds_name(credit_span bytes, credit_span name)
{
    for (size_t at = 0; at + name.size + 3 <= bytes.size; at++) {
        const char *text = bytes.data + at;
        if (text[0] == '"' && text[1] == '$' && text[2 + name.size] == '"' &&
            memcmp(text + 2, name.data, name.size) == 0) {
            return true;
        }
    }
    return false;
}

bool cr_lint_names_parameter(const cr_pack *pack, credit_span name)
{
    for (size_t i = 0; i < pack->file_count; i++) {
        if (holds_name(pack->files[i].bytes, name)) { return true; }
    }
    return false;
}

bool cr_lint_serious_roster(const cr_pack *pack, size_t index, credit_span *decision)
{
    if (index >= pack->roster_count) { return false; }
    bool serious = pack->rosters[index].kind == CR_ROSTER_SERIOUS;
    *decision = serious ? pack->rosters[index].decision : CR_SPAN("");
    return true;
}

static bool is_grant(const cr_pack *pack, credit_span word)
{
    for (size_t i = 0; i < pack->grant_count; i++) {
        if (cr_span_equal(pack->grants[i].name, word)) { return true; }
    }
    return cr_span_is(word, "*");
}

static bool is_effect(const cr_pack *pack, credit_span word)
{
    (void)pack;
    return cr_span_is(word, "grant") || cr_span_is(word, "refuse") || cr_span_is(word, "review");
}

static bool is_severity(const cr_pack *pack, credit_span word)
{
    (void)pack;
    return cr_severity_number(word) != 0;
}

static bool is_tier(const cr_pack *pack, credit_span word)
{
    for (size_t i = 0; i < pack->tier_count; i++) {
        if (cr_span_equal(pack->tiers[i], word)) { return true; }
    }
    return pack->tier_count == 0;
}

bool cr_lint_answer_at(const cr_pack *pack, size_t index, cr_lint_answer *answer)
{
    const cr_lint_answer all[] = {
        {pack->green_decision, "grant", is_grant},
        {pack->green_decision, "effect", is_effect},
        {pack->record_decision, "severity", is_severity},
        {pack->tier_decision, "tier", is_tier},
    };
    if (index >= sizeof all / sizeof *all) { return false; }
    *answer = all[index];
    return true;
}
