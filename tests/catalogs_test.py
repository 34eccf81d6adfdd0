#!/usr/bin/env python3
"""Every catalog of a shipped pack through the installed program.

    catalogs_test.py INSTALLED SOURCE

tests/samples/NAME.csv goes in, is found again as it was written, and changes
nothing the second time; the same rows in GB18030 under Chinese titles give the same
content. `credit catalog page` shows every column and every check. Python's
standard library only.
"""
import csv
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

from pack_test import settled

INSTALLED, SOURCE = (pathlib.Path(p).resolve() for p in sys.argv[1:3])
PACK = SOURCE / "packs/jingzhou"
MARK = "样例数据，不是真实记录（invented）"
faults = []


def check(holds, text):
    if not holds:
        faults.append(text)


def load(name):
    return json.loads((PACK / name).read_text(encoding="utf-8"))


NAMES = load("pack.json")["catalogs"]
PARAMETERS = {p["name"]: p for p in load("parameters.json")}
CATALOGS = {name: settled(load(f"catalogs/{name}.json"), PARAMETERS) for name in NAMES}


def credit(directory, *arguments, given="", wanted=0):
    run = subprocess.run([INSTALLED / "bin/credit", *arguments], cwd=directory, input=given,
                         capture_output=True, text=True, check=False,
                         env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8",
                              "CREDIT_PACK": str(PACK)})
    check(run.returncode == wanted,
          f"credit {' '.join(arguments)}: exit {run.returncode}: {run.stderr.strip()[:300]}")
    return run.stdout


def credit_json(directory, *arguments, **more):
    lines = credit(directory, "--json", *arguments, **more).splitlines()
    return json.loads(lines[-1]) if lines else {}


# ---- samples -----------------------------------------------------------------


def rows_of(name):
    text = (SOURCE / f"tests/samples/{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def fields_of(name):
    return {field["name"]: field for field in CATALOGS[name]["fields"]}


def role(name, wanted):
    return next((code for code, field in fields_of(name).items()
                 if field.get("credit", {}).get("role") == wanted), None)


def is_person(number):
    return re.fullmatch(r"[0-9]{17}[0-9X]", number) is not None and number[0] == "4"


def number_of(name, row):
    columns = [role(name, r) for r in ("subject_uscc", "subject_any_no", "subject_id_no")]
    return next(row[c] for c in columns if c and row.get(c))


def is_hidden(name, column, number):
    """A number of a person: kept, but shown masked or not at all."""
    credit_block = fields_of(name).get(column, {}).get("credit", {})
    return credit_block.get("personal") or (
        credit_block.get("role") == "subject_any_no" and is_person(number))


def show(directory, number):
    """catalog → what each of its records holds, for one subject."""
    who, given = ("cn_id:-", number) if is_person(number) else (number, "")
    document = credit_json(directory, "show", who, given=given)
    check(number not in json.dumps(document) or not is_person(number), "a person's number is shown")
    found = {}
    for section in document.get("sections", []):
        for record in section["records"]:
            fields = {f["code"] or f["title"]: f["value"] for f in record["fields"]}
            found.setdefault(record["catalog"], []).append(fields)
    return found


def agrees(name, row, number, fields):
    """Is this record the row? Then nothing is lost and nothing is added but defaults."""
    defaults = CATALOGS[name]["credit"].get("defaults", {})
    for column, value in row.items():
        if value and not is_hidden(name, column, number) and fields.get(column) != value:
            return False
    return all(row.get(c) or c in defaults for c in fields)


def write_as(directory, name, encoding, titled, line_end):
    rows = rows_of(name)
    titles = {code: field["title"] for code, field in fields_of(name).items()}
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=line_end)
    writer.writerow([titles.get(c, c) if titled else c for c in rows[0]])
    writer.writerows(row.values() for row in rows)
    path = pathlib.Path(directory) / f"{name}-{encoding}{len(line_end)}.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    return path.name


def import_and_compare(directory, name, file, wanted):
    """One import whose counts are known, and the pre-check that must say the same."""
    told = credit_json(directory, "catalog", "check", file)
    done = credit_json(directory, "import", file)
    rows = len(rows_of(name))
    check(done.get("catalog") == name, f"{file}: taken for {done.get('catalog')}")
    check(done.get(wanted) == done.get("rows") == rows, f"{file}: not {rows} {wanted}: {done}")
    for count in ("catalog", "encoding", "sha256", "rows", "rejected", "warnings", "late"):
        check(told.get(count) == done.get(count), f"{file}: {count} before and after")
    check(done.get("warnings") == 0, f"{file}: {done.get('warnings')} warnings")


def content(directory):
    numbers = {number_of(name, row) for name in NAMES for row in rows_of(name)}
    return {number: show(directory, number) for number in sorted(numbers)}


def strings_of(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return {text for item in value for text in strings_of(item)}
    return {value} if isinstance(value, str) else set()


def stays_out(name, column, number):
    never = fields_of(name).get(column, {}).get("credit", {}).get("scope") == "never"
    return never or is_hidden(name, column, number)


def check_extract(directory, number):
    """Whoever is authorised finds every value of an organisation in its report, unless
    the record is over."""
    credit(directory, "extract", number, "--scope", "authorized", "--purpose", "样例", "-o",
           f"{number}.asice")
    with zipfile.ZipFile(pathlib.Path(directory) / f"{number}.asice") as report:
        there = strings_of(json.loads(report.read("extract.json")))
    for name in NAMES:
        for row in rows_of(name):
            if number_of(name, row) != number or row.get(role(name, "removed_on")):
                continue
            lost = [c for c, v in row.items()
                    if v and v not in there and not stays_out(name, c, number)]
            check(not lost, f"{name}: the report of {number} lacks {lost}")


def check_samples():
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        for directory in (first, second):
            credit(directory, "init", "--suite", "p256")
        for name in NAMES:
            check(all(MARK in row.values() for row in rows_of(name)), f"{name}: an unmarked row")
            import_and_compare(first, name, write_as(first, name, "utf-8", False, "\n"), "added")
            import_and_compare(second, name, write_as(second, name, "gb18030", True, "\n"), "added")
        written = content(first)
        for name in NAMES:
            for row in rows_of(name):
                number = number_of(name, row)
                records = written[number].get(name, [])
                check(any(agrees(name, row, number, r) for r in records),
                      f"{name}: {row} is not among {records}")
        check(content(second) == written, "GB18030 under Chinese titles gives another content")
        for name in NAMES:
            file = write_as(first, name, "utf-8", False, "\r\n")
            import_and_compare(first, name, file, "unchanged")
        check(content(first) == written, "the second import changed the content")
        for number in written:
            if not is_person(number):
                check_extract(first, number)


# ---- pages -----------------------------------------------------------------------


def text_of(html):
    plain = re.sub(r"<[^>]*>", "\n", html)
    for reference, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"),
                                 ("&amp;", "&")):
        plain = plain.replace(reference, character)
    return plain


def rows_with(page, style):
    return re.findall(rf'<tr class="{style}">(.*?)</tr>', page, re.DOTALL)


def check_column(name, field, row):
    block, constraints = field.get("credit", {}), field.get("constraints", {})
    plain = text_of(row)
    wanted = [field["name"], field["title"], *block.get("aliases", [])]
    wanted += [str(constraints["maxLength"])] if "maxLength" in constraints else []
    wanted += ["必填"] if constraints.get("required") else []
    wanted += [load(f"codes/{block['codes']}.json")["title"]] if "codes" in block else []
    scopes = {"public": "社会公开", "government": "政务共享", "authorized": "授权查询", "never": "不公开"}
    wanted.append(scopes[block.get("scope", CATALOGS[name]["credit"]["scope"])])
    if "mask" in block:
        wanted.append(f"左留 {block['mask']['left']} 右留 {block['mask']['right']}")
    for text in wanted:
        check(text in plain, f"page of {name}: {field['name']} lacks {text}")


def check_check(name, rule, row):
    plain = text_of(row).split("\n")
    columns = rule.get("fields", []) + [rule[m] for m in (
        "field", "earlier", "later", "text", "amount", "date", "type_field") if m in rule]
    conditions = rule.get("when", [])
    for condition in conditions if isinstance(conditions, list) else [conditions]:
        columns.append(condition["field"])
        columns += [f"“{word}”" for word in condition.get("in", [])]
    words = rule.get("words", rule.get("prefixes", []))
    wanted = [rule["rule"], {"warning": "提示"}.get(rule.get("severity"), "退回"), *columns]
    for text in wanted + [f"“{word}”" for word in words]:
        check(any(text in line for line in plain), f"page of {name}: {rule} lacks {text}")


def check_page(name):
    page = credit(SOURCE, "catalog", "page", name)
    catalog, plain = CATALOGS[name], text_of(page)
    columns, checks = rows_with(page, "column"), rows_with(page, "check")
    block = catalog["credit"]
    patterns = [f for f in catalog["fields"] if "pattern" in f.get("constraints", {})]
    check(len(columns) == len(catalog["fields"]), f"page of {name}: {len(columns)} columns")
    check(len(checks) == len(patterns) + len(block["checks"]), f"page of {name}: {len(checks)} checks")
    for field, row in zip(catalog["fields"], columns):
        check_column(name, field, row)
        for code in load(f"codes/{field['credit']['codes']}.json")["codes"] if "codes" in field.get(
                "credit", {}) else []:
            for text in [code["word"], code["code"], *code.get("aliases", [])]:
                check(text in plain, f"page of {name}: no word {text}")
    for field, row in zip(patterns, checks):
        check(field["constraints"]["pattern"] in text_of(row), f"page of {name}: {field['name']}")
    for rule, row in zip(block["checks"], checks[len(patterns):]):
        check_check(name, rule, row)
    wanted = [catalog["title"], block["section"]]
    for part in block["key"]:
        wanted += part if isinstance(part, list) else [part]
    for layout in block.get("profiles", []):
        wanted += [layout["name"], layout["title"], *layout["columns"], *layout.get("waived", [])]
    for defaults in [block.get("defaults", {})] + [p.get("defaults", {}) for p in block.get(
            "profiles", [])]:
        wanted += [v for pair in defaults.items() for v in pair if isinstance(v, str)]
    if block["late_working_days"]:
        wanted.append(f"超过 {block['late_working_days']} 个工作日")
    for text in wanted:
        check(text in plain, f"page of {name}: no {text}")
    check("http" not in page, f"page of {name}: something from outside")


def main():
    samples = {p.stem for p in (SOURCE / "tests/samples").glob("*.csv")}
    check(samples == set(NAMES), f"samples: {samples ^ set(NAMES)}")
    check_samples()
    for name in NAMES:
        check_page(name)
    check("no such catalog" not in credit(SOURCE, "catalog", "page", "none", wanted=3), "a page of none")
    print("\n".join(faults) or f"{len(NAMES)} catalogs, each with its sample and its page")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
