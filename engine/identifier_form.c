/* The form of a number: folding, check characters, and which kind it seems.
 *
 * 1. Only what cannot change the meaning is folded: case, width, blanks, and
 *    the hyphen that organisation codes are printed with. A letter is never
 *    taken for a digit.
 * 2. The kind found is the most specific one whose form fits. A number that
 *    fits none rightly but one nearly is of that kind, so that its fault can be
 *    told; where it can be a person's, it is taken for one and so guarded. */
#include "engine/identifier_form.h"

#include <string.h>

#include "engine/date.h"
#include "engine/text.h"

enum {
    FOLD_MAX = 128, /* bytes looked at of a text that is not ASCII */
    BIRTH_YEAR_MIN = 1800,
    BIRTH_YEAR_MAX = 2099
};

/* The folded form of an ASCII byte, 0 for a blank; false for bytes above. */
static bool fold_byte(unsigned char byte, char *out)
{
    if (byte >= 0x80) { return false; }
    bool blank = byte == ' ' || (byte >= '\t' && byte <= '\r');
    bool lower = byte >= 'a' && byte <= 'z';
    *out = (char)(blank ? 0 : lower ? byte - 'a' + 'A' : byte);
    return true;
}

/* Cuts what stands behind the last whole character that fits. */
static void keep_whole(cr_id *id, const char *folded, size_t size)
{
    size_t keep = size;
    if (size > CR_ID_MAX) {
        keep = CR_ID_MAX;
        while (keep > 0 && ((unsigned char)folded[keep] & 0xC0) == 0x80) { keep--; }
    }
    memcpy(id->number, folded, keep);
    id->size = (uint8_t)keep;
}

/* The long way, for full-width forms and other characters. */
static void fold_wide(credit_span text, cr_id_subject *s)
{
    char folded[FOLD_MAX];
    credit_span head = {text.data, text.size < FOLD_MAX ? text.size : FOLD_MAX};
    size_t size = cr_fold_name(head, folded);
    s->length = cr_utf8_length((credit_span){folded, size}) + (text.size - head.size);
    keep_whole(s->id, folded, size);
}

static void fold_text(credit_span text, cr_id_subject *s)
{
    size_t length = 0;
    char folded;
    for (size_t i = 0; i < text.size; i++) {
        if (!fold_byte((unsigned char)text.data[i], &folded)) {
            fold_wide(text, s);
            return;
        }
        if (folded == 0) {
            length += text.data[i] == '\0'; /* not a blank: let it be counted and refused */
            continue;
        }
        if (length < CR_ID_MAX) { s->id->number[length] = folded; }
        length++;
    }
    s->length = length;
    s->id->size = (uint8_t)(length < CR_ID_MAX ? length : CR_ID_MAX);
}

/* XXXXXXXX-X is how organisation codes are printed. basis: domain 1.2 */
static void fold_hyphen(cr_id_subject *s)
{
    bool fits = s->id->kind == CR_ID_ORG_CODE || s->id->kind == CR_ID_UNKNOWN;
    if (fits && s->length == CR_ORG_CODE_SIZE + 1 && s->id->size == s->length &&
        s->id->number[8] == '-') {
        s->id->number[8] = s->id->number[9];
        s->id->number[9] = '\0';
        s->id->size = CR_ORG_CODE_SIZE;
        s->length = CR_ORG_CODE_SIZE;
        s->hyphen = true;
    }
}

void cr_id_fold(credit_span text, cr_id_subject *s)
{
    fold_text(text, s);
    fold_hyphen(s);
}

bool cr_id_digits_at(const cr_id_subject *s, size_t at, size_t count)
{
    if (at + count > s->id->size) { return false; }
    for (size_t i = at; i < at + count; i++) {
        if (!cr_id_digit(s->id->number[i])) { return false; }
    }
    return true;
}

bool cr_id_digits_from(const cr_id_subject *s, size_t at)
{
    return s->id->size == s->length && s->length > at && cr_id_digits_at(s, at, s->length - at);
}

uint32_t cr_id_number_at(const cr_id_subject *s, size_t at, size_t count)
{
    uint32_t number = 0;
    for (size_t i = at; i < at + count; i++) {
        number = number * 10 + (uint32_t)(s->id->number[i] - '0');
    }
    return number;
}

static bool is_date(const cr_id_subject *s, int32_t year, size_t month_at)
{
    credit_date date;
    return cr_date_from_ymd(year, (int32_t)cr_id_number_at(s, month_at, 2),
        (int32_t)cr_id_number_at(s, month_at + 2, 2), &date);
}

bool cr_id_has_birth_date(const cr_id_subject *s)
{
    int32_t year = (int32_t)cr_id_number_at(s, 6, 4);
    return year >= BIRTH_YEAR_MIN && year <= BIRTH_YEAR_MAX && is_date(s, year, 10);
}

bool cr_id_has_old_birth_date(const cr_id_subject *s)
{
    return is_date(s, 1900 + (int32_t)cr_id_number_at(s, 6, 2), 8);
}

static const char uscc_alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/* clang-format off */
/* One more than the place in the alphabet, 0 for what is not in it. */
const unsigned char cr_uscc_value[256] = {
    ['0'] = 1,  ['1'] = 2,  ['2'] = 3,  ['3'] = 4,  ['4'] = 5,  ['5'] = 6,  ['6'] = 7,
    ['7'] = 8,  ['8'] = 9,  ['9'] = 10, ['A'] = 11, ['B'] = 12, ['C'] = 13, ['D'] = 14,
    ['E'] = 15, ['F'] = 16, ['G'] = 17, ['H'] = 18, ['J'] = 19, ['K'] = 20, ['L'] = 21,
    ['M'] = 22, ['N'] = 23, ['P'] = 24, ['Q'] = 25, ['R'] = 26, ['T'] = 27, ['U'] = 28,
    ['W'] = 29, ['X'] = 30, ['Y'] = 31,
};
/* clang-format on */

/* 3^i mod 31; the alphabet has 31 characters. basis: GB 32100-2015 */
char cr_uscc_check(const char *number)
{
    static const unsigned char weights[CR_USCC_SIZE - 1] = {
        1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28};
    unsigned sum = 0;
    for (size_t i = 0; i < CR_USCC_SIZE - 1; i++) {
        sum += (cr_uscc_value[(unsigned char)number[i]] - 1U) * weights[i];
    }
    return uscc_alphabet[(31 - sum % 31) % 31];
}

/* Of eight digits and letters. basis: GB 11714-1997 */
char cr_org_code_check(const char *number)
{
    static const unsigned char weights[CR_ORG_CODE_SIZE - 1] = {3, 7, 9, 10, 5, 8, 4, 2};
    unsigned sum = 0;
    for (size_t i = 0; i < CR_ORG_CODE_SIZE - 1; i++) {
        unsigned value =
            (unsigned)(cr_id_digit(number[i]) ? number[i] - '0' : number[i] - 'A' + 10);
        sum += value * weights[i];
    }
    return "0X987654321"[sum % 11];
}

/* ISO 7064 MOD 11,10 of fourteen digits. */
char cr_reg_no_check(const char *number)
{
    unsigned product = 10;
    for (size_t i = 0; i < CR_REG_NO_SIZE - 1; i++) {
        unsigned sum = (product + (unsigned)(number[i] - '0')) % 10;
        product = (sum == 0 ? 10 : sum) * 2 % 11;
    }
    return (char)('0' + (11 - product) % 10);
}

/* ISO 7064 MOD 11-2 of seventeen digits. basis: GB 11643-1999 */
char cr_cn_id_check(const char *number)
{
    static const unsigned char weights[CR_CN_ID_SIZE - 1] = {
        7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    unsigned sum = 0;
    for (size_t i = 0; i < CR_CN_ID_SIZE - 1; i++) {
        sum += (unsigned)(number[i] - '0') * weights[i];
    }
    return "10X98765432"[sum % 11];
}

bool cr_id_is_cn_id_form(const cr_id_subject *s)
{
    return s->length == CR_CN_ID_SIZE && cr_id_digits_at(s, 0, CR_CN_ID_SIZE - 1) &&
           (cr_id_digit(s->id->number[17]) || s->id->number[17] == 'X');
}

bool cr_id_is_old_permanent_form(const cr_id_subject *s)
{
    const char *number = s->id->number;
    return s->length == CR_CN_PERMANENT_OLD_SIZE && cr_id_letter(number[0]) &&
           cr_id_letter(number[1]) && cr_id_letter(number[2]) && cr_id_digits_from(s, 3);
}

bool cr_id_is_hkmo_form(const cr_id_subject *s)
{
    char first = s->id->number[0];
    return (s->length == 9 || s->length == 11) && (first == 'H' || first == 'M') &&
           cr_id_digits_from(s, 1);
}

bool cr_id_is_tw_form(const cr_id_subject *s)
{
    if (s->length == 8) { return cr_id_digits_from(s, 0); }
    return s->length == 11 && cr_id_digits_at(s, 0, 10) && cr_id_letter(s->id->number[10]);
}

/* E and 8 digits, E and a letter and 7 digits; G, D, S, P before. */
static bool is_chinese_passport_form(const cr_id_subject *s)
{
    const char *number = s->id->number;
    if (s->length != 9 || number[0] == '\0' || strchr("EGDSP", number[0]) == NULL) { return false; }
    return cr_id_digits_from(s, 1) || (cr_id_letter(number[1]) && cr_id_digits_from(s, 2));
}

/* A digit, or a letter that is mistaken for one. */
static int seeming_digit(char c)
{
    return cr_id_digit(c) ? c - '0' : c == 'O' ? 0 : c == 'I' ? 1 : -1;
}

/* Eighteen characters that can only be meant as a person's number: digits, and
 * a birth year of the last two centuries where a unified code has its region. */
static bool seems_personal(const cr_id_subject *s)
{
    int year = 0;
    for (size_t i = 0; i < CR_CN_ID_SIZE; i++) {
        int digit = seeming_digit(s->id->number[i]);
        if (digit < 0 && (i < CR_CN_ID_SIZE - 1 || s->id->number[i] != 'X')) { return false; }
        year = i >= 6 && i < 10 ? year * 10 + digit : year;
    }
    return year >= 1900 && year <= BIRTH_YEAR_MAX;
}

static bool is_right_uscc(const cr_id_subject *s)
{
    for (size_t i = 0; i < CR_USCC_SIZE; i++) {
        if (cr_uscc_value[(unsigned char)s->id->number[i]] == 0) { return false; }
    }
    return cr_uscc_check(s->id->number) == s->id->number[CR_USCC_SIZE - 1];
}

static cr_id_kind kind_of_eighteen(const cr_id_subject *s)
{
    cr_id_kind personal = s->id->number[0] == '9' ? CR_ID_CN_PERMANENT : CR_ID_CN_ID;
    if (cr_id_is_cn_id_form(s) && cr_id_has_birth_date(s) &&
        cr_cn_id_check(s->id->number) == s->id->number[CR_CN_ID_SIZE - 1]) {
        return personal;
    }
    return !is_right_uscc(s) && seems_personal(s) ? personal : CR_ID_USCC;
}

/* Both an old resident id and a registration number have fifteen digits. When
 * in doubt it is a person's, so that it is guarded like one. */
static cr_id_kind kind_of_fifteen(const cr_id_subject *s)
{
    if (cr_id_is_old_permanent_form(s)) { return CR_ID_CN_PERMANENT; }
    if (!cr_id_digits_from(s, 0)) { return CR_ID_UNKNOWN; }
    return cr_id_has_old_birth_date(s) ? CR_ID_CN_ID : CR_ID_REG_NO;
}

/* A fixed first letter tells more than a form that takes any letter; the
 * hyphen tells most. */
static cr_id_kind kind_of_nine(const cr_id_subject *s)
{
    if (s->hyphen) { return CR_ID_ORG_CODE; }
    if (cr_id_is_hkmo_form(s)) { return CR_ID_HKMO_PERMIT; }
    return is_chinese_passport_form(s) ? CR_ID_PASSPORT : CR_ID_ORG_CODE;
}

cr_id_kind cr_id_find_kind(const cr_id_subject *s)
{
    switch (s->length) {
    case CR_USCC_SIZE:
        return kind_of_eighteen(s);
    case CR_REG_NO_SIZE:
        return kind_of_fifteen(s);
    case CR_REG_NO_OLD_SIZE:
        return cr_id_digits_from(s, 0) ? CR_ID_REG_NO : CR_ID_UNKNOWN;
    case 11:
        if (cr_id_is_hkmo_form(s)) { return CR_ID_HKMO_PERMIT; }
        return cr_id_is_tw_form(s) ? CR_ID_TW_PERMIT : CR_ID_UNKNOWN;
    case CR_ORG_CODE_SIZE:
        return kind_of_nine(s);
    case 8:
        return cr_id_is_tw_form(s) ? CR_ID_TW_PERMIT : CR_ID_UNKNOWN;
    default:
        return CR_ID_UNKNOWN;
    }
}
