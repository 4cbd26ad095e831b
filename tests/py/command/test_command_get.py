# SPDX-License-Identifier: LGPL-3.0-or-later
"""pyon get: values at paths, in the forms that other programs read."""

import base64
import csv
import io
import json

import pytest

from command import PROGRAM, environment, output, run
from fastpyon import pyon, pyon_v1

TEXT = '{"a.b": {"c": [1, 2.5, null]}, "s": "x,\\"y\\"\\nz", "n": [[1, 2], [3, 4]], "e": {}, "é": true}'


def get(*arguments, text=TEXT):
    return output("get", "-", *arguments, input=text)


def test_values_are_those_of_the_module():
    value = pyon.decode(TEXT)
    assert get() == pyon.encode(value) + "\n"
    assert get("a.b", "n[0]", "é") == '{"c":[1,2.5,null]}\n[1,2]\ntrue\n'
    assert get("n[*][0]", "n[-1][::-1]") == "1\n3\n4\n3\n"
    assert get("[0]", text="(1, 2)") == "1\n" and get(text="(1, 2)") == "(1, 2)\n"


@pytest.mark.parametrize(
    "path, message",
    [
        ("a.c", "did you mean"),
        ("a.b.d", '"d"'),
        ("n[2]", "[2]"),
        ("n[0][0][0]", "n[0][0]"),
        ("s[0]", "s"),
        ("e.*", "e"),
    ],
)
def test_a_path_that_leads_to_nothing(path, message):
    done = run("get", "-", path, "n[0][0]", input=TEXT)
    assert (done.returncode, done.stdout) == (1, "1\n")
    assert done.stderr.startswith("pyon get: ") and message in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize("path", ["[", "a[", 'a["', "a..b", "a[1:2:3:4]", "a]"])
def test_a_wrong_path(path):
    done = run("get", "-", path, input=TEXT)
    assert (done.returncode, done.stdout) == (2, "") and done.stderr.splitlines()[-1].strip() == "^"


def test_json():
    text = '{1: (1, nan, 1j), "b": b"ab", "s": slice(1, 2), "f": Fraction(1, 2), "x": npscalar("<f8", b"AAAAAAAA8D8=")}'
    assert json.loads(get("--json", text=text)) == {
        "1": [1, None, [0.0, 1.0]], "b": "YWI=", "s": [1, 2, None], "f": "1/2", "x": 1.0,
    }  # fmt: skip


def test_paths():
    assert get("--paths", "n[*][0]", "a.b", "é") == (
        '# version 2\nn[0][0] = 1\nn[1][0] = 3\na.b = {"c":[1,2.5,null]}\né = true\n'
    )
    assert get("--paths", text="(1, 2)") == "# version 1\n. = (1, 2)\n"
    array = "nparray((2, 2), '<i2', b'AQACAAMABAA=')"
    assert get("--paths", "m[*][1:]", text=f"{{'m': {array}}}") == (
        '# version 1\nm[0][1:2] = nparray((1, ), "<i2", b"AgA=")\nm[1][1:2] = nparray((1, ), "<i2", b"BAA=")\n'
    )
    assert get("--paths", "a", text="{'a': 1}\n{'a': 2}\n") == "# version 1\na = 1\n# version 1\na = 2\n"


def test_raw():
    assert get("--raw", "s") == 'x,"y"\nz\n'
    assert get("--raw", text='npscalar("<f8", b"AAAAAAAA8D8=")') == "1.0\n"


def test_csv():
    text = '{"x": [1, 2], "y": ["a,b", "\\"q\\"\\n"], "z": nparray((2, 2), "<i2", b"AQACAAMABAA=")}'
    rows = list(csv.reader(io.StringIO(get("--csv", "x", "y", "z", text=text), newline="")))
    assert rows == [["x", "y", "z[0]", "z[1]"], ["1", "a,b", "1", "2"], ["2", '"q"\n', "3", "4"]]
    done = run("get", "--csv", "-", "x", "y", input='{"x": [1], "y": [1, 2]}')
    assert done.returncode == 2 and done.stderr == "pyon get: x has 1 rows, but y has 2\n"
    assert get("--csv", "a", "b", text='{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n') == "a,b\n1,x\n2,y\n"


def test_npy():
    np = pytest.importorskip("numpy")
    import subprocess

    for value in (
        np.arange(12.0).reshape(3, 4), np.array(["a", "bc"]), np.zeros((0, 2), "u1"), np.array(3),
        np.arange(5, dtype=">i4"),
        [1, 2, 3], [1.5, 2], (1, np.float64(2)), np.arange(3) * 1j, np.zeros((1,) * 32, "f4"),
    ):  # fmt: skip
        done = subprocess.run(
            [PROGRAM, "get", "--npy", "-"], input=pyon_v1.encode(value).encode(), capture_output=True, env=environment()
        )
        assert (done.returncode, done.stderr) == (0, b"")
        again = np.load(io.BytesIO(done.stdout))
        assert again.dtype == np.asarray(value).dtype and (again == np.asarray(value)).all()
    for text in ('"a"', '["a"]', "{}"):
        assert run("get", "--npy", "-", input=text).returncode == 2


def test_parts_of_arrays():
    np = pytest.importorskip("numpy")
    x = np.arange(24.0).reshape(2, 3, 4)
    for path, part in {"[1]": x[1], "[:, 1]": None, "[1][2]": x[1][2], "[1][2][3]": x[1, 2, 3]}.items():
        if part is not None and part.ndim:
            assert get(path, text=pyon_v1.encode(x)) == pyon_v1.encode(part) + "\n"
    assert get("[1][2][3]", text=pyon_v1.encode(x)) == "23.0\n"
    x = np.arange(100, dtype="u2").reshape(5, 20)
    text = pyon_v1.encode({"x": x})
    assert json.loads(get("--json", "x[3][::5]", text=text)) == [60, 65, 70, 75]
    assert get("--csv", "x[::2][1]", text=text).split() == ["x[0:5:2][1]", "1", "41", "81"]
    assert output("show", "-", "x[3][::5]", "x[1:4][7]", input=text).split() == [
        "x[3][0:16:5]", "[60", "65", "70", "75]", "x[1:4][7]", "[27", "47", "67]",
    ]  # fmt: skip


def array_text(x):
    """Of an array in version 1, of those types, too, that the Python modules do not write."""
    return f"nparray({x.shape}, {pyon_v1.encode(x.dtype.str)}, {pyon_v1.encode(base64.b64encode(x.tobytes()))})"


def test_elements_are_values():
    """An element has the value that item() gives in Python; that of a date or structure keeps its type."""
    np = pytest.importorskip("numpy")
    values = [
        np.array([np.nan, -np.inf, 0.1, -0.0]), np.array([1 + 2j, complex(np.nan, np.inf)]), np.array([True, False]),
        np.array(["aé", "", "\ud83d\ude00"]), np.array([b"a\xff", b""]), np.array([2**64 - 1, 2**63, 5], ">u8"),
        np.array([-(2**63), 2**63 - 1]), np.array([1.5, np.nan], "f4"),
    ]  # fmt: skip
    for module in (pyon, pyon_v1):
        for value in values:
            for i in range(len(value)):
                found = get(f"x[{i}]", text=module.encode({"x": value}))
                assert found == module.encode(value[i].item()) + "\n"
    for value in (np.array(["2024-02-29T12:34:56", "NaT"], "M8[s]"), np.array([b"ab\1\2"], "V4")):
        for i in range(len(value)):
            again = pyon_v1.decode(get(f"[{i}]", text=array_text(value)))
            assert again.dtype == value.dtype and again.tobytes() == value[i].tobytes()
    assert json.loads(get("--json", text=pyon.encode(values[5]))) == [2**64 - 1, 2**63, 5]


def test_raw_elements():
    np = pytest.importorskip("numpy")
    for value, raw in (("aé\n", "aé\n"), (b"a\n", "a\n"), (np.nan, "nan"), (5, "5"), (np.datetime64(7, "s"), "7")):
        array = np.array([value])
        scalar = f"npscalar({pyon_v1.encode(array.dtype.str)}, {pyon_v1.encode(base64.b64encode(array.tobytes()))})"
        for text, path in ((array_text(array), "[0]"), (scalar, ".")):
            assert get("--raw", path, text=text) == raw + "\n"


def test_a_table_of_an_array_without_elements():
    for shape in ("(0, 4611686018427387904)", "(4611686018427387904, 0)", "(0, 3)", "(0,)"):
        assert get("--csv", "x", text=f"{{'x': nparray({shape}, '|u1', b'')}}") == "x\n"


def test_a_value_in_many():
    done = run("get", "-", "a", input='{"a": 1}\n{"b": 2}\n{"a": 3}\n')
    assert (done.returncode, done.stdout) == (1, "1\n3\n") and done.stderr.startswith("pyon get: value 2: ")
