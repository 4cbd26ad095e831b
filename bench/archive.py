# SPDX-License-Identifier: LGPL-3.0-or-later
"""What it costs to go over an archive, beside files of HDF5 and a bag of Dask.

    PYTHONPATH=build/python python -m bench.archive [FOLDER]

makes results as examples/results.py does, mirrors them, and prints tables in Markdown. It needs h5py; without Dask, its
row is left out. The files are in the cache of the system. All ways take turns, and the least time of each counts, since
a machine has other work, too. What one thread does is measured in the time of the processor.
"""

import argparse
import contextlib
import importlib.util
import shutil
import tempfile
import time
from pathlib import Path

import h5py

from fastpyon import archive, pyon, stream

ROOT = Path(__file__).resolve().parents[1]
PATHS = "rid", "expid.arguments.x", "datasets.fit.freq"
COUNT = 100_000  # runs, for which times are given


def make_results(folder, count):
    specification = importlib.util.spec_from_file_location("results", ROOT / "examples" / "results.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    module.write_results(folder, count)


def timed(function, clock=time.perf_counter):
    begin = clock()
    function()
    return clock() - begin


def repeat(path, times, out):
    """An archive with all runs several times, each with a number of its own."""
    runs = list(archive.open(path))

    def values():
        for n in range(times):
            for run in runs:
                yield {**run, "rid": run["rid"] + n * len(runs), "file": f"{n}/{run['file']}"}

    stream.store_lines(out, values())


# ---- The ways ----


def take(value, *keys):
    """What a program would write that has the whole run."""
    for key in keys:
        value = value.get(key)
        if value is None:
            return None
    return value


def pick(run):
    return run["rid"], take(run, "expid", "arguments", "x"), take(run, "datasets", "fit.freq")


def read_hdf5(path):
    """A run, as programs of laboratories read it."""
    with h5py.File(path, "r") as file:
        run = {name: file[name][()] for name in ("rid", "start_time", "run_time", "artiq_version")}
        run["expid"] = file["expid"][()]
        for group in "datasets", "archive":
            run[group] = {name: dataset[()] for name, dataset in file[group].items()}
    return run


def pick_hdf5(path):
    with h5py.File(path, "r") as file:
        expid = file["expid"][()]
        freq = file["datasets"].get("fit.freq")
        return file["rid"][()], expid, None if freq is None else freq[()]


def pick_line(line):
    return pick(pyon.decode(line))


def ways(lines, files):
    """(what, by what, number of runs, function, number of threads, how often) of each way."""
    runs = archive.open(lines)
    count, slow, fast = len(runs), 2, 10
    all_of, three = "all of each run", "three values"
    yield all_of, "h5py, the files", len(files), lambda: sum(1 for file in map(read_hdf5, files)), 1, slow
    yield all_of, "`for run in runs`", count, lambda: sum(1 for _ in runs), 1, fast
    yield three, "h5py, the files", len(files), lambda: [pick_hdf5(file) for file in files], 1, slow
    if importlib.util.find_spec("dask"):
        import dask.bag

        def bag():
            found = dask.bag.read_text(lines, blocksize="16MB").map(pick_line)
            return found.compute(scheduler="threads", num_workers=2)

        yield three, "`bag.read_text().map(decode)`, 2 threads", count, bag, 2, slow
    for threads in 1, 2:

        def columns(threads=threads):
            return runs.table(*PATHS, threads=threads)

        yield three, f"`runs.table(...)`, {threads} thread{'s' * (threads > 1)}", count, columns, threads, fast


def measure(lines, files, rounds):
    """The least time of each way for one run, in seconds: {(what, by what): time}; and how much faster two threads are
    than one, by the clock on the wall."""
    found, walls = {}, {1: [], 2: []}
    for number in range(rounds):
        for what, name, count, function, threads, often in ways(lines, files):
            if number >= often:
                continue
            clock = time.process_time if threads == 1 else time.perf_counter
            found[what, name] = min(timed(function, clock) / count, found.get((what, name), float("inf")))
            if "table" in name:
                walls[threads].append(timed(function))
    return found, min(walls[1]) / min(walls[2])


# ---- The report ----


def print_times(times, ratio):
    print(f"| to go over | by | a run, µs | {COUNT:,} runs, s |\n|---|---|--:|--:|")
    for (what, name), seconds in times.items():
        print(f"| {what} | {name} | {seconds * 1e6:.1f} | {seconds * COUNT:.1f} |")
    print(f"\nTwo threads are {ratio:.2f} times as fast as one.\n")


def print_sizes(folder, count, mirrored, back):
    tree = sum(file.stat().st_size for file in (folder / "results").rglob("*.h5"))
    print("| | a run | in all |\n|---|--:|--:|")
    print(f"| files of HDF5 | {tree / count / 1e3:.1f} kB | {tree / 1e6:.1f} MB |")
    for name in "a.pyonl", "a.pyonl.zst":
        with contextlib.suppress(FileNotFoundError):
            size = (folder / name).stat().st_size
            print(f"| {name} | {size / count / 1e3:.1f} kB | {size / 1e6:.1f} MB |")
    print(f"| `mirror`, one process | {mirrored / count * 1e3:.1f} ms | {mirrored:.1f} s |")
    print(f"| `unmirror` | {back / count * 1e3:.1f} ms | {back:.1f} s |")


def run(folder, options):
    make_results(folder / "results", options.runs)
    mirrored = timed(lambda: archive.mirror(folder / "results", folder / "a.pyonl"), time.process_time)
    with contextlib.suppress(ImportError):
        archive.mirror(folder / "results", folder / "a.pyonl.zst")
    repeat(folder / "a.pyonl", options.times, folder / "lines.pyonl")
    files = sorted((folder / "results").rglob("*.h5"))
    print_times(*measure(str(folder / "lines.pyonl"), files, options.rounds))
    back = timed(lambda: archive.unmirror(folder / "a.pyonl", folder / "back"), time.process_time)
    print_sizes(folder, options.runs, mirrored, back)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", metavar="FOLDER", help="where to make the files")
    parser.add_argument("--runs", type=int, default=2000, help="files of HDF5")
    parser.add_argument("--times", type=int, default=10, help="how often the archive has each of them")
    parser.add_argument("--rounds", type=int, default=10)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(dir=options.folder))
    try:
        run(folder, options)
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
