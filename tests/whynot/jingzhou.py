"""The rules of packs/jingzhou, written again by hand from its README, its tables and
domain.md: as much of them as the cases below need. Durations and limits are in here as
numbers on purpose: what the pack says and what this says are compared."""
import dataclasses
import random

from brute import FOREVER, Record, World, day, earliest, months

CATALOGS = ["register", "xzxk", "xzcf", "redlist", "blacklist", "enforcement", "irregular",
            "commitment", "contract", "taxgrade", "code_correction", "revocation", "repair_result"]
GRANTS = ["priority", "simplified", "deferred_documents", "notice_commitment"]
WARNING, CRITICISM, FINE, GAINS, GOODS, SUSPENDED, LOWERED, REVOKED, RESTRICTED = range(9)
O58, O36 = day("2023-05-01"), day("2026-04-01")
PERSON, UNKNOWN = 2, 0
EXCLUDED, OPEN, STRANGE = "食品生产许可", "企业变更登记", "没有这个事项"
# By list: the sectors of the bodies that may decide on it, and where they must have told.
AUTHORISED = {1: {14, 31}, 2: {1, 2, 3, 4, 5, 6, 32}, 3: {13}, 5: {27}, 6: {9, 10, 11, 12}, 7: {7},
              9: {29, 37}, 10: {23, 38, 39}}
TOLD_BEFORE, AGREED_ABOVE, HONOURS, CUSTOMS = {2, 3, 7}, {2, 3}, {1, 2, 3, 4, 5, 6}, 7
GONE = ("注销", "吊销", "撤销", "迁出")
SERIOUS_LISTS = {  # years to the end, most of them, months to repair, needs its end, review
    2: (3, None, 12, False, False), 3: (3, 3, 6, False, False), 6: (3, 3, 12, False, False),
    7: (None, None, 12, False, False), 5: (None, 3, None, True, False),
    9: (2, 2, None, False, True), 10: (None, 5, 12, True, False)}


@dataclasses.dataclass
class State:
    severity: str = None
    published: bool = False
    starts_on: int = None
    published_until: int = None
    repairable_from: int = None
    until: int = None
    negative: bool = False
    review: bool = False


@dataclasses.dataclass
class Answer:
    channel: str
    grants: dict
    tier: str


# ---- what one record comes to -------------------------------------------------------

def penalty_class(r):
    """severity, review"""
    k, yuan = r.kinds, r.amount
    if k & {SUSPENDED, LOWERED, REVOKED, RESTRICTED}:
        return "serious", False
    if FINE in k and yuan is not None and yuan >= 100_000_000:
        return "serious", True
    if GOODS in k:
        return "general", False
    if FINE in k and yuan is not None and yuan >= 300_000:
        return "general", False
    if FINE in k and yuan is None:
        return "general", True
    if GAINS in k:
        return "general", True
    if FINE in k:
        return "minor", False
    if k and k <= {WARNING, CRITICISM}:
        return "minor", False
    return "general", True


def penalty(r):
    """Of a body that is neither market regulation nor customs, emergency or fire."""
    severity, review = penalty_class(r)
    publish, shortest, longest = {"minor": (False, 0, 3), "general": (True, 3, 12),
                                  "serious": (True, 12, 36)}[severity]
    start = r.decided_on
    mild = bool(r.kinds) and r.kinds <= {WARNING, CRITICISM}
    heavy = bool(r.kinds & {SUSPENDED, LOWERED, REVOKED, RESTRICTED})
    if start >= O36:
        then = (publish, shortest, longest)
    elif start >= O58:
        then = (False, None, None) if mild else (True, 3, 36)
    else:
        then = (True, 6, 36) if heavy else (True, 3, 12)
    timed = bool(r.kinds & {SUSPENDED, RESTRICTED})
    endless = timed and r.valid_until == FOREVER
    term = r.valid_until if timed and r.valid_until not in (None, FOREVER) else None
    end_then = start if then[2] is None else months(start, then[2])
    end_now = months(start, longest) if publish else start
    end = min(end_then, max(end_now, O36 - 1)) if start < O36 else end_now
    public = r.publicity_until
    if public is not None and public >= start:
        end = min(end, public)
    repair_then = None if then[1] is None else months(start, then[1]) + 1
    repair_now = months(start, shortest) + 1
    if start < O36:
        repair = earliest(repair_then, max(repair_now, O36))
    else:
        repair = repair_now
    if endless:
        repair = None
    elif term is not None:
        repair = max(repair, term + 1)
    if repair is not None and repair > end:
        repair = None
    state = State(severity, then[0], start, end, repair, None, True, review or endless)
    if not then[0]:
        state.published_until = state.repairable_from = None
    return state


def listed(r):
    """An entry of a serious list."""
    if r.catalog == "enforcement":
        able, told = r.tags[0] == 13, r.tags[0] != 0
        years, most, shortest, needs_end, review = (
            (None, None, 0, False, False) if able else (2, 5, 0, False, False) if told
            else (None, None, 0, False, True))
    else:
        years, most, shortest, needs_end, review = SERIOUS_LISTS[r.list]
    start = r.decided_on
    if r.tags[1] not in AUTHORISED[r.list]:
        return State(None, False, start, start - 1, None, start - 1, True, True)
    untold = r.list in TOLD_BEFORE and r.notified_on is None
    alone = r.list in AGREED_ABOVE and not (r.catalog == "blacklist" and (r.tags[2] or r.tags[3]))
    stated = None if r.valid_until in (None, FOREVER) else r.valid_until
    computed = None if years is None else months(start, 12 * years)
    limit = None if most is None else months(start, 12 * most)
    if stated is None:
        by_rule = computed
    elif limit is None or stated <= limit:
        by_rule = stated
    else:
        by_rule = limit if computed is None else computed
    until = earliest(by_rule, None if r.removed_on is None else r.removed_on - 1)
    public = r.publicity_until
    published_until = until if public is None or public < start else earliest(until, public)
    repair = None if shortest is None else months(start, shortest) + 1
    if repair is not None and most is None and None not in (computed, stated) and stated > computed:
        repair = stated + 1  # a ban longer than the list is not cut short
    if repair is not None and until is not None and repair > until:
        repair = None
    beyond = stated is not None and limit is not None and stated > limit
    review = (untold or alone or review or beyond or (needs_end and stated is None)
              or (stated is not None and computed is not None and stated != computed))
    return State("serious", True, start, published_until, repair, until, True, review)


def record_state(r, category):
    start = r.decided_on
    leaves = None if r.removed_on is None else r.removed_on - 1
    stated = None if r.valid_until in (None, FOREVER) else r.valid_until
    if r.catalog == "xzcf":
        state = penalty(r)
        if category in (PERSON, UNKNOWN):
            state.published, state.starts_on = False, start
            state.published_until = state.repairable_from = None
            state.review = state.review or category == UNKNOWN
        return state
    if r.catalog in ("blacklist", "enforcement"):
        state = listed(r)
        if state.severity and (category == PERSON or r.status == 3):
            state.published, state.published_until = False, None
        return state
    if r.catalog == "redlist":
        until = earliest(stated, months(start, 36), leaves)
        return State(None, category != PERSON, start, None if category == PERSON else until, None,
                     until)
    if r.catalog == "taxgrade":
        best = r.list == 1 and category != PERSON
        until = earliest(months(r.valid_from, 28) - 1, leaves)
        return State(None, best, start, until if best else None, None, until)
    if r.catalog == "irregular":
        return State("minor", True, start, leaves, start, leaves, True)
    if r.catalog == "commitment" and r.tags[1] in (2, 3):
        found = start if r.valid_from is None else r.valid_from
        promise = r.tags[0] == 4
        repair = None if promise else months(found, 3) + 1
        state = State("general", True, found, months(found, 36 if promise else 12), repair, None,
                      True, r.valid_from is None)
        if category == PERSON:
            state.published, state.published_until = False, None
        elif promise:
            state.severity = "serious"
        return state
    if r.catalog == "commitment":
        return State(None, category != PERSON, start, None if category == PERSON else stated)
    if r.catalog == "xzxk":
        shown = category != PERSON and r.status != 2
        return State(None, shown, start, stated if category == PERSON or shown else None)
    return State(None, r.catalog == "register", start)


# ---- what a subject comes to ---------------------------------------------------------

def after(start, until, today):
    return start is not None and start <= today and (until is None or until >= today)


class Jingzhou:
    catalogs, tiers, in_force = CATALOGS, ["A", "B", "C", "D"], "存续"
    asks_known, asks_status = True, True
    asks_covers = ["xzcf", "blacklist", "enforcement", "irregular", "commitment", "taxgrade"]
    repairable = {"xzcf", "xzxk", "blacklist", "redlist", "irregular", "commitment", "enforcement"}
    removable = {"blacklist", "redlist", "irregular", "enforcement"}

    @staticmethod
    def covers(world, catalog):
        promised = catalog in ("register", "xzxk", "xzcf", "redlist", "blacklist", "enforcement",
                               "irregular", "commitment", "taxgrade")
        promised = (promised and world.region.startswith("4210")
                    and world.as_of >= day("2019-01-01"))
        return promised or catalog in world.assumed

    @staticmethod
    def state(world, r):
        state = record_state(r, world.category)
        if r.confirmed:
            state.review = False
        return state

    def judge(self, world):
        today, category = world.as_of, world.category
        seen = [(r, self.state(world, r)) for r in world.records]

        def covered(*names):
            return all(self.covers(world, n) for n in names)

        closed = world.status == "注销"
        standing = [(r, s) for r, s in seen if s.negative and s.published
                    and not (closed and (r.list == 2 or r.catalog == "irregular"))
                    and after(s.starts_on, s.published_until, today)]
        penalties = [(r, s) for r, s in seen if r.catalog == "xzcf" and r.decided_on <= today]
        counted = [r.decided_on for r, s in penalties if s.severity in ("general", "serious")]
        grave = [r.decided_on for r, s in penalties if s.severity == "serious"]
        entries = [r for r, s in seen if r.catalog in ("blacklist", "enforcement")
                   and r.status != 3 and not (closed and r.list == 2)
                   and after(s.starts_on, s.until, today)]
        grades = [r for r, s in seen if r.catalog == "taxgrade" and after(s.starts_on, s.until, today)]
        newest = [g for g in grades if all(e.valid_from <= g.valid_from for e in grades)]
        honours = [r for r, s in seen if r.catalog == "redlist" and r.list in HONOURS
                   and after(s.starts_on, s.until, today)]

        def fresh(d):
            return months(d, 12) >= today

        def crowded(days, window, least):
            return any(fresh(d) and len([e for e in days if e <= d <= months(e, window)]) >= least
                       for d in days)

        repeats = any(
            fresh(r.decided_on) and r.tags[3] and any(
                e.tags[3] == r.tags[3] and e.decided_on < r.decided_on
                and months(e.decided_on, 24) >= r.decided_on for e, _ in penalties)
            for r, _ in penalties)
        irregular = any(r.catalog == "irregular" and not closed and after(s.starts_on, s.until, today)
                        for r, s in seen)
        broken = any(r.catalog == "commitment" and s.negative and s.starts_on <= today
                     and fresh(s.starts_on) for r, s in seen)
        left = any(r.catalog in ("blacklist", "enforcement") and r.list == CUSTOMS
                   and r.removed_on is not None and r.removed_on <= today and fresh(r.removed_on)
                   for r, s in seen)
        watched = (crowded(counted, 12, 2) or repeats or irregular or broken
                   or crowded(grave, 36, 3) or left)
        honoured = (not entries and world.status not in GONE and not irregular and not watched
                    and bool(honours or [g for g in newest if g.list == 1]))

        listed_now = True if entries else False if covered("blacklist", "enforcement") else None
        market = (True if [e for e in entries if e.list == 2]
                  else False if covered("blacklist") else None)
        unkept = [r for r, s in seen if r.catalog == "commitment" and r.tags[1] == 3
                  and r.tags[0] in (1, 2, 3, 4) and s.starts_on <= today
                  and (fresh(s.starts_on) if s.published_until is None
                       else s.published_until >= today)]
        unkept = True if unkept else False if covered("commitment") else None
        worst = ("serious" if any(s.severity == "serious" for _, s in standing)
                 else "general" if any(s.severity == "general" for _, s in standing)
                 else "minor" if standing
                 else "none" if covered("xzcf", "blacklist", "enforcement", "commitment",
                                        "irregular") else None)
        doubtful = any(
            s.negative and s.review and s.starts_on <= today and (
                (s.published_until is None or s.published_until >= today) if s.published
                else s.until >= today if s.until is not None
                else category == UNKNOWN and months(s.starts_on, 36) >= today)
            for _, s in seen)
        complete = covered(*self.asks_covers)
        facts = dict(
            category=category, listed=listed_now, unkept=unkept, worst=worst, watched=watched,
            revoked=any(r.catalog == "xzcf" and REVOKED in r.kinds for r, _ in standing),
            general=len([1 for _, s in standing if s.severity == "general"]), known=world.known,
            complete=complete, empty=all(r.catalog == "register" or s.negative for r, s in seen),
            new=None if world.registered_on is None else months(world.registered_on, 12) >= today,
            lowest=any(g.list == 105 for g in newest))
        tier = self.tier(**facts)
        said = self.channel(world, tier, market, doubtful, honoured, **facts)
        grants = {}
        for grant in GRANTS:
            effects = {effect for g, effect in said if g in ("*", grant)}
            grants[grant] = next((e for e in ("refuse", "review", "grant") if e in effects), "refuse")
        channel = next((e for e in ("grant", "review") if e in grants.values()), "refuse")
        return Answer(channel, grants, tier)

    @staticmethod
    def tier(category, listed, unkept, worst, watched, revoked, general, known, complete, empty, new,
             lowest):
        if category == PERSON:
            return None
        if listed or unkept or revoked:
            return "D"
        if worst == "serious" or watched or lowest:
            return "C"
        if worst == "general":
            return "C" if general >= 2 else "B"
        if not known or not complete:
            return None
        if worst == "minor" or (empty and new is not False):
            return "B"
        return "A" if worst == "none" else None

    @staticmethod
    def channel(world, tier, market, doubtful, honoured, listed, unkept, worst, watched, known,
                complete, category, **_):
        every, deferred, notice = "*", "deferred_documents", "notice_commitment"
        rows = [
            (not known, every, "review"),
            (world.status in GONE, every, "refuse"),
            (listed is True, every, "refuse"), (listed is None, every, "review"),
            (market is True, notice, "refuse"), (market is True, deferred, "refuse"),
            (market is None, notice, "review"),
            (unkept is True, notice, "refuse"), (unkept is True, deferred, "refuse"),
            (unkept is None, notice, "review"), (unkept is None, deferred, "review"),
            (worst not in ("none", None), deferred, "refuse"), (worst is None, deferred, "review"),
            (doubtful, every, "review"), (world.matter == EXCLUDED, every, "refuse"),
            (world.matter == STRANGE, every, "review"),
            *[(honoured, g, "grant") for g in GRANTS],
            (honoured and watched, every, "review"),
            (honoured and tier in ("C", "D"), every, "review"),
            (tier == "A", "priority", "grant"), (tier == "A", deferred, "grant"),
            (tier == "B", notice, "grant"),
            (not honoured and tier in ("C", "D"), every, "refuse"),
            (not honoured and watched, every, "refuse"),
            (not honoured and category == PERSON, every, "review"),
            (not honoured and category != PERSON and tier is None, every, "review"),
            (not complete, every, "review")]
        return [(grant, effect) for holds, grant, effect in rows if holds]

    def days(self, world):
        """All on which anything of it may change, and more."""
        found = {day("2019-01-01")}
        if world.registered_on is not None:
            found.add(months(world.registered_on, 12) + 1)
        for r in world.records:
            s = self.state(world, r)
            for d in (r.decided_on, s.starts_on, s.published_until, s.until, r.removed_on):
                if d is not None:
                    found |= {d, d + 1, *(months(d, m) + 1 for m in (12, 24, 36))}
        return found

    # ---- cases -----------------------------------------------------------------------

    def world(self, draw):
        as_of = draw.choice([day("2026-11-23"), day("2026-04-01"), day("2025-06-30"),
                             day("2024-02-29"), day("2027-03-31")])
        local = draw.random() < 0.85
        world = World(
            as_of=as_of, matter=draw.choices([None, OPEN, EXCLUDED, STRANGE], (5, 4, 1, 1))[0],
            category=draw.choices([1, 3, PERSON, UNKNOWN], (16, 2, 1, 1))[0],
            known=draw.random() < 0.9, status=draw.choices([None, "存续", "注销"], (5, 8, 1))[0],
            registered_on=draw.choice([None, as_of - 4000, as_of - 100]),
            region="421002" if local else "420106", records=[])
        if not world.known:
            world.status = world.registered_on = None
        most = draw.choice([1, 2, 3, 4, 4]) if local else draw.choice([0, 1])
        for place in range(draw.randrange(most + 1)):
            world.records.append(self.record(draw, as_of, place))
        return world

    def record(self, draw, as_of, place):
        near = [0, 1, 31, 91, 92, 93, 180, 365, 366, 367, 730, 1095, 1096, 1097]
        decided = as_of - draw.choice([*near, *(draw.randrange(1500) for _ in near)])
        r = Record(draw.choices(["xzcf", "blacklist", "enforcement", "irregular", "commitment",
                                 "redlist", "taxgrade", "xzxk", "register"],
                                (9, 4, 1, 3, 3, 2, 2, 1, 1))[0], decided, place=place)
        until = draw.choice([None, FOREVER, as_of + draw.randrange(-60, 900), as_of, as_of - 1,
                             months(decided, 36)])
        gone = draw.choice([None, None, as_of - draw.randrange(30), as_of + 1 + draw.randrange(99)])
        if r.catalog == "xzcf":
            r.kinds = frozenset(draw.sample(range(9), draw.choice([1, 1, 1, 2, 0])))
            if draw.random() < 0.5:
                r.kinds = frozenset({FINE})
            r.amount = draw.choice([None, 200_000, 299_999, 300_000, 5_000_000, 100_000_000])
            r.valid_until = until
            r.publicity_until = draw.choice([None, None, decided + draw.randrange(400)])
            r.tags = (0, 0, 0, draw.choice([0, 0, 1, 2]))
        elif r.catalog in ("blacklist", "enforcement"):
            r.list = 1 if r.catalog == "enforcement" else draw.choice(list(SERIOUS_LISTS))
            r.status = draw.choice([1, 1, 1, 2, 3])
            r.valid_until, r.removed_on = until, gone
            body = draw.choices([min(AUTHORISED[r.list]), 15, 0], (8, 1, 1))[0]
            if r.catalog == "enforcement":
                r.tags = (draw.choice([0, 13, 2]), body, 0, 0)
            else:
                r.tags = (0, body, draw.choice([0, 77]), draw.choice([0, 0, 1]))
                r.notified_on = draw.choice([None, decided - 30, decided - 30])
            r.publicity_until = draw.choice([None, None, as_of + draw.randrange(-50, 400)])
        elif r.catalog == "irregular":
            r.removed_on = gone
        elif r.catalog == "commitment":
            r.tags = (draw.randrange(1, 7), draw.choice([1, 2, 3, 3]), 0, 0)
            r.valid_from = draw.choice([None, min(as_of, decided + 30), decided + 30])
            r.valid_until = until
        elif r.catalog == "redlist":
            r.valid_until, r.removed_on, r.list = until, gone, draw.choice([2, 3])
        elif r.catalog == "taxgrade":
            r.list = draw.choice([1, 1, 102, 105])
            r.valid_from = decided - draw.choice([480, 500, 120])
        elif r.catalog == "xzxk":
            r.status, r.valid_until = draw.choice([1, 2]), until
        return r

    @staticmethod
    def draw(seed):
        return random.Random(seed)
