# SPDX-License-Identifier: LGPL-3.0-or-later
"""Runs the command ``pyon``: $PYON_COMMAND, that of the build whose package is tested, or an installed one."""

import os
import pty
import select
import shutil
import struct
import subprocess
import sys
import sysconfig
import termios
import time
from fcntl import ioctl
from pathlib import Path

import pytest

import fastpyon


def find():
    """The program; skips the tests of a module where there is none."""
    built = Path(fastpyon.__file__).resolve().parents[2] / "pyon"
    for path in (os.environ.get("PYON_COMMAND"), built, Path(sysconfig.get_path("scripts"), "pyon")):
        if path and os.access(path, os.X_OK):
            return str(path)
    pytest.skip("there is no command pyon", allow_module_level=True)


PROGRAM = find()
UTF8 = {"LC_ALL": "C.UTF-8"}


def environment(**changes):
    """Without what a user has set for terminals; None leaves a variable out."""
    base = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR", "PAGER", "LESS")}
    return {name: value for name, value in {**base, **UTF8, **changes}.items() if value is not None}


def run(*arguments, input="", variables=None, **options):
    """The finished process, with text of UTF-8 in and out."""
    return subprocess.run(
        [PROGRAM, *map(str, arguments)],
        **{
            "input": input, "capture_output": True, "encoding": "utf-8", "errors": "surrogateescape",
            "timeout": 600, "env": environment(**(variables or {})), **options,
        },
    )  # fmt: skip


def output(*arguments, **options):
    """The output of a command that succeeds and reports nothing."""
    done = run(*arguments, **options)
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


def run_on_terminal(*arguments, columns=80, variables=None):
    """The exit status, and what comes to a terminal of that width, with "\\n" for line ends."""
    try:
        ours, theirs = pty.openpty()
    except OSError:
        pytest.skip("no pseudo-terminals here (a chroot without /dev/pts)")
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    process = subprocess.Popen(
        [PROGRAM, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
        env=environment(**{"TERM": "xterm", "PYON_PAGER": "cat", **(variables or {})}),
    )  # fmt: skip
    os.close(theirs)
    text = b""
    end = time.monotonic() + 600
    while time.monotonic() < end and select.select([ours], [], [], 60)[0]:
        try:
            piece = os.read(ours, 65536)
        except OSError:  # nobody has the terminal open any more
            break
        if not piece:
            break
        text += piece
    os.close(ours)
    return process.wait(timeout=60), text.decode().replace("\r\n", "\n")


needs_linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the files are those of Linux")
needs_git = pytest.mark.skipif(not shutil.which("git"), reason="no git")
