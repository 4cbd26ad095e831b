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
    return numpy.frombuffer(base64.b64decode(data), dtype).reshape(shape).copy()


def scalar(dtype, data):
    """Returns the first element of the data. ``data`` is base64 as str or bytes."""
    return numpy.frombuffer(base64.b64decode(data), dtype)[0]
