/* feed …: packages for the exchange, their receipts, and whether it all adds up. */
#include "api/cli/cmd.h"

#include <stdlib.h>
#include <string.h>

int cli_feed_pack(struct cli *cli, const struct cli_args *args)
{
    static const char *const columns[] = {"package", "first", "last", "withheld", "file", NULL};
    credit_error err = CREDIT_ERROR_INIT;
    uint64_t packages = 0;
    int status = cli_open_store(cli, false);
    if (status != CLI_YES) { return status; }
    struct cli_table table;
    cli_table_begin(&table, cli, columns);
    credit_result rc = credit_feed_pack(cli->store, args->operands[0], cli->now,
        cli->json ? cli_write_line : cli_table_line, cli->json ? NULL : (void *)&table, &packages,
        &err);
    cli_table_end(&table);
    if (rc != CREDIT_OK) { return cli_report(cli, NULL, rc, &err); }
    if (packages == 0) { cli_say("%s", cli_word(cli, "feed_none")); }
    return CLI_YES;
}

int cli_feed_resend(struct cli *cli, const struct cli_args *args)
{
    static const char *const columns[] = {"package", "first", "last", "withheld", "file", NULL};
    credit_error err = CREDIT_ERROR_INIT;
    char *end = NULL;
    const char *typed = args->operands[0];
    uint64_t number = typed[0] >= '0' && typed[0] <= '9' ? strtoull(typed, &end, 10) : 0;
    if (end == NULL || *end != '\0') { return cli_usage_error("a package is named by its number"); }
    int status = cli_open_store(cli, false);
    if (status != CLI_YES) { return status; }
    struct cli_table table;
    cli_table_begin(&table, cli, columns);
    credit_result rc = credit_feed_resend(cli->store, number, args->operands[1], cli->now,
        cli->json ? cli_write_line : cli_table_line, cli->json ? NULL : (void *)&table, &err);
    cli_table_end(&table);
    return rc == CREDIT_OK ? CLI_YES : cli_report(cli, NULL, rc, &err);
}

static void print_answer(const struct cli *cli, const char *file, const credit_feed_answer *answer)
{
    char number[32];
    const char *between = "  ";
    cli_puts(file);
    printf("  %s %s\n", cli_word(cli, "package"), cli_number(answer->package, number));
    cli_put_count(cli, "accepted", answer->accepted, &between);
    cli_put_count(cli, "rejected", answer->rejected, &between);
    cli_put_count(cli, "withheld", answer->withheld, &between);
    if (answer->news == 0) { printf("%s%s", between, cli_word(cli, "feed_no_news")); }
    fputc('\n', stdout);
}

int cli_feed_receipt(struct cli *cli, const struct cli_args *args)
{
    int status = cli_open_store(cli, false);
    if (status != CLI_YES) { return status; }
    for (int i = 0; i < args->count; i++) {
        const char *file = args->operands[i];
        credit_error err = CREDIT_ERROR_INIT;
        credit_feed_answer answer;
        credit_result rc =
            credit_feed_receipt(cli->store, file, cli_value(args, "trust"), &answer, &err);
        if (rc == CREDIT_OK && cli->json) {
            rc = credit_feed_answer_write(&answer, file, cli_write_line, NULL);
        } else if (rc == CREDIT_OK) {
            print_answer(cli, file, &answer);
        }
        if (rc != CREDIT_OK) { status = cli_worse(status, cli_report(cli, file, rc, &err)); }
    }
    return status;
}

int cli_feed_status(struct cli *cli, const struct cli_args *args)
{
    credit_error err = CREDIT_ERROR_INIT;
    (void)args;
    int status = cli_open_store(cli, true);
    if (status != CLI_YES) { return status; }
    json_t *lines = cli_must(json_array());
    credit_result rc = credit_feed_status(cli->store, cli->json ? cli_write_line : cli_collect,
        cli->json ? NULL : (void *)&lines, &err);
    if (rc == CREDIT_OK && !cli->json) { cli_show_document(cli, json_array_get(lines, 0)); }
    json_decref(lines);
    return rc == CREDIT_OK ? CLI_YES : cli_report(cli, cli->store_path, rc, &err);
}
