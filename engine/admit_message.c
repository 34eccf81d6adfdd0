/* Messages at admission: is the record there that they are about? What they do to it
 * is found anew whenever the subject's records are gathered (engine/message.h). */
#include "engine/admit.h"

bool cr_message_about(const cr_registry *registry, const cr_pack *pack, const cr_catalog *catalog,
    const cr_facts *facts, cr_version_key *key)
{
    const cr_catalog *target = cr_message_target_of(catalog->message, facts->list);
    if (target == NULL) { return false; }
    key->catalog = registry->catalog_number[target - pack->catalogs];
    cr_message_get_about(facts, key->record);
    return true;
}

void cr_count_message(cr_admission_counts *counts, const cr_catalog *catalog,
    const cr_version *message, const cr_found *before, const cr_found *about)
{
    const cr_message_word *word = cr_message_word_of(catalog->message, message->facts.status);
    bool takes_back = word != NULL && word->effect != CR_MESSAGE_NOTHING && !word->undone;
    bool in_force = about->in_force && about->version.state == CR_VERSION_CURRENT;
    if (!in_force) { counts->warnings++; }
    if (takes_back && in_force && !before->any) {
        counts->withdrawn++;
    } else {
        cr_count_version(counts, before, message->state);
    }
}
