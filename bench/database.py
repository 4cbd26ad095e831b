# SPDX-License-Identifier: LGPL-3.0-or-later
"""What a change of a database costs, beside LMDB as ARTIQ uses it, with sipyco's PYON and with fastpyon's.

    PYTHONPATH=build/python:SIPYCO python -m bench.database [--plot docs/database.svg] [FOLDER]

prints tables in Markdown. The folder should be on a disk. Without py-lmdb or sipyco, LMDB is left out. The least time
of many counts, since a machine has other work, too. The times of opening and of the lock are those of the processor.
"""

import argparse
import contextlib
import os
import shutil
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import numpy

from fastpyon import database, pyon

KEYS = 17_000
LONG = 1_000_000
COUNTS = 100, 1_000, 10_000, 100_000, 300_000  # keys
LENGTHS = 10, 1_000, 100_000, 1_000_000
OURS, THEIRS, BOTH = "fastpyon.database", "LMDB + sipyco", "LMDB + fastpyon"


def values(count):
    """A lab's datasets: numbers, short texts, lists, and some arrays."""
    random = numpy.random.default_rng(1)
    data = {}
    for n in range(count):
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


def numbers(count):
    return {f"group{n % 100}.device{n % 1000}.parameter{n}": n / 7 for n in range(count)}


def least(function, count, clock=time.perf_counter):
    """The least time of some calls of ``function(n)``, in seconds."""
    times = []
    for n in range(count):
        begin = clock()
        function(n)
        times.append(clock() - begin)
    return min(times)


# ---- The databases -----------------------------------------------------------------------------


class Ours:
    """fastpyon.database: a change is written by its thread."""

    name = OURS

    def __init__(self, folder, data):
        self.path = f"{folder}/data.pyon"
        pyon.store_file(self.path, data)
        self.db = database.Database(self.path, sync=None)

    def change(self, key, value):
        self.db[key] = value

    def append(self, key, value):
        self.db.apply({"action": "append", "path": [key], "x": value})

    def open(self):
        with contextlib.closing(database.Database(self.path, readonly=True)):
            pass

    def close(self):
        self.db._writer.abandon()


class Lmdb:
    """What ARTIQ's DatasetDB does in the event loop of the master. ``dialect`` is a module with PYON version 2."""

    def __init__(self, folder, data, name, dialect):
        import lmdb

        self.name, self._dialect = name, dialect
        self._path = f"{folder}/{name}.mdb"
        self._open = lambda: lmdb.open(self._path, subdir=False, map_size=2**31)
        self._file = self._open()
        self._lists = {key: list(value) for key, value in data.items() if isinstance(value, list)}
        self._store(data)

    def _store(self, changes):
        with self._file.begin(write=True) as transaction:
            for key, value in changes.items():
                transaction.put(key.encode(), self._dialect.encode((value, {})).encode())

    def change(self, key, value):
        self._store({key: value})

    def append(self, key, value):
        self._lists[key].append(value)
        self._store({key: self._lists[key]})

    def open(self):
        self._file.close()
        self._file = self._open()
        with self._file.begin() as transaction:
            return {key.decode(): self._dialect.decode(value.decode()) for key, value in transaction.cursor()}

    def close(self):
        self._file.close()


def makers():
    """The functions that make a database of a folder and its data."""
    found = [Ours]
    try:
        sys.modules["pybase64"] = None  # as ARTIQ installs sipyco
        import lmdb  # noqa: F401
        from sipyco import pyon as reference
    except ImportError as error:
        print(f"LMDB is left out: {error}", file=sys.stderr)
        return found
    found.append(lambda folder, data: Lmdb(folder, data, THEIRS, reference))
    found.append(lambda folder, data: Lmdb(folder, data, BOTH, pyon))
    return found


@contextlib.contextmanager
def filled(make, folder, data):
    with tempfile.TemporaryDirectory(dir=folder) as inner, contextlib.closing(make(inner, data)) as db:
        yield db


# ---- Beside each other ---------------------------------------------------------------------------


def compare(folder):
    """{what: {name: seconds}} for the datasets of a lab."""
    data = values(KEYS)
    keys = list(data)
    found = {"one change": {}, f"append to a list of {LONG}": {}, "open": {}}
    for make in makers():
        with filled(make, folder, data) as db:
            rounds = 3000 if make is Ours else 200
            found["one change"][db.name] = least(lambda n: db.change(keys[n % KEYS], n / 3), rounds)
            found["open"][db.name] = least(lambda n: db.open(), 9, time.process_time)
        with filled(make, folder, {"long": [n / 7 for n in range(LONG)]}) as db:
            rounds = 3000 if make is Ours else 3
            found[f"append to a list of {LONG}"][db.name] = least(lambda n: db.append("long", n), rounds)
    return found


def growth(folder, counts, lengths):
    """Two dicts {name: [(number, seconds)]}: a change beside that many keys, and an append to a list that long."""
    changes, appends = {}, {}
    for make in makers():
        rounds = 2000 if make is Ours else 100
        for count in counts:
            data = numbers(count)
            keys = list(data)
            with filled(make, folder, data) as db:
                took = least(lambda n: db.change(keys[n % count], n / 3), rounds)
                changes.setdefault(db.name, []).append((count, took))
        for length in lengths:
            with filled(make, folder, {"long": [n / 7 for n in range(length)]}) as db:
                took = least(lambda n: db.append("long", n), rounds if make is Ours or length < 10**5 else 3)
                appends.setdefault(db.name, []).append((length, took))
    return changes, appends


# ---- Ours alone ----------------------------------------------------------------------------------


def opening(folder):
    """{what: seconds}: the file alone, and the database with and without changes in the journal."""
    found = {}
    data = values(KEYS)
    with filled(Ours, folder, data) as made:
        path = made.path
        found["load_file"] = least(lambda n: pyon.load_file(path), 9, time.process_time)
        found["open"] = least(lambda n: made.open(), 9, time.process_time)
        made.db.flush()
        keys = list(data)
        for n in range(100_000):
            made.db[keys[n % KEYS]] = n
            if n % 1000 == 999:
                made.db.flush()
        for ending in "", ".journal":
            shutil.copy(path + ending, f"{folder}/copy.pyon{ending}")
    made.path = f"{folder}/copy.pyon"
    found["open with a journal of 10^5 changes"] = least(lambda n: made.open(), 9, time.process_time)
    return found


class Timed:
    """A lock that knows the longest time of the processor for which one thread had it."""

    def __init__(self, lock):
        self._lock = lock
        self._depth = self._begin = self.longest = 0

    def __enter__(self):
        self._lock.__enter__()
        self._depth += 1
        if self._depth == 1:
            self._begin = time.thread_time()

    def __exit__(self, *exception):
        self._depth -= 1
        if not self._depth:
            self.longest = max(self.longest, time.thread_time() - self._begin)
        self._lock.__exit__(*exception)


def compaction(folder, count):
    """(seconds with the lock, bytes of memory that a compaction takes, bytes of the snapshot) for that many keys."""
    with filled(Ours, folder, numbers(count)) as made:
        made.db["changed"] = 1
        made.db.flush()
        store = made.db._writer.store
        timed = Timed(store.lock)
        store.lock = timed
        made.db.compact()
        tracemalloc.start()
        before = tracemalloc.get_traced_memory()[0]
        made.db.compact()
        taken = tracemalloc.get_traced_memory()[1] - before
        tracemalloc.stop()
        return timed.longest, taken, os.path.getsize(made.path)


# ---- The report ----------------------------------------------------------------------------------


def shown(seconds):
    if seconds < 1e-3:
        return f"{seconds * 1e6:.3g} µs"
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def table(head, rows):
    print("|", " | ".join(head), "|")
    print("|---|" + "--:|" * (len(head) - 1))
    for row in rows:
        print("|", " | ".join(row), "|")
    print()


def report(folder, counts):
    found = compare(folder)
    names = list(dict.fromkeys(name for times in found.values() for name in times))
    table([f"{KEYS} keys", *names], [[what, *[shown(times[name]) for name in names]] for what, times in found.items()])
    table(["opening", "time"], [[what, shown(took)] for what, took in opening(folder).items()])
    rows = []
    for count in counts:
        locked, taken, size = compaction(folder, count)
        rows.append([str(count), f"{size / 1e6:.1f} MB", shown(locked), f"{taken / 1e6:.1f} MB"])
    table(["keys", "snapshot", "a compaction has the lock at most", "and takes memory"], rows)


def plot(measured, file):
    """Time against the number of keys, and against the length of a list."""
    from bench.plot import BLUE, RED, dress, pyplot, save

    colours = {OURS: BLUE, THEIRS: RED, BOTH: "#2ca02c"}
    figure, panels = pyplot.subplots(1, 2, figsize=(11, 3.8), layout="constrained", sharey=True)
    texts = ("one change", "keys"), ("append to a list", "numbers in the list")
    for panel, lines, (title, label) in zip(panels, measured, texts):
        for name, points in lines.items():
            panel.plot(*zip(*[(at, took * 1e6) for at, took in points]), marker=".", color=colours[name], label=name)
        panel.set(title=title, xlabel=label)
        dress(panel)
    panels[0].set_ylim(bottom=1)
    panels[0].set_ylabel("µs in the thread of the caller")
    save(figure, Path(file).parent, Path(file).name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", nargs="?", default=".", metavar="FOLDER")
    parser.add_argument("--plot", metavar="FILE.svg")
    parser.add_argument("--quick", action="store_true", help="few keys: does it run?")
    options = parser.parse_args()
    if options.quick:
        global KEYS, LONG
        KEYS, LONG = 100, 1000
    counts, lengths = (COUNTS[:2], LENGTHS[:2]) if options.quick else (COUNTS, LENGTHS)
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        report(folder, counts[1:])
        if options.plot:
            plot(growth(folder, counts, lengths), options.plot)


if __name__ == "__main__":
    main()
