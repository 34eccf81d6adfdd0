/* rules show, try, activate: the packs of a store, and the one that comes next. */
#include "api/cli/cmd.h"

#include <string.h>

/* ---- show --------------------------------------------------------------------- */

int cli_rules_show(struct cli *cli, const struct cli_args *args)
{
    static const char *const columns[] = {
        "name", "version", "from", "until", "in_force", "activated_at", "forced", "sha256", NULL};
    credit_error err = CREDIT_ERROR_INIT;
    credit_question question;
    const char *pack = args->count > 0 ? args->operands[0] : NULL;
    int status = cli_question(cli, args, &question);
    if (status == CLI_YES) { status = cli_open_store(cli, true); }
    if (status != CLI_YES) { return status; }
    credit_result rc;
    if (cli->json) {
        rc = credit_rules_show(cli->store, pack, &question, cli_write_line, NULL, &err);
    } else if (pack == NULL) {
        struct cli_table table;
        cli_table_begin(&table, cli, columns);
        rc = credit_rules_show(cli->store, NULL, &question, cli_table_line, &table, &err);
        cli_table_end(&table);
    } else {
        json_t *lines = cli_must(json_array());
        rc = credit_rules_show(cli->store, pack, &question, cli_collect, &lines, &err);
        if (rc == CREDIT_OK) { cli_show_document(cli, json_array_get(lines, 0)); }
        json_decref(lines);
    }
    return rc == CREDIT_OK ? CLI_YES : cli_report(cli, pack, rc, &err);
}

/* ---- activate ------------------------------------------------------------------- */

static void print_activation(const struct cli *cli, const credit_activation *activation)
{
    char day[12], number[32];
    const char *between = " · ";
    credit_date_print(activation->from, day);
    printf("%s ", cli_word(cli, "pack"));
    cli_puts(activation->name);
    putchar(' ');
    cli_puts(activation->version);
    printf(" (%.16s) · %s %s", activation->sha256, cli_word(cli, "in_force_from"), day);
    if (activation->forced) {
        printf(" · %s (%s %s)", cli_word(cli, "forced"), cli_number(activation->findings, number),
            cli_word(cli, "findings"));
    }
    if (activation->unchanged) {
        printf(" · %s", cli_word(cli, "unchanged"));
    } else {
        printf(" · %s %s", cli_number(activation->subjects, number), cli_word(cli, "judged_again"));
    }
    cli_put_count(cli, "entered_lists", activation->entered, &between);
    cli_put_count(cli, "left_lists", activation->left, &between);
    cli_put_count(cli, "tiers_changed", activation->tiers_changed, &between);
    putchar('\n');
}

int cli_rules_activate(struct cli *cli, const struct cli_args *args)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_activation activation;
    credit_activation_options options = CREDIT_ACTIVATION_OPTIONS_INIT;
    const char *from = cli_value(args, "from");
    if (from == NULL) { return cli_usage_error("rules activate needs --from DATE"); }
    if (!cli_date("from", from, &options.from)) { return CLI_USAGE; }
    options.force = cli_value(args, "force") != NULL;
    options.now = cli->now;
    int status = cli_open_store(cli, false);
    if (status != CLI_YES) { return status; }
    const char *pack = args->operands[0];
    credit_result rc = credit_rules_activate(cli->store, pack, &options, &activation, &err);
    if (rc != CREDIT_OK) { return cli_report(cli, pack, rc, &err); }
    if (cli->json) {
        return cli_status(credit_activation_write(&activation, cli_write_line, NULL));
    }
    print_activation(cli, &activation);
    return CLI_YES;
}
