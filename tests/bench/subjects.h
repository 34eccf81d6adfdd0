/* Subjects that benches ask about: codes, one a line, drawn at random by number. */
#ifndef CREDIT_TESTS_BENCH_SUBJECTS_H
#define CREDIT_TESTS_BENCH_SUBJECTS_H

#include <credit/credit.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { CODE_SIZE = 18 };

typedef struct subjects {
    char (*codes)[CODE_SIZE + 1];
    size_t count, room;
} subjects;

static inline void bench_die(const char *what, const char *why)
{
    fprintf(stderr, "bench: %s: %s\n", what, why);
    exit(3);
}

static inline void bench_must(credit_result rc, const credit_error *err)
{
    if (rc != CREDIT_OK) { bench_die(credit_result_name(rc), err->message); }
}

static inline void read_subjects(subjects *s, const char *path)
{
    char line[64];
    FILE *file = fopen(path, "r");
    if (file == NULL) { bench_die(path, "cannot be opened"); }
    while (fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strlen(line) != CODE_SIZE) { bench_die(path, "has a line that is no code"); }
        if (s->count == s->room) {
            s->room = s->room == 0 ? 1024 : s->room * 2;
            s->codes = realloc(s->codes, s->room * sizeof *s->codes);
            if (s->codes == NULL) { bench_die(path, "out of memory"); }
        }
        memcpy(s->codes[s->count++], line, CODE_SIZE + 1);
    }
    fclose(file);
    if (s->count == 0) { bench_die(path, "is empty"); }
}

static inline uint64_t bench_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static inline uint64_t bench_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

#endif
