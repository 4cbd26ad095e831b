# SPDX-License-Identifier: LGPL-3.0-or-later
"""Two processes, and a value that goes from one to the other: python -m bench.pair, with a job in
JSON, is the parent.

The time of an exchange is the sender's: from before the value is encoded until one byte says that
the other process holds the object. That one drops it then, which is not timed, and says so with
another byte, or the next exchange would begin while it is still at it. These bytes have pipes of
their own, the child's stdin and stdout, so that all links are acknowledged alike.

The parent is told on its stdin how many exchanges to make, and answers with a line of JSON. The
first value that arrives is compared with what it should be. Where there are two cores, each
process stays on one of its own.
"""
import asyncio
import json
import os
import struct
import sys
from functools import partial
from time import perf_counter
from typing import NamedTuple

from fastpyon import pyon

from bench import measure
from bench.links import Link, link
from bench.workloads import WORKLOADS

GO, RECEIVED, DROPPED, FAILED = b">", b"+", b".", b"!"
SECONDS = struct.Struct("d")
REASON = 4096  # bytes; such a write goes through a pipe in one piece


class Step(NamedTuple):
    title: str
    parent: str  # the kind of its end, as Link calls it
    child: str
    sender: str = "parent"


STEPS = {
    "to_child": Step("to the child", "coroutines", "blocking"),
    "to_parent": Step("to the parent", "coroutines", "blocking", "child"),
    "blocking": Step("both ends block", "blocking", "blocking"),
    "asyncio": Step("both ends in asyncio", "coroutines", "coroutines"),
}


class Acks:
    """Single bytes, beside the values."""

    def __init__(self, reading, writing, kind):
        self.reading, self.writing = reading, writing
        self.blocks = kind == "blocking"

    def write(self, data):
        os.write(self.writing, data)

    async def read(self, size=1):
        if not self.blocks:
            ready = asyncio.Event()
            loop = asyncio.get_running_loop()
            loop.add_reader(self.reading, ready.set)
            await ready.wait()
            loop.remove_reader(self.reading)
        return os.read(self.reading, size)

    async def expect(self, byte):
        if await self.read() != byte:
            reason = os.read(self.reading, REASON).decode()
            raise RuntimeError(reason or "the other process has ended")


async def give(end, acks, value):
    """Sends the value. Returns how long it takes to arrive, in seconds."""
    start = perf_counter()
    await end.send(value)
    await acks.expect(RECEIVED)
    seconds = perf_counter() - start
    await acks.expect(DROPPED)
    return seconds


async def take(end, acks, expected=None):
    """Receives a value. If `expected` is given, it makes the one that this has to be."""
    value = await end.receive()
    acks.write(RECEIVED)
    if expected and pyon.encode(value) != pyon.encode(expected()):
        raise ValueError("something else arrives")
    del value
    acks.write(DROPPED)


def maker(job):
    workload = next(workload for workload in WORKLOADS if workload.name == job["workload"])
    return partial(workload.make, job["items"])


async def parent(job):
    step, make = STEPS[job["step"]], maker(job)
    sends = step.sender == "parent"
    (theirs, writing), (reading, back) = os.pipe(), os.pipe()
    acks = Acks(reading, writing, step.parent)
    the_link = link(job["link"])
    command = sys.executable, "-m", "bench.pair", json.dumps(job)
    make_end = getattr(the_link, step.parent)
    end = await the_link.start(make_end, command, stdin=theirs, stdout=back)
    os.close(theirs)
    os.close(back)
    await acks.expect(GO)  # the child is ready
    value = make() if sends else None
    for line in sys.stdin:
        seconds = 0.0
        for _ in range(int(line)):
            acks.write(GO)
            if sends:
                seconds += await give(end, acks, value)
            else:
                await take(end, acks, make)
                seconds += SECONDS.unpack(await acks.read(SECONDS.size))[0]
                make = None
        print(json.dumps({"seconds": seconds}), flush=True)


async def child(job, address):
    step, make = STEPS[job["step"]], maker(job)
    sends = step.sender == "child"
    acks = Acks(sys.stdin.fileno(), sys.stdout.fileno(), step.child)
    try:
        the_link = link(job["link"])
        end = await getattr(the_link, step.child)(*Link.descriptors(address))
        value = make() if sends else None
        acks.write(GO)
        while await acks.read():  # nothing, if the parent has ended
            if sends:
                acks.write(SECONDS.pack(await give(end, acks, value)))
            else:
                await take(end, acks, make)
                make = None
    except Exception as error:
        acks.write(FAILED + f"{type(error).__name__}: {error}".encode()[: REASON - 1])


def main():
    job, *address = sys.argv[1:]
    job = json.loads(job)
    if address:
        measure.stay_on_one_core(min)
        asyncio.run(child(job, *address))
        return
    measure.stay_on_one_core(max)
    try:
        asyncio.run(parent(job))
    except Exception as error:
        print(json.dumps({"failed": f"{type(error).__name__}: {error}"}), flush=True)


if __name__ == "__main__":
    main()
