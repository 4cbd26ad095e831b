# SPDX-License-Identifier: LGPL-3.0-or-later
"""Lines of the swap, in C: put together by a Gather, and what a Line can."""

import io
import pickle
import re

import pytest

from fastpyon import _core
from fastpyon._swap import streams
from standins import LONG


@pytest.fixture
def gather():
    return _core.Gather(streams.Line)


def fill(gather, data, size):
    """Puts data into it in pieces."""
    with io.BytesIO(data) as file:
        while count := gather.fill(file.readinto, size):
            assert count <= size


@pytest.mark.parametrize("size", [1, 7, 100_001, 1 << 23])
def test_lines_of_a_gather(gather, long, size):
    lines = [b"a\n", b"\n", b"\xff\n", b"abc\n", b"end"] + [long[:5] * 300 + b"\n", long, long] * (size > 7)
    text = b"".join(lines[:-1]) + lines[-1]
    fill(gather, text, size)
    assert len(gather) == len(text)
    for line in text.splitlines(keepends=True):
        assert gather.find_line(1 << 30, True) and gather.find_line(1 << 30, True)
        found = gather.found
        assert found == line and len(gather) == len(text) - len(line)
        assert type(found) is (streams.Line if len(line) > LONG and line.isascii() else bytes)
        text = text[len(line) :]
        assert gather.found == b""  # it is taken once
    assert not gather.find_line(1, False) and gather.find_line(1, True) and gather.found == b""


def test_other_bytes_of_a_gather(gather, long):
    fill(gather, long + b"abc", 1 << 16)
    gather.find(5)
    assert gather.found == long[:5]
    gather.find(len(long) + 100)
    found = gather.found
    assert type(found) is bytes and found == long[5:] + b"abc" and len(gather) == 0
    for text in "abc\n", "abc\nd", "\N{GREEK SMALL LETTER PI}\n", long.decode():
        fill(gather, b"x" + text.encode(), 1000)
        gather.find(1)
        assert gather.found == b"x" and gather.text == text and gather.text == ""
    fill(gather, b"\xff", 1)
    with pytest.raises(UnicodeDecodeError):
        gather.text
    assert len(gather) == 0
    with pytest.raises((OverflowError, TypeError)):
        gather.find(-1)


def test_a_gather_moves_lines_out_of_a_buffer(gather, long):
    text = b"a\n" + long + b"b\n" + b"x" * 100
    buffer = bytearray(text)
    for line in b"a\n", long:
        gather.move(buffer)
        assert gather.find_line(1 << 30, False) and gather.found == line
    assert buffer == b"b\n" + b"x" * 100
    for rest in b"x" * 100, b"", b"":
        gather.move(buffer)
        assert buffer == rest
    gather.give_back(buffer)
    assert buffer == b"b\n" + b"x" * 100 and len(gather) == 0
    buffer[:0] = long[:-1] * 2  # without an end
    gather.move(buffer)
    assert gather.find_line(1 << 30, False) and buffer == b"x" * 100
    gather.give_back(buffer)
    assert buffer == long[:-1] * 2 + b"b\n" + b"x" * 100
    assert not gather.find_line(1 << 30, False)


@pytest.mark.parametrize("size", [2, 1 << 20, 3 << 20])
def test_a_gather_takes_nothing_from_what_is_in_use(gather, size):
    for rest in b"", b"abc":
        buffer = bytearray(b"x" * size + b"\n" + rest)
        with memoryview(buffer), pytest.raises(BufferError):
            gather.move(buffer)
        assert len(buffer) == size + 1 + len(rest) and len(gather) == 0
        gather.move(buffer)
        with memoryview(buffer), pytest.raises(BufferError):
            gather.give_back(buffer)
        assert buffer == rest and len(gather) == size + 1
        gather.give_back(buffer)


def test_a_gather_is_used_once_at_a_time(gather):
    refused = []

    def readinto(view):
        for use in (
            lambda: gather.fill(readinto, 1),
            lambda: gather.move(bytearray(b"a\n")),
            lambda: gather.give_back(bytearray()),
            lambda: gather.find_line(9, False),
            lambda: gather.found,
            lambda: gather.text,
        ):
            with pytest.raises(RuntimeError, match="is being read already"):
                use()
            refused.append(use)
        view[:2] = b"a\n"
        return 2

    assert gather.fill(readinto, 5000) == 2 and len(refused) == 6
    assert gather.find_line(9, False) and gather.found == b"a\n"


def test_arguments_of_a_gather(gather):
    for error, use in (
        (TypeError, lambda: _core.Gather()),
        (TypeError, lambda: _core.Gather(bytes)),
        (TypeError, lambda: _core.Gather(_core.Line, line_type=_core.Line)),
        (TypeError, lambda: gather.move(b"abc")),
        (TypeError, lambda: gather.give_back(b"abc")),
        (ValueError, lambda: gather.fill(io.BytesIO(b"abc").readinto, 0)),
        (OSError, lambda: gather.fill(lambda view: len(view) + 1, 10)),
        (BlockingIOError, lambda: gather.fill(lambda view: None, 10)),
        (ZeroDivisionError, lambda: gather.fill(lambda view: 1 / 0, 10)),
    ):
        with pytest.raises(error):
            use()
    assert len(gather) == 0
    assert type(_core.Gather(_core.Line)) is _core.Gather


def test_a_line_is_bytes():
    data = b"[1, 2]\n"
    line = streams.Line(data.decode())
    assert isinstance(line, bytes) and line == data and data == line and line != b"x" and line != "x"
    assert line.decode() is line.text and line.decode("ascii", "strict") is line.text
    assert line.decode("utf-16-le", "replace") == data.decode("utf-16-le", "replace")
    assert bytes(line) == data and len(line) == len(data) and list(line) == list(data)
    assert line[0] == data[0] and line[-2:] == data[-2:] and line[::2] == data[::2]
    assert line + b"x" == data + b"x" and b"x" + line == b"x" + data and b", " in line
    assert line.endswith(b"\n") and line.split(b",") == data.split(b",") and line.hex() == data.hex()
    assert repr(line) == repr(data) and {line: 1}[data] == 1 and re.match(rb"\[1", line)
    assert line < b"x" and line <= data and line >= data and line > b"A"
    assert type(pickle.loads(pickle.dumps(line))) is bytes and b"".join([line]) == data
    assert io.BytesIO(line).read() == data and bool(line) and not streams.Line("")
    with pytest.raises(ValueError):
        streams.Line("\xff")
    with pytest.raises(AttributeError):
        line.nothing
    with pytest.raises(TypeError):
        line[0] = 1
