/* Values of options, read and checked where a verb asks for them. */
#include "api/cli/cmd.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *cli_value(const struct cli_args *args, const char *name)
{
    for (int i = 0; args->verb->options[i].name != NULL; i++) {
        assert(i < CLI_OPTIONS_MAX);
        if (strcmp(args->verb->options[i].name, name) == 0) { return args->values[i]; }
    }
    return NULL;
}

bool cli_date(const char *option, const char *text, credit_date *date)
{
    if (credit_date_parse(text, date, NULL) == CREDIT_OK) { return true; }
    cli_usage_error("--%s: %s is no date; dates are written YYYY-MM-DD", option, text);
    return false;
}

/* A bare date is its first moment in Asia/Shanghai. */
bool cli_instant(const char *option, const char *text, credit_instant *instant)
{
    char whole[48];
    credit_date day;
    if (credit_date_parse(text, &day, NULL) == CREDIT_OK) {
        snprintf(whole, sizeof whole, "%.10sT00:00:00+08:00", text);
        text = whole;
    }
    if (credit_instant_parse(text, instant, NULL) == CREDIT_OK) { return true; }
    cli_usage_error(
        "--%s: %s is no instant; write it like 2026-11-23T09:45:12+08:00", option, text);
    return false;
}

bool cli_whole_number(const char *text, uint64_t *number)
{
    char *end = NULL;
    if (text[0] < '0' || text[0] > '9') { return false; }
    errno = 0;
    *number = strtoull(text, &end, 10);
    return *end == '\0' && errno == 0;
}

int cli_question(const struct cli *cli, const struct cli_args *args, credit_question *question)
{
    const char *as_of = cli_value(args, "as-of");
    const char *known_at = cli_value(args, "known-at");
    *question = (credit_question)CREDIT_QUESTION_INIT;
    question->as_of = credit_date_of(cli->now);
    question->matter = cli_value(args, "for");
    if (as_of != NULL && !cli_date("as-of", as_of, &question->as_of)) { return CLI_USAGE; }
    if (known_at != NULL && !cli_instant("known-at", known_at, &question->known_at)) {
        return CLI_USAGE;
    }
    return CLI_YES;
}
