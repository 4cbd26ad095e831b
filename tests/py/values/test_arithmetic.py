"""Arithmetic of version 1: numbers are computed as Python computes them, and nothing else is."""

import random
import warnings
from fractions import Fraction

import pytest

from fastpyon import pyon, pyon_v1, stream

NAMES = {"true": True, "false": False, "nan": float("nan"), "inf": float("inf")}

ATOMS = [
    "0", "1", "2", "3", "7", "64", "65", "1.5", ".5", "3.", "0.0", "1e300", "5e-9", "1e400", "0x1f", "0b11",
    "1_000", "9223372036854775808", "12345678901234567890123", "2j", "0j", "1.5j", "true", "False", "nan", "inf",
]  # fmt: skip
# Shifts and powers of large numbers would take Python itself for ever.
OPERATORS = ["+", "-", "*", "/", "//", "%", "|", "&", "^", ">>", "+", "-"]
SMALL = ["**", "<<"]


def evaluated(text):
    """The outcome of Python: the value's type and repr, or the class and message of the exception."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # ~True is deprecated
        try:
            value = eval(text, {"__builtins__": {}}, NAMES)
        except Exception as error:
            return type(error), str(error)
    return type(value), repr(value)


def decoded(decode, text):
    try:
        value = decode(text)
    except Exception as error:
        return type(error), str(error)
    return type(value), repr(value)


def from_stream(text, size=1):
    """The value of a text that comes in pieces."""
    decoder = stream.Decoder(pyon_v1)
    for start in range(0, len(text), size):
        decoder.feed(text[start : start + size])
    decoder.feed("\n")
    decoder.close()
    (value,) = decoder
    return value


WRITTEN_BY_HAND = [
    "5/6", "5e-9/6", "2*50.0", "1 << 4", "-(3)", "0+-1j", "10**3", "~1", "1j+1", "(1)+(2j)", "7//2", "7%2",
    "--true", "true+true", "1|2", "3&1", "1^3", "-2**2", "(-2)**2", "-(2)**2", "2**-1", "2**3**2", "-2**-2",
    "2**-1**2", "~-1", "-~1", "+-~3*2", "1-2-3", "1/2/3", "1-(2-3)", "1-2j*3", "1+2j**2", "1+2j/3", "1+2j+3",
    "2*1+2j", "(1+2j)*3", "1+2j*-3", "1|2^3&4<<5+6*-7", "1-0j", "0-0j", "-(1-0j)", "inf-0j", "-0.0-0j", "true-0j",
    "10**400-0j", "10**30+1j", "(1-0j)*2", "2*(1-0j)", "1/0", "1%0", "1.5<<1", "1<<-1", "2j//1", "0**-1", "0.0**-1",
    "10.0**400", "10**400*1.0", "(-8)**0.5", "2j**2", "true**2", "-true", "+true", "~true", "true&false", "true|2",
    "0<<10**20", "1>>10**20", "0x_ff*2", "1_0*2", ".5*2", "nan*0", "-inf", "+nan+nan", "inf-inf", "1 + 2 # three",
    "12345678901234567890123456789*98765432109876543210", "1**10**18", "(-1)**(10**18+1)",
]  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN_BY_HAND)
def test_arithmetic_is_the_interpreters(text):
    wanted = evaluated(text)
    assert decoded(pyon_v1.decode, text) == wanted
    for size in (1, 2, 3, 1000):
        assert decoded(lambda text: from_stream(f"[{text}\n]", size)[0], text) == wanted


def test_arithmetic_stands_wherever_a_value_stands():
    text = "{1+1: [2*3, (4-5,)], 'a': {6//4}, (7%4, ~8): slice(1<<2, -(9))}"
    assert pyon_v1.decode(text) == {2: [6, (-1,)], "a": {1}, (3, -9): slice(4, -9)}
    assert pyon_v1.decode("Fraction(2*3, denominator=4*2)") == Fraction(3, 4)
    assert pyon_v1.decode("1+1, 2*2\n") == (2, 4)
    assert pyon_v1.decode("[1 +\n 2, 3 *\n# a comment\n 4]") == [3, 12]


def random_expression(generator, depth):
    kind = generator.random()
    if depth == 0 or kind < 0.25:
        return generator.choice(ATOMS)
    if kind < 0.4:
        return generator.choice("+-~-") + random_expression(generator, depth - 1)
    if kind < 0.55:
        return f"({random_expression(generator, depth - 1)})"
    blank = generator.choice(["", " "])
    if kind < 0.62:
        operator = generator.choice(SMALL)
        left, right = generator.choice(["2", "3", "-2", "1.5", "true"]), generator.choice(["0", "2", "-1", "5", ".5"])
        left, right = f"({left}", f"{right})"
    else:
        operator = generator.choice(OPERATORS)
        left, right = (random_expression(generator, depth - 1) for _ in range(2))
    return blank.join((left, operator, right))


def test_random_arithmetic():
    generator = random.Random(13)
    values = 0
    for _ in range(4000):
        text = random_expression(generator, generator.randint(1, 5))
        wanted = evaluated(text)
        assert decoded(pyon_v1.decode, text) == wanted, text
        assert decoded(lambda text: from_stream(f"[{text}]", 2)[0], text) == wanted, text
        values += not issubclass(wanted[0], Exception)
    assert values > 2000  # else this shows little


@pytest.mark.parametrize(
    "text", ["[1]+[2]", "'a'*2", "2*(1, 2)", "-[1]", "~'a'", "1+null", "null-1", "2*Fraction(1, 2)", "-slice(1)", "1@2"]
)
def test_only_numbers_are_computed(text):
    for whole in (text, f"[{text}]", f"({text},)", f"{{1: {text}}}", f"1+({text})"):
        with pytest.raises((SyntaxError, TypeError)):
            pyon_v1.decode(whole)


def test_names_of_programs_are_numbers_if_they_are():
    pyon_v1._eval_dict.update(us=1e-6, word="a", Three=lambda: 3)
    try:
        assert pyon_v1.decode("[5*us, -us, us**2, (us)/2, +us]") == [5 * 1e-6, -1e-6, 1e-6**2, 1e-6 / 2, 1e-6]
        for text in ("2*word", "word+1", "-word", "-(word)", "2*Three()", "-Three()", "Three()*2"):
            with pytest.raises((SyntaxError, TypeError)):
                pyon_v1.decode(text)
    finally:
        for name in ("us", "word", "Three"):
            del pyon_v1._eval_dict[name]


def test_a_syntax_error_comes_before_what_is_computed():
    for text in ("[1/0, )", "1/0 +", "[9**9**9, 1 2]", "(1<<-1, $)", "[1/0, slice(a=1, a=2)]"):
        with pytest.raises(SyntaxError):
            pyon_v1.decode(text)


def test_many_operators_take_no_stack():
    many = 100_000
    assert pyon_v1.decode("1" + "+1" * many) == many + 1
    assert pyon_v1.decode("-~" * many + "0") == many
    assert pyon_v1.decode("1**" * many + "1") == 1
    assert pyon_v1.decode("(" * 200 + "1" + "+1)" * 200) == 201


# ---- The bound on computing ----


TOO_LARGE = [
    "9**9**9", "1<<10**9", "2**10**8", "-9**9**9", "(9**9)**99999999", "1<<1<<10**9", "7<<10**30", "3**10**40",
    "2**200000*2**200000", "~(1<<10**9)", "(-3)**99999999", "2**100000//3**60000%2**50000", "10**400**400",
]  # fmt: skip


@pytest.mark.parametrize("text", TOO_LARGE)
def test_what_is_too_large_is_not_computed(text):
    for whole in (text, f"[{text}]", f"[{text}, foo(1)]"):
        with pytest.raises((ValueError, NameError, TypeError)):
            pyon_v1.decode(whole)
    with pytest.raises(ValueError, match=r"too many digits to compute \(line 1, column"):
        pyon_v1.decode(text)
    with pytest.raises(stream.DecodeError, match="too many digits to compute at byte"):
        from_stream(f"[{text}]")
    assert pyon_v1.decode("[2**100, 1]") == [2**100, 1]


def test_the_bound_is_16_times_that_of_an_int(max_digits):
    for digits in (700, 4300, 20_000):
        max_digits(digits)
        within, beyond = 16 * digits * 9 // 10, 16 * digits * 11 // 10
        assert pyon_v1.decode(f"10**{within}") == 10**within
        assert pyon_v1.decode(f"1<<{within * 3}") == 1 << within * 3
        for text in (f"10**{beyond}", f"1<<{beyond * 7 // 2}"):
            with pytest.raises(ValueError, match="too many digits"):
                pyon_v1.decode(text)


def test_small_steps_count_together(max_digits):
    max_digits(4300)
    step = "2**10000"
    assert len(pyon_v1.decode("[" + f"{step}, " * 20 + "]")) == 20
    for text in (f"[{f'{step}, ' * 30}]", "+".join([step] * 30), f"{step}{'+1' * 1000}"):
        with pytest.raises(ValueError, match="too many digits"):
            pyon_v1.decode(text)
    # Of a stream, each value has as much.
    decoder = stream.Decoder(pyon_v1)
    for _ in range(30):
        decoder.feed(f"[{step}]\n" * 10)
        assert list(decoder) == [[2**10000]] * 10
    # Small numbers have no bound.
    assert pyon_v1.decode("[" + "3*5+2**60, " * 100_000 + "]") == [15 + 2**60] * 100_000


CHAINS = {
    "v1": "Fraction(" * 100 + "1" + ", Fraction('1e-4300'))" * 100,
    "v1 of floats": "Fraction(" * 100 + "1" + ", Fraction(5e-324))" * 100,
    "v1 of names": "Fraction(numerator=" * 100 + "1" + ", denominator=Fraction('1e-4300'))" * 100,
    "v2": '{"__jsonclass__":["Fraction",[' * 200 + "1" + ',{"__jsonclass__":["Fraction",["1e-4300"]]}]]}' * 200,
}


@pytest.mark.parametrize("name", CHAINS)
def test_fractions_of_fractions_count_together(name):
    dialect = pyon if name == "v2" else pyon_v1
    with pytest.raises(ValueError, match="Exceeds the limit"):
        dialect.decode(CHAINS[name])
    decoder = stream.Decoder(dialect)
    decoder.feed(CHAINS[name])
    with pytest.raises(ValueError, match="Exceeds the limit"):
        next(decoder)
    if dialect is pyon:
        with pytest.raises(ValueError, match="Exceeds the limit"):
            pyon.decode(CHAINS[name], parse_float=float)
        few = CHAINS[name].replace("1e-4300", "1e-2")
        assert pyon.decode(few, parse_float=float) == pyon.decode(few) == 10 ** (2 * 200)


def test_fractions_of_plain_ints_have_no_bound(dialect):
    numbers = [Fraction(10**k + 1, 3**k) for k in range(400)] * 20
    assert dialect.decode(dialect.encode(numbers)) == numbers
    assert dialect.decode(dialect.encode(Fraction(10**4000, 3))) == Fraction(10**4000, 3)
    huge = "0x" + "f" * 100_000
    with pytest.raises(ValueError, match="Exceeds the limit"):
        pyon_v1.decode(f"Fraction({huge}, {huge}1)")


def test_the_bound_of_a_text_is_not_that_of_the_next_one():
    text = "Fraction(Fraction('1e-4000'), Fraction('1e-4000'))"
    for _ in range(50):
        assert pyon_v1.decode(text) == 1


def test_each_text_of_a_stream_has_a_budget_of_its_own():
    text = "[9**4000]\n"
    with pytest.raises(ValueError, match="too many digits"):
        pyon_v1.decode("[" + 60 * "9**4000," + "]")
    decoder = stream.Decoder(pyon_v1)
    decoder.feed(60 * text)
    assert list(decoder) == 60 * [[9**4000]]


def test_a_text_that_fails_leaves_the_budget_to_the_next_one():
    decoder = stream.Decoder(pyon_v1, lines=True)
    for _ in range(3):
        decoder.feed("[" + 14 * "9**4000," + "1 +]\n" + "[" + 14 * "9**4000," + "]\n")
        with pytest.raises(stream.DecodeError):
            next(decoder)
        decoder.skip_line()
        assert next(decoder) == 14 * [9**4000]
