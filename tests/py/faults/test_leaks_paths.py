"""Nothing is kept on the other paths: streams, pieces, files, and calls that fail."""

import io
import os
import sys
from pathlib import Path

import pytest

from fastpyon import _core, pyon, pyon_v1, stream
from leaks import BAD, KEY, LEAK, V1_BAD, V1_GOOD, V2_BAD, V2_GOOD, VALUE, Custom
from leaks import attempt, kept, np

TEXTS = {pyon_v1: V1_GOOD + V1_BAD, pyon: V2_GOOD + V2_BAD}


def feed(dialect, text, size):
    """Reads a text in pieces, and the text after an error; or drops all in the middle."""
    decoder = stream.Decoder(dialect, lines=True)
    for i in range(0, len(text), size):
        attempt(decoder.feed, text[i : i + size])
        attempt(list, decoder)
        decoder.skip_line()
    if size % 2:
        attempt(decoder.close)


def take(dialect, x, count):
    """The first pieces of a value, or as many as there are."""
    for _, _ in zip(range(count), stream.iterencode(x, dialect, size=20)):
        pass


def write(x, fd):
    _core.pieces_v2(x, newline=True).write(fd)


def register():
    pyon.register([Custom], name="leak", encode=lambda x: [x.nothing], decode=list)
    try:
        pyon.encode([Custom()])
    finally:
        pyon.deregister([Custom], "leak")


def paths(dialect, path, null):
    for text in TEXTS[dialect]:
        if len(text) < 10_000:
            yield lambda text=text: feed(dialect, text, 3)
            yield lambda text=text: feed(dialect, text, 1000)
    for x in [VALUE, *BAD]:
        for count in (1, 10**6):
            yield lambda x=x, count=count: attempt(take, dialect, [KEY, x], count)
        yield lambda x=x: attempt(stream.encode, x, dialect)
        yield lambda x=x: attempt(dialect.store_file, path, x)
        yield lambda x=x: attempt(write, x, null)
        yield lambda x=x: attempt(list, stream.Reader(io.BytesIO(stream.encode(VALUE, dialect)), dialect))
    yield lambda: attempt(dialect.load_file, path)
    yield lambda: attempt(register)
    yield lambda: attempt(dialect.encode, 1, 2, 3)
    yield lambda: attempt(lambda: dialect.decode("1", foo=2))
    yield lambda: attempt(lambda: _core.pieces_v1(1, nonsense=2))
    yield lambda: attempt(lambda: _core.bind_v2(module="a"))
    yield lambda: attempt(write, VALUE, -1)


def test_blocks(dialect, tmp_path):
    with open(os.devnull, "wb") as null:
        for i, call in enumerate(paths(dialect, tmp_path / "file", null.fileno())):
            attempt(call)
            assert kept(call, 100) < LEAK, i


WITHOUT_NUMPY = """
import pytest, sys
sys.modules["numpy"] = None
print("status", int(pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[1:]])))
"""


@pytest.mark.skipif(not hasattr(sys, "gettotalrefcount"), reason="only a debug build counts all references")
@pytest.mark.skipif(np is None, reason="without NumPy, all tests here count them anyway")
@pytest.mark.parametrize("name", ["test_leaks.py", "test_leaks_paths.py"])
def test_references(python, name):
    assert python(WITHOUT_NUMPY, str(Path(__file__).with_name(name))).endswith("status 0\n")
