#include "tests/support/rules.h"
#include "tests/support/suite.h"

/* --- what is refused, where and why ------------------------------------ */

typedef struct refusal {
    const char *inside;  /* of <definitions>, whose first line is line 2 */
    const char *message; /* "m.dmn:LINE: …" or a part of it */
} refusal;

#define DECISION(inside) "<decision id=\"d\" name=\"it\">\n" inside "</decision>"
#define TEXT(text) "<literalExpression><text>" text "</text></literalExpression>"
#define TABLE(attributes, inside) "<decisionTable " attributes ">" inside "</decisionTable>"
#define INPUT "<input><inputExpression><text>1</text></inputExpression></input>"
#define OUTPUT "<output name=\"o\"/>"

static const refusal refusals[] = {
    {"<import namespace=\"x\" name=\"y\"/>", "m.dmn:2: <import y>: not supported"},
    {"\n\n<wonder/>", "m.dmn:4: <wonder>: not supported"},
    {DECISION(""), "m.dmn:2: <decision it>: it has no logic"},
    {DECISION(TEXT("1") TEXT("2")), "m.dmn:3: <literalExpression>: a second expression"},
    {DECISION(TEXT("1 +")), "m.dmn:3: decision \"it\": a value expected at the end"},
    {DECISION(TEXT("1\n+\n2 x")), "m.dmn:5: decision \"it\": an operator or the end expected"},
    {DECISION(TEXT("")), "m.dmn:3: decision \"it\": an expression is empty"},
    {DECISION(TEXT("secret")), "unknown name \"secret\""},
    {DECISION("<literalExpression expressionLanguage=\"http://java.sun.com\"><text>1</text>"
              "</literalExpression>"),
        "m.dmn:3: <literalExpression>: expression language"},
    {DECISION("<literalExpression><importedValues/></literalExpression>"), "imported values"},
    {DECISION("<magic/>"), "m.dmn:3: <magic>: not supported here"},
    {DECISION("<variable name=\"it\" typeRef=\"tNone\"/>" TEXT("1")), "there is no type \"tNone\""},
    {DECISION(
         "<informationRequirement><requiredInput href=\"#gone\"/></informationRequirement>" TEXT(
             "1")),
        "it requires \"#gone\", which does not exist"},
    {DECISION("<informationRequirement/>" TEXT("1")), "a requirement refers to nothing"},
    {DECISION(
         "<informationRequirement><requiredDecision href=\"#d\"/></informationRequirement>" TEXT(
             "1")),
        "it requires itself"},
    {DECISION(TEXT("1")) DECISION(TEXT("2")), "two decisions of this name"},
    {"<decision id=\"d\">" TEXT("1") "</decision>", "a decision has no name"},
    {DECISION(TABLE("hitPolicy=\"BEST\"", INPUT OUTPUT)), "unknown hit policy \"BEST\""},
    {DECISION(TABLE("hitPolicy=\"COLLECT\" aggregation=\"MEAN\"", INPUT OUTPUT)),
        "unknown aggregation"},
    {DECISION(TABLE("aggregation=\"SUM\"", INPUT OUTPUT)),
        "an aggregation needs hit policy COLLECT"},
    {DECISION(TABLE("hitPolicy=\"PRIORITY\"", INPUT OUTPUT)), "no output column lists its values"},
    {DECISION(TABLE("", INPUT)), "a decision table has no output column"},
    {DECISION(TABLE("", "<input/>" OUTPUT)), "an input has no expression"},
    {DECISION(TABLE("", INPUT OUTPUT "<output name=\"p\"/><rule id=\"r\"><inputEntry/>"
                                     "<outputEntry><text>1</text></outputEntry></rule>")),
        "m.dmn:3: <rule r>: 1 of <outputEntry> for 2 columns"},
    {DECISION(TABLE("", INPUT OUTPUT "<rule id=\"r\"><outputEntry/></rule>")),
        "0 of <inputEntry> for 1 columns"},
    {DECISION(TABLE("", INPUT OUTPUT "\n<rule><inputEntry><text>&lt;</text></inputEntry>"
                                     "<outputEntry/></rule>")),
        "m.dmn:4: decision \"it\""},
    {DECISION(TABLE("", INPUT OUTPUT "<column/>")), "<column>: not supported in a decision table"},
    {DECISION("<invocation><binding/></invocation>"), "an invocation names no function"},
    {DECISION("<invocation>" TEXT("count") "<binding>" TEXT("1") "</binding></invocation>"),
        "a binding names no parameter"},
    {DECISION("<context><contextEntry><variable name=\"a\"/></contextEntry></context>"),
        "a context entry has no value"},
    {DECISION("<context><contextEntry>" TEXT("1") "</contextEntry><contextEntry>" TEXT(
         "2") "</contextEntry></context>"),
        "behind the context's result"},
    {DECISION("<relation><column name=\"a\"/><row/></relation>"), "0 cells for 1 columns"},
    {DECISION("<functionDefinition kind=\"Java\">" TEXT("1") "</functionDefinition>"),
        "functions of kind \"Java\" are not supported"},
    {DECISION("<conditional><if>" TEXT("true") "</if></conditional>"), "it has no <then>"},
    {"<businessKnowledgeModel id=\"b\" name=\"f\"/>",
        "<businessKnowledgeModel f>: it has no logic"},
    {"<itemDefinition name=\"a\"><typeRef>b</typeRef></itemDefinition>", "there is no type \"b\""},
    {"<itemDefinition name=\"a\"><typeRef>b</typeRef></itemDefinition>"
     "<itemDefinition name=\"b\"><typeRef>a</typeRef></itemDefinition>",
        "refers to itself"},
    {"<itemDefinition name=\"a\"/><itemDefinition name=\"a\"/>", "there are two of \"a\""},
    {"<itemDefinition name=\"a\"><typeRef>string</typeRef><allowedValues><text>1 +</text>"
     "</allowedValues></itemDefinition>",
        "m.dmn:2: item definition"},
    {"<inputData id=\"i\"/>", "an input has no name"},
};

START_TEST(what_is_not_understood_is_refused_with_line_and_element)
{
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        rules r = RULES_INIT;
        credit_result rc = rules_of_dmn(&r, refusals[i].inside, NULL);
        ck_assert_msg(rc == CREDIT_E_PACK, "%s: %d", refusals[i].inside, (int)rc);
        ck_assert_msg(strstr(r.err.message, refusals[i].message) != NULL,
            "%s\n    is: %s\n    not: %s", refusals[i].inside, r.err.message, refusals[i].message);
        rules_drop(&r);
    }
}
END_TEST

static void expect_bytes_refused(const char *bytes, const char *message)
{
    cr_model *model;
    credit_error err = CREDIT_ERROR_INIT;
    credit_result rc = cr_dmn_load(cr_span_of(bytes), "x.dmn", NULL, &model, &err);
    ck_assert_int_eq(rc, CREDIT_E_PACK);
    ck_assert_ptr_null(model);
    ck_assert_msg(strstr(err.message, message) != NULL, "%s", err.message);
}

START_TEST(a_document_type_is_refused_before_it_can_do_anything)
{
    expect_bytes_refused(
        "<!DOCTYPE d [<!ENTITY a \"b\">]><d>&a;</d>", "x.dmn:1: a DOCTYPE is not allowed");
    expect_bytes_refused("<?xml version=\"1.0\"?>\n<!DOCTYPE d SYSTEM \"file:///etc/passwd\"><d/>",
        "x.dmn:2: a DOCTYPE");
}
END_TEST

START_TEST(broken_xml_is_refused_with_its_line)
{
    expect_bytes_refused("", "malformed XML");
    expect_bytes_refused("<a>\n<b>\n</a>", "x.dmn:3: malformed XML: mismatched tag");
    expect_bytes_refused("<a>\xFF</a>", "malformed XML");
}
END_TEST

START_TEST(other_namespaces_and_versions_are_refused)
{
    expect_bytes_refused("<definitions/>", "not a DMN model of version 1.2 to 1.5");
    expect_bytes_refused(
        "<definitions xmlns=\"http://www.omg.org/spec/DMN/20151101/dmn.xsd\"/>", "not a DMN model");
    expect_bytes_refused(
        "<model xmlns=\"https://www.omg.org/spec/DMN/20191111/MODEL/\"/>", "not a DMN model");
}
END_TEST

START_TEST(every_supported_version_is_read)
{
    static const char *const versions[] = {"http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/"};
    for (size_t i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        char text[512];
        cr_model *model;
        credit_error err = CREDIT_ERROR_INIT;
        snprintf(text, sizeof text,
            "<x:definitions xmlns:x=\"%s\"><x:decision name=\"信用 等级\"><x:literalExpression>"
            "<x:text><![CDATA[1 < 2]]></x:text></x:literalExpression></x:decision></x:definitions>",
            versions[i]);
        ck_assert_int_eq(cr_dmn_load(cr_span_of(text), "x", NULL, &model, &err), CREDIT_OK);
        ck_assert_int_eq(cr_model_decision(model, CR_SPAN("信用 等级")), 0);
        cr_model_free(model);
    }
}
END_TEST

START_TEST(extensions_and_drawings_are_passed_over)
{
    rules r = RULES_INIT;
    credit_result rc = rules_of_dmn(&r,
        "<extensionElements><x:y xmlns:x=\"urn:x\"/></extensionElements><knowledgeSource "
        "name=\"k\"/>"
        "<decisionService name=\"s\"><outputDecision href=\"#d\"/></decisionService>"
        "<z:DMNDI xmlns:z=\"urn:z\"><z:shape/></z:DMNDI>" DECISION(
            "<description>x</description><x:note xmlns:x=\"urn:x\"/><question>?</question>"
            "<authorityRequirement><requiredAuthority href=\"#k\"/></authorityRequirement>" TEXT(
                "7")),
        NULL);
    ck_assert_msg(rc == CREDIT_OK, "%s", r.err.message);
    ck_assert_str_eq(rules_show(&r, "it"), "7");
    rules_drop(&r);
}
END_TEST

/* --- boxed expressions ------------------------------------------------- */

typedef struct box_case {
    const char *inside, *expected;
} box_case;

static const box_case boxes[] = {
    {"<context><contextEntry><variable name=\"a\"/>" TEXT(
         "1") "</contextEntry><contextEntry>"
              "<variable name=\"b c\"/>" TEXT("a + 1") "</contextEntry></context>",
        "{a: 1, b c: 2}"},
    {"<context><contextEntry><variable name=\"a\"/>" TEXT("1") "</contextEntry><contextEntry>" TEXT(
         "a + 5") "</contextEntry></context>",
        "6"},
    {"<list>" TEXT("1") TEXT("\"x\"") "</list>", "[1, \"x\"]"},
    {"<relation><column name=\"a\"/><column name=\"b\"/><row>" TEXT("1")
            TEXT("2") "</row><row>" TEXT("3") TEXT("4") "</row></relation>",
        "[{a: 1, b: 2}, {a: 3, b: 4}]"},
    {"<context><contextEntry><variable name=\"f\"/><functionDefinition><formalParameter name=\"x\" "
     "typeRef=\"number\"/>" TEXT(
         "x * 2") "</functionDefinition></contextEntry><contextEntry>"
                  "<invocation>" TEXT("f") "<binding><parameter name=\"x\"/>" TEXT(
                      "21") "</binding></invocation>"
                            "</contextEntry></context>",
        "42"},
    {"<conditional><if>" TEXT("1 &gt; 2") "</if><then>" TEXT("1") "</then><else>" TEXT(
         "2") "</else></conditional>",
        "2"},
    {"<filter><in>" TEXT("[1, 2, 3]") "</in><match>" TEXT("item &gt; 1") "</match></filter>",
        "[2, 3]"},
    {"<for iteratorVariable=\"x y\"><in>" TEXT("[1, 2]") "</in><return>" TEXT(
         "x y * 2") "</return></for>",
        "[2, 4]"},
    {"<some iteratorVariable=\"x\"><in>" TEXT("[1, 2]") "</in><satisfies>" TEXT(
         "x &gt; 1") "</satisfies></some>",
        "true"},
    {"<every iteratorVariable=\"x\"><in>" TEXT("[1, 2]") "</in><satisfies>" TEXT(
         "x &gt; 1") "</satisfies></every>",
        "false"},
};

START_TEST(boxed_expressions_mean_what_their_text_would)
{
    for (size_t i = 0; i < sizeof boxes / sizeof boxes[0]; i++) {
        rules r = RULES_INIT;
        char text[2000];
        snprintf(
            text, sizeof text, "<decision id=\"d\" name=\"it\">%s</decision>", boxes[i].inside);
        credit_result rc = rules_of_dmn(&r, text, NULL);
        ck_assert_msg(rc == CREDIT_OK, "%s: %s", boxes[i].inside, r.err.message);
        const char *shown = rules_show(&r, "it");
        ck_assert_msg(strcmp(shown, boxes[i].expected) == 0, "%s: %s", boxes[i].inside, shown);
        rules_drop(&r);
    }
}
END_TEST

START_TEST(knowledge_models_are_called_by_those_who_require_them)
{
    rules r = RULES_INIT;
    static const char twice[] = "<businessKnowledgeModel id=\"b\" name=\"twice\"><variable "
                                "name=\"twice\"/><encapsulatedLogic>"
                                "<formalParameter name=\"x\" typeRef=\"number\"/>" TEXT(
                                    "x * 2") "</encapsulatedLogic></businessKnowledgeModel>";
    char text[2000];
    snprintf(text, sizeof text, "%s%s", twice,
        DECISION(
            "<knowledgeRequirement><requiredKnowledge href=\"#b\"/></knowledgeRequirement>" TEXT(
                "[twice(4), twice(x: 5), twice(\"a\")]")));
    ck_assert_int_eq(rules_of_dmn(&r, text, NULL), CREDIT_OK);
    ck_assert_str_eq(rules_show(&r, "it"), "[8, 10, null]");
    snprintf(text, sizeof text, "%s%s", twice, DECISION(TEXT("twice(4)")));
    ck_assert_int_eq(rules_of_dmn(&r, text, NULL), CREDIT_E_PACK);
    rules_drop(&r);
}
END_TEST

START_TEST(item_definitions_are_checked_when_values_come_in)
{
    rules r = RULES_INIT;
    ck_assert_int_eq(rules_of_dmn(&r,
                         "<itemDefinition "
                         "name=\"tGrade\"><typeRef>string</typeRef><allowedValues><text>\"A\",\"B\""
                         "</text></allowedValues></itemDefinition>"
                         "<itemDefinition name=\"tGrades\" "
                         "isCollection=\"true\"><typeRef>tGrade</typeRef></itemDefinition>"
                         "<inputData id=\"i\" name=\"g\"><variable name=\"g\" "
                         "typeRef=\"tGrades\"/></inputData>" DECISION(
                             "<informationRequirement><requiredInput "
                             "href=\"#i\"/></informationRequirement>" TEXT("g")),
                         NULL),
        CREDIT_OK);
    rules_give(&r, "g", rules_text("A"));
    ck_assert_str_eq(rules_show(&r, "it"), "[\"A\"]");
    cr_eval_reset(r.eval, NULL);
    rules_give(&r, "g", rules_text("C"));
    ck_assert_str_eq(rules_show(&r, "it"), "null");
    ck_assert_uint_eq(cr_eval_error_count(r.eval), 1);
    rules_drop(&r);
}
END_TEST

/* --- the shipped rules ------------------------------------------------- */

START_TEST(the_shipped_rules_compile_without_a_doubt)
{
    char path[1024];
    const char *source = getenv("CREDIT_SOURCE");
    static char bytes[4 << 20];
    cr_model *model;
    credit_error err = CREDIT_ERROR_INIT;
    uint64_t line;
    snprintf(
        path, sizeof path, "%s/packs/jingzhou/rules/jingzhou.dmn", source == NULL ? "." : source);
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "no %s", path);
    size_t size = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    credit_result rc = cr_dmn_load((credit_span){bytes, size}, "jingzhou.dmn", NULL, &model, &err);
    ck_assert_msg(rc == CREDIT_OK, "%s", err.message);
    for (size_t i = 0; i < cr_model_warning_count(model); i++) {
        credit_span text = cr_model_warning(model, i, &line);
        ck_abort_msg("line %d: %.*s", (int)line, (int)text.size, text.data);
    }
    cr_model_free(model);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dmn");
    TCase *tcase = tcase_create("refusals");
    tcase_add_test(tcase, what_is_not_understood_is_refused_with_line_and_element);
    tcase_add_test(tcase, a_document_type_is_refused_before_it_can_do_anything);
    tcase_add_test(tcase, broken_xml_is_refused_with_its_line);
    tcase_add_test(tcase, other_namespaces_and_versions_are_refused);
    suite_add_tcase(suite, tcase);

    tcase = tcase_create("models");
    tcase_add_test(tcase, every_supported_version_is_read);
    tcase_add_test(tcase, extensions_and_drawings_are_passed_over);
    tcase_add_test(tcase, boxed_expressions_mean_what_their_text_would);
    tcase_add_test(tcase, knowledge_models_are_called_by_those_who_require_them);
    tcase_add_test(tcase, item_definitions_are_checked_when_values_come_in);
    tcase_add_test(tcase, the_shipped_rules_compile_without_a_doubt);
    suite_add_tcase(suite, tcase);
    return run_suite(suite);
}
