# SPDX-License-Identifier: LGPL-3.0-or-later
"""python -m fastpyon archive: results, exit statuses, and messages."""

import csv
import importlib.util
import io
import os
import shutil
import subprocess
import sys

import pytest

pytest.importorskip("numpy")
pytest.importorskip("h5py")

import in_process
from fastpyon import archive, pyon


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: in_process.run("archive", *arguments)


@pytest.fixture(scope="session")
def mirrored(tree, tmp_path_factory):
    """An archive of the tree."""
    path = tmp_path_factory.mktemp("mirrored") / "a.pyonl"
    archive.mirror(tree, path)
    return path


@pytest.fixture
def path(mirrored, tmp_path):
    for ending in "", ".index":
        shutil.copy(f"{mirrored}{ending}", tmp_path)
    return "a.pyonl"


def test_a_process(path, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "fastpyon", "archive", "get", path, "9", "rid", "nothing"],
        cwd=tmp_path, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    message = "fastpyon archive get: run 9 has no nothing\n"
    assert (done.returncode, done.stdout, done.stderr) == (1, "9\n", message)


def test_mirror(results, tmp_path, run):
    results.write_results(tmp_path / "results", 3)
    assert run("mirror", "results", "a.pyonl") == (0, "a.pyonl: 3 added, 0 changed, 0 unchanged\n", "")
    bad = tmp_path / "results" / "bad.h5"
    bad.write_bytes(b"bad")
    status, out, error = run("mirror", "results", "a.pyonl", "--processes", 2)
    assert (status, out) == (1, "a.pyonl: 0 added, 0 changed, 3 unchanged\n")
    name = os.path.join("results", "bad.h5")
    assert error.startswith(f"fastpyon archive mirror: {name}: ") and "file signature not found" in error


def test_unmirror(path, run, tmp_path):
    assert run("unmirror", path, "back", "--rid", 3, "--rid", 4) == (0, "back: 2 files\n", "")
    assert run("unmirror", path, "back", "--class", "*Flop") == (0, "back: 16 files, 2 were there already\n", "")
    assert run("unmirror", path, "back", "--force") == (0, "back: 20 files\n", "")
    assert len(list((tmp_path / "back").rglob("*.h5"))) == 20


def test_unmirror_goes_on(path, run, tmp_path):
    with open(tmp_path / path, "ab") as file:
        file.write(b'{"rid":77}\n')
    status, out, error = run("unmirror", path, "back", "--rid", 3, "--rid", 77)
    assert (status, out) == (1, "back: 1 file\n")
    message = "None is no name of a file in a folder of results"
    assert error == f"fastpyon archive unmirror: a.pyonl: run 77: {message}: line 21\n"


def test_list(path, run):
    status, out, error = run("list", path, "--class", "LaserRamp", "--before", "2026-05-01 10")
    assert (status, error) == (0, "") and out == "9 2026-05-01 09:30:00 LaserRamp\n"


def test_list_without_times(run, tmp_path):
    (tmp_path / "a.pyonl").write_text(
        '{"rid":1,"class":"A"}\n{"class":"B","start_time":NaN}\n{"rid":3,"start_time":1e300}\n'
        '{"rid":4,"start_time":{"__jsonclass__":["npscalar",["<f4","AAAAAA=="]]}}\n'
    )
    status, out, error = run("list", "a.pyonl")
    lines = out.splitlines()
    assert (status, error) == (0, "") and lines[:3] == ["1 - A", "- - B", "3 - -"]
    assert lines[3].startswith("4 19") and lines[3].endswith(" -")
    assert run("list", "a.pyonl", "--class", "A") == (0, "1 - A\n", "")


def test_table(path, run, tmp_path):
    paths = "rid", "class", "datasets.fit.freq", "expid.arguments.range"
    status, out, error = run("table", path, *paths, "--rid", 9, "--rid", 3)
    rows = list(csv.reader(io.StringIO(out)))
    assert (status, error) == (0, "") and rows[0] == ["rid", "class", "datasets.fit.freq", "expid.arguments.range"]
    assert rows[1][:2] == ["3", "RabiFlop"] and float(rows[1][2]) > 0 and rows[1][3] == ""
    assert rows[2][:3] == ["9", "LaserRamp", ""] and pyon.decode(rows[2][3]) == (40, 90)
    assert run("table", path, "rid", "-o", "t.csv")[0] == 0
    assert (tmp_path / "t.csv").read_text() == "rid\n" + "".join(f"{i}\n" for i in range(20))
    status, _, error = run("table", path, "rid", "nothing")
    assert status == 1 and error == "fastpyon archive table: no run has nothing\n"


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of the system")
def test_a_full_disk(path, run, tmp_path, monkeypatch):
    """What was there stays, whole."""
    import resource

    monkeypatch.setattr(sys, "dont_write_bytecode", True)  # Python keeps a file of it that was cut
    names = ["t.csv"] + ["t.parquet", "t.arrow"] * bool(importlib.util.find_spec("pyarrow"))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    for name in names:
        (tmp_path / name).write_text("old")
        try:
            resource.setrlimit(resource.RLIMIT_FSIZE, (20, limits[1]))
            status, out, error = run("table", path, "rid", "class", "-o", name)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert (status, out) == (2, "") and error == f"fastpyon archive table: {name}: File too large\n"
        assert (tmp_path / name).read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == sorted(["a.pyonl", "a.pyonl.index", *names])


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights")
def test_links_and_devices(path, run, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "t.csv").write_text("old")
    (tmp_path / "t.csv").symlink_to("folder/t.csv")
    (tmp_path / "null.csv").symlink_to(os.devnull)
    for name in "t.csv", "null.csv", "new.csv":
        assert run("table", path, "rid", "-o", name) == (0, "", "")
    assert (tmp_path / "t.csv").is_symlink() and (tmp_path / "folder" / "t.csv").read_text().startswith("rid\n0\n")
    assert not os.path.isfile(os.devnull)
    mask = os.umask(0)
    os.umask(mask)
    assert os.stat(tmp_path / "new.csv").st_mode & 0o777 == 0o666 & ~mask


def test_table_for_arrow(path, run, tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import feather, parquet

    for name, read in ("t.parquet", parquet.read_table), ("t.arrow", feather.read_table):
        assert run("table", path, "rid", "datasets.fit.freq", "-o", name) == (0, "", "")
        found = read(tmp_path / name)
        assert isinstance(found, pyarrow.Table) and found["rid"].to_pylist() == list(range(20))
    status, _, error = run("table", path, "expid.arguments.*", "-o", "t.arrow")
    assert status == 1 and "Arrow has no type" in error


def test_get(path, run):
    status, out, error = run("get", path, 9)
    assert (status, error) == (0, "") and pyon.decode(out)["rid"] == 9
    assert run("get", path, 9, "class", "datasets.laser.threshold") == (0, '"LaserRamp"\n55.0\n', "")
    status, out, error = run("get", path, 9, "class", "datasets.lasers")
    assert (status, out, error) == (1, '"LaserRamp"\n', "fastpyon archive get: run 9 has no datasets.lasers\n")
    assert run("get", path, 20) == (1, "", "fastpyon archive get: a.pyonl: no run 20\n")


@pytest.mark.parametrize(
    "arguments, message",
    [
        (["table", "nothing", "rid"], "table: nothing: No such file or directory"),
        (["table", "results", "rid"], "table: results is a folder"),
        (["mirror", "nothing", "b.pyonl"], "mirror: nothing is no folder of results"),
        (["table", "a.pyonl", "x["], "table: path 'x[': a key, an index, a slice or * expected at byte 2"),
        (["get", "a.pyonl", "1", "x["], "get: path 'x[': a key"),
        (["list", "a.pyonl", "--after", "noon"], "list: 'noon' is no time such as 2026-05-01 or 2026-05-01 14:30"),
        (["mirror", "results", "b.pyonl", "--processes", "0"], "mirror: --processes must be at least 1"),
        (["table", "a.pyonl", "rid", "-o", "t.txt"], "table: t.txt: a table is written into a file that ends in"),
    ],
)
def test_troubles(path, run, tmp_path, arguments, message):
    (tmp_path / "results").mkdir()
    status, out, error = run(*arguments)
    assert (status, out) == (2, "") and error.startswith(f"fastpyon archive {message}")
    assert "Traceback" not in error


def test_a_damaged_line_is_told(path, run, tmp_path):
    text = (tmp_path / path).read_bytes()
    (tmp_path / path).write_bytes(text.replace(b'{"rid":4,', b'{"rid";4,'))
    os.remove(tmp_path / "a.pyonl.index")
    status, out, error = run("list", path)
    assert status == 0 and out.count("\n") == 19
    assert error == "fastpyon archive list: a.pyonl: Expecting ':' delimiter: line 5 column 7\n"
