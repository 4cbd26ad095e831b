"""Texts that tell two values apart exactly where a format that keeps types must.

`==` does not do: 1 == 1.0 == True, 0.0 == -0.0, nan != nan, and arrays have ideas of their own.
The texts are also those of the recorded cases (see vectors.py), except for the flag `owndata` of
arrays, which nobody can depend on.
"""

import re
import sys
from collections import OrderedDict
from fractions import Fraction


def describe(x):
    """The value with its type, and those of all its members."""
    form = FORMS.get(type(x))
    if form:
        return form(x)
    numpy = sys.modules.get("numpy")
    if numpy and type(x) is numpy.ndarray:
        return describe_array(x)
    if numpy and isinstance(x, numpy.generic):
        return f"npscalar(dtype={dtype_text(x.dtype)}, hex={x.tobytes().hex()})"
    if isinstance(x, type):
        return f"<class {x.__qualname__}>"
    if x is Ellipsis or x is NotImplemented:
        return repr(x)
    return f"<{type(x).__module__}.{type(x).__qualname__}> {without_addresses(repr(x))}"


def without_addresses(text):
    return re.sub(r"0x[0-9a-fA-F]{6,}", "0xADDR", text)  # Windows writes them in capitals


def describe_int(x):
    try:
        return repr(x)
    except ValueError:  # too many digits
        return f"int:{x:#x}"


def dtype_text(dtype):
    return dtype.str if dtype.names is None else repr(dtype.descr)


def describe_array(x):
    if x.dtype.hasobject:
        return f"ndarray(dtype={dtype_text(x.dtype)}, shape={x.shape!r}, objects)"
    return (
        f"ndarray(dtype={dtype_text(x.dtype)}, shape={tuple(map(int, x.shape))},"
        f" hex={x.tobytes().hex()}, writeable={x.flags.writeable},"
        f" c_contiguous={x.flags.c_contiguous})"
    )


def members(values):
    return ", ".join(map(describe, values))


def pairs(x):
    texts = []
    for key, value in x.items():  # a generator would take two frames for each nested dict
        texts.append(f"{describe(key)}: {describe(value)}")
    return ", ".join(texts)


FORMS = {
    type(None): repr,
    bool: repr,
    int: describe_int,
    float: repr,
    complex: lambda x: f"complex({x.real!r}, {x.imag!r})",
    str: ascii,
    bytes: repr,
    list: lambda x: f"[{members(x)}]",
    tuple: lambda x: f"({members(x)}{',' * (len(x) == 1)})",
    set: lambda x: f"set{{{', '.join(sorted(map(describe, x)))}}}",
    dict: lambda x: f"{{{pairs(x)}}}",
    OrderedDict: lambda x: f"OrderedDict[{pairs(x)}]",
    slice: lambda x: f"slice({members((x.start, x.stop, x.step))})",
    Fraction: lambda x: f"Fraction({describe(x.numerator)}, {describe(x.denominator)})",
}
