"""NumPy's scalars that are no numbers are written in C, too; and what NumPy exports no buffer of is refused.

The expectations are recorded from the reference; where it is there, it is asked as well.
"""

import importlib
from collections import OrderedDict

import pytest

np = pytest.importorskip("numpy")

from fastpyon import _arrays, pyon, pyon_v1, stream  # noqa: E402
from outcomes import Outcome  # noqa: E402


def first(values, dtype):
    return np.array(values, dtype)[0]


def scalar(dtype, data):
    return f'{{"__jsonclass__":["npscalar",["{dtype}","{data}"]]}}'


SCALARS = [
    (np.datetime64("2026-01-01", "ns"), scalar("<M8[ns]", "AAD67VFyhhg=")),
    (np.datetime64("2026-01-01"), scalar("<M8[D]", "5k8AAAAAAAA=")),
    (np.datetime64("2026-01"), scalar("<M8[M]", "oAIAAAAAAAA=")),
    (np.datetime64(5, "as"), scalar("<M8[as]", "BQAAAAAAAAA=")),
    (np.datetime64("2026-01-01T00:00", "25us"), scalar("<M8[25us]", "AEAqkkpAAAA=")),
    (np.datetime64("NaT"), scalar("<M8", "AAAAAAAAAIA=")),
    (np.datetime64("NaT", "s"), scalar("<M8[s]", "AAAAAAAAAIA=")),
    (first(["2026-01-01"], ">M8[s]"), scalar("<M8[s]", "ALlVaQAAAAA=")),
    (np.timedelta64(5), scalar("<m8", "BQAAAAAAAAA=")),
    (np.timedelta64(5, "s"), scalar("<m8[s]", "BQAAAAAAAAA=")),
    (np.timedelta64("NaT"), scalar("<m8", "AAAAAAAAAIA=")),
    (first([7], "m8[7D]"), scalar("<m8[7D]", "BwAAAAAAAAA=")),
    (first([7], "m8[D/3]"), scalar("<m8[8h]", "BwAAAAAAAAA=")),
    (np.bytes_(b""), scalar("|S0", "")),
    (np.bytes_(b"a\0\0"), scalar("|S3", "YQAA")),
    (np.bytes_(b"\xff" * 5000), scalar("|S5000", "/" * 6666 + "8=")),
    (first([b"ab", b"abc"], "S5"), scalar("|S2", "YWI=")),
    (np.str_(""), '""'),
    (np.str_("a\0\u20ac\U0001f600"), '"a\\u0000\\u20ac\\ud83d\\ude00"'),
    (first(["ab", "abc"], ">U5"), '"ab"'),
    (np.void(b""), scalar("|V0", "")),
    (np.void(b"abc"), scalar("|V3", "YWJj")),
    (np.zeros(1, [])[0], scalar("|V0", "")),
    (first([(1, 2.0)], "<i4,<f8"), scalar("|V12", "AQAAAAAAAAAAAABA")),
    (first([(1, 2.0)], ">i4,<f8"), scalar("|V12", "AAAAAQAAAAAAAABA")),
    (np.zeros(1, np.dtype("i1,f8", align=True))[0], scalar("|V16", "AAAAAAAAAAAAAAAAAAAAAA==")),
    (np.zeros(1, [("a", "<i4", (2,))])[0], scalar("|V8", "AAAAAAAAAAA=")),
    (np.bool_(True), scalar("|b1", "AQ==")),
    (np.float64(1.5), "1.5"),
]
IDS = [f"{type(x).__name__}-{i}" for i, (x, _) in enumerate(SCALARS)]


@pytest.fixture
def in_c(monkeypatch):
    """Arrays and scalars may not be written in Python, nor values in two passes."""

    def refuse(*args):
        raise AssertionError("written in Python")

    monkeypatch.setattr(_arrays, "payload", refuse)


@pytest.mark.parametrize("x, text", SCALARS, ids=IDS)
def test_scalars_are_written_in_c_wherever_they_stand(x, text, in_c):
    assert pyon.encode(x) == text
    assert pyon.encode([x, 1]) == f"[{text},1]"
    assert pyon.encode({"a": x}) == f'{{"a":{text}}}'
    assert pyon.encode((x,)) == f'{{"__jsonclass__":["tuple",[[{text}]]]}}'
    assert pyon.encode(slice(x)) == f'{{"__jsonclass__":["slice",[null,{text},null]]}}'
    assert pyon.encode(OrderedDict(a=x)) == f'{{"a":{text}}}'
    for size in (1, 100, 100000):
        assert b"".join(stream.iterencode([[x]] * 3, size=size)).decode() == f"[[{text}],[{text}],[{text}]]"
    if not isinstance(x, (str, np.void, np.timedelta64)):  # others have no hash, or not in every NumPy
        pairs = f'{{"__jsonclass__":["dict",[[[{text},1]]]]}}'
        assert pyon.encode({x: 1}) == pairs
        assert pyon.encode({x}) == f'{{"__jsonclass__":["set",[[{text}]]]}}'


@pytest.mark.parametrize("x, text", SCALARS, ids=IDS)
def test_scalars_are_read_again(x, text):
    if x.dtype.itemsize == 0 and not isinstance(x, str):
        with pytest.raises(ValueError, match="itemsize cannot be zero"):
            pyon.decode(text)  # as the reference does
        return
    y = pyon.decode(text)
    if isinstance(x, (str, float)):
        assert y == x
    else:
        data = as_bytes(x).rstrip(b"\0") if isinstance(x, np.bytes_) else as_bytes(x)  # by NumPy
        assert y.tobytes() == data and y.dtype.kind == x.dtype.kind


def as_bytes(x):
    """The memory of x in native order, as the buffer that NumPy exports."""
    return memoryview(x).tobytes()


class Float(np.float64):
    pass


class Text(np.str_):
    pass


class Bytes(np.bytes_):
    pass


class Void(np.void):
    pass


OTHERS = [
    np.longdouble(1), np.clongdouble(1), np.longlong(1), np.ulonglong(1), Float(1), Text("a"), Bytes(b"a"),
    Void(b"a"), np.rec.array([(1, 2.0)], "i4,f8")[0],
    first([("2026-01-01", 2.0)], "M8[D],f8"), first([(5, 2.0)], "m8[s],f8"),
    first([([(1, "2026-01-01")], 2)], [("a", [("b", "i4"), ("c", "M8[D]")], (1,)), ("d", "u1")]),
]  # fmt: skip
ARRAYS = [
    np.array(["2026-01-01"], "M8[s]"), np.array(["2026-01-01"], ">M8[s]"), np.array([], "M8[s]"),
    np.array("2026-01-01", "M8[s]"), np.array([5], "m8[s]"), np.array(5, "m8"), np.zeros(2, "M8[s],f8"),
    np.zeros(2, [("a", ">M8[s]", (2,))]), np.zeros((2, 2), np.dtype("g").newbyteorder()).T,
]  # fmt: skip


def strange_arrays():
    """Of dtypes that NumPy puts into no buffer, as far as this NumPy has them."""
    for name in ("numpy._core", "numpy.core"):
        try:
            core = importlib.import_module(name + "._multiarray_umath")
            rational = importlib.import_module(name + "._rational_tests").rational
        except ImportError:
            continue
        yield np.array([rational(1, 2)])
        yield rational(1, 2)
        yield np.array([1.5, 2.5]).view(core._get_sfloat_dtype()(1.0))  # has no number
        break
    if hasattr(getattr(np, "dtypes", None), "StringDType"):
        strings = np.array([["a", "b"], ["c", "d" * 100]], np.dtypes.StringDType())
        yield from (strings, strings.T, strings[0], strings[:0], np.array("a", np.dtypes.StringDType()))
        yield np.array(["a", None], np.dtypes.StringDType(na_object=None))


STRANGE = list(strange_arrays())


@pytest.mark.parametrize("x", ARRAYS + STRANGE, ids=lambda x: str(x.dtype) if hasattr(x, "dtype") else "scalar")
def test_what_has_no_buffer_is_a_value_error_of_numpy(x):
    if not isinstance(x, np.ndarray):  # of a type that is not known
        for module in (pyon_v1, pyon):
            with pytest.raises(TypeError, match="PYON (serializ|encod)able"):
                module.encode(x)
        return
    for module in (pyon_v1, pyon):
        for value in (x, [1, x], (x, {"a": x}), {1: x}):
            with pytest.raises(ValueError) as caught:
                module.encode(value)
            with pytest.raises(ValueError) as wanted:
                memoryview(x)
            assert str(caught.value) == str(wanted.value)


@pytest.mark.parametrize("x", [first([("2026-01-01", 2.0)], "M8[D],f8"), first([(5, 2.0)], "m8[s],f8")], ids=str)
def test_a_structure_with_times_has_no_buffer(x):
    with pytest.raises(ValueError, match="^cannot include dtype '[mM]' in a buffer$"):
        pyon.encode([x])


@pytest.mark.parametrize("dtype", ["O", "O,f8", [("a", [("b", "O")])], [("a", "O", (2,))]], ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (2,)], ids=str)
def test_what_holds_objects_is_refused(dtype, shape):
    """NumPy would give addresses away."""
    x = np.zeros(shape, dtype)
    with pytest.raises(TypeError, match="not PYON serializable$"):
        pyon_v1.encode([x])
    with pytest.raises(TypeError, match="numpy arrays with object dtype are not PYON encodable$"):
        pyon.encode([x])
    if x.dtype.names and shape == (2,):
        with pytest.raises(TypeError, match="numpy scalars with object fields are not PYON encodable$"):
            pyon.encode([x[0]])


def test_objects_and_times_have_no_buffer():
    x = np.zeros(2, "O,M8[s]")
    for module in (pyon_v1, pyon):
        with pytest.raises(ValueError, match="^cannot include dtype 'M' in a buffer$"):
            module.encode(x)


PLACES = [lambda x: x, lambda x: [1, x], lambda x: (x, {"a": x}), lambda x: {1: x}, lambda x: slice(x)]


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_all_of_these_are_encoded_as_the_reference_does(reference, version):
    ours, theirs = {"v1": pyon_v1, "v2": pyon}[version], getattr(reference, version)
    for x in [x for x, _ in SCALARS] + OTHERS + ARRAYS + STRANGE:
        for place in PLACES:
            for pretty in (False, True):
                got = Outcome(ours.encode, place(x), pretty)
                wanted = Outcome(theirs.encode, place(x), pretty)
                assert got.same(wanted) and str(got) == str(wanted), (got, wanted)
