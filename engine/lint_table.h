/* A decision table as lint looks at it. */
#ifndef CR_ENGINE_LINT_TABLE_H
#define CR_ENGINE_LINT_TABLE_H

#include "engine/lint_model.h"

enum { CR_POINTS_MAX = 1024, CR_COLUMN_CLASSES_MAX = 64 };

/* A column: values that stand for all others. */
typedef struct cr_column {
    const cr_table_input *input;
    const cr_values *values;
    cr_feel_value *points;
    size_t count;
    bool tested;  /* some row asks it */
    bool sampled; /* the points may not be all there is */
    size_t first[CR_COLUMN_CLASSES_MAX]; /* point that stands for the class */
    size_t class_count;
} cr_column;

typedef struct cr_table_check {
    cr_lint *l;
    cr_lint_frame *scope;
    const cr_table *table;
    cr_activation frame;
    cr_column *columns;
    uint64_t **boxes; /* per row: a mask of classes per column */
    bool *open;       /* per row: a cell rests on more than its column */
    bool sampled;
} cr_table_check;

/* lint_columns.c: the table's columns cut into classes, its rows as boxes of them.
 * False, with what went wrong kept, when out of memory. */
bool cr_table_check_open(cr_table_check *t);
bool cr_column_has(const cr_column *c, cr_feel_value point);
/* Does the cell rest on nothing but its column, constants and parameters? */
bool cr_cell_is_closed(const cr_lint *l, const cr_expr *node, uint16_t slot);
/* Does the value of the column in the slot meet the cell? */
bool cr_cell_passes(cr_table_check *t, const cr_expr *test, uint16_t slot, cr_feel_value value);
/* The values that the cell compares its column with, or may: `compared` with the
 * column's value itself, not within a condition of the cell's own. `own`: false. */
typedef void cr_each_limit(void *ctx, cr_feel_value limit, bool compared);
void cr_cell_limits(
    cr_table_check *t, const cr_expr *node, bool own, cr_each_limit *each, void *ctx);

/* lint_cells.c: each column and cell by itself; annotations. */
void cr_table_check_cells(cr_table_check *t);

static inline cr_lint_place cr_check_row_place(const cr_table_check *t, size_t row)
{
    return (cr_lint_place){t->l->decision, (uint32_t)row + 1, t->table->rules[row].line};
}

static inline cr_lint_place cr_check_table_place(const cr_table_check *t)
{
    return (cr_lint_place){t->l->decision, 0, t->table->line};
}

#endif
