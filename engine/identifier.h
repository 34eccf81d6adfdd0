/* Identifiers of credit subjects: recognise, fold, check, mask.
 * basis: GB 32100-2015, GB 11714-1997, GB 11643-1999, domain 1. */
#ifndef CR_ENGINE_IDENTIFIER_H
#define CR_ENGINE_IDENTIFIER_H

#include "engine/arena.h"

/* Kinds of number. The values are stored in subject keys: never renumber. */
typedef enum cr_id_kind {
    CR_ID_UNKNOWN = 0,
    CR_ID_USCC = 1,          /* 统一社会信用代码 */
    CR_ID_ORG_CODE = 2,      /* 组织机构代码 */
    CR_ID_REG_NO = 3,        /* 工商注册号 */
    CR_ID_CN_ID = 4,         /* 居民身份证; residence permits 81/82/83 too */
    CR_ID_CN_PERMANENT = 5,  /* 外国人永久居留身份证 */
    CR_ID_HKMO_PERMIT = 6,   /* 港澳居民来往内地通行证 */
    CR_ID_TW_PERMIT = 7,     /* 台湾居民来往大陆通行证 */
    CR_ID_PASSPORT = 8       /* 护照 */
} cr_id_kind;

enum { CR_ID_MAX = 32 };

typedef struct cr_id {
    cr_id_kind kind;
    uint8_t size;
    char number[CR_ID_MAX]; /* folded: upper case, half width, no blanks; not terminated */
} cr_id;

/* Departments and body types of the unified code, as the pack lists them. */
typedef struct cr_department {
    char code;             /* position 1 */
    const char *types;     /* allowed characters at position 2 */
    credit_span name;
} cr_department;

/* One row of the region table (GB/T 2260). */
typedef struct cr_region {
    uint32_t code;          /* six digits */
    int16_t from_year;      /* 0 = since before the table begins */
    int16_t to_year;        /* 0 = still in force; else the year it was abolished */
    credit_span name;
} cr_region;

/* What the checks need to know of the world; borrowed from the pack. Regions
 * are sorted by code (a code may stand more than once). Any part may be empty:
 * that check is then left out. */
typedef struct cr_id_tables {
    const cr_department *departments;
    size_t department_count;
    const cr_region *regions;
    size_t region_count;
    const credit_span *placeholders; /* codes that only fill a column */
    size_t placeholder_count;
} cr_id_tables;

/* What was found. `fault` is a constant (static) text, NULL if all is well. */
typedef struct cr_id_verdict {
    bool valid;
    const char *fault;    /* why it is not valid */
    const char *warning;  /* valid, but worth saying */
    char detail[64];      /* e.g. "check character is 4, computed 7"; "" if none */
} cr_id_verdict;

/* Folds what is safe (case, width, blanks, one hyphen before the last
 * character of an organisation code) and judges `text` as `kind`;
 * CR_ID_UNKNOWN means: find out. A letter that the alphabet lacks (O for 0, I
 * for 1) is reported, never guessed. A 15-digit resident id becomes 18 digits.
 * `id` always holds the folded number (cut at CR_ID_MAX). */
cr_id_verdict cr_id_judge(
    credit_span text, cr_id_kind kind, const cr_id_tables *tables, cr_id *id);

const char *cr_id_kind_name(cr_id_kind kind); /* "uscc", "cn_id", …, "unknown" */
cr_id_kind cr_id_kind_of(credit_span name);   /* CR_ID_UNKNOWN for no such kind */
bool cr_id_is_personal(cr_id_kind kind);      /* a natural person's document */

/* The region in force on a date, or the latest that ever was; NULL if never. */
const cr_region *cr_region_find(const cr_id_tables *tables, uint32_t code, int32_t year);

#endif
