# SPDX-License-Identifier: LGPL-3.0-or-later
"""python -m fastpyon plot: what is drawn, and where the program pyon finds it."""

import os
import subprocess
import sys

import pytest

from fastpyon import _command, _plot, pyon, pyon_v1

np = pytest.importorskip("numpy")
pytestmark = pytest.mark.skipif(not _command.find(), reason="the program pyon is not there")

VALUE = {
    "x": np.arange(4) / 2,
    "scan.counts": np.arange(8).reshape(2, 4),
    "scan": {"counts": 1, "list": [1, 2, 4, 8], "texts": ["a"]},
    "iq": np.array([1 + 2j, 3j, 1]),
    "many": {"a": [1, 2], "b c": (3, 4)},
    "cube": np.zeros((2, 2, 2)),
    "empty": [],
    "ragged": [[1], [2, 3]],
}


@pytest.fixture(params=[pyon_v1, pyon], ids=["v1", "v2"])
def file(request, tmp_path):
    path = tmp_path / "data.pyon"
    request.param.store_file(path, VALUE)
    return path


# ---- Lines "path = value" ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    ["a.b", '["x y"]', '["a = b"].c', '["\\" = \\""][0]', "[(\"a = 'b\", 1)]", '[b"\'= \\""].*', ".", "['it = is']"],
)
def test_lines_are_split_after_the_path(path):
    for text in '"x = y"', "[1, 2]", "{'a = b': 1}":
        assert _plot._split(f"{path} = {text}") == (path, text)


def test_matches(tmp_path):
    path = tmp_path / "file.pyon"
    for dialect in pyon_v1, pyon:
        pyon_v1.store_file(path, {"a = b": {"c": [1, (2,)]}, "m": np.arange(6).reshape(2, 3), 'q"': 1})
        assert _plot._matches(path, '["a = b"].c[*]') == [('["a = b"].c[0]', 1), ('["a = b"].c[1]', (2,))]
        [(name, row)] = _plot._matches(path, "m[1]")
        assert name == "m[1]" and row.tolist() == [3, 4, 5]
        [(name, value)] = _plot._matches(path, ".")
        assert name == "." and value["q\""] == 1


# ---- Drawings ----


def run(*arguments, **environment):
    inherited = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run(
        [sys.executable, "-m", "fastpyon", "plot", *map(str, arguments)],
        env={**inherited, "PYTHONIOENCODING": "utf-8", **environment}, capture_output=True, text=True, timeout=600,
    )  # fmt: skip


BEGINNINGS = {"png": b"\x89PNG\r\n", "svg": b"<?xml", "pdf": b"%PDF-"}


@pytest.mark.parametrize("kind", BEGINNINGS)
def test_a_file(kind, file, tmp_path):
    pytest.importorskip("matplotlib")
    target = tmp_path / f"out.{kind}"
    done = run(file, "scan.counts[0]", "scan.counts[1]", '["scan"].list', "-x", "x", "-o", target)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert target.read_bytes().startswith(BEGINNINGS[kind])


def test_what_is_drawn(file):
    def lines(*paths, x=None):
        return [(name, list(x), y.tolist()) for name, x, y in _plot._lines(file, paths, x)]

    assert lines("x", "many.*") == [
        ("x", [0, 1, 2, 3], [0.0, 0.5, 1.0, 1.5]), ("many.a", [0, 1], [1, 2]), ('many["b c"]', [0, 1], [3, 4])
    ]  # fmt: skip
    assert lines("scan.counts[:][2]", x="many.a") == [("scan.counts[0:2][2]", [1, 2], [2, 6])]
    assert lines("iq") == [("iq, real part", [0, 1, 2], [1, 0, 1]), ("iq, imaginary part", [0, 1, 2], [2, 3, 0])]
    assert lines('["scan"].list[*]', x="x") == [('["scan"].list[*]', [0, 0.5, 1, 1.5], [1, 2, 4, 8])]
    assert lines("scan.counts") == [("scan.counts", [0, 1], [[0, 1, 2, 3], [4, 5, 6, 7]])]


def test_values_a_line(tmp_path):
    pytest.importorskip("matplotlib")
    path = tmp_path / "log.pyon"
    path.write_text("".join(pyon_v1.encode({"time": i, "value": (i, 1)}) + "\n" for i in range(5)))
    done = run(path, "value[0]", "-x", "time", "-o", tmp_path / "out.png")
    assert (done.returncode, done.stderr) == (0, "") and (tmp_path / "out.png").exists()


def test_an_image(file, tmp_path):
    pytest.importorskip("matplotlib")
    assert run(file, "scan.counts", "-o", tmp_path / "out.svg").returncode == 0
    assert "<image" in (tmp_path / "out.svg").read_text()


@pytest.mark.parametrize(
    "paths, message",
    [
        (["y"], 'no "y" in the value, a dict of 8 pairs'),
        (["x["], "x[: a key, an index, a slice or * expected"),
        (["scan"], '["scan"] is no series of numbers'),
        (["scan.texts"], '["scan"].texts is no series of numbers'),
        (["ragged"], "ragged is no series of numbers"),
        (["empty"], "empty is empty"),
        (["cube"], "cube has 3 dimensions: choose a part, cube[0] for instance"),
        (["x", "scan.counts"], "scan.counts has 2 dimensions, and is not alone: choose rows, scan.counts[*] for"),
        (["iq", "-x", "x"], "iq, real part has the shape (3,), but x has (4,)"),
        (["x", "-x", "many.*"], "many.* is not one series of numbers"),
        (["x", "-o", "out.xyz"], "out.xyz"),
        (["x", "-o", "missing/out.png"], "missing/out.png"),
    ],
)
def test_what_is_wrong(paths, message, file, tmp_path):
    pytest.importorskip("matplotlib")
    if "-o" not in paths:
        paths = [*paths, "-o", "out.png"]
    paths = [str(tmp_path / word) if word.startswith(("out.", "missing/")) else word for word in paths]
    done = run(file, *paths)
    assert (done.returncode, done.stdout) == (1, "") and message in done.stderr and "Traceback" not in done.stderr
    assert done.stderr.startswith(f"{file}: ") or "-o" in paths
    assert os.listdir(tmp_path) == [file.name]


@pytest.mark.parametrize(
    "data, message",
    [(None, "No such file"), (b"[1 2]", "bad:1:4: Expecting ',' delimiter"), (b"\xff", "bad:1:")],
)
def test_a_bad_file(data, message, tmp_path):
    if data:
        (tmp_path / "bad").write_bytes(data)
    done = run(tmp_path / "bad", "a")
    assert done.returncode == 1 and message in done.stderr and str(tmp_path / "bad") in done.stderr
    assert len(done.stderr.splitlines()) == 1


def without(module, tmp_path):
    """The environment of a Python that does not have a module."""
    (tmp_path / module).mkdir()
    (tmp_path / module / "__init__.py").write_text(f"raise ImportError(\"No module named '{module}'\")")
    return {"PYTHONPATH": f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}"}


def test_no_matplotlib(tmp_path, file):
    environment = without("matplotlib", tmp_path)
    done = run(file, "x", "-o", tmp_path / "out.png", **environment)
    assert done.returncode == 1
    assert done.stderr == f"{file}: No module named 'matplotlib': to draw, install matplotlib: pip install matplotlib\n"


def test_no_screen(tmp_path, file):
    done = run(file, "x", **without("plotext", tmp_path))
    assert done.returncode == 1
    assert "there is no screen; write a file with -o, or draw in the terminal: pip install 'plotext<6'" in done.stderr


@pytest.mark.parametrize("paths", [["x", '["scan"].list', "-x", "x"], ["scan.counts"]])
def test_in_the_terminal(paths, file):
    if not hasattr(pytest.importorskip("plotext"), "plot"):
        assert "has another interface than version 5" in run(file, *paths).stderr
        return
    done = run(file, *paths)
    assert (done.returncode, done.stderr) == (0, "")
    assert file.name in done.stdout and len(done.stdout.splitlines()) > 10
