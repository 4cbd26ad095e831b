# SPDX-License-Identifier: LGPL-3.0-or-later
"""Changes as sipyco's sync_struct describes them: dicts with the action, the path and what else the action needs."""

import sys

from fastpyon import _core, pyon

MISSING = object()

_PLAIN = frozenset((list, dict, tuple))
_UNREADABLE = b'"|S0"', b'"|V0"'  # dtypes of scalars and arrays that can be written, but not read
_SHALLOW = 100  # brackets and steps of a path: the encoder has no trouble with so many

# Each action, the other members of its mods, and its function.
_ACTIONS = {
    "setitem": (("key", "value"), lambda target, mod: target.__setitem__(mod["key"], mod["value"])),
    "delitem": (("key",), lambda target, mod: target.__delitem__(mod["key"])),
    "append": (("x",), lambda target, mod: target.append(mod["x"])),
    "insert": (("i", "x"), lambda target, mod: target.insert(mod["i"], mod["x"])),
    "pop": (("i",), lambda target, mod: target.pop(mod["i"])),
}


def normal(mod):
    """Returns a mod with exactly the members that it needs; ValueError if there is no such change."""
    action = getattr(mod["action"], "value", mod["action"])
    if action not in _ACTIONS:
        raise ValueError(f"no action of a mod: {action!r}")
    path = list(mod["path"])
    if not path and action not in ("setitem", "delitem"):
        raise ValueError(f"{action} needs a path")
    return {"action": action, "path": path, **{name: mod[name] for name in _ACTIONS[action][0]}}


def key_of(mod):
    """Returns the key of the database that a normal mod changes."""
    return mod["path"][0] if mod["path"] else mod["key"]


def is_whole(mod):
    """Does the value after this mod not depend on the one before?"""
    return not mod["path"]


def perform(data, mod):
    """Applies a normal mod."""
    for key in mod["path"]:
        data = data[key]
    _ACTIONS[mod["action"]][1](data, mod)


def replay(data, mod):
    """Applies a mod of a journal. To delete a key of the database that is not there is no error."""
    if not mod["path"] and mod["action"] == "delitem":
        data.pop(mod["key"], None)
    elif not isinstance(key_of(mod), str):
        raise TypeError("the key is no str")
    else:
        perform(data, mod)


def setting(key, value):
    """Returns the mod that makes the value of a key this one, or deletes the key if it is MISSING."""
    if value is MISSING:
        return {"action": "delitem", "path": [], "key": key}
    return {"action": "setitem", "path": [], "key": key, "value": value}


def text_of(mod):
    """Returns the text of a normal mod (bytes). Raises if it cannot be stored."""
    if not mod["path"]:
        check_key(mod["key"])
    return encoded(mod)


def encoded(value):
    """Returns the text of a value (bytes). Raises if there is none, or if none can read it.

    PYON has no way to read ``numpy.bytes_(b"")`` and ``numpy.void(b"")`` back: the whole file could not be read.
    """
    text = _core.encode_bytes_v2(value)
    if any(dtype in text for dtype in _UNREADABLE):
        pyon.decode(text)
    return text


def text_inside(mod, value):
    """Returns the text of a normal mod that changes something inside the value of a key. Raises if it cannot be stored.

    It cannot either if the value as it is read back would not take it in the same way, or could not be written after
    it. Then the whole value must be tried.
    """
    for step in mod["path"][1:]:
        if type(value) not in _PLAIN:
            _check_array(value)
        value = value[step]
    if type(value) not in _PLAIN:
        _check_array(value)
    if mod["action"] == "setitem" and isinstance(mod["key"], str):
        check_key(mod["key"])
    text = encoded(mod)
    if len(text) > _SHALLOW and len(mod["path"]) + text.count(b"[") + text.count(b"{") > _SHALLOW:
        _check_depth(mod)
    return text


def _check_array(value):
    """Raises for anything but an array. A subclass of a list, for instance, is read back as a list."""
    numpy = sys.modules.get("numpy")
    if numpy is None or type(value) is not numpy.ndarray or value.dtype.names:
        raise TypeError(f"a {type(value).__name__} is read back as another type")


def _check_depth(mod):
    """Raises RecursionError if the value has too much nesting after this mod."""
    inside = mod
    for _ in mod["path"]:
        inside = [inside]
    _core.encode_bytes_v2(inside)


def is_key(key):
    """Can a database have this key?"""
    return isinstance(key, str) and key != "__jsonclass__"


def check_key(key):
    if not isinstance(key, str):
        raise TypeError(f"a key is a str, not {type(key).__name__}")
    if not is_key(key):
        raise ValueError('"__jsonclass__" is no key: in a file, it would make the dict another type')
