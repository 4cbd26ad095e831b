# SPDX-License-Identifier: LGPL-3.0-or-later
"""python -m fastpyon check and convert, for files of one value a line, or, to check, of one value."""

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


def run(*arguments, **options):
    return subprocess.run(
        [sys.executable, "-m", "fastpyon", *map(str, arguments)],
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "timeout": 600, **options},
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


@pytest.mark.parametrize("dialect, module", [("v1", pyon_v1), ("v2", pyon)])
def test_check_one_value_over_several_lines(dialect, module, tmp_path):
    path = tmp_path / "dataset_db.pyon"
    path.write_text("\n" + module.encode({f"key {i}": [i, (i, {i})] for i in range(100)}, pretty=True) + "\n")
    assert path.read_text().count("\n") > 100
    done = run("check", "--dialect", dialect, path)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{path}: 1 value, 0 errors\n", "")
    with open(path, "a") as file:
        file.write("]")
    done = run("check", "--dialect", dialect, path)
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 22
    first, *_, last = done.stderr.splitlines()
    assert first.startswith("read as one value: ") and str(path) in first and " line " in first
    errors = 20 + int(last.removeprefix(f"{path}: ").removesuffix(" more errors"))
    assert done.stdout.endswith(f" values, {errors} errors\n")


def test_check_many_bad_lines(tmp_path):
    path = tmp_path / "log.pyon"
    for count, more in [(20, 0), (21, 1), (1000, 980)]:
        path.write_text("1\n" + "$\n" * count + "2\n")
        done = run("check", path)
        assert done.stdout == f"{path}: 2 values, {count} errors\n"
        lines = done.stderr.splitlines()
        assert [int(line.split(" byte ")[1].split()[0]) for line in lines[:20]] == list(range(2, 42, 2))
        assert lines[20:] == ([f"{path}: {more} more error{'s' if more > 1 else ''}"] if more else [])


def test_check_a_pipe():
    done = run("check", "/dev/stdin", input="(\n1\n[2]\n")
    assert done.returncode == 1 and done.stdout == "/dev/stdin: 2 values, 1 error\n"


@pytest.mark.parametrize("command", ["check", "convert", "status"])
def test_nobody_reads_the_output(command, log, tmp_path):
    """As after `| head -0`, and as after `>&-`, where there is no output at all."""
    arguments = {"check": ["--dialect", "v1", log], "convert": [log, tmp_path / "new"], "status": []}[command]
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as closed:
        done = run(command, *arguments, stdout=closed)
    # 1 is what Python's manual says for a broken pipe; convert writes nothing.
    assert (done.returncode, done.stderr) == (0 if command == "convert" else 1, "")
    if command == "convert":
        assert (tmp_path / "new").exists()
    done = run(command, *arguments, preexec_fn=lambda: (os.close(1), os.close(2)))
    assert done.returncode == 0


def test_nobody_reads_the_errors(tmp_path):
    path = tmp_path / "log.pyon"
    path.write_text("$\n" * 1000)
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as closed:
        assert run("check", path, stdout=closed, stderr=closed).returncode == 1


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
