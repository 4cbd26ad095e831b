# SPDX-License-Identifier: LGPL-3.0-or-later
"""pyon show: values of every type are readable, and no line is wider than the terminal unless a name alone is."""

import base64
import json
import os
import shlex
import unicodedata
from pathlib import Path

import pytest

from command import output, run, run_on_terminal
from fastpyon import pyon, pyon_v1

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = sorted((ROOT / "examples").glob("*.pyon"))
BLOCKS = "▁▂▃▄▅▆▇█"


def show(text, *arguments, **options):
    return output("show", "-", *arguments, input=text, **options)


def width(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


# ---- Widths ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def nested(tmp_path_factory):
    """A file such as ndscan makes: points, axes as JSON in strings, long dotted names, and values of all types."""
    np = pytest.importorskip("numpy")
    value = {
        f"ndscan.rid_{rid}": {
            "axes": json.dumps(
                [{"param": {"fqn": f"lab.experiments.Scan{i}.frequency", "unit": "MHz"}} for i in range(3)]
            ),
            "points": {f"channel_{i}": (np.arange(200) * 0.1) ** i for i in range(3)},
            "completed": bool(rid % 2),
            "analysis": {"fit": {"x0": np.float64(0.1234), "error": np.float64(1e-5)}, "names": ["a", "日本語" * 20]},
            "empty": [{}, [], (), "", np.zeros((0, 3))],
            "strings": np.array(["left", "right"]),
            "seeds": list(range(1000)),
            "a name that is longer than the lines of any terminal has to be, and that is not cut " * 2: b"\0\1" * 100,
        }
        for rid in range(3)
    }
    path = tmp_path_factory.mktemp("nested") / "results.pyon"
    pyon.store_file(path, value)
    return path


@pytest.mark.parametrize("columns", [20, 40, 80, 120, 300])
def test_no_line_is_wider_than_the_terminal(columns, nested):
    for path in (*EXAMPLES, nested):
        for arguments in ([], ["--depth", "2"]):
            text = output("show", path, *arguments, variables={"COLUMNS": str(columns)})
            for line in text.splitlines():
                assert width(line) <= max(columns, 40) or "a name that is longer" in line, line
                assert line == line.rstrip()


@pytest.mark.parametrize("columns", [20, 80, 300])
def test_on_a_terminal(columns, nested):
    status, text = run_on_terminal("show", nested, columns=columns, variables={"NO_COLOR": "1"})
    assert status == 0
    assert text == output("show", nested, variables={"COLUMNS": str(columns)} if columns < 200 else {"COLUMNS": "200"})


def test_without_utf8(nested):
    for locale in ({"LC_ALL": "C"}, {"LC_ALL": "en_US.ISO-8859-1"}, {"LC_ALL": "", "LC_CTYPE": "", "LANG": ""}):
        assert output("show", nested, variables=locale).isascii()
    for locale in ({}, {"LC_ALL": "", "LC_CTYPE": "UTF-8"}, {"LC_ALL": "", "LC_CTYPE": "", "LANG": "de_DE.utf8"}):
        assert not output("show", nested, variables=locale).isascii()


def test_colours_are_for_terminals(nested):
    assert "\033" not in output("show", nested)
    assert "\033" in run_on_terminal("show", nested)[1]
    for variables in ({"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": None}):
        assert "\033" not in run_on_terminal("show", nested, variables=variables)[1]


def test_a_pager(nested, tmp_path):
    there = tmp_path / "paged"
    assert run_on_terminal("show", nested, variables={"PYON_PAGER": f"cat > '{there}'"}) == (0, "")
    assert "ndscan" in there.read_text()
    there.unlink()
    run_on_terminal("show", nested, variables={"PYON_PAGER": "", "PAGER": f"cat > '{there}'"})
    assert there.exists()
    assert output("show", nested, variables={"PYON_PAGER": "false"})  # no terminal, no pager
    assert "ndscan" in run_on_terminal("show", "--no-pager", nested, variables={"PYON_PAGER": "false"})[1]


@pytest.mark.parametrize("pager", ["head -1", "true", "exit 3", "no-such-program 2> /dev/null"])
def test_a_pager_that_ends_early(pager, nested):
    status, text = run_on_terminal("show", "--all", nested, variables={"PYON_PAGER": pager})
    assert status == 0 and text.count("\n") <= 1


# ---- Values ------------------------------------------------------------------------------------


def row(text, **options):
    """Type and value of the only member of a dict."""
    head, line = show('{"x": ' + text + "}", **options).splitlines()
    assert head == "dict of 1" and line.startswith("x ")
    kind, _, value = line[2:].partition(" ")
    return kind, value.strip()


@pytest.mark.parametrize(
    "text, kind, value",
    [
        ("null", "null", "null"),
        ("True", "bool", "true"),
        ("-12", "int", "-12"),
        ("1e300", "float", "1e+300"),
        ("nan", "float", "nan"),
        ("-inf", "float", "-inf"),
        ("1-2j", "complex", "1.0-2.0j"),
        ('"é\\n\\x1b[31m\\x9b\\u202e"', "str", '"é\\n\\u001b[31m\\u009b\\u202e"'),
        ('"\\ud800"', "str", '"\\ud800"'),
        ('b"\\x00a\\""', "bytes", 'b"\\x00a\\""'),
        ("Fraction(1, 3)", "fraction", "1/3"),
        ("slice(1, None, 2)", "slice", "slice(1, null, 2)"),
        ('npscalar("<f8", b"AAAAAAAA8D8=")', "float64", "1.0"),
    ],
)
def test_values(text, kind, value):
    assert row(text) == (kind, value)


def array(dtype, data, shape):
    return f'nparray({shape}, "{dtype}", b"{base64.b64encode(data).decode()}")'


@pytest.mark.parametrize(
    "text, value",
    [
        (array("<M8[ns]", (1704164645123456789).to_bytes(8, "little"), "(1,)"), "[2024-01-02T03:04:05.123456789]"),
        (array("<M8[s]", (-1).to_bytes(8, "little", signed=True), "(1,)"), "[1969-12-31T23:59:59]"),
        (array(">M8[D]", (19724).to_bytes(8, "big"), "(1,)"), "[2024-01-02]"),
        (array("<M8[W]", (2817).to_bytes(8, "little"), "(1,)"), "[2023-12-28]"),
        (array("<M8[M]", (-1).to_bytes(8, "little", signed=True), "(1,)"), "[1969-12]"),
        (array("<M8[Y]", (54).to_bytes(8, "little"), "(1,)"), "[2024]"),
        (array("<M8[h]", (1).to_bytes(8, "little"), "(1,)"), "[1970-01-01T01:00:00]"),
        (array("<M8[25us]", (1).to_bytes(8, "little"), "(1,)"), "[1970-01-01T00:00:00.000025]"),
        (array("<M8[s]", (1 << 63).to_bytes(8, "little"), "(1,)"), "[NaT]"),
        (array("<M8[Y]", (1 << 62).to_bytes(8, "little"), "(1,)"), "[4611686018427387904]"),
        (array("<m8[s]", (3600).to_bytes(8, "little"), "(1,)"), "[3600s]"),
        (array("<m8[25ns]", (2).to_bytes(8, "little"), "(1,)"), "[2*25ns]"),
        (array("|S3", b"ab\0a\0\xff", "(2,)"), '[b"ab" b"a\\x00\\xff"]'),
        (array("<U2", "añ日\0".encode("utf-32-le"), "(2,)"), '["añ" "日"]'),
        (array(">U2", "añ日\0".encode("utf-32-be"), "(2,)"), '["añ" "日"]'),
        (array("|V2", b"\1\2\3\4", "(2,)"), "[0x0102 0x0304]"),
        (array("<u8", b"\xff" * 8, "(1,)"), "[18446744073709551615]"),
        (array("|b1", b"\0\1", "(2,)"), "[false true]"),
        (array("<f8", b"", "(0,)"), "[]"),
        (array("<f8", b"", "(2, 0)"), "[[] []]"),
        (array("<f8", bytes(8), "()"), "0.0"),
        (array("<i2", bytes(4), "(1, 2)"), "[[0 0]]"),
        (array("|i1", b"\1", "(" + "1, " * 20 + ")"), "[" * 20 + "1" + "]" * 20),
    ],
)
def test_arrays(text, value):
    assert show(f'{{"x": {text}}}').splitlines()[1].endswith(f" {value}")


def test_every_dtype_shows_something():
    np = pytest.importorskip("numpy")
    for dtype in "?bhilqBHILQefdgFDGSUV":
        for shape in ((), (0,), (3,), (100,), (2, 3), (2, 0, 2), (4, 4, 4), (1,) * 20):
            count = int(np.prod(shape))
            x = np.zeros(shape, "V6") if dtype == "V" else np.arange(count).reshape(shape).astype(dtype)
            lines = show(pyon_v1.encode({"x": x})).splitlines()
            assert len(lines) in (2, 3) and lines[1].split("]")[-1] != "" or "]" in lines[1], lines
            assert len(lines[1].split(None, 2)) >= 3, lines


@pytest.mark.parametrize(
    "value, end",
    [
        ("x" * 1000, '... (1000 characters)'),
        ("é日" * 1000, "... (2000 characters)"),
        (b"\xff" * 1000, "... (1000 bytes)"),
        (10**1000, "... (1001 digits)"),
    ],
)  # fmt: skip
def test_long_values_are_cut(value, end):
    line = show(pyon_v1.encode({"x": value})).splitlines()[1]
    assert line.endswith(end) and 60 <= width(line) <= 80
    whole = show(pyon_v1.encode({"x": value}), "--all").splitlines()[1]
    assert "..." not in whole and len(whole) > 1000


def test_many_numbers():
    lines = show(pyon.encode({"x": [float(i * i) for i in range(100)]})).splitlines()
    assert lines[1] == "x list of 100 [0 1 4 ... 9409 9604 9801]"
    assert lines[2].startswith("  min 0  max 9801  mean 3283.5  ") and set(lines[2].split()[-1]) <= set(BLOCKS)
    assert len(lines) == 3
    text = show(pyon.encode({"x": [i / 10 for i in range(100)]}), "--all")
    assert [float(word) for word in text.split("\n", 3)[3].split()] == [i / 10 for i in range(100)]
    assert show('{"x": [nan, nan, nan, nan, nan, nan, inf]}').splitlines()[2] == "  6 nan  1 inf"
    assert "max 9007199254740991 " in show(pyon.encode({"x": [2**53 - 1] * 6 + [0]}))


def test_pyon_and_json_in_strings():
    assert show(pyon.encode({"x": '{"a": [1, 2]}'})).splitlines()[1] == 'x str of dict of 1 {"a": [1, 2]}'
    assert show(pyon.encode({"x": '{"a": (1, 2)}'})).splitlines()[1] == 'x str of dict of 1 {"a": (1, 2)}'
    assert show(pyon.encode({"x": "[1"})).splitlines()[1].startswith("x str ")


def test_paths(tmp_path):
    path = tmp_path / "file"
    path.write_text('{"a.b": {"c": [1, 2, 3]}, "d": nparray((2, 2), "<i2", b"AQACAAMABAA=")}')
    assert output("show", path, "a.b.c[1]") == "a.b.c[1] int        2\n"
    assert output("show", path, "a.b.c[*]").splitlines()[2] == "a.b.c[2] int        3"
    assert output("show", path, "d[1][0]").split() == ["d[1][0]", "3"]
    assert output("show", path, "d[1]").split() == ["d[1]", "[3", "4]"]
    done = run("show", path, "a.b.c[3]", "a.b.d", "d[2]", "a.b.c[0]")
    assert done.returncode == 1 and done.stdout == "a.b.c[0] int        1\n" and done.stderr.count("\n") == 3
    done = run("show", path, "é[")
    assert done.returncode == 2 and done.stderr.splitlines()[-1].index("^") == 6
    long = "x" * 300
    path.write_text(f'{{"{long}": [{", ".join(["1.5"] * 100)}]}}')
    lines = output("show", path, long).splitlines()
    assert lines[0] == long and all(len(line) <= 80 for line in lines[1:])


def test_depth():
    text = '{"a": {"b": {"c": ["%s", "%s"]}}}' % ("x" * 60, "y" * 60)
    assert show(text, "--depth", "1").splitlines() == ["dict of 1", "a dict of 1", "  ..."]
    assert len(show(text).splitlines()) == 6


def test_several_values(tmp_path):
    path = tmp_path / "log"
    path.write_text("1\n[2]\n")
    assert output("show", path) == "int        1\n\nlist of 1\n[0] int        2\n"
    done = run("show", path, "[0]")
    assert done.returncode == 1 and done.stdout == "[0] int        2\n" and done.stderr.count("\n") == 1


@pytest.mark.skipif(not os.path.isdir(os.environ.get("PYON_REAL_FILES", "")), reason="no $PYON_REAL_FILES")
def test_real_files():
    for path in Path(os.environ["PYON_REAL_FILES"]).glob("*.pyon"):
        for line in output("show", path).splitlines():
            assert width(line) <= 80, line


@pytest.mark.skipif(not (ROOT / "demo.sh").exists(), reason="not in the source tree")
def test_the_demo_shows_paths_that_are_there():
    """demo.sh ends with the first path that leads to nothing, and then a new user sees an error."""
    lines = [line for line in (ROOT / "demo.sh").read_text(encoding="utf-8").splitlines() if "/bin/pyon" in line]
    assert lines
    for line in lines:
        command, file, *paths = shlex.split(line)[1:]
        assert command == "show" and paths
        assert all(path in output("show", ROOT / file, path) for path in paths)


def test_a_width_beyond_all_lines():
    text = '{"a": [' + ", ".join(map(str, range(300))) + '], "b": "' + 3000 * "x" + '"}'
    wide = output("show", "--width", 100000, "-", input=text)
    assert 3000 * "x" in wide and max(map(len, wide.splitlines())) < 4000
    for width in (10**9, 2**62, 2**63 - 1):
        assert output("show", "--width", width, "-", input=text) == wide
