/* Files of keys, certificates and sealed content: read whole, replaced at once. */
#ifndef CR_KEYS_FILES_H
#define CR_KEYS_FILES_H

#include <stdbool.h>

#include "engine/arena.h"

enum {
    CR_FILE_SECRET = 0600, /* modes of what is written */
    CR_FILE_PUBLIC = 0644,
    CR_FILE_BYTES_MAX = 1 << 28, /* more is no file of ours */
    CR_FILE_PATH_MAX = 4096
};

/* DIRECTORY/NAME; false if that is too long. */
bool cr_file_path(char out[CR_FILE_PATH_MAX], const char *directory, const char *name);

bool cr_file_exists(const char *path);

/* The caller wipes the bytes of a secret. */
credit_result cr_file_read(
    const char *path, cr_arena *arena, credit_span *bytes, credit_error *err);

/* Readers see the old content or the new, whenever the machine stops: written
 * beside, synced, renamed, and the directory synced. */
credit_result cr_file_replace(
    const char *path, credit_span bytes, unsigned mode, credit_error *err);

/* Moves over what is there, and syncs the directory. */
credit_result cr_file_rename(const char *from, const char *to, credit_error *err);

/* Makes a directory for its owner alone; fine if it is there already. */
credit_result cr_file_make_directory(const char *path, credit_error *err);

#endif
