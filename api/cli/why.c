/* What would turn an answer, for people. */
#include "api/cli/cmd.h"

static void print_day(credit_date date)
{
    char text[12];
    credit_date_print(date, text);
    fputs(text, stdout);
}

static void print_goal(const struct cli *cli, const credit_why_not *why)
{
    fputs("  → ", stdout);
    if (why->grant != NULL) {
        bool titled = cli->chinese && why->grant->title.size > 0;
        cli_put_span(titled ? why->grant->title : why->grant->grant);
    } else {
        fputs(cli_word(cli, why->goal[0] == 't' ? "better_tier" : "eligible"), stdout);
    }
    fputc('\n', stdout);
}

/* A row that would have granted it: what it looked at, was, and had to be. */
static void print_unspoken(const struct cli *cli, const credit_unspoken *row)
{
    fputs("      ", stdout);
    cli_colour(cli, CLI_DIM);
    printf("%s ", cli_word(cli, "unspoken"));
    cli_put_span(row->rule);
    fputs("  ", stdout);
    cli_put_span(row->text);
    for (size_t i = 0; i < row->input_count; i++) {
        const credit_input *input = &row->inputs[i];
        fputs(i == 0 ? "  " : ", ", stdout);
        cli_put_span(input->expression);
        fputs(" = ", stdout);
        cli_put_span(input->value);
        printf(", %s ", cli_word(cli, "wanted"));
        cli_put_span(input->wanted);
    }
    cli_colour(cli, CLI_PLAIN);
    fputc('\n', stdout);
}

static void print_change(const struct cli *cli, const credit_change *change, credit_date as_of)
{
    static const char label[] = "change_";
    char key[32];
    snprintf(key, sizeof key, "%s%s", label, change->change);
    fputs(cli_word(cli, key), stdout);
    if (change->catalog.size > 0) {
        fputc(' ', stdout);
        cli_put_span(change->catalog);
    }
    if (change->record != NULL) {
        const credit_evidence *record = change->record;
        fputc(' ', stdout);
        if (record->document_no.size > 0) {
            cli_put_span(record->document_no);
        } else {
            cli_puts(record->record);
        }
        if (record->decided_on != CREDIT_DATE_NONE) {
            fputc(' ', stdout);
            print_day(record->decided_on);
        }
    }
    if (change->from > as_of) {
        printf(" (%s ", cli_word(cli, "possible_from"));
        print_day(change->from);
        fputc(')', stdout);
    }
}

static void print_sets(const struct cli *cli, const credit_why_not *why, credit_date as_of)
{
    for (size_t i = 0; i < why->set_count; i++) {
        fputs("      · ", stdout);
        for (size_t k = 0; k < why->sets[i].change_count; k++) {
            if (k > 0) { fputs(" + ", stdout); }
            print_change(cli, &why->sets[i].changes[k], as_of);
        }
        fputc('\n', stdout);
    }
    if (why->set_total > why->set_count) {
        char number[32];
        printf("      %s %s\n", cli_word(cli, "sets_in_all"), cli_number(why->set_total, number));
    }
    if (why->set_count == 0) {
        printf("      %s\n", cli_word(cli, why->settled ? "no_change_helps" : "no_change_found"));
    } else if (!why->settled) {
        printf("      %s\n", cli_word(cli, "maybe_smaller"));
    }
}

static void print_time(const struct cli *cli, const credit_why_not *why)
{
    if (why->turns_on == CREDIT_DATE_NONE) {
        printf("      %s\n", cli_word(cli, "time_never"));
        return;
    }
    printf("      %s ", cli_word(cli, "time_turns"));
    print_day(why->turns_on);
    fputc('\n', stdout);
}

void cli_print_why_not(
    const struct cli *cli, const credit_answer *answer, const credit_question *question)
{
    if (answer->why_not_count == 0) { return; }
    printf("%s\n", cli_word(cli, "why_not"));
    for (size_t i = 0; i < answer->why_not_count; i++) {
        const credit_why_not *why = &answer->why_not[i];
        print_goal(cli, why);
        for (size_t k = 0; why->grant != NULL && k < why->unspoken_count; k++) {
            print_unspoken(cli, &why->unspoken[k]);
        }
        print_sets(cli, why, question->as_of);
        print_time(cli, why);
    }
}
