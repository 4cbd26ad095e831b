"""Text goes from a str to a file, and from a file into a str, in pieces and without a copy."""

import os
import subprocess
import tracemalloc

import pytest

from fastpyon import _core, pyon, pyon_v1

LARGE = "".join(f"{i:7}," for i in range(500000))  # 4 MB


class File:
    """A raw file that moves as many bytes at a time as it likes."""

    def __init__(self, data=b"", steps=(10**9,)):
        self.data = data
        self.written = bytearray()
        self.steps = steps
        self.calls = 0
        self.views = []

    def step(self):
        self.calls += 1
        return self.steps[self.calls % len(self.steps)]

    def write(self, view):
        self.views.append(view)
        piece = bytes(view[: self.step()])
        self.written += piece
        return len(piece)

    def readinto(self, view):
        self.views.append(view)
        piece = self.data[: min(self.step(), len(view))]
        view[: len(piece)] = piece
        self.data = self.data[len(piece) :]
        return len(piece)


@pytest.mark.parametrize("steps", [(10**9,), (1, 100000, 7), (2**20 - 1,)])
def test_writing(steps):
    for text in "", "x", LARGE[:1000], LARGE[: 2**20], LARGE[: 2**20 + 1], LARGE:
        file = File(steps=steps)
        _core.write_text(file.write, text)
        assert file.written == text.encode()
        assert (file.calls > 1) == (len(text) > min(2**20, steps[1 % len(steps)]))


@pytest.mark.parametrize("steps", [(10**9,), (1, 100000, 7), (2**20 - 1,)])
def test_reading(steps):
    for text in "", "x", LARGE[:1000], LARGE[: 2**20 + 1], LARGE:
        file = File(text.encode(), steps)
        assert _core.read_text(file.readinto, len(text)) == text


def test_what_is_not_plain_is_left_to_others():
    for data in b"\r", b"[1,\r\n2]", "é".encode(), b"\xff", LARGE.encode() + b"\x80", b"\x80" + LARGE.encode():
        assert _core.read_text(File(data).readinto, len(data)) is None
    assert _core.read_text(File(b"12").readinto, 3) is None  # the end comes too soon
    assert _core.read_text(File(b"123").readinto, 2) == "12"
    with pytest.raises(ValueError):
        _core.write_text(File().write, "é")
    with pytest.raises(TypeError):
        _core.write_text(File().write, b"bytes")
    with pytest.raises((ValueError, SystemError)):
        _core.read_text(File().readinto, -1)


@pytest.mark.parametrize("said", [None, "1", -1, 10**30, 9])
def test_files_that_say_nonsense(said):
    with pytest.raises((TypeError, OSError, OverflowError)):
        _core.write_text(lambda view: said, "12345678")
    with pytest.raises((TypeError, OSError, OverflowError)):
        _core.read_text(lambda view: said, 8)


def test_a_file_that_is_full_or_fails():
    with pytest.raises(OSError):
        _core.write_text(lambda view: 0, "12345678")
    with pytest.raises(ZeroDivisionError):
        _core.write_text(lambda view: 1 / 0, "12345678")
    with pytest.raises(ZeroDivisionError):
        _core.read_text(lambda view: 1 / 0, 8)


def test_no_view_outlives_the_call():
    file = File(b"12345678")
    _core.write_text(file.write, "12345678")
    _core.read_text(file.readinto, 8)
    for view in file.views:
        with pytest.raises(ValueError):
            bytes(view)


@pytest.mark.parametrize("module", [pyon, pyon_v1])
def test_large_files(module, tmp_path):
    value = {f"key.{i}": [i / 7, "text", None] for i in range(50000)}
    path = tmp_path / "large.pyon"
    module.store_file(path, value)
    assert path.read_text() == module.encode(value, True) + ("\n" if module is pyon_v1 else "")
    assert module.load_file(path) == value


@pytest.mark.parametrize("module", [pyon, pyon_v1])
def test_memory(module, tmp_path):
    """Beside the text there is nothing of its size."""
    value = ["x" * 1000] * 5000
    path = tmp_path / "large.pyon"
    tracemalloc.start()
    try:
        module.store_file(path, value)
        stored = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert stored < 1.25 * path.stat().st_size + 100000


@pytest.mark.parametrize("module", [pyon, pyon_v1])
def test_a_file_that_grows_while_it_is_read(module, tmp_path, monkeypatch):
    path = tmp_path / "file.pyon"
    path.write_text("[1, 2")
    read_text = _core.read_text

    def slow(readinto, size):
        with path.open("a") as file:
            file.write(", 3]")
        return read_text(readinto, size)

    monkeypatch.setattr(_core, "read_text", slow)
    assert module.load_file(path) == [1, 2, 3]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
@pytest.mark.parametrize("module", [pyon, pyon_v1])
def test_a_pipe_is_opened_once(module, tmp_path):
    """Its writer has gone by the time it could be opened again."""
    path = tmp_path / "pipe"
    os.mkfifo(path)
    for _ in range(100):
        with subprocess.Popen(["sh", "-c", 'printf "[1,\\r\\n2]" > "$0"', path]):
            assert module.load_file(path) == [1, 2]


@pytest.mark.parametrize("module", [pyon, pyon_v1])
@pytest.mark.parametrize("content", [b"[1, 2]", b"[1,\r\n2]"])
def test_a_descriptor_that_stands_somewhere(module, tmp_path, content):
    path = tmp_path / "file.pyon"
    path.write_bytes(b"skipped" + content)
    descriptor = os.open(path, os.O_RDONLY)
    os.lseek(descriptor, 7, os.SEEK_SET)
    assert module.load_file(descriptor) == [1, 2]
