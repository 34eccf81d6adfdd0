/* Containers from strangers: what is read is what would be written, and judging
 * comes to a verdict. */
#include <stdint.h>
#include <stdlib.h>

#include "engine/text.h"
#include "keys/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
    if (!holds) { abort(); }
}

static void read_again(credit_span bytes, cr_arena *arena)
{
    cr_entry *entries = NULL;
    size_t count = 0;
    credit_span again;
    if (cr_container_read(bytes, arena, &entries, &count, NULL) != CREDIT_OK) { return; }
    demand(cr_container_write(entries, count, arena, &again, NULL) == CREDIT_OK);
    demand(cr_span_equal(again, bytes));
}

/* Trusts the very certificates of the container, so that chains are built too. */
static void judge(const cr_sealed *sealed)
{
    cr_trust *trust = NULL;
    cr_verdict verdict;
    demand(cr_trust_new(&trust, NULL) == CREDIT_OK);
    (void)cr_trust_add_pem(trust, sealed->chain, NULL);
    const cr_verify_terms judgement = {trust, INT64_C(1782892800000000), false};
    demand(cr_unseal_verify(sealed, &judgement, &verdict, NULL) == CREDIT_OK);
    demand(verdict.digest.state != CR_CHECK_ABSENT);
    cr_trust_free(trust);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_sealed sealed;
    credit_span bytes = {(const char *)data, size};
    read_again(bytes, &arena);
    if (cr_unseal(bytes, &arena, &sealed, NULL) == CREDIT_OK) { judge(&sealed); }
    cr_arena_release(&arena);
    return 0;
}
