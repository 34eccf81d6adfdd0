/* Models made on the spot: from one expression, or from the inside of a DMN
 * file. Everything belongs to the fixture and goes with it. */
#ifndef CREDIT_TESTS_RULES_H
#define CREDIT_TESTS_RULES_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/decision.h"
#include "engine/text.h"
#include "loaders/dmn.h"

typedef struct rules {
    cr_model *model;
    cr_eval *eval;
    credit_error err;
    char text[4096]; /* of the last value shown */
} rules;

#define RULES_INIT                                                                                 \
    {                                                                                              \
        NULL, NULL, CREDIT_ERROR_INIT, ""                                                          \
    }

static inline void rules_drop(rules *r)
{
    cr_eval_free(r->eval);
    cr_model_free(r->model);
    r->eval = NULL;
    r->model = NULL;
}

static inline credit_result rules_of_box(rules *r, const cr_box *box, cr_feel_value names)
{
    cr_source_input inputs[16];
    credit_span requires[16];
    char ids[16][8];
    size_t count = cr_feel_count(names);
    ck_assert(count <= 16);
    for (size_t i = 0; i < count; i++) {
        snprintf(ids[i], sizeof ids[i], "i%zu", i);
        inputs[i] = (cr_source_input){.id = cr_span_of(ids[i]),
            .name = names.as.entries[i].name,
            .type_ref = CR_SPAN(""),
            .line = 1};
        requires[i] = cr_span_of(ids[i]);
    }
    cr_source_decision decision = {.id = CR_SPAN("d"), .name = CR_SPAN("it"), .box = box};
    decision.requires = requires;
    decision.require_count = count;
    cr_model_source source = {
        .inputs = inputs, .input_count = count, .decisions = &decision, .decision_count = 1};
    rules_drop(r);
    credit_result rc = cr_model_compile(&source, NULL, &r->model, &r->err);
    if (rc == CREDIT_OK) { rc = cr_eval_new(r->model, &r->eval, &r->err); }
    for (size_t i = 0; rc == CREDIT_OK && i < count; i++) {
        cr_eval_set(r->eval, (int)i, names.as.entries[i].value);
    }
    return rc;
}

/* A model of one decision, "it", whose inputs are the names of a context. */
static inline credit_result rules_of_expression(rules *r, const char *text, cr_feel_value names)
{
    cr_box box = {.kind = CR_BOX_LITERAL, .line = 1, .text = cr_span_of(text)};
    return rules_of_box(r, &box, names);
}

/* The same of a table: "it" is true where `value` passes the tests of a cell. */
static inline credit_result rules_of_cell(
    rules *r, const char *value, const char *tests, cr_feel_value names)
{
    cr_source_column input = {.expression = {cr_span_of(value), 1}}, output = {.line = 1};
    cr_source_text cell = {cr_span_of(tests), 1}, passes = {CR_SPAN("true"), 1};
    cr_source_rule rule = {.id = CR_SPAN("r"), .line = 1, .tests = &cell, .outputs = &passes};
    output.standard = (cr_source_text){CR_SPAN("false"), 1};
    cr_source_table table = {1, CR_HIT_FIRST, CR_COLLECT_LIST, &input, 1, &output, 1, NULL, 0,
        &rule, 1};
    cr_box box = {.kind = CR_BOX_TABLE, .line = 1, .table = &table};
    return rules_of_box(r, &box, names);
}

/* `inside` stands between <definitions> and its end. */
static inline credit_result rules_of_dmn(
    rules *r, const char *inside, const cr_model_options *options)
{
    static const char head[] =
        "<definitions "
        "xmlns=\"https://www.omg.org/spec/DMN/20191111/MODEL/\" name=\"m\" namespace=\"n\">\n";
    static const char tail[] = "</definitions>\n";
    size_t size = strlen(head) + strlen(inside) + strlen(tail);
    char *bytes = malloc(size + 1);
    ck_assert_ptr_nonnull(bytes);
    snprintf(bytes, size + 1, "%s%s%s", head, inside, tail);
    rules_drop(r);
    credit_result rc =
        cr_dmn_load((credit_span){bytes, size}, "m.dmn", options, &r->model, &r->err);
    free(bytes);
    return rc == CREDIT_OK ? cr_eval_new(r->model, &r->eval, &r->err) : rc;
}

static inline int rules_input(const rules *r, const char *name)
{
    int input = cr_model_input(r->model, cr_span_of(name));
    ck_assert_msg(input >= 0, "no input %s", name);
    return input;
}

static inline int rules_decision(const rules *r, const char *name)
{
    int decision = cr_model_decision(r->model, cr_span_of(name));
    ck_assert_msg(decision >= 0, "no decision %s", name);
    return decision;
}

static inline void rules_give(rules *r, const char *name, cr_feel_value value)
{
    cr_eval_give(r->eval, rules_input(r, name), value);
}

static inline cr_feel_value rules_value(rules *r, const char *name)
{
    cr_feel_value value;
    credit_result rc = cr_eval_decide(r->eval, rules_decision(r, name), &value, &r->err);
    ck_assert_msg(rc == CREDIT_OK, "%s", r->err.message);
    return value;
}

/* The value of a decision as string() gives it. */
static inline const char *rules_show(rules *r, const char *name)
{
    cr_feel_value value = rules_value(r, name);
    credit_span text = cr_feel_print(value, cr_eval_arena(r->eval));
    ck_assert_ptr_nonnull(text.data);
    snprintf(r->text, sizeof r->text, "%.*s", (int)text.size, text.data);
    return r->text;
}

static inline cr_feel_value rules_text(const char *text)
{
    return cr_feel_string(cr_span_of(text));
}

static inline cr_feel_value rules_date(const char *text)
{
    cr_feel_value value;
    ck_assert_msg(cr_feel_parse(CR_FEEL_DATE, cr_span_of(text), &value), "%s", text);
    return value;
}

#endif
