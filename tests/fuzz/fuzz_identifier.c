/* Any bytes as any kind of number: nothing outside the text is read, the folded
 * number is stable, and a verdict is either a fault or none. */
#include <stdlib.h>
#include <string.h>

#include "engine/identifier.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const cr_region regions[] = {{421000, 1994, 0, {"荆州市", 9}}};
static const cr_department departments[] = {{'9', "123", {"市场监管", 12}}};
static const credit_span placeholders[] = {{"000000000000000000", 18}};
static const cr_id_tables tables = {departments, 1, regions, 1, placeholders, 1};

/* The first byte chooses the kind asked for. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) { return 0; }
    cr_id id, again;
    credit_span text = {(const char *)data + 1, size - 1};
    cr_id_verdict v = cr_id_judge(text, (cr_id_kind)(data[0] % 9), &tables, &id);
    if (id.size > CR_ID_MAX || v.valid != (v.fault == NULL) || (!v.valid && v.warning != NULL) ||
        memchr(v.detail, '\0', sizeof v.detail) == NULL) {
        abort();
    }
    cr_id_verdict w = cr_id_judge((credit_span){id.number, id.size}, id.kind, &tables, &again);
    if (v.valid && (!w.valid || again.size != id.size || again.kind != id.kind ||
                       memcmp(again.number, id.number, id.size) != 0)) {
        abort();
    }
    return 0;
}
