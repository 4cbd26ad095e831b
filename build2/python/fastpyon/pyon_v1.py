# SPDX-License-Identifier: LGPL-3.0-or-later
"""PYON v1: Python's literals and a few constructors, on one line or pretty.

    >>> encode({"a": (1, True)})
    '{"a": (1, true)}'

This takes the place of ``sipyco.pyon_v1`` (``sipyco.pyon`` up to sipyco 1.9): the same text, values and errors. One
thing is different: ``decode`` parses where the reference calls ``eval``. It accepts the values of the format, names and
calls of the entries of the map of names, and arithmetic with numbers, within a bound. It evaluates nothing else.

A NumPy array is ``nparray(SHAPE, DTYPE, DATA)``: a tuple of ints, the attribute ``str`` of its dtype, and its bytes in
C order as base64. It is decoded to an array of the same shape and dtype that owns its memory.

``encode`` raises TypeError for a type that is not known, and RecursionError for a value that is nested too deeply.
``decode`` raises SyntaxError, NameError, TypeError and the like, as ``eval`` does.

``encode`` and ``decode`` are in C. Programs patch the class ``_Encoder`` and the maps of the reference. The ones here
are used when they have been patched, and for the repr of a slice that is not ASCII.
"""

import codecs
import json
import re
from collections import OrderedDict
from fractions import Fraction

from fastpyon import _core, _files
from fastpyon._fractions import fraction
from fastpyon._types import Types

__all__ = ["encode", "decode", "store_file", "load_file"]

_numpy_scalar = {
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128",
}  # fmt: skip

# type: the name of a method of _Encoder, without "encode_"
_types = Types(
    {
        type(None): "none",
        bool: "bool",
        int: "number",
        float: "number",
        complex: "number",
        str: "str",
        bytes: "bytes",
        tuple: "tuple",
        list: "list",
        set: "set",
        dict: "dict",
        slice: "slice",
        Fraction: "fraction",
        OrderedDict: "ordereddict",
    },
    {"ndarray": "nparray"} | {name: "npscalar" for name in _numpy_scalar},
)
_kinds = _types.map  # which programs know as _encode_map, see __getattr__


def __getattr__(name):
    """Programs look for NumPy's types in the map, so NumPy is imported for it."""
    if name != "_encode_map":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return _types.with_numpy()


def _not_serializable(x):
    return TypeError(f"`{x!r}` ({type(x)}) is not PYON serializable")


class _Watched(type):
    """A class that tells the extension when it is patched."""

    def __setattr__(cls, name, value):
        super().__setattr__(name, value)
        _core.patch_v1()

    def __delattr__(cls, name):
        super().__delattr__(name)
        _core.patch_v1()


class _Encoder(metaclass=_Watched):
    """The encoder in Python: one method for each name in _encode_map."""

    __slots__ = ("pretty", "indent_level", "out")

    def __init__(self, pretty):
        self.pretty = pretty
        self.indent_level = 0
        self.out = []

    def get_output(self):
        return "".join(self.out)

    def indent(self):
        return " " * (4 * self.indent_level)

    def encode(self, x):
        kind = _kinds.get(type(x))
        if kind is None:
            _types.know_numpy()
            kind = _kinds.get(type(x))
        if kind is None:
            raise _not_serializable(x)
        getattr(self, "encode_" + kind)(x)

    def encode_none(self, x):
        self.out.append("null")

    def encode_bool(self, x):
        self.out.append("true" if x else "false")

    def encode_number(self, x):
        self.out.append(repr(x))

    def encode_str(self, x):
        self.out.append(json.dumps(x))

    def encode_bytes(self, x):
        self.out.append(repr(x))

    def encode_slice(self, x):
        self.out.append(repr(x))

    def _encode_members(self, start, members, end):
        separator = start
        for member in members:
            self.out.append(separator)
            self.encode(member)
            separator = ", "
        self.out.append(start + end if separator is start else end)

    def encode_list(self, x):
        self._encode_members("[", x, "]")

    def encode_set(self, x):
        self._encode_members("{", x, "}")

    def encode_tuple(self, x):
        self._encode_members("(", x, ", )" if len(x) == 1 else ")")

    def encode_dict(self, x):
        items = x.items()
        if self.pretty and all(key.__class__ is str for key in x):
            items = sorted(items, key=lambda item: item[0])
        is_laid_out = self.pretty and len(x) > 1
        self.indent_level += is_laid_out
        line = "\n" + self.indent() if is_laid_out else ""
        separator = "{" + line
        # Here, and not in a method: a level may take no more calls than in the reference.
        for key, value in items:
            self.out.append(separator)
            self.encode(key)
            self.out.append(": ")
            self.encode(value)
            separator = "," + (line or " ")
        self.indent_level -= is_laid_out
        self.out.append("\n" + self.indent() + "}" if is_laid_out else "}" if x else "{}")

    def encode_fraction(self, x):
        self.out.append("Fraction(")
        self.encode(x.numerator)
        self.out.append(", ")
        self.encode(x.denominator)
        self.out.append(")")

    def encode_ordereddict(self, x):
        self.out.append("OrderedDict(")
        self.encode_list(x.items())
        self.out.append(")")

    def encode_nparray(self, x):
        from fastpyon import _arrays

        dtype, data = x.dtype.str, _arrays.payload(x)
        if x.dtype.hasobject:  # so the data are addresses
            raise _not_serializable(x)
        self.out.append("nparray(")
        self.encode(x.shape)
        self.out.append(", ")
        self.encode(dtype)
        self.out.append(f', b"{data}")')

    def encode_npscalar(self, x):
        from fastpyon import _arrays

        self.out.append("npscalar(")
        self.encode(x.dtype.str)
        self.out.append(f', b"{_arrays.payload(x)}")')


def _encode_slow(x, pretty=False):
    """``encode`` in Python, for calls and values that the extension leaves out."""
    encoder = _Encoder(pretty)
    encoder.encode(x)
    return encoder.get_output()


def _nparray(shape, dtype, data):
    from fastpyon import _arrays

    return _arrays.array(shape, dtype, data)


def _npscalar(ty, data):
    from fastpyon import _arrays

    return _arrays.scalar(ty, data)


# The names that decode knows. Programs add constants and functions of their own, and may replace the functions. The
# parser itself knows the constants: to replace those has no effect.
_eval_dict = {
    "__builtins__": {},
    "null": None,
    "false": False,
    "true": True,
    "inf": float("inf"),
    "nan": float("nan"),
    "slice": slice,
    "Fraction": fraction,
    "OrderedDict": OrderedDict,
    "nparray": _nparray,
    "npscalar": _npscalar,
}
_own_names = dict(_eval_dict)


def _null_error():
    """The class of this interpreter's exception for a NUL in a source text: ValueError until 3.11.3."""
    try:
        compile("\0", "<string>", "eval")
    except (ValueError, SyntaxError) as e:
        return type(e)


def _source_text(s):
    """The text of a bytes-like ``s`` as Python reads source: UTF-8, with a BOM or a comment."""
    if not isinstance(s, (bytes, bytearray)):
        try:
            view = memoryview(s)
        except TypeError:
            view = None
        if view is None or not view.c_contiguous:
            raise TypeError(f"PYON v1 text must be str or bytes, not {type(s).__name__}")
        s = view.tobytes()
    s = bytes(s).removeprefix(codecs.BOM_UTF8)
    for line in re.split(rb"\r\n|\r|\n", s, maxsplit=2)[:2]:
        comment = re.match(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", line)
        if comment:
            name = comment[1].decode("ascii", "replace")
            try:
                known = codecs.lookup(name).name == "utf-8"
            except LookupError:
                known = False
            if not known:
                raise SyntaxError(f"unknown encoding: {name}")
            break
        if not re.fullmatch(rb"[ \t\f]*(?:#.*)?", line):
            break
    try:
        return s.decode("utf-8")
    except UnicodeDecodeError as e:
        raise SyntaxError(f"(unicode error) {e}") from None


# A message about wrong arguments says this name.
_encode_slow.__name__ = _encode_slow.__qualname__ = "encode"

encode, decode = _core.bind_v1(
    module=__name__,
    types=_kinds,
    own_types=_types.own,
    names=_eval_dict,
    own_names=_own_names,
    know_numpy=_types.know_numpy,
    encode=_encode_slow,
    source_text=_source_text,
    null_error=_null_error(),
    fraction=Fraction,
    ordered_dict=OrderedDict,
    namespace=globals(),
    encoder=_Encoder,
)


def store_file(filename, x, *, backup=False):
    """Writes ``x`` into a file, in the pretty layout with a newline at the end.

    The file is replaced as a whole, and left alone if anything fails. With ``backup``, the old one stays as FILE~.
    Raises the exceptions of ``encode``, and OSError.
    """
    text = encode(x, True)
    _files.store(filename, lambda: (text, "\n"), "~" if backup else None)


def load_file(filename):
    """Reads a file with one PYON v1 value in UTF-8, such as one of ``store_file``.

    Raises the exceptions of ``decode``, which say the name of the file, and OSError.
    """
    return _files.load(filename, decode)
