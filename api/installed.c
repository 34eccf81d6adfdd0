/* Finds what was installed beside us.
 *
 * An installation may be staged, unpacked elsewhere, or still be the build
 * tree, so the library asks the loader where it lies itself, and goes from
 * there the way the build says, before it believes the absolute path.
 *
 * 1. No environment variable is read here: who may override is the caller's rule.
 * 2. Exactly one place is tried beside us. Searching upward could end in a
 *    directory that anybody may write, and trust would come from there. */
#define _GNU_SOURCE /* dladdr */
#include "api/installed.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char library_name[] = "libcredit.so";

/* The same directory as seen from the library, from a program that has the
 * library inside, and from nowhere. */
struct place {
    const char *from_library;
    const char *from_program;
    const char *absolute;
};

static const struct place packs = {CREDIT_LIBRARY_TO_DATA "/credit/packs",
    CREDIT_PROGRAM_TO_DATA "/credit/packs", CREDIT_DATA "/credit/packs"};
static const struct place trust = {CREDIT_LIBRARY_TO_DATA "/credit/trust",
    CREDIT_PROGRAM_TO_DATA "/credit/trust", CREDIT_DATA "/credit/trust"};

static bool is_directory(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The real path of the file this very function was loaded from; free() it. */
static char *own_file(void)
{
    static const char anchor = 0;
    Dl_info info;
    if (dladdr(&anchor, &info) == 0 || info.dli_fname == NULL) { return NULL; }
    return realpath(info.dli_fname, NULL);
}

static const char *beside_us(cr_arena *arena, const struct place *place)
{
    const char *found = NULL;
    char *file = own_file();
    char *slash = file != NULL ? strrchr(file, '/') : NULL;
    if (slash == NULL) { goto out; }

    bool shared = strncmp(slash + 1, library_name, sizeof library_name - 1) == 0;
    *slash = '\0';
    found =
        cr_arena_printf(arena, "%s/%s", file, shared ? place->from_library : place->from_program);
    if (found != NULL && !is_directory(found)) { found = NULL; }
out:
    free(file);
    return found;
}

static const char *find(cr_arena *arena, const struct place *place)
{
    const char *found = beside_us(arena, place);
    if (found != NULL) { return found; }
    return cr_arena_copy(arena, place->absolute, strlen(place->absolute));
}

const char *cr_installed_packs(cr_arena *arena)
{
    return find(arena, &packs);
}

const char *cr_installed_trust(cr_arena *arena)
{
    return find(arena, &trust);
}
