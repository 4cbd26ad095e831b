# SPDX-License-Identifier: LGPL-3.0-or-later
"""Texts and values for tests of leaks, and how much each call of a function leaves."""

import gc
import sys
from collections import OrderedDict
from fractions import Fraction

try:
    import numpy as np
except ImportError:
    np = None

ROUNDS = 1500
# A leak is one block or reference a call, or more. The caches of Python and NumPy grow and shrink, but less.
LEAK = 0.5


class Custom:
    pass


class Failing:
    def __repr__(self):
        raise ValueError("no repr")


KEY, SHARED = "a key that nobody interns", 2**100
VALUE = {
    KEY: [1, 2.5, 10**30, "é", None, True, "x" * 600], "t": ((), (1, (2,))), "s": {1, "b", (3,)},
    5: {6: {}}, "b": b"bytes" * 200, "c": 1 - 2j, "f": Fraction(10**30, 7**99), "sl": slice(1, (2,), {3: 4}),
    "o": OrderedDict(a=1, b=[2]), (): SHARED, "\U0001f600": "\ud800",
}  # fmt: skip
BAD = [
    object(),
    [1, [{"a": (object(),)}]],
    {1: {frozenset(): 2}},
    slice(10**5000),
    [Failing()],
    10**5000,
]

V1_GOOD = [
    "[1, 1_0.5, -2j, 1+2j, 'a' 'b', b'c', '\\u20ac\\N{BULLET}', 1234567890123456789012]",
    "[\"\"\"é\"\"\", r'\\d', 0xffffffffffffffffffff]", "{1: (2,), 'a': {3, 4}, (): {}}",
    "[slice(1, [2]), Fraction(1, 2), OrderedDict([('a', 1)], b=2)]", "1, 2, # c\n",
    "slice(" * 60 + "1" + ")" * 60,
]  # fmt: skip
V1_BAD = [
    "[1, (2, {3: 'a'", "[1, foo]", "().__class__", "'\\x'", "['a' b'b']", "slice()",
    "Fraction(1, 0)", "{[]: 1}", "{1, []}", "OrderedDict(a=1, a=2)", "OrderedDict([1], b=[2])",
    "-'a'", "1" * 5000, "'\ud800'", "[0]*9", "1" + "0" * 400 + "+1j", "\0", "[" * 300,
    "[1, 'é', ?]", "lambda: 1", "'\\N{NO SUCH}'", "f'a'", "[slice, 1]",
    "OrderedDict(x for x in ())", "1 2", "[Fraction(1, 0), 12345678901234567890123]",
]  # fmt: skip
V2_GOOD = [
    '[1, 2.5, "é\\u20ac", 123456789012345678901234567890, {"a": {"b": []}, "a": 1}, NaN, null]',
    '[{"__jsonclass__": ["tuple", [[1, [2]]]]}, {"__jsonclass__": ["set", [[1]]]}]',
    '[{"__jsonclass__": ["bytes", ["YWI="]]}, {"__jsonclass__": ["slice", [1]]}]',
    '[{"__jsonclass__": ["dict", [[[1, 2]]]]}, {"__jsonclass__": ["complex", [1.0, 2.0]]}]',
    '[{"__jsonclass__": ["Fraction", [1, 2]]}, {"__jsonclass__": ["OrderedDict", [[["a", []]]]]}]',
    '{"x": [1], "__jsonclass__": ["tuple", ["ab"]], "y": {}}',
    '{"__jsonclass__": {"tuple": 1, "x": 2}}', '{"__jsonclass__": ["bytes", ["Y W I="]]}',
    '[{"__jsonclass__": ["tuple", []]}, {"__jsonclass__": ["dict", [[]]]}]',
    '{"__jsonclass__": ["tuple", [[' * 60 + "]]]}" * 60,
]  # fmt: skip
V2_BAD = [
    '[1, {"a": [2, "b"', '{"a": 1, "a" 2}', '["\\x"]', '"abc', "[1, 2,]", "nul", "1" * 5000,
    "[" * 11000, '{"__jsonclass__": 1}', '[1, {"__jsonclass__": ["unknown", [1, [2]]]}]',
    '{"__jsonclass__": ["tuple", [[1], [2]]]}', '{"__jsonclass__": ["tuple", [[1], 2',
    '{"__jsonclass__": ["set", [[1, []]]]}', '{"__jsonclass__": ["dict", [[[[], 1]]]]}',
    '{"__jsonclass__": ["bytes", ["YQ"]]}', '{"__jsonclass__": ["bytes", ["YWI="], 1]}',
    '{"__jsonclass__": ["Fraction", [1, 0]]}', '{"__jsonclass__": [[], []]}',
    '{"__jsonclass__": ["tuple", [[1, 2]], "x": }', '{"__jsonclass__": ["complex", [1, "a"]]}',
    '[1, "é", ?]',
]  # fmt: skip
if np:
    VALUE["np"] = [
        np.arange(5),
        np.arange(4.0)[::2],
        np.int32(3),
        np.zeros((2, 2), "i4,f8"),
        np.complex64(1j),
    ]
    BAD += [np.zeros(2, object), np.zeros(2, "M8[s]"), np.longdouble(1)]
    V1_GOOD += [
        "nparray((2,), '<i2', b'AQACAA==')",
        "[npscalar('<f8', b'AAAAAAAA8D8='), npscalar('>i2', b'AAE=')]",
        "nparray([-1], 'i4,u1,V3', data='AAECAwQFBgc=')", "nparray((1,), '<U2', b'AAAAAAAAAAA=')",
    ]  # fmt: skip
    V1_BAD += [
        "nparray((3,), '<i2', b'AQACAA==')", "nparray((1,), 'xx', b'')", "npscalar('<i2', b'')",
        "nparray((1,), 'O', b'AA==')", "nparray((2,), '<i2', b'AQACAA=='",
        "nparray((2,), '<i2', b'AQACAA==', 1)", "npscalar('<i2', b'AQA=', [])",
    ]  # fmt: skip
    V2_GOOD += [
        '{"__jsonclass__": ["nparray", [[2], "<i2", "AQACAA=="]]}',
        '[{"__jsonclass__": ["npscalar", ["<f8", "AAAAAAAA8D8="]]}]',
        '{"__jsonclass__": ["nparray", [[-1], "<i2", "AQAC AA=="]]}',
        '{"__jsonclass__": ["npscalar", ["|S2", "YWI="]]}',
    ]  # fmt: skip
    V2_BAD += [
        '{"__jsonclass__": ["nparray", [[3], "<i2", "AQACAA=="]]}',
        '{"__jsonclass__": ["nparray", [[2], "<i2", "AQACAA==", 1]]}',
        '{"__jsonclass__": ["nparray", [[2], "<i2", "AQACAA=="',
        '{"__jsonclass__": ["nparray", [[1], "O", "AA=="]]}',
        '{"__jsonclass__": ["npscalar", ["<f8", "AAAAAAAA8D8="], 1]}',
        '{"__jsonclass__": ["nparray", [[2], "<i2", "AQACAA=="]], "x"',
    ]  # fmt: skip


def attempt(function, *arguments):
    try:
        function(*arguments)
    except (
        ValueError,
        TypeError,
        SyntaxError,
        NameError,
        AttributeError,
        ArithmeticError,
        LookupError,
        RecursionError,
    ):
        pass


def references():
    """Those of all objects. Debug builds count them, but not what a NumPy does that is none."""
    return 0 if np else getattr(sys, "gettotalrefcount", int)()


def collect():
    """Twice, since Python 3.14t frees a part of what it finds only at the next collection."""
    gc.collect()
    gc.collect()


def kept(call, rounds=ROUNDS):
    """The number of blocks of memory, or references, that each call leaves, every time that it is tried."""
    for _ in range(12):  # caches grow now and then
        collect()
        blocks, counts = sys.getallocatedblocks(), references()
        for _ in range(rounds):
            call()
        collect()
        growth = max(sys.getallocatedblocks() - blocks, references() - counts) / rounds
        if growth < LEAK:
            break
    return growth
