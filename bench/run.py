#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-3.0-or-later
"""How long encoding and decoding take, beside json, pickle and sipyco.

usage: run.py [WORKLOAD...]        (PYON_REFERENCE=DIR adds a directory to look for sipyco in)

Prints a table with the median of each time in milliseconds, and in brackets how many times
fastpyon v2 goes into it. The peers take turns, so that a noisy moment meets all of them; times of
different runs cannot be compared, ratios can.
"""
import json
import os
import pickle
import random
import statistics
import sys
import time
from array import array

import numpy
from fastpyon import pyon, pyon_v1

ROUNDS = 7


def workloads():
    """name: a function that makes the value."""
    rng = random.Random(1)
    return {
        "10^6 floats": lambda: [rng.random() for _ in range(10**6)],
        "10^6 small ints": lambda: [rng.randrange(10000) for _ in range(10**6)],
        "10^5 strings": lambda: ["x" * 140 for _ in range(10**5)],
        "dict of 10^5 floats": lambda: {f"key.{i}": rng.random() for i in range(10**5)},
        "10^5 tuples": lambda: [(i, i * 0.5, "abc") for i in range(10**5)],
        "10^5 numpy scalars": lambda: [numpy.float32(i) for i in range(10**5)],
        "array of 10^6 float64": lambda: numpy.random.default_rng(1).random(10**6),
        "message": lambda: {"action": "setitem", "path": ["a", "b"], "value": (1, 2.5, None)},
    }


def peers():
    """name: (encode, decode)."""
    found = {
        "fastpyon v2": (pyon.encode, pyon.decode),
        "fastpyon v1": (pyon_v1.encode, pyon_v1.decode),
        "json": (json.dumps, json.loads),
        "pickle 5": (lambda x: pickle.dumps(x, 5), pickle.loads),
    }
    if "PYON_REFERENCE" in os.environ:
        sys.path.insert(0, os.environ["PYON_REFERENCE"])
    try:
        from sipyco import pyon as reference, pyon_v1 as reference_v1
    except ImportError:
        return found
    found["sipyco v2"] = reference.encode, reference.decode
    found["sipyco v1"] = reference_v1.encode, reference_v1.decode
    return found


def supported(encode, value):
    try:
        encode(value)
    except (TypeError, AttributeError):  # the latter from sipyco 1.10 with NumPy before 1.25
        return False
    return True


def measure(calls):
    """Medians in milliseconds of {name: (function, argument)}, called in turns.

    Times are kept in an array: float objects between the calls would pin the allocator's arenas.
    """
    times = {name: array("d") for name in calls}
    for _ in range(ROUNDS):
        for name, (function, argument) in calls.items():
            repeat = 1 if len(times[name]) == 0 else max(1, int(0.5 / (times[name][0] + 1e-6)))
            start = time.perf_counter()
            for _ in range(repeat):
                function(argument)
            times[name].append((time.perf_counter() - start) * 1e3 / repeat)
    return {name: statistics.median(samples[1:]) for name, samples in times.items()}


def main():
    made = workloads()
    chosen = sys.argv[1:] or list(made)
    unknown = [name for name in chosen if name not in made]
    if unknown:
        sys.exit(f"unknown: {', '.join(unknown)}; there are: {', '.join(made)}")
    found = peers()
    print("| workload | " + " | ".join(found) + " |")
    print("|---" * (len(found) + 1) + "|")
    for name in chosen:
        value = made[name]()
        able = {peer: codec for peer, codec in found.items() if supported(codec[0], value)}
        for direction, step in ("encode", 0), ("decode", 1):
            calls = {
                peer: (codec[step], codec[0](value) if step else value)
                for peer, codec in able.items()
            }
            medians = measure(calls)
            base = medians["fastpyon v2"]
            cells = [
                f"{medians[peer]:.4g} ({medians[peer] / base:.2g})" if peer in medians else ""
                for peer in found
            ]
            print(f"| {name}, {direction} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
