"""Recorded cases: what the reference made of a text or value, and what we may make of it.

The cases are in tests/data/vectors, one JSON object a line. They were recorded with sipyco 1.10,
in two environments: Python 3.11 with NumPy 1.24 ("expect"), and Python 3.13 with NumPy 2.2 where
that gave something else ("expect_py313_np22"). The fields of a case:

    id, tags          its name, and what it is about
    module, op        v1 or v2; encode, encode_pretty, decode or roundtrip
    expr, kwargs      Python expressions: the argument, and keyword arguments
    setup, teardown   statements to run before and after, with the module as `mod`
    expect            either text, or type and value (see describe.py), or exc and msg; and pos,
                      lineno, colno of a JSONDecodeError
    safe              of v1 decode: what a parser may do that does not evaluate (see `judge`)

The names below that no code here uses are for the expressions.
"""

import array  # noqa: F401
import collections  # noqa: F401
import datetime  # noqa: F401
import decimal  # noqa: F401
import enum
import json
import re
import sys
import warnings
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple  # noqa: F401
from fractions import Fraction
from pathlib import Path

import numpy as np

from depth import loop, nest  # noqa: F401
from describe import describe, members, without_addresses

FOLDER = Path(__file__).resolve().parents[2] / "data" / "vectors"

# The classes of the expressions: their names and module are in recorded messages.
MyInt, MyFloat, MyStr, MyBytes, MyList, MyTuple, MyDict, MySet, MyComplex = (
    type(f"My{base.__name__.capitalize()}", (base,), {"__module__": __name__})
    for base in (int, float, str, bytes, list, tuple, dict, set, complex)
)
MyFraction = type("MyFraction", (Fraction,), {"__module__": __name__})
MyOD = type("MyOD", (OrderedDict,), {"__module__": __name__})
MyArray = type("MyArray", (np.ndarray,), {"__module__": __name__})
E = enum.IntEnum("E", {"A": 1}, module=__name__)
SE = enum.Enum("SE", {"A": "x"}, module=__name__, type=str)
Fl = enum.IntFlag("Fl", {"A": 1, "B": 2}, module=__name__)
NT = namedtuple("NT", "a b", module=__name__)
inf, nan = float("inf"), float("nan")


class Plain:
    def __repr__(self):
        return "Plain()"


class BadRepr:
    def __repr__(self):
        raise ValueError("boom")


class C:
    """Keeps its arguments."""

    def __init__(self, *arguments):
        self.a = arguments

    def __repr__(self):
        return f"C({members(self.a)})"


class D(C):
    pass


class EncDefault(json.JSONEncoder):
    def default(self, o):
        return "from cls"


# ---- Running ----


def qualified(kind):
    return f"{kind.__module__}.{kind.__qualname__}"


def neutral(text):
    """A recorded text without what differs from run to run, or between NumPys."""
    text = re.sub(r", owndata=(True|False)", "", text)
    text = re.sub(r"\b(np|numpy)\.datetime64\('NaT'(,'generic')?\)", "datetime64('NaT')", text)
    return without_addresses(text)


def decoded(y):
    return {"type": qualified(type(y)), "value": describe(y)}


def perform(case, module, x, keywords):
    if case["op"] == "encode":
        return {"text": module.encode(x, **keywords)}
    if case["op"] == "encode_pretty":
        return {"text": module.encode(x, True, **keywords)}
    if case["op"] == "decode":
        return decoded(module.decode(x, **keywords))
    text = module.encode(x, **keywords)
    y = module.decode(text)
    return {"text": text, "in": describe(x), "same": describe(x) == describe(y), **decoded(y)}


def run(case, modules):
    """The outcome of the module for a case, in the form of the field "expect"."""
    namespace = {**globals(), "mod": modules[case["module"]]}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(case.get("setup", ""), namespace)
        try:
            x = eval(case["expr"], namespace)
            keywords = eval(case.get("kwargs", "{}"), namespace)
            try:
                return perform(case, namespace["mod"], x, keywords)
            except Exception as e:
                position = {k: getattr(e, k) for k in ("pos", "colno") if hasattr(e, k)}
                if position:
                    position["lineno"] = e.lineno
                return {"exc": qualified(type(e)), "msg": neutral(str(e)), **position}
        finally:
            exec(case.get("teardown", ""), namespace)


def load(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


# ---- Judging ----

# Where we may read what the reference does not, or refuse what it takes. Each is a row of the
# documentation.
MAY_READ = {  # imaginary infinities: the reference writes them, but cannot read them
    "v1-decode-0015": "complex(0.0, inf)",
    "v1-decode-0016": "complex(0.0, nan)",
    "v1-decode-0135": "complex(inf, inf)",
    "v1-decode-0136": "complex(nan, nan)",
}
REFUSES = {
    "v1-encode-0317": "builtins.TypeError",  # an object array: the text would be pointers
    "roundtrip-0523": "builtins.TypeError",  # the same
    "v1-decode-0897": "builtins.TypeError",  # a code object, which would be run
    "v1-decode-0885": "builtins.SyntaxError",  # a coding comment that is not UTF-8
}
def zeros(dtype, count):
    """How an array is told that is made of 16 bytes."""
    return f"ndarray(dtype={dtype}, shape=({count},), hex={32 * '0'}, writeable=True, c_contiguous=True)"


# Arithmetic with numbers: recorded as what a parser refuses, computed since.
NUMBER = r"[-+~( ]*(?:true|\d[\d.]*j?)\)*"
COMPUTED = re.compile(rf"'{NUMBER}(?:(?:[-+*/%|&^]|\*\*|//|<<){NUMBER})*'")
# Cases that later versions of NumPy do not know.
DTYPES = {"v2-decode-0395": "a4"}
# Cases in which Python 3.10 differs: Fraction("1_0/3") and the repr of a flag.
PYTHON_3_11 = {"v1-decode-0506": "builtins.ValueError", "v1-encode-0173": "builtins.TypeError"}
# Python 3.14 evaluates these otherwise: a real number before an imaginary one leaves its zero the sign.
PYTHON_3_14 = {
    "roundtrip-0101": "complex(0.0, -0.0)",
    "roundtrip-0105": "complex(1.0, -0.0)",
    "v1-decode-0132": "complex(1.0, -0.0)",
    "v1-decode-0137": "complex(0.0, -0.0)",
}
# base64 of Python 3.15 has another exception for these arguments.
PYTHON_3_15 = {"v2-decode-0276": "builtins.ValueError"}
# On Windows, `long` has the size of int, not that of long long. So NumPy's classes int32 and int64 are long and long
# long there, and int is intc, which the reference does not know. These are the outcomes.
LONG_IS_INT = {
    "roundtrip-0337": "builtins.TypeError",
    "roundtrip-0338": "builtins.TypeError",
    "roundtrip-0341": 'npscalar("<i8", b"CQAAAAAAAAA=")',
    "roundtrip-0342": '{"__jsonclass__":["npscalar",["<i8","CQAAAAAAAAA="]]}',
    "roundtrip-0343": 'npscalar("<u8", b"CQAAAAAAAAA=")',
    "roundtrip-0344": '{"__jsonclass__":["npscalar",["<u8","CQAAAAAAAAA="]]}',
    "v1-encode-0224": "builtins.TypeError",
    "v1-encode-0226": 'npscalar("<i8", b"CQAAAAAAAAA=")',
    "v1-encode-0227": 'npscalar("<u8", b"CQAAAAAAAAA=")',
    "v2-encode-0224": "builtins.TypeError",
    "v2-encode-0226": '{"__jsonclass__":["npscalar",["<i8","CQAAAAAAAAA="]]}',
    "v2-encode-0227": '{"__jsonclass__":["npscalar",["<u8","CQAAAAAAAAA="]]}',
    "v2-decode-0477": zeros("<i4", 4),
    "v2-decode-0478": zeros("<u4", 4),
    "v2-decode-0498": zeros("<i4", 4),
}
# On Windows and on macOS for AArch64, a long double is a double, and there is no type of 16 bytes.
LONG_DOUBLE_IS_DOUBLE = {
    "v1-decode-0733": "builtins.TypeError",
    "v1-decode-0775": "builtins.TypeError",
    "v2-decode-0376": "builtins.TypeError",
    "v2-decode-0479": zeros("<f8", 2),
    "v2-decode-0480": zeros("<c16", 1),
    "v2-decode-0502": zeros("<f8", 2),
}
OTHER_SIZES = {
    **(LONG_IS_INT if np.dtype("l").itemsize == 4 else {}),
    **(LONG_DOUBLE_IS_DOUBLE if np.dtype("g").itemsize == 8 else {}),
}
# How a text may be refused that eval would evaluate.
REFUSAL = {f"builtins.{name}Error" for name in ("Syntax", "Indentation", "Name", "Type", "Value")}
# These three stand for each other: eval finds one thing first, a parser another.
SYNTAX = {f"builtins.{name}Error" for name in ("Syntax", "Indentation", "Name")}
# How too deep a nesting may be refused.
TOO_DEEP = {"builtins.RecursionError", "builtins.MemoryError", "builtins.SyntaxError"}


def fits(got, want, case):
    """Is `got` as good as `want`?"""
    if ("exc" in got) != ("exc" in want):
        return False
    if "exc" not in want:
        return all(
            neutral(str(got[key])) == neutral(str(value))
            for key, value in want.items()
            if key not in ("repr", "warnings")
        )
    syntax = case["module"] == "v1" and case["op"] == "decode"
    if syntax and got["exc"] in SYNTAX and want["exc"] in SYNTAX:
        return True
    if got["exc"] != want["exc"]:
        return False
    # Messages of Python and NumPy are theirs, and those of v1 decode are better here.
    fixed = "PYON" in want["msg"] or want["exc"] == "json.decoder.JSONDecodeError"
    if syntax or not fixed or not case.get("msg_exact", True):
        return True
    return got["msg"] == neutral(want["msg"]) and all(
        got.get(key) == want.get(key) for key in ("pos", "lineno", "colno")
    )


def is_dtype(text):
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return bool(np.dtype(text))
    except TypeError:
        return False


def judge(got, case):
    """Does the outcome of a case comply with the reference, or with a documented difference?"""
    if case["id"] in MAY_READ and "exc" not in got:
        return got["value"] == MAY_READ[case["id"]]
    if case["id"] in REFUSES:
        return got.get("exc") == REFUSES[case["id"]]
    if case["id"] in PYTHON_3_11 and sys.version_info < (3, 11):
        return got.get("exc") == PYTHON_3_11[case["id"]]
    if case["id"] in PYTHON_3_14 and sys.version_info >= (3, 14):
        return got.get("value") == PYTHON_3_14[case["id"]]
    if case["id"] in PYTHON_3_15 and sys.version_info >= (3, 15):
        return got.get("exc") == PYTHON_3_15[case["id"]]
    if case["id"] in OTHER_SIZES:
        outcome = got.get("exc") or got.get("text") or got["value"]
        return neutral(outcome) == OTHER_SIZES[case["id"]]
    if case["id"] in DTYPES and not is_dtype(DTYPES[case["id"]]):
        return got.get("exc") == "builtins.TypeError"
    if case.get("safe") == "refuse" and not COMPUTED.fullmatch(case["expr"]):
        return got.get("exc") in REFUSAL
    if case.get("safe") == "superset" and "exc" not in got:
        return True  # layout that Python is strict about, for statements' sake
    if "depth" in case.get("tags", ()) and got.get("exc") in TOO_DEEP:
        return True
    wanted = [case[key] for key in ("expect", "expect_py313_np22") if key in case]
    return any(fits(got, want, case) for want in wanted)


def report(got, case):
    """A difference, for people."""
    lines = [f"{case['id']}: {case['module']} {case['op']} {case['expr'][:200]}"]
    lines += [f"    {key}: {case[key]}" for key in ("kwargs", "setup") if key in case]
    for key in ("expect", "expect_py313_np22"):
        if key in case:
            lines.append(f"    wanted {ascii(case[key])[:400]}")
    lines.append(f"    got    {ascii(got)[:400]}")
    return "\n".join(lines)
