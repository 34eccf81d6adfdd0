/* 目录: what a kind of record looks like, built from data (loaders/pack.c).
 *
 * A catalog is a Frictionless Table Schema with a `credit` block. Everything
 * the engine does with a column it does through what is said here; no column
 * name stands in C. Immutable once built; owned by its pack. */
#ifndef CR_ENGINE_CATALOG_H
#define CR_ENGINE_CATALOG_H

#include "engine/identifier.h"

enum {
    CR_FIELDS_MAX = 96,  /* columns of one catalog */
    CR_KEY_MAX = 6,      /* columns of a record key */
    CR_TAGS_MAX = 4,     /* coded facts of one catalog */
    CR_KINDS_MAX = 32    /* words of a kinds code set: one bit each */
};

typedef enum cr_field_type {
    CR_FIELD_STRING,
    CR_FIELD_DATE,
    CR_FIELD_NUMBER,
    CR_FIELD_YEAR /* stands for its first day */
} cr_field_type;

/* Who may see (信息公开属性): levels include the ones before them. */
typedef enum cr_scope { CR_SCOPE_PUBLIC, CR_SCOPE_GOVERNMENT, CR_SCOPE_AUTHORIZED, CR_SCOPES } cr_scope;
enum { CR_SCOPE_NEVER = CR_SCOPES }; /* kept, never shown */

/* What a column means to the engine. */
typedef enum cr_role {
    CR_ROLE_NONE = 0,
    CR_ROLE_SUBJECT_NAME,
    CR_ROLE_SUBJECT_CATEGORY, /* 法人及非法人组织 | 自然人 | 个体工商户 */
    CR_ROLE_SUBJECT_USCC,
    CR_ROLE_SUBJECT_REG_NO,
    CR_ROLE_SUBJECT_ORG_CODE,
    CR_ROLE_SUBJECT_ID_TYPE, /* 证件类型 of a natural person */
    CR_ROLE_SUBJECT_ID_NO,
    CR_ROLE_SUBJECT_ANY_NO, /* one column for a unified code or a person's number */
    CR_ROLE_DOCUMENT_NO,
    CR_ROLE_AUTHORITY, /* 认定机关 */
    CR_ROLE_AUTHORITY_CODE,
    CR_ROLE_SOURCE, /* 数据来源单位 */
    CR_ROLE_SOURCE_CODE,
    CR_ROLE_BASIS,
    CR_ROLE_DECIDED_ON, /* 决定日期: starts the lateness clock */
    CR_ROLE_VALID_FROM,
    CR_ROLE_VALID_UNTIL,
    CR_ROLE_PUBLICITY_UNTIL, /* 公示截止期 as given */
    CR_ROLE_NOTIFIED_ON,     /* 事先告知日期 */
    CR_ROLE_REMOVED_ON,      /* 移出日期 */
    CR_ROLE_PROVIDED_ON,     /* 提供日期: the day the source spoke; orders versions */
    CR_ROLE_AMOUNT,          /* 万元 */
    CR_ROLE_AMOUNT_2,
    CR_ROLE_KINDS, /* one or several words of a code set */
    CR_ROLE_STATUS,
    CR_ROLE_LIST, /* code of the list an entry is on */
    CR_ROLE_PUBLICITY, /* 公开类型: word → scope through its code set */
    CR_ROLES
} cr_role;

/* One word of a closed vocabulary (代码集). */
typedef struct cr_code {
    credit_span word;      /* as written in files and shown */
    credit_span code;      /* short code, may be empty */
    const credit_span *aliases;
    size_t alias_count;
    uint32_t number;       /* its bit (kinds) or value (status, publicity): data */
} cr_code;

typedef struct cr_codeset {
    credit_span name, title;
    const cr_code *codes;
    size_t code_count;
    credit_span other_prefix; /* "其他": words starting so are allowed with a text after */
    uint32_t other_number;
    const credit_span *separators; /* between several words; none = one word only */
    size_t separator_count;
} cr_codeset;

/* The code whose word, code or alias is `text` (trimmed, width folded); NULL if none.
 * A word that starts with other_prefix and goes on gives the set's other code. */
const cr_code *cr_codeset_find(const cr_codeset *set, credit_span text);

/* ASCII, ideographic and full-width marks and blanks: no letter, no digit. */
bool cr_is_punctuation(int32_t code_point);

typedef struct cr_field {
    credit_span code, title, description;
    const credit_span *aliases;
    size_t alias_count;
    cr_field_type type;
    cr_role role;
    bool required;
    bool personal;      /* holds a person's number: encrypted at rest, never echoed */
    bool long_text;     /* free text: cleaned, scanned for numbers when shown */
    bool repeats;       /* few texts, none of them a person's: each is kept once */
    uint32_t length_max; /* characters; 0 = no limit */
    uint8_t scale;       /* decimals of a number */
    cr_scope scope;      /* who may see it in clear; CR_SCOPE_NEVER = nobody */
    bool masked;         /* those below may see it masked (SUBJECT_ANY_NO: of a person) */
    uint8_t mask_left, mask_right;
    cr_scope mask_scope; /* who may see it masked */
    const cr_codeset *codes; /* NULL = free */
} cr_field;

/* Does the column hold a person's number in a row about such a subject? A column
 * for any kind of number does when the subject is a natural person. */
static inline bool cr_field_is_private(const cr_field *field, bool about_person)
{
    return field->personal || (about_person && field->role == CR_ROLE_SUBJECT_ANY_NO);
}

/* A coded fact in the fact header: how one column becomes a number. */
typedef enum cr_tag_kind {
    CR_TAG_CODE,    /* number of the word in the code set */
    CR_TAG_PATTERN, /* first entry of the set whose word occurs in the text */
    CR_TAG_HASH     /* 32-bit hash of the folded text: equality only */
} cr_tag_kind;

typedef struct cr_tag {
    credit_span name; /* the name rules know it by */
    uint16_t field;
    cr_tag_kind kind;
    const cr_codeset *codes;
} cr_tag;

/* Severity of a finding about a row. */
typedef enum cr_severity { CR_CLEAN, CR_WARNING, CR_PARK, CR_ERROR, CR_SKIP } cr_severity;

/* What kind of list an entry is on. basis: decisions 14 */
typedef enum cr_roster_kind {
    CR_ROSTER_NONE = 0,
    CR_ROSTER_HONOUR = 1,  /* 守信激励对象名单 (红名单) */
    CR_ROSTER_SERIOUS = 2, /* 严重失信主体名单 */
    CR_ROSTER_WATCH = 3    /* 重点关注名单 */
} cr_roster_kind;

/* What a record of the catalog is to its subject. */
typedef enum cr_catalog_kind {
    CR_CATALOG_RECORD,   /* something that was decided or done */
    CR_CATALOG_REGISTER, /* who the subject is: makes it known */
    CR_CATALOG_CORRECTION /* 重错码更正: whether the subject's code still stands */
} cr_catalog_kind;

struct cr_check; /* one row check, engine/rowcheck.h */
struct cr_catalog;

/* What a message does to the record that it is about, from the day it was decided. */
typedef enum cr_message_effect {
    CR_MESSAGE_NOTHING,
    CR_MESSAGE_WITHDRAW, /* 撤销: the decision behind the record stands no more */
    CR_MESSAGE_REPAIR,   /* 信用修复: it is no longer published, shared or used */
    CR_MESSAGE_REMOVE,   /* 移出: the entry has left its list, as if it said so itself */
    CR_MESSAGE_EFFECTS
} cr_message_effect;

typedef struct cr_message_word {
    uint32_t number; /* of the code in the STATUS column */
    cr_message_effect effect;
    bool undone; /* an effect that an earlier message had, is taken back */
} cr_message_word;

typedef struct cr_message_target {
    uint32_t number; /* of the code in the LIST column */
    const struct cr_catalog *catalog;
} cr_message_target;

/* What a catalog's rows say about records of others. */
typedef struct cr_message {
    const cr_message_word *words;
    size_t word_count;
    const cr_message_target *targets;
    size_t target_count;
    int16_t field[CR_ROLES]; /* column with what the record has in that role, -1 none */
} cr_message;

/* By the number of the code; NULL if the word or catalog is none of the message's. */
const cr_message_word *cr_message_word_of(const cr_message *message, uint32_t number);
const struct cr_catalog *cr_message_target_of(const cr_message *message, uint32_t number);

typedef struct cr_catalog {
    credit_span name, title, section; /* section: part of the national report */
    cr_catalog_kind kind;
    cr_roster_kind roster;
    cr_scope scope;       /* least scope that may see a record of it at all */
    const cr_field *fields;
    size_t field_count;
    int16_t role_field[CR_ROLES]; /* column of a role, -1 if it has none */
    uint16_t key_fields[CR_KEY_MAX]; /* the record key beside the subject */
    size_t key_count;
    int16_t key_fallback[CR_KEY_MAX]; /* column used when that one is blank, -1 none */
    cr_tag tags[CR_TAGS_MAX];
    size_t tag_count;
    const cr_codeset *categories; /* words of SUBJECT_CATEGORY → cr_category */
    const struct cr_check *checks;
    size_t check_count;
    uint32_t status_valid; /* number of the STATUS code that means in force; 0 = no status */
    uint32_t retires;      /* of a correction: STATUS numbers that retire the code, one bit each */
    bool creates_subject;  /* an unknown valid code becomes a pending subject (M4) */
    bool ties_numbers;     /* its older numbers lead to the unified code beside them (M6) */
    uint32_t late_working_days; /* 0 = lateness is not measured */
    const cr_message *message; /* its rows are about records of others; NULL: they are records */
    const struct cr_profile *profiles; /* other layouts of the same catalog */
    size_t profile_count;
    const struct cr_default *defaults; /* of blank columns in every layout, after its own */
    size_t default_count;
    unsigned char schema_digest[32]; /* of the field codes in order: names the frame layout */
} cr_catalog;

/* What a subject is. Stored in headers: never renumber. */
typedef enum cr_category {
    CR_CATEGORY_UNKNOWN = 0,
    CR_CATEGORY_ORGANISATION = 1, /* 法人及非法人组织 */
    CR_CATEGORY_PERSON = 2,       /* 自然人 */
    CR_CATEGORY_SOLE_PROPRIETOR = 3 /* 个体工商户 */
} cr_category;
/* Its word in rules, answers and extracts; "unknown" for a number that is none. */
credit_span cr_category_word(uint8_t category);

/* Another layout of the same catalog (e.g. what the public site prints): which
 * header it is known by, and what its missing columns are derived from. */
typedef struct cr_default {
    uint16_t field;
    credit_span value;      /* constant text, or */
    int16_t from_field;     /* copied from this column; -1 = constant */
} cr_default;

typedef struct cr_profile {
    credit_span name, title;
    const credit_span *columns; /* header names, in any order: all must be there */
    const int16_t *column_field; /* catalog column of each */
    size_t column_count;
    const uint16_t *waived; /* columns that are not required in this layout */
    size_t waived_count;
    const cr_default *defaults;
    size_t default_count;
} cr_profile;

/* Column by code, title or alias (exact, then ASCII case folded, then as names
 * are folded: width, blanks, brackets); -1 if none. */
int16_t cr_catalog_field(const cr_catalog *catalog, credit_span name);

#endif
