# SPDX-License-Identifier: LGPL-3.0-or-later
"""PYON values through pipes, sockets and files, in pieces.

A value says itself where it ends. So nobody has to look for a line end, to keep a whole line, or
to limit its length: Decoder takes pieces of any size and builds values while they come.

    reader = stream.Reader(fd)              writer = stream.Writer(fd)
    value = reader.read()                   writer.write(value)

On the wire it is what sipyco sends: a value and a line end, so either end may be sipyco. The
counterparts for asyncio are open_connection(), start_server(), connect_read_pipe() and
connect_write_pipe(); files of one value a line are read and written by load_lines() and
store_lines().

``dialect`` is fastpyon.pyon (version 2) or fastpyon.pyon_v1, or a module that they stand in for.
"""
import contextlib
import io
import sys

from fastpyon import _core, _files, _pipes, pyon, pyon_v1

__all__ = [
    "DecodeError",
    "TruncatedError",
    "LimitError",
    "Decoder",
    "Reader",
    "Writer",
    "encode",
    "iterencode",
    "load_lines",
    "store_lines",
    "AsyncReader",
    "AsyncWriter",
    "open_connection",
    "start_server",
    "connect_read_pipe",
    "connect_write_pipe",
]

_PIECE = 65536
_READ = 1 << 18  # bytes of a file at once
_NOTHING = object()


class DecodeError(ValueError):
    """A stream is no PYON. ``offset`` is where, in bytes from the start of the stream."""

    def __init__(self, message, offset):
        super().__init__(message)
        self.offset = offset

    def __reduce__(self):
        return type(self), (str(self), self.offset), vars(self)


class TruncatedError(DecodeError, EOFError):
    """A stream ends inside a value."""


class LimitError(DecodeError):
    """A value is larger, or has more brackets, than is allowed."""


def _make_error(name, offset, message, depth, place, size, max_bytes):
    """The exception for what the decoder has found; ``name`` is None for errors of syntax."""
    inside = f"inside {place} at depth {depth}" if depth else "inside a value"
    if name == "truncated":
        return TruncatedError(f"truncated after {offset} bytes, {inside}", offset)
    if name == "line":
        return DecodeError(f"the line ends at byte {offset}, {inside}", offset)
    if name == "size":
        return LimitError(
            f"a value of more than {max_bytes} bytes: {size} so far, {inside}", offset
        )
    if name == "depth":
        return LimitError(f"more than {depth} open brackets at byte {offset}", offset)
    return DecodeError(f"{message.removesuffix(' at')} at byte {offset}", offset)


_core.bind_stream(_make_error)


def _version(dialect):
    """The number of a dialect, by its functions: sipyco's module may have ours."""
    decode = getattr(dialect, "decode", None)
    if decode is pyon.decode:
        return 2
    if decode is pyon_v1.decode:
        return 1
    raise TypeError("dialect must be fastpyon.pyon or fastpyon.pyon_v1")


class Decoder(_core.Decoder):
    """Values from pieces of text.

    feed() takes the pieces, iteration the values that are complete:

        decoder.feed(piece)
        for value in decoder:
            ...

    What is wrong with a value comes by iteration too, behind the values before it, as DecodeError
    or as what a constructor raises; skip_line() goes on behind the next line end. close() tells
    that there is no more, and raises TruncatedError inside a value.

    Nothing has to stand between two values but what keeps them apart. So in version 1, strings
    side by side do not join here, and tuples have their parentheses.

    ``max_bytes`` limits the text of a value, ``max_depth`` its open brackets: LimitError. With
    ``lines``, no value goes on behind a line end, as on the wire: so after one that has been broken
    off, skip_line() loses nothing else. Not for text that is laid out in lines.

    Reading takes time in proportion to the bytes, whatever the size of the pieces. Memory is that
    of the values, of the longest string, and 256 KiB.
    """

    __slots__ = ()

    def __new__(cls, dialect=pyon, *, max_bytes=None, max_depth=None, lines=False):
        for name, limit in ("max_bytes", max_bytes), ("max_depth", max_depth):
            if limit is not None and limit < 1:
                raise ValueError(f"{name} must be positive")
        return super().__new__(cls, _version(dialect), max_bytes or 0, max_depth or 0, lines)


# ---- Encoding ----------------------------------------------------------------------------------


_ENCODE = {1: _core.encode_bytes_v1, 2: _core.encode_bytes_v2}
_PIECES = {1: _core.pieces_v1, 2: _core.pieces_v2}


def encode(x, dialect=pyon, pretty=False):
    """The text of ``dialect.encode(x, pretty)`` as bytes."""
    return _ENCODE[_version(dialect)](x, pretty)


def iterencode(x, dialect=pyon, pretty=False, size=_PIECE):
    """Iterate over the text of ``dialect.encode(x, pretty)`` in pieces of about ``size`` bytes.

    No more of it than a piece is in memory, but for what only Python can encode. What is wrong with
    x may be found only when pieces have come already.
    """
    return _PIECES[_version(dialect)](x, pretty, size)


class _Output:
    """The text of one value after the other, in pieces.

    All that changes while a value is written is in the Pieces, where C counts a byte as soon as it
    is written, and a value is begun by one assignment. So an exception between any two steps, as a
    signal handler raises it, leaves a state that a later call goes on with.

    If a value turns out not to be PYON when a part of it is out, what comes next instead is such
    that every reader finds an error there and can go on with the next line.
    """

    def __init__(self, dialect):
        self._make = _PIECES[_version(dialect)]
        # How many values were written before, the text of the last one, and what the caller says it is.
        self._last = 0, None, None

    @property
    def pending(self):
        """Is there anything left of the last value?"""
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
        """What begin() was told that the last value is."""
        return self._last[2]

    def begin(self, x, name=None):
        """Begins a value, when there is nothing left of the last one."""
        self._last = self.written, self._make(x, newline=True), name

    def write(self, fd):
        """Writes all that is left to a file descriptor."""
        if self.pending:
            self._last[1].write(fd)

    def send(self, send):
        """The same by a method of C, which keeps none of what it is given."""
        if self.pending:
            self._last[1].send(send)

    def send_copies(self, write):
        """The same by any method that returns how much it has written."""
        if self.pending:
            self._last[1].send_copies(write)

    def give(self, take):
        """Calls a method with the next piece of what is pending, all of which it takes."""
        self._last[1].give(take)


# ---- Files, pipes and sockets ------------------------------------------------------------------


def _is_socket(file):
    """Is it Python's own? Its methods are C, those of a subclass may be anything."""
    socket = sys.modules.get("socket")
    return socket is not None and type(file) is socket.socket


def _enlarge(file):
    """A pipe holds more."""
    if isinstance(file, int):
        _pipes.enlarge(file)
    elif type(file) is io.FileIO:
        _pipes.enlarge(file.fileno())


def _filler(file):
    """The method of an unbuffered file or a socket that fills a buffer, if it is C; or None."""
    if type(file) is io.FileIO:
        return file.readinto
    return file.recv_into if _is_socket(file) else None


def _sender(file):
    """The method that writes a buffer and keeps none of it, if it is C; or None."""
    if type(file) is io.BufferedWriter:
        file = file.raw
        if type(file).__module__ == "socket" and type(file).__name__ == "SocketIO":
            file = file._sock  # its write() is Python, between whose steps a signal may come
    if type(file) is io.FileIO:
        return file.write
    return file.send if _is_socket(file) else None


def _method(file, *names):
    """The first of these methods that it has."""
    for name in names:
        if hasattr(file, name):
            return getattr(file, name)
    raise TypeError(f"a file descriptor, a socket or an open file is needed, not {type(file).__name__}")


def _receiver(file):
    """What returns the next piece of a file: not more than there is, empty at the end."""
    if isinstance(file, io.TextIOBase):
        return file.readline  # read() waits for as much as was asked
    receive = _method(file, "recv", "read1", "read")
    return receive


class _End(EOFError):
    """There are no more values; not any EOFError that a constructor raises."""


class Reader:
    """Values from a file, pipe or socket, which blocks.

    ``file`` is a file descriptor, a socket, or a file that is open for reading, binary or text; it
    stays the caller's to close. What comes behind a value that was read is kept in the
    reader: nobody else should read from the file. The other arguments are those of Decoder.
    """

    def __init__(self, file, dialect=pyon, **limits):
        self._decoder = Decoder(dialect, **limits)
        self._file = file
        _enlarge(file)
        self._fill = None if isinstance(file, int) else _filler(file)
        self._receive = None if self._fill or isinstance(file, int) else _receiver(file)

    def _read_on(self):
        """Reads a piece. What has been read is in the decoder before a signal handler runs."""
        decoder = self._decoder
        if decoder.closed:
            raise _End("there are no more values")
        if self._fill:
            count = decoder.fill_from(self._fill)
        elif self._receive:
            count = decoder.feed_from(self._receive, _PIECE)
            if not count and isinstance(self._file, (io.BufferedReader, io.BufferedRandom)):
                count = decoder.fill_from(self._file.readinto, 1)  # is it the end, or must it wait?
        else:
            count = decoder.read_from(self._file)
        if not count:
            decoder.close()

    def read(self):
        """Wait for the next value and return it.

        Raises EOFError at the end, which inside a value is a TruncatedError. After a DecodeError,
        or what a constructor has raised, skip_line() and read() go on with the next line. If the
        file does not block, BlockingIOError means to try again later.
        """
        while True:
            # Not by next(): after a call, a signal handler may run, and if it raises, the value is lost.
            for value in self._decoder:
                return value
            self._read_on()

    def skip_line(self):
        """After an error, go on behind the next line end."""
        self._decoder.skip_line()

    @property
    def offset(self):
        """The number of bytes that have been read from the file."""
        return self._decoder.offset

    def __iter__(self):
        return self

    def __next__(self):
        try:
            return self.read()
        except _End:
            raise StopIteration from None


class Writer:
    """Values to a file, pipe or socket, which blocks.

    ``file`` is a file descriptor, a socket, or a file that is open for writing in binary; it stays
    the caller's to close. Each value is written while it is encoded, and a line end behind it.

    If a value turns out not to be PYON when a part of it has been written already, what follows
    is such that every reader finds an error there and can go on with the next line.

    If a signal handler raises, ``written`` tells what became of a value:

        before = writer.written
        try:
            writer.write(x)
        except Interrupted:
            writer.flush()  # finishes what has been begun
            if writer.written == before:
                writer.write(x)  # nothing of it has been
    """

    def __init__(self, file, dialect=pyon):
        if isinstance(file, io.TextIOBase):
            raise TypeError("the file must be open in binary")
        self._output = _Output(dialect)
        self._file = file
        _enlarge(file)
        self._direct = None if isinstance(file, int) else _sender(file)
        if not isinstance(file, int):
            self._send = _method(file, "send", "write")
            self._flush_file = getattr(file, "flush", None)

    @property
    def written(self):
        """The number of values that have been written whole."""
        return self._output.written

    def write(self, x):
        """Write a value, all of it.

        If that is interrupted, because the file does not block, or time is up, flush() goes on,
        and must return before the next value: until then, this raises RuntimeError.
        """
        if self._output.pending:
            raise RuntimeError("the last value has not been written: flush() goes on with it")
        self._output.begin(x)
        try:
            self.flush()
        except BaseException:
            if self._output.failed:
                with contextlib.suppress(OSError):
                    self.flush()
            raise

    def flush(self):
        """Write what is left of the last value, if its writing has been interrupted."""
        if isinstance(self._file, int):
            self._output.write(self._file)
        elif self._direct:
            if type(self._file) is io.BufferedWriter:
                self._file.flush()  # what others have left in its buffer, or that it is closed
            self._output.send(self._direct)
        else:
            self._output.send_copies(self._send)
            if self._flush_file:
                self._flush_file()


# ---- Files of one value a line -----------------------------------------------------------------


def load_lines(path, dialect=pyon, *, progress=None, on_error=None, **limits):
    """Iterate over the values in a file that has one in each line.

    ``progress(done, total)`` is called now and then with numbers of bytes. What is wrong with a
    line is raised, or given to ``on_error(exception)``, if there is such a function, and the next
    line is read. ``limits`` are the keyword arguments of Decoder.
    """
    decoder = Decoder(dialect, lines=True, **limits)
    name = _files.shown(path)
    done, ended = -1, False
    with _core.open_file(path) as file:
        total = file.size
        while True:
            if progress and decoder.offset != done:
                done = decoder.offset
                progress(done, total)
            try:
                value = next(decoder, _NOTHING)
                if value is _NOTHING and ended:
                    return
                if value is _NOTHING:
                    ended = decoder.read_from(file.fileno(), _READ, name) == 0
                    if ended:
                        decoder.close()
                    continue
            except Exception as error:
                # Signal handlers raise exceptions, too, which are not the decoder's.
                if error is not decoder.failure:
                    raise
                _name_line(error, path)
                if on_error is None:
                    raise
                on_error(error)
                decoder.skip_line()
            else:
                yield value


def _name_line(error, path):
    """Makes the exception of a line say which file it is about."""
    if isinstance(error, DecodeError):
        _files.add_name(error, path)
    else:
        _files.note_name(error, path)


def _write_lines(file, values, dialect, progress):
    """Writes values to a file of _core. After an exception, that keeps whole lines or nothing."""
    make = _PIECES[_version(dialect)]
    total = len(values) if hasattr(values, "__len__") else None
    for count, x in enumerate(values, 1):
        for piece in make(x, newline=True):
            file.write(piece)
        if progress:
            progress(count, total)


def store_lines(path, values, dialect=pyon, *, append=False, backup=False, progress=None):
    """Write values into a file, one a line.

    The file is replaced as a whole by one that only its owner may read, as store_file() does, and
    left alone if anything fails; with ``backup``, the old one stays as FILE~. With ``append``, the
    values are written behind what is there: after an exception, the lines of those before it
    stay, as far as there is room on the disk, and nothing is behind them. Nobody else should append
    meanwhile.
    ``progress(done, total)`` is called with numbers of values; the total is None if it is unknown.
    """

    def write(file):
        _write_lines(file, values, dialect, progress)

    if not append:
        _core.replace_file(path, write, "~" if backup else None)
    elif backup:
        raise ValueError("nothing is replaced: no backup with append")
    else:
        _core.append_file(path, write)


def __dir__():
    return sorted({*globals(), *__all__})


def __getattr__(name):
    """What needs asyncio is imported when it is used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from fastpyon import _stream_asyncio

    return getattr(_stream_asyncio, name)
