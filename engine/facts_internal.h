/* What the files that make facts share: properties by their indexes. */
#ifndef CR_ENGINE_FACTS_INTERNAL_H
#define CR_ENGINE_FACTS_INTERNAL_H

#include "engine/facts.h"

/* Properties of a record, in the order of their indexes; tags follow. */
typedef enum record_property {
    P_CATALOG,
    P_ROSTER,
    P_LIST,
    P_STATUS,
    P_VALID,
    P_KINDS,
    P_CATEGORY,
    P_DECIDED_ON,
    P_VALID_FROM,
    P_VALID_UNTIL,
    P_PUBLICITY_UNTIL,
    P_NOTIFIED_ON,
    P_REMOVED_ON,
    P_RECEIVED_ON,
    P_RESTORED_ON,
    P_RESTORED_AS,
    P_AMOUNT,
    P_AMOUNT_2,
    P_SEVERITY,
    P_PUBLISHED,
    P_NEGATIVE,
    P_REVIEW,
    P_STARTS_ON,
    P_PUBLISHED_UNTIL,
    P_REPAIRABLE_FROM,
    P_UNTIL,
    P_TAGS
} record_property;

typedef enum subject_property {
    S_CATEGORY,
    S_KNOWN,
    S_STATUS,
    S_REGISTERED_ON,
    S_NAME,
    S_COUNT
} subject_property;

/* The catalogs that are complete for the subject: a bit each. */
uint64_t cr_coverage_of(const cr_fact_subject *subject);

#endif
