#!/usr/bin/env python3
"""What would turn an answer: the engine against brute force.

run.py CASES_PROGRAM SOURCE [COUNT [SEED]]

Random subjects under the rules of packs/jingzhou (jingzhou.py: the same rules written
again by hand), and under invented rules that are drawn together with their meaning
(invented.py). Of each the engine says the smallest sets of changes and the first day;
brute.py tries every set of changes and says what is right. Python's standard library
only; not a line is shared with the engine.
"""
import collections
import pathlib
import random
import subprocess
import sys
import tempfile

import brute
from invented import Invented
from jingzhou import Jingzhou

PROGRAM, SOURCE = sys.argv[1], pathlib.Path(sys.argv[2])
COUNT = int(sys.argv[3]) if len(sys.argv) > 3 else 2000
SEED = int(sys.argv[4]) if len(sys.argv) > 4 else 1
OF_ONE = max(250, COUNT // 200)  # cases under one set of rules
SLOW = 400  # one case in so many is walked through day by day, for so many days as
DAYS = 1200
LEAST = 8  # a share of a thousand cases that must have shown each thing, or nothing was shown
seen = collections.Counter()


def note(line, changes, spoilt):
    seen["cases"] += 1
    seen["changes"] += changes
    seen["worse with more"] += spoilt
    for word in line.split()[2:]:
        _, told = word.split("=")
        size, total, _, on, *_ = told.split("/")
        seen["goals"] += 1
        seen[f"smallest set of {min(int(size), 5)}"] += 1
        seen["several smallest"] += int(total) > 1
        seen["more than are told"] += int(total) > brute.TOLD
        seen["time turns it"] += on != ""


def play(rules, pack, draw, count):
    worlds = [rules.world(draw) for _ in range(count)]
    lines = "\n".join(w.line() for w in worlds) + "\n"
    done = subprocess.run([PROGRAM, str(pack)], input=lines, capture_output=True, text=True,
                          check=False)
    answers = done.stdout.splitlines()
    if done.returncode != 0 or len(answers) != count:
        sys.exit(f"{PROGRAM}: {done.returncode}: {done.stderr}")
    for i, (world, answer) in enumerate(zip(worlds, answers)):
        right, changes, spoilt = brute.solve(rules, world, DAYS if i % SLOW == 0 else 0)
        if right != answer:
            sys.exit(f"{rules.__class__.__name__}, seed {SEED}:\n  case   {world.line()}\n"
                     f"  engine {answer}\n  oracle {right}\n{getattr(rules, 'text', '')}")
        note(answer, changes, spoilt)


draw = random.Random(SEED)
with tempfile.TemporaryDirectory() as scratch:
    while seen["cases"] < COUNT:
        count = min(OF_ONE, COUNT - seen["cases"])
        if seen["cases"] // OF_ONE % 2 == 0:
            play(Jingzhou(), SOURCE / "packs/jingzhou", draw, count)
        else:
            rules = Invented(draw)
            play(rules, rules.write_pack(SOURCE, pathlib.Path(scratch) / "pack"), draw, count)
shown = ["smallest set of 0", "smallest set of 1", "smallest set of 2", "smallest set of 3",
         "several smallest", "time turns it", "worse with more"]
missing = [what for what in shown if seen[what] < COUNT * LEAST // 1000]
print(", ".join(f"{what} {n}" for what, n in sorted(seen.items())) + f"; seed {SEED}")
sys.exit(f"too few of: {', '.join(missing)}" if missing else 0)
