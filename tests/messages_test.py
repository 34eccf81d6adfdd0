#!/usr/bin/env python3
"""Messages about records, through the installed program.

messages_test.py CREDIT SOURCE

Revocations, removals and repair results meet their records in either order, on both
axes of time, and never touch another's record with the same number. Python's standard
library only.
"""
import csv
import io
import json
import pathlib
import subprocess
import sys
import tempfile
import zipfile

CREDIT, SOURCE = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
REMARK = "测试数据，不是真实记录（invented）"
ORGANISATION = "法人及非法人组织"
NUMBER, LISTED, HONOUR = "测罚〔2026〕1号", "测认〔2026〕1号", "测税〔2026〕1号"
BODY = "演示住房和城乡建设局"
LATE = "2026-11-01"  # after everything that is said here
faults = []


def check(holds, text):
    if not holds:
        faults.append(text)


def demo(name):
    with open(SOURCE / "tests/demo" / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


FIRMS = [row for row in demo("redlist.csv")][:3]
A, B, C = [(row["机构全称/姓名"], row["统一社会信用代码"]) for row in FIRMS]
SUBJECTS = dict(zip("ABC", (A, B, C)))
# The codes of the bodies are those of the demo, so that their check characters hold.
BODY_CODE = demo("blacklist.csv")[0]["认定单位统一社会信用代码"]
SOURCE_CODE = demo("blacklist.csv")[0]["数据来源单位统一社会信用代码"]


# ---- rows ----------------------------------------------------------------------

def penalty(firm, number=NUMBER):
    return {"CF_XDR_MC": firm[0], "CF_XDR_LB": ORGANISATION, "CF_XDR_SHXYM": firm[1], "CF_FRDB": "测试人员",
            "CF_WSH": number, "CF_WFXW": "转包工程", "CF_SY": "测试事实", "CF_YJ": "测试依据",
            "CF_CFLB": "降低资质等级", "CF_NR": "降低资质等级", "CF_JDRQ": "2026-05-06",
            "CF_YXQ": "2029-05-06", "CF_CFJG": BODY, "CF_CFJGDM": BODY_CODE, "CF_SJLY": BODY,
            "CF_SJLYDM": SOURCE_CODE, "BZ": REMARK}


def entry(firm):
    row = dict(demo("blacklist.csv")[0])
    row.update({"机构全称/姓名": firm[0], "统一社会信用代码": firm[1], "认定文号": LISTED, "名单编码": "AQSC",
                "事先告知日期": "2026-04-01", "确认严重失信日期": "2026-05-06", "备注": REMARK})
    return row


def honour(firm):
    row = dict(demo("redlist.csv")[0])
    row.update({"机构全称/姓名": firm[0], "统一社会信用代码": firm[1], "认定文号": HONOUR, "备注": REMARK})
    return row


def irregular(firm):
    row = dict(demo("irregular.csv")[0])
    row.update({"企业名称": firm[0], "统一社会信用代码": firm[1], "列入日期": "2026-07-10", "备注": REMARK})
    return row


def about(firm, subject, number, code=BODY_CODE, listing="", day=""):
    return {"XDR_MC": firm[0], "XDR_LB": ORGANISATION, "XDR_SHXYM": firm[1], "YMLBM": subject,
            "YWSH": number, "YJGDM": code, "YJG": BODY, "YMDBM": listing, "YLRRQ": day,
            "SJLY": BODY, "SJLYDM": SOURCE_CODE, "BZ": REMARK}


def repair(message, result, number="测修〔2026〕1号", day="2026-08-10"):
    return dict(message, XFJG=result, XFWSH=number, XFRQ=day, XFYY="测试理由", XFDW=BODY)


def revoke(message, kind="撤销", number="测撤〔2026〕1号", day="2026-08-10"):
    return dict(message, BGLX=kind, BGWSH=number, BGRQ=day, BGYY="测试理由", BGJG=BODY)


# ---- the program ----------------------------------------------------------------

class Store:
    """A store in a directory of its own; every file that goes in is counted."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory()
        self.path = str(pathlib.Path(self.directory.name) / "store")
        self.files = 0
        self.run("init", "--suite", "p256")

    def run(self, *arguments, allowed=(0,)):
        done = subprocess.run([str(CREDIT), "--store", self.path, *arguments], capture_output=True,
                              text=True, check=False)
        assert done.returncode in allowed, (arguments, done.returncode, done.stderr, self.refusals())
        return done.stdout

    def refusals(self):
        directory = pathlib.Path(self.directory.name)
        return [p.read_text(encoding="utf-8") for p in sorted(directory.glob("*.rejects.csv"))]

    def take(self, *rows, **options):
        self.files += 1
        path = pathlib.Path(self.directory.name) / f"{self.files}.csv"
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path.write_text(text.getvalue(), encoding="utf-8")
        dated = ["--dated", options["dated"]] if "dated" in options else []
        said = json.loads(self.run("import", "--json", *dated, str(path)))
        parts = ("added", "updated", "unchanged", "withdrawn", "parked", "rejected")
        check(said["rows"] == sum(said[p] for p in parts), f"the rows do not add up: {said}")
        check(said["rejected"] == said["parked"] == 0, f"not all rows are in: {said}")
        return said

    def show(self, firm, day=LATE, known=None):
        more = ["--known-at", known] if known else []
        return json.loads(self.run("show", "--json", "--as-of", day, *more, firm[1]))

    def states(self, firm, day=LATE, known=None):
        """document number → state, and the number that can be repaired from when."""
        found = {}
        for section in self.show(firm, day, known)["sections"]:
            for record in section["records"]:
                fields = {f["code"]: f["value"] for f in record["fields"]}
                for column in ("CF_WSH", "RDWH", "LRWH"):
                    if column in fields:
                        found[fields[column]] = record["state"]
                        found["from " + fields[column]] = record["repairable_from"]
        return found

    def tier(self, firm, day=LATE):
        return json.loads(self.run("tier", "--json", "--as-of", day, firm[1]))["tier"]

    def refused(self, firm, day=LATE):
        """Evidence of what speaks against a green channel."""
        answer = json.loads(self.run("check", "--json", "--as-of", day, firm[1], allowed=(0, 1)))
        return {e["document_no"] for r in answer["reasons"] if r["outcome"] != "grant"
                for e in r["evidence"]}

    def roster(self, name, day=LATE):
        return [json.loads(line)["document_no"] for line in
                self.run("list", "--json", "--as-of", day, name).splitlines()]

    def extract(self, firm, scope, day=LATE):
        self.files += 1
        path = pathlib.Path(self.directory.name) / f"{self.files}.asice"
        self.run("extract", firm[1], "--scope", scope, "--purpose", "测试", "--as-of", day, "-o",
                 str(path))
        self.run("verify", str(path))
        with zipfile.ZipFile(path) as file:
            return json.loads(file.read("extract.json")), file.read("report.html").decode("utf-8")

    def instant(self):
        """Of the last batch."""
        batches = [json.loads(line) for line in self.run("batch", "list", "--json").splitlines()]
        return max(b["at"] for b in batches)

    def end(self):
        self.run("evaluate", "--as-of", LATE)
        again = self.run("evaluate", "--json", "--as-of", LATE)
        check(again.strip() == "", f"the second night changes something: {again}")
        self.run("fsck")
        self.directory.cleanup()


def stable(value):
    volatile = {"received_on", "record", "message", "about", "evidence"}
    if isinstance(value, dict):
        return {k: stable(v) for k, v in value.items() if k not in volatile}
    return [stable(v) for v in value] if isinstance(value, list) else value


# ---- cases -----------------------------------------------------------------------

def repaired_in_either_order():
    message = repair(about(A, "行政处罚", NUMBER), "准予修复")
    shown = []
    for early in (False, True):
        store = Store()
        first, second = (message, penalty(A)) if early else (penalty(A), message)
        store.take(first)
        said = store.take(second)
        if not early:
            check((said["withdrawn"], said["added"], said["warnings"]) == (1, 0, 0),
                  f"a repair of what is in force: {said}")
        store.take(penalty(B))
        shown.append(stable(store.show(A)))
        check(store.states(A)[NUMBER] == "repaired", f"early {early}: {store.states(A)}")
        check(store.states(A, "2026-08-09")[NUMBER] == "current", "the day before it counts")
        check(store.states(A, "2026-08-10")[NUMBER] == "repaired", "on its day it does not")
        check(store.states(B)[NUMBER] == "current", "another's record of that number is touched")
        check(store.refused(A) == set() and NUMBER in store.refused(B), "the green channel")
        check(NUMBER in store.refused(A, "2026-08-09"), "the green channel the day before")
        check(store.tier(A) != store.tier(B) == store.tier(A, "2026-08-09"), "the tier")
        store.end()
    check(shown[0] == shown[1], "the order of arrival matters")


def known_later():
    store = Store()
    store.take(penalty(A))
    before = store.instant()
    store.take(repair(about(A, "行政处罚", NUMBER), "准予修复"))
    check(store.states(A, known=before)[NUMBER] == "current", "known before it was said")
    check(store.states(A)[NUMBER] == "repaired", "known now")
    store.end()


def what_is_shown_of_a_repair():
    store = Store()
    store.take(penalty(A))
    public, _ = store.extract(A, "public", "2026-08-09")
    check(NUMBER in json.dumps(public, ensure_ascii=False), "public before the repair")
    store.take(repair(about(A, "行政处罚", NUMBER), "准予修复"))
    for scope in ("public", "government"):
        document, page = store.extract(A, scope)
        text = json.dumps(document, ensure_ascii=False) + page
        check(NUMBER not in text and "测修" not in text, f"a {scope} extract tells of the repair")
    document, page = store.extract(A, "authorized")
    found = {r["state"]: r["blocks"][0]["catalog"] for s in document["sections"]
             for r in s["records"]}
    check(found == {"repaired": "xzcf", "current": "repair_result"}, f"authorized: {found}")
    check("已修复" in page, "the page does not say that it is repaired")
    store.end()


def a_repair_is_revoked():
    store = Store()
    message = about(A, "行政处罚", NUMBER)
    store.take(penalty(A))
    own = store.states(A)["from " + NUMBER]
    store.take(repair(message, "撤销修复", "测修〔2026〕2号", "2026-09-10"))
    said = store.take(repair(message, "准予修复"))
    check(said["withdrawn"] == 1, f"a repair that comes late: {said}")
    check(store.states(A, "2026-09-09")[NUMBER] == "repaired", "between the two")
    check(store.states(A)[NUMBER] == "current", "after the second")
    check(own < "2029-09-11" == store.states(A)["from " + NUMBER], f"repairable from, was {own}")
    check(NUMBER in store.refused(A), "it counts again")
    store.end()


def a_refusal_changes_nothing():
    store = Store()
    store.take(penalty(A))
    before = stable(store.show(A)["judgement"])
    said = store.take(repair(about(A, "行政处罚", NUMBER), "不予修复"))
    check((said["added"], said["warnings"]) == (1, 0), f"a refusal: {said}")
    check(stable(store.show(A)["judgement"]) == before, "a refusal changes the judgement")
    store.end()


def a_message_without_its_record():
    store = Store()
    store.take(penalty(A))
    for number, code in (("测罚〔2026〕2号", BODY_CODE), (NUMBER, SOURCE_CODE)):
        said = store.take(revoke(about(A, "行政处罚", number, code), number="撤" + number + code))
        check((said["added"], said["warnings"]) == (1, 1), f"about no record: {said}")
    said = store.take(revoke(about(B, "行政处罚", NUMBER)))
    check((said["added"], said["warnings"]) == (1, 1), f"about another's record: {said}")
    check(store.states(A)[NUMBER] == "current", "a message about no record does something")
    store.end()


def a_revocation_and_its_correction():
    store = Store()
    message = about(A, "行政处罚", "测罚 ﹝2026﹞1号")  # the brackets and blanks of another writer
    store.take(penalty(A))
    said = store.take(revoke(message, "确认违法"), dated="2026-08-11")
    check(said["withdrawn"] == 1, f"found illegal: {said}")
    check(store.states(A)[NUMBER] == "withdrawn", "found illegal")
    check(store.refused(A) == set(), "what was found illegal speaks against somebody")
    said = store.take(revoke(message, "恢复效力"), dated="2026-08-20")
    check((said["updated"], said["withdrawn"]) == (1, 0), f"corrected: {said}")
    check(store.states(A)[NUMBER] == "current", "corrected")
    store.take(repair(message, "准予修复"), repair(message, "不予修复", "测修〔2026〕3号"))
    check(store.states(A)[NUMBER] == "repaired", "a refusal beside a repair")
    store.end()


def lists_are_left_and_entered_again():
    store = Store()
    store.take(entry(A), entry(C))
    store.take(honour(A), honour(B))
    check(store.roster("black").count(LISTED) == 2, "two are listed")
    check(store.roster("red") == [HONOUR], "the entry of the listed firm stands back")
    code = entry(A)["认定单位统一社会信用代码"]
    message = about(A, "严重失信主体名单", LISTED, code, "AQSC")
    said = store.take(revoke(message, "移出名单", day="2026-09-01"))
    check(said["withdrawn"] == 1, f"a removal: {said}")
    check((said["changes"]["left"], said["changes"]["entered"]) == (1, 1),
          f"serious left, honour back: {said['changes']}")
    check(len(store.roster("black")) == 1 and len(store.roster("red")) == 2, "after the removal")
    check(store.roster("black", "2026-08-31").count(LISTED) == 2, "the day before the removal")
    check(store.states(A)[LISTED] == "expired", "what has become of the entry")
    said = store.take(revoke(message, "恢复列入", "测撤〔2026〕2号", "2026-09-20"))
    check((said["changes"]["left"], said["changes"]["entered"]) == (1, 1), f"listed again: {said}")
    tax = honour(B)["认定单位统一社会信用代码"]
    said = store.take(revoke(about(B, "守信激励对象名单", HONOUR, tax, "NSA"), day="2026-09-01"))
    check((said["withdrawn"], said["changes"]["left"]) == (1, 1), f"an honour revoked: {said}")
    check(store.roster("red") == [], "the honour is gone")
    store.end()


def an_entry_that_is_named_by_its_day():
    store = Store()
    store.take(irregular(A))
    number = irregular(A)["列入决定文号"]
    code = irregular(A)["列入决定机关统一社会信用代码"]
    said = store.take(repair(about(A, "经营异常名录", "", code, day="2026/07/10"), "准予修复"))
    check((said["withdrawn"], said["warnings"]) == (1, 0), f"by its day, otherwise written: {said}")
    check(store.states(A)[number] == "repaired", "by its day")
    store.end()


def a_person():
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    body = "42100219900101123"
    number = body + "10X98765432"[sum(int(c) * w for c, w in zip(body, weights)) % 11]
    own = {"XDR_SHXYM": "", "XDR_LB": "自然人", "XDR_ZJLX": "身份证", "XDR_ZJHM": number}
    person, store = ("测试某", f"cn_id:{number}"), Store()
    record = penalty(person)
    record.update({"CF_FRDB": ""}, **{"CF_" + column: value for column, value in own.items()})
    store.take(record)
    said = store.take(dict(repair(about(person, "行政处罚", NUMBER), "准予修复"), **own))
    check((said["withdrawn"], said["warnings"]) == (1, 0), f"a person's repair: {said}")
    check(store.states(person)[NUMBER] == "repaired", "a person's record")
    check(number not in store.run("show", "--json", person[1]), "a person's number is shown")
    store.end()


CASES = [repaired_in_either_order, known_later, what_is_shown_of_a_repair, a_repair_is_revoked,
         a_refusal_changes_nothing, a_message_without_its_record, a_revocation_and_its_correction,
         lists_are_left_and_entered_again, an_entry_that_is_named_by_its_day, a_person]
for case in CASES:
    had = len(faults)
    case()
    faults[had:] = [f"{case.__name__}: {fault}" for fault in faults[had:]]
print("\n".join(faults) or f"{len(CASES)} cases of messages")
sys.exit(1 if faults else 0)
