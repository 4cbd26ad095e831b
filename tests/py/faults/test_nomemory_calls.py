"""Every allocation of every entry point of the extension may fail: see nomemory.c and nomemory.py.

For n = 0, 1, 2, ... a call works or raises MemoryError when its n-th allocation fails, nothing is lost
each time that it does, and the next call works. Here the library's own allocations fail, too, and
those for arrays; test_nomemory.py has all allocations of Python fail, without a compiler.
"""

import os
import sys
from pathlib import Path

import pytest

from preload import compiled

SUPPORT = Path(__file__).resolve().parents[1] / "support"


@pytest.fixture(scope="session")
def failing_malloc(tmp_path_factory, common_malloc):
    """The library to be preloaded."""
    if not sys.platform.startswith("linux") or not os.confstr("CS_GNU_LIBC_VERSION"):
        pytest.skip("the malloc that fails is for glibc")
    if os.environ.get("LD_PRELOAD"):
        pytest.skip("another malloc is preloaded")
    return compiled("nomemory", tmp_path_factory.mktemp("nomemory"))


PRELUDE = """
import gc, importlib, io, os, sys, tempfile
from collections import OrderedDict
from fractions import Fraction
import nomemory
from fastpyon import _core, _stream_base, pyon, pyon_v1, stream
sys.tracebacklimit = 0
VALUE = {
    "list": [1, 2.5, None, True, "\\u00e9" * 50, 2**70], 1: (2, {3}), "b": b"x" * 100, "c": 1j,
    "s": slice(1), "f": Fraction(1, 3), "long": "x" * 2000, "deep": [[[[{"a": {2: ()}}]]]],
}
def ordered(*pairs):  # an iterator over one crashes if it gets no tuple: so some are at hand
    [(i, i) for i in range(20)]
    return OrderedDict(pairs or [("a", [1]), ("b", 2)])
V1, V2 = pyon_v1.encode(VALUE), pyon.encode(VALUE)
LONG = [[1.5] * 100, "x" * 9000, {"a": b"y" * 9000}, [[[[[[1]]]]]]]
def gap(expected, size):  # bytes without room are lost, but the values around them stay as they are
    text = b"".join(stream.encode(x) + b"\\n" for x in expected)
    expected = {pyon.encode(x) for x in expected}
    decoder, taken, lost = stream.Decoder(lines=True), [], False
    for i in range(0, len(text), size):
        try:
            decoder.feed(text[i : i + size])
        except MemoryError:
            lost = True
        while True:
            try:
                for x in decoder:
                    taken.append(pyon.encode(x))
                break
            except MemoryError:
                lost = True
                decoder.skip_line()
    assert len(set(taken)) == len(taken) and expected.issuperset(taken)
    if lost: raise MemoryError
    return taken
class Custom: pass
def fresh():
    core = sys.modules.pop("fastpyon._core")
    try:
        return importlib.import_module("fastpyon._core")
    finally:
        sys.modules["fastpyon._core"] = core
"""

# The calls.
ENCODE = """
pyon.register([Custom], name="custom", encode=lambda x: [VALUE, (1,)], decode=lambda *x: x)
class Sub(dict): pass
CALLS = {
    "v1": lambda: pyon_v1.encode(VALUE),
    "v1 pretty": lambda: pyon_v1.encode(VALUE, True),
    "v1 keyword": lambda: pyon_v1.encode(VALUE, pretty=True),
    "v1 slice": lambda: pyon_v1.encode([slice("\\u00e9")]),
    "v1 ordered": lambda: pyon_v1.encode(ordered()),
    "v1 bad": lambda: pyon_v1.encode([VALUE, int]),
    "v2": lambda: pyon.encode(VALUE),
    "v2 pretty": lambda: pyon.encode(VALUE, True),
    "v2 ordered": lambda: pyon.encode(ordered()),
    "v2 custom": lambda: pyon.encode([Custom(), {1: Custom()}]),
    "v2 sub": lambda: pyon.encode([Sub(a=Sub()), ordered((1, 2))]),
    "v2 bad": lambda: pyon.encode([1, int]),
    "bytes v1": lambda: stream.encode(VALUE, pyon_v1),
    "bytes v2": lambda: stream.encode([VALUE, Custom()]),
    "deep": lambda: pyon.encode(deep),
}
deep = []
for _ in range(70): deep = [deep]
"""

DECODE = """
pyon.register([Custom], name="custom", encode=list, decode=lambda *x: x)
pyon_v1._eval_dict["custom"] = lambda *x, **y: (x, y)
CALLS = {
    "v1": lambda: pyon_v1.decode(V1),
    "v1 bytes": lambda: pyon_v1.decode(V1.encode()),
    "v1 escapes": lambda: pyon_v1.decode(r"['\\u20ac\\N{DIGIT ONE}', b'\\x41' b'b', 0x%x]" % 2**80),
    "v1 call": lambda: pyon_v1.decode("[custom([1], 'a', b={2}), OrderedDict([('a', 1)], b=2), {(): 5}]"),
    "v1 syntax": lambda: pyon_v1.decode("[1, (2, '\\u00e9', slice(1), " + "[" * 150),
    "v1 unknown": lambda: pyon_v1.decode("[1, nobody(2)]"),
    "v1 attribute": lambda: pyon_v1.decode("[1, (2).real, 3]"),
    "v1 item": lambda: pyon_v1.decode("[1, [2][3]]"),
    "v1 constructor": lambda: pyon_v1.decode("[Fraction(1, 0), 1"),
    "v1 large": lambda: pyon_v1.decode("[" + "1," * 12000 + "1]"),
    "v1 keyword": lambda: pyon_v1.decode(s="[1]"),
    "literal": lambda: _core.read_literal(repr([2**70, 1.5, "\u00e9", {"a": {(1, b"x")}}])),
    "literal escapes": lambda: _core.read_literal(r"['\u20ac' '\x41', 0x%x, set(), 1+2j]" % 2**80),
    "literal refused": lambda: _core.read_literal("[1, [2], {3: nan}, {[]}"),
    "v2": lambda: pyon.decode(V2),
    "v2 bytes": lambda: pyon.decode(V2.encode("utf-16")),
    "v2 bytearray": lambda: pyon.decode(bytearray(b'["\\xc3\\xa9"]')),
    "v2 many": lambda: pyon.decode("[" + "[1], " * 140 + "2]"),
    "v2 deep": lambda: pyon.decode("[" * 70 + "]" * 70),
    "v2 calls": lambda: pyon.decode(calls),
    "v2 odd": lambda: pyon.decode('[{"__jsonclass__": ["tuple", ["ab"]]}, {"x": [1]}]'),
    "v2 undo": lambda: pyon.decode('{"__jsonclass__": ["bytes", ["YWI="]], "x": [3]}'),
    "v2 hook": lambda: pyon.decode('{"x": 1, "__jsonclass__": ["bytes", ["YW I="]]}'),
    "v2 syntax": lambda: pyon.decode('["\\u00e9", {"a": ?}]'),
    "columns": lambda: _core.read_columns(lines, ("a", "b.*", "c"), "air", 0, False),
    "columns path": lambda: _core.read_columns(lines, ("a", "b["), "aa", 0, False),
}
calls = '{"__jsonclass__": ["custom", [' * 20 + "]]}" * 20
lines = b'{"a": "x", "b": {"c": 1}}\\n' * 5 + b"{'a': (1, 2)}\\n]\\n{'c': 2}\\n"
"""

ARRAYS = """
import numpy as np
V = {
    "array": np.arange(300.0), "small": np.arange(6, dtype="<i2").reshape(2, 3)[:, ::2], "zero": np.array(1j),
    "scalars": [np.int8(1), np.float32(2), np.complex64(3)],
}
VOID, STR = np.zeros(2, "i4,f8"), np.array(["a", "bc"])
FRAMES = _core.encode_frames([V, STR], 10, False)
unaligned = tuple(memoryview(b"x" + x)[1:] for x in FRAMES[1:])
def same(x):  # arrays, in a way that can be compared
    return pyon.encode(x)
T1, T2 = pyon_v1.encode(V), pyon.encode(V)
ODD = '[{"__jsonclass__": ["nparray", [[-1], "<i2", "AQAC AA=="]]}, {"__jsonclass__": ["npscalar", ["|S2", "YWI="]]}]'
UNDO = '{"__jsonclass__": ["nparray", [[2], "<i2", "AQACAA=="]], "x": 1}'
def feed(text, size, dialect):
    decoder = stream.Decoder(dialect)
    for i in range(0, len(text), size):
        decoder.feed(text[i : i + size])
    return list(decoder)
CALLS = {
    "v1 encode": lambda: pyon_v1.encode(V),
    "v2 encode": lambda: pyon.encode(V),
    "v2 encode others": lambda: pyon.encode([VOID, STR, np.str_("a"), np.bool_(True)]),
    "v1 encode others": lambda: pyon_v1.encode(VOID),
    "bad": lambda: pyon.encode([np.zeros(1, object)]),
    "v1 decode": lambda: pyon_v1.encode(pyon_v1.decode(T1)),
    "v2 decode": lambda: same(pyon.decode(T2)),
    "odd": lambda: same(pyon.decode(ODD)),
    "undo": lambda: same(pyon.decode(UNDO)),
    "cut": lambda: pyon.decode(T2[:-10]),
    "pieces": lambda: b"".join(stream.iterencode(V, size=100)),
    "frames": lambda: [bytes(x) for x in _core.encode_frames([V, STR], 10, False)],
    "frames of two passes": lambda: [bytes(x) for x in _core.encode_frames([V, VOID], 10, False)],
    "from frames": lambda: same(_core.decode_frames(FRAMES[0], tuple(FRAMES[1:]))),
    "wrong frames": lambda: _core.decode_frames(FRAMES[0], tuple(FRAMES[1:] + FRAMES[1:2])),
    "frames that are not aligned": lambda: same(_core.decode_frames(FRAMES[0], unaligned)),
    "stream v2": lambda: same(feed(T2, 500, pyon)),
    "stream v1": lambda: pyon_v1.encode(feed(T1, 500, pyon_v1)),
    "stream refused": lambda: feed(T2[:2000] + "*" + T2[2000:], 500, pyon),
    "gap": lambda: gap([np.arange(1000.0) + i for i in range(3)] + list(range(100)), 3000),
}
def first():  # NumPy is looked up anew
    nomemory.spared(fresh).load_numpy()
if sys.version_info < (3, 13):  # which crashes when it makes a type and a dict cannot grow
    CALLS["first"] = first
"""
STREAMS = """
r, w = os.pipe()
os.set_blocking(r, False)
def feed(texts, dialect=pyon, **options):
    decoder, got = stream.Decoder(dialect, **options), []
    for text in texts:
        decoder.feed(text)
        while True:
            try:
                got.extend(decoder)
                break
            except MemoryError:
                raise
            except Exception as e:
                got.append(repr(e))
                decoder.skip_line()
    try:
        decoder.close()
        got.extend(decoder)
    except stream.DecodeError as e:
        got.append(repr(e))
    return got
def pieces(text, size):
    return [text[i : i + size] for i in range(0, len(text), size)]
def read_from():
    decoder = stream.Decoder(pyon_v1)
    os.write(w, b"[1, [2], (3)]")
    try:
        decoder.read_from(r, 5), decoder.read_from(r, 100)
    finally:
        try: os.read(r, 100)
        except BlockingIOError: pass
    return list(decoder)
STRINGS = [[i, str(i) * 5000] for i in range(100, 105)] + list(range(1000, 1030))
def reader():
    return list(stream.Reader(io.BytesIO(LINES)))
LINES = (stream.encode(VALUE) + b"\\n") * 3
CALLS = {
    "new": lambda: stream.Decoder().failed,
    "v1": lambda: feed([V1], pyon_v1),
    "v2": lambda: feed([V2]),
    "v1 in pieces": lambda: feed(pieces(V1, 9), pyon_v1),
    "v2 in pieces": lambda: feed(pieces(V2, 9)),
    "not ascii": lambda: feed(['["\\u00e9\\u20ac', '\\U0001f600"]']),
    "buffers": lambda: feed([bytearray(b"[1,"), memoryview(b"2]")]),
    "large": lambda: feed(['"' + "a" * 70000, "b" * 200000, '" [1]']),
    "errors": lambda: feed(["[1, ?\\n[2]\\n", "[3, }", "\\n[4]", "\\n[5"], lines=True),
    "depth": lambda: feed(["[" * 300 + "\\n[1]\\n"], max_depth=200),
    "size": lambda: feed(["[" + "1," * 300 + "\\n[1]\\n"], max_bytes=100),
    "cut": lambda: feed(['[1, "a']),
    "number": lambda: feed(["[1] 2"]),
    "odd": lambda: feed([1]),
    "gap": lambda: gap(STRINGS, 3000),
    "read_from": read_from,
    "reader": reader,
}
"""

PIECES = """
null = os.open(os.devnull, os.O_WRONLY)
class Sub(dict): pass
pyon.register([Custom], name="custom", encode=lambda x: [VALUE, (1,)], decode=lambda *x: x)
def write(x, dialect):
    pieces = (_core.pieces_v2 if dialect is pyon else _core.pieces_v1)(x, size=1000, newline=True)
    pieces.write(null)
    return pieces.written
def go_on(x, dialect):  # the text that is there stays right, whatever comes
    taken, pieces = b"", stream.iterencode(x, dialect, size=100)
    try:
        for piece in pieces: taken += piece
    except MemoryError:
        assert dialect.encode(x).encode().startswith(taken)
        if not pieces.failed: raise AssertionError(len(taken))
        raise
    return taken
CALLS = {
    f"{name} {dialect.__name__} {size}": lambda dialect=dialect, x=x, size=size: b"".join(
        stream.iterencode(x, dialect, size=size))
    for name, x in (("value", VALUE), ("long", LONG)) for dialect in (pyon, pyon_v1) for size in (10, 10**6)
}
CALLS |= {
    "custom": lambda: b"".join(stream.iterencode([VALUE, Custom(), 1], size=100)),
    "sub": lambda: b"".join(stream.iterencode([Sub(a=1)] * 3, size=5)),
    "slice": lambda: b"".join(stream.iterencode([slice("\\u00e9")] * 3, pyon_v1, size=5)),
    "bad": lambda: list(stream.iterencode([LONG, int])),
    "write v1": lambda: write(LONG, pyon_v1),
    "write v2": lambda: write(LONG, pyon),
    "go on": lambda: go_on(LONG, pyon),
    "arguments": lambda: _core.pieces_v2(1, nonsense=1),
}
"""

LINES = """
def gather(text, use):  # a call that fails has lost nothing
    gather, buffer, taken = _core.Gather(_core.Line), bytearray(text), b""
    try:
        gather.move(buffer)
        gather.move(buffer)
        if gather.find_line(1 << 30, True):
            taken = use(gather)
        gather.give_back(buffer)
        return taken if isinstance(taken, str) else bytes(taken), buffer
    finally:
        assert len(buffer) + len(gather) + len(taken) == len(text)
def fill(text, use):
    gather, file = _core.Gather(_core.Line), io.BytesIO(text)
    while gather.fill(file.readinto, 1000): pass
    return use(gather)
def found(gather): return gather.found
def as_text(gather): return gather.text
def line(text):
    line = _core.Line(text)
    return len(line), bytes(line), line.text
folder = tempfile.mkdtemp()
def store(dialect):
    path = os.path.join(folder, "file")
    try:
        dialect.store_file(path, VALUE)
    finally:
        assert os.listdir(folder) in ([], ["file"])
    return dialect.load_file(path)
def append(values):
    path = os.path.join(folder, "lines")
    with open(path, "w") as file:
        file.write("[1]\\n[2")
    try:
        stream.store_lines(path, values, append=True)
    finally:
        with open(path) as file:
            found = file.read()
    return found
text = "x" * 3000
CALLS = {
    "move": lambda: gather(b"a" * 5000 + b"\\n" + b"b" * 500, found),
    "move long": lambda: gather(b"a" * (1 << 20) + b"\\n" + b"b" * 5000 + b"\\n", found),
    "move text": lambda: gather(b"a" * 5000 + b"\\n" + b"b" * 500, as_text),
    "move bytes": lambda: gather(b"\\xff" * 5000 + b"b" * 500, found),
    "fill": lambda: fill(b"a" * 5000 + b"\\n" + b"b" * 500, as_text),
    "fill bytes": lambda: fill(b"\\xc3\\xa4" * 5000, as_text),
    "fill wrong bytes": lambda: fill(b"\\xff" * 5000, lambda gather: len(gather)),
    "line": lambda: line("a" * 500),
    "not ascii": lambda: line("\\u00e9"),
    "read": lambda: len(_core.read_file(os.__file__)),
    "read bytes": lambda: _core.read_file("/proc/self/cmdline"),
    "store v1": lambda: store(pyon_v1),
    "store v2": lambda: store(pyon),
    "append": lambda: append([1, text, 2]),
    "append records": lambda: append([{"a": 1.5, "b": [None, "x" * 2000]}, (1, "é" * 1500), [b"x"], {}]),
}
"""

REGISTRY = """
def both():
    pyon.register([Custom], name="custom", encode=lambda x: [1], decode=lambda x: x)
    try:
        return pyon.decode(pyon.encode(Custom()))
    finally:
        pyon.deregister([Custom], "custom")
given = {}  # by the modules, when they bind
for module in (pyon, pyon_v1):
    name = "bind_v2" if module is pyon else "bind_v1"
    real = getattr(_core, name)
    def spy(**keywords):
        given[name] = keywords
        return real(**keywords)
    setattr(_core, name, spy)
    importlib.reload(module)
    setattr(_core, name, real)
def bind(name):
    core = nomemory.spared(fresh)
    encode, decode = getattr(core, name)(**given[name])
    return decode(encode([1, (2,)]))
def bind_stream():
    core = nomemory.spared(fresh)
    core.bind_v2(**given["bind_v2"])
    core.bind_stream(_stream_base.make_error)
    decoder = core.Decoder(2, 0, 0, False)
    decoder.feed("[1] ?")
    return next(decoder)
CALLS = {
    "register": both,
    "wrong bind": lambda: _core.bind_v2(module="a"),
}
if sys.version_info < (3, 13):  # which crashes when it makes a type and a dict cannot grow
    CALLS |= {
        "import": lambda: fresh().version,
        "bind v1": lambda: bind("bind_v1"),
        "bind v2": lambda: bind("bind_v2"),
        "bind stream": bind_stream,
    }
"""

GROUPS = {
    "encode": ENCODE,
    "decode": DECODE,
    "arrays": ARRAYS,
    "streams": STREAMS,
    "pieces": PIECES,
    "lines and files": LINES,
    "registry": REGISTRY,
}


@pytest.mark.parametrize("group", GROUPS)
def test_every_allocation_may_fail(python, failing_malloc, group):
    if group == "arrays":
        pytest.importorskip("numpy")
    path = os.pathsep.join([str(SUPPORT), *filter(None, [os.environ.get("PYTHONPATH")])])
    script = PRELUDE + GROUPS[group] + "nomemory.check(CALLS)"
    environment = {"LD_PRELOAD": str(failing_malloc), "PYTHONMALLOC": "malloc", "PYTHONPATH": path}
    assert python(script, **environment) == "done\n"
