#!/usr/bin/env python3
"""What the law forbids, the engine cannot do: tried through every door of the installed program.

forbidden_test.py CREDIT SOURCE

Nobody comes on a serious list without a decision, a body that may make it, a basis and an
edition of the catalog that knows the list, whatever comes in, by which door and in which
order, and whatever a pack says. An honour falls in the commit in which a serious entry
lands. What was repaired or has run its term counts no more and is shown to nobody. The
cases are data: tests/cases/forbidden_*.tsv. Python's standard library only.
"""
import csv
import io
import itertools
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

CREDIT, SOURCE = (pathlib.Path(p).resolve() for p in sys.argv[1:3])
REMARK = "测试数据，不是真实记录（invented）"
LATE = "2026-11-01"  # after everything that is said here
DAYS = ("2026-05-05", "2026-05-06", "2026-09-01", LATE)
VOLATILE = {"received_on", "record", "commit", "row", "batch", "evidence", "known_at", "at", "checkpoint"}
faults = []


def check(holds, text):
    if not holds:
        faults.append(text)


def demo(name):
    with open(SOURCE / "tests/demo" / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sample(name):
    with open(SOURCE / f"tests/samples/{name}.csv", encoding="utf-8", newline="") as file:
        return next(csv.DictReader(file))


def cases(name):
    text = (SOURCE / f"tests/cases/{name}.tsv").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    return [dict(zip(lines[0], line, strict=True)) for line in lines[1:]]


PACK = SOURCE / "packs/jingzhou"
FIRMS = [(row["企业名称"], row["统一社会信用代码"]) for row in demo("register.csv")]
BODY_CODE = demo("blacklist.csv")[0]["认定单位统一社会信用代码"]
SOURCE_CODE = demo("blacklist.csv")[0]["数据来源单位统一社会信用代码"]
FIELDS = {name: json.loads((PACK / f"catalogs/{name}.json").read_text(encoding="utf-8"))["fields"]
          for name in ("blacklist", "enforcement")}


# ---- rows ------------------------------------------------------------------------

def entry(firm, number="测认〔2026〕1号"):
    row = dict(sample("blacklist"))
    row.update(JGQC=firm[0], TYSHXYDM=firm[1], MDBM="AQSC", MDMC="安全生产严重失信主体", RDDW="演示应急管理局",
               RDDWDM=BODY_CODE, RDWH=number, RDYJ="应急管理部令第11号", YCRQ="", YCYY="", YCJG="", BZ=REMARK)
    return row


def debtor(firm, number="（2026）鄂测执1号"):
    row = dict(sample("enforcement"))
    row.update(BZXR=firm[0], ZJHM=firm[1], AH=number, MDBM="SXBZXR", BZ=REMARK)
    return row


def penalty(firm, number="测罚〔2026〕1号", kinds="降低资质等级", day="2026-05-06", fine=""):
    return {"CF_XDR_MC": firm[0], "CF_XDR_LB": "法人及非法人组织", "CF_XDR_SHXYM": firm[1], "CF_FRDB": "测试人员",
            "CF_WSH": number, "CF_WFXW": "测试行为", "CF_SY": "测试事实", "CF_YJ": "测试依据", "CF_CFLB": kinds,
            "CF_NR": "测试内容", "CF_NR_FK": fine, "CF_JDRQ": day, "CF_YXQ": "2029-05-06",
            "CF_CFJG": "演示生态环境局", "CF_CFJGDM": BODY_CODE, "CF_SJLY": "演示生态环境局",
            "CF_SJLYDM": SOURCE_CODE, "BZ": REMARK}


def honour(firm, number="测税〔2026〕1号"):
    row = dict(demo("redlist.csv")[0])
    row.update({"机构全称/姓名": firm[0], "统一社会信用代码": firm[1], "认定文号": number, "备注": REMARK})
    return row


def message(firm, subject, number, listing=""):
    return {"XDR_MC": firm[0], "XDR_LB": "法人及非法人组织", "XDR_SHXYM": firm[1], "YMLBM": subject, "YWSH": number,
            "YJGDM": BODY_CODE, "YJG": "演示应急管理局", "YMDBM": listing, "YLRRQ": "", "SJLY": "演示应急管理局",
            "SJLYDM": SOURCE_CODE, "BZ": REMARK}


def repair(about, result, number="测修〔2026〕1号", day="2026-08-10"):
    return dict(about, XFJG=result, XFWSH=number, XFRQ=day, XFYY="测试理由", XFDW="演示应急管理局")


def revoke(about, kind, number="测撤〔2026〕1号", day="2026-09-01"):
    return dict(about, BGLX=kind, BGWSH=number, BGRQ=day, BGYY="测试理由", BGJG="演示应急管理局")


def changed(row, changes):
    for change in changes.split("|") if changes != "-" else []:
        column, value = change.split("=", 1)
        row[column] = value
    return row


# ---- the program -------------------------------------------------------------------

class Store:
    def __init__(self, pack=None, trust=None):
        self.directory = tempfile.TemporaryDirectory()
        self.home = pathlib.Path(self.directory.name)
        self.path, self.files, self.trust = str(self.home / "store"), 0, trust
        more = ["--pack", str(pack)] if pack else []
        self.made = self.run("init", "--suite", "p256", *more, allowed=(0, 3))

    def run(self, *arguments, allowed=(0,)):
        done = subprocess.run([str(CREDIT), "--store", self.path, *arguments], capture_output=True,
                              text=True, check=False, cwd=self.home)
        assert done.returncode in allowed, (arguments, done.returncode, done.stdout[-500:], done.stderr)
        return done

    def lines(self, *arguments):
        return [json.loads(line) for line in self.run(*arguments, "--json").stdout.splitlines()]

    def write(self, rows, encoding="utf-8", names=None):
        self.files += 1
        path = self.home / f"{self.files}.csv"
        columns = list(dict.fromkeys(column for row in rows for column in row))
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([(names or {}).get(c, c) for c in columns])
        writer.writerows([[row.get(c, "") for c in columns] for row in rows])
        path.write_text(out.getvalue(), encoding=encoding)
        return path

    def take(self, *rows, dated=None, allowed=(0,), **how):
        path = self.write(rows, **how)
        more = ["--dated", dated] if dated else []
        done = self.run("import", "--json", *more, str(path), allowed=allowed)
        return json.loads(done.stdout) if done.stdout else {}, done, path

    def rules(self, path):
        """line of the file → rules that refused it"""
        rejects, found = pathlib.Path(f"{path}.rejects.csv"), {}
        if rejects.exists():
            text = rejects.read_bytes()
            for encoding in ("utf-8", "gb18030"):
                try:
                    rows = list(csv.DictReader(io.StringIO(text.decode(encoding).lstrip("\ufeff"))))
                    break
                except UnicodeDecodeError:
                    continue
            for row in rows:
                found.setdefault(int(row["line"]), set()).add(row["rule"])
        return found

    def roster(self, name, day=LATE, known=None):
        more = ["--known-at", known] if known else []
        return sorted(line["document_no"] for line in self.lines("list", name, "--as-of", day, *more))

    def known(self):
        return max(batch["at"] for batch in self.lines("batch", "list"))

    def shown(self, firm, scope, day=LATE):
        self.files += 1
        path = self.home / f"{self.files}.asice"
        self.run("extract", firm[1], "--scope", scope, "--purpose", "测试", "--as-of", day, "-o", str(path))
        with zipfile.ZipFile(path) as file:
            return file.read("extract.json").decode() + file.read("report.html").decode()

    def evidence(self, firm, day=LATE):
        found = set()
        for verb in ("check", "tier"):
            done = self.run(verb, "--json", "--as-of", day, firm[1], allowed=(0, 1))
            found |= {e["document_no"] for r in json.loads(done.stdout)["reasons"] for e in r["evidence"]}
        return found

    def packages(self):
        out = self.home / "out"
        out.mkdir(exist_ok=True)
        self.run("feed", "pack", str(out))
        return sorted(p for p in out.glob("*.asice") if ".receipt" not in p.name)

    def end(self):
        self.run("evaluate", "--as-of", LATE)
        self.run("fsck")
        self.directory.cleanup()


# ---- rows that must not list anybody ---------------------------------------------------

def forbidden(catalog):
    """(case, row): each about a firm of its own, so that one cannot hide another."""
    make, found = (entry if catalog == "blacklist" else debtor), []
    for number, case in enumerate(c for c in cases("forbidden_rows") if c["catalog"] == catalog):
        base = make(FIRMS[number], f"测〔2026〕{number}号")
        found.append((case, changed(base, case["changes"])))
    return found


def header(catalog, how):
    names = {}
    for field in FIELDS[catalog]:
        aliases = field.get("credit", {}).get("aliases", [])
        names[field["name"]] = aliases[0] if how == "aliases" and aliases else field["title"]
    return names if how != "codes" else {}


def judge_door(store, rows, done, path, door):
    """What came in by a door: every row refused by its rule, and nobody listed but by the sound ones."""
    said, rules = json.loads(done.stdout), store.rules(path)
    sound = [row for case, row in rows if case["rule"] == "listed"]
    for line, (case, _) in enumerate(rows, start=2):
        wanted = set() if case["rule"] == "listed" else {case["rule"]}
        check(wanted <= rules.get(line, set()) and (wanted or line not in rules),
              f"{door}: {case['name']}: {rules.get(line)}, wanted {case['rule']}")
    check((said["added"], said["rejected"]) == (len(sound), len(rows) - len(sound)), f"{door}: {said}")
    nobody_else(store, sound, door)
    nobody_is_judged_by_it(store, [row for case, row in rows if case["rule"] != "listed"], door)


def nobody_is_judged_by_it(store, rows, door):
    """tier, check, show and extract of those whom the rows are about."""
    firms = [row.get("TYSHXYDM") or row.get("ZJHM", "") for row in rows]
    firms = [firm for firm in firms if any(firm == code for _, code in FIRMS)]
    for verb in ("tier", "check"):
        done = store.run(verb, "--json", "--as-of", LATE, *firms, allowed=(0, 1))
        for answer in map(json.loads, done.stdout.splitlines()):
            check(answer["listings"] == [] and answer["tier"] != "D", f"{door}: {verb}: {answer['listings']}")
    check(store.run("show", "--json", firms[0], allowed=(1,)).returncode == 1, f"{door}: something is kept")
    number = rows[0].get("RDWH") or rows[0].get("AH")
    check(number not in store.shown(("", firms[0]), "government"), f"{door}: shown")


def nobody_else(store, sound, door):
    wanted = sorted(row.get("RDWH") or row["AH"] for row in sound)
    for day in DAYS:
        listed = store.roster("black", day)
        check(set(listed) <= set(wanted), f"{door}: on {day}: {listed}")
    check(store.roster("black") == wanted, f"{door}: {store.roster('black')}, wanted {wanted}")
    told = {change["document_no"] for change in store.lines("feed", "changes", "--since", "0")
            if change.get("list") == "black"}
    check(told <= set(wanted), f"{door}: told: {told}")


def by_every_layout():
    for catalog in ("blacklist", "enforcement"):
        for how in ("codes", "titles", "aliases"):
            for encoding in ("utf-8", "gb18030"):
                if encoding == "gb18030" and how != "titles":
                    continue
                store, rows = Store(), forbidden(catalog)
                _, done, path = store.take(*[r for _, r in rows], allowed=(1,), encoding=encoding,
                                           names=header(catalog, how))
                judge_door(store, rows, done, path, f"{catalog} by {how} in {encoding}")
                store.end()


def over_sound_entries():
    """What amends a sound entry, today or as a night that comes late, leaves it as it is."""
    for dated in (None, "2026-06-01"):
        store, rows = Store(), [x for x in forbidden("blacklist") if "MDBM=" not in x[0]["changes"]
                                and "RDWH=" not in x[0]["changes"] and "RDDWDM=" not in x[0]["changes"]]
        first = [entry((row["JGQC"], row["TYSHXYDM"]), row["RDWH"]) for _, row in rows]
        store.take(*first)
        before = store.roster("black")
        said, _, path = store.take(*[r for _, r in rows], dated=dated, allowed=(1, 3))
        check(said["rejected"] == len(rows) - 1, f"amendments: {said}")
        check(len(store.rules(path)) == len(rows) - 1, f"amendments: {store.rules(path)}")
        check(store.roster("black") == before and len(before) == len(rows), "an amendment moved an entry")
        store.end()


def undone_and_done_again():
    store, rows = Store(), forbidden("blacklist")
    sound = [row for case, row in rows if case["rule"] == "listed"]
    said, _, _ = store.take(*[r for _, r in rows], allowed=(1,))
    undone = json.loads(store.run("batch", "undo", "--json", str(said["batch"])).stdout)["batch"]
    check(store.roster("black") == [], "an undone entry lists")
    store.run("batch", "undo", str(undone))
    nobody_else(store, sound, "done again")
    store.end()


def copy_of_the_pack(directory, edits):
    """A copy of the pack in which other things stand."""
    pack = pathlib.Path(directory) / "pack"
    shutil.copytree(PACK, pack)
    for file, there, instead in edits:
        text = (pack / file).read_text(encoding="utf-8")
        assert text.count(there) >= 1, (file, there)
        (pack / file).write_text(text.replace(there, instead), encoding="utf-8")
    return pack


def forged(directory, case):
    there, instead = (case[c].replace("\\n", "\n") for c in ("there", "instead"))
    return copy_of_the_pack(directory, [(case["file"], there, instead.strip() and instead)])


def without_checks(pack, *rules):
    """The catalogs of serious lists, without the checks of these rules."""
    for name in ("blacklist", "enforcement"):
        path = pack / f"catalogs/{name}.json"
        catalog = json.loads(path.read_text(encoding="utf-8"))
        checks = catalog["credit"]["checks"]
        catalog["credit"]["checks"] = [c for c in checks if c["rule"] not in rules]
        path.write_text(json.dumps(catalog, ensure_ascii=False), encoding="utf-8")
    return pack


def rows_that_wait():
    """A pack that does not ask for the decision: its row waits, and no door lets it in."""
    with tempfile.TemporaryDirectory() as directory:
        store = Store(without_checks(copy_of_the_pack(directory, []), "B2"))
    for number, column in enumerate(("RDWH", "RDDW", "RDYJ")):
        row = dict(entry(FIRMS[number], f"测〔2026〕{number}号"), **{column: ""})
        said, _, _ = store.take(row, allowed=(1, 3), dated="2026-06-01")
        check(said["parked"] == 1, f"without {column}: {said}")
    for row in store.lines("parked", "list"):
        settled = store.run("parked", "settle", "--as", FIRMS[0][1], str(row["batch"]), str(row["row"]),
                            allowed=(1, 2, 3))
        check("decision" in settled.stderr or "number" in settled.stderr, f"settled: {settled.stderr}")
    store.run("parked", "settle", "--retry", allowed=(0, 1))
    check(len(store.lines("parked", "list")) == 3, "a row without its decision does not wait any more")
    check(store.roster("black") == [], "a row without its decision lists")
    store.end()


def rules_without_checks():
    """A pack that lets rows of any body in: its rules still put nobody on the list."""
    with tempfile.TemporaryDirectory() as directory:
        store = Store(without_checks(copy_of_the_pack(directory, []), "B3"))
    rows = [x for x in forbidden("blacklist") if x[0]["rule"] in ("B3", "listed")]
    said, _, _ = store.take(*[r for _, r in rows])
    check(said["added"] == len(rows), f"a pack without checks: {said}")
    nobody_else(store, [row for case, row in rows if case["rule"] == "listed"], "rules alone")
    firm = (rows[1][1]["JGQC"], rows[1][1]["TYSHXYDM"])
    for scope in ("public", "government"):
        check(rows[1][1]["RDWH"] not in store.shown(firm, scope), f"a void entry is shown to {scope}")
    store.end()


def by_the_exchange():
    """A sender whose pack knows no limits lists them all; the receiver takes the sound ones."""
    with tempfile.TemporaryDirectory() as directory:
        pack = without_checks(copy_of_the_pack(directory, [
            ("rules/jingzhou.dmn", "<text>false</text></outputEntry>\n        <annotationEntry><text>B3",
             "<text>true</text></outputEntry>\n        <annotationEntry><text>B3"),
            ("rules/jingzhou.dmn", "list contains(edition lists, record.list)", "record.list != null or edition lists = []"),
            ("codes/serious_lists.json", '"code": "SHBX", "number": 14}',
             '"code": "SHBX", "number": 14}, {"word": "本地名单", "code": "BDMD", "number": 15}'),
        ]), "B3", "B10")
        sender = Store(pack)
    rows = [x for x in forbidden("blacklist") if x[0]["rule"] in ("B3", "listed")
            or x[0]["name"] == "list-of-no-edition"]
    sender.take(*[r for _, r in rows])
    check(len(sender.roster("black")) == len(rows), f"the sender lists them: {sender.roster('black')}")
    receiver, refused = Store(), set()
    trust = str(pathlib.Path(sender.path) / "authority.pem")
    for package in sender.packages():
        said = json.loads(receiver.run("import", "--json", "--trust", trust, str(package), allowed=(0, 1, 3)).stdout)
        check((said["added"], said["rejected"]) == (1, len(rows) - 1), f"by the exchange: {said}")
        with zipfile.ZipFile(f"{package}.receipt.asice") as file:
            refused |= {row["rule"] for row in json.loads(file.read("receipt.json"))["rejected"]}
    check(refused == {"B3", "V18"}, f"by the exchange: refused by {refused}")
    nobody_else(receiver, [row for case, row in rows if case["rule"] == "listed"], "by the exchange")
    receiver.end()
    sender.end()


def forged_packs():
    for case in cases("forbidden_packs"):
        with tempfile.TemporaryDirectory() as directory:
            store = Store(forged(directory, case))
        refused = store.made
        if case["refused"] == "import":
            check(store.made.returncode == 0, f"{case['name']}: {store.made.stderr}")
            rows = [penalty(FIRMS[0], f"测罚〔2026〕{n}号") for n in range(4)]
            _, refused, _ = store.take(*rows, allowed=(0, 1, 3))
            check(store.lines("batch", "list") == [], f"{case['name']}: a batch came in")
        check(refused.returncode == 3 and case["said"] in refused.stderr, f"{case['name']}: {refused.stderr}")
        store.directory.cleanup()


def forged_packs_that_come_into_force():
    """The same packs put in force over a store that has penalties: refused, by force too, and
    from a day to come on they answer nothing rather than that somebody is listed."""
    store = Store()
    store.take(*[penalty(FIRMS[0], f"测罚〔2026〕{n}号") for n in range(4)])
    store.take(honour(FIRMS[1]))
    before = [store.roster(name) for name in ("red", "black")]
    for case in cases("forbidden_packs"):
        with tempfile.TemporaryDirectory() as directory:
            pack = forged(directory, case)
            done = store.run("rules", "activate", str(pack), "--from", "2026-01-01", "--force", allowed=(3,))
            check(case["said"] in done.stderr, f"{case['name']} in force: {done.stderr}")
            store.run("rules", "try", str(pack), allowed=(1, 3))
            if case["name"] == "lists-by-counting":
                store.run("rules", "activate", str(pack), "--from", "2098-01-01", "--force")
    done = store.run("list", "black", "--json", "--as-of", "2098-02-01", allowed=(0, 3))
    check(done.stdout == "", f"a pack to come lists: {done.stdout}")
    check([store.roster(name) for name in ("red", "black")] == before, "a refused pack changed a list")
    store.end()


def accumulation_only_warns():
    store = Store()
    said, _, _ = store.take(*[penalty(FIRMS[0], f"测罚〔2026〕{n}号") for n in range(9)])
    check(said["added"] == 9 and store.roster("black") == [], "nine penalties list somebody")
    check(len(store.lines("list", "watch", "--as-of", LATE)) > 0, "nine penalties warn of nothing")
    store.end()


def measures_beyond_the_edition():
    """An entry may name measures; one that the edition does not give its list is said to be none."""
    store, warnings = Store(), []
    for number, measures in enumerate(("GS；限制参加评先评优", "GS;限制消费", "GS；没有这一项")):
        said, _, _ = store.take(dict(entry(FIRMS[number], f"测〔2026〕{number}号"), CJCS=measures))
        warnings.append(said["warnings"])
    check([w - warnings[0] for w in warnings] == [0, 1, 1], f"measures: {warnings} warnings")
    store.end()


def a_retired_code():
    """The code of a body that never was: its entry waits, and is nobody's."""
    firm = FIRMS[0]
    correction = dict(sample("code_correction"))
    store = Store()
    register = {"企业名称": firm[0], "统一社会信用代码": firm[1], "注册日期": "2010-01-05"}
    store.take(register)
    correction.update(named_in_a_correction(correction, firm))
    store.take(correction)
    said, _, _ = store.take(entry(firm), allowed=(1, 3))
    check(said["parked"] == 1, f"an entry of a retired code: {said}")
    row = store.lines("parked", "list")[0]
    other = store.run("parked", "settle", "--as", FIRMS[1][1], str(row["batch"]), str(row["row"]), allowed=(1, 2, 3))
    check("number" in other.stderr or "code" in other.stderr, f"given to another: {other.stderr}")
    check(store.roster("black") == [], "an entry of a retired code lists somebody")
    store.end()


def named_in_a_correction(correction, firm):
    """The columns of a correction that name the subject, by its titles or codes."""
    fields = json.loads((PACK / "catalogs/code_correction.json").read_text(encoding="utf-8"))["fields"]
    roles = {f.get("credit", {}).get("role"): f["name"] for f in fields}
    status = next(f for f in fields if f.get("credit", {}).get("role") == "status")["name"]
    return {c: v for c, v in ((roles["subject_uscc"], firm[1]), (roles["subject_name"], firm[0]), (status, "1"))
            if c in correction or c == status}


# ---- an honour falls with a serious entry -----------------------------------------------

LISTED, HONOUR = "测认〔2026〕1号", "测税〔2026〕1号"


def events():
    about = message(FIRMS[0], "严重失信主体名单", LISTED, "AQSC")
    return {"honour": ("2026-04-20", honour(FIRMS[0])), "entry": ("2026-05-07", entry(FIRMS[0])),
            "removal": ("2026-09-02", revoke(about, "移出名单")),
            "again": ("2026-09-21", revoke(about, "恢复列入", "测撤〔2026〕2号", "2026-09-20"))}


def rosters(store, known=None):
    return {day: (store.roster("red", day, known), store.roster("black", day, known)) for day in DAYS}


def honour_and_entry_in_any_order():
    all_events, ends, orders = events(), [], list(itertools.permutations(events()))
    for order in orders[3::7]:
        store, moments = Store(), []
        for name in order:
            dated, row = all_events[name]
            said, _, _ = store.take(row, dated=dated)
            moments.append((store.known(), rosters(store)))
            for day, (red, black) in moments[-1][1].items():
                check(not (red and black), f"{order} after {name}, {day}: {red} and {black}")
            commits_of_change(store, f"{order} after {name}")
        for known, then in moments[:-1]:
            check(rosters(store, known) == then, f"{order}: known at {known} it was otherwise")
        ends.append(rosters(store))
        store.end()
    check(all(end == ends[0] for end in ends), f"the order of arrival matters: {ends}")
    check(ends[0]["2026-05-05"] == ([HONOUR], []) and ends[0]["2026-05-06"] == ([], [LISTED])
          and ends[0]["2026-09-01"] == ([HONOUR], []) and ends[0][LATE] == ([], [LISTED]), f"the days: {ends[0]}")


def commits_of_change(store, what):
    """Read in order, at no commit does the exchange have somebody on both lists."""
    on, by_commit = set(), {}
    for change in store.lines("feed", "changes", "--since", "0"):
        by_commit.setdefault(change["at"], []).append(change)
    for moment, changes in by_commit.items():
        for change in changes:
            if change["change"] in ("entered", "left") and change["list"] in ("red", "black"):
                (on.add if change["change"] == "entered" else on.discard)(change["list"])
        check(on != {"red", "black"}, f"{what}: on both lists at {moment}")


def in_the_same_commit():
    store = Store()
    store.take(honour(FIRMS[0]))
    check(store.roster("red") == [HONOUR], "the honour")
    said, _, _ = store.take(entry(FIRMS[0]))
    check((said["changes"]["entered"], said["changes"]["left"]) == (1, 1), f"in the same commit: {said}")
    undone = json.loads(store.run("batch", "undo", "--json", str(said["batch"])).stdout)
    check((store.roster("red"), store.roster("black")) == ([HONOUR], []), "the entry undone")
    again = json.loads(store.run("batch", "undo", "--json", str(undone["batch"])).stdout)
    check((store.roster("red"), store.roster("black")) == ([], [LISTED]), "the undoing undone")
    commits_of_change(store, f"undone and done again: {again}")
    said, _, _ = store.take(honour(FIRMS[0], "测税〔2026〕2号"))
    check(said["changes"]["entered"] == 0 and store.roster("red") == [], "an honour for who is listed")
    store.end()


# ---- what is over is over -----------------------------------------------------------------

def stopped_for_good():
    return "测罚〔2026〕1号", penalty(FIRMS[0], kinds="责令停产停业")


def overs():
    """name → number, record, what ends it, the last day on which it counts."""
    number, stopped = stopped_for_good()
    about = dict(message(FIRMS[0], "行政处罚", number), YJG="演示生态环境局")
    listed = message(FIRMS[0], "严重失信主体名单", LISTED, "AQSC")
    return {
        "repaired": (number, stopped, repair(about, "准予修复"), "2026-08-09"),
        "shielded": (number, stopped, repair(about, "破产屏蔽"), "2026-08-09"),
        "revoked": (number, stopped, revoke(about, "撤销"), "2026-08-31"),
        "removed": (LISTED, entry(FIRMS[0]), revoke(listed, "移出名单"), "2026-08-31"),
        "repaired entry": (LISTED, entry(FIRMS[0]), repair(listed, "准予修复"), "2026-08-09"),
        "run out": (number, penalty(FIRMS[0], kinds="罚款", day="2025-05-06", fine="3.2"), None, "2026-05-06"),
        "entry run out": (LISTED, dict(entry(FIRMS[0]), QRYZSXRQ="2023-08-31", SXGZRQ="2023-08-01"), None,
                          "2026-08-31"),
    }


def over_in_either_order():
    for name, (number, record, end, last) in overs().items():
        for order in ([record, end], [end, record]) if end else ([record],):
            store = Store()
            for row in order:
                store.take(row)
            before = store.shown(FIRMS[0], "public", last)
            check(number in before, f"{name}: not even shown on its last day")
            check(number in store.evidence(FIRMS[0], last), f"{name}: does not count on its last day")
            check(number not in store.evidence(FIRMS[0]), f"{name}: still counts")
            check(number not in store.roster("black"), f"{name}: still listed")
            for scope in ("public", "government"):
                check(number not in store.shown(FIRMS[0], scope), f"{name}: still shown to {scope}")
            for package in store.packages():
                check(number not in everything(package), f"{name}: still shared")
            store.end()


def everything(package):
    with zipfile.ZipFile(package) as file:
        return "".join(file.read(name).decode("utf-8", "replace") for name in file.namelist())


def shared_and_taken_back():
    """What the exchange had been told is taken back, and the receiver counts it no more."""
    for name, (number, record, end, _) in overs().items():
        if end is None:
            continue
        sender, receiver = Store(), Store()
        trust = str(pathlib.Path(sender.path) / "authority.pem")
        sender.take(record)
        first = sender.packages()
        receiver.run("import", "--trust", trust, str(first[0]))
        check(number in receiver.evidence(FIRMS[0]), f"{name}: the receiver never had it")
        sender.take(end)
        for package in sender.packages()[len(first):]:
            receiver.run("import", "--trust", trust, str(package))
        check(number not in receiver.evidence(FIRMS[0]), f"{name}: the receiver still counts it")
        check(number not in receiver.roster("black"), f"{name}: the receiver still lists it")
        check(number not in receiver.shown(FIRMS[0], "government"), f"{name}: the receiver still shows it")
        sender.end()
        receiver.end()


def a_shield_that_fails():
    number, record = stopped_for_good()
    about = dict(message(FIRMS[0], "行政处罚", number), YJG="演示生态环境局")
    store = Store()
    store.take(record)
    whole = store.shown(FIRMS[0], "public", "2026-08-09").count(number)
    store.take(repair(about, "破产屏蔽"))
    store.take(repair(about, "恢复公示", "测修〔2026〕2号", "2026-10-10"))
    check(number not in store.shown(FIRMS[0], "public", "2026-10-09"), "shielded")
    check(store.shown(FIRMS[0], "public").count(number) == whole, "shown again when the plan has failed")
    check(number in store.evidence(FIRMS[0]), "counts again when the plan has failed")
    found = [r for s in json.loads(store.run("show", "--json", "--as-of", LATE, FIRMS[0][1]).stdout)["sections"]
             for r in s["records"] if r["state"] == "current" and r.get("published_until")]
    check("2029-05-06" in {r["published_until"] for r in found}, f"the original end: {found}")
    store.end()


for case in (by_every_layout, over_sound_entries, undone_and_done_again, rows_that_wait,
             rules_without_checks, by_the_exchange, forged_packs, forged_packs_that_come_into_force,
             accumulation_only_warns, measures_beyond_the_edition, a_retired_code,
             honour_and_entry_in_any_order, in_the_same_commit, over_in_either_order,
             shared_and_taken_back, a_shield_that_fails):
    case()
for fault in faults:
    print(fault, file=sys.stderr)
print(f"{len(cases('forbidden_rows'))} rows and {len(cases('forbidden_packs'))} packs: {len(faults)} faults")
sys.exit(1 if faults else 0)
