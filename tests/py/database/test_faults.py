# SPDX-License-Identifier: LGPL-3.0-or-later
"""A database on a disk that breaks: something goes wrong at each system call, one after the other (support/disk.py).

Whatever it is, the database opens to a state that existed, and that is not older than the last flush that was
reported. If the process lives, it tries again, and in the end nothing is missing.
"""

import sys

import pytest

if not sys.platform.startswith("linux") or sys.maxsize < 2**32:
    pytest.skip("the system calls are those of Linux with 64 bits", allow_module_level=True)

SCRIPT = r"""
import logging, mmap, struct
from fastpyon import database

logging.disable()
shared = mmap.mmap(-1, 8)  # the number of the last state that a flush has reported, from a process that is killed


def append(x):
    return {"action": "append", "path": ["list"], "x": x}


# Each step changes the data, or writes it.
STEPS = {
    "flush": [[append(1)], "flush", [append(2), {"action": "setitem", "path": [], "key": "a", "value": 1}], "flush"],
    "compact": [[append(1)], "compact", [append(2)], "flush"],
    "torn": [[append(1)], "flush"],
}[kind]


def make_before():
    '''A snapshot and a journal with changes.'''
    set_up({})
    with database.Database("x.pyon") as db:
        db.update(list=[0], large=list(range(8000)))  # it is encoded without the lock
    db = database.Database("x.pyon", sync=None)
    db.apply(append(0.5))
    db.flush()
    files = content()
    db.close()
    if kind == "torn":
        files["x.pyon.journal"] += b"torn"
    return files


def freeze(db):
    return {**db, "list": list(db["list"])}


def work():
    '''Goes through the steps, each again until it works; the disk is mended if it fails for ever.'''
    shared[:] = struct.pack("q", 0)
    states, errors = [], 0

    def until_it_works(function):
        nonlocal errors
        while True:
            try:
                return function()
            except OSError:
                errors += 1
                if errors == 3:
                    disk.disk_mend()
                assert errors < 10

    db = until_it_works(lambda: database.Database("x.pyon", sync=None))
    states.append(freeze(db))
    for step in STEPS:
        if step == "flush" or step == "compact":
            until_it_works(getattr(db, step))
            shared[:] = struct.pack("q", len(states) - 1)
        else:
            for mod in step:
                until_it_works(lambda: db.apply(mod))
            states.append(freeze(db))
    until_it_works(db.close)
    return states


def opened():
    with database.Database("x.pyon", readonly=True) as db:
        seen = dict(db)
    with database.Database("x.pyon", sync=None) as db:
        assert dict(db) == seen
    assert pyon.load_file("x.pyon") == seen
    return seen


before = make_before()
set_up(before)
disk.disk_break(-1, -1, 0, 0, LACKS[lack])
states = work()
calls = disk.disk_mend().decode().split()
runs = 0
for n in range(len(calls)):
    for fault in (
        (n, n, FAIL, errno.ENOSPC if n % 2 else errno.EIO),
        (n, FOREVER, FAIL, errno.EIO if n % 2 else errno.ENOSPC),
        (n, n, FAIL, errno.EINTR),
        (n, n, SHORT, 0),
        (n, n, SIGNAL_BEFORE, signal.SIGKILL),
        # After a call, the disk is as it is before the next one
        *([(n, n, SIGNAL_AFTER, signal.SIGKILL)] if n == len(calls) - 1 else []),
    ):
        set_up(before)
        descriptors = len(os.listdir("/proc/self/fd"))
        try:
            if fault[-1] == signal.SIGKILL:
                if not (process := os.fork()):
                    disk.disk_break(*fault, LACKS[lack])
                    work()
                    os._exit(0)
                os.waitpid(process, 0)
                reported = struct.unpack("q", shared[:])[0]
                assert opened() in states[reported:]
            else:
                disk.disk_break(*fault, LACKS[lack])
                assert work() == states
                disk.disk_mend()
                assert opened() == states[-1]
                assert len(os.listdir("/proc/self/fd")) == descriptors
        except BaseException:
            print(calls, fault, content().keys(), file=sys.stderr)
            raise
        left = [name for name in content() if not name.startswith("x.pyon")]
        assert fault[-1] == signal.SIGKILL or fault[1] == FOREVER or not left, (left, fault)
        runs += 1
print(runs, *calls)
"""


@pytest.mark.parametrize("kind, lack", [("flush", "nothing"), ("compact", "nothing"), ("torn", "nothing"),
                                        ("compact", "unnamed files")])  # fmt: skip
def test_a_fault_at_each_call(broken_disk, kind, lack):
    runs, *calls = broken_disk(SCRIPT, "v2", kind, lack)
    assert int(runs) == 5 * len(calls) + 1 > 100
    assert calls.count("fdatasync") >= 1 and calls.count("pwrite") >= 1
    # Each batch is one write and one sync
    both = [call for call in calls if call in ("pwrite", "fdatasync")]
    assert both[-2:] == ["pwrite", "fdatasync"]


FULL = r"""
import logging, threading
from fastpyon import database

logging.disable()
set_up({})
told = []
arrived = threading.Event()


def on_error(error):
    told.append(error)
    arrived.set()


db = database.Database("x.pyon", sync="always", on_error=on_error)
db["list"] = []
db.flush()
disk.disk_break(0, FOREVER, FAIL, errno.ENOSPC, 0)
db["a"] = 1
arrived.wait()
raised = 0
for n in range(1000):
    while True:
        try:
            db.apply({"action": "append", "path": ["list"], "x": n})
            break
        except OSError as error:
            assert error.errno == errno.ENOSPC
            raised += 1  # before the change is made
assert raised >= 1 and told[0].errno == errno.ENOSPC
try:
    db.flush()
    raise AssertionError("the disk is full")
except OSError:
    pass
try:
    db.close()
    raise AssertionError("the disk is full")
except OSError:
    pass
disk.disk_mend()
expected = dict(db)
assert expected["list"] == list(range(1000))
db.flush()
assert dict(database.Database("x.pyon", readonly=True)) == expected
db.close()
assert pyon.load_file("x.pyon") == expected
print("done")
"""


def test_a_disk_that_is_full_for_a_while(broken_disk):
    assert broken_disk(FULL, "v2", "x", "nothing") == ["done"]
