# SPDX-License-Identifier: LGPL-3.0-or-later
"""NumPy values by way of NumPy's Python interface.

The extension reads and writes the common dtypes itself. These functions decide about the others, and about every
irregular argument. They call the same functions of NumPy and ``base64`` as the reference, and so raise the same
exceptions. This module is imported with NumPy, never before.
"""

import base64

import numpy


def payload(x):
    """Returns the bytes of an array or scalar in C order, as base64 (str)."""
    if x.ndim > 0:
        x = numpy.ascontiguousarray(x)
    return base64.b64encode(x.data).decode()


def array(shape, dtype, data):
    """Returns an array that owns its memory. ``data`` is base64 as str or bytes."""
    data = base64.b64decode(data)
    if _is_empty(dtype, data):
        return numpy.zeros(shape, dtype)
    return numpy.frombuffer(data, dtype).reshape(shape).copy()


def scalar(dtype, data):
    """Returns the first element of the data. ``data`` is base64 as str or bytes."""
    data = base64.b64decode(data)
    if _is_empty(dtype, data):
        return numpy.dtype(dtype).type(b"")
    return numpy.frombuffer(data, dtype)[0]


def _is_empty(dtype, data):
    """Are these elements of no bytes, such as ``numpy.bytes_(b"")``? The reference writes, but cannot read them."""
    return not data and type(dtype) is str and dtype in ("|S0", "|V0")
