# SPDX-License-Identifier: LGPL-3.0-or-later
"""Long lines through sipyco's pipes and sockets: part of the swap (see ``_swap``).

What is wrong with the streams of sipyco, and what is put there instead:

- ``pipe_ipc.ChildComm`` reads a pipe byte by byte, one system call each: it reads pieces.
- Streams of asyncio end at the 4 or 100 MiB that sipyco gives as their limit: a line may have
  ``max_line`` bytes. When a stream stops reading because nobody wants its data is left as it was.
- The client of ``pc_rpc`` decodes pieces of 4 KiB, in whose middle a character may be cut: it
  decodes the whole.
- A line is in memory twice, as bytes and as str, while it is decoded: long ones are a ``Line``,
  which are bytes that have been a str from the start.

Nothing here knows the format, and no class of sipyco is replaced: methods are, and readers that
sipyco has made get another class. So what exists already works on, before and after.
"""

import asyncio
import codecs
import errno
import functools
import io

from fastpyon import _core, _pipes

max_line = 1 << 30  # bytes of a line, with its end; install sets it

_LONG = 1 << 20  # from here on a line is worth a Line
_RECEIVE = 1 << 16  # bytes asked from a socket at once


def _plain(other):
    """What a comparison with bytes can be made with."""
    return bytes(other) if isinstance(other, (bytes, bytearray, memoryview)) else other


class Line(_core.Line):
    """A long line: ``bytes`` to all that asks, but that ``decode`` copies nothing.

    It is what ``readline`` of a stream returns. It cannot be a subclass of bytes, which have
    their data inside. C code that takes any buffer takes a Line; what insists on bytes raises a
    TypeError.
    """

    __slots__ = ()
    __class__ = property(lambda self: bytes)

    def decode(self, encoding="utf-8", errors="strict"):
        if codecs.lookup(encoding).name in ("utf-8", "ascii", "iso8859-1"):
            return self.text
        return bytes(self).decode(encoding, errors)

    def __getattr__(self, name):
        return getattr(bytes(self), name)

    def __getitem__(self, key):
        part = memoryview(self)[key]
        return bytes(part) if isinstance(key, slice) else part

    def __iter__(self):
        return iter(memoryview(self))

    def __contains__(self, item):
        return item in bytes(self)

    def __eq__(self, other):
        if not isinstance(other, (bytes, bytearray, memoryview)):
            return NotImplemented
        return memoryview(self) == memoryview(other)

    def __hash__(self):
        return hash(bytes(self))

    def __add__(self, other):
        return bytes(self) + other

    def __mul__(self, count):
        return bytes(self) * count

    __rmul__ = __mul__

    def __mod__(self, values):
        return bytes(self) % values

    def __lt__(self, other):
        return bytes(self) < _plain(other)

    def __le__(self, other):
        return bytes(self) <= _plain(other)

    def __gt__(self, other):
        return bytes(self) > _plain(other)

    def __ge__(self, other):
        return bytes(self) >= _plain(other)

    def __repr__(self):
        return repr(bytes(self))

    def __reduce_ex__(self, protocol):
        return bytes, (bytes(self),)


def _too_long(size):
    return ValueError(
        f"a line of {size} bytes or more is longer than the limit of {max_line} bytes"
        " (FASTPYON_MAX_LINE sets it)"
    )


def _as_line(text):
    """What a line is to a program, made of what _core gives: a str if it is ASCII, else bytes."""
    if isinstance(text, bytes):
        return text
    return Line(text) if len(text) >= _LONG else text.encode("ascii")


def _take_long(buffer, size):
    """The first ``size`` bytes of a bytearray as a line, which leave it."""
    if len(buffer) - size <= size:
        return _as_line(_core.take_text(buffer, size))
    # To move what is behind, time after time, would cost more than to copy the line once.
    gather = _core.Gather()
    with memoryview(buffer) as view, view[:size] as part:
        gather.append(part)
    del buffer[:size]
    return _as_line(gather.take())


class _Lines:
    """Takes lines from a bytearray that somebody else fills.

    As long as a line is not complete, what there is of it is moved out of the buffer, so that it
    is copied once: who gives up waiting for the rest calls ``give_up``, which puts it back.
    """

    def __init__(self, buffer):
        self._buffer = buffer
        self._gather = None

    def next(self, is_end):
        """A line, or None if more is needed. At the end, what is left is one."""
        buffer, gather = self._buffer, self._gather
        known = len(gather) if gather else 0
        end = buffer.find(b"\n") + 1
        size = end or len(buffer)
        if known + size > max_line:
            self._gather = None
            del buffer[:size]
            raise _too_long(known + size)
        if gather is None and (end or is_end):
            return self._take(size)
        if gather is None:
            gather = self._gather = _core.Gather()
        with memoryview(buffer) as view, view[:size] as part:
            gather.append(part)
        del buffer[:size]
        if not end and not is_end:
            return None
        self._gather = None
        return _as_line(gather.take())

    def _take(self, size):
        if size >= _LONG:
            return _take_long(self._buffer, size)
        with memoryview(self._buffer) as view, view[:size] as part:
            line = bytes(part)
        del self._buffer[:size]
        return line

    def give_up(self):
        if self._gather:
            text = self._gather.take()
            self._buffer[:0] = text if isinstance(text, bytes) else text.encode("ascii")
            self._gather = None


class _Pipe(io.RawIOBase):
    """The reading end of a pipe, in pieces. ``file`` is an unbuffered file, which it owns.

    What has been read and is not wanted yet is in ``_buffer``. An exception that comes while it
    waits, out of a signal handler, loses nothing.
    """

    def __init__(self, file):
        self._file = file
        self._buffer = bytearray()
        self._piece = bytearray(_pipes.PIPE)
        _pipes.enlarge(file.fileno())

    def readable(self):
        return True

    def fileno(self):
        return self._file.fileno()

    def close(self):
        super().close()
        self._file.close()

    def readinto(self, target):
        if not self._buffer:
            return self._file.readinto(target)
        with memoryview(target) as view, view.cast("B") as part:
            count = min(len(part), len(self._buffer))
            part[:count] = self._buffer[:count]
        del self._buffer[:count]
        return count

    def _fill(self):
        """Reads what there is, at least a byte; False at the end of the file."""
        count = self._file.readinto(self._piece)
        if count is None:
            raise BlockingIOError(errno.EAGAIN, "the pipe does not block")
        with memoryview(self._piece) as view, view[:count] as part:
            self._buffer += part
        return count > 0

    def readline(self, size=-1):
        if size is not None and size >= 0:
            return super().readline(size)
        lines = _Lines(self._buffer)
        try:
            line = lines.next(False)
            while line is None:
                line = lines.next(not self._fill())
        except BaseException:
            lines.give_up()
            raise
        return line


class _Reader(asyncio.StreamReader):
    """A StreamReader whose limit says when to stop reading ahead, and ``max_line`` what is too long.

    Whether ``readline`` returns or is cancelled, all that is left is in the buffer of the base
    class, where its other methods find it.
    """

    async def readline(self):
        if self._exception is not None:
            raise self._exception
        lines = _Lines(self._buffer)
        try:
            line = lines.next(self._eof)
            while line is None:
                await self._wait_for_data("readline")
                line = lines.next(self._eof)
        except BaseException:
            lines.give_up()
            raise
        finally:
            self._maybe_resume_transport()
        return line


def _lift(reader):
    """Makes a StreamReader of asyncio's one of ours. One of anybody else's is left alone."""
    if type(reader) is asyncio.StreamReader:
        reader.__class__ = _Reader


# ---- What is replaced. Each function is given a module and ``replace(owner, name, value)``; it
# ---- returns what is different now, or None, having replaced nothing, if it does not know the module.


def _functions(owner, *names):
    """Those functions of a module or class, or None if one is missing."""
    found = [vars(owner).get(name) for name in names]
    return found if all(hasattr(function, "__code__") for function in found) else None


def patch_pipe_ipc(module, replace):
    comm = getattr(module, "ChildComm", None)
    methods = isinstance(comm, type) and _functions(comm, "read", "readline")
    streams = _functions(module, "_fds_to_asyncio")
    if not methods or not streams:
        return None

    def buffered(method):
        @functools.wraps(method)
        def wrapper(self, *args, **kwargs):
            if type(self.rf) is io.FileIO:
                self.rf = _Pipe(self.rf)
            return method(self, *args, **kwargs)

        return wrapper

    @functools.wraps(streams[0])
    async def fds_to_asyncio(rfd, wfd, *args, **kwargs):
        _pipes.enlarge(rfd)
        _pipes.enlarge(wfd)
        made = await streams[0](rfd, wfd, *args, **kwargs)
        for stream in made:
            _lift(stream)
        return made

    for method in methods:
        replace(comm, method.__name__, buffered(method))
    replace(module, "_fds_to_asyncio", fds_to_asyncio)
    return "ChildComm reads pieces; long lines"


def patch_keepalive(module, replace):
    functions = _functions(module, "async_open_connection")
    if not functions:
        return None

    @functools.wraps(functions[0])
    async def async_open_connection(*args, **kwargs):
        streams = await functions[0](*args, **kwargs)
        if "limit" in kwargs:  # lines are to be read from it, and long ones
            _lift(streams[0])
        return streams

    replace(module, "async_open_connection", async_open_connection)
    return "async_open_connection: long lines"


def patch_tools(module, replace):
    server = getattr(module, "AsyncioServer", None)
    methods = isinstance(server, type) and _functions(server, "_handle_connection")
    if not methods or server.__module__ != module.__name__:
        return None

    @functools.wraps(methods[0])
    def handle_connection(self, reader, writer):
        _lift(reader)
        return methods[0](self, reader, writer)

    replace(server, "_handle_connection", handle_connection)
    return "AsyncioServer: long lines"


def patch_pc_rpc(module, replace):
    functions = _functions(module, "_socket_readline")
    if not functions:
        return None

    @functools.wraps(functions[0])
    def socket_readline(socket, bufsize=_RECEIVE):
        gather = _core.Gather()
        data = b""
        while b"\n" not in data:
            data = socket.recv(bufsize)
            if not data:
                raise EOFError("Connection closed before a full line was received.")
            gather.append(data)
            if len(gather) > max_line:
                raise _too_long(len(gather))
        text = gather.take()
        return text if isinstance(text, str) else text.decode()

    replace(module, "_socket_readline", socket_readline)
    return "Client reads larger pieces; long lines"
