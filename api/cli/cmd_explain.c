/* id, date, catalog, rules: what the pack knows, without a store. */
#include "api/cli/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_BYTES_MAX = 64 << 20, LINE_BYTES_MAX = 4096 };

/* ---- id --------------------------------------------------------------------- */

/* What the user gave is data of his own and comes back as he gave it, so that he
 * can join on it; bytes that are no UTF-8 become U+FFFD in JSON. */
static json_t *json_text(const char *text, size_t size)
{
    json_t *value = json_stringn(text, size);
    if (value != NULL) { return value; }
    char *clean = cli_must(malloc(size * 3 + 1));
    size_t out = 0;
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)text[i] < 0x80) {
            clean[out++] = text[i];
        } else {
            memcpy(clean + out, "\xEF\xBF\xBD", 3);
            out += 3;
        }
    }
    value = cli_must(json_stringn(clean, out));
    free(clean);
    return value;
}

static void print_id(const struct cli *cli, const char *text, size_t size, const credit_id *id)
{
    const char *between = id->reason[0] != '\0' && id->detail[0] != '\0' ? ": " : "";
    if (!cli->json) {
        fwrite(text, 1, size, stdout);
        printf("\t%s\t%s\t%s%s%s\n", id->kind, id->valid ? "valid" : "invalid", id->reason, between,
            id->detail);
        return;
    }
    char reason[256];
    snprintf(reason, sizeof reason, "%s%s%s", id->reason, between, id->detail);
    json_t *line = cli_must(json_pack("{s:o, s:s, s:b, s:s}", "input", json_text(text, size),
        "kind", id->kind, "valid", id->valid, "reason", reason));
    json_dumpf(line, stdout, JSON_COMPACT);
    fputc('\n', stdout);
    json_decref(line);
}

static int judge(const struct cli *cli, const credit_pack *pack, const char *text, size_t size)
{
    credit_id id;
    credit_id_judge(pack, text, size, &id);
    print_id(cli, text, size, &id);
    return id.valid ? CLI_YES : CLI_NO;
}

/* A line longer than any identifier is judged by its first bytes: it is invalid
 * whatever follows, and the rest is not kept. */
static int judge_lines(const struct cli *cli, const credit_pack *pack)
{
    static char line[LINE_BYTES_MAX];
    int status = CLI_YES;
    size_t size = 0;
    int c;
    setvbuf(stdout, NULL, _IOFBF, 1 << 16);
    while ((c = getc_unlocked(stdin)) != EOF) {
        if (c != '\n') {
            if (size < sizeof line) { line[size++] = (char)c; }
            continue;
        }
        if (size > 0 && line[size - 1] == '\r') { size--; }
        status = cli_worse(status, judge(cli, pack, line, size));
        size = 0;
    }
    if (size > 0) { status = cli_worse(status, judge(cli, pack, line, size)); }
    return status;
}

int cli_id(struct cli *cli, const struct cli_args *args)
{
    const credit_pack *pack = NULL;
    int status = cli_open_pack(cli, args, &pack);
    if (status != CLI_YES) { return status; }
    if (args->count == 0) { return judge_lines(cli, pack); }
    for (int i = 0; i < args->count; i++) {
        const char *text = args->operands[i];
        status = cli_worse(status,
            strcmp(text, "-") == 0 ? judge_lines(cli, pack) : judge(cli, pack, text, strlen(text)));
    }
    return status;
}

/* ---- date ------------------------------------------------------------------- */

int cli_date_add(struct cli *cli, const struct cli_args *args)
{
    credit_error err = CREDIT_ERROR_INIT;
    const credit_pack *pack = NULL;
    credit_date date;
    char text[12];
    if (credit_date_parse(args->operands[0], &date, NULL) != CREDIT_OK) {
        return cli_usage_error("%s is no date; dates are written YYYY-MM-DD", args->operands[0]);
    }
    int status = cli_open_pack(cli, args, &pack);
    if (status != CLI_YES) { return status; }
    credit_result rc = credit_date_add(pack, date, args->operands[1], &date, &err);
    if (rc != CREDIT_OK) { return cli_report(cli, args->operands[1], rc, &err); }
    credit_date_print(date, text);
    printf(cli->json ? "{\"date\":\"%s\"}\n" : "%s\n", text);
    return CLI_YES;
}

/* ---- catalog ------------------------------------------------------------------- */

int cli_catalog_list(struct cli *cli, const struct cli_args *args)
{
    static const char *const columns[] = {"name", "title", "columns", NULL};
    credit_error err = CREDIT_ERROR_INIT;
    const credit_pack *pack = NULL;
    int status = cli_open_pack(cli, args, &pack);
    if (status != CLI_YES) { return status; }
    struct cli_table table;
    cli_table_begin(&table, cli, columns);
    credit_result rc = credit_catalog_list(
        pack, cli->json ? cli_write_line : cli_table_line, cli->json ? NULL : &table, &err);
    cli_table_end(&table);
    return rc == CREDIT_OK ? CLI_YES : cli_report(cli, NULL, rc, &err);
}

/* The columns of a catalog as one table, whatever the document calls them. */
static void show_catalog(const struct cli *cli, json_t *document)
{
    static const char *const columns[] = {
        "name", "title", "type", "required", "role", "codes", NULL};
    const char *key;
    json_t *value;
    json_object_foreach(document, key, value)
    {
        if (strcmp(key, "columns") != 0 && strcmp(key, "fields") != 0) { continue; }
        struct cli_table table;
        size_t index;
        json_t *row;
        cli_table_begin(&table, cli, columns);
        json_array_foreach(value, index, row)
        {
            cli_table_add(&table, json_incref(row));
        }
        cli_table_end(&table);
        json_object_del(document, key);
        break;
    }
    cli_show_document(cli, document);
}

int cli_catalog_show(struct cli *cli, const struct cli_args *args)
{
    credit_error err = CREDIT_ERROR_INIT;
    const credit_pack *pack = NULL;
    int status = cli_open_pack(cli, args, &pack);
    if (status != CLI_YES) { return status; }
    json_t *lines = cli_must(json_array());
    credit_result rc = credit_catalog_show(pack, args->operands[0],
        cli->json ? cli_write_line : cli_collect, cli->json ? NULL : (void *)&lines, &err);
    if (rc == CREDIT_OK && !cli->json) { show_catalog(cli, json_array_get(lines, 0)); }
    json_decref(lines);
    return rc == CREDIT_OK ? CLI_YES : cli_report(cli, args->operands[0], rc, &err);
}

/* HTML whatever --json says: the document for programs is that of catalog show. */
int cli_catalog_page(struct cli *cli, const struct cli_args *args)
{
    credit_error err = CREDIT_ERROR_INIT;
    const credit_pack *pack = NULL;
    int status = cli_open_pack(cli, args, &pack);
    if (status != CLI_YES) { return status; }
    credit_result rc = credit_catalog_page(pack, args->operands[0], cli_write_line, NULL, &err);
    return rc == CREDIT_OK ? CLI_YES : cli_report(cli, args->operands[0], rc, &err);
}

static void print_check(const struct cli *cli, const char *file, const credit_file_check *check)
{
    char number[32];
    cli_puts(file);
    printf("  %s  %s  %s %s\n", check->catalog, check->encoding, cli_number(check->rows, number),
        cli_word(cli, "rows"));
    const char *between = "  ";
    cli_put_count(cli, "accepted", check->accepted, &between);
    cli_put_count(cli, "rejected", check->rejected, &between);
    cli_put_count(cli, "warnings", check->warnings, &between);
    cli_put_count(cli, "late", check->late, &between);
    cli_put_count(cli, "late_unknown", check->late_unknown, &between);
    fputc('\n', stdout);
}

static int check_file(
    struct cli *cli, const credit_pack *pack, const char *file, const char *catalog)
{
    static const char *const columns[] = {"line", "field", "rule", "severity", "message", NULL};
    credit_error err = CREDIT_ERROR_INIT;
    credit_file_check check;
    struct cli_table table;
    cli_table_begin(&table, cli, columns);
    credit_result rc = credit_catalog_check(pack, file, catalog, credit_date_of(cli->now),
        cli->json ? cli_write_line : cli_table_line, cli->json ? NULL : &table, &check, &err);
    cli_table_end(&table);
    if (rc != CREDIT_OK) { return cli_report(cli, file, rc, &err); }
    if (cli->json) {
        rc = credit_file_check_write(&check, file, cli_write_line, NULL);
        if (rc != CREDIT_OK) { return cli_report(cli, file, rc, &err); }
    } else {
        print_check(cli, file, &check);
    }
    return check.rejected == 0 ? CLI_YES : CLI_NO;
}

int cli_catalog_check(struct cli *cli, const struct cli_args *args)
{
    const credit_pack *pack = NULL;
    int status = cli_open_pack(cli, args, &pack);
    if (status != CLI_YES) { return status; }
    for (int i = 0; i < args->count && !cli_interrupted(); i++) {
        status =
            cli_worse(status, check_file(cli, pack, args->operands[i], cli_value(args, "catalog")));
    }
    return status;
}

/* ---- rules ---------------------------------------------------------------------- */

/* The whole of a file, "-" for standard input; NULL with a message. */
static char *read_whole(const char *path, size_t *size)
{
    bool standard = strcmp(path, "-") == 0;
    FILE *in = standard ? stdin : fopen(path, "rb");
    char *text = NULL;
    size_t room = 0;
    *size = 0;
    if (in == NULL) { goto failed; }
    do {
        room = room > 0 ? room * 2 : 4096;
        text = cli_must(realloc(text, room));
        *size += fread(text + *size, 1, room - *size, in);
    } while (*size == room && room < INPUT_BYTES_MAX);
    if (ferror(in)) { goto failed; }
    if (*size == room) {
        errno = EFBIG;
        goto failed;
    }
    if (!standard) { fclose(in); }
    return text;
failed:
    cli_say("%s: %s", path, strerror(errno));
    if (in != NULL && !standard) { fclose(in); }
    free(text);
    return NULL;
}

int cli_rules_eval(struct cli *cli, const struct cli_args *args)
{
    credit_error err = CREDIT_ERROR_INIT;
    const char *decision = cli_value(args, "decision");
    const char *path = cli_value(args, "input");
    if (decision == NULL) { return cli_usage_error("rules eval needs --decision NAME"); }
    size_t size = 2;
    char *input = path != NULL ? read_whole(path, &size) : cli_must(strdup("{}"));
    if (input == NULL) { return CLI_FAILED; }

    json_t *lines = cli_must(json_array());
    credit_result rc =
        credit_rules_eval(args->operands[0], decision, input, size, cli_collect, &lines, &err);
    free(input);
    json_t *document = json_array_get(lines, 0);
    bool faults = json_array_size(json_object_get(document, "errors")) > 0;
    if (rc == CREDIT_OK && cli->json) {
        json_dumpf(document, stdout, JSON_COMPACT | JSON_ENCODE_ANY);
        fputc('\n', stdout);
    } else if (rc == CREDIT_OK) {
        cli_show_document(cli, document);
    }
    json_decref(lines);
    if (rc != CREDIT_OK) { return cli_report(cli, args->operands[0], rc, &err); }
    return faults ? CLI_NO : CLI_YES;
}

/* One finding for people: where, how grave, what; below it what shows it. */
static void show_finding(const struct cli *cli, const json_t *finding)
{
    const char *severity = json_string_value(json_object_get(finding, "severity"));
    const json_t *text = json_object_get(finding, cli->chinese ? "text_zh" : "text");
    const json_t *decision = json_object_get(finding, "decision");
    const json_t *line = json_object_get(finding, "line"), *row = json_object_get(finding, "row");
    const json_t *example = json_object_get(finding, "example");
    bool error = strcmp(severity, "error") == 0, note = strcmp(severity, "note") == 0;
    cli_puts(json_string_value(json_object_get(finding, "file")));
    if (line != NULL) { printf(":%" JSON_INTEGER_FORMAT, json_integer_value(line)); }
    cli_puts(": ");
    cli_colour(cli, error ? CLI_BAD : note ? CLI_DIM : CLI_OPEN);
    cli_puts(cli_word(cli, severity));
    cli_colour(cli, CLI_PLAIN);
    cli_puts(" ");
    cli_puts(json_string_value(json_object_get(finding, "kind")));
    if (decision != NULL) {
        cli_puts(" ");
        cli_puts(json_string_value(decision));
    }
    if (row != NULL) { printf(" %" JSON_INTEGER_FORMAT, json_integer_value(row)); }
    cli_puts(": ");
    cli_puts(json_string_value(text));
    putchar('\n');
    if (example == NULL) { return; }
    char *shown = cli_must(json_dumps(example, JSON_COMPACT));
    cli_puts("    ");
    cli_puts(shown);
    putchar('\n');
    free(shown);
}

static int put_finding(void *ctx, const char *text, size_t size)
{
    const struct cli *cli = ctx;
    json_t *finding = cli_must(json_loadb(text, size, 0, NULL));
    show_finding(cli, finding);
    json_decref(finding);
    return 0;
}

int cli_rules_lint(struct cli *cli, const struct cli_args *args)
{
    credit_error err = CREDIT_ERROR_INIT;
    credit_lint_count count;
    const char *pack = args->operands[0];
    credit_result rc = credit_rules_lint(
        pack, cli->json ? cli_write_line : put_finding, cli->json ? NULL : cli, &count, &err);
    if (rc != CREDIT_OK) {
        cli_report(cli, pack, rc, &err);
        return CLI_FAILED;
    }
    cli_say("%s: %llu errors, %llu warnings, %llu notes", pack, (unsigned long long)count.errors,
        (unsigned long long)count.warnings, (unsigned long long)count.notes);
    return count.errors + count.warnings > 0 ? CLI_NO : CLI_YES;
}
