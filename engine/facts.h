/* What rules look at: a subject's records at a moment, as host objects.
 *
 * Nothing is copied into the rule engine: a property is read from the fact
 * header when an expression asks for it. The vocabulary is the pack format's
 * (packs/README.md, "What the rules see"); a catalog's tags join it by name. */
#ifndef CR_ENGINE_FACTS_H
#define CR_ENGINE_FACTS_H

#include "engine/codec.h"
#include "engine/feel.h"
#include "engine/pack.h"
#include "engine/subject.h"

/* engine/decision.h */
struct cr_model;
struct cr_known;

/* Host types in the order every model of ours is compiled with. */
enum { CR_HOST_RECORD, CR_HOST_SUBJECT, CR_HOST_COVERS, CR_HOST_POLICY, CR_HOST_TYPES };

/* One record version as a rule sees it. */
typedef struct cr_fact {
    cr_version_key key;
    cr_version version;
    const cr_catalog *catalog;
    int catalog_index;
    bool ruled; /* the ruling is that of the pack in use: its properties may be read */
    /* The newest message about the record, by what it is about (engine/message.h); NULL:
     * there is none. Of a message: the record that it is about. */
    const struct cr_fact *messages[CR_MESSAGE_EFFECTS];
    const struct cr_fact *about;
    /* The newest message that took a removal or a repair of the record back; NULL: none. */
    const struct cr_fact *restored;
} cr_fact;

/* What rules may know of the subject itself. */
typedef struct cr_fact_subject {
    uint8_t category;
    bool known;
    credit_span status; /* word of the register's status code; empty if unknown */
    uint32_t status_number; /* that subjects of one status share; 0: it has none */
    credit_date registered_on;
    credit_span name;
    const cr_pack *pack; /* for coverage */
    uint32_t region;     /* six digits of a unified code, 0 if there is none */
    credit_date as_of;
    uint64_t assumed; /* catalogs taken to be complete, whatever the pack says: one bit each */
} cr_fact_subject;
enum { CR_ASSUMED_MAX = 64 };

/* Is the catalog, by its index, complete for the subject on the day asked about?
 * basis: decisions 12 */
bool cr_subject_is_covered(const cr_fact_subject *subject, uint16_t catalog);

/* The host types of a pack: built once, before its model is compiled. */
typedef struct cr_fact_types {
    cr_host_type types[CR_HOST_TYPES];
    const int8_t *tag_slots; /* by catalog index, then property: its tag, -1 none */
} cr_fact_types;
CREDIT_MUST_CHECK credit_result cr_fact_types_build(
    const cr_pack *pack, cr_arena *arena, cr_fact_types *types, credit_error *err);

/* The pack's parameters as values, one each in order: the object of the host
 * type `policy`. CREDIT_E_PACK when a value is not of its type. */
CREDIT_MUST_CHECK credit_result cr_policy_values(
    const cr_pack *pack, cr_arena *arena, const cr_feel_value **values, credit_error *err);

/* The pack's rules with its parameters known, for every decision. */
CREDIT_MUST_CHECK credit_result cr_policy_narrow(
    const cr_pack *pack, const cr_feel_value *policy, struct cr_model **out, credit_error *err);

/* A property of an object of one of the host types, as a rule would read it. */
cr_feel_value cr_fact_value(const cr_fact_types *types, size_t host, const void *object,
    uint16_t property, cr_eval *eval);

/* A word that facts of one catalog share only when they have the same value of the
 * property; 0: it is null, or nothing. */
uint64_t cr_fact_word(const cr_fact_types *types, const cr_fact *fact, uint16_t property);

/* A number that facts of one catalog share when they are alike in the property:
 * *whole, then their values are the same; else both are there, and may differ. */
uint32_t cr_fact_class(
    const cr_fact_types *types, const cr_fact *fact, uint16_t property, bool *whole);

/* What a subject's records have in common with those of others, as far as rules
 * should be narrowed to it: which catalogs and kinds of list they are of, what kind
 * of subject it is, what its status is, which catalogs are complete for it, and what
 * is applied for. */
enum { CR_SUBJECT_CLASS = 8 };
/* False if there are more catalogs than the key has room for. */
bool cr_subject_class(const cr_fact_subject *subject, credit_span matter,
    const cr_fact *const *facts, size_t count, uint32_t key[CR_SUBJECT_CLASS]);
/* Is a catalog complete for somebody on the later of two days, and not on the other? */
bool cr_coverage_changes(const cr_pack *pack, credit_date from, credit_date to);
/* The first later day on which a catalog becomes complete for the subject; FOREVER. */
credit_date cr_coverage_next_change(const cr_fact_subject *subject);
/* The inputs of a model that are about a subject; -1 where it has none. */
typedef struct cr_subject_inputs {
    int records, subject, covers, matter;
} cr_subject_inputs;
/* What is known of them in the subject's class; it lives in the evaluation's
 * arena. NULL when out of memory. */
const struct cr_known *cr_subject_known(const cr_fact_types *types, const cr_subject_inputs *inputs,
    const cr_fact_subject *subject, credit_span matter, const cr_fact *const *facts,
    size_t fact_count, cr_eval *eval, size_t *count);

/* Severity words of a ruling, by number; "" for none. */
credit_span cr_severity_word(uint8_t severity);
uint8_t cr_severity_number(credit_span word);
/* Word of a code number in a set; empty if there is none. */
credit_span cr_code_word(const cr_codeset *set, uint32_t number);

#endif
