/* What may become of a subject's data, and the data as they would then be. */
#ifndef CR_ENGINE_WHYNOT_CHANGES_H
#define CR_ENGINE_WHYNOT_CHANGES_H

#include "engine/whynot.h"

/* What of a subject the rules of a pack ask for, and what a register would say. */
typedef struct cr_change_scope {
    const cr_pack *pack;
    bool known, status;  /* do they ask for subject.known, subject.status? */
    uint64_t covers;     /* for which catalogs, one bit each */
    credit_span in_force; /* the word of the register; empty: it has none */
} cr_change_scope;

CREDIT_MUST_CHECK credit_result cr_change_scope_read(
    const cr_pack *pack, cr_change_scope *scope, credit_error *err);

/* Every change that may be made to what was judged on that day, in order. */
CREDIT_MUST_CHECK credit_result cr_changes_list(const cr_change_scope *scope,
    const cr_judgement *judgement, credit_date as_of, cr_arena *arena, const cr_change **changes,
    size_t *count, credit_error *err);

/* The file as the changes would leave it; its facts are overwritten. */
CREDIT_MUST_CHECK credit_result cr_changes_apply(const cr_change_scope *scope,
    const cr_judgement *judgement, credit_date as_of, const cr_change *const *changes,
    size_t count, cr_file *file, credit_error *err);

#endif
