/* The checks of engine/rowrules.c that stand in a file of their own. */
#ifndef CR_ENGINE_ROWRULES_H
#define CR_ENGINE_ROWRULES_H

#include "engine/rowcheck.h"

void cr_check_characters(cr_row *row, const cr_check *check, size_t field);
void cr_check_punctuation(cr_row *row, const cr_check *check, size_t field);
void cr_check_contains(cr_row *row, const cr_check *check, size_t field);
void cr_check_within(cr_row *row, const cr_check *check, size_t field);

#endif
