# SPDX-License-Identifier: LGPL-3.0-or-later
"""Two builds of fastpyon against each other: python -m bench.compare OLD NEW [workload ...]

OLD and NEW are build directories, those in which make has run. Each has a process of its own for
each workload. The two processes take turns, one sample each, so that a slow moment of the machine
meets both. The table gives time of NEW over time of OLD: 1.03 is three percent slower.

Three figures are given, since a machine with other work spoils samples: the ratio of the minima,
the ratio of the medians, and the median of the ratios of neighbours. A change is real if all three
show it, and if it is there again in a second run. The addresses at which the linker puts functions
alone make a few percent.
"""
import argparse
import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

from bench import measure
from bench.workloads import WORKLOADS

CALLS = ("encode v1", "encode v2", "decode v1", "decode v2")
LONGEST = 10**6  # items: more tell about the memory, not about the code
PINNED = 1 << 26  # bytes of memory that stays mapped


def serve(name, scale):
    """The child: makes the value, and answers each line "call number" with seconds of one call."""
    from fastpyon import pyon, pyon_v1

    workload = next(workload for workload in WORKLOADS if workload.name == name)
    value = workload.make(workload.size(scale))
    calls = {}
    for version, module in (("v1", pyon_v1), ("v2", pyon)):
        calls[f"encode {version}"] = (module.encode, value)
        calls[f"decode {version}"] = (module.decode, module.encode(value))
    kept = measure.pin(PINNED)  # else chance decides which arenas each call maps anew
    for line in sys.stdin:
        call, number = line.rsplit(" ", 1)
        print(measure.run(*calls[call], int(number)), flush=True)
    del kept


class Build:
    """A child that times calls with one build."""

    def __init__(self, directory, name, scale):
        path = os.pathsep.join([str(Path(directory) / "python"), os.getcwd()])
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bench.compare", "--serve", name, str(scale)],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def time(self, call, number):
        self.process.stdin.write(f"{call} {number}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


def compare(builds, call, seconds):
    """Samples of the two builds, taken in turns for a number of seconds."""
    for build in builds:
        build.time(call, 1)
    number = max(1, int(measure.SAMPLE / builds[0].time(call, 1)))
    samples = [], []
    end = perf_counter() + seconds
    while perf_counter() < end or len(samples[0]) < 3:
        for build, found in zip(builds, samples):
            found.append(build.time(call, number))
    return samples


def main():
    if sys.argv[1:2] == ["--serve"]:
        measure.stay_on_one_core()
        serve(sys.argv[2], float(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(prog="python -m bench.compare", description=__doc__.split("\n")[0])
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("names", nargs="*", help="workloads; all but the largest")
    parser.add_argument("--scale", type=float, default=0.1, help="sizes are multiplied by this")
    parser.add_argument("--seconds", type=float, default=1, help="for each call")
    arguments = parser.parse_args()
    print(f"{'workload':18}{'call':12}{'us a call':>12}  minima medians neighbours")
    for workload in WORKLOADS:
        chosen = workload.name in arguments.names if arguments.names else (
            workload.section not in ("growth", "pipe", "ends", "files")
            and workload.size(1) <= LONGEST
        )
        if not chosen:
            continue
        builds = [Build(where, workload.name, arguments.scale) for where in (arguments.old, arguments.new)]
        for call in CALLS:
            old, new = compare(builds, call, arguments.seconds)
            ratios = min(new) / min(old), median(new) / median(old), median(map(lambda a, b: b / a, old, new))
            columns = "".join(f"{x:9.3f}" for x in ratios)
            print(f"{workload.name:18}{call:12}{min(old) * 1e6:12.2f}{columns}", flush=True)
        for build in builds:
            build.close()


if __name__ == "__main__":
    main()
