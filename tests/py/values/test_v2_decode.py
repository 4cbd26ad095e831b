"""decode of PYON v2: what json reads, and what becomes of objects with "__jsonclass__"."""

import json
import math
from collections import OrderedDict
from fractions import Fraction

import pytest

from describe import describe
from fastpyon.pyon import decode, encode
from generate import Generator

inf, nan = float("inf"), float("nan")


def same(text, value):
    assert describe(decode(text)) == describe(value), text


@pytest.mark.parametrize(
    "text",
    [
        "null", "true", "false", "NaN", "Infinity", "-Infinity", "0", "-0", "-0.0", "1E5", "1e+05",
        "0.10", "-12.5e-3", "1e400", "-1e400", "1e-400", "5e-324", "2.4703282292062327e-324",
        "2.4703282292062328e-324", "9007199254740993.0", "123456789012345678901234567890",
        "-9223372036854775808", "-9223372036854775809", "9223372036854775807",
        "9223372036854775808", "1" * 4300, "0." + "0" * 400 + "1", "1" + "0" * 400 + ".0", '""',
        '"a"', '"\\u0041\\/\\b\\f\\n\\r\\t\\"\\\\"', '"\\ud83d\\ude00"', '"\\uD83D\\uDE00"',
        '"\\ud83d"', '"\\ude00\\ud83d"', '"\\ud83d\\u0041"', '"\\ud83d\\ud83d\\ude00"',
        '"é\u20ac\U0001f600"', '"\x7f\u2028"', '"\ud800"', '"\ud83d\ude00"', "[]", "[ ]", "[1]",
        "[1 , [2] ]", "{}", "{ }", '{"a":1}', '{ "a" : 1 , "a" : 2 }', '{"b":1,"a":{"":[]},"b":3}',
        " \t\r\n1\n ", '{"\\u00e9":"\\u00e9"}',
    ],
)  # fmt: skip
def test_json_is_read_as_json_reads_it(text):
    same(text, json.loads(text))


@pytest.mark.parametrize("seed", range(5))
def test_random_json_is_read_as_json_reads_it(seed):
    g = Generator(seed)
    for _ in range(800):
        text = g.json_text()
        same(text, json.loads(text))


@pytest.mark.parametrize("length", range(40))
def test_strings_of_every_length_with_anything_anywhere(length):
    for i in range(length):
        for piece in ("\\n", "\\u00e9", "\\ud83d\\ude00", "é", "\u20ac", "\U0001f600", "\x7f"):
            text = '["' + "a" * i + piece + "b" * (length - i) + '","c"]'
            same(text, json.loads(text))
            same(text.encode(), json.loads(text))


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"],
)
@pytest.mark.parametrize("kind", [bytes, bytearray, type("SubBytes", (bytes,), {})])
def test_bytes_in_all_encodings_of_unicode(encoding, kind):
    for text in ('["é", 1]', "12", '{"a": "\U0001f600"}'):
        same(kind(text.encode(encoding)), json.loads(text))


def test_bytes_may_hold_surrogates():
    same(b'"\xed\xa0\x80"', "\ud800")


def test_a_single_digit_in_two_bytes():
    same(b"1\x00", 1)
    same(b"\x001", 1)


def test_texts_may_be_of_a_subclass():
    same(type("SubStr", (str,), {})('{"é": 1}'), {"é": 1})


def test_a_bytearray_can_be_changed_afterwards():
    text = bytearray(b'["abc"]')
    value = decode(text)
    text[2:5] = b"xyz"
    text.clear()
    assert value == ["abc"]


# ---- Classes ----

TAG = '{"__jsonclass__":%s}'


@pytest.mark.parametrize(
    "whole, value",
    [
        ('["tuple", [[1, [2]]]]', (1, [2])), ('["tuple", []]', ()),
        ('["tuple", ["ab"]]', ("a", "b")), ('["set", [[1, 1.0, 2]]]', {1, 2}),
        ('["set", []]', set()), ('["set", ["aa"]]', {"a"}),
        ('["dict", [[[1, 2], ["a", null]]]]', {1: 2, "a": None}), ('["dict", []]', {}),
        ('["dict", [["ab"]]]', {"a": "b"}), ('["dict", [{"a": 1}]]', {"a": 1}),
        ('["dict", [[["__jsonclass__", 2]]]]', {"__jsonclass__": 2}),
        ('["dict", [[[1, 2], [1.0, 3]]]]', {1: 3}), ('["complex", [1.0, -0.0]]', complex(1, -0.0)),
        ('["complex", [NaN, -Infinity]]', complex(nan, -inf)), ('["complex", ["1+2j"]]', 1 + 2j),
        ('["complex", []]', 0j), ('["complex", [1]]', complex(1)), ('["complex", [1, 2]]', 1 + 2j),
        ('["bytes", ["YWI="]]', b"ab"), ('["bytes", [""]]', b""),
        ('["slice", [null, 1, null]]', slice(1)), ('["slice", [1]]', slice(1)),
        ('["slice", [[1], {"a": 2}]]', slice([1], {"a": 2})),
        ('["Fraction", [2, 6]]', Fraction(1, 3)), ('["Fraction", ["1/3"]]', Fraction(1, 3)),
        ('["Fraction", [0.5]]', Fraction(1, 2)), ('["Fraction", []]', Fraction(0)),
        ('["OrderedDict", [[[1, 2], ["a", []]]]]', OrderedDict({1: 2, "a": []})),
        ('["OrderedDict", []]', OrderedDict()), ('["OrderedDict", [{"a": 1}]]', OrderedDict(a=1)),
    ],
)  # fmt: skip
def test_the_constructors_are_those_of_python(whole, value):
    same(TAG % whole, value)
    same(f'[0, {{"a": {TAG % whole}}}]', [0, {"a": value}])
    same(json.dumps(json.loads(TAG % whole), indent=4), value)
    same(f'{{"x": [1], "__jsonclass__": {whole}}}', value)
    same(f'{{"__jsonclass__": {whole}, "x": {{}}}}', value)
    same(f'{{"__jsonclass__": {whole}, "__jsonclass__": {whole}}}', value)


def test_arguments_may_be_any_iterable():
    same(TAG % '["tuple", "a"]', ("a",))
    same(TAG % '["tuple", {"a": 1}]', ("a",))
    same(TAG % ('["slice", %s]' % (TAG % '["tuple", [[1, 2, 3]]]')), slice(1, 2, 3))


def test_the_pair_may_be_any_iterable_of_two():
    same('{"__jsonclass__": {"tuple": 1, "x": 2}}', ("x",))
    same(TAG % (TAG % '["tuple", [["set", [[1]]]]]'), {1})
    same(TAG % (TAG % '["tuple", [["set", []]]]'), set())


def test_other_members_are_read_and_forgotten():
    same('{"a": 1, "__jsonclass__": ["tuple", [[1]]], "b": {}}', (1,))
    with pytest.raises(TypeError, match="`unknown`"):
        decode('{"a": {"__jsonclass__": ["unknown", []]}, "__jsonclass__": ["tuple", [[1]]]}')


def test_of_repeated_keys_the_last_counts():
    same('{"__jsonclass__": 1, "__jsonclass__": ["tuple", [[1]]]}', (1,))
    same('{"__jsonclass__": ["tuple", [[1]]], "__jsonclass__": ["set", [[2]]]}', {2})
    with pytest.raises(TypeError):
        decode('{"__jsonclass__": ["tuple", [[1]]], "__jsonclass__": 1}')


def test_the_key_and_the_name_may_be_spelled_with_escapes():
    same('{"\\u005f_jsonclass__": ["t\\u0075ple", [[1]]]}', (1,))
    same('{"__jsonclass_": ["tuple", [[1]]]}', {"__jsonclass_": ["tuple", [[1]]]})


def test_classes_nest():
    value = {(1, (2, frozenset)[0]): [{3}, (b"x", {4: slice((5,), {6: 7})})]}
    same(encode(value), value)


@pytest.mark.parametrize(
    "whole, error, message",
    [
        ("null", TypeError, "cannot unpack non-iterable NoneType object"),
        ("1", TypeError, "cannot unpack non-iterable int object"),
        ("[]", ValueError, "not enough values to unpack (expected 2, got 0)"),
        ('["tuple"]', ValueError, "not enough values to unpack (expected 2, got 1)"),
        ('""', ValueError, "not enough values to unpack (expected 2, got 0)"),
        ('["tuple", [], 1]', ValueError, "too many values to unpack (expected 2"),
        ('"abc"', ValueError, "too many values to unpack (expected 2"),
        ('["foo", []]', TypeError, "Object of type `foo` is not PYON decodable"),
        ('["\\u00e9", [1, [2]]]', TypeError, "Object of type `é` is not PYON decodable"),
        ('"ab"', TypeError, "Object of type `a` is not PYON decodable"),
        ("[null, []]", TypeError, "Object of type `None` is not PYON decodable"),
        ("[1.5, []]", TypeError, "Object of type `1.5` is not PYON decodable"),
        ("[[], []]", TypeError, "unhashable type: 'list'"),
        ("[{}, []]", TypeError, "unhashable type: 'dict'"),
        ('["tuple", null]', TypeError,
        "tuple() argument after * must be an iterable, not NoneType"),
        ('["set", 1]', TypeError, "set() argument after * must be an iterable, not int"),
        ('["bytes", 1]', TypeError,
        "base64.b64decode() argument after * must be an iterable, not int"),
        ('["Fraction", 1]', TypeError,
        "fractions.Fraction() argument after * must be an iterable, not int"),
        ('["tuple", "ab"]', TypeError, "tuple expected at most 1 argument, got 2"),
        ('["tuple", [[1], [2]]]', TypeError, "tuple expected at most 1 argument, got 2"),
        ('["tuple", [1]]', TypeError, "'int' object is not iterable"),
        ('["set", [[[]]]]', TypeError, "unhashable type: 'list'"),
        ('["dict", [[[1]]]]', ValueError,
        "dictionary update sequence element #0 has length 1; 2 is required"),
        ('["dict", [[[{}, 1]]]]', TypeError, "unhashable type: 'dict'"),
        ('["Fraction", [1, 0]]', ZeroDivisionError, "Fraction(1, 0)"),
        ('["slice", []]', TypeError, "slice expected at least 1 argument, got 0"),
        ('["bytes", []]', TypeError, "b64decode() missing 1 required positional argument: 's'"),
        ('["bytes", [1]]', TypeError,
        "argument should be a bytes-like object or ASCII string, not 'int'"),
        ('["bytes", ["\\u00e9"]]', ValueError,
        "string argument should contain only ASCII characters"),
        ('["complex", [1, 2, 3]]', TypeError, "complex() takes at most 2 arguments (3 given)"),
    ],
)  # fmt: skip
def test_odd_objects_raise_what_the_constructors_raise(whole, error, message):
    with pytest.raises(error) as caught:
        decode(TAG % whole)
    assert type(caught.value) is error and not isinstance(caught.value, json.JSONDecodeError)
    said = str(caught.value)
    if "after *" in message:  # Python 3.15 names no function
        said, message = said.partition("after *")[2], message.partition("after *")[2]
    if "unhashable" not in message:  # Python 3.14 says more
        assert said.startswith(message)


BASE64 = {
    "YR==": b"a", "=": b"", "====": b"", "=AA==": b"\0", "AAAA==": b"\0\0\0", "Y Q\\n==": b"a",
    "Y-Q_=!=": b"a", "YWJj": b"abc", "YWI=": b"ab",
}  # fmt: skip


@pytest.mark.parametrize("text", BASE64)
def test_base64_is_read_as_leniently_as_python_reads_it(text):
    same(TAG % f'["bytes", ["{text}"]]', BASE64[text])


@pytest.mark.parametrize("text", ["YQ", "YQ=", "Y", "YWJjZ", "Y==="])
def test_base64_that_is_cut_off_is_an_error(text):
    with pytest.raises(ValueError, match="padding|base64"):
        decode(TAG % f'["bytes", ["{text}"]]')


def test_bytes_take_the_other_arguments_of_b64decode():
    same(TAG % '["bytes", ["-_-_", "-_"]]', b"\xfb\xff\xbf")
    same(TAG % '["bytes", ["YQ==", null]]', b"a")
    with pytest.raises(ValueError):
        decode(TAG % '["bytes", ["Y!Q==", null, true]]')


# ---- Keyword arguments ----


def test_parse_int_float_and_constant():
    text = '[1, 1.5, NaN, {"__jsonclass__": ["tuple", [[2, -Infinity]]]}]'
    assert describe(decode(text, parse_int=str)) == describe(["1", 1.5, nan, ("2", -inf)])
    assert decode("[1.50, 1e2]", parse_float=lambda text: text) == ["1.50", "1e2"]
    assert decode("[NaN, -Infinity]", parse_constant=lambda text: text) == ["NaN", "-Infinity"]
    assert decode("1" * 5000, parse_int=len) == 5000


def test_strict_lets_control_characters_pass():
    assert decode('"a\nb"', strict=False) == "a\nb"
    with pytest.raises(json.JSONDecodeError):
        decode('"a\nb"', strict=True)


def test_a_hook_for_pairs_takes_the_place_of_classes():
    text = TAG % '["tuple", [[1]]]'
    assert decode(text, object_pairs_hook=dict) == {"__jsonclass__": ["tuple", [[1]]]}
    assert decode(text, object_pairs_hook=list) == [("__jsonclass__", ["tuple", [[1]]])]
    assert decode(text, object_pairs_hook=None) == (1,)


def test_a_decoder_class_gets_the_hook():
    class Decoder(json.JSONDecoder):
        def decode(self, s):
            return [super().decode(s)]

    assert decode(TAG % '["tuple", [[1]]]', cls=Decoder) == [(1,)]


def test_unknown_keywords_and_missing_arguments():
    hook = {"object_hook": None}
    for call in (
        lambda: decode("1", **hook),
        lambda: decode("1", foo=2),
        lambda: decode(),
        lambda: decode("1", 2),
    ):
        with pytest.raises(TypeError):
            call()
    assert decode(s="1") == decode("1", strict=True) == 1


def test_keyword_arguments_that_change_nothing_give_the_same_value():
    g = Generator(1)
    for _ in range(600):
        text = g.hook_text()
        try:
            wanted = describe(decode(text, strict=True))
        except Exception as e:
            with pytest.raises(type(e)):
                decode(text)
        else:
            assert describe(decode(text)) == wanted


def test_members_of_one_text_are_separate_objects():
    a, b = decode("[[], []]")
    assert a is not b
    assert all(math.isnan(x) for x in decode("[NaN, NaN]"))


def test_members_after_a_long_first_one():
    """A list of all values so far takes their memory with it; those that follow get new memory."""
    values = [[*range(20000)], *range(20000)]
    assert decode(json.dumps(values)) == values


def test_a_long_list_after_another_member():
    values = [1, [*range(20000)]]
    assert decode(json.dumps(values)) == values


def test_equal_keys_of_one_text_are_one_object():
    """As json keeps them, also keys that are not ASCII, and however they are spelled."""
    for key in ("a", "a key", "é", "schlüssel", "\u20ac", "\U0001f600", "a\u20ac" * 10, "k" * 64):
        for first in (json.dumps(key), json.dumps(key, ensure_ascii=False)):
            for second in (json.dumps(key), json.dumps(key, ensure_ascii=False)):
                one, two = decode(f"[{{{first}:1}},{{{second}:2}}]")
                assert list(one) == [key] and list(one)[0] is list(two)[0]


def test_keys_with_the_same_bytes_are_told_apart():
    """Code points of one or two bytes: the memory of one may be the beginning of the other."""
    keys = ["aa", "\u6161\u6161", "\xe9\xe9", "\ue9e9", "\u6161", "a\0", "\U00016161"]
    for a in keys:
        for b in keys:
            assert decode(json.dumps([{a: 1}, {b: 2}, {a: 3}])) == [{a: 1}, {b: 2}, {a: 3}]


@pytest.mark.parametrize("length", [5, 7, 8, 12, 16, 17, 20, 24, 25, 40, 64])
def test_keys_that_differ_in_the_middle_are_told_apart(length):
    """There are more of them than places in which keys are kept."""
    before, behind = (length - 4) // 2, (length - 3) // 2
    keys = [f"{'A' * before}{i:04}{'B' * behind}" for i in range(10000)]
    assert list(decode(json.dumps(dict.fromkeys(keys)))) == keys


def test_long_keys_are_not_kept():
    for key in ("k" * 65, "\u20ac" * 33):
        one, two = decode(json.dumps([{key: 1}, {key: 2}]))
        assert one == {key: 1} and two == {key: 2}
