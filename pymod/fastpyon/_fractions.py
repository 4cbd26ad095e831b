# SPDX-License-Identifier: LGPL-3.0-or-later
"""Fractions out of texts. ``Fraction("1e999999999")`` would take all memory for a few characters."""

import sys
from fractions import Fraction

DIGITS = 4300  # where the interpreter does not limit the digits of an int, or has been told not to


def _check(text):
    """What Fraction does not accept anyway is left to it."""
    number, _, exponent = text.lower().partition("e")
    try:
        places = max(len(number.partition(".")[2]), abs(int(exponent or "0")))
    except ValueError:
        return
    limit = getattr(sys, "get_int_max_str_digits", int)() or DIGITS
    if places > limit:
        raise ValueError(
            f"Exceeds the limit ({limit} digits) for decimal places and exponents of a Fraction; "
            "use sys.set_int_max_str_digits() to increase the limit"
        )


def fraction(*args, **kw):
    """``Fraction``, but of a str only with about as many digits as an int may have."""
    for values in args, kw.values():
        for x in values:
            if isinstance(x, str):
                _check(x)
    return Fraction(*args, **kw)


# Messages about wrong arguments say who complains.
fraction.__module__, fraction.__qualname__ = Fraction.__module__, Fraction.__qualname__
