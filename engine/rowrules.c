/* The parametrised row checks that catalogs name, one small function a kind,
 * chosen by table. A blank column passes every check but `required`. */
#include "engine/rowrules.h"

#include <stdio.h>
#include <string.h>

#include "engine/text.h"

enum { FACTOR_YUAN_WAN = 10000, NUMBER_TEXT_MAX = 32, REGION_DIGITS = 6, DATE_DIGITS = 8 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static credit_span code_of(const cr_row *row, size_t field)
{
    return row->catalog->fields[field].code;
}

static credit_span title_of(const cr_row *row, size_t field)
{
    const cr_field *def = &row->catalog->fields[field];
    return def->title.size > 0 ? def->title : def->code;
}

/* The arguments of %.*s for a span. */
#define TEXT(span) (int)(span).size, (span).data

/* ---- conditions --------------------------------------------------------- */

static bool text_is_among(const cr_condition *condition, credit_span value)
{
    for (size_t i = 0; i < condition->count; i++) {
        if (cr_span_equal(condition->words[i], value)) { return true; }
    }
    return false;
}

static bool number_is_among(const cr_condition *condition, uint32_t number)
{
    for (size_t i = 0; i < condition->count; i++) {
        if (number != 0 && condition->numbers[i] == number) { return true; }
    }
    return false;
}

static bool is_in(const cr_row *row, const cr_condition *condition)
{
    const cr_field *def = &row->catalog->fields[condition->field];
    if (cr_field_has_kinds(def)) {
        return (row->typed[condition->field].code & condition->kinds) != 0;
    }
    return def->codes == NULL ? text_is_among(condition, row->values[condition->field])
                              : number_is_among(condition, row->typed[condition->field].code);
}

static bool holds(const cr_row *row, const cr_condition *condition)
{
    bool blank = row->values[condition->field].size == 0;
    switch (condition->kind) {
    case CR_WHEN_BLANK:
        return blank;
    case CR_WHEN_NOT_BLANK:
        return !blank;
    case CR_WHEN_IN:
        return !blank && is_in(row, condition);
    case CR_WHEN_HAS:
        return (row->typed[condition->field].code & condition->kinds) != 0;
    default:
        return false;
    }
}

static bool applies(const cr_row *row, const cr_check *check)
{
    for (size_t i = 0; i < check->when_count; i++) {
        if (!holds(row, &check->when[i])) { return false; }
    }
    return true;
}

/* ---- presence ------------------------------------------------------------- */

/* Blank in a layout that has no such column, or need not fill it. */
static bool is_excused(const cr_row *row, size_t field)
{
    return row->waived != NULL && row->waived[field] && row->values[field].size == 0;
}

static void check_required(cr_row *row, const cr_check *check, size_t field)
{
    if (row->values[field].size > 0 || is_excused(row, field)) { return; }
    if (check->when_count == 0) {
        cr_row_find(row, check->severity, check->rule, (int)field, "required, but blank");
        return;
    }
    cr_row_find(row, check->severity, check->rule, (int)field, "required here because of %.*s",
        TEXT(code_of(row, check->when[0].field)));
}

static void check_empty(cr_row *row, const cr_check *check, size_t field)
{
    if (row->values[field].size == 0) { return; }
    if (check->when_count == 0) {
        cr_row_find(row, check->severity, check->rule, (int)field, "must be blank");
        return;
    }
    cr_row_find(row, check->severity, check->rule, (int)field, "must be blank because of %.*s",
        TEXT(code_of(row, check->when[0].field)));
}

/* ---- numbers of bodies and persons ------------------------------------------ */

static bool is_placeholder(const cr_row *row, credit_span value)
{
    const cr_id_tables *ids = &row->pack->ids;
    for (size_t i = 0; i < ids->placeholder_count; i++) {
        if (cr_span_equal(ids->placeholders[i], value)) { return true; }
    }
    return false;
}

static cr_id_kind wanted_kind(const cr_row *row, const cr_check *check)
{
    static const cr_id_kind kinds[CR_ID_CLASSES] = {
        [CR_ID_CLASS_USCC] = CR_ID_USCC,
        [CR_ID_CLASS_ORG_CODE] = CR_ID_ORG_CODE,
        [CR_ID_CLASS_REG_NO] = CR_ID_REG_NO,
        [CR_ID_CLASS_ANY_ORGANISATION] = CR_ID_UNKNOWN,
        [CR_ID_CLASS_PERSONAL] = CR_ID_UNKNOWN,
    };
    if (check->id != CR_ID_CLASS_PERSONAL || check->other < 0) { return kinds[check->id]; }
    const cr_field *type = &row->catalog->fields[check->other];
    const cr_code *code =
        type->codes == NULL ? NULL : cr_codeset_find(type->codes, row->values[check->other]);
    return code == NULL ? CR_ID_UNKNOWN : cr_id_kind_of(code->code);
}

static const char *fault_of_kind(const cr_check *check, const cr_id *id)
{
    bool person = cr_id_is_personal(id->kind);
    if (check->id == CR_ID_CLASS_PERSONAL) {
        return person ? NULL : "not a natural person's number";
    }
    return person || id->kind == CR_ID_UNKNOWN ? "not an organisation's number" : NULL;
}

/* Where good numbers of the column are remembered: of the few bodies that a
 * source names, never of subjects or persons. */
static cr_memo *memo_of_bodies(const cr_row *row, size_t field)
{
    const cr_field *def = &row->catalog->fields[field];
    bool body = (def->role == CR_ROLE_AUTHORITY_CODE || def->role == CR_ROLE_SOURCE_CODE) &&
                !def->personal && def->codes == NULL;
    return body && row->memory != NULL ? &row->memory->columns[field] : NULL;
}

/* basis: V04, V06, V08 */
static void check_identifier(cr_row *row, const cr_check *check, size_t field)
{
    char shown[CR_SHOWN_MAX];
    cr_memo *memo = memo_of_bodies(row, field);
    uint32_t number = (uint32_t)(check - row->catalog->checks), known;
    if (cr_memo_find(memo, row->values[field], &known) && known == number) { return; }
    if (check->placeholder != CR_CLEAN && is_placeholder(row, row->values[field])) {
        cr_row_find(row, check->placeholder, check->rule, (int)field, "%s only fills the column",
            cr_row_show(row, field, shown));
        return;
    }
    cr_id id = {CR_ID_UNKNOWN, 0, ""};
    cr_id_verdict verdict =
        cr_id_judge(row->values[field], wanted_kind(row, check), &row->pack->ids, &id);
    const char *fault = verdict.valid ? fault_of_kind(check, &id) : verdict.fault;
    if (!verdict.valid && fault == NULL) { fault = "not a known kind of number"; }
    if (fault != NULL) {
        bool more = verdict.detail[0] != '\0';
        cr_row_find(row, check->severity, check->rule, (int)field, "%s: %s%s%s%s",
            cr_row_show(row, field, shown), fault, more ? " (" : "", verdict.detail,
            more ? ")" : "");
    } else if (verdict.warning != NULL) {
        cr_row_find(row, CR_WARNING, check->rule, (int)field, "%s", verdict.warning);
    } else {
        cr_memo_keep(memo, row->values[field], number);
    }
}

/* basis: V05 */
static void check_prefix(cr_row *row, const cr_check *check, size_t field)
{
    bool found = false;
    for (size_t i = 0; i < check->word_count && !found; i++) {
        found = cr_span_starts(row->values[field], check->words[i]);
    }
    if (found != check->negated) { return; }
    char shown[CR_SHOWN_MAX];
    cr_row_find(row, check->severity, check->rule, (int)field, "%s %s with \"%.*s\"%s",
        cr_row_show(row, field, shown), check->negated ? "must not start" : "does not start",
        TEXT(check->words[0]), check->word_count > 1 ? " or the like" : "");
}

static bool is_resident_id(const cr_row *row, credit_span run)
{
    cr_id id = {CR_ID_UNKNOWN, 0, ""};
    bool organisation = cr_id_judge(run, CR_ID_USCC, &row->pack->ids, &id).valid;
    return !organisation && cr_id_judge(run, CR_ID_CN_ID, &row->pack->ids, &id).valid;
}

/* Size of the run of digits at `at`, a closing X included. */
static size_t digit_run(credit_span text, size_t at)
{
    size_t end = at;
    while (end < text.size && is_digit(text.data[end])) { end++; }
    if (end - at == 17 && end < text.size && (text.data[end] == 'X' || text.data[end] == 'x')) {
        end++;
    }
    return end - at;
}

/* basis: V24 */
static void check_no_personal_number(cr_row *row, const cr_check *check, size_t field)
{
    credit_span value = row->values[field];
    for (size_t at = 0; at + 15 <= value.size;) {
        size_t size = digit_run(value, at);
        bool fits = size == 15 || size == 18;
        if (fits && is_resident_id(row, (credit_span){value.data + at, size})) {
            cr_row_find(
                row, check->severity, check->rule, (int)field, "holds a natural person's number");
            return;
        }
        at += size + 1;
    }
}

/* ---- dates ------------------------------------------------------------------ */

static const char *print_end(credit_date date, char out[CR_DATE_TEXT])
{
    return date == CREDIT_DATE_FOREVER ? "long-term" : cr_date_print(date, out);
}

/* basis: V12, V28 */
static void check_order(cr_row *row, const cr_check *check, size_t field)
{
    credit_date earlier = row->typed[field].date;
    credit_date later = row->typed[check->other].date;
    if (earlier == CREDIT_DATE_NONE || later == CREDIT_DATE_NONE || earlier < later ||
        (earlier == later && !check->strict)) {
        return;
    }
    char first[CR_DATE_TEXT], second[CR_DATE_TEXT];
    cr_row_find(row, check->severity, check->rule, check->other, "%s lies %s %.*s %s",
        print_end(later, second), earlier == later ? "on" : "before", TEXT(title_of(row, field)),
        print_end(earlier, first));
}

/* basis: V14 */
static void check_not_past(cr_row *row, const cr_check *check, size_t field)
{
    credit_date date = row->typed[field].date;
    if (date == CREDIT_DATE_NONE || date >= row->today) { return; }
    char text[CR_DATE_TEXT];
    cr_row_find(row, check->severity, check->rule, (int)field, "%s is already over",
        cr_date_print(date, text));
}

/* ---- kinds against amounts and texts ------------------------------------------ */

static uint32_t kinds_of(const cr_row *row)
{
    int16_t field = row->catalog->role_field[CR_ROLE_KINDS];
    return field < 0 ? 0 : row->typed[field].code;
}

static void find_kind_mismatch(
    cr_row *row, const cr_check *check, size_t field, bool has, const char *what)
{
    cr_row_find(row, check->severity, check->rule, (int)field,
        has ? "\"%.*s\" is among the kinds, but there is no %s"
            : "\"%.*s\" is not among the kinds, but there is %s",
        TEXT(check->words[0]), what);
}

/* basis: V16 */
static void check_kind_amount(cr_row *row, const cr_check *check, size_t field)
{
    int64_t amount = row->typed[field].number;
    bool unreadable = amount < 0 && row->values[field].size > 0;
    bool has = (kinds_of(row) & check->kinds) != 0;
    if (!unreadable && !is_excused(row, field) && has != (amount > 0)) {
        find_kind_mismatch(row, check, field, has, has ? "amount above 0" : "an amount");
    }
}

/* basis: V16, licence text */
static void check_kind_text(cr_row *row, const cr_check *check, size_t field)
{
    bool has = (kinds_of(row) & check->kinds) != 0;
    if (!is_excused(row, field) && has != (row->values[field].size > 0)) {
        find_kind_mismatch(row, check, field, has, has ? "text" : "a text");
    }
}

/* Reads "30,000.50" at *at as value * 10^scale, where the unit behind it says
 * the scale: 元 or 万元. False if no amount of money stands there. */
static bool read_money(credit_span text, size_t *at, int64_t *fen)
{
    char number[NUMBER_TEXT_MAX];
    size_t size = 0, end = *at;
    while (end < text.size &&
           (is_digit(text.data[end]) || text.data[end] == '.' || text.data[end] == ',')) {
        if (text.data[end] != ',' && size < sizeof number) { number[size++] = text.data[end]; }
        end++;
    }
    *at = end;
    credit_span rest = cr_span_trim((credit_span){text.data + end, text.size - end});
    unsigned scale = cr_span_starts(rest, CR_SPAN("万元")) ? 6
                     : cr_span_starts(rest, CR_SPAN("元")) ? 2
                                                           : 0;
    return scale > 0 && size < sizeof number &&
           cr_parse_scaled((credit_span){number, size}, scale, fen);
}

static bool is_off_by_factor(int64_t a, int64_t b)
{
    return (a <= INT64_MAX / FACTOR_YUAN_WAN && a * FACTOR_YUAN_WAN == b) ||
           (b <= INT64_MAX / FACTOR_YUAN_WAN && b * FACTOR_YUAN_WAN == a);
}

/* Yuan typed into a column of 万元. basis: V17 */
static void check_amount_text(cr_row *row, const cr_check *check, size_t field)
{
    credit_span text = row->values[field];
    int64_t amount = row->typed[check->other].number;
    bool suspicious = false;
    for (size_t at = 0; at < text.size && amount > 0;) {
        int64_t fen = 0;
        if (!is_digit(text.data[at])) {
            at++;
        } else if (read_money(text, &at, &fen)) {
            if (fen == amount) { return; }
            suspicious = suspicious || (fen > 0 && is_off_by_factor(fen, amount));
        }
    }
    if (suspicious) {
        cr_row_find(row, check->severity, check->rule, check->other,
            "differs by a factor of 10,000 from the amount in %.*s", TEXT(code_of(row, field)));
    }
}

/* ---- the form of a text ------------------------------------------------------ */

/* basis: the pattern of the field's own schema */
static void check_pattern(cr_row *row, const cr_check *check, size_t field)
{
    credit_span value = row->values[field];
    char *text = cr_arena_copy(row->arena, value.data, value.size);
    if (text == NULL) {
        row->failed = true;
        return;
    }
    regmatch_t match[1];
    bool whole = regexec(check->pattern, text, 1, match, 0) == 0 && match[0].rm_so == 0 &&
                 (size_t)match[0].rm_eo == value.size;
    if (!whole) {
        char shown[CR_SHOWN_MAX];
        cr_row_find(row, check->severity, check->rule, (int)field,
            "%s does not have the form the catalog asks for", cr_row_show(row, field, shown));
    }
}

/* ---- codes that hold a date or a region ---------------------------------------- */

static bool digits_at(credit_span text, size_t at, size_t count)
{
    if (text.size < at + count) { return false; }
    for (size_t i = 0; i < count; i++) {
        if (!is_digit(text.data[at + i])) { return false; }
    }
    return true;
}

static void check_code_date(cr_row *row, const cr_check *check, size_t field)
{
    credit_span value = row->values[field];
    credit_date want = row->typed[check->other].date, date = CREDIT_DATE_NONE;
    if (want == CREDIT_DATE_NONE) { return; }
    bool readable = digits_at(value, check->at, DATE_DIGITS) &&
                    cr_date_parse((credit_span){value.data + check->at, DATE_DIGITS}, &date);
    if (!readable || date != want) {
        cr_row_find(row, check->severity, check->rule, (int)field,
            "the date at place %u is not that of %.*s", check->at + 1U,
            TEXT(code_of(row, (size_t)check->other)));
    }
}

/* Of the person whose number stands in the column; false where none does, or one that
 * tells no birth date. */
static bool birth_date(const cr_row *row, size_t field, credit_date *out)
{
    cr_id id = {CR_ID_UNKNOWN, 0, ""};
    bool organisation =
        row->category == CR_CATEGORY_ORGANISATION || row->category == CR_CATEGORY_SOLE_PROPRIETOR;
    return !organisation &&
           cr_id_judge(row->values[field], CR_ID_UNKNOWN, &row->pack->ids, &id).valid &&
           id.kind == CR_ID_CN_ID &&
           cr_date_parse((credit_span){id.number + REGION_DIGITS, DATE_DIGITS}, out);
}

static void check_age(cr_row *row, const cr_check *check, size_t field)
{
    credit_date day = row->typed[check->other].date, birth = CREDIT_DATE_NONE;
    if (day == CREDIT_DATE_NONE || !birth_date(row, field, &birth)) { return; }
    if (cr_date_add_months(birth, 12 * check->at) > day) {
        cr_row_find(row, check->severity, check->rule, (int)field,
            "the person was under %u years on the day of %.*s", (unsigned)check->at,
            TEXT(title_of(row, (size_t)check->other)));
    }
}

static bool region_was_in_force(const cr_row *row, uint32_t code, int32_t year)
{
    const cr_region *region = cr_region_find(&row->pack->ids, code, year);
    return region != NULL && (region->from_year == 0 || region->from_year <= year) &&
           (region->to_year == 0 || region->to_year >= year);
}

static void check_code_region(cr_row *row, const cr_check *check, size_t field)
{
    credit_span value = row->values[field];
    credit_date date = row->typed[check->other].date;
    if (date == CREDIT_DATE_NONE || date == CREDIT_DATE_FOREVER ||
        row->pack->ids.region_count == 0) {
        return;
    }
    uint32_t code = 0;
    bool readable = digits_at(value, check->at, REGION_DIGITS);
    for (size_t i = 0; readable && i < REGION_DIGITS; i++) {
        code = code * 10 + (uint32_t)(value.data[check->at + i] - '0');
    }
    int32_t year, month, day;
    cr_date_to_ymd(date, &year, &month, &day);
    if (!readable || !region_was_in_force(row, code, year)) {
        cr_row_find(row, check->severity, check->rule, (int)field,
            "no region in force in %d at place %u", (int)year, check->at + 1U);
    }
}

/* The store knows the earlier record; the row only says that it needs one.
 * basis: V27 */
static void check_status_needs_earlier(cr_row *row, const cr_check *check, size_t field)
{
    const cr_condition in = {
        CR_WHEN_IN, (uint16_t)field, check->words, check->numbers, check->word_count, check->kinds};
    if (holds(row, &in)) { row->needs_earlier = check->severity; }
}

/* ---- the table ---------------------------------------------------------------- */

typedef struct check_type {
    void (*run)(cr_row *row, const cr_check *check, size_t field);
    bool blank_too; /* does it look at blank columns? */
} check_type;

static const check_type types[CR_CHECK_KINDS] = {
    [CR_CHECK_REQUIRED] = {check_required, true},
    [CR_CHECK_EMPTY] = {check_empty, false},
    [CR_CHECK_IDENTIFIER] = {check_identifier, false},
    [CR_CHECK_PREFIX] = {check_prefix, false},
    [CR_CHECK_ORDER] = {check_order, false},
    [CR_CHECK_NOT_PAST] = {check_not_past, false},
    [CR_CHECK_KIND_AMOUNT] = {check_kind_amount, true},
    [CR_CHECK_KIND_TEXT] = {check_kind_text, true},
    [CR_CHECK_AMOUNT_TEXT] = {check_amount_text, false},
    [CR_CHECK_CHARACTERS] = {cr_check_characters, false},
    [CR_CHECK_PUNCTUATION] = {cr_check_punctuation, false},
    [CR_CHECK_NO_PERSONAL_NUMBER] = {check_no_personal_number, false},
    [CR_CHECK_CODE_DATE] = {check_code_date, false},
    [CR_CHECK_CODE_REGION] = {check_code_region, false},
    [CR_CHECK_STATUS_NEEDS_EARLIER] = {check_status_needs_earlier, false},
    [CR_CHECK_CONTAINS] = {cr_check_contains, false},
    [CR_CHECK_WITHIN] = {cr_check_within, false},
    [CR_CHECK_AGE] = {check_age, false},
    [CR_CHECK_PATTERN] = {check_pattern, false},
};

void cr_row_apply_checks(cr_row *row)
{
    const cr_catalog *catalog = row->catalog;
    for (size_t i = 0; i < catalog->check_count; i++) {
        const cr_check *check = &catalog->checks[i];
        const check_type *type = &types[check->kind];
        if (check->when_count > 0 && !applies(row, check)) { continue; }
        for (size_t j = 0; j < check->field_count; j++) {
            if (type->blank_too || row->values[check->fields[j]].size > 0) {
                type->run(row, check, check->fields[j]);
            }
        }
    }
}
