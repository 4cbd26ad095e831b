"""Values as frames: the text, and the data of large arrays beside it. Frames that do not fit are refused."""

import contextlib
import enum
import tracemalloc
from collections import OrderedDict, defaultdict, namedtuple
from fractions import Fraction

import pytest

np = pytest.importorskip("numpy")

from describe import describe  # noqa: E402
from fastpyon import _core, _frames, pyon  # noqa: E402
from hostile_frames import compare  # noqa: E402

LARGE = 2 * _frames.LEAST


def array_text(shape, dtype, number):
    return b'{"__jsonclass__":["nparray",[%s,%s,%s]]}' % (shape, dtype, number)


def refused(text, *data, **limits):
    """The message of the ValueError that frames are refused with. Nothing of the size of an array may be allocated."""
    frames = [text, *data]
    tracemalloc.start()
    try:
        with pytest.raises(ValueError) as error:
            _frames.load(frames, **limits)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
    return str(error.value)


VALUES = [
    None,
    [1, "a", {"b": (2.5, {3})}],
    np.arange(LARGE),
    {"a": np.arange(LARGE, dtype=">i4"), "b": (np.ones((3, LARGE), "<f2"), [np.zeros(LARGE, "?")])},
    np.asfortranarray(np.arange(4.0 * LARGE).reshape(4, LARGE)),
    np.arange(2 * LARGE)[::2],
    np.broadcast_to(np.int8(3), (LARGE, 2)),
    np.arange(LARGE, dtype="<c16"),
    np.full(LARGE, "é", "<U3"),
    np.full(LARGE, b"ab", "|S5"),
    np.zeros(LARGE, "V3"),
    np.zeros((0, LARGE)),
    np.array(5.0),
    np.array(b"x" * LARGE),
    np.arange(3),
    np.longdouble(range(LARGE)),
    np.float32(1.5),
    [np.arange(LARGE)] * 2,
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: describe(value)[:40])
def test_there_and_back(value):
    """The result is that of the text."""
    frames = _frames.dump(value)
    assert all(isinstance(frame, memoryview) and frame.format == "B" and frame.ndim == 1 for frame in frames[1:])
    expected = describe(pyon.decode(pyon.encode(value)))
    assert describe(_frames.load([frames[0], *map(bytearray, frames[1:])])) == expected


def test_the_text_can_be_read():
    text, data = _frames.dump({"x": np.arange(LARGE, dtype="<i8").reshape(2, -1)})
    assert text == b'{"x":{"__jsonclass__":["nparray",[[2,%d],"<i8",1]]}}' % (LARGE // 2)
    assert data == np.arange(LARGE).tobytes()
    with pytest.raises(TypeError):
        pyon.decode(text)


def test_what_is_small_stays_in_the_text():
    x = np.zeros(_frames.LEAST - 1, "i1")
    assert _frames.dump(x) == [pyon.encode(x).encode()]
    assert len(_frames.dump(np.zeros(_frames.LEAST, "i1"))) == 2


def test_the_data_is_not_copied():
    x = np.arange(LARGE)
    _, data = _frames.dump(x)
    assert np.shares_memory(np.frombuffer(data, x.dtype), x)
    memory = bytearray(data)
    y = _frames.load([*_frames.dump(x)[:1], memory])
    assert np.shares_memory(np.frombuffer(memory, x.dtype), y)
    y[0] = 7
    assert memory[0] == 7
    with pytest.raises(BufferError):
        memory.append(0)


def test_the_memory_decides_whether_it_can_be_written_to():
    text, data = _frames.dump(np.arange(LARGE))
    assert not _frames.load([text, bytes(data)]).flags.writeable
    assert _frames.load([text, bytearray(data)]).flags.writeable


def test_data_that_is_not_aligned_is_copied():
    text, data = _frames.dump(np.arange(LARGE))
    memory = bytearray(1) + data
    x = _frames.load([text, memoryview(memory)[1:]])
    assert x.flags.aligned and x.flags.owndata and np.array_equal(x, np.arange(LARGE))


def test_dtypes_of_no_plain_data_are_those_of_the_text():
    """PYON knows structures as voids, and neither objects nor dates."""
    x = np.zeros(LARGE, "i4,f8")
    assert _frames.dump(x) == [pyon.encode(x).encode()]
    for x in np.array([None] * LARGE), np.zeros(LARGE, "i4,O"), np.zeros(LARGE, "M8[s]"):
        with pytest.raises((TypeError, ValueError)) as theirs:
            pyon.encode(x)
        with pytest.raises(type(theirs.value)):
            _frames.dump([np.arange(LARGE), x])


def test_a_value_that_takes_two_passes(v2):
    """The frames of the first pass are forgotten."""

    class Point:
        pass

    v2.register([Point], name="Point", encode=lambda point: [np.arange(LARGE)], decode=lambda x: [x])
    try:
        frames = _frames.dump([np.ones(LARGE), Point(), np.zeros(LARGE)])
        assert len(frames) == 4
        ones, (middle,), zeros = _frames.load(frames)
        assert ones[0] == 1 and middle[1] == 1 and zeros[0] == 0
    finally:
        v2.deregister([Point], "Point")


@pytest.mark.parametrize(
    "shape, dtype, number",
    [
        (b"[3]", b'"<i2"', b"1"),
        (b"[1]", b'"<i2"', b"1"),
        (b"[]", b'"<i2"', b"1"),
        (b"[-2]", b'"<i2"', b"1"),
        (b"[-1]", b'"<i2"', b"1"),
        (b"[-1,-2]", b'"<i2"', b"1"),
        (b"[2.0]", b'"<i2"', b"1"),
        (b"[true,2]", b'"<i2"', b"1"),
        (b"2", b'"<i2"', b"1"),
        (b"null", b'"<i2"', b"1"),
        (b"{}", b'"<i2"', b"1"),
        (b"[[2]]", b'"<i2"', b"1"),
        (b"[9223372036854775807]", b'"<i2"', b"1"),
        (b"[18446744073709551618]", b'"<i2"', b"1"),
        (b"[9223372036854775807,2]", b'"<i2"', b"1"),
        (b"[4294967296,4294967296]", b'"<i2"', b"1"),
        (b"[4611686018427387904,0]", b'"<i2"', b"1"),
        (b"[" + b"1," * 99 + b"2]", b'"<i2"', b"1"),
        (b"[2]", b'"|O"', b"1"),
        (b"[2]", b'"|O2"', b"1"),
        (b"[2]", b'"i2"', b"1"),
        (b"[2]", b'"=i2"', b"1"),
        (b"[2]", b'"<i3"', b"1"),
        (b"[2]", b'"<i2,<i2"', b"1"),
        (b"[2]", b'"(2,)i1"', b"1"),
        (b"[2]", b'"<M8[s]"', b"1"),
        (b"[2]", b'"|V0"', b"1"),
        (b"[2]", b'"<U0"', b"1"),
        (b"[1]", b'"<U99999999999"', b"1"),
        (b"[2]", b'""', b"1"),
        (b"[2]", b"null", b"1"),
        (b"[2]", b'["<i2"]', b"1"),
        (b"[2]", b'{"names":["a"],"formats":["O"]}', b"1"),
        (b"[2]", b'"<i2"', b"0"),
        (b"[2]", b'"<i2"', b"2"),
        (b"[2]", b'"<i2"', b"-1"),
        (b"[2]", b'"<i2"', b"18446744073709551617"),
        (b"[2]", b'"<i2"', b'"AAAAAA=="'),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused(shape, dtype, number):
    assert "frame" in refused(array_text(shape, dtype, number), b"abcd")


@pytest.mark.parametrize("number", [b"null", b"true", b"1.0", b"[1]", b"1e0"])
def test_what_is_no_number_is_refused(number):
    with pytest.raises((TypeError, ValueError)):
        _frames.load([array_text(b"[2]", b'"<i2"', number), b"abcd"])


def test_each_frame_is_that_of_one_array():
    one = array_text(b"[2]", b'"<i2"', b"1")
    two = array_text(b"[2]", b'"<i2"', b"2")
    assert refused(b"[%s,%s]" % (one, one), b"abcd") == "frame 1 is that of two arrays"
    assert refused(b"[%s,%s]" % (one, one), b"abcd", b"efgh") == "frame 1 is that of two arrays"
    assert refused(two, b"abcd", b"efgh") == "frame 1 is that of no array"
    assert refused(one, b"abcd", b"") == "frame 2 is that of no array"
    assert refused(b"1", b"abcd") == "frame 1 is that of no array"
    assert refused(b"[%s,%s]" % (one, two), b"abcd") == "no frame 2: 1 follow the text"
    a, b = _frames.load([b"[%s,%s]" % (two, one), b"\1\0\2\0", b"\3\0\4\0"])
    assert a.tolist() == [3, 4] and b.tolist() == [1, 2]


def test_what_is_refused_lets_go_of_the_frames():
    one = array_text(b"[2]", b'"<i2"', b"1")
    for text, *more in (one, b""), (b"[%s,%s]" % (one, one),), (one + b"]",):
        memory = bytearray(4)
        with contextlib.suppress(ValueError):
            _frames.load([text, memory, *more])
        memory.append(0)  # BufferError, if an array had it


def test_an_array_of_no_size():
    assert _frames.load([array_text(b"[0,5]", b'"<i2"', b"1"), b""]).shape == (0, 5)
    assert refused(array_text(b"[0]", b'"<i2"', b"1"), b"a") == "frame 1 has 1 bytes, for an array of 0"


def test_bounds():
    assert refused(b"[" * 101, max_text=100) == "the text has 101 bytes, more than 100"
    one = array_text(b"[2]", b'"<i2"', b"1")
    size = len(one) + 4
    assert refused(one, b"abcd", max_bytes=size - 1) == f"the frames have {size} bytes, more than {size - 1}"
    assert _frames.load([one, b"abcd"], size, len(one)).tolist() == [25185, 25699]
    with pytest.raises(ValueError, match="no frames"):
        _frames.load([])


def test_random_messages():
    """tests/slow/frames.py has more of them."""
    different, read = compare(1000, 2)
    assert not different and 250 < read < 750


@pytest.mark.parametrize(
    "text", [b"", b"[", b'{"__jsonclass__":["x",[]]}', b"\xff", b"[1]2", b'{"__jsonclass__":["nparray",[1]]}']
)
def test_the_text_has_the_errors_of_decode(text):
    with pytest.raises(Exception) as theirs:
        pyon.decode(text)
    with pytest.raises(type(theirs.value)) as mine:
        _frames.load([text])
    assert str(mine.value) == str(theirs.value)


def test_a_frame_that_is_no_contiguous_memory():
    one = array_text(b"[2]", b'"<i2"', b"1")
    with pytest.raises(TypeError, match="frame 1"):
        _frames.load([one, memoryview(b"abcdefgh")[::2]])
    with pytest.raises(TypeError):
        _frames.load([one, "abcd"])
    with pytest.raises(TypeError):
        _core.decode_frames(one, (b"abcd",))


def test_a_constructor_of_a_program_gets_the_number(v2, monkeypatch):
    monkeypatch.setitem(v2._decode_map, "nparray", lambda *arguments: arguments)
    with pytest.raises(ValueError, match="frame 1 is that of no array"):
        _frames.load([array_text(b"[2]", b'"<i2"', b"1"), b"abcd"])
    assert _frames.load([array_text(b"[2]", b'"<i2"', b"1")]) == ([2], "<i2", 1)


# ---- Exact types -------------------------------------------------------------------------------

Pair = namedtuple("Pair", "a b")
Number = enum.IntEnum("Number", "ONE")
SubStr = type("SubStr", (str,), {})


@pytest.mark.parametrize(
    "value",
    [
        *VALUES,
        {1: {"a": {"b": 1}}, (2,): slice(1)},
        Fraction(1, 3),
        [True, 2**70, b"x", 1j, {3}, np.bool_(1)],
    ],
    ids=lambda value: describe(value)[:40],
)
def test_exact_values_are_the_same(value):
    text, *data = _frames.dump(value, exact=True)
    assert [text, *data] == _frames.dump(value)
    plain = describe(value).replace("c_contiguous=False", "c_contiguous=True")
    plain = plain.replace("writeable=False", "writeable=True")
    assert describe(_frames.load([text, *map(bytearray, data)])) == plain


def test_scalars_that_are_subclasses_keep_their_types():
    """Version 2 writes them as float and str, since json does."""
    value = [np.float64(0.5), {"a": np.str_("b")}, np.bytes_(b"c"), np.complex128(1j)]
    assert describe(_frames.load(_frames.dump(value, exact=True))) == describe(value)
    assert describe(_frames.load(_frames.dump(value))) != describe(value)


@pytest.mark.parametrize(
    "value",
    [
        Pair(1, 2),
        Number.ONE,
        SubStr("a"),
        {SubStr("a"): 1},
        OrderedDict(a=1),
        OrderedDict({1: 2}),
        {(SubStr("a"),): 1},
        defaultdict(list),
        type("SubDict", (dict,), {})(),
        type("SubList", (list,), {})([1]),
        type("SubFloat", (float,), {})(1),
        type("SubSet", (set,), {})(),
        slice(Number.ONE),
        frozenset(),
        object(),
        np.zeros(3, "i4,f8"),
        np.zeros(3, "i4,f8")[0],
        np.array(["", "a"])[0],
        np.bytes_(b""),
        np.void(b""),
        np.str_("a\0"),
        np.bytes_(b"a\0"),
        np.ma.array([1]),
        np.zeros(3, object),
        np.zeros(3, "M8[s]"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_type_that_would_be_lost_is_an_error(value):
    for x in value, [value], [1, {"a": (value,)}], {"a": [np.arange(LARGE), {1: value}]}:
        with pytest.raises((TypeError, ValueError)):
            _frames.dump(x, exact=True)


def test_types_of_programs_are_not_asked(v2):
    point = type("Point", (), {})
    v2.register([point], name="Point", encode=lambda x: [], decode=point)
    try:
        _frames.dump(point())
        with pytest.raises(TypeError, match="PYON does not keep the types of all values"):
            _frames.dump([point()], exact=True)
    finally:
        v2.deregister([point], "Point")
