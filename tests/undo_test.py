"""Batches that are undone leave what a store has that never got them.

undo_test.py CREDIT SOURCE [SEED…]

A register and an honour list are amended again and again. Files come in, in any order
of their days, some of them twice; batches are undone, undoings are undone, files of
undone batches come again. In the end the store must say of every subject what another
store says that only got the batches which count, and must still say of any earlier
moment what it said then.
"""
import csv
import datetime
import io
import json
import os
import random
import subprocess
import sys
import tempfile
import time

credit, source = sys.argv[1], sys.argv[2]
SEEDS, STEPS, SUBJECTS, FILES, MOMENTS = 2, 40, 6, 8, 4
VOLATILE = {"received_on", "record", "commit", "row", "batch", "evidence", "known_at"}
AS_OF = datetime.date.today().isoformat()
TODAY = datetime.date.today()


def rows_of(name):
    with open(os.path.join(source, "tests", "demo", name), encoding="utf-8", newline="") as file:
        header, *rows = list(csv.reader(file))
    return header, rows


def write(path, header, rows):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    with open(path, "w", encoding="utf-8") as file:
        file.write(out.getvalue())


def registered(header, row, renames):
    row = list(row)
    row[header.index("注册地址")] = "荆州市演示路%d号" % random.randrange(2)
    if renames:
        row[header.index("企业名称")] += random.choice(["", "", "（更名）"])
    return row


def honoured(header, row):
    row = list(row)
    row[header.index("备注")] = "第%d种说法" % random.randrange(2)
    left = random.random() < 0.2
    row[header.index("当前状态")] = "2" if left else "1"
    row[header.index("退出日期")] = "2026-07-01" if left else ""
    row[header.index("退出原因")] = "演示：本人申请" if left else ""
    return row


def make_files(directory):
    """Paths of the files, and the codes of the subjects they speak of. Some subjects
    are in both catalogs, under one name; those of the register alone are renamed."""
    red_header, red = rows_of("redlist.csv")
    reg_header, reg = rows_of("register.csv")
    red = red[:SUBJECTS]
    of_code = {row[2]: row for row in red}
    alone = [row for row in reg if row[1] not in of_code][:SUBJECTS]
    both = []
    for code in list(of_code)[: SUBJECTS // 2]:
        row = list(reg[0])
        row[reg_header.index("企业名称")], row[reg_header.index("统一社会信用代码")] = of_code[code][0], code
        both.append(row)
    paths = []

    def some(rows):
        return [row for row in rows if random.random() < 0.8] or rows[:1]

    for number in range(FILES):
        paths.append(os.path.join(directory, "red%d.csv" % number))
        write(paths[-1], red_header, [honoured(red_header, row) for row in some(red)])
        paths.append(os.path.join(directory, "reg%d.csv" % number))
        rows = [registered(reg_header, row, True) for row in some(alone)]
        write(paths[-1], reg_header, rows + [registered(reg_header, row, False) for row in some(both)])
    return paths, sorted(list(of_code) + [row[1] for row in alone])


def run(*arguments, allowed=(0,)):
    done = subprocess.run([credit, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode in allowed, (arguments, done.returncode, done.stdout, done.stderr)
    return done.stdout


def stable(value, without=VOLATILE):
    if isinstance(value, dict):
        return {k: stable(member, without) for k, member in value.items() if k not in without}
    return [stable(member, without) for member in value] if isinstance(value, list) else value


class Store:
    def __init__(self, path, codes):
        self.path, self.codes = path, codes
        run("--store", path, "init")

    def do(self, *arguments, allowed=(0,)):
        return run("--store", self.path, *arguments, allowed=allowed)

    def take(self, path, day):
        said = json.loads(self.do("import", "--json", *(["--dated", day] if day else []), path))
        assert said["parked"] == said["rejected"] == 0, said
        assert said["rows"] == said["added"] + said["updated"] + said["unchanged"] + said["withdrawn"], said
        return said

    def content(self, *known):
        shown = [
            self.do("show", "--json", "--as-of", AS_OF, *known, code, allowed=(0, 1)) for code in self.codes
        ]
        roster = self.do("list", "red", "--json", "--as-of", AS_OF, *known).splitlines()
        tiers = self.do("tier", "--json", "--as-of", AS_OF, *known, *self.codes).splitlines()
        return [
            [json.loads(text) if text else None for text in shown],
            [json.loads(line) for line in sorted(roster)],
            [json.loads(line) for line in tiers],
        ]

    def now_known(self):
        moment = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="microseconds")
        time.sleep(0.001)
        return moment


def counts(log, number):
    return not any(entry["undoes"] == number and counts(log, other) for other, entry in log.items())


def undo_one(store, log):
    number = random.choice([n for n in log if log[n]["undoes"] is None or random.random() < 0.4] or [1])
    if not counts(log, number):
        store.do("batch", "undo", str(number), allowed=(3,))
        return
    said = json.loads(store.do("batch", "undo", "--json", str(number)))
    assert said["rows"] == said["added"] + said["updated"] + said["unchanged"] + said["withdrawn"], said
    log[said["batch"]] = {"undoes": number}


def check_batches(store, log):
    for line in store.do("batch", "list", "--json").splitlines():
        batch = json.loads(line)
        entry = log[batch["batch"]]
        assert batch["undoes"] == entry["undoes"], batch
        assert (batch["undone_by"] is None) == counts(log, batch["batch"]), batch
        if entry["undoes"]:
            assert batch["file"] == "undo of batch %d" % entry["undoes"], batch


def pretty(value):
    return json.dumps(value, ensure_ascii=False, indent=1)


def try_seed(seed, directory):
    random.seed(seed)
    dated = seed % 2 == 0
    files, codes = make_files(directory)
    store = Store(os.path.join(directory, "store"), codes)
    log, moments = {}, []
    for step in range(STEPS):
        if log and random.random() < 0.45:
            if len(moments) < MOMENTS:
                moments.append((store.now_known(), store.content()))
            undo_one(store, log)
        else:
            path = random.choice(files)
            day = (TODAY - datetime.timedelta(days=random.randrange(1, 8))).isoformat() if dated else None
            said = store.take(path, day)
            if not said["known"]:
                log[said["batch"]] = {"undoes": None, "path": path, "day": day}
    check_batches(store, log)
    store.do("fsck")
    oracle = Store(os.path.join(directory, "oracle"), codes)
    kept = [e for n, e in sorted(log.items()) if e["undoes"] is None and counts(log, n)]
    for place, entry in enumerate(kept):
        # A file that came again while its batch was undone is news here too.
        path = os.path.join(directory, "kept.csv")
        with open(entry["path"], "rb") as file, open(path, "wb") as copy:
            copy.write(file.read() + place * b"\n")
        assert not oracle.take(path, entry["day"])["known"]
    here, there = stable(store.content()), stable(oracle.content())
    for part, (mine, wanted) in enumerate(zip(here, there)):
        for place, (one, other) in enumerate(zip(mine, wanted)):
            assert one == other, "\n".join(["seed %d part %d place %d" % (seed, part, place), pretty(one), pretty(other), pretty(log)])
        assert len(mine) == len(wanted), (seed, part, log)
    # A name is always the newest; all else is as it was known.
    named = VOLATILE | {"name", "kind"}
    for moment, then in moments:
        again = store.content("--known-at", moment)
        for part in range(3):
            assert sorted(map(pretty, stable(again[part], named))) == sorted(map(pretty, stable(then[part], named))), (seed, moment, part, log)
    # One by one, until nothing counts: then the store knows nobody.
    for number in sorted(log):
        if log[number]["undoes"] is None and counts(log, number):
            said = json.loads(store.do("batch", "undo", "--json", str(number)))
            log[said["batch"]] = {"undoes": number}
    shown, roster, _ = store.content()
    assert roster == [] and not any(shown), (seed, roster)
    assert json.loads(store.do("stats", "--json"))["subjects"] == 0
    store.do("fsck")
    return sum(1 for entry in log.values() if entry["undoes"])


undone = 0
for number in (list(map(int, sys.argv[3:])) or range(1, 1 + SEEDS)):
    with tempfile.TemporaryDirectory() as scratch:
        undone += try_seed(number, scratch)
print("%d undoings: as if what they undo had not come" % undone)
