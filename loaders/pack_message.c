/* Catalogs of messages: what their rows do to which records, "message" of the "credit"
 * block.
 *
 * The word in the status column says what is done; the word in the list column names
 * the catalog by its code; and columns say what the record has in its key. */
#include <string.h>

#include "engine/text.h"
#include "loaders/pack_build.h"

/* Members of "effects". */
static const struct {
    const char *name;
    cr_message_effect effect;
    bool undone;
} effects[] = {{"nothing", CR_MESSAGE_NOTHING, false}, {"withdraw", CR_MESSAGE_WITHDRAW, false},
    {"withdraw_undone", CR_MESSAGE_WITHDRAW, true}, {"repair", CR_MESSAGE_REPAIR, false},
    {"repair_undone", CR_MESSAGE_REPAIR, true}, {"remove", CR_MESSAGE_REMOVE, false},
    {"remove_undone", CR_MESSAGE_REMOVE, true}};
enum { EFFECTS = sizeof effects / sizeof *effects };

static const cr_codeset *codes_of(const cr_catalog *catalog, cr_role role)
{
    int16_t field = catalog->role_field[role];
    return field < 0 ? NULL : catalog->fields[field].codes;
}

static void add_words(cr_json_node list, size_t effect, const cr_codeset *set, cr_message *message)
{
    cr_message_word *words = (cr_message_word *)message->words;
    size_t count = 0;
    const credit_span *texts = cr_json_texts(list, &count);
    for (size_t i = 0; i < count && list.doc->rc == CREDIT_OK; i++) {
        const cr_code *code = cr_codeset_find(set, texts[i]);
        if (code == NULL || cr_message_word_of(message, code->number) != NULL) {
            cr_json_fail(cr_json_item(list, i), "\"%s\" is no word of %s, or has its effect",
                texts[i].data, set->name.data);
            return;
        }
        words[message->word_count++] =
            (cr_message_word){code->number, effects[effect].effect, effects[effect].undone};
    }
}

/* Every word has an effect, be it none: a word that is forgotten would do nothing. */
static void read_effects(cr_json_node node, const cr_codeset *set, cr_message *message)
{
    const char *names[EFFECTS + 1] = {NULL};
    for (size_t i = 0; i < EFFECTS; i++) { names[i] = effects[i].name; }
    cr_json_only(node, names);
    message->words = cr_doc_array(node.doc, set->code_count, sizeof *message->words);
    for (size_t i = 0; i < EFFECTS && node.doc->rc == CREDIT_OK; i++) {
        cr_json_node list = cr_json_get(node, effects[i].name);
        if (list.json != NULL) { add_words(list, i, set, message); }
    }
    for (size_t i = 0; i < set->code_count && node.doc->rc == CREDIT_OK; i++) {
        if (cr_message_word_of(message, set->codes[i].number) == NULL) {
            cr_json_fail(node, "\"%s\" has no effect", set->codes[i].word.data);
        }
    }
}

static void read_about(cr_json_node node, const cr_catalog *catalog, cr_message *message)
{
    const char *name = NULL;
    json_t *value = NULL, *object = (json_t *)node.json;
    for (size_t i = 0; i < CR_ROLES; i++) { message->field[i] = -1; }
    if (!json_is_object(object)) {
        cr_json_fail(node, "must be an object: the record's roles and the message's columns");
        return;
    }
    json_object_foreach(object, name, value)
    {
        cr_json_node member = cr_json_get(node, name);
        cr_role role = cr_pack_role(cr_span_of(name));
        uint16_t column = cr_pack_column(member, catalog);
        if (role == CR_ROLE_NONE) { cr_json_fail(member, "no such role \"%s\"", name); }
        if (node.doc->rc == CREDIT_OK && catalog->fields[column].personal) {
            cr_json_fail(member, "a person's number names no record");
        }
        message->field[role] = (int16_t)column;
    }
}

void cr_pack_read_message(cr_json_node node, cr_catalog *catalog)
{
    static const char *const names[] = {"effects", "about", NULL};
    if (node.json == NULL) { return; }
    cr_json_only(node, names);
    const cr_codeset *set = codes_of(catalog, CR_ROLE_STATUS);
    if (set == NULL || codes_of(catalog, CR_ROLE_LIST) == NULL ||
        catalog->role_field[CR_ROLE_DECIDED_ON] < 0) {
        cr_json_fail(node, "a message has columns with the roles status, list and decided_on");
        return;
    }
    if (catalog->tag_count > 0 || catalog->status_valid != 0 || catalog->roster != CR_ROSTER_NONE ||
        catalog->kind != CR_CATALOG_RECORD) {
        cr_json_fail(node, "a message has no tags, no roster and no valid status");
        return;
    }
    cr_message *message = cr_doc_array(node.doc, 1, sizeof *message);
    if (message == NULL) { return; }
    read_effects(cr_json_need(node, "effects"), set, message);
    read_about(cr_json_need(node, "about"), catalog, message);
    catalog->message = message;
}

/* ---- when all catalogs are there ---------------------------------------------- */

static bool is_said(const cr_message *message, const cr_catalog *target, int field)
{
    if (field < 0) { return false; }
    cr_role role = target->fields[field].role;
    return role != CR_ROLE_NONE && message->field[role] >= 0;
}

static void check_key(cr_json_node list, const cr_catalog *catalog, const cr_catalog *target)
{
    const cr_message *message = catalog->message;
    for (size_t i = 0; i < target->key_count; i++) {
        const cr_field *field = &target->fields[target->key_fields[i]];
        if (!is_said(message, target, target->key_fields[i]) &&
            !is_said(message, target, target->key_fallback[i])) {
            cr_json_fail(list, "catalog %s: \"about\" has no column for %s of %s (role %s)",
                catalog->name.data, field->code.data, target->name.data,
                cr_pack_role_word(field->role));
        }
    }
    if (target->key_count == 0 || target->message != NULL) {
        cr_json_fail(list, "catalog %s: there are no messages about %s", catalog->name.data,
            target->name.data);
    }
}

static void link_targets(cr_json_node list, const cr_pack *pack, const cr_catalog *catalog)
{
    const cr_codeset *set = codes_of(catalog, CR_ROLE_LIST);
    cr_message *message = (cr_message *)catalog->message; /* this loader's, until all are read */
    cr_message_target *targets = cr_doc_array(list.doc, set->code_count, sizeof *targets);
    for (size_t i = 0; targets != NULL && i < set->code_count; i++) {
        const cr_code *code = &set->codes[i];
        int index = cr_pack_catalog(pack, code->code);
        if (index < 0) {
            cr_json_fail(list, "catalog %s: the code of \"%s\" is the name of no catalog",
                catalog->name.data, code->word.data);
            return;
        }
        targets[i] = (cr_message_target){code->number, &pack->catalogs[index]};
        check_key(list, catalog, targets[i].catalog);
    }
    message->targets = targets;
    message->target_count = targets == NULL ? 0 : set->code_count;
}

void cr_pack_link_messages(cr_json_node list, cr_pack *pack)
{
    for (size_t i = 0; i < pack->catalog_count && list.doc->rc == CREDIT_OK; i++) {
        if (pack->catalogs[i].message != NULL) { link_targets(list, pack, &pack->catalogs[i]); }
    }
}
