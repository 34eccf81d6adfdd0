/* Packs for tests: the small one of tests/cases/pack, whole or with a fault
 * planted, and lines of tab-separated cases. */
#ifndef CREDIT_TESTS_PACKS_H
#define CREDIT_TESTS_PACKS_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/error.h"
#include "engine/text.h"
#include "loaders/pack.h"
#include "tests/support/digest.h"

/* SOURCE/name, or NULL where the environment does not say. */
static inline const char *in_folder(const char *variable, const char *name, char out[1024])
{
    const char *folder = getenv(variable);
    if (folder == NULL) {
        return NULL;
    }
    snprintf(out, 1024, "%s/%s", folder, name);
    return out;
}

static inline void read_pack(const char *name, cr_arena *arena, cr_pack_file **files, size_t *count)
{
    char path[1024];
    credit_error err = CREDIT_ERROR_INIT;
    ck_assert_ptr_nonnull(in_folder("CREDIT_SOURCE", name, path));
    credit_result rc = cr_pack_read_directory(path, arena, files, count, &err);
    ck_assert_msg(rc == CREDIT_OK, "%s", err.message);
}

static inline cr_pack *given_pack(const char *name)
{
    cr_arena arena = CR_ARENA_INIT;
    cr_pack_file *files = NULL;
    size_t count = 0;
    cr_pack *pack = NULL;
    credit_error err = CREDIT_ERROR_INIT;
    read_pack(name, &arena, &files, &count);
    credit_result rc = cr_pack_compile(files, count, &test_crypto, &pack, &err);
    ck_assert_msg(rc == CREDIT_OK, "%s", err.message);
    cr_arena_release(&arena);
    return pack;
}

static inline cr_pack *given_small_pack(void)
{
    return given_pack("tests/cases/pack");
}

enum { CASE_CELLS = 4, CASE_LINE = 4096 };

/* Calls `run` with the cells of each line that is not a comment. */
static inline void each_case(const char *name, void (*run)(char *cells[CASE_CELLS], size_t line))
{
    char path[1024], text[CASE_LINE];
    ck_assert_ptr_nonnull(in_folder("CREDIT_SOURCE", name, path));
    FILE *file = fopen(path, "r");
    ck_assert_msg(file != NULL, "%s is missing", path);
    for (size_t line = 1; fgets(text, sizeof text, file) != NULL; line++) {
        text[strcspn(text, "\n")] = '\0';
        char *cells[CASE_CELLS] = {text, NULL, NULL, NULL};
        for (size_t i = 1; i < CASE_CELLS && cells[i - 1] != NULL; i++) {
            cells[i] = strchr(cells[i - 1], '\t');
            if (cells[i] != NULL) {
                *cells[i]++ = '\0';
            }
        }
        if (text[0] != '#') {
            run(cells, line);
        }
    }
    fclose(file);
}

#endif
