# SPDX-License-Identifier: LGPL-3.0-or-later
"""literal_eval beside ast, frames of ZeroMQ beside raw messages, and lines on Dask beside Dask's own reader.

    PYTHONPATH=build/python python -m bench.cluster [--size MB] [--folder FOLDER] [literal] [zmq] [dask]

prints a table for each. ``dask`` reads a file of 1,000 MB, unless told otherwise, which it makes in the folder. It also
compares the results: those of a cluster of two worker processes, one of which is killed, with those of one process.
Sections whose packages are not installed are left out.
"""

import argparse
import ast
import importlib.util
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import threading
import time
from functools import partial
from pathlib import Path

from fastpyon import literal_eval, pyon, stream

ARRAY = 10_000_000  # doubles: 80 MB
EXCHANGES = 30


def timed(function, count=1):
    """The least time of some calls, in seconds, and the last result."""
    times = []
    for _ in range(count):
        begin = time.perf_counter()
        result = function()
        times.append(time.perf_counter() - begin)
    return min(times), result


def table(title, *rows):
    print(f"\n## {title}\n")
    for number, row in enumerate(rows):
        print("|", " | ".join(map(str, row)), "|")
        if number == 0:
            print("|---" * len(row) + "|")


# ---- Literals ----


def literals():
    numbers = random.Random(1)
    values = {
        "100,000 floats": [numbers.uniform(-1e3, 1e3) for _ in range(100_000)],
        "100,000 ints": [numbers.randrange(10**6) for _ in range(100_000)],
        "5,000 dicts": [{"name": f"n{i}", "at": (i, i / 7), "on": i % 2 == 0, "x": None} for i in range(5_000)],
        "20,000 strs": [f"it's\n{i} é" for i in range(20_000)],
    }
    rows = [("text of", "ast, ms", "fastpyon, ms", "ratio")]
    for name, value in values.items():
        text = repr(value)
        slow, theirs = timed(partial(ast.literal_eval, text))
        fast, mine = timed(partial(literal_eval, text), 5)
        assert repr(mine) == repr(theirs) == text
        rows.append((name, f"{slow * 1e3:.0f}", f"{fast * 1e3:.1f}", f"{slow / fast:.0f}"))
    table("literal_eval", *rows)


# ---- ZeroMQ ----

KINDS = {"raw": "two raw frames", "frames": "frames=True", "text": "text", "pickle": "send_pyobj"}


def send(socket, kind, array):
    from fastpyon import zmq as pyon_zmq

    if kind == "raw":
        socket.send_multipart([b"header", array], copy=False)
    elif kind == "pickle":
        socket.send_pyobj({"a": array})
    else:
        pyon_zmq.send(socket, {"a": array}, frames=kind == "frames")


def receive(socket, kind):
    import numpy

    from fastpyon import zmq as pyon_zmq

    if kind == "raw":
        return numpy.frombuffer(socket.recv_multipart(copy=False)[1], "<f8")
    if kind == "pickle":
        return socket.recv_pyobj()["a"]
    return pyon_zmq.recv(socket, frames=kind == "frames")["a"]


def answer(port):
    """The other process: receives arrays, and answers with their last numbers."""
    import zmq

    with zmq.Context() as context, context.socket(zmq.PAIR) as socket:
        socket.connect(f"tcp://127.0.0.1:{port}")
        for _ in range(EXCHANGES):
            for kind in KINDS:
                socket.send(b"%d" % receive(socket, kind)[-1])


def sockets():
    """The kinds of messages take turns, since the machine has other work, too."""
    import numpy
    import zmq

    array = numpy.arange(float(ARRAY))
    times = {kind: [] for kind in KINDS}
    with zmq.Context() as context, context.socket(zmq.PAIR) as socket:
        port = socket.bind_to_random_port("tcp://127.0.0.1")
        process = multiprocessing.get_context("spawn").Process(target=answer, args=(port,))
        process.start()
        for _ in range(EXCHANGES):
            for kind, taken in times.items():
                begin = time.perf_counter()
                send(socket, kind, array)
                assert int(socket.recv()) == ARRAY - 1
                taken.append(time.perf_counter() - begin)
        process.join()
    raw = min(times["raw"])
    rows = [(name, f"{min(times[kind]) * 1e3:.0f}", f"{min(times[kind]) / raw:.2f}") for kind, name in KINDS.items()]
    table("An array of 80 MB to another process", ("sent as", "ms", "to raw"), *rows)


# ---- Dask ----


def make_lines(path, size):
    """A file of runs of some kB, of that many bytes. Returns the number of lines."""
    import numpy

    random = numpy.random.default_rng(1)
    lines = []
    for rid in range(200):
        points = random.random(300)
        lines.append(
            {
                "rid": rid,
                "class": f"Scan{rid % 7}",
                "expid": {"arguments": {"x": rid / 7}},
                "datasets": {"points": points, "fit.freq": float(points.mean()), "log": [points[0].item()] * 50},
            }
        )
    text = b"".join(stream.encode(line) + b"\n" for line in lines)
    repeats = max(1, size // len(text))
    with open(path, "wb") as file:
        for _ in range(repeats):
            file.write(text)
    return 200 * repeats


def summary(run):
    return run["rid"], run["datasets"]["fit.freq"], len(run["datasets"]["points"])


def total(runs):
    """Of the runs of a partition: their number, and sums, which are exact, so that the partitions do not matter."""
    found = list(map(summary, runs))
    return [(len(found), sum(rid for rid, _, _ in found), sum(int(freq * 2**53) for _, freq, _ in found))]


def sum_up(parts):
    return [sum(column) for column in zip(*parts)]


def kill_one(client, delay):
    """Kills a worker process after a while."""
    time.sleep(delay)
    os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)


def on_a_cluster(make_bag):
    """The times and results on two workers: of all the work, and with one of them killed meanwhile."""
    from distributed import Client, LocalCluster

    options = {"threads_per_worker": 1, "dashboard_address": None, "preload": ["fastpyon.dask"], "silence_logs": 50}
    with LocalCluster(2, **options) as cluster, Client(cluster) as client:
        whole = timed(lambda: client.compute(make_bag()).result())
        killer = threading.Thread(target=kill_one, args=(client, whole[0] / 3))
        killer.start()
        killed = timed(lambda: client.compute(make_bag()).result())
        killer.join()
    return whole, killed


def lines_on_dask(folder, size):
    import dask
    from dask import bag

    from fastpyon import dask as pyon_dask

    path = str(Path(folder) / "runs.pyonl")
    count = make_lines(path, size)
    size = os.path.getsize(path)

    def ours(blocksize="64MB"):
        return pyon_dask.read_lines(path, blocksize=blocksize).map_partitions(total)

    def theirs():
        return bag.read_text(path, blocksize="64MB").map(pyon.decode).map_partitions(total)

    def columns():
        frame = pyon_dask.read_lines(path, ["rid", "expid.arguments.x", "datasets.fit.freq"], blocksize="64MB")
        return frame.sum().compute()

    with dask.config.set(scheduler="sync"):
        plain = timed(lambda: ours().compute())
        text = timed(lambda: theirs().compute())
        frame = timed(columns)
    whole, killed = on_a_cluster(ours)
    results = [sum_up(result) for _, result in (plain, text, whole, killed)]
    assert all(result == results[0] for result in results) and results[0][0] == count, results
    assert frame[1].iloc[0] == results[0][1]
    rows = [("read by", "s", "MB/s")]
    for name, (seconds, _) in {
        "one process": plain,
        "one process, bag.read_text().map(decode)": text,
        "one process, columns of 3 paths": frame,
        "two worker processes": whole,
        "two, one of them killed": killed,
    }.items():
        rows.append((name, f"{seconds:.1f}", f"{size / 1e6 / seconds:.0f}"))
    table(f"{count} lines of {size / count / 1e3:.1f} kB on Dask, {size / 1e6:.0f} MB: all results are equal", *rows)


# ---- All ----

SECTIONS = {"literal": (), "zmq": ("zmq", "numpy"), "dask": ("dask", "distributed", "pandas")}


def main():
    parser = argparse.ArgumentParser(prog="bench.cluster", description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=1000, metavar="MB")
    parser.add_argument("--folder", help="where the file of lines is made")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    arguments = parser.parse_args()
    if unknown := {*arguments.sections} - {*SECTIONS}:
        parser.error(f"unknown: {', '.join(unknown)}")
    for name in arguments.sections or SECTIONS:
        if missing := [package for package in SECTIONS[name] if not importlib.util.find_spec(package)]:
            print(f"{name}: left out, without {', '.join(missing)}", file=sys.stderr)
        elif name == "dask":
            with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
                lines_on_dask(folder, arguments.size * 1_000_000)
        else:
            {"literal": literals, "zmq": sockets}[name]()


if __name__ == "__main__":
    main()
