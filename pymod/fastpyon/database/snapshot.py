# SPDX-License-Identifier: LGPL-3.0-or-later
"""The snapshot: a file with the whole data, a dict of PYON version 2 with one key a line."""

import io
import json
import os
from zlib import crc32

from fastpyon import _core, _files, _system, pyon
from fastpyon.database import files
from fastpyon.database.errors import DamagedError


def read(path):
    """Returns the data, the Identity of the file, and its signature: {} and two None if there is no file."""
    while True:
        try:
            file = io.FileIO(path, opener=_system.opener)
        except FileNotFoundError:
            return {}, None, None
        with file:
            status = os.fstat(file.fileno())
            content = file.readall()
            signature = files.signature(os.fstat(file.fileno()))
        if signature == files.signature(status):  # else somebody has written into it: it is read once more
            return _decode(content, path), files.Identity(len(content), crc32(content)), signature


def _decode(content, path):
    """Returns the data of a text in bytes."""
    data = _decode_ascii(content)
    if data is None:
        data = _files.decode_text(_files.text_of(content, path), path, _decode_either)
    if not isinstance(data, dict) or not set(map(type, data)) <= {str}:
        raise DamagedError(f"{path!r} is no dict whose keys are strs")
    return data if type(data) is dict else dict(data)


def _decode_ascii(content):
    """Returns the data of a text as we write it, which needs no str beside it; None if it is another one."""
    if content.startswith(b"{") and content.isascii():
        try:
            return pyon.decode(content)
        except Exception:
            pass  # it comes again, with the place in a str
    return None


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
