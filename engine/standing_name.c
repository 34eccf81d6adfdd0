/* Names that a subject bears or has borne, when batches were undone. */
#include "engine/standing.h"

/* A name that only undone batches gave leads nowhere: one that counts must spell it. */
static credit_result still_borne(cr_counted *counted, const cr_registry *registry,
    uint64_t name_hash, bool *had, credit_error *err)
{
    cr_version version;
    credit_span name;
    credit_result rc = CREDIT_OK;
    *had = false;
    while (!*had && rc == CREDIT_OK && (rc = cr_counted_next(counted, err)) == CREDIT_OK) {
        rc = cr_version_decode(counted->versions.value, &version, err);
        if (rc != CREDIT_OK || version.state == CR_VERSION_REMOVED) { continue; }
        rc = cr_registry_value(
            registry, counted->counting.txn, &version, CR_ROLE_SUBJECT_NAME, &name, err);
        *had = rc == CREDIT_OK && cr_name_hash(name) == name_hash;
    }
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}

credit_result cr_name_counts(cr_txn *txn, const cr_registry *registry,
    const cr_subject_key *subject, uint64_t name_hash, bool *had, credit_error *err)
{
    cr_counted counted;
    credit_result rc = cr_subject_had_name(txn, subject, name_hash, had, err);
    if (rc != CREDIT_OK || !*had) { return rc; }
    rc = cr_counted_open(txn, subject, UINT32_MAX, &counted, err);
    if (rc == CREDIT_OK && counted.counting.undone.size > 0) {
        rc = still_borne(&counted, registry, name_hash, had, err);
    }
    cr_counted_close(&counted);
    return rc;
}
