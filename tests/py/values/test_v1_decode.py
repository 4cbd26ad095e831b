"""decode of PYON v1: Python's literals in all spellings, the constructors, and nothing else."""

import ast
import math
import sys
from collections import OrderedDict
from fractions import Fraction  # noqa: F401 (the texts use it)

import pytest

from describe import describe
from fastpyon.pyon_v1 import decode

inf, nan = float("inf"), float("nan")


def same(text, value):
    assert describe(decode(text)) == describe(value), text


@pytest.mark.parametrize(
    "text, value",
    [
        ("null", None), ("None", None), ("true", True), ("True", True), ("false", False),
        ("False", False), ("inf", inf), ("nan", nan), ("-inf", -inf), ("-nan", nan),
    ],
)  # fmt: skip
def test_constants(text, value):
    same(text, value)


@pytest.mark.parametrize(
    "text",
    [
        "0", "-0", "+0", "00", "0_0", "1", "-1", "1_000", "- - 1", "-+-+3", "0xff", "0X_fF", "0o17",
        "0O7_7", "0b101", "0B_1_0", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "-9223372036854775809", "1" * 4300, "0x" + "f" * 9999,
        "0b" + "10" * 999, "0" * 5000, "1.", ".5", "-.5", "1.5", "1e5", "1E-5", "1.e+5", "0e0",
        "1_0.0_1e1_0", "012.5", "09.5", "00e1", "1e400", "-1e400", "1e-400", "-0.0", "0.1",
        "5e-324", "2.4703282292062327e-324", "179769313486231580793e289", "9007199254740993.0",
        "0." + "0" * 400 + "1", "1" + "0" * 400 + ".0", "1j", "01j", "1.j", ".5J", "1e5j", "-1j",
        "-0j", "1_0j", "1e400j",
    ],
)  # fmt: skip
def test_numbers_in_all_spellings(text):
    same(text, eval(text))


@pytest.mark.parametrize(
    "text",
    [
        "1+2j", "1-2j", "1 + 2j", "-1-2j", "(-0-1j)", "(-0+1j)", "(-0-0j)", "(1-0j)", "1.5+2.5j",
        "0x10+1j", "-0.0-0j", "- 1 + 1j", "(nan+0j)", "(inf+1j)", "(-inf-2j)", "(1+2j,)",
        "[1+2j,-1]", "{1+1j:2-2j}",
    ],
)  # fmt: skip
def test_a_real_and_an_imaginary_number_are_complex(text):
    same(text, eval(text, {"nan": nan, "inf": inf}))


def test_an_integer_too_large_for_a_complex_number():
    with pytest.raises(OverflowError):
        decode("1" + "0" * 400 + "+1j")


def test_too_many_decimal_digits():
    digits = "1" * (sys.get_int_max_str_digits() + 1)
    for text in (digits, f"-{digits}", f"[{digits}, 1]", f"Fraction(1, {digits})"):
        with pytest.raises(SyntaxError, match="Exceeds the limit"):
            decode(text)


@pytest.mark.parametrize(
    "text",
    [
        "01", "0_7", "1__0", "1_", "_1", "0x", "0xg", "0b2", "0o8", "1_.0", "1._0", "1e", "1e_1",
        "1e+", "0x1.0", "1_000_", "1a", "1é", "0_x1", "1ee5", "1..", ".", "1j1", "0b1e5",
    ],
)  # fmt: skip
def test_malformed_numbers(text):
    with pytest.raises((SyntaxError, NameError)):
        decode(text)


@pytest.mark.parametrize("prefix", ["", "u", "U", "r", "R"])
@pytest.mark.parametrize("quote", ["'", '"', "'''", '"""'])
def test_strings_in_all_quotes(prefix, quote):
    for body in (
        "",
        "a",
        "é\u20ac\U0001f600",
        "\\n\\t",
        "\\\\",
        "\t\x0c",
        "\\\nx",
        "a\\" + quote[0] + "b",
    ):
        text = prefix + quote + body + quote
        same(text, ast.literal_eval(text))


@pytest.mark.parametrize("prefix", ["b", "B", "br", "Rb", "bR", "RB"])
@pytest.mark.parametrize("quote", ["'", '"', "'''", '"""'])
def test_bytes_in_all_quotes(prefix, quote):
    for body in ("", "a", "\\n\\xff\\0\\377", "\\\\", "\t\x0c", "\\\nx", "a\\" + quote[0] + "b"):
        text = prefix + quote + body + quote
        same(text, ast.literal_eval(text))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::SyntaxWarning")
def test_every_character_after_a_backslash():
    for prefix in ("", "b", "r", "rb"):
        for code in range(1, 0x80):
            if chr(code) not in "xuUN\r":
                text = f"{prefix}'\\{chr(code)}ab'"
                if text.count("'") == 2:
                    same(text, ast.literal_eval(text))


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::SyntaxWarning")
@pytest.mark.parametrize(
    "text",
    [
        "'\\x41'", "'\\u20ac'", "'\\U0001f600'", "'\\ud83d\\ude00'", "'\\N{DIGIT ONE}'",
        "'\\N{digit one}\\N{LF}'", "'\\N{HANGUL SYLLABLE GA}\\N{CJK UNIFIED IDEOGRAPH-4E00}'",
        "'\\7\\77\\777\\400\\08'", "b'\\7\\77\\300'", "b'\\u20ac\\N{x}\\U1'", "r'\\x'", "'\\udc00'",
    ],
)  # fmt: skip
def test_numeric_and_named_escapes(text):
    same(text, ast.literal_eval(text))


@pytest.mark.parametrize(
    "text",
    [
        "'\\x'", "'\\x4'", "'\\xg1'", "'\\u123'", "'\\U0001f60'", "'\\U00110000'", "'\\N'",
        "'\\N{}'", "'\\N{x'", "'\\N{NO SUCH NAME}'", "'\\N{KEYCAP NUMBER SIGN}'", "'\\N{U+0041}'",
        "b'\\x'", "b'\\x4'", "b'é'", "'a", "'''a'", "'a\nb'", "'a\\'", "b'", "ur'a'", "bu'a'",
        "x'a'", "'a' b'b'", "b'a' 'b'",
    ],
)  # fmt: skip
def test_malformed_strings(text):
    with pytest.raises((SyntaxError, NameError)):  # an unknown prefix is an unknown name
        decode(text)


def test_adjacent_strings_join():
    same("'a' \"b\"\\\n'''c'''", "abc")
    same("(b'a'\n rb'\\n')", b"a\\n")
    same("['a' 'b', 'c'\n'd']", ["ab", "cd"])


def test_line_ends_become_line_feeds_everywhere():
    same("'''a\r\nb\rc\nd'''", "a\nb\nc\nd")
    same("[1,\r2\r\n]\r", [1, 2])
    same("'a\\\r\nb'", "ab")


@pytest.mark.parametrize(
    "text",
    [
        "()", "(1)", "(1,)", "(1, 2,)", "((), )", "[]", "[1,]", "[[],()]", "{}", "{1}", "{1,2,}",
        "{1:2}", "{1:2,'a':[],}", "1,", "1, 2", "1,2,", "(1,2),", "{(1,2):{3}}", "[\n1\n,\n]",
        "(\t1,\x0c2)", "[1, # one\n2]", "[#]\n]", "1 # one", "1;".strip(";"), "{True, 1}",
        "{1, True}", "{1: 2, True: 3}", "{1.0: 'a', 1: 'b'}",
    ],
)  # fmt: skip
def test_displays(text):
    same(text, eval(text))


@pytest.mark.parametrize(
    "text", [" 1", "\t1", "1 ", "1\n", "1\n\n# end", "\n1", "# c\n1", "\\\n1", "1\\\n,\\\n2"]
)
def test_blanks_comments_and_continuations(text):
    same(text, eval(text))


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "\n", "#", ",", "(,)", "[,]", "{,}", "{:}", "{1:}", "{:1}", "{1:2,3}", "{1,2:3}",
        "(1", "[1", "{1", "1)", "]", "[1)", "(1]", "1 2", "1\n2", "[1 2]", "(1,,2)", "\\ 1", "1 \\",
        "\x0b1", "\xa01", "\u30001", "\u20281", "1;", "$", "?", "!", "`1`", "''''", "\ufeff1",
        "[1,\ufeff]", "é", "[é]", "1 é", "=", "1=1", ":", "->", "@",
    ],
)  # fmt: skip
def test_malformed_texts(text):
    with pytest.raises(SyntaxError) as caught:
        decode(text)
    assert caught.value.lineno >= 1 and caught.value.offset >= 1


def test_a_syntax_error_says_where():
    with pytest.raises(SyntaxError, match=r"line 3, column 8\)") as caught:
        decode('[1,\n"é",\n"é", 2 3]')
    assert (caught.value.lineno, caught.value.offset) == (3, 8)
    assert caught.value.text == '"é", 2 3]'


def test_unknown_names():
    for text in ("foo", "[1, foo]", "foo(1)", "Null", "TRUE", "np.int64(1)", "array([1])", "print"):
        with pytest.raises(NameError):
            decode(text)


def test_the_error_of_syntax_comes_before_those_of_values():
    for text in ("{[1], ", "[Fraction(1, 0), ?]", "-null ]", "(slice(), 1"):
        with pytest.raises(SyntaxError):
            decode(text)


# ---- Constructors ----


@pytest.mark.parametrize(
    "text",
    [
        "slice(1)", "slice(1, 2)", "slice(1,2,3,)", "slice('a', [], ())", "slice(slice(1))",
        "Fraction()", "Fraction(2, 6)", "Fraction('1/3')", "Fraction(' 0.5 ')", "Fraction(0.5)",
        "Fraction(numerator=1, denominator=2)", "Fraction(1, denominator=3)", "OrderedDict()",
        "OrderedDict([])", "OrderedDict([('a', 1), (2, [])])", "OrderedDict({'a': 1})",
        "OrderedDict(a=1)", "OrderedDict([('b', 1)], a=2, )", "OrderedDict(((1, 2),))",
        "[slice(1), Fraction(1, 2)]", "slice (\n1\n)",
    ],
)  # fmt: skip
def test_calls_are_those_of_the_constructors(text):
    same(text, eval(text))


def test_keywords_may_be_the_names_of_constants():
    same("OrderedDict(null=1, inf=2, nan=3)", OrderedDict(null=1, inf=2, nan=3))


@pytest.mark.parametrize(
    "text",
    [
        "slice()", "slice(1, 2, 3, 4)", "slice(start=1)", "Fraction(1, 0)", "Fraction('x')",
        "Fraction(nan)", "Fraction(inf)", "Fraction(1.5, 2)", "Fraction([])", "OrderedDict(1)",
        "OrderedDict([], [])", "OrderedDict([1])", "OrderedDict([([], 1)])", "Fraction(x=1)",
        "{[1]}", "{[1]: 2}", "{slice(1, 2): {}, []: 1}", "-null", "-'a'", "+[]", "-b'a'", "-(1, 2)",
        "--{}",
    ],
)  # fmt: skip
def test_what_the_constructors_raise_comes_out(text):
    names = {"null": None, "nan": nan, "inf": inf}
    with pytest.raises(Exception) as wanted:
        eval(text, {**globals(), **names})
    with pytest.raises(Exception) as caught:
        decode(text)
    assert type(caught.value) is type(wanted.value)


def test_repeated_keywords_and_positions_after_them_are_errors():
    for text in ("OrderedDict(a=1, a=2)", "OrderedDict(a=1, [])", "OrderedDict(a=)", "slice(1=2)"):
        with pytest.raises(SyntaxError):
            decode(text)


def test_equal_keys_keep_the_first_key_and_the_last_value():
    same("{1: 'a', True: 'b', 1.0: 'c'}", {1: "c"})
    assert len(decode("{nan: 1, nan: 2}")) == 1


def test_nan_is_the_same_object_everywhere():
    a, b = decode("[nan, nan]")
    assert math.isnan(a) and a is b


# ---- Kinds of text ----


class Text(str):
    pass


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, Text])
def test_other_kinds_of_text(kind):
    text = "['é', 1]"
    same(kind(text) if kind is Text else kind(text.encode()), ["é", 1])


def test_bytes_may_begin_with_a_byte_order_mark_and_say_that_they_are_utf_8():
    same(b"\xef\xbb\xbf'\xc3\xa9'", "é")
    same(b"# -*- coding: utf-8 -*-\n'\xc3\xa9'", "é")
    same("# coding: latin-1\n'é'", "é")  # says nothing in a str


def test_bytes_in_other_encodings_are_refused():
    for text in (
        b"'\xe9'",
        b"# coding: latin-1\n1",
        b"\n# vim: set fileencoding=utf-16 :\n1",
        b"# coding: foo\n1",
    ):
        with pytest.raises(SyntaxError):
            decode(text)


@pytest.mark.parametrize(
    "x", [None, 1, [], object(), memoryview(b"1,1,")[::2], compile("1", "", "eval")]
)
def test_what_is_no_text(x):
    with pytest.raises(TypeError):
        decode(x)


def test_a_surrogate_in_the_text_is_a_unicode_error():
    with pytest.raises(UnicodeEncodeError):
        decode("'\ud800'")
    same("'\\ud800'", "\ud800")


def test_a_nul_is_the_error_of_this_interpreter():
    for text in ("\0", "1\0", "'\0'", "[1,\0]", b"1\0"):
        with pytest.raises((SyntaxError, ValueError)) as wanted:
            eval(text)
        with pytest.raises(type(wanted.value), match="null bytes"):
            decode(text)


@pytest.mark.parametrize("depth", [1, 50, 199, 200])
def test_nesting_up_to_200_brackets(depth):
    for start, end in ("[]", "()", ("{1:", "}"), ("slice(", ")")):
        value = decode(start * depth + "1" + end * depth)
        assert value == 1 if start == "(" else value != 1


@pytest.mark.parametrize("start", ["[", "(", "{1:", "slice(", "[(", "{"])
def test_deeper_nesting_is_an_error_of_syntax(start):
    with pytest.raises(SyntaxError, match="nested|deep|depth"):
        decode(start * 201)


def test_the_sign_of_nan():
    """A NaN that the text names is one object; a negated one is another."""
    assert math.copysign(1, decode("nan")) == 1
    assert math.copysign(1, decode("-nan")) == -1
    assert math.copysign(1, decode("[nan, -nan]")[1]) == -1
