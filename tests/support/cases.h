/* Cases as data: lines of tab-separated columns, and the reference data that
 * lies beside the repository. In a column `\s`, `\t` and `\n` stand for blanks
 * and `.` alone for nothing; lines that are blank or begin with # are skipped. */
#ifndef CREDIT_TESTS_CASES_H
#define CREDIT_TESTS_CASES_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CASE_COLUMNS = 12, CASE_LINE = 4096 };

typedef struct case_file {
    FILE *file;
    char path[1024];
    char line[CASE_LINE];
    char *column[CASE_COLUMNS]; /* "" where the line ends early */
    int columns;
    int number; /* of the line */
} case_file;

/* Opens DIR/NAME, where DIR is an environment variable's value. A missing file
 * under CREDIT_SHARED is said in one line; anywhere else it is a failure. */
static inline int cases_open(case_file *cases, const char *variable, const char *name)
{
    const char *directory = getenv(variable);
    snprintf(cases->path, sizeof cases->path, "%s/%s", directory ? directory : ".", name);
    cases->file = fopen(cases->path, "rb");
    cases->number = 0;
    if (cases->file != NULL) {
        return 1;
    }
    if (strcmp(variable, "CREDIT_SHARED") == 0) {
        printf("left out: no reference data at %s\n", cases->path);
    } else {
        ck_abort_msg("no case file %s", cases->path);
    }
    return 0;
}

static inline void cases_unescape(char *column)
{
    if (strcmp(column, ".") == 0) {
        *column = '\0';
    }
    char *to = column;
    for (const char *from = column; *from != '\0'; from++) {
        if (from[0] == '\\' && from[1] != '\0' && strchr("stn", from[1]) != NULL) {
            from++;
            *to++ = *from == 's' ? ' ' : *from == 't' ? '\t' : '\n';
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
}

static inline void cases_split(case_file *cases, char separator)
{
    char *at = cases->line;
    cases->columns = 0;
    for (int i = 0; i < CASE_COLUMNS; i++) {
        cases->column[i] = at;
        char *end = strchr(at, separator);
        if (*at != '\0' || end != NULL) {
            cases->columns = i + 1;
        }
        if (end != NULL) {
            *end++ = '\0';
        }
        at = end == NULL ? at + strlen(at) : end;
    }
}

static inline int cases_line(case_file *cases)
{
    if (fgets(cases->line, sizeof cases->line, cases->file) == NULL) {
        fclose(cases->file);
        return 0;
    }
    cases->number++;
    cases->line[strcspn(cases->line, "\r\n")] = '\0';
    return 1;
}

/* The next case; 0, and the file closed, at the end. */
static inline int cases_next(case_file *cases)
{
    while (cases_line(cases)) {
        if (cases->line[0] == '\0' || cases->line[0] == '#') {
            continue;
        }
        cases_split(cases, '\t');
        for (int i = 0; i < CASE_COLUMNS; i++) {
            cases_unescape(cases->column[i]);
        }
        return 1;
    }
    return 0;
}

/* The next line of a CSV file without quotes in the columns that matter. */
static inline int cases_next_csv(case_file *cases)
{
    if (!cases_line(cases)) {
        return 0;
    }
    cases_split(cases, ',');
    return 1;
}

/* A small generator, the same on every machine. */
static inline unsigned cases_random(unsigned long long *state)
{
    *state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
    return (unsigned)(*state >> 33);
}

#endif
