# SPDX-License-Identifier: LGPL-3.0-or-later
"""python -m fastpyon: check and convert, which are commands of the program pyon, and where that is found."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import fastpyon
from command import PROGRAM, environment
from fastpyon import pyon, pyon_v1, stream

VALUES = [1, (2, 3.5), {"a": [1j]}, "é"]


def run(*arguments, python=sys.executable, **options):
    return subprocess.run(
        [python, "-m", "fastpyon", *map(str, arguments)],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "timeout": 600, **options},
    )


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.pyon"
    stream.store_lines(path, VALUES, pyon_v1)
    return path


def test_check(log, tmp_path):
    done = run("check", log)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{log}: version 1, 4 values\n", "")
    with open(log, "a") as file:
        file.write("[1, \n[2]\n(")
    done = run("check", log)
    assert done.returncode == 1 and done.stdout == f"{log}: version 1, 5 values, 2 errors\n"
    assert run("check", tmp_path / "missing").returncode == 2
    assert run("check", "-", input="[2]\n").stdout == "standard input: version 2, 1 value\n"


def test_convert(log):
    done = run("convert", "--to", "v2", log)
    assert (done.returncode, done.stdout, done.stderr) == (0, "".join(pyon.encode(x) + "\n" for x in VALUES), "")
    before = log.read_bytes()
    assert run("convert", "--to", "v2", "-i", "--backup", log).returncode == 0
    assert list(stream.load_lines(log)) == VALUES and Path(f"{log}~").read_bytes() == before


def test_options_are_those_of_the_program():
    for words in (["check", "--help"], ["check"], ["convert", "--to", "v3", "x"], ["check", "--nothing"]):
        ours, theirs = run(*words), subprocess.run([PROGRAM, *words], capture_output=True, text=True)
        assert (ours.returncode, ours.stdout, ours.stderr) == (theirs.returncode, theirs.stdout, theirs.stderr)


def copy_package(folder):
    """The package alone, as where nothing else is installed."""
    shutil.copytree(Path(fastpyon.__file__).parent, folder / "fastpyon", ignore=shutil.ignore_patterns("__pycache__"))
    return {**environment(), "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}


def test_the_program_is_not_installed(tmp_path):
    variables = copy_package(tmp_path / "site")
    done = run("check", "x", env=variables)
    if done.stderr.startswith("pyon check: x: No such file"):
        pytest.skip("it is installed beside this interpreter")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("python -m fastpyon check is the command pyon check, which is not installed beside ")
    assert run("status", env=variables).returncode == 0  # the others do not need it


@pytest.mark.parametrize("package", [".", "lib/python3/site-packages"], ids=["--target", "--prefix"])
def test_the_program_beside_the_package(package, tmp_path):
    variables = copy_package(tmp_path / package)
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "pyon"
    program.write_text('#!/bin/sh\necho this "$@"\n')
    program.chmod(0o755)
    assert run("check", "-x", "y z", env=variables).stdout == "this check -x y z\n"


def test_nobody_reads_the_output():
    """As after `| head -0`, and as after `>&-`, where there is no output at all."""
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as closed:
        done = run("status", stdout=closed)
    assert (done.returncode, done.stderr) == (1, "")  # what Python's manual says for a broken pipe
    done = run("status", preexec_fn=lambda: (os.close(1), os.close(2)))
    assert done.returncode == 0


def test_usage():
    text = run("--help").stdout
    for name in ("run", "status", "check", "convert"):
        assert f"\n    {name} " in text
    done = run("nothing")
    assert done.returncode == 2 and "nothing" in done.stderr
