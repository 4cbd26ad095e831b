# SPDX-License-Identifier: LGPL-3.0-or-later
"""The values of HDF5 as those of PYON, and back.

A value is written as people would write it: a number of 64 bits, a bool and a string are those of Python, an array is
one of NumPy. If the type in the file is not the one that such a value gets, it is kept beside the value as a
*type*, a dict:

    {"dtype": ">f8"}                         another type of NumPy
    {"dtype": "<i4", "enum": {"A": 0}}       an enumeration
    {"fields": {"names": ..., ...}}          a structure, as numpy.dtype takes it; the value has its bytes
    {"string": "utf-8", "length": 8}         strings of a fixed length
    {"string": "utf-8", "shape": [2, 3]}     an array of strings: the value is a flat list
    {"vlen": "<f8", "shape": [4]}            an array of arrays: the value is a flat list
    {"opaque": "<M8[ns]"}                    the same of a type that h5py writes as bytes
    {"empty": type}                          nothing; the value is None
"""

import math
import struct

import h5py
import numpy

_NAN = struct.pack("<d", math.nan)


class Unsupported(ValueError):
    """HDF5 has a value that the lines of an archive cannot have."""


# ---- Out of HDF5 ----


def _text(data, encoding):
    """A string: str, or bytes if it is ASCII, as h5py writes them."""
    data = data or b""  # 0, if nothing was ever written
    return data.decode("utf-8", "surrogateescape") if encoding == "utf-8" else bytes(data)


def _strings(raw, info, shape):
    """Strings of any length."""
    if shape == ():
        return _text(raw[()], info.encoding), None
    values = [_text(data, info.encoding) for data in raw.ravel()]
    if len(shape) == 1 and values:
        return values, None
    return values, {"string": info.encoding, "shape": list(shape)}


def _fixed_strings(raw, info, shape):
    kind = {"string": info.encoding, "length": info.length}
    if shape == ():
        return bytes(raw[()]), kind
    return raw.view(f"S{info.length}"), kind if info.encoding == "utf-8" else None


def _number(raw):
    """A number as one of Python, if h5py writes that in the same way."""
    if raw.dtype == numpy.bool_:
        return bool(raw)
    if raw.dtype == numpy.int64:
        return int(raw)
    if raw.dtype.char in "gG":  # PYON has no scalars of these, but arrays
        return numpy.asarray(raw)
    if raw.dtype != numpy.float64:
        return raw
    if math.isnan(raw) and struct.pack("<d", raw) != _NAN:  # PYON has one NaN
        return numpy.asarray(raw)
    return float(raw)


def _numbers(raw, dtype, shape):
    """A number, or an array."""
    if shape == ():
        native = dtype.newbyteorder("=")
        value = _number(raw.astype(native)[()])
        return value, None if dtype == native else {"dtype": dtype.str}
    return raw, None


def _is_plain(dtype):
    """Does NumPy alone know all parts of a dtype?"""
    if dtype.subdtype:
        return _is_plain(dtype.subdtype[0])
    if dtype.names:
        return all(_is_plain(dtype.fields[name][0]) for name in dtype.names)
    string = h5py.check_string_dtype(dtype)
    return not dtype.hasobject and (not dtype.metadata or string is not None and string.encoding == "ascii")


def _layout(dtype):
    """A dtype as texts, lists and dicts."""
    if dtype.subdtype:
        base, shape = dtype.subdtype
        return [_layout(base), list(shape)]
    if not dtype.names:
        return dtype.str
    parts = [dtype.fields[name] for name in dtype.names]
    return {
        "names": list(dtype.names),
        "formats": [_layout(part[0]) for part in parts],
        "offsets": [part[1] for part in parts],
        "itemsize": dtype.itemsize,
    }


def _dtype_of_layout(layout):
    if isinstance(layout, list):
        return numpy.dtype((_dtype_of_layout(layout[0]), tuple(layout[1])))
    if isinstance(layout, dict):
        return numpy.dtype({**layout, "formats": list(map(_dtype_of_layout, layout["formats"]))})
    return numpy.dtype(layout)


def _fields(dtype):
    if not _is_plain(dtype):
        raise Unsupported(f"a structure with parts of the type {dtype}")
    return {"fields": _layout(dtype)}


def _special(dtype):
    """The type of what h5py shows by metadata of a dtype, and the dtype of the value; None if it is nothing special."""
    if h5py.check_ref_dtype(dtype):
        raise Unsupported("a reference to another object")
    enum = h5py.check_enum_dtype(dtype)
    if enum is not None:
        return {"dtype": dtype.str, "enum": {name: int(number) for name, number in enum.items()}}
    if h5py.check_opaque_dtype(dtype) and dtype.kind != "V":
        return {"opaque": dtype.str}
    if dtype.names:
        return _fields(dtype)
    if dtype.hasobject or dtype.subdtype:
        raise Unsupported(f"the type {dtype}")
    return None


def _arrays(raw, base, shape):
    """Arrays of any length."""
    if _special(base) or h5py.check_string_dtype(base):
        raise Unsupported("arrays of any length that are not of numbers")
    # Of an array that was never written, h5py makes no array.
    items = [numpy.asarray(item if isinstance(item, numpy.ndarray) else (), base) for item in raw.ravel()]
    return items, {"vlen": base.str, "shape": list(shape)}


def _without_gaps(array):
    """The array; what lies between the fields of a structure is zero, since nothing is known about it."""
    if not array.dtype.names:
        return array
    clean = numpy.zeros(array.shape, array.dtype)
    for name in array.dtype.names:
        clean[name] = _without_gaps(array[name])
    return clean


def take(dtype, shape, read):
    """The value of a dataset or attribute, and its type or None. ``read()`` returns its array.

    ``shape`` is None if there is no value.
    """
    if shape is None:
        return None, {"empty": describe(dtype)}
    string = h5py.check_string_dtype(dtype)
    if string and string.length is None:
        return _strings(read(), string, shape)
    if string:
        return _fixed_strings(read(), string, shape)
    vlen = h5py.check_vlen_dtype(dtype)
    if vlen is not None:
        return _arrays(read(), vlen, shape)
    special = _special(dtype)
    if special is None:
        return _numbers(read(), dtype, shape)
    # The fields, and h5py's metadata of the dtype, are in the type.
    plain = f"V{dtype.itemsize}" if dtype.names or dtype.kind in "mM" else dtype.str
    return _without_gaps(read()).view(plain)[()], special


def describe(dtype):
    """The type of a dtype, of which there is no value."""
    string = h5py.check_string_dtype(dtype)
    if string:
        return {"string": string.encoding, "length": string.length}
    return _special(dtype) or {"dtype": dtype.str}


# ---- Into HDF5 ----


def dtype_of(kind):
    """The dtype of a type."""
    if "string" in kind:
        return h5py.string_dtype(kind["string"], kind.get("length"))
    if "enum" in kind:
        return h5py.enum_dtype(kind["enum"], kind["dtype"])
    if "fields" in kind:
        return _dtype_of_layout(kind["fields"])
    if "vlen" in kind:
        return h5py.vlen_dtype(numpy.dtype(kind["vlen"]))
    if "opaque" in kind:
        return h5py.opaque_dtype(numpy.dtype(kind["opaque"]))
    return numpy.dtype(kind["dtype"])


def _data(item):
    """What h5py takes for a string: also one that is not UTF-8."""
    return item.encode("utf-8", "surrogateescape") if isinstance(item, str) else item


def _flat(items, shape):
    """An array of objects out of a flat list."""
    array = numpy.empty(len(items), object)
    for i, item in enumerate(items):
        array[i] = _data(item)
    return array.reshape(shape)


def _give_typed(value, kind):
    dtype = dtype_of(kind)
    if "vlen" in kind:
        return _flat(value, kind["shape"]), dtype
    if "string" in kind and kind.get("length"):  # h5py wants to see the encoding of the data, too
        return numpy.asarray(value, f"S{kind['length']}").view(dtype), dtype
    if "string" in kind:
        return (_flat(value, kind["shape"]) if "shape" in kind else _data(value)), dtype
    if "fields" in kind or "opaque" in kind:
        return numpy.asarray(value).view(dtype), dtype
    return numpy.asarray(value).astype(dtype), dtype


def give(value, kind):
    """The data and the dtype for h5py: the opposite of take()."""
    if kind is not None and "empty" in kind:
        return h5py.Empty(dtype_of(kind["empty"])), None
    if kind is not None:
        return _give_typed(value, kind)
    if isinstance(value, bool):
        return value, numpy.dtype(bool)
    if isinstance(value, int):
        return value, numpy.dtype(numpy.int64)
    if isinstance(value, float):
        return value, numpy.dtype(numpy.float64)
    first = value[0] if isinstance(value, list) and value else value
    if isinstance(first, (str, bytes)):
        dtype = h5py.string_dtype("utf-8" if isinstance(first, str) else "ascii")
        return (_data(value) if first is value else _flat(value, (len(value),))), dtype
    return value, None
