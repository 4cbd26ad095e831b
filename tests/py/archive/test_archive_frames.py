# SPDX-License-Identifier: LGPL-3.0-or-later
"""Archives of frames of zstd, some of which are damaged: the runs of the other ones are read."""

import contextlib
import os
import random

import pytest

pytest.importorskip("numpy")
pytest.importorskip("h5py")
pytest.importorskip("zstandard")

from fastpyon import archive, table
from fastpyon.archive import writer
from archives import check_once, files


@pytest.fixture
def path(tree, tmp_path, monkeypatch):
    """An archive of several frames."""
    monkeypatch.setattr(writer, "_MOST", 50000)
    path = str(tmp_path / "a.pyonl.zst")
    archive.mirror(tree, path)
    return path


def frames(path):
    """(place, size, rids) of each frame."""
    with archive.open(path) as runs:
        columns = runs._archive.columns
        places = sorted(set(zip(columns["batch"].tolist(), columns["size"].tolist())))
        rids = [[rid for rid, batch in zip(columns["rid"], columns["batch"]) if batch == place] for place, _ in places]
    return [(*place, of) for place, of in zip(places, rids)]


def damage(path, place, data=b"damage"):
    with open(path, "r+b") as file:
        file.seek(place)
        file.write(data)


@pytest.mark.parametrize("number", [0, 1, -1])
def test_with_the_index(tree, path, tmp_path, number):
    """It knows which runs are lost."""
    place, size, lost = frames(path)[number]
    damage(path, place + size // 2)
    there = [rid for rid in range(20) if rid not in lost]
    if number == -1:  # the index of an archive whose last batch is another one is made anew
        with archive.open(path) as runs:
            assert [run["rid"] for run in runs] == there and len(runs.damaged) == 1
        return
    runs = archive.open(path)
    assert not runs.damaged and len(runs) == 20
    why = f"the frame of zstd at byte {place} is damaged: "
    for read in lambda: runs[lost[0]], lambda: list(runs), lambda: runs.table("rid"), lambda: runs.unmirror(tmp_path):
        with pytest.raises(archive.DamagedError, match=why):
            read()
    for threads in 1, 3:
        errors = []
        found = runs.table("rid", on_error=errors.append, threads=threads)
        assert found["rid"].tolist() == there and found.lines.tolist() == [rid + 1 for rid in there]
        assert [error.line for error in errors] == [rid + 1 for rid in lost]
        assert all(str(error).startswith(f"run {rid}: {why}") for rid, error in zip(lost, errors))
        assert isinstance(errors[0], table.MisfitError) and errors[0].column is None
    errors, calls = [], []
    with archive.open(path) as runs:
        count = runs.unmirror(
            tmp_path / "back", on_error=errors.append, progress=lambda *numbers: calls.append(numbers)
        )
    assert count == len(there) == len(files(tmp_path / "back")) and [error.line - 1 for error in errors] == lost
    assert calls == [(i, 20) for i in range(1, 21)]


@pytest.mark.parametrize("numbers", [[0], [2], [1, 2], [0, 3], [-1]])
def test_without_the_index(tree, path, numbers):
    """Other frames are found, and files whose runs are lost are read again."""
    lost = []
    for place, size, rids in [frames(path)[number] for number in numbers]:
        damage(path, place + size // 2)
        lost += rids
    os.remove(path + ".index")
    there = [rid for rid in range(20) if rid not in lost]
    before = open(path, "rb").read()
    for remade in False, True:
        runs = archive.open(path)
        assert len(runs) == len(there) and [run["rid"] for run in runs] == there
        assert runs.table("rid")["rid"].tolist() == there
        assert all("of zstd at byte" in str(error) for error in runs.damaged)
        assert len(runs.damaged) == (1 if numbers == [1, 2] else len(numbers))  # those in a row are one
        report = archive.mirror(tree, path)
        assert (report.added, report.unchanged) == ((0, 20) if remade else (len(lost), len(there)))
        there += [] if remade else lost
    assert open(path, "rb").read()[: len(before)] == before
    assert sorted(run["rid"] for run in archive.open(path)) == list(range(20))


def test_damage_anywhere(tree, path, tmp_path):
    """Whatever byte of a frame is another one, also in its header: all other frames are there."""
    chance = random.Random(6)
    whole = open(path, "rb").read()
    place, size, lost = frames(path)[1]
    os.remove(path + ".index")
    for offset in [*range(14), *(chance.randrange(size) for _ in range(20)), size - 1]:
        copy = str(tmp_path / "copy.pyonl.zst")
        with open(copy, "wb") as file:
            file.write(whole)
        damage(copy, place + offset, bytes([whole[place + offset] ^ 0x55]))
        with archive.open(copy) as runs:
            assert [run["rid"] for run in runs] == [rid for rid in range(20) if rid not in lost], offset
            assert len(runs.damaged) == 1 and f"at byte {place} " in str(runs.damaged[0])


def test_what_begins_like_a_frame(path):
    whole = open(path, "rb").read()
    begin = b"\x28\xb5\x2f\xfd"
    for rubbish in begin * 1000, whole[:300] * 10, begin[:3], b"\0" * 131072 + begin * 2:
        with open(path, "wb") as file:
            file.write(whole + rubbish + whole)
        with contextlib.suppress(FileNotFoundError):
            os.remove(path + ".index")
        with archive.open(path) as runs:
            assert len(runs) == 20 and len(runs.damaged) == 1
            assert runs.table("rid").lines.tolist() == list(range(22, 42))


def test_a_repaired_frame(tree, path):
    """The index that does not have its runs is made anew, if it is the last one."""
    whole = open(path, "rb").read()
    place, size, lost = frames(path)[-1]
    damage(path, place + size // 2)
    os.remove(path + ".index")
    with writer.Writer(path):
        pass
    with archive.open(path) as runs:
        assert len(runs) == 20 - len(lost)
    with open(path, "wb") as file:
        file.write(whole)
    assert archive.mirror(tree, path).unchanged == 20
    check_once(path, files(tree))


def test_a_tail_after_a_damaged_frame(tree, path):
    """What a kill has left is no frame to go on with, and nothing is cut off that may be saved."""
    place, size, lost = frames(path)[-1]
    whole = open(path, "rb").read()
    damage(path, place + size // 2)
    with open(path, "ab") as file:
        file.write(whole[:500])
    before = open(path, "rb").read()
    assert archive.mirror(tree, path).added == len(lost)
    assert open(path, "rb").read().startswith(before)
