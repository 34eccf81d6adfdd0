#!/usr/bin/env python3
"""Plants faults in the shipped pack and demands that `credit rules lint` finds each.

    lint_test.py CREDIT [PACK]      CREDIT is the program

First the pack as it is must be clean. Then mutants of it are made, operator by
operator, from whatever tables the pack has: every one must be found, by the kind of
finding that the operator expects. What an operator leaves out, because the mutant
would mean the same as the pack, it says why. Python's standard library only.
"""
import collections
import concurrent.futures
import copy
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent
SPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
DMN = "{" + SPACE + "}"
LEAST = 200      # mutants in all
MOST_OF_ONE = 10  # of one operator: evenly chosen, the run is to stay short
xml.register_namespace("", SPACE)

Mutant = collections.namedtuple("Mutant", "name kinds act parameters")


# ---- reading the model ------------------------------------------------------------

class Table:
    def __init__(self, decision):
        self.name = decision.get("name")
        self.node = decision.find(DMN + "decisionTable")
        self.policy = self.node.get("hitPolicy", "UNIQUE")
        self.inputs = self.node.findall(DMN + "input")
        self.outputs = self.node.findall(DMN + "output")
        self.rows = self.node.findall(DMN + "rule")

    def tests(self, row):
        return [cell.find(DMN + "text") for cell in self.rows[row].findall(DMN + "inputEntry")]

    def cells(self, row):
        return [cell.find(DMN + "text") for cell in self.rows[row].findall(DMN + "outputEntry")]

    def notes(self, row):
        return [cell.find(DMN + "text") for cell in self.rows[row].findall(DMN + "annotationEntry")]

    def asked(self, column):
        return self.inputs[column].find(f"{DMN}inputExpression/{DMN}text").text.strip()

    def ends_open(self):
        return all(t.text.strip() == "-" for t in self.tests(len(self.rows) - 1))


def tables(root):
    return [Table(d) for d in root.findall(DMN + "decision")
            if d.find(DMN + "decisionTable") is not None]


def literals(root):
    """The texts of expressions outside tables, with the decision's name."""
    for decision in root.findall(DMN + "decision"):
        for node in decision.iter(DMN + "literalExpression"):
            yield decision.get("name"), node.find(DMN + "text")


class Pack:
    def __init__(self, directory):
        self.directory = directory
        pack = json.loads((directory / "pack.json").read_text(encoding="utf-8"))
        self.rules, self.settings = pack["rules"], pack["parameters"]
        self.judgement = pack["judgement"]
        self.root = xml.parse(directory / self.rules).getroot()
        for drawing in [e for e in self.root if not e.tag.startswith(DMN)]:
            self.root.remove(drawing)
        self.parameters = json.loads((directory / self.settings).read_text(encoding="utf-8"))

    def change(self, name, kinds, act):
        """A mutant: `act` changes a copy of the model, given its tables by name."""
        return Mutant(name, kinds, act, self.parameters)

    def settle(self, name, kinds, parameters):
        return Mutant(name, kinds, None, parameters)

    def root_of(self, mutant):
        if mutant.act is None:
            return self.root
        root = copy.deepcopy(self.root)
        mutant.act({t.name: t for t in tables(root)}, root)
        return root


# ---- rows --------------------------------------------------------------------------

def drop_rows_of_unique(pack):
    """Columns of these tables are complete, so every row is needed."""
    for t in tables(pack.root):
        for i in range(len(t.rows)) if t.policy in ("UNIQUE", "ANY") else ():
            yield pack.change(f"{t.name}: without row {i + 1}", {"gap"},
                              lambda ts, _, t=t, i=i: ts[t.name].node.remove(ts[t.name].rows[i]))


def drop_last_of_first(pack):
    """A table with no other row is left out: without any it cannot be read as one."""
    for t in tables(pack.root):
        if t.policy == "FIRST" and t.ends_open() and len(t.rows) > 1:
            yield pack.change(f"{t.name}: without its last row", {"gap"},
                              lambda ts, _, t=t: ts[t.name].node.remove(ts[t.name].rows[-1]))


def widen_rows_of_unique(pack):
    for t in tables(pack.root):
        for i in range(len(t.rows)) if t.policy == "UNIQUE" and len(t.inputs) == 1 else ():
            def act(ts, _, t=t, i=i):
                ts[t.name].tests(i)[0].text = "-"
            yield pack.change(f"{t.name}: row {i + 1} takes all", {"overlap"}, act)


def rests_on_others(pack, t, row):
    """A cell that names another decision is not decided: what depends on it is a note."""
    names = [d.get("name") for d in pack.root.findall(DMN + "decision")]
    return any(re.search(rf"(^|[^\w\".]){re.escape(n)}($|[^\w\"])", cell.text)
               for cell in t.tests(row) for n in names)


def twice(pack):
    """Of a first-hit table the second of two like rows never counts; collecting both is
    another answer, not a fault. Rows that rest on others are left out."""
    for t in tables(pack.root):
        for i in range(len(t.rows)) if t.policy in ("FIRST", "UNIQUE") else ():
            if rests_on_others(pack, t, i):
                continue
            def act(ts, _, t=t, i=i):
                again = copy.deepcopy(ts[t.name].rows[i])
                again.set("id", again.get("id") + "_again")
                place = list(ts[t.name].node).index(ts[t.name].rows[i])
                ts[t.name].node.insert(place + 1, again)
            yield pack.change(f"{t.name}: row {i + 1} twice",
                              {"unreachable" if t.policy == "FIRST" else "overlap"}, act)


def last_row_first(pack):
    for t in tables(pack.root):
        if t.policy != "FIRST" or not t.ends_open():
            continue
        for i in range(len(t.rows) - 1):
            def act(ts, _, t=t, i=i):
                node, rows = ts[t.name].node, ts[t.name].rows
                node.remove(rows[-1])
                node.insert(list(node).index(rows[i]), rows[-1])
            yield pack.change(f"{t.name}: last row before row {i + 1}", {"unreachable"}, act)


def accepts_null(text):
    text = text.strip()
    return text == "null" or text.startswith("null,") or text.endswith(", null") or (
        text.startswith("not(") and "null" not in text)


def drop_null_rows(pack):
    """Where the row is the only one that says what follows from null. Codes are left
    out: a blank one is a word like any that is not listed."""
    codes = re.compile(r"^record\.|^subject\.status$")
    for t in tables(pack.root):
        for c in range(len(t.inputs)):
            rows = [i for i in range(len(t.rows)) if accepts_null(t.tests(i)[c].text)]
            number = any(re.match(r"\s*[<>]", t.tests(i)[c].text) for i in range(len(t.rows)))
            if len(rows) != 1 or (codes.search(t.asked(c)) and not number):
                continue
            # A column that asks nothing else then asks nothing at all.
            alone = sum(t.tests(i)[c].text.strip() != "-" for i in range(len(t.rows))) == 1
            # `not(true)` of what is never null says nothing of null.
            if t.asked(c) == "subject.known":
                continue
            yield pack.change(
                f"{t.name}: nothing for null of {t.asked(c)}", {"unused"} if alone else {"null_row"},
                lambda ts, _, t=t, i=rows[0]: ts[t.name].node.remove(ts[t.name].rows[i]))


def shifted_limits(pack):
    """One column, exact limits: moved, they leave a value out or take it twice."""
    for t in tables(pack.root):
        if t.policy != "UNIQUE" or len(t.inputs) != 1:
            continue
        for i in range(len(t.rows)):
            cell = t.tests(i)[0].text.strip()
            for old, new, kind in ((r"^> (\d+)$", r"> 1\1", "gap"), (r"^> (\d+)$", r">= \1", "overlap"),
                                   (r"^(\d+)$", r"1\1", "overlap"), (r"^(\d+)$", r"< \1", "gap")):
                if re.match(old, cell):
                    def act(ts, _, t=t, i=i, cell=re.sub(old, new, cell)):
                        ts[t.name].tests(i)[0].text = cell
                    yield pack.change(f"{t.name}: row {i + 1} is {re.sub(old, new, cell)}", {kind}, act)


# ---- words, names, kinds ---------------------------------------------------------------

def is_free(text):
    """What is set by the pack's owner or written on a form may be any text."""
    return "policy." in text or "application." in text


def misspelt_words_in_cells(pack):
    for t in tables(pack.root):
        for i in range(len(t.rows)):
            for c, cell in enumerate(t.tests(i)):
                words = re.findall(r'"([^"]+)"', cell.text)
                if not words or is_free(t.asked(c)):
                    continue
                def act(ts, _, t=t, i=i, c=c, word=words[-1]):
                    cell = ts[t.name].tests(i)[c]
                    cell.text = cell.text.replace(f'"{word}"', f'"{word}x"')
                yield pack.change(f"{t.name}: row {i + 1}, {words[-1]}x", {"word"}, act)


def misspelt_words_in_answers(pack):
    answers = {(pack.judgement["green_channel"]["decision"], n) for n in ("grant", "effect")}
    answers |= {(pack.judgement["record"]["decision"], "severity"),
                (pack.judgement["tier"]["decision"], "tier")}
    for t in tables(pack.root):
        for o, output in enumerate(t.outputs):
            if (t.name, output.get("name")) not in answers:
                continue
            for i in range(len(t.rows)):
                if not re.match(r'^"[^"*]+"$', t.cells(i)[o].text.strip()):
                    continue
                def act(ts, _, t=t, i=i, o=o):
                    cell = ts[t.name].cells(i)[o]
                    cell.text = cell.text.strip()[:-1] + 'x"'
                yield pack.change(f"{t.name}: row {i + 1}, {output.get('name')} misspelt", {"word"}, act)


def misspelt_words_in_expressions(pack):
    """Words that are compared; a period or a day is no word, nor is an answer that no
    other decision reads: whoever asks for it may call it as they like."""
    word = re.compile(r'(duration\(|date\()?"([^"]+)"')
    read = {r.get("href")[1:] for r in pack.root.iter(DMN + "requiredDecision")}
    read = {d.get("name") for d in pack.root.iter(DMN + "decision") if d.get("id") in read}
    for k, (name, text) in enumerate(literals(pack.root)):
        for m in word.finditer(text.text):
            answers = re.search(r"(then|else) $", text.text[:m.start()]) and name not in read
            if m.group(1) or is_free(text.text) or answers:
                continue
            def act(_, root, k=k, m=m):
                node = list(literals(root))[k][1]
                node.text = node.text[:m.end() - 1] + "x" + node.text[m.end() - 1:]
            yield pack.change(f"{name}: {m.group(2)}x", {"word"}, act)


def renamed_members(pack):
    member = re.compile(r"\b(record|item|subject|covers|policy)\.([a-z_0-9]+)\b")
    done = set()
    for k, (name, text) in enumerate(literals(pack.root)):
        for m in member.finditer(text.text):
            if (name, m.group(0)) in done:
                continue
            done.add((name, m.group(0)))
            def act(_, root, k=k, m=m):
                node = list(literals(root))[k][1]
                node.text = node.text[:m.end()] + "x" + node.text[m.end():]
            yield pack.change(f"{name}: {m.group(0)}x", {"name", "unreadable"}, act)


def renamed_columns(pack):
    """A decision that is asked for by another name is not there; a member neither."""
    for t in tables(pack.root):
        for c in range(len(t.inputs)):
            def act(ts, _, t=t, c=c):
                ts[t.name].inputs[c].find(f"{DMN}inputExpression/{DMN}text").text = (
                    re.sub(r"[A-Za-z_0-9]+(?=[^A-Za-z_0-9]*$)", "nowhere", t.asked(c), count=1)
                    if "(" not in t.asked(c) else t.asked(c).replace("(", "(nowhere ", 1))
            yield pack.change(f"{t.name}: column {c + 1} renamed", {"name", "unreadable"}, act)


def other_kinds_of_outputs(pack):
    other = {"string": "number", "boolean": "string", "date": "boolean", "number": "string"}
    for t in tables(pack.root):
        for o, output in enumerate(t.outputs):
            # What only says null has every type.
            if output.get("typeRef") in other and any(
                    t.cells(i)[o].text.strip() != "null" for i in range(len(t.rows))):
                yield pack.change(
                    f"{t.name}: {output.get('name')} is a {other[output.get('typeRef')]}", {"type"},
                    lambda ts, _, t=t, o=o: ts[t.name].outputs[o].set(
                        "typeRef", other[ts[t.name].outputs[o].get("typeRef")]))


def other_kinds_of_cells(pack):
    for t in tables(pack.root):
        for i in range(len(t.rows)):
            for c, cell in enumerate(t.tests(i)):
                new = {"true": '"true"', "false": "0"}.get(cell.text.strip()) or (
                    '>= "1"' if re.match(r"\s*[<>]=? ", cell.text) else None)
                if new:
                    def act(ts, _, t=t, i=i, c=c, new=new):
                        ts[t.name].tests(i)[c].text = new
                    yield pack.change(f"{t.name}: row {i + 1} asks {new}", {"type"}, act)


def other_kinds_of_columns(pack):
    for t in tables(pack.root):
        for c in range(len(t.inputs)):
            if not re.search(r"> 0$|^count\(|^penalty kinds\.|amount$", t.asked(c)):
                continue
            def act(ts, _, t=t, c=c):
                ts[t.name].inputs[c].find(DMN + "inputExpression").set("typeRef", "string")
            yield pack.change(f"{t.name}: column {c + 1} is a string", {"type"}, act)


def other_kinds_of_decisions(pack):
    for k, d in enumerate(pack.root.findall(DMN + "decision")):
        was = d.find(DMN + "variable").get("typeRef")
        if was in ("string", "boolean"):
            def act(_, root, k=k):
                root.findall(DMN + "decision")[k].find(DMN + "variable").set("typeRef", "number")
            yield pack.change(f"{d.get('name')}: is a number", {"type"}, act)


# ---- annotations, ids, columns, parameters --------------------------------------------------

def dropped_annotations(pack):
    for t in tables(pack.root):
        for i in range(len(t.rows)):
            def act(ts, _, t=t, i=i):
                ts[t.name].notes(i)[i % 3].text = " "
            yield pack.change(f"{t.name}: row {i + 1} without annotation {i % 3 + 1}",
                              {"annotation"}, act)


def same_ids(pack):
    for t in tables(pack.root):
        if len(t.rows) > 1:
            yield pack.change(
                f"{t.name}: two rows of one id", {"row_id"},
                lambda ts, _, t=t: ts[t.name].rows[1].set("id", ts[t.name].rows[0].get("id")))


def idle_columns(pack):
    """A column that only one row asks; asked no more, it is idle. A table that asks nothing
    at all is one that is still to be filled."""
    for t in tables(pack.root):
        for c in range(len(t.inputs)):
            rows = [i for i in range(len(t.rows)) if t.tests(i)[c].text.strip() != "-"]
            if len(rows) == 1 and len(t.inputs) > 1:
                def act(ts, _, t=t, i=rows[0], c=c):
                    ts[t.name].tests(i)[c].text = "-"
                yield pack.change(f"{t.name}: nothing asks column {c + 1}", {"unused"}, act)


def parameters(pack):
    extra = dict(pack.parameters[0], name="nobody_asks")
    yield pack.settle("a parameter more", {"parameter"}, pack.parameters + [extra])
    for i, p in enumerate(pack.parameters):
        rest = pack.parameters[:i] + pack.parameters[i + 1:]
        yield pack.settle(f"no parameter {p['name']}", {"name", "unreadable"}, rest)


def crossed_dates(pack):
    """A method that begins before the one that it follows leaves that one no day."""
    rows = [(t, c, i) for t in tables(pack.root) for c in range(len(t.inputs))
            for i in range(len(t.rows)) if re.match(r"^< policy\.\w+$", t.tests(i)[c].text.strip())]
    for (t, c, i), (u, d, k) in zip(rows, rows[1:]):
        others = [(t.tests(i)[x].text, u.tests(k)[x].text) for x in range(len(t.inputs)) if x != c]
        if t.name != u.name or c != d or any(a != b for a, b in others):
            continue
        early, late = (x.tests(y)[c].text.strip()[len("< policy."):] for x, y in ((t, i), (u, k)))
        new = copy.deepcopy(pack.parameters)
        values = {p["name"]: p["value"] for p in new}
        for p in new:
            if p["name"] == late:
                p["value"] = str(int(values[early][:4]) - 1) + values[early][4:]
        yield pack.settle(f"{t.name}: {late} before {early}", {"unreachable"}, new)


# ---- what subjects get ---------------------------------------------------------------------

def hides_general_records(pack):
    """Two records in publication that are general are two penalties within the window of
    the watch list, where its number is not above that of the tier: W1 then gives what the
    number of general records would, and nothing that is asked of that number shows."""
    values = {p["name"]: p["value"] for p in pack.parameters}
    return int(values["watch_penalties_min"]) <= int(values["tier_general_for_c"])


def better_by_a_bad_record(pack):
    """The tier that a row gives for something bad becomes the best one, or none.

    Left out: rows whose tier is the second best, for without the record the tier is the
    best too; rows of the official tax grade, which is no bad record; the row of the
    number of general records, where the watch list hides it."""
    tier = pack.judgement["tier"]["decision"]
    table = {t.name: t for t in tables(pack.root)}[tier]
    o = [x.get("name") for x in table.outputs].index("tier")
    listed = pack.judgement["tier"]["order"]
    for i in range(len(table.rows)):
        asks = {table.asked(c) for c, t in enumerate(table.tests(i)) if t.text.strip() != "-"}
        idle = asks == {"lowest tax grade"} or (
            "count(general records)" in asks and hides_general_records(pack))
        if table.cells(i)[o].text.strip().strip('"') not in listed[2:] or idle:
            continue
        for word in (f'"{listed[0]}"', "null"):
            def act(ts, _, i=i, o=o, word=word):
                ts[tier].cells(i)[o].text = word
            yield pack.change(f"{tier}: row {i + 1} gives {word}", {"monotone"}, act)


def turned_comparisons(pack):
    """Counts of bad records, asked the other way round.

    Left out: the market regulators' list, since who is on it is on a serious list, which
    refuses all that it does; the number of general records, where the watch list hides
    it."""
    bad = re.compile(r"count\((serious entries|watch list|general records|standing records"
                     r"|unkept commitments)[^()]*(\[[^\]]*\])?\) > 0")
    name = pack.judgement["tier"]["decision"]
    table = {t.name: t for t in tables(pack.root)}[name]
    for c in range(len(table.inputs)):
        if bad.search(table.asked(c)):
            def act(ts, _, c=c):
                text = ts[name].inputs[c].find(f"{DMN}inputExpression/{DMN}text")
                text.text = text.text.replace("> 0", "= 0")
            yield pack.change(f"{name}: {table.asked(c)} turned", {"monotone"}, act)
        if table.asked(c) == "count(general records)" and not hides_general_records(pack):
            def less(ts, _, c=c):
                for i in range(len(ts[name].rows)):
                    cell = ts[name].tests(i)[c]
                    cell.text = cell.text.replace(">= ", "< ")
            yield pack.change(f"{name}: fewer general records", {"monotone"}, less)
    for k, (decision, text) in enumerate(literals(pack.root)):
        for m in bad.finditer(text.text) if decision != "market listed" else ():
            def act(_, root, k=k, m=m):
                node = list(literals(root))[k][1]
                node.text = node.text[:m.end() - 3] + "= 0" + node.text[m.end():]
            yield pack.change(f"{decision}: {m.group(0)} turned", {"monotone"}, act)


def listed_without_a_decision(pack):
    serious = [r["decision"] for r in pack.judgement["rosters"] if r["kind"] == "serious"]
    by_id = {d.get("id"): d.get("name") for d in pack.root.findall(DMN + "decision")}
    asked = {by_id[n.get("href").lstrip("#")] for d in pack.root.findall(DMN + "decision")
             for n in d.iter(DMN + "requiredDecision") if d.get("name") in serious}
    for k, (name, text) in enumerate(literals(pack.root)):
        if name not in asked:
            continue
        for old, new in (('item.roster = "serious"', 'item.negative = true'),
                         ('item.roster = "serious"', 'item.roster = "honour"'),
                         ('item.roster = "serious"', 'item.catalog = "xzcf"'),
                         ('item.roster = "serious"', 'item.severity = "serious"'),
                         ('item.roster = "serious" and ', '')):
            if old in text.text:
                def act(_, root, k=k, old=old, new=new):
                    node = list(literals(root))[k][1]
                    node.text = node.text.replace(old, new)
                yield pack.change(f"{name}: {new or 'any record'}", {"serious"}, act)
    for t in tables(pack.root):
        for i in range(len(t.rows)) if t.name in serious else ():
            if re.match(r"^[a-z]", t.cells(i)[0].text.strip()):
                def act(ts, _, t=t, i=i):
                    ts[t.name].cells(i)[0].text = "[{list: \"none\"}]"
                yield pack.change(f"{t.name}: row {i + 1} makes an entry up", {"serious"}, act)


OPERATORS = (
    drop_rows_of_unique, drop_last_of_first, widen_rows_of_unique, twice, last_row_first,
    drop_null_rows, shifted_limits, misspelt_words_in_cells, misspelt_words_in_answers,
    misspelt_words_in_expressions, renamed_members, renamed_columns, other_kinds_of_outputs,
    other_kinds_of_cells, other_kinds_of_columns, other_kinds_of_decisions, dropped_annotations,
    same_ids, idle_columns, parameters, crossed_dates, better_by_a_bad_record, turned_comparisons,
    listed_without_a_decision)


# ---- running ----------------------------------------------------------------------------

def chosen(mutants):
    """Evenly, so that every part of the model has its share."""
    if len(mutants) <= MOST_OF_ONE:
        return mutants
    return [mutants[i * len(mutants) // MOST_OF_ONE] for i in range(MOST_OF_ONE)]


def write_pack(pack, mutant, to):
    """The pack with the mutant's files; those that rules do not look at are linked."""
    for file in pack.directory.rglob("*"):
        place = to / file.relative_to(pack.directory)
        if file.is_dir():
            place.mkdir(parents=True, exist_ok=True)
    for file in pack.directory.rglob("*"):
        path = file.relative_to(pack.directory)
        if not file.is_file() or str(path) in (pack.rules, pack.settings):
            continue
        (to / path).parent.mkdir(parents=True, exist_ok=True)
        if path.name == "regions.csv":  # long, and no matter of rules
            lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
            (to / path).write_text("".join(lines[:2]), encoding="utf-8")
        else:
            (to / path).write_bytes(file.read_bytes())
    xml.ElementTree(pack.root_of(mutant)).write(to / pack.rules, encoding="utf-8", xml_declaration=True)
    (to / pack.settings).write_text(json.dumps(mutant.parameters, ensure_ascii=False),
                                    encoding="utf-8")


def lint(credit, directory):
    run = subprocess.run([credit, "rules", "lint", str(directory), "--json"],
                         capture_output=True, text=True, encoding="utf-8", check=False)
    found = [json.loads(line) for line in run.stdout.splitlines()]
    return run.returncode, found, run.stderr


def missed(credit, pack, mutant):
    with tempfile.TemporaryDirectory() as scratch:
        write_pack(pack, mutant, pathlib.Path(scratch))
        status, found, said = lint(credit, scratch)
    kinds = {f["kind"] for f in found if f["severity"] != "note"}
    if status == 1 and kinds & mutant.kinds:
        return None
    return f"{mutant.name}: wanted {sorted(mutant.kinds)}, found {sorted(kinds)} ({status}) {said}"


def main():
    credit = sys.argv[1]
    pack = Pack(pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "packs/jingzhou")
    status, found, said = lint(credit, pack.directory)
    if status != 0:
        print(f"the pack itself: {status} {found} {said}")
        return 1
    wanted = sys.argv[3:]
    mutants = []
    for operator in OPERATORS:
        of_one = chosen(list(operator(pack)))
        if not wanted or operator.__name__ in wanted:
            mutants += of_one
        if not of_one:
            print(f"{operator.__name__}: the pack gives it nothing to change")
    with concurrent.futures.ThreadPoolExecutor(min(2, os.cpu_count() or 1)) as pool:
        lost = [text for text in pool.map(lambda m: missed(credit, pack, m), mutants) if text]
    print("\n".join(lost + [f"{len(mutants) - len(lost)} of {len(mutants)} mutants found"]))
    return 1 if lost or (len(mutants) < LEAST and not wanted) else 0


if __name__ == "__main__":
    sys.exit(main())
