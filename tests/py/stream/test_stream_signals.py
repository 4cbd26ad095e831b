# SPDX-License-Identifier: LGPL-3.0-or-later
"""Signal handlers that raise, and files that are closed or not Python's own: nothing is lost or doubled."""

import asyncio
import contextlib
import io
import os
import select
import signal
import socket
import sys
import threading
import time
from unittest import mock

import pytest

import fastpyon.pyon
from fastpyon import _stream_asyncio, stream
from interrupts import Interrupt, interrupt_at

pytestmark = pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no such signals")


def ends(kind):
    """A file to write to and one to read from, and all that must be closed."""
    if kind == "socket":
        a, b = socket.socketpair()
        return a, b, [a, b]
    if kind == "timeout":
        a, b = socket.socketpair()
        a.settimeout(30)
        b.settimeout(30)
        return a, b, [a, b]
    if kind == "makefile":
        a, b = socket.socketpair()
        file = a.makefile("wb")
        return file, b, [file, a, b]
    r, w = os.pipe()
    if kind == "descriptor":
        return w, r, [open(w, "wb", buffering=0), open(r, "rb", buffering=0)]
    buffering = {"raw": 0, "buffered": -1}[kind]
    files = open(w, "wb", buffering=buffering), open(r, "rb", buffering=buffering)
    return *files, list(files)


KINDS = ["descriptor", "raw", "buffered", "socket", "timeout", "makefile"]


def close(files):
    for file in files:
        with contextlib.suppress(OSError):
            file.close()


def drain(source, received):
    fd = source if isinstance(source, int) else source.fileno()
    os.set_blocking(fd, True)
    while data := os.read(fd, 1000):
        received.extend(data)


def interrupt(alarm, call, is_begun, go_on):
    """Calls until it is done, whatever interrupts it."""
    while True:
        try:
            alarm.armed = True
            call()
            alarm.armed = False
            return
        except Interrupt:
            alarm.armed = False
            if is_begun():
                call = go_on


@pytest.mark.parametrize("kind", KINDS)
def test_a_writer_that_is_interrupted(alarm, kind):
    target, source, files = ends(kind)
    value = list(range(400000))
    received = bytearray()
    thread = threading.Thread(target=drain, args=(source, received))
    thread.start()
    writer = stream.Writer(target)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.0007)
    interrupt(alarm, lambda: writer.write(value), lambda: writer._output.pending or writer.written, writer.flush)
    signal.setitimer(signal.ITIMER_REAL, 0)
    if isinstance(target, int):
        files[0].close()
    elif kind in ("raw", "buffered"):
        target.close()
    else:
        files[-2].shutdown(socket.SHUT_WR)
    thread.join()
    close(files)
    assert alarm.count > 2
    assert bytes(received) == stream.encode(value) + b"\n"


def read_all(alarm, reader):
    """Reads up to a 0, whatever interrupts it."""
    values = []
    while values[-1:] != [0]:
        try:
            alarm.armed = True
            values += [reader.read()]
            alarm.armed = False
        except Interrupt:
            alarm.armed = False
    return values


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "makefile"])
def test_a_reader_that_is_interrupted(alarm, kind):
    """Another thread sends a value and then a signal, over and over."""
    target, source, files = ends(kind)
    reader = stream.Reader(source)
    fd = target if isinstance(target, int) else target.fileno()
    main = threading.get_ident()

    def send():
        os.set_blocking(fd, True)
        for i in range(1, 301):
            os.write(fd, b"[%d]\n" % i)
            signal.pthread_kill(main, signal.SIGALRM)
            while select.select([source], [], [], 0)[0]:
                time.sleep(0)  # until it waits again
        os.write(fd, b"0\n")

    thread = threading.Thread(target=send)
    thread.start()
    values = read_all(alarm, reader)
    thread.join()
    close(files)
    assert alarm.count > 0
    if sys.version_info >= (3, 11):
        assert values[:-1] == [[i] for i in range(1, 301)]
    else:  # it looks for signals between the return of a call and the next step of the program, too
        assert len(values) >= 299 and values[:-1] == sorted(values[:-1])


# ---- Files that are closed, and subclasses ----


def test_the_file_is_kept(tmp_path):
    writer = stream.Writer(open(tmp_path / "log", "wb", buffering=0))  # nobody else holds it
    with open(tmp_path / "other", "wb") as other:
        writer.write({"for": "the log"})
    assert (tmp_path / "log").read_bytes() == b'{"for":"the log"}\n' and not (tmp_path / "other").read_bytes()
    assert other.closed


@pytest.mark.parametrize("buffering", [0, -1])
def test_a_closed_file(tmp_path, buffering):
    path = tmp_path / "file"
    path.write_bytes(b"[1]\n")
    file = open(path, "rb", buffering=buffering)
    reader = stream.Reader(file)
    file.close()
    with open(path, "rb", buffering=0), pytest.raises(ValueError, match="closed file"):
        reader.read()
    file = open(path, "wb", buffering=buffering)
    writer = stream.Writer(file)
    file.close()
    with open(tmp_path / "other", "wb", buffering=0), pytest.raises(ValueError, match="closed file"):
        writer.write(1)
    assert (tmp_path / "other").read_bytes() == b""


def test_methods_of_a_subclass_are_called(tmp_path):
    class Xor(io.FileIO):
        def write(self, data):
            return super().write(bytes(x ^ 85 for x in data))

        def read(self, size=-1):
            return bytes(x ^ 85 for x in super().read(size))

    with Xor(tmp_path / "file", "wb") as file:
        stream.Writer(file).write([1, 2])
    assert (tmp_path / "file").read_bytes() == b"\x0edyg\x08_"
    with Xor(tmp_path / "file", "rb") as file:
        assert stream.Reader(file).read() == [1, 2]


def test_what_others_have_written_comes_first(tmp_path):
    with open(tmp_path / "file", "wb") as file:
        file.write(b"first\n")
        stream.Writer(file).write(list(range(5000)))
        file.write(b"last\n")
    assert (tmp_path / "file").read_bytes() == b"first\n" + stream.encode(list(range(5000))) + b"\nlast\n"


def test_timeouts_and_files_that_do_not_block():
    a, b = socket.socketpair()
    with a, b:
        for timeout, error in (0.01, TimeoutError), (0, BlockingIOError):
            a.settimeout(timeout)
            reader, writer = stream.Reader(a), stream.Writer(a)
            with pytest.raises(error):
                reader.read()
            with pytest.raises(error):
                for _ in range(10):
                    writer.write("x" * 1000000)
            b.settimeout(5)
            while writer._output.pending:
                b.recv(1 << 20)
                with contextlib.suppress(OSError):
                    writer.flush()
            b.settimeout(0.1)
            with contextlib.suppress(OSError):
                while b.recv(1 << 20):
                    pass


# ---- An exception between any two steps of the module ----


class Slow:
    """A file that takes half of what it is given, and keeps that."""

    def __init__(self):
        self.pieces = []

    def write(self, data):
        self.pieces.append(data[: (len(data) + 1) // 2])
        return len(self.pieces[-1])

    def getvalue(self):
        return b"".join(self.pieces)


@pytest.mark.parametrize("kind", [Slow, io.BytesIO])
@pytest.mark.parametrize("wrong", [False, True])
def test_a_writer_is_interrupted_between_any_two_steps(kind, wrong):
    value = [1, list(range(30000)), object()] if wrong else [1, 2, 3]
    text = b"\0\n" if wrong else b"[1,2,3]\n"
    step, was_interrupted = 0, True
    while was_interrupted:
        file = kind()
        writer = stream.Writer(file)
        error = None

        def write():
            nonlocal error
            try:
                writer.write(value)
            except TypeError as caught:
                error = caught

        was_interrupted = interrupt_at(write, step)
        with contextlib.suppress(TypeError):  # if it has been begun, and not yet encoded
            writer.flush()
        writer.flush()
        written = file.getvalue()
        assert writer.written == (written == text if not wrong else 0)
        assert written in (b"", text) or (wrong and written.endswith(text) and written.count(b"\n") == 1), step
        assert was_interrupted or (error if wrong else written)
        writer.write("next")
        assert file.getvalue() == written + b'"next"\n'
        step += 1
    assert step > 10


class Target:
    """A target of an AsyncWriter: nothing waits."""

    def __init__(self):
        self.pieces = []
        self.write = self.pieces.append

    async def drain(self):
        pass

    def close(self):
        pass


def test_an_asynchronous_writer_is_interrupted_between_any_two_steps():
    async def at(step):
        target = Target()
        writer = stream.AsyncWriter(target)
        for x in 1, 2:  # of which the writing was cancelled
            writer._values.append((object(), [x]))
        was_interrupted = interrupt_at(writer.close, step)
        writer.close()
        assert b"".join(target.pieces) == b"[1]\n[2]\n" and writer.written == 2
        return was_interrupted

    step = 0
    while asyncio.run(at(step)):
        step += 1
    assert step > 10


def run(coroutine):
    """Runs it without a loop, as long as nothing waits."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    finally:
        coroutine.close()
    raise AssertionError("it waits")


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
def test_an_asynchronous_writer_is_not_left_locked_anywhere():
    step, was_interrupted = 0, True
    while was_interrupted:
        target = Target()
        writer = stream.AsyncWriter(target)
        was_interrupted = interrupt_at(lambda: run(writer.write([1])), step, everywhere=False)
        run(writer.drain())
        written = b"".join(target.pieces)
        assert written == b"[1]\n" * writer.written and (was_interrupted or written)
        run(writer.write([2]))
        assert b"".join(target.pieces) == written + b"[2]\n"
        step += 1
    assert step > 10


@pytest.mark.filterwarnings("ignore:coroutine .* was never awaited")
def test_an_asynchronous_reader_is_interrupted_anywhere():
    values = []

    async def read_all(reader):
        async for value in reader:
            values.append(value)

    async def at(step, make):
        reader = make()
        values.clear()
        was_interrupted = interrupt_at(lambda: run(read_all(reader)), step, everywhere=False)
        await read_all(reader)
        assert values == [[1], 2, "x" * 100, [3]]
        return was_interrupted

    def from_source():
        reader = asyncio.StreamReader()
        reader.feed_data(text)
        reader.feed_eof()
        return stream.AsyncReader(reader)

    def from_protocol():
        protocol = _stream_asyncio._Protocol(fastpyon.pyon, {})
        protocol.connection_made(mock.Mock())
        for part in text[:3], text[3:]:
            protocol.data_received(part)
        protocol.eof_received()
        return protocol.reader

    text = b"".join(stream.encode(x) + b"\n" for x in ([1], 2, "x" * 100, [3]))
    for make in from_source, from_protocol:
        step = 0
        while asyncio.run(at(step, make)):
            step += 1
        assert step > 10


def test_a_reader_is_interrupted_anywhere():
    text = b"".join(stream.encode(x) + b"\n" for x in ([1], 2, "x" * 100, [3]))
    for kind in io.BytesIO, lambda data: io.BufferedReader(io.BytesIO(data)):
        step, was_interrupted = 0, True
        while was_interrupted:
            reader, values = stream.Reader(kind(text)), []

            def read_all():
                with contextlib.suppress(EOFError):
                    while True:
                        values.append(reader.read())

            was_interrupted = interrupt_at(read_all, step, everywhere=False)
            read_all()
            assert values == [[1], 2, "x" * 100, [3]]
            step += 1
        assert step > 10


def test_what_came_behind_an_error_is_kept_between_any_two_steps():
    async def at(step):
        protocol = _stream_asyncio._Protocol(fastpyon.pyon, {})
        protocol.connection_made(mock.Mock())
        reader = protocol.reader
        for piece in b"[1 $", b"]\n[2]\n[3", b"]\n":
            protocol.data_received(piece)
        with pytest.raises(stream.DecodeError):
            await reader.read()
        was_interrupted = interrupt_at(reader.skip_line, step)
        reader.skip_line()
        protocol.data_received(b"[4]\n")
        assert [await reader.read() for _ in range(3)] == [[2], [3], [4]]
        return was_interrupted

    step = 0
    while asyncio.run(at(step)):
        step += 1
    assert step > 10
