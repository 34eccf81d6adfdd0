/* 撤销、修复、移出: what messages do to the records that they are about.
 *
 * A message is a record of its own. Nothing of it is written into the record that it
 * is about: the two meet when a subject's records are gathered, so that they may
 * arrive in any order, and be superseded, undone or asked about as of any day and any
 * commit, each by itself. A message says which record by that record's own key.
 *
 * 1. A message counts from the day it was decided, like any record.
 * 2. Of several about one record and of one effect the newest counts: by the day it
 *    was decided, then the day its source spoke, then commit and row.
 * 3. What was withdrawn or repaired counts for nothing and is not shared. What was
 *    removed from a list is as if it said itself on which day.
 *    basis: 行政处罚法 art. 48; 《信用修复管理办法》 art. 3, 19. */
#ifndef CR_ENGINE_MESSAGE_H
#define CR_ENGINE_MESSAGE_H

#include "engine/facts.h"
#include "engine/registry.h"

/* Ties the messages among a subject's facts, which are in key order, to their records. */
void cr_messages_link(
    cr_fact *facts, size_t count, const cr_pack *pack, const cr_registry *registry);

/* Where a repair was undone, the record can be repaired no sooner than the ruling of the
 * message says. When all facts have their rulings. basis: 《信用修复管理办法》 art. 25. */
void cr_messages_postpone(cr_fact *facts, size_t count);

/* What has become of a record. */
typedef enum cr_fact_state {
    CR_FACT_CURRENT,
    CR_FACT_WITHDRAWN,
    CR_FACT_REPAIRED,
    CR_FACT_EXPIRED /* a message has ended its listing */
} cr_fact_state;
cr_fact_state cr_fact_state_of(const cr_fact *fact);
credit_span cr_fact_state_word(cr_fact_state state); /* as FORMAT.md has it */

/* The message that withdrew or repaired the record, or removed it from its list; NULL:
 * none, or it was undone. */
const cr_fact *cr_fact_message(const cr_fact *fact);
/* Was the record withdrawn or repaired by a message? */
bool cr_fact_is_taken_back(const cr_fact *fact);
/* Is it a record, and does it still count? */
bool cr_fact_counts(const cr_fact *fact);

#endif
