# SPDX-License-Identifier: LGPL-3.0-or-later
"""Long lines through pipes and sockets with the swap: nothing is lost, cut or twice in memory."""

import asyncio
import io
import os
import select
import signal
import socket
import sys
import threading
import time

import pytest

import standins
from fastpyon._swap import streams
from interrupts import Interrupt, interrupt_at
from standins import LONG

@pytest.fixture
def bound(monkeypatch):
    monkeypatch.setattr(streams, "max_line", 1000)
    return 1000


# ---- Pipes of a child ----


@pytest.fixture
def pipe():
    """(what the program reads, a file to write to)."""
    reading, writing = os.pipe()
    with streams._Pipe(open(reading, "rb", 0)) as reader, open(writing, "wb", 0) as writer:
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
    assert comm.readline() == b"b\n" and type(comm.rf) is streams._Pipe
    comm.close()
    writer.close()


# ---- Streams of asyncio ----


def lifted():
    reader = asyncio.StreamReader(limit=10)
    streams._allow_long_lines(reader)
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
    monkeypatch.setattr(streams, "max_line", 1000)
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

    def close(self):
        pass


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
        pipe = streams._Pipe(Trickle(*PIECES))

        def check(lines):
            pipe.close()  # or a later step would be one of its finalizer, which drops exceptions
            assert lines == b"".join(PIECES).splitlines(keepends=True)

        return lambda: pipe.readline() or None, check

    interrupt_everywhere(make)


@pytest.mark.parametrize("size", [1, 3, 1 << 20, -1])
def test_a_pipe_is_interrupted_anywhere_in_other_methods(size):
    def make():
        pieces = [b"abc", b"d\n", b"e"]
        pipe = streams._Pipe(Trickle(*pieces))

        def check(parts):
            pipe.close()
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


@pytest.mark.skipif(sys.version_info < (3, 11), reason="older ones look for signals after a return, too")
@pytest.mark.parametrize("kind", ["pipe", "socket"])
def test_lines_that_are_interrupted_by_signals(standin, alarm, kind):
    """Another thread sends half a line, a signal, the other half, and another signal."""
    if kind == "pipe":
        comm, writer = make_comm(standin)
        comm.readline  # from now on it is buffered
        files, source, target = [comm, writer], comm.rf.fileno(), writer.fileno()
    else:
        files = ours, theirs = socket.socketpair()
        source, target = ours.fileno(), theirs.fileno()
        readline = standin.pc_rpc._socket_readline
    main, count, lines = threading.get_ident(), 200, []

    def send():
        for i in range(count):
            for part in f"[{i}", "]\n":
                os.write(target, part.encode())
                signal.pthread_kill(main, signal.SIGALRM)
                while select.select([source], [], [], 0)[0]:
                    time.sleep(0)  # until it waits again
        os.write(target, b"end\n")

    thread = threading.Thread(target=send)
    thread.start()
    while not lines or "end" not in str(lines[-1]):
        try:
            alarm.armed = True
            if kind == "pipe":
                lines += [comm.readline()]  # nothing here looks for signals after a line is there
            else:
                lines += [readline(ours)]
            alarm.armed = False
        except Interrupt:
            alarm.armed = False
    thread.join()
    for file in files:
        file.close()
    assert alarm.count > 0
    text = b"".join(lines).decode() if kind == "pipe" else "".join(lines)
    assert text.splitlines() == [f"[{i}]" for i in range(count)] + ["end"]


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
