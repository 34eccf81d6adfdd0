/* Any bytes as a DMN file: refused with a reason, or a model all of whose
 * decisions can be asked for. */
#include <stdlib.h>

#include "engine/text.h"
#include "loaders/dmn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
    if (!condition) { abort(); }
}

static void ask_all(const cr_model *model, cr_eval *eval)
{
    for (size_t i = 0; i < cr_model_decision_count(model); i++) {
        cr_feel_value value;
        const cr_matched_row *rows;
        const void *const *objects;
        size_t count;
        credit_result rc = cr_eval_decide(eval, (int)i, &value, NULL);
        require(rc == CREDIT_OK || rc == CREDIT_E_LIMIT);
        if (rc != CREDIT_OK) { return; }
        size_t found = cr_eval_rows(eval, (int)i, &rows);
        for (size_t row = 0; row < found; row++) {
            rc = cr_eval_evidence(eval, (int)i, row, &objects, &count, NULL);
            require(rc == CREDIT_OK && count == 0);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cr_model *model;
    cr_eval *eval;
    credit_error err = CREDIT_ERROR_INIT;
    credit_span bytes = {(const char *)data, size};
    if (cr_dmn_load(bytes, "fuzz.dmn", NULL, &model, &err) != CREDIT_OK) {
        require(err.code != CREDIT_OK && err.message[0] != '\0');
        return 0;
    }
    require(cr_eval_new(model, &eval, NULL) == CREDIT_OK);
    ask_all(model, eval);
    cr_eval_free(eval);
    cr_model_free(model);
    return 0;
}
