/* A rehearsal: every subject under the pack in force and under a draft of the next one.
 *
 * One walk over a snapshot; a file is gathered once and judged under both packs. Only
 * whose outcomes differ is judged again, with reasons. Memory is that of one file, of
 * the counts, and of the rows that a page holds. */
#ifndef CREDIT_API_REHEARSE_H
#define CREDIT_API_REHEARSE_H

#include <stdio.h>

#include "api/html.h"
#include "api/packs.h"
#include "engine/judge.h"

enum {
    TRY_SIDES = 2, /* the pack in force, the draft */
    TRY_TIERS_MAX = 16,
    TRY_LISTINGS_MAX = 256, /* that one subject is on */
    TRY_PLACES_MAX = 4096,  /* departments, regions: what comes later is counted together */
    TRY_ROWS_MAX = 20000,   /* of a page */
    TRY_EFFECTS = 3,
    TRY_WHATS = 3
};
extern const char *const api_try_whats[TRY_WHATS];     /* tier, list, green_channel */
extern const char *const api_try_effects[TRY_EFFECTS]; /* by cr_effect */

/* Matters that neither pack tells apart are judged once. */
typedef struct try_matters {
    const cr_code **matters; /* of both packs, in the order of the draft */
    size_t *class_of;
    size_t matter_count;
    credit_span *chosen; /* by class: one that stands for all */
    size_t class_count;
} try_matters;
/* Memory is the arena's. */
CREDIT_MUST_CHECK credit_result api_try_matters(const cr_pack *before, const cr_pack *draft,
    cr_arena *arena, try_matters *matters, credit_error *err);

typedef struct try_place {
    const cr_roster_def *roster;
    uint32_t list;
    credit_span code, domain;
} try_place;

/* What one side says of a subject. */
typedef struct try_outcome {
    credit_span tier; /* empty: open */
    try_place places[TRY_LISTINGS_MAX];
    size_t place_count;
    cr_effect *green; /* by class of matters */
} try_outcome;

typedef struct try_listed {
    try_place place;
    uint64_t before, after, entered, left;
} try_listed;

/* Changes by where they come from. */
typedef struct try_source {
    credit_span name;
    uint32_t region; /* of a region */
    uint64_t changes[TRY_WHATS];
} try_source;
typedef struct try_sources {
    try_source *items;
    size_t count, room;
} try_sources;

typedef struct try_counts {
    uint64_t subjects, changed, changes;
    credit_span tiers[TRY_TIERS_MAX];
    size_t tier_count;
    uint64_t tier_pairs[TRY_TIERS_MAX][TRY_TIERS_MAX];
    try_listed *lists;
    size_t list_count, list_room;
    uint64_t (*green_pairs)[TRY_EFFECTS][TRY_EFFECTS]; /* by class of matters */
    try_sources departments, regions;
} try_counts;

/* The reasons of one side for one outcome, as texts; rules, texts and bases stand in
 * one order, joined by "；". */
typedef struct try_reason {
    credit_span rules, texts, bases, records;
    credit_span department; /* that sent the first record it rests on; empty if there is none */
} try_reason;

/* One outcome of one subject that differs. */
typedef struct try_change {
    const cr_file *file;
    int what;             /* api_try_whats */
    credit_span place;    /* list, or the matters */
    credit_span before, after;
    try_reason reasons[TRY_SIDES];
    credit_span department, region;
} try_change;

typedef struct try_side {
    const cr_pack *pack;
    const cr_registry *registry;
    cr_judge *judge;
    try_outcome outcome;
} try_side;

typedef struct rehearsal {
    credit_store *store;
    const credit_rehearsal_options *options;
    cr_txn *txn;
    uint32_t commit; /* known by */
    credit_date as_of;
    try_side sides[TRY_SIDES];
    cr_pack *draft;
    cr_registry draft_registry;
    try_matters matters;
    try_counts counts;
    cr_file file;
    cr_arena constants, arena; /* arena: of the subject at hand */
    FILE *csv;
    char csv_path[PATH_ROOM];
    cr_html rows; /* of the page */
    size_t row_count;
} rehearsal;

/* ---- rehearse_tell.c: one change ----------------------------------------------- */

/* Tells every change of the subject at hand, with the reasons of both sides. */
CREDIT_MUST_CHECK credit_result api_try_tell(rehearsal *r, credit_error *err);
/* Does that side put the subject on the list? */
bool api_try_is_on(const try_outcome *outcome, const try_place *place);
const char *api_try_effect_shown(int effect); /* in Chinese */

/* ---- rehearse_csv.c -------------------------------------------------------------- */

CREDIT_MUST_CHECK credit_result api_try_csv_open(rehearsal *r, credit_error *err);
void api_try_csv_row(rehearsal *r, const try_change *change);
/* Puts the file in its place, or removes what was written of it. */
CREDIT_MUST_CHECK credit_result api_try_csv_close(
    rehearsal *r, credit_result so_far, credit_error *err);

/* ---- rehearse_html.c ------------------------------------------------------------- */

void api_try_html_row(rehearsal *r, const try_change *change);
CREDIT_MUST_CHECK credit_result api_try_html(rehearsal *r, credit_error *err);

#endif
