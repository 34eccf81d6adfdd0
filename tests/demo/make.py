#!/usr/bin/env python3
"""Makes the demonstration data beside this file; the same bytes every time.

    make.py                       the made files, from register.csv
    make.py --register FULL.csv   first the excerpt register.csv itself

register.csv and permits_site.csv are real and public (see README.md). All the
other files are invented: every row of them says so in its remark, and every
document number and authority begins with 演示. Python's standard library only.
"""
import csv
import io
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
REMARK = "演示数据，不是真实记录（made for demonstration）"
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
EVERY_NTH = 20  # about 290 of 5,692 rows
ORGANISATION = "法人及非法人组织"


# ---- identifiers -----------------------------------------------------------

def check_character(code):
    """Of a unified code; GB 32100-2015."""
    total = sum(ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
    return ALPHABET[(31 - total % 31) % 31]


def organisation_check(code):
    """Of an organisation code; GB 11714-1997."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(c) * w for c, w in zip(code, weights))
    return {10: "X", 11: "0"}.get(11 - total % 11, str(11 - total % 11))


def authority_code(number):
    """An invented public body of Jingzhou with both check characters right."""
    body = f"MB0TE{number:03d}"
    code = "11421000" + body + organisation_check(body)
    return code + check_character(code)


def is_valid(code):
    return (len(code) == 18 and all(c in ALPHABET for c in code)
            and code[17] == check_character(code))


# ---- files -------------------------------------------------------------------

def read(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(name, columns, rows, encoding="utf-8"):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row.get(column, "") for column in columns] for row in rows)
    (HERE / name).write_bytes(text.getvalue().encode(encoding))


def write_excerpt(full):
    """Every n-th row, and every row whose code is wrong or in lower case."""
    lines = open(full, encoding="utf-8-sig", newline="").read().split("\n")
    rows = list(csv.reader(lines))
    kept = [lines[0]]
    for i, row in enumerate(rows[1:], 1):
        code = row[1] if len(row) > 1 else ""
        odd = code and (not is_valid(code.upper()) or code != code.upper())
        if code and (odd or i % EVERY_NTH == 0):
            kept.append(lines[i])
    (HERE / "register.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")


def firms():
    """Firms with a right code of Jingzhou, in the order of the register."""
    return [row for row in read(HERE / "register.csv")
            if is_valid(row["统一社会信用代码"]) and row["统一社会信用代码"].startswith("914210")]


# ---- penalties --------------------------------------------------------------

PENALTY = ("行政相对人名称,行政相对人类别,行政相对人代码_1(统一社会信用代码),法定代表人,"
           "行政处罚决定书文号,违法行为类型,违法事实,处罚依据,处罚类别,处罚内容,罚款金额（万元）,"
           "没收违法所得、没收非法财物的金额（万元）,暂扣或吊销证照名称及编号,处罚决定日期,处罚有效期,"
           "公示截止期,处罚机关,处罚机关统一社会信用代码,数据来源单位,"
           "数据来源单位统一社会信用代码,备注").split(",")

AUTHORITIES = {
    "market": ("演示市场监督管理局", 1),
    "ecology": ("演示生态环境局", 2),
    "safety": ("演示应急管理局", 3),
    "fire": ("演示消防救援支队", 4),
    "building": ("演示住房和城乡建设局", 5),
    "transport": ("演示交通运输局", 6),
    "credit": ("演示公共信用信息中心", 7),
}

# authority, violation, kinds, fine, confiscated, licence, decided, ends, content
PENALTIES = [
    ("ecology", "违法排放水污染物", "罚款", "3.2", "", "", "2026-06-02", "2027-06-02", "罚款32000元"),
    ("market", "销售不符合食品安全标准的食品", "罚款", "3", "", "", "2026-03-02", "2027-03-02",
     "从重处罚，罚款30000元"),
    ("market", "虚假广告宣传", "罚款", "3", "", "", "2026/03/02", "2027/03/02", "从轻处罚，罚款30000元"),
    ("building", "转包工程", "降低资质等级", "", "", "", "2026-05-06", "2029-05-06", "降低资质等级"),
    ("ecology", "违法排放大气污染物", "没收违法所得", "", "1.5", "", "2026-05-06", "2027-05-06",
     "没收违法所得15000元"),
    ("safety", "安全生产隐患未及时整改", "罚款；责令停产停业", "12", "", "", "20260401", "20261001",
     "罚款120000元，停产停业六个月"),
    ("fire", "消防设施未保持完好有效", "罚款", "1", "", "", "2025年6月1日", "2026年6月1日", "罚款10000元"),
    ("transport", "超限运输", "警告", "", "", "", "2026-07-01", "2026-12-31", "警告"),
    ("market", "无证经营药品", "吊销许可证件", "", "", "药品经营许可证 演示0001", "2026-02-10", "2099/12/31",
     "吊销药品经营许可证"),
    ("building", "未取得施工许可证擅自施工", "限制从业", "", "", "", "2026-05-06", "2028-05-06",
     "二十四个月内限制从业"),
    ("ecology", "违法排放水污染物", "没收违法所得、没收非法财物", "", "2.25", "", "2024-09-10", "2025-09-10",
     "没收违法所得和非法财物22500元"),
    ("market", "未按规定明码标价", "通报批评", "", "", "", "2026-09-01", "2026-12-01", "通报批评"),
]


def penalty(firm, number, kind):
    who, violation, kinds, fine, taken, licence, decided, ends, content = kind
    authority, code = AUTHORITIES[who]
    return {
        "行政相对人名称": firm["企业名称"],
        "行政相对人类别": ORGANISATION,
        "行政相对人代码_1(统一社会信用代码)": firm["统一社会信用代码"],
        "法定代表人": "演示人员",
        "行政处罚决定书文号": f"演示罚〔{decided[:4]}〕{number}号",
        "违法行为类型": violation,
        "违法事实": f"演示：虚构的事实，{violation}。",
        "处罚依据": "演示：虚构的依据",
        "处罚类别": kinds,
        "处罚内容": f"演示：{content}",
        "罚款金额（万元）": fine,
        "没收违法所得、没收非法财物的金额（万元）": taken,
        "暂扣或吊销证照名称及编号": licence,
        "处罚决定日期": decided,
        "处罚有效期": ends,
        "处罚机关": authority,
        "处罚机关统一社会信用代码": authority_code(code),
        "数据来源单位": AUTHORITIES["credit"][0],
        "数据来源单位统一社会信用代码": authority_code(AUTHORITIES["credit"][1]),
        "备注": REMARK,
    }


def good_penalties(some):
    """Two firms for each kind; the first of them has two, so that it is watched."""
    rows = []
    for i, kind in enumerate(PENALTIES):
        rows += [penalty(some[2 * i + k], 2 * i + k + 1, kind) for k in (0, 1)]
    again = ("ecology", "违法排放水污染物", "罚款", "5", "", "", "2026-09-10", "2027-09-10", "罚款50000元")
    return rows + [penalty(some[0], len(rows) + 1, again)]


def bad_penalties(some):
    """Four good rows, then one flaw a row; the remark names the rule."""
    rows = [penalty(some[i], 101 + i, PENALTIES[0]) for i in range(4)]
    flaws = [
        ("V02", {"违法事实": "/"}),
        ("V03", {"行政相对人类别": "企业"}),
        ("V04", {"行政相对人代码_1(统一社会信用代码)": some[5]["统一社会信用代码"][:17] + "?"}),
        ("V04", {"行政相对人代码_1(统一社会信用代码)": "000000000000000000"}),
        ("V05", {"行政相对人类别": "个体工商户"}),
        ("V08", {"处罚机关统一社会信用代码": "00000000000000000X"}),
        ("V09", {"处罚决定日期": "2026-02-30"}),
        ("V10", {"处罚决定日期": "1899-12-31"}),
        ("V13", {"处罚有效期": "2199-12-31"}),
        ("V15", {"罚款金额（万元）": "3,2万"}),
        ("V16", {"罚款金额（万元）": ""}),
        ("V18", {"处罚类别": "其他"}),
        ("V20", {"行政相对人名称": "演示<b>有限公司"}),
    ]
    for i, (rule, flaw) in enumerate(flaws):
        row = penalty(some[4 + i], 201 + i, PENALTIES[0])
        row.update(flaw)
        row["备注"] = f"{REMARK}；故意的错误：{rule}"
        rows.append(row)
    # Accepted with a warning: yuan typed into a column of 10,000 yuan.
    rows.append({**penalty(some[20], 220, PENALTIES[0]), "罚款金额（万元）": "32000"})
    return rows


# ---- lists and commitments ------------------------------------------------------

LIST = {"主体类别": ORGANISATION, "公开范围": "社会公开", "当前状态": "1", "备注": REMARK}
RED = ("机构全称/姓名,主体类别,统一社会信用代码,名单编码,名单名称,荣誉等级,认定事由,认定依据,认定文号,"
       "认定单位,认定单位统一社会信用代码,认定日期,评价年度,有效期限,公开范围,当前状态,退出日期,退出原因,"
       "数据来源单位,数据来源单位统一社会信用代码,备注").split(",")
BLACK = ("机构全称/姓名,主体类别,统一社会信用代码,名单编码,名单名称,主要失信事实,认定依据,认定单位,"
         "认定单位统一社会信用代码,认定文号,事先告知日期,确认严重失信日期,有效期限,公开范围,当前状态,移出日期,"
         "移出原因,移出决定机关,数据来源单位,数据来源单位统一社会信用代码,备注").split(",")


def body(name, number):
    return {"认定单位": name, "认定单位统一社会信用代码": authority_code(number),
            "数据来源单位": AUTHORITIES["credit"][0],
            "数据来源单位统一社会信用代码": authority_code(AUTHORITIES["credit"][1])}


def subject(firm):
    return {"机构全称/姓名": firm["企业名称"], "统一社会信用代码": firm["统一社会信用代码"]}


def red_entries(some):
    tax = {**LIST, **body("演示税务局", 8), "名单编码": "NSA", "名单名称": "纳税信用A级纳税人",
           "认定事由": "演示：年度评价A级", "认定依据": "演示：虚构的依据", "认定日期": "2026-04-20",
           "评价年度": "2025", "有效期限": "2027-04-30"}
    customs = {**LIST, **body("演示海关", 9), "名单编码": "AEO", "名单名称": "海关认证企业（AEO）",
               "认定事由": "演示：认证通过", "认定依据": "演示：虚构的依据", "认定日期": "2025-10-09",
               "有效期限": "2099-12-31"}
    rows = [{**tax, **subject(firm), "认定文号": f"演示税〔2026〕{i}号"}
            for i, firm in enumerate(some[:8], 1)]
    rows += [{**customs, **subject(firm), "认定文号": f"演示关〔2025〕{i}号"}
             for i, firm in enumerate(some[8:11], 1)]
    left = {**tax, **subject(some[11]), "认定文号": "演示税〔2026〕9号", "当前状态": "2",
            "退出日期": "2026-07-01", "退出原因": "演示：本人申请"}
    return rows + [left]


def black_entries(some):
    cases = [
        ("AQSC", "安全生产严重失信主体", "演示应急管理局", 3, "2026-11-04", "", "演示：虚构的事实"),
        ("SCJG", "市场监管严重违法失信名单", "演示市场监督管理局", 1, "2026-05-06", "", "演示：虚构的事实"),
        ("ZDSS", "重大税收违法失信主体", "演示税务局", 8, "2024-11-15", "", "演示：虚构的事实"),
        ("SXBZXR", "失信被执行人", "演示人民法院", 10, "2026-01-10", "",
         "演示：无正当理由拒不履行执行和解协议"),
        ("SXBZXR", "失信被执行人", "演示人民法院", 10, "2026-01-10", "",
         "演示：有履行能力而拒不履行生效法律文书确定义务"),
        ("ZFCG", "政府采购严重违法失信行为记录", "演示财政局", 11, "2025-05-06", "2027-05-05",
         "演示：虚构的事实"),
    ]
    rows = []
    for i, (code, name, who, number, on, until, facts) in enumerate(cases):
        rows.append({**LIST, **body(who, number), **subject(some[i]), "名单编码": code, "名单名称": name,
                     "主要失信事实": facts, "认定依据": "演示：虚构的依据", "认定文号": f"演示认〔{on[:4]}〕{i + 1}号",
                     "事先告知日期": on, "确认严重失信日期": on, "有效期限": until})
    removed = {**rows[1], **subject(some[6]), "认定文号": "演示认〔2025〕9号", "确认严重失信日期": "2025-03-03",
               "事先告知日期": "2025-02-03", "当前状态": "2", "移出日期": "2026-06-01",
               "移出原因": "演示：信用修复", "移出决定机关": "演示市场监督管理局"}
    return rows + [removed]


COMMITMENT = ("承诺编码,承诺人名称,承诺人类别,承诺人代码,承诺类型,承诺事由,承诺内容,违诺责任,承诺作出日期,承诺有效期,"
              "承诺履行状态,未履行的承诺内容,违诺责任追究内容,承诺履行状态认定日期,承诺受理单位,承诺受理单位代码,公开类型,"
              "备注").split(",")


def commitments(some):
    states = [("主动型", "全部履行"), ("证明事项型", "全部履行"), ("容缺受理型", "全部未履行"),
              ("审批替代型", "部分履行"), ("信用修复型", "全部履行"), ("其他-演示", "全部履行")]
    rows = []
    for i, (kind, state) in enumerate(states):
        broken = state != "全部履行"
        rows.append({
            "承诺编码": f"42100020260301{i + 1:06d}", "承诺人名称": some[i]["企业名称"],
            "承诺人类别": ORGANISATION, "承诺人代码": some[i]["统一社会信用代码"], "承诺类型": kind,
            "承诺事由": "演示：虚构的事项", "承诺内容": "演示：依法诚信经营", "违诺责任": "演示：依法承担责任",
            "承诺作出日期": "2026-03-01", "承诺有效期": "2027-03-01", "承诺履行状态": state,
            "未履行的承诺内容": "演示：逾期未补交材料" if broken else "",
            "违诺责任追究内容": "演示：记入信用记录" if broken else "",
            "承诺履行状态认定日期": "2026-06-01" if broken else "",
            "承诺受理单位": "演示行政审批局", "承诺受理单位代码": authority_code(12),
            "公开类型": "可向社会公开", "备注": REMARK})
    return rows


IRREGULAR = "企业名称,统一社会信用代码,列入原因,列入日期,列入决定文号,列入决定机关名称,列入决定机关统一社会信用代码,移出原因,移出日期,备注".split(",")


def irregularities(some):
    base = {"列入原因": "未按规定期限公示年度报告", "列入日期": "2026-07-10", "列入决定机关名称": "演示市场监督管理局",
            "列入决定机关统一社会信用代码": authority_code(1), "备注": REMARK}
    rows = [{**base, "企业名称": firm["企业名称"], "统一社会信用代码": firm["统一社会信用代码"],
             "列入决定文号": f"演示异〔2026〕{i}号"} for i, firm in enumerate(some[:4], 1)]
    rows[3].update({"移出原因": "演示：已补报年度报告", "移出日期": "2026-09-15"})
    return rows


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--register":
        write_excerpt(sys.argv[2])
    elif len(sys.argv) != 1:
        sys.exit(__doc__)
    some = firms()
    write("penalties_gb18030.csv", PENALTY, good_penalties(some[0:30]), "gb18030")
    write("penalties_bad.csv", PENALTY, bad_penalties(some[30:60]))
    # The first firm honoured is listed too: its honour falls (R11).
    write("redlist.csv", RED, red_entries(some[60:80]))
    write("blacklist.csv", BLACK, black_entries([some[60]] + some[80:90]))
    write("commitments.csv", COMMITMENT, commitments(some[90:100]))
    write("irregular.csv", IRREGULAR, irregularities(some[100:110]))


if __name__ == "__main__":
    main()
