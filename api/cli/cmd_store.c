/* init, stats, fsck, evaluate: the store as a whole. */
#include "api/cli/cmd.h"

#include <string.h>

static const char *member(
    const struct cli *cli, const json_t *document, const char *outer, const char *inner)
{
    return cli_text_of(cli, json_object_get(json_object_get(document, outer), inner));
}

static size_t member_count(const json_t *document, const char *outer, const char *inner)
{
    const json_t *value = json_object_get(json_object_get(document, outer), inner);
    return json_is_integer(value) ? (size_t)json_integer_value(value) : json_array_size(value);
}

/* One JSON document of the store, as it is or for people. */
static int describe(struct cli *cli, json_t **document, credit_error *err)
{
    json_t *lines = cli_must(json_array());
    credit_result rc = credit_store_describe(cli->store, cli_collect, &lines, err);
    *document = json_incref(json_array_get(lines, 0));
    json_decref(lines);
    return rc;
}

static void print_store(const struct cli *cli, const json_t *document)
{
    printf("%s ", cli_word(cli, "store"));
    cli_puts(cli->store_path);
    printf(" · %s ", cli_word(cli, "pack"));
    cli_puts(member(cli, document, "pack", "name"));
    printf(" %s", member(cli, document, "pack", "version"));
    printf(" (%zu %s, ", member_count(document, "pack", "catalogs"), cli_word(cli, "catalogs"));
    printf("%zu %s)", member_count(document, "pack", "decisions"), cli_word(cli, "decisions"));
    printf(
        " · %s %s", cli_word(cli, "suite"), cli_text_of(cli, json_object_get(document, "suite")));
    printf(" · %s %.16s (", cli_word(cli, "key"), member(cli, document, "key", "id"));
    cli_puts(member(cli, document, "key", "subject"));
    printf(", %s %.10s)\n", cli_word(cli, "valid_to"), member(cli, document, "key", "valid_to"));
}

int cli_init(struct cli *cli, const struct cli_args *args)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_store_options options = CREDIT_STORE_OPTIONS_INIT;
    options.keys = cli->keys;
    options.pack = cli_value(args, "pack");
    options.suite = cli_value(args, "suite");
    options.passphrase_file = cli->passphrase_file;
    options.now = cli->now;
    credit_result rc = credit_store_init(cli->store_path, &options, &err);
    if (rc != CREDIT_OK) { return cli_report(cli, cli->store_path, rc, &err); }

    int status = cli_open_store(cli, true);
    if (status != CLI_YES) { return status; }
    json_t *document = NULL;
    if (cli->json) {
        rc = credit_store_describe(cli->store, cli_write_line, NULL, &err);
    } else {
        rc = describe(cli, &document, &err);
        if (rc == CREDIT_OK) { print_store(cli, document); }
    }
    json_decref(document);
    return rc == CREDIT_OK ? CLI_YES : cli_report(cli, cli->store_path, rc, &err);
}

int cli_stats(struct cli *cli, const struct cli_args *args)
{
    (void)args;
    credit_error err = CREDIT_ERROR_INIT;
    int status = cli_open_store(cli, true);
    if (status != CLI_YES) { return status; }

    json_t *lines = cli_must(json_array());
    credit_result rc = cli->json ? credit_stats(cli->store, cli_write_line, NULL, &err)
                                 : credit_stats(cli->store, cli_collect, &lines, &err);
    if (rc == CREDIT_OK && !cli->json) { cli_show_document(cli, json_array_get(lines, 0)); }
    json_decref(lines);
    return rc == CREDIT_OK ? CLI_YES : cli_report(cli, cli->store_path, rc, &err);
}

/* fsck tells its faults as it goes, so its sink prints while progress is drawn. */
struct fsck_sink {
    struct cli_progress progress; /* first: progress steps take the same context */
    const struct cli *cli;
};

static int fsck_progress(void *context, uint64_t done, uint64_t total, uint64_t rows)
{
    struct fsck_sink *sink = context;
    return cli_progress_step(&sink->progress, done, total, rows);
}

static int fsck_line(void *context, const char *text, size_t size)
{
    struct fsck_sink *sink = context;
    cli_progress_end(&sink->progress);
    if (sink->cli->json) { return cli_write_line(NULL, text, size); }
    json_t *line = cli_must(json_loadb(text, size, JSON_ALLOW_NUL, NULL));
    cli_show_document(sink->cli, line);
    json_decref(line);
    return ferror(stdout);
}

int cli_fsck(struct cli *cli, const struct cli_args *args)
{
    (void)args;
    credit_error err = CREDIT_ERROR_INIT;
    int status = cli_open_store(cli, true);
    if (status != CLI_YES) { return status; }

    struct fsck_sink sink = {.cli = cli};
    cli_progress_begin(&sink.progress, "fsck");
    credit_result rc = credit_fsck(cli->store, fsck_progress, fsck_line, &sink, &err);
    cli_progress_end(&sink.progress);
    return rc == CREDIT_OK ? CLI_YES : cli_report(cli, cli->store_path, rc, &err);
}

int cli_evaluate(struct cli *cli, const struct cli_args *args)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_question question;
    int status = cli_question(cli, args, &question);
    if (status != CLI_YES) { return status; }
    status = cli_open_store(cli, false);
    if (status != CLI_YES) { return status; }

    static const char *const columns[] = {
        "on", "change", "subject.id", "subject.name", "list", "code", "from", "to", NULL};
    struct cli_table table;
    cli_table_begin(&table, cli, columns);
    credit_result rc = credit_evaluate(cli->store, question.as_of, cli->now,
        cli->json ? cli_write_line : cli_table_line, cli->json ? NULL : &table, &err);
    bool nothing = !table.begun && json_array_size(table.held) == 0;
    cli_table_end(&table);
    if (rc == CREDIT_OK && nothing && !cli->json) { cli_say("%s", cli_word(cli, "changes_none")); }
    return rc == CREDIT_OK ? CLI_YES : cli_report(cli, cli->store_path, rc, &err);
}
