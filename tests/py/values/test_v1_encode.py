"""encode of PYON v1: the text of every type, the pretty layout, and values that are refused."""

import enum
import json
import sys
from collections import Counter, OrderedDict, defaultdict, namedtuple
from decimal import Decimal
from fractions import Fraction

import pytest

from fastpyon.pyon_v1 import encode
from generate import SubDict, SubFloat, SubInt, SubList, SubStr, SubTuple

inf, nan = float("inf"), float("nan")


@pytest.mark.parametrize("x, text", [(None, "null"), (True, "true"), (False, "false")])
def test_constants(x, text):
    assert encode(x) == text


@pytest.mark.parametrize(
    "x", [0, -1, 7, 10, 99, 100, 2**31, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64, 10**4000]
)
def test_integers_are_decimal(x):
    assert encode(x) == str(x)


def test_integers_with_too_many_digits_are_a_value_error():
    limit = sys.get_int_max_str_digits()
    assert encode(10 ** (limit - 1)) == "1" + "0" * (limit - 1)
    for x in (10**limit, Fraction(1, 10**limit), slice(10**limit)):
        with pytest.raises(ValueError, match="Exceeds the limit"):
            encode([x])


@pytest.mark.parametrize(
    "x",
    [
        0.0, -0.0, 1.0, 0.1, 1e-5, 1e-4, 1e15, 1e16, 123456789012345680.0, 5e-324,
        1.7976931348623157e308, 2.2250738585072014e-308, 1 / 3, 1e22, 1e23, 9007199254740993.0,
        100.0, 1e100,
    ],
)  # fmt: skip
@pytest.mark.parametrize("sign", [1, -1])
def test_floats_are_their_repr(x, sign):
    assert encode(sign * x) == repr(sign * x)


def test_floats_near_every_power_of_ten_and_two():
    for exponent in range(-323, 309):
        x = float(f"1e{exponent}")
        for y in (x, x * (1 + 2**-52), x * (1 - 2**-53), x * 3, x * 7.7):
            assert encode(y) == repr(y)
    for exponent in range(-1074, 1024):
        x = 2.0**exponent
        for y in (x, x * (1 + 2**-52), x * (1 - 2**-53)):
            assert encode(y) == repr(y)


def test_floats_that_are_no_numbers():
    assert encode([inf, -inf, nan, -nan]) == "[inf, -inf, nan, nan]"


@pytest.mark.parametrize("real", [0.0, -0.0, 1.0, -1.0, 1.5, 1e16, 1e-7, inf, -inf, nan])
@pytest.mark.parametrize("imaginary", [0.0, -0.0, 1.0, -1.0, -2.25, 1e-7, 1e22, inf, -inf, nan])
def test_complex_numbers_are_their_repr(real, imaginary):
    assert encode(complex(real, imaginary)) == repr(complex(real, imaginary))


def test_every_character_alone_and_between_others():
    for code in [*range(0x300), *range(0xD7F0, 0xE010), 0xFFFD, 0xFFFF, 0x10000, 0x1F600, 0x10FFFF]:
        for text in (chr(code), f"ab{chr(code)}c", chr(code) * 40):
            assert encode(text) == json.dumps(text)


@pytest.mark.parametrize("length", range(70))
def test_strings_of_every_length_with_an_escape_anywhere(length):
    assert encode("a" * length) == f'"{"a" * length}"'
    for i in range(length):
        for character in '"\\\n\x7f\x80é\u20ac\U0001f600':
            text = "a" * i + character + "b" * (length - i - 1)
            assert encode(text) == json.dumps(text)


@pytest.mark.parametrize("quotes", [b"", b"'", b'"', b"'\"", b"\"''\""])
def test_bytes_are_their_repr(quotes):
    for code in range(256):
        for x in (bytes([code]) + quotes, b"ab" + quotes + bytes([code]) * 3):
            assert encode(x) == repr(x)


@pytest.mark.parametrize(
    "x, text",
    [
        ((), "()"), ((1,), "(1, )"), ((1, 2), "(1, 2)"), (((),), "((), )"), ([], "[]"),
        ([1], "[1]"), ([1, [2]], "[1, [2]]"), (set(), "{}"), ({1}, "{1}"), ({}, "{}"),
        ({(1,): ()}, "{(1, ): ()}"), ({"b": 1, 2: None, "a": 1j}, '{"b": 1, 2: null, "a": 1j}'),
        (OrderedDict(), "OrderedDict([])"),
        (OrderedDict([("a", 1), (2, [])]), 'OrderedDict([("a", 1), (2, [])])'),
        (Fraction(-1, 3), "Fraction(-1, 3)"), (Fraction(2**70, 3), f"Fraction({2**70}, 3)"),
    ],
)  # fmt: skip
def test_containers(x, text):
    assert encode(x) == text


def test_sets_are_written_in_the_order_of_iteration():
    x = {"b", "a", "c", 1.5, 7, b"x"}
    assert encode(x) == "{" + ", ".join(encode(member) for member in x) + "}"


@pytest.mark.parametrize(
    "x",
    [
        slice(None), slice(1), slice(1, 2, 3), slice("é", b"x", [1]), slice(set(), 1.0, int),
        slice(slice(1), "\u20ac", "'"), slice("\n", "\U0001f600"), slice(Ellipsis, Decimal(1)),
    ],
)  # fmt: skip
def test_slices_are_their_repr_whatever_is_in_them(x):
    for around in (lambda x: x, lambda x: [x, 1], lambda x: {"a": (x,), "b": {1: x, 2: 3}}):
        text = encode(around(x))
        assert text == encode(around(0)).replace("0", repr(x))
    assert encode({"b": x, "a": 1}, True) == '{\n    "a": 1,\n    "b": ' + repr(x) + "\n}"


# ---- The pretty layout ----


@pytest.mark.parametrize(
    "x, lines",
    [
        ({}, ["{}"]),
        ({"a": 1}, ['{"a": 1}']),
        ({"b": 1, "a": 2}, ["{", '    "a": 2,', '    "b": 1', "}"]),
        ({"b": 1, 1: 2}, ["{", '    "b": 1,', "    1: 2", "}"]),
        ({"a": {"b": {"d": 2, "e": 1}}}, ['{"a": {"b": {', '    "d": 2,', '    "e": 1', "}}}"]),
        (
            [{"b": 1, "a": 2}, [{"d": 1, "c": 2}]],
            ["[{", '    "a": 2,', '    "b": 1', "}, [{", '    "c": 2,', '    "d": 1', "}]]"],
        ),
        (
            {"x": {"y": 1, "z": ({1: 2, 3: 4},)}, "y": []},
            ["{", '    "x": {', '        "y": 1,', '        "z": ({', "            1: 2,"]
            + ["            3: 4", "        }, )", "    },", '    "y": []', "}"],
        ),
        (
            OrderedDict([("b", {"y": 1, "x": 2}), ("a", 1)]),
            ['OrderedDict([("b", {', '    "x": 2,', '    "y": 1', '}), ("a", 1)])'],
        ),
        ([1, (2, {3})], ["[1, (2, {3})]"]),
    ],
)  # fmt: skip
def test_pretty_gives_dicts_of_two_and_more_a_line_for_each_item(x, lines):
    assert encode(x, True) == "\n".join(lines)


def test_pretty_sorts_str_keys_by_code_point():
    keys = ["\U0001f600", "\uffff", "é", "ab", "a b", "a", "_", "C", ""]
    text = encode(dict.fromkeys(keys), pretty=True)
    assert [json.loads(line.strip().split(": ")[0]) for line in text.split("\n")[1:-1]] == keys[
        ::-1
    ]


def test_pretty_keeps_the_order_of_other_keys_and_of_what_is_no_dict():
    x = {"z": 1, None: 2, "a": 3}
    lines = encode(x, True).split("\n")[1:-1]
    assert [line.split(": ")[0].strip() for line in lines] == ['"z"', "null", '"a"']
    assert encode(OrderedDict(z=1, a=2), True) == 'OrderedDict([("z", 1), ("a", 2)])'


def test_pretty_asks_keys_for_their_class():
    class Raises:
        @property
        def __class__(self):
            raise ZeroDivisionError

    class Liar(int):
        __class__ = str

        def __lt__(self, other):
            raise LookupError

    encode({Fraction(1, 2): 1, (): 2}, True)
    with pytest.raises(TypeError):
        encode({Raises(): 1})
    with pytest.raises(ZeroDivisionError):
        encode({"a": 1, Raises(): 1}, True)
    with pytest.raises(LookupError):
        encode({"a": 1, Liar(): 1}, True)


def test_pretty_may_be_anything_with_a_truth():
    x = {"b": 1, "a": 2}
    for true in (1, "x", [0], 0.5, object()):
        assert encode(x, true) == encode(x, pretty=true) == encode(x, True)
    for false in (0, "", [], None, 0.0):
        assert encode(x, false) == encode(x, pretty=false) == encode(x)


def test_an_exception_of_its_truth_comes_out():
    class Undecided:
        def __bool__(self):
            raise LookupError("undecided")

    with pytest.raises(LookupError, match="undecided"):
        encode({"a": 1, "b": 2}, Undecided())


# ---- Values that are refused ----

Pair = namedtuple("Pair", "a b")


@pytest.mark.parametrize(
    "x",
    [
        SubInt(1), SubFloat(1), SubStr("a"), SubList(), SubTuple(), SubDict(a=1), Pair(1, 2),
        enum.IntEnum("E", "A").A, enum.IntFlag("F", "A").A, defaultdict(int), Counter("a"),
        frozenset(), bytearray(b"a"), memoryview(b"a"), range(3), Ellipsis, NotImplemented, int,
        len, Decimal(1), object(), type("SubFraction", (Fraction,), {})(1, 2),
        type("SubOrderedDict", (OrderedDict,), {})(a=1), type("SubSet", (set,), {})(),
        type("SubBytes", (bytes,), {})(b"a"), type("SubComplex", (complex,), {})(1),
        (i for i in ()),
    ],
    ids=lambda x: type(x).__name__,
)  # fmt: skip
def test_other_types_and_subclasses_are_refused(x):
    message = f"`{x!r}` ({type(x)}) is not PYON serializable"
    for whole in (x, [1, x], (x,), {"a": {1: x}}, OrderedDict(a=x), {"b": 1, "a": x}):
        for pretty in (False, True):
            with pytest.raises(TypeError) as caught:
                encode(whole, pretty)
            assert str(caught.value) == message
            assert caught.value.__cause__ is None and caught.value.__context__ is None


def test_keys_are_values_like_others():
    with pytest.raises(TypeError, match="^`frozenset"):
        encode({frozenset(): 1})
    with pytest.raises(TypeError, match="^`'a'` .*SubStr"):
        encode({SubStr("a"): 1, "b": 2}, True)


def test_the_exception_of_a_repr_comes_out():
    class Silent:
        def __repr__(self):
            raise ZeroDivisionError("silent")

    for x in (Silent(), [Silent()], slice(Silent())):
        with pytest.raises(ZeroDivisionError, match="silent"):
            encode(x)


def test_a_refusal_of_what_holds_the_slice_is_the_one_of_python():
    with pytest.raises(TypeError, match="^`frozenset"):
        encode([slice("é"), frozenset()])


def test_the_text_is_a_plain_str_in_ascii():
    text = encode({"é": "\U0001f600", b"\xff": "\ud800"})
    assert type(text) is str and text.isascii()
