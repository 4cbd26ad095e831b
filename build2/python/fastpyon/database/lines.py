# SPDX-License-Identifier: LGPL-3.0-or-later
"""The lines of a journal: a checksum, a space, a text without line ends, and LF.

The checksum of a line is the CRC-32 of all texts of the file up to there. So a line that is missing or at another
place is found, too, and a whole file is checked at once.
"""

from zlib import crc32

from fastpyon import pyon
from fastpyon.database.errors import DamagedError

_HOLE = bytes(8)  # no flip of a bit makes this out of text: it is a part of the file that was never written
_HEAD = 9  # bytes of a line before its text
_CHUNK = 1 << 18  # bytes of lines that are decoded at once


def frame(texts, crc):
    """Returns the lines of texts (bytes), and the checksum of the last one; ``crc`` is that of the line before."""
    lines = []
    for text in texts:
        crc = crc32(text, crc)
        lines.append(b"%08x %b\n" % (crc, text))
    return b"".join(lines), crc


def text_of(line):
    """Returns the text of a line."""
    return line[_HEAD:]


def checksum(line):
    """Returns the checksum that stands in a line; None if there is none."""
    head = line[:_HEAD]
    try:
        crc = int(head[:-1], 16)
    except ValueError:
        return None
    return crc if head == b"%08x " % crc else None


def follows(line, crc):
    """Is this, without its LF, a line as it was written after one with the checksum ``crc``?"""
    return crc is not None and checksum(line) == crc32(text_of(line), crc)


class Part:
    """Lines of a journal as they were read: from ``begin`` in the bytes ``data`` on, where line ``first`` begins.

    ``mods`` are those up to the last line that ends a batch, or is the first of the file, and ``end`` is the offset
    after it. What comes after that is torn. ``crc`` is the checksum of the line before, and then of the last one that
    counts. DamagedError, with the name of the file, for any other line that is not whole.
    """

    def __init__(self, data, name, first=1, crc=0):
        self.name, self.first = name, first
        if not self._read_all(data, crc):
            self._read_lines(data, crc)

    def _read_all(self, data, crc):
        """Reads lines that all count, as nearly always: returns whether they do. Chunks of them stay in the cache."""
        mods, begin, end = [], 0, data.rfind(b"\n") + 1
        while begin < end:
            stop = data.rfind(b"\n", begin, begin + _CHUNK) + 1 or data.index(b"\n", begin) + 1
            lines = data[begin : stop - 1].split(b"\n")
            texts = [line[_HEAD:] for line in lines]
            crc = crc32(b"".join(texts), crc)
            some = _decode(texts) if checksum(lines[-1]) == crc else None
            if some is None:
                return False
            mods += some
            begin = stop
        rest = data[end:]
        if not mods or not self._ends_at(mods, len(mods)) or (rest and follows(rest[:-1], crc)):
            return False
        self.mods, self.end, self.crc = mods, end, crc
        return True

    def _ends_at(self, mods, count):
        """Do the first so many mods end with a batch, or are they the first line?"""
        return _ends_batch(mods[count - 1]) or self.first + count == 2

    def _read_lines(self, data, crc):
        lines = data.split(b"\n")
        rest = lines.pop()
        texts = [line[_HEAD:] for line in lines]
        good = len(lines)
        if lines and checksum(lines[-1]) != crc32(b"".join(texts), crc):
            good = self._count_good(lines, crc)
        mods = self._decode_each(texts[:good])
        ended = good
        while ended and not self._ends_at(mods, ended):
            ended -= 1
        self.end = len(data) - len(rest) if ended == len(lines) else sum(map(len, lines[:ended])) + ended
        self.crc = checksum(lines[ended - 1]) if ended else crc
        self._look_at_the_rest(data, lines, good, rest)
        self.mods = mods[:ended]

    @staticmethod
    def _count_good(lines, crc):
        """Returns the number of lines before the first bad one."""
        for good, line in enumerate(lines):
            if not follows(line, crc):
                return good
            crc = checksum(line)
        return len(lines)

    def _look_at_the_rest(self, data, lines, good, rest):
        """Raises DamagedError unless a kill or a loss of power can have left the part that does not count."""
        if good < len(lines):
            bad = lines[good:]
            ends = any(follows(line, checksum(before)) and _ends_text(line) for before, line in zip(bad, bad[1:]))
            if ends or _HOLE not in data[self.end :]:
                raise self._damaged(good, bad[0], "the checksum is wrong")
        elif rest and follows(rest[:-1], checksum(lines[-1]) if lines else 0):
            raise self._damaged(good, rest, "its end is wrong")

    def _decode_each(self, texts):
        mods = _decode(texts)
        if mods is not None:
            return mods
        mods = []  # it is found, or there is just too much nesting
        for index, text in enumerate(texts):
            try:
                mods.append(_dict(pyon.decode(text)))
            except Exception as error:
                raise self._damaged(index, text, f"{type(error).__name__}: {error}") from error
        return mods

    def _damaged(self, index, line, why):
        return DamagedError(f"line {self.first + index} of {self.name!r}: {why}: {line[:80]!r}")

    def misfit(self, index, error):
        """Returns the exception for a mod that cannot be applied."""
        return self._damaged(index, str(self.mods[index]), f"{type(error).__name__}: {error}")


def _decode(texts):
    """Returns the mods of texts; None if one of them is none."""
    try:
        mods = pyon.decode(b"[" + b",".join(texts) + b"]")
    except Exception:
        return None
    return mods if len(mods) == len(texts) and set(map(type, mods)) <= {dict} else None


def _dict(mod):
    if type(mod) is not dict:
        raise TypeError(f"this is no dict, but {type(mod).__name__}")
    return mod


def _ends_batch(mod):
    return mod.get("action") == "flush"


def _ends_text(line):
    return line[_HEAD:].startswith(b'{"action":"flush"')
