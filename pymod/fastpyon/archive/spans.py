# SPDX-License-Identifier: LGPL-3.0-or-later
"""The file of an archive: batches of lines, one after the other.

In a plain file, each line is a batch. In a file whose name ends in .zst, a batch is a frame of zstd: programs that
read zstd see one text of lines, and a line can be read without all that comes before its frame.
"""

import contextlib
import os
import re

import numpy

from fastpyon import _blocks
from fastpyon.archive.errors import FrameError

_LEVEL = 9  # of zstd: the time is little beside that of reading HDF5
_PIECE = 1 << 17  # bytes that are read at once: about a frame


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
        frame = self._zstandard.ZstdDecompressor().decompressobj()
        try:
            text = frame.decompress(data)
        except self._zstandard.ZstdError as error:
            raise FrameError(str(error)) from error
        if not frame.eof:
            raise FrameError("it is not whole")
        return text

    def places(self, start, size, ends):
        starts = numpy.concatenate([[0], ends[:-1]])
        return numpy.full_like(starts, start), numpy.full_like(starts, size), starts, ends - starts

    def texts(self, file, start, end):
        """The same as for Plain. In the place of the text of a damaged frame is a FrameError.

        A frame that is not whole at the end is what a kill has left; NULs are what a computer without power has left:
        the file was longer already, but its data was not on the disk."""
        while start < end:
            try:
                size, text = self._frame(file, start, end)
            except FrameError as error:
                place = self._find(file, start + 1, end)
                if place is None and (error.is_cut or _ends_in_nuls(file, start, end)):
                    return
                size, text = (end if place is None else place) - start, error
            yield start, size, text
            start += size

    def _frame(self, file, start, end):
        """The size and the text of the frame at a place."""
        file.seek(start)
        frame, parts, left = self._zstandard.ZstdDecompressor().decompressobj(), [], end - start
        while not frame.eof:
            data = file.read(min(_PIECE, left))
            if not data:
                raise FrameError("it is not whole", is_cut=True)
            left -= len(data)
            try:
                parts.append(frame.decompress(data))
            except self._zstandard.ZstdError as error:
                raise FrameError(str(error)) from error
        return end - start - left - len(frame.unused_data), b"".join(parts)

    def _find(self, file, start, end):
        """The place of the next frame that is whole and good, or None."""
        while start < end:
            file.seek(start)
            data = file.read(min(_PIECE, end - start))
            for match in re.finditer(re.escape(self.begin), data):
                with contextlib.suppress(FrameError):
                    self._frame(file, start + match.start(), end)
                    return start + match.start()
            start += max(len(data) - len(self.begin) + 1, 1)  # the next one may begin in this piece
        return None


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
