# SPDX-License-Identifier: LGPL-3.0-or-later
"""Long lines through sipyco's pipes and sockets: part of the swap (see ``_swap``).

The streams of sipyco have four faults, which are mended here:

- ``pipe_ipc.ChildComm`` reads a pipe byte by byte, with a system call for each. Here it reads pieces.
- sipyco limits the lines of asyncio's streams to 4 or 100 MiB. Here a line may have ``max_line`` bytes. The limit of
  asyncio still says when a stream stops reading ahead.
- The client of ``pc_rpc`` decodes pieces of 4 KiB, each alone: the end of one may cut a character. Here it decodes the
  whole line.
- While a line is decoded, it is in memory twice, as bytes and as str. Here a long one is a ``Line``: it has been a str
  from the start, and gives its bytes without a copy.

Nothing here knows the format. No class of sipyco is replaced, only methods; a reader that sipyco has made gets another
class. So objects that exist already work before, meanwhile and after.
"""

import asyncio
import codecs
import functools
import io
import sys
import weakref

from fastpyon import _core, _pipes

max_line = 1 << 30  # bytes of a line, with its end; install() sets it

_RECEIVE = 1 << 16  # bytes of a recv()


def _as_bytes(other):
    """Returns an object that can be compared with bytes."""
    return bytes(other) if isinstance(other, (bytes, bytearray, memoryview)) else other


class Line(_core.Line):
    """A long line, which behaves as ``bytes``, except that ``decode`` copies nothing.

    ``readline`` of a stream returns it. It cannot be a subclass of bytes, which have their data inside. C code that
    takes any buffer takes a Line; C code that needs bytes raises a TypeError.
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
        return bytes(self) < _as_bytes(other)

    def __le__(self, other):
        return bytes(self) <= _as_bytes(other)

    def __gt__(self, other):
        return bytes(self) > _as_bytes(other)

    def __ge__(self, other):
        return bytes(self) >= _as_bytes(other)

    def __repr__(self):
        return repr(bytes(self))

    def __reduce_ex__(self, protocol):
        return bytes, (bytes(self),)


class _Pipe(io.RawIOBase):
    """The reading end of a pipe, in pieces. ``file`` is an unbuffered file, which this object owns.

    Bytes that have been read and not returned are in a Gather, where they stay if a signal handler raises. The last
    step of a method takes a line from there by an attribute (see gather.c).
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


class _NamedPipe(_Pipe):
    """A pipe of Windows, of which both directions are one file."""

    def writable(self):
        return True

    def write(self, data):
        return self._file.write(data)


class _Reader(asyncio.StreamReader):
    """A StreamReader whose limit says when to stop reading ahead; ``max_line`` says which lines are too long.

    While a line is not complete, its bytes move from the buffer into a Gather, so that they are copied once. When
    ``readline`` returns or is cancelled, all other bytes are in the buffer, where the other methods find them.
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
            return gather.found  # the last step, by an attribute: see gather.c
        except BaseException:
            gather.give_back(buffer)
            self._maybe_resume_transport()
            raise


def _allow_long_lines(reader):
    """Makes a StreamReader of asyncio's one of ours. One of another class is left alone."""
    if type(reader) is asyncio.StreamReader:
        reader._gather = _core.Gather(Line)
        reader.__class__ = _Reader


# ---- Patches. Each function gets a module and ``replace(owner, name, value)``. It returns a description of the new
# ---- values; if it does not know the module, it replaces nothing and returns None.


def _functions(owner, *names):
    """Returns these functions of a module or class, or None if one is missing."""
    found = [vars(owner).get(name) for name in names]
    return found if all(hasattr(function, "__code__") for function in found) else None


class _Buffered:
    """A method that reads from an attribute ``name``, which becomes a ``pipe`` when the method is first looked up.

    Programs call the method itself, without a wrapper: if a signal handler raised after the method returns to a
    wrapper, the line would be lost.
    """

    def __init__(self, method, name, pipe):
        self._method, self._name, self._pipe = method, name, pipe

    def __get__(self, comm, owner=None):
        if comm is not None:
            file = getattr(comm, self._name)
            if type(file) is io.FileIO:
                setattr(comm, self._name, self._pipe(file))
        return self._method.__get__(comm, owner)


def _methods(module, name, *names):
    """Returns these methods of a class in a module, or None."""
    owner = vars(module).get(name)
    return _functions(owner, *names) if isinstance(owner, type) else None


def patch_pipe_ipc(module, replace):
    """Patches either form of the module: for Windows, sipyco has other classes under the same names."""
    child = _methods(module, "ChildComm", "read", "readline")
    if not child:
        return None
    if _functions(module, "_fds_to_asyncio"):
        _patch_descriptors(module, replace)
        name, pipe = "rf", _Pipe
    elif _patch_named_pipes(module, replace):
        name, pipe = "f", _NamedPipe
    else:
        return None
    for method in child:
        replace(module.ChildComm, method.__name__, _Buffered(method, name, pipe))
    return "ChildComm reads pieces; long lines"


def _patch_named_pipes(module, replace):
    """Has the streams of Windows take long lines. Returns whether the module has them."""
    parent = _methods(module, "AsyncioParentComm", "_child_connected")
    child = _methods(module, "AsyncioChildComm", "connect")
    if not parent or not child:
        return False

    @functools.wraps(parent[0])
    def child_connected(self, reader, writer):
        _allow_long_lines(reader)
        return parent[0](self, reader, writer)

    @functools.wraps(child[0])
    async def connect(self):
        await child[0](self)
        _allow_long_lines(self.reader)

    replace(module.AsyncioParentComm, "_child_connected", child_connected)
    replace(module.AsyncioChildComm, "connect", connect)
    return True


def _patch_descriptors(module, replace):
    streams = _functions(module, "_fds_to_asyncio")

    @functools.wraps(streams[0])
    async def fds_to_asyncio(rfd, wfd, *args, **kwargs):
        _pipes.enlarge(rfd)
        _pipes.enlarge(wfd)
        made = await streams[0](rfd, wfd, *args, **kwargs)
        for stream in made:
            _allow_long_lines(stream)
        return made

    replace(module, "_fds_to_asyncio", fds_to_asyncio)


def patch_keepalive(module, replace):
    functions = _functions(module, "async_open_connection")
    if not functions:
        return None

    @functools.wraps(functions[0])
    async def async_open_connection(*args, **kwargs):
        streams = await functions[0](*args, **kwargs)
        if "limit" in kwargs:  # the caller reads lines from it, which may be long
            _allow_long_lines(streams[0])
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
        _allow_long_lines(reader)
        return methods[0](self, reader, writer)

    replace(server, "_handle_connection", handle_connection)
    return "AsyncioServer: long lines"


def patch_pc_rpc(module, replace):
    functions = _functions(module, "_socket_readline")
    if not functions:
        return None

    gathers = weakref.WeakKeyDictionary()  # socket: the bytes of a line that was not complete when an exception came

    @functools.wraps(functions[0])
    def socket_readline(socket, bufsize=_RECEIVE):
        gather = gathers.get(socket)
        if gather is None:
            gather = gathers[socket] = _core.Gather(Line)
        while not gather.find_line(max_line, False):
            if not gather.fill(socket.recv_into, bufsize):
                raise EOFError("Connection closed before a full line was received.")
        return gather.text  # the last step, by an attribute: see gather.c

    replace(module, "_socket_readline", socket_readline)
    return "Client reads larger pieces; long lines"
