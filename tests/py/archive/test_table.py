# SPDX-License-Identifier: LGPL-3.0-or-later
"""Tables of lines: the columns are those of the decoded values, whatever the text comes from and however it is cut."""

import gzip
import math
import sys
from fractions import Fraction

import pytest

np = pytest.importorskip("numpy")

from fastpyon import _blocks, _core, pyon, pyon_v1, table  # noqa: E402


def text_of(*values, encode=pyon.encode):
    return "".join(encode(value) + "\n" for value in values).encode()


def read(*values, **options):
    return table.read_lines(text_of(*values), ["x"], **options)["x"]


def same(a, b):
    if isinstance(b, float) and math.isnan(b):
        return type(a) is float and math.isnan(a)
    if isinstance(b, np.ndarray):
        return a.dtype == b.dtype and np.array_equal(a, b)
    return type(a) is type(b) and a == b


# ---- Columns ----


@pytest.mark.parametrize(
    "values, dtype",
    [
        ([1, -2, 2**63 - 1], np.int64),
        ([1.5, -0.0], np.float64),
        ([1, 2.5], np.float64),
        ([np.float32(0.5), np.float64(2), 3], np.float64),
        ([np.int8(-3), np.uint16(7)], np.int64),
        ([True, np.bool_(False)], np.bool_),
    ],
)
def test_arrays(values, dtype):
    column = read(*({"x": value} for value in values))
    assert type(column) is np.ndarray and column.dtype == dtype
    assert column.tolist() == values
    assert column.flags.writeable and (column.base is None or column.base.nbytes == column.nbytes)


@pytest.mark.parametrize(
    "values",
    [
        ["a", "ü", "a", "\udc80"],
        [1, "a", None, 2.5, True],
        [None],
        [True, 1],
        [2**63, 1],
        [2**53 + 1, 0.5],
        [2**63 - 1, 0.5],
        [(1, 2), [1], {"a": {2}}, {3: 4}],
        [np.arange(3), np.ones((2, 2)), np.array(["a"]), np.uint64(2**64 - 1), np.complex128(2j)],
        [Fraction(1, 3), b"x", 2j, slice(1, 2)],
    ],
)
def test_objects(values):
    column = read(*({"x": value} for value in values))
    assert type(column) is list and len(column) == len(values)
    assert all(map(same, column, values))


def test_missing():
    found = table.read_lines(
        text_of({"i": 1, "f": 1.5, "b": True, "s": "a"}, {}, 7, {"i": 2**62, "f": math.nan, "b": False, "s": None}),
        ["i", "f", "b", "s", "none"],
    )
    assert found.rows == 4 and found.lines.tolist() == [1, 2, 3, 4]
    assert isinstance(found["i"], np.ma.MaskedArray) and found["i"].tolist() == [1, None, None, 2**62]
    assert found["b"].dtype == bool and found["b"].tolist() == [True, None, None, False]
    assert np.array_equal(found["f"], [1.5, math.nan, math.nan, math.nan], equal_nan=True)
    assert found["s"] == ["a", None, None, None]
    assert found["none"].dtype == np.float64 and np.isnan(found["none"]).all()
    # NaN is not missing, nor is None.
    assert found.missing("f").tolist() == found.missing("s").tolist() == [False, True, True, False]


def test_paths():
    value = {"a.b": 1, "a": {"b": 2, "c": [3, 4, 5]}, "m": np.arange(6).reshape(2, 3), (1, 2): "t"}
    names = {"longest": "a.b", "exact": '["a"].b', "item": "a.c[-1]", "all": "a.c[*]", "some": "a.c[::2]",
             "element": "m[1][2]", "row": "m[0]", "key": "[(1, 2)]"}  # fmt: skip
    found = table.read_lines(text_of(value), names)
    assert list(found) == list(names)
    assert [found[name].tolist() for name in ("longest", "exact", "item", "element")] == [[1], [2], [5], [5]]
    assert (found["all"], found["some"], found["key"]) == ([[3, 4, 5]], [[3, 5]], ["t"])
    assert found["row"][0].tolist() == [0, 1, 2]


def test_no_path_and_no_line():
    assert table.read_lines(b"[1]\n[2]\n", []).rows == 2
    found = table.read_lines(b"", ["x"])
    assert found.rows == 0 and found["x"].tolist() == []


def test_registered_type():
    class Point:
        def __init__(self, x):
            self.x = x

    pyon.register({Point}, name="table_point", encode=lambda point: (point.x,), decode=Point)
    try:
        (point,) = read({"x": Point(3)})
        assert type(point) is Point and point.x == 3
    finally:
        pyon.deregister({Point}, "table_point")


# ---- Types ----


def test_types():
    values = {"x": 1, "y": 2.0, "z": "a", "w": 5}, {"x": 2.5, "y": 3, "z": "b", "w": 6}
    found = table.read_lines(
        text_of(*values), ["x", "y", "z", "w"], types={"x": "float64", "y": int, "z": str, "w": object}
    )
    assert found["x"].dtype == np.float64 and found["y"].dtype == np.int64
    assert found["z"] == ["a", "b"] and found["w"] == [5, 6]


@pytest.mark.parametrize(
    "kind, good, bad",
    [
        ("float64", 2, [2**53 + 1, True, "2", None]),
        ("int64", 2.0, [2.5, math.nan, math.inf, 2**63, True]),
        ("bool", True, [1, None, "true"]),
        ("str", "", [1, None, b"x", ["a"]]),
    ],
)
def test_values_that_do_not_fit(kind, good, bad):
    for value in bad:
        text = text_of({"x": good}, {"x": value}, {})
        with pytest.raises(table.MisfitError, match="^x: not .*: line 2$") as info:
            table.read_lines(text, ["x"], types={"x": kind})
        assert (info.value.line, info.value.path, info.value.column) == (2, "x", None)
        errors = []
        found = table.read_lines(text, ["x"], types={"x": kind}, on_error=errors.append)
        assert len(errors) == 1 and found.missing("x").tolist() == [False, True, True]


def test_arguments():
    for arguments, error in [
        (("x",), TypeError),
        ((["x["],), ValueError),
        ((["x"], {"y": int}), ValueError),
        ((["x"], {"x": "int32"}), ValueError),
        ((["x[*]"], {"x[*]": "int64"}), ValueError),
        ((["x[1:]"], {"x[1:]": "str"}), ValueError),
    ]:
        paths, types = (*arguments, None)[:2]
        with pytest.raises(error):
            table.read_lines(b"{}\n", paths, types=types)
    with pytest.raises(TypeError, match="a path is a str, not int"):
        table.read_lines(b"{}\n", [7])
    with pytest.raises(ValueError, match="version"):
        table.read_lines(b"{}\n", ["x"], version=3)
    for arguments in [(b"", ["x"], "a", 2, False), (b"", ("x",), "", 2, False), (b"", ("x",), "\0", 2, False)]:
        with pytest.raises((TypeError, ValueError)):
            _core.read_columns(*arguments)


# ---- Lines that cannot be read ----


def test_broken_lines():
    text = text_of({"x": 1}) + b'{"x": [1, \n\n{"x": 2}\n{"x": 3} 4\n' + b'{"x": {"__jsonclass__": ["nothing", []]}}\n'
    with pytest.raises(table.MisfitError, match="^Expecting value: line 2 column 11$") as info:
        table.read_lines(text, ["x"])
    assert (info.value.line, info.value.path, info.value.column) == (2, None, 11)
    errors = []
    found = table.read_lines(text, ["x"], on_error=errors.append)
    assert [(error.line, error.path) for error in errors] == [(2, None), (5, None), (6, "x")]
    assert found["x"] == [1, 2, None] and found.lines.tolist() == [1, 4, 6]


def test_versions():
    value = {"x": (1, 2.5)}
    both = text_of(value) + text_of(value, encode=pyon_v1.encode)
    assert table.read_lines(both, ["x"])["x"] == [(1, 2.5)] * 2
    for version, line in (1, 1), (2, 2):
        errors = []
        table.read_lines(both, ["x"], version=version, on_error=errors.append)
        assert [error.line for error in errors] == ([2] if version == 2 else []), line


@pytest.mark.parametrize("size", [1, 10, 1000])
def test_byte_order_marks(monkeypatch, size):
    """Files that are joined have them in the middle: wherever a block ends, they are no part of a line."""
    monkeypatch.setattr(_blocks.of_buffer, "__defaults__", (size,))
    mark = b"\xef\xbb\xbf"
    lines = b'{"x":1}', b'{"x":2}', b"", b"{'x':(3)}", mark + b"{}", b"]"
    text = b"\n".join(mark + line for line in lines)
    errors = []
    found = table.read_lines(text, ["x"], on_error=errors.append)
    assert found["x"].tolist() == [1, 2, 3] and found.lines.tolist() == [1, 2, 4]
    assert [(error.line, error.column) for error in errors] == [(5, 4), (6, 4)]


# ---- Sources and blocks ----


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(_blocks, "SIZE", 50)
    for function in (_blocks.of_file, _blocks.of_buffer, _blocks.of_lines):
        monkeypatch.setattr(function, "__defaults__", (50,))


VALUES = [{"x": i, "y": [None, i / 2, "text", i][i % 4], "z": "z" * (i * 7 % 180)} for i in range(300)]


def check(found, values=VALUES):
    assert found["x"].tolist() == [value["x"] for value in values]
    assert found["y"] == [value["y"] for value in values]
    assert [type(y) for y in found["y"]] == [type(value["y"]) for value in values]


@pytest.mark.parametrize("threads", [1, 2, 5, None])
def test_sources(tmp_path, small_blocks, threads):
    text = text_of(*VALUES)
    path = tmp_path / "lines.pyonl"
    path.write_bytes(text)
    (tmp_path / "lines.pyonl.gz").write_bytes(gzip.compress(text))
    sources = [
        path, str(path), str(path) + ".gz", text, bytearray(text), memoryview(text), text.splitlines(),
        np.frombuffer(text, np.uint8), [bytearray(line) for line in text.splitlines()],
        text.decode().splitlines(keepends=True), iter(text.split(b"\n")[:-1]),
    ]  # fmt: skip
    for source in sources:
        check(table.read_lines(source, ["x", "y"], threads=threads))
    with open(path, "rb") as file:
        check(table.read_lines(file, ["x", "y"], threads=threads))
    path.write_bytes(text[:-1])  # no line end at the end
    check(table.read_lines(path, ["x", "y"], threads=threads))


def test_zst(tmp_path):
    zstandard = pytest.importorskip("zstandard")
    frames = [zstandard.compress(text_of(*VALUES[:100])), zstandard.compress(text_of(*VALUES[100:]))]
    (tmp_path / "a.zst").write_bytes(b"".join(frames))
    check(table.read_lines(tmp_path / "a.zst", ["x", "y"]))


def test_cut_compressed_files(tmp_path):
    """Nothing is taken for the end of a file but its end."""
    zstandard = pytest.importorskip("zstandard")
    text = text_of(*VALUES)
    frame = zstandard.compress(text)
    two_frames = zstandard.compress(text[:99]) + frame
    for name, whole in ("a.zst", frame), ("b.zst", two_frames), ("a.gz", gzip.compress(text)):
        for cut in 1, 5, len(frame) // 2:
            (tmp_path / name).write_bytes(whole[:-cut])
            with pytest.raises(EOFError, match="ended before the end"):
                table.read_lines(tmp_path / name, ["x"])
    (tmp_path / "a.zst").write_bytes(b"")
    assert table.read_lines(tmp_path / "a.zst", ["x"]).rows == 0


def test_a_source_that_does_not_wait():
    import io

    class Source(io.RawIOBase):
        def readinto(self, buffer):
            return None

    with pytest.raises(BlockingIOError):
        table.read_lines(Source(), ["x"])


@pytest.mark.parametrize("threads", [1, 3])
def test_lines_of_later_blocks(small_blocks, threads):
    text = text_of(*VALUES[:200]) + b"]\n" + text_of(*VALUES[200:]) + b"[\n"
    with pytest.raises(table.MisfitError) as info:
        table.read_lines(text, ["x"], threads=threads)
    assert info.value.line == 201
    errors = []
    found = table.read_lines(text, ["x", "y"], on_error=errors.append, threads=threads)
    assert [error.line for error in errors] == [201, 302]
    check(found)
    assert found.lines[-1] == 301


def test_what_is_no_source():
    for source in 7, None, [1, 2], [None]:
        with pytest.raises(TypeError):
            table.read_lines(source, ["x"])


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        table.read_lines(tmp_path / "nothing", ["x"])


def test_error_of_source():
    def lines():
        yield b"{}"
        raise KeyError("mine")

    for threads in 1, 2:
        with pytest.raises(KeyError):
            table.read_lines(lines(), ["x"], threads=threads)


def test_buffer_is_released():
    data = bytearray(b'{"x": 1}\n')
    table.read_lines(data, ["x"])
    data.clear()  # BufferError, if anything held it


@pytest.mark.skipif(sys.platform == "win32", reason="needs pipes with names")
def test_pipe(tmp_path):
    import os
    import threading

    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=[text_of(*VALUES)])
    writer.start()
    check(table.read_lines(tmp_path / "pipe", ["x", "y"]))
    writer.join()


# ---- Other packages ----


def test_pandas():
    pandas = pytest.importorskip("pandas")
    found = table.read_lines(text_of({"i": 2**60, "f": 1, "b": True, "s": [1]}, {"f": 0.5}), ["i", "f", "b", "s"])
    frame = found.to_pandas()
    assert list(map(str, frame.dtypes)) == ["Int64", "float64", "boolean", "object"]
    assert frame["i"][0] == 2**60 and frame["i"][1] is pandas.NA and frame["b"][1] is pandas.NA
    assert frame["s"].tolist() == [[1], None]


def test_arrow():
    pyarrow = pytest.importorskip("pyarrow")
    values = [{"i": 2**60, "f": math.nan, "s": "a", "a": np.arange(3), "t": (1, 2)}, {}]
    found = table.read_lines(text_of(*values), ["i", "f", "s", "a", "t"]).to_arrow()
    assert list(map(str, found.schema.types)) == [
        "int64", "double", "string", "list<item: int64>", "list<item: int64>"
    ]  # fmt: skip
    assert found["f"].null_count == 1 and found["i"].to_pylist() == [2**60, None]
    assert found["a"].to_pylist() == [[0, 1, 2], None] and found["t"].to_pylist() == [[1, 2], None]
    with pytest.raises(TypeError, match="^y: Arrow has no type"):
        table.read_lines(text_of(*VALUES), ["y"]).to_arrow()
    assert isinstance(found, pyarrow.Table)


@pytest.mark.parametrize("value", [2**63, -(2**64), "\ud800", [1, 2**70], {1: 2}, slice(1)])
def test_what_arrow_has_no_type_for(value):
    pytest.importorskip("pyarrow")
    for values in [value], [value, None]:
        found = table.read_lines(text_of(*({"x": value} for value in values)), ["x"])
        if value != 2**63:  # is a uint64
            with pytest.raises(TypeError, match="^x: Arrow has no type"):
                found.to_arrow()


@pytest.mark.parametrize("first, later", [("{}", True), ("{}", 2**53 + 1), ("{}", "a"), ('{"x":null}', 5)])
def test_batches_that_the_first_one_did_not_expect(small_blocks, first, later):
    pytest.importorskip("pyarrow")
    text = first.encode() + b"\n" + b" " * 50 + b"\n" + text_of({"x": later})
    with pytest.raises(TypeError, match="^x: Arrow has no type"):
        table.read_batches(text, ["x"]).read_all()


@pytest.mark.parametrize("threads", [1, 3])
def test_batches(small_blocks, threads):
    pytest.importorskip("pyarrow")
    text = text_of(*VALUES)
    reader = table.read_batches(text, ["x", "z"], threads=threads)
    assert list(map(str, reader.schema.types)) == ["int64", "string"]
    batches = list(reader)
    assert len(batches) > 10
    assert [x for batch in batches for x in batch["x"].to_pylist()] == [value["x"] for value in VALUES]
    # The types of the first batch are asked of all.
    with pytest.raises(table.MisfitError, match="^x: not an integer of 64 bits: line 301$"):
        list(table.read_batches(text + b'{"x": "a"}\n', ["x"], threads=threads))
    assert table.read_batches(b"", ["x"]).read_all().num_rows == 0
    text = text_of({"s": None}, {"s": "a"}, *[{"s": None}] * 30, {})
    found = table.read_batches(text, ["s", "s[*]"], threads=threads)
    assert found.read_all()["s"].to_pylist() == [None, "a"] + [None] * 31


def test_xarray():
    pytest.importorskip("xarray")
    values = [{"a": np.arange(6.0).reshape(2, 3) + i, "i": i, "r": np.zeros(i)} for i in range(4)]
    found = table.read_lines(text_of(*values, {"i": 7, "a": np.zeros((2, 3))}), ["a", "i", "r"]).to_xarray("run")
    assert found["a"].dims == ("run", "a_0", "a_1") and found["a"].shape == (5, 2, 3)
    assert found["a"][3, 1, 2] == 8 and found["i"].dtype == np.int64
    assert found["r"].dtype == object and found["r"][4].item() is None
    for number in 2**53 + 1, 2**63 - 1:
        found = table.read_lines(text_of({"i": number}, {}, {"i": 1}), ["i"]).to_xarray()
        assert found["i"].values.tolist() == [number, None, 1]
