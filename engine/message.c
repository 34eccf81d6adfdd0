#include "engine/message.h"

#include "engine/text.h"

static const cr_message_word *word_of(const cr_fact *message)
{
    return cr_message_word_of(message->catalog->message, message->version.facts.status);
}

/* ---- ties --------------------------------------------------------------------- */

static int compare(const cr_fact *fact, uint16_t catalog, const char record[CR_RECORD_KEY])
{
    if (fact->key.catalog != catalog) { return fact->key.catalog < catalog ? -1 : 1; }
    return memcmp(fact->key.record, record, CR_RECORD_KEY);
}

/* Of each record there is one fact, and they are in the order of their keys. */
static cr_fact *find(
    cr_fact *facts, size_t count, uint16_t catalog, const char record[CR_RECORD_KEY])
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(&facts[middle], catalog, record);
        if (order == 0) { return &facts[middle]; }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

static bool is_newer(const cr_fact *a, const cr_fact *b)
{
    const cr_version *x = &a->version, *y = &b->version;
    if (x->facts.decided_on != y->facts.decided_on) {
        return x->facts.decided_on > y->facts.decided_on;
    }
    if (x->sourced_on != y->sourced_on) { return x->sourced_on > y->sourced_on; }
    if (a->key.commit != b->key.commit) { return a->key.commit > b->key.commit; }
    return a->key.row > b->key.row;
}

static void tie(cr_fact *message, cr_fact *record)
{
    const cr_message_word *word = word_of(message);
    message->about = record;
    if (word == NULL || word->effect == CR_MESSAGE_NOTHING) { return; }
    const cr_fact **newest = &record->messages[word->effect];
    if (*newest == NULL || is_newer(message, *newest)) { *newest = message; }
}

static const cr_fact *in_effect(const cr_fact *fact, cr_message_effect effect)
{
    const cr_fact *message = fact->messages[effect];
    return message == NULL || word_of(message)->undone ? NULL : message;
}

/* The record says on which day it leaves its list: its ruling is another one. */
static void remove_from_list(cr_fact *record)
{
    const cr_fact *message = in_effect(record, CR_MESSAGE_REMOVE);
    credit_date *own = &record->version.facts.removed_on;
    if (message == NULL) { return; }
    credit_date day = message->version.facts.decided_on;
    if (*own == CREDIT_DATE_NONE || day < *own) {
        *own = day;
        record->version.ruling.pack = 0;
    }
}

static bool took_back(const cr_fact *message)
{
    return message != NULL && word_of(message)->undone;
}

/* What took a removal or a repair back is for the rules to weigh: the ruling is
 * another one. */
static void restore(cr_fact *record)
{
    static const cr_message_effect effects[] = {CR_MESSAGE_REPAIR, CR_MESSAGE_REMOVE};
    record->restored = NULL;
    for (size_t i = 0; i < sizeof effects / sizeof *effects; i++) {
        const cr_fact *message = record->messages[effects[i]];
        if (!took_back(message)) { continue; }
        if (record->restored == NULL || is_newer(message, record->restored)) {
            record->restored = message;
        }
    }
    if (record->restored != NULL) { record->version.ruling.pack = 0; }
}

void cr_messages_link(
    cr_fact *facts, size_t count, const cr_pack *pack, const cr_registry *registry)
{
    char record[CR_RECORD_KEY];
    for (size_t i = 0; i < count; i++) {
        if (facts[i].catalog->message == NULL) { continue; }
        const cr_facts *said = &facts[i].version.facts;
        const cr_catalog *target = cr_message_target_of(facts[i].catalog->message, said->list);
        if (target == NULL) { continue; }
        cr_message_get_about(said, record);
        cr_fact *about =
            find(facts, count, registry->catalog_number[target - pack->catalogs], record);
        if (about != NULL) { tie(&facts[i], about); }
    }
    for (size_t i = 0; i < count; i++) {
        remove_from_list(&facts[i]);
        restore(&facts[i]);
    }
}

void cr_messages_postpone(cr_fact *facts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const cr_fact *message = facts[i].messages[CR_MESSAGE_REPAIR];
        if (message == NULL || !word_of(message)->undone) { continue; }
        credit_date *own = &facts[i].version.ruling.repairable_from;
        credit_date no_sooner = message->version.ruling.repairable_from;
        if (*own != CREDIT_DATE_NONE && no_sooner > *own) { *own = no_sooner; }
    }
}

/* ---- what has become of a record -------------------------------------------------- */

const cr_fact *cr_fact_message(const cr_fact *fact)
{
    static const cr_message_effect order[] = {
        CR_MESSAGE_WITHDRAW, CR_MESSAGE_REPAIR, CR_MESSAGE_REMOVE};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        const cr_fact *message = in_effect(fact, order[i]);
        if (message != NULL) { return message; }
    }
    return NULL;
}

bool cr_fact_is_taken_back(const cr_fact *fact)
{
    return in_effect(fact, CR_MESSAGE_WITHDRAW) != NULL ||
           in_effect(fact, CR_MESSAGE_REPAIR) != NULL;
}

bool cr_fact_counts(const cr_fact *fact)
{
    return fact->catalog->message == NULL && !cr_fact_is_taken_back(fact);
}

cr_fact_state cr_fact_state_of(const cr_fact *fact)
{
    if (in_effect(fact, CR_MESSAGE_WITHDRAW) != NULL) { return CR_FACT_WITHDRAWN; }
    if (in_effect(fact, CR_MESSAGE_REPAIR) != NULL) { return CR_FACT_REPAIRED; }
    if (fact->version.state != CR_VERSION_CURRENT) { return CR_FACT_WITHDRAWN; }
    return in_effect(fact, CR_MESSAGE_REMOVE) != NULL ? CR_FACT_EXPIRED : CR_FACT_CURRENT;
}

credit_span cr_fact_state_word(cr_fact_state state)
{
    static const char *const words[] = {"current", "withdrawn", "repaired", "expired"};
    return cr_span_of(words[state]);
}
