/* Whose row it is: judges the number of the subject by the column that holds it
 * and by the category that the row states. */
#include "engine/rowcheck.h"
#include "engine/text.h"

static int16_t role(const cr_row *row, cr_role which)
{
    return row->catalog->role_field[which];
}

static bool is_filled(const cr_row *row, int16_t field)
{
    return field >= 0 && row->values[field].size > 0;
}

static int16_t first_filled(const cr_row *row, const cr_role *roles, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_filled(row, role(row, roles[i]))) { return role(row, roles[i]); }
    }
    return -1;
}

static cr_id_kind kind_of_column(const cr_row *row, int16_t field)
{
    switch (row->catalog->fields[field].role) {
    case CR_ROLE_SUBJECT_USCC:
        return CR_ID_USCC;
    case CR_ROLE_SUBJECT_ORG_CODE:
        return CR_ID_ORG_CODE;
    case CR_ROLE_SUBJECT_REG_NO:
        return CR_ID_REG_NO;
    default:
        return CR_ID_UNKNOWN;
    }
}

static void find_bad_number(
    cr_row *row, const char *rule, int16_t field, const char *fault, const char *detail)
{
    char shown[CR_SHOWN_MAX];
    bool more = detail[0] != '\0';
    cr_row_find(row, CR_ERROR, rule, field, "%s: %s%s%s%s", cr_row_show(row, (size_t)field, shown),
        fault, more ? " (" : "", detail, more ? ")" : "");
}

/* Judges the number in `field`; sets the subject only if all is well. */
static void judge_number(
    cr_row *row, const char *rule, int16_t field, cr_id_kind kind, bool want_person)
{
    cr_id id = {CR_ID_UNKNOWN, 0, ""};
    cr_id_verdict verdict = cr_id_judge(row->values[field], kind, &row->pack->ids, &id);
    if (!verdict.valid) {
        const char *fault = verdict.fault == NULL ? "not a known kind of number" : verdict.fault;
        find_bad_number(row, rule, field, fault, verdict.detail);
        return;
    }
    if (id.kind == CR_ID_UNKNOWN || cr_id_is_personal(id.kind) != want_person) {
        find_bad_number(row, rule, field,
            want_person ? "not a natural person's number" : "not an organisation's number", "");
        return;
    }
    if (verdict.warning != NULL) {
        cr_row_find(row, CR_WARNING, rule, field, "%s", verdict.warning);
    }
    row->subject = id;
}

static cr_id_kind stated_id_kind(const cr_row *row, int16_t type_field)
{
    if (!is_filled(row, type_field)) { return CR_ID_UNKNOWN; }
    const cr_field *def = &row->catalog->fields[type_field];
    const cr_code *code =
        def->codes == NULL ? NULL : cr_codeset_find(def->codes, row->values[type_field]);
    return code == NULL ? CR_ID_UNKNOWN : cr_id_kind_of(code->code);
}

/* basis: V06 */
static void judge_person(cr_row *row)
{
    static const cr_role numbers[] = {CR_ROLE_SUBJECT_ID_NO, CR_ROLE_SUBJECT_ANY_NO};
    int16_t type_field = role(row, CR_ROLE_SUBJECT_ID_TYPE);
    int16_t field = first_filled(row, numbers, 2);
    if (field < 0) {
        int16_t at = role(row, numbers[0]) >= 0 ? role(row, numbers[0]) : role(row, numbers[1]);
        cr_row_find(row, CR_ERROR, "V06", at, "a natural person needs a document number");
        return;
    }
    if (type_field >= 0 && !is_filled(row, type_field) &&
        field == role(row, CR_ROLE_SUBJECT_ID_NO)) {
        cr_row_find(row, CR_ERROR, "V06", type_field, "a natural person needs a document type");
        return;
    }
    judge_number(row, "V06", field, stated_id_kind(row, type_field), true);
}

static bool is_waived(const cr_row *row, int16_t field)
{
    return row->waived != NULL && row->waived[field];
}

/* basis: V04. An older number may stand in for the unified code only where the
 * catalog has no column for that, or the layout waives it. */
static void judge_organisation(cr_row *row)
{
    static const cr_role all[] = {CR_ROLE_SUBJECT_USCC, CR_ROLE_SUBJECT_ANY_NO,
        CR_ROLE_SUBJECT_ORG_CODE, CR_ROLE_SUBJECT_REG_NO};
    int16_t code = role(row, CR_ROLE_SUBJECT_USCC) >= 0 ? role(row, CR_ROLE_SUBJECT_USCC)
                                                        : role(row, CR_ROLE_SUBJECT_ANY_NO);
    bool any_will_do = code < 0 || is_waived(row, code);
    int16_t field = any_will_do ? first_filled(row, all, sizeof all / sizeof *all) : code;
    if (field < 0 || !is_filled(row, field)) {
        cr_row_find(row, CR_ERROR, "V04", code, "an organisation needs its unified code");
        return;
    }
    cr_id_kind kind = kind_of_column(row, field);
    judge_number(row, "V04", field, kind == CR_ID_UNKNOWN ? CR_ID_USCC : kind, false);
}

static cr_category category_of(const cr_pack *pack, const cr_id *id)
{
    credit_span number = {id->number, id->size};
    if (cr_id_is_personal(id->kind)) { return CR_CATEGORY_PERSON; }
    for (size_t i = 0; i < pack->sole_proprietor_count; i++) {
        if (id->kind == CR_ID_USCC && cr_span_starts(number, pack->sole_proprietor_prefixes[i])) {
            return CR_CATEGORY_SOLE_PROPRIETOR;
        }
    }
    return CR_CATEGORY_ORGANISATION;
}

/* No category column, or an unreadable one: the number itself says what it is. */
static void judge_unstated(cr_row *row)
{
    static const cr_role all[] = {CR_ROLE_SUBJECT_USCC, CR_ROLE_SUBJECT_ANY_NO,
        CR_ROLE_SUBJECT_ORG_CODE, CR_ROLE_SUBJECT_REG_NO, CR_ROLE_SUBJECT_ID_NO};
    int16_t field = first_filled(row, all, sizeof all / sizeof *all);
    if (field < 0) {
        cr_row_find(row, CR_ERROR, "V04", -1, "no number of the subject");
        return;
    }
    bool personal_column = row->catalog->fields[field].role == CR_ROLE_SUBJECT_ID_NO;
    cr_id_kind kind = personal_column ? stated_id_kind(row, role(row, CR_ROLE_SUBJECT_ID_TYPE))
                                      : kind_of_column(row, field);
    cr_id id = {CR_ID_UNKNOWN, 0, ""};
    bool person = personal_column;
    if (kind == CR_ID_UNKNOWN && !personal_column) {
        (void)cr_id_judge(row->values[field], CR_ID_UNKNOWN, &row->pack->ids, &id);
        person = cr_id_is_personal(id.kind);
    }
    judge_number(row, person ? "V06" : "V04", field, kind, person);
    if (row->subject.kind != CR_ID_UNKNOWN) {
        row->category = category_of(row->pack, &row->subject);
    }
}

static cr_category stated_category(const cr_row *row)
{
    int16_t field = role(row, CR_ROLE_SUBJECT_CATEGORY);
    uint32_t number = field < 0 ? 0 : row->typed[field].code;
    return number <= CR_CATEGORY_SOLE_PROPRIETOR ? (cr_category)number : CR_CATEGORY_UNKNOWN;
}

void cr_row_judge_subject(cr_row *row)
{
    row->category = stated_category(row);
    if (row->category == CR_CATEGORY_UNKNOWN) {
        judge_unstated(row);
    } else if (row->category == CR_CATEGORY_PERSON) {
        judge_person(row);
    } else {
        judge_organisation(row);
    }
}
