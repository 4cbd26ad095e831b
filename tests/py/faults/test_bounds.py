"""Bounds of depth, digits and declared sizes: just within works, one beyond is the documented error.

docs/security.md lists them all, and where the others are tested.
"""

import base64
import json
import os
import sys
import tracemalloc
from fractions import Fraction

import pytest

from fastpyon import pyon, pyon_v1, stream

# ---- The C stack ----

# A sanitizer needs a multiple of the stack, and so do calls in Python 3.10: then fewer values have room, but
# still nothing overflows.
HUNGRY = "san" in os.environ.get("LD_PRELOAD", "") or sys.version_info < (3, 11)

# KiB of a small stack. Python 3.14 keeps more of it free.
SMALL = 64 if sys.version_info < (3, 14) else 128

DEEP = """
import sys, threading
from collections import OrderedDict
from fastpyon import pyon, pyon_v1, stream

class Box:
    def __init__(self, content):
        self.content = content

pyon.register([Box], name="Box", encode=lambda x: [x.content], decode=Box)
AROUND = {
    "list": lambda x: [x], "tuple": lambda x: (x,), "set": lambda x: [{1}, x], "dict": lambda x: {"a": x},
    "int keys": lambda x: {1: x}, "OrderedDict": lambda x: OrderedDict(a=x), "class": Box,
    "slice": lambda x: slice(x, 1),
}

def nest(kind, depth):
    x = ()
    for _ in range(depth):
        x = AROUND[kind](x)
    return x

def values(depth):
    for kind in AROUND:
        if kind != "slice":  # to free many of them takes stack
            yield kind, nest(kind, depth)
    yield "slice", nest("slice", min(depth, 400))
    yield "key", {nest("tuple", min(depth, 400)): 1}
    for kind in ("list", "tuple", "int keys"):  # copied on the way, since they stand beside a class
        yield "class", [Box(()), nest(kind, min(depth, 1000))]

ENCODERS = {
    "v1": pyon_v1.encode, "v1 pretty": lambda x: pyon_v1.encode(x, True),
    "v2": pyon.encode, "v2 pretty": lambda x: pyon.encode(x, True),
    "v1 pieces": lambda x: b"".join(stream.iterencode(x, pyon_v1, size=1000)),
    "v2 pieces": lambda x: b"".join(stream.iterencode(x, size=1000)),
}

made = {}  # by the main thread, and kept: to free deep values takes stack in some versions of Python

def encode_all(depth, names=tuple(ENCODERS)):
    count = 0
    for kind, x in made[depth]:
        for name in names:
            if name.startswith("v1") and kind in ("class", "slice"):
                continue  # the first is none of version 1, of the second it writes Python's repr
            try:
                ENCODERS[name](x)
                count += 1
            except RecursionError:
                pass
    return count

TAGGED = ['{"__jsonclass__":["%s",[' % name for name in ("tuple", "slice", "set", "dict", "Box")]

def decode_all(depth):
    count = 0
    texts = [start * depth + "1" + end * depth for start, end in (("[", "]"), ('{"a":', "}"))]
    texts.append(TAGGED[2] + "[" + (TAGGED[0] + "[") * depth + "]]]}" * depth + "]]]}")  # is hashed
    texts.append(TAGGED[1] * depth + "1" + "]]}" * depth)
    texts.append(TAGGED[4] * depth + "1" + "]]}" * depth)
    for text in texts:
        for decode in (pyon.decode, lambda text: list(feed(text))):
            try:
                decode(text)
                count += 1
            except (RecursionError, stream.LimitError):
                pass
    for text in ("{" + "(" * depth + ")" + ",)" * (depth - 1) + ": 1}", "slice(" * depth + "1" + ")" * depth):
        try:
            pyon_v1.decode(text)
            count += 1
        except SyntaxError:
            pass
    return count

def feed(text):
    decoder = stream.Decoder()
    decoder.feed(text)
    return decoder

def make(*depths):
    made.update((depth, list(values(depth))) for depth in depths)

def in_thread(size, function, *arguments):
    results = []
    threading.stack_size(size)
    thread = threading.Thread(target=lambda: results.append(function(*arguments)))
    thread.start()
    thread.join()
    return results[0]
"""


@pytest.mark.parametrize("kib", [32, 64, 128, 256, 1024])
def test_no_stack_is_too_small(python, kib):
    """Values for which the stack has room are encoded and decoded; deeper ones are an error."""
    if kib < 128 and sys.version_info >= (3, 14):
        pytest.skip("Python 3.14 keeps so much of a stack free that its own calls have no room")
    script = f"""{DEEP}
make(8, 30, 100, 180, 900, 9990)
for depth in made:
    print(in_thread({kib} << 10, encode_all, depth), in_thread({kib} << 10, decode_all, depth))
"""
    counts = [tuple(map(int, line.split())) for line in python(script).splitlines()]
    assert counts == sorted(counts, key=sum, reverse=True)
    if HUNGRY:
        return
    assert counts[0] == (57, 12)
    if kib >= 128:
        assert counts[1] == (57, 12)
    if kib >= 256:
        assert counts[2] == (57, 12)
    if kib < 1024:
        assert counts[5][1] == 0


def test_no_recursion_limit_is_too_high(python):
    """Not with the pretty layout, which needs memory by the square of the depth."""
    script = f"""{DEEP}
sys.setrecursionlimit(10**6)
make(3_000, 100_000)
for depth in made:
    print(in_thread(8 << 20, encode_all, depth, ["v1", "v2"]))
    in_thread(8 << 20, encode_all, depth, ["v1 pieces", "v2 pieces"])  # which stop in different depths
"""
    assert python(script) == "19\n6\n"  # slices, keys and what is copied are not so deep


def test_a_recursion_error_of_the_stack_gives_back_its_levels(python):
    script = f"""{DEEP}
make(20, 900)
def often():
    for _ in range(100):
        encode_all(900)
    return encode_all(20)

print(in_thread({SMALL} << 10, often), flush=True)
import os; os._exit(0)
"""
    assert int(python(script)) == 57 or HUNGRY


LEVELS = """
import sys
from fastpyon import pyon_v1

sys.setrecursionlimit(1000)
for make, depth in [
    (lambda x: [x], 325), (lambda x: (x,), 325), (lambda x: {"a": x}, 490), (lambda x: {"a": x, "b": 1}, 490),
]:
    value = 1
    for _ in range(depth):
        value = make(value)
    assert pyon_v1._encode_slow(value) == pyon_v1.encode(value)
    pyon_v1._encode_slow(value, pretty=True)
"""


def test_the_encoder_in_python_takes_no_more_levels_than_the_reference(python):
    """That has three calls a level in lists, and two in dicts."""
    python(LEVELS)


CONTEXT = """
import ctypes
import sys
from fastpyon import pyon, pyon_v1, stream

libc = ctypes.PyDLL(None)

def on_stack(size, function):
    # As coroutines have: nobody knows where it is.
    results = []
    here, there = ctypes.create_string_buffer(4096), ctypes.create_string_buffer(4096)
    stack = ctypes.create_string_buffer(size)
    start = ctypes.CFUNCTYPE(None)(lambda: results.append(function()))
    assert libc.getcontext(there) == 0
    fields = ctypes.cast(there, ctypes.POINTER(ctypes.c_size_t))
    fields[1] = ctypes.addressof(here)
    fields[2], fields[4] = ctypes.addressof(stack), size
    libc.makecontext(there, start, 0)
    assert libc.swapcontext(here, there) == 0
    return results[0]

def nest(depth, around):
    x = 1
    for _ in range(depth):
        x = around(x)
    return x

def feed(text):
    decoder = stream.Decoder()
    decoder.feed(text)
    return list(decoder)

def tried(function, *arguments):
    try:
        function(*arguments)
    except (RecursionError, stream.LimitError):
        return False
    return True

def all_of_it():
    return [
        tried(pyon.decode, "[" * 990 + "]" * 990), tried(feed, "[" * 990 + "]" * 990),
        tried(pyon.decode, '{"a":' * 990 + "1" + "}" * 990), tried(pyon_v1.decode, "[" * 200 + "]" * 200),
        tried(pyon.encode, nest(490, lambda x: [x])), tried(pyon.encode, nest(490, lambda x: {"a": x})),
        tried(pyon_v1.encode, nest(490, lambda x: [x])), tried(pyon.encode, nest(320, lambda x: (x,))),
        tried(pyon.encode, nest(320, lambda x: {1: x})),
    ]

"""


@pytest.mark.skipif(sys.platform != "linux" or HUNGRY or sys.version_info >= (3, 14), reason="makecontext")
def test_an_unknown_stack_is_trusted_with_what_python_dares(python):
    """The depth that sipyco reads and writes there is no error, and a larger one is."""
    script = f"""{CONTEXT}
print(*on_stack(2 << 20, all_of_it))
print(on_stack(2 << 20, lambda: tried(pyon.decode, "[" * 1001 + "]" * 1001)))
print(on_stack(2 << 20, lambda: tried(pyon.encode, nest(100000, lambda x: [x]))))
"""
    assert python(script).splitlines() == ["True " * 8 + "True", "False", "False"]


# ---- Digits ----


def read_stream(text, module, max_bytes=None):
    decoder = stream.Decoder(module, max_bytes=max_bytes)
    for i in range(0, len(text), 100):
        decoder.feed(text[i : i + 100])
    decoder.close()
    return next(decoder)


@pytest.mark.parametrize("limit", [640, 1000, 4300])
def test_digits_of_an_int(dialect, max_digits, limit):
    """The limit of the interpreter, as it is at that moment."""
    fits, beyond = 10**limit - 1, 10**limit
    max_digits(0)
    texts = f"[{fits}]", f"[-{fits}]"
    too_long = f"[{beyond}]", f"[-{beyond}]", "9" * 50_000
    assert dialect.decode(too_long[0]) == [beyond] and dialect.encode([beyond]) == too_long[0]
    max_digits(limit)
    for text in texts:
        value = dialect.decode(text)
        assert value[0] in (fits, -fits) and dialect.encode(value) == text
        assert read_stream(text, dialect) == value
    for text in too_long:
        with pytest.raises(SyntaxError if dialect is pyon_v1 else ValueError, match="[Ee]xceeds the limit"):
            dialect.decode(text)
        with pytest.raises((SyntaxError, ValueError), match="[Ee]xceeds the limit"):
            read_stream(text, dialect)
    for x in (beyond, [beyond], {1: -beyond}):
        with pytest.raises(ValueError, match="[Ee]xceeds the limit"):
            dialect.encode(x)
    max_digits(0)
    assert dialect.decode(too_long[0]) == [beyond] and dialect.encode([beyond]) == too_long[0]


def test_other_bases_and_floats_have_any_number_of_digits(max_digits):
    max_digits(640)
    assert pyon_v1.decode("0x" + "f" * 100_000) == 16**100_000 - 1
    assert pyon_v1.decode("9" * 100_000 + "e-100000") == 1.0
    assert pyon.decode("0." + "9" * 100_000) == 1.0


def as_call(module, name, *arguments):
    if module is pyon_v1:
        return f"{name}({', '.join(map(repr, arguments))})"
    return json.dumps({"__jsonclass__": [name, arguments]})


def test_places_of_a_fraction(dialect, max_digits):
    for limit, said in ((700, 700), (4300, 4300), (10_000, 10_000), (4300, 0)):
        max_digits(said)
        for text in (f"1e{limit}", f"-1E+{limit}", f"1e-{limit}", f" 7e{limit} ", "0." + "1" * limit, "1.5e3", "1/3"):
            assert dialect.decode(as_call(dialect, "Fraction", text)) == Fraction(text)
        for text in (f"1e{limit + 1}", f"1e-{limit + 1}", "1e999999999", "1e-999_999_999", "0." + "1" * (limit + 1)):
            for call in (as_call(dialect, "Fraction", text), as_call(dialect, "Fraction", text, 2)):
                with pytest.raises(ValueError, match=f"({limit} digits)"):
                    dialect.decode(call)
                with pytest.raises(ValueError, match=f"({limit} digits)"):
                    read_stream(call, dialect)
    max_digits(4300)
    for text in ("9" * 5000, "1/" + "9" * 5000, "1e" + "9" * 5000, "x", "1e", "e5", "1e5.5", "", "1e+_5"):
        with pytest.raises(ValueError):
            dialect.decode(as_call(dialect, "Fraction", text))
    assert dialect.decode(as_call(dialect, "Fraction", 1e308)) == 10**308 + Fraction(1e308) - 10**308
    assert dialect.decode(as_call(dialect, "Fraction")) == 0


def test_places_of_a_fraction_by_other_ways():
    with pytest.raises(ValueError, match="Exceeds the limit"):
        pyon_v1.decode("Fraction(numerator='1e999999999')")
    with pytest.raises(ValueError, match="Exceeds the limit"):
        pyon.decode(as_call(pyon, "Fraction", "1e999999999"), parse_int=int)
    assert pyon_v1.decode("Fraction(numerator='1e3')") == 1000


def test_slices_and_complex_numbers_of_any_size(dialect):
    huge = 10**4000
    x = slice(-huge, huge, huge)
    assert repr(dialect.decode(dialect.encode(x))) == repr(x)
    assert dialect.decode("[1e999, -1e999, 1e-999]") == [float("inf"), -float("inf"), 0.0]
    if dialect is pyon:
        assert dialect.decode(as_call(dialect, "complex", "1e999999999")) == complex("inf")


# ---- Declared sizes ----

LIES = [
    ([2**62, 2], "|u1"), ([10**9, 10**9], "<f8"), ([2**63], "|u1"), ([2**64 + 1], "|u1"), ([10**4000], "|u1"),
    ([2**60], "<f8"), ([2**61], "<f8"), ([2**31, 2**31, 4], "|u1"), ([2**32, 2**32], "|u1"), ([10**9], "|u1"),
    ([2], "|u1"), ([0], "|u1"), ([0, 2**62], "|u1"), ([2**62, 0], "<f8"), ([0] * 33, "|u1"), ([1] * 64 + [2], "|u1"),
    ([-2], "|u1"), ([-1, -1], "|u1"), ([-1, 0], "|u1"), ([-(2**63)], "|u1"), ([1], "V2147483647"),
    ([1], "V99999999999"),
    ([1], "U536870911"), ([1], "S9999999999"), ([1], "(999999,999999)f8"), ([1], "(65536,32767)u1"),
    ([1], "(2,3)i4,(4,5)f8"), ([1], "i4," * 100 + "i4"), ([1], "V0"), ([2**40], "V0"), ([2**40], "U0"), ([2**40], "S0"),
]  # fmt: skip
PAYLOADS = "", "AAAA", "AAAA" * 5000


def outcome(decode, *arguments):
    """Its result, or that it raises; and the most memory that was allocated, touched or not."""
    tracemalloc.start()
    try:
        x = decode(*arguments)
        result = x.shape, x.dtype, x.tobytes()
    except (ValueError, TypeError, OverflowError, SyntaxError):
        result = None
    finally:
        memory = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return result, memory


@pytest.mark.parametrize("shape, dtype", LIES, ids=range(len(LIES)))
def test_a_lie_about_an_array_allocates_nothing(dialect, shape, dtype):
    """NumPy tells tracemalloc what it allocates."""
    np = pytest.importorskip("numpy")
    for payload in PAYLOADS:
        try:
            array = np.frombuffer(base64.b64decode(payload), dtype).reshape(shape)
            expected = array.shape, array.dtype, array.tobytes()
        except (ValueError, TypeError, OverflowError):
            expected = None
        text = as_call(dialect, "nparray", shape if dialect is pyon else tuple(shape), dtype, payload)
        result, memory = outcome(dialect.decode, text)
        assert result == expected and memory < 6 * len(text) + 200_000
        result, memory = outcome(read_stream, text, dialect)
        assert result == expected
        # Of a stream, the rest may be to come: up to max_bytes, it is believed, but not touched.
        result, memory = outcome(read_stream, text, dialect, len(text))
        assert result == expected and memory < 6 * len(text) + 200_000


@pytest.mark.parametrize("dtype", ["V2147483647", "V99999999999", "U536870911", "(65536,32767)u1", "V0", "O", "<f8"])
def test_a_lie_about_a_scalar_allocates_nothing(dialect, dtype):
    pytest.importorskip("numpy")
    text = as_call(dialect, "npscalar", dtype, "AAAA")
    for read in (dialect.decode, lambda text: read_stream(text, dialect)):
        result, memory = outcome(read, text)
        assert result is None and memory < 200_000


# ---- Names ----


@pytest.mark.parametrize("length", [254, 255, 256, 257, 100_000])
def test_the_name_of_a_class_has_any_length(length):
    class Named:
        pass

    name = "n" * length
    pyon.register([Named], name=name, encode=lambda x: [1, 2], decode=lambda *arguments: arguments)
    try:
        assert pyon.decode(pyon.encode([Named()])) == [(1, 2)]
        assert read_stream(pyon.encode([Named()]), pyon) == [(1, 2)]
    finally:
        pyon.deregister([Named], name)


def test_keywords_names_and_strings_of_any_number_and_length():
    many = 20_000
    assert len(pyon_v1.decode("OrderedDict(" + ", ".join(f"k{i}={i}" for i in range(many)) + ")")) == many
    assert pyon_v1.decode("OrderedDict(" + "k" * many + "=1)") == {"k" * many: 1}
    assert pyon_v1.decode("'a' " * many) == "a" * many
    with pytest.raises(NameError):
        pyon_v1.decode("x" * many)


@pytest.mark.parametrize("module, member, times", [(pyon_v1, "{1}", 60), (pyon, "{}", 30), (pyon, "[]", 30)])
def test_a_value_takes_so_many_times_its_text(module, member, times):
    text = "[" + ",".join([member] * 10000) + "]"
    module.decode(text)
    tracemalloc.start()
    try:
        value = module.decode(text)
        used, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(value) == 10000 and times * 0.5 < used / len(text) < times * 1.1
