/* Stores and packs as the options name them; results as messages and statuses. */
#include "api/cli/cmd.h"

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- Results -------------------------------------------------------------- */

int cli_status(credit_result result)
{
    switch (credit_result_class(result)) {
    case CREDIT_CLASS_OK:
        return result == CREDIT_OK ? CLI_YES : CLI_FAILED; /* DONE: we were stopped */
    case CREDIT_CLASS_CALL:
        return result == CREDIT_E_USAGE ? CLI_USAGE : CLI_FAILED;
    case CREDIT_CLASS_TRUST:
        return CLI_NO;
    case CREDIT_CLASS_DATA:
    case CREDIT_CLASS_MACHINE:
    case CREDIT_CLASS_BUG:
        break;
    }
    return CLI_FAILED;
}

int cli_worse(int a, int b)
{
    return a > b ? a : b;
}

void cli_say(const char *format, ...)
{
    va_list list;
    fflush(stdout); /* The order in which things happened is the order shown. */
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
}

int cli_usage_error(const char *format, ...)
{
    va_list list;
    fflush(stdout);
    fputs("credit: ", stderr);
    va_start(list, format);
    vfprintf(stderr, format, list);
    va_end(list);
    fputc('\n', stderr);
    return CLI_USAGE;
}

void *cli_must(void *pointer)
{
    if (pointer == NULL) {
        fputs("credit: out of memory\n", stderr);
        exit(CLI_FAILED);
    }
    return pointer;
}

/* What to do about a result, where the message alone does not say it. */
static const struct {
    credit_result result;
    const char *key;
} hints[] = {
    {CREDIT_E_HEADER, "hint_header"},
    {CREDIT_E_FORMAT, "hint_format"},
    {CREDIT_E_CORRUPT, "hint_corrupt"},
    {CREDIT_E_FULL, "hint_full"},
    {CREDIT_E_REJECTED, "hint_rejected"},
    {CREDIT_E_KEY, "hint_key"},
    {CREDIT_E_BUG, "hint_bug"},
};

/* Messages about files of a pack carry their place: "rules/x.dmn:12: …". */
static bool tells_line(const credit_error *err)
{
    char place[32];
    snprintf(place, sizeof place, ":%llu:", (unsigned long long)err->line);
    return strstr(err->message, place) != NULL || strstr(err->message, "line ") != NULL;
}

static void print_place(const credit_error *err)
{
    if (err->line > 0 && !tells_line(err)) {
        fprintf(stderr, "line %llu: ", (unsigned long long)err->line);
    }
    if (err->field[0] != '\0' && strstr(err->message, err->field) == NULL) {
        fprintf(stderr, "%s: ", err->field);
    }
}

int cli_report(const struct cli *cli, const char *what, credit_result rc, const credit_error *err)
{
    fflush(stdout);
    if (rc == CREDIT_DONE) {
        cli_say("%s: %s", what != NULL ? what : "credit", cli_word(cli, "interrupted"));
        return cli_status(rc);
    }
    const char *message = err->message[0] != '\0' ? err->message : credit_result_name(rc);
    if (what == NULL) { what = "credit"; }
    if (strstr(message, what) == NULL) { fprintf(stderr, "%s: ", what); }
    print_place(err);
    fprintf(stderr, "%s\n", message);
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
        if (hints[i].result == rc) { fprintf(stderr, "  %s\n", cli_word(cli, hints[i].key)); }
    }
    return cli_status(rc);
}

/* ---- Stores and packs ---------------------------------------------------------- */

int cli_open_store(struct cli *cli, bool read_only)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_store_options options = CREDIT_STORE_OPTIONS_INIT;
    options.keys = cli->keys;
    options.passphrase_file = cli->passphrase_file;
    options.read_only = read_only;
    options.now = cli->now;
    credit_result rc = credit_store_open(cli->store_path, &options, &cli->store, &err);
    if (rc == CREDIT_OK) { return CLI_YES; }
    int status = cli_report(cli, cli->store_path, rc, &err);
    if (rc == CREDIT_E_NOT_FOUND) { fprintf(stderr, "  %s\n", cli_word(cli, "hint_no_store")); }
    return status;
}

int cli_open_pack(struct cli *cli, const struct cli_args *args, const credit_pack **pack)
{
    const char *directory = cli_value(args, "pack");
    if (directory == NULL && cli->store_named) {
        int status = cli_open_store(cli, true);
        if (status == CLI_YES) { *pack = credit_store_get_pack(cli->store); }
        return status;
    }
    credit_error err = CREDIT_ERROR_INIT;
    credit_result rc = credit_pack_open(directory, &cli->pack, &err);
    if (rc != CREDIT_OK) { return cli_report(cli, directory, rc, &err); }
    *pack = cli->pack;
    return CLI_YES;
}

const char *cli_keys(const struct cli *cli)
{
    static char path[4096];
    if (cli->keys != NULL) { return cli->keys; }
    size_t size = strlen(cli->store_path);
    while (size > 1 && cli->store_path[size - 1] == '/') { size--; }
    snprintf(path, sizeof path, "%.*s.keys", (int)(size < 4000 ? size : 4000), cli->store_path);
    return path;
}

/* ---- Subjects ---------------------------------------------------------------- */

bool cli_read_line(FILE *in, char *line, size_t size)
{
    if (fgets(line, (int)size, in) == NULL) { return false; }
    size_t used = strcspn(line, "\r\n");
    if (line[used] == '\0' && used + 1 == size) {
        for (int c = fgetc(in); c != '\n' && c != EOF;) { c = fgetc(in); }
    }
    line[used] = '\0';
    return true;
}

int cli_subject(const struct cli *cli, const char *typed, credit_subject *subject)
{
    char whole[160];
    credit_error err = CREDIT_ERROR_INIT;
    size_t size = strlen(typed);
    if (size > 2 && size < 32 && strcmp(typed + size - 2, ":-") == 0) {
        memcpy(whole, typed, size - 1);
        if (!cli_read_line(stdin, whole + size - 1, sizeof whole - size + 1)) {
            return cli_usage_error("%s: no number on standard input", typed);
        }
        typed = whole;
    }
    credit_result rc =
        credit_subject_parse(credit_store_get_pack(cli->store), typed, subject, &err);
    if (rc == CREDIT_OK) { return CLI_YES; }
    int status = cli_report(cli, NULL, rc, &err);
    return rc == CREDIT_E_DATA ? CLI_USAGE : status;
}

/* ---- Interrupts -------------------------------------------------------------- */

static volatile sig_atomic_t interrupts;

/* The first asks a long call to undo its work; the second ends at once. */
static void on_interrupt(int number)
{
    interrupts = interrupts + 1;
    if (interrupts > 1) {
        signal(number, SIG_DFL);
        raise(number);
    }
}

bool cli_interrupted(void)
{
    return interrupts > 0;
}

void cli_catch_interrupts(void)
{
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}
