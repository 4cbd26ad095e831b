# SPDX-License-Identifier: LGPL-3.0-or-later
"""NumPy values by way of NumPy's Python interface.

The extension reads and writes the common dtypes itself. What is here decides about the others,
and about every argument that is not as it should be: NumPy and ``base64`` raise what the
reference raises, because it calls the same functions. Imported with NumPy, never before.
"""

import base64

import numpy


def payload(x):
    """The bytes of an array or scalar in C order, as base64."""
    if x.ndim > 0:
        x = numpy.ascontiguousarray(x)
    return base64.b64encode(x.data).decode()


def array(shape, dtype, data):
    """An array that owns its memory; ``data`` is base64 as str or bytes."""
    return numpy.frombuffer(base64.b64decode(data), dtype).reshape(shape).copy()


def scalar(dtype, data):
    """The first element of the data."""
    return numpy.frombuffer(base64.b64decode(data), dtype)[0]
