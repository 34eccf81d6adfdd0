/* Where the library was installed, even if it was moved since. */
#ifndef CR_API_INSTALLED_H
#define CR_API_INSTALLED_H

#include "engine/arena.h"

/* The installed packs ("…/share/credit/packs") and the trust directory
 * ("…/share/credit/trust"). A directory that exists beside the library (or the
 * program it is linked into) wins over the one named when it was built; when
 * none exists, the latter is returned, so that a message can name it. Text of
 * the arena; NULL when memory has run out. */
const char *cr_installed_packs(cr_arena *arena);
const char *cr_installed_trust(cr_arena *arena);

#endif
