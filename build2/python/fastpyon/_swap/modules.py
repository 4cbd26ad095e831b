# SPDX-License-Identifier: LGPL-3.0-or-later
"""The modules ``pyon`` and ``pyon_v1`` of sipyco made ours: part of the swap (see ``_swap``).

Programs hold the module (``from sipyco import pyon``). So the module stays, and its names get our values. A program may
have kept functions of the reference. These find our maps and helpers under the old names: they still work, at their own
speed.

The entries that a program has put into the maps of the reference go into our maps. At the end they go back, together
with those that have been added meanwhile, and our maps are as they were.
"""

import importlib

# Of each dialect: the functions that must be there, with exactly these arguments; the other names that must be there;
# and the names that are replaced, too, if they are there. A module that is different is not known.
_SHAPES = {
    "fastpyon.pyon": (
        {
            "encode": ("x", "pretty", "kw"),
            "decode": ("s", "kw"),
            "register": ("types", "name", "encode", "decode"),
            "deregister": ("types", "name"),
            "store_file": ("filename", "x", "kw"),
            "load_file": ("filename", "kw"),
            "wrap": ("o",),
        },
        ("_encode_map", "_decode_map"),
        ("_Tuple", "_Dict", "_encode_default", "_object_hook")
        + ("_encode_nparray", "_decode_nparray", "_encode_npscalar", "_decode_npscalar"),
    ),
    "fastpyon.pyon_v1": (
        {
            "encode": ("x", "pretty"),
            "decode": ("s",),
            "store_file": ("filename", "x"),
            "load_file": ("filename",),
        },
        ("_encode_map", "_eval_dict", "_Encoder"),
        ("_nparray", "_npscalar"),
    ),
}

_CONSTANTS = {"__builtins__", "null", "true", "false", "inf", "nan"}  # of version 1, which the parser itself knows


def _is_function_of(module, value):
    """Is the value a function that the module has defined?"""
    return getattr(value, "__globals__", None) is vars(module)


def _has_arguments(function, names):
    code = function.__code__
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)  # *args, **kwargs
    return code.co_varnames[:count] == names


def _is_same_entry(a, b):
    return a is b or isinstance(a, str) and a == b


class _Map:
    """A map of the reference, and the map of ours that takes its place.

    ``own`` has the format's own entries of our map. ``is_own(key, value)`` tells whether an entry of the reference's
    map is one of those.
    """

    def __init__(self, theirs, ours, own, is_own):
        self._theirs, self._ours, self._own = theirs, ours, own
        self._saved = dict(ours)
        self._reference = {key: value for key, value in theirs.items() if is_own(key, value)}
        self._moved = {key: value for key, value in theirs.items() if key not in self._reference}

    def do(self):
        self._ours.update(self._moved)

    def _belongs_here(self, key, value):
        """Was the entry in our map before, and has it not come from the reference?"""
        for entries in self._own, self._saved:
            if key in entries and _is_same_entry(entries[key], value):
                return key not in self._moved
        return False

    def undo(self):
        for key in [key for key in self._theirs if key not in self._reference or key in self._own]:
            del self._theirs[key]
        for key, value in self._ours.items():
            if not self._belongs_here(key, value):
                self._theirs[key] = value
            elif key in self._reference:
                self._theirs[key] = self._reference[key]
        self._ours.clear()
        self._ours.update(self._saved)


class _Class:
    """The class _Encoder of version 1. The methods that programs have given it are moved."""

    def __init__(self, module, theirs, ours):
        self._module, self._theirs, self._ours = module, theirs, ours
        self._saved = dict(vars(ours))

    def do(self):
        for name, value in vars(self._theirs).items():
            if hasattr(value, "__globals__") and not _is_function_of(self._module, value):
                setattr(self._ours, name, value)

    def undo(self):
        for name, value in list(vars(self._ours).items()):
            if name not in self._saved:
                delattr(self._ours, name)
            elif value is not self._saved[name]:
                setattr(self._ours, name, self._saved[name])
            else:
                continue
            setattr(self._theirs, name, value)


def _move_v2(module, ours):
    def is_own_encoder(key, entry):
        return _is_function_of(module, entry[1])

    def is_own_decoder(key, decode):
        # b64decode may be that of pybase64
        return key in ours._own_decoders and (
            decode is ours._own_decoders[key]
            or _is_function_of(module, decode)
            or getattr(decode, "__name__", None) == "b64decode"
        )

    return [
        _Map(module._encode_map, ours._encode_map, ours._types.own, is_own_encoder),
        _Map(module._decode_map, ours._decode_map, ours._own_decoders, is_own_decoder),
    ]


def _move_v1(module, ours):
    def is_own_kind(key, kind):
        return _is_same_entry(ours._types.own.get(key), kind)

    def is_own_name(key, value):
        return key in _CONSTANTS or value is ours._own_names.get(key) or _is_function_of(module, value)

    return [
        _Map(module._encode_map, ours._encode_map, ours._types.own, is_own_kind),
        _Map(module._eval_dict, ours._eval_dict, ours._own_names, is_own_name),
        _Class(module, module._Encoder, ours._Encoder),
    ]


def counterpart(module):
    """Returns the name of our module for one of sipyco. Only version 2 has ``register``."""
    return "fastpyon.pyon" if hasattr(module, "register") else "fastpyon.pyon_v1"


def patch(module, replace, at_undo):
    """Makes a module ours, and returns the name of our module; None if the module is not known.

    ``replace(owner, name, value)`` replaces a value. ``at_undo(function)`` notes a function that is called after the
    old values have been put back.
    """
    name = counterpart(module)
    functions, needed, others = _SHAPES[name]
    names = vars(module)
    for function, arguments in functions.items():
        if not _is_function_of(module, names.get(function)):
            return None
        if not _has_arguments(names[function], arguments):
            return None
    if not all(needed_name in names for needed_name in needed):
        return None
    ours = importlib.import_module(name)
    moves = (_move_v2 if name == "fastpyon.pyon" else _move_v1)(module, ours)
    for replaced in (*functions, *needed, *others):
        if replaced in names:
            replace(module, replaced, getattr(ours, replaced))
    for move in moves:
        move.do()
        at_undo(move.undo)
    return name
