#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""Random object graphs and texts through fastpyon and sipyco, of which all outcomes must agree.

    PYON_REFERENCE=DIR python tests/slow/differential.py [--graphs N] [--texts N] [--seed S] [--jobs J]
    PYON_REFERENCE=DIR python tests/slow/differential.py --only graph:123 [--seed S]

The reference is the sipyco in DIR, or the one that is installed; without one, texts are compared with json and
ast.literal_eval, and encoding with its other forms. What is generated and compared is in tests/py/support/random_values
(graphs.py, texts.py, compare.py); what may differ, in outcomes.py there and in docs/compatibility.md. A case depends on
the seed and its number alone.
It is run in a forked worker, so that a crash, or more than a minute of the processor, is a difference too.
A difference is printed with
the smallest case that shows it; the exit status is then 1.
"""

import argparse
import collections
import faulthandler
import mmap
import os
import resource
import signal
import sys
import time
import traceback
import warnings
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "py" / "support" / "random_values"))
sys.path.insert(0, str(HERE.parent / "py" / "support"))

import compare  # noqa: E402
import graphs  # noqa: E402
import texts  # noqa: E402
from fastpyon import pyon  # noqa: E402
from minimise import minimise  # noqa: E402
from reference import import_reference  # noqa: E402

LONGEST = 60  # seconds of a case, which the processor takes
PATIENCE = 400  # tries for the smallest case
MOST = 20  # differences that are shown


class Graph:
    """The case of one graph."""

    def __init__(self, seed, number, reference):
        self.graphs, self.reference = graphs.Graphs(0), reference
        self.draws = self.graphs.drawn(seed << 40 | number)

    def differences(self, draws=None):
        return compare.graph_differences(self.graphs, self.draws if draws is None else draws, self.reference)

    def smallest(self, fails):
        draws = minimise(self.draws, fails, [0.0], PATIENCE)
        return graphs.dump(self.graphs.graph(draws)[0]), draws


class Text:
    """The case of one text."""

    def __init__(self, seed, number, reference):
        generator = texts.Texts(0)
        generator.seed(seed << 40 | number | 1 << 39)
        self.dialect, self.text = generator.sample()
        self.reference = reference

    def joined(self, parts):
        return self.text[:0].join(parts)

    def differences(self, parts=None):
        text = self.text if parts is None else self.joined(parts)
        return compare.text_differences(self.dialect, text, self.reference)

    def smallest(self, fails):
        parts = minimise([self.text[i : i + 1] for i in range(len(self.text))], fails, None, PATIENCE)
        return f"v{self.dialect} {self.joined(parts)!a}", parts


CASES = {"graph": Graph, "text": Text}


def watch(seconds):
    """Ends this process after so long; by the clock much later, which is for what waits for ever."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.alarm(60 * seconds)


def crashes(case, parts):
    """Does a process die of it?"""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        watch(LONGEST)
        case.differences(parts)
        os._exit(0)
    return os.waitpid(child, 0)[1] != 0


def show(kind, seed, number, case, crashed=None):
    if crashed:
        text, parts = case.smallest(lambda parts: crashes(case, parts))
        lines = [crashed]
    else:
        text, parts = case.smallest(lambda parts: bool(case.differences(parts)))
        lines = case.differences(parts)
    print(f"--only {kind}:{number} --seed {seed}\n  {text[:2000]}", *lines, sep="\n  ", flush=True)


class Worker:
    """A part of the cases, gone through in child processes: the next one continues after a crash."""

    def __init__(self, kind, seed, numbers, reference):
        self.kind, self.seed, self.numbers, self.reference = kind, seed, numbers, reference
        self.place = memoryview(mmap.mmap(-1, 4096)).cast("Q")  # the number of the case, and how many differ
        self.place[0] = numbers.start
        self.child = None

    def start(self):
        self.child = os.fork()
        if self.child == 0:
            status = 1
            try:
                self.run()
                status = 0
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                os._exit(status)

    def run(self):
        faulthandler.enable()
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        while self.place[0] < self.numbers.stop:
            watch(LONGEST)
            number = self.place[0]
            case = CASES[self.kind](self.seed, number, self.reference)
            if case.differences():
                self.place[1] += 1
                if self.place[1] <= MOST:
                    watch(0)
                    show(self.kind, self.seed, number, case)
            self.place[0] += 1
        watch(0)
        used = resource.getrusage(resource.RUSAGE_SELF)
        spent = f"{used.ru_utime + used.ru_stime:.0f} s, {used.ru_maxrss >> 10} MB"
        lines = [f"{self.kind}s {self.numbers.start}-{self.numbers.stop - 1}: {self.place[1]} differ; {spent}"]
        lines += [f"  allowed {count:8} {reason}" for reason, count in compare.excused.most_common()]
        lines += [f"  outcome {count:8} {what}" for what, count in compare.outcomes.most_common(12)]
        print("\n".join(lines), flush=True)

    def ended(self, status):
        """Reports how the child has ended; true if nothing is left."""
        if status == 0:
            return True
        number = self.place[0]
        self.place[1] += 1
        case = CASES[self.kind](self.seed, number, self.reference)
        code = os.waitstatus_to_exitcode(status)
        show(self.kind, self.seed, number, case, f"ended with {code}: a crash, or too slow")
        self.place[0] += 1
        return self.place[0] >= self.numbers.stop


def run_all(workers, jobs):
    waiting, running = collections.deque(workers), {}
    while waiting or running:
        while waiting and len(running) < jobs:
            worker = waiting.popleft()
            worker.start()
            running[worker.child] = worker
        child, status = os.wait()
        worker = running.pop(child)
        if not worker.ended(status):
            waiting.appendleft(worker)


def split(count, parts):
    edges = [count * i // parts for i in range(parts + 1)]
    return [range(i, j) for i, j in zip(edges, edges[1:]) if j > i]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--graphs", type=int, default=20000)
    p.add_argument("--texts", type=int, default=20000)
    p.add_argument("--seed", type=int, default=0)
    p.add_argument("--jobs", type=int, default=1)
    p.add_argument("--no-reference", action="store_true", help="even if there is one")
    p.add_argument("--only", metavar="KIND:NUMBER", help="one case, in this process")
    a = p.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":  # or sets would have another order in the next run
        os.execve(sys.executable, [sys.executable, *sys.argv], {**os.environ, "PYTHONHASHSEED": "0"})
    warnings.simplefilter("ignore")
    reference = None if a.no_reference else import_reference()
    reference = reference and {1: reference.v1, 2: reference.v2}
    for module in (pyon, reference[2]) if reference else (pyon,):
        graphs.register(module)
    if a.only:
        kind, number = a.only.split(":")
        case = CASES[kind](a.seed, int(number), reference)
        if case.differences():
            show(kind, a.seed, int(number), case)
            sys.exit(1)
        return
    began = time.monotonic()
    workers = [
        Worker(kind, a.seed, numbers, reference)
        for kind, count in (("graph", a.graphs), ("text", a.texts))
        for numbers in split(count, a.jobs)
    ]
    run_all(workers, a.jobs)
    differ = sum(worker.place[1] for worker in workers)
    print(f"seed {a.seed}, {'with' if reference else 'without'} the reference: {a.graphs} graphs, {a.texts} texts,"
          f" {differ} differ; {time.monotonic() - began:.0f} s")  # fmt: skip
    sys.exit(differ > 0)


if __name__ == "__main__":
    main()
