# SPDX-License-Identifier: LGPL-3.0-or-later
"""The lock of the one process that writes a database."""

import contextlib
import io
import os
import stat
import time
import weakref

from fastpyon import _system
from fastpyon.database import files
from fastpyon.database.errors import LockedError

_PAUSE = 0.05  # seconds between two tries

_held = weakref.WeakSet()


def _close_all():
    """In a new process: else it would hold the locks of the other one for as long as it lives."""
    for lock in _held:
        lock.forget()


_system.at_fork(_close_all)


class Lock:
    """A file that this process has locked and that says its number.

    ``wait`` is a bool, or seconds. LockedError says which process has it. The file stays, since to remove it is a
    race.
    """

    def __init__(self, path, wait):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        self._file = io.FileIO(descriptor, "r+")
        try:
            self._lock(path, wait)
            self.mode = stat.S_IMODE(os.fstat(self._file.fileno()).st_mode) & 0o666
            os.ftruncate(self._file.fileno(), 0)
            _system.write_at(self._file.fileno(), b"%d\n" % os.getpid(), 0)
        except BaseException:
            files.close(self._file)
            raise
        _held.add(self)

    def _lock(self, path, wait):
        end = time.monotonic() + (float("inf") if wait is True else wait)
        while not _system.lock(self._file.fileno()):
            if time.monotonic() >= end:
                raise self._locked(path)
            time.sleep(_PAUSE)

    def _locked(self, path):
        text = _system.read_at(self._file.fileno(), 32, 0).strip()
        pid = int(text) if text.isdigit() else None
        return LockedError(f"process {pid or 'of unknown number'} writes this database: it has locked {path!r}", pid)

    def forget(self):
        """Closes the file. In a process made by fork, this leaves the lock to the other one."""
        self._file.close()

    def release(self):
        """Lets others have it, also if a process made by fork has the file."""
        if self._file.closed:
            return
        with contextlib.suppress(OSError):  # closing does the same, unless such a process has the file
            _system.unlock(self._file.fileno())
        files.close(self._file)
