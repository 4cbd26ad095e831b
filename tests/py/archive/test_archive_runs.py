# SPDX-License-Identifier: LGPL-3.0-or-later
"""Reading archives: runs by rid, class and time, and their columns, also while the file changes."""

import datetime
import importlib.util
import os
import subprocess
import sys

import pytest

np = pytest.importorskip("numpy")
h5py = pytest.importorskip("h5py")

import fastpyon  # noqa: E402
from fastpyon import archive, pyon, table  # noqa: E402
from fastpyon.archive import writer  # noqa: E402
from archives import check_once, files  # noqa: E402


@pytest.fixture(scope="module")
def runs(tree, tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "a.pyonl"
    archive.mirror(tree, path)
    with archive.open(path) as runs:
        yield runs


def test_runs(runs, tree):
    assert len(runs) == 20 and repr(runs) == "<20 runs>"
    run = runs[9]
    assert run["class"] == "LaserRamp" and run["datasets"]["camera"].dtype == np.uint8
    assert 19 in runs and 20 not in runs
    with pytest.raises(KeyError):
        runs[20]
    assert [run["rid"] for run in runs] == list(range(20))
    with pytest.raises(KeyError):
        runs.where(cls="RabiFlop")[9]


def test_where(runs, results):
    def rids(**options):
        return [run["rid"] for run in runs.where(**options)]

    assert rids(cls="LaserRamp") == rids(cls=["LaserRamp", "Other"]) == rids(cls="L*p") == [9, 19]
    assert rids(cls="laserramp") == []
    begun = results.FIRST + 10 * results.PERIOD
    moment = datetime.datetime.fromtimestamp(begun)
    moments = (
        begun, np.float64(begun), moment, np.datetime64(moment), str(moment),
        moment.astimezone(datetime.timezone.utc), moment.isoformat(),
    )  # fmt: skip
    for time_ in moments:
        assert rids(after=time_) == list(range(10, 20)) and rids(before=time_) == list(range(10))
    assert rids(after="2026-05-01 09:20", before="2026-05-01 09:40") == list(range(6, 12))
    assert rids(after="2026-05-01 10") == [18, 19]
    for day in "2026", "2026-05", "2026-05-01", datetime.date(2026, 5, 1):
        assert len(rids(after=day)) == 20 and rids(before=day) == []
    assert rids(rid=[3, 5, 99]) == [3, 5] and rids(rid=7) == rids(rid=np.int64(7)) == [7]
    assert rids(rid=range(10, 30)) == list(range(10, 20))
    assert len(runs.where(cls="RabiFlop").where(after=begun)) == 9
    for bad in "yesterday", "2026-13", "":
        with pytest.raises(ValueError, match="is no time"):
            runs.where(after=bad)


def test_table(runs):
    found = runs.table("rid", "expid.arguments.x", "datasets.fit.freq", "class", "datasets.ndscan.points.axis_0")
    assert found["rid"].tolist() == list(range(20))
    assert np.isnan(found["expid.arguments.x"]).sum() == 2 and found["expid.arguments.x"][8] == 1.0
    assert found["class"][9] == "LaserRamp" and found["datasets.ndscan.points.axis_0"][9] is None
    assert all(run["datasets"].get("fit.freq", np.nan) == freq or freq != freq
               for run, freq in zip(runs, found["datasets.fit.freq"]))  # fmt: skip
    some = runs.where(cls="LaserRamp").table({"n": "rid", "locked": "datasets.laser.locked"}, threads=3)
    assert some["n"].tolist() == [9, 19] and some["locked"].dtype == bool
    assert some.lines.tolist() == [10, 20]
    errors = []
    runs.where(cls="LaserRamp").table("class", types={"class": float}, on_error=errors.append)
    assert [error.line for error in errors] == [10, 20]
    with pytest.raises(table.MisfitError, match="^class: .*: line 10$"):
        runs.where(cls="LaserRamp").table("class", types={"class": float})


@pytest.mark.skipif(sys.platform == "win32", reason="open files cannot be replaced")
def test_replaced_while_open(tree, path, tmp_path):
    """What was there when the archive was opened is read by all threads."""
    archive.mirror(tree, path)
    (tmp_path / "new").mkdir()
    new = str(tmp_path / "new" / os.path.basename(path))
    archive.mirror(next(tree.iterdir()), new)
    with archive.open(path) as runs:
        before = runs.table("rid", "expid.file", threads=2)
        os.replace(new, path)
        after = runs.table("rid", "expid.file", threads=2)
        assert after["rid"].tolist() == before["rid"].tolist() and after["expid.file"] == before["expid.file"]
        assert runs[5]["rid"] == 5


def test_cut_while_open(tree, path):
    archive.mirror(tree, path)
    with archive.open(path) as runs:
        os.truncate(path, os.path.getsize(path) - 1)
        with pytest.raises(archive.DamagedError, match="has been cut"):
            runs.table("rid")
        with pytest.raises(archive.DamagedError, match="has been cut"):
            runs[19]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_processes_made_by_fork(runs):
    """They share the open file, but not the place where it is read."""
    runs[0]
    pids = []
    for _ in range(3):
        pid = os.fork()
        if pid == 0:
            good = False
            try:
                good = all(runs[rid % 20]["rid"] == rid % 20 for rid in range(300))
            finally:
                os._exit(0 if good else 1)
        pids.append(pid)
    assert [os.waitpid(pid, 0)[1] for pid in pids] == [0, 0, 0]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="needs /proc")
def test_files_are_closed(tree, tmp_path):
    """Each thread opens the file for itself: no more of them are open after many tables, and none at the end."""
    archive.mirror(tree, tmp_path / "a.pyonl")
    before = len(os.listdir("/proc/self/fd"))
    with archive.open(tmp_path / "a.pyonl") as runs:
        for _ in range(10):
            runs.table("rid", threads=3)
        assert len(os.listdir("/proc/self/fd")) <= before + 3
    assert len(os.listdir("/proc/self/fd")) == before


def test_small_blocks(tree, path, monkeypatch):
    from fastpyon import _blocks
    from fastpyon.archive import runs as reading

    monkeypatch.setattr(writer, "_MOST", 40000)
    monkeypatch.setattr(reading, "_BLOCK", 50000)
    monkeypatch.setattr(_blocks, "SIZE", 10000)
    archive.mirror(tree, path)
    runs = archive.open(path)
    assert [run["rid"] for run in runs] == list(range(20))
    assert [run["rid"] for run in runs.where(rid=range(0, 20, 7))] == list(range(0, 20, 7))
    for threads in 1, 3:
        assert runs.where(rid=range(1, 20, 2)).table("rid", threads=threads)["rid"].tolist() == list(range(1, 20, 2))
    check_once(path, files(tree))


def test_index_table(runs):
    index = runs.where(cls="LaserRamp").index
    assert list(index) == ["rid", "class", "start_time", "file"] and index["rid"].tolist() == [9, 19]
    assert index["start_time"].dtype == float and index["file"][0].endswith("/000000009-LaserRamp.h5")
    assert runs.where(rid=[]).index.rows == 0 and runs.where(rid=[]).table("rid").rows == 0


def test_one_rid_twice(results, tmp_path):
    """Two masters may have begun with the same number: both runs are there, and the later one is taken."""
    for folder, seed in ("a", 1), ("b", 2):
        results.write_run(tmp_path / "tree" / folder, 5, seed)
    with h5py.File(next((tmp_path / "tree" / "a").rglob("*.h5")), "r+") as file:
        file["start_time"][()] += 1
    archive.mirror(tmp_path / "tree", tmp_path / "a.pyonl")
    runs = archive.open(tmp_path / "a.pyonl")
    assert len(runs) == 2 and runs.table("rid")["rid"].tolist() == [5, 5]
    assert runs[5]["file"].startswith("a/") and [run["file"][0] for run in runs.where(rid=5)] == ["a", "b"]


def test_unusual_runs(tmp_path):
    """Anything may be in the place of a number; and lines may have been added that are no results."""
    path, folder = str(tmp_path / "a.pyonl"), tmp_path / "tree"
    folder.mkdir()
    unusual = {"rid": [1, 2], "start_time": "noon"}, {"rid": np.int32(7), "start_time": np.float32(5)}, {"rid": "x"}
    for number, datasets in enumerate(unusual):
        with h5py.File(folder / f"{number}.h5", "w") as file:
            for name, value in datasets.items():
                file[name] = value
    archive.mirror(folder, path)
    with open(path, "a") as file:
        file.write('{"rid":8,"note":"by hand"}\n[1]\n{"rid":9,"file":"9.h5"}\n')
    for _ in range(2):
        runs = archive.open(path)
        assert len(runs) == 6 and runs.index["rid"].tolist() == [None, 7, None, 8, None, 9]
        assert runs[7]["rid"] == 7 and runs[8]["note"] == "by hand"
        assert [run["rid"] for run in runs.where(after=1)] == [7] == [run["rid"] for run in runs.where(rid=7)]
        assert archive.mirror(folder, path).unchanged == 3  # the second time, from the index
    with pytest.raises(ValueError, match="None is no name of a file"):
        runs.where(rid=8).unmirror(tmp_path)
    errors, calls = [], []
    back = tmp_path / "back"
    assert runs.unmirror(back, on_error=errors.append, progress=lambda *numbers: calls.append(numbers)) == 3
    message = "None is no name of a file in a folder of results"
    assert list(map(str, errors)) == [
        f"run 8: {message}: line 4", f"run None: {message}: line 5", "run 9: KeyError: 'stamp': line 6"
    ]  # fmt: skip
    assert files(back) == files(folder) and calls == [(i, 6) for i in range(1, 7)]


def test_large_and_mixed_numbers(tmp_path):
    """The columns of the index have any number as it is."""
    path = tmp_path / "a.pyonl"
    numbers = [2**64, 2**53 + 1, 7]
    path.write_text("".join(f'{{"rid":{n},"start_time":{s}}}\r\n' for n, s in zip(numbers, (2**53 + 1, 0.5, "null"))))
    runs = archive.open(path)
    assert runs.index["rid"] == numbers and runs.index["start_time"] == [2**53 + 1, 0.5, None]
    assert [run["rid"] for run in runs] == numbers == [runs[n]["rid"] for n in numbers]


def test_names_that_lead_elsewhere(tree, tmp_path):
    """An archive may come from a stranger."""
    path = str(tmp_path / "a.pyonl")
    archive.mirror(tree, path)
    line = open(path).readline()
    run = pyon.decode(line)
    for name in "/etc/x.h5", "../x.h5", "a/../../x.h5", "", "a//b.h5", "c:x.h5", ".":
        with open(path, "w") as file:
            file.write(pyon.encode({**run, "file": name}) + "\n")
        with pytest.raises(ValueError, match="no name of a file"):
            archive.unmirror(path, tmp_path / "back")
        assert not (tmp_path / "back").exists() and not (tmp_path / "x.h5").exists()


def test_lines_are_lines(tree, tmp_path):
    """Other programs read an archive as what it is: a file of one value a line."""
    from fastpyon import stream

    path = tmp_path / "a.pyonl"
    archive.mirror(tree, path)
    assert [run["rid"] for run in stream.load_lines(path)] == list(range(20))
    assert table.read_lines(path, ["rid"])["rid"].tolist() == list(range(20))
    if importlib.util.find_spec("zstandard"):
        archive.mirror(tree, tmp_path / "a.pyonl.zst")
        assert table.read_lines(tmp_path / "a.pyonl.zst", ["rid"])["rid"].tolist() == list(range(20))


def test_import_is_light():
    """Neither h5py nor NumPy is imported before it is needed."""
    package = os.path.dirname(os.path.dirname(fastpyon.__file__))
    code = "import fastpyon, sys; assert not {'numpy', 'h5py', 'fastpyon.table'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": package})
