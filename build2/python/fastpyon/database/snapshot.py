# SPDX-License-Identifier: LGPL-3.0-or-later
"""The snapshot: a file with the whole data, a dict of PYON version 2 with one key a line."""

import json
from zlib import crc32

from fastpyon import _core, _files, pyon
from fastpyon.database import files
from fastpyon.database.errors import DamagedError

_CHUNK = 1 << 16  # characters: they stay in the cache, and their memory is not given back each time


def read(path):
    """Returns the data, the Identity of the file, and its signature: {} and two None if there is no file."""
    while True:
        before = files.look(path)
        try:
            content = _core.read_file(path)
        except FileNotFoundError:
            return {}, None, None
        after = files.look(path)
        # Else somebody has replaced it, or written into it: it is read once more.
        if before and after and files.signature(before) == files.signature(after):
            return _decode(content, path), _identity_of(content), files.signature(after)


def _identity_of(content):
    """Returns the Identity of a file: of its bytes, or of its text (str) if that is ASCII."""
    if isinstance(content, bytes):
        return files.Identity(len(content), crc32(content))
    crc = 0
    for begin in range(0, len(content), _CHUNK):  # a copy of all would take time and memory
        crc = crc32(content[begin : begin + _CHUNK].encode(), crc)
    return files.Identity(len(content), crc)


def _decode(content, path):
    """Returns the data of a text: str, or bytes if it may not be ASCII."""
    if isinstance(content, bytes):
        content = _files.text_of(content, path)
    data = _files.decode_text(content, path, _decode_either)
    if not isinstance(data, dict) or not set(map(type, data)) <= {str}:
        raise DamagedError(f"{path!r} is no dict whose keys are strs")
    return data if type(data) is dict else dict(data)


def _decode_either(text):
    try:
        return pyon.decode(text)
    except json.JSONDecodeError as error:
        from fastpyon import pyon_v1

        try:
            return pyon_v1.decode(text)
        except Exception:
            raise error from None


class Layout:
    """Writes the text of a snapshot, and knows its Identity."""

    def __init__(self, file):
        self._write = file.write
        self._first = True
        self._size = self._crc = 0
        self._put(b"{\n")

    def _put(self, data):
        self._size += len(data)
        self._crc = crc32(data, self._crc)
        self._write(data)

    def add(self, key, pieces):
        """Adds a key, and the pieces of the text of its value."""
        self._put(b"%b%b: " % (b"" if self._first else b",\n", _core.encode_bytes_v2(key)))
        self._first = False
        for piece in pieces:
            self._put(piece)

    def end(self):
        """Ends the text and returns its Identity."""
        self._put(b"}\n" if self._first else b"\n}\n")
        return files.Identity(self._size, self._crc)
