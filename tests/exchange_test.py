"""Two stores exchange for a month over a road that loses, repeats, swaps and harms.

exchange_test.py CREDIT SOURCE [DAYS [SEED]]

The sender takes in files day by day: new rows, amendments, withdrawals, reinstatements,
nights that come late, batches that are undone. It packs at times; packages and receipts
are lost, repeated, delayed, swapped, cut short and altered on their way, and sent again
when no receipt has come. In the end both stores must say the same of all that may be
shared, and the numbers must add up. What may not leave (persons, their numbers, records
taken back) is looked for in everything that was ever on the road.
"""
import csv
import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile

credit, source = sys.argv[1], sys.argv[2]
DAYS = int(sys.argv[3]) if len(sys.argv) > 3 else 30
SEED = int(sys.argv[4]) if len(sys.argv) > 4 else 13
SUBJECTS = 8
AS_OF = "2026-11-28"
PERSON, NUMBER = "王小明", "421002199001011231"
VOLATILE = {"received_on", "record", "commit", "row", "batch", "evidence", "known_at", "late"}
chance = random.Random(SEED)
KILLS = int(os.environ.get("CREDIT_KILLS", "3"))
told = {"refused": 0, "gaps": 0, "repeats": 0, "resent": 0, "lost": 0, "packages": 0, "undone": 0}


def rows_of(name, encoding="utf-8"):
    path = os.path.join(source, "tests", "demo", name)
    with open(path, encoding=encoding, newline="") as file:
        header, *rows = list(csv.reader(file))
    return header, rows


def run(*arguments, allowed=(0,)):
    done = subprocess.run([credit, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode in allowed, (arguments, done.returncode, done.stdout, done.stderr)
    return done


def lines(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


class Sender:
    """A store whose sources amend what they said, day by day."""

    def __init__(self, directory):
        self.directory = directory
        self.store = os.path.join(directory, "sender")
        self.out = os.path.join(directory, "out")
        os.mkdir(self.out)
        run("--store", self.store, "init")
        self.tables = {
            name: (header, rows[:SUBJECTS])
            for name, (header, rows) in {
                "register.csv": rows_of("register.csv"),
                "redlist.csv": rows_of("redlist.csv"),
                "penalties.csv": rows_of("penalties_gb18030.csv", "gb18030"),
            }.items()
        }
        self.answered = set()

    def amend(self, name, header, row, day):
        row = list(row)
        if name == "register.csv":
            row[header.index("注册地址")] = "荆州市演示路%d号" % chance.randrange(4)
            row[header.index("企业名称")] += chance.choice(["", "", "", "（更名%d）" % (day % 3)])
        elif name == "redlist.csv":
            row[header.index("备注")] = chance.choice(["甲,乙", "“引号”\"双\"", "两\n行", "联系人%s" % NUMBER])
            gone = chance.random() < 0.3
            row[header.index("当前状态")] = "2" if gone else "1"
            row[header.index("退出日期")] = "2026-07-01" if gone else ""
            row[header.index("退出原因")] = "演示：本人申请" if gone else ""
        else:
            row[header.index("违法事实")] = "演示：第%d种说法" % chance.randrange(4)
            row[header.index("处罚有效期")] = "2028-06-02"
            row[header.index("处罚决定日期")] = "2026-11-02"
        return row

    def take_in(self, day):
        for name in chance.sample(sorted(self.tables), 2):
            header, rows = self.tables[name]
            some = [self.amend(name, header, row, day) for row in rows if chance.random() < 0.4]
            if not some:
                continue
            path = os.path.join(self.directory, "%d-%s" % (day, name))
            out = io.StringIO()
            csv.writer(out, lineterminator="\n").writerows([header, *some])
            with open(path, "w", encoding="utf-8") as file:
                file.write(out.getvalue())
            night = max(1, day - chance.choice([0, 0, 0, 1, 3]))
            dated = "2026-10-%02d" % (night % 31 + 1) if night < 31 else "2026-11-%02d" % (night % 27 + 1)
            # A register without its row parks nothing here: every name is a known one.
            run("--store", self.store, "import", "--json", "--dated", dated, path, allowed=(0, 1))

    def undo_one(self):
        """A batch turns out to have been wrong, perhaps one that undid another."""
        batches = lines(run("--store", self.store, "batch", "list", "--json"))
        standing = [batch["batch"] for batch in batches if batch.get("undone_by") is None]
        if standing:
            run("--store", self.store, "batch", "undo", str(chance.choice(standing)))
            told["undone"] += 1

    def take_in_person(self):
        header, rows = rows_of("redlist.csv")
        row = list(rows[0]) + [""] * 2
        header = header + ["证件类型", "证件号码"]
        row[header.index("机构全称/姓名")], row[header.index("主体类别")] = PERSON, "自然人"
        row[header.index("统一社会信用代码")] = ""
        row[header.index("证件类型")], row[header.index("证件号码")] = "身份证", NUMBER
        path = os.path.join(self.directory, "person.csv")
        with open(path, "w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, row])
        said = lines(run("--store", self.store, "import", "--json", path))[0]
        assert said["added"] == 1, said

    def pack(self):
        return [line["file"] for line in lines(run("--store", self.store, "feed", "pack", "--json", self.out))]

    def resend_open(self):
        status = self.status()
        files = []
        for number in status["unanswered"]:
            told["resent"] += 1
            said = lines(run("--store", self.store, "feed", "resend", "--json", str(number), self.out))[0]
            files.append(said["file"])
        return files

    def status(self):
        status = json.loads(run("--store", self.store, "feed", "status", "--json").stdout)
        for line in [status, *status["lines"]]:
            parts = sum(line[state] for state in ("accepted", "rejected", "open", "withheld"))
            assert line["sent"] == parts, line
        assert status["sent"] == sum(line["sent"] for line in status["lines"]), status
        return status


class Receiver:
    """A store that takes what comes along the road."""

    def __init__(self, directory):
        self.store = os.path.join(directory, "receiver")
        self.receipts = os.path.join(directory, "receipts")
        os.mkdir(self.receipts)
        run("--store", self.store, "init", "--suite", "p256")

    def batches(self):
        return run("--store", self.store, "batch", "list", "--json").stdout

    def take(self, path, harmed):
        looks = harmed or chance.random() < 0.3
        before = self.batches() if looks else None
        receipt = os.path.join(self.receipts, os.path.basename(path) + ".%d" % chance.randrange(10**9))
        done = run("--store", self.store, "import", "--json", "--receipt", receipt, path, allowed=(0, 1, 3))
        if harmed:
            assert done.returncode == 3, (path, done.stdout)
        if done.returncode == 3:
            assert not looks or self.batches() == before, done.stderr
            assert not os.path.exists(receipt), done.stderr
            told["refused" if harmed else "gaps"] += 1
            assert harmed or "is missing" in done.stderr, done.stderr
            return None
        said = json.loads(done.stdout)
        parts = ("added", "updated", "unchanged", "withdrawn", "parked", "rejected")
        assert said["rows"] == sum(said[part] for part in parts), said
        assert said["rejected"] == said["parked"] == 0, said
        told["repeats"] += said["known"]
        assert not looks or (self.batches() == before) == said["known"], said
        return receipt


def harm(path, directory):
    """A copy that lost its end or has one bit turned."""
    with open(path, "rb") as file:
        data = bytearray(file.read())
    if chance.random() < 0.5:
        del data[chance.randrange(len(data)):]
        if len(data) < 4:
            data += b"PK\3\4"
    else:
        data[chance.randrange(4, len(data))] ^= 1 << chance.randrange(8)
    copy = os.path.join(directory, "harmed-%d" % chance.randrange(10**9))
    with open(copy, "wb") as file:
        file.write(data)
    return copy


class Road:
    """Loses, repeats, delays, swaps and harms."""

    def __init__(self, directory):
        self.directory = directory
        self.under_way = []

    def send(self, path):
        copy = os.path.join(self.directory, "sent-%d" % chance.randrange(10**9))
        shutil.copy(path, copy)
        fate = chance.random()
        if fate < 0.2:
            told["lost"] += 1
            return
        if fate < 0.45:
            self.under_way.append((harm(copy, self.directory), True))
        if fate > 0.35:
            self.under_way += [(copy, False)] * (2 if fate > 0.8 else 1)

    def arrivals(self):
        chance.shuffle(self.under_way)
        count = chance.randrange(len(self.under_way) + 1)
        now, self.under_way = self.under_way[:count], self.under_way[count:]
        return now


def stable(value):
    if isinstance(value, dict):
        return {key: stable(member) for key, member in value.items() if key not in VOLATILE}
    return [stable(member) for member in value] if isinstance(value, list) else value


def content(store, codes):
    """What may be shared of every subject: records in force, in their terms."""
    shown = {}
    for code in codes:
        done = run("--store", store, "show", "--json", "--as-of", AS_OF, code, allowed=(0, 1))
        document = json.loads(done.stdout) if done.returncode == 0 else {"sections": []}
        shown[code] = [
            json.dumps(stable(record), ensure_ascii=False, sort_keys=True)
            for section in document["sections"]
            for record in section["records"]
            if record["state"] == "current" and (record["published_until"] or AS_OF) >= AS_OF
        ]
    red = run("--store", store, "list", "--json", "--as-of", AS_OF, "red").stdout.splitlines()
    shown["red"] = sorted(
        json.dumps(stable(json.loads(line)), ensure_ascii=False) for line in red if PERSON not in line
    )
    return shown


def look_for_what_may_not_leave(directory):
    """By the means that find what may leave."""
    found = 0
    for name in os.listdir(directory):
        with zipfile.ZipFile(os.path.join(directory, name)) as package:
            text = b"".join(package.read(entry) for entry in package.namelist()).decode("utf-8", "replace")
        assert PERSON not in text and NUMBER not in text, name
        found += "联系人" in text
    assert found > 0


def exchange(scratch):
    sender, receiver = Sender(scratch), Receiver(scratch)
    trust = os.path.join(scratch, "trust")
    os.mkdir(trust)
    for store in (sender.store, receiver.store):
        shutil.copy(os.path.join(store, "authority.pem"), os.path.join(trust, os.path.basename(store) + ".pem"))
    os.environ["CREDIT_TRUST"] = trust
    os.mkdir(os.path.join(scratch, "there"))
    os.mkdir(os.path.join(scratch, "back"))
    there, back = Road(os.path.join(scratch, "there")), Road(os.path.join(scratch, "back"))

    def deliver():
        for path, harmed in there.arrivals():
            receipt = receiver.take(path, harmed)
            if receipt is not None:
                back.send(receipt)
        for path, harmed in back.arrivals():
            done = run("--store", sender.store, "feed", "receipt", "--json", path, allowed=(0, 1, 3))
            assert (done.returncode == 0) != harmed, (path, done.stdout, done.stderr)

    run("--store", sender.store, "feed", "pack", sender.out)
    assert not os.listdir(sender.out)
    for day in range(1, DAYS + 1):
        sender.take_in(day)
        if day == 3:
            sender.take_in_person()
        if chance.random() < 0.3:
            sender.undo_one()
        if chance.random() < 0.6:
            packages = sender.pack()
            told["packages"] += len(packages)
            for path in packages:
                there.send(path)
        if chance.random() < 0.2:
            for path in sender.resend_open():
                there.send(path)
        deliver()
        if day % 5 == 0:
            sender.status()
    for path in sender.pack():
        there.send(path)
    # The road clears up at last: everything open is sent until it is answered.
    for _ in range(40):
        if not sender.status()["unanswered"]:
            break
        for path in sender.resend_open():
            there.under_way.append((path, False))
        deliver()
        while there.under_way or back.under_way:
            deliver()
    status = sender.status()
    assert not status["unanswered"] and status["open"] == status["rejected"] == 0, status
    assert status["sent"] == status["accepted"] + status["withheld"], status
    # What was taken back before a package came through could not be sent again: named.
    assert status["withheld"] == sum(lost["withheld"] for lost in status["lost"]) < status["sent"] / 4
    look_for_what_may_not_leave(sender.out)

    codes = {cell for header, rows in sender.tables.values() for row in rows for cell in row
             if len(cell) == 18 and cell.isascii() and cell[0] == "9"}
    wanted, got = content(sender.store, sorted(codes)), content(receiver.store, sorted(codes))
    assert sum(len(records) for records in wanted.values()) > SUBJECTS
    for code in wanted:
        assert wanted[code] == got[code], "\n".join([code, *wanted[code], "--", *got[code]])
    for store in (sender.store, receiver.store):
        run("--store", store, "fsck")
    run("--store", sender.store, "feed", "pack", sender.out)
    assert sender.status()["packages"] == status["packages"], "nothing new makes no package"


def killed(*arguments):
    """Runs the program, killed at some instant, until it comes to its end."""
    started = time.monotonic()
    kills = 0
    usual = 0.08
    while True:
        process = subprocess.Popen([credit, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            process.communicate(timeout=chance.random() * usual if kills < KILLS else None)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            kills += 1
            continue
        assert process.returncode == 0, (arguments, process.returncode)
        assert time.monotonic() - started < 60
        return


def numbers_of(directory):
    """First and last number and chain of every package there, in order."""
    extents = []
    for name in sorted(os.listdir(directory)):
        if name.endswith(".asice"):
            with zipfile.ZipFile(os.path.join(directory, name)) as package:
                said = json.loads(package.read("datapackage.json"))["credit"]
            extents.append((said["package"], said["first"], said["last"]))
    return extents


def kills(scratch):
    """Pack, import and receipt are killed and run again: nothing twice, nothing lost."""
    sender, receiver = Sender(scratch), Receiver(scratch)
    os.environ["CREDIT_TRUST"] = scratch
    for store in (sender.store, receiver.store):
        shutil.copy(os.path.join(store, "authority.pem"), os.path.join(scratch, os.path.basename(store) + ".pem"))
    for day in range(1, 4):
        sender.take_in(day)
        killed("--store", sender.store, "feed", "pack", sender.out)
    extents = numbers_of(sender.out)
    following = 1
    for place, (number, first, last) in enumerate(extents):
        assert number == place + 1 and first == following and last >= first, extents
        following = last + 1
    assert sender.status()["sent"] == following - 1
    for name in sorted(name for name in os.listdir(sender.out) if name.endswith(".asice")):
        receipt = os.path.join(receiver.receipts, name)
        killed("--store", receiver.store, "import", "--receipt", receipt, os.path.join(sender.out, name))
        killed("--store", sender.store, "feed", "receipt", receipt)
    assert len(receiver.batches().splitlines()) == len(extents)
    status = sender.status()
    assert status["sent"] == status["accepted"] and not status["unanswered"], status
    for store in (sender.store, receiver.store):
        run("--store", store, "fsck")


with tempfile.TemporaryDirectory() as directory:
    os.mkdir(os.path.join(directory, "kills"))
    os.mkdir(os.path.join(directory, "month"))
    # The month first: how often chance is asked while killing depends on the clock.
    exchange(os.path.join(directory, "month"))
    kills(os.path.join(directory, "kills"))
print("%d days: %s" % (DAYS, ", ".join("%s %d" % item for item in sorted(told.items()))))
