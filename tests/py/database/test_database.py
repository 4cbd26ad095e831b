# SPDX-License-Identifier: LGPL-3.0-or-later
"""What a database does, on a disk that works."""

import collections
import dis
import json
import os
import subprocess
import sys
import threading

import pytest

from changes import mod, reopened
from fastpyon import database, pyon, pyon_v1
from systems import posix, replaces_open_files

Database = database.Database


def actions(path):
    """The actions of the journal, without the first line and the ends of batches."""
    with open(f"{path}.journal", "rb") as file:
        mods = [pyon.decode(line[9:]) for line in file]
    return [mod["action"] for mod in mods[1:] if mod["action"] != "flush"]


def test_it_is_a_dict_that_stays(path):
    with Database(path) as db:
        db["b"] = [1, 2.5, (3, None)]
        db["a"] = {1: 2}
        db.update(c=1, d=2)
        del db["c"]
        assert db.pop("d") == 2
        with pytest.raises(KeyError):
            del db["c"]
        with pytest.raises(KeyError):
            db["c"]
        assert (len(db), sorted(db), "a" in db, db.get("c")) == (2, ["a", "b"], True, None)
    assert reopened(path) == {"a": {1: 2}, "b": [1, 2.5, (3, None)]}


def test_all_mods(path):
    with Database(path) as db:
        db.apply(mod("setitem", key="list", value=[1, 2]))
        db.apply(mod("append", "list", x=3))
        db.apply(mod("insert", "list", i=0, x=0))
        db.apply(mod("pop", "list", i=1))
        db.apply(mod("setitem", "list", key=0, value={}))
        db.apply(mod("setitem", "list", 0, key="x", value=[]))
        db.apply(mod("append", "list", 0, "x", x=(1, 2)))
        db.apply(mod("setitem", key="gone", value=1))
        db.apply(mod("delitem", key="gone"))
        db.apply(mod("delitem", "list", key=1))
        db.flush()
        assert db == {"list": [{"x": [(1, 2)]}, 3]}
        assert dict(Database(path, readonly=True)) == db
    assert reopened(path) == {"list": [{"x": [(1, 2)]}, 3]}


def test_init_replaces_all(path):
    with Database(path) as db:
        db.update(a=1, b=2)
        db.apply({"action": "init", "struct": {"b": 3, "c": 4}})
        assert dict(db) == {"b": 3, "c": 4}
    assert reopened(path) == {"b": 3, "c": 4}


@pytest.mark.parametrize(
    "change, error",
    [
        (mod("setitem", "none", key=1, value=1), KeyError),
        (mod("pop", "list", i=5), IndexError),
        (mod("append", "number", x=1), AttributeError),
        (mod("append", x=1), ValueError),
        (mod("sort", "list"), ValueError),
        (mod("delitem", key="none"), KeyError),
        (mod("setitem", key=1, value=1), TypeError),
        (mod("append", "list"), KeyError),
        ({"action": "init", "struct": {"list": 2, 1: 1}}, TypeError),
    ],
)
def test_a_mod_that_does_not_fit_changes_nothing(path, change, error):
    with Database(path) as db:
        db.update(list=[1], number=1)
        db.flush()
        with pytest.raises(error):
            db.apply(change)
        db.flush()
        assert dict(db) == dict(Database(path, readonly=True)) == {"list": [1], "number": 1}


@pytest.mark.parametrize("key", ["", "x" * 5000, "\ud800", 'é\n\0"', "a.b", "\U0001f600"])
def test_any_key(path, key):
    with Database(path) as db:
        db[key] = 1
        db.flush()
        assert dict(Database(path, readonly=True)) == {key: 1}
    assert reopened(path) == pyon.load_file(path) == {key: 1}


def test_a_key_is_a_str(path):
    with Database(path) as db:
        with pytest.raises(TypeError):
            db[1] = 1
        assert not db


@pytest.mark.parametrize("change", ["del db[1]", "db.apply({'action': 'delitem', 'path': [], 'key': 1})"])
def test_a_key_that_cannot_be_there_is_not_deleted(path, change):
    with Database(path) as db:
        with pytest.raises((KeyError, TypeError)):
            exec(change)
        db.flush()
        assert not db.errors


def test_numpy_and_registered_types(path):
    numpy = pytest.importorskip("numpy")

    class Point:
        def __init__(self, x):
            self.x = x

    pyon.register([Point], name="point", encode=lambda point: [point.x], decode=Point)
    try:
        with Database(path) as db:
            db["array"] = numpy.arange(5.0)
            db["point"] = Point(1)
            db.apply(mod("setitem", "array", key=slice(0, 2, None), value=7))
            db.flush()
            read = dict(Database(path, readonly=True))
            assert read["array"].tolist() == [7, 7, 2, 3, 4]
            assert (type(read["point"]), read["point"].x) == (Point, 1)
    finally:
        pyon.deregister([Point], "point")


def test_numpys_empty_scalars(path):
    """PYON has a text for them that it cannot read: in a file, all else would be lost with them."""
    numpy = pytest.importorskip("numpy")
    with Database(path) as db:
        db.update(bytes=numpy.bytes_(b""), void=[numpy.void(b"")], voids=numpy.zeros(2, "V0"), text='"|S0" \'"|V0"\'')
        db.update(array=numpy.zeros(2, "S3"), list=[1])
        db.apply(mod("setitem", "array", key=0, value=db["array"][1]))
        db.apply(mod("append", "list", x=numpy.bytes_(b"")))
        db.flush()
        unreadable = {"bytes", "void", "voids", "array", "list"}
        assert set(db.errors) <= unreadable and set(db.errors) >= {"bytes", "void", "voids", "list"}
        db["other"] = 1
        db.compact()
    again = reopened(path)
    assert again["text"] == '"|S0" \'"|V0"\'' and again["other"] == 1 and again["list"] == [1]
    assert set(again) <= {"text", "other", "list", "array"}


class Doubles(list):
    def append(self, x):
        self.extend([x, x])


@pytest.mark.parametrize(
    "value, changes",
    [
        (collections.defaultdict(list), [mod("append", "key", "new", x=1)]),
        ([collections.defaultdict(list)], [mod("append", "key", 0, "new", x=1)]),
        (Doubles(), [mod("append", "key", x=1), mod("pop", "key", i=1)]),
    ],
)
def test_a_value_that_is_read_back_as_another_type(path, value, changes):
    """What a mod did to this value, it would not do to that one."""
    with Database(path) as db:
        db["key"] = value
        for change in changes:
            db.apply(change)
        db.flush()
        assert dict(Database(path, readonly=True)) == db


def test_a_field_of_an_array_of_structures(path):
    numpy = pytest.importorskip("numpy")
    with Database(path) as db:
        db["array"] = numpy.zeros(2, [("a", "i4")])
        db.apply(mod("setitem", "array", "a", key=0, value=5))
        db.flush()
        assert Database(path, readonly=True)["array"].tobytes() == db["array"].tobytes() == b"\5" + bytes(7)


def test_the_snapshot_has_a_line_for_each_key(path):
    with Database(path) as db:
        assert not os.path.exists(path)
        db.update({"b": [1, {"x": 2}], "a": 1.5, "\ud800": "é\n", "B": ()})
    with open(path, "rb") as file:
        assert file.read() == (
            b'{\n"B": {"__jsonclass__":["tuple",[[]]]},\n"a": 1.5,\n"b": [1,{"x":2}],\n"\\ud800": "\\u00e9\\n"\n}\n'
        )
    with Database(path) as db:
        db.clear()
    with open(path, "rb") as file:
        assert file.read() == b"{\n}\n"
    assert reopened(path) == {}


def test_a_close_without_changes_writes_nothing(path):
    with Database(path) as db:
        db["a"] = 1
    before = os.stat(path), os.stat(f"{path}.journal")
    reopened(path)
    assert (os.stat(path).st_ino, os.stat(f"{path}.journal").st_ino) == (before[0].st_ino, before[1].st_ino)


def test_changes_of_a_key_gather(path):
    with Database(path, sync=None) as db:
        db.update(a=1, list=[])
        for n in range(10):
            db["a"] = n
            db.apply(mod("append", "list", x=n))
        db.flush()
        assert actions(path) == ["setitem", "setitem"] + 10 * ["append"]
        db.apply(mod("append", "list", x=10))
        db["list"] = [1]
        db.apply(mod("append", "list", x=2))
        del db["a"]
        db.flush()
        assert actions(path)[12:] == ["setitem", "append", "delitem"]
        assert dict(Database(path, readonly=True)) == {"list": [1, 2]}


def test_what_is_stored_is_the_value_at_the_time_of_the_change(path):
    with Database(path, sync=None) as db:
        value = [1]
        db["a"] = value
        value.append(2)
        db.flush()
        assert dict(Database(path, readonly=True)) == {"a": [1]}


@pytest.mark.parametrize("sync", [1e12, float("inf")])
def test_a_time_that_never_comes(path, sync):
    arrived = threading.Event()
    with Database(path, sync=sync) as db:
        db._writer._flusher._seconds_left = lambda seconds=db._writer._flusher._seconds_left: (
            arrived.set() if seconds() else None,
            seconds(),
        )[1]
        db["a"] = 1
        arrived.wait()
        db.flush()
        assert dict(Database(path, readonly=True)) == {"a": 1}


@pytest.mark.parametrize("sync", ["always", 0, 0.01, 1])
def test_the_thread_writes_by_itself(path, sync):
    with Database(path, sync=sync) as db:
        db["a"] = 1
        reader = Database(path, readonly=True)
        while dict(reader) != {"a": 1}:  # a hang is a failure
            reader.refresh()


@pytest.mark.parametrize("sync", [-1, "never", "1"])
def test_a_time_that_is_none(path, sync):
    with pytest.raises(ValueError):
        Database(path, sync=sync)
    assert not os.listdir(os.path.dirname(path))


# ---- Files that were there ----------------------------------------------------------------------


def test_a_file_of_version_1(path):
    pyon_v1.store_file(path, {"a": (1, {2}), "b": None})
    assert reopened(path) == {"a": (1, {2}), "b": None}
    with Database(path) as db:
        db["c"] = 1
    assert pyon.load_file(path) == {"a": (1, {2}), "b": None, "c": 1}


def test_a_file_of_version_2_in_another_layout(path):
    pyon.store_file(path, {"b": 1, "a": [2]})
    with Database(path) as db:
        db.apply(mod("append", "a", x=3))
        db.flush()
        assert dict(Database(path, readonly=True)) == {"b": 1, "a": [2, 3]}
    with open(path) as file:
        assert file.read() == '{\n"a": [2,3],\n"b": 1\n}\n'


@pytest.mark.parametrize("text, error", [("[1]", database.DamagedError), ('{"a": ', json.JSONDecodeError)])
def test_a_file_that_is_no_dict(path, text, error):
    with open(path, "w") as file:
        file.write(text)
    for _ in range(2):  # and the lock is free again
        with pytest.raises(error, match="data.pyon"):
            Database(path)


@posix
def test_modes_stay(path):
    with Database(path) as db:
        db["a"] = 1
    os.chmod(path, 0o640)
    os.chmod(f"{path}.journal", 0o600)
    with Database(path) as db:
        db["a"] = 2
    assert [os.stat(name).st_mode & 0o777 for name in (path, f"{path}.journal")] == [0o640, 0o600]


@posix
def test_a_new_file_has_the_mode_of_the_umask(path):
    old = os.umask(0o027)
    try:
        with Database(path) as db:
            db["a"] = 1
    finally:
        os.umask(old)
    assert [os.stat(name).st_mode & 0o777 for name in (path, f"{path}.journal")] == [0o640, 0o640]


def test_kept_journals(path):
    with Database(path, keep_journals=True) as db:
        for n in range(3):
            db["a"] = n
            db.compact()
    folder = os.path.dirname(path)
    kept = sorted(name for name in os.listdir(folder) if name.endswith(".journal") and name != "data.pyon.journal")
    assert len(kept) == 3
    for n, name in enumerate(kept):
        with open(f"{folder}/{name}") as file:
            assert f'"key":"a","value":{n}' in file.read()


def test_another_folder_for_the_process(path, monkeypatch):
    folder = os.path.dirname(path)
    monkeypatch.chdir(folder)
    with Database("data.pyon") as db, Database("data.pyon", readonly=True) as reader:
        os.chdir("/")
        db["a"] = 1
        db.flush()
        assert reader.refresh() and dict(reader) == {"a": 1}
    assert sorted(os.listdir(folder)) == ["data.pyon", "data.pyon.journal", "data.pyon.lock"]
    assert reopened(path) == {"a": 1}


def test_an_empty_name(path, monkeypatch):
    monkeypatch.chdir(os.path.dirname(path))
    with pytest.raises(OSError):
        Database("")


# ---- Processes and threads ----------------------------------------------------------------------


def test_a_second_writer_is_told_the_first(path):
    with Database(path) as db:
        with pytest.raises(database.LockedError, match=f"process {os.getpid()} ") as caught:
            Database(path)
        assert caught.value.pid == os.getpid()
        with pytest.raises(database.LockedError):
            Database(path, wait=0.01)
        db["a"] = 1
    assert reopened(path) == {"a": 1}


def test_a_second_writer_may_wait(path):
    db = Database(path)
    db["a"] = 1
    found = []
    thread = threading.Thread(target=lambda: found.append(Database(path, wait=True)))
    thread.start()
    db.close()
    thread.join()
    assert dict(found[0]) == {"a": 1}
    found[0].close()


@posix
def test_a_process_made_by_fork_has_no_part_in_it(path):
    db = Database(path)
    db["a"] = 1
    ready, go_on = os.pipe(), os.pipe()
    if not (process := os.fork()):
        try:
            with pytest.raises(database.DatabaseError, match="fork"):
                db["a"] = 2
            with pytest.raises(database.DatabaseError, match="fork"):
                db.flush()
            assert dict(db) == {"a": 1}
            db.close()
            os.write(ready[1], b"y")
            os.read(go_on[0], 1)
        finally:
            os._exit(0)
    assert os.read(ready[0], 1) == b"y"
    db["b"] = 2
    db.close()
    assert reopened(path) == {"a": 1, "b": 2}  # the other one does not hold the lock
    os.write(go_on[1], b"x")
    os.waitpid(process, 0)
    for descriptor in (*ready, *go_on):
        os.close(descriptor)


def test_a_killed_process_leaves_what_was_flushed(path):
    script = (
        "import os, sys\nfrom fastpyon import database\ndb = database.Database(sys.argv[1], sync=None)\n"
        "db['a'] = 1\ndb.flush()\ndb['b'] = 2\nos._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, path], check=True)
    assert reopened(path) == {"a": 1}


def test_the_end_of_a_process_flushes(path):
    script = "import sys\nfrom fastpyon import database\ndb = database.Database(sys.argv[1], sync=None)\ndb['a'] = 1\n"
    subprocess.run([sys.executable, "-c", script, path], check=True)
    assert reopened(path) == {"a": 1}


def test_threads_change_at_once(path):
    with Database(path, sync="always") as db:
        db["list"] = []

        def work(number):
            for n in range(200):
                db[f"{number}.{n % 7}"] = n
                db.apply(mod("append", "list", x=number))

        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for _ in range(5):
            db.compact()
        for thread in threads:
            thread.join()
        db.flush()
        assert dict(Database(path, readonly=True)) == db
        assert len(db["list"]) == 800
        expected = dict(db)
    assert reopened(path) == expected


@replaces_open_files
def test_a_reader_follows(path):
    with Database(path, readonly=True) as reader:
        assert dict(reader) == {} and not reader.refresh()
        with Database(path) as db:
            db["a"] = [1]
            db.flush()
            assert reader.refresh() and not reader.refresh() and dict(reader) == db
            db.apply(mod("append", "a", x=2))
            db["b"] = 1
            db.flush()
            assert reader.refresh() and dict(reader) == db
            db.compact()
            db["c"] = 1
            db.flush()
            assert reader.refresh() and dict(reader) == db
            for change in lambda: reader.__setitem__("a", 1), reader.flush, reader.compact:
                with pytest.raises(database.DatabaseError, match="only read"):
                    change()
            with pytest.raises(database.DatabaseError):
                db.refresh()
        assert reader.refresh() and dict(reader) == {"a": [1, 2], "b": 1, "c": 1}


def test_a_reader_after_a_batch_that_does_not_fit(path):
    """A part of the batch is applied already: the next call must not apply it again."""
    from fastpyon.database import lines

    with Database(path) as db:
        db["a"] = [1]
    with Database(path, readonly=True) as reader:
        with open(f"{path}.journal", "rb+") as file:
            content = file.read()
            mods = mod("append", "a", x=2), mod("append", "none", x=2), {"action": "flush"}
            file.write(lines.frame([pyon.encode(mod).encode() for mod in mods], int(content[:8], 16))[0])
        for _ in range(2):
            with pytest.raises(database.DamagedError, match="line 3 "):
                reader.refresh()
        with open(f"{path}.journal", "rb+") as file:
            file.truncate(len(content))
            file.seek(len(content))
            file.write(lines.frame([pyon.encode(mod).encode() for mod in (mods[0], mods[2])], int(content[:8], 16))[0])
        assert reader.refresh() and dict(reader) == {"a": [1, 2]}


@replaces_open_files
def test_a_reader_follows_while_batches_and_compactions_go_on(path):
    with Database(path, sync="always") as db, Database(path, readonly=True) as reader:
        db.update(n=0, list=[])
        stop = threading.Event()

        def write():
            n = 0
            while not stop.is_set():
                n += 1
                db.apply(mod("append", "list", x=n))
                db["n"] = n
                if n % 50 == 0:
                    db.compact()

        thread = threading.Thread(target=write)
        thread.start()
        last = 0
        while last < 300 and thread.is_alive():
            reader.refresh()
            assert reader.get("list", []) == list(range(1, len(reader.get("list", [])) + 1))
            assert len(reader.get("list", [])) - reader.get("n", 0) in (0, 1)
            assert reader.get("n", 0) >= last
            last = reader.get("n", 0)
        stop.set()
        thread.join()
        assert last >= 300


def test_a_closed_database(path):
    db = Database(path)
    db["a"] = 1
    db.close()
    db.close()
    assert dict(db) == {"a": 1}
    for change in lambda: db.__setitem__("a", 2), db.flush, db.compact:
        with pytest.raises(database.DatabaseError, match="closed"):
            change()


def test_importing_the_package_does_not_import_the_database():
    script = "import sys, fastpyon\nfrom fastpyon import pyon\nassert 'fastpyon.database' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_close_that_is_interrupted(path, monkeypatch):
    db = Database(path)
    db["a"] = 1
    with monkeypatch.context() as patched:
        patched.setattr(threading.Thread, "join", lambda *arguments: (_ for _ in ()).throw(Interrupt))
        with pytest.raises(Interrupt):
            db.close()
    db.close()
    assert reopened(path) == {"a": 1}


class Own(Exception):
    pass


class Interrupt(BaseException):
    pass


@pytest.mark.parametrize("kind", [Own, Interrupt])
def test_a_signal_handler_between_any_two_steps(path, kind):
    """Its exception may leave a change half made in memory. Then the disk has what memory has.

    Handlers run after calls and jumps only.
    """

    def raise_at(at):
        last = {}

        def trace(frame, event, argument):
            nonlocal count
            if "database" not in frame.f_code.co_filename:
                return None
            frame.f_trace_opcodes = True
            if event == "opcode":
                count += last.get(frame, "").startswith(("CALL", "JUMP_", "RESUME"))
                last[frame] = dis.opname[frame.f_code.co_code[frame.f_lasti]]
            if count == at:
                count += 1
                raise kind
            return trace

        return trace

    with Database(path, sync=None) as db:
        for at in range(1, 5000):
            count = 0
            db[f"{at}"] = [1]
            sys.settrace(raise_at(at))
            try:
                db.apply(mod("append", f"{at}", x=2))
            except kind:
                pass
            finally:
                sys.settrace(None)
            db.apply(mod("append", f"{at}", x=3))
            if count < at:
                break
        assert at > 20
        assert {str(value) for value in db.values()} == {"[1, 3]", "[1, 2, 3]"}
        db.flush()
        assert dict(Database(path, readonly=True)) == dict(db)
        expected = dict(db)
    assert reopened(path) == expected
