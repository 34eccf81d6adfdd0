#!/usr/bin/env python3
"""Firms of the register with made histories, judged by hand (tests/cases/golden.txt).

    golden_test.py CREDIT ROWS SOURCE

The histories become CSV files, go in through the installed program, and every answer is
compared with what was worked out by hand. ROWS (tests/support/rows_hit.c) tells which
rows of the decision tables spoke: each has to, or the file says why it cannot.
Python's standard library only.
"""
import collections
import concurrent.futures
import csv
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

CREDIT, ROWS, SOURCE = (pathlib.Path(p).resolve() for p in sys.argv[1:4])
PACK = SOURCE / "packs/jingzhou"
REMARK = "演示数据，不是真实记录（made for a test）"
BODY_CODE = "12421000MB0TE5T1XF"
GRANTS = {"P": "priority", "S": "simplified", "D": "deferred_documents", "N": "notice_commitment"}
OUTCOMES = {"+": "grant", "x": "refuse", "?": "review", "-": "refuse"}
SUBJECTS = {"xzcf": "行政处罚", "xzxk": "行政许可", "blacklist": "严重失信主体名单",
            "redlist": "守信激励对象名单", "irregular": "经营异常名录", "commitment": "信用承诺",
            "enforcement": "失信被执行人"}
faults = []


def check(holds, text):
    if not holds:
        faults.append(text)


# ---- the file ---------------------------------------------------------------------


class Firm:
    """One block: a subject, what happened to it, what must be answered."""

    def __init__(self, line, code, name, options):
        self.line, self.code, self.name, self.options = line, code, name, options
        self.events, self.answers, self.because = [], [], ""

    @property
    def is_person(self):
        return self.options.get("is") == "自然人"

    @property
    def subject(self):
        return f"cn_id:{self.code}" if self.is_person else self.code


class Event:
    def __init__(self, verb, words, options):
        self.verb, self.words, self.options = verb, words, options
        self.status = None


class Answer:
    def __init__(self, day, matter, tier, grants, options):
        self.day, self.matter, self.tier, self.grants = day, matter, tier, grants
        self.options, self.listings, self.clearing = options, [], []


class Case:
    """One block about a decision that no subject reaches: inputs and what they give."""

    def __init__(self, line, decision):
        self.line, self.decision = line, decision
        self.given, self.gives, self.by, self.because = "", "", "", ""


def split_words(text):
    words, options = [], {}
    for word in text.split():
        name, sign, value = word.partition("=")
        if sign and name.isascii() and name.isidentifier():
            options[name] = value
        else:
            words.append(word)
    return words, options


def read_grants(words):
    grants = {}
    for word in words:
        at = next(i for i, c in enumerate(word) if c in OUTCOMES)
        rules = {r for r in word[at + 1:].split(",") if r}
        for letter in word[:at].replace("*", "PSDN"):
            grants[GRANTS[letter]] = (OUTCOMES[word[at]], rules)
    return grants


def read_answer(rest):
    words, options = split_words(rest)
    day, words = words[0], words[1:]
    matter = options.pop("for", None)
    tier, grants = words[0], read_grants(words[1:])
    return Answer(day, matter, tier, grants, options)


def read_file(path):
    firms, cases, unreached, block = [], [], {}, None
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        verb, _, rest = line.partition(" ")
        rest = rest.strip()
        if verb in ("firm", "person"):
            words, options = split_words(rest)
            block = Firm(number, words[0], words[1], options)
            firms.append(block)
        elif verb == "eval":
            block = Case(number, rest)
            cases.append(block)
        elif verb == "unreached":
            row, _, why = rest.partition(":")
            table, _, rows = row.rpartition(" ")
            for one in rows.split(","):
                unreached[(table.strip(), int(one))] = why.strip()
        elif verb == "=":
            block.events[-1].status = split_words(rest)
        elif verb == "on":
            block.answers.append(read_answer(rest))
        elif verb == "list":
            block.answers[-1].listings.append(rest.split())
        elif verb == "clears":
            block.answers[-1].clearing.append(rest.split())
        elif verb == "because":
            block.because += rest
        elif verb in ("given", "gives", "by"):
            setattr(block, verb, getattr(block, verb) + rest)
        else:
            block.events.append(Event(verb, *split_words(rest)))
            if verb not in WRITERS:
                sys.exit(f"{path}:{number}: no such word: {verb}")
    return firms, cases, unreached


# ---- rows of CSV files ---------------------------------------------------------------


def document(firm, handle):
    return f"演示〔{firm.code[-6:]}〕{handle}"


def identity(firm, name, category, code, legal=None, kind=None, number=None):
    """The columns that say who it is; a person has a document instead of a code."""
    row = {name: firm.name, category: firm.options.get("is", "法人及非法人组织")}
    if firm.is_person:
        row.update({kind: "身份证", number: firm.code})
    else:
        row[code] = firm.code
        if legal:
            row[legal] = "演示人员"
    return row


def given(row, event, **columns):
    """Columns that the event names by shorter words."""
    for word, column in columns.items():
        if word in event.options:
            row[column] = event.options[word]
    return row


def body(event, index):
    return "演示" + event.words[index]


def penalty(firm, event):
    handle, day, _, kinds = event.words
    row = identity(firm, "CF_XDR_MC", "CF_XDR_LB", "CF_XDR_SHXYM", "CF_FRDB", "CF_XDR_ZJLX",
                   "CF_XDR_ZJHM")
    row.update({"CF_WSH": document(firm, handle), "CF_WFXW": f"演示行为{firm.code[-6:]}{handle}",
                "CF_SY": "演示事实", "CF_YJ": "演示依据", "CF_CFLB": kinds,
                "CF_NR": "演示处罚内容" + event.options.get("how", ""), "CF_JDRQ": day,
                "CF_YXQ": "2099-12-31", "CF_CFJG": body(event, 2), "CF_CFJGDM": BODY_CODE,
                "CF_SJLY": "演示单位", "CF_SJLYDM": BODY_CODE, "BZ": REMARK})
    if "暂扣" in kinds or "吊销" in kinds:
        row["CF_NR_ZKDX"] = "演示许可证 演示一号"
    return "xzcf", given(row, event, fine="CF_NR_FK", gains="CF_NR_WFFF", term="CF_YXQ",
                         shown="CF_GSRQ", ends="CF_GSJZQ", what="CF_WFXW")


def penalty_2016(firm, event):
    handle, day, _, kinds = event.words
    return "xzcf 2016", {"CF_XDR_MC": firm.name, "CF_XDR_SHXYM": firm.code, "CF_FRDB": "演示人员",
                         "CF_WSH": document(firm, handle), "CF_SY": "演示事实",
                         "CF_YJ": "演示依据", "CF_CFLB1": kinds, "CF_JG": "演示处罚内容",
                         "CF_JDRQ": day, "CF_XZJG": body(event, 2), "CF_ZT": "0",
                         "CF_XDR_ZDM": "", "CF_XDR_GSDJ": "", "CF_XDR_SFZ": "", "BZ": REMARK}


def permit(firm, event):
    handle, day, _ = event.words
    row = identity(firm, "XK_XDR_MC", "XK_XDR_LB", "XK_XDR_SHXYM", "XK_FRDB", "XK_XDR_ZJLX",
                   "XK_XDR_ZJHM")
    row.update({"XK_XKWS": "演示准予许可决定书", "XK_WSH": document(firm, handle), "XK_XKLB": "普通",
                "XK_XKZS": "演示证书", "XK_NR": "演示内容", "XK_JDRQ": day, "XK_YXQZI": "2099-12-31",
                "XK_XKJG": body(event, 2), "XK_XKJGDM": BODY_CODE, "XK_ZT": "1",
                "XK_LYDW": "演示单位", "XK_LYDWDM": BODY_CODE, "BZ": REMARK})
    return "xzxk", given(row, event, until="XK_YXQZI", status="XK_ZT", paper="XK_XKWS")


def serious(firm, event):
    code, handle, day, _ = event.words
    row = identity(firm, "JGQC", "ZTLB", "TYSHXYDM", "FDDBR", "ZJLX", "ZJHM")
    row.update({"MDBM": code, "MDMC": "演示名单", "ZYSXSS": "演示失信事实", "RDYJ": "演示依据",
                "RDDW": body(event, 3), "RDDWDM": BODY_CODE, "RDWH": document(firm, handle),
                "QRYZSXRQ": day, "GKFW": "社会公开", "DQZT": "1", "SJLY": "演示单位",
                "SJLYDM": BODY_CODE, "BZ": REMARK})
    if event.options.get("status") == "2" or "removed" in event.options:
        row.update({"YCYY": "演示原因", "YCJG": body(event, 3)})
    return "blacklist", given(row, event, notice="SXGZRQ", until="YXQX", ends="GSJZQ",
                              status="DQZT", removed="YCRQ", consent="SJTYWH", facts="ZYSXSS",
                              code="RDDWDM")


def court(firm, event):
    handle, day, _ = event.words
    row = {"BZXR": firm.name, "ZJHM": firm.code, "FDDBR": "" if firm.is_person else "演示人员",
           "AH": document(firm, handle), "ZXFY": body(event, 2), "SF": "湖北", "FBSJ": day,
           "SJLY": "演示单位", "BZ": REMARK}
    if "removed" in event.options:
        row["SCYY"] = "演示原因"
    return "enforcement", given(row, event, conduct="JTQX", removed="SCRQ", until="YXQX",
                                status="DQZT")


def irregular(firm, event):
    handle, day, _ = event.words
    row = {"QYMC": firm.name, "TYSHXYDM": firm.code, "FDDBR": "演示人员",
           "LRYY": "未按规定期限公示年度报告", "LRRQ": day, "LRWH": document(firm, handle),
           "LRJG": body(event, 2), "LRJGDM": BODY_CODE, "SJLY": "演示单位", "SJLYDM": BODY_CODE,
           "BZ": REMARK}
    if "removed" in event.options:
        row.update({"YCYY": "演示原因", "YCJG": body(event, 2)})
    return "irregular", given(row, event, removed="YCRQ", why="LRYY")


def promise(firm, event):
    handle, day, kind, kept = event.words
    row = {"code": f"421000{day.replace('-', '')}{int(handle):06}", "subjectName": firm.name,
           "subjectCategory": firm.options.get("is", "法人及非法人组织"), "identify": firm.code,
           "commitmentTypeId": kind, "reason": "演示事由", "content": "演示承诺",
           "liabilityBreachCommitment": "演示责任", "commitmentDate": day,
           "commitmentValidity": "2099-12-31", "fulfillmentStatus": kept,
           "acceptanceUnit": "演示单位", "acceptanceUnitIdentify": BODY_CODE,
           "publicationType": "可向社会公开", "remarks": REMARK}
    if kept != "全部履行":
        row.update({"unperformedCommitmentContent": "演示未履行内容",
                    "liabilityBreachCommitmentContent": "演示追究"})
    return "commitment", given(row, event, found="fulfillmentStatusDate", until="commitmentValidity")


def honour(firm, event):
    code, handle, day, _ = event.words
    row = identity(firm, "JGQC", "ZTLB", "TYSHXYDM", "FDDBR", "ZJLX", "ZJHM")
    row.update({"MDBM": code, "MDMC": "演示名单", "RDSY": "演示事由", "RDYJ": "演示办法",
                "RDWH": document(firm, handle), "RDDW": body(event, 3), "RDDWDM": BODY_CODE,
                "RDRQ": day, "YXQX": "2099-12-31", "GKFW": "社会公开", "DQZT": "1",
                "SJLY": "演示单位", "SJLYDM": BODY_CODE, "BZ": REMARK})
    if "removed" in event.options:
        row["TCYY"] = "演示原因"
    return "redlist", given(row, event, until="YXQX", removed="TCRQ", status="DQZT")


def tax(firm, event):
    year, grade = event.words
    row = {"NSRMC": firm.name, "NSRSBH": firm.code, "PJND": year, "PDJB": grade,
           "PDDW": "演示税务局", "PDDWDM": BODY_CODE, "SJLY": "演示税务局", "BZ": REMARK}
    return "taxgrade", given(row, event, date="PDRQ", removed="CXRQ")


def correction(firm, event):
    flag, day = event.words
    return "code_correction", {"CZBZ": flag, "TYSHXYDM": firm.code, "XDM": "", "MC": firm.name,
                               "GZRQ": day, "GZJG": "演示代码中心", "TGRQ": day, "BZ": REMARK}


def about(firm, event):
    """The columns of a message that lead to its record: those of the event meant."""
    handle = event.words[0]
    meant = next(e for e in firm.events if handle in e.words[:2] and e is not event)
    catalog, row = WRITERS[meant.verb](firm, meant)
    catalog = catalog.split()[0]
    message = identity(firm, "XDR_MC", "XDR_LB", "XDR_SHXYM", None, "XDR_ZJLX", "XDR_ZJHM")
    bodies = {"xzcf": "CF_CFJG", "xzxk": "XK_XKJG", "blacklist": "RDDW", "redlist": "RDDW",
              "irregular": "LRJG", "commitment": "acceptanceUnit", "enforcement": "ZXFY"}
    message.update({"YMLBM": SUBJECTS[catalog], "YJG": row[bodies[catalog]], "SJLY": "演示单位",
                    "SJLYDM": BODY_CODE, "BZ": REMARK})
    if catalog != "enforcement":
        message["YJGDM"] = row.get("RDDWDM", BODY_CODE)
    if catalog == "irregular":
        message["YLRRQ"] = row["LRRQ"]
    else:
        message["YWSH"] = row["code"] if catalog == "commitment" else document(firm, handle)
    if catalog in ("blacklist", "redlist"):
        message["YMDBM"] = row["MDBM"]
    return message


def undo(firm, event):
    handle, kind, day = event.words
    row = about(firm, event)
    row.update({"BGLX": kind, "BGWSH": document(firm, handle + kind + day), "BGRQ": day,
                "BGYY": "演示原因", "BGYJ": "演示依据", "BGJG": row["YJG"], "TGRQ": day})
    return "revocation", row


def repair(firm, event):
    handle, result, day = event.words
    row = about(firm, event)
    row.update({"XFJG": result, "XFWSH": document(firm, handle + result + day), "XFRQ": day,
                "XFYY": "演示理由", "XFYJ": "演示依据", "XFDW": row["YJG"], "TGRQ": day})
    return "repair_result", row


WRITERS = {"penalty": penalty, "penalty2016": penalty_2016, "permit": permit, "serious": serious,
           "court": court, "irregular": irregular, "promise": promise, "honour": honour,
           "tax": tax, "correction": correction, "undo": undo, "repair": repair}


def register_row(firm, register):
    """As the public register has it, with what the block says instead."""
    row = {"ENT_NAME": firm.name, "USCC": firm.code, "STATUS": firm.options.get("status", ""),
           "CATEGORY": firm.options.get("is", ""), "备注": REMARK}
    real = register.get(firm.code)
    check(real is None or real["企业名称"] == firm.name,
          f"line {firm.line}: the register calls {firm.code} otherwise")
    row["REGISTERED_ON"] = firm.options.get("since") or (real or {}).get("注册日期", "2015-01-05")
    return row


def write_files(firms, directory):
    with open(SOURCE / "tests/demo/register.csv", encoding="utf-8", newline="") as file:
        register = {row["统一社会信用代码"].upper(): row for row in csv.DictReader(file)}
    real = sum(1 for firm in firms if firm.code in register)
    rows = collections.defaultdict(list)
    for firm in firms:
        if "unregistered" not in firm.options and not firm.is_person:
            rows["register"].append(register_row(firm, register))
        for event in firm.events:
            catalog, row = WRITERS[event.verb](firm, event)
            rows[catalog].append(row)
    for name, list_of in rows.items():
        columns = list(dict.fromkeys(column for row in list_of for column in row))
        with open(directory / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(list_of)
    return rows, real


# ---- the program ------------------------------------------------------------------------


def credit(*arguments, given_text="", allowed=(0,)):
    run = subprocess.run([CREDIT, "--json", *arguments], cwd=SCRATCH, input=given_text,
                         capture_output=True, text=True, check=False,
                         env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8",
                              "CREDIT_PACK": str(PACK)})
    check(run.returncode in allowed, f"credit {' '.join(map(str, arguments))[:80]}: "
          f"exit {run.returncode}: {run.stderr.strip()[:300]}")
    return [json.loads(line) for line in run.stdout.splitlines() if line]


def import_all(rows):
    credit("init")
    for name in ["register"] + [n for n in rows if n != "register"]:
        summary = credit("import", "--catalog", name.split()[0], f"{name}.csv")[-1]
        taken = sum(summary[how] for how in ("added", "updated", "withdrawn"))
        check(taken == len(rows[name]), f"{name}: {taken} of {len(rows[name])} rows went in")
        refused = SCRATCH / f"{name}.csv.rejects.csv"
        if refused.exists():
            faults.extend(refused.read_text(encoding="utf-8").splitlines())


# ---- comparing --------------------------------------------------------------------------


def said_lists(judged):
    found = set()
    for entry in judged["listings"]:
        until = entry["until"] or ""
        name = entry["list"] + ("" if entry["code"] == "" else " " + entry["code"])
        found.add(f"{name} {entry['rule']} {entry['listed_on']}..{until}")
    return found


def wanted_decision(grants):
    outcomes = {outcome for outcome, _ in grants.values()}
    return ("eligible" if "grant" in outcomes else "review" if "review" in outcomes
            else "ineligible")


def compare_answer(firm, answer, judged):
    where = f"line {firm.line}, {firm.name}, {answer.day}"
    tier, _, rule = answer.tier.partition(":")
    check((judged["tier"] or "-") == tier, f"{where}: tier {judged['tier']}, by hand {tier}")
    spoke = {r["rule"] for r in judged["reasons"] if r["rule"].startswith("T") or
             r["rule"] == "M5" and rule == "M5"}
    check(spoke == {rule}, f"{where}: tier by {sorted(spoke)}, by hand {rule}")
    wanted = {" ".join(words) for words in answer.listings}
    found = said_lists(judged)
    check(found == wanted, f"{where}: lists {sorted(found)}, by hand {sorted(wanted)}")
    for rule, day in answer.clearing:
        days = {str(r["clears_on"]) for r in judged["reasons"] if r["rule"] == rule}
        check(days == {day}, f"{where}: {rule} clears on {sorted(days)}, by hand {day}")
    if "hint" in answer.options:
        check(answer.options["hint"] in judged["inspection"], f"{where}: {judged['inspection']}")
    for grant in judged["grants"]:
        outcome, rules = answer.grants[grant["grant"]]
        check((grant["outcome"], set(grant["reasons"])) == (outcome, rules),
              f"{where}: {grant['title']} {grant['outcome']} {grant['reasons']}, "
              f"by hand {outcome} {sorted(rules)}")
    check(judged["decision"] == wanted_decision(answer.grants),
          f"{where}: {judged['decision']}, by hand {wanted_decision(answer.grants)}")


def key_of(firm, event):
    catalog, row = WRITERS[event.verb](firm, event)
    column = {"commitment": "code", "taxgrade": "PJND", "code_correction": "GZRQ",
              "revocation": "BGWSH", "repair_result": "XFWSH"}
    number = row[column[catalog]] if catalog in column else None
    return catalog.split()[0], number or document(firm, event.words[1 if event.verb in (
        "serious", "honour") else 0])


def compare_status(firm, event, records):
    words, options = event.status
    catalog, number = key_of(firm, event)
    found = [r for r in records if r["catalog"] == catalog and
             any(f["value"] == number for f in r["fields"])]
    where = f"line {firm.line}, {firm.name}, {catalog} {number}"
    if len(found) != 1:
        check(False, f"{where}: {len(found)} records")
        return
    record = found[0]
    got = [record["severity"] or "none", "public" if record["published"] else "hidden"]
    if record["review"]:
        got.append("review")
    if record["state"] != "current":
        got.append(record["state"])
    check(sorted(got) == sorted(words), f"{where}: {' '.join(got)}, by hand {' '.join(words)}")
    for word, column in (("until", "published_until"), ("repair", "repairable_from")):
        check((record[column] or "") == options.get(word, ""),
              f"{where}: {column} {record[column]}, by hand {options.get(word)}")


def ask(question):
    """All who are asked about on one day, in one matter: each with its judgement."""
    (day, matter), pairs = question
    options = ["--as-of", day] + (["--for", matter] if matter else [])
    organisations = [pair for pair in pairs if not pair[0].is_person]
    persons = [pair for pair in pairs if pair[0].is_person]
    batch = "".join(firm.code + "\n" for firm, _ in organisations)
    answers = credit("check", *options, "--batch", "-", given_text=batch,
                     allowed=(0, 1)) if organisations else []
    for firm, _ in persons:
        answers += credit("check", *options, firm.subject, allowed=(0, 1))
    check(len(answers) == len(pairs), f"{day}: {len(answers)} answers for {len(pairs)}")
    return zip(organisations + persons, answers)


def compare_answers(firms):
    asked = collections.defaultdict(list)
    for firm in firms:
        for answer in firm.answers:
            asked[(answer.day, answer.matter)].append((firm, answer))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for answered in pool.map(ask, asked.items()):
            for (firm, answer), judged in answered:
                compare_answer(firm, answer, judged)


def shown_records(firm):
    last = max((a.day for a in firm.answers), default="2026-11-23")
    shown = credit("show", firm.subject, "--as-of", last)
    return [r for s in shown[0]["sections"] for r in s["records"]] if shown else []


def compare_records(firms):
    judged = [f for f in firms if any(e.status is not None for e in f.events)]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for firm, records in zip(judged, pool.map(shown_records, judged)):
            for event in firm.events:
                if event.status is not None:
                    compare_status(firm, event, records)


# ---- decisions asked by themselves ----------------------------------------------------------


def parameters():
    values = {}
    for p in json.loads((PACK / "parameters.json").read_text(encoding="utf-8")):
        convert = {"number": float, "boolean": lambda v: v == "true"}.get(p["type"], str)
        values[p["name"]] = convert(p["value"])
    return values


def members():
    """The members of the model's inputs: what a case does not give is null."""
    space = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
    types = {}
    for item in ET.parse(PACK / "rules/jingzhou.dmn").getroot().findall(space + "itemDefinition"):
        types[item.get("name")] = [c.get("name") for c in item.findall(space + "itemComponent")]
    return {"record": types["tRecord"], "records": types["tRecord"], "subject": types["tSubject"],
            "covers": types["tCovers"], "application": types["tApplication"]}


def completed(names, value):
    if isinstance(value, list):
        return [completed(names, entry) for entry in value]
    check(set(value) <= set(names), f"no members: {set(value) - set(names)}")
    return {**dict.fromkeys(names), **value}


def compare_case(case, policy, names):
    inputs = json.loads(case.given or "{}")
    inputs = {name: completed(names[name], value) if name in names else value
              for name, value in inputs.items()}
    inputs["policy"] = {**policy, **inputs.get("policy", {})}
    answer = credit("rules", "eval", PACK / "rules/jingzhou.dmn", "--decision", case.decision,
                    "--input", "-", given_text=json.dumps(inputs, ensure_ascii=False))
    where = f"line {case.line}, {case.decision}"
    if not answer:
        return set()
    check(not answer[0]["errors"], f"{where}: {answer[0]['errors']}")
    value = answer[0]["value"]
    if case.by:
        key, _, member = case.by.partition(" ")
        grouped = collections.defaultdict(list)
        for entry in value:
            grouped[entry[key]].append(entry[member])
        value = dict(grouped)
    check(value == json.loads(case.gives),
          f"{where}: {json.dumps(value, ensure_ascii=False)}, by hand {case.gives}")
    return {(case.decision, row) for row in answer[0]["matched"]}


# ---- which rows spoke --------------------------------------------------------------------------


def rows_of_pack():
    space = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
    rows = {}
    for decision in ET.parse(PACK / "rules/jingzhou.dmn").getroot().iter(space + "decision"):
        table = decision.find(space + "decisionTable")
        for number, rule in enumerate([] if table is None else table.findall(space + "rule"), 1):
            notes = [e.findtext(space + "text", "") for e in rule.findall(space + "annotationEntry")]
            rows[(decision.get("name"), number)] = notes
    return rows


def rows_hit(firms):
    asked = "".join(f"{f.subject}\t{a.day}\t{a.matter or ''}\n" for f in firms for a in f.answers)
    run = subprocess.run([ROWS, SCRATCH / "credit-store"], input=asked, capture_output=True,
                         text=True, check=False)
    check(run.returncode == 0, f"rows_hit: exit {run.returncode}: {run.stderr.strip()[:300]}")
    lines = run.stdout.splitlines() if run.returncode == 0 else []
    return {(d, int(n)) for d, n in (line.split("\t") for line in lines)}


def compare_coverage(hit, unreached):
    rows = rows_of_pack()
    for row, notes in rows.items():
        check(row in hit or row in unreached,
              f"no subject of the file is judged by {row[0]} {row[1]} [{notes[0]}] {notes[1]}")
    for row in unreached:
        check(row not in hit, f"{row[0]} {row[1]} is said to be out of reach, and was reached")
        check(row in rows, f"{row[0]} {row[1]} is said to be out of reach, and is not there")
    return len(rows)


def main():
    firms, cases, unreached = read_file(SOURCE / "tests/cases/golden.txt")
    for block in firms + cases:
        check(len(block.because) > 8, f"line {block.line}: there is no reason")
    rows, real = write_files(firms, SCRATCH)
    check(real >= 200, f"only {real} firms are of the register")
    import_all(rows)
    compare_answers(firms)
    compare_records(firms)
    policy, names = parameters(), members()
    hit = rows_hit(firms)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        hit = hit.union(*pool.map(lambda case: compare_case(case, policy, names), cases))
    count = compare_coverage(hit, unreached)
    for fault in faults:
        print(fault)
    if faults:
        sys.exit(1)
    print(f"{len(firms)} subjects, {sum(len(f.answers) for f in firms)} answers, {len(cases)} "
          f"decisions by themselves; {count} rows of tables, {len(unreached)} out of reach")


with tempfile.TemporaryDirectory() as directory:
    SCRATCH = pathlib.Path(directory)
    main()
