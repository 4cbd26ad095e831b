# SPDX-License-Identifier: LGPL-3.0-or-later
"""Blocks of whole lines, out of a buffer, a file or single lines: bytes-like objects.

Or Ranges, of a file that can be read at any place: the thread that needs a block reads it into a buffer of its own.
New memory for each block would take more time than the reading.
"""

import gzip
import os
import threading
import weakref

SIZE = 1 << 22  # bytes of a block


def open_blocks(path):
    """The blocks of the file of that name, which has a method close(). One whose name ends in .gz or .zst is
    decompressed."""
    name = os.fsdecode(path)
    if name.endswith(".gz"):
        return _Stream(gzip.open(path, "rb"))
    if name.endswith(".zst"):
        return _Stream(open_zst(path))
    file = open(path, "rb", buffering=0)
    if file.seekable():
        return Ranges(path, file)
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


def open_zst(path, file=None):
    """Opens the file of that name, which may be open already."""
    decompressor = zstandard(path).ZstdDecompressor()
    return decompressor.stream_reader(file or open(path, "rb"), read_across_frames=True, closefd=True)


class Range:
    """A part of a file of ``Ranges``. ``read_text()`` reads it; the result is borrowed until the thread reads again."""

    def __init__(self, ranges, start, length):
        self.ranges, self.start, self.length = ranges, start, length

    def read_text(self):
        return self.ranges.read(self.start, self.length)


class _Reader:
    """The file and the buffer of a thread. They go with it."""

    def __init__(self, path):
        self.file, self.buffer = open(path, "rb", buffering=0), bytearray(SIZE)
        self.close = self.file.close

    def __del__(self):
        if hasattr(self, "close"):  # else there is no such file
            self.close()


class Ranges:
    """A file of which several threads read parts."""

    def __init__(self, path, file):
        self._path, self._file, self._local = path, file, threading.local()
        self._readers, self._lock = weakref.WeakSet(), threading.Lock()
        self.size = os.fstat(file.fileno()).st_size

    def close(self):
        with self._lock:
            for reader in list(self._readers):
                reader.close()
        self._file.close()

    def _reader(self):
        reader = getattr(self._local, "reader", None)
        if reader is None:
            reader = self._local.reader = _Reader(self._path)
            with self._lock:
                self._readers.add(reader)
        return reader

    def read(self, start, length):
        reader = self._reader()
        if len(reader.buffer) < length:
            reader.buffer = bytearray(length)
        view = memoryview(reader.buffer)[:length]
        reader.file.seek(start)
        return view[: _fill(reader.file, view)]

    def __iter__(self):
        start = 0
        while start < self.size:
            end = self._line_end(start + SIZE)
            yield Range(self, start, end - start)
            start = end

    def _line_end(self, offset):
        """The end of the line that has the byte before a place in it."""
        self._file.seek(offset - 1)
        while offset < self.size:
            piece = self._file.read(65536)
            found = piece.find(b"\n")
            if found >= 0:
                return offset + found
            if not piece:
                break
            offset += len(piece)
        return self.size


def _fill(file, buffer):
    """Reads into a memoryview until it is full, or the file ends. Returns the number of bytes."""
    done = 0
    while done < len(buffer):
        count = file.readinto(buffer[done:])
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
        count = len(rest) + _fill(file, view[len(rest) :])
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
