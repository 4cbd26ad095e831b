"""Text goes from a str to a file, and from a file into a str, in pieces and without a copy."""

import os
import subprocess
import tracemalloc

import pytest

from fastpyon import _core, pyon, pyon_v1

LARGE = "".join(f"{i:7}," for i in range(500000))  # 4 MB


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file"


@pytest.mark.parametrize("size", [0, 1, 1000, 2**16 - 1, 2**16, 2**16 + 1, 2**20, 2**20 + 1, len(LARGE)])
def test_plain_text(path, size):
    """In one piece, and in two of which the other one is small."""
    for texts in [LARGE[:size]], ["[", LARGE[:size]], [LARGE[:size], "]"], [LARGE[:size], "é"]:
        _core.replace_file(path, lambda file: [file.write(text) for text in texts], None)
        text = "".join(texts)
        assert path.read_bytes() == text.encode()
        assert _core.read_file(path) == (text if text and text.isascii() else text.encode())


def test_what_is_not_plain_is_left_to_others(path):
    large = LARGE.encode()
    for data in b"\r", b"[1,\r\n2]", "é".encode(), b"\xff", large + b"\x80", b"\x80" + large:
        path.write_bytes(data)
        assert _core.read_file(path) == data


def test_bytes_of_all_kinds_are_written(path):
    pieces = [b"bytes", bytearray(b"bytearray"), memoryview(b"xviewx")[1:-1], LARGE.encode()]
    _core.replace_file(path, lambda file: [file.write(piece) for piece in pieces], None)
    assert path.read_bytes() == b"".join(pieces)
    for piece in None, 1, memoryview(b"every other")[::2]:
        with pytest.raises((TypeError, BufferError)):
            _core.replace_file(path, lambda file, piece=piece: file.write(piece), None)
    with pytest.raises(UnicodeEncodeError):
        _core.replace_file(path, lambda file: file.write("\ud800"), None)
    assert path.read_bytes() == b"".join(pieces) and os.listdir(path.parent) == ["file"]


@pytest.mark.parametrize("function", [lambda path, keep: _core.replace_file(path, keep, None), _core.append_file])
def test_a_file_is_closed_when_the_call_ends(path, function):
    kept = []
    function(path, kept.append)
    for use in kept[0].fileno, lambda: kept[0].write(""):
        with pytest.raises(ValueError, match="closed file"):
            use()
    with pytest.raises(TypeError):
        type(kept[0])()


def test_files_of_unknown_size():
    if not os.path.exists("/proc/self/cmdline"):
        pytest.skip("no /proc")
    with open("/proc/self/cmdline", "rb") as file:
        assert _core.read_file("/proc/self/cmdline") == file.read()


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
