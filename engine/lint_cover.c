/* Boxes of classes: what a table's rows take of all its inputs, exactly. */
#include <string.h>

#include "engine/lint_model.h"

bool cr_cover_meet(size_t columns, const uint64_t *a, const uint64_t *b, uint64_t *out)
{
    for (size_t i = 0; i < columns; i++) {
        out[i] = a[i] & b[i];
        if (out[i] == 0) { return false; }
    }
    return true;
}

static void take_one(cr_cover *cover, const uint64_t *box)
{
    for (size_t i = 0; i < cover->columns; i++) { cover->witness[i] = box[i] & -box[i]; }
}

/* Cuts the box along each column of the row in turn: what lies outside the row goes
 * on to the rows after it, what is left at the end lies inside. */
static bool escapes(cr_cover *cover, const uint64_t *box, size_t from)
{
    uint64_t rest[CR_COVER_COLUMNS_MAX], shared[CR_COVER_COLUMNS_MAX];
    if (cover->steps == 0) { return false; }
    cover->steps--;
    while (
        from < cover->row_count && !cr_cover_meet(cover->columns, box, cover->rows[from], shared)) {
        from++;
    }
    if (from == cover->row_count) {
        take_one(cover, box);
        return true;
    }
    memcpy(rest, box, cover->columns * sizeof *rest);
    for (size_t i = 0; i < cover->columns; i++) {
        uint64_t inside = shared[i];
        rest[i] = box[i] & ~inside;
        if (rest[i] != 0 && escapes(cover, rest, from + 1)) { return true; }
        rest[i] = inside;
    }
    return false;
}

bool cr_cover_escapes(cr_cover *cover, const uint64_t *box)
{
    for (size_t i = 0; i < cover->columns; i++) {
        if (box[i] == 0) { return false; }
    }
    return escapes(cover, box, 0);
}
