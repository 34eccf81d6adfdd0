/* From a judged row to the record's facts: what judgement reads. */
#ifndef CR_LOADERS_ROW_FACTS_H
#define CR_LOADERS_ROW_FACTS_H

#include "engine/record.h"
#include "engine/rowcheck.h"

/* False only if memory ran out. */
CREDIT_MUST_CHECK bool cr_row_facts(const cr_row *row, cr_facts *out);

/* The day the row's source spoke; NONE if the catalog or the row does not say. */
credit_date cr_row_provided_on(const cr_row *row);

typedef enum cr_lateness { CR_IN_TIME, CR_LATE, CR_LATE_UNKNOWN } cr_lateness;

/* First received more than the catalog's working days after the decision;
 * unknown where the calendar does not reach. basis: V25, decisions 17 */
cr_lateness cr_row_lateness(const cr_row *row, const cr_facts *facts);

#endif
