# SPDX-License-Identifier: LGPL-3.0-or-later
"""The commands in docs/database.md print what it says, and those for LMDB work."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import fastpyon
from db import COMMANDS

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "database.md").read_text(encoding="utf-8")


def blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def steps():
    """Each command of the blocks for a console, and what it prints."""
    for block in blocks("console"):
        for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, shown = step.partition("\n")
            yield command, shown


@pytest.fixture
def shell(tmp_path):
    """Runs a command in a folder with the examples, where ``python`` is this one, with this fastpyon."""
    (tmp_path / "bin").mkdir()
    python = tmp_path / "bin" / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    package = str(Path(fastpyon.__file__).parents[1])
    env = {
        **os.environ, "PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join([package, *sys.path]),
    }  # fmt: skip

    def run(command):
        done = subprocess.run(
            ["sh", "-c", command], cwd=tmp_path, env=env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        )  # fmt: skip
        return done.returncode, done.stdout

    return run


def test_output_is_real(shell):
    for command, shown in steps():
        assert shell(command)[1] == shown, command


def test_there_and_back(shell, tmp_path):
    lmdb = pytest.importorskip("lmdb")
    text = next(block for block in blocks("sh") if "db import" in block)
    with lmdb.open(str(tmp_path / "dataset_db.mdb"), subdir=False, map_size=2**20) as file:
        with file.begin(write=True) as transaction:
            transaction.put(b"a", b"(1, {})")
    status, out = shell(f"set -e\n{text}")
    assert (status, out.count("1 dataset of")) == (0, 2), out


def test_each_command_is_shown():
    assert [name for name in COMMANDS if f"| `{name} " not in TEXT] == []
