/* Catalogs of a pack: catalogs/NAME.json, a Frictionless Table Schema with a
 * "credit" block, resolved so that no name is looked up while rows run. */
#include <stdlib.h>
#include <string.h>

#include "engine/error.h"
#include "engine/text.h"
#include "loaders/pack_build.h"

enum { LENGTH_MOST = 1 << 20, SCALE_MOST = 9, SCALE_WAN = 6, LATE_MOST = 1000 };

/* In the order of cr_role, without CR_ROLE_NONE. */
static const char *const role_words[] = {"subject_name", "subject_category", "subject_uscc",
    "subject_reg_no", "subject_org_code", "subject_id_type", "subject_id_no", "subject_any_no",
    "document_no", "authority", "authority_code", "source", "source_code", "basis", "decided_on",
    "valid_from", "valid_until", "publicity_until", "notified_on", "removed_on", "provided_on",
    "amount", "amount_2", "kinds", "status", "list", "publicity", NULL};
_Static_assert(sizeof role_words / sizeof *role_words == CR_ROLES, "one word a role");

cr_role cr_pack_role(credit_span word)
{
    for (size_t i = 0; role_words[i] != NULL; i++) {
        if (cr_span_is(word, role_words[i])) { return (cr_role)(i + 1); }
    }
    return CR_ROLE_NONE;
}

const char *cr_pack_role_word(cr_role role)
{
    return role == CR_ROLE_NONE ? "none" : role_words[role - 1];
}

/* What a column must be to play a role. */
typedef enum role_need { NEEDS_NOTHING, NEEDS_DATE, NEEDS_AMOUNT, NEEDS_CODES } role_need;

static role_need need_of(cr_role role)
{
    switch (role) {
    case CR_ROLE_DECIDED_ON:
    case CR_ROLE_VALID_FROM:
    case CR_ROLE_VALID_UNTIL:
    case CR_ROLE_PUBLICITY_UNTIL:
    case CR_ROLE_NOTIFIED_ON:
    case CR_ROLE_REMOVED_ON:
    case CR_ROLE_PROVIDED_ON:
        return NEEDS_DATE;
    case CR_ROLE_AMOUNT:
    case CR_ROLE_AMOUNT_2:
        return NEEDS_AMOUNT;
    case CR_ROLE_SUBJECT_CATEGORY:
    case CR_ROLE_KINDS:
    case CR_ROLE_STATUS:
    case CR_ROLE_LIST:
    case CR_ROLE_PUBLICITY:
        return NEEDS_CODES;
    default:
        return NEEDS_NOTHING;
    }
}

/* A code set by the node's name; NULL if absent or after a mistake. */
static const cr_codeset *named_set(const cr_pack_builder *b, cr_json_node node)
{
    if (node.json == NULL) { return NULL; }
    credit_span name = cr_json_text(node);
    const cr_codeset *set = cr_pack_codeset(b->pack, name);
    if (set == NULL) { cr_json_fail(node, "no such code set \"%s\"", name.data); }
    return set;
}

/* ---- one column ------------------------------------------------------------- */

static void read_mask(cr_json_node node, cr_field *field)
{
    static const char *const names[] = {"left", "right", "scope", NULL};
    if (node.json == NULL) { return; }
    cr_json_only(node, names);
    field->masked = true;
    field->mask_left = (uint8_t)cr_json_number(cr_json_need(node, "left"), UINT8_MAX);
    field->mask_right = (uint8_t)cr_json_number(cr_json_need(node, "right"), UINT8_MAX);
    field->mask_scope = cr_pack_scope(cr_json_need(node, "scope"), false);
    /* A column for any number is the authorised's alone in a row about a person. */
    cr_scope clear = field->role == CR_ROLE_SUBJECT_ANY_NO ? CR_SCOPE_AUTHORIZED : field->scope;
    if (node.doc->rc == CREDIT_OK && field->mask_scope >= clear) {
        cr_json_fail(node, "the mask is for those below the scope that sees the column in clear");
    }
}

static void check_kinds_numbers(cr_json_node node, const cr_codeset *set)
{
    for (size_t i = 0; i < set->code_count; i++) {
        if (set->codes[i].number >= CR_KINDS_MAX) {
            cr_json_fail(node, "\"%s\" has number %u, kinds go from 0 to %d",
                set->codes[i].word.data, set->codes[i].number, CR_KINDS_MAX - 1);
        }
    }
}

static void check_role(cr_json_node node, const cr_field *field)
{
    role_need need = need_of(field->role);
    if (need == NEEDS_DATE && field->type != CR_FIELD_DATE && field->type != CR_FIELD_YEAR) {
        cr_json_fail(node, "the role asks for type \"date\" or \"year\"");
    }
    if (need == NEEDS_AMOUNT && (field->type != CR_FIELD_NUMBER || field->scale > SCALE_WAN)) {
        cr_json_fail(node, "the role asks for type \"number\" of at most %d decimals", SCALE_WAN);
    }
    if (need == NEEDS_CODES && field->codes == NULL) {
        cr_json_fail(node, "the role asks for \"codes\"");
    }
}

static void check_codes(cr_json_node node, const cr_field *field)
{
    if (field->codes == NULL) { return; }
    if (field->type != CR_FIELD_STRING) {
        cr_json_fail(node, "only a column of type \"string\" can have codes");
    }
    if (cr_field_has_kinds(field)) { check_kinds_numbers(node, field->codes); }
}

static void read_role(cr_json_node node, cr_field *field)
{
    if (node.json == NULL) { return; }
    int word = cr_json_choice(node, role_words);
    field->role = node.doc->rc == CREDIT_OK ? (cr_role)(word + 1) : CR_ROLE_NONE;
}

/* Texts that repeat are kept once for all subjects: nothing may stand there that is
 * a person's, or tells one subject from another. Free text may hold either. */
static void check_repeats(cr_json_node node, const cr_field *field)
{
    static const cr_role telling[] = {CR_ROLE_SUBJECT_NAME, CR_ROLE_SUBJECT_USCC,
        CR_ROLE_SUBJECT_REG_NO, CR_ROLE_SUBJECT_ORG_CODE, CR_ROLE_SUBJECT_ID_NO,
        CR_ROLE_SUBJECT_ANY_NO, CR_ROLE_DOCUMENT_NO};
    bool own = field->personal || field->masked || (int)field->scope == CR_SCOPE_NEVER ||
               field->type == CR_FIELD_NUMBER || (field->long_text && field->role != CR_ROLE_BASIS);
    for (size_t i = 0; i < sizeof telling / sizeof *telling; i++) {
        own = own || field->role == telling[i];
    }
    if (own) { cr_json_fail(node, "a column that may hold what is one subject's cannot repeat"); }
}

static void read_field_credit(
    cr_pack_builder *b, cr_json_node node, cr_field *field, cr_scope scope)
{
    static const char *const names[] = {"role", "aliases", "codes", "personal", "long_text",
        "repeats", "scale", "scope", "mask", NULL};
    field->scope = scope;
    field->scale = SCALE_WAN;
    if (node.json == NULL) { return; }
    cr_json_only(node, names);
    read_role(cr_json_get(node, "role"), field);
    field->aliases = cr_json_texts(cr_json_get(node, "aliases"), &field->alias_count);
    field->codes = named_set(b, cr_json_get(node, "codes"));
    field->personal = cr_json_bool(cr_json_get(node, "personal"));
    field->long_text = cr_json_bool(cr_json_get(node, "long_text"));
    cr_json_node scale = cr_json_get(node, "scale");
    if (scale.json != NULL) { field->scale = (uint8_t)cr_json_number(scale, SCALE_MOST); }
    cr_json_node own_scope = cr_json_get(node, "scope");
    if (own_scope.json != NULL) { field->scope = cr_pack_scope(own_scope, true); }
    read_mask(cr_json_get(node, "mask"), field);
    check_role(cr_json_get(node, "role"), field);
    check_codes(cr_json_get(node, "codes"), field);
    field->repeats = cr_json_bool(cr_json_get(node, "repeats"));
    if (field->repeats) { check_repeats(cr_json_get(node, "repeats"), field); }
}

static regex_t *compile_pattern(cr_json_node node)
{
    credit_span text = cr_json_text(node);
    regex_t *pattern = cr_doc_array(node.doc, 1, sizeof *pattern);
    if (pattern == NULL) { return NULL; }
    int code = regcomp(pattern, text.data, REG_EXTENDED);
    if (code == 0) { return pattern; }
    char why[128];
    regerror(code, pattern, why, sizeof why);
    cr_json_fail(node, "\"%s\" is not a pattern: %s", text.data, why);
    return NULL;
}

/* The pattern of a column that has one, compiled and as it is written. */
typedef struct pattern {
    regex_t *compiled; /* NULL: none */
    credit_span *text;
} pattern;

/* Length and presence go into the column, the pattern becomes a check. */
static void read_constraints(cr_json_node node, cr_field *field, pattern *out)
{
    static const char *const names[] = {"required", "maxLength", "pattern", NULL};
    *out = (pattern){NULL, NULL};
    if (node.json == NULL) { return; }
    cr_json_only(node, names);
    field->required = cr_json_bool(cr_json_get(node, "required"));
    field->length_max = cr_json_number(cr_json_get(node, "maxLength"), LENGTH_MOST);
    cr_json_node text = cr_json_get(node, "pattern");
    if (text.json == NULL) { return; }
    out->text = cr_doc_array(node.doc, 1, sizeof *out->text);
    if (out->text == NULL) { return; }
    *out->text = cr_json_text(text);
    out->compiled = compile_pattern(text);
}

static cr_field_type read_type(cr_json_node node)
{
    static const char *const words[] = {"string", "date", "number", "year", NULL};
    return node.json == NULL ? CR_FIELD_STRING : (cr_field_type)cr_json_choice(node, words);
}

static void read_field(
    cr_pack_builder *b, cr_json_node node, cr_field *field, cr_scope scope, pattern *out)
{
    static const char *const names[] = {
        "name", "title", "description", "type", "format", "constraints", "credit", NULL};
    cr_json_only(node, names);
    field->code = cr_json_text(cr_json_need(node, "name"));
    field->title = cr_json_text(cr_json_get(node, "title"));
    field->description = cr_json_text(cr_json_get(node, "description"));
    field->type = read_type(cr_json_get(node, "type"));
    read_constraints(cr_json_get(node, "constraints"), field, out);
    read_field_credit(b, cr_json_get(node, "credit"), field, scope);
    if (node.doc->rc == CREDIT_OK && field->code.size == 0) {
        cr_json_fail(cr_json_get(node, "name"), "the name is blank");
    }
}

/* ---- the columns together ------------------------------------------------------ */

static bool name_is_taken(const cr_field *fields, size_t count, credit_span name)
{
    cr_catalog before = {.fields = fields, .field_count = count};
    return cr_catalog_field(&before, name) >= 0;
}

static void refuse_shared_names(cr_json_node list, const cr_field *fields, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const cr_field *field = &fields[i];
        credit_span taken = name_is_taken(fields, i, field->code)    ? field->code
                            : name_is_taken(fields, i, field->title) ? field->title
                                                                     : (credit_span){"", 0};
        for (size_t j = 0; j < field->alias_count && taken.size == 0; j++) {
            if (name_is_taken(fields, i, field->aliases[j])) { taken = field->aliases[j]; }
        }
        if (taken.size > 0) {
            cr_json_fail(
                cr_json_item(list, i), "\"%s\" is the name of an earlier column too", taken.data);
        }
    }
}

static void index_roles(cr_json_node list, cr_catalog *catalog)
{
    for (size_t i = 0; i < CR_ROLES; i++) { catalog->role_field[i] = -1; }
    for (size_t i = 0; i < catalog->field_count; i++) {
        cr_role role = catalog->fields[i].role;
        if (role == CR_ROLE_NONE) { continue; }
        if (catalog->role_field[role] >= 0) {
            cr_json_fail(cr_json_item(list, i), "role \"%s\" is taken by %s", role_words[role - 1],
                catalog->fields[catalog->role_field[role]].code.data);
        }
        catalog->role_field[role] = (int16_t)i;
    }
}

static void require_subject(cr_json_node list, const cr_catalog *catalog)
{
    static const cr_role numbers[] = {CR_ROLE_SUBJECT_USCC, CR_ROLE_SUBJECT_REG_NO,
        CR_ROLE_SUBJECT_ORG_CODE, CR_ROLE_SUBJECT_ID_NO, CR_ROLE_SUBJECT_ANY_NO};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        if (catalog->role_field[numbers[i]] >= 0) { return; }
    }
    cr_json_fail(list, "no column holds the number of the subject");
}

static void add_pattern(cr_check *patterns, size_t *count, uint16_t *field, const pattern *found)
{
    if (found->compiled == NULL) { return; }
    cr_check *check = &patterns[(*count)++];
    *check = (cr_check){.kind = CR_CHECK_PATTERN,
        .severity = CR_ERROR,
        .rule = "PATTERN",
        .fields = field,
        .field_count = 1,
        .other = -1,
        .words = found->text,
        .word_count = 1,
        .pattern = found->compiled};
}

/* Patterns are owned from the first on: a catalog that fails later frees them. */
static void read_fields(cr_pack_builder *b, cr_json_node list, cr_catalog *catalog)
{
    size_t count = cr_json_count(list);
    if (count == 0 || count > CR_FIELDS_MAX) {
        cr_json_fail(list, "%zu columns; from 1 to %d are possible", count, CR_FIELDS_MAX);
        return;
    }
    cr_field *fields = cr_doc_array(list.doc, count, sizeof *fields);
    cr_check *patterns = cr_doc_array(list.doc, count, sizeof *patterns);
    uint16_t *numbers = cr_doc_array(list.doc, count, sizeof *numbers);
    if (fields == NULL || patterns == NULL || numbers == NULL) { return; }
    catalog->fields = fields;
    catalog->field_count = count;
    catalog->checks = patterns;
    for (size_t i = 0; i < count && list.doc->rc == CREDIT_OK; i++) {
        pattern found = {NULL, NULL};
        numbers[i] = (uint16_t)i;
        read_field(b, cr_json_item(list, i), &fields[i], catalog->scope, &found);
        add_pattern(patterns, &catalog->check_count, &numbers[i], &found);
    }
    if (list.doc->rc == CREDIT_OK) {
        refuse_shared_names(list, fields, count);
        index_roles(list, catalog);
        require_subject(list, catalog);
    }
}

uint16_t cr_pack_column(cr_json_node node, const cr_catalog *catalog)
{
    credit_span name = cr_json_text(node);
    if (node.json == NULL || node.doc->rc != CREDIT_OK) { return 0; }
    for (size_t i = 0; i < catalog->field_count; i++) {
        if (cr_span_equal(catalog->fields[i].code, name)) { return (uint16_t)i; }
    }
    cr_json_fail(node, "no such column \"%s\"", name.data);
    return 0;
}

/* ---- the "credit" block ----------------------------------------------------- */

static void read_key(cr_json_node list, cr_catalog *catalog)
{
    size_t count = cr_json_count(list);
    if (count > CR_KEY_MAX) {
        cr_json_fail(list, "a key has at most %d columns", CR_KEY_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        cr_json_node item = cr_json_item(list, i);
        catalog->key_fallback[i] = -1;
        if (!json_is_array(item.json)) {
            catalog->key_fields[i] = cr_pack_column(item, catalog);
            continue;
        }
        if (cr_json_count(item) != 2) {
            cr_json_fail(item, "a column and the one used where it is blank");
            return;
        }
        catalog->key_fields[i] = cr_pack_column(cr_json_item(item, 0), catalog);
        catalog->key_fallback[i] = (int16_t)cr_pack_column(cr_json_item(item, 1), catalog);
    }
    catalog->key_count = count;
}

static void check_categories(cr_json_node node, const cr_codeset *set)
{
    for (size_t i = 0; i < set->code_count; i++) {
        uint32_t number = set->codes[i].number;
        if (number < CR_CATEGORY_ORGANISATION || number > CR_CATEGORY_SOLE_PROPRIETOR) {
            cr_json_fail(node, "\"%s\" has number %u: 1 organisation, 2 person, 3 sole proprietor",
                set->codes[i].word.data, number);
        }
    }
}

static void read_categories(cr_pack_builder *b, cr_json_node node, cr_catalog *catalog)
{
    int16_t field = catalog->role_field[CR_ROLE_SUBJECT_CATEGORY];
    const cr_codeset *of_column = field < 0 ? NULL : catalog->fields[field].codes;
    const cr_codeset *named = named_set(b, node);
    catalog->categories = named != NULL ? named : of_column;
    if (named != NULL && of_column != NULL && named != of_column) {
        cr_json_fail(node, "the category column has code set \"%s\"", of_column->name.data);
    }
    if (catalog->categories != NULL) { check_categories(node, catalog->categories); }
}

/* Number of a word of the status column; 0 after a mistake. */
static uint32_t read_status_word(cr_json_node node, const cr_catalog *catalog)
{
    int16_t field = catalog->role_field[CR_ROLE_STATUS];
    if (field < 0) {
        cr_json_fail(node, "the catalog has no column with role \"status\"");
        return 0;
    }
    credit_span word = cr_json_text(node);
    const cr_code *code = cr_codeset_find(catalog->fields[field].codes, word);
    if (code != NULL && code->number != 0) { return code->number; }
    cr_json_fail(node, "\"%s\" is not a word of the status column", word.data);
    return 0;
}

static void read_status_valid(cr_json_node node, cr_catalog *catalog)
{
    if (node.json != NULL) { catalog->status_valid = read_status_word(node, catalog); }
}

static void read_retires(cr_json_node node, cr_catalog *catalog)
{
    size_t count = node.json == NULL ? 0 : cr_json_count(node);
    if (node.json != NULL && catalog->kind != CR_CATALOG_CORRECTION) {
        cr_json_fail(node, "only a correction retires codes");
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t number = read_status_word(cr_json_item(node, i), catalog);
        if (number > 31) { cr_json_fail(node, "status words that retire have numbers up to 31"); }
        catalog->retires |= UINT32_C(1) << (number & 31);
    }
}

static void read_late(cr_json_node node, cr_catalog *catalog)
{
    catalog->late_working_days = cr_json_number(node, LATE_MOST);
    if (catalog->late_working_days > 0 && catalog->role_field[CR_ROLE_DECIDED_ON] < 0) {
        cr_json_fail(node, "lateness needs a column with role \"decided_on\"");
    }
}

static void read_tag(cr_pack_builder *b, cr_json_node node, const cr_catalog *catalog, cr_tag *tag)
{
    static const char *const names[] = {"name", "field", "kind", "codes", NULL};
    static const char *const kinds[] = {"code", "pattern", "hash", NULL};
    cr_json_only(node, names);
    tag->name = cr_json_text(cr_json_need(node, "name"));
    tag->field = cr_pack_column(cr_json_need(node, "field"), catalog);
    tag->kind = (cr_tag_kind)cr_json_choice(cr_json_need(node, "kind"), kinds);
    cr_json_node codes = cr_json_get(node, "codes");
    tag->codes = named_set(b, codes);
    if (tag->codes == NULL && tag->kind == CR_TAG_CODE) {
        tag->codes = catalog->fields[tag->field].codes;
    }
    if (node.doc->rc == CREDIT_OK && (tag->codes == NULL) != (tag->kind == CR_TAG_HASH)) {
        cr_json_fail(node, tag->codes == NULL ? "needs \"codes\"" : "a hash has no codes");
    }
}

static void read_tags(cr_pack_builder *b, cr_json_node list, cr_catalog *catalog)
{
    size_t count = cr_json_count(list);
    if (count > CR_TAGS_MAX) {
        cr_json_fail(list, "a catalog has at most %d tags", CR_TAGS_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        read_tag(b, cr_json_item(list, i), catalog, &catalog->tags[i]);
        for (size_t j = 0; j < i; j++) {
            if (cr_span_equal(catalog->tags[i].name, catalog->tags[j].name)) {
                cr_json_fail(cr_json_item(list, i), "the name is taken by an earlier tag");
            }
        }
    }
    catalog->tag_count = count;
}

static void read_head(cr_json_node credit, cr_catalog *catalog)
{
    static const char *const names[] = {"kind", "roster", "section", "scope", "key", "categories",
        "status_valid", "retires", "creates_subject", "ties_numbers", "late_working_days", "tags",
        "message", "checks", "defaults", "profiles", NULL};
    static const char *const kinds[] = {"record", "register", "correction", NULL};
    static const char *const rosters[] = {"honour", "serious", "watch", NULL};
    cr_json_only(credit, names);
    catalog->kind = (cr_catalog_kind)cr_json_choice(cr_json_need(credit, "kind"), kinds);
    cr_json_node roster = cr_json_get(credit, "roster");
    if (roster.json != NULL) {
        catalog->roster = (cr_roster_kind)(cr_json_choice(roster, rosters) + 1);
    }
    catalog->section = cr_json_text(cr_json_get(credit, "section"));
    catalog->scope = cr_pack_scope(cr_json_need(credit, "scope"), false);
    catalog->creates_subject = cr_json_bool(cr_json_get(credit, "creates_subject"));
    catalog->ties_numbers = cr_json_bool(cr_json_get(credit, "ties_numbers"));
}

/* Without a decision, a body, a basis and a list of the edition nobody is listed. */
static void check_serious(cr_json_node node, const cr_catalog *catalog)
{
    static const cr_role needed[] = {
        CR_ROLE_DOCUMENT_NO, CR_ROLE_DECIDED_ON, CR_ROLE_AUTHORITY, CR_ROLE_BASIS, CR_ROLE_LIST};
    if (catalog->roster != CR_ROSTER_SERIOUS || node.doc->rc != CREDIT_OK) { return; }
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        if (catalog->role_field[needed[i]] < 0) {
            cr_json_fail(node, "a serious list needs a column with the role \"%s\"",
                cr_pack_role_word(needed[i]));
            return;
        }
    }
    if (catalog->fields[catalog->role_field[CR_ROLE_LIST]].codes == NULL) {
        cr_json_fail(node, "the column of the list needs a code set");
    }
}

static void read_rest(cr_pack_builder *b, cr_json_node credit, cr_catalog *catalog)
{
    read_key(cr_json_get(credit, "key"), catalog);
    read_categories(b, cr_json_get(credit, "categories"), catalog);
    read_status_valid(cr_json_get(credit, "status_valid"), catalog);
    read_retires(cr_json_get(credit, "retires"), catalog);
    read_late(cr_json_get(credit, "late_working_days"), catalog);
    read_tags(b, cr_json_get(credit, "tags"), catalog);
    cr_pack_read_checks(
        cr_json_get(credit, "checks"), catalog, catalog->checks, catalog->check_count);
    cr_pack_read_defaults(cr_json_get(credit, "defaults"), catalog);
    cr_pack_read_profiles(cr_json_get(credit, "profiles"), catalog);
    cr_pack_read_message(cr_json_get(credit, "message"), catalog);
    check_serious(cr_json_get(credit, "roster"), catalog);
}

/* Names the frame layout of stored records: SHA-256 over u32 size and bytes of
 * each column code in order. */
static credit_result digest_schema(cr_pack_builder *b, cr_catalog *catalog)
{
    credit_span parts[2 * CR_FIELDS_MAX];
    unsigned char sizes[CR_FIELDS_MAX][4];
    for (size_t i = 0; i < catalog->field_count; i++) {
        credit_span code = catalog->fields[i].code;
        for (size_t k = 0; k < 4; k++) {
            sizes[i][k] = (unsigned char)(code.size >> (8 * (3 - k)));
        }
        parts[2 * i] = (credit_span){(const char *)sizes[i], 4};
        parts[2 * i + 1] = code;
    }
    credit_result rc =
        b->crypto->digest(b->hasher, parts, 2 * catalog->field_count, catalog->schema_digest);
    return rc == CREDIT_OK ? rc : cr_fail(b->err, rc, "a catalog could not be digested");
}

static void read_catalog(
    cr_pack_builder *b, cr_json_node root, credit_span name, cr_catalog *catalog)
{
    static const char *const names[] = {"name", "title", "description", "fields", "credit",
        "missingValues", "primaryKey", "profile", "$schema", NULL};
    cr_json_only(root, names);
    catalog->name = cr_json_text(cr_json_need(root, "name"));
    catalog->title = cr_json_text(cr_json_need(root, "title"));
    if (root.doc->rc == CREDIT_OK && !cr_span_equal(catalog->name, name)) {
        cr_json_fail(
            cr_json_get(root, "name"), "\"%s\" in a file named %s", catalog->name.data, name.data);
    }
    cr_json_node credit = cr_json_need(root, "credit");
    read_head(credit, catalog);
    read_fields(b, cr_json_need(root, "fields"), catalog);
    if (root.doc->rc == CREDIT_OK) { read_rest(b, credit, catalog); }
    if (root.doc->rc == CREDIT_OK) { root.doc->rc = digest_schema(b, catalog); }
}

credit_result cr_pack_read_catalog(cr_pack_builder *b, credit_span name, cr_catalog *out)
{
    char *path = cr_arena_printf(b->arena, "catalogs/%s.json", name.data);
    if (path == NULL) { return cr_fail(b->err, CREDIT_E_NOMEM, "out of memory reading a catalog"); }
    const cr_pack_file *file = cr_pack_builder_file(b, "pack.json", path);
    if (file == NULL) { return CREDIT_E_PACK; }
    cr_doc doc;
    cr_json_node root = cr_doc_open(&doc, path, file->bytes, b->arena, b->err);
    doc.pack = b->pack;
    if (root.json != NULL) { read_catalog(b, root, name, out); }
    return cr_doc_close(&doc);
}
