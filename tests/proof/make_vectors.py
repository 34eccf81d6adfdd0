#!/usr/bin/env python3
"""Writes tests/proof/vectors/: proofs that hold, and damaged ones that must not.

  make_vectors.py           writes them
  make_vectors.py --check   compares what it would write with what is there

expected.tsv names each file, its key and the one line that proofcheck prints.
Everything is a function of this file: no clock, no random source.
"""

import copy
import os
import sys

import oracle
from oracle import HASHES, SCOPES, STATES, b64, canonical

DAY = "2026-11-20"
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "vectors")
# The steps that depend on the hash: the others are tried with one hash only.
HASHED_STEPS = ("absence", "map", "log", "signature")
ORIGIN = "credit.jingzhou.example/log"
COMPANY = ("uscc", "91421000MA4872EX0A", None)
HIDDEN = ("uscc", "91421000MA49K3B27Y", None)
UNKNOWN = ("uscc", "91421000MA4F0H5T6D", None)
PERSON = ("cn_id", None, oracle.sha256(b"a person's keyed token")[:18])


def seed(*what):
    return oracle.sha256(canonical(what))[:16]


def record_key(*what):
    return oracle.sha256(canonical(what))[:16].hex()


def version(catalog, number, commit, row, state="current", scope=0, fields=((), (), ()),
            masked=((), (), ()), extras=(), until=oracle.NEVER):
    """One record version as the store holds it, with its texts already cut."""
    blocks = [{"block": name, "extras": [], "fields": dict(f), "masked": sorted(m)}
              for name, f, m in zip(SCOPES, fields, masked)]
    blocks[0].update(catalog=catalog, commit=commit, key=record_key(catalog, number), row=row)
    blocks[2]["extras"] = [list(pair) for pair in extras]
    return {"blocks": blocks, "seed": seed(catalog, number, commit, row), "state": state,
            "scope": scope, "until": until}


def judgement(commit, per_scope, scope):
    blocks = [{"block": name, "judgement": value} for name, value in zip(SCOPES, per_scope)]
    blocks[0].update(catalog="judgement", commit=commit, key="0" * 32, row=0)
    return {"blocks": blocks, "seed": seed("judgement", commit, per_scope), "state": "current",
            "scope": scope, "until": oracle.NEVER}


def company_entries():
    """In the order of version keys: catalogs by number, the judgement last."""
    register = version("register", "91421000MA4872EX0A", 1, 17, fields=(
        {"ZTMC": "荆州市示例商贸有限公司", "TYSHXYDM": "91421000MA4872EX0A"},
        {"FDDBR": "张三"}, {"LXDH": "0716-8000000"}))
    licences = [
        version("xzxk", f"荆许〔2025〕{n}号", 5, n, until="2030-03-31", fields=(
            {"XK_WSH": f"荆许〔2025〕{n}号", "XK_NR": "食品经营\u000b(散装)\n含\"冷藏\"\\冷冻"}, {}, {}))
        for n in (3, 8)]
    penalties = [
        version("xzcf", "荆市监罚〔2024〕12号", 7, 4, state="superseded", scope=1, fields=(
            {"CF_WSH": "荆市监罚〔2024〕12号", "CF_JE": "2.000000"}, {}, {})),
        version("xzcf", "荆市监罚〔2024〕12号", 9, 1, until="2027-06-01", fields=(
            {"CF_WSH": "荆市监罚〔2024〕12号", "CF_JE": "1.000000", "CF_FR_ZJHM": "4210**********1234"},
            {"CF_NR": "罚款壹万元整"}, {"CF_FR_ZJHM": "421002199001011234"}),
            masked=(["CF_FR_ZJHM"], (), ()), extras=[("备注", "补录"), ("备注", "同名列")]),
        version("xzcf", "荆环罚〔2023〕7号", 7, 5, state="repaired", scope=1, fields=(
            {"CF_WSH": "荆环罚〔2023〕7号"}, {}, {}))]
    penalties.sort(key=lambda v: tuple(v["blocks"][0][name] for name in ("key", "commit", "row")))
    licences.sort(key=lambda v: v["blocks"][0]["key"])
    return [register, *licences, *penalties, judgement(
        9, ({"listings": []}, {"tier": "B"}, {"note": None, "pending": True}), 0)]


def person_entries():
    return [version("blacklist", "荆法执〔2025〕44号", 6, 2, scope=1, fields=(
        {"MC": "李*"}, {"MC": "李四"}, {"ZJHM": "421003198512120029"}), masked=(["MC"], (), ()))]


def hidden_entries():
    """Something that only the government may see: the public map has no leaf of it."""
    return [version("inspection", "2025-0931", 8, 40, scope=1, fields=({}, {"JCJG": "责令改正"}, {}))]


class World:
    """A store of a few score subjects and nineteen commits."""

    def __init__(self, hash_name, subjects, commits, log_index=None):
        self.hash_name, self.h = hash_name, HASHES[hash_name]
        suite = {"sha256": "p256", "sm3": "sm2"}[hash_name]
        self.signer = oracle.Signer(suite, "vectors of the credit proof format")
        self.subjects = subjects
        self.maps = [oracle.Map(self.h, self.leaves(scope)) for scope in range(3)]
        self.commits = [self.commit(n + 1) for n in range(commits)]
        self.index = commits - 1 if log_index is None else log_index
        self.commits[self.index]["maps"] = [m.digest() for m in self.maps]
        self.log = [oracle.commit_leaf(c) for c in self.commits]

    def commit(self, number):
        filler = [self.h(canonical([number, scope])) for scope in SCOPES]
        return {"number": number, "time": 1795136400000000 + number * 60000000, "maps": filler,
                "day": DAY, "history": 6,
                "batch": oracle.sha256(b"file %d" % number), "pack": oracle.sha256(b"pack")}

    def seen(self, entries, scope):
        return [v for v in entries if v["scope"] <= scope]

    def opened(self, entry, scope):
        """What the scope is given of an entry, and its digest."""
        blocks = entry["blocks"][:scope + 1]
        salts = oracle.salts_of(self.h, entry["seed"])[:scope + 1]
        digest = oracle.block_digests(self.h, salts, [canonical(b) for b in blocks])[-1]
        shown = {"blocks": blocks, "salts": [b64(s) for s in salts], "state": entry["state"]}
        return shown, digest

    def span(self, entries, scope):
        """From and due of a list: due looks only at what the scope sees."""
        due = min([v["until"] for v in self.seen(entries, scope)], default=oracle.NEVER)
        return {"due": due, "from": DAY}

    def listed(self, entries, scope):
        span = self.span(entries, scope)
        items = [(STATES[v["state"]], self.opened(v, scope)[1]) for v in self.seen(entries, scope)]
        return oracle.list_digest(self.h, scope, span["from"], span["due"], items)

    def place(self, subject):
        return oracle.place_of(self.h, oracle.subject_key(*subject))

    def leaves(self, scope):
        return {self.place(s): self.listed(e, scope) for s, e in self.subjects.items()
                if self.seen(e, scope) and not (scope == 0 and s[2])}

    def proof(self, subject, scope, as_of="2026-11-23"):
        place, entries = self.place(subject), self.subjects.get(subject, [])
        bits, path, leaf = self.maps[scope].walk(place)
        found = leaf is not None and leaf[2] == place
        way = {"bits": bits, "path": b64(b"".join(path))}
        if leaf is not None and not found:
            way["neighbour"] = {"list": b64(leaf[3]), "place": b64(leaf[2])}
        commit = self.commits[self.index]
        id_type, number, token = subject
        named = {"token": b64(token)} if token else {"id": number}
        document = {
            "as_of": as_of, "scope": SCOPES[scope], "subject": {"id_type": id_type, **named},
            "entries": [self.opened(v, scope)[0] for v in self.seen(entries, scope)] if found else [],
            "completeness": {
                "checkpoint": oracle.checkpoint(self.signer, ORIGIN, len(self.log),
                                                oracle.log_root(self.h, self.log)),
                "commit": {"batch": b64(commit["batch"]), "day": commit["day"],
                           "history": commit["history"], "maps": [b64(m) for m in commit["maps"]],
                           "number": commit["number"], "pack": b64(commit["pack"]),
                           "time": commit["time"]},
                "hash": self.hash_name,
                "log": {"index": self.index,
                        "path": b64(b"".join(oracle.log_path(self.h, self.log, self.index)))},
                "map": way}}
        if found:
            document["completeness"]["list"] = self.span(entries, scope)
        return document


def crowd(count):
    """Firms with one licence each, so that the maps have some depth."""
    firms = {}
    for n in range(count):
        code = f"91421000MA4{n:06d}X"
        firms[("uscc", code, None)] = [version("xzxk", code, 2, n + 1, fields=({"XK_WSH": code}, {}, {}))]
    return firms


def everybody(count):
    return {**crowd(count), COMPANY: company_entries(), PERSON: person_entries(),
            HIDDEN: hidden_entries()}


def good_vectors(name):
    world = World(name, everybody(60), 19)
    yield "company-public", world.proof(COMPANY, 0), "complete 5 entries"
    yield "company-government", world.proof(COMPANY, 1), "complete 7 entries"
    yield "company-authorized", world.proof(COMPANY, 2), "complete 7 entries"
    yield "company-past-day", world.proof(COMPANY, 1, "2026-01-05"), "complete 7 entries"
    yield "company-last-day", world.proof(COMPANY, 0, "2027-05-31"), "complete 5 entries"
    yield "person-authorized", world.proof(PERSON, 2), "complete 1 entries"
    yield "person-government", world.proof(PERSON, 1), "complete 1 entries"
    yield "hidden-government", world.proof(HIDDEN, 1), "complete 1 entries"
    yield "hidden-public", world.proof(HIDDEN, 0), "absent"
    yield "unknown-public", world.proof(UNKNOWN, 0), "absent"
    yield "unknown-authorized", world.proof(UNKNOWN, 2), "absent"
    yield "unknown-past-day", world.proof(UNKNOWN, 1, "2020-01-01"), "absent"
    earlier = World(name, everybody(20), 19, log_index=6)
    yield "earlier-commit", earlier.proof(PERSON, 1), "complete 1 entries"
    alone = World(name, {COMPANY: company_entries()}, 9)
    yield "only-leaf", alone.proof(COMPANY, 0), "complete 5 entries"
    yield "one-neighbour", alone.proof(UNKNOWN, 0), "absent"
    yield "empty-map", World(name, {}, 1).proof(UNKNOWN, 0), "absent"


# ---------------------------------------------------------------- damage

def at(document, path):
    for step in path[:-1]:
        document = document[step]
    return document, path[-1]


def put(path, value):
    def change(document):
        owner, name = at(document, path)
        owner[name] = value
    return change


def drop(path):
    def change(document):
        owner, name = at(document, path)
        del owner[name]
    return change


def repeat(path, index):
    def change(document):
        owner, name = at(document, path)
        owner[name].insert(index, copy.deepcopy(owner[name][index]))
    return change


def swap(path, one, two):
    def change(document):
        owner, name = at(document, path)
        values = owner[name]
        values[one], values[two] = values[two], values[one]
    return change


def rewrite(path, change_bytes):
    """Changes the bytes of a digest, salt, token or path that stands there in base64."""
    def change(document):
        owner, name = at(document, path)
        owner[name] = b64(change_bytes(oracle.base64.b64decode(owner[name])))
    return change


def flip(path):
    """One bit in the middle."""
    return rewrite(path, lambda raw: raw[:len(raw) // 2] + bytes([raw[len(raw) // 2] ^ 4])
                   + raw[len(raw) // 2 + 1:])


def edit(path, old, new):
    def change(document):
        owner, name = at(document, path)
        assert old in owner[name]
        owner[name] = owner[name].replace(old, new, 1)
    return change


def take(other, *names):
    """Puts another good proof's members in the place of this one's."""
    def change(document):
        for name in names:
            document[name] = copy.deepcopy(other[name])
    return change


def take_way(other, *names):
    def change(document):
        for name in names:
            document["completeness"][name] = copy.deepcopy(other["completeness"][name])
    return change


def pretend_absent(document):
    """A proof of membership passed off as one of absence, the subject its own neighbour."""
    proof = document["completeness"]
    h = HASHES[proof["hash"]]
    subject = document["subject"]
    key = oracle.subject_key(subject["id_type"], subject["id"])
    document["entries"] = []
    del proof["list"]
    proof["map"]["neighbour"] = {"list": b64(h(b"opaque")), "place": b64(oracle.place_of(h, key))}


def another_neighbour(good):
    """Absence shown by a leaf that the subject's own bits do not lead to."""
    def change(document):
        h = HASHES[document["completeness"]["hash"]]
        key = oracle.subject_key("uscc", good["subject"]["id"])
        place = bytearray(oracle.place_of(h, key))
        place[0] ^= 0x80
        document["completeness"]["map"]["neighbour"]["place"] = b64(bytes(place))
    return change


def bad_vectors(name, good):
    """(name, key of the good proof, change, step that refuses)."""
    public, government = good["company-public"], good["company-government"]
    entry = ["entries", 0]
    block = [*entry, "blocks", 0]
    way = ["completeness", "map"]
    levels = ["completeness", "log", "path"]
    commit = ["completeness", "commit"]
    note = ["completeness", "checkpoint"]
    last = len(public["entries"]) - 1
    state = next(i for i, e in enumerate(government["entries"]) if e["state"] == "repaired")
    old = next(i for i, e in enumerate(government["entries"]) if e["state"] == "superseded")
    penalty = next(i for i, e in enumerate(public["entries"])
                   if e["blocks"][0]["catalog"] == "xzcf")
    masked = ["entries", penalty, "blocks", 0]
    return [
        # left out, added, moved
        ("record-left-out", "company-public", drop(["entries", penalty]), "map"),
        ("judgement-left-out", "company-public", drop(["entries", last]), "map"),
        ("all-left-out", "company-public", put(["entries"], []), "shape"),
        ("record-twice", "company-public", repeat(["entries"], 1), "order"),
        ("records-swapped", "company-public", swap(["entries"], 1, 2), "order"),
        ("catalog-returns", "company-public", swap(["entries"], 0, 1), "order"),
        ("superseded-left-out", "company-government", drop(["entries", old]), "map"),
        # changed
        ("field-changed", "company-public", put([*masked, "fields", "CF_JE"], "0.100000"), "map"),
        ("field-dropped", "company-public", drop([*masked, "fields", "CF_JE"]), "map"),
        ("field-added", "company-public", put([*masked, "fields", "CF_BZ"], "无"), "map"),
        ("field-unmasked", "company-public", put([*masked, "masked"], []), "map"),
        ("extra-changed", "company-authorized",
         put([*entry, "blocks", 2, "extras"], [["备注", "补录"]]), "map"),
        ("row-changed", "company-public", put([*block, "row"], 18), "map"),
        ("key-changed", "company-public", put([*block, "key"], "0" * 32), "map"),
        ("catalog-changed", "company-public", put([*block, "catalog"], "redlist"), "map"),
        ("repaired-called-current", "company-government", put(["entries", state, "state"], "current"), "map"),
        ("tier-changed", "company-government",
         put(["entries", len(government["entries"]) - 1, "blocks", 1, "judgement", "tier"], "A"), "map"),
        ("salt-changed", "company-public", flip([*entry, "salts", 0]), "map"),
        # shape
        ("state-unknown", "company-public", put([*entry, "state"], "forgiven"), "block"),
        ("salt-short", "company-public", put([*entry, "salts", 0], b64(bytes(15))), "block"),
        ("salt-loose-bits", "company-public", put([*entry, "salts", 0], "A" * 21 + "B=="), "block"),
        ("salt-missing", "company-government", drop([*entry, "salts", 1]), "block"),
        ("block-missing", "company-government", drop([*entry, "blocks", 1]), "block"),
        ("block-of-larger-scope", "company-public", put([*block, "block"], "authorized"), "block"),
        ("block-with-more", "company-public", put([*block, "note"], "x"), "block"),
        ("field-not-text", "company-public", put([*masked, "fields", "CF_JE"], 1), "block"),
        ("field-empty", "company-public", put([*masked, "fields", "CF_JE"], ""), "block"),
        ("mask-of-nothing", "company-public", put([*masked, "masked"], ["XX"]), "block"),
        ("key-in-capitals", "company-public", put([*block, "key"], "A" * 32), "block"),
        ("commit-later", "company-public", put([*block, "commit"], 20), "block"),
        ("commit-zero", "company-public", put([*block, "commit"], 0), "block"),
        ("scope-unknown", "company-public", put(["scope"], "everyone"), "shape"),
        ("hash-unknown", "company-public", put(["completeness", "hash"], "md5"), "shape"),
        ("digest-short", "company-public", put([*commit, "batch"], b64(bytes(31))), "shape"),
        ("proof-missing", "company-public", drop(["completeness"]), "shape"),
        ("proof-with-more", "company-public", put(["completeness", "note"], "x"), "shape"),
        ("bits-too-few", "company-public", drop([*way, "bits", 0]), "shape"),
        ("number-with-fraction", "company-public", put(["version"], 1.5), "canonical"),
        # subject and scope
        ("other-subject-named", "company-public", put(["subject", "id"], UNKNOWN[1]), "map"),
        ("other-kind-named", "company-public", put(["subject", "id_type"], "org_code"), "map"),
        ("kind-unknown", "company-public", put(["subject", "id_type"], "nickname"), "subject"),
        ("number-too-long", "company-public", put(["subject", "id"], "9" * 19), "subject"),
        ("person-without-token", "person-authorized",
         put(["subject"], {"id": "421003198512120029", "id_type": "cn_id"}), "subject"),
        ("person-in-public", "person-government", lambda d: (
            put(["scope"], "public")(d), put(["entries"], [])(d), drop(["completeness", "list"])(d),
            put(way, {"bits": [], "path": ""})(d)), "subject"),
        ("token-changed", "person-authorized", flip(["subject", "token"]), "map"),
        ("smaller-scope-named", "company-government", put(["scope"], "public"), "block"),
        ("other-scope-named", "hidden-public", put(["scope"], "government"), "map"),
        ("government-list-as-public", "company-public",
         take_way(government, "map", "list"), "map"),
        # days
        ("day-after-due", "company-public", put(["as_of"], "2027-06-01"), "dates"),
        ("day-before-from", "company-public", put(["as_of"], "2026-11-19"), "dates"),
        ("day-malformed", "company-public", put(["as_of"], "2026-1-1"), "shape"),
        ("due-put-off", "company-public", put(["completeness", "list", "due"], oracle.NEVER), "map"),
        ("due-before-its-time", "company-public", put(["completeness", "list", "due"], "2026-11-24"), "map"),
        ("from-put-back", "company-public", put(["completeness", "list", "from"], "2020-01-01"), "map"),
        ("from-after-commit", "company-public", put(["completeness", "list", "from"], "2026-11-21"), "dates"),
        ("history-claimed", "company-public", put([*commit, "history"], 7), "log"),
        ("history-of-what", "company-public", put([*commit, "history"], 8), "shape"),
        ("commit-day-changed", "company-public", put([*commit, "day"], "2026-11-21"), "log"),
        ("absent-before-commit", "unknown-public", put(["as_of"], "2026-11-19"), "dates"),
        # absence
        ("absent-own-neighbour", "company-public", pretend_absent, "absence"),
        ("absent-wrong-side", "unknown-public", another_neighbour(good["unknown-public"]), "absence"),
        ("absent-neighbour-changed", "unknown-public", flip([*way, "neighbour", "list"]), "map"),
        ("absent-no-neighbour", "unknown-public", drop([*way, "neighbour"]), "shape"),
        ("absent-as-empty-map", "unknown-public",
         put(way, {"bits": [], "path": ""}), "map"),
        ("absent-of-another", "unknown-public",
         put(["subject", "id"], public["subject"]["id"]), None),
        ("absent-with-list", "unknown-public",
         put(["completeness", "list"], public["completeness"]["list"]), "shape"),
        ("absent-for-company", "company-public",
         take(good["unknown-public"], "completeness", "entries"), None),
        # map, log, checkpoint
        ("map-path-changed", "company-public", flip([*way, "path"]), "map"),
        ("map-path-swapped", "company-public", rewrite([*way, "path"],
                                                      lambda p: p[32:64] + p[:32] + p[64:]), "map"),
        ("map-bits-swapped", "company-public", swap([*way, "bits"], 0, 1), "shape"),
        ("map-bit-moved", "company-public", put([*way, "bits", -1], 255), "map"),
        ("map-bit-256", "company-public", put([*way, "bits", -1], 256), "shape"),
        ("map-root-changed", "company-public", flip([*commit, "maps", 0]), "map"),
        ("other-map-root-changed", "company-public", flip([*commit, "maps", 1]), "log"),
        ("maps-swapped", "company-public", swap([*commit, "maps"], 1, 2), "log"),
        ("batch-changed", "company-public", flip([*commit, "batch"]), "log"),
        ("pack-changed", "company-public", flip([*commit, "pack"]), "log"),
        ("time-changed", "company-public", put([*commit, "time"], 1795136400000000), "log"),
        ("number-changed", "company-public", put([*commit, "number"], 20), "log"),
        ("log-index-changed", "company-public", put(["completeness", "log", "index"], 17), "log"),
        ("log-index-past-end", "company-public", put(["completeness", "log", "index"], 19), "log"),
        ("log-path-changed", "earlier-commit", flip(levels), "log"),
        ("log-path-short", "earlier-commit", rewrite(levels, lambda p: p[32:]), "log"),
        ("log-path-torn", "earlier-commit", rewrite(levels, lambda p: p[:-1]), "shape"),
        ("log-path-long", "earlier-commit", rewrite(levels, lambda p: p + p[:32]), "log"),
        ("other-log", "company-public", take_way(good["earlier-commit"], "checkpoint"), "log"),
        ("root-changed", "company-public", edit(note, "\n19\n", "\n20\n"), "signature"),
        ("origin-changed", "company-public", edit(note, "jingzhou", "jingmen"), "checkpoint"),
        ("origin-changed-twice", "company-public", lambda d: (
            edit(note, "jingzhou", "jingmen")(d), edit(note, "jingzhou", "jingmen")(d)), "signature"),
        ("size-with-zero", "company-public", edit(note, "\n19\n", "\n019\n"), "checkpoint"),
        ("extension-line", "company-public", edit(note, "\n\n", "\nmore\n\n"), "checkpoint"),
        ("not-signed", "company-public",
         put(note, public["completeness"]["checkpoint"].split("—")[0]), "checkpoint"),
        ("signature-changed", "company-public", lambda d: change_signature(d, 40), "signature"),
        ("key-id-changed", "company-public", lambda d: change_signature(d, 0), "signature"),
    ]


def change_signature(document, index):
    text, signature = document["completeness"]["checkpoint"].rstrip("\n").rsplit(" ", 1)
    raw = bytearray(oracle.base64.b64decode(signature))
    raw[index] ^= 1
    document["completeness"]["checkpoint"] = f"{text} {b64(bytes(raw))}\n"


def raw_vectors(document):
    """Damage to the bytes that leaves the JSON value as it was, or ends it early."""
    text = canonical(document)
    yield "space-inside", text.replace(b'"as_of":', b'"as_of": ', 1), "canonical"
    yield "newline-at-end", text + b"\n", "canonical"
    yield "member-twice", text.replace(b'{"as_of"', b'{"as_of":"2026-11-23","as_of"', 1), "canonical"
    yield "members-unsorted", text.replace(
        b'{"as_of":"2026-11-23",', b"{", 1)[:-1] + b',"as_of":"2026-11-23"}', "canonical"
    yield "escape-not-needed", text.replace("荆州市".encode(), b"\\u8346" + "州市".encode(), 1), "canonical"
    yield "escape-in-capitals", text.replace(b"\\u000b", b"\\u000B", 1), "canonical"
    yield "cut-short", text[:-1], "canonical"
    yield "nothing", b"", "canonical"
    yield "byte-order-mark", b"\xef\xbb\xbf" + text, "canonical"
    yield "not-utf-8", text.replace("荆州市".encode(), b"\xbe\xa3\xd6\xdd", 1), "canonical"


# ---------------------------------------------------------------- files

def steps(name):
    """The primitives one by one, to be compared when the engine builds them."""
    h = HASHES[name]
    entry = company_entries()[0]
    salts = oracle.salts_of(h, entry["seed"])
    texts = [canonical(b) for b in entry["blocks"]]
    digests = oracle.block_digests(h, salts, texts)
    key = oracle.subject_key(*COMPANY)
    place = oracle.place_of(h, key)
    listed = [oracle.list_digest(h, s, DAY, oracle.NEVER, [(1, digests[s])])
              for s in range(3)]
    commit = {"number": 1, "time": 1795136460000000, "day": DAY, "history": 6, "batch": oracle.sha256(b"file 1"),
              "pack": oracle.sha256(b"pack"),
              "maps": [oracle.leaf_digest(h, place, d) for d in listed]}
    leaf = oracle.commit_leaf(commit)
    return {"seed": entry["seed"].hex(), "salts": [s.hex() for s in salts],
            "texts": [t.decode() for t in texts], "blocks": [d.hex() for d in digests],
            "lists": [d.hex() for d in listed], "subject": key.hex(), "place": place.hex(),
            "leaves": [d.hex() for d in commit["maps"]], "empty": h(oracle.tag(0x16)).hex(),
            "branch": oracle.branch_digest(h, 7, commit["maps"][0], commit["maps"][1]).hex(),
            "commit": leaf.hex(), "log": [oracle.log_root(h, [leaf] * n).hex() for n in range(1, 6)]}


def files():
    made, expected = {}, []

    def add(path, data, hash_name, line):
        made[path] = data
        expected.append(f"{path}\t{hash_name}.pem\t{line}")

    for name in HASHES:
        world = World(name, {}, 1)
        made[f"{name}.pem"] = world.signer.pem().encode()
        made[f"{name}-steps.json"] = canonical(steps(name))
        good = {}
        for title, document, verdict in good_vectors(name):
            good[title] = document
            add(f"good/{name}-{title}.json", canonical(document), name, verdict)
        for title, origin, change, step in bad_vectors(name, good):
            document = copy.deepcopy(good[origin])
            change(document)
            step = step or refusing_step(document)
            if name == "sha256" or step in HASHED_STEPS:
                add(f"bad/{name}-{title}.json", canonical(document), name, f"refused {step}")
    for title, data, step in raw_vectors(good["company-public"]):
        assert data != canonical(good["company-public"]), title
        add(f"bad/raw-{title}.json", data, name, f"refused {step}")
    made["expected.tsv"] = ("\n".join(expected) + "\n").encode()
    return made


def refusing_step(document):
    """An absence proof lent to another subject: its bits may or may not agree."""
    proof = document["completeness"]
    h = HASHES[proof["hash"]]
    place = oracle.place_of(h, oracle.subject_key("uscc", document["subject"]["id"]))
    neighbour = oracle.base64.b64decode(proof["map"]["neighbour"]["place"])
    agree = all(oracle.bit(place, b) == oracle.bit(neighbour, b) for b in proof["map"]["bits"])
    return "map" if agree else "absence"


def main():
    made = files()
    if "--check" in sys.argv[1:]:
        present = {os.path.relpath(os.path.join(folder, f), HERE)
                   for folder, _, names in os.walk(HERE) for f in names}
        wrong = sorted(present ^ set(made))
        for path in sorted(present & set(made)):
            with open(os.path.join(HERE, path), "rb") as stream:
                if stream.read() != made[path]:
                    wrong.append(path)
        for path in wrong:
            print(f"differs from what is written there: {path}")
        return 1 if wrong else 0
    for path, data in made.items():
        full = os.path.join(HERE, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as stream:
            stream.write(data)
    return 0


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    sys.exit(main())
