"""Malformed PYON v2 is refused as json refuses it: same class, same message, same place.

Callers depend on it: ARTIQ tries PYON v1 on json.JSONDecodeError, and on nothing else. The errors
of json differ between versions of Python, so the tests ask json for them.
"""

import json

import pytest

from describe import describe
from fastpyon.pyon import decode
from generate import Generator

JSON_ALPHABET = list("[]{}\",:\\/ \t\n\r0123456789+-.eEabfnrtuxNI#'é")
JSON_ALPHABET += ["\x00", "\x1f", "\x7f", "\u2028", "\ufeff", "\ud800"]
WORDS = ["null", "true", "NaN", "Infinity", "-", "1e", "0x", "//", ",,", '"a":', "\\u12", "\\ud83d"]


def outcome(function, text):
    """The outcome of the text: the value, or all that can be told about the error."""
    try:
        return describe(function(text))
    except json.JSONDecodeError as e:
        return "JSONDecodeError", str(e), e.msg, e.pos, e.lineno, e.colno, e.doc == text
    except ValueError as e:
        return type(e), str(e)


def agree(texts):
    different = [
        f"{text!a}: json {outcome(json.loads, text)}, decode {outcome(decode, text)}"
        for text in texts
        if outcome(decode, text) != outcome(json.loads, text)
    ]
    assert not different, "\n".join(different[:20])


WHOLE = '{"a": [1, -2.5e3, "x\\u00e9\\n", null], "b": {"c": true, "": []}, "d": NaN}'


def test_every_beginning_of_a_text():
    agree(WHOLE[:end] for end in range(len(WHOLE)))


def test_every_end_of_a_text():
    agree(WHOLE[start:] for start in range(1, len(WHOLE)))


def test_every_character_left_out():
    agree(WHOLE[:i] + WHOLE[i + 1 :] for i in range(len(WHOLE)))


@pytest.mark.parametrize("character", JSON_ALPHABET + WORDS)
def test_every_place_of_an_inserted_piece(character):
    agree(WHOLE[:i] + character + WHOLE[i:] for i in range(len(WHOLE) + 1))


@pytest.mark.parametrize("seed", range(10))
def test_random_texts_with_accidents(seed):
    g = Generator(seed)
    texts = [g.mutate(g.json_text(), JSON_ALPHABET + WORDS, 3) for _ in range(600)]
    assert sum(outcome(json.loads, text)[0] == "JSONDecodeError" for text in texts) > 200
    agree(texts)


@pytest.mark.parametrize("seed", range(4))
def test_soups_of_pieces(seed):
    g = Generator(seed)
    pieces = JSON_ALPHABET + WORDS
    agree("".join(g.choices(pieces, k=g.randint(0, 8))) for _ in range(1000))


@pytest.mark.parametrize("before", ["", "\n", "é\n", "\U0001f600", "\r\n\r", "\u2028\n\n"])
def test_positions_count_characters_and_lines_count_line_feeds(before):
    text = f'["{before}",{before.strip()!r}\n\n  ?'.replace("'", '"')
    agree([text, text.replace("\n", " "), " \n" + text])


@pytest.mark.parametrize(
    "text", ["(1, 2)", "inf", "nan", "None", "True", "b'a'", "1j", "{1: 2}", "1_000", "'a'", "{1}"]
)
def test_v1_texts_are_decode_errors(text):
    with pytest.raises(json.JSONDecodeError) as caught:
        decode(text)
    assert caught.value.doc == text


@pytest.mark.parametrize(
    "text",
    [
        b"[1,",
        b'["\xc3\xa9", ?',
        b"\xef\xbb\xbf[1,",
        "[é,".encode("utf-16"),
        "[é,".encode("utf-32-be"),
    ],
)
@pytest.mark.parametrize("kind", [bytes, bytearray])
def test_bytes_give_the_same_error_as_their_text(text, kind):
    with pytest.raises(json.JSONDecodeError) as wanted:
        json.loads(kind(text))
    with pytest.raises(json.JSONDecodeError) as caught:
        decode(kind(text))
    for attribute in ("msg", "doc", "pos", "lineno", "colno"):
        assert getattr(caught.value, attribute) == getattr(wanted.value, attribute)
    assert isinstance(caught.value.doc, str)


@pytest.mark.parametrize(
    "text", [b"\xff", b'"\x80"', b'"\xc3"', b"\xef\xbb\xbf\xff", b"\xff\xfe1", b"\x00\xd8\x00"]
)
def test_bytes_that_are_no_text(text):
    with pytest.raises(UnicodeDecodeError) as wanted:
        json.loads(text)
    with pytest.raises(UnicodeDecodeError) as caught:
        decode(text)
    assert str(caught.value) == str(wanted.value)


@pytest.mark.parametrize("data", [None, 1, [], memoryview(b"1"), object(), {}])
def test_what_is_neither_str_nor_bytes(data):
    with pytest.raises(TypeError) as caught:
        decode(data)
    name = type(data).__name__
    assert str(caught.value) == f"the JSON object must be str, bytes or bytearray, not {name}"


def test_a_byte_order_mark_is_an_error_in_a_str_only():
    agree(["\ufeff1", "\ufeff", " \ufeff1", "[\ufeff]"])
    assert decode(b"\xef\xbb\xbf1") == 1
    with pytest.raises(
        json.JSONDecodeError, match=r"^Expecting value: line 1 column 1 \(char 0\)$"
    ):
        decode(b"\xef\xbb\xbf\xef\xbb\xbf1")


@pytest.mark.parametrize(
    "string", [r'"\u0041', r'"\ud833', r'"\ud833\udc00', r'"\ud833\u', r'"\u004', r'"\"\\\\\"\u0041']
)
@pytest.mark.parametrize("before", ["", '["\\\\", ', '{"\\"é": ', '[""\n, "é", '])
def test_a_text_ends_with_an_escape(before, string):
    """Later releases of Python 3.14 miss the end of the string there, others blame the escape."""
    agree([before + string, before + string + "\0"])
    with pytest.raises(json.JSONDecodeError) as caught:
        decode((before + string).encode())
    assert caught.value.doc == before + string


def test_too_many_digits_are_a_plain_value_error():
    agree(["1" * 4300, "1" * 4301, "-" + "1" * 4301, f"[{'1' * 5000}"])


@pytest.mark.parametrize(
    "text",
    [
        '[{"__jsonclass__": ["unknown", []]}, ?',
        '[{"__jsonclass__": ["unknown", []]}',
        '{"a": {"__jsonclass__": 1}, "b" 2}',
    ],
)
def test_an_object_that_cannot_be_decoded_comes_before_later_errors(text):
    with pytest.raises(TypeError):
        decode(text)


@pytest.mark.parametrize(
    "text",
    [
        '[?, {"__jsonclass__": ["unknown", []]}]',
        '{"__jsonclass__": ["unknown", []]',
        '{"__jsonclass__": ["unknown", []], }',
        '{"__jsonclass__": ["unknown", [}',
    ],
)
def test_an_object_is_decoded_when_it_is_complete(text):
    with pytest.raises(json.JSONDecodeError):
        decode(text)
