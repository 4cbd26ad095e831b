# SPDX-License-Identifier: LGPL-3.0-or-later
"""The parts that stream.py, _lines.py and _stream_asyncio.py share: errors, Decoder, and the output of writers.

The public classes say that they are of ``fastpyon.stream``, where programs find them.
"""

from fastpyon import _core, pyon, pyon_v1

PIECE = 65536  # bytes


# ---- Errors ------------------------------------------------------------------------------------


class DecodeError(ValueError):
    """A stream is not PYON. ``offset`` says where: an int, in bytes from the start of the stream."""

    __module__ = "fastpyon.stream"

    def __init__(self, message, offset):
        super().__init__(message)
        self.offset = offset

    def __reduce__(self):
        return type(self), (str(self), self.offset), vars(self)


class TruncatedError(DecodeError, EOFError):
    """A stream ends inside a value."""

    __module__ = "fastpyon.stream"


class LimitError(DecodeError):
    """A value is larger, or has more open brackets, than the limits of the Decoder allow."""

    __module__ = "fastpyon.stream"


class End(EOFError):
    """There are no more values. A constructor may raise an EOFError too, but none of this class."""


def make_error(name, offset, message, depth, place, size, max_bytes):
    """Returns the exception for an error that the decoder has found.

    ``name`` is None for errors of syntax. ``offset``, ``size`` and ``max_bytes`` count bytes; ``depth`` is the
    number of open brackets, of which the innermost one is that of a ``place``.
    """
    inside = f"inside {place} at depth {depth}" if depth else "inside a value"
    if name == "truncated":
        return TruncatedError(f"truncated after {offset} bytes, {inside}", offset)
    if name == "line":
        return DecodeError(f"the line ends at byte {offset}, {inside}", offset)
    if name == "size":
        return LimitError(f"a value of more than {max_bytes} bytes: {size} so far, {inside}", offset)
    if name == "depth":
        return LimitError(f"more than {depth} open brackets at byte {offset}", offset)
    return DecodeError(f"{message.removesuffix(' at')} at byte {offset}", offset)


_core.bind_stream(make_error)


# ---- Decoding ----------------------------------------------------------------------------------


def version_of(dialect):
    """Returns 1 or 2. The functions of a module tell it, since sipyco's module may have ours."""
    decode = getattr(dialect, "decode", None)
    if decode is pyon.decode:
        return 2
    if decode is pyon_v1.decode:
        return 1
    raise TypeError("dialect must be fastpyon.pyon or fastpyon.pyon_v1")


class Decoder(_core.Decoder):
    """Values from pieces of text.

    feed() takes the pieces. Iteration gives the values that are complete:

        >>> decoder = Decoder()
        >>> decoder.feed("[1, 2] [3")
        >>> list(decoder)
        [[1, 2]]
        >>> decoder.feed(b', 4] "x"')
        >>> list(decoder)
        [[3, 4], 'x']

    The error of a value comes by iteration too, after the values before it. It is a DecodeError, or the exception
    that a constructor has raised. skip_line() continues after the next line end. close() ends the stream, and raises
    TruncatedError inside a value.

    Two values need only be kept apart: ``1 2`` are two values, and so are ``[1][2]``. So in version 1, two strings
    side by side are two values here, and a tuple needs its parentheses.

    ``max_bytes`` (int) limits the bytes of the text of a value, ``max_depth`` (int) its open brackets: more is a
    LimitError. With ``lines``, a line end inside a value is an error. On the wire, each value is one line: then
    skip_line() loses nothing except the value that was broken off. Text that is laid out in lines cannot be read
    with ``lines``.

    The time to read is proportional to the number of bytes, for pieces of any size. The memory is that of the values
    and of the longest string, and 256 KiB.
    """

    __module__ = "fastpyon.stream"
    __slots__ = ()

    def __new__(cls, dialect=pyon, *, max_bytes=None, max_depth=None, lines=False):
        for name, limit in ("max_bytes", max_bytes), ("max_depth", max_depth):
            if limit is not None and limit < 1:
                raise ValueError(f"{name} must be positive")
        return super().__new__(cls, version_of(dialect), max_bytes or 0, max_depth or 0, lines)


# ---- Encoding ----------------------------------------------------------------------------------


def pieces_of(dialect):
    """Returns the function of a dialect that makes pieces: (x, pretty=False, size=65536, newline=False)."""
    return _core.pieces_v1 if version_of(dialect) == 1 else _core.pieces_v2


class Output:
    """The text of one value after the other, in pieces.

    All that changes while a value is written is in the Pieces, where C counts a byte as soon as it is written. One
    assignment begins a value. So if a signal handler raises between any two steps, a later call continues.

    A value may turn out not to be PYON when a part of it is out. The next bytes are then such that every reader finds
    an error there, and can continue with the next line.
    """

    def __init__(self, dialect):
        self._make = pieces_of(dialect)
        # How many values were written before, the text of the last one, and the caller's name for it.
        self._last = 0, None, None

    @property
    def pending(self):
        """Is a part of the last value left?"""
        pieces = self._last[1]
        return pieces is not None and pieces.pending

    @property
    def failed(self):
        """Could the last value not be encoded?"""
        pieces = self._last[1]
        return pieces is not None and pieces.failed

    @property
    def written(self):
        """The number of values that have been written whole."""
        before, pieces, _ = self._last
        return before + (pieces is not None and not pieces.failed and not pieces.pending)

    @property
    def name(self):
        """The name of the last value, as begin() got it."""
        return self._last[2]

    def begin(self, x, name=None):
        """Begins a value. Nothing of the last one may be left."""
        self._last = self.written, self._make(x, newline=True), name

    def write(self, fd):
        """Writes all that is left to a file descriptor."""
        if self.pending:
            self._last[1].write(fd)

    def send(self, send):
        """Does the same by a method of C, which keeps nothing of its argument."""
        if self.pending:
            self._last[1].send(send)

    def send_copies(self, write):
        """Does the same by any method that returns how many bytes it has written."""
        if self.pending:
            self._last[1].send_copies(write)

    def give(self, take):
        """Calls a method with the next piece of the value. The method takes all of it."""
        self._last[1].give(take)
