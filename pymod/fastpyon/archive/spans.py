# SPDX-License-Identifier: LGPL-3.0-or-later
"""The file of an archive: batches of lines, one after the other.

In a plain file, each line is a batch. In a file whose name ends in .zst, a batch is a frame of zstd: programs that
read zstd see one text of lines, and a line can be read without all that comes before its frame.
"""

import os

import numpy

from fastpyon import _blocks
from fastpyon.archive.errors import DamagedError

_LEVEL = 9  # of zstd: the time is little beside that of reading HDF5
_PIECE = 1 << 20


def line_ends(text):
    """The places after the line ends of a text: an array."""
    return numpy.flatnonzero(numpy.frombuffer(text, numpy.uint8) == 10) + 1


class Plain:
    """A file of lines."""

    joins = True  # consecutive batches are a batch
    begin = b'{"rid":'  # of the first batch

    def pack(self, text):
        return text

    def unpack(self, data):
        return data

    def places(self, start, size, ends):
        """The columns batch, size, start and length of the lines in a text that is at a place of the file."""
        starts = numpy.concatenate([[0], ends[:-1]])
        return start + starts, ends - starts, numpy.zeros_like(starts), ends - starts

    def texts(self, file, start, end):
        """Yields (start, size, text) for a part of the file, up to what a kill has left at its end."""
        file.seek(start)
        rest = b""
        while True:
            data = file.read(min(_blocks.SIZE, end - start - len(rest)))
            text = rest + data
            size = text.rfind(b"\n") + 1
            if size:
                yield start, size, text[:size]
            start, rest = start + size, text[size:]
            if not data:
                return


class Frames:
    """A file of frames of zstd."""

    joins = False
    begin = b"\x28\xb5\x2f\xfd"

    def __init__(self, module):
        self._zstandard = module  # zstandard, which need not be installed

    def pack(self, text):
        return self._zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True).compress(text)

    def unpack(self, data):
        try:
            if self._zstandard.frame_content_size(data) < 0:  # another program has made it
                return self._zstandard.ZstdDecompressor().decompressobj().decompress(data)
            return self._zstandard.ZstdDecompressor().decompress(data)
        except self._zstandard.ZstdError as error:
            raise DamagedError(f"a frame of zstd is damaged: {error}") from error

    def places(self, start, size, ends):
        starts = numpy.concatenate([[0], ends[:-1]])
        return numpy.full_like(starts, start), numpy.full_like(starts, size), starts, ends - starts

    def texts(self, file, start, end):
        """The same as for Plain. A frame that is not whole is what a kill has left; one that ends in NULs, a computer
        without power: the file was longer already, but its data was not on the disk."""
        while start < end:
            file.seek(start)
            frame, parts, left = self._zstandard.ZstdDecompressor().decompressobj(), [], end - start
            while not frame.eof:
                data = file.read(min(_PIECE, left))
                if not data:
                    return
                left -= len(data)
                try:
                    parts.append(frame.decompress(data))
                except self._zstandard.ZstdError as error:
                    if _ends_in_nuls(file, start, end):
                        return
                    raise DamagedError(f"the frame of zstd at byte {start} is damaged: {error}") from error
            size = end - start - left - len(frame.unused_data)
            yield start, size, b"".join(parts)
            start += size


def _ends_in_nuls(file, start, end):
    begin = max(start, end - 16)
    file.seek(begin)
    return not file.read(end - begin).strip(b"\0")


def form_of(path):
    """How the file of that name is made of batches."""
    if not path.endswith(".zst"):
        return Plain()
    return Frames(_blocks.zstandard(path))


def name(path):
    """The name of an archive: str. Of a link, it is that of the file, which has the lock and the index."""
    path = os.fsdecode(path)
    if os.path.isdir(path):
        raise IsADirectoryError(f"{path} is a folder; archive.mirror(folder, file) makes an archive of it")
    return os.path.realpath(path) if os.path.islink(path) else path
