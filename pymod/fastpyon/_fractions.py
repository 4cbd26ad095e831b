# SPDX-License-Identifier: LGPL-3.0-or-later
"""Fractions out of texts: ``Fraction("1e999999999")`` would take all memory for a few characters.

The bits of what is computed for a text are counted, and bounded, as pymod/budget.c says. C counts for
the texts that it reads, and calls limit() and spend(). fraction() counts for those that go by way of
json, within one_text().
"""

import contextlib
import contextvars
import re
import sys
from fractions import Fraction

from fastpyon import _core

DIGITS = 4300  # where the interpreter does not limit the digits of an int, or has been told not to
FREE_BITS = 64
_BITS_OF_DOUBLE = 1100  # of the numerator or denominator of any float

_EXPONENT = re.compile(r"[-+]?0*(\d*)")  # without underscores
_LONGEST = 600  # digits that any interpreter makes an int of

_spent = contextvars.ContextVar("spent")  # a list of one number, within one_text()


def _digits():
    return getattr(sys, "get_int_max_str_digits", int)() or DIGITS


def limit():
    """How many bits may be computed for a text: those of 16 ints of as many digits as are allowed."""
    return 16 * (_digits() * 10 // 3)


def _too_much(what, digits):
    return ValueError(
        f"Exceeds the limit ({digits} digits) for {what}; "
        "use sys.set_int_max_str_digits() to increase the limit"
    )


def _bits_of_text(text):
    """The bits that a str asks for. If it is no number, Fraction will say so.

    Nothing is caught here: it might be what a signal handler has raised.
    """
    number, _, exponent = text.lower().partition("e")
    match = _EXPONENT.fullmatch(exponent.strip().replace("_", ""))
    if not match:
        return 0
    exponent = match[1] or "0"
    places = len(number.partition(".")[2])
    digits = _digits()
    if places > digits or len(exponent) > _LONGEST or int(exponent) > digits:
        raise _too_much("decimal places and exponents of a Fraction", digits)
    return max(places, int(exponent)) * 10 // 3


def _bits(x):
    """The bits of an argument of Fraction that count."""
    if isinstance(x, str):
        return _bits_of_text(x)
    if isinstance(x, Fraction):
        return x.numerator.bit_length() + x.denominator.bit_length()
    if isinstance(x, float):
        return _BITS_OF_DOUBLE
    if isinstance(x, int):  # as long as it might have been written in decimal, it is free
        return max(x.bit_length() - limit() // 16, 0)
    return 0


def spend(args, kw, spent):
    """``Fraction(*args, **kw)``, and the bits that have been computed with it for the text."""
    for x in (*args, *kw.values()):
        spent += max(_bits(x) - FREE_BITS, 0)
    if spent > limit():
        raise _too_much("the Fractions of a text together", 16 * _digits())
    return Fraction(*args, **kw), spent


@contextlib.contextmanager
def one_text():
    """Within it, fraction() counts."""
    token = _spent.set([0])
    try:
        yield
    finally:
        _spent.reset(token)


def fraction(*args, **kw):
    """``Fraction`` with such a bound."""
    counter = _spent.get([0])
    result, counter[0] = spend(args, kw, counter[0])
    return result


_core.bind_budget(Fraction, limit, spend)

# Messages about wrong arguments say who complains.
fraction.__module__, fraction.__qualname__ = Fraction.__module__, Fraction.__qualname__
