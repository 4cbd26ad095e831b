"""literal_eval() does what ast.literal_eval() does. The extension reads most literals, and no other text."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from describe import describe, without_addresses
from fastpyon import _core, literal_eval

SCRIPT = Path(__file__).resolve().parents[2] / "slow" / "literal.py"

PLAIN = [
    "1", "-1", "+1", "- 1", "0", "-0", "00", "1_000", "0x1F", "0o17", "0b1_0", "10" * 40, "-" + "9" * 30, "0xf" * 1 + "f" * 30,
    "1.5", "-0.0", ".5", "5.", "1e5", "00.5", "1_0.0_1e1_0", "5e-324", "1j", "-1j", "1+2j", "-1-2j", "1.5 - 2j", "(1)+2j",
    "-0.0+1j", "-0.0-1j", "0-1j", "01j", "None", "True", "False", "'a'", '"a"', "u'a'", "r'\\d'", "b'a'", "Rb'\\d'", "'''a\nb'''",
    "'''a\r\nb\rc'''", "'a' 'b'", "'a'\"b\"", "b'a' b'b'", "'\\x41\\u20ac\\U0001F600\\101\\377\\\n'", "'\\ud83d\\ude00'", "'é€'",
    "b'\\xff\\377'", "()", "(1)", "((1))", "(1,)", "(1, 2)", "1,", "1, 2", "[]", "[1,]", "[1, [2, (3,)]]", "{}", "{1}", "{1, 2,}",
    "{1, 1.0, True}", "{1: 2}", "{1: 2, 1.0: 3, True: 4}", "{'a': 1, 'a': 2}", "{(1, 2): [3]}", "set()", "set ( )", "[set(), {1}]",
    " 1", "\t1", "1 ", "1\n", "1\n\n", "1 # c", "1\n # c\n", "1\n \n", "[1, # c\n 2]", "[\n\n1,\r\n\f2\\\n]", "1\r\n", "[" * 50 + "]" * 50,
]  # fmt: skip

# ast refuses some, and has another value or a warning for others; and some are rare.
LEFT = [
    "", " ", "\n1", "\r1", "\f1", " \f1", "#\n1", "\\\n1", "\n 1", "1\f", "1\\\n", "1\n\\\n", "1\n ", "1\r\n ", "1\n#", "1 2", "[1 2]", "1;", "\ufeff1", "1\x00",
    "--1", "-+1", "-(1)", "-(-1)", "-(1+2j)", "-True", "+False", "-None", "-'a'", "-[]", "-set()", "~1", "not 1", "1+1", "1-1", "1*2",
    "1+2j+3j", "1j+1", "1j+2j", "1+-2j", "1+(2j)", "True+1j", "(True)+1j", "1-0j", "1+" + "9" * 400 + "j", "9" * 400 + "+1j",
    "1e999", "-1e999", "1e999j", "1e999+2j", "1+1e999j", "nan", "inf", "null", "true", "false", "NaN", "...", "abc", "set", "set(1)", "set([])", "set(a=1)",
    "set(*[])", "set(**{})", "set('AAAA')", "set(())", "frozenset()", "dict()", "int()", "(set)()", "set()()", "set().x", "[set(), nan]",
    "Fraction(1, 2)", "slice(1, 2, 3)", "nparray((1,), '<i1', b'AA==')", "OrderedDict([])", "npscalar('<i1', b'AA==')",
    "01", "1_", "1__0", "0_1", "0x", "0b2", "1e", "1.e+", "1if 1else 2", "1.real", "1 .real", "(1).real", "1j.imag", "[1][0]", "'a'.b", "'a' % 1", "*[1], 2", "{**{}}",
    "[*()]", "{1: 2, 3}", "{1, 2: 3}", "{,}", "(,)", "[,]", "1,,2", "[1", "1]", "(1]", "'a", "'''a", "'a\n'", "a=1", "lambda: 1",
    "f'a'", "rf'a'", "t'a'", "b'a' 'b'", "b'é'", "'\\d'", "b'\\d'", "'\\400'", "b'\\400'", "b'\\u1234'", "'\\x4'", "'\\u123'",
    "'\\U00110000'", "'\\N{BULLET}'", "'\\N{no such}'", "{[]}", "{[]: 1}", "{{}: 1}", "{set()}", "[" * 51 + "]" * 51, "[" * 300, "(" * 99,
    "\ud800", "'\ud800'", "é", "\xa01", "`1`", "1 if 1 else 2", "[x for x in ()]", "__debug__", "print(1)", "9" * 5000,
]  # fmt: skip


def outcome(function, *arguments, **keywords):
    try:
        return describe(function(*arguments, **keywords))
    except Exception as error:
        return type(error), without_addresses(str(error))


@pytest.mark.parametrize("text", PLAIN)
def test_plain_literals_are_read_by_the_extension(text):
    assert describe(_core.read_literal(text)) == describe(ast.literal_eval(text)) == describe(literal_eval(text))


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("text", LEFT)
def test_all_else_is_left_to_ast(text):
    assert _core.read_literal(text) is NotImplemented
    assert outcome(literal_eval, text) == outcome(ast.literal_eval, text)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="another class")
@pytest.mark.parametrize("text", ["'\\d'", "['\\400']", "b'\\d'"])
def test_warnings_stay(text):
    with pytest.warns(SyntaxWarning):
        literal_eval(text)


class Text(str):
    def lstrip(self, characters=None):
        return "2"


@pytest.mark.parametrize(
    "argument",
    [b"1", bytearray(b"1"), 1, None, Text("1"), ast.parse("1", mode="eval"), ast.parse("[1, -2]", mode="eval").body, ast.Name("x")],
)
def test_no_plain_str_is_left_to_ast(argument):
    mine, theirs = outcome(literal_eval, argument), outcome(ast.literal_eval, argument)
    assert mine == theirs
    assert _core.read_literal(argument) is NotImplemented


def test_the_argument_has_the_same_name():
    assert literal_eval(node_or_string="[1]") == [1]
    with pytest.raises(TypeError):
        literal_eval()


def test_the_limit_of_digits(monkeypatch):
    if not hasattr(sys, "set_int_max_str_digits"):
        pytest.skip("no limit")
    limit = sys.get_int_max_str_digits()
    try:
        sys.set_int_max_str_digits(1000)
        for text in "9" * 1000, "9" * 1001, "[" + "9" * 1001 + "]", "0x" + "f" * 2000:
            assert outcome(literal_eval, text) == outcome(ast.literal_eval, text)
    finally:
        sys.set_int_max_str_digits(limit)


def test_ast_raises_what_it_raises_if_something_has_no_hash():
    with pytest.raises(TypeError, match="unhashable type: 'list'"):
        literal_eval("{[1]: 2}")


def test_other_constants_of_the_format_are_not_looked_up(monkeypatch, v1):
    monkeypatch.setitem(v1._eval_dict, "set", lambda: 5)
    monkeypatch.setitem(v1._eval_dict, "five", 5)
    assert literal_eval("[set()]") == [set()]
    with pytest.raises(ValueError):
        literal_eval("five")


def test_large_values():
    value = {"numbers": [i / 7 for i in range(5000)], "texts": {str(i): "é" * i for i in range(300)}, "pairs": [(i, {i}) for i in range(3000)]}
    assert describe(literal_eval(repr(value))) == describe(value)
    assert _core.read_literal(repr(value)) == value


def test_random_texts():
    """The short form of tests/slow/literal.py."""
    process = subprocess.run(
        [sys.executable, SCRIPT, "--texts", "20000", "--length", "2"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300
    )
    assert process.returncode == 0, process.stdout[-4000:]
    assert int(process.stdout.split(" texts, ")[1].split()[0]) > 5000
