"""Arrays of every dtype and layout, and subclasses that lie; and scalars of every kind."""

import functools
import tempfile

import numpy as np

from generate import DTYPES


class SubArray(np.ndarray):
    """A type that is registered: its encoder is that of arrays."""

class LyingArray(np.ndarray):
    shape = property(lambda self: (10**6,))
    dtype = property(lambda self: "f8")
    data = None

    def __array_finalize__(self, other):
        pass

MORE_DTYPES = [
    "M8", "M8[25us]", "<m8", ">m8[s]", ">M8[D]", "b", "h", ">u2", ">c8", "S1", "U", "V", "V0", "U0", ">U4",
    "(2,)i2", "(2,2)>f4", "i1,(2,)u1", "i4,M8[s]", "f8,S3,U2", "i2,i2,O",
    [("a", "i1"), ("b", [("c", ">f4"), ("d", "S2")])], {"names": ["a"], "formats": ["i4"], "itemsize": 9},
    {"names": ["a", "b"], "formats": ["i4", "u1"], "offsets": [3, 0]}, np.dtype("i1,f8", align=True),
    np.dtype("f4", metadata={"unit": "s"}), [(("title", "a"), "i4")], [], "l", "L", "p", "?", "e",
]  # fmt: skip
if hasattr(np.dtypes if hasattr(np, "dtypes") else None, "StringDType"):
    MORE_DTYPES.append(np.dtypes.StringDType())
ALL_DTYPES = [*DTYPES, *MORE_DTYPES]
# Filled at random: not where there may be padding, since that need not be copied.
FILLED = set("?bBhHiIlLqQefdFDSVMm")
MORE_SCALARS = [
    np.str_("é\ud800"), np.bytes_(b"a\0b"), np.bytes_(b""), np.void(b"abc"), np.void(b""), np.datetime64("NaT", "s"),
    np.datetime64(5, "25us"), np.timedelta64(5, "ms"), np.timedelta64("NaT", "s"), np.longlong(3), np.array("x")[()],
    np.array((1, 2.5), "i4,f8")[()], np.array((1, None), "i4,O")[()], np.array(5, ">i2")[()], np.float64("-0.0"),
    np.float64("nan"), np.float16("inf"), np.complex64(complex("nan")), np.ma.masked,
    np.rec.array([(1, 2)], "i4,i4")[0],
]  # fmt: skip
LAYOUTS = {
    "as it is": lambda x: x,
    "transposed": lambda x: x.T,
    "backwards": lambda x: x[::-1],
    "every second": lambda x: x[::2],
    "every second, backwards": lambda x: x[..., ::-2],
    "Fortran": np.asfortranarray,
    "broadcast": lambda x: np.broadcast_to(x, (2, *x.shape)),
    "one dimension more": lambda x: x[None, ..., None],
    "nothing of it": lambda x: x[:0],
    "one": lambda x: x[(0,) * x.ndim + (...,)],
    "read-only": lambda x: (x.setflags(write=False), x)[1],
    "a field": lambda x: x[x.dtype.names[-1]],
    "swapped": lambda x: x.view(x.dtype.newbyteorder()),
    "unaligned": lambda x: np.frombuffer(b"x" + x.tobytes(), x.dtype, offset=1).reshape(x.shape),
    "bytes": lambda x: x.view("V%d" % x.itemsize),
    "large": lambda x: np.zeros(3000, x.dtype),
    "32 dimensions": lambda x: x.reshape((1,) * 31 + (-1,)),
}
KINDS = {
    "ndarray": lambda x: x,
    "matrix": np.matrix,
    "masked": np.ma.array,
    "record": lambda x: x.view(np.recarray),
    "memmap": lambda x: mapped(),
    "subclass": lambda x: x.view(SubArray),
    "lying": lambda x: x.view(LyingArray),
    "chararray": lambda x: x.view(np.char.chararray),
}


TEXTS = ["", "a", "abcdef", "é\U0001f600", "\0b", "\ud800"]


def is_filled(dtype):
    """May its bytes be any?"""
    if dtype.names:
        return not is_padded(dtype) and all(is_filled(dtype[name]) for name in dtype.names)
    return dtype.char in FILLED and not dtype.subdtype


def is_padded(dtype):
    return bool(dtype.names) and dtype.itemsize != sum(dtype[name].itemsize for name in dtype.names)


@functools.cache
def mapped():
    with tempfile.NamedTemporaryFile() as file:
        return np.memmap(file, "i2", "w+", shape=5)


def odd_array(g):
    """An array of any dtype in any layout, as the numbers of a generator say."""
    dtype = np.dtype(g.choice(ALL_DTYPES))
    shape = tuple(g.randint(0, 3) for _ in range(g.randint(0, 3)))
    layouts = g.choice([*LAYOUTS]), g.choice([*LAYOUTS])
    kind = g.choice([*KINDS]) if g.random() < 0.2 else "ndarray"
    try:
        x = np.zeros(shape, dtype)
        if dtype.itemsize and is_filled(dtype):
            x = np.frombuffer(bytearray(g.randbytes(x.nbytes)), dtype).reshape(shape)
        elif dtype.kind == "U":
            size = dtype.itemsize // 4
            x = np.array([g.choice(TEXTS)[:size] for _ in range(x.size)], dtype).reshape(shape)
        if is_padded(dtype):  # the bytes between its fields are not defined
            return x
        for layout in layouts:
            x = LAYOUTS[layout](x)
        return KINDS[kind](x)
    except Exception:  # what this dtype or shape has not
        return np.zeros(shape, dtype)
