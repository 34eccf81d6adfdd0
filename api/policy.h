/* Policy packs with their rules: files → tables → compiled decisions. */
#ifndef CREDIT_API_POLICY_H
#define CREDIT_API_POLICY_H

#include "engine/pack.h"

/* What an environment variable names; NULL: nothing, also when it is empty. */
const char *api_environment(const char *name);
/* The files of a pack directory; NULL is $CREDIT_PACK, else the installed pack. */
CREDIT_MUST_CHECK credit_result api_pack_read(const char *directory, cr_arena *arena,
    cr_pack_file **files, size_t *count, credit_error *err);
/* Compiles tables and rules; every decision that the pack names must be there. */
CREDIT_MUST_CHECK credit_result api_pack_compile(
    const cr_pack_file *files, size_t count, cr_pack **pack, credit_error *err);
/* What lint finds in the pack's rules: how many faults, and the first of them. */
CREDIT_MUST_CHECK credit_result api_pack_lint(
    const cr_pack *pack, uint64_t *findings, credit_error *first, credit_error *err);
void api_pack_free(cr_pack *pack); /* with its rules; NULL is fine */
size_t api_pack_decisions(const cr_pack *pack);

#endif
