"""Files on a disk that breaks: something goes wrong at each system call, one after the other.

tests/c/broken_disk.c is preloaded into an interpreter, which runs a script: it stores a file over
and over, and looks at the folder afterwards. The file is the old one or the new one, never anything
else, and nothing is beside it.
"""

import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from fastpyon import pyon

if not sys.platform.startswith("linux") or sys.maxsize < 2**32:
    pytest.skip("the system calls are those of Linux with 64 bits", allow_module_level=True)

SOURCE = Path(__file__).parents[1] / "c" / "broken_disk.c"


@pytest.fixture(scope="module")
def broken_disk(tmp_path_factory):
    """Runs a script in an interpreter with a disk that breaks, in a new folder in memory."""
    if hasattr(sys, "gettotalrefcount"):
        pytest.skip("os.fstat goes on after an interrupt, which a debug build of Python takes for an error")
    compiler = shutil.which("cc")
    if not compiler:
        pytest.skip("no compiler")
    library = tmp_path_factory.mktemp("disk") / "broken_disk.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, SOURCE], check=True)
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
import ctypes, errno, os, signal, sys
from fastpyon import pyon, pyon_v1, stream

FAIL, SHORT, SIGNAL_BEFORE, SIGNAL_AFTER = 1, 2, 3, 4  # as in broken_disk.c
LACKS = {"nothing": 0, "unnamed files": 1, "links": 2}
ERRORS = [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EACCES, errno.EINTR]
FOREVER = 2**31 - 1
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
    '''What is raised, or None, and the calls that there were.'''
    raised = None
    disk.disk_break(first, last, fault, number, LACKS[lack])
    try:
        function()
    except (OSError, KeyboardInterrupt) as error:
        raised = error
    return raised, disk.disk_mend().decode().split()


def outcome(function, *fault):
    '''What is raised, or None or KILLED.'''
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
            yield n, n, when, signal.SIGKILL


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

STORE = r"""
def pretty(x):
    return dialect.encode(x, True).encode() + (b"\n" if dialect is pyon_v1 else b"")


OLD, OLDER, NEW = pretty(["old"]), pretty(["older"]), pretty(["new"])
# What there is before, what is called, and what there is if that works.
before, store, after = {
    "new": ({}, lambda: dialect.store_file("file", ["new"]), {"file": NEW}),
    "replaced": ({"file": OLD}, lambda: dialect.store_file("file", ["new"]), {"file": NEW}),
    "backup": (
        {"file": OLD},
        lambda: dialect.store_file("file", ["new"], backup=True),
        {"file": NEW, "file~": OLD},
    ),
    "second backup": (
        {"file": OLD, "file~": OLDER},
        lambda: dialect.store_file("file", ["new"], backup=True),
        {"file": NEW, "file~": OLD},
    ),
    "not ASCII": (
        {"file": OLD},
        lambda: pyon.store_file("file", ["né", "w"], ensure_ascii=False),
        {"file": '[\n    "né",\n    "w"\n]'.encode()},
    ),
    "lines": (
        {"file": OLD, "file~": OLDER},
        lambda: stream.store_lines("file", [[1], LARGE, [2]], dialect, backup=True),
        {"file": lines([1], LARGE, [2]), "file~": OLD},
    ),
}[kind]
left_behind = 0


def check(raised, fault, call):
    global left_behind
    files = content()
    left = {name: files.pop(name) for name in set(files) - {"file", "file~"}}
    old, new = before.get("file"), after["file"]

    # One of the two, and the new one if and only if nothing was raised
    assert files.get("file") in (old, new)
    if raised is None:
        assert files == after
    elif isinstance(raised, OSError):
        assert files.get("file") == old
    # The backup, too, is a whole one, and there before the new file is
    assert files.get("file~") in (before.get("file~"), after.get("file~"))
    if files.get("file") == new:
        assert files.get("file~") == after.get("file~")

    if raised is KILLED or fault[1] == FOREVER:
        # What may be beside it is as whole, where files need no name; whoever comes next removes it
        left_behind += bool(left) and raised is KILLED
        for name, data in left.items():
            assert lack != "nothing" or data in (old, new)
            assert name in (".file.fastpyon", ".file.fastpyon~") or lack != "nothing"
        assert run(store)[0] is None
        files = content()
        assert files.pop("file") == new
        files.pop("file~", None)
        assert all(name.startswith("tmp") for name in files)
    elif lack != "nothing" and isinstance(raised, KeyboardInterrupt) and call == "open":
        assert list(left.values()) in ([], [b""])  # between tempfile.mkstemp() and its caller
    else:
        assert not left


runs, calls = try_all(store, before, check)
print(runs, left_behind, *calls)
"""

EACH_KIND = ("new", "replaced", "backup", "second backup", "lines")


@pytest.mark.parametrize(
    "version, kind, lack",
    [
        *(("v2", kind, "nothing") for kind in (*EACH_KIND, "not ASCII")),
        *(("v1", kind, "nothing") for kind in EACH_KIND),
        *(("v2", kind, lack) for kind in ("replaced", "second backup") for lack in ("unnamed files", "links")),
    ],
)
def test_a_file_is_the_old_one_or_the_new_one(broken_disk, version, kind, lack):
    runs, left_behind, *calls = broken_disk(STORE, version, kind, lack)
    assert int(runs) == 15 * len(calls)
    if lack == "nothing":
        # Two times the same moment: behind linkat, and before rename
        assert int(left_behind) == (4 if "file~" in kind or calls.count("rename") == 2 else 2)
    # It is on the disk before it has its name, and then the name is
    letters = {"write": "w", "sendfile": "w", "fsync": "f", "rename": "r"}
    assert re.fullmatch("(w+fr?)+rf", "".join(letters.get(call, "") for call in calls)), calls


APPEND = r"""
OLD = lines(["old"], ["line"])
values = [[1], [2], LARGE, [3], LARGE, [4]]
broken = b"[1, 2" if kind == "broken" else b""
before = {"file": OLD + broken}
all_lines = lines(*values).splitlines(keepends=True)
start = before["file"] + (b"\n" if broken else b"")
whole = [before["file"], *(start + b"".join(all_lines[:n]) for n in range(1, 7))]


def append():
    stream.store_lines("file", values, dialect, append=True)


def check(raised, fault, call):
    files = content()
    assert list(files) == ["file"] and files["file"].startswith(OLD)
    if raised is None:
        assert files["file"] == whole[-1]
    elif raised is not KILLED and fault[1] != FOREVER:
        assert files["file"] in whole
    else:  # nobody could cut off what is not whole
        assert any(end.startswith(files["file"]) for end in whole)
        append()  # behind whatever there is
        found = list(stream.load_lines("file", dialect, on_error=lambda error: None))
        assert found[:2] == [["old"], ["line"]] and found[-6:] == values


runs, calls = try_all(append, before, check)
print(runs, *calls)
"""


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("kind", ["whole", "broken"])
def test_lines_that_are_appended_are_whole(broken_disk, version, kind):
    runs, *calls = broken_disk(APPEND, version, kind, "nothing")
    assert int(runs) == 15 * len(calls) and "fsync" in calls


LOAD = r"""
before = {"file": b'[\n"\xc3\xa9",\n1]' if kind == "not ASCII" else lines([1])}
value = ["é", 1] if kind == "not ASCII" else [1]


def load():
    if kind == "lines":
        assert list(stream.load_lines("file", dialect)) == [value]
    else:
        assert dialect.load_file("file") == value


def check(raised, fault, call):
    assert content() == before
    if isinstance(raised, OSError):
        assert raised.filename == "file" and raised.errno == fault[3], raised
        assert raised.errno != errno.EINTR or call not in ("open", "read")


runs, calls = try_all(load, before, check)
print(runs, *calls)
"""


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("kind", ["ASCII", "not ASCII", "lines"])
def test_loading_works_or_names_the_file(broken_disk, version, kind):
    runs, *calls = broken_disk(LOAD, version, kind, "nothing")
    assert int(runs) == 15 * len(calls) and "read" in calls


STORE_ON = """
import itertools, sys
from fastpyon import pyon
print(flush=True)
for i in itertools.count():
    pyon.store_file(sys.argv[1], [sys.argv[2], i, "x" * 100000], backup=True)
"""


def test_processes_that_store_the_same_file_and_are_killed(tmp_path):
    path = tmp_path / "file"
    pyon.store_file(path, ["first", 0, ""])
    pyon.store_file(path, ["second", 0, ""], backup=True)
    for _ in range(10):
        processes = [
            subprocess.Popen([sys.executable, "-c", STORE_ON, path, str(i)], stdout=subprocess.PIPE)
            for i in range(2)
        ]
        try:
            for process in processes:
                process.stdout.readline()
            before, deadline = pyon.load_file(path)[:2], time.monotonic() + 600
            for i in itertools.count():
                for name in path, f"{path}~":
                    assert len(pyon.load_file(name)) == 3
                assert all(process.poll() is None for process in processes)
                if i > 20 and pyon.load_file(path)[:2] != before:
                    break
                assert time.monotonic() < deadline, "nothing is stored"
        finally:
            for process in processes:
                process.kill()
                process.communicate()
    pyon.store_file(path, ["last", 0, ""], backup=True)
    assert pyon.load_file(path)[0] == "last" and pyon.load_file(f"{path}~")[0] in "01"
    assert {"file", "file~"} <= set(os.listdir(tmp_path))
