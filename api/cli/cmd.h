/* What the files of the command line share.
 *
 * 1. Data goes to stdout, everything else to stderr.
 * 2. Text of records is shown to a terminal only through cli_put(), which lets
 *    no control character through.
 * 3. Exit statuses come from cli_status() and the four names below, nowhere else. */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include <credit/credit.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

enum {
    CLI_YES = 0,   /* done, or the answer is yes */
    CLI_NO = 1,    /* the answer is no, or part of the data was refused */
    CLI_USAGE = 2, /* wrong usage */
    CLI_FAILED = 3 /* could not be done */
};

enum { CLI_OPTIONS_MAX = 12, CLI_COLUMNS_MAX = 12 };

/* An option of a verb; `argument` is NULL for a switch. */
struct cli_option {
    const char *name;
    const char *argument;
    const char *help;
};

struct cli;
struct cli_args;
typedef int (*cli_run)(struct cli *cli, const struct cli_args *args);

/* A row of the table of verbs in main.c. */
struct cli_verb {
    const char *name;    /* one or two words */
    cli_run run;
    const char *operands; /* as shown in the usage line */
    int least, most;     /* how many operands; most < 0: any number */
    const char *help;
    const struct cli_option *options; /* ends with a NULL name; NULL: none */
};

/* One command line, taken apart. */
struct cli_args {
    const struct cli_verb *verb;
    const char *values[CLI_OPTIONS_MAX]; /* one per option of the verb, NULL: not given */
    char **operands;
    int count;
};

/* What every verb can rely on. */
struct cli {
    const char *store_path;
    bool store_named; /* by --store or $CREDIT_STORE */
    const char *keys; /* NULL: beside the store */
    const char *passphrase_file;
    bool json;
    bool chinese;
    bool colour;
    credit_instant now;
    credit_store *store; /* opened by cli_open_store, closed by main */
    credit_pack *pack;   /* opened by cli_open_pack when there is no store */
};

/* ---- args.c: options and operands ---- */
/* The value of an option, NULL if it was not given; "" for a switch. */
const char *cli_value(const struct cli_args *args, const char *name);
/* Fills a question from --as-of (else today), --known-at and --for. */
int cli_question(const struct cli *cli, const struct cli_args *args, credit_question *question);
/* Reads a date or an instant from an option; false with a message if malformed. */
bool cli_date(const char *option, const char *text, credit_date *date);
bool cli_instant(const char *option, const char *text, credit_instant *instant);
/* A whole number from 0 on; false if the text is anything else. */
bool cli_whole_number(const char *text, uint64_t *number);

/* ---- session.c: stores, packs, errors ---- */
int cli_open_store(struct cli *cli, bool read_only);
/* The pack to explain things by: --pack, else the named store's, else the installed one. */
int cli_open_pack(struct cli *cli, const struct cli_args *args, const credit_pack **pack);
/* The key directory: --keys, else STORE.keys. Static. */
const char *cli_keys(const struct cli *cli);
/* The one place where a result becomes an exit status. */
int cli_status(credit_result result);
/* Says what failed (one line, `what` in front if the message lacks it) and what
 * to do about it; returns the exit status. */
int cli_report(const struct cli *cli, const char *what, credit_result rc, const credit_error *err);
int cli_usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void cli_say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The worse of two statuses: could not be done, then usage, then no, then yes. */
int cli_worse(int a, int b);
/* Ends the program with a message when `pointer` is NULL. */
void *cli_must(void *pointer);
/* The subject the user typed; "TYPE:-" takes the number from standard input, so
 * that it never stands in an argument list. */
int cli_subject(const struct cli *cli, const char *typed, credit_subject *subject);
/* One line without its end; false at the end. What does not fit is dropped: the
 * longest subject is far shorter than any buffer here, so it is none. */
bool cli_read_line(FILE *in, char *line, size_t size);
/* Asked to stop by a signal. */
bool cli_interrupted(void);
void cli_catch_interrupts(void);

/* ---- words.c: labels ---- */
/* The label of a key in the reader's language; unknown keys with blanks for '_'. */
const char *cli_word(const struct cli *cli, const char *key);

/* ---- why.c ---- */
/* What would turn the answer, if the question asked. */
void cli_print_why_not(
    const struct cli *cli, const credit_answer *answer, const credit_question *question);

/* ---- output.c: text on stdout ---- */
enum cli_colour { CLI_PLAIN, CLI_GOOD, CLI_BAD, CLI_OPEN, CLI_DIM };
/* Columns of a terminal that the text takes: 2 for a Chinese character. */
size_t cli_width(const char *text, size_t size);
void cli_put(const char *text, size_t size);
void cli_puts(const char *text);
void cli_put_span(credit_span span);
/* Puts text and blanks up to `width` columns. */
void cli_put_padded(const char *text, size_t width);
void cli_colour(const struct cli *cli, enum cli_colour colour);
/* 4213 → "4 213". */
const char *cli_number(uint64_t number, char text[32]);
/* A count with its label behind *between, unless it is 0; then others follow. */
void cli_put_count(
    const struct cli *cli, const char *key, uint64_t count, const char **between);
/* A credit_write that prints the line. */
int cli_write_line(void *unused, const char *text, size_t size);
/* A credit_write that appends the parsed line to the JSON array `*ctx`. */
int cli_collect(void *array, const char *text, size_t size);
/* A scalar as text; the arena of texts is a ring of a few buffers. */
const char *cli_text_of(const struct cli *cli, const json_t *value);
/* Any document for people: labels, indented objects, arrays as tables. */
void cli_show_document(const struct cli *cli, const json_t *document);

/* A table whose widths come from its first rows; the rest streams. */
struct cli_table {
    const struct cli *cli;
    const char *const *columns; /* keys of a JSON object; NULL ends */
    size_t count;
    size_t last;   /* the last column that is shown */
    int depth;     /* steps of indentation */
    size_t widths[CLI_COLUMNS_MAX];
    json_t *held; /* rows not yet printed */
    bool begun;
};
void cli_table_begin(
    struct cli_table *table, const struct cli *cli, const char *const *columns);
void cli_table_add(struct cli_table *table, json_t *row); /* takes the reference */
void cli_table_end(struct cli_table *table);
/* Prints rows of JSON lines in one table; ctx is a cli_table. */
int cli_table_line(void *table, const char *text, size_t size);

/* ---- progress.c ---- */
struct cli_progress {
    const char *what;
    double started, shown;
    bool terminal, drawn;
};
void cli_progress_begin(struct cli_progress *progress, const char *what);
int cli_progress_step(void *progress, uint64_t done, uint64_t total, uint64_t rows);
void cli_progress_end(struct cli_progress *progress);
double cli_seconds(void);

/* ---- the verbs ---- */
int cli_init(struct cli *cli, const struct cli_args *args);
int cli_stats(struct cli *cli, const struct cli_args *args);
int cli_fsck(struct cli *cli, const struct cli_args *args);
int cli_evaluate(struct cli *cli, const struct cli_args *args);
int cli_import(struct cli *cli, const struct cli_args *args);
int cli_parked_list(struct cli *cli, const struct cli_args *args);
int cli_parked_settle(struct cli *cli, const struct cli_args *args);
int cli_batch_list(struct cli *cli, const struct cli_args *args);
int cli_batch_show(struct cli *cli, const struct cli_args *args);
int cli_batch_undo(struct cli *cli, const struct cli_args *args);
int cli_show(struct cli *cli, const struct cli_args *args);
int cli_check(struct cli *cli, const struct cli_args *args);
int cli_tier(struct cli *cli, const struct cli_args *args);
int cli_list(struct cli *cli, const struct cli_args *args);
int cli_extract(struct cli *cli, const struct cli_args *args);
int cli_verify(struct cli *cli, const struct cli_args *args);
int cli_id(struct cli *cli, const struct cli_args *args);
int cli_date_add(struct cli *cli, const struct cli_args *args);
int cli_catalog_list(struct cli *cli, const struct cli_args *args);
int cli_catalog_show(struct cli *cli, const struct cli_args *args);
int cli_catalog_page(struct cli *cli, const struct cli_args *args);
int cli_catalog_check(struct cli *cli, const struct cli_args *args);
int cli_feed_changes(struct cli *cli, const struct cli_args *args);
int cli_feed_pack(struct cli *cli, const struct cli_args *args);
int cli_feed_receipt(struct cli *cli, const struct cli_args *args);
int cli_feed_status(struct cli *cli, const struct cli_args *args);
int cli_feed_resend(struct cli *cli, const struct cli_args *args);
int cli_rules_page(struct cli *cli, const struct cli_args *args);
int cli_rules_show(struct cli *cli, const struct cli_args *args);
int cli_rules_try(struct cli *cli, const struct cli_args *args);
int cli_rules_activate(struct cli *cli, const struct cli_args *args);
int cli_rules_lint(struct cli *cli, const struct cli_args *args);
int cli_rules_eval(struct cli *cli, const struct cli_args *args);
int cli_key_new(struct cli *cli, const struct cli_args *args);
int cli_key_list(struct cli *cli, const struct cli_args *args);
int cli_key_import(struct cli *cli, const struct cli_args *args);
int cli_key_revoke(struct cli *cli, const struct cli_args *args);
int cli_key_export(struct cli *cli, const struct cli_args *args);

#endif
