"""Packs come into force: what a rehearsal counts, and what an activation changes.

rehearse_test.py CREDIT SOURCE WORKLOAD

A draft that changes one parameter and one that changes one row are tried. What `rules
try` counts must be what `check` says of every subject and matter in two stores, one by
each pack. After the activation the store must answer for days before it, and for all
days with the knowledge of before, to the byte as it did; and from its day on to the byte
as the store that was made with the draft. A killed activation leaves one of the two.
Drafts that would misread records are refused, whatever is forced.
"""
import collections
import csv
import datetime
import hashlib
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unicodedata
import xml.etree.ElementTree as ET

credit, source, workload = sys.argv[1:4]
ROWS, KILLS = 700, 6
TODAY = datetime.date.today()
DAY = TODAY.isoformat()
EARLIER = (TODAY - datetime.timedelta(days=200)).isoformat()
LATER = (TODAY + datetime.timedelta(days=90)).isoformat()
SHIPPED = os.path.join(source, "packs", "jingzhou")


def run(*arguments, allowed=(0,)):
    done = subprocess.run([credit, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode in allowed, (arguments, done.returncode, done.stdout[-500:], done.stderr)
    return done


# ---- drafts -------------------------------------------------------------------------------


def change(path, edit):
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    edit(content)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=2)


def draft_of(directory, name, version):
    path = os.path.join(directory, name)
    shutil.copytree(SHIPPED, path)
    change(os.path.join(path, "pack.json"), lambda pack: pack.update(version=version))
    return path


def set_parameter(draft, name, value):
    def edit(parameters):
        found = [p for p in parameters if p["name"] == name]
        assert len(found) == 1 and found[0]["value"] != value, name
        found[0]["value"] = value

    change(os.path.join(draft, "parameters.json"), edit)


def edit_row(draft, decision, note, output, text):
    """Sets an output of the first row that has the note, in the decision's table."""
    path = os.path.join(draft, "rules", "jingzhou.dmn")
    tree = ET.parse(path)
    space = {"d": tree.getroot().tag[1:].partition("}")[0]}
    table = [
        d.find("d:decisionTable", space)
        for d in tree.getroot().findall("d:decision", space)
        if d.get("name") == decision
    ][0]
    place = [o.get("name") for o in table.findall("d:output", space)].index(output)
    for row in table.findall("d:rule", space):
        notes = [a.find("d:text", space).text for a in row.findall("d:annotationEntry", space)]
        if note in notes:
            row.findall("d:outputEntry", space)[place].find("d:text", space).text = text
            break
    else:
        raise AssertionError("no row " + note)
    ET.register_namespace("", space["d"])
    tree.write(path, encoding="utf-8", xml_declaration=True)


# ---- stores ---------------------------------------------------------------------------------


class Store:
    def __init__(self, path, pack=None, like=None):
        self.path = path
        if like is not None:
            shutil.copytree(like.path, path)
            shutil.copytree(like.path + ".keys", path + ".keys")
        else:
            run("--store", path, "init", *(["--pack", pack] if pack else []))

    def do(self, *arguments, allowed=(0,)):
        return run("--store", self.path, *arguments, allowed=allowed).stdout

    def take(self, *files):
        for path in files:
            self.do("import", "--json", path, allowed=(0, 1))

    def check(self, codes, day, *more):
        lines = self.do("check", "--json", "--batch", codes, "--as-of", day, *more, allowed=(0, 1))
        return lines

    def answers(self, codes, day, *more):
        """All that is said of a day, as bytes."""
        lists = [self.do("list", name, "--json", "--as-of", day, *more) for name in ("red", "black", "watch")]
        return [self.check(codes, day, *more)] + lists

    def digest(self):
        with open(os.path.join(self.path, "index", "data.mdb"), "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()

    def acts(self):
        return [json.loads(line) for line in self.do("rules", "show", "--json").splitlines()]

    def refuses(self, *arguments):
        done = run("--store", self.path, *arguments, allowed=(3,))
        return done.stderr


def make_data(directory):
    demo = os.path.join(source, "tests", "demo")
    files = [os.path.join(demo, name + ".csv") for name in ("register", "redlist", "blacklist", "irregular", "commitments")]
    penalties = os.path.join(directory, "penalties.csv")
    with open(penalties, "wb") as file:
        subprocess.run([workload, str(ROWS), "7", "0"], stdout=file, check=True)
    return files + [penalties]


def codes_of(files, directory):
    codes = set()
    for path in files:
        with open(path, "rb") as file:
            text = unicodedata.normalize("NFKC", file.read().decode("utf-8")).upper()
            codes.update(re.findall(r"(?<![0-9A-Z])[159][1-9][0-9]{6}[0-9A-Z]{10}(?![0-9A-Z])", text))
    judged = subprocess.run([credit, "id", "-"], input="\n".join(codes), capture_output=True, text=True, check=False)
    codes = {line.split("\t")[0] for line in judged.stdout.splitlines() if line.split("\t")[1:3] == ["uscc", "valid"]}
    path = os.path.join(directory, "codes")
    with open(path, "w", encoding="ascii") as file:
        file.write("\n".join(sorted(codes)) + "\n")
    return path


# ---- the oracle --------------------------------------------------------------------------------


def matters():
    with open(os.path.join(SHIPPED, "codes", "matters.json"), encoding="utf-8") as file:
        return [code["word"] for code in json.load(file)["codes"]]


def decided(store, codes, matter):
    """Of every subject that the store knows: tier, lists, decision."""
    found = {}
    for line in store.check(codes, DAY, "--for", matter).splitlines():
        answer = json.loads(line)
        if not answer["subject"]["name"]:
            continue
        lists = {(one["list"], one["code"]) for one in answer["listings"]}
        found[answer["subject"]["id"]] = (answer["tier"], lists, answer["decision"])
    return found


def oracle(before, after, codes):
    tiers, lists, greens, changed = collections.Counter(), collections.defaultdict(collections.Counter), collections.Counter(), set()
    for place, matter in enumerate(matters()):
        old, new = decided(before, codes, matter), decided(after, codes, matter)
        assert old.keys() == new.keys() and old
        for code, (tier, on, green) in old.items():
            tier2, on2, green2 = new[code]
            greens[matter, green, green2] += 1
            if (tier, on, green) != (tier2, on2, green2):
                changed.add(code)
            if place > 0:
                continue
            tiers[tier, tier2] += 1
            for one in on | on2:
                lists[one].update(before=one in on, after=one in on2, entered=one not in on, left=one not in on2)
    return len(old), changed, tiers, lists, greens


def compare_rehearsal(directory, before, after, draft, codes):
    table, page = os.path.join(directory, "changes.csv"), os.path.join(directory, "changes.html")
    held = before.digest()
    said = json.loads(before.do("rules", "try", draft, "--json", "--as-of", DAY, "--csv", table, "--html", page))
    assert before.digest() == held
    subjects, changed, tiers, lists, greens = oracle(before, after, codes)
    assert said["subjects"] == subjects, (said["subjects"], subjects)
    assert {(t["from"], t["to"]): t["subjects"] for t in said["tiers"]} == dict(tiers)
    assert {(g["matter"], g["from"], g["to"]): g["subjects"] for g in said["matters"]} == dict(greens)
    found = {(one["list"], one["code"]): {k: one[k] for k in ("before", "after", "entered", "left")} for one in said["lists"]}
    assert found == {name: {k: c[k] for k in ("before", "after", "entered", "left")} for name, c in lists.items()}, (found, lists)
    assert said["changed"] == len(changed) > 0, (said["changed"], len(changed))
    check_table(table, said, changed, tiers, lists)
    check_page(page, said)
    assert "jingzhou" in before.do("rules", "try", draft, "--as-of", DAY)


def check_table(table, said, changed, tiers, lists):
    with open(table, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == said["changes"]
    assert {row["subject"] for row in rows} == changed
    words = collections.Counter((r["before"], r["after"]) for r in rows if r["what"] == "tier")
    wanted = {(a or "待定", b or "待定"): n for (a, b), n in tiers.items() if a != b}
    assert words == wanted, (words, wanted)
    moved = collections.Counter((r["place"].split(" ")[0], r["after"]) for r in rows if r["what"] == "list")
    for (name, code), count in lists.items():
        place = name + "/" + code if code else name
        assert moved[place, "列入"] == count["entered"] and moved[place, "未列入"] == count["left"]
    for row in rows:
        assert row["before"] != row["after"] and row["department"] and row["region"], row
        if row["before"] not in ("待定", "未列入"):
            assert row["rules_before"] and row["basis_before"] and row["reasons_before"], row
        if row["after"] not in ("待定", "未列入"):
            assert row["rules_after"] and row["basis_after"] and row["reasons_after"], row
    for kind, key in (("departments", "department"), ("regions", "region")):
        counted = collections.Counter((row[key], row["what"]) for row in rows)
        for one in said[kind]:
            assert all(one[what] == counted[one[key], what] for what in ("tier", "list", "green_channel")), one


def check_page(page, said):
    with open(page, encoding="utf-8") as file:
        text = file.read()
    assert text.startswith("<!DOCTYPE html>") and text.endswith("</html>\n") and "<svg" in text
    assert not re.search(r"(src|href)\s*=|url\(|@import|<script|<link", text), "it loads something"
    body = text[text.index("<body>"):]
    ET.fromstring("<html>" + body.replace("<br>", "<br/>"))
    assert said["pack"]["sha256"] in text and said["draft"]["sha256"] in text
    assert body.count("<tr><td>") >= min(said["changes"], 20000)
    moves = sum(1 for t in said["tiers"])
    assert body.count("<path ") == moves


# ---- activation ---------------------------------------------------------------------------------


def compare_activation(directory, before, after, draft, codes):
    moment = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="microseconds")
    time.sleep(0.01)
    then = {day: before.answers(codes, day) for day in (EARLIER, DAY, LATER)}
    before.do("rules", "activate", draft, "--from", DAY)
    before.do("fsck")
    assert before.answers(codes, EARLIER) == then[EARLIER]
    for day in (DAY, LATER):
        assert before.answers(codes, day) == after.answers(codes, day)
        assert before.answers(codes, day, "--known-at", moment) == then[day]
    assert then[DAY] != before.answers(codes, DAY)
    acts = before.acts()
    assert [act["in_force"] for act in acts] == [False, True] and acts[1]["from"] == DAY
    assert acts[0]["from"] is None and acts[0]["until"] == (TODAY - datetime.timedelta(days=1)).isoformat()
    again = json.loads(before.do("rules", "activate", draft, "--from", DAY, "--json"))
    assert again["unchanged"] and len(before.acts()) == 2
    shown = json.loads(before.do("rules", "show", acts[1]["sha256"][:12], "--json"))
    assert shown["sha256"] == acts[1]["sha256"] and any(t["decision"] == "tier" and t["rows"] for t in shown["tables"])
    check_extracts(directory, before, acts)


def check_extracts(directory, store, acts):
    code = json.loads(store.do("list", "watch", "--json", "--as-of", EARLIER).splitlines()[0])["subject"]["id"]
    for day, act in ((EARLIER, acts[0]), (DAY, acts[1])):
        path = os.path.join(directory, day + ".asice")
        store.do("extract", code, "-o", path, "--as-of", day, "--scope", "government")
        store.do("verify", path)
        unpacked = subprocess.run(["unzip", "-p", path, "extract.json"], capture_output=True, check=True)
        assert json.loads(unpacked.stdout)["pack"]["sha256"] == act["sha256"], day


def compare_later(directory, store, with_draft, draft, codes):
    """From a day to come: no job is needed, and the nightly pass writes down what it changed."""
    then = store.answers(codes, DAY)
    day_before = (datetime.date.fromisoformat(LATER) - datetime.timedelta(days=1)).isoformat()
    eve = store.answers(codes, day_before)
    store.do("rules", "activate", draft, "--from", LATER)
    store.do("fsck")
    wanted = with_draft.answers(codes, LATER)
    assert store.answers(codes, DAY) == then and store.answers(codes, day_before) == eve
    assert store.answers(codes, LATER) == wanted != eve
    store.do("evaluate", "--as-of", day_before)
    assert store.answers(codes, LATER) == wanted
    moved = store.do("evaluate", "--as-of", LATER, "--json").splitlines()
    assert moved and all(json.loads(line)["on"] == LATER for line in moved)
    store.do("fsck")
    assert store.answers(codes, LATER) == wanted and store.answers(codes, DAY) == then
    assert store.do("evaluate", "--as-of", LATER, "--json") == ""
    numbers = [json.loads(line)["number"] for line in store.do("feed", "changes", "--since", "0", "--json").splitlines()]
    assert numbers == list(range(1, len(numbers) + 1))


def kill_activations(directory, store, draft, codes):
    old = store.answers(codes, DAY)
    whole = Store(os.path.join(directory, "whole"), like=store)
    started = time.monotonic()
    whole.do("rules", "activate", draft, "--from", DAY)
    took = time.monotonic() - started
    new = whole.answers(codes, DAY)
    ends = collections.Counter()
    for number in range(KILLS):
        victim = Store(os.path.join(directory, "victim%d" % number), like=store)
        process = subprocess.Popen([credit, "--store", victim.path, "rules", "activate", draft, "--from", DAY],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(took * random.uniform(0.2, 2))
        process.send_signal(signal.SIGKILL)
        process.wait()
        victim.do("fsck")
        acts = len(victim.acts())
        assert victim.answers(codes, DAY) == (old if acts == 1 else new), acts
        ends[acts] += 1
        shutil.rmtree(victim.path)
    assert set(ends) <= {1, 2}
    return ends


# ---- drafts that are not fit -----------------------------------------------------------------------


def renumber(draft):
    def edit(content):
        codes = content["codes"]
        codes[0]["number"], codes[1]["number"] = codes[1]["number"], codes[0]["number"]

    change(os.path.join(draft, "codes", "serious_lists.json"), edit)


def lose_word(draft):
    change(os.path.join(draft, "codes", "list_statuses.json"), lambda content: content["codes"].pop())


def change_key(draft):
    change(os.path.join(draft, "catalogs", "redlist.json"), lambda catalog: catalog["credit"]["key"].pop())


def lose_catalog(draft):
    change(os.path.join(draft, "pack.json"), lambda pack: pack["catalogs"].remove("contract"))


def move_role(draft):
    def edit(catalog):
        for field in catalog["fields"]:
            if field.get("credit", {}).get("role") == "authority":
                del field["credit"]["role"]

    change(os.path.join(draft, "catalogs", "irregular.json"), edit)


def refuse_unfit(directory, store):
    before = store.digest()
    for number, (spoil, says) in enumerate((
        (renumber, "the number of the word"),
        (lose_word, "the number of the word"),
        (change_key, "the record key"),
        (lose_catalog, "contract is missing"),
        (move_role, "role"),
    )):
        draft = draft_of(directory, "unfit%d" % number, "unfit")
        spoil(draft)
        for verb in (["try"], ["activate", "--from", DAY, "--force"]):
            message = store.refuses("rules", verb[0], draft, *verb[1:])
            assert says in message and len(message.strip().splitlines()) == 1, (spoil.__name__, message)
    assert store.digest() == before


def take_other_layout(directory, store, codes, files):
    """A column, a word and a catalog more: what is there is read as it was written."""
    draft = draft_of(directory, "wider", "wider")

    def add_column(catalog):
        catalog["fields"].insert(0, {"name": "XZL", "title": "新增栏", "type": "string", "constraints": {"maxLength": 50}})

    change(os.path.join(draft, "catalogs", "redlist.json"), add_column)
    change(os.path.join(draft, "codes", "list_statuses.json"),
        lambda content: content["codes"].append({"word": "5", "code": "", "number": 5, "aliases": ["新状态"]}))
    shown = [store.do("show", code, "--json", "--as-of", EARLIER, allowed=(0, 1)) for code in codes[:20]]
    store.do("rules", "activate", draft, "--from", DAY)
    assert [store.do("show", code, "--json", "--as-of", EARLIER, allowed=(0, 1)) for code in codes[:20]] == shown
    red = json.loads(store.do("list", "red", "--json", "--as-of", DAY).splitlines()[0])
    assert red["document_no"] and red["authority"], "old columns are found in the new layout"
    with open(files[1], encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    path = os.path.join(directory, "wider.csv")
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["新增栏"] + rows[0], ["某值"] + rows[1]])
    said = json.loads(store.do("import", "--json", path))
    assert said["updated"] == 1, said
    assert "某值" in store.do("show", rows[1][rows[0].index("统一社会信用代码")], "--json")
    store.do("fsck")


def force_is_on_record(directory, store):
    draft = draft_of(directory, "doubtful", "doubtful")
    edit_row(draft, "tier", "T2", "inspection", 'if 1 = "a" then "x" else "y"')
    assert "does not lint" in store.refuses("rules", "activate", draft, "--from", LATER)
    store.do("rules", "activate", draft, "--from", LATER, "--force")
    acts = store.acts()
    assert acts[-1]["forced"] and acts[-1]["version"] == "doubtful" and not acts[0]["forced"]


def main():
    random.seed(3)
    with tempfile.TemporaryDirectory() as directory:
        files = make_data(directory)
        codes = codes_of(files, directory)
        with open(codes, encoding="ascii") as file:
            all_codes = file.read().split()
        parameter = draft_of(directory, "parameter", "2027.1")
        set_parameter(parameter, "fine_minor_below", "20")
        row = draft_of(directory, "row", "2027.2")
        edit_row(row, "tier", "有在公示的一般失信信息", "tier", '"C"')
        stores = [Store(os.path.join(directory, name), pack) for name, pack in (("shipped", None), ("with_parameter", parameter), ("with_row", row))]
        for store in stores:
            store.take(*files)
        shipped = stores[0]
        for draft, other in ((parameter, stores[1]), (row, stores[2])):
            compare_rehearsal(directory, shipped, other, draft, codes)
        refuse_unfit(directory, shipped)
        ends = kill_activations(directory, shipped, parameter, codes)
        compare_later(directory, Store(os.path.join(directory, "later"), like=shipped), stores[2], row, codes)
        other = Store(os.path.join(directory, "other"), like=shipped)
        force_is_on_record(directory, other)
        take_other_layout(directory, other, all_codes, files)
        compare_activation(directory, shipped, stores[1], parameter, codes)
        print("killed: %d before, %d after the commit" % (ends[1], ends[2]))


main()
