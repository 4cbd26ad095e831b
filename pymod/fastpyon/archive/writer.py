# SPDX-License-Identifier: LGPL-3.0-or-later
"""Appending runs to an archive.

A batch is appended and synced, and then its lines of the index. So wherever a process is killed, the archive is whole
up to the last batch. What follows it is cut off by the next writer.
"""

import builtins
import contextlib
import os
import time

from fastpyon import _core, _system
from fastpyon.archive import index, spans
from fastpyon.archive.errors import LockedError
from fastpyon.database import errors, locks

_MOST = 1 << 20  # bytes of a batch
_LONGEST = 1.0  # seconds between two batches


def _locked(path, wait):
    try:
        return locks.Lock(path, wait)
    except errors.LockedError as error:
        number = error.pid or "of unknown number"
        raise LockedError(f"process {number} writes this archive: it has locked {path!r}", error.pid) from None


def _refuse_others(path, form):
    """Raises the exception of a file that is no archive, before there is a lock beside it."""
    with contextlib.suppress(FileNotFoundError), builtins.open(path, "r+b", buffering=0) as file:
        index.load(path, form, file, os.fstat(file.fileno()).st_size)


class Writer:
    """The one process that writes an archive. ``index`` has all lines that are there."""

    def __init__(self, path, wait=False):
        self._path, self._form = path, spans.form_of(path)
        if not os.path.exists(path + ".lock"):
            _refuse_others(path, self._form)
        self._lock = _locked(path + ".lock", wait)
        self._file = None
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666)
            self._file = builtins.open(descriptor, "r+b", buffering=0)
            self._begin()
        except BaseException:
            self._release()
            raise

    def _begin(self):
        """Reads what is there, and cuts off what is no batch."""
        size = os.fstat(self._file.fileno()).st_size
        self.index, known = index.load(self._path, self._form, self._file, size)
        if self.index.end < size:
            self._file.truncate(self.index.end)
        self._lines, self._size, self._due = [], 0, time.monotonic() + _LONGEST
        self._write_index(known)

    def _write_index(self, known):
        """Makes the file of the index complete. ``known`` of its lines are in it."""
        name = index.name_of(self._path)
        if known == 0:
            _core.replace_file(name, lambda file: [file.write(text) for text in self.index.texts()], None)
            os.chmod(name, self._lock.mode)
        elif known < len(self.index):
            with builtins.open(name, "a", encoding="ascii", newline="") as file:
                file.writelines(self.index.texts(known))

    def add(self, line):
        """Appends a line, bytes with a line end: with the next batch."""
        self._lines.append(line)
        self._size += len(line)
        if self._size >= _MOST or time.monotonic() >= self._due:
            self.flush()

    def flush(self):
        """Appends all lines that wait. After an error they still do, and the archive is as it was."""
        if self._lines:
            text = b"".join(self._lines)
            start, size = self._append(self._form.pack(text))
            known = len(self.index)
            self._lines, self._size = [], 0
            self.index.add([self.index.columns_of(self._form, start, size, text)])
            self._write_index(known)
        self._due = time.monotonic() + _LONGEST

    def _append(self, data):
        """Returns the place of the data in the file."""
        start = self.index.end
        try:
            self._file.seek(start)
            view = memoryview(data)
            while len(view):
                view = view[self._file.write(view) :]
            _system.sync(self._file.fileno())
        except BaseException:
            self._file.truncate(start)
            raise
        return start, len(data)

    def _release(self):
        if self._file is not None:
            self._file.close()
        self._lock.release()

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        """Lines that wait are kept, also if there was an exception."""
        try:
            self.flush()
        finally:
            self._release()
