/* key …: the keys that vouch for what leaves the house. */
#include "api/cli/cmd.h"

#include <string.h>

int cli_key_list(struct cli *cli, const struct cli_args *args)
{
    static const char *const columns[] = {"id", "role", "suite", "subject", "valid_from",
        "valid_to", "status", "revoked_at", "reason", NULL};
    (void)args;
    credit_error err = CREDIT_ERROR_INIT;
    struct cli_table table;
    cli_table_begin(&table, cli, columns);
    credit_result rc = credit_key_list(cli_keys(cli), cli->now,
        cli->json ? cli_write_line : cli_table_line, cli->json ? NULL : &table, &err);
    cli_table_end(&table);
    return rc == CREDIT_OK ? CLI_YES : cli_report(cli, cli_keys(cli), rc, &err);
}

/* After a change the list is what the user wants to see. */
static int then_list(
    struct cli *cli, const struct cli_args *args, credit_result rc, const credit_error *err)
{
    if (rc != CREDIT_OK) { return cli_report(cli, cli_keys(cli), rc, err); }
    return cli_key_list(cli, args);
}

int cli_key_new(struct cli *cli, const struct cli_args *args)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_result rc = credit_key_rotate(cli_keys(cli), cli->passphrase_file, cli->now, &err);
    return then_list(cli, args, rc, &err);
}

int cli_key_import(struct cli *cli, const struct cli_args *args)
{
    credit_error err = CREDIT_ERROR_INIT;
    const char *key = cli_value(args, "key");
    const char *certificate = cli_value(args, "certificate");
    if (key == NULL || certificate == NULL) {
        return cli_usage_error("key import needs --key FILE and --certificate FILE");
    }
    credit_result rc =
        credit_key_import(cli_keys(cli), cli->passphrase_file, key, certificate, &err);
    return then_list(cli, args, rc, &err);
}

int cli_key_revoke(struct cli *cli, const struct cli_args *args)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_instant since = cli->now;
    const char *text = cli_value(args, "since");
    const char *reason = cli_value(args, "reason");
    if (text != NULL && !cli_instant("since", text, &since)) { return CLI_USAGE; }
    if (reason == NULL) { return cli_usage_error("key revoke needs --reason TEXT"); }
    credit_result rc = credit_key_revoke(
        cli_keys(cli), cli->passphrase_file, args->operands[0], since, reason, cli->now, &err);
    return then_list(cli, args, rc, &err);
}

/* PEM text ends its own lines. */
static int write_pem(void *unused, const char *text, size_t size)
{
    (void)unused;
    bool ended = size > 0 && text[size - 1] == '\n';
    return fwrite(text, 1, size, stdout) != size || (!ended && fputc('\n', stdout) == EOF);
}

int cli_key_export(struct cli *cli, const struct cli_args *args)
{
    (void)args;
    credit_error err = CREDIT_ERROR_INIT;
    credit_result rc = credit_key_export(cli_keys(cli), write_pem, NULL, &err);
    return rc == CREDIT_OK ? CLI_YES : cli_report(cli, cli_keys(cli), rc, &err);
}
