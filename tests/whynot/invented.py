"""Rules that nobody would write: counts, parities and gaps, so that one change makes an
answer worse and two together make it better. A set of rules is drawn once; its meaning is
what is here, and its text is DMN in a copy of a pack."""
import json
import shutil

from brute import Record, World, day, earliest, months
from jingzhou import CATALOGS, GRANTS, Answer, State

NAMESPACE = "https://www.omg.org/spec/DMN/20191111/MODEL/"
PENALTY, ENTRY, PLACE = "xzcf", "blacklist", "irregular"
LIMIT_1, LIMIT_2 = 1_000_000, 5_000_000  # in fen: 1 and 5 of 万元


# ---- tests: what a cell says, and what it means ----------------------------------------

def number_test(draw):
    low = draw.randrange(3)
    high = low + draw.randrange(1, 3)
    return draw.choice([
        (str(low), lambda v: v == low), (f">= {high}", lambda v: v >= high),
        (f"< {high}", lambda v: v < high), (f"not({low})", lambda v: v != low),
        (f"[{low}..{high}]", lambda v: low <= v <= high),
        (f"{low}, {high + 1}", lambda v: v in (low, high + 1))])


def flag_test(draw):
    wanted = draw.random() < 0.5
    return ("true" if wanted else "false", lambda v: v is wanted)


# ---- measures: what a column looks at -----------------------------------------------------

class Measure:
    def __init__(self, name, text, value, test=number_test, covers=None):
        self.name, self.text, self.value, self.test, self.covers = name, text, value, test, covers


def measures(draw):
    window = draw.choice([3, 6, 12])

    def count(rules, world, holds):
        return len([1 for r in world.records if holds(r, rules.state(world, r))])

    def standing(s, world):
        return s.until is None or s.until >= world.as_of

    found = [
        Measure("recent", f'count(records[item.catalog = "{PENALTY}" and item.decided_on + '
                f'duration("P{window}M") >= as_of])',
                lambda u, w: count(u, w, lambda r, s: r.catalog == PENALTY
                                   and months(r.decided_on, window) >= w.as_of)),
        Measure("shown", "count(records[item.published = true and (item.published_until = null or "
                "item.published_until >= as_of)])",
                lambda u, w: count(u, w, lambda r, s: s.published and (
                    s.published_until is None or s.published_until >= w.as_of))),
        Measure("grave", 'count(records[item.severity = "serious" and '
                "(item.until = null or item.until >= as_of)])",
                lambda u, w: count(u, w, lambda r, s: s.severity == "serious" and standing(s, w))),
        Measure("entries", "count(records[list contains([\"blacklist\", \"irregular\"], "
                "item.catalog) and (item.until = null or item.until >= as_of)])",
                lambda u, w: count(u, w, lambda r, s: r.catalog in (ENTRY, PLACE)
                                   and standing(s, w))),
        Measure("doubts", "count(records[item.review = true])",
                lambda u, w: count(u, w, lambda r, s: s.review)),
        Measure("odd", "modulo(count(records), 2) = 1", lambda u, w: len(w.records) % 2 == 1,
                flag_test),
        Measure("oldest", 'count(records) > 0 and min(records.decided_on) + duration("P6M") >= as_of',
                lambda u, w: bool(w.records) and
                months(min(r.decided_on for r in w.records), 6) >= w.as_of, flag_test),
        Measure("known", "subject.known", lambda u, w: w.known, flag_test),
        *[Measure(f"covers {c}", f"covers.{c}", lambda u, w, c=c: u.covers(w, c), flag_test, c)
          for c in (PENALTY, PLACE)],
        Measure("left", "count(records[item.removed_on != null])",
                lambda u, w: count(u, w, lambda r, s: r.removed_on is not None)),
    ]
    return draw.sample(found, draw.randrange(3, 7))


class Row:
    """Cells for some of the measures, and what the row gives."""

    def __init__(self, draw, columns, gives):
        chosen = draw.sample(columns, min(len(columns), draw.choice([1, 1, 2, 2, 3])))
        self.cells = {m.name: m.test(draw) for m in chosen}
        self.gives = gives

    def holds(self, values):
        return all(means(values[name]) for name, (_, means) in self.cells.items())


class Invented:
    catalogs, tiers, in_force = CATALOGS, ["A", "B", "C", "D"], "存续"
    asks_status = False
    repairable = {"xzcf", "xzxk", "blacklist", "redlist", "irregular", "commitment", "enforcement"}
    removable = {"blacklist", "redlist", "irregular", "enforcement"}

    def __init__(self, draw):
        self.first, self.last = draw.choice([0, 1, 3]), draw.choice([3, 6, 12])
        self.columns = measures(draw)
        self.green = [Row(draw, self.columns, (draw.choice([*GRANTS, "*"]), draw.choices(
            ["grant", "refuse", "review"], (5, 4, 1))[0])) for _ in range(draw.randrange(4, 9))]
        self.ladder = [Row(draw, self.columns, draw.choice([*"ABCD", None]))
                       for _ in range(draw.randrange(2, 5))]
        self.bottom = draw.choice([*"BCD", None])
        used = {name for row in self.green + self.ladder for name in row.cells}
        self.columns = [m for m in self.columns if m.name in used]
        self.asks_known = "known" in used
        self.asks_covers = [m.covers for m in self.columns if m.covers]
        self.text = self.dmn()

    # ---- meaning -------------------------------------------------------------------

    @staticmethod
    def covers(world, catalog):
        return (world.region.startswith("4210") and world.as_of >= day("2019-01-01")
                or catalog in world.assumed)

    def state(self, _, r):
        start = r.decided_on
        leaves = None if r.removed_on is None else r.removed_on - 1
        if r.catalog == PENALTY:
            severity = ("minor" if r.amount is not None and r.amount < LIMIT_1 else
                        "general" if r.amount is not None and r.amount < LIMIT_2 else "serious")
            repair = None if severity == "serious" else months(start, self.first) + 1
            return State(severity, True, start, months(start, self.last), repair, None, True,
                         r.amount is None and not r.confirmed)
        if r.catalog == ENTRY:
            return State("serious", True, start, None, None, earliest(r.valid_until, leaves), True)
        if r.catalog == PLACE:
            return State("minor", True, start, leaves, start, leaves, True)
        return State()

    def judge(self, world):
        values = {m.name: m.value(self, world) for m in self.columns}
        said = [row.gives for row in self.green if row.holds(values)]
        grants = {}
        for grant in GRANTS:
            effects = {effect for g, effect in said if g in ("*", grant)}
            grants[grant] = next((e for e in ("refuse", "review", "grant") if e in effects), "refuse")
        channel = next((e for e in ("grant", "review") if e in grants.values()), "refuse")
        tier = next((row.gives for row in self.ladder if row.holds(values)), self.bottom)
        return Answer(channel, grants, tier)

    def days(self, world):
        found = {day("2019-01-01")}
        for r in world.records:
            s = self.state(world, r)
            for d in (r.decided_on, s.published_until, s.until):
                if d is not None:
                    found |= {d, d + 1, *(months(d, m) + 1 for m in (3, 6, 12))}
        return found

    # ---- text ----------------------------------------------------------------------

    def dmn(self):
        decisions = [self.record_decision()]
        for m in self.columns:
            decisions.append(literal(m.name, m.text))
        decisions.append(self.table("green channel", "COLLECT", ["grant", "effect"], [
            (row.cells, [quoted(row.gives[0]), quoted(row.gives[1])]) for row in self.green]))
        rows = [(row.cells, [quoted(row.gives), '"-"']) for row in self.ladder]
        decisions.append(self.table("tier", "FIRST", ["tier", "inspection"],
                                    [*rows, ({}, [quoted(self.bottom), '"-"'])]))
        inputs = "".join(
            f'<inputData id="i_{n}" name="{n}"><variable id="v_{n}" name="{n}"/></inputData>\n'
            for n in INPUTS)
        return (f'<definitions xmlns="{NAMESPACE}" id="x" name="x" namespace="urn:x">\n{inputs}'
                + "".join(decisions) + "</definitions>\n")

    def table(self, name, policy, outputs, rows):
        columns = "".join(f'<input id="{ident(name)}_{i}"><inputExpression id="{ident(name)}_e{i}">'
                          f"<text>{m.name}</text></inputExpression></input>\n"
                          for i, m in enumerate(self.columns))
        columns += "".join(f'<output id="{ident(name)}_o{i}" name="{o}"/>'
                           for i, o in enumerate(outputs))
        columns += '<annotation name="rule"/><annotation name="text"/><annotation name="basis"/>\n'
        body = ""
        for i, (cells, gives) in enumerate(rows):
            tests = [escaped(cells[m.name][0]) if m.name in cells else "-" for m in self.columns]
            body += (f'<rule id="{ident(name)}_r{i}">'
                     + "".join(f"<inputEntry><text>{t}</text></inputEntry>" for t in tests)
                     + "".join(f"<outputEntry><text>{g}</text></outputEntry>" for g in gives)
                     + f"<annotationEntry><text>X{i}</text></annotationEntry>"
                     + "<annotationEntry><text>invented</text></annotationEntry>" * 2 + "</rule>\n")
        needs = "".join(f'<informationRequirement><requiredDecision href="#{ident(m.name)}"/>'
                        "</informationRequirement>" for m in self.columns)
        return (f'<decision id="{ident(name)}" name="{name}"><variable name="{name}"/>{needs}'
                f'<decisionTable hitPolicy="{policy}">\n{columns}{body}</decisionTable></decision>\n')

    def record_decision(self):
        end = 'if record.removed_on = null then null else record.removed_on - duration("P1D")'
        penalty = (f"severity: if record.amount != null and record.amount &lt; {LIMIT_1 // 1000000} then "
                   f'"minor" else if record.amount != null and record.amount &lt; {LIMIT_2 // 1000000} '
                   'then "general" else "serious", published: true, starts_on: record.decided_on, '
                   f'published_until: record.decided_on + duration("P{self.last}M"), repairable_from: '
                   'if severity = "serious" then null else record.decided_on + '
                   f'duration("P{self.first}M") + duration("P1D"), until: null, negative: true, '
                   "review: record.amount = null")
        entry = ('severity: "serious", published: true, starts_on: record.decided_on, published_until: '
                 f"null, repairable_from: null, leaves: {end}, until: if record.valid_until = null then "
                 "leaves else if leaves = null then record.valid_until else min(leaves, "
                 "record.valid_until), negative: true, review: false")
        place = (f'severity: "minor", published: true, starts_on: record.decided_on, until: {end}, '
                 "published_until: until, repairable_from: record.decided_on, negative: true, "
                 "review: false")
        text = (f'if record.catalog = "{PENALTY}" then {{{penalty}}} else if record.catalog = '
                f'"{ENTRY}" then {{{entry}}} else if record.catalog = "{PLACE}" then {{{place}}} '
                "else {severity: null, published: false, negative: false, review: false}")
        return literal("record status", text, escape=False)

    def write_pack(self, source, path):
        """The shipped pack with other rules."""
        if not path.exists():
            shutil.copytree(source / "packs/jingzhou", path)
        (path / "rules/jingzhou.dmn").write_text(self.text, encoding="utf-8")
        document = json.loads((path / "pack.json").read_text(encoding="utf-8"))
        document["judgement"]["rosters"] = []
        (path / "pack.json").write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
        return path

    # ---- cases ------------------------------------------------------------------------

    def world(self, draw):
        as_of = day("2026-11-23")
        local = draw.random() < 0.6
        world = World(as_of, None, 1, draw.random() < 0.7, "存续", None,
                      "421002" if local else "420106", [])
        for place in range(draw.randrange(5)):
            decided = as_of - draw.choice([0, 30, 31, 89, 92, 180, 185, 364, 366, 400])
            r = Record(draw.choice([PENALTY, PENALTY, ENTRY, PLACE, "xzxk"]), decided, place=place)
            if r.catalog == PENALTY:
                r.amount = draw.choice([None, 900_000, 2_000_000, 9_000_000])
            if r.catalog == ENTRY:
                r.list, r.status = 2, 1
                r.valid_until = draw.choice([None, as_of - 1, as_of, as_of + 50])
            if r.catalog in (ENTRY, PLACE):
                r.removed_on = draw.choice([None, None, as_of, as_of + 20])
            world.records.append(r)
        return world


INPUTS = ["as_of", "subject", "records", "record", "policy", "matter", "covers"]


def ident(name):
    return "d_" + name.replace(" ", "_")


def quoted(word):
    return "null" if word is None else f'"{word}"'


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;")


def literal(name, text, escape=True):
    text = escaped(text) if escape else text
    needs = "".join(f'<informationRequirement><requiredInput href="#i_{n}"/></informationRequirement>'
                    for n in INPUTS)
    return (f'<decision id="{ident(name)}" name="{name}"><variable name="{name}"/>{needs}'
            f"<literalExpression><text>{text}</text></literalExpression></decision>\n")
