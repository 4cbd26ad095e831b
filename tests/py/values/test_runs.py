"""Long lists and dicts of numbers, which take ways of their own: the same as one by one.

Texts are long enough for wide loads, in which the numbers in the middle are read; `json` and the
decoding of each number alone say what must come out.
"""

import json
import math
import os
import pickle
import random
import subprocess
import sys

import pytest

from fastpyon import pyon, pyon_v1

COMMON = [
    "0", "-0", "7", "-12", "123456", "12345678", "123456789012", "9223372036854775807",
    "-9223372036854775808", "9223372036854775808", "-9223372036854775809", "1" + 40 * "0",
    "0.5", "-0.0", "0.1", "123.456", "0.1234567890123456", "0.12345678901234567",
    "0.001234567890123456789", "0.00000000000000000000001", "1e5", "1E-5", "-2.5e+300", "1e400",
    "0.30000000000000004", "2.2250738585072011e-308", "9007199254740993.0", "8.5e-320",
    "0." + 60 * "1", 30 * "7" + ".5",
]  # fmt: skip
OTHERS = {
    pyon: ["null", "true", '"1,2"', "NaN", "-Infinity", "[]", "[1,2.5]", '{"a":1}'],
    pyon_v1: ["null", "True", "'1,2'", "nan", "-inf", "[]", "[1,2.5]", "{'a': 1}", "(1, 2)", "1j",
              "1_000", "0x1f", "1.", ".5", "- 1", "+1", "1+2j", "(1)", "1e1_0"],
}  # fmt: skip
BLANKS = [",", ", ", " ,", ",\n    ", "\n,\n", ",\n                        ", ",\t", " , \n "]


def same(a, b):
    return type(a) is type(b) and repr(a) == repr(b)


@pytest.mark.parametrize("module", [pyon, pyon_v1])
@pytest.mark.parametrize("comma", BLANKS)
def test_list_of_numbers(module, comma):
    rng = random.Random(comma)
    texts = COMMON * 3 + OTHERS[module]
    for _ in range(20):
        members = rng.choices(texts, k=rng.randrange(1, 120))
        value = module.decode("[" + comma.join(members) + "]" + 100 * " ")
        alone = [module.decode(text) for text in members]
        assert len(value) == len(alone)
        assert all(map(same, value, alone))
        nested = module.decode('[[[' + comma.join(members) + "], 1], " + 100 * "0.5, " + "2]")
        assert all(map(same, nested[0][0], alone))


@pytest.mark.parametrize("module", [pyon, pyon_v1])
def test_a_number_that_ends_a_run(module):
    """It is written in another way, wherever the run ends: also where the text has just got more room."""
    rng = random.Random(2)
    for end in 2**70, -(2**63) - 1, "text", None, (1,), 1j:
        for length in range(120, 420):
            run = [rng.choice([rng.getrandbits(rng.randrange(1, 64)), rng.random() - 0.5]) for _ in range(length)]
            value = [*run, end, *run[:9]]
            text = "[" + (", " if module is pyon_v1 else ",").join(map(module.encode, value)) + "]"
            assert module.encode(value) == text


def test_plain_floats_and_ints():
    rng = random.Random(1)
    floats = [rng.random() * 10.0 ** rng.randrange(-8, 8) for _ in range(5000)]
    ints = [rng.randrange(-(10 ** rng.randrange(1, 19)), 10**18) for _ in range(5000)]
    for module in pyon, pyon_v1:
        for value in floats, ints, floats + ints, tuple(floats), {i: v for i, v in enumerate(ints)}:
            for pretty in False, True:
                assert module.decode(module.encode(value, pretty)) == value


@pytest.mark.parametrize("wrong", ["1.", "01", "1e", "-", "1 2", "1..2", "0x1", "1,,2", "1]2", "+1", "x"])
def test_errors_are_those_of_json(wrong):
    for place in 0, 30, 79:
        members = ["0.25"] * 80
        members[place] = wrong
        text = "[" + ",\n ".join(members) + "]"
        with pytest.raises(json.JSONDecodeError) as expected:
            json.loads(text)
        with pytest.raises(json.JSONDecodeError) as raised:
            pyon.decode(text)
        assert raised.value.args == expected.value.args


def test_unfinished_texts():
    """The outcome of json for a text that is cut anywhere in a run."""
    text = json.dumps([i / 7 for i in range(40)], indent=3)
    for end in range(len(text)):
        with pytest.raises(json.JSONDecodeError) as expected:
            json.loads(text[:end])
        with pytest.raises(json.JSONDecodeError) as raised:
            pyon.decode(text[:end])
        assert raised.value.args == expected.value.args
        with pytest.raises(SyntaxError):
            pyon_v1.decode(text[:end])


def test_comma_at_the_end():
    text = "[" + "0.5," * 100 + "]"
    with pytest.raises(json.JSONDecodeError) as expected:
        json.loads(text)
    with pytest.raises(json.JSONDecodeError) as raised:
        pyon.decode(text)
    assert raised.value.args == expected.value.args
    assert pyon_v1.decode(text) == [0.5] * 100


class Number(float):
    def __repr__(self):
        return "wrong"


class Integer(int):
    def __repr__(self):
        return "wrong"


SPECIAL = [math.nan, math.inf, -math.inf, True, None, 2**70, -(2**63), 2**63 - 1, "s", Number(0.5),
           Integer(3), -0.0, 1e22, 5e-324, 10**18]  # fmt: skip


def values():
    rng = random.Random(2)
    for length in 0, 1, 2, 7, 8, 9, 10, 64, 65, 66, 73, 130, 500:
        for special in 0, 1, 3:
            value = [rng.choice([i, i / 7]) if length % 2 else i / 7 for i in range(length)]
            for _ in range(special if length else 0):
                value[rng.randrange(length)] = rng.choice(SPECIAL)
            yield value


def test_encoding_as_json():
    for value in values():
        assert pyon.encode(value) == json.dumps(value, separators=(",", ":"))
        assert pyon.encode(value, True) == json.dumps(value, indent=4)
        pairs = {f"key {i} é\\" if i % 9 == 0 else f"k{i}": v for i, v in enumerate(value)}
        assert pyon.encode(pairs) == json.dumps(pairs, separators=(",", ":"))
        assert pyon.encode([pairs], True) == json.dumps([pairs], indent=4)


def test_zeros_without_a_digit():
    """Before Python 3.12, a zero that was not made by counting may have no digit to look at."""
    zeros = [int.from_bytes(bytes(20), "big"), pickle.loads(b"\x8a\x01\x00."), 10**30 - 10**30]
    assert pyon.encode(zeros * 10) == "[" + ",".join(["0"] * 30) + "]"


def test_encoding_as_version_1():
    spell = {None: "null", True: "true"}
    for value in values():
        value = [v for v in value if type(v) in (int, float, bool, type(None))]
        members = [spell[v] if v is None or v is True else repr(v) for v in value]
        assert pyon_v1.encode(value) == "[" + ", ".join(members) + "]"
        pairs = {f"k{i}": v for i, v in enumerate(value)}
        text = "{" + ", ".join(f'"{k}": {m}' for k, m in zip(pairs, members)) + "}"
        assert pyon_v1.encode(pairs) == text


def test_patched_entries_are_asked(monkeypatch):
    """A float in a run is encoded by what the map of version 1 has for its type."""
    value = [i / 7 for i in range(100)]
    monkeypatch.setitem(pyon_v1._encode_map, float, "none")
    assert pyon_v1.encode(value) == "[" + ", ".join(["null"] * 100) + "]"
    monkeypatch.delitem(pyon_v1._encode_map, float)
    with pytest.raises(TypeError):
        pyon_v1.encode(value)
    with pytest.raises(TypeError):
        pyon_v1.encode({f"k{i}": v for i, v in enumerate(value)})


def test_large_list_is_a_list_like_others():
    """Its block is that of the stack: it must grow, shrink and go."""
    text = "[" + ",".join(map(str, range(20000))) + "]"
    value = pyon.decode(text)
    assert value == list(range(20000))
    value += value
    value.sort()
    del value[10:]
    value.append(None)
    assert value == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, None]
    assert pyon.decode(f'{{"a": {text}, "b": {text}}}')["b"] == list(range(20000))


def test_all_this_with_portable_kernels():
    """The other way of joining digits, and of printing them."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not portable", __file__]
    if os.environ.get("PYON_CPU") != "scalar":
        subprocess.run(command, env={**os.environ, "PYON_CPU": "scalar"}, check=True)
