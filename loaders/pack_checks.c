/* Row checks of a catalog: "checks" of its "credit" block, by table.
 *
 * Each kind of check is one row of `defs`: which members it has and of what
 * type its columns must be. A new kind is a new row here and a function in
 * engine/rowrules.c. */
#include <stdio.h>
#include <string.h>

#include "engine/text.h"
#include "loaders/pack_build.h"

enum { MEMBERS_MAX = 16, AT_MOST = 1000 };

/* What a column must be for a check to make sense of it. */
typedef enum column_need { ANY, A_DATE, A_NUMBER } column_need;

/* What the words of a check are. */
typedef enum list_use {
    PLAIN,    /* texts */
    OF_KINDS, /* words of the KINDS column's code set */
    OF_COLUMN /* words of the judged column's code set, or texts */
} list_use;

typedef struct check_def {
    const char *name;
    cr_check_kind kind;
    const char *target; /* member that names the judged column; "field" may be "fields" */
    column_need target_need;
    const char *other; /* member that names the second column, NULL = none */
    column_need other_need;
    bool other_optional;
    const char *list; /* member with words, NULL = none */
    list_use use;
    bool list_optional;
    const char *extra[2]; /* further members */
} check_def;

/* clang-format off */
static const check_def defs[] = {
    /* name                  kind                           target     need      other         need    optional list      use        optional  extra */
    {"required",             CR_CHECK_REQUIRED,             "field",   ANY,      NULL,         ANY,    true,    NULL,      PLAIN,     true,  {NULL, NULL}},
    {"empty",                CR_CHECK_EMPTY,                "field",   ANY,      NULL,         ANY,    true,    NULL,      PLAIN,     true,  {NULL, NULL}},
    {"identifier",           CR_CHECK_IDENTIFIER,           "field",   ANY,      "type_field", ANY,    true,    NULL,      PLAIN,     true,  {"id", "placeholder"}},
    {"prefix",               CR_CHECK_PREFIX,               "field",   ANY,      NULL,         ANY,    true,    "prefixes", PLAIN,    false, {"not", NULL}},
    {"order",                CR_CHECK_ORDER,                "earlier", A_DATE,   "later",      A_DATE, false,   NULL,      PLAIN,     true,  {"strict", NULL}},
    {"not_past",             CR_CHECK_NOT_PAST,             "field",   A_DATE,   NULL,         ANY,    true,    NULL,      PLAIN,     true,  {NULL, NULL}},
    {"kind_amount",          CR_CHECK_KIND_AMOUNT,          "field",   A_NUMBER, NULL,         ANY,    true,    "words",   OF_KINDS,  false, {NULL, NULL}},
    {"kind_text",            CR_CHECK_KIND_TEXT,            "field",   ANY,      NULL,         ANY,    true,    "words",   OF_KINDS,  false, {NULL, NULL}},
    {"amount_text",          CR_CHECK_AMOUNT_TEXT,          "text",    ANY,      "amount",     A_NUMBER, false, NULL,      PLAIN,     true,  {NULL, NULL}},
    {"characters",           CR_CHECK_CHARACTERS,           "field",   ANY,      NULL,         ANY,    true,    NULL,      PLAIN,     true,  {"mode", NULL}},
    {"punctuation",          CR_CHECK_PUNCTUATION,          "field",   ANY,      NULL,         ANY,    true,    "words",   PLAIN,     true,  {NULL, NULL}},
    {"no_personal_number",   CR_CHECK_NO_PERSONAL_NUMBER,   "field",   ANY,      NULL,         ANY,    true,    NULL,      PLAIN,     true,  {NULL, NULL}},
    {"code_date",            CR_CHECK_CODE_DATE,            "field",   ANY,      "date",       A_DATE, false,   NULL,      PLAIN,     true,  {"at", NULL}},
    {"code_region",          CR_CHECK_CODE_REGION,          "field",   ANY,      "date",       A_DATE, false,   NULL,      PLAIN,     true,  {"at", NULL}},
    {"contains",             CR_CHECK_CONTAINS,             "field",   ANY,      NULL,         ANY,    true,    "words",   PLAIN,     false, {NULL, NULL}},
    {"within",               CR_CHECK_WITHIN,               "field",   ANY,      NULL,         ANY,    true,    "words",   PLAIN,     false, {NULL, NULL}},
    {"age",                  CR_CHECK_AGE,                  "field",   ANY,      "date",       A_DATE, false,   NULL,      PLAIN,     true,  {"at", NULL}},
    {"status_needs_earlier", CR_CHECK_STATUS_NEEDS_EARLIER, "field",   ANY,      NULL,         ANY,    true,    "in",      OF_COLUMN, false, {NULL, NULL}},
};
/* clang-format on */

enum { DEF_COUNT = sizeof defs / sizeof *defs };

static const check_def *find_def(cr_json_node node)
{
    const char *words[DEF_COUNT + 1];
    for (size_t i = 0; i < DEF_COUNT; i++) { words[i] = defs[i].name; }
    words[DEF_COUNT] = NULL;
    credit_span kind = cr_json_text(node);
    for (size_t i = 0; i < DEF_COUNT && node.doc->rc == CREDIT_OK; i++) {
        if (cr_span_is(kind, words[i])) { return &defs[i]; }
    }
    cr_json_fail(node, "no such kind of check \"%s\"", kind.data);
    return NULL;
}

static void refuse_unknown_members(cr_json_node node, const check_def *def)
{
    const char *names[MEMBERS_MAX] = {"rule", "kind", "severity", "when", "basis", "note"};
    size_t count = 6;
    const char *const own[] = {def->target, strcmp(def->target, "field") == 0 ? "fields" : NULL,
        def->other, def->list, def->extra[0], def->extra[1]};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (own[i] != NULL) { names[count++] = own[i]; }
    }
    cr_json_only(node, names);
}

/* ---- columns ------------------------------------------------------------------ */

static void check_need(
    cr_json_node node, const cr_catalog *catalog, uint16_t column, column_need need)
{
    cr_field_type type = catalog->fields[column].type;
    if (need == A_DATE && type != CR_FIELD_DATE && type != CR_FIELD_YEAR) {
        cr_json_fail(node, "%s is not a date", catalog->fields[column].code.data);
    }
    if (need == A_NUMBER && type != CR_FIELD_NUMBER) {
        cr_json_fail(node, "%s is not a number", catalog->fields[column].code.data);
    }
}

static void read_targets(
    cr_json_node node, const check_def *def, const cr_catalog *catalog, cr_check *check)
{
    cr_json_node several = cr_json_get(node, "fields");
    cr_json_node one =
        several.json == NULL ? cr_json_need(node, def->target) : cr_json_get(node, def->target);
    if (several.json != NULL && one.json != NULL) {
        cr_json_fail(node, "has both \"field\" and \"fields\"");
        return;
    }
    size_t count = several.json == NULL ? 1 : cr_json_count(several);
    uint16_t *fields = cr_doc_array(node.doc, count, sizeof *fields);
    if (fields == NULL) {
        cr_json_fail(several, "must name a column");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        cr_json_node item = several.json == NULL ? one : cr_json_item(several, i);
        fields[i] = cr_pack_column(item, catalog);
        check_need(item, catalog, fields[i], def->target_need);
    }
    check->fields = fields;
    check->field_count = count;
}

static void read_other(
    cr_json_node node, const check_def *def, const cr_catalog *catalog, cr_check *check)
{
    check->other = -1;
    if (def->other == NULL) { return; }
    cr_json_node other =
        def->other_optional ? cr_json_get(node, def->other) : cr_json_need(node, def->other);
    if (other.json != NULL) {
        check->other = (int16_t)cr_pack_column(other, catalog);
        check_need(other, catalog, (uint16_t)check->other, def->other_need);
    }
}

/* ---- words ------------------------------------------------------------------- */

/* Number of a word; the bare "other" word has one too. */
static uint32_t number_of(cr_json_node node, const cr_codeset *set, credit_span word)
{
    if (set->other_prefix.size > 0 && cr_span_equal(word, set->other_prefix)) {
        return set->other_number;
    }
    const cr_code *code = cr_codeset_find(set, word);
    if (code == NULL) {
        cr_json_fail(node, "\"%s\" is not a word of %s", word.data, set->name.data);
        return 0;
    }
    return code->number;
}

static uint32_t kinds_of(
    cr_json_node list, const cr_codeset *set, const credit_span *words, size_t count)
{
    uint32_t kinds = 0;
    for (size_t i = 0; i < count; i++) {
        kinds |= UINT32_C(1) << (number_of(cr_json_item(list, i), set, words[i]) & 31);
    }
    return kinds;
}

static const uint32_t *numbers_of(
    cr_json_node list, const cr_codeset *set, const credit_span *words, size_t count)
{
    uint32_t *numbers = cr_doc_array(list.doc, count, sizeof *numbers);
    for (size_t i = 0; numbers != NULL && i < count; i++) {
        numbers[i] = number_of(cr_json_item(list, i), set, words[i]);
    }
    return numbers;
}

/* The code set that words of a check or condition come from; NULL = free text. */
static const cr_codeset *set_of(const cr_catalog *catalog, int column)
{
    return column < 0 ? NULL : catalog->fields[column].codes;
}

static void read_list(
    cr_json_node node, const check_def *def, const cr_catalog *catalog, cr_check *check)
{
    if (def->list == NULL) { return; }
    cr_json_node list =
        def->list_optional ? cr_json_get(node, def->list) : cr_json_need(node, def->list);
    check->words = cr_json_texts(list, &check->word_count);
    if (list.json == NULL || node.doc->rc != CREDIT_OK) { return; }
    if (check->word_count == 0) {
        cr_json_fail(list, "must hold at least one word");
        return;
    }
    if (def->use == PLAIN) { return; }
    int column = def->use == OF_KINDS ? catalog->role_field[CR_ROLE_KINDS] : check->fields[0];
    const cr_codeset *set = set_of(catalog, column);
    if (set == NULL) {
        cr_json_fail(list, def->use == OF_KINDS ? "the catalog has no column with role \"kinds\""
                                                : "the column has no code set");
        return;
    }
    check->numbers = numbers_of(list, set, check->words, check->word_count);
    if (cr_field_has_kinds(&catalog->fields[column])) {
        check->kinds = kinds_of(list, set, check->words, check->word_count);
    }
}

/* ---- conditions ---------------------------------------------------------------- */

static void read_in(cr_json_node list, const cr_catalog *catalog, cr_condition *out)
{
    const cr_field *field = &catalog->fields[out->field];
    out->kind = CR_WHEN_IN;
    out->words = cr_json_texts(list, &out->count);
    if (list.doc->rc != CREDIT_OK || field->codes == NULL) { return; }
    if (cr_field_has_kinds(field)) {
        out->kinds = kinds_of(list, field->codes, out->words, out->count);
    } else {
        out->numbers = numbers_of(list, field->codes, out->words, out->count);
    }
}

static void read_has(cr_json_node node, const cr_catalog *catalog, cr_condition *out)
{
    const cr_field *field = &catalog->fields[out->field];
    credit_span word = cr_json_text(node);
    out->kind = CR_WHEN_HAS;
    if (!cr_field_has_kinds(field)) {
        cr_json_fail(node, "%s does not hold kinds", field->code.data);
        return;
    }
    out->kinds = UINT32_C(1) << (number_of(node, field->codes, word) & 31);
}

static void read_condition(cr_json_node node, const cr_catalog *catalog, cr_condition *out)
{
    static const char *const names[] = {"field", "in", "blank", "has", NULL};
    cr_json_only(node, names);
    out->field = cr_pack_column(cr_json_need(node, "field"), catalog);
    cr_json_node in = cr_json_get(node, "in"), blank = cr_json_get(node, "blank");
    cr_json_node has = cr_json_get(node, "has");
    int given = (in.json != NULL) + (blank.json != NULL) + (has.json != NULL);
    if (given != 1) {
        cr_json_fail(node, "needs one of \"in\", \"blank\" and \"has\"");
        return;
    }
    if (in.json != NULL) {
        read_in(in, catalog, out);
    } else if (blank.json != NULL) {
        out->kind = cr_json_bool(blank) ? CR_WHEN_BLANK : CR_WHEN_NOT_BLANK;
    } else {
        read_has(has, catalog, out);
    }
}

/* One condition, or several that must all hold. */
static void read_when(cr_json_node node, const cr_catalog *catalog, cr_check *check)
{
    if (node.json == NULL) { return; }
    if (!json_is_array(node.json)) {
        read_condition(node, catalog, &check->when[0]);
        check->when_count = 1;
        return;
    }
    size_t count = cr_json_count(node);
    if (count > CR_CONDITIONS_MAX) {
        cr_json_fail(node, "at most %d conditions", CR_CONDITIONS_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        read_condition(cr_json_item(node, i), catalog, &check->when[i]);
    }
    check->when_count = count;
}

/* ---- the rest --------------------------------------------------------------------- */

static cr_severity read_severity(cr_json_node node, cr_severity otherwise)
{
    static const char *const words[] = {"error", "warning", NULL};
    if (node.json == NULL) { return otherwise; }
    return cr_json_choice(node, words) == 0 ? CR_ERROR : CR_WARNING;
}

static void read_extras(cr_json_node node, const check_def *def, cr_check *check)
{
    static const char *const ids[] = {
        "uscc", "org_code", "reg_no", "any_organisation", "personal", NULL};
    static const char *const modes[] = {"name", "long", NULL};
    check->placeholder = read_severity(cr_json_get(node, "placeholder"), CR_CLEAN);
    check->negated = cr_json_bool(cr_json_get(node, "not"));
    check->strict = cr_json_bool(cr_json_get(node, "strict"));
    check->at = (uint16_t)cr_json_number(cr_json_get(node, "at"), AT_MOST);
    if (def->kind == CR_CHECK_IDENTIFIER) {
        check->id = (cr_id_class)cr_json_choice(cr_json_need(node, "id"), ids);
    }
    if (def->kind == CR_CHECK_CHARACTERS) {
        check->cleans = cr_json_choice(cr_json_need(node, "mode"), modes) == 1;
    }
}

static void read_rule(cr_json_node node, cr_check *check)
{
    credit_span rule = cr_json_text(node);
    if (rule.size == 0 || rule.size >= sizeof check->rule) {
        cr_json_fail(node, "a rule's name has 1 to %zu bytes", sizeof check->rule - 1);
        return;
    }
    memcpy(check->rule, rule.data, rule.size);
}

static void read_check(cr_json_node node, const cr_catalog *catalog, cr_check *check)
{
    const check_def *def = find_def(cr_json_need(node, "kind"));
    if (def == NULL) { return; }
    refuse_unknown_members(node, def);
    check->kind = def->kind;
    check->severity = read_severity(cr_json_get(node, "severity"), CR_ERROR);
    read_rule(cr_json_need(node, "rule"), check);
    read_when(cr_json_get(node, "when"), catalog, check);
    read_targets(node, def, catalog, check);
    read_other(node, def, catalog, check);
    if (node.doc->rc == CREDIT_OK) { read_list(node, def, catalog, check); }
    read_extras(node, def, check);
}

void cr_pack_read_checks(
    cr_json_node list, cr_catalog *catalog, const cr_check *patterns, size_t pattern_count)
{
    size_t count = cr_json_count(list);
    cr_check *checks = cr_doc_array(list.doc, pattern_count + count, sizeof *checks);
    if (checks == NULL) { return; }
    for (size_t i = 0; i < pattern_count; i++) { checks[i] = patterns[i]; }
    for (size_t i = 0; i < count && list.doc->rc == CREDIT_OK; i++) {
        read_check(cr_json_item(list, i), catalog, &checks[pattern_count + i]);
    }
    catalog->checks = checks;
    catalog->check_count = pattern_count + count;
}
