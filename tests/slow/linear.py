"""Values and texts of every shape that might take quadratic time, for tests/check-linear.

Each is encoded or decoded with no repetitions, with N and with 2 N; valgrind counts the instructions between
two calls of the marker. The library alone, with many more texts, is in tests/c/programs/linear.c.

    linear.py N    prints the name of each measurement
"""

import gc
import os
import sys
from collections import OrderedDict
from fractions import Fraction

from fastpyon import pyon, pyon_v1, stream

mark = os.getppid  # a function that nothing else calls


class Point:
    def __init__(self, *arguments):
        self.arguments = arguments


class Odd(list):
    def __iter__(self):
        return super().__iter__()


pyon.register([Point], name="Point", encode=lambda x: pyon.wrap(list(x.arguments)), decode=Point)


def nest(around, n):
    x = ()
    for _ in range(n):
        x = around(x)
    return x


# ---- Values ----

BOTH = {
    "ints": lambda n: list(range(n)),
    "floats": lambda n: [i / 7 for i in range(n)],
    "mixed numbers": lambda n: [i if i % 3 else i / 7 for i in range(n)],
    "large ints": lambda n: [2**64 + i for i in range(n)],
    "tuple": lambda n: tuple(range(n)),
    "tuples": lambda n: [(i,) for i in range(n)],
    "set": lambda n: set(range(n)),
    "dict of floats": lambda n: {f"k{i}": i / 7 for i in range(n)},
    "dict of lists": lambda n: {f"k{i}": [] for i in range(n)},
    "dict of int keys": lambda n: {i: [] for i in range(n)},
    "dict of tuple keys": lambda n: {(i, 0): i for i in range(n)},
    "OrderedDict": lambda n: OrderedDict((i, i) for i in range(n)),
    "shared list": lambda n: [[1, [2]]] * n,
    "str": lambda n: ["a" * n],
    "str of width 2": lambda n: ["\u20ac" * n],
    "str of width 4": lambda n: ["\U0001f600" * n],
    "str of quotes": lambda n: ['"' * n],
    "strs": lambda n: ["\u20ac\n"] * n,
    "str as key": lambda n: {"a\n" * n: 1},
    "bytes": lambda n: [b"'" * n],
    "slices": lambda n: [slice(i, (1,), None) for i in range(n)],
    "fractions": lambda n: [Fraction(i, 7) for i in range(n)],
    "nested lists": lambda n: nest(lambda x: [x], n),
    "nested tuples": lambda n: nest(lambda x: (x, 1), n),
    "nested dicts": lambda n: nest(lambda x: {"a": x, "b": 1}, n),
    "nested OrderedDicts": lambda n: nest(lambda x: OrderedDict(a=x, b=1), n),
    "nested keys": lambda n: {nest(lambda x: (x, 1), n): 1},
}
V2 = {
    "registered types": lambda n: [Point(i) for i in range(n)],
    "nested registered types": lambda n: nest(Point, n),
    "nested registered types in lists": lambda n: nest(lambda x: [Point(), x], n),
    "subclasses": lambda n: [Odd([i]) for i in range(n)],
    "nested subclasses": lambda n: nest(lambda x: Odd([x]), n),
    "nested slices": lambda n: nest(slice, n),
}


def drain(pieces):
    for _ in pieces:
        pass


# Not nested values: each level is indented further, so that the text itself grows by the square.
PRETTY = {"ints", "tuples", "dict of floats", "dict of lists", "dict of tuple keys", "OrderedDict", "registered types"}
ENCODERS = {
    "encode": lambda module, x: module.encode(x),
    "pretty": lambda module, x: module.encode(x, True),
    "pieces": lambda module, x: drain(stream.iterencode(x, module, size=64)),
}


# ---- Texts ----

TAG = '{"__jsonclass__":["%s",[' % "%s"
TEXTS = {
    1: {
        "names of characters": lambda n: "['" + "\\N{DIGIT ONE}" * n + "']",
        "a name": lambda n: "[" + "x" * n + "]",
        "a call of a name": lambda n: "[" + "x" * n + "()]",
        "keywords": lambda n: "OrderedDict(" + ",".join(f"k{i}=1" for i in range(n)) + ")",
        "repeated keywords": lambda n: "OrderedDict(" + "k=1," * n + ")",
        "hexadecimal": lambda n: "[0xf" + "f" * n + "]",
        "an exception, then members": lambda n: "[Fraction(1, 0), " + "1," * n + "]",
        "an exception, then an error": lambda n: "[Fraction(1, 0), " + "x," * n + "?]",
        "an unknown name, then calls": lambda n: "[x, " + "slice(1)," * n + "]",
        "attributes": lambda n: "[(1,)" + ".real" * n + "]",
        "an error at the end": lambda n: "[" + "'a',\n" * n + "?]",
        "joined strings": lambda n: "[" + "'a' '\u20ac' '\U0001f600'" * n + "]",
        "nested parentheses": lambda n: "(" * min(n, 190) + "1," * n + ")" * min(n, 190),
    },
    2: {
        "an error at the end": lambda n: "[" + "1,\n" * n + "?]",
        "an error after characters beyond ASCII": lambda n: "[" + '"\u20ac",' * n + "?]",
        "classes, undone": lambda n: (TAG % "set" + "1,") * n + "1" + "],1]}" * n,
        "classes, another key": lambda n: (TAG % "set" + "1,") * n + "1" + ']],"a":1}' * n,
        "classes, unknown": lambda n: (TAG % "x" + "1,") * n + "1" + "]]}" * n,
        "a call of many": lambda n: TAG % "slice" + "1," * n + "1]]}",
        "bytes, refused": lambda n: TAG % "bytes" + '"' + "AAAA" * n + '!"]]}',
        "bytes, undone": lambda n: TAG % "bytes" + '"' + "AAAA" * n + '"],1]}',
        "tuple, undone": lambda n: TAG % "tuple" + "[" + "1," * n + "1]],1]}",
        "many bytes, refused": lambda n: "[" + (TAG % "bytes" + '"A"]]},') * n + "1]",
        "repeated keys": lambda n: "{" + '"a":1,' * n + '"a":1}',
        "short keys": lambda n: "{" + ",".join(f'"{i}":1' for i in range(n)) + "}",
        "objects": lambda n: '{"a":' * n + "1" + "}" * n,
    },
}
STREAMS = {
    "values": lambda n: "[1] " * n,
    "values, beyond ASCII": lambda n: '["\u20ac"] ' * n,
    "lines with errors": lambda n: "[1 $]\n" * n,
    "lists": lambda n: "[" * n + "]" * n,
    "a long string": lambda n: '["' + "\\n" * n + '"]',
    "a list": lambda n: "[" + "1," * n + "1]",
}


def decode(module, text):
    try:
        module.decode(text)
    except (ValueError, SyntaxError, NameError, TypeError, AttributeError, ZeroDivisionError):
        pass


def decode_pieces(module, text, lines, size=1):
    """Values are taken when all are there; after an error the next line counts."""
    decoder = stream.Decoder(module, lines=lines, max_depth=10**6)
    data = text.encode()
    for i in range(0, len(data), size):
        if decoder.failed:
            decoder.skip_line()
        decoder.feed(data[i : i + size])
    take(decoder)


def take(decoder):
    for _ in range(decoder.ready):
        next(decoder)


def decode_at_once(module, text, lines):
    decode_pieces(module, text, lines, len(text.encode()) + 1)


# ---- Measuring ----


def measure(name, n, make, run):
    print(name, flush=True)
    run(make(1))  # the work that is done once is not counted
    values = [make(repetitions) for repetitions in (0, n, 2 * n)]
    for x in values:
        mark()
        run(x)
    mark()


def measure_encoders(n, number, module, values):
    for name, make in values.items():
        for way, encode in ENCODERS.items():
            if way == "pretty" and name not in PRETTY:
                continue
            measure(f"v{number} {way}\t{name}", n, make, lambda x, encode=encode: encode(module, x))


def main(n):
    gc.disable()
    sys.setrecursionlimit(10 * n + 1000)  # the stack has room for some thousand levels
    measure_encoders(n, 1, pyon_v1, BOTH)
    measure_encoders(n, 2, pyon, {**BOTH, **V2})
    for number, module in (1, pyon_v1), (2, pyon):
        texts = {
            name: lambda n, make=make: module.encode(make(n))
            for name, make in BOTH.items()
            if not name.startswith("nested")  # of depth is more in TEXTS
        }
        for name, make in {**texts, **TEXTS[number]}.items():
            measure(f"v{number} decode\t{name}", n, make, lambda text, module=module: decode(module, text))
        for name, make in STREAMS.items():
            for lines in (False, True):
                for way, run in ("pieces", decode_pieces), ("at once", decode_at_once):
                    way += ", lines" if lines else ""
                    if lines and not name.startswith("lines"):
                        continue
                    measure(f"v{number} {way}\t{name}", n, make, lambda text: run(module, text, lines))


main(int(sys.argv[1]))
