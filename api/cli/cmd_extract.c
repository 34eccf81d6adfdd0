/* extract, verify: reports that leave the house, and those that come back. */
#include "api/cli/cmd.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int cli_extract(struct cli *cli, const struct cli_args *args)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_extract_options options = CREDIT_EXTRACT_OPTIONS_INIT;
    const char *path = cli_value(args, "output");
    if (path == NULL) { return cli_usage_error("extract needs -o FILE"); }
    options.scope = cli_value(args, "scope");
    options.purpose = cli_value(args, "purpose");
    options.now = cli->now;
    int status = cli_question(cli, args, &options.question);
    if (status != CLI_YES) { return status; }
    status = cli_open_store(cli, false);
    if (status != CLI_YES) { return status; }

    credit_subject subject;
    char number[23] = "";
    status = cli_subject(cli, args->operands[0], &subject);
    if (status != CLI_YES) { return status; }
    credit_result rc = credit_extract(cli->store, &subject, &options, path, number, &err);
    if (rc != CREDIT_OK) { return cli_report(cli, NULL, rc, &err); }
    if (cli->json) {
        json_t *document = cli_must(json_pack("{s:s, s:s}", "report", number, "file", path));
        json_dumpf(document, stdout, JSON_COMPACT);
        fputc('\n', stdout);
        json_decref(document);
        return CLI_YES;
    }
    printf("%s %s → ", cli_word(cli, "report"), number);
    cli_puts(path);
    fputc('\n', stdout);
    return CLI_YES;
}

static void print_state(
    const struct cli *cli, const char *key, credit_verdict_state state, const char *detail)
{
    static const char *const words[] = {[CREDIT_VERDICT_ABSENT] = "absent",
        [CREDIT_VERDICT_OK] = "ok",
        [CREDIT_VERDICT_BAD] = "bad"};
    static const enum cli_colour colours[] = {[CREDIT_VERDICT_ABSENT] = CLI_DIM,
        [CREDIT_VERDICT_OK] = CLI_GOOD,
        [CREDIT_VERDICT_BAD] = CLI_BAD};
    fputs("  ", stdout);
    cli_put_padded(cli_word(cli, key), 14);
    cli_colour(cli, colours[state]);
    cli_put_padded(cli_word(cli, words[state]), 8);
    cli_colour(cli, CLI_PLAIN);
    cli_puts(state == CREDIT_VERDICT_OK ? detail : "");
    fputc('\n', stdout);
}

static void print_verdict(const struct cli *cli, const char *file, const credit_verdict *verdict)
{
    char signer[256];
    snprintf(signer, sizeof signer, "%s, %s, %s %.16s", verdict->suite, verdict->signer,
        cli_word(cli, "key"), verdict->key_id);
    printf("%s %s · %s %s · ",
        cli_word(cli, strcmp(verdict->kind, "extract") == 0 ? "report" : verdict->kind),
        verdict->number, cli_word(cli, "scope"), verdict->scope);
    cli_puts(verdict->subject);
    fputc(' ', stdout);
    cli_puts(verdict->name);
    fputc('\n', stdout);
    print_state(cli, "signature", verdict->signature, signer);
    print_state(cli, "chain", verdict->chain, verdict->trust);
    print_state(cli, "digest", verdict->digest, "");
    print_state(cli, "completeness", verdict->completeness, "");
    print_state(cli, "checkpoint", verdict->checkpoint, "");
    print_state(cli, "timestamp", verdict->timestamp, "");
    cli_colour(cli, verdict->verified ? CLI_GOOD : CLI_BAD);
    if (verdict->verified) {
        fputs(cli_word(cli, "verified"), stdout);
    } else {
        cli_puts(file);
        printf(": %s: ", cli_word(cli, "not_verified"));
        cli_puts(verdict->reason);
    }
    cli_colour(cli, CLI_PLAIN);
    fputc('\n', stdout);
}

/* The authority of a store that was named, to be believed when nothing else is. */
static const char *store_authority(const struct cli *cli, const struct cli_args *args)
{
    static char path[4096];
    const char *environment = getenv("CREDIT_TRUST");
    if (cli_value(args, "trust") != NULL || (environment != NULL && environment[0] != '\0') ||
        !cli->store_named) {
        return NULL;
    }
    int size = snprintf(path, sizeof path, "%s/authority.pem", cli->store_path);
    return size < (int)sizeof path && access(path, R_OK) == 0 ? path : NULL;
}

static int verify_file(struct cli *cli, const struct cli_args *args, const char *file)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_verdict verdict;
    const char *last_resort = store_authority(cli, args);
    credit_result rc = credit_verify(file, cli_value(args, "trust"), &verdict, &err);
    if (rc == CREDIT_OK && verdict.chain == CREDIT_VERDICT_ABSENT && last_resort != NULL) {
        rc = credit_verify(file, last_resort, &verdict, &err);
    }
    if (rc != CREDIT_OK) { return cli_report(cli, file, rc, &err); }
    if (cli->json) {
        rc = credit_verdict_write(&verdict, file, cli_write_line, NULL);
        if (rc != CREDIT_OK) { return cli_report(cli, file, rc, &err); }
    } else {
        print_verdict(cli, file, &verdict);
    }
    return verdict.verified ? CLI_YES : CLI_NO;
}

int cli_verify(struct cli *cli, const struct cli_args *args)
{
    int status = CLI_YES;
    for (int i = 0; i < args->count; i++) {
        status = cli_worse(status, verify_file(cli, args, args->operands[i]));
    }
    return status;
}
