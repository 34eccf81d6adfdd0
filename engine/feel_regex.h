/* Regular expressions for matches(), replace() and split(): the XPath syntax
 * without back references, class subtraction and \p. By code point, without a
 * locale; a search is bounded in steps. */
#ifndef CR_ENGINE_FEEL_REGEX_H
#define CR_ENGINE_FEEL_REGEX_H

#include <stdbool.h>

#include "engine/text.h"

enum { CR_REGEX_GROUPS = 10, CR_REGEX_CODE_MAX = 4000, CR_REGEX_STEPS_MAX = 1000000 };

typedef struct cr_regex {
    cr_arena *arena;
    struct cr_regex_code *code;
    size_t size, room;
    size_t slots; /* groups twice, then marks of loops */
    bool ignore_case, dot_all, lines, spaced;
} cr_regex;

typedef struct cr_regex_match {
    size_t groups[CR_REGEX_GROUPS][2]; /* byte offsets; SIZE_MAX: took no part */
} cr_regex_match;

bool cr_regex_compile(
    cr_arena *arena, credit_span pattern, credit_span flags, cr_regex *out, const char **why);
/* 1 found, 0 not, -1 given up. Looks at or behind byte `from`. */
int cr_regex_search(const cr_regex *regex, credit_span text, size_t from, cr_regex_match *match);

#endif
