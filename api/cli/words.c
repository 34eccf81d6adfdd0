/* Labels in the reader's language. JSON keys are looked up as they are, so that
 * a document is labelled without knowing its shape. Words of the law, of lists
 * and of rules come with the data and are never translated here. */
#include "api/cli/cmd.h"

#include <string.h>

/* clang-format off */
static const struct {
    const char *key, *english, *chinese;
} words[] = {
    /* decisions and tiers */
    {"eligible", "eligible", "可以适用"},
    {"eligible_in_part", "eligible, in part", "部分适用"},
    {"ineligible", "not eligible", "不适用"},
    {"review", "review needed", "需人工核实"},
    {"as_of", "as of", "截至"},
    {"pack", "pack", "政策包"},
    {"tier", "tier", "等级"},
    {"tier_open", "open", "待定"},
    {"inspection", "inspection", "监管建议"},
    {"clears_on", "clears on", "自动解除日期"},
    {"never_clears", "does not clear by itself", "不会自动解除"},
    {"evidence", "rests on", "依据记录"},
    {"basis", "basis", "法律依据"},
    {"why_not", "what would turn this, any one line", "怎样可以改变(任选一行)"},
    {"better_tier", "a better tier", "更好的等级"},
    {"unspoken", "does not apply:", "未适用:"}, {"wanted", "wanted", "须为"},
    {"expression", "expression", "所看"}, {"inputs", "looked at", "所看各项"},
    {"change_registered", "register entry, in force", "补登记信息(存续)"},
    {"change_status", "register status known, in force", "查明登记状态(存续)"},
    {"change_covered", "no more records, catalog complete:", "查明没有其他记录:"},
    {"change_confirmed", "class confirmed:", "复核确认类别:"},
    {"change_repaired", "repaired:", "修复:"},
    {"change_removed", "removed by its body:", "由认定单位移出:"},
    {"possible_from", "possible from", "最早日期"}, {"sets_in_all", "in all", "同样少的共"},
    {"no_change_helps", "no change helps", "没有可行的变化"},
    {"no_change_found", "none found; not all could be tried", "未找到;未能全部试算"},
    {"maybe_smaller", "fewer changes may do; not all could be tried", "可能还有更少的变化;未能全部试算"},
    {"time_turns", "by time alone on", "不作任何变化,至此日改变:"},
    {"time_never", "never by time alone", "不会随时间改变"},
    {"unknown_subject", "the store knows nothing of", "库中没有该主体:"},
    /* subjects, records, listings */
    {"subject", "subject", "主体"}, {"id", "id", "代码"}, {"id_type", "id type", "代码类型"},
    {"name", "name", "名称"}, {"kind", "kind", "类别"}, {"identity", "identity", "基本信息"},
    {"sections", "sections", "信用信息"}, {"section", "section", "栏目"},
    {"records", "records", "记录"}, {"record", "record", "记录"}, {"catalog", "catalog", "目录"},
    {"listings", "listings", "名单"}, {"list", "list", "名单"}, {"code", "code", "编码"},
    {"domain", "domain", "领域"}, {"listed_on", "listed on", "列入日期"},
    {"until", "until", "有效期至"}, {"document_no", "document", "文号"},
    {"authority", "authority", "机关"}, {"decided_on", "decided on", "决定日期"},
    {"reasons", "reasons", "理由"}, {"rule", "rule", "规则"}, {"outcome", "outcome", "结果"},
    {"text", "text", "说明"}, {"grants", "grants", "便利措施"}, {"grant", "grant", "措施"},
    {"given", "given", "给予"}, {"matter", "matter", "事项"}, {"decision", "decision", "结论"},
    {"green_channel", "green channel", "绿色通道"}, {"tags", "tags", "标签"},
    {"on", "on", "日期"}, {"change", "change", "变化"}, {"next_change", "next change", "下次变化"},
    {"from", "from", "原"}, {"to", "to", "现"}, {"title", "title", "标题"},
    {"joined_by", "joined by", "归集依据"}, {"former_name", "former name", "曾用名"},
    {"other_number", "other number", "其他号码"}, {"status", "status", "状态"}, {"values", "values", "内容"}, {"fields", "fields", "字段"},
    {"entered", "entered", "列入"}, {"left", "left", "移出"}, {"none", "none", "无"},
    /* import */
    {"file", "file", "文件"}, {"files", "files", "文件"}, {"rows", "rows", "行"},
    {"added", "added", "新增"}, {"updated", "updated", "更新"},
    {"unchanged", "unchanged", "未变"}, {"withdrawn", "withdrawn", "撤销"},
    {"parked", "parked", "待定"}, {"rejected", "rejected", "退回"},
    {"went_in", "rows that waited went in", "此前待定的行现已收下"},
    {"accepted", "accepted", "可收"}, {"waiting", "waiting", "仍待定"},
    {"severity", "severity", "程度"}, {"warnings", "warnings", "警告"}, {"late", "late", "逾期报送"},
    {"late_unknown", "lateness unknown", "是否逾期不明"}, {"batch", "batch", "批次"},
    {"batches", "batches", "批次"}, {"subjects", "subjects", "主体"},
    {"entered_lists", "entered lists", "列入名单"}, {"left_lists", "left lists", "移出名单"},
    {"tiers_changed", "tiers changed", "等级变化"},
    {"known_file", "is in already, nothing to do", "已经导入,无需处理"},
    {"dry_run", "dry run, nothing was changed", "试运行,未作任何改动"},
    {"seconds", "seconds", "秒"}, {"encoding", "encoding", "编码"}, {"sha256", "SHA-256", "SHA-256"},
    {"at", "at", "时间"}, {"known_at", "known at", "入库时间"}, {"row", "row", "行"},
    {"line", "line", "行号"}, {"field", "field", "字段"}, {"message", "message", "说明"},
    {"interrupted", "interrupted, nothing was kept", "已中断,未保留任何内容"},
    /* exchange */
    {"package", "package", "数据包"}, {"packages", "packages", "数据包"},
    {"receipt", "receipt", "回执"}, {"stream", "stream", "交换流"}, {"sent", "sent", "已报送"},
    {"open", "open", "未回执"}, {"withheld", "withheld", "不再提供"},
    {"first", "first", "起始编号"}, {"last", "last", "终止编号"},
    {"unanswered", "packages without a receipt", "未收到回执的数据包"},
    {"rejections", "rejected", "退回明细"}, {"lost", "told again in part", "不能完整补发的数据包"},
    {"taken", "packages taken", "已接收的数据包"}, {"source", "source", "数据来源单位"},
    {"day", "day", "日期"}, {"lines", "by catalog, source and day", "按目录、来源、日期"},
    {"feed_none", "nothing has changed that may leave: no package", "没有可报送的变化,未生成数据包"},
    {"feed_no_news", "was known", "已登记过"},
    /* packs */
    {"draft", "draft", "草案"}, {"rehearsed", "rehearsed", "试运行"},
    {"changed", "subjects that change", "个主体有变化"}, {"changes", "changes", "项变化"},
    {"tiers", "tiers", "等级"}, {"lists", "lists", "名单"}, {"matters", "matters", "事项"},
    {"departments", "by department", "按数据来源单位"}, {"regions", "by region", "按地区"},
    {"department", "department", "单位"}, {"region", "region", "地区"},
    {"before", "before", "现行"}, {"after", "after", "草案"},
    {"in_force", "in force", "现行"}, {"in_force_from", "in force from", "施行日期"},
    {"activated_at", "activated", "启用时间"}, {"forced", "forced", "强制启用"},
    {"findings", "findings of lint", "项检查问题"}, {"judged_again", "judged again", "个主体重新评价"},
    {"acts", "in force", "施行"}, {"tables", "tables", "决策表"},
    {"hit_policy", "hit policy", "命中策略"}, {"inputs", "inputs", "输入"},
    {"outputs", "outputs", "输出"}, {"when", "when", "条件"}, {"then", "then", "结果"},
    /* stores, keys, reports */
    {"store", "store", "信用库"}, {"suite", "suite", "签名套件"}, {"version", "version", "版本"},
    {"catalogs", "catalogs", "目录"}, {"decisions", "decisions", "决策表"},
    {"key", "key", "密钥"}, {"key_id", "key", "密钥"}, {"valid_from", "valid from", "有效期自"},
    {"valid_to", "valid to", "有效期至"}, {"bytes", "bytes", "字节"}, {"index", "index", "索引"},
    {"segments", "segments", "数据段"}, {"total", "total", "合计"},
    {"last_commit", "last commit", "最近提交"}, {"number", "number", "编号"},
    {"versions", "versions", "版本数"}, {"faults", "faults", "错误"},
    {"checked", "checked", "已核对"}, {"sound", "sound", "完好"}, {"report", "report", "报告"},
    {"scope", "scope", "范围"}, {"issued_at", "issued at", "出具时间"},
    {"signature", "signature", "签名"}, {"chain", "chain", "证书链"}, {"digest", "content", "内容"},
    {"timestamp", "time stamp", "时间戳"}, {"completeness", "completeness", "完整性"},
    {"checkpoint", "checkpoint", "检查点"}, {"ok", "ok", "通过"}, {"bad", "bad", "不符"},
    {"absent", "absent", "无"}, {"verified", "verified", "验证通过"},
    {"not_verified", "not verified", "验证未通过"}, {"trust", "trust", "信任依据"},
    {"signer", "signer", "签发者"}, {"revoked", "revoked", "已吊销"},
    {"revoked_at", "revoked", "吊销时间"}, {"reason", "reason", "原因"}, {"role", "role", "用途"},
    {"written", "written", "已写出"}, {"columns", "columns", "栏目"}, {"type", "type", "类型"},
    {"required", "required", "必填"}, {"aliases", "aliases", "别名"}, {"rules", "rules", "规则"},
    {"value", "value", "值"}, {"matched", "matched", "命中行"}, {"errors", "errors", "错误"},
    {"error", "error", "错误"}, {"warning", "warning", "警告"}, {"note", "note", "说明"},
    {"true", "yes", "是"}, {"false", "no", "否"}, {"null", "–", "–"},
    {"changes_none", "nothing has changed", "没有变化"},
    /* progress and what to do */
    {"hint_no_store", "make one with `credit init`, or name it with --store DIR",
        "请用 `credit init` 新建,或用 --store DIR 指定"},
    {"hint_header", "name one with --catalog NAME; `credit catalog list` shows them",
        "请用 --catalog NAME 指定目录;`credit catalog list` 可列出目录"},
    {"hint_format", "nothing was changed", "未作任何改动"},
    {"hint_corrupt", "`credit fsck` says what is damaged", "`credit fsck` 可查明损坏之处"},
    {"hint_full", "make room and run it again; the store is as it was before",
        "请腾出空间后重试;信用库保持原样"},
    {"hint_rejected", "correct the rejects file and import that", "请改正退回文件后重新导入"},
    {"hint_key", "nothing was changed", "未作任何改动"},
    {"hint_bug", "this is a mistake of ours: please report it", "这是程序的错误,请反馈"},
};
/* clang-format on */

const char *cli_word(const struct cli *cli, const char *key)
{
    static char plain[64];
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].key, key) == 0) {
            return cli->chinese ? words[i].chinese : words[i].english;
        }
    }
    if (strlen(key) >= sizeof plain) { return key; }
    for (size_t i = 0; i <= strlen(key); i++) { plain[i] = key[i] == '_' ? ' ' : key[i]; }
    return plain;
}
