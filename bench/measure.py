# SPDX-License-Identifier: LGPL-3.0-or-later
"""How calls are timed.

Times of the same code differ, even on a machine at rest. These are the causes and the remedies:

- Moments differ: other programs, the clock of the processor, its temperature. So the peers take
  turns, one sample each, and a slow moment meets all of them. Only ratios of one run mean anything.
- The call before leaves its data in the caches: after one that takes long, those of the next one are
  gone. So the order of the peers is another one in each turn.
- Cores differ in what they have in their caches: the process stays on one.
- The first calls are slower: caches and branch predictors know nothing of them. So the call is made
  untimed just before each sample. Nothing sleeps between samples, or the clock would go down.
- Short calls drown in the resolution of the clock: a sample consists of as many as take SAMPLE.
- Memory differs, see below.

The median tells what one gets, the minimum what the code can do. The collector of garbage is on, as
it is in programs. Dropping the result belongs to the time of a call.
"""
import ctypes
import gc
import os
import random
import tracemalloc
from array import array
from itertools import repeat
from time import perf_counter
from typing import NamedTuple

SAMPLE = 0.01  # seconds
REFILL = 5  # calls until a value of some megabytes is in the caches again
LONG = 0.05  # seconds: a call of this length warms itself up


class Plan(NamedTuple):
    rounds: int  # samples of each call
    least: int  # samples of a call that is slow,
    budget: float  # seconds; a case is slow if its rounds take more


def stay_on_one_core(choose=max):
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {choose(os.sched_getaffinity(0))})


def run(function, argument, number):
    """Seconds of one call, from the time of that many."""
    start = perf_counter()
    for _ in repeat(None, number):
        function(argument)
    return (perf_counter() - start) / max(1, number)


def times(calls, plan, run=run):
    """The samples of {name: (function, argument)}, in seconds: {name: array}.

    Calls that take long have been made before, to be judged; their first sample is taken at once.
    The samples are in an array since float objects that live on from sample to sample would each
    hold back memory of the allocator (see pin), and more so from round to round.
    """
    samples = {name: array("d") for name in calls}
    numbers, warmups, rounds = {}, {}, {}
    for name, (function, argument) in calls.items():
        seconds = run(function, argument, 1)
        if seconds < LONG:
            seconds = min(run(function, argument, 1) for _ in range(REFILL))
        else:
            samples[name].append(seconds)
        numbers[name] = max(1, int(SAMPLE / max(seconds, 1e-9)))
        warmups[name] = max(min(numbers[name], REFILL), numbers[name] // 4) if seconds < LONG else 0
        affordable = int(plan.budget / max(seconds, SAMPLE))
        rounds[name] = max(plan.least, min(plan.rounds, affordable))

    names = list(calls)
    order = random.Random(1)
    for _ in range(plan.rounds):
        order.shuffle(names)
        for name in names:
            if len(samples[name]) >= rounds[name]:
                continue
            function, argument = calls[name]
            run(function, argument, warmups[name])
            samples[name].append(run(function, argument, numbers[name]))
    return samples


# ---- Memory --------------------------------------------------------------------------------------
#
# A fast decoder spends most of its time on memory that was not there before. Its objects live in arenas
# of 1 MiB. Python returns an arena to the system when all objects in it are gone. Objects of more than
# 512 bytes come from malloc, which returns large blocks and the top of its heap, too. The system has to
# map and clear each page of memory when it is touched first. So there are two regimes, and both occur:
#
#   fresh     the objects of the last call are gone, and Python and malloc have returned their memory,
#             except for blocks below 32 MiB, which malloc keeps after a while. The next call has to
#             map it again. So it is in any new process, and in a program that decodes one large text
#             after the other and keeps none.
#   resident  memory stays mapped from call to call, as in a process that has lived for a while,
#             and in which something is left in each arena.
#
# For the second one, pin() fills arenas and keeps one object in each: the rest of the arena is free, but
# cannot be returned. malloc is told to map no blocks and to return nothing.

ARENA = 1 << 20  # since Python 3.10
LARGEST = 512  # bytes in a block of an arena
KEPT = ARENA // 2 // LARGEST  # one block of that many: one in each arena, at whatever block that begins

M_TRIM_THRESHOLD, M_MMAP_MAX = -1, -4  # of mallopt in the C library of GNU


def pin(size):
    """Maps ``size`` bytes of arenas, and the memory of malloc, for good. Returns the objects that keep them."""
    header = bytes().__sizeof__()
    kept = [bytes(LARGEST - header) for _ in range(size // LARGEST)][::KEPT]
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library
        return kept
    mallopt(M_MMAP_MAX, 0)
    mallopt(M_TRIM_THRESHOLD, -1)
    return kept


def peak(function, argument):
    """The bytes that a call allocates through Python: (at most at a time, still at its end)."""
    gc.collect()
    tracemalloc.start()
    try:
        result = function(argument)
        held, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    del result
    return most, held
