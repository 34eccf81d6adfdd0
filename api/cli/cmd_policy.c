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

/* ---- try ------------------------------------------------------------------------ */

/* Outcomes that stay what they are; the table is of the others. */
static bool differs(const json_t *row)
{
    const json_t *from = json_object_get(row, "from"), *to = json_object_get(row, "to");
    if (from != NULL || to != NULL) { return !json_equal(from, to); }
    return json_integer_value(json_object_get(row, "entered")) != 0 ||
           json_integer_value(json_object_get(row, "left")) != 0;
}

static void print_part(const struct cli *cli, const json_t *document, const char *key,
    const char *const *columns, bool all)
{
    struct cli_table table;
    size_t i;
    json_t *row;
    bool any = false;
    const json_t *rows = json_object_get(document, key);
    json_array_foreach(rows, i, row)
    {
        any = any || all || differs(row);
    }
    if (!any) { return; }
    printf("\n%s\n", cli_word(cli, key));
    cli_table_begin(&table, cli, columns);
    json_array_foreach(rows, i, row)
    {
        if (all || differs(row)) { cli_table_add(&table, json_incref(row)); }
    }
    cli_table_end(&table);
}

static void print_count(const struct cli *cli, const json_t *document, const char *key)
{
    char number[32];
    uint64_t count = (uint64_t)json_integer_value(json_object_get(document, key));
    printf(" · %s %s", cli_number(count, number), cli_word(cli, key));
}

static void print_rehearsal(const struct cli *cli, const json_t *document)
{
    static const char *const tiers[] = {"from", "to", "subjects", NULL};
    static const char *const lists[] = {
        "list", "code", "domain", "before", "after", "entered", "left", NULL};
    static const char *const matters[] = {"matter", "from", "to", "subjects", NULL};
    static const char *const departments[] = {"department", "tier", "list", "green_channel", NULL};
    static const char *const regions[] = {"region", "tier", "list", "green_channel", NULL};
    static const char *const sides[] = {"pack", "draft"};
    printf("%s %s", cli_word(cli, "as_of"), json_string_value(json_object_get(document, "as_of")));
    for (size_t i = 0; i < 2; i++) {
        const json_t *pack = json_object_get(document, sides[i]);
        printf(" · %s ", cli_word(cli, sides[i]));
        cli_puts(json_string_value(json_object_get(pack, "name")));
        putchar(' ');
        cli_puts(json_string_value(json_object_get(pack, "version")));
    }
    putchar('\n');
    fputs(cli_word(cli, "rehearsed"), stdout);
    print_count(cli, document, "subjects");
    print_count(cli, document, "changed");
    print_count(cli, document, "changes");
    putchar('\n');
    print_part(cli, document, "tiers", tiers, false);
    print_part(cli, document, "lists", lists, false);
    print_part(cli, document, "matters", matters, false);
    print_part(cli, document, "departments", departments, true);
    print_part(cli, document, "regions", regions, true);
}

int cli_rules_try(struct cli *cli, const struct cli_args *args)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_rehearsal_options options = CREDIT_REHEARSAL_OPTIONS_INIT;
    struct cli_progress progress;
    int status = cli_question(cli, args, &options.question);
    if (status == CLI_YES) { status = cli_open_store(cli, true); }
    if (status != CLI_YES) { return status; }
    options.csv = cli_value(args, "csv");
    options.html = cli_value(args, "html");
    options.progress = cli_progress_step;
    options.progress_ctx = &progress;
    const char *pack = args->operands[0];
    json_t *lines = cli_must(json_array());
    cli_progress_begin(&progress, "try");
    credit_result rc =
        cli->json ? credit_rules_try(cli->store, pack, &options, cli_write_line, NULL, &err)
                  : credit_rules_try(cli->store, pack, &options, cli_collect, &lines, &err);
    cli_progress_end(&progress);
    if (rc == CREDIT_OK && !cli->json) { print_rehearsal(cli, json_array_get(lines, 0)); }
    json_decref(lines);
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
