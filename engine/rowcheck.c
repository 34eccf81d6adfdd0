#include "engine/rowcheck.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/text.h"

enum {
    SHOWN_CHARACTERS = 40,
    EXCEL_SERIAL_DIGITS = 5 /* days since 1899-12-30, as a sheet shows an unformatted date */
};

static const cr_field *field_of(const cr_row *row, size_t field)
{
    return &row->catalog->fields[field];
}

/* ---- findings ---------------------------------------------------------- */

static void copy_text(char *out, size_t room, credit_span text)
{
    size_t size = text.size < room ? text.size : room - 1;
    while (size > 0 && size < text.size && ((unsigned char)text.data[size] & 0xC0) == 0x80) {
        size--;
    }
    if (size > 0) { memcpy(out, text.data, size); }
    out[size] = '\0';
}

/* A cut message must not end inside a character. */
static void format_message(char out[CR_MESSAGE_MAX], const char *format, va_list args)
{
    char whole[2 * CR_MESSAGE_MAX];
    int size = vsnprintf(whole, sizeof whole, format, args);
    size_t written = size < 0 ? 0 : (size_t)size;
    if (written >= sizeof whole) { written = sizeof whole - 1; }
    copy_text(out, CR_MESSAGE_MAX, (credit_span){whole, written});
}

static cr_finding *place_for(cr_row *row, cr_severity severity)
{
    bool first_error = severity == CR_ERROR && row->errors == 0;
    if (row->finding_count < CR_FINDINGS_MAX) {
        row->finding_count++;
    } else if (!first_error) {
        return NULL;
    }
    size_t last = row->finding_count - 1;
    if (!first_error) { return &row->findings[last]; }
    row->findings[last] = row->findings[0];
    return &row->findings[0];
}

void cr_row_find(
    cr_row *row, cr_severity severity, const char *rule, int field, const char *format, ...)
{
    cr_finding *finding = place_for(row, severity);
    row->errors += severity == CR_ERROR;
    row->warnings += severity == CR_WARNING;
    if (finding == NULL) { return; }
    finding->severity = severity;
    copy_text(finding->rule, sizeof finding->rule, cr_span_of(rule));
    credit_span code = field < 0 ? (credit_span){"", 0} : field_of(row, (size_t)field)->code;
    copy_text(finding->field, sizeof finding->field, code);
    va_list args;
    va_start(args, format);
    format_message(finding->message, format, args);
    va_end(args);
}

static credit_span first_characters(credit_span text, size_t count)
{
    size_t offset = 0;
    while (count-- > 0 && offset < text.size) { (void)cr_utf8_next(text, &offset); }
    return (credit_span){text.data, offset};
}

/* Messages stand in one line of a CSV file: no control codes. */
static void blank_control_codes(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || *text == 0x7F) { *text = ' '; }
    }
}

/* A column for both organisations and persons is personal unless the row says
 * that it is an organisation's. */
static bool is_hidden(const cr_row *row, size_t field)
{
    const cr_field *def = field_of(row, field);
    bool organisation =
        row->category == CR_CATEGORY_ORGANISATION || row->category == CR_CATEGORY_SOLE_PROPRIETOR;
    return def->personal || def->role == CR_ROLE_SUBJECT_ID_NO ||
           (def->role == CR_ROLE_SUBJECT_ANY_NO && !organisation);
}

const char *cr_row_show(const cr_row *row, size_t field, char out[CR_SHOWN_MAX])
{
    credit_span value = row->values[field];
    if (is_hidden(row, field)) {
        snprintf(out, CR_SHOWN_MAX, "a value of %zu characters", cr_utf8_length(value));
        return out;
    }
    /* Masked before it is cut: half a number would not look like one. */
    credit_span window = first_characters(value, 2 * SHOWN_CHARACTERS);
    credit_span masked = cr_mask_free_text(window, row->arena);
    if (masked.data == NULL) { masked = (credit_span){"", 0}; }
    credit_span cut = first_characters(masked, SHOWN_CHARACTERS);
    char text[CR_SHOWN_MAX - 8];
    copy_text(text, sizeof text, cut);
    blank_control_codes(text);
    snprintf(out, CR_SHOWN_MAX, "\"%s%s\"", text, cut.size < value.size ? "…" : "");
    return out;
}

/* ---- cleaning ---------------------------------------------------------- */

static bool span_among(credit_span text, const credit_span *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (cr_span_equal(text, words[i])) { return true; }
    }
    return false;
}

/* Columns whose text is a number of some kind, not prose. basis: V21 */
static bool is_half_width_column(const cr_field *field)
{
    switch (field->role) {
    case CR_ROLE_SUBJECT_USCC:
    case CR_ROLE_SUBJECT_REG_NO:
    case CR_ROLE_SUBJECT_ORG_CODE:
    case CR_ROLE_SUBJECT_ID_NO:
    case CR_ROLE_SUBJECT_ANY_NO:
    case CR_ROLE_AUTHORITY_CODE:
    case CR_ROLE_SOURCE_CODE:
        return true;
    default:
        return field->type != CR_FIELD_STRING;
    }
}

static bool make_half_width(cr_row *row, credit_span *value)
{
    if (memchr(value->data, 0xEF, value->size) == NULL &&
        memchr(value->data, 0xE3, value->size) == NULL) {
        return true;
    }
    char *folded = cr_arena_alloc(row->arena, value->size);
    if (folded == NULL) { return false; }
    *value = cr_span_trim((credit_span){folded, cr_fold_width(*value, folded)});
    return true;
}

/* ---- what the schema says of one column ---------------------------------- */

static void judge_missing(cr_row *row, size_t field, bool was_placeholder, credit_span seen)
{
    if (!field_of(row, field)->required || (row->waived != NULL && row->waived[field])) { return; }
    if (!was_placeholder) {
        cr_row_find(row, CR_ERROR, "V01", (int)field, "required, but blank");
        return;
    }
    cr_row_find(row, CR_ERROR, "V02", (int)field, "required, but holds the blank word \"%.*s\"",
        (int)seen.size, seen.data);
}

static bool date_among(credit_date date, const credit_date *dates, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (dates[i] == date) { return true; }
    }
    return false;
}

static bool looks_like_excel_serial(credit_span text)
{
    if (text.size != EXCEL_SERIAL_DIGITS) { return false; }
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') { return false; }
    }
    return true;
}

static credit_date latest_long_term(const cr_pack *pack)
{
    credit_date latest = CREDIT_DATE_NONE;
    for (size_t i = 0; i < pack->long_term_date_count; i++) {
        latest = pack->long_term_dates[i] > latest ? pack->long_term_dates[i] : latest;
    }
    return latest;
}

static void judge_decision_date(cr_row *row, size_t field, credit_date date)
{
    char text[CR_DATE_TEXT];
    if (date == CREDIT_DATE_FOREVER) {
        cr_row_find(row, CR_ERROR, "V11", (int)field, "a decision date cannot be long-term");
        return;
    }
    if (date > row->today) {
        cr_row_find(row, CR_ERROR, "V11", (int)field, "decision date %s lies in the future",
            cr_date_print(date, text));
        return;
    }
    if (row->pack->earliest_date != CREDIT_DATE_NONE && date < row->pack->earliest_date) {
        char earliest[CR_DATE_TEXT];
        cr_row_find(row, CR_ERROR, "V11", (int)field, "decision date %s lies before %s",
            cr_date_print(date, text), cr_date_print(row->pack->earliest_date, earliest));
    }
}

/* The date of a readable text; NONE after a finding. */
static credit_date read_calendar_date(cr_row *row, size_t field)
{
    const cr_pack *pack = row->pack;
    credit_date date = CREDIT_DATE_NONE;
    char shown[CR_SHOWN_MAX], text[CR_DATE_TEXT];
    if (!cr_date_parse(row->values[field], &date)) {
        bool serial = looks_like_excel_serial(row->values[field]);
        cr_row_find(row, CR_ERROR, serial ? "V10" : "V09", (int)field,
            serial ? "%s is a sheet's day number, not a date" : "%s is not a calendar date",
            cr_row_show(row, field, shown));
        return CREDIT_DATE_NONE;
    }
    if (date_among(date, pack->broken_dates, pack->broken_date_count)) {
        cr_row_find(row, CR_ERROR, "V10", (int)field, "%s stands for a broken date",
            cr_date_print(date, text));
        return CREDIT_DATE_NONE;
    }
    if (date_among(date, pack->long_term_dates, pack->long_term_date_count)) {
        return CREDIT_DATE_FOREVER;
    }
    credit_date latest = latest_long_term(pack);
    if (latest != CREDIT_DATE_NONE && date > latest) {
        cr_row_find(row, CR_ERROR, "V13", (int)field, "%s lies after the long-term date",
            cr_date_print(date, text));
        return CREDIT_DATE_NONE;
    }
    if (date_among(date, pack->doubtful_long_term_dates, pack->doubtful_count)) {
        cr_row_find(row, CR_WARNING, "V13", (int)field,
            "%s may be meant as long-term; kept as a date", cr_date_print(date, text));
    }
    return date;
}

static void type_date(cr_row *row, size_t field)
{
    const cr_pack *pack = row->pack;
    bool words = span_among(row->values[field], pack->long_term_words, pack->long_term_count);
    credit_date date = words ? CREDIT_DATE_FOREVER : read_calendar_date(row, field);
    row->typed[field].date = date;
    if (field_of(row, field)->role == CR_ROLE_DECIDED_ON && date != CREDIT_DATE_NONE) {
        judge_decision_date(row, field, date);
    }
}

static void type_year(cr_row *row, size_t field)
{
    char shown[CR_SHOWN_MAX];
    if (!cr_date_parse_year(row->values[field], &row->typed[field].date)) {
        cr_row_find(
            row, CR_ERROR, "V09", (int)field, "%s is not a year", cr_row_show(row, field, shown));
    }
}

static void type_number(cr_row *row, size_t field)
{
    const cr_field *def = field_of(row, field);
    int64_t value = -1;
    if (!cr_parse_scaled(row->values[field], def->scale, &value)) {
        char shown[CR_SHOWN_MAX];
        cr_row_find(row, CR_ERROR, "V15", (int)field,
            "%s is not a plain number with at most %u decimals", cr_row_show(row, field, shown),
            (unsigned)def->scale);
        value = -1;
    }
    row->typed[field].number = value;
}

/* ---- words of a code set --------------------------------------------------- */

bool cr_field_has_kinds(const cr_field *field)
{
    return field->codes != NULL &&
           (field->role == CR_ROLE_KINDS || field->codes->separator_count > 0);
}

static size_t separator_at(const cr_codeset *set, credit_span text, size_t at)
{
    credit_span rest = {text.data + at, text.size - at};
    for (size_t i = 0; i < set->separator_count; i++) {
        if (set->separators[i].size > 0 && cr_span_starts(rest, set->separators[i])) {
            return set->separators[i].size;
        }
    }
    return 0;
}

static bool word_ends_at(const cr_codeset *set, credit_span text, size_t at, credit_span word)
{
    credit_span rest = {text.data + at, text.size - at};
    if (word.size == 0 || !cr_span_starts(rest, word)) { return false; }
    size_t end = at + word.size;
    return end == text.size || separator_at(set, text, end) > 0;
}

/* The longest word that stands whole at `at`: a word of the 2018 list holds a
 * separator inside (没收违法所得、没收非法财物). */
static const cr_code *longest_word(const cr_codeset *set, credit_span text, size_t at, size_t *size)
{
    const cr_code *best = NULL;
    *size = 0;
    for (size_t i = 0; i < set->code_count; i++) {
        const cr_code *code = &set->codes[i];
        if (set->other_prefix.size > 0 && cr_span_equal(code->word, set->other_prefix)) {
            continue; /* needs a text after it */
        }
        if (code->word.size > *size && word_ends_at(set, text, at, code->word)) {
            best = code;
            *size = code->word.size;
        }
        for (size_t j = 0; j < code->alias_count; j++) {
            if (code->aliases[j].size > *size && word_ends_at(set, text, at, code->aliases[j])) {
                best = code;
                *size = code->aliases[j].size;
            }
        }
    }
    return best;
}

static size_t token_size(const cr_codeset *set, credit_span text, size_t at)
{
    size_t end = at;
    while (end < text.size && separator_at(set, text, end) == 0) { end++; }
    return end - at;
}

/* Reads several words into bits; an unknown one comes back in `bad`. What
 * follows an "other" word belongs to its text until a known word comes. */
static bool read_kinds(const cr_codeset *set, credit_span text, uint32_t *bits, credit_span *bad)
{
    bool in_other_text = false;
    *bits = 0;
    for (size_t at = 0; at < text.size;) {
        size_t size = separator_at(set, text, at);
        if (size > 0) {
            at += size;
            continue;
        }
        const cr_code *code = longest_word(set, text, at, &size);
        if (code == NULL) {
            size = token_size(set, text, at);
            credit_span token = cr_span_trim((credit_span){text.data + at, size});
            code = cr_codeset_find(set, token);
            if (code == NULL && token.size > 0 && !in_other_text) {
                *bad = token;
                return false;
            }
        }
        if (code != NULL) {
            *bits |= UINT32_C(1) << (code->number & 31);
            in_other_text = set->other_prefix.size > 0 && code->number == set->other_number;
        }
        at += size;
    }
    return true;
}

static void find_unknown_word(cr_row *row, size_t field, credit_span word)
{
    const cr_field *def = field_of(row, field);
    const char *rule = def->role == CR_ROLE_SUBJECT_CATEGORY ? "V03" : "V18";
    if (def->codes->other_prefix.size > 0 && cr_span_starts(word, def->codes->other_prefix)) {
        cr_row_find(row, CR_ERROR, rule, (int)field, "\"%.*s\" needs a text after it",
            (int)def->codes->other_prefix.size, def->codes->other_prefix.data);
        return;
    }
    /* Shown through the same mask as a whole value. */
    char shown[CR_SHOWN_MAX];
    credit_span whole = row->values[field];
    row->values[field] = word;
    cr_row_show(row, field, shown);
    row->values[field] = whole;
    cr_row_find(row, CR_ERROR, rule, (int)field, "%s is not a word of %.*s", shown,
        (int)def->codes->title.size, def->codes->title.data);
}

static void type_code(cr_row *row, size_t field)
{
    const cr_field *def = field_of(row, field);
    credit_span value = row->values[field];
    if (cr_field_has_kinds(def)) {
        cr_memo *memo = row->memory == NULL ? NULL : &row->memory->columns[field];
        uint32_t bits = 0;
        credit_span bad = value;
        if (cr_memo_find(memo, value, &bits)) {
            row->typed[field].code = bits;
        } else if (read_kinds(def->codes, value, &bits, &bad)) {
            row->typed[field].code = bits;
            cr_memo_keep(memo, value, bits);
        } else {
            find_unknown_word(row, field, bad);
            row->typed[field].code = bits;
        }
        return;
    }
    const cr_code *code = cr_codeset_find(def->codes, value);
    if (code == NULL) { find_unknown_word(row, field, value); }
    row->typed[field].code = code == NULL ? 0 : code->number;
}

static void judge_length(cr_row *row, size_t field)
{
    uint32_t most = field_of(row, field)->length_max;
    credit_span value = row->values[field];
    if (most == 0 || value.size <= most) { return; /* bytes bound characters from above */ }
    size_t length = cr_utf8_length(value);
    if (length > most) {
        cr_row_find(row, CR_ERROR, "V19", (int)field, "%zu characters, at most %u are allowed",
            length, most);
    }
}

/* Trims, empties blank words, then types and judges by the schema. */
static bool take_column(cr_row *row, size_t field)
{
    const cr_field *def = field_of(row, field);
    const cr_pack *pack = row->pack;
    credit_span *value = &row->values[field];
    row->typed[field] = (cr_typed){CREDIT_DATE_NONE, -1, 0};
    *value = cr_span_trim(*value);
    bool may_be_blank = value->size <= pack->blank_longest;
    if (value->size == 0 ||
        (may_be_blank && span_among(*value, pack->blank_words, pack->blank_count))) {
        credit_span seen = *value;
        *value = (credit_span){"", 0};
        judge_missing(row, field, seen.size > 0, seen);
        return true;
    }
    if (is_half_width_column(def) && !make_half_width(row, value)) { return false; }
    judge_length(row, field);
    if (def->type == CR_FIELD_DATE) {
        type_date(row, field);
    } else if (def->type == CR_FIELD_YEAR) {
        type_year(row, field);
    } else if (def->type == CR_FIELD_NUMBER) {
        type_number(row, field);
    } else if (def->codes != NULL) {
        type_code(row, field);
    }
    return true;
}

bool cr_row_check(cr_row *row)
{
    row->category = CR_CATEGORY_UNKNOWN;
    row->subject = (cr_id){CR_ID_UNKNOWN, 0, ""};
    row->needs_earlier = CR_CLEAN;
    row->failed = false;
    row->finding_count = 0;
    row->errors = row->warnings = 0;
    for (size_t i = 0; i < row->catalog->field_count; i++) {
        if (!take_column(row, i)) { return false; }
    }
    cr_row_judge_subject(row);
    cr_row_apply_checks(row);
    return !row->failed;
}

void cr_checks_release(const cr_check *checks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (checks[i].pattern != NULL) { regfree(checks[i].pattern); }
    }
}
