# SPDX-License-Identifier: LGPL-3.0-or-later
"""Runs the commands ``python -m fastpyon`` in this process: a new one would take most of the time of a test."""

import contextlib
import io
import sys
from collections import namedtuple
from unittest import mock

import fastpyon.__main__

Done = namedtuple("Done", "status, out, err")


def _stream():
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n", write_through=True)


def run(*arguments, input=b""):
    """The exit status, standard output and standard error of a command."""
    out, err = _stream(), _stream()
    stdin = mock.Mock(buffer=io.BytesIO(input))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), mock.patch("sys.stdin", stdin):
        with mock.patch.object(sys, "argv", ["fastpyon", *map(str, arguments)]):
            try:
                status = fastpyon.__main__.main()
            except SystemExit as error:
                status = error.code
    return Done(status, *(stream.buffer.getvalue().decode() for stream in (out, err)))
