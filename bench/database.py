# SPDX-License-Identifier: LGPL-3.0-or-later
"""What a change of a database costs, beside sipyco and LMDB as ARTIQ uses them. A report, by hand:

PYTHONPATH=build/python:SIPYCO python bench/database.py [FOLDER]

LMDB is left out if py-lmdb or sipyco cannot be imported. The folder should be on a disk.
"""

import os
import shutil
import statistics
import sys
import tempfile
import threading
import time

import numpy

from fastpyon import database, pyon

KEYS = 17_000


def values():
    """A lab's datasets: numbers, short texts, lists, and some arrays."""
    random = numpy.random.default_rng(1)
    data = {}
    for n in range(KEYS):
        kind = n % 20
        if kind == 0:
            value = random.random(500)
        elif kind < 4:
            value = random.random(10).tolist()
        elif kind < 8:
            value = f"text {n}"
        else:
            value = float(random.random())
        data[f"group{n % 100}.device{n % 1000}.parameter{n}"] = value
    return data


def tell(what, times, unit=1e6, name="us"):
    print(f"{what:58} min {min(times) * unit:9.2f}  median {statistics.median(times) * unit:9.2f} "
          f" max {max(times) * unit:9.2f} {name}")  # fmt: skip


def clock(function, count):
    times = []
    for n in range(count):
        begin = time.perf_counter()
        function(n)
        times.append(time.perf_counter() - begin)
    return times


def ours(folder):
    path = f"{folder}/data.pyon"
    with database.Database(path) as db:
        db.update(values())
    print(f"snapshot: {os.path.getsize(path):,} bytes")
    tell("load_file", clock(lambda n: pyon.load_file(path), 7), 1e3, "ms")

    def open_and_close(n):
        begin = time.perf_counter()
        db = database.Database(path)
        opened.append(time.perf_counter() - begin)
        db.close()

    opened = []
    clock(open_and_close, 7)
    tell("open", opened, 1e3, "ms")
    with database.Database(path) as db:
        keys = list(db)
        tell("one change, the caller's time", clock(lambda n: db.__setitem__(keys[n], n / 3), 5000))

        def change_and_flush(n):
            db[keys[n]] = n / 7
            db.flush()

        tell("one change and its flush", clock(change_and_flush, 50), 1e3, "ms")
        db["long"] = list(range(1_000_000))
        db.flush()
        tell("append to a list of 10^6, the caller's time", clock(
            lambda n: db.apply({"action": "append", "path": ["long"], "x": n}), 5000))  # fmt: skip
        del db["long"]
        db.flush()
        pauses(db)
        pauses(db, large=True)
    with database.Database(path, sync=None) as db:
        for n in range(100_000):
            db.apply({"action": "setitem", "path": [], "key": keys[n % KEYS], "value": n})
            if n % 1000 == 999:
                db.flush()
        for name in "data.pyon", "data.pyon.journal":
            shutil.copy(f"{folder}/{name}", f"{folder}/copy{name[4:]}")
    empty = opened
    opened = []
    path = f"{folder}/copy.pyon"

    def only_open(n):
        begin = time.perf_counter()
        database.Database(path, readonly=True).close()
        opened.append(time.perf_counter() - begin)

    clock(only_open, 5)
    tell("open with a journal of 10^5 changes", opened, 1e3, "ms")
    print(f"    so the replay takes {(min(opened) - min(empty)) * 1e3:.0f} ms")


def pauses(db, large=False):
    """The longest time that a loop, which does a little every 0.2 ms, stands still while the thread compacts."""
    if large:
        db["large"] = numpy.random.default_rng(2).random(1_000_000).tolist()
        db.flush()
    for compacts in False, True:
        thread = threading.Thread(target=db.compact if compacts else lambda: time.sleep(0.5))
        gaps = []
        thread.start()
        last = time.perf_counter()
        while thread.is_alive():
            db["changed"] = last
            time.sleep(0.0002)
            now = time.perf_counter()
            gaps.append(now - last)
            last = now
        what = "a compaction" if compacts else "half a second of rest"
        tell(f"a loop of 0.2 ms during {what}{', with a list of 10^6' if large else ''}", gaps, 1e3, "ms")
    if large:
        del db["large"]


def theirs(folder):
    sys.modules["pybase64"] = None
    import lmdb
    from sipyco import pyon as reference

    def store(changes):
        with file.begin(write=True) as transaction:
            for key, value in changes.items():
                transaction.put(key.encode(), reference.encode((value, {})).encode())

    def load(n):
        with lmdb.open(f"{folder}/data.mdb", subdir=False, map_size=2**30) as file, file.begin() as transaction:
            return {key.decode(): reference.decode(value.decode()) for key, value in transaction.cursor()}

    data = values()
    with lmdb.open(f"{folder}/data.mdb", subdir=False, map_size=2**30) as file:
        store(data)
        keys = list(data)
        tell("LMDB + sipyco: save of one change", clock(lambda n: store({keys[n]: n / 3}), 50), 1e3, "ms")
        long = list(range(1_000_000))

        def append(n):
            long.append(n)
            store({"long": long})

        tell("LMDB + sipyco: save after an append to a list of 10^6", clock(append, 3), 1e3, "ms")
        with file.begin(write=True) as transaction:
            transaction.delete(b"long")
    tell("LMDB + sipyco: open", clock(load, 3), 1e3, "ms")


def main():
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else ".") as folder:
        ours(folder)
        try:
            theirs(folder)
        except ImportError as error:
            print(f"LMDB is left out: {error}")


if __name__ == "__main__":
    main()
