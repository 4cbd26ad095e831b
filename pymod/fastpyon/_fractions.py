# SPDX-License-Identifier: LGPL-3.0-or-later
"""Fractions out of texts. ``Fraction("1e999999999")`` would take all memory for a few characters."""

import re
import sys
from fractions import Fraction

DIGITS = 4300  # where the interpreter does not limit the digits of an int, or has been told not to


_EXPONENT = re.compile(r"[-+]?0*(\d*)")  # without underscores
_LONGEST = 600  # digits that any interpreter makes an int of


def _check(text):
    """What Fraction does not accept anyway is left to it.

    Nothing is caught here: it might be what a signal handler has raised.
    """
    number, _, exponent = text.lower().partition("e")
    match = _EXPONENT.fullmatch(exponent.strip().replace("_", ""))
    if not match:
        return
    digits = match[1] or "0"
    limit = getattr(sys, "get_int_max_str_digits", int)() or DIGITS
    if len(number.partition(".")[2]) > limit or len(digits) > _LONGEST or int(digits) > limit:
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
