"""Random texts of both dialects: right ones, and ones with accidents among tokens, characters or bytes."""

import json
import re

from fastpyon import pyon, pyon_v1
from generate import Generator

try:
    import numpy as np
except ImportError:
    np = None

# No operators but "+" and "-": what others do to numbers could take eval hours.
V1_WORDS = [
    *"[](){}'\",:\\ \n\t\r\f0123456789+-.eEjJxXobBru_#aféN=;!?$@\x00\x7f\u2028\ufeff\U0001f600",
    "None", "True", "null", "nan", "inf", "1j", "+2j", "-0.0", "'''", '"""', "b'", "rb'", "f'", "slice(", "Fraction(",
    "OrderedDict(", "OrderedDict([", "nparray(", "npscalar(", "\\x4", "\\N{BULLET}", "\\u20ac", "\\U0001F600", "\\400",
    "\\\n", "# c\n", "\r\n", "=1", "a=", "numerator=", "shape=", "data=", "ty=", ", )", "(1)", "()", "{}", "x", "lambda",
    "if", "__import__", ".real", "[0]", "_1", "0x", "1e", "1_0", "and", "...", "{1:", "'AQ=='", "'<i2'", "not", "None(",
]  # fmt: skip
V2_WORDS = [
    *"[]{}\",:\\ \n\t\r\f0123456789+-.eEulINéa/'\x00\x7f\u2028\ufeff\U0001f600",
    "null", "true", "false", "NaN", "Infinity", "-Infinity", '"a":', "__jsonclass__", '{"__jsonclass__":["', '["tuple",',
    '"__jsonclass__":', "]]}", "[[", "]]", "[[]]", "\\u00e9", "\\ud83d", "\\ude00", "\\/", "\\n", "\\x", '"', '""',
    "1e5", "-0", "-0.0", "1e999", "0.1", "{}", "[]", '"AQ=="', '"<i2"', "[2]", "set", "dict", "complex", "bytes",
]  # fmt: skip
TOKENS = re.compile(r"[A-Za-z_]\w*|\d[\w.]*|\s+|\"[^\"]*\"|'[^']*'|.", re.DOTALL)

NAMES = ("tuple", "dict", "complex", "bytes", "set", "slice", "Fraction", "OrderedDict", "nparray", "npscalar", "custom",
         "sub", "unknown", "", "Tuple", "tuple ")  # fmt: skip
NAMES = NAMES if np else tuple(name for name in NAMES if name not in ("nparray", "npscalar"))
SHAPES = ("[]", "[1]", "[2]", "[3]", "[1,2]", "[-1]", "[0]", "[2,-1]", "[-1,-1]", "2", "null", "[2.0]", "[true]", '"a"',
          "[9223372036854775807]", "[18446744073709551616]", "[[2]]", "{}", "[0,-1]", "[1,1,1,1,1,1,2]")  # fmt: skip
TYPES = ('"<i2"', '">f4"', '"|u1"', '"|b1"', '"<f8"', '"<c16"', '"<U1"', '"|S2"', '"|V4"', '"<M8[s]"', '"|O"', '"i4"', '"xx"',
         '""', "null", "3", '"i1,i1"', '"(2,)i1"', '[["a","<i4"]]', '{"names":["a"],"formats":["i2"]}', '"\\u003ci2"')  # fmt: skip
PAYLOADS = ('"AQACAA=="', '"AQI="', '""', '"AAAAAAAA8D8="', '"AQACAAMABAA="', '"AQ"', '"A"', '"AQ=A"', '"AQAC AA=="', '"é"',
            '"AQ\\u0041CAA=="', '"AQACAA==x"', "null", "5", '"AQAC\\nAA=="', '"AQACAB=="', '["AQ=="]')  # fmt: skip
CODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "latin-1")


class Texts(Generator):
    """Texts of both dialects."""

    def __init__(self, seed=0):
        super().__init__(seed, np)

    def sample(self):
        """Returns 1 or 2, for the dialect, and a str or bytes."""
        dialect = self.choice((1, 2))
        text = self.right(dialect)
        kind = self.randrange(8)
        words = V1_WORDS if dialect == 1 else V2_WORDS
        if kind < 3:
            text = self.mutate_tokens(text, words)
        elif kind < 5:
            text = self.mutate(text, words, 4)
        if self.random() < 0.25:
            return dialect, self.octets_of(text, dialect)
        return dialect, text

    def right(self, dialect):
        """A text that is mostly right."""
        kind = self.randrange(8)
        if kind < 2:
            return self.encoded(pyon_v1 if dialect == 1 else pyon)
        if dialect == 1:
            return self.signed() if kind == 2 else self.constructor() if kind == 3 else self.literal(self.randint(1, 4))
        if kind < 4:
            return self.json_text(4)
        return self.hook_text() if kind == 4 else self.tagged(self.randrange(4))

    def encoded(self, module):
        try:
            return module.encode(self.value(3), self.random() < 0.3)
        except Exception:
            return self.choice(("[]", "{}", "1"))

    def mutate_tokens(self, text, words):
        tokens = TOKENS.findall(text)
        for _ in range(self.choice((1, 1, 1, 2, 4))):
            i, j = (self.randrange(len(tokens) + 1) for _ in range(2))
            kind = self.randrange(6)
            if kind == 0:
                del tokens[i : i + 1]
            elif kind == 1:
                tokens[i:i] = [self.choice(words)]
            elif kind == 2:
                tokens[i : i + 1] = [self.choice(words)]
            elif kind == 3:
                tokens[i:i] = tokens[i : i + 1]
            elif kind == 4:
                tokens[i:i] = tokens[min(i, j) : max(i, j)][:20]
            elif i < len(tokens) and j < len(tokens):
                tokens[i], tokens[j] = tokens[j], tokens[i]
        return "".join(tokens)

    def octets_of(self, text, dialect):
        """The text as bytes, perhaps in another encoding, perhaps with accidents."""
        coding = self.choice(CODINGS) if self.random() < 0.3 else "utf-8"
        data = bytearray(text.encode(coding, "surrogatepass" if coding.startswith("utf") else "replace"))
        if dialect == 1 and self.random() < 0.1:
            data[:0] = b"# coding: %s\n" % self.choice((b"utf-8", b"latin-1", b"ascii", b"nonsense"))
        for _ in range(self.choice((0, 0, 1, 3))):
            i = self.randrange(len(data) + 1)
            kind = self.randrange(4)
            if kind == 0:
                del data[i : i + self.choice((1, 1, 5))]
            elif kind == 1:
                data[i:i] = bytes((self.randrange(256),))
            elif kind == 2:
                data[i : i + 1] = bytes((self.randrange(256),))
            elif i < len(data):
                data[i] ^= 1 << self.randrange(8)
        return bytes(data)

    # ---- Version 2 ----

    def tagged(self, depth):
        """An object with the tag, of any shape."""
        name = json.dumps(self.choice(NAMES))
        kind = self.randrange(12)
        if kind == 0:
            name = self.json_text(1)
        arguments = self.arguments(name, depth)
        value = f"[{name},{self.blank()}{arguments}]"
        if kind == 1:
            value = self.json_text(1)
        elif kind == 2:
            value = self.choice((f"[{name}]", f"[{name},{arguments},1]", name, f'{{"a":{name}}}', f"[{arguments},{name}]",
                                 f'{{"tuple":1,"x":{arguments}}}', self.tagged(depth - 1) if depth else "[]"))  # fmt: skip
        tag = self.choice(('"__jsonclass__"',) * 12 + ('"__json\\u0063lass__"', '"__jsonclass_"', '"__Jsonclass__"'))
        members = [f"{tag}{self.blank()}:{value}"]
        while self.random() < 0.15:
            other = f'"{self.choice(("x", "__jsonclass__", "y"))}":{self.json_text(1)}'
            members.insert(self.randint(0, len(members)), other)
        text = "{" + self.blank() + ",".join(members) + self.blank() + "}"
        return f"[{self.json_text(0)},{text}]" if self.random() < 0.2 else text

    def member(self, depth):
        return self.tagged(depth - 1) if depth > 0 and self.random() < 0.4 else self.json_text(1)

    def arguments(self, name, depth):
        if "np" in name or "sub" in name:
            parts = [self.choice(SHAPES), self.choice(TYPES), self.choice(PAYLOADS)]
            parts = parts[1:] if "sc" in name else parts
        elif name in ('"tuple"', '"set"', '"dict"', '"OrderedDict"'):
            members = [self.member(depth) for _ in range(self.randrange(3))]
            if "ict" in name:
                members = [f"[{member},{self.member(depth)}]" for member in members]
            parts = [f"[{','.join(members)}]"]
        elif name == '"bytes"':
            parts = [self.choice(PAYLOADS)]
        else:
            parts = [self.member(depth) for _ in range(self.randrange(4))]
        if self.random() < 0.1:
            parts.insert(self.randint(0, len(parts)), self.json_text(1))
        if self.random() < 0.1:
            del parts[-1:]
        if self.random() < 0.05:
            return self.choice(("null", "1", '"ab"', '{"a":1}', self.json_text(1)))
        return f"[{','.join(parts)}]"

    # ---- Version 1 ----

    def signed(self):
        """Numbers with signs, and sums with imaginary ones."""
        number = self.choice(("1", "0", "2.5", "nan", "inf", "1j", "0x1F", "1e400", "9" * 30, "-0.0", ".5", "1_0", "true", "'a'"))
        text = self.choice(("", "-", "+", "--", "- ", "-+-")) + number
        if self.random() < 0.3:
            text = f"({text})"
        if self.random() < 0.5:
            text += self.choice(("+", "-", " + ", "\n-")) + self.choice(("1j", "0j", "2.5e3j", "infj", "1", "nan", "-1j", "(1j)"))
        return self.choice(("{}", "[{}]", "({})", "{{{}}}", "[{0}, {0}]", "slice({})", "-({})", "-{}")).format(text)

    def constructor(self):
        """A call, often with arguments that do not fit."""
        literal = self.literal
        name = self.choice(("slice", "Fraction", "OrderedDict", "nparray", "npscalar") if np else ("slice", "Fraction"))
        if name.startswith("np"):
            shape = self.choice(SHAPES).translate(str.maketrans("[]", "()"))
            parts = [shape.replace("1)", "1,)").replace("2)", "2,)"), self.choice(TYPES), "b" + self.choice(PAYLOADS)]
            parts = parts[1:] if name == "npscalar" else parts
            keywords = ("ty", "data") if name == "npscalar" else ("shape", "dtype", "data")
        else:
            parts = [literal(1) for _ in range(self.randrange(4))]
            keywords = ("numerator", "denominator", "a", "null", "_normalize", "start")
            if name == "OrderedDict":
                parts = [f"[({literal(0)}, {literal(1)}), ({literal(0)}, {literal(1)})]", *parts[2:]]
        for i in range(len(parts)):
            if self.random() < 0.1:
                keyword = keywords[i % len(keywords)] if self.random() < 0.7 else self.choice(keywords)
                parts[i] = f"{keyword}{self.blank()}={self.blank()}{parts[i]}"
        text = f"{name}{self.blank()}({self.blank()}{', '.join(parts)}{self.choice(('', '', ','))})"
        return self.choice(("{}", "{}", "[{}, {{1}}]", "slice({})", "({},)")).format(text)
