# SPDX-License-Identifier: LGPL-3.0-or-later
"""python -m fastpyon db get, set, delete and log."""

import os
import subprocess
import sys

import pytest

from db import COMMANDS, good, journal_lines, run, write_journal
from fastpyon.database import Database

DATASETS = {"fit.freq": [14.5, {"unit": "MHz"}], "counts": [[1, 2], {}]}


@pytest.fixture
def filled(path):
    def fill(data):
        with Database(path) as db:
            db.clear()
            db.update(data)
        return path

    return fill


def data_of(path):
    with Database(path, readonly=True) as db:
        return dict(db)


# ---- All of them --------------------------------------------------------------------------------



@pytest.mark.parametrize("name", COMMANDS)
def test_help(name):
    assert f"db {name}" in good(name, "--help")


def test_it_is_listed():
    done = subprocess.run([sys.executable, "-m", "fastpyon", "--help"], capture_output=True, text=True)
    assert "\n    db " in done.stdout
    assert all(f"\n    {name} " in good("--help") for name in COMMANDS)


ON_FILES = [
    ("check",), ("compact",), ("repair",), ("log",), ("get", "a"), ("set", "a", "1"), ("delete", "a"),
    ("export", "out.pyon"), ("import", "new.pyon"),
]  # fmt: skip


@pytest.mark.parametrize("command", ON_FILES, ids=lambda command: command[0])
@pytest.mark.parametrize(
    "make, status, message",
    [
        (lambda path: None, 2, "No such file or directory" if os.name == "posix" else ""),  # or a text of the system
        (os.mkdir, 2, "Is a directory" if os.name == "posix" else "Permission denied"),
        (lambda path: open(path, "x").close(), 1, "Expecting value: line 1 column 1 (char 0)"),
        (lambda path: open(path, "x").write('{"a": 1\n"b": 2}'), 1, "Expecting ',' delimiter: line 2 column 1"),
        (lambda path: open(path, "x").write("[1]"), 1, "is no dict whose keys are strs"),
        (lambda path: open(path, "xb").write(b'{"a": "\xff"}'), 1, "line 1 column 8"),
    ],
)
def test_files_that_are_none(path, command, make, status, message):
    name, *others = command
    make(path)
    folder = os.path.dirname(path)
    done = run(name, path, *[f"{folder}/{other}" if other.endswith(".pyon") else other for other in others])
    is_checked = name == "check" and status == 1
    assert (done.status, done.out) == (status, f"{path}: 1 fault\n" if is_checked else ""), done
    assert done.err.startswith("" if is_checked else f"fastpyon db {name}: ") and done.err.count("\n") == 1, done
    assert message in done.err and (path in done.err or repr(path) in done.err), done
    assert {*os.listdir(folder)} <= {"data.pyon", "data.pyon.lock"}


@pytest.mark.parametrize("command", [("set", "a", "1"), ("delete", "a"), ("compact",), ("repair",)])
def test_another_process_writes(filled, command):
    name, *others = command
    path = filled({"a": 1})
    with Database(path) as db:
        db["b"] = 2
        db.flush()
        done = run(name, path, *others)
        assert (done.status, done.out) == (2, "")
        assert f"process {os.getpid()} writes this database" in done.err and done.err.count("\n") == 1
    assert data_of(path) == {"a": 1, "b": 2}


def test_what_only_reads_needs_no_lock(filled):
    path = filled({"a": 1})
    with Database(path) as db:
        db["b"] = 2
        db.flush()
        assert good("get", path, "b", "a") == "2\n1\n"
        assert good("check", path).startswith(f"{path}: good, 2 keys")
        assert "b = 2" in run("log", path).out


def test_wait(filled):
    path = filled({"a": 1})
    script = (
        "import sys, time\n"
        "from fastpyon.database import Database\n"
        "db = Database(sys.argv[1])\n"
        "print('open', flush=True)\n"
        "time.sleep(0.2)\n"
        "db.close()\n"
    )
    other = subprocess.Popen([sys.executable, "-c", script, path], stdout=subprocess.PIPE)
    assert other.stdout.readline().strip() == b"open"
    good("set", "--wait", "60", path, "a", "2")
    assert other.wait() == 0
    other.stdout.close()
    assert data_of(path) == {"a": 2}


# ---- Entries ------------------------------------------------------------------------------------


def test_get(filled):
    path = filled({"a": (1, 2.5), "é\n": "é"})
    assert good("get", path, "a", "é\n") == '{"__jsonclass__":["tuple",[[1,2.5]]]}\n"\\u00e9"\n'


def test_get_datasets(filled):
    path = filled(DATASETS)
    assert good("get", path, "fit.freq", "counts") == "14.5\n[1,2]\n"
    assert good("get", "--entry", path, "fit.freq") == '[14.5,{"unit":"MHz"}]\n'
    path = filled({**DATASETS, "other": 1})
    assert good("get", path, "fit.freq") == '[14.5,{"unit":"MHz"}]\n'


def test_a_key_that_is_missing(filled):
    path = filled(DATASETS)
    done = run("get", path, "fit.frq", "counts", "none")
    assert (done.status, done.out) == (1, "[1,2]\n")
    assert done.err == (
        f"fastpyon db get: {path}: no key 'fit.frq'; did you mean 'fit.freq'?\n"
        f"fastpyon db get: {path}: no key 'none'\n"
    )
    for key in "count", "":
        done = run("delete", path, "fit.freq", key)
        assert (done.status, done.out) == (1, "") and f"no key {key!r}" in done.err
    assert data_of(path) == DATASETS


def test_set_and_delete(filled):
    path = filled({"a": 1})
    for text, value in ("-2.5", -2.5), ('"text"', "text"), ("(1, [True])", (1, [True])), ("[true]", [True]):
        assert good("set", path, "b", text) == ""
        assert data_of(path) == {"a": 1, "b": value}
    assert good("set", path, "b", "-", input=b"[1,\n2]\n") == ""
    assert data_of(path) == {"a": 1, "b": [1, 2]}
    assert good("delete", path, "b", "a", "b") == ""
    assert data_of(path) == {}


def test_set_keeps_the_metadata(filled):
    path = filled(DATASETS)
    good("set", path, "fit.freq", "15")
    good("set", path, "new", "[1, {}]")
    good("set", "--entry", path, "counts", '[3, {"unit": "s"}]')
    assert data_of(path) == {"fit.freq": [15, {"unit": "MHz"}], "new": [[1, {}], {}], "counts": [3, {"unit": "s"}]}


@pytest.mark.parametrize("text", ["left", "1 2", "", "[1", "open('x')"])
def test_a_value_that_is_none(filled, text):
    path = filled({"a": 1})
    done = run("set", path, "a", text)
    assert (done.status, done.out) == (1, "") and "is no PYON" in done.err
    assert data_of(path) == {"a": 1}


def test_a_key_that_cannot_be_stored(filled, caplog):
    path = filled({"a": 1})
    assert run("set", path, "__jsonclass__", "1").status == 1
    assert "'__jsonclass__' is not stored" in caplog.text
    assert data_of(path) == {"a": 1}


# ---- The log ------------------------------------------------------------------------------------


def change(db, *mods):
    for action, path, others in mods:
        db.apply({"action": action, "path": path, **others})
    db.flush()


def test_log_of_all_changes(filled):
    path = filled({"list": [1]})
    with Database(path, keep_journals=True) as db:
        change(db, ("append", ["list"], {"x": 2}), ("pop", ["list"], {"i": 0}))
        db["a b"] = {"x": [1]}
        db.flush()
        change(db, ("insert", ["a b", "x"], {"i": 0, "x": ()}), ("setitem", ["a b"], {"key": 1, "value": "é"}))
        db.compact()
        change(db, ("delitem", ["a b"], {"key": 1}))
        del db["a b"]
    done = run("log", path)
    assert (done.status, done.err) == (0, "")
    times, texts = zip(*[line.split("  ", 1) for line in done.out.splitlines()])
    assert list(times) == sorted(times) and len(times[0]) == len("2026-11-29T14:03:22.120000Z")
    assert texts == (
        "list.append(2)", "list.pop(0)", '"a b" = {"x":[1]}', '"a b"["x"].insert(0, {"__jsonclass__":["tuple",[[]]]})',
        '"a b"[1] = "\\u00e9"', 'del "a b"[1]', 'del "a b"',
    )  # fmt: skip
    assert [line.split("  ")[1] for line in good("log", path, "list").splitlines()] == ["list.append(2)", "list.pop(0)"]


def test_log_of_datasets(filled):
    path = filled(DATASETS)
    with Database(path) as db:
        change(
            db,
            ("append", ["counts", 0], {"x": 3}), ("setitem", ["fit.freq", 1], {"key": "unit", "value": "Hz"}),
            ("setitem", [], {"key": "new", "value": [1, {}]}), ("delitem", [], {"key": "new"}),
        )  # fmt: skip
        done = run("log", path)
        assert [line.split("  ")[1] for line in done.out.splitlines()] == [
            "counts.append(3)", 'fit.freq.metadata["unit"] = "Hz"', "del new",
        ]  # fmt: skip
        assert "no older journals are kept" in done.err
        assert "counts[0].append(3)" in run("log", "--entry", path).out


def test_log_without_changes(filled):
    path = filled({"fit.freq": 1})
    done = run("log", path, "fit.freq", "fit.frq")
    assert (done.status, done.out) == (1, "")
    assert "no older journals are kept" in done.err
    assert "no change of 'fit.freq' is in the journals" in done.err
    assert "no key 'fit.frq'; did you mean 'fit.freq'?" in done.err


def test_changes_in_the_course_of_a_compaction_are_logged_once(path, monkeypatch):
    from fastpyon.database import compaction

    with Database(path, keep_journals=True) as db:
        db.update({"a": [0], "b": 1})
        count = 0

        class Breath:
            def over(self):
                return True

            def take(self):
                nonlocal count
                count += 1
                db.apply({"action": "append", "path": ["a"], "x": count})

        monkeypatch.setattr(compaction, "_Breath", Breath)
        db.compact()
        monkeypatch.undo()
        db["a"] = 1
        db.flush()
        text = good("log", path, "a")
    assert count > 2
    expected = ["a = [0]", *[f"a.append({n})" for n in range(1, count + 1)], "a = 1"]
    assert [line.split("  ")[1] for line in text.splitlines()] == expected


def test_a_kept_journal_that_was_not_replaced_yet(filled):
    path = filled({"a": 1})
    with Database(path, keep_journals=True) as db:
        db["a"] = 2
        db.flush()
        os.link(f"{path}.journal", f"{path}.2026-11-29T140322.120000Z.journal")
        assert good("log", path).count("a = 2") == 1


def test_a_kept_journal_that_is_damaged(filled):
    path = filled({"a": 1})
    with open(f"{path}.2026-11-29T140322.120000Z.journal", "wb") as file:
        file.write(b"00000000 {}\n00000000 {}\n")
    with Database(path) as db:
        db["a"] = 2
        db.flush()
        done = run("log", path)
    assert done.status == 1 and "a = 2" in done.out and "140322.120000Z.journal': the checksum is wrong" in done.err


def test_a_database_without_a_journal(path):
    with open(path, "w") as file:
        file.write('{"a": 1}')
    assert run("log", path).out == ""
    assert good("get", path, "a") == "1\n"
    assert good("check", path) == f"{path}: good, 1 key, 8 bytes, 0 changes in the journal\n"


def test_a_database_that_is_only_a_journal(path):
    write_journal(path, [b'{"action":"journal","version":1,"snapshot":null,"time":"2026-11-29T14:03:22.120000Z"}',
                         b'{"action":"setitem","path":[],"key":"a","value":1}',
                         b'{"action":"flush","time":"2026-11-29T14:03:22.120000Z"}'])  # fmt: skip
    assert good("get", path, "a") == "1\n"
    assert good("check", path) == f"{path}: good, 1 key, 0 bytes, 1 change in the journal\n"
    good("set", path, "b", "2")
    assert data_of(path) == {"a": 1, "b": 2}
    assert len(journal_lines(path)) == 1
