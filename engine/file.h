/* 一企一档: all that a judgement looks at of one subject, at a moment.
 *
 * Gathered from the store by whoever holds the transaction; judged by whoever
 * has the time, without a store in sight. */
#ifndef CR_ENGINE_FILE_H
#define CR_ENGINE_FILE_H

#include "engine/admit.h"
#include "engine/counting.h"
#include "engine/facts.h"
#include "engine/registry.h"

typedef struct cr_file {
    cr_subject_key key;
    bool exists; /* the store knows the subject */
    uint32_t first_commit; /* that knew it; 0 if none does */
    cr_fact_subject subject;
    cr_fact *facts; /* newest known versions, in key order; grown, kept for the next use */
    size_t fact_count, fact_capacity;
    credit_date opens_on; /* the first later day on which a record is seen that had not been
                             decided on the day asked about; FOREVER, or no later day:
                             there is none */
} cr_file;

/* Facts of versions up to `commit`, decided by `as_of`. `range` walks VERSION, and
 * `counting` is of the same transaction, from which the subject's name is borrowed. */
CREDIT_MUST_CHECK credit_result cr_file_gather(cr_file *file, const cr_pack *pack,
    const cr_registry *registry, cr_range *range, cr_counting *counting,
    const cr_subject_key *key, credit_date as_of, uint32_t commit, credit_error *err);
/* The same of a subject with the versions that are given; where the store had others
 * before, these are read by the thread's own look at it. */
CREDIT_MUST_CHECK credit_result cr_file_take(cr_file *file, const cr_pack *pack,
    const cr_registry *registry, cr_earlier *earlier, const cr_touched *given, credit_date as_of,
    credit_error *err);
/* The same file as another pack sees it, that may come after or before the one by which
 * it was gathered (cr_pack_may_follow): what depends on the pack is found anew, rulings
 * included. */
void cr_file_rebind(cr_file *file, const cr_pack *pack, const cr_registry *registry);
void cr_file_free(cr_file *file);

/* A walk over the files of all subjects, in the order of their keys: one pass over
 * SUBJECT and VERSION. */
typedef struct cr_files {
    const cr_pack *pack;
    const cr_registry *registry;
    cr_counting counting;
    cr_range subjects, versions;
    bool ahead; /* `versions` stands on what no subject has taken yet */
} cr_files;
CREDIT_MUST_CHECK credit_result cr_files_open(cr_txn *txn, const cr_pack *pack,
    const cr_registry *registry, cr_files *files, credit_error *err);
/* CREDIT_DONE behind the last. */
CREDIT_MUST_CHECK credit_result cr_files_next(cr_files *files, credit_date as_of,
    uint32_t commit, cr_file *file, credit_error *err);
void cr_files_close(cr_files *files);

#endif
