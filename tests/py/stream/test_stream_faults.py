"""Streams over pipes and sockets, of which each system call fails, is cut short, or is interrupted.

The interpreter is that of support/disk.py. A signal comes right before or after a call, and its handler
raises: nothing is lost and nothing comes twice.
"""

import pytest

STREAMS = r"""
import socket, types
from fastpyon._swap import streams

ERRORS = [errno.EINTR, errno.EIO, errno.EAGAIN, errno.ENOBUFS]
VALUES = [[1], list(range(3000)), "x", {"a": (1, 2)}]  # together, a pipe holds them
TEXT = lines(*VALUES)
pc_rpc = types.ModuleType("pc_rpc")
pc_rpc._socket_readline = lambda socket: None
streams.patch_pc_rpc(pc_rpc, setattr)


class Ends:
    '''A file to write to, and one to read from.'''

    def __init__(self):
        if "socket" in kind:
            self.files = socket.socketpair()
            if "timeout" in kind:
                for end in self.files:
                    end.settimeout(30)
            self.target, self.source = self.files
            self.numbers = [end.fileno() for end in self.files]
            if "makefile" in kind:
                self.target = self.target.makefile("wb")
                self.files = self.target, *self.files
        else:
            r, w = os.pipe()
            buffering = -1 if "buffered" in kind else 0
            self.files = open(w, "wb", buffering), open(r, "rb", buffering)
            self.target, self.source = (w, r) if kind == "descriptors" else self.files
            self.numbers = w, r

    def close(self):
        for file in self.files:
            file.close()


def read_rest(fd):
    os.set_blocking(fd, False)
    data = b""
    while True:
        try:
            data += os.read(fd, 1 << 20)
        except BlockingIOError:
            return data


def repeat(call, *fault):
    '''Calls until it returns: the calls of the system.'''
    disk.disk_break(*fault, 0)
    for _ in range(1000):
        try:
            call()
            break
        except (OSError, KeyboardInterrupt, Own) as error:
            ours = fault[2] == FAIL and error.errno == fault[3]
            assert ours or error is thrown or isinstance(error, BlockingIOError), error
    else:
        raise AssertionError("it never ends")
    return disk.disk_mend().decode().split()


def write(*fault):
    ends = Ends()
    writer = stream.Writer(ends.target, dialect)

    def call():
        writer.flush()
        while writer.written < len(VALUES):
            writer.write(VALUES[writer.written])

    calls = repeat(call, *fault)
    assert read_rest(ends.numbers[1]) == TEXT
    ends.close()
    return calls


def fill(ends):
    if "socket" in kind:
        ends.files[-2].sendall(TEXT)
        ends.files[-2].shutdown(socket.SHUT_WR)
    else:
        assert os.write(ends.numbers[0], TEXT) == len(TEXT)
        ends.files[0].close()


def read(*fault):
    ends, values = Ends(), []
    reader = stream.Reader(ends.source, dialect)
    fill(ends)

    def call():
        for value in reader:
            values.append(value)

    calls = repeat(call, *fault)
    assert values == VALUES
    ends.close()
    return calls


def read_with_swap(*fault):
    ends, parts = Ends(), []
    pipe = None if "socket" in kind else streams._Pipe(ends.source)
    fill(ends)

    def call():
        while pipe and (line := pipe.readline()):
            parts.append(line)
        while not pipe:
            try:
                parts.append(pc_rpc._socket_readline(ends.source).encode())
            except EOFError:
                return

    calls = repeat(call, *fault)
    assert b"".join(parts) == TEXT and (not pipe or len(parts) == len(VALUES))
    ends.close()
    return calls


def stream_faults(calls):
    for n in range(len(calls)):
        for error in ERRORS:
            yield n, n, FAIL, error
        yield n, n, SHORT, 0
        yield n, FOREVER, SHORT, 0
        for when in SIGNAL_BEFORE, SIGNAL_AFTER:
            for number in range(len(RAISED)):
                yield n, n, when, signal.SIGRTMIN + number
            yield n, n + 20, when, signal.SIGRTMIN + 4


run_with = {"write": write, "read": read, "swap": read_with_swap}[sys.argv[4]]
before = len(os.listdir("/proc/self/fd"))
calls = run_with(-1, -1, 0, 0)
runs = 0
for fault in stream_faults(calls):
    try:
        run_with(*fault)
    except BaseException:
        disk.disk_mend()
        print(calls, fault, file=sys.stderr)
        raise
    runs += 1
assert len(os.listdir("/proc/self/fd")) == before and not warned
print(runs, *calls)
"""

KINDS = ["descriptors", "files", "buffered files", "sockets", "sockets with a timeout"]


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("kind", [*KINDS, "makefile of sockets"])
def test_what_is_written_arrives_once(broken_disk, version, kind):
    runs, *calls = broken_disk(STREAMS, version, kind, "write")
    assert int(runs) > 60 and calls.count("send" if "socket" in kind else "write") == 4


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_read_is_read_once(broken_disk, version, kind):
    runs, *calls = broken_disk(STREAMS, version, kind, "read")
    assert int(runs) > 30 and calls.count("recv" if "socket" in kind else "read") >= 2


@pytest.mark.parametrize("kind", ["files", "sockets", "sockets with a timeout"])
def test_what_the_swap_reads_is_read_once(broken_disk, kind):
    runs, *calls = broken_disk(STREAMS, "v2", kind, "swap")
    assert int(runs) > 30 and calls.count("recv" if "socket" in kind else "read") >= 2
