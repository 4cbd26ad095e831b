# SPDX-License-Identifier: LGPL-3.0-or-later
"""A disk, pipes and sockets that break: something goes wrong at each system call, one after the other.

tests/preload/broken_disk.c is preloaded into an interpreter, which runs a script of a test.
"""

import os
import subprocess
import sys
import tempfile

import pytest

from preload import compiled


@pytest.fixture(scope="module")
def broken_disk(tmp_path_factory):
    """Runs a script in an interpreter with a disk that breaks, in a new folder in memory."""
    if hasattr(sys, "gettotalrefcount"):
        pytest.skip("os.fstat goes on after an interrupt, which a debug build of Python takes for an error")
    if not sys.platform.startswith("linux") or sys.maxsize < 2**32:
        pytest.skip("the system calls are those of Linux with 64 bits")
    library = compiled("broken_disk", tmp_path_factory.mktemp("disk"))
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else tempfile.gettempdir()
    try:
        os.close(os.open(memory, os.O_TMPFILE | os.O_RDWR))
    except OSError:
        pytest.skip(f"{memory} has no files without names")
    preloaded = f"{os.environ.get('LD_PRELOAD', '')} {library}".strip()

    def run(script, *arguments):
        with tempfile.TemporaryDirectory(dir=memory) as folder:
            process = subprocess.run(
                [sys.executable, "-c", DISK + script, folder, *arguments],
                env={**os.environ, "LD_PRELOAD": preloaded},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                timeout=300,
            )
        assert process.returncode == 0, process.stderr[-4000:]
        return process.stdout.split()

    return run


DISK = r"""
import ctypes, errno, os, signal, sys, warnings
from fastpyon import pyon, pyon_v1, stream

FAIL, SHORT, SIGNAL_BEFORE, SIGNAL_AFTER = 1, 2, 3, 4  # as in broken_disk.c
LACKS = {"nothing": 0, "unnamed files": 1, "links": 2}
ERRORS = [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EACCES, errno.EINTR]
FOREVER = 2**31 - 1


class Own(Exception):
    pass


# The exceptions of signal handlers: also those that a system call may raise, or that programs handle.
RAISED = [OSError, TimeoutError, FileExistsError, KeyboardInterrupt, Own]
thrown = None  # by the handler


def handle(number, frame):
    global thrown
    thrown = RAISED[number - signal.SIGRTMIN]("a handler has raised this")
    raise thrown


for n in range(len(RAISED)):
    signal.signal(signal.SIGRTMIN + n, handle)
warned = []
warnings.simplefilter("always", ResourceWarning)
warnings.showwarning = lambda *arguments, **keywords: warned.append(arguments)
KILLED = object()
LARGE = list(range(30000))

disk = ctypes.CDLL(None)
disk.disk_break.argtypes = [ctypes.c_long, ctypes.c_long] + 3 * [ctypes.c_int]
disk.disk_mend.restype = ctypes.c_char_p

folder, version, kind, lack = sys.argv[1:]
os.chdir(folder)
dialect = {"v1": pyon_v1, "v2": pyon}[version]


def lines(*values):
    return b"".join(dialect.encode(x).encode() + b"\n" for x in values)


def content():
    files = {}
    for name in sorted(os.listdir(".")):
        with open(name, "rb") as file:
            files[name] = file.read()
    return files


def set_up(files):
    for name in os.listdir("."):
        os.unlink(name)
    for name, data in files.items():
        with open(name, "wb") as file:
            file.write(data)


def run(function, first=-1, last=-1, fault=0, number=0):
    '''The exception, or None, and the calls that there were.'''
    global thrown
    raised = thrown = None
    before = os.listdir("/proc/self/fd")
    disk.disk_break(first, last, fault, number, LACKS[lack])
    try:
        function()
    except (OSError, KeyboardInterrupt, Own) as error:
        raised = error
    calls = disk.disk_mend().decode().split()
    assert len(os.listdir("/proc/self/fd")) == len(before)  # though `raised` has the frames
    assert not warned, warned
    # The exception of a handler arrives, and as it was
    assert thrown is None or raised is thrown and raised.args == ("a handler has raised this",)
    assert getattr(thrown, "filename", None) is None
    return raised, calls


def outcome(function, *fault):
    '''The exception, or None or KILLED.'''
    if fault[-1] != signal.SIGKILL:
        return run(function, *fault)[0]
    if not (process := os.fork()):
        run(function, *fault)
        os._exit(0)
    status = os.waitpid(process, 0)[1]
    assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return KILLED


def faults(calls):
    '''All that may go wrong in the course of these calls, as arguments of disk_break().'''
    for n in range(len(calls)):
        for error in ERRORS:
            yield n, n, FAIL, error
            if error != errno.EINTR:  # which the interpreter would wait to see the end of
                yield n, FOREVER, FAIL, error
        yield n, n, SHORT, 0
        yield n, FOREVER, SHORT, 0
        for when in SIGNAL_BEFORE, SIGNAL_AFTER:
            yield n, n, when, signal.SIGINT
            # After a call, the disk is as it is before the next one
            if when == SIGNAL_BEFORE or n == len(calls) - 1:
                yield n, n, when, signal.SIGKILL
            for number in range(len(RAISED)):
                yield n, n, when, signal.SIGRTMIN + number


def try_all(function, before, check):
    set_up(before)
    raised, calls = run(function)
    assert raised is None
    runs = 0
    for fault in faults(calls):
        set_up(before)
        try:
            raised = outcome(function, *fault)
            if fault[2] == SHORT:
                assert raised is None
            check(raised, fault, calls[fault[0]])
        except BaseException:
            print(calls, fault, content().keys(), file=sys.stderr)
            raise
        runs += 1
    return runs, calls
"""
