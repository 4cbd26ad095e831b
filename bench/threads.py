# SPDX-License-Identifier: LGPL-3.0-or-later
"""Several threads against one: python -m bench.threads [--threads N] [--shared] [workload ...]

For a free-threaded Python, on a machine that does nothing else. The table gives the work of N threads in the time in
which one thread does the work of one: 2 of two threads is all that can be had. Each thread has values of its own;
with --shared, all have the same ones, and Python counts their references in one place.

One thread and several take turns. Each sample makes as many calls as take a tenth of a second, and the median counts.
"""
import argparse
import os
import sys
import threading
from statistics import median
from time import perf_counter

from bench.workloads import WORKLOADS
from fastpyon import pyon, pyon_v1

SAMPLE = 0.1  # seconds
ITEMS = 10**5  # at most, of a value
CHOICE = ("floats", "dict", "tuples", "dashboard-plain")


def run(calls, number):
    """Seconds until each call has been made that many times, each in a thread of its own."""
    barrier = threading.Barrier(len(calls) + 1)

    def work(function, argument):
        barrier.wait()
        for _ in range(number):
            function(argument)
        barrier.wait()

    threads = [threading.Thread(target=work, args=call) for call in calls]
    for thread in threads:
        thread.start()
    barrier.wait()
    start = perf_counter()
    barrier.wait()
    seconds = perf_counter() - start
    for thread in threads:
        thread.join()
    return seconds


def factor(calls, rounds):
    """The work of all calls at once over that of the first one alone, in the same time."""
    number = max(1, int(SAMPLE / run(calls[:1], 1)))
    pairs = [(run(calls[:1], number), run(calls, number)) for _ in range(rounds)]
    return len(calls) * median(one / all for one, all in pairs)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("workload", nargs="*", default=CHOICE)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--shared", action="store_true")
    options = parser.parse_args()
    lock = getattr(sys, "_is_gil_enabled", lambda: True)()
    print(f"Python {sys.version.split()[0]}, {'with' if lock else 'without'} the lock, load {os.getloadavg()[0]:.1f}")
    print(f"{'':22}{'encode v1':>11}{'decode v1':>11}{'encode v2':>11}{'decode v2':>11}")
    for workload in WORKLOADS:
        if workload.name not in options.workload:
            continue
        copies = 1 if options.shared else options.threads
        values = [workload.make(min(ITEMS, workload.size(1.0))) for _ in range(copies)]
        row = []
        for module in (pyon_v1, pyon):
            for function, arguments in (
                (module.encode, values),
                (module.decode, [module.encode(value) for value in values]),
            ):
                calls = [(function, arguments[i % copies]) for i in range(options.threads)]
                row.append(factor(calls, options.rounds))
        print(f"{workload.name:22}" + "".join(f"{x:11.2f}" for x in row), flush=True)


if __name__ == "__main__":
    main()
