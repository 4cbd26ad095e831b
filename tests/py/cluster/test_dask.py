"""Files of lines on Dask: what a bag or a dataframe has is what the lines say, wherever the blocks end."""

import gzip
import os
import pickle
import signal
import sys
import time

import pytest

np = pytest.importorskip("numpy")
dask = pytest.importorskip("dask")
pytest.importorskip("dask.bag")

from describe import describe  # noqa: E402
from fastpyon import pyon_v1, stream, table  # noqa: E402
from fastpyon import dask as pyon_dask  # noqa: E402

RUNS = [{"rid": i, "x": i / 7, "name": "é" * (i % 50), "fit": (i, {"a": np.arange(i % 5)})} for i in range(1000)]


@pytest.fixture(autouse=True)
def in_threads():
    with dask.config.set(scheduler="threads"):
        yield


@pytest.fixture
def files(tmp_path):
    """Two files of runs; their names, which end in .pyonl."""
    stream.store_lines(tmp_path / "a.pyonl", RUNS[:700])
    stream.store_lines(tmp_path / "b.pyonl", RUNS[700:])
    return [str(tmp_path / "a.pyonl"), str(tmp_path / "b.pyonl")]


def values(bag):
    return describe(bag.compute())


# ---- Bags --------------------------------------------------------------------------------------


@pytest.mark.parametrize("blocksize", [None, "128MB", "10kB", 997])
def test_a_bag_has_all_values_in_their_order(files, blocksize):
    bag = pyon_dask.read_lines(files, blocksize=blocksize)
    assert values(bag) == describe(RUNS)
    size = sum(map(os.path.getsize, files))
    assert bag.npartitions == 2 if blocksize in (None, "128MB") else bag.npartitions >= size / 10_000


def test_values_are_read_one_by_one_unless_they_are_used_twice(files):
    bag = pyon_dask.read_lines(files, blocksize="10kB")
    assert not any(bag.map_partitions(lambda values: [isinstance(values, list)]).compute())
    count, rids = dask.compute(bag.count(), bag.pluck("rid"))
    assert (count, rids) == (1000, list(range(1000)))
    assert describe(bag.take(3)) == describe(tuple(RUNS[:3]))
    kept = bag.persist()
    for _ in range(2):
        assert values(kept) == describe(RUNS)


@pytest.mark.parametrize("end", [b"\n", b"", b"\r\n", b"\n\n"])
def test_blocks_may_end_at_any_byte(tmp_path, end):
    text = b"1\n[22]\n\n" + b"3" * 10 + b"\r\n" + b"{}" + end
    (tmp_path / "x").write_bytes(text)
    for blocksize in range(1, len(text) + 2):
        bag = pyon_dask.read_lines(str(tmp_path / "x"), blocksize=blocksize)
        assert bag.compute() == [1, [22], 3333333333, {}], blocksize


def test_a_pattern_and_names_of_files(files, tmp_path):
    bag = pyon_dask.read_lines(f"{tmp_path}/*.pyonl", include_path=True)
    found = bag.compute()
    assert describe([value for value, _ in found]) == describe(RUNS)
    assert [name for _, name in found] == [files[0]] * 700 + [files[1]] * 300


def test_compressed_files_are_a_partition_each(files, tmp_path):
    with open(files[0], "rb") as plain, gzip.open(tmp_path / "a.pyonl.gz", "wb") as packed:
        packed.write(plain.read())
    bag = pyon_dask.read_lines([str(tmp_path / "a.pyonl.gz"), files[1]], blocksize=2000)
    assert values(bag) == describe(RUNS)
    assert describe(bag.to_delayed()[0].compute()) == describe(RUNS[:700])
    os.rename(tmp_path / "a.pyonl.gz", tmp_path / "packed")
    assert values(pyon_dask.read_lines(str(tmp_path / "packed"), compression="gzip")) == describe(RUNS[:700])


def test_zst_files_of_several_frames(files, tmp_path):
    """Such as an archive has."""
    zstandard = pytest.importorskip("zstandard")
    with open(files[0], "rb") as file:
        text = file.read()
    packed = [zstandard.compress(text[i : i + 1000]) for i in range(0, len(text), 1000)]
    (tmp_path / "a.pyonl.zst").write_bytes(b"".join(packed))
    assert values(pyon_dask.read_lines(str(tmp_path / "a.pyonl.zst"))) == describe(RUNS[:700])


def test_zst_files_need_a_package(tmp_path, monkeypatch):
    """Without it, fsspec reads them as if they were text."""
    monkeypatch.setitem(sys.modules, "zstandard", None)
    (tmp_path / "a.zst").write_bytes(b"1\n")
    with pytest.raises(ImportError, match="pip install zstandard"):
        pyon_dask.read_lines(str(tmp_path / "a.zst")).compute()


def test_the_other_version(tmp_path):
    stream.store_lines(tmp_path / "x", RUNS, pyon_v1)
    assert values(pyon_dask.read_lines(str(tmp_path / "x"), dialect=pyon_v1, blocksize=999)) == describe(RUNS)


def test_other_file_systems(files):
    fsspec = pytest.importorskip("fsspec")
    with fsspec.open("memory://runs/a.pyonl", "wb") as file, open(files[0], "rb") as plain:
        file.write(plain.read())
    assert values(pyon_dask.read_lines("memory://runs/*.pyonl", blocksize=1000)) == describe(RUNS[:700])


def test_no_files(tmp_path):
    with pytest.raises(OSError, match="resolved to no files"):
        pyon_dask.read_lines(f"{tmp_path}/*.pyonl")
    (tmp_path / "empty").touch()
    assert pyon_dask.read_lines(str(tmp_path / "empty")).compute() == []


@pytest.mark.parametrize("blocksize", [0, -1, "0"])
def test_a_wrong_blocksize(files, blocksize):
    with pytest.raises(ValueError, match="blocksize must be positive"):
        pyon_dask.read_lines(files, blocksize=blocksize)


def test_a_changed_file_has_other_keys(files):
    def keys():
        return set(pyon_dask.read_lines(files).__dask_keys__()), set(pyon_dask.read_lines(files).dask)

    first = keys()
    assert keys() == first
    stream.store_lines(files[1], RUNS[:1])
    assert keys() != first


BAD = b'{"x":1}\n' * 1000 + b'{"x":\n' + b'{"x":2.5}\n' * 10


def test_errors_say_which_part_of_which_file(tmp_path):
    (tmp_path / "bad").write_bytes(BAD)
    bag = pyon_dask.read_lines(str(tmp_path / "bad"), blocksize=3000)
    with pytest.raises(stream.DecodeError) as error:
        bag.compute()
    assert f"in 'file://{tmp_path}/bad', in the part after byte 5408" in str(error.value)
    assert BAD[: error.value.offset].count(b"\n") == 1000
    copy = pickle.loads(pickle.dumps(error.value))
    assert str(copy) == str(error.value) and copy.offset == error.value.offset


def test_errors_of_files_say_which(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(BAD)[:-9])
    with pytest.raises(EOFError) as error:
        pyon_dask.read_lines(str(tmp_path / "a.gz"), on_error=[].append).compute()
    if hasattr(error.value, "add_note"):
        assert error.value.__notes__ == [f"in 'file://{tmp_path}/a.gz'"]


def test_errors_may_be_left_out(tmp_path):
    (tmp_path / "bad").write_bytes(BAD + b'{"__jsonclass__":["unknown",[]]}\n')
    errors = []
    bag = pyon_dask.read_lines(str(tmp_path / "bad"), blocksize=3000, on_error=errors.append)
    assert bag.count().compute() == 1010
    assert [type(error) for error in errors] == [stream.DecodeError, TypeError]


# ---- Dataframes --------------------------------------------------------------------------------

PATHS = ["rid", "x", "name", "fit[1].a", "none"]


@pytest.fixture
def dataframes():
    pytest.importorskip("pandas")
    pytest.importorskip("dask.dataframe")


@pytest.mark.parametrize("blocksize", [None, "3kB"])
def test_a_dataframe_is_the_table_of_the_lines(dataframes, files, blocksize):
    frame = pyon_dask.read_lines(files, PATHS, blocksize=blocksize)
    assert list(map(str, frame.dtypes)) == ["Int64", "float64", "object", "object", "object"]
    computed = frame.compute()
    assert list(map(str, computed.dtypes)) == list(map(str, frame.dtypes))
    with open(files[0], "rb") as a, open(files[1], "rb") as b:
        expected = table.read_lines(a.read() + b.read(), PATHS)
    assert np.array_equal(computed.x.to_numpy(), expected["x"])
    for name in "name", "fit[1].a":
        assert describe(list(computed[name])) == describe(expected[name])
    assert computed.rid.tolist() == list(range(1000)) and computed["none"].isna().all()


def test_only_the_columns_that_are_needed_are_read(dataframes, tmp_path):
    lines = [{"x": i, "big": np.arange(3)} for i in range(100)]
    text = b"".join(stream.encode(line) + b"\n" for line in lines)
    (tmp_path / "x").write_bytes(text + b'{"x":100,"big":{"__jsonclass__":["nparray",[[3],"<i8","AA=="]]}}\n')
    frame = pyon_dask.read_lines(str(tmp_path / "x"), ["x", "big"], on_error=[].append)
    assert len(frame) == 101 and frame.x.sum().compute() == 5050
    frame = pyon_dask.read_lines(str(tmp_path / "x"), {"y": "x"}, include_path=True)
    assert frame.y.max().compute() == 100
    assert frame.path.unique().compute().tolist() == [str(tmp_path / "x")]
    assert len(frame[[]].compute()) == 101


def test_missing_values_keep_the_type(dataframes, tmp_path):
    lines = [{"i": i, "b": True, "f": 1.5} for i in range(200)] + [{}] * 100
    stream.store_lines(tmp_path / "x", lines)
    frame = pyon_dask.read_lines(str(tmp_path / "x"), ["i", "b", "f"], blocksize=500).compute()
    assert list(map(str, frame.dtypes)) == ["Int64", "boolean", "float64"]
    assert frame.isna().sum().tolist() == [100, 100, 100]


def test_a_value_of_another_type_than_the_first_ones(dataframes, tmp_path):
    stream.store_lines(tmp_path / "x", [{"x": i} for i in range(200_000)] + [{"x": 0.5}])
    frame = pyon_dask.read_lines(str(tmp_path / "x"), ["x"])
    with pytest.raises(table.MisfitError, match=f"in 'file://{tmp_path}/x': line 200001"):
        frame.compute()
    frame = pyon_dask.read_lines(str(tmp_path / "x"), ["x"], types={"x": float}, blocksize="100kB")
    assert frame.x.max().compute() == 199_999.0 and frame.npartitions > 10
    errors = []
    frame = pyon_dask.read_lines(str(tmp_path / "x"), ["x"], on_error=errors.append)
    assert frame.x.isna().sum().compute() == 1 and len(errors) == 1


def test_the_first_lines_may_be_in_a_later_file(dataframes, tmp_path):
    for name, text in ("a", b""), ("b", b"\n\n"), ("c", b'{"x":1}\n'), ("d", b'{"x":2}\n'):
        (tmp_path / name).write_bytes(text)
    frame = pyon_dask.read_lines(f"{tmp_path}/*", ["x"])
    assert str(frame.dtypes["x"]) == "Int64" and frame.x.mean().compute() == 1.5
    assert list(pyon_dask.read_lines(str(tmp_path / "a"), ["x"]).compute()["x"]) == []


def test_wrong_arguments_of_dataframes(dataframes, files):
    with pytest.raises(ValueError, match="column 'path'"):
        pyon_dask.read_lines(files, {"path": "rid"}, include_path=True)
    with pytest.raises(TypeError, match="not one str"):
        pyon_dask.read_lines(files, "rid")
    with pytest.raises(ValueError):
        pyon_dask.read_lines(files, ["rid["])
    with pytest.raises(ValueError):
        pyon_dask.read_lines(files, ["rid"], types={"x": float})


# ---- distributed -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def client():
    distributed = pytest.importorskip("distributed")
    families = ["pyon", "dask", "pickle"]
    options = {"threads_per_worker": 1, "dashboard_address": None, "preload": ["fastpyon.dask"], "silence_logs": 50}
    with (
        distributed.LocalCluster(2, **options) as cluster,
        distributed.Client(cluster, serializers=families, deserializers=families) as client,
    ):
        client.wait_for_workers(2, timeout=60)
        yield client


def test_the_family():
    protocol = pytest.importorskip("distributed.protocol")

    def there_and_back(value):
        header, frames = protocol.serialize(value, serializers=["pyon"], on_error="raise")
        return protocol.deserialize(header, frames, deserializers=["pyon"])

    for value in RUNS[44], RUNS, {1: (2, {3})}, np.arange(100_000), [np.arange(10_000)] * 2, np.float64(1), "é", None:
        assert describe(there_and_back(value)) == describe(value)
    for value in object(), there_and_back, frozenset(), type("Sub", (dict,), {})(), {"a": [pickle]}:
        with pytest.raises(TypeError):
            there_and_back(value)
        header, _ = protocol.serialize([value, 1], serializers=["pyon", "pickle"])
        assert header["serializer"] == "pickle"


def test_values_go_between_processes(client):
    value = [RUNS[44], np.arange(300_000), (1, {2: slice(3)})]
    far = client.scatter(value, direct=False)
    assert describe(client.submit(lambda x: x, far).result()) == describe(value)
    assert client.submit(lambda: object).result() is object


def test_the_result_on_a_cluster_is_that_of_one_process(client, files):
    bag = pyon_dask.read_lines(files, blocksize=2000)
    assert describe(client.compute(bag).result()) == describe(RUNS)
    with pytest.raises(stream.DecodeError):
        client.compute(pyon_dask.read_lines(__file__)).result()


def slow(run):
    time.sleep(0.01)
    return run["rid"]


def test_a_worker_that_is_killed_costs_no_line(client, files):
    bag = pyon_dask.read_lines(files[1], blocksize=1000).map(slow)
    future = client.compute(bag)
    time.sleep(0.7)
    pid = list(client.run(os.getpid).values())[0]
    os.kill(pid, signal.SIGKILL)
    assert future.result(timeout=120) == list(range(700, 1000))
