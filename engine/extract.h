/* 信用报告: lays a judgement and its records out as the extract's canonical JSON.
 *
 * 1. The bytes are a function of what is given: the same input, the same bytes.
 * 2. A record is shown as its disclosure blocks up to the scope asked for
 *    (engine/FORMAT.md): what a scope may not see is in none of them.
 * 3. What has left a scope (repaired, past its publication, withdrawn) is not
 *    shown in it; what a message withdrew or repaired stays in the authorized file,
 *    as that. basis: 《信用修复管理办法》 art. 3. */
#ifndef CR_ENGINE_EXTRACT_H
#define CR_ENGINE_EXTRACT_H

#include "engine/judge.h"

typedef struct cr_extract {
    const cr_judgement *judgement;
    const cr_pack *pack;
    const cr_registry *registry;
    cr_txn *txn;
    const cr_frame_reader *frames;
    const cr_subject_key *subject;
    credit_span subject_id; /* as the reader knows the subject; a person's is masked */
    cr_scope scope;
    credit_span number, purpose, suite, matter;
    credit_date as_of;
    credit_instant known_at, issued_at;
} cr_extract;

/* May the record be shared in a scope on a day? Never one that was withdrawn or repaired. */
bool cr_extract_shows(const cr_fact *fact, cr_scope scope, credit_date as_of);

/* Writes the document; `json` must be canonical (sorted). */
CREDIT_MUST_CHECK credit_result cr_extract_write(
    const cr_extract *extract, cr_canon *json, cr_arena *arena, credit_error *err);

/* One record's blocks up to a scope, as an array of objects. */
CREDIT_MUST_CHECK credit_result cr_extract_write_blocks(const cr_extract *extract,
    const cr_fact *fact, cr_canon *json, cr_arena *arena, credit_error *err);

#endif
