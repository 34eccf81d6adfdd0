"""Whose record is it: both sides of every row of the shipped matching table.

matching_test.py CREDIT SOURCE

Through the installed program, with two catalogs of training records beside the
shipped ones: one makes subjects known, the other does not.
"""
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile

credit, source = sys.argv[1], sys.argv[2]
random.seed(20261128)

FIELDS = [("PX_MC", "单位名称", "subject_name"), ("PX_DM", "统一社会信用代码", "subject_uscc"),
          ("PX_ZZ", "组织机构代码", "subject_org_code"), ("PX_ZC", "注册号", "subject_reg_no"),
          ("PX_ZH", "身份证号", "subject_id_no"), ("PX_BH", "培训证书编号", "document_no"),
          ("PX_RQ", "培训日期", "decided_on")]
HEADER = "单位名称,统一社会信用代码,组织机构代码,注册号,身份证号,培训证书编号,培训日期\n"
REGISTER = "企业名称,统一社会信用代码,注册号,注册日期\n"
CORRECTION = "操作标志,原统一社会信用代码,现统一社会信用代码,机构名称,更正日期,更正机关,提供日期\n"
PERSON = "421023198507150025"


# ---- numbers with the right check characters ---------------------------------------

def org_code(body):
    letters, weights = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", (3, 7, 9, 10, 5, 8, 4, 2)
    check = 11 - sum(letters.index(c) * w for c, w in zip(body, weights)) % 11
    return body + ("X" if check == 10 else "0" if check == 11 else str(check))


def uscc(head, org):
    letters = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    weights = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
    body = head + org
    return body + letters[(31 - sum(letters.index(c) * w for c, w in zip(body, weights)) % 31) % 31]


def reg_no(body):
    product = 10
    for digit in body:
        product = ((int(digit) + product) % 10 or 10) * 2 % 11
    return body + str((11 - product) % 10)


ORG = [org_code("MA4TE5T%d" % i) for i in range(6)]
FIRM = [uscc("91421000", org) for org in ORG]
TWIN = uscc("91421003", ORG[3])  # another code with the organisation code of FIRM[3] in it
REG = [reg_no("4210000000000%d" % i) for i in range(6)]


# ---- the program --------------------------------------------------------------------

def run(*arguments, allowed=(0,)):
    done = subprocess.run([credit, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode in allowed, (arguments, done.returncode, done.stdout, done.stderr)
    return done


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def make_pack(directory, change=None):
    shutil.copytree(os.path.join(source, "packs", "jingzhou"), directory)
    subprocess.run(["chmod", "-R", "u+w", directory], check=True)
    for name, creates in (("training", True), ("course", False)):
        fields = [{"name": code if creates else "K" + code, "title": title if creates else "课" + title,
                   "type": "date" if role == "decided_on" else "string",
                   "credit": {"role": role, "personal": role == "subject_id_no"}}
                  for code, title, role in FIELDS]
        write(os.path.join(directory, "catalogs", name + ".json"), json.dumps({
            "name": name, "title": name, "fields": fields,
            "credit": {"kind": "record", "section": "其他信息", "scope": "public",
                       "key": [fields[5]["name"]], "creates_subject": creates}}))
    path = os.path.join(directory, "pack.json")
    with open(path, encoding="utf-8") as file:
        pack = json.load(file)
    pack["catalogs"] += ["training", "course"]
    write(path, json.dumps(pack))
    if change is not None:
        path = os.path.join(directory, "matching.json")
        with open(path, encoding="utf-8") as file:
            table = json.load(file)
        change(table)
        write(path, json.dumps(table))


class Store:
    """A store of its own; rows go in through files of its own."""

    def __init__(self, name, pack="pack"):
        self.path, self.files, self.serial = os.path.join(scratch, name), 0, 0
        run("--store", self.path, "init", "--pack", os.path.join(scratch, pack))

    def credit(self, *arguments, allowed=(0,)):
        return run("--store", self.path, *arguments, allowed=allowed)

    def bring(self, text, *options):
        self.files += 1
        path = os.path.join(scratch, "%s-%d.csv" % (os.path.basename(self.path), self.files))
        write(path, text)
        out = self.credit("import", "--json", *options, path, allowed=(0, 1, 3)).stdout
        return json.loads(out.splitlines()[0])

    def register(self, name, code, reg="", day="2026-01-10"):
        said = self.bring(REGISTER + "%s,%s,%s,2020-01-01\n" % (name, code, reg), "--dated", day)
        assert said["rejected"] == 0, said

    def correct(self, operation, code, day, name="某机构"):
        said = self.bring(CORRECTION + "%s,%s,,%s,%s,演示代码中心,%s\n" % (
            operation, code, name, day, day))
        assert said["added"] + said["updated"] + said["unchanged"] == 1, said
        assert said["catalog"] == "code_correction", said

    def row(self, name, code="", org="", reg="", person="", day="2026-05-01", catalog="training"):
        """Brings in one row: "joined", "refused" or the rule that makes it wait."""
        self.serial += 1
        header = HEADER if catalog == "training" else "课" + HEADER.replace(",", ",课")
        said = self.bring(header + ",".join(
            [name, code, org, reg, person, "培字%d号" % self.serial, day]) + "\n")
        assert said["catalog"] == catalog, said
        if said["parked"] == 1:
            return self.waiting()[-1]["rule"]
        return "joined" if said["added"] == 1 else "refused"

    def waiting(self):
        return [json.loads(line) for line in self.credit("parked", "list", "--json").stdout.splitlines()]

    def records(self, code, *options, catalog=None):
        out = self.credit("show", "--json", *options, code, allowed=(0, 1)).stdout
        shown = json.loads(out) if out else {"sections": []}
        return [r for s in shown["sections"] for r in s["records"] if catalog in (None, r["catalog"])]

    def check(self, code, *options):
        return json.loads(self.credit("check", "--json", *options, code, allowed=(0, 1)).stdout)

    def retry(self):
        said = json.loads(self.credit("parked", "settle", "--retry", "--json").stdout)
        assert said["rows"] == said["added"] + said["updated"] + said["unchanged"] + said["withdrawn"]
        return said["rows"]

    def sound(self):
        self.credit("fsck")


def same(found, wanted):
    assert found == wanted, (found, wanted)


# ---- the rows of the table -----------------------------------------------------------

def names():
    store = Store("names")
    store.register("荆州（演示）甲公司", FIRM[0])
    same(store.row("荆州（演示）甲公司", FIRM[0]), "joined")  # M1
    for spelt in ("荆州(演示)甲公司", " 荆州（演示） 甲公司 ", "荆州（演示）甲公司\u3000"):
        same(store.row(spelt, FIRM[0]), "joined")
    same(store.row("荆州（演示）乙公司", FIRM[0]), "M3")
    store.register("Ａ１演示公司", FIRM[1])
    same(store.row("A1演示公司", FIRM[1]), "joined")
    # A character of the private use area is a letter of its own: neither lost nor another.
    store.register("荆州\ue5e5公司", FIRM[2])
    same(store.row("荆州\ue5e5公司", FIRM[2]), "joined")
    same(store.row("荆州\ue5e6公司", FIRM[2]), "M3")
    same(store.row("荆州公司", FIRM[2]), "M3")
    assert "\ue5e5" in store.credit("show", "--json", FIRM[2]).stdout
    same(store.waiting()[0]["message"], "统一社会信用代码有效，名称与主体的名称不一致（1001）")
    store.sound()


def former_names():
    store = Store("former")
    store.register("旧名公司", FIRM[0], day="2026-01-10")
    store.register("新名公司", FIRM[0], day="2026-06-10")
    same(store.row("旧名公司", FIRM[0], day="2026-06-09"), "joined")  # M2
    same([r.get("joined_by") for r in store.records(FIRM[0], catalog="training")], [["former_name"]])
    same(store.row("旧名公司", FIRM[0], day="2026-06-10"), "M3")
    same(store.row("旧名公司", FIRM[0], day="2025-01-01"), "joined")
    same(store.row("新名公司", FIRM[0], day="2025-01-01"), "joined")
    assert all("joined_by" not in r for r in store.records(FIRM[0]) if "新名公司" in json.dumps(
        r, ensure_ascii=False))
    # The same, the night of the old name coming last.
    store = Store("former-late")
    store.register("新名公司", FIRM[0], day="2026-06-10")
    store.register("旧名公司", FIRM[0], day="2026-01-10")
    same(store.row("旧名公司", FIRM[0], day="2026-06-09"), "joined")
    same(store.row("旧名公司", FIRM[0], day="2026-06-10"), "M3")
    same(store.row("新名公司", FIRM[0], day="2026-06-10"), "joined")
    store.sound()


def unknown_codes():
    store = Store("unknown")
    same(store.row("甲公司", FIRM[0], catalog="course"), "M4")
    same(store.row("甲公司", FIRM[0]), "joined")  # makes it known
    same(store.row("甲公司", FIRM[0], catalog="course"), "joined")
    same(store.row("乙公司", FIRM[0]), "M3")
    same(store.row("甲公司"), "refused")  # M7: by the name alone, never
    same(len(store.records(FIRM[0])), 2)
    same(store.retry(), 1)
    same([w["rule"] for w in store.waiting()], ["M3"])
    same(len(store.records(FIRM[0], catalog="course")), 2)
    same(store.retry(), 0)
    store.sound()


def persons():
    store = Store("persons")
    same(store.row("张三", person=PERSON, catalog="course"), "M4")
    same(store.row("张三", person=PERSON), "joined")
    same(store.row("张 三", person=PERSON), "joined")
    same(store.row("李四", person=PERSON), "M8")
    same(store.retry(), 1)
    same([w["rule"] for w in store.waiting()], ["M8"])
    assert PERSON not in json.dumps(store.waiting())
    store.sound()


def other_numbers():
    store = Store("numbers")
    same(store.row("甲公司", org=ORG[0]), "M6")
    store.register("甲公司", FIRM[0], REG[0])  # what waited for this goes in
    same(store.waiting(), [])
    same([r.get("joined_by") for r in store.records(FIRM[0], catalog="training")], [["other_number"]])
    same(store.row("甲公司", org=ORG[0]), "joined")
    same(store.row("甲公司", org=ORG[0][:8] + "-" + ORG[0][8]), "joined")
    same(store.row("甲公司", reg=REG[0]), "joined")
    same(store.row("乙公司", org=ORG[0]), "M6c")
    same(store.row("乙公司", reg=REG[1]), "M6")
    same(len(store.records(FIRM[0], catalog="training")), 4)
    # Two codes with one organisation code, two with one registration number.
    store.register("丙公司", FIRM[3])
    same(store.row("丙公司", org=ORG[3]), "joined")
    store.register("丙公司", TWIN)
    same(store.row("丙公司", org=ORG[3]), "M6b")
    store.register("甲公司", FIRM[1], REG[0])
    same(store.row("甲公司", reg=REG[0]), "M6b")
    same([len(store.records(code, catalog="training")) for code in (FIRM[3], TWIN, FIRM[1])], [1, 0, 0])
    store.sound()
    # Sent again, a row that joined by its number is unchanged; one that a person gave away stays.
    text = HEADER + "丁公司,,%s,,,培字90号,2026-05-01\n" % ORG[4]
    said = store.bring(text)
    same(said["parked"], 1)
    store.credit("parked", "settle", "--as", FIRM[2], str(said["batch"]), "1")
    store.register("丁公司", FIRM[4])
    same(store.bring(text + "\n")["unchanged"], 1)
    same(store.records(FIRM[4], catalog="training"), [])
    text = HEADER + "丁公司,,%s,,,培字91号,2026-05-01\n" % ORG[4]
    same([store.bring(text + "\n" * i)["added"] for i in range(2)], [1, 0])
    store.sound()


def undone_batches():
    """What an undone batch said of numbers, names and codes decides nothing any more."""
    store = Store("undone")
    store.register("甲公司", FIRM[0], REG[0])
    store.register("乙公司", FIRM[0], REG[1], day="2026-02-10")
    same([store.row("乙公司", reg=REG[n]) for n in (0, 1)], ["joined", "joined"])
    store.credit("batch", "undo", "2")
    same([store.row("甲公司", reg=REG[n]) for n in (0, 1)], ["joined", "M6"])
    same(store.row("乙公司", FIRM[0]), "M3")
    store.credit("batch", "undo", "1")  # now nobody is known by that code, but for its rows
    same(store.row("甲公司", reg=REG[0]), "M6")
    same(store.row("甲公司", org=ORG[0]), "M6")
    same(store.row("丙公司", FIRM[5], catalog="course"), "M4")
    waiting = len(store.waiting())
    numbers = [json.loads(line) for line in store.credit("batch", "list", "--json").stdout.splitlines()]
    store.credit("batch", "undo", str([b["batch"] for b in numbers if b["undoes"] == 1][0]))
    same(store.retry(), 2)
    same(len(store.waiting()), waiting - 2)
    store.sound()
    store = Store("undone-code")
    store.register("甲公司", FIRM[0])
    store.correct(1, FIRM[0], "2026-03-02")
    same(store.row("甲公司", FIRM[0]), "M5")
    store.credit("batch", "undo", "2")
    same(is_reviewed(store, FIRM[0]), False)
    same(store.retry(), 1)
    same(store.row("甲公司", FIRM[0]), "joined")
    # What a retry has let in waits again when that is undone, and goes with its batch.
    store.credit("batch", "undo", "5")
    same([w["rule"] for w in store.waiting()], ["M5"])
    same(store.retry(), 1)
    store.credit("batch", "undo", "3")
    same(store.waiting(), [])
    same(len(store.records(FIRM[0], catalog="training")), 1)
    store.sound()


def is_reviewed(store, code, *options):
    answer = store.check(code, *options)
    reasons = [r for r in answer["reasons"] if r["rule"] == "M5"]
    assert all(r["basis"] and r["text"] for r in reasons)
    tier = json.loads(store.credit("tier", "--json", *options, code, allowed=(0, 1)).stdout)
    same("M5" in json.dumps(tier), bool(reasons))
    return bool(reasons)


def corrections():
    store = Store("corrections")
    store.register("甲公司", FIRM[0])
    same(store.row("甲公司", FIRM[0]), "joined")
    same(is_reviewed(store, FIRM[0]), False)
    before = store.credit("batch", "list", "--json").stdout.splitlines()[-1]
    store.correct(1, FIRM[0], "2026-03-02")
    same(store.row("甲公司", FIRM[0]), "M5")
    same(store.row("甲公司", org=ORG[0]), "M5")
    same(store.bring(REGISTER + "甲公司,%s,,2020-02-02\n" % FIRM[0], "--dated", "2026-04-01")["parked"], 1)
    same(len(store.records(FIRM[0], catalog="training")), 1)  # what is there stays
    same(is_reviewed(store, FIRM[0]), True)
    same(is_reviewed(store, FIRM[0], "--as-of", "2026-03-02"), True)
    same(is_reviewed(store, FIRM[0], "--as-of", "2026-03-01"), False)
    same(is_reviewed(store, FIRM[0], "--known-at", json.loads(before)["at"]), False)
    store.correct(2, FIRM[0], "2026-06-01")  # the correction is corrected: all of them go in
    same(store.waiting(), [])
    same(is_reviewed(store, FIRM[0]), False)
    same(len(store.records(FIRM[0], catalog="training")), 3)
    store.correct(1, FIRM[0], "2026-05-01")  # a night that comes late changes nothing
    same(is_reviewed(store, FIRM[0]), False)
    same(store.row("甲公司", FIRM[0]), "joined")
    store.correct(1, FIRM[0], "2026-07-01")
    same(store.row("甲公司", FIRM[0]), "M5")
    # A code that nobody knows yet, and the sample.
    store.correct(1, FIRM[1], "2026-03-02")
    same(store.row("乙公司", FIRM[1]), "M5")
    same(store.row("某机构", FIRM[1], catalog="course"), "M5")
    same(store.records(FIRM[1], catalog="training"), [])
    sample = os.path.join(source, "tests", "samples", "code_correction.csv")
    same(json.loads(store.credit("import", "--json", sample).stdout)["rejected"], 0)
    # Without the day on which it was sent, the day of the correction orders.
    said = store.bring("操作标志,原统一社会信用代码,现统一社会信用代码,机构名称,更正日期,更正机关\n"
                       "2,%s,,乙公司,2026-08-01,演示代码中心\n" % FIRM[1])
    same((said["updated"], said["ordered_by"]), (1, "source"))
    # A correction that made its code known gave it a name too, until the register does.
    same([w["rule"] for w in store.waiting()], ["M5", "M3"])
    same(len(store.records(FIRM[1], catalog="course")), 1)
    store.register("乙公司", FIRM[1], day="2026-08-02")
    same([w["subject"]["id"] for w in store.waiting()], [FIRM[0]])
    same(len(store.records(FIRM[1], catalog="training")), 1)
    store.sound()


def orders_of_nights():
    """Register, correction and records in any order end in the same files."""
    def night_of(store, step):
        {"register": lambda: store.register("甲公司", FIRM[0], REG[0]),
         "twin": lambda: store.register("甲公司", FIRM[1]),
         "delete": lambda: store.correct(1, FIRM[1], "2026-02-01", "甲公司"),
         "keep": lambda: store.correct(2, FIRM[1], "2026-03-01", "甲公司"),
         "code": lambda: store.bring(HEADER + "甲公司,%s,,,,培字1号,2026-05-01\n" % FIRM[0]),
         "number": lambda: store.bring(HEADER + "甲公司,,,%s,,培字2号,2026-05-01\n" % REG[0]),
         "other": lambda: store.bring(HEADER + "甲公司,%s,,,,培字3号,2026-05-01\n" % FIRM[1]),
         }[step]()

    def content(order, name):
        store = Store(name)
        for step in order:
            night_of(store, step)
        same(store.waiting(), [])
        store.sound()
        return [sorted((r["catalog"], json.dumps(r["fields"], sort_keys=True)) for r in store.records(c))
                for c in FIRM[:2]]

    steps = ["register", "twin", "delete", "keep", "code", "number", "other"]
    wanted = content(steps, "order")
    same([len(file) for file in wanted], [3, 3])
    for i in range(4):
        same(content(random.sample(steps, len(steps)), "order-%d" % i), wanted)


# ---- what no table may do ----------------------------------------------------------------

def tables_that_are_refused():
    def row(table, rule, outcome):
        return [r for r in table if (r["rule"], r["outcome"]) == (rule, outcome)][-1]

    def becomes(rule, old, new):
        return lambda table: row(table, rule, old).update(outcome=new)

    faults = [(becomes("M7", "park", "join"), "M7 joins by the name alone"),
              (becomes("M6b", "park", "join"), "does not lead to exactly one"),
              (becomes("M6", "park", "introduce"), "does not lead to exactly one"),
              (becomes("M6", "join_note", "introduce"), "no unified code"),
              (becomes("M4", "park", "join"), "joins a subject that is not known"),
              (becomes("M1", "join", "introduce"), "makes a subject known that is known"),
              (becomes("B2", "park", "join"), "lacks its decision"),
              (becomes("M3", "park", "reject"), "not one of the words"),
              (lambda t: row(t, "M3", "park")["when"].update(name=["alike"]), "not one of the words"),
              (lambda t: row(t, "M3", "park")["when"].update(moon=["full"]), "no such member"),
              (lambda t: row(t, "M3", "park")["when"].update(name=[]), "names no value"),
              (lambda t: row(t, "M6b", "park").update(rule="M6c"), "another reason already"),
              (lambda t: row(t, "M3", "park").update(rule="M3456789"), "1 to 7 letters")]
    for i, (change, message) in enumerate(faults):
        pack = os.path.join(scratch, "bad-%d" % i)
        make_pack(pack, change)
        said = run("--store", pack + ".store", "init", "--pack", pack, allowed=(3,)).stderr
        assert "matching.json" in said and message in said, (message, said)
        shutil.rmtree(pack)
    # One word each: a code that is not known waits always; a number never leads.
    make_pack(os.path.join(scratch, "strict"), strict)
    store = Store("strict-store", "strict")
    same(store.row("甲公司", FIRM[0]), "M4x")
    store.register("甲公司", FIRM[0])
    same(store.waiting(), [])
    same(store.row("甲公司", org=ORG[0]), "M6x")
    # A table that is silent lets rows wait for a reason of its own.
    make_pack(os.path.join(scratch, "silent"), lambda table: table.clear())
    store = Store("silent-store", "silent")
    same(store.row("甲公司", FIRM[0]), "M0")
    assert "no row" in store.waiting()[0]["message"]


def strict(table):
    for row in table:
        if row["rule"] == "M4" and row["when"].get("introduces"):
            row.update(outcome="park", rule="M4x")
        if row["rule"] == "M6" and row["outcome"] == "join_note":
            row.update(outcome="park", rule="M6x")


def no_row_lands_where_its_number_does_not_point():
    store = Store("property")
    names_ = ["甲公司", "乙公司", "丙（荆州）公司"]
    for i in (0, 1, 3):
        store.register(names_[i % 3], FIRM[i], REG[i])
    store.register(names_[0], TWIN)
    store.register(names_[0], FIRM[4], REG[0])  # REG[0] leads to two
    rows = []
    for i in range(400):
        name, at = random.choice(names_), random.randrange(6)
        code, org, reg = random.choice([(FIRM[at], "", ""), ("", ORG[at], ""), ("", "", REG[at]),
                                        (TWIN, "", "")])
        rows.append((name, code, org, reg, "", "性字%d号" % i, "2026-05-01"))
    for part in (rows[:200], rows[200:]):
        said = store.bring(HEADER + "".join(",".join(row) + "\n" for row in part))
        same(said["rejected"], 0)
        assert said["added"] > 0 and said["parked"] > 0
    store.sound()
    by_number, seen = {row[5]: row for row in rows}, set()
    for code in FIRM + [TWIN]:
        for record in store.records(code, catalog="training"):
            text = json.dumps(record, ensure_ascii=False)
            (row,) = [row for key, row in by_number.items() if '"%s"' % key in text]
            assert row[5] not in seen, row
            seen.add(row[5])
            if "other_number" in record.get("joined_by", []):
                assert row[1] == "" and (row[2] == code[8:17] != ORG[3] or row[3] == REG[FIRM.index(code)]), row
                assert row[3] != REG[0], row
            else:
                same(row[1], code)
    same(len(seen) + len(store.waiting()), len(rows))


with tempfile.TemporaryDirectory() as scratch:
    make_pack(os.path.join(scratch, "pack"))
    cases = [names, former_names, unknown_codes, persons, other_numbers, corrections, undone_batches,
             orders_of_nights, tables_that_are_refused, no_row_lands_where_its_number_does_not_point]
    for case in cases:
        if len(sys.argv) < 4 or case.__name__ in sys.argv[3:]:
            case()
            print("%s: as the table says" % case.__name__)
