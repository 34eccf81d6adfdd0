/* Narrowing, expression by expression: whatever is known of an object, the rules
 * narrowed to it give what the rules as they stand give. */
#include "tests/support/rules.h"
#include "tests/support/suite.h"

typedef struct thing {
    int64_t number; /* INT64_MIN: null */
    const char *word;
} thing;

enum { THING, THINGS_MAX = 4, NUMBER = 0, WORD = 1 };

static void get_thing(
    void *ctx, const void *object, uint16_t property, cr_eval *eval, cr_feel_value *out)
{
    const thing *t = object;
    (void)ctx;
    (void)eval;
    if (property == NUMBER && t->number != INT64_MIN) { *out = cr_feel_integer(t->number); }
    if (property == WORD && t->word != NULL) { *out = rules_text(t->word); }
}

/* What may be asked of one thing, and of a list of them. */
static const char *const about_one[] = {"thing.n < 5", "thing.n <= 5", "thing.n > 5",
    "thing.n >= 5", "thing.n = 5", "thing.n != 5", "5 < thing.n", "5 <= thing.n", "5 > thing.n",
    "5 >= thing.n", "5 = thing.n", "thing.n = null", "thing.n != null", "null = thing.n",
    "thing.n < 5 and thing.n > 3", "thing.n < 3 or thing.n > 5", "not(thing.n < 5)",
    "if thing.n >= 5 then 1 else thing.n + 1", "thing.n between 3 and 5", "thing.n in [3..5)",
    "thing.n in (< 3, > 5)", "thing.n in (3, 5)", "{a: thing.n, b: a > 5, c: if b then a else 0}",
    "{a: thing.n, b: a}.b = 5", "least(thing.n, 5)", "least(least(thing.n, 4), thing.n + 1)",
    "thing.word = \"a\"", "if thing.word = \"a\" then thing.n < 5 else thing.n > 5",
    "some x in [thing.n, 4] satisfies x > thing.n", "every x in [1, 2] satisfies x < thing.n",
    "[1, 2, 3, 4, 5, 6][item > thing.n]", "for x in [1, 2] return x + thing.n",
    "thing.n / 0 = 1 or thing.n > 3", "{a: 1, b: a + 1}", "count([1, 2])", "thing.n > \"5\"",
    "string(thing.n)", "[thing.n, 5]", "max(thing.n, 5)", "function(a) a + thing.n",
    "{f: function(a) a > 5, g: f(thing.n)}.g"};
static const char *const about_many[] = {"count(things[item.word = \"a\"])",
    "count(things[item.word != \"b\"])", "count(things[item.word = null])",
    "count(things[item.word = \"a\" and item.n > 4])",
    "count(things[item.word = \"b\" or item.n > 4])",
    "some t in things satisfies (t.word = \"a\" and t.n > 4)",
    "every t in things satisfies t.word = \"a\"", "things[item.word = \"a\"].n",
    "sum(things[item.word != \"a\"].n)", "for t in things return t.word",
    "count(things[item.word = \"a\"][item.n > 4])", "things[1].n",
    "if count(things[item.word = \"c\"]) > 0 then 1 else count(things)"};
enum {
    ONES = sizeof about_one / sizeof *about_one,
    MANIES = sizeof about_many / sizeof *about_many,
    NUMBERS = 7
};
/* No number, and some below, on, between and above those that are compared with. */
static const int64_t numbers[NUMBERS] = {INT64_MIN, 2, 3, 4, 5, 6, 7};

static rules r = RULES_INIT;
static char source[65536];

static void put(const char *text)
{
    size_t at = strlen(source);
    for (; *text != '\0'; text++) {
        const char *as = *text == '<'   ? "&lt;"
                         : *text == '>' ? "&gt;"
                         : *text == '&' ? "&amp;"
                                        : "";
        ck_assert_uint_lt(at + 8, sizeof source);
        if (*as == '\0') {
            source[at++] = *text;
        } else {
            at += (size_t)sprintf(source + at, "%s", as);
        }
    }
    source[at] = '\0';
}

static void put_decision(const char *kind, size_t number, const char *text)
{
    size_t at = strlen(source);
    snprintf(source + at, sizeof source - at,
        "<decision id='%s%zu' name='%s %zu'>"
        "<informationRequirement><requiredInput href='#thing'/></informationRequirement>"
        "<informationRequirement><requiredInput href='#things'/></informationRequirement>"
        "<knowledgeRequirement><requiredKnowledge href='#least'/></knowledgeRequirement>"
        "<literalExpression><text>",
        kind, number, kind, number);
    put(text);
    strcat(source, "</text></literalExpression></decision>");
}

/* A table whose cells ask the same of the number in every way there is. */
static void put_table(void)
{
    static const char *const cells[] = {"< 3", "<= 3", "(3..5)", "5", "not(6)", "null", "-"};
    strcat(source, "<decision id='t' name='table'>"
                   "<informationRequirement><requiredInput href='#thing'/>"
                   "</informationRequirement><decisionTable hitPolicy='FIRST'>"
                   "<input><inputExpression><text>thing.word</text></inputExpression></input>"
                   "<input><inputExpression><text>thing.n</text></inputExpression></input>"
                   "<output name='row'/><output name='sum'/>");
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
        strcat(source, i % 2 == 0 ? "<rule><inputEntry><text>\"a\"</text></inputEntry>"
                                  : "<rule><inputEntry><text>-</text></inputEntry>");
        strcat(source, "<inputEntry><text>");
        put(cells[i]);
        char outputs[160];
        snprintf(outputs, sizeof outputs,
            "</text></inputEntry><outputEntry><text>%zu</text></outputEntry>"
            "<outputEntry><text>thing.n + %zu</text></outputEntry></rule>",
            i, i);
        strcat(source, outputs);
    }
    strcat(source, "</decisionTable></decision>"
                   "<decision id='u' name='uses'><informationRequirement>"
                   "<requiredDecision href='#t'/></informationRequirement><literalExpression>"
                   "<text>if table = null then -1 else table.row</text></literalExpression>"
                   "</decision>");
}

static void given_the_rules(void)
{
    static const cr_host_property properties[] = {
        {{"n", 1}, CR_FEEL_NUMBER, false, 0, 0}, {{"word", 4}, CR_FEEL_STRING, false, 0, 0}};
    static const cr_host_type hosts[] = {{{"tThing", 6}, properties, 2, true, get_thing}};
    const cr_host_binding bindings[] = {
        {CR_SPAN("thing"), THING, false}, {CR_SPAN("things"), THING, true}};
    const cr_model_options options = {hosts, 1, bindings, 2};
    strcpy(source, "<inputData id='thing' name='thing'/><inputData id='things' name='things'/>"
                   "<businessKnowledgeModel id='least' name='least'><encapsulatedLogic>"
                   "<formalParameter name='a'/><formalParameter name='b'/><literalExpression><text>"
                   "if a = null then b else if b = null then a else if a &lt;= b then a else b"
                   "</text></literalExpression></encapsulatedLogic></businessKnowledgeModel>");
    for (size_t i = 0; i < ONES; i++) { put_decision("one", i, about_one[i]); }
    for (size_t i = 0; i < MANIES; i++) { put_decision("many", i, about_many[i]); }
    put_table();
    ck_assert_msg(rules_of_dmn(&r, source, &options) == CREDIT_OK, "%s", r.err.message);
}

static void drop_them(void)
{
    rules_drop(&r);
}

/* ---- asking ------------------------------------------------------------------- */

static const thing *one;
static const thing *many[THINGS_MAX];
static size_t many_count;

/* A decision's value as text, and how many errors were noted on the way. */
static void ask(const cr_model *model, int decision, char out[512])
{
    cr_feel_value value;
    cr_eval_use(r.eval, model, NULL);
    cr_eval_set(r.eval, rules_input(&r, "thing"), cr_feel_host(THING, one));
    cr_eval_set(r.eval, rules_input(&r, "things"),
        cr_feel_hosts(THING, (const void *const *)many, many_count));
    ck_assert_int_eq(cr_eval_decide(r.eval, decision, &value, NULL), CREDIT_OK);
    size_t errors = cr_eval_error_count(r.eval);
    credit_span text = cr_feel_print(value, cr_eval_arena(r.eval));
    snprintf(out, 512, "%.*s with %zu errors", (int)text.size, text.data, errors);
    cr_eval_use(r.eval, r.model, NULL);
}

/* For this decision alone, and for all at once. */
static void assert_narrows(int decision, const cr_known *known, size_t count)
{
    char wanted[512], got[512];
    ask(r.model, decision, wanted);
    for (int turn = 0; turn < 2; turn++) {
        cr_model *narrowed = NULL;
        int root = turn == 0 ? decision : -1;
        ck_assert_int_eq(cr_model_narrow(r.model, root, known, count, &narrowed, NULL), CREDIT_OK);
        ask(narrowed, decision, got);
        credit_span name = cr_model_decision_name(r.model, decision);
        ck_assert_msg(strcmp(wanted, got) == 0, "%.*s, thing.n %lld: wanted %s, got %s",
            (int)name.size, name.data, (long long)one->number, wanted, got);
        cr_model_free(narrowed);
    }
}

START_TEST(what_is_known_of_an_object_changes_no_answer)
{
    static const cr_feel_range given = {.low_included = false};
    int input = rules_input(&r, "thing");
    many_count = 0;
    for (int decision = 0; decision < (int)cr_model_decision_count(r.model); decision++) {
        for (size_t i = 0; i < NUMBERS; i++) {
            cr_arena arena = CR_ARENA_INIT;
            const cr_measure *measures;
            size_t measure_count;
            thing t = {numbers[i], i % 2 == 0 ? "a" : NULL};
            one = &t;
            cr_feel_value number = cr_feel_null();
            get_thing(NULL, one, NUMBER, r.eval, &number);
            cr_feel_value word = t.word == NULL ? cr_feel_null() : rules_text(t.word);
            cr_known known[] = {
                {input, WORD, word, NULL},
                {input, NUMBER, number, number.kind == CR_FEEL_NULL ? NULL : &given},
            };
            assert_narrows(decision, known, 0);
            assert_narrows(decision, known, 1);
            assert_narrows(decision, known, 2);
            known[1].within = NULL;
            assert_narrows(decision, known, 2);
            ck_assert_int_eq(cr_model_measures(
                                 r.model, decision, input, &arena, &measures, &measure_count, NULL),
                CREDIT_OK);
            for (size_t m = 0; m < measure_count && number.kind != CR_FEEL_NULL; m++) {
                ck_assert_uint_eq(measures[m].property, NUMBER);
                size_t place = cr_measure_place(&measures[m], number);
                if (place == SIZE_MAX) { continue; } /* compared with text */
                cr_feel_range range = cr_measure_range(&measures[m], place);
                known[1].within = &range;
                assert_narrows(decision, known, 2);
                assert_narrows(decision, known + 1, 1);
            }
            cr_arena_release(&arena);
        }
    }
}
END_TEST

START_TEST(what_is_known_of_a_list_changes_no_answer)
{
    static const thing all[] = {{2, "a"}, {5, "a"}, {6, "b"}, {7, NULL}};
    int input = rules_input(&r, "things");
    one = &all[0];
    for (unsigned chosen = 0; chosen < 16; chosen++) {
        cr_feel_value words[THINGS_MAX];
        many_count = 0;
        for (size_t i = 0; i < THINGS_MAX; i++) {
            if ((chosen >> i & 1) == 0) { continue; }
            words[many_count] = all[i].word == NULL ? cr_feel_null() : rules_text(all[i].word);
            many[many_count++] = &all[i];
        }
        cr_known known = {input, WORD, cr_feel_list(words, many_count), NULL};
        for (int decision = 0; decision < (int)cr_model_decision_count(r.model); decision++) {
            assert_narrows(decision, &known, 1);
        }
    }
}
END_TEST

/* A decision's value as text after the input has changed to `one`, with the rules that
 * `model` is; everything was asked before about `before`. */
static void ask_anew(
    const cr_model *model, const bool *users, const thing *before, int decision, char out[512])
{
    cr_feel_value value;
    int input = rules_input(&r, "thing");
    cr_eval_use(r.eval, r.model, NULL);
    cr_eval_set(r.eval, input, cr_feel_host(THING, before));
    cr_eval_set(r.eval, rules_input(&r, "things"),
        cr_feel_hosts(THING, (const void *const *)many, many_count));
    for (int i = 0; i < (int)cr_model_decision_count(r.model); i++) {
        ck_assert_int_eq(cr_eval_decide(r.eval, i, &value, NULL), CREDIT_OK);
    }
    ck_assert(cr_eval_change(r.eval, model, input, cr_feel_host(THING, one), users));
    ck_assert_int_eq(cr_eval_decide(r.eval, decision, &value, NULL), CREDIT_OK);
    credit_span text = cr_feel_print(value, cr_eval_arena(r.eval));
    snprintf(out, 512, "%.*s with", (int)text.size, text.data);
    cr_eval_use(r.eval, r.model, NULL);
}

START_TEST(what_does_not_use_an_input_stays_when_it_changes)
{
    static const thing things[] = {{2, "a"}, {5, "a"}, {6, NULL}, {INT64_MIN, "b"}};
    enum { THINGS = sizeof things / sizeof *things };
    cr_arena arena = CR_ARENA_INIT;
    const bool *users;
    int input = rules_input(&r, "thing"), count = (int)cr_model_decision_count(r.model), used = 0;
    char wanted[512], got[512];
    ck_assert_int_eq(cr_model_users(r.model, input, &arena, &users, NULL), CREDIT_OK);
    many[0] = &things[0];
    many[1] = &things[2];
    many_count = 2;
    for (size_t i = 0; i < (size_t)THINGS * THINGS; i++) {
        cr_model *narrowed;
        one = &things[i % THINGS];
        cr_feel_value word = one->word == NULL ? cr_feel_null() : rules_text(one->word);
        cr_known known = {input, WORD, word, NULL};
        ck_assert_int_eq(cr_model_narrow(r.model, -1, &known, 1, &narrowed, NULL), CREDIT_OK);
        for (int decision = 0; decision < count; decision++) {
            ask(r.model, decision, wanted);
            ask_anew(narrowed, users, &things[i / THINGS], decision, got);
            ck_assert_msg(strncmp(wanted, got, strlen(got)) == 0, "%.*s: wanted %s, got %s",
                (int)cr_model_decision_name(r.model, decision).size,
                cr_model_decision_name(r.model, decision).data, wanted, got);
        }
        cr_model_free(narrowed);
    }
    for (int decision = 0; decision < count; decision++) { used += users[decision]; }
    ck_assert_int_gt(used, ONES / 2);
    ck_assert_int_lt(used, count);
    cr_arena_release(&arena);
}
END_TEST

/* The value, and the rows that gave it. */
static void ask_with_rows(const cr_model *model, int decision, char out[512])
{
    cr_feel_value value;
    const cr_matched_row *rows;
    cr_eval_use(r.eval, model, NULL);
    cr_eval_set(r.eval, rules_input(&r, "thing"), cr_feel_host(THING, one));
    cr_eval_set(r.eval, rules_input(&r, "things"),
        cr_feel_hosts(THING, (const void *const *)many, many_count));
    ck_assert_int_eq(cr_eval_decide(r.eval, decision, &value, NULL), CREDIT_OK);
    credit_span text = cr_feel_print(value, cr_eval_arena(r.eval));
    int at = snprintf(out, 512, "%.*s by", (int)text.size, text.data);
    size_t count = cr_eval_rows(r.eval, decision, &rows);
    for (size_t i = 0; i < count; i++) {
        at += snprintf(out + at, 512 - (size_t)at, " %u", rows[i].number);
    }
    cr_eval_use(r.eval, r.model, NULL);
}

START_TEST(a_stock_of_what_is_alike_changes_no_answer_and_no_row)
{
    static const char *const words[] = {"a", "b", "c", "a", NULL};
    enum { WORDS = sizeof words / sizeof *words };
    int input = rules_input(&r, "thing"), count = (int)cr_model_decision_count(r.model);
    cr_model *narrowed[WORDS];
    cr_model_stock *stock;
    many_count = 0;
    ck_assert_int_eq(cr_model_stock_new(r.model, &stock, NULL), CREDIT_OK);
    for (size_t i = 0; i < WORDS; i++) {
        cr_feel_value word = words[i] == NULL ? cr_feel_null() : rules_text(words[i]);
        cr_known known = {input, WORD, word, NULL};
        ck_assert_int_eq(cr_model_narrow(r.model, -1, &known, 1, &narrowed[i], NULL), CREDIT_OK);
        ck_assert_int_eq(cr_model_share(stock, narrowed[i], NULL), CREDIT_OK);
        for (size_t n = 0; n < NUMBERS; n++) {
            thing t = {numbers[n], words[i]};
            one = &t;
            for (int decision = 0; decision < count; decision++) {
                char wanted[512], got[512];
                ask_with_rows(r.model, decision, wanted);
                ask_with_rows(narrowed[i], decision, got);
                ck_assert_str_eq(wanted, got);
            }
        }
    }
    cr_model_stock_free(stock);
    for (size_t i = 0; i < WORDS; i++) { cr_model_free(narrowed[i]); }
}
END_TEST

/* Nobody is given a half-made model. */
START_TEST(narrowing_without_memory_is_an_error)
{
    int input = rules_input(&r, "thing"), decision = rules_decision(&r, "uses");
    cr_known known = {input, WORD, rules_text("a"), NULL};
    for (uint64_t n = 1;; n++) {
        cr_model *narrowed = NULL;
        cr_alloc_fail_at(n);
        credit_result rc = cr_model_narrow(r.model, decision, &known, 1, &narrowed, NULL);
        cr_alloc_fail_at(0);
        cr_model_free(narrowed);
        if (rc == CREDIT_OK) {
            ck_assert_uint_gt(n, 4);
            break;
        }
        ck_assert_int_eq(rc, CREDIT_E_NOMEM);
        ck_assert_ptr_null(narrowed);
    }
}
END_TEST

START_TEST(rules_that_come_to_the_same_are_found_to)
{
    int input = rules_input(&r, "thing"), decision = rules_decision(&r, "uses");
    cr_known a = {input, WORD, rules_text("a"), NULL};
    cr_known b = {input, WORD, rules_text("b"), NULL}, c = {input, WORD, rules_text("c"), NULL};
    cr_model *narrowed[3];
    ck_assert_int_eq(cr_model_narrow(r.model, decision, &a, 1, &narrowed[0], NULL), CREDIT_OK);
    ck_assert_int_eq(cr_model_narrow(r.model, decision, &b, 1, &narrowed[1], NULL), CREDIT_OK);
    ck_assert_int_eq(cr_model_narrow(r.model, decision, &c, 1, &narrowed[2], NULL), CREDIT_OK);
    ck_assert(cr_model_same(narrowed[1], narrowed[2], decision));
    ck_assert(!cr_model_same(narrowed[0], narrowed[1], decision));
    ck_assert(cr_model_hash(narrowed[1], decision) == cr_model_hash(narrowed[2], decision));
    ck_assert(cr_model_hash(narrowed[0], decision) != cr_model_hash(narrowed[1], decision));
    for (size_t i = 0; i < 3; i++) { cr_model_free(narrowed[i]); }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("narrow");
    TCase *cases = tcase_create("narrowing");
    tcase_add_checked_fixture(cases, given_the_rules, drop_them);
    tcase_add_test(cases, what_is_known_of_an_object_changes_no_answer);
    tcase_add_test(cases, what_is_known_of_a_list_changes_no_answer);
    tcase_add_test(cases, narrowing_without_memory_is_an_error);
    tcase_add_test(cases, rules_that_come_to_the_same_are_found_to);
    tcase_add_test(cases, what_does_not_use_an_input_stays_when_it_changes);
    tcase_add_test(cases, a_stock_of_what_is_alike_changes_no_answer_and_no_row);
    suite_add_tcase(suite, cases);
    return run_suite(suite);
}
