/* The inside of a cr_source, for loader.c. */
#ifndef CR_LOADERS_SOURCE_H
#define CR_LOADERS_SOURCE_H

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "loaders/charset.h"
#include "loaders/loader.h"

struct cr_source {
    int fd;            /* -1: of bytes at hand */
    credit_span file;  /* mapped */
    credit_span bytes; /* its text: the same, or a mapping of its own */
    cr_coding coding;
    cr_source_info info;
    size_t file_size;
    struct timespec changed_at;
    const cr_crypto *crypto;
    pthread_t thread; /* digests; to be joined while `digesting` */
    bool digesting;
    _Atomic bool digested; /* the next and info.digest are there */
    credit_result digest_result;
};

/* CREDIT_E_IO if somebody wrote to the file since it was opened: what was
 * digested would not be what was read. */
CREDIT_MUST_CHECK credit_result cr_source_unchanged(const cr_source *source, credit_error *err);

#endif
