#!/usr/bin/env python3
"""Cross-checks the shipped policy packs, apart from the engine's own reader.

    pack_test.py [PACK…]      all of packs/ unless some are named

Every name that one file takes from another must be there: columns, roles, code
sets, words, decisions, parameters. What `credit rules lint` looks for in the rules
themselves is not looked for again. Python's standard library only.
"""
import csv
import datetime
import importlib.util
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parent.parent
DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
ROLES = set("""subject_name subject_category subject_uscc subject_reg_no subject_org_code
    subject_id_type subject_id_no subject_any_no document_no authority authority_code source
    source_code basis decided_on valid_from valid_until publicity_until notified_on removed_on provided_on
    amount amount_2 kinds status list publicity""".split())
DATE_ROLES = set(
    "decided_on valid_from valid_until publicity_until notified_on removed_on provided_on".split())
SCOPES = {"public", "government", "authorized"}
CHECKS = {  # kind: members beside rule, kind, severity, when
    "required": {"field", "fields"}, "empty": {"field", "fields"},
    "identifier": {"field", "fields", "id", "type_field", "placeholder"},
    "prefix": {"field", "fields", "prefixes", "not"},
    "order": {"earlier", "later", "strict"}, "not_past": {"field"},
    "kind_amount": {"words", "field"}, "kind_text": {"words", "field"},
    "amount_text": {"text", "amount"}, "characters": {"field", "fields", "mode"},
    "punctuation": {"field", "fields", "words"}, "no_personal_number": {"field", "fields"},
    "code_date": {"field", "at", "date"}, "code_region": {"field", "at", "date"},
    "contains": {"field", "fields", "words"}, "within": {"field", "fields", "words"},
    "age": {"field", "date", "at"},
    "status_needs_earlier": {"field", "in"},
}
MESSAGE_EFFECTS = {"nothing"} | {
    f"{e}{u}" for e in ("withdraw", "repair", "remove") for u in ("", "_undone")}
RECORD_OUTPUTS = ["severity", "published", "starts_on", "published_until", "repairable_from",
                  "until", "negative", "review"]


class Findings:
    def __init__(self):
        self.seen = []

    def check(self, holds, text):
        if not holds:
            self.seen.append(text)


def unique_pairs(pairs):
    names = [name for name, _ in pairs]
    doubles = {name for name in names if names.count(name) > 1}
    if doubles:
        raise ValueError(f"member given twice: {', '.join(sorted(doubles))}")
    return dict(pairs)


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file, object_pairs_hook=unique_pairs)


def settled(value, parameters):
    """The value with every "$NAME" in it replaced by the parameter NAME."""
    if isinstance(value, dict):
        return {k: settled(v, parameters) for k, v in value.items()}
    if isinstance(value, list):
        return [settled(v, parameters) for v in value]
    if not isinstance(value, str) or not re.fullmatch(r"\$[a-z_0-9]+", value):
        return value
    parameter = parameters[value[1:]]
    return int(parameter["value"]) if parameter["type"] == "number" else parameter["value"]


# ---- code sets -------------------------------------------------------------

def names_of(code):
    return [n for n in [code["word"], code.get("code", "")] + code.get("aliases", []) if n]


def check_codeset(f, name, codes):
    where = f"codes/{name}.json"
    f.check(codes["name"] == name, f"{where}: is named {codes['name']}")
    f.check(codes.get("basis"), f"{where}: no basis")
    numbers = [code["number"] for code in codes["codes"]]
    f.check(len(set(numbers)) == len(numbers), f"{where}: a number stands twice")
    kinds = name == "penalty_kinds"
    for code in codes["codes"]:
        f.check((0 <= code["number"] <= 31) if kinds else code["number"] >= 1,
                f"{where}: {code['word']} has number {code['number']}")
    words = [n for code in codes["codes"] for n in set(names_of(code))]
    f.check(len(set(words)) == len(words), f"{where}: a word stands twice")


def has_word(codes, word):
    prefix = codes.get("other", {}).get("prefix")
    return any(word in names_of(code) for code in codes["codes"]) or (prefix and word == prefix)


# ---- catalogs ------------------------------------------------------------------

def check_field(f, where, field, codesets):
    credit = field.get("credit", {})
    role = credit.get("role")
    f.check(field["type"] in ("string", "date", "number", "year"), f"{where}: type {field['type']}")
    f.check(role is None or role in ROLES, f"{where}: role {role}")
    f.check((role in DATE_ROLES) <= (field["type"] in ("date", "year")), f"{where}: role {role} needs a date")
    f.check(credit.get("scope", "public") in SCOPES | {"never"}, f"{where}: scope")
    f.check("codes" not in credit or credit["codes"] in codesets, f"{where}: codes")
    mask = credit.get("mask")
    f.check(mask is None or mask["scope"] in SCOPES, f"{where}: mask")
    f.check(not credit.get("personal") or credit.get("scope") in ("authorized", "never"),
            f"{where}: a personal column that anybody may see")
    own = credit.get("personal") or mask or credit.get("long_text") and role != "basis"
    f.check(not credit.get("repeats") or not own, f"{where}: repeats, and may be one subject's")
    pattern = field.get("constraints", {}).get("pattern")
    f.check(pattern is None or re.compile(pattern), f"{where}: pattern")


def check_names(f, where, fields):
    """No name may stand for two columns of one catalog."""
    seen = {}
    for field in fields:
        for name in [field["name"], field["title"]] + field.get("credit", {}).get("aliases", []):
            owner = seen.setdefault(name.lower(), field["name"])
            f.check(owner == field["name"], f"{where}: {name} means {owner} and {field['name']}")


def check_key(f, where, key, names):
    f.check(len(key) <= 6, f"{where}: more than 6 key columns")
    for part in key:
        columns = part if isinstance(part, list) else [part]
        f.check(all(c in names for c in columns), f"{where}: key column {part}")


def condition_words(f, where, condition, fields, codesets):
    field = fields.get(condition.get("field"))
    f.check(field is not None, f"{where}: when on {condition.get('field')}")
    if field is None:
        return
    codes = field.get("credit", {}).get("codes")
    words = condition.get("in", []) + ([condition["has"]] if "has" in condition else [])
    for word in words:
        f.check(codes is None or has_word(codesets[codes], word), f"{where}: when {word}")


def check_check(f, where, check, fields, codesets):
    kind = check["kind"]
    f.check(kind in CHECKS, f"{where}: kind {kind}")
    members = set(check) - {"rule", "kind", "severity", "when", "basis", "note"}
    f.check(members <= CHECKS.get(kind, set()), f"{where}: members {members}")
    f.check(check.get("severity", "error") in ("error", "warning"), f"{where}: severity")
    columns = check.get("fields", []) + [check[m] for m in (
        "field", "earlier", "later", "text", "amount", "date", "type_field") if m in check]
    for column in columns:
        f.check(column in fields, f"{where}: column {column}")
    if kind in ("kind_amount", "kind_text"):
        for word in check["words"]:
            f.check(has_word(codesets["penalty_kinds"], word), f"{where}: word {word}")
    if "when" in check:
        condition_words(f, where, check["when"], fields, codesets)


def check_defaults(f, where, defaults, fields, codesets):
    """What stands in for a blank column must pass as if it had been written."""
    for column, value in defaults.items():
        f.check(column in fields, f"{where}: default of {column}")
        if isinstance(value, dict):
            f.check(value.get("from") in fields, f"{where}: default of {column}")
            continue
        codes = fields.get(column, {}).get("credit", {}).get("codes")
        f.check(codes is None or has_word(codesets[codes], value), f"{where}: default {value}")


def check_profile(f, where, profile, fields, codesets):
    for title, column in profile["columns"].items():
        f.check(column in fields, f"{where}: {title} is {column}")
    for column in profile.get("waived", []):
        f.check(column in fields, f"{where}: {column}")
    check_defaults(f, where, profile.get("defaults", {}), fields, codesets)


def check_catalog(f, name, catalog, codesets):
    where = f"catalogs/{name}.json"
    credit = catalog["credit"]
    fields = {field["name"]: field for field in catalog["fields"]}
    f.check(catalog["name"] == name, f"{where}: is named {catalog['name']}")
    f.check(len(fields) == len(catalog["fields"]), f"{where}: a column stands twice")
    f.check(credit["scope"] in SCOPES, f"{where}: scope")
    roles = [field.get("credit", {}).get("role") for field in catalog["fields"]]
    for role in ROLES:
        f.check(roles.count(role) <= 1, f"{where}: role {role} stands twice")
    f.check(any(r in roles for r in ("subject_uscc", "subject_any_no")), f"{where}: no subject")
    f.check("decided_on" in roles, f"{where}: no decision date")
    for field in catalog["fields"]:
        check_field(f, f"{where}: {field['name']}", field, codesets)
    check_names(f, where, catalog["fields"])
    check_key(f, where, credit["key"], fields)
    f.check(len(credit["tags"]) <= 4, f"{where}: more than 4 tags")
    for tag in credit["tags"]:
        f.check(tag["field"] in fields, f"{where}: tag {tag['name']}")
        f.check(tag["kind"] == "hash" or tag["codes"] in codesets, f"{where}: tag {tag['name']}")
        # Rules compare words; a short code would be shown to them instead.
        words = codesets.get(tag.get("codes"), {"codes": []})["codes"]
        coded = [code["word"] for code in words if code["code"]]
        f.check(not coded, f"{where}: tag {tag['name']}: {coded} have codes")
    for i, check in enumerate(credit["checks"]):
        check_check(f, f"{where}: checks[{i}] {check['rule']}", check, fields, codesets)
    check_defaults(f, where, credit.get("defaults", {}), fields, codesets)
    for profile in credit.get("profiles", []):
        check_profile(f, f"{where}: profile {profile['name']}", profile, fields,
                      codesets)


def check_message(f, name, catalogs, codesets):
    """Every word has one effect, and every record named can be found by its key."""
    where = f"catalogs/{name}.json: message"
    catalog = catalogs[name]
    by_role = {field["credit"]["role"]: field for field in catalog["fields"]
               if "role" in field.get("credit", {})}
    message = catalog["credit"]["message"]
    words = sorted(w for effect in message["effects"].values() for w in effect)
    status = codesets[by_role["status"]["credit"]["codes"]]
    f.check(words == sorted(c["word"] for c in status["codes"]), f"{where}: words {words}")
    f.check(set(message["effects"]) <= MESSAGE_EFFECTS, f"{where}: effects")
    columns = {field["name"] for field in catalog["fields"]}
    f.check(set(message["about"].values()) <= columns, f"{where}: columns")
    for code in codesets[by_role["list"]["credit"]["codes"]]["codes"]:
        target = catalogs.get(code["code"])
        f.check(target is not None, f"{where}: {code['word']} is no catalog")
        roles = {field["name"]: field.get("credit", {}).get("role")
                 for field in target["fields"]} if target else {}
        for part in target["credit"]["key"] if target else []:
            parts = part if isinstance(part, list) else [part]
            f.check(any(roles[c] in message["about"] for c in parts),
                    f"{where}: nothing for {part} of {code['code']}")


# ---- tables ------------------------------------------------------------------

def rows_of(path, columns, f):
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
    f.check(reader.fieldnames == columns, f"{path.name}: columns {reader.fieldnames}")
    return rows


def check_calendar(f, path):
    rows = rows_of(path, ["date", "works"], f)
    days = [datetime.date.fromisoformat(row["date"]) for row in rows]
    f.check(all(row["works"] in "01" for row in rows), "calendar.csv: works is 0 or 1")
    one = datetime.timedelta(days=1)
    f.check(all(b - a == one for a, b in zip(days, days[1:])), "calendar.csv: a day is missing")
    f.check((days[0].month, days[0].day) == (1, 1), "calendar.csv: begins inside a year")
    f.check((days[-1].month, days[-1].day) == (12, 31), "calendar.csv: ends inside a year")
    for year in range(days[0].year, days[-1].year + 1):
        working = sum(row["works"] == "1" for row in rows if row["date"].startswith(str(year)))
        f.check(240 <= working <= 255, f"calendar.csv: {working} working days in {year}")


def check_regions(f, path):
    rows = rows_of(path, ["code", "province", "name", "from_year", "to_year"], f)
    codes = [row["code"] for row in rows]
    f.check(codes == sorted(codes), "regions.csv: not in order of code")
    for row in rows:
        fine = re.fullmatch(r"\d{6}", row["code"]) and all(
            re.fullmatch(r"(\d{4})?", row[c]) for c in ("from_year", "to_year"))
        f.check(fine and row["name"], f"regions.csv: {row}")


def check_departments(f, path):
    for row in rows_of(path, ["code", "types", "name"], f):
        f.check(len(row["code"]) == 1 and row["types"] and row["name"], f"departments.csv: {row}")


# ---- rules -----------------------------------------------------------------------

def text_of(element):
    return (element.findtext(DMN + "text") or "").strip() if element is not None else ""


def check_table(f, name, table):
    """Beside what `credit rules lint` finds: how a table is written."""
    inputs, outputs = table.findall(DMN + "input"), table.findall(DMN + "output")
    f.check(all(o.get("name") for o in outputs), f"{name}: an output without a name")
    for i, rule in enumerate(table.findall(DMN + "rule"), 1):
        where = f"{name}, row {i}"
        cells = rule.findall(DMN + "inputEntry"), rule.findall(DMN + "outputEntry")
        f.check((len(cells[0]), len(cells[1])) == (len(inputs), len(outputs)), f"{where}: cells")
        f.check(all(text_of(c) for c in cells[0] + cells[1]), f"{where}: an empty cell")
        said = [text_of(a) for a in rule.findall(DMN + "annotationEntry")]
        f.check(said and re.fullmatch(r"[A-Z][0-9]+[a-z]?", said[0]), f"{where}: rule {said[:1]}")


def expressions(element):
    return [text_of(e) for e in element.iter()
            if e.tag in (DMN + "literalExpression", DMN + "inputEntry", DMN + "outputEntry",
                         DMN + "inputExpression")]


def check_rules(f, root, pack, parameters, catalogs, codesets):
    ids = {e.get("id"): e for e in root.iter() if e.get("id")}
    decisions = {d.get("name"): d for d in root.findall(DMN + "decision")}
    f.check(len(ids) == sum(1 for e in root.iter() if e.get("id")), "rules: an id stands twice")
    for element in root.iter():
        target = element.get("href") or element.get("dmnElementRef")
        f.check(target is None or target.lstrip("#") in ids, f"rules: {target} is nowhere")
    for name, decision in decisions.items():
        for table in decision.findall(DMN + "decisionTable"):
            check_table(f, name, table)
    text = "\n".join(expressions(root))
    covered = set(re.findall(r"\bcovers\.([A-Za-z_0-9]+)", text))
    claimed = {c["catalog"] for c in pack["coverage"]}
    f.check(covered <= claimed, f"coverage: nothing is said of {covered - claimed}")
    judgement = pack["judgement"]
    for wanted in [judgement["record"], judgement["tier"], judgement["green_channel"]] + judgement[
            "rosters"]:
        f.check(wanted["decision"] in decisions, f"rules: no decision {wanted['decision']}")
    check_types(f, root, parameters, catalogs)
    status = decisions["record status"].find(DMN + "decisionTable")
    outputs = [o.get("name") for o in status.findall(DMN + "output")]
    f.check(outputs == RECORD_OUTPUTS, f"record status: outputs {outputs}")
    f.check("as_of" not in "\n".join(needed_by(decisions["record status"], ids)),
            "record status: looks at as_of")
    check_matters(f, decisions["matter kind"], codesets)


def check_types(f, root, parameters, catalogs):
    """The types that a modeller sees name exactly what the engine gives."""
    types = {t.get("name"): [c.get("name") for c in t.findall(DMN + "itemComponent")]
             for t in root.findall(DMN + "itemDefinition")}
    f.check(types["tPolicy"] == list(parameters), "tPolicy: not the parameters")
    f.check(types["tCovers"] == list(catalogs), "tCovers: not the catalogs")
    tags = {tag["name"] for c in catalogs.values() for tag in c["credit"]["tags"]}
    f.check(tags <= set(types["tRecord"]), f"tRecord: no tag {tags - set(types['tRecord'])}")
    f.check(set(RECORD_OUTPUTS) <= set(types["tRecord"]), "tRecord: an output is missing")
    used = set(re.findall(r"\b(?:record|item)\.([a-z_0-9]+)", "\n".join(expressions(root))))
    f.check(used <= set(types["tRecord"]), f"tRecord: no member {used - set(types['tRecord'])}")


def needed_by(decision, ids, seen=None):
    """Expressions of a decision and of all that it needs."""
    seen = {} if seen is None else seen
    if decision.get("id") in seen:
        return []
    seen[decision.get("id")] = True
    found = expressions(decision)
    for need in decision.findall(f"{DMN}informationRequirement/{DMN}requiredDecision"):
        found += needed_by(ids[need.get("href").lstrip("#")], ids, seen)
    return found


def words_in(table, column):
    cells = [text_of(rule.findall(DMN + "inputEntry")[column])
             for rule in table.findall(DMN + "rule")]
    return [re.findall(r'"([^"]*)"', cell) for cell in cells]


def check_matters(f, decision, codesets):
    """The table and the code sets name the same matters."""
    table = decision.find(DMN + "decisionTable")
    by_kind = {}
    for words, rule in zip(words_in(table, 0), table.findall(DMN + "rule")):
        kind = text_of(rule.find(DMN + "outputEntry")).strip('"')
        by_kind.setdefault(kind, set()).update(words)
    every = {c["word"]: c["number"] for c in codesets["matters"]["codes"]}
    excluded = {c["word"]: c["number"] for c in codesets["excluded_matters"]["codes"]}
    f.check(by_kind["excluded"] == set(excluded), "matter kind: excluded matters differ")
    f.check(by_kind["open"] == set(every) - set(excluded), "matter kind: open matters differ")
    f.check(all(every.get(w) == n and n > 100 for w, n in excluded.items()),
            "excluded_matters: a number differs from matters")


# ---- a pack, and the demonstration data ------------------------------------------

def check_parameters(f, parameters):
    for p in parameters:
        f.check(set(p) == {"name", "type", "value", "basis", "note"}, f"parameters: {p}")
        f.check(all(p.values()), f"parameters: {p['name']} leaves something out")
        f.check(p["type"] in ("number", "string", "date", "duration", "boolean"),
                f"parameters: {p['name']} has type {p['type']}")


MATCHING = {  # fact: values
    "catalog": {"record", "register", "correction"}, "introduces": {"no", "yes"},
    "decision": {"complete", "lacking"}, "code": {"standing", "retired"},
    "number": {"none", "uscc", "org_code", "reg_no", "person"},
    "leads_to": {"nowhere", "one", "several"}, "name": {"equal", "former", "different"},
    "subject": {"unknown", "recorded", "registered"}}


def check_matching(f, table):
    parks = [row["rule"] for row in table if row["outcome"] == "park"]
    f.check(len(parks) == len(set(parks)), "matching: a rule parks for two reasons")
    for i, row in enumerate(table, 1):
        where = f"matching, row {i}"
        f.check(set(row) <= {"rule", "when", "outcome", "text", "basis", "note"}, f"{where}: {set(row)}")
        f.check(row["rule"] and row["text"] and row["basis"], f"{where}: says too little")
        f.check(row["outcome"] in ("park", "join", "join_note", "introduce"), f"{where}: outcome")
        for fact, values in row.get("when", {}).items():
            f.check(set(values) and set(values) <= MATCHING[fact], f"{where}: {fact} {values}")
    # M1 to M8: none is forgotten.
    said = {row["rule"][:2] for row in table}
    f.check({f"M{i}" for i in range(1, 9)} <= said, f"matching: only {said}")


def check_corrections(f, root, catalogs, codesets):
    """What retires a code for the matching table does so for the rules too."""
    text = "\n".join(expressions(root))
    for name, catalog in catalogs.items():
        if catalog["credit"]["kind"] != "correction":
            f.check("retires" not in catalog["credit"], f"{name}: retires codes")
            continue
        (status,) = [c for c in catalog["fields"] if c.get("credit", {}).get("role") == "status"]
        words = {c["word"]: c["code"] for c in codesets[status["credit"]["codes"]]["codes"]}
        used = set(re.findall(rf'catalog = "{name}" and item.status = "([^"]*)"', text))
        f.check(used == {words[w] for w in catalog["credit"]["retires"]}, f"{name}: rules use {used}")


def check_pack(directory):
    f = Findings()
    pack = load(directory / "pack.json")
    parameters = load(directory / pack["parameters"])
    by_name = {p["name"]: p for p in parameters}
    pack = settled(pack, by_name)
    codesets = {n: load(directory / f"codes/{n}.json") for n in pack["codesets"]}
    catalogs = {n: settled(load(directory / f"catalogs/{n}.json"), by_name)
                for n in pack["catalogs"]}
    for kind, named in (("codes", codesets), ("catalogs", catalogs)):
        there = {p.stem for p in (directory / kind).glob("*.json")}
        f.check(there == set(named), f"pack.json: {kind} {there ^ set(named)}")
    for name, codes in codesets.items():
        check_codeset(f, name, codes)
    for name, catalog in catalogs.items():
        check_catalog(f, name, catalog, codesets)
        if "message" in catalog["credit"]:
            check_message(f, name, catalogs, codesets)
    check_parameters(f, parameters)
    check_calendar(f, directory / pack["calendar"])
    check_regions(f, directory / pack["regions"])
    check_departments(f, directory / pack["departments"])
    check_matching(f, load(directory / pack["matching"]))
    root = xml.parse(directory / pack["rules"]).getroot()
    check_corrections(f, root, catalogs, codesets)
    check_rules(f, root, pack, list(by_name), catalogs, codesets)
    return f.seen


def check_demo():
    """Every made row says that it is made, and make.py still makes these bytes."""
    f = Findings()
    demo = ROOT / "tests/demo"
    spec = importlib.util.spec_from_file_location("make", demo / "make.py")
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    made = {}
    make.write = lambda name, columns, rows, encoding="utf-8": made.update(
        {name: (columns, rows, encoding)})
    sys.argv = ["make.py"]
    make.main()
    for name, (columns, rows, encoding) in made.items():
        text = (demo / name).read_text(encoding=encoding)
        there = list(csv.DictReader(text.splitlines()))
        wanted = [{c: row.get(c, "") for c in columns} for row in rows]
        f.check(there == wanted, f"{name}: make.py makes another")
        f.check(all(make.REMARK in row["备注"] for row in there), f"{name}: unmarked row")
    return f.seen


def main():
    packs = [pathlib.Path(p) for p in sys.argv[1:]] or sorted(
        p.parent for p in ROOT.glob("packs/*/pack.json"))
    findings = [f"{pack.name}: {text}" for pack in packs for text in check_pack(pack)]
    findings += [f"demo: {text}" for text in check_demo()]
    print("\n".join(findings) or f"{len(packs)} pack(s): nothing found")
    return 1 if findings or not packs else 0


if __name__ == "__main__":
    sys.exit(main())
