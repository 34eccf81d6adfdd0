/* Inside the identifier module: the folded number and what its form says. Not
 * for other modules, which see engine/identifier.h. */
#ifndef CR_ENGINE_IDENTIFIER_FORM_H
#define CR_ENGINE_IDENTIFIER_FORM_H

#include "engine/identifier.h"

enum {
    CR_USCC_SIZE = 18,
    CR_ORG_CODE_SIZE = 9,
    CR_REG_NO_SIZE = 15,
    CR_REG_NO_OLD_SIZE = 13, /* before 2007, without a check digit */
    CR_CN_ID_SIZE = 18,
    CR_CN_ID_OLD_SIZE = 15, /* before 1999 */
    CR_CN_PERMANENT_OLD_SIZE = 15
};

/* What one call works on. */
typedef struct cr_id_subject {
    cr_id *id;
    size_t length; /* characters before the cut at CR_ID_MAX */
    bool hyphen;   /* an organisation code's hyphen was folded away */
    const cr_id_tables *tables;
} cr_id_subject;

/* Folds `text` into s->id, whose kind is already set; then s->length is known. */
void cr_id_fold(credit_span text, cr_id_subject *s);
/* The kind that the form of the number speaks for. */
cr_id_kind cr_id_find_kind(const cr_id_subject *s);

static inline bool cr_id_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool cr_id_letter(char c)
{
    return c >= 'A' && c <= 'Z';
}

bool cr_id_digits_at(const cr_id_subject *s, size_t at, size_t count);
/* Digits, and nothing else, from `at` to the end. */
bool cr_id_digits_from(const cr_id_subject *s, size_t at);
uint32_t cr_id_number_at(const cr_id_subject *s, size_t at, size_t count);
bool cr_id_has_birth_date(const cr_id_subject *s);
/* The two-digit year of the old resident ids is of the twentieth century. */
bool cr_id_has_old_birth_date(const cr_id_subject *s);

/* Length, digits and letters alone: a form says nothing of dates and checks. */
bool cr_id_is_cn_id_form(const cr_id_subject *s);
bool cr_id_is_old_permanent_form(const cr_id_subject *s);
bool cr_id_is_hkmo_form(const cr_id_subject *s);
bool cr_id_is_tw_form(const cr_id_subject *s);

/* One more than the value of a character of the unified code, 0 for none. */
extern const unsigned char cr_uscc_value[256];

/* The check character that belongs behind the 17, 8, 14 and 17 characters,
 * all of which are in the alphabet of their kind. */
char cr_uscc_check(const char *number);
char cr_org_code_check(const char *number);
char cr_reg_no_check(const char *number);
char cr_cn_id_check(const char *number);

/* Each judges the folded number as its kind and fills fault, warning, detail. */
void cr_id_judge_unknown(const cr_id_subject *s, cr_id_verdict *verdict);
void cr_id_judge_uscc(const cr_id_subject *s, cr_id_verdict *verdict);
void cr_id_judge_org_code(const cr_id_subject *s, cr_id_verdict *verdict);
void cr_id_judge_reg_no(const cr_id_subject *s, cr_id_verdict *verdict);
void cr_id_judge_cn_id(const cr_id_subject *s, cr_id_verdict *verdict);
void cr_id_judge_cn_permanent(const cr_id_subject *s, cr_id_verdict *verdict);
void cr_id_judge_hkmo_permit(const cr_id_subject *s, cr_id_verdict *verdict);
void cr_id_judge_tw_permit(const cr_id_subject *s, cr_id_verdict *verdict);
void cr_id_judge_passport(const cr_id_subject *s, cr_id_verdict *verdict);

#endif
