/* Which catalogs are complete for a subject, and from when on. basis: decisions 12 */
#include "engine/facts_internal.h"
#include "engine/pack.h"
#include "engine/text.h"

/* A region as its code is written. */
typedef struct region_digits {
    char text[6];
} region_digits;

static region_digits digits_of(uint32_t region)
{
    region_digits digits;
    for (size_t i = sizeof digits.text; i-- > 0; region /= 10) {
        digits.text[i] = (char)('0' + region % 10);
    }
    return digits;
}

static bool covers_region(const cr_coverage *coverage, const region_digits *region)
{
    const credit_span text = {region->text, sizeof region->text};
    for (size_t i = 0; i < coverage->region_count; i++) {
        if (cr_span_starts(text, coverage->regions[i])) { return true; }
    }
    return coverage->region_count == 0;
}

static bool holds_for(
    const cr_coverage *coverage, const cr_fact_subject *subject, const region_digits *region)
{
    return subject->as_of >= coverage->since && covers_region(coverage, region);
}

bool cr_subject_is_covered(const cr_fact_subject *subject, uint16_t catalog)
{
    const region_digits region = digits_of(subject->region);
    bool covered = catalog < CR_ASSUMED_MAX && (subject->assumed >> catalog & 1) != 0;
    for (size_t i = 0; i < subject->pack->coverage_count; i++) {
        const cr_coverage *coverage = &subject->pack->coverage[i];
        covered =
            covered || (coverage->catalog == catalog && holds_for(coverage, subject, &region));
    }
    return covered;
}

uint64_t cr_coverage_of(const cr_fact_subject *subject)
{
    const region_digits region = digits_of(subject->region);
    uint64_t bits = subject->assumed;
    for (size_t i = 0; i < subject->pack->coverage_count; i++) {
        const cr_coverage *coverage = &subject->pack->coverage[i];
        bits |= (uint64_t)holds_for(coverage, subject, &region) << coverage->catalog;
    }
    return bits;
}

bool cr_coverage_changes(const cr_pack *pack, credit_date from, credit_date to)
{
    for (size_t i = 0; i < pack->coverage_count; i++) {
        credit_date since = pack->coverage[i].since;
        if (since > from && since <= to) { return true; }
    }
    return false;
}

credit_date cr_coverage_next_change(const cr_fact_subject *subject)
{
    const region_digits region = digits_of(subject->region);
    credit_date next = CREDIT_DATE_FOREVER;
    for (size_t i = 0; i < subject->pack->coverage_count; i++) {
        const cr_coverage *coverage = &subject->pack->coverage[i];
        bool later = coverage->since > subject->as_of && coverage->since < next;
        if (later && covers_region(coverage, &region)) { next = coverage->since; }
    }
    return next;
}
