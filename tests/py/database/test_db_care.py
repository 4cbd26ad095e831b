# SPDX-License-Identifier: LGPL-3.0-or-later
"""python -m fastpyon db check, compact and repair."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest

from db import good, journal_lines, run, spoil, write_journal
from fastpyon import pyon
from fastpyon.database import Database, DatabaseError
from systems import posix


@pytest.fixture
def broken(path):
    """A database whose journal has lines 2, 3 | 5, 6 | 8: changes of a, b | list, list | c, and then 9: flush."""
    with Database(path) as db:
        db.update(a=0, list=[])
    db = Database(path, sync=None)
    db["a"] = 1
    db["b"] = 2
    db.flush()
    for n in 1, 2:
        db.apply({"action": "append", "path": ["list"], "x": n})
    db.flush()
    db["c"] = 3
    db.flush()
    db._writer.abandon()  # as a kill does
    assert len(journal_lines(path)) == 9
    return path


def data_of(path):
    with Database(path, readonly=True) as db:
        return dict(db)


WHOLE = {"a": 1, "b": 2, "list": [1, 2], "c": 3}


def content(path):
    """The bytes of all files of a database but the lock."""
    folder = os.path.dirname(path)
    return {name: open(f"{folder}/{name}", "rb").read() for name in os.listdir(folder) if not name.endswith("lock")}


# ---- check ---------------------------------------------------------------------------------------


def test_good_ones(broken):
    assert good("check", broken) == f"{broken}: good, 4 keys, 23 bytes, 5 changes in the journal\n"
    with open(f"{broken}.journal", "ab") as file:
        file.write(b"0123")
    before = content(broken)
    assert good("check", broken).endswith("5 changes in the journal, 4 bytes of a batch that is not whole\n")
    assert content(broken) == before


@pytest.mark.parametrize(
    "number, old, new, why",
    [
        (1, b'"version"', b'"versiom"', "the checksum is wrong"),
        (3, b'"b"', b'"x"', "the checksum is wrong"),
        (4, b'"flush"', b'"fluxh"', "the checksum is wrong"),
        (5, b"append", b"apxend", "the checksum is wrong"),
        (9, b'"flush"', b'"fluxh"', "the checksum is wrong"),
    ],
)
def test_a_bad_line_is_named(broken, number, old, new, why):
    spoil(broken, number, old, new)
    before = content(broken)
    done = run("check", broken)
    assert (done.status, done.out.count("fault")) == (1, 1)
    assert f"{broken}.journal:{number}: {why}" in done.err
    assert content(broken) == before


def test_every_bad_line_is_named(broken):
    texts = journal_lines(broken)
    texts[2] = b'{"action":"sort","path":["list"]}'
    texts[4] = texts[4].replace(b'"list"', b'"none"')
    texts[5] = b"[1"
    write_journal(broken, texts)
    spoil(broken, 8, b'"c"', b'"d"')
    done = run("check", broken)
    assert (done.status, done.out) == (1, f"{broken}: 4 faults\n")
    numbers = re.findall(r"journal:(\d+): ", done.err)
    assert numbers == ["3", "5", "6", "8"]
    assert "no action of a mod: 'sort'" in done.err and "it does not fit the data: KeyError: 'none'" in done.err
    assert "JSONDecodeError" in done.err and "the checksum is wrong" in done.err


def test_a_line_that_is_missing(broken):
    texts = open(f"{broken}.journal", "rb").read().split(b"\n")
    del texts[5]
    open(f"{broken}.journal", "wb").write(b"\n".join(texts))
    done = run("check", broken)
    assert done.status == 1 and "journal:6: the checksum is wrong, or a line before it is missing" in done.err


def test_a_snapshot_that_was_edited(broken):
    with open(broken, "a") as file:
        file.write("\n")
    done = run("check", broken)
    assert (done.status, done.out) == (1, f"{broken}: 1 fault\n")
    assert "no line of data.pyon.journal names the snapshot as it is now" in done.err


def test_a_key_that_is_there_twice(path):
    with open(path, "w") as file:
        file.write('{\n"a": 1,\n"b": 2,\n"a": 3\n}\n')
    done = run("check", path)
    assert (done.status, done.err) == (1, f"{path}:4: the key 'a' is in line 2, too: the last one counts\n")
    pyon.store_file(path, {"b": {"a": 1}, "a": 1}, )
    good("check", path)


def test_several_files(broken, path):
    folder = os.path.dirname(path)
    pyon.store_file(f"{folder}/good.pyon", {"a": [1, {}], "b": 2})
    pyon.store_file(f"{folder}/list.pyon", [])
    done = run("check", f"{folder}/list.pyon", f"{folder}/none.pyon", f"{folder}/good.pyon")
    assert done.status == 2
    assert "good.pyon: good" in done.out and "since 'b' is not [value, {metadata}]" in done.out
    assert "list.pyon: 1 fault" in done.out and "none.pyon: " in done.err


# ---- repair --------------------------------------------------------------------------------------


def repaired(path, *options):
    """Repairs a database, and returns its data. What was there is kept."""
    with open(f"{path}.journal", "rb") as file:
        before = file.read()
    snapshot = open(path, "rb").read()
    assert "of the journal kept; the old one is" in good("repair", path, *options)
    assert open(f"{path}.before-repair", "rb").read() == before
    assert open(path, "rb").read() == snapshot
    assert " good, " in good("check", path)
    assert "nothing to repair" in good("repair", path)
    return data_of(path)


def test_nothing_to_repair(broken):
    before = content(broken)
    for options in [], ["--cut"], ["--skip", "--use-snapshot"]:
        assert good("repair", broken, *options) == f"{broken}: there is nothing to repair\n"
    assert content(broken) == before


def test_it_says_what_each_option_does(broken):
    spoil(broken, 5, b"append", b"apxend")
    before = content(broken)
    done = run("repair", broken)
    assert (done.status, done.out) == (1, "")
    assert "journal:5: the checksum is wrong" in done.err
    assert "--cut keeps 2 changes" in done.err and "--skip keeps 4 changes, all" in done.err
    assert content(broken) == before
    assert run("repair", broken, "--use-journal").status == 1
    assert content(broken) == before


CUT = {
    2: {"a": 0, "list": []}, 3: {"a": 0, "list": []}, 4: {"a": 0, "list": []}, 5: {"a": 1, "b": 2, "list": []},
    6: {"a": 1, "b": 2, "list": []}, 7: {"a": 1, "b": 2, "list": []}, 8: {**WHOLE, "c": ...}, 9: {**WHOLE, "c": ...},
}  # fmt: skip
SKIP = {
    2: {**WHOLE, "a": 0}, 3: {**WHOLE, "b": ...}, 4: WHOLE, 5: {**WHOLE, "list": [2]}, 6: {**WHOLE, "list": [1]},
    7: WHOLE, 8: {**WHOLE, "c": ...}, 9: WHOLE,
}  # fmt: skip


@pytest.mark.parametrize("number", CUT)
@pytest.mark.parametrize("option, expected", [("--cut", CUT), ("--skip", SKIP)])
def test_a_bad_line(broken, number, option, expected):
    spoil(broken, number, b'"action"', b'"xction"')
    assert repaired(broken, option) == {key: x for key, x in expected[number].items() if x is not ...}


def test_a_bad_checksum_loses_nothing(broken):
    with open(f"{broken}.journal", "rb") as file:
        lines = file.read().split(b"\n")
    lines[4] = b"00000000" + lines[4][8:]
    with open(f"{broken}.journal", "wb") as file:
        file.write(b"\n".join(lines))
    assert data_of(broken) == WHOLE  # since the later checksums are those of all texts
    spoil(broken, 8, b'"c"', b'"d"')
    assert "journal:5: the checksum is wrong, but the text is as it was written" in run("check", broken).err
    assert repaired(broken, "--skip") == {key: x for key, x in WHOLE.items() if key != "c"}


def test_a_last_line_with_another_end(broken):
    with open(f"{broken}.journal", "rb+") as file:
        file.seek(-1, 2)
        file.write(b"\v")
    assert "journal:9: its end is wrong" in run("check", broken).err
    assert repaired(broken, "--skip") == WHOLE


@pytest.mark.parametrize("change", [(b"\n", b"\r\n"), (b"", b"\xef\xbb\xbf")])
def test_what_git_or_an_editor_has_added(broken, change):
    """CR at the ends of lines, or a byte order mark: no change is lost."""
    with open(f"{broken}.journal", "rb+") as file:
        before = file.read()
        file.seek(0)
        file.write(before.replace(*change, -1 if change[0] else 1))
    assert run("check", broken).status == 1
    assert "keeps 5 changes, all but" in run("repair", broken).err
    assert "5 changes" in good("repair", "--skip", broken)
    assert data_of(broken) == WHOLE


@pytest.mark.parametrize("content", [b"", b"\n", b"x" * 100 + b"\n"])
def test_a_journal_that_names_no_snapshot(broken, content):
    with open(f"{broken}.journal", "wb") as file:
        file.write(content)
    message = run("repair", broken).err
    assert "names a snapshot" in message and "was changed" not in message
    good("repair", "--use-snapshot", broken)
    assert data_of(broken) == {"a": 0, "list": []}


def test_lines_that_do_not_fit(broken):
    texts = journal_lines(broken)
    texts[4] = texts[4].replace(b'"list"', b'"none"')
    write_journal(broken, texts)
    assert repaired(broken, "--skip") == {**WHOLE, "list": [2]}


def test_the_first_line_is_lost(broken):
    spoil(broken, 1, b'"snapshot"', b'"xnapshot"')
    done = run("repair", broken, "--skip")
    assert done.status == 1 and "--use-journal applies them" in done.err
    assert repaired(broken, "--skip", "--use-journal") == WHOLE


def edit(path, old, new):
    with open(path) as file:
        text = file.read()
    assert old in text
    with open(path, "w") as file:
        file.write(text.replace(old, new))


@pytest.mark.parametrize("option, data", [("--use-snapshot", {"a": 7, "list": [0]}),
                                          ("--use-journal", {**WHOLE, "list": [0, 1, 2]})])  # fmt: skip
def test_an_edited_snapshot(broken, option, data):
    edit(broken, '"a": 0,\n"list": []', '"a": 7,\n"list": [0]')
    before = content(broken)
    for options in [], ["--cut"], ["--skip"]:
        done = run("repair", broken, *options)
        assert (done.status, done.out) == (1, "") and "--use-snapshot gives them up" in done.err
    assert content(broken) == before
    assert repaired(broken, option) == data


def test_changes_that_do_not_fit_the_edited_snapshot(broken):
    edit(broken, '"list"', '"other"')
    before = content(broken)
    done = run("repair", broken, "--use-journal")
    assert (done.status, done.out) == (1, "") and "--skip keeps 3 changes, all" in done.err
    assert "journal:5: it does not fit the data: KeyError: 'list'" in done.err
    assert content(broken) == before
    assert repaired(broken, "--use-journal", "--skip") == {"a": 1, "b": 2, "c": 3, "other": []}


def compacted(path, carried):
    """Adds the line of a compaction to a journal: the snapshot that it names has the data as they are."""
    texts = [*journal_lines(path)]
    snapshot = {"size": os.path.getsize(path), "crc": "00000000"}
    texts.append(pyon.encode({"action": "compact", "snapshot": snapshot, "changes": carried}).encode())
    texts.append(b'{"action":"flush","time":"2026-11-29T14:03:22.120000Z"}')
    write_journal(path, texts)


def test_an_edit_in_the_course_of_a_compaction(broken):
    compacted(broken, [])
    edit(broken, "0", "7")
    done = run("repair", broken, "--use-journal")
    assert done.status == 1 and "Line 10 of the journal begins a compaction" in done.err
    assert repaired(broken, "--use-snapshot") == {"a": 7, "list": []}


def test_a_bad_line_after_a_compaction(broken):
    """The changes that came in its course are kept, and what is before it does not count."""
    from zlib import crc32

    carried = [{"action": "setitem", "path": [], "key": "new", "value": 1}]
    compacted(broken, carried)
    pyon.store_file(broken, {"t": 1})
    crc = f"{crc32(open(broken, 'rb').read()):08x}".encode()
    texts = [text.replace(b'"00000000"', b'"%b"' % crc) for text in journal_lines(broken)]
    texts[9] = texts[9].replace(b'"size":23', b'"size":%d' % os.path.getsize(broken))
    write_journal(broken, [*texts, b'{"action":"setitem","path":[],"key":"last","value":1}', texts[-1]])
    assert data_of(broken) == {"t": 1, "new": 1, "last": 1}
    spoil(broken, 3, b'"b"', b'"x"')
    spoil(broken, 12, b'"last"', b'"lbst"')
    assert repaired(broken, "--cut") == {"t": 1, "new": 1}


def test_a_snapshot_that_is_broken_is_not_touched(broken):
    edit(broken, "{", "")
    before = content(broken)
    done = run("repair", broken, "--skip", "--use-snapshot")
    assert done.status == 1 and "Expecting value" in done.err or "Extra data" in done.err
    assert content(broken) == before


def test_old_journals_that_are_kept(broken):
    for _ in range(3):
        spoil(broken, 2, b'"action"', b'"xction"')
        good("repair", broken, "--skip")
    assert {f"data.pyon.before-repair{number}" for number in ("", "-1", "-2")} <= content(broken).keys()


def test_any_flip_of_a_bit_can_be_repaired(broken):
    with open(f"{broken}.journal", "rb") as file:
        journal = file.read()
    for at in range(len(journal) // 2, len(journal), 7):
        flipped = bytearray(journal)
        flipped[at] ^= 1 << at % 8
        with open(f"{broken}.journal", "wb") as file:
            file.write(flipped)
        try:
            data_of(broken)
        except DatabaseError:
            assert run("check", broken).status == 1
            assert run("repair", broken, "--skip", "--use-journal").status == 0
            assert data_of(broken)["a"] == 1


# ---- compact -------------------------------------------------------------------------------------


def test_compact(broken):
    assert good("compact", broken) == f"{broken}: 4 keys, 42 bytes\n"
    assert json.load(open(broken)) == WHOLE
    assert len(journal_lines(broken)) == 1


def test_compact_without_changes(path):
    pyon.store_file(path, {"b": 1, "a": 2})
    good("compact", path)
    with open(path) as file:
        assert file.read() == '{\n"a": 2,\n"b": 1\n}\n'


def test_progress_on_a_terminal(broken):
    """What takes half a second shows a bar, and wipes it away."""
    pty = pytest.importorskip("pty")
    script = (
        "import sys, time\n"
        "from fastpyon._db import progress\n"
        "progress._WAIT = progress._PERIOD = 0\n"
        "from fastpyon.__main__ import main\n"
        "sys.exit(main())\n"
    )
    ours, theirs = pty.openpty()
    folder = os.path.dirname(broken)
    command = [sys.executable, "-c", script, "db", "export", broken, f"{folder}/out.pyon"]
    done = subprocess.run(command, stderr=theirs, stdout=subprocess.PIPE)
    os.close(theirs)
    text = os.read(ours, 65536).decode()
    os.close(ours)
    assert done.returncode == 0 and done.stdout
    assert f"encode {broken} [" in text and " 0%" in text and text.endswith("\r\x1b[K")


@posix
def test_an_interrupt_ends_it_without_a_traceback():
    script = (
        "import sys\nfrom fastpyon import __main__\nfrom fastpyon._db import entries\n"
        "def get(options): raise KeyboardInterrupt\n"
        "entries.get = get\nsys.argv = ['fastpyon', 'db', 'get', 'x.pyon', 'a']\n__main__.main()"
    )
    done = subprocess.run([sys.executable, "-c", script], stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (-signal.SIGINT, b"")
