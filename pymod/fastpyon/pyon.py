# SPDX-License-Identifier: LGPL-3.0-or-later
"""PYON v2: JSON in which Python's and NumPy's other types survive.

    >>> encode((1, 2.5))
    '{"__jsonclass__":["tuple",[[1,2.5]]]}'

This takes the place of ``sipyco.pyon`` of sipyco 1.10: the same text, values and errors. Tuples, sets, slices,
fractions, complex numbers, bytes, OrderedDicts, dicts with keys that are no str, NumPy arrays and scalars, and the
types given to ``register`` are written as ``{"__jsonclass__": [NAME, ARGUMENTS]}``. A NumPy array is
``[SHAPE, DTYPE, DATA]``: a list of ints, the attribute ``str`` of its dtype, and its bytes in C order as base64. It is
decoded to an array of the same shape and dtype that owns its memory.

``encode`` raises TypeError for a type that is not known, and RecursionError for a value that is nested too deeply.
``decode`` raises json.JSONDecodeError for text that is not JSON, and TypeError for a class that is not known.

``encode`` and ``decode`` are in C. They pass keyword arguments and irregular arguments of a class on to the functions
here, which work on the standard ``json`` module. The names that begin with an underscore are names of the reference
that programs use, except ``_encode_slow`` and the like.
"""

import base64
import json
import os
import sys
from collections import OrderedDict
from fractions import Fraction

from fastpyon import _core, _files
from fastpyon._fractions import fraction, one_text
from fastpyon._types import Types

__all__ = ["encode", "decode", "store_file", "load_file", "register", "deregister", "wrap"]

_jsonclass = sys.intern("__jsonclass__")


class _Wrapped:
    """Base of the classes that ``wrap`` puts around values that ``json`` would coerce."""

    __slots__ = ("data",)
    __hash__ = None

    def __init__(self, data):
        self.data = data

    def __repr__(self):
        return f"{type(self).__qualname__}(data={self.data!r})"

    def __eq__(self, other):
        if other.__class__ is not self.__class__:
            return NotImplemented
        return self.data == other.data


class _Tuple(_Wrapped):
    """A tuple: ``data`` is the list of its wrapped members."""

    __slots__ = ()


class _Dict(_Wrapped):
    """A dict with keys that are no str: ``data`` is a list of wrapped [key, value]."""

    __slots__ = ()


def wrap(o):
    """Returns a copy in which tuples, and dicts with keys that are no str, are protected from ``json``.

    This is for encoders given to ``register``. Their results are written as JSON: without ``wrap``, a tuple in them
    becomes a list, and a key becomes a str.

        >>> json.dumps(wrap({"a": (1, 2)}), default=_encode_default)
        '{"a": {"__jsonclass__": ["tuple", [[1, 2]]]}}'
    """
    return _wrap(o, _core.room())


def _wrap(o, levels):
    """``wrap`` down to that many levels. Python frees the copy by recursion, and does not look at the C stack."""
    if levels == 0:
        raise RecursionError("maximum recursion depth exceeded while encoding a PYON object")
    levels -= 1
    if isinstance(o, dict):
        assert _jsonclass not in o
        if all(isinstance(key, str) for key in o):
            copy = {key: _wrap(value, levels) for key, value in o.items()}
            # Another thread may have put other keys in. The two looks at a subclass may differ, as in the reference.
            if type(o) is dict and not all(isinstance(key, str) for key in copy):
                raise RuntimeError("dictionary keys changed during iteration")
            return copy
        return _Dict([[_wrap(key, levels), _wrap(value, levels)] for key, value in o.items()])
    if isinstance(o, list):
        return [_wrap(value, levels) for value in o]
    if isinstance(o, tuple):
        return _Tuple([_wrap(value, levels) for value in o])
    return o


_numpy_scalar = {
    "bool_", "bytes_", "str_", "void", "datetime64", "timedelta64",
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128",
}  # fmt: skip


def register(types, *, name, encode, decode):
    """Makes custom types known to ``encode`` and ``decode``.

    ``types`` is an iterable of types. ``encode(x)`` is called for each x of exactly one of them; its result, usually
    a list of arguments, is written after ``name`` (str) by the rules of JSON (see ``wrap``). ``decode(*arguments)`` is
    called when ``name`` is read. A type or name that is known already is an AssertionError, as in the reference.

        >>> from datetime import date
        >>> register([date], name="date", encode=lambda x: [x.isoformat()], decode=date.fromisoformat)
        >>> encode(date(2026, 11, 29))
        '{"__jsonclass__":["date",["2026-11-29"]]}'
        >>> decode(encode(date(2026, 11, 29)))
        datetime.date(2026, 11, 29)
        >>> deregister([date], "date")
    """
    _types.know_numpy()
    with _types.lock:
        assert not any(t in _encoders for t in types)
        assert name not in _decode_map
        try:
            for t in types:
                _encoders[t] = name, encode
            _decode_map[name] = decode
        except BaseException:
            for t in types:
                _encoders.pop(t, None)
            _decode_map.pop(name, None)
            raise


def deregister(types, name):
    """Undoes ``register`` for ``name`` (str) and the given types.

    As in the reference, a type that is not known is a KeyError, and one of another name is an AssertionError.
    """
    _types.know_numpy()
    with _types.lock:
        assert all(_encoders[t][0] == name for t in types)
        del _decode_map[name]
        for t in types:
            del _encoders[t]


def _encode_nparray(x):
    from fastpyon import _arrays

    arguments = [list(x.shape), x.dtype.str, _arrays.payload(x)]
    if x.dtype.hasobject:  # so the payload is addresses
        raise TypeError(f"`{x!r}`: numpy arrays with object dtype are not PYON encodable")
    return arguments


def _decode_nparray(shape, dtype, data):
    from fastpyon import _arrays

    return _arrays.array(shape, dtype, data)


def _encode_npscalar(x):
    from fastpyon import _arrays

    arguments = [x.dtype.str, _arrays.payload(x)]
    if x.dtype.hasobject:
        raise TypeError(f"`{x!r}`: numpy scalars with object fields are not PYON encodable")
    return arguments


def _decode_npscalar(dtype, data):
    from fastpyon import _arrays

    return _arrays.scalar(dtype, data)


# type: (name, function)
_types = Types(
    {
        _Tuple: ("tuple", lambda x: [x.data]),
        _Dict: ("dict", lambda x: [x.data]),
        complex: ("complex", lambda x: [x.real, x.imag]),
        bytes: ("bytes", lambda x: [base64.b64encode(x).decode()]),
        set: ("set", lambda x: [[wrap(v) for v in x]]),
        slice: ("slice", lambda x: [wrap(x.start), wrap(x.stop), wrap(x.step)]),
        Fraction: ("Fraction", lambda x: [x.numerator, x.denominator]),
        OrderedDict: ("OrderedDict", lambda x: [[[wrap(k), wrap(v)] for k, v in x.items()]]),
    },
    {"ndarray": ("nparray", _encode_nparray)}
    | {name: ("npscalar", _encode_npscalar) for name in _numpy_scalar},
)
_encoders = _types.map  # which programs know as _encode_map, see __getattr__
# name: function
_own_decoders = {
    "tuple": tuple,
    "dict": dict,
    "complex": complex,
    "bytes": base64.b64decode,
    "set": set,
    "slice": slice,
    "Fraction": fraction,
    "OrderedDict": OrderedDict,
    "nparray": _decode_nparray,
    "npscalar": _decode_npscalar,
}
_decode_map = dict(_own_decoders)


def __getattr__(name):
    """Programs look for NumPy's types in the map, so NumPy is imported for it."""
    if name != "_encode_map":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _types.with_numpy()


def _encode_default(o):
    """``json`` calls this for values that it does not know."""
    _types.know_numpy()
    try:
        name, encode = _encoders[type(o)]
    except KeyError:
        raise TypeError(
            f"`{o!r}`: Object of type `{o.__class__.__name__}` is not PYON encodable"
        ) from None
    return {_jsonclass: [name, encode(o)]}


def _object_hook(s):
    """``json`` calls this for every object."""
    try:
        name, args = s[_jsonclass]
    except KeyError:
        return s
    try:
        decode = _decode_map[name]
    except KeyError:
        raise TypeError(f"Object of type `{name}` is not PYON decodable") from None
    return decode(*args)


def _encode_slow(x, pretty=False, **kw):
    """``encode`` by way of ``json``, for keyword arguments that the extension does not know."""
    layout = {"indent": 4, "separators": None} if pretty else {"indent": None, "separators": (",", ":")}
    return json.dumps(wrap(x), default=_encode_default, **layout, **kw)


def _decode_slow(s, **kw):
    """``decode`` by way of ``json``, for the same reason."""
    with one_text():
        return json.loads(s, object_hook=_object_hook, **kw)


# A message about wrong arguments says these names.
_encode_slow.__name__ = _encode_slow.__qualname__ = "encode"
_decode_slow.__name__ = _decode_slow.__qualname__ = "decode"

encode, decode = _core.bind_v2(
    module=__name__,
    types=_encoders,
    own_types=_types.own,
    names=_decode_map,
    own_names=_own_decoders,
    know_numpy=_types.know_numpy,
    wrap=wrap,
    wrapped_tuple=_Tuple,
    wrapped_dict=_Dict,
    encode=_encode_slow,
    decode=_decode_slow,
    object_hook=_object_hook,
    detect_encoding=json.detect_encoding,
    decode_error=json.JSONDecodeError,
    scan_string=json.decoder.scanstring,
    fraction=Fraction,
    ordered_dict=OrderedDict,
    assertions=__debug__,
)


def store_file(filename, x, *, backup=False, **kw):
    """Writes ``x`` into a file, in the pretty layout and without a newline at the end.

    The file is replaced as a whole, and left alone if anything fails. With ``backup``, the old one stays as FILE~.
    Other keyword arguments are those of ``json.dump``. Raises the exceptions of ``encode``, and OSError.
    """

    def make_texts():
        if not kw:
            return [encode(x, True)]
        return [json.dumps(wrap(x), default=_encode_default, indent=4, **kw)]

    _files.store(filename, make_texts, "~" if backup else None)


def load_file(filename, **kw):
    """Reads a file with one PYON v2 value in UTF-8, such as one of ``store_file``.

    Keyword arguments are those of ``decode``. Raises its exceptions, which say the name of the file, and OSError.
    """
    return _files.load(filename, lambda text: decode(text, **kw))


def _convert(filename):
    """Makes a PYON v1 file a PYON v2 file; the old one stays as FILE_v1."""
    from fastpyon import pyon_v1

    x = pyon_v1.load_file(filename)
    backup = f"{filename}_v1"
    if os.path.lexists(backup):
        raise FileExistsError(f"Backup `{backup}` already exists. Aborting.")
    _files.store(filename, lambda: [encode(x, True)], "_v1")


if __name__ == "__main__":
    import argparse

    parser = argparse.ArgumentParser(
        description="Convert a PYON v1 file to PYON v2, which is JSON, in place. "
        "The old file stays beside it with ``_v1`` at the end of its name."
    )
    parser.add_argument("file")
    _convert(parser.parse_args().file)
