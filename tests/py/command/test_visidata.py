# SPDX-License-Identifier: LGPL-3.0-or-later
"""The loader for VisiData, in its batch mode: files and the sheets of what is in them."""

import json
import os
import subprocess
import sys

import pytest

from fastpyon import pyon, pyon_v1, stream

pytest.importorskip("visidata")
np = pytest.importorskip("numpy")

TABLE = np.arange(6).reshape(2, 3)
VALUE = {"name": "é", "count": 3, "ratio": np.float64(0.5), "table": TABLE, 7: (1, None), "b": True}


@pytest.fixture
def batch(tmp_path):
    """Opens a file, types the commands of a script, and returns the rows of the sheet, each a dict."""

    def run(path, *commands):
        script = tmp_path / "script.vdj"
        script.write_text("#!vd -p\n" + "".join(json.dumps({"longname": name}) + "\n" for name in commands))
        result = tmp_path / "result.json"
        result.unlink(missing_ok=True)
        play = ["-p", str(script)] if commands else []
        words = ["--imports", "fastpyon.visidata", "-b", *play, str(path), "-o", str(result)]
        done = subprocess.run(
            [sys.executable, "-m", "visidata", *words],
            env={**os.environ, "HOME": str(tmp_path)}, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=120,
        )  # fmt: skip
        assert done.returncode == 0 and result.exists(), done.stderr
        return json.loads(result.read_text())

    return run


def present(row):
    """The cells of a row: VisiData writes null or nothing for the others."""
    return {key: cell for key, cell in row.items() if cell is not None}


@pytest.mark.parametrize("module", [pyon_v1, pyon], ids=["v1", "v2"])
def test_a_dict(module, batch, tmp_path):
    path = tmp_path / "data.pyon"
    module.store_file(path, VALUE)
    rows = batch(path)
    assert [(row["key"], row["value"]) for row in rows] == [
        ("name", "é"), ("count", 3), ("ratio", 0.5), ("table", [[0, 1, 2], [3, 4, 5]]), (7, [1, None]), ("b", True)
    ]  # fmt: skip
    ratio = type(module.decode(module.encode(np.float64(0)))).__name__
    assert [row["type"] for row in rows] == ["str", "int", ratio, "ndarray", "tuple", "bool"]
    assert rows[3]["size"] == "2 x 3" and rows[4]["size"] == 2


def test_a_row_is_opened(batch, tmp_path):
    path = tmp_path / "data.pyon"
    pyon.store_file(path, VALUE)
    down = "go-down"
    assert batch(path, down, down, down, "open-row") == [{"0": 0, "1": 1, "2": 2}, {"0": 3, "1": 4, "2": 5}]
    assert [*map(present, batch(path, down, down, down, down, "open-row"))] == [{"value": 1}, {}]
    assert batch(path, "open-row") == [{"value": "é"}]


@pytest.mark.parametrize("module", [pyon_v1, pyon], ids=["v1", "v2"])
def test_values_a_line(module, batch, tmp_path):
    path = tmp_path / "log.pyon"
    stream.store_lines(path, [{"time": 1, "value": np.int32(5)}, {"time": 2.5, "more": "x"}], module)
    assert [*map(present, batch(path))] == [{"time": 1, "value": 5}, {"time": 2.5, "more": "x"}]


@pytest.mark.parametrize(
    "value, rows",
    [
        ([], []),
        ([1.5, 2], [{"value": 1.5}, {"value": 2}]),
        (((1, 2), (3,)), [{"0": 1, "1": 2}, {"0": 3}]),
        (np.array([1.5, 2]), [{"value": 1.5}, {"value": 2.0}]),
        (np.arange(8).reshape(2, 2, 2), [{"value": [[0, 1], [2, 3]]}, {"value": [[4, 5], [6, 7]]}]),
        (3, [{"value": 3}]),
    ],
)  # fmt: skip
def test_other_values(value, rows, batch, tmp_path):
    path = tmp_path / "data.pyon"
    pyon.store_file(path, value)
    assert [*map(present, batch(path))] == rows
