# SPDX-License-Identifier: LGPL-3.0-or-later
"""PYON values through pipes, sockets and files, in pieces.

    reader = stream.Reader(fd)              writer = stream.Writer(fd)
    value = reader.read()                   writer.write(value)

The text of a value shows where it ends. So a reader need not search for a line end, keep a whole line, or limit the
length of a line. Decoder takes pieces of any size, and builds values while the pieces come.

Writer sends the same as sipyco: a line end follows each value. So either end may be sipyco. Their
counterparts for asyncio are open_connection(), start_server(), connect_read_pipe() and connect_write_pipe().
load_lines() and store_lines() read and write files of one value a line.

``dialect`` is fastpyon.pyon (version 2) or fastpyon.pyon_v1, or a module of sipyco that has been made ours by
fastpyon.install().
"""

import contextlib
import io
import sys
from _thread import RLock

from fastpyon import _core, _pipes, _stream_base, pyon
from fastpyon._lines import load_lines, store_lines
from fastpyon._stream_base import DecodeError, Decoder, LimitError, TruncatedError

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


# ---- Encoding ----------------------------------------------------------------------------------


def encode(x, dialect=pyon, pretty=False):
    """The text of ``dialect.encode(x, pretty)`` as bytes.

        >>> encode([1, 2.5])
        b'[1,2.5]'

    Raises the exceptions of that function.
    """
    return (_core.encode_bytes_v1 if _stream_base.version_of(dialect) == 1 else _core.encode_bytes_v2)(x, pretty)


def iterencode(x, dialect=pyon, pretty=False, size=_stream_base.PIECE):
    """Iterate over the text of ``dialect.encode(x, pretty)`` in pieces of about ``size`` bytes.

        >>> b"".join(iterencode([1, 2.5]))
        b'[1,2.5]'

    Only one piece of the text is in memory, except for values that only Python can encode. If x is not PYON, the
    exception may come after the first pieces.
    """
    return _stream_base.pieces_of(dialect)(x, pretty, size)


# ---- Files, pipes and sockets ------------------------------------------------------------------


def _is_socket(file):
    """Is it a socket of Python's own class? Its methods are C. Those of a subclass may be anything."""
    socket = sys.modules.get("socket")
    return socket is not None and type(file) is socket.socket


def _enlarge(file):
    """Makes a pipe hold more."""
    if isinstance(file, int):
        _pipes.enlarge(file)
    elif type(file) is io.FileIO:
        _pipes.enlarge(file.fileno())


def _filler(file):
    """Returns the method of an unbuffered file or a socket that fills a buffer, if it is C; or None."""
    if type(file) is io.FileIO:
        return file.readinto
    return file.recv_into if _is_socket(file) else None


def _sender(file):
    """Returns the method that writes a buffer and keeps nothing of it, if it is C; or None."""
    if type(file) is io.BufferedWriter:
        file = file.raw
        if type(file).__module__ == "socket" and type(file).__name__ == "SocketIO":
            file = file._sock  # its write() is Python, between whose steps a signal may come
    if type(file) is io.FileIO:
        return file.write
    return file.send if _is_socket(file) else None


def _first_method(file, *names):
    """Returns the first of these methods that the file has."""
    for name in names:
        if hasattr(file, name):
            return getattr(file, name)
    raise TypeError(f"a file descriptor, a socket or an open file is needed, not {type(file).__name__}")


def _receiver(file):
    """Returns the method that returns the next piece of a file: no more than is there, and nothing at the end."""
    if isinstance(file, io.TextIOBase):
        return file.readline  # read() waits for as much as was asked
    receive = _first_method(file, "recv", "read1", "read")
    return receive


class Reader:
    """Values from a file, pipe or socket, which blocks.

    ``file`` is a file descriptor (int), a socket, or a file that is open for reading, binary or text. The caller
    closes it. The reader keeps the bytes that come after the last value, so no other code should read from the
    file. The other arguments are those of Decoder.
    """

    def __init__(self, file, dialect=pyon, **limits):
        self._decoder = Decoder(dialect, **limits)
        self._file = file
        _enlarge(file)
        self._fill = None if isinstance(file, int) else _filler(file)
        self._receive = None if self._fill or isinstance(file, int) else _receiver(file)

    def _read_on(self):
        """Reads a piece. Its bytes are in the decoder before a signal handler runs."""
        decoder = self._decoder
        if decoder.closed:
            raise _stream_base.End("there are no more values")
        if self._fill:
            count = decoder.fill_from(self._fill)
        elif self._receive:
            count = decoder.feed_from(self._receive, _stream_base.PIECE)
            if not count and isinstance(self._file, (io.BufferedReader, io.BufferedRandom)):
                count = decoder.fill_from(self._file.readinto, 1)  # is it the end, or must it wait?
        else:
            count = decoder.read_from(self._file)
        if not count:
            decoder.close()

    def read(self):
        """Wait for the next value and return it.

        At the end this raises EOFError, which is a TruncatedError inside a value. After a DecodeError, or an exception
        of a constructor, skip_line() and read() continue with the next line. If the file does not block,
        BlockingIOError means: try again later.
        """
        while True:
            # Not by next(): after a call, a signal handler may run, and if it raises, the value is lost.
            for value in self._decoder:
                return value
            self._read_on()

    def skip_line(self):
        """After an error, continue after the next line end."""
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
        except _stream_base.End:
            raise StopIteration from None


class Writer:
    """Values to a file, pipe or socket, which blocks.

    ``file`` is a file descriptor (int), a socket, or a file that is open for writing in binary. The caller closes it.
    Each value is written while it is encoded, and a line end after it.

    A value may turn out not to be PYON when a part of it has been written. The next bytes are then such that every
    reader finds an error there, and can continue with the next line.

    Several threads may write: one waits until the value of another has been written.

    If a signal handler raises, ``written`` (int) tells what became of a value:

        before = writer.written
        try:
            writer.write(x)
        except Interrupted:
            writer.flush()  # writes the rest of a value that has been begun
            if writer.written == before:
                writer.write(x)  # nothing of x has been written
    """

    def __init__(self, file, dialect=pyon):
        if isinstance(file, io.TextIOBase):
            raise TypeError("the file must be open in binary")
        self._output = _stream_base.Output(dialect)
        self._lock = RLock()
        self._file = file
        _enlarge(file)
        self._direct = None if isinstance(file, int) else _sender(file)
        if not isinstance(file, int):
            self._send = _first_method(file, "send", "write")
            self._flush_file = getattr(file, "flush", None)

    @property
    def written(self):
        """The number of values that have been written whole."""
        return self._output.written

    def write(self, x):
        """Write a value, all of it.

        Writing is interrupted if the file does not block and takes no more, or if a time limit of it ends. Then
        flush() continues. It must return before the next value is written: until then, this raises RuntimeError.
        """
        with self._lock:
            if self._output.pending:
                raise RuntimeError("the last value has not been written: flush() continues it")
            self._output.begin(x)
            try:
                self._write_on()
            except BaseException:
                if self._output.failed:
                    with contextlib.suppress(OSError):
                        self._write_on()
                raise

    def flush(self):
        """Write the rest of the last value, if its writing has been interrupted."""
        with self._lock:
            self._write_on()

    def _write_on(self):
        """Writes the rest of the last value, with the lock."""
        if isinstance(self._file, int):
            self._output.write(self._file)
        elif self._direct:
            if type(self._file) is io.BufferedWriter:
                self._file.flush()  # the bytes of others in its buffer; raises if it is closed
            self._output.send(self._direct)
        else:
            self._output.send_copies(self._send)
            if self._flush_file:
                self._flush_file()


def __dir__():
    return sorted({*globals(), *__all__})


def __getattr__(name):
    """Imports the part that needs asyncio when it is used."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from fastpyon import _stream_asyncio

    return getattr(_stream_asyncio, name)
