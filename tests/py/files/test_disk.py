"""Files on a disk that breaks: something goes wrong at each system call, one after the other.

An interpreter with a broken disk (support/disk.py) runs a script: it stores a file over and over, and
looks at the folder afterwards. The file is the old one or the new one, never anything else, and nothing is beside it.
"""

import itertools
import os
import re
import subprocess
import sys
import time

import pytest

from fastpyon import pyon

if not sys.platform.startswith("linux") or sys.maxsize < 2**32:
    pytest.skip("the system calls are those of Linux with 64 bits", allow_module_level=True)

STORE = r"""
def pretty(x):
    return dialect.encode(x, True).encode() + (b"\n" if dialect is pyon_v1 else b"")


OLD, OLDER, NEW = pretty(["old"]), pretty(["older"]), pretty(["new"])
# The file before, the call, and the file if that works.
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
WAITING = ".file.aad01178f02a6a23.fastpyon"


def plain_store():
    '''A call without a backup, which removes what others have left.'''
    dialect.store_file("file", ["next"])


def check(raised, fault, call):
    global left_behind
    files = content()
    left = {name: files.pop(name) for name in set(files) - {"file", "file~"}}
    old, new = before.get("file"), after["file"]

    # One of the two, and the new one if and only if nothing was raised
    assert files.get("file") in (old, new)
    if raised is None:
        assert files == after
    elif isinstance(raised, OSError) and raised is not thrown:
        assert files.get("file") == old
        assert fault[1] == FOREVER or "file~" in before or "file~" not in files
    # The backup, too, is a whole one, and there before the new file is
    assert files.get("file~") in (before.get("file~"), after.get("file~"))
    if files.get("file") == new:
        assert files.get("file~") == after.get("file~")

    if raised is KILLED or fault[1] == FOREVER:
        # A file that may be beside it is as whole, where files need no name; the next call removes it
        left_behind += bool(left) and raised is KILLED
        for name, data in left.items():
            assert lack != "nothing" or data in (old, new)
            assert name.rstrip("~") == WAITING
        assert run(plain_store)[0] is None
        assert not set(content()) - {"file", "file~"}
    else:
        assert not left


runs, calls = try_all(store, before, check)
print(runs, left_behind, *calls)
"""

FAULTS = 24  # at each call, and one after the last
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
    assert int(runs) == FAULTS * len(calls) + 1
    if lack == "nothing":
        # Between linkat and the last rename
        last = len(calls) - 1 - calls[::-1].index("rename")
        assert int(left_behind) == last - calls.index("linkat")
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
    else:  # no code could cut off a line that is not whole
        assert any(end.startswith(files["file"]) for end in whole)
        append()  # after any content
        found = list(stream.load_lines("file", dialect, on_error=lambda error: None))
        assert found[:2] == [["old"], ["line"]] and found[-6:] == values


runs, calls = try_all(append, before, check)
print(runs, *calls)
"""


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("kind", ["whole", "broken"])
def test_lines_that_are_appended_are_whole(broken_disk, version, kind):
    runs, *calls = broken_disk(APPEND, version, kind, "nothing")
    assert int(runs) == FAULTS * len(calls) + 1 and "fsync" in calls


LOAD = r"""
before = {"file": b'[\n"\xc3\xa9",\n1]' if kind == "not ASCII" else lines([1])}
errors = []
value = ["é", 1] if kind == "not ASCII" else [1]


def load():
    if kind == "lines":
        assert list(stream.load_lines("file", dialect, on_error=errors.append)) == [value]
    else:
        assert dialect.load_file("file") == value


def check(raised, fault, call):
    assert content() == before and not errors
    if isinstance(raised, OSError) and raised is not thrown:
        assert raised.filename == "file" and raised.errno == fault[3], raised
        assert raised.errno != errno.EINTR or call not in ("open", "read")


runs, calls = try_all(load, before, check)
print(runs, *calls)
"""


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("kind", ["ASCII", "not ASCII", "lines"])
def test_loading_works_or_names_the_file(broken_disk, version, kind):
    runs, *calls = broken_disk(LOAD, version, kind, "nothing")
    assert int(runs) == FAULTS * len(calls) + 1 and "read" in calls


CONVERT = r"""
old, new = b"{1: (2,)}", pyon.encode({1: (2,)}, True).encode()


def check(raised, fault, call):
    if raised is KILLED or fault[1] == FOREVER:
        assert content()["file"] in (old, new)
    elif raised is None:
        assert content() == {"file": new, "file_v1": old}
    elif raised is thrown or isinstance(raised, KeyboardInterrupt):
        assert content() in ({"file": old}, {"file": new, "file_v1": old})
    else:
        assert content() == {"file": old}


runs, calls = try_all(lambda: pyon._convert("file"), {"file": old}, check)
print(runs, *calls)
"""


@pytest.mark.parametrize("lack", ["nothing", "links"])
def test_a_conversion_is_done_or_not(broken_disk, lack):
    runs, *calls = broken_disk(CONVERT, "v2", "converted", lack)
    assert int(runs) == FAULTS * len(calls) + 1


SYNC = r"""
set_up({"file": b"old"})
for number in errno.EINVAL, errno.ENOTSUP:
    def sync_fails():
        for n in range(len(calls)):
            if calls[n] == "fsync":
                assert run(store, n, n, FAIL, number)[0] is None

    store = lambda: dialect.store_file("file", ["new"])
    calls = run(store)[1]
    sync_fails()
    assert content() == {"file": (dialect.encode(["new"], True) + "\n" * (version == "v1")).encode()}
    # Of the name, any error: the file is stored by then
    raised, after = run(store, len(calls) - 3, len(calls) - 3, FAIL, errno.EIO)
    assert raised is None and after[-3] == "fsync"
"""


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_file_system_that_cannot_sync_is_no_failure(broken_disk, version):
    broken_disk(SYNC, version, "", "nothing")


COPY = r"""
store = lambda name: run(lambda: dialect.store_file(name, 1, backup=True))[0]

set_up({"file": b"old"})
os.chmod("file", 0o4640)
os.utime("file", (1, 1))
assert store("file") is None and content()["file~"] == b"old"
status = os.stat("file~")
assert (status.st_mtime, status.st_mode & 0o7777, status.st_nlink) == (1, 0o640, 1)

# A symlink is kept as one, for any target; only files are copied
set_up({})
os.symlink("nowhere", "link")
os.mkfifo("pipe")
assert store("link") is None and os.readlink("link~") == "nowhere"
raised = store("pipe")
assert isinstance(raised, OSError) and "not a regular file" in str(raised)
assert sorted(os.listdir(".")) == ["link", "link~", "pipe"]
os.unlink("link")
os.unlink("link~")

# Somebody has put a symlink where the copy is made
set_up({"file": b"old", "other": b"of others"})
os.symlink("other", ".file.aad01178f02a6a23.fastpyon~")
assert store("file") is None
assert content() | {"file": b""} == {
    "file": b"", "file~": b"old", "other": b"of others", ".file.aad01178f02a6a23.fastpyon~": b"of others"
}
"""


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_the_backup_without_hard_links_is_a_copy(broken_disk, version):
    broken_disk(COPY, version, "", "links")


STOP = r"""
# Names of the same beginning, and one of them twice; each process stops at each call
names = ["x" * 60 + "a", "x" * 60 + "b"]
for other in names:
    calls = run(lambda: dialect.store_file(names[0], 0, backup=True))[1]
    calls = run(lambda: dialect.store_file(names[0], 0, backup=True))[1]
    for n in range(len(calls)):
        set_up({names[0]: b"A0", names[1]: b"B0"})
        if not (process := os.fork()):
            run(lambda: dialect.store_file(names[0], "A1", backup=True), n, n, SIGNAL_BEFORE, signal.SIGSTOP)
            os._exit(0)
        stopped = os.waitpid(process, os.WUNTRACED)[1]
        assert os.WIFSTOPPED(stopped), (n, calls, stopped)
        raised, others = run(lambda: dialect.store_file(other, "next", backup=True))
        assert raised is None, (raised, n, calls, others, os.listdir("."))
        os.kill(process, signal.SIGCONT)
        assert os.waitpid(process, 0)[1] == 0
        files = content()
        backups = {names[0] + "~": b"A0", other + "~": files[other + "~"]}
        assert set(files) == {*names, *backups}, (n, calls, files)
        assert files[names[0]] in (pyon.encode("A1").encode(), pyon.encode("next").encode())
        if other == names[1]:
            assert files[names[0] + "~"] == b"A0" and files[names[1] + "~"] == b"B0", (n, calls, files)
        else:
            assert files[names[0] + "~"] in (b"A0", *(pyon.encode(x).encode() for x in ("A1", "next")))
"""


@pytest.mark.parametrize("lack", ["nothing", "unnamed files", "links"])
def test_a_process_that_stops_somewhere_does_no_harm(broken_disk, lack):
    """Others store the same file, or one with a name that begins like it, meanwhile."""
    broken_disk(STOP, "v2", "", lack)


GROW = r"""
def grow(number, frame):
    with open("file", "ab") as file:
        file.write(b" , 3]")


signal.signal(signal.SIGUSR1, grow)
text = b"[1," + b" " * 3000000 + b"2"
function = lambda: dialect.load_file("file") == [1, 2, 3] or 1 / 0
set_up({"file": text + b" , 3]"})
calls = run(function)[1]
for when in SIGNAL_BEFORE, SIGNAL_AFTER:
    set_up({"file": text})
    n = calls.index("read")
    assert run(function, n, n, when, signal.SIGUSR1)[0] is None
"""


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_file_that_grows_while_it_is_read(broken_disk, version):
    broken_disk(GROW, version, "", "nothing")


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
