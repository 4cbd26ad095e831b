"""Random values and texts, the same in every run: a Generator is made from a number.

Hypothesis finds small examples of what breaks a property; these are for numbers: tens of
thousands of cases in a few seconds, to be compared with another implementation.
"""

import enum
import json
import random
from collections import Counter, OrderedDict, defaultdict, namedtuple
from fractions import Fraction

Pair = namedtuple("Pair", "a b")
Number = enum.IntEnum("Number", {"ONE": 1})
SubStr = type("SubStr", (str,), {})
SubInt = type("SubInt", (int,), {})
SubFloat = type("SubFloat", (float,), {})
SubList = type("SubList", (list,), {})
SubTuple = type("SubTuple", (tuple,), {})
SubDict = type("SubDict", (dict,), {})


class Unknown:
    """No format knows it."""

    def __repr__(self):
        return "Unknown() é"


FLOATS = [
    0.0, -0.0, 1.0, -1.5, 0.1, 1e-5, 1e-4, 1e15, 1e16, 123456789012345680.0, 5e-324, 1e22, 1e23,
    1.7976931348623157e308, 2.2250738585072014e-308, 9007199254740993.0, float("inf"),
    float("-inf"), float("nan"),
]  # fmt: skip
INTS = [
    0, 1, -1, 9, 10, 99, 255, 2**31, 2**53, 2**63 - 1, 2**63, -(2**63), -(2**63) - 1, 2**64, 10**30,
    -(10**100),
]  # fmt: skip
TEXTS = [
    "", "a", "key", "é", "\u2028", "\u20ac uro", "\U0001f600", "\ud800", "\udc00\ud800", "\x00",
    "\x7f", "\x1f", '"', "'", "\\", "/", "\t\r\n\b\f", "__jsonclass__", "line\nline", "\ufeff",
    "\xff" * 3, "ascii text that is longer than a vector register, and than two of them as well ",
]  # fmt: skip
BYTES = [b"", b"a", b"'", b'"', b"'\"", b"\\", b"\n\r\t\x00\x7f\x80\xff", bytes(range(256))]
DTYPES = [
    "?", "i1", "<i2", ">i2", "<i4", ">i4", "<i8", "u1", "<u2", "<u4", ">u8", "<f2", ">f2", "<f4",
    "<f8", ">f8", "<c8", "<c16", ">c16", "S3", "<U2", ">U2", "V3", "g", "G", "q", "Q", "M8[s]",
    "m8[ns]", "O", "i4,f8", "i4,O", "S0",
]  # fmt: skip
SCALARS = [
    "bool_", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16",
    "float32", "float64", "complex64", "complex128", "longlong", "ulonglong", "longdouble",
    "clongdouble",
]  # fmt: skip


class Generator(random.Random):
    """Random values, texts, and changes of texts."""

    def __new__(cls, seed, *others, **keywords):  # Random of Python 3.10 takes no others
        return super().__new__(cls, seed)

    def __init__(self, seed, numpy=None, own_only=False):
        super().__init__(seed)
        self.numpy = numpy
        self.own_only = own_only  # no types but those that the formats keep

    # ---- Values ----

    def text(self):
        if self.random() < 0.6:
            return self.choice(TEXTS)
        limit = self.choice((0x7E, 0xFF, 0xD7FF, 0x10FFFF))
        return "".join(chr(self.randint(0x20, limit)) for _ in range(self.randint(0, 40)))

    def integer(self):
        if self.random() < 0.6:
            return self.choice(INTS)
        return self.randint(-(10 ** self.randint(1, 40)), 10 ** self.randint(1, 40))

    def real(self):
        if self.random() < 0.5:
            return self.choice(FLOATS)
        return self.uniform(-1, 1) * 10.0 ** self.randint(-320, 308)

    def octets(self):
        if self.random() < 0.5:
            return self.choice(BYTES)
        return self.randbytes(self.randint(0, 60))

    def scalar(self):
        kind = self.randrange(12)
        if kind < 3:
            return self.choice((None, True, False))
        if kind < 5:
            return self.integer()
        if kind < 7:
            return self.real()
        if kind < 9:
            return self.text()
        if kind == 9:
            return complex(self.real(), self.real())
        if kind == 10:
            return self.octets()
        return Fraction(self.integer(), self.randint(1, 999))

    def array(self):
        numpy, dtype = self.numpy, self.choice(DTYPES)
        shape = tuple(self.randint(0, 3) for _ in range(self.randint(0, 3)))
        x = numpy.zeros(shape, dtype)
        if not x.dtype.hasobject and x.dtype.itemsize and x.dtype.kind in "?biufcSV":
            if x.dtype.char not in "gG":  # they have padding
                x = numpy.frombuffer(self.randbytes(x.nbytes), x.dtype).reshape(shape)
        if x.ndim > 1 and self.random() < 0.5:
            x = x.T
        if x.ndim and self.random() < 0.3:
            x = x[:: self.choice((-1, 2))]
        return x

    def npscalar(self):
        numpy, kind = self.numpy, self.choice(SCALARS)
        return getattr(numpy, kind)(self.choice((0, 1, 0.5, 100)))

    def hashable(self):
        if self.random() < 0.2:
            return tuple(self.scalar() for _ in range(self.randint(0, 2)))
        return self.scalar()

    def rare(self):
        """Subclasses, and what cannot be encoded."""
        return self.choice(
            (
                Pair(1, self.scalar()), Number.ONE, SubStr(self.text()), SubInt(3), SubFloat(0.5),
                SubList([1]), SubTuple((1,)), SubDict(a=self.scalar()), SubDict({1: 2}),
                Counter("aab"), defaultdict(list, {"a": [1]}), frozenset((1,)), bytearray(b"a"),
                range(3), Ellipsis, Unknown(), int, {SubStr("k"): 1, "l": 2}, {"__jsonclass__": 1},
            )
        )  # fmt: skip

    def value(self, depth=3):
        kind = self.randrange(20)
        if kind == 0 and not self.own_only:
            return self.rare() if self.random() < 0.3 else self.scalar()
        if kind < 3 and self.numpy:
            return self.array() if kind == 1 else self.npscalar()
        if kind < 9 or not depth:
            return self.scalar()
        size = self.choice((0, 1, 1, 2, 3, 5))
        if kind < 12:
            return [self.value(depth - 1) for _ in range(size)]
        if kind < 14:
            return tuple(self.value(depth - 1) for _ in range(size))
        if kind < 16:
            return {self.text(): self.value(depth - 1) for _ in range(size)}
        if kind == 16:
            return {self.hashable(): self.value(depth - 1) for _ in range(size)}
        if kind == 17:
            return {self.hashable() for _ in range(size)}
        if kind == 18:
            return OrderedDict((self.hashable(), self.value(depth - 1)) for _ in range(size))
        return slice(*(self.choice((None, self.scalar(), [1])) for _ in range(3)))

    # ---- Texts ----

    def blank(self):
        return self.choice(("", "", "", "", " ", "  ", "\t", "\n", "\r\n"))

    def json_text(self, depth=3):
        """JSON in all spellings, and PYON v2 in some."""
        kind = self.randrange(12)
        if kind < 6 or not depth:
            return self.choice(
                (
                    "null", "true", "false", "NaN", "Infinity", "-Infinity", "0", "-0", "-0.0",
                    "1E5",
                    "1e+05", "0.10", "-12.5e-3", "1e400", "123456789012345678901234567890",
                    repr(self.integer()), json.dumps(self.real()), json.dumps(self.text()),
                    json.dumps(self.text(), ensure_ascii=False), '"\\u0041\\/\\ud83d\\ude00"',
                    '"\\uD83D"', '"\\ude00\\ud83d"', '"\\u00e9\\b\\f\\n\\r\\t\\\\\\""',
                )
            )  # fmt: skip
        parts = [self.json_text(depth - 1) for _ in range(self.randint(0, 3))]
        comma = self.blank() + "," + self.blank()
        if kind < 9:
            return "[" + self.blank() + comma.join(parts) + self.blank() + "]"
        keys = [json.dumps(self.choice(("a", "b", "é", "", "a b"))) for _ in parts]
        members = (key + self.blank() + ":" + self.blank() + x for key, x in zip(keys, parts))
        return "{" + self.blank() + comma.join(members) + self.blank() + "}"

    def hook_text(self, depth=2):
        """An object with the key "__jsonclass__": often right, often not."""
        name = self.choice(
            ("tuple", "dict", "complex", "bytes", "set", "slice", "Fraction", "OrderedDict")
            + (("nparray", "npscalar") if self.numpy else ())
            + ("unknown",)
        )
        usual = {
            "tuple": "[[1, [2]]]", "dict": '[[["a", 1], [2, 3]]]', "complex": "[1.0, -0.0]",
            "bytes": '["YWI="]', "set": "[[1, 2, 1.0]]", "slice": "[null, 1, null]",
            "Fraction": "[2, 6]", "OrderedDict": "[[[1, 2]]]",
            "nparray": '[[2], "<i2", "AQACAA=="]', "npscalar": '["<f8", "AAAAAAAA8D8="]',
        }  # fmt: skip
        odd = ("[]", "null", "1", '"ab"', '["a"]', "[[]]", "[[1]]", "[1, 2, 3, 4]", '{"a": 1}')
        some = [self.json_text(0) for _ in range(self.randint(0, 3))]
        arguments = self.choice((usual.get(name, "[]"), self.choice(odd), f"[{', '.join(some)}]"))
        if depth and self.random() < 0.4:
            arguments = f"[[{self.hook_text(depth - 1)}, {self.json_text(0)}]]"
        whole = self.choice((f'["{name}", {arguments}]',) * 9 + odd)
        extra = self.choice(("",) * 6 + ('"x": 1, ', '"__jsonclass__": ["set", []], '))
        return f'{{{extra}"__jsonclass__": {whole}}}'

    def literal(self, depth=3):
        """A v1 text in the spellings that Python has for it."""
        kind = self.randrange(16)
        if kind < 8 or not depth:
            return self.choice(
                (
                    "None", "True", "false", "null", "nan", "-inf", "0x_fF", "0o17", "0b1_0", "00",
                    "1_000", "1_0.5e1_0", ".5", "5.", "1e5", "012.5", "1j", "1+2j", "(-0-1j)",
                    "-1j",
                    "- + 3", "r'\\n'", "b'\\x41\\n'", "Rb'\\x'", "u'\\N{DIGIT ONE}\\u20ac'",
                    "'''a\n'b'\"'''", '"""\\\n"x"""', "'\\400\\7\\x41\\q'", "'a' \"b\"",
                    "b'a' b'b'",
                    repr(self.integer()), repr(self.real()), repr(self.scalar()),
                    ascii(self.text()),
                    json.dumps(self.text()), repr(self.octets()), repr(complex(1, self.real())),
                )
            )  # fmt: skip
        parts = [self.literal(depth - 1) for _ in range(self.randint(1, 3))]
        inside = (self.blank() + "," + self.blank()).join(parts) + self.choice(("", "", ",", " , "))
        if kind < 10:
            return "[" + self.blank() + inside + self.blank() + "]"
        if kind < 12:
            return "(" + self.choice((inside, "", "1", "#c\n1,")) + ")"
        if kind == 12:
            return "{" + inside + "}"
        if kind == 13:
            keys = [self.literal(0) for _ in parts]
            return "{" + ", ".join(f"{key}: {x}" for key, x in zip(keys, parts)) + "}"
        return self.call(inside)

    def call(self, inside):
        calls = [
            f"slice({inside})", f"Fraction({inside})", f"OrderedDict([({inside})])",
            "Fraction(1, 2)", "Fraction('1/3')", "Fraction(numerator=1, denominator=2)",
            "OrderedDict(a=1, b=[2])", "slice(None, 1, 2)", "OrderedDict([(1, 2), (3, 4)],)",
        ]  # fmt: skip
        if self.numpy:
            calls += [
                "nparray((2,), '<i2', b'AQACAA==')", "npscalar('<f8', b'AAAAAAAA8D8=')",
                "nparray(shape=[-1], dtype='u1', data='AQID')", f"nparray((1,), 'i1', {inside})",
                "npscalar(ty='>i2', data=b'AAE=')",
            ]  # fmt: skip
        return self.choice(calls)

    def mutate(self, text, alphabet, times=2):
        """The text with a few accidents."""
        for _ in range(self.randint(1, times)):
            i = self.randint(0, len(text))
            j = min(len(text), i + self.choice((1, 1, 1, 2, 5, 20)))
            kind = self.randrange(6)
            if kind == 0:
                text = text[:i] + text[j:]
            elif kind == 1:
                text = text[:i]
            elif kind == 2:
                text = text[:j] + text[i:]
            elif kind == 3:
                text = text[:i] + self.choice(alphabet) + text[j:]
            else:
                text = text[:i] + self.choice(alphabet) + text[i:]
        return text
