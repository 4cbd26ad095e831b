"""Rules for all values and texts, tried with those that hypothesis makes."""

import ast
import json
import math
import string
import warnings
from collections import OrderedDict
from fractions import Fraction

import pytest

pytest.importorskip("hypothesis")

from hypothesis import assume, example, given
from hypothesis import strategies as st

from describe import describe
from fastpyon import pyon, pyon_v1
from outcomes import is_plain

# ---- Values ----

ANY_TEXT = st.text(st.characters(codec=None))
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
# In v1, characters above U+FFFF come back as two surrogates.
V1_TEXT = st.text(st.characters(max_codepoint=0xFFFF))
# Zeros lose their sign in some places of v1, and imaginary infinities cannot be read.
V1_COMPLEX = st.complex_numbers(allow_nan=False, allow_infinity=False).filter(
    lambda x: x.real and x.imag and math.copysign(1, x.real) * math.copysign(1, x.imag)
)
INTEGERS = st.integers() | st.integers(-(10**300), 10**300)
CONSTANTS = st.none() | st.booleans()


def containers(scalars, keys):
    """Values of all types that both dialects keep, around these scalars."""
    hashable = st.recursive(keys, lambda x: st.lists(x, max_size=3).map(tuple), max_leaves=4)

    def around(x):
        return (
            st.lists(x, max_size=4)
            | st.lists(x, max_size=4).map(tuple)
            | st.dictionaries(hashable, x, max_size=4)
            | st.sets(hashable, min_size=1, max_size=4)
            | st.builds(slice, keys, keys, keys)
        )

    return st.recursive(scalars, around, max_leaves=20)


def numbers(complexes):
    return CONSTANTS | INTEGERS | st.floats() | complexes | st.fractions()


V2_SCALARS = numbers(st.complex_numbers()) | TEXT | st.binary()
V2_KEYS = CONSTANTS | INTEGERS | st.floats(allow_nan=False) | TEXT | st.binary()
V1_SCALARS = numbers(V1_COMPLEX) | V1_TEXT | st.binary()
V1_KEYS = (
    CONSTANTS | INTEGERS | st.floats(allow_nan=False, allow_infinity=False) | V1_TEXT | st.binary()
)
V1_VALUES = containers(V1_SCALARS, V1_KEYS)
V2_VALUES = containers(V2_SCALARS, V2_KEYS).filter(lambda x: "__jsonclass__" not in describe(x))
JSON = st.recursive(
    CONSTANTS | INTEGERS | st.floats() | ANY_TEXT,
    lambda x: st.lists(x, max_size=5) | st.dictionaries(ANY_TEXT, x, max_size=5),
    max_leaves=30,
)


@given(V1_VALUES)
def test_v1_gives_back_what_it_was_given(x):
    text = pyon_v1.encode(x)
    assert describe(pyon_v1.decode(text)) == describe(x)
    assert text.isascii() or "slice" in text
    assert "\n" not in text


@given(V2_VALUES)
def test_v2_gives_back_what_it_was_given(x):
    text = pyon.encode(x)
    assert describe(pyon.decode(text)) == describe(x)
    assert describe(pyon.decode(text.encode())) == describe(x)
    assert text.isascii() and "\n" not in text


@given(V1_VALUES)
def test_the_pretty_layout_of_v1_says_the_same(x):
    pretty, compact = (pyon_v1.decode(pyon_v1.encode(x, layout)) for layout in (True, False))
    assert without_order(pretty) == without_order(compact)


def without_order(x):
    """The description of a value in which dicts are sorted."""
    return "".join(sorted(describe(x)))


@given(V2_VALUES)
def test_the_pretty_layout_of_v2_says_the_same(x):
    assert describe(pyon.decode(pyon.encode(x, True))) == describe(pyon.decode(pyon.encode(x)))


@given(V2_VALUES)
def test_v2_texts_are_json(x):
    text = pyon.encode(x)
    assert json.dumps(json.loads(text), separators=(",", ":")) == text
    assert json.dumps(json.loads(text), indent=4) == pyon.encode(x, True)


@given(V2_VALUES)
def test_encoding_again_gives_the_same_text(x):
    text = pyon.encode(x)
    assume("set" not in text)  # their order may change
    assert pyon.encode(pyon.decode(text)) == text


@given(st.lists(st.tuples(V1_KEYS, V1_SCALARS), max_size=5))
def test_ordered_dicts_keep_their_order_in_v1_and_become_dicts_in_v2(items):
    x = OrderedDict(items)
    assert describe(pyon_v1.decode(pyon_v1.encode(x))) == describe(x)
    if "__jsonclass__" not in x:
        y = pyon.decode(pyon.encode(x))
        assert type(y) is dict and list(map(describe, y)) == list(map(describe, x))


@given(JSON)
def test_json_is_written_and_read_as_json_does(x):
    assume("__jsonclass__" not in json.dumps(x))
    text = json.dumps(x, separators=(",", ":"))
    assert pyon.encode(x) == text
    assert pyon.encode(x, True) == json.dumps(x, indent=4)
    for other in (text, json.dumps(x, indent=1), json.dumps(x, ensure_ascii=False)):
        assert describe(pyon.decode(other)) == describe(json.loads(other))


@given(ANY_TEXT)
def test_any_text_is_read_or_refused_as_json_does(text):
    try:
        wanted = describe(json.loads(text))
    except json.JSONDecodeError as e:
        with pytest.raises(json.JSONDecodeError) as caught:
            pyon.decode(text)
        assert str(caught.value) == str(e)
    else:
        assert describe(pyon.decode(text)) == wanted


@given(st.binary())
def test_any_bytes_are_read_or_refused_as_json_does(data):
    try:
        wanted = describe(json.loads(data))
    except ValueError as e:
        with pytest.raises(type(e)) as caught:
            pyon.decode(data)
        assert str(caught.value) == str(e)
    else:
        assert describe(pyon.decode(data)) == wanted


@given(st.binary(max_size=300))
def test_bytes_come_back(data):
    for module in (pyon, pyon_v1):
        assert module.decode(module.encode({"x": [data]}))["x"] == [data]


@given(st.floats())
@example(5e-324)
@example(-0.0)
@example(2.2250738585072011e-308)
def test_floats_come_back_and_are_written_as_python_writes_them(x):
    assert pyon_v1.encode(x) == repr(x)
    for module in (pyon, pyon_v1):
        assert describe(module.decode(module.encode(x))) == describe(x)


@given(st.from_regex(r"[0-9]{1,40}(\.[0-9]{0,40})?([eE][+-]?[0-9]{1,4})?", fullmatch=True))
@example("9007199254740993")
@example("1.00000000000000011102230246251565404236316680908203125")
@example("2.4703282292062327208e-324")
@example("179769313486231580793728971405303415079934132710037826936173778980444968292764.0e231")
def test_decimals_are_read_as_python_reads_them(text):
    try:
        wanted = describe(ast.literal_eval(text))
    except (SyntaxError, ValueError):
        with pytest.raises(SyntaxError):
            pyon_v1.decode(text)
    else:
        assert describe(pyon_v1.decode(text)) == wanted
    try:
        wanted = describe(json.loads(text))
    except ValueError:
        with pytest.raises(ValueError):
            pyon.decode(text)
    else:
        assert describe(pyon.decode(text)) == wanted


# ---- Literals of Python ----


def spelled(digits, prefix=""):
    """Digits with an underscore here and there."""
    return st.lists(st.text(digits, min_size=1, max_size=8), min_size=1, max_size=4).map(
        lambda parts: prefix + "_".join(parts)
    )


DECIMAL = spelled("0123456789")
NUMBER = st.one_of(
    spelled("123456789"), st.sampled_from(["0", "00", "0_0"]), spelled(string.hexdigits, "0x"),
    spelled("01234567", "0o"),
    spelled("01", "0B"), st.builds("{}.{}".format, DECIMAL, DECIMAL | st.just("")),
    st.builds(".{}".format, DECIMAL),
    st.builds("{}e{}{}".format, DECIMAL, st.sampled_from(["", "+", "-"]), st.integers(0, 400)),
    st.builds("{}.{}j".format, DECIMAL, DECIMAL),
)  # fmt: skip
SIGNED = st.builds("{}{}".format, st.sampled_from(["", "-", "+", "- "]), NUMBER)
COMPLEX = st.builds("{} {}{}j".format, SIGNED, st.sampled_from("+-"), DECIMAL)

ESCAPES = [
    "\\n", "\\\\", "\\'", '\\"', "\\x41", "\\xff", "\\7", "\\377", "\\\n", "\\u20ac", "\\U0001f600",
    "\\N{BULLET}", "\\ud800", "\\d", "\n", "é", "\u20ac", "\U0001f600", "'", '"', "{}", "\t", "%s",
    "\\",
]  # fmt: skip
BODY = st.lists(st.sampled_from(ESCAPES) | st.text(string.printable, max_size=4), max_size=6).map(
    "".join
)
STRING = st.builds(
    lambda prefix, quote, body: prefix + quote + body + quote,
    st.sampled_from(["", "r", "R", "u", "U", "b", "B", "br", "rB", "Rb", "BR"]),
    st.sampled_from(["'", '"', "'''", '"""']),
    BODY,
)
ATOM = (
    st.sampled_from(["None", "True", "False"])
    | SIGNED
    | COMPLEX
    | STRING
    | st.lists(STRING, min_size=2, max_size=3).map(" ".join)
)
BLANK = st.sampled_from(["", "", "", " ", "\t", "\n", "\f", "\\\n", "#'\n", "\r\n"])


def displays(x):
    def joined(start, end, members, comma, blank):
        return start + blank + f"{blank},".join(members) + (comma if members else "") + end

    pairs = st.lists(st.builds("{} : {}".format, x, x), max_size=3)
    return st.one_of(
        st.builds(
            joined,
            st.just("["),
            st.just("]"),
            st.lists(x, max_size=4),
            st.sampled_from(["", ",", " , "]),
            BLANK,
        ),
        st.builds(
            joined,
            st.just("("),
            st.just(")"),
            st.lists(x, max_size=4),
            st.sampled_from(["", ",", " , "]),
            BLANK,
        ),
        st.builds(
            joined,
            st.just("{"),
            st.just("}"),
            st.lists(x, max_size=4),
            st.sampled_from(["", ","]),
            BLANK,
        ),
        st.builds(joined, st.just("{"), st.just("}"), pairs, st.sampled_from(["", ","]), BLANK),
    )


@given(st.recursive(ATOM, displays, max_leaves=8))
def test_literals_are_read_as_python_reads_them(text):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            wanted = ast.literal_eval(text)
        except (SyntaxError, ValueError, TypeError, MemoryError) as error:
            if not (type(error) is ValueError and "\0" not in text and is_plain(text)):
                with pytest.raises((SyntaxError, ValueError, TypeError, NameError)):
                    pyon_v1.decode(text)
                return
            try:
                wanted = eval(text)  # arithmetic that it does not know
            except TypeError:  # a list in a set
                with pytest.raises(TypeError):
                    pyon_v1.decode(text)
                return
    assert describe(pyon_v1.decode(text)) == describe(wanted)


@given(V1_VALUES)
def test_the_repr_of_python_can_be_read(x):
    text = repr(x)
    assume("\ud800" > max(text, default=""))
    assert without_order(pyon_v1.decode(text)) == without_order(x)


@given(st.fractions(), st.integers(), st.integers())
def test_calls_of_fractions_are_those_of_python(x, numerator, denominator):
    assert pyon_v1.decode(repr(x)) == pyon_v1.decode(f"Fraction('{x}')") == x
    assume(denominator)
    assert pyon_v1.decode(f"Fraction({numerator}, {denominator})") == Fraction(
        numerator, denominator
    )


@given(st.text(string.printable, max_size=40))
def test_any_text_is_read_or_refused_by_v1(text):
    try:
        wanted = ast.literal_eval(text.strip())
    except (SyntaxError, ValueError, TypeError, MemoryError):
        wanted = None
    try:
        value = pyon_v1.decode(text.strip())
    except (SyntaxError, NameError, ValueError, TypeError):
        assert wanted is None
    else:
        assert wanted is None or describe(value) == describe(wanted)
