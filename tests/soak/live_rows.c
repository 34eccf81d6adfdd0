/* Rows that meet each other: few firms, few documents of each, so that rows supersede
 * one another and messages find their records, before them and after them. */
#include "tests/soak/live_rows.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

const live_firm live_firms[LIVE_FIRMS] = {
    {"荆州市科纶洁静制品有限公司", "914210007308853063"},
    {"洪湖市银兴棉花贸易有限公司", "914210837326943277"},
    {"洪湖市银艳棉花贸易有限公司", "91421083732717058N"},
    {"荆州市禹顺工业设备安装有限公司", "91421000732714973F"},
    {"荆州市捷鑫运输有限公司", "91421000732730359G"},
    {"荆州市宏科自动化电气制造有限公司", "91421000784470173J"},
    {"荆州康欣医药有限公司", "91421024735231862X"},
    {"荆州市应新商贸有限公司", "91421000737146354K"},
    {"荆州市佳海建筑工程有限公司", "91421000737904127M"},
    {"中国邮政集团公司湖北省公安县毛家港支局", "91421022568345028B"},
    {"荆州市太湖农贸市场开发服务有限公司", "91421000795925364J"},
    {"荆州市天达塑化有限公司", "91421000739124220W"},
};

#define BODY "演示住房和城乡建设局,11421000MB0TE0038U"
#define SOURCE "演示公共信用信息中心,11421000MB0TE00707"

typedef struct writing {
    uint64_t *state;
    credit_date day;
    const live_firm *firm;
    const char *name; /* of the firm, as this row has it */
    char *out;
    size_t room, size;
} writing;

unsigned live_below(uint64_t *state, unsigned n)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return (unsigned)((z ^ z >> 31) % n);
}

static void say(writing *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(writing *w, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int size = vsnprintf(w->out + w->size, w->room - w->size, format, args);
    va_end(args);
    if (size > 0 && (size_t)size < w->room - w->size) { w->size += (size_t)size; }
}

static unsigned below(writing *w, unsigned n)
{
    return live_below(w->state, n);
}

static bool one_in(writing *w, unsigned n)
{
    return below(w, n) == 0;
}

typedef struct date_text {
    char text[12];
} date_text;

static date_text date(credit_date day)
{
    date_text out;
    credit_date_print(day, out.text);
    return out;
}

/* A day of the last `days`; documents keep theirs, so it comes from a few. */
static date_text ago(writing *w, unsigned days)
{
    return date(w->day - (credit_date)below(w, days));
}

/* A day that a document of the firm has by its number, long before or a little. */
static date_text day_of(writing *w, unsigned document)
{
    static const int before[] = {20, 95, 400, 800, 1200};
    (void)w;
    return date(20454 - before[document % 5]); /* 2026-01-01 */
}

/* ---- one row of each catalog ---------------------------------------------------------- */

static void penalty(writing *w)
{
    static const char *const kinds[] = {"警告", "责令停产停业", "降低资质等级", "限制从业", "罚款"};
    static const char *const breaches[] = {"转包工程", "无证经营", "虚假广告宣传"};
    unsigned number = below(w, 5), kind = below(w, 5);
    credit_date decided = w->day - (credit_date)(number * 190 + below(w, 3));
    say(w,
        "%s,法人及非法人组织,%s,测试人员,测罚〔2026〕%u号,%s,事实%u,依据,%s,%s,%s,%s,%s," BODY
        "," SOURCE "\n",
        w->name, w->firm->code, number, breaches[below(w, 3)], below(w, 2), kinds[kind],
        kinds[kind], kind == 4 ? "30.5" : "", date(decided).text, date(decided + 365).text);
}

static void serious(writing *w)
{
    unsigned number = below(w, 3), state = below(w, 8);
    const char *left = state == 0 ? "2" : "1";
    date_text listed = day_of(w, number);
    say(w,
        "%s,法人及非法人组织,%s,%s,事实,依据," BODY ",%s,%s,%s,%s,社会公开,%s,%s,%s,%s," SOURCE
        "\n",
        w->name, w->firm->code,
        number == 2 ? "SCJG,市场监督管理严重失信主体" : "AQSC,安全生产严重失信主体",
        one_in(w, 10) ? ""
        : number == 0 ? "测认〔2026〕0号"
        : number == 1 ? "测认〔2026〕1号"
                      : "测认〔2026〕2号",
        listed.text, listed.text, one_in(w, 3) ? date(w->day + (credit_date)below(w, 60)).text : "",
        left, state == 0 ? ago(w, 10).text : "", state == 0 ? "期满" : "",
        state == 0 ? "演示局" : "");
}

static void honour(writing *w)
{
    unsigned number = below(w, 2);
    bool left = one_in(w, 5);
    say(w,
        "%s,法人及非法人组织,%s,NSA,纳税信用A级纳税人,事由%u,依据,测税〔2026〕%u号,演示税务局,"
        "11421000MB0TE00894,%s,2025,%s,社会公开,%s,%s,%s," SOURCE "\n",
        w->name, w->firm->code, below(w, 3), number, day_of(w, number).text,
        date(w->day + (credit_date)below(w, 200)).text, left ? "2" : "1",
        left ? ago(w, 10).text : "", left ? "信用修复" : "");
}

static void irregular(writing *w)
{
    unsigned number = below(w, 2);
    bool left = one_in(w, 3);
    say(w, "%s,%s,未按规定期限公示年度报告,%s,测异〔2026〕%u号," BODY ",%s,%s,\n", w->name,
        w->firm->code, day_of(w, number).text, number, left ? "已补报" : "",
        left ? ago(w, 20).text : "");
}

static void promise(writing *w)
{
    static const char *const kept[] = {"全部履行", "全部未履行", "部分履行"};
    static const char *const kinds[] = {"主动型", "审批替代型", "信用修复型"};
    unsigned number = below(w, 3), how = below(w, 3);
    size_t firm = (size_t)(w->firm - live_firms);
    say(w,
        "4210002026030100%02zu%02u,%s,法人及非法人组织,%s,%s,事项,内容,责任,%s,%s,%s,%s,%s,%s," BODY
        ",可向社会公开,\n",
        firm, number, w->name, w->firm->code, kinds[number], day_of(w, number + 1).text,
        date(w->day + (credit_date)below(w, 300)).text, kept[how], how == 0 ? "" : "未付款",
        how == 0 ? "" : "追究", how == 0 ? "" : ago(w, 30).text);
}

static void grade(writing *w)
{
    static const char *const years[] = {"2023", "2024", "2025"};
    unsigned year = below(w, 3);
    const char *grades[] = {"A", "B", "C", "D"};
    say(w, "%s,%s,%s,%s,演示税务局,11421000MB0TE00894,%u-04-15,演示税务局,\n", w->name,
        w->firm->code, years[year], grades[below(w, 4)], 2024 + year - (year == 2));
}

static void registration(writing *w)
{
    static const char *const states[] = {"存续", "存续", "存续", "注销", "吊销"};
    say(w, "%s,%s,%s,地址%u,%s\n", w->name, w->firm->code,
        one_in(w, 4) ? ago(w, 400).text : "2010-05-06", below(w, 2), states[below(w, 5)]);
}

static void correction(writing *w)
{
    unsigned what = below(w, 3);
    date_text day = ago(w, 30);
    const live_firm *other = &live_firms[below(w, LIVE_FIRMS)];
    say(w, "%u,%s,%s,%s,%s,演示统一代码中心,%s,\n", what, w->firm->code,
        what == 1 ? other->code : "", w->name, day.text, day.text);
}

/* What a message is about: catalog, document, authority's code and name, list, day. */
static void subject_of_message(writing *w)
{
    unsigned number = below(w, 5);
    switch (below(w, 5)) {
    case 0:
    case 1:
        say(w, "行政处罚,测罚〔2026〕%u号,11421000MB0TE0038U,演示住房和城乡建设局,,", number);
        break;
    case 2:
        say(w, "严重失信主体名单,测认〔2026〕%u号,11421000MB0TE0038U,演示住房和城乡建设局,%s,",
            number % 3, number % 3 == 2 ? "SCJG" : "AQSC");
        break;
    case 3:
        say(w, "守信激励对象名单,测税〔2026〕%u号,11421000MB0TE00894,演示税务局,NSA,", number % 2);
        break;
    default:
        say(w, "经营异常名录,,11421000MB0TE0038U,演示住房和城乡建设局,,%s",
            day_of(w, number % 2).text);
        break;
    }
}

static void repair(writing *w)
{
    static const char *const results[] = {"准予修复", "准予修复", "不予修复", "撤销修复"};
    say(w, "%s,法人及非法人组织,%s,", w->name, w->firm->code);
    subject_of_message(w);
    say(w, ",%s,测修〔2026〕%u号,%s,理由,演示局," SOURCE ",\n", results[below(w, 4)], below(w, 4),
        ago(w, 40).text);
}

static void revocation(writing *w)
{
    static const char *const kinds[] = {"撤销", "恢复效力", "移出名单", "恢复列入"};
    say(w, "%s,法人及非法人组织,%s,", w->name, w->firm->code);
    subject_of_message(w);
    say(w, ",%s,测撤〔2026〕%u号,%s,理由,演示局," SOURCE ",\n", kinds[below(w, 4)], below(w, 4),
        ago(w, 40).text);
}

static const struct {
    void (*row)(writing *);
    const char *header;
} catalogs[] = {
    {penalty, "CF_XDR_MC,CF_XDR_LB,CF_XDR_SHXYM,CF_FRDB,CF_WSH,CF_WFXW,CF_SY,CF_YJ,CF_CFLB,CF_NR,"
              "CF_NR_FK,CF_JDRQ,CF_YXQ,CF_CFJG,CF_CFJGDM,CF_SJLY,CF_SJLYDM"},
    {penalty, "CF_XDR_MC,CF_XDR_LB,CF_XDR_SHXYM,CF_FRDB,CF_WSH,CF_WFXW,CF_SY,CF_YJ,CF_CFLB,CF_NR,"
              "CF_NR_FK,CF_JDRQ,CF_YXQ,CF_CFJG,CF_CFJGDM,CF_SJLY,CF_SJLYDM"},
    {serious, "机构全称/姓名,主体类别,统一社会信用代码,名单编码,名单名称,主要失信事实,认定依据,"
              "认定单位,认定单位统一社会信用代码,认定文号,事先告知日期,确认严重失信日期,有效期限,"
              "公开范围,当前状态,移出日期,移出原因,移出决定机关,数据来源单位,"
              "数据来源单位统一社会信用代码"},
    {honour, "机构全称/姓名,主体类别,统一社会信用代码,名单编码,名单名称,认定事由,认定依据,认定文号,"
             "认定单位,认定单位统一社会信用代码,认定日期,评价年度,有效期限,公开范围,当前状态,"
             "退出日期,退出原因,数据来源单位,数据来源单位统一社会信用代码"},
    {irregular, "企业名称,统一社会信用代码,列入原因,列入日期,列入决定文号,列入决定机关名称,"
                "列入决定机关统一社会信用代码,移出原因,移出日期,备注"},
    {promise, "承诺编码,承诺人名称,承诺人类别,承诺人代码,承诺类型,承诺事由,承诺内容,违诺责任,"
              "承诺作出日期,承诺有效期,承诺履行状态,未履行的承诺内容,违诺责任追究内容,"
              "承诺履行状态认定日期,承诺受理单位,承诺受理单位代码,公开类型,备注"},
    {grade, "NSRMC,NSRSBH,PJND,PDJB,PDDW,PDDWDM,PDRQ,SJLY,BZ"},
    {registration, "ENT_NAME,USCC,REGISTERED_ON,ADDRESS,STATUS"},
    {registration, "ENT_NAME,USCC,REGISTERED_ON,ADDRESS,STATUS"},
    {correction, "CZBZ,TYSHXYDM,XDM,MC,GZRQ,GZJG,TGRQ,BZ"},
    {repair, "XDR_MC,XDR_LB,XDR_SHXYM,YMLBM,YWSH,YJGDM,YJG,YMDBM,YLRRQ,XFJG,XFWSH,XFRQ,XFYY,XFDW,"
             "SJLY,SJLYDM,BZ"},
    {revocation, "XDR_MC,XDR_LB,XDR_SHXYM,YMLBM,YWSH,YJGDM,YJG,YMDBM,YLRRQ,BGLX,BGWSH,BGRQ,BGYY,"
                 "BGJG,SJLY,SJLYDM,BZ"},
};

size_t live_file(uint64_t *state, credit_date day, char *out, size_t room)
{
    writing w = {.state = state, .day = day, .out = out, .room = room};
    size_t catalog = below(&w, sizeof catalogs / sizeof *catalogs);
    unsigned rows = 1 + below(&w, 4);
    say(&w, "%s\n", catalogs[catalog].header);
    for (unsigned i = 0; i < rows; i++) {
        w.firm = &live_firms[below(&w, LIVE_FIRMS)];
        /* Now and then under the name of another, which makes the row wait. */
        w.name = one_in(&w, 12) ? live_firms[below(&w, LIVE_FIRMS)].name : w.firm->name;
        catalogs[catalog].row(&w);
    }
    return w.size;
}
