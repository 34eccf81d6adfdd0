/* A directory of a test's own, removed when the program ends. */
#ifndef CREDIT_TESTS_SCRATCH_H
#define CREDIT_TESTS_SCRATCH_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char scratch[256];

static inline void remove_scratch(void)
{
    char command[300];
    if (scratch[0] == '\0') { return; }
    snprintf(command, sizeof command, "rm -rf '%s'", scratch);
    if (system(command) != 0) { fprintf(stderr, "%s stays behind\n", scratch); }
    scratch[0] = '\0';
}

static inline void make_scratch(void)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(scratch, sizeof scratch, "%s/credit-test-XXXXXX", tmp == NULL ? "/tmp" : tmp);
    ck_assert_ptr_nonnull(mkdtemp(scratch));
}

/* SCRATCH/name, in a buffer that the second next call uses again. */
static inline const char *in_scratch(const char *name)
{
    static char paths[4][512];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", scratch, name);
    return path;
}

#endif
