/* The checks of a catalog as sentences for people, one a kind. */
#include "api/catalog_page.h"
#include "engine/text.h"

static void say(cr_html *h, const char *text)
{
    cr_html_markup(h, text);
}

void cr_page_column(cr_html *h, const cr_catalog *catalog, int field)
{
    const cr_field *def = &catalog->fields[field];
    cr_html_text(h, def->title);
    say(h, " ");
    cr_html_element(h, "code", NULL, def->code);
}

void cr_page_severity(cr_html *h, cr_severity severity)
{
    say(h, severity == CR_WARNING ? "提示" : "退回");
}

/* “a”、“b” */
static void put_words(cr_html *h, const credit_span *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        say(h, i > 0 ? "、“" : "“");
        cr_html_text(h, words[i]);
        say(h, "”");
    }
}

/* ---- conditions ------------------------------------------------------------------- */

static void put_kinds(cr_html *h, const cr_codeset *set, uint32_t kinds)
{
    bool first = true;
    for (size_t i = 0; set != NULL && i < set->code_count; i++) {
        if ((kinds & UINT32_C(1) << (set->codes[i].number & 31)) == 0) { continue; }
        if (!first) { say(h, "、"); }
        put_words(h, &set->codes[i].word, 1);
        first = false;
    }
}

static void put_condition(cr_html *h, const cr_catalog *catalog, const cr_condition *condition)
{
    cr_page_column(h, catalog, condition->field);
    switch (condition->kind) {
    case CR_WHEN_BLANK:
        say(h, " 没有填");
        break;
    case CR_WHEN_NOT_BLANK:
        say(h, " 填了");
        break;
    case CR_WHEN_IN:
        say(h, " 是");
        put_words(h, condition->words, condition->count);
        break;
    case CR_WHEN_HAS:
        say(h, " 含有");
        put_kinds(h, catalog->fields[condition->field].codes, condition->kinds);
        break;
    }
}

static void put_conditions(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    for (size_t i = 0; i < check->when_count; i++) {
        if (i > 0) { say(h, "，并且 "); }
        put_condition(h, catalog, &check->when[i]);
    }
    if (check->when_count == 0) { say(h, "一律"); }
}

/* ---- kinds ------------------------------------------------------------------------- */

static void say_required(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    (void)catalog;
    (void)check;
    say(h, "必须填写");
}

static void say_empty(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    (void)catalog;
    (void)check;
    say(h, "必须空着");
}

static void say_identifier(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    static const char *const numbers[CR_ID_CLASSES] = {[CR_ID_CLASS_USCC] = "统一社会信用代码",
        [CR_ID_CLASS_ORG_CODE] = "组织机构代码",
        [CR_ID_CLASS_REG_NO] = "工商注册号",
        [CR_ID_CLASS_ANY_ORGANISATION] = "单位的代码",
        [CR_ID_CLASS_PERSONAL] = "自然人的证件号码"};
    say(h, "必须是校验无误的");
    say(h, numbers[check->id]);
    if (check->other >= 0) {
        say(h, "，种类以 ");
        cr_page_column(h, catalog, check->other);
        say(h, " 为准");
    }
    if (check->placeholder != CR_CLEAN) {
        say(h, "；只为占位的代码：");
        cr_page_severity(h, check->placeholder);
    }
}

static void say_prefix(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    (void)catalog;
    say(h, check->negated ? "不得以" : "必须以");
    put_words(h, check->words, check->word_count);
    say(h, "开头");
}

static void say_order(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    say(h, check->strict ? "必须早于 " : "不得晚于 ");
    cr_page_column(h, catalog, check->other);
}

static void say_not_past(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    (void)catalog;
    (void)check;
    say(h, "不得早于录入之日");
}

static void say_kind_amount(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    (void)catalog;
    say(h, "类别含有");
    put_words(h, check->words, check->word_count);
    say(h, "之一的，金额必须大于 0；都没有的，不得有金额");
}

static void say_kind_text(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    (void)catalog;
    say(h, "类别含有");
    put_words(h, check->words, check->word_count);
    say(h, "之一的，必须填写；都没有的，必须空着");
}

static void say_amount_text(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    say(h, "其中写明的金额与 ");
    cr_page_column(h, catalog, check->other);
    say(h, " 不得相差一万倍（把元填进了万元的列）");
}

static void say_characters(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    (void)catalog;
    say(h, "不得有控制字符、网页标签、表情符号和多余的单引号");
    if (check->cleans) { say(h, "；控制字符换成空格后保留"); }
}

static void say_punctuation(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    (void)catalog;
    say(h, "不得以标点开头或者结尾，不得只有一个字");
    if (check->word_count > 0) {
        say(h, "，不得就是");
        put_words(h, check->words, check->word_count);
    }
}

static void say_no_personal_number(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    (void)catalog;
    (void)check;
    say(h, "不得含有居民身份证号码");
}

static void say_code_date(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    say(h, "第 ");
    cr_html_integer(h, check->at + 1);
    say(h, " 位起的八位日期必须是 ");
    cr_page_column(h, catalog, check->other);
}

static void say_code_region(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    say(h, "第 ");
    cr_html_integer(h, check->at + 1);
    say(h, " 位起的六位必须是在 ");
    cr_page_column(h, catalog, check->other);
    say(h, " 当年有效的行政区划代码");
}

static void say_contains(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    (void)catalog;
    say(h, "必须含有");
    put_words(h, check->words, check->word_count);
    say(h, check->word_count > 1 ? "之一" : "");
}

static void say_within(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    (void)catalog;
    say(h, "以分号隔开的各项必须都是");
    put_words(h, check->words, check->word_count);
    say(h, "之一");
}

static void say_age(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    say(h, "证件号码中的出生日期，到 ");
    cr_page_column(h, catalog, check->other);
    say(h, " 必须已满 ");
    cr_html_integer(h, check->at);
    say(h, " 周岁");
}

static void say_needs_earlier(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    (void)catalog;
    say(h, "是");
    put_words(h, check->words, check->word_count);
    say(h, "的，先要有同一主键的记录");
    say(h, check->severity == CR_ERROR ? "，没有的等待处理" : "");
}

static void say_pattern(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    (void)catalog;
    say(h, "整个值必须符合格式 ");
    cr_html_element(h, "code", NULL, check->words[0]);
}

static void (*const sentences[CR_CHECK_KINDS])(cr_html *, const cr_catalog *, const cr_check *) = {
    [CR_CHECK_REQUIRED] = say_required,
    [CR_CHECK_EMPTY] = say_empty,
    [CR_CHECK_IDENTIFIER] = say_identifier,
    [CR_CHECK_PREFIX] = say_prefix,
    [CR_CHECK_ORDER] = say_order,
    [CR_CHECK_NOT_PAST] = say_not_past,
    [CR_CHECK_KIND_AMOUNT] = say_kind_amount,
    [CR_CHECK_KIND_TEXT] = say_kind_text,
    [CR_CHECK_AMOUNT_TEXT] = say_amount_text,
    [CR_CHECK_CHARACTERS] = say_characters,
    [CR_CHECK_PUNCTUATION] = say_punctuation,
    [CR_CHECK_NO_PERSONAL_NUMBER] = say_no_personal_number,
    [CR_CHECK_CODE_DATE] = say_code_date,
    [CR_CHECK_CODE_REGION] = say_code_region,
    [CR_CHECK_STATUS_NEEDS_EARLIER] = say_needs_earlier,
    [CR_CHECK_CONTAINS] = say_contains,
    [CR_CHECK_WITHIN] = say_within,
    [CR_CHECK_AGE] = say_age,
    [CR_CHECK_PATTERN] = say_pattern,
};

static void put_fields(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    for (size_t i = 0; i < check->field_count; i++) {
        if (i > 0) { say(h, "<br>"); }
        cr_page_column(h, catalog, check->fields[i]);
    }
}

static void begin_row(cr_html *h, const char *mark, credit_span rule, cr_severity severity)
{
    say(h, mark);
    cr_html_text(h, rule);
    say(h, "</td><td>");
    cr_page_severity(h, severity);
    say(h, "</td><td>");
}

void cr_page_check(cr_html *h, const cr_catalog *catalog, const cr_check *check)
{
    begin_row(h, "<tr class=\"check\"><td>", cr_span_of(check->rule), check->severity);
    put_fields(h, catalog, check);
    say(h, "</td><td>");
    sentences[check->kind](h, catalog, check);
    say(h, "</td><td>");
    put_conditions(h, catalog, check);
    say(h, "</td></tr>\n");
}

/* ---- what every column brings with it ------------------------------------------------ */

typedef bool column_test(const cr_field *field);

static bool is_required(const cr_field *field)
{
    return field->required;
}
static bool is_category(const cr_field *field)
{
    return field->role == CR_ROLE_SUBJECT_CATEGORY;
}
static bool is_date(const cr_field *field)
{
    return field->type == CR_FIELD_DATE;
}
static bool is_year(const cr_field *field)
{
    return field->type == CR_FIELD_YEAR;
}
static bool is_decision(const cr_field *field)
{
    return field->role == CR_ROLE_DECIDED_ON;
}
static bool is_number(const cr_field *field)
{
    return field->type == CR_FIELD_NUMBER;
}
static bool is_coded(const cr_field *field)
{
    return field->codes != NULL && !is_category(field);
}
static bool is_bounded(const cr_field *field)
{
    return field->length_max > 0;
}

static bool is_organisations(const cr_field *field)
{
    return field->role == CR_ROLE_SUBJECT_USCC || field->role == CR_ROLE_SUBJECT_REG_NO ||
           field->role == CR_ROLE_SUBJECT_ORG_CODE || field->role == CR_ROLE_SUBJECT_ANY_NO;
}

static bool is_persons(const cr_field *field)
{
    return field->role == CR_ROLE_SUBJECT_ID_NO || field->role == CR_ROLE_SUBJECT_ANY_NO;
}

/* The rules of cr_row_check and cr_row_judge_subject that no pack names. */
static const struct {
    const char *rule;
    cr_severity severity;
    column_test *picks;
    const char *sentence;
} own[] = {
    {"V01", CR_ERROR, is_required, "必须填写"},
    {"V02", CR_ERROR, is_required, "“无”“/”等词等于没有填"},
    {"V03", CR_ERROR, is_category, "必须是所列的类别之一"},
    {"V04", CR_ERROR, is_organisations, "单位的号码，校验必须无误"},
    {"V06", CR_ERROR, is_persons, "自然人的证件种类和号码，校验必须无误"},
    {"V09", CR_ERROR, is_date, "必须是真实的日期：2026-04-01、2026/04/01、20260401、2026年4月1日"},
    {"V09", CR_ERROR, is_year, "必须是年份：2025、2025年、2025年度"},
    {"V10", CR_ERROR, is_date, "不得是表格软件的日期序号或者代表空值的日期"},
    {"V11", CR_ERROR, is_decision, "不得晚于录入之日，不得过早，不得是长期"},
    {"V13", CR_ERROR, is_date, "不得晚于代表长期的日期；疑似代表长期的日期只提示"},
    {"V15", CR_ERROR, is_number, "必须是非负数，不带千分位逗号和单位，小数不超过所列位数"},
    {"V18", CR_ERROR, is_coded, "必须是所列的词"},
    {"V19", CR_ERROR, is_bounded, "不得超过所列的字数"},
};

static void put_picked(cr_html *h, const cr_catalog *catalog, column_test *picks)
{
    bool first = true;
    for (size_t i = 0; i < catalog->field_count; i++) {
        if (!picks(&catalog->fields[i])) { continue; }
        if (!first) { say(h, "、"); }
        cr_html_element(h, "code", NULL, catalog->fields[i].code);
        first = false;
    }
}

static bool picks_any(const cr_catalog *catalog, column_test *picks)
{
    for (size_t i = 0; i < catalog->field_count; i++) {
        if (picks(&catalog->fields[i])) { return true; }
    }
    return false;
}

void cr_page_own_checks(cr_html *h, const cr_catalog *catalog)
{
    for (size_t i = 0; i < sizeof own / sizeof *own; i++) {
        if (!picks_any(catalog, own[i].picks)) { continue; }
        begin_row(h, "<tr><td>", cr_span_of(own[i].rule), own[i].severity);
        put_picked(h, catalog, own[i].picks);
        say(h, "</td><td>");
        say(h, own[i].sentence);
        say(h, "</td><td>一律</td></tr>\n");
    }
}
