# SPDX-License-Identifier: LGPL-3.0-or-later
"""Trees of the C library: a text that is read and written again is what the modules write of its value.

The program tests/c/programs/rewrite does it, which `make check` builds.
"""

import os
import random
import re
import subprocess
import sys
import warnings
from fractions import Fraction
from pathlib import Path

import pytest

from fastpyon import pyon, pyon_v1

np = pytest.importorskip("numpy")
vectors = pytest.importorskip("vectors")

PROGRAM = Path(os.environ.get("PYON_REWRITE", "tests/c/programs/rewrite"))
CASES = Path(__file__).resolve().parents[2] / "cases"
MODULES = {"1": pyon_v1, "2": pyon}

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="tests/c/programs/rewrite is not built")


class Rewriter:
    """The program, which writes what it reads."""

    def __enter__(self):
        self.process = subprocess.Popen([str(PROGRAM)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        assert self.process.wait() == 0
        self.process.stdout.close()

    def __call__(self, text, version, layout="c", to=None):
        """The text that is written, or None; self.error says why."""
        octets = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else bytes(text)
        line = f"{version} {to or version} {layout} {octets.hex()}\n"
        self.process.stdin.write(line.encode())
        self.process.stdin.flush()
        answer = self.process.stdout.readline().decode().rstrip("\n")
        self.error = answer[2:]
        return bytes.fromhex(answer[2:]).decode() if answer.startswith("= ") else None


@pytest.fixture(scope="module")
def rewrite():
    with Rewriter() as rewriter:
        yield rewriter


def texts():
    """The texts of tests/cases, and of the recorded cases: version, name, bytes."""
    for version in MODULES:
        for path in sorted((CASES / f"v{version}" / "valid").glob("*.pyon")):
            yield version, path.stem, path.read_bytes()
    for case in vectors.load(vectors.FOLDER / "v1_decode.jsonl") + vectors.load(vectors.FOLDER / "v2_decode.jsonl"):
        if case.get("kwargs"):
            continue
        argument = eval(case["expr"], vars(vectors))
        if isinstance(argument, str):
            argument = argument.encode("utf-8", "surrogatepass")
        if isinstance(argument, bytes):
            yield case["module"][1], case["id"], argument


# Where a tree says something else than Python, and why. Each is a pattern for texts.
DIFFERENT = {
    r"\\N\{": "the library knows no names of characters",
    r"['\"](i4,|i1,|\([\d,]+\)i)|names|\[\('a'": "a dtype that is a structure, or has a shape: the call stays",
    r'"tuple",(\[?"|\{)|"set",\["|"dict",\[(\["|""|\[\{)|"slice","|OrderedDict\((\[?\'|\{\()':
        "strings, dicts and sets in the place of a list: the call stays",
    r'"complex",(\["| \["|"|\[\{)': "complex numbers of texts and of complex numbers: the call stays",
    r'\["bytes",\["[^"]*",': "other alphabets of base64: the call stays",
    r'"__jsonclass__":\{|"__json\w*":\s*\{': "a dict that is unpacked as if it were a list: it stays",
    r"Fraction\('|_normalize|\"Fraction\",\[\"": "fractions of texts, and a private argument: the call stays",
    r"nparray\(\(3,\),'\|u1',nparray": "an array as the data of another: the call stays",
    r"^\{1, 'a', \(1, 2\), null\}": "Python's order of a set is its own",
    r'"tuple",\{"__jsonclass__"': "a tuple of arguments that is no list",
    r"slice\(.*OrderedDict": "written as by Python 3.11: from 3.12 on its repr is another",
    "==YQ==": "what stands after padding counts for nothing: in the newest releases of Python it does",
}  # fmt: skip
if sys.version_info >= (3, 14):
    DIFFERENT[r"\d[-+]0j"] = "computed as by Python 3.11: from 3.14 on a zero keeps its sign"


def is_listed(text):
    text = text.decode("utf-8", "surrogatepass")
    return any(re.search(pattern, text) for pattern in DIFFERENT)


def layouts(version):
    """How the program is told to write, and what encode() is given."""
    return [("c", False), ("s" if version == "1" else "p", True)]


def test_recorded_texts_are_written_as_encode_does(rewrite):
    same, different = 0, []
    for version, name, text in texts():
        module = MODULES[version]
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                value = module.decode(text.decode("utf-8", "surrogatepass"))
                wanted = [module.encode(value, pretty) for _, pretty in layouts(version)]
        except Exception:
            continue  # what Python refuses, a tree may show
        written = [rewrite(text, version, layout) for layout, _ in layouts(version)]
        if written == wanted:
            same += 1
        elif not is_listed(text):
            different.append((version, name, text, wanted[0], written[0] or rewrite.error))
    assert different == []
    assert same > 700


def test_dtypes_are_those_of_numpy(rewrite):
    orders = ["", "<", ">", "=", "|"]
    letters = "?bBhHiIlLqQpPefdgFDGcSUVMm"
    names = [name for name in np.sctypeDict if isinstance(name, str)]
    sized = [f"{letter}{size}" for letter in "biufcSUVMmO" for size in (0, 1, 2, 3, 4, 8, 16, 32, 100)]
    times = "Y", "ms", "ns", "as", "generic", "x"
    units = [f"{kind}8[{n}{unit}]" for kind in "Mm" for n in ("", "1", "25") for unit in times]
    for dtype in [order + rest for order in orders for rest in [*letters, *sized, *units]] + names:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                meant = np.dtype(dtype)
            except (TypeError, ValueError):
                meant = None
        counted = re.search(r"\d+generic", dtype)
        if meant is None or meant.itemsize == 0 or meant.kind in "OT" or counted:
            continue
        text = f'{{"__jsonclass__":["nparray",[[0],"{dtype}",""]]}}'
        assert rewrite(text, "2") == f'{{"__jsonclass__":["nparray",[[0],"{meant.str}",""]]}}'


NUMBERS = """0 1 -1 2 3 7 -8 10 63 64 0.0 -0.0 0.5 -2.5 1e10 1e300 nan inf -inf 1j (1+2j) (-3-0.5j) True False 2**63
    -2**63 10**30 (2**200+1) 9223372036854775807 4294967296 1e22 123456789012345678901234567890 0.1""".split()  # fmt: skip
if sys.version_info >= (3, 14):  # a complex and a real number: a zero keeps its sign, or an infinity is no NaN
    NUMBERS = [number for number in NUMBERS if "j" not in number]
OPERATORS = "+ - * / // % << >> & | ^".split()


def test_arithmetic_is_pythons(rewrite):
    draw = random.Random(5)
    computed = 0
    for _ in range(3000):
        x, y, z = draw.choices(NUMBERS, k=3)
        forms = "({0}) {3} ({1})", "({0}) {3} (({1}) {4} ({2}))", "{5}(({0}) {3} ({1}))", "({0}) ** {6}"
        text = draw.choice(forms).format(
            x, y, z, *draw.choices(OPERATORS, k=2), draw.choice("+-~"), draw.choice(["2", "0", "-1", "3", "0.5"])
        )
        try:
            wanted = pyon_v1.encode(eval(text, {"inf": float("inf"), "nan": float("nan")}))
        except (TypeError, ValueError, ArithmeticError, MemoryError):
            wanted = None
        assert rewrite(text, "1") == wanted, (text, wanted, rewrite.error)
        computed += wanted is not None
    assert computed > 1000


def test_random_values_are_written_as_encode_does(rewrite):
    draw = random.Random(6)

    def value(depth):
        kind = draw.randrange(18 if depth else 10)
        if kind < 10:
            return draw.choice([
                None, True, draw.randrange(-100, 100), draw.randrange(-(1 << 90), 1 << 90), draw.gauss(0, 1e5),
                "a" * draw.randrange(9),
                "".join(chr(draw.choice([9, 39, 65, 233, 8364, 0xD800, 0x1F600])) for _ in range(4)),
                draw.randbytes(5), complex(draw.random(), draw.random()),
                Fraction(draw.randrange(99), draw.randrange(1, 1 << 70)),
                np.arange(draw.randrange(6)).astype(draw.choice([">i2", "<f8", "<U2", "S3"])), np.int16(7),
                {draw.random()},
            ])  # fmt: skip
        items = [value(depth - 1) for _ in range(draw.randrange(12))]
        keys = [draw.choice([i, str(i), (i, "x"), i + 0.5]) for i in range(len(items))]
        if kind < 14:
            return items if kind < 12 else tuple(items)
        if kind == 17:
            return slice(None, draw.randrange(9), (1, "x", b"y", [2.5]))
        return {str(key) if kind == 14 else key: item for key, item in zip(keys, items)}

    for _ in range(400):
        x = value(3)
        for version, module in MODULES.items():
            for layout, pretty in layouts(version):
                text = module.encode(x, pretty)
                wanted = module.encode(module.decode(text), pretty)
                assert rewrite(text, version, layout) == wanted
