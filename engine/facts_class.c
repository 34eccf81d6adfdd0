/* Classes of subjects: what rules that are narrowed to a subject may take for granted. */
#include "engine/decision.h"
#include "engine/facts_internal.h"
#include "engine/pack.h"
#include "engine/text.h"

static unsigned catalog_group(const cr_fact *fact)
{
    return (unsigned)fact->catalog_index % 64;
}

static unsigned roster_group(const cr_fact *fact)
{
    return fact->version.facts.roster % 64;
}

static unsigned severity_group(const cr_fact *fact)
{
    return fact->version.ruling.severity % 64;
}

static unsigned flags_group(const cr_fact *fact)
{
    return fact->version.ruling.flags % 64;
}

/* A bit for each group that there is. */
static uint64_t groups_among(
    unsigned (*group)(const cr_fact *), const cr_fact *const *facts, size_t count)
{
    uint64_t bits = 0;
    for (size_t i = 0; i < count; i++) { bits |= UINT64_C(1) << group(facts[i]); }
    return bits;
}

/* The matter's place among those that the pack knows, from 2 on; 0: none is asked
 * about, 1: the pack does not know it by this text, and rules are not narrowed to it. */
static uint32_t matter_number(const cr_pack *pack, credit_span matter)
{
    const cr_code *code = NULL;
    if (matter.size == 0) { return 0; }
    if (pack->matters != NULL) { code = cr_codeset_find(pack->matters, matter); }
    bool exact = code != NULL && cr_span_equal(code->word, matter);
    return exact ? (uint32_t)(code - pack->matters->codes) + 2 : 1;
}

/* Rules are not narrowed to a status that has no number. */
static bool status_is_known(const cr_fact_subject *subject)
{
    return subject->status.size == 0 || subject->status_number != 0;
}

bool cr_subject_class(const cr_fact_subject *subject, credit_span matter,
    const cr_fact *const *facts, size_t count, uint32_t key[CR_SUBJECT_CLASS])
{
    if (subject->pack->catalog_count > 64) { return false; }
    uint64_t catalogs = groups_among(catalog_group, facts, count);
    uint64_t coverage = cr_coverage_of(subject);
    key[0] = (uint32_t)catalogs;
    key[1] = (uint32_t)(catalogs >> 32);
    key[2] = (uint32_t)coverage;
    key[3] = (uint32_t)(coverage >> 32);
    key[4] = (uint32_t)groups_among(roster_group, facts, count) |
             (uint32_t)groups_among(severity_group, facts, count) << 8 |
             (uint32_t)groups_among(flags_group, facts, count) << 16;
    key[5] = (uint32_t)subject->category << 3 | (uint32_t)subject->known << 2 |
             (uint32_t)(subject->registered_on == CREDIT_DATE_NONE) << 1 |
             (uint32_t)status_is_known(subject);
    key[6] = subject->status.size == 0 ? 0 : subject->status_number;
    key[7] = matter_number(subject->pack, matter);
    return true;
}

/* The values that a property has among the records; `group` numbers those of one
 * value alike, below 64. */
static cr_feel_value values_among(const cr_fact_types *types, uint16_t property,
    unsigned (*group)(const cr_fact *), const cr_fact *const *facts, size_t count, cr_eval *eval)
{
    uint64_t seen = 0;
    size_t found = 0;
    cr_feel_value *values = cr_arena_array(cr_eval_arena(eval), 64, sizeof *values);
    if (values == NULL) { return cr_feel_null(); }
    for (size_t i = 0; i < count; i++) {
        uint64_t bit = UINT64_C(1) << group(facts[i]);
        if ((seen & bit) != 0) { continue; }
        seen |= bit;
        values[found++] = cr_fact_value(types, CR_HOST_RECORD, facts[i], property, eval);
    }
    return cr_feel_list(values, found);
}

const cr_known *cr_subject_known(const cr_fact_types *types, const cr_subject_inputs *inputs,
    const cr_fact_subject *subject, credit_span matter, const cr_fact *const *facts,
    size_t fact_count, cr_eval *eval, size_t *count)
{
    size_t catalogs = subject->pack->catalog_count;
    cr_known *known = cr_arena_array(cr_eval_arena(eval), catalogs + 11, sizeof *known);
    *count = 0;
    if (known == NULL) { return NULL; }
    static const struct {
        uint16_t property;
        unsigned (*group)(const cr_fact *);
    } shared[] = {{P_CATALOG, catalog_group}, {P_ROSTER, roster_group},
        {P_SEVERITY, severity_group}, {P_PUBLISHED, flags_group}, {P_NEGATIVE, flags_group},
        {P_REVIEW, flags_group}};
    for (size_t i = 0; i < sizeof shared / sizeof *shared; i++) {
        cr_feel_value values =
            values_among(types, shared[i].property, shared[i].group, facts, fact_count, eval);
        if (values.kind == CR_FEEL_NULL) { return NULL; }
        known[(*count)++] = (cr_known){inputs->records, shared[i].property, values, NULL};
    }
    const struct {
        uint16_t property;
        bool known;
    } own[] = {{S_CATEGORY, true}, {S_KNOWN, true}, {S_STATUS, status_is_known(subject)},
        {S_REGISTERED_ON, subject->registered_on == CREDIT_DATE_NONE}};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (!own[i].known) { continue; }
        known[(*count)++] = (cr_known){inputs->subject, own[i].property,
            cr_fact_value(types, CR_HOST_SUBJECT, subject, own[i].property, eval), NULL};
    }
    if (matter_number(subject->pack, matter) != 1) {
        cr_feel_value asked = matter.size == 0 ? cr_feel_null() : cr_feel_string(matter);
        known[(*count)++] = (cr_known){inputs->matter, CR_KNOWN_WHOLE, asked, NULL};
    }
    for (size_t i = 0; i < catalogs; i++) {
        known[(*count)++] = (cr_known){inputs->covers, (int)i,
            cr_fact_value(types, CR_HOST_COVERS, subject, (uint16_t)i, eval), NULL};
    }
    return known;
}
