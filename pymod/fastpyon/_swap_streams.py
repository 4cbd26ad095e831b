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
import functools
import io
import sys
import weakref

from fastpyon import _core, _pipes

max_line = 1 << 30  # bytes of a line, with its end; install sets it

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


class _Pipe(io.RawIOBase):
    """The reading end of a pipe, in pieces. ``file`` is an unbuffered file, which it owns.

    What has been read and is not wanted yet is in a Gather, where an exception out of a signal
    handler leaves it. What is found there is taken last, by an attribute (see gather.c).
    """

    def __init__(self, file):
        self._file = file
        self._gather = _core.Gather(Line)
        _pipes.enlarge(file.fileno())

    def readable(self):
        return True

    def fileno(self):
        return self._file.fileno()

    def close(self):
        super().close()
        self._file.close()

    def read(self, size=-1):
        gather, whole = self._gather, size is None or size < 0
        if whole:
            size = sys.maxsize
        try:
            while (whole or size and not len(gather)) and gather.fill(
                self._file.readinto, min(size, _pipes.PIPE)
            ):
                pass
        except BlockingIOError:
            if not len(gather):
                return None
        gather.find(size)
        return gather.found

    def readall(self):
        return self.read()

    def readinto(self, target):
        with memoryview(target) as view, view.cast("B") as part:
            data = self.read(len(part))
            if data is None:
                return None
            part[: len(data)] = data
        return len(data)

    def readline(self, size=-1):
        if size is not None and size >= 0:
            return super().readline(size)
        gather, is_last = self._gather, False
        while not gather.find_line(max_line, is_last):
            is_last = not gather.fill(self._file.readinto, _pipes.PIPE)
        return gather.found


class _Reader(asyncio.StreamReader):
    """A StreamReader whose limit says when to stop reading ahead, and ``max_line`` what is too long.

    As long as a line is not complete, what there is of it is moved out of the buffer into a Gather,
    so that it is copied once. Whether ``readline`` returns or is cancelled, all that is left is in
    the buffer, where the other methods find it.
    """

    async def readline(self):
        if self._exception is not None:
            raise self._exception
        gather, buffer = self._gather, self._buffer
        try:
            gather.move(buffer)
            while not gather.find_line(max_line, self._eof):
                await self._wait_for_data("readline")
                gather.move(buffer)
            self._maybe_resume_transport()
            return gather.found  # last, by an attribute: see gather.c
        except BaseException:
            gather.give_back(buffer)
            self._maybe_resume_transport()
            raise


def _lift(reader):
    """Makes a StreamReader of asyncio's one of ours. One of anybody else's is left alone."""
    if type(reader) is asyncio.StreamReader:
        reader._gather = _core.Gather(Line)
        reader.__class__ = _Reader


# ---- What is replaced. Each function is given a module and ``replace(owner, name, value)``; it
# ---- returns what is different now, or None, having replaced nothing, if it does not know the module.


def _functions(owner, *names):
    """Those functions of a module or class, or None if one is missing."""
    found = [vars(owner).get(name) for name in names]
    return found if all(hasattr(function, "__code__") for function in found) else None


class _Buffered:
    """A method that reads from ``self.rf``, which is a _Pipe from the first time on.

    The method itself is called, by nobody else: a signal handler that raised after the call of a
    wrapper would lose what the method returns.
    """

    def __init__(self, method):
        self._method = method

    def __get__(self, comm, owner=None):
        if comm is not None and type(comm.rf) is io.FileIO:
            comm.rf = _Pipe(comm.rf)
        return self._method.__get__(comm, owner)


def patch_pipe_ipc(module, replace):
    comm = getattr(module, "ChildComm", None)
    methods = isinstance(comm, type) and _functions(comm, "read", "readline")
    streams = _functions(module, "_fds_to_asyncio")
    if not methods or not streams:
        return None

    @functools.wraps(streams[0])
    async def fds_to_asyncio(rfd, wfd, *args, **kwargs):
        _pipes.enlarge(rfd)
        _pipes.enlarge(wfd)
        made = await streams[0](rfd, wfd, *args, **kwargs)
        for stream in made:
            _lift(stream)
        return made

    for method in methods:
        replace(comm, method.__name__, _Buffered(method))
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

    gathers = weakref.WeakKeyDictionary()  # of a socket, what an exception has left of a line

    @functools.wraps(functions[0])
    def socket_readline(socket, bufsize=_RECEIVE):
        gather = gathers.get(socket)
        if gather is None:
            gather = gathers[socket] = _core.Gather(Line)
        while not gather.find_line(max_line, False):
            if not gather.fill(socket.recv_into, bufsize):
                raise EOFError("Connection closed before a full line was received.")
        return gather.text  # last, by an attribute: see gather.c

    replace(module, "_socket_readline", socket_readline)
    return "Client reads larger pieces; long lines"
