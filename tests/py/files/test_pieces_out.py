"""Text in pieces is the text of encode, however it is cut, sent, interrupted or given up."""

import gc
import os
import select
import signal
import sys
import threading
import tracemalloc
from collections import OrderedDict
from fractions import Fraction
from pathlib import Path

import pytest

from fastpyon import _core, pyon, pyon_v1
from generate import SubDict, SubList, SubTuple
from systems import posix

try:
    import numpy as np
except ImportError:
    np = None

CASES = Path(__file__).resolve().parents[2] / "cases"
SIZES = [1, 7, 64, 65536]
SLACK = 16384  # what a piece may have more than its size
PIECES = {pyon_v1: _core.pieces_v1, pyon: _core.pieces_v2}
BYTES = {pyon_v1: _core.encode_bytes_v1, pyon: _core.encode_bytes_v2}

VALUES = [
    None, True, -5, 2**70, 1.5, float("inf"), "", "é\ud800\U0001f600", b"'\xff", 1 - 2j, Fraction(1, 3), (), (1,),
    [], [[]], {}, {"a": {}}, {"b": 1, "a": [1, {"d": (2,), "c": []}]}, {1: 2, (3, (4,)): [5]}, {1}, set(),
    slice(1, None, [2]), [slice({"a": (1, 2), "b": 3}, "x" * 9000)], OrderedDict(), OrderedDict(a=[1, {2: 3}]),
    OrderedDict({1: {"x": [], "y": {}}}), ("x" * 5000, ["\n\"é" * 5000, b"'\xff" * 5000, "\U0001f600" * 5000]),
    [b"x" * n for n in range(4090, 4100)], ["x" * n for n in (511, 512, 4095, 4096, 6000)],
    [float(i) for i in range(5000)], list(range(-2000, 2000)), [2**63 + i for i in range(100)],
    {f"k{i}": i / 7 for i in range(3000)}, {i: i / 7 for i in range(300)}, [1.5] * 70 + ["x"] + [2] * 70 + [None],
    [[i, "x", (None, [])] for i in range(1000)], {str(i): {"a": i, "b": [i]} for i in range(1000)},
    {(i, "x"): {i} for i in range(500)}, [{}, [], ()] * 300, {"__jsonclass_": 1, "\ud800": 2},
]  # fmt: skip
if np:
    VALUES += [
        np.arange(3), np.float64(1), np.zeros((2, 0)), np.arange(20000.0), np.arange(5000, dtype=">i2")[::2],
        {"a": np.arange(3000), "b": [np.arange(6144 * n, dtype="u1") for n in (1, 2, 3)]},
        [np.arange(6143, dtype="u1"), np.arange(6145, dtype="u1")], np.asfortranarray(np.ones((100, 50))),
    ]  # fmt: skip


def cases():
    """The values of the cases that are valid, but for texts that only the library reads: what they name is not
    known here."""
    for name, module in ("v1", pyon_v1), ("v2", pyon):
        for path in sorted((CASES / name / "valid").glob("*.pyon")):
            try:
                value = module.decode(path.read_bytes())
            except (TypeError, ValueError, NameError):
                continue
            yield pytest.param(module, value, id=f"{name}-{path.name}")


def outcome(call):
    """The result of a call, or its exception."""
    try:
        return call()
    except Exception as e:
        return type(e), str(e)


def check(module, value):
    for pretty in False, True:
        want = outcome(lambda: module.encode(value, pretty).encode())
        assert outcome(lambda: BYTES[module](value, pretty)) == want
        for size in SIZES if len(want) < 30000 else SIZES[2:]:
            got = outcome(lambda: list(PIECES[module](value, pretty, size)))
            if isinstance(got, list):
                assert all(size <= len(piece) <= size + SLACK for piece in got[:-1])
                assert 0 < len(got[-1]) <= size + SLACK
                got = b"".join(got)
            assert got == want
        if isinstance(want, bytes):
            assert b"".join(PIECES[module](value, pretty, 7, True)) == want + b"\n"


@pytest.mark.parametrize("i", range(len(VALUES)))
def test_values(dialect, i):
    check(dialect, VALUES[i])


@pytest.mark.parametrize(("module", "value"), list(cases()))
def test_cases(module, value):
    check(module, value)


def test_the_cases_are_many():
    modules = [case.values[0] for case in cases()]
    assert modules.count(pyon_v1) >= 190 and modules.count(pyon) >= 60


def test_random_values(dialect):
    hypothesis = pytest.importorskip("hypothesis")
    st = hypothesis.strategies
    keys = st.text(max_size=3) | st.integers() | st.tuples(st.booleans())
    leaves = st.none() | st.integers() | st.floats() | st.text() | st.binary() | st.complex_numbers()
    values = st.recursive(
        leaves | st.lists(st.floats(), min_size=60, max_size=140),
        lambda inner: st.lists(inner) | st.dictionaries(keys, inner) | st.lists(inner).map(tuple)
        | st.dictionaries(st.text(), inner).map(OrderedDict) | st.sets(keys) | st.builds(slice, inner),
        max_leaves=40,
    )  # fmt: skip

    @hypothesis.settings(max_examples=40)
    @hypothesis.given(values)
    def run(value):
        check(dialect, value)

    run()


def test_arguments():
    for pieces in PIECES.values():
        assert b"".join(pieces(x=[1], pretty=True, newline=1, size=3)).endswith(b"]\n")
        for wrong in ((), (1, 2, 3, 4, 5)), {"y": 1}, {"x": 1, "size": "a"}:
            with pytest.raises(TypeError):
                pieces(**wrong) if isinstance(wrong, dict) else [pieces(*x) for x in wrong]
        with pytest.raises(TypeError):
            pieces(1, x=2)
        for size in 0, -1:
            with pytest.raises(ValueError):
                pieces(1, size=size)
        with pytest.raises(OverflowError):
            pieces(1, size=2**64)
        assert next(pieces([1] * 1000, size=2**62)) == b"".join(pieces([1] * 1000))
    for encode in BYTES.values():
        with pytest.raises(TypeError):
            encode()
        with pytest.raises(TypeError):
            encode(1, spaces=2)
    with pytest.raises(TypeError):
        type(_core.pieces_v2(1))()


def test_before_the_modules_are_there(python):
    for name in "pieces_v1", "pieces_v2", "encode_bytes_v1", "encode_bytes_v2":
        code = f"from fastpyon import _core\ntry: _core.{name}(1)\nexcept RuntimeError: print(1)"
        assert python(code) == "1\n"


def test_written(dialect):
    pieces = PIECES[dialect](list(range(10000)), size=1000)
    total = 0
    for piece in pieces:
        total += len(piece)
        assert pieces.written == total
    assert next(pieces, None) is None and next(pieces, None) is None
    assert pieces.written == total


# ---- The work of Python -----------------------------------------------------------------------


def test_what_is_left_to_python(clean_maps, dialect):
    if dialect is pyon:
        pyon.register([Pair], name="Pair", encode=lambda p: [p.left, pyon.wrap(p.right)], decode=Pair)
        items = [Pair(1, {"a": (1, 2), "b": [3]}), SubList([1, (2,)]), SubDict(a=1, b=2), SubTuple((1, [2]))]
        if np:
            items += [np.zeros(3, "i4,f8"), np.zeros(3, "M8[s]")]
    else:
        pyon_v1._encode_map[SubDict] = "dict"
        items = [SubDict(b={"y": 1, "x": 2}, a=1), slice("é"), slice(Lines()), np.zeros(3, "i4,f8")]
    for item in items:
        for value in item, [item], {"a": {"b": [item, {"c": item, "d": 1}]}, "e": (item,)}, [1.5] * 200 + [item] * 200:
            check(dialect, value)


class Pair:
    """A type that is registered in version 2."""

    def __init__(self, left, right=None):
        self.left, self.right = left, right

    def __eq__(self, other):
        return (self.left, self.right) == (other.left, other.right)


class Lines:
    """Line ends in a text that are no layout."""

    def __repr__(self):
        return "{\n    é\n}"


def test_a_patched_encoder_does_it(python):
    code = """
from fastpyon import _core, pyon_v1
value = {"a": [1, {"b": "x", "c": 2}], "d": {"e": (3.5,), "f": 1}}
pieces = _core.pieces_v1({"a": [1.5] * 1000, "b": "x"}, size=100)
next(pieces)
pyon_v1._Encoder.encode_str = lambda self, x: self.out.append("<" + x + ">")
for pretty in False, True:
    assert b"".join(_core.pieces_v1(value, pretty, 5)) == pyon_v1.encode(value, pretty).encode()
    assert b"<a>" in _core.encode_bytes_v1(value, pretty)
assert b"".join(pieces).endswith(b"<x>}")
print("done")
"""
    assert python(code) == "done\n"


# ---- Errors ---------------------------------------------------------------------------------


class Failing:
    def __repr__(self):
        raise LookupError("no repr")


BAD = [object(), Failing(), {frozenset(): 1}, 10**5000, {"__jsonclass__": 1}]


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
@pytest.mark.parametrize("before", [0, 10000])
def test_errors(dialect, bad, before):
    value = ["x" * 10] * before + [{"a": [bad, 1]}] + [1]
    want = outcome(lambda: dialect.encode(value))
    if isinstance(want, str):
        return  # in version 1 that is a dict like others
    pieces = PIECES[dialect](value, size=100)
    got = bytearray()
    with pytest.raises(want[0]) as error:
        for piece in pieces:
            got += piece
    assert str(error.value) == want[1]
    assert dialect.encode(value[:before]).encode()[:-1].startswith(got) and pieces.written == len(got)
    assert len(got) >= 10 * before
    for _ in range(2):  # nobody takes it for the end
        with pytest.raises(RuntimeError):
            next(pieces)
        with pytest.raises(RuntimeError):
            pieces.write(1)
    assert pieces.written == len(got)


def test_cycles_and_depth(dialect):
    endless = [1.5]
    endless.append({"a": endless})
    deep = []
    for _ in range(100000):
        deep = [deep]
    for value in endless, deep:
        assert outcome(lambda: dialect.encode(value))[0] is RecursionError
        for size in 1, 10**6:
            pieces = PIECES[dialect](value, size=size)
            with pytest.raises(RecursionError):
                for _ in pieces:
                    pass
            assert pieces.written < 200000
    while deep:
        deep = deep.pop()
    for _ in range(300):
        deep = [deep, {"a": (1,)}]
    check(dialect, deep)


# ---- Changes --------------------------------------------------------------------------------


def test_a_list_that_changes(dialect):
    for member in 1.5, "text", [1, 2]:
        values = [member] * 1000
        pieces = PIECES[dialect](values, size=1)
        text = next(pieces)
        values += [member] * 1000
        assert dialect.decode(text + b"".join(pieces)) == [member] * 2000
        pieces = PIECES[dialect](values, size=1)
        text = next(pieces)
        values.clear()
        try:
            text += b"".join(pieces)
        except RuntimeError as e:
            assert "changed size" in str(e)
        else:
            dialect.decode(text)


@pytest.mark.parametrize("member", [1.5, "text", [1, 2]])
def test_a_dict_that_changes(dialect, member):
    for change in dict.clear, dict.popitem, lambda d: d.update(x=1):
        values = {f"k{i}": member for i in range(1000)}
        pieces = PIECES[dialect](values, size=1)
        next(pieces)
        change(values)
        with pytest.raises(RuntimeError, match="dictionary changed size"):
            b"".join(pieces)


@pytest.mark.parametrize("member", [1.5, "text", [1, 2]])
def test_a_dict_of_which_every_key_changes(dialect, member):
    """Of the same size, in another table: the text has as many pairs, first old ones and then new ones, or it
    fails."""
    values = {f"k{i}": member for i in range(1000)}
    pieces = PIECES[dialect](values, size=1)
    begun = next(pieces)
    for i in range(1000):
        del values[f"k{i}"]
        values[f"n{i}"] = member
    text = outcome(lambda: begun + b"".join(pieces))
    if not isinstance(text, bytes):
        assert text == (RuntimeError, "dictionary keys changed during iteration")
        return
    got = dialect.decode(text)
    old = sum(key.startswith("k") for key in got)
    assert len(got) == 1000 and list(got.values()) == [member] * 1000
    assert list(got)[:old] == [f"k{i}" for i in range(old)]
    first = int(list(got)[old][1:])
    assert list(got)[old:] == [f"n{i}" for i in range(first, first + 1000 - old)]


def test_an_array_that_changes(dialect):
    np = pytest.importorskip("numpy")
    array = np.arange(100000)
    pieces = PIECES[dialect](array, size=1000)
    next(pieces)
    array.resize((10,), refcheck=False)
    with pytest.raises(RuntimeError, match="changed size"):
        b"".join(pieces)


def test_maps_that_are_exchanged(python):
    code = """
import importlib
from fastpyon import _core, pyon, pyon_v1
value = [("x", i, 1.5) for i in range(1000)]
both = [_core.pieces_v1(value, size=10), _core.pieces_v2(value, size=10)]
starts = [next(pieces) for pieces in both]
importlib.reload(pyon_v1), importlib.reload(pyon)
for start, pieces, module in zip(starts, both, (pyon_v1, pyon)):
    assert start + b"".join(pieces) == module.encode(value).encode()
print("done")
"""
    assert python(code) == "done\n"


# ---- File descriptors -----------------------------------------------------------------------


@pytest.fixture
def pipe():
    ends = list(os.pipe())
    yield ends
    for fd in ends:
        try:
            os.close(fd)
        except OSError:
            pass


def read_all(fd, into, pause=None):
    while piece := os.read(fd, 10000):
        into.append(piece)
        if pause:
            pause.wait(0.0005)


@pytest.mark.parametrize("i", range(len(VALUES)))
def test_writing_to_a_file(dialect, i, tmp_path):
    path = tmp_path / "file"
    with open(path, "wb", 0) as file:
        assert PIECES[dialect](VALUES[i], False, 100, True).write(file) is None
    assert path.read_bytes() == dialect.encode(VALUES[i]).encode() + b"\n"


def test_a_slow_reader(dialect, pipe):
    value = [float(i) for i in range(100000)]
    got = []
    reader = threading.Thread(target=read_all, args=(pipe[0], got, threading.Event()))
    reader.start()
    pieces = PIECES[dialect](value)
    pieces.write(pipe[1])
    os.close(pipe[1])
    reader.join()
    assert b"".join(got) == dialect.encode(value).encode() and pieces.written == len(b"".join(got))


@posix
def test_a_full_pipe(dialect, pipe):
    value = [list(range(50000)), "x" * 300000, [1.5] * 50000, {str(i): [i] for i in range(20000)}]
    os.set_blocking(pipe[0], False)
    os.set_blocking(pipe[1], False)
    pieces = PIECES[dialect](value, size=10000)
    got, blocked = bytearray(), 0
    while True:
        try:
            pieces.write(pipe[1])
            break
        except BlockingIOError:
            blocked += 1
        assert pieces.written >= len(got)
        got += os.read(pipe[0], 70001 if blocked % 2 else 3001)
        if blocked % 3 == 0:  # the rest of the pipe comes first
            while True:
                try:
                    got += os.read(pipe[0], 100000)
                except BlockingIOError:
                    break
            got += next(pieces, b"")
    while len(got) < pieces.written:
        got += os.read(pipe[0], 100000)
    assert blocked > 5 and got == dialect.encode(value).encode()


@posix
def test_a_broken_pipe(dialect, pipe):
    pieces = PIECES[dialect](list(range(100000)), size=1000)
    start = next(pieces)
    os.close(pipe[0])
    for _ in range(2):
        with pytest.raises(BrokenPipeError):
            pieces.write(pipe[1])
    for wrong in -1, "a", 10**6:
        with pytest.raises((ValueError, TypeError, OSError)):
            pieces.write(wrong)
    assert start + b"".join(pieces) == dialect.encode(list(range(100000))).encode()


@posix
def test_signals(dialect, pipe):
    """A handler that returns is not noticed; one that raises loses nothing."""
    value = list(range(200000))
    got = []

    def handle(number, frame):
        if not select.select([], [pipe[1]], [], 0)[1]:  # the writer waits
            handled.append(number)
        if len(handled) == 3:
            raise KeyboardInterrupt

    handled = []
    saved = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.01, 0.01)
    try:
        pieces = PIECES[dialect](value)
        with pytest.raises(KeyboardInterrupt):
            pieces.write(pipe[1])  # blocks, since nobody reads
        assert len(handled) >= 3 and pieces.written > 0  # one more may come after the exception
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, saved)
    reader = threading.Thread(target=read_all, args=(pipe[0], got))
    reader.start()
    pieces.write(pipe[1])
    os.close(pipe[1])
    reader.join()
    assert b"".join(got) == dialect.encode(value).encode()


def test_one_call_at_a_time(dialect, pipe):
    pieces = PIECES[dialect](list(range(100000)), size=1000)
    writer = threading.Thread(target=pieces.write, args=(pipe[1],))
    writer.start()
    before = 0
    while pieces.written == 0 or pieces.written > before:  # until the pipe is full
        before = pieces.written
        threading.Event().wait(0.05)
    for call in pieces.__next__, lambda: pieces.write(pipe[1]):
        with pytest.raises(RuntimeError, match="is being used"):
            call()
    got = []
    reader = threading.Thread(target=read_all, args=(pipe[0], got))
    reader.start()
    writer.join()
    os.close(pipe[1])
    reader.join()
    assert b"".join(got) == dialect.encode(list(range(100000))).encode()


def test_an_encoder_that_asks_for_more(clean_maps):
    errors = []

    def encode(pair):
        errors.append(outcome(lambda: next(pieces)))
        return [1, 2]

    pyon.register([Pair], name="Pair", encode=encode, decode=Pair)
    value = [Pair(1, 2)] * 5
    pieces = _core.pieces_v2(value, size=1)
    text = b"".join(pieces)
    assert [e[0] for e in errors] == [RuntimeError] * 5
    pieces = iter(())  # for the encoder
    assert text == pyon.encode(value).encode()


# ---- Memory ---------------------------------------------------------------------------------


def drain(pieces):
    for _ in pieces:
        pass


def test_memory_is_bounded(dialect, true_memory, tmp_path):
    values = [list(range(10**6)), {"a": ["x" * 10**7, b"'\xff" * 10**7]}]
    if np:
        values.append([np.zeros(10**7)])
    for value in values:
        for send in drain, lambda pieces: pieces.write(os.open(os.devnull, os.O_WRONLY)):
            pieces = PIECES[dialect](value)
            tracemalloc.start()
            try:
                send(pieces)
                peak = tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()
            assert pieces.written > 5 * 10**6 and peak < 10**6


def test_what_is_written_at_once_is_given_back(clean_maps, true_memory):
    pyon.register([Pair], name="Pair", encode=lambda p: [p.left], decode=Pair)
    value = [Pair("x" * 10**7, 0), list(range(10**5))]
    pieces = _core.pieces_v2(value)
    while pieces.written < 10**7 + 10**5:
        assert 65536 <= len(next(pieces)) <= 65536 + SLACK
    tracemalloc.start()
    try:
        drain(pieces)
        assert tracemalloc.get_traced_memory()[1] < 10**6
    finally:
        tracemalloc.stop()


def test_nothing_is_kept(dialect):
    leaf = object()
    inner = [1.5] * 1000 + ["x" * 10000]
    value = {"a": [inner, ("x",)], 1: inner}
    for size in 10, 5000, 10**6:
        for count in 0, 1, 5, 10**6:
            before = sys.getrefcount(inner), sys.getrefcount(value), sys.getrefcount(dialect)
            pieces = PIECES[dialect](value, size=size)
            for _, _ in zip(range(count), pieces):
                pass
            if count < 10**6:
                del pieces  # but one that has come to its end may stay
            assert (sys.getrefcount(inner), sys.getrefcount(value), sys.getrefcount(dialect)) == before
    before = sys.getrefcount(leaf), sys.getrefcount(inner)
    assert outcome(lambda: drain(PIECES[dialect]([inner, leaf], size=100)))[0] is TypeError
    assert (sys.getrefcount(leaf), sys.getrefcount(inner)) == before


def test_cycles_are_collected(dialect):
    class List(list):
        pass

    value = [1] * 1000
    pieces = PIECES[dialect](value, size=10)
    next(pieces)
    value.append(pieces)
    gc.collect()
    before = len(gc.get_objects())
    del value, pieces
    assert gc.collect() >= 2 and len(gc.get_objects()) < before


def test_a_piece_that_is_not_taken_stays():
    def fail(piece):
        offered.append(piece)
        raise ZeroDivisionError

    value, offered = [["x" * 1000] * 100, object()], []
    pieces, taken = _core.pieces_v2(value, size=1000, newline=True), []
    pieces.give(taken.append)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            pieces.give(fail)
    assert offered[0] is offered[1] and pieces.pending and pieces.written == len(taken[0])
    for write in lambda: pieces.write(1), lambda: pieces.send(fail), lambda: pieces.send_copies(fail):
        with pytest.raises(RuntimeError, match="waits for give"):
            write()
    taken.append(next(pieces))
    assert taken[1] is offered[0] and pieces.written == sum(map(len, taken))
    with pytest.raises(TypeError):
        while True:
            pieces.give(taken.append)
    assert pieces.failed and pieces.pending
    with pytest.raises(ZeroDivisionError):
        pieces.give(fail)
    pieces.give(taken.append)
    assert taken[-1] == offered[-1] == b"\0\n" and not pieces.pending
    pieces.give(fail)  # nothing is left
    assert pieces.written == sum(map(len, taken))


NOMEMORY = """
import os, sys, traceback, _testcapi
from fastpyon import _core, pyon, pyon_v1
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
sys.excepthook = lambda *error: traceback.print_exception(*error, file=sys.stdout)
value = [{"a": [[[[[[[1.5] * 100, "x" * 9000]]]]]]}, b"x" * 9000, {1: (2, {3})}, 1j] * 3
for call, module in ((_core.pieces_v1, pyon_v1), (_core.pieces_v2, pyon)):
    for pretty in (False, True):
        want = module.encode(value, pretty).encode()
        for size in (100, 10**6):
            passed = n = 0
            while passed < 20 and n < 5000:
                got, raised = [], 0
                try:
                    _testcapi.set_nomemory(n, n + 1)
                    try:
                        pieces = call(value, pretty, size)
                        for piece in pieces:
                            got.append(piece)
                    finally:
                        _testcapi.remove_mem_hooks()
                except (MemoryError, SystemError):
                    raised = 1
                if not want.startswith(b"".join(got)) or not raised and b"".join(got) != want:
                    print("wrong", n)
                passed = 0 if raised else passed + 1
                n += 1
            if not 20 < n < 5000:
                print(n)
print("done")
"""


def test_every_allocation_may_fail(python, testcapi):
    assert python(NOMEMORY) == "done\n"
