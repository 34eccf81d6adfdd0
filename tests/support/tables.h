/* The tables a test of identifiers needs: departments from the cases, regions
 * from the reference data where they are. */
#ifndef CREDIT_TESTS_TABLES_H
#define CREDIT_TESTS_TABLES_H

#include "engine/identifier.h"
#include "engine/text.h"
#include "tests/support/cases.h"

enum { TEST_REGIONS_MAX = 8000, TEST_DEPARTMENTS_MAX = 40 };

typedef struct test_tables {
    cr_arena arena;
    cr_department departments[TEST_DEPARTMENTS_MAX];
    cr_region regions[TEST_REGIONS_MAX];
    cr_id_tables tables;
} test_tables;

static inline void tables_add_departments(test_tables *t)
{
    case_file cases;
    cases_open(&cases, "CREDIT_SOURCE", "tests/cases/departments.tsv");
    while (cases_next(&cases)) {
        ck_assert_uint_lt(t->tables.department_count, TEST_DEPARTMENTS_MAX);
        t->departments[t->tables.department_count++] = (cr_department){cases.column[0][0],
            cr_arena_copy(&t->arena, cases.column[1], strlen(cases.column[1])),
            cr_arena_span(&t->arena, cr_span_of(cases.column[2]))};
    }
}

static inline void tables_add_regions(test_tables *t)
{
    case_file cases;
    if (!cases_open(&cases, "CREDIT_SHARED", "data/regions_with_periods.csv")) {
        return;
    }
    while (cases_next_csv(&cases)) {
        if (cases.number == 1) {
            continue;
        }
        ck_assert_uint_lt(t->tables.region_count, TEST_REGIONS_MAX);
        t->regions[t->tables.region_count++] = (cr_region){
            (uint32_t)strtoul(cases.column[0], NULL, 10), (int16_t)atoi(cases.column[3]),
            (int16_t)atoi(cases.column[4]), cr_arena_span(&t->arena, cr_span_of(cases.column[2]))};
    }
}

static inline void tables_load(test_tables *t)
{
    static const credit_span placeholders[] = {
        {"000000000000000000", 18}, {"00000000000000000X", 18}};
    memset(t, 0, sizeof *t);
    tables_add_departments(t);
    tables_add_regions(t);
    t->tables.departments = t->departments;
    t->tables.regions = t->regions;
    t->tables.placeholders = placeholders;
    t->tables.placeholder_count = sizeof placeholders / sizeof placeholders[0];
}

static inline void tables_free(test_tables *t)
{
    cr_arena_release(&t->arena);
}

#endif
