/* The command line: one table of verbs, and the way from argv to its rows.
 *
 * Everything a user can type stands in the tables of this file; the help comes
 * from them, and tests hold the manual page and the completion against them. */
#include "api/cli/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* clang-format off */
#define NO_MORE {NULL, NULL, NULL}
#define AS_OF    {"as-of", "DATE", "the day asked about (default: today in Asia/Shanghai)"}
#define KNOWN_AT {"known-at", "INSTANT", "answer with what the store knew then (RFC 3339)"}
#define EXPLAIN  {"explain", NULL, "also say what would turn what was not given"}
#define PACK     {"pack", "DIR", "policy pack (default: the store's, else the installed one)"}

static const struct cli_option no_options[] = {NO_MORE};
static const struct cli_option pack_options[] = {PACK, NO_MORE};
static const struct cli_option parked_settle_options[] = {
    {"as", "SUBJECT", "the subject that the row is about"},
    {"drop", NULL, "take the row out, for good"},
    {"retry", NULL, "ask again for all rows: those whose reason is gone go in"}, NO_MORE};
static const struct cli_option catalog_check_options[] = {
    {"catalog", "NAME", "the catalog, when the header does not tell"}, PACK, NO_MORE};
static const struct cli_option as_of_options[] = {AS_OF, NO_MORE};
static const struct cli_option question_options[] = {AS_OF, KNOWN_AT, NO_MORE};
static const struct cli_option init_options[] = {
    {"pack", "DIR", "policy pack (default: $CREDIT_PACK, else the installed jingzhou)"},
    {"suite", "NAME", "signature suite: sm2 (default) or p256"}, NO_MORE};
static const struct cli_option import_options[] = {
    {"catalog", "NAME", "the files are of this catalog (default: found from the header)"},
    {"dated", "DATE", "the day the files' source spoke: orders the versions of a record"},
    {"rejects", "FILE", "where refused rows go (default: FILE.rejects.csv)"},
    {"dry-run", NULL, "judge everything, change nothing"},
    {"trust", "PEM", "a package: file or directory of authorities to believe"},
    {"receipt", "FILE", "a package: where its receipt goes (default: FILE.receipt.asice)"},
    NO_MORE};
static const struct cli_option check_options[] = {
    {"for", "MATTER", "the matter the green channel is asked for"},
    {"batch", "FILE", "subjects from a file, one per line; - is standard input"},
    EXPLAIN, AS_OF, KNOWN_AT, NO_MORE};
static const struct cli_option tier_options[] = {EXPLAIN, AS_OF, KNOWN_AT, NO_MORE};
static const struct cli_option list_options[] = {
    {"changes-since", "DATE", "entries and exits since that day instead of the list"},
    AS_OF, KNOWN_AT, NO_MORE};
static const struct cli_option extract_options[] = {
    {"output", "FILE", "the file to write; also -o FILE"},
    {"scope", "NAME", "public (default), government or authorized"},
    {"purpose", "TEXT", "what the report is for; stands in it"},
    {"for", "MATTER", "the matter the green channel is asked for"},
    AS_OF, KNOWN_AT, NO_MORE};
static const struct cli_option verify_options[] = {
    {"trust", "PEM", "file or directory of authorities to believe"}, NO_MORE};
static const struct cli_option changes_options[] = {
    {"since", "NUMBER", "the last change that was seen; 0: from the first on"},
    {"follow", NULL, "wait for what comes, until stopped"}, NO_MORE};
static const struct cli_option rules_page_options[] = {
    {"output", "DIR", "write the pages as files of this directory; also -o DIR"}, NO_MORE};
static const struct cli_option eval_options[] = {
    {"decision", "NAME", "the decision to evaluate"},
    {"input", "FILE", "JSON object of input names to values; - is standard input"}, NO_MORE};
static const struct cli_option try_options[] = {
    {"csv", "FILE", "every change as a row, with its old and new reason"},
    {"html", "FILE", "a page for people, with a picture"},
    AS_OF, KNOWN_AT, NO_MORE};
static const struct cli_option activate_options[] = {
    {"from", "DATE", "the first day it is in force"},
    {"force", NULL, "in spite of what lint finds; that is on record"}, NO_MORE};
static const struct cli_option key_import_options[] = {
    {"key", "FILE", "the private key (PEM)"},
    {"certificate", "FILE", "its certificate and chain (PEM)"}, NO_MORE};
static const struct cli_option key_revoke_options[] = {
    {"reason", "TEXT", "keyCompromise, superseded, cessationOfOperation, …"},
    {"since", "INSTANT", "from when it is void (default: now)"}, NO_MORE};

static const struct cli_verb verbs[] = {
    {"init", cli_init, "", 0, 0,
        "make a store from a policy pack, with a fresh signing key", init_options},
    {"import", cli_import, "FILE…", 1, -1,
        "bring in CSV files and packages; each is one batch, all of it or none", import_options},
    {"show", cli_show, "SUBJECT", 1, 1,
        "the whole file of a subject", question_options},
    {"check", cli_check, "SUBJECT…", 0, -1,
        "may these subjects use the green channel?", check_options},
    {"list", cli_list, "NAME", 1, 1,
        "who is on red, black, watch or one list code", list_options},
    {"tier", cli_tier, "SUBJECT…", 1, -1,
        "the supervision tier with its reasons", tier_options},
    {"evaluate", cli_evaluate, "", 0, 0,
        "the nightly pass: write down what the passing of time has changed", as_of_options},
    {"extract", cli_extract, "SUBJECT", 1, 1,
        "issue a signed report", extract_options},
    {"verify", cli_verify, "FILE…", 1, -1,
        "check signed reports, packages and receipts; needs no store, no private key",
        verify_options},
    {"id", cli_id, "[-] [NUMBER…]", 0, -1,
        "judge identifiers from arguments or standard input", pack_options},
    {"date add", cli_date_add, "DATE PERIOD", 2, 2,
        "add a period (P3M) or working days (7wd), as the rules do", pack_options},
    {"catalog list", cli_catalog_list, "", 0, 0,
        "the catalogs of the pack", pack_options},
    {"catalog show", cli_catalog_show, "NAME", 1, 1,
        "explain a catalog: columns, types, rules", pack_options},
    {"catalog page", cli_catalog_page, "NAME", 1, 1,
        "the same for people: a page of HTML with every column, word and check", pack_options},
    {"catalog check", cli_catalog_check, "FILE…", 1, -1,
        "what an import would say of files, without a store", catalog_check_options},
    {"batch list", cli_batch_list, "", 0, 0,
        "the files that came in", no_options},
    {"batch show", cli_batch_show, "BATCH", 1, 1,
        "one of them, and how many of its rows still wait", no_options},
    {"batch undo", cli_batch_undo, "BATCH", 1, 1,
        "from now on answer as if it had not come; can itself be undone", no_options},
    {"parked list", cli_parked_list, "", 0, 0,
        "rows that wait because their subject could not be decided", no_options},
    {"parked settle", cli_parked_settle, "[BATCH ROW]", 0, 2,
        "give such a row to a subject, or drop it; or ask for all again", parked_settle_options},
    {"feed pack", cli_feed_pack, "DIR", 1, 1,
        "write what was committed since the last time as packages for the exchange", no_options},
    {"feed receipt", cli_feed_receipt, "FILE…", 1, -1,
        "take the other side's answers to packages", verify_options},
    {"feed status", cli_feed_status, "", 0, 0,
        "sent, accepted, rejected, open and withheld, by catalog, source and day", no_options},
    {"feed resend", cli_feed_resend, "NUMBER DIR", 2, 2,
        "write a package again, without what may no longer leave", no_options},
    {"rules page", cli_rules_page, "PACK [DECISION]", 1, 2,
        "the rules for people: pages of HTML with every table, row and parameter",
        rules_page_options},
    {"rules show", cli_rules_show, "[PACK]", 0, 1,
        "the packs of the store, since when they are in force, and their tables",
        question_options},
    {"rules try", cli_rules_try, "PACK", 1, 1,
        "who would change under a draft, from what to what; changes nothing", try_options},
    {"rules activate", cli_rules_activate, "PACK", 1, 1,
        "put a pack in force from a day on", activate_options},
    {"rules lint", cli_rules_lint, "PACK", 1, 1,
        "look for faults in a policy pack before anybody is judged by it", no_options},
    {"rules eval", cli_rules_eval, "FILE.dmn", 1, 1,
        "evaluate one decision of a DMN file", eval_options},
    {"feed changes", cli_feed_changes, "", 0, 0,
        "listings and tiers that changed, by number, none left out", changes_options},
    {"stats", cli_stats, "", 0, 0,
        "size and counts of the store", no_options},
    {"fsck", cli_fsck, "", 0, 0,
        "verify every index, frame, digest and judgement against the records", no_options},
    {"key list", cli_key_list, "", 0, 0,
        "keys and authorities of the key directory", no_options},
    {"key new", cli_key_new, "", 0, 0,
        "a new signing key; the old one is kept for verification", no_options},
    {"key rotate", cli_key_new, "", 0, 0,
        "the same as key new", no_options},
    {"key import", cli_key_import, "", 0, 0,
        "install a private key and its certificate", key_import_options},
    {"key revoke", cli_key_revoke, "ID", 1, 1,
        "declare a key void", key_revoke_options},
    {"key export", cli_key_export, "", 0, 0,
        "the public certificate of the signing key as PEM", no_options},
};

static const struct cli_option common_options[] = {
    {"store", "DIR", "the store (default: $CREDIT_STORE, else ./credit-store)"},
    {"keys", "DIR", "its key directory (default: the store's path with .keys)"},
    {"passphrase-file", "FILE", "first line is the private key's passphrase"},
    {"json", NULL, "JSON on standard output, one document or one per line"},
    {"help", NULL, "what a verb does and takes"},
    {"version", NULL, "the version of program and library"},
    NO_MORE};
/* clang-format on */

enum { VERBS = sizeof verbs / sizeof verbs[0], OPERAND_COLUMN = 26 };

/* ---- Help ---------------------------------------------------------------- */

static void print_options(FILE *out, const struct cli_option *options)
{
    for (; options->name != NULL; options++) {
        int used = fprintf(out, "  --%s%s%s", options->name, options->argument != NULL ? " " : "",
            options->argument != NULL ? options->argument : "");
        fprintf(
            out, "%*s%s\n", used < OPERAND_COLUMN ? OPERAND_COLUMN - used : 1, "", options->help);
    }
}

static void print_help(FILE *out)
{
    fputs("usage: credit [--store DIR] VERB …\n\n", out);
    for (size_t i = 0; i < VERBS; i++) {
        fprintf(out, "  %-*s%s\n", OPERAND_COLUMN - 2, verbs[i].name, verbs[i].help);
    }
    fputs("\nwith every verb:\n", out);
    print_options(out, common_options);
    fputs("\nexit status: 0 done or yes, 1 no or partly refused, 2 wrong usage, "
          "3 could not be done\n",
        out);
}

static void print_verb_help(FILE *out, const struct cli_verb *verb)
{
    bool options = verb->options->name != NULL;
    fprintf(out, "usage: credit %s%s%s%s\n%s\n", verb->name, options ? " [OPTION…]" : "",
        verb->operands[0] != '\0' ? " " : "", verb->operands, verb->help);
    if (options) {
        fputc('\n', out);
        print_options(out, verb->options);
    }
}

/* ---- Finding the verb ------------------------------------------------------ */

/* How many single-character mistakes lie between two short words. */
static size_t distance(const char *a, const char *b)
{
    size_t row[32];
    size_t length = strlen(b);
    if (length >= 31) { return SIZE_MAX; }
    for (size_t j = 0; j <= length; j++) { row[j] = j; }
    for (size_t i = 0; a[i] != '\0'; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < length; j++) {
            size_t change = diagonal + (a[i] != b[j]);
            size_t step = (row[j] < row[j + 1] ? row[j] : row[j + 1]) + 1;
            diagonal = row[j + 1];
            row[j + 1] = change < step ? change : step;
        }
    }
    return row[length];
}

static int unknown_verb(const char *typed)
{
    const char *nearest = NULL;
    size_t best = 3; /* three mistakes are another word */
    for (size_t i = 0; i < VERBS; i++) {
        size_t mistakes = distance(typed, verbs[i].name);
        if (mistakes < best) {
            best = mistakes;
            nearest = verbs[i].name;
        }
    }
    if (nearest != NULL) {
        return cli_usage_error("no such verb: %s\n  did you mean `credit %s`?", typed, nearest);
    }
    return cli_usage_error("no such verb: %s\n  `credit help` lists them all", typed);
}

/* A word that begins verbs of two words, typed without a known second one. */
static int incomplete_verb(const char *first, const char *second)
{
    char choices[128] = "";
    size_t size = strlen(first);
    for (size_t i = 0; i < VERBS; i++) {
        if (strncmp(verbs[i].name, first, size) != 0 || verbs[i].name[size] != ' ') { continue; }
        size_t used = strlen(choices);
        snprintf(choices + used, sizeof choices - used, "%s%s", used > 0 ? ", " : "",
            verbs[i].name + size + 1);
    }
    if (choices[0] == '\0') { return -1; }
    if (second == NULL) { return cli_usage_error("%s needs one of: %s", first, choices); }
    return cli_usage_error("no such verb: %s %s\n  %s takes: %s", first, second, first, choices);
}

/* The row of the words typed; *used says how many of them name it. */
static const struct cli_verb *find_verb(char **words, int count, int *used)
{
    char two[64];
    snprintf(two, sizeof two, "%.30s %.30s", words[0], count > 1 ? words[1] : "");
    for (size_t i = 0; i < VERBS; i++) {
        bool pair = strchr(verbs[i].name, ' ') != NULL;
        if (strcmp(verbs[i].name, pair ? two : words[0]) == 0) {
            *used = pair ? 2 : 1;
            return &verbs[i];
        }
    }
    return NULL;
}

/* ---- Taking argv apart ------------------------------------------------------- */

/* Everything that was typed, before its verb is known: options keep their
 * place in argv, because what they are depends on the verb. */
struct typed {
    char **words;
    int count;
    bool help, version;
    const char *common[CLI_OPTIONS_MAX];
};

static int find_option(const struct cli_option *options, const char *name, size_t size)
{
    for (int i = 0; options[i].name != NULL; i++) {
        if (strlen(options[i].name) == size && memcmp(options[i].name, name, size) == 0) {
            return i;
        }
    }
    return -1;
}

/* The verb stands in the first one or two words that are neither options nor
 * arguments of common options. */
static const struct cli_verb *verb_of(int argc, char **argv, char **words, int *word_count)
{
    int count = 0;
    for (int i = 1; i < argc && count < 2; i++) {
        const char *word = argv[i];
        if (word[0] != '-' || word[1] == '\0') {
            words[count++] = argv[i];
            continue;
        }
        if (strcmp(word, "--") == 0) { break; }
        int at = strncmp(word, "--", 2) == 0
                     ? find_option(common_options, word + 2, strlen(word + 2))
                     : -1;
        if (at >= 0 && common_options[at].argument != NULL) {
            i++;
        } else if (at < 0 && count == 1) {
            break; /* An option of the verb: what follows is no second word. */
        }
    }
    *word_count = count;
    int used = 0;
    return count > 0 ? find_verb(words, count, &used) : NULL;
}

/* Reads one option at argv[*at] into the verb's or the common values. */
static int take_option(int argc, char **argv, int *at, struct cli_args *args, struct typed *typed)
{
    const char *word = argv[*at];
    const char *name = strcmp(word, "-o") == 0 ? "output" : word + 2;
    if (strcmp(word, "-h") == 0) { name = "help"; }
    if (word[1] != '-' && name == word + 2) { return cli_usage_error("no such option: %s", word); }

    const char *equals = strchr(name, '=');
    size_t size = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const struct cli_option *options = common_options;
    const char **values = typed->common;
    int found = find_option(common_options, name, size);
    if (found < 0 && args->verb != NULL) {
        options = args->verb->options;
        values = args->values;
        found = find_option(options, name, size);
    }
    if (found < 0) {
        return cli_usage_error("no such option: %s\n  `credit %s%s--help` lists what there is",
            word, args->verb != NULL ? args->verb->name : "", args->verb != NULL ? " " : "");
    }
    if (options[found].argument == NULL) {
        if (equals != NULL) { return cli_usage_error("--%s takes no value", options[found].name); }
        values[found] = "";
        return CLI_YES;
    }
    if (equals == NULL && *at + 1 >= argc) {
        return cli_usage_error("--%s needs %s", options[found].name, options[found].argument);
    }
    values[found] = equals != NULL ? equals + 1 : argv[++*at];
    return CLI_YES;
}

static int take_apart(int argc, char **argv, struct cli_args *args, struct typed *typed)
{
    bool options_end = false;
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        if (!options_end && strcmp(word, "--") == 0) {
            options_end = true;
        } else if (!options_end && word[0] == '-' && word[1] != '\0') {
            int status = take_option(argc, argv, &i, args, typed);
            if (status != CLI_YES) { return status; }
        } else {
            typed->words[typed->count++] = argv[i];
        }
    }
    return CLI_YES;
}

static const char *common(const struct typed *typed, const char *name)
{
    return typed->common[find_option(common_options, name, strlen(name))];
}

static bool wants_chinese(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') { return strncmp(value, "zh", 2) == 0; }
    }
    return false;
}

static void settle(struct cli *cli, const struct typed *typed)
{
    const char *environment = getenv("CREDIT_STORE");
    const char *named = common(typed, "store");
    if (named == NULL && environment != NULL && environment[0] != '\0') { named = environment; }
    cli->store_named = named != NULL;
    cli->store_path = named != NULL ? named : "./credit-store";
    cli->keys = common(typed, "keys");
    cli->passphrase_file = common(typed, "passphrase-file");
    cli->json = common(typed, "json") != NULL;
    cli->chinese = wants_chinese();

    const char *terminal = getenv("TERM");
    const char *no_colour = getenv("NO_COLOR");
    cli->colour = isatty(STDOUT_FILENO) && (no_colour == NULL || no_colour[0] == '\0') &&
                  terminal != NULL && strcmp(terminal, "dumb") != 0;

    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    cli->now = (credit_instant)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Operands are the words behind those that name the verb. */
static int check_operands(struct cli_args *args, struct typed *typed)
{
    int used = 0;
    (void)find_verb(typed->words, typed->count, &used);
    args->operands = typed->words + used;
    args->count = typed->count - used;
    if (args->count < args->verb->least || (args->verb->most == 0 && args->count > 0) ||
        (args->verb->most > 0 && args->count > args->verb->most)) {
        return cli_usage_error("%s takes %s\n  `credit %s --help` says more", args->verb->name,
            args->verb->operands[0] != '\0' ? args->verb->operands : "no operands",
            args->verb->name);
    }
    return CLI_YES;
}

static int no_verb(const struct typed *typed, char **words, int count)
{
    if (common(typed, "version") != NULL) {
        printf("credit %s\n", credit_version());
        return CLI_YES;
    }
    if (common(typed, "help") != NULL && count == 0) {
        print_help(stdout);
        return CLI_YES;
    }
    if (count == 0) {
        print_help(stderr);
        return CLI_USAGE;
    }
    int status = incomplete_verb(words[0], count > 1 ? words[1] : NULL);
    return status >= 0 ? status : unknown_verb(words[0]);
}

/* `credit help [VERB…]` is `credit VERB --help`. */
static int help(char **words, int count)
{
    if (count == 0) {
        print_help(stdout);
        return CLI_YES;
    }
    int used = 0;
    const struct cli_verb *verb = find_verb(words, count, &used);
    if (verb == NULL) {
        int status = incomplete_verb(words[0], count > 1 ? words[1] : NULL);
        return status >= 0 ? status : unknown_verb(words[0]);
    }
    print_verb_help(stdout, verb);
    return CLI_YES;
}

static int run(int argc, char **argv, struct cli *cli, struct typed *typed)
{
    char *words[2] = {NULL, NULL};
    int count = 0;
    struct cli_args args = {.verb = verb_of(argc, argv, words, &count)};

    bool asked_help = count > 0 && strcmp(words[0], "help") == 0;
    if (args.verb == NULL && count > 0 && !asked_help) { return no_verb(typed, words, count); }
    int status = take_apart(argc, argv, &args, typed);
    if (status != CLI_YES) { return status; }
    if (asked_help) { return help(typed->words + 1, typed->count - 1); }
    if (args.verb == NULL || common(typed, "version") != NULL) { return no_verb(typed, words, 0); }
    if (common(typed, "help") != NULL) {
        print_verb_help(stdout, args.verb);
        return CLI_YES;
    }
    settle(cli, typed);
    status = check_operands(&args, typed);
    return status == CLI_YES ? args.verb->run(cli, &args) : status;
}

int main(int argc, char **argv)
{
    struct cli cli = {0};
    struct typed typed = {0};
    /* Numbers of persons and keys pass through this process: no core of it. */
    setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
    typed.words = cli_must(calloc((size_t)argc + 1, sizeof *typed.words));

    int status = run(argc, argv, &cli, &typed);

    credit_pack_close(cli.pack);
    credit_store_close(cli.store);
    free(typed.words);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        cli_say("standard output: %s", strerror(errno));
        status = CLI_FAILED;
    }
    return status;
}
