#include "loaders/row_facts.h"

#include "engine/text.h"

enum { FEN_SCALE = 6 }; /* 1 万元 = 10^6 fen: six decimals of 万元 are fen */

static int16_t column(const cr_row *row, cr_role role)
{
    return row->catalog->role_field[role];
}

static credit_date date_of(const cr_row *row, cr_role role)
{
    int16_t field = column(row, role);
    return field < 0 ? CREDIT_DATE_NONE : row->typed[field].date;
}

static uint32_t code_of(const cr_row *row, cr_role role)
{
    int16_t field = column(row, role);
    return field < 0 ? 0 : row->typed[field].code;
}

static int64_t fen_of(const cr_row *row, cr_role role)
{
    int16_t field = column(row, role);
    int64_t value = field < 0 ? -1 : row->typed[field].number;
    for (unsigned scale = field < 0 ? FEN_SCALE : row->catalog->fields[field].scale;
         value > 0 && scale < FEN_SCALE; scale++) {
        value = value > INT64_MAX / 10 ? INT64_MAX : value * 10;
    }
    return value;
}

/* The words of a publicity column stand in order of scope: 1 public, 2
 * government, 3 and more authorised. It can only narrow the catalog's scope. */
static cr_scope scope_of(const cr_row *row)
{
    uint32_t number = code_of(row, CR_ROLE_PUBLICITY);
    cr_scope stated = number <= 1   ? CR_SCOPE_PUBLIC
                      : number == 2 ? CR_SCOPE_GOVERNMENT
                                    : CR_SCOPE_AUTHORIZED;
    return stated > row->catalog->scope ? stated : row->catalog->scope;
}

/* FNV-1a; stored in headers, so it may never change. 0 means blank. */
static uint32_t hash_text(credit_span text)
{
    uint32_t hash = UINT32_C(2166136261);
    for (size_t i = 0; i < text.size; i++) {
        hash = (hash ^ (unsigned char)text.data[i]) * UINT32_C(16777619);
    }
    return hash == 0 ? 1 : hash;
}

static bool hash_folded(const cr_row *row, credit_span value, uint32_t *out)
{
    char *folded = cr_arena_alloc(row->arena, value.size);
    if (folded == NULL) { return false; }
    *out = hash_text((credit_span){folded, cr_fold_name(value, folded)});
    return true;
}

static uint32_t first_pattern(const cr_codeset *set, credit_span value)
{
    for (size_t i = 0; i < set->code_count; i++) {
        if (cr_span_find(value, set->codes[i].word) != SIZE_MAX) { return set->codes[i].number; }
    }
    return 0;
}

static bool fill_tag(const cr_row *row, size_t index, uint32_t *out)
{
    const cr_tag *tag = &row->catalog->tags[index];
    credit_span value = row->values[tag->field];
    cr_memo *memo = row->memory == NULL ? NULL : &row->memory->tags[index];
    *out = 0;
    if (value.size == 0) { return true; }
    if (tag->kind == CR_TAG_HASH) { return hash_folded(row, value, out); }
    if (tag->kind == CR_TAG_PATTERN) {
        if (cr_memo_find(memo, value, out)) { return true; }
        *out = first_pattern(tag->codes, value);
        cr_memo_keep(memo, value, *out);
        return true;
    }
    if (tag->codes == row->catalog->fields[tag->field].codes) {
        *out = row->typed[tag->field].code;
        return true;
    }
    const cr_code *code = cr_codeset_find(tag->codes, value);
    *out = code == NULL ? 0 : code->number;
    return true;
}

bool cr_row_facts(const cr_row *row, cr_facts *out)
{
    *out = (cr_facts){
        .category = (uint8_t)row->category,
        .roster = (uint8_t)row->catalog->roster,
        .scope = (uint8_t)scope_of(row),
        .status = (uint8_t)code_of(row, CR_ROLE_STATUS),
        .kinds = code_of(row, CR_ROLE_KINDS),
        .list = code_of(row, CR_ROLE_LIST),
        .decided_on = date_of(row, CR_ROLE_DECIDED_ON),
        .valid_from = date_of(row, CR_ROLE_VALID_FROM),
        .valid_until = date_of(row, CR_ROLE_VALID_UNTIL),
        .publicity_until = date_of(row, CR_ROLE_PUBLICITY_UNTIL),
        .notified_on = date_of(row, CR_ROLE_NOTIFIED_ON),
        .removed_on = date_of(row, CR_ROLE_REMOVED_ON),
        .amount_fen = fen_of(row, CR_ROLE_AMOUNT),
        .amount_2_fen = fen_of(row, CR_ROLE_AMOUNT_2),
    };
    for (size_t i = 0; i < row->catalog->tag_count; i++) {
        if (!fill_tag(row, i, &out->tags[i])) { return false; }
    }
    return true;
}

credit_date cr_row_provided_on(const cr_row *row)
{
    return date_of(row, CR_ROLE_PROVIDED_ON);
}

cr_lateness cr_row_lateness(const cr_row *row, const cr_facts *facts)
{
    uint32_t days = row->catalog->late_working_days;
    credit_date decided = facts->decided_on, deadline = CREDIT_DATE_NONE;
    if (days == 0 || decided == CREDIT_DATE_NONE) { return CR_IN_TIME; }
    if (row->pack->calendar == NULL ||
        !cr_calendar_add(row->pack->calendar, decided, (int32_t)days, &deadline)) {
        return CR_LATE_UNKNOWN;
    }
    return row->today > deadline ? CR_LATE : CR_IN_TIME;
}
