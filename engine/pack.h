/* 政策包: the whole of a policy pack in memory. Built by loaders/pack.c from
 * files or from the copy in a store; immutable; shared by all threads. */
#ifndef CR_ENGINE_PACK_H
#define CR_ENGINE_PACK_H

#include "engine/calendar.h"
#include "engine/catalog.h"
#include "engine/matching.h"

struct cr_model; /* compiled DMN, engine/decision.h */

/* One file of a pack as bytes. A pack is its files, sorted by path. */
typedef struct cr_pack_file {
    credit_span path; /* relative, forward slashes */
    credit_span bytes;
} cr_pack_file;

enum { CR_ROSTER_NAME = 16 }; /* bytes of a roster's name, with its end */

/* A list the pack knows, as `credit list NAME` names it. */
typedef struct cr_roster_def {
    credit_span name;  /* "red", "black", "watch" */
    credit_span title;
    cr_roster_kind kind;
    credit_span decision; /* DMN decision that gives its entries for a subject */
    cr_scope scope;       /* least scope that may see the entries */
    const cr_codeset *lists; /* codes of the lists of this roster; NULL = one list */
} cr_roster_def;

typedef struct cr_grant {
    credit_span name; /* "priority", "simplified", "deferred_documents", … */
    credit_span title;
} cr_grant;

/* From when a catalog is complete, for whom (decisions 12). */
typedef struct cr_coverage {
    uint16_t catalog;
    credit_date since;         /* of the event date */
    const credit_span *regions; /* prefixes of region codes; none = everybody */
    size_t region_count;
} cr_coverage;

typedef struct cr_parameter {
    credit_span name; /* a FEEL name inside `policy` */
    credit_span type; /* "number" | "string" | "date" | "duration" | "boolean" */
    credit_span value; /* its text */
    credit_span basis, note; /* for people */
} cr_parameter;

/* A section of the report (national layout), in order. */
typedef struct cr_report_section {
    credit_span no, title; /* catalogs name the title as their section */
} cr_report_section;

typedef struct cr_pack {
    credit_span name, version, title;
    credit_date from; /* first day it is in force */
    unsigned char digest[32];
    const cr_pack_file *files;
    size_t file_count;
    const cr_catalog *catalogs;
    size_t catalog_count;
    const credit_span *planned; /* catalogs that rules name and that are not there yet */
    size_t planned_count;
    const cr_codeset *codesets;
    size_t codeset_count;
    cr_id_tables ids;
    cr_calendar *calendar;
    cr_matching matching; /* whose record a row is */
    const cr_coverage *coverage;
    size_t coverage_count;
    const cr_parameter *parameters;
    size_t parameter_count;
    const cr_roster_def *rosters;
    size_t roster_count;
    const cr_grant *grants;
    size_t grant_count;
    credit_span tier_decision, green_decision, record_decision;
    cr_scope tier_scope; /* least scope that may see the tier */
    const credit_span *tiers; /* the best first; none: which is better is not known */
    size_t tier_count;
    credit_span report_title, issuer; /* of an extract */
    const cr_report_section *sections;
    size_t section_count;
    cr_scope feed_scope;       /* whom the exchange's packages may tell what */
    const uint16_t *feed_catalogs; /* that leave by them; NULL = all */
    size_t feed_catalog_count;
    const cr_codeset *matters; /* green-channel matters; NULL = any */
    const credit_span *blank_words;
    size_t blank_count;
    size_t blank_longest; /* bytes of the longest of them */
    const credit_span *explanation_words; /* V26: how a template's notes begin */
    size_t explanation_count;
    const credit_span *sole_proprietor_prefixes; /* of a unified code, where no column says it */
    size_t sole_proprietor_count;
    const credit_span *long_term_words; /* e.g. 长期 */
    size_t long_term_count;
    const credit_date *long_term_dates;      /* mean "no end" */
    size_t long_term_date_count;
    const credit_date *doubtful_long_term_dates; /* look like it: warning, kept as dates */
    size_t doubtful_count;
    credit_date earliest_date; /* V11: nothing was decided before */
    const credit_date *broken_dates; /* V10: 1899-12-31 and the like */
    size_t broken_date_count;
    const cr_pack_file *rules; /* the DMN file, for whoever compiles the model */
    struct cr_model *model; /* all decisions of the pack; NULL until compiled */
    struct cr_arena *arena; /* owns all of the above */
} cr_pack;

int cr_pack_catalog(const cr_pack *pack, credit_span name); /* index, -1 if none */
const cr_codeset *cr_pack_codeset(const cr_pack *pack, credit_span name);
/* Can the pack read what records keep that came in under another one? CREDIT_E_PACK with
 * the catalog and what of it is not the same (pack_succession.c). */
CREDIT_MUST_CHECK credit_result cr_pack_may_follow(
    const cr_pack *next, const cr_pack *before, credit_error *err);
void cr_pack_free(cr_pack *pack);

#endif
