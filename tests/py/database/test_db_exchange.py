# SPDX-License-Identifier: LGPL-3.0-or-later
"""python -m fastpyon db import and export."""

import errno
import os
import stat
import subprocess
import sys

import pytest

from db import good, run
from fastpyon import pyon, pyon_v1
from fastpyon.database import Database, files
from systems import posix

ROWS = {"array.x": [(1, 2.5), {"unit": "s"}], "b": ["é\n", {}], "c": [[1, {}], {}]}
VALUES = {key: row[0] for key, row in ROWS.items()}


@pytest.fixture
def folder(path):
    return os.path.dirname(path)


@pytest.fixture
def lmdb():
    return pytest.importorskip("lmdb")


@pytest.fixture
def filled(path):
    with Database(path) as db:
        db.update(ROWS)
    return path


def data_of(path):
    with Database(path, readonly=True) as db:
        return dict(db)


def write_lmdb(lmdb, path, texts):
    with lmdb.open(path, subdir=False, map_size=2**30) as file, file.begin(write=True) as transaction:
        for key, text in texts.items():
            transaction.put(key.encode(), text.encode())


def read_lmdb(lmdb, path):
    with lmdb.open(path, subdir=False, readonly=True) as file, file.begin() as transaction:
        return {key.decode(): text.decode() for key, text in transaction.cursor()}


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


# ---- LMDB ---------------------------------------------------------------------------------------

KINDS = {
    "April 2023": ({key: pyon_v1.encode(value) for key, value in VALUES.items()}, False),
    "ARTIQ 8": ({key: pyon_v1.encode(tuple(row)) for key, row in ROWS.items()}, True),
    "ARTIQ 9": ({key: pyon.encode(tuple(row)) for key, row in ROWS.items()}, True),
    "lists": ({key: pyon.encode(row) for key, row in ROWS.items()}, True),
}
OPTIONS = {"April 2023": ["--v1", "--values"], "ARTIQ 8": ["--v1"], "ARTIQ 9": []}


@pytest.mark.parametrize("kind", KINDS)
def test_import_of_each_kind(lmdb, folder, path, kind):
    texts, has_metadata = KINDS[kind]
    write_lmdb(lmdb, f"{folder}/old.mdb", texts)
    assert good("import", f"{folder}/old.mdb", path) == f"{path}: 3 datasets of {folder}/old.mdb\n"
    assert data_of(path) == (ROWS if has_metadata else {key: [value, {}] for key, value in VALUES.items()})
    assert read_lmdb(lmdb, f"{folder}/old.mdb") == texts


@pytest.mark.parametrize("kind", OPTIONS)
def test_export_of_each_kind(lmdb, folder, filled, kind):
    out = f"{folder}/out.mdb"
    assert good("export", filled, out, *OPTIONS[kind]) == f"{out}: 3 datasets of {filled}\n"
    assert read_lmdb(lmdb, out) == KINDS[kind][0]
    assert {*os.listdir(folder)} <= {"data.pyon", "data.pyon.journal", "data.pyon.lock", "out.mdb", "out.mdb-lock"}


def test_values_that_look_like_datasets(lmdb, folder, path):
    write_lmdb(lmdb, f"{folder}/old.mdb", {"a": "(1, {})"})
    good("import", "--values", f"{folder}/old.mdb", path)
    assert data_of(path) == {"a": [(1, {}), {}]}


def test_an_empty_file_of_lmdb(lmdb, folder, path):
    write_lmdb(lmdb, f"{folder}/old.mdb", {})
    good("import", f"{folder}/old.mdb", path)
    assert data_of(path) == {}
    good("export", path, f"{folder}/new.mdb")
    assert read_lmdb(lmdb, f"{folder}/new.mdb") == {}


def test_the_real_class_reads_it(lmdb, folder, filled):
    try:
        from artiq.master.databases import DatasetDB
    except ImportError as error:
        pytest.skip(f"no DatasetDB of ARTIQ: {error}")
    good("export", filled, f"{folder}/out.mdb")
    db = DatasetDB(f"{folder}/out.mdb")
    assert db.data.raw_view == {key: (True, *row) for key, row in ROWS.items()}
    db.set("new", 1, persist=True)
    db.save()
    beside = [sys.executable, "-m", "fastpyon", "db", "import", "--force", f"{folder}/out.mdb", filled]
    subprocess.run(beside, check=True, stdout=subprocess.DEVNULL)
    db.close_db()
    assert data_of(filled) == {**ROWS, "new": [1, {}]}


def test_a_row_that_is_no_pyon(lmdb, folder, path):
    write_lmdb(lmdb, f"{folder}/old.mdb", {"a": "(1, {})", "bad": "(1, ", "b": "(2, {})"})
    done = run("import", f"{folder}/old.mdb", path)
    assert done.status == 1 and "b'bad' is left out: neither version 2" in done.err
    assert data_of(path) == {"a": [1, {}], "b": [2, {}]}


def test_a_key_that_a_text_cannot_have(lmdb, folder, path, caplog):
    write_lmdb(lmdb, f"{folder}/old.mdb", {"a": "(1, {})", "__jsonclass__": "(2, {})"})
    done = run("import", f"{folder}/old.mdb", path)
    assert (done.status, done.out) == (1, f"{path}: 1 dataset of {folder}/old.mdb\n")
    assert "'__jsonclass__' is not stored" in caplog.text
    assert data_of(path) == {"a": [1, {}]}


def test_keys_that_lmdb_cannot_have(lmdb, folder, path):
    keys = "", "x" * 512, "é" * 256, "\ud800"
    with Database(path) as db:
        db.update({key: [1, {}] for key in (*keys, "x" * 511, "é")})
    done = run("export", path, f"{folder}/out.mdb")
    assert done.status == 1 and done.err.count(" is left out: LMDB cannot have") == 4
    assert read_lmdb(lmdb, f"{folder}/out.mdb").keys() == {"x" * 511, "é"}


@pytest.mark.parametrize("content", [b"", b"x", b"{}\n", bytes(5000)])
def test_what_is_no_lmdb(lmdb, folder, path, content):
    with open(f"{folder}/old.mdb", "wb") as file:
        file.write(content)
    done = run("import", f"{folder}/old.mdb", path)
    assert (done.status, done.out) == (1, "")
    assert f"{folder}/old.mdb: it cannot be read as a file of LMDB" in done.err
    assert not os.path.exists(path)


@pytest.mark.parametrize("make, why", [(lambda path: None, "No such file"), (os.mkdir, "Is a directory")])
def test_what_is_no_file(lmdb, folder, path, make, why):
    make(f"{folder}/old.mdb")
    done = run("import", f"{folder}/old.mdb", path)
    assert done.status == 2 and f"{folder}/old.mdb: {why}" in done.err
    assert not os.path.exists(path)


@pytest.mark.parametrize("command", [("import", "old.mdb", "new.pyon"), ("export", "data.pyon", "out.mdb")])
def test_without_lmdb(folder, filled, monkeypatch, command):
    monkeypatch.setitem(sys.modules, "lmdb", None)
    open(f"{folder}/old.mdb", "x").close()
    name, *files = command
    before = set(os.listdir(folder))
    done = run(name, *[f"{folder}/{file}" for file in files])
    assert (done.status, done.out) == (2, "") and "pip install lmdb" in done.err
    assert set(os.listdir(folder)) == before


# ---- PYON ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("store", [pyon.store_file, pyon_v1.store_file])
def test_import_of_values(folder, path, store):
    store(f"{folder}/old.pyon", {"a": 1, "b": [1, 2]})
    good("import", f"{folder}/old.pyon", path)
    assert pyon.load_file(path) == {"a": [1, {}], "b": [[1, 2], {}]}


def test_import_of_a_database(folder, filled):
    with Database(filled, sync=None) as db:
        db["b"] = [2, {}]
        db.flush()  # it is in the journal
        good("import", filled, f"{folder}/new.pyon")
    assert data_of(f"{folder}/new.pyon") == {**ROWS, "b": [2, {}]}


def test_import_of_values_and_datasets(folder, path):
    pyon.store_file(f"{folder}/old.pyon", {"a": [1, {}], "b": 2})
    done = run("import", f"{folder}/old.pyon", path)
    assert done.status == 1 and "but not for 'b'. With --values" in done.err
    good("import", "--values", f"{folder}/old.pyon", path)
    assert data_of(path) == {"a": [[1, {}], {}], "b": [2, {}]}


def test_export_to_text(folder, filled):
    out = f"{folder}/out.pyon"
    for options, load, expected in (
        ([], pyon.load_file, ROWS), (["--values"], pyon.load_file, VALUES),
        (["--v1"], pyon_v1.load_file, ROWS), (["--v1", "--values"], pyon_v1.load_file, VALUES),
    ):  # fmt: skip
        good("export", "--force", filled, out, *options)
        assert load(out) == expected
    with open(out, encoding="utf-8") as file:
        assert file.read() == '{\n"array.x": (1, 2.5),\n"b": "\\u00e9\\n",\n"c": [1, {}]\n}\n'
    good("export", "--force", filled, out)
    with open(out, "rb") as text, open(filled, "rb") as snapshot:
        assert text.read() == snapshot.read()


def test_export_of_a_database_of_others(folder, path):
    pyon.store_file(path, {"a": 1})
    good("export", path, f"{folder}/out.pyon")
    assert pyon.load_file(f"{folder}/out.pyon") == {"a": 1}


def test_what_version_1_does_not_have(folder, path):
    class Point:
        pass

    pyon.register([Point], name="point", encode=lambda point: [1], decode=lambda x: Point())
    try:
        with Database(path) as db:
            db.update({"a": [1, {}], "point": [Point(), {}]})
        done = run("export", "--v1", path, f"{folder}/out.pyon")
    finally:
        pyon.deregister([Point], "point")
    assert done.status == 1 and "'point' is left out: " in done.err
    assert pyon_v1.load_file(f"{folder}/out.pyon") == {"a": [1, {}]}


# ---- Files that are there already ----------------------------------------------------------------


@posix
def test_import_replaces_nothing_unless_it_is_told_to(folder, filled):
    pyon.store_file(f"{folder}/old.pyon", {"a": 1})
    for name in filled, f"{filled}.journal":
        done = run("import", f"{folder}/old.pyon", filled)
        assert (done.status, done.out) == (2, "") and f"{name} exists: --force replaces it" in done.err
        if name == filled:
            assert data_of(filled) == ROWS
            os.remove(filled)
    os.remove(f"{filled}.journal")
    with Database(filled, sync=None) as db:
        db["b"] = 1
        db.flush()
        done = run("import", "--force", f"{folder}/old.pyon", filled)
        assert done.status == 2 and f"process {os.getpid()} writes" in done.err
    os.chmod(filled, 0o640)
    good("import", "--force", f"{folder}/old.pyon", filled)
    assert data_of(filled) == {"a": [1, {}]}
    assert mode(filled) == 0o640


def test_import_into_itself(path):
    pyon_v1.store_file(path, {"a": (1, 2)})
    good("import", "--force", path, path)
    assert pyon.load_file(path) == {"a": [(1, 2), {}]}


@posix
def test_export_replaces_nothing_unless_it_is_told_to(folder, filled):
    out = f"{folder}/out.pyon"
    for make in (lambda: open(out, "x").close()), (lambda: os.symlink("nowhere", out)):
        make()
        done = run("export", filled, out)
        assert (done.status, done.out) == (2, "") and f"{out} exists: --force replaces it" in done.err
        os.remove(out)
    os.mkdir(out)
    done = run("export", "--force", filled, out)
    assert done.status == 2 and out in done.err
    os.rmdir(out)
    done = run("export", "--force", filled, filled)
    assert done.status == 2 and "is a database with a journal" in done.err
    assert data_of(filled) == ROWS


@posix
def test_the_mode_is_that_of_any_new_file(folder, filled):
    old = os.umask(0o027)
    try:
        good("export", filled, f"{folder}/out.pyon")
        good("import", filled, f"{folder}/new.pyon")
    finally:
        os.umask(old)
    assert mode(f"{folder}/out.pyon") == mode(f"{folder}/new.pyon") == 0o640


@pytest.mark.parametrize("command", [("import", "data.pyon", "new.txt"), ("import", "old.txt", "new.pyon"),
                                     ("export", "data.pyon", "out.txt")])  # fmt: skip
def test_names_of_other_kinds(folder, filled, command):
    name, *files = command
    done = run(name, *[f"{folder}/{file}" for file in files])
    assert (done.status, done.out) == (2, "") and ".txt: the name does not end in ." in done.err


@pytest.mark.parametrize("command", [("export", "data.pyon", "out.pyon"), ("import", "old.pyon", "data.pyon")])
def test_a_full_disk(folder, filled, monkeypatch, command):
    pyon.store_file(f"{folder}/old.pyon", {"a": 1})
    pyon.store_file(f"{folder}/out.pyon", {"b": 1})
    before = {name: open(f"{folder}/{name}", "rb").read() for name in os.listdir(folder)}

    def fail(name, write, mode):
        raise OSError(errno.ENOSPC, "No space left on device", name)

    monkeypatch.setattr(files, "replace", fail)
    name, *names = command
    done = run(name, "--force", *[f"{folder}/{file}" for file in names])
    assert (done.status, done.out) == (2, "") and f"{folder}/{names[1]}: No space left" in done.err
    del before["data.pyon.lock"]
    assert {name: open(f"{folder}/{name}", "rb").read() for name in before} == before


@posix
def test_a_name_that_is_no_text(folder, filled):
    old = os.fsencode(folder) + b"/\xff.pyon"
    os.rename(filled, old)
    for command in ["check"], ["compact"], ["get", "b"], ["export", os.fsdecode(old[:-5] + b"-.pyon")], ["repair"]:
        name, *others = command
        done = subprocess.run([sys.executable, "-m", "fastpyon", "db", name, old, *others], capture_output=True)
        assert done.returncode == 0 and not done.stderr, done


def test_a_folder_where_lmdb_has_no_lock(lmdb, folder, path, monkeypatch):
    write_lmdb(lmdb, f"{folder}/old.mdb", {"a": "(1, {})"})
    os.remove(f"{folder}/old.mdb-lock")
    monkeypatch.setattr(os, "access", lambda name, mode: name != folder)
    good("import", f"{folder}/old.mdb", path)
    assert not os.path.exists(f"{folder}/old.mdb-lock")


def test_a_folder_that_is_not_there(folder, filled):
    for command in ("export", filled, f"{folder}/none/out.pyon"), ("import", filled, f"{folder}/none/new.pyon"):
        done = run(*command)
        assert (done.status, done.out) == (2, "") and f"{folder}/none/" in done.err and "No such file" in done.err
