# SPDX-License-Identifier: LGPL-3.0-or-later
"""Compaction: nothing is lost or applied twice, whatever the caller does meanwhile and wherever it stops."""

import os
import shutil
import subprocess
import threading

import pytest

from fastpyon import database, pyon
from fastpyon.database import compaction, files

Database = database.Database


def append(key, x):
    return {"action": "append", "path": [key], "x": x}


def test_one_key_changed_is_one_line_of_diff(path):
    if not shutil.which("git"):
        pytest.skip("no git")
    with Database(path) as db:
        for n in range(17000):
            db[f"key {n}"] = [n / 7, {"unit": "s"}]
    folder = os.path.dirname(path)

    def git(*arguments):
        command = ["git", "-c", "user.name=a", "-c", "user.email=a@b", "-C", folder, *arguments]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    git("init", "-q")
    git("add", "data.pyon")
    git("commit", "-q", "-m", "a")
    with Database(path) as db:
        db.apply({"action": "setitem", "path": ["key 8000"], "key": 0, "value": 0.5})
    assert git("diff", "--numstat").split() == ["1", "1", "data.pyon"]


def test_the_keys_of_the_data_are_not_copied(path):
    """To copy them takes the longer, the more there are, and the caller would have to wait."""

    class View:
        def __init__(self, data):
            self.get = data.get

    with Database(path) as db:
        db.update({f"{n}": n for n in range(20)})
        db._writer.store.view = View(db._data)
        db.compact()
        db.update({"new": 1, "15": "changed"})
        del db["3"]
        db.compact()
        assert pyon.load_file(path) == db


def test_keys_of_a_compaction_that_fails(path, monkeypatch):
    """It has taken over the new keys: the next one must have them, too."""
    with Database(path) as db:
        db["old"] = 1
        db.compact()
        db["new"] = 2
        replace = files.replace

        def fail_before(name, write, mode):
            raise OSError("before")

        def fail_after(name, write, mode):
            def then_fail(file):
                write(file)
                raise OSError("after")

            replace(name, then_fail, mode)

        def fail_inside(name, write, mode):
            class File:
                def write(self, data):
                    raise OSError("inside")

            write(File())

        for number, fail in enumerate([fail_before, fail_after, fail_inside]):
            with monkeypatch.context() as patched:
                patched.setattr(files, "replace", fail)
                with pytest.raises(OSError):
                    db.compact()
            db[f"{number}"] = number
            db.flush()
            assert dict(Database(path, readonly=True)) == db
        db.compact()
        assert pyon.load_file(path) == db == {"old": 1, "new": 2, "0": 0, "1": 1, "2": 2}


@pytest.fixture
def changing(monkeypatch):
    """Calls a function at each pause of a compaction, where other threads have their turn."""

    def begin(function):
        class Breath:
            def over(self):
                function()
                return True

            def take(self):
                function()

        monkeypatch.setattr(compaction, "_Breath", Breath)

    return begin


def test_changes_of_all_kinds_in_the_course_of_one(path, changing):
    """Keys before and after the one that is being encoded, and itself."""
    large = list(range(100_000))
    with Database(path) as db:
        for n in range(20):
            db[f"{n:02}"] = [n]
        db["05"] = list(large)
        db["15"] = list(large)
        turn = 0

        def change():
            nonlocal turn
            turn += 1
            db.apply(append(f"{turn % 20:02}", turn))
            db[f"new {turn % 30}"] = turn
            db.pop(f"new {turn % 7}", None)
            if turn % 3 == 0:
                db.apply({"action": "pop", "path": ["05"], "i": 0})
                db.apply({"action": "insert", "path": ["15"], "i": 3, "x": turn})
            if turn % 5 == 0:
                db["07"] = [object(), turn] if turn % 2 else [turn]

        changing(change)
        for _ in range(3):
            db["07"] = [0]
            db.compact()
            db["07"] = [0]
            db.flush()
            assert dict(Database(path, readonly=True)) == dict(db)
        assert turn > 50
        expected = dict(db)
        changing(lambda: None)
    with Database(path) as db:
        assert dict(db) == expected


def test_a_list_that_grows_all_the_time(path, changing):
    with Database(path) as db:
        db["list"] = list(range(200_000))
        changing(lambda: db.apply(append("list", 1)))
        db.compact()
        db.flush()
        assert dict(Database(path, readonly=True)) == dict(db)
        changing(lambda: None)


def test_keys_that_come_and_go(path, changing):
    with Database(path) as db:
        db.update({f"{n}": n for n in range(30)})
        keys = iter(range(30))

        def change():
            n = next(keys, None)
            if n is not None:
                del db[f"{29 - n}"]
                db[f"{n} new"] = [n]
                db.apply(append(f"{n} new", n))

        changing(change)
        db.compact()
        db.flush()
        assert dict(Database(path, readonly=True)) == dict(db)
        changing(lambda: None)
        expected = dict(db)
    with Database(path) as db:
        assert dict(db) == expected


def test_a_value_that_cannot_be_stored_from_then_on(path, changing):
    with Database(path) as db:
        db.update({f"{n}": [n] for n in range(30)})
        count = 0

        def change():
            nonlocal count
            count += 1
            if count == 3:
                for n in range(30):
                    db[f"{n}"] = [object()]
                    db.apply(append(f"{n}", 1))
            if count == 20:
                db["10"] = "new"

        changing(change)
        db.compact()
        assert pyon.load_file(path).keys() == db.keys()
        db.flush()
        changing(lambda: None)
        expected = {f"{n}": [n] for n in range(30)}
        if count >= 20:
            expected["10"] = "new"
        assert dict(Database(path, readonly=True)) == expected


@pytest.mark.parametrize("stop", ["before", "marked", "renamed", "done"])
def test_each_state_opens_to_the_same(path, stop, monkeypatch, changing):
    """The files as a kill leaves them between two steps of the table in docs/database.md."""
    folder = os.path.dirname(path)
    with Database(path) as db:
        db.update(a=[1], b=[2], c=[3])
    db = Database(path, sync=None)
    db.apply(append("a", 2))
    db.apply(append("c", 4))
    db.flush()
    expected = []
    state = f"{folder}/state"

    def keep(name):
        if name == stop and not os.path.exists(state):
            os.mkdir(state)
            for file in "data.pyon", "data.pyon.journal":
                shutil.copy(f"{folder}/{file}", state)

    replace = files.replace

    def watched(name, write, mode):
        is_snapshot = not name.endswith(".journal")

        def then_keep(file):
            write(file)
            if is_snapshot:
                keep("marked")

        replace(name, then_keep, mode)
        keep("renamed" if is_snapshot else "done")

    monkeypatch.setattr(files, "replace", watched)
    keep("before")
    count = 0

    def change():
        nonlocal count
        count += 1
        if count == 4:  # "a" has been encoded, the others may not have been
            db.apply(append("a", count))
            db["new"] = 1

    changing(change)
    db.compact()
    changing(lambda: None)
    expected = dict(db)
    if stop == "before":
        expected = {"a": [1, 2], "b": [2], "c": [3, 4]}
    for readonly in True, False:
        with Database(f"{state}/data.pyon", readonly=readonly, sync=None) as copy:
            assert dict(copy) == expected
    assert pyon.load_file(f"{state}/data.pyon") == expected  # by the close
    db.close()


def test_a_journal_that_is_large_is_compacted_by_itself(path, monkeypatch):
    from fastpyon.database import flusher

    monkeypatch.setattr(flusher, "_LARGE", 1000)
    with Database(path, sync=None) as db:
        db["large"] = "x" * 5000
        db.flush()
        assert os.path.getsize(f"{path}.journal") < 1000  # larger than no snapshot
        for n in range(60):
            db["a"] = n
            db.flush()
            assert os.path.getsize(f"{path}.journal") < 5300  # the snapshot has 5030
        assert pyon.load_file(path)["a"] > 0
        assert dict(Database(path, readonly=True)) == db


def test_threads_that_change_while_it_goes_on(path):
    with Database(path, sync="always") as db:
        db.update({f"{n}": [] for n in range(500)})
        stop = threading.Event()

        def work(begin):
            n = begin
            while not stop.is_set():
                n += 7
                db.apply(append(f"{n % 500}", n))

        threads = [threading.Thread(target=work, args=(n,)) for n in range(2)]
        for thread in threads:
            thread.start()
        for _ in range(5):
            db.compact()
        stop.set()
        for thread in threads:
            thread.join()
        db.flush()
        assert dict(Database(path, readonly=True)) == dict(db)
