/* The reference workload: administrative penalties as departments send them.
 *
 * workload ROWS [SEED [BAD [FIRST COUNT]]]: a 30-column CSV on standard output, about
 * 700 bytes a row, every code valid, ROWS/4 companies with a long tail (the busiest
 * has some thousands of rows). BAD per million rows have a wrong check
 * character. FIRST COUNT: only so many of the rows, from row FIRST (1 is the first) on.
 * The same arguments give the same bytes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

static uint64_t next(void)
{
    state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = state;
    z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
    return z ^ z >> 31;
}

static unsigned below(unsigned n)
{
    return (unsigned)(next() % n);
}

static const char *pick(const char *const *words)
{
    unsigned count = 0;
    while (words[count] != NULL) { count++; }
    return words[below(count)];
}

static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";

static unsigned value31(char c)
{
    return (unsigned)(strchr(alphabet, c) - alphabet);
}

/* Completes a code whose first 16 characters are set: organisation check, then
 * the code's own. basis: GB 11714, GB 32100 */
static void complete_code(char code[19])
{
    static const unsigned organisation[8] = {3, 7, 9, 10, 5, 8, 4, 2};
    unsigned sum = 0, weight = 1;
    for (unsigned i = 0; i < 8; i++) {
        char c = code[8 + i];
        sum += organisation[i] * (c <= '9' ? (unsigned)(c - '0') : (unsigned)(c - 'A' + 10));
    }
    code[16] = "0X987654321"[sum % 11];
    sum = 0;
    for (unsigned i = 0; i < 17; i++) {
        sum += value31(code[i]) * weight;
        weight = weight * 3 % 31;
    }
    code[17] = alphabet[(31 - sum % 31) % 31];
    code[18] = '\0';
}

static void company_code(uint64_t index, char code[19])
{
    static const char *const regions[] = {
        "421002", "421003", "421022", "421024", "421081", "421083"};
    uint64_t serial = (index * 385622749u + 7919u) % 887503681u; /* 31^6, so that none repeats */
    memcpy(code, "91", 2);
    memcpy(code + 2, regions[index * 7 % 10 < 6 ? 0 : index % 6], 6);
    memcpy(code + 8, "MA", 2);
    for (unsigned i = 15; i >= 10; i--) {
        code[i] = alphabet[serial % 31];
        serial /= 31;
    }
    complete_code(code);
}

static void authority_code(unsigned index, char code[19])
{
    snprintf(code, 19, "11421000MB%06u", 100000 + index);
    complete_code(code);
}

static const char *const cities[] = {
    "荆州市", "荆州", "湖北", "沙市区", "江汉", "江陵县", "松滋市", "石首市", "洪湖市", NULL};
static const char *const syllables[] = {"华", "盛", "鑫", "源", "达", "隆", "兴", "泰", "安", "瑞",
    "丰", "恒", "宏", "利", "顺", "康", "诚", "信", "通", "联", "创", "新", "美", "天", "江", "楚",
    "金", "云", "龙", "明", "远", "飞", "腾", "凯", "祥", "福", NULL};
static const char *const trades[] = {"建筑工程", "商贸", "食品", "物流", "医药", "机械制造",
    "电子科技", "餐饮管理", "农业开发", "化工", "物业服务", "信息技术", "运输", "环保科技", "劳务",
    NULL};
static const char *const forms[] = {"有限公司", "有限责任公司", "股份有限公司", "合作社", NULL};
static const char *const surnames[] = {
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", NULL};
static const char *const authorities[] = {"荆州市市场监督管理局", "荆州市生态环境局",
    "荆州市应急管理局", "荆州市住房和城乡建设局", "荆州市交通运输局", "国家税务总局荆州市税务局",
    "荆州市城市管理执法委员会", "荆州市卫生健康委员会", "荆州市文化和旅游局",
    "荆州市人力资源和社会保障局", "荆州市消防救援支队", "荆州市水利和湖泊局"};
static const char *const violations[] = {"未按规定公示年度报告", "销售不符合食品安全标准的食品",
    "违法排放水污染物", "未取得施工许可证擅自施工", "超限运输", "安全生产隐患未及时整改",
    "虚假广告宣传", "未按期申报纳税", "无证经营", "擅自占用城市道路", "消防设施未保持完好有效",
    NULL};
static const char *const laws[] = {"《中华人民共和国食品安全法》第一百二十四条第一款",
    "《中华人民共和国水污染防治法》第八十三条", "《中华人民共和国安全生产法》第一百零二条",
    "《建设工程质量管理条例》第五十七条", "《中华人民共和国道路运输条例》第六十三条", NULL};
static const char *const findings[] = {"执法人员在日常检查中发现", "经群众举报并现场核实",
    "根据上级机关交办线索调查", "在双随机一公开抽查中发现", NULL};
static const char *const details[] = {"当事人未能提供有效的许可证明文件且在限期内未改正",
    "当事人货值金额较小且主动消除危害后果", "当事人上述行为已持续三个月以上并造成一定社会影响",
    "当事人积极配合调查如实陈述违法事实并提供证据材料", NULL};
static const char *const orders[] = {
    "责令改正违法行为", "给予警告", "责令限期改正并处以罚款", "没收违法所得并处以罚款", NULL};

/* Kinds, and which of the dependent columns each fills. */
static const struct {
    const char *word;
    int fine, forfeit, licence;
} kinds[] = {{"警告", 0, 0, 0}, {"罚款", 1, 0, 0}, {"罚款", 1, 0, 0}, {"罚款", 1, 0, 0},
    {"通报批评", 0, 0, 0}, {"没收违法所得", 0, 1, 0}, {"没收违法所得、没收非法财物", 0, 1, 0},
    {"责令停产停业", 0, 0, 0}, {"暂扣许可证件", 0, 0, 1}, {"吊销许可证件", 0, 0, 1},
    {"限制从业", 0, 0, 0}};

/* A day between 2018 and 2026, always real, never after the 28th of a month. */
static void print_day(unsigned day, char out[16])
{
    unsigned year = 2018 + day / 336, month = day % 336 / 28 + 1, number = day % 28 + 1;
    snprintf(out, 16, "%04u/%02u/%02u", year % 10000, month % 100, number % 100);
}

static void print_facts(const char *company, const char *violation, char *out, size_t size)
{
    unsigned chance = below(10000);
    const char *finding = pick(findings), *detail = pick(details);
    const char *tail = "其行为违反了相关法律法规规定，事实清楚、证据确凿。";
    if (chance < 5) { /* an embedded line end */
        snprintf(out, size, "\"%s，当事人“%s”存在%s行为。\n%s，%s\"", finding, company, violation,
            detail, tail);
    } else if (chance < 300) { /* quotes and commas */
        snprintf(out, size, "\"%s,当事人\"\"%s\"\"存在%s行为,%s，%s\"", finding, company, violation,
            detail, tail);
    } else {
        snprintf(
            out, size, "%s，当事人%s存在%s行为，%s，%s", finding, company, violation, detail, tail);
    }
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: workload ROWS [SEED [BAD [FIRST COUNT]]]\n");
        return 2;
    }
    uint64_t rows = strtoull(argv[1], NULL, 10), seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    uint64_t bad = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    uint64_t first = argc > 5 ? strtoull(argv[4], NULL, 10) - 1 : 0;
    uint64_t end = argc > 5 ? first + strtoull(argv[5], NULL, 10) : rows;
    uint64_t companies = rows / 4 == 0 ? 1 : rows / 4;
    static char buffer[1 << 20];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer);
    puts("CF_XDR_MC,CF_XDR_LB,CF_XDR_SHXYM,CF_XDR_GSZC,CF_XDR_ZZJG,CF_XDR_SWDJ,CF_XDR_SYDW,"
         "CF_XDR_SHZZ,CF_FRDB,CF_FR_ZJLX,CF_FR_ZJHM,CF_XDR_ZJLX,CF_XDR_ZJHM,CF_WSH,CF_WFXW,CF_SY,"
         "CF_YJ,CF_CFLB,CF_NR,CF_NR_FK,CF_NR_WFFF,CF_NR_ZKDX,CF_JDRQ,CF_YXQ,CF_GSJZQ,CF_CFJG,"
         "CF_CFJGDM,CF_SJLY,CF_SJLYDM,BZ");
    for (uint64_t i = first; i < end; i++) {
        char code[19], authority[19], company[256], person[64], facts[1024];
        char decided[16], until[16], fine[24] = "", forfeit[24] = "", licence[64] = "";
        state = seed * 0x1234567u;
        state += i * UINT64_C(0x632BE59BD9B4E019);
        double u = (double)(next() >> 11) / 9007199254740992.0;
        uint64_t who = (uint64_t)(u * u * (double)companies);
        uint64_t row_state = state;
        state = seed * 31 + who * UINT64_C(0x2545F4914F6CDD1D);
        snprintf(company, sizeof company, "%s%s%s%s%s", pick(cities), pick(syllables),
            pick(syllables), pick(trades), pick(forms));
        snprintf(person, sizeof person, "%s%s", pick(surnames), pick(syllables));
        state = row_state;
        company_code(who, code);
        if (bad != 0 && next() % 1000000 < bad) { code[17] = code[17] == '0' ? '1' : '0'; }
        unsigned office = below(sizeof authorities / sizeof *authorities);
        authority_code(office, authority);
        unsigned day = below(2920), kind = below(sizeof kinds / sizeof *kinds);
        print_day(day, decided);
        print_day(day + 336, until);
        const char *violation = pick(violations);
        print_facts(company, violation, facts, sizeof facts);
        unsigned amount = below(200000) + 1;
        if (kinds[kind].fine) {
            snprintf(fine, sizeof fine, "%u.%02u", amount / 10000, amount / 100 % 100 + 1);
        }
        if (kinds[kind].forfeit) {
            snprintf(forfeit, sizeof forfeit, "%u.%02u", below(50), 1 + below(99));
        }
        if (kinds[kind].licence) {
            snprintf(licence, sizeof licence, "经营许可证 JZ%08" PRIu64, i + 1);
        }
        printf("%s,法人及非法人组织,%s,,%.8s%c,,,,%s,,,,,荆%s罚〔%.4s〕%" PRIu64
               "号,%s,%s,%s,%s,%s,%s,%s,%s,%s,%s,,%s,%s,%s,%s,\n",
            company, code, code + 8, code[16], person, office % 3 == 0 ? "综执" : "市监", decided,
            i + 1, violation, facts, pick(laws), kinds[kind].word, pick(orders), fine, forfeit,
            licence, decided, until, authorities[office], authority, authorities[office],
            authority);
    }
    return ferror(stdout) ? 1 : 0;
}
