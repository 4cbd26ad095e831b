# SPDX-License-Identifier: LGPL-3.0-or-later
"""Fractions out of texts: ``Fraction("1e999999999")`` would take all memory for a few characters.

The bits of the numbers that are computed for a text are counted and bounded: pymod/build/budget.c says how. C counts
for the texts that it reads, and calls limit() and spend(). fraction() counts for the texts that json reads, within
one_text().
"""

import contextlib
import contextvars
import re
import sys
from fractions import Fraction

from fastpyon import _core

DIGITS = 4300  # if the interpreter does not limit the digits of an int
FREE_BITS = 64
_BITS_OF_DOUBLE = 1100  # of the numerator or denominator of any float

_EXPONENT = re.compile(r"[-+]?0*(\d*)")  # without underscores
_LONGEST = 600  # digits of an exponent: every interpreter makes an int of them

_spent = contextvars.ContextVar("spent")  # a list of one number, within one_text()


def _allowed_digits():
    return getattr(sys, "get_int_max_str_digits", int)() or DIGITS


def limit():
    """Returns the number of bits that may be computed for a text: those of 16 ints of the longest allowed."""
    return 16 * (_allowed_digits() * 10 // 3)


def _too_much(what, digits):
    return ValueError(
        f"Exceeds the limit ({digits} digits) for {what}; "
        "use sys.set_int_max_str_digits() to increase the limit"
    )


def _bits_of_text(text):
    """Returns the bits that Fraction would compute for a str. If it is no number, Fraction raises an exception later.

    Nothing is caught here: the exception might be that of a signal handler.
    """
    number, _, exponent = text.lower().partition("e")
    match = _EXPONENT.fullmatch(exponent.strip().replace("_", ""))
    if not match:
        return 0
    exponent = match[1] or "0"
    places = len(number.partition(".")[2])
    digits = _allowed_digits()
    if places > digits or len(exponent) > _LONGEST or int(exponent) > digits:
        raise _too_much("decimal places and exponents of a Fraction", digits)
    return max(places, int(exponent)) * 10 // 3


def _bits(x):
    """Returns the bits that count of an argument of Fraction."""
    if isinstance(x, str):
        return _bits_of_text(x)
    if isinstance(x, Fraction):
        return x.numerator.bit_length() + x.denominator.bit_length()
    if isinstance(x, float):
        return _BITS_OF_DOUBLE
    if isinstance(x, int):  # an int that may be written in decimal is free
        return max(x.bit_length() - limit() // 16, 0)
    return 0


def spend(args, kw, spent):
    """Returns ``Fraction(*args, **kw)``, and the bits that have been computed for the text, including this."""
    for x in (*args, *kw.values()):
        spent += max(_bits(x) - FREE_BITS, 0)
    if spent > limit():
        raise _too_much("the Fractions of a text together", 16 * _allowed_digits())
    return Fraction(*args, **kw), spent


@contextlib.contextmanager
def one_text():
    """Within this, fraction() counts for one text."""
    token = _spent.set([0])
    try:
        yield
    finally:
        _spent.reset(token)


def fraction(*args, **kw):
    """``Fraction``, with the bound of the text. Raises ValueError if the bits are too many."""
    counter = _spent.get([0])
    result, counter[0] = spend(args, kw, counter[0])
    return result


_core.bind_budget(Fraction, limit, spend)

# A message about wrong arguments says these names.
fraction.__module__, fraction.__qualname__ = Fraction.__module__, Fraction.__qualname__
