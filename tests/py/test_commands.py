# SPDX-License-Identifier: LGPL-3.0-or-later
"""python -m fastpyon check and convert, for files of one value a line."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios

import pytest

from fastpyon import pyon, pyon_v1, stream

VALUES = [1, (2, 3.5), {"a": [1j]}, "é"]


def run(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "fastpyon", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        timeout=600,
    )


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "log.pyon"
    stream.store_lines(path, VALUES, pyon_v1)
    return path


def test_check(log, tmp_path):
    done = run("check", "--dialect", "v1", log)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{log}: 4 values, 0 errors\n", "")
    with open(log, "a") as file:
        file.write("[1, \n[2]\n(")
    missing = tmp_path / "missing"
    done = run("check", "--dialect", "v1", log, missing)
    assert done.returncode == 1
    assert done.stdout == f"{log}: 5 values, 2 errors\n{missing}: 0 values, 1 error\n"
    assert "the line ends at byte" in done.stderr and "No such file" in done.stderr


def test_convert(log, tmp_path):
    target = tmp_path / "new.pyon"
    done = run("convert", log, target)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert target.read_text() == "".join(pyon.encode(x) + "\n" for x in VALUES)
    back = run("convert", "--from", "v2", "--to", "v1", target, target)
    assert back.returncode == 0 and target.read_bytes() == log.read_bytes()


def test_convert_leaves_the_target_alone(log, tmp_path):
    target = tmp_path / "new.pyon"
    target.write_text("old")
    with open(log, "a") as file:
        file.write("Fraction(1, 0)\n")
    done = run("convert", log, target)
    assert done.returncode == 1 and target.read_text() == "old"
    assert sorted(os.listdir(tmp_path)) == ["log.pyon", "new.pyon"]
    assert run("convert", tmp_path / "missing", target).returncode == 1


def test_a_bar_on_a_terminal(log):
    pytest.importorskip("tqdm")
    try:
        ours, theirs = pty.openpty()
    except OSError:
        pytest.skip("no pseudo-terminals here (a chroot without /dev/pts)")
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "fastpyon", "check", "--dialect", "v1", str(log)], stdout=subprocess.PIPE, stderr=theirs
    )
    assert process.communicate(timeout=600)[0] and process.returncode == 0
    # Before nobody has the terminal open any more, and without waiting for what does not come.
    assert select.select([ours], [], [], 10)[0] and b"log.pyon" in os.read(ours, 10000)
    os.close(theirs)
    os.close(ours)


def test_usage():
    done = run("check")
    assert done.returncode == 2 and "FILE" in done.stderr
    assert "check" in run("--help").stdout
