/* The public header stands alone: included first and twice, used in every kind
 * of way a declaration can be wrong. Compiled as strict C11 and as C++. */
#include <credit/credit.h>

int main(void)
{
    credit_store_options store = CREDIT_STORE_OPTIONS_INIT;
    credit_import_options import = CREDIT_IMPORT_OPTIONS_INIT;
    credit_extract_options extract = CREDIT_EXTRACT_OPTIONS_INIT;
    credit_question question = CREDIT_QUESTION_INIT;
    credit_error err = CREDIT_ERROR_INIT;
    credit_date date = CREDIT_DATE_NONE;

    if (store.version != 1 || import.version != 1 || extract.version != 1) { return 1; }
    if (question.as_of != CREDIT_DATE_NONE || err.code != CREDIT_OK) { return 2; }
    if (credit_result_class(CREDIT_OK) != CREDIT_CLASS_OK) { return 3; }
    if (credit_date_parse("2024-02-30", &date, &err) != CREDIT_E_DATA) { return 4; }
    if (err.message[0] == '\0' || date != CREDIT_DATE_NONE) { return 5; }
    return credit_version()[0] == '\0';
}
