# SPDX-License-Identifier: LGPL-3.0-or-later
"""A file of HDF5 becomes a run, which is a line of PYON, and the line becomes a file that is equal in all that h5py
shows: values, types, attributes and links."""

import math
import struct

import pytest

np = pytest.importorskip("numpy")
h5py = pytest.importorskip("h5py")

from fastpyon import pyon, pyon_v1  # noqa: E402
from fastpyon.archive import hdf5  # noqa: E402
from fastpyon.archive.values import Unsupported  # noqa: E402
from hdf5 import content  # noqa: E402

STRUCTURE = np.dtype([("a", "<i4"), ("b", ">f8", (2,)), ("c", [("x", "u1"), ("y", "S3"), ("z", "?")])], align=True)

# What ``group[name] = value`` writes: a value, a list, or an array.
VALUES = {
    "int": 5, "float": 2.5, "bool": True, "str": "hé", "bytes": b"abc", "empty_str": "", "negative_zero": -0.0,
    "nan": math.nan, "odd_nan": np.uint64(0xFFF8_0000_0000_0001).view(np.float64), "inf": -math.inf,
    "complex": 2 + 3j, "fixed": np.bytes_(b"xy"), "void": np.void(b"\0\1\2"), "nul": b"",
    "long_double": np.longdouble(1) / 3, "long_complex": np.clongdouble(1j) / 3,
    **{name: np.dtype(name).type(3) for name in ("b1", "i1", "u1", "i2", "u4", "u8", "f2", "f4", "c8", ">i4", ">f8")},
    "largest": np.uint64(2**64 - 1), "smallest": -(2**63),
    "list": [1, 2, 3], "nested": [[1.5, 2], [3, 4]], "strings": ["a", "bü", ""], "bytes_list": [b"a", b""],
    "ints": np.arange(6).reshape(2, 3), "bools": np.array([True, False]), "big_endian": np.arange(4, dtype=">i2"),
    "none": np.zeros((0, 3)), "no_dimension": np.array(1.5, "f4"), "fixed_strings": np.array([b"ab", b"c"]),
    "structures": np.ones(3, STRUCTURE), "structure": np.ones((), STRUCTURE)[()], "halfs": np.arange(3, dtype="f2"),
    "complexes": np.arange(3) * 1j, "dates_as_ints": np.arange(3, dtype="i8"), "dimensions": np.zeros((1, 2, 1, 2, 1)),
}  # fmt: skip


def write_unusual(group):
    """What needs a type of its own."""
    utf8 = h5py.string_dtype("utf-8", 4)
    group.create_dataset("strings_2d", data=np.array([["a", "b"], ["c", "d"]], object), dtype=h5py.string_dtype())
    group.create_dataset("ascii_2d", data=np.array([[b"a"]], object), dtype=h5py.string_dtype("ascii"))
    group.create_dataset("no_strings", shape=(0,), dtype=h5py.string_dtype())
    group.create_dataset("no_utf8", data=b"a\xff", dtype=h5py.string_dtype())
    group.create_dataset("unwritten", shape=(2,), dtype=h5py.string_dtype())
    group.create_dataset("utf8", data=np.array(["é".encode(), b"b"], "S4").view(utf8))
    group.create_dataset("utf8_scalar", data=np.array("é".encode(), "S4").view(utf8))
    group.create_dataset("short", data=b"ab", dtype="S7")
    for name, data in ("enum", [0, 1, 1]), ("enum_scalar", 1):
        group.create_dataset(name, data=data, dtype=h5py.enum_dtype({"RED": 0, "GREEN": 1}, basetype="i2"))
    arrays = group.create_dataset("arrays", (3,), dtype=h5py.vlen_dtype(np.dtype("<f4")))
    arrays[0], arrays[2] = [1, 2], [3]
    one = group.create_dataset("one_array", (), dtype=h5py.vlen_dtype(np.dtype("<i8")))
    one[()] = np.arange(3)
    dates = np.array(["2026-01-01"], "M8[ns]")
    group.create_dataset("dates", data=dates.astype(h5py.opaque_dtype(dates.dtype)))
    group["empty"], group["empty_string"] = h5py.Empty("f4"), h5py.Empty(h5py.string_dtype())
    group.create_dataset("chunked", data=np.arange(1000), chunks=(10,), compression="gzip", maxshape=(None,))
    group["deep/er/value"] = 5
    group["soft"], group["external"] = h5py.SoftLink("/datasets/int"), h5py.ExternalLink("other.h5", "/x")
    group.create_group("nothing/here")


@pytest.fixture
def there_and_back(tmp_path):
    def go(path):
        run = hdf5.read(path)
        line = pyon.encode(run)
        assert "\n" not in line
        hdf5.write(tmp_path / "back.h5", pyon.decode(line))
        assert content(tmp_path / "back.h5") == content(path)
        return run

    return go


def test_everything(tmp_path, there_and_back):
    path = tmp_path / "000000012-Name.h5"
    with h5py.File(path, "w") as file:
        group = file.create_group("datasets")
        file.create_group("archive")
        for name, value in VALUES.items():
            group[name] = value
        write_unusual(group)
        file["more"] = 7
        for thing in file, group, group["int"], file["datasets/deep"]:
            for name, value in VALUES.items():
                thing.attrs[name] = value
            thing.attrs["empty"] = h5py.Empty("i2")
    run = there_and_back(path)
    # People can read what they would write.
    datasets = run["datasets"]
    assert [datasets[name] for name in ("int", "float", "bool", "str")] == [5, 2.5, True, "hé"]
    assert [type(datasets[name]) for name in ("int", "float", "bool")] == [int, float, bool]
    assert datasets["strings"] == ["a", "bü", ""]
    assert datasets["deep/er/value"] == 5 and run["archive"] == {} and run["other"] == {"more": 7}
    assert run["attributes"]["datasets/int"]["str"] == "hé"
    assert struct.pack("<d", datasets["odd_nan"][()]) == b"\1\0\0\0\0\0\xf8\xff"


@pytest.mark.parametrize("name", ["datasets", "archive"])
@pytest.mark.parametrize("value", [5, h5py.SoftLink("/nothing"), h5py.SoftLink("/other")])
def test_other_things_in_the_place_of_groups(tmp_path, there_and_back, name, value):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["other/ndscan.rid_3.x"] = 1
        file[name] = value
    there_and_back(tmp_path / "a.h5")


def test_names_that_are_not_utf8(tmp_path):
    """h5py writes them, but does not find them."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file[b"datasets/a\xff"] = np.float32(1)
        file[b"datasets/a\xff"].attrs[b"b\xfe"] = np.float32(2)
        file.create_group(b"datasets/g\xff")
        file.id.links.create_soft(b"soft\xff", b"/datasets/a\xff")
        file.id.links.create_external(b"external\xff", b"x\xff.h5", b"/a\xff")
    run = hdf5.read(tmp_path / "a.h5")
    assert run["datasets"] == {"a\udcff": 1} and len(run["links"]) == 2
    hdf5.write(tmp_path / "back.h5", pyon.decode(pyon.encode(run)))
    assert hdf5.read(tmp_path / "back.h5") == run


def test_names_like_those_of_attributes(tmp_path, there_and_back):
    """The types of both are found again."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["datasets/x"] = 1
        for name in "@a", "/a", "a", "//a", "a//b":
            file["datasets/x"].attrs[name] = np.arange(2, dtype=">f4")[1]
        for name in "x@a", "x@@a", "@a":
            file[f"datasets/{name}"] = 2
        file.attrs["datasets"] = h5py.Empty("f4")
    there_and_back(tmp_path / "a.h5")


def test_usual_types_are_not_told(results, tmp_path):
    assert "types" not in hdf5.read(results.write_run(tmp_path, 1))


def test_results_of_artiq(results, tmp_path, there_and_back):
    for rid in range(10):
        run = there_and_back(results.write_run(tmp_path, rid))
        assert run["rid"] == rid and run["class"] == ("LaserRamp" if rid % 10 == 9 else "RabiFlop")
        assert list(run)[:3] == ["rid", "class", "start_time"] and run["run_time"] == run["start_time"] + 0.5
        assert run["expid"]["class_name"] == run["class"] and "expid_text" not in run
        assert run.get("expid_version") == (1 if rid % 2 else None)
        if rid % 10 < 9:  # a path leads to the same dataset in all runs
            assert run["ndscan"] == f"ndscan.rid_{rid}."
            assert run["datasets"]["ndscan.points.axis_0"].shape == (101,)
            assert run["attributes"] == {"datasets/fit.freq": {"unit": "kHz", "scale": 1e3, "precision": 3}}


def make(path, **datasets):
    with h5py.File(path, "w") as file:
        for name, value in datasets.items():
            file[name] = value
    return path


@pytest.mark.parametrize(
    "names",
    [["ndscan.rid_3.a", "ndscan.rid_4.a"], ["ndscan.rid_3.a", "ndscan.a"], ["ndscan.a"], ["ndscan.rid_3.x/y", "b"]],
)
def test_names_of_ndscan(tmp_path, there_and_back, names):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name in names:
            file[f"datasets/{name}"] = name
            file[f"datasets/{name}"].attrs["f"] = np.float32(1)
    run = there_and_back(tmp_path / "a.h5")
    short = names == ["ndscan.rid_3.x/y", "b"]
    assert sorted(run["datasets"]) == (["b", "ndscan.x/y"] if short else sorted(names))


@pytest.mark.parametrize(
    "text",
    [
        pyon.encode({"class_name": "A", "x": (1, {2: 3})}),
        pyon_v1.encode({"class_name": "A", "x": (1, {2: 3})}),
        pyon_v1.encode({"class_name": "A", "x": np.arange(3)}),
        '{"class_name":   "A"}',
        "{'class_name': 'A', 'x': 1 + 1}",
        "no PYON",
        "",
        '{"__jsonclass__":["unknown",[1]]}',
        "[1]",
    ],
)
def test_texts_of_expids(tmp_path, there_and_back, text):
    run = there_and_back(make(tmp_path / "000000007-Name.h5", expid=text))
    assert run["class"] == ("A" if "class_name" in text else "Name") and run["rid"] == 7
    assert run["absent"] == ["rid", "start_time"]


def test_an_expid_of_bytes(tmp_path, there_and_back):
    there_and_back(make(tmp_path / "a.h5", expid=b"{}", rid="x", start_time=[1, 2]))


def test_what_cannot_be_a_line(tmp_path):
    with h5py.File(tmp_path / "reference.h5", "w") as file:
        file["a"] = 1
        file["reference"] = file["a"].ref
    with h5py.File(tmp_path / "circle.h5", "w") as file:
        file["a/b"] = file
    with h5py.File(tmp_path / "type.h5", "w") as file:
        file["type"] = np.dtype("f4")
    with h5py.File(tmp_path / "strings.h5", "w") as file:
        file.create_dataset("s", (2,), np.dtype([("x", h5py.string_dtype())]))
    for name in "reference", "circle", "type", "strings":
        with pytest.raises(Unsupported):
            hdf5.read(tmp_path / f"{name}.h5")
        h5py.File(tmp_path / f"{name}.h5", "r+").close()  # it is not open any more


def test_the_browser_of_artiq_opens_it(results, tmp_path, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    widgets = pytest.importorskip("PyQt6.QtWidgets")
    files = pytest.importorskip("artiq.browser.files")
    from PyQt6 import QtCore

    application = widgets.QApplication.instance() or widgets.QApplication([])
    path = results.write_run(tmp_path / "results", 5)
    hdf5.write(tmp_path / path.name, pyon.decode(pyon.encode(hdf5.read(path))))
    shown = {}
    for file in path, tmp_path / path.name:
        model = files.Hdf5FileSystemModel()
        model.setRootPath(str(file.parent))
        tip = model.data(model.index(str(file)), QtCore.Qt.ItemDataRole.ToolTipRole)

        class Datasets:
            def init(self, rows):
                shown[file] = tip, {key: (value[1], value[2]) for key, value in rows.items()}

        dock = files.FilesDock(Datasets(), str(file.parent))
        heads = []
        dock.metadata_changed.connect(heads.append)
        dock.list_current_changed(dock.model.index(str(file)), None)
        assert heads[0]["rid"] == 5 and heads[0]["class_name"] == "RabiFlop"
    one, other = shown.values()
    assert one[0] == other[0] and "rid: 5" in one[0] and one[1].keys() == other[1].keys()
    for key, (value, attributes) in one[1].items():
        assert np.array_equal(value, other[1][key][0]) and attributes == other[1][key][1]
    assert application is not None
