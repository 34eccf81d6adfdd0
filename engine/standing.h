/* What the store knows that decides whose record a row is: where a number leads that is
 * no unified code, whether a code was retired, which names were borne when. */
#ifndef CR_ENGINE_STANDING_H
#define CR_ENGINE_STANDING_H

#include "engine/earlier.h"
#include "engine/matching.h"
#include "engine/registry.h"
#include "engine/subject.h"

/* NUMBER: the key of the number, as a subject would have it, then that of the subject. */
enum { CR_NUMBER_KEY = 2 * CR_SUBJECT_KEY };
void cr_number_key(const cr_subject_key *number, const cr_subject_key *subject,
    char out[CR_NUMBER_KEY]);
/* The organisation code that stands inside a unified code. basis: GB 32100-2015. */
void cr_number_inside(const cr_subject_key *uscc, cr_subject_key *org_code);

/* The subject whose number this is; *leads says whether there is exactly one. */
CREDIT_MUST_CHECK credit_result cr_number_leads(cr_txn *txn, const cr_pack *pack,
    const cr_registry *registry, const cr_subject_key *number, cr_subject_key *subject,
    cr_match_leads *leads, credit_error *err);

/* The numbers, other than its unified code, that a row of a subject states: those whose
 * check character is right. */
enum { CR_NUMBERS_MAX = 3 };
CREDIT_MUST_CHECK credit_result cr_numbers_of(cr_txn *txn, const cr_pack *pack,
    const cr_registry *registry, const cr_version *version, cr_subject_key out[CR_NUMBERS_MAX],
    size_t *count, credit_error *err);
/* That of the kind (cr_match_number) by which the row came to its subject. */
CREDIT_MUST_CHECK credit_result cr_number_own(cr_txn *txn, const cr_pack *pack,
    const cr_registry *registry, const cr_version *version, uint8_t kind, cr_subject_key *number,
    credit_error *err);
/* What leads to the subject after a version of it, which its catalog's rows do: the code
 * inside its own, where the version is `first` of its record, and the numbers that it
 * states. None where the catalog ties no numbers. */
CREDIT_MUST_CHECK credit_result cr_numbers_tied(cr_txn *txn, const cr_pack *pack,
    const cr_registry *registry, const cr_version_key *key, const cr_version *version, bool first,
    cr_subject_key out[CR_NUMBERS_MAX + 1], size_t *count, credit_error *err);

/* Is the subject's code retired by what was last said of it? basis: 重错码更正. */
CREDIT_MUST_CHECK credit_result cr_code_is_retired(cr_txn *txn, const cr_pack *pack,
    const cr_registry *registry, const cr_subject_key *subject, bool *retired, credit_error *err);

/* May a row of the catalog make the subject known? */
bool cr_introduces(const cr_pack *pack, const cr_catalog *catalog, const cr_subject_key *subject);
/* Has the subject borne the name, as far as batches count? */
CREDIT_MUST_CHECK credit_result cr_name_counts(cr_txn *txn, const cr_pack *pack,
    const cr_registry *registry, const cr_subject_key *subject, uint64_t name_hash, bool *had,
    credit_error *err);

/* Was a name that the subject has borne still its name on that day? Yes where the
 * register does not say until when. */
CREDIT_MUST_CHECK credit_result cr_name_was_borne(cr_txn *txn, const cr_pack *pack,
    const cr_registry *registry, const cr_subject_key *subject, uint64_t name_hash,
    credit_date on, bool *borne, credit_error *err);

/* What a catalog's row brings to the table by itself. */
cr_match_case cr_match_known(
    const cr_catalog *catalog, uint8_t number, uint8_t leads, bool lacks_decision);

/* What is asked of the table: a case whose catalog, decision, number and leads are there already, and
 * what the store knows of the subject. */
typedef struct cr_match_question {
    cr_match_case known;
    const cr_subject_key *key;
    const cr_subject *subject; /* NULL: the store does not know it */
    bool retired;
    uint64_t name_hash;
    credit_date on; /* the day the row speaks of; NONE: it does not say */
} cr_match_question;
/* The row of the table that decides, and how the name lies to the subject's on the day. */
CREDIT_MUST_CHECK credit_result cr_match(cr_txn *txn, const cr_pack *pack,
    const cr_registry *registry, const cr_match_question *question, const cr_match_row **row,
    cr_match_name *name, credit_error *err);
/* How a row was joined, as its version notes it. */
uint8_t cr_match_note(cr_match_name name, uint8_t leads);

#endif
