#include "tests/support/rules.h"
#include "tests/support/suite.h"

#include "loaders/feel_json.h"

/* --- hit policies ------------------------------------------------------ */

/* Four rules over one number; their outputs are given, and what is between. */
static void given_table(
    rules *r, const char *attributes, const char *columns, const char *outputs[4])
{
    char text[6000];
    static const char *const tests[] = {"&gt; 10", "[5..20]", "&lt; 8", "100"};
    size_t size = 0;
    size += (size_t)snprintf(text, sizeof text,
        "<inputData id=\"i\" name=\"n\"><variable name=\"n\" typeRef=\"number\"/></inputData>\n"
        "<decision id=\"d\" name=\"it\"><variable name=\"it\"/>"
        "<informationRequirement><requiredInput href=\"#i\"/></informationRequirement>\n"
        "<decisionTable %s><input label=\"n\"><inputExpression typeRef=\"number\"><text>n</text>"
        "</inputExpression></input>%s<annotation name=\"rule\"/><annotation name=\"text\"/>\n",
        attributes, columns);
    for (int i = 0; i < 4; i++) {
        size += (size_t)snprintf(text + size, sizeof text - size,
            "<rule id=\"r%d\"><inputEntry><text>%s</text></inputEntry>%s"
            "<annotationEntry><text>G%d</text></annotationEntry>"
            "<annotationEntry><text>规则%d</text></annotationEntry></rule>\n",
            i + 1, tests[i], outputs[i], i + 1, i + 1);
    }
    snprintf(text + size, sizeof text - size, "</decisionTable></decision>");
    credit_result rc = rules_of_dmn(r, text, NULL);
    ck_assert_msg(rc == CREDIT_OK, "%s", r->err.message);
}

#define CELL(text) "<outputEntry><text>" text "</text></outputEntry>"

typedef struct policy_case {
    const char *attributes, *columns;
    const char *at_6, *at_12, *at_50; /* rules 2 and 3; rules 1 and 2; rule 1 */
    const char *at_null;              /* none */
} policy_case;

START_TEST(every_hit_policy_gives_what_the_norm_says)
{
    static const char *outputs[] = {
        CELL("\"low\""), CELL("\"high\""), CELL("\"mid\""), CELL("\"low\"")};
    static const char plain[] = "<output name=\"o\" typeRef=\"string\"/>";
    static const char ranked[] = "<output name=\"o\"><outputValues><text>\"high\", \"mid\", \"low\""
                                 "</text></outputValues></output>";
    static const char standard[] = "<output name=\"o\"><defaultOutputEntry><text>\"none\"</text>"
                                   "</defaultOutputEntry></output>";
    static const policy_case cases[] = {
        {"", plain, "null", "null", "low", "null"},
        {"hitPolicy=\"UNIQUE\"", standard, "null", "null", "low", "none"},
        {"hitPolicy=\"ANY\"", plain, "null", "null", "low", "null"},
        {"hitPolicy=\"FIRST\"", plain, "high", "low", "low", "null"},
        {"hitPolicy=\"PRIORITY\"", ranked, "high", "high", "low", "null"},
        {"hitPolicy=\"RULE ORDER\"", plain, "[\"high\", \"mid\"]", "[\"low\", \"high\"]",
            "[\"low\"]", "[]"},
        {"hitPolicy=\"OUTPUT ORDER\"", ranked, "[\"high\", \"mid\"]", "[\"high\", \"low\"]",
            "[\"low\"]", "[]"},
        {"hitPolicy=\"COLLECT\"", plain, "[\"high\", \"mid\"]", "[\"low\", \"high\"]", "[\"low\"]",
            "[]"},
        {"hitPolicy=\"COLLECT\" aggregation=\"COUNT\"", plain, "2", "2", "1", "0"},
        {"hitPolicy=\"COLLECT\" aggregation=\"MIN\"", plain, "high", "high", "low", "null"},
        {"hitPolicy=\"COLLECT\" aggregation=\"MAX\"", plain, "mid", "low", "low", "null"},
        {"hitPolicy=\"COLLECT\" aggregation=\"SUM\"", plain, "highmid", "lowhigh", "low", "null"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rules r = RULES_INIT;
        const policy_case *c = &cases[i];
        const char *expected[] = {c->at_6, c->at_12, c->at_50, c->at_null};
        static const int inputs[] = {6, 12, 50, -1};
        given_table(&r, c->attributes, c->columns, outputs);
        for (int j = 0; j < 4; j++) {
            cr_eval_reset(r.eval, NULL);
            if (inputs[j] >= 0) { rules_give(&r, "n", cr_feel_integer(inputs[j])); }
            const char *shown = rules_show(&r, "it");
            ck_assert_msg(strcmp(shown, expected[j]) == 0, "%s at %d: %s, not %s", c->attributes,
                inputs[j], shown, expected[j]);
        }
        rules_drop(&r);
    }
}
END_TEST

START_TEST(several_outputs_make_a_context_and_rank_in_order)
{
    static const char *outputs[] = {CELL("\"b\"") CELL("1"), CELL("\"a\"") CELL("2"),
        CELL("\"a\"") CELL("1"), CELL("\"a\"") CELL("-")};
    static const char columns[] =
        "<output name=\"x\"><outputValues><text>\"a\", \"b\"</text></outputValues></output>"
        "<output name=\"y\"><outputValues><text>1, 2</text></outputValues></output>";
    rules r = RULES_INIT;
    const cr_matched_row *rows;
    given_table(&r, "hitPolicy=\"PRIORITY\"", columns, outputs);
    rules_give(&r, "n", cr_feel_integer(6));
    ck_assert_str_eq(rules_show(&r, "it"), "{x: \"a\", y: 1}");
    ck_assert_uint_eq(cr_eval_rows(r.eval, 0, &rows), 2);
    ck_assert_uint_eq(rows[0].number, 3);
    ck_assert_uint_eq(rows[1].number, 2);
    ck_assert_uint_eq(cr_model_output_count(r.model, 0), 2);
    ck_assert(cr_span_is(cr_model_output_name(r.model, 0, 1), "y"));
    rules_drop(&r);
}
END_TEST

START_TEST(matched_rows_carry_rule_annotations_and_outputs)
{
    static const char *outputs[] = {CELL("n * 2"), CELL("\"high\""), CELL("3"), CELL("4")};
    rules r = RULES_INIT;
    const cr_matched_row *rows;
    const cr_tested *tested;
    size_t count;
    given_table(&r, "hitPolicy=\"FIRST\"", "<output name=\"o\"/>", outputs);
    ck_assert_uint_eq(cr_eval_rows(r.eval, 0, &rows), 0);
    rules_give(&r, "n", cr_feel_integer(50));
    rules_value(&r, "it");
    ck_assert_uint_eq(cr_eval_rows(r.eval, 0, &rows), 1);
    ck_assert_uint_eq(rows[0].number, 1);
    ck_assert(cr_span_is(rows[0].rule_id, "r1"));
    ck_assert_uint_gt(rows[0].line, 2);
    ck_assert(cr_span_is(cr_row_annotation(&rows[0], "rule"), "G1"));
    ck_assert(cr_span_is(cr_row_annotation(&rows[0], "text"), "规则1"));
    ck_assert(cr_span_is(cr_row_annotation(&rows[0], "basis"), ""));
    int64_t doubled;
    ck_assert(cr_feel_to_integer(cr_row_output(&rows[0], "o"), &doubled));
    ck_assert_int_eq(doubled, 100);
    ck_assert_int_eq(cr_eval_tested(r.eval, 0, 0, &tested, &count, &r.err), CREDIT_OK);
    ck_assert_uint_eq(count, 1);
    ck_assert(cr_span_is(tested[0].expression, "n"));
    rules_drop(&r);
}
END_TEST

START_TEST(rows_that_did_not_match_say_which_tests_did_not_pass)
{
    rules r = RULES_INIT;
    const cr_unmet_row *rows;
    size_t count;
    ck_assert_int_eq(
        rules_of_dmn(&r,
            "<inputData id=\"i\" name=\"n\"/><inputData id=\"k\" name=\"s\"/>"
            "<decision id=\"d\" name=\"it\"><informationRequirement><requiredInput href=\"#i\"/>"
            "</informationRequirement><informationRequirement><requiredInput href=\"#k\"/>"
            "</informationRequirement><decisionTable hitPolicy=\"FIRST\">"
            "<input><inputExpression><text>n + 1</text></inputExpression></input>"
            "<input><inputExpression><text>s</text></inputExpression></input>"
            "<output name=\"o\"/>"
            "<rule><inputEntry><text>&gt; 5</text></inputEntry><inputEntry><text>\"a\"</text>"
            "</inputEntry><outputEntry><text>\"x\"</text></outputEntry></rule>"
            "<rule><inputEntry><text>-</text></inputEntry><inputEntry><text>\"b\"</text>"
            "</inputEntry><outputEntry><text>\"y\"</text></outputEntry></rule>"
            "<rule><inputEntry><text>3</text></inputEntry><inputEntry><text>\"c\"</text>"
            "</inputEntry><outputEntry><text>n</text></outputEntry></rule>"
            "</decisionTable></decision>",
            NULL),
        CREDIT_OK);
    ck_assert_int_eq(cr_eval_unmet(r.eval, 0, &rows, &count, &r.err), CREDIT_OK);
    ck_assert_uint_eq(count, 0); /* it was not evaluated */
    rules_give(&r, "n", cr_feel_integer(2));
    rules_give(&r, "s", rules_text("b"));
    ck_assert_str_eq(rules_show(&r, "it"), "y");
    ck_assert_int_eq(cr_eval_unmet(r.eval, 0, &rows, &count, &r.err), CREDIT_OK);
    ck_assert_uint_eq(count, 2);
    ck_assert_uint_eq(rows[0].row.number, 1);
    ck_assert(cr_span_is(cr_feel_text(cr_row_output(&rows[0].row, "o")), "x"));
    ck_assert_uint_eq(rows[0].test_count, 2);
    ck_assert(cr_span_is(rows[0].tests[0].expression, "n + 1"));
    ck_assert(cr_span_is(rows[0].tests[0].test, "> 5"));
    ck_assert(cr_span_is(rows[0].tests[1].test, "\"a\""));
    ck_assert_uint_eq(rows[1].row.number, 3); /* its first test passes */
    ck_assert_uint_eq(rows[1].test_count, 1);
    ck_assert(cr_span_is(rows[1].tests[0].test, "\"c\""));
    ck_assert(cr_span_is(cr_feel_text(rows[1].tests[0].value), "b"));
    ck_assert_int_eq(cr_row_output(&rows[1].row, "o").kind, CR_FEEL_NULL); /* is computed */
    rules_drop(&r);
}
END_TEST

START_TEST(a_value_that_the_table_does_not_allow_is_an_error_not_a_default)
{
    rules r = RULES_INIT;
    ck_assert_int_eq(
        rules_of_dmn(&r,
            "<inputData id=\"i\" name=\"s\"/><decision id=\"d\" "
            "name=\"it\"><informationRequirement>"
            "<requiredInput href=\"#i\"/></informationRequirement><decisionTable "
            "hitPolicy=\"FIRST\">"
            "<input><inputExpression><text>s</text></inputExpression><inputValues><text>\"a\", "
            "\"b\""
            "</text></inputValues></input><output name=\"o\"><defaultOutputEntry><text>0</text>"
            "</defaultOutputEntry></output><rule><inputEntry><text>\"a\"</text></inputEntry>"
            "<outputEntry><text>1</text></outputEntry></rule></decisionTable></decision>",
            NULL),
        CREDIT_OK);
    rules_give(&r, "s", rules_text("b"));
    ck_assert_str_eq(rules_show(&r, "it"), "0");
    cr_eval_reset(r.eval, NULL);
    rules_give(&r, "s", rules_text("c"));
    ck_assert_str_eq(rules_show(&r, "it"), "null");
    ck_assert_uint_eq(cr_eval_error_count(r.eval), 1);
    rules_drop(&r);
}
END_TEST

/* --- host objects ------------------------------------------------------ */

typedef struct fact {
    const char *catalog;
    const char *decided_on; /* or NULL */
    int64_t amount;         /* ten-thousandths, -1 none */
} fact;

enum { FACT, POLICY, HOSTS };
enum { CATALOG, DECIDED_ON, AMOUNT };

static void get_fact(
    void *ctx, const void *object, uint16_t property, cr_eval *eval, cr_feel_value *out)
{
    const fact *f = object;
    (void)ctx;
    (void)eval;
    if (property == CATALOG) {
        *out = rules_text(f->catalog);
    } else if (property == DECIDED_ON) {
        *out = f->decided_on == NULL ? cr_feel_null() : rules_date(f->decided_on);
    } else if (f->amount >= 0) {
        *out = cr_feel_scaled(f->amount, 4);
    }
}

/* The policy object is a count of how often it was asked. */
static void get_policy(
    void *ctx, const void *object, uint16_t property, cr_eval *eval, cr_feel_value *out)
{
    (void)object;
    (void)eval;
    ++*(int *)ctx;
    *out = property == 0 ? cr_feel_integer(2) : cr_feel_months(24);
}

#define SPAN(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static const cr_host_property fact_properties[] = {{SPAN("catalog"), CR_FEEL_STRING, false, 0, 0},
    {SPAN("decided_on"), CR_FEEL_DATE, false, 0, 0}, {SPAN("amount"), CR_FEEL_NUMBER, false, 0, 0}};
static const cr_host_property policy_properties[] = {{SPAN("least"), CR_FEEL_NUMBER, false, 0, 0},
    {SPAN("window"), CR_FEEL_MONTHS_DURATION, false, 0, 0}};
static const cr_host_type hosts[] = {{SPAN("tRecord"), fact_properties, 3, true, get_fact},
    {SPAN("tPolicy"), policy_properties, 2, false, get_policy}};
static const cr_host_binding bindings[] = {
    {SPAN("records"), FACT, true}, {SPAN("policy"), POLICY, false}};
static const cr_model_options options = {hosts, HOSTS, bindings, 2};

static const fact facts[] = {{"xzcf", "2026-01-10", 32000}, {"xzcf", "2023-01-10", 500000},
    {"xzxk", "2026-02-01", -1}, {"xzcf", "2025-06-30", 100}, {"redlist", NULL, -1}};
static const void *const pointers[] = {&facts[0], &facts[1], &facts[2], &facts[3], &facts[4]};

#define NEEDS(id)                                                                                  \
    "<informationRequirement><requiredDecision href=\"#" id "\"/></informationRequirement>"
#define NEEDS_INPUT(id)                                                                            \
    "<informationRequirement><requiredInput href=\"#" id "\"/></informationRequirement>"
#define LITERAL(text) "<literalExpression><text>" text "</text></literalExpression>"

static const char graph[] =
    "<itemDefinition name=\"tRecord\"><itemComponent name=\"catalog\"><typeRef>string</typeRef>"
    "</itemComponent></itemDefinition>\n"
    "<itemDefinition name=\"tRecords\" isCollection=\"true\"><typeRef>tRecord</typeRef>"
    "</itemDefinition>\n"
    "<inputData id=\"as_of\" name=\"as_of\"><variable name=\"as_of\" "
    "typeRef=\"date\"/></inputData>\n"
    "<inputData id=\"records\" name=\"records\"><variable name=\"records\" typeRef=\"tRecords\"/>"
    "</inputData>\n"
    "<inputData id=\"policy\" name=\"policy\"/>\n"
    "<decision id=\"all\" name=\"penalties\"><variable name=\"penalties\" "
    "typeRef=\"tRecords\"/>" NEEDS_INPUT("records") LITERAL(
        "records[catalog = \"xzcf\"]") "</decision>\n"
                                       "<decision id=\"recent\" name=\"recent penalties\">" NEEDS(
                                           "all") NEEDS_INPUT("as_of") NEEDS_INPUT("policy")
                                           LITERAL(
                                               "penalties[decided_on &gt; as_of - "
                                               "policy.window]") "</decision>\n"
                                                                 "<decision id=\"many\" "
                                                                 "name=\"many\">" NEEDS(
                                                                     "recent") NEEDS_INPUT("pol"
                                                                                           "ic"
                                                                                           "y")
                                                                     LITERAL(
                                                                         "count(recent "
                                                                         "penalties) &gt;= "
                                                                         "policy.least") "</"
                                                                                         "decis"
                                                                                         "ion>"
                                                                                         "\n"
                                                                                         "<deci"
                                                                                         "sion "
                                                                                         "id="
                                                                                         "\"hea"
                                                                                         "vy\" "
                                                                                         "name="
                                                                                         "\"hea"
                                                                                         "vy\""
                                                                                         ">" NEEDS("all") LITERAL(
                                                                                             "s"
                                                                                             "o"
                                                                                             "m"
                                                                                             "e"
                                                                                             " "
                                                                                             "p"
                                                                                             " "
                                                                                             "i"
                                                                                             "n"
                                                                                             " "
                                                                                             "p"
                                                                                             "e"
                                                                                             "n"
                                                                                             "a"
                                                                                             "l"
                                                                                             "t"
                                                                                             "i"
                                                                                             "e"
                                                                                             "s"
                                                                                             " "
                                                                                             "s"
                                                                                             "a"
                                                                                             "t"
                                                                                             "i"
                                                                                             "s"
                                                                                             "f"
                                                                                             "i"
                                                                                             "e"
                                                                                             "s"
                                                                                             " "
                                                                                             "p"
                                                                                             "."
                                                                                             "a"
                                                                                             "m"
                                                                                             "o"
                                                                                             "u"
                                                                                             "n"
                                                                                             "t"
                                                                                             " "
                                                                                             "&"
                                                                                             "g"
                                                                                             "t"
                                                                                             ";"
                                                                                             "="
                                                                                             " "
                                                                                             "1"
                                                                                             "0") "</decision>\n"
                                                                                                  "<decision id=\"tier\" name=\"tier\">" NEEDS(
                                                                                                      "many")
                                                                                                      NEEDS("heavy") NEEDS_INPUT(
                                                                                                          "records") "<decisionTable hitPolicy=\"COLLECT\">"
                                                                                                                     "<input><inputExpression><text>many</text></inputExpression></input>"
                                                                                                                     "<input><inputExpression><text>heavy</text></inputExpression></input>"
                                                                                                                     "<input><inputExpression><text>count(records)</text></inputExpression></input>"
                                                                                                                     "<input><inputExpression><text>records[catalog = \"redlist\"]</text></inputExpression></input>"
                                                                                                                     "<output name=\"tier\"/>"
                                                                                                                     "<rule id=\"a\"><inputEntry><text>true</text></inputEntry><inputEntry><text>-</text></inputEntry>"
                                                                                                                     "<inputEntry><text>-</text></inputEntry><inputEntry/><outputEntry><text>\"C\"</text></outputEntry></rule>"
                                                                                                                     "<rule id=\"b\"><inputEntry><text>-</text></inputEntry><inputEntry><text>true</text></inputEntry>"
                                                                                                                     "<inputEntry><text>-</text></inputEntry><inputEntry/><outputEntry><text>\"D\"</text></outputEntry></rule>"
                                                                                                                     "<rule id=\"c\"><inputEntry><text>-</text></inputEntry><inputEntry><text>-</text></inputEntry>"
                                                                                                                     "<inputEntry><text>&gt; 3</text></inputEntry><inputEntry/><outputEntry><text>\"B\"</text></outputEntry></rule>"
                                                                                                                     "<rule id=\"d\"><inputEntry><text>-</text></inputEntry><inputEntry><text>-</text></inputEntry>"
                                                                                                                     "<inputEntry/><inputEntry><text>count(?) &gt; 0</text></inputEntry><outputEntry><text>\"A\"</text></outputEntry></rule>"
                                                                                                                     "</decisionTable></decision>\n";

static void given_graph(rules *r)
{
    credit_result rc = rules_of_dmn(r, graph, &options);
    ck_assert_msg(rc == CREDIT_OK, "%s", r->err.message);
}

static void given_facts(rules *r, int *asked, const char *as_of)
{
    static const int policy;
    cr_eval_reset(r->eval, asked);
    cr_eval_set_clock(r->eval, rules_input(r, "as_of"), cr_feel_to_date(rules_date(as_of)));
    cr_eval_set(r->eval, rules_input(r, "records"), cr_feel_hosts(FACT, pointers, 5));
    cr_eval_set(r->eval, rules_input(r, "policy"), cr_feel_host(POLICY, &policy));
}

static void expect_evidence(rules *r, size_t row, size_t count, const fact *const *expected)
{
    const void *const *objects;
    size_t found;
    credit_result rc =
        cr_eval_evidence(r->eval, rules_decision(r, "tier"), row, &objects, &found, &r->err);
    ck_assert_int_eq(rc, CREDIT_OK);
    ck_assert_uint_eq(found, count);
    for (size_t i = 0; i < count; i++) { ck_assert_ptr_eq(objects[i], expected[i]); }
}

START_TEST(filters_read_host_objects_by_property)
{
    rules r = RULES_INIT;
    int asked = 0;
    given_graph(&r);
    given_facts(&r, &asked, "2026-11-23");
    cr_feel_value recent = rules_value(&r, "recent penalties");
    ck_assert_int_eq(recent.kind, CR_FEEL_HOSTS);
    ck_assert_uint_eq(cr_feel_count(recent), 2);
    ck_assert_ptr_eq(cr_feel_item(recent, 0).as.object, &facts[0]);
    ck_assert_ptr_eq(cr_feel_item(recent, 1).as.object, &facts[3]);
    ck_assert_str_eq(rules_show(&r, "tier"), "[\"C\", \"D\", \"B\", \"A\"]");
    ck_assert_uint_eq(cr_eval_error_count(r.eval), 0);
    rules_drop(&r);
}
END_TEST

START_TEST(evidence_is_what_the_tested_inputs_rest_on)
{
    rules r = RULES_INIT;
    int asked = 0;
    const fact *const recent[] = {&facts[0], &facts[3]}, *const heavy[] = {&facts[1]};
    const fact *const red[] = {&facts[4]};
    given_graph(&r);
    given_facts(&r, &asked, "2026-11-23");
    rules_value(&r, "tier");
    expect_evidence(&r, 0, 2, recent); /* through "many" to the recent ones, no further */
    expect_evidence(&r, 1, 1, heavy);  /* the witness of "some" */
    expect_evidence(&r, 2, 0, NULL);   /* the list as it was given says nothing */
    expect_evidence(&r, 3, 1, red);    /* a filter in the table's own input */
    rules_drop(&r);
}
END_TEST

START_TEST(a_decision_is_computed_once)
{
    rules r = RULES_INIT;
    int asked = 0;
    given_graph(&r);
    given_facts(&r, &asked, "2026-11-23");
    rules_value(&r, "tier");
    int before = asked;
    rules_value(&r, "many");
    rules_value(&r, "recent penalties");
    ck_assert_int_eq(asked, before);
    rules_drop(&r);
}
END_TEST

START_TEST(a_misspelt_property_of_a_host_object_is_refused)
{
    rules r = RULES_INIT;
    credit_result rc = rules_of_dmn(&r,
        "<inputData id=\"records\" name=\"records\"/><decision id=\"d\" name=\"it\">" NEEDS_INPUT(
            "records") "\n\n<literalExpression><text>records[catalgo = \"xzcf\"]</text>"
                       "</literalExpression></decision>",
        &options);
    ck_assert_int_eq(rc, CREDIT_E_PACK);
    ck_assert_ptr_nonnull(
        strstr(r.err.message, "m.dmn:4: decision \"it\": unknown name \"catalgo\""));
    rules_drop(&r);
}
END_TEST

START_TEST(the_same_rules_read_contexts_from_json)
{
    rules r = RULES_INIT;
    credit_result rc = rules_of_dmn(&r, graph, NULL);
    ck_assert_msg(rc == CREDIT_E_PACK, "an undeclared component is refused");
    static const char json[] = "{\"n\": \"12.50\", \"d\": \"2026-11-23\", \"l\": [{\"a\": 1.5}]}";
    ck_assert_int_eq(
        rules_of_dmn(&r,
            "<inputData id=\"n\" name=\"n\"><variable name=\"n\" typeRef=\"number\"/></inputData>"
            "<inputData id=\"d\" name=\"d\"><variable name=\"d\" typeRef=\"date\"/></inputData>"
            "<inputData id=\"l\" name=\"l\"/><decision id=\"x\" name=\"it\">" NEEDS_INPUT("n")
                NEEDS_INPUT("d") NEEDS_INPUT("l")
                    LITERAL("[n * 2, d.year, l[a &gt; 1].a]") "</decision>",
            NULL),
        CREDIT_OK);
    ck_assert_int_eq(cr_feel_json_inputs(r.eval, r.model, -1, cr_span_of(json), &r.err), CREDIT_OK);
    ck_assert_str_eq(rules_show(&r, "it"), "[25, 2026, [1.5]]");
    cr_eval_reset(r.eval, NULL);
    ck_assert_int_eq(
        cr_feel_json_inputs(r.eval, r.model, -1, CR_SPAN("{\"d\": \"2026-13-01\"}"), &r.err),
        CREDIT_E_DATA);
    ck_assert_str_eq(r.err.message, "input \"d\": \"2026-13-01\" is no date");
    ck_assert_int_eq(
        cr_feel_json_inputs(r.eval, r.model, -1, CR_SPAN("{\"q\": 1}"), &r.err), CREDIT_E_DATA);
    ck_assert_int_eq(cr_feel_json_inputs(r.eval, r.model, -1, CR_SPAN("{"), &r.err), CREDIT_E_DATA);
    rules_drop(&r);
}
END_TEST

START_TEST(a_warm_evaluation_asks_for_no_memory)
{
    rules r = RULES_INIT;
    int asked = 0;
    given_graph(&r);
    for (int i = 0; i < 20; i++) {
        given_facts(&r, &asked, "2026-11-23");
        cr_alloc_fail_at(i < 10 ? 0 : 1); /* from the tenth on, any request would fail */
        rules_value(&r, "tier");
        cr_alloc_fail_at(0);
    }
    rules_drop(&r);
}
END_TEST

START_TEST(every_failed_allocation_of_a_model_is_survived)
{
    credit_result rc = CREDIT_E_NOMEM;
    for (uint64_t n = 1; n < 2000 && rc != CREDIT_OK; n++) {
        rules r = RULES_INIT;
        int asked = 0;
        cr_feel_value value;
        cr_alloc_fail_at(n);
        rc = rules_of_dmn(&r, graph, &options);
        if (rc == CREDIT_OK) {
            given_facts(&r, &asked, "2026-11-23");
            rc = cr_eval_decide(r.eval, rules_decision(&r, "tier"), &value, &r.err);
        }
        cr_alloc_fail_at(0);
        ck_assert_msg(rc == CREDIT_OK || rc == CREDIT_E_NOMEM, "at %d: %s", (int)n, r.err.message);
        rules_drop(&r);
    }
    ck_assert_int_eq(rc, CREDIT_OK);
}
END_TEST

/* --- the clock --------------------------------------------------------- */

typedef struct clock_case {
    const char *expression; /* XML */
    bool exact;             /* the value does differ on the day that is named */
} clock_case;

static const clock_case clock_cases[] = {
    {"as_of &gt; d", true},
    {"as_of &gt;= d", true},
    {"as_of &lt; d", true},
    {"as_of &lt;= d", true},
    {"as_of = d", true},
    {"as_of != d", true},
    {"d &lt; as_of", true},
    {"d &gt;= as_of", true},
    {"d = as_of", true},
    {"as_of - @\"P2Y\" &gt; d", true},
    {"as_of - @\"P1M\" &gt;= d", true},
    {"as_of + @\"P1M\" = d", true},
    {"as_of + @\"P1M\" != d", true},
    {"as_of - @\"P1M\" = d", true},
    {"as_of + @\"P1Y\" - @\"P10D\" &lt; d", true},
    {"as_of + @\"P1D\" + @\"P1M\" &lt;= d", true},
    {"as_of + @\"P1M\" + @\"P1D\" + @\"P1M\" = d", true},
    {"as_of + @\"PT36H\" &gt; d", true},
    {"as_of in [d..d + @\"P1M\"]", false},
    {"as_of in (d..e)", false},
    {"as_of between d and e", false},
    {"before(as_of, d)", true},
    {"after(as_of, d)", true},
    {"includes([d..e], as_of)", false},
    {"as_of in (&gt; d)", true},
    {"as_of in (d, e)", false},
    {"if as_of &gt; d then as_of &gt; e else false", false},
    {"as_of &gt; d and as_of &lt; e", false},
    {"count([d, e][item &lt; as_of])", false},
    {"some x in [d, e] satisfies x + @\"P1Y\" = as_of", false},
    {"max([as_of, d]) = d", false},
    {"sort([d, as_of, e])[1] = d", false},
    {"list contains([d, e], as_of)", false},
    {"[as_of] = [d]", true},
    {"{a: as_of}.a = d", true},
    {"as_of &lt; as_of + @\"P1D\"", false},
    {"as_of &gt; null", false},
    {"as_of.year &gt; d.year", false},
    {"as_of - d &gt; @\"P10D\"", false},
    {"string(as_of) &gt; string(d)", false},
    {"day of week(as_of)", false},
    {"(function(x) x &gt; d)(as_of)", true},
    {"as_of", false},
    {"as_of - @\"P1M\" &lt; as_of - @\"P30D\"", false},
};

/* Millions of evaluations: without a check at each, which Check writes down. */
static const char *show_on(rules *r, int64_t day, cr_feel_value d, cr_feel_value e)
{
    cr_feel_value value;
    cr_eval_reset(r->eval, NULL);
    cr_eval_set_clock(r->eval, 0, (credit_date)day);
    cr_eval_set(r->eval, 1, d);
    cr_eval_set(r->eval, 2, e);
    if (cr_eval_decide(r->eval, 0, &value, &r->err) != CREDIT_OK) { return "failed"; }
    credit_span text = cr_feel_print(value, cr_eval_arena(r->eval));
    snprintf(r->text, sizeof r->text, "%.*s", (int)text.size, text.data);
    return r->text;
}

/* Days until the change that the evaluation names, looked at one by one. */
static void check_clock(rules *r, const clock_case *c, int64_t day, int64_t d_day, int64_t e_day)
{
    enum { HORIZON = 1500 };
    char first[256];
    cr_feel_value d = cr_feel_date((credit_date)d_day), e = cr_feel_date((credit_date)e_day);
    snprintf(first, sizeof first, "%s", show_on(r, day, d, e));
    credit_date next = cr_eval_next_change(r->eval);
    ck_assert_msg(next > day, "%s: the change lies in the past", c->expression);
    ck_assert_int_eq(next, cr_eval_decision_next_change(r->eval, 0));
    int64_t last = next == CREDIT_DATE_FOREVER || next > day + HORIZON ? day + HORIZON : next - 1;
    for (int64_t later = day + 1; later <= last; later++) {
        const char *shown = show_on(r, later, d, e);
        if (strcmp(shown, first) == 0) { continue; }
        ck_abort_msg("%s: on %d with %d, %d: %s, but %s on %d before %d", c->expression, (int)day,
            (int)d_day, (int)e_day, first, shown, (int)later, (int)next);
    }
    if (c->exact && next != CREDIT_DATE_FOREVER) {
        const char *shown = show_on(r, next, d, e);
        ck_assert_msg(strcmp(shown, first) != 0, "%s: on %d with %d: still %s on %d", c->expression,
            (int)day, (int)d_day, shown, (int)next);
    }
}

static void given_clock_expression(rules *r, const char *expression)
{
    char text[1500];
    snprintf(text, sizeof text,
        "<inputData id=\"as_of\" name=\"as_of\"><variable name=\"as_of\" "
        "typeRef=\"date\"/></inputData>"
        "<inputData id=\"d\" name=\"d\"><variable name=\"d\" typeRef=\"date\"/></inputData>"
        "<inputData id=\"e\" name=\"e\"><variable name=\"e\" typeRef=\"date\"/></inputData>"
        "<decision id=\"x\" name=\"it\">" NEEDS_INPUT("as_of") NEEDS_INPUT("d") NEEDS_INPUT("e")
            LITERAL("%s") "</decision>",
        expression);
    credit_result rc = rules_of_dmn(r, text, NULL);
    ck_assert_msg(rc == CREDIT_OK, "%s: %s", expression, r->err.message);
}

START_TEST(no_answer_changes_before_its_next_change)
{
    int64_t base = cr_feel_to_date(rules_date("2024-01-28"));
    for (size_t i = 0; i < sizeof clock_cases / sizeof clock_cases[0]; i++) {
        rules r = RULES_INIT;
        given_clock_expression(&r, clock_cases[i].expression);
        for (int64_t day = base; day < base + 5; day++) {
            static const int offsets[] = {
                -800, -366, -31, -1, 0, 1, 2, 29, 30, 31, 32, 33, 60, 400};
            for (size_t j = 0; j < sizeof offsets / sizeof offsets[0]; j++) {
                check_clock(&r, &clock_cases[i], day, day + offsets[j], day + offsets[j] + 35);
            }
        }
        rules_drop(&r);
    }
}
END_TEST

START_TEST(the_next_change_of_a_graph_is_that_of_what_was_evaluated)
{
    rules r = RULES_INIT;
    int asked = 0;
    given_graph(&r);
    given_facts(&r, &asked, "2026-11-23");
    rules_value(&r, "heavy");
    ck_assert_int_eq(cr_eval_next_change(r.eval), CREDIT_DATE_FOREVER);
    rules_value(&r, "many");
    /* decided_on > as_of - P24M ends for 2025-06-30 on 2027-06-30. */
    ck_assert_int_eq(cr_eval_next_change(r.eval), cr_feel_to_date(rules_date("2027-06-30")));
    ck_assert_int_eq(
        cr_eval_decision_next_change(r.eval, rules_decision(&r, "heavy")), CREDIT_DATE_FOREVER);
    rules_drop(&r);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("decision");
    TCase *tcase = tcase_create("tables");
    tcase_add_test(tcase, every_hit_policy_gives_what_the_norm_says);
    tcase_add_test(tcase, several_outputs_make_a_context_and_rank_in_order);
    tcase_add_test(tcase, matched_rows_carry_rule_annotations_and_outputs);
    tcase_add_test(tcase, rows_that_did_not_match_say_which_tests_did_not_pass);
    tcase_add_test(tcase, a_value_that_the_table_does_not_allow_is_an_error_not_a_default);
    suite_add_tcase(suite, tcase);

    tcase = tcase_create("host objects");
    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, filters_read_host_objects_by_property);
    tcase_add_test(tcase, evidence_is_what_the_tested_inputs_rest_on);
    tcase_add_test(tcase, a_decision_is_computed_once);
    tcase_add_test(tcase, a_misspelt_property_of_a_host_object_is_refused);
    tcase_add_test(tcase, the_same_rules_read_contexts_from_json);
    tcase_add_test(tcase, a_warm_evaluation_asks_for_no_memory);
    tcase_add_test(tcase, every_failed_allocation_of_a_model_is_survived);
    suite_add_tcase(suite, tcase);

    tcase = tcase_create("clock");
    tcase_set_timeout(tcase, 200);
    tcase_add_test(tcase, no_answer_changes_before_its_next_change);
    tcase_add_test(tcase, the_next_change_of_a_graph_is_that_of_what_was_evaluated);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
