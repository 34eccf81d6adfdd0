/* feed changes: what changed, by number, for programs that keep up with it. */
#include "api/cli/cmd.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>

enum { POLL_MS = 1000 };

struct following {
    struct cli *cli;
    struct cli_table *table; /* for people; NULL: lines of JSON */
    bool gone;               /* nobody reads standard output any more */
};

/* A line counts as seen when it has left this process. */
static int tell(void *ctx, const char *text, size_t size)
{
    struct following *f = ctx;
    if (cli_interrupted()) { return 1; }
    if (f->table != NULL) { return cli_table_line(f->table, text, size); }
    f->gone = cli_write_line(NULL, text, size) != 0 || fflush(stdout) != 0;
    return f->gone;
}

static int tell_once(struct following *f, uint64_t *since)
{
    static const char *const columns[] = {"number", "on", "change", "subject.id", "subject.name",
        "list", "code", "document_no", "from", "to", NULL};
    credit_error err = CREDIT_ERROR_INIT;
    struct cli_table table;
    uint64_t last = *since;
    f->table = f->cli->json ? NULL : &table;
    if (f->table != NULL) { cli_table_begin(&table, f->cli, columns); }
    credit_result rc = credit_feed_changes(f->cli->store, *since, tell, f, &last, &err);
    if (f->table != NULL) {
        cli_table_end(&table);
        f->gone = fflush(stdout) != 0;
    }
    *since = last;
    return rc == CREDIT_OK ? CLI_YES : cli_report(f->cli, f->cli->store_path, rc, &err);
}

/* Waits a moment, or until the reader of standard output goes away. */
static void wait_a_moment(struct following *f)
{
    struct pollfd out = {.fd = fileno(stdout)};
    int ready = poll(&out, 1, POLL_MS);
    f->gone = f->gone || (ready > 0 && (out.revents & (POLLERR | POLLHUP | POLLNVAL)) != 0);
}

int cli_feed_changes(struct cli *cli, const struct cli_args *args)
{
    uint64_t since = 0;
    struct following f = {.cli = cli};
    const char *text = cli_value(args, "since");
    bool follow = cli_value(args, "follow") != NULL;
    if (text == NULL || !cli_whole_number(text, &since)) {
        return cli_usage_error("feed changes needs --since NUMBER; 0 is from the first on");
    }
    int status = cli_open_store(cli, true);
    if (status != CLI_YES) { return status; }
    if (follow) {
        signal(SIGPIPE, SIG_IGN);
        cli_catch_interrupts();
    }
    status = tell_once(&f, &since);
    while (follow && status == CLI_YES && !f.gone && !cli_interrupted()) {
        wait_a_moment(&f);
        if (!f.gone && !cli_interrupted()) { status = tell_once(&f, &since); }
    }
    /* A reader that has had enough is no fault: what it did not take is dropped. */
    if (follow && f.gone && freopen("/dev/null", "w", stdout) == NULL) { return CLI_FAILED; }
    return status;
}
