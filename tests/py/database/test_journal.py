# SPDX-License-Identifier: LGPL-3.0-or-later
"""Files of a database that are torn, damaged or edited: it opens to a state that existed, or says the line."""

import os
import shutil
from zlib import crc32

import pytest

from fastpyon import database, pyon
from fastpyon.database import lines

Database = database.Database


def content(path):
    """All files beside the database, except the lock."""
    folder = os.path.dirname(path)
    files = {}
    for name in os.listdir(folder):
        if not name.endswith(".lock"):
            with open(f"{folder}/{name}", "rb") as file:
                files[name] = file.read()
    return files


def write(path, files):
    folder = os.path.dirname(path)
    for name in os.listdir(folder):
        os.unlink(f"{folder}/{name}")
    for name, data in files.items():
        with open(f"{folder}/{name}", "wb") as file:
            file.write(data)


def append(x):
    return {"action": "append", "path": ["list"], "x": x}


@pytest.fixture
def states(path):
    """Makes a database with a snapshot and three batches: the files, and the data after each batch."""
    with Database(path) as db:
        db.update(a=1, list=[1])
    states = [{"a": 1, "list": [1]}]
    db = Database(path, sync=None)
    for n in range(3):
        db.apply(append(n))
        db["b"] = f"\ud800 {n}"
        db.apply(append(10 + n))
        db.flush()
        states.append({**db, "list": list(db["list"])})
    files = content(path)
    db.close()
    write(path, files)
    return files, states


def opened(path):
    with Database(path, sync=None) as db:
        return dict(db)


JOURNAL = "data.pyon.journal"


def test_the_journal_cut_at_every_byte(path, states):
    files, states = states
    whole = files[JOURNAL]
    header = whole.index(b"\n") + 1
    ends = [header] + [
        end
        for end in range(header, len(whole) + 1)
        if b'"flush"' in whole[:end].splitlines()[-1] and whole[end - 1] == 10
    ]
    assert len(ends) == 4
    for size in range(len(whole) + 1):
        write(path, {**files, JOURNAL: whole[:size]})
        if size < header:
            with pytest.raises(database.DamagedError, match="line 1 "):
                opened(path)
            assert content(path)[JOURNAL] == whole[:size]
            continue
        batches = sum(size >= end for end in ends) - 1
        assert dict(Database(path, readonly=True)) == states[batches]
        assert content(path)[JOURNAL] == whole[:size]  # a reader changes nothing
        assert opened(path) == states[batches]
        torn = whole[ends[batches] : size]
        assert content(path).get("data.pyon.torn", b"") == torn
        assert opened(path) == states[batches]
        assert len(content(path)) == 2 + bool(torn)


def test_what_is_torn_is_logged_and_kept_for_ever(path, states, caplog):
    files, states = states
    for n in range(3):
        with open(f"{path}.journal", "ab") as file:
            file.write(b"torn %d" % n)
        db = Database(path, sync=None)
        assert dict(db) == states[-1]
        db["new"] = n
        db.flush()
        kept = content(path)
        db.close()
        write(path, {name: data for name, data in {**kept, "data.pyon": files["data.pyon"]}.items()})
        assert "data.pyon.torn" in caplog.text
        states[-1]["new"] = n
    assert [kept[f"data.pyon.torn{end}"] for end in ("", "-1", "-2")] == [b"torn 0", b"torn 1", b"torn 2"]


def test_every_bit_of_the_last_two_lines(path, states):
    files, states = states
    whole = files[JOURNAL]
    begin = sum(map(len, whole.splitlines(keepends=True)[:-2]))
    number = whole.count(b"\n")
    for at in range(begin, len(whole)):
        for bit in range(8):
            flipped = bytearray(whole)
            flipped[at] ^= 1 << bit
            write(path, {**files, JOURNAL: bytes(flipped)})
            try:
                assert opened(path) == states[-1]  # all has been flushed
            except database.DamagedError as error:
                line = number if whole.find(b"\n", at) == len(whole) - 1 else number - 1
                assert f"line {line} " in str(error), (at, bit)
                assert content(path)[JOURNAL] == flipped


@pytest.mark.parametrize("number", range(1, 13))
def test_a_line_that_is_missing_or_another(path, states, number):
    files, states = states
    lines = files[JOURNAL].splitlines(keepends=True)
    damaged = [
        lines[: number - 1] + lines[number:],
        lines[: number - 1] + [b"xxxxxxxx {}\n"] + lines[number:],
        lines[: number - 1] + [b"\n"] + lines[number:],
        lines[: number - 1] + [lines[number - 1], *lines[number - 1 :]],
    ]
    for changed in damaged:
        write(path, {**files, JOURNAL: b"".join(changed)})
        for readonly in False, True:
            with pytest.raises(database.DamagedError, match=f"line {number} |line {number + 1} "):
                Database(path, readonly=readonly)
        assert content(path) == {**files, JOURNAL: b"".join(changed)}


def test_a_part_that_never_reached_the_disk(path, states):
    files, states = states
    lines = files[JOURNAL].splitlines(keepends=True)
    assert len(lines) == 13
    for hole in (9, 10, 12):
        data = b"".join(lines[:hole]) + bytes(len(lines[hole]) - 1) + b"\n" + b"".join(lines[hole + 1 :])
        write(path, {**files, JOURNAL: data})
        if hole == 12:  # the end of the last batch
            assert opened(path) == states[2]
            assert content(path)["data.pyon.torn"] == data[sum(map(len, lines[:9])) :]
        else:  # the end of the batch is there
            with pytest.raises(database.DamagedError, match=f"line {hole + 1} "):
                opened(path)
    write(path, {**files, JOURNAL: b"".join(lines[:10]) + bytes(4096)})
    assert opened(path) == states[2]


def frame(*texts):
    crc, data = 0, b""
    for text in texts:
        crc = crc32(text, crc)
        data += b"%08x %b\n" % (crc, text)
    return data


HEADER = b'{"action":"journal","version":1,"snapshot":null,"time":"2026-01-01T00:00:00Z"}'
FLUSH = b'{"action":"flush","time":"2026-01-01T00:00:00Z"}'


@pytest.mark.parametrize(
    "text",
    [
        b'{"action":"append","path":["none"],"x":1}',
        b'{"action":"append","path":[],"x":1}',
        b'{"action":"setitem","path":[],"key":1,"value":1}',
        b'{"action":"setitem","path":[1],"key":1,"value":1}',
        b'{"action":"pop","path":["list"],"i":5}',
        b'{"action":"unknown","path":[]}',
        b'{"action":["x"]}',
        b'{"path":[]}',
        b'{"action":"compact"}',
        b'{"action":"compact","snapshot":{"size":1,"crc":"x"}}',
        HEADER,
        b"[]",
        b"1],[2",
        b"1,2",
        b"",
        b'{"action":',
        b'{"__jsonclass__":["none",[]]}',
    ],
)
def test_a_line_that_does_not_fit(path, text):
    """With a right checksum, as by the hand of somebody who can compute one."""
    write(path, {JOURNAL: frame(HEADER, b'{"action":"setitem","path":[],"key":"list","value":[1]}', text, FLUSH)})
    before = content(path)
    for readonly in False, True:
        with pytest.raises(database.DamagedError, match="line 3 "):
            Database(path, readonly=readonly)
    assert content(path) == before


@pytest.mark.parametrize("first", [b"", b"{}", b"[]", FLUSH, HEADER.replace(b"1,", b"2,")])
def test_a_first_line_that_is_none(path, first):
    write(path, {JOURNAL: frame(first, FLUSH)})
    with pytest.raises(database.DamagedError, match="line 1 "):
        Database(path)


def test_to_delete_what_is_not_there_is_no_error_in_a_journal(path):
    write(path, {JOURNAL: frame(HEADER, b'{"action":"delitem","path":[],"key":"none"}', FLUSH)})
    assert opened(path) == {}


def test_values_that_are_nested_as_deep_as_the_decoder_allows(path):
    value = []
    for _ in range(300):
        value = [value]
    with Database(path) as db:
        db["deep"] = value
        db.flush()
        assert dict(Database(path, readonly=True)) == db
    assert opened(path) == {"deep": value}


# ---- Snapshots edited by hand ---------------------------------------------------------------------


def edit(path, data):
    with open(path, "wb") as file:
        file.write(data)


def test_an_edit_after_a_close_is_taken(path):
    with Database(path) as db:
        db["a"] = 1
    edit(path, b'{"a": 2, "b": 3, "b": 4}')
    with Database(path) as db:
        assert dict(db) == {"a": 2, "b": 4}
        db["c"] = 5
        db.flush()
        assert dict(Database(path, readonly=True)) == {"a": 2, "b": 4, "c": 5}
    assert opened(path) == pyon.load_file(path) == {"a": 2, "b": 4, "c": 5}
    os.unlink(path)
    assert opened(path) == {}


def test_an_edit_beside_changes_is_refused(path, states):
    files, states = states
    for edited in b'{"a": 2}', None:
        changed = {**files, "data.pyon": edited}
        if edited is None:
            del changed["data.pyon"]
        write(path, changed)
        for readonly in False, True:
            with pytest.raises(database.EditedError, match="Move the journal away"):
                Database(path, readonly=readonly)
        assert content(path) == changed
    # What the message says to do
    write(path, files)
    assert opened(path) == states[-1]
    write(path, {"data.pyon": b'{"a": 2}'})
    assert opened(path) == {"a": 2}


def test_an_edit_while_a_writer_is_open_is_not_lost(path, caplog):
    with Database(path) as db:
        db["a"] = 1
    db = Database(path)
    db["a"] = 2
    edit(path, b'{"a": 3}')
    with pytest.raises(database.EditedError):
        db.compact()
    db["b"] = 1
    db.close()
    assert "it is not replaced" in caplog.text
    assert pyon.load_file(path) == {"a": 3}
    with pytest.raises(database.EditedError):
        Database(path)
    edit(path, b'{\n"a": 1\n}\n')  # as it was
    assert opened(path) == {"a": 2, "b": 1}


def test_a_touch_of_the_snapshot_is_no_edit(path):
    with Database(path) as db:
        db["a"] = 1
        db.compact()
        shutil.copy(path, f"{path}.copy")
        os.replace(f"{path}.copy", path)
        db["a"] = 2
        db.compact()
    assert pyon.load_file(path) == {"a": 2}


@pytest.mark.parametrize("chunk", [1, 50, 120, 1000])
def test_the_size_of_the_chunks_does_not_matter(path, monkeypatch, chunk):
    """Whole journals, torn ones, and those with a bad line give the same, wherever a chunk ends."""
    with Database(path, sync=None) as db:
        for n in range(4):
            db[f"{n}"] = "x" * n * 60
            db.apply({"action": "setitem", "path": [], "key": "a", "value": [n]})
            db.apply({"action": "append", "path": ["a"], "x": n})
            db.flush()
        with open(f"{path}.journal", "rb") as file:
            journal = file.read()
        db._writer.abandon()

    def outcome(data):
        try:
            part = lines.Part(data, "x")
        except database.DamagedError as error:
            return str(error)
        return part.mods, part.end, part.crc

    for at in range(0, len(journal), 5):
        texts = journal, journal[:at], journal[:at] + b"x" + journal[at + 1 :]
        expected = [outcome(text) for text in texts]
        with monkeypatch.context() as patched:
            patched.setattr(lines, "_CHUNK", chunk)
            assert [outcome(text) for text in texts] == expected
