/* Judging a number whose kind is known.
 *
 * 1. A fault says that the number is wrong; a warning, that a right number is
 *    unusual. What the tables do not hold is never more than a warning.
 * 2. Where the number is a person's, the detail shows nothing of it. */
#include <stdio.h>
#include <string.h>

#include "engine/identifier_form.h"

enum { PASSPORT_MIN = 5, PASSPORT_MAX = 20 };

/* Region of a unified code given by a national authority. basis: domain 1.1 */
static const uint32_t national_region = 100000;

static void refuse(cr_id_verdict *verdict, const char *fault)
{
    verdict->valid = false;
    verdict->fault = fault;
}

/* The first warning stays: the checks stand in order of weight. */
static void warn(cr_id_verdict *verdict, const char *warning)
{
    if (verdict->warning == NULL) { verdict->warning = warning; }
}

static void refuse_length(cr_id_verdict *verdict, const char *fault, size_t length)
{
    refuse(verdict, fault);
    snprintf(
        verdict->detail, sizeof verdict->detail, "%zu character%s", length, length == 1 ? "" : "s");
}

static void tell_check(cr_id_verdict *verdict, char seen, char computed)
{
    snprintf(verdict->detail, sizeof verdict->detail, "check character is %c, computed %c", seen,
        computed);
}

static void refuse_check(cr_id_verdict *verdict, char seen, char computed)
{
    refuse(verdict, "the check character is wrong");
    tell_check(verdict, seen, computed);
}

static bool region_ever_was(const cr_id_tables *tables, uint32_t code)
{
    return tables == NULL || tables->region_count == 0 || cr_region_find(tables, code, 0) != NULL;
}

/* What is wrong with a character where only digits may stand. */
static const char *digit_fault(char c)
{
    if (c == 'O') { return "letter O in a number of digits, perhaps 0"; }
    if (c == 'I') { return "letter I in a number of digits, perhaps 1"; }
    return cr_id_letter(c) ? "a letter in a number of digits" : "a character that is no digit";
}

static const char *alphabet_fault(char c)
{
    switch (c) {
    case 'O':
        return "letter O is not in the alphabet, perhaps 0";
    case 'I':
        return "letter I is not in the alphabet, perhaps 1";
    case 'S':
        return "letter S is not in the alphabet";
    case 'V':
        return "letter V is not in the alphabet";
    case 'Z':
        return "letter Z is not in the alphabet";
    default:
        return "a character that is no digit and no letter";
    }
}

static void refuse_character(cr_id_verdict *verdict, const char *fault, size_t at)
{
    refuse(verdict, fault);
    snprintf(verdict->detail, sizeof verdict->detail, "position %zu", at + 1);
}

static void warn_department(const cr_id_subject *s, cr_id_verdict *verdict)
{
    if (s->tables == NULL || s->tables->department_count == 0) { return; }
    for (size_t i = 0; i < s->tables->department_count; i++) {
        const cr_department *department = &s->tables->departments[i];
        if (department->code != s->id->number[0]) { continue; }
        if (strchr(department->types, s->id->number[1]) == NULL) {
            warn(verdict, "the registration department has no such type of body");
        }
        return;
    }
    warn(verdict, "the registration department is not in the table");
}

static bool has_uscc_region(const cr_id_subject *s)
{
    if (!cr_id_digits_at(s, 2, 6)) { return false; }
    uint32_t region = cr_id_number_at(s, 2, 6);
    return region == national_region || region_ever_was(s->tables, region);
}

static void warn_uscc(const cr_id_subject *s, cr_id_verdict *verdict)
{
    const char *number = s->id->number;
    char computed = cr_org_code_check(number + 8);
    if (computed != number[16]) {
        warn(verdict, "the organisation code inside fails its own check");
        tell_check(verdict, number[16], computed);
    }
    if (!has_uscc_region(s)) { warn(verdict, "the region code never existed"); }
    warn_department(s, verdict);
}

void cr_id_judge_uscc(const cr_id_subject *s, cr_id_verdict *verdict)
{
    if (s->length != CR_USCC_SIZE) {
        refuse_length(verdict, "a unified code has 18 characters", s->length);
        return;
    }
    const char *number = s->id->number;
    for (size_t i = 0; i < CR_USCC_SIZE; i++) {
        if (cr_uscc_value[(unsigned char)number[i]] == 0) {
            refuse_character(verdict, alphabet_fault(number[i]), i);
            return;
        }
    }
    char computed = cr_uscc_check(number);
    if (computed != number[CR_USCC_SIZE - 1]) {
        refuse_check(verdict, number[CR_USCC_SIZE - 1], computed);
        return;
    }
    warn_uscc(s, verdict);
}

/* O and I are in this alphabet, but a wrong check makes them suspect. */
static const char *org_code_fault(const char *number)
{
    if (memchr(number, 'O', CR_ORG_CODE_SIZE) != NULL) {
        return "the check character is wrong; letter O is perhaps 0";
    }
    if (memchr(number, 'I', CR_ORG_CODE_SIZE) != NULL) {
        return "the check character is wrong; letter I is perhaps 1";
    }
    return "the check character is wrong";
}

void cr_id_judge_org_code(const cr_id_subject *s, cr_id_verdict *verdict)
{
    const char *number = s->id->number;
    if (s->length != CR_ORG_CODE_SIZE) {
        refuse_length(verdict, "an organisation code has 9 characters", s->length);
        return;
    }
    for (size_t i = 0; i < CR_ORG_CODE_SIZE; i++) {
        if (!cr_id_digit(number[i]) && !cr_id_letter(number[i])) {
            refuse_character(verdict, "a character that is no digit and no letter", i);
            return;
        }
    }
    char computed = cr_org_code_check(number);
    if (computed != number[CR_ORG_CODE_SIZE - 1]) {
        refuse_check(verdict, number[CR_ORG_CODE_SIZE - 1], computed);
        verdict->fault = org_code_fault(number);
    }
}

void cr_id_judge_reg_no(const cr_id_subject *s, cr_id_verdict *verdict)
{
    const char *number = s->id->number;
    if (s->length != CR_REG_NO_SIZE && s->length != CR_REG_NO_OLD_SIZE) {
        refuse_length(verdict, "a registration number has 15 digits", s->length);
        return;
    }
    for (size_t i = 0; i < s->length; i++) {
        if (!cr_id_digit(number[i])) {
            refuse_character(verdict, digit_fault(number[i]), i);
            return;
        }
    }
    if (s->length == CR_REG_NO_OLD_SIZE) {
        warn(verdict, "a registration number of 13 digits has no check digit");
        return;
    }
    char computed = cr_reg_no_check(number);
    if (computed != number[CR_REG_NO_SIZE - 1]) {
        refuse_check(verdict, number[CR_REG_NO_SIZE - 1], computed);
    }
}

/* Prefixes of the residence permits for people of Hong Kong, Macau and Taiwan,
 * which are no regions of the table. basis: domain 1.4 */
static bool is_permit_prefix(uint32_t region)
{
    return region == 810000 || region == 820000 || region == 830000;
}

/* The first character that is no digit; the last may be X. */
static const char *person_fault(const cr_id_subject *s)
{
    size_t i = 0;
    while (i + 1 < s->id->size && cr_id_digit(s->id->number[i])) { i++; }
    return digit_fault(s->id->number[i]);
}

/* What both kinds of eighteen digits have in common; the region is not. */
static bool judge_eighteen(const cr_id_subject *s, cr_id_verdict *verdict)
{
    if (!cr_id_is_cn_id_form(s)) {
        refuse(verdict, person_fault(s));
    } else if (!cr_id_has_birth_date(s)) {
        refuse(verdict, "the birth date is no calendar day");
    } else if (cr_cn_id_check(s->id->number) != s->id->number[CR_CN_ID_SIZE - 1]) {
        refuse(verdict, "the check character is wrong");
    }
    return verdict->fault == NULL;
}

static void warn_cn_region(const cr_id_subject *s, cr_id_verdict *verdict)
{
    uint32_t region = cr_id_number_at(s, 0, 6);
    if (!is_permit_prefix(region) && !region_ever_was(s->tables, region)) {
        warn(verdict, "the region code never existed");
    }
}

/* Makes eighteen digits of fifteen. basis: GB 11643-1999 */
static void upgrade_cn_id(cr_id *id)
{
    memmove(id->number + 8, id->number + 6, CR_CN_ID_OLD_SIZE - 6);
    memcpy(id->number + 6, "19", 2);
    id->number[CR_CN_ID_SIZE - 1] = cr_cn_id_check(id->number);
    id->size = CR_CN_ID_SIZE;
}

static void judge_old_cn_id(const cr_id_subject *s, cr_id_verdict *verdict)
{
    if (!cr_id_digits_from(s, 0)) {
        refuse(verdict, person_fault(s));
        return;
    }
    if (!cr_id_has_old_birth_date(s)) {
        refuse(verdict, "the birth date is no calendar day");
        return;
    }
    warn_cn_region(s, verdict);
    warn(verdict, "a resident id of 15 digits, taken as its form of 18");
    upgrade_cn_id(s->id);
}

void cr_id_judge_cn_id(const cr_id_subject *s, cr_id_verdict *verdict)
{
    if (s->length == CR_CN_ID_OLD_SIZE) {
        judge_old_cn_id(s, verdict);
    } else if (s->length != CR_CN_ID_SIZE) {
        refuse_length(verdict, "a resident id has 18 characters", s->length);
    } else if (judge_eighteen(s, verdict)) {
        warn_cn_region(s, verdict);
    }
}

void cr_id_judge_cn_permanent(const cr_id_subject *s, cr_id_verdict *verdict)
{
    if (cr_id_is_old_permanent_form(s)) { return; }
    if (s->length != CR_CN_ID_SIZE) {
        refuse_length(verdict,
            "a permanent residence card is 18 digits, an old one 3 letters and 12 digits",
            s->length);
        return;
    }
    if (s->id->number[0] != '9') {
        refuse(verdict, "a permanent residence card begins with 9");
        return;
    }
    if (judge_eighteen(s, verdict) &&
        !region_ever_was(s->tables, cr_id_number_at(s, 1, 2) * 10000)) {
        warn(verdict, "the region code never existed");
    }
}

void cr_id_judge_hkmo_permit(const cr_id_subject *s, cr_id_verdict *verdict)
{
    if (!cr_id_is_hkmo_form(s)) {
        refuse(verdict, "a travel permit of Hong Kong or Macau is H or M and 8 or 10 digits");
    }
}

void cr_id_judge_tw_permit(const cr_id_subject *s, cr_id_verdict *verdict)
{
    if (!cr_id_is_tw_form(s)) {
        refuse(verdict, "a travel permit of Taiwan is 8 digits, an old one 10 and a letter");
    }
}

void cr_id_judge_passport(const cr_id_subject *s, cr_id_verdict *verdict)
{
    if (s->length < PASSPORT_MIN || s->length > PASSPORT_MAX) {
        refuse_length(verdict, "a passport number has 5 to 20 characters", s->length);
        return;
    }
    for (size_t i = 0; i < s->length; i++) {
        if (!cr_id_digit(s->id->number[i]) && !cr_id_letter(s->id->number[i])) {
            refuse(verdict, "a character that is no digit and no letter");
            return;
        }
    }
}

void cr_id_judge_unknown(const cr_id_subject *s, cr_id_verdict *verdict)
{
    refuse_length(verdict, "no kind of number has this form", s->length);
}
