"""Arrays and scalars of NumPy: every dtype, layout and shape, both ways, in both dialects."""

import base64
import json

import pytest

np = pytest.importorskip("numpy")

from describe import describe  # noqa: E402
from fastpyon import pyon, pyon_v1  # noqa: E402

NUMBERS = ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", "c8", "c16"]
DTYPES = [order + kind for kind in NUMBERS for order in ("<>" if kind[-1] not in "?1" else "|")]
DTYPES += ["S1", "S7", "<U1", ">U3", "V1", "V5", "q", "Q", "l", "L", "p", "P", "b", "B"]
SHAPES = [(), (0,), (1,), (7,), (0, 3), (3, 0), (2, 3), (1, 1, 1), (2, 3, 4), (1,) * 32]


def some(dtype, shape):
    """An array of any dtype, filled with what its bytes allow."""
    x = np.arange(int(np.prod(shape)))
    kind = np.dtype(dtype).kind
    if kind in "SUV":
        x = x.astype("U4" if kind == "U" else "S4")
    else:
        x = x * 37 % 101
    return x.astype(dtype).reshape(shape)


def v1_text(x):
    """The text of an array, as the format defines it."""
    shape = ", ".join(map(str, x.shape)) + ", " * (x.ndim == 1)
    return f'nparray(({shape}), "{x.dtype.str}", b"{base64.b64encode(x.tobytes()).decode()}")'


def v2_text(x):
    data = base64.b64encode(x.tobytes()).decode()
    tagged = {"__jsonclass__": ["nparray", [list(x.shape), x.dtype.str, data]]}
    return json.dumps(tagged, separators=(",", ":"))


def check(x):
    """Both dialects write x as it should be, and read it as it was."""
    assert pyon_v1.encode(x) == v1_text(x)
    assert pyon.encode(x) == v2_text(x)
    for module in (pyon_v1, pyon):
        for pretty in (False, True):
            y = module.decode(module.encode([x], pretty))[0]
            assert type(y) is np.ndarray and y.dtype.str == x.dtype.str and y.shape == x.shape
            assert y.tobytes() == x.tobytes()
            assert y.flags.writeable and y.flags.c_contiguous and y.flags.aligned


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("dtype", DTYPES)
def test_arrays_of_every_dtype_and_shape(dtype, shape):
    check(some(dtype, shape))


@pytest.mark.parametrize("dtype", ["i1", "<i4", ">f8", "c16", "S3", ">U2"])
def test_arrays_that_are_not_in_c_order(dtype):
    x = some(dtype, (4, 6))
    for y in (
        x.T, np.asfortranarray(x), x[::2], x[:, ::-1], x[::-2, 1:5:3], x[1], x[:, 2], x[1:3, 1:3],
        x[:0], x[3, 5],
        np.broadcast_to(x[0], (3, 6)), np.broadcast_to(x[0, 0], (2, 2)),
        x.reshape(2, 3, 4).transpose(1, 2, 0),
    ):  # fmt: skip
        if isinstance(y, np.ndarray):
            check(y)


def test_arrays_that_are_read_only_or_not_aligned():
    x = np.frombuffer(b"x" + bytes(range(16)), "u1")[1:].view("<u4")
    assert not x.flags.aligned and not x.flags.writeable
    check(x)


def test_native_byte_order_is_written_as_what_it_is():
    for dtype in ("=i4", "i4", np.int32, "int32", "intc"):
        assert (
            pyon_v1.encode(np.zeros(1, dtype)).split(", ")[2].startswith('"' + np.dtype("i4").str)
        )


def test_encoding_leaves_the_array_alone():
    x = np.arange(6).reshape(2, 3).T
    before = describe(x), x.flags.c_contiguous
    pyon.encode(x), pyon_v1.encode(x)
    assert (describe(x), x.flags.c_contiguous) == before


def test_extended_floats():
    for dtype in ("g", "G"):
        x = np.zeros(2, dtype)
        check(x)
        assert pyon.encode(x[:0]) == v2_text(x[:0])


def test_extended_floats_of_the_other_byte_order_are_a_value_error():
    for dtype in ("g", "G"):
        for shape in ((), 0, 3):
            x = np.zeros(shape, np.dtype(dtype).newbyteorder())
            for module in (pyon, pyon_v1):
                with pytest.raises(ValueError, match="native-only dtype"):
                    module.encode([x])


STRUCTS = [
    [("a", "<i4"), ("b", "<f8")], [("a", "u1"), ("b", "<i2", (2, 2))],
    [("p", [("q", "i1")]), ("r", "S3")],
    {"names": ["a"], "formats": ["<i4"], "offsets": [4], "itemsize": 12},
]  # fmt: skip


@pytest.mark.parametrize("dtype", STRUCTS, ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 2)], ids=str)
def test_structured_arrays_become_void(dtype, shape):
    x = np.zeros(shape, dtype)
    void = np.frombuffer(x.tobytes(), f"V{x.dtype.itemsize}").reshape(shape)
    assert pyon_v1.encode(x) == v1_text(void)
    assert pyon.encode(x) == v2_text(void)


@pytest.mark.parametrize("dtype", ["O", "i4,O", [("a", [("b", "O")])], ("O", (2,))], ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (2,)], ids=str)
def test_arrays_with_objects_are_refused(dtype, shape):
    x = np.zeros(shape, dtype)
    for whole in (x, [1, x], {"a": {1: x}}, x[()] if x.shape == () and x.dtype.names else x):
        with pytest.raises(TypeError, match="is not PYON serializable"):
            pyon_v1.encode(whole)
        with pytest.raises(TypeError, match="not PYON encodable"):
            pyon.encode(whole)


def test_an_object_array_is_named_in_the_message():
    x = np.array([1, "a"], object)
    with pytest.raises(TypeError) as caught:
        pyon.encode([x])
    assert str(caught.value) == f"`{x!r}`: numpy arrays with object dtype are not PYON encodable"
    with pytest.raises(TypeError) as caught:
        pyon_v1.encode([x])
    assert str(caught.value) == f"`{x!r}` (<class 'numpy.ndarray'>) is not PYON serializable"


@pytest.mark.parametrize("dtype", ["M8[s]", "m8[ns]", "M8", [("a", "M8[s]")]], ids=str)
@pytest.mark.parametrize("shape", [(), (0,), (2,)], ids=str)
def test_arrays_of_times_are_a_value_error(dtype, shape):
    for module in (pyon_v1, pyon):
        with pytest.raises(ValueError, match="cannot include dtype '[mM]' in a buffer"):
            module.encode([np.zeros(shape, dtype)])


@pytest.mark.filterwarnings("ignore::PendingDeprecationWarning")
def test_subclasses_of_arrays_are_refused(tmp_path):
    plain = np.zeros((1, 2))
    memmap = np.memmap(tmp_path / "map", "u1", "w+", shape=(2,))
    for x in (
        np.matrix([[1]]),
        np.ma.array([1]),
        plain.view(np.recarray),
        memmap,
        type("Sub", (np.ndarray,), {})(2),
    ):
        for module in (pyon_v1, pyon):
            with pytest.raises(TypeError, match="is not PYON"):
                module.encode([x])


def test_more_dimensions_than_old_versions_of_numpy_have():
    most = 64 if np.__version__ >= "2" else 32
    check(np.zeros((1,) * most, "i1"))


def test_large_arrays():
    check(np.arange(300_000, dtype=">u4").reshape(3, -1))
    check(np.arange(100_001, dtype="u1"))


@pytest.mark.parametrize("size", range(0, 140))
def test_payloads_of_every_size(size):
    check(np.arange(size, dtype="u1"))


# ---- Scalars ----

BOTH = [
    "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32",
    "complex64", "complex128",
]  # fmt: skip


def scalar_arguments(x):
    return x.dtype.str, base64.b64encode(x.tobytes()).decode()


def v2_scalar(x):
    return '{"__jsonclass__":["npscalar",["%s","%s"]]}' % scalar_arguments(x)


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("value", [0, 1, 3, 100])
def test_scalars_of_both_dialects(kind, value):
    x = getattr(np, kind)(value)
    assert pyon_v1.encode(x) == 'npscalar("%s", b"%s")' % scalar_arguments(x)
    assert pyon.encode(x) == v2_scalar(x)
    for module in (pyon_v1, pyon):
        for whole in ([x], {"a": (x,)}, {x: 1}):
            assert describe(module.decode(module.encode(whole, True))) == describe(whole)


def test_a_float64_is_a_scalar_in_v1_and_a_float_in_v2():
    x = np.float64(1.5)
    assert pyon_v1.encode(x) == 'npscalar("<f8", b"AAAAAAAA+D8=")'
    assert describe(pyon_v1.decode(pyon_v1.encode(x))) == describe(x)
    assert pyon.encode([x, np.float64("nan")]) == "[1.5,NaN]"


def test_a_numpy_str_is_refused_by_v1_and_a_str_in_v2():
    x = np.str_("é")
    with pytest.raises(TypeError, match="is not PYON serializable"):
        pyon_v1.encode(x)
    assert pyon.encode({x: x}) == '{"\\u00e9":"\\u00e9"}'


V2_ONLY = [
    np.bool_(True), np.bool_(False), np.bytes_(b"ab"), np.datetime64(0, "s"),
    np.datetime64("NaT", "s"), np.timedelta64(5, "ms"), np.datetime64(1, "25us"), np.void(b"abc"),
    np.datetime64("2024-02-29", "D"),
]  # fmt: skip


@pytest.mark.parametrize("x", V2_ONLY, ids=lambda x: x.dtype.str)
def test_scalars_of_v2_alone(x):
    with pytest.raises(TypeError, match="is not PYON serializable"):
        pyon_v1.encode([x])
    assert pyon.encode(x) == v2_scalar(x)
    assert describe(pyon.decode(pyon.encode([x]))[0]) == describe(x)


def test_other_scalars_are_refused():
    kinds = [np.longdouble, np.clongdouble]
    kinds += [kind for kind in (np.longlong, np.ulonglong) if kind not in (np.int64, np.uint64)]
    for kind in kinds:
        for module in (pyon_v1, pyon):
            with pytest.raises(TypeError, match="is not PYON"):
                module.encode([kind(1)])


def test_records_become_void():
    x = np.array([(1, 2.5)], "<i4,<f8")[0]
    assert (
        pyon.encode(x)
        == '{"__jsonclass__":["npscalar",["|V12","%s"]]}' % base64.b64encode(x.tobytes()).decode()
    )


def test_scalars_of_a_big_endian_array_are_native():
    x = np.array([258], ">i2")[0]
    assert pyon_v1.encode(x) == pyon_v1.encode(np.int16(258))
    assert pyon.encode(x) == pyon.encode(np.int16(258))


# ---- Decoding ----


def calls(shape, dtype, data):
    """The same array call in both dialects."""
    yield pyon_v1.decode, f"nparray({shape!r}, {dtype!r}, {data.encode()!r})"
    yield pyon_v1.decode, f"nparray(data={data!r}, shape={shape!r}, dtype={dtype!r})"
    as_json = json.dumps([list(shape) if isinstance(shape, tuple) else shape, dtype, data])
    yield pyon.decode, f'{{"__jsonclass__":["nparray",{as_json}]}}'
    yield pyon.decode, f'{{"__jsonclass__":["nparray",{as_json}],"x":[1]}}'


NINE = base64.b64encode(bytes(range(8))).decode()


@pytest.mark.parametrize("dtype",
[
    "<i4", ">i4", "i4", "=i4", "|i4", "int32", "<f8", "int", "f8", "?", "|b1", "|S8", "<U2", ">U1",
    "<M8[s]", "<m8[25us]", "|V8", "i4,u1,V3", "(2,2)i1", None, "c8", "e",
])  # fmt: skip
def test_dtypes_are_those_of_numpy(dtype):
    data = bytes(range(8))
    wanted = np.frombuffer(data, dtype).copy()
    for decode, text in calls((-1,) if dtype != "(2,2)i1" else (2, 2, 2), dtype, NINE):
        y = decode(text)
        assert y.dtype == wanted.dtype and y.tobytes() == data and y.flags.writeable


@pytest.mark.parametrize(
    "shape",
    [(8,), [8], 8, None, (2, 4), (2, -1), (-1,), (1, 8, 1), (2, -2), (2, 2, 2), (1,) * 31 + (8,)],
)
def test_shapes_are_those_of_numpy(shape):
    x = np.frombuffer(bytes(range(8)), "u1")
    wanted = x if shape is None else x.reshape(shape)
    for decode, text in calls(shape, "u1", NINE):
        assert describe(decode(text)) == describe(wanted.copy())


@pytest.mark.parametrize(
    "shape, dtype, data",
    [
        ((3,), "u1", NINE), ((-1, -1), "u1", NINE), ((), "u1", NINE), ((8.0,), "u1", NINE),
        (("8",), "u1", NINE), ((9,), "u1", NINE), ((2**40, 2**40), "u1", NINE),
        ((2**70,), "u1", NINE), ((-1,), "<i4", "AAAA"), ((), "<f8", ""), ((1,), "<f8", ""),
        ((-1,), "xx", NINE), ((-1,), "O", NINE), ((-1,), "i4,O", NINE), ((-1,), 3, NINE),
        ((-1,), "V", NINE), ((-1,), "U", NINE), ((-1,), "", NINE), ((8,), "u1", "AAEC"),
        ((8,), "u1", "A"), ((8,), "u1", "AAECAwQFBg"), ((1,) * 65, "u1", "AA=="),
        ((0, -1), "u1", ""),
    ],
    ids=str,
)  # fmt: skip
def test_what_numpy_refuses_is_refused_with_its_error(shape, dtype, data):
    with pytest.raises(Exception) as wanted:
        np.frombuffer(base64.b64decode(data), dtype).reshape(shape)
    for decode, text in calls(shape, dtype, data):
        with pytest.raises(type(wanted.value)) as caught:
            decode(text)
        assert type(caught.value) is type(wanted.value)


@pytest.mark.parametrize("text", [
    "nparray()", "nparray((1,))", "nparray((1,), 'u1')", "nparray((1,), 'u1', b'AA==', 1)",
    "nparray((1,), 'u1', b'AA==', data=b'')", "nparray((1,), 'u1', x=b'AA==')", "npscalar()",
    "npscalar('u1')", "npscalar('u1', b'AA==', 1)", "npscalar(dtype='u1', data=b'AA==')",
])  # fmt: skip
def test_wrong_arguments_in_v1_are_a_type_error(text):
    with pytest.raises(TypeError):
        pyon_v1.decode(text)


@pytest.mark.parametrize("name", ["nparray", "npscalar"])
@pytest.mark.parametrize(
    "arguments", ["[]", "[[1]]", '[[1],"u1","AA==",1]', '[[1],"u1","AA==",1,2]']
)
def test_wrong_arguments_in_v2_are_a_type_error(name, arguments):
    with pytest.raises(TypeError):
        pyon.decode(f'{{"__jsonclass__":["{name}",{arguments}]}}')


def test_the_data_may_be_any_base64_that_python_reads():
    for data in ("AAECAwQFBgc", "AAEC\nAwQF Bgc=", "AAEC-AwQF_Bgc=", "AAECAwQFBgd="):
        for decode, text in calls((8,), "u1", data.ljust(12, "=")):
            assert decode(text).tobytes() == bytes(range(8))


@pytest.mark.parametrize("dtype, data, value",
[
    ("<i2", "AQA=", np.int16(1)), (">i2", "AAE=", np.int16(1)), ("|b1", "Ag==", np.True_),
    ("|S2", "YQA=", np.bytes_(b"a")), ("<f8", "AAAAAAAA8D9=", np.float64(1)),
    ("<M8[s]", "AAAAAAAAAAA=", np.datetime64(0, "s")), ("<U1", "YQAAAA==", np.str_("a")),
    ("<i2", "AQACAA==", np.int16(1)), ("u1", "/w==", np.uint8(255)),
])  # fmt: skip
def test_scalars_are_the_first_element_in_native_order(dtype, data, value):
    for y in (
        pyon_v1.decode(f"npscalar({dtype!r}, b'{data}')"),
        pyon_v1.decode(f"npscalar(data='{data}', ty={dtype!r})"),
        pyon.decode(f'{{"__jsonclass__":["npscalar",["{dtype}","{data}"]]}}'),
        pyon.decode(f'{{"__jsonclass__":["npscalar",["{dtype}","{data}"]],"x":1}}'),
    ):
        assert describe(y) == describe(value)


def test_a_scalar_without_data_is_an_index_error():
    for decode, text in (
        (pyon_v1.decode, "npscalar('<i2', b'')"),
        (pyon.decode, '{"__jsonclass__":["npscalar",["<i2",""]]}'),
    ):
        with pytest.raises(IndexError):
            decode(text)


def test_arrays_do_not_share_memory():
    text = pyon.encode([np.zeros(4)] * 2)
    a, b = pyon.decode(text)
    a[:] = 1
    assert not b.any() and not pyon.decode(text)[0].any()


def test_bytes_of_booleans_stay_as_they_are():
    for decode, text in calls((2,), "|b1", "AgE="):
        assert decode(text).tobytes() == b"\x02\x01"


@pytest.mark.parametrize("dtype", ["\0", "<f8\0", "\0<f8", "\0" * 8])
def test_a_nul_belongs_to_the_text_of_a_dtype(dtype):
    def scalar(text):
        return f'{{"__jsonclass__":["npscalar",[{json.dumps(text)},"AAAAAAAA8D8="]]}}'

    assert pyon.decode(scalar("<f8")) == 1.0  # a dtype that has been met is not taken for it
    try:
        wanted = np.frombuffer(base64.b64decode("AAAAAAAA8D8="), dtype)[0]
    except (TypeError, ValueError) as error:
        with pytest.raises(type(error)):
            pyon.decode(scalar(dtype))
    else:
        assert describe(pyon.decode(scalar(dtype))) == describe(wanted)
