# SPDX-License-Identifier: LGPL-3.0-or-later
"""ARTIQ's DatasetDB and ours: the same, where LMDB works.

The tests run with sipyco, with ARTIQ's own class as well where ARTIQ and py-lmdb can be imported.
"""

import asyncio
import logging
import os

import pytest

pytest.importorskip("sipyco.sync_struct")
from sipyco.sync_struct import Notifier

from fastpyon import database, pyon, pyon_v1


def _artiqs():
    try:
        from artiq.master.databases import DatasetDB
    except ImportError as error:
        pytest.skip(f"no DatasetDB of ARTIQ: {error}")
    return DatasetDB


@pytest.fixture(params=["ours", "artiq"])
def open_db(request, path):
    """Opens the one database, by either class."""
    if request.param == "ours":
        return lambda **others: database.DatasetDB(path, **others)
    artiqs = _artiqs()
    return lambda **others: artiqs(path.replace(".pyon", ".mdb"), **others)


def mod(action, *path, **others):
    return {"action": action, "path": list(path), **others}


def saved(db, open_db):
    """What is there after a save and another opening."""
    db.save()
    db.close_db()
    return again(open_db)


def again(open_db):
    db = open_db()
    data = dict(db.data.raw_view)
    db.close_db()
    return data


def test_a_new_one(open_db):
    db = open_db()
    assert isinstance(db.data, Notifier)
    assert (db.data.raw_view, db.pending_keys, db.autosave_period) == ({}, set(), 30)
    assert db.persist_file.rpartition(".")[0].endswith("data")
    assert saved(db, open_db) == {}


def test_set_and_get(open_db):
    db = open_db(autosave_period=5)
    assert db.autosave_period == 5
    db.set("a", 1)
    db.set("b", [1, 2], persist=True, metadata={"unit": "s"})
    assert db.data.raw_view == {"a": (False, 1, {}), "b": (True, [1, 2], {"unit": "s"})}
    assert (db.get("b"), db.get_metadata("b"), db.get_metadata("a")) == ([1, 2], {"unit": "s"}, {})
    assert db.pending_keys == {"a", "b"}
    for get in db.get, db.get_metadata:
        with pytest.raises(KeyError):
            get("c")
    db.save()
    assert db.pending_keys == set()
    db.set("b", 3)  # keeps both
    db.set("a", 2, persist=True)
    db.set("c", 1, True, {"x": 1})
    db.set("c", 2, metadata={})
    assert db.data.raw_view["b"] == (True, 3, {"unit": "s"})
    assert saved(db, open_db) == {"a": (True, 2, {}), "b": (True, 3, {"unit": "s"}), "c": (True, 2, {})}


def test_only_what_persists_is_stored(open_db):
    db = open_db()
    db.set("a", 1, persist=True)
    db.set("b", 1, persist=True)
    db.set("c", 1)
    db.save()
    db.set("a", 2, persist=False)
    db.delete("b")
    db.delete("c")
    assert db.data.raw_view == {"a": (False, 2, {})}
    with pytest.raises(KeyError):
        db.delete("none")
    assert saved(db, open_db) == {}


def test_all_mods(open_db):
    db = open_db()
    db.update(mod("setitem", key="list", value=(True, [1, 2], {})))
    db.update(mod("setitem", key="other", value=(False, [1], {})))
    db.save()
    db.update(mod("append", "list", 1, x=3))
    db.update(mod("insert", "list", 1, i=0, x=0))
    db.update(mod("pop", "list", 1, i=1))
    db.update(mod("setitem", "list", 1, key=0, value=[]))
    db.update(mod("append", "list", 1, 0, x=(1, 2)))
    db.update(mod("setitem", "list", 2, key="unit", value="s"))
    db.update(mod("append", "other", 1, x=2))
    db.update(mod("setitem", key="gone", value=(True, 1, {})))
    db.update(mod("delitem", key="gone"))
    assert db.pending_keys == {"list", "other", "gone"}
    assert db.data.raw_view["other"] == (False, [1, 2], {})
    expected = {"list": (True, [[(1, 2)], 2, 3], {"unit": "s"})}
    assert saved(db, open_db) == expected


@pytest.mark.parametrize(
    "change, error",
    [
        (mod("append", "none", 1, x=1), KeyError),
        (mod("append", "a", 1, x=1), AttributeError),
        (mod("setitem", "a", key=1, value=2), AttributeError),
        (mod("pop", "list", 1, i=7), IndexError),
        (mod("append", x=1), AssertionError),
        (mod("delitem", key="none"), KeyError),
        (mod("none", "a", 1), ValueError),
        (mod("none", "list", 1, 7), IndexError),
        (mod("append", "none", 1), KeyError),
        (mod("append", "list", 1, "x"), TypeError),
        (mod(["x"], "none"), KeyError),
        (mod("none"), AssertionError),
    ],
)
def test_mods_that_do_not_fit(open_db, change, error):
    db = open_db()
    db.set("a", 1, persist=True)
    db.set("list", [1], persist=True)
    db.save()
    with pytest.raises(error):
        db.update(change)
    assert saved(db, open_db) == {"a": (True, 1, {}), "list": (True, [1], {})}


def test_what_is_not_saved_is_lost(open_db):
    db = open_db()
    db.set("a", 1, persist=True)
    db.set("list", [1], persist=True)
    db.save()
    db.set("a", 2)
    db.update(mod("append", "list", 1, x=2))
    db.set("b", 1, persist=True)
    db.close_db()
    assert again(open_db) == {"a": (True, 1, {}), "list": (True, [1], {})}


def test_keys_that_others_note(open_db):
    db = open_db()
    db.set("a", [1], persist=True)
    db.save()
    db.data["b"] = (True, 2, {})
    db.get("a").append(2)
    db.pending_keys.update({"a", "b", "none"})
    assert saved(db, open_db) == {"a": (True, [1, 2], {}), "b": (True, 2, {})}


def test_a_mod_of_what_others_have_put_there(open_db):
    db = open_db()
    db.data["a"] = (True, [1], {})
    db.pending_keys.add("a")
    db.update(mod("append", "a", 1, x=2))
    assert saved(db, open_db) == {"a": (True, [1, 2], {})}


def test_the_values_at_the_time_of_saving(open_db):
    """As in artiq_run, where an experiment and the database have the same list."""
    db = open_db()
    value = []
    db.set("a", value, persist=True)
    db.set("b", value, persist=True)
    value.append(1)
    db.update(mod("append", "a", 1, x=2))
    db.update(mod("pop", "b", 1, i=0))
    db.save()
    db.set("c", 1)
    db.close_db()
    assert again(open_db) == {"a": (True, [2], {}), "b": (True, [2], {})}


def test_changes_are_published(open_db):
    db = open_db()
    published = []
    db.data.publish = published.append
    db.set("list", [], persist=True)
    db.update(mod("append", "list", 1, x=1))
    db.delete("list")
    assert published == [
        mod("setitem", key="list", value=(True, [1], {})),
        mod("append", "list", 1, x=1),
        mod("delitem", key="list"),
    ]
    assert saved(db, open_db) == {}


def test_the_task_saves_when_it_is_stopped(open_db):
    async def work():
        db = open_db()
        db.set("before", 1, persist=True)
        db.start()
        await asyncio.sleep(0)
        db.set("a", 1, persist=True)
        await db.stop()
        assert db.pending_keys == set()
        db.close_db()

    asyncio.run(work())
    assert again(open_db) == {"before": (True, 1, {}), "a": (True, 1, {})}


def test_the_task_saves_by_itself(open_db):
    async def work():
        db = open_db(autosave_period=0.01)
        db.start()
        db.set("a", 1, persist=True)
        while db.pending_keys:
            await asyncio.sleep(0.01)
        await db.stop()
        db.close_db()

    asyncio.run(work())
    assert again(open_db) == {"a": (True, 1, {})}


def test_values(open_db):
    numpy = pytest.importorskip("numpy")
    db = open_db()
    values = {"int": 2**70, "text": "é\n", "tuple": (1, [None]), "dict": {1: 2}, "float": numpy.float64(0.1)}
    for key, value in values.items():
        db.set(key, value, persist=True)
    db.set("array", numpy.arange(6).reshape(2, 3), persist=True)
    db.update(mod("setitem", "array", 1, key=(1, slice(0, 2, None)), value=7))
    data = saved(db, open_db)
    assert data.pop("array")[1].tolist() == [[0, 1, 2], [7, 7, 5]]
    assert {key: value for key, (_, value, _) in data.items()} == values


def test_after_the_task_nothing_is_written_by_itself(open_db):
    async def work():
        db = open_db(autosave_period=0.01)
        db.start()
        db.set("a", 1, persist=True)
        await asyncio.sleep(0.02)
        await db.stop()
        db.set("b", 1, persist=True)
        await asyncio.sleep(0.05)
        db.close_db()

    asyncio.run(work())
    assert again(open_db) == {"a": (True, 1, {})}


# ---- Where LMDB does not work ---------------------------------------------------------------------


@pytest.fixture
def ours(path):
    return lambda **others: database.DatasetDB(path, **others)


@pytest.mark.parametrize("key", ["", "x" * 512, "\ud800"])
def test_keys_that_lmdb_cannot_have(ours, key):
    db = ours()
    db.set("before", 1, persist=True)
    db.set(key, 1, persist=True)
    db.set("after", 1, persist=True)
    assert saved(db, ours) == {"before": (True, 1, {}), key: (True, 1, {}), "after": (True, 1, {})}


@pytest.mark.parametrize("key, value", [("bad", object()), (1, 1), ("__jsonclass__", 1)])
def test_what_cannot_be_stored_is_left_out(ours, key, value, caplog):
    async def work():
        db = ours(autosave_period=0.01)
        db.start()
        db.set("before", 1, persist=True)
        db.set(key, value, persist=True)
        db.set("after", 1, persist=True)
        await asyncio.sleep(0.05)
        assert not db.task.done()
        db.set("later", 1, persist=True)
        assert db.get(key) == value
        await db.stop()
        db.close_db()

    asyncio.run(work())
    assert again(ours) == {name: (True, 1, {}) for name in ("before", "after", "later")}
    assert f"{key!r} is not stored" in caplog.text


def test_a_dataset_that_is_none(ours, caplog):
    db = ours()
    db.update(mod("setitem", key="bad", value=None))
    db.update(mod("setitem", key="short", value=(True,)))
    db.set("a", 1, persist=True)
    assert saved(db, ours) == {"a": (True, 1, {})}
    assert "'bad'" in caplog.text and "'short'" in caplog.text


def test_the_file(ours, path):
    db = ours()
    db.set("fit.freq", 14.5, persist=True, metadata={"unit": "MHz"})
    db.set("a", (1, 2), persist=True)
    db.set("other", 1)
    db.save()
    db.close_db()
    assert pyon.load_file(path) == {"a": [(1, 2), {}], "fit.freq": [14.5, {"unit": "MHz"}]}


def test_datasets_that_do_not_persist_are_not_written(ours, path):
    db = ours()
    db.set("a", 1)
    db.update(mod("setitem", key="list", value=(False, [], {})))
    db.update(mod("append", "list", 1, x=1))
    db.delete("a")
    db.save()
    with pytest.raises(FileNotFoundError):
        open(f"{path}.journal")
    db.close_db()


@pytest.mark.parametrize("store", [pyon.store_file, pyon_v1.store_file])
def test_a_file_of_artiq_7(ours, path, store):
    store(path, {"a": 1, "b": [1, 2]})
    assert again(ours) == {"a": (True, 1, {}), "b": (True, [1, 2], {})}
    db = ours()
    db.update(mod("append", "b", 1, x=3))
    assert saved(db, ours) == {"a": (True, 1, {}), "b": (True, [1, 2, 3], {})}
    assert pyon.load_file(path) == {"a": [1, {}], "b": [[1, 2, 3], {}]}


def test_a_file_of_which_nobody_knows(ours, path):
    pyon.store_file(path, {"a": [1, {}], "b": 2})
    for _ in range(2):
        with pytest.raises(database.DamagedError, match="'b'"):
            ours()


def test_journals_that_are_kept(ours, path):
    for keep in False, True:
        db = ours(keep_journals=keep)
        db.set("a", keep, persist=True)
        db.save()
        db.close_db()
        assert len([name for name in os.listdir(os.path.dirname(path)) if name.endswith("Z.journal")]) == keep


def test_beside_a_master(ours, caplog):
    master = ours()
    master.set("a", 1, persist=True)
    master.save()
    other = ours()
    assert "will not be saved" in caplog.text
    assert other.get("a") == 1
    other.save()
    other.set("a", 2)
    assert other.get("a") == 2
    with pytest.raises(database.LockedError):
        other.save()
    other.close_db()
    master.close_db()
    assert again(ours) == {"a": (True, 1, {})}


def test_the_first_error_is_logged_once(ours, caplog):
    caplog.set_level(logging.ERROR)
    db = ours()
    db.set("bad", object(), persist=True)
    for n in range(3):
        db.set("a", n, persist=True)
        db.save()
    db.close_db()
    assert caplog.text.count("is not stored") == 1


def test_mods_in_a_master_cost_what_they_are(ours, path):
    async def work():
        db = ours()
        db.set("list", list(range(1000)), persist=True)
        db.save()
        db.start()
        await asyncio.sleep(0)
        before = os.path.getsize(f"{path}.journal")
        db.update(mod("append", "list", 1, x=2))
        db.save()
        assert os.path.getsize(f"{path}.journal") < before + 200
        await db.stop()
        db.close_db()

    asyncio.run(work())
    assert again(ours)["list"][1][-1] == 2
