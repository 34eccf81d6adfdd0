/* Identifiers: the kinds as a table, the one call that judges, regions.
 *
 * Nothing is allocated, and a text is printed only for a number that is wrong:
 * an importer judges several numbers a row. */
#include "engine/identifier.h"

#include "engine/identifier_form.h"
#include "engine/text.h"

typedef struct kind_row {
    const char *name;
    bool personal;
    void (*judge)(const cr_id_subject *s, cr_id_verdict *verdict);
} kind_row;

static const kind_row kinds[] = {
    [CR_ID_UNKNOWN] = {"unknown", false, cr_id_judge_unknown},
    [CR_ID_USCC] = {"uscc", false, cr_id_judge_uscc},
    [CR_ID_ORG_CODE] = {"org_code", false, cr_id_judge_org_code},
    [CR_ID_REG_NO] = {"reg_no", false, cr_id_judge_reg_no},
    [CR_ID_CN_ID] = {"cn_id", true, cr_id_judge_cn_id},
    [CR_ID_CN_PERMANENT] = {"cn_permanent", true, cr_id_judge_cn_permanent},
    [CR_ID_HKMO_PERMIT] = {"hkmo_permit", true, cr_id_judge_hkmo_permit},
    [CR_ID_TW_PERMIT] = {"tw_permit", true, cr_id_judge_tw_permit},
    [CR_ID_PASSPORT] = {"passport", true, cr_id_judge_passport},
};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static bool is_placeholder(const cr_id_subject *s)
{
    credit_span number = {s->id->number, s->id->size};
    for (size_t i = 0; s->tables != NULL && i < s->tables->placeholder_count; i++) {
        if (cr_span_equal(number, s->tables->placeholders[i])) { return true; }
    }
    return false;
}

static void refuse(cr_id_verdict *verdict, const char *fault)
{
    verdict->valid = false;
    verdict->fault = fault;
    verdict->warning = NULL;
}

cr_id_verdict cr_id_judge(credit_span text, cr_id_kind kind, const cr_id_tables *tables, cr_id *id)
{
    cr_id_verdict verdict;
    verdict.valid = true;
    verdict.fault = verdict.warning = NULL;
    verdict.detail[0] = '\0'; /* The rest stays unwritten: it would cost more than the check. */
    *id = (cr_id){.kind = (unsigned)kind < KINDS ? kind : CR_ID_UNKNOWN};
    cr_id_subject s = {.id = id, .tables = tables};
    cr_id_fold(text, &s);
    if (s.length == 0) {
        refuse(&verdict, "there is no number");
        return verdict;
    }
    if (id->kind == CR_ID_UNKNOWN) { id->kind = cr_id_find_kind(&s); }
    bool placeholder = is_placeholder(&s);
    kinds[id->kind].judge(&s, &verdict);
    if (placeholder) { refuse(&verdict, "a placeholder, not a number"); }
    return verdict;
}

const char *cr_id_kind_name(cr_id_kind kind)
{
    return (unsigned)kind < KINDS ? kinds[kind].name : kinds[CR_ID_UNKNOWN].name;
}

cr_id_kind cr_id_kind_of(credit_span name)
{
    for (unsigned i = 1; i < KINDS; i++) {
        if (cr_span_is(name, kinds[i].name)) { return (cr_id_kind)i; }
    }
    return CR_ID_UNKNOWN;
}

bool cr_id_is_personal(cr_id_kind kind)
{
    return (unsigned)kind < KINDS && kinds[kind].personal;
}

/* First row of a code, by binary search. */
static size_t first_region(const cr_id_tables *tables, uint32_t code)
{
    size_t low = 0, high = tables->region_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (tables->regions[middle].code < code) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static int32_t last_year(const cr_region *region)
{
    return region->to_year == 0 ? INT16_MAX : region->to_year;
}

/* Does `a` tell more about `year` than `b`? In force first, then the later. */
static bool tells_more(const cr_region *a, const cr_region *b, int32_t year)
{
    bool a_in_force = a->from_year <= year && year <= last_year(a);
    bool b_in_force = b->from_year <= year && year <= last_year(b);
    if (a_in_force != b_in_force) { return a_in_force; }
    return last_year(a) > last_year(b) ||
           (last_year(a) == last_year(b) && a->from_year > b->from_year);
}

const cr_region *cr_region_find(const cr_id_tables *tables, uint32_t code, int32_t year)
{
    const cr_region *found = NULL;
    for (size_t i = first_region(tables, code);
         i < tables->region_count && tables->regions[i].code == code; i++) {
        if (found == NULL || tells_more(&tables->regions[i], found, year)) {
            found = &tables->regions[i];
        }
    }
    return found;
}
