"""The short form of tests/slow/differential.py: random graphs and texts, with the reference where there is one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import compare
import graphs
import texts
from fastpyon import _core, pyon, pyon_v1
from minimise import minimise
from systems import posix

SCRIPT = Path(__file__).resolve().parents[2] / "slow" / "differential.py"


def run(*arguments, **environment):
    return subprocess.run(
        [sys.executable, SCRIPT, *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=300,
    )


@posix
def test_graphs_and_texts(reference):
    process = run("--graphs", "2500", "--texts", "8000", "--jobs", "2")
    assert process.returncode == 0, process.stdout[-4000:]
    assert "with the reference" in process.stdout


@posix
def test_without_the_reference():
    process = run("--graphs", "500", "--texts", "3000", "--no-reference")
    assert process.returncode == 0, process.stdout[-4000:]
    assert "without the reference" in process.stdout


@posix
def test_a_difference_is_shown_at_its_smallest(tmp_path):
    """Of texts with a 7 in a list, and of a crash."""
    (tmp_path / "sitecustomize.py").write_text(BROKEN)
    path = [str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]
    process = run("--graphs", "0", "--texts", "12", "--seed", "5", PYTHONPATH=os.pathsep.join(path))
    assert process.returncode == 1
    shown = {line.strip() for line in process.stdout.splitlines()}
    assert shown & {"v2 '7'", "v2 b'7'"} and shown & {"v2 '9'", "v2 b'9'"}, process.stdout[-4000:]
    assert "ended with -6: a crash, or too slow" in shown


BROKEN = """
import os
from fastpyon import pyon
decode = pyon.decode

def broken(text, **keywords):
    plain = text if isinstance(text, str) else str(bytes(text))
    if "7" in plain:
        return 8
    if "9" in plain:
        os.abort()
    return decode(text, **keywords)

pyon.decode = broken
"""


def test_what_is_broken_is_seen_without_the_reference(monkeypatch):
    generator = texts.Texts(0)
    samples = [generator.sample() for _ in range(300)]

    def count():
        return sum(bool(compare.text_differences(*sample, None)) for sample in samples)

    assert count() == 0
    monkeypatch.setattr(pyon, "decode", lambda text: _core)
    assert count() > 50


def test_what_is_broken_is_seen_with_it(reference, monkeypatch):
    modules = {1: reference.v1, 2: reference.v2}
    generator = graphs.Graphs(0)
    numbers = [generator.drawn(seed) for seed in range(300)]

    def count():
        return sum(bool(compare.graph_differences(generator, draws, modules)) for draws in numbers)

    intact = count()
    for module in (pyon, pyon_v1):
        with monkeypatch.context() as patch:
            encode = module.encode
            patch.setattr(module, "encode", lambda x, pretty=False: encode(x, pretty).replace("1", "2"))
            assert count() > intact + 50


@pytest.mark.parametrize("size", [1, 10, 100])
def test_minimise(size):
    items = [*range(size), 1000, *range(size), 2000]
    assert minimise(items, lambda some: 1000 in some and 2000 in some) == [1000, 2000]
    assert minimise(items, lambda some: len(some) > size, [0]) == [0] * (size + 1)
