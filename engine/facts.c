#include "engine/facts_internal.h"

#include "engine/decision.h"
#include "engine/text.h"

static const struct {
    const char *name;
    cr_feel_kind kind;
    bool list;
} record_properties[P_TAGS] = {
    /* clang-format off */
    [P_CATALOG]         = {"catalog",         CR_FEEL_STRING,  false},
    [P_ROSTER]          = {"roster",          CR_FEEL_STRING,  false},
    [P_LIST]            = {"list",            CR_FEEL_STRING,  false},
    [P_STATUS]          = {"status",          CR_FEEL_STRING,  false},
    [P_VALID]           = {"valid",           CR_FEEL_BOOLEAN, false},
    [P_KINDS]           = {"kinds",           CR_FEEL_STRING,  true},
    [P_CATEGORY]        = {"category",        CR_FEEL_STRING,  false},
    [P_DECIDED_ON]      = {"decided_on",      CR_FEEL_DATE,    false},
    [P_VALID_FROM]      = {"valid_from",      CR_FEEL_DATE,    false},
    [P_VALID_UNTIL]     = {"valid_until",     CR_FEEL_DATE,    false},
    [P_PUBLICITY_UNTIL] = {"publicity_until", CR_FEEL_DATE,    false},
    [P_NOTIFIED_ON]     = {"notified_on",     CR_FEEL_DATE,    false},
    [P_REMOVED_ON]      = {"removed_on",      CR_FEEL_DATE,    false},
    [P_RECEIVED_ON]     = {"received_on",     CR_FEEL_DATE,    false},
    [P_RESTORED_ON]     = {"restored_on",     CR_FEEL_DATE,    false},
    [P_RESTORED_AS]     = {"restored_as",     CR_FEEL_STRING,  false},
    [P_AMOUNT]          = {"amount",          CR_FEEL_NUMBER,  false},
    [P_AMOUNT_2]        = {"amount_2",        CR_FEEL_NUMBER,  false},
    [P_SEVERITY]        = {"severity",        CR_FEEL_STRING,  false},
    [P_PUBLISHED]       = {"published",       CR_FEEL_BOOLEAN, false},
    [P_NEGATIVE]        = {"negative",        CR_FEEL_BOOLEAN, false},
    [P_REVIEW]          = {"review",          CR_FEEL_BOOLEAN, false},
    [P_STARTS_ON]       = {"starts_on",       CR_FEEL_DATE,    false},
    [P_PUBLISHED_UNTIL] = {"published_until", CR_FEEL_DATE,    false},
    [P_REPAIRABLE_FROM] = {"repairable_from", CR_FEEL_DATE,    false},
    [P_UNTIL]           = {"until",           CR_FEEL_DATE,    false},
    /* clang-format on */
};

/* Dates that a fact has as the rules are to see them. */
static const uint16_t dates_at[P_TAGS] = {
    [P_DECIDED_ON] = offsetof(cr_fact, version.facts.decided_on),
    [P_VALID_FROM] = offsetof(cr_fact, version.facts.valid_from),
    [P_VALID_UNTIL] = offsetof(cr_fact, version.facts.valid_until),
    [P_PUBLICITY_UNTIL] = offsetof(cr_fact, version.facts.publicity_until),
    [P_NOTIFIED_ON] = offsetof(cr_fact, version.facts.notified_on),
    [P_REMOVED_ON] = offsetof(cr_fact, version.facts.removed_on),
    [P_RECEIVED_ON] = offsetof(cr_fact, version.received_on),
};

static const char *const roster_words[] = {"", "honour", "serious", "watch"};
static const char *const severity_words[] = {"", "minor", "general", "serious"};
enum { SEVERITIES = 4, ROSTERS = 4, AMOUNT_SCALE = 6 };

credit_span cr_severity_word(uint8_t severity)
{
    return cr_span_of(severity < SEVERITIES ? severity_words[severity] : "");
}

uint8_t cr_severity_number(credit_span word)
{
    for (uint8_t i = 1; i < SEVERITIES; i++) {
        if (cr_span_is(word, severity_words[i])) { return i; }
    }
    return 0;
}

credit_span cr_code_word(const cr_codeset *set, uint32_t number)
{
    for (size_t i = 0; set != NULL && number != 0 && i < set->code_count; i++) {
        if (set->codes[i].number == number) { return set->codes[i].word; }
    }
    return (credit_span){"", 0};
}

static credit_span code_text(const cr_codeset *set, uint32_t number)
{
    for (size_t i = 0; set != NULL && number != 0 && i < set->code_count; i++) {
        const cr_code *code = &set->codes[i];
        if (code->number == number) { return code->code.size > 0 ? code->code : code->word; }
    }
    return (credit_span){"", 0};
}

/* Text that is empty for "none" is null for a rule. */
static cr_feel_value text_or_null(credit_span text)
{
    return text.size == 0 ? cr_feel_null() : cr_feel_string(text);
}

static const cr_codeset *codes_of(const cr_catalog *catalog, cr_role role)
{
    int16_t field = catalog->role_field[role];
    return field < 0 ? NULL : catalog->fields[field].codes;
}

static credit_date restored_on(const cr_fact *fact)
{
    return fact->restored == NULL ? CREDIT_DATE_NONE : fact->restored->version.facts.decided_on;
}

/* The word of the message that restored the record. */
static credit_span restored_as(const cr_fact *fact)
{
    const cr_fact *message = fact->restored;
    if (message == NULL) { return (credit_span){"", 0}; }
    return code_text(codes_of(message->catalog, CR_ROLE_STATUS), message->version.facts.status);
}

static cr_feel_value amount(int64_t fen)
{
    return fen < 0 ? cr_feel_null() : cr_feel_scaled(fen, AMOUNT_SCALE);
}

static size_t bit_count(uint32_t bits)
{
    size_t count = 0;
    for (; bits != 0; bits &= bits - 1) { count++; }
    return count;
}

/* The words of a penalty's kinds, by bit. */
static cr_feel_value kinds_of(const cr_fact *fact, cr_eval *eval)
{
    const cr_codeset *set = codes_of(fact->catalog, CR_ROLE_KINDS);
    uint32_t bits = fact->version.facts.kinds;
    size_t room = bit_count(bits), count = 0;
    cr_feel_value *items = cr_eval_take(eval, room, sizeof *items);
    if (items == NULL) { return cr_feel_null(); }
    for (size_t i = 0; set != NULL && i < set->code_count && count < room; i++) {
        uint32_t bit = set->codes[i].number;
        if (bit < CR_KINDS_MAX && (bits >> bit & 1) != 0) {
            items[count++] = cr_feel_string(set->codes[i].word);
        }
    }
    if (set != NULL && set->other_prefix.size > 0 && set->other_number < CR_KINDS_MAX &&
        (bits >> set->other_number & 1) != 0 && count < room) {
        items[count++] = cr_feel_string(set->other_prefix);
    }
    return cr_feel_list(items, count);
}

static const cr_tag *find_tag(
    const cr_fact_types *types, const cr_fact *fact, uint16_t property, uint32_t *value)
{
    size_t properties = types->types[CR_HOST_RECORD].property_count;
    int8_t slot = types->tag_slots[(size_t)fact->catalog_index * properties + property];
    *value = slot < 0 ? 0 : fact->version.facts.tags[slot];
    return slot < 0 ? NULL : &fact->catalog->tags[slot];
}

static cr_feel_value tag_of(const cr_fact *fact, const cr_fact_types *types, uint16_t property)
{
    uint32_t value;
    const cr_tag *tag = find_tag(types, fact, property, &value);
    if (value == 0) { return cr_feel_null(); }
    if (tag->kind == CR_TAG_HASH) { return cr_feel_integer(value); }
    return text_or_null(code_text(tag->codes, value));
}

static cr_feel_value ruled_date(const cr_fact *fact, credit_date date)
{
    return fact->ruled ? cr_feel_date(date) : cr_feel_null();
}

static cr_feel_value ruled_flag(const cr_fact *fact, unsigned flag)
{
    return fact->ruled ? cr_feel_boolean((fact->version.ruling.flags & flag) != 0) : cr_feel_null();
}

static void get_record(
    void *ctx, const void *object, uint16_t property, cr_eval *eval, cr_feel_value *out)
{
    const cr_fact *fact = object;
    const cr_facts *facts = &fact->version.facts;
    const cr_ruling *ruling = &fact->version.ruling;
    const cr_fact_types *types = ctx;
    if (property < P_TAGS && dates_at[property] > 0) {
        *out = cr_feel_date_at(fact, dates_at[property]);
        return;
    }
    switch (property) {
    case P_CATALOG:
        *out = cr_feel_string(fact->catalog->name);
        break;
    case P_ROSTER:
        *out = text_or_null(cr_span_of(roster_words[facts->roster % ROSTERS]));
        break;
    case P_LIST:
        *out = text_or_null(code_text(codes_of(fact->catalog, CR_ROLE_LIST), facts->list));
        break;
    case P_STATUS:
        *out = text_or_null(code_text(codes_of(fact->catalog, CR_ROLE_STATUS), facts->status));
        break;
    case P_VALID:
        *out = cr_feel_boolean(fact->version.state == CR_VERSION_CURRENT);
        break;
    case P_KINDS:
        *out = kinds_of(fact, eval);
        break;
    case P_CATEGORY:
        *out = cr_feel_string(cr_category_word(facts->category));
        break;
    case P_RESTORED_ON:
        *out = cr_feel_date(restored_on(fact));
        break;
    case P_RESTORED_AS:
        *out = text_or_null(restored_as(fact));
        break;
    case P_AMOUNT:
        *out = amount(facts->amount_fen);
        break;
    case P_AMOUNT_2:
        *out = amount(facts->amount_2_fen);
        break;
    case P_SEVERITY:
        if (fact->ruled) { *out = text_or_null(cr_severity_word(ruling->severity)); }
        break;
    case P_PUBLISHED:
        *out = ruled_flag(fact, CR_RULED_PUBLISHED);
        break;
    case P_NEGATIVE:
        *out = ruled_flag(fact, CR_RULED_NEGATIVE);
        break;
    case P_REVIEW:
        *out = ruled_flag(fact, CR_RULED_REVIEW);
        break;
    case P_STARTS_ON:
        *out = ruled_date(fact, ruling->starts_on);
        break;
    case P_PUBLISHED_UNTIL:
        *out = ruled_date(fact, ruling->published_until);
        break;
    case P_REPAIRABLE_FROM:
        *out = ruled_date(fact, ruling->repairable_from);
        break;
    case P_UNTIL:
        *out = ruled_date(fact, ruling->until);
        break;
    default:
        *out = tag_of(fact, types, property);
        break;
    }
}

cr_feel_value cr_fact_value(
    const cr_fact_types *types, size_t host, const void *object, uint16_t property, cr_eval *eval)
{
    cr_feel_value value = cr_feel_null();
    types->types[host].get((void *)(uintptr_t)types, object, property, eval, &value);
    return value;
}

/* ---- words and classes ----------------------------------------------------------- */

static uint64_t word_of_date(credit_date date)
{
    return date == CREDIT_DATE_NONE ? 0 : 1 + (uint64_t)(uint32_t)date;
}

static uint64_t word_of_amount(int64_t fen)
{
    return fen < 0 ? 0 : 1 + (uint64_t)fen;
}

/* Words of two catalogs of messages are two, whatever their numbers. */
static uint64_t word_of_restored(const cr_fact *fact)
{
    const cr_fact *message = fact->restored;
    if (message == NULL) { return 0; }
    return (uint64_t)(message->catalog_index + 1) << 8 | message->version.facts.status;
}

static uint64_t word_of_ruling(const cr_fact *fact, uint16_t property)
{
    const cr_ruling *ruling = &fact->version.ruling;
    if (!fact->ruled) { return 0; }
    switch (property) {
    case P_SEVERITY:
        return 1 + (uint64_t)ruling->severity;
    case P_STARTS_ON:
        return word_of_date(ruling->starts_on);
    case P_PUBLISHED_UNTIL:
        return word_of_date(ruling->published_until);
    case P_REPAIRABLE_FROM:
        return word_of_date(ruling->repairable_from);
    case P_UNTIL:
        return word_of_date(ruling->until);
    default:
        return 1 + (uint64_t)ruling->flags;
    }
}

uint64_t cr_fact_word(const cr_fact_types *types, const cr_fact *fact, uint16_t property)
{
    const cr_facts *facts = &fact->version.facts;
    uint32_t value;
    switch (property) {
    case P_CATALOG:
        return 0;
    case P_ROSTER:
        return facts->roster;
    case P_LIST:
        return facts->list;
    case P_STATUS:
        return facts->status;
    case P_VALID:
        return fact->version.state;
    case P_KINDS:
        return facts->kinds;
    case P_CATEGORY:
        return facts->category;
    case P_DECIDED_ON:
        return word_of_date(facts->decided_on);
    case P_VALID_FROM:
        return word_of_date(facts->valid_from);
    case P_VALID_UNTIL:
        return word_of_date(facts->valid_until);
    case P_PUBLICITY_UNTIL:
        return word_of_date(facts->publicity_until);
    case P_NOTIFIED_ON:
        return word_of_date(facts->notified_on);
    case P_REMOVED_ON:
        return word_of_date(facts->removed_on);
    case P_RECEIVED_ON:
        return word_of_date(fact->version.received_on);
    case P_RESTORED_ON:
        return word_of_date(restored_on(fact));
    case P_RESTORED_AS:
        return word_of_restored(fact);
    case P_AMOUNT:
        return word_of_amount(facts->amount_fen);
    case P_AMOUNT_2:
        return word_of_amount(facts->amount_2_fen);
    default:
        if (property < P_TAGS) { return word_of_ruling(fact, property); }
        find_tag(types, fact, property, &value);
        return value;
    }
}

/* Has the property so many values that records are not told apart by them? */
static bool is_open(const cr_fact_types *types, const cr_fact *fact, uint16_t property)
{
    if (property >= P_TAGS) {
        uint32_t value;
        const cr_tag *tag = find_tag(types, fact, property, &value);
        return tag != NULL && tag->kind == CR_TAG_HASH;
    }
    cr_feel_kind kind = record_properties[property].kind;
    return property >= P_SEVERITY || kind == CR_FEEL_DATE || kind == CR_FEEL_NUMBER;
}

uint32_t cr_fact_class(
    const cr_fact_types *types, const cr_fact *fact, uint16_t property, bool *whole)
{
    enum { NONE, FOREVER, GIVEN };
    uint64_t word = cr_fact_word(types, fact, property);
    *whole = true;
    if (!is_open(types, fact, property)) { return (uint32_t)word; }
    if (word == 0) { return NONE; }
    if (property < P_TAGS && record_properties[property].kind == CR_FEEL_DATE &&
        word == word_of_date(CREDIT_DATE_FOREVER)) {
        return FOREVER;
    }
    *whole = false;
    return GIVEN;
}

/* ---- subject and coverage ------------------------------------------------------- */

static const cr_host_property subject_properties[S_COUNT] = {
    [S_CATEGORY] = {{"category", 8}, CR_FEEL_STRING, false, 0, 0},
    [S_KNOWN] = {{"known", 5}, CR_FEEL_BOOLEAN, false, 0, 0},
    [S_STATUS] = {{"status", 6}, CR_FEEL_STRING, false, 0, 0},
    [S_REGISTERED_ON] = {{"registered_on", 13}, CR_FEEL_DATE, false, 0, 0},
    [S_NAME] = {{"name", 4}, CR_FEEL_STRING, false, 0, 0},
};

static void get_subject(
    void *ctx, const void *object, uint16_t property, cr_eval *eval, cr_feel_value *out)
{
    const cr_fact_subject *subject = object;
    (void)ctx;
    (void)eval;
    switch (property) {
    case S_CATEGORY:
        *out = cr_feel_string(cr_category_word(subject->category));
        break;
    case S_KNOWN:
        *out = cr_feel_boolean(subject->known);
        break;
    case S_STATUS:
        *out = text_or_null(subject->status);
        break;
    case S_REGISTERED_ON:
        *out = cr_feel_date(subject->registered_on);
        break;
    case S_NAME:
        *out = text_or_null(subject->name);
        break;
    default:
        break;
    }
}

/* Properties of `covers` are the pack's catalogs, in order. */
static void get_covers(
    void *ctx, const void *object, uint16_t property, cr_eval *eval, cr_feel_value *out)
{
    (void)ctx;
    (void)eval;
    *out = cr_feel_boolean(cr_subject_is_covered(object, property));
}

/* ---- policy -------------------------------------------------------------------------- */

/* How a parameter's type reads; a duration is of either kind. */
static const struct {
    const char *type;
    cr_feel_kind kind;
} parameter_kinds[] = {{"number", CR_FEEL_NUMBER}, {"string", CR_FEEL_STRING},
    {"date", CR_FEEL_DATE}, {"boolean", CR_FEEL_BOOLEAN}, {"duration", CR_FEEL_MONTHS_DURATION},
    {"duration", CR_FEEL_DAYS_DURATION}};
enum { PARAMETER_KINDS = sizeof parameter_kinds / sizeof *parameter_kinds };

static void get_policy(
    void *ctx, const void *object, uint16_t property, cr_eval *eval, cr_feel_value *out)
{
    (void)ctx;
    (void)eval;
    *out = ((const cr_feel_value *)object)[property];
}

credit_result cr_policy_values(
    const cr_pack *pack, cr_arena *arena, const cr_feel_value **values, credit_error *err)
{
    cr_feel_value *list = cr_arena_array(arena, pack->parameter_count + 1, sizeof *list);
    *values = list;
    if (list == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    for (size_t i = 0; i < pack->parameter_count; i++) {
        const cr_parameter *parameter = &pack->parameters[i];
        bool parsed = false;
        for (size_t k = 0; !parsed && k < PARAMETER_KINDS; k++) {
            parsed = cr_span_is(parameter->type, parameter_kinds[k].type) &&
                     cr_feel_parse(parameter_kinds[k].kind, parameter->value, &list[i]);
        }
        if (!parsed) {
            return cr_fail(err, CREDIT_E_PACK, "parameter %.*s: not a %.*s",
                (int)parameter->name.size, parameter->name.data, (int)parameter->type.size,
                parameter->type.data);
        }
    }
    return CREDIT_OK;
}

credit_result cr_policy_narrow(
    const cr_pack *pack, const cr_feel_value *policy, cr_model **out, credit_error *err)
{
    cr_arena arena = CR_ARENA_INIT;
    int input = cr_model_input(pack->model, CR_SPAN("policy"));
    cr_known *known = cr_arena_array(&arena, pack->parameter_count + 1, sizeof *known);
    credit_result rc = known == NULL ? cr_fail(err, CREDIT_E_NOMEM, "out of memory") : CREDIT_OK;
    *out = NULL;
    for (size_t i = 0; known != NULL && i < pack->parameter_count; i++) {
        known[i] = (cr_known){input, (int)i, policy[i], NULL};
    }
    if (rc == CREDIT_OK) {
        size_t count = input < 0 ? 0 : pack->parameter_count;
        rc = cr_model_narrow(pack->model, -1, known, count, out, err);
    }
    cr_arena_release(&arena);
    return rc;
}

static uint8_t parameter_kind(const cr_parameter *parameter)
{
    for (size_t k = 0; k < PARAMETER_KINDS; k++) {
        bool one_kind = parameter_kinds[k].kind != CR_FEEL_MONTHS_DURATION &&
                        parameter_kinds[k].kind != CR_FEEL_DAYS_DURATION;
        if (one_kind && cr_span_is(parameter->type, parameter_kinds[k].type)) {
            return (uint8_t)parameter_kinds[k].kind;
        }
    }
    return CR_FEEL_ANY;
}

/* ---- building ---------------------------------------------------------------------- */

static size_t add_tags(const cr_catalog *catalog, cr_host_property *properties, size_t count)
{
    for (size_t i = 0; i < catalog->tag_count; i++) {
        bool known = false;
        for (size_t k = 0; k < count; k++) {
            known = known || cr_span_equal(properties[k].name, catalog->tags[i].name);
        }
        if (known) { continue; }
        properties[count++] = (cr_host_property){catalog->tags[i].name, CR_FEEL_ANY, false, 0, 0};
    }
    return count;
}

/* Where each catalog keeps the tag that a property names. */
static const int8_t *tag_slots(
    const cr_pack *pack, const cr_host_property *properties, size_t count, cr_arena *arena)
{
    int8_t *slots = cr_arena_array(arena, pack->catalog_count * count + 1, sizeof *slots);
    for (size_t c = 0; slots != NULL && c < pack->catalog_count; c++) {
        const cr_catalog *catalog = &pack->catalogs[c];
        for (size_t p = 0; p < count; p++) {
            int8_t *slot = &slots[c * count + p];
            *slot = -1;
            for (size_t t = 0; t < catalog->tag_count; t++) {
                if (cr_span_equal(catalog->tags[t].name, properties[p].name)) { *slot = (int8_t)t; }
            }
        }
    }
    return slots;
}

credit_result cr_fact_types_build(
    const cr_pack *pack, cr_arena *arena, cr_fact_types *types, credit_error *err)
{
    cr_host_property *record =
        cr_arena_array(arena, P_TAGS + CR_TAGS_MAX * pack->catalog_count, sizeof *record);
    cr_host_property *covers = cr_arena_array(arena, pack->catalog_count + 1, sizeof *covers);
    cr_host_property *policy = cr_arena_array(arena, pack->parameter_count + 1, sizeof *policy);
    if (record == NULL || covers == NULL || policy == NULL) {
        return cr_fail(err, CREDIT_E_NOMEM, "out of memory");
    }
    size_t count = 0;
    for (; count < P_TAGS; count++) {
        record[count] = (cr_host_property){cr_span_of(record_properties[count].name),
            (uint8_t)record_properties[count].kind, record_properties[count].list, 0,
            dates_at[count]};
    }
    for (size_t i = 0; i < pack->catalog_count; i++) {
        count = add_tags(&pack->catalogs[i], record, count);
        covers[i] = (cr_host_property){pack->catalogs[i].name, CR_FEEL_BOOLEAN, false, 0, 0};
    }
    for (size_t i = 0; i < pack->parameter_count; i++) {
        const cr_parameter *parameter = &pack->parameters[i];
        policy[i] = (cr_host_property){parameter->name, parameter_kind(parameter), false, 0, 0};
    }
    types->tag_slots = tag_slots(pack, record, count, arena);
    if (types->tag_slots == NULL) { return cr_fail(err, CREDIT_E_NOMEM, "out of memory"); }
    types->types[CR_HOST_POLICY] =
        (cr_host_type){{"policy", 6}, policy, pack->parameter_count, false, get_policy};
    types->types[CR_HOST_RECORD] = (cr_host_type){{"record", 6}, record, count, true, get_record};
    types->types[CR_HOST_SUBJECT] =
        (cr_host_type){{"subject", 7}, subject_properties, S_COUNT, false, get_subject};
    types->types[CR_HOST_COVERS] =
        (cr_host_type){{"covers", 6}, covers, pack->catalog_count, false, get_covers};
    return CREDIT_OK;
}
