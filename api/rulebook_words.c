/* FEEL of a cell in words. Only forms whose meaning is whole in the words are put into
 * them; the text always stands beside. */
#include "api/rulebook.h"

#include <ctype.h>
#include <string.h>

#include "engine/text.h"

/* ---- parameters ------------------------------------------------------------------------ */

/* Behind the string that starts at `at`. */
static size_t skip_string(credit_span feel, size_t at)
{
    for (at++; at < feel.size && feel.data[at] != '"'; at++) {
        if (feel.data[at] == '\\') { at++; }
    }
    return at < feel.size ? at + 1 : feel.size;
}

/* Letters beyond ASCII are parts of names, too. */
static bool part_of_name(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '\'' || (unsigned char)c >= 0x80;
}

bool cr_words_mention(credit_span feel, credit_span parameter)
{
    static const credit_span input = {"policy.", 7};
    for (size_t at = 0; at < feel.size;) {
        if (feel.data[at] == '"') {
            at = skip_string(feel, at);
            continue;
        }
        credit_span rest = {feel.data + at, feel.size - at};
        bool begins = at == 0 || (!part_of_name(feel.data[at - 1]) && feel.data[at - 1] != '.');
        if (begins && cr_span_starts(rest, input)) {
            credit_span name = {rest.data + input.size, rest.size - input.size};
            bool same = cr_span_starts(name, parameter);
            if (same && (name.size == parameter.size || !part_of_name(name.data[parameter.size]))) {
                return true;
            }
        }
        at++;
    }
    return false;
}

static void put_parameters(cr_html *h, const cr_pack *pack, credit_span feel)
{
    for (size_t i = 0; i < pack->parameter_count; i++) {
        const cr_parameter *parameter = &pack->parameters[i];
        if (!cr_words_mention(feel, parameter->name)) { continue; }
        cr_html_markup(h, " <a class=\"now\" href=\"index.html#p-");
        cr_html_text(h, parameter->name);
        cr_html_markup(h, "\">");
        cr_html_text(h, parameter->name);
        cr_html_markup(h, " 现为 ");
        cr_html_text(h, parameter->value);
        cr_html_markup(h, "</a>");
    }
}

/* ---- literals -------------------------------------------------------------------------- */

static bool is_number(credit_span text)
{
    size_t points = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '.') {
            points++;
        } else if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
    }
    return text.size > 0 && points <= 1 && text.data[0] != '.' && text.data[text.size - 1] != '.';
}

/* What stands between NAME(" and "). */
static bool argument_of(credit_span text, credit_span head, credit_span *inner)
{
    if (!cr_span_starts(text, head) || text.size < head.size + 2) { return false; }
    *inner = (credit_span){text.data + head.size, text.size - head.size - 2};
    return memcmp(text.data + text.size - 2, "\")", 2) == 0 &&
           memchr(inner->data, '"', inner->size) == NULL;
}

/* P3Y6M is 3年6个月; what has times in it is left as it is. */
static bool put_period(cr_html *h, credit_span period)
{
    static const struct unit {
        char letter;
        const char *word;
    } units[] = {{'Y', "年"}, {'M', "个月"}, {'D', "天"}};
    char word[64] = "";
    size_t used = 0, next = 0, digits = 0;
    if (period.size < 3 || period.size > 16 || period.data[0] != 'P') { return false; }
    for (size_t i = 1; i < period.size; i++) {
        char c = period.data[i];
        if (c >= '0' && c <= '9') {
            word[used++] = c;
            digits++;
            continue;
        }
        while (next < 3 && units[next].letter != c) { next++; }
        if (next == 3 || digits == 0) { return false; }
        size_t size = strlen(units[next].word);
        memcpy(word + used, units[next++].word, size);
        used += size;
        digits = 0;
    }
    if (digits > 0) { return false; }
    cr_html_text(h, (credit_span){word, used});
    return true;
}

/* A number, a day or a period. */
static bool put_literal(cr_html *h, credit_span text)
{
    credit_span inner;
    if (argument_of(text, CR_SPAN("duration(\""), &inner)) { return put_period(h, inner); }
    if (!argument_of(text, CR_SPAN("date(\""), &inner)) {
        if (!is_number(text)) { return false; }
        inner = text;
    }
    cr_html_text(h, inner);
    return true;
}

/* ---- tests and values -------------------------------------------------------------------- */

typedef struct word {
    const char *feel, *word;
} word;

static const char *word_of(const word *words, credit_span feel)
{
    for (; words->feel != NULL; words++) {
        if (cr_span_is(feel, words->feel)) { return words->word; }
    }
    return NULL;
}

/* A comparison with a literal. */
static void put_comparison(cr_html *h, credit_span feel)
{
    /* The longer first: "<=" begins with "<". */
    static const word words[] = {{">=", "不小于 "}, {"<=", "不大于 "}, {"!=", "不等于 "},
        {">", "大于 "}, {"<", "小于 "}, {"=", "等于 "}, {NULL, NULL}};
    for (const word *w = words; w->feel != NULL; w++) {
        credit_span head = cr_span_of(w->feel);
        if (!cr_span_starts(feel, head)) { continue; }
        credit_span operand =
            cr_span_trim((credit_span){feel.data + head.size, feel.size - head.size});
        cr_html trial = CR_HTML_INIT;
        if (put_literal(&trial, operand)) {
            cr_html_markup(h, w->word);
            (void)put_literal(h, operand);
            cr_html_markup(h, " ");
        }
        cr_html_free(&trial);
        return;
    }
}

static void put_feel(cr_html *h, const cr_pack *pack, credit_span feel)
{
    cr_html_element(h, "code", NULL, feel);
    put_parameters(h, pack, feel);
}

void cr_words_test(cr_html *h, const cr_pack *pack, credit_span feel)
{
    static const word words[] = {
        {"true", "是 "}, {"false", "否 "}, {"null", "没有 "}, {"not(null)", "有 "}, {NULL, NULL}};
    credit_span text = cr_span_trim(feel);
    const char *said = word_of(words, text);
    if (said != NULL) {
        cr_html_markup(h, said);
    } else {
        put_comparison(h, text);
    }
    put_feel(h, pack, text);
}

void cr_words_value(cr_html *h, const cr_pack *pack, credit_span feel)
{
    static const word words[] = {
        {"true", "是 "}, {"false", "否 "}, {"null", "没有 "}, {NULL, NULL}};
    credit_span text = cr_span_trim(feel);
    const char *said = word_of(words, text);
    if (said != NULL) {
        cr_html_markup(h, said);
    } else if (!is_number(text) && put_literal(h, text)) {
        cr_html_markup(h, " ");
    }
    put_feel(h, pack, text);
}

void cr_words_expression(cr_html *h, const cr_pack *pack, credit_span feel)
{
    cr_html_markup(h, "<pre>");
    put_feel(h, pack, cr_span_trim(feel));
    cr_html_markup(h, "</pre>\n");
}

/* ---- hit policies -------------------------------------------------------------------------- */

const char *cr_words_policy_name(const cr_source_table *table)
{
    static const char *const names[] = {[CR_HIT_UNIQUE] = "唯一命中",
        [CR_HIT_ANY] = "结果一致",
        [CR_HIT_FIRST] = "首行命中",
        [CR_HIT_PRIORITY] = "按优先次序",
        [CR_HIT_RULE_ORDER] = "全部命中，按行排列",
        [CR_HIT_OUTPUT_ORDER] = "全部命中，按结果排列",
        [CR_HIT_COLLECT] = "全部命中"};
    return names[table->policy];
}

static const char *collected(cr_aggregation aggregation)
{
    static const char *const words[] = {
        [CR_COLLECT_LIST] = "COLLECT：符合的行全部生效，结果汇成一列，不分先后。",
        [CR_COLLECT_SUM] = "COLLECT SUM：符合的行全部生效，取结果之和。",
        [CR_COLLECT_MIN] = "COLLECT MIN：符合的行全部生效，取最小的结果。",
        [CR_COLLECT_MAX] = "COLLECT MAX：符合的行全部生效，取最大的结果。",
        [CR_COLLECT_COUNT] = "COLLECT COUNT：结果是符合的行数。"};
    return words[aggregation];
}

const char *cr_words_policy(const cr_source_table *table)
{
    static const char *const words[] = {
        [CR_HIT_UNIQUE] = "UNIQUE：任何情形至多一行符合；有两行符合就没有结果，是规则的错误。",
        [CR_HIT_ANY] = "ANY：可以有几行符合，但它们的结果必须相同，否则没有结果。",
        [CR_HIT_FIRST] = "FIRST：自上而下，第一行各项条件都符合的生效，其余不再看。",
        [CR_HIT_PRIORITY] = "PRIORITY：几行符合时，取结果在“可取的值”中排在最前的一行。",
        [CR_HIT_RULE_ORDER] = "RULE ORDER：符合的行全部生效，结果按行的先后排列。",
        [CR_HIT_OUTPUT_ORDER] = "OUTPUT ORDER：符合的行全部生效，结果按“可取的值”的先后排列。"};
    return table->policy == CR_HIT_COLLECT ? collected(table->aggregation) : words[table->policy];
}
