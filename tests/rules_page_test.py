#!/usr/bin/env python3
"""The pages of the rules say what the DMN file says, and all of it.

    rules_page_test.py CREDIT PACK

The file is read here by other means than the program's: Python's XML and HTML readers.
"""
import html.parser
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET

CREDIT, PACK = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
DMN = "rules/jingzhou.dmn"
NS = {"d": "https://www.omg.org/spec/DMN/20191111/MODEL/"}
EMPTY = {"meta", "br"}
faults = []


def check(holds, text):
    if not holds:
        faults.append(text)


def credit(*arguments, wanted=0):
    run = subprocess.run([CREDIT, *arguments], capture_output=True, text=True, check=False,
                         env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8"})
    check(run.returncode == wanted,
          f"credit {' '.join(map(str, arguments))}: exit {run.returncode}, not {wanted}: "
          f"{run.stderr.strip()[:300]}")
    return run


class Page(html.parser.HTMLParser):
    """Rows of tables by their class, with the text of their cells; links; anchors."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.rows, self.links, self.ids, self.text = [], [], [], set(), []
        self.feed(text)
        self.close()
        check(not self.open, f"left open: {self.open}")
        self.text = "".join(self.text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag not in EMPTY:
            self.open.append(tag)
        check(not {"src", "style", "onclick", "onload"} & set(attrs), f"<{tag}> has {attrs}")
        check(tag not in ("script", "link", "img", "iframe"), f"a page has <{tag}>")
        if tag == "tr":
            self.rows.append({"class": attrs.get("class"), "id": attrs.get("id"), "cells": []})
        if tag in ("td", "th") and self.rows:
            self.rows[-1]["cells"].append("")
        if "id" in attrs:
            self.ids.add(attrs["id"])
        if "href" in attrs:
            self.links.append(attrs["href"])

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            check(False, f"</{tag}> closes something else")

    def handle_data(self, data):
        self.text.append(data)
        if {"td", "th"} & set(self.open):
            self.rows[-1]["cells"][-1] += data

    def of(self, kind):
        return [row for row in self.rows if row["class"] == kind]


def pages_of(pack, *more):
    directory = pathlib.Path(tempfile.mkdtemp(dir=SCRATCH)) / "pages"
    credit("rules", "page", pack, "-o", directory, *more)
    return {p.name: p.read_text(encoding="utf-8") for p in sorted(directory.iterdir())}


def text_of(node):
    found = None if node is None else node.find("d:text", NS)
    return "" if found is None or found.text is None else found.text.strip()


# ---- the shipped pack ----------------------------------------------------------


def compare_row(name, number, shown, rule):
    tests = [text_of(e) for e in rule.findall("d:inputEntry", NS)]
    outputs = [text_of(e) for e in rule.findall("d:outputEntry", NS)]
    notes = [text_of(e) for e in rule.findall("d:annotationEntry", NS)]
    cells = shown["cells"]
    check(cells[0] == str(number), f"{name} {number}: its number is {cells[0]}")
    check(cells[3:] == notes, f"{name} {number}: annotations {cells[3:]}, not {notes}")
    at = 0
    for feel in (t for t in tests if t not in ("", "-")):
        at = cells[1].find(feel, at)
        check(at >= 0, f"{name} {number}: condition {feel} is not shown")
    if all(t in ("", "-") for t in tests):
        check(cells[1] == "不论什么情形", f"{name} {number}: without conditions: {cells[1]}")
    at = 0
    for feel in outputs:
        at = cells[2].find(feel, at)
        check(at >= 0, f"{name} {number}: output {feel} is not shown")


def compare_table(name, page, table):
    rules = table.findall("d:rule", NS)
    rows, inputs = page.of("rule"), page.of("input")
    check(len(rows) == len(rules), f"{name}: {len(rows)} rows for {len(rules)}")
    for number, (row, rule) in enumerate(zip(rows, rules), 1):
        compare_row(name, number, row, rule)
    expressions = [text_of(i.find("d:inputExpression", NS)) for i in table.findall("d:input", NS)]
    check(len(inputs) == len(expressions), f"{name}: {len(inputs)} inputs for {len(expressions)}")
    for row, feel in zip(inputs, expressions):
        check(row["cells"][1].startswith(feel), f"{name}: {feel} is shown as {row['cells'][1]}")
    check(table.get("hitPolicy", "UNIQUE") + "：" in page.text, f"{name}: hit policy")
    return len(rules)


def compare_links(name, page, node, names):
    wanted = [r[0].get("href")[1:] for kind in ("information", "knowledge")
              for r in node.findall(f"d:{kind}Requirement", NS)]
    row = next(r for r in page.rows if r["cells"][:1] == ["用到"])
    shown = [] if row["cells"][1] == "没有" else row["cells"][1].split("、")
    check(sorted(shown) == sorted(names[w] for w in wanted), f"{name}: requires {shown}")


def compare_with_file(root, pages):
    nodes = root.findall("d:decision", NS) + root.findall("d:businessKnowledgeModel", NS)
    names = {n.get("id"): n.get("name") for n in nodes + root.findall("d:inputData", NS)}
    index = Page(pages["index.html"])
    shown = {row["cells"][0]: row for row in index.of("decision")}
    check(list(shown) == [n.get("name") for n in nodes], "the index has other decisions")
    check(len(pages) == len(nodes) + 1, f"{len(pages)} pages for {len(nodes)} decisions")
    rules = 0
    for node in nodes:
        name = node.get("name")
        page = Page(pages[name.replace(" ", "-") + ".html"])
        description = node.findtext("d:description", "", NS)
        check(shown[name]["cells"][1] == description and description in page.text,
              f"{name}: its description")
        for table in node.iter(f"{{{NS['d']}}}decisionTable"):
            rules += compare_table(name, page, table)
        for literal in node.iter(f"{{{NS['d']}}}literalExpression"):
            check(text_of(literal) in page.text, f"{name}: {text_of(literal)[:60]} is missing")
        compare_links(name, page, node, names)
    return rules


def compare_parameters(pages, parameters):
    rows = {row["cells"][0]: row for row in Page(pages["index.html"]).of("parameter")}
    check(list(rows) == [p["name"] for p in parameters], "the index has other parameters")
    for p in parameters:
        check(rows[p["name"]]["cells"][1:5] == [p["value"], p["type"], p["note"], p["basis"]],
              f"parameter {p['name']}: {rows[p['name']]['cells']}")
        users = {row.removesuffix(".html") for row, text in pages.items()
                 if row != "index.html" and f"#p-{p['name']}\"" in text}
        shown = {name.replace(" ", "-") for name in rows[p["name"]]["cells"][5].split("、") if name}
        check(users == shown, f"parameter {p['name']}: used by {shown}, mentioned by {users}")


def compare_rule_ids(root, pages):
    wanted = {text_of(r.findall("d:annotationEntry", NS)[0])
              for r in root.iter(f"{{{NS['d']}}}rule")} - {""}
    index = Page(pages["index.html"])
    start = next(i for i, row in enumerate(index.rows) if row["cells"][:1] == ["编号"])
    shown = [row["cells"][0] for row in index.rows[start + 1:]]
    check(shown == sorted(wanted, key=str.encode), f"rule ids: {set(shown) ^ wanted}")
    places = sum(1 for link in index.links if "#t" in link)
    check(places == len(list(root.iter(f"{{{NS['d']}}}rule"))), f"{places} places of rules")


def follow_links(pages):
    read = {name: Page(text) for name, text in pages.items()}
    for name, page in read.items():
        for link in page.links:
            file, _, anchor = link.partition("#")
            check(file in pages, f"{name}: {link} leads nowhere")
            check(not anchor or anchor in read.get(file, page).ids, f"{name}: no {link}")


def test_pages_say_what_the_file_says():
    root = ET.parse(PACK / DMN).getroot()
    pages = pages_of(PACK)
    rules = compare_with_file(root, pages)
    check(rules > 150, f"only {rules} rows were compared")
    compare_parameters(pages, json.loads((PACK / "parameters.json").read_text(encoding="utf-8")))
    compare_rule_ids(root, pages)
    follow_links(pages)


def test_the_same_pack_gives_the_same_bytes():
    first = pages_of(PACK)
    check(first == pages_of(PACK), "two runs differ")
    check(credit("rules", "page", PACK).stdout == first["index.html"] + "\n", "index on stdout")
    check(credit("rules", "page", PACK, "tier").stdout == first["tier.html"] + "\n",
          "a page on stdout")
    check(pages_of(PACK, "tier") == {"tier.html": first["tier.html"]}, "one page as a file")


# ---- other packs -----------------------------------------------------------------


def changed(old, new):
    copy = pathlib.Path(tempfile.mkdtemp(dir=SCRATCH)) / "pack"
    shutil.copytree(PACK, copy)
    text = (copy / DMN).read_text(encoding="utf-8")
    check(text.count(old) >= 1, f"the pack does not have: {old}")
    (copy / DMN).write_text(text.replace(old, new, 1), encoding="utf-8")
    return copy


def test_a_changed_row_changes_its_page():
    before = pages_of(PACK)
    row = '<outputEntry id="decision_special_domain_r4_o1"><text>true</text>'
    after = pages_of(changed(row, row.replace("true", "1 = 1")))
    names = {name for name in before if before[name] != after[name]}
    # The index has the digest of the pack.
    check(names == {"special-domain.html", "index.html"}, f"changed: {names}")
    check(Page(after["special-domain.html"]).of("rule")[3]["cells"][2] == "1 = 1", "the new cell")


def test_what_the_file_says_is_text_never_markup():
    evil = "<script>alert(\"x\")</script> & 'y'"
    quoted = "&lt;script>alert(\"x\")&lt;/script> &amp; 'y'"
    pack = changed("<text>消防领域</text>", f"<text>{quoted}</text>")
    page = Page(pages_of(pack)["special-domain.html"])  # which refuses <script>
    check(page.of("rule")[3]["cells"][4] == evil, f"text: {page.of('rule')[3]['cells'][4]}")


def decision(number, name):
    return (f'<decision id="more_{number}" name="{name}"><variable name="{name}"/>'
            f"<literalExpression><text>1</text></literalExpression></decision>")


def test_no_name_leads_out_of_the_directory_or_over_another_page():
    names = ("../x&lt;y&gt;", "..-x-y-", "index")
    more = "".join(decision(number, name) for number, name in enumerate(names))
    pages = pages_of(changed("</definitions>", more + "</definitions>"))
    check({"---x-y-.html", "---x-y--2.html", "index-2.html"} <= set(pages),
          f"files: {[n for n in pages if n.startswith('-') or n.startswith('index')]}")
    check("<h1>../x&lt;y&gt;</h1>" in pages["---x-y-.html"], "the name itself")
    follow_links(pages)


def test_forms_that_words_can_say():
    forms = {"duration(\"P3Y6M\")": "3年6个月", "duration(\"P10D\")": "10天",
             "date(\"2026-04-01\")": "2026-04-01", "duration(\"PT3H\")": "", "true": "是"}
    for feel, words in forms.items():
        row = '<outputEntry id="decision_special_domain_r4_o1"><text>true</text>'
        pack = changed(row, row.replace("true", feel))
        cell = Page(pages_of(pack, "special domain")["special-domain.html"]).of("rule")[3]["cells"]
        check(cell[2] == f"{words} {feel}".strip(), f"{feel}: {cell[2]}")


def test_what_cannot_be_done_is_said():
    check("no such decision" in credit("rules", "page", PACK, "nothing", wanted=3).stderr, "name")
    credit("rules", "page", SCRATCH / "nowhere", wanted=3)
    blocked = pathlib.Path(SCRATCH) / "file"
    blocked.write_text("")
    run = credit("rules", "page", PACK, "-o", blocked, wanted=3)
    check("file" in run.stderr, f"the place is not named: {run.stderr}")
    credit("rules", "page", wanted=2)
    bad = changed("<text>penalty kinds.heavy</text>", "<text>penalty kinds.(</text>")
    check("jingzhou.dmn:" in credit("rules", "page", bad, wanted=3).stderr, "no line")


with tempfile.TemporaryDirectory() as SCRATCH:
    SCRATCH = pathlib.Path(SCRATCH)
    tests = [(n, f) for n, f in list(globals().items()) if n.startswith("test_")]
    for test_name, test in tests:
        seen = len(faults)
        test()
        for fault in faults[seen:]:
            print(f"{test_name}: {fault}")
if faults:
    sys.exit(1)
print(f"{len(tests)} tests of the pages of rules")
