/* import, batch …, parked …: what came in. */
#include "api/cli/cmd.h"

#include <string.h>

static void print_summary(
    const struct cli *cli, const char *file, const credit_import_summary *summary)
{
    char number[32];
    const char *between = "  ";
    cli_puts(file);
    printf("  %s  %s  %s %s", summary->catalog, summary->encoding,
        cli_number(summary->rows, number), cli_word(cli, "rows"));
    if (summary->seconds > 0.0005) {
        printf("  %.0f k/s", (double)summary->rows / summary->seconds / 1000);
    }
    fputc('\n', stdout);
    if (summary->known) {
        printf("  %s\n", cli_word(cli, "known_file"));
        return;
    }
    cli_put_count(cli, "added", summary->added, &between);
    cli_put_count(cli, "updated", summary->updated, &between);
    cli_put_count(cli, "unchanged", summary->unchanged, &between);
    cli_put_count(cli, "withdrawn", summary->withdrawn, &between);
    cli_put_count(cli, "parked", summary->parked, &between);
    cli_put_count(cli, "rejected", summary->rejected, &between);
    cli_put_count(cli, "withheld", summary->withheld, &between);
    if (summary->rejects[0] != '\0') {
        fputs(" → ", stdout);
        cli_puts(summary->rejects);
    }
    cli_put_count(cli, "warnings", summary->warnings, &between);
    cli_put_count(cli, "late", summary->late, &between);
    cli_put_count(cli, "late_unknown", summary->late_unknown, &between);
    fputc('\n', stdout);

    between = "  ";
    cli_put_count(cli, "subjects", summary->subjects, &between);
    cli_put_count(cli, "entered_lists", summary->entered, &between);
    cli_put_count(cli, "left_lists", summary->left, &between);
    cli_put_count(cli, "tiers_changed", summary->tiers_changed, &between);
    if (summary->batch > 0) {
        printf("%s%s %s\n", between, cli_word(cli, "batch"), cli_number(summary->batch, number));
    } else if (between[0] != ' ' || between[1] != ' ') {
        fputc('\n', stdout);
    }
}

/* What one file's import came to: added to `frees` is whether rows that wait may go in. */
static int import_file(
    struct cli *cli, const char *file, credit_import_options *options, bool *frees)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_import_summary summary;
    struct cli_progress progress;
    cli_progress_begin(&progress, file);
    options->progress = cli_progress_step;
    options->progress_ctx = &progress;

    credit_result rc = credit_import(cli->store, file, options, &summary, &err);
    summary.seconds = cli_seconds() - progress.started;
    cli_progress_end(&progress);

    if (rc != CREDIT_OK && rc != CREDIT_E_REJECTED) {
        int status = cli_report(cli, file, rc, &err);
        return status == CLI_NO ? CLI_FAILED : status; /* nothing went in */
    }
    *frees = *frees || summary.frees_waiting;
    if (cli->json) {
        credit_result written = credit_import_summary_write(&summary, file, cli_write_line, NULL);
        if (rc == CREDIT_OK) { rc = written; }
    } else {
        print_summary(cli, file, &summary);
        if (options->dry_run) { printf("  %s\n", cli_word(cli, "dry_run")); }
    }
    if (rc != CREDIT_OK) { return cli_report(cli, file, rc, &err); }
    return summary.rejected > 0 || summary.parked > 0 ? CLI_NO : CLI_YES;
}

/* A night that came before its register, or before its correction, ends as if it had come
 * after: what waited for that goes in, as a batch of its own. */
static int free_waiting_rows(struct cli *cli)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_import_summary summary;
    char rows[32], batch[32];
    credit_result rc = credit_parked_retry(cli->store, cli->now, &summary, &err);
    if (rc != CREDIT_OK) { return cli_report(cli, cli->store_path, rc, &err); }
    if (summary.rows > 0) {
        fprintf(stderr, "%s: %s (%s %s)\n", cli_word(cli, "went_in"),
            cli_number(summary.rows, rows), cli_word(cli, "batch"),
            cli_number(summary.batch, batch));
    }
    return CLI_YES;
}

int cli_import(struct cli *cli, const struct cli_args *args)
{
    credit_import_options options = CREDIT_IMPORT_OPTIONS_INIT;
    const char *dated = cli_value(args, "dated");
    options.catalog = cli_value(args, "catalog");
    options.rejects = cli_value(args, "rejects");
    options.dry_run = cli_value(args, "dry-run") != NULL;
    options.trust = cli_value(args, "trust");
    options.receipt = cli_value(args, "receipt");
    options.now = cli->now;
    bool frees = false;
    if (dated != NULL && !cli_date("dated", dated, &options.dated)) { return CLI_USAGE; }
    if (options.receipt != NULL && args->count > 1) {
        return cli_usage_error("--receipt names one file, but %d are imported", args->count);
    }
    if (options.rejects != NULL && args->count > 1) {
        return cli_usage_error("--rejects names one file, but %d are imported", args->count);
    }
    int status = cli_open_store(cli, false);
    if (status != CLI_YES) { return status; }
    for (int i = 0; i < args->count && !cli_interrupted(); i++) {
        status = cli_worse(status, import_file(cli, args->operands[i], &options, &frees));
    }
    if (frees && !cli_interrupted()) { status = cli_worse(status, free_waiting_rows(cli)); }
    return status;
}

typedef credit_result (*lister)(credit_store *, credit_write, void *, credit_error *);

static int list_lines(struct cli *cli, lister list, const char *const *columns)
{
    credit_error err = CREDIT_ERROR_INIT;
    int status = cli_open_store(cli, true);
    if (status != CLI_YES) { return status; }
    struct cli_table table;
    cli_table_begin(&table, cli, columns);
    credit_result rc = list(
        cli->store, cli->json ? cli_write_line : cli_table_line, cli->json ? NULL : &table, &err);
    cli_table_end(&table);
    return rc == CREDIT_OK ? CLI_YES : cli_report(cli, cli->store_path, rc, &err);
}

int cli_batch_list(struct cli *cli, const struct cli_args *args)
{
    static const char *const columns[] = {"batch", "at", "catalog", "file", "rows", "added",
        "updated", "unchanged", "parked", "rejected", NULL};
    (void)args;
    return list_lines(cli, credit_batch_list, columns);
}

int cli_batch_show(struct cli *cli, const struct cli_args *args)
{
    credit_error err = CREDIT_ERROR_INIT;
    uint64_t number;
    if (!cli_whole_number(args->operands[0], &number)) {
        return cli_usage_error("a batch is named by its number");
    }
    int status = cli_open_store(cli, true);
    if (status != CLI_YES) { return status; }
    json_t *lines = cli_must(json_array());
    credit_result rc = credit_batch_show(cli->store, number,
        cli->json ? cli_write_line : cli_collect, cli->json ? NULL : (void *)&lines, &err);
    if (rc == CREDIT_OK && !cli->json) { cli_show_document(cli, json_array_get(lines, 0)); }
    json_decref(lines);
    return rc == CREDIT_OK ? CLI_YES : cli_report(cli, cli->store_path, rc, &err);
}

int cli_parked_list(struct cli *cli, const struct cli_args *args)
{
    static const char *const columns[] = {
        "batch", "row", "line", "catalog", "rule", "message", NULL};
    (void)args;
    return list_lines(cli, credit_parked_list, columns);
}

static int show_summary(struct cli *cli, const char *what, const credit_import_summary *summary)
{
    if (cli->json) {
        credit_result rc = credit_import_summary_write(summary, what, cli_write_line, NULL);
        return rc == CREDIT_OK ? CLI_YES : cli_report(cli, cli->store_path, rc, NULL);
    }
    print_summary(cli, what, summary);
    return CLI_YES;
}

static int retry(struct cli *cli, const struct cli_args *args)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_import_summary summary;
    if (args->count > 0 || cli_value(args, "as") != NULL || cli_value(args, "drop") != NULL) {
        return cli_usage_error("--retry asks for all rows that wait: it stands alone");
    }
    int status = cli_open_store(cli, false);
    if (status != CLI_YES) { return status; }
    credit_result rc = credit_parked_retry(cli->store, cli->now, &summary, &err);
    return rc == CREDIT_OK ? show_summary(cli, "parked retry", &summary)
                           : cli_report(cli, cli->store_path, rc, &err);
}

int cli_batch_undo(struct cli *cli, const struct cli_args *args)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_import_summary summary;
    uint64_t number;
    if (!cli_whole_number(args->operands[0], &number)) {
        return cli_usage_error("a batch is named by its number");
    }
    int status = cli_open_store(cli, false);
    if (status != CLI_YES) { return status; }
    credit_result rc = credit_batch_undo(cli->store, number, cli->now, &summary, &err);
    if (rc != CREDIT_OK) { return cli_report(cli, cli->store_path, rc, &err); }
    char what[64];
    snprintf(what, sizeof what, "undo of batch %llu", (unsigned long long)number);
    return show_summary(cli, what, &summary);
}

int cli_parked_settle(struct cli *cli, const struct cli_args *args)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_import_summary summary;
    credit_subject subject;
    uint64_t batch, row;
    const char *typed = cli_value(args, "as");
    bool drops = cli_value(args, "drop") != NULL;
    if (cli_value(args, "retry") != NULL) { return retry(cli, args); }
    if (args->count != 2) {
        return cli_usage_error("a row is named by the numbers of its batch and its row");
    }
    if (!cli_whole_number(args->operands[0], &batch) ||
        !cli_whole_number(args->operands[1], &row)) {
        return cli_usage_error("a row is named by the numbers of its batch and its row");
    }
    if ((typed != NULL) == drops) {
        return cli_usage_error("parked settle needs either --as SUBJECT or --drop");
    }
    int status = cli_open_store(cli, false);
    if (status == CLI_YES && typed != NULL) { status = cli_subject(cli, typed, &subject); }
    if (status != CLI_YES) { return status; }
    credit_result rc = credit_parked_settle(
        cli->store, batch, row, drops ? NULL : &subject, cli->now, &summary, &err);
    if (rc != CREDIT_OK) { return cli_report(cli, cli->store_path, rc, &err); }
    char what[64];
    snprintf(
        what, sizeof what, "parked %llu/%llu", (unsigned long long)batch, (unsigned long long)row);
    return show_summary(cli, what, &summary);
}
