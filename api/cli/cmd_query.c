/* show, check, list, tier: answers about subjects. */
#include "api/cli/cmd.h"

#include <errno.h>
#include <string.h>

/* What the answers of one command line share. */
struct asking {
    struct cli *cli;
    credit_view *view;
    credit_question question;
    char pack[160]; /* name and version, for the heading */
    bool many;
    bool tier_only;
};

static bool is_set(credit_date date)
{
    return date != CREDIT_DATE_NONE;
}

static void print_date(credit_date date)
{
    char text[12];
    credit_date_print(date, text);
    fputs(text, stdout);
}

static void read_pack_name(struct asking *asking)
{
    json_t *lines = cli_must(json_array());
    if (credit_store_describe(asking->cli->store, cli_collect, &lines, NULL) == CREDIT_OK) {
        const json_t *pack = json_object_get(json_array_get(lines, 0), "pack");
        snprintf(asking->pack, sizeof asking->pack, "%s %s",
            cli_text_of(asking->cli, json_object_get(pack, "name")),
            cli_text_of(asking->cli, json_object_get(pack, "version")));
    }
    json_decref(lines);
}

static int begin(struct asking *asking, struct cli *cli, const struct cli_args *args)
{
    credit_error err = CREDIT_ERROR_INIT;
    *asking = (struct asking){.cli = cli, .many = args->count > 1};
    int status = cli_question(cli, args, &asking->question);
    if (status != CLI_YES) { return status; }
    status = cli_open_store(cli, true);
    if (status != CLI_YES) { return status; }
    credit_result rc = credit_view_open(cli->store, &asking->view, &err);
    if (rc != CREDIT_OK) { return cli_report(cli, cli->store_path, rc, &err); }
    if (!cli->json) { read_pack_name(asking); }
    return CLI_YES;
}

/* Programs that ask about a subject by its name hear everything; people, and those who
 * ask about many, if they say so: it takes its time. */
static void choose_depth(struct asking *asking, const struct cli_args *args, bool batch)
{
    asking->question.explain = cli_value(args, "explain") != NULL || (asking->cli->json && !batch);
}

/* ---- Answers for people ---------------------------------------------------- */

static void print_heading(const struct asking *asking, const char *word, enum cli_colour colour)
{
    const struct cli *cli = asking->cli;
    cli_colour(cli, colour);
    cli_put_padded(word, 40);
    cli_colour(cli, CLI_DIM);
    printf("  %s ", cli_word(cli, "as_of"));
    print_date(asking->question.as_of);
    printf(" · %s %s", cli_word(cli, "pack"), asking->pack);
    cli_colour(cli, CLI_PLAIN);
    fputc('\n', stdout);
}

static void print_subject(const struct asking *asking, const credit_answer *answer)
{
    if (answer->known && !asking->many) { return; }
    if (!answer->known) { printf("%s ", cli_word(asking->cli, "unknown_subject")); }
    cli_put_span(answer->id);
    fputs("  ", stdout);
    cli_put_span(answer->name);
    fputc('\n', stdout);
}

static void print_evidence(const credit_reason *reason)
{
    const char *between = "";
    for (size_t i = 0; i < reason->evidence_count; i++) {
        const credit_evidence *evidence = &reason->evidence[i];
        fputs(between, stdout);
        if (evidence->document_no.size > 0) {
            cli_put_span(evidence->document_no);
        } else {
            cli_puts(evidence->record);
        }
        if (is_set(evidence->decided_on)) {
            fputc(' ', stdout);
            print_date(evidence->decided_on);
        }
        between = ", ";
    }
}

/* A reason in two lines: what spoke, and on what it rests. */
static void print_reason(const struct cli *cli, const credit_reason *reason)
{
    fputs("      ", stdout);
    cli_put_span(reason->rule);
    fputs("  ", stdout);
    cli_put_span(reason->text);
    if (reason->evidence_count > 0) {
        fputs("  ", stdout);
        print_evidence(reason);
    }
    fputs("\n        ", stdout);
    cli_colour(cli, CLI_DIM);
    printf("%s ", cli_word(cli, "basis"));
    cli_put_span(reason->basis);
    if (is_set(reason->clears_on)) {
        printf(" · %s ", cli_word(cli, "clears_on"));
        print_date(reason->clears_on);
    } else if (reason->outcome.size == 6 && memcmp(reason->outcome.data, "refuse", 6) == 0) {
        printf(" · %s", cli_word(cli, "never_clears"));
    }
    cli_colour(cli, CLI_PLAIN);
    fputc('\n', stdout);
}

static void print_grant(const struct cli *cli, const credit_grant *grant)
{
    static const char marks[] = {
        [CREDIT_INELIGIBLE] = '-', [CREDIT_ELIGIBLE] = '+', [CREDIT_REVIEW] = '?'};
    static const enum cli_colour colours[] = {
        [CREDIT_INELIGIBLE] = CLI_BAD, [CREDIT_ELIGIBLE] = CLI_GOOD, [CREDIT_REVIEW] = CLI_OPEN};
    cli_colour(cli, colours[grant->given]);
    printf("  %c ", marks[grant->given]);
    cli_put_span(cli->chinese && grant->title.size > 0 ? grant->title : grant->grant);
    cli_colour(cli, CLI_PLAIN);
    fputc('\n', stdout);
}

/* Grants that stand on the very same reasons share them. */
static bool same_reasons(const credit_grant *a, const credit_grant *b)
{
    if (a->given != b->given || a->reason_count != b->reason_count) { return false; }
    for (size_t i = 0; i < a->reason_count; i++) {
        if (a->reasons[i] != b->reasons[i]) { return false; }
    }
    return true;
}

static void print_grants(const struct cli *cli, const credit_answer *answer)
{
    for (size_t i = 0; i < answer->grant_count; i++) {
        const credit_grant *grant = &answer->grants[i];
        print_grant(cli, grant);
        if (i + 1 < answer->grant_count && same_reasons(grant, grant + 1)) { continue; }
        for (size_t j = 0; j < grant->reason_count; j++) { print_reason(cli, grant->reasons[j]); }
    }
}

static void print_listings(const credit_answer *answer)
{
    for (size_t i = 0; i < answer->listing_count; i++) {
        const credit_listing *listing = &answer->listings[i];
        fputs("  ", stdout);
        cli_put_span(listing->list);
        fputc(' ', stdout);
        cli_put_span(listing->code);
        fputc(' ', stdout);
        cli_put_span(listing->domain);
        fputs("  ", stdout);
        cli_put_span(listing->document_no);
        if (is_set(listing->listed_on)) {
            fputs("  ", stdout);
            print_date(listing->listed_on);
        }
        if (is_set(listing->until) && listing->until != CREDIT_DATE_FOREVER) {
            printf(" – ");
            print_date(listing->until);
        }
        fputc('\n', stdout);
    }
}

static void print_decision(const struct asking *asking, const credit_answer *answer)
{
    bool part = false;
    for (size_t i = 0; i < answer->grant_count; i++) {
        part = part || answer->grants[i].given != CREDIT_ELIGIBLE;
    }
    const char *word = "review";
    enum cli_colour colour = CLI_OPEN;
    if (answer->decision == CREDIT_ELIGIBLE) {
        word = part ? "eligible_in_part" : "eligible";
        colour = CLI_GOOD;
    } else if (answer->decision == CREDIT_INELIGIBLE) {
        word = "ineligible";
        colour = CLI_BAD;
    }
    print_heading(asking, cli_word(asking->cli, word), colour);
    print_grants(asking->cli, answer);
}

static void print_tier(const struct asking *asking, const credit_answer *answer)
{
    char heading[160];
    snprintf(heading, sizeof heading, "%s %.*s", cli_word(asking->cli, "tier"),
        (int)answer->tier.size, answer->tier.size > 0 ? answer->tier.data : "");
    if (answer->tier.size == 0) {
        snprintf(heading, sizeof heading, "%s %s", cli_word(asking->cli, "tier"),
            cli_word(asking->cli, "tier_open"));
    }
    print_heading(asking, heading, answer->tier.size > 0 ? CLI_PLAIN : CLI_OPEN);
    if (answer->inspection.size > 0) {
        printf("  %s ", cli_word(asking->cli, "inspection"));
        cli_put_span(answer->inspection);
        fputc('\n', stdout);
    }
    print_listings(answer);
    for (size_t i = 0; i < answer->reason_count; i++) {
        print_reason(asking->cli, &answer->reasons[i]);
    }
}

/* ---- check and tier ---------------------------------------------------------- */

static int answer_subject(struct asking *asking, const credit_subject *subject)
{
    credit_error err = CREDIT_ERROR_INIT;
    const credit_answer *answer = NULL;
    credit_result rc = asking->tier_only
                           ? credit_tier(asking->view, subject, &asking->question, &answer, &err)
                           : credit_check(asking->view, subject, &asking->question, &answer, &err);
    if (rc == CREDIT_OK && asking->cli->json) {
        rc = credit_answer_write(
            asking->view, &asking->question, answer, cli_write_line, NULL, &err);
    } else if (rc == CREDIT_OK) {
        print_subject(asking, answer);
        (asking->tier_only ? print_tier : print_decision)(asking, answer);
        cli_print_why_not(asking->cli, answer, &asking->question);
    }
    if (rc != CREDIT_OK) { return cli_report(asking->cli, NULL, rc, &err); }
    return asking->tier_only || answer->decision == CREDIT_ELIGIBLE ? CLI_YES : CLI_NO;
}

static int answer_typed(struct asking *asking, const char *typed)
{
    credit_subject subject;
    int status = cli_subject(asking->cli, typed, &subject);
    return status == CLI_YES ? answer_subject(asking, &subject) : status;
}

static int answer_operands(struct asking *asking, const struct cli_args *args)
{
    int status = CLI_YES;
    for (int i = 0; i < args->count; i++) {
        status = cli_worse(status, answer_typed(asking, args->operands[i]));
    }
    return status;
}

/* A line of a batch that is no subject is refused with its number; the others
 * are answered, so the whole is "partly refused", not wrong usage. */
static int answer_batch(struct asking *asking, const char *path)
{
    int status = CLI_YES;
    char line[160];
    unsigned long number = 0;
    bool standard = strcmp(path, "-") == 0;
    FILE *in = standard ? stdin : fopen(path, "rb");
    if (in == NULL) {
        cli_say("%s: %s", path, strerror(errno));
        return CLI_FAILED;
    }
    asking->many = true;
    while (cli_read_line(in, line, sizeof line)) {
        number++;
        if (line[0] == '\0') { continue; }
        credit_error err = CREDIT_ERROR_INIT;
        credit_subject subject;
        credit_result rc =
            credit_subject_parse(credit_store_get_pack(asking->cli->store), line, &subject, &err);
        if (rc == CREDIT_OK) {
            status = cli_worse(status, answer_subject(asking, &subject));
        } else {
            cli_say("%s: line %lu: %s", path, number, err.message);
            status = cli_worse(status, CLI_NO);
        }
    }
    if (ferror(in)) {
        cli_say("%s: %s", path, strerror(errno));
        status = CLI_FAILED;
    }
    if (!standard) { fclose(in); }
    return status;
}

int cli_check(struct cli *cli, const struct cli_args *args)
{
    const char *batch = cli_value(args, "batch");
    if (batch == NULL && args->count == 0) {
        return cli_usage_error("check takes SUBJECT… or --batch FILE");
    }
    struct asking asking;
    int status = begin(&asking, cli, args);
    choose_depth(&asking, args, false);
    if (status == CLI_YES) { status = answer_operands(&asking, args); }
    choose_depth(&asking, args, true);
    if (batch != NULL && status <= CLI_NO) {
        status = cli_worse(status, answer_batch(&asking, batch));
    }
    credit_view_close(asking.view);
    return status;
}

int cli_tier(struct cli *cli, const struct cli_args *args)
{
    struct asking asking;
    int status = begin(&asking, cli, args);
    asking.tier_only = true;
    choose_depth(&asking, args, false);
    if (status == CLI_YES) { status = answer_operands(&asking, args); }
    credit_view_close(asking.view);
    return status;
}

/* ---- show and list ------------------------------------------------------------ */

int cli_show(struct cli *cli, const struct cli_args *args)
{
    struct asking asking;
    credit_subject subject;
    credit_error err = CREDIT_ERROR_INIT;
    json_t *lines = cli_must(json_array());
    int status = begin(&asking, cli, args);
    if (status == CLI_YES) { status = cli_subject(cli, args->operands[0], &subject); }
    if (status != CLI_YES) { goto out; }

    credit_result rc = credit_show(asking.view, &subject, &asking.question,
        cli->json ? cli_write_line : cli_collect, cli->json ? NULL : (void *)&lines, &err);
    if (rc != CREDIT_OK) { status = cli_report(cli, NULL, rc, &err); }
    if (rc == CREDIT_E_NOT_FOUND) { status = CLI_NO; } /* the answer, not a failure */
    if (rc == CREDIT_OK && !cli->json) { cli_show_document(cli, json_array_get(lines, 0)); }
out:
    credit_view_close(asking.view);
    json_decref(lines);
    return status;
}

int cli_list(struct cli *cli, const struct cli_args *args)
{
    static const char *const entries[] = {"subject.id", "subject.name", "list", "code", "domain",
        "document_no", "listed_on", "until", NULL};
    static const char *const changes[] = {"change", "on", "subject.id", "subject.name", "list",
        "code", "domain", "document_no", "until", NULL};
    struct asking asking;
    credit_error err = CREDIT_ERROR_INIT;
    credit_date since = CREDIT_DATE_NONE;
    const char *text = cli_value(args, "changes-since");
    if (text != NULL && !cli_date("changes-since", text, &since)) { return CLI_USAGE; }

    int status = begin(&asking, cli, args);
    if (status != CLI_YES) { return status; }
    struct cli_table table;
    cli_table_begin(&table, cli, text != NULL ? changes : entries);
    credit_result rc = credit_list(asking.view, args->operands[0], &asking.question, since,
        cli->json ? cli_write_line : cli_table_line, cli->json ? NULL : &table, &err);
    cli_table_end(&table);
    if (rc != CREDIT_OK) { status = cli_report(cli, args->operands[0], rc, &err); }
    credit_view_close(asking.view);
    return status;
}
