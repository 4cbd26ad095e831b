"""Nothing is kept that is not asked for, memory or references, whether a call works or fails."""

import gc
import io
import os
import sys
import tracemalloc
from collections import OrderedDict
from fractions import Fraction
from functools import partial

import pytest

from fastpyon import _core, pyon, pyon_v1
from generate import Pair, SubDict, SubList, SubTuple
from leaks import BAD, KEY, LEAK, ROUNDS, SHARED, V1_BAD, V1_GOOD, V2_BAD, V2_GOOD, VALUE, Custom
from leaks import attempt, kept, np, references


def test_a_leak_is_seen():
    objects = []
    assert kept(lambda: objects.append(object())) > LEAK


@pytest.mark.skipif(not references(), reason="references are counted by debug builds, without NumPy")
def test_a_lost_reference_is_seen():
    objects = []
    assert kept(lambda: objects.append(None)) > LEAK


@pytest.mark.parametrize("text", V1_GOOD + V1_BAD, ids=range(len(V1_GOOD + V1_BAD)))
def test_decoding_v1(text):
    assert kept(lambda: attempt(pyon_v1.decode, text)) < LEAK


@pytest.mark.parametrize("text", V2_GOOD + V2_BAD, ids=range(len(V2_GOOD + V2_BAD)))
def test_decoding_v2(text):
    rounds = ROUNDS if len(text) < 10_000 else 300
    assert kept(lambda: attempt(pyon.decode, text), rounds) < LEAK


@pytest.mark.parametrize(
    "text", ["[1, 2.5, {'a': (b'b', set())}]", "[1, nan]", "{[]}", "['\\d']", "9" * 5000, "set(1)", "\ud800"],
    ids=range(7),
)
def test_reading_literals(text):
    assert kept(lambda: attempt(_core.read_literal, text)) < LEAK


@pytest.mark.skipif(np is None, reason="without NumPy")
def test_frames():
    x = {"a": np.arange(100), "b": [np.zeros((3, 4), "f4")]}
    text, *data = _core.encode_frames(x, 10, True)
    assert kept(lambda: _core.encode_frames(x, 10, True)) < LEAK
    assert kept(lambda: attempt(_core.encode_frames, [x, object()], 10, False)) < LEAK
    for views in data, data[:1], data * 2, [data[1], data[0]], [memoryview(b"x" + bytes(view))[1:] for view in data]:
        assert kept(lambda: attempt(lambda: _core.decode_frames(text, tuple(views)))) < LEAK


def test_the_good_texts_are_good_and_the_bad_ones_bad():
    for decode, good, bad in ((pyon_v1.decode, V1_GOOD, V1_BAD), (pyon.decode, V2_GOOD, V2_BAD)):
        for text in good:
            decode(text)
        for text in bad:
            with pytest.raises(Exception):
                decode(text)


def test_decoding_bytes(dialect):
    for data in (
        b"['a', 1]",
        b'["\xc3\xa9", 1]',
        bytearray(b"[1]"),
        b"\xff",
        "[1]".encode("utf-16"),
        None,
        5,
    ):
        assert kept(lambda: attempt(dialect.decode, data)) < LEAK


@pytest.mark.parametrize("pretty", [False, True])
def test_encoding(dialect, pretty):
    assert kept(lambda: dialect.encode(VALUE, pretty)) < LEAK


@pytest.mark.parametrize("i", range(len(BAD)))
def test_encoding_what_cannot_be_encoded(dialect, i):
    with pytest.raises((TypeError, ValueError)):
        dialect.encode(BAD[i])
    assert kept(lambda: attempt(dialect.encode, [VALUE, BAD[i]])) < LEAK


def test_both_ways_together(dialect):
    text = dialect.encode(VALUE)
    assert kept(lambda: dialect.encode(dialect.decode(text))) < LEAK


def test_endless_values(dialect):
    endless = [{}]
    endless[0]["a"] = endless
    assert kept(lambda: attempt(dialect.encode, endless), 300) < LEAK


def test_wrong_calls(dialect):
    for call in (
        lambda: dialect.encode(),
        lambda: dialect.encode(1, 2, 3),
        lambda: dialect.decode("1", foo=2),
    ):
        assert kept(lambda: attempt(call)) < LEAK


CUSTOM = [
    (lambda x: [1, (2,), {3: "x"}], lambda *x: x),
    (lambda x: {1.5: 2, None: SubList([3]), 10**30: SubDict(a=4), True: "x"}, lambda *x: list(x)),
    (lambda x: [1] / 0, lambda *x: [1] / 0),
    (lambda x: [object()], len),
    (lambda x: [x], set),
]


@pytest.mark.parametrize("encode, decode", CUSTOM)
def test_custom_types(encode, decode):
    encode, decode = partial(encode), partial(decode)  # some builds do not count references of functions
    pyon.register([Custom], name="leak", encode=encode, decode=decode)
    text = '[1, {"__jsonclass__": ["leak", [[1], "x"]]}]'
    references = sys.getrefcount(encode), sys.getrefcount(decode)
    try:
        assert kept(lambda: attempt(pyon.encode, [Custom(), {"a": Custom()}])) < LEAK
        assert kept(lambda: attempt(pyon.decode, text)) < LEAK
        assert (sys.getrefcount(encode), sys.getrefcount(decode)) == references
    finally:
        pyon.deregister([Custom], "leak")
    assert sys.getrefcount(encode) == references[0] - 1  # what was registered is gone as well


def test_subclasses():
    x = [SubList([1, SubDict(a=SubTuple((2,)))]), Pair(1, SubDict({3: 4})), OrderedDict(b=2**99)]
    assert kept(lambda: pyon.encode(x)) < LEAK
    assert kept(lambda: pyon.encode([x, Fraction(10**30, 7 * 10**31 + 1)], True)) < LEAK


def test_dicts_with_keys_that_came_before():
    records = [{"a": 1, "b": [i], "c": None, f"d{i % 3}": {"x": 1, "y": 2.5, "z": ""}} for i in range(30)]
    for module in (pyon, pyon_v1):
        text = module.encode(records)
        assert kept(lambda: module.decode(text)) < LEAK


def test_registering():
    def both():
        pyon.register([Custom], name="leak", encode=list, decode=list)
        pyon.deregister([Custom], "leak")

    assert kept(both) < LEAK


def test_names_added_to_v1():
    pyon_v1._eval_dict["leak"] = lambda *x, **y: (x, y)
    try:
        assert kept(lambda: pyon_v1.decode("leak([1], 'é', a={2})")) < LEAK
        assert kept(lambda: attempt(pyon_v1.decode, "[leak, leak(1, a=2).b]")) < LEAK
    finally:
        del pyon_v1._eval_dict["leak"]


def test_keyword_arguments():
    assert kept(lambda: pyon.encode([1, (2,)], sort_keys=True), 300) < LEAK
    assert kept(lambda: pyon.decode("[1]", parse_int=str), 300) < LEAK


# ---- References ----


def test_reference_counts_of_shared_objects(dialect):
    shared = [None, True, (), KEY, SHARED, VALUE, VALUE[KEY]]
    shared += [Fraction, OrderedDict, int, str, dict, list, slice, tuple, float]
    shared += [ValueError, TypeError, SyntaxError, NameError, KeyError, AssertionError]
    if np:
        shared += [np.dtype(code) for code in ("<i2", "<i4", "<i8", "<f8", "<c8", "u1")]
    texts = V1_GOOD + V1_BAD if dialect is pyon_v1 else V2_GOOD + V2_BAD
    text = dialect.encode(VALUE)

    def counts():
        gc.collect()
        return [sys.getrefcount(x) for x in shared]

    def work():
        dialect.encode(VALUE)
        dialect.encode(VALUE, True)
        dialect.decode(text)
        for x in BAD:
            attempt(dialect.encode, [VALUE, x])
        for broken in range(0, len(text), 211):
            attempt(dialect.decode, text[:broken])
        for other in texts:
            attempt(dialect.decode, other)

    work()
    before = counts()
    for _ in range(50):
        work()
    after = counts()
    differences = [(x, a - b) for x, b, a in zip(shared, before, after) if abs(a - b) > 10]
    assert not differences


def test_the_argument_is_not_kept(dialect):
    x = ["a" * 50, {"k": 1}]
    text = dialect.encode(x)
    before = sys.getrefcount(x), sys.getrefcount(text)
    dialect.encode(x), dialect.decode(text)
    attempt(dialect.encode, [x, object()]), attempt(dialect.decode, text + "?")
    gc.collect()
    assert (sys.getrefcount(x), sys.getrefcount(text)) == before


def test_decoded_containers_are_seen_by_the_garbage_collector(dialect):
    value = dialect.decode(dialect.encode([{"a": [{}]}, [[]], ({1: []},)]))
    assert gc.is_tracked(value) and gc.is_tracked(value[0]["a"]) and gc.is_tracked(value[2])
    value.append(value)
    marker = Custom()
    value.append(marker)
    before = sys.getrefcount(marker)
    del value
    gc.collect()
    assert sys.getrefcount(marker) == before - 1


# ---- Large pieces: what the library itself allocates is not counted in blocks of Python ----


def resident():
    """The bytes of memory that the process occupies."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


LARGE = 1 << 17
LARGE_V1 = [
    "'" + "a\\n" * LARGE + "'", "'" + "é" * LARGE, "[" + "1," * LARGE + "?",
    "b'" + "\\x00" * LARGE + "' 'a'", "1" * LARGE, "0x" + "f" * LARGE + " 1",
    "[" + "(1,'a')," * (LARGE // 8) + "[]].a", "'a\\q'" * (LARGE // 5) + "b''",
]  # fmt: skip
LARGE_V2 = [
    '"' + "a\\n" * LARGE + '"', '"' + "é" * LARGE, "[" + "1," * LARGE + "?",
    '"\\u20ac' + "a" * LARGE + "\\x", '{"__jsonclass__": ["bytes", ["' + "AAAA" * LARGE + '"], 1]}',
    '{"__jsonclass__": ["bytes", ["' + "AAAA" * LARGE + '*"]]}', "1" * LARGE,
    "9" * 30 + "e-" + "9" * LARGE, "0." + "3" * LARGE,
]  # fmt: skip


def test_large_pieces(true_memory):
    if not os.path.exists("/proc/self/statm"):
        pytest.skip("the system does not tell how much memory is occupied")
    calls = [(pyon_v1.decode, text) for text in LARGE_V1] + [
        (pyon.decode, text) for text in LARGE_V2
    ]
    big = ["\u20ac" * LARGE, b"\xff" * LARGE, [1.5] * LARGE]
    for dialect in (pyon, pyon_v1):
        calls += [(dialect.encode, [x, *last]) for x in big for last in ((), (object(),))]
    for call in calls:
        for _ in range(5):
            attempt(*call)
    gc.collect()
    before = resident()
    for function, argument in calls:
        for _ in range(30):
            attempt(function, argument)
    gc.collect()
    # One leak of a piece in one of these calls would be 30 * LARGE = 3.75 MiB and more.
    assert resident() - before < 30 * LARGE * 0.9


def test_the_peak_is_a_small_multiple_of_the_text(dialect):
    x = ["a" * 1000] * 1000
    text = dialect.encode(x)
    for call, limit in ((lambda: dialect.encode(x), 4), (lambda: dialect.decode(text), 4)):
        tracemalloc.start()
        try:
            result = call()
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert result and peak < limit * len(text)


@pytest.mark.parametrize("data", [b"a line\n" * 300, b"\xff" * 2000, b"x" * (1 << 20) + b"\n", b""])
def test_lines(data):
    def gather():
        gather = _core.Gather(_core.Line)
        with io.BytesIO(data + data) as file:
            while gather.fill(file.readinto, 1000):
                attempt(gather.find_line, 1000, False)
        if len(data) != 2000:  # else it is dropped with what it has
            attempt(getattr, gather, "text")

    def take():
        buffer = bytearray(data + data)
        gather = _core.Gather(_core.Line)
        gather.move(buffer)
        while gather.find_line(1 << 30, False):
            bytes(gather.found)
            gather.move(buffer)
        gather.give_back(buffer)
        attempt(gather.move, data)
        attempt(_core.Gather, bytes)
        attempt(_core.Line, "\xff")

    rounds = ROUNDS if len(data) < 10_000 else 100
    assert kept(gather, rounds) < LEAK and kept(take, rounds) < LEAK
