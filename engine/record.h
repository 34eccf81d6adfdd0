/* 信用记录: one row of one source, checked and typed, on its way to the store. */
#ifndef CR_ENGINE_RECORD_H
#define CR_ENGINE_RECORD_H

#include "engine/catalog.h"
#include "engine/date.h"

/* A column that no field of the catalog claims: kept as it came. */
typedef struct cr_extra {
    credit_span name, value;
} cr_extra;

/* What judgement reads of a record (decisions 6). Plain numbers; the byte
 * layout is codec.h's business. Dates not given are CREDIT_DATE_NONE,
 * long-term is CREDIT_DATE_FOREVER. */
typedef struct cr_facts {
    uint8_t category;  /* cr_category of the subject as the row states it */
    uint8_t roster;    /* cr_roster_kind of the catalog */
    uint8_t scope;     /* cr_scope that may see the record */
    uint8_t status;    /* number of the STATUS code, 0 if none */
    uint32_t kinds;    /* bits of the KINDS words */
    uint32_t list;     /* number of the LIST code, 0 if none */
    uint32_t tags[CR_TAGS_MAX];
    credit_date decided_on, valid_from, valid_until, publicity_until;
    credit_date notified_on, removed_on;
    int64_t amount_fen, amount_2_fen; /* -1 = not given */
} cr_facts;

/* One row, ready for admission. All memory belongs to the row's arena and dies
 * when the sink returns. Values are as written (blank words included only if
 * they are not pack blanks: a blank is an empty span). */
typedef struct cr_record {
    const cr_catalog *catalog;
    uint16_t catalog_index;      /* place of the catalog in its pack */
    uint64_t row;                /* 1-based data row */
    uint64_t line;               /* 1-based physical line where the row starts */
    const credit_span *values;   /* one per field of the catalog */
    const cr_extra *extras;
    size_t extra_count;
    cr_id subject;               /* folded, judged; kind UNKNOWN: nothing to go by */
    cr_facts facts;
    credit_date provided_on;     /* the day the source spoke; NONE: it does not say */
    uint32_t warnings;           /* how many findings of severity warning, */
    const struct cr_finding *findings; /* and what the first of them say */
    size_t finding_count;
    cr_severity needs_earlier;   /* V27: what it is if there is no earlier record */
} cr_record;

#endif
