# SPDX-License-Identifier: LGPL-3.0-or-later
"""The speed of the command `pyon`, beside `jq` and `python -m json.tool`: see README.md. Report only."""

import argparse
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile

from . import workloads

WRITE = {"separators": (",", ":")}


def record(i, rng):
    """A line of 14 keys, about 230 bytes."""
    return {
        "time": 1.7e9 + i / 4,
        "rid": i,
        "device": rng.choice(workloads.IONS),
        "ok": True,
        "pos": {"x": round(rng.random(), 4), "y": round(rng.random(), 4), "z": rng.randrange(100)},
        "counts": rng.randrange(10000),
        "power": rng.random(),
        "state": "idle",
        "note": None,
        "det": [rng.randrange(100) for _ in range(3)],
        "frequency": rng.uniform(1e8, 2e8),
        "n": i % 7,
        "unit": "MHz",
        "flag": False,
    }


def records(size, rng):
    return "".join(json.dumps(record(i, rng), **WRITE) + "\n" for i in range(size // 235))


def floats(size, rng):
    return json.dumps([rng.random() for _ in range(size // 19)], **WRITE)


def dashboard(size, rng):
    return json.dumps(workloads.dashboard(size // 131, rng), **WRITE)


PATHS = "rid", "pos.x", "unit"
TOOL = [sys.executable, "-m", "json.tool", "--compact"]

# The file, a command of pyon, and those that do the same, or the most similar thing.
JOBS = [
    (records, ["check"], {"jq": ["jq", "empty"], "json.tool": [*TOOL, "--json-lines"]}),
    (floats, ["check"], {"jq": ["jq", "empty"], "json.tool": TOOL}),
    (dashboard, ["check"], {"jq": ["jq", "empty"], "json.tool": TOOL}),
    (dashboard, ["fmt", "--compact"], {"jq": ["jq", "-c", "."], "json.tool": TOOL}),
    (floats, ["fmt", "--compact"], {"jq": ["jq", "-c", "."], "json.tool": TOOL}),
    (records, ["get", *PATHS], {"jq": ["jq", "-c", ".rid,.pos.x,.unit"]}),
]


def arrange(command, path):
    """The file stands after the name of a command of pyon, and at the end for the others."""
    if os.path.basename(command[0]) != "pyon":
        return [*command, path]
    words = [word for word in command if word not in PATHS]
    return [*words, path, *command[len(words) :]]


def seconds(command):
    """The time of the processor, which depends less on other programs than that of the clock."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(commands, rounds):
    """The least times; the commands take turns."""
    best = {}
    for _ in range(rounds):
        for name, command in commands.items():
            best[name] = min(best.get(name, float("inf")), seconds(command))
    return best


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pyon", default=shutil.which("pyon") or "build/pyon")
    parser.add_argument("--size", type=float, default=100, help="megabytes of each file (100)")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    names = ["jq", "json.tool"] if shutil.which("jq") else ["json.tool"]
    print("| file | command | GB/s |", " | ".join(names), "|\n|---|---|--:|" + "--:|" * len(names))
    with tempfile.TemporaryDirectory() as folder:
        for make, command, peers in JOBS:
            path = os.path.join(folder, make.__name__)
            if not os.path.exists(path):
                with open(path, "w") as file:
                    file.write(make(int(options.size * 1e6), random.Random(1)))
            commands = {"pyon": [options.pyon, *command], **peers}
            if "jq" not in names:
                commands.pop("jq", None)
            best = measure({n: arrange(c, path) for n, c in commands.items()}, options.rounds)
            ratios = [f"{best[n] / best['pyon']:.1f}" if n in best else "" for n in names]
            rate = os.path.getsize(path) / best["pyon"] / 1e9
            print(f"| {make.__name__} | {' '.join(command)} | {rate:.2f} |", " | ".join(ratios), "|", flush=True)


if __name__ == "__main__":
    main()
