# SPDX-License-Identifier: LGPL-3.0-or-later
"""Values that cannot be stored, exceptions of ``on_error``, and files that others change while a writer is open."""

import os
import shutil
import sys

import pytest

from changes import mod, reopened
from fastpyon import database, pyon
from systems import replaces_open_files

Database = database.Database


def test_a_value_that_cannot_be_stored_is_left_out(path, caplog):
    told = []
    with Database(path, on_error=told.append) as db:
        db["good"] = 1
        db["bad"] = object()
        db["list"] = [1]
        db.apply(mod("append", "list", x=object()))
        db.apply(mod("append", "list", x=2))
        db["other"] = 2
        assert set(db.errors) == {"bad", "list"}
        assert isinstance(db.errors["bad"], database.NotStored) and isinstance(db.errors["bad"].error, TypeError)
        db.flush()
        stored = {"good": 1, "list": [1], "other": 2}
        assert dict(Database(path, readonly=True)) == stored
        db.compact()
        assert pyon.load_file(path) == stored
        db["other"] = 3
    assert [error.key for error in told] == ["bad", "list", "list"]
    assert "'bad'" in caplog.text and "'list'" in caplog.text
    assert reopened(path) == {**stored, "other": 3}


def test_the_next_change_mends_a_key(path):
    with Database(path) as db:
        db["list"] = [1, object(), 3]
        db.apply(mod("append", "list", x=4))
        assert set(db.errors) == {"list"}
        db.apply(mod("pop", "list", i=1))
        assert not db.errors
        db.apply(mod("append", "list", x=5))
        db["gone"] = object()
        del db["gone"]
        assert not db.errors
        db.flush()
        assert dict(Database(path, readonly=True)) == {"list": [1, 3, 4, 5]}
    assert reopened(path) == {"list": [1, 3, 4, 5]}


def test_the_key_that_would_be_a_class(path):
    told = []
    with Database(path, on_error=told.append) as db:
        db["__jsonclass__"] = 1
        db["a"] = 1
        assert set(db.errors) == {"__jsonclass__"}
        del db["__jsonclass__"]
        assert not db.errors
        db["__jsonclass__"] = 2
    assert [error.key for error in told] == 2 * ["__jsonclass__"]
    assert reopened(path) == {"a": 1}


def test_a_mod_after_which_a_value_cannot_be_stored(path):
    """It can be encoded alone. All other keys are saved, and the disk keeps the value of this one."""
    with Database(path) as db:
        db.update(dict={"a": 1}, deep=[], other=1)
        db.apply(mod("setitem", "dict", key="__jsonclass__", value=1))
        for depth in range(sys.getrecursionlimit() + 100):
            db.apply(mod("append", "deep", *depth * [0], x=[]))
        db["other"] = 2
        assert set(db.errors) == {"dict", "deep"}
        db.compact()
        stored = pyon.load_file(path)
        assert (stored["dict"], stored["other"]) == ({"a": 1}, 2)
        db["deep"] = []
        db.apply(mod("delitem", "dict", key="__jsonclass__"))
        assert not db.errors
    assert reopened(path) == {"dict": {"a": 1}, "deep": [], "other": 2}


def test_a_value_as_deep_as_the_caller_can_encode(path):
    """The thread has more on its stack."""
    with Database(path) as db:
        db["other"] = value = []
        while "deep" not in db.errors:
            stored, value = value, [value]
            db["deep"] = value
        db["deep"] = stored
        db.compact()
        found = pyon.load_file(path)
    assert found["other"] == []
    found = found["deep"]
    while stored:  # to compare them at once takes more nesting than Python may have left
        assert len(found) == 1
        found, stored = found[0], stored[0]
    assert found == []


def test_a_value_that_was_changed_inside_keeps_what_is_stored(path):
    with Database(path) as db:
        db["a"] = [1]
        db["b"] = 1
        db["a"].append(object())
        db["b"] = 2
        db.compact()
        assert set(db.errors) == {"a"}
    assert reopened(path) == {"a": [1], "b": 2}


def test_an_exception_of_on_error_is_logged(path, caplog):
    def fail(error):
        raise RuntimeError("own")

    with Database(path, on_error=fail) as db:
        db["a"] = object()
        db["b"] = 1
    assert "own" in caplog.text
    assert reopened(path) == {"b": 1}


def test_nothing_that_on_error_raises_ends_the_thread(path):
    def leave(error):
        raise SystemExit(3)

    db = Database(path, on_error=leave)
    db["a"] = [1]
    db.flush()
    db["a"].append(object())
    with pytest.raises(SystemExit):
        db.compact()
    db["b"] = 1
    db.close()
    assert reopened(path) == {"a": [1], "b": 1}


def test_on_error_may_use_the_database(path):
    def note(error):
        db[error.key] = "not stored"

    with Database(path, on_error=note) as db:
        db["a"] = object()
    assert reopened(path) == {"a": "not stored"}


# ---- Files that others change ---------------------------------------------------------------------


def remove(name):
    os.unlink(name)


def exchange(name):
    shutil.copy(name, f"{name}.copy")
    os.replace(f"{name}.copy", name)


def cut(name):
    os.truncate(name, 10)


def extend(name):
    with open(name, "ab") as file:
        file.write(100 * b"x")


@replaces_open_files
@pytest.mark.parametrize("ending", ["", ".journal"])
@pytest.mark.parametrize("spoil", [remove, exchange, cut, extend])
def test_files_that_others_change_while_a_writer_is_open(path, ending, spoil, caplog):
    """A journal is written anew, with all that is in memory, and so is a snapshot that was removed."""
    with Database(path) as db:
        db["a"] = 1
    db = Database(path, sync=None)
    db["b"] = 2
    db.flush()
    spoil(path + ending)
    db["c"] = 3
    expected = {"a": 1, "b": 2, "c": 3}
    db.flush()
    if ending:
        assert "another program has changed the journal" in caplog.text
        assert dict(Database(path, readonly=True)) == expected
        db["d"] = expected["d"] = 4
        db.flush()
        assert dict(Database(path, readonly=True)) == expected
    if not ending and spoil in (cut, extend):  # somebody may have edited it
        with pytest.raises(database.EditedError):
            db.compact()
        db.close()
    else:
        db.close()
        assert reopened(path) == expected


@replaces_open_files
def test_a_journal_that_is_lost_beside_an_edited_snapshot(path):
    """Nothing can be written: flush says so."""
    with Database(path) as db:
        db["a"] = 1
    db = Database(path, sync=None)
    db["b"] = 2
    db.flush()
    extend(path)
    remove(f"{path}.journal")
    db["c"] = 3
    with pytest.raises(database.EditedError):
        db.flush()
    remove(path)
    db.flush()
    assert pyon.load_file(path) == {"a": 1, "b": 2, "c": 3}
    db.close()
