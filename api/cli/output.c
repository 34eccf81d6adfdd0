/* Text for people: widths, tables, documents.
 *
 * A Chinese character takes two columns of a terminal, so widths are counted by
 * the East Asian Width of each character, not by bytes or characters. What a
 * department sent may hold control characters; none reaches the terminal. */
#include "api/cli/cmd.h"

#include <stdlib.h>
#include <string.h>

enum { HELD_ROWS_MAX = 200, CELL_COLUMNS_MAX = 48, LABEL_COLUMNS = 16, TEXT_RING = 16 };

/* ---- Characters ------------------------------------------------------------ */

/* Ranges that take two columns. basis: Unicode 15, EastAsianWidth W and F. */
static const struct {
    uint32_t first, last;
} wide[] = {{0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0x33FF}, {0x3400, 0x4DBF},
    {0x4E00, 0x9FFF}, {0xA000, 0xA4CF}, {0xA960, 0xA97F}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF},
    {0xFE30, 0xFE6F}, {0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF},
    {0x20000, 0x3FFFD}};

/* The character at `text`; *taken is at least 1, also for rubbish. */
static uint32_t character(const char *text, size_t size, size_t *taken)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t length = bytes[0] < 0x80    ? 1
                    : bytes[0] >= 0xF0 ? 4
                    : bytes[0] >= 0xE0 ? 3
                    : bytes[0] >= 0xC0 ? 2
                                       : 1;
    *taken = length <= size ? length : 1;
    if (*taken == 1) { return bytes[0] < 0x80 ? bytes[0] : 0xFFFD; }
    uint32_t code = bytes[0] & (0xFFu >> (length + 1));
    for (size_t i = 1; i < length; i++) { code = code << 6 | (bytes[i] & 0x3Fu); }
    return code;
}

static size_t character_width(uint32_t code)
{
    if ((code >= 0x300 && code <= 0x36F) || (code >= 0x200B && code <= 0x200F) ||
        (code >= 0xFE00 && code <= 0xFE0F)) {
        return 0;
    }
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
        if (code >= wide[i].first && code <= wide[i].last) { return 2; }
    }
    return 1;
}

static bool is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x202A && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

size_t cli_width(const char *text, size_t size)
{
    size_t width = 0;
    for (size_t i = 0, taken; i < size; i += taken) {
        width += character_width(character(text + i, size - i, &taken));
    }
    return width;
}

void cli_put(const char *text, size_t size)
{
    for (size_t i = 0, taken; i < size; i += taken) {
        uint32_t code = character(text + i, size - i, &taken);
        if (is_control(code)) {
            fputc(' ', stdout);
        } else {
            fwrite(text + i, 1, taken, stdout);
        }
    }
}

void cli_puts(const char *text)
{
    cli_put(text, strlen(text));
}

void cli_put_span(credit_span span)
{
    cli_put(span.data, span.size);
}

void cli_put_padded(const char *text, size_t width)
{
    size_t taken = cli_width(text, strlen(text));
    cli_puts(text);
    printf("%*s", taken < width ? (int)(width - taken) : 0, "");
}

void cli_colour(const struct cli *cli, enum cli_colour colour)
{
    static const char *const codes[] = {
        [CLI_PLAIN] = "0", [CLI_GOOD] = "32", [CLI_BAD] = "31", [CLI_OPEN] = "33", [CLI_DIM] = "2"};
    if (cli->colour) { printf("\033[%sm", codes[colour]); }
}

const char *cli_number(uint64_t number, char text[32])
{
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
    size_t out = 0;
    for (int i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0) { text[out++] = ' '; }
        text[out++] = digits[i];
    }
    text[out] = '\0';
    return text;
}

void cli_put_count(const struct cli *cli, const char *key, uint64_t count, const char **between)
{
    char number[32];
    if (count == 0) { return; }
    printf("%s%s %s", *between, cli_number(count, number), cli_word(cli, key));
    *between = " · ";
}

/* ---- JSON ------------------------------------------------------------------- */

int cli_write_line(void *ctx, const char *text, size_t size)
{
    (void)ctx;
    return fwrite(text, 1, size, stdout) != size || fputc('\n', stdout) == EOF;
}

int cli_collect(void *array, const char *text, size_t size)
{
    json_t **lines = array;
    json_t *line = cli_must(json_loadb(text, size, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL));
    return json_array_append_new(*lines, line);
}

const char *cli_text_of(const struct cli *cli, const json_t *value)
{
    static char ring[TEXT_RING][32];
    static unsigned next;
    char *text = ring[next++ % TEXT_RING];
    switch (value == NULL ? JSON_NULL : json_typeof(value)) {
    case JSON_STRING:
        return json_string_value(value);
    case JSON_INTEGER:
        return cli_number((uint64_t)json_integer_value(value), text);
    case JSON_REAL:
        snprintf(text, sizeof ring[0], "%.3f", json_real_value(value));
        return text;
    case JSON_TRUE:
        return cli_word(cli, "true");
    case JSON_FALSE:
        return cli_word(cli, "false");
    case JSON_NULL:
    case JSON_OBJECT:
    case JSON_ARRAY:
        break;
    }
    return "";
}

static bool is_scalar(const json_t *value)
{
    return !json_is_object(value) && !json_is_array(value);
}

static void indent(int depth)
{
    printf("%*s", 2 * depth, "");
}

/* ---- Tables -------------------------------------------------------------------- */

/* A cell may name a member of a member: "subject.name". */
static const char *cell(const struct cli_table *table, json_t *row, const char *column)
{
    const char *dot = strchr(column, '.');
    if (dot == NULL) { return cli_text_of(table->cli, json_object_get(row, column)); }
    char outer[32];
    snprintf(outer, sizeof outer, "%.*s", (int)(dot - column), column);
    return cli_text_of(table->cli, json_object_get(json_object_get(row, outer), dot + 1));
}

static const char *heading(const struct cli_table *table, const char *column)
{
    const char *dot = strrchr(column, '.');
    return cli_word(table->cli, dot != NULL ? dot + 1 : column);
}

void cli_table_begin(struct cli_table *table, const struct cli *cli, const char *const *columns)
{
    *table = (struct cli_table){.cli = cli, .columns = columns, .held = cli_must(json_array())};
    while (columns[table->count] != NULL && table->count < CLI_COLUMNS_MAX) { table->count++; }
}

static void print_cells(struct cli_table *table, json_t *row)
{
    indent(table->depth);
    for (size_t i = 0; i < table->count; i++) {
        if (table->widths[i] == 0) { continue; }
        const char *text =
            row == NULL ? heading(table, table->columns[i]) : cell(table, row, table->columns[i]);
        if (i == table->last) {
            cli_puts(text);
        } else {
            cli_put_padded(text, table->widths[i] + 2);
        }
    }
    fputc('\n', stdout);
}

/* Columns without any text in the first rows are left out altogether. */
static void release_held(struct cli_table *table)
{
    size_t index;
    json_t *row;
    json_array_foreach(table->held, index, row)
    {
        for (size_t i = 0; i < table->count; i++) {
            const char *text = cell(table, row, table->columns[i]);
            size_t width = cli_width(text, strlen(text));
            if (width > CELL_COLUMNS_MAX) { width = CELL_COLUMNS_MAX; }
            if (width > table->widths[i]) { table->widths[i] = width; }
        }
    }
    for (size_t i = 0; i < table->count; i++) {
        const char *text = heading(table, table->columns[i]);
        size_t width = cli_width(text, strlen(text));
        if (table->widths[i] == 0) { continue; }
        table->last = i;
        if (width > table->widths[i]) { table->widths[i] = width; }
    }
    table->begun = true;
    if (json_array_size(table->held) == 0) { return; }
    cli_colour(table->cli, CLI_DIM);
    print_cells(table, NULL);
    cli_colour(table->cli, CLI_PLAIN);
    json_array_foreach(table->held, index, row)
    {
        print_cells(table, row);
    }
    json_array_clear(table->held);
}

void cli_table_add(struct cli_table *table, json_t *row)
{
    if (table->begun) {
        print_cells(table, row);
        json_decref(row);
        return;
    }
    json_array_append_new(table->held, row);
    if (json_array_size(table->held) == HELD_ROWS_MAX) { release_held(table); }
}

void cli_table_end(struct cli_table *table)
{
    if (!table->begun) { release_held(table); }
    json_decref(table->held);
    table->held = NULL;
}

int cli_table_line(void *context, const char *text, size_t size)
{
    struct cli_table *table = context;
    cli_table_add(table, cli_must(json_loadb(text, size, JSON_ALLOW_NUL, NULL)));
    return ferror(stdout) || cli_interrupted();
}

/* ---- Documents -------------------------------------------------------------- */

static void show_label(const struct cli *cli, const char *key, int depth)
{
    indent(depth);
    cli_colour(cli, CLI_DIM);
    cli_put_padded(cli_word(cli, key), LABEL_COLUMNS);
    cli_colour(cli, CLI_PLAIN);
    fputs("  ", stdout);
}

static void show_value(const struct cli *cli, const json_t *value, int depth);

static void show_member(const struct cli *cli, const char *key, const json_t *value, int depth)
{
    if (is_scalar(value)) {
        if (json_is_null(value)) { return; }
        show_label(cli, key, depth);
        cli_puts(cli_text_of(cli, value));
        fputc('\n', stdout);
        return;
    }
    if (json_object_size(value) == 0 && json_array_size(value) == 0) { return; }
    indent(depth);
    cli_puts(cli_word(cli, key));
    fputc('\n', stdout);
    show_value(cli, value, depth + 1);
}

/* Pairs ["label", "text"] are how a record carries its columns in order. */
static bool is_pair(const json_t *value)
{
    return json_array_size(value) == 2 && json_is_string(json_array_get(value, 0)) &&
           is_scalar(json_array_get(value, 1));
}

static void show_item(const struct cli *cli, const json_t *item, int depth)
{
    if (is_pair(item)) {
        show_member(
            cli, json_string_value(json_array_get(item, 0)), json_array_get(item, 1), depth);
    } else if (is_scalar(item)) {
        indent(depth);
        cli_puts(cli_text_of(cli, item));
        fputc('\n', stdout);
    } else {
        show_value(cli, item, depth);
        fputc('\n', stdout);
    }
}

/* The keys of the first row when every row is an object of scalars only; the
 * number of keys, 0 when the array is no table. */
static size_t table_columns(const json_t *array, const char *columns[CLI_COLUMNS_MAX + 1])
{
    size_t index, count = 0;
    json_t *row, *value;
    const char *key;
    json_array_foreach(array, index, row)
    {
        if (json_object_size(row) == 0 || json_object_size(row) > CLI_COLUMNS_MAX) { return 0; }
        json_object_foreach(row, key, value)
        {
            if (!is_scalar(value)) { return 0; }
            if (index == 0) { columns[count++] = key; }
        }
    }
    columns[count] = NULL;
    return count;
}

static void show_table(
    const struct cli *cli, const json_t *array, const char *const *columns, int depth)
{
    struct cli_table table;
    size_t index;
    json_t *row;
    cli_table_begin(&table, cli, columns);
    table.depth = depth;
    json_array_foreach(array, index, row)
    {
        cli_table_add(&table, json_incref(row));
    }
    cli_table_end(&table);
}

static void show_value(const struct cli *cli, const json_t *value, int depth)
{
    const char *key;
    size_t index;
    json_t *item;
    const char *columns[CLI_COLUMNS_MAX + 1];
    if (json_array_size(value) > 1 && table_columns(value, columns) > 0) {
        show_table(cli, value, columns, depth);
        return;
    }
    if (json_is_object(value)) {
        json_object_foreach((json_t *)(uintptr_t)value, key, item)
        {
            show_member(cli, key, item, depth);
        }
        return;
    }
    json_array_foreach(value, index, item)
    {
        show_item(cli, item, depth);
    }
}

void cli_show_document(const struct cli *cli, const json_t *document)
{
    show_value(cli, document, 0);
}
