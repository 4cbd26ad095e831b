# SPDX-License-Identifier: LGPL-3.0-or-later
"""The snapshot: a file with the whole data, a dict of PYON version 2 with one key a line."""

import io
import json
import os
import threading
from zlib import crc32

from fastpyon import _core, _files, pyon
from fastpyon.database import files
from fastpyon.database.errors import DamagedError

_LARGE = 1 << 20  # bytes: from here on the checksum is computed beside the decoder
_PIECE = 1 << 20  # bytes that are read at once for it


def read(path):
    """Returns the data, the Identity of the file, and its signature: {} and two None if there is no file."""
    while True:
        try:
            file = io.FileIO(path)
        except FileNotFoundError:
            return {}, None, None
        with file:
            status = os.fstat(file.fileno())
            data, identity = _read(file.fileno(), status.st_size, path)
            signature = files.signature(os.fstat(file.fileno()))
            if signature == files.signature(status):  # else somebody has written into it: it is read once more
                return data, identity, signature


def _read(descriptor, size, path):
    """Returns the data and the Identity of a file. It is read twice: to keep its bytes as well would take longer."""
    found = []
    if size < _LARGE:
        _identify(descriptor, found)
        return _decode(_core.read_file(os.dup(descriptor)), path), _result(found)
    checksum = threading.Thread(target=_identify, args=(descriptor, found))
    checksum.start()
    try:
        data = _decode(_core.read_file(os.dup(descriptor)), path)
    finally:
        checksum.join()
    return data, _result(found)


def _identify(descriptor, found):
    """Appends the Identity of a file to a list, or the error."""
    size = crc = 0
    try:
        while piece := os.pread(descriptor, _PIECE, size):
            size += len(piece)
            crc = crc32(piece, crc)
    except OSError as error:
        found.append(error)
    else:
        found.append(files.Identity(size, crc))


def _result(found):
    if isinstance(found[0], OSError):
        raise found[0]
    return found[0]


def _decode(content, path):
    """Returns the data of a text: a str, or bytes where it is not ASCII."""
    if isinstance(content, bytes):
        try:
            content = content.decode("utf-8")
        except UnicodeDecodeError as error:
            _files._name_unicode(error, path)
            raise
    try:
        data = _decode_either(content)
    except Exception as error:
        _files._name_in(error, path, content)
        raise
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
