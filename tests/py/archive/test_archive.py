# SPDX-License-Identifier: LGPL-3.0-or-later
"""Archives: what mirror() finds is there once, whatever was killed meanwhile, and unmirror() makes the files again."""

import contextlib
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import time

import pytest

np = pytest.importorskip("numpy")
h5py = pytest.importorskip("h5py")

from fastpyon import _system, archive, pyon  # noqa: E402
from fastpyon.archive import writer  # noqa: E402
from archives import check_once, files  # noqa: E402
from hdf5 import content  # noqa: E402


def change(path, seconds=5):
    """Makes a file another one, and a later one."""
    with h5py.File(path, "r+") as file:
        file["datasets/changed"] = seconds
    os.utime(path, (time.time() + seconds,) * 2)


# ---- There and back ----


def test_there_and_back(tree, path, tmp_path):
    calls = []
    report = archive.mirror(tree, path, progress=lambda *numbers: calls.append(numbers))
    assert (report.added, report.changed, report.unchanged, report.unreadable) == (20, 0, 0, {})
    assert calls == [(i, 20) for i in range(1, 21)]
    assert archive.unmirror(path, tmp_path / "back") == 20
    assert files(tmp_path / "back") == files(tree)
    for name in files(tree):
        assert content(tmp_path / "back" / name) == content(tree / name)
        assert os.stat(tmp_path / "back" / name).st_mtime_ns == os.stat(tree / name).st_mtime_ns
    assert archive.unmirror(path, tmp_path / "back") == 0
    assert archive.unmirror(path, tmp_path / "back", overwrite=True) == 20
    check_once(path, files(tree))


def test_processes(tree, tmp_path):
    for processes in 1, 2:
        assert archive.mirror(tree, tmp_path / f"{processes}.pyonl", processes=processes).added == 20
    assert (tmp_path / "1.pyonl").read_bytes() == (tmp_path / "2.pyonl").read_bytes()


def test_growing(results, path, tmp_path):
    for number in range(0, 12, 3):
        for rid in range(number, number + 3):
            results.write_run(tmp_path / "tree", rid)
        report = archive.mirror(tmp_path / "tree", path)
        assert (report.added, report.unchanged) == (3, number)
        assert len(archive.open(path)) == number + 3
    check_once(path, files(tmp_path / "tree"))


def test_growing_meanwhile(results, tmp_path, monkeypatch):
    path = str(tmp_path / "a.pyonl")
    for rid in range(5):
        results.write_run(tmp_path / "tree", rid)

    def more(done, total):
        results.write_run(tmp_path / "tree", 100 + done)
        if done == 2:  # one that comes later, and one that was there already
            change(next((tmp_path / "tree").rglob("*000000004-*")), 3)
            change(next((tmp_path / "tree").rglob("*000000000-*")), 4)

    report = archive.mirror(tmp_path / "tree", path, progress=more)
    assert report.added == 4 and list(report.unreadable.values()) == ["it was changed while it was read"]
    report = archive.mirror(tmp_path / "tree", path)
    assert (report.added, report.changed, report.unchanged, report.unreadable) == (6, 1, 3, {})
    assert archive.open(path)[0]["datasets"]["changed"] == 4
    check_once(path, files(tmp_path / "tree"))


def test_changed(tree, path, tmp_path):
    shutil.copytree(tree, tmp_path / "tree")
    archive.mirror(tmp_path / "tree", path)
    name = files(tree)[7]
    change(tmp_path / "tree" / name)
    report = archive.mirror(tmp_path / "tree", path)
    assert (report.added, report.changed, report.unchanged) == (0, 1, 19)
    runs = archive.open(path)
    assert len(runs) == 20 and runs[7]["datasets"]["changed"] == 5
    found = runs.table("rid", "datasets.changed")
    assert sorted(found["rid"]) == list(range(20)) and np.nansum(found["datasets.changed"]) == 5
    assert found.lines[-1] == 21 and 8 not in found.lines
    os.remove(tmp_path / "tree" / name)  # an archive keeps what it has
    archive.mirror(tmp_path / "tree", path)
    assert len(archive.open(path)) == 20


# ---- Files that cannot be read ----


def test_unreadable_files(tree, tmp_path):
    path, folder = str(tmp_path / "a.pyonl"), tmp_path / "tree"
    shutil.copytree(tree, folder)
    names = files(tree)
    (folder / names[0]).write_bytes((tree / names[0]).read_bytes()[:9000])
    (folder / names[1]).write_bytes(b"")
    with h5py.File(folder / names[2], "a"):  # another process would have it like that
        code = f"from fastpyon import archive; print(sorted(archive.mirror({str(folder)!r}, {path!r}).unreadable))"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        unreadable = eval(done.stdout)
    assert names[:2] == unreadable[:2] and set(unreadable) <= set(names[:3])
    if sys.platform == "linux":
        assert unreadable == names[:3]
    for name in names[:3]:
        shutil.copy2(tree / name, folder / name)
    report = archive.mirror(folder, path)
    assert report.unreadable == {} and report.added + report.changed >= len(unreadable)
    check_once(path, names)


def test_a_refused_archive_stays_alone(tree, path, tmp_path):
    """Not even a lock comes to lie beside the file."""
    for text in b"text\n", b"[1\n", b"\x28\xb5\x2f\xfd and more that is no frame":
        with open(path, "wb") as file:
            file.write(text)
        with pytest.raises(archive.DamagedError, match="is no archive"):
            archive.mirror(tree, path)
        assert os.listdir(tmp_path) == [os.path.basename(path)]
        with open(path, "rb") as file:
            assert file.read() == text


def test_what_is_no_run(tmp_path):
    path = str(tmp_path / "a.pyonl")
    (tmp_path / "tree" / "x.h5").mkdir(parents=True)
    with h5py.File(tmp_path / "tree" / "any.h5", "w") as file:
        file["x"] = 1
    with h5py.File(tmp_path / "tree" / "bad.h5", "w") as file:
        file["x"] = file.ref
    (tmp_path / "tree" / "notes.txt").write_text("notes")
    report = archive.mirror(tmp_path / "tree", path)
    assert report.added == 1 and "reference" in report.unreadable["bad.h5"]
    (run,) = archive.open(path)
    assert run["other"] == {"x": 1} and run["rid"] is None
    with pytest.raises(NotADirectoryError):
        archive.mirror(tmp_path / "nothing", path)
    with pytest.raises(IsADirectoryError, match="is a folder"):
        archive.open(tmp_path)
    with pytest.raises(FileNotFoundError):
        archive.open(tmp_path / "nothing")


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="all folders can be read")
def test_a_folder_that_cannot_be_read(tree, tmp_path):
    shutil.copytree(tree, tmp_path / "tree")
    day = next((tmp_path / "tree").iterdir())
    day.chmod(0)
    try:
        assert list(archive.mirror(tmp_path / "tree", tmp_path / "a.pyonl").unreadable) == [day.name]
    finally:
        day.chmod(0o755)


def test_links_in_a_circle(tree, tmp_path):
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "all").symlink_to(tree, target_is_directory=True)
    (tmp_path / "tree" / "self").symlink_to(tmp_path / "tree", target_is_directory=True)
    assert archive.mirror(tmp_path / "tree", tmp_path / "a.pyonl").added == 20


def test_links_to_results(tree, tmp_path):
    """A run has one name, and not that of a link, which leads to another run tomorrow."""
    folder = tmp_path / "tree"
    shutil.copytree(tree, folder)
    names = files(tree)
    day = names[0].partition("/")[0]
    (folder / ".today").symlink_to(day, target_is_directory=True)
    (folder / "newest.h5").symlink_to(names[-1])
    (folder / "gone.h5").symlink_to("nothing.h5")
    report = archive.mirror(folder, tmp_path / "a.pyonl")
    assert report.added == 20 and report.unreadable == {}
    check_once(str(tmp_path / "a.pyonl"), names)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
def test_a_pipe_among_results(tree, tmp_path):
    shutil.copytree(tree, tmp_path / "tree")
    os.mkfifo(tmp_path / "tree" / "pipe.h5")
    report = archive.mirror(tmp_path / "tree", tmp_path / "a.pyonl")
    assert report.added == 20 and report.unreadable == {"pipe.h5": "it is no regular file"}


def test_numbers_of_processes(tree, tmp_path):
    for number in 0, -1:
        with pytest.raises(ValueError, match="at least 1"):
            archive.mirror(tree, tmp_path / "a.pyonl", processes=number)
    assert not list(tmp_path.glob("a.pyonl*"))


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights")
def test_a_link_to_an_archive(tree, path, tmp_path):
    """It has the lock and the index of the file."""
    archive.mirror(tree, path)
    link = str(tmp_path / "link")
    os.symlink(path, link)
    assert archive.mirror(tree, link).unchanged == 20 and len(archive.open(link)) == 20
    assert not os.path.exists(link + ".lock") and not os.path.exists(link + ".index")


# ---- Kills ----


def run_and_kill(function, path, folder, chance):
    """Runs function(path, folder, pipe) in another process. It is killed when it has sent some values, or is done.
    Returns the exit status."""
    # A process that is made by fork needs no time to import everything.
    context = multiprocessing.get_context("fork" if hasattr(os, "fork") else "spawn")
    ours, its = context.Pipe(duplex=False)
    process = context.Process(target=function, args=(path, folder, its))
    process.start()
    its.close()
    with contextlib.suppress(EOFError):  # it is done
        for _ in range(chance.randrange(6)):
            ours.recv()
    time.sleep(chance.random() * 0.003)
    process.kill()
    process.join()
    ours.close()
    return process.exitcode


def mirror_until_killed(path, tree, pipe):
    writer._MOST = 30000
    archive.mirror(tree, path, progress=lambda done, total: pipe.send(done))


def test_killed_at_random(tree, path):
    """Killed again and again, at last it is done: nothing twice, and nothing missing."""
    chance, killed = random.Random(3), 0
    while killed < 40 and run_and_kill(mirror_until_killed, path, tree, chance) != 0:
        killed += 1
        if os.path.exists(path):
            archive.open(path).close()  # it is readable at any time
    assert killed > 3
    report = archive.mirror(tree, path)
    assert report.added + report.unchanged == 20 and not report.unreadable
    check_once(path, files(tree))


def test_a_batch_is_on_the_disk_before_its_index(tree, path, monkeypatch):
    monkeypatch.setattr(writer, "_MOST", 50000)
    seen = []

    def sync(descriptor):
        with open(path + ".index") as file:
            seen.append((os.fstat(descriptor).st_size, sum(1 for _ in file)))

    monkeypatch.setattr(_system, "sync", sync)
    archive.mirror(tree, path)
    columns = archive.open(path)._archive.columns
    ends = [batch + size for batch, size in zip(columns["batch"].tolist(), columns["size"].tolist())]
    assert len(seen) > 3 and seen[-1][0] == os.path.getsize(path) == ends[-1]
    before = 0
    for size, known in seen:
        assert known == before
        before = len(ends) - ends[::-1].index(size)


def unmirror_until_killed(path, folder, pipe):
    archive.unmirror(path, folder, progress=lambda done, total: pipe.send(done))


def test_an_unmirror_that_is_killed(tree, tmp_path):
    """No file has a part of its content."""
    path, back = str(tmp_path / "a.pyonl"), tmp_path / "back"
    archive.mirror(tree, path)
    chance = random.Random(5)
    for _ in range(4):
        run_and_kill(unmirror_until_killed, path, back, chance)
        assert all(content(back / name) == content(tree / name) for name in files(back))
    archive.unmirror(path, back)
    assert files(back) == files(tree)


@pytest.mark.parametrize("part", ["archive", "index"])
def test_cut_anywhere(tree, path, tmp_path, part, monkeypatch):
    """Whatever part of the last batches, or of the index, has reached the disk: the rest comes again."""
    monkeypatch.setattr(writer, "_MOST", 50000)
    archive.mirror(tree, path)
    whole, index = (open(name, "rb").read() for name in (path, path + ".index"))
    copy = str(tmp_path / f"copy.{path.partition('.')[2]}")
    chance = random.Random(4)
    cuts = [chance.randrange(len(whole) if part == "archive" else len(index)) for _ in range(5)]
    if part == "index":  # at the end of a line, and before its line end
        cuts += [end - k for end in (index.index(b"\n") + 1, index.rindex(b"\n", 0, -1) + 1) for k in (0, 1)]
    for cut in cuts:
        with open(copy, "wb") as file:
            file.write(whole[:cut] if part == "archive" else whole)
        with open(copy + ".index", "wb") as file:
            file.write(index if part == "archive" else index[:cut])
        with archive.open(copy) as runs:
            there = len(runs)
        report = archive.mirror(tree, copy)
        assert report.unchanged == there and report.added == 20 - there
        assert part == "archive" or there == 20
        check_once(copy, files(tree))


@pytest.mark.parametrize("written", [0, 3, 500])
def test_the_power_fails(tree, path, written):
    """The file is longer already, but the data is not on the disk."""
    archive.mirror(tree, path)
    with open(path, "rb") as file:
        whole = file.read()
    with open(path, "ab") as file:
        file.write(whole[:written] + bytes(10000))
    assert len(archive.open(path)) == 20
    assert archive.mirror(tree, path).unchanged == 20
    check_once(path, files(tree))


def test_index_of_another_archive(tree, path, tmp_path):
    archive.mirror(tree, path)
    for text in b"", b"no index\n", b'{"batch":0}\n', b"\xff\n":
        with open(path + ".index", "wb") as file:
            file.write(text)
        assert len(archive.open(path)) == 20
    other = tmp_path / "other"
    shutil.copytree(tree, other)
    for name in files(other)[10:]:
        os.remove(other / name)
    for name in files(other):
        change(other / name)
    old = open(path + ".index", "rb").read()
    os.remove(path)
    archive.mirror(tree, path)
    index = open(path + ".index", "rb").read()
    os.remove(path)
    with open(path + ".index", "wb") as file:
        file.write(index)
    assert archive.mirror(other, path).added == 10
    check_once(path, files(other))
    assert old != index


def test_the_index_is_used(tree, path, monkeypatch):
    """Neither to open an archive nor to add nothing to it are its lines read."""
    from fastpyon.archive.index import Index

    archive.mirror(tree, path)
    monkeypatch.setattr(Index, "columns_of", None)
    assert len(archive.open(path)) == 20
    assert archive.mirror(tree, path).unchanged == 20


def test_a_damaged_line(tree, tmp_path):
    path = str(tmp_path / "a.pyonl")
    archive.mirror(tree, path)
    lines = open(path, "rb").read().splitlines(keepends=True)
    lines[3] = lines[3][:500] + b"\0" + lines[3][501:]
    with open(path, "wb") as file:
        file.writelines(lines)
    os.remove(path + ".index")
    runs = archive.open(path)
    assert len(runs) == 19 and [error.line for error in runs.damaged] == [4]
    assert runs.table("rid").lines.tolist() == [1, 2, 3, *range(5, 21)]
    assert str(runs.damaged[0]).endswith(": line 4 column 501")
    with open(path, "ab") as file:
        file.write(b"\n\n")
    report = archive.mirror(tree, path)  # the file is still there
    assert (report.added, report.unchanged) == (1, 19)
    for remake in False, True:
        if remake:
            os.remove(path + ".index")
        runs = archive.open(path)
        assert [str(error) for error in runs.damaged] == ["Invalid control character at: line 4 column 501"]
        assert runs.table("rid").lines.tolist() == [1, 2, 3, *range(5, 21), 23]


def test_index_removed_meanwhile(tree, path, monkeypatch):
    """Lines that are appended to an index without the first ones are none."""
    monkeypatch.setattr(writer, "_MOST", 50000)

    def remove(done, total):
        if done == 10:
            os.remove(path + ".index")

    archive.mirror(tree, path, progress=remove)
    assert len(archive.open(path)) == 20
    assert archive.mirror(tree, path).unchanged == 20
    check_once(path, files(tree))


def test_an_index_that_ends_in_a_batch(tree, path):
    archive.mirror(tree, path)
    with open(path + ".index", "rb") as file:
        lines = file.readlines()
    for count in 1, 10, 19:
        with open(path + ".index", "wb") as file:
            file.writelines(lines[:count])
        assert len(archive.open(path)) == 20
        assert archive.mirror(tree, path).unchanged == 20
        check_once(path, files(tree))


@pytest.mark.parametrize("text", [b"some notes", b"some notes\nmore", b"\0" * 9, b"\x89HDF\r\n\x1a\n\0\0"])
def test_a_file_that_is_no_archive(tree, path, text):
    """It is left alone: a writer would cut off what it takes for half a line."""
    with open(path, "wb") as file:
        file.write(text)
    for call in archive.open, lambda path: archive.mirror(tree, path):
        with pytest.raises(archive.DamagedError):
            call(path)
    with open(path, "rb") as file:
        assert file.read() == text
    assert not os.path.exists(path + ".index")


def test_frames_of_another_program(tree, tmp_path):
    """Such as zstd, which does not know how long its input will be."""
    zstandard = pytest.importorskip("zstandard")
    archive.mirror(tree, tmp_path / "a.pyonl")
    compressor = zstandard.ZstdCompressor().compressobj()
    (tmp_path / "a.pyonl.zst").write_bytes(
        compressor.compress((tmp_path / "a.pyonl").read_bytes()) + compressor.flush()
    )
    for _ in range(2):
        runs = archive.open(tmp_path / "a.pyonl.zst")
        assert runs[7]["rid"] == 7 and len(runs.table("rid")["rid"]) == 20
        assert archive.mirror(tree, tmp_path / "a.pyonl.zst").unchanged == 20


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a full disk")
def test_a_full_disk(tree, tmp_path, monkeypatch):
    """The archive is as it was."""
    path = str(tmp_path / "a.pyonl")
    archive.mirror(tree, path)
    before = open(path, "rb").read()
    with pytest.raises(OSError, match="No space"), writer.Writer(path) as out:
        full = open("/dev/full", "r+b", buffering=0)
        monkeypatch.setattr(out, "_file", type("Full", (), {
            "write": full.write, "seek": lambda self, place: 0, "truncate": lambda self, size: os.truncate(path, size),
            "fileno": full.fileno, "close": full.close,
        })())  # fmt: skip
        out.add(pyon.encode({"rid": 1}).encode() + b"\n")
    assert open(path, "rb").read() == before
    assert archive.mirror(tree, path).unchanged == 20


def test_interrupted(tree, path):
    """What was read until then is kept."""

    def interrupt(done, total):
        if done == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        archive.mirror(tree, path, progress=interrupt)
    assert len(archive.open(path)) == 10
    report = archive.mirror(tree, path)
    assert (report.added, report.unchanged) == (10, 10)


def test_two_writers(tree, tmp_path):
    path = str(tmp_path / "a.pyonl")
    with writer.Writer(path):
        code = f"from fastpyon import archive; archive.mirror({str(tree)!r}, {path!r})"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        assert f"LockedError: process {os.getpid()} writes this archive" in done.stderr
    archive.mirror(tree, path, wait=5)
