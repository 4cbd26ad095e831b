# SPDX-License-Identifier: LGPL-3.0-or-later
"""pyon diff: what was added, removed and changed, with its path; and that pyon diff is what git shows."""

import os
import subprocess

import pytest

from command import PROGRAM, needs_git, run
from fastpyon import pyon, pyon_v1


@pytest.fixture
def diff(tmp_path):
    """Compares two texts: exit status and lines."""

    def compare(a, b, *arguments):
        (tmp_path / "a").write_text(a)
        (tmp_path / "b").write_text(b)
        done = run("diff", *arguments, tmp_path / "a", tmp_path / "b")
        assert not done.stderr
        return done.returncode, done.stdout.splitlines()

    return compare


def test_the_same(diff):
    for a, b in [
        ('{"a": 1, "b": (1,)}', '{"b": (1,), "a": 1}'),
        ("[1, true]", '[1,\n  true]'),
        ("(1, 2)", '{"__jsonclass__": ["tuple", [[1, 2]]]}'),
        ("[1]", "[1.0]"),
        ("nan", "NaN"),
        ('OrderedDict([("a", 1), ("b", 2)])', '{"b": 2, "a": 1}'),
        ("1\n2\n", "1\n\n2"),
        ("", ""),
    ]:  # fmt: skip
        assert diff(a, b) == (0, [])


def test_added_removed_changed(diff):
    a = '{"gain": 3, "name": "left", "d": {"x": [1, 2]}, "l": [1, 2, 3], "k.l": 1}'
    b = '{"offset": 0.5, "name": "right", "d": {"x": [1, 3]}, "l": [1, 2], "k.l": "1"}'
    assert diff(a, b) == (
        1,
        [
            "- gain = 3",
            '~ name: "left" -> "right"',
            "~ d.x[1]: 2 -> 3",
            "- l[2] = 3",
            '~ k.l: 1 -> "1"',
            "+ offset = 0.5",
        ],
    )
    assert diff(a, b, "-q") == (1, [])
    assert diff("1", "2") == (1, ["~ .: 1 -> 2"])
    assert diff("1", "1\n2\n") == (1, ["value 2:", "+ . = 2"])
    assert diff("[1]\n[2]\n[3]\n", "[1]\n[3]\n") == (1, ["value 2:", "~ [0]: 2 -> 3", "value 3:", "- . = [3]"])


def test_arrays_as_numbers(diff):
    np = pytest.importorskip("numpy")
    x, y = np.arange(6.0).reshape(2, 3), np.arange(6.0).reshape(2, 3)
    y[1, 2] += 0.5
    y[0, 1] += 0.25
    a, b = pyon_v1.encode({"x": x}), pyon.encode({"x": y})
    assert diff(a, b) == (1, ["~ x: 2 of 6 numbers differ, most at [1][2]: 5.0 -> 5.5"])
    assert diff(a, b, "--abs", "0.5") == (0, []) and diff(a, b, "--abs", "0.4")[0] == 1
    assert diff(pyon.encode({"x": x}), pyon.encode({"x": x.astype("f4")})) == (0, [])
    assert diff("[1, 100]", "[1, 101]", "--rel", "0.01") == (0, [])
    assert diff(pyon.encode(x), pyon.encode(x[:1]))[0] == 1


def test_integers_that_are_the_same_double(diff):
    for n in (2**53, 2**60, 2**63 - 1, 2**63, 2**64 - 1, 2**64, 10**30):
        for m in (n, -n):
            assert diff(str(m), str(m)) == (0, []) and diff(f"[{m}]", f"[{m + 1}]") == (1, [f"~ [0]: {m} -> {m + 1}"])
            assert diff(str(m), str(m + 1), "--rel", "1e-9") == (0, [])
    assert diff(str(2**60), str(2**60 + 5), "--abs", "5") == (0, [])
    assert diff(str(2**60), str(2**60 + 6), "--abs", "5")[0] == 1
    assert diff(str(2**60), str(float(2**60))) == (0, []) and diff(str(2**60 + 1), str(float(2**60)))[0] == 1
    assert diff(str(2**64), "18446744073709551616.0") == (0, []) and diff("1e22", str(10**22)) == (0, [])
    assert diff(str(2**64 - 1), "18446744073709551616.0")[0] == 1 and diff(str(10**22 + 1), "1e22")[0] == 1


def test_integers_of_arrays_that_are_the_same_double(diff):
    np = pytest.importorskip("numpy")
    for n, dtype in ((2**60, "<i8"), (-(2**62), ">i8"), (2**64 - 3, "<u8"), (2**64 - 3, ">u8")):
        x = np.array([1, n, 3], dtype)
        y = np.array([1, n + 2, 3], dtype)
        assert diff(pyon.encode(x), pyon_v1.encode(x)) == (0, [])
        assert diff(pyon.encode(x), pyon.encode(y)) == (1, [f"~ .: 1 of 3 numbers differ, most at [1]: {n} -> {n + 2}"])
        assert diff(pyon.encode(x), pyon.encode(y), "--abs", "2") == (0, [])
        assert diff(pyon.encode(x[1]), pyon.encode(y[1]))[0] == 1
        assert diff(pyon.encode(x[1]), str(n)) == (0, []) and diff(pyon.encode(x[1]), str(n + 1))[0] == 1
    z = np.array([complex(1, np.nan), complex(np.inf, 0), -0.0, np.nan])
    assert diff(pyon.encode(z), pyon.encode(z.copy())) == (0, [])
    assert diff(pyon.encode(z), pyon.encode(np.array([complex(1, 0), *z[1:]])))[0] == 1


def test_calls_of_names_that_are_not_known(diff):
    assert diff("f(1, x=2)", "f(1, x=2)") == (0, [])
    assert diff("f(1, x=2)", "f(1, x=3)") == (1, ["~ [1]: 2 -> 3"])
    for other in ("f(1, y=2)", "f(1, 2)", "g(1, x=2)"):
        assert diff("f(1, x=2)", other) == (1, [f"~ .: f(1, x=2) -> {other}"])
    assert diff("f(1)", "f(1, x=2)") == (1, ["+ [1] = 2"])


def test_deep_values_take_linear_time(diff):
    deep = "[" * 5000 + "%s" + "]" * 5000
    status, lines = diff(deep % 1, deep % 2)
    assert status == 1 and lines == ["~ " + "[0]" * 5000 + ": 1 -> 2"]


@needs_git
def test_as_a_driver_of_git(tmp_path):
    """git shows what differs in values, by `pyon get --lines`."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    env.update(HOME=str(tmp_path), GIT_CONFIG_NOSYSTEM="1", PATH=f"{os.path.dirname(PROGRAM)}:{os.environ['PATH']}")

    def git(*words):
        return subprocess.run(
            ["git", *words], cwd=tmp_path / "lab", env=env, check=True, capture_output=True, text=True
        ).stdout

    (tmp_path / "lab").mkdir()
    git("init", "-q")
    git("config", "user.name", "x")
    git("config", "user.email", "x")
    git("config", "diff.pyon.textconv", "pyon get --lines")
    (tmp_path / "lab" / ".gitattributes").write_text("*.pyon diff=pyon\n")
    path = tmp_path / "lab" / "settings.pyon"
    pyon_v1.store_file(path, {"gain": 1, "scan": {"points": [1, 2]}})
    git("add", ".")
    git("commit", "-q", "-m", "x")
    pyon_v1.store_file(path, {"gain": 1, "scan": {"points": [1, 3]}})
    lines = git("diff").splitlines()
    assert [line for line in lines if line[0] in "-+" and line[:3] not in ("---", "+++")] == [
        "-scan.points[1] = 2",
        "+scan.points[1] = 3",
    ]
