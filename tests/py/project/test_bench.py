# SPDX-License-Identifier: LGPL-3.0-or-later
"""The benchmark runs, on values as small as can be, and tells what it should. Times are not looked at."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
ALWAYS = {"fastpyon", "fastpyon v1", "json", "pickle", "marshal", "copy", "copy in place"}


def test_the_database_is_measured(tmp_path):
    """With the databases that are installed."""
    pytest.importorskip("numpy")
    command = [sys.executable, "-m", "bench.database", "--quick", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = tables(done.stdout)
    assert len(found) == 3 and "fastpyon.database" in done.stdout
    for head, _, *rows in found:
        assert rows and {len(row) for row in rows} == {len(head)}
    assert not os.listdir(tmp_path)


def test_the_archive_is_measured(tmp_path):
    pytest.importorskip("h5py")
    command = [sys.executable, "-m", "bench.archive", "--runs=12", "--times=2", "--rounds=1", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = tables(done.stdout)
    assert len(found) == 2 and "Two threads" in done.stdout
    for head, _, *rows in found:
        assert rows and {len(row) for row in rows} == {len(head)}
    assert not os.listdir(tmp_path)


def bench(*arguments):
    environment = {**os.environ}
    environment.pop("PYON_REFERENCE", None)
    process = subprocess.run(
        [sys.executable, "-m", "bench", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert process.returncode == 0, process.stderr[-4000:]
    return process.stdout


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """(the report, what --json stored) of a few workloads."""
    file = tmp_path_factory.mktemp("bench") / "samples.json"
    names = "floats", "tuples", "dashboard-plain", "call", "growth-floats-10", "files"
    report = bench("--quick", "--scale", "0.001", "--json", str(file), *names)
    return report, json.loads(file.read_text(encoding="utf-8"))


def tables(report):
    """The tables of the report: lists of rows, which are lists of cells."""
    found = re.findall(r"(?:^\|.*\n)+", report, re.MULTILINE)
    return [[line.strip("|").split("|") for line in table.splitlines()] for table in found]


def result(measured, name):
    return next(result for result in measured[1]["results"] if result["workload"] == name)


def test_all_rows_are_as_long_as_their_head(measured):
    found = tables(measured[0])
    assert len(found) >= 5
    for head, rule, *rows in found:
        assert rows and {len(row) for row in (rule, *rows)} == {len(head)}


def test_each_peer_has_samples_of_each_step(measured):
    times = result(measured, "floats")["times"]
    for step in "encode", "fresh":
        assert ALWAYS <= times[step].keys()
        assert all(sample > 0 for samples in times[step].values() for sample in samples)


def test_peers_are_judged(measured):
    verdicts = result(measured, "tuples")["verdicts"]
    assert verdicts["fastpyon"] == verdicts["fastpyon v1"] == verdicts["pickle"] == "exact"
    assert verdicts["json"] == "lists"
    assert re.search(r"tuples.*\d¹", measured[0])


def test_files_are_stored_and_loaded(measured):
    found = result(measured, "files")
    if "left_out" in found:  # its arrays need NumPy
        assert "numpy" in found["left_out"]
    else:
        assert {"fastpyon", "fastpyon v1", "plain"} <= found["times"]["fresh"].keys()
        assert "load_file" in measured[0]


@pytest.fixture(scope="module")
def piped(tmp_path_factory):
    """The same of values through pipes."""
    file = tmp_path_factory.mktemp("bench") / "samples.json"
    names = "pipe-floats-1000", "pipe-array-1000", "ends-floats"
    report = bench("--quick", "--scale", "0.001", "--json", str(file), *names)
    return report, json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "name, step",
    [
        ("pipe-floats-1000", "to_child"),
        ("pipe-floats-1000", "to_parent"),
        ("pipe-array-1000", "to_child"),
        ("ends-floats", "blocking"),
        ("ends-floats", "asyncio"),
    ],
)
def test_values_go_through_pipes(piped, name, step):
    found = result(piped, name)
    if "left_out" in found:  # arrays need NumPy
        assert "numpy" in found["left_out"]
        return
    assert found["refused"] == {step: {} for step in found["refused"]}
    assert "pickle" in found["times"][step]
    assert all(sample > 0 for samples in found["times"][step].values() for sample in samples)


def test_links_that_are_missing_are_named(piped):
    report, _ = piped
    known = {"fastpyon.stream", "pickle", "msgpack", "sipyco + fastpyon", "sipyco"}
    measured = {*result(piped, "pipe-floats-1000")["times"]["to_child"]}
    missing = result(piped, "pipe-floats-1000")["missing"]
    assert measured | missing.keys() == known and not measured & missing.keys()
    assert all(f"- {name} is left out" in report for name in missing)


def test_a_link_that_fails_says_why():
    script = """if True:
        import asyncio, os
        from bench import pair, pipe
        from bench.links import End

        def failure(doing):
            try:
                asyncio.run(doing)
            except Exception as error:
                return str(error)

        async def arrives():
            return [1]

        reading, writing = os.pipe()
        acks = pair.Acks(reading, writing, "blocking")
        assert failure(pair.take(End(None, arrives), acks, lambda: [1])) is None
        assert os.read(reading, 9) == b"+."
        assert failure(pair.take(End(None, arrives), acks, lambda: [2])) == "something else arrives"
        assert os.read(reading, 9) == b"+"
        acks.write(pair.FAILED + b"ValueError: why")
        assert failure(acks.expect(pair.RECEIVED)) == "ValueError: why"
        os.close(writing)
        assert failure(acks.expect(pair.RECEIVED)) == "the other process has ended"

        job = {"step": "to_child", "workload": "floats", "items": 1}
        for link, why in {"none": "KeyError: 'none'", "pickle": None}.items():
            process = pipe.Pair(link=link, **job)
            try:
                assert process.exchanges(2) > 0 and not why
            except pipe.Refused as error:
                assert str(error) == why
            process.close()
    """
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_a_stored_run_makes_the_same_report(measured, tmp_path):
    report, found = measured
    file = tmp_path / "samples.json"
    file.write_text(json.dumps(found), encoding="utf-8")
    assert bench("--from", str(file)).strip() == report.strip()
    bench("--from", str(file), "--output", str(tmp_path))  # with plots where there is matplotlib
    written = (tmp_path / "benchmarks.md").read_text(encoding="utf-8")
    assert written.startswith("# Benchmarks\n")


def test_memory_can_be_resident():
    script = """if True:
        from bench import measure
        kept = measure.pin(1 << 22)
        assert 4 <= len(kept) <= 16, len(kept)
        most, held = measure.peak(bytes, 10**6)
        assert most >= held >= 10**6
    """
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_every_workload_and_every_file_is_known():
    listed = bench("--list").splitlines()
    assert len({line.split()[1] for line in listed}) == len(listed)
    makefile = (ROOT / "Makefile.am").read_text(encoding="utf-8")
    for file in (ROOT / "bench").glob("*.py"):
        assert f"bench/{file.name}" in makefile
