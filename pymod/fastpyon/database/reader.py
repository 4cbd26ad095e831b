# SPDX-License-Identifier: LGPL-3.0-or-later
"""Reads a database that another process may write, without a lock."""

import os
import time

from fastpyon import _system
from fastpyon.database import compaction, files, journal, lines
from fastpyon.database.errors import EditedError

_TRIES = 50  # to find a snapshot and a journal that belong together, while another process compacts
_PAUSE = 0.02  # seconds between two tries
_UNKNOWN = object()  # in the place of a signature: the next refresh reads all


def load(path):
    """Returns what ``compaction.load`` does, also where another process writes."""
    for _ in range(_TRIES - 1):
        try:
            return compaction.load(path)
        except EditedError:  # perhaps the two files are of different compactions
            time.sleep(_PAUSE)
    return compaction.load(path)


class Reader:
    """``data`` is a dict, which ``refresh`` changes."""

    def __init__(self, path):
        self._path = files.absolute(path)
        self.data = None
        self._file = None
        self._load()

    def _load(self):
        data, _, signature, content = load(self._path)
        self._signature = _UNKNOWN  # until all is there: a signal handler may raise between any two steps
        self.close()
        self._file = content.file
        self._end, self._lines, self._crc = content.part.end, content.count, content.part.crc
        if self.data is None:
            self.data = data
        else:  # programs have this dict
            self.data.clear()
            self.data.update(data)
        self._signature = signature

    def refresh(self):
        """Reads what has been written since. Returns whether there was anything.

        After an exception the next call reads all anew.
        """
        if self._is_replaced():
            self._load()
            return True
        if self._file is None:
            return False
        size = os.fstat(self._file.fileno()).st_size
        if size <= self._end:
            return False
        new = _system.read_at(self._file.fileno(), size - self._end, self._end)
        part = lines.Part(new, journal.name_of(self._path), self._lines + 1, self._crc)
        try:
            journal.replay(self.data, part)
            self._end += part.end
            self._lines += len(part.mods)
            self._crc = part.crc
        except BaseException:  # nobody knows how much has been applied
            self._signature = _UNKNOWN
            raise
        return bool(part.mods)

    def _is_replaced(self):
        snapshot = files.look(self._path)
        log = files.look(journal.name_of(self._path))
        if (snapshot and files.signature(snapshot)) != self._signature:
            return True
        if self._file is None or log is None:
            return self._file is not None or log is not None
        return not os.path.samestat(os.fstat(self._file.fileno()), log)

    def close(self):
        if self._file is not None:
            files.close(self._file)
        self._file = None
