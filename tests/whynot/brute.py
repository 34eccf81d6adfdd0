"""What would turn an answer, by trying everything.

A world is a case: a day, a matter, a subject and its records. A rule set judges worlds,
says what may become of one, and changes it. Nothing here knows the engine.
"""
import calendar
import copy
import dataclasses
import datetime
import functools
import itertools

FOREVER = 2147483647
TOLD = 8  # sets of a goal, at most
KINDS = ["registered", "status", "covered", "confirmed", "repaired", "removed"]
EPOCH = datetime.date(1970, 1, 1).toordinal()


# ---- days: whole numbers from 1970-01-01 on ---------------------------------------

@functools.cache
def day(text):
    return datetime.date.fromisoformat(text).toordinal() - EPOCH


@functools.cache
def months(start, count):
    """So many months later; the last day of a shorter month."""
    date = datetime.date.fromordinal(start + EPOCH)
    year, month = divmod(date.year * 12 + date.month - 1 + count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return datetime.date(year, month + 1, min(date.day, last)).toordinal() - EPOCH


def earliest(*days):
    return min((d for d in days if d is not None), default=None)


# ---- worlds -------------------------------------------------------------------------

@dataclasses.dataclass
class Record:
    catalog: str
    decided_on: int
    valid_from: int = None
    valid_until: int = None
    publicity_until: int = None
    removed_on: int = None
    notified_on: int = None
    amount: int = None  # in fen
    kinds: frozenset = frozenset()
    list: int = 0
    status: int = 0
    tags: tuple = (0, 0, 0, 0)
    place: int = 0
    confirmed: bool = False

    def line(self):
        days = [self.decided_on, self.valid_from, self.valid_until, self.publicity_until,
                self.removed_on, self.notified_on, self.amount]
        return " ".join([self.catalog, *(("-" if d is None else str(d)) for d in days),
                         str(sum(1 << k for k in self.kinds)), str(self.list), str(self.status),
                         *map(str, self.tags)])


@dataclasses.dataclass
class World:
    as_of: int
    matter: str
    category: int
    known: bool
    status: str
    registered_on: int
    region: str
    records: list
    assumed: frozenset = frozenset()  # catalogs taken to be complete

    def line(self):
        head = [self.as_of, self.matter or "-", self.category, int(self.known), self.status or "-",
                "-" if self.registered_on is None else self.registered_on, self.region,
                len(self.records)]
        return " ".join([*map(str, head), *(r.line() for r in self.records)])


@dataclasses.dataclass
class Change:
    kind: str
    since: int
    catalog: str = None
    record: int = None  # its place

    def name(self):
        about = self.record if self.record is not None else self.catalog
        return self.kind if about is None else f"{self.kind}.{about}"


def changed(world, changes, in_force):
    then = copy.copy(world)
    gone = {c.record for c in changes if c.kind == "repaired"}
    then.records = [r for r in world.records if r.place not in gone]
    for c in changes:
        if c.kind == "covered":
            then.assumed |= {c.catalog}
        if c.kind == "registered":
            then.known = True
        if c.kind in ("registered", "status"):
            then.status = then.status or in_force
        if c.kind in ("confirmed", "removed"):
            what = {"confirmed": True} if c.kind == "confirmed" else {"removed_on": world.as_of}
            then.records = [dataclasses.replace(r, **what) if r.place == c.record else r
                            for r in then.records]
    return then


def possible(rules, world):
    """Every change that may be made to a world, in order."""
    found = []
    if not world.known and rules.asks_known:
        found.append(Change("registered", world.as_of))
    elif world.status is None and rules.asks_status:
        found.append(Change("status", world.as_of))
    found += [Change("covered", world.as_of, c) for c in rules.asks_covers
              if not rules.covers(world, c)]
    for r in world.records:
        state = rules.state(world, r)
        if state.review:
            found.append(Change("confirmed", world.as_of, r.catalog, r.place))
        if state.repairable_from is not None and r.catalog in rules.repairable:
            found.append(Change("repaired", max(world.as_of, state.repairable_from), r.catalog,
                                r.place))
        if (r.catalog in rules.removable and state.negative
                and (state.until is None or state.until >= world.as_of)):
            found.append(Change("removed", world.as_of, r.catalog, r.place))
    place = {r.place: r for r in world.records}
    return sorted(found, key=lambda c: (
        c.since, KINDS.index(c.kind), rules.catalogs.index(c.catalog) if c.catalog else -1,
        place[c.record].decided_on if c.record is not None else 0,
        c.record if c.record is not None else -1))


# ---- answers ------------------------------------------------------------------------

def goals(rules, answer):
    """Name → does an answer reach it? Those that this answer does not."""
    wanted = {}
    if answer.channel != "grant":
        wanted["decision"] = lambda a: a.channel == "grant"
    for grant, effect in answer.grants.items():
        if effect != "grant":
            wanted[grant] = lambda a, g=grant: a.grants[g] == "grant"
    ranks = {tier: i for i, tier in enumerate(rules.tiers)}
    now = ranks.get(answer.tier, len(ranks))
    if now > 0:
        wanted["tier"] = lambda a: ranks.get(a.tier, len(ranks)) < now
    return wanted


def turning_days(rules, world, wanted, days):
    """Goal → the first of the days on which it is reached."""
    found = {}
    for d in days:
        if len(found) == len(wanted):
            break
        then = copy.copy(world)
        then.as_of = d
        answer = rules.judge(then)
        for name, reached in wanted.items():
            if name not in found and reached(answer):
                found[name] = d
    return found


def turning_sets(rules, world, wanted, changes):
    """Goal → every set of changes that reaches it, as places in their order."""
    found = {name: set() for name in wanted}
    for size in range(1, len(changes) + 1):
        for chosen in itertools.combinations(range(len(changes)), size):
            if not is_apart(changes, chosen):
                continue
            answers = outcomes(rules, world, [changes[i] for i in chosen])
            for name, reached in wanted.items():
                if all(map(reached, answers)):
                    found[name].add(chosen)
    return found


def outcomes(rules, world, changes):
    """What the changes lead to; several, where a register entry may bring any day."""
    then = changed(world, changes, rules.in_force)
    answers = [rules.judge(then)]
    if any(c.kind == "registered" for c in changes) and then.registered_on is None:
        for then.registered_on in (world.as_of, day("1949-10-01")):
            answers.append(rules.judge(then))
    return answers


def is_apart(changes, chosen):
    """Of one record only one thing becomes."""
    records = [changes[i].record for i in chosen if changes[i].record is not None]
    return len(records) == len(set(records))


def is_spoilt(changes, turning, chosen):
    """Is there one more change with which a set that turns does not?"""
    more = (tuple(sorted({*chosen, i})) for i in range(len(changes)) if i not in chosen)
    return any(is_apart(changes, m) and m not in turning for m in more)


def solve(rules, world, every_day=0):
    """The line that the engine should answer, and for how many goals more is worse. With
    `every_day`, so many days are looked at one by one, and must say what those say that
    were chosen."""
    now = rules.judge(world)
    changes = possible(rules, world)
    wanted = goals(rules, now)
    turning = turning_sets(rules, world, wanted, changes)
    days = sorted({d for d in rules.days(world) if d >= world.as_of} | {world.as_of})
    on = turning_days(rules, world, wanted, days)
    if every_day:
        last = world.as_of + every_day
        slowly = turning_days(rules, world, wanted, range(world.as_of, last))
        assert slowly == {n: d for n, d in on.items() if d < last}, (world, on, slowly)
    words, spoilt = [now.channel, now.tier or "-"], 0
    for name in wanted:
        least = min(map(len, turning[name]), default=0)
        sets = sorted(s for s in turning[name] if len(s) == least)
        spoilt += any(is_spoilt(changes, turning[name], s) for s in sets)
        told = ";".join("+".join(changes[i].name() for i in s) for s in sets[:TOLD])
        words.append(f"{name}={least}/{len(sets)}/1/{on.get(name, '')}" + (f"/{told}" if told else ""))
    return " ".join(words), len(changes), spoilt
