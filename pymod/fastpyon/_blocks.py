# SPDX-License-Identifier: LGPL-3.0-or-later
"""Blocks of whole lines, out of a buffer, a file or single lines: bytes-like objects.

Or Ranges, of a file that can be read at any place: the thread that needs a block reads it into a buffer of its own.
New memory for each block would take more time than the reading.
"""

import gzip
import io
import os
import threading

from fastpyon import _system

SIZE = 1 << 22  # bytes of a block


def open_blocks(path):
    """The blocks of the file of that name, which has a method close(). One whose name ends in .gz or .zst is
    decompressed."""
    name = os.fsdecode(path)
    if name.endswith(".gz"):
        return _Stream(gzip.open(path, "rb"))
    if name.endswith(".zst"):
        return _Stream(Zst(path))
    file = open(path, "rb", buffering=0)
    if file.seekable():
        return Ranges(file)
    return _Stream(file)


class _Stream:
    def __init__(self, file):
        self._file, self.close = file, file.close

    def __iter__(self):
        return of_file(self._file)


def zstandard(path):
    """The module for a file that ends in .zst."""
    try:
        import zstandard
    except ImportError as error:
        raise ImportError(f"{os.fsdecode(path)} needs: pip install zstandard") from error
    return zstandard


class Zst(io.RawIOBase):
    """The text of a file of frames of zstd, of that name, which may be open already.

    zstandard itself takes a file that was cut for one that ends there.
    """

    _file = None  # as long as it is not open

    def __init__(self, path, file=None):
        self._decompressor = zstandard(path).ZstdDecompressor()
        self._file = file or open(path, "rb")
        self._frame, self._data, self._text = None, b"", b""

    def close(self):
        if self._file:
            self._file.close()
        super().close()

    def readable(self):
        return True

    def _decompress(self):
        """Makes some text. Returns False at the end."""
        data = self._data or self._file.read(4096)  # little, since it may become much text
        if not data and self._frame is None:
            return False
        if not data:
            raise EOFError("Compressed file ended before the end of its last frame")
        frame = self._frame or self._decompressor.decompressobj()
        self._text = memoryview(frame.decompress(data))
        self._frame, self._data = (None, frame.unused_data) if frame.eof else (frame, b"")
        return True

    def readinto(self, buffer):
        while not len(self._text):
            if not self._decompress():
                return 0
        count = min(len(buffer), len(self._text))
        buffer[:count] = self._text[:count]
        self._text = self._text[count:]
        return count


class Range:
    """A part of a file of ``Ranges``. ``read_text()`` reads it; the result is borrowed until the thread reads again."""

    def __init__(self, ranges, start, length):
        self.ranges, self.start, self.length = ranges, start, length

    def read_text(self):
        return self.ranges.read(self.start, self.length)


class Ranges:
    """A file of which several threads read parts, also in processes that are made by fork: it has no place where the
    next one would read."""

    def __init__(self, file):
        self.file, self.close, self._local = file, file.close, threading.local()
        self.size = os.fstat(file.fileno()).st_size

    def read(self, start, length):
        buffer = getattr(self._local, "buffer", b"")
        if len(buffer) < length:
            buffer = self._local.buffer = bytearray(max(length, SIZE))
        view = memoryview(buffer)[:length]
        done = 0
        while done < length:
            count = _system.read_into(self.file.fileno(), view[done:], start + done)
            if not count:
                break
            done += count
        return view[:done]

    def __iter__(self):
        start = 0
        while start < self.size:
            end = self._line_end(start + SIZE)
            yield Range(self, start, end - start)
            start = end

    def _line_end(self, offset):
        """The end of the line that has the byte before a place in it."""
        piece = bytearray(65536)
        place = offset - 1
        while place < self.size:
            count = _system.read_into(self.file.fileno(), piece, place)
            found = piece.find(b"\n", 0, count)
            if found >= 0:
                return place + found + 1
            if not count:
                break
            place += count
        return self.size


def fill(file, buffer):
    """Reads into a memoryview until it is full, or the file ends. Returns the number of bytes."""
    done = 0
    while done < len(buffer):
        count = file.readinto(buffer[done:])
        if count is None:
            raise BlockingIOError("the file has no data yet, and does not wait for it")
        if not count:
            break
        done += count
    return done


def of_file(file, size=SIZE):
    """The blocks of a file, as memoryviews."""
    rest = b""
    while True:
        buffer = bytearray(max(size, 2 * len(rest)))  # a line may be longer than a block
        buffer[: len(rest)] = rest
        view = memoryview(buffer)
        count = len(rest) + fill(file, view[len(rest) :])
        if count < len(buffer):
            if count:
                yield view[:count]
            return
        end = buffer.rfind(b"\n") + 1
        if end:
            yield view[:end]
        rest = bytes(view[end:])


def of_buffer(data, size=SIZE):
    """The blocks of a bytes-like object, as memoryviews."""
    view = memoryview(data).cast("B")
    start = 0
    while start < len(view):
        end = start + size
        while end < len(view):
            found = bytes(view[end - 1 : end + 65535]).find(b"\n")
            if found >= 0:
                end += found
                break
            end += 65536
        yield view[start:end]
        start = end


def is_buffer(x):
    try:
        memoryview(x).release()
    except TypeError:
        return False
    return True


def of_lines(lines, size=SIZE):
    """The blocks of an iterable of lines, each a str or bytes, with or without its line end."""
    block, length = [], 0
    for line in lines:
        data = line.encode("utf-8") if isinstance(line, str) else bytes(memoryview(line))
        if not data.endswith(b"\n"):
            data += b"\n"
        block.append(data)
        length += len(data)
        if length >= size:
            yield b"".join(block)
            block, length = [], 0
    if block:
        yield b"".join(block)
