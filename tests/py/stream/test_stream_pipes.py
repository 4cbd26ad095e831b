"""Reader and Writer between real processes: whatever happens at one end, the other loses nothing."""

import io
import os
import select
import signal
import socket
import subprocess
import sys
import threading

import pytest

from fastpyon import pyon, pyon_v1
from fastpyon.stream import DecodeError, Reader, TruncatedError, Writer
from systems import posix

PRELUDE = """
import os, sys, time, signal
from fastpyon import pyon, pyon_v1, stream
dialect = {"v1": pyon_v1, "v2": pyon}[sys.argv[1]]
r, w = map(int, sys.argv[2:4])
"""


class Child:
    """A process that runs a script with the ends r and w of two pipes; here are the others."""

    def __init__(self, dialect, script):
        child_r, self.w = os.pipe()
        self.r, child_w = os.pipe()
        name = {pyon: "v2", pyon_v1: "v1"}[dialect]
        self.process = subprocess.Popen(
            [sys.executable, "-c", PRELUDE + script, name, str(child_r), str(child_w)],
            pass_fds=[child_r, child_w],
        )
        os.close(child_r)
        os.close(child_w)
        self.reader = Reader(self.r, dialect)
        self.writer = Writer(self.w, dialect)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        os.close(self.w)
        os.close(self.r)
        if exc_info[0]:
            self.process.kill()
        assert self.process.wait(600) is not None


ECHO = """
reader, writer = stream.Reader(r, dialect), stream.Writer(w, dialect)
for value in reader:
    writer.write(value)
"""

MEDIUM = [[i, i / 7, str(i), (i,)] for i in range(20000)]
LARGE = MEDIUM * 4  # more than any pipe holds


@posix
def test_there_and_back(dialect):
    with Child(dialect, ECHO) as child:
        for value in 1, "é", [], {"a": (1, 2)}, MEDIUM, "x" * 10**6, -1.5, None:
            child.writer.write(value)
            assert child.reader.read() == value


@posix
def test_arrays_there_and_back(dialect):
    np = pytest.importorskip("numpy")
    with Child(dialect, ECHO) as child:
        for array in np.arange(5), np.random.rand(200, 500), np.zeros(0), np.arange(10**6, dtype="<i2"):
            child.writer.write({"array": array})
            value = child.reader.read()["array"]
            assert value.dtype == array.dtype and value.shape == array.shape
            assert value.tobytes() == array.tobytes()


SIPYCO = """
pipe = open(r, "rb", 0)
while line := pipe.readline():
    os.write(w, (dialect.encode(dialect.decode(line.decode())) + "\\n").encode())
"""


@posix
def test_the_other_end_may_look_for_lines(dialect):
    with Child(dialect, SIPYCO) as child:
        for value in 1, "é\n", {"a": (1, 2)}, MEDIUM[:100]:
            child.writer.write(value)
            assert child.reader.read() == value


@posix
def test_peer_is_killed_inside_a_value(dialect):
    script = """
text = dialect.encode(list(range(100000))).encode()
os.write(w, b"[1]\\n[2]\\n" + text[:30000])
os.kill(os.getpid(), signal.SIGKILL)
"""
    with Child(dialect, script) as child:
        assert child.reader.read() == [1]
        assert child.reader.read() == [2]
        with pytest.raises(TruncatedError, match="truncated after 30008 bytes, inside a list at depth 1"):
            child.reader.read()
        with pytest.raises(EOFError):
            child.reader.read()


@posix
def test_peer_dies_inside_an_array(dialect):
    pytest.importorskip("numpy")
    script = """
import numpy
text = dialect.encode(numpy.zeros(100000)).encode()
os.write(w, b"[1]\\n" + text[:30000])
os._exit(0)
"""
    with Child(dialect, script) as child:
        assert child.reader.read() == [1]
        with pytest.raises(TruncatedError, match="inside a call at depth 1"):
            next(child.reader)


@posix
def test_garbage_before_and_behind(dialect):
    script = """
os.write(w, b"\\xff\\xfe$$ what \\x00 is this\\n[1]\\n[2] ]]}\\n[3]\\n")
for piece in b"}", b"{", b"\\n", b"[4]":
    os.write(w, piece)
    time.sleep(0.01)
"""
    with Child(dialect, script) as child:
        values, errors = [], 0
        while True:
            try:
                values.append(child.reader.read())
            except DecodeError:
                errors += 1
                child.reader.skip_line()
            except EOFError:
                break
        assert values == [[1], [2], [3], [4]] and errors == 3


@posix
def test_two_values_in_a_piece_and_one_in_a_thousand(dialect):
    script = """
os.write(w, b"[1] [2]\\n")
text = dialect.encode({"a": ["b" * 400, (1.5, 2)] * 3}).encode()
for byte in text:
    os.write(w, bytes([byte]))
"""
    with Child(dialect, script) as child:
        assert list(child.reader) == [[1], [2], {"a": ["b" * 400, (1.5, 2)] * 3}]


SLOW = """
count = 0
while data := os.read(r, 10000):
    count += len(data)
    time.sleep(0.001)
os.write(w, b"%d\\n" % count)
"""


@posix
def test_slow_reader(dialect):
    text = dialect.encode(MEDIUM)
    with Child(dialect, SLOW) as child:
        child.writer.write(MEDIUM)
        os.close(child.w)
        child.w = os.dup(child.r)
        assert child.reader.read() == len(text) + 1


@posix
def test_full_pipe_that_does_not_block(dialect):
    with Child(dialect, ECHO) as child:
        os.set_blocking(child.w, False)
        os.set_blocking(child.r, False)
        full = empty = 0
        for _ in range(3):
            write = lambda: child.writer.write(LARGE)  # noqa: E731
            value = None
            while value is None:
                try:
                    write()
                    write = child.writer.flush  # which has nothing to do then
                except BlockingIOError:
                    write = child.writer.flush
                    full += 1
                try:
                    value = child.reader.read()
                except BlockingIOError:
                    empty += 1
                    select.select([child.r], [], [], 0.01)
            assert value == LARGE
        assert full and empty


@posix
def test_reader_is_gone(dialect):
    with Child(dialect, "os.close(r); os.write(w, b'1 ')") as child:
        assert child.reader.read() == 1
        with pytest.raises(BrokenPipeError):
            child.writer.write(MEDIUM)


@posix
@pytest.mark.parametrize("base", [Exception, BaseException])
def test_a_signal_interrupts_and_nothing_is_lost(dialect, base, tmp_path):
    class Interrupted(base):
        pass

    def interrupt(number, frame):
        """Once the call waits: before, it is the test that would be interrupted."""
        full = not select.select([], [child.w], [], 0)[1]
        if full if writing else frame.f_code.co_filename != __file__:
            signal.setitimer(signal.ITIMER_REAL, 0)
            raise Interrupted

    script = f"""
def wait_for(name):
    while not os.path.exists(os.path.join({str(tmp_path)!r}, name)):
        time.sleep(0.01)

reader, writer = stream.Reader(r, dialect), stream.Writer(w, dialect)
wait_for("written")
value = reader.read()
writer.write(value[:10])
wait_for("read")
writer.write(value)
"""
    old = signal.signal(signal.SIGALRM, interrupt)
    try:
        with Child(dialect, script) as child:
            writing = True
            signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
            with pytest.raises(Interrupted):
                child.writer.write(LARGE)
            (tmp_path / "written").touch()
            child.writer.flush()
            assert child.reader.read() == LARGE[:10]
            writing = False
            signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
            with pytest.raises(Interrupted):
                child.reader.read()
            (tmp_path / "read").touch()
            assert child.reader.read() == LARGE
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old)


@pytest.mark.parametrize("kind", ["file", "pipe", "socket"])
def test_what_cannot_be_encoded_leaves_the_stream_intact(dialect, kind, tmp_path):
    ours, theirs = socket.socketpair()
    r, w = os.pipe()
    path = tmp_path / "values"
    received = []

    def read():
        openers = {"file": lambda: open(path, "rb"), "pipe": lambda: open(r, "rb"), "socket": lambda: theirs}
        with openers[kind]() as file:
            reader = Reader(file, dialect)
            while True:
                try:
                    received.append(reader.read())
                except EOFError:
                    return
                except (DecodeError, NameError):
                    reader.skip_line()

    thread = threading.Thread(target=read)
    if kind != "file":
        thread.start()
    with {"file": lambda: open(path, "wb"), "pipe": lambda: open(w, "wb", 0), "socket": lambda: ours}[kind]() as file:
        writer = Writer(file, dialect)
        writer.write([1])
        for value in [MEDIUM, object()], object(), ["x" * 10, object()]:
            with pytest.raises(TypeError):
                writer.write(value)
            writer.flush()
        writer.write([2])
    if kind == "file":
        thread.start()
    thread.join()
    assert received == [[1], [2]]
    ours.close()
    theirs.close()
    if kind != "pipe":
        os.close(r)
        os.close(w)


@posix
def test_a_value_that_is_not_written_must_be_finished(dialect):
    r, w = os.pipe()
    os.set_blocking(w, False)
    writer = Writer(w, dialect)
    with pytest.raises(BlockingIOError):
        writer.write(LARGE)
    with pytest.raises(RuntimeError, match="flush"):
        writer.write("another")
    received = []
    thread = threading.Thread(target=lambda: received.append(Reader(r, dialect).read()))
    thread.start()
    os.set_blocking(w, True)
    writer.flush()
    writer.flush()
    thread.join()
    assert received == [LARGE]
    os.close(r)
    os.close(w)


# ---- Files and sockets -------------------------------------------------------------------------


def test_any_file(dialect, tmp_path):
    path = tmp_path / "values"
    values = [1, MEDIUM[:50], "é", ()]
    for opened in open(path, "wb"), open(path, "wb", 0), io.BufferedRandom(open(path, "w+b", 0)):
        with opened as file:
            writer = Writer(file, dialect)
            for value in values:
                writer.write(value)
        assert path.read_text() == "".join(dialect.encode(x) + "\n" for x in values)
        for mode in ("rb", 0), ("rb", -1), ("r", -1):
            with open(path, *mode) as file:
                assert list(Reader(file, dialect)) == values
        with open(path, "rb") as file:
            assert list(Reader(file.fileno(), dialect)) == values
    with open(os.devnull, "w") as file, pytest.raises(TypeError, match="binary"):
        Writer(file, dialect)
    for wrong in str(path), path, None:
        for cls in Reader, Writer:
            with pytest.raises(TypeError, match="file"):
                cls(wrong, dialect)


def test_text_from_a_pipe_comes_line_by_line(dialect):
    r, w = os.pipe()
    with open(r) as file:
        reader = Reader(file, dialect)
        os.write(w, b"[1]\n")
        assert reader.read() == [1]
        os.close(w)
        with pytest.raises(EOFError):
            reader.read()


@posix
def test_buffered_files_that_do_not_block(dialect):
    r, w = os.pipe()
    os.set_blocking(r, False)
    os.set_blocking(w, False)
    with open(r, "rb") as source, open(w, "wb") as target:
        reader, writer = Reader(source, dialect), Writer(target, dialect)
        with pytest.raises(BlockingIOError):
            reader.read()
        received = []
        write = lambda: writer.write(LARGE)  # noqa: E731
        while not received:
            try:
                write()
            except BlockingIOError:
                write = writer.flush
            try:
                received.append(reader.read())
            except BlockingIOError:
                pass
        assert received == [LARGE]


@pytest.mark.parametrize("timeout", [None, 5])
def test_sockets(dialect, timeout):
    ours, theirs = socket.socketpair()
    ours.settimeout(timeout)

    def echo():
        reader, writer = Reader(theirs, dialect), Writer(theirs, dialect)
        for value in reader:
            writer.write(value)
        theirs.close()

    thread = threading.Thread(target=echo)
    thread.start()
    reader, writer = Reader(ours, dialect), Writer(ours, dialect)
    for value in 1, MEDIUM, "x":
        sender = threading.Thread(target=writer.write, args=[value])
        sender.start()
        assert reader.read() == value
        sender.join()
    ours.shutdown(socket.SHUT_WR)
    with pytest.raises(EOFError):
        reader.read()
    thread.join()
    ours.close()


def test_time_is_up_and_nothing_is_lost(dialect):
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)  # else it is large on Windows
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
    ours.settimeout(0.01)
    reader, writer = Reader(ours, dialect), Writer(ours, dialect)
    other = Reader(theirs, dialect)
    with pytest.raises(TimeoutError):
        writer.write(MEDIUM)
    received = []
    thread = threading.Thread(target=lambda: received.append(other.read()))
    thread.start()
    ours.settimeout(600)
    writer.flush()
    thread.join()
    assert received == [MEDIUM]
    ours.settimeout(0.01)
    text = dialect.encode(MEDIUM[:100]).encode()
    theirs.sendall(text[:50])
    with pytest.raises(TimeoutError):
        reader.read()
    theirs.sendall(text[50:] + b"\n")
    assert reader.read() == MEDIUM[:100]
    ours.close()
    theirs.close()


# ---- Memory ------------------------------------------------------------------------------------

MEMORY = """
# The first array of a process, too: there the types of NumPy become known.
import os, sys, numpy
from fastpyon import pyon, pyon_v1, stream
def peak():
    with open("/proc/self/status") as file:
        return int(file.read().split("VmHWM:")[1].split()[0]) / 1024
r, w = os.pipe()
dialect = {"v1": pyon_v1, "v2": pyon}[sys.argv[1]]
if os.fork():
    os.close(w)
    before = peak()
    array = stream.Reader(r, dialect).read()
    assert array.nbytes == 80_000_000 and array[-1] == 1
    os.write(1, b"received %f\\n" % (peak() - before - 80_000_000 / 2**20))
    os.wait()
else:
    os.close(r)
    array = numpy.ones(10_000_000)
    before = peak()
    stream.Writer(w, dialect).write(array)
    os.write(1, b"sent %f\\n" % (peak() - before))
    os._exit(0)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux for the memory used")
@pytest.mark.parametrize("version", ["v1", "v2"])
def test_memory_is_that_of_the_array(python, true_memory, version):
    pytest.importorskip("numpy")
    for line in python(MEMORY, version).splitlines():
        assert float(line.split()[1]) < 16, line


GIVEN_BACK = """
import os, sys, threading
from fastpyon import stream
def resident():
    with open("/proc/self/status") as file:
        return int(file.read().split("VmRSS:")[1].split()[0]) / 1024
def feed(fd):
    data = os.read(fd, 65536)
    decoder.feed(data)
    return len(data)
def send(text):
    with memoryview(text) as left:
        while left:
            left = left[os.write(w, left) :]
def receive(text):
    sender = threading.Thread(target=send, args=[text])
    sender.start()
    while not (values := list(decoder)):
        assert read(r)
    sender.join()
    return len(values[0])
r, w = os.pipe()
decoder = stream.Decoder()
read = {
    "feed": feed,
    "read_from": decoder.read_from,
    "read_from, 1 MiB": lambda fd: decoder.read_from(fd, 1 << 20),
}[sys.argv[1]]
assert receive(b'"short"\\n') == 5
before = resident()
assert receive(b'"%s"\\n' % (b"x" * (64 << 20))) == 64 << 20
assert receive(b'"short"\\n') == 5
print(resident() - before)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asks Linux for the memory used")
@pytest.mark.parametrize("read", ["feed", "read_from", "read_from, 1 MiB"])
def test_the_memory_of_a_long_string_is_given_back(python, true_memory, common_malloc, read):
    """Whatever the size of the pieces; once it was kept where they were a quarter of 1 MiB."""
    assert float(python(GIVEN_BACK, read)) < 16
