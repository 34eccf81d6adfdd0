/* What was said again: rows are gathered one by one and kept a bit each. */
#include "engine/counting.h"

/* A row on its way: the key without the commit that says so, then the place. */
enum { ROW_DAY = 8, ROW_KEPT = 10, ROW_RAISES = 12, ROW_GROUP = 13, ROW_SIZE = ROW_GROUP + 2 };

credit_result cr_sayings_add(cr_sayings *sayings, const cr_saying *saying, credit_error *err)
{
    char row[ROW_SIZE];
    credit_result rc = CREDIT_OK;
    if (sayings->rows == NULL) {
        rc = cr_sorter_new(sayings->tmp, ROW_SIZE, ROW_SIZE, sayings->memory, &sayings->rows, err);
    }
    if (rc != CREDIT_OK) { return rc; }
    cr_set_u32be(row, saying->commit);
    cr_set_u32be(row + 4, saying->row / CR_SAID_ROWS);
    cr_set_u16be(row + ROW_DAY, cr_day_number(saying->day));
    cr_set_u16be(row + ROW_KEPT, cr_day_number(saying->kept_on));
    row[ROW_RAISES] = saying->raises;
    cr_set_u16be(row + ROW_GROUP, (uint16_t)(saying->row % CR_SAID_ROWS));
    return cr_sorter_add(sayings->rows, row, err);
}

void cr_sayings_close(cr_sayings *sayings)
{
    cr_sorter_free(sayings->rows);
    sayings->rows = NULL;
}

static credit_result put_group(cr_range *range, const char group[ROW_GROUP], uint32_t commit,
    const char *bits, credit_error *err)
{
    char key[CR_SAID_KEY];
    size_t size = CR_SAID_ROWS / 8;
    while (size > 0 && bits[size - 1] == 0) { size--; }
    memcpy(key, group, ROW_DAY);
    cr_set_u32be(key + ROW_DAY, commit);
    memcpy(key + ROW_DAY + 4, group + ROW_DAY, ROW_GROUP - ROW_DAY);
    return cr_range_put(range, (credit_span){key, sizeof key}, (credit_span){bits, size}, err);
}

credit_result cr_sayings_write(
    cr_sayings *sayings, cr_txn *writer, uint32_t commit, credit_error *err)
{
    char group[ROW_GROUP], bits[CR_SAID_ROWS / 8] = {0};
    const char *row = NULL;
    bool open = false;
    cr_range range;
    if (sayings->rows == NULL) { return CREDIT_OK; }
    credit_result rc = cr_range_open(writer, CR_TABLE_SAID, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    while ((rc = cr_sorter_next(sayings->rows, &row, err)) == CREDIT_OK) {
        if (open && memcmp(group, row, sizeof group) != 0) {
            rc = put_group(&range, group, commit, bits, err);
            if (rc != CREDIT_OK) { break; }
            memset(bits, 0, sizeof bits);
        }
        open = true;
        memcpy(group, row, sizeof group);
        uint32_t place = cr_get_u16be(row + ROW_GROUP);
        bits[place / 8] = (char)(bits[place / 8] | 1 << place % 8);
    }
    if (rc == CREDIT_DONE) { rc = open ? put_group(&range, group, commit, bits, err) : CREDIT_OK; }
    cr_range_close(&range);
    return rc;
}

credit_result cr_said_walk(cr_txn *txn, uint32_t commit,
    credit_result (*found)(void *ctx, uint32_t commit, credit_error *err), void *ctx,
    credit_error *err)
{
    cr_range range;
    uint32_t last = 0;
    credit_result rc = cr_range_open(txn, CR_TABLE_SAID, &range, err);
    if (rc != CREDIT_OK) { return rc; }
    cr_range_seek(&range, (credit_span){NULL, 0});
    while (rc == CREDIT_OK && (rc = cr_range_next(&range, err)) == CREDIT_OK) {
        if (range.key.size != CR_SAID_KEY) {
            rc = cr_fail(err, CREDIT_E_CORRUPT, "an entry of repeated rows is damaged");
            break;
        }
        uint32_t of = cr_get_u32be(range.key.data);
        if (cr_get_u32be(range.key.data + 8) != commit || of == last) { continue; }
        last = of;
        rc = found(ctx, of, err);
    }
    cr_range_close(&range);
    return rc == CREDIT_DONE ? CREDIT_OK : rc;
}
