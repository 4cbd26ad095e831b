# SPDX-License-Identifier: LGPL-3.0-or-later
"""Long lines through pipes and sockets with the swap: nothing is lost, cut or twice in memory."""

import asyncio
import io
import os
import pickle
import re
import select
import signal
import socket
import sys
import threading
import time

import pytest

import standins
from fastpyon import _core, _swap_streams
from interrupts import Interrupt, alarm, interrupt_at  # noqa: F401

LONG = 3 << 20  # more than LONG_LINE of gather.c, and no multiple of what is read at once


@pytest.fixture(params=[b"x", "\N{GREEK SMALL LETTER PI}".encode()], ids=["ascii", "utf-8"])
def long(request):
    return request.param * LONG + b"\n"


@pytest.fixture
def bound(monkeypatch):
    monkeypatch.setattr(_swap_streams, "max_line", 1000)
    return 1000


# ---- Of the extension ----


@pytest.fixture
def gather():
    return _core.Gather(_swap_streams.Line)


def fill(gather, data, size):
    """Puts data into it in pieces."""
    with io.BytesIO(data) as file:
        while count := gather.fill(file.readinto, size):
            assert count <= size


@pytest.mark.parametrize("size", [1, 7, 100_001, 1 << 23])
def test_lines_of_a_gather(gather, long, size):
    lines = [b"a\n", b"\n", b"\xff\n", b"abc\n", b"end"] + [long[:5] * 300 + b"\n", long, long] * (size > 7)
    text = b"".join(lines[:-1]) + lines[-1]
    fill(gather, text, size)
    assert len(gather) == len(text)
    for line in text.splitlines(keepends=True):
        assert gather.find_line(1 << 30, True) and gather.find_line(1 << 30, True)
        found = gather.found
        assert found == line and len(gather) == len(text) - len(line)
        assert type(found) is (_swap_streams.Line if len(line) > LONG and line.isascii() else bytes)
        text = text[len(line) :]
        assert gather.found == b""  # it is taken once
    assert not gather.find_line(1, False) and gather.find_line(1, True) and gather.found == b""


def test_other_bytes_of_a_gather(gather, long):
    fill(gather, long + b"abc", 1 << 16)
    gather.find(5)
    assert gather.found == long[:5]
    gather.find(len(long) + 100)
    found = gather.found
    assert type(found) is bytes and found == long[5:] + b"abc" and len(gather) == 0
    for text in "abc\n", "abc\nd", "\N{GREEK SMALL LETTER PI}\n", long.decode():
        fill(gather, b"x" + text.encode(), 1000)
        gather.find(1)
        assert gather.found == b"x" and gather.text == text and gather.text == ""
    fill(gather, b"\xff", 1)
    with pytest.raises(UnicodeDecodeError):
        gather.text
    assert len(gather) == 0
    with pytest.raises((OverflowError, TypeError)):
        gather.find(-1)


def test_a_gather_moves_lines_out_of_a_buffer(gather, long):
    text = b"a\n" + long + b"b\n" + b"x" * 100
    buffer = bytearray(text)
    for line in b"a\n", long:
        gather.move(buffer)
        assert gather.find_line(1 << 30, False) and gather.found == line
    assert buffer == b"b\n" + b"x" * 100
    for rest in b"x" * 100, b"", b"":
        gather.move(buffer)
        assert buffer == rest
    gather.give_back(buffer)
    assert buffer == b"b\n" + b"x" * 100 and len(gather) == 0
    buffer[:0] = long[:-1] * 2  # without an end
    gather.move(buffer)
    assert gather.find_line(1 << 30, False) and buffer == b"x" * 100
    gather.give_back(buffer)
    assert buffer == long[:-1] * 2 + b"b\n" + b"x" * 100
    assert not gather.find_line(1 << 30, False)


@pytest.mark.parametrize("size", [2, 1 << 20, 3 << 20])
def test_a_gather_takes_nothing_from_what_is_in_use(gather, size):
    for rest in b"", b"abc":
        buffer = bytearray(b"x" * size + b"\n" + rest)
        with memoryview(buffer), pytest.raises(BufferError):
            gather.move(buffer)
        assert len(buffer) == size + 1 + len(rest) and len(gather) == 0
        gather.move(buffer)
        with memoryview(buffer), pytest.raises(BufferError):
            gather.give_back(buffer)
        assert buffer == rest and len(gather) == size + 1
        gather.give_back(buffer)


def test_a_gather_is_used_once_at_a_time(gather):
    refused = []

    def readinto(view):
        for use in (
            lambda: gather.fill(readinto, 1),
            lambda: gather.move(bytearray(b"a\n")),
            lambda: gather.give_back(bytearray()),
            lambda: gather.find_line(9, False),
            lambda: gather.found,
            lambda: gather.text,
        ):
            with pytest.raises(RuntimeError, match="is being read already"):
                use()
            refused.append(use)
        view[:2] = b"a\n"
        return 2

    assert gather.fill(readinto, 5000) == 2 and len(refused) == 6
    assert gather.find_line(9, False) and gather.found == b"a\n"


def test_arguments_of_a_gather(gather):
    for error, use in (
        (TypeError, lambda: _core.Gather()),
        (TypeError, lambda: _core.Gather(bytes)),
        (TypeError, lambda: _core.Gather(_core.Line, line_type=_core.Line)),
        (TypeError, lambda: gather.move(b"abc")),
        (TypeError, lambda: gather.give_back(b"abc")),
        (ValueError, lambda: gather.fill(io.BytesIO(b"abc").readinto, 0)),
        (OSError, lambda: gather.fill(lambda view: len(view) + 1, 10)),
        (BlockingIOError, lambda: gather.fill(lambda view: None, 10)),
        (ZeroDivisionError, lambda: gather.fill(lambda view: 1 / 0, 10)),
    ):
        with pytest.raises(error):
            use()
    assert len(gather) == 0
    assert type(_core.Gather(_core.Line)) is _core.Gather


def test_a_line_is_bytes():
    data = b"[1, 2]\n"
    line = _swap_streams.Line(data.decode())
    assert isinstance(line, bytes) and line == data and data == line and line != b"x" and line != "x"
    assert line.decode() is line.text and line.decode("ascii", "strict") is line.text
    assert line.decode("utf-16-le", "replace") == data.decode("utf-16-le", "replace")
    assert bytes(line) == data and len(line) == len(data) and list(line) == list(data)
    assert line[0] == data[0] and line[-2:] == data[-2:] and line[::2] == data[::2]
    assert line + b"x" == data + b"x" and b"x" + line == b"x" + data and b", " in line
    assert line.endswith(b"\n") and line.split(b",") == data.split(b",") and line.hex() == data.hex()
    assert repr(line) == repr(data) and {line: 1}[data] == 1 and re.match(rb"\[1", line)
    assert line < b"x" and line <= data and line >= data and line > b"A"
    assert type(pickle.loads(pickle.dumps(line))) is bytes and b"".join([line]) == data
    assert io.BytesIO(line).read() == data and bool(line) and not _swap_streams.Line("")
    with pytest.raises(ValueError):
        _swap_streams.Line("\xff")
    with pytest.raises(AttributeError):
        line.nothing
    with pytest.raises(TypeError):
        line[0] = 1


# ---- Pipes of a child ----


@pytest.fixture
def pipe():
    """(what the program reads, a file to write to)."""
    reading, writing = os.pipe()
    with _swap_streams._Pipe(open(reading, "rb", 0)) as reader, open(writing, "wb", 0) as writer:
        yield reader, writer


def feed(writer, data, close=True):
    """Writes in a thread, since a pipe does not hold so much."""

    def write():
        with memoryview(data) as view:
            done = 0
            while done < len(data):
                done += writer.write(view[done:])
        if close:
            writer.close()

    thread = threading.Thread(target=write)
    thread.start()
    return thread


def test_lines_of_all_sizes(pipe, long):
    reader, writer = pipe
    lines = [b"\n", b"a\n", long, b"b\n", long[1:] * 2, b"end"] if long.isascii() else [long, b"end"]
    thread = feed(writer, b"".join(lines))
    expected = b"".join(lines).splitlines(keepends=True)
    assert [reader.readline() for _ in expected] == expected
    assert reader.readline() == reader.readline() == reader.read(1) == reader.read() == b""
    thread.join()


def test_reading_mixed(pipe):
    reader, writer = pipe
    writer.write(b"abc\ndefghi\njkl")
    assert reader.readline() == b"abc\n" and reader.read(2) == b"de" and reader.readline(3) == b"fgh"
    assert reader.readline() == b"i\n" and reader.read(100) == b"jkl"
    writer.write(b"1\n23")
    writer.close()
    assert reader.readline() == b"1\n" and reader.read() == b"23" and reader.read() == b""
    descriptor = reader.fileno()
    reader.close()
    assert reader.closed
    with pytest.raises(OSError):
        os.fstat(descriptor)


def test_an_interrupted_line_is_not_lost(pipe):
    reader, writer = pipe

    def interrupt(number, frame):
        if frame.f_code.co_filename != __file__:  # else it would be the test that is interrupted
            raise KeyboardInterrupt

    writer.write(b"half ")
    saved = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.1, 0.1)
    try:
        with pytest.raises(KeyboardInterrupt):
            reader.readline()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, saved)
    writer.write(b"a line\nmore")
    assert reader.read(3) == b"hal" and reader.readline() == b"f a line\n"


def test_a_pipe_that_does_not_block(pipe):
    reader, writer = pipe
    os.set_blocking(reader.fileno(), False)
    writer.write(b"half ")
    with pytest.raises(BlockingIOError):
        reader.readline()
    writer.write(b"a line\n")
    assert reader.readline() == b"half a line\n"


@pytest.mark.parametrize("end", [b"", b"\n"])
def test_a_line_beyond_the_bound(pipe, bound, end):
    reader, writer = pipe
    writer.write(b"x" * (bound - 1) + b"\n" + b"y" * bound + end)
    assert len(reader.readline()) == bound
    writer.write(b"y" * 10)
    with pytest.raises(ValueError, match="10[01].*longer than the limit of 1000 bytes"):
        reader.readline()


@pytest.fixture
def standin(tmp_path, monkeypatch):
    """The modules of a stand-in with the swap."""
    import importlib

    import fastpyon

    saved = {name: module for name, module in sys.modules.items() if name.split(".")[0] == "sipyco"}
    for name in saved:
        del sys.modules[name]
    standins.make(tmp_path, "1.10")
    monkeypatch.syspath_prepend(str(tmp_path))
    fastpyon.install()

    class Modules:
        def __getattr__(self, name):
            return importlib.import_module(f"sipyco.{name}")

    yield Modules()
    fastpyon.uninstall()
    for name in [name for name in sys.modules if name.split(".")[0] == "sipyco"]:
        del sys.modules[name]
    sys.modules.update(saved)


def make_comm(standin):
    reading, writing = os.pipe()
    return standin.pipe_ipc.ChildComm(f"{reading},{os.dup(reading)}"), open(writing, "wb", 0)


def test_comm_of_a_child(standin):
    comm, writer = make_comm(standin)
    writer.write(b"a\nb\nc\nd\n")
    assert comm.readline() == b"a\n" and comm.read(2) == b"b\n"
    import fastpyon

    fastpyon.uninstall()  # what has been read stays with the pipe
    assert "wrapper" not in standin.pipe_ipc.ChildComm.readline.__qualname__
    assert comm.readline() == b"c\n"
    fastpyon.install()
    assert comm.readline() == b"d\n"
    comm.close()
    assert comm.rf.closed and comm.rf._file.closed
    writer.close()


def test_comms_made_before_the_swap_are_served(standin):
    import fastpyon

    fastpyon.uninstall()
    comm, writer = make_comm(standin)
    writer.write(b"a\nb\n")
    assert comm.readline() == b"a\n" and type(comm.rf) is io.FileIO
    fastpyon.install()
    assert comm.readline() == b"b\n" and type(comm.rf) is _swap_streams._Pipe
    comm.close()
    writer.close()


# ---- Streams of asyncio ----


def lifted():
    reader = asyncio.StreamReader(limit=10)
    _swap_streams._lift(reader)
    return reader


def in_loop(function):
    def test(*args, **kwargs):
        asyncio.run(asyncio.wait_for(function(*args, **kwargs), 600))

    test.__name__ = function.__name__
    test.__signature__ = __import__("inspect").signature(function)
    return test


@in_loop
async def test_lines_of_a_reader(long):
    reader = lifted()
    text = b"a\n" + long + b"\n" + long[: len(long) // 2]
    for late in False, True:
        reader = lifted()
        expected = text.splitlines(keepends=True)

        async def write():
            for i in range(0, len(text), 1 << 18):
                reader.feed_data(text[i : i + (1 << 18)])
                await asyncio.sleep(0)
            reader.feed_eof()

        task = asyncio.ensure_future(write())
        if late:
            await task
        assert [await reader.readline() for _ in expected] == expected
        assert await reader.readline() == b"" and reader.at_eof()
        await task


@in_loop
async def test_a_cancelled_line_is_not_lost():
    for rest in b"f\n", b"\n" + b"x" * 100:
        reader = lifted()
        reader.feed_data(b"ab")
        task = asyncio.ensure_future(reader.readline())
        for data in b"cd", b"e":
            await asyncio.sleep(0)
            reader.feed_data(data)
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await reader.read(1) == b"a"
        reader.feed_data(rest)
        assert await reader.readline() == b"bcde" + rest[: rest.index(b"\n") + 1]


@in_loop
async def test_a_broken_connection():
    reader = lifted()
    reader.feed_data(b"abc")
    task = asyncio.ensure_future(reader.readline())
    await asyncio.sleep(0)
    reader.set_exception(ConnectionResetError())
    for line in task, reader.readline():
        with pytest.raises(ConnectionResetError):
            await line


@in_loop
async def test_a_reader_beyond_the_bound(bound):
    for text in b"x" * (bound + 1), b"x" * bound + b"\n":
        reader = lifted()
        reader.feed_data(text)
        with pytest.raises(ValueError, match="a line of 1001 bytes .* limit of 1000 bytes"):
            await reader.readline()
        reader.feed_data(b"next\n")
        assert await reader.readline() == b"next\n"


@in_loop
async def test_servers_and_clients_take_long_lines(standin, long):
    class Server(standin.tools.AsyncioServer):
        async def _handle_connection_cr(self, reader, writer):
            writer.write(await reader.readline())
            await writer.drain()
            writer.close()

    server = Server()
    await server.start("127.0.0.1", 0)
    port = server.server.sockets[0].getsockname()[1]
    reader, writer = await standin.keepalive.async_open_connection("127.0.0.1", port, limit=1 << 16)
    writer.write(long)
    assert await reader.readline() == long
    await server.task
    writer.close()
    reader, writer = await standin.keepalive.async_open_connection("127.0.0.1", port)
    assert type(reader) is asyncio.StreamReader  # it did not ask for lines
    writer.write_eof()
    assert await reader.read() == b""
    await server.task
    writer.close()
    server.server.close()


@in_loop
async def test_pipes_of_asyncio_take_long_lines(standin, long):
    pipes = os.pipe()
    loop = asyncio.get_running_loop()
    transport, reader, writer = await standin.pipe_ipc._fds_to_asyncio(*pipes, loop)
    thread = feed(writer, long)
    assert await reader.readline() == long
    thread.join()
    transport.close()


# ---- The client of pc_rpc ----


def test_lines_of_a_socket(standin, long):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        thread = threading.Thread(target=theirs.sendall, args=(long,))
        thread.start()
        assert standin.pc_rpc._socket_readline(ours) == long.decode()
        thread.join()
        theirs.sendall("π\nabc".encode())
        assert standin.pc_rpc._socket_readline(ours, 100) == "π\nabc"
        theirs.sendall(b"half")
        theirs.close()
        with pytest.raises(EOFError):
            standin.pc_rpc._socket_readline(ours)


def test_a_character_that_comes_in_two_pieces(standin):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall("aπ\n".encode())
        assert standin.pc_rpc._socket_readline(ours, 2) == "aπ\n"


def test_a_socket_beyond_the_bound(standin, monkeypatch):
    standin.pc_rpc
    monkeypatch.setattr(_swap_streams, "max_line", 1000)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(b"x" * 2000)
        with pytest.raises(ValueError, match="limit of 1000 bytes"):
            standin.pc_rpc._socket_readline(ours)


# ---- Signal handlers that raise ----


class Trickle:
    """A file or socket that gives one piece after the other."""

    def __init__(self, *pieces):
        self.pieces = list(pieces)

    def readinto(self, view):
        piece = self.pieces.pop(0) if self.pieces else b""
        count = min(len(piece), len(view))
        view[:count] = piece[:count]
        if piece[count:]:
            self.pieces.insert(0, piece[count:])
        return count

    recv_into = readinto

    def fileno(self):
        return 1 << 30  # which is closed


PIECES = [b"a\nbc", b"d\n\n", b"x" * LONG, b"x\ny", b"\xff", b"\ne\nrest"]


def interrupt_everywhere(make):
    """An exception at each moment. ``make`` returns a function to call until it returns None, and checks."""
    step, was_interrupted = 0, True
    while was_interrupted:
        parts = []
        call, check = make()

        def call_all():
            while (part := call()) is not None:
                parts.append(part)

        was_interrupted = interrupt_at(call_all, step, everywhere=False)
        call_all()
        check(parts)
        step += 1
    assert step > 5


def test_a_pipe_is_interrupted_anywhere():
    def make():
        pipe = _swap_streams._Pipe(Trickle(*PIECES))

        def check(lines):
            assert lines == b"".join(PIECES).splitlines(keepends=True)

        return lambda: pipe.readline() or None, check

    interrupt_everywhere(make)


@pytest.mark.parametrize("size", [1, 3, 1 << 20, -1])
def test_a_pipe_is_interrupted_anywhere_in_other_methods(size):
    def make():
        pieces = [b"abc", b"d\n", b"e"]
        pipe = _swap_streams._Pipe(Trickle(*pieces))

        def check(parts):
            assert b"".join(parts) == b"".join(pieces)

        return lambda: pipe.read(size) or None, check

    interrupt_everywhere(make)


def test_a_client_is_interrupted_anywhere(standin):
    def make():
        sock = Trickle(b"a\n", b"half", b" a line\n", "\N{GREEK SMALL LETTER PI}\n".encode(), b"rest")

        def call():
            try:
                return standin.pc_rpc._socket_readline(sock)
            except EOFError:
                return None

        def check(lines):
            assert lines == ["a\n", "half a line\n", "\N{GREEK SMALL LETTER PI}\n"]

        return call, check

    interrupt_everywhere(make)


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
@in_loop
async def test_a_stream_of_asyncio_is_interrupted_anywhere():
    def make():
        reader, pieces = lifted(), PIECES[:]

        def feed():
            if pieces:
                reader.feed_data(pieces.pop(0))
            else:
                reader.feed_eof()

        def call():  # a task would stop its loop
            line = reader.readline()
            try:
                while True:
                    line.send(None)
                    feed()
            except StopIteration as stop:
                return stop.value or None
            finally:
                line.close()
                assert len(reader._gather) == 0

        def check(lines):
            assert lines == b"".join(PIECES).splitlines(keepends=True)

        return call, check

    interrupt_everywhere(make)


@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_lines_that_are_interrupted_by_signals(standin, alarm, kind):
    """Another thread sends half a line, a signal, the other half, and another signal."""
    if kind == "pipe":
        reading, writing = os.pipe()
        comm = standin.pipe_ipc.ChildComm(f"{reading},{os.dup(reading)}")
        files, read, source = [comm, open(writing, "wb", 0)], lambda: comm.readline().decode(), reading
        comm.readline  # from now on it is buffered
    else:
        ours, theirs = socket.socketpair()
        files, source, writing = [ours, theirs], ours.fileno(), theirs.fileno()
        readline = standin.pc_rpc._socket_readline
        read = lambda: readline(ours)  # noqa: E731
    main, count = threading.get_ident(), 200

    def send():
        for i in range(count):
            for part in f"[{i}", "]\n":
                os.write(writing, part.encode())
                signal.pthread_kill(main, signal.SIGALRM)
                while select.select([source], [], [], 0)[0]:
                    time.sleep(0)  # until it waits again
        os.write(writing, b"end\n")

    thread, lines = threading.Thread(target=send), ""
    thread.start()
    while not lines.endswith("end\n"):
        try:
            alarm.armed = True
            lines += read()
            alarm.armed = False
        except Interrupt:
            alarm.armed = False
    thread.join()
    for file in files:
        file.close()
    assert alarm.count > 0
    assert lines.splitlines() == [f"[{i}]" for i in range(count)] + ["end"]


# ---- Memory ----

RECEIVE = """
import os, sys, threading
import numpy
import fastpyon
fastpyon.install()
from sipyco import pipe_ipc, pyon

def status(key):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(key)) << 10

reading, writing = os.pipe()
if os.fork() == 0:
    line = (pyon.encode(numpy.random.rand(10**6)) + "\\n").encode()
    for _ in range(2):
        with memoryview(line) as view:
            done = 0
            while done < len(line):
                done += os.write(writing, view[done:])
        line = (pyon.encode(numpy.random.rand(10**7)) + "\\n").encode()
    os._exit(0)
comm = pipe_ipc.ChildComm(f"{reading},{os.dup(reading)}")
pyon.decode(comm.readline().decode())  # all is imported now
with open("/proc/self/clear_refs", "w") as file:
    file.write("5")  # VmHWM begins anew
before = status("VmRSS")
line = comm.readline()
value = pyon.decode(line.decode())
assert value.nbytes == 80 * 10**6
comm.close()
print(status("VmHWM:") - before - len(line) - value.nbytes)
"""


@pytest.mark.skipif(not os.access("/proc/self/clear_refs", os.W_OK), reason="needs Linux")
def test_the_text_is_in_memory_once(python, tmp_path, true_memory, common_malloc):
    pytest.importorskip("numpy")
    standins.make(tmp_path, "1.10")
    path = os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])])
    assert int(python(RECEIVE, PYTHONPATH=path, FASTPYON="")) < 16 << 20
