#!/usr/bin/env python3
"""Changes that are said to turn an answer, made in earnest through the installed program.

really.py CREDIT SOURCE

For subjects with several records that stand against them every set of changes that
`check` and `tier` name is written as messages, imported into a copy of the store, and
asked again: what was not given must then be given. The day on which time alone turns an
answer is asked for, and the day before it. Python's standard library only.
"""
import csv
import datetime
import io
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

CREDIT, SOURCE = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
REMARK = "测试数据，不是真实记录（invented）"
ORGANISATION = "法人及非法人组织"
AS_OF = "2026-11-23"
BODY = "演示住房和城乡建设局"
SUBJECTS = {"xzcf": "行政处罚", "blacklist": "严重失信主体名单", "irregular": "经营异常名录"}
TIERS = "ABCD"
faults = []


def check(holds, text):
    if not holds:
        faults.append(text)


def demo(name):
    with open(SOURCE / "tests/demo" / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


FIRMS = [(row["机构全称/姓名"], row["统一社会信用代码"]) for row in demo("redlist.csv")]
BODY_CODE = demo("blacklist.csv")[0]["认定单位统一社会信用代码"]
SOURCE_CODE = demo("blacklist.csv")[0]["数据来源单位统一社会信用代码"]


# ---- rows -------------------------------------------------------------------------

def penalty(firm, number, day, kind="罚款", amount="5.000000"):
    return {"CF_XDR_MC": firm[0], "CF_XDR_LB": ORGANISATION, "CF_XDR_SHXYM": firm[1],
            "CF_FRDB": "测试人员", "CF_WSH": number, "CF_WFXW": "转包工程", "CF_SY": "测试事实",
            "CF_YJ": "测试依据", "CF_CFLB": kind, "CF_NR": "给予处罚",
            "CF_NR_FK": amount if kind == "罚款" else "", "CF_JDRQ": day, "CF_YXQ": "2029-05-06",
            "CF_CFJG": BODY, "CF_CFJGDM": BODY_CODE, "CF_SJLY": BODY, "CF_SJLYDM": SOURCE_CODE,
            "BZ": REMARK}


def entry(firm, number, day):
    row = dict(demo("blacklist.csv")[0])
    row.update({"机构全称/姓名": firm[0], "统一社会信用代码": firm[1], "认定文号": number,
                "名单编码": "AQSC", "事先告知日期": "2025-01-06", "确认严重失信日期": day, "备注": REMARK})
    return row


def irregular(firm, day):
    row = dict(demo("irregular.csv")[0])
    row.update({"企业名称": firm[0], "统一社会信用代码": firm[1], "列入日期": day, "备注": REMARK})
    return row


def register_of(firm):
    return [row for row in demo("register.csv") if row["统一社会信用代码"] == firm[1]]


def message(firm, change):
    """What a body sends when the change is made, on the day that is asked about."""
    record = change["record"]
    catalog = record["catalog"]
    row = {"XDR_MC": firm[0], "XDR_LB": ORGANISATION, "XDR_SHXYM": firm[1],
           "YMLBM": SUBJECTS[catalog],
           "YWSH": "" if catalog == "irregular" else record["document_no"],
           "YJGDM": BODIES[catalog], "YJG": BODY,
           "YMDBM": "AQSC" if catalog == "blacklist" else "",
           "YLRRQ": record["decided_on"] if catalog == "irregular" else "",
           "SJLY": BODY, "SJLYDM": SOURCE_CODE, "BZ": REMARK}
    number = f"测改〔2026〕{record['record'].replace('.', '')}号"
    if change["change"] == "repaired":
        return dict(row, XFJG="准予修复", XFWSH=number, XFRQ=AS_OF, XFYY="测试理由", XFDW=BODY)
    return dict(row, BGLX="移出名单", BGWSH=number, BGRQ=AS_OF, BGYY="测试理由", BGJG=BODY)


BODIES = {"xzcf": BODY_CODE, "blacklist": BODY_CODE,
          "irregular": demo("irregular.csv")[0]["列入决定机关统一社会信用代码"]}


# ---- the program ----------------------------------------------------------------------

class Store:
    def __init__(self, path):
        self.path = path
        self.files = 0

    def run(self, *arguments, allowed=(0,)):
        done = subprocess.run([str(CREDIT), "--store", str(self.path), *arguments],
                              capture_output=True, text=True, check=False)
        assert done.returncode in allowed, (arguments, done.returncode, done.stderr)
        return done.stdout

    def take(self, rows):
        self.files += 1
        path = self.path.parent / f"{self.path.name}-{self.files}.csv"
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path.write_text(text.getvalue(), encoding="utf-8")
        said = json.loads(self.run("import", "--json", str(path)))
        assert said["rejected"] == said["parked"] == 0, said

    def copy(self, path):
        shutil.copytree(self.path, path)
        shutil.copytree(f"{self.path}.keys", f"{path}.keys")
        return Store(path)

    def drop(self):
        shutil.rmtree(self.path)
        shutil.rmtree(f"{self.path}.keys")

    def ask(self, verb, firm, day=AS_OF):
        return json.loads(self.run(verb, "--json", "--as-of", day, firm[1], allowed=(0, 1)))


# ---- is it given? -----------------------------------------------------------------------

def given(answer, why):
    if why["goal"] == "decision":
        return answer["decision"] == "eligible"
    if why["goal"] == "tier":
        ranks = {tier: i for i, tier in enumerate(TIERS)}
        return ranks.get(answer["tier"], 4) < ranks.get(why["now"], 4)
    return next(g["given"] for g in answer["grants"] if g["grant"] == why["grant"])


def make(store, firm, changes, scratch):
    """The store after the changes, as their bodies tell of them."""
    then = store.copy(scratch / "then")
    for kind in ("repaired", "removed"):
        rows = [message(firm, c) for c in changes if c["change"] == kind]
        if rows:
            then.take(rows)
    if any(c["change"] == "registered" for c in changes):
        then.take(register_of(firm))
    return then


def day_before(day):
    return str(datetime.date.fromisoformat(day) - datetime.timedelta(days=1))


def turn(store, verb, firm, scratch):
    answer, made = store.ask(verb, firm), 0
    for why in answer["why_not"]:
        name = f"{firm[1]} {verb} {why['goal']} {why.get('grant', '')}"
        check(why["settled"], f"{name}: not all was tried")
        check(not given(answer, why), f"{name}: is given, and said not to be")
        for changes in why["sets"]:
            then = make(store, firm, changes, scratch)
            told = "+".join(f"{c['change']} {c.get('record', {}).get('document_no')}" for c in changes)
            check(given(then.ask(verb, firm), why), f"{name}: {told} does not turn it")
            then.drop()
            made += 1
        if why["turns_on"] is not None:
            check(given(store.ask(verb, firm, why["turns_on"]), why), f"{name}: time does not turn it")
            before = store.ask(verb, firm, day_before(why["turns_on"]))
            check(not given(before, why), f"{name}: time turns it sooner")
    return made


CASES = {
    "one fine": lambda f: [[penalty(f, "测罚〔2026〕1号", "2026-07-01")]],
    "two fines": lambda f: [[penalty(f, "测罚〔2026〕2号", "2026-04-20"),
                             penalty(f, "测罚〔2026〕3号", "2026-10-01")]],
    "a lowered grade, a fine and a listing": lambda f: [
        [penalty(f, "测罚〔2026〕4号", "2026-05-06", "降低资质等级"),
         penalty(f, "测罚〔2026〕5号", "2026-06-01")], [entry(f, "测认〔2025〕1号", "2025-05-06")]],
    "an entry among the irregular": lambda f: [[irregular(f, "2026-07-10")]],
    "a stranger": lambda f: [],
}
STRANGER = FIRMS[list(CASES).index("a stranger")]
with tempfile.TemporaryDirectory() as directory:
    place = pathlib.Path(directory)
    base = Store(place / "store")
    base.run("init", "--suite", "p256")
    for firm in FIRMS[:len(CASES)]:
        if firm != STRANGER:
            base.take(register_of(firm))
    total = 0
    for (case, files), firm in zip(CASES.items(), FIRMS):
        for rows in files(firm):
            base.take(rows)
        count = sum(turn(base, verb, firm, place) for verb in ("check", "tier"))
        check(count > 0, f"{case}: nothing would turn it")
        total += count
print("\n".join(faults) or f"{len(CASES)} subjects, {total} sets of changes made in earnest")
sys.exit(1 if faults else 0)
