/* Keys and a small sealed container, for tests and for programs beside them. */
#ifndef CREDIT_TESTS_SEALED_H
#define CREDIT_TESTS_SEALED_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "engine/date.h"
#include "engine/text.h"
#include "keys/envelope.h"
#include "keys/files.h"
#include "keys/keyring.h"

/* What a test relies on before it begins; works outside of Check too. */
static inline void must(bool holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "cannot begin: %s\n", what);
        abort();
    }
}

static inline credit_instant instant_of(const char *text)
{
    credit_instant instant = 0;
    must(cr_instant_parse(cr_span_of(text), &instant), text);
    return instant;
}

/* Keys of a suite, valid from 2026 to 2028, in a directory that need not exist. */
static inline cr_signer *make_keys(const char *directory, const char *suite)
{
    credit_error err = CREDIT_ERROR_INIT;
    cr_signer *signer = NULL;
    const cr_keyring_options options = {
        .suite = cr_suite_find(cr_span_of(suite)),
        .organization = CR_SPAN("荆州市公共信用信息中心"),
        .now = instant_of("2026-01-01T00:00:00Z"),
    };
    credit_result rc = cr_keyring_create(directory, &options, &err);
    must(rc == CREDIT_OK, err.message);
    rc = cr_keyring_open(directory, NULL, &signer, &err);
    must(rc == CREDIT_OK, err.message);
    return signer;
}

/* An authority, and a revocation list beside it if there is one, to trust in. */
static inline cr_trust *trust_in(const char *directory)
{
    char path[CR_FILE_PATH_MAX];
    cr_trust *trust = NULL;
    must(cr_trust_new(&trust, NULL) == CREDIT_OK, "trust");
    must(cr_file_path(path, directory, "authority.pem"), "path");
    must(cr_trust_add_path(trust, path, NULL) == CREDIT_OK, path);
    must(cr_file_path(path, directory, "crl.pem"), "path");
    if (cr_file_exists(path)) { must(cr_trust_add_path(trust, path, NULL) == CREDIT_OK, path); }
    return trust;
}

#define SEALED_AT "2026-07-01T08:00:00Z"

static inline credit_span seal_files(const cr_signer *signer, const char *time,
    const cr_content *files, size_t count, cr_arena *arena)
{
    credit_span bytes;
    credit_error err = CREDIT_ERROR_INIT;
    credit_result rc = cr_seal(signer, instant_of(time), files, count, arena, &bytes, &err);
    must(rc == CREDIT_OK, err.message);
    return bytes;
}

/* Two small files, sealed. */
static inline credit_span seal_sample(const cr_signer *signer, cr_arena *arena)
{
    const cr_content files[] = {
        {CR_SPAN("extract.json"), CR_SPAN("application/json"),
            CR_SPAN("{\"issued_at\":\"" SEALED_AT "\",\"subject\":\"荆州\"}")},
        {CR_SPAN("report.html"), CR_SPAN("text/html"), CR_SPAN("<p>信用报告</p>\n")},
    };
    return seal_files(signer, SEALED_AT, files, 2, arena);
}

#endif
