"""Nights that arrive in any order end in the same content.

nights_test.py CREDIT SOURCE

A register and an honour list are amended night after night. The files are brought
in with the day of their night, in order and in shuffled orders, some of them twice;
what the store then says of every subject must be the same each time.
"""
import csv
import io
import json
import os
import random
import subprocess
import sys
import tempfile

credit, source = sys.argv[1], sys.argv[2]
NIGHTS, ORDERS, SUBJECTS = 7, 3, 10
VOLATILE = {"received_on", "record", "commit", "row", "batch", "evidence", "known_at"}
random.seed(20261128)


def rows_of(name):
    with open(os.path.join(source, "tests", "demo", name), encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    return header, rows[:SUBJECTS]


def text_of(header, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def amended(header, row, night, registers):
    """The row as its source had it on a night: few values, so that some come back."""
    row = list(row)
    if registers:
        row[header.index("注册地址")] = "荆州市演示路%d号" % random.randrange(3)
        row[header.index("企业名称")] += random.choice(["", "", "（更名%d）" % night])
        return row
    row[header.index("备注")] = "第%d种说法" % random.randrange(3)
    if random.random() < 0.3:
        row[header.index("当前状态")], row[header.index("退出日期")] = "2", "2026-07-01"
        row[header.index("退出原因")] = "演示：本人申请"
    else:
        row[header.index("当前状态")] = "1"
        row[header.index("退出日期")] = row[header.index("退出原因")] = ""
    return row


def make_nights(directory):
    """(day, path) of every file. The two catalogs speak of different subjects."""
    files, known = [], set()
    for name, registers in (("redlist.csv", False), ("register.csv", True)):
        header, rows = rows_of(name)
        rows = [row for row in rows if not known & set(row)]
        known |= {cell for row in rows for cell in row if len(cell) == 18}
        for night in range(NIGHTS):
            some = [row for row in rows if random.random() < 0.6] or rows[:1]
            path = os.path.join(directory, "%d-%s" % (night, name))
            with open(path, "w", encoding="utf-8") as file:
                file.write(text_of(header, [amended(header, r, night, registers) for r in some]))
            files.append(("2026-08-%02d" % (1 + night), path))
    codes = sorted(code for code in known if code[0] == "9" and code.isalnum())
    return files, codes


def run(*arguments, allowed=(0,)):
    done = subprocess.run([credit, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode in allowed, (arguments, done.returncode, done.stderr)
    return done.stdout


def stable(value):
    if isinstance(value, dict):
        return {key: stable(member) for key, member in value.items() if key not in VOLATILE}
    return [stable(member) for member in value] if isinstance(value, list) else value


def pretty(value):
    return json.dumps(value, ensure_ascii=False, indent=1)


def content(directory, files, codes):
    store = os.path.join(directory, "store")
    run("--store", store, "init")
    counts = {"rows": 0, "sum": 0}
    for day, path in files:
        said = json.loads(run("--store", store, "import", "--json", "--dated", day, path))
        assert said["ordered_by"] == "dated", said
        assert said["rejected"] == said["parked"] == 0, said
        counts["rows"] += said["rows"]
        counts["sum"] += said["added"] + said["updated"] + said["unchanged"] + said["withdrawn"]
    assert counts["rows"] == counts["sum"], counts
    run("--store", store, "fsck")
    shown = [
        stable(json.loads(run("--store", store, "show", "--json", "--as-of", "2026-09-01", code)))
        for code in codes
    ]
    rosters = sorted(run("--store", store, "list", "--json", "--as-of", "2026-09-01", "red").splitlines())
    subprocess.run(["rm", "-rf", store, store + ".keys"], check=True)
    return shown, [stable(json.loads(line)) for line in rosters]


with tempfile.TemporaryDirectory() as scratch:
    nights, subjects = make_nights(scratch)
    assert len(subjects) > SUBJECTS, subjects
    wanted = content(scratch, sorted(nights), subjects)
    assert "第" in json.dumps(wanted, ensure_ascii=False) and "更名" in json.dumps(wanted, ensure_ascii=False)
    for _ in range(ORDERS):
        order = nights + random.sample(nights, 3)
        random.shuffle(order)
        found = content(scratch, order, subjects)
        for code, here, there in zip(subjects, wanted[0], found[0]):
            order_of_files = " ".join(os.path.basename(path) for _, path in order)
            assert here == there, "\n".join([code, pretty(here), pretty(there), order_of_files])
        assert wanted[1] == found[1]
print("%d nights in %d orders: the same content" % (len(nights), ORDERS))
