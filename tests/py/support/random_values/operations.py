# SPDX-License-Identifier: LGPL-3.0-or-later
"""Random operations on a database beside a dict, which must always have the same."""

import copy
import os
import random

from fastpyon import database


def _value(dice, depth=0):
    kind = dice.randrange(9)
    if kind < 3 and depth < 3:
        return [_value(dice, depth + 1) for _ in range(dice.randrange(4))]
    if kind == 3 and depth < 3:
        return {str(n): _value(dice, depth + 1) for n in range(dice.randrange(4))}
    return dice.choice([None, True, -1, 2.5, 10**30, "text", "\ud800\n", (1, 2), b"bytes", float("inf")])


def _place(dice, data, key):
    """The path of a random list or dict inside a value, and itself; None if the value is neither."""
    path, inside = [key], data[key]
    while type(inside) in (list, dict):
        below = [n for n in (inside if type(inside) is dict else range(len(inside))) if type(inside[n]) in (list, dict)]
        if not below or dice.random() < 0.5:
            return path, inside
        path = [*path, dice.choice(below)]
        inside = inside[path[-1]]
    return None


def mod(dice, data):
    """A random change of the data, as a mod."""
    key = f"key {dice.randrange(40)}"
    if key not in data or dice.random() < 0.2:
        return {"action": "setitem", "path": [], "key": key, "value": _value(dice)}
    if dice.random() < 0.1:
        return {"action": "delitem", "path": [], "key": key}
    place = _place(dice, data, key)
    if place is None:
        return {"action": "setitem", "path": [], "key": key, "value": [_value(dice)]}
    path, inside = place
    if type(inside) is dict:
        return {"action": "setitem", "path": path, "key": str(dice.randrange(5)), "value": _value(dice, 2)}
    kind = dice.randrange(4)
    if kind < 2 or not inside:
        return {"action": "append", "path": path, "x": _value(dice, 2)}
    if kind == 2:
        return {"action": "insert", "path": path, "i": dice.randrange(len(inside) + 1), "x": _value(dice, 2)}
    if dice.random() < 0.5:
        return {"action": "pop", "path": path, "i": dice.randrange(-len(inside), len(inside))}
    return {"action": "delitem", "path": path, "key": dice.randrange(len(inside))}


def perform(data, mod):
    """Applies a mod to the dict, by other code than the database has."""
    mod = copy.deepcopy(mod)
    for key in mod["path"]:
        data = data[key]
    if mod["action"] == "setitem":
        data[mod["key"]] = mod["value"]
    elif mod["action"] == "delitem":
        del data[mod["key"]]
    elif mod["action"] == "append":
        data.append(mod["x"])
    elif mod["action"] == "insert":
        data.insert(mod["i"], mod["x"])
    else:
        data.pop(mod["i"])


def run(path, seed, count):
    """Performs that many operations; reopens, flushes, compacts and kills at random."""
    dice = random.Random(seed)
    expected, flushed = {}, {}
    db = database.Database(path, sync=None)
    reader = database.Database(path, readonly=True)
    for n in range(count):
        change = mod(dice, expected)
        perform(expected, change)
        db.apply(copy.deepcopy(change))
        event = dice.random()
        if event < 0.02:
            db.flush()
            flushed = copy.deepcopy(expected)
            reader.refresh()
            assert dict(reader) == flushed, (seed, n)
        elif event < 0.022:
            db.compact()
            flushed = copy.deepcopy(expected)
        elif event < 0.024:
            db.close()
            db = database.Database(path, sync=None)
            assert dict(db) == expected, (seed, n)
            flushed = copy.deepcopy(expected)
        elif event < 0.026:
            db = killed(db, path)
            assert dict(db) == flushed, (seed, n)
            expected = copy.deepcopy(flushed)
    db.close()
    reader.refresh()
    assert dict(reader) == dict(database.Database(path, readonly=True)) == expected
    reader.close()


def killed(db, path):
    """What another process finds after this one was killed: the files are copied while they are open."""
    files = {}
    for name in path, f"{path}.journal":
        if os.path.exists(name):
            with open(name, "rb") as file:
                files[name] = file.read()
    db.close()
    for name in path, f"{path}.journal":
        if os.path.exists(name):
            os.unlink(name)
    for name, data in files.items():
        with open(name, "wb") as file:
            file.write(data)
    return database.Database(path, sync=None)
