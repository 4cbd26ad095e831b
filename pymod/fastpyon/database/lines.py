# SPDX-License-Identifier: LGPL-3.0-or-later
"""The lines of a journal: a checksum, a space, a text without line ends, and LF."""

from zlib import crc32

from fastpyon import pyon
from fastpyon.database.errors import DamagedError

_HOLE = bytes(8)  # no flip of a bit makes this out of text: it is a part of the file that was never written


def frame(text):
    """Returns the line of a text (bytes)."""
    return b"%08x %b\n" % (crc32(text), text)


def _is_whole(line):
    """Is this, without its LF, a line as it was written?"""
    return line[:9] == b"%08x " % crc32(line[9:])


def read(data, name, first=1, begin=0):
    """Reads lines out of bytes from ``begin`` on, where line number ``first`` begins.

    Returns [(number, mod)] of all lines up to the last that ends a batch, or is the first of a file, and the offset of
    their end. What comes after it is torn. Raises DamagedError, with the name of the file, for any other line that is
    not whole.
    """
    lines = data[begin:].split(b"\n")
    rest = lines.pop()
    good = 0
    for line in lines:
        if not _is_whole(line):
            break
        good += 1
    mods = _decode([line[9:] for line in lines[:good]], name, first)
    ended = good
    while ended and not (ends_batch(mods[ended - 1]) or first + ended == 2):
        ended -= 1
    end = begin + sum(map(len, lines[:ended])) + ended
    if good < len(lines):
        if _HOLE not in data[end:] or any(_is_whole(line) and b'"action":"flush"' in line for line in lines[good:]):
            raise _damaged(name, first + good, lines[good], "the checksum is wrong")
    elif rest and _is_whole(rest[:-1]):
        raise _damaged(name, first + good, rest, "its end is wrong")
    return list(zip(range(first, first + ended), mods)), end


def ends_batch(mod):
    return isinstance(mod, dict) and mod.get("action") == "flush"


def _decode(texts, name, first):
    try:
        mods = pyon.decode(b"[" + b",".join(texts) + b"]")
        if len(mods) == len(texts):
            return mods
    except Exception:  # then it is found, or there is just too much nesting
        pass
    mods = []
    for number, text in enumerate(texts, first):
        try:
            mods.append(pyon.decode(text))
        except Exception as error:
            raise _damaged(name, number, text, f"{type(error).__name__}: {error}") from error
    return mods


def _damaged(name, number, line, why):
    return DamagedError(f"line {number} of {name!r}: {why}: {line[:80]!r}")


def misfit(name, number, mod, error):
    """Returns the exception for a mod that cannot be applied."""
    return DamagedError(f"line {number} of {name!r}: {type(error).__name__}: {error}: {str(mod)[:80]}")
