"""Texts and values that mean no good: each is refused quickly, and the next call works."""

import builtins
import json
import keyword
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fastpyon import pyon, pyon_v1, stream
from depth import loop, nest

REFUSED = (
    SyntaxError,
    NameError,
    TypeError,
    ValueError,
    AttributeError,
    RecursionError,
    OverflowError,
)

EXPRESSIONS = [
    "().__class__", "().__class__.__bases__[0].__subclasses__()", "''.join(['a'])", "1 .real",
    "1.0.hex()", "slice.__init__", "Fraction(1, 2).numerator", "OrderedDict.fromkeys([1])",
    "[1][0]", "'abc'[::-1]", "{}[1]", "[0]*10**9", "9**9**9", "2**99999999", "1<<99999999",
    "'a'*10**9", "(1,)*10**9", "[1]+[2]", "'a'+'b'", "(1,)+(2,)", "3*[0]", "2*'a'", "-[1]", "~null",
    "1<<1<<10**9", "-(9**9**9)", "[2**10**8]*2", "1/Fraction(1, 2)", "1+slice(1)", "1 if 2*3 else 4",
    "'%99999999d' % 1", "1@1", "lambda: 1", "(lambda: 1)()",
    "lambda x: x", "1 if 1 else 2", "1if 1else 2", "1 or 2", "1and 2", "not 1", "1 in []", "1 is 1",
    "1 == 1", "1 < 2", "1 != 2", "[x for x in (1,)]", "{x for x in ()}", "{x: x for x in ()}",
    "(x for x in ())", "[null := 5 for _ in (1,)]", "(null := 5)", "null := 5", "[*[1]]", "{*()}",
    "{**{}}", "(*(), 1)", "slice(*[1, 2])", "OrderedDict(**{'a': 1})", "f'{1}'", "f''",
    "rf'{().__class__}'", "'a' f'{1}'", "F'{1}'", "...", "__debug__", "__builtins__",
    "__builtins__['open']", "__import__('os')", "open('/etc/passwd')", "exec('1')", "eval('1')",
    "print(1)", "globals()", "slice", "Fraction", "OrderedDict", "nparray", "npscalar",
    "(slice)(1)", "slice(1)(2)", "[slice][0](1)", "await 1", "yield 1", "(yield)", "import os",
    "pass", "a = 1", "def f(): pass", "1; 2", "1\n2", "del x", "-Fraction(1, 2)", "--None",
    "1_", "0x", "nan.real", "inf()", "null()", "null.a", "1(2)", "'a'()", "\uff4eull",
    "\uff53lice(1)", "OrderedDict(\xe9=1)", "nul\u0131", "$x", "`1`", "1 <> 2", "async", "True = 1",
]  # fmt: skip


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_nothing_is_evaluated(text):
    for whole in (text, f"[{text}]", f"{{1: {text}}}", f"slice({text})", f"OrderedDict(a={text})"):
        with pytest.raises(REFUSED):
            pyon_v1.decode(whole)
    with pytest.raises(json.JSONDecodeError):
        pyon.decode(text)
    assert pyon_v1.decode("[null, true, slice(1)]") == [None, True, slice(1)]


def test_the_words_of_python_are_no_values():
    words = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins)}
    for word in words - {"None", "True", "False", "slice"}:
        for text in (word, f"{word}()", f"[{word} 1]", f"1 {word} 2", f"{word}: 1"):
            with pytest.raises((SyntaxError, NameError)):
                pyon_v1.decode(text)


LIMIT = """
import resource, sys
def limit_memory(size):  # bytes besides those that are mapped: a free-threaded Python reserves 1 GiB when it starts
    with open("/proc/self/statm") as file:
        size += int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
"""
limits_memory = pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="needs Linux")

LIMITED = LIMIT + """
from fastpyon import pyon, pyon_v1
limit_memory(1 << 30)
resource.setrlimit(resource.RLIMIT_CPU, (30, 30))
try:
    [0] * 10**9
except MemoryError:
    pass  # the limit works
else:
    sys.exit("no limit")
for text in eval(sys.stdin.read()):
    for decode in (pyon.decode, pyon_v1.decode):
        try:
            decode(text)
        except MemoryError:
            sys.exit(f"no memory for {text[:80]!r}")
        except Exception:
            pass
        else:
            if len(text) < 10**6:
                sys.exit(f"accepted {text[:80]!r}")
    assert pyon.decode("[1]") == pyon_v1.decode("[1]") == [1]
print("done")
"""
MANY = 1_000_000
LONG = [
    "[" * MANY, "(" * MANY, "{1:" * MANY, '{"a":' * MANY, "slice(" * MANY, "[" * MANY + "]" * MANY,
    "-" * MANY, "'" * MANY, '"' + "\\" * MANY, "0x" * MANY, "1_" * MANY,
    "'\\N{" + "A" * MANY + "}'", "#" * MANY, "\\\n" * MANY, "nparray(" * MANY,
    '{"__jsonclass__":[' * MANY, "1+" * MANY, ".1" * MANY, "1e" + "9" * MANY + "x",
    "b''" * MANY + "''", "1" * MANY, "[1,", '["a' + "\\ud800" * MANY, "'''" + "\r" * MANY,
]  # fmt: skip


@limits_memory
def test_memory_and_time_stay_bounded(true_memory):
    process = subprocess.run(
        [sys.executable, "-c", LIMITED],
        input=repr(EXPRESSIONS + LONG),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    assert process.stdout == "done\n"


ESTIMATED = LIMIT + """
from fastpyon import pyon, pyon_v1, stream
values = [[long] * 128 + [short] * 2_000_000 for long, short in [("x" * 28, ""), (1 / 3, 1), ([1.5] * 6, 1)]]
limit_memory(48 << 20)
for x in values:
    for module in (pyon, pyon_v1):
        assert len(module.encode(x)) < 9_000_000
        text = stream.encode(x, module)
        assert len(text) < 9_000_000 and text[:400].decode() == module.encode(x[:200])[:400]
print("done")
"""


@limits_memory
def test_room_that_is_only_expected_need_not_be_there(true_memory):
    """The first members of a list tell how long its text may become. The others may be shorter."""
    process = subprocess.run(
        [sys.executable, "-c", ESTIMATED], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600
    )
    assert process.stdout == "done\n"


# ---- Depth ----


@pytest.mark.parametrize(
    "start, end",
    [("[", "]"), ("(", ")"), ("{1:", "}"), ("slice(", ")"), ("[(", ")]"), ("Fraction(", ")")],
)
def test_deep_v1_texts_are_refused(start, end):
    for text in (start * 100_000, start * 100_000 + end * 100_000, start * 201 + "1" + end * 201):
        with pytest.raises(SyntaxError):
            pyon_v1.decode(text)
    assert pyon_v1.decode("[" * 200 + "]" * 200)


TAGGED = '{"__jsonclass__":["set",['


@pytest.mark.parametrize(
    "start, end", [("[", "]"), ('{"a":', "}"), (TAGGED, "]]}"), ('[{"a":', "}]")]
)
def test_deep_v2_texts_are_a_recursion_error(start, end):
    for text in (start * 100_000, start * 100_000 + "1" + end * 100_000, start * 10_001):
        with pytest.raises(RecursionError):
            pyon.decode(text)
    assert pyon.decode("[[1]]") == [[1]]


def test_v2_texts_may_be_10000_deep():
    value = pyon.decode("[" * 10_000 + "]" * 10_000)
    depth = 0
    while value:
        value, depth = value[0], depth + 1
    assert depth == 9_999
    with pytest.raises(RecursionError):
        pyon.decode("[" * 10_001 + "]" * 10_001)


@pytest.mark.parametrize("kind", ["list", "tuple", "dict", "intdict", "od"])
@pytest.mark.parametrize("pretty", [False, True])
def test_deep_and_endless_values_are_a_recursion_error(dialect, kind, pretty):
    for x in (nest(kind, 100_000), loop(kind)):
        with pytest.raises(RecursionError):
            dialect.encode(x, pretty)
    assert dialect.encode([1]) == "[1]"
    x = nest(kind, 60)
    assert dialect.decode(dialect.encode(x, pretty)) == x


@pytest.mark.parametrize("kind", ["list", "tuple", "dict", "intdict", "od"])
@pytest.mark.parametrize("pretty", [False, True])
def test_endless_values_are_noticed_before_they_are_long(dialect, kind, pretty):
    """Not as many rounds as there are levels: the text of a large one would fill the memory."""
    x, large = loop(kind), [0.5] * 1000
    if kind in ("list", "tuple"):
        (x if kind == "list" else x[0]).insert(0, large)
    else:
        itself = x.popitem()
        x.update([("", large), itself])
    for size in (100, 65536):
        pieces = stream.iterencode(x, dialect, pretty, size)
        with pytest.raises(RecursionError):
            while True:
                next(pieces)
        assert pieces.written < 1_000_000
    with pytest.raises(RecursionError):
        dialect.encode(x, pretty)


def test_what_is_met_again_is_not_endless(dialect):
    """At any depth, beside or below where it was, with any pauses."""
    shared = [1.5, "x"]
    x = [shared, [shared], [[shared], shared], [[[shared]]], ([[[shared]]],), {"a": shared, "b": [shared]}]
    for _ in range(3):
        x = [x, {"c": x}, [[x]]]
    text = dialect.encode(x)
    for size in range(1, 400, 7):
        assert b"".join(stream.iterencode(x, dialect, False, size)).decode() == text


ENDLESS = LIMIT + """
sys.path.insert(0, sys.argv[1])
from depth import loop, nest
from fastpyon import pyon, pyon_v1
limit_memory(1 << 29)
for module in (pyon, pyon_v1):
    for kind in ("list", "tuple", "dict", "intdict", "od"):
        for x in (loop(kind), nest(kind, 100_000)):
            for pretty in (False, True):
                try:
                    module.encode(x, pretty)
                except RecursionError:
                    pass
                except MemoryError:
                    sys.exit(f"{module.__name__}: no memory for endless {kind}, pretty: {pretty}")
print("done")
"""


@limits_memory
def test_endless_values_take_little_memory(python, true_memory):
    """Indentation grows with the square of the depth, so that has to be bounded."""
    assert python(ENDLESS, str(Path(__file__).resolve().parents[1] / "support")) == "done\n"


def test_endless_values_in_a_thread_with_its_own_stack():
    errors = []

    def run():
        for dialect in (pyon, pyon_v1):
            for x in (loop("list"), nest("dict", 50_000), nest("tuple", 50_000)):
                try:
                    dialect.encode(x)
                except RecursionError as e:
                    errors.append(e)
        try:
            pyon.decode("[" * 100_000)
        except RecursionError as e:
            errors.append(e)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert len(errors) == 7


def test_after_a_recursion_error_the_depth_is_what_it_was(dialect):
    """Each failure must give back the levels that it has taken."""
    endless = loop("list")
    for _ in range(sys.getrecursionlimit()):
        with pytest.raises(RecursionError):
            dialect.encode(endless)
    x = nest("list", 90)
    assert dialect.decode(dialect.encode(x)) == x


def test_many_failures_inside_containers_give_back_their_depth(dialect):
    x = {"a": [({1: [object()]},)]}
    for _ in range(2 * sys.getrecursionlimit()):
        with pytest.raises(TypeError):
            dialect.encode(x)
    assert dialect.encode(nest("list", 90)).count("[") == 90


# ---- Odd contents ----


@pytest.mark.parametrize(
    "text", ["\0", "1\0", "[1,\0 2]", '"a\0b"', "'a\0b'", '{"a\0":1}', "\0" * 1000, "[1]\0garbage"]
)
def test_nuls_end_nothing(text):
    with pytest.raises(json.JSONDecodeError):
        pyon.decode(text)
    for kind in (text, text.encode()):
        with pytest.raises((ValueError, SyntaxError), match="null bytes"):
            pyon_v1.decode(kind)
    assert pyon.decode("[1]") == pyon_v1.decode("[1]") == [1]


def test_nuls_in_bytes_are_another_encoding_to_v2():
    assert pyon.decode(b"1\0") == 1
    for text in (b"1\0\0", b"[1,\0 2]", b"\0\0\0\0", b"[1]\0garbage"):
        with pytest.raises(ValueError):
            pyon.decode(text)


def test_escaped_nuls_are_characters(dialect):
    assert dialect.decode(dialect.encode({"a\0b": "\0"})) == {"a\0b": "\0"}


@pytest.mark.parametrize(
    "text", ["\ud800", "a\udfff", "\udc00\ud800", "\ud83d\ude00", "é\ud800\U0001f600"]
)
def test_surrogates_survive_unless_they_are_a_pair(text):
    for x in (text, [text], {text: [text]}):
        joined = json.loads(json.dumps(x))
        assert pyon.encode(x).isascii() and pyon.decode(pyon.encode(x)) == joined
        assert pyon_v1.encode(x).isascii()
        if "\U0001f600" not in text:
            assert pyon_v1.decode(pyon_v1.encode(x)) == x
    assert pyon.decode(f'"{text}"') == text


def test_huge_integers_are_refused_without_converting_them():
    digits = "9" * 1_000_000
    for decode in (pyon.decode, pyon_v1.decode):
        for text in (digits, f"[-{digits}]", f"{digits}x"):
            with pytest.raises((ValueError, SyntaxError)):
                decode(text)
    for encode in (pyon.encode, pyon_v1.encode):
        with pytest.raises(ValueError):
            encode(1 << 4_000_000)


def test_huge_exponents_are_floats(dialect):
    many = "9" * 30
    assert dialect.decode(f"[1e{many}, -1e{many}]") == [float("inf"), -float("inf")]
    assert dialect.decode(f"[1e-{many}, 0e{many}]") == [0.0, 0.0]
    assert dialect.decode("0." + "0" * 100_000 + "1e100001") == 1.0
    assert dialect.decode("1" + "0" * 100_000 + ".0e-100000") == 1.0


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_cut_off_texts_with_payloads(cut):
    pytest.importorskip("numpy")
    for text, decode in (
        ("nparray((2, ), \"<f8\", b\"AAAAAAAA8D8AAAAAAADwPw==\")", pyon_v1.decode),
        ('{"__jsonclass__":["nparray",[[2],"<f8","AAAAAAAA8D8AAAAAAADwPw=="]]}', pyon.decode),
    ):  # fmt: skip
        assert (decode(text) == 1.0).all()
        with pytest.raises((SyntaxError, ValueError, NameError)):
            decode(text[:-cut])
        start = text.index("AAAA")
        if cut < 24:
            with pytest.raises(ValueError):
                decode(text[:start] + text[start + cut :])


@pytest.mark.parametrize(
    "shape, dtype",
    [
        ((2**62, 2), "u1"), ((10**9, 10**9), "<f8"), ((2**63,), "u1"), ((1,), "V99999999999"),
        ((1,), "(999999,999999)f8"), ((1,), "S9999999999"), ((1,), "O"), ((1,), "i4,O"),
        ((0,), "O"), ((1,), "<f8\0"), ((1,), "\ud800"), ((1,), "i4" + ",i4" * 5000),
        ((1,) * 1000, "u1"),
    ],
    ids=range(13),
)  # fmt: skip
def test_lies_about_arrays(shape, dtype):
    pytest.importorskip("numpy")
    as_json = json.dumps([list(shape), dtype, "AA=="])
    with pytest.raises((ValueError, TypeError, OverflowError, MemoryError, SyntaxError)):
        pyon.decode(f'{{"__jsonclass__":["nparray",{as_json}]}}')
    with pytest.raises((ValueError, TypeError, OverflowError, MemoryError, SyntaxError)):
        pyon_v1.decode(f"nparray({shape!r}, {json.dumps(dtype)}, b'AA==')")
    assert pyon.decode('{"__jsonclass__":["nparray",[[1],"u1","AA=="]]}').tolist() == [0]


def test_methods_that_lie_about_their_container():
    class Liar(list):
        def __len__(self):
            return 10**9

        def __getitem__(self, i):
            return object()

    class Growing(dict):
        def keys(self):
            return ["a"] * 5

        def __len__(self):
            return 0

    assert pyon.encode([Liar([1, 2])]) == "[[1,2]]"
    assert pyon.encode(Growing(a=1, b=2)) == '{"a":1,"b":2}'
    for bad in ([1, 2, 3], [()], [1], "ab", None):
        kind = type("Bad", (dict,), {"items": lambda self, bad=bad: bad})
        with pytest.raises((TypeError, ValueError)):
            pyon.encode(kind(a=1))


def test_objects_that_raise_wherever_they_are_touched(dialect):
    class Thorny:
        def __getattribute__(self, name):
            raise LookupError(name)

        def __repr__(self):
            raise LookupError("repr")

        def __hash__(self):
            return 1

    for x in (Thorny(), [Thorny()], {Thorny(): 1}, (Thorny(),)):
        with pytest.raises(LookupError):
            dialect.encode(x)
    assert dialect.encode([1]) == "[1]"
