#include "engine/matching.h"

#include <string.h>

#include "engine/text.h"

const char *const cr_match_fact_words[CR_MATCH_FACTS + 1] = {
    "catalog", "introduces", "decision", "number", "leads_to", "subject", "name", "code", NULL};

const char *const cr_match_value_words[CR_MATCH_FACTS][CR_MATCH_VALUES + 1] = {
    [CR_MATCH_CATALOG] = {"record", "register", "correction", NULL},
    [CR_MATCH_INTRODUCES] = {"no", "yes", NULL},
    [CR_MATCH_DECISION] = {"complete", "lacking", NULL},
    [CR_MATCH_NUMBER] = {"none", "uscc", "org_code", "reg_no", "person", NULL},
    [CR_MATCH_LEADS] = {"nowhere", "one", "several", NULL},
    [CR_MATCH_SUBJECT] = {"unknown", "recorded", "registered", NULL},
    [CR_MATCH_NAME] = {"equal", "former", "different", NULL},
    [CR_MATCH_CODE] = {"standing", "retired", NULL},
};

static const uint8_t value_counts[CR_MATCH_FACTS] = {3, 2, 2, 5, 3, 3, 3, 2};

/* What no row of the table speaks of. */
static const cr_match_row no_row = {.rule = {"M0", 2},
    .text = {"no row of the matching table speaks of such a row", 49},
    .basis = {"", 0},
    .outcome = CR_OUTCOME_PARK};

cr_match_number cr_match_number_of(cr_id_kind kind)
{
    switch (kind) {
    case CR_ID_UNKNOWN:
        return CR_NUMBER_NONE;
    case CR_ID_USCC:
        return CR_NUMBER_USCC;
    case CR_ID_ORG_CODE:
        return CR_NUMBER_ORG_CODE;
    case CR_ID_REG_NO:
        return CR_NUMBER_REG_NO;
    default:
        return CR_NUMBER_PERSON;
    }
}

static size_t place_of(const cr_match_case *c)
{
    size_t place = 0;
    for (size_t i = 0; i < CR_MATCH_FACTS; i++) { place = place * value_counts[i] + c->facts[i]; }
    return place;
}

static void case_at(size_t place, cr_match_case *c)
{
    for (size_t i = CR_MATCH_FACTS; i-- > 0; place /= value_counts[i]) {
        c->facts[i] = (uint8_t)(place % value_counts[i]);
    }
}

static bool fits(const cr_match_row *row, const cr_match_case *c)
{
    for (size_t i = 0; i < CR_MATCH_FACTS; i++) {
        if ((row->allowed[i] >> c->facts[i] & 1) == 0) { return false; }
    }
    return true;
}

bool cr_matching_compile(cr_matching *matching, cr_arena *arena)
{
    uint8_t *row_of = cr_arena_alloc(arena, CR_MATCH_CASES);
    if (row_of == NULL) { return false; }
    for (size_t place = 0; place < CR_MATCH_CASES; place++) {
        cr_match_case c;
        case_at(place, &c);
        size_t row = 0;
        while (row < matching->row_count && !fits(&matching->rows[row], &c)) { row++; }
        row_of[place] = row == matching->row_count ? 0 : (uint8_t)(row + 1);
    }
    matching->row_of = row_of;
    return true;
}

/* A case that no row of a file can come to: a number that names its subject leads
 * nowhere else; without a subject there is no name to compare, nor a code. */
static bool is_possible(const cr_match_case *c)
{
    uint8_t number = c->facts[CR_MATCH_NUMBER], leads = c->facts[CR_MATCH_LEADS];
    bool leads_on = number == CR_NUMBER_ORG_CODE || number == CR_NUMBER_REG_NO;
    bool has_subject = c->facts[CR_MATCH_SUBJECT] != CR_SUBJECT_UNKNOWN;
    if (!leads_on && leads != CR_LEADS_NOWHERE) { return false; }
    if (leads_on && leads != CR_LEADS_TO_ONE && has_subject) { return false; }
    if (number == CR_NUMBER_NONE && has_subject) { return false; }
    return has_subject ||
           (c->facts[CR_MATCH_NAME] == CR_NAME_DIFFERENT && c->facts[CR_MATCH_CODE] == 0);
}

/* What the law and the store cannot bear, whatever the pack would have. */
static const char *fault_of(const cr_match_case *c, cr_match_outcome outcome)
{
    uint8_t number = c->facts[CR_MATCH_NUMBER];
    bool leads_on = number == CR_NUMBER_ORG_CODE || number == CR_NUMBER_REG_NO;
    bool introduces = outcome == CR_OUTCOME_INTRODUCE;
    bool unknown = c->facts[CR_MATCH_SUBJECT] == CR_SUBJECT_UNKNOWN;
    if (outcome == CR_OUTCOME_PARK) { return NULL; }
    if (c->facts[CR_MATCH_DECISION] != 0) {
        return "lets an entry of a serious list in that lacks its decision";
    }
    if (number == CR_NUMBER_NONE) { return "joins by the name alone"; }
    if (leads_on && c->facts[CR_MATCH_LEADS] != CR_LEADS_TO_ONE) {
        return "joins by a number that does not lead to exactly one unified code";
    }
    if (leads_on && introduces) { return "makes a subject known that has no unified code"; }
    if (introduces && !unknown) { return "makes a subject known that is known"; }
    if (!introduces && unknown) { return "joins a subject that is not known"; }
    return NULL;
}

const char *cr_matching_fault(const cr_matching *matching, size_t *row)
{
    for (size_t place = 0; place < CR_MATCH_CASES; place++) {
        cr_match_case c;
        case_at(place, &c);
        if (matching->row_of[place] == 0 || !is_possible(&c)) { continue; }
        *row = matching->row_of[place] - 1U;
        const char *fault = fault_of(&c, matching->rows[*row].outcome);
        if (fault != NULL) { return fault; }
    }
    return NULL;
}

const cr_match_row *cr_matching_find(const cr_matching *matching, const cr_match_case *c)
{
    size_t row = matching->row_of == NULL ? 0 : matching->row_of[place_of(c)];
    return row == 0 ? &no_row : &matching->rows[row - 1];
}

credit_span cr_matching_text(const cr_matching *matching, credit_span rule)
{
    for (size_t i = 0; i < matching->row_count; i++) {
        const cr_match_row *row = &matching->rows[i];
        if (row->outcome == CR_OUTCOME_PARK && cr_span_equal(row->rule, rule)) { return row->text; }
    }
    return cr_span_equal(no_row.rule, rule) ? no_row.text : (credit_span){"", 0};
}
